"""The sections that several papers for professionals have: what their templates see.

A section is None if nothing of it may be told to the reader: then the paper does not mention it. One that may be told
but was never stated says so, and one of which something could not be read says that it is not whole.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToLine:
    """Who gets the paper."""

    name: str
    organization: str | None
    phone: str | None
    fax: str | None


@dataclass(frozen=True, slots=True)
class Patient:
    """Who it is about: enough to be sure that it is this person."""

    name: str
    called: str | None
    """What they are called, if it is not their given name."""
    birth_date: dt.date | None
    age: int | None
    sex: str | None
    pronouns: str | None
    language: str | None
    """The language they are at home in."""
    interpreter: bool
    """They are at home in another language than English: ask whether an interpreter is needed."""
    status: str
    phones: tuple[str, ...]
    address: tuple[str, ...]
    living: str | None
    """How they live; only to those who treat them."""
    away: str | None
    """Where they are now, if not at home; only to those who treat them."""


@dataclass(frozen=True, slots=True)
class AllergyEntry:
    """An allergy."""

    substance: str
    reaction: str | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class AllergyPart:
    """Allergies."""

    entries: tuple[AllergyEntry, ...]
    stated: bool
    """False: nobody has said whether there are any. True with no entries: none known."""
    whole: bool
    """False: something is on file that could not be read."""


@dataclass(frozen=True, slots=True)
class DirectivePaper:
    """An advance directive, and where the paper is."""

    kind: str
    date: dt.date | None
    where: str | None
    """Only to those who treat the client."""


@dataclass(frozen=True, slots=True)
class CodePart:
    """What is to be done if the heart stops, and the papers that say what the client wants."""

    status: str | None
    """None: never stated, or unread."""
    whole: bool
    """False: the code status is on file and could not be read."""
    directives: tuple[DirectivePaper, ...]
    directives_whole: bool


@dataclass(frozen=True, slots=True)
class TextPart:
    """Short texts of the chart: diagnoses, precautions, preferences."""

    entries: tuple[str, ...]
    whole: bool
    """False: something is on file that could not be read."""


@dataclass(frozen=True, slots=True)
class WasLine:
    """What a field of a medicine was before."""

    field: str
    value: str | None
    """None: it was not there."""


@dataclass(frozen=True, slots=True)
class MedicineOnPaper:
    """A medicine as it is taken now, or was taken until it was stopped."""

    name: str
    strength: str | None
    dose: str
    route: str | None
    times: tuple[dt.time, ...]
    schedule: str | None
    as_needed: bool
    max_per_day: float | None
    purpose: str | None
    kind: str | None
    prescriber: str | None
    since: dt.date
    is_new: bool
    """It began in the time that the paper looks back on."""
    changed: dt.date | None
    """The last change."""
    is_changed: bool
    """That change lies in the time that the paper looks back on."""
    was: tuple[WasLine, ...]
    """What was otherwise before the last change."""
    ordered_by: str | None
    reason: str | None
    """Why it was changed last, or stopped; only to those who treat the client."""
    held: bool
    held_since: dt.date | None
    held_until: dt.date | None
    held_reason: str | None
    """Only to those who treat the client."""
    stopped: dt.date | None


@dataclass(frozen=True, slots=True)
class MedicinePart:
    """What is taken now, and what was stopped in the time that the paper looks back on."""

    now: tuple[MedicineOnPaper, ...]
    stopped: tuple[MedicineOnPaper, ...]
    stated: bool
    """False: nobody has said what is taken. True with nothing in `now`: nothing is taken."""
    whole: bool
    """False: something is on file that could not be read."""


@dataclass(frozen=True, slots=True)
class MeasurementLine:
    """The newest value of a kind, and the one before it."""

    kind: str
    value: str
    unit: str | None
    day: dt.date
    time: dt.time | None
    previous: str | None
    previous_unit: str | None
    previous_day: dt.date | None
    change: str | None
    """With its sign; None unless both are numbers in the same unit."""
    is_recent: bool
    """Measured in the time that the paper looks back on."""


@dataclass(frozen=True, slots=True)
class MeasurementPart:
    """Measurements."""

    entries: tuple[MeasurementLine, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The newest score of an instrument."""

    title: str
    score: str
    highest: str | None
    band: str | None
    day: dt.date
    previous: str | None
    previous_day: dt.date | None
    change: str | None
    direction: str | None
    """better, worse or same."""
    alerts: tuple[str, ...]
    """Answers that count by themselves, whatever the score is."""
    remarks: tuple[str, ...]
    """What must be said about it: what could not be told or verified."""


@dataclass(frozen=True, slots=True)
class ScorePart:
    """Scores of assessment instruments."""

    entries: tuple[ScoreLine, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """A fall or other incident."""

    day: dt.date
    time: dt.time | None
    kind: str
    harm: str | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class StayLine:
    """A time away from home."""

    since: dt.date
    until: dt.date | None
    where: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ProblemOnPaper:
    """A problem that is worked on."""

    statement: str
    priority: str | None


@dataclass(frozen=True, slots=True)
class PowerLine:
    """A power to decide that holds today."""

    kind: str
    since: dt.date | None
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """Somebody to call."""

    name: str
    relationship: str
    organization: str | None
    phone: str | None
    fax: str | None
    language: str | None
    call_for: tuple[str, ...]
    is_proxy: bool
    """Is named as proxy or guardian, though no power is on file that holds today."""
    authority: tuple[PowerLine, ...]


@dataclass(frozen=True, slots=True)
class CallPart:
    """Whom to call, in this order."""

    people: tuple[CallLine, ...]
    treating: tuple[CallLine, ...]
    """Physicians, therapists, the pharmacy."""
    whole: bool

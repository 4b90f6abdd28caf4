"""The sheet that goes along to an appointment: what to ask, what changed, what is taken, and room for the answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from carectl.care.moments import later
from carectl.care.papers.desk import Desk
from carectl.care.papers.parts import (
    AllergyPart,
    CodePart,
    EventLine,
    MeasurementPart,
    MedicinePart,
    Patient,
    ScorePart,
    TextPart,
    ToLine,
)
from carectl.care.schedule import Occurrence, occurrences
from carectl.care.signing import Signer

_AHEAD: Final = 120
"""How many days ahead an appointment is looked for."""
_COMING: Final = frozenset({"planned", "confirmed"})


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    """The appointment, in the client's local time."""

    day: dt.date
    start: dt.time
    end: dt.time
    where: str | None
    with_: str | None
    """Whom the client sees, if it is not the reader."""
    who: tuple[str, ...]
    """Staff who go along, by full name. Nobody: not stated."""


@dataclass(frozen=True, slots=True)
class AppointmentSheet:
    """Everything the template of an appointment sheet can see."""

    language: str
    date: dt.date
    since: dt.date
    """What changed is told from this day on."""
    signer: Signer
    to: ToLine
    patient: Patient
    appointment: AppointmentLine | None
    """The next one with the reader; None: none is on file."""
    questions: tuple[str, ...]
    situation: str | None
    code: CodePart | None
    allergies: AllergyPart | None
    diagnoses: TextPart | None
    measurements: MeasurementPart | None
    scores: ScorePart | None
    events: tuple[EventLine, ...]
    medicines: MedicinePart | None


def next_appointment(desk: Desk) -> Occurrence | None:
    """The next visit with the reader, or for a reader who treats nobody the next appointment, if that is shared."""
    last = later(desk.today, _AHEAD)
    now = desk.setting.now_at(desk.chart)
    expansion = occurrences(desk.chart, desk.setting, desk.today, last)
    coming = [item for item in expansion.occurrences if item.status in _COMING and item.end > now]
    contact = desk.recipient.contact
    own = [item for item in coming if contact.id and item.with_ == contact.id]
    if desk.recipient.staff:
        own = [item for item in coming if contact.id in item.staff and item.service == "appointment"]
    elif not own and not desk.treats and {"schedule", "health"} <= desk.topics:
        own = [item for item in coming if item.service == "appointment"]
    for item in own:
        found = desk.reader.occurrence(item)
        if found is None:
            return item
        desk.withheld.append(found)
    return None


def appointment_sheet(desk: Desk, situation: str | None, questions: tuple[str, ...]) -> AppointmentSheet:
    """The sheet, of what its reader may know."""
    item = next_appointment(desk)
    line = None
    if item is not None:
        partner = desk.person(item.with_) if item.with_ != desk.recipient.contact.id else None
        who = tuple(desk.setting.staff[key].name.full for key in item.staff if key in desk.setting.staff)
        line = AppointmentLine(item.day, item.start.time(), item.end.time(), item.where, partner, who)
    return AppointmentSheet(
        language=desk.language,
        date=desk.today,
        since=desk.since,
        signer=desk.signer,
        to=desk.to(),
        patient=desk.patient(),
        appointment=line,
        questions=questions,
        situation=situation,
        code=desk.code(),
        allergies=desk.allergies(),
        diagnoses=desk.diagnoses(),
        measurements=desk.measurements(),
        scores=desk.scores(desk.assessments()),
        events=desk.events(),
        medicines=desk.medicines(),
    )

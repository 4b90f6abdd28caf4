"""What a new assessment holds: answers as people type them, results, findings, and what is different from the last one.

An answer counts only if somebody gave it for this assessment. Earlier ones are shown for comparison, and never copied.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple

from carectl.care.assessment import (
    Answer,
    Instruments,
    Point,
    Result,
    in_force,
    read,
    score,
    trend,
    wanted,
    yes_no,
)
from carectl.care.entries import unique
from carectl.caseload.instrument_records import Alert, Instrument, Item
from carectl.caseload.records import Assessment, InstrumentResult, Number

KINDS: Final = ("initial", "reassessment", "change_of_condition", "discharge")
FORM: Final = "x-form"
"""The key beside the answers that says which form was filled in, where there are several: kg, pounds."""
VERSION: Final = "x-version"
"""The key that says the instrument's version, if it is not the first."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,4})?")
_YES_NO: Final = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}
_DOMAIN: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


# --- typed -----------------------------------------------------------------------------------------------------------


def answer_typed(instrument: Instrument, item: Item, typed: str) -> Answer:
    """An answer as it is typed: the number of a choice, a number, or yes or no.

    Raises ValueError with what can be, in words.
    """
    text = typed.strip().lower()
    is_number = item.range is not None or bool(instrument.choices_of(item))
    answer: Answer | None = _number(text) if is_number else _YES_NO.get(text)
    if answer is None or score(instrument, {item.id: answer}).faults:
        raise ValueError(wanted(instrument, item))
    return answer


def answer_given(instrument: Instrument, item: Item, value: Answer) -> Answer | None:
    """An answer of a file as it is written down: yes and no are true and false. None if the item takes no such answer.

    A number in quotes is text, and is no answer to a question that wants a number.
    """
    if score(instrument, {item.id: value}).faults:
        return None
    said = yes_no(value)
    return value if said is None else said


def score_typed(instrument: Instrument, typed: str) -> Number:
    """The total of an official form as it is typed. Raises ValueError with what can be, in words."""
    number = _number(typed.strip())
    fault = score_fault(instrument, 0 if number is None else number)
    if number is None or fault is not None:
        raise ValueError(fault or "a number")
    return number


def score_fault(instrument: Instrument, total: Number) -> str | None:
    """What a score must be, in words, if this one cannot be; else None."""
    faults = read(instrument, InstrumentResult(instrument=instrument.id, score=total)).faults
    return faults[0].wanted if faults else None


def _number(text: str) -> Number | None:
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return int(number) if number.is_integer() else number


def finding_typed(typed: str, taken: Collection[str]) -> dict[str, str]:
    """A finding of `falls: Fell twice since June -> A rail`: its domain, what was found, and what it calls for.

    `taken` are the ids of the assessment's other findings. Raises ValueError with what is wanted, in words.
    """
    head, colon, rest = typed.partition(":")
    domain = head.strip().lower().replace(" ", "_")
    found, arrow, need = rest.rpartition(" -> ")
    if not arrow:
        found, need = rest, ""
    if not colon or not _DOMAIN.fullmatch(domain) or not found.strip():
        raise ValueError('a domain, what was found, and what it calls for: "falls: Fell twice since June -> A rail"')
    entry = {"id": unique(domain.replace("_", "-"), taken), "domain": domain, "finding": found.strip()}
    return {**entry, "need": need.strip()} if need.strip() else entry


# --- what is answered so far -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Filled:
    """What was answered of one instrument."""

    answers: dict[str, Answer] = field(default_factory=dict)
    score: Number | None = None
    """The total of the official form, if that was given instead."""
    form: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return not self.answers and self.score is None


@dataclass(slots=True)
class Draft:
    """An assessment on its way."""

    kind: str
    date: str
    assessor: str | dict[str, str]
    informants: list[str | dict[str, str]] = field(default_factory=list)
    filled: dict[str, Filled] = field(default_factory=dict)
    """What was answered, by instrument, in the order in which they are asked."""
    forward: bool = False
    """Whether it goes by the last assessment."""
    findings: list[dict[str, str]] = field(default_factory=list)
    strengths: list[str] = field(default_factory=list)
    client_goals: list[str] = field(default_factory=list)
    summary: str | None = None
    for_family: str | dict[str, str] | None = None

    def plain(self) -> dict[str, Any]:
        """Everything as plain data."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Draft:
        """A draft of plain data. Raises ValueError if it is none."""
        try:
            draft = cls(**{**plain, "filled": {name: Filled(**value) for name, value in plain["filled"].items()}})
            dt.date.fromisoformat(draft.date)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise ValueError from None
        lists = (draft.informants, draft.findings, draft.strengths, draft.client_goals)
        answers = [filled.answers for filled in draft.filled.values()]
        if draft.kind not in KINDS or not all(isinstance(one, list) for one in lists):
            raise ValueError
        if not all(isinstance(one, dict) for one in (*answers, *draft.findings)):
            raise ValueError
        values = [value for one in answers for value in one.values()]
        scores = [filled.score for filled in draft.filled.values() if filled.score is not None]
        if not all(isinstance(value, int | float | str) for value in values):
            raise ValueError
        if not all(isinstance(value, int | float) for value in scores):
            raise ValueError
        return draft

    def forget_impossible(self, instruments: Instruments) -> list[str]:
        """Drop answers that their instruments do not take (any more), and tell which: phq-9/sleep."""
        gone: list[str] = []
        for name, filled in list(self.filled.items()):
            instrument = instruments.get(name)
            if instrument is None:
                gone.append(name)
                del self.filled[name]
                continue
            faults = {fault.item for fault in score(instrument, filled.answers).faults}
            gone += [f"{name}/{item}" for item in faults]
            filled.answers = {item: answer for item, answer in filled.answers.items() if item not in faults}
        return sorted(gone)


def result_entry(instrument: Instrument, filled: Filled) -> dict[str, Any] | None:
    """An instrument's part of the entry; None if nothing was answered. Without every answer there is no score."""
    if filled.is_empty:
        return None
    marks: dict[str, Answer] = {FORM: filled.form} if filled.form else {}
    if instrument.version != 1:
        marks[VERSION] = instrument.version
    answers = {item.id: filled.answers[item.id] for item in instrument.items if item.id in filled.answers}
    total = score(instrument, filled.answers).score if answers else filled.score
    entry: dict[str, Any] = {"instrument": instrument.id}
    if answers or marks:
        entry["answers"] = {**answers, **marks}
    return entry if total is None else {**entry, "score": total}


def stored(entry: Mapping[str, Any]) -> InstrumentResult:
    """An instrument's part of an entry as the record that it will be."""
    return InstrumentResult(
        instrument=entry["instrument"], answers=dict(entry.get("answers", {})), score=entry.get("score")
    )


def urgent(result: Result) -> tuple[Alert, ...]:
    """The answers that must not wait."""
    return tuple(alert for alert in result.alerts if alert.urgent)


# --- against the last one --------------------------------------------------------------------------------------------


class Earlier(NamedTuple):
    """An instrument's result in an earlier assessment."""

    assessment: Assessment
    stored: InstrumentResult


def form_of(result: InstrumentResult) -> tuple[str | None, int]:
    """Which form of an instrument was filled in, and its version. Scores of two forms cannot be compared."""
    form, version = result.answers.get(FORM), result.answers.get(VERSION, 1)
    return (None if form is None else str(form)), version if type(version) is int else 1


def last_round(assessments: Iterable[Assessment], day: dt.date, own_id: str | None = None) -> Assessment | None:
    """The last assessment until a day that has findings, or else the last; one that another one corrects is none.

    A single questionnaire in between, without findings, does not count as a round. `own_id` is not looked at.
    """
    before = [item for item in in_force(assessments) if item.date <= day and item.id != own_id]
    return next((item for item in reversed(before) if item.findings), before[-1] if before else None)


def earlier(
    assessments: Iterable[Assessment], result: InstrumentResult, day: dt.date, own_id: str | None = None
) -> Earlier | None:
    """The last result of the same instrument and form until a day, before the assessment `own_id` if it is among them.

    One of which nothing was kept is passed over.
    """
    found: Earlier | None = None
    for assessment in in_force(assessments):
        if assessment.id == own_id:
            break
        if assessment.date > day:
            continue
        for other in assessment.instruments:
            same = other.instrument == result.instrument and form_of(other) == form_of(result)
            if same and (other.answers or other.score is not None):
                found = Earlier(assessment, other)
    return found


class Changed(NamedTuple):
    """An answer that is another one than last time."""

    item: Item
    before: Answer
    now: Answer


def changed(instrument: Instrument, before: InstrumentResult, now: InstrumentResult) -> list[Changed]:
    """The answers that were given both times and differ, in the order of the form."""
    return [
        Changed(item, before.answers[item.id], now.answers[item.id])
        for item in instrument.items
        if item.id in before.answers
        and item.id in now.answers
        and _same(before.answers[item.id]) != _same(now.answers[item.id])
    ]


def _same(answer: Answer) -> object:
    """An answer so that two which mean the same are equal, and a 1 is no yes."""
    said = yes_no(answer)
    return answer if said is None else str(said)


def not_asked_again(last: Assessment, results: Sequence[InstrumentResult], findings: Collection[str]) -> list[str]:
    """What the last assessment has and a new one does not, in words: instruments, items, findings by their domains."""
    told: list[str] = []
    new = {result.instrument: result for result in results}
    for old in last.instruments:
        result = new.get(old.instrument)
        if result is None:
            told.append(old.instrument)
            continue
        items = [item for item in old.answers if not item.startswith("x-") and item not in result.answers]
        if items and (result.answers or result.score is None):
            told.append(f"{old.instrument} ({', '.join(items)})")
    told += [f"the finding on {item.domain.replace('_', ' ')} ({item.id})" for item in last.findings
             if item.domain not in findings]  # fmt: skip
    return told


# --- over time -------------------------------------------------------------------------------------------------------


class Trend(NamedTuple):
    """The results of one form of an instrument, oldest first. Those of another form or version are another trend."""

    instrument: Instrument
    form: str | None
    version: int
    points: tuple[Point, ...]

    @property
    def is_current(self) -> bool:
        """Whether it is of the version that is at hand; of another one nobody knows here what a score means."""
        return self.version == self.instrument.version


def trends(
    assessments: Iterable[Assessment], instrument: Instrument, *, born: dt.date | None = None, sex: str | None = None
) -> list[Trend]:
    """The results of an instrument, apart by form and version; forms in the order of their last results.

    Results of another version keep the score that was stored, without a band, and are not compared.
    """
    groups: dict[tuple[str | None, int], list[Assessment]] = {}
    for assessment in in_force(assessments):
        mine = [result for result in assessment.instruments if result.instrument == instrument.id and is_read(result)]
        for key in dict.fromkeys(map(form_of, mine)):
            same = tuple(result for result in mine if form_of(result) == key)
            groups[key] = [*groups.pop(key, []), _only(assessment, same)]
    return [
        Trend(instrument, form, version, tuple(
            trend(group, instrument, born=born, sex=sex)
            if version == instrument.version
            else (Point(one.id, one.date, as_stored(instrument, result), None, None)
                  for one in group for result in one.instruments)
        ))
        for (form, version), group in groups.items()
    ]  # fmt: skip


def is_read(result: InstrumentResult) -> bool:
    """Whether all of a stored result could be read. From half of one nothing is concluded."""
    return result.origin.unread.isdisjoint(("instrument", "answers", "score"))


def _only(assessment: Assessment, results: tuple[InstrumentResult, ...]) -> Assessment:
    """An assessment with only these results."""
    return Assessment(
        id=assessment.id, kind=assessment.kind, date=assessment.date, assessor=assessment.assessor, instruments=results
    )


def as_stored(instrument: Instrument, result: InstrumentResult) -> Result:
    """A result of another version than the one at hand: its score as it was written down, and nothing concluded."""
    said = f"by version {form_of(result)[1]} of the instrument, which is not here"
    return Result(instrument, result.score, (), (), {}, None, (), (), (), (said,))

"""What the answers of an assessment instrument come to: score, band, what it suggests, how it went, what is due.

Scores are never prorated: with an answer missing there is none. An instrument is data (`instrument_records`); where its
points and bands come from stands in its file.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from carectl.care.moments import add_period, age_on
from carectl.caseload.instrument_records import Alert, Band, Instrument, Item
from carectl.caseload.records import Assessment, InstrumentResult, Number

Answer = int | float | str | bool
Instruments = Mapping[str, Instrument | None]
"""Instruments by id; None: there is one, but it cannot be used."""

NOT_DIAGNOSTIC: Final = "A score is a reason to look closer, never a diagnosis."
_YES_NO: Final = {"yes": True, "no": False}


# --- scoring ---------------------------------------------------------------------------------------------------------


class AnswerFault(NamedTuple):
    """An answer, or a score as it was typed, that cannot be."""

    kind: Literal["item", "answer", "score"]
    """item: the instrument has no such item. answer: the item cannot be answered so. score: there is no such score."""
    item: str
    """The item as it was named; empty for a score."""
    wanted: str = ""
    """What could be, in words."""


class Result(NamedTuple):
    """What the answers to an instrument come to."""

    instrument: Instrument
    score: Number | None
    """The sum of all points; None if an answer is missing or cannot be, or if the instrument has no score."""
    missing: tuple[str, ...]
    """The items without an answer, or with one that cannot be, in the order of the form."""
    faults: tuple[AnswerFault, ...]
    points: Mapping[str, Number]
    """What each item that was answered counts."""
    band: Band | None
    """What the score is called; None without a score, or where the norms do not reach (`remarks` say why)."""
    alerts: tuple[Alert, ...]
    """Answers that count by themselves, also if others are missing; urgent ones first."""
    unasked: tuple[Alert, ...]
    """Alerts of which nobody can tell: the item has no answer."""
    to_do: tuple[Item, ...]
    """Items that were answered yes and bring a task."""
    remarks: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: there is a score, or every item of an instrument without one is answered."""
        return not self.missing and not self.faults and (self.score is not None or not self.instrument.is_scored)


def score(
    instrument: Instrument, answers: Mapping[str, Answer], *, age: int | None = None, sex: str | None = None
) -> Result:
    """What the answers come to. Never prorated. Age in years and sex on the day of the answers, where norms go by them.

    Keys that begin with x- are the user's own. An instrument of which only the score is kept has no items: its answers
    are passed over (`read` takes its score).
    """
    points: dict[str, Number] = {}
    faults: list[AnswerFault] = []
    to_do: list[Item] = []
    known = {item.id for item in instrument.items}
    if instrument.mode == "full":
        faults += [AnswerFault("item", name) for name in answers if name not in known and not name.startswith("x-")]
    for item in instrument.items:
        if item.id not in answers:
            continue
        counted = _points(instrument, item, answers[item.id])
        if counted is None:
            faults.append(AnswerFault("answer", item.id, wanted(instrument, item)))
            continue
        points[item.id] = counted
        if item.task and yes_no(answers[item.id]):
            to_do.append(item)
    missing = tuple(item.id for item in instrument.items if item.id not in points)
    total: Number | None = None
    if instrument.is_scored and instrument.items and not missing and not faults:
        total = _tidy(sum(points.values()))
    band, remarks = (None, ()) if total is None else band_of(instrument, total, age=age, sex=sex)
    raised = [alert for alert in instrument.alerts if alert.item in points and points[alert.item] > alert.above]
    return Result(
        instrument=instrument,
        score=total,
        missing=missing,
        faults=tuple(faults),
        points=points,
        band=band,
        alerts=tuple(sorted(raised, key=lambda alert: not alert.urgent)),
        unasked=tuple(alert for alert in instrument.alerts if alert.item not in points),
        to_do=tuple(to_do),
        remarks=remarks,
    )


def read(instrument: Instrument, stored: InstrumentResult, *, age: int | None = None, sex: str | None = None) -> Result:
    """What a stored result says: by its answers, or, if it has none, by its score as it was typed from a form."""
    answered = any(not name.startswith("x-") for name in stored.answers)
    if instrument.mode == "full" and (answered or stored.score is None or not instrument.is_scored):
        result = score(instrument, stored.answers, age=age, sex=sex)
        if instrument.is_scored or stored.score is None:
            return result
        return _with_fault(result, AnswerFault("score", "", "left out: this instrument has none"))
    total = stored.score
    if total is None:
        return score(instrument, {})
    fault = _score_fault(instrument, total)
    if fault is not None:
        return _with_fault(score(instrument, {}), fault)
    band, remarks = band_of(instrument, total, age=age, sex=sex)
    # At the lowest score there is, every item counts the least it can.
    unasked = instrument.alerts if total > instrument.lowest else ()
    return Result(instrument, total, (), (), {}, band, (), unasked, (), remarks)


def _with_fault(result: Result, fault: AnswerFault) -> Result:
    return result._replace(score=None, band=None, faults=(*result.faults, fault), remarks=())


def _points(instrument: Instrument, item: Item, answer: Answer) -> Number | None:
    """What an answer counts, or None if the item cannot be answered so."""
    choices = instrument.choices_of(item)
    if not choices and item.range is None:
        said = yes_no(answer)
        return None if said is None else (item.points_if_yes if said else item.points_if_no) or 0
    if isinstance(answer, bool | str):
        return None
    if choices:
        return next((choice.points for choice in choices if choice.points == answer), None)
    span = item.range
    if span is None or answer < span.min or (span.max is not None and answer > span.max):
        return None
    if span.whole and answer != int(answer):
        return None
    return span.points_of(answer)


def yes_no(answer: Answer) -> bool | None:
    """Whether an answer says yes or no; None if it says neither. A 1 could mean a yes or a point, so it is neither."""
    return answer if isinstance(answer, bool) else _YES_NO.get(answer) if isinstance(answer, str) else None


def wanted(instrument: Instrument, item: Item) -> str:
    """How an item can be answered, in words."""
    choices = instrument.choices_of(item)
    if choices:
        *most, last = [f"{choice.points}" for choice in choices]
        return f"{', '.join(most)} or {last}" if most else last
    if item.range is None:
        return "yes or no"
    kind = "a whole number" if item.range.whole else "a number"
    if item.range.max is None:
        return f"{kind}, {item.range.min} or more"
    return f"{kind} from {item.range.min} to {item.range.max}"


def _score_fault(instrument: Instrument, total: Number) -> AnswerFault | None:
    """Why a typed score cannot be, or None."""
    step, low, high = instrument.step, instrument.lowest, instrument.highest
    if low <= total <= high and (step is None or round((total - low) / step, 6).is_integer()):
        return None
    ends = f"{low} or more" if high == math.inf else f"from {low} to {high}"
    kind = "a number" if step is None else "a whole number" if step == 1 else "a number in steps of " + str(step)
    return AnswerFault("score", "", f"{kind}, {ends}")


def _tidy(total: Number) -> Number:
    """A sum without what adding decimals leaves behind: 0.1 + 0.2 is 0.3."""
    return total if isinstance(total, int) else round(total, 6)


def band_of(
    instrument: Instrument, total: Number, *, age: int | None = None, sex: str | None = None
) -> tuple[Band | None, tuple[str, ...]]:
    """The band of a score, and what must be said about it: why there is none, if norms by age and sex do not reach."""
    norm: Number | None = None
    if any(band.from_ == "norm" for band in instrument.bands):
        norm, remark = _norm(instrument, age, sex)
        if norm is None:
            return None, (remark,)
    found = None
    for band in instrument.bands:
        start = norm if isinstance(band.from_, str) else band.from_
        if start is not None and start <= total:
            found = band
    return found, ()


def _norm(instrument: Instrument, age: int | None, sex: str | None) -> tuple[Number | None, str]:
    """Where the band `norm` begins, or why that cannot be told."""
    if age is None:
        return None, "what the score means depends on age, and the date of birth is not on file"
    if sex not in ("female", "male"):
        return None, "what the score means is known for women and men only, and `sex` says neither"
    for norm in instrument.norms:
        if norm.from_age <= age <= norm.to_age:
            return (norm.female if sex == "female" else norm.male), ""
    youngest, oldest = min(n.from_age for n in instrument.norms), max(n.to_age for n in instrument.norms)
    return None, f"what the score means is known for ages {youngest} to {oldest} only"


# --- what it suggests ------------------------------------------------------------------------------------------------


class SuggestedFinding(NamedTuple):
    """A finding to write down, as an assessment has it."""

    domain: str
    finding: str
    need: str | None


class SuggestedTask(NamedTuple):
    """Something to do; today if it is urgent."""

    text: str
    urgent: bool


class Suggestions(NamedTuple):
    """What a result suggests. The coordinator decides."""

    findings: tuple[SuggestedFinding, ...]
    tasks: tuple[SuggestedTask, ...]
    instruments: tuple[str, ...]
    """Instruments that come next, by id."""


def suggestions(result: Result) -> Suggestions:
    """What a result suggests: alerts first, urgent ones before others, then items with a task, then the band."""
    domain = result.instrument.domain
    findings = [SuggestedFinding(domain, alert.finding, alert.need) for alert in result.alerts]
    tasks = [SuggestedTask(alert.task, alert.urgent) for alert in result.alerts]
    tasks += [SuggestedTask(item.task, False) for item in result.to_do if item.task]
    band = result.band.suggests if result.band else None
    if band and band.finding:
        findings.append(SuggestedFinding(domain, band.finding, band.need))
    if band:
        tasks += [SuggestedTask(text, False) for text in band.tasks]
    return Suggestions(tuple(findings), tuple(tasks), band.instruments if band else ())


def cautions(instrument: Instrument) -> tuple[str, ...]:
    """What must be said wherever an instrument's score is shown: no diagnosis, and what could not be verified."""
    return (NOT_DIAGNOSTIC, *(f"Not verified: {text.rstrip('.')}." for text in instrument.unverified))


# --- over time -------------------------------------------------------------------------------------------------------


class Point(NamedTuple):
    """One result of an instrument among those of a client."""

    assessment: str
    day: dt.date
    result: Result
    change: Number | None
    """Since the last score before it; None without one."""
    direction: Literal["better", "worse", "same"] | None
    """What the change means; None without one."""


def in_force(assessments: Iterable[Assessment]) -> list[Assessment]:
    """Assessments that no other one corrects, oldest first."""
    every = list(assessments)
    corrected = {(item.amends.rpartition("/")[2], item.id) for item in every if item.amends is not None}
    gone = {old for old, new in corrected if old != new}
    return sorted((item for item in every if item.id not in gone), key=lambda item: item.date)


def trend(
    assessments: Iterable[Assessment], instrument: Instrument, *, born: dt.date | None = None, sex: str | None = None
) -> list[Point]:
    """Every result of an instrument, oldest first, each with what changed since the last score."""
    points: list[Point] = []
    last: Number | None = None
    for assessment, stored in _results(assessments):
        if stored.instrument != instrument.id:
            continue
        result = read(instrument, stored, age=age_on(born, assessment.date), sex=sex)
        change = None if result.score is None or last is None else _tidy(result.score - last)
        points.append(Point(assessment.id, assessment.date, result, change, _direction(instrument, change)))
        last = last if result.score is None else result.score
    return points


def _direction(instrument: Instrument, change: Number | None) -> Literal["better", "worse", "same"] | None:
    if change is None:
        return None
    if change == 0:
        return "same"
    return "better" if (change > 0) == (instrument.scoring.higher_is == "better") else "worse"


def _results(assessments: Iterable[Assessment]) -> Iterator[tuple[Assessment, InstrumentResult]]:
    for assessment in in_force(assessments):
        for stored in assessment.instruments:
            yield assessment, stored


class Due(NamedTuple):
    """An instrument that is to be used again, or next."""

    instrument: str
    day: dt.date
    """Since when."""
    last: dt.date | None
    """When it was last completed; None: never."""
    after: str | None
    """The instrument whose result suggests it; None: its own interval is over, or it was left incomplete."""


def due(
    assessments: Iterable[Assessment],
    instruments: Instruments,
    today: dt.date,
    *,
    born: dt.date | None = None,
    sex: str | None = None,
) -> list[Due]:
    """The instruments that are due by a day, longest due first, each once.

    Those whose interval since they were last completed is over, those that were begun and never completed, and those
    that the newest result of another one suggests and that were not completed since.
    """
    begun: dict[str, dt.date] = {}
    done: dict[str, dt.date] = {}
    newest: dict[str, tuple[dt.date, Result]] = {}
    for assessment, stored in _results(assessments):
        instrument = instruments.get(stored.instrument)
        if instrument is None or assessment.date > today:
            continue
        begun.setdefault(instrument.id, assessment.date)
        result = read(instrument, stored, age=age_on(born, assessment.date), sex=sex)
        if result.complete:
            done[instrument.id] = assessment.date
            newest[instrument.id] = assessment.date, result
    found = [Due(name, since, None, None) for name, since in begun.items() if name not in done]
    for name, last in done.items():
        instrument = instruments.get(name)
        day = _after(last, instrument.interval) if instrument and instrument.interval else None
        if day is not None and day <= today:
            found.append(Due(name, day, last, None))
    for name, (since, result) in newest.items():
        found += [
            Due(following, since, done.get(following), name)
            for following in suggestions(result).instruments
            if following in instruments and (following not in done or done[following] < since)
        ]
    found.sort(key=lambda item: (item.day, item.instrument))
    once: dict[str, Due] = {}
    for item in found:
        once.setdefault(item.instrument, item)
    return list(once.values())


def _after(day: dt.date, period: str) -> dt.date | None:
    """The day a period later; None where the calendar ends."""
    try:
        return add_period(day, period)
    except (OverflowError, ValueError):
        return None

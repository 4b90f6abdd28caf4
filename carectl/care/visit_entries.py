"""What is written down about a visit: plain data in the order of the format page, and why something cannot be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from carectl.care.moments import add_period
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.times import Moment
from carectl.caseload.records import DAYS, Chart, Outcome, Visit

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"
Fields: TypeAlias = dict[str, Plain]
"""Fields of an entry with their values; in a change, None takes a field away."""

ORDER: Final = (
    "id", "series", "day", "service", "status", "staff", "with", "needs", "does", "date", "at", "duration", "to",
    "where", "together", "actual", "did", "reason", "note", "for_family", "private", "travel", "imported", "author",
    "recorded",
)  # fmt: skip
"""The order in which the fields of a visit are written."""

UPCOMING: Final = frozenset({"planned", "confirmed"})


# --- the visit as it stands ------------------------------------------------------------------------------------------


def recorded_status(visit: Occurrence) -> str:
    """What its record says; an absence of the client, which only suspends it, does not count."""
    return visit.visit.status if visit.visit else "planned"


def base_day(visit: Occurrence) -> dt.date:
    """The day that the times in its record are of: where it was moved to, else where it was due."""
    record = visit.visit
    return (record.date if record else None) or visit.due or visit.day


def head(visit: Occurrence) -> Fields:
    """The beginning of a new record of an occurrence of a series."""
    return {"id": visit.id, "series": visit.series, "day": str(visit.due)}


def as_due(visit: Occurrence) -> Fields:
    """Who was to come and when, so that a later change of the series changes no history."""
    record, rule = visit.visit, visit.rule
    found: Fields = {}
    staff = record.staff if record and record.staff is not None else rule.staff if rule else None
    if staff:
        found["staff"] = staff if isinstance(staff, str) else list(staff)
    with_ = (record.with_ if record else None) or (rule.with_ if rule else None)
    if with_:
        found["with"] = with_
    at = (record.at if record else None) or (rule.at if rule else None)
    if at:
        found["at"] = at
    return found


def late_on(setting: Setting, chart: Chart, happened: dt.date) -> str | None:
    """Today, if what is written down now about that day is a late entry by the practice's own rule."""
    today = setting.today_at(chart)
    try:
        return str(today) if today > add_period(happened, setting.late_after) else None
    except (OverflowError, ValueError):
        return None


# --- what was done ---------------------------------------------------------------------------------------------------


class Job(NamedTuple):
    """An intervention that a visit carries out."""

    id: str
    text: str
    owed: bool
    """Whether the record must say what became of it; what is done as needed, or on other days, may be left out."""


def jobs_of(chart: Chart, visit: Occurrence) -> list[Job]:
    """What a visit carries out, in the order in which it is listed."""
    record, rule = visit.visit, visit.rule
    does = (record.does if record else ()) or (rule.does if rule else ())
    by_due = not (record and record.does) and visit.due is not None
    weekday = DAYS[(visit.due if by_due and visit.due else base_day(visit)).weekday()]
    known = {item.id: item for problem in (chart.plan.problems if chart.plan else ()) for item in problem.interventions}
    jobs = []
    for name in dict.fromkeys(does):
        item = known.get(name)
        if item is None or item.status != "active":
            continue
        owed = not item.as_needed and item.every in (None, "1w") and (not item.days or weekday in item.days)
        jobs.append(Job(name, item.text, owed))
    return jobs


def known_jobs(chart: Chart) -> dict[str, str]:
    """Every intervention of the plan, with its text."""
    problems = chart.plan.problems if chart.plan else ()
    return {item.id: item.text for problem in problems for item in problem.interventions}


def outcome_of(said: str, reason: str | None) -> Plain:
    """What became of a task, as it is written: one word, or with the reason."""
    return {"outcome": said, "reason": reason} if reason else said


@dataclass(slots=True)
class Report:
    """What is said about a visit that was delivered."""

    staff: Plain = None
    came: Moment | None = None
    left: Moment | None = None
    did: dict[str, Plain] = field(default_factory=dict)
    note: str | None = None
    for_family: str | dict[str, str] | None = None
    miles: float | None = None
    minutes: float | None = None

    def says_nothing(self) -> bool:
        """Whether there is nothing in it at all."""
        return self == Report()


def done(visit: Occurrence, report: Report) -> Fields:
    """The fields that a delivered visit gets, besides those that its record has."""
    due, record = as_due(visit), visit.visit
    fields: Fields = {"status": "done", **due}
    if report.staff:
        fields["staff"] = report.staff
    actual: Fields = {}
    if record and record.actual:
        actual = {k: v for k, v in (("in", record.actual.in_), ("out", record.actual.out)) if v}
    if report.came:
        actual["in"] = report.came.text
    if report.left:
        actual["out"] = report.left.text
    if report.came or report.left:
        fields["actual"] = {key: actual[key] for key in ("in", "out") if key in actual}
    if report.did:
        fields["did"] = did_in_order(visit, {**did_before(record), **report.did})
    if report.note:
        # What was noted beforehand, for whoever was to come, stays.
        ahead = record.note if record and record.note and record.status in UPCOMING else None
        fields["note"] = f"{ahead}\n{report.note}" if ahead else report.note
    if words := report.for_family:
        fields["for_family"] = {**words} if isinstance(words, dict) else words
    if report.minutes is not None or report.miles is not None:
        travel: Fields = {}
        if record and record.travel:
            told = (("minutes", record.travel.minutes), ("miles", record.travel.miles), ("km", record.travel.km))
            travel = {key: number for key, number in told if number is not None}
        if report.minutes is not None:
            travel["minutes"] = report.minutes
        if report.miles is not None:
            travel["miles"] = report.miles
        fields["travel"] = {key: travel[key] for key in ("minutes", "miles", "km") if key in travel}
    return fields


def did_in_order(visit: Occurrence, did: Mapping[str, Plain]) -> dict[str, Plain]:
    """What became of the tasks, in the order in which the visit carries them out."""
    record, rule = visit.visit, visit.rule
    does = list((record.does if record else ()) or (rule.does if rule else ()))
    return {name: did[name] for name in sorted(did, key=lambda name: does.index(name) if name in does else len(does))}


def did_before(record: Visit | None) -> dict[str, Plain]:
    """What a record says already about its tasks."""
    return {
        name: said if isinstance(said, str) else outcome_of(said.outcome, said.reason)
        for name, said in (record.did.items() if record else ())
    }


def number_of(typed: str) -> float:
    """A number that is not negative. Raises ValueError in words."""
    text = typed.strip()
    if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,3})?", text):
        raise ValueError("a number such as 6 or 7.5")
    number = float(text)
    return int(number) if number.is_integer() else number


# --- what did not take place, or elsewhere ---------------------------------------------------------------------------


def off(visit: Occurrence, status: str, reason: str, today: dt.date) -> Fields:
    """The fields of a visit that was missed, refused or cancelled. What is called off ahead needs no more."""
    ahead = status == "cancelled" and visit.day > today
    return {"status": status, **({} if ahead else as_due(visit)), "reason": reason_after(visit, reason)}


def reason_after(visit: Occurrence, reason: str) -> str:
    """A reason, and the one that was there before: why it was moved, say."""
    before = visit.visit.reason if visit.visit else None
    return reason if before in (None, reason) else f"{reason}; before that: {before}"


def moved(
    visit: Occurrence, day: dt.date | None, at: str | None, duration: str | None, ends: str | None, reason: str | None
) -> Fields:
    """The fields of a visit that takes place at another time. What is as due anyway is not written."""
    record, rule = visit.visit, visit.rule
    fields: Fields = {}
    if day is not None and day != base_day(visit):
        fields["date"] = None if day == visit.due else str(day)
    if at is not None and at != f"{visit.start:%H:%M}":
        fields["at"] = None if rule is not None and rule.at.zfill(5) == at else at
    if duration is not None or ends is not None:
        had = record if record and (record.duration or record.to) else rule
        if had is None or (had.duration, had.to and had.to.zfill(5)) != (duration, ends):
            fields["duration"], fields["to"] = duration, ends
    if fields and reason:
        fields["reason"] = reason_after(visit, reason)
    stale = fields and not reason and rule is not None and record and record.reason
    if stale and record and _is_as_due({**_times(record), **fields}) and record.staff is None and not record.where:
        # It is as due again, and why it was not is of no use.
        fields["reason"] = None
    if fields and record and record.status == "confirmed":
        # Nobody confirmed the new time.
        fields["status"] = None
    return fields


def _times(record: Visit) -> Fields:
    date = str(record.date) if record.date else None
    return {"date": date, "at": record.at, "duration": record.duration, "to": record.to}


def _is_as_due(fields: Mapping[str, Plain]) -> bool:
    return all(fields.get(name) is None for name in ("date", "at", "duration", "to"))


def merged(before: Iterable[str], change: Mapping[str, Plain]) -> list[tuple[str, Plain, str | None]]:
    """The steps that bring a change into a record: field, value, and the field behind which a new one goes."""
    present = list(before)
    steps: list[tuple[str, Plain, str | None]] = []
    for name in sorted(change, key=ORDER.index):
        value, after = change[name], None
        if value is not None and name not in present:
            rank = ORDER.index(name)
            after = next((other for other in reversed(present) if other in ORDER and ORDER.index(other) < rank), None)
            present.insert(present.index(after) + 1 if after else len(present), name)
        if value is not None or name in present:
            steps.append((name, value, after))
    return steps


def in_order(fields: Mapping[str, Plain]) -> Fields:
    """A new entry in the order of the format page, without what is left out."""
    return {name: fields[name] for name in sorted(fields, key=ORDER.index) if fields[name] is not None}


def place_in(days: Sequence[tuple[int, str]], mine: str) -> int | None:
    """Before which entry of a list a new one goes, so that days stay in order; None: at its end.

    `days` are the positions of the entries with their days and times; a list that begins with the newest stays so.
    """
    if not days:
        return None
    newest_first = len(days) > 1 and days[0][1] > days[-1][1]
    if newest_first:
        return next((position for position, day in days if day <= mine), None)
    before = [position for position, day in days if day <= mine]
    return max(before) + 1 if before else days[0][0]


def new_id(wanted: str, taken: Iterable[str], limit: int = 64) -> str:
    """An id that nobody has: as wanted, or with a number."""
    known = set(taken)
    stem = re.sub(r"[^a-z0-9-]+", "-", wanted.casefold()).strip("-")[:limit] or "v"
    if stem not in known:
        return stem
    return next(name for number in range(2, len(known) + 3) if (name := f"{stem[: limit - 4]}-{number}") not in known)


def outcome_typed(typed: str) -> Outcome | None:
    """What became of a task, by a word or its first letters."""
    word = typed.strip().casefold().replace(" ", "_").replace("-", "_")
    if not word:
        return None
    if word in ("y", "yes", "ok"):
        return "done"
    words: tuple[Outcome, ...] = ("done", "not_done", "refused", "not_needed")
    found = [one for one in words if one == word] or [one for one in words if one.startswith(word)]
    if word in ("n", "no", "not"):
        return "not_done"
    return found[0] if len(found) == 1 else None

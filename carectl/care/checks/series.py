"""Series: whether one can tell from them on which days somebody comes, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from carectl.care.checks.case import DAY, Case, clock_changes, day_in, is_read
from carectl.care.moments import earlier
from carectl.care.recurrence import rrule_fault
from carectl.care.schedule import is_due, length_fault
from carectl.caseload.records import Series, Visit
from carectl.findings import Finding, Severity, code

WHEN: Final = ("from_", "until", "days", "every", "rrule")
"""What says on which days a series is due."""
LENGTH: Final = ("at", "duration", "to")


def days_are_known(series: Series) -> bool:
    """Whether the due days of a series can be told for certain."""
    if not is_read(series.origin, *WHEN):
        return False
    if series.rrule is None:
        return bool(series.days)
    return not series.days and series.every is None and rrule_fault(series.rrule) is None


@code("series-without-days", Severity.ERROR)
def series_without_days(case: Case) -> Iterator[Finding]:
    """A series that does not say on which days it takes place.

    It is due on no day at all: nobody comes, and no calendar shows that somebody should. Write the weekdays in `days`
    (with `every: 2w` for every second week), or a rule in `rrule`.

    Wrong:
        - {id: am-care, service: personal_care, from: 2026-08-10, at: "09:00", duration: 2h}
    Right:
        - {id: am-care, service: personal_care, from: 2026-08-10, days: [mon, fri], at: "09:00", duration: 2h}
    """
    for series in case.chart.series:
        if not series.days and series.rrule is None and is_read(series.origin, "days", "rrule"):
            message = f"the series {series.id} says neither in `days` nor in `rrule` when it is due"
            yield case.say(series_without_days, series.origin.at(), message, "add `days: [mon, …]`")


@code("series-days-and-rrule", Severity.ERROR)
def series_days_and_rrule(case: Case) -> Iterator[Finding]:
    """A series that says twice on which days it takes place: in `days` or `every`, and in `rrule`.

    Which of them holds cannot be told, so it is due on no day at all. Keep `days` if weekdays tell it; keep `rrule`
    for what they cannot, such as the second Tuesday of the month.

    Wrong:
        days: [tue]
        rrule: FREQ=MONTHLY;BYDAY=2TU
    Right:
        rrule: FREQ=MONTHLY;BYDAY=2TU
    """
    for series in case.chart.series:
        if series.rrule is not None and (series.days or series.every is not None):
            other = "days" if series.days else "every"
            message = f"the series {series.id} has both `rrule` and `{other}`"
            yield case.say(series_days_and_rrule, series.origin.at("rrule"), message, "keep one of the two")


@code("series-rrule", Severity.ERROR)
def series_rrule(case: Case) -> Iterator[Finding]:
    """A recurrence rule that carectl cannot follow, or that calendars read in different ways.

    The series is due on no day at all until the rule is mended. Allowed is one RFC 5545 rule in days or longer steps,
    without COUNT, UNTIL and DTSTART: the series' own `from` and `until` say when it begins and ends.

    Wrong:
        rrule: FREQ=MONTHLY;BYDAY=2TU;COUNT=6
    Right:
        rrule: FREQ=MONTHLY;BYDAY=2TU
        until: 2027-04-30
    """
    for series in case.chart.series:
        if series.rrule is not None and (why := rrule_fault(series.rrule)):
            message = f"the rule of the series {series.id} cannot be followed: {why}"
            yield case.say(series_rrule, series.origin.at("rrule"), message)


@code("length-missing", Severity.ERROR)
def length_missing(case: Case) -> Iterator[Finding]:
    """A series or visit that does not say how long it takes.

    Without an end there is no place for it in a calendar, and nobody can tell when the aide is free again. Add
    `duration`, or `to` with the time at which it ends.

    Wrong:
        - {id: am-care, service: personal_care, from: 2026-08-10, days: [mon], at: "09:00"}
    Right:
        - {id: am-care, service: personal_care, from: 2026-08-10, days: [mon], at: "09:00", duration: 2h}
    """
    for series in case.chart.series:
        if series.duration is None and series.to is None and is_read(series.origin, "duration", "to"):
            message = f"the series {series.id} says neither in `duration` nor in `to` how long it takes"
            yield case.say(length_missing, series.origin.at(), message, "add `duration: 1h30m`")
    for visit in case.singles:
        if (
            visit.day is None
            and visit.duration is None
            and visit.to is None
            and is_read(visit.origin, "duration", "to")
        ):
            message = f"the visit {visit.id} says neither in `duration` nor in `to` how long it takes"
            yield case.say(length_missing, visit.origin.at(), message, "add `duration: 1h30m`")


@code("length-twice", Severity.ERROR)
def length_twice(case: Case) -> Iterator[Finding]:
    """A series or visit that says twice how long it takes: in `duration`, and in `to`.

    Even if both agree today, they will not when the clocks change or one of them is edited. Keep `duration` where the
    time counts, `to` where the hour on the wall counts, as for a night.

    Wrong:
        at: "22:00"
        duration: 8h
        to: "06:00"
    Right:
        at: "22:00"
        to: "06:00"
    """
    records: list[Series | Visit] = [*case.chart.series, *(visit for visit in case.visits if visit.to)]
    for record in records:
        if record.duration is not None and record.to is not None:
            message = f"{record.id} has both `duration` and `to`"
            yield case.say(length_twice, record.origin.at("to"), message, "keep one of the two")


@code("length-not-positive", Severity.ERROR)
def length_not_positive(case: Case) -> Iterator[Finding]:
    """A visit that would end before it begins, because the clocks change in between.

    Once a year an hour does not exist, and what begins in it begins an hour later, perhaps after its own end. Give that
    day's visit another time, leave the day out with `except`, or give the series a `duration` instead of `to`.

    Wrong:
        at: "02:30"
        to: "03:00"      # on the night on which the clocks go forward
    Right:
        at: "02:30"
        duration: 30m
    """
    for series in case.chart.series:
        if series.to is None or series.duration is not None or not days_are_known(series):
            continue
        # What a record says of a day, or `except`, is not the series' fault any more.
        settled = case.recorded_days.get(series.id, frozenset()).union(series.except_)
        if not case.whole("visits") or not is_read(series.origin, "except_", *LENGTH):
            continue
        for day in _changes(case, case.today.year, case.today.year + 1):
            if day < case.today or day in settled or f"{series.id}-{day}" in case.chart.broken_ids("visits"):
                continue
            if _is_at_fault(case, day, series.at, series.to) and is_due(series, day):
                message = f"on {day} the series {series.id} would end before it begins, because the clocks change"
                yield case.say(length_not_positive, series.origin.at("to"), message, "use `duration` instead")
                break
    for visit in case.visits:
        on, at, to = day_in(visit), visit.at or _at_of(case, visit), visit.to or to_of(case, visit)
        if on is None or at is None or to is None or visit.duration is not None:
            continue
        if not is_read(visit.origin, "date", "day", *LENGTH) or on not in _changes(case, on.year, on.year):
            continue
        if _is_at_fault(case, on, at, to):
            message = f"the visit {visit.id} would end before it begins, because the clocks change"
            own = next((name for name in ("to", "at", "date") if getattr(visit, name) is not None), None)
            where = visit.origin.at(own) if own else visit.origin.at()
            hint = "use `duration` instead" if visit.to else "give it a `duration`, or another time"
            yield case.say(length_not_positive, where, message, hint)


def _changes(case: Case, first: int, last: int) -> list[dt.date]:
    """The days on which the clocks change, and those before them."""
    found: list[dt.date] = []
    for year in range(max(first, 1900), min(last, 2200) + 1):
        for day in clock_changes(case.zone, year)[0]:
            found.extend((earlier(day, DAY), day))
    return found


def _is_at_fault(case: Case, day: dt.date, at: str, to: str) -> bool:
    return length_fault(day, at, None, to, case.zone) is not None


def _at_of(case: Case, visit: Visit) -> str | None:
    series = case.series.get(visit.series or "")
    return series.at if series else None


def to_of(case: Case, visit: Visit) -> str | None:
    """The end on the wall that a visit takes over from its series, because it says nothing of its own length."""
    series = case.series.get(visit.series or "")
    if series is None or visit.duration is not None or visit.to is not None or series.duration is not None:
        return None
    return series.to if is_read(series.origin, *LENGTH) and is_read(visit.origin, *LENGTH) else None


@code("except-not-due", Severity.WARNING)
def except_not_due(case: Case) -> Iterator[Finding]:
    """A series leaves out a day on which it would not take place anyway.

    Then somebody meant another day, and on that one an aide will ring at an empty house. Correct the day, or remove it.

    Wrong:
        days: [mon, wed, fri]
        except: [2026-11-26]      # a Thursday
    Right:
        days: [mon, wed, fri]
        except: [2026-11-27]
    """
    for series in case.chart.series:
        if series.except_ and days_are_known(series):
            for position, day in enumerate(series.except_):
                if not is_due(series, day):
                    message = f"{day} ({day:%A}) is no day of the series {series.id}, so there is nothing to leave out"
                    # Where a day of the list is lost, positions no longer tell which is which.
                    keys = ("except", position) if is_read(series.origin, "except_") else ("except",)
                    yield case.say(except_not_due, series.origin.at(*keys), message, "correct the day, or remove it")


@code("follows-overlap", Severity.ERROR)
def follows_overlap(case: Case) -> Iterator[Finding]:
    """A series takes over from another one that has not ended before it begins.

    For some days both are due, and two people come, or one is sent twice. End the old series with `until` on the day
    before the new one's `from`.

    Wrong:
        - {id: am-care, from: 2026-08-10, days: [mon], …}
        - {id: am-care-2, follows: am-care, from: 2026-12-07, days: [mon], …}
    Right:
        - {id: am-care, from: 2026-08-10, until: 2026-12-06, days: [mon], …}
        - {id: am-care-2, follows: am-care, from: 2026-12-07, days: [mon], …}
    """
    for series in case.chart.series:
        old = case.series.get(series.follows or "")
        if old is None or not is_read(old.origin, "until"):
            continue
        if old is series:
            message = f"the series {series.id} cannot follow itself"
            yield case.say(follows_overlap, series.origin.at("follows"), message)
        elif old.until is None or old.until >= series.from_:
            ends = f"ends on {old.until}" if old.until else "does not end"
            message = f"{series.id} takes over from {old.id} on {series.from_}, but {old.id} {ends}"
            hint = f"end {old.id} on the day before"
            yield case.say(follows_overlap, series.origin.at("from"), message, hint)


CHECKS = (
    series_without_days,
    series_days_and_rrule,
    series_rrule,
    length_missing,
    length_twice,
    length_not_positive,
    except_not_due,
    follows_overlap,
)

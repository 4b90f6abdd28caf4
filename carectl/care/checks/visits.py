"""Visit records: whether each can be placed, and whether what is past was done or explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from carectl.care.checks.case import (
    DAY,
    UPCOMING,
    Case,
    clock_changes,
    day_in,
    days_long,
    has_offset,
    is_doubled,
    is_read,
    listed,
)
from carectl.care.checks.series import LENGTH, days_are_known, to_of
from carectl.care.moments import day_of, earlier, is_moment, time_of
from carectl.care.schedule import is_due
from carectl.caseload.records import DAYS, Did, Series, Visit
from carectl.findings import Finding, Severity, code

_SETTLED: Final = ("done", "not_needed")
_YEARS: Final = frozenset(range(1900, 2200))
"""The years of which the clock changes are looked up."""


@code("visit-incomplete", Severity.ERROR)
def visit_incomplete(case: Case) -> Iterator[Finding]:
    """A visit that cannot be placed: it names no series and day, and lacks what a visit of its own needs.

    It is in no calendar, and nobody comes. A visit that changes or records one of a series has `series` and `day`; any
    other has `service`, `date`, `at`, and `duration` or `to`.

    Wrong:
        - {id: pt-eval, with: dr-lee, at: "14:30", duration: 45m}
    Right:
        - {id: pt-eval, service: appointment, with: dr-lee, date: 2026-11-25, at: "14:30", duration: 45m}
    """
    for visits in case.by_series.values():
        for visit in visits:
            if visit.day is None and is_read(visit.origin, "day"):
                message = f"{visit.id} does not say in `day` which visit of its series it is"
                yield case.say(visit_incomplete, visit.origin.at(), message, "add `day`, the day on which it was due")
    for visit in case.singles:
        if not is_read(visit.origin, "series"):
            continue
        if visit.day is not None:
            message = f"{visit.id} has a `day` but does not say of which `series`"
            hint = "add `series`, or use `date` for a visit of no series"
            yield case.say(visit_incomplete, visit.origin.at(), message, hint)
            continue
        lost = [f for f in ("service", "date", "at") if getattr(visit, f) is None and is_read(visit.origin, f)]
        if lost:
            message = f"{visit.id} lacks {listed(lost)}"
            hint = "a visit of no series has `service`, `date`, `at` and a length; one of a series `series` and `day`"
            yield case.say(visit_incomplete, visit.origin.at(), message, hint)


@code("visit-day-not-due", Severity.ERROR)
def visit_day_not_due(case: Case) -> Iterator[Finding]:
    """A visit belongs to a day on which its series does not take place.

    What it says about that day comes into no calendar, and the visit that was meant goes on as before. `day` is the day
    on which the visit was due; where it was moved to stands in `date`. If the series itself was changed, end it and let
    a new one follow, so that its past visits keep their days.

    Wrong:
        # am-care is due on Monday, Wednesday and Friday
        - {id: am-care-2026-11-19, series: am-care, day: 2026-11-19, at: "11:00"}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, date: 2026-11-19, at: "11:00"}
    """
    for name, visits in case.by_series.items():
        series = case.series.get(name)
        if series is None or not days_are_known(series):
            continue
        days = case.recorded_days[name]
        strange = {day for day in days - case.due_until_yesterday(series) if not is_due(series, day)}
        left_out = days & set(series.except_)
        if not strange and not left_out:
            continue
        for visit in visits:
            if visit.day in strange:
                message = f"{visit.day} ({visit.day:%A}) is no day of the series {name}"
                hint = "`day` is the day on which it was due; a moved visit has its new day in `date`"
                yield case.say(visit_day_not_due, visit.origin.at("day"), message, hint)
            elif visit.day in left_out:
                message = f"the series {name} leaves out {visit.day}"
                hint = "remove the day from `except`, or the visit"
                yield case.say(visit_day_not_due, visit.origin.at("day"), message, hint)


@code("visit-unexplained", Severity.WARNING)
def visit_unexplained(case: Case) -> Iterator[Finding]:
    """A visit of the past that is neither done nor explained.

    Nobody can tell whether somebody was there. If nobody was, the client sat there waiting, and no one knows why. Write
    down what became of it: done, missed, cancelled or refused; for the last three with the reason. Days on which the
    client was away need no record.

    Wrong:
        # today is 2026-11-22
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, at: "11:00"}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: missed, reason: Snow, no way through}
    """
    if not can_explain(case):
        return
    for visit in case.others:
        if visit.status in UPCOMING and is_over(case, visit):
            message = f"the visit {visit.id} is past, but still {visit.status}"
            hint = "say what became of it: done, missed, cancelled or refused"
            yield case.say(visit_unexplained, visit.origin.at(), message, hint)
    for series in case.series.values():
        open_days = unexplained(case, series, case.due_until_yesterday(series))
        if open_days:
            count = len(open_days)
            visits = "1 visit" if count == 1 else f"{count} visits"
            first = f"on {open_days[0]}" if count == 1 else f"the first on {open_days[0]}"
            message = (
                f"{visits} of the series {series.id} {'is' if count == 1 else 'are'} past without a record, {first}"
            )
            hint = "write down for each what became of it: done, missed, cancelled or refused"
            yield case.say(visit_unexplained, series.origin.at(), message, hint)


def can_explain(case: Case) -> bool:
    """Whether it is known which visits of the past there should have been."""
    client = case.chart.client
    if client is None or not is_read(client.origin, "away", "end_of_care", "status"):
        return False
    return not case.has_ended or client.end_of_care is not None


def unexplained(case: Case, series: Series, due: set[dt.date]) -> list[dt.date]:
    """Of the days on which a series was due those that are over, and of which no record says what became of them.

    None, if there may be a record that could not be read.
    """
    if not case.whole("visits") or not days_are_known(series) or not is_read(series.origin, "except_", *LENGTH):
        return []
    # A record exists by its id, also if its day or its series is wrong or could not be read.
    nights = days_long(series.at, series.duration, series.to)
    return sorted(
        day
        for day in due.difference(case.recorded_days.get(series.id, ()), series.except_)
        if day < earlier(case.first_open_day, nights * DAY)
        and not case.is_suspended(day, series.at)
        and f"{series.id}-{day}" not in case.named_visits
    )


def is_over(case: Case, visit: Visit) -> bool:
    """Whether a planned visit ended before the client's today, and nothing else tells why it may not have been."""
    day = day_in(visit)
    if day is None or day >= case.first_open_day or not is_read(visit.origin, "status", "date", "day", *LENGTH):
        return False
    series = case.series.get(visit.series or "")
    if visit.series is not None and (series is None or not is_read(series.origin, *LENGTH)):
        return day < earlier(case.first_open_day, 2 * DAY)
    at = visit.at or (series.at if series else None)
    duration, to = visit.duration, visit.to
    if duration is None and to is None and series is not None:
        duration, to = series.duration, series.to
    return day < earlier(case.first_open_day, days_long(at, duration, to) * DAY) and not case.is_suspended(day, at)


@code("visit-without-reason", Severity.WARNING)
def visit_without_reason(case: Case) -> Iterator[Finding]:
    """A visit that was missed, cancelled or refused, without the reason.

    Three refused showers may be a bad aide, pain or the beginning of something worse: only the reasons tell. Add
    `reason`.

    Wrong:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: refused}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: refused, reason: Too tired}
    """
    for visit in case.others:
        if visit.status in UPCOMING or visit.reason is not None:
            continue
        day = day_in(visit)
        if day is not None and day < case.first_open_day and is_read(visit.origin, "reason", "status"):
            message = f"the visit {visit.id} was {visit.status}, and `reason` does not say why"
            yield case.say(visit_without_reason, visit.origin.at(), message, "add `reason`")


@code("visit-done-by-nobody", Severity.ERROR)
def visit_done_by_nobody(case: Case) -> Iterator[Finding]:
    """A visit that was delivered, and does not say who came.

    Whoever was there saw the client last. If something is found later, nobody knows whom to ask, and the visit can be
    neither paid nor billed. Write who came into `staff`, even if it was the one who was due: the series may change.

    Wrong:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, at: "09:00"}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park, at: "09:00"}
    """
    for visit in case.delivered:
        if not visit.staff and visit.with_ is None and is_read(visit.origin, "staff", "with_", "status", "series"):
            series = case.series.get(visit.series or "")
            if visit.series is not None and visit.staff is None:
                if series is None and visit.series in case.chart.broken_ids("series"):
                    continue
                if series is not None and (series.with_ is not None or not is_read(series.origin, "with_")):
                    continue
            at = visit.origin.at() if visit.staff is None else visit.origin.at("staff")
            message = f"the visit {visit.id} was done, and `staff` does not say who came"
            yield case.say(visit_done_by_nobody, at, message, "add `staff`")


@code("visit-done-without-time", Severity.WARNING)
def visit_done_without_time(case: Case) -> Iterator[Finding]:
    """A visit that was delivered, and does not say for when it was planned.

    If the series is given another time one day, this visit of the past would move with it. A delivered visit therefore
    carries its own `at`.

    Wrong:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park, at: "09:00"}
    """
    for visit in case.delivered:
        if visit.at is None and visit.series is not None and is_read(visit.origin, "at", "status", "series"):
            message = f"the visit {visit.id} was done, and `at` does not say when it was due"
            yield case.say(visit_done_without_time, visit.origin.at(), message, "add `at`, the time as planned")


@code("visit-done-in-future", Severity.ERROR)
def visit_done_in_future(case: Case) -> Iterator[Finding]:
    """A visit is written down as done or missed before it could take place.

    What is ticked off in advance hides the day on which nobody comes. Set it to planned or confirmed until it has
    taken place; if the day is a slip of the pen, correct it.

    Wrong:
        # today is 2026-11-22
        - {id: am-care-2026-11-25, series: am-care, day: 2026-11-25, status: done, staff: jo-park, at: "09:00"}
    Right:
        - {id: am-care-2026-11-25, series: am-care, day: 2026-11-25, status: confirmed, at: "09:00"}
    """
    last = case.last_known_day
    today = case.today
    for visit in case.visits:
        day = visit.date or visit.day
        if day is None or day < today or visit.status not in ("done", "missed"):
            continue
        if not is_read(visit.origin, "date", "day", "status"):
            continue
        where = "date" if visit.date else "day"
        if day > last:
            message = f"the visit {visit.id} is {visit.status}, but its day has not come yet"
            hint = "set it to planned, or correct the day"
            yield case.say(visit_done_in_future, visit.origin.at(where), message, hint)
        elif day == today == last and visit.status == "done":
            yield from _later_today(case, visit, day)


def _later_today(case: Case, visit: Visit, day: dt.date) -> Iterator[Finding]:
    series = case.series.get(visit.series or "")
    at = visit.at or (series.at if series else None)
    times: list[tuple[str, tuple[str, ...], str]]
    times = [(f"`{key}`", ("actual", key), text) for key, text in _actual(visit) if text]
    for name, keys, text in times or ([("`at`", ("at",), at)] if at else []):
        moment = case.instant(day, text)
        if moment is not None and moment > case.now:
            message = f"the visit {visit.id} is done, but its {name} has not come yet"
            hint = "set it to planned, or correct the time"
            yield case.say(visit_done_in_future, visit.origin.at(*keys), message, hint)
            return


def _actual(visit: Visit) -> tuple[tuple[str, str | None], ...]:
    return (("in", visit.actual.in_), ("out", visit.actual.out)) if visit.actual else ()


@code("visit-times-backwards", Severity.ERROR)
def visit_times_backwards(case: Case) -> Iterator[Finding]:
    """Someone left before they came.

    Hours that run backwards are neither paid nor believed, and a fall between them has no time. Correct `in` or `out`.
    Both are times of the visit's own day; a visit that went on past midnight has the day with it.

    Wrong:
        actual: {in: "22:02", out: "06:01"}
    Right:
        actual: {in: "22:02", out: 2026-11-19T06:01}
    """
    for visit in case.odd_times:
        came, left = (visit.actual.in_, visit.actual.out) if visit.actual else (None, None)
        if came is None or left is None or "actual" in visit.origin.unread:
            continue
        if not _is_backwards(case, visit, came, left):
            continue
        message = f"in the visit {visit.id}, `out` is before `in`"
        hint = None if is_moment(left) else "correct the times; past midnight, write the day too: 2026-11-19T06:01"
        yield case.say(visit_times_backwards, visit.origin.at("actual", "out"), message, hint)


def _is_backwards(case: Case, visit: Visit, came: str, left: str) -> bool:
    day = day_in(visit)
    if day is None and not (is_moment(came) and is_moment(left)):
        return not is_moment(came) and not is_moment(left) and time_of(left) < time_of(came)
    if any(_is_ambiguous(case, day, text) for text in (came, left)):
        return False  # that is said already, and either hour may be meant
    start, end = case.instant(day or case.today, came), case.instant(day or case.today, left)
    return start is not None and end is not None and end < start


@code("visit-times-other-day", Severity.ERROR)
def visit_times_other_day(case: Case) -> Iterator[Finding]:
    """Someone came on a day that is not the visit's.

    Hours of another week count for that week's pay, and for this visit nobody knows when someone was there. Most often
    the month or the year is a slip of the pen. Correct `in`; if the visit was put off, write the day on which it took
    place into `date`.

    Wrong:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
          actual: {in: 2026-10-18T09:04, out: 2026-10-18T11:01}
    Right:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
          actual: {in: 2026-11-18T09:04, out: 2026-11-18T11:01}
    """
    for visit in case.odd_times:
        day, came = day_in(visit), visit.actual.in_ if visit.actual else None
        if day is None or came is None or not is_moment(came) or not is_read(visit.origin, "actual", "day", "date"):
            continue
        # By its own offset a moment may be of the day before or after: more than a day apart is too far in any zone.
        moment = case.instant(day, came)
        arrived = moment.astimezone(case.zone).date() if moment is not None else day_of(came)
        if abs(arrived - day) > DAY:
            message = f"in the visit {visit.id}, `in` is of another day: the visit is on {day}"
            hint = "correct `in`, or write the day on which it took place into `date`"
            yield case.say(visit_times_other_day, visit.origin.at("actual", "in"), message, hint)


@code("visit-times-not-done", Severity.WARNING)
def visit_times_not_done(case: Case) -> Iterator[Finding]:
    """A visit that did not take place says when someone came and went.

    Either somebody was there, and the visit was done; or nobody was, and the hours belong to no one: they would be paid
    and billed. Correct `status`, or take `actual` away. Who came to the door in vain tells so in `reason` or `note`.

    Wrong:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
          status: missed
          reason: Snow
          actual: {in: "09:04", out: "11:01"}
    Right:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
          status: missed
          reason: Snow
    """
    for visit in case.others:
        if visit.actual is None or visit.status in UPCOMING or not is_read(visit.origin, "status", "actual"):
            continue
        if visit.actual.in_ is None and visit.actual.out is None:
            continue
        message = f"the visit {visit.id} was {visit.status}, but `actual` says that someone was there"
        hint = "correct `status`, or take `actual` away"
        yield case.say(visit_times_not_done, visit.origin.at("actual"), message, hint)


@code("visit-much-longer", Severity.WARNING)
def visit_much_longer(case: Case) -> Iterator[Finding]:
    """A visit was given another time alone, and has become much longer by it: it ends on the next day.

    What says only `at` keeps the hour at which its series ends. If it begins after that hour, it goes on until the same
    hour of the next day, and the aide is down for all of it. Say with `to` when it ends, or with `duration` how long it
    takes.

    Wrong:
        # am-care is from 09:00 to 11:00
        - {id: am-care-2026-11-25, series: am-care, day: 2026-11-25, at: "14:00"}
    Right:
        - {id: am-care-2026-11-25, series: am-care, day: 2026-11-25, at: "14:00", to: "16:00"}
    """
    for name, visits in case.by_series.items():
        series = case.series.get(name)
        if series is None or series.to is None:
            continue
        for visit in visits:
            to = to_of(case, visit)
            if visit.at is None or to is None:
                continue
            minutes, due = _minutes(visit.at, to), _minutes(series.at, to)
            if minutes - due >= 12 * 60:
                lasts = f"{_hours(minutes)} instead of {_hours(due)}"
                message = f"the visit {visit.id} lasts until {to} on the next day: {lasts}"
                hint = "add `to` or `duration`: with `at` alone it ends when its series ends"
                yield case.say(visit_much_longer, visit.origin.at("at"), message, hint)


def _minutes(at: str, to: str) -> int:
    """From one time of day to another by the clock on the wall, on the next day if not later."""
    start, end = time_of(at), time_of(to)
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % (24 * 60) or 24 * 60


def _hours(minutes: int) -> str:
    """A length as files write it."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{rest}m" if rest or not hours else "")


@code("visit-time-ambiguous", Severity.WARNING)
def visit_time_ambiguous(case: Case) -> Iterator[Finding]:
    """A time at which someone came or went that happened twice, because the clocks went back.

    Between the first 01:30 and the second one lies an hour: of pay, or of the time at which a client was found. Write
    the moment with its offset from UTC, as the phone shows it.

    Wrong:
        # on the night on which the clocks go back
        actual: {in: "01:30", out: "04:00"}
    Right:
        actual: {in: "2026-11-01T01:30-05:00", out: "04:00"}
    """
    doubled = _doubled_days(case)
    odd = {visit.origin: visit for visit in case.odd_times}
    odd |= {visit.origin: visit for visit in case.visits if doubled and day_in(visit) in doubled}
    for visit in odd.values():
        day = day_in(visit)
        for key, text in _actual(visit):
            if text is not None and (day in doubled or is_moment(text)) and _is_ambiguous(case, day, text):
                message = f"the clocks show this time twice that night, and `{key}` does not say which is meant"
                hint = "write day, time and offset, such as 2026-11-01T01:30-05:00"
                yield case.say(visit_time_ambiguous, visit.origin.at("actual", key), message, hint)


def _doubled_days(case: Case) -> set[dt.date]:
    """The days with visits that have a doubled hour."""
    days = set().union(*case.recorded_days.values(), {visit.date for visit in case.visits if visit.date})
    years = {day.year for day in days} & _YEARS
    return {day for year in years for day in clock_changes(case.zone, year)[1]} & days


def _is_ambiguous(case: Case, day: dt.date | None, text: str) -> bool:
    if is_moment(text):
        if has_offset(text):
            return False
        day, text = day_of(text), ":".join(text.partition("T")[2].split(":")[:2])
    return day is not None and is_doubled(dt.datetime.combine(day, time_of(text), tzinfo=case.zone))


@code("visit-task-unexplained", Severity.WARNING)
def visit_task_unexplained(case: Case) -> Iterator[Finding]:
    """A task of a delivered visit that was neither done nor explained.

    The plan promises it, and nobody can tell whether the client got it. Write down every task of the visit under `did`:
    done or not_needed, or not_done or refused with the reason. An intervention that has days of its own is a task on
    these days only; what is done `as_needed` needs no word.

    Wrong:
        # am-care does night-light and weigh
        did: {night-light: done, weigh: refused}
    Right:
        did: {night-light: done, weigh: {outcome: refused, reason: Did not want to stand up}}
    """
    for name, visits in case.by_series.items():
        series = case.series.get(name)
        needed = _needed(case, series.does if series else ())
        same = needed[0] if all(day == needed[0] for day in needed) else None
        for visit in visits:
            if visit.status == "done":
                did = visit.did
                wanted = same if same is not None else needed[visit.day.weekday() if visit.day else 0]
                if visit.does:
                    wanted = _needed(case, visit.does)[(day_in(visit) or case.today).weekday()]
                if not wanted <= did.keys():
                    yield from _undone(case, visit, wanted)
                for task, outcome in did.items():
                    if outcome not in _SETTLED and not task.startswith("x-"):
                        yield from _unexplained(case, visit)
                        break
    for visit in case.singles:
        if visit.status == "done":
            yield from _undone(case, visit, _needed(case, visit.does)[(visit.date or case.today).weekday()])
            yield from _unexplained(case, visit)


def _needed(case: Case, does: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Of the interventions that a visit carries out those that it owes an answer for, by the day of the week."""
    owed = []
    for name in does:
        item = case.interventions.get(name)
        if item is None or item.status != "active" or item.as_needed or item.every not in (None, "1w"):
            continue
        if is_read(item.origin, "as_needed", "every", "days"):
            owed.append(item)
    return tuple(frozenset(item.id for item in owed if not item.days or day in item.days) for day in DAYS)


def _undone(case: Case, visit: Visit, wanted: frozenset[str]) -> Iterator[Finding]:
    lost = [name for name in (visit.does or sorted(wanted)) if name in wanted and name not in visit.did]
    if lost and is_read(visit.origin, "did", "does", "status", "series"):
        message = f"the visit {visit.id} was done, and `did` does not say what became of {listed(lost)}"
        hint = "write done or not_needed, or not_done or refused with the reason"
        yield case.say(visit_task_unexplained, visit.origin.at("did"), message, hint)


def _unexplained(case: Case, visit: Visit) -> Iterator[Finding]:
    for name, outcome in visit.did.items():
        if name.startswith("x-"):
            continue
        said, reason = (outcome.outcome, outcome.reason) if isinstance(outcome, Did) else (outcome, None)
        if said not in _SETTLED and reason is None and "did" not in visit.origin.unread:
            message = f"{name} was {said.replace('_', ' ')} in the visit {visit.id}, and no reason is given"
            hint = f"write {name}: {{outcome: {said}, reason: …}}"
            yield case.say(visit_task_unexplained, visit.origin.at("did", name), message, hint)


@code("visit-after-end", Severity.ERROR)
def visit_after_end(case: Case) -> Iterator[Finding]:
    """A visit that is planned or was done after the end of care.

    Either somebody goes to a client who is no longer ours, or care did not end on that day. Cancel the visit with a
    reason, or correct `end_of_care`. What a series would bring after that day is left out by itself.

    Wrong:
        # end_of_care: 2026-11-15
        - {id: farewell, service: companionship, date: 2026-11-20, at: "10:00", duration: 1h}
    Right:
        # end_of_care: 2026-11-20
        - {id: farewell, service: companionship, date: 2026-11-20, at: "10:00", duration: 1h}
    """
    client = case.chart.client
    if client is None or client.end_of_care is None:
        return
    last = client.end_of_care
    for visit in case.visits:
        day = visit.date or visit.day
        if day is None or day <= last or visit.status not in ("done", *UPCOMING):
            continue
        if is_read(visit.origin, "date", "day", "status"):
            message = f"the visit {visit.id} is {visit.status} after the end of care on {last}"
            hint = "cancel it with a reason, or correct `end_of_care`"
            yield case.say(visit_after_end, visit.origin.at("date" if visit.date else "day"), message, hint)


CHECKS = (
    visit_incomplete,
    visit_day_not_due,
    visit_unexplained,
    visit_without_reason,
    visit_done_by_nobody,
    visit_done_without_time,
    visit_done_in_future,
    visit_times_backwards,
    visit_times_other_day,
    visit_times_not_done,
    visit_much_longer,
    visit_time_ambiguous,
    visit_task_unexplained,
    visit_after_end,
)

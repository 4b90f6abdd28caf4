"""Delivered visits that contradict what else is on file: when care began, who was away, for when they were planned.

Only what is certain is said. Days at the edge of an absence have a morning and an evening, hospitals are visited, and
people come late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from carectl.care.checks.case import DAY, Case, day_in, is_read
from carectl.care.checks.series import LENGTH
from carectl.care.coverage import Person, away_words, is_known, length, named_at, person, team
from carectl.care.moments import day_of, earlier
from carectl.care.schedule import span
from carectl.caseload.records import Away, Series, Visit
from carectl.findings import Finding, Severity, code

_AT_HOME: Final = ("personal_care", "companionship", "homemaking", "respite", "meals")
"""Services that are delivered to a client who is in care and at home; others may prepare care, or visit a hospital."""
_FAR_OFF: Final = dt.timedelta(hours=8)
"""So much earlier, later or longer than planned is no delay, but a slip of the pen, such as 9:00 for 21:00."""
_NO_TIME: Final = dt.timedelta()
_LAST: Final = dt.date.max - DAY
_SOON: Final = frozenset(f"{one:02}{other:02}" for one in range(24) for other in range(24) if abs(one - other) < 8)
"""Pairs of hours that are less than eight hours apart."""


def _is_at_home(case: Case, visit: Visit) -> bool:
    """Whether a visit is sure to be care that is delivered at the client's home."""
    series = case.series.get(visit.series or "")
    where = visit.where or (series.where if series else None)
    service = visit.service or (series.service if series else None)
    whole = is_read(visit.origin, "service", "where") and (series is None or is_read(series.origin, "service", "where"))
    return whole and where is None and service in _AT_HOME


@code("visit-done-before-start", Severity.WARNING)
def visit_done_before_start(case: Case) -> Iterator[Finding]:
    """Care was delivered before care began.

    One of the two days is wrong, and it counts for the bill and for every date that is reckoned from the start of care.
    Correct the day of the visit, or `start_of_care`. Only care at home is looked at: whoever assesses, advises or
    arranges comes earlier.

    Wrong:
        # start_of_care: 2026-11-17
        - {id: am-care-2026-11-16, series: am-care, day: 2026-11-16, status: done, staff: jo-park, at: "09:00"}
    Right:
        # start_of_care: 2026-11-16
        - {id: am-care-2026-11-16, series: am-care, day: 2026-11-16, status: done, staff: jo-park, at: "09:00"}
    """
    start = case.chart.client.start_of_care if case.chart.client else None
    if start is None:
        return
    for visit in case.delivered:
        day = visit.date or visit.day
        if day is not None and day < start and _is_at_home(case, visit) and is_read(visit.origin, "date", "day"):
            message = f"the visit {visit.id} was done before the start of care on {start}"
            hint = "correct the day of the visit, or `start_of_care`"
            yield case.say(visit_done_before_start, visit.origin.at("date" if visit.date else "day"), message, hint)


@code("visit-done-client-away", Severity.WARNING)
def visit_done_client_away(case: Case) -> Iterator[Finding]:
    """Care was delivered at home while the client was away.

    Nobody is washed at home who lies in the hospital: the visit was on another day, or not done, or the client was back
    already. Correct the one or the other; a visit to the client in the hospital says so in `where`. The first and the
    last day of a time away are let be: they have a morning and an evening.

    Wrong:
        # away: [{from: 2026-11-16, until: 2026-11-20, where: Evanston Hospital}]
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park, at: "09:00"}
    Right:
        # away: [{from: 2026-11-16, until: 2026-11-18, where: Evanston Hospital}]
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park, at: "09:00"}
    """
    client = case.chart.client
    if client is None or not client.away or not is_read(client.origin, "away"):
        return
    for visit in case.delivered:
        day = visit.date or visit.day
        if day is None or not any(_is_amid(day, away) for away in client.away):
            continue
        if _is_at_home(case, visit) and is_read(visit.origin, "date", "day"):
            message = f"the visit {visit.id} was done at home, and the client was away that day"
            hint = "correct the visit, or the time away in client.yaml; a visit elsewhere says so in `where`"
            yield case.say(visit_done_client_away, visit.origin.at(), message, hint)


def _is_amid(day: dt.date, away: Away) -> bool:
    """Whether a day lies between the first and the last one of a time away."""
    if away.origin.unread or day <= day_of(away.from_):
        return False
    return away.until is None or day < day_of(away.until)


@code("visit-done-staff-absent", Severity.WARNING)
def visit_done_staff_absent(case: Case) -> Iterator[Finding]:
    """A visit was delivered by somebody who was away that day, or did not work here.

    Then somebody else was there, and if a bruise is found nobody knows whom to ask. Write who came into `staff`. If the
    person did come, correct their file. The first day of an absence is let be: people fall ill at noon.

    Wrong:
        # jo-park is away from 2026-11-09 to 2026-11-20
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: jo-park, at: "09:00"}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, status: done, staff: lucia-nunez, at: "09:00"}
    """
    home = case.setting.now.tzinfo or dt.UTC
    people = _doubtful(case, home)
    for visit in case.delivered if people else ():
        day = visit.date or visit.day
        for name in team(visit.staff):
            who = people.get(name)
            words = _not_here(who, day) if who is not None and day is not None else None
            if words is None or who is None or day is None or not is_read(visit.origin, "date", "day", "staff"):
                continue
            # Where the client's calendar is another one, a day there is part of two days here.
            if case.zone is home or all(_not_here(who, near) for near in (earlier(day, DAY), min(day, _LAST) + DAY)):
                message = f"the visit {visit.id} was done by {name} on {day}, who {words}"
                hint = f"write who came into `staff`, or correct staff/{name}.yaml"
                yield case.say(visit_done_staff_absent, named_at(visit, name), message, hint)


def _doubtful(case: Case, home: dt.tzinfo) -> dict[str, Person]:
    """The staff who were away or not employed at any time since the first delivered visit: they are few."""
    days = [day for visit in case.delivered if (day := visit.date or visit.day) is not None]
    if not days:
        return {}
    first, last = min(days), max(days)
    found = {}
    for name, member in case.setting.staff.items():
        employed = member.employed
        partly = employed is not None and (first < employed.from_ or (employed.until or last) < last)
        if partly or any(away.until is None or first <= day_of(away.until) for away in member.away):
            found[name] = person(member, home)
    return found


def _not_here(who: Person, day: dt.date) -> str | None:
    """Why somebody cannot have come on a day, in words."""
    if left := who.employment(day):
        return left.words
    for away in who.member.away if who.member.away and is_known(who.member) else ():
        if _is_amid(day, away) or (str(day) == away.until and day > day_of(away.from_)):
            return away_words(away)
    return None


@code("visit-times-far-off", Severity.WARNING)
def visit_times_far_off(case: Case) -> Iterator[Finding]:
    """Somebody came many hours before or after the time that was planned, or stayed many hours longer.

    Most often 9 in the evening was written as 9:00, or an hour past midnight without its day; and by these hours people
    are paid. Correct `in` or `out`. If the visit was put off, write when it was planned then into `at`, and its day
    into `date`. Up to eight hours nothing is said.

    Wrong:
        # am-care is from 09:00 to 11:00
        actual: {in: "21:04", out: "23:01"}
    Right:
        actual: {in: "09:04", out: "11:01"}
    """
    # Of nearly all, the hours alone show at a glance that somebody came when planned and left soon.
    odd = [
        visit
        for visit in case.delivered
        if (actual := visit.actual) is not None
        and not (
            (at := visit.at)
            and (came := actual.in_)
            and (left := actual.out)
            and len(came) + len(left) == 10
            and at[:2] + came[:2] in _SOON
            and came[:2] + left[:2] in _SOON
        )
    ]
    for visit in odd:
        series = case.series.get(visit.series or "")
        if not is_read(visit.origin, "actual", "date", "day", "series", *LENGTH):
            continue
        if series is None or is_read(series.origin, *LENGTH):
            yield from _far_off(case, visit, series)


def _far_off(case: Case, visit: Visit, series: Series | None) -> Iterator[Finding]:
    day, actual = day_in(visit), visit.actual
    at = visit.at or (series.at if series else None)
    if day is None or at is None or actual is None or actual.in_ is None:
        return
    came = case.instant(day, actual.in_)
    left = case.instant(day, actual.out) if actual.out else None
    if came is None or came > case.now or (left is not None and left < came):
        return  # what has not come yet, or runs backwards, is said already
    if abs(came.astimezone(case.zone).date() - day) > DAY:
        return  # and so is what is of another day
    source = visit if series is None or visit.duration is not None or visit.to is not None else series
    try:
        start, end = span(day, at, source.duration, source.to, case.zone)
    except OverflowError:
        return
    late, planned = came - start, end.astimezone(dt.UTC) - start.astimezone(dt.UTC)
    if abs(late) > _FAR_OFF:
        side = "after" if late > _NO_TIME else "before"
        message = f"in the visit {visit.id}, `in` is {length(abs(late))} {side} the time that was planned"
        hint = "correct it; past midnight, write the day too: 2026-11-19T00:30"
        yield case.say(visit_times_far_off, visit.origin.at("actual", "in"), message, hint)
    elif left is not None and planned > _NO_TIME and (left - came) - planned > _FAR_OFF:
        message = f"the visit {visit.id} took {length(left - came)}, and {length(planned)} was planned"
        hint = "correct `in` or `out`"
        yield case.say(visit_times_far_off, visit.origin.at("actual", "out"), message, hint)


CHECKS = (
    visit_done_before_start,
    visit_done_client_away,
    visit_done_staff_absent,
    visit_times_far_off,
)

"""Coverage: whether somebody comes to every visit, who can, and is nowhere else. From today to 90 days ahead.

Most of it shows in one chart. Two bookings of one person, the way between them and the hours of a week take the
bookings of all charts (`Team`): whoever runs a check collects them, one chart at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

from carectl.care.checks.case import UPCOMING, Case, found, is_read
from carectl.care.coverage import (
    Booking,
    Clash,
    Hurry,
    Overload,
    Person,
    Reason,
    Why,
    attendances,
    booked_in,
    clashes,
    hurries,
    instants,
    is_even,
    is_known,
    length,
    limit_of,
    monday_of,
    named_at,
    needs_of,
    overlapping,
    overload,
    person,
    place,
    record_of,
    whereabouts,
)
from carectl.care.moments import earlier, later
from carectl.care.schedule import Occurrence, occurrences
from carectl.care.setting import Setting
from carectl.care.travel import home, ways_of
from carectl.caseload.records import Series, StaffMember, Visit
from carectl.findings import Finding, Severity, Spot, code, code_of

AHEAD: Final = dt.timedelta(days=90)
"""How far ahead conflicts are looked for."""
BACK: Final = dt.timedelta(days=35)
"""How far back delivered visits are compared: a month and some days, in which pay and bills are still made."""
_SERIES_FIELDS: Final = ("staff", "with_", "needs", "except_", "together", "service", "days", "follows")


class _Fault(NamedTuple):
    """Something about one person in a series or visit: where it begins."""

    first: Occurrence
    record: Series | Visit
    who: str
    reason: Reason
    times: int
    """In how many visits it is so."""


class Review:
    """The visits of one chart, as far as anything can be concluded from them, and what speaks against who is down."""

    def __init__(self, case: Case) -> None:
        # The case itself is not kept: it holds on to its chart, and reviews are looked up by it.
        self.setting = case.setting
        self.zone = case.setting.now.tzinfo or dt.UTC
        certain = _can_tell(case)
        lost = _doubtful(case)
        timed = [(*instants(item), item) for item in _certain(case, lost)] if certain else []
        self.timed = [entry for entry in timed if entry[2].status in UPCOMING and entry[2].day >= case.today]
        self.coming = [item for _, _, item in self.timed]
        """The visits to come, in their order; `timed` has them with their instants."""
        at = home(case.chart.client) if case.setting.travel is not None else None
        self.bookings = [*booked_in(timed, at), *_attended(case, lost)] if certain else []
        """Who is down for what, and who was there."""

    @cached_property
    def people(self) -> dict[str, Person]:
        """The staff of whom it is known when they come."""
        staff = self.setting.staff
        names = {name for item in self.coming for name in (*item.staff, *item.opened)}
        return {name: person(staff[name], self.zone) for name in names if name in staff and is_known(staff[name])}

    @cached_property
    def faults(self) -> dict[Why, list[_Fault]]:
        """What speaks against those who are down, by the sort of reason; for each series or visit once."""
        fine: set[tuple[int, int]] = set()
        for item in self.coming:
            # While the clocks do not change, the visits of a series are all alike on one day of the week.
            plain = item.visit is None and not item.opened and self._even
            key = (id(item.rule), item.day.weekday())
            if plain and key in fine:
                continue
            record = record_of(item)
            if record is None:
                continue
            said = False
            for name, reason in self._reasons(item):
                self._note(item, record, name, reason)
                said = True
            if plain and not said and self._lasts(item):
                fine.add(key)
        groups: dict[Why, list[_Fault]] = {}
        for fault in self._noted.values():
            groups.setdefault(fault.reason.why, []).append(fault)
        return groups

    def _reasons(self, item: Occurrence) -> Iterator[tuple[str, Reason]]:
        """What speaks against each of those who are down for a visit."""
        for name in item.opened:
            if name in self.people:
                yield name, self._absence(name, item)
        for name in item.staff:
            who = self.people.get(name)
            if who is None:
                continue
            if left := who.employment(item.day):
                yield name, left
                continue
            if self._hours_known and (late := who.availability(item.start, item.end)):
                yield name, late
            for reason in (*who.credentials(item.day), *who.skills(needs_of(item))):
                yield name, reason

    def _lasts(self, item: Occurrence) -> bool:
        """Whether those who are down for a visit work here, with valid papers, from its day to the last one."""
        last = self.coming[-1].day
        people = [self.people[name] for name in item.staff if name in self.people]
        return all(who.employment(last) is None and who.papers_hold(item.day, last) for who in people)

    @cached_property
    def _even(self) -> bool:
        """Whether the clocks change neither where the client lives nor in the practice's zone."""
        first, last = self.coming[0].day, self.coming[-1].day
        own = self.coming[0].start.tzinfo or dt.UTC
        return is_even(own, first, last) and (own is self.zone or is_even(self.zone, first, last))

    @cached_property
    def _hours_known(self) -> bool:
        return _hours_are_known(self.setting)

    @cached_property
    def _noted(self) -> dict[tuple[Why, str, int, str], _Fault]:
        return {}

    def _note(self, item: Occurrence, record: Series | Visit, who: str, reason: Reason) -> None:
        key = (reason.why, who, id(record), reason.detail)
        known = self._noted.get(key)
        self._noted[key] = known._replace(times=known.times + 1) if known else _Fault(item, record, who, reason, 1)

    def _absence(self, name: str, item: Occurrence) -> Reason:
        known = self.people[name].absence(item.start.astimezone(dt.UTC), item.end.astimezone(dt.UTC))
        return known or Reason("away", "is away")


def _can_tell(case: Case) -> bool:
    """Whether it is certain of a chart which visits are off."""
    client = case.chart.client
    if client is None or not is_read(client.origin, "away", "end_of_care", "status", "timezone"):
        return False
    return case.whole("visits") and not any(item.origin.unread for item in client.away)


def _certain(case: Case, lost: frozenset[str]) -> Iterator[Occurrence]:
    """The occurrences, from this week's Monday on, of which everything was read that says who comes and when."""
    faulty = {series.id for series in case.chart.series if not is_read(series.origin, *_SERIES_FIELDS)}
    first = min(case.today, monday_of(case.setting.today))
    last = later(case.today, AHEAD)
    found = occurrences(case.chart, case.setting, first, last).occurrences
    if not lost and not faulty:
        return iter(found)
    return (item for item in found if item.id not in lost and item.series not in faulty)


def _attended(case: Case, lost: frozenset[str]) -> list[Booking]:
    """When somebody was with the client in the last weeks."""
    first, today = earlier(case.today, BACK), case.today
    visits = [
        visit
        for visit in case.delivered
        if (day := visit.date or visit.day) is not None and first <= day <= today and visit.id not in lost
    ]
    if any(visit.amends is not None for visit in case.chart.visits):
        # What was corrected later says nothing any more.
        standing = {id(item.visit) for item in occurrences(case.chart, case.setting, first, today).occurrences}
        visits = [visit for visit in visits if id(visit) in standing]
    return attendances(visits, case.series, case.chart.id, case.zone)


def _doubtful(case: Case) -> frozenset[str]:
    """The ids of visits of which something could not be read."""
    found = set(case.chart.broken_ids("visits"))
    for visit in case.chart.visits:
        if visit.origin.unread:
            found.update((visit.id, f"{visit.series}-{visit.day}"))
    return frozenset(found)


_REVIEWS: Final[WeakKeyDictionary[Case, Review]] = WeakKeyDictionary()


def review(case: Case) -> Review:
    """The review of a case, made once."""
    known = _REVIEWS.get(case)
    if known is None:
        known = _REVIEWS[case] = Review(case)
    return known


def _hours_are_known(setting: Setting) -> bool:
    """Whether the practice's zone is known, in which staff say when they work."""
    return setting.practice is not None and setting.zones(setting.practice.timezone) is not None


# --- what can be said of one chart -----------------------------------------------------------------------------------


@code("visit-open", Severity.WARNING)
def visit_open(case: Case) -> Iterator[Finding]:
    """A visit to come for which nobody is down.

    The client waits, and the family's calendar says that somebody comes. Write who comes into `staff`, or into `with`
    if it is a contact such as a clinic; for one day alone: `carectl visit assign`. A series that nobody can take is
    better ended than left standing.

    Wrong:
        - {id: evenings, service: nursing, from: 2026-11-23, days: [mon], at: "17:30", duration: 1h}
    Right:
        - {id: evenings, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "17:30", duration: 1h}
    """
    firsts: dict[int, tuple[Occurrence, Series | Visit]] = {}
    for item in review(case).coming:
        record = record_of(item)
        if item.open and not item.opened and record is not None:
            firsts.setdefault(id(record), (item, record))
    for first, record in firsts.values():
        message = f"nobody is down for this visit {_when(first, record)}"
        hint = f"write who comes into `staff`, or a contact into `with`; who could: {_suggest(case.chart.id, first)}"
        yield case.say(visit_open, record.origin.at("staff"), message, hint)


@code("visit-staff-away", Severity.WARNING)
def visit_staff_away(case: Case) -> Iterator[Finding]:
    """Somebody is down for a visit on a day on which they are away.

    The visit is open, and nobody comes unless somebody is asked. Give it to somebody else on that day, move it, or
    cancel it with a reason and tell the family. The series stays as it is: they come back.

    Wrong:
        # jo-park is away from 2026-12-24 to 2026-12-27
        - {id: am-care-2026-12-25, series: am-care, day: 2026-12-25, status: confirmed}
    Right:
        - {id: am-care-2026-12-25, series: am-care, day: 2026-12-25, staff: lucia-nunez}
    """
    for fault in review(case).faults.get("away", ()):
        count = f"{fault.times} visits, the first " if fault.times > 1 else ""
        message = f"{fault.who} {fault.reason.words}, and nobody comes instead ({count}on {fault.first.day})"
        hint = _suggest(case.chart.id, fault.first)
        yield case.say(visit_staff_away, named_at(fault.record, fault.who), message, hint)


@code("visit-staff-not-employed", Severity.ERROR)
def visit_staff_not_employed(case: Case) -> Iterator[Finding]:
    """Somebody is down for a visit who has left by then, or has not begun.

    Nobody comes, and nobody who looks at the calendar would know. Give the visit to somebody else; if the person stays
    or begins earlier, correct `employed` in the staff file.

    Wrong:
        # gwen-ferris left on 2026-10-09
        staff: gwen-ferris
    Right:
        staff: jo-park
    """
    yield from _told(case, visit_staff_not_employed, "employment")


@code("visit-outside-availability", Severity.WARNING)
def visit_outside_availability(case: Case) -> Iterator[Finding]:
    """Somebody is down for a visit at a time at which they do not work.

    They have children to fetch or another job, and sooner or later the visit falls through. Ask them and widen their
    `availability`, or give the visit another time or to somebody else. Hours in a staff file are the practice's time,
    those of a visit the client's.

    Wrong:
        # jo-park works from 07:00 to 16:00
        - {id: evenings, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "17:30", duration: 1h}
    Right:
        - {id: late, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "14:30", duration: 1h}
    """
    yield from _told(case, visit_outside_availability, "availability")


@code("visit-skill-missing", Severity.ERROR)
def visit_skill_missing(case: Case) -> Iterator[Finding]:
    """Somebody is down for a visit who has not shown that they can do what it needs.

    A lift done wrong hurts two people. Send somebody who has the skill. If they have learned it, add it to `skills` in
    the staff file, and the training to `training`.

    Wrong:
        # jo-park has the skills transfers and dementia
        staff: jo-park
        needs: [hoist]
    Right:
        staff: lucia-nunez
        needs: [hoist]
    """
    for fault in review(case).faults.get("skill", ()):
        needs = fault.record.needs
        named = fault.reason.detail in needs
        at = fault.record.origin.at("needs", needs.index(fault.reason.detail)) if named else None
        message = f"{fault.who} does not have a skill that `needs` asks for {_when(fault.first, fault.record)}"
        who_has_it = _suggest(case.chart.id, fault.first)
        hint = f"send somebody who has it: {who_has_it}; or add it to `skills` in staff/{fault.who}.yaml"
        yield case.say(visit_skill_missing, at or named_at(fault.record, fault.who), message, hint)


@code("visit-credential-lapsed", Severity.ERROR)
def visit_credential_lapsed(case: Case) -> Iterator[Finding]:
    """Somebody is down for a visit whose licence or certificate has lapsed by then.

    Care without a valid licence can be against the law, and insurers do not pay for it. Renew it in time and add it to
    `credentials` with its own `issued` and `expires`; until then, send somebody else. Of each kind the latest counts.

    Wrong:
        credentials:
          - {kind: cpr, number: A-1172, issued: 2024-12-01, expires: 2026-12-01}
    Right:
        credentials:
          - {kind: cpr, number: A-1172, issued: 2024-12-01, expires: 2026-12-01}
          - {kind: cpr, number: A-1466, issued: 2026-11-19, expires: 2028-11-19}
    """
    yield from _told(case, visit_credential_lapsed, "credential")


@code("visits-overlap", Severity.WARNING)
def visits_overlap(case: Case) -> Iterator[Finding]:
    """Two visits of one client at the same time.

    Nobody can be bathed and at the clinic at once; one of the two stands before a closed door. Move one, or let it end
    earlier. Two people who come together are one visit with both in `staff`; a `supervision` may go on during a visit.

    Wrong:
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:00", duration: 2h}
        - {id: gait, service: therapy, staff: ines-carvalho, from: 2026-11-23, days: [mon], at: "10:30", duration: 1h}
    Right:
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:00", duration: 2h}
        - {id: gait, service: therapy, staff: ines-carvalho, from: 2026-11-23, days: [mon], at: "11:00", duration: 1h}
    """
    known: set[tuple[int, int]] = set()
    for one, other in overlapping(review(case).timed):
        if "supervision" in (one.service, other.service) or _is_handover(one, other):
            continue
        (there, its), (here, own) = sorted(((one, record_of(one)), (other, record_of(other))), key=_by_place)
        if its is None or own is None or (id(its), id(own)) in known:
            continue
        known.add((id(its), id(own)))
        single = isinstance(own, Visit) or isinstance(its, Visit)
        message = (
            f"this is at the same time as {its.id}, from {there.start:%H:%M} to {there.end:%H:%M} "
            f"({'' if single else 'first '}on {here.day})"
        )
        hint = "move one of them, or make it one visit with both people in `staff`"
        yield case.say(visits_overlap, own.origin.at("at"), message, hint)


def _by_place(entry: tuple[Occurrence, Series | Visit | None]) -> tuple[object, ...]:
    item, record = entry
    return (*place(record.origin.at() if record else Spot("")), item.id)


def _is_handover(one: Occurrence, other: Occurrence) -> bool:
    """Whether one series takes over from the other: that both are due is said of the series."""
    rules = (one.rule, other.rule)
    return any(a is not None and b is not None and a.follows == b.id for a, b in (rules, rules[::-1]))


def _told(case: Case, check: Callable[[Case], Iterator[Finding]], why: Why) -> Iterator[Finding]:
    for fault in review(case).faults.get(why, ()):
        message = f"{fault.who} {fault.reason.words} {_when(fault.first, fault.record)}"
        yield case.say(check, named_at(fault.record, fault.who), message, _suggest(case.chart.id, fault.first))


def _when(first: Occurrence, record: Series | Visit) -> str:
    return f"({'first ' if isinstance(record, Series) else ''}on {first.day})"


def _suggest(client: str, visit: Occurrence | Booking) -> str:
    return f"carectl visit suggest {client}/{visit.id}"


def _agenda(who: str, day: dt.date, until: dt.date) -> str:
    return f"carectl agenda --staff {who} --from {day} --until {until}"


CHECKS: Final = (
    visit_open,
    visit_staff_away,
    visit_staff_not_employed,
    visit_outside_availability,
    visit_skill_missing,
    visit_credential_lapsed,
    visits_overlap,
)


# --- what takes all charts -------------------------------------------------------------------------------------------


class Team:
    """The bookings of all charts, or at least all those of some people."""

    def __init__(self, booked: Iterable[Booking], setting: Setting) -> None:
        self.setting = setting
        self._booked: dict[str, list[Booking]] = {n: [] for n, member in setting.staff.items() if is_known(member)}
        for booking in booked:
            known = self._booked.get(booking.post.staff)
            if known is not None:
                known.append(booking)

    @cached_property
    def clashes(self) -> list[Clash]:
        """Where somebody is in two places at once."""
        return [clash for name in sorted(self._booked) for clash in clashes(self._booked[name], self.setting.today)]

    @cached_property
    def hurries(self) -> list[Hurry]:
        """Where somebody cannot be in time for the next visit."""
        ways = ways_of(self.setting.travel)
        if ways is None:
            return []
        names = sorted(self._booked)
        return [hurry for name in names for hurry in hurries(self._booked[name], self.setting.today, ways)]

    @cached_property
    def overloads(self) -> list[tuple[StaffMember, Overload]]:
        """Who is down for more hours than they work."""
        if not _hours_are_known(self.setting):
            return []
        zone, today = self.setting.now.tzinfo or dt.UTC, self.setting.today
        members = [self.setting.staff[name] for name in sorted(self._booked)]
        found = [(member, overload(member, self._booked[member.id], zone, today)) for member in members]
        return [(member, over) for member, over in found if over is not None]

    @cached_property
    def disputed(self) -> frozenset[str]:
        """The clients whose visits are part of a conflict."""
        of_hours = {b.post.client for member, _ in self.overloads for b in self._booked[member.id]}
        pairs = [(clash.here, clash.there) for clash in self.clashes]
        pairs += [(hurry.before, hurry.after) for hurry in self.hurries]
        return frozenset(of_hours.union(booking.post.client for pair in pairs for booking in pair))


@code("visit-double-booked", Severity.ERROR)
def visit_double_booked(team: Team) -> Iterator[Finding]:
    """Somebody is down for two visits at the same time, or was at two at once.

    One of the two clients waits for nothing. Give one of the visits another time, or to somebody else. A couple seen in
    one visit has `together` in it, with the id of the other client. If both were delivered, one of the times is wrong:
    ask who was there.

    Wrong:
        # c-007 has jo-park from 09:00 to 11:00 as well
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:00", duration: 2h}
    Right:
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "11:30", duration: 2h}
    """
    for here, there, past in team.clashes:
        who = here.post.staff
        single = past or here.post.once or there.post.once
        where = whereabouts(there, here.post.zone)
        message = f"{who} {'was' if past else 'is'} already at {where} ({'' if single else 'first '}on {here.day})"
        days = min(here.day, there.day), max(here.day, there.day)
        hint = _agenda(who, *days) if past else _suggest(here.post.client, here)
        yield code_of(visit_double_booked).finding(here.post.spot, message, hint, here.post.client)


@code("visit-travel-too-short", Severity.WARNING)
def visit_travel_too_short(team: Team) -> Iterator[Finding]:
    """Somebody is down for two visits with less time between them than the way takes.

    The second client waits every time, or the first visit ends too early. Let one of them begin later or end earlier,
    or give it to somebody else. How long the ways take stands under `travel` in carectl.yaml; a practice that says
    nothing there is not asked. Between two visits at one address, or of a couple with `together`, no time is needed.

    Wrong:
        # c-007 has jo-park until 09:00, and the way takes 25m
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:10", duration: 2h}
    Right:
        - {id: am-care, service: nursing, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:30", duration: 2h}
    """
    for before, after, way in team.hurries:
        post, spare = after.post, after.start - before.end
        first = "" if before.post.once or post.once else "first "
        there = f"{post.staff} is at {before.post.client} until {before.end.astimezone(post.zone):%H:%M}"
        time = f"there are only {length(spare)} between" if spare else "there is no time between"
        message = f"{there} and the way takes {length(way)}, but {time} ({first}on {after.day})"
        hint = f"let it begin later, or see who else could: {_suggest(post.client, after)}"
        yield code_of(visit_travel_too_short).finding(post.spot, message, hint, post.client)


@code("staff-over-hours", Severity.WARNING)
def staff_over_hours(team: Team) -> Iterator[Finding]:
    """Somebody is down for more hours in a week than they work.

    Overtime costs half as much again, tired people make mistakes, and some are not allowed to. Give some of the visits
    to somebody else, or ask the person and raise `max_hours_per_week`. A week goes from Monday to Sunday, in the
    practice's time zone; planned, confirmed and delivered visits count with their planned times, a couple's visit once.

    Wrong:
        # the visits of the week come to 34h
        max_hours_per_week: 32
    Right:
        max_hours_per_week: 36
    """
    for member, over in team.overloads:
        more = over.hours - (limit_of(member) or over.hours)
        weeks = f", the first of {over.weeks} such weeks" if over.weeks > 1 else ""
        hours = f"{length(over.hours)} in the week of {over.monday}"
        message = f"{member.id} is down for {hours}, {length(more)} more than this{weeks}"
        hint = _agenda(member.id, over.monday, over.monday + dt.timedelta(6))
        yield found(staff_over_hours, member.origin.at("max_hours_per_week"), message, hint)


TEAM_CHECKS: Final = (visit_double_booked, visit_travel_too_short, staff_over_hours)

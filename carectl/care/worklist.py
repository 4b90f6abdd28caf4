"""What needs a person now, across clients: what is overdue, what is due today, what comes within a week.

Whether something is due is not decided here: the checks are asked what they will find a week from now. Here it is said
of each thing what it is, by when, and what clears it. Visits are looked at in the days around today only, so that old
history need not be read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final, Literal, NamedTuple, TypeVar

from carectl.care.checks import assessments, dates, plan, sharing, visits
from carectl.care.checks import client as client_checks
from carectl.care.checks import coverage as visit_checks
from carectl.care.checks.case import UPCOMING, Case, day_in, is_read
from carectl.care.conflicts import Conflict, conflicts, homes_of, key_of, lack
from carectl.care.coverage import (
    Booking,
    Person,
    bookings,
    is_known,
    length,
    limit_of,
    monday_of,
    named_at,
    overload,
    person,
    record_of,
    team,
)
from carectl.care.entries import in_force
from carectl.care.gaps import gap_of
from carectl.care.incidents import covered_by
from carectl.care.moments import day_of, earlier, in_days, later
from carectl.care.schedule import Missing, Occurrence, due_days, occurrences, order
from carectl.care.setting import Setting
from carectl.care.sharing import is_protected
from carectl.caseload.records import (
    Chart,
    Concern,
    Contact,
    Equipment,
    Series,
    Sharing,
    StaffMember,
    Supply,
    Task,
    Visit,
)
from carectl.findings import Finding, Spot, code_of

When = Literal["overdue", "today", "soon"]
"""Its day is over; it is today, or it has none; it is one of the next seven days."""
Check = Callable[[Case], Iterator[Finding]]
T = TypeVar("T")

WHENS: Final[tuple[When, ...]] = ("overdue", "today", "soon")
AHEAD: Final = dt.timedelta(7)
"""How far ahead is looked."""
BACK: Final = dt.timedelta(35)
"""How far back visits without a record are looked for: a month and some days, in which pay and bills are made."""
_DAY: Final = dt.timedelta(1)
_LONG: Final = 36500
"""More days than anything lasts."""

KINDS: Final = (
    "alert", "visit-open", "visit-conflict", "to-be-told", "not-stated", "visit-unrecorded",
    "concern", "task", "medicine", "supply", "credential", "hours", "equipment", "sharing", "plan", "goal",
)  # fmt: skip
"""What an item can be about, the most urgent first."""
URGENT: Final = frozenset(KINDS[:6])
"""What comes first if there is no room for everything: somebody waits at a door, or could be harmed."""


class Item(NamedTuple):
    """One thing that needs a person."""

    kind: str
    when: When
    due: dt.date | None
    """The day by which it is due or on which it happens; the first, if there are several."""
    time: str
    """Of a visit, when it begins where the client lives; else empty."""
    client: str | None
    """None: it is about staff alone."""
    staff: tuple[str, ...]
    """The staff concerned."""
    what: str
    """In a few words, for the coordinator: it may hold what is private."""
    spot: Spot
    command: str | None = None
    """What clears it, on the command line; words in capitals are to be filled in."""
    hint: str | None = None
    """What to do where no command clears it."""
    code: str | None = None
    """The code of the finding that a check makes, or will make, of it: a waiver of that one speaks for this too."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Overdue first, then today; there by urgency, the oldest first; then by client and place."""
        keys = tuple((key, "") if isinstance(key, int) else (-1, key) for key in self.spot.keys)
        urgency = WHENS.index(self.when), KINDS.index(self.kind), self.due or dt.date.min, self.time
        return (*urgency, self.client or "", self.spot.path, keys, self.what)


class Absence(NamedTuple):
    """Somebody who is away."""

    client: str | None
    """The client's id; None: it is a staff member."""
    name: str
    until: dt.date | None
    """The last day; None: nobody knows."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """What needs a person, and the day around it."""

    items: tuple[Item, ...]
    """In the order in which they are shown."""
    visits: tuple[Occurrence, ...]
    """Those of today."""
    away: tuple[Absence, ...]
    """Who is away today."""
    missing: tuple[Missing, ...]
    """What could not be placed, of these days."""


def days_needed(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of which visits have to be read."""
    return earlier(today, BACK + _DAY), later(today, AHEAD + 2 * _DAY)


def _first_around(today: dt.date) -> dt.date:
    """The first day that counts for what comes: this week's hours, and a night that is not over."""
    return earlier(min(today, monday_of(today)), _DAY)


def worklist(
    charts: Iterable[Chart],
    setting: Setting,
    clients: frozenset[str] | None = None,
    staff: frozenset[str] = frozenset(),
) -> Worklist:
    """What needs a person: of these clients (None: of all), and of these staff if any are named.

    `charts` are those of everybody, for somebody asked for can be in conflict with somebody who is not.
    """
    desks = [_Desk(chart, setting) for chart in charts]
    shown = [desk for desk in desks if clients is None or desk.chart.id in clients]
    around = sorted((item for desk in desks for item in desk.visits), key=order)
    items = [item for desk in shown for item in desk.items()]
    items += _conflicts(around, desks, {desk.chart.id for desk in shown}, setting)
    if clients is None:
        items += _of_staff(around, setting)
    today = [item for desk in shown for item in desk.visits if item.day == desk.today]
    if staff:
        items = [item for item in items if not staff.isdisjoint(item.staff)]
        today = [item for item in today if not staff.isdisjoint((*item.staff, *item.opened))]
    return Worklist(
        items=tuple(sorted(dict.fromkeys(items), key=lambda item: item.sort_key)),
        visits=tuple(sorted(today, key=order)),
        away=tuple(_away(shown, setting, staff)),
        missing=tuple(item for desk in shown for item in desk.missing),
    )


# --- one client ------------------------------------------------------------------------------------------------------


class _Desk:
    """One client's part of the list."""

    def __init__(self, chart: Chart, setting: Setting) -> None:
        self.chart, self.setting = chart, setting
        self.case = Case(chart, setting)
        self.today = self.case.today
        self.last = later(self.today, AHEAD)
        self.name = chart.client.name.full if chart.client else chart.id
        expansion = occurrences(chart, setting, _first_around(self.today), later(self.today, AHEAD + 2 * _DAY))
        self.missing = expansion.missing
        # A record exists by its id: of a visit that could not be read, nothing is concluded.
        lost = chart.broken_ids("visits").union(visit.id for visit in chart.visits if visit.origin.unread)
        self.visits = [item for item in expansion.occurrences if item.id not in lost]

    def items(self) -> Iterator[Item]:
        """What needs a person, in no order."""
        yield from self._open()
        yield from self._unrecorded()
        yield from self._never_said()
        yield from self._concerns()
        yield from self._due()
        yield from self._supplies()
        yield from self._medicines()

    def item(
        self,
        kind: str,
        due: dt.date | None,
        what: str,
        spot: Spot,
        *,
        time: str = "",
        staff: Iterable[str] = (),
        **more: str | None,
    ) -> Item:
        """An item about this client."""
        return Item(kind, _when(due, self.today), due, time, self.chart.id, tuple(staff), what, spot, **more)

    def visit(self, kind: str, items: Sequence[Occurrence], what: str, spot: Spot, **more: Any) -> Item:
        """An item about visits of this client, of which the first says when it is."""
        return self.item(kind, items[0].day, what, spot, time=f"{items[0].start:%H:%M}", **more)

    def _named(self, who: str) -> str:
        """The name of a staff member or contact."""
        contact = next((item.name for item in self.chart.contacts if item.id == who), who)
        return _staff_name(who, self.setting) if who in self.setting.staff else contact

    def _times(self, items: Sequence[Occurrence]) -> str:
        return _times(items, self.today, self.setting)

    def _by(self, day: dt.date | None) -> str:
        return f" (due {said(day, self.today)})" if day else ""

    # --- visits

    def _open(self) -> Iterator[Item]:
        """Visits to which nobody comes, or too few; who does not work here then is told among the conflicts."""
        near = [item for item in self.visits if self.today <= item.day <= self.last]
        found = [item for item in near if (gap := gap_of(item, self.setting)) and gap.kind in ("open", "away")]
        for items in _grouped(found, lambda item: (id(record_of(item)), item.opened, item.open)):
            first = items[0]
            gone = f" ({' and '.join(map(self._named, first.opened))} away)" if first.opened else ""
            check: Check = visit_checks.visit_staff_away if first.opened else visit_checks.visit_open
            yield self.visit(
                "visit-open",
                items,
                f"{lack(first) or 'nobody comes'}: {_service(first)} {self._times(items)}{gone}",
                named_at(record_of(first), first.opened[0] if first.opened else ""),
                command=f"carectl visit suggest {self.chart.id}/{first.id}",
                code=code_of(check).slug,
                staff=first.opened,
            )

    def _unrecorded(self) -> Iterator[Item]:
        if not visits.can_explain(self.case):
            return
        since = earlier(self.today, BACK)
        for visit in self.case.others:
            day = day_in(visit)
            if day is not None and day >= since and visit.status in UPCOMING and visits.is_over(self.case, visit):
                yield self._gap([day], visit, self.case.series.get(visit.series or ""), visit.origin.at())
        for series in self.case.series.values():
            due = set(due_days(series, since, self.case.first_open_day))
            if days := visits.unexplained(self.case, series, due):
                yield self._gap(days, None, series, series.origin.at())

    def _gap(self, days: Sequence[dt.date], visit: Visit | None, series: Series | None, spot: Spot) -> Item:
        """Visits of these days of which nobody wrote down what became of them."""
        first, *more = days
        sources = [source for source in (visit, series) if source is not None]
        at = next((source.at for source in sources if source.at), "").rjust(5, "0")
        who = next((team(source.staff) for source in sources if source.staff), ())
        with_ = next((source.with_ for source in sources if source.with_), None)
        people = [self._named(name) for name in (*who, with_) if name]
        service = next((source.service for source in sources if source.service), "visit").replace("_", " ")
        others = f" and {len(more)} more until {said(more[-1], self.today)}" if more else ""
        named = f" ({', '.join(people)})" if people else ""
        visit_id = visit.id if visit else f"{series.id}-{first}" if series else ""
        return self.item(
            "visit-unrecorded",
            first,
            f"done or not? {service} {said(first, self.today)} {at}{others}{named}",
            spot,
            time=at,
            command=f"carectl visit done {self.chart.id}/{visit_id}",
            code=code_of(visits.visit_unexplained).slug,
            staff=who,
        )

    # --- what has no day

    def _never_said(self) -> Iterator[Item]:
        for kind, check in _NEVER_SAID:
            for spot, finding in _found(check, self.case).items():
                yield self.item(kind, None, finding.message, spot, hint=finding.hint, code=finding.code)

    def _concerns(self) -> Iterator[Item]:
        for concern in in_force(self.chart.concerns, "concerns"):
            if concern.closed is not None or not is_read(concern.origin, "closed"):
                continue
            day = day_of(concern.at)
            about = f"{concern.kind.replace('_', ' ')} of {said(day, self.today)}"
            settle = f"carectl concern close {self.chart.id} {concern.id} --outcome TEXT"
            yield self.item("concern", None, f"{about} is not settled", concern.origin.at(), command=settle)
            for contact in self._to_call(concern):
                phone = f", {contact.phone}" if contact.phone else ""
                yield self.item(
                    "to-be-told",
                    day,
                    f"{about}: call {contact.name} ({contact.relationship}{phone})",
                    concern.origin.at("told"),
                    command=f"carectl concern told {self.chart.id} {concern.id} {contact.id}",
                )

    def _to_call(self, concern: Concern) -> Iterator[Contact]:
        """Who asked to be called about such a thing, may know of it, and was not told."""
        if concern.private or is_protected(concern) or not is_read(concern.origin, "told", "private", "about"):
            return
        told = {item.who for item in concern.told}
        for contact in self.chart.contacts:
            if covered_by(contact, concern.kind) and contact.id not in told and contact.id not in concern.about:
                yield contact

    # --- what is due by a day

    def _due(self) -> Iterator[Item]:
        """What the checks will call overdue when the next week is over: that is due now, or within the week."""
        in_a_week = Case(self.chart, replace(self.setting, now=_in_a_week(self.setting.now)))
        for check, say in (
            (dates.task_overdue, self._tasks),
            (plan.plan_review_overdue, self._review),
            (plan.plan_ended, self._period),
            (plan.goal_overdue, self._goals),
            (sharing.sharing_lapsed, self._sharing),
            (dates.equipment_overdue, self._equipment),
        ):
            if found := _found(check, in_a_week):
                yield from say(found)

    def _tasks(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        for task in self.chart.tasks:
            if finding := found.get(task.origin.at("due")):
                who = _who(task)
                yield self.item(
                    "task",
                    task.due,
                    f"{task.text}{f' [{self._named(who)}]' if who else ''}{self._by(task.due)}",
                    task.origin.at("due"),
                    command=f"carectl task done {self.chart.id} {task.id}",
                    code=finding.code,
                    staff=(who,) if who else (),
                )

    def _review(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        due = self.chart.plan.review_due if self.chart.plan else None
        for spot, finding in found.items():
            hint = "go through it with the client, then set the next `review_due`"
            yield self.item("plan", due, f"review the care plan{self._by(due)}", spot, hint=hint, code=finding.code)

    def _period(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        due = self.chart.plan.period.until if self.chart.plan else None
        for spot, finding in found.items():
            what = f"the care plan holds until {said(due, self.today)}" if due else "the care plan ends"
            yield self.item("plan", due, what, spot, hint=finding.hint, code=finding.code)

    def _goals(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        for goal in self.case.goals:
            if finding := found.get(goal.origin.at("due")):
                yield self.item(
                    "goal",
                    goal.due,
                    f"goal: {goal.text}{self._by(goal.due)}",
                    goal.origin.at("due"),
                    command=f"carectl plan goal {self.chart.id} {goal.id} --status WORD",
                    code=finding.code,
                )

    def _sharing(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        for contact in self.chart.contacts:
            for entry in contact.sharing:
                if finding := found.get(entry.origin.at("expires")):
                    yield self.item(
                        "sharing",
                        entry.expires,
                        f"{_lapse(contact, entry, self.today)}: ask the client",
                        entry.origin.at("expires"),
                        command=_share_again(self.chart.id, contact.id, entry),
                        code=finding.code,
                    )

    def _equipment(self, found: Mapping[Spot, Finding]) -> Iterator[Item]:
        for thing in self.chart.equipment:
            for field, what, due in _dated(thing):
                if finding := found.get(thing.origin.at(field)):
                    supplier = f", {thing.supplier}" if thing.supplier else ""
                    words = f"{what} {thing.item}{supplier}{self._by(due)}"
                    at = thing.origin.at(field)
                    yield self.item("equipment", due, words, at, hint=finding.hint, code=finding.code)

    # --- what runs out, and what begins again

    def _supplies(self) -> Iterator[Item]:
        for supply in self.chart.supplies if not self.case.has_ended else ():
            least = runs_low(supply)
            if supply.origin.unread or least is None or least > self.last:
                continue
            passed = (self.today - supply.counted).days if supply.counted else 0
            left = max((supply.on_hand or 0) - (supply.use_per_day or 0) * max(passed, 0), 0)
            supplier = f"; {supply.supplier}" if supply.supplier else ""
            yield self.item(
                "supply",
                least,
                f"order {supply.item} (about {left:.0f} left{supplier})",
                supply.origin.at("on_hand"),
                hint="when it is ordered, write the day into `ordered`",
            )

    def _medicines(self) -> Iterator[Item]:
        for medicine in self.chart.medications if not self.case.has_ended else ():
            ended = medicine.until is not None and medicine.until < self.today
            if ended or not is_read(medicine.origin, "held", "until") or any(h.origin.unread for h in medicine.held):
                continue
            for held in medicine.held:
                again = later(held.until, _DAY) if held.until else dt.date.max
                goes_on = any(h.from_ <= again and (h.until is None or again <= h.until) for h in medicine.held)
                if self.today <= again <= self.last and not goes_on:
                    yield self.item(
                        "medicine",
                        again,
                        f"{medicine.name} is given again from {said(again, self.today)}, if the hold is not prolonged",
                        held.origin.at("until"),
                        hint="tell whoever gives it, or set a later `until`",
                    )


_NEVER_SAID: Final[tuple[tuple[str, Check], ...]] = (
    ("alert", assessments.alert_without_task),
    ("not-stated", client_checks.allergies_not_stated),
    ("not-stated", client_checks.code_status_not_stated),
    ("not-stated", client_checks.medications_not_stated),
    ("not-stated", client_checks.care_ended_status),
    ("plan", plan.assessment_missing),
    ("plan", plan.plan_missing),
)
"""Checks of what has no day: it should have been said, or done, long ago."""


def _found(check: Check, case: Case) -> dict[Spot, Finding]:
    """What a check finds, by its place."""
    return {finding.at: finding for finding in check(case) if isinstance(finding.at, Spot)}


def _in_a_week(now: dt.datetime) -> dt.datetime:
    """The moment from which all that is due within the week lies behind; the same one where the calendar ends."""
    try:
        return now + AHEAD + _DAY
    except OverflowError:
        return now


def runs_low(supply: Supply) -> dt.date | None:
    """The day on which a supply falls to where it is to be ordered again; None: never, it is ordered, or not known.

    What was used since it was counted is reckoned from `use_per_day`.
    """
    hand, counted, least = supply.on_hand, supply.counted, supply.reorder_at or 0
    if hand is None or counted is None:
        return None
    if supply.ordered is not None and supply.ordered >= counted:
        return None
    if hand <= least:
        return counted
    if not supply.use_per_day:
        return None
    # Rounded, so that what fractions leave over is not a day more.
    days = ceil(round((hand - least) / supply.use_per_day, 6))
    return later(counted, dt.timedelta(min(days, _LONG)))


def _dated(thing: Equipment) -> tuple[tuple[str, str, dt.date | None], ...]:
    return (("service_due", "service", thing.service_due), ("return_by", "send back", thing.return_by))


def _lapse(contact: Contact, entry: Sharing, today: dt.date) -> str:
    """Since when, or from when on, somebody may not be told any more what an entry allows."""
    topics, until = ", ".join(entry.topics), said(entry.expires, today) if entry.expires else ""
    if entry.expires is not None and entry.expires < today:
        return f"what {contact.name} may be told lapsed after {until} ({topics})"
    return f"what {contact.name} may be told lapses after {until} ({topics})"


def _share_again(client: str, contact: str, entry: Sharing) -> str:
    topics = " ".join(f"--topic {topic}" for topic in entry.topics)
    until = " --expires DAY" if entry.basis == "authorization" else ""
    return f"carectl contact share {client} {contact} {topics} --basis {entry.basis}{until}"


def _who(task: Task) -> str | None:
    return task.who if task.who is None or isinstance(task.who, str) else task.who.name


# --- between clients, and staff --------------------------------------------------------------------------------------


def _conflicts(
    around: Sequence[Occurrence], desks: Sequence[_Desk], shown: set[str], setting: Setting
) -> Iterator[Item]:
    """Conflicts of the next days, each pair of series or visits once, at a client who was asked for."""
    of = {desk.chart.id: desk for desk in desks}
    known = conflicts(around, setting, homes_of(desk.chart for desk in desks))
    found = [
        conflict
        for item in around
        if item.client in shown and item.day <= of[item.client].last
        for conflict in known.get(key_of(item), ())
        if conflict.why != "credential"  # said of the papers
    ]
    for group in _grouped(found, _pair):
        first = group[0]
        visit, other, who = first.visit, first.other, _staff_name(first.staff or "", setting)
        record = record_of(visit)
        # Each of two visits is in conflict with the other: it is told of the one that comes first.
        same = [conflict.visit for conflict in group if record_of(conflict.visit) is record]
        items = list({key_of(item): item for item in same}.values())
        times = _times(items, of[visit.client].today, setting)
        spot = named_at(record, first.staff or "")
        command = f"carectl visit suggest {visit.client}/{visit.id}"
        if other is None:
            what = f"{who} {first.words}: {_service(visit)} {times}"
        elif first.why == "travel":
            what = f"{who} cannot be there in time: {times}, from {of[other.client].name}; {first.words}"
        elif first.staff:
            what = f"{who} is down twice: {times}, and at {of[other.client].name} {_clock(other, setting)}"
        else:
            what = f"two visits at once: {_service(visit)} {times}, and {_service(other)} {_clock(other, setting)}"
            spot = record.origin.at("at") if record else spot
            command = f"carectl visit move {visit.client}/{visit.id} --at TIME"
        code = code_of(_CONFLICT_CHECKS[first.why]).slug
        staff = (first.staff,) if first.staff else ()
        yield of[visit.client].visit("visit-conflict", items, what, spot, command=command, code=code, staff=staff)


_CONFLICT_CHECKS: Final[Mapping[str, Callable[..., object]]] = {
    "employment": visit_checks.visit_staff_not_employed,
    "availability": visit_checks.visit_outside_availability,
    "skill": visit_checks.visit_skill_missing,
    "busy": visit_checks.visit_double_booked,
    "overlap": visit_checks.visits_overlap,
    "travel": visit_checks.visit_travel_too_short,
}


def _pair(conflict: Conflict) -> tuple[object, ...]:
    """What is one conflict, however often it comes back: of the same person, between the same series or visits."""
    sides = [conflict.visit] if conflict.other is None else [conflict.visit, conflict.other]
    return conflict.why, conflict.staff, frozenset(id(record_of(item)) for item in sides)


def _of_staff(around: Iterable[Occurrence], setting: Setting) -> Iterator[Item]:
    """Papers of staff that lapse while they are down for visits, and weeks that are too long."""
    zone, today = setting.now.tzinfo or dt.UTC, setting.today
    last = later(today, AHEAD)
    booked: dict[str, list[Booking]] = {}
    for booking in bookings(around):
        booked.setdefault(booking.post.staff, []).append(booking)
    for name, mine in booked.items():
        coming = [booking.day for booking in mine if booking.sort == "due" and today <= booking.day <= last]
        member = setting.staff.get(name)
        if not coming or member is None or not is_known(member):
            continue
        yield from _papers(person(member, zone), coming, today, last)
        over = overload(member, mine, zone, today)
        if over is not None and over.monday <= last:
            more = length(over.hours - (limit_of(member) or over.hours))
            week = f"--from {over.monday} --until {later(over.monday, 6 * _DAY)}"
            due = max(over.monday, today)
            yield Item(
                "hours",
                _when(due, today),
                due,
                "",
                None,
                (name,),
                f"{member.name.full} is down for {length(over.hours)} in the week of "
                f"{said(over.monday, today)}, {more} too many",
                member.origin.at("max_hours_per_week"),
                f"carectl agenda --staff {name} {week}",
                code=code_of(visit_checks.staff_over_hours).slug,
            )


def _papers(who: Person, coming: Sequence[dt.date], today: dt.date, last: dt.date) -> Iterator[Item]:
    """The licences and certificates of somebody that lapse by a day, or have lapsed."""
    member = who.member
    for reason in who.credentials(later(last, _DAY)):
        # Of each kind the latest counts.
        papers = [(item.issued or item.expires, item.expires, item) for item in member.credentials]
        dated = [entry for entry in papers if entry[2].kind == reason.detail and entry[0] and entry[1]]
        _, expires, paper = max(dated, key=lambda entry: entry[:2])
        after = sum(expires is not None and day > expires for day in coming)
        visits_ = f"; {after} visit{'s' * (after != 1)} after it in the next 7 days" if after else ""
        yield Item(
            "credential",
            _when(expires, today),
            expires,
            "",
            None,
            (member.id,),
            f"{reason.detail.replace('_', ' ')} of {member.name.full} is valid until "
            f"{said(expires or today, today)}{visits_}",
            paper.origin.at("expires"),
            hint=f"add the new one to `credentials` in staff/{member.id}.yaml",
        )


def _away(desks: Iterable[_Desk], setting: Setting, staff: frozenset[str]) -> Iterator[Absence]:
    """Who is away today: clients under care, and staff."""
    for desk in desks if not staff else ():
        client = desk.chart.client
        for away in client.away if client and client.status in client_checks.UNDER_CARE else ():
            if not away.origin.unread and in_days(desk.today, away.from_, away.until):
                yield Absence(desk.chart.id, desk.name, day_of(away.until) if away.until else None)
    for member in _some(setting.staff, staff):
        for away in member.away:
            if not away.origin.unread and in_days(setting.today, away.from_, away.until):
                yield Absence(None, member.name.full, day_of(away.until) if away.until else None)


def _some(staff: Mapping[str, StaffMember], names: frozenset[str]) -> list[StaffMember]:
    """Those of the staff who are named; all, if nobody is."""
    return [member for name, member in staff.items() if not names or name in names]


# --- words -----------------------------------------------------------------------------------------------------------


def said(day: dt.date, today: dt.date) -> str:
    """A day as it is said: Fri 20 Nov; with the year if it is another one."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")


def _times(items: Sequence[Occurrence], today: dt.date, setting: Setting) -> str:
    """When a visit is; of several the first, and how many more there are."""
    first, last = items[0], items[-1]
    more = f" and {len(items) - 1} more until {said(last.day, today)}" if len(items) > 1 else ""
    return f"{said(first.day, today)} {_clock(first, setting)}{more}"


def _clock(item: Occurrence, setting: Setting) -> str:
    """When a visit begins where the client lives, with the zone if the practice's clocks show another time."""
    same = item.start.utcoffset() == item.start.astimezone(setting.now.tzinfo).utcoffset()
    return f"{item.start:%H:%M}" + ("" if same else f" {item.start:%Z}")


def _service(item: Occurrence) -> str:
    return item.service.replace("_", " ")


def _staff_name(staff_id: str, setting: Setting) -> str:
    member = setting.staff.get(staff_id)
    return member.name.full if member else staff_id


def _when(due: dt.date | None, today: dt.date) -> When:
    return "today" if due is None or due == today else "overdue" if due < today else "soon"


def _grouped(items: Iterable[T], key: Callable[[T], object]) -> list[list[T]]:
    """Items with the same key together, each group at the place of its first."""
    found: dict[object, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())

"""A call-out: somebody cannot come. Which visits that leaves without them, who takes each, and who must be told.

Proposals take each other into account: each one counts as a booking for the next, so that nobody is proposed for two
visits at a time or for more hours than they work. Only people of the same profession are proposed, and nobody of whom
something that matters could not be read; who else could come is told, and is for a person to choose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from carectl.care.coverage import Booking, Candidate, Person, bookings, candidates, instants, team, together_of
from carectl.care.incidents import covered_by
from carectl.care.notices import Due, Notice, joined, notice, notice_to_staff
from carectl.care.schedule import Occurrence, order
from carectl.care.setting import Setting
from carectl.care.sharing import NotShared, live_topics
from carectl.care.travel import home, ways_of
from carectl.caseload.records import Away, Chart, Contact, StaffMember

TOLD_AHEAD: Final = dt.timedelta(days=14)
"""How far ahead texts are written. What lies further ahead, calendars and letters tell in time."""
CALLED_ABOUT: Final = ("missed_visit", "schedule")
"""What somebody wants a call about who is told of a visit at which another person comes, or nobody yet."""
_WEEK: Final = dt.timedelta(days=8)
"""A week, and a day for clients who live where it is another day already."""

Key = tuple[str, str]
"""A visit by its client and id."""


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A visit that is without somebody who was to come."""

    chart: Chart
    visit: Occurrence
    """As it is without them."""
    was: Due
    """As whoever expects it knows it."""
    begun: bool
    """Whether it should have begun already: then it is not for anybody to take any more."""
    takes: str | None = None
    """Who takes it."""
    named: bool = False
    """Whether that was said, and not proposed: also that nobody takes it."""
    against: tuple[str, ...] = ()
    """What speaks against who takes it; only if they were named."""
    could: tuple[Candidate, ...] = ()
    """Others of the same profession against whom nothing speaks, the best first."""
    others: tuple[Candidate, ...] = ()
    """People of other professions against whom nothing speaks."""
    cannot: tuple[Candidate, ...] = ()
    """Everybody else who works here."""
    best: Candidate | None = None
    """What is known of who takes it."""

    @property
    def key(self) -> Key:
        """The visit by its client and id."""
        return self.visit.client, self.visit.id

    @property
    def then(self) -> Occurrence:
        """The visit as it will be."""
        return self.visit if self.takes is None else self.visit._replace(staff=(*self.visit.staff, self.takes))


@dataclass(frozen=True, slots=True)
class Message:
    """A text for one person."""

    to: str
    """A contact or staff id."""
    name: str
    phone: str | None
    relationship: str | None
    """Of a contact; None for staff."""
    chart: Chart | None
    """Whose contact it is."""
    language: str
    text: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody who should know, and may not be told, or not yet."""

    contact: Contact
    chart: Chart
    words: str


@dataclass(frozen=True, slots=True)
class CallOut:
    """Everything about one call-out."""

    vacancies: tuple[Vacancy, ...]
    """In the order in which the visits begin."""
    messages: tuple[Message, ...] = ()
    untold: tuple[Untold, ...] = ()
    silent: tuple[Chart, ...] = ()
    """Clients of whom nobody outside can be told: somebody has to call them."""
    contacts_unread: tuple[Chart, ...] = ()
    """Clients whose contacts could not be read, all or some: nobody knows who else should be told."""
    unread: tuple[str, ...] = ()
    """Staff who are not asked, because their files could not be read."""
    later: int = 0
    """How many of the visits lie too far ahead for a text now."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """What a client's absence means: the visits that do not take place, and the staff who must know."""

    visits: tuple[Occurrence, ...]
    messages: tuple[Message, ...]


# --- somebody who comes is away --------------------------------------------------------------------------------------


def call_out(
    person: StaffMember,
    start: str,
    until: str | None,
    charts: Sequence[Chart],
    found: Mapping[str, Sequence[Occurrence]],
    setting: Setting,
    named: Mapping[Key, str | None],
    *,
    through: dt.date,
    rest_open: bool = False,
) -> CallOut:
    """What becomes of the visits of a staff member from `start` to `until` (days or moments, in the practice's zone).

    `setting` and `found`, the occurrences of every chart by client, are those in which the person is away already;
    `found` covers whole weeks around the absence, by which hours add up; visits until `through` are looked at.
    `named` says who takes a visit, or that nobody does; with `rest_open` nobody is proposed for the others. Charts of
    clients who lose a visit are whole.
    """
    zone = setting.now.tzinfo or dt.UTC
    absent = Person(
        StaffMember(id=person.id, name=person.name, role=person.role, away=(Away(from_=start, until=until),)), zone
    )
    vacancies = [
        Vacancy(chart, visit, _known_as(visit, person.id), visit.start <= setting.now)
        for chart in charts
        for visit in found[chart.id]
        if person.id in visit.opened and visit.day <= through and absent.absence(*instants(visit))
    ]
    vacancies.sort(key=lambda item: order(item.visit))
    board = _Board(person, charts, found, setting)
    settled = [board.told_of(item) for item in board.place(vacancies, named, rest_open=rest_open)]
    messages, untold, silent = _messages(settled, setting)
    unread = {item.chart.id: item.chart for item in settled if not item.begun and _contacts_unread(item.chart)}
    return CallOut(
        tuple(settled), messages, untold, tuple(chart for chart in silent if chart.id not in unread),
        tuple(unread.values()),
        tuple(sorted(setting.unread_staff - {person.id})),
        sum(not item.begun and not _is_soon(item, setting) for item in settled),
    )  # fmt: skip


def _known_as(visit: Occurrence, person: str) -> Due:
    """A visit as it was to be before somebody could not come: others who are away already are not expected."""
    record = visit.visit
    down = team(record.staff if record and record.staff is not None else visit.rule.staff if visit.rule else None)
    return Due(visit.start, visit.end, tuple(one for one in down if one == person or one not in visit.opened))


class _Board:
    """Who takes what, with everybody's bookings of every client."""

    def __init__(
        self, absent: StaffMember, charts: Sequence[Chart], found: Mapping[str, Sequence[Occurrence]], setting: Setting
    ) -> None:
        self._absent, self._setting = absent, setting
        self._zone = setting.now.tzinfo or dt.UTC
        self._ways = ways_of(setting.travel)
        self._booked: list[Booking] = []
        for chart in charts:
            self._book(chart, found[chart.id])
        self._taken: set[tuple[str, str]] = set()
        """Who takes a visit, and at which client."""

    def _book(self, chart: Chart, visits: Iterable[Occurrence]) -> None:
        self._booked += bookings(visits, home(chart.client) if self._ways else None)

    def place(self, vacancies: Sequence[Vacancy], named: Mapping[Key, str | None], *, rest_open: bool) -> list[Vacancy]:
        """The vacancies with who takes them. Those that fewest can take are given first, so that most are taken."""
        placed: dict[Key, Vacancy] = {}
        open_: list[list[Vacancy]] = []
        for unit in _units(vacancies):
            said = [named[item.key] for item in unit if item.key in named]
            if not said and not rest_open and not any(item.begun for item in unit):
                open_.append(unit)
                continue
            # Whoever was named for one of a couple goes to both, unless somebody else was named for the other.
            for item in unit:
                who = named.get(item.key, said[0] if said else None)
                self._give(placed, replace(item, takes=who, named=bool(said) or rest_open))
        ranks = {unit[0].key: len(self._able(unit)) for unit in open_}
        for unit in sorted(open_, key=lambda unit: ranks[unit[0].key]):
            able = self._able(unit)
            for item in unit:
                self._give(placed, replace(item, takes=able[0] if able else None))
        return [placed[item.key] for item in vacancies]

    def _give(self, placed: dict[Key, Vacancy], item: Vacancy) -> None:
        placed[item.key] = item
        if item.takes is not None:
            self._book(item.chart, [item.visit._replace(staff=(item.takes,))])
            self._taken.add((item.takes, item.visit.client))

    def _able(self, unit: Sequence[Vacancy]) -> list[str]:
        """Who can be proposed for a visit, or for a couple's visits together; the best first.

        Of those who know the client equally well, whoever takes another of their visits: one new face, not two.
        """
        lists = [[one for one in self._candidates(item) if one.can and self._is_alike(one)] for item in unit]
        able = [one for one in lists[0] if all(any(o.staff == one.staff for o in others) for others in lists[1:])]
        client = unit[0].visit.client
        able.sort(key=lambda one: (-one.visits, (one.staff, client) not in self._taken))
        return [one.staff for one in able]

    def _is_alike(self, candidate: Candidate) -> bool:
        return self._setting.staff[candidate.staff].role == self._absent.role

    def _candidates(self, item: Vacancy) -> list[Candidate]:
        start, end = instants(item.visit)
        near = [one for one in self._booked if one.start < end + _WEEK and start - _WEEK < one.end]
        found = candidates(item.visit, item.chart, self._setting.staff, near, self._zone, self._ways)
        # Of two who come together the other one is there already.
        out = {self._absent.id, *item.visit.staff, *item.visit.opened}
        return [one for one in found if one.staff not in out]

    def told_of(self, item: Vacancy) -> Vacancy:
        """A vacancy with everybody else, as it is with all that is given."""
        if item.begun:
            return item
        found = self._candidates(item)
        best = next((one for one in found if one.staff == item.takes), None)
        against = () if best is None or not item.named else (*(reason.words for reason in best.against), *(
            f"has something in the staff file that could not be read: {name}" for name in best.unread
        ))  # fmt: skip
        rest = [one for one in found if one is not best]
        return replace(
            item,
            best=best,
            against=against,
            could=tuple(one for one in rest if one.can and self._is_alike(one)),
            others=tuple(one for one in rest if one.can and not self._is_alike(one)),
            cannot=tuple(one for one in rest if not one.can and _works_here(one)),
        )


def _works_here(candidate: Candidate) -> bool:
    """Whether somebody is employed on that day."""
    return not any(reason.why == "employment" for reason in candidate.against)


def _units(vacancies: Sequence[Vacancy]) -> list[list[Vacancy]]:
    """Vacancies, those of a couple who are seen in one visit together."""
    units: list[list[Vacancy]] = []
    for item in vacancies:
        unit = next((unit for unit in units if any(_is_one_visit(item, other) for other in unit)), None)
        if unit is None:
            units.append([item])
        else:
            unit.append(item)
    return units


def _is_one_visit(one: Vacancy, other: Vacancy) -> bool:
    if one.visit.client not in together_of(other.visit) and other.visit.client not in together_of(one.visit):
        return False
    (start, end), (begins, ends) = instants(one.visit), instants(other.visit)
    return start < ends and begins < end


# --- who must be told ------------------------------------------------------------------------------------------------


def _is_soon(item: Vacancy, setting: Setting) -> bool:
    return item.visit.start <= setting.now + TOLD_AHEAD


def _contacts_unread(chart: Chart) -> bool:
    return "contacts" in chart.unread or any(item.name == "contacts" for item in chart.broken)


def _messages(
    vacancies: Sequence[Vacancy], setting: Setting
) -> tuple[tuple[Message, ...], tuple[Untold, ...], tuple[Chart, ...]]:
    """A text for each of the staff who come, and of the visits to come soon one for each contact who should know."""
    coming = [item for item in vacancies if not item.begun]
    messages = _to_staff([(item.chart, item.then, item.was) for item in coming], setting)
    untold: list[Untold] = []
    silent: list[Chart] = []
    for chart in {item.chart.id: item.chart for item in coming if _is_soon(item, setting)}.values():
        own = [item for item in coming if item.chart is chart and _is_soon(item, setting)]
        told = False
        for contact in readers(chart, setting):
            answers = [notice(chart, item.then, contact, setting, item.was) for item in own]
            notices = [answer for answer in answers if isinstance(answer, Notice)]
            words = dict.fromkeys(answer.words for answer in answers if isinstance(answer, NotShared))
            untold += [Untold(contact, chart, said) for said in words]
            if notices:
                told = True
                messages.append(
                    Message(contact.id, contact.name, contact.phone, contact.relationship, chart,
                            notices[0].language, joined(notices), _remarks(notices))
                )  # fmt: skip
        silent += [] if told else [chart]
    return tuple(messages), tuple(untold), tuple(silent)


def readers(chart: Chart, setting: Setting) -> list[Contact]:
    """The contacts who should know of a change: those who want a call about such things.

    If none of them may be told of the schedule, also the first in the order of calls who may, unless it is an office.
    """
    today = setting.today_at(chart)
    asked = [one for one in chart.contacts if any(covered_by(one, kind) for kind in CALLED_ABOUT)]
    if any("schedule" in live_topics(one, today) for one in asked):
        return asked
    live = [one for one in chart.contacts if one.organization is None and "schedule" in live_topics(one, today)]
    return [*asked, *live[:1]]


def _to_staff(
    visits: Sequence[tuple[Chart, Occurrence, Due | None]], setting: Setting, partners: Sequence[Chart] = ()
) -> list[Message]:
    """One text for each of the staff who are down for some visits."""
    found: dict[str, list[Notice]] = {}
    for chart, visit, was in visits:
        for person in visit.staff:
            answer = notice_to_staff(chart, visit, person, setting, was, partners)
            if isinstance(answer, Notice):
                found.setdefault(person, []).append(answer)
    messages = []
    for person, notices in found.items():
        member = setting.staff.get(person)
        name, phone = (member.name.full, member.phone) if member else (person, None)
        text = joined(notices)
        messages.append(Message(person, name, phone, None, None, notices[0].language, text, _remarks(notices)))
    return messages


def _remarks(notices: Sequence[Notice]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(remark for item in notices for remark in item.remarks))


# --- the client is away ----------------------------------------------------------------------------------------------


def suspension(
    chart: Chart, found: Sequence[Occurrence], setting: Setting, partners: Sequence[Chart] = ()
) -> Suspension:
    """Those of some visits that do not take place because the client is away, and a text for each of their staff.

    `partners` are the charts of those who are seen in the same visits, to whom the staff may still have to go.
    """
    off = tuple(visit for visit in found if visit.suspended == "away")
    ahead = [(chart, visit, None) for visit in off if visit.end > setting.now]
    return Suspension(off, tuple(_to_staff(ahead, setting, partners)))


def back(
    before: Sequence[Occurrence], after: Sequence[Occurrence], setting: Setting, person: str | None = None
) -> list[Occurrence]:
    """The visits to come that a shorter absence gives back: a client's take place again, a person's are theirs."""
    off = {item.id for item in before if (person in item.opened if person else item.suspended == "away")}
    return [
        item for item in after
        if item.id in off and item.end > setting.now
        and (person in item.staff if person else item.suspended is None)
    ]  # fmt: skip

"""What the events of somebody else's calendar mean: appointments, each at its instant, and why some are none.

Repeating events are unfolded here, with the rules of whole days that `recurrence` knows; what goes beyond them (several
times a day, a change of this and all later occurrences) is not guessed at. Where calendar programs do not agree, the
reading that leaves nobody out is taken, and that is said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from carectl.care.recurrence import rrule_days
from carectl.errors import Refused

Reach = Callable[[str], tuple[dt.date, dt.date]]
"""From which day until which one, both included, the occurrences of a repeating event (by its UID) are wanted."""

_DAY: Final = dt.timedelta(days=1)
_MINUTE: Final = dt.timedelta(minutes=1)
_NO_TIME: Final = dt.timedelta()
_MOST_DAYS: Final = 300_000
"""How many days the rules of one file may have to be asked about: a second."""
_MOST_OCCURRENCES: Final = 10_000
_TOO_MANY: Final = "the events in this file repeat too often, or since too long ago, for a client's calendar"
_LONG_AGO: Final = 50 * 366
"""Over how many days the occurrences of a rule with COUNT are counted."""
_CALLED_OFF: Final = re.compile(r"\W*cancel+ed\b", re.IGNORECASE)
_NO_YEAR: Final = "it lies outside of the years that a calendar knows"
_TOO_OLD: Final = "its rule counts occurrences from more than 50 years ago"
_TWICE: Final = "it is there twice, and differs: which one holds cannot be told"


class Stamp(NamedTuple):
    """A day and time as a calendar writes it."""

    wall: dt.datetime
    """What the clock on the wall shows, without a zone; midnight for a whole day."""
    zone: dt.tzinfo | None = None
    """None: none is named."""
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a file: a single one, a repeating one, or what became of one occurrence of a repeating one."""

    line: int
    """Where in the file it begins."""
    uid: str
    start: Stamp
    end: Stamp | None = None
    length: dt.timedelta | None = None
    """Instead of `end`, as elapsed time."""
    rule: str | None = None
    """How it repeats: an RRULE that `recurrence` can use."""
    count: int | None = None
    until: Stamp | None = None
    also: tuple[Stamp, ...] = ()
    """RDATE: further starts."""
    left_out: tuple[Stamp, ...] = ()
    """EXDATE: starts on which it does not happen."""
    instead_of: Stamp | None = None
    """RECURRENCE-ID: the start of the occurrence that this stands for."""
    cancelled: bool = False
    private: bool = False
    title: str = ""
    place: str = ""

    @property
    def repeats(self) -> bool:
        """Whether it can have several occurrences."""
        return self.rule is not None or bool(self.also)


class NotTaken(NamedTuple):
    """An event that becomes no visit, and why."""

    line: int
    why: str
    uid: str | None = None
    """None if even that cannot be told."""
    day: dt.date | None = None
    """The day that is concerned, if it is one and can be told."""
    title: str = ""
    by_hand: bool = False
    """Whether a person can add it as a visit, who knows what is missing."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A calendar file, as far as it could be read."""

    events: tuple[Event, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()
    zone: dt.tzinfo | None = None
    """The zone that the calendar names for times without one (X-WR-TIMEZONE)."""
    partial: bool = False
    """A message about single events: nothing follows from those that it does not hold."""


class Appointment(NamedTuple):
    """One occurrence of an event."""

    uid: str
    recurrence: str | None
    """Which occurrence of a repeating event: the day in its own calendar on which it was due (with the time, if it was
    due several times on that day). So it stays the same one when the hour of all of them changes."""
    start: dt.datetime
    """Aware, in the client's zone, in whole minutes."""
    end: dt.datetime
    title: str
    place: str
    private: bool
    cancelled: bool
    line: int
    doubts: tuple[str, ...] = ()
    """What somebody should know about how it was understood."""


class Unfolded(NamedTuple):
    """What a file means."""

    appointments: tuple[Appointment, ...]
    not_taken: tuple[NotTaken, ...]


def unfold(incoming: Incoming, home: dt.tzinfo, reach: Reach, length: dt.timedelta | None = None) -> Unfolded:
    """Every single event, and the occurrences within reach of the repeating ones, in the client's zone `home`.

    Times without a zone are in the calendar's own, else in the client's. `length` is that of events that name none. An
    event of whose UID anything could not be read gives no appointment at all. Raises Refused if rules would keep
    carectl busy for long.
    """
    return _Unfolding(incoming, home, length).unfold(reach)


class _TooOldError(OverflowError):
    """The occurrences of a rule began too long ago to be counted."""


class _Unfolding:
    def __init__(self, incoming: Incoming, home: dt.tzinfo, length: dt.timedelta | None) -> None:
        self.incoming, self.home, self.length = incoming, home, length
        self.zone = incoming.zone or home
        self.asked = 0
        """How many days rules were asked about."""

    def unfold(self, reach: Reach) -> Unfolded:
        by_uid: dict[str, list[Event]] = {}
        for event in self.incoming.events:
            by_uid.setdefault(event.uid, []).append(event)
        lost = {item.uid for item in self.incoming.not_taken}
        appointments: list[Appointment] = []
        not_taken = list(self.incoming.not_taken)
        met = 0
        for uid, events in by_uid.items():
            if uid in lost:
                continue
            events = list({replace(event, line=0): event for event in reversed(events)}.values())[::-1]
            try:
                if len({self.stands_for(event) for event in events}) < len(events):
                    not_taken.append(NotTaken(events[-1].line, _TWICE, uid, _day_of(events), events[-1].title))
                    continue
                found = list(self.of_one(events, *reach(uid)))
            except OverflowError as problem:
                why = _TOO_OLD if isinstance(problem, _TooOldError) else _NO_YEAR
                not_taken.append(NotTaken(events[0].line, why, uid, None, events[0].title))
                continue
            if (met := met + len(found)) > _MOST_OCCURRENCES:
                raise Refused(_TOO_MANY)
            appointments += (item for item in found if isinstance(item, Appointment))
            not_taken += (item for item in found if isinstance(item, NotTaken))
        return Unfolded(tuple(appointments), tuple(not_taken))

    def of_one(self, events: Sequence[Event], first: dt.date, last: dt.date) -> Iterator[Appointment | NotTaken]:
        """The occurrences of one UID. Raises OverflowError."""
        master = next((event for event in events if event.instead_of is None), None)
        zone = self.zone_of((master or events[0]).start)
        changed = [(self.wall(event.instead_of, zone), event) for event in events if event.instead_of]
        changed.sort(key=lambda entry: entry[0])
        due: dict[dt.datetime, str | None] = {}
        if master is not None and not master.repeats:
            due = {master.start.wall: None}
        elif master is not None:
            # Those that are different are looked for wherever they were due: their names must not depend on the window.
            due = _named(self.due(master, first, last, {wall.date() for wall, _ in changed}))
        taken = set(due.values())
        for wall, event in changed:
            whole = event.instead_of is not None and event.instead_of.whole_day
            same = [one for one in due if (one.date() == wall.date() if whole else one == wall)]
            name = due.pop(same[0]) if same else None
            doubts: tuple[str, ...] = ()
            if name is None:
                near = next((one for one in due if one.date() == wall.date()), None)
                if near is not None:
                    why = f"it changes an occurrence at {wall:%H:%M}, but on {wall.date()} it is at {near:%H:%M}"
                    doubts = (f"line {event.line}: {why}: both are taken, so ask which holds.",)
                name = next((name for name in (str(wall.date()), _moment(wall)) if name not in taken), None)
                if name is None:
                    yield NotTaken(event.line, _TWICE, event.uid, event.start.wall.date(), event.title)
                    continue
                taken.add(name)
            yield self.appointment(event, event.start.wall, name, doubts)
        if master is None:
            return
        doubts = self.doubts(master, due)
        for wall, name in due.items():
            yield self.appointment(master, wall, name, doubts)

    # --- when it repeats

    def due(self, event: Event, first: dt.date, last: dt.date, more: Set[dt.date]) -> list[dt.datetime]:
        """The starts of a repeating event within reach and on some more days, by the clocks of its own zone."""

        def wanted(day: dt.date) -> bool:
            return first <= day <= last or day in more

        anchor, zone = event.start.wall, self.zone_of(event.start)
        starts = {self.wall(stamp, zone) for stamp in event.also}
        # Whatever the rule says, the first start is an occurrence: RFC 5545, 3.8.5.3.
        starts.add(anchor)
        if event.rule is not None:
            if event.count is not None:
                days = set(self.days(event, min([first, *more]), max([last, *more])))
            else:
                days = set(self.days(event, first, last))
                days |= {day for other in more for day in self.days(event, other, other)}
            starts |= {dt.datetime.combine(day, anchor.time()) for day in days}
        out = {self.wall(stamp, zone) for stamp in event.left_out if not stamp.whole_day}
        days_out = {stamp.wall.date() for stamp in event.left_out if stamp.whole_day}
        return sorted(
            wall for wall in starts if wanted(wall.date()) and wall not in out and wall.date() not in days_out
        )

    def days(self, event: Event, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The days that the rule of an event brings within reach."""
        anchor = event.start.wall.date()
        if event.until is not None:
            # The last start counts if it is not after UNTIL; a day alone counts whole.
            until = self.wall(event.until, self.zone_of(event.start))
            late = not event.until.whole_day and until.time() < event.start.wall.time()
            last = min(last, until.date() - _DAY if late else until.date())
        begin = anchor if event.count is not None else max(first, anchor)
        if event.count is not None and (last - anchor).days > _LONG_AGO:
            raise _TooOldError
        self.asked += max((last - begin).days, 0) + 1
        if self.asked > _MOST_DAYS:
            raise Refused(_TOO_MANY)
        for number, day in enumerate(rrule_days(event.rule or "", anchor, begin, last)):
            if event.count is not None and number >= event.count:
                return
            if day >= first:
                yield day

    def wall(self, stamp: Stamp, zone: dt.tzinfo) -> dt.datetime:
        """What the clocks of an event's zone show at a moment that may be written in another one, or in none."""
        return stamp.wall if stamp.zone is None else self.instant(stamp).astimezone(zone).replace(tzinfo=None)

    # --- one occurrence

    def appointment(
        self, event: Event, wall: dt.datetime, name: str | None, doubts: tuple[str, ...]
    ) -> Appointment | NotTaken:
        """The occurrence of an event that starts at this time on the wall."""

        def none(why: str, *, by_hand: bool = False, day: dt.date | None = None) -> NotTaken:
            return NotTaken(event.line, why, event.uid, day or wall.date(), event.title, by_hand)

        if event.start.whole_day:
            return none("all day: a visit has its hours", by_hand=True)
        if event.end is not None and event.end.whole_day:
            return none("it ends on a day without an hour", by_hand=True)
        try:
            start = self.instant(event.start._replace(wall=wall))
            end = start + (event.length or _NO_TIME)
            if event.end is not None:
                end = self.instant(event.end._replace(wall=event.end.wall + (wall - event.start.wall)))
            if end == start:
                if self.length is None:
                    return none("it does not say how long it takes: --duration LENGTH says it for all of these")
                end += self.length
            # Visits have whole minutes: one that ends at 14:59:59 ends at 15:00.
            here = start.replace(second=0).astimezone(self.home)
            there = (end + (_MINUTE - dt.timedelta(seconds=end.second)) % _MINUTE).astimezone(self.home)
        except OverflowError:
            return none(_NO_YEAR)
        if end < start:
            return none("it ends before it starts")
        if end - start >= _DAY:
            return none("it takes a day or longer: a visit has its hours", by_hand=True, day=here.date())
        if here.fold:
            why = "it begins in the hour that the clocks show twice, in the second one, which a visit cannot say"
            return none(why, by_hand=True, day=here.date())
        if event.start.zone is None:
            doubts = (*doubts, _floating(self.zone))
        if _CALLED_OFF.match(event.title) and not event.cancelled:
            why = "its title says that it is cancelled, but its calendar does not: ask."
            doubts = (*doubts, f"line {event.line}: {why}")
        return Appointment(
            event.uid, name, here, there, event.title, event.place, event.private, event.cancelled, event.line, doubts
        )

    def doubts(self, event: Event, due: dict[dt.datetime, str | None]) -> tuple[str, ...]:
        """What is to be said about how a repeating event was understood."""
        found = []
        if event.rule is not None and event.until is not None and event.until.whole_day and not event.start.whole_day:
            found.append("it repeats until a day without an hour: that day counts here, elsewhere it may not.")
        if event.rule is not None:
            first = event.start.wall.date()
            if first not in rrule_days(event.rule, first, first, first):
                found.append("its first day is none that its rule gives: it counts here, elsewhere it may not.")
        if event.start.zone is dt.UTC:
            hours = {self.instant(event.start._replace(wall=wall)).astimezone(self.home).utcoffset() for wall in due}
            if len(hours) > 1:
                found.append("it repeats by UTC, so that its hour changes with the clocks: ask whether that is meant.")
        return tuple(f"line {event.line}: {text}" for text in found)

    def stands_for(self, event: Event) -> dt.datetime | None:
        """Which occurrence an event is about, in whatever form that is written; None for the event itself."""
        stamp = event.instead_of
        return None if stamp is None else stamp.wall if stamp.whole_day else self.instant(stamp)

    def zone_of(self, stamp: Stamp) -> dt.tzinfo:
        return stamp.zone or self.zone

    def instant(self, stamp: Stamp) -> dt.datetime:
        """In UTC: a time in a missing hour moves forward, one in a doubled hour is the first. Raises OverflowError."""
        return stamp.wall.replace(tzinfo=self.zone_of(stamp)).astimezone(dt.UTC)


def _named(walls: Sequence[dt.datetime]) -> dict[dt.datetime, str | None]:
    """The starts of a repeating event, each with the name by which it is known again."""
    names: dict[dt.datetime, str | None] = {}
    days: set[dt.date] = set()
    for wall in walls:
        names[wall] = _moment(wall) if wall.date() in days else str(wall.date())
        days.add(wall.date())
    return names


def _moment(wall: dt.datetime) -> str:
    return wall.isoformat(timespec="minutes")


def _day_of(events: Sequence[Event]) -> dt.date | None:
    """The one day of some events, if it is one."""
    days = {event.start.wall.date() for event in events}
    return days.pop() if len(days) == 1 and not any(event.repeats for event in events) else None


def _floating(zone: dt.tzinfo) -> str:
    return f"Times without a time zone are taken as those of {getattr(zone, 'key', 'the client')}."

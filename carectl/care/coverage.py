"""Who can take a visit, and what speaks against it: work begun or left, absences, hours, skills, papers, other visits
and the way from one to the next.

Everything here is about occurrences that are placed already, of one chart or of all. An answer is data with its words:
the check reports it, and whoever looks for someone else reads it. What a staff file does not say speaks against nobody;
of what could not be read in one nothing is concluded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, Literal, NamedTuple, TypeVar

from carectl.care.moments import WEEKDAYS, end_of, is_moment, moment_of, resolve, start_of, time_of
from carectl.care.schedule import Occurrence
from carectl.care.travel import NO_TIME, Place, Ways, elsewhere, home
from carectl.caseload.records import Away, Chart, Series, StaffMember, Visit
from carectl.findings import Spot

Why = Literal["employment", "away", "availability", "skill", "credential", "hours", "busy", "travel"]
"""What speaks against someone, in the order in which it is said."""
T = TypeVar("T")

_DAY: Final = dt.timedelta(days=1)
_WEEK: Final = dt.timedelta(days=8)
"""More than lies between any moment and the edges of its week, in any zone."""
_UPCOMING: Final = ("planned", "confirmed")
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


class Reason(NamedTuple):
    """One thing that speaks against a person."""

    why: Why
    words: str
    """What follows the person's name: "is away from 2026-12-24 to 2026-12-27". Nothing private, no client's name."""
    detail: str = ""
    """The skill or the kind of credential."""


# --- whose turn it is: bookings --------------------------------------------------------------------------------------


class Post(NamedTuple):
    """One person's place in one series or visit record. All its bookings share it."""

    staff: str
    client: str
    record: str
    """The id of the series, or of the visit record if it says who comes or when."""
    once: bool
    """Whether it is a single visit."""
    service: str
    together: frozenset[str]
    """Other clients who are seen in the same visit."""
    spot: Spot
    """Where the person is named, or else where the record begins."""
    zone: dt.tzinfo
    """The client's."""
    place: Place | None = None
    """Where it is, if somebody asks how long the way takes and it could be read."""


Sort = Literal["due", "done", "was"]


class Booking(NamedTuple):
    """A time for which somebody is down, or at which somebody was there."""

    post: Post
    id: str
    """The visit's id."""
    day: dt.date
    """The client's day on which it starts."""
    start: dt.datetime
    end: dt.datetime
    """In UTC."""
    sort: Sort
    """Planned and still to come; as it was planned, and delivered; or as it really was, from coming to leaving."""


def changes(visit: Visit, series: Series) -> bool:
    """Whether the record of a visit says anything else than its series of who comes, or of when."""
    return (
        (visit.staff is not None and team(visit.staff) != team(series.staff))
        or (visit.with_ is not None and visit.with_ != series.with_)
        or (visit.date is not None and visit.date != visit.day)
        or (visit.at is not None and time_of(visit.at) != time_of(series.at))
        or ((visit.duration or visit.to) is not None and (visit.duration, visit.to) != (series.duration, series.to))
        or (visit.needs != () and visit.needs != series.needs)
    )


def record_of(occurrence: Occurrence) -> Series | Visit | None:
    """The record that a conflict is laid to: the visit's if it says who comes or when, else the series."""
    visit, rule = occurrence.visit, occurrence.rule
    if rule is None or (visit is not None and changes(visit, rule)):
        return visit
    return rule


def needs_of(occurrence: Occurrence) -> tuple[str, ...]:
    """The skills that whoever comes must have."""
    visit, rule = occurrence.visit, occurrence.rule
    return (visit.needs if visit else ()) or (rule.needs if rule else ())


def team(staff: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Who is named in `staff`, each once."""
    return () if staff is None else (staff,) if isinstance(staff, str) else tuple(dict.fromkeys(staff))


def named_at(record: Series | Visit | None, person: str) -> Spot:
    """Where a record names a person; where it begins if it names nobody."""
    if record is None:
        return Spot("")
    if isinstance(record.staff, tuple) and person in record.staff:
        return record.origin.at("staff", record.staff.index(person))
    return record.origin.at("staff")


def bookings(occurrences: Iterable[Occurrence], at: Place | None = None) -> list[Booking]:
    """The bookings that occurrences mean, by their planned times: those that are due, and those that were delivered.

    `at` is the home of the client whose visits they are; without it the way there is taken for no time.
    """
    return booked_in(((*instants(item), item) for item in occurrences), at)


def booked_in(timed: Iterable[tuple[dt.datetime, dt.datetime, Occurrence]], at: Place | None = None) -> list[Booking]:
    """The bookings of occurrences whose instants are known."""
    posts: dict[tuple[int, int, tuple[str, ...]], list[Post]] = {}
    found: list[Booking] = []
    for start, end, item in timed:
        sort: Sort = "done" if item.status == "done" else "due"
        if not item.staff or (sort == "due" and item.status not in _UPCOMING):
            continue
        key = (id(item.visit), id(item.rule), item.staff)
        if key not in posts:
            posts[key] = _posts(item, at)
        found += [Booking(post, item.id, item.day, start, end, sort) for post in posts[key]]
    return found


def _posts(item: Occurrence, at: Place | None) -> list[Post]:
    record = record_of(item)
    together = frozenset(together_of(item))
    name, once = (record.id, not isinstance(record, Series)) if record else (item.id, True)
    zone, place = item.start.tzinfo or dt.UTC, place_of(item, at)
    return [
        Post(person, item.client, name, once, item.service, together, named_at(record, person), zone, place)
        for person in dict.fromkeys(item.staff)
    ]


def together_of(item: Occurrence) -> tuple[str, ...]:
    """Other clients who are seen in the same visit."""
    sources = (item.visit, item.rule)
    return tuple(dict.fromkeys(name for source in sources if source is not None for name in source.together))


def place_of(item: Occurrence, at: Place | None) -> Place | None:
    """Where a visit is: at the client's home, unless it says where else."""
    return elsewhere(item.where) if item.where and at is not None else at


def instants(item: Occurrence) -> tuple[dt.datetime, dt.datetime]:
    """Start and end of an occurrence in UTC."""
    start, end = item.start, item.end
    offset = _even_offset(start.tzinfo, item.day) if start.tzinfo else None
    if offset is None or end - start > _DAY:
        return start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    begins = dt.datetime.combine(start.date(), start.time(), dt.UTC) - offset
    return begins, begins + (end - start)


@lru_cache(maxsize=1024)
def is_even(zone: dt.tzinfo, first: dt.date, last: dt.date) -> bool:
    """Whether the clocks of a zone do not change from the day before a day until three days after another."""
    return all(_even_offset(zone, first + n * _DAY) is not None for n in range((last - first).days + 1))


@lru_cache(maxsize=8192)
def _even_offset(zone: dt.tzinfo, day: dt.date) -> dt.timedelta | None:
    """The offset from UTC if the clocks do not change from the day before until three days later, else None."""
    try:
        offsets = {dt.datetime.combine(day + n * _DAY, dt.time(), tzinfo=zone).utcoffset() for n in range(-1, 4)}
    except OverflowError:
        return None
    return offsets.pop() if len(offsets) == 1 else None


def attendances(visits: Iterable[Visit], series: Mapping[str, Series], client: str, zone: dt.tzinfo) -> list[Booking]:
    """When somebody really was there: of delivered visits, where it is written down beyond doubt."""
    found = []
    for visit in visits:
        day = visit.date or visit.day
        actual = visit.actual
        if visit.status != "done" or day is None or actual is None or actual.in_ is None or actual.out is None:
            continue
        came, left = _instant(day, actual.in_, zone), _instant(day, actual.out, zone)
        if came is None or left is None or left <= came:
            continue
        rule = series.get(visit.series or "")
        together = frozenset(visit.together + (rule.together if rule else ()))
        service = visit.service or (rule.service if rule else "")
        for person in team(visit.staff if visit.staff is not None or rule is None else rule.staff):
            post = Post(person, client, visit.id, True, service, together, named_at(visit, person), zone)
            found.append(Booking(post, visit.id, day, came, left, "was"))
    return found


_time = lru_cache(maxsize=2048)(time_of)


def _instant(day: dt.date, text: str, zone: dt.tzinfo) -> dt.datetime | None:
    """The instant of a time of a day or of a moment, or None if the clocks show it twice or no calendar knows it."""
    if not is_moment(text):
        offset = _even_offset(zone, day)
        if offset is not None:
            return dt.datetime.combine(day, _time(text), dt.UTC) - offset
    try:
        moment = moment_of(text, zone) if is_moment(text) else resolve(day, time_of(text), zone)
        clock = text.partition("T")[2]
        said = clock.endswith("Z") or "+" in clock or "-" in clock
        before, after = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
        if not said and before is not None and after is not None and before > after:
            return None
        return moment.astimezone(dt.UTC)
    except OverflowError:
        return None


# --- two at a time ---------------------------------------------------------------------------------------------------


def overlapping(items: Iterable[tuple[dt.datetime, dt.datetime, T]]) -> Iterator[tuple[T, T]]:
    """Every pair that overlaps, of what comes sorted by its start: the earlier one first, in the order of the later."""
    latest = _LONG_AGO
    going: list[tuple[dt.datetime, T]] = []
    for start, end, item in items:
        if start >= latest:
            going.clear()
            latest = end
        else:
            going = [entry for entry in going if entry[0] > start]
            for _, other in going:
                yield other, item
            latest = max(latest, end)
        going.append((end, item))


_BY_TIME: Final = attrgetter("start", "end")


class Clash(NamedTuple):
    """Two bookings that one person cannot both keep."""

    here: Booking
    """The one that stands later in the files."""
    there: Booking
    past: bool
    """Whether both were delivered, and the times are those at which the person really came and left."""


def clashes(booked: Sequence[Booking], today: dt.date) -> list[Clash]:
    """Where one person would be, or was, in two places at once: one for each pair of series or visits, the first."""
    booked = sorted(booked, key=_BY_TIME)
    coming = [(b.start, b.end, b) for b in booked if b.sort == "due" and b.day >= today]
    gone = [(b.start, b.end, b) for b in booked if b.sort == "was"]
    found: dict[tuple[object, ...], Clash] = {}
    for past, times in ((False, coming), (True, gone)):
        for one, other in overlapping(times):
            if is_excused(one.post, other.post, past=past) or (one.post.client, one.id) == (
                other.post.client,
                other.id,
            ):
                continue
            there, here = sorted((one, other), key=_place)
            keys = tuple((b.post.client, b.post.record, b.post.once) for b in (here, there))
            found.setdefault((past, *keys), Clash(here, there, past))
    return list(found.values())


def is_excused(one: Post, other: Post, *, past: bool) -> bool:
    """Whether a person may be down for both at once: a couple, or what is said already of a client's own visits."""
    if one.client == other.client:
        return not past and "supervision" not in (one.service, other.service)
    return other.client in one.together or one.client in other.together


class Hurry(NamedTuple):
    """Two bookings of one person, and less time between them than the way takes."""

    before: Booking
    after: Booking
    way: dt.timedelta


def hurries(booked: Sequence[Booking], today: dt.date, ways: Ways) -> list[Hurry]:
    """Where one person cannot be in time for the next visit: one for each pair of series or visits, the first."""
    found: dict[frozenset[tuple[object, ...]], Hurry] = {}
    before: Booking | None = None
    for after in sorted((b for b in booked if b.sort == "due" and b.day >= today), key=_BY_TIME):
        if before is not None and before.end <= after.start:
            way = way_between(ways, before.post, after.post)
            if after.start - before.end < way:
                keys = frozenset((b.post.client, b.post.record, b.post.once) for b in (before, after))
                found.setdefault(keys, Hurry(before, after, way))
        # Of two at a time the person leaves the one that goes on longer; that they are two is said already.
        if before is None or after.end >= before.end:
            before = after
    return list(found.values())


def way_between(ways: Ways, one: Post, other: Post) -> dt.timedelta:
    """How long the way from one visit to another takes: none between two of one client, or of a couple."""
    if one.client == other.client or other.client in one.together or one.client in other.together:
        return NO_TIME
    return ways.between(one.place, other.place)


def _place(booking: Booking) -> tuple[object, ...]:
    return (*place(booking.post.spot), booking.post.once, booking.id)


def place(spot: Spot) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The order of spots in the files: by path, then by line where a list's place tells it (series before visits)."""
    return spot.path, tuple((key, "") if isinstance(key, int) else (-1, key) for key in spot.keys)


# --- hours of a week -------------------------------------------------------------------------------------------------


def monday_of(day: dt.date) -> dt.date:
    """The Monday of a day's week."""
    return day - dt.timedelta(day.weekday())


def weekly_hours(booked: Iterable[Booking], zone: dt.tzinfo) -> dict[dt.date, dt.timedelta]:
    """The planned time of one person's bookings by the Monday of the week, in the practice's zone.

    What overlaps counts once, as a couple's visit does; what goes on past Sunday's midnight counts to both weeks.
    """
    found: dict[dt.date, dt.timedelta] = {}
    monday, over = dt.date.min, _LONG_AGO
    reached = _LONG_AGO
    for start, end in sorted((b.start, b.end) for b in booked if b.sort != "was"):
        begin, reached = max(start, reached), max(end, reached)
        while begin < end:
            if begin >= over:
                monday = monday_of(begin.astimezone(zone).date())
                over = _week_after(monday, zone)
            stop = min(end, over)
            found[monday] = found.get(monday, NO_TIME) + (stop - begin)
            begin = stop
    return found


@lru_cache(maxsize=512)
def _week_after(monday: dt.date, zone: dt.tzinfo) -> dt.datetime:
    try:
        return resolve(monday + 7 * _DAY, dt.time(), zone).astimezone(dt.UTC)
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=dt.UTC)


class Overload(NamedTuple):
    """The first week in which somebody is down for more hours than they work."""

    monday: dt.date
    hours: dt.timedelta
    weeks: int
    """In how many weeks it is so."""


def overload(member: StaffMember, booked: Iterable[Booking], zone: dt.tzinfo, today: dt.date) -> Overload | None:
    """Whether somebody is down for more hours than they work, this week or in one to come."""
    limit = limit_of(member)
    if limit is None:
        return None
    this = monday_of(today)
    over = {monday: hours for monday, hours in weekly_hours(booked, zone).items() if monday >= this and hours > limit}
    return Overload(min(over), over[min(over)], len(over)) if over else None


def limit_of(member: StaffMember) -> dt.timedelta | None:
    """The most hours that somebody works in a week."""
    most = member.max_hours_per_week
    return None if most is None or "max_hours_per_week" in member.origin.unread else dt.timedelta(hours=float(most))


def length(time: dt.timedelta) -> str:
    """A length as the files write it."""
    minutes = int(time.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest:02}m" if hours and rest else f"{hours}h" if hours or not rest else f"{rest}m"


# --- one person ------------------------------------------------------------------------------------------------------


def is_known(member: StaffMember) -> bool:
    """Whether it was read when a person is away: otherwise nothing can be said of when they come."""
    return "away" not in member.origin.unread and not any(
        item.origin.unread & {"from_", "until"} for item in member.away
    )


class Person:
    """One staff member, of whom is asked whether they can take a visit. What is worked out once is kept."""

    def __init__(self, member: StaffMember, zone: dt.tzinfo) -> None:
        """`zone` is the practice's."""
        self.member, self.zone = member, zone
        self._hours: dict[tuple[int, int, dt.timedelta], bool] = {}
        self._papers: dict[dt.date, tuple[Reason, ...]] = {}

    def employment(self, day: dt.date) -> Reason | None:
        """Whether the person does not work here on a day."""
        employed = self.member.employed
        if employed is None or "employed" in self.member.origin.unread:
            return None
        if employed.until is not None and employed.until < employed.from_:
            return None  # One of the two is wrong, and that is said of the staff file.
        if day < employed.from_:
            return Reason("employment", f"works here from {employed.from_} only")
        if employed.until is not None and day > employed.until:
            return Reason("employment", f"works here until {employed.until} only")
        return None

    def absence(self, start: dt.datetime, end: dt.datetime) -> Reason | None:
        """Whether the person is away when a visit is to be: days count by its start, moments by all of it."""
        for away in self.member.away:
            if "until" not in away.origin.unread and self._is_away(away, start, end):
                return Reason("away", away_words(away))
        return None

    def _is_away(self, away: Away, start: dt.datetime, end: dt.datetime) -> bool:
        until = away.until or "9999-12-31"
        first, last = start_of(away.from_, self.zone).astimezone(dt.UTC), end_of(until, self.zone).astimezone(dt.UTC)
        if is_moment(away.from_) or is_moment(until):
            return start < last and first < end
        return first <= start < last

    def availability(self, start: dt.datetime, end: dt.datetime) -> Reason | None:
        """Whether a visit lies outside of the hours in which the person works."""
        windows = self.member.availability
        if not windows or "availability" in self.member.origin.unread or not all(item.days for item in windows):
            return None
        local = start
        if start.tzinfo is not self.zone:
            start, end = start.astimezone(self.zone), end.astimezone(self.zone)
        if self._works(start, end):
            return None
        words = f"is not available on {_WEEKDAYS[start.weekday()]}s from {_clock(start, end)}"
        same = local.replace(tzinfo=None) == start.replace(tzinfo=None)
        return Reason("availability", words if same else f"{words} by the practice's clock")

    def _works(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether the person works from start to end, both in the practice's zone."""
        day, spent = start.date(), end - start
        if spent > _DAY or _even_offset(self.zone, day) is None:
            return self._covers(day, start.astimezone(dt.UTC), end.astimezone(dt.UTC), self._instant)
        # While the clocks do not change, every week is like the other, and wall times tell as much as instants.
        key = (start.weekday(), start.hour * 60 + start.minute, spent)
        answer = self._hours.get(key)
        if answer is None:
            wall = start.replace(tzinfo=None), end.replace(tzinfo=None)
            answer = self._hours[key] = self._covers(day, *wall, dt.datetime.combine)
        return answer

    def _instant(self, day: dt.date, time: dt.time) -> dt.datetime:
        return resolve(day, time, self.zone).astimezone(dt.UTC)

    def _covers(
        self, day: dt.date, start: dt.datetime, end: dt.datetime, at_time: Callable[[dt.date, dt.time], dt.datetime]
    ) -> bool:
        """Whether the hours in which the person works cover all of a stretch: one window, or several that join.

        `at_time` makes of a day and a time what start and end are.
        """
        windows = []
        try:
            for number in range(-1, (end - start).days + 3):
                at = day + number * _DAY
                for hours in self.member.availability:
                    if at.weekday() in {WEEKDAYS[name] for name in hours.days}:
                        opens, closes = time_of(hours.from_), time_of(hours.to)
                        until = at if closes > opens else at + _DAY
                        windows.append((at_time(at, opens), at_time(until, closes)))
        except OverflowError:
            return True  # At the edge of the calendar nothing is certain.
        for begin, finish in sorted(windows):
            if begin <= start < finish:
                start = finish
        return start >= end

    def skills(self, needs: Iterable[str]) -> tuple[Reason, ...]:
        """Each skill that is needed and that the person has not."""
        if "skills" in self.member.origin.unread:
            return ()
        return tuple(
            Reason("skill", f"does not have the skill {need}", need)
            for need in dict.fromkeys(needs)
            if need not in self.member.skills
        )

    def credentials(self, day: dt.date) -> tuple[Reason, ...]:
        """Each kind of licence or certificate of which the latest has lapsed by a day."""
        known = self._papers.get(day)
        if known is None:
            known = self._papers[day] = tuple(self._lapsed(day))
        return known

    def papers_hold(self, first: dt.date, last: dt.date) -> bool:
        """Whether no licence or certificate of the person lapses, and none is issued, from one day to another."""
        issued = (item.issued for item in self.member.credentials)
        return not self.credentials(last) and not any(day is not None and first < day <= last for day in issued)

    def _lapsed(self, day: dt.date) -> Iterator[Reason]:
        if "credentials" in self.member.origin.unread:
            return
        latest: dict[str, tuple[dt.date, dt.date]] = {}
        for item in self.member.credentials:
            issued, expires = item.issued, item.expires or dt.date.max
            if item.origin.unread or (issued is not None and expires < issued):
                expires = issued = dt.date.max  # What is not known, or wrong, speaks against nobody.
            elif issued is not None and issued > day:
                continue
            stamp = (issued or expires, expires)
            latest[item.kind] = max(latest.get(item.kind, stamp), stamp)
        for kind, (_, expires) in latest.items():
            if expires < day:
                yield Reason("credential", f"has a {kind} that was valid until {expires}", kind)

    def hours(self, weeks: Mapping[dt.date, dt.timedelta]) -> Reason | None:
        """Whether a week is too long for the person, of those that a visit would bring about (`weeks_with`)."""
        limit = limit_of(self.member)
        over = None if limit is None else min((day for day, hours in weeks.items() if hours > limit), default=None)
        if limit is None or over is None:
            return None
        return Reason("hours", f"would have {length(weeks[over])} in the week of {over}, and works {length(limit)}")

    def weeks_with(self, occurrence: Occurrence, booked: Iterable[Booking]) -> dict[dt.date, dt.timedelta]:
        """The person's hours in the weeks that a visit touches, if they took it."""
        mine = self._taking(occurrence)
        touched = weekly_hours([mine], self.zone)
        first, over = start_of(str(min(touched)), self.zone).astimezone(dt.UTC), _week_after(max(touched), self.zone)
        others = [b for b in booked if not _is_same(b, mine) and b.start < over and first < b.end]
        every = weekly_hours([*others, mine], self.zone)
        return {monday: every[monday] for monday in touched}

    def _taking(self, occurrence: Occurrence, at: Place | None = None) -> Booking:
        """The booking that it would be if the person took a visit."""
        return bookings([occurrence._replace(staff=(self.member.id,), status="planned")], at)[0]

    def busy(self, occurrence: Occurrence, booked: Iterable[Booking]) -> Reason | None:
        """Whether the person is with another client at that time."""
        mine = self._taking(occurrence)
        for other in booked:
            if _is_same(other, mine) or other.sort != "due":
                continue
            if other.start < mine.end and mine.start < other.end:
                couple = other.post.client in mine.post.together or mine.post.client in other.post.together
                if not couple:
                    return Reason("busy", f"is already at {whereabouts(other, mine.post.zone)}")
        return None

    def neighbours(
        self, occurrence: Occurrence, booked: Iterable[Booking], ways: Ways | None = None, at: Place | None = None
    ) -> tuple[Neighbour | None, Neighbour | None]:
        """Where the person is before and after a visit on its day, if anywhere. `at` is the home of its client."""
        mine = self._taking(occurrence, at)
        others = [b for b in booked if b.sort != "was" and not _is_same(b, mine)]
        before = max((b for b in others if b.end <= mine.start), key=lambda b: b.end, default=None)
        after = min((b for b in others if b.start >= mine.end), key=lambda b: b.start, default=None)
        return (
            self._neighbour(mine, before, before.end, mine.start, ways) if before else None,
            self._neighbour(mine, after, after.start, mine.end, ways) if after else None,
        )

    def _neighbour(
        self, mine: Booking, other: Booking, there: dt.datetime, here: dt.datetime, ways: Ways | None
    ) -> Neighbour | None:
        zone = mine.post.zone
        way = way_between(ways, other.post, mine.post) if ways is not None else NO_TIME
        moment = there.astimezone(zone)
        if moment.date() != here.astimezone(zone).date() and abs(here - there) >= way:
            return None
        return Neighbour(other.post.client, moment, way, abs(here - there) < way)


class Neighbour(NamedTuple):
    """Where somebody is before a visit, or after it."""

    client: str
    at: dt.datetime
    """Until when they are there before it, or from when on after it, in the zone of the visit's client."""
    way: dt.timedelta
    """How long the way takes; no time if nothing is known of it."""
    short: bool
    """Whether there is less time than that."""


def _is_same(one: Booking, other: Booking) -> bool:
    return (one.post.client, one.id) == (other.post.client, other.id)


_PEOPLE: Final[dict[int, Person]] = {}
_CROWD: Final = 1000


def person(member: StaffMember, zone: dt.tzinfo) -> Person:
    """A staff member to be asked about visits: the same one for every chart, as long as the same record is given."""
    known = _PEOPLE.get(id(member))
    if known is None or known.member is not member or known.zone is not zone:
        if len(_PEOPLE) >= _CROWD:
            _PEOPLE.clear()
        known = _PEOPLE[id(member)] = Person(member, zone)
    return known


def whereabouts(booking: Booking, zone: dt.tzinfo) -> str:
    """Where and when a booking is, in the zone of whoever is told: "c-007 from 09:00 to 11:00"."""
    return f"{booking.post.client} from {_clock(booking.start.astimezone(zone), booking.end.astimezone(zone))}"


def _clock(start: dt.datetime, end: dt.datetime) -> str:
    return f"{start:%H:%M} to {end:%H:%M}"


def away_words(away: Away) -> str:
    """How a time away is said."""
    if away.until is None:
        return f"is away from {away.from_} on"
    if away.until == away.from_:
        return f"is away on {away.from_}"
    return f"is away from {away.from_} to {away.until}"


# --- who could take it -----------------------------------------------------------------------------------------------


def reasons_against(
    who: Person,
    occurrence: Occurrence,
    booked: Iterable[Booking],
    needs: Sequence[str] | None = None,
    travel: Ways | None = None,
    at: Place | None = None,
) -> tuple[Reason, ...]:
    """Why somebody cannot take a visit, all of it; nothing: they can.

    `booked` are the person's own bookings around it, at every client; the visit itself among them does not count.
    `at` is the home of its client, if the ways count. Whoever does not work here then is asked nothing else.
    """
    booked, needs = list(booked), needs_of(occurrence) if needs is None else needs
    weeks = who.weeks_with(occurrence, booked)
    return _reasons(who, occurrence, booked, needs, weeks, who.neighbours(occurrence, booked, travel, at))


def _reasons(
    who: Person,
    occurrence: Occurrence,
    booked: Sequence[Booking],
    needs: Sequence[str],
    weeks: Mapping[dt.date, dt.timedelta],
    beside: tuple[Neighbour | None, Neighbour | None],
) -> tuple[Reason, ...]:
    if left := who.employment(occurrence.day):
        return (left,)
    found = [
        who.absence(occurrence.start.astimezone(dt.UTC), occurrence.end.astimezone(dt.UTC)),
        who.availability(occurrence.start, occurrence.end),
        *who.skills(needs),
        *who.credentials(occurrence.day),
        who.hours(weeks),
        who.busy(occurrence, booked),
    ]
    before, after = beside
    if before is not None and before.short:
        words = f"is at {before.client} until {before.at:%H:%M}, and the way takes {length(before.way)}"
        found.append(Reason("travel", words))
    if after is not None and after.short:
        words = f"must be at {after.client} at {after.at:%H:%M}, and the way takes {length(after.way)}"
        found.append(Reason("travel", words))
    return tuple(reason for reason in found if reason is not None)


class Candidate(NamedTuple):
    """Somebody who could take a visit, or why not."""

    staff: str
    against: tuple[Reason, ...]
    visits: int
    """How often they have been at this client."""
    language: bool
    """Whether they speak the client's language."""
    left: dt.timedelta | None
    """The hours that they would still have that week; None: nobody set a limit."""
    before: Neighbour | None = None
    """Where they are before it that day."""
    after: Neighbour | None = None
    """Where they are after it that day."""
    unread: tuple[str, ...] = ()
    """What of their file could not be read that might speak against them."""

    @property
    def can(self) -> bool:
        """Whether nothing speaks against them, and nothing that might is unknown."""
        return not self.against and not self.unread

    def favours(self, language: str | None) -> tuple[str, ...]:
        """What speaks for them, in words."""
        found = []
        if self.visits:
            found.append(f"has been there {'once' if self.visits == 1 else f'{self.visits} times'}")
        if self.language and language:
            found.append(f"speaks {language}")
        if self.left is not None and self.left >= NO_TIME:
            found.append(f"{length(self.left)} left that week")
        return tuple(found)

    def beside(self) -> tuple[str, ...]:
        """Where they are before and after it that day, in words."""
        found = []
        if self.before:
            found.append(f"comes from {self.before.client} (there until {self.before.at:%H:%M}{_far(self.before)})")
        if self.after:
            found.append(f"goes on to {self.after.client} (there from {self.after.at:%H:%M}{_far(self.after)})")
        return tuple(found)


def _far(neighbour: Neighbour) -> str:
    return f", {length(neighbour.way)} away" if neighbour.way else ""


def candidates(
    occurrence: Occurrence,
    chart: Chart,
    staff: Mapping[str, StaffMember],
    booked: Iterable[Booking],
    zone: dt.tzinfo,
    travel: Ways | None = None,
) -> list[Candidate]:
    """Everybody on the roster for one visit, the best first; last those against whom something speaks, with what.

    Whoever knows the client comes first, then who speaks the language, then who has the most hours left.
    `booked` are the bookings of all charts around the visit, `zone` is the practice's. With `travel` the ways between
    visits count, as far as the bookings know their places.
    """
    known = acquaintance(chart)
    spoken = chart.client.language if chart.client else None
    at = home(chart.client) if travel is not None else None
    mine: dict[str, list[Booking]] = {}
    start, end = instants(occurrence)
    for booking in booked:
        # What is farther away lies in other weeks.
        if booking.start < end + _WEEK and start < booking.end + _WEEK:
            mine.setdefault(booking.post.staff, []).append(booking)
    needs = needs_of(occurrence)
    found = []
    for name, member in staff.items():
        who, own = person(member, zone), mine.get(name, [])
        limit, weeks = limit_of(member), who.weeks_with(occurrence, own)
        before, after = who.neighbours(occurrence, own, travel, at)
        found.append(
            Candidate(
                staff=name,
                against=_reasons(who, occurrence, own, needs, weeks, (before, after)),
                visits=known.get(name, 0),
                language=spoken is not None and spoken in member.languages,
                left=None if limit is None else limit - max(weeks.values(), default=NO_TIME),
                before=before,
                after=after,
                unread=unread_of(member),
            )
        )
    return sorted(found, key=_rank)


_DECIDES: Final = ("employed", "away", "availability", "skills", "credentials", "max_hours_per_week")
"""What in a staff file can speak against somebody."""


def unread_of(member: StaffMember) -> tuple[str, ...]:
    """The fields of a staff file that could not be read whole, and that can speak against somebody."""
    lost = set(member.origin.unread)
    lost |= {"away"} if not is_known(member) else set()
    lost |= {"credentials"} if any(item.origin.unread for item in member.credentials) else set()
    return tuple(name for name in _DECIDES if name in lost)


def _rank(candidate: Candidate) -> tuple[int, bool, int, bool, float, str]:
    left = float("inf") if candidate.left is None else candidate.left.total_seconds()
    first = (len(candidate.against), bool(candidate.unread), -candidate.visits)
    return *first, not candidate.language, -left, candidate.staff


def acquaintance(chart: Chart) -> dict[str, int]:
    """How often each staff member has been at a client."""
    found: dict[str, int] = {}
    for visit in chart.visits:
        if visit.status == "done":
            for name in team(visit.staff):
                found[name] = found.get(name, 0) + 1
    return found

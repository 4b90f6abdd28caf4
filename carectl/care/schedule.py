"""What a client's series and visits mean: occurrences, each at the instant at which it will really happen.

This is the paragraph "Occurrences" of the caseload format. What cannot be placed is never dropped in silence: it comes
back as `Missing`, in words. When a change of a visit cannot be understood, the visit stays as it was due and the change
is reported, for a needless trip does less harm than a client whom nobody visits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from carectl.care.moments import WEEKDAYS, day_of, duration_of, end_of, is_moment, start_of, time_of
from carectl.care.recurrence import rrule_days
from carectl.care.recurrence import rrule_fault as rrule_fault  # for those who ask about a series
from carectl.care.setting import Setting
from carectl.caseload.records import Away, Broken, Chart, Client, Series, StaffMember, Visit, VisitStatus
from carectl.findings import Spot

Suspension = Literal["away", "end_of_care"]
Trouble = Literal[
    "unreadable", "zone", "rule", "length", "incomplete", "series_unknown", "not_due", "twice", "out_of_range"
]

_DAY: Final = dt.timedelta(days=1)
_UPCOMING: Final = frozenset({"planned", "confirmed"})
_AWAY_FIELDS: Final = frozenset({"from_", "until"})
_HAPPENED: Final = frozenset({"done", "missed", "refused"})
"""What has happened stays true, whatever becomes of its series afterwards."""
_RULE_FIELDS: Final = frozenset({"from_", "until", "every", "rrule", "at", "duration", "to"})
_VISIT_FIELDS: Final = frozenset(
    {"series", "day", "date", "at", "duration", "to", "status", "staff", "with_", "service"}
)


class Occurrence(NamedTuple):
    """One visit as it will happen or has happened. (A tuple: a frozen dataclass takes six times as long to make.)"""

    client: str
    id: str
    """SERIES-YYYY-MM-DD by the day it was due, or the visit's own id."""
    series: str | None
    service: str
    staff: tuple[str, ...]
    """Who comes; empty and no `with_`: an open shift."""
    with_: str | None
    start: dt.datetime
    """Aware, in the client's zone."""
    end: dt.datetime
    status: VisitStatus
    reason: str | None
    where: str | None
    day: dt.date
    """The local day on which it starts, after moving."""
    due: dt.date | None
    """The day it was due in its series."""
    suspended: Suspension | None
    """Why it is shown as cancelled although nobody cancelled it: the client is away, or care has ended."""
    opened: tuple[str, ...]
    """Staff who would come but are away."""
    visit: Visit | None
    rule: Series | None

    @property
    def open(self) -> bool:
        """Whether somebody is still needed."""
        return not self.staff and self.with_ is None and self.status in _UPCOMING

    @property
    def short(self) -> bool:
        """Whether somebody comes, but not all: of those who should, some are away without anybody in their place."""
        return bool(self.opened) and not self.open and self.status in _UPCOMING


class Missing(NamedTuple):
    """A record that could not be placed, or only in part, and why."""

    client: str
    id: str | None
    """The record's id, if it has one that can be read."""
    trouble: Trouble
    why: str
    """In words, to be shown to people; no value that might be private."""
    at: Spot
    day: dt.date | None = None
    """The day that is concerned, if it is one day."""


class Expansion(NamedTuple):
    """What a chart means between two days."""

    occurrences: tuple[Occurrence, ...]
    missing: tuple[Missing, ...]


def order(occurrence: Occurrence) -> tuple[dt.datetime, str, str]:
    """The order in which occurrences are shown: by the instant, then client, then id."""
    # Two datetimes of one zone compare by their wall time, which is wrong in the doubled hour: so through UTC.
    return (occurrence.start.astimezone(dt.UTC), occurrence.client, occurrence.id)


# --- when a series is due --------------------------------------------------------------------------------------------


def series_fault(series: Series) -> tuple[str, str] | None:
    """Why no day or time can be told for a series: the field to look at, and the reason in words; None if all is well.

    Not among these: an `until` before `from` (it is only never due), and days on which it has no positive length.
    """
    if series.rrule is None and not series.days:
        return ("days", "it does not say on which days: neither `days` nor `rrule`")
    if series.rrule is not None:
        if series.days or series.every is not None:
            return ("rrule", "it has both a `rrule` and `days` or `every`: only one of them can hold")
        if why := rrule_fault(series.rrule):
            return ("rrule", f"its recurrence rule cannot be used: {why}")
    return _length_kind_fault(series.duration, series.to)


def _length_kind_fault(duration: str | None, to: str | None) -> tuple[str, str] | None:
    if duration is not None and to is not None:
        return ("to", "it has both a `duration` and a `to`: only one of them can hold")
    if duration is None and to is None:
        return ("at", "it does not say how long it takes: neither `duration` nor `to`")
    return None


def due_days(series: Series, start: dt.date, until: dt.date) -> Iterator[dt.date]:
    """The days on which a series is due from start to until, both included: the bare rule, before `except`.

    A series of which no days can be told (`series_fault`) is due on none.
    """
    first = max(start, series.from_)
    last = until if series.until is None else min(until, series.until)
    if first > last:
        return
    if series.rrule is not None:
        yield from rrule_days(series.rrule, series.from_, first, last)
        return
    step = 7 * int(series.every[:-1]) if series.every else 7
    monday = series.from_.toordinal() - series.from_.weekday()
    low, high = first.toordinal(), last.toordinal()
    offsets = sorted({WEEKDAYS[day] for day in series.days})
    for week in range(monday + (low - monday) // step * step, high + 1, step):
        for offset in offsets:
            if low <= week + offset <= high:
                yield dt.date.fromordinal(week + offset)


def is_due(series: Series, day: dt.date) -> bool:
    """Whether the bare rule of a series (before `except`) makes it due on a day. Costs the same however old it is."""
    return next(due_days(series, day, day), None) is not None


# --- when a visit is -------------------------------------------------------------------------------------------------


def span(
    day: dt.date, at: str, duration: str | None, to: str | None, zone: dt.tzinfo
) -> tuple[dt.datetime, dt.datetime]:
    """Start and end in the zone: `duration` is elapsed time, `to` a wall time, on the next day if not later than `at`.

    The end may not be later than the start where clocks change (see `length_fault`). Raises OverflowError outside of
    the years that a calendar knows.
    """
    start, end = _instants(day, at, duration, to, zone)
    return start.astimezone(zone), end.astimezone(zone)


def _instants(
    day: dt.date, at: str, duration: str | None, to: str | None, zone: dt.tzinfo
) -> tuple[dt.datetime, dt.datetime]:
    """Start and end in UTC."""
    begins = time_of(at)
    start = dt.datetime.combine(day, begins, tzinfo=zone).astimezone(dt.UTC)
    if to is None:
        return start, start + (duration_of(duration) if duration else dt.timedelta())
    ends = time_of(to)
    return start, dt.datetime.combine(day if ends > begins else day + _DAY, ends, tzinfo=zone).astimezone(dt.UTC)


def length_fault(day: dt.date, at: str, duration: str | None, to: str | None, zone: dt.tzinfo) -> str | None:
    """Why a visit on this day has no positive length, in words, or None if it has one."""
    try:
        start, end = span(day, at, duration, to, zone)
    except OverflowError:
        return _NO_YEAR
    return _NO_LENGTH if end.astimezone(dt.UTC) <= start.astimezone(dt.UTC) else None


@lru_cache(maxsize=8192)
def _steady_offset(zone: dt.tzinfo, day: dt.date) -> dt.timedelta | None:
    """The offset from UTC if it is the same from the midnight before this one until the one after next, else None.

    On such days (nearly all) wall time and elapsed time agree, which saves three conversions per occurrence. In no zone
    of the database do two changes lie within three days, so none can hide between the midnights.
    """
    try:
        nights = [dt.datetime.combine(day + nth * _DAY, dt.time(), tzinfo=zone).utcoffset() for nth in range(-1, 3)]
    except OverflowError:
        return None
    return nights[0] if len(set(nights)) == 1 else None


class _Absence(NamedTuple):
    """A time away, in naive UTC."""

    begin: dt.datetime
    end: dt.datetime
    by_start: bool
    """In days: a visit belongs to the day on which it starts. In moments: whatever overlaps."""
    reason: str | None

    def hits(self, start: dt.datetime, end: dt.datetime) -> bool:
        return self.begin <= start < self.end if self.by_start else start < self.end and self.begin < end


def _absences(away: Iterable[Away], zone: dt.tzinfo, *, by_start: bool | None = None) -> tuple[_Absence, ...]:
    found = []
    for item in away:
        if item.origin.unread & _AWAY_FIELDS:
            continue  # Otherwise a slip in its end would keep the person away for ever.
        moments = is_moment(item.from_) or (item.until is not None and is_moment(item.until))
        begin = start_of(item.from_, zone).astimezone(dt.UTC).replace(tzinfo=None)
        end = end_of(item.until or _FOR_EVER, zone).astimezone(dt.UTC).replace(tzinfo=None)
        found.append(_Absence(begin, end, not moments if by_start is None else by_start, item.reason))
    return tuple(found)


def _team(staff: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if staff is None else (staff,) if isinstance(staff, str) else staff


_FOR_EVER: Final = "9999-12-31"
_NO_LENGTH: Final = "it would not end after it starts, because the clocks change in between"
_NO_YEAR: Final = "it lies outside of the years that a calendar knows"


def zone_is_known(client: Client, setting: Setting) -> bool:
    """Whether it is certain in which zone a client lives: their own if it is named and exists, else the practice's."""
    if "timezone" in client.origin.unread:
        return False
    return client.timezone is None or setting.zones(client.timezone) is not None


# --- the expansion ---------------------------------------------------------------------------------------------------


def occurrences(chart: Chart, setting: Setting, start: dt.date, until: dt.date) -> Expansion:
    """What happens for a client from start to until: local days of the client, both included, after moving.

    Sorted by the instant, then id. It costs what the window holds and one look at each visit record: years of a series
    are never expanded.
    """
    return _Expander(chart, setting, start, until).expand()


class _Expander:
    """One chart between two days."""

    def __init__(self, chart: Chart, setting: Setting, start: dt.date, until: dt.date) -> None:
        self.chart, self.setting, self.start, self.until = chart, setting, start, until
        self.zone = setting.zone(chart)
        # A time in a missing hour moves forward, at the end of a day into the next one: look from a day earlier.
        self.first = start - _DAY if start > dt.date.min else start
        self.placed: list[tuple[dt.datetime, str, Occurrence]] = []
        self.missing: list[Missing] = []
        client = chart.client
        self.away = self.touching(_absences(client.away, self.zone, by_start=True)) if client else ()
        self.last_day, self.over = (client.end_of_care, client.end_reason) if client else (None, None)
        if client and client.end_of_care is None and client.status in ("discharged", "deceased"):
            # Nobody wrote down the day, but nobody is to come either: a family must not read otherwise.
            self.last_day = dt.date.min
        if self.last_day is not None and self.last_day >= until:
            self.last_day = None
        self.staff_away: dict[str, tuple[_Absence, ...]] = {}
        self.doubtful: dict[str, Spot] = {}
        """Staff of whom it is not known when they are away, and where that is written."""
        self.doubted: set[str] = set()
        """Those of them who come in the window, which has been said."""

    def expand(self) -> Expansion:
        self.unread()
        if self.zone_known() and self.start <= self.until:
            changes, incoming, singles = self.records()
            rules: dict[str, Series] = {}
            sound: set[str] = set()
            for series in self.chart.series:
                if series.id in rules:
                    self.miss(series, "twice", "another series has the same id; only the first one counts", "id")
                    continue
                rules[series.id] = series
                if self.usable(series):
                    sound.add(series.id)
                    self.run(series, changes)
            for visit in [*changes.values(), *incoming]:
                self.change(visit, rules.get(visit.series or ""), sound)
            for visit in singles:
                self.place(None, visit, None)
        self.placed.sort(key=lambda entry: entry[:2])
        return Expansion(tuple(entry[2] for entry in self.placed), tuple(self.missing))

    def touching(self, absences: tuple[_Absence, ...]) -> tuple[_Absence, ...]:
        """Those that can concern the window: years of leave must not slow down a week."""
        # Generous by two days, more than any zone is away from UTC; a visit is shorter than 45 days (999 hours).
        low, high = self.first.toordinal() - 2, self.until.toordinal() + 45
        return tuple(a for a in absences if a.end.toordinal() >= low and a.begin.toordinal() <= high)

    # --- what cannot be placed

    def miss(self, record: Series | Visit, trouble: Trouble, why: str, *keys: str, day: dt.date | None = None) -> None:
        self.missing.append(Missing(self.chart.id, record.id, trouble, why, record.origin.at(*keys), day))

    def unread(self) -> None:
        """Say what was there but could not be read."""
        chart = self.chart
        for name, noun in (("series", "this series"), ("visits", "this visit")):
            for item in chart.broken:
                if item.name == name:
                    why = f"{noun} could not be read"
                    self.missing.append(Missing(chart.id, item.id, "unreadable", why, item.origin.at()))
            if name in chart.unread and not any(item.name == name for item in chart.broken):
                self.whole("visits", f"a list of {name} could not be read")
        if chart.client is None:
            self.whole("client", "the client's file could not be read, so no visit can be given its hour")
            return
        lost = [chart.client.origin.at(name) for name in ("away", "end_of_care") if name in chart.client.origin.unread]
        lost += [
            item.origin.at(min(item.origin.unread & _AWAY_FIELDS).rstrip("_"))
            for item in chart.client.away
            if item.origin.unread & _AWAY_FIELDS
        ]
        for at in lost:
            what = "the end of care" if at.keys[-1] == "end_of_care" else "a time away"
            why = f"{what} could not be read, so visits that may be off are shown"
            self.missing.append(Missing(chart.id, None, "unreadable", why, at))

    def whole(self, kind: str, why: str) -> None:
        chart, folder = self.chart, f"{self.chart.path}/{kind}"
        paths = [path for path in chart.files if path.startswith((f"{folder}.", f"{folder}/"))]
        if len(paths) > 1:
            # Of several pieces, one that gave nothing is the likeliest.
            records: tuple[Series | Visit | Broken, ...] = (*chart.series, *chart.visits, *chart.broken)
            read = {item.origin.path for item in records}
            paths = [path for path in paths if path not in read] or paths
        path = paths[0] if paths else f"{folder}.yaml"
        self.missing.append(Missing(chart.id, None, "unreadable", why, Spot(path)))

    def zone_known(self) -> bool:
        """Whether the client's hours can be told. A zone is named where it differs: the practice's would be wrong."""
        client = self.chart.client
        if client is None:
            return False  # said already
        if zone_is_known(client, self.setting):
            return True
        why = "the client's time zone is not known, so no visit can be given its hour"
        self.missing.append(Missing(self.chart.id, None, "zone", why, client.origin.at("timezone")))
        return False

    def usable(self, series: Series) -> bool:
        """Whether days and times of a series can be told; if not, say so, unless it ended before or begins later."""
        unread = series.origin.unread
        fault: tuple[str, str] | None = None
        trouble: Trouble = "rule"
        if lost := sorted(unread & _RULE_FIELDS) or (["days"] if "days" in unread and not series.days else []):
            fault, trouble = (lost[0].rstrip("_"), "when it takes place could not be read"), "unreadable"
        else:
            fault = series_fault(series)
        past = series.until is not None and series.until < self.start and "until" not in unread
        concerned = not past and ("from_" in unread or series.from_ <= self.until)
        if concerned:
            if fault is not None:
                self.miss(series, trouble, fault[1], fault[0])
            for field, what in (
                ("days", "one of its days"), ("except_", "a day on which it does not happen"), ("staff", "who comes"),
                ("with_", "who comes"),
            ):  # fmt: skip
                if fault is None and field in unread:
                    self.miss(series, "unreadable", f"{what} could not be read", field.rstrip("_"))
        return fault is None

    def fault_of(self, visit: Visit) -> tuple[Trouble, str, str] | None:
        """Why a visit record cannot be used: the trouble, the reason in words, the field."""
        if lost := sorted(visit.origin.unread & _VISIT_FIELDS):
            return "unreadable", "what changes about it could not be read", lost[0].rstrip("_")
        if visit.duration is not None and visit.to is not None:
            return "length", "it has both a `duration` and a `to`: only one of them can hold", "to"
        if visit.series is not None:
            return None if visit.day else ("incomplete", "it does not say which day of its series it changes", "series")
        for name in ("service", "date", "at"):
            if getattr(visit, name) is None:
                return "incomplete", f"a visit of no series needs `{name}`", name
        if visit.duration is None and visit.to is None:
            return "incomplete", "it does not say how long it takes: neither `duration` nor `to`", "duration"
        return None

    # --- the records of the window

    def records(self) -> tuple[dict[tuple[str, dt.date], Visit], list[Visit], list[Visit]]:
        """Visit records that concern the window: by series and day due, moved into it, and those of no series."""
        changes: dict[tuple[str, dt.date], Visit] = {}
        incoming: list[Visit] = []
        singles: list[Visit] = []
        single_ids: set[str] = set()
        first, until = self.first, self.until
        corrected = self.corrected()
        for index, visit in enumerate(self.chart.visits):
            due, date = visit.day, visit.date
            here = due is not None and first <= due <= until
            if not here and not (date is not None and first <= date <= until) and (due or date):
                if visit.series is None and index not in corrected:
                    single_ids.add(visit.id)
                continue
            if index in corrected:
                continue
            if fault := self.fault_of(visit):
                self.miss_visit(visit, *fault)
            elif visit.series is None:
                if visit.id in single_ids:
                    self.miss_visit(visit, "twice", "another visit has the same id; only the first one counts", "id")
                elif date is not None and first <= date <= until:
                    singles.append(visit)
                single_ids.add(visit.id)
            elif due is None:
                continue  # said above
            elif (visit.series, due) in changes or (not here and self.changed_before(index, corrected)):
                why = "another visit record already changes this day of the series; only the first one counts"
                self.miss_visit(visit, "twice", why, "day")
            elif here:
                changes[(visit.series, due)] = visit
            else:
                incoming.append(visit)
        return changes, incoming, singles

    def corrected(self) -> frozenset[int]:
        """Positions of visit records that a later one corrects (`amends`): they are history and say nothing more."""
        amending = [(index, visit) for index, visit in enumerate(self.chart.visits) if visit.amends is not None]
        if not amending:
            return frozenset()
        places: dict[str, list[int]] = {}
        for index, visit in enumerate(self.chart.visits):
            places.setdefault(visit.id, []).append(index)
        found: set[int] = set()
        for index, visit in amending:
            *above, name = (visit.amends or "").split("/")
            if above in ([], ["visits"], [self.chart.id], [self.chart.id, "visits"]) and not self.fault_of(visit):
                found.update(place for place in places.get(name, ()) if place < index)
        return frozenset(found)

    def changed_before(self, index: int, corrected: frozenset[int]) -> bool:
        """Whether an earlier record changes the same day of the same series: looked up only for visits moved in."""
        visit = self.chart.visits[index]
        return any(
            other.day == visit.day
            and other.series == visit.series
            and place not in corrected
            and self.fault_of(other) is None
            for place, other in enumerate(self.chart.visits[:index])
        )

    def miss_visit(self, visit: Visit, trouble: Trouble, why: str, *keys: str) -> None:
        """A visit that cannot be placed: said if it belongs to the window, which is a day shorter than what is read."""
        days = [day for day in (visit.day, visit.date) if day is not None]
        if not days or any(self.start <= day <= self.until for day in days):
            self.miss(visit, trouble, why, *keys, day=visit.date or visit.day)

    # --- placing

    def run(self, series: Series, changes: dict[tuple[str, dt.date], Visit]) -> None:
        """Every due day of a series in the window, as it is or as a record changes it."""
        at, zone = time_of(series.at), self.zone
        length = duration_of(series.duration) if series.duration else None
        brief = length is not None and length <= _DAY
        staff, plain = _team(series.staff), not self.away and self.last_day is None
        plain = plain and not any(self.absences(person) or person in self.doubtful for person in staff)
        client, service, with_, where = self.chart.id, series.service, series.with_, series.where
        left_out = frozenset(series.except_)
        for due in due_days(series, self.first, self.until):
            if due in left_out:
                continue
            visit = changes.pop((series.id, due), None) if changes else None
            offset = _steady_offset(zone, due) if visit is None and plain and brief else None
            if offset is None or length is None:
                self.place(series, visit, due)
            elif due >= self.start:
                # The common case, spelled out for speed: nothing is special about this day.
                wall = dt.datetime.combine(due, at, tzinfo=zone)
                name = f"{series.id}-{due}"
                self.placed.append((wall.replace(tzinfo=None) - offset, name, Occurrence(
                    client, name, series.id, service, staff, with_, wall, wall + length, "planned", None, where,
                    due, due, None, (), None, series,
                )))  # fmt: skip

    def change(self, visit: Visit, series: Series | None, sound: set[str]) -> None:
        """A visit record whose day its series (if it is known) did not produce within the window."""
        due = visit.day
        if due is None or visit.series is None:
            return
        happened = visit.status in _HAPPENED
        if series is None or series.id not in sound:
            complete = visit.at and visit.service and (visit.duration or visit.to)
            if happened and (complete or (series is not None and not series.origin.unread & _RULE_FIELDS)):
                self.place(series, visit, due)
            elif series is None and not self.series_lost(visit.series):
                self.miss_visit(visit, "series_unknown", "there is no series of this name", "series")
        elif happened or (is_due(series, due) and due not in series.except_):
            self.place(series, visit, due)
        elif due in series.except_:
            self.miss_visit(visit, "not_due", "the series leaves this day out, so there is nothing to change", "day")
        else:
            self.miss_visit(visit, "not_due", "this is no day of its series, so there is nothing to change", "day")

    def series_lost(self, series_id: str) -> bool:
        """Whether a series may exist and only could not be read, which has been said already."""
        return "series" in self.chart.unread or series_id in self.chart.broken_ids("series")

    def place(self, series: Series | None, visit: Visit | None, due: dt.date | None) -> None:
        """One occurrence, as due or as its record says, if it starts within the window."""
        record = visit or series
        day = (visit.date if visit and visit.date else None) or due
        at = (visit.at if visit else None) or (series.at if series else None)
        if record is None or day is None or at is None:
            return
        duration, to = (visit.duration, visit.to) if visit else (None, None)
        if duration is None and to is None and series is not None:
            duration, to = series.duration, series.to
        if (duration is None) == (to is None):
            if self.start <= day <= self.until:
                self.miss(record, "length", "it cannot be told how long it takes", day=day)
            return
        try:
            begin, finish = _instants(day, at, duration, to, self.zone)
            start, end = begin.astimezone(self.zone), finish.astimezone(self.zone)
        except OverflowError:
            if self.start <= day <= self.until:
                self.miss(record, "out_of_range", _NO_YEAR, day=day)
            return
        today = start.date()
        if not self.start <= today <= self.until:
            return
        begin, finish = begin.replace(tzinfo=None), finish.replace(tzinfo=None)
        if finish <= begin:
            self.miss(record, "length", _NO_LENGTH, "to", day=day)
            return
        status: VisitStatus = visit.status if visit else "planned"
        reason = visit.reason if visit else None
        staff = _team(visit.staff if visit and visit.staff is not None else series.staff if series else None)
        suspended: Suspension | None = None
        opened: tuple[str, ...] = ()
        if status in _UPCOMING:
            suspended, why = self.suspension(today, begin, finish)
            if suspended:
                status, reason = "cancelled", why
            else:
                opened = tuple(p for p in staff if any(a.hits(begin, finish) for a in self.absences(p)))
                staff = tuple(p for p in staff if p not in opened) if opened else staff
                self.doubt(staff)
        name = f"{series.id if series else visit.series if visit else ''}-{due}" if due else record.id
        self.placed.append((begin, name, Occurrence(
            client=self.chart.id,
            id=name,
            series=series.id if series else visit.series if visit else None,
            service=(visit.service if visit else None) or (series.service if series else ""),
            staff=staff,
            with_=(visit.with_ if visit else None) or (series.with_ if series else None),
            start=start,
            end=end,
            status=status,
            reason=reason,
            where=(visit.where if visit else None) or (series.where if series else None),
            day=today,
            due=due,
            suspended=suspended,
            opened=opened,
            visit=visit,
            rule=series,
        )))  # fmt: skip

    def suspension(self, day: dt.date, begin: dt.datetime, end: dt.datetime) -> tuple[Suspension | None, str | None]:
        """Whether the client's absence or the end of care keeps a visit from happening, and the reason given there."""
        if self.last_day is not None and day > self.last_day:
            return "end_of_care", self.over
        absence = next((item for item in self.away if item.hits(begin, end)), None)
        return ("away", absence.reason) if absence else (None, None)

    def absences(self, person: str) -> tuple[_Absence, ...]:
        """When a staff member is away, in the practice's zone; those who are not on file are never known to be."""
        found = self.staff_away.get(person)
        if found is None:
            member = self.setting.staff.get(person)
            found = self.touching(_absences(member.away, self.setting.now.tzinfo or dt.UTC)) if member else ()
            self.staff_away[person] = found
            if at := self.unread_absence(person, member):
                self.doubtful[person] = at
        return found

    def unread_absence(self, person: str, member: StaffMember | None) -> Spot | None:
        """Where a time away of a staff member stands that could not be read and may lie in the window."""
        if member is None:
            return Spot(f"staff/{person}.yaml") if person in self.setting.unread_staff else None
        if "away" in member.origin.unread:
            return member.origin.at("away")
        for item in member.away:
            lost = item.origin.unread & _AWAY_FIELDS
            # It begins by the calendar of the practice, which is a day apart at most from that of the client.
            if lost and ("from_" in lost or day_of(item.from_).toordinal() <= self.until.toordinal() + 1):
                return item.origin.at(min(lost).rstrip("_"))
        return None

    def doubt(self, staff: tuple[str, ...]) -> None:
        """Say of those who come, once for each, that it is not known whether they are away."""
        for person in staff:
            if person in self.doubtful and person not in self.doubted:
                self.doubted.add(person)
                why = f"the times away of {person} could not be read, so {person} is shown as coming"
                self.missing.append(Missing(self.chart.id, None, "unreadable", why, self.doubtful[person]))

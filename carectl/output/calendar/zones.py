"""Time zones as iCalendar tables (VTIMEZONE): made of yearly rules where there are any, which every program reads.

A table that lists its changes as RDATE is read wrongly by Thunderbird and Outlook: summer visits come out an hour off.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = dt.timedelta(days=1)
_SECOND: Final = dt.timedelta(seconds=1)


class Change(NamedTuple):
    """An instant at which the clocks of a zone change."""

    wall: dt.datetime
    """What the clocks show when it comes, without a zone."""
    before: dt.timedelta
    """The offset from UTC until then."""
    after: dt.timedelta
    name: str
    """What the time is called from then on: CDT."""


class _Yearly(NamedTuple):
    """A day and time of every year: the second Sunday of March at 02:00."""

    month: int
    nth: int
    """1 to 4, or -1 for the last one."""
    weekday: int
    time: dt.time


def changes(zone: dt.tzinfo, first: int, last: int) -> tuple[Change, ...]:
    """The clock changes from the beginning of one year to the end of another (years within 2 to 9998), in order.

    They are asked of the zone itself, a day at a time: in no zone of the database do two lie within three days.
    """
    found = []
    instant, end = dt.datetime(first, 1, 1, tzinfo=dt.UTC) - _DAY, dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC) + _DAY
    while instant < end:
        if _offset(zone, instant) != _offset(zone, instant + _DAY):
            change = _between(zone, instant, instant + _DAY)
            found += [change] if first <= change.wall.year <= last else []
        instant += _DAY
    return tuple(found)


def _between(zone: dt.tzinfo, low: dt.datetime, high: dt.datetime) -> Change:
    """The one change between two instants in UTC."""
    before, after = _offset(zone, low), _offset(zone, high)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return Change((high + before).replace(tzinfo=None), before, after, _name(zone, high))


def _offset(zone: dt.tzinfo, instant: dt.datetime) -> dt.timedelta:
    return instant.astimezone(zone).utcoffset() or dt.timedelta()


def _name(zone: dt.tzinfo, instant: dt.datetime) -> str:
    return instant.astimezone(zone).tzname() or "UTC"


def _yearly(found: Sequence[Change]) -> _Yearly | None:
    """The rule that changes follow, one in each year; None if there is none that programs know.

    Also the fourth Sunday of a month can be its last one: the years together tell which is meant, or both are right.
    """
    if len({(item.wall.month, item.wall.weekday(), item.wall.time()) for item in found}) != 1:
        return None
    wall = found[0].wall
    for nth in (-1, 1, 2, 3, 4):
        if all(_is_nth(item.wall, nth) for item in found):
            return _Yearly(wall.month, nth, wall.weekday(), wall.time())
    return None


def _is_nth(wall: dt.datetime, nth: int) -> bool:
    """Whether a day is the nth of its weekday in its month."""
    return (wall + 7 * _DAY).month != wall.month if nth == -1 else (wall.day - 1) // 7 + 1 == nth


@lru_cache(maxsize=256)
def is_settled(zone: dt.tzinfo, year: int) -> bool:
    """Whether a year lies within some in which the clocks change by the same two rules, or do not change.

    Some programs go by a time zone table of their own, years old, whatever a feed says. Where the law has changed
    lately (Vancouver in 2026), they are an hour off.
    """
    first, last = max(year - 3, 2), min(year + 1, 9998)
    known = changes(zone, first, last)
    return not known or all(_yearly_of(known, up=up, years=range(first, last + 1)) for up in (True, False))


def _yearly_of(known: Sequence[Change], *, up: bool, years: Sequence[int]) -> _Yearly | None:
    """The rule of the changes forward, or back, if there is one of them in each year and a rule tells them."""
    found = [item for item in known if (item.after > item.before) is up]
    return _yearly(found) if [item.wall.year for item in found] == list(years) else None


def table(name: str, zone: dt.tzinfo, first: int, last: int) -> Timezone:
    """The VTIMEZONE of a zone, right from the beginning of one year to the end of another.

    Two yearly rules where the clocks change twice in each of these years and in the one before, on days that a rule
    can tell; otherwise every change by itself (in Vancouver, which changes its clocks for the last time in 2026), and
    in zones without any, one time for ever.
    """
    from icalendar import Timezone

    found = Timezone()
    found.add("TZID", name)
    begin, known = first - 1, changes(zone, first - 1, last)
    spring, autumn = (_yearly_of(known, up=up, years=range(begin, last + 1)) for up in (True, False))
    if spring and autumn:
        for change in known[:2]:
            summer = change.after > change.before
            found.add_component(_observance(change, summer, spring if summer else autumn))
        return found
    start = dt.datetime(begin, 1, 1, tzinfo=dt.UTC)
    at_first = known[0].before if known else _offset(zone, start)
    origin = Change(start.replace(tzinfo=None), at_first, at_first, _name(zone, start))
    found.add_component(_observance(origin, bool(known) and known[0].after < known[0].before, None))
    for change in known:
        found.add_component(_observance(change, change.after > change.before, None))
    return found


def _observance(change: Change, summer: bool, rule: _Yearly | None) -> TimezoneDaylight | TimezoneStandard:
    """From when on which time holds. Which of two times is called daylight is told by which is ahead: also in Dublin,
    whose law has it the other way round."""
    from icalendar import TimezoneDaylight, TimezoneStandard

    part = TimezoneDaylight() if summer else TimezoneStandard()
    part.add("DTSTART", change.wall)
    part.add("TZOFFSETFROM", change.before)
    part.add("TZOFFSETTO", change.after)
    part.add("TZNAME", change.name)
    if rule is not None:
        day = f"{rule.nth}{_WEEKDAYS[rule.weekday]}"
        part.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": rule.month, "BYDAY": day})
    return part

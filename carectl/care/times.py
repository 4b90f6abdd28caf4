"""Times and lengths as people type them, and when someone came and went as the files write it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?: ?([ap])\.?m?\.?)?|([0-9]{1,2}) ?([ap])\.?m\.?")
_OFFSET: Final = re.compile(r"(.+?)(z|[+-][0-9]{2}:[0-9]{2})")
_LENGTH: Final = re.compile(r"(?:([0-9]{1,3}) ?h(?:ours?|rs?)?)? ?(?:([0-9]{1,4}) ?m(?:in(?:utes?)?)?)?")
_NEAR: Final = dt.timedelta(hours=3)
"""How near to the planned time someone must have come for it to be on the day before or after."""
_SLACK: Final = dt.timedelta(hours=6)
"""How much longer than planned a visit may have been for its end to be taken for one past midnight."""


def time_typed(text: str) -> str | None:
    """A time of day as the files write it (09:00), of 9:00, 09:00, 9am or 2:30 pm; None if it is none."""
    match = _CLOCK.fullmatch(" ".join(text.casefold().split()))
    if match is None:
        return None
    hour, minute, half = int(match[1] or match[4]), int(match[2] or 0), match[3] or match[5]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def length_typed(text: str) -> str | None:
    """A length as the files write it (45m, 2h, 1h30m), of 90m, 2 hours or 1h 30min; None if it is none."""
    match = _LENGTH.fullmatch(" ".join(text.casefold().split()))
    if match is None:
        return None
    hours, minutes = int(match[1] or 0), int(match[2] or 0)
    if hours == minutes == 0:
        return None
    if match[1] is None:
        return f"{minutes}m"
    if minutes > 59:
        return None
    return f"{hours}h{minutes}m" if minutes else f"{hours}h"


class Moment(NamedTuple):
    """When someone came or went."""

    text: str
    """As the files write it: a time of the visit's day, else with the day, and with the offset where that matters."""
    instant: dt.datetime
    other_day: dt.date | None
    """The day, if it is not the visit's own."""


def came(typed: str, day: dt.date, planned: dt.datetime) -> Moment:
    """When someone came, in the zone of the planned start. `day` is the visit's own. Raises ValueError in words."""
    named, clock, offset = _parts(typed, "a time such as 9:04")
    if named is not None:
        return _moment(named, clock, offset, day, planned.tzinfo)
    return _nearest(clock, offset, day, planned)


def left(typed: str, day: dt.date, came_at: Moment | None, planned: tuple[dt.datetime, dt.datetime]) -> Moment:
    """When someone went. Raises ValueError in words, also if that was before they came."""
    start, end = planned
    named, clock, offset = _parts(typed, "a time such as 11:01")
    if came_at is None:
        if named is not None:
            return _moment(named, clock, offset, day, end.tzinfo)
        return _nearest(clock, offset, day, end, to_end=True)
    first = came_at.other_day or day
    days = [named] if named else [first, first + dt.timedelta(days=1)]
    came_utc = came_at.instant.astimezone(dt.UTC)
    longest = end.astimezone(dt.UTC) - start.astimezone(dt.UTC) + _SLACK
    for number, candidate in enumerate(days):
        if not named and _wall(candidate, clock, start.tzinfo, 1) < came_utc:
            continue
        found = _moment(candidate, clock, offset, day, end.tzinfo)
        length = found.instant.astimezone(dt.UTC) - came_utc
        if length >= dt.timedelta() and (number == 0 or length <= longest):
            return found
    raise ValueError(
        f"a time that is not before they came ({came_at.text}); past midnight, with its day: {days[-1]}T{clock}"
    )


def _nearest(clock: str, offset: str | None, day: dt.date, planned: dt.datetime, *, to_end: bool = False) -> Moment:
    """The moment of this time on the visit's day, or on one beside it if only that is near to what was planned."""
    utc = planned.astimezone(dt.UTC)
    beside = [day + dt.timedelta(days=1)] if to_end else [day - dt.timedelta(days=1), day + dt.timedelta(days=1)]

    def distance(candidate: dt.date) -> dt.timedelta:
        return abs(_wall(candidate, clock, planned.tzinfo, 0) - utc)

    near = min([day, *beside], key=distance)
    limit = _SLACK if to_end else _NEAR
    return _moment(near if distance(near) <= limit else day, clock, offset, day, planned.tzinfo)


def _parts(typed: str, wanted: str) -> tuple[dt.date | None, str, str | None]:
    """The day if one was named, the time, and the offset from UTC if one was."""
    text = typed.strip()
    day: dt.date | None = None
    if match := re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](.+)", text):
        try:
            day, text = dt.date.fromisoformat(match[1]), match[2]
        except ValueError:
            raise ValueError(wanted) from None
    offset = None
    if match := _OFFSET.fullmatch(text.casefold()):
        text, offset = match[1], match[2].upper()
    clock = time_typed(text)
    if clock is None:
        raise ValueError(f"{wanted}, or with its day 2026-11-22T09:04")
    return day, clock, offset


def _wall(day: dt.date, clock: str, zone: dt.tzinfo | None, fold: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=zone).replace(fold=fold).astimezone(dt.UTC)


def _moment(day: dt.date, clock: str, offset: str | None, own: dt.date, zone: dt.tzinfo | None) -> Moment:
    wall = dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=zone)
    first, second = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    assert first is not None
    assert second is not None
    other = day if day != own else None
    if first < second:
        raise ValueError(f"a time that there was: that night the clocks went forward over {clock}")
    if offset is not None:
        meant = dt.timedelta() if offset == "Z" else dt.datetime.fromisoformat(f"2000-01-01T00:00{offset}").utcoffset()
        if meant not in (first, second):
            raise ValueError(f"the offset from UTC that the clocks there show that day: {day}T{clock}{_offset(wall)}")
        wall = wall.replace(fold=int(meant == second and first != second))
        if first == second:
            offset = None
    elif first != second:
        both = [f"{day}T{clock}{_offset(wall.replace(fold=fold))}" for fold in (0, 1)]
        raise ValueError(
            f"one of the two that it can mean, for the clocks showed {clock} twice: {both[0]} or {both[1]}"
        )
    text = clock if other is None and offset is None else f"{day}T{clock}{offset or ''}"
    return Moment(text, wall, other)


def _offset(wall: dt.datetime) -> str:
    return wall.isoformat()[-6:]

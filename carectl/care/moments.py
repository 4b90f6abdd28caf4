"""Dates, times and lengths as the files write them, turned into values. A wall time needs a zone to mean an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

Zones = Callable[[str], dt.tzinfo | None]
"""The time zone database: a name to its zone, or None if there is no such zone."""

WEEKDAYS: Final = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


def time_of(text: str) -> dt.time:
    """The time of day written as 09:00 or 9:00."""
    hour, minute = text.split(":")
    return dt.time(int(hour), int(minute))


def duration_of(text: str) -> dt.timedelta:
    """The length written as 45m, 2h or 1h30m, as elapsed time."""
    hours, mark, rest = text.partition("h")
    if not mark:
        hours, rest = "0", text
    return dt.timedelta(hours=int(hours), minutes=int(rest[:-1]) if rest else 0)


def add_period(day: dt.date, text: str, times: int = 1) -> dt.date:
    """The day that lies a period (14d, 2w, 6mo, 1y) later; a day that the month lacks becomes its last."""
    count, unit = int("".join(c for c in text if c.isdigit())) * times, text.lstrip("0123456789")
    if unit in ("d", "w"):
        return day + dt.timedelta(days=count * (7 if unit == "w" else 1))
    months = day.month - 1 + count * (12 if unit == "y" else 1)
    first = dt.date(day.year + months // 12, months % 12 + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def age_on(born: dt.date | None, day: dt.date) -> int | None:
    """Age in whole years on a day; None if it is not known, or before birth.

    Who is born on a 29 February turns a year older on 1 March.
    """
    if born is None or day < born:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def earlier(day: dt.date, by: dt.timedelta | int) -> dt.date:
    """A day so much (or so many days) earlier, or the first that there is."""
    days = by if isinstance(by, int) else by.days
    return dt.date.fromordinal(max(day.toordinal() - days, 1))


def later(day: dt.date, by: dt.timedelta | int) -> dt.date:
    """A day so much (or so many days) later, or the last that there is."""
    days = by if isinstance(by, int) else by.days
    return dt.date.fromordinal(min(day.toordinal() + days, dt.date.max.toordinal()))


def is_moment(text: str) -> bool:
    """Whether the text is a day with a time, not a day alone."""
    return "T" in text


def day_of(text: str) -> dt.date:
    """The day of a date, or of a moment as it is written (its own offset, else the wall clock)."""
    return dt.date.fromisoformat(text[:10])


def resolve(day: dt.date, time: dt.time, zone: dt.tzinfo) -> dt.datetime:
    """The instant at which a clock on the wall shows this time, with the zone attached.

    A time in the hour that does not exist moves forward by the gap; one in the doubled hour is the first
    (the caseload format, "Occurrences"). Raises OverflowError where UTC would leave the years 1 to 9999.
    """
    wall = dt.datetime.combine(day, time, tzinfo=zone)
    return wall.astimezone(dt.UTC).astimezone(zone)


def moment_of(text: str, zone: dt.tzinfo) -> dt.datetime:
    """The instant of a moment: by its own offset if it has one, else as wall time in the zone."""
    day, _, clock = text.partition("T")
    hour, _, rest = clock.partition(":")
    parsed = dt.datetime.fromisoformat(f"{day}T{int(hour):02}:{rest}")
    if parsed.tzinfo is not None:
        return parsed.astimezone(zone)
    return resolve(parsed.date(), parsed.time(), zone)


def start_of(text: str, zone: dt.tzinfo) -> dt.datetime:
    """The instant at which a day begins, or that of a moment; at the end of all years (9999-12-31) the last instant."""
    try:
        return moment_of(text, zone) if is_moment(text) else resolve(day_of(text), dt.time(), zone)
    except OverflowError:
        return _edge(text)


def end_of(text: str, zone: dt.tzinfo) -> dt.datetime:
    """The instant at which a day (inclusive) is over, or that of a moment; 9999-12-31, "for ever", never is."""
    try:
        if is_moment(text):
            return moment_of(text, zone)
        return resolve(day_of(text) + dt.timedelta(days=1), dt.time(), zone)
    except OverflowError:
        return _edge(text)


def _edge(text: str) -> dt.datetime:
    """The first or last instant that a datetime can hold, in UTC."""
    if day_of(text) == dt.date.min:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return dt.datetime.max.replace(tzinfo=dt.UTC)


def in_days(day: dt.date, start: str, until: str | None) -> bool:
    """Whether a day touches a stretch of dates or moments, both ends included; no end: for ever."""
    return day_of(start) <= day and (until is None or day <= day_of(until))

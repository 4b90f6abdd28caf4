"""Hours a week: what a series comes to, and all the series of a client together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from carectl.care.moments import duration_of, time_of

_LONG: Final = dt.timedelta(weeks=208)
"""So long a rule is looked at: about four years, in whole weeks."""


class Weekly(NamedTuple):
    """Minutes in a week."""

    minutes: Fraction
    on_average: bool
    """Whether weeks differ: every second week, once a month."""

    def __str__(self) -> str:
        return in_words(self.minutes) + (" on average" if self.on_average else "")


def weekly(entry: Mapping[str, Any]) -> Weekly | None:
    """What a series (plain data) comes to in a week; None if that cannot be told.

    Every second week counts by half. A recurrence rule is counted out over four years from its first day on.
    """
    # Only a change of a series needs them, and they take as long to load as all the rest.
    from carectl.care.schedule import due_days, series_fault
    from carectl.care.series_entries import sketch

    try:
        series = sketch({"id": "series", "service": "visit", **entry, "until": None, "except": None})
        if series_fault(series) is not None:
            return None
        length = _length(series.at, series.duration, series.to)
        if series.rrule is None:
            every = int(series.every[:-1]) if series.every else 1
            return Weekly(Fraction(len(set(series.days)) * length, every), every > 1)
        count = sum(1 for _ in due_days(series, series.from_, series.from_ + _LONG - dt.timedelta(days=1)))
        return Weekly(Fraction(count * length * 7, _LONG.days), True)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return None  # the file holds something that is no series; `carectl check` says what


def _length(at: str, duration: str | None, to: str | None) -> int:
    """Minutes by the clock on the wall: the nights on which it changes are left aside."""
    if duration is not None:
        return int(duration_of(duration).total_seconds()) // 60
    start, end = time_of(at), time_of(str(to))
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    return minutes if minutes > 0 else minutes + 24 * 60


def together(entries: Iterable[Mapping[str, Any]], day: dt.date) -> Weekly | None:
    """What the series that run on a day come to; None if one of them cannot be told."""
    found = [weekly(entry) for entry in entries if runs_on(entry, day)]
    known = [item for item in found if item is not None]
    if len(known) < len(found):
        return None
    return Weekly(sum((item.minutes for item in known), Fraction()), any(item.on_average for item in known))


def runs_on(entry: Mapping[str, Any], day: dt.date) -> bool:
    """Whether a day lies between the first and the last day of a series."""
    first, last = day_in(entry, "from"), day_in(entry, "until")
    return (first is None or first <= day) and (last is None or day <= last)


def day_in(entry: Mapping[str, Any], name: str) -> dt.date | None:
    """The day in a field; None if there is none."""
    try:
        return dt.date.fromisoformat(str(entry.get(name) or "")[:10])
    except ValueError:
        return None


def in_words(minutes: Fraction) -> str:
    """Minutes as people say them: 6 h, 1 h 30 min, about 14 min."""
    whole = round(minutes)
    hours, rest = divmod(whole, 60)
    text = " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
    return text if whole == minutes else f"about {text}"

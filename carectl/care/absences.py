"""Times away: what a new one means beside those that are written down already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from carectl.care.moments import day_of, end_of, is_moment, later, start_of
from carectl.caseload.records import Away

_FOR_EVER: Final = "9999-12-31"
_UTC: Final = dt.UTC


@dataclass(frozen=True, slots=True)
class Beside:
    """What is to be done about a time away that is to be written down."""

    deed: Literal["add", "extend", "shorten", "known", "clash"]
    """Write it as a new one; let an earlier one last longer, or end sooner; nothing, for it is known; or say that two
    overlap."""
    entry: Away | None = None
    """The earlier one, if it is about one."""


def beside(
    away: Sequence[Away], start: str, until: str | None, reason: str | None, where: str | None, zone: dt.tzinfo
) -> Beside:
    """A new time away beside the earlier ones.

    One that begins within an earlier one (or the day after it), ends later, and has the same reason, lets that one
    last longer. One that begins with it and ends sooner makes it shorter, if no other words are lost by that. The rest
    of an earlier one, to its end, is known. All else that overlaps is not for a program to decide.
    """
    begin, end = start_of(start, zone).astimezone(_UTC), end_of(until or _FOR_EVER, zone).astimezone(_UTC)
    for entry in away:
        if entry.origin.unread & {"from_", "until"}:
            continue
        first, last = _bounds(entry, zone)
        same = entry.reason == reason and entry.where in (where, None) and _is_alike(entry, start)
        if first <= begin and end <= last:
            if end == last:
                return Beside("known" if same else "clash", entry)
            said = entry.reason in (reason, None) and (where is None or entry.where == where)
            return Beside("shorten" if said and begin == first and _is_alike(entry, start) else "clash", entry)
        if same and first <= begin <= last:
            others = [other for other in away if other is not entry]
            crossing = next((other for other in others if _touches(other, first, end, zone)), None)
            return Beside("clash", crossing) if crossing else Beside("extend", entry)
    crossing = next((entry for entry in away if _touches(entry, begin, end, zone)), None)
    return Beside("clash", crossing) if crossing else Beside("add")


def _is_alike(entry: Away, start: str) -> bool:
    """Whether both begin with a day, or both with a moment."""
    return is_moment(start) == is_moment(entry.from_)


def _bounds(entry: Away, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    return start_of(entry.from_, zone).astimezone(_UTC), end_of(entry.until or _FOR_EVER, zone).astimezone(_UTC)


def _touches(entry: Away, begin: dt.datetime, end: dt.datetime, zone: dt.tzinfo) -> bool:
    first, last = _bounds(entry, zone)
    return first < end and begin < last


def window(start: str, until: str | None, ahead: dt.timedelta) -> tuple[dt.date, dt.date]:
    """The days of a time away; of one without an end only the first."""
    first = day_of(start)
    last = day_of(until) if until else later(first, ahead)
    return first, last

"""Which visit or series is meant by a few words: rosa sat 9:00, c-014/am-care-2026-11-20, c-014/am-care."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from carectl.care.dates import Leaning, day_typed
from carectl.care.moments import earlier, later
from carectl.care.schedule import Occurrence, due_days, is_due, occurrences, order
from carectl.care.setting import Setting
from carectl.care.times import time_typed
from carectl.caseload.records import Chart, Series

_DAY: Final = dt.timedelta(days=1)
_WEEK: Final = dt.timedelta(days=7)
_OF_A_DAY: Final = re.compile(r"(.+)-([0-9]{4}-[0-9]{2}-[0-9]{2})")
_OTHER: Final[dict[Leaning, Leaning]] = {"coming": "past", "past": "coming"}


class Words(NamedTuple):
    """What somebody typed to name a visit: a client, and either an id or a day with perhaps a time."""

    client: str
    id: str | None = None
    day: str | None = None
    time: str | None = None


def words_of(typed: Sequence[str], today: dt.date) -> Words | None:
    """A visit's words taken apart, each in its place; None if they name neither a day nor an id.

    A client or a day may be of several words: rosa alvarez nov 27 9:00.
    """
    words = " ".join(typed).split()
    if not words:
        return None
    client, slash, name = words[-1].partition("/")
    if slash and client and name and (len(words) == 1 or day_typed(words[-1], today) is None):
        return Words(" ".join([*words[:-1], client]), id=name.removeprefix("visits/"))
    time, size = _time_at_end(words)
    rest = words[: len(words) - size]
    for length in (3, 2, 1):
        if len(rest) > length and day_typed(day := " ".join(rest[-length:]), today) is not None:
            return Words(" ".join(rest[:-length]), day=day, time=time)
    # `rosa pt-eval`: the second word can only be an id.
    return Words(" ".join(words[:-1]), id=words[-1]) if len(words) > 1 and time is None else None


def _time_at_end(words: Sequence[str]) -> tuple[str | None, int]:
    for size in (2, 1):
        if len(words) > size and (time := time_typed(" ".join(words[-size:]))) is not None:
            return time, size
    return None, 0


# --- a visit ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fitting:
    """The visits that fit what was typed, and what else there is to say."""

    day: dt.date
    """The day that was understood."""
    visits: tuple[Occurrence, ...] = ()
    """Those that fit, and with which what is wanted can be done."""
    others: tuple[Occurrence, ...] = ()
    """Those that fit, but with which it cannot."""
    passed: dt.date | None = None
    """The day that would have been meant, but on which there is no visit."""


def visits_on(
    chart: Chart,
    setting: Setting,
    day: str,
    time: str | None,
    leaning: Leaning,
    suits: Callable[[Occurrence], bool],
    *,
    day_first: bool = False,
) -> Fitting | None:
    """The visits of a day as it was typed; None if that is no day.

    A weekday leans to the coming or the last one. Only if there is no visit at all on that day, the other one counts.
    A day without its year is the one that is nearest.
    """
    today = setting.today_at(chart)
    days = [day_typed(day, today, leaning=way, day_first=day_first) for way in (leaning, _OTHER[leaning])]
    meant = list(dict.fromkeys(found for found in days if found is not None))
    if meant and abs(meant[0] - meant[-1]) > _WEEK:
        # A day of a month without its year: the visit of three days ago, not the one of next year.
        meant = [min(meant, key=lambda found: abs(found - today))]
    if not meant:
        return None
    for number, candidate in enumerate(meant):
        there = _on(chart, setting, candidate)
        at = [visit for visit in there if time is None or f"{visit.start:%H:%M}" == time]
        fitting = tuple(visit for visit in at if suits(visit))
        if fitting or (there and number == 0):
            rest = tuple(visit for visit in (at if time else there) if visit not in fitting)
            return Fitting(candidate, fitting, rest, meant[0] if number else None)
    return Fitting(meant[0])


def _on(chart: Chart, setting: Setting, day: dt.date) -> list[Occurrence]:
    """The visits that start on a day; if there is none, those that were due then and moved away."""
    there = list(occurrences(chart, setting, day, day).occurrences)
    if there:
        return there
    moved = {visit.date for visit in chart.visits if visit.day == day and visit.date not in (None, day)}
    found = {
        item.id: item
        for other in moved
        if other is not None
        for item in occurrences(chart, setting, other, other).occurrences
        if item.due == day
    }
    return sorted(found.values(), key=order)


def visit_of(chart: Chart, setting: Setting, name: str) -> Occurrence | None:
    """The visit of an id, wherever it was moved to; None if there is none."""
    days: set[dt.date] = set()
    for visit in chart.visits:
        if visit.id == name:
            days.update(day for day in (visit.date, visit.day) if day is not None)
    series, due = day_in_id(name)
    if due is not None:
        days.add(due)
        # A record of this day may bear another id.
        days.update(v.date for v in chart.visits if v.series == series and v.day == due and v.date is not None)
    for day in sorted(days):
        for item in occurrences(chart, setting, day, later(day, 1)).occurrences:
            if item.id == name or (item.visit is not None and item.visit.id == name):
                return item
    return None


def day_in_id(name: str) -> tuple[str, dt.date | None]:
    """The series and the day in the id of an occurrence; the id itself if there is no day in it."""
    match = _OF_A_DAY.fullmatch(name)
    try:
        return (match[1], dt.date.fromisoformat(match[2])) if match else (name, None)
    except ValueError:
        return name, None


def near(chart: Chart, setting: Setting, day: dt.date, suits: Callable[[Occurrence], bool]) -> list[Occurrence]:
    """Some visits near a day, for whoever named one on which there is none."""
    start, until = earlier(day, 7), later(day, 7)
    found = [item for item in occurrences(chart, setting, start, until).occurrences if suits(item)]
    found.sort(key=lambda item: abs((item.day - day).days))
    return sorted(found[:4], key=order)


def why_none(chart: Chart, day: dt.date, name: str | None = None) -> str | None:
    """Why a client has no visit on a day (of a series, if one was named), in words, if the series tell it."""
    series_id = day_in_id(name)[0] if name else None
    for series in chart.series:
        if series_id in (None, series.id):
            if day in series.except_ and is_due(series, day):
                return f"the series {series.id} leaves that day out"
            if series_id is not None and not is_due(series, day):
                return f"{day:%A} {day} is no day of the series {series.id}"
    return None


# --- a series --------------------------------------------------------------------------------------------------------


def series_words(typed: Sequence[str]) -> tuple[str, str] | None:
    """Client and series of CLIENT/ID or CLIENT ID; None if one of them is missing."""
    words = " ".join(typed).split()
    if not words:
        return None
    client, slash, name = words[-1].partition("/")
    if slash:
        whole = " ".join([*words[:-1], client])
        return (whole, name.removeprefix("series/")) if client and name else None
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else None


def series_of(chart: Chart, name: str) -> list[Series]:
    """The series that is meant: of this id; else those whose ids begin so."""
    exact = [series for series in chart.series if series.id == name]
    return exact[:1] or [series for series in chart.series if series.id.startswith(name)]


def first_days(series: Series, start: dt.date, count: int = 1, *, within: int = 800) -> list[dt.date]:
    """The first days from a day on at which a series takes place."""
    last = later(start, within)
    return _take((day for day in due_days(series, start, last) if day not in series.except_), count)


def _take(days: Iterable[dt.date], count: int) -> list[dt.date]:
    found: list[dt.date] = []
    for day in days:
        found.append(day)
        if len(found) == count:
            break
    return found

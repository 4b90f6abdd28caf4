"""Recurrence rules (RFC 5545 RRULE) of whole days: which days a rule means, in time that the window alone decides.

dateutil is not asked here; it is the judge in the tests. It runs from the anchor on (years, for a week's agenda), a
rule that never comes true, such as 30 February, keeps it busy until the year 9999 (6 s were measured), and its week
begins with whatever day `calendar.setfirstweekday` last named. Rules of whole days need little: within each period, the
days that all parts agree on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

_WEEKDAYS: Final = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_RANGES: Final = {"BYMONTH": (1, 12), "BYWEEKNO": (1, 53), "BYYEARDAY": (1, 366), "BYMONTHDAY": (1, 31)}
_BY: Final = frozenset({*_RANGES, "BYDAY"})
_PARTS: Final = frozenset({"FREQ", "INTERVAL", "WKST", "BYSETPOS", *_BY})
_FORBIDDEN: Final = {
    "COUNT": "COUNT makes every visit depend on the ones before it: give the series `until` instead",
    "UNTIL": "the end belongs into the series' `until`",
    "DTSTART": "the first day belongs into the series' `from`",
    "BYHOUR": "the time of day belongs into the series' `at`",
    "BYMINUTE": "the time of day belongs into the series' `at`",
    "BYSECOND": "the time of day belongs into the series' `at`",
}
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,3}")
_BYDAY: Final = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True)
class _Rule:
    """An RRULE of whole days, as RFC 5545 means it."""

    freq: str
    interval: int = 1
    wkst: int = 0
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    """(nth, weekday); nth 0: every one."""
    positions: tuple[int, ...] = ()


@lru_cache(maxsize=512)
def _parse(text: str) -> _Rule | str:
    """The rule, or why it cannot be used."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if ":" in part or len(text.split()) != 1:
            return "it must be one rule alone, such as FREQ=MONTHLY;BYDAY=2TU, with no other lines or names"
        if name in _FORBIDDEN:
            return f"{name} cannot be used: {_FORBIDDEN[name].partition(': ')[2] or _FORBIDDEN[name]}"
        if name not in _PARTS:
            return f"a rule has no part {name}" if re.fullmatch("[A-Z]{1,12}", name) else "a part of it has no name"
        if name in parts:
            return f"{name} is written twice"
        parts[name] = value
    return _build(parts)


def _build(parts: dict[str, str]) -> _Rule | str:
    freq = parts.get("FREQ")
    if freq is None:
        return "it does not say how often: FREQ is missing"
    if freq in ("HOURLY", "MINUTELY", "SECONDLY"):
        return "a series has one visit a day at most: FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"
    if freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        return "FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY"
    interval = parts.get("INTERVAL", "1")
    if not re.fullmatch("[0-9]{1,4}", interval) or int(interval) == 0:
        return "INTERVAL must be a whole number from 1 on"
    wkst = parts.get("WKST", "MO")
    if wkst not in _WEEKDAYS:
        return "WKST must be a day: MO, TU, WE, TH, FR, SA or SU"
    numbers: dict[str, frozenset[int]] = {}
    for name, (low, high) in _RANGES.items():
        if name in parts:
            read = _numbers(parts[name], low, high, signed=name != "BYMONTH")
            if read is None:
                return f"{name} must be numbers from {low} to {high}"
            numbers[name] = read
    days: set[tuple[int, int]] = set()
    for word in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _BYDAY.fullmatch(word)
        if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
            return "BYDAY must be days such as MO, 2TU or -1FR"
        days.add((int(match[1] or 0), _WEEKDAYS[match[2]]))
    positions = _numbers(parts["BYSETPOS"], 1, 366, signed=True) if "BYSETPOS" in parts else frozenset()
    if positions is None:
        return "BYSETPOS must be numbers from 1 to 366, or negative to count from the end"
    if positions and not _BY & parts.keys():
        return "BYSETPOS picks from days that another part must name, such as BYDAY"
    if clash := _clash(freq, parts.keys(), any(nth for nth, _ in days)):
        return clash
    return _Rule(
        freq=freq,
        interval=int(interval),
        wkst=_WEEKDAYS[wkst],
        months=numbers.get("BYMONTH", frozenset()),
        weeks=numbers.get("BYWEEKNO", frozenset()),
        year_days=numbers.get("BYYEARDAY", frozenset()),
        month_days=numbers.get("BYMONTHDAY", frozenset()),
        weekdays=frozenset(days),
        positions=tuple(sorted(positions)),
    )


def _clash(freq: str, names: Iterable[str], numbered: bool) -> str | None:
    """Parts that RFC 5545 does not allow together; calendar programs read each of them in their own way."""
    present = set(names)
    if "BYWEEKNO" in present and freq != "YEARLY":
        return "BYWEEKNO needs FREQ=YEARLY"
    if "BYYEARDAY" in present and freq != "YEARLY":
        return "BYYEARDAY needs FREQ=YEARLY"
    if "BYMONTHDAY" in present and freq == "WEEKLY":
        return "BYMONTHDAY cannot be used with FREQ=WEEKLY"
    if numbered and (freq not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in present):
        return "a numbered day such as 2TU needs FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO"
    return None


def _numbers(text: str, low: int, high: int, *, signed: bool) -> frozenset[int] | None:
    found = set()
    for word in text.split(","):
        if not _NUMBER.fullmatch(word):
            return None
        number = int(word)
        if not low <= (abs(number) if signed else number) <= high:
            return None
        found.add(number)
    return frozenset(found)


def _anchored(rule: _Rule, anchor: dt.date) -> _Rule:
    """The rule with all that it takes from its first day written out, so that it no longer depends on it."""
    weekdays, month_days, months = rule.weekdays, rule.month_days, rule.months
    if not (weekdays or month_days or rule.year_days):
        if rule.freq == "WEEKLY" or rule.weeks:
            weekdays = frozenset({(0, anchor.weekday())})
        elif rule.freq == "MONTHLY":
            month_days = frozenset({anchor.day})
        elif rule.freq == "YEARLY":
            month_days = frozenset({anchor.day})
            months = months or frozenset({anchor.month})
    return replace(rule, weekdays=weekdays, month_days=month_days, months=months)


def _periods(rule: _Rule, anchor: dt.date, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The periods of the rule that touch the days from first to last, as ordinals of their first and last day."""
    step, origin = rule.interval, anchor.toordinal()
    if rule.freq == "DAILY":
        for day in range(origin + -(-(first - origin) // step) * step, last + 1, step):
            yield day, day
    elif rule.freq == "WEEKLY":
        monday = origin - (anchor.weekday() - rule.wkst) % 7
        for day in range(monday + (first - monday) // (7 * step) * (7 * step), last + 1, 7 * step):
            yield day, day + 6
    else:
        length = 1 if rule.freq == "MONTHLY" else 12
        counted = (anchor.year * 12 + anchor.month - 1) // length
        begin, end = (dt.date.fromordinal(day) for day in (first, last))
        low, high = ((day.year * 12 + day.month - 1) // length for day in (begin, end))
        for period in range(counted + -(-(low - counted) // step) * step, high + 1, step):
            yield _month_start(period * length), _month_start((period + 1) * length) - 1


def _month_start(months: int) -> int:
    """The ordinal of the first day of a month, counted in months from the year 0."""
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, 1).toordinal() if year <= dt.MAXYEAR else dt.date.max.toordinal() + 1


def _fits(rule: _Rule, day: dt.date) -> bool:
    """Whether every part of the rule agrees on the day."""
    if rule.months and day.month not in rule.months:
        return False
    if rule.weekdays and not _fits_weekday(rule, day):
        return False
    if rule.month_days and not rule.month_days & {day.day, day.day - _month_length(day) - 1}:
        return False
    if rule.year_days:
        nth = _year_day(day)
        if not rule.year_days & {nth, nth - _year_length(day.year) - 1}:
            return False
    if rule.weeks:
        year, week = _week(day, rule.wkst)
        # 28 December is always in the last week of its year, whatever day the week begins with.
        if not rule.weeks & {week, week - _week(dt.date(year, 12, 28), rule.wkst)[1] - 1}:
            return False
    return True


def _fits_weekday(rule: _Rule, day: dt.date) -> bool:
    weekday = day.weekday()
    if (0, weekday) in rule.weekdays:
        return True
    if all(other != weekday for _, other in rule.weekdays):
        return False
    if rule.freq == "MONTHLY" or rule.months:
        position, length = day.day, _month_length(day)
    else:
        position, length = _year_day(day), _year_length(day.year)
    from_start, from_end = (position - 1) // 7 + 1, -((length - position) // 7 + 1)
    return (from_start, weekday) in rule.weekdays or (from_end, weekday) in rule.weekdays


def _month_length(day: dt.date) -> int:
    months = day.year * 12 + day.month
    return _month_start(months) - _month_start(months - 1)


def _year_day(day: dt.date) -> int:
    return day.toordinal() - dt.date(day.year, 1, 1).toordinal() + 1


def _year_length(year: int) -> int:
    return _year_day(dt.date(year, 12, 31))


def _week(day: dt.date, wkst: int) -> tuple[int, int]:
    """The year that a day's week belongs to, and its number there: the year that has its fourth day."""
    middle = day.toordinal() - (day.weekday() - wkst) % 7 + 3
    if middle > dt.date.max.toordinal():
        return dt.MAXYEAR, 53
    fourth = dt.date.fromordinal(max(middle, 1))
    return fourth.year, (_year_day(fourth) - 1) // 7 + 1


def rrule_days(text: str, anchor: dt.date, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The days that a rule anchored at a day produces from first to last, both included, in order.

    The anchor gives the rule what it does not say itself (its weekday, its day of the month) and begins the counting of
    INTERVAL; it is no day of the rule unless the rule produces it. A rule that cannot be used produces none.
    """
    rule = _parse(text)
    if isinstance(rule, str):
        return
    rule = _anchored(rule, anchor)
    low, high = max(first, anchor).toordinal(), last.toordinal()
    for begin, end in _periods(rule, anchor, low, high):
        if not rule.positions:
            begin, end = max(begin, low), min(end, high)
        days = range(max(begin, 1), min(end, dt.date.max.toordinal()) + 1)
        fitting = [day for day in map(dt.date.fromordinal, days) if _fits(rule, day)]
        if rule.positions:
            size = len(fitting)
            chosen = {position - 1 if position > 0 else size + position for position in rule.positions}
            fitting = [fitting[index] for index in sorted(chosen) if 0 <= index < size]
        for day in fitting:
            if low <= day.toordinal() <= high:
                yield day


def rrule_fault(text: str) -> str | None:
    """Why a recurrence rule cannot be used, in words, or None if it can."""
    rule = _parse(text)
    return rule if isinstance(rule, str) else None

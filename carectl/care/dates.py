"""Days as people type them: fri, tomorrow, 11/27. Whoever reads one says back in full what was understood."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal

from carectl.care.moments import add_period

Leaning = Literal["coming", "past"]
"""Which day a weekday, or a day without a year, means: the next such day or the last one. Today counts for both."""

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SLIP: Final = dt.timedelta(days=30)
_NAMED: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})(?:[/.]([0-9]{4}))?")
_DAY_MONTH: Final = re.compile(r"([0-9]{1,2})\.? ([a-z]{3,9})(?:,? ([0-9]{4}))?")
_MONTH_DAY: Final = re.compile(r"([a-z]{3,9}) ([0-9]{1,2})(?:,? ([0-9]{4}))?")
_IN: Final = re.compile(r"\+([1-9][0-9]{0,3}(?:d|w|mo|y))")


def day_typed(text: str, today: dt.date, *, leaning: Leaning = "coming", day_first: bool = False) -> dt.date | None:
    """The day that was meant, or None if it cannot be told.

    Knows 2026-11-27, today, tomorrow, yesterday, weekdays by three letters or more, 11/27 and 11/27/2026 (27/11 with
    `day_first`), nov 27, 27 nov 2026, and +3d, +2w, +6mo.
    """
    word = " ".join(text.strip().casefold().split())
    if word in _NAMED:
        return today + dt.timedelta(days=_NAMED[word])
    if len(word) >= 3 and (weekday := _index(word, _WEEKDAYS)) is not None:
        ahead = (weekday - today.weekday()) % 7
        return today + dt.timedelta(days=ahead if leaning == "coming" or ahead == 0 else ahead - 7)
    if match := _IN.fullmatch(word):
        return add_period(today, match[1])
    if match := _ISO.fullmatch(word):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(word):
        month, day = (match[2], match[1]) if day_first else (match[1], match[2])
        return _near(match[3], int(month), int(day), today, leaning)
    if match := _MONTH_DAY.fullmatch(word):
        month_index = _index(match[1], _MONTHS)
        return None if month_index is None else _near(match[3], month_index + 1, int(match[2]), today, leaning)
    if match := _DAY_MONTH.fullmatch(word):
        month_index = _index(match[2], _MONTHS)
        return None if month_index is None else _near(match[3], month_index + 1, int(match[1]), today, leaning)
    return None


def in_full(day: dt.date, today: dt.date) -> str:
    """A day said back: Friday 2026-11-27 (in 5 days)."""
    name = _WEEKDAYS[day.weekday()].capitalize()
    away = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(away)
    return f"{name} {day} ({near or (f'in {away} days' if away > 0 else f'{-away} days ago')})"


def _index(word: str, names: tuple[str, ...]) -> int | None:
    return next((position for position, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)


def _near(year: str | None, month: int, day: int, today: dt.date, leaning: Leaning) -> dt.date | None:
    """A day of a month: of the year that was named, else the next or last one as the leaning says.

    One that lies less than a month the other way is taken all the same: 11/20 typed on the 23rd is never next year.
    """
    if year is not None:
        return _day(int(year), month, day)
    # Nine years either way hold a leap day even where a century leaves one out.
    days = [found for count in range(-8, 9) if (found := _day(today.year + count, month, day)) is not None]
    if not days:
        return None
    slip = _SLIP if leaning == "coming" else -_SLIP
    turn = today - slip
    if leaning == "coming":
        return min((found for found in days if found >= turn), default=None)
    return max((found for found in days if found <= turn), default=None)


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None

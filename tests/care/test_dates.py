"""Days as people type them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.dates import Leaning, day_typed, in_full

TODAY = dt.date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("text", "coming", "past"),
    [
        ("2026-11-27", "2026-11-27", "2026-11-27"),
        ("2026-1-5", "2026-01-05", "2026-01-05"),
        ("today", "2026-11-22", "2026-11-22"),
        (" Tomorrow ", "2026-11-23", "2026-11-23"),
        ("yesterday", "2026-11-21", "2026-11-21"),
        ("fri", "2026-11-27", "2026-11-20"),
        ("Friday", "2026-11-27", "2026-11-20"),
        ("sun", "2026-11-22", "2026-11-22"),
        ("12/5", "2026-12-05", "2026-12-05"),
        ("1/5", "2027-01-05", "2026-01-05"),
        ("11/20", "2026-11-20", "2026-11-20"),
        ("6/1", "2027-06-01", "2026-06-01"),
        ("2/29", "2028-02-29", "2024-02-29"),
        ("11/27/2026", "2026-11-27", "2026-11-27"),
        ("nov 27", "2026-11-27", "2026-11-27"),
        ("27 Nov 2026", "2026-11-27", "2026-11-27"),
        ("27. november", "2026-11-27", "2026-11-27"),
        ("+3d", "2026-11-25", "2026-11-25"),
        ("+2w", "2026-12-06", "2026-12-06"),
    ],
)
def test_what_is_understood(text: str, coming: str, past: str) -> None:
    assert str(day_typed(text, TODAY)) == coming
    assert str(day_typed(text, TODAY, leaning="past")) == past


@pytest.mark.parametrize(
    "text", ["", "fr", "13/45", "2026-02-30", "soon", "2/30", "nov 31", "11", "mon tue", "+0d", "²/3"]
)
def test_what_is_not_understood_is_said_so(text: str) -> None:
    assert day_typed(text, TODAY) is None


def test_day_first_where_the_practice_writes_so() -> None:
    assert day_typed("27/11", TODAY, day_first=True) == dt.date(2026, 11, 27)
    assert day_typed("27/11", TODAY) is None


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 12), st.integers(1, 28), st.booleans())
def test_a_day_without_a_year_is_never_far_on_the_wrong_side(today: dt.date, month: int, day: int, ahead: bool) -> None:
    leaning: Leaning = "coming" if ahead else "past"
    found = day_typed(f"{month}/{day}", today, leaning=leaning)
    assert found is not None
    assert (found.month, found.day) == (month, day)
    away = (found - today).days if ahead else (today - found).days
    assert -30 <= away <= 366 - 30


def test_a_day_is_said_back_in_full() -> None:
    assert in_full(dt.date(2026, 11, 27), TODAY) == "Friday 2026-11-27 (in 5 days)"
    assert in_full(dt.date(2026, 11, 23), TODAY) == "Monday 2026-11-23 (tomorrow)"
    assert in_full(TODAY, TODAY) == "Sunday 2026-11-22 (today)"
    assert in_full(dt.date(2026, 11, 21), TODAY) == "Saturday 2026-11-21 (yesterday)"
    assert in_full(dt.date(2026, 11, 2), TODAY) == "Monday 2026-11-02 (20 days ago)"

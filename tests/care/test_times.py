"""Times as people type them, and visits as they name them."""

from __future__ import annotations

import datetime as dt

import pytest

from carectl.care.pointing import Words, day_in_id, series_words, words_of
from carectl.care.times import came, left, length_typed, time_typed
from carectl.caseload.zones import zone

TODAY = dt.date(2026, 11, 22)
CHICAGO = zone("America/Chicago")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("9:00", "09:00"), ("09:00", "09:00"), ("9am", "09:00"), ("2:30 PM", "14:30"), ("12am", "00:00"),
     ("12 p.m.", "12:00"), ("23:59", "23:59"), ("24:00", None), ("9", None), ("9:60", None), ("13pm", None), ("", None),
     ("nine", None)],
)  # fmt: skip
def test_times(typed: str, meant: str | None) -> None:
    assert time_typed(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("2h", "2h"), ("45m", "45m"), ("1h30m", "1h30m"), ("90 min", "90m"), ("1 hour 30 minutes", "1h30m"), ("0m", None),
     ("1h75m", None), ("90", None), ("", None), ("long", None)],
)  # fmt: skip
def test_lengths(typed: str, meant: str | None) -> None:
    assert length_typed(typed) == meant


def _at(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


def test_who_comes_before_midnight_came_the_day_before() -> None:
    day = dt.date(2026, 11, 20)
    assert came("23:50", day, _at(20, 0, 15)).text == "2026-11-19T23:50"
    # Only near midnight: a slip of twelve hours stays on its day, where a check can see it.
    assert came("21:04", day, _at(20, 9)).text == "21:04"


def test_what_ends_past_midnight_has_its_day() -> None:
    day = dt.date(2026, 11, 20)
    night = (_at(20, 22), _at(21, 6))
    start = came("22:03", day, night[0])
    assert (start.text, start.other_day) == ("22:03", None)
    assert left("6:01", day, start, night).text == "2026-11-21T06:01"
    assert left("23:00", day, start, night).text == "23:00"
    assert left("6:01", day, None, night).text == "2026-11-21T06:01"
    with pytest.raises(ValueError, match="past midnight, with its day: 2026-11-21T21:00"):
        left("21:00", day, start, night)
    assert left("2026-11-21 21:00", day, start, night).text == "2026-11-21T21:00"


def test_hours_that_are_twice_or_never() -> None:
    day = dt.date(2026, 10, 31)
    night = (_at(31, 22, month=10), _at(1, 6))
    start = came("22:00", day, night[0])
    with pytest.raises(ValueError, match=r"2026-11-01T01:30-05:00 or 2026-11-01T01:30-06:00"):
        left("1:30", day, start, night)
    first, second = (left(f"1:30-0{hours}:00", day, start, night) for hours in (5, 6))
    assert (first.text, second.text) == ("2026-11-01T01:30-05:00", "2026-11-01T01:30-06:00")
    assert second.instant.astimezone(dt.UTC) - first.instant.astimezone(dt.UTC) == dt.timedelta(hours=1)
    with pytest.raises(ValueError, match="the offset from UTC that the clocks there show"):
        left("1:30-07:00", day, start, night)
    with pytest.raises(ValueError, match="went forward over 02:30"):
        came("2:30", dt.date(2026, 3, 8), _at(8, 3, month=3))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["rosa", "sat", "9:00"], Words("rosa", day="sat", time="09:00")),
        (["rosa alvarez", "nov", "27"], Words("rosa alvarez", day="nov 27")),
        (["rosa", "27", "nov", "2026", "2", "pm"], Words("rosa", day="27 nov 2026", time="14:00")),
        (["rosa", "11/27"], Words("rosa", day="11/27")),
        (["c-014/am-care-2026-11-20"], Words("c-014", id="am-care-2026-11-20")),
        (["rosa", "alvarez/visits/pt-eval"], Words("rosa alvarez", id="pt-eval")),
        (["rosa", "pt-eval"], Words("rosa", id="pt-eval")),
        (["rosa"], None),
        (["rosa", "9:00"], None),
        ([], None),
    ],
)
def test_a_visit_by_its_words(typed: list[str], meant: Words | None) -> None:
    assert words_of(typed, TODAY) == meant


def test_a_series_by_its_words() -> None:
    assert series_words(["c-014/am-care"]) == ("c-014", "am-care")
    assert series_words(["rosa", "alvarez", "am-care"]) == ("rosa alvarez", "am-care")
    assert series_words(["c-014/series/am-care"]) == ("c-014", "am-care")
    assert series_words(["rosa"]) is None
    assert series_words(["c-014/"]) is None


def test_the_day_in_an_id() -> None:
    assert day_in_id("am-care-2-2026-11-20") == ("am-care-2", dt.date(2026, 11, 20))
    assert day_in_id("am-care-2026-11-31") == ("am-care-2026-11-31", None)
    assert day_in_id("pt-eval") == ("pt-eval", None)

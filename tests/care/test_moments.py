"""Dates, times and lengths as the files write them."""

from __future__ import annotations

import datetime as dt

import pytest

from carectl.care.moments import add_period, duration_of, end_of, in_days, moment_of, resolve, start_of, time_of
from carectl.caseload.zones import zone

CHICAGO = zone("America/Chicago") or dt.UTC
SYDNEY = zone("Australia/Sydney") or dt.UTC


@pytest.mark.parametrize(("text", "minutes"), [("45m", 45), ("2h", 120), ("1h30m", 90), ("000h1m", 1), ("100h", 6000)])
def test_durations(text: str, minutes: int) -> None:
    assert duration_of(text) == dt.timedelta(minutes=minutes)


def test_times_of_day() -> None:
    assert time_of("9:05") == time_of("09:05") == dt.time(9, 5)


@pytest.mark.parametrize(
    ("start", "period", "times", "expected"),
    [
        ("2026-01-31", "1mo", 1, "2026-02-28"),
        ("2028-01-31", "1mo", 1, "2028-02-29"),
        ("2024-02-29", "1y", 1, "2025-02-28"),
        ("2026-11-22", "14d", 1, "2026-12-06"),
        ("2026-11-22", "2w", -1, "2026-11-08"),
        ("2026-01-31", "1mo", -2, "2025-11-30"),
        ("2026-12-31", "1mo", 1, "2027-01-31"),
    ],
)
def test_periods(start: str, period: str, times: int, expected: str) -> None:
    assert str(add_period(dt.date.fromisoformat(start), period, times)) == expected


def test_moments_by_the_wall_or_their_own_offset() -> None:
    assert moment_of("2026-11-22T9:00", CHICAGO).isoformat() == "2026-11-22T09:00:00-06:00"
    assert moment_of("2026-11-22T09:00Z", CHICAGO).isoformat() == "2026-11-22T03:00:00-06:00"
    assert moment_of("2026-11-01T01:30-06:00", CHICAGO).astimezone(dt.UTC).isoformat() == "2026-11-01T07:30:00+00:00"
    assert moment_of("2026-11-01T01:30", CHICAGO).astimezone(dt.UTC).isoformat() == "2026-11-01T06:30:00+00:00"
    assert moment_of("2026-03-08T02:30:15", CHICAGO).isoformat() == "2026-03-08T03:30:15-05:00"


def test_days_begin_and_end_at_midnight_on_the_wall() -> None:
    assert start_of("2026-11-01", CHICAGO).astimezone(dt.UTC).isoformat() == "2026-11-01T05:00:00+00:00"
    assert end_of("2026-11-01", CHICAGO).astimezone(dt.UTC).isoformat() == "2026-11-02T06:00:00+00:00"
    assert end_of("2026-11-01T10:00", CHICAGO) == start_of("2026-11-01T10:00", CHICAGO)


def test_for_ever_ends_with_the_calendar() -> None:
    for there in (CHICAGO, SYDNEY):
        assert end_of("9999-12-31", there) == dt.datetime.max.replace(tzinfo=dt.UTC)
        assert start_of("0001-01-01", there) <= dt.datetime(1, 1, 2, tzinfo=dt.UTC)
    assert start_of("9999-12-31T23:00", CHICAGO) == dt.datetime.max.replace(tzinfo=dt.UTC)
    with pytest.raises(OverflowError):
        resolve(dt.date.min, dt.time(0), SYDNEY)


def test_a_day_touches_a_stretch_of_days_both_ends_included() -> None:
    def touches(text: str, until: str | None = "2026-11-20T10:00") -> bool:
        return in_days(dt.date.fromisoformat(text), "2026-11-18", until)

    assert [touches(f"2026-11-{n}") for n in (17, 18, 20, 21)] == [False, True, True, False]
    assert touches("2040-01-01", None)

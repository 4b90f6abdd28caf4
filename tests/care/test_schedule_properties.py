"""Schedules against an independent expansion: dateutil for the days, and an own search for the instants."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache
from typing import Any

import pytest
from dateutil.rrule import DAILY, WEEKLY, rrule
from helpers_schedule import chart, expand, series, setting
from hypothesis import given, settings
from hypothesis import strategies as st

from carectl.care.schedule import Expansion, due_days, is_due, occurrences
from carectl.caseload.records import DAYS, Away, Chart, Series, Visit
from carectl.caseload.zones import zone

ZONES = ("America/Chicago", "America/Vancouver", "Europe/Berlin", "Australia/Sydney", "America/Santiago")
TIMES = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "09:00", "22:00", "23:30")
START, UNTIL = dt.date(2026, 1, 1), dt.date(2029, 12, 31)


@cache
def offset_at(zone_name: str, hour: dt.datetime) -> dt.timedelta:
    """The offset from UTC at an instant (naive UTC)."""
    there = zone(zone_name)
    assert there is not None
    offset = hour.replace(tzinfo=dt.UTC).astimezone(there).utcoffset()
    assert offset is not None
    return offset


def instant(wall: dt.datetime, zone_name: str) -> dt.datetime:
    """The first instant (naive UTC) at which clocks show this; if none does, that by the clock as it went before."""
    before, after = (offset_at(zone_name, (wall + n * dt.timedelta(days=1)).replace(hour=12)) for n in (-1, 1))
    found = [wall - offset for offset in {before, after} if offset_at(zone_name, wall - offset) == offset]
    return min(found) if found else wall - before


@pytest.mark.parametrize("zone_name", ZONES)
def test_every_day_of_four_years(zone_name: str) -> None:
    dates = [moment.date() for moment in rrule(DAILY, dtstart=_noon(START), until=_noon(UNTIL))]
    rules = [series(f"d{n}", days=DAYS, from_=dt.date(2020, 1, 1), at=at, duration="8h") for n, at in enumerate(TIMES)]
    walls = [series(f"w{n}", days=DAYS, from_=dt.date(2020, 1, 1), at=at, to="05:30") for n, at in enumerate(TIMES)]
    expected: dict[str, tuple[dt.datetime, dt.datetime]] = {}
    for n, at in enumerate(TIMES):
        time = dt.time.fromisoformat(at)
        for date in dates:
            start = instant(dt.datetime.combine(date, time), zone_name)
            expected[f"d{n}-{date}"] = (start, start + dt.timedelta(hours=8))
            night = date + dt.timedelta(days=at >= "05:30")
            expected[f"w{n}-{date}"] = (start, instant(dt.datetime.combine(night, dt.time(5, 30)), zone_name))
    found = occurrences(chart(*rules, *walls), setting(zone_name), START, UNTIL)
    assert found.missing == ()
    assert len(found.occurrences) == len(expected) == 2 * len(TIMES) * 1461
    naive = {item.id: tuple(m.astimezone(dt.UTC).replace(tzinfo=None) for m in (item.start, item.end))
             for item in found.occurrences}  # fmt: skip
    assert naive == expected
    starts = [naive[item.id][0] for item in found.occurrences]
    assert starts == sorted(starts)
    assert len({item.start.utcoffset() for item in found.occurrences}) == 2, "both sides of a change were seen"


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12))


dates = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@st.composite
def some_series(draw: st.DrawFn, id_: str = "s") -> Series:
    fields: dict[str, Any] = {"from_": draw(dates), "at": draw(times)}
    fields["until"] = draw(st.none() | st.integers(-5, 500).map(lambda n: fields["from_"] + dt.timedelta(n)))
    if draw(st.integers(0, 3)):
        fields["days"] = tuple(draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True)))
        fields["every"] = draw(st.sampled_from([None, "1w", "2w", "3w", "13w"]))
    else:
        fields["rrule"] = draw(st.sampled_from([
            "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYDAY=-1FR,2TU",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY",
        ]))  # fmt: skip
    if draw(st.booleans()):
        fields["to"] = draw(times)
    else:
        fields["duration"] = draw(st.sampled_from(["15m", "2h", "24h", "30h"]))
    fields["except_"] = tuple(draw(st.lists(dates, max_size=3)))
    fields["staff"] = draw(st.sampled_from([None, "jo-park", ("jo-park", "ana-ruiz")]))
    return series(id_, **fields)


@st.composite
def some_chart(draw: st.DrawFn) -> Chart:
    rules = [draw(some_series(f"s{n}")) for n in range(draw(st.integers(1, 3)))]
    visits = []
    for n in range(draw(st.integers(0, 8))):
        rule = draw(st.sampled_from(rules))
        due = (
            draw(dates) if draw(st.integers(0, 3)) == 0 else next(due_days(rule, draw(dates), dt.date.max), draw(dates))
        )
        visits.append(Visit(
            id=f"v{n}", series=rule.id, day=due,
            date=due + dt.timedelta(draw(st.integers(-40, 40))) if draw(st.booleans()) else None,
            at=draw(st.none() | times), duration=draw(st.sampled_from([None, "1h"])),
            status=draw(st.sampled_from(["planned", "done", "cancelled", "missed"])),
            amends=draw(st.sampled_from([None, None, None, f"v{n - 1}"])),
        ))  # fmt: skip
    singles = [
        Visit(id=f"x{n % 3}", service="appointment", date=draw(dates), at=draw(times), duration="1h")
        for n in range(draw(st.integers(0, 4)))
    ]
    away = [Away(from_=str(first), until=str(first + dt.timedelta(5))) for first in draw(st.lists(dates, max_size=2))]
    end = draw(st.none() | dates)
    return chart(*rules, *visits, *singles, away=tuple(away), end_of_care=end)


@given(
    of=some_chart(), zone_name=st.sampled_from(ZONES), start=dates, first=st.integers(0, 60), second=st.integers(1, 60)
)
@settings(max_examples=150, deadline=None)
def test_two_windows_make_one(of: Chart, zone_name: str, start: dt.date, first: int, second: int) -> None:
    within = setting(zone_name)
    middle = start + dt.timedelta(first)
    end = middle + dt.timedelta(second)

    def expanded(one: dt.date, other: dt.date) -> Expansion:
        return occurrences(of, within, one, other)

    whole, left, right = expanded(start, end), expanded(start, middle), expanded(middle + dt.timedelta(1), end)
    assert whole.occurrences == left.occurrences + right.occurrences
    assert set(whole.missing) == set(left.missing) | set(right.missing)
    for item in whole.occurrences:
        assert start <= item.day == item.start.date() <= end
        assert item.end.astimezone(dt.UTC) > item.start.astimezone(dt.UTC)
    ids = Counter(item.id for item in whole.occurrences)
    assert all(count == 1 for count in ids.values())


@given(of=some_chart(), zone_name=st.sampled_from(ZONES), start=dates)
@settings(max_examples=100, deadline=None)
def test_every_visit_record_is_shown_or_said(of: Chart, zone_name: str, start: dt.date) -> None:
    found = occurrences(of, setting(zone_name), start, start + dt.timedelta(45))
    shown = {item.visit.id for item in found.occurrences if item.visit}
    said = {item.id for item in found.missing}
    amended = {visit.amends for visit in of.visits}
    for visit in of.visits:
        takes_place = visit.date or visit.day
        if takes_place and start <= takes_place <= start + dt.timedelta(44) and visit.id not in amended:
            assert visit.id in shown | said


@given(rule=some_series(), start=dates, days=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_is_due_and_due_days_agree(rule: Series, start: dt.date, days: int) -> None:
    until = start + dt.timedelta(days)
    found = list(due_days(rule, start, until))
    assert found == [day for n in range(days + 1) if is_due(rule, day := start + dt.timedelta(n))]
    if rule.rrule is None:
        weekdays = [DAYS.index(name) for name in rule.days]
        last = min(until, rule.until) if rule.until else until
        oracle = rrule(WEEKLY, dtstart=_noon(rule.from_), interval=int((rule.every or "1w")[:-1]), wkst=0,
                       byweekday=weekdays, until=_noon(last))  # fmt: skip
        assert found == [moment.date() for moment in oracle if moment.date() >= start]


def test_a_week_costs_the_same_however_old_its_series_is() -> None:
    """Work is counted, not timed: how often the rule looks at a day."""
    import carectl.care.recurrence as recurrence

    looked = 0
    fits = recurrence._fits

    def counting(rule: Any, day: dt.date) -> bool:
        nonlocal looked
        looked += 1
        return fits(rule, day)

    recurrence._fits = counting
    try:
        for rule in ("FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"):
            expand(chart(series(rrule=rule, from_=dt.date(1900, 1, 1))), "2026-11-16", "2026-11-22")
    finally:
        recurrence._fits = fits
    assert looked <= 4 * 8

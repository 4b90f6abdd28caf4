"""Recurrence rules: against dateutil, against RFC 5545's own examples, and those that cannot be used."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from carectl.care.recurrence import rrule_days, rrule_fault

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def days(rule: str, anchor: str, first: str, last: str) -> list[str]:
    return [str(day) for day in rrule_days(rule, *(dt.date.fromisoformat(text) for text in (anchor, first, last)))]


def by_dateutil(rule: str, anchor: dt.date, first: dt.date, last: dt.date) -> list[dt.date]:
    """What dateutil makes of a rule, with the week beginning on Monday unless written."""
    rule = rule if "WKST" in rule else f"{rule};WKST=MO"
    found = rrulestr(rule, dtstart=dt.datetime.combine(anchor, dt.time()))
    after, before = (dt.datetime.combine(day, dt.time()) for day in (first, last))
    return [moment.date() for moment in found.between(after, before, inc=True)]


@pytest.mark.parametrize(
    ("rule", "anchor", "expected"),
    [
        # The examples of RFC 5545, 3.8.5.3.
        ("FREQ=DAILY;INTERVAL=10", "1997-09-02", "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30 1997-10-14"),
        ("FREQ=MONTHLY;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU", "1997-09-07", "1997-09-07 1997-09-28 1997-11-02 1997-11-30"),
        ("FREQ=MONTHLY;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "1997-09-30", "1997-09-30 1997-10-01 1997-10-31 1997-11-01"),
        ("FREQ=YEARLY;BYMONTH=6,7", "1997-06-10", "1997-06-10 1997-07-10 1998-06-10"),
        ("FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", "1997-01-01", "1997-01-01 1997-04-10 1997-07-19 2000-01-01"),
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "1997-03-13 1997-03-20 1997-03-27 1998-03-05"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "1998-02-13 1998-03-13 1998-11-13 1999-08-13"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", "1996-11-05 2000-11-07"),
        ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09-04 1997-10-07 1997-11-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29", "1997-09-29 1997-10-30 1997-11-27"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30", "2007-01-15", "2007-01-15 2007-01-30 2007-02-15 2007-03-15"),
        # Where dateutil goes its own way: a plain and a numbered day in one list; a week without a day.
        ("FREQ=MONTHLY;BYDAY=MO,1TU", "2026-11-01", "2026-11-02 2026-11-03 2026-11-09 2026-11-16 2026-11-23"),
        ("FREQ=YEARLY;BYWEEKNO=20", "2026-11-05", "2027-05-20 2028-05-18"),
        # The positions of a week are those of the whole week, also of the first one.
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", "2026-11-18", "2026-11-23 2026-11-30"),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "2026-01-01", "2027-01-03 2028-01-02 2028-12-31"),
    ],
)
def test_examples(rule: str, anchor: str, expected: str) -> None:
    wanted = expected.split()
    assert days(rule, anchor, "1996-01-01", wanted[-1]) == wanted


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules of every kind that may be used, apart from those in which dateutil reads RFC 5545 in its own way."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5))}")
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")

    def numbers(name: str, low: int, high: int, *, signed: bool = True) -> None:
        if draw(st.integers(0, 2)) == 0:
            value = st.integers(low, high)
            value = value | value.map(lambda n: -n) if signed else value
            parts.append(f"{name}={','.join(map(str, draw(st.lists(value, min_size=1, max_size=4))))}")

    numbers("BYMONTH", 1, 12, signed=False)
    if freq != "WEEKLY":
        numbers("BYMONTHDAY", 1, 31)
    if freq == "YEARLY":
        numbers("BYYEARDAY", 1, 366)
        numbers("BYWEEKNO", 1, 53)
    weeks = any(part.startswith("BYWEEKNO") for part in parts)
    if weeks or draw(st.booleans()):
        chosen = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=5, unique=True))
        if freq in ("MONTHLY", "YEARLY") and not weeks and draw(st.booleans()):
            top = 5 if freq == "MONTHLY" or any(part.startswith("BYMONTH=") for part in parts) else 53
            nth = st.integers(1, top) | st.integers(-top, -1)
            chosen = [f"{draw(nth)}{weekday}" for weekday in chosen]
        parts.append(f"BYDAY={','.join(chosen)}")
    if any(part.startswith("BY") for part in parts) and freq != "WEEKLY":
        numbers("BYSETPOS", 1, 5)
    return ";".join(parts)


@given(rule=rules(), anchor=st.dates(dt.date(1999, 1, 1), dt.date(2032, 1, 1)), far=st.integers(-400, 4000))
@settings(max_examples=300, deadline=None)
def test_a_rule_means_what_dateutil_makes_of_it(rule: str, anchor: dt.date, far: int) -> None:
    assert rrule_fault(rule) is None
    first = anchor + dt.timedelta(far)
    last = first + dt.timedelta(450)
    if _comes_true(rule, anchor):
        assert list(rrule_days(rule, anchor, first, last)) == by_dateutil(rule, anchor, first, last)


def _comes_true(rule: str, anchor: dt.date) -> bool:
    """Whether a rule yields a day within reach after the windows of these tests, or dateutil looks for ever."""
    after = anchor + dt.timedelta(4500)
    return next(rrule_days(rule, anchor, after, after + dt.timedelta(366 * 60)), None) is not None


@pytest.mark.parametrize(
    "rule",
    [
        "", "FREQ", "FREQ=", "BYDAY=MO", "FREQ=HOURLY", "FREQ=SECONDLY", "FREQ=FORTNIGHTLY", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20270101", "FREQ=DAILY;DTSTART=20260101", "FREQ=DAILY;BYHOUR=9",
        "FREQ=DAILY;BYMINUTE=0", "FREQ=DAILY;BYSECOND=0", "FREQ=DAILY;BYEASTER=0", "FREQ=DAILY;RSCALE=HEBREW",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1.5", "FREQ=DAILY;INTERVAL=99999",
        "FREQ=DAILY;WKST=XX", "FREQ=DAILY;", "FREQ=DAILY;=", "RRULE:FREQ=DAILY", "FREQ=DAILY\nRRULE:FREQ=WEEKLY",
        "FREQ=DAILY FREQ=WEEKLY", "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTH=-1", "FREQ=DAILY;BYMONTH=0",
        "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=20", "FREQ=MONTHLY;BYYEARDAY=20", "FREQ=WEEKLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=0MO", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=MOO",
        "FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=MONTHLY;BYMONTHDAY=\uff11", "freq=daily",
    ],
)  # fmt: skip
def test_rules_that_cannot_be_used(rule: str) -> None:
    why = rrule_fault(rule)
    assert why
    assert why[0].isupper() or why[0] in "ai"
    assert list(rrule_days(rule, dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2027, 1, 1))) == []


@given(st.text("FREQ=DAILYWKMONTHBUSP0123456789,;:+-", max_size=60) | rules().map(lambda rule: rule[:-1]))
@settings(max_examples=300, deadline=None)
def test_any_text_has_an_answer(text: str) -> None:
    found = list(rrule_days(text, dt.date(2026, 1, 1), dt.date(2026, 6, 1), dt.date(2026, 9, 1)))
    assert not (found and rrule_fault(text))


def test_a_rule_that_never_comes_true_costs_what_its_window_costs() -> None:
    began = time.perf_counter()
    for rule in (
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=-9MO",
    ):
        assert rrule_fault(rule) is None
        assert days(rule, "0001-01-01", "2026-11-01", "2026-11-30") == []
    assert time.perf_counter() - began < 0.5


def test_the_ends_of_the_calendar() -> None:
    for rule in ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY"):
        found = days(rule, "0001-01-31", "9999-01-01", "9999-12-31")
        assert found == sorted(found)
        assert found
        assert days(rule, "9999-12-31", "0001-01-01", "9999-12-30") == []
    assert days("FREQ=YEARLY;BYWEEKNO=1,53", "0001-01-01", "0001-01-01", "0001-01-08")
    assert days("FREQ=YEARLY;BYWEEKNO=52;WKST=SU", "0001-01-01", "9999-12-01", "9999-12-31")

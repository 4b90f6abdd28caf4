"""The paragraph "Occurrences" of the caseload format, sentence by sentence."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from helpers_schedule import change, chart, day, days_of, expand, on, only, series, setting, single, staff, utc

from carectl.care.schedule import due_days, is_due, length_fault, order, rrule_fault, series_fault
from carectl.caseload.records import Away, Broken, Chart, Origin, Series, Visit
from carectl.caseload.zones import zone

ALL = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def daily(**more: Any) -> Series:
    return series("daily", **{"days": ALL, "from_": day("2020-01-01"), **more})


# --- wall-clock time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone_name", "date", "at", "expected"),
    [
        # 09:00 stays 09:00 when the clocks change.
        ("America/Chicago", "2026-03-07", "09:00", "2026-03-07T15:00Z"),
        ("America/Chicago", "2026-03-08", "09:00", "2026-03-08T14:00Z"),
        ("America/Chicago", "2026-10-31", "09:00", "2026-10-31T14:00Z"),
        ("America/Chicago", "2026-11-01", "9:00", "2026-11-01T15:00Z"),
        ("Europe/Berlin", "2026-03-28", "09:00", "2026-03-28T08:00Z"),
        ("Europe/Berlin", "2026-03-29", "09:00", "2026-03-29T07:00Z"),
        ("Australia/Sydney", "2026-04-04", "09:00", "2026-04-03T22:00Z"),
        ("Australia/Sydney", "2026-04-05", "09:00", "2026-04-04T23:00Z"),
        ("Australia/Sydney", "2026-10-04", "09:00", "2026-10-03T22:00Z"),
        # British Columbia changes its clocks in March 2026 for the last time: no hour comes back in November.
        ("America/Vancouver", "2026-03-07", "09:00", "2026-03-07T17:00Z"),
        ("America/Vancouver", "2026-03-08", "09:00", "2026-03-08T16:00Z"),
        ("America/Vancouver", "2026-11-02", "09:00", "2026-11-02T16:00Z"),
        ("America/Vancouver", "2027-01-15", "09:00", "2027-01-15T16:00Z"),
        # The hour that does not exist: forward by the gap.
        ("America/Chicago", "2026-03-08", "02:00", "2026-03-08T08:00Z"),
        ("America/Chicago", "2026-03-08", "02:30", "2026-03-08T08:30Z"),
        ("America/Chicago", "2026-03-08", "03:00", "2026-03-08T08:00Z"),
        ("America/Vancouver", "2026-03-08", "02:30", "2026-03-08T10:30Z"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30Z"),
        ("Australia/Sydney", "2026-10-04", "02:30", "2026-10-03T16:30Z"),
        ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30Z"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45Z"),
        # The doubled hour: the first of the two.
        ("America/Chicago", "2026-11-01", "00:30", "2026-11-01T05:30Z"),
        ("America/Chicago", "2026-11-01", "01:30", "2026-11-01T06:30Z"),
        ("America/Chicago", "2026-11-01", "02:00", "2026-11-01T08:00Z"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30Z"),
        ("Australia/Sydney", "2026-04-05", "02:30", "2026-04-04T15:30Z"),
        ("America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30Z"),
        ("America/Vancouver", "2026-11-01", "01:30", "2026-11-01T08:30Z"),
    ],
)
def test_a_start_is_a_time_on_the_wall(zone_name: str, date: str, at: str, expected: str) -> None:
    item = only(chart(daily(at=at)), date, setting(zone_name))
    assert utc(item.start) == expected
    assert item.end.astimezone(dt.UTC) - item.start.astimezone(dt.UTC) == dt.timedelta(hours=2)
    assert item.start.tzinfo is zone(zone_name)
    assert item.end.tzinfo is zone(zone_name)


def test_a_gap_may_carry_a_start_into_the_next_day() -> None:
    # Samoa left out 30 December 2011.
    samoa = setting("Pacific/Apia", now="2011-12-01T00:00")
    days = chart(daily(from_=day("2011-12-01")))
    assert [(item.id, str(item.day)) for item in on(days, "2011-12-29", "2012-01-01", samoa)] == [
        ("daily-2011-12-29", "2011-12-29"),
        ("daily-2011-12-30", "2011-12-31"),
        ("daily-2011-12-31", "2011-12-31"),
        ("daily-2012-01-01", "2012-01-01"),
    ]
    assert [item.id for item in on(days, "2011-12-31", None, samoa)] == ["daily-2011-12-30", "daily-2011-12-31"]
    assert on(days, "2011-12-30", None, samoa) == ()


def test_the_client_may_live_in_another_zone_than_the_practice() -> None:
    item = only(chart(daily(), timezone="America/Denver"), "2026-11-20")
    assert utc(item.start) == "2026-11-20T16:00Z"
    assert item.start.isoformat() == "2026-11-20T09:00:00-07:00"


@pytest.mark.parametrize(
    ("date", "length", "end"),
    [
        # `duration` is elapsed time, `to` a time on the wall: they part in the nights when clocks change.
        ("2026-10-30", {"duration": "8h"}, "2026-10-31T11:00Z"),
        ("2026-10-31", {"duration": "8h"}, "2026-11-01T11:00Z"),
        ("2026-10-30", {"to": "06:00"}, "2026-10-31T11:00Z"),
        ("2026-10-31", {"to": "06:00"}, "2026-11-01T12:00Z"),
        ("2026-03-07", {"to": "06:00"}, "2026-03-08T11:00Z"),
        ("2026-03-07", {"duration": "8h"}, "2026-03-08T12:00Z"),
        # An end is resolved like a start.
        ("2026-10-31", {"to": "01:30"}, "2026-11-01T06:30Z"),
        ("2026-03-07", {"to": "02:30"}, "2026-03-08T08:30Z"),
        # On the next day if not later than `at`.
        ("2026-06-01", {"to": "22:00"}, "2026-06-03T03:00Z"),
        ("2026-06-01", {"to": "22:01"}, "2026-06-02T03:01Z"),
        ("2026-06-01", {"to": "9:00"}, "2026-06-02T14:00Z"),
        ("2026-06-01", {"duration": "36h15m"}, "2026-06-03T15:15Z"),
    ],
)
def test_when_a_night_ends(date: str, length: dict[str, str], end: str) -> None:
    assert utc(only(chart(daily(at="22:00", **length)), date).end) == end


def test_no_positive_length_is_said_and_not_shown() -> None:
    nights = chart(daily(at="02:30", to="03:00"))
    found = expand(nights, "2026-03-07", "2026-03-09")
    assert [item.due for item in found.occurrences] == [day("2026-03-07"), day("2026-03-09")]
    (missing,) = found.missing
    assert (missing.trouble, missing.day, missing.at.keys) == ("length", day("2026-03-08"), ("to",))
    chicago = zone("America/Chicago")
    assert chicago is not None
    assert length_fault(day("2026-03-08"), "02:30", None, "03:00", chicago)
    assert length_fault(day("2026-03-08"), "02:30", "30m", None, chicago) is None
    assert length_fault(day("2026-03-09"), "02:30", None, "03:00", chicago) is None
    assert length_fault(dt.date.max, "23:30", None, "03:00", chicago)


# --- when a series is due --------------------------------------------------------------------------------------------


def test_days_of_the_week_from_and_until_included() -> None:
    # 2026-08-10 is a Monday.
    assert days_of(chart(series(until=day("2026-08-17"))), "2026-08-01", "2026-09-30") == [
        "2026-08-10", "2026-08-12", "2026-08-14", "2026-08-17",
    ]  # fmt: skip
    assert days_of(chart(series(until=day("2026-08-09"))), "2026-08-01", "2026-09-30") == []


def test_bounds_of_a_window_are_inclusive() -> None:
    assert days_of(chart(series()), "2026-11-18", "2026-11-20") == ["2026-11-18", "2026-11-20"]
    assert days_of(chart(series()), "2026-11-20", "2026-11-18") == []


@pytest.mark.parametrize("first", ["2026-11-02", "2026-11-04", "2026-11-07", "2026-11-08"])
def test_every_second_week_counts_from_the_monday_of_the_first(first: str) -> None:
    fortnightly = series(every="2w", days=("mon", "sun"), from_=day(first))
    expected = [
        text
        for text in ("2026-11-02", "2026-11-08", "2026-11-16", "2026-11-22", "2026-11-30", "2026-12-06")
        if text >= first
    ]
    assert days_of(chart(fortnightly), "2026-11-01", "2026-12-10") == expected


def test_a_day_named_twice_is_one_day() -> None:
    assert days_of(chart(series(days=("mon", "mon"))), "2026-11-16", "2026-11-22") == ["2026-11-16"]


def test_is_due_sees_the_bare_rule() -> None:
    every = series(every="3w", until=day("2026-11-02"), except_=(day("2026-08-31"),))
    due = {
        day("2026-08-01") + dt.timedelta(n) for n in range(150) if is_due(every, day("2026-08-01") + dt.timedelta(n))
    }
    assert due == set(due_days(every, day("2026-08-01"), day("2026-12-31")))
    assert day("2026-08-31") in due
    assert max(due) == day("2026-11-02")
    assert not is_due(series(days=()), day("2026-11-18"))
    assert not is_due(series(rrule="FREQ=HOURLY"), day("2026-11-18"))


def test_except_takes_days_out() -> None:
    assert days_of(chart(series(except_=(day("2026-11-27"),))), "2026-11-23", "2026-11-30") == [
        "2026-11-23", "2026-11-25", "2026-11-30",
    ]  # fmt: skip


def test_an_rrule_is_anchored_by_from_which_is_no_occurrence_of_its_own() -> None:
    second_tuesday = series(rrule="FREQ=MONTHLY;BYDAY=2TU", from_=day("2026-08-12"), until=day("2026-12-08"))
    assert days_of(chart(second_tuesday), "2026-08-01", "2027-03-01") == [
        "2026-09-08", "2026-10-13", "2026-11-10", "2026-12-08",
    ]  # fmt: skip


def test_the_week_of_an_rrule_begins_on_monday_unless_written() -> None:
    # The example of RFC 5545, 3.3.10: the two differ although only WKST does.
    rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU"
    monday = chart(series(rrule=rule, from_=day("1997-08-05")))
    sunday = chart(series(rrule=rule + ";WKST=SU", from_=day("1997-08-05")))
    assert days_of(monday, "1997-08-01", "1997-08-30") == ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]
    assert days_of(sunday, "1997-08-01", "1997-08-31") == ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]


def test_month_ends_and_leap_days() -> None:
    end = series(rrule="FREQ=MONTHLY;BYMONTHDAY=31", from_=day("2027-11-01"))
    leap = series("leap", rrule="FREQ=YEARLY", from_=day("2024-02-29"))
    last = series("last", rrule="FREQ=MONTHLY;BYDAY=-1FR", from_=day("2024-01-01"))
    assert days_of(chart(end), "2027-11-01", "2028-05-31") == ["2027-12-31", "2028-01-31", "2028-03-31", "2028-05-31"]
    assert days_of(chart(leap), "2024-01-01", "2033-01-01") == ["2024-02-29", "2028-02-29", "2032-02-29"]
    assert days_of(chart(last), "2028-02-01", "2028-03-31") == ["2028-02-25", "2028-03-31"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"days": ()}, "days"),
        ({"days": ("mon",), "rrule": "FREQ=DAILY"}, "rrule"),
        ({"days": (), "every": "2w", "rrule": "FREQ=DAILY"}, "rrule"),
        ({"days": (), "rrule": "FREQ=DAILY;COUNT=3"}, "rrule"),
        ({"duration": None}, "at"),
        ({"to": "12:00", "duration": "2h"}, "to"),
    ],
)
def test_a_series_that_cannot_be_understood_is_missing(fields: dict[str, Any], field: str) -> None:
    bad = Series(**{
        "id": "bad", "service": "nursing", "from_": day("2026-08-10"), "at": "09:00", "days": ("mon",),
        "duration": "2h", **fields,
    })  # fmt: skip
    fault = series_fault(bad)
    assert fault is not None
    assert fault[0] == field
    found = expand(chart(bad, series()), "2026-11-16", "2026-11-22")
    assert {item.series for item in found.occurrences} == {"am-care"}
    assert [(item.id, item.trouble, item.at.keys) for item in found.missing] == [("bad", "rule", (field,))]
    assert expand(chart(bad, series()), "2026-01-01", "2026-08-09").missing == (), "it had not begun"


def test_rrule_fault_is_none_for_a_good_rule() -> None:
    assert rrule_fault("FREQ=WEEKLY;BYDAY=MO") is None
    assert series_fault(series()) is None


# --- visits that differ ----------------------------------------------------------------------------------------------


def test_what_a_visit_record_does_not_say_is_as_due() -> None:
    of = chart(series(where="At home", with_="dr-lee"), change("2026-11-18", reason="Doctor first", at="11:00"))
    item = only(of, "2026-11-18")
    assert item.id == "am-care-2026-11-18"
    assert utc(item.start) == "2026-11-18T17:00Z"
    assert utc(item.end) == "2026-11-18T19:00Z"
    assert (item.staff, item.with_, item.where) == (("jo-park",), "dr-lee", "At home")
    assert (item.status, item.reason, item.service) == ("planned", "Doctor first", "personal_care")
    assert (item.visit, item.rule) == (of.visits[0], of.series[0])


def test_a_visit_without_a_record_is_planned_as_due() -> None:
    item = only(chart(series()), "2026-11-18")
    assert (item.id, item.due, item.day) == ("am-care-2026-11-18", day("2026-11-18"), day("2026-11-18"))
    assert (item.status, item.reason, item.suspended, item.opened, item.visit) == ("planned", None, None, (), None)


def test_the_id_goes_by_the_series_and_the_day_due() -> None:
    moved = change("2026-11-18", id="moved-one", date=day("2026-11-19"))
    assert only(chart(series(), moved), "2026-11-19").id == "am-care-2026-11-18"


@pytest.mark.parametrize(
    ("rule", "changed", "start", "end"),
    [
        ({"duration": "2h"}, {"at": "11:00"}, "17:00", "19:00"),
        ({"to": "11:00"}, {"at": "10:00"}, "16:00", "17:00"),
        ({"to": "11:00"}, {"duration": "3h"}, "15:00", "18:00"),
        ({"to": "11:00"}, {"to": "12:00"}, "15:00", "18:00"),
        ({"duration": "2h"}, {"to": "12:30"}, "15:00", "18:30"),
        ({"duration": "2h"}, {"at": "10:00", "duration": "30m"}, "16:00", "16:30"),
        ({"to": "11:00"}, {"at": "08:00", "duration": "30m"}, "14:00", "14:30"),
    ],
)
def test_a_changed_time_keeps_the_length_or_the_end(
    rule: dict[str, str], changed: dict[str, str], start: str, end: str
) -> None:
    item = only(chart(series(**rule), change("2026-11-18", **changed)), "2026-11-18")
    assert (utc(item.start)[11:16], utc(item.end)[11:16]) == (start, end)


def test_a_later_start_may_carry_the_series_end_to_the_next_day() -> None:
    item = only(chart(series(to="11:00"), change("2026-11-18", at="12:00")), "2026-11-18")
    assert utc(item.end) == "2026-11-19T17:00Z"


def test_a_moved_visit_leaves_its_day_and_keeps_its_id() -> None:
    of = chart(series(), change("2026-11-18", date=day("2026-11-21")))
    assert on(of, "2026-11-18") == ()
    item = only(of, "2026-11-21")
    assert (item.id, item.due, item.day) == ("am-care-2026-11-18", day("2026-11-18"), day("2026-11-21"))
    assert utc(item.start) == "2026-11-21T15:00Z"


def test_a_visit_moved_into_the_window_from_far_away_appears() -> None:
    of = chart(series(), change("2026-11-18", date=day("2027-03-20"), at="08:00"))
    assert utc(only(of, "2027-03-20").start) == "2027-03-20T13:00Z"
    assert days_of(of, "2026-11-17", "2026-11-19") == []


def test_staff_of_a_visit_replace_those_of_the_series() -> None:
    assert only(chart(series(), change("2026-11-18", staff=("ana-ruiz", "jo-park"))), "2026-11-18").staff == (
        "ana-ruiz", "jo-park",
    )  # fmt: skip
    opened = only(chart(series(), change("2026-11-18", staff=())), "2026-11-18")
    assert opened.staff == ()
    assert opened.open
    assert only(chart(series(staff=None)), "2026-11-18").open
    assert not only(chart(series(staff=None, with_="dr-lee")), "2026-11-18").open
    assert not only(chart(series(staff=None), change("2026-11-18", status="cancelled")), "2026-11-18").open


@pytest.mark.parametrize("status", ["confirmed", "done", "missed", "cancelled", "refused"])
def test_every_status_stays_with_its_planned_times(status: Any) -> None:
    item = only(chart(series(), change("2026-11-18", status=status, reason="So it was")), "2026-11-18")
    assert (item.status, item.reason) == (status, "So it was")
    assert utc(item.start) == "2026-11-18T15:00Z"


def test_a_visit_of_no_series() -> None:
    item = only(chart(single("2026-11-25", with_="dr-lee", where="Lakeside Clinic")), "2026-11-25")
    assert (item.id, item.series, item.due, item.rule) == ("pt-eval", None, None, None)
    assert (item.service, item.with_, item.where) == ("appointment", "dr-lee", "Lakeside Clinic")
    assert (utc(item.start), utc(item.end)) == ("2026-11-25T20:30Z", "2026-11-25T21:15Z")


def test_what_happened_stays_true_when_the_series_changes() -> None:
    ended = series(until=day("2026-11-15"), days=("mon",), at="07:00")
    done = change("2026-11-18", status="done", staff="jo-park", at="09:00")
    item = only(chart(ended, done), "2026-11-18")
    assert (item.status, utc(item.start)) == ("done", "2026-11-18T15:00Z")
    excepted = chart(series(except_=(day("2026-11-18"),)), change("2026-11-18", status="missed"))
    assert only(excepted, "2026-11-18").status == "missed"


@pytest.mark.parametrize("status", ["planned", "confirmed", "cancelled"])
@pytest.mark.parametrize("due", ["2026-11-17", "2026-11-27", "2026-08-07"])
def test_a_change_of_a_day_that_is_not_due_changes_nothing_and_is_said(status: Any, due: str) -> None:
    of = chart(series(except_=(day("2026-11-27"),)), change(due, status=status))
    found = expand(of, due)
    assert found.occurrences == ()
    assert [(item.id, item.trouble, item.day) for item in found.missing] == [(f"am-care-{due}", "not_due", day(due))]
    moved = chart(series(except_=(day("2026-11-27"),)), change(due, status=status, date=day("2026-12-01")))
    assert [item.trouble for item in expand(moved, "2026-12-01").missing] == ["not_due"]
    assert expand(of, "2026-12-02").missing == ()


def test_the_first_of_two_changes_of_one_day_counts() -> None:
    of = chart(
        series(),
        change("2026-11-18", id="a", date=day("2026-11-19")),
        change("2026-11-18", id="b", date=day("2026-12-22")),
    )
    found = expand(of, "2026-11-18", "2026-11-19")
    assert [item.visit and item.visit.id for item in found.occurrences] == ["a"]
    assert [(item.id, item.trouble) for item in found.missing] == [("b", "twice")]
    later = expand(of, "2026-12-22")
    assert [item.trouble for item in later.missing] == ["twice"]
    assert later.occurrences == ()


def test_a_correction_replaces_what_it_amends() -> None:
    first = change("2026-11-18", id="first", status="missed")
    second = change("2026-11-18", id="second", status="done", amends="visits/first")
    third = change("2026-11-18", id="third", status="done", at="10:00", amends="second")
    assert utc(only(chart(series(), first, second, third), "2026-11-18").start) == "2026-11-18T16:00Z"
    elsewhere = change("2026-11-18", id="second", status="done", amends="notes/first")
    assert [item.trouble for item in expand(chart(series(), first, elsewhere), "2026-11-18").missing] == ["twice"]
    wrong_day = chart(series(), change("2026-11-18", status="done"), change(
        "2026-11-20", status="done", amends="am-care-2026-11-18",
    ))  # fmt: skip
    assert [item.status for item in on(wrong_day, "2026-11-18", "2026-11-20")] == ["planned", "done"]


def test_two_series_or_visits_of_one_id() -> None:
    found = expand(chart(series(), series(at="18:00")), "2026-11-18")
    assert [utc(item.start) for item in found.occurrences] == ["2026-11-18T15:00Z"]
    assert [item.trouble for item in found.missing] == ["twice"]
    of = chart(single("2026-11-18"), single("2026-11-19"))
    assert [item.trouble for item in expand(of, "2026-11-19").missing] == ["twice"]
    assert expand(of, "2026-11-19").occurrences == ()


@pytest.mark.parametrize(
    ("visit", "trouble"),
    [
        (Visit(id="x", series="gone", day=day("2026-11-18")), "series_unknown"),
        (Visit(id="x", series="gone", day=day("2026-11-18"), status="done", at="09:00"), "series_unknown"),
        (Visit(id="x", series="am-care", date=day("2026-11-18")), "incomplete"),
        (Visit(id="x", date=day("2026-11-18"), at="09:00", duration="1h"), "incomplete"),
        (Visit(id="x", service="nursing", at="09:00", duration="1h"), "incomplete"),
        (Visit(id="x", service="nursing", date=day("2026-11-18"), duration="1h"), "incomplete"),
        (Visit(id="x", service="nursing", date=day("2026-11-18"), at="09:00"), "incomplete"),
        (Visit(id="x", service="nursing", date=day("2026-11-18"), at="09:00", duration="1h", to="10:00"), "length"),
        (change("2026-11-18", id="x", duration="1h", to="10:00"), "length"),
        (change("2026-11-18", id="x", at="11:00", origin=Origin("v.yaml", (), frozenset({"status"}))), "unreadable"),
    ],
)
def test_a_change_that_cannot_be_understood_leaves_the_visit_as_due(visit: Visit, trouble: str) -> None:
    found = expand(chart(series(), visit), "2026-11-18")
    assert [(item.id, item.status, utc(item.start)) for item in found.occurrences] == [
        ("am-care-2026-11-18", "planned", "2026-11-18T15:00Z")
    ]
    assert [(item.id, item.trouble) for item in found.missing] == [("x", trouble)]
    assert all("2026" not in item.why for item in found.missing)


def test_a_delivered_visit_of_an_unknown_series_is_shown_if_it_says_all() -> None:
    done = change("2026-11-18", "gone", status="done", service="nursing", at="09:00", duration="1h", staff="jo-park")
    item = only(chart(done), "2026-11-18")
    assert (item.id, item.series, item.service) == ("gone-2026-11-18", "gone", "nursing")


def test_records_that_could_not_be_read_are_said_once() -> None:
    of = chart(change("2026-11-18", "lost"), change("2026-11-18", "lost-too"))
    broken = Chart(
        id=of.id, path=of.path, client=of.client, series=of.series, visits=of.visits,
        broken=(Broken("series", "lost", Origin("v.yaml", ("series", 0))), Broken("goals", "g", Origin("p.yaml"))),
        unread=frozenset({"series", "visits"}), files=("clients/c-014/client.yaml", "clients/c-014/visits/a.yaml"),
    )  # fmt: skip
    assert [(item.id, item.trouble, item.at.path) for item in expand(broken, "2026-11-18").missing] == [
        ("lost", "unreadable", "v.yaml"),
        (None, "unreadable", "clients/c-014/visits/a.yaml"),
    ], "a series that could not be read explains its visits"


def test_parts_of_a_series_that_could_not_be_read() -> None:
    def lost(*fields: str, **more: Any) -> tuple[int, list[tuple[str, ...]]]:
        of = chart(series(origin=Origin("v.yaml", ("series", 0), frozenset(fields)), **more))
        found = expand(of, "2026-11-16", "2026-11-22")
        return len(found.occurrences), [tuple(map(str, item.at.keys[2:])) for item in found.missing]

    assert lost("until") == (0, [("until",)])
    assert lost("from_") == (0, [("from",)])
    assert lost("days") == (3, [("days",)])
    assert lost("days", days=()) == (0, [("days",)])
    assert lost("staff", staff=None) == (3, [("staff",)])
    assert lost("except_") == (3, [("except",)])
    assert lost("does") == (3, [])


def test_what_happened_in_a_series_that_cannot_be_understood() -> None:
    bad = series(rrule="FREQ=HOURLY")
    of = chart(bad, change("2026-11-18", status="done"), change("2026-11-20"))
    found = expand(of, "2026-11-16", "2026-11-20")
    assert [(item.id, item.status) for item in found.occurrences] == [("am-care-2026-11-18", "done")]
    assert [(item.id, item.trouble) for item in found.missing] == [("am-care", "rule")]
    endless = series(duration=None)
    found = expand(chart(endless, change("2026-11-18", status="done")), "2026-11-18")
    assert found.occurrences == ()
    assert [item.trouble for item in found.missing] == ["rule", "length"]
    unread = series(origin=Origin("v.yaml", (), frozenset({"at"})))
    found = expand(chart(unread, change("2026-11-18", status="done")), "2026-11-18")
    assert found.occurrences == ()
    assert [item.trouble for item in found.missing] == ["unreadable"]


def test_a_visit_of_no_series_may_be_corrected_too() -> None:
    of = chart(single("2026-10-18"), single("2026-11-18", id_="again", amends="pt-eval"), single("2026-11-19"))
    assert [item.id for item in on(of, "2026-11-18", "2026-11-18")] == ["again"]
    assert on(of, "2026-10-18") == ()


def test_an_absence_whose_end_could_not_be_read_keeps_nobody_away_for_ever() -> None:
    lost = Away(from_="2026-11-01", origin=Origin("c.yaml", ("away", 0), frozenset({"until"})))
    found = expand(chart(series(), away=(lost,)), "2026-11-18")
    assert [item.status for item in found.occurrences] == ["planned"]
    assert [(item.trouble, item.at.keys) for item in found.missing] == [("unreadable", ("away", 0, "until"))]
    found = expand(chart(series()), "2026-11-18", None, setting("America/Chicago", staff(away=(lost,))))
    assert [item.opened for item in found.occurrences] == [()]
    early = Away(from_="2026-11-01", until="2026-12-01", origin=Origin("c.yaml", ("away", 0), frozenset({"from_"})))
    assert [item.status for item in expand(chart(series(), away=(early,)), "2026-11-18").occurrences] == ["planned"]


LOST_END = Away(from_="2026-11-20", origin=Origin("staff/jo-park.yaml", ("away", 0), frozenset({"until"})))


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({"origin": Origin("staff/jo-park.yaml", (), frozenset({"away"}))}, ("away",)),
        ({"away": (LOST_END,)}, ("away", 0, "until")),
    ],
)
def test_staff_whose_times_away_could_not_be_read_are_said_once(more: dict[str, Any], keys: tuple[Any, ...]) -> None:
    here = setting("America/Chicago", staff(**more), staff("ana-ruiz", "Ana", "Ruiz"))
    found = expand(chart(series(), single("2026-11-24", staff="jo-park")), "2026-11-23", "2026-11-29", here)
    assert [(item.trouble, item.why.split(",")[0], item.at) for item in found.missing] == [
        ("unreadable", "the times away of jo-park could not be read", ("staff/jo-park.yaml", keys, False))
    ]
    assert [item.staff for item in found.occurrences] == [("jo-park",)] * 4
    # Not if nobody waits for them.
    assert expand(chart(series(staff="ana-ruiz")), "2026-11-23", "2026-11-29", here).missing == ()
    off = chart(series(), change("2026-11-23", status="cancelled"))
    assert expand(off, "2026-11-23", None, here).missing == ()


def test_a_time_away_that_begins_later_is_no_matter() -> None:
    assert on(chart(series()), "2026-11-18", None, setting("America/Chicago", staff(away=(LOST_END,))))


def test_staff_whose_file_could_not_be_read_are_said() -> None:
    here = dataclasses.replace(setting(), unread_staff=frozenset({"jo-park"}))
    found = expand(chart(series()), "2026-11-16", "2026-11-29", here)
    assert len(found.occurrences) == 6
    assert [(item.client, item.trouble, item.at.path) for item in found.missing] == [
        ("c-014", "unreadable", "staff/jo-park.yaml")
    ]
    assert found.missing[0].why == "the times away of jo-park could not be read, so jo-park is shown as coming"


def test_a_part_of_the_client_that_could_not_be_read_is_said() -> None:
    of = chart(series(), origin=Origin("c.yaml", (), frozenset({"away", "end_of_care", "phones"})))
    found = expand(of, "2026-11-18")
    assert [item.status for item in found.occurrences] == ["planned"]
    assert [item.at.keys for item in found.missing] == [("away",), ("end_of_care",)]


def test_a_time_zone_that_does_not_exist() -> None:
    found = expand(chart(series(), timezone="America/Chicgo"), "2026-11-18")
    assert found.occurrences == ()
    assert [(item.trouble, item.at.keys) for item in found.missing] == [("zone", ("timezone",))]


def test_a_client_who_could_not_be_read_may_live_in_another_zone() -> None:
    of = chart(series())
    found = expand(Chart(id=of.id, path=of.path, series=of.series), "2026-11-18")
    assert found.occurrences == ()
    assert [(item.trouble, item.at.path) for item in found.missing] == [("unreadable", "clients/c-014/client.yaml")]


def test_the_piece_that_gave_nothing_is_named() -> None:
    visit = change("2026-11-18", origin=Origin("clients/c-014/visits/2026-11.yaml", ("visits", 0)))
    rule = series(origin=Origin("clients/c-014/visits/series.yaml", ("series", 0)))
    of = dataclasses.replace(
        chart(rule, visit),
        unread=frozenset({"visits"}),
        files=tuple(f"clients/c-014/visits/{name}.yaml" for name in ("2026-11", "2026-12", "series")),
    )
    assert [item.at.path for item in expand(of, "2026-11-18").missing] == ["clients/c-014/visits/2026-12.yaml"]


def test_the_ends_of_the_calendar() -> None:
    of = chart(daily(from_=dt.date.min, at="23:00", to="06:00"), away=(Away(from_="2030-01-01", until="9999-12-31"),))
    found = expand(of, "9999-12-30", "9999-12-31")
    assert [(item.due, item.suspended) for item in found.occurrences] == [(day("9999-12-30"), "away")]
    assert [item.trouble for item in found.missing] == ["out_of_range"]
    assert len(expand(of, "0001-01-01", "0001-01-07").occurrences) == 7
    east = setting("Australia/Sydney")
    assert [item.trouble for item in expand(chart(daily(from_=dt.date.min)), "0001-01-01", None, east).missing] == [
        "out_of_range"
    ]


# --- away and the end of care ----------------------------------------------------------------------------------------


def statuses(of: Chart, start: str, until: str) -> list[tuple[str, str, str | None]]:
    return [(str(item.day)[8:], item.status, item.suspended) for item in on(of, start, until)]


def test_days_away_suspend_visits_both_ends_included() -> None:
    away = Away(from_="2026-11-18", until="2026-11-20", where="Evanston Hospital", reason="heart failure")
    of = chart(series(), away=(away,))
    assert statuses(of, "2026-11-16", "2026-11-23") == [
        ("16", "planned", None), ("18", "cancelled", "away"), ("20", "cancelled", "away"), ("23", "planned", None),
    ]  # fmt: skip
    item = only(of, "2026-11-18")
    assert (item.reason, item.staff) == ("heart failure", ("jo-park",))
    assert utc(item.start) == "2026-11-18T15:00Z"


def test_an_absence_without_an_end_goes_on() -> None:
    assert statuses(chart(series(), away=(Away(from_="2026-11-18"),)), "2026-11-16", "2026-11-18") == [
        ("16", "planned", None), ("18", "cancelled", "away"),
    ]  # fmt: skip
    assert only(chart(series(), away=(Away(from_="2026-11-18"),)), "2031-11-17").suspended == "away"


@pytest.mark.parametrize(
    ("from_", "until", "suspended"),
    [
        ("2026-11-18T09:00", "2026-11-18T09:30", True),
        ("2026-11-18T08:00", "2026-11-18T09:00", False),
        ("2026-11-18T09:01", "2026-11-18T12:00", False),
        ("2026-11-17", "2026-11-18T09:01", True),
        ("2026-11-18T15:00Z", "2026-11-18", True),
        ("2026-11-18T15:01Z", "2026-11-18", False),
    ],
)
def test_moments_away_suspend_what_would_begin_meanwhile(from_: str, until: str, suspended: bool) -> None:
    item = only(chart(series(), away=(Away(from_=from_, until=until),)), "2026-11-18")
    assert (item.suspended == "away") is suspended


def test_a_visit_over_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    nights = chart(daily(at="22:00", to="06:00"), away=(Away(from_="2026-11-18", until="2026-11-18"),))
    assert statuses(nights, "2026-11-17", "2026-11-19") == [
        ("17", "planned", None), ("18", "cancelled", "away"), ("19", "planned", None),
    ]  # fmt: skip


def test_a_moved_visit_is_judged_by_where_it_was_moved() -> None:
    away = (Away(from_="2026-11-18", until="2026-11-18"),)
    gone = chart(series(days=("wed",)), change("2026-11-18", date=day("2026-11-19")), away=away)
    assert only(gone, "2026-11-19").status == "planned"
    come = chart(series(days=("fri",)), change("2026-11-20", date=day("2026-11-18"), status="confirmed"), away=away)
    assert only(come, "2026-11-18").suspended == "away"


@pytest.mark.parametrize("status", ["done", "missed", "cancelled", "refused"])
def test_what_happened_or_was_called_off_is_not_suspended(status: Any) -> None:
    of = chart(series(), change("2026-11-18", status=status, reason="Ours"), end_of_care=day("2026-11-01"),
               away=(Away(from_="2026-11-18"),))  # fmt: skip
    item = only(of, "2026-11-18")
    assert (item.status, item.reason, item.suspended) == (status, "Ours", None)


def test_no_visit_after_the_end_of_care() -> None:
    of = chart(series(), status="discharged", end_of_care=day("2026-11-18"), end_reason="Moved to her son")
    assert statuses(of, "2026-11-16", "2026-11-20") == [
        ("16", "planned", None), ("18", "planned", None), ("20", "cancelled", "end_of_care"),
    ]  # fmt: skip
    assert only(of, "2026-11-20").reason == "Moved to her son"


@pytest.mark.parametrize("status", ["discharged", "deceased"])
def test_an_end_of_care_without_a_day_suspends_all_that_is_still_planned(status: Any) -> None:
    of = chart(series(), change("2026-11-16", status="done"), status=status)
    assert statuses(of, "2026-11-16", "2026-11-18") == [("16", "done", None), ("18", "cancelled", "end_of_care")]


def test_staff_who_are_away_leave_their_visits_open() -> None:
    jo = staff(away=(Away(from_="2026-11-18", until="2026-11-18"),))
    ana = staff("ana-ruiz", "Ana", "Ruiz")
    of = chart(series(), series("pair", staff=("jo-park", "ana-ruiz"), at="13:00"))
    alone, pair = on(of, "2026-11-18", None, setting("America/Chicago", jo, ana))
    assert (alone.staff, alone.opened, alone.open, alone.status) == ((), ("jo-park",), True, "planned")
    assert (pair.staff, pair.opened, pair.open) == (("ana-ruiz",), ("jo-park",), False)
    assert all(not item.opened for item in on(of, "2026-11-20", None, setting("America/Chicago", jo, ana)))


@pytest.mark.parametrize(
    ("from_", "until", "opened"),
    [
        ("2026-11-18T10:30", "2026-11-18T12:00", True),
        ("2026-11-18T11:00", "2026-11-18T12:00", False),
        ("2026-11-18T06:00", "2026-11-18T09:00", False),
        ("2026-11-18T06:00", "2026-11-18T09:01", True),
        ("2026-11-18T16:59Z", None, True),
        ("2026-11-18T17:00Z", None, False),
        ("2026-11-17", "2026-11-17", False),
    ],
)
def test_moments_of_staff_away_open_what_they_overlap(from_: str, until: str | None, opened: bool) -> None:
    jo = staff(away=(Away(from_=from_, until=until),))
    item = only(chart(series()), "2026-11-18", setting("America/Chicago", jo))
    assert bool(item.opened) is opened


def test_days_of_staff_are_days_of_the_practice() -> None:
    # 23:30 in Los Angeles on the 17th is 01:30 in Chicago on the 18th.
    jo = staff(away=(Away(from_="2026-11-18", until="2026-11-18"),))
    late = chart(daily(at="23:30"), timezone="America/Los_Angeles")
    found = on(late, "2026-11-17", "2026-11-18", setting("America/Chicago", jo))
    assert [item.opened for item in found] == [("jo-park",), ()]


def test_staff_who_came_are_named_even_if_they_were_away() -> None:
    jo = staff(away=(Away(from_="2026-11-18", until="2026-11-18"),))
    for status in ("done", "missed", "cancelled", "refused"):
        of = chart(series(), change("2026-11-18", status=status))
        assert only(of, "2026-11-18", setting("America/Chicago", jo)).staff == ("jo-park",)
    suspended = chart(series(), away=(Away(from_="2026-11-18", until="2026-11-18"),))
    assert only(suspended, "2026-11-18", setting("America/Chicago", jo)).staff == ("jo-park",)


# --- order -----------------------------------------------------------------------------------------------------------


def test_sorting_is_by_the_instant() -> None:
    # 01:30 on the first of November is the first one; 01:10 written with the later offset comes after it.
    of = chart(
        daily(at="01:30", duration="10m"), series("b", days=("sun",), at="00:40", to="02:10"),
        series("a", days=("sun",), at="00:40", to="02:10"), single("2026-11-01", at="02:00"),
    )  # fmt: skip
    found = on(of, "2026-11-01")
    assert [item.id for item in found] == ["a-2026-11-01", "b-2026-11-01", "daily-2026-11-01", "pt-eval"]
    assert sorted(found, key=order) == list(found)


def test_order_tells_the_two_hours_of_a_doubled_hour_apart() -> None:
    of = chart(daily(at="01:50"))
    first = only(of, "2026-11-01")
    second = first._replace(start=first.start.replace(minute=10, fold=1))
    assert second.start < first.start, "the wall clock shows less"
    assert sorted([second, first], key=order) == [first, second]

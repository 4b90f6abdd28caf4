"""The style `series`: the same visits as `flat`, said with rules that every calendar program reads alike; zone tables.

The files are read back with icalendar and expanded with dateutil, by the rules of RFC 5545 alone.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest
from dateutil import tz
from dateutil.rrule import rrulestr
from helpers_schedule import change, chart, day, expand, series, setting, single, staff
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from carectl.care.setting import Setting
from carectl.caseload.records import Chart, Series, Visit
from carectl.caseload.zones import zone as zone_of
from carectl.output.calendar import audiences, ical, zones
from carectl.output.calendar.audiences import Feed

JO, ANA = staff(), staff("ana-ruiz", "Ana", "Ruiz")
HERE = setting("America/Chicago", JO, ANA)


def feed_of(of: Chart, start: str, until: str, here: Setting = HERE) -> Feed:
    return audiences.coordinator_feed(of, expand(of, start, until, here).occurrences, here)


def components(data: bytes) -> list[Any]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


def masters(data: bytes) -> list[Any]:
    return [item for item in components(data) if "RRULE" in item]


def singles(data: bytes) -> list[Any]:
    return [item for item in components(data) if "RRULE" not in item]


def uids(items: Sequence[Any]) -> list[str]:
    return [str(item["UID"]) for item in items]


def left_out(master: Any) -> list[dt.datetime]:
    """The EXDATEs of an event, as wall times."""
    found = master.get("EXDATE", [])
    return [one.dt.replace(tzinfo=None) for item in (found if isinstance(found, list) else [found]) for one in item.dts]


def starts(master: Any) -> list[dt.datetime]:
    """The wall times at which an event with a rule starts, by dateutil alone."""
    begin = master["DTSTART"].dt.replace(tzinfo=None)
    there = zone_of(master["DTSTART"].params["TZID"])
    rule = {key: value for key, value in master["RRULE"].items() if key != "UNTIL"}
    (until,) = master["RRULE"]["UNTIL"]
    assert str(until.tzinfo) == "UTC", "its end is told in UTC"
    text = ";".join(f"{key}={','.join(map(str, value))}" for key, value in rule.items())
    local = until.astimezone(there).replace(tzinfo=None)
    all_of_it = list(rrulestr(text, dtstart=begin).between(begin, local, inc=True))
    assert all_of_it[0] == begin, "the first one is of the rule"
    assert all_of_it[-1] == local, "UNTIL is the last one"
    gone = left_out(master)
    assert set(gone) < set(all_of_it), "only days of the rule are taken out of it"
    assert len(gone) == len(set(gone))
    assert not {all_of_it[0], all_of_it[-1]} & set(gone)
    return [start for start in all_of_it if start not in gone]


def visits_in(data: bytes) -> Counter[tuple[object, ...]]:
    """Every visit that a file means: start and end in UTC, and what is said of it."""
    return Counter(row for item in components(data) for row in _rows(item))


def _rows(item: Any) -> Iterator[tuple[object, ...]]:
    told = tuple(str(item.get(name, "")) for name in ("SUMMARY", "STATUS", "LOCATION", "DESCRIPTION", "TRANSP"))
    begin, end = item["DTSTART"].dt, item["DTEND"].dt
    if "RRULE" not in item:
        assert str(begin.tzinfo) == str(end.tzinfo) == "UTC"
        yield (begin, end, *told)
        return
    there = zone_of(item["DTSTART"].params["TZID"])
    assert there is not None
    length = end.replace(tzinfo=None) - begin.replace(tzinfo=None)
    for start in starts(item):
        first, last = start.replace(tzinfo=there), (start + length).replace(tzinfo=there)
        for moment in (first, last):
            assert moment.utcoffset() == moment.replace(fold=1).utcoffset(), "no hour that is missing or doubled"
        assert first.utcoffset() == last.utcoffset(), "the clocks do not change in between"
        yield (first.astimezone(dt.UTC), last.astimezone(dt.UTC), *told)


def same(feed: Feed) -> bytes:
    """The feed as series, after showing that it means what the flat one means."""
    data = ical.series(feed)
    assert visits_in(data) == visits_in(ical.flat(feed))
    found = uids(components(data))
    assert len(found) == len(set(found))
    text = data.decode()
    for word in ("RECURRENCE-ID", "RDATE", "DURATION:", "COUNT=", "TZID=UTC", "TZID:UTC"):
        assert word not in text.replace("VALUE=DURATION:PT6H", "")
    return data


# --- bytes -----------------------------------------------------------------------------------------------------------

EXPECTED = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//carectl//carectl//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Rosie – visits
X-WR-CALNAME:Rosie – visits
REFRESH-INTERVAL;VALUE=DURATION:PT6H
X-PUBLISHED-TTL:PT6H
X-WR-TIMEZONE:America/Chicago
BEGIN:VTIMEZONE
TZID:America/Chicago
BEGIN:DAYLIGHT
DTSTART:20250309T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZNAME:CDT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251102T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZNAME:CST
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Rosie – Jo Park (personal care)
DTSTART;TZID=America/Chicago:20261028T090000
DTEND;TZID=America/Chicago:20261028T110000
DTSTAMP:20261113T150000Z
UID:c-014.series.am-care@carectl
SEQUENCE:0
RRULE:FREQ=WEEKLY;UNTIL=20261113T150000Z;INTERVAL=1;BYDAY=MO,WE,FR;WKST=MO
EXDATE;TZID=America/Chicago:20261102T090000
EXDATE;TZID=America/Chicago:20261106T090000
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
SUMMARY:Rosie – Jo Park (personal care)
DTSTART:20261102T170000Z
DTEND:20261102T190000Z
DTSTAMP:20261102T170000Z
UID:c-014.am-care-2026-11-02@carectl
SEQUENCE:0
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""


def test_a_series_byte_for_byte() -> None:
    of = chart(series(except_=(day("2026-11-06"),)), change("2026-11-02", at="11:00"))
    assert same(feed_of(of, "2026-10-28", "2026-11-14")) == EXPECTED.replace("\n", "\r\n").encode()


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"days": ("mon", "wed")}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,WE;WKST=MO"),
        ({"days": ("sun", "mon"), "every": "2w"}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO"),
        ({"rrule": "FREQ=DAILY"}, "FREQ=DAILY;INTERVAL=1"),
        ({"rrule": "FREQ=DAILY;INTERVAL=3"}, "FREQ=DAILY;INTERVAL=3"),
        ({"rrule": "FREQ=WEEKLY"}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=MO"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU"}, "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,SU;WKST=MO"),
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU"}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO"),
        ({"rrule": "FREQ=MONTHLY;BYDAY=2TU"}, "FREQ=MONTHLY;INTERVAL=1;BYDAY=2TU"),
        ({"rrule": "FREQ=MONTHLY;BYDAY=+3WE,1WE"}, "FREQ=MONTHLY;INTERVAL=1;BYDAY=1WE,3WE"),
        ({"rrule": "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"}, "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"),
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU"}, None),
        ({"rrule": "FREQ=DAILY;BYDAY=MO,TU"}, None),
        ({"rrule": "FREQ=MONTHLY"}, None),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=15"}, None),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"}, None),
        ({"rrule": "FREQ=MONTHLY;BYDAY=5MO"}, None),
        ({"rrule": "FREQ=MONTHLY;BYDAY=-2MO"}, None),
        ({"rrule": "FREQ=MONTHLY;BYDAY=MO"}, None),
        ({"rrule": "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"}, None),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO;BYMONTH=11,12"}, None),
        ({"rrule": "FREQ=YEARLY"}, None),
    ],
)
def test_only_rules_that_every_program_reads_alike(fields: dict[str, Any], rule: str | None) -> None:
    feed = feed_of(chart(series(**fields)), "2026-08-10", "2027-12-31")
    assert feed.events
    assert {event.rule.text if event.rule else None for event in feed.events} == {rule}
    data = same(feed)
    assert len(masters(data)) == (rule is not None)
    if rule is None:
        assert data == ical.flat(feed)


def test_what_differs_is_an_event_of_its_own_and_its_day_is_taken_out_of_the_rule() -> None:
    of = chart(
        series(),
        change("2026-11-18", at="11:00"),
        change("2026-11-20", date=day("2026-11-21")),
        change("2026-11-23", staff="ana-ruiz"),
        change("2026-11-25", status="cancelled", reason="Snow"),
        change("2026-11-27", status="done", staff="jo-park", at="09:00", note="Slept well."),
        change("2026-11-30", duration="3h"),
        change("2026-12-02", where="At her son's"),
    )
    data = same(feed_of(of, "2026-11-16", "2026-12-11"))
    (master,) = masters(data)
    own = ["2026-11-18", "2026-11-20", "2026-11-23", "2026-11-25", "2026-11-30", "2026-12-02"]
    assert sorted(uids(singles(data))) == [f"c-014.am-care-{due}@carectl" for due in own]
    assert [str(one.date()) for one in left_out(master)] == own
    assert "2026-11-27" in {str(one.date()) for one in starts(master)}, "it was delivered as it was due"


def test_a_visit_moved_to_another_day_at_the_same_hour_is_never_taken_for_a_day_of_the_rule() -> None:
    """From the Sunday of the wrong week, every second week would be counted wrongly from then on."""
    of = chart(
        series(every="2w", days=("mon",)),
        change("2026-11-16", date=day("2026-11-11")),
        change("2026-11-30", date=day("2026-12-07")),
    )
    data = same(feed_of(of, "2026-11-10", "2027-02-28"))
    (master,) = masters(data)
    assert str(starts(master)[0].date()) == "2026-12-14"
    assert len(singles(data)) == 2


def test_a_visit_moved_to_another_day_of_its_series_does_not_melt_into_the_one_that_is_due_there() -> None:
    of = chart(series(), change("2026-11-16", date=day("2026-11-18")), change("2026-11-23", date=day("2026-11-16")))
    data = same(feed_of(of, "2026-11-09", "2026-12-09"))
    assert uids(singles(data)) == ["c-014.am-care-2026-11-23@carectl", "c-014.am-care-2026-11-16@carectl"]


def test_what_happened_on_a_day_that_is_none_of_its_series_any_more() -> None:
    done = {"status": "done", "staff": "jo-park", "at": "09:00", "duration": "2h", "service": "personal_care"}
    of = chart(series(), change("2026-11-17", **done), change("2026-11-19", **done))
    data = same(feed_of(of, "2026-11-16", "2026-11-30"))
    assert len(masters(data)) == 1
    assert len(singles(data)) == 2


def test_a_series_that_takes_over_is_a_rule_of_its_own() -> None:
    of = chart(
        series(until=day("2026-11-22")), series("am-care-2", follows="am-care", from_=day("2026-11-23"), at="08:00")
    )
    data = same(feed_of(of, "2026-11-09", "2026-12-06"))
    assert uids(masters(data)) == ["c-014.series.am-care@carectl", "c-014.series.am-care-2@carectl"]


def test_a_rule_says_what_most_of_its_visits_say() -> None:
    of = chart(series(days=("mon",)), *(change(f"2026-11-{n:02}", staff="ana-ruiz") for n in (2, 9, 16, 23)))
    data = same(feed_of(of, "2026-11-02", "2026-12-14"))
    (master,) = masters(data)
    assert str(master["SUMMARY"]) == "Rosie – Ana Ruiz (personal care)"
    assert len(singles(data)) == 3


def test_a_single_visit_needs_no_rule() -> None:
    feed = feed_of(chart(series()), "2026-11-16", "2026-11-17")
    assert same(feed) == ical.flat(feed)


def test_a_rule_is_as_new_as_the_newest_thing_said_of_its_series() -> None:
    of = chart(series(), change("2026-11-20", at="10:00", recorded="2026-12-01T08:00"))
    (master,) = masters(same(feed_of(of, "2026-11-16", "2026-11-25")))
    assert master["DTSTAMP"].dt == dt.datetime(2026, 12, 1, 14, tzinfo=dt.UTC)


# --- clock changes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "length", "own"),
    [
        ("22:00", {"to": "06:00"}, ["2026-10-31", "2027-03-13"]),
        ("22:00", {"duration": "8h"}, ["2026-10-31", "2027-03-13"]),
        ("00:15", {"duration": "4h"}, ["2026-11-01", "2027-03-14"]),
        ("00:15", {"duration": "60m"}, ["2026-11-01"]),
        ("00:30", {"to": "01:00"}, ["2026-11-01"]),
        ("23:00", {"to": "02:00"}, ["2026-10-31", "2027-03-13"]),
        ("00:15", {"duration": "30m"}, []),
        ("03:00", {"duration": "2h"}, []),
        ("09:00", {"duration": "2h"}, []),
    ],
)
def test_visits_in_which_the_clocks_change_are_events_of_their_own(
    at: str, length: dict[str, str], own: list[str]
) -> None:
    of = chart(series("n", rrule="FREQ=DAILY", at=at, **({"duration": None} | length)))
    data = same(feed_of(of, "2026-10-20", "2027-03-20"))
    (master,) = masters(data)
    assert sorted(uids(singles(data))) == [f"c-014.n-{due}@carectl" for due in own]
    assert [str(one.date()) for one in left_out(master)] == own


@pytest.mark.parametrize("at", ["01:00", "01:30", "02:00", "02:30"])
def test_a_rule_never_passes_through_an_hour_that_is_missing_or_doubled(at: str) -> None:
    of = chart(series(rrule="FREQ=DAILY", at=at, duration="30m"))
    feed = feed_of(of, "2026-10-20", "2027-03-20")
    assert same(feed) == ical.flat(feed)
    assert masters(same(feed_of(of, "2026-11-10", "2027-03-10")))


# --- zones -----------------------------------------------------------------------------------------------------------


def test_each_zone_has_one_table_before_the_events() -> None:
    west = setting("America/Los_Angeles", JO)
    feed = audiences.joined("All", "America/Chicago", [
        feed_of(chart(series(), series("b", at="14:00")), "2026-11-16", "2026-12-16"),
        feed_of(chart(series(), client_id="c-015"), "2026-11-16", "2026-12-16", west),
    ])  # fmt: skip
    data = same(feed)
    found = [item.name for item in Calendar.from_ical(data).subcomponents]
    assert found == ["VTIMEZONE", "VTIMEZONE", "VEVENT", "VEVENT", "VEVENT"]
    assert [str(item["TZID"]) for item in Calendar.from_ical(data).walk("VTIMEZONE")] == [
        "America/Chicago", "America/Los_Angeles",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC", "Etc/GMT+6", "EST5EDT"])
def test_zones_without_a_place_are_told_in_utc(name: str) -> None:
    feed = feed_of(chart(series()), "2026-11-16", "2026-12-16", setting(name, JO))
    assert same(feed) == ical.flat(feed)


@pytest.mark.parametrize(("start", "until"), [("0001-01-01", "0001-02-01"), ("9999-11-01", "9999-12-31")])
def test_years_without_known_clocks_are_told_in_utc(start: str, until: str) -> None:
    feed = feed_of(chart(series(from_=day("0001-01-01"))), start, until)
    assert feed.events
    assert same(feed) == ical.flat(feed)


RULED: Final = (
    "America/Chicago", "America/Los_Angeles", "America/St_Johns", "Europe/London", "Europe/Dublin", "Australia/Sydney",
    "Australia/Lord_Howe", "Pacific/Auckland",
)  # fmt: skip
LISTED: Final = (
    "America/Vancouver",
    "America/Havana",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Gaza",
    "Africa/Casablanca",
)
FIXED: Final = ("Asia/Kolkata", "UTC", "America/Phoenix", "Asia/Kathmandu")


def onsets(text: str, last: int) -> list[tuple[dt.datetime, dt.timedelta]]:
    """The instants at which the parts of a table begin to hold, with their offsets, as RFC 5545 tells it."""
    found = []
    parts: list[Any] = Calendar.from_ical(text).walk("VTIMEZONE")[0].subcomponents
    for part in parts:
        begin, before = part["DTSTART"].dt, part["TZOFFSETFROM"].td
        walls = [begin]
        if "RRULE" in part:
            walls = list(rrulestr(part["RRULE"].to_ical().decode(), dtstart=begin).between(
                begin, dt.datetime(last + 1, 1, 1), inc=True,  # noqa: DTZ001
            ))  # fmt: skip
        found += [((wall - before).replace(tzinfo=dt.UTC), part["TZOFFSETTO"].td) for wall in walls]
    return sorted(found)


@pytest.mark.parametrize("first", [2023, 2026])
@pytest.mark.parametrize("name", [*RULED, *LISTED, *FIXED])
def test_a_table_is_right_at_every_hour_of_four_years(name: str, first: int) -> None:
    zone = zone_of(name)
    assert zone is not None
    calendar = Calendar()
    calendar.add_component(zones.table(name, zone, first, first + 3))
    text = calendar.to_ical().decode()
    pending = onsets(text, first + 3)
    read = tz.tzical(io.StringIO(text)).get(name)
    hour, end = dt.datetime(first, 1, 1, tzinfo=dt.UTC), dt.datetime(first + 4, 1, 1, tzinfo=dt.UTC)
    assert pending[0][0] <= hour
    offset = dt.timedelta()
    while hour < end:
        while pending and pending[0][0] <= hour:
            offset = pending.pop(0)[1]
        assert hour.astimezone(zone).utcoffset() == offset, f"{name} at {hour}"
        if hour.hour == 12:
            wall = hour.astimezone(zone).replace(tzinfo=None)
            assert wall.replace(tzinfo=read).utcoffset() == offset, "dateutil reads the same"
        hour += dt.timedelta(hours=1)


def test_tables_are_made_of_rules_that_every_program_reads() -> None:
    for name in (*RULED, *LISTED, *FIXED):
        zone = zone_of(name)
        assert zone is not None
        text = zones.table(name, zone, 2025, 2028).to_ical().decode()
        assert text.count("RRULE") == (2 if name in RULED else 0), name
        assert "RDATE" not in text
        if name in RULED:
            assert (text.count("BEGIN:DAYLIGHT"), text.count("BEGIN:STANDARD")) == (1, 1)
        if name in FIXED:
            assert text.count("TZOFFSETTO") == 1


def test_clock_changes_of_a_zone() -> None:
    vancouver = zone_of("America/Vancouver")
    assert vancouver is not None
    assert [str(item.wall) for item in zones.changes(vancouver, 2025, 2028)] == [
        "2025-03-09 02:00:00", "2025-11-02 02:00:00", "2026-03-08 02:00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "settled"),
    [
        ("America/Chicago", {2025, 2026, 2027, 2031}), ("Asia/Kolkata", {2025, 2026, 2027, 2031}),
        ("America/Vancouver", {2031}), ("America/Santiago", set()), ("Africa/Cairo", set()),
    ],
)  # fmt: skip
def test_a_rule_is_written_only_where_old_tables_tell_the_same_hours(name: str, settled: set[int]) -> None:
    zone = zone_of(name)
    assert zone is not None
    assert {year for year in (2025, 2026, 2027, 2031) if zones.is_settled(zone, year)} == settled


# --- the law ---------------------------------------------------------------------------------------------------------

ZONES: Final = ("America/Chicago", "America/Vancouver", "Australia/Sydney", "America/Santiago", "Asia/Kolkata", "UTC")
RULES: Final[tuple[dict[str, Any], ...]] = (
    {"days": ("mon", "wed", "fri")}, {"days": ("sat", "sun"), "every": "2w"}, {"days": ("sun",), "every": "3w"},
    {"rrule": "FREQ=DAILY"}, {"rrule": "FREQ=DAILY;INTERVAL=5"}, {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO"},
    {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU"}, {"rrule": "FREQ=MONTHLY;BYDAY=1SU,3SU"},
    {"rrule": "FREQ=MONTHLY;BYDAY=-1SU"}, {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15,-1"},
)  # fmt: skip
TIMES: Final = ("00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "09:00", "22:00", "23:30")
CHANGES: Final[tuple[dict[str, Any], ...]] = (
    {"at": "10:00"}, {"status": "cancelled"}, {"status": "missed"}, {"staff": "ana-ruiz"}, {"duration": "45m"},
    {"status": "done", "service": "personal_care", "staff": "jo-park", "at": "09:00", "duration": "2h"},
    {"status": "confirmed"}, {"where": "Clinic"},
)  # fmt: skip
FIRST: Final = day("2026-10-01")


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """One or two series with changes of all kinds, on and off their days."""
    records: list[Series | Visit] = []
    for name in draw(st.sampled_from((("a",), ("a", "b")))):
        length = draw(st.sampled_from(({"duration": "30m"}, {"duration": "2h"}, {"duration": "9h"}, {"to": "06:00"})))
        begins = FIRST + dt.timedelta(draw(st.integers(-40, 20)))
        records.append(series(
            name, at=draw(st.sampled_from(TIMES)), from_=begins, staff=draw(st.sampled_from(("jo-park", None))),
            **draw(st.sampled_from(RULES)), **length,
        ))  # fmt: skip
        for offset in draw(st.lists(st.integers(0, 180), max_size=6, unique=True)):
            due = FIRST + dt.timedelta(offset)
            if draw(st.booleans()):
                moved = due + dt.timedelta(draw(st.sampled_from((-7, -1, 1))))
                records.append(change(str(due), name, date=moved))
            else:
                records.append(change(str(due), name, **draw(st.sampled_from(CHANGES))))
    return chart(*records)


@settings(max_examples=60)
@given(charts(), st.sampled_from(ZONES), st.integers(0, 60), st.integers(1, 160))
def test_a_series_file_means_what_the_flat_file_means(of: Chart, name: str, skip: int, length: int) -> None:
    here = setting(name, JO, ANA)
    start = FIRST + dt.timedelta(skip)
    found = expand(of, str(start), str(start + dt.timedelta(length)), here).occurrences
    coordinator = audiences.coordinator_feed(of, found, here)
    own = audiences.staff_feed(JO, [(of, found)], here)
    for feed in (coordinator, own, audiences.busy(coordinator), audiences.without_cancelled(own)):
        same(feed)


def test_the_same_series_give_the_same_bytes_in_any_order() -> None:
    of = chart(series(), series("b", at="14:00"), change("2026-11-20", at="10:00"), single("2026-11-25"))
    feed = feed_of(of, "2026-11-16", "2026-12-16")
    shuffled = Feed(feed.name, feed.zone, feed.events[::-1])
    assert ical.series(shuffled) == ical.series(feed)

"""How long the ways take, who cannot be in time, and what that means for whoever could take a visit."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest
from helpers_schedule import CHICAGO, chart, on, only, series, setting, single, staff

from carectl.care.checks import Team, bookings_of, check_team
from carectl.care.coverage import Booking, Candidate, Person, bookings, candidates, reasons_against
from carectl.care.setting import Setting
from carectl.care.travel import Place, Ways, elsewhere, home, postal_of, ways_of
from carectl.caseload.records import Address, Chart, Client, Name, Origin, Practice, TravelBetween, TravelTimes
from carectl.caseload.zones import zone
from carectl.findings import Finding

HOME: Final = zone(CHICAGO) or dt.UTC
ELM: Final = Address(street="418 Elm St", city="Evanston", postal_code="60201")
LAKE: Final = Address(street="12 Lake Ave", city="Wilmette", postal_code="60091")


def travel(default: str | None = None, *table: tuple[str, str, str]) -> TravelTimes:
    ways = tuple(TravelBetween(between=(one, other), takes=takes) for one, other, takes in table)
    return TravelTimes(default=default, table=ways)


def place(client: str, address: Address | None = None) -> Place | None:
    return home(Client(id=client, name=Name(given="A", family="B"), status="active", address=address))


def minutes(times: TravelTimes, one: Place | None, other: Place | None) -> int:
    ways = Ways(times)
    there = ways.between(one, other)
    assert there == ways.between(other, one)
    return int(there.total_seconds()) // 60


# --- how long a way takes --------------------------------------------------------------------------------------------

TABLE: Final = (
    ("c-014", "c-007", "25m"), ("c-014", "60091", "35m"), ("60201", "60091", "40m"), ("60201", "60201", "5m"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "takes"),
    [
        (("c-014", ELM), ("c-007", LAKE), 25),  # two clients before all
        (("c-014", ELM), ("c-009", LAKE), 35),  # then a client and a postal code
        (("c-001", ELM), ("c-009", LAKE), 40),  # then two postal codes
        (("c-001", ELM), ("c-002", Address(street="1 Oak St", postal_code="60201")), 5),
        (("c-001", ELM), ("c-002", None), 15),  # then the default
        (("c-014", ELM), ("c-014", LAKE), 0),
        (("c-001", ELM), ("c-002", ELM), 0),
        (("c-014", ELM), ("c-007", ELM), 0),  # one address, whatever the table says
    ],
)
def test_the_closest_entry_of_the_table_counts(one: Any, other: Any, takes: int) -> None:
    assert minutes(travel("15m", *TABLE), place(*one), place(*other)) == takes


def test_without_a_default_unknown_ways_take_no_time() -> None:
    assert minutes(travel(None, *TABLE), place("c-001", ELM), place("c-002")) == 0
    assert minutes(travel(None, *TABLE), place("c-014"), place("c-007")) == 25


def test_of_two_entries_for_a_client_and_a_postal_code_the_longer_one_counts() -> None:
    times = travel("5m", ("c-014", "60091", "20m"), ("60201", "c-009", "30m"))
    assert minutes(times, place("c-014", ELM), place("c-009", LAKE)) == 30


def test_of_a_way_that_stands_twice_the_first_counts() -> None:
    assert minutes(travel(None, ("c-1", "c-2", "20m"), ("c-2", "c-1", "30m")), place("c-1"), place("c-2")) == 20


@pytest.mark.parametrize(
    ("street", "city", "postal", "same"),
    [
        ("418 elm st.", "EVANSTON", "60201-1234", True),
        ("418  Elm St", "Evanston", "60201", True),
        ("418 Elm St, Apt 2", "Evanston", "60201", False),
        ("418 Elm St", "Wilmette", "60201", False),
        ("418 Elm St", "Evanston", "60202", False),
    ],
)
def test_one_address_may_be_written_in_two_ways(street: str, city: str, postal: str, same: bool) -> None:
    other = place("c-2", Address(street=street, city=city, postal_code=postal))
    assert (minutes(travel("15m"), place("c-1", ELM), other) == 0) is same


def test_a_street_alone_is_no_address() -> None:
    bare = Address(street="418 Elm St")
    assert minutes(travel("15m"), place("c-1", bare), place("c-2", bare)) == 15


def test_postal_codes_are_compared_as_people_mean_them() -> None:
    assert postal_of("sw1a 1aa") == postal_of("SW1A1AA")
    assert postal_of("60201-1234") == "60201"


def test_visits_elsewhere_are_at_the_same_place_by_their_words_alone() -> None:
    clinic = elsewhere("Lakeside Clinic")
    assert minutes(travel("15m", *TABLE), clinic, elsewhere("lakeside clinic")) == 0
    assert minutes(travel("15m", *TABLE), clinic, elsewhere("Evanston Hospital")) == 15
    assert minutes(travel("15m", *TABLE), clinic, place("c-014", ELM)) == 15


def test_nothing_is_concluded_from_what_could_not_be_read() -> None:
    lost = Client(
        id="c-2", name=Name(given="A", family="B"), status="active", address=LAKE,
        origin=Origin("clients/c-2/client.yaml", (), frozenset({"address"})),
    )  # fmt: skip
    assert home(lost) is None
    assert minutes(travel("15m"), place("c-1", ELM), home(lost)) == 0
    assert ways_of(None) is None
    assert ways_of(travel("15m")) is not None
    assert ways_of(TravelTimes(default="15m", origin=Origin("carectl.yaml", (), frozenset({"table"})))) is None


# --- who cannot be in time -------------------------------------------------------------------------------------------


def practice(times: TravelTimes | None, *more: Any) -> Setting:
    bare = setting(CHICAGO, staff(), *more)
    return Setting(
        now=bare.now, zones=zone, practice=Practice(name="P", timezone=CHICAGO), staff=bare.staff, travel=times
    )


def told(times: TravelTimes | None, *charts: Chart) -> list[Finding]:
    within = practice(times)
    return check_team(Team((b for one in charts for b in bookings_of(one, within)), within))


def lunch(at: str, **more: Any) -> Chart:
    return chart(
        series("lunch", at=at, duration="1h", days=("mon",), **more.pop("fields", {})), client_id="c-007", **more
    )


def test_too_little_time_between_two_visits_in_words() -> None:
    (finding,) = told(travel("15m", ("c-014", "c-007", "25m")), chart(series()), lunch("11:10"))
    assert (finding.code, finding.client) == ("visit-travel-too-short", "c-007")
    assert finding.message == (
        "jo-park is at c-014 until 11:00 and the way takes 25m, but there are only 10m between (first on 2026-11-23)"
    )
    assert finding.hint is not None
    assert finding.hint.endswith("carectl visit suggest c-007/lunch-2026-11-23")


def test_just_enough_time_and_no_travel_times_at_all() -> None:
    assert told(travel("15m"), chart(series()), lunch("11:15")) == []
    assert [f.code for f in told(travel("15m"), chart(series()), lunch("11:14"))] == ["visit-travel-too-short"]
    assert told(None, chart(series()), lunch("11:00")) == []


def test_times_of_two_zones_are_told_in_that_of_the_visit() -> None:
    (finding,) = told(travel("15m"), chart(series()), lunch("12:05", timezone="America/New_York"))
    assert "until 12:00" in finding.message
    assert "only 5m between" in finding.message


def test_what_overlaps_is_double_booked_and_nothing_else() -> None:
    assert [f.code for f in told(travel("15m"), chart(series()), lunch("10:30"))] == ["visit-double-booked"]


def test_a_couple_and_one_house_need_no_time() -> None:
    assert told(travel("15m"), chart(series()), lunch("11:00", fields={"together": ("c-014",)})) == []
    assert told(travel("15m"), chart(series(), address=ELM), lunch("11:00", address=ELM)) == []


def test_a_visit_elsewhere_is_not_at_home() -> None:
    at_clinic = lunch("11:00", address=ELM, fields={"where": "Lakeside Clinic"})
    assert [f.code for f in told(travel("15m"), chart(series(), address=ELM), at_clinic)] == ["visit-travel-too-short"]


def test_one_finding_for_a_pair_of_series_and_only_next_visits_count() -> None:
    between = chart(series("pause", at="11:15", duration="15m", days=("mon",)), client_id="c-009")
    # c-014 to c-007 would take 60m, but she is at c-009 in between, which lies near both.
    times = travel("15m", ("c-014", "c-007", "60m"))
    assert told(times, chart(series()), between, lunch("11:45")) == []
    assert len(told(times, chart(series()), lunch("11:45"))) == 1


def test_of_a_couple_the_one_who_takes_longer_is_left_last() -> None:
    one = chart(series(days=("mon",), together=("c-015",)))
    other = chart(series(at="09:30", duration="30m", days=("mon",), together=("c-014",)), client_id="c-015")
    (finding,) = told(travel("15m"), one, other, lunch("11:05"))
    assert "at c-014 until 11:00" in finding.message


# --- who could take it -----------------------------------------------------------------------------------------------


def booked_at(at: str, client: str = "c-007", **fields: Any) -> list[Booking]:
    there = chart(single("2026-11-26", "other", at=at, duration="1h", staff="jo-park", **fields), client_id=client)
    return bookings(on(there, "2026-11-26"), home(there.client))


def of_jo(booked: list[Booking], times: TravelTimes | None) -> Candidate:
    place_ = chart(single("2026-11-26", at="10:00", duration="1h"))
    (found,) = candidates(only(place_, "2026-11-26"), place_, {"jo-park": staff()}, booked, HOME, ways_of(times))
    return found


def test_the_way_speaks_against_somebody() -> None:
    times = travel("15m")
    assert [r.words for r in of_jo(booked_at("08:50"), times).against] == [
        "is at c-007 until 09:50, and the way takes 15m"
    ]
    assert [r.words for r in of_jo(booked_at("11:05"), times).against] == [
        "must be at c-007 at 11:05, and the way takes 15m"
    ]
    assert of_jo(booked_at("11:15"), times).against == ()
    assert of_jo(booked_at("11:05"), None).against == ()
    assert of_jo(booked_at("11:00", together=("c-014",)), times).against == ()
    assert [r.why for r in of_jo(booked_at("10:30"), times).against] == ["busy"]


def test_the_same_is_said_of_one_person_asked_alone() -> None:
    visit = chart(single("2026-11-26", at="10:00", duration="1h"))
    who, booked = Person(staff(), HOME), booked_at("11:05")
    asked = only(visit, "2026-11-26")
    assert reasons_against(who, asked, booked) == ()
    (reason,) = reasons_against(who, asked, booked, None, Ways(travel("15m")), home(visit.client))
    assert reason.why == "travel"


def test_where_somebody_is_before_and_after() -> None:
    one = of_jo([*booked_at("08:00"), *booked_at("12:00", "c-009"), *booked_at("06:00", "c-001")], travel("15m"))
    assert one.beside() == (
        "comes from c-007 (there until 09:00, 15m away)", "goes on to c-009 (there from 12:00, 15m away)",
    )  # fmt: skip
    assert of_jo(booked_at("08:00"), None).beside() == ("comes from c-007 (there until 09:00)",)
    assert of_jo([], travel("15m")).beside() == ()


@pytest.mark.parametrize(("takes", "near"), [("30m", False), ("1h", True)])
def test_the_day_before_is_no_neighbour_unless_the_night_is_too_short(takes: str, near: bool) -> None:
    early = chart(single("2026-11-26", at="00:10", duration="1h"))
    night = chart(single("2026-11-25", "late", at="21:30", duration="2h", staff="jo-park"), client_id="c-007")
    booked = bookings(on(night, "2026-11-25"), home(night.client))
    visit = only(early, "2026-11-26")
    (found,) = candidates(visit, early, {"jo-park": staff()}, booked, HOME, Ways(travel(takes)))
    assert [reason.why for reason in found.against] == ["travel"] * near
    assert (found.before is not None) is near


def test_a_candidate_of_whom_not_all_could_be_read_is_none() -> None:
    lost = staff(origin=Origin("staff/jo-park.yaml", (), frozenset({"skills", "phone"})))
    visit = chart(single("2026-11-26"))
    found = candidates(only(visit, "2026-11-26"), visit, {"jo-park": lost, "amy": staff("amy")}, [], HOME)
    assert [(one.staff, one.can, one.unread) for one in found] == [("amy", True, ()), ("jo-park", False, ("skills",))]

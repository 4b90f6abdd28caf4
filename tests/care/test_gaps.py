"""Which visits nobody covers, and who is proposed for them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest
from helpers_schedule import CHICAGO, change, chart, day, expand, on, only, series, setting, single, staff

from carectl.care.coverage import bookings, candidates
from carectl.care.gaps import Gap, Places, Proposal, gap_of, places, proposals, window
from carectl.care.schedule import order
from carectl.care.setting import Setting
from carectl.caseload.records import Away, Chart, Employed, StaffMember
from carectl.caseload.zones import zone

HOME: Final = zone(CHICAGO) or dt.UTC
THURSDAY: Final = "2026-11-26"
AWAY: Final = (Away(from_=THURSDAY, until=THURSDAY),)
LEFT: Final = Employed(from_=day("2025-01-01"), until=day("2026-11-25"))


def gap(*members: StaffMember, **fields: Any) -> Gap | None:
    within = setting(CHICAGO, *members)
    return gap_of(only(chart(single(THURSDAY, **fields)), THURSDAY, within), within)


@pytest.mark.parametrize(
    ("members", "fields", "kind", "words"),
    [
        ([], {}, "open", "nobody is down for it"),
        ([], {"staff": ()}, "open", "nobody is down for it"),
        ([staff(away=AWAY)], {"staff": "jo-park"}, "away", "jo-park is away"),
        ([staff(employed=LEFT)], {"staff": "jo-park"}, "left", "jo-park works here until 2026-11-25 only"),
        ([], {"staff": "gwen"}, "unknown", "gwen is not on the roster"),
    ],
)
def test_why_nobody_comes(members: list[StaffMember], fields: dict[str, Any], kind: str, words: str) -> None:
    found = gap(*members, **fields)
    assert found is not None
    assert (found.kind, found.words, found.coming, found.missing) == (kind, words, (), 1)


def test_what_is_covered_or_does_not_take_place_is_no_gap() -> None:
    assert gap(staff(), staff="jo-park") is None
    assert gap(with_="dr-lee") is None
    assert gap(status="cancelled", reason="Snow") is None
    away = chart(single(THURSDAY), away=(Away(from_=THURSDAY, until=None),))
    assert gap_of(only(away, THURSDAY), setting()) is None


def test_one_of_two_is_too_few() -> None:
    found = gap(staff(away=AWAY), staff("amy"), staff=("jo-park", "amy"))
    assert found is not None
    assert (found.coming, found.missing, found.words) == (("amy",), 1, "jo-park is away")
    both = gap(staff(away=AWAY), staff("amy", employed=LEFT), staff=("jo-park", "amy"))
    assert both is not None
    assert (both.coming, both.missing) == ((), 2)
    assert both.words == "jo-park is away; amy works here until 2026-11-25 only"


def test_somebody_whose_file_could_not_be_read_may_come() -> None:
    bare = setting(CHICAGO)
    within = Setting(now=bare.now, zones=bare.zones, unread_staff=frozenset({"jo-park"}))
    (visit,) = expand(chart(single(THURSDAY, staff="jo-park")), THURSDAY, within=within).occurrences
    assert gap_of(visit, within) is None


# --- who is proposed -------------------------------------------------------------------------------------------------


def proposed(*charts: Chart, by: Setting) -> list[Proposal]:
    every = sorted((v for one in charts for v in on(one, "2026-11-23", "2026-11-29", by)), key=order)
    gaps = [found for visit in every if (found := gap_of(visit, by)) is not None]
    return proposals(gaps, {one.id: one for one in charts}, by, bookings(every))


def names(found: list[Proposal]) -> list[tuple[str, ...]]:
    return [tuple(candidate.staff for candidate in one.best) for one in found]


def open_at(at: str, client: str, *records: Any, **fields: Any) -> Chart:
    return chart(single(THURSDAY, at=at, duration="1h", **fields), *records, client_id=client)


def test_whoever_is_proposed_for_one_is_taken_for_the_next() -> None:
    team = setting(CHICAGO, staff("amy"), staff("ben", skills=("hoist",)))
    found = proposed(open_at("09:00", "c-1"), open_at("09:30", "c-2"), open_at("09:30", "c-3"), by=team)
    assert names(found) == [("amy",), ("ben",), ()]
    assert [one.busy for one in found] == [(), (), ("amy", "ben")]
    assert [one.able for one in found] == [2, 1, 0]


def test_hours_of_the_week_add_up_over_what_is_proposed() -> None:
    team = setting(CHICAGO, staff("amy", max_hours_per_week=2))
    found = proposed(*(open_at(f"{hour:02}:00", f"c-{hour}") for hour in (8, 10, 12)), by=team)
    assert names(found) == [("amy",), ("amy",), ()]


def test_a_couple_is_given_to_one_and_the_same() -> None:
    # ben knows c-2, and amy c-1: each alone would get the other.
    one = open_at("09:00", "c-1", change("2026-11-20", status="done", staff="amy"), series(until=day("2026-11-20")),
                  together=("c-2",))  # fmt: skip
    other = open_at("09:00", "c-2", change("2026-11-20", status="done", staff="ben"), series(until=day("2026-11-20")))
    team = setting(CHICAGO, staff("amy"), staff("ben"))
    assert names(proposed(one, other, by=team)) == [("amy",), ("amy",)]


def test_two_who_are_missing_take_two() -> None:
    team = setting(CHICAGO, staff(away=AWAY), staff("lou", away=AWAY), staff("amy"), staff("ben"))
    assert names(proposed(open_at("09:00", "c-1", staff=("jo-park", "lou")), by=team)) == [("amy", "ben")]


def test_nobody_is_proposed_to_join_themselves() -> None:
    team = setting(CHICAGO, staff(away=AWAY), staff("amy"))
    assert names(proposed(open_at("09:00", "c-1", staff=("jo-park", "amy")), by=team)) == [()]


# --- who stays -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("down", "stays"),
    [
        ((), Places((), 1)),
        (("amy",), Places((), 1)),
        (("away",), Places((), 1)),
        (("amy", "away"), Places(("amy",), 1)),
        (("amy", "weak"), Places(("amy",), 1)),
        (("weak", "away"), Places((), 2)),
        (("amy", "ben"), Places((), 2)),
        (("amy", "stranger"), Places(("amy",), 1)),
    ],
)
def test_who_stays_if_somebody_is_looked_for(down: tuple[str, ...], stays: Places) -> None:
    members = [staff(name, skills=("hoist",)) for name in ("amy", "ben")]
    within = setting(CHICAGO, *members, staff("weak"), staff("away", skills=("hoist",), away=AWAY))
    place = chart(single(THURSDAY, staff=down, needs=("hoist",)))
    visit = only(place, THURSDAY, within)
    assert places(visit, candidates(visit, place, within.staff, [], HOME), within) == stays


@pytest.mark.parametrize("first", ["2026-11-22", "0001-01-01", "9999-12-31"])
def test_whole_weeks_around_some_days_are_read(first: str) -> None:
    start, until = window(day(first), day(first))
    assert start <= max(day(first), dt.date.min + dt.timedelta(8))
    assert until >= min(day(first), dt.date.max - dt.timedelta(14))
    assert window(day("2026-11-25"), day("2026-11-25")) == (day("2026-11-22"), day("2026-11-30"))

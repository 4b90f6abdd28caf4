"""Conflicts of single visits: what is one, what is excused, and that both sides are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from helpers_schedule import change, chart, day, on, series, setting, single, staff

from carectl.care.conflicts import Conflict, conflicts, homes_of
from carectl.caseload.records import Availability, Credential, Employed, Series, TravelBetween, TravelTimes, Visit

MONDAY = "2026-11-23"
WEEK = (MONDAY, "2026-11-29")


def found(*charts: tuple[str, Series | Visit], **jo: Any) -> dict[tuple[str, str], list[tuple[str, str | None]]]:
    """What is in conflict from Monday to Sunday, with what: by visit."""
    within = setting("America/Chicago", staff(**jo))
    visits = [item for client, record in charts for item in on(chart(record, client_id=client), *WEEK, within)]
    return {key: [_brief(one) for one in some] for key, some in conflicts(visits, within).items()}


def _brief(conflict: Conflict) -> tuple[str, str | None]:
    return conflict.why, f"{conflict.other.client}/{conflict.other.id}" if conflict.other else conflict.staff


def test_two_places_at_once_are_told_of_both() -> None:
    walk = single(MONDAY, "walk", at="10:30", staff="jo-park")
    assert found(("c-1", series(days=("mon",))), ("c-2", walk)) == {
        ("c-1", f"am-care-{MONDAY}"): [("busy", "c-2/walk")],
        ("c-2", "walk"): [("busy", f"c-1/am-care-{MONDAY}")],
    }


@pytest.mark.parametrize(
    "walk",
    [
        single(MONDAY, "walk", at="11:00", staff="jo-park"),
        single(MONDAY, "walk", at="10:30", staff="dana"),
        single(MONDAY, "walk", at="10:30", staff="jo-park", together=("c-1",)),
        single(MONDAY, "walk", at="10:30", staff="jo-park", status="cancelled"),
        single(MONDAY, "walk", at="10:30", staff="jo-park", status="done"),
    ],
)
def test_what_is_none(walk: Visit) -> None:
    assert found(("c-1", series(days=("mon",))), ("c-2", walk)) == {}


def test_two_visits_of_one_client() -> None:
    within = setting()
    pair = chart(series(days=("mon",)), single(MONDAY, "gait", at="10:30", staff="ines"))
    both = conflicts(on(pair, *WEEK, within), within)
    assert {key: [_brief(one) for one in some] for key, some in both.items()} == {
        ("c-014", f"am-care-{MONDAY}"): [("overlap", "c-014/gait")],
        ("c-014", "gait"): [("overlap", f"c-014/am-care-{MONDAY}")],
    }
    watched = chart(series(days=("mon",)), single(MONDAY, "watch", at="10:30", service="supervision", staff="ines"))
    assert conflicts(on(watched, *WEEK, within), within) == {}


def test_what_speaks_against_the_person() -> None:
    care = ("c-1", series(days=("mon",), needs=("hoist",)))
    key = ("c-1", f"am-care-{MONDAY}")
    assert found(care, skills=("hoist",)) == {}
    assert found(care) == {key: [("skill", "jo-park")]}
    lapsed = Credential(kind="cpr", expires=day("2026-11-22"))
    assert found(care, skills=("hoist",), credentials=(lapsed,)) == {key: [("credential", "jo-park")]}
    assert found(care, employed=Employed(from_=day("2026-11-24"))) == {key: [("employment", "jo-park")]}
    # Hours are the practice's, and this one says nowhere in which zone it is.
    late = Availability(days=("mon",), from_="12:00", to="16:00")
    assert found(care, skills=("hoist",), availability=(late,)) == {}


def test_the_past_is_past() -> None:
    within = setting(now="2026-11-24T06:00")
    both = [
        *on(chart(series(days=("mon",)), client_id="c-1"), *WEEK, within),
        *on(chart(change(MONDAY, "late", at="10:00"), series("late", days=("mon",)), client_id="c-2"), *WEEK, within),
    ]
    assert len(both) == 2
    assert conflicts(both, within) == {}


def test_a_way_that_is_too_long() -> None:
    """Of two visits the later one is in conflict; every day of a series is told."""
    times = TravelTimes(default="25m", table=(TravelBetween(between=("c-1", "c-3"), takes="5m"),))
    within = replace(setting("America/Chicago", staff()), travel=times)

    def late(client: str, at: str) -> list[tuple[str, str]]:
        next_one = chart(series("walk", days=("mon", "wed"), at=at), client_id=client)
        charts = [chart(series(days=("mon", "wed")), client_id="c-1"), next_one]
        visits = [item for one in charts for item in on(one, *WEEK, within)]
        return [
            (key[1], one.words) for key, some in conflicts(visits, within, homes_of(charts)).items() for one in some
        ]

    too_far = [(f"walk-{due}", "the way takes 25m") for due in (MONDAY, "2026-11-25")]
    assert late("c-2", "11:10") == too_far
    assert late("c-2", "11:25") == []
    assert late("c-3", "11:10") == []

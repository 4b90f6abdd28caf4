"""Sharing entries, day by day, and the reasons that are given when they do not hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from helpers_documents import TODAY, share
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.sharing import (
    Reader,
    Withheld,
    corrected_entries,
    in_order,
    is_live,
    is_protected,
    is_told,
    live_topics,
    may_see,
    spoken,
    unreadable,
    why_not,
    withheld,
)
from carectl.caseload.records import TOPICS, Broken, Chart, Concern, Contact, Note, Origin, Sharing
from carectl.findings import Spot

DAY = dt.timedelta(1)


def contact(*sharing: Sharing, **more: Any) -> Contact:
    return Contact(id="maria", name="Maria", relationship="daughter", sharing=sharing, **more)


@pytest.mark.parametrize(
    ("more", "live"),
    [
        ({}, True),
        ({"given": TODAY}, True),
        ({"given": TODAY + DAY}, False),
        ({"expires": TODAY}, True),
        ({"expires": TODAY - DAY}, False),
        ({"revoked": TODAY}, False),
        ({"revoked": TODAY + DAY}, True),
        ({"revoked": TODAY - DAY}, False),
        ({"expires": None}, False),
        ({"expires": None, "basis": "agreed"}, True),
        ({"expires": None, "basis": "representative"}, True),
        ({"expires": None, "basis": "care_team"}, True),
        ({"origin": Origin("x", (), frozenset({"expires"}))}, False),
    ],
)
def test_live_on_a_day(more: dict[str, Any], live: bool) -> None:
    assert is_live(share("schedule", **more), TODAY) is live


def test_topics_add_up_and_all_is_every_topic() -> None:
    assert live_topics(contact(share("schedule"), share("goals", "schedule")), TODAY) == {"schedule", "goals"}
    assert live_topics(contact(share("all")), TODAY) == set(TOPICS)
    assert live_topics(contact(share("all", expires=None), share("money")), TODAY) == {"money"}
    assert live_topics(contact(roles=("emergency", "health_care_proxy")), TODAY) == frozenset()


@given(
    st.lists(
        st.tuples(st.sampled_from([*TOPICS, "all"]), st.integers(-3, 3), st.integers(-3, 3) | st.none(),
                  st.integers(-3, 3) | st.none(), st.sampled_from(["authorization", "agreed"])),
        max_size=4,
    )
)  # fmt: skip
def test_an_entry_more_never_takes_away_and_a_revocation_never_adds(rows: list[Any]) -> None:
    def entry(row: Any, **more: Any) -> Sharing:
        topic, given_on, expires, revoked, basis = row
        return Sharing(
            topics=(topic,), basis=basis, given=TODAY + given_on * DAY,
            expires=None if expires is None else TODAY + expires * DAY,
            **{"revoked": None if revoked is None else TODAY + revoked * DAY, **more},
        )  # fmt: skip

    entries = [entry(row) for row in rows]
    whole = live_topics(contact(*entries), TODAY)
    assert whole == frozenset().union(*(live_topics(contact(one), TODAY) for one in entries))
    assert live_topics(contact(*(entry(row, revoked=TODAY) for row in rows)), TODAY) == frozenset()
    for one in entries:
        assert not whole or live_topics(contact(one), TODAY) <= whole


@pytest.mark.parametrize(
    ("sharing", "words"),
    [
        ((), "not shared with maria"),
        ((share("goals"),), "not shared with maria"),
        ((share("schedule", expires=TODAY - DAY),), "maria's sharing lapsed on 2026-11-21"),
        ((share("all", revoked=TODAY),), "maria's sharing was revoked on 2026-11-22"),
        ((share("schedule", expires=None),), "maria's authorization has no expires date, so it does not count"),
        ((share("schedule", given=TODAY + DAY),), "maria's sharing begins on 2026-11-23"),
        (
            (share("schedule", origin=Origin("x", (), frozenset({"revoked"}))),),
            "the sharing entry of maria could not be read whole",
        ),
    ],
)
def test_why_not(sharing: tuple[Sharing, ...], words: str) -> None:
    assert why_not(contact(*sharing), "schedule", TODAY) == words


def test_may_see() -> None:
    maria = contact()
    assert may_see("notes", note(), maria)
    assert not may_see("notes", note(private=True), maria)
    assert not may_see("notes", note(about=("maria",)), maria)
    assert may_see("notes", note(about=("someone",)), maria)
    assert not may_see("notes", note(origin=Origin("x", (), frozenset({"about"}))), maria)
    assert not may_see("concerns", concern("neglect"), maria)
    assert may_see("concerns", concern("fall"), maria)
    assert not may_see("concerns", concern("fall"), maria, frozenset({("concerns", "c")}))


@pytest.mark.parametrize("kind", ["abuse", "neglect", "exploitation", "self_neglect", "abusive-caller", "mistreatment"])
def test_protected_kinds(kind: str) -> None:
    assert is_protected(concern(kind))
    assert not is_protected(concern("fall"))


@pytest.mark.parametrize("kind", ["fall", "near_fall", "near-fall", "hospitalization", "behavior", "missed_visit"])
def test_kinds_that_may_be_told(kind: str) -> None:
    assert is_told(concern(kind))
    assert may_see("concerns", concern(kind), contact())


@pytest.mark.parametrize("kind", ["complaint", "aps_report", "suspected_theft", "fall_pushed", "daughter", "abuse"])
def test_any_other_kind_is_not_told(kind: str) -> None:
    found = withheld("concerns", concern(kind), contact(), frozenset())
    assert found is not None
    assert found.why == "protected"
    assert "told to a contact" in found.words
    assert kind not in found.words


def test_what_a_lost_entry_may_correct_is_not_told() -> None:
    chart = Chart(
        id="c-1", path="clients/c-1", unread=frozenset({"notes"}), notes=(note(),), concerns=(concern("fall"),)
    )
    reader = Reader(chart, contact())
    found = reader.entry("notes", note())
    assert found is not None
    assert (found.why, found.words) == ("unreadable", "another entry of notes could not be read and may correct it")
    assert reader.entry("concerns", concern("fall")) is None
    lost = Chart(id="c-1", path="clients/c-1", broken=(Broken("concerns", None, Origin("c.yaml")),))
    assert Reader(lost, contact()).entry("concerns", concern("fall")) is not None


def test_corrections_are_found_by_any_form_of_path() -> None:
    chart = Chart(
        id="c-1",
        path="clients/c-1",
        notes=(note(id="b", amends="a"), note(id="d", amends="notes/c"), note(id="f", amends="c-1/concerns/e")),
    )
    assert corrected_entries(chart) == {("notes", "a"), ("notes", "c"), ("concerns", "e")}


def test_unreadable_parts_come_in_order_and_once() -> None:
    chart = Chart(
        id="c-1",
        path="clients/c-1",
        unread=frozenset({"visits", "notes"}),
        broken=(Broken("goals", None, Origin("b.yaml", ("x", 10))), Broken("goals", "g", Origin("b.yaml", ("x", 2)))),
    )
    assert [item.what for item in unreadable(chart)] == ["goals/g", "goals, an entry without an id", "notes", "visits"]


def test_order_is_stable() -> None:
    spots = [Spot("b", ("x", 2)), Spot("b", ("x", 10)), Spot("a"), Spot("b")]
    things = [Withheld("w", why, "words", spot) for why in ("private", "topic") for spot in spots]
    assert in_order(things) == in_order([*reversed(things), *things])
    assert [(item.why, item.spot.path, item.spot.keys) for item in in_order(things)][:4] == [
        ("topic", "a", ()), ("topic", "b", ()), ("topic", "b", ("x", 2)), ("topic", "b", ("x", 10)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "language", "text", "doubt"),
    [
        ({"en": "E", "es": "S"}, "es", "S", None),
        ({"en": "E", "es": "S"}, "es-MX", "S", None),
        ({"en": "E", "es-MX": "M"}, "es", "M", None),
        ({"en": "E", "pl": "P"}, "es", "E", "no words in es; the en words were used"),
        ({"pl": "P", "de": "D"}, "en", "D", "no words in en; the de words were used"),
        ({"es": "  "}, "es", "", None),
        ("T", "en", "T", None),
        ("T", "en-GB", "T", None),
        ("T", "es", "T", "words name no language; check that they are in es"),
    ],
)
def test_words_in_a_language(words: Any, language: str, text: str, doubt: str | None) -> None:
    assert spoken(words, language) == (text, doubt)


def note(**more: Any) -> Note:
    return Note(**{"id": "n", "at": "2026-11-20T10:00", "text": "t", **more})


def concern(kind: str) -> Concern:
    return Concern(id="c", kind=kind, at="2026-11-20", facts="f")

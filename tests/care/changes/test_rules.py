"""The rules themselves: their page, and how a practice lets changes weigh more."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_changes import setting, state
from msgspec import inspect as shapes

from carectl.care.changes.compare import compare
from carectl.care.changes.judging import judge
from carectl.care.changes.rules import GROUPS, OTHER, RULES, SEVERITIES, base, places, reference, severities
from carectl.care.changes.wording import RECORDS, count_of
from carectl.caseload.identities import KINDS, Lost, State
from carectl.caseload.records import FILE_KINDS

PAGE: Final = Path(__file__).parents[3] / "docs" / "review-rules.md"
MARK: Final = "<!-- the rules, as `carectl` has them -->\n"


def test_the_page_shows_the_rules_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8")
    head, mark, _ = text.partition(MARK)
    assert mark
    wanted = f"{head}{MARK}\n" + "\n".join(reference()).rstrip() + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == wanted


def test_every_rule_stands_once_and_explains_itself() -> None:
    assert sum(map(len, GROUPS.values())) == len(RULES)
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
        assert rule.severity in SEVERITIES
        assert rule.means.endswith(".")
        assert len(rule.means.split()) >= 3
        assert "|" not in rule.means


def test_every_place_has_rules_that_there_are() -> None:
    for kind in KINDS:
        for place, rules in places(kind).items():
            assert set(rules) <= RULES.keys(), f"{kind} {place}"


@pytest.mark.parametrize(
    ("kind", "way", "rule"),
    [
        ("medications", ("medications", ("a",), "x-own"), OTHER),
        ("medications", ("medications", ("a",), "brand_new"), "med-changed"),
        ("visits", ("visits", ("a",), "did", "lights", "outcome"), "visit-changed"),
        ("client", ("brand_new",), "client-changed"),
        ("notes", ("brand_new",), OTHER),
        ("practice", ("review", "severities", "goal-due-moved"), "review-severities-changed"),
    ],
)
def test_what_no_rule_knows_has_the_one_above_it(kind: str, way: Any, rule: str) -> None:
    assert base(kind, way).changed == rule


def practice(**raised: str) -> State:
    """A practice that lets rules weigh more."""
    return state({"practice": {"practice": {"name": "L"}, "review": {"severities": raised}}}, None)


def test_a_practice_raises_and_never_lowers() -> None:
    found = severities(practice(), practice(**{"goal-due-moved": "high", "med-dose-changed": "low", "no-rule": "high"}))
    assert found["goal-due-moved"] == "high"
    assert found["med-dose-changed"] == "high"
    assert found["note-added"] == "low"
    assert found.keys() == RULES.keys()


def test_a_change_cannot_quieten_itself() -> None:
    raised, silent = practice(**{"goal-due-moved": "high"}), practice()
    assert severities(raised, silent)["goal-due-moved"] == "high"
    assert severities(silent, raised)["goal-due-moved"] == "high"
    broken = State(None, {"practice": Lost("it cannot be read")})
    assert severities(raised, broken)["goal-due-moved"] == "high"
    assert severities(broken, State(None, {}))["goal-due-moved"] == "medium"


def test_what_a_practice_raises_weighs_more() -> None:
    goal = {"id": "g", "text": "Walk", "status": "active", "due": "2026-11-27"}
    old, new = (
        state({"care-plan": {"problems": [{"id": "p", "statement": "Weak", "status": "active", "goals": [item]}]}})
        for item in (goal, {**goal, "due": "2026-12-27"})
    )
    found = compare(old, new)
    (plain,) = judge(found, old, new, setting())
    (raised,) = judge(found, old, new, setting(), severities(practice(), practice(**{"goal-due-moved": "high"})))
    assert (plain.severity, raised.severity) == ("medium", "high")
    assert plain.fingerprint == raised.fingerprint


def test_every_list_has_words_for_its_entries() -> None:
    """Or a review would count allergie and equipments."""
    met: set[str] = set()
    seen: set[type] = set()

    def look(shape: Any, *, is_item: bool = False) -> None:
        if isinstance(shape, shapes.StructType):
            if is_item:
                met.add(shape.cls.__name__.removesuffix("Piece"))
            if shape.cls not in seen:
                seen.add(shape.cls)
                for field in shape.fields:
                    look(field.type)
        for name in ("type", "item_type", "value_type"):
            if hasattr(shape, name):
                look(getattr(shape, name), is_item=is_item or name == "item_type")
        for option in getattr(shape, "types", ()):
            look(option, is_item=is_item)

    for record in FILE_KINDS.values():
        look(shapes.type_info(record))
    assert {"Allergy", "Equipment", "Agreement"} < met
    # Lists of people hold names, which are no records.
    assert met - {"Someone"} | {"StaffMember"} == set(RECORDS)
    assert (count_of(1, "Allergy"), count_of(3, "Agreement")) == ("1 allergy", "3 agreements")


def test_of_what_weighs_alike_what_can_hurt_most_comes_first() -> None:
    old = state({
        "client": {"id": "c-001", "code_status": "dnr"},
        "medications": {"medications": [{"id": "a", "name": "A", "dose": "1 tablet"}]},
        "notes": {"notes": [{"id": "n", "at": "2026-11-09T10:00", "text": "Slept badly"}]},
    })  # fmt: skip
    new = state({
        "client": {"id": "c-001", "code_status": "full"},
        "medications": {"medications": [{"id": "a", "name": "A", "dose": "2 tablets"}]},
        "notes": {"notes": [{"id": "n", "at": "2026-11-09T10:00", "text": "Slept well"}]},
    })  # fmt: skip
    found = judge(compare(old, new), old, new, setting())
    assert [(item.severity, item.kind) for item in found] == [
        ("high", "medications"), ("high", "client"), ("high", "notes"),
    ]  # fmt: skip

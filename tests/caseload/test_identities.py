"""What entries are known by, and what means the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from msgspec import inspect as shapes

from carectl.caseload import identities
from carectl.caseload.identities import Bag, Group, Leaf, Lost, Rows, build, canonical, join, plain
from carectl.caseload.records import FILE_KINDS, Record
from carectl.caseload.validate import options_of


def listed(record: type[Record], seen: set[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Every record that stands in a list somewhere below another one, with its fields."""
    shape = shapes.type_info(record)
    assert isinstance(shape, shapes.StructType)
    for field in shape.fields:
        for option in options_of(field.type)[0]:
            is_list = isinstance(option, shapes.VarTupleType)
            inner = options_of(option.item_type)[0] if isinstance(option, shapes.VarTupleType) else (option,)
            for item in inner:
                if isinstance(item, shapes.StructType):
                    if is_list and len(inner) == 1:
                        yield item.cls.__name__, frozenset(part.encode_name for part in item.fields)
                    if item.cls.__name__ not in seen:
                        seen.add(item.cls.__name__)
                        yield from listed(cast("type[Record]", item.cls), seen)


def test_every_record_of_a_list_is_known_by_something() -> None:
    """A new record without an id must be thought about; a name that is gone must not stay in the table."""
    seen: set[str] = set()
    found = dict(pair for kind in FILE_KINDS.values() for pair in listed(kind, seen))
    without_id = {name for name, fields in found.items() if "id" not in fields}
    assert without_id == {*identities.NATURAL_KEYS, *identities._EITHER, *identities.UNKEYED}
    for name, parts in (*identities.NATURAL_KEYS.items(), *identities._EITHER.items()):
        assert set(parts) <= found[name], name
    assert set(found) >= identities.ORDERED


def content(kind: str, data: Any) -> bytes:
    """The canonical bytes of a file in which nothing is lost."""
    node, faults = build(kind, data)
    assert not faults
    return canonical(node)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("client", {"id": "c-1", "end_of_care": None}, {"id": "c-1"}),
        ("client", {"id": "c-1", "address": {}}, {"id": "c-1"}),
        ("client", {"address": {"postal_code": 60201}}, {"address": {"postal_code": "60201"}}),
        ("client", {"allergies": []}, {}),
        ("client", {"precautions": ["oxygen", "fall_risk"]}, {"precautions": ["fall_risk", "oxygen"]}),
        ("visits", {"visits": [{"id": "v", "status": "planned"}]}, {"visits": [{"id": "v"}]}),
        ("visits", {"visits": [{"id": "v", "private": False}]}, {"visits": [{"id": "v"}]}),
        ("visits", {"visits": [{"id": "a"}, {"id": "b"}]}, {"visits": [{"id": "b"}, {"id": "a"}]}),
        ("tasks", {"tasks": []}, {}),
        ("tasks", None, {}),
    ],
)
def test_what_means_the_same_is_the_same(kind: str, one: Any, other: Any) -> None:
    """Absent, null, the default, a number where text is wanted, another order."""
    assert content(kind, one) == content(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("visits", {"visits": [{"id": "v", "staff": []}]}, {"visits": [{"id": "v"}]}),
        ("client", {"allergies": "none_known"}, {}),
        ("medications", {"medications": "none"}, {"medications": []}),
        ("contacts", {"contacts": [{"id": "a"}, {"id": "b"}]}, {"contacts": [{"id": "b"}, {"id": "a"}]}),
        ("client", {"precautions": ["a", "a"]}, {"precautions": ["a"]}),
        ("care-plan", {"problems": [{"id": "p", "goals": [{"id": "g", "target": 0}]}]},
         {"problems": [{"id": "p", "goals": [{"id": "g", "target": "0"}]}]}),
        ("client", {"x-a": 1}, {"x-a": "1"}),
        ("client", {"x-a": [1, 2]}, {"x-a": [2, 1]}),
    ],
)  # fmt: skip
def test_what_means_something_else_is_not_the_same(kind: str, one: Any, other: Any) -> None:
    """Nobody comes, none known, the order of calls, how often, a number or a word, and whatever is the user's own."""
    assert content(kind, one) != content(kind, other)


def test_entries_are_known_by_their_ids_and_natural_keys() -> None:
    """format.md, "Comparing two states"."""
    node, _ = build(
        "contacts",
        {"contacts": [{"id": "maria", "sharing": [{"given": "2026-08-03", "basis": "agreed", "topics": ["all"]}]}]},
    )
    assert isinstance(node, Group)
    contacts = node.fields["contacts"]
    assert isinstance(contacts, Rows)
    assert contacts.ordered
    maria = contacts.rows["maria",]
    assert isinstance(maria, Group)
    sharing = maria.fields["sharing"]
    assert isinstance(sharing, Rows)
    assert list(sharing.rows) == [("2026-08-03", "agreed")]
    assert sharing.rows["2026-08-03", "agreed"] == Group(
        {"given": Leaf("2026-08-03"), "basis": Leaf("agreed"), "topics": Bag(("all",))}, "Sharing"
    )


@pytest.mark.parametrize(
    ("diagnosis", "key"), [({"code": "I50.9", "text": "Heart"}, "I50.9"), ({"text": "Heart"}, "Heart")]
)
def test_a_diagnosis_is_known_by_its_code_or_else_its_text(diagnosis: Any, key: str) -> None:
    """As the format says."""
    node, _ = build("client", {"diagnoses": [diagnosis]})
    assert isinstance(node, Group)
    rows = node.fields["diagnoses"]
    assert isinstance(rows, Rows)
    assert list(rows.rows) == [(key,)]


@pytest.mark.parametrize(
    ("entries", "keys", "words"),
    [
        ([{"id": "a"}, {"id": "b"}, {"id": "a"}], ("tasks", 2, "id"), "the id a stands twice in `tasks`"),
        ([{"id": "a"}, {"text": "no id"}], ("tasks", 1), "an entry of `tasks` has no `id`"),
        ([{"id": ""}], ("tasks", 0), "an entry of `tasks` has no `id`"),
        (["words"], ("tasks", 0), "an entry of `tasks` has no `id`"),
    ],
)
def test_a_list_is_lost_if_its_entries_cannot_be_told_apart(entries: Any, keys: Any, words: str) -> None:
    """A duplicate id is a fault, never a guess."""
    node, faults = build("tasks", {"tasks": entries, "x-own": 1})
    assert (keys, words) in [tuple(fault) for fault in faults]
    assert isinstance(node, Group)
    assert node.fields["tasks"] == Lost(words)
    assert node.fields["x-own"] == Leaf(1)


def test_entries_with_one_natural_key_are_told_apart_by_what_they_say() -> None:
    """Two trainings on one day are no fault; whichever comes first, they are the same two."""
    one, other = ({"date": "2026-05-11", "topic": topic, "hours": 1} for topic in ("Lifting", "Fire"))
    assert content("staff", {"training": [one, other]}) == content("staff", {"training": [other, one]})
    assert content("staff", {"training": [one, one]}) != content("staff", {"training": [one]})


@pytest.mark.parametrize(
    ("kind", "data", "keys"),
    [
        ("medications", {"medications": 5}, ("medications",)),
        ("medications", {"medications": "nothing"}, ("medications",)),
        ("medications", {"medications": {"id": "a"}}, ("medications",)),
        ("client", {"status": ["active"]}, ("status",)),
        ("client", {"status": {"is": "active"}}, ("status",)),
        ("client", {"address": [{"access": "code 1234"}]}, ("address",)),
        ("client", {"insurance": "private"}, ("insurance",)),
        ("client", {"precautions": "fall_risk"}, ("precautions",)),
        ("client", {"precautions": [["fall_risk"]]}, ("precautions",)),
        ("client", {"precautions": [{"a": 1}]}, ("precautions",)),
        ("medications", {"medications": [{"id": "a", "held": "today"}]}, ("medications", 0, "held")),
        ("medications", {"medications": [{"id": "a", "dose": "1 tablet", "in the morning": None}]},
         ("medications", 0, "in the morning")),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_form_is_lost(kind: str, data: Any, keys: Any) -> None:
    """Loading draws nothing from it, so comparing must not say that it is the same, or what it means."""
    node, faults = build(kind, data)
    assert [fault.keys for fault in faults] == [keys]
    inner: Any = node
    for key in keys:
        inner = inner.fields[key] if isinstance(inner, Group) else list(inner.rows.values())[key]
    assert isinstance(inner, Lost)


def test_keys_of_the_users_own_may_be_empty() -> None:
    """`x-parking:` without a value is no fault."""
    assert build("client", {"x-parking": None, "x-list": [[1], {"a": None}]})[1] == []


def test_a_file_that_holds_no_fields_is_lost() -> None:
    """A list at the top says nothing that could be compared."""
    node, faults = build("tasks", ["a"])
    assert isinstance(node, Lost)
    assert len(faults) == 1


def test_pieces_are_joined() -> None:
    """Lists come together; what stands in two files is lost, and named."""
    first, second = (build("visits", {"visits": [{"id": name}]})[0] for name in ("a", "b"))
    whole, faults = join([first, second])
    assert plain(whole) == {"visits": [{"id": "a"}, {"id": "b"}]}
    assert not faults
    clash, faults = join([first, first])
    assert isinstance(clash, Group)
    assert isinstance(clash.fields["visits"], Lost)
    assert faults[0][0] == 1
    plan = build("care-plan", {"review_due": "2026-11-03"})[0]
    twice, faults = join([plan, plan])
    assert isinstance(twice, Group)
    assert isinstance(twice.fields["review_due"], Lost)
    assert [number for number, _ in faults] == [1]

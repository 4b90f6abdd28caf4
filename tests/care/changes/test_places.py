"""Every field of every record has a rule that somebody thought about, and a change of any single value gets it.

`places.txt` says, for each place where a value can stand, which rules a change of it may get. A new field fails here
until it has a line. `UPDATE_GOLDEN=1` writes the file anew from what was found: read the difference line by line.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from helpers_changes import (
    Content,
    Place,
    UnclearError,
    at,
    content,
    entries_in,
    example,
    fields_of,
    options,
    practice_content,
    setting,
    state,
    struct_of,
    value,
    values,
    with_value,
    without,
)
from helpers_cli import Tell
from msgspec import inspect as shapes

from carectl.care.changes.compare import compare
from carectl.care.changes.judging import fingerprint, judge
from carectl.care.changes.rules import OTHER, RULES, place_of, places
from carectl.caseload.identities import KINDS, UNKEYED, State, canonical_state
from carectl.caseload.records import CLIENT_KINDS, PracticeFile, StaffMember

FILE: Final = Path(__file__).parent / "places.txt"
RICH: Final = 2
"""So many generated clients, with every field filled in, and as many practices."""
CLIENTS: Final = ("c-001", "c-009", "c-014")


def listed() -> dict[tuple[str, str], frozenset[str]]:
    """The rules that a change at each place may get."""
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        kind, place, *rules = line.split()
        found[kind, place] = frozenset(rules)
    return found


def fields(shape: shapes.StructType, prefix: str = "") -> Iterator[str]:
    """Every place where the records let a value stand."""
    for field in fields_of(shape):
        place = f"{prefix}.{field.encode_name}" if prefix else field.encode_name
        entries = entries_in(field.type)
        if entries is not None and entries.cls.__name__ not in UNKEYED:
            yield f"{place}[]"
            yield from fields(entries, f"{place}[]")
            if len(options(field.type)) > 1:
                yield place  # a word in the place of the list
            continue
        for option in options(field.type):
            if isinstance(option.shape, shapes.StructType):
                yield from fields(option.shape, place)
            else:
                yield place


@cache
def all_fields() -> set[tuple[str, str]]:
    """Every place of every kind."""
    found = {(kind, place) for kind, record in CLIENT_KINDS.items() for place in fields(struct_of(record))}
    found |= {("practice", place) for place in fields(struct_of(PracticeFile))}
    found |= {("staff", "staff[]"), *(("staff", place) for place in fields(struct_of(StaffMember), "staff[]"))}
    return found


def rules_of(before: State, after: State) -> list[tuple[str, str]]:
    """The place and rule of everything that differs."""
    found = compare(before, after)
    assert len(found.changes) > 0 or canonical_state(before) == canonical_state(after)
    rules = {one.fingerprint: one.rule for one in judge(found, before, after, setting())}
    assert len(rules) == len(found.changes)
    told = [(change, {fingerprint(rule, change): rule for rule in set(rules.values())}) for change in found.changes]
    return [(place_of(change.way), rules[(marks.keys() & rules.keys()).pop()]) for change, marks in told]


def variants(rng: random.Random, place: Place, old: Any) -> Iterator[Any]:
    """Other values for a value, and its absence."""
    stock = [value(rng, place.shape, place.name) for _ in range(3)] if place.shape else ["something of our own"]
    yield from (new for position, new in enumerate(stock) if new != old and new not in stock[:position])
    if place.may_be_absent:
        yield None


def mutations(rng: random.Random, data: Content, share: float) -> Iterator[tuple[str, Place, State, State]]:
    """Content before and after a change of a single value: each of its values in turn, or a share of them."""
    who = "c-001" if "client" in data else None
    for kind, document in data.items():
        around = {other: data[other] for other in ("client", kind) if other in data}
        before = state(around, who)
        for name, part in document.items() if kind == "staff" else [(None, document)]:
            for place in values(kind, part):
                for new in variants(rng, place, at(part, place.keys)):
                    if rng.random() > share:
                        continue
                    changed = without(part, place.keys) if new is None else with_value(part, place.keys, new)
                    whole = {**document, name: changed} if name else changed
                    try:
                        yield kind, place, before, state({**around, kind: whole}, who)
                    except UnclearError:
                        continue  # an id that another entry has


def both_ways(pairs: Iterable[tuple[str, Place, State, State]]) -> Iterator[tuple[str, Place, State, State]]:
    """Each change, and the one that undoes it: what was there already may also come."""
    for kind, place, before, after in pairs:
        yield kind, place, before, after
        yield kind, place, after, before


@cache
def found() -> tuple[dict[tuple[str, str], set[str]], int, int]:
    """By place the rules that changes there got; how many there were, and how many meant nothing."""
    rules: dict[tuple[str, str], set[str]] = {}
    count = same = 0
    sources = [(content(random.Random(seed), 1.0), 1.0) for seed in range(RICH)]
    sources += [(practice_content(random.Random(seed), 1.0), 1.0) for seed in range(RICH)]
    sources += [({"client": {"id": "c-001", "allergies": "none_known"}, "medications": {"medications": "none"}}, 1.0)]
    sources += [(example(client), 0.2) for client in CLIENTS]
    for data, share in sources:
        rng = random.Random(20261122)
        for kind, place, before, after in both_ways(mutations(rng, data, share)):
            pairs = rules_of(before, after)
            count += 1
            same += not pairs
            where = place.place
            if not place.is_key and pairs:
                assert len(pairs) == 1, f"{kind} {where}: {pairs}"
                # A table's place ends where anybody's names begin.
                assert pairs[0][0] == where or pairs[0][0].startswith(f"{where}."), f"{kind} {where}: {pairs}"
            else:
                stem = where.rpartition("[]")[0]
                assert all(there.startswith(stem) for there, _ in pairs), f"{kind} {where}: {pairs}"
            if place.shape is None:
                assert place.is_key or {rule for _, rule in pairs} <= {OTHER}
            else:
                rules.setdefault((kind, where), set()).update(rule for _, rule in pairs)
    return rules, count, same


def test_every_field_of_every_record_stands_in_the_table() -> None:
    known = {key for key in listed() if not key[1].endswith("()")}
    assert known == {key for key in all_fields() if not key[1].endswith("[]")}


def test_every_place_of_the_rules_is_a_place_of_the_records() -> None:
    for kind in KINDS:
        strange = {place for place in places(kind) if place and not place.endswith("()")}
        tops = {place.rpartition(".")[0] for _, place in all_fields()}
        assert {place for place in strange if (kind, place) not in all_fields() and place not in tops} <= {
            "allergies", "medications",  # a word in the place of a list that the format does not know
        }  # fmt: skip


def test_a_change_of_any_single_value_gets_a_rule_that_was_thought_about(tell: Tell) -> None:
    rules, count, same = found()
    table = listed()
    if os.environ.get("UPDATE_GOLDEN"):
        every = {key: table.get(key, frozenset()) | rules.get(key, set()) for key in all_fields()}
        lines = [" ".join((kind, place, *sorted(every[other, place]))) for kind in KINDS
                 for other, place in sorted(every) if other == kind and not place.endswith("[]")]  # fmt: skip
        FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        table = listed()
    tell(f"{count} changes of a single value at {len(rules)} places, {same} of them without meaning")
    assert count > 8000
    assert len(table) - len(rules) < 12, "somebody by name instead of id, whom chance did not bring, aside"
    for key, seen in rules.items():
        assert seen <= table[key], f"{key}: {seen - table[key]}"
    assert all(allowed and allowed <= RULES.keys() for allowed in table.values())

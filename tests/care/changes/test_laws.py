"""The laws of comparing and judging, on ten thousand pairs of made-up clients and practices.

Every value that differs is in exactly one change; the changes applied to the old give the new; the way back has the
same changes the other way round; order means nothing; what is equal has none. And every change is judged, once.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from helpers_changes import SEEDS, Pair, pair, setting, shuffled, state
from helpers_cli import Tell
from hypothesis import given

from carectl.care.changes.compare import ITSELF, Comparison, Way, compare, patch
from carectl.care.changes.judging import judge
from carectl.care.changes.rules import RULES, SEVERITIES
from carectl.caseload.identities import NATURAL_KEYS, Bag, Group, Leaf, Node, Rows, State, canonical, canonical_state

PAIRS: Final = 10_000


def states(both: Pair) -> tuple[State, State]:
    """A pair in the form in which it is compared."""
    who = None if "practice" in both.old else "c-001"
    return state(both.old, who), state(both.new, who)


def leaves(node: Node, way: Way = ()) -> Iterator[tuple[Way, bytes]]:
    """Every value of a state by its way, told without the comparison."""
    match node:
        case Leaf() | Bag():
            yield way, canonical(node)
        case Group(fields):
            for name, inner in fields.items():
                yield from leaves(inner, (*way, name))
        case Rows(rows, _, word):
            if word is not None:
                yield (*way, ITSELF), word.encode()
            for key, row in rows.items():
                yield (*way, key, "entry"), b""
                yield from leaves(row, (*way, key))


def differing(old: State, new: State) -> set[tuple[str, Way]]:
    """The ways to every value that is on one side only or is another one there."""
    sides = [{(kind, way): value for kind, node in side.kinds.items() for way, value in leaves(node)}
             for side in (old, new)]  # fmt: skip
    return {key for key in sides[0].keys() | sides[1].keys() if sides[0].get(key) != sides[1].get(key)}


def has_twins(side: State) -> bool:
    """Whether a list has entries that nothing but what they say tells apart: their ways depend on the other side."""

    def within(node: Node) -> bool:
        if isinstance(node, Group):
            return any(within(inner) for inner in node.fields.values())
        if not isinstance(node, Rows):
            return False
        usual = len(NATURAL_KEYS.get(node.record, ("id",)))
        return any(len(key) > usual for key in node.rows) or any(within(row) for row in node.rows.values())

    return any(within(node) for node in side.kinds.values())


def told(found: Comparison) -> set[str]:
    """The changes without their order."""
    return {repr((change[:5], _sorted(change.old), _sorted(change.new))) for change in found.changes}


def turned(found: Comparison) -> set[str]:
    """The changes the other way round."""
    return told(found._replace(changes=tuple(one._replace(old=one.new, new=one.old) for one in found.changes)))


def without_order(found: Comparison) -> Comparison:
    """A comparison without the order of contacts: it says where one stands who comes, not where one stood who goes."""
    return found._replace(changes=tuple(one for one in found.changes if one.field != "order"))


def _sorted(value: Any) -> Any:
    """A value whose fields and lists are in one order."""
    if isinstance(value, dict):
        return sorted((name, _sorted(inner)) for name, inner in value.items())
    return sorted(map(_sorted, value), key=repr) if isinstance(value, list) else value


def hold(seed: int) -> tuple[Comparison, bool]:
    """One pair held to the laws."""
    both = pair(seed)
    old, new = states(both)
    found = compare(old, new)
    assert canonical_state(patch(old, found.changes)) == canonical_state(new)
    assert (not found.changes) == (canonical_state(old) == canonical_state(new))
    assert turned(without_order(compare(new, old))) == told(without_order(found))
    if twins := has_twins(old) or has_twins(new):
        return found, twins
    if old.is_present != new.is_present:
        assert len(found.changes) == 1
        return found, twins

    covered = Counter((change.kind, change.way) for change in found.changes)
    assert max(covered.values(), default=1) == 1
    used = set()
    for kind, way in differing(old, new):
        mine = [way[:length] for length in range(len(way) + 1) if (kind, way[:length]) in covered]
        assert len(mine) == 1, f"{kind} {way}: {mine}"
        used.add((kind, mine[0]))
    # The order of contacts is no value of its own.
    rest = {key for key in covered if not (key[1][-1:] == (ITSELF,) and key[0] == "contacts")}
    assert rest == used - {("contacts", ("contacts", ITSELF))}

    mixed = state(shuffled(random.Random(seed), both.new), new.client)
    assert compare(new, mixed).changes == ()
    assert told(compare(old, mixed)) == told(found)
    return found, twins


def judged_well(found: Comparison, old: State, new: State) -> Counter[str]:
    """Every change is judged once, in whole sentences, in order; the same each time."""
    judged = judge(found, old, new, setting())
    assert judged == judge(found, old, new, setting())
    assert len(judged) == len(found.changes)
    assert len({one.fingerprint for one in judged}) == len(judged)
    weights = [SEVERITIES.index(one.severity) for one in judged]
    assert weights == sorted(weights)
    for one in judged:
        assert one.severity == RULES[one.rule].severity
        for text in (one.message, one.title, *one.notes):
            assert text == text.strip()
            assert text
            assert "\n" not in text
        assert "None" not in one.message
        assert one.record is None or one.record in one.message, one
    return Counter(one.rule for one in judged)


def test_ten_thousand_pairs(tell: Tell) -> None:
    changes = reordered = twins = equal = 0
    rules: Counter[str] = Counter()
    for seed in range(PAIRS):
        found, has_twin = hold(seed)
        changes += len(found.changes)
        reordered += len(found.reordered)
        twins += has_twin
        equal += not found.changes
        if seed % 4 == 0:
            rules += judged_well(found, *states(pair(seed)))
    tell(f"{PAIRS} pairs: {changes} changes, {reordered} lists reordered, {equal} pairs equal, "
         f"{twins} with twins; {rules.total()} changes judged by {len(rules)} rules")  # fmt: skip
    assert changes > 3 * PAIRS
    assert equal > PAIRS // 20
    assert twins < PAIRS // 5
    assert len(rules) > 150


@given(SEEDS)
def test_any_pair(seed: int) -> None:
    hold(seed)
    both = pair(seed)
    judged_well(compare(*states(both)), *states(both))


def test_a_client_who_comes_or_goes_is_one_change() -> None:
    there, not_there = state({"client": {"id": "c-001"}, "notes": {"notes": []}}), State("c-001", {})
    for old, new, rule in ((not_there, there, "client-added"), (there, not_there, "client-removed")):
        found = compare(old, new)
        (one,) = judge(found, old, new, setting())
        assert (one.rule, one.record, one.field) == (rule, None, None)
        assert canonical_state(patch(old, found.changes)) == canonical_state(new)


def test_nothing_is_said_of_what_cannot_be_told_apart() -> None:
    from carectl.caseload.identities import build

    twice, faults = build("medications", {"medications": [{"id": "a", "dose": "1"}, {"id": "a", "dose": "2"}]})
    assert faults
    old, new = State("c-001", {"medications": twice}), state({"medications": {"medications": []}})
    assert compare(old, new).changes == ()


def test_a_change_keeps_its_fingerprint_whatever_else_changes() -> None:
    def prints(extra: dict[str, object]) -> dict[str, str]:
        old = state({"medications": {"medications": [{"id": "a", "name": "A", "dose": "1 tablet"}]}})
        new = state({"medications": {"medications": [{"id": "a", "name": "A", "dose": "2 tablets", **extra}]}})
        return {one.field or "": one.fingerprint for one in judge(compare(old, new), old, new, setting())}

    alone = prints({})
    assert prints({"route": "oral"})["dose"] == alone["dose"]
    assert len(alone["dose"]) == 12

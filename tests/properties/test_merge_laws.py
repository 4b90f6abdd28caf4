"""The laws of merging: on data, and on files with comments in every layout.

No edit is lost, no entry stands twice, the sides may change places but for the order of entries, what both sides did
to a guarded record is never put together, and a side that did nothing leaves the other as it is.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final

from helpers_cli import Tell
from helpers_merging import (
    KINDS,
    Writer,
    changed,
    document,
    leaves,
    retouched,
)
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.changes.merging import GUARDED, TOGETHER, Merged, at, merge
from carectl.caseload.identities import Group, Node, Rows, build, canonical
from carectl.caseload.merging import Version, Woven
from carectl.caseload.reader import read_reference
from carectl.commands.merging import merged

TRIPLES: Final = 5_000
FILES: Final = 1_000


def lines_merge(base: str, ours: str, theirs: str) -> str | None:
    """Texts whose first lines one side changed and whose last lines the other did."""
    old, here, there = (text.split("\n") for text in (base, ours, theirs))
    if len({len(old), len(here), len(there)}) > 1:
        return None
    found = []
    for before, ours_line, theirs_line in zip(old, here, there, strict=True):
        if before not in (ours_line, theirs_line) and ours_line != theirs_line:
            return None
        found.append(theirs_line if ours_line == before else ours_line)
    return "\n".join(found)


def read(raw: bytes, kind: str) -> Group:
    return Version(raw, kind, "f").node


def node_of(kind: str, data: object) -> Group:
    node, faults = build(kind, data)
    assert not faults
    assert isinstance(node, Group)
    return node


def triple(rng: random.Random) -> tuple[Group, Group, Group]:
    kind = rng.choice(KINDS)
    base = document(rng, kind)
    return node_of(kind, base), node_of(kind, changed(rng, kind, base)), node_of(kind, changed(rng, kind, base))


# --- what must hold --------------------------------------------------------------------------------------------------


def in_dispute(way: tuple[Any, ...], ways: set[tuple[Any, ...]]) -> bool:
    return any(way[: len(other)] == other for other in ways)


def no_edit_is_lost(base: Group, ours: Group, theirs: Group, result: Merged) -> None:
    """Whatever one side changed and the other did not is in the result; in dispute, in that side's reading of it."""
    old, here, there = leaves(base), leaves(ours), leaves(theirs)
    ways = {way for conflict in result.conflicts for way in conflict.ways}
    for side, other, merged_leaves in ((here, there, leaves(result.ours)), (there, here, leaves(result.theirs))):
        for way in {*old, *side}:
            if side.get(way) == old.get(way):
                continue
            both = other.get(way) != old.get(way) and other.get(way) != side.get(way)
            gone = way[-1] != "is there" and side.get(way) is None and in_dispute(way, ways)
            if not both or in_dispute(way, ways) or gone:
                assert merged_leaves.get(way) == side.get(way), (way, side.get(way), merged_leaves.get(way))
    nothing_is_made_up(old, here, there, leaves(result.ours))


def nothing_is_made_up(old: dict[Any, Any], here: dict[Any, Any], there: dict[Any, Any], found: dict[Any, Any]) -> None:
    for way, value in found.items():
        if value not in (here.get(way), there.get(way)):
            assert b"\\n" in value, way
        if way not in here or way not in there:
            assert way not in old or here.get(way) is not None or there.get(way) is not None


def records(node: Node | None, way: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Group]:
    """Every guarded record, by its way."""
    found: dict[tuple[Any, ...], Group] = {}
    if isinstance(node, Group):
        if node.record in GUARDED:
            found[way] = node
        for name, inner in node.fields.items():
            found |= records(inner, (*way, name))
    elif isinstance(node, Rows):
        for key, row in node.rows.items():
            found |= records(row, (*way, key))
    return found


def guarded_part(record: Group | None) -> object:
    if record is None:
        return None
    apart = GUARDED[record.record].apart
    return {name: canonical(inner) for name, inner in record.fields.items() if name not in apart}


def guard_holds(base: Group, ours: Group, theirs: Group, result: Merged) -> int:
    """A guarded record is as one side had it, in all that is guarded; and both having touched it is a conflict."""
    old, here, there = records(base), records(ours), records(theirs)
    ways = {way for conflict in result.conflicts for way in conflict.ways}
    touched = 0
    for way in {*old, *here, *there}:
        parts = [guarded_part(side.get(way)) for side in (old, here, there)]
        if parts[0] not in parts[1:] and parts[1] != parts[2]:
            touched += 1
            assert in_dispute(way, ways), way
    for reading, own in ((result.ours, here), (result.theirs, there)):
        for way, record in records(reading).items():
            part = guarded_part(record)
            assert part in (guarded_part(here.get(way)), guarded_part(there.get(way))), way
            if way in ways and way in own:
                assert part == guarded_part(own[way])
    for names, _ in TOGETHER["Client"]:
        sides = [{n: canonical(s.fields[n]) for n in names if n in s.fields} for s in (base, ours, theirs, result.ours)]
        assert sides[3] in sides[1:3] or ours.record != "Client"
    return touched


def keys_of(node: Node | None) -> list[list[Any]]:
    found: list[list[Any]] = []
    if isinstance(node, Rows):
        found.append(list(node.rows))
    for inner in (
        node.fields.values() if isinstance(node, Group) else node.rows.values() if isinstance(node, Rows) else ()
    ):
        found += keys_of(inner)
    return found


def order_of_neighbours_stays(base: Group, ours: Group, theirs: Group, result: Group) -> None:
    """Entries of which nobody changed the order stand in it."""
    for names in (("medications",), ("contacts",), ("tasks",)):
        lists = [list(node.rows) if isinstance(node := at(side, names), Rows) else [] for side in (base, ours, theirs)]
        common = [key for key in lists[0] if all(key in keys for keys in lists)]
        if all([key for key in keys if key in common] == common for keys in lists):
            node = at(result, names)
            found = [key for key in node.rows if key in common] if isinstance(node, Rows) else []
            assert found == [key for key in common if key in found]


def laws_of_data(rng: random.Random, counts: Counter[str]) -> None:
    """One triple, held to every law."""
    base, ours, theirs = triple(rng)
    result = merge(base, ours, theirs, lines_merge)
    swapped = merge(base, theirs, ours, lines_merge)
    assert canonical(merge(base, base, ours).ours) == canonical(ours) == canonical(merge(base, ours, base).ours)
    assert canonical(merge(base, ours, ours).ours) == canonical(ours)
    assert all(merge(*way).is_clean for way in ((base, base, ours), (base, ours, base), (base, ours, ours)))
    no_edit_is_lost(base, ours, theirs, result)
    counts["guarded records that both sides touched"] += guard_holds(base, ours, theirs, result)
    order_of_neighbours_stays(base, ours, theirs, result.ours)
    for keys in keys_of(result.ours):
        assert len(set(keys)) == len(keys)
    assert leaves(result.ours) == leaves(swapped.theirs)
    assert leaves(result.theirs) == leaves(swapped.ours)
    ways = [{way for conflict in one.conflicts for way in conflict.ways} for one in (result, swapped)]
    assert ways[0] == ways[1]
    if result.is_clean:
        assert canonical(result.ours) == canonical(result.theirs)
    both = canonical(base) not in (canonical(ours), canonical(theirs))
    counts["triples"] += 1
    counts["both sides changed something"] += both
    counts["merged without a question"] += both and result.is_clean
    counts.update(f"conflict: {conflict.sort}" for conflict in result.conflicts)
    for conflict in result.conflicts:
        assert conflict.sentence
        assert all(conflict.ours)


def test_laws_on_data(tell: Tell) -> None:
    rng = random.Random(20261122)
    counts: Counter[str] = Counter()
    for _ in range(TRIPLES):
        laws_of_data(rng, counts)
    assert counts["merged without a question"] > TRIPLES // 10
    assert all(counts[f"conflict: {sort}"] > 10 for sort in ("changed", "removed", "added", "field"))
    assert all(counts[f"conflict: {sort}"] for sort in ("order", "word"))
    tell("merging data: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))


@given(st.integers(0, 2**63))
def test_laws_on_any_data(seed: int) -> None:
    laws_of_data(random.Random(seed), Counter())


# --- files -----------------------------------------------------------------------------------------------------------


def comments(raw: bytes) -> Counter[str]:
    """The comments of a file, less its words about a merge."""
    return Counter(comment.text for comment in read_reference(raw, "f").comments())


def chosen(woven: Woven, side: str) -> bytes:
    """The file after every question in it was answered with one side."""
    found: list[str] = []
    part = "both"
    for line in woven.raw.decode().splitlines(keepends=True):
        if line.lstrip().startswith("# carectl merge:"):
            continue
        sign = line[:7]
        if sign in ("<<<<<<<", "|||||||", "=======", ">>>>>>>"):
            part = {"<": "ours", "|": "base", "=": "theirs", ">": "both"}[sign[0]]
        elif part in ("both", side):
            found.append(line)
    return "".join(found).encode()


def laws_of_files(rng: random.Random, counts: Counter[str]) -> None:
    """One triple of files, held to every law."""
    kind = rng.choice(KINDS)
    base = Writer(rng).file(document(rng, kind)).encode()
    ours, theirs = retouched(rng, kind, base, "ours"), retouched(rng, kind, base, "theirs")
    nodes = [read(raw, kind) for raw in (base, ours, theirs)]
    wanted = merge(nodes[0], nodes[1], nodes[2], lines_merge)
    woven = merged(base, ours, theirs, kind, "f", merge_text=lines_merge)
    counts["triples"] += 1
    both = base not in (ours, theirs) and ours != theirs
    counts["both sides changed something"] += both
    counts["merged without a question"] += both and not woven.open
    counts["records in question"] += len(woven.open)
    counts["whole files in question"] += () in woven.open
    if not both:
        assert woven.raw == (theirs if ours == base else ours)
        return
    sides = {side: chosen(woven, side) for side in ("ours", "theirs")}
    if woven.open:
        assert read_reference(woven.raw, "f").findings[0].code == "merge-unresolved"
    else:
        assert wanted.is_clean
        assert canonical(read(woven.raw, kind)) == canonical(wanted.ours)
    beyond = {way for way in woven.open if not any(way == o for c in wanted.conflicts for o in c.ways)}
    counts["in question for their text alone"] += len(beyond)
    for side, node in (("ours", wanted.ours), ("theirs", wanted.theirs)):
        found = leaves(read(sides[side], kind))
        for way, value in leaves(node).items():
            if not in_dispute(way, set(woven.open)):
                assert found[way] == value
        assert {way for way in found if not in_dispute(way, set(woven.open))} <= leaves(node).keys()
    every_comment_stays(base, ours, theirs, sides)
    swapped = merged(base, theirs, ours, kind, "f", merge_text=lines_merge)
    if not woven.open and not swapped.open:
        assert leaves(read(swapped.raw, kind)) == leaves(read(woven.raw, kind))
        assert comments(swapped.raw) == comments(woven.raw)


def every_comment_stays(base: bytes, ours: bytes, theirs: bytes, sides: dict[str, bytes]) -> None:
    """A comment that a side wrote is there, and so is one that nobody took out."""
    old, here, there = comments(base), comments(ours), comments(theirs)
    shown = [comments(raw) for raw in sides.values()]
    for text in {*here, *there}:
        is_new = here[text] > old[text] or there[text] > old[text]
        is_kept = here[text] >= old[text] and there[text] >= old[text]
        if is_new or is_kept:
            assert max(found[text] for found in shown) >= max(here[text], there[text]), text


def test_laws_on_files(tell: Tell) -> None:
    rng = random.Random(20261123)
    counts: Counter[str] = Counter()
    for _ in range(FILES):
        laws_of_files(rng, counts)
    tell("merging files: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    assert counts["merged without a question"] > FILES // 5
    assert counts["whole files in question"] < FILES // 100


@given(st.integers(0, 2**63))
def test_laws_on_any_files(seed: int) -> None:
    laws_of_files(random.Random(seed), Counter())

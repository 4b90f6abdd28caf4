"""What a finished merge did to records, where nobody may have looked: a forge's merge button asks no one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from carectl.care.changes.compare import Change, compare
from carectl.care.changes.merging import GUARDED, Conflict, Way, at, merge, same
from carectl.caseload.identities import NATURAL_KEYS, Bag, Group, Leaf, Lost, Node, Rows, State, canonical
from carectl.findings import Finding, Severity, Span, Spot, code, code_of


@code("merge-combined", Severity.ERROR)
def combined(at: Spot, what: str) -> Finding:
    """A record that two people changed holds some of each, and nobody chose.

    Told by `carectl check --merge`. A merge by lines, such as the merge button of a forge makes, takes each line from
    the side that changed it. If one raised the strength of a medicine and the other doubled its times, the result is
    four times the daily dose, which nobody ordered. Look at the record as each side had it (`git show COMMIT^1:FILE`
    and `git show COMMIT^2:FILE`), ask whoever decided it, and write what holds. If the record is right as it stands,
    say why in a waiver.

    Wrong:
        strength: 40 mg              # one side raised it
        times: ["08:00", "14:00"]    # the other one doubled them
    Right:
        strength: 40 mg
        times: ["08:00"]
    """
    return code_of(combined).finding(
        at,
        f"both sides of the merge changed {what}, and it holds some of each: nobody decided that",
        "see it as either side had it (git show COMMIT^1:FILE, COMMIT^2:FILE), write what holds, or waive it",
    )


@code("merge-lost", Severity.ERROR)
def lost(at: Spot, what: str, side: str) -> Finding:
    """A change that one side of a merge made is not in the result, though the other side left the place alone.

    Told by `carectl check --merge`. It happens when a conflict in another place of the file is answered with one
    side's whole file, or when a merge keeps one side (`-X ours`, `-s ours`). What somebody wrote down is then gone
    without a word: a stopped medicine is given again, a visit is missed. Write it in again, or say in a waiver why it
    was left out.

    Wrong:
        # main: 40 mg; in the branch the medicine was stopped; in the merge it is not
        until: null
    Right:
        until: 2026-11-20
    """
    return code_of(lost).finding(
        at,
        f"{what}: the change that {side} made is not in the merge, and nothing on the other side speaks against it",
        "write it in again, or waive it with the reason why it was left out",
    )


@code("merge-dropped", Severity.ERROR)
def dropped(at: Spot, what: str, became: str) -> Finding:
    """Both sides of a merge changed a record, and the result has neither: it is gone, or as it was before both.

    Told by `carectl check --merge`. It happens when the wrong lines are deleted while a conflict is answered: the whole
    record, or both answers, so that what stood between them is left. Nobody meant a medicine to be given as it was
    before two orders, or not at all. Write in what holds. If nothing else is right, say why in a waiver.

    Wrong:
        strength: 20 mg    # before both; one side made it 40 mg, the other one 30 mg
    Right:
        strength: 40 mg
    """
    return code_of(dropped).finding(
        at,
        f"both sides of the merge changed {what}, and {became}",
        "write in what holds (git show COMMIT^1:FILE and COMMIT^2:FILE show both), or waive it with the reason",
    )


@code("merge-clash", Severity.ERROR)
def clash(at: Spot, sentence: str, why: str) -> Finding:
    """A merge with that branch would need a person's decision here.

    Told by `carectl check --merge-with`, before anything is merged. Both sides did something to the same record since
    they parted, or one of them did what does not go with the other. carectl's merge driver would stop and ask; the
    merge button of a forge would not. Agree on what holds, write it on one side, and merge then; or merge where the
    driver is installed (`carectl git setup`), and answer there.

    Wrong:
        strength: 40 mg    # here; in the branch the times were doubled
    Right:
        strength: 40 mg    # here, and in the branch as it was
    """
    return code_of(clash).finding(
        at,
        f"{sentence}." + (f" {why}" if why else ""),
        "agree on what holds and write it on one side, or merge where carectl git setup was done, and answer there",
    )


@code("merge-unread", Severity.WARNING)
def unread(at: Span, kind: str) -> Finding:
    """A version of these records cannot be read, so nobody can tell what the merge did to them.

    Told by `carectl check --merge`. In one of the two sides, or where they parted, the file cannot be read for
    certain. What the other side changed may be there, may be lost, or may be put together with something else. Compare
    the file with both sides by hand (`git show COMMIT^1:FILE` and `git show COMMIT^2:FILE`).

    Wrong:
        times: ["08:00"          # on one side of the merge
    Right:
        times: ["08:00"]
    """
    return code_of(unread).finding(
        at,
        f"{kind} cannot be read in one of the versions that were merged, so nobody can tell what became of it",
        "compare the file with both sides by hand: git show COMMIT^1:FILE and COMMIT^2:FILE",
    )


class Trouble(NamedTuple):
    """Something that a merge did: told of where it stands, or would."""

    kind: str
    way: Way
    tell: Callable[[Spot], Finding]


class Versions(NamedTuple):
    """The four states of a merge: where the sides parted, the two sides, and what became of them."""

    base: State
    ours: State
    theirs: State
    result: State


def troubles(versions: Versions, names: tuple[str, str]) -> Iterator[Trouble]:
    """What is wrong with the result of a merge. `names` are what the two sides are called.

    Nothing is said of a kind that cannot be read in one of the states: that is told elsewhere.
    """
    for kind in dict.fromkeys((*versions.base.kinds, *versions.ours.kinds, *versions.theirs.kinds)):
        nodes = [state.kinds.get(kind, Group({})) for state in versions]
        base, ours, theirs, result = (node if isinstance(node, Group) else Group({}) for node in nodes)
        if any(isinstance(node, Lost) for node in nodes):
            continue
        conflicts = merge(base, ours, theirs).conflicts
        for conflict in conflicts:
            if _is_combined(conflict, base, ours, theirs, result):
                yield Trouble(kind, conflict.ways[0], _teller(combined, conflict.noun))
            became = _became(conflict, base, ours, theirs, result)
            if became:
                yield Trouble(kind, conflict.ways[0], _teller(dropped, conflict.noun, became))
        disputed = {way for conflict in conflicts for way in conflict.ways}
        told: set[Way] = set()
        for side, other, name in ((ours, theirs, names[0]), (theirs, ours, names[1])):
            for change in _changes(kind, base, side):
                way = change.way
                if way in told or any(way[: len(unit)] == unit for unit in disputed):
                    continue
                if _is_lost(way, base, side, other, result):
                    told.add(way)
                    both = same(at(side, way), at(other, way))
                    yield Trouble(kind, way, _teller(lost, _what(change), "each side" if both else name))


def clashes(base: State, ours: State, theirs: State) -> Iterator[Trouble]:
    """What somebody would have to decide if two sides were merged."""
    for kind in dict.fromkeys((*ours.kinds, *theirs.kinds)):
        nodes = [state.kinds.get(kind, Group({})) for state in (base, ours, theirs)]
        groups = [node for node in nodes if isinstance(node, Group)]
        if len(groups) == 3:
            for conflict in merge(groups[0], groups[1], groups[2]).conflicts:
                yield Trouble(kind, conflict.ways[0], _teller(clash, conflict.sentence, conflict.why))


def _teller(tell: Callable[..., Finding], *words: str) -> Callable[[Spot], Finding]:
    return lambda spot: tell(spot, *words)


# --- combined --------------------------------------------------------------------------------------------------------


def _is_combined(conflict: Conflict, base: Group, ours: Group, theirs: Group, result: Group) -> bool:
    """Whether a record holds something that one side alone wrote, and something that the other alone did."""
    if conflict.sort != "changed":
        return False
    names: Iterable[tuple[Way, str]]
    if conflict.record:
        way = conflict.ways[0]
        fields = {name for side in (base, ours, theirs, result) for name in _fields(at(side, way))}
        names = [(way, name) for name in fields - GUARDED[conflict.record].apart]
    else:
        names = [(way[:-1], str(way[-1])) for way in conflict.ways]
    holds = [False, False]
    for way, name in names:
        old, here, there, now = (at(side, (*way, name)) for side in (base, ours, theirs, result))
        if not same(here, there):
            holds[0] |= same(now, here) and not same(old, here)
            holds[1] |= same(now, there) and not same(old, there)
            if isinstance(here, Rows) and isinstance(there, Rows) and not same(now, here) and not same(now, there):
                # A list of which each side changed entries: sharing, say.
                holds = [True, True]
    return all(holds)


def _fields(node: Node | None) -> Iterable[str]:
    return node.fields if isinstance(node, Group) else ()


# --- dropped ---------------------------------------------------------------------------------------------------------


def _became(conflict: Conflict, base: Group, ours: Group, theirs: Group, result: Group) -> str | None:
    """What became of a record, if neither side's version of it is there, and nothing else that somebody wrote."""
    way = conflict.ways[0]
    old, here, there, now = (at(side, way) for side in (base, ours, theirs, result))
    if len(conflict.ways) == 1 and now is None and here is not None and there is not None:
        rows = at(result, way[:-1])
        # Two entries of one day are told apart by what else they say.
        is_there = isinstance(rows, Rows) and any(key[: len(way[-1])] == way[-1] for key in rows.rows)
        return None if is_there else "it is not there any more"
    ways: list[Way] = [*conflict.ways]
    if all(isinstance(node, Group) for node in (old, here, there, now)):
        apart = GUARDED[conflict.record].apart if conflict.record in GUARDED else frozenset()
        ways = [(*way, name) for name in sorted({*_fields(old), *_fields(here), *_fields(there)} - apart)]
    touched = [{one for one in ways if not same(at(base, one), at(side, one))} for side in (ours, theirs)]
    # What both wrote anew must not be as it was; if each wrote something else, not all of it.
    disputed = (touched[0] & touched[1]) or (touched[0] | touched[1])
    if old is not None and all(touched) and all(same(at(result, one), at(base, one)) for one in disputed):
        return "it is as it was before both"
    return None


# --- lost ------------------------------------------------------------------------------------------------------------


def _changes(kind: str, base: Group, side: Group) -> tuple[Change, ...]:
    return compare(*(State("", {kind: node}) for node in (base, side))).changes


def _is_lost(way: Way, base: Group, side: Group, other: Group, result: Group) -> bool:
    if way and way[-1] == ():
        return False  # the order of a list; the word in its place is a conflict, or told with the entries
    old, here, there, now = (at(node, way) for node in (base, side, other, result))
    if same(now, here):
        return False
    if isinstance(here or old, Bag) and isinstance(there or old or here, Bag):
        kept, was, new = _items(here), _items(old), _items(now)
        return bool(((kept - was) - new) | ((was - kept) & new & _items(there)))
    return same(old, there) or same(here, there)


def _items(node: Node | None) -> set[bytes]:
    return {canonical(Leaf(item)) for item in node.items} if isinstance(node, Bag) else set()


def _what(change: Change) -> str:
    """What was changed, without anything private."""
    record = change.record.rpartition("/")[2] if change.record else ""
    # The key of an entry without an id may be what it says: a substance, a name.
    field = (change.field or "").partition("[")[0]
    parts = [record] * bool(record) + [f"`{field}`"] * bool(field)
    if not parts:
        return "the file"
    is_entry = change.way and isinstance(change.way[-1], tuple) and change.type in NATURAL_KEYS
    done = " (an entry was added)" if change.old is None and is_entry else ""
    return " ".join(parts) + done

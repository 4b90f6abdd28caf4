"""What is different between two states: every value that differs, in exactly one change.

format.md, "Comparing two states". Applied to the old state, the changes give the new one (`patch`). A list that cannot
be told apart on one side is left out on both, and named in `unread`: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from carectl.caseload.identities import (
    KINDS,
    NATURAL_KEYS,
    Bag,
    Group,
    Key,
    Leaf,
    Lost,
    Node,
    Rows,
    State,
    Unread,
    build,
    build_staff,
    canonical,
    plain,
)

Way = tuple[str | Key, ...]
"""From the top of a kind to a value: names of fields, and in lists what an entry is known by."""
ITSELF: Final[Key] = ()
"""The last step to a list itself: the order of its entries, where it means something, or the word in its place."""


class Change(NamedTuple):
    """One thing that differs. `old` None: added; `new` None: removed. Values are plain data."""

    client: str | None
    kind: str
    way: Way
    record: str | None
    """The ids that lead to the record, outermost first: falls/no-falls. None for the file itself."""
    field: str | None
    """Which field of the record, nested ones with dots; None for the record as a whole."""
    old: Any
    new: Any
    type: str
    """The kind of record that it is in: Medication, Goal, Client."""


class Reordered(NamedTuple):
    """A list whose entries only stand in another order, which means nothing."""

    client: str | None
    kind: str
    record: str | None
    field: str


class Comparison(NamedTuple):
    """What is different between two states of a client, or of the practice."""

    client: str | None
    changes: tuple[Change, ...] = ()
    reordered: tuple[Reordered, ...] = ()
    unread: tuple[Unread, ...] = ()


def compare(old: State, new: State) -> Comparison:
    """Every difference between two states of the same client, or of the practice (client None)."""
    unread = tuple(dict.fromkeys((*old.unread, *new.unread)))
    if old.client is not None and old.is_present != new.is_present:
        before, after = (_whole(side) for side in (old, new))
        return Comparison(
            old.client, (Change(old.client, "client", (), None, None, before, after, "Client"),), (), unread
        )
    walk = _Walk(old.client)
    for kind in KINDS:
        before_kind, after_kind = (side.kinds.get(kind, _NOTHING) for side in (old, new))
        if before_kind is not after_kind and isinstance(before_kind, Group) and isinstance(after_kind, Group):
            at = _At(kind, (), None, "", before_kind.record or after_kind.record)
            walk.fields(before_kind.fields, after_kind.fields, at)
    return Comparison(old.client, tuple(walk.changes), tuple(walk.reordered), unread)


_NOTHING: Final = Group({})


def _whole(state: State) -> Any:
    if not state.is_present:
        return None
    return {kind: plain(state.kinds[kind]) for kind in KINDS if kind in state.kinds}


class _At(NamedTuple):
    """Where a comparison stands."""

    kind: str
    way: Way
    record: str | None
    field: str
    type: str

    def into(self, name: str) -> _At:
        """Into a field."""
        return self._replace(way=(*self.way, name), field=f"{self.field}.{name}" if self.field else name)

    def entry(self, key: Key, record: str) -> _At:
        """Into an entry of the list that this is."""
        way = (*self.way, key)
        parts = NATURAL_KEYS.get(record)
        if parts is None and record != "Diagnosis":
            # What has an id is a record of its own.
            return _At(self.kind, way, f"{self.record}/{key[0]}" if self.record else key[0], "", record)
        shown = " ".join(part for part in key[: len(parts) if parts else 1] if part)
        return _At(self.kind, way, self.record, f"{self.field}[{shown}]", record)


class _Walk:
    """Two states side by side."""

    def __init__(self, client: str | None) -> None:
        self.client = client
        self.changes: list[Change] = []
        self.reordered: list[Reordered] = []

    def fields(self, old: Mapping[str, Node], new: Mapping[str, Node], at: _At) -> None:
        for name in dict.fromkeys((*old, *new)):
            was, now = old.get(name), new.get(name)
            # Of nearly all that is looked at, this is all there is to be seen.
            if not (was == now and isinstance(was, Leaf) and isinstance(was.value, str)):
                self.node(was, now, at.into(name))

    def node(self, old: Node | None, new: Node | None, at: _At) -> None:
        if old is new or isinstance(old, Lost) or isinstance(new, Lost):
            return
        if isinstance(old or new, Rows) and isinstance(new or old, Rows):
            self.rows(_rows(old, new), _rows(new, old), at)
        elif isinstance(old or new, Group) and isinstance(new or old, Group):
            self.fields(_fields(old), _fields(new), at)
        elif old is None or new is None or canonical(old) != canonical(new):
            self.tell(at, None if old is None else plain(old), None if new is None else plain(new))
        elif isinstance(old, Bag) and plain(old) != plain(new):
            self.reordered.append(Reordered(self.client, at.kind, at.record, at.field))

    def rows(self, old: Rows, new: Rows, at: _At) -> None:
        if old.word != new.word:
            self.tell(at._replace(way=(*at.way, ITSELF)), old.word, new.word)
        before, after = _rekeyed(old.rows, new.rows), _rekeyed(new.rows, old.rows)
        for key in dict.fromkeys((*before, *after)):
            was, now = before.get(key), after.get(key)
            below = at.entry(key, old.record)
            if isinstance(was, Group) and isinstance(now, Group):
                self.fields(was.fields, now.fields, below)
            elif not isinstance(was, Lost) and not isinstance(now, Lost):
                self.tell(below, None if was is None else plain(was), None if now is None else plain(now))
        kept = [key for key in before if key in after]
        if old.ordered:
            expected = [*kept, *(key for key in after if key not in before)]
            if list(after) != expected:
                order = at._replace(way=(*at.way, ITSELF), field="order")
                self.tell(order, [key[0] for key in before], [key[0] for key in after])
        elif kept != [key for key in after if key in before]:
            self.reordered.append(Reordered(self.client, at.kind, at.record, at.field))

    def tell(self, at: _At, old: Any, new: Any) -> None:
        self.changes.append(Change(self.client, at.kind, at.way, at.record, at.field or None, old, new, at.type))


def _rows(node: Node | None, other: Node | None) -> Rows:
    if isinstance(node, Rows):
        return node
    assert isinstance(other, Rows)
    return Rows({}, other.record)


def _fields(node: Node | None) -> Mapping[str, Node]:
    return node.fields if isinstance(node, Group) else {}


def _rekeyed(rows: Mapping[Key, Group | Lost], other: Mapping[Key, Group | Lost]) -> Mapping[Key, Group | Lost]:
    """Rows in which an entry that stands twice on the other side has the name that an equal one has there."""
    parts = {key: len(key) for key in rows}
    longer = {key[:length] for key in other for length in range(1, len(key))}
    if not longer.intersection(parts):
        return rows
    found = {}
    for key, row in rows.items():
        twin = (*key, canonical(row).decode())
        found[twin if key in longer and twin in other else key] = row
    return found


# --- the way back ----------------------------------------------------------------------------------------------------


def patch(old: State, changes: Iterable[Change]) -> State:
    """The state that changes make of another one. What is lost in it stays lost."""
    by_kind: dict[str, list[tuple[Way, Change]]] = {}
    for change in changes:
        if not change.way:
            whole: Mapping[str, Any] = change.new or {}
            return State(old.client, {kind: build(kind, data)[0] for kind, data in whole.items()})
        by_kind.setdefault(change.kind, []).append((change.way, change))
    kinds = dict(old.kinds)
    for kind, below in by_kind.items():
        data = _patched(kinds.get(kind, _NOTHING), below) or {}
        if kind == "staff":
            kinds[kind] = build_staff(dict(_members(kinds.get(kind, _NOTHING), below, data.get("staff") or [])))
        else:
            kinds[kind] = build(kind, data)[0]
    return State(old.client, kinds, old.unread)


def _members(old: Node, below: list[tuple[Way, Change]], entries: list[Any]) -> Iterator[tuple[str, Any]]:
    """The members of the staff by the names of their files, which only the ways tell."""
    assert isinstance(old, Group)
    known = list(_rows(old.fields.get("staff"), Rows({}, "StaffMember")).rows)
    gone = {way[1] for way, change in below if len(way) == 2 and change.new is None}
    fresh = [way[1] for way, change in below if len(way) == 2 and change.old is None]
    names = [*(key for key in known if key not in gone), *fresh]
    yield from ((key[0], entry) for key, entry in zip(names, entries, strict=True))


def _patched(node: Node | None, below: list[tuple[Way, Change]]) -> Any:
    """The plain data of a node with the changes below it; None if nothing is left."""
    direct = next((change for way, change in below if not way), None)
    if direct is not None:
        return direct.new
    if any(isinstance(way[0], tuple) for way, _ in below):
        return _patched_rows(node if isinstance(node, Rows) else Rows({}, ""), below)
    fields = dict(node.fields) if isinstance(node, Group) else {}
    data = {name: plain(inner) for name, inner in fields.items()}
    for name, inner in _by_step(below).items():
        assert isinstance(name, str)
        data[name] = _patched(fields.get(name), inner)
    return {name: value for name, value in data.items() if value is not None} or None


def _patched_rows(rows: Rows, below: list[tuple[Way, Change]]) -> Any:
    word, order = rows.word, None
    steps = _by_step(below)
    if ITSELF in steps:
        itself = steps.pop(ITSELF)[0][1].new
        word, order = (word, itself) if isinstance(itself, list) else (itself, None)
    known = {key: plain(row) for key, row in rows.rows.items()}
    for key, inner in steps.items():
        assert isinstance(key, tuple)
        value = _patched(rows.rows.get(key), inner)
        if value is None:
            known.pop(key, None)
        else:
            known[key] = value
    if order is not None:
        known = dict(sorted(known.items(), key=lambda item: order.index(item[0][0])))
    return word if word is not None else list(known.values()) or None


def _by_step(below: list[tuple[Way, Change]]) -> dict[str | Key, list[tuple[Way, Change]]]:
    found: dict[str | Key, list[tuple[Way, Change]]] = {}
    for way, change in below:
        found.setdefault(way[0], []).append((way[1:], change))
    return found

"""What a commit did to a client's record: its changes, which of its entries came late, whether it was dated back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from carectl.care.changes.compare import Change, Comparison, Reordered, Way, compare
from carectl.care.changes.merging import GUARDED, TOGETHER, at, same
from carectl.care.changes.rules import Judged
from carectl.care.entries import recorded_late
from carectl.care.moments import add_period, day_of, is_moment, moment_of
from carectl.caseload.identities import NATURAL_KEYS, Group, Key, Node, Rows, State, Unread, plain

_EVENTS: Final = {
    "assessments": ("date", "assessment"), "notes": ("at", "talk"), "concerns": ("at", "event"),
    "measurements": ("date", "measurement"), "visits": ("date", "visit"),
}  # fmt: skip
"""The kinds whose entries tell of an event: the field that says when it was, and what it is called."""


class Told(NamedTuple):
    """A change, and in words how late it was written down if it came late."""

    change: Judged
    late: str | None = None


class Person(NamedTuple):
    """Whoever wrote or committed something, by their own account."""

    name: str
    email: str
    at: dt.datetime | None
    """With the offset that was recorded; None if it is no moment."""


class Chapter(NamedTuple):
    """A commit in the history of a client."""

    id: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    subject: str
    body: str
    trailers: tuple[tuple[str, str], ...]
    signed: bool
    folder: str
    """The client's id then."""
    moved_from: str | None = None
    """The client's id before, if the folder was moved."""
    backdated: str | None = None
    """In words, if its author's date lies far before that of the commit."""
    told: tuple[Told, ...] = ()
    reordered: tuple[Reordered, ...] = ()
    unread: tuple[Unread, ...] = ()
    """What cannot be compared, so that nothing can be said about it."""
    rewritten: bool = False
    """Whether files changed that say the same as before: their layout or comments."""
    other: tuple[str, ...] = ()
    """Files that it changed and that are no records."""
    left_out: tuple[str, ...] = ()
    """Files that one side of a merge had changed and that are in it as they were before that."""
    cut: bool = False
    """Whether the commit before it is not here, so that nobody knows what it changed."""
    lost: bool = False
    """Whether its files or those before it cannot be read."""

    @property
    def is_whole(self) -> bool:
        """Whether all of what it changed is told."""
        return not (self.unread or self.cut or self.lost)


class Wanted(NamedTuple):
    """The record that is asked about; empty for all."""

    kind: str | None = None
    record: str | None = None
    """An id, or the ids that lead to it: falls/no-falls."""

    def fits(self, change: Judged) -> bool:
        """Whether a change is one of this record, or of one that lies in it."""
        return self.means(change.kind, change.record or "")

    def means(self, kind: str, record: str) -> bool:
        """The same of a kind and the ids that lead to a record."""
        ids = self.record.split("/") if self.record else []
        mine = record.split("/")
        is_in = any(mine[first : first + len(ids)] == ids for first in range(len(mine) - len(ids) + 1))
        return self.kind in (None, kind) and is_in

    def apart(self, old: State, new: State) -> tuple[State, State]:
        """Both sides of a commit so that what is asked about comes and goes by itself, not with the whole client.

        That a client is new with six medicines does not tell what one of them was.
        """
        if self.record is None:
            nothing = {} if self.kind is None else {self.kind: Group({})}
            return (old if old.is_present else State(old.client, nothing)), (
                new if new.is_present else State(new.client, nothing))  # fmt: skip
        before, after = (
            {(kind, way) for kind, record, way in records(side) if self.means(kind, record)} for side in (old, new)
        )
        if before and after:
            return old, new
        return (_without(new, after) if after else old), (_without(old, before) if before else new)


def records(state: State) -> Iterator[tuple[str, str, Way]]:
    """Every record that has an id: its kind, the ids that lead to it (falls/no-falls), and the way to it."""
    for kind, node in state.kinds.items():
        yield from ((kind, record, way) for record, way in _records(node, "", ()))


def _records(node: Node, above: str, way: Way) -> Iterator[tuple[str, Way]]:
    if isinstance(node, Group):
        for name, inner in node.fields.items():
            yield from _records(inner, above, (*way, name))
    elif isinstance(node, Rows) and node.record not in NATURAL_KEYS and node.record != "Diagnosis":
        for key, row in node.rows.items():
            record = f"{above}/{key[0]}" if above else key[0]
            yield record, (*way, key)
            yield from _records(row, record, (*way, key))


def _without(state: State, places: Collection[tuple[str, Way]]) -> State:
    """A state without some entries."""
    kinds: dict[str, Any] = dict(state.kinds)
    for kind, way in sorted(places, key=lambda place: -len(place[1])):
        kinds[kind] = _cut(kinds[kind], way)
    return state._replace(kinds=kinds)


def _cut(node: Any, way: Way) -> Node:
    inner: dict[Any, Any] = dict(node.rows if isinstance(node, Rows) else node.fields)
    if way[1:]:
        inner[way[0]] = _cut(inner[way[0]], way[1:])
    else:
        del inner[way[0]]
    found: Node = node._replace(**{"rows" if isinstance(node, Rows) else "fields": inner})
    return found


def taken_back(base: State, side: State, merged: Comparison) -> tuple[tuple[Unread, ...], list[Change]]:
    """The changes from one side of a merge to the merge, of what the side itself had changed since `base`; and before
    them what cannot be compared."""
    if not base.is_present and side.is_present:
        base = State(side.client, {kind: Group({}) for kind in side.kinds})
    own = compare(base, side)
    return own.unread, [
        change
        for change in merged.changes
        if any(change.kind == one.kind and _is_within(change.way, one.way) for one in own.changes)
    ]


def _is_within(one: Way, other: Way) -> bool:
    """Whether one of two ways leads to something in which the other ends."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def put_together(merged: State, sides: Sequence[State]) -> Iterator[tuple[str, Way]]:
    """Where a merge has what none of its sides had, of all that may hurt if both are put together (care.merging).

    A dose from one side with the times of the other is such a thing, though each of the two stood somewhere.
    """
    for kind, node in merged.kinds.items():
        yield from ((kind, way) for way in _made(node, [side.kinds.get(kind) for side in sides], ()))


def _made(node: Node | None, before: Sequence[Node | None], way: Way) -> Iterator[Way]:
    if not isinstance(node, (Group, Rows)) or any(same(node, side) for side in before):
        return
    if isinstance(node, Group):
        guard = GUARDED.get(node.record)
        names = {*node.fields, *(name for side in before if isinstance(side, Group) for name in side.fields)}
        if guard is not None and _differ(names - guard.apart, node, before):
            yield way
            return
        for decision, _ in TOGETHER.get(node.record, ()):
            if _differ(decision, node, before):
                yield from ((*way, name) for name in decision)
    steps: Collection[str | Key] = node.fields if isinstance(node, Group) else node.rows
    for step in steps:
        yield from _made(at(node, (step,)), [at(side, (step,)) for side in before], (*way, step))


def _differ(names: Collection[str], node: Node, before: Sequence[Node | None]) -> bool:
    """Whether these fields together are on no side as they are now."""
    return all(any(not same(at(node, (name,)), at(side, (name,))) for name in names) for side in before)


def backdated(author: Person, committer: Person, late_after: str) -> str | None:
    """In words, that a commit's author dated it further back than the period after which an entry is late."""
    if author.at is None or committer.at is None:
        return None
    try:
        limit = add_period(author.at.date(), late_after)
    except OverflowError:
        return None
    committed = committer.at.astimezone(author.at.tzinfo)
    if committed.date() <= limit:
        return None
    return f"dated {_days((committed.date() - author.at.date()).days)} before it was committed"


def late(change: Judged, new: State, committed: dt.datetime | None, late_after: str) -> str | None:
    """In words, that a change wrote down an event later than the practice allows.

    What counts is what the entry says (`recorded`), else the moment of the commit, which is as the clocks of the
    practice show it. Of a change of an entry that was there, only one counts that tells of the event itself.
    """
    if change.kind not in _EVENTS or change.record is None or change.new is None or committed is None:
        return None
    if change.field not in (None, "recorded", "status", "actual", "actual.in", "actual.out"):
        return None
    entry = _entry(new, change.kind, change.record)
    event = _event(change.kind, entry)
    zone = committed.tzinfo or dt.UTC
    recorded = entry.get("recorded")
    try:
        if isinstance(recorded, str):
            moment = moment_of(recorded, zone) if is_moment(recorded) else None
            written = moment or dt.datetime.combine(day_of(recorded), dt.time(), zone)
        elif change.field == "recorded":
            return None
        else:
            written = committed
        if event is None or recorded_late(event, written, late_after) is None:
            return None
        days = _days((written.date() - day_of(event)).days)
    except (OverflowError, ValueError):
        return None
    word = _EVENTS[change.kind][1]
    return f"late entry: {'written down' if recorded else 'committed'} {days} after the {word}"


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _entry(state: State, kind: str, record: str) -> Mapping[str, Any]:
    """An entry of a kind as plain data; empty if it cannot be told."""
    group = state.kinds.get(kind)
    rows = group.fields.get(kind) if isinstance(group, Group) else None
    entry = rows.rows.get((record,)) if isinstance(rows, Rows) else None
    found = plain(entry) if isinstance(entry, Group) else None
    return found if isinstance(found, dict) else {}


def _event(kind: str, entry: Mapping[str, Any]) -> str | None:
    """When the event of an entry was, as files write it; None for what has not taken place, or cannot be told."""
    name = _EVENTS[kind][0]
    when = entry.get(name)
    if kind != "visits":
        return when if isinstance(when, str) else None
    if entry.get("status") in (None, "planned", "confirmed", "cancelled"):
        return None
    day = when or entry.get("day")
    actual = entry.get("actual")
    left = actual.get("out") if isinstance(actual, dict) else None
    if not isinstance(day, str) or not isinstance(left, str):
        return day if isinstance(day, str) else None
    return left if is_moment(left) else f"{day}T{left}"

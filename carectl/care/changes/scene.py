"""Both sides of a comparison, and whatever one asks of them to tell what a change means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from carectl.care.changes.compare import Change, Comparison, Way
from carectl.care.changes.hours import day_in
from carectl.care.changes.wording import listed, value
from carectl.care.setting import Setting
from carectl.caseload.identities import Group, Rows, State, plain

Entry = Mapping[str, Any]
"""An entry as plain data; empty if there is none."""
NOTHING: Final[Entry] = {}


class Side:
    """One of the two states, read as plain data."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._known: dict[tuple[str, Way], Entry] = {}

    def at(self, kind: str, way: Way) -> Entry:
        """The entry or mapping at a way; empty if there is none."""
        if (kind, way) not in self._known:
            node: Any = self.state.kinds.get(kind)
            for step in way:
                if isinstance(node, Group):
                    node = node.fields.get(str(step))
                elif isinstance(node, Rows) and isinstance(step, tuple):
                    node = node.rows.get(step)
            self._known[kind, way] = plain(node) if isinstance(node, Group) else NOTHING
        return self._known[kind, way]

    def rows(self, kind: str, way: Way) -> list[Entry]:
        """The entries of a list that can be read."""
        found = self.at(kind, way[:-1]).get(str(way[-1]))
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def has(self, kind: str) -> bool:
        """Whether a kind was read at all."""
        return isinstance(self.state.kinds.get(kind), Group)

    def named(self, kind: str, name: str, entry_id: object) -> Entry:
        """The entry of a top list by its id. A private one is not spoken of where another one is told of."""
        rows = self.rows(kind, (name,))
        return next((item for item in rows if item.get("id") == entry_id and item.get("private") is not True), NOTHING)


@dataclass(frozen=True)
class Scene:
    """A comparison with its surroundings."""

    comparison: Comparison
    old: Side
    new: Side
    setting: Setting

    @cached_property
    def today(self) -> dt.date:
        """The day it is where the client lives: in the zone that they have now, else in the one they had."""
        if self.setting.whole_day:
            return self.setting.today
        for side in (self.new, self.old):
            name = side.at("client", ()).get("timezone")
            zone = self.setting.zones(name) if isinstance(name, str) else None
            if zone is not None:
                return self.setting.now.astimezone(zone).date()
        return self.setting.today

    def entry(self, change: Change, *, depth: int | None = None) -> tuple[Entry, Entry]:
        """The entry that a change is in, before and after: the innermost, or that of so many steps."""
        way = change.way if depth is None else change.way[:depth]
        while way and not isinstance(way[-1], tuple):
            way = way[:-1]
        return self.old.at(change.kind, way), self.new.at(change.kind, way)

    def record(self, change: Change) -> tuple[Entry, Entry]:
        """The record that a change is in, before and after: the innermost entry with an id, else the file itself."""
        way = change.way
        while way and not (isinstance(way[-1], tuple) and way[-1] and self._has_id(change.kind, way)):
            way = way[:-1]
        return self.old.at(change.kind, way), self.new.at(change.kind, way)

    def _has_id(self, kind: str, way: Way) -> bool:
        return kind == "staff" or any("id" in side.at(kind, way) for side in (self.old, self.new))

    def others(self, change: Change) -> Iterator[Change]:
        """The other changes of the same entry."""
        inner = _entry_way(change.way)
        yield from (other for other in self.comparison.changes if other.kind == change.kind
                    and other is not change and _entry_way(other.way) == inner)  # fmt: skip

    def is_first(self, change: Change, fields: tuple[str, ...]) -> str | None:
        """None if a change is the most telling of those of its entry in these fields; else the field of that one."""
        mine = [item for item in (change, *self.others(change)) if _field(item) in fields]
        first = min(mine, key=lambda item: (fields.index(_field(item)), item.way), default=change)
        return None if first is change or first.way == change.way else _field(first)

    def person(self, who: object) -> str:
        """Somebody by name and id, as either side or the roster knows them."""
        if isinstance(who, list):
            return listed(self.person(one) for one in who) or "nobody"
        if not isinstance(who, str) or who == "client":
            return value(who)
        member = self.setting.staff.get(who)
        if member is not None:
            return f"{member.name.full} ({who})"
        for side in (self.new, self.old):
            name = side.named("contacts", "contacts", who).get("name")
            if isinstance(name, str):
                return f"{name} ({who})"
        return who

    def is_past(self, day: dt.date | None) -> bool:
        """Whether a day is over where the client lives."""
        return day is not None and day < self.today


def _entry_way(way: Way) -> Way:
    while way and not isinstance(way[-1], tuple):
        way = way[:-1]
    return way


def _field(change: Change) -> str:
    """The field of an entry that a change is in: as_needed of as_needed.max_per_day."""
    way = change.way[len(_entry_way(change.way)) :]
    return str(way[0]) if way else ""


def day_of_entry(entry: Entry) -> dt.date | None:
    """The day that an entry is of."""
    return day_in(entry, "at") or day_in(entry, "date")

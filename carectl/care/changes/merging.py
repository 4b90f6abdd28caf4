"""Two changed versions of one file and the version before both -> one version, and what only a person can decide.

Entries are matched as everywhere: by their ids, never by position or likeness. What one side alone did, holds. What
both did to records by which a person may be hurt is never put together by a program, however far apart the lines
stand: a dose raised on one side and taken twice as often on the other is four times the daily dose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Final, Literal, NamedTuple

from carectl.care.changes.doses import difference
from carectl.care.changes.hours import weekly
from carectl.caseload.identities import NATURAL_KEYS, Bag, Group, Key, Leaf, Node, Rows, canonical, plain

Way = tuple[str | Key, ...]
"""From a file to a value in it: names of fields, and what entries are known by."""

Side = Literal["ours", "theirs"]
Sort = Literal["changed", "removed", "added", "field", "order", "word"]

MergeText = Callable[[str, str, str], str | None]
"""Base, ours and theirs of a text of several lines -> the merged text, or None if their lines collide."""


# --- the policy ------------------------------------------------------------------------------------------------------


class Guard(NamedTuple):
    """Why the two sides of a record are not put together."""

    noun: str
    why: str
    """What could come of it, as a sentence."""
    apart: frozenset[str] = frozenset()
    """Fields that have nothing to do with that: they merge by themselves."""


GUARDED: Final[Mapping[str, Guard]] = {
    "Medication": Guard(
        "medicine", "Two changes to one medicine can add up to a dose, or a time, that nobody ordered."
    ),
    "Allergy": Guard("allergy", "Half of each would be a reaction that nobody saw, or one that is taken too lightly."),
    "Diagnosis": Guard("diagnosis", "The code of one diagnosis would stand beside the words of another."),
    "Directive": Guard("advance directive", "What is wanted, and where the paper is, would come from two papers."),
    "Goal": Guard(
        "goal", "A target from one side with a date or a status from the other is a goal that nobody set.",
        frozenset({"progress"}),
    ),
    "Intervention": Guard("intervention", "Somebody could do what was stopped, or leave undone what was moved."),
    "PlanPeriod": Guard("period of the plan", "The plan could end before it begins, or hold for a time nobody agreed."),
    "Contact": Guard(
        "contact", "What one person may be told, or one person's phone, could end up with another person.",
        frozenset({"call_for"}),
    ),
    "Series": Guard(
        "series of visits", "People would come at a time, or for a length, that neither side planned.",
        frozenset({"except"}),
    ),
    "Visit": Guard("visit", "A visit moved on one side and given to somebody on the other may be kept by nobody."),
    "Address": Guard("address", "Half of each address is a place where nobody may live."),
    "Name": Guard("name", "Half of each name is nobody's."),
    "InstrumentResult": Guard("result", "Answers from two sides are an assessment that nobody made."),
    "AssessmentFinding": Guard("finding of an assessment", "The need would be that of another finding."),
    "Measurement": Guard("measurement", "A value from one side with a unit from the other is a wrong value."),
    "Concern": Guard(
        "concern", "A concern could be closed on one side while the other finds that it did harm.",
        frozenset({"told", "actions"}),
    ),
    "Task": Guard("task", "Something would be ticked off that whoever did it never read."),
    "Supply": Guard("supply", "The number counted would stand beside the day of another count."),
    "Insurance": Guard("insurance", "The bill would go to one payer with the number of another."),
    "Credential": Guard("credential", "Somebody could be sent whose licence has run out."),
    "Employed": Guard("employment", "The days on which somebody may be sent would be nobody's decision."),
}  # fmt: skip
"""Records that may hurt a person if both sides of a merge are put together, by the names of their definitions."""

TOGETHER: Final[Mapping[str, tuple[tuple[frozenset[str], str], ...]]] = {
    "Client": (
        (
            frozenset({"code_status", "advance_directives"}),
            "What is to be done if the heart stops must be one decision, and fit the papers.",
        ),
        (
            frozenset({"status", "start_of_care", "end_of_care", "end_reason"}),
            "Whether somebody is in care, and until when, must be one decision.",
        ),
    ),
}
"""Fields of other records that are one decision: touched on both sides, even apart, they are not put together."""


# --- the result ------------------------------------------------------------------------------------------------------


class Conflict(NamedTuple):
    """What only a person can decide."""

    ways: tuple[Way, ...]
    """The record; or, of a file's own fields, those that belong together."""
    record: str
    """Its definition, such as Medication; empty for a plain field."""
    sort: Sort
    name: str
    """The record as people know it. This may be private."""
    noun: str
    """What it is, with its id if it has one: fit for a message."""
    sentence: str
    """What happened on the two sides, without anything private."""
    why: str
    """What could come of having both; empty if that goes without saying."""
    ours: tuple[str, ...]
    """What the side that was here did, in words and values."""
    theirs: tuple[str, ...]
    base: Node | None = None
    both: Node | None = None
    """The record as a merge by lines would make it, if there is one: what must not happen unseen."""
    free_id: str = ""
    """For entries that both sides added with one id: one that neither has."""


class Merged(NamedTuple):
    """The result of a merge, read in two ways that differ only in the conflicts."""

    ours: Group
    """With every conflict as ours has it."""
    theirs: Group
    conflicts: tuple[Conflict, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nobody has to be asked."""
        return not self.conflicts


def merge(base: Group | None, ours: Group, theirs: Group, merge_text: MergeText | None = None) -> Merged:
    """Three versions of a file of one kind, merged. `base` is None if both sides began the file.

    What is `Lost` in a version is compared whole. Texts of several lines that both sides changed go through
    `merge_text`; without it they are conflicts.
    """
    first = _Walk(True, merge_text)
    node = first.fields(base, ours, theirs, ())
    if not first.conflicts:
        return Merged(node, node, ())
    return Merged(node, _Walk(False, merge_text).fields(base, ours, theirs, ()), tuple(first.conflicts.values()))


def same(one: Node | None, other: Node | None) -> bool:
    """Whether two values mean the same."""
    if one is None or other is None:
        return one is other
    return one is other or canonical(one) == canonical(other)


def at(node: Node | None, way: Way) -> Node | None:
    """What stands at a place; None if there is nothing."""
    for step in way:
        if isinstance(node, Group) and isinstance(step, str):
            node = node.fields.get(step)
        elif isinstance(node, Rows) and isinstance(step, tuple):
            node = node.rows.get(step)
        else:
            return None
    return node


# --- the merge -------------------------------------------------------------------------------------------------------


class _Walk:
    """The three versions side by side; conflicts end as one of the sides has it."""

    def __init__(self, is_ours: bool, merge_text: MergeText | None) -> None:
        self.is_ours = is_ours
        self.merge_text = merge_text
        self.conflicts: dict[Way, Conflict] = {}

    def choose(self, ours: Node | None, theirs: Node | None) -> Node | None:
        return ours if self.is_ours else theirs

    def node(self, base: Node | None, ours: Node | None, theirs: Node | None, way: Way) -> Node | None:
        """The merged value; None if there is none."""
        if same(ours, theirs) or same(base, theirs):
            return ours
        if same(base, ours):
            return theirs
        known = [node for node in (base, ours, theirs) if node is not None]
        # A list that is left out is an empty one.
        if all(isinstance(node, Rows) for node in known):
            rows = self.rows(_rows(base, known[0]), _rows(ours, known[0]), _rows(theirs, known[0]), way)
            return rows if rows.rows or rows.word is not None else None
        if all(isinstance(node, Bag) for node in known):
            return _bag(base, ours, theirs)
        if ours is not None and theirs is not None:
            if all(isinstance(node, Group) for node in known):
                return self.group(base, ours, theirs, way)
            text = self.text(base, ours, theirs)
            if text is not None:
                return Leaf(text)
        self.tell("field", way, base, ours, theirs)
        return self.choose(ours, theirs)

    def text(self, base: Node | None, ours: Node, theirs: Node) -> str | None:
        """A text of several lines, merged by its lines."""
        texts = [node.value for node in (base, ours, theirs) if isinstance(node, Leaf) and isinstance(node.value, str)]
        if self.merge_text is None or len(texts) < 3 or not all("\n" in text for text in texts):
            return None
        return self.merge_text(texts[0], texts[1], texts[2])

    def group(self, base: Node | None, ours: Node, theirs: Node, way: Way) -> Group:
        assert isinstance(ours, Group)
        assert isinstance(theirs, Group)
        fields = base if isinstance(base, Group) else Group({}, ours.record)
        guard = GUARDED.get(ours.record)
        if guard is not None:
            names = {*fields.fields, *ours.fields, *theirs.fields} - guard.apart
            if _collide(names, fields, ours, theirs):
                self.tell("changed", way, base, ours, theirs, ours.record)
                own = (ours if self.is_ours else theirs).fields
                merged = {name: node for name, node in own.items() if name not in guard.apart}
                # Conflicts in there need no words of their own: the whole record is shown.
                below = _Walk(self.is_ours, self.merge_text)
                for name in sorted(guard.apart):
                    node = below.field(name, fields, ours, theirs, way)
                    if node is not None:
                        merged[name] = node
                return Group(merged, ours.record)
        return self.fields(base, ours, theirs, way)

    def fields(self, base: Node | None, ours: Group, theirs: Group, way: Way) -> Group:
        before = base if isinstance(base, Group) else Group({}, ours.record)
        decided: set[str] = set()
        for names, why in TOGETHER.get(ours.record or theirs.record, ()):
            if _collide(names, before, ours, theirs):
                self.tell_together(names, why, before, ours, theirs, way)
                decided |= names
        merged: dict[str, Node] = {}
        for name in _order([*before.fields], [*ours.fields], [*theirs.fields])[0]:
            if name in decided:
                node = self.choose(ours.fields.get(name), theirs.fields.get(name))
            else:
                node = self.field(name, before, ours, theirs, way)
            if node is not None:
                merged[name] = node
        return Group(merged, ours.record or theirs.record)

    def field(self, name: str, base: Group, ours: Group, theirs: Group, way: Way) -> Node | None:
        return self.node(base.fields.get(name), ours.fields.get(name), theirs.fields.get(name), (*way, name))

    def rows(self, base: Rows, ours: Rows, theirs: Rows, way: Way) -> Rows:
        """Entries, each by what it is known by. Either side may say `none` instead of having any."""
        if ours.word is not None or theirs.word is not None:
            # Somebody said that there is nothing, and somebody else changed what there is.
            self.tell("word", way, base, ours, theirs, base.record)
            return ours if self.is_ours else theirs
        order, is_torn = _order([*base.rows], [*ours.rows], [*theirs.rows])
        if is_torn and ours.ordered:
            self.tell("order", way, base, ours, theirs, ours.record)
        if is_torn and not self.is_ours:
            order = _order([*base.rows], [*theirs.rows], [*ours.rows])[0]
        merged = {}
        for key in order:
            node = self.row(base.rows.get(key), ours.rows.get(key), theirs.rows.get(key), (*way, key), ours.record)
            if node is not None:
                merged[key] = node
        if base.record not in NATURAL_KEYS and base.record != "Diagnosis":
            self.name_free_ids({*base.rows, *ours.rows, *theirs.rows}, way)
        return Rows(merged, ours.record)

    def name_free_ids(self, taken: set[Key], way: Way) -> None:
        """Say of entries of a list that both sides added with one id which other id one of them could have."""
        for key in sorted(taken):
            known = self.conflicts.get((*way, key))
            if known is not None and known.sort == "added":
                free = _free_id(key[0], {name for name, *_ in taken})
                taken.add((free,))
                self.conflicts[(*way, key)] = known._replace(free_id=free)

    def row(self, base: Any, ours: Any, theirs: Any, way: Way, record: str) -> Any:
        if same(ours, theirs) or same(base, theirs):
            return ours
        if same(base, ours):
            return theirs
        if base is None or ours is None or theirs is None:
            self.tell("added" if base is None else "removed", way, base, ours, theirs, record)
        elif isinstance(ours, Group) and isinstance(theirs, Group):
            return self.group(base, ours, theirs, way)
        else:
            self.tell("field", way, base, ours, theirs, record)
        return self.choose(ours, theirs)

    # --- what a person must be told ---

    def tell(
        self, sort: Sort, way: Way, base: Node | None, ours: Node | None, theirs: Node | None, record: str = ""
    ) -> None:
        """Note a conflict, for the record that it is in."""
        unit = _unit(way) if sort == "field" else way
        guard = GUARDED.get(record)
        noun = _noun(unit, record)
        here, there = (_did(base, side, way[len(unit) :]) for side in (ours, theirs))
        known = self.conflicts.get(unit)
        if known is not None:
            self.conflicts[unit] = known._replace(ours=(*known.ours, *here), theirs=(*known.theirs, *there))
            return
        self.conflicts[unit] = Conflict(
            ways=(unit,),
            record=record,
            sort=sort,
            name=_name(unit, ours or theirs or base),
            noun=noun,
            sentence=_sentence(sort, noun, way, gone=ours is None or theirs is None),
            why=guard.why if guard is not None and sort == "changed" else _WHY.get(sort, ""),
            ours=here,
            theirs=there,
            base=base,
            both=_by_lines(base, ours, theirs),
        )

    def tell_together(self, names: Iterable[str], why: str, base: Group, ours: Group, theirs: Group, way: Way) -> None:
        """Note that both sides changed fields that are one decision."""
        touched = sorted(name for name in names if not same(ours.fields.get(name), theirs.fields.get(name)))
        here, there = (
            tuple(
                line for name in sorted(names) for line in _changes(base.fields.get(name), side.fields.get(name), name)
            )
            for side in (ours, theirs)
        )
        words = " and ".join(f"`{name}`" for name in touched)
        self.conflicts[(*way, touched[0])] = Conflict(
            ways=tuple((*way, name) for name in touched),
            record="",
            sort="changed",
            name=words,
            noun=words,
            sentence=f"{words}: both sides changed what is one decision",
            why=why,
            ours=here,
            theirs=there,
        )


def _collide(names: Iterable[str], base: Group, ours: Group, theirs: Group) -> bool:
    """Whether both sides touched any of these fields, and not in the very same way."""
    changes = [
        {name for name in names if not same(base.fields.get(name), side.fields.get(name))} for side in (ours, theirs)
    ]
    return all(changes) and any(not same(ours.fields.get(n), theirs.fields.get(n)) for n in set().union(*changes))


def _rows(node: Node | None, other: Node) -> Rows:
    assert isinstance(other, Rows)
    return node if isinstance(node, Rows) else Rows({}, other.record)


def _bag(base: Node | None, ours: Node | None, theirs: Node | None) -> Bag | None:
    """A set: what either side added is in it, what either side took out is not."""
    texts = [[canonical(Leaf(item)) for item in (node.items if isinstance(node, Bag) else ())]
             for node in (base, ours, theirs)]  # fmt: skip
    before, here, there = map(Counter, texts)
    left = {
        item: there[item] if here[item] == before[item] else
        here[item] if there[item] == before[item] else max(here[item], there[item])
        for item in {*before, *here, *there}
    }  # fmt: skip
    items = []
    for node in (ours, theirs):
        for item in node.items if isinstance(node, Bag) else ():
            if left[canonical(Leaf(item))] > 0:
                left[canonical(Leaf(item))] -= 1
                items.append(item)
    return Bag(tuple(items)) if items else None


def _order(base: list[Any], ours: list[Any], theirs: list[Any]) -> tuple[list[Any], bool]:
    """The order of what is on either side, and whether both changed the order, each in its own way.

    The side leads that changed the order, else ours; what only the other one has comes behind its neighbour there.
    """
    both = set(ours) & set(theirs)
    here, there = ([key for key in side if key in both] for side in (ours, theirs))
    kept = [key for key in base if key in both]
    old_here, old_there = ([key for key in side if key in set(base)] for side in (here, there))
    lead, other, is_torn = ours, theirs, False
    if old_here != old_there and old_there != kept:
        if old_here == kept:
            lead, other = theirs, ours
        else:
            is_torn = True
    order, placed = list(lead), set(lead)
    alone = placed - set(other) - set(base)
    place = 0
    for key in (None, *other):
        if key is None or key in placed:
            place = 0 if key is None else order.index(key) + 1
            # Behind what the leading side alone put there.
            while place < len(order) and order[place] in alone:
                place += 1
        else:
            order.insert(place, key)
            place += 1
    return order, is_torn


def _free_id(name: str, taken: Collection[str]) -> str:
    """An id like this one that is not taken: n-2026-11-22-2 for n-2026-11-22-1, furosemide-2 for furosemide."""
    stem, _, last = name.rpartition("-")
    is_counted = stem and last.isdecimal() and not re.search(r"\d{4}(-\d\d){1,2}$", name)
    start = f"{stem if is_counted else name}-"
    numbers = count(int(last) + 1 if is_counted else 2)
    return next(f"{start}{number}" for number in numbers if f"{start}{number}" not in taken)


def _by_lines(base: Node | None, ours: Node | None, theirs: Node | None) -> Node | None:
    """What a merge by lines could make of a record: each field as the side has it that changed it."""
    if not all(isinstance(node, Group) for node in (base, ours, theirs)):
        return None
    assert isinstance(base, Group)
    assert isinstance(ours, Group)
    assert isinstance(theirs, Group)
    fields = {}
    for name in dict.fromkeys((*base.fields, *ours.fields, *theirs.fields)):
        before, here, there = (node.fields.get(name) for node in (base, ours, theirs))
        if not same(before, here) and not same(before, there) and not same(here, there):
            return None
        node = there if same(before, here) else here
        if node is not None:
            fields[name] = node
    return Group(fields, ours.record)


# --- words -----------------------------------------------------------------------------------------------------------

_WHY: Final[Mapping[str, str]] = {
    "added": "They may be two different things.",
    "removed": "Whoever took it out did not know of the change.",
    "word": "One side says that there is nothing, the other that there is something.",
    "order": "Who is called first must be one decision.",
}


def _unit(way: Way) -> Way:
    """The record that a value belongs to: the nearest entry, else the field of the file."""
    last = max((index for index, step in enumerate(way) if isinstance(step, tuple)), default=0)
    return way[: last + 1]


def _noun(unit: Way, record: str) -> str:
    """What a record is, with its id if it has one."""
    guard = GUARDED.get(record)
    last = unit[-1] if unit else ""
    if isinstance(last, str):
        return f"`{last}`"
    noun = guard.noun if guard else re.sub(r"(?<!^)(?=[A-Z])", " ", record).lower() or "entry"
    has_id = record and record not in NATURAL_KEYS and record != "Diagnosis"
    return f"the {noun} {last[0]}" if has_id else f"an entry of `{_field_of(unit)}`"


def _field_of(unit: Way) -> str:
    return next((step for step in reversed(unit) if isinstance(step, str)), "")


def _name(unit: Way, node: Node | None) -> str:
    """A record as people know it: what it is called, and its id."""
    last = unit[-1] if unit else ""
    key = last if isinstance(last, str) else " ".join(last[:2])
    fields = node.fields if isinstance(node, Group) else {}
    for field in ("name", "text", "statement", "item", "substance"):
        title = fields.get(field)
        if isinstance(title, Leaf) and isinstance(title.value, str) and title.value != key:
            return f"{_short(title.value)} ({key})"
    return key


def _sentence(sort: Sort, noun: str, way: Way, *, gone: bool) -> str:
    match sort:
        case "changed":
            return f"{noun} was changed on both sides"
        case "removed":
            return f"{noun} was taken out on one side and changed on the other"
        case "added":
            return f"{noun} was added on both sides, with different content"
        case "order":
            return f"the order of {noun} was changed on both sides"
        case "word":
            return f"{noun}: one side says in a word that there is nothing, the other changed the list"
        case "field":
            field = _field_of(way)
            done = "changed on one side and taken out on the other" if gone else "changed on both sides"
            return f"{noun} was {done}" if f"`{field}`" == noun else f"{noun}: `{field}` was {done}"


def _did(base: Node | None, side: Node | None, way: Way = ()) -> tuple[str, ...]:
    """What a side did to a value, in words: a line for each field."""
    lines = list(_changes(base, side, " ".join(step if isinstance(step, str) else " ".join(step[:2]) for step in way)))
    more = len(lines) - _MOST_LINES
    return tuple(lines[:_MOST_LINES] + [f"and {more} more"] * (more > 0)) or ("unchanged",)


_MOST_LINES: Final = 8


def _changes(before: Node | None, after: Node | None, where: str) -> Iterator[str]:
    head = f"{where}: " if where else ""
    if same(before, after):
        return
    if after is None:
        yield f"{head}taken out"
    elif isinstance(before, Group) and isinstance(after, Group):
        for name in dict.fromkeys((*before.fields, *after.fields)):
            yield from _changes(before.fields.get(name), after.fields.get(name), f"{where} {name}".strip())
    elif isinstance(after, Rows) and after.word is None and (before is None or _is_list(before)):
        before = before if isinstance(before, Rows) else after._replace(rows={})
        if [key for key in before.rows if key in after.rows] != [key for key in after.rows if key in before.rows]:
            yield f"{head}another order: " + ", ".join(key[0] for key in after.rows)
        for key in dict.fromkeys((*before.rows, *after.rows)):
            yield from _changes(before.rows.get(key), after.rows.get(key), " ".join((where, *key[:2])).strip())
    elif before is None and isinstance(after, Group):
        yield f"{head}added: " + ", ".join(f"{n} {_shown(node)}" for n, node in after.fields.items() if n != "id")
    elif before is None:
        yield f"{head}{_shown(after)} (new)"
    else:
        yield f"{head}{_shown(before)} -> {_shown(after)}"


def _is_list(node: Node) -> bool:
    return isinstance(node, Rows) and node.word is None


def _shown(node: Node | None) -> str:
    """A value in a line."""
    if isinstance(node, Rows) and node.word is None:
        return f"{len(node.rows)} {'entry' if len(node.rows) == 1 else 'entries'}"
    return _words(None if node is None else plain(node))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return _short(", ".join(f"{name} {_words(inner)}" for name, inner in value.items()))
    if isinstance(value, (list, tuple)):
        return _short(", ".join(map(_words, value)) or "nobody")
    if value is None:
        return "nothing"
    return _short({True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value))


_WIDEST: Final = 70


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1].rstrip() + "…"


def together(conflict: Conflict) -> str | None:
    """What having both would come to, worked out; None where that cannot be told."""
    if not isinstance(conflict.base, Group) or not isinstance(conflict.both, Group):
        return None
    old, new = plain(conflict.base), plain(conflict.both)
    if conflict.record == "Medication":
        words, factor = difference(old, new)
        return words if factor not in (None, 1) else None
    if conflict.record == "Series":
        before, after = weekly(old), weekly(new)
        if before is not None and after is not None and before != after:
            return f"in a week {before}, now {after}"
    return None

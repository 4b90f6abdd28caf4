"""States to compare and merge: made up by walking the record types, so that a new field takes part by itself.

Everything hangs on a `random.Random`, so that a seed tells an example and thousands are cheap. Data is plain, as the
reader gives it: dates are text. Times, doses and dates come from small stocks, so that both sides often say the same.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st
from msgspec import inspect as shapes

from carectl.care.setting import Setting
from carectl.caseload.identities import NATURAL_KEYS, UNKEYED, Group, State, build, build_staff
from carectl.caseload.load import Loader
from carectl.caseload.reader import read_reference
from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS, PracticeFile, Record, StaffMember
from carectl.caseload.trees import FolderTree
from carectl.caseload.zones import zone

Plain = dict[str, Any]
Content = dict[str, Any]
"""What is on file about a client: plain data by kind. Of the practice: `practice`, and `staff` by id."""

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "caseload"

DATES: Final = (
    "2026-08-03", "2026-08-05", "2026-09-20", "2026-10-01", "2026-11-02", "2026-11-18", "2026-11-20", "2026-11-22",
    "2026-11-23", "2026-11-27", "2026-12-24", "2027-02-03", "2027-08-04",
)  # fmt: skip
WORDS: Final = ("falls", "transfers", "phone", "hospital", "registered_nurse", "personal_care", "nursing", "dnr")
TEXTS: Final = (
    "Fell twice since June, at night", "Fell once since June, in the morning", "Hearing aid in the left ear",
    "Hearing aids in both ears", "Sundays", "Sundays and Wednesdays", "Two lines\nof text", "ñandú — “quoted”",
    "Call Dr. Lee if up 1 kg in two days", "2", "true",
)  # fmt: skip
IDS: Final = ("one", "two", "three", "four", "five", "six")
PEOPLE: Final = ("jo-park", "lucia-nunez", "dana", "maria", "dr-lee", "client")
_BY_FIELD: Final[Mapping[str, tuple[Any, ...]]] = {
    "dose": ("1 tablet", "2 tablets", "half a tablet", "1-2 tablets", "5 ml", "10 ml", "40 mg", "2 puffs", "a little"),
    "strength": ("20 mg", "40 mg", "0.5 g", "10 mEq", "600 mg / 400 IU", "50 mg/5 ml"),
    "was": ({"strength": "20 mg"}, {"dose": "1 tablet"}, {"strength": "40 mg", "times": ["08:00"]}),
    "rrule": ("FREQ=MONTHLY;BYDAY=2WE", "FREQ=WEEKLY;BYDAY=MO,TH"),
    "timezone": ("America/Chicago", "Europe/Berlin", "Asia/Tokyo"),
    "baseline": (0, 1, 2, 10),
    "target": (0, 1, 3, 20, "most days"),
    "value": (60.5, 61.2, 0, 1, "128/76"),
    "who": (*PEOPLE, {"name": "Sam Cole"}),
    "staff": (*PEOPLE[:3], [], ["jo-park"], ["jo-park", "dana"]),
    "with": ("maria", "dr-lee"),
    "amends": ("notes/one", "measurements/two"),
}
_BY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "an id": IDS,
    "one word": WORDS,
    "a time of day, such as 09:00": ("08:00", "8:00", "09:00", "10:30", "20:00"),
    "a day and time, such as": ("2026-11-20T09:00", "2026-11-22T08:15"),
    "a date such as": (*DATES[:8], "2026-11-20T08:00"),
    "a time of day such as": ("09:04", "11:01", "2026-11-20T11:01"),
    "a length of time": ("45m", "1h", "2h", "1h30m"),
    "a period": ("2d", "2w", "6mo"),
    "a number of weeks": ("1w", "2w", "3w"),
    "a language's code": ("en", "es"),
    "a record's path": ("a-2026-08-03/falls", "notes/one"),
}
_RARE: Final = 0.05


# --- one value -------------------------------------------------------------------------------------------------------


@cache
def struct_of(record: type[Record]) -> shapes.StructType:
    """A record's shape."""
    found = shapes.type_info(record)
    assert isinstance(found, shapes.StructType)
    return found


def fields_of(shape: shapes.StructType) -> list[shapes.Field]:
    """The fields that stand in files."""
    return [field for field in shape.fields if not isinstance(field.type, shapes.CustomType)]


class Option(NamedTuple):
    """One of the shapes that a value can have."""

    shape: shapes.Type
    words: str
    """What is wanted, in the words of the format."""


_KNOWN: Final[dict[int, tuple[shapes.Type, list[Option]]]] = {}


def options(shape: shapes.Type) -> list[Option]:
    """The shapes that a value can have, absence aside."""
    if id(shape) not in _KNOWN:  # shapes take long to compare; kept here, they keep their numbers
        _KNOWN[id(shape)] = (shape, list(_options(shape, "")))
    return _KNOWN[id(shape)][1]


def _options(shape: shapes.Type, words: str) -> Iterator[Option]:
    if isinstance(shape, shapes.Metadata):
        yield from _options(shape.type, str((shape.extra or {}).get("words", words)))
    elif isinstance(shape, shapes.UnionType):
        for inner in shape.types:
            yield from _options(inner, words)
    elif not isinstance(shape, shapes.NoneType):
        yield Option(shape, words)


def entries_in(shape: shapes.Type) -> shapes.StructType | None:
    """The record whose entries a list holds, if it is a list of records."""
    for option in options(shape):
        if isinstance(option.shape, shapes.VarTupleType):
            inner = options(option.shape.item_type)
            if len(inner) == 1 and isinstance(inner[0].shape, shapes.StructType):
                return inner[0].shape
    return None


def value(rng: random.Random, shape: shapes.Type, name: str = "", fill: float = 0.5) -> Any:
    """A value of a shape. `name` is its field; `fill` how many of the fields that can be absent are there."""
    if name in _BY_FIELD:
        holds_groups = any(isinstance(option.shape, (shapes.StructType, shapes.DictType)) for option in options(shape))
        return copy.deepcopy(rng.choice([one for one in _BY_FIELD[name] if holds_groups or not isinstance(one, dict)]))
    entries = entries_in(shape)
    if entries is not None:
        return rows(rng, entries, fill)
    option = rng.choice(options(shape))
    match option.shape:
        case shapes.StructType() as struct:
            return entry(rng, struct, fill)
        case shapes.VarTupleType() as many:
            stock = [value(rng, many.item_type) for _ in range(rng.randint(1, 3))]
            return stock if rng.random() < _RARE else [item for i, item in enumerate(stock) if item not in stock[:i]]
        case shapes.DictType() as table:
            keys = {value(rng, table.key_type): None for _ in range(rng.randint(1, 3))}
            return {key: value(rng, table.value_type) for key in keys}
        case shapes.LiteralType() as word:
            return rng.choice(word.values)
        case shapes.DateType():
            return rng.choice(DATES)
        case shapes.BoolType():
            return rng.random() < 0.5
        case shapes.IntType() | shapes.FloatType():
            return rng.choice((1, 2, 3, 12, 24, 0.5, 61.2))
        case shapes.StrType():
            stocks = (stock for start, stock in _BY_WORDS.items() if option.words.startswith(start))
            return rng.choice(next(stocks, TEXTS))
    raise TypeError(f"no value is known for {option.shape}")


def entry(rng: random.Random, shape: shapes.StructType, fill: float = 0.5) -> Plain:
    """A record of a kind; now and then with a key of the user's own."""
    found = {
        field.encode_name: value(rng, field.type, field.encode_name, fill)
        for field in fields_of(shape)
        if field.required or rng.random() < fill
    }
    if rng.random() < _RARE:
        found["x-own"] = rng.choice(("a", 1, True, [1, 2], {"b": 1}))
    return found


def rows(rng: random.Random, shape: shapes.StructType, fill: float = 0.5, most: int = 3) -> list[Plain]:
    """A list of entries, ids never twice; what else they are known by seldom, and never if all is filled in."""
    found = [entry(rng, shape, fill) for _ in range(rng.choice((0, 1, 1, 2, 3)) if fill < 1 else rng.randint(1, most))]
    if fill == 1 or rng.random() > _RARE:
        found = list({_known_by(shape, item): item for item in found}.values())
    if has_id(shape):
        for item, name in zip(found, rng.sample(IDS, len(found)), strict=True):
            item["id"] = name
    return found


def _known_by(shape: shapes.StructType, item: Plain) -> str:
    """What an entry is known by if it has no id; as text."""
    record = shape.cls.__name__
    if record == "Diagnosis":
        return str(item.get("code", item["text"]))
    parts = NATURAL_KEYS.get(record)
    return repr([item.get(name) for name in parts] if parts else id(item))


def has_id(shape: shapes.StructType) -> bool:
    """Whether entries of this kind are known by an id."""
    return any(field.encode_name == "id" for field in shape.fields)


# --- another value ---------------------------------------------------------------------------------------------------


def changed(rng: random.Random, shape: shapes.Type, old: Any, name: str = "") -> Any:
    """A value of the same shape in which one thing is different, or was moved. The old one stays as it is."""
    structs = [option.shape for option in options(shape) if isinstance(option.shape, shapes.StructType)]
    if isinstance(old, dict) and structs and name not in _BY_FIELD:
        return _changed_entry(rng, structs[0], old)
    entries = entries_in(shape)
    if isinstance(old, list) and entries is not None:
        return _changed_rows(rng, entries, old)
    for _ in range(20):
        new = value(rng, shape, name)
        if new != old:
            break
    return new


def _changed_entry(rng: random.Random, shape: shapes.StructType, old: Plain) -> Plain:
    fields = [field for field in fields_of(shape) if field.encode_name != "id"]
    field = rng.choice(fields)
    name = field.encode_name
    found = dict(old)
    if name not in old or old[name] is None:
        found[name] = value(rng, field.type, name)
    elif not field.required and rng.random() < 0.2:
        del found[name]
    else:
        found[name] = changed(rng, field.type, old[name], name)
    if rng.random() < _RARE:
        found["x-own"] = rng.choice(("a", "b", 2, [2, 1]))
    return found


def _changed_rows(rng: random.Random, shape: shapes.StructType, old: list[Plain]) -> list[Plain]:
    found = list(old)
    chance = rng.random()
    if not old or chance < 0.2:
        fresh = entry(rng, shape)
        if has_id(shape):
            known = {item.get("id") for item in old}
            fresh["id"] = next((name for name in rng.sample(IDS, len(IDS)) if name not in known), "seven")
            if fresh["id"] in known:
                return found[:-1]
        found.insert(rng.randint(0, len(found)), fresh)
    elif chance < 0.35:
        found.pop(rng.randrange(len(found)))
    elif chance < 0.5:
        rng.shuffle(found)
    else:
        place = rng.randrange(len(found))
        found[place] = _changed_entry(rng, shape, old[place])
    return found


# --- whole states ----------------------------------------------------------------------------------------------------


def content(rng: random.Random, fill: float = 0.5) -> Content:
    """What is on file about a client: a few kinds, for thousands of these are compared; all if all is filled in."""
    every = len(CLIENT_KINDS)
    count = every if fill == 1 or rng.random() < 0.01 else rng.choice((1, 1, 2, 3))
    chosen = rng.sample(list(CLIENT_KINDS), count)
    return {kind: _document(rng, kind, fill) for kind in CLIENT_KINDS if kind in chosen}


def practice_content(rng: random.Random, fill: float = 0.5) -> Content:
    """The practice's file and its staff."""
    names = rng.sample(IDS, rng.randint(0, 3))
    members = {name: {**entry(rng, struct_of(StaffMember), fill), "id": name} for name in names}
    return {"practice": entry(rng, struct_of(PracticeFile), fill), "staff": members}


def _document(rng: random.Random, kind: str, fill: float) -> Plain:
    shape = struct_of(CLIENT_KINDS[kind])
    found = entry(rng, shape, fill)
    if kind != "client":  # its lists are all that there is
        found |= {field.encode_name: value(rng, field.type, field.encode_name, fill) for field in fields_of(shape)}
    if kind == "medications" and rng.random() < _RARE:
        found["medications"] = "none"
    if kind == "client":
        found["id"] = "c-001"
        if rng.random() < 0.2:
            found["allergies"] = "none_known"
    return found


def edited(rng: random.Random, old: Content, steps: int) -> Content:
    """The content after so many edits."""
    found = dict(old)
    for _ in range(steps):
        # Mostly where there is something already.
        kind = rng.choice(list(old if "practice" in old or rng.random() < 0.9 else CLIENT_KINDS))
        if kind == "staff":
            members = dict(found["staff"])
            name = rng.choice(IDS)
            if name not in members:
                members[name] = {**entry(rng, struct_of(StaffMember)), "id": name}
            elif rng.random() < 0.2:
                del members[name]
            else:
                members[name] = changed(rng, struct_of(StaffMember), members[name])
            found["staff"] = members
        elif kind not in found:
            found[kind] = _document(rng, kind, 0.5)
        elif kind not in ("client", "practice") and rng.random() < 0.02 and len(found) > 1:
            del found[kind]
        else:
            found[kind] = changed(rng, struct_of(FILE_KINDS[kind]), found[kind])
    return found


class UnclearError(Exception):
    """Content in which nobody can tell which entry is which: an id stands there twice."""


def state(data: Content, client: str | None = "c-001") -> State:
    """The form in which content is compared. Raises UnclearError."""
    kinds = {}
    for kind, plain in data.items():
        if kind == "staff":
            kinds[kind] = build_staff(plain)
            continue
        node, faults = build(kind, plain)
        if faults or not isinstance(node, Group):
            raise UnclearError(f"{kind}: {faults}")
        kinds[kind] = node
    return State(client, kinds)


def shuffled(rng: random.Random, data: Any) -> Any:
    """The same data with fields and entries in another order; where order means something (contacts), as it was."""
    if isinstance(data, dict):
        names = rng.sample(list(data), len(data))
        # The user's own values are compared whole, and so are hours of availability.
        kept = [name for name in names if name in ("contacts", "availability") or name.startswith("x-")]
        return {name: data[name] if name in kept else shuffled(rng, data[name]) for name in names}
    if isinstance(data, list):
        return [shuffled(rng, item) for item in rng.sample(data, len(data))]
    return data


class Pair(NamedTuple):
    """Two times of one client."""

    old: Content
    new: Content


class Triple(NamedTuple):
    """A client, and what two people made of it."""

    base: Content
    ours: Content
    theirs: Content


def pair(seed: int) -> Pair:
    """A pair: mostly a few edits apart, now and then equal or two that have nothing to do with each other."""
    rng = random.Random(seed)
    if rng.random() < 0.1:
        old = practice_content(rng)
        return Pair(old, edited(rng, old, rng.randint(0, 6)))
    old = content(rng, rng.choice((0.1, 0.3, 0.6)))
    if rng.random() < 0.03:
        return Pair(old, content(rng))
    return Pair(old, edited(rng, old, rng.choice((0, 1, 1, 2, 3, 5, 8))))


def triple(seed: int) -> Triple:
    """A triple: each side a few edits away from the base, now and then the same edits on both."""
    rng = random.Random(seed)
    base = content(rng, rng.choice((0.1, 0.3, 0.6)))
    ours = edited(rng, base, rng.choice((0, 1, 2, 4)))
    theirs = edited(rng, base, rng.choice((0, 1, 2, 4)))
    return Triple(base, ours, ours if rng.random() < 0.05 else theirs)


SEEDS: Final = st.integers(0, 2**63)
PAIRS: Final = SEEDS.map(pair)
TRIPLES: Final = SEEDS.map(triple)


# --- the example, and each of its values ------------------------------------------------------------------------------


def example(client: str) -> Content:
    """A client of the example as plain data."""
    found: dict[str, Any] = {}
    for path in sorted((EXAMPLE / "clients" / client).rglob("*.yaml")):
        kind = path.stem if path.parent.name == client else path.parent.name
        data: Any = read_reference(path.read_bytes(), path.name).data
        if kind not in found:
            found[kind] = data
            continue
        for name, items in data.items():
            found[kind][name] = [*found[kind].get(name, []), *items]
    return found


class Place(NamedTuple):
    """One value in plain data, and what the records say about it."""

    keys: tuple[str | int, ...]
    place: str
    """The way to it without what tells entries apart: medications[].dose."""
    shape: shapes.Type | None
    """None for the user's own."""
    name: str
    is_key: bool
    """Whether the entry is known by it."""
    may_be_absent: bool


def values(kind: str, data: Any) -> Iterator[Place]:
    """Every single value of a file."""
    if kind == "staff":
        yield from _values(struct_of(StaffMember), data, (), "staff[]", "staff", "StaffMember", required=True)
    else:
        yield from _values(struct_of(FILE_KINDS[kind]), data, (), "", "", "", required=True)


def _values(
    shape: shapes.Type, data: Any, keys: tuple[str | int, ...], place: str, name: str, record: str, *, required: bool
) -> Iterator[Place]:
    entries = entries_in(shape)
    structs = [option.shape for option in options(shape) if isinstance(option.shape, shapes.StructType)]
    tables = [option.shape for option in options(shape) if isinstance(option.shape, shapes.DictType)]
    if isinstance(data, list) and entries is not None and entries.cls.__name__ not in UNKEYED:
        for position, item in enumerate(data):
            yield from _values(
                entries, item, (*keys, position), f"{place}[]", name, entries.cls.__name__, required=False
            )
    elif isinstance(data, dict) and structs:
        fields = {field.encode_name: field for field in fields_of(structs[0])}
        for inner, what in data.items():
            below = f"{place}.{inner}" if place else inner
            if inner in fields:
                field = fields[inner]
                yield from _values(field.type, what, (*keys, inner), below, inner, record, required=field.required)
            else:
                yield Place((*keys, inner), below, None, inner, _is_in_key(record, below), may_be_absent=True)
    elif isinstance(data, dict) and tables:
        for inner, what in data.items():
            for found in _values(tables[0].value_type, what, (*keys, inner), place, "", record, required=False):
                yield found._replace(place=place, is_key=False)
    else:
        yield Place(keys, place, shape, name, entries is not None or _is_in_key(record, place), not required)


def _is_in_key(record: str, place: str) -> bool:
    """Whether the field that a place is in is one that entries of a record are known by."""
    parts = NATURAL_KEYS.get(record, ("code", "text") if record == "Diagnosis" else ("id",))
    return record not in ("", "StaffMember") and place.rpartition("[].")[2].split(".")[0] in parts


def at(data: Any, keys: tuple[str | int, ...]) -> Any:
    """The value at a way."""
    for key in keys:
        data = data[key]
    return data


def with_value(data: Any, keys: tuple[str | int, ...], new: Any) -> Any:
    """The data with another value at a way; what it had there stays as it is."""
    if not keys:
        return new
    found = copy.copy(data)
    found[keys[0]] = with_value(found[keys[0]], keys[1:], new)
    return found


def without(data: Any, keys: tuple[str | int, ...]) -> Any:
    """The data without what stands at a way."""
    if len(keys) == 1:
        if isinstance(data, dict):
            return {name: inner for name, inner in data.items() if name != keys[0]}
        return [inner for position, inner in enumerate(data) if position != keys[0]]
    return with_value(data, keys[:1], without(data[keys[0]], keys[1:]))


# --- the surroundings ------------------------------------------------------------------------------------------------


@cache
def setting(now: str = "2026-11-22T06:40") -> Setting:
    """The surroundings of the example, early on a Sunday morning."""
    here = zone("America/Chicago")
    assert here is not None
    staff, _ = Loader(FolderTree(EXAMPLE)).staff()
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=here)
    return Setting(now=moment, zones=zone, staff={member.id: member for member in staff})

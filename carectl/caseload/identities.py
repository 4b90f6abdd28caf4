"""What the entries of a file are known by, and its content in a form that can be compared.

format.md, "Comparing two states": entries are known by their ids, those without one by a natural key, never by their
position or likeness. What means the same is the same here: absent, null and the default that the record gives; a
number where text is wanted; the entries of a list in any order, unless the order means something.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias, cast

import msgspec
from msgspec import inspect as shapes

from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS, CarePlanPiece, Record
from carectl.findings import Keys

Key = tuple[str, ...]
"""What an entry is known by: its id, or the parts of its natural key."""

NATURAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "Agreement": ("by", "date"),
    "Allergy": ("substance",),
    "Authority": ("kind", "from"),
    "Away": ("from",),
    "Credential": ("kind", "number"),
    "Directive": ("kind", "date"),
    "Held": ("from",),
    "InstrumentResult": ("instrument",),
    "Insurance": ("payer", "member_id"),
    "MedicationChange": ("date",),
    "Progress": ("date",),
    "Sharing": ("given", "basis"),
    "Told": ("who", "at"),
    "Training": ("date",),
    "TravelBetween": ("between",),
}
"""Records without an id, and the fields that they are known by within their list."""
_EITHER: Final[Mapping[str, tuple[str, ...]]] = {"Diagnosis": ("code", "text")}
"""Records that are known by the first of these fields that they have."""
UNKEYED: Final = frozenset({"Availability"})
"""Records that nothing tells apart: their lists are compared whole."""
ORDERED: Final = frozenset({"Contact"})
"""Records whose order means something: whom to call first."""


# --- the form --------------------------------------------------------------------------------------------------------


class Leaf(NamedTuple):
    """A value that is compared whole."""

    value: Any


class Bag(NamedTuple):
    """A list of plain values, of which only what and how often counts."""

    items: tuple[Any, ...]


class Group(NamedTuple):
    """A mapping: the fields that say something, in the order of the file."""

    fields: dict[str, Node]
    record: str = ""
    """The kind of record that it is; empty for a plain mapping."""


class Rows(NamedTuple):
    """A list of entries, each by what it is known by, in the order of the file."""

    rows: dict[Key, Group | Lost]
    record: str
    word: str | None = None
    """What stands in the place of the list: `none`, `none_known`."""

    @property
    def ordered(self) -> bool:
        """Whether the order of the entries means something."""
        return self.record in ORDERED


class Lost(NamedTuple):
    """What cannot be compared, for nobody could tell which entry is which, or it cannot be read."""

    reason: str


Node: TypeAlias = Leaf | Bag | Group | Rows | Lost


class Fault(NamedTuple):
    """Where in a file something cannot be compared, and why."""

    keys: Keys
    reason: str


class Unread(NamedTuple):
    """A file, or a list in it, that cannot be compared."""

    path: str
    kind: str
    line: int
    reason: str


class State(NamedTuple):
    """What is on file about a client at one time, or about the practice and its staff (client None)."""

    client: str | None
    kinds: Mapping[str, Group | Lost]
    """By file kind. Of the practice: `practice`, and `staff` with one list of that name."""
    unread: tuple[Unread, ...] = ()

    @property
    def is_present(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.kinds)


# --- files -> form ---------------------------------------------------------------------------------------------------


def build(kind: str, data: object) -> tuple[Group | Lost, list[Fault]]:
    """The content of a file of a kind, and what in it cannot be compared."""
    builder = _Builder()
    if data is None:
        data = {}
    if not isinstance(data, dict):
        return Lost("this is not what a file of this kind begins with"), [Fault((), "the file holds no fields")]
    return builder.group(_fields(_kind(kind)), data, ()), builder.faults


def build_staff(members: Mapping[str, object]) -> Group:
    """The roster as one list, by the content of each member's file."""
    return Group({"staff": Rows({(name,): build("staff", data)[0] for name, data in members.items()}, "StaffMember")})


def join(pieces: Sequence[Group | Lost]) -> tuple[Group | Lost, list[tuple[int, Fault]]]:
    """A kind that is spread over several files, as one; and for the number of a piece what cannot be compared in it."""
    if len(pieces) == 1:
        return pieces[0], []
    faults: list[tuple[int, Fault]] = []
    fields: dict[str, Node] = {}
    for number, piece in enumerate(pieces):
        if isinstance(piece, Lost):
            return piece, []
        for name, node in piece.fields.items():
            known = fields.get(name)
            if known is None:
                fields[name] = node
            elif isinstance(known, Rows) and isinstance(node, Rows) and known.word == node.word:
                twice = known.rows.keys() & node.rows.keys()
                reason = f"the same entry of `{name}` stands in two files"
                faults += [(number, Fault((name,), reason))] * bool(twice)
                fields[name] = Lost(reason) if twice else known._replace(rows={**known.rows, **node.rows})
            elif not isinstance(known, Lost):
                reason = f"`{name}` stands in two files"
                faults.append((number, Fault((name,), reason)))
                fields[name] = Lost(reason)
    record = next((piece.record for piece in pieces if isinstance(piece, Group)), "")
    return Group(fields, record), faults


def _kind(kind: str) -> type[Record]:
    # A piece of a plan has the same fields; it only may leave out more of them.
    return CarePlanPiece if kind == "care-plan" else FILE_KINDS[kind]


class _Fields(NamedTuple):
    """What is known of a record's fields."""

    name: str
    known: Mapping[str, _Field]


class _Field(NamedTuple):
    """What a field can hold: several of these at once, where the format leaves a choice."""

    default: object
    is_text: bool = False
    group: _Fields | None = None
    table: _Field | None = None
    """What the values of a mapping are whose keys are anybody's."""
    items: _Fields | None = None
    has_list: bool = False
    has_groups: bool = False
    """Whether mappings may stand among the plain values of the list."""
    is_scalar: bool = False
    words: frozenset[str] = frozenset()
    """What may stand in the place of the list."""


_RAW: Final = _Field(msgspec.NODEFAULT)


@cache
def _fields(record: type[Record]) -> _Fields:
    return _shaped(cast("shapes.StructType", shapes.type_info(record)))


_SHAPED: Final[dict[type, _Fields]] = {}
"""The fields of records that were met: to look at their types takes longer than to read most files."""


def _shaped(shape: shapes.StructType) -> _Fields:
    if shape.cls not in _SHAPED:
        known = {field.encode_name: _field(field.type, _default(field)) for field in shape.fields
                 if not isinstance(field.type, shapes.CustomType)}  # fmt: skip
        # A piece of a plan is a plan to whoever compares.
        _SHAPED[shape.cls] = _Fields(shape.cls.__name__.removesuffix("Piece"), known)
    return _SHAPED[shape.cls]


def _default(field: shapes.Field) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if callable(field.default_factory) else msgspec.NODEFAULT


def _field(shape: shapes.Type, default: object) -> _Field:
    field = _Field(default)
    for option in _options(shape):
        match option:
            case shapes.StructType():
                field = field._replace(group=_shaped(option))
            case shapes.VarTupleType():
                inner = [one for one in _options(option.item_type) if isinstance(one, shapes.StructType)]
                entries = _shaped(inner[0]) if inner and len(_options(option.item_type)) == 1 else None
                field = field._replace(has_list=True, items=entries, has_groups=bool(inner))
            case shapes.DictType():
                field = field._replace(table=_field(option.value_type, msgspec.NODEFAULT))
            case shapes.LiteralType():
                field = field._replace(words=frozenset(map(str, option.values)))
            case shapes.StrType() | shapes.DateType():
                field = field._replace(is_text=True, is_scalar=True)
            case _:
                field = field._replace(is_scalar=True)
    if not field.has_list:
        # A word that is none of those possible is wrong, and can still be compared.
        field = field._replace(is_scalar=field.is_scalar or bool(field.words), words=frozenset())
    # Where numbers are welcome too, a text is another value.
    if any(isinstance(option, (shapes.IntType, shapes.FloatType)) for option in _options(shape)):
        field = field._replace(is_text=False)
    return field


def _options(shape: shapes.Type) -> tuple[shapes.Type, ...]:
    while isinstance(shape, shapes.Metadata):
        shape = shape.type
    if isinstance(shape, shapes.UnionType):
        return tuple(inner for option in shape.types for inner in _options(option))
    return () if isinstance(shape, shapes.NoneType) else (shape,)


class _Builder:
    """Builds nodes of plain data, and collects what cannot be compared."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def group(self, fields: _Fields, data: Mapping[str, Any], keys: Keys) -> Group:
        found: dict[str, Node] = {}
        for name, value in data.items():
            if value is None and name not in fields.known and not name.startswith("x-"):
                # Mostly the rest of a text that was cut at a comma: the field before it does not say what was meant.
                found[name] = self.lost((*keys, name), "a key that carectl does not know stands here without a value")
                continue
            node = self.node(fields.known.get(name, _RAW), value, (*keys, name))
            if node is not None:
                found[name] = node
        return Group(found, fields.name)

    def node(self, field: _Field, value: Any, keys: Keys) -> Node | None:
        """The node of a value; None if it says no more than its absence would."""
        if value is None:
            return None
        if field is _RAW:
            return Leaf(value)
        if isinstance(value, str) and field.is_scalar and not field.words:
            return None if value == field.default else Leaf(value)
        if isinstance(value, dict) and field.table is not None:
            table = {name: self.node(field.table, inner, (*keys, name)) for name, inner in value.items()}
            said = {name: inner for name, inner in table.items() if inner is not None}
            return Group(said) if said else None
        if isinstance(value, dict) and field.group is not None:
            group = self.group(field.group, value, keys)
            return group if group.fields else None
        if isinstance(value, list) and field.has_list:
            return self.listed(field, value, keys)
        if isinstance(value, str) and value in field.words:
            return Rows({}, field.items.name, value) if field.items is not None else Leaf(value)
        if isinstance(value, (dict, list)) or not field.is_scalar:
            return self.lost(keys, f"`{keys[-1]}` is not written in the form that it must have")
        if field.is_text:
            value = _as_text(value)
        return None if _is_same(value, field.default) else Leaf(value)

    def listed(self, field: _Field, value: list[Any], keys: Keys) -> Node | None:
        """The node of a list."""
        is_rows = field.items is not None and field.items.name not in UNKEYED
        if not value and (is_rows or field.default == ()):
            return None  # but an empty list of staff says that nobody comes
        if is_rows:
            return self.rows(cast("_Fields", field.items), value, keys)
        if any(isinstance(item, list) or (isinstance(item, dict) and not field.has_groups) for item in value):
            return self.lost(keys, f"`{keys[-1]}` is not written in the form that it must have")
        return Bag(tuple(map(_as_text, value)))

    def lost(self, keys: Keys, reason: str) -> Lost:
        """What cannot be compared, noted down."""
        self.faults.append(Fault(keys, reason))
        return Lost(reason)

    def rows(self, fields: _Fields, entries: list[Any], keys: Keys) -> Rows | Lost:
        """The entries of a list. One without an id, or an id twice, loses the list."""
        found: list[tuple[Key, Group]] = []
        for position, entry in enumerate(entries):
            group = self.group(fields, entry, (*keys, position)) if isinstance(entry, dict) else Group({})
            key = _key(fields, group)
            if key is None:
                return self.lost((*keys, position), f"an entry of `{keys[-1]}` has no {_known_by(fields)}")
            found.append((key, group))
        times = Counter(key for key, _ in found)
        rows: dict[Key, Group | Lost] = {}
        for position, (key, group) in enumerate(found):
            if key in rows and "id" in fields.known:
                return self.lost((*keys, position, "id"), f"the id {key[0]} stands twice in `{keys[-1]}`")
            if times[key] > 1 and "id" not in fields.known:
                # Nothing tells them apart but what they say.
                key = (*key, canonical(group).decode())
                while key in rows:
                    key = (*key, "again")
            rows[key] = group
        return Rows(rows, fields.name)


def _key(fields: _Fields, group: Group) -> Key | None:
    """What an entry is known by, out of what it says; None if it says nothing of that."""
    if "id" in fields.known:
        return (_text(group.fields["id"]),) if group.fields.get("id", _NO_ID) != _NO_ID else None
    either = _EITHER.get(fields.name)
    if either is not None:
        return next(((_text(group.fields[name]),) for name in either if name in group.fields), None)
    parts = [group.fields.get(name) for name in NATURAL_KEYS[fields.name]]
    return None if all(part is None for part in parts) else tuple(map(_text, parts))


_NO_ID: Final = Leaf("")


def _known_by(fields: _Fields) -> str:
    names = ("id",) if "id" in fields.known else NATURAL_KEYS.get(fields.name) or _EITHER[fields.name]
    return " or ".join(f"`{name}`" for name in names)


def _text(part: Node | None) -> str:
    """A part of a key as text."""
    if part is None:
        return ""
    return part.value if isinstance(part, Leaf) and isinstance(part.value, str) else canonical(part).decode()


def _as_text(value: Any) -> Any:
    """A number or yes-or-no as it was typed, for only its canonical form is read as one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _is_same(value: Any, default: object) -> bool:
    return type(value) is type(default) and value == default


# --- form -> data ----------------------------------------------------------------------------------------------------


def plain(node: Node) -> Any:
    """The plain data that a node stands for, entries in the order of the file. What is lost is null."""
    match node:
        case Leaf(value):
            return value
        case Bag(items):
            return list(items)
        case Group(fields):
            return {name: plain(inner) for name, inner in fields.items()}
        case Rows(rows, _, word):
            return word if word is not None else [plain(row) for row in rows.values()]
        case Lost():
            return None


def canonical(node: Node) -> bytes:
    """The same bytes for the same meaning: fields, entries and plain lists sorted. JSON in UTF-8."""
    return _json(_ordered(node)).encode()


def _ordered(node: Node) -> Any:
    match node:
        case Leaf(value):
            return _sorted(value)
        case Bag(items):
            return sorted((_sorted(item) for item in items), key=_json)
        case Group(fields):
            return {name: _ordered(fields[name]) for name in sorted(fields)}
        case Rows(rows, record, word):
            keys: Iterable[Key] = rows if record in ORDERED else sorted(rows)
            return word if word is not None else [_ordered(rows[key]) for key in keys]
        case Lost(reason):
            return {"lost": reason}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def canonical_state(state: State) -> bytes:
    """The same bytes for states that mean the same. A file that says nothing is as good as none."""
    parts = {kind: _ordered(state.kinds[kind]) for kind in KINDS if kind in state.kinds}
    return _json({kind: part for kind, part in parts.items() if part}).encode()


KINDS: Final = ("practice", "staff", *CLIENT_KINDS)
"""Every file kind in the order in which changes are told."""

"""Plain data -> records, or findings that say what is wrong.

Two ways that mean the same. `convert` is fast and says only yes or no; `examine` walks the same definitions by hand,
collects every fault with its place, and keeps of a faulty record whatever can be read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, get_args

import msgspec
from msgspec import inspect as shapes

from carectl.caseload.records import Broken, Origin, Placed, Record
from carectl.findings import Finding, Keys, Severity, Spot, code, code_of
from carectl.words import closest

if TYPE_CHECKING:
    from carectl.caseload.reader import Document

R = TypeVar("R", bound=Record)

_BAD: Final = object()
"""Stands for a value that could not be read."""


# --- the faults ------------------------------------------------------------------------------------------------------


@code("schema-unknown-key", Severity.ERROR)
def unknown_key(at: Spot, key: str, known: Iterable[str], *, empty: bool = False) -> Finding:
    """A key that carectl does not know.

    Usually it is a slip of the keyboard, and then the line says nothing to carectl: an allergy under `allergys` would
    be as good as never written. Correct the key. A key of your own is welcome if it starts with `x-`.

    Wrong:
        stauts: active
    Right:
        status: active
        x-parking: Behind the house
    """
    near = closest(key, known)
    hint = f"did you mean `{near}`?" if near else "keys of your own start with x-"
    if empty and not near:
        hint = "if this belongs to a text with a comma in it, put the whole text in quotation marks"
    # A key may be half a sentence that went astray: what looks like no key is not repeated.
    name = f" `{key}`" if near or re.fullmatch("[A-Za-z][A-Za-z0-9_-]{0,40}", key) else ""
    return code_of(unknown_key).finding(at, f"the key{name} is not known here", hint)


@code("schema-missing", Severity.ERROR)
def missing(at: Spot, key: str, words: str) -> Finding:
    """Something that must be there is not.

    Without it the entry cannot be used: a visit without a time is in nobody's calendar. Add the line.

    Wrong:
        contacts:
          - id: maria
            name: Maria Alvarez
    Right:
        contacts:
          - id: maria
            name: Maria Alvarez
            relationship: daughter
    """
    return code_of(missing).finding(
        at, f"`{key}` is missing", f"add `{key}: …` ({words})" if words else f"add `{key}: …`"
    )


@code("schema-type", Severity.ERROR)
def wrong_type(at: Spot, name: str, wanted: str, hint: str | None = None) -> Finding:
    """A value of the wrong sort: text where a list belongs, a single word where a group of lines belongs.

    carectl cannot tell what is meant and uses nothing of it. Write it in the form that the message names.

    Wrong:
        skills: transfers
    Right:
        skills: [transfers]
    """
    return code_of(wrong_type).finding(at, f"{name} must be {wanted}", hint)


@code("schema-value", Severity.ERROR)
def wrong_value(at: Spot, name: str, wanted: str, hint: str | None = None) -> Finding:
    """A value that is not written in the form wanted here: a date, a time of day, a length of time, an id.

    Dates are year-month-day, so that nobody reads 3/4 as the third of April; times run from 00:00 to 23:59.

    Wrong:
        due: 11/5/2026
    Right:
        due: 2026-11-05
    """
    return code_of(wrong_value).finding(at, f"{name} must be {wanted}", hint)


@code("schema-choice", Severity.ERROR)
def wrong_choice(at: Spot, name: str, typed: str, choices: tuple[str, ...]) -> Finding:
    """A word that is not among those possible here.

    Only these words have a meaning to carectl; any other would be passed over in silence.

    Wrong:
        status: canceled
    Right:
        status: cancelled
    """
    near = closest(typed, choices)
    return code_of(wrong_choice).finding(
        at, f"{name} must be one of {', '.join(choices)}", f"did you mean `{near}`?" if near else None
    )


# --- the fast way ----------------------------------------------------------------------------------------------------


def convert(data: object, kind: type[R], path: str) -> R | None:
    """The record that the data makes, with every origin set; None if anything at all is amiss.

    None does not mean a fault: `examine` also takes what this strict way does not, such as keys of the user's own.
    """
    try:
        record = msgspec.convert(data, kind)
    except (msgspec.ValidationError, RecursionError):
        return None
    _place(record, path, ())
    return record


def _place(record: Record, path: str, keys: Keys) -> None:
    """Tell a fresh record, and all below it, where they stand."""
    if isinstance(record, Placed):
        msgspec.structs.force_setattr(record, "origin", Origin(path, keys))
    for name, key in _holders(type(record)):
        value = getattr(record, name)
        if isinstance(value, tuple):
            for position, item in enumerate(cast("tuple[Record, ...]", value)):
                if _holders(type(item)):
                    _place(item, path, (*keys, key, position))
                else:
                    msgspec.structs.force_setattr(item, "origin", Origin(path, (*keys, key, position)))
        elif isinstance(value, Record):
            _place(value, path, (*keys, key))


@cache
def _holders(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields (name, key) of a kind below which there are placed records.

    Read off the annotations: asking msgspec to describe every kind takes longer than reading a year of visits.
    """
    hints = {
        name: hint for base in reversed(kind.__mro__) for name, hint in vars(base).get("__annotations__", {}).items()
    }
    return tuple(
        (name, name.rstrip("_")) for name in kind.__struct_fields__ if any(map(_reaches_placed, _kinds_in(hints[name])))
    )


def _reaches_placed(kind: type[Record]) -> bool:
    return issubclass(kind, Placed) or len(_holders(kind)) > 0


def _kinds_in(hint: object) -> Iterator[type[Record]]:
    """The record kinds that an annotation names."""
    if isinstance(hint, type) and issubclass(hint, Record):
        yield hint
    for part in get_args(hint):
        yield from _kinds_in(part)


def _structs(shape: shapes.Type) -> Iterable[type[Record]]:
    """The record kinds that a shape holds, itself or as list items."""
    shape, _ = bare(shape)
    if isinstance(shape, shapes.StructType):
        yield cast("type[Record]", shape.cls)
    elif isinstance(shape, shapes.UnionType):
        for option in shape.types:
            yield from _structs(option)
    elif isinstance(shape, shapes.VarTupleType):
        yield from _structs(shape.item_type)


@cache
def struct_of(kind: type[Record]) -> shapes.StructType:
    """The shape of a record kind, field by field."""
    return cast("shapes.StructType", shapes.type_info(kind))


def bare(shape: shapes.Type) -> tuple[shapes.Type, Mapping[str, Any]]:
    """A shape without its wrappings, and what they say."""
    extra: dict[str, Any] = {}
    while isinstance(shape, shapes.Metadata):
        extra |= shape.extra or {}
        shape = shape.type
    return shape, extra


def options_of(shape: shapes.Type) -> tuple[tuple[shapes.Type, ...], Mapping[str, Any]]:
    """The alternatives of a shape without null, each bare, and the words that describe it."""
    plain, extra = bare(shape)
    if not isinstance(plain, shapes.UnionType):
        return (plain,), extra
    found: list[shapes.Type] = []
    words = dict(extra)
    for option in plain.types:
        inner, more = options_of(option)
        words = {**more, **words}
        found.extend(item for item in inner if not isinstance(item, shapes.NoneType))
    return tuple(found), words


# --- the careful way -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Examined:
    """What the careful way found in a file."""

    record: Record | None = None
    """The record, as far as it could be read; None if not even its required parts could."""
    findings: list[Finding] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    """The fields of the file's own level that could not be read whole."""


def examine(document: Document, kind: type[Record]) -> Examined:
    """What a document makes as a record of this kind, with a finding for every fault of form."""
    return _Examiner(document).whole(kind)


class _Examiner:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.result = Examined()

    def whole(self, kind: type[Record]) -> Examined:
        data = self.document.data
        if data is None:
            data = {}
        values = self.fields(struct_of(kind), data, ())
        if values is not None:
            present, unread = values
            self.result.unread = frozenset(unread)
            self.result.record = self.make(struct_of(kind), present, unread, ())
        return self.result

    def say(self, finding: Finding) -> None:
        self.result.findings.append(finding)

    def spot(self, keys: Keys) -> Spot:
        return Spot(self.document.path, keys)

    def fields(self, shape: shapes.StructType, value: object, keys: Keys) -> tuple[dict[str, Any], set[str]] | None:
        """The fields that could be read and the names of those that could not; None if it is no group of lines."""
        if not isinstance(value, dict):
            first = next((field.encode_name for field in shape.fields if field.required or not keys), "…")
            hint = f"begin it with `{first}:`" if not keys else _sort_hint((shape,), value, keys)
            self.say(wrong_type(self.spot(keys), _name(keys), "a group of `key: value` lines", hint))
            return None
        known = {item.encode_name: item for item in shape.fields if not isinstance(item.type, shapes.CustomType)}
        present: dict[str, Any] = {}
        unread: set[str] = set()
        strangers = [key for key in value if key not in known and not key.startswith("x-")]
        cut = self.cut(value, strangers, keys)
        for key in strangers:
            free = [name for name in known if name not in value]
            near = closest(key, free)
            # What stands under a misspelt key is there, only unreadable: nothing is concluded from its absence.
            if near is not None:
                unread.add(known[near].name)
            at = Spot(self.document.path, (*keys, key), on_key=True)
            self.say(unknown_key(at, key, free, empty=value[key] is None))
        for key, item in known.items():
            here = (*keys, key)
            if key in cut or self.unusable(here, value.get(key)):
                unread.add(item.name)
            elif value.get(key) is not None:
                read, whole = self.value(item.type, value[key], here)
                if read is not _BAD:
                    present[item.name] = read
                if not whole:
                    unread.add(item.name)
            elif keys in self.document.unread:
                # This group lost a line that could not be read: it may have been this one.
                unread.add(item.name)
            elif item.required and item.name not in unread:
                _, extra = options_of(item.type)
                self.say(missing(self.spot(keys), key, str(extra.get("words", ""))))
        return present, unread

    def cut(self, value: dict[str, object], strangers: list[str], keys: Keys) -> set[str]:
        """The fields whose text was cut by a comma: in braces, what follows it becomes a key without a value.

        Half a text may mean something else: of a rule for three weekdays, one would be left.
        """
        if not strangers:
            return set()
        first = self.document.span((*keys, next(iter(value))), "key")
        whole = self.document.span(keys)
        if (whole.line, whole.column) == (first.line, first.column):
            return set()  # no braces
        found: set[str] = set()
        last = ""
        for key, inner in value.items():
            if key in strangers and inner is None:
                found.add(last)
            elif key not in strangers:
                last = key
        return found

    def unusable(self, keys: Keys, value: object) -> bool:
        """Whether nothing may be made of a value. A group or list that only lost a part is still read."""
        return keys in self.document.unread and not isinstance(value, dict | list)

    def make(self, shape: shapes.StructType, present: dict[str, Any], unread: set[str], keys: Keys) -> Record | None:
        """The record, if its required fields are there."""
        if any(item.required and item.name not in present for item in shape.fields):
            return None
        if issubclass(shape.cls, Placed):
            present = {**present, "origin": Origin(self.document.path, keys, frozenset(unread))}
        return cast("Record", shape.cls(**present))

    def struct(self, shape: shapes.StructType, value: object, keys: Keys) -> tuple[Any, bool]:
        values = self.fields(shape, value, keys)
        if values is None:
            self.lost(shape, value, keys)
            return _BAD, False
        present, unread = values
        record = self.make(shape, present, unread, keys)
        if record is None:
            self.lost(shape, value, keys)
            return _BAD, False
        # A record that knows where it stands also knows what of it is unread; any other passes that on.
        return record, not unread or isinstance(record, Placed)

    def lost(self, shape: shapes.StructType, value: object, keys: Keys) -> None:
        """Keep at least the id of a record that cannot be used."""
        if "id" in shape.cls.__struct_fields__:
            known = value.get("id") if isinstance(value, dict) else None
            name = _list_name(keys) or ""
            self.result.broken.append(
                Broken(name, known if isinstance(known, str) else None, Origin(self.document.path, keys))
            )
            # Records inside a lost one exist by their ids too.
            if isinstance(value, dict):
                for item in shape.fields:
                    inner = value.get(item.encode_name)
                    if isinstance(inner, list):
                        for sub in _structs(item.type):
                            for position, entry in enumerate(inner):
                                at = (*keys, item.encode_name, position)
                                if not any(b.origin.keys == at for b in self.result.broken):
                                    self.lost(struct_of(sub), entry, at)

    def value(self, shape: shapes.Type, value: object, keys: Keys) -> tuple[Any, bool]:
        """The value read by a shape (or _BAD), and whether it could be read whole."""
        options, extra = options_of(shape)
        fitting = next((item for item in options if _fits(item, value)), None)
        if fitting is None:
            wanted = str(extra.get("words") or _wanted(options))
            hint = _sort_hint(options, value, keys)
            self.say(wrong_type(self.spot(keys), _name(keys), wanted, hint))
            return _BAD, False
        if isinstance(fitting, shapes.StructType):
            return self.struct(fitting, value, keys)
        if isinstance(fitting, shapes.VarTupleType):
            return self.items(fitting, cast("list[object]", value), keys)
        if isinstance(fitting, shapes.DictType):
            return self.pairs(fitting, cast("dict[str, object]", value), keys)
        return self.scalar(options, fitting, extra, value, keys)

    def items(self, shape: shapes.VarTupleType, value: list[object], keys: Keys) -> tuple[Any, bool]:
        found: list[Any] = []
        whole = keys not in self.document.unread
        for position, item in enumerate(value):
            here = (*keys, position)
            if self.unusable(here, item):
                whole = False
                continue
            if item is None:
                options, extra = options_of(shape.item_type)
                wanted = str(extra.get("words") or _wanted(options))
                self.say(wrong_type(self.spot(here), _name(here), wanted, "this list item is empty: remove it"))
                read, fine = _BAD, False
            else:
                read, fine = self.value(shape.item_type, item, here)
            if read is not _BAD:
                found.append(read)
            whole = whole and fine
        return tuple(found), whole

    def pairs(self, shape: shapes.DictType, value: dict[str, object], keys: Keys) -> tuple[Any, bool]:
        found: dict[str, Any] = {}
        whole = not any(lost[: len(keys)] == keys for lost in self.document.unread)
        for key, item in value.items():
            if key.startswith("x-"):
                continue
            here = (*keys, key)
            if self.unusable(here, item):
                whole = False
                continue
            (form, *_), extra = options_of(shape.key_type)
            if isinstance(form, shapes.StrType) and not _well_formed(form, key):
                self.say(wrong_value(self.spot(here), f"the key below {_name(keys)}", str(extra.get("words"))))
                whole = False
                continue
            options, _ = options_of(shape.value_type)
            plain, _ = bare(shape.value_type)
            if item is None and isinstance(plain, shapes.UnionType) and len(options) < len(plain.types):
                found[key] = None
                continue
            if item is None:
                self.say(wrong_type(self.spot(here), _name(here), "filled in"))
                read, fine = _BAD, False
            else:
                read, fine = self.value(shape.value_type, item, here)
            if read is not _BAD:
                found[key] = read
            whole = whole and fine
        return found, whole

    def scalar(
        self,
        options: tuple[shapes.Type, ...],
        fitting: shapes.Type,
        extra: Mapping[str, Any],
        value: object,
        keys: Keys,
    ) -> tuple[Any, bool]:
        if isinstance(fitting, shapes.BoolType):
            return value, True
        if isinstance(fitting, shapes.IntType | shapes.FloatType):
            number = cast("float", value)
            if (fitting.ge is not None and number < fitting.ge) or (fitting.gt is not None and number <= fitting.gt):
                self.say(wrong_value(self.spot(keys), _name(keys), str(extra.get("words"))))
                return _BAD, False
            return (float(number) if isinstance(fitting, shapes.FloatType) else number), True
        text = value if isinstance(value, str) else self.document.typed(keys)
        if isinstance(fitting, shapes.DateType):
            try:
                return _date(text), True
            except ValueError:
                self.say(wrong_value(self.spot(keys), _name(keys), "a date, such as 2026-11-22", _date_hint(text)))
                return _BAD, False
        choices = tuple(str(c) for item in options if isinstance(item, shapes.LiteralType) for c in item.values)
        if text in choices:
            return text, True
        form = next((item for item in options if isinstance(item, shapes.StrType)), None)
        if form is None and len(options) > 1:
            answer = f"list them, or write `{choices[0]}` if you asked and that is the answer"
            self.say(wrong_type(self.spot(keys), _name(keys), _wanted(options), answer))
            return _BAD, False
        if form is None:
            self.say(wrong_choice(self.spot(keys), _name(keys), text, choices))
            return _BAD, False
        if not _well_formed(form, text):
            hint = _form_hint(text, str(extra.get("words", "")), extra.get("vocabulary", ()))
            self.say(wrong_value(self.spot(keys), _name(keys), str(extra.get("words", "some text")), hint))
            return _BAD, False
        return text, True


def _fits(shape: shapes.Type, value: object) -> bool:
    """Whether a value is of the sort that a bare shape describes, whatever it says."""
    if isinstance(value, dict):
        return isinstance(shape, shapes.StructType | shapes.DictType)
    if isinstance(value, list):
        return isinstance(shape, shapes.VarTupleType)
    if isinstance(shape, shapes.BoolType):
        return isinstance(value, bool)
    if isinstance(shape, shapes.IntType):
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(shape, shapes.FloatType):
        return isinstance(value, int | float) and not isinstance(value, bool)
    # Where a field wants text, a number or boolean is taken as it was typed.
    return isinstance(shape, shapes.StrType | shapes.DateType | shapes.LiteralType)


def _wanted(options: tuple[shapes.Type, ...]) -> str:
    """What a shape wants, in words, where no better words are given."""
    words = []
    for shape in options:
        if isinstance(shape, shapes.StructType):
            words.append("a group of `key: value` lines")
        elif isinstance(shape, shapes.DictType):
            words.append("a group of `name: value` lines")
        elif isinstance(shape, shapes.VarTupleType):
            words.append("a list")
        elif isinstance(shape, shapes.LiteralType):
            words.append("one of " + ", ".join(str(value) for value in shape.values))
        elif isinstance(shape, shapes.BoolType):
            words.append("true or false")
        elif isinstance(shape, shapes.IntType | shapes.FloatType):
            words.append("a number")
        elif isinstance(shape, shapes.DateType):
            words.append("a date, such as 2026-11-22")
        else:
            words.append("text")
    return " or ".join(dict.fromkeys(words))


def _well_formed(form: shapes.StrType, text: str) -> bool:
    return (
        (form.min_length is None or len(text) >= form.min_length)
        and (form.max_length is None or len(text) <= form.max_length)
        and (form.pattern is None or re.search(form.pattern, text) is not None)
    )


def _date(text: str) -> dt.date:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    return dt.date.fromisoformat(text)


def _sort_hint(options: tuple[shapes.Type, ...], value: object, keys: Keys) -> str | None:
    """How to mend a value of the wrong sort, where its look tells."""
    kinds = {type(option) for option in options}
    if isinstance(value, dict) and shapes.StrType in kinds:
        return "a colon and a space make a field of it: put the whole text in quotation marks"
    if isinstance(value, list):
        return "remove the brackets or the hyphen: only one value belongs here"
    if shapes.VarTupleType in kinds and not isinstance(value, dict):
        return "write it in square brackets, [like, this], or one to a line, each after a hyphen and a space"
    struct = next((option for option in options if isinstance(option, shapes.StructType)), None)
    if struct is not None:
        first = next((field.encode_name for field in struct.fields if field.required), "…")
        return f"write `{'- ' if isinstance(keys[-1], int) else ''}{first}: …`"
    if isinstance(value, str) and kinds & {shapes.FloatType, shapes.IntType}:
        return "write a plain number, without quotes, unit or needless zeros: 6.5"
    if isinstance(value, str) and shapes.BoolType in kinds:
        return "write true or false"
    return None


_CURLY: Final = "\u201c\u201d\u201e\u2018\u2019"


def _form_hint(text: str, words: str, vocabulary: Iterable[str]) -> str | None:
    """How to mend a text of the wrong form, where its look tells."""
    if text[:1] in _CURLY:
        return "these are a word processor's quotation marks: use straight ones (\") or none"
    if "time of day" in words and re.fullmatch(r"\d{1,2}(?::\d\d)? ?[ap]\.?m\.?", text.lower()):
        return "write 09:00 or 14:30: 24 hours, without am or pm"
    if "day and time" in words and re.fullmatch(r"\d{4}-\d\d-\d\d +\d{1,2}:\d\d", text):
        return "put a T between day and time: 2026-11-22T09:00"
    if "length of time" in words:
        return "write hours and minutes as 2h, 90m or 1h30m"
    if vocabulary:
        near = closest(text, vocabulary)
        return f"did you mean `{near}`?" if near else None
    if words.startswith("an id") and " " in text.strip():
        return "write the id, not the name: the one under `id`"
    return None


def _date_hint(text: str) -> str:
    if text[:1] in _CURLY:
        return "these are a word processor's quotation marks: use none"
    if re.fullmatch(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}", text):
        return "write the year first: year-month-day"
    if re.fullmatch(r"\d{4}-\d\d?-\d\d?", text):
        return "there is no such day; month and day take two digits each"
    return "write year-month-day"


def _name(keys: Keys) -> str:
    """What a value is called in a message: its key, or the list it stands in."""
    for position in range(len(keys) - 1, -1, -1):
        key = keys[position]
        if isinstance(key, str):
            return f"`{key}`" if position == len(keys) - 1 else f"each entry of `{key}`"
    return "the file"


def _list_name(keys: Keys) -> str | None:
    return next((key for key in reversed(keys) if isinstance(key, str)), None)

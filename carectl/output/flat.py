"""A file's content as lines for git's own diff, log and blame: one for every value, labelled with the way to it.

Entries stand sorted by what they are known by, so that only what changed differs, wherever it stands in the file. What
differs for `carectl.caseload.identities` differs here, and nothing else: a text that could be taken for something else
stands in quotation marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from carectl.caseload.identities import Bag, Group, Key, Leaf, Lost, Node, Rows, plain
from carectl.output.report import visible

_NAMED_BY: Final = {
    "Contact": "name",
    "Diagnosis": "text",
    "Measurement": "kind",
    "Medication": "name",
    "Series": "service",
    "StaffMember": "name",
    "Supply": "item",
    "Equipment": "item",
}
"""What an entry is called besides its id. Not by a text that people edit: every line of the entry would differ then."""
_LONGEST: Final = 60
"""Characters of a name, or of one part of a key, in a label."""


def lines(node: Group) -> Iterator[str]:
    """The lines of a file, without line breaks. Nothing in it may be lost (`identities.Lost`)."""
    yield from _group(node, "")


def _group(group: Group, way: str) -> Iterator[str]:
    for name in sorted(group.fields):
        yield from _node(group.fields[name], f"{way} > {visible(name)}" if way else visible(name))


def _node(node: Node | Lost, way: str) -> Iterator[str]:
    match node:
        case Leaf(value):
            yield from _value(value, way)
        case Bag(()):
            yield f"{way}: []"
        case Bag(items):
            for said in sorted(list(_value(item, way)) for item in items):
                yield from said
        case Group():
            yield from _group(node, way)
        case Rows(_, _, str(word)):
            yield from _value(word, way)
        case Rows(rows):
            if node.ordered:
                yield f"{way} > order: {', '.join(_label(key, '') for key in rows)}"
            for key in sorted(rows):
                row = rows[key]
                yield from _node(row, f"{way}[{_label(key, _name(row))}]")
        case Lost():
            raise ValueError("what is lost has no lines")


def _value(value: Any, way: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{way}: {_json(value)}"
        return
    # A line of a text that goes on stands behind `|`, the last one behind `:`.
    *before, last = value.split("\n")
    for line in before:
        yield f"{way} | {_text(line)}"
    if last or not before:
        yield f"{way}: {_text(last)}"


def _text(text: str) -> str:
    """A text as it stands, or in quotation marks if it could be taken for a number, a constant or a list."""
    if not text or text != text.strip() or text != visible(text) or text.startswith(('"', "[", "{")):
        return _json(text)
    try:
        json.loads(text)
    except ValueError:
        return text
    return _json(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _label(key: Key, name: str) -> str:
    return " ".join(visible(_short(part)) for part in dict.fromkeys((*key, name)) if part)


def _name(row: Group | Lost) -> str:
    said = plain(row.fields.get(_NAMED_BY.get(row.record, ""), Leaf(""))) if isinstance(row, Group) else ""
    if isinstance(said, dict):
        said = " ".join(str(said[part]) for part in ("given", "family") if part in said)
    return str(said)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

"""The long fuzz of the edit engine: `python -m tests.fuzz.fuzz_edit --count 200000 --seed 1`.

Files as untidy as people make them, edits of every kind, and after each the laws: the data is what was meant, and
every line that does not belong to the change is the same, byte for byte. Prints how many ran and were refused, and why.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from carectl.caseload.edit import CannotEdit, Editor
from carectl.caseload.reader import UNREAD, Document, read_ahead, read_reference
from carectl.findings import Keys

MAX_REFUSED: Final = 0.01

# --- files -----------------------------------------------------------------------------------------------------------

KEYS = ("id", "note", "at", "day", "status", "did", "text", "x-mood", "for_family", "who", "times", "away", '"odd key"')
LISTS = ("visits", "tasks", "notes", "x-list", "series")
PLAIN = (
    "a-1", "Rosa", "done", "2026-11-22", "2026-11-22T09:00", "09:00", "9:00", "2h", "20 mg", "Slept well", "it's", "é",
    "Buena mañana", "😀", "x:y", "a#b", "no", "01230", "1.10", "1e3", "+1 847 555 0119", "http://x/y", "(x)",
    "nbsp\xa0", "0", "7", "-3", "61.2", "true", "false", "null", "~", "Told Maria, then Ruth; all well.",
    "what's \"that\"",
    "A text that goes on and on so that its line is longer than most people like their lines to be, and then some more",
)  # fmt: skip
QUOTED = (
    '"09:00"', "'09:00'", '"a: b"', "'it''s'", '"say \\"x\\""', '"two\\nlines"', '""', "''", '"a # b"', "'- a'",
    '"no"', "'1.10'", '"+1 847 555 0119"', '"Buena mañana 😀"', "'[x]'", '"tab\\there"', '" padded "',
)  # fmt: skip
PARAGRAPHS = (
    ["One line"],
    ["Two", "lines: here"],
    ["First", "", "# no comment", "- no list", "last"],
    ["A line", "  further in", "and out"],
    ["Ends in spaces   ", "é 😀"],
    ["Long " + "and longer " * 9 + "end", "", "", "after a gap"],
)
COMMENTS = (
    "# why",
    "# see the binder: page 2",
    "#tight",
    "# carectl: allow late-entry",
    "# 'quoted' \"twice\"",
    "# é 😀",
)


class Scribe:
    """Writes one untidy file."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.comments = rng.choice((0.0, 0.05, 0.25))
        self.blanks = rng.choice((0.0, 0.0, 0.05, 0.2))
        self.flow = rng.choice((0.1, 0.3, 0.6))
        self.list_step = rng.choice((0, 0, 2, 2, 2, 4))
        self.map_step = rng.choice((2, 2, 2, 3, 4))
        self.gap = rng.choice((1, 1, 1, 1, 3))
        self.pad = rng.choice(("", "", " "))
        self.apart = rng.random() < 0.15  # entries of lists are set apart by a blank line

    def maybe(self, chance: float) -> bool:
        return self.rng.random() < chance

    def put(self, text: str, *, trail: bool = True) -> None:
        if trail and self.maybe(self.comments):
            text += " " * self.rng.choice((1, 1, 2, 3, 8)) + self.rng.choice(COMMENTS)
        elif trail and self.maybe(0.03):
            text += self.rng.choice((" ", "   "))
        self.lines.append(text)

    def between(self, column: int) -> None:
        """What may stand between entries."""
        if self.maybe(self.blanks):
            self.lines.append(self.rng.choice(("", "", "  ")))
        while self.maybe(self.comments):
            self.lines.append(
                " " * self.rng.choice((column, column, column, column + 2, 0)) + self.rng.choice(COMMENTS)
            )
            if self.maybe(self.blanks):
                self.lines.append("")

    def file(self) -> bytes:
        rng = self.rng
        if self.maybe(0.4):
            self.lines.append("# yaml-language-server: $schema=../x.json")
        if self.maybe(0.03):
            self.lines.append("---")
        if self.maybe(0.05):
            self.sequence(0, 2)
        elif self.maybe(0.03):
            self.lines += self.in_brackets(2, 0, many=True)
        else:
            for name in rng.sample(LISTS + KEYS[1:6], rng.randrange(1, 4)):
                self.between(0)
                if name in LISTS and self.maybe(0.8):
                    self.put(f"{name}:")
                    self.sequence(self.list_step, 3)
                else:
                    self.field(name, 0, 2)
        self.between(0)
        if self.maybe(0.02):
            self.lines.append("...")
        end = rng.choice(("\n", "\n", "\n", "\r\n", "\r\n", "\r", None))
        text = "".join(line + (end or rng.choice(("\n", "\r\n"))) for line in self.lines)
        if self.maybe(0.15):
            text = text.rstrip("\r\n")
        return ("\ufeff" if self.maybe(0.05) else "").encode() + text.encode()

    def sequence(self, column: int, depth: int) -> None:
        for position in range(self.rng.randrange(1, 4)):
            if self.apart and position:
                self.lines.append("")
            self.between(column)
            head = " " * column + "-"
            kind = self.rng.random()
            if kind < 0.3 or depth == 0:
                self.value(head, column, self.gap)
            elif kind < 0.33:
                self.put(head)
                self.between(column + 2)
                self.mapping(column + 2, depth - 1)
            elif kind < 0.36:
                at = len(self.lines)
                self.sequence(column + 1 + self.gap, depth - 1)
                self.join(at, head)
            elif kind < 0.45 + self.flow / 2:
                self.flow_value(head, column, self.gap)
            else:
                at = len(self.lines)
                self.mapping(column + 1 + self.gap, depth - 1)
                self.join(at, head)

    def join(self, at: int, head: str) -> None:
        """Move the first line of what was written behind a dash; comments that came before it go away."""
        while not self.lines[at].strip() or self.lines[at].lstrip().startswith("#"):
            del self.lines[at]
        first = self.lines[at]
        self.lines[at] = head + first[len(head) :]

    def mapping(self, column: int, depth: int) -> None:
        for name in self.rng.sample(KEYS, self.rng.randrange(1, 5)):
            self.between(column)
            self.field(name, column, depth)

    def field(self, name: str, column: int, depth: int) -> None:
        head = f"{' ' * column}{name}:"
        kind = self.rng.random()
        if self.maybe(0.004):
            self.put(f"{' ' * column}? {name}")
            self.put(f"{' ' * column}: {self.rng.choice(PLAIN)}")
        elif kind < 0.6 or depth == 0:
            self.value(head, column, 1 if self.maybe(0.95) else 3)
        elif kind < 0.6 + self.flow * 0.4:
            self.flow_value(head, column, 1)
        elif kind < 0.9:
            self.put(head)
            self.sequence(column + self.list_step, depth - 1)
        else:
            self.put(head)
            self.mapping(column + self.map_step, depth - 1)

    def value(self, head: str, column: int, gap: int) -> None:
        rng = self.rng
        blank = " " * gap
        inner = " " * (column + rng.choice((2, 2, 2, 4)))
        kind = rng.random()
        if kind < 0.55:
            self.put(head + blank + rng.choice(PLAIN))
        elif kind < 0.75:
            self.put(head + blank + rng.choice(QUOTED))
        elif kind < 0.82:
            self.put(head)
        elif kind < 0.94:
            self.put(head + blank + rng.choice(("|", "|-", "|-", "|+", ">", ">-", ">-", ">-")))
            self.lines += [inner + line if line else "" for line in rng.choice(PARAGRAPHS)]
            if self.maybe(0.1):
                self.lines += [""] * rng.randrange(1, 3)
        elif kind < 0.96:
            self.lines.append(head + blank + "A text without quotes")
            self.put(inner + "that goes on here")
        elif kind < 0.98:
            self.lines.append(head + blank + '"A text with quotes')
            self.put(inner + 'that goes on here"')
        else:
            self.put(head)
            self.put(inner + rng.choice(PLAIN + QUOTED))

    def flow_value(self, head: str, column: int, gap: int) -> None:
        first, *rest = self.in_brackets(2, column)
        self.lines.append(head + " " * gap + first)
        self.lines += rest
        if self.maybe(self.comments):
            self.lines[-1] += "  # behind"

    def in_brackets(self, depth: int, column: int, *, many: bool = False) -> list[str]:
        """A list or mapping in brackets, on one line or on several."""
        rng = self.rng
        size = rng.choice((0, 1, 1, 2, 2, 3))
        parts = []
        is_map = many or self.maybe(0.6)
        for name in rng.sample(KEYS, size):
            inner = " ".join(self.in_brackets(depth - 1, column)) if depth and self.maybe(0.2) else self.small()
            inner = inner if "#" not in inner.replace("a#b", "") else "x"
            parts.append(f"{name}: {inner}" if is_map and inner else name if is_map else inner or "x")
        opened, closed = "{}" if is_map else "[]"
        if not parts:
            return [opened + rng.choice(("", "", "", " ")) + closed]
        if self.maybe(0.85):
            return [opened + self.pad + ", ".join(parts) + rng.choice(("", "", "", ",")) + self.pad + closed]
        inside = " " * (column + 2)
        lines = [opened]
        is_commented = self.maybe(0.4)
        for index, part in enumerate(parts):
            if is_commented and self.maybe(0.2):
                lines.append(f"{inside}# of its own")
            lines.append(inside + part + ("," if index + 1 < len(parts) or self.maybe(0.5) else ""))
            if is_commented and self.maybe(0.2):
                lines[-1] += " # inside"
        return (
            [*lines, " " * (column + 1) + closed]
            if self.maybe(0.7) or "#" in lines[-1]
            else [*lines[:-1], lines[-1] + closed]
        )

    def small(self) -> str:
        return self.rng.choice([word for word in PLAIN if not re.search(r"[,\"#]", word)] + list(QUOTED[:8]) + [""])


def untidy_file(rng: random.Random) -> bytes:
    """A file that can be read without a finding and says something."""
    while True:
        raw = Scribe(rng).file()
        document = read_reference(raw, "f.yaml")
        if not document.findings and isinstance(document.data, (dict, list)):
            return raw


# --- values ----------------------------------------------------------------------------------------------------------

TEXTS = (
    "Rosa", "done", "no", "Yes", "null", "~", "", " ", "01230", "1.10", "1.5", "12", "1e3", "0x1f", "1_000",
    "9:00", "09:00", "10:30:15", "2026-11-22", "2026-11-22T09:00", "2026-11-22T09:00:00Z", "2h", "1h30m", "20 mg",
    "418 Elm St", "+1 847 555 0119", "a: b", "a:", ": a", "a #b", "# a", "- a", "-", "? a", "[a]", "{a: b}",
    "a, b", "a,b", "*a", "&a", "!a", "|", ">-", "@a", "`a`", "%a", "=", "<<", "---", "...", "it's", "'a'", '"a"',
    'say "x"', "a\\b", "\\", "é", "😀", "Buena mañana: durmió bien", "nbsp\xa0", "\xa0nbsp", "tab\there", " a",
    "a ", "a\n", "a\n\n", "\n", "\na", "a\nb", "a\n\nb", "a\n b", "a\n\n\n# b\n- c", "a \nb", "a\r\nb",
    "First: this.\n\nThen that, at 9:00 (#2).", "x" * 130,
    "A long note: " + "she walked to the kitchen and back, " * 8 + "twice.",
    "Long.\n" + "She walked to the kitchen and back, " * 5 + "twice.\n\nAnd slept.",
)  # fmt: skip
NUMBERS = (0, 1, -7, 42, 123456789012345678, 61.2, -0.5, 0.00001, 2.0, True, False, None)


def a_scalar(rng: random.Random) -> Any:
    return rng.choice(TEXTS if rng.random() < 0.75 else NUMBERS)


def a_name(rng: random.Random) -> str:
    return rng.choice(
        ("id", "note", "day", "text", "reason", "x-new", "no", "for_family", "a b", "1", "é", "x: y", "1.5")
    )


def a_value(rng: random.Random, depth: int = 2) -> Any:
    kind = rng.random()
    if depth == 0 or kind < 0.6:
        return a_scalar(rng)
    if kind < 0.8:
        return [a_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {a_name(rng): a_value(rng, depth - 1) for _ in range(rng.randrange(5))}


def varied(rng: random.Random, value: Any) -> Any:
    """A value of the same shape that says something else here and there."""
    if isinstance(value, dict):
        return {key: varied(rng, part) for key, part in value.items() if rng.random() < 0.9} or {"id": "x"}
    if isinstance(value, list):
        return [varied(rng, part) for part in value]
    return a_scalar(rng) if rng.random() < 0.4 else value


# --- edits -----------------------------------------------------------------------------------------------------------


@dataclass
class Edit:
    """One edit, and what it must lead to."""

    before: Outline
    name: str
    keys: Keys
    arguments: tuple[Any, ...]
    meant: Any
    region: tuple[int, int]
    """The lines that may change, from 0, the second not included; nothing but new lines if there are none."""
    keeps_comments: bool = True
    shrinks_to_blanks: bool = False


def places(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value in a file."""
    yield keys, value
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*keys, key))


def at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


class Outline:
    """What stands in which lines, told by the places of the reference reading alone. Lines count from 0."""

    def __init__(self, raw: bytes) -> None:
        self.document: Document = read_reference(raw, "f.yaml")
        self.data: Any = self.document.data
        text = raw.decode("utf-8-sig")
        self.lines = re.split("\r\n|\r|\n", text)
        self.breaks = re.findall("\r\n|\r|\n", text)

    def sign(self, keys: Keys) -> str:
        if not keys:
            return self.lines[self.opening(keys)].removeprefix("--- ").lstrip()[:1]
        span = self.document.span(keys)
        return self.lines[span.line - 1][span.column - 1 : span.column]

    def bracketed(self, keys: Keys) -> bool:
        return isinstance(at(self.data, keys), (dict, list)) and self.sign(keys) in ("{", "[")

    def inside_brackets(self, keys: Keys) -> bool:
        return any(self.bracketed(keys[:depth]) for depth in range(len(keys)))

    def opening(self, keys: Keys) -> int:
        """The line in which a value begins."""
        if keys:
            return self.document.span(keys).line - 1
        return next(at for at, line in enumerate(self.lines) if line.strip()[:1] not in ("", "#") and line != "---")

    def is_comment(self, line: int) -> bool:
        return 0 <= line < len(self.lines) and self.lines[line].lstrip(" \t").startswith("#")

    def is_blank(self, line: int) -> bool:
        return 0 <= line < len(self.lines) and not self.lines[line].strip(" \t")

    def column(self, line: int) -> int:
        return len(self.lines[line]) - len(self.lines[line].lstrip(" \t"))

    def first(self, keys: Keys) -> int:
        """The line in which an entry begins: its key's, its dash's, or its value's inside of brackets."""
        if isinstance(keys[-1], str):
            return self.document.span(keys, "key").line - 1
        if self.inside_brackets(keys):
            return self.document.span(keys).line - 1
        if keys[-1] == 0:
            line = self.document.span(keys[:-1]).line - 1 if keys[:-1] else 0
        else:
            line = self.last((*keys[:-1], keys[-1] - 1)) + 1
        while self.is_blank(line) or self.is_comment(line) or self.lines[line] == "---":
            line += 1
        return line

    def last(self, keys: Keys) -> int:
        """The line in which a value ends."""
        line = self.document.span(keys).end_line - 1
        while isinstance(inner := at(self.data, keys), (dict, list)) and inner and not self.bracketed(keys):
            keys = (*keys, list(inner)[-1] if isinstance(inner, dict) else len(inner) - 1)
        if self.sign(keys) in ("|", ">") and not self.inside_brackets(keys):
            span = self.document.span(keys)
            if "+" in self.lines[span.line - 1][span.column - 1 : span.column + 3]:
                while self.is_blank(line + 1) and line + 1 < len(self.breaks):
                    line += 1
        return line

    def own_column(self, keys: Keys) -> int:
        """The column of an entry's key or dash."""
        if isinstance(keys[-1], str):
            return self.document.span(keys, "key").column - 1
        first = self.document.span((*keys[:-1],)) if keys[:-1] else None
        return first.column - 1 if first else self.column(self.first(keys))

    def below(self, keys: Keys, *, with_blanks: bool) -> int:
        """The line behind an entry and the comments in it."""
        line = self.last(keys) + 1
        column = self.own_column(keys)
        while True:
            ahead = line
            while with_blanks and self.is_blank(ahead) and ahead < len(self.breaks):
                ahead += 1
            if not self.is_comment(ahead) or self.column(ahead) <= column:
                return line
            line = ahead + 1

    def above(self, keys: Keys) -> int:
        """The first line of the comments directly above an entry that belong to it."""
        line = self.first(keys)
        while self.is_comment(line - 1) and self.column(line - 1) == self.own_column(keys):
            line -= 1
        return line


def siblings(value: Any, keys: Keys) -> list[Keys]:
    return [(*keys, key) for key in (value if isinstance(value, dict) else range(len(value)))]


def edit_of(rng: random.Random, raw: bytes) -> Edit:
    """Any edit of a file."""
    outline = Outline(raw)
    known = list(places(outline.data))
    scalars = [keys for keys, value in known if keys and not isinstance(value, (dict, list))]
    lists = [keys for keys, value in known if isinstance(value, list)]
    maps = [keys for keys, value in known if isinstance(value, dict)]
    kind = rng.random()
    if kind < 0.3 and scalars:
        return set_edit(outline, rng.choice(scalars), a_scalar(rng))
    if kind < 0.35 and len(known) > 1:
        return set_edit(outline, rng.choice(known[1:])[0], a_value(rng))
    if kind < 0.45 and len(known) > 1:
        keys, value = rng.choice(known[1:])
        return set_edit(outline, keys, varied(rng, value))
    if kind < 0.7 and lists:
        keys = rng.choice(lists)
        entries = at(outline.data, keys)
        item = varied(rng, rng.choice(entries)) if entries and rng.random() < 0.7 else a_value(rng)
        return insert_edit(outline, keys, len(entries) if rng.random() < 0.6 else rng.randrange(len(entries) + 1), item)
    if kind < 0.8 and maps:
        keys = rng.choice(maps)
        fields = at(outline.data, keys)
        name = a_name(rng)
        if name not in fields:
            after = rng.choice([*fields, None, None]) if fields else None
            return add_edit(outline, keys, name, a_value(rng), after)
    if len(known) > 1:
        return remove_edit(outline, rng.choice(known[1:])[0])
    return insert_edit(outline, (), 0, "x") if isinstance(outline.data, list) else add_edit(outline, (), "x", 1, None)


def replaced(data: Any, keys: Keys, value: Any) -> Any:
    meant = copy.deepcopy(data)
    if not keys:
        return value
    at(meant, keys[:-1])[keys[-1]] = value
    return meant


def set_edit(outline: Outline, keys: Keys, value: Any) -> Edit:
    old = at(outline.data, keys)
    first = outline.first(keys)
    last = outline.below(keys, with_blanks=False)
    is_scalar = not isinstance(old, (dict, list))
    if outline.inside_brackets(keys) or outline.bracketed(keys):
        last = outline.last(keys) + 1
    return Edit(
        outline, "set", keys, (value,), replaced(outline.data, keys, value), (first, last), keeps_comments=is_scalar
    )


def insert_edit(outline: Outline, keys: Keys, position: int, item: Any) -> Edit:
    entries = at(outline.data, keys)
    meant = replaced(outline.data, keys, [*entries[:position], item, *entries[position:]])
    return Edit(outline, "insert", keys, (position, item), meant, gap_at(outline, keys, position))


def add_edit(outline: Outline, keys: Keys, name: str, value: Any, after: str | None) -> Edit:
    fields = at(outline.data, keys)
    names = list(fields)
    position = names.index(after) + 1 if after is not None else len(names)
    meant = replaced(outline.data, keys, {**fields, name: value})
    return Edit(outline, "set", (*keys, name), (value, after), meant, gap_at(outline, keys, position))


def gap_at(outline: Outline, keys: Keys, position: int) -> tuple[int, int]:
    """Where an entry can be added: between two lines, or in the lines that end and begin its neighbours in brackets."""
    parts = siblings(at(outline.data, keys), keys)
    if not parts:
        line = outline.first(keys) if keys else outline.opening(keys)
        return line, outline.document.span(keys).end_line
    if outline.bracketed(keys):
        if position == len(parts):
            last = outline.last(parts[-1])
            return last, last + 1
        line = outline.first(parts[position])
        if outline.lines[line][
            : outline.document.span(parts[position], "key" if isinstance(parts[position][-1], str) else "value").column
            - 1
        ].strip():
            return line, line + 1
        while outline.is_comment(line - 1) and outline.column(line - 1) == outline.column(
            outline.first(parts[position])
        ):
            line -= 1
        return line, line
    if position:
        line = outline.below(parts[position - 1], with_blanks=True)
        return line, line
    line = outline.first(parts[0])
    if outline.lines[line][: outline.own_column(parts[0])].strip():
        return line, line + 1
    above = outline.above(parts[0])
    line = above if above else line
    return line, line


def remove_edit(outline: Outline, keys: Keys) -> Edit:
    parent = at(outline.data, keys[:-1])
    parts = siblings(parent, keys[:-1])
    index = parts.index(keys)
    meant = copy.deepcopy(outline.data)
    del at(meant, keys[:-1])[keys[-1]]
    first, last = outline.first(keys), outline.last(keys) + 1
    if outline.inside_brackets(keys):
        # The comma or blanks up to one of the neighbours go too; its own lines, with the comments above.
        while outline.is_comment(first - 1) and outline.column(first - 1) == outline.column(first):
            first -= 1
        begin = (
            outline.last(parts[index - 1]) if index else outline.document.span(keys[:-1]).line - 1 if keys[:-1] else 0
        )
        first = min(first, max(begin, 0)) if index else first
        following = outline.first(parts[index + 1]) + 1 if index + 1 < len(parts) else last
        if len(parts) == 1:
            first, following = min(first, outline.opening(keys[:-1])), outline.document.span(keys[:-1]).end_line
        return Edit(outline, "remove", keys, (), meant, (first, max(last, following)), keeps_comments=False)
    last = outline.below(keys, with_blanks=False)
    above = outline.above(keys)
    first_line = outline.first(keys)
    inline = bool(outline.lines[first_line][: outline.own_column(keys)].strip())
    if len(parts) == 1:
        top = outline.first(keys[:-1]) if keys[:-1] else (above or first_line)
        return Edit(outline, "remove", keys, (), meant, (top, last), keeps_comments=False)
    if inline:
        return Edit(outline, "remove", keys, (), meant, (first_line, outline.first(parts[1]) + 1), keeps_comments=False)
    top = above if above else first_line
    while outline.is_blank(top - 1):
        top -= 1
    while outline.is_blank(last) and last < len(outline.breaks):
        last += 1
    return Edit(outline, "remove", keys, (), meant, (top, last), keeps_comments=False, shrinks_to_blanks=True)


# --- laws ------------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> str:
    """Tells 1 from 1.0 and true; 2.0 is written as 2."""

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: plain(inner) for key, inner in part.items()}
        if isinstance(part, list):
            return [plain(inner) for inner in part]
        return int(part) if isinstance(part, float) and part.is_integer() else part

    return json.dumps(plain(value), sort_keys=True)


def refusal(editor: Editor, edit: Edit) -> CannotEdit | None:
    """Make an edit; why it was refused, if it was. Whatever else is raised is a fault."""
    try:
        getattr(editor, edit.name)(edit.keys, *edit.arguments)
    except CannotEdit as problem:
        return problem
    return None


def fault_of(old: bytes, new: bytes, edit: Edit) -> str | None:
    """What is wrong with an edit that was made, or None."""
    before, after = edit.before, Outline(new)
    if after.document.findings:
        return f"a finding: {after.document.findings[0]}"
    if canonical(after.data) != canonical(edit.meant):
        return f"the data is {after.data!r}"
    ahead = read_ahead(new)
    if ahead is not UNREAD and repr(ahead) != repr(after.data):
        return "read ahead as something else"
    if old.startswith(b"\xef\xbb\xbf") != new.startswith(b"\xef\xbb\xbf"):
        return "the byte order mark"
    if (wrong := fault_of_lines(before, after, edit)) is not None:
        return wrong
    for depth in range(len(edit.keys)):
        one, other = at(before.data, edit.keys[:depth]), at(after.data, edit.keys[:depth])
        if isinstance(one, dict) and [key for key in one if key in other] != [key for key in other if key in one]:
            return "the order of fields"
    if edit.keeps_comments:
        gone = Counter(c.text for c in before.document.comments()) - Counter(c.text for c in after.document.comments())
        if gone:
            return f"comments are gone: {list(gone)}"
    return None


def fault_of_lines(before: Outline, after: Outline, edit: Edit) -> str | None:
    """What is wrong outside of the lines that may change, or None."""
    first, last = edit.region
    wrong = fault_outside(before, after, edit, first, last)
    if wrong and edit.name == "set" and last == len(before.lines) - 1 and before.lines[-1].isspace():
        # Blanks at the very end, without a line break, may belong to a text with |+ that ends there.
        return fault_outside(before, after, edit, first, last + 1)
    return wrong


def fault_outside(before: Outline, after: Outline, edit: Edit, first: int, last: int) -> str | None:
    """What is wrong outside of these lines, or None."""
    behind = len(after.lines) - (len(before.lines) - last)
    if before.lines[:first] != after.lines[:first] or before.lines[last:] != after.lines[behind:] or behind < first:
        # A file without a line break at its end may get one, where it would change a text above.
        is_end = edit.name == "remove" and last == len(before.lines) and after.lines[-1] == ""
        if not is_end or before.lines[:first] != after.lines[:first]:
            return f"lines that do not belong to the change (it may change {first} to {last})"
    ends = end_of_new(after, edit) if edit.keeps_comments else None
    if ends is not None and behind > ends:
        return f"more lines than the change needs: {after.lines[ends:behind]}"
    edge = first - 1 if last >= len(before.lines) else first
    if before.breaks[: max(0, edge)] != after.breaks[: max(0, edge)]:
        return "line breaks above"
    rest = len(before.breaks) - last
    if rest > 0 and before.breaks[last:] != after.breaks[len(after.breaks) - rest :]:
        return "line breaks below"
    if edit.shrinks_to_blanks and any(line.strip(" \t") for line in after.lines[first:behind]):
        return f"something is left: {after.lines[first:behind]}"
    # What was the last line but one may be blank, or the end of a text that needs its line break.
    if (before.lines[-1] == "") != (after.lines[-1] == "") and (after.lines[-1] or edit.name == "insert"):
        return "the end of the file"
    return None


def end_of_new(after: Outline, edit: Edit) -> int | None:
    """The line behind what was changed or added; None where blank lines may follow that set it apart."""
    keys = edit.keys if edit.name == "set" else (*edit.keys, edit.arguments[0])
    if after.inside_brackets(keys) or keys[-1] == 0:
        return None
    return after.below(keys, with_blanks=False)


@dataclass
class Figures:
    """How much ran."""

    edits: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        count = self.refused.total()
        reasons = "".join(f"\n  {number:6,} {reason}" for reason, number in self.refused.most_common())
        return f"edits: {self.edits:,} ran, {count:,} refused ({count / max(1, self.edits):.2%}){reasons}"


def try_edit(raw: bytes, edit: Edit, figures: Figures) -> bytes:
    """Make an edit and hold it to the laws; the new file, or the old one if it was refused."""
    figures.edits += 1
    editor = Editor(raw, "f.yaml")
    if (problem := refusal(editor, edit)) is not None:
        figures.refused[problem.reason] += 1
        assert editor.result() == raw, "a refused edit changed something"
        assert 1 <= problem.at.line <= raw.count(b"\n") + raw.count(b"\r") + 1, problem
        return raw
    new = editor.result()
    wrong = fault_of(raw, new, edit)
    assert wrong is None, (
        f"{wrong}\n{edit.name} {edit.keys} {edit.arguments!r}\n--- before\n{raw.decode()}\n--- after\n{new.decode()}\n{raw!r}"
    )
    if edit.name == "insert":
        position = edit.arguments[0]
        editor.remove((*edit.keys, position))
        assert editor.result() == raw, (
            f"not undone by remove\n{edit.keys} {edit.arguments!r}\n{raw!r}\n{new!r}\n{editor.result()!r}"
        )
    return new


def same_again(raw: bytes, keys: Keys) -> None:
    """Setting a value to what it is changes nothing."""
    editor = Editor(raw, "f.yaml")
    editor.set(keys, editor.get(keys))
    assert editor.result() == raw


def run(count: int, seed: int) -> Figures:
    """Make edits, some after another on the same file."""
    rng = random.Random(seed)
    figures = Figures()
    while figures.edits < count:
        raw = untidy_file(rng)
        same_again(raw, rng.choice(list(places(read_reference(raw, "f.yaml").data)))[0])
        for _ in range(min(4, count - figures.edits)):
            raw = try_edit(raw, edit_of(rng, raw), figures)
    return figures


def main() -> None:
    """Run the fuzz and print its figures."""
    parser = argparse.ArgumentParser(description="Fuzz the edit engine.")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.monotonic()
    figures = run(options.count, options.seed)
    print(f"{figures}\n  {time.monotonic() - start:.0f} s (seed {options.seed})")
    if figures.refused.total() > MAX_REFUSED * figures.edits:
        raise SystemExit("too many refusals")


if __name__ == "__main__":
    main()

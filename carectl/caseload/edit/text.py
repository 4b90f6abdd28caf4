"""A file as its text and the places in it; nothing here changes anything."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from carectl.caseload.edit.scalars import Style
from carectl.caseload.reader import Document, read_reference
from carectl.errors import Refused
from carectl.findings import Keys, Span

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
"""What a file can hold: the data that reading it gives."""


class CannotEdit(Refused):
    """An edit that cannot be made without touching what it should not; the file is as it was."""

    def __init__(self, reason: str, at: Span) -> None:
        super().__init__(f"{at.path}:{at.line}: {reason}")
        self.reason = reason
        self.at = at


class Splice(NamedTuple):
    """A stretch of a text, and what takes its place."""

    start: int
    end: int
    text: str


_LINE_BREAK: Final = re.compile("\r\n|\r|\n")
_BEGIN_OF_DATA: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|---(?=[ \t\n]))*[ \t]*")
_EXOTIC_SPACE: Final = re.compile(r"[^\S\n]*[^\S \t\n]")
_BLOCK_MARK: Final = re.compile(r"[|>][-+0-9]*")
_STYLES: Final[dict[str, Style]] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}


@dataclass(frozen=True)
class Raw:
    """The bytes of a file in three parts: its byte order mark, its text with one sign for a line break, and these."""

    mark: bool
    text: str
    breaks: tuple[str, ...]

    @staticmethod
    def of(raw: bytes) -> Raw:
        """The parts of a file that could be read."""
        text = raw.decode("utf-8")
        mark = text.startswith("\ufeff")
        breaks = tuple(_LINE_BREAK.findall(text))
        return Raw(mark, _LINE_BREAK.sub("\n", text[mark:]), breaks)

    def spliced(self, splices: Sequence[Splice]) -> Raw:
        """These parts with some stretches replaced. New lines end as most lines of the file do."""
        usual = Counter(self.breaks).most_common(1)[0][0] if self.breaks else "\n"
        text, breaks = self.text, list(self.breaks)
        for start, end, new in sorted(splices, reverse=True):
            first = text.count("\n", 0, start)
            breaks[first : first + text.count("\n", start, end)] = [usual] * new.count("\n")
            text = text[:start] + new + text[end:]
        return Raw(self.mark, text, tuple(breaks))

    def joined(self) -> bytes:
        """The bytes of the file."""
        lines = self.text.split("\n")
        ends = (*self.breaks, "")
        return ("\ufeff" * self.mark + "".join(a + b for a, b in zip(lines, ends, strict=True))).encode()


class Text:
    """A file that was read: its data, and where in its text every part of it stands. Lines count from 0."""

    def __init__(self, raw: Raw, path: str) -> None:
        self.raw = raw
        self.path = path
        self.text = raw.text
        self.document: Document = read_reference(raw.joined(), path)
        self.data: Any = self.document.data
        self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    # --- values ---

    def has(self, keys: Keys) -> bool:
        """Whether there is such a value."""
        value = self.data
        for key in keys:
            if isinstance(value, dict):
                found = key in value
            else:
                found = isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)
            if not found:
                return False
            value = value[key]
        return True

    def value(self, keys: Keys) -> Any:
        """The value at a place that exists."""
        value = self.data
        for key in keys:
            value = value[key]
        return value

    def children(self, keys: Keys) -> list[Keys]:
        """The places of the parts of a collection, in order."""
        value = self.value(keys)
        parts: Sequence[str | int] = list(value) if isinstance(value, dict) else range(len(value))
        return [(*keys, part) for part in parts]

    def refuse(self, reason: str, keys: Keys) -> CannotEdit:
        """Why something cannot be edited, with its place."""
        return CannotEdit(reason, self.document.span(keys))

    # --- places ---

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1

    @cached_property
    def _root(self) -> int:
        match = _BEGIN_OF_DATA.match(self.text)
        return match.end() if match else 0

    def begin(self, keys: Keys) -> int:
        """Where a value begins: a mapping at its first key, a list at its first dash, unless they have brackets."""
        if not keys:
            return self._root
        span = self.document.span(keys)
        return self._offset(span.line, span.column)

    def end(self, keys: Keys) -> int:
        """Where a value ends. A block text ends with its last line that is not blank."""
        span = self.document.span(keys)
        end = self._offset(span.end_line, span.end_column)
        # A text without quotes may end in white space that is none to YAML.
        match = _EXOTIC_SPACE.match(self.text, end)
        return match.end() if match and self.style(keys) == "plain" else end

    def key_begin(self, keys: Keys) -> int:
        """Where the key of a value begins."""
        span = self.document.span(keys, "key")
        return self._offset(span.line, span.column)

    def key_end(self, keys: Keys) -> int:
        """Where the key of a value ends."""
        span = self.document.span(keys, "key")
        return self._offset(span.end_line, span.end_column)

    def entry_begin(self, keys: Keys) -> int:
        """Where an entry begins: at its key, at its dash, or, inside brackets, at its value."""
        if isinstance(keys[-1], str):
            return self.key_begin(keys)
        if self.in_brackets(keys):
            return self.begin(keys)
        if keys[-1] == 0:
            return self.begin(keys[:-1])
        line = self.line(self.end((*keys[:-1], keys[-1] - 1))) + 1
        while self.is_blank(line) or self.comment_column(line) is not None:
            line += 1
        return self.starts[line] + self.indent(line)

    def entry_end(self, keys: Keys) -> int:
        """Where an entry inside of brackets ends; its value may be left out, its colon too."""
        end = self.end(keys)
        return max(end, self.key_end(keys)) if isinstance(keys[-1], str) else end

    def sign_end(self, keys: Keys) -> int:
        """Behind the colon or dash that comes before a value outside of brackets."""
        if isinstance(keys[-1], int):
            return self.entry_begin(keys) + 1
        match = re.compile(r"[ \t]*:").match(self.text, self.key_end(keys))
        if match is None or self.text[self.starts[self.line(self.key_begin(keys))] : self.key_begin(keys)].strip(" -"):
            raise self.refuse("this field is written with a question mark before its name", keys)
        return match.end()

    # --- lines ---

    def line(self, offset: int) -> int:
        """The line of a character."""
        return bisect_right(self.starts, offset) - 1

    def line_end(self, line: int) -> int:
        """Where the text of a line ends, before its line break."""
        return self.starts[line + 1] - 1 if line + 1 < len(self.starts) else len(self.text)

    def line_text(self, line: int) -> str:
        """A line without its line break."""
        return self.text[self.starts[line] : self.line_end(line)]

    def column(self, offset: int) -> int:
        """How many characters stand before this one in its line."""
        return offset - self.starts[self.line(offset)]

    def indent(self, line: int) -> int:
        """How many blanks a line begins with."""
        text = self.line_text(line)
        return len(text) - len(text.lstrip(" \t"))

    def begins_line(self, offset: int) -> bool:
        """Whether nothing but blanks stands before a character."""
        return not self.text[self.starts[self.line(offset)] : offset].strip(" \t")

    def is_blank(self, line: int) -> bool:
        """Whether a line of the file is empty, but for blanks."""
        return line < len(self.starts) and not self.line_text(line).strip(" \t")

    def comment_column(self, line: int) -> int | None:
        """Where the comment begins of a line that consists of one; the line must not be part of a text."""
        if line >= len(self.starts) or not self.line_text(line).lstrip(" \t").startswith("#"):
            return None
        return self.indent(line)

    def has_comment(self, start: int, end: int) -> bool:
        """Whether a comment begins between two characters."""
        return "#" in self.text[start:end] and any(start <= at < end for at in self._comments)

    @cached_property
    def _comments(self) -> list[int]:
        return [self._offset(line, column) for line, column, _ in self.document.comments()]

    # --- layout ---

    def is_bracketed(self, keys: Keys) -> bool:
        """Whether a collection stands in brackets or braces."""
        return self.text[self.begin(keys) : self.begin(keys) + 1] in ("{", "[")

    def in_brackets(self, keys: Keys) -> bool:
        """Whether a value is part of something that stands in brackets or braces."""
        return any(self.is_bracketed(keys[:depth]) for depth in range(len(keys)))

    def style(self, keys: Keys) -> Style:
        """How a text is written."""
        begin = self.begin(keys)
        return _STYLES.get(self.text[begin : begin + 1], "plain")

    def block_mark_end(self, keys: Keys) -> int | None:
        """Behind the `|-` of a block text, or None if it is no such text."""
        match = _BLOCK_MARK.match(self.text, self.begin(keys))
        return match.end() if match and isinstance(self.value(keys), str) else None

    def _last_part(self, keys: Keys) -> Keys:
        """The place of the value that a value outside of brackets ends with."""
        value = self.value(keys)
        while value and isinstance(value, (dict, list)) and not self.is_bracketed(keys):
            keys = (*keys, list(value)[-1] if isinstance(value, dict) else len(value) - 1)
            value = self.value(keys)
        return keys

    def last_line(self, keys: Keys) -> int:
        """The last line of a value outside of brackets, blank lines included that are part of a text."""
        keys = self._last_part(keys)
        line = self.line(self.end(keys))
        mark_end = self.block_mark_end(keys)
        if mark_end is not None and "+" in self.text[self.begin(keys) : mark_end]:
            line += self.blanks_below(line)
        return line

    def has_open_end(self) -> bool:
        """Whether the file ends in a block text, and no line break."""
        return not self.text.endswith("\n") and self.block_mark_end(self._last_part(())) is not None

    def blanks_above(self, line: int) -> int:
        """How many blank lines stand directly above a line."""
        count = 0
        while count < line and self.is_blank(line - count - 1):
            count += 1
        return count

    def blanks_below(self, line: int) -> int:
        """How many blank lines stand directly below a line; what follows the last line break is no line."""
        count = 0
        while self.is_blank(line + count + 1) and self.starts[line + count + 1] < len(self.text):
            count += 1
        return count

    def siblings(self, keys: Keys) -> Iterator[Keys]:
        """The places that are to other entries of the same lists what this one is to its own; the nearest first.

        The place itself need not exist yet.
        """

        def ways(value: Any, at: int, way: Keys) -> Iterator[Keys]:
            if at == len(keys):
                yield way
                return
            key = keys[at]
            if isinstance(key, str):
                if isinstance(value, dict) and key in value:
                    yield from ways(value[key], at + 1, (*way, key))
            elif isinstance(value, list):
                for index in _nearest(key, len(value)):
                    yield from ways(value[index], at + 1, (*way, index))

        return ways(self.data, 0, ())


_REACH: Final = 20


def _nearest(position: int, length: int) -> Iterator[int]:
    """The positions of a list by their distance to one, which comes first; of two the one before it."""
    for distance in range(_REACH):
        for index in dict.fromkeys((position - distance, position + distance)):
            if 0 <= index < length:
                yield index

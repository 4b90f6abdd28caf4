"""From the bytes of one file to plain data, with a place for every value and a finding for everything wrong.

Two readers that mean the same. The reference reading builds on libyaml's events and knows every place; `read_ahead`
is several times faster, reads what surely means the same, and leaves all else to the reference.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from array import array
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, NoReturn

from carectl.caseload import faults
from carectl.findings import Finding, Keys, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class _Unread:
    """Stands where nothing could be read, or where a reader is not sure."""

    def __repr__(self) -> str:
        return "UNREAD"


UNREAD: Final = _Unread()

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 200_000
"""Fields, values and list entries of one file: what keeps time and memory bounded for five megabytes of commas."""
MAX_AHEAD: Final = MAX_VALUES
"""Larger files are left to the reference; no smaller one has more values than bytes."""
MAX_FINDINGS: Final = 1_000
"""Faults of one file that are told; the rest of the file is read all the same."""
_MERGE_WORDS: Final = "carectl merge:"
"""In every comment that a merge leaves for a person. Its markers are no lines that `read_ahead` takes for simple."""
MAX_DIRECTIVES: Final = 50
"""libyaml compares each %TAG with all before it: a million of them would take hours."""

# What no text may hold: C0 without tab and line breaks, DEL, C1 (with NEL), the bidirectional overrides and isolates,
# the line and paragraph separators (libyaml counts them as lines, editors do not), a byte order mark inside the file,
# surrogates and non-characters.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_STANDIN = "\ufffd"

# Integers of at most 18 digits; decimals of at most 15, so that the number is exactly what was typed.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
_DECIMAL_LENGTH: Final = 16  # 15 digits and the point; one digit less behind a minus
_NUMBER_LENGTH: Final = 19
_CONSTANTS: Final[dict[str, object]] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Comment(NamedTuple):
    """A comment: its place, and its text from the `#` to the end of the line."""

    line: int
    column: int
    text: str


class Document:
    """The reference reading of one file.

    `data` is UNREAD if the file could not be read to its end. `unread` names the places from which nothing may be
    concluded: the value there is not in `data` (an alias, a tagged value), or it is there in part only (one of two
    values of a key; a mapping or list that lost an entry, the whole file being the empty path).
    """

    __slots__ = ("_children", "_places", "_starts", "_text", "data", "findings", "path", "unread")

    def __init__(self, path: str, text: str = "") -> None:
        self.path = path
        self.data: object = UNREAD
        self.findings: tuple[Finding, ...] = ()
        self.unread: frozenset[Keys] = frozenset({()})
        self._text = text
        # Every scalar and collection is a number, in the order in which they begin; its first and last+1 character
        # stand at twice that number. The key of a value is the number before it.
        self._places = array("I")
        self._children: dict[int, dict[str, int] | list[int]] = {}
        self._starts: array[int] | None = None

    def span(self, keys: Keys, on: Literal["value", "key"] = "value") -> Span:
        """Where a value (or its key) stands; its nearest existing parent if there is no such value.

        A mapping begins at its first key, a list at its first dash, both at the bracket if they have one. The whole
        file begins at its first character.
        """
        number, exists = 0, True
        for key in keys:
            child = _child(self._children.get(number), key)
            if child is None:
                exists = False
                break
            number = child
        if number == 0:
            return self._between(0, self._end_of(0) if self._places else 0)
        if on == "key" and exists and isinstance(keys[-1], str):
            number -= 1
        return self._between(self._places[2 * number], self._end_of(number))

    def typed(self, keys: Keys) -> str:
        """A scalar as it was typed: `60201`, `1.10`. Empty for whatever is no scalar or was not read."""
        value: Any = self.data
        number = 0
        for key in keys:
            child = _child(self._children.get(number), key)
            if child is None or (isinstance(value, dict) and key not in value):
                return ""
            value, number = value[key], child
        if isinstance(value, str):
            return value
        if isinstance(value, (dict, list, _Unread)) or not self._places:
            return ""
        # An anchor before a number is a finding, and no part of the number.
        words = self._text[self._places[2 * number] : self._places[2 * number + 1]].split()
        return words[-1] if words and not words[-1].startswith("&") else ""

    def comments(self) -> tuple[Comment, ...]:
        """The comments of the file, in order; a `#` inside a text is none."""
        if self.data is UNREAD:
            return ()
        found: list[Comment] = []
        at = 0
        for number in range(len(self._places) // 2):
            if number in self._children:
                continue
            start, end = self._places[2 * number], self._places[2 * number + 1]
            self._comments_between(at, start, found)
            if self._text[start : start + 1] in ("|", ">") and end > start:
                # The line of a block text's mark may end in a comment.
                line_end = self._text.find("\n", start)
                self._comments_between(start, line_end if line_end >= 0 else end, found)
            at = max(at, end)
        self._comments_between(at, len(self._text), found)
        return tuple(found)

    def _comments_between(self, start: int, end: int, found: list[Comment]) -> None:
        for match in _COMMENT.finditer(self._text, start, end):
            line, column = self._line_and_column(match.start())
            found.append(Comment(line, column, match.group().rstrip()))

    def _end_of(self, number: int) -> int:
        start, end = self._places[2 * number], self._places[2 * number + 1]
        # libyaml ends a block text at the beginning of the next line, behind all blank lines.
        return start + len(self._text[start:end].rstrip())

    def _between(self, start: int, end: int) -> Span:
        return Span(self.path, *self._line_and_column(start), *self._line_and_column(end))

    def _line_and_column(self, index: int) -> tuple[int, int]:
        # libyaml ends the last line with a line break, also if there is none.
        index = min(index, len(self._text))
        if self._starts is None:
            self._starts = array("I", [0])
            self._starts.extend(match.end() for match in re.finditer("\n", self._text))
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#[^\n]*")
_FIRST_SIGN = re.compile(r"^[ \t]*+[^\s#]", re.MULTILINE)
_TAG_DIRECTIVE = re.compile(r"^%TAG", re.MULTILINE)


def _child(children: dict[str, int] | list[int] | None, key: str | int) -> int | None:
    if isinstance(children, dict):
        return children.get(key) if isinstance(key, str) else None
    if isinstance(children, list) and isinstance(key, int) and 0 <= key < len(children):
        return children[key]
    return None


def read_reference(raw: bytes, path: str) -> Document:
    """Read a file with a place for every value. Every fault is a finding; nothing is raised on any bytes."""
    if len(raw) > MAX_BYTES:
        document = Document(path)
        document.findings = (faults.too_large(Span(path), _SIZE_WORDS),)
        return document
    try:
        text = _lines(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        good = _lines(raw[: error.start].decode("utf-8-sig", "replace"))
        document = Document(path, good)
        document.findings = (faults.encoding(document._between(len(good), len(good))),)
        return document
    return _unanswered(path, text) or _Builder(path, text).document()


_MERGE_SIGNS: Final = re.compile(rf"^(?:<{{7}}|\|{{7}}|={{7}}|>{{7}}|[ \t]*#[ \t]*{_MERGE_WORDS})", re.MULTILINE)


def _unanswered(path: str, text: str) -> Document | None:
    """A file in which a merge left two versions, or words, for a person: nothing else is said of it."""
    if not _MERGE_SIGNS.search(text):
        return None
    left = faults.merge_lines(text)
    if not left:
        return None
    document = Document(path, text)
    lines = text.split("\n")
    document.findings = tuple(
        faults.merge_unresolved(
            Span(path, item.line, 1, item.last, len(lines[item.last - 1]) + 1), item.message, item.hint
        )
        for item in left[:MAX_FINDINGS]
    )
    return document


_SIZE_WORDS: Final = "5 MiB"


def _lines(text: str) -> str:
    """The text with one character for every line break, which is all that YAML makes of them."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class _Frame:
    """A mapping or list that is being read."""

    __slots__ = ("awaits_key", "data", "is_key", "kept", "key", "nodes", "number", "place")

    def __init__(self, number: int, is_mapping: bool, kept: bool, place: str | int, is_key: bool = False) -> None:
        self.number = number
        self.data: Any = {} if is_mapping else []
        self.nodes: Any = {} if is_mapping else []
        self.awaits_key = is_mapping
        self.key: str | None = None  # of the value that comes next; None if it could not be read
        self.kept = kept  # part of the data
        self.place = place  # of this one in its parent
        self.is_key = is_key


class _Stop(Exception):
    """Reading ends here, and nothing is concluded from the file."""


class _Builder:
    """Builds data, places and findings from libyaml's events; keeps its own stack, so that depth costs nothing."""

    def __init__(self, path: str, text: str) -> None:
        self.findings: list[Finding] = []
        self.unread: set[Keys] = set()
        self.source = text  # as it is in the file
        self.doc = Document(path, text)
        self.spoiled: list[tuple[int, int]] = []  # stretches of control characters
        # The file: a list with one entry, which has no part in the way to a value.
        self.stack = [_Frame(-1, False, True, "")]
        self.places = self.doc._places
        self.end = 0  # of the last value that was read
        self.wary = False  # whether scalars may hold control characters

    def document(self) -> Document:
        """The document, whatever happens."""
        try:
            self.build(self.cleaned())
        except _Stop:
            pass
        else:
            root = self.stack[0].data
            self.doc.data = root[0] if root else (UNREAD if self.unread else None)
            self.doc.unread = frozenset(self.unread)
        self.doc.findings = tuple(sorted(self.findings, key=lambda finding: finding.sort_key))
        return self.doc

    def tell(self, fault: Callable[..., Finding], start: int, end: int, *details: Any) -> None:
        """Note a fault between two characters."""
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(fault(self.doc._between(start, end), *details))

    def tell_of(self, fault: Callable[..., Finding], event: Any, *details: Any) -> None:
        self.tell(fault, event.start_mark.index, event.end_mark.index, *details)

    def cleaned(self) -> str:
        """The text without what libyaml would stumble over; each fault is told, every character keeps its place."""
        text = self.source
        if _CONTROL.search(text):
            for match in _CONTROL.finditer(text):
                self.tell(faults.control_character, *match.span(), _names(match.group()))
                self.spoiled.append(match.span())
                if len(self.spoiled) == MAX_FINDINGS:
                    raise _Stop
            text = _CONTROL.sub(lambda match: _STANDIN * len(match.group()), text)
        self.doc._text = text
        for count in range(MAX_DIRECTIVES + 1):
            sign = _FIRST_SIGN.search(text)
            if sign is None or sign.group() != "%":
                break
            at = sign.start()
            self.tell(faults.directive, at, self.line_end(at))
            if count == MAX_DIRECTIVES:
                raise _Stop
            # As a comment it changes nothing, and the file can be read.
            text = text[:at] + "#" + text[at + 1 :]
        for count, match in enumerate(_TAG_DIRECTIVE.finditer(text)):
            if count == MAX_DIRECTIVES:
                self.tell(faults.directive, match.start(), self.line_end(match.start()))
                raise _Stop
        self.wary = bool(self.spoiled) or "\\" in text
        return text

    def build(self, text: str) -> None:
        from yaml import events as kinds
        from yaml._yaml import CParser  # what libyaml is called inside of PyYAML

        next_event = CParser(text).get_event
        scalar, mapping, sequence = kinds.ScalarEvent, kinds.MappingStartEvent, kinds.SequenceStartEvent
        end_of = (kinds.MappingEndEvent, kinds.SequenceEndEvent)
        documents = 0
        while True:
            try:
                event: Any = next_event()
            except Exception as error:
                # libyaml answers bad text with YAMLError; whatever else it may do, a bad file must not stop a check.
                self.syntax_error(error)
            if event is None:
                return
            kind = type(event)
            if kind is scalar:
                self.scalar(event)
            elif kind is mapping or kind is sequence:
                self.open(event, kind is mapping)
            elif kind in end_of:
                self.close(event, flow=event.start_mark.index != event.end_mark.index)
            elif kind is kinds.AliasEvent:
                self.tell_of(faults.alias, event)
                self.lost_node(event)
            elif kind is kinds.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self.tell_of(faults.several_documents, event)
                    raise _Stop

    def scalar(self, event: Any) -> None:
        number = self.number(event)
        text: str = event.value
        plain = not event.style
        readable = True
        if self.wary or event.anchor is not None or event.tag is not None:
            readable = self.is_readable(event)
        frame = self.stack[-1]
        if not frame.awaits_key:
            self.put(frame, _resolve(text) if plain else text, number, readable)
            return
        if plain and text == "<<":
            self.tell_of(faults.merge_key, event)
            readable = False
        elif not text or (plain and text in _CONSTANTS and _CONSTANTS[text] is None):
            self.tell_of(faults.key_not_text, event)
            readable = False
        self.key(frame, text if readable else None, number)

    def is_readable(self, event: Any) -> bool:
        """Tell what is wrong with a scalar; whether it may be read all the same."""
        readable = self.properties(event)
        start, end = event.start_mark.index, event.end_mark.index
        nearest = bisect_right(self.spoiled, (end, -1)) - 1
        if nearest >= 0 and self.spoiled[nearest][1] > start:
            return False
        if event.style == '"' and _CONTROL.search(event.value):
            self.tell_of(faults.control_character, event, _names(event.value))
            return False
        return readable

    def key(self, frame: _Frame, key: str | None, number: int) -> None:
        """A key was read: the value comes next."""
        frame.awaits_key = False
        frame.key = key
        if key is None:
            self.lose(frame)
        elif key in frame.nodes:
            first = self.doc._line_and_column(self.places[2 * frame.nodes[key] - 2])[0]
            self.tell(faults.key_twice, self.places[2 * number], self.places[2 * number + 1], key, first)
            self.lose(frame, key)

    def put(self, frame: _Frame, value: object, number: int, readable: bool) -> bool:
        """Put a value into the mapping or list that is being read; whether it is part of the data now."""
        if not isinstance(frame.data, dict):
            if readable:
                frame.data.append(value)
                frame.nodes.append(number)
            else:
                self.lose(frame)
            return readable and frame.kept
        key = frame.key
        frame.awaits_key = True
        if key is None or key in frame.nodes:
            return False
        frame.nodes[key] = number
        if readable:
            frame.data[key] = value
        else:
            self.lose(frame, key)
        return readable and frame.kept

    def open(self, event: Any, is_mapping: bool) -> None:
        if len(self.stack) > MAX_DEPTH:
            self.tell_of(faults.too_deep, event, MAX_DEPTH)
            raise _Stop
        number = self.number(event)
        readable = self.properties(event)
        parent = self.stack[-1]
        if parent.awaits_key:
            self.tell_of(faults.key_not_text, event)
            frame = _Frame(number, is_mapping, False, "", is_key=True)
        else:
            place = parent.key or "" if isinstance(parent.data, dict) else len(parent.data)
            frame = _Frame(number, is_mapping, False, place)
            frame.kept = self.put(parent, frame.data, number, readable)
        self.doc._children[number] = frame.nodes
        self.stack.append(frame)

    def close(self, event: Any, flow: bool) -> None:
        frame = self.stack.pop()
        # A collection without brackets ends where its last part does; libyaml would say: where the next one begins.
        if flow:
            self.end = event.end_mark.index
        self.places[2 * frame.number + 1] = self.end
        if frame.is_key:
            self.key(self.stack[-1], None, frame.number)

    def lost_node(self, event: Any) -> None:
        """An alias: a key or value that cannot be read."""
        number = self.number(event)
        frame = self.stack[-1]
        if frame.awaits_key:
            self.key(frame, None, number)
        else:
            self.put(frame, None, number, False)

    def lose(self, frame: _Frame, *key: str) -> None:
        if frame.kept:
            self.unread.add((*(above.place for above in self.stack[2:]), *key))

    def properties(self, event: Any) -> bool:
        """Tell of an anchor and a tag; whether the value may be read all the same."""
        if event.anchor is None and event.tag is None:
            return True
        if len(self.findings) >= MAX_FINDINGS:
            return event.tag is None
        start = event.start_mark.index
        # Looking further on a line of five megabytes, a thousand times, would take seconds.
        line = self.source[start : start + 1_000].partition("\n")[0]
        if event.anchor is not None:
            at = start + max(0, line.find("&"))
            self.tell(faults.anchor, at, at + 1 + len(event.anchor))
        if event.tag is None:
            return True
        at = max(0, line.find("!"))
        end = at + len(re.split(r"[\s,\[\]{}]", line[at:], maxsplit=1)[0])
        self.tell(faults.tag, start + at, start + end)
        return False

    def number(self, event: Any) -> int:
        """The next number, for what begins with this event."""
        places = self.places
        number = len(places) // 2
        if number >= MAX_VALUES:
            self.tell(faults.too_large, 0, 0, f"{MAX_VALUES:,} values")
            raise _Stop
        places.append(event.start_mark.index)
        self.end = end = event.end_mark.index
        places.append(end)
        return number

    def line_end(self, index: int) -> int:
        end = self.source.find("\n", index)
        return end if end >= 0 else len(self.source)

    def syntax_error(self, error: Exception) -> NoReturn:
        """Tell of what libyaml could not read, and stop."""
        problem = getattr(error, "problem", None) or ""
        context = getattr(error, "context", None) or ""
        mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        at = mark.index if mark else self.end
        begin = opened.index if opened else at
        if "tag" in problem or "tag" in context:
            self.tell(faults.tag, begin, self.line_end(begin))
            raise _Stop
        if "directive" in problem or "directive" in context:
            self.tell(faults.directive, begin, self.line_end(begin))
            raise _Stop
        # What was opened and not closed is mended where it was opened, not lines below.
        is_comma = problem.startswith("did not find expected ','")
        if problem.startswith(_UNCLOSED) or (is_comma and self.line_end(begin) <= at):
            at = begin
        line_start, line_end = self.source.rfind("\n", 0, at) + 1, self.line_end(at)
        before, sign = self.source[line_start:at], self.source[at : at + 1]
        if sign == ":" and not before.strip(" -"):
            self.tell(faults.key_not_text, at, at + 1)
            raise _Stop
        message, hint = faults.syntax_words(problem, before, sign)
        whole_line = problem.startswith("could not find expected ':'")
        self.tell(faults.syntax, at, line_end if whole_line else min(at + 1, line_end), message, hint)
        raise _Stop


_UNCLOSED: Final = (
    "found unexpected end of stream",
    "found unexpected document indicator",
    "could not find expected ':'",
)


def _resolve(text: str) -> object:
    """What an unquoted text means: a number or constant in its one canonical form, else itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in "-0123456789" or len(text) > _NUMBER_LENGTH:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= _DECIMAL_LENGTH and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _names(text: str) -> str:
    """The control characters in a text, as Unicode numbers them."""
    signs = dict.fromkeys("".join(_CONTROL.findall(text)))
    return ", ".join(f"U+{ord(sign):04X}" for sign in list(signs)[:3])


def read_ahead(raw: bytes) -> object:
    """The plain data of a file if it surely means what the reference would say, else UNREAD."""
    if len(raw) > MAX_AHEAD or len(raw.translate(None, _NEVER_SIMPLE)) != len(raw):
        return UNREAD
    if _MERGE_WORDS.encode() in raw:
        return UNREAD
    try:
        from yaml_rs import YAMLDecodeError, loads
    except ImportError:
        return UNREAD
    try:
        text = _lines(raw.decode("utf-8-sig"))
        return loads(text, parse_datetime=False) if _is_simple(text) else UNREAD
    except (UnicodeDecodeError, YAMLDecodeError):
        return UNREAD


_NEVER_SIMPLE: Final = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\n\r")


def _is_simple(text: str) -> bool:
    """Whether a text consists of lines in which both readers can only see the same."""
    if not text.isascii() and _CONTROL.search(text):
        return False
    line, block = _simple_lines()
    # A line is simple or not whatever stands around it, and in records many lines stand many times.
    different = "\n".join(dict.fromkeys(text.split("\n"))) + "\n"
    if _consists_of(different, line):
        return True
    # Without a line break behind its last line a text below `|` is not the same to both.
    return text.endswith("\n") and _consists_of(text, line, block)


def _consists_of(text: str, *patterns: re.Pattern[str]) -> bool:
    """Whether a text is made of what patterns match, of which the first one that fits counts."""
    at, end = 0, len(text)
    while at < end:
        match = next((found for pattern in patterns if (found := pattern.match(text, at))), None)
        if match is None:
            return False
        at = match.end()
    return True


@cache
def _simple_lines() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The lines that need no second look, and an entry whose text stands indented below a `|` or `>`.

    All else is left to the reference: rare escapes, texts over several lines, words and numbers that YAML 1.1 or
    yaml_rs take for something else, unusual keys, deep indentation (so that nothing here is nested over 32).
    Runs of characters are possessive (`++`), so that a line is given up as fast as it is read.
    """
    # Words that YAML 1.1 takes for a constant; a key is not even `true` or `null`.
    odd = r"[TFN](?:rue|RUE|alse|ALSE|ull|ULL)"
    key = r"(?![TtFfNn](?:rue|RUE|alse|ALSE|ull|ULL):)[A-Za-z][A-Za-z0-9_-]{0,63}+:"
    quoted = r""" "[^"\\\n]*+(?:\\["\\n/][^"\\\n]*+)*" | '[^'\n]*+(?:''[^'\n]*+)*' """
    # Not `_`: to yaml_rs, _1 is a number.
    word = r"""[^\s\-?:,\[\]{}#&*!|>'"%@`0-9+.~=<_FNT]"""
    # 20 mg, 2h, 1.5 ml, 2026-11-22, 09:00; not 1e3, 0x1f, 0o17, 0b1 or 1_000.
    measure = r"[0-9]++(?:\.[0-9]++)?(?: [-/%AC-DF-NP-WYZac-df-np-wyz] | \ (?=[A-Za-z]) | :(?=[0-9]) )"
    number = r"(?: 0 | -?(?:[1-9][0-9]{0,14}+|(?:0|[1-9][0-9]{0,6}+)\.[0-9]{0,6}[1-9]) | ~ )"

    stop = r"(?=\ *+[,\]}])"
    plain = r"[^\n:\#,\[\]{}]*+(?: :(?=[0-9A-Za-z/]) [^\n:\#,\[\]{}]*+ )*"
    single = rf"{quoted} | (?: {word} | (?!{odd}{stop})[FNT] | {measure} ){plain} | {number}{stop}"
    more = r"\ *+(?: ,\ *+(?![\]}]) | (?=[\]}]) )"
    brackets = ""
    for _ in range(2):
        inner = rf"(?: {single} {brackets} )"
        brackets = rf"| \[\ *+(?: {inner}{more} )*\] | \{{\ *+(?: {key}\ ++{inner}{more} )*\}}"

    end = r"(?: \n | \ *+(?:(?<=\ )\#[^\n]*+)?\n )"
    plain = r"[^\n:\#]*+(?: (?: :(?![\ \n]) | (?<!\ )\# ) [^\n:\#]*+ )*"
    single = rf"{quoted} | (?: {word} | (?!{odd}{end})[FNT] | {measure} ){plain} | {number}(?={end})"
    field = rf"{key}(?:\ ++(?!\#)|(?=\ *+[\#\n]))"
    indent = r"\ {0,24}+"
    line = rf"{indent}(?: -\ ++(?:{field})? | {field} )(?: {single} {brackets} )?{end} | \ *+(?:\#[^\n]*+)?\n"
    # The text stands deeper than the key, which stands two deeper than its dash.
    block = rf"({indent})(-\ )?{key}\ ++[|>]-?\ *+\n (\1(?(2)\ \ )\ ++)[^\ \n][^\n]*+\n (?: \3[^\n]*+\n | \n )*"
    return re.compile(f"(?:{line}){{1,100}}", re.VERBOSE), re.compile(block, re.VERBOSE)


def fetch(root: Path, path: str) -> bytes | Finding:
    """The bytes of a file of the caseload, or why they cannot be had."""
    span = Span(path)
    try:
        full = _inside(root, path)
        if full is None:
            return faults.outside(span)
        for _ in range(3):
            answer = _read(full, span)
            if answer is not None:
                return answer
    except (OSError, ValueError) as error:
        return faults.unreadable(span, *_why(error, root / path))
    return faults.changing(span)


def _inside(root: Path, path: str) -> str | None:
    """The file that a path leads to if it is inside of the root, links and all."""
    at = full = os.fspath(root)
    parts = path.split("/")
    for part in parts:
        at = os.path.join(at, part)  # noqa: PTH118  ten times faster than Path, for every file of a caseload
        if part in ("", ".", "..") or stat.S_ISLNK(os.lstat(at).st_mode):
            break
    else:
        return at
    # Only links are worth the slow way.
    real, home = os.path.realpath(os.path.join(full, path), strict=True), os.path.realpath(root)  # noqa: PTH118
    return real if os.path.commonpath((real, home)) == home else None


def _read(full: str, span: Span) -> bytes | Finding | None:
    """The bytes of a file, a finding, or None if it changed meanwhile."""
    # A device is not even opened, and a pipe never waited for.
    mode = os.stat(full).st_mode  # noqa: PTH116
    if not stat.S_ISREG(mode):
        return faults.not_a_file(span, "a folder" if stat.S_ISDIR(mode) else "a device or pipe")
    handle = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            return None
        if before.st_size > MAX_BYTES:
            return faults.too_large(span, _SIZE_WORDS)
        parts = []
        room = before.st_size + 1
        while room > 0 and (part := os.read(handle, room)):
            parts.append(part)
            room -= len(part)
    finally:
        os.close(handle)
    raw = b"".join(parts)
    after = os.stat(full)  # noqa: PTH116  by name: a file that was replaced is another one
    same = (before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns)
    return raw if same and len(raw) == before.st_size else None


_REASONS: Final = {
    errno.ENOENT: ("there is no such file", "check the name, or remove what refers to it"),
    errno.EACCES: ("you may not read this file", "ask whoever owns it for the permission to read it"),
    errno.EPERM: ("you may not read this file", "ask whoever owns it for the permission to read it"),
    errno.ELOOP: ("this link leads back to itself", "put the file itself here instead of a link"),
}


def _why(error: OSError | ValueError, path: Path) -> tuple[str, str]:
    if isinstance(error, OSError) and error.errno == errno.ENOENT and os.path.islink(path):  # noqa: PTH114
        return "this link leads to a file that does not exist", "put the file itself here instead of a link"
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    return "the file could not be read", "see whether it opens in your editor; it may be damaged or disconnected"

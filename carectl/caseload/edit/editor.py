"""Edits, one after another, each on the text that the one before it gave.

An edit is a few stretches of text that are replaced. Then the whole text is read by the reference reading, and the
edit counts only if the data is exactly what was meant.

What belongs to an entry, and goes with it when it is removed: its lines, comments in and behind them, comments on
lines of their own directly above it and in the same column, and comments directly below that stand further in.
A comment behind a blank line belongs to nobody; so do the comments that the file begins with.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from carectl.caseload.edit.layout import Layout
from carectl.caseload.edit.text import CannotEdit, Raw, Splice, Text, Value
from carectl.caseload.reader import MAX_DEPTH, read_reference
from carectl.findings import Keys, Span

_NOT_CLEAN: Final = "this place cannot be changed without touching what stands beside it; change it by hand"
_OPEN_END: Final = "the last line of the file has no line break, and its text would get one; end that line first"
_COMMENT_INSIDE: Final = "a comment stands inside of these brackets; change this by hand"
_UNUSUAL: Final = "this is written in an unusual way that carectl does not change; change it by hand"
_MISSING: Final = "there is no such value here"


class Editor:
    """One file that is being edited. Every edit is made whole, or raises CannotEdit and changes nothing."""

    def __init__(self, raw: bytes, path: str) -> None:
        """Read a file. Raises CannotEdit if anything is wrong with its form: then nobody knows what it says."""
        try:
            self._text = Text(Raw.of(raw), path)
            document = self._text.document
        except UnicodeDecodeError:
            document = read_reference(raw, path)
        if document.findings:
            first = document.findings[0]
            at = first.at if isinstance(first.at, Span) else Span(path)
            raise CannotEdit(f"mend this first: {first.message}", at)
        self._raw = raw
        self._several_lines = True

    def result(self) -> bytes:
        """The file with all edits, which were read again and say what was meant."""
        return self._raw

    def get(self, keys: Keys) -> Value:
        """The value at a place. Raises CannotEdit if there is none."""
        self._demand(keys)
        return copy.deepcopy(cast("Value", self._text.value(keys)))

    def has(self, keys: Keys) -> bool:
        """Whether there is such a value."""
        return self._text.has(keys)

    def find(self, keys: Keys, id: str) -> Keys | None:  # noqa: A002  it is what the field is called
        """The place of the entry with this id in a list, or None."""
        if self._text.has(keys) and isinstance(entries := self._text.value(keys), list):
            for position, entry in enumerate(entries):
                if isinstance(entry, dict) and entry.get("id") == id:
                    return (*keys, position)
        return None

    def set(self, keys: Keys, value: Value, after: str | None = None) -> None:
        """Change a value, or add a field to a mapping: behind the field `after`, else at its end.

        Of a list or mapping only the parts are touched that differ; what both have keeps its order.
        """
        self._whole(lambda: self._set(keys, self._plain(value, keys), after))

    def append(self, keys: Keys, item: Value) -> None:
        """Add an entry at the end of a list; the list is begun if its field is empty or missing."""
        entries = self._text.value(keys) if self._text.has(keys) else None
        self.insert(keys, len(entries) if isinstance(entries, list) else 0, item)

    def insert(self, keys: Keys, position: int, item: Value) -> None:
        """Add an entry to a list, in front of the one that has this position now."""
        self._whole(lambda: self._insert(keys, position, self._plain(item, keys)))

    def remove(self, keys: Keys) -> None:
        """Take out a field or a list's entry, with the comments that belong to it."""
        self._whole(lambda: self._remove(keys))

    # --- one edit ---

    def _whole(self, edit: Callable[[], None]) -> None:
        before = self._text, self._raw
        try:
            edit()
        except CannotEdit as problem:
            self._text, self._raw = before
            # Comments below a text of several lines may become part of it. In quotes it has one line.
            self._several_lines = False
            try:
                edit()
            except CannotEdit:
                self._text, self._raw = before
                raise problem from None
            finally:
                self._several_lines = True

    def _commit(self, keys: Keys, expected: Value, splices: Sequence[Splice]) -> None:
        """Take over a new text if it says what was meant."""
        raw = self._text.raw.spliced(splices)
        after = Text(raw, self._text.path)
        if after.document.findings:
            message = after.document.findings[0].message
            raise self._text.refuse(f"the file could not be read after this change: {message}", keys)
        if not same(after.data, expected):
            raise self._text.refuse(_OPEN_END if self._text.has_open_end() else _NOT_CLEAN, keys)
        self._text, self._raw = after, raw.joined()

    def _demand(self, keys: Keys) -> None:
        if not self._text.has(keys):
            raise self._text.refuse(_MISSING, keys)

    def _plain(self, value: Value, keys: Keys) -> Any:
        """A copy of a value as it will be read: 2.0 is written, and read, as 2."""

        def plain(part: Any, depth: int) -> Any:
            if depth > MAX_DEPTH:
                raise self._text.refuse(f"this is nested more than {MAX_DEPTH} deep", keys)
            if isinstance(part, dict):
                return {key: plain(inner, depth + 1) for key, inner in part.items()}
            if isinstance(part, list):
                return [plain(inner, depth + 1) for inner in part]
            return int(part) if isinstance(part, float) and part.is_integer() else part

        return plain(value, len(keys))

    def _layout(self) -> Layout:
        return Layout(self._text, several_lines=self._several_lines)

    # --- set ---

    def _set(self, keys: Keys, value: Any, after: str | None = None) -> None:
        text = self._text
        if keys and not text.has(keys):
            self._add_field(keys, value, after)
            return
        old = text.value(keys)
        if same(old, value):
            return
        if isinstance(old, dict) and isinstance(value, dict) and old and value:
            self._set_fields(keys, old, value)
        elif isinstance(old, list) and isinstance(value, list) and old and value:
            self._set_entries(keys, old, value)
        elif not keys:
            self._set_file(value)
        else:
            if old and isinstance(old, (dict, list)) and not text.is_bracketed(keys):
                self._clear(keys)
            self._replace(keys, self._layout().ordered(value, keys))

    def _set_file(self, value: Any) -> None:
        if value and isinstance(value, dict) and not self._text.data:
            for key, part in value.items():
                self._add_field((key,), part, None)
        elif value and isinstance(value, list) and self._text.data == []:
            for position, item in enumerate(value):
                self._insert((), position, item)
        else:
            raise self._text.refuse("the whole file cannot be replaced", ())

    def _set_fields(self, keys: Keys, old: dict[str, Any], value: dict[str, Any]) -> None:
        before: str | None = None
        for key, part in value.items():
            self._set((*keys, key), part, before)
            before = key
        # Last, so that the mapping is never empty in between.
        for key in old:
            if key not in value:
                self._remove((*keys, key))

    def _set_entries(self, keys: Keys, old: list[Any], value: list[Any]) -> None:
        """Leave alone what both lists begin and end with; in between, change entry by entry."""
        begin = 0
        while begin < min(len(old), len(value)) and same(old[begin], value[begin]):
            begin += 1
        end = 0
        while end < min(len(old), len(value)) - begin and same(old[-1 - end], value[-1 - end]):
            end += 1
        middle_old, middle_new = len(old) - end, len(value) - end
        for position in range(begin, middle_new):
            if position < middle_old:
                self._set((*keys, position), value[position])
            else:
                self._insert(keys, position, value[position])
        for position in reversed(range(max(begin, middle_new), middle_old)):
            self._remove((*keys, position))

    def _replace(self, keys: Keys, value: Any) -> None:
        """Put a value in the place of one that is a scalar, empty, or in brackets."""
        text, layout = self._text, self._layout()
        expected = _changed(text.data, keys, lambda _: value)
        begin, end, lead = text.begin(keys), text.end(keys), self._lead(keys)
        if isinstance(text.value(keys), (dict, list)) and text.has_comment(begin, end):
            raise text.refuse(_COMMENT_INSIDE, keys)
        if text.in_brackets(keys):
            if lead == _COLON:
                begin = end = text.key_end(keys)
            self._commit(keys, expected, [Splice(begin, end, lead + layout.in_braces(value, keys))])
            return
        column = text.column(begin) + len(lead)
        form = layout.form(value, keys, column, text.column(text.entry_begin(keys)))
        line, last = text.line(end), text.last_line(keys)
        mark_end = text.block_mark_end(keys)
        if mark_end is not None:
            end, line = mark_end, text.line(begin)
        if not form.first:
            # The new value begins in the next line, and nothing stays behind the colon.
            lead, sign_end = "", text.sign_end(keys)
            if text.text[sign_end:begin].strip():
                raise text.refuse(_UNUSUAL, keys)
            begin = sign_end
        self._commit(
            keys, expected, [*self._aligned(begin, end, lead + form.first), self._below(line, form.below, last)]
        )

    def _lead(self, keys: Keys) -> str:
        """What must stand before a value in the place of one that is left out: nothing, a blank, or a colon too."""
        text = self._text
        begin = text.begin(keys)
        if begin != text.end(keys):
            return ""
        if isinstance(keys[-1], int) or ":" in text.text[text.key_end(keys) : begin]:
            return "" if text.text[begin - 1].isspace() else " "
        if not text.in_brackets(keys):
            raise text.refuse(_UNUSUAL, keys)
        return _COLON

    # --- add ---

    def _add_field(self, keys: Keys, value: Any, after: str | None) -> None:
        text, layout = self._text, self._layout()
        parent, key = keys[:-1], keys[-1]
        if not text.has(parent) or not isinstance(key, str):
            raise text.refuse(_MISSING, keys)
        fields = text.value(parent)
        if fields is None and parent:
            self._set(parent, {key: value})
            return
        if fields is not None and not isinstance(fields, dict):
            raise text.refuse("this has no fields, so none can be added", parent)
        value = layout.ordered(value, keys)
        names = list(fields or ())
        position = names.index(after) + 1 if after in names else len(names)
        expected = _changed(text.data, parent, lambda old: _with_field(old or {}, position, key, value))
        if fields is None:
            line = len(text.starts) - (2 if text.text.endswith("\n") else 1)
            lines = layout.field(key, value, keys, 0)
            self._commit(
                keys, expected, [self._below(line, lines) if text.text else Splice(0, 0, "\n".join([*lines, ""]))]
            )
        elif text.is_bracketed(parent):
            self._add_in_brackets(
                parent, position, f"{layout.key(key, keys)}: {layout.in_braces(value, keys)}", expected
            )
        elif text.in_brackets(parent):
            raise text.refuse(_UNUSUAL, parent)
        else:
            lines = layout.field(key, value, keys, text.column(text.begin(parent)))
            self._add_lines(parent, position, lines, expected)

    def _insert(self, keys: Keys, position: int, item: Any) -> None:
        text, layout = self._text, self._layout()
        if not text.has(keys) or (text.value(keys) is None and keys):
            self._set(keys, [item])
            return
        entries = text.value(keys)
        if not isinstance(entries, list) or not 0 <= position <= len(entries):
            raise text.refuse(_MISSING if isinstance(entries, list) else "this is no list", keys)
        place = (*keys, position)
        item = layout.ordered(item, place)
        expected = _changed(text.data, keys, lambda old: [*old[:position], item, *old[position:]])
        if not entries and self._goes_below(keys, [item]):
            self._replace(keys, [item])
        elif text.is_bracketed(keys):
            self._add_in_brackets(keys, position, layout.in_braces(item, place), expected)
        else:
            lines = layout.entry(item, place, text.column(text.begin(keys)))
            self._add_lines(keys, position, lines, expected)

    def _goes_below(self, keys: Keys, entries: list[Any]) -> bool:
        """Whether the entries of a list that was empty get lines of their own.

        Only if it is written `field: []`, so that it becomes the same again without them.
        """
        text = self._text
        if not keys or isinstance(keys[-1], int) or text.in_brackets(keys):
            return False
        begin, column = text.begin(keys), text.column(text.entry_begin(keys))
        comment = text.comment_column(text.line(begin) + 1)
        if text.text[text.sign_end(keys) : text.end(keys)] != " []" or (comment is not None and comment > column):
            return False
        return not self._layout().form(entries, keys, text.column(begin), column).first

    def _add_lines(self, keys: Keys, position: int, lines: list[str], expected: Value) -> None:
        """Add the lines of an entry to a list or mapping without brackets."""
        text = self._text
        if position:
            before = text.children(keys)[position - 1]
            line = self._last_line_inside(before, with_blanks=True)
            splice = self._below(line, [""] * self._blanks_between(keys, position, line) + lines)
        else:
            first = text.children(keys)[0]
            begin = text.entry_begin(first)
            column = text.column(begin)
            if text.begins_line(begin):
                begin = text.starts[self._top(first)] + column
            else:
                self._demand_dashes(first)
            blanks = self._blanks_between(keys, position, text.line(begin))
            new = [lines[0][column:], *lines[1:], *([""] * blanks)]
            splice = Splice(begin, begin, "\n".join(new) + "\n" + " " * column)
        self._commit(keys, expected, [splice])

    def _blanks_between(self, keys: Keys, position: int, line: int) -> int:
        """How many blank lines set a new entry apart, which comes below this line: as many as the others.

        Fields of a mapping are set apart only if all of them are.
        """
        text = self._text
        _, *others = text.children(keys)
        if not others or text.is_blank(line):
            return 0  # Below a text that ends in blank lines, one more would be part of it.
        if isinstance(text.value(keys), list):
            if 0 < position <= len(others):
                return text.blanks_below(line)
            return text.blanks_above(self._top(others[-1 if position else 0]))
        apart = min(text.blanks_above(self._top(child)) for child in others)
        return min(apart, text.blanks_below(line)) if position <= len(others) else apart

    def _add_in_brackets(self, keys: Keys, position: int, new: str, expected: Value) -> None:
        """Add an entry inside of brackets; entries that have a line each get one more line."""
        text = self._text
        children = text.children(keys)
        begin, end = text.begin(keys), text.end(keys)
        if not children:
            if text.has_comment(begin, end):
                raise text.refuse(_COMMENT_INSIDE, keys)
            self._commit(keys, expected, [Splice(begin + 1, begin + 1, new)])
            return
        if position < len(children):
            at = text.entry_begin(children[position])
            if text.begins_line(at):
                column = text.column(at)
                at = text.starts[self._top_of(at, text.line(begin) + 1)] + column
                splices = [Splice(at, at, f"{new},\n{' ' * column}")]
            elif position:
                before = text.entry_end(children[position - 1])
                splices = [Splice(before, before, f", {new}")]
            else:
                splices = [Splice(at, at, f"{new}, ")]
            self._commit(keys, expected, splices)
            return
        at, last = text.entry_end(children[-1]), text.entry_begin(children[-1])
        line = text.line(at)
        rest = _REST_OF_LINE.fullmatch(text.text, at, text.line_end(line))
        if not text.begins_line(last):
            splices = [Splice(at, at, f", {new}")]
        elif rest and rest["comment"]:
            comma = "" if rest["comma"] else ","
            splices = [Splice(at, at, comma), self._below(line, [" " * text.column(last) + new + rest["comma"]])]
        else:
            splices = [Splice(at, at, f",\n{' ' * text.column(last)}{new}")]
        self._commit(keys, expected, splices)

    # --- remove ---

    def _remove(self, keys: Keys) -> None:
        text = self._text
        self._demand(keys)
        if not keys:
            raise text.refuse("the whole file cannot be removed", keys)
        siblings = text.children(keys[:-1])
        if text.in_brackets(keys):
            self._remove_in_brackets(keys, siblings)
        elif len(siblings) == 1:
            self._clear(keys[:-1])
        else:
            self._remove_lines(keys, siblings)

    def _remove_lines(self, keys: Keys, siblings: list[Keys]) -> None:
        text = self._text
        expected = _changed(text.data, keys[:-1], lambda old: _without(old, keys[-1]))
        at = siblings.index(keys)
        begin, last = text.entry_begin(keys), self._last_line_inside(keys)
        if not text.begins_line(begin):
            self._demand_dashes(keys)
            following = text.entry_begin(siblings[at + 1])
            if all(text.is_blank(line) for line in range(last + 1, text.line(following))):
                splice = Splice(begin, following, "")
            else:
                # The comments of the next entry stay where they are, below a dash that stands alone.
                splice = Splice(len(text.text[:begin].rstrip(" \t")), text.line_end(last), "")
            self._commit(keys, expected, [splice])
            return
        top = self._top(keys)
        above, below = text.blanks_above(top), text.blanks_below(last)
        if at == 0:
            last += below
        else:
            # Blank lines may be the end of the text above.
            above = min(above, top - 1 - text.last_line(siblings[at - 1]))
            top -= min(above, below) if at + 1 < len(siblings) else above
        try:
            self._commit(keys, expected, [self._lines_out(top, last)])
        except CannotEdit:
            # A text like `|` means something else once the last line of the file has no line break.
            self._commit(keys, expected, [Splice(text.starts[top], text.line_end(last), "")])

    def _remove_in_brackets(self, keys: Keys, siblings: list[Keys]) -> None:
        text = self._text
        parent = keys[:-1]
        if not text.is_bracketed(parent):
            raise text.refuse(_UNUSUAL, parent)
        expected = _changed(text.data, parent, lambda old: _without(old, keys[-1]))
        at = siblings.index(keys)
        begin, end = text.entry_begin(keys), text.entry_end(keys)
        opened, closed = text.begin(parent) + 1, text.end(parent) - 1
        before = text.entry_end(siblings[at - 1]) if at else opened
        after = text.entry_begin(siblings[at + 1]) if at + 1 < len(siblings) else closed
        line = text.line(end)
        rest = _REST_OF_LINE.fullmatch(text.text, end, text.line_end(line))
        commented = text.has_comment(before, begin) or text.has_comment(end, after)
        if commented and rest and text.begins_line(begin):
            # The entry has its lines for itself, and other lines of the brackets hold comments.
            splices = [self._lines_out(self._top_of(begin, text.line(before) + 1), line)]
            if at and at + 1 == len(siblings) and not rest["comma"]:
                comma = text.text.find(",", before)
                splices.append(Splice(comma, comma + 1, ""))
        elif len(siblings) == 1 and not commented:
            comma = text.text.find(",", end, closed) + 1
            splices = [Splice(begin, comma or end, "") if before == begin else Splice(opened, closed, "")]
        elif at and not text.has_comment(before, begin):
            splices = [Splice(before, end, "")]
        elif at == 0 and len(siblings) > 1 and not text.has_comment(end, after):
            splices = [Splice(begin, after, "")]
        else:
            raise text.refuse(_COMMENT_INSIDE, keys)
        self._commit(keys, expected, splices)

    def _clear(self, keys: Keys) -> None:
        """Make a list or mapping that has a line for each entry an empty one, `[]` or `{}`."""
        text = self._text
        empty: Any = type(text.value(keys))()
        sign = str(empty)
        expected = _changed(text.data, keys, lambda _: empty)
        first, *others = text.children(keys)
        begin = text.entry_begin(first)
        last = self._last_line_inside(others[-1] if others else first)
        if not text.begins_line(begin):
            self._demand_dashes(first)
            self._commit(keys, expected, [Splice(begin, text.line_end(last), sign)])
        elif not keys:
            start = text.starts[self._top(first)]
            self._commit(keys, expected, [Splice(start, text.line_end(last), " " * text.column(begin) + sign)])
        else:
            sign_end = text.sign_end(keys)
            head = self._aligned(sign_end, sign_end, f" {sign}")
            top = self._top(first)
            self._commit(keys, expected, [*head, self._lines_out(top - text.blanks_above(top), last)])

    # --- lines ---

    def _demand_dashes(self, keys: Keys) -> None:
        """Nothing but dashes may stand before an entry in its line."""
        text = self._text
        begin = text.entry_begin(keys)
        if text.text[text.starts[text.line(begin)] : begin].strip(" \t-"):
            raise text.refuse(_UNUSUAL, keys)

    def _top(self, keys: Keys) -> int:
        """The first line of an entry outside of brackets, with the comments above that belong to it."""
        text = self._text
        begin = text.entry_begin(keys)
        if not text.begins_line(begin):
            return text.line(begin)
        siblings = text.children(keys[:-1])
        at = siblings.index(keys)
        if at:
            floor = text.last_line(siblings[at - 1]) + 1
        else:
            floor = text.line(text.sign_end(keys[:-1])) + 1 if keys[:-1] else 0
        return self._top_of(begin, floor)

    def _top_of(self, begin: int, floor: int) -> int:
        """The first of the comments directly above a line and in its column, down from a line that is none."""
        text = self._text
        own = line = text.line(begin)
        while line > floor and text.comment_column(line - 1) == text.column(begin):
            line -= 1
        # What a file begins with is about the file.
        return line if line else own

    def _last_line_inside(self, keys: Keys, *, with_blanks: bool = False) -> int:
        """The last line of an entry, with the comments below it that stand further in."""
        text = self._text
        line = text.last_line(keys)
        limit = text.column(text.entry_begin(keys))
        while True:
            below = line + 1 + (text.blanks_below(line) if with_blanks else 0)
            at = text.comment_column(below)
            if at is None or at <= limit:
                return line
            line = below

    def _lines_out(self, first: int, last: int) -> Splice:
        """Take out whole lines. If they are the last, the file ends as it did: with a line break, or without."""
        text = self._text
        if last + 1 < len(text.starts) or not first:
            return Splice(
                text.starts[first], text.starts[last + 1] if last + 1 < len(text.starts) else len(text.text), ""
            )
        return Splice(text.line_end(first - 1), len(text.text), "")

    def _below(self, line: int, new: list[str], last: int | None = None) -> Splice:
        """Put lines below a line, in the place of those up to a last one."""
        text = self._text
        following = (line if last is None else last) + 1
        if following < len(text.starts):
            return Splice(text.starts[line + 1], text.starts[following], "".join(f"{item}\n" for item in new))
        return Splice(text.line_end(line), len(text.text), "".join(f"\n{item}" for item in new))

    def _aligned(self, start: int, end: int, new: str) -> list[Splice]:
        """Replace a stretch of a line; a comment behind it stays in its column if there is room."""
        splices = [Splice(start, end, new)]
        gap = _GAP_BEFORE_COMMENT.match(self._text.text, end)
        if gap and "\n" not in self._text.text[start:end]:
            width = len(gap.group()) - (len(new) - (end - start))
            splices.append(Splice(end, gap.end(), " " * max(2, width)))
        return splices


_COLON: Final = ": "
_REST_OF_LINE: Final = re.compile(r"[ \t]*(?P<comma>,?)[ \t]*(?P<comment>(?:(?<=[ \t])#.*)?)")
_GAP_BEFORE_COMMENT: Final = re.compile(r" {2,}(?=#)")


# --- data ------------------------------------------------------------------------------------------------------------


def same(one: object, other: object) -> bool:
    """Whether two values are the same to a reader: 1, 1.0 and true differ, and so does the order of fields."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def _changed(data: Any, keys: Keys, change: Callable[[Any], Any]) -> Any:
    """Data in which one value is another. What is not on the way to it is shared, not copied."""
    if not keys:
        return change(data)
    copied = data.copy()
    copied[keys[0]] = _changed(data[keys[0]], keys[1:], change)
    return copied


def _with_field(fields: dict[str, Any], position: int, key: str, value: Any) -> dict[str, Any]:
    items = list(fields.items())
    return dict([*items[:position], (key, value), *items[position:]])


def _without(data: Any, key: str | int) -> Any:
    copied = data.copy()
    del copied[key]
    return copied

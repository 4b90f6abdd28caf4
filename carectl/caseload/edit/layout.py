"""How a new value is laid out: as its neighbours are, and readable where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from carectl.caseload.edit import scalars
from carectl.caseload.edit.scalars import WIDTH, Style
from carectl.caseload.edit.text import Text
from carectl.findings import Keys

_STEP: Final = 2
_FEW: Final = 4
"""Fields of a list's entry that fit in braces if no other entry shows how it is done."""
_WIDEST: Final = 160
"""The column that an entry in braces never passes."""
_LOOKED_AT: Final = 60
"""Neighbours whose style is asked."""


class Form(NamedTuple):
    """A value as it follows its colon or dash: what stands in the same line, and the lines below."""

    first: str
    below: list[str]


class Layout:
    """Writes values for places of one text."""

    def __init__(self, text: Text, *, several_lines: bool) -> None:
        self.text = text
        self.several_lines = several_lines

    # --- what the neighbours do ---

    def neighbours(self, keys: Keys, kind: type | tuple[type, ...]) -> Iterator[Keys]:
        """Values of a kind at places like this one, itself included; empty collections show nothing."""
        for count, place in enumerate(self.text.siblings(keys)):
            if count == _LOOKED_AT:
                return
            value = self.text.value(place)
            if isinstance(value, kind) and (value or not isinstance(value, (dict, list))):
                yield place

    def ordered(self, value: Any, keys: Keys) -> Any:
        """The value with the fields of each mapping in the order in which its neighbour has them.

        A field that the neighbour lacks stays behind the one it was given after.
        """
        if isinstance(value, list):
            return [self.ordered(item, (*keys, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        near = next(self.neighbours(keys, dict), None)
        shown = self.text.value(near) if near is not None else {}
        order = [key for key in shown if key in value]
        before: str | None = None
        for key in value:
            if key not in shown:
                order.insert(order.index(before) + 1 if before is not None else 0, key)
            before = key
        return {key: self.ordered(value[key], (*keys, key)) for key in order}

    @cached_property
    def _steps(self) -> tuple[int, int]:
        """How far lists and mappings stand behind the key that they belong to."""
        steps: dict[type, int] = {}
        todo: list[tuple[Keys, Any]] = [((), self.text.data)]
        while todo and len(steps) < 2:
            keys, value = todo.pop()
            if not value or not isinstance(value, (dict, list)) or self.text.is_bracketed(keys):
                continue
            if keys and isinstance(keys[-1], str) and type(value) not in steps:
                steps[type(value)] = self._distance(keys)
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            todo += reversed([((*keys, key), part) for key, part in parts])
        return steps.get(list, _STEP), steps.get(dict, _STEP)

    def _distance(self, keys: Keys) -> int:
        return self.text.column(self.text.begin(keys)) - self.text.column(self.text.key_begin(keys))

    def _step(self, keys: Keys, kind: type) -> int:
        """How far a collection stands behind its key: as its neighbour does, or others of the file."""
        for near in self.neighbours(keys, kind):
            if not self.text.in_brackets(near) and not self.text.is_bracketed(near):
                step = self._distance(near)
                break
        else:
            step = self._steps[kind is dict]
        return max(step, 1 if kind is dict else 0)

    def _gap(self, keys: Keys) -> int:
        """How many blanks stand between the dash of an entry and what follows it."""
        for near in self.neighbours(keys, (dict, str)):
            if not self.text.in_brackets(near):
                begin = self.text.begin(near)
                gap = begin - self.text.sign_end(near)
                if 0 < gap <= _STEP * 4 and not self.text.text[begin - gap : begin].strip(" "):
                    return gap
        return 1

    # --- texts ---

    def _style(self, value: str, keys: Keys, *, flow: bool) -> Style | None:
        """The style of the nearest neighbour that says something about this text."""
        for near in self.neighbours(keys, str):
            style = self.text.style(near)
            if style in ("literal", "folded", "plain"):
                return style
            shown = self.text.value(near)
            near_flow = self.text.in_brackets(near)
            # One that stands in quotes because it must shows no habit.
            if near == keys or scalars.is_time_of_day(shown) or not scalars.needs_quotes(shown, flow=near_flow):
                return style
        return "double" if scalars.is_time_of_day(value) else None

    def line(self, value: Any, keys: Keys, *, flow: bool) -> str:
        """A value that is no collection, on one line. Raises CannotEdit for what no file may hold."""
        style = self._style(value, keys, flow=flow) if isinstance(value, str) else None
        try:
            return scalars.one_line(value, flow=flow, like=style)
        except ValueError as error:
            raise self.text.refuse(str(error), keys) from None

    def scalar(self, value: Any, keys: Keys, column: int, indent: int) -> Form:
        """A value that is no collection and stands outside of brackets.

        `column` is where it begins, `indent` how far its lines stand in if it needs several.
        """
        if isinstance(value, str) and self.several_lines:
            several = self._several(value, keys, column, indent)
            if several is not None:
                mark, lines = several
                return Form(mark, [" " * indent + line if line else "" for line in lines])
        return Form(self.line(value, keys, flow=False), [])

    def _several(self, value: str, keys: Keys, column: int, indent: int) -> tuple[str, list[str]] | None:
        """A text as block text, if it is long or has several lines, or if the text in its place is one."""
        style = self._style(value, keys, flow=False)
        if value.endswith("\n") and not self.text.text.endswith("\n"):
            return None  # At the end of the file, a text is not read back with the line break that the file lacks.
        longest = max(len(line) for line in value.split("\n"))
        is_one = "\n" not in value
        is_long = longest > WIDTH - (column if is_one else indent)
        if is_one and not is_long and not (style in ("literal", "folded") and self._is_own_style(keys)):
            return None
        was_folded = style == "folded" and self._is_own_style(keys)
        if style == "literal" or not (is_one or is_long or was_folded):
            return scalars.lines_of(value, folded=False, width=0)
        if is_one and style != "folded" and self._is_own_style(keys) and len(self.text.value(keys)) > WIDTH - column:
            return None  # It was one long line before.
        width = max(WIDTH - indent, WIDTH // 2)
        return scalars.lines_of(value, folded=True, width=width) or scalars.lines_of(value, folded=False, width=0)

    def _is_own_style(self, keys: Keys) -> bool:
        return self.text.has(keys) and isinstance(self.text.value(keys), str)

    # --- collections ---

    def in_braces(self, value: Any, keys: Keys) -> str:
        """A value for a place inside of brackets."""
        if isinstance(value, dict):
            parts = [f"{self.key(key, keys)}: {self.in_braces(part, (*keys, key))}" for key, part in value.items()]
            pad = " " if parts and self._is_padded(keys) else ""
            return "{" + pad + ", ".join(parts) + pad + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.in_braces(part, (*keys, index)) for index, part in enumerate(value)) + "]"
        return self.line(value, keys, flow=True)

    def _is_padded(self, keys: Keys) -> bool:
        for near in self.neighbours(keys, dict):
            if self.text.is_bracketed(near):
                begin = self.text.begin(near)
                return self.text.text[begin : begin + 2] == "{ "
        return False

    def key(self, key: str, keys: Keys) -> str:
        """The name of a field."""
        if not scalars.is_writable(key):
            raise self.text.refuse("the name of a field has line breaks or control characters", keys)
        return scalars.one_line(key, flow=True)

    def form(self, value: Any, keys: Keys, column: int, indent: int) -> Form:
        """A value outside of brackets, as it follows a colon or dash.

        `column` is where it would begin in that line. `indent` is the column of its field, or of its entry's dash.
        """
        if not isinstance(value, (dict, list)):
            return self.scalar(value, keys, column, indent + _STEP)
        if not value or self._goes_in_braces(value, keys, column):
            return Form(self.in_braces(value, keys), [])
        if isinstance(keys[-1], int):
            lines = self.lines(value, keys, column)
            return Form(lines[0][column:], lines[1:])
        return Form("", self.lines(value, keys, indent + self._step(keys, type(value))))

    def lines(self, value: Any, keys: Keys, column: int) -> list[str]:
        """The lines of a mapping or list whose keys or dashes stand in a column."""
        lines: list[str] = []
        if isinstance(value, dict):
            for key, part in value.items():
                lines += self.field(key, part, (*keys, key), column)
        else:
            for index, part in enumerate(value):
                lines += self.entry(part, (*keys, index), column)
        return lines

    def field(self, key: str, value: Any, keys: Keys, column: int) -> list[str]:
        """The lines of one field of a mapping."""
        head = " " * column + self.key(key, keys) + ":"
        form = self.form(value, keys, len(head) + 1, column)
        return [f"{head} {form.first}" if form.first else head, *form.below]

    def entry(self, value: Any, keys: Keys, column: int) -> list[str]:
        """The lines of one entry of a list."""
        head = " " * column + "-" + " " * self._gap(keys)
        form = self.form(value, keys, len(head), column)
        return [head + form.first, *form.below]

    def _goes_in_braces(self, value: Any, keys: Keys, column: int) -> bool:
        near = next(self.neighbours(keys, type(value)), None)
        if near is not None and not self.text.is_bracketed(near) and not self.text.in_brackets(near):
            return False
        if _has_lines(value) or (_holds_mappings(value) and (near is None or isinstance(value, dict))):
            return False
        if near is None and isinstance(value, dict) and len(value) > _FEW:
            return False
        # Beside long lines, one more is no worse.
        shown = len(self.text.line_text(self.text.line(self.text.begin(near)))) if near is not None else 0
        return column + len(self.in_braces(value, keys)) <= max(WIDTH, min(shown, _WIDEST))


def _has_lines(value: Any) -> bool:
    """Whether a text of several lines is somewhere in a value."""
    if isinstance(value, (dict, list)):
        return any(map(_has_lines, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and "\n" in value


def _holds_mappings(value: Any) -> bool:
    """Whether a list of mappings is somewhere in a value."""
    if isinstance(value, dict):
        return any(map(_holds_mappings, value.values()))
    return isinstance(value, list) and any(isinstance(part, dict) or _holds_mappings(part) for part in value)

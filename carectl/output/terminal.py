"""Lines for people: columns that fit the width, and colour where a terminal shows it. The only module that knows rich.

What is said by colour is always said by a word or a sign too: without colour nothing is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TextIO

Style = Literal["", "title", "loud", "warn", "faint"]
Part = tuple[str, Style]
"""A stretch of text and how it looks."""
Line = list[Part]
Cell = str | Part

_LOOKS: Final[dict[Style, str]] = {
    "": "", "title": "bold", "loud": "bold red", "warn": "bold yellow", "faint": "dim",
}  # fmt: skip
GAP: Final = 2
"""Blanks between two columns."""
_NARROWEST: Final = 8
_NARROW: Final = frozenset("–—…“”‘’→✓")
"""Signs of our own that take one column."""


def put(lines: Iterable[Line], stream: TextIO, *, colour: bool) -> None:
    """Write lines, without blanks at their ends."""
    if not colour:
        stream.writelines("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
        return
    from rich.console import Console
    from rich.text import Text

    # The caller has decided about colour: what else is set on this machine has no say here.
    console = Console(
        file=stream, force_terminal=True, no_color=False, color_system="standard", _environ={}, markup=False,
        emoji=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    for line in lines:
        while line and not line[-1][0].strip():
            line = line[:-1]
        # Text, and never markup: what stands in a file has no say in how it looks.
        console.print(Text.assemble(*((text, _LOOKS[style]) for text, style in line)), crop=False, overflow="ignore")


def width_of(text: str) -> int:
    """How many columns a text takes: a Chinese sign takes two."""
    # Up to the accents that take no room, every letter takes one column: no need to ask.
    if text.isascii() or all(sign < "\u0300" or sign in _NARROW for sign in text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def wrap(text: str, width: int) -> list[str]:
    """A text in lines of at most this width, broken between words; a word that is too long is broken inside."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        joined = f"{current} {word}" if current else word
        if width_of(joined) <= width:
            current = joined
            continue
        if current:
            lines.append(current)
        while width_of(word) > width:
            piece = _fitting(word, width)
            lines.append(piece)
            word = word[len(piece) :]
        current = word
    return [*lines, current] if current or not lines else lines


def _fitting(word: str, width: int) -> str:
    end = len(word)
    while end > 1 and width_of(word[:end]) > width:
        end -= 1
    return word[:end]


def indented(text: str, width: int, indent: int, style: Style = "", label: str = "") -> Iterator[Line]:
    """A paragraph behind a label, its further lines under its first word."""
    for number, piece in enumerate(wrap(text, max(width - indent, 10))):
        head = label.ljust(indent) if number == 0 else " " * indent
        yield [(head, ""), (piece, style)]


def columns(
    rows: Sequence[Sequence[Cell]], width: int, *, head: Sequence[str] = (), whole: Collection[int] = ()
) -> list[Line]:
    """Rows in columns as wide as they need to be. If they need too much, the widest are narrowed and wrapped.

    The columns in `whole` never are: a phone number in two pieces is of no use.
    """
    titles: list[Sequence[Cell]] = [[(name, "faint") for name in head]] if head else []
    return [line for block in blocks([*titles, *rows], width, whole=whole) for line in block]


def blocks(
    rows: Sequence[Sequence[Cell]], width: int, *, whole: Collection[int] = (), indent: int = 0
) -> list[list[Line]]:
    """The same, with the lines of each row by themselves. A column without any text takes no room."""
    if not rows:
        return []
    table: list[list[Part]] = [[(cell, "") if isinstance(cell, str) else cell for cell in row] for row in rows]
    sizes = [max(width_of(row[n][0]) for row in table) for n in range(len(table[0]))]
    used = [n for n, size in enumerate(sizes) if size]
    room = width - indent - GAP * (len(used) - 1)
    # First words stay in one piece; only if that is not enough are they broken.
    for words in (True, False):
        least = [max(_longest(row[n][0]) for row in table) if words else _NARROWEST for n in range(len(sizes))]
        while sum(sizes) > room and (wide := [n for n in used if n not in whole and sizes[n] > least[n]]):
            sizes[max(wide, key=lambda n: sizes[n])] -= 1
    found = []
    for row in table:
        cells = {n: [row[n][0]] if n in whole else wrap(row[n][0], sizes[n]) for n in used}
        height = max((len(cell) for cell in cells.values()), default=0)
        found.append([_line(row, cells, sizes, number, indent) for number in range(height)])
    return found


def _line(
    row: Sequence[Part], cells: Mapping[int, Sequence[str]], sizes: Sequence[int], number: int, indent: int
) -> Line:
    line: Line = [(" " * indent, "")]
    for n, cell in cells.items():
        text = cell[number] if number < len(cell) else ""
        line += [(text, row[n][1]), (" " * (sizes[n] - width_of(text) + GAP), "")]
    return line


def _longest(text: str) -> int:
    return max((width_of(word) for word in text.split()), default=0)

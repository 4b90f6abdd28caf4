"""How one text or number is written: bare where every YAML program reads it back as it was meant, else in quotes."""

from __future__ import annotations

import re
from typing import Final, Literal

Scalar = str | int | float | bool | None
Style = Literal["plain", "single", "double", "literal", "folded"]

WIDTH: Final = 116
"""The column behind which texts go on in the next line, and items without brackets get a line for each field."""

# What can stand without quotes wherever it stands, in YAML 1.1 as in 1.2: words that begin with a letter, a house
# number with its street, dates, moments and lengths as carectl writes them.
_PLAIN: Final = re.compile(
    r"""  [^\W\d_](?:[\w .()/@;'&+-]*[\w.)])?
        | [0-9]+[ ][^\W\d_](?:[\w .-]*[\w.])?
        | [0-9]{4}-[0-9]{2}-[0-9]{2} (?: T[0-9]{2}:[0-9]{2} (?: [+-][0-9]{2}:[0-9]{2} )? )?
        | [0-9]+ (?: mo | [mhdwy] ) | [0-9]+h[0-9]+m """,
    re.VERBOSE,
)
# Outside of brackets, commas and the like are as good as letters.
_PLAIN_IN_BLOCK: Final = re.compile(r"[^\W\d_](?:[^\t]*\S)?")
# What YAML 1.2 takes for a text without quotes, and so may stay as its neighbours are.
_PLAIN_BY_HABIT: Final = re.compile(r"""[^\s\-?:,\[\]{}\#&*!|>'"%@`.=<~](?:[^\t]*\S)?""")
_PLAIN_BY_HABIT_IN_FLOW: Final = re.compile(r"""[^\s\-?:,\[\]{}\#&*!|>'"%@`.=<~](?:[^\t:,\[\]{}"]*[^\s:,\[\]{}"])?""")
_ENDS_PLAIN: Final = re.compile(r":(?:\s|$)|\s#")
_LOOKS_LIKE_A_NUMBER: Final = re.compile(r"[+]?[0-9]\S*|[0-9]{4}-[0-9]+-[0-9]+[ \tT].*|_\S*")
_WORDS_OF_YAML: Final = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"))
_TIME_OF_DAY: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}")

_UNWRITABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_BREAKS: Final = str.maketrans("", "", "\n\r\t")

_INTEGER_LIMIT: Final = 10**18
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]")
_DECIMAL_DIGITS: Final = 15


def is_writable(text: str) -> bool:
    """Whether a text is one line without control characters and marks that turn lines around."""
    return _UNWRITABLE.search(text) is None


def scalar(text: str) -> str:
    """A one-line text as YAML, for any place of a file. Raises ValueError for control characters."""
    if not is_writable(text):
        raise ValueError("control characters")
    return one_line(text, flow=True)


def one_line(value: Scalar, *, flow: bool, like: Style | None = None) -> str:
    """A value on one line, in the style of its neighbour if that can hold it.

    Raises ValueError, with words for the user, for what no file may hold.
    """
    if not isinstance(value, str):
        return _constant(value)
    if not is_writable(value.translate(_BREAKS)):
        raise ValueError("the text has control characters, which no file may hold")
    if like == "single" and is_writable(value):
        return "'" + value.replace("'", "''") + "'"
    if like in ("single", "double") or not _is_plain(value, flow=flow, by_habit=like == "plain"):
        return f'"{value.translate(_ESCAPES)}"'
    return value


def needs_quotes(text: str, *, flow: bool) -> bool:
    """Whether a text stands in quotes unless its neighbours say otherwise."""
    return not _is_plain(text, flow=flow, by_habit=False)


def is_time_of_day(text: str) -> bool:
    """Whether neighbours decide about the quotes: YAML 1.1 takes 10:30 for a number, YAML 1.2 for a text."""
    return _TIME_OF_DAY.fullmatch(text) is not None


def _is_plain(text: str, *, flow: bool, by_habit: bool) -> bool:
    if not is_writable(text) or text.casefold() in _WORDS_OF_YAML:
        return False
    if _PLAIN.fullmatch(text):
        return True
    if by_habit and is_time_of_day(text):
        return True
    if _ENDS_PLAIN.search(text):
        return False
    if not by_habit:
        return not flow and _PLAIN_IN_BLOCK.fullmatch(text) is not None
    if _LOOKS_LIKE_A_NUMBER.fullmatch(text):
        return False
    pattern = _PLAIN_BY_HABIT_IN_FLOW if flow else _PLAIN_BY_HABIT
    return pattern.fullmatch(text) is not None


def _constant(value: float | bool | None) -> str:
    """A value that is no text, in its one form: whatever else looks like a number is read as a text."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        if abs(value) >= _INTEGER_LIMIT:
            raise ValueError("the number has more than 18 digits")
        return str(value)
    text = _decimal(value)
    if text is None:
        raise ValueError("the number cannot be written with 15 digits")
    return text


def _decimal(value: float) -> str | None:
    """A decimal without exponent that is read back as this number."""
    text = repr(value)
    if "e" in text:
        text = f"{value:.{_DECIMAL_DIGITS}f}".rstrip("0")
    if _DECIMAL.fullmatch(text) is None or len(text.lstrip("-")) > _DECIMAL_DIGITS + 1 or float(text) != value:
        return None
    return text


def lines_of(text: str, *, folded: bool, width: int) -> tuple[str, list[str]] | None:
    """A text of several lines as YAML's block text: its mark, and its lines; None if it would not be read back."""
    body, mark = (text[:-1], "") if text.endswith("\n") else (text, "-")
    lines = body.split("\n")
    if not lines[0] or not lines[-1] or not is_writable(body.replace("\n", "")):
        return None
    # White space at the end of a line is lost by many an editor, and at the begin of the first one it would be indent.
    if any(line != line.rstrip() for line in lines) or lines[0] != lines[0].lstrip():
        return None
    if not folded:
        return "|" + mark, lines
    if any(line != line.lstrip() for line in lines):
        return None
    wrapped: list[str] = []
    for line in lines:
        if wrapped:
            wrapped.append("")
        wrapped += _wrap(line, width) if line else []
    return ">" + mark, wrapped


_GAP: Final = re.compile(r"(?<=\S) (?=\S)")


def _wrap(line: str, width: int) -> list[str]:
    """A line in pieces of a width; only a single space can be a line break."""
    pieces: list[str] = []
    for word in _GAP.split(line):
        if pieces and len(pieces[-1]) + 1 + len(word) <= width:
            pieces[-1] += " " + word
        else:
            pieces.append(word)
    return pieces

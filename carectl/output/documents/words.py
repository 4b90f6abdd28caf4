"""Words, and making them harmless: the sentences and dates of a language, and text as HTML or Markdown shows it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Final

from carectl import resources
from carectl.errors import EnvironmentProblem

_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and those that turn the direction of the text after them."""
_MD_INSIDE: Final = re.compile(r"([\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_]))")
_MD_START: Final = re.compile(r"^( ?)([-+](?=[-+\s]|$)|=|#|\d{1,9}(?=[.)](?:\s|$)))")


class LimitError(Exception):
    """A template went beyond what a document may take, or asks for words that there are not."""


def languages() -> frozenset[str]:
    """The languages that there are words for."""
    return frozenset(path.stem for path in (resources.folder("templates") / "words").glob("*.toml"))


# --- making text harmless --------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Text on one line, without characters that a reader cannot see but a program obeys."""
    return re.sub(r"\s+", " ", _CONTROL.sub("", text))


def trimmed(value: Any) -> Any:
    """Plain data without blanks at the ends of its texts: `** word**` would not be bold."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, tuple):
        return tuple(map(trimmed, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: trimmed(getattr(value, item.name)) for item in fields(value)})
    return value


def number(value: object) -> str:
    """A value as text; a whole number without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def lasting(length: str) -> str:
    """A length of time as people write it: 1 h 30 min."""
    return re.sub(r"(\d)([hm])(?=(\d?))", lambda found: f"{found[1]} {'h' if found[2] == 'h' else 'min'}"
                  f"{' ' if found[3] else ''}", length)  # fmt: skip


def as_markdown(text: str) -> str:
    """Text that Markdown shows as it is: no HTML, no markup, no broken table or list."""
    text = _MD_INSIDE.sub(r"\\\1", clean(text))
    text = re.sub(r"&(?=#|\w+;)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    # At the start of a line these would begin a list, a heading or a rule. 12. becomes 12\.
    return _MD_START.sub(lambda found: found[1] + (f"{found[2]}\\" if found[2].isdigit() else f"\\{found[2]}"), text)


def as_html(text: str) -> str:
    """Text that HTML shows as it is."""
    from markupsafe import escape

    return str(escape(clean(text)))


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one language: sentences, terms, and how dates and times are written."""

    language: str
    tables: Mapping[str, Any]

    @staticmethod
    @lru_cache(maxsize=8)
    def read(language: str) -> Vocabulary:
        """The words of templates/words/LANGUAGE.toml."""
        path = resources.folder("templates") / "words" / f"{language}.toml"
        try:
            return Vocabulary(language, tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise EnvironmentProblem(f"the words for {language} cannot be read: {type(error).__name__}") from None

    def say(self, key: str, **values: object) -> str:
        """A sentence by its dotted key, with {names} replaced."""
        text: Any = self.tables
        for part in key.split("."):
            text = text.get(part) if isinstance(text, Mapping) else None
        if not isinstance(text, str):
            raise LimitError(f"there are no words '{key}' in {self.language}")
        missing = set(re.findall(r"\{(\w+)\}", text)) - values.keys()
        if missing:
            raise LimitError(f"the words '{key}' want {min(missing)}")
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text)

    def term(self, table: str, value: str) -> str:
        """The word for a term of the format; one that is not known is shown as it is, without its underscores."""
        found = self.tables.get(table, {}).get(value)
        return found if isinstance(found, str) else value.replace("_", " ")

    def day(self, day: dt.date, today: dt.date) -> str:
        """A day with its weekday; the year only where it is another."""
        return self._dated("day" if day.year == today.year else "day_year", day)

    def date(self, day: dt.date) -> str:
        """A date in full."""
        return self._dated("date", day)

    def _dated(self, key: str, day: dt.date) -> str:
        dates = self.tables["dates"]
        parts = {"weekday": dates["weekdays"][day.weekday()], "month": dates["months"][day.month - 1]}
        return self.say(f"dates.{key}", day=day.day, year=day.year, **parts)

    def time(self, time: dt.time) -> str:
        """A time of day."""
        clock = self.tables["clock"]
        if clock["hours"] == 24:
            return f"{time.hour:02}:{time.minute:02}"
        half = clock["am"] if time.hour < 12 else clock["pm"]
        return f"{time.hour % 12 or 12}:{time.minute:02} {half}"

    def names(self, names: Sequence[str]) -> str:
        """Names as one says them: Jo, Lucía and Dana."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self.tables['dates']['and']} {names[-1]}"

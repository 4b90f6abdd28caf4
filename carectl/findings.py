"""What a check has to say, and where in the files it stands: the words that every wing may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from inspect import cleandoc
from types import ModuleType
from typing import Any, NamedTuple, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

Keys = tuple[str | int, ...]
"""The way to a value inside one file: map keys and list positions, outermost first."""


class Severity(IntEnum):
    """How much a finding weighs. Errors fail a check; warnings fail it with `--strict`; notes never do."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        """The severity as it is printed: note, warning or error."""
        return self.name.lower()


class Spot(NamedTuple):
    """A value named by its file and keys: the place as records know it, before any line is counted."""

    path: str
    keys: Keys = ()
    on_key: bool = False
    """Whether the key itself is meant (one that carectl does not know) and not its value."""

    def at(self, *keys: str | int) -> Spot:
        """The spot further down these keys."""
        return Spot(self.path, self.keys + keys)


class Span(NamedTuple):
    """A stretch of a file: lines and columns count characters from 1; the end is the first character behind it."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or needs a look, in words a nurse uses; never a value that might be private.

    `at` is a Spot until the lines of the file have been counted, then a Span. A Spot that does not exist in the file
    stands for its nearest existing parent: a record that lacks a field is reported where the record begins.
    """

    code: str
    severity: Severity
    at: Spot | Span
    message: str
    hint: str | None = None
    client: str | None = None
    citation: str | None = None

    @property
    def path(self) -> str:
        """The file, from the root of the caseload, with forward slashes."""
        return self.at.path

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Path, line, column, code: the order in which findings are shown."""
        span = self.at if isinstance(self.at, Span) else Span(self.at.path)
        return (span.path, span.line, span.column, self.code, self.message)


class Code(NamedTuple):
    """A kind of finding: its slug, its weight, and the page that `carectl explain` prints."""

    slug: str
    severity: Severity
    docstring: str
    citation: str | None = None

    @property
    def page(self) -> str:
        """The page, of which the first line says in a sentence what is wrong."""
        return cleandoc(self.docstring)

    def finding(self, at: Spot | Span, message: str, hint: str | None = None, client: str | None = None) -> Finding:
        """A finding of this kind at a place."""
        return Finding(self.slug, self.severity, at, message, hint, client, self.citation)


def code(slug: str, severity: Severity, citation: str | None = None) -> Callable[[F], F]:
    """Name the code that a function finds. The function's docstring is the code's page:

    a sentence that says what is wrong, why it matters and how to mend it, then a `Wrong:` and a `Right:` block of
    indented YAML. The Code is kept on the function as `.code`.
    """

    def mark(function: F) -> F:
        setattr(function, "code", Code(slug, severity, function.__doc__ or "", citation))  # noqa: B010
        return function

    return mark


def code_of(function: Callable[..., Any]) -> Code:
    """The code that a function was marked with."""
    return cast("Code", getattr(function, "code"))  # noqa: B009  put there by the decorator


def codes_in(module: ModuleType) -> dict[str, Code]:
    """Every code that the functions of a module carry, by slug."""
    found = (getattr(value, "code", None) for value in vars(module).values())
    return {item.slug: item for item in found if isinstance(item, Code)}

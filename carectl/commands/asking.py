"""Answers to what a new file needs: from options, or, on a terminal, from questions. A script is never kept waiting."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from carectl.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt

Check = Callable[[str], str]
"""Gives the answer as it is written into a file. Raises ValueError with what is wanted, in words."""

_SKIP: Final = "Enter to skip"


class Form:
    """Questions, one after the other. They are asked if somebody is there to answer and something needed is open."""

    def __init__(self, *needed: object) -> None:
        """`needed` are the values of the options that have to be given."""
        self.asks = None in needed and sys.stdin.isatty() and sys.stdout.isatty()
        self._open: list[str] = []
        if self.asks:
            # Arrow keys and corrections work as in a shell.
            import contextlib

            with contextlib.suppress(ImportError):
                import readline  # noqa: F401

    def needs(self, option: str, question: str, value: str | None, check: Check, default: str | None = None) -> str:
        """An answer that must be had: the option's value, what is typed, or the default."""
        answer = self._answer(option, question, value, check, default, must=True)
        if answer is None:
            self._open.append(option)
            return ""
        return answer

    def may(
        self, option: str, question: str, value: str | None, check: Check, default: str | None = None
    ) -> str | None:
        """An answer that may be left open. In a script the default stands only for what is asked."""
        return self._answer(option, question, value, check, default if self.asks else None, must=False)

    def done(self) -> None:
        """Raise UsageError if anything needed was not said."""
        if self._open:
            what = "is needed" if len(self._open) == 1 else "are needed"
            raise UsageError(f"{', '.join(self._open)} {what} (on a terminal carectl asks)")

    def _answer(
        self, option: str, question: str, value: str | None, check: Check, default: str | None, *, must: bool
    ) -> str | None:
        if value is not None:
            if not value.strip() and not must:
                return None
            try:
                return check(line(value))
            except ValueError as wanted:
                raise UsageError(f"{option} takes {wanted}") from None
        if not self.asks:
            return default
        hint = f" [{default}]" if default else "" if must else f" ({_SKIP})"
        while True:
            typed = _ask(f"{question}{hint}: ").strip() or default or ""
            if not typed and not must:
                return None
            try:
                return check(line(typed))
            except ValueError as wanted:
                print(f"  Please give {wanted}.", file=sys.stderr)


def checked(option: str, value: str | None, check: Check) -> str | None:
    """An option that is never asked for. Raises UsageError."""
    return Form().may(option, "", value, check) if value is not None else None


def _ask(question: str) -> str:
    """What is typed. The end of input (^D) means what ^C means: stop, and make nothing."""
    try:
        return input(question)
    except (EOFError, KeyboardInterrupt):
        print(file=sys.stderr)
        raise KeyboardInterrupt from None


def agreed() -> bool:
    """Whether somebody at the terminal says yes; without a terminal, say how to write."""
    form = Form(None)
    if not form.asks:
        print("Nothing was written. To write it, give the same command with --yes.")
        return False
    if form.needs("--yes", "Write this? yes or no", None, one_of("yes", "no", "y", "n"), "no") in ("yes", "y"):
        return True
    print("Nothing was written.")
    return False


def for_family(typed: Sequence[str] | None) -> str | dict[str, str] | None:
    """What --for-family says: a text, or one for each language. Raises UsageError."""
    from carectl.care.entries import for_family as words

    try:
        return words(typed or ())
    except ValueError as wanted:
        raise UsageError(f"--for-family takes {wanted}") from None


def line(typed: str) -> str:
    """One line of text without blanks around it. Raises ValueError."""
    from carectl.caseload.create import is_writable

    if not is_writable(typed.strip()):
        raise ValueError("one line of text without control characters")
    return typed.strip()


def text(typed: str) -> str:
    """Any text. Raises ValueError if there is none."""
    if not typed:
        raise ValueError("some text")
    return typed


def one_id(typed: str) -> str:
    """An id. Raises ValueError."""
    from carectl.caseload.trees import is_id

    if not is_id(typed):
        raise ValueError("an id of small letters, digits and hyphens, such as c-014")
    return typed


def day(typed: str) -> str:
    """A date. Raises ValueError."""
    import datetime as dt
    import re

    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
            raise ValueError
        return dt.date.fromisoformat(typed).isoformat()
    except ValueError:
        raise ValueError("a date such as 1941-03-09: year, month, day") from None


def past_day(today: dt.date) -> Check:
    """A date that is not after today."""

    def check(typed: str) -> str:
        if day(typed) > today.isoformat():
            raise ValueError("a date that is not in the future")
        return typed

    return check


def language(typed: str) -> str:
    """A language's code. Raises ValueError."""
    import re

    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", typed):
        raise ValueError("a language's code, such as en or es")
    return typed


def zone_name(typed: str) -> str:
    """A time zone's name. Raises ValueError."""
    from carectl.caseload.zones import names, zone

    if zone(typed) is None:
        from carectl.words import closest

        by_town = {name.rpartition("/")[2].lower(): name for name in names()}
        near = by_town.get(closest(typed.rpartition("/")[2], by_town) or "")
        raise ValueError("a time zone's name, such as America/Chicago" + (f" (did you mean {near}?)" if near else ""))
    return typed


def one_of(*words: str) -> Check:
    """One of some words. Raises ValueError."""

    def check(typed: str) -> str:
        from carectl.words import closest

        folded = typed.lower().replace(" ", "_")
        if folded not in words:
            near = closest(folded, words)
            raise ValueError(f"one of {', '.join(words)}" + (f" (did you mean {near}?)" if near else ""))
        return folded

    return check


def word(typed: str) -> str:
    """One word in small letters. Raises ValueError."""
    import re

    folded = typed.lower().replace(" ", "_")
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", folded):
        raise ValueError("one word, such as home_health_aide")
    return folded


def each(check: Check) -> Check:
    """Several answers with commas between them."""

    def check_all(typed: str) -> str:
        return ",".join(check(part.strip()) for part in typed.split(",") if part.strip())

    return check_all


def name_parts(typed: str) -> tuple[str, str]:
    """Given and family name of `Dana Whitfield` or `Van der Berg, Dana`. Raises ValueError."""
    family, comma, given = typed.partition(",")
    if not comma:
        given, _, family = typed.rpartition(" ")
    if not given.strip() or not family.strip():
        raise ValueError("a first and a last name, such as Dana Whitfield")
    return given.strip(), family.strip()


def full_name(typed: str) -> str:
    """A first and a last name. Raises ValueError."""
    name_parts(typed)
    return typed

"""What the shell offers behind Tab: ids and names. Quick, and silent whatever is wrong."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import typer

from carectl.commands.session import Person, Session

if TYPE_CHECKING:
    from carectl.caseload.records import Contact

Offers = list[tuple[str, str]]
"""Words with a help text for the shells that show one."""


class _Offer(str):
    """A word as the shell must see it. Typer drops what does not begin as typed, but a name may be typed in small
    letters, and it was typed without the backslashes that it needs; what is offered here was chosen already."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        return True


def clients(ctx: typer.Context, incomplete: str) -> Offers:
    """Clients by id or name."""
    return _quietly(lambda: _people(_session(ctx).clients(), incomplete))


def staff(ctx: typer.Context, incomplete: str) -> Offers:
    """Staff by id or name."""
    return _quietly(lambda: _people([Person(m.id, m.name.full) for m in _session(ctx).staff], incomplete))


def contacts(ctx: typer.Context, incomplete: str) -> Offers:
    """The contacts of the client who stands earlier in the line, by id or name."""
    return _quietly(lambda: _people([Person(c.id, c.name) for c in _contacts(ctx)], incomplete))


def people(ctx: typer.Context, incomplete: str) -> Offers:
    """The contacts of the client who stands earlier in the line, and the staff, by id or name."""
    return [*contacts(ctx, incomplete), *staff(ctx, incomplete)]


def codes(ctx: typer.Context, incomplete: str) -> Offers:
    """Codes of findings."""
    return _quietly(lambda: _codes(incomplete))


def _codes(incomplete: str) -> Iterator[tuple[str, str]]:
    from carectl.commands.explain import all_codes

    for slug, code in all_codes().items():
        if slug.startswith(incomplete):
            yield slug, code.page.splitlines()[0]


def _contacts(ctx: typer.Context) -> tuple[Contact, ...]:
    # Behind `--to` without a word yet, the line cannot be taken apart: what came before is left over.
    typed = ctx.params.get("client") or next((word for word in ctx.args if not word.startswith("-")), None)
    return _session(ctx).chart(typed).contacts if isinstance(typed, str) else ()


def _session(ctx: typer.Context) -> Session:
    # While completing, no command runs: the options stand in the outermost context as they were typed.
    options = ctx.find_root().params
    return Session(options.get("caseload") or os.environ.get("CARECTL_CASELOAD"), options.get("now"))


def _quietly(find: Callable[[], Iterable[tuple[str, str]]]) -> Offers:
    try:
        return [(_Offer(word), text) for word, text in find()]
    except Exception:
        return []


def _people(people: Iterable[Person], incomplete: str) -> Iterator[tuple[str, str]]:
    """Ids that begin as typed; else names that do; else the one name of which any word does."""
    from carectl.words import fold

    known = list(people)
    yield from ((person.id, person.name) for person in known if person.id.startswith(incomplete))
    wanted = fold(incomplete)
    if not wanted:
        return
    names = [person for person in known if fold(person.name).startswith(wanted)]
    if not names:
        inside = [p for p in known if any(w.startswith(wanted) for w in fold(f"{p.name} {p.called}").split())]
        names = inside if len(inside) == 1 else []
    yield from ((_shell_word(person.name), person.id) for person in names)


def _shell_word(name: str) -> str:
    """A name with the quoting that bash wants from us; the other shells do it themselves."""
    if not os.environ.get("_CARECTL_COMPLETE", "").endswith("bash"):
        return name
    special = {"": " \t\\\"'`$&;|<>()[]{}*?!#~=%^", '"': '\\"`$', "'": ""}[_open_quote()]
    return "".join(f"\\{sign}" if sign in special else sign for sign in name)


def _open_quote() -> str:
    """The quote inside which the word stands that is being completed, if any."""
    lexer = shlex.shlex(os.environ.get("COMP_WORDS", ""), posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        for _ in lexer:
            pass
    except ValueError:
        # In which state the lexer stopped: inside a quote, or behind a backslash.
        state = getattr(lexer, "state", "")
        return state if state in ("'", '"') else ""
    return ""

"""carectl letter: letters to people outside."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carectl.commands import completion, saving, telling
from carectl.commands.session import Session, parse_day
from carectl.errors import Refused, UsageError

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


class Format(StrEnum):
    """What is written."""

    MD = "md"


@app.callback()
def group() -> None:
    """Write to a family, of what they may be told."""


@app.command()
def family(
    ctx: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="An id, or the start of a name.", autocompletion=completion.clients)
    ],
    to: Annotated[
        str,
        typer.Option("--to", metavar="CONTACT", help="The contact who reads it.", autocompletion=completion.contacts),
    ],
    since: Annotated[str | None, typer.Option(metavar="DATE", help="From when on to tell; else 14 days back.")] = None,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="What to write.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; else it is printed.")
    ] = None,
) -> None:
    """Write a letter with what this contact may be told today, and nothing else.

    What was withheld, and why, is told on the standard error, for you alone. If nothing may be shared there is no
    letter, and the exit code is 1.

    Example: carectl letter family rosa --to maria -o letter.md
    """
    from carectl.care.letters import family_letter
    from carectl.care.sharing import NotShared
    from carectl.output.documents import languages, render_letter

    session = Session.of(ctx)
    saving.format_of(output, form, [*Format])
    chart = session.chart(client, loosely=False)
    contact = telling.contact(chart, to)
    setting = telling.sound_setting(session)
    first = parse_day(since, "--since", session.setting.today, leaning="past") if since else None
    if first and first > setting.today_at(chart):
        raise UsageError("--since lies in the future")
    letter = family_letter(chart, contact, setting, since=first, languages=languages())
    whom = f"{telling.called(chart)}, to {contact.id} {contact.name}"
    if isinstance(letter, NotShared):
        telling.tell_withheld(session, "Withheld:", letter.withheld)
        raise Refused(f"{whom}: no letter: {letter.words}")
    saving.save(render_letter(letter.letter).encode(), output)
    print(f"{whom}: {', '.join(in_order_of_topics(letter.topics))}", file=sys.stderr)
    if telling.tell_withheld(session, "Withheld, or to be looked at:", letter.withheld):
        raise typer.Exit(1)


def in_order_of_topics(topics: frozenset[str]) -> list[str]:
    """Topics in the order of the format page."""
    from carectl.caseload.records import TOPICS

    return [topic for topic in TOPICS if topic in topics]

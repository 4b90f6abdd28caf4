"""carectl plan: care plans on paper."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carectl.commands import completion, saving, telling
from carectl.commands.session import Session
from carectl.errors import Refused

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


class Format(StrEnum):
    """What is written."""

    MD = "md"
    HTML = "html"


class Audience(StrEnum):
    """For whom the plan is."""

    CHART = "chart"


@app.callback()
def group() -> None:
    """Render a care plan."""


@app.command()
def render(
    ctx: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="An id, or the start of a name.", autocompletion=completion.clients)
    ],
    audience: Annotated[
        Audience, typer.Option("--for", help="Whom it is for: chart holds everything and is not for sharing.")
    ] = Audience.CHART,
    form: Annotated[
        Format | None, typer.Option("--format", "-f", help="What to write; else by the name after -o, or md.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; else it is printed.")
    ] = None,
) -> None:
    """Write a client's care plan.

    What could not be read is told on the standard error, and the exit code is 1.

    Example: carectl plan render rosa -o plan.html
    """
    from carectl.care.plans import care_plan
    from carectl.care.sharing import NotShared
    from carectl.output.documents import render_plan

    session = Session.of(ctx)
    chosen = Format(saving.format_of(output, form, [*Format]))
    chart = session.chart(client, loosely=False)
    paper = care_plan(chart, telling.sound_setting(session))
    if isinstance(paper, NotShared):
        telling.tell_withheld(session, "Could not be read:", paper.withheld)
        raise Refused(f"{telling.called(chart)}: {paper.words}")
    saving.save(render_plan(paper.plan, chosen.value).encode(), output)
    print(telling.called(chart), file=sys.stderr)
    if telling.tell_withheld(session, "Not whole in it:", paper.withheld):
        raise typer.Exit(1)

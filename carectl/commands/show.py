"""carectl show: one client on one page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carectl.commands import completion, telling
from carectl.commands.options import Form, Format
from carectl.commands.session import Session

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="An id, or a part of a name.", autocompletion=completion.clients)
    ],
    form: Form = Format.TEXT,
) -> None:
    """Show one client on one page: what everyone must know, whom to call, who may be told what, what comes next.

    Example: carectl show rosa
    """
    from carectl.care.overview import overview
    from carectl.output import export, pages, report, terminal

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    chart = session.chart(client)
    page, missing = overview(chart, setting)
    lost = telling.faults_of(session, chart, missing)
    if form is Format.JSON:
        answer = {"client": export.plain(page), "faults": lost}
        sys.stdout.write(export.as_json(answer))
    else:
        said = [report.visible(text) for text in lost]
        lines = pages.client(page, telling.names_of(session, [chart]), said, setting.now, telling.width())
        terminal.put(lines, sys.stdout, colour=session.colour)
    if lost:
        raise typer.Exit(1)

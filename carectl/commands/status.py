"""carectl status: which plans are drafts, agreed, approved, or changed since."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from carectl.commands import completion, signoffs, telling
from carectl.commands.options import Form, Format
from carectl.commands.session import Session

app = typer.Typer(rich_markup_mode=None)


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(metavar="[CLIENT]", help="One client; else everybody.", autocompletion=completion.clients),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let drafts fail it too.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """Tell how each plan stands: draft, agreed, approved, changed since it was approved, or withdrawn.

    The exit code is 1 if a plan changed since it was approved, is withdrawn, or cannot be judged; with --strict also if
    one was never approved. Whether signatures are good, carectl verify tells.

    Example: carectl status rosa
    """
    from carectl.care.signoff import NEEDS_SOMEBODY, STATES
    from carectl.output import signoff_page, terminal

    session = Session.of(ctx)
    telling.sound_setting(session)
    ids = [session.client(client)] if client else session.client_ids
    known = signoffs.repository(session)
    rows = [signoffs.row(session, signoffs.chart(session, one), known) for one in ids]
    over = ("discharged", "deceased")
    if client is None:
        # Whoever is no longer cared for needs no plan that is up to date.
        rows = [row for row in rows if row.chart.client is None or row.chart.client.status not in over]
    rows.sort(key=lambda row: (STATES.index(row.standing.state), row.chart.id))
    if form is Format.JSON:
        sys.stdout.write(signoff_page.status_json(rows))
    else:
        terminal.put(signoff_page.status(rows, telling.width()), sys.stdout, colour=session.colour)
    failing = NEEDS_SOMEBODY | ({"draft", "agreed"} if strict else set())
    if any(row.standing.state in failing for row in rows):
        raise typer.Exit(1)

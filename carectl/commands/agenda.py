"""carectl agenda: the visits as they will really happen."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from typing import Annotated

import typer

from carectl.commands import completion, telling
from carectl.commands.session import Session, parse_day
from carectl.errors import UsageError

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """How the agenda is printed."""

    TEXT = "text"
    JSON = "json"


@app.command()
def command(
    ctx: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day; else today.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, included; else six days later.")
    ] = None,
    week: Annotated[bool, typer.Option("--week", help="This week, Monday to Sunday.")] = False,
    client: Annotated[
        list[str] | None,
        typer.Option("--client", metavar="CLIENT", help="Only this client.", autocompletion=completion.clients),
    ] = None,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="STAFF", help="Only visits of this one.", autocompletion=completion.staff),
    ] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print it.")] = Format.TEXT,
) -> None:
    """Show the visits as they will really happen, in each client's local time.

    Visits that could not be read are told on the standard error, and the exit code is 1.

    Example: carectl agenda --week --client rosa
    """
    from carectl.care.schedule import occurrences, order
    from carectl.caseload.load import Part
    from carectl.output import export, pages, terminal

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    start, last = window(setting.today, from_, until, week=week)
    # Asked for everybody, the loader also tells of folders that nobody can be found in.
    wanted = {session.client(typed) for typed in client} if client else set(session.loader.client_ids())
    team = {telling.staff_id(session, typed) for typed in staff or ()}
    part = Part.of_days(start, last)
    charts = [session.loader.chart(client_id, part) for client_id in session.client_ids if client_id in wanted]
    expansions = [occurrences(chart, setting, start, last) for chart in charts]
    found = sorted((item for one in expansions for item in one.occurrences), key=order)
    if team:
        found = [item for item in found if not team.isdisjoint(item.staff)]
    if form is Format.JSON:
        sys.stdout.write(export.agenda(start, last, found))
    else:
        lines = pages.agenda(found, telling.names_of(session, charts), start, last, setting.now, telling.width())
        terminal.put(lines, sys.stdout, colour=session.colour)
    if telling.tell_missing(session, [item for one in expansions for item in one.missing]):
        raise typer.Exit(1)


def window(today: dt.date, from_: str | None, until: str | None, *, week: bool) -> tuple[dt.date, dt.date]:
    """The days that are meant, both included. Raises UsageError."""
    if week and (from_ or until):
        raise UsageError("--week does not go together with --from and --until")
    if week:
        monday = today - dt.timedelta(today.weekday())
        return monday, monday + dt.timedelta(6)
    first = parse_day(from_, "--from", today) if from_ else None
    last = parse_day(until, "--until", first or today) if until else None
    first = first or min(today, last or today)
    try:
        last = last or first + dt.timedelta(6)
    except OverflowError:
        last = dt.date.max
    if last < first:
        raise UsageError("--until is before --from")
    return first, last

"""carectl agenda: the visits as they will really happen."""

from __future__ import annotations

import datetime as dt
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import completion, telling
from carectl.commands.options import Form, Format, OnlyClients
from carectl.commands.session import Session, parse_day
from carectl.errors import UsageError

if TYPE_CHECKING:
    from carectl.care.schedule import Occurrence
    from carectl.caseload.load import Part
    from carectl.caseload.records import Chart

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class By(StrEnum):
    """What visits are put together by."""

    DAY = "day"
    CLIENT = "client"
    STAFF = "staff"


@app.command()
def command(
    ctx: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day; else today.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, included; else six days later.")
    ] = None,
    week: Annotated[bool, typer.Option("--week", help="This week, Monday to Sunday.")] = False,
    by: Annotated[By, typer.Option("--by", help="What visits are put together by.")] = By.DAY,
    client: OnlyClients = None,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="STAFF", help="Only visits of this one.", autocompletion=completion.staff),
    ] = None,
    form: Form = Format.TEXT,
) -> None:
    """Show the visits as they will really happen, in each client's local time.

    Open shifts are marked with !, conflicts with *. Visits that could not be read are told on the standard error, and
    the exit code is 1.

    Example: carectl agenda --week --by staff
    """
    from carectl.care.moments import earlier, later
    from carectl.care.schedule import occurrences, order
    from carectl.caseload.load import Part

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    start, last = window(setting.today, from_, until, week=week)
    # Asked for everybody, the loader also tells of folders that nobody can be found in.
    wanted = {session.client(typed) for typed in client} if client else set(session.loader.client_ids())
    team = {telling.staff_id(session, typed) for typed in staff or ()}
    # What is a day away can still be in the way: a night before, or the morning after one.
    near = Part.of_days(earlier(start, 1), later(last, 1))
    charts = [session.loader.chart(client_id, near) for client_id in session.client_ids if client_id in wanted]
    expansions = [occurrences(chart, setting, start, last) for chart in charts]
    found = sorted((item for one in expansions for item in one.occurrences), key=order)
    missing = [item for one in expansions for item in one.missing]
    if team:
        found = [item for item in found if not team.isdisjoint(item.staff)]
    if form is Format.JSON:
        from carectl.output import export

        sys.stdout.write(export.agenda(start, last, found))
    else:
        _print(session, charts, near, found, (start, last), by, whole=not missing)
    if telling.tell_missing(session, missing):
        raise typer.Exit(1)


def _print(
    session: Session,
    charts: list[Chart],
    near: Part,
    visits: list[Occurrence],
    days: tuple[dt.date, dt.date],
    by: By,
    *,
    whole: bool,
) -> None:
    """Print an agenda. Conflicts are looked for among the visits of everybody, whoever was asked for."""
    from carectl.care.conflicts import conflicts, homes_of
    from carectl.care.moments import earlier, later
    from carectl.care.schedule import occurrences
    from carectl.caseload.load import Loader
    from carectl.output import agenda_page, terminal

    setting = session.setting
    first, last = max(earlier(days[0], 1), setting.today), later(days[1], 1)
    known = {chart.id: chart for chart in charts}
    if first <= last:
        # What is wrong with the files of others is not told here.
        quiet = Loader(session.loader.tree)
        known |= {name: quiet.chart(name, near) for name in session.client_ids if name not in known}
    around = [item for chart in known.values() for item in occurrences(chart, setting, first, last).occurrences]
    page = agenda_page.Agenda(
        start=days[0],
        until=days[1],
        visits=visits,
        conflicts=conflicts(around, setting, homes_of(known.values())),
        today={chart.id: setting.today_at(chart) for chart in charts},
        now=setting.now,
        whole=whole,
    )
    lines = agenda_page.agenda(page, telling.names_of(session, known.values()), by.value, telling.width())
    terminal.put(lines, sys.stdout, colour=session.colour)


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

"""carectl today: what needs a person now."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import completion, telling
from carectl.commands.options import Form, Format, OnlyClients
from carectl.commands.session import Session

if TYPE_CHECKING:
    from carectl.care.worklist import Worklist
    from carectl.caseload.records import Chart
    from carectl.findings import Finding

SCREEN: Final = 40
"""How many lines the list takes where no terminal says otherwise."""
_BESIDE: Final = 12
"""The lines that are not items: the head, the titles and the end; and the prompt that follows."""
_KINDS: Final = ("assessments", "care-plan", "medications", "tasks", "concerns", "supplies")
"""What is looked at besides visits. Notes and measurements, which grow with the years, hold nothing that is due."""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    ctx: typer.Context,
    client: OnlyClients = None,
    staff: Annotated[
        list[str] | None,
        typer.Option("--staff", metavar="STAFF", help="Only what concerns this one.", autocompletion=completion.staff),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything, also if it takes more than one screen.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """Show what needs a person now: what is overdue, what is due today, what comes in the next seven days.

    Below each thing stand the command that clears it and its place in the files; ! is what cannot wait. If something
    could not be read, that is told on the standard error, and the exit code is 1.

    Example: carectl today
    """
    from carectl.care.worklist import worklist

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    clients = frozenset(session.client(typed) for typed in client) if client else None
    team = frozenset(telling.staff_id(session, typed) for typed in staff or ())
    charts = _charts(session, clients)
    page = _unwaived(session, worklist(charts, setting, clients, team))
    if form is Format.JSON:
        _print_json(session, page)
    else:
        _print(session, charts, page, whole=all_)
    if _tell_unread(session, page):
        raise typer.Exit(1)


def _charts(session: Session, clients: frozenset[str] | None) -> list[Chart]:
    """The charts of those who are looked at, and of everybody else who comes when: they can be in the way."""
    from carectl.care.worklist import days_needed
    from carectl.caseload.load import Loader, Part

    days = days_needed(session.setting.today)
    wanted = Part.of_days(*days, more=_KINDS)
    # What is wrong with the files of others is not told here.
    others, quiet = Part.of_days(*days), Loader(session.loader.tree)
    session.loader.client_ids()  # tells of folders that nobody can be found in
    return [
        session.loader.chart(name, wanted) if clients is None or name in clients else quiet.chart(name, others)
        for name in session.client_ids
    ]


def _unwaived(session: Session, page: Worklist) -> Worklist:
    """The list without what somebody has waived in the files, with a reason."""
    waivers = frozenset(session.loader.met.waivers)
    if not any(item.code and item.spot.path in waivers for item in page.items):
        return page
    from dataclasses import replace

    from carectl.caseload.places import Places
    from carectl.findings import Finding, Severity

    places = Places(session.loader.tree)
    doubtful = {
        item: Finding(item.code, Severity.WARNING, places.span(item.spot), item.what)
        for item in page.items
        if item.code and item.spot.path in waivers
    }
    kept = places.waive(list(doubtful.values()), waivers, judged=False)
    return replace(page, items=tuple(item for item in page.items if item not in doubtful or doubtful[item] in kept))


def _print(session: Session, charts: list[Chart], page: Worklist, *, whole: bool) -> None:
    """Print the list for people."""
    from carectl.output import terminal, worklist_page

    lines = SCREEN
    if sys.stdout.isatty():
        lines = max(shutil.get_terminal_size().lines, 24)
    names = {chart.id: f"{chart.id} {chart.client.name.given if chart.client else ''}".rstrip() for chart in charts}
    shown = worklist_page.worklist(
        page,
        client=lambda client_id: names[client_id],
        place=lambda item: telling.place(session, item.spot),
        setting=session.setting,
        width=telling.width(),
        room=None if whole else lines - _BESIDE,
        unread=bool(_faults(session) or page.missing),
    )
    terminal.put(shown, sys.stdout, colour=session.colour)


def _print_json(session: Session, page: Worklist) -> None:
    """Print the list for scripts: all of it."""
    from carectl.caseload.places import Places
    from carectl.output import export

    places = Places(session.loader.tree)
    lines = {item.spot: places.span(item.spot).line for item in page.items}
    sys.stdout.write(export.worklist(page, lines, session.setting.now))


def _faults(session: Session) -> list[Finding]:
    """What is wrong with the files that were read, so that the list may lack something."""
    from carectl.findings import Severity

    return [fault for fault in session.loader.met.findings if fault.severity > Severity.NOTE]


def _tell_unread(session: Session, page: Worklist) -> bool:
    """Say on the standard error what could not be read, so that the list may lack something; whether anything could."""
    from carectl.findings import Span

    faults = _faults(session)
    if not faults and not page.missing:
        return False
    from carectl.caseload.places import Places
    from carectl.output.report import visible

    told = {}
    for fault in Places(session.loader.tree).resolve(faults):
        line = f":{fault.at.line}" if isinstance(fault.at, Span) else ""
        told[f"{fault.path}{line}"] = fault.message
    for item in page.missing:
        told.setdefault(telling.place_of(session, item), f"{item.id}: {item.why}" if item.id else item.why)
    for where, words in sorted(told.items()):
        print(f"carectl: not whole: {visible(f'{where}: {words}')}", file=sys.stderr)
    return True

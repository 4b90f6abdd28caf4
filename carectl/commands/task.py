"""carectl task: follow-ups."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from carectl.commands import asking, completion, naming, telling
from carectl.commands.naming import Here
from carectl.commands.options import Form, Format, OneClient, OnlyClients
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.follow_ups import FollowUp
    from carectl.caseload.records import Task, Who
    from carectl.output.terminal import Line, Style

_MARKS: Final = {"overdue": "!", "open": "", "done": "✓"}

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def group() -> None:
    """Follow-ups: add one, tick one off, list them."""


@app.command()
def add(
    ctx: typer.Context,
    client: OneClient,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What is to be done.", show_default=False)] = None,
    due: Annotated[str | None, typer.Option(metavar="DAY", help="By when: fri, tomorrow, 2026-11-27.")] = None,
    who: Annotated[
        str | None,
        typer.Option(
            metavar="PERSON",
            help=f"Who does it; else the coordinator; {naming.NOT_ON_FILE}.",
            autocompletion=completion.people,
        ),
    ] = None,
    comes_from: Annotated[
        str | None, typer.Option("--from", metavar="RECORD", help="What it comes from: notes/n-2026-11-20-1.")
    ] = None,
    own_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Its id; else made of the text.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Open a follow-up.

    Example: carectl task add rosa "Call PT about the rail" --due fri
    """
    from carectl.commands.entering import add_task, taken
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    form = asking.Form(text, due)
    what = form.needs("TEXT", "What is to be done", text, asking.text)
    until = form.needs("--due", "Due, such as fri or 2026-11-27", due, here.day())
    form.done()
    doer = here.person(who) if who else None
    name = asking.checked("--id", own_id, asking.one_id)
    with writing(here.session, subject=f"{here.id} tasks: 1 added", dry_run=dry_run, commit=commit) as work:
        if name in taken(work.chart(here.id), "tasks"):
            raise UsageError(f"there is a task {name} already\nhint: choose another id; ids are never used again")
        work.say(str(here))
        add_task(work, here, what, until, who=doer, comes_from=comes_from, own_id=name)


@app.command()
def done(
    ctx: typer.Context,
    client: OneClient,
    task: Annotated[
        str | None,
        typer.Argument(metavar="TASK", help="Its id, or the start of it or of a word of the text.", show_default=False),
    ] = None,
    outcome: Annotated[str | None, typer.Option(metavar="TEXT", help="What came of it.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="When it was done; else today.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Tick a follow-up off. CLIENT/tasks/ID names it in one word.

    Example: carectl task done rosa call-pt --outcome "Comes on Wednesday at two"
    """
    from carectl.commands.entering import change
    from carectl.commands.writing import writing

    whose, name = naming.parted(client, task, "tasks", "task")
    here = Here.of(Session.of(ctx), whose)
    day = asking.checked("--on", on, here.day(past=True)) or here.today.isoformat()
    said = asking.checked("--outcome", outcome, asking.text)
    task_id = _meant(here, here.chart.tasks, name).id
    with writing(here.session, subject=f"{here.id} tasks: 1 done", dry_run=dry_run, commit=commit) as work:
        item = _meant(here, work.chart(here.id).tasks, task_id)
        work.say(str(here))
        if item.done is None:
            change(work, item, {"done": day, **({"outcome": said} if said else {})})
            work.say(f"Task {item.id}: {item.text}, done {here.said(day)}{_as_to(said)}")
        elif said and item.outcome is None:
            change(work, item, {"outcome": said}, after="done")
            work.say(f"Task {item.id} was done {here.said(item.done)}{_as_to(said)}")
        elif (said and item.outcome != said) or (on and item.done[:10] != day):
            words = f"the task {item.id} was done {here.said(item.done)}"
            raise Refused(f"{words}, and the file says otherwise of it\nhint: correct {item.origin.path} by hand")
        else:
            work.say(f"Task {item.id} was done {here.said(item.done)}")


def _as_to(said: str | None) -> str:
    return f": {said}" if said else ""


def _meant(here: Here, tasks: tuple[Task, ...], name: str | None) -> Task:
    """The task that is meant; open ones first."""
    pending = [task for task in tasks if task.done is None]
    exact = any(task.id == name for task in tasks)
    return naming.record(
        [(task, task.text) for task in (tasks if exact or not pending else pending)], name, "task", here, "tasks"
    )


# --- list ------------------------------------------------------------------------------------------------------------


@app.command("list")
def list_(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(metavar="[CLIENT]", help="Only this client.", autocompletion=completion.clients),
    ] = None,
    clients: OnlyClients = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that are done too.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """List follow-ups, overdue ones first.

    Example: carectl task list rosa
    """
    from carectl.care.follow_ups import follow_ups
    from carectl.output.export import as_json

    session = Session.of(ctx)
    telling.sound_setting(session)
    typed = [*([client] if client else []), *(clients or ())]
    wanted = list(dict.fromkeys(session.client(item) for item in typed)) or session.client_ids
    rows, names = _read(session, wanted)
    found = follow_ups(rows, done_too=all_)
    if form is Format.JSON:
        sys.stdout.write(as_json({"tasks": [_plain(item) for item in found]}))
    else:
        _print(session, found, names)
    if session.loader.met.findings:
        print("carectl: not everything could be read; carectl check tells why", file=sys.stderr)
        raise typer.Exit(1)


def _read(session: Session, wanted: list[str]) -> tuple[list[tuple[str, Task, dt.date]], dict[str, str]]:
    """The tasks of these clients, each with the day that it is where they live; and what clients are called."""
    from carectl.caseload.records import Chart, Client, TasksFile
    from carectl.caseload.shelves import pieces

    rows: list[tuple[str, Task, dt.date]] = []
    names: dict[str, str] = {}
    for name in wanted:
        person = session.loader.file(f"clients/{name}/client.yaml", Client)
        chart = Chart(name, f"clients/{name}", client=person if isinstance(person, Client) else None)
        names[name] = telling.called(chart)
        for path in pieces(session.loader.tree, name, "tasks"):
            file = session.loader.file(path, TasksFile)
            if isinstance(file, TasksFile):
                rows += [(name, task, session.setting.today_at(chart)) for task in file.tasks]
    return rows, names


def _plain(item: FollowUp) -> dict[str, Any]:
    from carectl.output.export import plain

    task = item.task
    return {
        "client": item.client,
        "id": task.id,
        "text": task.text,
        "due": plain(task.due),
        "who": _who(task.who),
        "from": task.from_,
        "done": task.done,
        "outcome": task.outcome,
        "overdue": item.standing == "overdue",
        "path": task.origin.path,
    }


def _who(who: Who | None) -> str | None:
    return who if who is None or isinstance(who, str) else who.name


def _print(session: Session, found: list[FollowUp], names: dict[str, str]) -> None:
    from carectl.output import terminal

    if not found:
        print("No tasks are open.")
        return
    terminal.put(_lines(found, names, telling.width()), sys.stdout, colour=session.colour)


def _lines(found: list[FollowUp], names: dict[str, str], width: int) -> Iterator[Line]:
    from carectl.output.terminal import Part, blocks, indented

    rows: list[list[Part]] = []
    for item in found:
        task = item.task
        when = f"done {task.done[:10]}" if task.done else f"{task.due:%a} {task.due}" if task.due else "no day"
        cells = (_MARKS[item.standing], when, names[item.client], task.id, _who(task.who) or "")
        rows.append([(cell, _look(item)) for cell in cells])
    marked = any(row[0][0] for row in rows)
    for item, block in zip(found, blocks(rows, width, whole=(0, 1)), strict=True):
        yield from block
        yield from indented(item.task.text, width, 3 * marked + 2, _look(item))
        if item.task.outcome:
            yield from indented(f"→ {item.task.outcome}", width, 3 * marked + 2, "faint")
    late = sum(item.standing == "overdue" for item in found)
    pending = sum(item.standing != "done" for item in found)
    yield []
    yield [(f"{pending} open" + (f"   ! {late} overdue" if late else ""), "faint")]


def _look(item: FollowUp) -> Style:
    return "loud" if item.standing == "overdue" else "faint" if item.standing == "done" else ""

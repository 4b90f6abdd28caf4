"""carectl save: check, then commit."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, telling
from carectl.commands.session import Session
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.commands.checking import Scope
    from carectl.findings import Finding

app = typer.Typer(rich_markup_mode=None)


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLIENT]", help="Only this client's files; else all.", autocompletion=completion.clients
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Option(
            "--message", "-m", metavar="TEXT", help="The subject: it can be read wherever this goes, so no names."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, and show what would be committed.")] = False,
) -> None:
    """Check what changed since the last commit, then commit it.

    Errors refuse it, with exit code 1; warnings are told. Without -m the subject names clients by their ids alone.

    Example: carectl save rosa
    """
    from carectl.care.subjects import subject
    from carectl.caseload import git
    from carectl.caseload.store import Store
    from carectl.caseload.subscriptions import HOME

    session = Session.of(ctx)
    whose = session.client(client, loosely=False) if client else None
    text = _message(message)
    # Nobody writes meanwhile: what is checked is what is committed.
    with Store(session.root).transaction(command="save", dry_run=dry_run) as change:
        telling.recovered(change.recovered)
        git.no_merge(session.root, os.environ)
        below = f"clients/{whose}" if whose else "."
        changed = git.changed(session.root, below, environment=os.environ)
        # Git ignores them, unless somebody made it take them; but whoever has a link reads a calendar.
        paths = [path for path in changed if not path.startswith(f"{HOME}/")]
        if whose:
            print(next(str(person) for person in session.clients() if person.id == whose))
        if not paths:
            print("Nothing to save: the last commit has it all.")
            return
        _check(session, paths)
        words = text or subject(paths)
        _warn_of_names(session, text)
        if dry_run:
            print("".join(f"{path}\n" for path in paths) + f"Would commit: {words.splitlines()[0]}")
            return
        head, _, body = words.partition("\n")
        name = git.commit(session.root, paths, head, body.strip(), environment=os.environ)
    if name:
        print(f"Committed {name} {head}")
        print(f"{len(paths)} file{'s' * (len(paths) != 1)}:")
        print(
            "".join(f"  {path}\n" for path in paths[:6]) + f"  and {len(paths) - 6} more\n" * (len(paths) > 6), end=""
        )


def _message(message: str | None) -> str | None:
    """The text of -m, a subject with perhaps more below it."""
    if message is None:
        return None
    for line in message.strip().splitlines():
        asking.checked("-m", line, asking.line)
    if not message.strip():
        raise UsageError("-m takes some text")
    return message.strip()


def _check(session: Session, paths: list[str]) -> None:
    """Check what these files are about, and tell. Raises Refused if there are errors."""
    from carectl.commands.checking import cache_folder, check
    from carectl.findings import Severity
    from carectl.output.report import as_text, summary

    report = check(session, _scope(session, paths), cache=cache_folder())
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    others: list[Finding] = [finding for finding in report.findings if finding.severity is Severity.WARNING]
    sys.stderr.write(as_text([*errors, *others]))
    if errors:
        told = summary(report.findings, report.files, report.records)
        raise Refused(f"nothing was committed: {told}\nhint: put the errors right, then save again")


def _scope(session: Session, paths: list[str]) -> Scope:
    """The clients whose files changed; everything, if something did on which every client's records rest."""
    from carectl.caseload.root import MARK
    from carectl.commands.checking import Scope

    if any(path == MARK or not path.startswith("clients/") for path in paths if not path.startswith(".")):
        return Scope()
    clients = frozenset(path.split("/")[1] for path in paths if path.startswith("clients/"))
    there = clients & set(session.client_ids)
    if clients - there:
        return Scope()  # a client's folder is gone, or has a name that cannot be an id
    return Scope(there, False, tuple(f"clients/{name}" for name in sorted(there)))


def _warn_of_names(session: Session, text: str | None) -> None:
    """Say that a subject names someone. It is the user's own, and is taken as it is."""
    from carectl.care.subjects import names_in
    from carectl.commands.naming import names_on_file

    found = names_in(text, names_on_file(session)) if text else []
    if found:
        print(
            f"carectl: the message may name {', '.join(found[:3])}; it can be read wherever the history goes\n"
            "hint: git commit --amend changes it as long as it was not pushed",
            file=sys.stderr,
        )

"""carectl template: the templates that documents are made of, and a practice's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands.options import Form, Format
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


def _complete(incomplete: str) -> list[str]:
    from carectl.output.documents.practice import builtin

    return [name for name in builtin() if name.startswith(incomplete)]


@app.callback()
def group() -> None:
    """The templates of letters and plans: which there are, and your own."""


@app.command(name="list")
def list_templates(
    ctx: typer.Context,
    form: Form = Format.TEXT,
) -> None:
    """List the templates, what each prints, and which of them are your own.

    Example: carectl template list
    """
    from carectl.output.documents import own_folder
    from carectl.output.documents.practice import shelves
    from carectl.output.export import as_json
    from carectl.output.report import visible

    found = shelves(own_folder(Session.of(ctx).root))
    if form is Format.JSON:
        sys.stdout.write(
            as_json({"templates": [{"name": one.name, "own": one.own, "about": one.about} for one in found]})
        )
        return
    width = max(len(one.name) for one in found)
    for one in found:
        print(visible(f"{'*' if one.own else ' '} {one.name:{width}}  {one.about}"))
    if any(one.own for one in found):
        print("\n* is your own, in templates/ of the caseload")


@app.command()
def eject(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="One that `template list` shows.", autocompletion=_complete),
    ],
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Copy a template into the caseload's templates/, to change it there. An own one is never overwritten.

    With --dry-run and a copy that is there already, the difference to carectl's own is shown.

    Example: carectl template eject letter-family.md.j2
    """
    from carectl.commands.writing import diff_of, writing
    from carectl.output.documents.practice import builtin, copy_of
    from carectl.output.documents.sandbox import OWN

    session = Session.of(ctx)
    plain = _known(name, builtin())
    path = f"{OWN}/{plain}"
    own = _own(session)
    there = own / plain if own else None
    if there is not None and (there.is_symlink() or there.exists()):
        if dry_run and there.is_file():
            sys.stdout.write(diff_of({path: (there.read_bytes(), copy_of(plain))}))
            return
        raise Refused(
            f"{path} is there already, and is not overwritten\n"
            f"hint: carectl template eject {plain} --dry-run shows what carectl's own has different"
        )
    with writing(session, subject=f"templates: {plain}", dry_run=dry_run, commit=commit) as work:
        work.change.create(path, copy_of(plain))
        work.say(f"A copy of carectl's {plain}: change what you like, then carectl template check")


@app.command()
def check(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One of your own; else all of them.", show_default=False),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the check too.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """Try your own templates with made-up data, for every reader and language.

    Nothing of a client is looked at. The exit code is 1 if a template has a fault (with --strict: warnings too).

    Example: carectl template check
    """
    from carectl.findings import Severity
    from carectl.output.documents import practice
    from carectl.output.report import as_json, as_text

    session = Session.of(ctx)
    own = _own(session)
    names = practice.own_names(own)
    only = None if name is None else _known(name, names)
    findings = practice.check(own, only) if own is not None else []
    if form is Format.JSON:
        sys.stdout.write(as_json(findings, len(names), 0))
    else:
        sys.stdout.write(as_text(findings, colour=session.colour))
        count = len(names) if only is None else 1
        print(_summary(count, len(findings)), file=sys.stderr)
    limit = Severity.WARNING if strict else Severity.ERROR
    if any(finding.severity >= limit for finding in findings):
        raise typer.Exit(1)


def _summary(count: int, findings: int) -> str:
    if not count:
        return "There are no templates of your own: carectl template eject NAME begins one"
    tried = f"{count} template{'s' * (count != 1)} of your own tried"
    return f"{tried}: {findings} finding{'s' * (findings != 1)}" if findings else f"{tried}: all is well"


def _own(session: Session) -> Path | None:
    from carectl.output.documents import own_folder

    return own_folder(session.root)


def _known(typed: str, names: list[str]) -> str:
    """The template that is meant. Raises UsageError."""
    from carectl.words import closest

    plain = typed.removeprefix("templates/")
    if plain in names:
        return plain
    near = closest(plain, names)
    raise UsageError(
        f"there is no template of this name\nhint: {f'did you mean {near}?' if near else 'carectl template list'}"
    )

"""carectl check: everything that is wrong, in one run."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from carectl.commands.checking import cache_folder, check, scope_of
from carectl.commands.completion import clients
from carectl.commands.session import Session

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@app.command()
def command(
    ctx: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CLIENT|PATH]...", help="Clients, files or folders; else everything.", autocompletion=clients
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the check too.")] = False,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print it.")] = Format.TEXT,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Look at everything again, also what was clean last time.")
    ] = False,
) -> None:
    """Say everything that is wrong in the caseload, with file and line.

    Nothing is ever written in the caseload. The exit code is 1 if there are errors (with --strict: warnings too).

    Example: carectl check rosa
    """
    from carectl.findings import Severity
    from carectl.output.report import as_github, as_json, as_text, summary

    session = Session.of(ctx)
    report = check(session, scope_of(session, targets or []), cache=None if no_cache else cache_folder())
    if form is Format.JSON:
        sys.stdout.write(as_json(report.findings, report.files, report.records))
    elif form is Format.GITHUB:
        sys.stdout.write(as_github(report.findings))
    else:
        sys.stdout.write(as_text(report.findings, colour=session.colour))
        if sys.stderr.isatty():
            print(summary(report.findings, report.files, report.records), file=sys.stderr)
    limit = Severity.WARNING if strict else Severity.ERROR
    if any(finding.severity >= limit for finding in report.findings):
        raise typer.Exit(1)

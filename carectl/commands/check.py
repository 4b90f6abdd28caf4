"""carectl check: everything that is wrong, in one run."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from carectl.commands.checking import Report, cache_folder, check, check_staged, scope_of
from carectl.commands.completion import clients
from carectl.commands.session import Session
from carectl.errors import UsageError

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
    staged: Annotated[
        bool, typer.Option("--staged", help="What is staged in git, as it is staged: clients of whom something is.")
    ] = False,
    merge: Annotated[
        str | None,
        typer.Option(
            "--merge", metavar="COMMIT", help="What the merge in a commit (HEAD) did to records of both sides."
        ),
    ] = None,
    merge_with: Annotated[
        str | None,
        typer.Option("--merge-with", metavar="BRANCH", help="What a merge with a branch would have to ask."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail the check too.")] = False,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print it.")] = Format.TEXT,
    redact: Annotated[
        bool, typer.Option("--redact", help="Codes, counts and ids of clients; nothing of what stands in the files.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Look at everything again, also what was clean last time.")
    ] = False,
) -> None:
    """Say everything that is wrong in the caseload, with file and line.

    Nothing is ever written in the caseload. The exit code is 1 if there are errors (with --strict: warnings too).

    Example: carectl check rosa
    """
    from carectl.findings import Severity
    from carectl.output.report import as_github, as_json, as_redacted, as_text, summary

    if redact and form is not Format.TEXT:
        raise UsageError("--redact prints text: leave --format out")
    session = Session.of(ctx)
    if merge is not None or merge_with is not None:
        report = _merged(session, merge, merge_with, targets or [], staged=staged)
    elif staged:
        report = check_staged(session, targets or [])
    else:
        report = check(session, scope_of(session, targets or []), cache=None if no_cache else cache_folder())
    if redact:
        sys.stdout.write(as_redacted(report.findings))
        print(summary(report.findings, report.files, report.records))
    elif form is Format.JSON:
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


def _merged(session: Session, merge: str | None, merge_with: str | None, targets: list[str], *, staged: bool) -> Report:
    """What a merge did, or would have to ask; what was looked at is told beside the findings."""
    from carectl.commands.merge_checking import check_merge, check_merge_with

    if staged or targets or (merge is not None and merge_with is not None):
        raise UsageError("--merge and --merge-with each look at a whole merge: name nothing else beside them")
    found = check_merge(session, merge) if merge is not None else check_merge_with(session, str(merge_with))
    print(found.said, file=sys.stderr)
    return found.report

"""carectl diff: what changed in care, in words."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import comparing, completion
from carectl.commands.session import NobodyFits, Session
from carectl.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carectl.care.changes.review import Review
    from carectl.caseload.revisions import Repository

app = typer.Typer(rich_markup_mode=None, add_completion=False)


class Format(StrEnum):
    """How changes are told."""

    TEXT = "text"
    MD = "md"
    HTML = "html"
    JSON = "json"


class Level(StrEnum):
    """How much a change weighs."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@app.command()
def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REV [REV]]", help="Commits, branches or tags; also REV..REV, and REV...REV.", show_default=False
        ),
    ] = None,
    client: Annotated[
        list[str] | None,
        typer.Option("--client", metavar="CLIENT", help="Only this client.", autocompletion=completion.clients),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="What is staged, instead of the files as they are.")] = False,
    merge_base: Annotated[
        bool, typer.Option("--merge-base", help="From where the two parted, instead of the first REV itself.")
    ] = False,
    form: Annotated[Format | None, typer.Option("--format", "-f", help="How to print it.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there, readable by you alone.")
    ] = None,
    fail_on: Annotated[
        Level | None, typer.Option("--fail-on", help="End with 1 if a change weighs this much, or more.")
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Counts, rules and ids of clients; nothing of what stands in the files.")
    ] = False,
) -> None:
    """Tell what changed in care: since the last commit, since REV, or from one REV to another.

    Clients come with the changes that weigh most first. Nothing is left out: what only moved, or changed in layout or
    comments, is said to have done so, and a file that cannot be read is named; then the exit code is 1.

    Example: carectl diff main...HEAD --client c-014
    """
    from carectl.caseload.revisions import Repository

    session = Session.of(ctx)
    shape = _format(output, form)
    with Repository.of(session.root, os.environ) as repository:
        revisions, named = _told_apart(session, repository, words or [])
        pair = comparing.sides(repository, revisions, staged=staged, merge_base=merge_base)
        paths = repository.changed(pair.old, pair.new)
        clients = {_client(session, typed, paths) for typed in (*(client or ()), *named)} or None
        review = comparing.reviewed(session, repository, pair, clients, paths)
    _put(session, review, shape, output, redact=redact)
    _tell_unread(review, shape, output, redact=redact)
    if review.unparsed or (fail_on is not None and review.reaches(fail_on.value)):
        raise typer.Exit(1)


def _format(output: Path | None, form: Format | None) -> Format:
    """The format that was asked for, or that the file's name tells."""
    from carectl.commands.saving import format_of

    known = {"text": "text", "txt": "text", "md": "md", "html": "html", "json": "json"}
    return Format(known[format_of(output, form.value if form else None, list(known))])


def _told_apart(session: Session, repository: Repository, words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which words name revisions, and which clients. Raises UsageError if one could be both, or is neither.

    A word that git knows is a revision; only what git does not know is looked for among the names of clients.
    """
    revisions: list[str] = []
    clients: list[str] = []
    for word in words:
        if comparing.is_range(word):
            revisions.append(word)
            continue
        try:
            repository.commit(word)
        except EnvironmentProblem as problem:
            try:
                clients.append(session.client(word, loosely=False))
            except NobodyFits as nobody:
                raise EnvironmentProblem(f"{problem}\nnor is it a client: {nobody}") from None
            continue
        if word in session.client_ids:
            raise UsageError(
                f"{word} is a client here, and a branch or tag as well\n"
                f"hint: --client {word} is the client, heads/{word} or tags/{word} the other one"
            )
        revisions.append(word)
    return revisions, clients


def _client(session: Session, typed: str, paths: Sequence[str]) -> str:
    """The id of the client who is meant, also of one whose folder is gone."""
    gone = {comparing.belonging(path).client for path in paths}
    return typed if typed in gone else session.client(typed)


def _put(session: Session, review: Review, form: Format, output: Path | None, *, redact: bool) -> None:
    """Print it, or write it to the file."""
    to_screen = output is None or str(output) == "-"
    if form is Format.TEXT and to_screen:
        from carectl.commands.telling import width
        from carectl.output import changes_page, terminal

        page = changes_page.redacted if redact else changes_page.changes
        terminal.put(page(review, width()), sys.stdout, colour=session.colour)
        return
    from carectl.commands.saving import save

    save(_text(session, review, form, redact=redact).encode(), output)


def _text(session: Session, review: Review, form: Format, *, redact: bool) -> str:
    """A review as a text of a format."""
    if form is Format.TEXT:
        import io

        from carectl.output import changes_page, terminal

        page = changes_page.redacted if redact else changes_page.changes
        stream = io.StringIO()
        terminal.put(page(review, 80), stream, colour=False)
        return stream.getvalue()
    if form is Format.JSON:
        from carectl.output import changes_export

        return changes_export.as_redacted_data(review) if redact else changes_export.as_data(review)
    if form is Format.MD:
        from carectl.output import changes_comment

        return changes_comment.as_redacted_comment(review) if redact else changes_comment.as_comment(review)
    from carectl.output import changes_sheet

    if redact:
        return changes_sheet.as_redacted_page(review)
    practice = session.setting.practice
    return changes_sheet.as_page(review, practice.name if practice else None)


def _tell_unread(review: Review, form: Format, output: Path | None, *, redact: bool) -> None:
    """Say on the standard error what could not be read, unless it stands on the screen already."""
    if not review.unparsed or (form is Format.TEXT and output is None):
        return
    if redact:
        print(f"carectl: {len(review.unparsed)} could not be read: carectl diff names them", file=sys.stderr)
        return
    from carectl.output.changes_page import unread
    from carectl.output.report import visible

    for item in review.unparsed:
        print(f"carectl: not whole: {visible(unread(item, review))}", file=sys.stderr)

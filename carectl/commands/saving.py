"""Where what a command makes goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.caseload.records import Contact
    from carectl.commands.session import Session
    from carectl.output.documents import Format, Maker, Paper

NoCache = Annotated[bool, typer.Option("--no-cache", help="Compile the templates anew, and keep nothing of them.")]


def format_of(output: Path | None, form: str | None, known: Sequence[str], *, option: bool = True) -> str:
    """The format that was asked for, or that the file's name tells; else the first one. Raises UsageError.

    `option` is False for a command that has no --format to advise.
    """
    if output is None or str(output) == "-":
        return form or known[0]
    suffix = output.suffix.lower().removeprefix(".")
    if suffix in ("yaml", "yml"):
        raise UsageError(f"{output}: a YAML file is for records, and this is none")
    if form is not None or suffix in known:
        return form or suffix
    names = [f".{name}" for name in known]
    endings = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    advice = f"end it in {endings}" + (", or give --format" if option else "")
    raise UsageError(f"{output}: what to write cannot be told from this name: {advice}")


def save(content: bytes, output: Path | None) -> None:
    """Print it, or write it to the file."""
    if output is None or str(output) == "-":
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(content.decode())
        else:
            stream.write(content)
            stream.flush()
        return
    if not output.parent.is_dir():
        raise EnvironmentProblem(f"cannot write {output}: there is no folder {output.parent}")
    from carectl.caseload.files import write

    write(output, content)
    print(f"Wrote {output}", file=sys.stderr)


def document(
    session: Session,
    name: str,
    context: Mapping[str, object],
    *,
    language: str,
    today: dt.date,
    form: str,
    output: Path | None,
    to: Contact | None = None,
    calendar: bytes | None = None,
    mark: str | None = None,
    no_cache: bool = False,
) -> None:
    """Make a document and print it, or write it to a file: every document of every command goes through here.

    `name` is that of its templates without their endings: letter-family is made of letter-family.md.j2, or for HTML of
    letter-family.html.j2 if there is one; the caseload's own templates come before carectl's. `context` is all that
    they see: plain data, chosen for its reader before. `form` is what `format_of` gave. For `eml`, `to` is the contact
    whose address the message bears, and `calendar` an iCalendar file to go with it. `mark` is the key of words that
    stand on top of every sheet, plan.draft say, of a document whose HTML is made of its Markdown.

    Raises Refused for a template with a fault or a contact without an address, and EnvironmentProblem if WeasyPrint is
    missing; then nothing has been printed or written. Call it before anything is said about the document.
    """
    from carectl.commands.checking import cache_folder
    from carectl.output.documents import Maker, Paper, TemplateFault, own_folder, title_of

    practice = session.setting.practice
    maker = Maker(own_folder(session.root), None if no_cache else cache_folder())
    paper = Paper(name, context, language, today, title_of(practice.name if practice else None, language), mark)
    try:
        if form == "eml":
            assert to is not None
            content = _message(session, maker, to, paper, calendar)
        else:
            if form == "pdf" and output is None and sys.stdout.isatty():
                raise UsageError("a PDF is not for reading in a terminal: name a file with -o")
            content = maker.make(cast("Format", form), paper)
    except TemplateFault as fault:
        from carectl.output.report import as_text

        raise Refused(f"a template has a fault; nothing was written\n{as_text([fault.finding]).rstrip()}") from None
    save(content, output)


def _message(
    session: Session,
    maker: Maker,
    to: Contact,
    paper: Paper,
    calendar: bytes | None,
) -> bytes:
    """The document as a message to a contact."""
    from carectl.commands.telling import place
    from carectl.output.mail import Message, as_eml, is_address

    spot = to.origin.at("email")
    if "email" in to.origin.unread:
        raise Refused(f"{place(session, spot)}: the `email` of {to.id} cannot be read")
    if to.email is None:
        raise Refused(f"{place(session, spot)}: {to.id} has no `email`: there is nowhere for a message to go")
    if not is_address(to.email):
        raise Refused(f"{place(session, spot)}: the `email` of {to.id} is no address that mail programs take")
    practice = session.setting.practice
    message = Message(
        to=to.email,
        sender=(practice.name, practice.email) if practice and practice.email else None,
        subject=paper.title,
        moment=session.setting.now,
        text=maker.text("txt", paper),
        html=maker.text("html", paper),
        calendar=calendar,
    )
    return as_eml(message)

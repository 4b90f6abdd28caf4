"""carectl note: what was said to whom, and what is to be done about it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion
from carectl.commands.naming import NOT_ON_FILE, Here, PersonValue
from carectl.commands.options import Author, Due, ForFamily, OneClient, Private
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import CarectlError, Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.records import Chart

app = typer.Typer(rich_markup_mode=None)

CHANNELS = "phone, email, text, letter, in_person, video …"


@app.command()
def command(
    ctx: typer.Context,
    client: OneClient,
    source: Annotated[
        str | None, typer.Argument(metavar="[-]", help="- takes the text from standard input.", show_default=False)
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", metavar="TEXT", help="The text; else your editor opens.")
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with", metavar="PERSON", help=f"Whom you talked to; {NOT_ON_FILE}.", autocompletion=completion.people
        ),
    ] = None,
    channel: Annotated[str | None, typer.Option("--by", metavar="CHANNEL", help=f"How: {CHANNELS}")] = None,
    minutes: Annotated[float | None, typer.Option(min=0, help="How many minutes.")] = None,
    topic: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC", help="What it was about: health, wellbeing … (repeat it).")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="When: 9:40, yesterday 14:00, 2026-11-20T10:15; else now.")
    ] = None,
    author: Author = None,
    billable: Annotated[
        bool | None, typer.Option("--billable/--not-billable", help="Whether the time is billed.", show_default=False)
    ] = None,
    for_family: ForFamily = None,
    private: Private = False,
    about: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTACT", help="Whom it is about: they are never shown it.", autocompletion=completion.people
        ),
    ] = None,
    task: Annotated[str | None, typer.Option(metavar="TEXT", help="A follow-up that comes of it.")] = None,
    due: Due = None,
    who: Annotated[
        str | None,
        typer.Option(
            metavar="PERSON", help="Who does the task; else the coordinator.", autocompletion=completion.people
        ),
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Write down what was said to whom.

    The text comes from -m, from standard input (-), or from the editor that VISUAL or EDITOR names.

    Example: carectl note rosa --with maria --by phone -m "She slept well" --task "Call PT" --due fri
    """
    from carectl.caseload.records import TOPICS

    session = Session.of(ctx)
    here = Here.of(session, client)
    if source not in (None, "-"):
        raise UsageError('the text goes behind -m: carectl note CLIENT -m "…" (a single - takes standard input)')
    if source == "-" and message is not None:
        raise UsageError("take the text from -m or from standard input (-), not from both")
    if (due or who) and not task:
        raise UsageError("--due and --who belong to a follow-up: add --task TEXT")
    form = asking.Form(None if task and due is None else "")
    until = form.needs("--due", "Due, such as fri or 2026-11-27", due, here.day()) if task else ""
    form.done()
    follow_up = asking.checked("--task", task, asking.text)
    doer = here.person(who) if who else None
    moment = asking.checked("--at", at, here.moment(days_too=False)) or here.this_moment().text
    topics = [
        asking.checked("--topic", part, asking.one_of(*TOPICS, "all"))
        for item in topic or ()
        for part in item.split(",")
    ]
    fields: dict[str, object] = {
        "at": moment,
        "with": here.person(with_) if with_ else None,
        "channel": asking.checked("--by", channel, asking.word),
        "minutes": minutes,
        "topics": list(dict.fromkeys(topics)),
        "text": None,
        "for_family": asking.for_family(for_family),
        "private": private or None,
        "about": [here.person(item) for item in about or ()],
        "author": here.staff(author) if author else here.coordinator,
        "recorded": here.late(moment),
        "billable": billable,
    }
    typed_here = message is None and source is None
    fields["text"] = _text(here, message, source)
    try:
        _write(here, fields, follow_up, until, doer, dry_run=dry_run, commit=commit)
    except CarectlError:
        if typed_here:
            # A page that somebody wrote is not thrown away with the file that it was written in.
            print(f"What you wrote:\n\n{fields['text']}\n", file=sys.stderr)
        raise


def _text(here: Here, message: str | None, source: str | None) -> str:
    """The text of the note. Raises UsageError or Refused if there is none."""
    from carectl.commands.composing import compose, tidy

    if message is not None and message != "-":
        if not (text := tidy(message)):
            raise UsageError("-m takes some text")
        return text
    if message == "-" or source == "-":
        text = tidy(sys.stdin.read())
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("-m TEXT is needed, or - for standard input (on a terminal carectl opens your editor)")
    else:
        print(here, file=sys.stderr)
        text = tidy(compose(f"# Above this line: the note for {here.id}. Empty, nothing is written."))
    if not text:
        raise Refused("nothing was written: the note is empty")
    return text


def _write(
    here: Here,
    fields: dict[str, object],
    follow_up: str | None,
    due: str,
    doer: PersonValue | None,
    *,
    dry_run: bool,
    commit: bool,
) -> None:
    from carectl.care.entries import numbered, position_by_time
    from carectl.commands.entering import add, add_task, filled, taken
    from carectl.commands.writing import writing

    moment = str(fields["at"])
    counts = "notes: 1 added" + (", tasks: 1 added" if follow_up else "")
    with writing(here.session, subject=f"{here.id} {counts}", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        work.say(str(here))
        note_id = _twin(chart, fields)
        if note_id is not None:
            work.say(f"This note is there already: notes/{note_id}")
        else:
            note_id = numbered(f"n-{moment[:10]}", taken(chart, "notes"))
            add(
                work,
                here.id,
                "notes",
                filled({"id": note_id, **fields}),
                piece=moment[:7],
                position=lambda path: position_by_time([(n, n.at) for n in chart.notes], path, moment, here.zone),
            )
            work.say(f"Note {note_id}, {here.said(moment)}{_how(here, fields)}")
            if fields["recorded"]:
                work.say(here.late_words(moment))
        if follow_up:
            add_task(work, here, follow_up, due, who=doer, comes_from=f"notes/{note_id}")


def _twin(chart: Chart, fields: dict[str, object]) -> str | None:
    """The id of the same note, if it is there already."""
    for note in chart.notes:
        if (note.at, note.text, note.channel) == (fields["at"], fields["text"], fields["channel"]):
            return note.id
    return None


def _how(here: Here, fields: dict[str, object]) -> str:
    """With whom, how and how long, in words."""
    words = [f"with {here.who(fields['with'])}"] if fields["with"] else []  # type: ignore[arg-type]
    words += [f"by {str(fields['channel']).replace('_', ' ')}"] if fields["channel"] else []
    words += [f"{fields['minutes']:g} minutes"] if fields["minutes"] is not None else []
    words += ["private"] if fields["private"] else []
    return "".join(f", {word}" for word in words)

"""carectl letter: letters to people outside."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import completion, letter_papers, saving, telling
from carectl.commands.naming import Here
from carectl.commands.options import OneClient, Output
from carectl.commands.session import Session, parse_day
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.letters import FamilyLetter
    from carectl.caseload.records import Chart, Contact

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def group() -> None:
    """Write to a family or to professionals, of what they may be told."""


@app.command()
def family(
    ctx: typer.Context,
    client: OneClient,
    to: Annotated[
        str,
        typer.Option("--to", metavar="CONTACT", help="The contact who reads it.", autocompletion=completion.contacts),
    ],
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="From when on to tell; else from their last letter, or 14 days.")
    ] = None,
    form: letter_papers.Form = None,
    output: Output = None,
    attach_calendar: Annotated[
        bool, typer.Option("--attach-calendar", help="With eml: the visits of the letter as a calendar file, too.")
    ] = False,
    sent: Annotated[
        bool, typer.Option("--sent", help="Write down in the notes that it went out, and about what; with -o.")
    ] = False,
    no_cache: saving.NoCache = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Write a letter with what this contact may be told today, and nothing else.

    What was withheld, and why, is told on the standard error, for you alone. If nothing may be shared there is no
    letter, and the exit code is 1. An .eml file is a message to look at and send with your mail program: carectl
    sends nothing. With --sent, for a letter that you have read and send, the next one goes on from there.

    Example: carectl letter family rosa --to maria -o letter.pdf --sent
    """
    from carectl.care.letters import family_letter
    from carectl.care.sharing import NotShared
    from carectl.output.documents import languages

    session = Session.of(ctx)
    chosen = saving.format_of(output, form, [*letter_papers.Format])
    if attach_calendar and chosen != letter_papers.Format.EML:
        raise UsageError("--attach-calendar goes with a message: --format eml")
    if sent and (output is None or str(output) == "-"):
        raise UsageError("--sent goes with a file, so that what went out can be looked at: add -o FILE")
    if (dry_run or commit) and not sent:
        raise UsageError("--dry-run and --commit belong to --sent: nothing else is written in the caseload")
    chart = session.chart(client, loosely=False)
    contact = telling.contact(chart, to)
    setting = telling.sound_setting(session)
    first = parse_day(since, "--since", session.setting.today, leaning="past") if since else None
    if first and first > setting.today_at(chart):
        raise UsageError("--since lies in the future")
    letter = family_letter(chart, contact, setting, since=first, languages=languages())
    whom = f"{telling.called(chart)}, to {contact.id} {contact.name}"
    if isinstance(letter, NotShared):
        telling.tell_withheld(session, "Withheld:", letter.withheld)
        raise Refused(f"{whom}: no letter: {letter.words}")
    text = letter.letter
    calendar, lost = _calendar(session, chart, contact, letter, whom) if attach_calendar else (None, False)
    saving.document(
        session, "letter-family", {"letter": text}, language=text.language, today=text.date, form=chosen, output=output,
        to=contact, calendar=calendar, no_cache=no_cache,
    )  # fmt: skip
    print(f"{whom}: {', '.join(in_order_of_topics(letter.topics))}", file=sys.stderr)
    if letter.last is not None:
        print(f"Since {text.since}, their last letter: notes/{letter.last.id}", file=sys.stderr)
    if sent:
        _write_down(Here(session, chart), contact, letter, dry_run=dry_run, commit=commit)
    if telling.tell_withheld(session, "Withheld, or to be looked at:", letter.withheld) or lost:
        raise typer.Exit(1)


def _write_down(here: Here, contact: Contact, letter: FamilyLetter, *, dry_run: bool, commit: bool) -> None:
    """Write into the notes that the letter went out: to whom, when, and about which topics; none of its words."""
    from carectl.care.entries import numbered, position_by_time
    from carectl.care.letters import SENT, disclosure
    from carectl.commands.entering import add, filled, taken
    from carectl.commands.writing import writing

    moment = here.this_moment().text
    fields = {
        "at": moment,
        "with": contact.id,
        "channel": "letter",
        "topics": in_order_of_topics(letter.told),
        "text": disclosure(letter),
        "author": here.coordinator,
    }
    with writing(here.session, subject=f"{here.id} notes: 1 added", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        twin = next((note for note in chart.notes if (note.at, note.text) == (moment, fields["text"])), None)
        if twin is not None:
            work.say(f"This letter is written down already: notes/{twin.id}")
            return
        note_id = numbered(f"{SENT}-{moment[:10]}", taken(chart, "notes"))
        add(
            work, here.id, "notes", filled({"id": note_id, **fields}), piece=moment[:7],
            position=lambda path: position_by_time([(n, n.at) for n in chart.notes], path, moment, here.zone),
        )  # fmt: skip
        work.say(f"Note {note_id}, {here.said(moment)}, with {here.who(contact.id)}: {fields['text']}")


def _calendar(session: Session, chart: Chart, contact: Contact, letter: FamilyLetter, whom: str) -> tuple[bytes, bool]:
    """The visits to come that the letter tells of as a calendar file, and whether any could not be read.

    What a contact chose for their published calendar holds here too. Raises Refused if they get none.
    """
    from carectl.care.schedule import occurrences
    from carectl.output.calendar import audiences, ical

    if "schedule" not in letter.topics:
        raise Refused(f"{whom}: no calendar: the schedule is not shared; leave --attach-calendar out")
    if contact.calendar == "none":
        raise Refused(f"{whom}: no calendar: `calendar: none` is written there; leave --attach-calendar out")
    setting = session.setting
    expansion = occurrences(chart, setting, letter.letter.date, letter.letter.until)
    feed = audiences.family_feed(chart, expansion.occurrences, setting, contact, letter.topics)
    if contact.calendar == "busy":
        feed = audiences.busy(feed, letter.letter.language)
    lost = telling.tell_withheld(session, "Not in the calendar because it could not be read:", feed.unreadable)
    return ical.flat(feed), telling.tell_missing(session, expansion.missing) or lost


def in_order_of_topics(topics: frozenset[str]) -> list[str]:
    """Topics in the order of the format page."""
    from carectl.caseload.records import TOPICS

    return [topic for topic in TOPICS if topic in topics]


letter_papers.register(app)

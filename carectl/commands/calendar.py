"""carectl calendar: visits for calendar programs."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import completion, saving, telling
from carectl.commands.session import Session, parse_day
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.schedule import Missing
    from carectl.care.setting import Setting
    from carectl.output.calendar.audiences import Feed

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

BACK = dt.timedelta(30)
AHEAD = dt.timedelta(120)


@app.callback()
def group() -> None:
    """Export visits as a calendar."""


@app.command()
def export(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(metavar="[CLIENT]", help="An id, or the start of a name.", autocompletion=completion.clients),
    ] = None,
    staff: Annotated[
        str | None,
        typer.Option("--staff", metavar="STAFF", help="The visits of this one.", autocompletion=completion.staff),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="CONTACT",
            help="The contact who sees it; else it is for the coordinator, with everything.",
            autocompletion=completion.contacts,
        ),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day; else 30 days ago.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, included; else 120 days ahead.")
    ] = None,
    style: Annotated[
        str, typer.Option("--style", metavar="flat", help="flat: one event in UTC per visit, right in every program.")
    ] = "flat",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; else it is printed.")
    ] = None,
) -> None:
    """Write the visits of a client, or of a staff member, as an iCalendar file.

    Visits that could not be read are told on the standard error, and the exit code is 1: they are not in the file.

    Example: carectl calendar export rosa --to maria -o rosa.ics
    """
    from carectl.output.calendar.ical import flat

    session = Session.of(ctx)
    _usage(client, staff, to, style)
    saving.format_of(output, None, ["ics"], option=False)
    setting = telling.sound_setting(session)
    first, last = window(setting.today, from_, until)
    if client is not None:
        feed, whom, missing = _of_client(session, setting, client, to, first, last)
    else:
        feed, whom, missing = _of_staff(session, setting, staff or "", first, last)
    saving.save(flat(feed), output)
    count = len(feed.events)
    print(f"{whom}: {count} visit{'s' * (count != 1)} from {first} until {last}", file=sys.stderr)
    if feed.withheld:
        print(f"  withheld: {feed.withheld} that may not be shared", file=sys.stderr)
    lost = telling.tell_withheld(session, "Withheld because something could not be read:", feed.unreadable)
    if telling.tell_missing(session, missing) or lost:
        raise typer.Exit(1)


def window(today: dt.date, from_: str | None, until: str | None) -> tuple[dt.date, dt.date]:
    """The days that are meant, both included, within the years that a calendar knows. Raises UsageError."""
    first = parse_day(from_, "--from", today) if from_ else today - min(BACK, today - dt.date.min)
    last = parse_day(until, "--until", today) if until else today + min(AHEAD, dt.date.max - today)
    if last < first:
        raise UsageError("--until is before --from")
    return first, last


def _usage(client: str | None, staff: str | None, to: str | None, style: str) -> None:
    """Raise UsageError for what does not go together."""
    if (client is None) == (staff is None):
        raise UsageError("name a client, or a staff member with --staff")
    if staff is not None and to is not None:
        raise UsageError("--to goes with a client")
    if style == "series":
        raise UsageError("the style series is not there yet: flat is, and it is right in every calendar program")
    if style != "flat":
        raise UsageError("--style takes flat")


def _of_client(
    session: Session, setting: Setting, typed: str, to: str | None, first: dt.date, last: dt.date
) -> tuple[Feed, str, tuple[Missing, ...]]:
    """A client's visits, for the coordinator or for one contact."""
    from carectl.care.schedule import occurrences
    from carectl.care.sharing import barred, live_topics, why_not
    from carectl.output.calendar.audiences import coordinator_feed, family_feed

    chart = session.chart(typed, loosely=False)
    whom = telling.called(chart)
    if to is None:
        expansion = occurrences(chart, setting, first, last)
        return coordinator_feed(chart, expansion.occurrences, setting), whom, expansion.missing
    contact = telling.contact(chart, to)
    whom = f"{whom}, to {contact.id} {contact.name}"
    if bar := barred(chart, contact, setting):
        raise Refused(f"{whom}: no calendar: {bar.words}")
    today = setting.today_at(chart)
    topics = live_topics(contact, today)
    if "schedule" not in topics:
        raise Refused(f"{whom}: no calendar: schedule: {why_not(contact, 'schedule', today)}")
    expansion = occurrences(chart, setting, first, last)
    return family_feed(chart, expansion.occurrences, setting, contact, topics), whom, expansion.missing


def _of_staff(
    session: Session, setting: Setting, typed: str, first: dt.date, last: dt.date
) -> tuple[Feed, str, tuple[Missing, ...]]:
    """A staff member's visits, whoever the client is; for the coordinator."""
    from carectl.care.schedule import occurrences
    from carectl.output.calendar.audiences import Event, Feed, coordinator_feed

    own_id = telling.staff_id(session, typed)
    events: list[Event] = []
    missing: list[Missing] = []
    for chart in session.loader.charts():
        expansion = occurrences(chart, setting, first, last)
        own = [item for item in expansion.occurrences if own_id in item.staff]
        events += coordinator_feed(chart, own, setting).events
        missing += expansion.missing
    member = setting.staff.get(own_id)
    name = member.name.full if member else own_id
    zone = setting.practice.timezone if setting.practice else "UTC"
    return Feed(f"{name} – visits", zone, tuple(events)), f"{own_id} {name}", tuple(missing)

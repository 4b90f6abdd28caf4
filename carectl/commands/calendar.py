"""carectl calendar: visits for calendar programs."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import completion, importing, publishing, saving, telling
from carectl.commands.options import Output
from carectl.commands.session import Session, parse_day
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from carectl.care.schedule import Missing, Occurrence
    from carectl.care.setting import Setting
    from carectl.caseload.records import Chart
    from carectl.output.calendar.audiences import Feed

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

BACK = dt.timedelta(30)
AHEAD = dt.timedelta(120)


@app.callback()
def group() -> None:
    """Visits for calendar programs, and other calendars as visits."""


app.command("import")(importing.import_calendar)


@app.command()
def export(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(metavar="[CLIENT]", help="An id, or the start of a name.", autocompletion=completion.clients),
    ] = None,
    staff: Annotated[
        str | None,
        typer.Option(
            "--staff",
            metavar="STAFF",
            help="The visits of this one, as they may see them.",
            autocompletion=completion.staff,
        ),
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
    busy: Annotated[bool, typer.Option("--busy", help="Nothing but the times: no names, no places.")] = False,
    cancelled: Annotated[
        str,
        typer.Option("--cancelled", metavar="mark|drop", help="mark: say so in the title; drop: leave them out."),
    ] = "mark",
    style: Annotated[
        str,
        typer.Option(
            "--style",
            metavar="flat|series",
            help="flat: one event per visit, right in every program; series: what repeats as one, for you and staff.",
        ),
    ] = "flat",
    output: Output = None,
) -> None:
    """Write the visits of a client, or of a staff member, as an iCalendar file.

    Visits that could not be read are told on the standard error, and the exit code is 1: they are not in the file.

    Example: carectl calendar export rosa --to maria -o rosa.ics
    """
    from carectl.output.calendar import audiences, ical

    session = Session.of(ctx)
    _usage(client, staff, to, style, cancelled)
    saving.format_of(output, None, ["ics"], option=False)
    setting = telling.sound_setting(session)
    first, last = window(setting.today, from_, until)
    if client is not None:
        feed, whom, missing = _of_client(session, setting, client, to, first, last, busy=busy)
    else:
        feed, whom, missing = _of_staff(session, setting, staff or "", first, last, busy=busy)
    if cancelled == "drop":
        feed = audiences.without_cancelled(feed)
    saving.save(ical.series(feed) if style == "series" else ical.flat(feed), output)
    count = len(feed.events)
    print(f"{whom}: {count} visit{'s' * (count != 1)} from {first} until {last}", file=sys.stderr)
    if feed.withheld:
        advice = ": tell them yourself" if staff is not None else ""
        print(f"  withheld: {feed.withheld} that may not be shared{advice}", file=sys.stderr)
    lost = telling.tell_withheld(session, "Withheld because something could not be read:", feed.unreadable)
    if telling.tell_missing(session, missing) or lost:
        raise typer.Exit(1)


def window(today: dt.date, from_: str | None, until: str | None) -> tuple[dt.date, dt.date]:
    """The days that are meant, both included, within the years that a calendar knows. Raises UsageError."""
    from carectl.care.moments import earlier, later

    first = parse_day(from_, "--from", today) if from_ else earlier(today, BACK)
    last = parse_day(until, "--until", today) if until else later(today, AHEAD)
    if last < first:
        raise UsageError("--until is before --from")
    return first, last


def _usage(client: str | None, staff: str | None, to: str | None, style: str, cancelled: str) -> None:
    """Raise UsageError for what does not go together."""
    if (client is None) == (staff is None):
        raise UsageError("name a client, or a staff member with --staff")
    if staff is not None and to is not None:
        raise UsageError("--to goes with a client")
    if style not in ("flat", "series"):
        raise UsageError("--style takes flat or series")
    if style == "series" and to is not None:
        raise UsageError(
            "a family's calendar is always flat: of a series, some calendar programs show a visit twice or at a wrong "
            "hour, and nobody would notice; leave --style out"
        )
    if cancelled not in ("mark", "drop"):
        raise UsageError("--cancelled takes mark or drop")


def _of_client(
    session: Session, setting: Setting, typed: str, to: str | None, first: dt.date, last: dt.date, *, busy: bool
) -> tuple[Feed, str, tuple[Missing, ...]]:
    """A client's visits, for the coordinator or for one contact."""
    from carectl.care.schedule import occurrences
    from carectl.care.sharing import barred, live_topics, why_not
    from carectl.output.calendar import audiences

    chart = session.chart(typed, loosely=False)
    whom = telling.called(chart)
    if to is None:
        expansion = occurrences(chart, setting, first, last)
        feed = audiences.coordinator_feed(chart, expansion.occurrences, setting)
        return audiences.busy(feed) if busy else feed, whom, expansion.missing
    contact = telling.contact(chart, to)
    whom = f"{whom}, to {contact.id} {contact.name}"
    if bar := barred(chart, contact, setting):
        raise Refused(f"{whom}: no calendar: {bar.words}")
    today = setting.today_at(chart)
    topics = live_topics(contact, today)
    if "schedule" not in topics:
        raise Refused(f"{whom}: no calendar: schedule: {why_not(contact, 'schedule', today)}")
    expansion = occurrences(chart, setting, first, last)
    feed = audiences.family_feed(chart, expansion.occurrences, setting, contact, topics)
    return audiences.busy(feed, contact.language or "en") if busy else feed, whom, expansion.missing


def _of_staff(
    session: Session, setting: Setting, typed: str, first: dt.date, last: dt.date, *, busy: bool
) -> tuple[Feed, str, tuple[Missing, ...]]:
    """A staff member's own visits, whoever the client is."""
    from carectl.care.schedule import occurrences
    from carectl.caseload.records import Name, StaffMember
    from carectl.output.calendar import audiences

    own_id = telling.staff_id(session, typed)
    # Of someone whose file could not be read the visits are known all the same: they are named in the charts.
    unknown = StaffMember(id=own_id, name=Name(given=own_id, family=""), role="unknown")
    member = setting.staff.get(own_id, unknown)
    missing: list[Missing] = []

    def visits() -> Iterator[tuple[Chart, Sequence[Occurrence]]]:
        for chart in session.loader.charts():
            expansion = occurrences(chart, setting, first, last)
            missing.extend(expansion.missing)
            yield chart, expansion.occurrences

    feed = audiences.staff_feed(member, visits(), setting)
    whom = own_id if member is unknown else f"{own_id} {member.name.full}"
    return audiences.busy(feed) if busy else feed, whom, tuple(missing)


publishing.add_to(app)

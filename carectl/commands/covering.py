"""carectl visit suggest, visit gaps: who could take a visit, and which visits nobody covers."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import completion, scheduling, telling
from carectl.commands.options import Form, Format, OnlyClients
from carectl.commands.session import Session, parse_day
from carectl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carectl.care.coverage import Booking
    from carectl.care.schedule import Missing, Occurrence
    from carectl.caseload.records import Chart

_AHEAD: Final = dt.timedelta(days=13)
"""How far ahead gaps are looked for, beside the first day."""


def suggest(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="VISIT",
            help="CLIENT DAY [TIME], such as rosa sat 9:00; or CLIENT/ID.",
            autocompletion=completion.clients,
            show_default=False,
        ),
    ],
    form: Form = Format.TEXT,
) -> None:
    """Say who could take a visit, and why others cannot.

    Whoever knows the client comes first, then who speaks the language, then who has the most hours left that week. What
    could not be read is told on the standard error, and the exit code is 1.

    Example: carectl visit suggest rosa sat 9:00
    """
    from carectl.care.coverage import candidates
    from carectl.care.gaps import places, window
    from carectl.care.travel import ways_of
    from carectl.output import coverage_page, terminal

    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    chart = session.loader.chart(client)
    visit, remark = scheduling.find(session, chart, named, "coming", _to_come(session), "suggest")
    setting = session.setting
    zone = setting.now.tzinfo or dt.UTC
    around = window(visit.start.astimezone(zone).date(), visit.end.astimezone(zone).date())
    charts = _charts(session, around, {client: chart})
    _, booked, missing = _visits(session, charts.values(), around)
    ranked = candidates(visit, chart, setting.staff, booked, zone, ways_of(setting.travel))
    head = [telling.called(chart), *([remark] if remark else []), f"{scheduling.said(session, chart, visit)}."]
    page = coverage_page.Suggestion(
        visit=visit,
        head=[*head, *scheduling.suspended(visit), *_together(session, visit)],
        ranked=ranked,
        places=places(visit, ranked, setting),
        staff=setting.staff,
        unread=sorted(setting.unread_staff),
        language=chart.client.language if chart.client else None,
    )
    if form is Format.JSON:
        sys.stdout.write(coverage_page.suggestion_json(page))
    else:
        terminal.put(coverage_page.suggestion(page, telling.width()), sys.stdout, colour=session.colour)
    _tell(session, missing)


def gaps(
    ctx: typer.Context,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day; else today.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, included; else 13 days later.")
    ] = None,
    client: OnlyClients = None,
    form: Form = Format.TEXT,
) -> None:
    """List the visits to come that nobody covers.

    Nobody is down for them, or who is, is away, has left or is not on the roster. Each has who fits best; whoever is
    proposed for one visit counts as taken for the next. What could not be read is told on the standard error, and the
    exit code is 1.

    Example: carectl visit gaps --until 12/31
    """
    from carectl.care.gaps import gap_of, proposals, window
    from carectl.output import coverage_page, terminal

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    wanted = {session.client(typed) for typed in client} if client else set(session.client_ids)
    days = _days(setting.today, from_, until)
    around = window(*days)
    charts = _charts(session, around, {})
    visits, booked, missing = _visits(session, charts.values(), around)
    found = [
        gap
        for visit in visits
        if visit.client in wanted and days[0] <= visit.day <= days[1] and visit.end > setting.now
        if (gap := gap_of(visit, setting)) is not None
    ]
    # How often somebody was at a client, all of the client's visits tell.
    whole = {name: session.loader.chart(name) for name in sorted({gap.visit.client for gap in found})}
    proposed = proposals(found, whole, setting, booked)
    if form is Format.JSON:
        sys.stdout.write(coverage_page.gaps_json(proposed, days, sorted(setting.unread_staff)))
    else:
        languages = {name: chart.client.language if chart.client else None for name, chart in whole.items()}
        names = telling.names_of(session, whole.values())
        lines = coverage_page.gaps(proposed, names, languages, days, setting.now, telling.width(), is_whole=not missing)
        terminal.put(lines, sys.stdout, colour=session.colour)
    _tell(session, missing)


def _days(today: dt.date, from_: str | None, until: str | None) -> tuple[dt.date, dt.date]:
    """The days that are meant, both included. Raises UsageError."""
    from carectl.care.moments import later

    first = parse_day(from_, "--from", today) if from_ else today
    last = parse_day(until, "--until", first) if until else later(first, _AHEAD)
    if last < first:
        raise UsageError("--until is before --from" if from_ else "--until is past: gaps are looked for from today on")
    return first, last


def _to_come(session: Session) -> scheduling.Refusal:
    """Nobody can be sent to what is over or does not take place."""
    from carectl.care.visit_entries import UPCOMING, recorded_status

    def refusal(visit: Occurrence) -> str | None:
        status = recorded_status(visit)
        if status not in UPCOMING:
            return f"the visit {visit.client}/{visit.id} is written down as {status} already"
        if visit.end <= session.setting.now:
            done = f"carectl visit done {visit.client}/{visit.id}"
            return f"the visit {visit.client}/{visit.id} is over\nhint: what became of it: {done}"
        return None

    return refusal


def _together(session: Session, visit: Occurrence) -> list[str]:
    """A sentence about the other clients who are seen in the same visit."""
    from carectl.care.coverage import together_of

    people = {person.id: str(person) for person in session.clients()} if together_of(visit) else {}
    named = ", ".join(people.get(name, name) for name in together_of(visit))
    return [f"Seen in the same visit: {named}. Each of them has a record of their own to change."] if named else []


def _charts(session: Session, days: tuple[dt.date, dt.date], known: dict[str, Chart]) -> dict[str, Chart]:
    """The charts of all clients, as far as they tell which visits take place on these days."""
    from carectl.caseload.load import Part

    part = Part.of_days(*days)
    # The loader also tells of folders that nobody can be found in.
    names = set(session.loader.client_ids())
    return {name: known.get(name) or session.loader.chart(name, part) for name in session.client_ids if name in names}


def _visits(
    session: Session, charts: Iterable[Chart], days: tuple[dt.date, dt.date]
) -> tuple[list[Occurrence], list[Booking], list[Missing]]:
    """The visits of these days in their order, who is down for them, and what could not be placed."""
    from carectl.care.coverage import bookings
    from carectl.care.schedule import occurrences, order
    from carectl.care.travel import home

    found, booked, missing = list["Occurrence"](), list["Booking"](), list["Missing"]()
    for chart in charts:
        expansion = occurrences(chart, session.setting, *days)
        found += expansion.occurrences
        missing += expansion.missing
        booked += bookings(expansion.occurrences, home(chart.client) if session.setting.travel is not None else None)
    return sorted(found, key=order), booked, missing


def _tell(session: Session, missing: list[Missing]) -> None:
    """Say on the standard error what could not be read, and end with 1 if there is any."""
    from carectl.care.coverage import unread_of

    setting = session.setting
    lost = [f"staff/{name}.yaml could not be read" for name in sorted(setting.unread_staff)]
    for name, member in setting.staff.items():
        lost += [f"staff/{name}.yaml: `{field}` could not be read whole" for field in unread_of(member)]
    for text in lost:
        print(f"carectl: not whole: {text}", file=sys.stderr)
    if telling.tell_missing(session, missing) or lost:
        raise typer.Exit(1)

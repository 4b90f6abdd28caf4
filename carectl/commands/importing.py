"""carectl calendar import: somebody else's calendar becomes visits, after a preview."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, scheduling, telling
from carectl.commands.session import Session, parse_day
from carectl.commands.writing import Commit, DryRun, Writing, writing
from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.events import Incoming
    from carectl.care.imports import Plan, Terms
    from carectl.care.visit_entries import Fields
    from carectl.caseload.records import Chart

_AHEAD = dt.timedelta(120)
_NAME_LENGTH = 40


def import_calendar(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A calendar file (.ics); - reads it from the input.")],
    client: Annotated[
        str,
        typer.Option(
            "--client", metavar="CLIENT", help="An id, or the start of a name.", autocompletion=completion.clients
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="What the calendar is called, always the same; else as the file."),
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="CONTACT",
            help="The contact who sees the client, such as the clinic.",
            autocompletion=completion.contacts,
        ),
    ] = None,
    service: Annotated[str, typer.Option(metavar="WORD", help="What the visits are.")] = "appointment",
    duration: Annotated[
        str | None, typer.Option(metavar="LENGTH", help="How long an event takes that does not say so: 45m, 1h.")
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day; else today.")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Last day, included; else 120 days ahead.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The file holds only some appointments: none counts as gone.")
    ] = False,
    allow_all_gone: Annotated[
        bool, typer.Option("--allow-all-gone", help="It is true that none of those on file takes place.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Make visits of the events of a calendar file, after a preview: what is new, changed, gone.

    The same file again changes nothing. An appointment that is no longer in the file is cancelled, and one that moved
    keeps its id. What is past, and what you said of a visit yourself, stays. The title goes into the note of the
    visit, which no family sees; descriptions stay out. What is not understood is named with its line, and the exit
    code is 1.

    Example: carectl calendar import lakeside.ics --client rosa --with dr-lee
    """
    from carectl.care.imports import Terms, from_calendar
    from carectl.care.imports import plan as planned
    from carectl.care.moments import later
    from carectl.caseload.zones import zone
    from carectl.output.calendar.incoming import read

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    calendar = _name(name, file)
    what = asking.checked("--service", service, asking.word) or ""
    long = asking.checked("--duration", duration, scheduling.length)
    raw = _bytes(file)
    chart = session.chart(client, loosely=False)
    _sound(session, chart)
    today = setting.today_at(chart)
    first = parse_day(from_, "--from", today) if from_ else today
    last = parse_day(until, "--until", today) if until else later(today, _AHEAD)
    if last < first:
        raise UsageError("--until is before --from")
    incoming = read(raw, zone)
    if name is None:
        _same_calendar(chart, incoming, calendar)
    contacts = {visit.with_ for visit in from_calendar(chart, calendar)}
    contact = telling.contact(chart, with_).id if with_ else contacts.pop() if len(contacts) == 1 else None
    terms = Terms(calendar, first, last, contact, what, _time(long), partial)
    plan = planned(chart, setting, incoming, terms)
    _show(session, chart, plan, terms, file)
    if plan.all_gone and not allow_all_gone:
        raise Refused(
            f"none of the appointments on file from {calendar} is in this file, so it may be a wrong or a cut one; "
            "nothing was written\n"
            "hint: --partial if the file holds only some appointments, --allow-all-gone if none takes place any more"
        )
    if plan.new and contact is None:
        raise UsageError(
            "--with CONTACT is needed: who sees the client there, such as the clinic, or the daughter who comes along\n"
            f"hint: carectl show {chart.id} lists the contacts; new: carectl contact add {chart.id} --name NAME "
            "--relationship clinic"
        )
    if not plan.count:
        print("Nothing to write: it is like that already.")
    elif dry_run or yes or asking.agreed():
        _write(session, chart, plan, incoming, terms, dry_run=dry_run, commit=commit)
    if plan.not_taken:
        raise typer.Exit(1)


# --- what is meant ---------------------------------------------------------------------------------------------------


def _name(typed: str | None, file: str) -> str:
    """The calendar's name: as given, else made of the file's. Raises UsageError."""
    from carectl.care.entries import slug

    if typed is None and file == "-":
        raise UsageError("--as NAME is needed: what the calendar is called, such as lakeside-clinic")
    found = asking.checked("--as", typed, asking.one_id) or slug(Path(file).stem, "")
    if not found or len(found) > _NAME_LENGTH:
        raise UsageError(f"--as takes a name of at most {_NAME_LENGTH} small letters, digits and hyphens")
    return found


def _time(length: str | None) -> dt.timedelta | None:
    from carectl.care.moments import duration_of

    return duration_of(length) if length else None


def _bytes(file: str) -> bytes:
    """What is in the file, or a little more than may be. Raises UsageError or EnvironmentProblem."""
    from carectl.output.calendar.incoming import MAX_BYTES

    try:
        if file == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {file}") from None
    except OSError as problem:
        raise EnvironmentProblem(f"cannot read {file}: {problem.strerror}") from None


def _sound(session: Session, chart: Chart) -> None:
    """Refuse what could not be compared: hours without a zone, visits that cannot be read. Raises Refused."""
    from carectl.care.schedule import zone_is_known

    if chart.client is None or not zone_is_known(chart.client, session.setting):
        raise Refused(f"the client's time zone is not known\nhint: carectl check {chart.id} tells what is wrong")
    if (
        "visits" in chart.unread
        or any(item.name == "visits" for item in chart.broken)
        or any(visit.origin.unread for visit in chart.visits)
    ):
        raise Refused(
            "not all of the client's visits can be read, so it cannot be told which appointments are on file\n"
            f"hint: carectl check {chart.id} tells what is wrong"
        )


def _same_calendar(chart: Chart, incoming: Incoming, calendar: str) -> None:
    """Refuse to take one calendar under two names, because its file is called otherwise today. Raises Refused."""
    from carectl.care.imports import elsewhere

    known = elsewhere(chart, calendar)
    other = next((known[event.uid] for event in incoming.events if event.uid in known), None)
    if other is not None:
        raise Refused(
            f"appointments in this file are on file already, from the calendar {other}\n"
            f"hint: --as {other} if it is that calendar, else --as and a name for this one"
        )


# --- preview ---------------------------------------------------------------------------------------------------------


def _show(session: Session, chart: Chart, plan: Plan, terms: Terms, file: str) -> None:
    """The preview."""
    from carectl.output.calendar.preview import preview
    from carectl.output.report import visible
    from carectl.output.terminal import put

    contact = next((item for item in chart.contacts if item.id == terms.with_), None)
    whom = f", with {contact.id} {contact.name}" if contact else ""
    print(visible(f"{telling.called(chart)}: calendar {terms.calendar}{whom}"))
    print(f"From {terms.first:%A} {terms.first} until {terms.last:%A} {terms.last}")
    zone = session.setting.zone(chart)
    if zone is not session.setting.now.tzinfo:
        print(f"Times are those where the client lives: {getattr(zone, 'key', 'UTC')}")
    put(preview(plan, terms, chart.id, telling.width()), sys.stdout, colour=session.colour)
    if plan.new:
        _tell_others(session, chart, {item.appointment.uid for item in plan.new})


def _tell_others(session: Session, chart: Chart, uids: set[str]) -> None:
    """Say if new appointments are on file for another client: the file may be theirs."""
    for other in session.loader.charts():
        own = {visit.imported.uid for visit in other.visits if visit.imported is not None}
        if other.id != chart.id and (count := len(uids & own)):
            print(
                f"{count} of the new ones are on file for {telling.called(other)} too. Is it the right client?",
                file=sys.stderr,
            )


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(
    session: Session, chart: Chart, plan: Plan, incoming: Incoming, terms: Terms, *, dry_run: bool, commit: bool
) -> None:
    """Write what was shown. Raises Refused if the records have changed since then."""
    from carectl.care.imports import plan as planned

    subject = f"{chart.id} visits: {plan.count} imported"
    with writing(session, subject=subject, dry_run=dry_run, commit=commit) as work:
        if planned(work.chart(chart.id), session.setting, incoming, terms) != plan:
            raise Refused("the visits have been changed meanwhile; nothing was written\nhint: give the command again")
        there = work.chart(chart.id)
        for visit_id, fields in _changes(plan):
            _change(work, there, visit_id, fields)
            if "date" in fields:
                there = work.chart(chart.id)  # It may have gone over into another file, and others stand elsewhere now.
        new = [(item.fields, item.appointment.start) for item in plan.new]
        scheduling.add_all(work, there, [(fields, str(at.date()), f"{at:%Y-%m-%d %H:%M}") for fields, at in new])
        work.say(f"{len(plan.new)} added, {len(plan.changed)} changed, {len(plan.gone)} cancelled.")


def _changes(plan: Plan) -> Iterator[tuple[str, Fields]]:
    """What is written of visits that are on file, by their ids."""
    yield from ((change.visit.id, change.fields) for change in plan.changed)
    yield from ((change.visit.id, change.fields) for change in plan.gone)


def _change(work: Writing, chart: Chart, visit_id: str, fields: Fields) -> None:
    """Bring a change into the record of a visit."""
    from carectl.care.pointing import visit_of

    visit = visit_of(chart, work.session.setting, visit_id)
    if visit is None:
        raise Refused(
            f"it cannot be told when {visit_id} takes place\nhint: carectl check {chart.id} tells what is wrong"
        )
    scheduling.move(work, chart, visit, fields)

"""carectl client: list clients, take on a new one, put care on hold, resume it, end it."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, telling
from carectl.commands.naming import Here
from carectl.commands.options import Form, Format, OneClient
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.create import Value
    from carectl.caseload.records import Away, Chart, Client
    from carectl.commands.writing import Writing

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

_IN_CARE = ("active", "on_hold")


class Status(StrEnum):
    """Where a client stands."""

    INQUIRY = "inquiry"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    DISCHARGED = "discharged"
    DECEASED = "deceased"


class CodeStatus(StrEnum):
    """What is to be done if the heart stops."""

    FULL = "full"
    DNR = "dnr"
    DNI = "dni"
    COMFORT = "comfort"
    UNKNOWN = "unknown"


@app.callback()
def group() -> None:
    """List clients, take one on, put care on hold, resume or end it."""


@app.command("list")
def list_(
    ctx: typer.Context,
    status: Annotated[list[Status] | None, typer.Option("--status", help="Only clients who stand so.")] = None,
    form: Form = Format.TEXT,
) -> None:
    """List the clients.

    Example: carectl client list --status active --status on_hold
    """
    from carectl.caseload.records import Client
    from carectl.output import export, pages, terminal

    session = Session.of(ctx)
    people = []
    for client_id in session.client_ids:
        record = session.loader.file(f"clients/{client_id}/client.yaml", Client)
        people.append((client_id, record if isinstance(record, Client) else None))
    # Someone whose status cannot be read is not left out: it may be any.
    shown = [(key, one) for key, one in people if not status or one is None or one.status in status]
    if form is Format.JSON:
        sys.stdout.write(export.clients(shown))
    elif shown:
        lines = pages.clients(shown, session.setting.today, telling.width())
        terminal.put(lines, sys.stdout, colour=session.colour)
    else:
        print(f"No {' or '.join(status)} clients." if status else "No clients yet: carectl client add")
    if any(one is None for _, one in shown):
        print("carectl: not everything could be read; carectl check tells why", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def add(
    ctx: typer.Context,
    client_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Names the client for ever; no name; else the next c-NNN.")
    ] = None,
    given: Annotated[str | None, typer.Option(metavar="NAME", help="First name.")] = None,
    family: Annotated[str | None, typer.Option(metavar="NAME", help="Last name.")] = None,
    preferred: Annotated[str | None, typer.Option(metavar="NAME", help="What the client likes to be called.")] = None,
    status: Annotated[Status | None, typer.Option(help="Where the client stands; else inquiry.")] = None,
    birth_date: Annotated[str | None, typer.Option(metavar="DATE", help="Date of birth.")] = None,
    start_of_care: Annotated[str | None, typer.Option(metavar="DATE", help="First day of care.")] = None,
    allergies: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Substances, with commas between them; or none_known, if that was said."),
    ] = None,
    code_status: Annotated[CodeStatus | None, typer.Option(help="What is to be done if the heart stops.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="The language at home, such as es.")] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Only if the client lives in another zone than the practice.")
    ] = None,
    phone: Annotated[list[str] | None, typer.Option(metavar="PHONE", help="A phone number (may be repeated).")] = None,
    street: Annotated[str | None, typer.Option(metavar="TEXT", help="Street and number.")] = None,
    city: Annotated[str | None, typer.Option(metavar="TEXT", help="Town.")] = None,
    state: Annotated[str | None, typer.Option(metavar="TEXT", help="State or province.")] = None,
    postal_code: Annotated[str | None, typer.Option(metavar="TEXT", help="Postal code.")] = None,
) -> None:
    """Take on a client: write the files to begin with. On a terminal carectl asks for what is not given.

    What is left open stays open, and `carectl check` tells so: nothing is assumed.

    Example: carectl client add --given Rosa --family Alvarez --status active --birth-date 1941-03-09
    """
    from carectl.caseload.create import add_client, next_client_id

    session = Session.of(ctx)
    # The caseload is there, or nothing is asked.
    taken = session.client_ids
    today = session.setting.today

    form = asking.Form(given, family)
    name = {
        "given": form.needs("--given", "First name", given, asking.text),
        "family": form.needs("--family", "Last name", family, asking.text),
        "preferred": form.may("--preferred", "Likes to be called", preferred, asking.text),
    }
    stands = form.needs("--status", "Status: inquiry or active", status, asking.one_of(*Status), "inquiry")
    care = form if stands in _IN_CARE else asking.Form()
    born = care.may("--birth-date", "Date of birth, such as 1941-03-09", birth_date, asking.past_day(today))
    start = care.may("--start-of-care", "First day of care", start_of_care, asking.day, str(today))
    known = care.may(
        "--allergies", "Allergies, with commas between; none_known if that was said", allergies, asking.text
    )
    heart = care.may("--code-status", f"Code status: {', '.join(CodeStatus)}", code_status, asking.one_of(*CodeStatus))
    speaks = form.may("--language", "Language at home, such as en or es", language, asking.language)
    phones = [said for number in phone or () if (said := asking.checked("--phone", number, asking.text))]
    if not phones and (number := form.may("--phone", "Phone", None, asking.text)):
        phones = [number]
    practice = session.practice.practice if session.practice else None
    address = {
        "street": form.may("--street", "Street and number", street, asking.text),
        "city": form.may("--city", "Town", city, asking.text),
        "state": form.may("--state", "State", state, asking.text, practice.state if practice else None),
        "postal_code": form.may("--postal-code", "Postal code", postal_code, asking.text),
    }
    own_id = form.needs("--id", "Id, for ever; no name", client_id, asking.one_id, next_client_id(taken))
    form.done()
    fields: dict[str, Value | None] = {
        "name": name,
        "birth_date": born,
        "language": speaks,
        "timezone": asking.checked("--timezone", timezone, asking.zone_name),
        "status": stands,
        "start_of_care": start,
        "address": address if set(address.values()) - {None, address["state"]} else None,
        "phones": phones,
        "allergies": _allergies(known),
        "code_status": heart,
    }
    made = add_client(session.root, own_id, fields)
    telling.recovered(made.recovered)
    print(f"{own_id} {name['given']} {name['family']}")
    telling.wrote(made.paths)
    if stands in _IN_CARE:
        left = [key for key in ("birth_date", "start_of_care", "allergies", "code_status") if not fields[key]]
        if left:
            print(f"Not said yet: {', '.join(left)} (in client.yaml)")
    if any(part.casefold() in own_id for part in (name["given"], name["family"]) if part and len(part) > 2):
        print("carectl: the id holds a name; ids show in file names and history", file=sys.stderr)
    print(f"Next: carectl check {own_id}")


def _allergies(typed: str | None) -> Value | None:
    """Allergies as they stand in the file."""
    if typed is None:
        return None
    said = typed.casefold().strip(" .?!-").replace(" ", "_")
    if said in ("none_known", "none", "nka", "nkda", "no_known_allergies", "no_allergies"):
        return "none_known"
    if said in ("", "no", "yes", "unknown", "not_known", "not_asked", "n/a", "na"):
        # An allergy to "unknown" would keep everybody from asking.
        raise UsageError("--allergies takes the substances, or none_known once you have asked; else leave it out")
    return [{"substance": part.strip()} for part in typed.split(",") if part.strip()]


# --- hold, resume, discharge -----------------------------------------------------------------------------------------


@app.command()
def hold(
    ctx: typer.Context,
    client: OneClient,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day without visits; else today.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day without visits; absent: until further notice.")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why: heart failure, with her sister.")] = None,
    where: Annotated[str | None, typer.Option(metavar="TEXT", help="Where the client is: Evanston Hospital.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Put care on hold: no visit takes place meanwhile. The visits come back by themselves once it is over.

    A hold that is still to come leaves the status as it is until then.

    Example: carectl client hold rosa --reason "Heart failure" --where "Evanston Hospital"
    """
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    form = asking.Form(reason)
    why = form.needs("--reason", "Why", reason, asking.text)
    place = form.may("--where", "Where the client is", where, asking.text)
    form.done()
    first = asking.checked("--from", from_, here.day()) or here.today.isoformat()
    last = asking.checked("--until", until, here.day())
    if last is not None and last < first:
        raise UsageError(f"--until is before --from: {here.said(last)}, {here.said(first)}")
    with writing(here.session, subject=f"{here.id} client: on hold", dry_run=dry_run, commit=commit) as work:
        person = _person(here, work.chart(here.id))
        work.say(str(here))
        if person.status not in _IN_CARE:
            raise Refused(f"{here}: the status is {person.status}, so there is no care to put on hold")
        begun = first <= here.today.isoformat() and (last is None or last >= here.today.isoformat())
        editor = work.edit(person.origin.path)
        known = next((away for away in person.away if _overlaps(away, first, last)), None)
        if known is not None and (known.from_[:10], (known.until or "")[:10]) != (first, last or ""):
            raise Refused(
                f"{here} is away {here.stretch(known)} already\n"
                f"hint: carectl client resume {here.id} --from DAY sets when that ends"
            )
        if known is None:
            entry = {"from": first, "until": last, "where": place, "reason": why}
            _add_away(work, person, {key: value for key, value in entry.items() if value is not None})
            editor = work.edit(person.origin.path)
        if begun and person.status == "active":
            editor.set(("status",), "on_hold")
            work.put(person.origin.path, editor)
        end = f"until {here.said(last)}" if last else "until further notice"
        work.say(f"On hold from {here.said(first)} {end}: {why}")
        if not begun:
            work.say(f"The status stays {person.status.replace('_', ' ')}; the visits of these days are suspended")
        elif last is not None:
            work.say("The visits come back by themselves; the status does with:")
            work.say(f"  carectl client resume {here.id}")
        if work.change.staged():
            _concerned(work, here, first, off=True)


def _concerned(work: Writing, here: Here, first: str, *, off: bool) -> None:
    """Say which visits of the two weeks from a day are off, or take place again, and how to tell of them."""
    import datetime as dt

    from carectl.care.moments import later
    from carectl.commands import away

    start = max(dt.date.fromisoformat(first), here.today)
    last = later(start, 14)
    found = (away.taken_off if off else away.taken_back)(work, here.id, start, last)
    if found:
        title = "that do not take place" if off else "that take place again"
        away.list_visits(work, found, f"Visits {title}, until {here.said(last)}:")
        away.tell(work, found)
    else:
        work.say(f"No visit until {here.said(last)} is concerned.")


def _person(here: Here, chart: Chart) -> Client:
    """The client's own record. Raises EnvironmentProblem if it cannot be read."""
    from carectl.commands.session import fail_unreadable

    if chart.client is None:
        raise fail_unreadable(f"clients/{here.id}/client.yaml")
    return chart.client


def _overlaps(away: Away, first: str, last: str | None) -> bool:
    return away.from_[:10] <= (last or "9999-12-31") and first <= (away.until or "9999-12-31")[:10]


def _add_away(work: Writing, person: Client, entry: dict[str, str]) -> None:
    editor = work.edit(person.origin.path)
    if editor.has(("away",)):
        editor.append(("away",), dict(entry))
    else:
        before = ("end_reason", "end_of_care", "start_of_care", "status")
        editor.set(("away",), [dict(entry)], after=next(key for key in before if editor.has((key,))))
    work.put(person.origin.path, editor)


@app.command()
def resume(
    ctx: typer.Context,
    client: OneClient,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day with visits again; else today.")
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Resume care: the time away ends the day before, and the visits take place again.

    Example: carectl client resume rosa --from mon
    """
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    first = asking.checked("--from", from_, here.day()) or here.today.isoformat()
    with writing(here.session, subject=f"{here.id} client: resumed", dry_run=dry_run, commit=commit) as work:
        person = _person(here, work.chart(here.id))
        work.say(str(here))
        if person.status not in _IN_CARE:
            raise Refused(f"{here}: the status is {person.status}, so there is no care to resume")
        _end_away(work, here, person, first)
        if person.status == "on_hold" and first <= here.today.isoformat():
            editor = work.edit(person.origin.path)
            editor.set(("status",), "active")
            work.put(person.origin.path, editor)
            work.say("The status is active again")
        elif person.status == "on_hold":
            work.say("The status stays on hold until then; run carectl client resume again on that day")
        elif not work.change.staged():
            work.say("The client is active already, and no time away is open")
        if work.change.staged():
            _concerned(work, here, first, off=False)


def _end_away(work: Writing, here: Here, person: Client, first: str) -> None:
    """End the time away that would still go on from a day."""
    import datetime as dt

    position = next((nth for nth, away in enumerate(person.away) if _overlaps(away, first, first)), None)
    if position is None:
        return
    away = person.away[position]
    if away.from_[:10] >= first:
        raise UsageError(
            f"the time away began {here.said(away.from_)}: resume from the day after at the earliest\n"
            f"hint: if it never took place, take it out of {person.origin.path} by hand"
        )
    last = dt.date.fromisoformat(first) - dt.timedelta(days=1)
    editor = work.edit(person.origin.path)
    editor.set(("away", position, "until"), last.isoformat(), after="from")
    work.put(person.origin.path, editor)
    work.say(f"Away until {here.said(last)}; visits again from {here.said(first)}")


@app.command()
def discharge(
    ctx: typer.Context,
    client: OneClient,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="The last day of care.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why care ends.")] = None,
    deceased: Annotated[bool, typer.Option("--deceased", help="The client has died.")] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """End care: no visit takes place after the last day.

    A day that is still to come is written down now; the status changes when this is run again on that day.

    Example: carectl client discharge rosa --on 2026-11-30 --reason "Moves to her daughter's"
    """
    from carectl.commands.entering import filled
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    form = asking.Form(on, reason if not deceased else "")
    offered = here.today.isoformat() if form.asks else None
    last = form.needs("--on", "Last day of care", on, here.day(past=deceased), offered)
    if deceased:
        why = asking.checked("--reason", reason, asking.text)
    else:
        why = form.needs("--reason", "Why care ends", reason, asking.text)
    form.done()
    status = "deceased" if deceased else "discharged"
    with writing(here.session, subject=f"{here.id} client: {status}", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        person = _person(here, chart)
        work.say(str(here))
        if person.status in ("discharged", "deceased") and (person.status, str(person.end_of_care)) != (status, last):
            day = f", last day of care {here.said(person.end_of_care)}" if person.end_of_care else ""
            raise Refused(f"{here} is {person.status} already{day}\nhint: correct {person.origin.path} by hand")
        over = last <= here.today.isoformat()
        editor = work.edit(person.origin.path)
        if over:
            editor.set(("status",), status)
        before = "start_of_care" if editor.has(("start_of_care",)) else "status"
        editor.set(("end_of_care",), last, after=before)
        for key, value in filled({"end_reason": why}).items():
            editor.set((key,), value, after="end_of_care")
        work.put(person.origin.path, editor)
        called_off = _call_off(work, chart, last)
        if not work.change.staged():
            work.say(f"Care ended {here.said(last)}, status {status}: it is written down so")
            return
        work.say(f"Last day of care: {here.said(last)}" + (f": {why}" if why else ""))
        stays = person.status.replace("_", " ")
        work.say(
            f"The status is {status}" if over else f"The status stays {stays} until then; run this again on that day"
        )
        if called_off:
            work.say(f"Cancelled, for they were planned after that day: {', '.join(called_off)}")
        for line in _left_open(here, chart, last):
            work.say(line)


def _call_off(work: Writing, chart: Chart, last: str) -> list[str]:
    """Cancel the visits that have records of their own and are planned after the last day; those of series are
    suspended by themselves."""
    from carectl.commands.entering import change

    found = []
    for visit in chart.visits:
        day = visit.date or visit.day
        if day is not None and str(day) > last and visit.status in ("planned", "confirmed"):
            why = f"Care ended; before that: {visit.reason}" if visit.reason else "Care ended"
            after = next((name for name in ("to", "duration", "at", "date", "day") if getattr(visit, name)), None)
            change(work, visit, {"status": "cancelled", "reason": why}, after=after)
            found.append(visit.id)
    return found


def _left_open(here: Here, chart: Chart, last: str) -> list[str]:
    """What of a client whose care ends is still open, one line per kind."""
    series = [item.id for item in chart.series if item.until is None or str(item.until) > last]
    tasks = [item.id for item in chart.tasks if item.done is None]
    equipment = [item.id for item in chart.equipment if item.until is None and item.owner in ("rental", "loan")]
    lines = []
    if series:
        lines.append(
            f"Still open: {len(series)} series ({', '.join(series)}); no visit of theirs takes place after that day"
        )
    if tasks:
        lines.append(f"Still open: {len(tasks)} task{'s' * (len(tasks) != 1)} (carectl task list {here.id})")
    if equipment:
        lines.append(f"To be sent back: {', '.join(equipment)}")
    return lines

"""carectl client: list clients, take on a new one."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, telling
from carectl.commands.session import Session

if TYPE_CHECKING:
    from carectl.caseload.create import Value

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

_IN_CARE = ("active", "on_hold")


class Format(StrEnum):
    """How the list is printed."""

    TEXT = "text"
    JSON = "json"


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
    """List clients, or take on a new one."""


@app.command("list")
def list_(
    ctx: typer.Context,
    status: Annotated[list[Status] | None, typer.Option("--status", help="Only clients who stand so.")] = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print it.")] = Format.TEXT,
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
    if typed.casefold().replace(" ", "_") in ("none_known", "none", "nka", "nkda"):
        return "none_known"
    return [{"substance": part.strip()} for part in typed.split(",") if part.strip()]

"""carectl staff: list staff, put someone on the roster."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, telling
from carectl.commands.options import Form, Format
from carectl.commands.session import Session

if TYPE_CHECKING:
    from carectl.caseload.create import Value

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def group() -> None:
    """List staff, or put someone on the roster."""


@app.command("list")
def list_(
    ctx: typer.Context,
    form: Form = Format.TEXT,
) -> None:
    """List the staff.

    Example: carectl staff list
    """
    from carectl.output import export, pages, terminal

    session = Session.of(ctx)
    setting = session.setting
    if form is Format.JSON:
        sys.stdout.write(export.staff(session.staff, setting.unread_staff))
    elif session.staff or setting.unread_staff:
        lines = pages.staff(session.staff, sorted(setting.unread_staff), setting.today, telling.width())
        terminal.put(lines, sys.stdout, colour=session.colour)
    else:
        print("Nobody is on the roster yet: carectl staff add")
    if setting.unread_staff:
        print("carectl: not everything could be read; carectl check tells why", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def add(
    ctx: typer.Context,
    own_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Names the person for ever; else made of the name.")
    ] = None,
    given: Annotated[str | None, typer.Option(metavar="NAME", help="First name.")] = None,
    family: Annotated[str | None, typer.Option(metavar="NAME", help="Last name.")] = None,
    role: Annotated[
        str | None, typer.Option(metavar="WORD", help="Profession: home_health_aide, registered_nurse, companion …")
    ] = None,
    skills: Annotated[str | None, typer.Option(metavar="LIST", help="Skills, with commas: transfers,dementia.")] = None,
    languages: Annotated[str | None, typer.Option(metavar="LIST", help="Languages, with commas: en,es.")] = None,
    phone: Annotated[str | None, typer.Option(metavar="PHONE", help="Phone.")] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="E-mail.")] = None,
    employed_from: Annotated[str | None, typer.Option(metavar="DATE", help="First day at work here.")] = None,
) -> None:
    """Put someone on the roster: write the file to begin with. On a terminal carectl asks for what is not given.

    Example: carectl staff add --given Jo --family Park --role home_health_aide --languages en,ko
    """
    from carectl.caseload.create import add_staff, staff_id
    from carectl.caseload.records import ROLES

    session = Session.of(ctx)
    taken = {member.id for member in session.staff} | session.setting.unread_staff

    form = asking.Form(given, family, role)
    first = form.needs("--given", "First name", given, asking.text)
    last = form.needs("--family", "Last name", family, asking.text)
    if form.asks and role is None:
        print(f"Roles: {', '.join(ROLES[:8])} …")
    what = form.needs("--role", "Role", role, asking.word)
    can = form.may("--skills", "Skills, with commas between", skills, asking.each(asking.word))
    speaks = form.may(
        "--languages", "Languages, with commas between, such as en,es", languages, asking.each(asking.language)
    )
    number = form.may("--phone", "Phone", phone, asking.text)
    mail = form.may("--email", "E-mail", email, asking.text)
    since = form.may("--employed-from", "First day at work here", employed_from, asking.day, str(session.setting.today))
    key = form.needs("--id", "Id, for ever", own_id, asking.one_id, staff_id(first, last, taken))
    form.done()
    fields: dict[str, Value | None] = {
        "name": {"given": first, "family": last},
        "role": what,
        "skills": can.split(",") if can else None,
        "languages": speaks.split(",") if speaks else None,
        "phone": number,
        "email": mail,
        "employed": {"from": since} if since else None,
    }
    made = add_staff(session.root, key, fields)
    telling.recovered(made.recovered)
    print(f"{key} {first} {last}")
    telling.wrote(made.paths)
    print("Next: carectl staff list")

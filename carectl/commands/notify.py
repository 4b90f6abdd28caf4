"""carectl notify: the text message that a change of a visit needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import completion, scheduling, telling
from carectl.commands.naming import Here
from carectl.commands.options import Form, Format
from carectl.commands.session import Session
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carectl.care.notices import Notice
    from carectl.care.schedule import Missing, Occurrence
    from carectl.care.sharing import NotShared
    from carectl.caseload.load import Loader
    from carectl.caseload.records import Chart

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
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
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="PERSON",
            help="Who reads it: a contact, the word client, or a staff member.",
            autocompletion=completion.people,
            show_default=False,
        ),
    ],
    form: Form = Format.TEXT,
) -> None:
    """Write the text message that a same-day change of a visit needs; no calendar is that quick.

    It says what is so now beside what was due: who comes instead, that nobody is confirmed yet, another time, that it
    is off; or it confirms the visit. A contact gets one only if the schedule is shared with them. Nothing is sent.
    A visit that is over is named by its id.

    Example: carectl notify rosa fri --to maria
    """
    from carectl.care.notices import Notice

    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    chart = session.loader.chart(client)
    here = Here(session, chart)
    person = here.person(to)
    if not isinstance(person, str):
        raise UsageError("--to takes a contact, the word client, or a staff member")

    def refusal(visit: Occurrence) -> str | None:
        if named.id is not None or visit.end > session.setting.now:
            return None
        if visit.day == session.setting.today_at(chart):
            return None
        own = f"carectl notify {chart.id}/{visit.id} --to {person}"
        return f"{scheduling.brief(session, chart, visit)}: that is over\nhint: if it is this one: {own}"

    visit, remark = scheduling.find(session, chart, named, "coming", refusal, "notify", group="")
    answer = _answer(here, visit, person)
    whom = f"{here}, to {_name(here, person)}"
    if not isinstance(answer, Notice):
        raise Refused(f"{whom}: no text: {answer.words}")
    if form is Format.JSON:
        from carectl.output.callout_page import notice_json

        sys.stdout.write(notice_json(visit, person, answer))
    else:
        print(answer.text)
    for said in (remark, whom, *answer.remarks):
        if said:
            print(said, file=sys.stderr)
    if telling.tell_missing(session, _missing(here, visit)):
        raise typer.Exit(1)


def _answer(here: Here, visit: Occurrence, person: str) -> Notice | NotShared:
    from carectl.care.notices import notice, notice_to_client, notice_to_staff

    chart, setting = here.chart, here.session.setting
    if person == "client":
        return notice_to_client(chart, visit, setting)
    contact = here.contact(person)
    if contact is not None:
        return notice(chart, visit, contact, setting)
    return notice_to_staff(chart, visit, person, setting, partners=partners(here.session.loader, [visit]))


def partners(loader: Loader, visits: Iterable[Occurrence]) -> list[Chart]:
    """The charts of the clients who are seen in the same visits, as far as there are any."""
    from carectl.care.coverage import together_of

    named = dict.fromkeys(name for visit in visits for name in together_of(visit))
    known = set(loader.client_ids()) if named else set()
    return [loader.chart(name) for name in named if name in known]


def _name(here: Here, person: str) -> str:
    """Who reads it, with their phone."""
    contact, client = here.contact(person), here.chart.client
    member = here.session.setting.staff.get(person)
    if person == "client":
        phone = client.phones[0] if client and client.phones else None
    else:
        phone = contact.phone if contact else member.phone if member else None
    return f"{here.who(person)} {phone or '(no phone on file)'}"


def _missing(here: Here, visit: Occurrence) -> tuple[Missing, ...]:
    """What of the client's visits of that day could not be placed: the message may not be the whole story."""
    from carectl.care.schedule import occurrences

    return occurrences(here.chart, here.session.setting, visit.day, visit.day).missing

"""carectl contact: who is called, and who may be told what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, naming, telling
from carectl.commands.naming import Here
from carectl.commands.options import OneClient
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import UsageError

if TYPE_CHECKING:
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Contact, Topic
    from carectl.commands.writing import Writing

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

BASES = ("authorization", "agreed", "representative", "care_team")

Which = Annotated[
    str, typer.Argument(metavar="CONTACT", help="An id, or the start of a name.", autocompletion=completion.contacts)
]


@app.callback()
def group() -> None:
    """Add a contact; share with one, or revoke that."""


@app.command()
def add(
    ctx: typer.Context,
    client: OneClient,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The person's or office's name.")] = None,
    relationship: Annotated[str | None, typer.Option(metavar="TEXT", help="daughter, neighbor, physician …")] = None,
    calls_client: Annotated[
        str | None, typer.Option(metavar="NAME", help="How letters to them name the client: Mom.")
    ] = None,
    roles: Annotated[
        list[str] | None, typer.Option("--role", metavar="WORD", help="emergency, physician, key_holder … (repeat it).")
    ] = None,
    call_for: Annotated[
        list[str] | None, typer.Option(metavar="WORD", help="What they want a call about: fall, hospital (repeat it).")
    ] = None,
    phone: Annotated[str | None, typer.Option(metavar="PHONE", help="Phone.")] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="E-mail.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="The language of letters to them: es.")] = None,
    organization: Annotated[str | None, typer.Option(metavar="TEXT", help="Where they work.")] = None,
    fax: Annotated[str | None, typer.Option(metavar="FAX", help="Fax.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else.")] = None,
    own_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Its id; else made of the name.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Add a contact, as the last one to be called. Nothing is shared with them by this.

    Example: carectl contact add rosa --name "Ruth Feldman" --relationship neighbor --phone "+1 847 555 0127"
    """
    here = Here.of(Session.of(ctx), client)
    form = asking.Form(name, relationship)
    words = asking.each(asking.word)
    fields: dict[str, object] = {
        "name": form.needs("--name", "Name", name, asking.text),
        "relationship": form.needs("--relationship", "Relationship, such as daughter", relationship, asking.text),
        "calls_client": form.may("--calls-client", "Calls the client", calls_client, asking.text),
        "roles": _list(form.may("--role", "Roles, such as emergency,key_holder", _joined(roles), words)),
        "call_for": _list(form.may("--call-for", "Wants a call about, such as fall", _joined(call_for), words)),
        "phone": form.may("--phone", "Phone", phone, asking.text),
        "email": form.may("--email", "E-mail", email, asking.text),
        "language": form.may("--language", "Language, such as en or es", language, asking.language),
        "organization": form.may("--organization", "Works at", organization, asking.text),
        "fax": asking.checked("--fax", fax, asking.text),
        "note": asking.checked("--note", note, asking.text),
    }
    form.done()
    given = asking.checked("--id", own_id, asking.one_id)
    _add(here, fields, given, dry_run=dry_run, commit=commit)


def _joined(values: list[str] | None) -> str | None:
    return ",".join(values) if values else None


def _list(text: str | None) -> list[str]:
    return list(dict.fromkeys(text.split(","))) if text else []


def _add(here: Here, fields: dict[str, object], given: str | None, *, dry_run: bool, commit: bool) -> None:
    from carectl.care.entries import contact_id
    from carectl.commands import entering
    from carectl.commands.writing import writing

    with writing(here.session, subject=f"{here.id} contacts: 1 added", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        work.say(str(here))
        twin = next(
            (c for c in chart.contacts if (c.name, c.relationship) == (fields["name"], fields["relationship"])), None
        )
        if twin is not None and given in (None, twin.id):
            work.say(f"{twin.name} stands there already: contacts/{twin.id}")
            return
        known = entering.taken(chart, "contacts")
        if given in known:
            raise UsageError(f"there is a contact {given} already\nhint: choose another id; ids are never used again")
        # Notes name contacts and staff alike by their ids.
        others = {member.id for member in here.session.staff} | here.session.setting.unread_staff | {"client"}
        own = given or contact_id(str(fields["name"]), known | others)
        entering.add(work, here.id, "contacts", entering.filled({"id": own, **fields}))
        work.say(f"Contact {own}: {fields['name']}, {fields['relationship']}, called after the others")
        work.say(f"Nothing is shared yet: carectl contact share {here.id} {own} --topic … --basis …")


# --- share -----------------------------------------------------------------------------------------------------------


@app.command()
def share(
    ctx: typer.Context,
    client: OneClient,
    contact: Which,
    topics: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", metavar="TOPIC", help="schedule, wellbeing, goals, health, medications, concerns, money, all."
        ),
    ] = None,
    basis: Annotated[str | None, typer.Option(metavar="WORD", help=f"Why: {', '.join(BASES)}.")] = None,
    given: Annotated[str | None, typer.Option(metavar="DAY", help="Since when; else today.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day on which it holds; an authorization needs it.")
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Allow that a contact is told about some topics. What is allowed already goes on beside it.

    Example: carectl contact share rosa ruth --topic schedule --basis agreed
    """
    from carectl.caseload.records import TOPICS

    here = Here.of(Session.of(ctx), client)
    which = telling.contact(here.chart, contact)
    words = asking.each(_one_of(*TOPICS, "all"))
    form = asking.Form(topics or None, basis, expires if basis == "authorization" else "")
    about = form.needs("--topic", f"Topics, with commas: {', '.join(TOPICS)}, all", _joined(topics), words).split(",")
    why = form.needs("--basis", f"Basis: {', '.join(BASES)}", basis, _one_of(*BASES))
    first = asking.checked("--given", given, here.day("past")) or here.today.isoformat()
    if why == "authorization":
        last: str | None = form.needs("--expires", "Expires, such as 2027-08-04 or +1y", expires, here.day())
    else:
        last = asking.checked("--expires", expires, here.day())
    form.done()
    if last is not None and last < first:
        raise UsageError(f"--expires is before --given: {here.said(last)}, {here.said(first)}")
    entry: dict[str, Value] = {"topics": list(dict.fromkeys(about)), "basis": why, "given": first}
    _share(here, which, {**entry, "expires": last} if last else entry, dry_run=dry_run, commit=commit)


def _share(here: Here, which: Contact, entry: dict[str, Value], *, dry_run: bool, commit: bool) -> None:
    from carectl.care.consents import is_running
    from carectl.commands.writing import writing

    with writing(here.session, subject=f"{here.id} contacts: 1 shared", dry_run=dry_run, commit=commit) as work:
        item = _again(work.chart(here.id).contacts, which)
        work.say(str(here))
        same = [
            old
            for old in item.sharing
            if (set(old.topics), old.basis, str(old.expires or ""))
            == (set(entry["topics"]), entry["basis"], str(entry.get("expires", "")))  # type: ignore[arg-type]
            and is_running(old, here.today)
        ]
        if same:
            since = here.said(same[0].given)
            work.say(f"{item.id} {item.name} may be told about {_topics(entry['topics'])} already, since {since}")
            return
        _append(work, item, entry)
        until = f" until {here.said(str(entry['expires']))}" if "expires" in entry else " until it is revoked"
        since = "" if entry["given"] == here.today.isoformat() else f" from {here.said(str(entry['given']))}"
        work.say(f"{item.id} {item.name} may be told about {_topics(entry['topics'])}{since}{until} ({_plain(entry)})")
        if item.email is None and item.phone is None:
            work.say("There is neither phone nor e-mail of theirs on file")


def _one_of(*words: str) -> asking.Check:
    """One of some words, care-team being as good as care_team."""
    return lambda typed: asking.one_of(*words)(typed.replace("-", "_"))


def _plain(entry: dict[str, Value]) -> str:
    return str(entry["basis"]).replace("_", " ")


def _topics(topics: object) -> str:
    words = [str(topic) for topic in topics]  # type: ignore[attr-defined]
    return "everything" if "all" in words else naming.together(words)


def _again(contacts: tuple[Contact, ...], which: Contact) -> Contact:
    return next(item for item in contacts if item.id == which.id)


def _append(work: Writing, item: Contact, entry: dict[str, Value]) -> None:
    editor = work.edit(item.origin.path)
    place = (*item.origin.keys, "sharing")
    if editor.has(place):
        editor.append(place, entry)
    else:
        editor.set(place, [entry])
    work.put(item.origin.path, editor)


# --- revoke ----------------------------------------------------------------------------------------------------------


@app.command()
def revoke(
    ctx: typer.Context,
    client: OneClient,
    contact: Which,
    topics: Annotated[
        list[str] | None, typer.Option("--topic", metavar="TOPIC", help="Only this topic; else everything (repeat it).")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day from which they are told nothing more; else today.")
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Take back what a contact may be told. What was allowed until then stays written down.

    An entry that has other topics too is revoked as a whole; the others go on in a new entry of the same basis.

    Example: carectl contact revoke rosa daniel --topic wellbeing
    """
    from carectl.care.consents import revoking
    from carectl.care.sharing import live_topics
    from carectl.caseload.records import TOPICS
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    which = telling.contact(here.chart, contact)
    named: list[str] = []
    for item in topics or ():
        named += (asking.checked("--topic", item, asking.each(_one_of(*TOPICS, "all"))) or "").split(",")
    wanted: tuple[Topic, ...] = () if "all" in named else tuple(topic for topic in TOPICS if topic in named)
    day = dt.date.fromisoformat(asking.checked("--on", on, here.day()) or here.today.isoformat())
    with writing(here.session, subject=f"{here.id} contacts: 1 revoked", dry_run=dry_run, commit=commit) as work:
        person = _again(work.chart(here.id).contacts, which)
        work.say(str(here))
        steps = revoking(person, wanted, day)
        what = f"nothing about {_topics(wanted)}" if wanted else "nothing"
        if not steps:
            work.say(f"{person.id} {person.name} is told {what} already")
            return
        editor = work.edit(person.origin.path)
        place = (*person.origin.keys, "sharing")
        for step in steps:
            editor.set((*place, step.position, "revoked"), step.day.isoformat())
        for step in steps:
            old = person.sharing[step.position]
            if step.rest:
                entry: dict[str, Value] = {"topics": list(step.rest), "basis": old.basis, "given": step.day.isoformat()}
                entry |= {"expires": old.expires.isoformat()} if old.expires else {}
                # Nothing was agreed to today: the paper is as old as it was.
                editor.append(place, {**entry, "continues": (old.continues or old.given).isoformat()})
        work.put(person.origin.path, editor)
        work.say(f"Revoked, from {here.said(day)}: {person.id} {person.name} is told {what} any more")
        left = live_topics(_again(work.chart(here.id).contacts, which), day)
        if left:
            work.say(f"Still shared: {_topics([topic for topic in TOPICS if topic in left])}")
        if person.call_for:
            words = naming.together(word.replace("_", " ") for word in person.call_for)
            work.say(f"Still to be called about: {words} (call_for; take it out if that is not wanted either)")

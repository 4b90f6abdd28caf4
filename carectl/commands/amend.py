"""carectl amend: an entry is corrected, or added to, by a later one that names it. The earlier one stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from carectl.commands import asking, completion, telling
from carectl.commands.naming import Here, parted
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.records import Chart, Entry

app = typer.Typer(rich_markup_mode=None)

_WORDS: Final = {
    "notes": "text", "visits": "note", "concerns": "facts", "measurements": "note", "assessments": "summary",
}  # fmt: skip
"""The kinds that are amended, and the field of each that takes what is said."""
_WHEN: Final = {"notes": "at", "visits": "day", "concerns": "at", "measurements": "date", "assessments": "date"}
_OTHERWISE: Final = {
    "medications": "carectl med change: the list keeps what a medicine was before",
    "tasks": "carectl task done, or task add",
    "contacts": "correct the file: history keeps what it was",
    "series": "carectl series change",
    "care-plan": "carectl plan goal, or plan intervention; then carectl approve",
    "supplies": "correct the file: history keeps what it was",
    "equipment": "correct the file: history keeps what it was",
    "approvals": "carectl approve: sign off anew, or withdraw",
}
_OWN: Final = ("id", "amends", "author", "recorded")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str,
        typer.Argument(
            metavar="CLIENT",
            help="An id, or the start of a name; or CLIENT/KIND/ID.",
            autocompletion=completion.clients,
        ),
    ],
    record: Annotated[
        str | None,
        typer.Argument(metavar="KIND/ID", help="The entry, such as notes/n-2026-11-20-1.", show_default=False),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", metavar="TEXT", help="What is added, or why it is corrected.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field as it should have been (repeat it); empty: none."),
    ] = None,
    for_family: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help='Words for the family instead; "es=…" for one language (repeat it).'),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option(metavar="STAFF", help="Who amends it; else the coordinator.", autocompletion=completion.staff),
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Correct an entry, or add to it, by a later entry that names it. The earlier one stays in the file, untouched.

    The later one is a copy with your text below it, dated and named, and with the fields that --set corrects. From then
    on it is what counts; the earlier one is history. For notes, visits, concerns, measurements and assessments.

    Example: carectl amend rosa notes/n-2026-11-20-1 -m "It was the left ankle, not the right one"
    """
    from carectl.care.entries import for_family as family_words
    from carectl.caseload.trees import is_id

    whose, typed = _parted(client, record)
    kind, slash, name = typed.partition("/")
    if not slash or not is_id(name):
        raise UsageError("name the entry as KIND/ID, such as notes/n-2026-11-20-1")
    if kind in _OTHERWISE:
        raise Refused(f"{kind} are not amended\nhint: {_OTHERWISE[kind]}")
    if kind not in _WORDS:
        raise UsageError(f"what can be amended: {', '.join(_WORDS)}")
    here = Here.of(Session.of(ctx), whose)
    _meant(here.chart, kind, name)
    form = asking.Form(message)
    said = form.needs("-m", "What is to be added, or why is it corrected", message, asking.text)
    form.done()
    who = here.staff(author) if author else here.coordinator
    if who is None:
        raise UsageError("--author is needed: the practice names no coordinator")
    try:
        family = family_words(for_family or ())
    except ValueError as wanted:
        raise UsageError(f"--for-family takes {wanted}") from None
    changes = [_pair(item) for item in change or ()]
    _write(here, kind, name, said, changes, family, who, dry_run=dry_run, commit=commit)


def _parted(client: str, record: str | None) -> tuple[str, str]:
    """Client and KIND/ID, from one word or two. Raises UsageError."""
    if record is not None and "/" in client:
        raise UsageError("name the entry once: CLIENT KIND/ID, or CLIENT/KIND/ID")
    whose, rest = parted(client, None, "", "entry") if record is None else (client, record)
    if rest is None:
        raise UsageError("which entry? CLIENT KIND/ID, such as rosa notes/n-2026-11-20-1")
    return whose, rest.strip()


def _meant(chart: Chart, kind: str, name: str) -> Entry:
    """The entry of an id. Raises Refused if there is none, or if it was amended already."""
    entries: tuple[Entry, ...] = getattr(chart, kind)
    found = next((item for item in entries if item.id == name), None)
    if found is None:
        hint = (
            "a visit that was never written down has nothing to amend: carectl visit done" if kind == "visits" else ""
        )
        raise Refused(f"there is no {kind}/{name}, or it cannot be read\nhint: {hint or f'carectl check {chart.id}'}")
    later = next(
        (item for item in entries if item.amends in (f"{kind}/{name}", f"{chart.id}/{kind}/{name}", name)), None
    )
    if later is not None:
        raise Refused(f"{kind}/{name} was amended already\nhint: amend the later one: {kind}/{later.id}")
    return found


def _pair(typed: str) -> tuple[list[str], object]:
    """A field, by the names that lead to it, and its value. Raises UsageError."""
    field, equals, text = typed.partition("=")
    names = field.strip().split(".")
    if not equals or not all(re.fullmatch("[a-z][a-z0-9_-]*", name) for name in names):
        raise UsageError("--set takes FIELD=VALUE, such as actual.out=11:30")
    if names[0] in _OWN:
        raise UsageError(f"--set: carectl writes {', '.join(_OWN)} itself")
    value = text.strip()
    if not value:
        return names, None
    asking.checked("--set", value, asking.line)
    if _NUMBER.fullmatch(value):
        return names, float(value) if "." in value else int(value)
    return names, {"true": True, "false": False}.get(value, value)


def _write(
    here: Here,
    kind: str,
    name: str,
    said: str,
    changes: list[tuple[list[str], object]],
    family: object,
    who: str,
    *,
    dry_run: bool,
    commit: bool,
) -> None:
    from carectl.care.entries import unique
    from carectl.commands.entering import taken
    from carectl.commands.writing import writing

    with writing(here.session, subject=f"{here.id} {kind}: 1 amended", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        old = _meant(chart, kind, name)
        editor = work.edit(old.origin.path)
        fresh = cast("dict[str, Any]", editor.get(old.origin.keys))
        new_id = unique(f"{name}-amended", taken(chart, kind))
        for names, value in changes:
            _set(fresh, names, value)
        field = _WORDS[kind]
        member = here.session.setting.staff.get(who)
        line = f"Amended {here.today} by {member.name.full if member else who}: {said}"
        fresh[field] = f"{fresh[field]}\n{line}" if fresh.get(field) else line
        if family is not None:
            fresh["for_family"] = family
        fresh |= {"id": new_id, "author": who, "recorded": here.this_moment().text, "amends": f"{kind}/{name}"}
        *above, position = old.origin.keys
        editor.insert(tuple(above), int(position) + 1, fresh)
        work.put(old.origin.path, editor)
        work.say(str(here))
        words = f"{kind}/{new_id} amends {kind}/{name}, which stays as it was and is history from now on"
        work.say(telling.folded(words))
        event = str(getattr(old, _WHEN[kind]) or getattr(old, "date", None) or here.today)
        if here.late(event):
            work.say(here.late_words(event))
        if fresh.get("for_family") and family is None:
            work.say("The words for the family are the same as before: --for-family gives others")


def _set(entry: dict[str, Any], names: list[str], value: object) -> None:
    *above, last = names
    for name in above:
        inner = entry.get(name)
        if inner is not None and not isinstance(inner, dict):
            raise UsageError(f"--set: {name} is no group of lines")
        entry[name] = dict(inner or {})
        entry = entry[name]
    if isinstance(entry.get(last), list) and value is not None:
        value = [part.strip() for part in str(value).split(",")]
    if value is None:
        entry.pop(last, None)
    else:
        entry[last] = value

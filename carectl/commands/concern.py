"""carectl concern: incidents, complaints and worries, and who was told of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, naming
from carectl.commands.naming import Here, PersonValue
from carectl.commands.options import Author, Due, ForFamily, OneClient, Private
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Chart, Concern

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

HARMS = ("none", "minor", "moderate", "severe", "death", "unknown")

Which = Annotated[
    str | None,
    typer.Argument(metavar="CONCERN", help="Its id, or the start of it; else the only open one.", show_default=False),
]


@app.callback()
def group() -> None:
    """Record an incident, complaint or worry, and who was told."""


@app.command()
def add(
    ctx: typer.Context,
    client: OneClient,
    kind: Annotated[
        str | None,
        typer.Argument(metavar="KIND", help="fall, medication_error, complaint, abuse …", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="When it happened: 3:10, yesterday 14:00, or a day alone.")
    ] = None,
    facts: Annotated[str | None, typer.Option(metavar="TEXT", help="What is known: facts, not opinions.")] = None,
    harm: Annotated[str | None, typer.Option(metavar="WORD", help=f"What harm came of it: {', '.join(HARMS)}.")] = None,
    told: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERSON[@MOMENT]",
            help=f'Who was told: maria, or "maria@8:00" if not just now; {naming.NOT_ON_FILE} (repeat it).',
            autocompletion=completion.people,
        ),
    ] = None,
    basis: Annotated[
        str | None, typer.Option(metavar="WORD", help="Why they may know, for those who did not ask to be called.")
    ] = None,
    task: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="A follow-up (repeat it).")] = None,
    due: Due = None,
    for_family: ForFamily = None,
    private: Private = False,
    about: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERSON", help="Whom it is about: they are never shown it.", autocompletion=completion.people
        ),
    ] = None,
    author: Author = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Record something that happened or came up.

    Example: carectl concern add rosa fall --at 3:10 --facts "Slid down the wall" --harm none --told maria@8:00
    """
    from carectl.care.incidents import KINDS

    here = Here.of(Session.of(ctx), client)
    if due and not task:
        raise UsageError("--due belongs to a follow-up: add --task TEXT")
    form = asking.Form(kind, at, facts, "" if due or not task else None)
    sort = form.needs("KIND", "Kind, such as fall or complaint", kind, _kind(KINDS))
    moment = form.needs("--at", "When, such as 3:10 or yesterday 14:00", at, here.moment())
    what = form.needs("--facts", "What is known", facts, asking.text)
    hurt = form.may("--harm", f"Harm: {', '.join(HARMS)}", harm, asking.one_of(*HARMS))
    until = form.needs("--due", "Follow-up due, such as fri", due, here.day()) if task else ""
    form.done()
    concern = _concern(sort, moment, tuple(str(here.person(item)) for item in about or ()))
    heard = [_told(here, concern, item, basis) for item in told or ()]
    fields: dict[str, object] = {
        "kind": sort,
        "at": moment,
        "facts": what,
        "harm": hurt,
        "told": heard,
        "for_family": asking.for_family(for_family),
        "private": private or None,
        "about": list(concern.about),
        "author": here.staff(author) if author else here.coordinator,
        "recorded": here.late(moment),
    }
    tasks = [text for item in task or () if (text := asking.checked("--task", item, asking.text))]
    _write(here, fields, tasks, until, dry_run=dry_run, commit=commit)


def _kind(known: tuple[str, ...]) -> asking.Check:
    def check(typed: str) -> str:
        from carectl.care.checks.references import slip

        sort = asking.word(typed).replace("-", "_")
        if near := slip(sort, known):
            raise ValueError(f"a kind such as fall (did you mean {near}?)")
        return sort

    return check


def _concern(kind: str, at: str, about: tuple[str, ...]) -> Concern:
    """A concern that is not written down yet, for whoever is to be told of it."""
    from carectl.caseload.records import Concern

    return Concern(id="new", kind=kind, at=at, facts="-", about=about)


def _write(here: Here, fields: dict[str, object], tasks: list[str], due: str, *, dry_run: bool, commit: bool) -> None:
    from carectl.care.entries import position_by_time, task_id, unique
    from carectl.commands.entering import add, add_task, filled, taken
    from carectl.commands.writing import writing

    kind, moment = str(fields["kind"]), str(fields["at"])
    counts = "concerns: 1 added" + (f", tasks: {len(tasks)} added" if tasks else "")
    with writing(here.session, subject=f"{here.id} {counts}", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        work.say(str(here))
        twin = next((c for c in chart.concerns if (c.kind, c.at, c.facts) == (kind, moment, fields["facts"])), None)
        if twin is not None:
            work.say(f"This concern is there already: concerns/{twin.id}")
            return
        stem = f"{kind.replace('_', '-')}-{moment[:10]}"
        name = unique(stem, taken(chart, "concerns"))
        known = set(taken(chart, "tasks"))
        actions = []
        for text in tasks:
            actions.append(task_id(text, known))
            known.add(actions[-1])
        entry: dict[str, Value] = filled({"id": name, **fields})
        if actions:
            entry = _behind(entry, "told", "harm", {"actions": list(actions)})
        # A place for the day, for whoever closes it by hand.
        entry["closed"] = None
        add(
            work,
            here.id,
            "concerns",
            entry,
            piece=moment[:7],
            position=lambda path: position_by_time([(c, c.at) for c in chart.concerns], path, moment, here.zone),
        )
        work.say(f"Concern {name}: {kind.replace('_', ' ')}, {here.said(moment)}")
        if fields["recorded"]:
            work.say(here.late_words(moment))
        for item in fields["told"]:  # type: ignore[attr-defined]
            work.say(f"Told: {_told_words(here, item)}")
        for text, own_id in zip(tasks, actions, strict=True):
            add_task(work, here, text, due, comes_from=f"concerns/{name}", own_id=own_id)
        if not fields["told"]:
            work.say(_to_be_told(here, kind, name))


def _behind(entry: dict[str, Value], first: str, second: str, more: dict[str, Value]) -> dict[str, Value]:
    """An entry with more fields behind one of its own."""
    place = next(key for key in (first, second, "facts") if key in entry)
    found: dict[str, Value] = {}
    for key, value in entry.items():
        found[key] = value
        if key == place:
            found.update(more)
    return found


def _to_be_told(here: Here, kind: str, name: str) -> str:
    from carectl.care.incidents import basis_for

    wanted = [c.id for c in here.chart.contacts if basis_for(c, _concern(kind, "2026-01-01", ()))]
    whom = f" ({naming.together(wanted)} asked to be called)" if wanted else ""
    return f"Nobody is told yet{whom}: carectl concern told {here.id} {name} PERSON"


# --- told ------------------------------------------------------------------------------------------------------------


@app.command("told")
def told_(
    ctx: typer.Context,
    client: OneClient,
    concern: Annotated[str, typer.Argument(metavar="CONCERN", help="Its id, or the start of it.", show_default=False)],
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="PERSON",
            help=f"Who was told; {naming.NOT_ON_FILE}.",
            autocompletion=completion.people,
            show_default=False,
        ),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="MOMENT", help="When: 8:00, yesterday 14:00; else now.")] = None,
    basis: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="Why they may know; not needed if they asked to be called about this."),
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Record who was told of a concern, when, and on what basis.

    Example: carectl concern told rosa fall-2026-10-02 maria --at "2026-10-02 8:00"
    """
    from carectl.commands.writing import writing

    if "/" in client and person is None:
        # carectl concern told c-014/concerns/fall-2026-10-02 maria
        client, name, person = *naming.parted(client, None, "concerns", "concern"), concern
    else:
        client, name = naming.parted(client, concern, "concerns", "concern")
    here = Here.of(Session.of(ctx), client)
    which = _meant(here, here.chart, name)
    if person is None:
        raise UsageError("PERSON is needed: who was told")
    entry = _told(here, which, person, basis, at)
    with writing(here.session, subject=f"{here.id} concerns: 1 told", dry_run=dry_run, commit=commit) as work:
        item = _meant(here, work.chart(here.id), which.id)
        work.say(str(here))
        words = f"of {item.id} ({item.kind.replace('_', ' ')}, {here.said(item.at)})"
        if any(_plain(past.who) == entry["who"] and past.at == entry["at"] for past in item.told):
            work.say(f"{here.who(_person(entry))} was told {words} then: that is written down already")
            return
        editor = work.edit(item.origin.path)
        keys = (*item.origin.keys, "told")
        if editor.has(keys):
            editor.append(keys, entry)
        else:
            editor.set(keys, [entry], after="harm" if item.harm else "facts")
        work.put(item.origin.path, editor)
        work.say(f"Told {words}: {_told_words(here, entry)}")
        if isinstance(entry["who"], str) and entry["who"] in item.about:
            print(f"carectl: {item.id} is about {entry['who']}, who was told of it", file=sys.stderr)


def _plain(who: object) -> object:
    return who if isinstance(who, str) else {"name": getattr(who, "name", "")}


def _person(entry: dict[str, Value]) -> PersonValue:
    return entry["who"]  # type: ignore[return-value]


def _told(here: Here, concern: Concern, typed: str, basis: str | None, at: str | None = None) -> dict[str, Value]:
    """An entry about who was told, from PERSON or PERSON@MOMENT."""
    from carectl.care.incidents import BASES, basis_for

    name, mark, moment = typed.rpartition("@")
    if at is None and mark:
        typed, at = name, moment
    who = here.person(typed)
    when = asking.checked("--at", at, here.moment()) if at else here.this_moment().text
    assert when is not None
    why = asking.checked("--basis", basis, asking.word) or basis_for(here.contact(who), concern)
    if why is None and who != "client":
        form = asking.Form(None)
        why = form.needs("--basis", f"Why may {here.who(who)} know: {', '.join(BASES)}", None, asking.word)
        try:
            form.done()
        except UsageError:
            reason = "it is about them" if who in concern.about else "did not ask to be called about this"
            if here.contact(who) is None or who in concern.about:
                reason = "nothing on file says why"
            raise UsageError(
                f"--basis is needed for {here.who(who)} ({reason})\nhint: one of {', '.join(BASES)}, or a word of yours"
            ) from None
    found: dict[str, Value] = {"who": who, "at": when}  # type: ignore[dict-item]
    return {**found, "basis": why} if why else found


def _told_words(here: Here, entry: dict[str, Value]) -> str:
    why = f" ({str(entry['basis']).replace('_', ' ')})" if "basis" in entry else ""
    return f"{here.who(_person(entry))}, {here.said(str(entry['at']))}{why}"


def _meant(here: Here, chart: Chart, name: str | None) -> Concern:
    """The concern that is meant."""
    pending = [item for item in chart.concerns if item.closed is None]
    if name is None and len(pending) == 1:
        return pending[0]
    rows = [(item, f"{item.kind} {item.at[:10]}") for item in (chart.concerns if name else pending)]
    return naming.record(rows, name, "concern", here, "concerns")


# --- close -----------------------------------------------------------------------------------------------------------


@app.command()
def close(
    ctx: typer.Context,
    client: OneClient,
    concern: Which = None,
    outcome: Annotated[str | None, typer.Option(metavar="TEXT", help="How it was settled.")] = None,
    on: Annotated[str | None, typer.Option(metavar="DAY", help="When it was settled; else today.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Close a concern that is settled.

    Example: carectl concern close rosa fall-2026-10-02 --outcome "Second rail in the hallway"
    """
    from carectl.commands.entering import change
    from carectl.commands.writing import writing

    whose, name = naming.parted(client, concern, "concerns", "concern")
    here = Here.of(Session.of(ctx), whose)
    which = _meant(here, here.chart, name)
    day = asking.checked("--on", on, here.day(past=True)) or here.today.isoformat()
    said = asking.checked("--outcome", outcome, asking.text)
    with writing(here.session, subject=f"{here.id} concerns: 1 closed", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        item = _meant(here, chart, which.id)
        work.say(str(here))
        if item.closed is None:
            change(work, item, {"closed": day, **({"outcome": said} if said else {})})
            work.say(f"Concern {item.id} is closed, {here.said(day)}" + (f": {said}" if said else ""))
        elif said and item.outcome is None:
            change(work, item, {"outcome": said}, after="closed")
            work.say(f"Concern {item.id} was closed {here.said(item.closed)}: {said}")
        elif (said and item.outcome != said) or (on and item.closed[:10] != day):
            words = f"the concern {item.id} was closed {here.said(item.closed)}"
            raise Refused(f"{words}, and the file says otherwise of it\nhint: correct {item.origin.path} by hand")
        else:
            work.say(f"Concern {item.id} was closed {here.said(item.closed)}")
        still = [task.id for task in chart.tasks if task.id in item.actions and task.done is None]
        if still:
            work.say(f"Still open: {naming.together(still)} (carectl task done {here.id} {still[0]})")

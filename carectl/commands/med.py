"""carectl med: medicines are started, changed, held and stopped; never without a reason."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, naming
from carectl.commands.naming import Here
from carectl.commands.options import OneClient
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.orders import Plain
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Chart, Held, Medication
    from carectl.commands.writing import Writing

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

KINDS = ("prescription", "otc", "supplement")

Which = Annotated[
    str | None,
    typer.Argument(metavar="MED", help="Its id, or the start of it or of its name.", show_default=False),
]
Strength = Annotated[str | None, typer.Option(metavar="TEXT", help="How strong: 40 mg.")]
Dose = Annotated[str | None, typer.Option(metavar="TEXT", help="How much at a time: 1 tablet.")]
Route = Annotated[str | None, typer.Option(metavar="TEXT", help="oral, topical, inhaled …")]
Times = Annotated[str | None, typer.Option(metavar="TIMES", help="At which times of day: 8:00,20:00.")]
AsNeededFor = Annotated[str | None, typer.Option("--as-needed", metavar="REASON", help="Only when needed: for what.")]
Most = Annotated[float | None, typer.Option("--max-per-day", min=0.25, help="With --as-needed: at most how often.")]
InWords = Annotated[str | None, typer.Option(metavar="TEXT", help="When, in words: Sundays only, a taper.")]
Indication = Annotated[str | None, typer.Option("--for", metavar="TEXT", help="For what: Heart failure.")]
Prescriber = Annotated[
    str | None,
    typer.Option(metavar="PERSON", help=f"Who prescribes it; {naming.NOT_ON_FILE}.", autocompletion=completion.people),
]
Kind = Annotated[str | None, typer.Option(metavar="WORD", help=f"{', '.join(KINDS)}.")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")]


@app.callback()
def group() -> None:
    """Start, change, hold or stop a medicine."""


@app.command()
def start(
    ctx: typer.Context,
    client: OneClient,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The medicine.", show_default=False)] = None,
    strength: Strength = None,
    dose: Dose = None,
    route: Route = None,
    times: Times = None,
    as_needed: AsNeededFor = None,
    most: Most = None,
    schedule: InWords = None,
    indication: Indication = None,
    prescriber: Prescriber = None,
    kind: Kind = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day; else today.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Last day, if it is known: with a reason.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="With --until: why it ends then.")] = None,
    own_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Its id; else made of the name.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Start a medicine. A new dose of one that is taken is no new medicine: med change.

    Example: carectl med start rosa Furosemide --strength "40 mg" --dose "1 tablet" --times 8:00 --for "Heart failure"
    """
    here = Here.of(Session.of(ctx), client)
    form = asking.Form(name, dose, times or as_needed or schedule)
    called = form.needs("NAME", "Medicine", name, asking.text)
    fields: dict[str, Plain] = {
        "name": called,
        "strength": form.may("--strength", "Strength, such as 40 mg", strength, asking.text),
        "dose": form.needs("--dose", "Dose, such as 1 tablet", dose, asking.text),
        "route": form.may("--route", "Route: oral, topical …", route, asking.text, "oral"),
    }
    fields |= _when(form, times, as_needed, most, schedule)
    fields["indication"] = form.may("--for", "For what", indication, asking.text)
    by = form.may("--prescriber", "Prescriber (a contact)", prescriber, asking.text)
    fields["prescriber"] = None
    fields["kind"] = form.may("--kind", f"Kind: {', '.join(KINDS)}", kind, asking.one_of(*KINDS), "prescription")
    form.done()
    fields["prescriber"] = here.person(by) if by else None  # type: ignore[assignment]
    first = asking.checked("--from", from_, here.day()) or here.today.isoformat()
    last = asking.checked("--until", until, here.day())
    why = asking.checked("--reason", reason, asking.text)
    if (last is None) != (why is None):
        raise UsageError("--until and --reason go together: when it ends, and why")
    fields |= {"from": first, "until": last, "reason": why}
    given = asking.checked("--id", own_id, asking.one_id)
    _start(here, fields, given, dry_run=dry_run, commit=commit)


def _when(
    form: asking.Form, times: str | None, as_needed: str | None, most: float | None, schedule: str | None
) -> dict[str, Plain]:
    """When it is taken: one of the three ways has to be said."""
    from carectl.care.orders import as_needed as needed

    if most is not None and as_needed is None:
        raise UsageError("--max-per-day belongs to --as-needed REASON")
    if as_needed is not None and (times is not None or schedule is not None):
        raise UsageError("--as-needed, or --times and --schedule: not both")
    if as_needed is not None:
        return {"times": None, "as_needed": needed(asking.checked("--as-needed", as_needed, asking.text) or "", most)}
    if times is None and schedule is None and not form.asks:
        form.needs("--times, --as-needed or --schedule", "", None, asking.text)
        return {}
    clock = form.needs("--times", "Times, such as 8:00,20:00", times, _clock) if schedule is None else ""
    if schedule is not None and times is not None:
        clock = asking.checked("--times", times, _clock) or ""
    words = asking.checked("--schedule", schedule, asking.text)
    return {"times": clock.split(",") if clock else None, "schedule": words}


def _clock(typed: str) -> str:
    """Times of day as the files write them, with commas between."""
    from carectl.care.times import time_typed

    found = [time_typed(part) for part in typed.split(",") if part.strip()]
    if not found or None in found:
        raise ValueError("times of day such as 8:00,20:00 or 8am")
    return ",".join(sorted({time for time in found if time}))


def _start(here: Here, fields: dict[str, Plain], given: str | None, *, dry_run: bool, commit: bool) -> None:
    from carectl.care.entries import slug, unique
    from carectl.care.orders import allergies
    from carectl.commands.entering import add, filled, taken
    from carectl.commands.writing import writing

    name, first = str(fields["name"]), str(fields["from"])
    with writing(here.session, subject=f"{here.id} medications: 1 started", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        work.say(str(here))
        if (twin := _twin(chart, fields)) is not None:
            work.say(f"{name} stands there already: medications/{twin.id}")
            return
        known = taken(chart, "medications")
        if given in known:
            raise UsageError(f"there is a medicine {given} already\nhint: choose another id; ids are never used again")
        same = next((m for m in chart.medications if _is_same(m, name) and not _is_over(m, first)), None)
        if same is not None and given is None:
            raise Refused(
                f"{here} takes {same.name} already (medications/{same.id})\n"
                f"hint: a new dose is carectl med change {here.id} {same.id}; if it is given besides, name it with --id"
            )
        med_id = given or unique(slug(name, "med"), known)
        entry = filled({"id": med_id, **fields})
        if chart.no_medications and not chart.medications:
            _first(work, here, entry)
        else:
            add(work, here.id, "medications", entry)
        work.say(f"Started {med_id}: {_described(fields)}, from {here.said(first)}")
        if fields["until"]:
            work.say(f"Last day {here.said(str(fields['until']))}: {fields['reason']}")
        on_file = allergies(chart.client, name)
        work.say(f"Allergies: {on_file.text}")
        if on_file.match:
            print(f"carectl: ALLERGY: {on_file.match} is on file; call the prescriber before a dose", file=sys.stderr)


def _first(work: Writing, here: Here, entry: dict[str, Value]) -> None:
    """The first medicine of somebody of whom it was said that they take none."""
    from carectl.caseload.shelves import pieces

    for path in pieces(work.tree, here.id, "medications"):
        editor = work.edit(path)
        if editor.has(("medications",)) and editor.get(("medications",)) == "none":
            editor.set(("medications",), [entry])
            work.put(path, editor)
            work.say(f"{path} said `medications: none`; that is a list now. A comment there may speak of none still")
            return


def _twin(chart: Chart, fields: dict[str, Plain]) -> Medication | None:
    """The very same order, if it stands there already."""
    from carectl.care.orders import differing

    order = {key: fields.get(key) for key in ("name", "strength", "dose", "route", "times", "as_needed", "schedule")}
    for item in chart.medications:
        if str(item.from_) == fields["from"] and item.until is None and not differing(item, order)[0]:
            return item
    return None


def _is_same(item: Medication, name: str) -> bool:
    from carectl.words import fold

    return fold(item.name) == fold(name)


def _is_over(item: Medication, first: str) -> bool:
    from carectl.care.orders import is_stopped

    return is_stopped(item, dt.date.fromisoformat(first))


def _described(fields: dict[str, Plain]) -> str:
    from carectl.care.orders import in_words

    parts = [fields.get(key) for key in ("name", "strength", "dose", "route", "times", "as_needed", "schedule")]
    text = ", ".join(in_words(part) for part in parts if part)
    return f"{text} ({fields['indication']})" if fields.get("indication") else text


# --- change ----------------------------------------------------------------------------------------------------------


@app.command()
def change(
    ctx: typer.Context,
    client: OneClient,
    med: Which = None,
    strength: Strength = None,
    dose: Dose = None,
    route: Route = None,
    times: Times = None,
    as_needed: AsNeededFor = None,
    most: Most = None,
    schedule: InWords = None,
    indication: Indication = None,
    prescriber: Prescriber = None,
    reason: Reason = None,
    ordered_by: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=f"Who ordered it; {naming.NOT_ON_FILE}.", autocompletion=completion.people),
    ] = None,
    read_back: Annotated[
        bool | None,
        typer.Option("--read-back/--not-read-back", help="Whether a spoken order was read back.", show_default=False),
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="Since when it holds; else today.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Change the dose, the times or anything else of a medicine. Its id goes on; what it was is kept, with the reason.

    Example: carectl med change rosa furosemide --strength "40 mg" --reason "Ankle swelling" --ordered-by dr-lee
    """
    whose, typed = naming.parted(client, med, "medications", "med")
    here = Here.of(Session.of(ctx), whose)
    which = _meant(here, here.chart, typed)
    wanted = _wanted(here, strength, dose, route, times, as_needed, most, schedule, indication, prescriber)
    if not wanted:
        raise UsageError("say what changes: --strength, --dose, --times, --as-needed, --schedule, --route …")
    form = asking.Form(reason)
    why = form.needs("--reason", "Why", reason, asking.text)
    said_by = form.may("--ordered-by", "Who ordered it (a contact)", ordered_by, asking.text)
    form.done()
    by = here.person(said_by) if said_by else None
    day = asking.checked("--from", from_, here.day(past=True)) or here.today.isoformat()
    order: dict[str, object] = {"reason": why, "ordered_by": by, "read_back": read_back}
    _change(here, which.id, wanted, day, order, dry_run=dry_run, commit=commit)


def _wanted(
    here: Here,
    strength: str | None,
    dose: str | None,
    route: str | None,
    times: str | None,
    as_needed: str | None,
    most: float | None,
    schedule: str | None,
    indication: str | None,
    prescriber: str | None,
) -> dict[str, Plain]:
    """The fields that the options set; `--times none` and `--schedule none` take them away."""
    from carectl.care.orders import as_needed as needed

    if most is not None and as_needed is None:
        raise UsageError("--max-per-day belongs to --as-needed REASON")
    texts = {"strength": strength, "dose": dose, "route": route, "indication": indication, "schedule": schedule}
    found: dict[str, Plain] = {}
    for key, value in texts.items():
        if value is not None:
            option = "--for" if key == "indication" else f"--{key}"
            found[key] = asking.checked(option, value, asking.text)
            if found[key] is None:
                raise UsageError(f"{option} takes some text")
    if found.get("schedule") == "none":
        found["schedule"] = None
    if times is not None:
        found["times"] = None if times == "none" else (asking.checked("--times", times, _clock) or "").split(",")
    if as_needed is not None:
        found["as_needed"] = needed(asking.checked("--as-needed", as_needed, asking.text) or "", most)
        if found.get("times") or found.get("schedule"):
            raise UsageError("--as-needed, or --times and --schedule: not both")
    if prescriber is not None:
        found["prescriber"] = here.person(prescriber)  # type: ignore[assignment]
    return found


def _change(
    here: Here,
    med_id: str,
    wanted: dict[str, Plain],
    day: str,
    order: dict[str, object],
    *,
    dry_run: bool,
    commit: bool,
) -> None:
    from carectl.care.orders import FIELDS, change_in_words, differing, in_words
    from carectl.commands.entering import filled
    from carectl.commands.writing import writing

    with writing(here.session, subject=f"{here.id} medications: 1 changed", dry_run=dry_run, commit=commit) as work:
        item = _meant(here, work.chart(here.id), med_id)
        work.say(str(here))
        now, was = differing(item, wanted)
        if not now:
            listed = ", ".join(f"{key} {in_words(value)}" for key, value in wanted.items())
            work.say(f"{item.id} has {listed} already")
            return
        _demand_running(here, item)
        later = max((past.date for past in item.changed), default=item.from_)
        if dt.date.fromisoformat(day) < later:
            what = "changed" if item.changed else "started"
            raise Refused(
                f"{item.id} {what} on {here.said(later)}; an order from before cannot come behind it\n"
                f"hint: write it into {item.origin.path} by hand"
            )
        editor = work.edit(item.origin.path)
        for key, value in now.items():
            place = (*item.origin.keys, key)
            if value is None:
                editor.remove(place)
            else:
                # A field that is new here stands where an entry has it.
                before = [f for f in FIELDS[: FIELDS.index(key)] if editor.has((*item.origin.keys, f))]
                editor.set(place, value, after=before[-1] if before else "id")  # type: ignore[arg-type]
        editor.append((*item.origin.keys, "changed"), filled({"date": day, "was": was, **order}))
        work.put(item.origin.path, editor)
        listed = "; ".join(change_in_words(key, value, was[key]) for key, value in now.items())
        work.say(f"Changed {item.id}, since {here.said(day)}: {listed}")
        work.say(f"Because: {order['reason']}{_by(here, order['ordered_by'])}")


def _by(here: Here, who: object) -> str:
    return f", ordered by {here.who(who)}" if who else ""  # type: ignore[arg-type]


def _meant(here: Here, chart: Chart, typed: str | None) -> Medication:
    """The medicine that is meant; those that are taken come first."""
    from carectl.care.orders import is_stopped

    running = [item for item in chart.medications if not is_stopped(item, here.today)]
    exact = any(item.id == typed for item in chart.medications)
    items = chart.medications if exact or not running else running
    return naming.record([(item, item.name) for item in items], typed, "medicine", here, "medications")


def _demand_running(here: Here, item: Medication) -> None:
    """Refuse what makes no sense once a medicine was stopped."""
    from carectl.care.orders import is_stopped

    if item.until is not None and is_stopped(item, here.today):
        raise Refused(
            f"{item.id} was stopped: its last day was {here.said(item.until)}\n"
            f'hint: if it is taken again: carectl med start {here.id} "{item.name}" …'
        )


# --- hold ------------------------------------------------------------------------------------------------------------


@app.command()
def hold(
    ctx: typer.Context,
    client: OneClient,
    med: Which = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day without it; else today.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Last day without it; absent: until further notice.")
    ] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Hold a medicine for some days. With --until alone, end the hold that it is on.

    Example: carectl med hold rosa lisinopril --from today --reason "Low pressure" --until +3d
    """
    from carectl.care.orders import hold_on

    whose, typed = naming.parted(client, med, "medications", "med")
    here = Here.of(Session.of(ctx), whose)
    which = _meant(here, here.chart, typed)
    first = asking.checked("--from", from_, here.day())
    last = asking.checked("--until", until, here.day())
    on_hold = hold_on(which, here.today) if first is None else None
    why = asking.checked("--reason", reason, asking.text)
    if on_hold is None and not _is_held_so(which, first or here.today.isoformat(), last):
        form = asking.Form(why)
        why = form.needs("--reason", "Why", why, asking.text)
        form.done()
    _hold(here, which.id, first, last, why, dry_run=dry_run, commit=commit)


def _is_held_so(item: Medication, first: str, last: str | None) -> bool:
    return any((str(h.from_), str(h.until) if h.until else None) == (first, last) for h in item.held)


def _hold(
    here: Here, med_id: str, first: str | None, last: str | None, why: str | None, *, dry_run: bool, commit: bool
) -> None:
    from carectl.care.orders import FIELDS, clash, hold_on
    from carectl.commands.entering import filled
    from carectl.commands.writing import writing

    with writing(here.session, subject=f"{here.id} medications: 1 held", dry_run=dry_run, commit=commit) as work:
        item = _meant(here, work.chart(here.id), med_id)
        work.say(str(here))
        if _is_held_so(item, first or here.today.isoformat(), last):
            work.say(f"{item.id} is held so already")
            return
        _demand_running(here, item)
        current = hold_on(item, here.today) if first is None else None
        if current is not None:
            _end_hold(work, here, item, current, last)
            return
        begin = dt.date.fromisoformat(first) if first else here.today
        other = clash(item, begin, dt.date.fromisoformat(last) if last else None)
        if other is not None:
            raise Refused(f"{item.id} is held {here.stretch(other)} already\nhint: --until alone sets when that ends")
        editor = work.edit(item.origin.path)
        place = (*item.origin.keys, "held")
        entry = filled({"from": begin.isoformat(), "until": last, "reason": why})
        if editor.has(place):
            editor.append(place, entry)
        else:
            # In front of `changed`, as the format has it.
            order = (*FIELDS, "from", "until", "reason")
            editor.set(place, [entry], after=next(f for f in reversed(order) if editor.has((*item.origin.keys, f))))
        work.put(item.origin.path, editor)
        end = f" until {here.said(last)}" if last else " until further notice"
        work.say(f"Held {item.id} from {here.said(begin)}{end}: {why}")


def _end_hold(work: Writing, here: Here, item: Medication, current: tuple[int, Held], last: str | None) -> None:
    position, held = current
    if last is None or str(held.until) == last:
        work.say(f"{item.id} is held {here.stretch(held)} already" + (f": {held.reason}" if held.reason else ""))
        return
    if last < str(held.from_):
        raise UsageError(f"the hold began {here.said(held.from_)}; --until cannot be before that")
    editor = work.edit(item.origin.path)
    editor.set((*item.origin.keys, "held", position, "until"), last, after="from")
    work.put(item.origin.path, editor)
    day = dt.date.fromisoformat(last) + dt.timedelta(days=1)
    work.say(f"Held {item.id} until {here.said(last)}; given again from {here.said(day)}")


# --- stop ------------------------------------------------------------------------------------------------------------


@app.command()
def stop(
    ctx: typer.Context,
    client: OneClient,
    med: Which = None,
    reason: Reason = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day on which it is taken; else today.")
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Stop a medicine. It stays in the list, with its last day and the reason.

    Example: carectl med stop rosa ibuprofen --reason "Not with heart failure" --on yesterday
    """
    from carectl.commands.entering import change as set_fields
    from carectl.commands.writing import writing

    whose, typed = naming.parted(client, med, "medications", "med")
    here = Here.of(Session.of(ctx), whose)
    which = _meant(here, here.chart, typed)
    form = asking.Form(reason)
    why = form.needs("--reason", "Why", reason, asking.text)
    form.done()
    day = asking.checked("--on", on, here.day()) or here.today.isoformat()
    with writing(here.session, subject=f"{here.id} medications: 1 stopped", dry_run=dry_run, commit=commit) as work:
        item = _meant(here, work.chart(here.id), which.id)
        work.say(str(here))
        if (str(item.until), item.reason) == (day, why) or (on is None and item.until and item.reason == why):
            work.say(f"{item.id} was stopped already: last day {here.said(item.until or day)}")
            return
        _demand_running(here, item)
        if day < str(item.from_):
            raise UsageError(f"{item.id} began {here.said(item.from_)}; its last day cannot be before that")
        # Where `until` is written already, `reason` goes right behind it.
        set_fields(work, item, {"until": day, "reason": why}, after="from")
        work.say(f"Stopped {item.id} ({_described_of(item)}): last day {here.said(day)}: {why}")
        if any(held.until is None for held in item.held):
            work.say("It was on hold; the hold stays as it is written")


def _described_of(item: Medication) -> str:
    return ", ".join(part for part in (item.name, item.strength, item.dose) if part)

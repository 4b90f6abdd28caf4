"""carectl series: visits that repeat. What was stays; a change ends one series and begins the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, scheduling, telling
from carectl.commands.naming import Here
from carectl.commands.session import Session, fail_unreadable
from carectl.commands.writing import Commit, DryRun, Writing, writing
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.series_entries import Handover
    from carectl.care.visit_entries import Fields, Plain
    from carectl.caseload.edit import Editor
    from carectl.caseload.records import Chart, Series, Visit
    from carectl.findings import Keys

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

SeriesWords = Annotated[
    list[str],
    typer.Argument(
        metavar="SERIES", help="CLIENT/ID or CLIENT ID, such as rosa am-care.", autocompletion=completion.clients,
        show_default=False,
    ),
]  # fmt: skip
Service = Annotated[
    str | None, typer.Option(metavar="WORD", help="What it is: personal_care, nursing, companionship, therapy …")
]
Staff = Annotated[
    str | None,
    typer.Option(
        metavar="STAFF", help="Who comes; several with commas; or the word nobody.", autocompletion=completion.staff
    ),
]
With = Annotated[
    str | None, typer.Option("--with", metavar="CONTACT", help="A contact who sees the client; or the word nobody.")
]
Days = Annotated[str | None, typer.Option(metavar="DAYS", help="Days of the week: mon,wed,fri; weekdays; daily.")]
Every = Annotated[str | None, typer.Option(metavar="WEEKS", help="Every how many weeks, such as 2w.")]
Rule = Annotated[
    str | None,
    typer.Option("--rrule", metavar="RULE", help="Instead of days: a rule, such as FREQ=MONTHLY;BYDAY=2TU."),
]
At = Annotated[str | None, typer.Option(metavar="TIME", help="When it starts, such as 9:00.")]
Duration = Annotated[str | None, typer.Option(metavar="LENGTH", help="How long: 45m, 2h, 1h30m.")]
Ends = Annotated[
    str | None, typer.Option("--ends", metavar="TIME", help="Instead: when it ends on the wall, such as 06:00.")
]
Needs = Annotated[str | None, typer.Option(metavar="LIST", help="Skills that whoever comes must have.")]
Does = Annotated[str | None, typer.Option(metavar="LIST", help="Tasks of the plan that it carries out.")]
Where = Annotated[str | None, typer.Option(metavar="TEXT", help="Where, if not at home.")]
Until = Annotated[str | None, typer.Option(metavar="DAY", help="The last day; without, it is open-ended.")]
Drop = Annotated[
    bool, typer.Option("--drop", help="Take out what was planned for days that fall away, instead of stopping.")
]


@app.callback()
def group() -> None:
    """Visits that repeat: begin, change or end a series.

    What was stays: a change ends one series the day before and begins the next, which follows it.
    """


# --- add -------------------------------------------------------------------------------------------------------------


@app.command()
def add(
    ctx: typer.Context,
    client: Annotated[
        str,
        typer.Argument(
            metavar="CLIENT", help="The client, by id or the start of a name.", autocompletion=completion.clients
        ),
    ],
    service: Service = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DAY", help="The first day.")] = None,
    days: Days = None,
    at: At = None,
    duration: Duration = None,
    ends: Ends = None,
    staff: Staff = None,
    with_: With = None,
    every: Every = None,
    rrule: Rule = None,
    until: Until = None,
    needs: Needs = None,
    does: Does = None,
    where: Where = None,
    own_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Its name for ever; else made up.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Begin a series. On a terminal carectl asks for what is not given.

    Example: carectl series add rosa --service personal_care --from mon --days mon,wed,fri --at 9:00 --duration 2h
    """
    from carectl.care.series_entries import in_order, taken_ids
    from carectl.care.visit_entries import new_id
    from carectl.caseload.shelves import shelf

    session = Session.of(ctx)
    here = Here.of(session, client)
    form = asking.Form(service, from_, days or rrule, at, duration or ends)
    if form.asks:
        print(here)
    what = form.needs("--service", "What: personal_care, nursing, companionship …", service, asking.word)
    first = form.needs("--from", "First day", from_, here.day())
    if rrule is None:
        days = form.needs("--days", "On which days, such as mon,wed,fri", days, _days_check)
    start = form.needs("--at", "When it starts, such as 9:00", at, scheduling.time)
    if ends is None:
        duration = form.needs("--duration", "How long, such as 45m or 2h", duration, scheduling.length)
    if form.asks and staff is None and with_ is None:
        staff = form.may("--staff", "Who comes", None, asking.text)
    form.done()
    change = _typed(here, None, staff, with_, needs, until, days, every, rrule, None, duration, ends, does, where)
    fields: Fields = {"service": what, "from": first, "at": start}
    fields |= {name: value for name, value in change.items() if value not in (None, [])}
    asked_id = asking.checked("--id", own_id, asking.one_id)
    with writing(session, subject=f"{here.id} series: 1 added", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        _demand_whole(chart)
        taken = taken_ids(chart)
        if asked_id is not None and (asked_id in taken or len(asked_id) > 53):
            raise UsageError(f"--id {asked_id} is taken already, or too long: ids are never used again")
        name = asked_id or new_id(what.replace("_", "-"), taken, limit=53)
        if twin := _twin(chart, fields):
            raise Refused(f"there is such a series already: {chart.id}/{twin.id} ({scheduling.place(session, twin)})")
        paths = [series.origin.path for series in chart.series]
        work.say(telling.called(chart))
        if paths:
            editor, path = work.edit(paths[-1]), paths[-1]
        else:
            taken_by = shelf(work.tree, chart.id, "visits", "series")
            editor, path = work.begin(taken_by), taken_by.path
        work.shifted.add(chart.id)
        editor.append(("series",), in_order({"id": name, **fields}))
        work.put(path, editor)
        _tell(work, here.id, name)


def _twin(chart: Chart, fields: Mapping[str, Plain]) -> Series | None:
    """A series that says the same."""
    return next(
        (
            series
            for series in chart.series
            if (series.service, str(series.from_), series.at.zfill(5), list(series.days) or None, series.rrule)
            == tuple(fields.get(name) for name in ("service", "from", "at", "days", "rrule"))
        ),
        None,
    )


# --- change ----------------------------------------------------------------------------------------------------------


@app.command()
def change(
    ctx: typer.Context,
    words: SeriesWords,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day on which the change holds.")
    ] = None,
    staff: Staff = None,
    days: Days = None,
    at: At = None,
    duration: Duration = None,
    ends: Ends = None,
    every: Every = None,
    rrule: Rule = None,
    service: Service = None,
    with_: With = None,
    needs: Needs = None,
    does: Does = None,
    where: Where = None,
    until: Until = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with the series that ends.")] = None,
    own_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="The new series' name; else am-care-2 after am-care.")
    ] = None,
    drop: Drop = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Change a series from a day on: the old one ends the day before, and one begins that follows it.

    What is not named is taken over: staff, tasks, skills, days left out. A visit that is planned differently goes over
    if the new series takes place on its day, under its new id; if any cannot, they are listed and nothing is written.
    A series that has not begun is changed in its place.

    Example: carectl series change rosa am-care --from 11/30 --at 8:30 --reason "Bus comes earlier"
    """
    session = Session.of(ctx)
    client, name = _aim(session, words)
    here = Here(session, session.loader.chart(client))
    form = asking.Form(from_)
    day = dt.date.fromisoformat(form.needs("--from", "From which day on", from_, here.day()) or "0001-01-01")
    form.done()
    wanted = _typed(here, service, staff, with_, needs, until, days, every, rrule, at, duration, ends, does, where)
    if not wanted:
        raise UsageError("say what changes: --staff, --days, --at, --duration, --does …")
    why = asking.checked("--reason", reason, asking.text)
    asked_id = asking.checked("--id", own_id, asking.one_id)
    if day < here.today:
        raise UsageError(
            f"--from {here.said(day)} is past, and what was stays\nhint: let the change begin today or later"
        )
    with writing(session, subject=f"{client} series: 1 changed", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        series = _find(chart, name)
        work.say(telling.called(chart))
        _change(work, Here(session, chart), series, day, wanted, why, asked_id, drop=drop)


def _change(
    work: Writing, here: Here, series: Series, day: dt.date, wanted: Mapping[str, Plain], reason: str | None,
    asked_id: str | None, *, drop: bool,
) -> None:  # fmt: skip
    from carectl.care import series_entries as entries
    from carectl.care.pointing import first_days

    chart = here.chart
    path, keys = series.origin.path, series.origin.keys
    work.shifted.add(chart.id)
    editor = work.edit(path)
    old = editor.get(keys)
    assert isinstance(old, dict)
    if entries.is_same(old, entries.changed(old, wanted)):
        work.say(f"{series.id}: {_said(here, series)}")
        return
    if series.until is not None and series.until < day:
        hint = f"carectl series add {chart.id} begins a new one"
        raise Refused(f"the series {series.id} ends on {here.said(series.until)}, before that day\nhint: {hint}")
    first = next(iter(first_days(series, series.from_)), series.from_)
    if not entries.has_begun(chart, series, here.today) and day <= first:
        step = entries.in_place(chart, series, old, wanted, day)
        _stop_at(here, step, series, drop=drop)
        _set(editor, keys, old, step.fields)
        work.put(path, editor)
        _drop(work, step.stray if drop else [])
        work.say(f"{series.id} has not begun, so it is changed in its place.")
        _tell_left_out(work, here, series, step)
        _tell(work, chart.id, series.id)
        return
    if day <= series.from_:
        raise Refused(f"the series {series.id} itself begins on {here.said(series.from_)}\nhint: name a later day")
    taken = entries.taken_ids(chart)
    if asked_id is not None and (asked_id in taken or len(asked_id) > 53):
        raise UsageError(f"--id {asked_id} is taken already, or too long: ids are never used again")
    name = asked_id or entries.next_id(series.id, taken)
    step = entries.handover(chart, series, old, wanted, day, name)
    _stop_at(here, step, series, drop=drop)
    last = day - dt.timedelta(days=1)
    ended = {"until": str(last), "reason": reason} if reason else {"until": str(last)}
    _end(editor, keys, ended, step)
    position = keys[-1]
    assert isinstance(position, int)
    editor.insert(keys[:-1], position + 1, entries.in_order(step.fields))
    work.put(path, editor)
    work.say(f"{series.id} ends on {here.said(last)}.")
    work.say(f"{name} follows it from {here.said(str(step.fields['from']))} on.")
    _carry(work, here, step, name, wanted)
    _drop(work, step.stray if drop else [])
    _tell_left_out(work, here, series, step)
    _tell(work, chart.id, name)
    for line in scheduling.companions(here.session, series):
        work.say(line)


def _stop_at(here: Here, step: Handover, series: Series, *, drop: bool) -> None:
    """Refuse what would rewrite what has happened, or lose what was planned."""
    if step.happened:
        last = step.happened[-1]
        raise Refused(
            f"of the series {series.id} a visit on {here.said(last.day or '')} is written down as {last.status} "
            f"already ({scheduling.place(here.session, last)}), and what was stays\nhint: let the change begin later"
        )
    if step.stray and not drop:
        raise Refused(
            "these visits are planned for days that the series will not have any more; nothing was written:\n"
            + _listed(here, step.stray)
            + "\nhint: --drop takes these records out; what must take place: carectl visit add"
        )


def _listed(here: Here, visits: Sequence[Visit]) -> str:
    lines = []
    for visit in visits:
        what: list[str] = [visit.status if visit.status != "planned" else "planned differently"]
        what += [f"moved to {visit.date}"] if visit.date else []
        what += [f"at {visit.at}"] if visit.at else []
        place = scheduling.place(here.session, visit)
        lines.append(f"  {here.id}/{visit.id}  {here.said(visit.day or '')}  {', '.join(what)}  ({place})")
    return "\n".join(lines)


def _carry(work: Writing, here: Here, step: Handover, name: str, wanted: Mapping[str, Plain]) -> None:
    """Let records of planned visits go over to the new series, in their places."""
    from carectl.care.pointing import visit_of

    shifts = bool(wanted.keys() & {"staff", "with", "at", "duration", "to", "where"})
    again = [visit for visit in step.carried if visit.status == "confirmed" and shifts]
    for visit in step.carried:
        path, keys = visit.origin.path, visit.origin.keys
        editor = work.edit(path)
        editor.set((*keys, "id"), f"{name}-{visit.day}")
        editor.set((*keys, "series"), name)
        if visit in again:
            # Nobody confirmed what has changed.
            editor.remove((*keys, "status"))
        work.put(path, editor)
    after = work.chart(here.id)
    for visit in step.carried:
        now = visit_of(after, here.session.setting, f"{name}-{visit.day}")
        when = f": {scheduling.brief(here.session, after, now)}" if now else ""
        work.say(f"Goes over as it stands: {visit.id} is {name}-{visit.day}{when}.")
        if visit in again:
            work.say("  It was confirmed for the old series, and is planned now.")


def _drop(work: Writing, visits: Sequence[Visit]) -> None:
    """Take records out, from the last one of a file to the first, so that positions hold."""
    for visit in sorted(visits, key=lambda item: (item.origin.path, item.origin.keys), reverse=True):
        editor = work.edit(visit.origin.path)
        editor.remove(visit.origin.keys)
        work.put(visit.origin.path, editor)
    for visit in visits:
        work.say(f"Taken out: {visit.id}.")


def _tell_left_out(work: Writing, here: Here, series: Series, step: Handover) -> None:
    for day in step.idle:
        work.say(f"{here.said(day)} was left out by {series.id}, and is no day of the series now.")


def _set(editor: Editor, keys: Keys, old: Mapping[str, Plain], fields: Mapping[str, Plain]) -> None:
    """Change a series in its place, field by field."""
    from carectl.care.series_entries import in_order

    before: str | None = None
    whole = in_order(fields)
    for name, value in whole.items():
        if name not in old or old[name] != value:
            editor.set((*keys, name), value, after=before)
        before = name
    for name in old:
        if name == "except" and name not in whole:
            _leave_out(editor, (*keys, name), [])
        elif name not in whole and old[name] is not None:
            editor.remove((*keys, name))


def _end(editor: Editor, keys: Keys, fields: Mapping[str, Plain], step: Handover) -> None:
    """End a series: its last day, and no days left out after it."""
    after: str | None = "from"
    for name, value in fields.items():
        if name == "reason":
            after = None
        editor.set((*keys, name), value, after=after)
    if step.passed_on or step.idle:
        _leave_out(editor, (*keys, "except"), [str(day) for day in step.kept])


def _leave_out(editor: Editor, place: Keys, days: list[str]) -> None:
    """Set the days left out. The field goes if none is left, unless a comment would go with it."""
    if days:
        editor.set(place, list(days))
        return
    from carectl.caseload.edit import Editor

    trial = Editor(editor.result(), "")
    trial.remove(place)
    if trial.result().count(b"#") == editor.result().count(b"#"):
        editor.remove(place)
    else:
        editor.set(place, [])


# --- end -------------------------------------------------------------------------------------------------------------


@app.command()
def end(
    ctx: typer.Context,
    words: SeriesWords,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day on which it takes place.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
    drop: Drop = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """End a series: the given day is its last. What was stays as it is written down.

    Example: carectl series end rosa saturday --until 12/19 --reason "Goes to her sister on Saturdays"
    """
    session = Session.of(ctx)
    client, name = _aim(session, words)
    here = Here(session, session.loader.chart(client))
    form = asking.Form(until, reason)
    if form.asks:
        print(here)
    last = dt.date.fromisoformat(form.needs("--until", "The last day", until, here.day()) or "0001-01-01")
    why = form.needs("--reason", "Why", reason, asking.text)
    form.done()
    with writing(session, subject=f"{client} series: 1 ended", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        work.say(telling.called(chart))
        _finish(work, Here(session, chart), _find(chart, name), last, why, drop=drop)


def _finish(work: Writing, here: Here, series: Series, last: dt.date, reason: str, *, drop: bool) -> None:
    from carectl.care import series_entries as entries
    from carectl.care.pointing import first_days

    chart, day = here.chart, dt.timedelta(days=1)
    if series.until == last:
        work.say(f"{series.id} ends on {here.said(last)}.")
        return
    if series.until is not None and series.until < here.today:
        raise Refused(f"the series {series.id} ended on {here.said(series.until)} already, and what was stays")
    if last < series.from_:
        raise Refused(
            f"the series {series.id} begins on {here.said(series.from_)}, after that day\n"
            f"hint: take it out of {scheduling.place(here.session, series)}, if it is not to be"
        )
    open_days = entries.unrecorded(chart, series, last + day, here.today - day)
    if open_days:
        listed = ", ".join(map(str, open_days[:5])) + (" …" if len(open_days) > 5 else "")
        raise Refused(
            f"after that day visits of {series.id} were due, and nothing is written down of them: {listed}\n"
            "hint: first write down what became of each: carectl visit done, missed or cancel"
        )
    editor = work.edit(series.origin.path)
    old = editor.get(series.origin.keys)
    assert isinstance(old, dict)
    step = entries.ending(chart, series, last)
    _stop_at(here, step, series, drop=drop)
    _end(editor, series.origin.keys, {"until": str(last), "reason": reason}, step)
    work.put(series.origin.path, editor)
    _drop(work, step.stray if drop else [])
    work.say(f"{series.id} ends on {here.said(last)}: {reason}")
    left = first_days(series, max(here.today, series.from_), 60)
    left = [one for one in left if one <= last]
    work.say(f"The last visit is on {here.said(left[-1])}." if left else "No more visits take place.")
    for one in step.idle:
        work.say(f"{here.said(one)} was left out; after the end it need not be.")
    for line in scheduling.companions(here.session, series):
        work.say(line)


# --- what they share -------------------------------------------------------------------------------------------------


def _aim(session: Session, words: Sequence[str]) -> tuple[str, str]:
    from carectl.care.pointing import series_words

    telling.sound_setting(session)
    named = series_words(words)
    if named is None:
        raise UsageError("name the series as CLIENT ID, such as rosa am-care, or as CLIENT/ID")
    return session.client(named[0], loosely=False), named[1]


def _find(chart: Chart, name: str) -> Series:
    """The series that is meant. Raises UsageError if none or several fit."""
    from carectl.care.pointing import series_of
    from carectl.words import closest

    found = series_of(chart, name)
    if len(found) == 1:
        return found[0]
    _demand_whole(chart)
    ids = [series.id for series in (found or chart.series)]
    near = closest(name, ids) if not found else None
    hint = f"did you mean {near}?" if near else f"there are {', '.join(ids)}" if ids else "there is none yet"
    what = "more than one series begins so" if found else f"no series {name}"
    raise UsageError(f"{telling.called(chart)}: {what}\nhint: {hint}")


def _demand_whole(chart: Chart) -> None:
    """Ids are never used again: all that there are must be known."""
    if {"series", "visits"} & chart.unread:
        raise fail_unreadable(f"a file of the visits of {chart.id}")


def _days_check(typed: str) -> str:
    from carectl.care.series_entries import days_typed

    return days_typed(typed)


def _weeks_check(typed: str) -> str:
    from carectl.care.series_entries import weeks_typed

    return weeks_typed(typed)


def _rule_check(typed: str) -> str:
    from carectl.care.schedule import rrule_fault

    rule = typed.strip().upper().removeprefix("RRULE:")
    if why := rrule_fault(rule):
        raise ValueError(f"a recurrence rule that can be used: {why}")
    return rule


def _typed(
    here: Here, service: str | None, staff: str | None, with_: str | None, needs: str | None, until: str | None,
    days: str | None, every: str | None, rrule: str | None, at: str | None, duration: str | None, ends: str | None,
    does: str | None, where: str | None,
) -> Fields:  # fmt: skip
    """The fields that were named, as the files write them; None takes one away."""
    if rrule is not None and (days is not None or every is not None):
        raise UsageError("--rrule does not go together with --days and --every")
    if duration is not None and ends is not None:
        raise UsageError("--duration and --ends say twice how long it takes: give one of them")
    found: Fields = {}
    if service is not None:
        found["service"] = asking.checked("--service", service, asking.word)
    if staff is not None:
        found["staff"] = scheduling.staff_typed(here, staff) or None
    if with_ is not None:
        nobody = with_.strip().casefold() == scheduling.NOBODY
        found["with"] = None if nobody else telling.contact(here.chart, with_).id
    if needs is not None:
        found["needs"] = scheduling.listed(needs, "--needs", asking.word) or None
    if until is not None:
        found["until"] = asking.checked("--until", until, here.day())
    if days is not None:
        found["days"] = [*(asking.checked("--days", days, _days_check) or "").split(",")]
    if every is not None:
        weeks = asking.checked("--every", every, _weeks_check)
        found["every"] = weeks
    if rrule is not None:
        found["rrule"] = asking.checked("--rrule", rrule, _rule_check)
    if at is not None:
        found["at"] = asking.checked("--at", at, scheduling.time)
    if duration is not None:
        found["duration"] = asking.checked("--duration", duration, scheduling.length)
    if ends is not None:
        found["to"] = asking.checked("--ends", ends, scheduling.time)
    if does is not None:
        found["does"] = scheduling.interventions(here.chart, does) or None
    if where is not None:
        found["where"] = asking.checked("--where", where, asking.text)
    return found


def _said(here: Here, series: Series) -> str:
    """A series in words: mon, wed, fri 09:00 for 2h, personal care, jo-park Jo Park."""
    when = ", ".join(series.days) if series.days else series.rrule or ""
    if series.every not in (None, "1w"):
        when += f" every {str(series.every)[:-1]} weeks"
    long = f"for {series.duration}" if series.duration else f"until {series.to}"
    staff: Plain = series.staff if isinstance(series.staff, str) or series.staff is None else list(series.staff)
    who = here.who(series.with_) if series.with_ and not staff else scheduling.staff_said(here, staff)
    return f"{when} {series.at.zfill(5)} {long}, {series.service.replace('_', ' ')}, {who}"


def _tell(work: Writing, client: str, name: str) -> None:
    """Say a series back, with the first days on which it takes place."""
    from carectl.care.pointing import first_days, series_of

    here = Here(work.session, work.chart(client))
    series = series_of(here.chart, name)[0]
    work.say(f"{name}: {_said(here, series)}")
    days = first_days(series, max(series.from_, here.today))
    if days:
        work.say(f"The next visit is on {here.said(days[0])}.")
    else:
        work.say("It takes place on no day that is to come.")

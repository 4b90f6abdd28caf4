"""carectl away: write down that somebody is away, and see which visits that concerns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import asking, completion, scheduling, telling
from carectl.commands.naming import day_first
from carectl.commands.session import Person, Session, choose, fail_unreadable
from carectl.commands.writing import Commit, DryRun, Writing, writing
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.schedule import Expansion, Occurrence
    from carectl.care.visit_entries import Fields
    from carectl.caseload.records import Away, Chart

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_AHEAD: Final = dt.timedelta(days=28)
"""How far visits are looked for if nobody knows when somebody comes back."""
_BEHIND: Final = {
    "staff": ("availability", "employed", "email", "phone", "languages", "skills", "role"),
    "client": ("end_reason", "end_of_care", "start_of_care", "status"),
}
"""Behind which field `away` goes, if there is none yet."""


@app.command()
def command(
    ctx: typer.Context,
    who: Annotated[
        str,
        typer.Argument(
            metavar="STAFF|CLIENT",
            help="By id or the start of a name.",
            autocompletion=completion.clients,
            show_default=False,
        ),
    ],
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day; or the moment: 2026-12-09T12:00.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="The last day, included; or the moment.")] = None,
    open_ended: Annotated[
        bool, typer.Option("--open-ended", help="Instead of --until: nobody knows until when.")
    ] = False,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why: leave, sick, hospital …")] = None,
    where: Annotated[str | None, typer.Option(metavar="TEXT", help="Where the person is.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Write down that a staff member or a client is away, and list the visits that fall into that time.

    The visits of staff who are away are open: somebody else must come. A client's visits are suspended. If the same
    absence goes on longer, say so with the same reason: the one on file is extended.

    Example: carectl away jo --from 12/24 --until 12/27 --reason leave
    """
    from carectl.care.absences import beside

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    person, is_staff = _who(session, who)
    chart = None if is_staff else session.loader.chart(person.id)
    zone = setting.now.tzinfo or dt.UTC
    if chart is not None:
        zone = setting.zone(chart)
    today = setting.now.astimezone(zone).date()
    if open_ended and until is not None:
        raise UsageError("--until and --open-ended do not go together")

    def check(typed: str) -> str:
        return _when(typed, today, first_is_day=day_first(session))

    form = asking.Form(from_, until or open_ended or None, reason)
    if form.asks:
        print(person)
    start = form.needs("--from", "Away from", from_, check)
    last = None if open_ended else form.needs("--until", "Until, that day included", until, check)
    why = form.needs("--reason", "Why", reason, asking.text)
    form.done()
    place = asking.checked("--where", where, asking.text)
    if last is not None and _key(last, end=True) < _key(start, end=False):
        raise UsageError(f"--until {_said(last, today)} is before --from {_said(start, today)}")
    subject = "staff: 1 away" if is_staff else f"{person.id} away: 1 added"
    with writing(session, subject=subject, dry_run=dry_run, commit=commit) as work:
        path, away = _record(work, person.id, is_staff=is_staff)
        deed = beside(away, start, last, why, place, zone)
        work.say(str(person))
        if deed.deed == "clash" and deed.entry is not None:
            at = telling.place(session, deed.entry.origin.at())
            raise Refused(
                f"{person} is on file as away {_stretch(deed.entry, today)} already ({at}): the two overlap\n"
                "hint: change the dates there, or name others here"
            )
        work.say(f"Away from {_said(start, today)} until {_said(last, today) if last else 'further notice'}: {why}")
        if deed.deed == "extend" and deed.entry is not None:
            editor = work.edit(path)
            work.say(f"The absence on file lasts longer: it was {_stretch(deed.entry, today)}.")
            if last is None:
                editor.remove((*deed.entry.origin.keys, "until"))
            else:
                editor.set((*deed.entry.origin.keys, "until"), last, after="from")
            work.put(path, editor)
        elif deed.deed == "add":
            _add(work, path, start, last, why, place, is_staff=is_staff)
        if is_staff:
            _opened(work, person, start, last)
        else:
            _suspended(work, person.id, start, last)


def _add(
    work: Writing, path: str, start: str, last: str | None, why: str, place: str | None, *, is_staff: bool
) -> None:
    entry: Fields = {"from": start}
    entry |= {name: value for name, value in (("until", last), ("where", place), ("reason", why)) if value}
    editor = work.edit(path)
    if editor.has(("away",)) and editor.get(("away",)):
        editor.append(("away",), entry)
    else:
        behind = next((name for name in _BEHIND["staff" if is_staff else "client"] if editor.has((name,))), None)
        editor.set(("away",), [entry], after=behind)
    work.put(path, editor)


def _who(session: Session, typed: str) -> tuple[Person, bool]:
    """The staff member or client who is meant, and whether it is staff. Raises UsageError."""
    staff = [Person(member.id, member.name.full) for member in session.staff]
    staff += [Person(one, "") for one in session.setting.unread_staff]
    people = [*staff, *session.clients()]
    found = choose(typed, people, "person", "carectl staff list, carectl client list", loosely=False)
    return found, any(found is one for one in staff)


def _record(work: Writing, one: str, *, is_staff: bool) -> tuple[str, Sequence[Away]]:
    """The file of a person, and their times away as they are now."""
    if not is_staff:
        client = work.chart(one).client
        if client is None or "away" in client.origin.unread:
            raise fail_unreadable(f"clients/{one}/client.yaml")
        return client.origin.path, client.away
    from carectl.caseload.load import Loader

    member = next((member for member in Loader(work.tree).staff()[0] if member.id == one), None)
    if member is None or "away" in member.origin.unread:
        raise fail_unreadable(f"staff/{one}.yaml")
    return member.origin.path, member.away


# --- what it concerns ------------------------------------------------------------------------------------------------


def _opened(work: Writing, person: Person, start: str, last: str | None) -> None:
    """List the visits that somebody else must take over now."""
    from carectl.care.absences import window
    from carectl.care.schedule import occurrences, order
    from carectl.caseload.load import Loader

    session = work.session
    loader = Loader(work.tree)
    setting = replace(session.setting, staff={member.id: member for member in loader.staff()[0]})
    day = dt.timedelta(days=1)
    first, until = window(start, last, _AHEAD)
    charts = [loader.chart(client) for client in session.client_ids]
    # A client may live where it is another day already.
    expansions = [occurrences(chart, setting, first - day, until + day) for chart in charts]
    found = sorted((o for one in expansions for o in one.occurrences if person.id in o.opened), key=order)
    by_id = {chart.id: chart for chart in charts}
    _list(
        work, [(by_id[visit.client], visit) for visit in found],
        "No visit falls into that time.", "{count} now without {name}:",
        person.name or person.id, until if last is None else None,
    )  # fmt: skip
    short = [visit for visit in found if visit.staff]
    if short:
        have = "has" if len(short) == 1 else "have"
        work.say(f"{len(short)} of them still {have} somebody else who comes; {len(found) - len(short)} open.")
    if found:
        work.say(f"To give one to somebody: carectl visit assign {found[0].client}/{found[0].id} STAFF")
    _unread(work, session, expansions)


def _suspended(work: Writing, client: str, start: str, last: str | None) -> None:
    """List the visits that do not take place now."""
    from carectl.care.absences import window
    from carectl.care.schedule import occurrences

    chart = work.chart(client)
    first, until = window(start, last, _AHEAD)
    expansion = occurrences(chart, work.session.setting, first, until)
    found = [visit for visit in expansion.occurrences if visit.suspended == "away"]
    _list(
        work, [(chart, visit) for visit in found],
        "No visit falls into that time.", "{count} suspended; those who would have come should know:",
        "", until if last is None else None,
    )  # fmt: skip
    happened = [visit for visit in expansion.occurrences if visit.status == "done"]
    if happened:
        count = "1 visit" if len(happened) == 1 else f"{len(happened)} visits"
        work.say(f"In that time {count} took place, by the records: that stays as it is.")
    _unread(work, work.session, [expansion])


def _list(
    work: Writing, found: Sequence[tuple[Chart, Occurrence]], none: str, title: str, name: str, shown: dt.date | None
) -> None:
    ahead = f" (shown until {shown})" if shown else ""
    if not found:
        work.say(f"{none[:-1]}{ahead}.")
        return
    count = f"{len(found)} visit{'s are' if len(found) != 1 else ' is'}"
    work.say(title.format(count=count, name=name)[:-1] + f"{ahead}:")
    rows: list[list[str]] = []
    for chart, visit in found:
        others = scheduling.team(work.session, chart, visit) if visit.staff or visit.with_ else ""
        what = visit.service.replace("_", " ") + (f", {others}" if others else "")
        whose = [telling.called(chart)] if name else []
        rows.append([
            f"{visit.start:%a} {visit.day} {scheduling.hours(visit)}", *whose, what, f"{chart.id}/{visit.id}",
        ])  # fmt: skip
    widths = [max(len(row[nth]) for row in rows) for nth in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [f"{text:<{width}}" for text, width in zip(row[:-1], widths, strict=True)]
        work.say("  " + "  ".join([*cells, row[-1]]))


def _unread(work: Writing, session: Session, expansions: Sequence[Expansion]) -> None:
    missing = [item for one in expansions for item in one.missing]
    if missing:
        clients = ", ".join(sorted({item.client for item in missing}))
        work.say(f"Not whole: some visits of {clients} cannot be placed; carectl check tells why.")


# --- days and moments ------------------------------------------------------------------------------------------------


def _when(typed: str, today: dt.date, *, first_is_day: bool) -> str:
    """A day, or a day with its time, as the files write it. Raises ValueError."""
    from carectl.care.dates import day_typed
    from carectl.care.times import time_typed

    text = typed.strip()
    if len(text) > 10 and text[10] == "T":
        text = f"{text[:10]} {text[11:]}"
    words = text.split()
    clock = None
    for size in (2, 1):
        if len(words) > size and (clock := time_typed(" ".join(words[-size:]))) is not None:
            words = words[:-size]
            break
    day = day_typed(" ".join(words), today, day_first=first_is_day)
    if day is None:
        raise ValueError("a day such as 2026-12-24, fri or 12/24; or with its time: 2026-12-09T12:00")
    return f"{day}T{clock}" if clock else str(day)


def _key(when: str, *, end: bool) -> str:
    return when if "T" in when else f"{when}T{'24:00' if end else '00:00'}"


def _said(when: str, today: dt.date) -> str:
    from carectl.care.dates import in_full
    from carectl.care.moments import day_of, is_moment

    text = in_full(day_of(when), today)
    return f"{text} at {when.partition('T')[2]}" if is_moment(when) else text


def _stretch(entry: Away, today: dt.date) -> str:
    until = _said(entry.until, today) if entry.until else "further notice"
    return f"from {_said(entry.from_, today)} until {until}"

"""carectl away: a call-out on one screen, and writing it down: who is away, and who takes the visits."""

from __future__ import annotations

import datetime as dt
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import asking, completion, notify, scheduling, telling
from carectl.commands.naming import Here, day_first
from carectl.commands.options import Format
from carectl.commands.session import Person, Session, choose, fail_unreadable
from carectl.commands.writing import Commit, Writing, writing
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from carectl.care.callout import CallOut, Key, Suspension, Vacancy
    from carectl.care.schedule import Expansion, Missing, Occurrence
    from carectl.care.setting import Setting
    from carectl.care.visit_entries import Fields
    from carectl.caseload.records import Away, Chart
    from carectl.output.terminal import Line

app = typer.Typer(rich_markup_mode=None, add_completion=False)

_AHEAD: Final = dt.timedelta(days=28)
"""How far visits are looked for if nobody knows when somebody comes back."""
_BEHIND: Final = {
    "staff": ("availability", "employed", "email", "phone", "languages", "skills", "role"),
    "client": ("end_reason", "end_of_care", "start_of_care", "status"),
}
"""Behind which field `away` goes, if there is none yet."""


_REST: Final = "rest"
"""The word for all visits that --give does not name."""


def _people(ctx: typer.Context, incomplete: str) -> completion.Offers:
    return [*completion.staff(ctx, incomplete), *completion.clients(ctx, incomplete)]


@dataclass(frozen=True, slots=True)
class Absence:
    """A time away as it was typed, and understood."""

    person: Person
    is_staff: bool
    start: str
    """A day or a moment, as the files write them."""
    last: str | None
    """None: until further notice."""
    why: str
    place: str | None
    zone: dt.tzinfo
    today: dt.date

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The days that are looked at, both included."""
        from carectl.care.absences import window
        from carectl.care.moments import later

        first, until = window(self.start, self.last, _AHEAD)
        return first, until if self.last else max(until, later(self.today, _AHEAD))

    @property
    def ahead(self) -> str:
        """How far was looked, in words, if nobody knows until when."""
        return "" if self.last else f" (shown until {self.days[1]})"

    def said(self) -> str:
        """The absence said back in full."""
        until = _said(self.last, self.today) if self.last else "further notice"
        return f"Away from {_said(self.start, self.today)} until {until}: {self.why}"


@app.command()
def command(
    ctx: typer.Context,
    who: Annotated[
        str,
        typer.Argument(
            metavar="STAFF|CLIENT",
            help="By id or the start of a name.",
            autocompletion=_people,
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
    give: Annotated[
        list[str] | None,
        typer.Option(
            "--give",
            metavar="VISIT=STAFF",
            help="Who takes a visit; nobody leaves it open, rest=nobody all that are not named. May be repeated.",
        ),
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write it: the absence, and who takes the visits.")] = False,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print the call-out.")] = Format.TEXT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what --apply would change in the files, and write nothing.")
    ] = False,
    commit: Commit = False,
) -> None:
    """Somebody calls out: see their visits, who could take each, and the texts to send. Nothing is written at first.

    With --apply the absence is written, and who takes the visits, all of it or nothing. A client's visits are
    suspended. If the same absence goes on longer, say so with the same reason: the one on file is extended. If it ends
    sooner, say the same --from and the new --until: it becomes shorter.

    Example: carectl away jo --from today --until fri --reason ill
    """
    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    person, is_staff = _who(session, who)
    _usage(is_staff, until, give, form, open_ended=open_ended, apply=apply, dry_run=dry_run, commit=commit)
    chart = None if is_staff else session.loader.chart(person.id)
    zone = setting.now.tzinfo or dt.UTC
    if chart is not None:
        zone = setting.zone(chart)
    today = setting.now.astimezone(zone).date()

    def check(typed: str) -> str:
        return _when(typed, today, first_is_day=day_first(session))

    questions = asking.Form(from_, until or open_ended or None, reason)
    if questions.asks:
        print(person)
    start = questions.needs("--from", "Away from", from_, check)
    last = None if open_ended else questions.needs("--until", "Until, that day included", until, check)
    why = questions.needs("--reason", "Why", reason, asking.text)
    questions.done()
    place = asking.checked("--where", where, asking.text)
    if last is not None and _key(last, end=True) < _key(start, end=False):
        raise UsageError(f"--until {_said(last, today)} is before --from {_said(start, today)}")
    absence = Absence(person, is_staff, start, last, why, place, zone, today)
    if apply or dry_run:
        subject = "staff: 1 away" if is_staff else f"{person.id} away: 1 added"
        with writing(session, subject=subject, dry_run=dry_run, commit=commit) as work:
            _write(work, absence, give or [])
        return
    from carectl.caseload.store import Store

    with Store(session.root).transaction(dry_run=True) as change:
        missing, contacts = _show(ctx, Writing(session, change), absence, give or [], form)
    if telling.tell_missing(session, missing) or contacts:
        raise typer.Exit(1)


def _usage(
    is_staff: bool, until: str | None, give: list[str] | None, form: Format, *, open_ended: bool, apply: bool,
    dry_run: bool, commit: bool,
) -> None:  # fmt: skip
    """Raise UsageError for what does not go together."""
    if open_ended and until is not None:
        raise UsageError("--until and --open-ended do not go together")
    if commit and not (apply or dry_run):
        raise UsageError("--commit goes with --apply: nothing is written without it")
    if form is Format.JSON and (apply or dry_run):
        raise UsageError("--format json shows the call-out: it does not go with --apply or --dry-run")
    if give and not is_staff:
        raise UsageError("--give says who takes the visits of a staff member; a client's visits are suspended")


@dataclass(frozen=True, slots=True)
class Staged:
    """What becomes of an absence beside those on file."""

    deed: str
    remark: str | None = None
    """If an earlier one lasts longer now, ends sooner, or is like that already."""
    until: str | None = None
    """Until when the earlier one was, if it ends sooner now; None: until further notice."""

    @property
    def what(self) -> str:
        """What is written of the absence itself, in words before `and` or a colon; nothing if it is on file."""
        return {"add": "This writes the absence", "known": ""}.get(self.deed, "This changes the absence")


def _stage(work: Writing, absence: Absence) -> Staged:
    """Stage the absence itself. Raises Refused where it cannot be told what becomes of an earlier one."""
    from carectl.care.absences import beside

    path, away = _record(work, absence.person.id, is_staff=absence.is_staff)
    deed = beside(away, absence.start, absence.last, absence.why, absence.place, absence.zone)
    if deed.deed == "add":
        _add(work, path, absence)
    if deed.entry is None:
        return Staged(deed.deed)
    on_file = _stretch(deed.entry, absence.today)
    if deed.deed == "clash":
        at = telling.place(work.session, deed.entry.origin.at())
        raise Refused(
            f"{absence.person} is on file as away {on_file} already ({at}): the two overlap\n"
            "hint: change the dates there, or name others here; if it ends sooner, give the --from that is on file"
        )
    if deed.deed == "known":
        return Staged(deed.deed, f"The absence is on file: {on_file}.")
    editor = work.edit(path)
    if absence.last is None:
        editor.remove((*deed.entry.origin.keys, "until"))
    else:
        editor.set((*deed.entry.origin.keys, "until"), absence.last, after="from")
    work.put(path, editor)
    if deed.deed == "shorten":
        until = f"until {_said(deed.entry.until, absence.today)}" if deed.entry.until else "until further notice"
        return Staged(deed.deed, f"The absence on file becomes shorter: it was {until}.", deed.entry.until)
    return Staged(deed.deed, f"The absence on file lasts longer: it was {on_file}.")


def _add(work: Writing, path: str, absence: Absence) -> None:
    entry: Fields = {"from": absence.start}
    told = (("until", absence.last), ("where", absence.place), ("reason", absence.why))
    entry |= {name: value for name, value in told if value}
    editor = work.edit(path)
    if editor.has(("away",)) and editor.get(("away",)):
        editor.append(("away",), entry)
    else:
        behind = next((one for one in _BEHIND["staff" if absence.is_staff else "client"] if editor.has((one,))), None)
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


# --- the screen -------------------------------------------------------------------------------------------------------


def _show(
    ctx: typer.Context, work: Writing, absence: Absence, give: Sequence[str], form: Format
) -> tuple[Sequence[Missing], bool]:
    """Print what the absence means, as if it were written.

    What could not be placed is given back, and whether the contacts of somebody concerned could not be read.
    """
    from carectl.output import callout_page, terminal

    staged = _stage(work, absence)
    people = callout_page.People({member.id: member for member in work.session.staff}, work.session.setting.now)
    width, name = telling.width(), absence.person.name or absence.person.id
    lines: list[Line] = [[(str(absence.person), "title")]]
    for text in (absence.said(), staged.remark):
        lines += terminal.indented(text, width, 0) if text else ()
    lines.append([])
    whose = "staff" if absence.is_staff else "client"
    head = {whose: absence.person.id, "from": absence.start, "until": absence.last, "reason": absence.why}
    missing: Sequence[Missing]
    contacts: Sequence[Chart] = ()
    changes = bool(staged.what)
    what = f"{staged.what}:"
    if absence.is_staff:
        out, missing = _called_out(work, absence, give)
        apply = _command(ctx, absence, out)
        json = callout_page.call_out_json({**head, "apply": " ".join(apply)}, out)
        contacts = out.contacts_unread
        lines += callout_page.call_out(out, name, absence.ahead, absence.why, people, width)
        if any(item.takes for item in out.vacancies):
            what = f"{staged.what or 'This writes'}{', and' * changes} who takes the visits:"
            changes = True
    else:
        chart, off, expansion = _suspended(work, absence)
        missing = expansion.missing
        apply = _command(ctx, absence)
        json = callout_page.suspended_json({**head, "apply": " ".join(apply)}, off)
        lines += callout_page.suspended(off, chart, absence.ahead, people, width)
        lines += [[(text, "")] for text in _happened(expansion)]
    if form is Format.JSON:
        sys.stdout.write(json)
    else:
        if staged.deed == "shorten":
            found = _returning(work, absence, staged)
            lines += callout_page.returning(_again(absence), found, people, width)
        if changes:
            lines += callout_page.to_apply(what, apply, width)
        else:
            lines += [[], [("There is nothing to write.", "title")]]
        terminal.put(lines, sys.stdout, colour=work.session.colour)
    for chart in contacts:
        print(f"carectl: not whole: {callout_page.contacts_unread(chart)}", file=sys.stderr)
    return missing, bool(contacts)


def _returning(work: Writing, absence: Absence, staged: Staged) -> list[tuple[Chart, Occurrence]]:
    """The visits that an absence gives back that ends sooner than the one on file."""
    from carectl.care.callout import back
    from carectl.care.moments import day_of, earlier, later
    from carectl.care.schedule import occurrences, order
    from carectl.caseload.load import Loader, Part

    if staged.deed != "shorten" or absence.last is None:
        return []
    session = work.session
    last = day_of(absence.last)
    # A client may live where it is another day already.
    first, until = earlier(last, 1), later(day_of(staged.until), 1) if staged.until else later(last, 28)
    if not absence.is_staff:
        return taken_back(work, absence.person.id, first, until)
    loader = Loader(work.tree, session.memo)
    setting = replace(session.setting, staff={member.id: member for member in loader.staff()[0]})
    found: list[tuple[Chart, Occurrence]] = []
    for client in loader.client_ids():
        chart = loader.chart(client, Part.of_days(first, until))
        before, after = (occurrences(chart, one, first, until).occurrences for one in (session.setting, setting))
        found += [(chart, visit) for visit in back(before, after, setting, absence.person.id)]
    return sorted(found, key=lambda item: order(item[1]))


def taken_back(work: Writing, client: str, first: dt.date, until: dt.date) -> list[tuple[Chart, Occurrence]]:
    """The visits of a client in some days that were suspended on file and, with what is staged, take place again."""
    from carectl.care.callout import back
    from carectl.care.schedule import occurrences

    chart, setting = work.chart(client), work.session.setting
    before = occurrences(work.session.loader.chart(client), setting, first, until).occurrences
    return [(chart, visit) for visit in back(before, occurrences(chart, setting, first, until).occurrences, setting)]


def taken_off(work: Writing, client: str, first: dt.date, until: dt.date) -> list[tuple[Chart, Occurrence]]:
    """The visits of a client in some days that, with what is staged, are suspended because the client is away."""
    from carectl.care.schedule import occurrences

    chart, setting = work.chart(client), work.session.setting
    found = occurrences(chart, setting, first, until).occurrences
    return [(chart, visit) for visit in found if visit.suspended == "away" and visit.end > setting.now]


def tell(work: Writing, found: Sequence[tuple[Chart, Occurrence]]) -> None:
    """Say how whoever should know of some visits is told."""
    if found:
        chart, visit = found[0]
        say(work, "Tell those who come, and those who expect them, such as:")
        work.say(f"  carectl notify {chart.id}/{visit.id} --to PERSON")


def _command(ctx: typer.Context, absence: Absence, out: CallOut | None = None) -> list[str]:
    """The command that writes what was shown; words that belong together are one.

    It names who takes each visit, so that what was seen is what is written, whatever happens in between.
    """
    typed = ctx.find_root().params
    words = [f"carectl away {absence.person.id}"]
    words += [f"--{name} {shlex.quote(str(typed[name]))}" for name in ("caseload", "now") if typed.get(name)]
    words.append(f"--from {absence.start}")
    words.append(f"--until {absence.last}" if absence.last else "--open-ended")
    words.append(f"--reason {shlex.quote(absence.why)}")
    words += [f"--where {shlex.quote(absence.place)}"] if absence.place else []
    coming = [item for item in out.vacancies if not item.begun] if out else []
    words += [f"--give {'/'.join(item.key)}={item.takes}" for item in coming if item.takes]
    words += [f"--give {_REST}={scheduling.NOBODY}"] if any(item.takes is None for item in coming) else []
    return [*words, "--apply"]


def _called_out(work: Writing, absence: Absence, give: Sequence[str]) -> tuple[CallOut, list[Missing]]:
    """The call-out, with the absence as it is staged; and what could not be placed around it."""
    from carectl.care.callout import call_out
    from carectl.care.coverage import monday_of
    from carectl.care.moments import earlier, later
    from carectl.care.schedule import occurrences
    from carectl.caseload.load import Loader, Part

    session = work.session
    loader = Loader(work.tree, session.memo)
    loader.met = session.loader.met  # what could not be read is told in the end
    setting = replace(session.setting, staff={member.id: member for member in loader.staff()[0]})
    first, until = absence.days
    # Whole weeks, by which hours add up.
    start, end = earlier(monday_of(earlier(first, 1)), 1), later(monday_of(later(until, 1)), 7)
    near = Part.of_days(start, end)
    charts: list[Chart] = []
    found: dict[str, Sequence[Occurrence]] = {}
    missing: list[Missing] = []
    for client in loader.client_ids():
        chart = loader.chart(client, near)
        expansion = occurrences(chart, setting, start, end)
        if any(absence.person.id in visit.opened for visit in expansion.occurrences):
            # Who has been there, and whom to tell, takes the whole chart.
            chart = loader.chart(client)
            expansion = occurrences(chart, setting, start, end)
        charts.append(chart)
        found[client] = expansion.occurrences
        missing += expansion.missing
    named = _named(session, absence, setting, {chart.id: chart for chart in charts}, found, give)
    member = setting.staff[absence.person.id]
    rest_open = any(map(_is_rest, give))
    # A client may live where it is another day already.
    through = until if absence.last is None else later(until, 1)
    out = call_out(
        member, absence.start, absence.last, charts, found, setting, named, through=through, rest_open=rest_open
    )
    return out, missing


def _named(
    session: Session, absence: Absence, setting: Setting, charts: dict[str, Chart],
    found: dict[str, Sequence[Occurrence]], give: Sequence[str],
) -> dict[Key, str | None]:  # fmt: skip
    """Who was named for which visit. Raises UsageError or Refused."""
    from carectl.care.coverage import instants, person

    person_id = absence.person.id
    open_ = {(o.client, o.id): o for visits in found.values() for o in visits if person_id in o.opened}

    named: dict[Key, str | None] = {}
    for typed in give:
        if _is_rest(typed):
            continue
        words, equals, who = typed.rpartition("=")
        if not equals or not words.strip() or not who.strip():
            raise UsageError("--give takes VISIT=STAFF, such as c-014/am-care-2026-11-25=lucia")
        client, aimed = scheduling.aim(session, [words])
        chart = charts[client]
        visit, _ = scheduling.find(session, chart, aimed, "coming", lambda _: None, "--give", group="away")
        key = (visit.client, visit.id)
        if key in named:
            raise UsageError(f"--give names {'/'.join(key)} twice")
        nobody = who.strip().casefold() == scheduling.NOBODY
        staff = "" if nobody else Here(session, chart).staff(who.strip())
        if key not in open_:
            if staff in visit.staff:
                continue  # It was given before.
            raise Refused(f"--give: {'/'.join(key)} is not a visit that {absence.person} cannot come to")
        if nobody:
            named[key] = None
            continue
        member = setting.staff.get(staff)
        if member is None:
            raise Refused(f"--give: the file of {staff} cannot be read\nhint: carectl check tells why")
        if staff in open_[key].staff:
            raise UsageError(f"--give: {staff} {member.name.full} comes to {'/'.join(key)} already")
        if person(member, setting.now.tzinfo or dt.UTC).absence(*instants(open_[key])):
            raise Refused(f"--give: {staff} {member.name.full} is away then too; nothing was written")
        named[key] = staff
    return named


def _is_rest(typed: str) -> bool:
    """Whether it is said that all visits that are not named stay open."""
    return typed.replace(" ", "").casefold() == f"{_REST}={scheduling.NOBODY}"


def _suspended(work: Writing, absence: Absence) -> tuple[Chart, Suspension, Expansion]:
    """The visits that do not take place now, with the absence as it is staged."""
    from carectl.care.callout import suspension
    from carectl.care.schedule import occurrences

    chart = work.chart(absence.person.id)
    expansion = occurrences(chart, work.session.setting, *absence.days)
    partners = notify.partners(work.session.loader, expansion.occurrences)
    return chart, suspension(chart, expansion.occurrences, work.session.setting, partners), expansion


def _happened(expansion: Expansion) -> list[str]:
    happened = [visit for visit in expansion.occurrences if visit.status == "done"]
    if not happened:
        return []
    count = "1 visit" if len(happened) == 1 else f"{len(happened)} visits"
    return [f"In that time {count} took place, by the records: that stays as it is."]


# --- writing it ------------------------------------------------------------------------------------------------------


def _write(work: Writing, absence: Absence, give: Sequence[str]) -> None:
    """Stage the absence and who takes the visits, and say what is done and what stays open."""
    staged = _stage(work, absence)
    for text in (str(absence.person), absence.said(), staged.remark):
        if text:
            say(work, text)
    if not absence.is_staff:
        chart, off, expansion = _suspended(work, absence)
        count = f"{len(off.visits)} visit{'s are' if len(off.visits) != 1 else ' is'}"
        if off.visits:
            title = f"{count} suspended; those who would have come should know{absence.ahead}:"
            list_visits(work, [(chart, visit) for visit in off.visits], title)
        else:
            work.say(f"No visit falls into that time{absence.ahead}.")
        for text in _happened(expansion):
            say(work, text)
        _say_returning(work, absence, staged)
        _say_missing(work, expansion.missing)
        return
    from carectl.output.callout_page import contacts_unread

    out, missing = _called_out(work, absence, give)
    work.is_told = True
    for item in out.vacancies:
        if item.takes is not None:
            _give(work, absence.person.id, item, item.takes)
    _say_given(work, absence, out)
    _say_returning(work, absence, staged)
    for chart in out.contacts_unread:
        say(work, f"Not whole: {contacts_unread(chart)}.")
    _say_missing(work, missing)


def _say_returning(work: Writing, absence: Absence, staged: Staged) -> None:
    found = _returning(work, absence, staged)
    if found:
        list_visits(work, found, _again(absence))
        tell(work, found)
    elif staged.deed == "shorten":
        from carectl.output.callout_page import NONE_BACK

        work.say(NONE_BACK)


def _again(absence: Absence) -> str:
    if not absence.is_staff:
        return "Visits that take place again:"
    name = absence.person.name or absence.person.id
    return f"Visits that are {name}'s again (what was given to others stays theirs):"


def _give(work: Writing, person: str, item: Vacancy, takes: str) -> None:
    """Write down that somebody else comes to a visit, in the place of a person."""
    from carectl.care.coverage import team
    from carectl.care.pointing import visit_of

    # What this command wrote before may have moved the record of this one.
    chart = work.chart(item.visit.client)
    visit = visit_of(chart, work.session.setting, item.visit.id)
    if visit is None:
        raise Refused(f"the visit {'/'.join(item.key)} cannot be found any more; nothing was written")
    record, rule = visit.visit, visit.rule
    down = team(record.staff if record and record.staff is not None else rule.staff if rule else None)
    staff = [takes if one == person else one for one in down]
    scheduling.assign(work, chart, visit, staff[0] if len(staff) == 1 else list(staff))


def _say_given(work: Writing, absence: Absence, out: CallOut) -> None:
    from carectl.output import callout_page

    names = {member.id: member.name.full for member in work.session.staff}
    name = absence.person.name or absence.person.id
    if not out.vacancies:
        work.say(f"No visit falls into that time{absence.ahead}.")
        return
    given = [item for item in out.vacancies if item.takes is not None]
    begun = [item for item in out.vacancies if item.begun and item.takes is None]
    stays = [item for item in out.vacancies if item.takes is None and not item.begun]
    if given:
        work.say(f"Instead of {name}:")
    for item in given:
        confirmed = "; was confirmed, is planned now" if item.visit.status == "confirmed" else ""
        say(work, f"{_brief(item)}: {names.get(item.takes or '', item.takes)}{confirmed}", 2)
        for words in item.against:
            say(work, f"! {words}", 4)
    if begun:
        work.say("Should have begun already; say what became of it:")
    for item in begun:
        say(work, _brief(item), 2)
        for line in callout_page.in_lines(callout_page.missed(item, absence.why), telling.width(), 4):
            work.say("".join(text for text, _ in line))
    if stays:
        work.say(f"Stays open{absence.ahead}: nobody comes yet, or one too few:")
    for item in stays:
        others = f", only {' and '.join(names.get(one, one) for one in item.visit.staff)}" if item.visit.staff else ""
        say(work, f"{_brief(item)}{others}", 2)
        work.say(f"    carectl visit suggest {'/'.join(item.key)}")


def _brief(item: Vacancy) -> str:
    visit = item.visit
    return f"{visit.start:%a} {visit.day} {scheduling.hours(visit)} {telling.called(item.chart)}"


def say(work: Writing, text: str, indent: int = 0) -> None:
    """A sentence that is printed once all is written, in lines that fit."""
    from carectl.output.terminal import wrap

    further = indent + 2 if indent else 0
    for number, piece in enumerate(wrap(text, telling.width() - further)):
        work.say(" " * (further if number else indent) + piece)


def list_visits(work: Writing, found: Sequence[tuple[Chart, Occurrence]], title: str) -> None:
    """Say which visits are concerned: when, what and who, and the id; that in a line of its own where it is long."""
    from carectl.output.terminal import indented, width_of

    say(work, title)
    rows: list[list[str]] = []
    for chart, visit in found:
        others = scheduling.team(work.session, chart, visit) if visit.staff or visit.with_ else ""
        what = visit.service.replace("_", " ") + (f", {others}" if others else "")
        rows.append([f"{visit.start:%a} {visit.day} {scheduling.hours(visit)}", what, f"{chart.id}/{visit.id}"])
    widths = [max(len(row[nth]) for row in rows) for nth in range(len(rows[0]) - 1)]
    lines = [[f"{text:<{width}}" for text, width in zip(row[:-1], widths, strict=True)] for row in rows]
    whole = ["  " + "  ".join([*line, row[-1]]) for line, row in zip(lines, rows, strict=True)]
    if all(width_of(text) <= telling.width() for text in whole):
        for text in whole:
            work.say(text)
        return
    for when, what, name in rows:
        label = f"  {when}  "
        for line in indented(what, telling.width(), width_of(label), "", label):
            work.say("".join(text for text, _ in line))
        work.say(f"    {name}")


def _say_missing(work: Writing, missing: Iterable[Missing]) -> None:
    clients = ", ".join(sorted({item.client for item in missing}))
    if clients:
        say(work, f"Not whole: some visits of {clients} cannot be placed; carectl check tells why.")


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

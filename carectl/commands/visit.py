"""carectl visit: plan a visit, write down what became of one, move it, or give it to somebody."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, covering, scheduling, telling
from carectl.commands.naming import Here
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun, Writing, writing
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.dates import Leaning
    from carectl.care.pointing import Words
    from carectl.care.schedule import Occurrence
    from carectl.care.times import Moment
    from carectl.care.visit_entries import Fields, Job, Plain, Report
    from carectl.caseload.records import Chart

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

VisitWords = Annotated[
    list[str],
    typer.Argument(
        metavar="VISIT", help="CLIENT DAY [TIME], such as rosa sat 9:00; or CLIENT/ID.",
        autocompletion=completion.clients, show_default=False,
    ),
]  # fmt: skip
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")]
Ends = Annotated[
    str | None, typer.Option("--ends", metavar="TIME", help="Instead: when it ends on the wall, such as 06:00.")
]


@app.callback()
def group() -> None:
    """Plan a visit, write down what became of one, move it, or give it to somebody.

    A visit is named by client, day and, where there are several, time: rosa sat 9:00. Or by its id: c-014/pt-eval.
    """


# --- a visit of no series --------------------------------------------------------------------------------------------


@app.command()
def add(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="CLIENT DAY TIME",
            help="Such as rosa fri 14:30.",
            autocompletion=completion.clients,
            show_default=False,
        ),
    ],
    service: Annotated[
        str | None, typer.Option(metavar="WORD", help="What it is: personal_care, nursing, appointment, transport …")
    ] = None,
    duration: Annotated[str | None, typer.Option(metavar="LENGTH", help="How long: 45m, 2h, 1h30m.")] = None,
    ends: Ends = None,
    staff: Annotated[
        str | None,
        typer.Option(metavar="STAFF", help="Who comes; without, it is open.", autocompletion=completion.staff),
    ] = None,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="CONTACT", help="A contact who sees the client, such as a clinic.")
    ] = None,
    where: Annotated[str | None, typer.Option(metavar="TEXT", help="Where, if not at home.")] = None,
    does: Annotated[str | None, typer.Option(metavar="LIST", help="Tasks of the plan that it carries out.")] = None,
    needs: Annotated[str | None, typer.Option(metavar="LIST", help="Skills that whoever comes must have.")] = None,
    reason: Reason = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="For the chart; - reads it from the input.")] = None,
    own_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Its name for ever; else made up.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Plan a visit of no series. On a terminal carectl asks for what is not given.

    Example: carectl visit add rosa fri 14:30 --service appointment --with dr-lee --duration 45m
    """
    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    if named.day is None or named.time is None:
        raise UsageError("name client, day and time, such as rosa fri 14:30")
    here = Here(session, session.loader.chart(client))
    day = dt.date.fromisoformat(asking.checked("DAY", named.day, here.day()) or "")
    length_said = duration or ends
    form = asking.Form(service, length_said)
    text = _text(note, "--note")
    what = form.needs("--service", "What: personal_care, nursing, appointment …", service, asking.word)
    if ends is not None and duration is not None:
        raise UsageError("--duration and --ends say twice how long it takes: give one of them")
    until = asking.checked("--ends", ends, scheduling.time)
    long = "" if ends else form.needs("--duration", "How long, such as 45m or 2h", duration, scheduling.length)
    form.done()
    who: Plain = scheduling.staff_typed(here, staff) or None if staff else None
    contact = telling.contact(here.chart, with_).id if with_ else None
    fields: Fields = {
        "service": what,
        "staff": who,
        "with": contact,
        "needs": scheduling.listed(needs, "--needs", asking.word),
        "does": scheduling.interventions(here.chart, does),
        "date": str(day),
        "at": named.time,
        "duration": long or None,
        "to": until,
        "where": asking.checked("--where", where, asking.text),
        "reason": asking.checked("--reason", reason, asking.text),
        "note": text,
    }
    asked_id = asking.checked("--id", own_id, asking.one_id)
    with writing(session, subject=f"{client} visits: 1 added", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        work.say(telling.called(chart))
        _add(work, chart, fields, asked_id, day)


def _add(work: Writing, chart: Chart, fields: Fields, asked_id: str | None, day: dt.date) -> None:
    from carectl.care.pointing import visit_of
    from carectl.care.schedule import occurrences
    from carectl.care.visit_entries import in_order, new_id

    session = work.session
    there = occurrences(chart, session.setting, day, day).occurrences
    twin = next(
        (o for o in there if f"{o.start:%H:%M}" == fields["at"] and o.service == fields["service"]
         and o.status not in ("cancelled", "missed", "refused")),
        None,
    )  # fmt: skip
    if twin is not None:
        raise Refused(f"there is such a visit already: {chart.id}/{twin.id}, {scheduling.said(session, chart, twin)}")
    taken = {visit.id for visit in chart.visits} | chart.broken_ids("visits")
    if asked_id is not None and asked_id in taken:
        raise UsageError(f"--id {asked_id} is taken already: ids are never used again")
    series = {item.id for item in chart.series}
    stem = str(fields["service"]).replace("_", "-")
    # SERIES-DAY is the name of a series' visit.
    name = asked_id or new_id(f"{'extra-' if stem in series else ''}{stem}-{day}", taken)
    work.shifted.add(chart.id)
    scheduling.add(work, chart, in_order({"id": name, **fields}), str(day), f"{day} {fields['at']}")
    after = work.chart(chart.id)
    visit = visit_of(after, session.setting, name)
    if visit is not None:
        work.say(telling.folded(f"{name}: {scheduling.said(session, after, visit)}"))
        for line in scheduling.suspended(visit):
            work.say(line)
        if visit.day < session.setting.today_at(after):
            work.say(f"That day is past. What became of it: carectl visit done {chart.id}/{name}")


# --- done ------------------------------------------------------------------------------------------------------------


@app.command()
def done(
    ctx: typer.Context,
    words: VisitWords,
    in_: Annotated[str | None, typer.Option("--in", metavar="TIME", help="When they came, such as 9:04.")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="TIME", help="When they left.")] = None,
    staff: Annotated[
        str | None,
        typer.Option(metavar="STAFF", help="Who came, if not who was due.", autocompletion=completion.staff),
    ] = None,
    did: Annotated[
        list[str] | None,
        typer.Option("--did", metavar="TASK[=WORD]", help="A task: done (or not_needed). May be repeated."),
    ] = None,
    not_done: Annotated[
        list[str] | None, typer.Option("--not-done", metavar="TASK=REASON", help="A task that was not done, and why.")
    ] = None,
    refused: Annotated[
        list[str] | None, typer.Option("--refused", metavar="TASK=REASON", help="A task that was refused, and why.")
    ] = None,
    all_done: Annotated[bool, typer.Option("--all-done", help="Every task of which nothing else is said.")] = False,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="For the chart; - reads it from the input.")] = None,
    for_family: Annotated[
        list[str] | None,
        typer.Option("--for-family", metavar="TEXT", help="Words for the family; or en=… and es=… by language."),
    ] = None,
    miles: Annotated[str | None, typer.Option(metavar="NUMBER", help="Miles driven.")] = None,
    travel_minutes: Annotated[
        str | None, typer.Option("--travel-minutes", metavar="NUMBER", help="Minutes on the way.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="It is written down already, and this corrects what is said anew.")
    ] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Write down a visit that took place. A weekday is the last one.

    On a terminal carectl asks for what is missing. Who came and when it was due are always written, so that a later
    change of the series changes no history. With `--note -` the text does not stay in the shell's history.

    Example: carectl visit done rosa fri --in 9:04 --out 11:01 --all-done --refused weigh="Knees hurt"
    """
    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    said = _Said(
        session, in_, out, staff, did or [], not_done or [], refused or [], all_done, _text(note, "--note"),
        for_family or [], miles, travel_minutes, again,
    )  # fmt: skip
    # Questions are asked before the caseload is locked; nobody else waits for somebody who thinks.
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    ready = said.prepare(session.loader.chart(client), named) if asks else None
    with writing(session, subject=f"{client} visits: 1 done", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        if ready is None:
            visit, report, remark = said.prepare(chart, named)
        else:
            visit, report, remark = ready
            visit = scheduling.find(session, chart, _by_id(client, visit), "past", said.refusal, "done")[0]
        work.say(telling.called(chart))
        if remark:
            work.say(remark)
        said.write(work, chart, visit, report)


class _Said:
    """What was said about a visit that took place, in words as they were typed."""

    def __init__(
        self, session: Session, in_: str | None, out: str | None, staff: str | None, did: list[str],
        not_done: list[str], refused: list[str], all_done: bool, note: str | None, for_family: list[str],
        miles: str | None, minutes: str | None, again: bool,
    ) -> None:  # fmt: skip
        self.session = session
        self.in_, self.out, self.staff = in_, out, staff
        self.did, self.not_done, self.refused, self.all_done = did, not_done, refused, all_done
        self.note, self.for_family, self.miles, self.minutes = note, for_family, miles, minutes
        self.again = again

    def refusal(self, visit: Occurrence) -> str | None:
        """Why a visit cannot be written down as done."""
        from carectl.care.visit_entries import recorded_status

        status = recorded_status(visit)
        if not_yet := _not_yet(self.session, visit, "done"):
            return not_yet
        if status in ("planned", "confirmed") or self.again:
            return None
        return _known(self.session, visit, status, "correct the file, or say with --again what was different")

    def prepare(self, chart: Chart, named: Words) -> tuple[Occurrence, Report, str | None]:
        """The visit that is meant, and what is said about it; what is missing is asked on a terminal."""
        from carectl.care import visit_entries as entries

        visit, remark = scheduling.find(self.session, chart, named, "past", self.refusal, "done")
        here = Here(self.session, chart)
        report = entries.Report(note=self.note)
        recorded = entries.recorded_status(visit) == "done"
        report.did = self._did(chart)
        known = {**(entries.did_before(visit.visit) if recorded else {}), **report.did}
        jobs = [job for job in entries.jobs_of(chart, visit) if job.owed and job.id not in known]
        if self.all_done:
            report.did |= {job.id: "done" for job in jobs}
            jobs = []
        unknown = not recorded and visit.with_ is None and (not visit.staff or bool(visit.opened))
        form = asking.Form(
            *((self.in_, self.out) if not recorded else ()),
            None if jobs else "",
            self.staff if unknown else "",
        )
        if form.asks:
            print(telling.called(chart))
            print(telling.folded(f"{visit.id}: {scheduling.said(self.session, chart, visit)}"))
        if unknown or self.staff:
            typed = form.needs("--staff", "Who came", self.staff, self._came(here) if form.asks else asking.text)
            report.staff = scheduling.staff_typed(here, typed) if typed else None
            if typed and not report.staff:
                raise UsageError("--staff takes who came: nobody cannot have done it")
        self._times(form, visit, report, recorded=recorded)
        self._tasks(form, jobs, report)
        if form.asks and not recorded:
            report.note = report.note or form.may("--note", "Note for the chart", None, asking.text)
            if not self.for_family and (typed_words := form.may("--for-family", "For the family", None, asking.text)):
                self.for_family = [typed_words]
        form.done()
        report.for_family = asking.for_family(self.for_family)
        report.miles = _number("--miles", self.miles)
        report.minutes = _number("--travel-minutes", self.minutes)
        if self.again and recorded and report.says_nothing():
            raise UsageError("--again corrects what is said anew, and nothing is said: --in, --out, --did, --note …")
        return visit, report, remark

    def _came(self, here: Here) -> asking.Check:
        def check(typed: str) -> str:
            try:
                scheduling.staff_typed(here, typed)
            except UsageError:
                raise ValueError("staff by id or the start of a name") from None
            return typed

        return check

    def _did(self, chart: Chart) -> dict[str, Plain]:
        """The tasks of which something is said on the command line. Raises UsageError."""
        from carectl.care.visit_entries import known_jobs, outcome_of, outcome_typed

        known = known_jobs(chart)
        found: dict[str, Plain] = {}

        def put(option: str, typed: str, value: Plain) -> None:
            job = scheduling.intervention(chart, typed.strip(), known, option)
            if job in found:
                raise UsageError(f"{option}: {job} is there twice")
            found[job] = value

        for typed in self.did:
            name, sign, what = typed.partition("=")
            outcome = outcome_typed(what) if sign else "done"
            if outcome not in ("done", "not_needed"):
                raise UsageError(
                    f"--did takes TASK, TASK=done or TASK=not_needed\n"
                    f'hint: --not-done {name}="why", or --refused {name}="why"'
                )
            put("--did", name, outcome)
        for option, word, said in (("--not-done", "not_done", self.not_done), ("--refused", "refused", self.refused)):
            for typed in said:
                name, _, reason = typed.partition("=")
                why = asking.checked(option, reason, asking.text) if reason.strip() else None
                if why is None:
                    raise UsageError(f'{option} takes a task with the reason: {option} {name.strip()}="why"')
                put(option, name, outcome_of(word, why))
        return found

    def _times(self, form: asking.Form, visit: Occurrence, report: Report, *, recorded: bool) -> None:
        from carectl.care import times
        from carectl.care.visit_entries import base_day

        day = base_day(visit)
        found: dict[str, Moment] = {}
        before = visit.visit.actual if visit.visit else None
        if recorded and before and before.in_ and self.out and not self.in_:
            found["in"] = times.came(before.in_, day, visit.start)

        def came(typed: str) -> str:
            found["in"] = times.came(typed, day, visit.start)
            return found["in"].text

        def left(typed: str) -> str:
            found["out"] = times.left(typed, day, found.get("in"), (visit.start, visit.end))
            return found["out"].text

        def ask(option: str, question: str, typed: str | None, check: Callable[[str], str]) -> bool:
            if recorded and typed is None:
                return False
            return form.may(option, question, typed, check) is not None

        if ask("--in", f"Came at (due {visit.start:%H:%M})", self.in_, came):
            report.came = found["in"]
        if ask("--out", f"Left at (due {visit.end:%H:%M})", self.out, left):
            report.left = found["out"]

    def _tasks(self, form: asking.Form, jobs: list[Job], report: Report) -> None:
        """Ask what became of each task of which nothing is said yet."""
        from carectl.care.visit_entries import outcome_of, outcome_typed

        def word(typed: str) -> str:
            outcome = "not_needed" if typed.strip().casefold() == "x" else outcome_typed(typed)
            if outcome is None:
                raise ValueError("d (done), n (not done), r (refused) or x (not needed)")
            return outcome

        if jobs and not form.asks:
            names = ", ".join(job.id for job in jobs)
            raise UsageError(
                f"what became of {names}? --all-done, or --did {jobs[0].id}, "
                f'--not-done {jobs[0].id}="why", --refused {jobs[0].id}="why"'
            )
        if jobs:
            print("Tasks: d done, n not done, r refused, x not needed")
        for job in jobs:
            outcome = form.needs("--did", f"  {job.id} ({job.text})", None, word)
            asks_why = outcome in ("not_done", "refused")
            reason = form.needs("--not-done", "    Why", None, asking.text) if asks_why else None
            report.did[job.id] = outcome_of(outcome, reason)

    def write(self, work: Writing, chart: Chart, visit: Occurrence, report: Report) -> None:
        """Write it down, and say it back."""
        from carectl.care import visit_entries as entries

        session = self.session
        status = entries.recorded_status(visit)
        fields = entries.done(visit, report)
        ended = report.left.instant if report.left else None
        happened = ended.date() if ended else visit.day
        if late := entries.late_on(session.setting, chart, happened):
            fields["recorded"] = late
        if status in ("missed", "refused", "cancelled") and visit.visit and visit.visit.reason:
            fields["reason"] = None
        scheduling.write(work, chart, visit, fields)
        work.say(telling.folded(f"{visit.id}: {scheduling.said(session, chart, visit)}"))
        self._tell(work, chart, visit, report, fields)
        if late:
            days = (session.setting.today_at(chart) - happened).days
            work.say(f"Recorded as a late entry: {days} days after the visit.")
        if visit.suspended == "away":
            work.say("The client is on file as away that day; the visit counts all the same.")
        for line in scheduling.companions(session, visit.visit, visit.rule):
            work.say(line)

    def _tell(self, work: Writing, chart: Chart, visit: Occurrence, report: Report, fields: Fields) -> None:
        from carectl.care import visit_entries as entries

        here = Here(self.session, chart)
        record, status = visit.visit, entries.recorded_status(visit)
        work.say("Done." if status in ("planned", "confirmed") else f"Was {status}; corrected:")
        if record and record.reason and "reason" in fields and fields["reason"] is None:
            work.say(f"  the reason is taken out: {record.reason}")
        if report.staff:
            work.say(f"  by {scheduling.staff_said(here, report.staff)}")
        hours = []
        for moment, word in ((report.came, "came"), (report.left, "left")):
            if moment is not None:
                other = f" on {here.said(moment.other_day)}" if moment.other_day else ""
                hours.append(f"{word} {moment.instant:%H:%M}{other}")
        if hours:
            work.say("  " + ", ".join(hours))
        settled = [name for name, said in entries.did_in_order(visit, report.did).items() if said == "done"]
        if settled:
            work.say(f"  done: {', '.join(settled)}")
        for name, said in entries.did_in_order(visit, report.did).items():
            if isinstance(said, dict):
                work.say(f"  {str(said['outcome']).replace('_', ' ')}: {name} ({said['reason']})")
            elif said != "done":
                work.say(f"  {str(said).replace('_', ' ')}: {name}")
        if report.note:
            work.say("  with a note for the chart")
        if report.for_family:
            languages = f" ({', '.join(report.for_family)})" if isinstance(report.for_family, dict) else ""
            work.say(f"  with words for the family{languages}")
        way = [
            f"{number:g} {unit}" for number, unit in ((report.minutes, "minutes"), (report.miles, "miles")) if number
        ]
        if way:
            work.say(f"  on the way: {', '.join(way)}")


# --- what did not take place -----------------------------------------------------------------------------------------


@app.command()
def missed(
    ctx: typer.Context, words: VisitWords, reason: Reason = None, dry_run: DryRun = False, commit: Commit = False
) -> None:
    """Write down that nobody came. A weekday is the last one.

    Example: carectl visit missed rosa wed --reason "Train stood in the tunnel; Ruth looked in at 9:30"
    """
    _off(ctx, words, "missed", reason, dry_run=dry_run, commit=commit)


@app.command()
def refused(
    ctx: typer.Context, words: VisitWords, reason: Reason = None, dry_run: DryRun = False, commit: Commit = False
) -> None:
    """Write down that the client did not want the visit. A weekday is the last one.

    Example: carectl visit refused rosa fri --reason "Daniel came with the baby"
    """
    _off(ctx, words, "refused", reason, dry_run=dry_run, commit=commit)


@app.command()
def cancel(
    ctx: typer.Context, words: VisitWords, reason: Reason = None, dry_run: DryRun = False, commit: Commit = False
) -> None:
    """Call a visit off. A weekday is the coming one.

    Example: carectl visit cancel rosa wed --reason "At the eye doctor"
    """
    _off(ctx, words, "cancelled", reason, dry_run=dry_run, commit=commit)


def _off(ctx: typer.Context, words: list[str], status: str, reason: str | None, *, dry_run: bool, commit: bool) -> None:
    from carectl.care import visit_entries as entries

    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    command = "cancel" if status == "cancelled" else status

    def refusal(visit: Occurrence) -> str | None:
        now = entries.recorded_status(visit)
        if now in ("planned", "confirmed"):
            return _not_yet(session, visit, status) if status == "missed" else None
        if now == status and visit.visit and reason is not None and visit.visit.reason == reason.strip():
            return None
        return _known(session, visit, now, "if that is wrong, correct the file")

    form = asking.Form(reason)
    if form.asks:
        scheduling.find(session, session.loader.chart(client), named, _leaning(status), refusal, command)
    why = form.needs("--reason", "Why", reason, asking.text)
    form.done()
    with writing(session, subject=f"{client} visits: 1 {status}", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        visit, remark = scheduling.find(session, chart, named, _leaning(status), refusal, command)
        today = session.setting.today_at(chart)
        work.say(telling.called(chart))
        if remark:
            work.say(remark)
        work.say(telling.folded(f"{visit.id}: {scheduling.said(session, chart, visit)}"))
        if entries.recorded_status(visit) == status:
            return
        fields = entries.off(visit, status, why, today)
        late = entries.late_on(session.setting, chart, visit.day)
        if late:
            fields["recorded"] = late
        scheduling.write(work, chart, visit, fields)
        work.say(f"{status.capitalize()}: {why}")
        if late:
            work.say(f"Recorded as a late entry: {(today - visit.day).days} days after the visit.")
        for line in scheduling.companions(session, visit.visit, visit.rule):
            work.say(line)


# --- another time, another person ------------------------------------------------------------------------------------


@app.command()
def move(
    ctx: typer.Context,
    words: VisitWords,
    date: Annotated[
        str | None, typer.Option("--date", "--to-day", metavar="DAY", help="The day on which it takes place.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it starts; its length stays.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="LENGTH", help="How long: 45m, 2h, 1h30m.")] = None,
    ends: Ends = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Let a visit take place on another day or at another time. Weekdays are the coming ones.

    A visit of a series keeps its id, by the day on which it was due.

    Example: carectl visit move rosa wed --to-day thu --at 10:00 --reason "Plumber in the bathroom"
    """
    from carectl.care import visit_entries as entries
    from carectl.care.pointing import visit_of

    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    if (date, at, duration, ends) == (None, None, None, None):
        raise UsageError("say where it goes: --to-day DAY, --at TIME, --duration LENGTH or --ends TIME")
    if duration is not None and ends is not None:
        raise UsageError("--duration and --ends say twice how long it takes: give one of them")
    start = asking.checked("--at", at, scheduling.time)
    long = asking.checked("--duration", duration, scheduling.length)
    until = asking.checked("--ends", ends, scheduling.time)
    why = asking.checked("--reason", reason, asking.text)
    with writing(session, subject=f"{client} visits: 1 moved", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        here = Here(session, chart)
        visit, remark = scheduling.find(session, chart, named, "coming", _planned(session), "move")
        day = asking.checked("--to-day", date, here.day())
        to = dt.date.fromisoformat(day) if day else None
        fields = entries.moved(visit, to, start, long, until, why)
        work.say(telling.called(chart))
        if remark:
            work.say(remark)
        work.say(telling.folded(f"{visit.id}: {scheduling.said(session, chart, visit)}"))
        if not fields:
            return
        work.shifted.add(client)
        scheduling.move(work, chart, visit, fields)
        after = work.chart(client)
        now = visit_of(after, session.setting, visit.id)
        if now is None:
            raise Refused("with this change it cannot be told when the visit takes place; nothing was written")
        work.say(telling.folded(f"Now: {scheduling.said(session, after, now)}"))
        if entries.recorded_status(visit) == "confirmed":
            work.say("It was confirmed for the old time, and is planned now.")
        for line in scheduling.suspended(now):
            work.say(line)
        for line in scheduling.companions(session, visit.visit, visit.rule):
            work.say(line)


@app.command()
def assign(
    ctx: typer.Context,
    words: VisitWords,
    staff: Annotated[
        str,
        typer.Argument(
            metavar="STAFF",
            help="By id or the start of a name; several with commas; or the word nobody.",
            autocompletion=completion.staff,
        ),
    ],
    reason: Reason = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Give one visit to somebody, or to nobody yet. A weekday is the coming one.

    Example: carectl visit assign rosa fri lucia
    """
    from carectl.care.pointing import visit_of

    session = Session.of(ctx)
    client, named = scheduling.aim(session, words)
    why = asking.checked("--reason", reason, asking.text)
    with writing(session, subject=f"{client} visits: 1 assigned", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(client)
        here = Here(session, chart)
        who = scheduling.staff_typed(here, staff)
        visit, remark = scheduling.find(session, chart, named, "coming", _planned(session), "assign")
        work.say(telling.called(chart))
        if remark:
            work.say(remark)
        work.say(telling.folded(f"{visit.id}: {scheduling.said(session, chart, visit)}"))
        record, rule = visit.visit, visit.rule
        had = record.staff if record and record.staff is not None else rule.staff if rule else None
        people = [had] if isinstance(had, str) else list(had or ())
        if people == ([who] if isinstance(who, str) else who):
            if visit.opened:
                raise Refused(_away(session, visit.opened))
            return
        scheduling.assign(work, chart, visit, who, why)
        after = work.chart(client)
        now = visit_of(after, session.setting, visit.id)
        if now is not None and now.opened:
            raise Refused(_away(session, now.opened))
        work.say(f"Now: {scheduling.staff_said(here, who)}")
        if record and record.status == "confirmed":
            work.say("It was confirmed before, and is planned now.")
        for line in scheduling.companions(session, record, rule):
            work.say(line)


def _away(session: Session, people: tuple[str, ...]) -> str:
    names = {member.id: member.name.full for member in session.staff}
    listed = " and ".join(f"{one} {names.get(one, '')}".rstrip() for one in people)
    return f"{listed} {'is' if len(people) == 1 else 'are'} away then; nothing was written"


# --- who could come --------------------------------------------------------------------------------------------------


app.command()(covering.suggest)
app.command()(covering.gaps)


# --- what they share -------------------------------------------------------------------------------------------------


def _leaning(status: str) -> Leaning:
    return "coming" if status == "cancelled" else "past"


def _by_id(client: str, visit: Occurrence) -> Words:
    from carectl.care.pointing import Words

    return Words(client, id=visit.id)


def _planned(session: Session) -> scheduling.Refusal:
    """What is not planned any more stays as it is."""
    from carectl.care.visit_entries import recorded_status

    def refusal(visit: Occurrence) -> str | None:
        status = recorded_status(visit)
        if status in ("planned", "confirmed"):
            return None
        return _known(session, visit, status, "what has been written down stays; correct the file if it is wrong")

    return refusal


def _known(session: Session, visit: Occurrence, status: str, hint: str) -> str:
    at = f" ({scheduling.place(session, visit.visit)})" if visit.visit else ""
    return f"the visit {visit.client}/{visit.id} is written down as {status} already{at}\nhint: {hint}"


def _not_yet(session: Session, visit: Occurrence, status: str) -> str | None:
    """Why a visit cannot have been done or missed: its day has not come where the client lives."""
    from carectl.care.dates import in_full

    today = session.setting.now.astimezone(visit.start.tzinfo).date()
    if visit.day <= today:
        return None
    return f"the visit {visit.client}/{visit.id} cannot be {status} yet: it is on {in_full(visit.day, today)}"


def _number(option: str, typed: str | None) -> float | None:
    from carectl.care.visit_entries import number_of

    if typed is None:
        return None
    try:
        return number_of(typed)
    except ValueError as wanted:
        raise UsageError(f"{option} takes {wanted}") from None


def _text(typed: str | None, option: str) -> str | None:
    """A text as it was typed, or from the standard input for `-`. Raises UsageError."""
    from carectl.caseload.create import is_writable

    if typed is None:
        return None
    if typed == "-":
        if sys.stdin.isatty():
            print("Type the text, and end it with Ctrl-D on a line of its own:", file=sys.stderr)
        typed = sys.stdin.read()
    text = "\n".join(line.rstrip() for line in typed.replace("\r\n", "\n").strip().split("\n"))
    if not text:
        raise UsageError(f"{option} takes some text")
    if not all(is_writable(line.replace("\t", " ")) for line in text.split("\n")):
        raise UsageError(f"{option} takes text without control characters")
    return text

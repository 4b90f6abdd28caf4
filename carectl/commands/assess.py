"""carectl assess: assessments by instruments, how they went, and what is due."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carectl.commands import answering, asking, assessed, assessing, completion, naming, saving, telling
from carectl.commands.naming import Here
from carectl.commands.options import ForFamily, Form, Format, OneClient, Output
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import CarectlError, Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.assessment_entries import Draft
    from carectl.caseload.instrument_records import Alert, Instrument
    from carectl.caseload.records import Assessment, Chart
    from carectl.commands.writing import Writing
    from carectl.output.assessment_page import Shown
    from carectl.output.terminal import Line

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)


class TrendFormat(StrEnum):
    """How a trend is printed or written."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


@app.callback()
def group() -> None:
    """Assessments: instruments, answers, scores, trends, and what is due."""


# --- list ------------------------------------------------------------------------------------------------------------


@app.command("list")
def list_(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLIENT]", help="Whose assessments; else the instruments.", autocompletion=completion.clients
        ),
    ] = None,
    form: Form = Format.TEXT,
) -> None:
    """List the instruments there are, or a client's assessments and what is due.

    Example: carectl assess list rosa
    """
    from carectl.output import assessment_page as page

    session = Session.of(ctx)
    if client is None:
        known = session.setting.instruments
        if form is Format.JSON:
            sys.stdout.write(page.instruments_json(known, assessed.is_own))
        else:
            _put(session, page.instruments(known, assessed.is_own, telling.width()))
        if any(item is None for item in known.values()):
            print("carectl: an instrument cannot be used; carectl check tells why", file=sys.stderr)
            raise typer.Exit(1)
        return
    here = Here(session, _chart(session, client))
    gone = assessed.corrected(here.chart)
    items = [(item, assessed.shown_of(here, item), gone.get(item.id)) for item in assessed.newest_first(here.chart)]
    due = assessed.due_at(here)
    if form is Format.JSON:
        sys.stdout.write(page.assessments_json(here.id, items, due))
    else:
        print(here)
        print()
        who = [assessed.person(here, item.assessor) for item, _, _ in items]
        _put(session, page.assessments(items, who, due, here.today, telling.width()))
        assessing.tell_unfinished(here)
    assessed.tell_faults(here)


def _chart(session: Session, client: str) -> Chart:
    telling.sound_setting(session)
    return session.chart(client)


def _put(session: Session, lines: Iterable[Line]) -> None:
    from carectl.output import terminal

    terminal.put(lines, sys.stdout, colour=session.colour)


# --- show ------------------------------------------------------------------------------------------------------------


@app.command()
def show(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(
            metavar="CLIENT",
            help="An id, or (a part of) a name.",
            autocompletion=completion.clients,
            show_default=False,
        ),
    ] = None,
    assessment: Annotated[
        str | None, typer.Argument(metavar="[ASSESSMENT]", help="Its id; else the latest.", show_default=False)
    ] = None,
    instrument: Annotated[
        str | None, typer.Option(metavar="ID", help="Instead: all about an instrument, such as phq-9.")
    ] = None,
    form: Form = Format.TEXT,
) -> None:
    """Show an assessment, compared with the one before, or all about an instrument.

    Example: carectl assess show rosa
    """  # fmt: skip
    from carectl.output import assessment_page as page

    session = Session.of(ctx)
    if instrument is not None:
        if client is not None:
            raise UsageError("name a client, or --instrument ID, not both")
        known = assessed.instrument_of(session, instrument)
        if form is Format.JSON:
            sys.stdout.write(page.instrument_json(known, own=assessed.is_own(known)))
        else:
            _put(session, page.instrument_page(known, telling.width()))
        return
    if client is None:
        raise UsageError("whose assessment? CLIENT [ASSESSMENT], or --instrument ID")
    whose, name = naming.parted(client, assessment, "assessments", "assessment")
    here = Here(session, _chart(session, whose))
    found = assessed.newest_first(here.chart)
    if not found:
        assessed.tell_faults(here)
        raise Refused(f"{here} has no assessment\nhint: carectl assess add {here.id}")
    gone = assessed.corrected(here.chart)
    item = next((one for one in found if one.id not in gone), found[0])
    if name is not None:
        item = naming.record(
            [(one, one.kind.replace("_", " ")) for one in found], name, "assessment", here, "assessments"
        )
    shown = assessed.shown_of(here, item)
    if form is Format.JSON:
        sys.stdout.write(page.assessment_json(here.id, item, shown, gone.get(item.id)))
    else:
        print(here)
        who = partial(assessed.person, here)
        _put(session, page.assessment(item, shown, who, here.today, telling.width(), gone.get(item.id)))
    assessed.tell_faults(here)


# --- trend -----------------------------------------------------------------------------------------------------------


@app.command()
def trend(
    ctx: typer.Context,
    client: OneClient,
    instrument: Annotated[
        str | None, typer.Argument(metavar="[INSTRUMENT]", help="Such as phq-9; else all.", show_default=False)
    ] = None,
    form: Annotated[
        TrendFormat | None, typer.Option("--format", "-f", help="What to write; else by the name after -o, or text.")
    ] = None,
    output: Output = None,
) -> None:
    """Show how an instrument went: a table and a drawing. Where there is no score, there is a gap.

    Example: carectl assess trend rosa adl-6
    """
    from carectl.care.assessment_entries import trends
    from carectl.output import assessment_page as page

    session = Session.of(ctx)
    chosen = TrendFormat(saving.format_of(output, form, [*TrendFormat]))
    here = Here(session, _chart(session, client))
    only = assessed.instrument_of(session, instrument).id if instrument else None
    names = dict.fromkeys(
        one.instrument for item in here.chart.assessments for one in item.instruments if only in (None, one.instrument)
    )
    born, sex = assessed.born_and_sex(here.chart)
    known = [session.setting.instruments.get(name) for name in names]
    found = [one for item in known if item for one in trends(here.chart.assessments, item, born=born, sex=sex)]
    faults = assessed.faults_of(here)
    if not found and not faults:
        raise Refused(f"{here} has no result of {only or 'any known instrument'}\nhint: carectl assess add {here.id}")
    if chosen is TrendFormat.JSON:
        saving.save(page.trends_json(here.id, found).encode(), output)
    elif chosen is TrendFormat.HTML:
        from carectl.output.assessment_picture import picture
        from carectl.output.documents import own_folder

        practice = session.setting.practice
        called = here.chart.client.name.full if here.chart.client else here.id
        own = own_folder(session.root)
        text = picture(here.id, called, practice.name if practice else "", found, here.today, faults, own)
        saving.save(text.encode(), output)
    else:
        from carectl.care.assessment import NOT_DIAGNOSTIC

        lines: list[Line] = [[(str(here), "")]]
        for one in found:
            lines += [[], *page.trend(one, telling.width(), blocks_too=_shows_blocks())]
        lines += [[], [(NOT_DIAGNOSTIC, "")]]
        if output is None:
            _put(session, lines)
        else:
            saving.save("".join(f"{text}\n" for text in assessed.plain(lines)).encode(), output)
    unknown = [name for name, item in zip(names, known, strict=True) if item is None]
    if unknown:
        print(
            f"carectl: not shown, the instrument is not known or cannot be used: {', '.join(unknown)}", file=sys.stderr
        )
    assessed.tell_faults(here)
    if unknown:
        raise typer.Exit(1)


def _shows_blocks() -> bool:
    """Whether blocks can be drawn with: everywhere but on a terminal that says it knows no UTF-8."""
    if not sys.stdout.isatty():
        return True
    said = next((os.environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if os.environ.get(name)), "")
    return "utf8" in said.lower().replace("-", "")


# --- add -------------------------------------------------------------------------------------------------------------


@app.command()
def add(
    ctx: typer.Context,
    client: OneClient,
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="initial, reassessment, change_of_condition or discharge."),
    ] = None,
    instrument: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Ask this instrument, such as phq-9 (repeat it).")
    ] = None,
    date: Annotated[str | None, typer.Option(metavar="DAY", help="When it was; else today.")] = None,
    assessor: Annotated[
        str | None,
        typer.Option(
            metavar="STAFF",
            help=f"Who assessed; else the coordinator; {naming.NOT_ON_FILE}.",
            autocompletion=completion.staff,
        ),
    ] = None,
    informant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PERSON",
            help="Who told: client, a contact, staff (repeat it).",
            autocompletion=completion.people,
        ),
    ] = None,
    answers: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Answers as YAML or JSON, {instrument: {item: answer}}; - is standard input."
        ),
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option(metavar="ID=N", help="The total of an official form (repeat it).")
    ] = None,
    which: Annotated[
        list[str] | None,
        typer.Option("--form", metavar="ID=WORD", help="Which form, if there are several: mst=kg (repeat it)."),
    ] = None,
    finding: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help='"falls: Fell twice since June -> A rail" (repeat it).'),
    ] = None,
    strength: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="What goes well (repeat it).")] = None,
    goal: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="What the client wants, in the client's words (repeat it).")
    ] = None,
    summary: Annotated[str | None, typer.Option(metavar="TEXT", help="The whole in a few sentences.")] = None,
    for_family: ForFamily = None,
    forward: Annotated[
        bool,
        typer.Option(
            "--forward", help="Go by the last assessment: each earlier answer is shown, and confirmed or changed."
        ),
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the one that was begun.")] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Drop the one that was begun.")] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Write down an assessment: asked item by item on a terminal, or from --answers, --score and --finding.

    A missing answer stays missing, and then there is no score. Answers are kept as you go: q stops, --resume goes on.

    Example: carectl assess add rosa --instrument phq-9
    """
    here = Here.of(Session.of(ctx), client)
    given = (kind, instrument, date, assessor, informant, answers, score, which, finding, strength, goal, summary,
             for_family)  # fmt: skip
    if resume and (any(given) or forward or discard):
        raise UsageError("--resume goes on with what was kept: give --dry-run or --commit with it, and no other option")
    if discard:
        assessing.discard(here)
        if not (any(given) or forward):
            return
    there = sys.stdin.isatty() and sys.stdout.isatty()
    asks = there and not answers and (bool(instrument) or not (score or finding))
    if resume:
        if not there:
            raise UsageError("--resume asks questions: call it on a terminal")
        draft = assessing.resumed(here)
        instruments = [assessed.instrument_of(here.session, name) for name in draft.filled]
        assessing.interview(here, draft, instruments, dry_run=dry_run, ask_findings=True)
    else:
        if asks and assessing.kept(here) is not None:
            raise Refused(
                f"an assessment of {here} was begun and is not finished\n"
                f"hint: go on with it: carectl assess add {here.id} --resume; or drop it: --discard"
            )
        draft = _begin(here, kind, date, assessor, informant or [], asks=asks)
        draft.forward = forward
        answering.take(here, draft, answers, score or [], which or [])
        _say_more(draft, finding or [], strength or [], goal or [], summary, for_family or [])
        named = [
            assessed.instrument_of(here.session, name)
            for text in instrument or []
            for name in text.split(",")
            if name.strip()
        ]
        if asks:
            instruments = named or _chosen(here, draft)
            for one in instruments:
                from carectl.care.assessment_entries import Filled

                draft.filled.setdefault(one.id, Filled())
            assessing.interview(here, draft, instruments, dry_run=dry_run, ask_findings=not finding)
        else:
            _nothing_is_left_open(draft, named)
    try:
        _write(here, draft, asked=asks or resume, dry_run=dry_run, commit=commit)
    except CarectlError:
        for line in assessing.alarm_of(here, draft):
            print(line, file=sys.stderr)
        if (asks or resume) and assessing.kept(here) is not None:
            print(f"Your answers are kept: carectl assess add {here.id} --resume", file=sys.stderr)
        raise


def _begin(
    here: Here, kind: str | None, date: str | None, assessor: str | None, informants: list[str], *, asks: bool
) -> Draft:
    """The head of a new assessment, from options or questions."""
    from carectl.care.assessment_entries import KINDS, Draft

    form = asking.Form(*([None] if asks else [""]))
    if form.asks:
        print(here)
    usual = "reassessment" if here.chart.assessments or "assessments" in here.chart.unread else "initial"
    kinds = asking.one_of(*KINDS)
    what = form.needs("--kind", f"Kind ({', '.join(KINDS)})", kind, lambda typed: kinds(typed.replace("-", "_")), usual)
    day = form.needs("--date", "Date", date, here.day(past=True), here.today.isoformat())
    who = form.needs("--assessor", "Who assessed", assessor, _person_typed(here), here.coordinator)
    typed = ",".join(informants) if informants else None
    told = form.may("--informant", "Who told: client, contacts, with commas", typed, asking.each(_person_typed(here)))
    form.done()
    people = [here.person(part) for part in (told or "").split(",") if part.strip()]
    return Draft(what or usual, day or here.today.isoformat(), _assessor(here, who), people)


def _person_typed(here: Here) -> asking.Check:
    """Takes whom a few letters mean, and says it in a way that means the same again."""

    def check(typed: str) -> str:
        try:
            found = here.person(typed)
        except UsageError as problem:
            raise ValueError(str(problem).replace("\n", "; ")) from None
        return found if isinstance(found, str) else f"name:{found['name']}"

    return check


def _assessor(here: Here, typed: str) -> naming.PersonValue:
    found = here.person(typed)
    return found if isinstance(found, dict) else here.staff(found)


def _chosen(here: Here, draft: Draft) -> list[Instrument]:
    """The instruments that are asked: those of the last assessment and those that are due are offered."""
    from carectl.care.assessment_entries import last_round

    last = last_round(here.chart.assessments, assessing.day_of(draft))
    usual = [one.instrument for one in last.instruments] if last else []
    usual += [one.instrument for one in assessed.due_at(here)]
    offered = [name for name in dict.fromkeys(usual) if here.session.setting.instruments.get(name)]

    def check(typed: str) -> str:
        try:
            return assessed.instrument_of(here.session, typed).id
        except CarectlError as problem:
            raise ValueError("instruments by id; " + str(problem).replace("\nhint: ", ": ")) from None

    form = asking.Form(None)
    print("Which instruments? carectl assess list has them all.")
    typed = form.may("--instrument", "Instruments, with commas", None, asking.each(check), ",".join(offered) or None)
    return [assessed.instrument_of(here.session, name) for name in dict.fromkeys((typed or "").split(",")) if name]


def _say_more(
    draft: Draft,
    findings: Sequence[str],
    strengths: Sequence[str],
    goals: Sequence[str],
    summary: str | None,
    family: Sequence[str],
) -> None:
    """What is said in words. Raises UsageError."""
    from carectl.care.assessment_entries import finding_typed

    for text in findings:
        try:
            draft.findings.append(finding_typed(asking.line(text), {item["id"] for item in draft.findings}))
        except ValueError as wanted:
            raise UsageError(f"--finding takes {wanted}") from None
    draft.strengths += [asking.checked("--strength", text, asking.text) or "" for text in strengths]
    draft.client_goals += [asking.checked("--goal", text, asking.text) or "" for text in goals]
    draft.summary = asking.checked("--summary", summary, asking.text)
    draft.for_family = asking.for_family(family)


# --- answers that are given ------------------------------------------------------------------------------------------


def _nothing_is_left_open(draft: Draft, named: Sequence[Instrument]) -> None:
    """In a script everything is given. Raises UsageError."""
    open_ones = [one.id for one in named if one.id not in draft.filled or draft.filled[one.id].is_empty]
    if open_ones:
        raise UsageError(
            f"{', '.join(open_ones)}: no answer is given\n"
            "hint: --answers FILE or --score ID=N gives them; on a terminal carectl asks"
        )
    if not draft.filled and not draft.findings:
        raise UsageError("--answers FILE, --score ID=N or --finding TEXT is needed (on a terminal carectl asks)")


# --- writing ---------------------------------------------------------------------------------------------------------


def _entry(here: Here, draft: Draft) -> dict[str, Any]:
    """The entry without its id."""
    from carectl.care.assessment_entries import result_entry
    from carectl.commands.entering import filled

    results = []
    for name, given in draft.filled.items():
        found = result_entry(assessed.instrument_of(here.session, name), given)
        if found is not None:
            results.append(found)
    return filled({
        "kind": draft.kind,
        "date": draft.date,
        "assessor": draft.assessor,
        "informants": draft.informants,
        "instruments": results,
        "findings": draft.findings,
        "strengths": draft.strengths,
        "client_goals": draft.client_goals,
        "summary": draft.summary,
        "for_family": draft.for_family,
        "recorded": here.late(draft.date),
    })  # fmt: skip


def _shown_of(here: Here, entry: Mapping[str, Any], draft: Draft, own_id: str | None = None) -> list[Shown]:
    from carectl.care.assessment_entries import stored

    return [
        assessed.shown_as(here, stored(one), assessing.day_of(draft), own_id) for one in entry.get("instruments", ())
    ]


def _urgent(shown: Iterable[Shown]) -> list[tuple[str, Alert]]:
    """The answers that must not wait, with their instruments."""
    from carectl.care.assessment_entries import urgent

    return [(one.stored.instrument, alert) for one in shown if one.result for alert in urgent(one.result)]


def _write(here: Here, draft: Draft, *, asked: bool, dry_run: bool, commit: bool) -> None:
    from carectl.care.assessment_entries import last_round, not_asked_again, stored
    from carectl.care.entries import position_by_time, unique
    from carectl.caseload import unfinished
    from carectl.commands.entering import add, taken
    from carectl.commands.writing import writing
    from carectl.output import assessment_page as page

    entry = _entry(here, draft)
    if not any(entry.get(name) for name in ("instruments", "findings")):
        if asked and not dry_run:
            unfinished.drop(here.session.root, here.id)
        raise Refused("nothing was written: there is neither an answer nor a finding")
    raised = _urgent(_shown_of(here, entry, draft))
    subject = f"{here.id} assessments: 1 added" + (f", tasks: {len(raised)} added" if raised else "")
    with writing(here.session, subject=subject, dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        work.say(str(here))
        if asked:
            work.change.then(lambda: unfinished.drop(here.session.root, here.id))
        twin = _twin(chart, entry)
        name = twin or unique(f"a-{draft.date}", taken(chart, "assessments"))
        if twin is not None:
            work.say(f"This assessment is there already: assessments/{twin}")
        else:
            add(
                work,
                here.id,
                "assessments",
                {"id": name, **entry},
                piece=draft.date[:7],
                position=lambda path: position_by_time(
                    [(a, str(a.date)) for a in chart.assessments], path, draft.date, here.zone
                ),
            )
            work.say(f"Assessment {name}, {draft.kind.replace('_', ' ')}, {here.said(draft.date)}")
            if entry.get("recorded"):
                work.say(here.late_words(draft.date))
        before = Here(here.session, chart)
        shown = _shown_of(before, entry, draft, twin)
        lines: list[Line] = []
        for one in shown:
            lines += [[], *page.result_lines(one, telling.width(), answers=False)]
        last = last_round(chart.assessments, assessing.day_of(draft), twin)
        if draft.forward and last is not None:
            results = [stored(one) for one in entry.get("instruments", ())]
            left = not_asked_again(last, results, {item["domain"] for item in draft.findings})
            lines += [[], *_left(left, last.date)]
        if shown:
            from carectl.care.assessment import NOT_DIAGNOSTIC

            lines += [[], [(NOT_DIAGNOSTIC, "")]]
        for text in assessed.plain(lines):
            work.say(text)
        _alarm(work, here, raised, name, dry_run=dry_run)
        work.say("")
        due = [one.instrument for one in assessed.due_at(here, work.chart(here.id))]
        work.say(f"Due: {', '.join(due)} (carectl assess list {here.id})" if due else "Nothing is due.")
        work.say(f"Next: carectl plan draft {here.id}")


def _left(names: Sequence[str], day: dt.date) -> list[Line]:
    """What the last assessment has and this one does not."""
    from carectl.output.terminal import indented

    if not names:
        return [[(f"Everything of {day} was asked again.", "")]]
    return [*indented(f"Not asked again since {day}, and not copied: {', '.join(names)}.", telling.width(), 0)]


def _alarm(work: Writing, here: Here, raised: Sequence[tuple[str, Alert]], name: str, *, dry_run: bool) -> None:
    """Open the tasks of answers that must not wait, and say what is to be done now."""
    from carectl.care.entries import task_id
    from carectl.commands.entering import add, taken
    from carectl.output.assessment_page import alarm

    for instrument, alert in raised:
        comes_from = f"assessments/{name}/{instrument}"
        chart = work.chart(here.id)
        work.say("")
        for text in assessed.plain(alarm([alert], telling.width())):
            work.say(text)
        twin = next((task for task in chart.tasks if task.from_ == comes_from and task.text == alert.task), None)
        if twin is not None:
            work.say(f"The task {twin.id} came of it already.")
            continue
        task = task_id(alert.task, taken(chart, "tasks"))
        entry = {"id": task, "text": alert.task, "due": here.today.isoformat(), "from": comes_from, "done": None}
        add(work, here.id, "tasks", entry)
        if dry_run:
            work.say("Nothing is written, and no task is open: that was --dry-run.")
        else:
            work.say(f"Task {task} is open, due today. When it is done:")
            work.say(f"  carectl task done {here.id} {task}")


def _twin(chart: Chart, entry: Mapping[str, Any]) -> str | None:
    """The id of the same assessment, if it is there already."""

    def same(item: Assessment) -> bool:
        results = [(one.instrument, dict(one.answers), one.score) for one in item.instruments]
        new = [(one["instrument"], one.get("answers", {}), one.get("score")) for one in entry.get("instruments", ())]
        findings = [one.finding for one in item.findings]
        return (item.kind, str(item.date), results, findings) == (
            entry["kind"], entry["date"], new, [one["finding"] for one in entry.get("findings", ())]
        )  # fmt: skip

    return next((item.id for item in chart.assessments if same(item)), None)

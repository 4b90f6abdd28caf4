"""carectl plan: care plans on paper, and how their goals and interventions stand."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, naming, plan_draft, saving, telling
from carectl.commands.naming import Here
from carectl.commands.options import OneClient, Output
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Chart, Goal, Intervention
    from carectl.commands.writing import Writing

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
plan_draft.register(app)


class Format(StrEnum):
    """What is written."""

    MD = "md"
    TXT = "txt"
    HTML = "html"
    PDF = "pdf"


GOAL_STATUS = ("proposed", "active", "on_hold", "completed", "cancelled")
ACHIEVEMENT = ("in_progress", "improving", "worsening", "no_change", "achieved", "not_achieved")
INTERVENTION_STATUS = ("proposed", "active", "on_hold", "completed", "stopped")
_WANTS_REASON = ("on_hold", "cancelled", "stopped")


@app.callback()
def group() -> None:
    """Draft a care plan, show or render it, say how goals and interventions stand."""


@app.command()
def render(
    ctx: typer.Context,
    client: OneClient,
    reader: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="READER",
            help="chart (everything, not for sharing), client, a contact, or a staff member who goes there.",
            autocompletion=completion.people,
        ),
    ] = "chart",
    form: Annotated[
        Format | None, typer.Option("--format", "-f", help="What to write; else by the name after -o, or md.")
    ] = None,
    output: Output = None,
    no_cache: saving.NoCache = False,
) -> None:
    """Write a client's care plan, for the chart or with what one reader may see of it.

    A contact gets what is shared with them today; staff what they need in their visits, nurses and therapists also
    diagnoses and medicines; the client all but what is private. What is withheld, and what could not be read, is told
    on the standard error, for you alone; if anything could not be read, the exit code is 1.

    Example: carectl plan render rosa --for maria -o plan.html
    """
    from carectl.care.plans import care_plan
    from carectl.care.sharing import NotShared

    session = Session.of(ctx)
    chosen = saving.format_of(output, form, [*Format])
    if reader.strip() != "chart":
        _copy(Here.of(session, client), reader, chosen, output, no_cache=no_cache)
        return
    chart = session.chart(client, loosely=False)
    paper = care_plan(chart, telling.sound_setting(session))
    if isinstance(paper, NotShared):
        telling.tell_withheld(session, "Could not be read:", paper.withheld)
        raise Refused(f"{telling.called(chart)}: {paper.words}")
    plan = paper.plan
    saving.document(
        session, "care-plan", {"plan": plan}, language=plan.language, today=plan.date, form=chosen, output=output,
        no_cache=no_cache,
    )  # fmt: skip
    print(telling.called(chart), file=sys.stderr)
    if telling.tell_withheld(session, "Not whole in it:", paper.withheld):
        raise typer.Exit(1)


def _copy(here: Here, reader: str, form: str, output: Path | None, *, no_cache: bool) -> None:
    """Write the plan for a reader. Raises Refused if they may have none, UsageError if nobody fits."""
    from carectl.care.plan_audiences import CLINICAL_ROLES, plan_for_client, plan_for_contact, plan_for_staff
    from carectl.care.sharing import NotShared
    from carectl.commands.letter import in_order_of_topics
    from carectl.output.documents import languages

    person, setting = here.person(reader), here.session.setting
    if not isinstance(person, str):
        raise UsageError("--for takes chart, client, a contact or a staff member: somebody who is on file")
    whom, contact, member = f"{here}, for {here.who(person)}", here.contact(person), setting.staff.get(person)
    if person == "client":
        copy, what = plan_for_client(here.chart, setting, languages()), "all but what is private"
    elif contact is not None:
        copy, what = plan_for_contact(here.chart, contact, setting, languages()), ""
    elif member is None:
        raise Refused(f"{whom}: no plan: staff/{person}.yaml could not be read")
    else:
        copy = plan_for_staff(here.chart, member, setting)
        clinical = "with" if member.role in CLINICAL_ROLES else "without"
        what = f"{member.role.replace('_', ' ')}, {clinical} diagnoses and medicines"
    if isinstance(copy, NotShared):
        telling.tell_withheld(here.session, "Withheld:", copy.withheld)
        raise Refused(f"{whom}: no plan: {copy.words}")
    plan = copy.plan
    saving.document(
        here.session, "care-plan-copy", {"plan": plan}, language=plan.language, today=plan.date, form=form,
        output=output, mark="plan.draft" if plan.draft else "plan.unapproved" if plan.unapproved else None,
        no_cache=no_cache,
    )  # fmt: skip
    print(f"{whom}: {what or ', '.join(in_order_of_topics(copy.topics))}", file=sys.stderr)
    if telling.tell_withheld(here.session, "Withheld, or to be looked at:", copy.withheld):
        raise typer.Exit(1)


# --- goals -----------------------------------------------------------------------------------------------------------


@app.command()
def goal(
    ctx: typer.Context,
    client: OneClient,
    goal_id: Annotated[
        str | None,
        typer.Argument(metavar="GOAL", help="Its id, or the start of it or of a word of it.", show_default=False),
    ] = None,
    status: Annotated[str | None, typer.Option(metavar="WORD", help=f"{', '.join(GOAL_STATUS)}.")] = None,
    achievement: Annotated[str | None, typer.Option(metavar="WORD", help=f"{', '.join(ACHIEVEMENT)}.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is on hold or cancelled.")] = None,
    progress: Annotated[str | None, typer.Option(metavar="VALUE", help="How it stands: a number or a word.")] = None,
    date: Annotated[str | None, typer.Option(metavar="DAY", help="The day of the progress; else today.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="About the progress, for the coordinator.")] = None,
    for_family: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help='About it, for the family; "es=…" for one language (repeat it).'),
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Say how a goal stands: its status, how it goes, and progress on a day.

    Example: carectl plan goal rosa weight --progress 0.4 --note "Down since Friday" --achievement improving
    """
    from carectl.commands.writing import writing

    whose, typed = naming.parted(client, goal_id, "care-plan", "goal")
    here = Here.of(Session.of(ctx), whose)
    which = naming.record(
        [(item, item.text) for item in _goals(here.chart)], typed, "goal", here, "care-plan", "problems", "goals"
    )
    stands = asking.checked("--status", status, _one_of(*GOAL_STATUS))
    goes = asking.checked("--achievement", achievement, _one_of(*ACHIEVEMENT))
    if not (stands or goes or progress):
        raise UsageError("say how the goal stands: --status, --achievement, or --progress VALUE")
    if progress is None and (date or note or for_family):
        raise UsageError("--date, --note and --for-family belong to --progress VALUE")
    why = _reason(stands, which.status, reason)
    entry: dict[str, object] = {}
    if progress is not None:
        entry = {
            "date": asking.checked("--date", date, here.day(past=True)) or here.today.isoformat(),
            "value": _value(asking.checked("--progress", progress, asking.text) or ""),
            "note": asking.checked("--note", note, asking.text),
            "for_family": asking.for_family(for_family),
        }
    with writing(here.session, subject=f"{here.id} care-plan: 1 goal", dry_run=dry_run, commit=commit) as work:
        item = next(item for item in _goals(work.chart(here.id)) if item.id == which.id)
        work.say(str(here))
        work.say(f"Goal {item.id}: {item.text}")
        if entry:
            _progress(work, here, item, entry)
        _stand(work, item, stands, goes, why)
        if stands == "completed" and (goes or item.achievement) not in ("achieved", "not_achieved"):
            work.say(f"Was it reached? carectl plan goal {here.id} {item.id} --achievement achieved|not_achieved")


def _goals(chart: Chart) -> list[Goal]:
    return [item for problem in (chart.plan.problems if chart.plan else ()) for item in problem.goals]


def _one_of(*words: str) -> asking.Check:
    """One of some words, on-hold being as good as on_hold."""
    return lambda typed: asking.one_of(*words)(typed.replace("-", "_"))


def _value(text: str) -> int | float | str:
    """A value as the file has it: numbers are numbers."""
    try:
        number = float(text)
    except ValueError:
        return text
    if str(number) != text and str(int(number)) != text:
        return text  # 007 and 1e3 are no numbers to whoever typed them
    return int(number) if number.is_integer() else number


def _reason(stands: str | None, before: str, reason: str | None) -> str | None:
    """The reason, asked for where one is wanted."""
    if stands in _WANTS_REASON and stands != before:
        form = asking.Form(reason)
        why: str | None = form.needs("--reason", "Why", reason, asking.text)
        form.done()
        return why
    if reason is not None and stands not in _WANTS_REASON:
        raise UsageError("--reason tells why something is on hold, cancelled or stopped: say so with --status")
    return asking.checked("--reason", reason, asking.text)


def _progress(work: Writing, here: Here, item: Goal, entry: dict[str, object]) -> None:
    from carectl.commands.entering import filled

    day, value = str(entry["date"]), entry["value"]
    known = next((old for old in item.progress if str(old.date) == day), None)
    if known is not None:
        if (known.value, known.note) == (value, entry["note"]):
            work.say(f"Progress {value}, {here.said(day)}, is there already")
            return
        raise Refused(f"there is progress of {here.said(day)} already\nhint: correct it in {item.origin.path} by hand")
    editor = work.edit(item.origin.path)
    place = (*item.origin.keys, "progress")
    # Oldest first.
    at = next((nth for nth, old in enumerate(item.progress) if str(old.date) > day), None)
    fields: dict[str, Value] = {"date": day, "value": value, **filled(entry)}  # type: ignore[dict-item]
    if not editor.has(place) or at is None:
        editor.append(place, fields)
    else:
        editor.insert(place, at, fields)
    work.put(item.origin.path, editor)
    before = [old for old in item.progress if str(old.date) < day]
    last = f" (before that {before[-1].value}, {here.said(before[-1].date)})" if before else " (the first)"
    aim = f"; target {item.target}" if item.target is not None else ""
    what = f" ({item.measure})" if item.measure else ""
    work.say(f"Progress {value}{what}, {here.said(day)}{last}{aim}")


def _stand(work: Writing, item: Goal | Intervention, stands: str | None, goes: str | None, why: str | None) -> None:
    """Set status, achievement and reason; a reason that no longer holds goes."""
    from carectl.commands.entering import change, drop

    said = []
    if stands is not None and stands != item.status:
        change(work, item, {"status": stands})
        said.append(f"status {stands} (was {item.status})".replace("_", " "))
    if goes is not None and goes != getattr(item, "achievement", None):
        change(work, item, {"achievement": goes}, after="status")
        was = getattr(item, "achievement", None)
        said.append((f"achievement {goes}" + (f" (was {was})" if was else "")).replace("_", " "))
    if why is not None and why != item.reason:
        last = "achievement" if goes or getattr(item, "achievement", None) else "status"
        change(work, item, {"reason": why}, after="stopped" if stands == "stopped" else last)
        said.append(f"because: {why}")
    elif stands is not None and stands not in _WANTS_REASON and item.reason is not None:
        drop(work, item, ["reason"])
        said.append(f"no longer: {item.reason}")
    work.say("; ".join(said)[:1].upper() + "; ".join(said)[1:] if said else f"Status {item.status}".replace("_", " "))


# --- interventions ---------------------------------------------------------------------------------------------------


@app.command()
def intervention(
    ctx: typer.Context,
    client: OneClient,
    intervention_id: Annotated[
        str | None,
        typer.Argument(
            metavar="INTERVENTION", help="Its id, or the start of it or of a word of it.", show_default=False
        ),
    ] = None,
    status: Annotated[str | None, typer.Option(metavar="WORD", help=f"{', '.join(INTERVENTION_STATUS)}.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is stopped or on hold.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="With --status stopped: since when; else today.")
    ] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Say how an intervention stands. What is stopped keeps its day and reason, so that nobody tries it again.

    Example: carectl plan intervention rosa commode --status stopped --reason "She will not have it in the room"
    """
    from carectl.commands.entering import change, drop
    from carectl.commands.writing import writing

    whose, typed = naming.parted(client, intervention_id, "care-plan", "intervention")
    here = Here.of(Session.of(ctx), whose)
    which = naming.record(
        [(item, item.text) for item in _interventions(here.chart)],
        typed,
        "intervention",
        here,
        "care-plan",
        "problems",
        "interventions",
    )
    form = asking.Form(status)
    stands = form.needs("--status", f"Status: {', '.join(INTERVENTION_STATUS)}", status, _one_of(*INTERVENTION_STATUS))
    form.done()
    why = _reason(stands, which.status, reason)
    if on is not None and stands != "stopped":
        raise UsageError("--on belongs to --status stopped")
    day = asking.checked("--on", on, here.day(past=True))
    with writing(here.session, subject=f"{here.id} care-plan: 1 intervention", dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        item = next(item for item in _interventions(chart) if item.id == which.id)
        work.say(str(here))
        work.say(f"Intervention {item.id}: {item.text}")
        if stands == "stopped":
            since = day or (str(item.stopped) if item.stopped else here.today.isoformat())
            if since != str(item.stopped):
                change(work, item, {"stopped": since}, after="status")
            work.say(f"Stopped since {here.said(since)}")
        elif item.stopped is not None:
            drop(work, item, ["stopped"])
        _stand(work, item, stands, None, why)
        if stands in ("stopped", "completed", "on_hold"):
            for line in _still_done(here, chart, item):
                work.say(line)


def _interventions(chart: Chart) -> list[Intervention]:
    return [item for problem in (chart.plan.problems if chart.plan else ()) for item in problem.interventions]


def _still_done(here: Here, chart: Chart, item: Intervention) -> list[str]:
    """The series that carry it out still."""
    series = [one.id for one in chart.series if item.id in one.does and (one.until is None or one.until >= here.today)]
    if not series:
        return []
    return [f"Still a task of {naming.together(series)}: take it out of `does` there, if nobody is to do it"]

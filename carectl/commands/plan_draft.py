"""carectl plan draft, accept, reject and show: a plan proposed by assessments, and decided on by a person."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import asking, naming, telling
from carectl.commands.naming import Here
from carectl.commands.options import Form, Format, OneClient
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.drafting import Draft, Proposal, ProposedGoal, ProposedIntervention
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Chart, Goal, Intervention, Problem, Series
    from carectl.commands.writing import Writing
    from carectl.output.terminal import Line

_REVIEW: Final = "90d"
"""After what time a new plan is to be looked at again."""

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Problems, goals or interventions; or PROBLEM/ID.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Put the commands of this module on the plan's."""
    for command in (show, draft, accept, reject):
        app.command()(command)


# --- show ------------------------------------------------------------------------------------------------------------


def show(
    ctx: typer.Context,
    client: OneClient,
    form: Form = Format.TEXT,
) -> None:
    """Show the plan on the terminal: the most pressing first, what is proposed marked, what is overdue said.

    What could not be read is told on the standard error, and the exit code is 1.

    Example: carectl plan show rosa
    """
    from carectl.care.plans import care_plan
    from carectl.care.sharing import NotShared
    from carectl.output import plan_page, terminal

    session = Session.of(ctx)
    chart = session.chart(client)
    paper = care_plan(chart, telling.sound_setting(session))
    if isinstance(paper, NotShared) or chart.plan is None:
        words = paper.words if isinstance(paper, NotShared) else "there is no care plan"
        raise Refused(f"{telling.called(chart)}: {words}\nhint: carectl plan draft {chart.id} proposes one")
    if form is Format.JSON:
        sys.stdout.write(plan_page.plan_json(paper.plan, chart.plan))
    else:
        terminal.put(plan_page.plan(paper.plan, chart.plan, telling.width()), sys.stdout, colour=session.colour)
    if telling.tell_withheld(session, "Not whole in it:", paper.withheld):
        raise typer.Exit(1)


# --- draft -----------------------------------------------------------------------------------------------------------


def draft(
    ctx: typer.Context,
    client: OneClient,
    more: Annotated[
        bool, typer.Option("--more", help="Also what building blocks have beyond the problems in the plan.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print the draft.")] = Format.TEXT,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Propose problems, goals and interventions by the newest assessments, each with the finding or score behind it.

    The draft and its diff are shown first. What is written is marked as proposed: plan accept and plan reject decide.
    What stands in the plan is not touched and not proposed again; nor is what was turned down, until a newer assessment
    speaks for it.

    Example: carectl plan draft rosa
    """
    from carectl.output import plan_page, terminal

    session = Session.of(ctx)
    here = Here.of(session, client)
    if form is Format.JSON and (yes or commit or dry_run):
        raise UsageError("--format json shows the draft: it does not go with --yes, --dry-run or --commit")
    found = _drafted(session, here.chart, more=more)
    if form is Format.JSON:
        sys.stdout.write(plan_page.draft_json(found, here.id, here.today))
        return
    width, names = telling.width(), {member.id: member.name.full for member in session.staff}
    lines: list[Line] = [[(str(here), "title")]]
    lines += plan_page.alarm(found, here.id, width)
    lines += plan_page.draft(found, here.id, names, width)
    terminal.put(lines, sys.stdout, colour=session.colour)
    print()
    if not found.size:
        print("Nothing to propose beyond what is in the plan." + ("" if more else " --more looks inside its problems."))
        return
    _write(session, here, found, more=more, dry_run=True, commit=False)
    if dry_run:
        return
    if yes or asking.agreed():
        _write(session, here, found, more=more, dry_run=False, commit=commit)


def _drafted(session: Session, chart: Chart, *, more: bool) -> Draft:
    """What could be proposed. Raises Refused where that cannot be told."""
    from carectl.care import drafting
    from carectl.caseload import blocks
    from carectl.caseload.trees import FolderTree

    if chart.client is None or _is_half_read(chart):
        raise Refused(
            f"not all of {chart.id}'s client.yaml, assessments and care plan can be read, so it cannot be told what is "
            f"newest and what is planned already\nhint: carectl check {chart.id} tells what is wrong"
        )
    if chart.client.status in ("discharged", "deceased"):
        raise Refused(f"{telling.called(chart)}: care has ended")
    if not chart.assessments:
        raise Refused(
            f"{telling.called(chart)}: there is no assessment yet, and a plan without one is guesswork\n"
            "hint: assess first; a draft comes out of what was found"
        )
    tree = FolderTree(session.root)
    instruments = session.setting.instruments
    for path in blocks.unusable_in(tree, instruments):
        print(f"carectl: {path} cannot be used: carectl check tells what is wrong with it", file=sys.stderr)
    return drafting.draft(chart, chart.client, session.setting, blocks.every(tree, instruments), more=more)


def _is_half_read(chart: Chart) -> bool:
    """Whether something of what a draft stands on could not be read."""
    lists = {"client", "assessments", "findings", "instruments", "care-plan", "problems", "goals", "interventions"}
    if not lists.isdisjoint(chart.unread) or any(item.name in lists for item in chart.broken):
        return True
    records = [*([chart.client] if chart.client else []), *([chart.plan] if chart.plan else [])]
    parts = [part for item in chart.assessments for part in (item, *item.instruments, *item.findings)]
    problems = chart.plan.problems if chart.plan else ()
    entries = [entry for item in problems for entry in (item, *item.goals, *item.interventions)]
    return any(item.origin.unread for item in (*records, *parts, *entries))


def _write(session: Session, here: Here, found: Draft, *, more: bool, dry_run: bool, commit: bool) -> None:
    """Write what was shown, or show its diff. Raises Refused if the records have changed since then."""
    from carectl.commands.writing import writing

    subject = f"{here.id} care-plan: {found.size} proposed"
    with writing(session, subject=subject, dry_run=dry_run, commit=commit) as work:
        now = _drafted(session, work.chart(here.id), more=more)
        if (now.proposals, now.additions) != (found.proposals, found.additions):
            raise Refused("the records have changed meanwhile; nothing was written\nhint: give the command again")
        _stage(work, here, found)
        if not dry_run:
            for line in _next(here.id, found):
                work.say(line)


def _stage(work: Writing, here: Here, found: Draft) -> None:
    """Stage what is proposed: behind what is there, and not a byte of that changed."""
    from carectl.care.moments import add_period
    from carectl.caseload.shelves import shelf

    for addition in found.additions:
        origin = addition.problem.origin
        editor = work.edit(origin.path)
        for goal in addition.goals:
            editor.append((*origin.keys, "goals"), _goal(goal))
        for item in addition.interventions:
            editor.append((*origin.keys, "interventions"), _intervention(item))
        work.put(origin.path, editor)
    if not found.proposals:
        return
    there = work.chart(here.id).plan is not None
    place = shelf(work.tree, here.id, "care-plan")
    editor = work.begin(place)
    if not there:
        # A new plan holds from today, and is looked at again after three months.
        if not editor.has(("period",)):
            editor.set(("period",), {"from": here.today.isoformat()})
        if not editor.has(("review_due",)):
            editor.set(("review_due",), add_period(here.today, _REVIEW).isoformat(), after="period")
    for proposal in found.proposals:
        editor.append(("problems",), _problem(proposal))
    work.put(place.path, editor)


def _problem(item: Proposal) -> dict[str, Value]:
    fields: dict[str, Value] = {"id": item.id, "block": item.block.id, "statement": item.statement}
    fields["evidence"] = [one.path for one in item.evidence]
    fields |= {"priority": item.priority, "status": "proposed"}
    shared: dict[str, Value] = {"private": True} if item.private else {}
    shared |= {"about": list(item.about)} if item.about else {}
    fields |= shared
    fields["goals"] = [{**_goal(goal), **shared} for goal in item.goals]
    fields["interventions"] = [{**_intervention(one), **shared} for one in item.interventions]
    return fields


def _goal(item: ProposedGoal) -> dict[str, Value]:
    fields: dict[str, Value] = {"id": item.id, "text": item.text, "measure": item.measure}
    fields |= {"baseline": item.baseline} if item.baseline is not None else {}
    fields |= {"target": item.target, "due": item.due.isoformat()}
    fields |= {"topic": item.topic} if item.topic else {}
    return {**fields, "status": "proposed"}


def _intervention(item: ProposedIntervention) -> dict[str, Value]:
    fields: dict[str, Value] = {"id": item.id, "text": item.text, "who": item.who}
    fields |= {"days": list(item.days)} if item.days else {}
    fields |= {"every": item.every} if item.every else {}
    fields |= {"as_needed": True} if item.as_needed else {}
    return {**fields, "status": "proposed"}


def _next(client: str, found: Draft) -> Iterator[str]:
    """How to decide on what was written."""
    one = found.proposals[0].id if found.proposals else found.additions[0].problem.id
    yield f"Proposed: {len(found.proposals)} problems, {found.size - len(found.proposals)} goals and interventions"
    yield f"Accept one, or all: carectl plan accept {client} {one}, carectl plan accept {client} --all"
    yield f'Turn one down:      carectl plan reject {client} {one} --reason "…"'


# --- accept and reject -----------------------------------------------------------------------------------------------


def accept(
    ctx: typer.Context,
    client: OneClient,
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="All that is proposed.")] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Take what is proposed into the plan: a problem with its goals and interventions, or only those that are named.

    What a role does stays proposed until a visit has it as a task: the command for that is printed.

    Example: carectl plan accept rosa falls
    """
    from carectl.commands.entering import change
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    chosen = _Chosen.of(here.chart, ids or [], every=every)
    ready = [item for item in chosen.interventions if _is_carried(here, item)]
    waiting = [item for item in chosen.interventions if item not in ready]
    count = len(chosen.problems) + len(chosen.goals) + len(ready)
    subject = f"{here.id} care-plan: {count} accepted"
    with writing(here.session, subject=subject, dry_run=dry_run, commit=commit) as work:
        work.say(str(here))
        for problem in chosen.problems:
            change(work, problem, {"status": "active"})
            work.say(f"Accepted problem {problem.id}: {problem.statement}")
        entries: list[Goal | Intervention] = [*chosen.goals, *ready]
        for entry in entries:
            change(work, entry, {"status": "active"})
            work.say(f"Accepted {_kind(entry)} {entry.id}: {entry.text}")
        for line in _waits(here, waiting):
            work.say(line)
        if chosen.goals:
            for line in _told_of_goals(here):
                work.say(line)


def reject(
    ctx: typer.Context,
    client: OneClient,
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="All that is proposed.")] = False,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why not.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Turn down what is proposed. It stays on file with the reason, and is not proposed again on the same grounds.

    Example: carectl plan reject rosa loneliness --reason "Her sister moves in on Sunday"
    """
    from carectl.commands.entering import change
    from carectl.commands.writing import writing

    here = Here.of(Session.of(ctx), client)
    chosen = _Chosen.of(here.chart, ids or [], every=every, alone=True)
    form = asking.Form(reason)
    why = form.needs("--reason", "Why not", reason, asking.text)
    form.done()
    subject = f"{here.id} care-plan: {chosen.count} rejected"
    with writing(here.session, subject=subject, dry_run=dry_run, commit=commit) as work:
        work.say(str(here))
        for problem in chosen.problems:
            change(work, problem, {"status": "inactive"})
            change(work, problem, {"reason": why}, after="status")
            work.say(f"Turned down problem {problem.id}: {problem.statement}")
        for goal in chosen.goals:
            change(work, goal, {"status": "cancelled"})
            change(work, goal, {"reason": why}, after="status")
        for item in chosen.interventions:
            change(work, item, {"status": "stopped"})
            change(work, item, {"stopped": here.today.isoformat(), "reason": why}, after="status")
        entries: list[Goal | Intervention] = [*chosen.goals, *chosen.interventions]
        for entry in entries:
            work.say(f"Turned down {_kind(entry)} {entry.id}: {entry.text}")
        work.say(f"Because: {why}")


def _kind(entry: Goal | Intervention) -> str:
    return "goal" if hasattr(entry, "target") else "intervention"


class _Chosen:
    """What of the proposals is meant."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.goals: list[Goal] = []
        self.interventions: list[Intervention] = []

    @property
    def count(self) -> int:
        """How many entries."""
        return len(self.problems) + len(self.goals) + len(self.interventions)

    @classmethod
    def of(cls, chart: Chart, typed: Sequence[str], *, every: bool, alone: bool = False) -> _Chosen:
        """What is named. A problem stands for all that is proposed in it, unless something in it is named too.

        Something in a problem that is proposed itself brings the problem with it, except when named `alone`.
        Raises UsageError.
        """
        found = cls()
        problems = chart.plan.problems if chart.plan else ()
        states = {entry.id: entry.status for problem in problems for entry in _entries(problem)}
        if "proposed" not in {entry.status for problem in problems for entry in _entries(problem)}:
            raise UsageError(
                f"nothing is proposed for {telling.called(chart)}\nhint: carectl plan draft {chart.id} proposes"
            )
        if every == bool(typed):
            what = "name what you mean, or all of it with --all, not both" if every else "which? Name some, or --all"
            raise UsageError(f"{what}{_listed(problems)}")
        wanted = set(typed)
        for problem in problems:
            own = problem.status == "proposed" and (every or problem.id in wanted)
            wanted -= {problem.id} if own else set()
            inside = [item for item in _entries(problem)[1:] if item.status == "proposed"]
            named = [item for item in inside if wanted & {item.id, f"{problem.id}/{item.id}"}]
            wanted -= {name for item in named for name in (item.id, f"{problem.id}/{item.id}")}
            if own or (named and problem.status == "proposed" and not alone):
                found.problems.append(problem)
            taken = named or (inside if own or every else [])
            found.goals += [item for item in problem.goals if item in taken]
            found.interventions += [item for item in problem.interventions if item in taken]
        if wanted:
            name = sorted(wanted)[0]
            state = states.get(name.rpartition("/")[2])
            said = f"{name} is not proposed: it is {state}" if state else f"nothing that is proposed is called {name}"
            raise UsageError(said + _listed(problems))
        return found


def _entries(problem: Problem) -> list[Problem | Goal | Intervention]:
    """A problem, and what is in it."""
    return [problem, *problem.goals, *problem.interventions]


def _listed(problems: Iterable[Problem]) -> str:
    """What is proposed, for whoever named none of it."""
    lines = []
    for problem in problems:
        inside = [item.id for item in _entries(problem)[1:] if item.status == "proposed"]
        if problem.status == "proposed" or inside:
            state = "" if problem.status == "proposed" else f" ({problem.status})"
            lines.append(f"\n  {problem.id}{state}: {', '.join(inside)}")
    return "".join(lines)


# --- who carries it out ----------------------------------------------------------------------------------------------


def _running(here: Here) -> list[Series]:
    return [item for item in here.chart.series if item.until is None or item.until >= here.today]


def _is_carried(here: Here, item: Intervention) -> bool:
    """Whether a person is named for it, it is done when needed, or a visit has it as a task."""
    setting = here.session.setting
    people = {"client", *(contact.id for contact in here.chart.contacts)}
    if item.as_needed or (item.who is not None and (item.who in people or setting.knows_staff(item.who))):
        return True
    return any(item.id in one.does for one in _running(here))


def _waits(here: Here, waiting: Sequence[Intervention]) -> Iterator[str]:
    """What stays proposed because nobody would carry it out, and how a visit gets it as a task."""
    if not waiting:
        return
    yield f"Still proposed, for no visit has it as a task: {naming.together(item.id for item in waiting)}"
    by_series: dict[str, list[str]] = {}
    alone: list[Intervention] = []
    for item in waiting:
        fit = next((one for one in _running(here) if _fits(here, item, one)), None)
        if fit is None:
            alone.append(item)
        else:
            by_series.setdefault(fit.id, list(fit.does)).append(item.id)
    for name, tasks in by_series.items():
        yield f"  carectl series change {here.id} {name} --from tomorrow --does {','.join(tasks)}"
    for item in alone:
        role = (item.who or "nobody").replace("_", " ")
        days = f" on {naming.together(item.days)}" if item.days else ""
        yield f"  {item.id}: no {role} comes{days}. carectl series add {here.id} --does {item.id} …"
    yield f"  then: carectl plan accept {here.id} {' '.join(item.id for item in waiting)}"


def _fits(here: Here, item: Intervention, series: Series) -> bool:
    """Whether somebody of the role comes in a series, on those days and as often."""
    staff = (series.staff,) if isinstance(series.staff, str) else series.staff or ()
    members = [here.session.setting.staff.get(one) for one in staff]
    if not any(member is not None and member.role == item.who for member in members):
        return False
    if series.rrule is not None:
        return not item.days
    often = series.every in (None, "1w") or series.every == item.every
    return often and set(item.days) <= set(series.days)


def _told_of_goals(here: Here) -> Iterator[str]:
    """Who may be told of the client's goals: somebody should know before a letter says it."""
    from carectl.care.sharing import live_topics

    told = [item.id for item in here.chart.contacts if {"goals", "all"} & live_topics(item, here.today)]
    if told:
        yield f"{naming.together(told)} may be told of goals: `private: true` keeps one back"

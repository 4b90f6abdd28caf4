"""The summary at the end of care, for whoever takes over: why, how long, what was reached, what is still open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from carectl.care.papers.desk import Desk
from carectl.care.papers.hospital import FunctionLine, baseline
from carectl.care.papers.parts import (
    AllergyPart,
    CallPart,
    CodePart,
    MeasurementPart,
    MedicinePart,
    Patient,
    ScorePart,
    TextPart,
    ToLine,
)
from carectl.care.plans import shown
from carectl.care.signing import Signer
from carectl.caseload.records import Goal


@dataclass(frozen=True, slots=True)
class GoalOutcome:
    """A goal and what became of it."""

    text: str
    status: str
    achievement: str | None
    measure: str | None
    baseline: str | None
    target: str | None
    latest: str | None
    latest_day: dt.date | None


@dataclass(frozen=True, slots=True)
class ProblemOutcome:
    """A problem, and the goals that were set for it."""

    statement: str
    status: str
    goals: tuple[GoalOutcome, ...]


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Something that is still to be done."""

    text: str
    due: dt.date | None
    who: str | None


@dataclass(frozen=True, slots=True)
class DischargeSummary:
    """Everything the template of a discharge summary can see."""

    language: str
    date: dt.date
    draft: bool
    """Care has not ended yet."""
    signer: Signer
    to: ToLine
    patient: Patient
    since: dt.date | None
    """First day of care."""
    until: dt.date | None
    """Last day of care; None: not stated."""
    reason: str | None
    """Why care ended; only to those who treat the client."""
    referred: str | None
    """Why care began; only to those who treat the client."""
    situation: str | None
    questions: tuple[str, ...]
    takes_over: tuple[str, ...]
    """Who takes over, in the coordinator's words."""
    code: CodePart | None
    allergies: AllergyPart | None
    diagnoses: TextPart | None
    problems: tuple[ProblemOutcome, ...] | None
    """None: not for this reader."""
    plan_whole: bool
    function: tuple[FunctionLine, ...]
    measurements: MeasurementPart | None
    scores: ScorePart | None
    medicines: MedicinePart | None
    follow_ups: tuple[OpenTask, ...] | None
    """None: not for this reader."""
    calls: CallPart | None


def discharge_summary(
    desk: Desk, situation: str | None, questions: tuple[str, ...], takes_over: tuple[str, ...]
) -> DischargeSummary:
    """The summary, of what its reader may know."""
    client = desk.client
    if client.start_of_care is not None:
        # What was stopped or began during the whole of the care belongs into it.
        desk.since = client.start_of_care
    treats = "health" in desk.treats
    assessments = desk.assessments()
    return DischargeSummary(
        language=desk.language,
        date=desk.today,
        draft=client.end_of_care is None or client.end_of_care > desk.today,
        signer=desk.signer,
        to=desk.to(),
        patient=desk.patient(),
        since=client.start_of_care,
        until=client.end_of_care,
        reason=client.end_reason if treats else None,
        referred=client.referral.reason if client.referral and treats else None,
        situation=situation,
        questions=questions,
        takes_over=takes_over,
        code=desk.code(),
        allergies=desk.allergies(),
        diagnoses=desk.diagnoses(),
        problems=_problems(desk),
        plan_whole=_is_whole(desk),
        function=baseline(desk, assessments),
        measurements=desk.measurements(),
        scores=desk.scores(assessments),
        medicines=desk.medicines(),
        follow_ups=_follow_ups(desk),
        calls=desk.calls(),
    )


def _problems(desk: Desk) -> tuple[ProblemOutcome, ...] | None:
    """Problems and goals with their outcome; their words only to those who treat the client."""
    problems = [item for item in (desk.chart.plan.problems if desk.chart.plan else ()) if item.status != "proposed"]
    if not desk.may("goals", len(problems)) or "goals" not in desk.treats:
        return None
    return tuple(
        ProblemOutcome(
            item.statement,
            item.status,
            tuple(_goal(goal) for goal in item.goals if goal.status != "proposed" and desk.is_open("care-plan", goal)),
        )
        for item in problems
        if desk.is_open("care-plan", item)
    )


def _is_whole(desk: Desk) -> bool:
    """Whether every problem and goal of the plan was read."""
    plan = desk.chart.plan
    parts = (plan, *plan.problems, *(goal for problem in plan.problems for goal in problem.goals)) if plan else ()
    return desk.is_whole("care-plan", "problems", "goals") and not any(part.origin.unread for part in parts)


def _goal(item: Goal) -> GoalOutcome:
    last = max((one for one in item.progress if one.value is not None), key=lambda one: one.date, default=None)
    return GoalOutcome(
        text=item.text,
        status=item.status,
        achievement=item.achievement,
        measure=item.measure,
        baseline=shown(item.baseline),
        target=shown(item.target),
        latest=shown(last.value) if last else None,
        latest_day=last.date if last else None,
    )


def _follow_ups(desk: Desk) -> tuple[OpenTask, ...] | None:
    """What is still to be done, in the coordinator's words: somebody should read them first."""
    if "health" not in desk.treats:
        return None
    tasks = [task for task in desk.chart.tasks if task.done is None and desk.is_open("tasks", task)]
    for task in tasks:
        desk.aside(f"tasks/{task.id}", "as_written", "stands in the summary as it is written: read it before you send",
                   task.origin.at("text"))  # fmt: skip
    tasks.sort(key=lambda task: (task.due or dt.date.max, task.id))
    return tuple(OpenTask(task.text, task.due, desk.person(task.who)) for task in tasks)

"""The care plan: there is one, it is in date, it can be measured, and somebody carries it out."""

from __future__ import annotations

from collections.abc import Iterator

from carectl.care.checks.case import UPCOMING, Case, day_in, is_read, listed
from carectl.caseload.records import ROLES, Goal, Problem
from carectl.findings import Finding, Severity, code

PURSUED = ("active", "on_hold")
"""A goal or intervention on hold was decided on: the problem is not forgotten."""


def _problems(case: Case) -> tuple[Problem, ...]:
    """The active problems of an active client."""
    plan = case.chart.plan
    if plan is None or not case.is_active:
        return ()
    return tuple(problem for problem in plan.problems if problem.status == "active")


def _goals(case: Case) -> Iterator[Goal]:
    for problem in _problems(case):
        for goal in problem.goals:
            if goal.status == "active":
                yield goal


@code("assessment-missing", Severity.WARNING)
def assessment_missing(case: Case) -> Iterator[Finding]:
    """An active client who was never assessed.

    A plan without an assessment is guesswork: nobody looked at falls, memory, medicines and the home together. Assess
    the client and write it into assessments.yaml.

    Wrong:
        # assessments.yaml
        assessments: []
    Right:
        # assessments.yaml
        assessments:
          - {id: a-2026-08-03, kind: initial, date: 2026-08-03, assessor: dana}
    """
    if case.is_active and not case.chart.assessments and case.intact("assessments"):
        message = "the client is active, and there is no assessment"
        yield case.say(assessment_missing, case.file("assessments"), message, "write one into assessments.yaml")


@code("plan-missing", Severity.WARNING)
def plan_missing(case: Case) -> Iterator[Finding]:
    """An active client without a care plan.

    Whoever comes does what they think best, and each does something else. Write care-plan.yaml: the problems, what is
    to be reached, and who does what.

    Wrong:
        # clients/c-014/ has no care-plan.yaml
        status: active
    Right:
        # clients/c-014/care-plan.yaml
        period: {from: 2026-08-05}
        problems:
          - {id: falls, statement: Risk of falls at night, status: active}
    """
    plan = case.chart.plan
    if case.is_active and case.plan_is_intact and (plan is None or not plan.problems):
        message = "the client is active, and there is no care plan"
        if plan is not None:
            message = "the client is active, and the care plan has no problem in it"
        yield case.say(plan_missing, case.file("care-plan"), message, "write it into care-plan.yaml")


@code("plan-review-overdue", Severity.WARNING)
def plan_review_overdue(case: Case) -> Iterator[Finding]:
    """A care plan that was to be looked at again by a day that is over.

    People change faster than plans. Go through the plan with the client, change what no longer fits, and set the next
    day.

    Wrong:
        review_due: 2026-11-03      # and today is 2026-11-22
    Right:
        review_due: 2027-02-03
    """
    plan = case.chart.plan
    if case.is_active and plan and plan.review_due and plan.review_due < case.first_open_day:
        message = f"the care plan was to be reviewed by {plan.review_due}"
        yield case.say(plan_review_overdue, plan.origin.at("review_due"), message, "review it, and set the next day")


@code("plan-ended", Severity.WARNING)
def plan_ended(case: Case) -> Iterator[Finding]:
    """A care plan whose period is over, while the client is active.

    Care goes on without an agreed plan, and without consent to it. Agree on a new period with the client.

    Wrong:
        period: {from: 2025-08-05, until: 2026-08-04}      # and today is 2026-11-22
    Right:
        period: {from: 2026-08-05, until: 2027-08-04}
    """
    plan = case.chart.plan
    if case.is_active and plan and plan.period.until and plan.period.until < case.first_open_day:
        message = f"the care plan ended on {plan.period.until}"
        yield case.say(plan_ended, plan.origin.at("period", "until"), message, "agree on a new period")


@code("goal-not-measurable", Severity.WARNING)
def goal_not_measurable(case: Case) -> Iterator[Finding]:
    """An active goal without a measure or a target.

    Nobody will ever know whether it was reached. Say in `measure` what is counted, and in `target` what it should be;
    `baseline` tells where it began.

    Wrong:
        - {id: no-falls, text: Be safer at night, due: 2027-02-03, status: active}
    Right:
        - {id: no-falls, text: No fall in three months, measure: falls, target: 0, due: 2027-02-03, status: active}
    """
    for goal in _goals(case):
        lost = [f for f in ("measure", "target") if getattr(goal, f) is None and is_read(goal.origin, f)]
        if lost:
            message = f"the goal {goal.id} has no {' and no '.join(f'`{field}`' for field in lost)}"
            yield case.say(goal_not_measurable, goal.origin.at(), message, "say what is measured, and what to reach")


@code("goal-without-due", Severity.WARNING)
def goal_without_due(case: Case) -> Iterator[Finding]:
    """An active goal without a day by which it should be reached.

    Without a day nobody asks, and a goal that does not work is carried along for years. Add `due`; three months are
    usual.

    Wrong:
        - {id: no-falls, text: No fall in three months, measure: falls, target: 0, status: active}
    Right:
        - {id: no-falls, text: No fall in three months, measure: falls, target: 0, due: 2027-02-03, status: active}
    """
    for goal in _goals(case):
        if goal.due is None and is_read(goal.origin, "due"):
            message = f"the goal {goal.id} has no `due`"
            yield case.say(goal_without_due, goal.origin.at(), message, "add `due: YYYY-MM-DD`")


@code("goal-overdue", Severity.WARNING)
def goal_overdue(case: Case) -> Iterator[Finding]:
    """An active goal that should have been reached by a day that is over.

    Either it was reached, and the client should hear so, or what is done for it does not help. Set the status to
    completed or cancelled, or give it a new day and change what is done.

    Wrong:
        due: 2026-11-05      # and today is 2026-11-22
        status: active
    Right:
        due: 2026-11-05
        status: completed
        achievement: achieved
    """
    for goal in _goals(case):
        if goal.due is not None and goal.due < case.first_open_day:
            message = f"the goal {goal.id} was due on {goal.due} and is still active"
            yield case.say(goal_overdue, goal.origin.at("due"), message, "complete or cancel it, or set a new day")


@code("problem-without-goal", Severity.WARNING)
def problem_without_goal(case: Case) -> Iterator[Finding]:
    """An active problem for which nothing is to be reached.

    It is known, and nothing follows from it. Add a goal, or set the problem to resolved or inactive with a reason. A
    goal that was put on hold counts; one that is only proposed, completed or cancelled does not.

    Wrong:
        - {id: falls, statement: Risk of falls at night, status: active, goals: []}
    Right:
        - id: falls
          statement: Risk of falls at night
          status: active
          goals:
            - {id: no-falls, text: No fall in three months, measure: falls, target: 0, due: 2027-02-03, status: active}
    """
    for problem in _problems(case):
        if is_read(problem.origin, "goals") and not any(goal.status in PURSUED for goal in problem.goals):
            message = f"the problem {problem.id} is active and has no active goal"
            yield case.say(problem_without_goal, problem.origin.at(), message, "add a goal, or close the problem")


@code("problem-without-intervention", Severity.WARNING)
def problem_without_intervention(case: Case) -> Iterator[Finding]:
    """An active problem for which nobody does anything.

    A goal alone changes nothing. Add what is done, by whom and on which days; or close the problem with a reason.

    Wrong:
        - {id: falls, statement: Risk of falls at night, status: active, interventions: []}
    Right:
        - id: falls
          statement: Risk of falls at night
          status: active
          interventions:
            - {id: night-light, text: Check the lights, who: home_health_aide, days: [mon], status: active}
    """
    for problem in _problems(case):
        if is_read(problem.origin, "interventions") and not any(i.status in PURSUED for i in problem.interventions):
            message = f"the problem {problem.id} is active and has no active intervention"
            hint = "add an intervention, or close the problem"
            yield case.say(problem_without_intervention, problem.origin.at(), message, hint)


@code("problem-without-evidence", Severity.WARNING)
def problem_without_evidence(case: Case) -> Iterator[Finding]:
    """An active problem that no assessment speaks for.

    A reviewer asks for every problem where it comes from, and the next coordinator cannot tell a need from a habit.
    Name the assessment, or better its finding or instrument.

    Wrong:
        - {id: falls, statement: Risk of falls at night, status: active}
    Right:
        - {id: falls, statement: Risk of falls at night, evidence: [a-2026-08-03/falls], status: active}
    """
    for problem in _problems(case):
        if not problem.evidence and is_read(problem.origin, "evidence"):
            message = f"the problem {problem.id} names no `evidence`"
            yield case.say(problem_without_evidence, problem.origin.at(), message, "name the assessment or its finding")


@code("intervention-not-carried-out", Severity.ERROR)
def intervention_not_carried_out(case: Case) -> Iterator[Finding]:
    """An active intervention that nobody carries out: no visit has it as a task, and no person is named for it.

    It stands in the plan, everybody believes that it is done, and the client goes without. Put its id under `does` of a
    series or visit to come, or name in `who` the person who does it. What is done `as_needed` needs no visit.

    Wrong:
        interventions:
          - {id: weigh, text: Weigh before breakfast, who: home_health_aide, days: [mon], status: active}
        # and no series has `does: [weigh]`
    Right:
        # visits.yaml
        series:
          - {id: am-care, does: [weigh], …}
    """
    if not case.intact("series", "visits") or not case.whole("contacts") or case.setting.unread_staff:
        return
    if any("does" in series.origin.unread for series in case.chart.series):
        return
    carried = {
        name
        for series in case.chart.series
        if series.until is None or series.until >= case.first_open_day
        for name in series.does
    }
    carried.update(
        name
        for visit in case.others
        if visit.does and visit.status in UPCOMING and (day := day_in(visit)) and day >= case.first_open_day
        for name in visit.does
    )
    for problem in _problems(case):
        for item in problem.interventions:
            if item.status != "active" or item.id in carried or item.as_needed:
                continue
            if not is_read(item.origin, "who", "as_needed") or item.who in case.people:
                continue
            if item.who is None:
                message = f"nobody carries out {item.id}: no visit has it as a task, and `who` names nobody"
            elif item.who in ROLES or item.who in case.roles:
                message = f"nobody carries out {item.id}: no visit to come has it as a task"
            else:
                continue  # that this is nobody is said already
            hint = f"put {item.id} under `does` of a series or visit, or name a person in `who`"
            yield case.say(intervention_not_carried_out, item.origin.at(), message, hint)


@code("intervention-stop-incomplete", Severity.WARNING)
def intervention_stop_incomplete(case: Case) -> Iterator[Finding]:
    """A stopped intervention without the day or the reason.

    What did not help, or did harm, is tried again by the next one who does not know. Add `stopped` and `reason`.

    Wrong:
        - {id: commode, text: Commode at the bedside, who: maria, status: stopped}
    Right:
        - id: commode
          text: Commode at the bedside
          who: maria
          status: stopped
          stopped: 2026-08-20
          reason: She will not have it in the room
    """
    for item in case.interventions.values():
        if item.status == "stopped":
            lost = [f for f in ("stopped", "reason") if getattr(item, f) is None and is_read(item.origin, f)]
            if lost:
                message = f"{item.id} was stopped, and {listed(lost)} {'are' if len(lost) > 1 else 'is'} missing"
                yield case.say(intervention_stop_incomplete, item.origin.at(), message, "say since when, and why")
        elif item.stopped is not None:
            message = f"{item.id} has a day on which it was stopped, but its `status` is {item.status}"
            hint = "set `status` to stopped, or take `stopped` away"
            yield case.say(intervention_stop_incomplete, item.origin.at("stopped"), message, hint)


CHECKS = (
    assessment_missing,
    plan_missing,
    plan_review_overdue,
    plan_ended,
    goal_not_measurable,
    goal_without_due,
    goal_overdue,
    problem_without_goal,
    problem_without_intervention,
    problem_without_evidence,
    intervention_not_carried_out,
    intervention_stop_incomplete,
)

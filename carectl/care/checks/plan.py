"""The care plan: there is one, it is in date, it can be measured, and somebody carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from carectl.care.checks.case import UPCOMING, Case, day_in, is_read, listed
from carectl.caseload.records import ROLES, Goal, Intervention, Problem
from carectl.findings import Finding, Severity, code
from carectl.words import fold, stems

PURSUED = ("active", "on_hold")
"""A goal or intervention on hold was decided on: the problem is not forgotten."""
SKILLED: Final = "medicare_hha"
"""The profile of home health agencies: what their plans of care hold is a rule, and surveyors ask for it."""
PLAN_OF_CARE: Final = "42 CFR 484.60(a)(2), survey tag G574"
_MEDICINES: Final = ("medicines", "medications", "otc")
"""Domains of findings that tell what was asked about medicines."""
_COMMON: Final = frozenset(
    "acute after both chron disea disor follo left lower minor mild moder part right sever stage state syndr type "
    "unspe upper with witho".split()
)
"""Beginnings of words that say nothing of which diagnosis it is."""


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


def _is_skilled(case: Case) -> bool:
    """Whether the practice is one whose plans of care must hold certain things by law."""
    practice = case.setting.practice
    return practice is not None and practice.profile == SKILLED


def _cited(case: Case, finding: Finding) -> Finding:
    """A finding with the rule behind it where that rule holds; good practice everywhere else."""
    return replace(finding, citation=PLAN_OF_CARE) if _is_skilled(case) else finding


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
            hint = "say what is measured, and what to reach"
            yield _cited(case, case.say(goal_not_measurable, goal.origin.at(), message, hint))


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


def _carried(case: Case) -> set[str]:
    """The interventions that a visit to come has as a task."""
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
    return carried


def _uncarried(case: Case) -> Iterator[Intervention]:
    """The active interventions that no visit to come has as a task, as far as the visits can be read."""
    if not case.intact("series", "visits") or any("does" in item.origin.unread for item in case.chart.series):
        return
    carried = _carried(case)
    for problem in _problems(case):
        for item in problem.interventions:
            if item.status == "active" and item.id not in carried:
                yield item


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
    carried = _carried(case)
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


@code("intervention-without-who", Severity.WARNING)
def intervention_without_who(case: Case) -> Iterator[Finding]:
    """An active intervention that is done when needed, and nobody is named for it.

    When it is needed, each believes that somebody else will do it. Name in `who` a role, a person or the client.

    Wrong:
        - {id: breathless, text: Call the nurse line, as_needed: true, status: active}
    Right:
        - {id: breathless, text: Call the nurse line, who: home_health_aide, as_needed: true, status: active}
    """
    for item in _uncarried(case):
        if item.as_needed and item.who is None and is_read(item.origin, "who"):
            message = f"nobody is named for {item.id}, which is done when needed"
            finding = case.say(intervention_without_who, item.origin.at(), message, "name a role or person in `who`")
            yield _cited(case, finding)


@code("intervention-without-days", Severity.WARNING, PLAN_OF_CARE)
def intervention_without_days(case: Case) -> Iterator[Finding]:
    """In a home health agency: an active intervention of which the plan does not say how often.

    A plan of care states the frequency of what is ordered, and surveyors compare it with what was done. Add `days`,
    with `every` if it is not each week, or `as_needed: true`; or let a series carry it out, which says it too.

    Wrong:
        - {id: teach, text: Teach the family the inhaler, who: amara-diallo, status: active}
    Right:
        - {id: teach, text: Teach the family the inhaler, who: amara-diallo, days: [tue], every: 2w, status: active}
    """
    if not _is_skilled(case):
        return
    for item in _uncarried(case):
        # A role without a visit is told of already; how often a contact does something, the practice does not decide.
        if item.who is None or not case.knows_staff(item.who) or item.days or item.as_needed:
            continue
        if is_read(item.origin, "days", "as_needed"):
            message = f"the plan does not say how often {item.id} is done"
            yield case.say(intervention_without_days, item.origin.at(), message, "add `days`, or `as_needed: true`")


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


@code("diagnosis-not-in-plan", Severity.NOTE, PLAN_OF_CARE)
def diagnosis_not_in_plan(case: Case) -> Iterator[Finding]:
    """In a home health agency: a diagnosis of which plan, medicines and assessments say nothing.

    A plan of care covers all pertinent diagnoses, and comorbidities are what surveyors miss most. Nothing here has a
    word of this one: no problem, goal or intervention, no medicine's indication, no finding. Look whether it matters
    for the care. If it does, plan for it; if it does not, say so in an assessment's finding.

    Wrong:
        diagnoses: [{text: Chronic kidney disease}]     # and nowhere else anything about kidneys
    Right:
        problems:
          - {id: kidneys, statement: Kidneys work poorly; some medicines are not for her, status: active}
    """
    client, plan = case.chart.client, case.chart.plan
    if not _is_skilled(case) or not case.is_active or client is None or plan is None or not case.plan_is_intact:
        return
    if not case.intact("medications", "assessments", "findings", "diagnoses"):
        return
    texts = [text for item in plan.problems for text in (item.statement, *(one.text for one in item.goals))]
    texts += [one.text for item in plan.problems for one in item.interventions]
    texts += [f"{item.indication or ''} {item.name}" for item in case.chart.medications]
    texts += [f"{one.finding} {one.need or ''}" for item in case.chart.assessments for one in item.findings]
    said = stems(" ".join(texts))
    for diagnosis in client.diagnoses:
        words = stems(diagnosis.text) - _COMMON
        if words and words.isdisjoint(said) and is_read(diagnosis.origin, "text"):
            message = "plan, medicines and assessments say nothing of this diagnosis"
            hint = "plan for it, or say in an assessment's finding that it needs nothing"
            yield case.say(diagnosis_not_in_plan, diagnosis.origin.at(), message, hint)


@code("otc-not-asked", Severity.NOTE, PLAN_OF_CARE)
def otc_not_asked(case: Case) -> Iterator[Finding]:
    """In a home health agency: nothing says that anybody asked about medicines bought without a prescription.

    A plan of care lists all medicines, and those from the drugstore shelf, herbs and vitamins are what is missing most:
    they thin the blood, raise its pressure and clash with what was prescribed. Ask, look into the cupboard, and write
    them down with `kind: otc` or `kind: supplement`. If there are none, say so in an assessment's finding of the domain
    medicines.

    Wrong:
        medications:
          - {id: furosemide, name: Furosemide, dose: 1 tablet, kind: prescription, from: 2026-08-03}
    Right:
        medications:
          - {id: furosemide, name: Furosemide, dose: 1 tablet, kind: prescription, from: 2026-08-03}
          - {id: ibuprofen, name: Ibuprofen, dose: 1 tablet, kind: otc, from: 2026-08-03}
    """
    chart = case.chart
    if not _is_skilled(case) or not case.is_active or not chart.medications:
        return
    if not case.intact("medications", "assessments", "findings"):
        return
    # Of a medicine without `kind` nobody can tell.
    if any(item.kind != "prescription" for item in chart.medications):
        return
    if not any(one.domain in _MEDICINES for item in chart.assessments for one in item.findings):
        message = "nothing says that medicines bought without a prescription were asked about"
        hint = "ask; add them with `kind: otc`, or a finding of the domain medicines that there are none"
        yield case.say(otc_not_asked, case.file("medications"), message, hint)


@code("backup-plan-missing", Severity.WARNING)
def backup_plan_missing(case: Case) -> Iterator[Finding]:
    """Somebody who lives alone, or whose nursing is ordered, and no plan for the day on which nobody can come.

    Snow, a flat tire, a fever: the visit falls through, and whoever is on call does not know the neighbor with the key.
    Ask who steps in, in which order, and write it into client.yaml. It is asked of clients who live alone, and of every
    client of a home health agency.

    Wrong:
        living_situation: alone
        emergency: {hospital: Evanston Hospital}
    Right:
        living_situation: alone
        emergency: {hospital: Evanston Hospital, backup_plan: "The daughter, then the neighbor, who has a key"}
    """
    client = case.chart.client
    if client is None or not case.is_active or not is_read(client.origin, "emergency", "living_situation"):
        return
    alone = fold(client.living_situation or "").startswith("alone")
    if (alone or _is_skilled(case)) and not (client.emergency and client.emergency.backup_plan):
        message = "nothing says who steps in if a visit falls through"
        yield case.say(backup_plan_missing, client.origin.at("emergency"), message, "add `backup_plan` to `emergency`")


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
    intervention_without_who,
    intervention_without_days,
    intervention_stop_incomplete,
    diagnosis_not_in_plan,
    otc_not_asked,
    backup_plan_missing,
)

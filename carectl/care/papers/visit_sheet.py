"""The sheet that an aide takes along to one visit: what to do, what to mind, whom to call, and room to write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from carectl.care.papers.desk import Desk
from carectl.care.papers.parts import AllergyPart, CallPart, CodePart, Patient, TextPart, ToLine
from carectl.care.schedule import Occurrence
from carectl.care.sharing import Withheld
from carectl.care.signing import Signer
from carectl.care.visit_entries import jobs_of


@dataclass(frozen=True, slots=True)
class VisitLine:
    """The visit, in the client's local time."""

    day: dt.date
    start: dt.time
    end: dt.time
    service: str
    where: str | None
    others: tuple[str, ...]
    """Who else comes, by full name."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """Something to do at the visit."""

    text: str
    always: bool
    """False: only as needed, or not on every such day."""


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """Everything the template of a visit sheet can see."""

    language: str
    date: dt.date
    signer: Signer
    to: ToLine
    patient: Patient
    visit: VisitLine
    tasks: tuple[TaskLine, ...]
    tasks_whole: bool
    """False: the care plan, or the visit's own tasks, could not be read whole."""
    if_needed: tuple[str, ...]
    """What somebody of this profession does when it is needed, at any visit."""
    code: CodePart | None
    allergies: AllergyPart | None
    precautions: TextPart | None
    preferences: TextPart | None
    access: str | None
    """How to get in, only if it was asked for."""
    access_elsewhere: bool
    """How to get in is on file and was not asked for: ask the coordinator."""
    calls: CallPart | None
    backup_plan: str | None


def why_not_for(item: Occurrence, staff_id: str) -> str | None:
    """Why somebody gets no sheet for a visit, in words; None if they do."""
    if item.suspended is not None:
        return "the visit does not take place: " + (
            "the client is away" if item.suspended == "away" else "care has ended"
        )
    if item.status not in ("planned", "confirmed"):
        return f"the visit is {item.status}"
    if staff_id in item.opened:
        return f"{staff_id} is away then"
    return None if staff_id in item.staff else f"{staff_id} is not down for this visit"


def visit_sheet(desk: Desk, item: Occurrence, *, with_access: bool) -> VisitSheet | Withheld:
    """The sheet for a visit, or why the visit may not be told of."""
    if (found := desk.reader.occurrence(item)) is not None:
        return found
    staff = desk.setting.staff
    me = desk.recipient.contact.id
    address = desk.client.address
    access = address.access if address and not item.where else None
    emergency = desk.client.emergency
    if item.visit is not None and item.visit.note:
        desk.aside(f"visits/{item.visit.id}", "no_words", "its note is not on the sheet: tell it yourself",
                   item.visit.origin.at("note"))  # fmt: skip
    return VisitSheet(
        language=desk.language,
        date=desk.today,
        signer=desk.signer,
        to=desk.to(),
        patient=desk.patient(),
        visit=VisitLine(
            item.day,
            item.start.time(),
            item.end.time(),
            item.service,
            item.where,
            tuple(staff[key].name.full for key in item.staff if key != me and key in staff),
        ),
        tasks=_tasks(desk, item),
        tasks_whole=_is_whole(desk, item),
        if_needed=_if_needed(desk, item),
        code=desk.code(),
        allergies=desk.allergies(),
        precautions=desk.precautions(),
        preferences=desk.preferences(),
        access=access if with_access else None,
        access_elsewhere=access is not None and not with_access,
        calls=desk.calls(),
        backup_plan=emergency.backup_plan if emergency else None,
    )


def _hidden(desk: Desk) -> dict[str, str]:
    """Interventions by id that are not for this reader, with the id of what hides them."""
    hidden = {}
    for problem in desk.chart.plan.problems if desk.chart.plan else ():
        shut = not desk.is_open("care-plan", problem)
        for one in problem.interventions:
            if shut or not desk.is_open("care-plan", one):
                hidden[one.id] = problem.id if shut else one.id
    return hidden


def _tasks(desk: Desk, item: Occurrence) -> tuple[TaskLine, ...]:
    """What the visit carries out, in the order in which it is listed."""
    hidden = _hidden(desk)
    return tuple(TaskLine(job.text, job.owed) for job in jobs_of(desk.chart, item) if job.id not in hidden)


def _if_needed(desk: Desk, item: Occurrence) -> tuple[str, ...]:
    """What is done as needed by this person or this profession, besides the visit's own tasks."""
    member, hidden = desk.recipient.staff, _hidden(desk)
    own = {job.id for job in jobs_of(desk.chart, item)}
    doers = {member.id, member.role} if member else set()
    return tuple(
        one.text
        for problem in (desk.chart.plan.problems if desk.chart.plan else ())
        for one in problem.interventions
        if one.as_needed and one.status == "active" and one.who in doers and one.id not in own | hidden.keys()
    )


def _is_whole(desk: Desk, item: Occurrence) -> bool:
    """Whether every task of the visit could be read: none is missing for another reason than that it is not active."""
    record, rule, plan = item.visit, item.rule, desk.chart.plan
    named = set((record.does if record else ()) or (rule.does if rule else ()))
    if any("does" in one.origin.unread for one in (record, rule) if one is not None):
        return False
    found: set[str] = set()
    for problem in plan.problems if plan else ():
        for one in problem.interventions:
            if one.id in named and not (problem.origin.unread or one.origin.unread):
                found.add(one.id)
    return found == named and desk.is_whole("care-plan", "problems", "interventions")

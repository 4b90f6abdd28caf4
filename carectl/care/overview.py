"""One client on one page, for the coordinator: what must be known before anything else comes first.

What was never said is not passed over: it is shown as not stated, and what could not be read as unread.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from carectl.care.entries import in_force
from carectl.care.moments import age_on, day_of, in_days, later
from carectl.care.schedule import Missing, Occurrence, occurrences
from carectl.care.setting import Setting
from carectl.care.sharing import is_live
from carectl.caseload.records import Allergy, Chart, Client, Contact, Goal, Medication, Problem, Sharing, Task, Who

AHEAD_DAYS: Final = 7
"""How many days of visits are shown, today included."""
_SOON_DAYS: Final = 30
"""How long before its first day an absence is shown."""

SharingState = Literal["live", "lapsed", "revoked", "not_yet", "unusable"]


@dataclass(frozen=True, slots=True)
class AllergyNote:
    """An allergy."""

    substance: str
    reaction: str | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class PaperNote:
    """An advance directive, and where the paper is."""

    kind: str
    date: dt.date | None
    where: str | None


@dataclass(frozen=True, slots=True)
class AwayNote:
    """A time away, now or soon."""

    since: str
    until: str | None
    where: str | None
    reason: str | None
    now: bool


@dataclass(frozen=True, slots=True)
class SharingNote:
    """What may be told, and whether that holds today."""

    topics: tuple[str, ...]
    basis: str
    given: dt.date
    expires: dt.date | None
    revoked: dt.date | None
    state: SharingState


@dataclass(frozen=True, slots=True)
class CallNote:
    """Someone to call."""

    id: str
    name: str
    relationship: str
    organization: str | None
    phone: str | None
    email: str | None
    language: str | None
    roles: tuple[str, ...]
    call_for: tuple[str, ...]
    authority: tuple[str, ...]
    sharing: tuple[SharingNote, ...]
    whole: bool
    """False: a part of this contact could not be read."""


@dataclass(frozen=True, slots=True)
class GoalNote:
    """A goal that is pursued."""

    id: str
    text: str
    status: str
    achievement: str | None
    due: dt.date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ProblemNote:
    """A problem that is worked on."""

    id: str
    statement: str
    status: str
    priority: str | None
    goals: tuple[GoalNote, ...]
    interventions: int


@dataclass(frozen=True, slots=True)
class PlanNote:
    """The plan at a glance."""

    since: dt.date
    until: dt.date | None
    ended: bool
    review_due: dt.date | None
    review_overdue: bool
    problems: tuple[ProblemNote, ...]


@dataclass(frozen=True, slots=True)
class MedicineNote:
    """A medicine that is taken now."""

    id: str
    name: str
    strength: str | None
    dose: str
    route: str | None
    times: tuple[str, ...]
    as_needed: str | None
    schedule: str | None
    held: bool
    changed: dt.date | None


@dataclass(frozen=True, slots=True)
class TaskNote:
    """A follow-up that is not done."""

    id: str
    text: str
    who: str | None
    due: dt.date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ConcernNote:
    """A concern that is not settled."""

    id: str
    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One client on one page."""

    id: str
    name: str | None
    """None: the client's file could not be read."""
    preferred: str | None
    status: str | None
    birth_date: dt.date | None
    age: int | None
    sex: str | None
    pronouns: str | None
    language: str | None
    timezone: str
    now: dt.datetime
    """The moment, where the client lives."""
    start_of_care: dt.date | None
    end_of_care: dt.date | None
    living_situation: str | None
    away: tuple[AwayNote, ...]
    code_status: str | None
    """None: never stated, or unread."""
    allergies: tuple[AllergyNote, ...] | Literal["none_known"] | None
    """None: never stated, or unread."""
    precautions: tuple[str, ...]
    papers: tuple[PaperNote, ...]
    address: tuple[str, ...]
    access: str | None
    phones: tuple[str, ...]
    hospital: str | None
    backup_plan: str | None
    contacts: tuple[CallNote, ...]
    diagnoses: tuple[str, ...]
    plan: PlanNote | None
    medications: tuple[MedicineNote, ...] | Literal["none"] | None
    """None: never stated."""
    visits: tuple[Occurrence, ...]
    tasks: tuple[TaskNote, ...]
    concerns: tuple[ConcernNote, ...]
    unread: frozenset[str]
    """Parts that are there but could not be read whole: allergies, code_status, contacts, visits, care-plan, …"""


def overview(chart: Chart, setting: Setting) -> tuple[Overview, tuple[Missing, ...]]:
    """A client's page, and the visits that could not be placed on it."""
    today = setting.today_at(chart)
    expansion = occurrences(chart, setting, today, later(today, AHEAD_DAYS - 1))
    client, zone = chart.client, setting.zone(chart)
    address = client.address if client else None
    emergency = client.emergency if client else None
    town = " ".join(part for part in (address.state, address.postal_code) if part) if address else ""
    lines = (address.street, ", ".join(part for part in (address.city, town) if part)) if address else ()
    name = client.name if client else None
    page = Overview(
        id=chart.id,
        name=name.full if name else None,
        preferred=name.preferred if name and name.called != name.given else None,
        status=client.status if client else None,
        birth_date=client.birth_date if client else None,
        age=age_on(client.birth_date, today) if client else None,
        sex=client.sex if client else None,
        pronouns=client.pronouns if client else None,
        language=client.language if client else None,
        timezone=str(getattr(zone, "key", "UTC")),
        now=setting.now_at(chart),
        start_of_care=client.start_of_care if client else None,
        end_of_care=client.end_of_care if client else None,
        living_situation=client.living_situation if client else None,
        away=_away(client, today) if client else (),
        code_status=client.code_status if client else None,
        allergies=_allergies(client) if client else None,
        precautions=client.precautions if client else (),
        papers=tuple(PaperNote(d.kind, d.date, d.where) for d in client.advance_directives) if client else (),
        address=tuple(line for line in lines if line),
        access=address.access if address else None,
        phones=client.phones if client else (),
        hospital=emergency.hospital if emergency else None,
        backup_plan=emergency.backup_plan if emergency else None,
        contacts=tuple(_contact(item, today) for item in chart.contacts),
        diagnoses=tuple(item.text for item in client.diagnoses) if client else (),
        plan=_plan(chart, today),
        medications=_medications(chart, today),
        visits=expansion.occurrences,
        tasks=tuple(sorted((_task(t, today) for t in chart.tasks if t.done is None), key=_by_due)),
        concerns=tuple(
            ConcernNote(c.id, c.kind, c.at) for c in in_force(chart.concerns, "concerns") if c.closed is None
        ),
        unread=_unread(chart),
    )
    return page, expansion.missing


def _unread(chart: Chart) -> frozenset[str]:
    fields = chart.client.origin.unread if chart.client else frozenset({"client"})
    plan = chart.plan.origin.unread if chart.plan else frozenset()
    return chart.unread | fields | {item.name for item in chart.broken} | ({"care-plan"} if plan else frozenset())


def _away(client: Client, today: dt.date) -> tuple[AwayNote, ...]:
    soon = later(today, _SOON_DAYS)
    return tuple(
        AwayNote(item.from_, item.until, item.where, item.reason, in_days(today, item.from_, item.until))
        for item in client.away
        if day_of(item.from_) <= soon and (item.until is None or day_of(item.until) >= today)
    )


def _allergies(client: Client) -> tuple[AllergyNote, ...] | Literal["none_known"] | None:
    known = client.allergies
    if known is None or isinstance(known, str):
        return known
    # An empty list says nothing.
    return tuple(_allergy(item) for item in known) or None


def _allergy(item: Allergy) -> AllergyNote:
    return AllergyNote(item.substance, item.reaction, item.severity)


def _contact(item: Contact, today: dt.date) -> CallNote:
    powers = tuple(
        power.kind
        for power in item.authority
        if (power.from_ is None or power.from_ <= today) and (power.until is None or today <= power.until)
    )
    return CallNote(
        id=item.id,
        name=item.name,
        relationship=item.relationship,
        organization=item.organization,
        phone=item.phone,
        email=item.email,
        language=item.language,
        roles=item.roles,
        call_for=item.call_for,
        authority=powers,
        sharing=tuple(
            SharingNote(s.topics, s.basis, s.given, s.expires, s.revoked, _state(s, today)) for s in item.sharing
        ),
        whole=not item.origin.unread,
    )


def _state(entry: Sharing, today: dt.date) -> SharingState:
    if is_live(entry, today):
        return "live"
    if entry.origin.unread or (entry.basis == "authorization" and entry.expires is None):
        return "unusable"
    if entry.revoked is not None and entry.revoked <= today:
        return "revoked"
    return "not_yet" if entry.given > today else "lapsed"


def _plan(chart: Chart, today: dt.date) -> PlanNote | None:
    plan = chart.plan
    if plan is None:
        return None
    until = plan.period.until
    return PlanNote(
        since=plan.period.from_,
        until=until,
        ended=until is not None and until < today,
        review_due=plan.review_due,
        review_overdue=plan.review_due is not None and plan.review_due < today,
        problems=tuple(_problem(item, today) for item in plan.problems if item.status in ("active", "proposed")),
    )


def _problem(item: Problem, today: dt.date) -> ProblemNote:
    return ProblemNote(
        id=item.id,
        statement=item.statement,
        status=item.status,
        priority=item.priority,
        goals=tuple(_goal(goal, today) for goal in item.goals if goal.status in ("active", "on_hold", "proposed")),
        interventions=sum(one.status == "active" for one in item.interventions),
    )


def _goal(item: Goal, today: dt.date) -> GoalNote:
    pursued = item.status == "active" and item.achievement != "achieved"
    overdue = pursued and item.due is not None and item.due < today
    return GoalNote(item.id, item.text, item.status, item.achievement, item.due, overdue)


def _medications(chart: Chart, today: dt.date) -> tuple[MedicineNote, ...] | Literal["none"] | None:
    if chart.no_medications:
        return "none"
    if not chart.medications:
        return None
    return tuple(
        _medicine(item, today)
        for item in chart.medications
        if item.from_ <= today and (item.until is None or item.until >= today)
    )


def _medicine(item: Medication, today: dt.date) -> MedicineNote:
    return MedicineNote(
        id=item.id,
        name=item.name,
        strength=item.strength,
        dose=item.dose,
        route=item.route,
        times=item.times,
        as_needed=item.as_needed.reason if item.as_needed else None,
        schedule=item.schedule,
        held=any(held.from_ <= today and (held.until is None or today <= held.until) for held in item.held),
        changed=max((change.date for change in item.changed), default=None),
    )


def _task(item: Task, today: dt.date) -> TaskNote:
    return TaskNote(item.id, item.text, _who(item.who), item.due, item.due is not None and item.due < today)


def _by_due(item: TaskNote) -> tuple[dt.date, str]:
    return (item.due or dt.date.max, item.id)


def _who(who: Who | None) -> str | None:
    return who if who is None or isinstance(who, str) else who.name

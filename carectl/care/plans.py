"""What a care plan on paper contains: plain data, chosen for its audience before any template runs.

This is the chart's copy: the coordinator's own, with everything in it, marked as not for sharing. Those for anybody
else are in `plan_audiences`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from carectl.care.moments import age_on, in_days, later, time_of
from carectl.care.schedule import occurrences
from carectl.care.setting import Setting
from carectl.care.sharing import NotShared, Withheld, in_order, unreadable
from carectl.care.signing import Signer, signer_of
from carectl.care.signoff import agreement, is_unapproved, power_of
from carectl.caseload.records import (
    CarePlan,
    Chart,
    Client,
    Contact,
    Goal,
    Intervention,
    Medication,
    Problem,
    Series,
    Who,
)

_NEXT: Final = 3
"""How many coming days tell a rule that days of the week cannot."""
_LOOK_AHEAD: Final = dt.timedelta(days=120)
_RESTING: Final = frozenset({"resolved", "inactive"})


# --- what the template sees ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """Who the client is."""

    id: str
    name: str
    called: str
    """What they are called day to day."""
    preferred: str | None
    """The same, if it is not their given name."""
    status: str
    birth_date: dt.date | None
    age: int | None
    sex: str | None
    pronouns: str | None
    language: str | None
    start_of_care: dt.date | None
    living: str | None
    address: tuple[str, ...]
    access: str | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllergyLine:
    """An allergy."""

    substance: str
    reaction: str | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class DirectiveLine:
    """An advance directive, and where the paper is."""

    kind: str
    date: dt.date | None
    where: str | None


@dataclass(frozen=True, slots=True)
class Safety:
    """What everyone who comes must know first. What was never said is shown as not stated."""

    allergies: tuple[AllergyLine, ...]
    allergies_stated: bool
    """False: nobody has said whether there are any. True with no lines: none known."""
    allergies_whole: bool
    """False: an allergy is on file that could not be read."""
    code_status: str | None
    directives: tuple[DirectiveLine, ...]
    precautions: tuple[str, ...]
    hospital: str | None
    backup_plan: str | None
    away: str | None
    """Where the client is now, if not at home."""


@dataclass(frozen=True, slots=True)
class DiagnosisLine:
    """A diagnosis."""

    text: str
    code: str | None
    since: dt.date | None


@dataclass(frozen=True, slots=True)
class ContactLine:
    """Whom to call."""

    name: str
    relationship: str
    organization: str | None
    roles: tuple[str, ...]
    phone: str | None
    call_for: tuple[str, ...]
    authority: tuple[str, ...]
    private: bool


@dataclass(frozen=True, slots=True)
class MedicineLine:
    """A medicine that is taken now."""

    name: str
    strength: str | None
    dose: str
    route: str | None
    times: tuple[dt.time, ...]
    schedule: str | None
    as_needed: str | None
    max_per_day: float | None
    indication: str | None
    prescriber: str | None
    kind: str | None
    since: dt.date
    held: bool
    changed: dt.date | None
    private: bool


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something is done, week by week."""

    days: tuple[str, ...]
    weeks: int
    """Every so many weeks."""
    next: tuple[dt.date, ...] = ()
    """The next days, where days of the week do not tell it."""


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A visit that repeats."""

    id: str
    service: str
    rhythm: Rhythm
    at: dt.time
    to: dt.time | None
    length: str | None
    who: tuple[str, ...]
    """Full names; empty: nobody yet."""
    does: tuple[str, ...]
    since: dt.date
    until: dt.date | None
    where: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """How a goal stood on a day."""

    date: dt.date
    value: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal and how one sees that it is reached."""

    text: str
    status: str
    measure: str | None
    baseline: str | None
    target: str | None
    due: dt.date | None
    overdue: bool
    achievement: str | None
    latest: ProgressLine | None
    reason: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class InterventionLine:
    """What someone does, and how often."""

    text: str
    status: str
    who: str | None
    rhythm: Rhythm | None
    as_needed: bool
    carried_by: tuple[SeriesLine, ...]
    """The visits that carry it out."""
    stopped: dt.date | None
    reason: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """What led to a problem."""

    text: str
    date: dt.date | None
    """None if what is named is not on file."""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem with its goals and interventions."""

    statement: str
    status: str
    priority: str | None
    evidence: tuple[EvidenceLine, ...]
    goals: tuple[GoalLine, ...]
    interventions: tuple[InterventionLine, ...]
    reason: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """Someone's agreement to the plan."""

    name: str
    date: dt.date
    how: str | None


@dataclass(frozen=True, slots=True)
class Voice:
    """What the client does well and wants, from the newest assessment that says so."""

    date: dt.date
    strengths: tuple[str, ...]
    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """Everything the template of a care plan can see."""

    audience: Literal["chart"]
    language: str
    date: dt.date
    draft: bool
    """Nobody who may decide has agreed to it yet."""
    unapproved: bool
    """It is not approved as it stands, in a practice that signs plans off."""
    signer: Signer
    head: Head
    safety: Safety
    diagnoses: tuple[DiagnosisLine, ...]
    contacts: tuple[ContactLine, ...]
    medicines: tuple[MedicineLine, ...]
    medicines_stated: bool
    """False: nobody has said what is taken. True with no lines: nothing now."""
    medicines_whole: bool
    """False: a medicine is on file that could not be read."""
    visits: tuple[SeriesLine, ...]
    preferences: tuple[str, ...]
    voice: Voice | None
    since: dt.date
    until: dt.date | None
    ended: bool
    """The plan's period is over."""
    review_due: dt.date | None
    review_overdue: bool
    problems: tuple[ProblemLine, ...]
    closed: tuple[ProblemLine, ...]
    agreed: tuple[AgreementLine, ...]
    unreadable: tuple[str, ...]
    """Parts of the chart that could not be read, by name."""


@dataclass(frozen=True, slots=True)
class CarePlanPaper:
    """A plan, and beside it what the coordinator should know."""

    plan: PlanDocument
    withheld: tuple[Withheld, ...]


# --- choosing --------------------------------------------------------------------------------------------------------


def care_plan(chart: Chart, setting: Setting) -> CarePlanPaper | NotShared:
    """The care plan for the chart, or why there is none to show."""
    lost = in_order((*unreadable(chart), *_half_read(chart)))
    if chart.client is None:
        return NotShared("unreadable", "client.yaml could not be read", lost)
    if chart.plan is None:
        if "care-plan" in chart.unread or any(item.name == "care-plan" for item in chart.broken):
            return NotShared("unreadable", "care-plan.yaml could not be read", lost)
        return NotShared("no_plan", "there is no care-plan.yaml yet", lost)
    return CarePlanPaper(_Desk(chart, chart.client, chart.plan, setting).document(lost), lost)


def is_agreed(plan: CarePlan, contacts: Iterable[Contact], today: dt.date) -> bool:
    """Whether the plan says that the client, or a contact with a power to decide on care that day, agreed to it."""
    known = {contact.id: contact for contact in contacts}
    return any(
        item.date <= today
        and not item.origin.unread
        and isinstance(item.by, str)
        and (item.by == "client" or (item.by in known and power_of(known[item.by], item.date) is not None))
        for item in plan.agreed
    )


def _half_read(chart: Chart) -> list[Withheld]:
    """Records that are shown although a field of theirs could not be read."""
    plan = chart.plan
    named = [("client", chart.client)] if chart.client else []
    records = [*named, *((f"contacts/{item.id}", item) for item in chart.contacts)]
    records += [(f"medications/{item.id}", item) for item in chart.medications]
    records += [(f"series/{item.id}", item) for item in chart.series]
    if plan is not None:
        records.append(("care-plan", plan))
        for problem in plan.problems:
            records.append((f"care-plan/{problem.id}", problem))
            records += [(f"care-plan/{item.id}", item) for item in (*problem.goals, *problem.interventions)]
    return [
        Withheld(what, "incomplete", f"{', '.join(sorted(item.origin.unread))} could not be read", item.origin.at())
        for what, item in records
        if item.origin.unread
    ]


@dataclass(slots=True)
class _Desk:
    """One pass through a chart for one plan."""

    chart: Chart
    client: Client
    plan: CarePlan
    setting: Setting

    @property
    def today(self) -> dt.date:
        """The day it is where the client lives."""
        return self.setting.today_at(self.chart)

    def document(self, lost: tuple[Withheld, ...]) -> PlanDocument:
        """The whole plan."""
        plan, client, today = self.plan, self.client, self.today
        visits = tuple(self.series(item) for item in self.chart.series if item.until is None or item.until >= today)
        carriers = {line.id: line for line in visits}
        problems = [self.problem(item, carriers) for item in plan.problems]
        until = plan.period.until
        return PlanDocument(
            audience="chart",
            language="en",
            date=today,
            draft=not is_agreed(plan, self.chart.contacts, today) and agreement(self.chart) is None,
            unapproved=is_unapproved(self.chart, self.setting),
            signer=signer_of(self.setting),
            head=self.head(),
            safety=self.safety(),
            diagnoses=tuple(DiagnosisLine(item.text, item.code, item.since) for item in client.diagnoses),
            contacts=tuple(self.contact(item) for item in self.chart.contacts),
            medicines=tuple(
                self.medicine(item)
                for item in self.chart.medications
                if item.from_ <= today and (item.until is None or item.until >= today)
            ),
            medicines_whole="medications" not in self.chart.unread and not self.broken("medications"),
            medicines_stated=self.chart.no_medications or bool(self.chart.medications),
            visits=visits,
            preferences=client.preferences,
            voice=self.voice(),
            since=plan.period.from_,
            until=until,
            ended=until is not None and until < today,
            review_due=plan.review_due,
            review_overdue=plan.review_due is not None and plan.review_due < today,
            problems=tuple(item for item in problems if item.status not in _RESTING),
            closed=tuple(item for item in problems if item.status in _RESTING),
            agreed=tuple(AgreementLine(self.person(item.by), item.date, item.how) for item in plan.agreed),
            unreadable=tuple(dict.fromkeys(item.what for item in lost)),
        )

    def broken(self, name: str) -> bool:
        """Whether a list has an entry that could not be read."""
        return any(item.name == name for item in self.chart.broken)

    # --- the head ---

    def head(self) -> Head:
        """Who the client is."""
        client, address = self.client, self.client.address
        town = " ".join(part for part in (address.state, address.postal_code) if part) if address else ""
        lines = (address.street, ", ".join(part for part in (address.city, town) if part)) if address else ()
        return Head(
            id=self.chart.id,
            name=client.name.full,
            called=client.name.called,
            preferred=client.name.preferred if client.name.called != client.name.given else None,
            status=client.status,
            birth_date=client.birth_date,
            age=age_on(client.birth_date, self.today),
            sex=client.sex,
            pronouns=client.pronouns,
            language=client.language,
            start_of_care=client.start_of_care,
            living=client.living_situation,
            address=tuple(line for line in lines if line),
            access=address.access if address else None,
            phones=client.phones,
        )

    def safety(self) -> Safety:
        """Allergies, code status and whatever else must be known first."""
        client, known = self.client, self.client.allergies
        listed = known if isinstance(known, tuple) else ()
        away = next((item for item in client.away if in_days(self.today, item.from_, item.until)), None)
        return Safety(
            allergies=tuple(AllergyLine(item.substance, item.reaction, item.severity) for item in listed),
            # An empty list says nothing.
            allergies_stated=known == "none_known" or bool(listed),
            allergies_whole="allergies" not in client.origin.unread and not self.broken("allergies"),
            code_status=client.code_status,
            directives=tuple(DirectiveLine(item.kind, item.date, item.where) for item in client.advance_directives),
            precautions=client.precautions,
            hospital=client.emergency.hospital if client.emergency else None,
            backup_plan=client.emergency.backup_plan if client.emergency else None,
            away=(away.where or "away") if away else None,
        )

    def contact(self, item: Contact) -> ContactLine:
        """Whom to call, in the order of the file."""
        powers = tuple(power.kind for power in item.authority if power.until is None or power.until >= self.today)
        return ContactLine(
            item.name, item.relationship, item.organization, item.roles, item.phone, item.call_for, powers, item.private
        )

    def medicine(self, item: Medication) -> MedicineLine:
        """A medicine as it is taken now."""
        return MedicineLine(
            name=item.name,
            strength=item.strength,
            dose=item.dose,
            route=item.route,
            times=tuple(time_of(time) for time in item.times),
            schedule=item.schedule,
            as_needed=item.as_needed.reason if item.as_needed else None,
            max_per_day=item.as_needed.max_per_day if item.as_needed else None,
            indication=item.indication,
            prescriber=self.person(item.prescriber) if item.prescriber else None,
            kind=item.kind,
            since=item.from_,
            held=any(
                held.from_ <= self.today and (held.until is None or self.today <= held.until) for held in item.held
            ),
            changed=max((change.date for change in item.changed), default=None),
            private=item.private,
        )

    def voice(self) -> Voice | None:
        """The newest assessment that tells what the client does well or wants."""
        said = [item for item in self.chart.assessments if item.strengths or item.client_goals]
        if not said:
            return None
        item = max(said, key=lambda entry: entry.date)
        return Voice(item.date, item.strengths, item.client_goals)

    # --- visits ---

    def series(self, item: Series) -> SeriesLine:
        """A visit that repeats, in words as far as words go."""
        does = {entry.id: entry.text for problem in self.plan.problems for entry in problem.interventions}
        staff = (item.staff,) if isinstance(item.staff, str) else (item.staff or ())
        people = (*staff, item.with_) if item.with_ else staff
        return SeriesLine(
            id=item.id,
            service=item.service,
            rhythm=rhythm_of(item.days, item.every) if item.rrule is None else Rhythm((), 1, self.next_days(item)),
            at=time_of(item.at),
            to=time_of(item.to) if item.to else None,
            length=item.duration,
            who=tuple(self.person(key) for key in people),
            does=tuple(does[key] for key in item.does if key in does),
            since=item.from_,
            until=item.until,
            where=item.where,
            private=item.private,
        )

    def next_days(self, item: Series) -> tuple[dt.date, ...]:
        """The next days of a series whose rule days of the week cannot tell."""
        first = max(self.today, item.from_)
        last = later(first, _LOOK_AHEAD)
        found = occurrences(self.chart, self.setting, first, last).occurrences
        days = [one.day for one in found if one.series == item.id and one.status in ("planned", "confirmed")]
        return tuple(days[:_NEXT])

    # --- the plan ---

    def problem(self, item: Problem, carriers: dict[str, SeriesLine]) -> ProblemLine:
        """A problem with what is wanted and done about it."""
        return ProblemLine(
            statement=item.statement,
            status=item.status,
            priority=item.priority,
            evidence=tuple(self.evidence(path) for path in item.evidence),
            goals=tuple(self.goal(goal) for goal in item.goals),
            interventions=tuple(self.intervention(one, carriers) for one in item.interventions),
            reason=item.reason,
            private=item.private,
        )

    def goal(self, item: Goal) -> GoalLine:
        """A goal."""
        last = max(item.progress, key=lambda entry: entry.date, default=None)
        open_still = item.status == "active" and item.achievement != "achieved"
        return GoalLine(
            text=item.text,
            status=item.status,
            measure=item.measure,
            baseline=shown(item.baseline),
            target=shown(item.target),
            due=item.due,
            overdue=open_still and item.due is not None and item.due < self.today,
            achievement=item.achievement,
            latest=ProgressLine(last.date, shown(last.value), last.note) if last else None,
            reason=item.reason,
            private=item.private,
        )

    def intervention(self, item: Intervention, carriers: dict[str, SeriesLine]) -> InterventionLine:
        """What someone does. Without days of its own it happens when the visits do that carry it out."""
        series = [one for one in self.chart.series if item.id in one.does and one.id in carriers]
        return InterventionLine(
            text=item.text,
            status=item.status,
            who=self.person(item.who) if item.who else None,
            rhythm=rhythm_of(item.days, item.every) if item.days else None,
            as_needed=item.as_needed,
            carried_by=tuple(carriers[one.id] for one in series),
            stopped=item.stopped,
            reason=item.reason,
            private=item.private,
        )

    def evidence(self, path: str) -> EvidenceLine:
        """What led to a problem, in words: a finding, an instrument's score, or the assessment itself."""
        found, _, part = path.partition("/")
        item = next((one for one in self.chart.assessments if one.id == found), None)
        if item is not None and not part:
            kind = item.kind.replace("_", " ")
            return EvidenceLine(kind if kind == "reassessment" else f"{kind} assessment", item.date)
        for finding in item.findings if item else ():
            if finding.id == part:
                return EvidenceLine(finding.finding, item.date if item else None)
        for result in item.instruments if item else ():
            if result.instrument == part:
                score = "" if result.score is None else f": {shown(result.score)}"
                return EvidenceLine(f"{part}{score}", item.date if item else None)
        return EvidenceLine(f"{path} (not on file)", None)

    def person(self, who: Who) -> str:
        """A person's name; a role in words; an id that is nobody's as it is."""
        if not isinstance(who, str):
            return who.name
        if who == "client":
            return self.client.name.called
        contact = next((item for item in self.chart.contacts if item.id == who), None)
        if contact is not None:
            return contact.name
        staff = self.setting.staff.get(who)
        return staff.name.full if staff else who.replace("_", " ")


def rhythm_of(days: tuple[str, ...], every: str | None) -> Rhythm:
    """Days of the week, and every how many weeks."""
    return Rhythm(days, int(every[:-1]) if every else 1)


def shown(value: float | str | None) -> str | None:
    """A value as it was typed; a whole number without its point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)

"""A care plan for a reader: the client, a contact, or somebody who goes there. Each an allow-list, built from nothing.

What the chart's own copy holds is in `plans`. Private entries and those about the reader are in none of these, and
those about anybody are not in the client's copy: they are for a person to tell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

from carectl.care.letters import (
    AHEAD_DAYS,
    PLAIN_SERVICES,
    Choice,
    ComingVisit,
    MedicineForFamily,
    medicine_now,
    nothing_shared,
)
from carectl.care.moments import later, time_of
from carectl.care.plans import AllergyLine, DirectiveLine, Rhythm, is_agreed, rhythm_of, shown
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.sharing import (
    NotShared,
    Withheld,
    barred,
    base,
    in_order,
    lists_with_losses,
    live_topics,
    spoken,
    unreadable,
)
from carectl.care.signing import Signer, signer_of
from carectl.care.signoff import agreement, is_unapproved
from carectl.caseload.records import (
    TOPICS,
    CarePlan,
    Chart,
    Client,
    Contact,
    Entry,
    Goal,
    Intervention,
    Origin,
    Problem,
    Series,
    StaffMember,
    Topic,
)

CLINICAL_ROLES: Final = frozenset({
    "registered_nurse", "licensed_practical_nurse", "physical_therapist", "occupational_therapist", "speech_therapist",
    "coordinator",
})  # fmt: skip
"""Who gets diagnoses, problems and medicines besides what everyone gets who goes there. Any other role, also one that
is not known here, gets no more about health than what the precautions say."""
LOOK_AHEAD_DAYS: Final = 90
"""How far ahead a visit may be that makes somebody one of those who go there."""

_NEXT: Final = 3
"""How many visits to come are shown where there are fewer in the next days, or where days of the week do not tell."""
_FORMS: Final = frozenset({
    "dnr", "dni", "polst", "molst", "most", "post", "comfort_care_order", "dnr_order", "out_of_hospital_dnr",
})  # fmt: skip
"""Papers that say what is to be done if the heart stops: whoever goes there must know where they are."""
_PLAN_LISTS: Final = frozenset({
    "client", "diagnoses", "allergies", "advance_directives", "away", "contacts", "sharing", "assessments", "care-plan",
    "problems", "goals", "progress", "interventions", "agreed", "series", "visits", "medications",
})  # fmt: skip
"""What these copies draw on."""


# --- what the template sees ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SafetyForReader:
    """What must be known first. What was never said is shown as not stated."""

    allergies: tuple[AllergyLine, ...]
    allergies_stated: bool
    """False: nobody has said whether there are any. True with no lines: none known."""
    code_status: str | None
    papers: tuple[DirectiveLine, ...]
    """For staff those that say what to do if the heart stops, for the client all, for a contact none."""
    precautions: tuple[str, ...]
    hospital: str | None
    """For the client alone."""
    unread: tuple[str, ...]
    """Which of allergies, code_status, advance_directives and precautions could not be read whole."""


@dataclass(frozen=True, slots=True)
class GoalForReader:
    """A goal. Figures are for the client and for nurses and therapists; how it goes is not for other staff."""

    text: str
    paused: bool
    achievement: str | None = None
    measure: str | None = None
    baseline: str | None = None
    target: str | None = None
    due: dt.date | None = None
    value: str | None = None
    """How it stood last."""
    value_day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class TaskForReader:
    """What is done."""

    text: str
    paused: bool
    rhythm: Rhythm | None = None
    """Days of its own; without them it is done in the visits, or when needed."""
    as_needed: bool = False
    others: bool = False
    """In the copy of a nurse or therapist: somebody else's to do."""


@dataclass(frozen=True, slots=True)
class ProblemForReader:
    """What belongs together; the problem itself only for those who may know it."""

    statement: str | None
    goals: tuple[GoalForReader, ...]
    tasks: tuple[TaskForReader, ...]


@dataclass(frozen=True, slots=True)
class VisitForReader:
    """A visit that repeats."""

    rhythm: Rhythm
    start: dt.time
    end: dt.time | None
    length: str | None
    service: str | None
    """None if it tells about health, which is not shared."""
    who: tuple[str, ...]
    """Staff by given name."""
    nobody: bool
    """Nobody is found yet."""
    where: str | None
    since: dt.date | None
    """Only if it has not begun."""
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class ReaderPlan:
    """Everything the template of a plan for a client, a contact or a staff member can see."""

    audience: Literal["client", "contact", "staff"]
    language: str
    date: dt.date
    to: str
    client: str
    """The client as the reader calls them; the client's own name in full."""
    draft: bool
    """Nobody who may decide has agreed to it yet."""
    unapproved: bool
    """It is not approved as it stands, in a practice that signs plans off."""
    whole: bool
    """False: something that the client or staff would see could not be read. A contact is never told that."""
    signer: Signer
    since: dt.date | None = None
    """When the plan began."""
    until: dt.date | None = None
    ended: bool = False
    """The plan's period is over."""
    review_due: dt.date | None = None
    safety: SafetyForReader | None = None
    diagnoses: tuple[str, ...] = ()
    visits: tuple[VisitForReader, ...] = ()
    coming: tuple[ComingVisit, ...] = ()
    """Instead of `visits`, a staff member's own visits to come."""
    suspended: bool = False
    """Some of these do not take place in the next days, for the client is away. Why is not said."""
    problems: tuple[ProblemForReader, ...] = ()
    medicines: tuple[MedicineForFamily, ...] = ()
    medicines_none: bool = False
    """Somebody said that none is taken."""
    medicines_not_stated: bool = False
    preferences: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    """What the client wants, from the newest assessment that says so; like strengths, for the client alone."""
    strengths: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether any section has anything in it."""
        return bool(self.safety or self.diagnoses or self.visits or self.coming or self.problems or self.medicines)


@dataclass(frozen=True, slots=True)
class PlanCopy:
    """A plan for a reader, and beside it what the coordinator must know and the reader must not."""

    plan: ReaderPlan
    topics: frozenset[Topic]
    """What may be shared with a contact today; nothing for others, who need no sharing."""
    withheld: tuple[Withheld, ...]


# --- the readers -----------------------------------------------------------------------------------------------------


def plan_for_client(chart: Chart, setting: Setting, languages: Iterable[str] = ("en", "es")) -> PlanCopy | NotShared:
    """The client's own copy: all of the plan in their language, without what is private or about other people."""
    client = chart.client
    oneself = Contact(
        id="client",
        name=client.name.full if client else "",
        relationship="client",
        language=client.language if client else None,
        origin=client.origin if client else Origin(chart.path),
    )
    ready = _ready(chart, oneself, setting, frozenset(TOPICS))
    return ready if isinstance(ready, NotShared) else ready.for_client(frozenset(languages))


def plan_for_contact(
    chart: Chart, contact: Contact, setting: Setting, languages: Iterable[str] = ("en", "es")
) -> PlanCopy | NotShared:
    """What of the plan a contact may see today, by topic, or why there is nothing."""
    topics = live_topics(contact, setting.today_at(chart))
    ready = _ready(chart, contact, setting, topics)
    if isinstance(ready, NotShared):
        return ready
    if not topics:
        return nothing_shared(contact, ready.choice.today, ready.lost)
    return ready.for_contact(frozenset(languages))


def plan_for_staff(chart: Chart, member: StaffMember, setting: Setting) -> PlanCopy | NotShared:
    """What somebody needs who has visits with the client in the next 90 days: the more the closer their role is to it.

    In English, the language in which the practice works. Visits that are private or about them do not count.
    """
    reader = Contact(id=member.id, name=member.name.full, relationship="staff", origin=member.origin)
    ready = _ready(chart, reader, setting, frozenset(TOPICS))
    return ready if isinstance(ready, NotShared) else ready.for_staff(member)


def _ready(chart: Chart, reader: Contact, setting: Setting, topics: frozenset[Topic]) -> _Copy | NotShared:
    """What is needed to write any copy, or why there can be none."""
    lost = tuple(item for item in unreadable(chart) if item.what.split("/")[0].split(",")[0] in _PLAN_LISTS)
    if setting.practice is None:
        return NotShared("unreadable", "the practice in carectl.yaml could not be read", lost)
    bar = barred(chart, reader, setting)
    if bar is not None:
        return NotShared(bar.reason, bar.words, lost)
    if chart.client is None or (chart.plan is None and "care-plan" in lists_with_losses(chart)):
        return NotShared("unreadable", "care-plan.yaml could not be read", lost)
    if chart.plan is None:
        return NotShared("no_plan", "there is no care-plan.yaml yet", lost)
    today = setting.today_at(chart)
    choice = Choice(chart, chart.client, reader, setting, topics, today, today, later(today, LOOK_AHEAD_DAYS))
    choice.withheld.extend(lost)
    return _Copy(choice, chart.plan, lost)


@dataclass(slots=True)
class _Copy:
    """One pass through a chart for one reader's copy. What is not put into it here is not in it."""

    choice: Choice
    plan: CarePlan
    lost: tuple[Withheld, ...]
    _own_words: bool = False
    """Whether the chart's own text is shown, or only what is meant for a family."""

    @property
    def chart(self) -> Chart:
        return self.choice.chart

    @property
    def client(self) -> Client:
        return self.choice.client

    @property
    def today(self) -> dt.date:
        return self.choice.today

    # --- for whom ---

    def for_client(self, languages: frozenset[str]) -> PlanCopy:
        """Everything."""
        self._own_words = True
        language = self.choice.language(languages)
        self.as_filed("the plan", self.plan.origin)
        self.choice.aside("the plan", "as_written", "problems and what is done stand in the words of the chart, which "
                          "speak to staff; read it before you give it to them", self.plan.origin.at())  # fmt: skip
        problems = [item for item in self.plan.problems if item.status == "active" and self.visible(item)]
        assessments = [item for item in self.chart.assessments if item.strengths or item.client_goals]
        voices = [item for item in assessments if self.visible(item, "assessments")]
        newest = max(voices, key=lambda item: item.date, default=None)
        plan = ReaderPlan(
            **self.head("client", language, self.client.name.full, self.client.name.full),  # type: ignore[arg-type]
            **self.period(),  # type: ignore[arg-type]
            safety=self.safety("client"),
            diagnoses=tuple(item.text for item in self.client.diagnoses if self.read(item.origin, "diagnoses")),
            visits=tuple(self.visits()),
            suspended=self.suspended(),
            problems=tuple(self.problem(item, figures=True) for item in problems),
            **self.medicines(),  # type: ignore[arg-type]
            preferences=self.client.preferences,
            wishes=newest.client_goals if newest else (),
            strengths=newest.strengths if newest else (),
        )
        return self.done(plan, frozenset())

    def for_contact(self, languages: frozenset[str]) -> PlanCopy | NotShared:
        """What the topics cover."""
        choice, client = self.choice, self.client
        language = choice.language(languages)
        goals, health = "goals" in choice.topics, "health" in choice.topics
        problems = tuple(self.shared_problems())
        if health:
            self.as_filed("precautions and allergies", client.origin)
        plan = ReaderPlan(
            **self.head("contact", language, choice.contact.name, choice.contact.calls_client or client.name.called),  # type: ignore[arg-type]
            **(self.period() if goals else {}),  # type: ignore[arg-type]
            safety=self.safety("contact") if health else None,
            diagnoses=choice.diagnoses(),
            visits=tuple(self.visits()) if choice.topic("schedule", self.series_count()) else (),
            suspended="schedule" in choice.topics and self.suspended(),
            problems=problems,
            medicines=choice.medicines(),
        )
        found = self.done(plan, choice.topics)
        if not plan.says_something:
            words = f"of what is shared with {choice.contact.id} there is nothing in the plan"
            return NotShared("nothing_to_say", words, found.withheld)
        return found

    def for_staff(self, member: StaffMember) -> PlanCopy | NotShared:
        """What is needed at the door; diagnoses, problems and medicines for nurses and therapists alone."""
        self._own_words = True
        mine = [item for item in self.choice.expansion.occurrences if self.is_mine(item, member)]
        if not mine:
            words = f"{member.id} has no visits there in the next {LOOK_AHEAD_DAYS} days that they may know of"
            return NotShared("nothing_to_say", words, in_order(self.choice.withheld))
        clinical = member.role in CLINICAL_ROLES
        does = {task for item in mine for task in self.tasks_of(item)}
        problems: list[ProblemForReader] = []
        for item in self.plan.problems:
            if item.status != "active" or not self.visible(item):
                continue
            found = self.problem(item, figures=clinical, mine=lambda task: _is_for(task, member, does))
            if clinical:
                problems.append(found)
            elif own := tuple(task for task in found.tasks if not task.others):
                problems.append(ProblemForReader(None, found.goals, own))
        diagnoses = self.client.diagnoses if clinical else ()
        plan = ReaderPlan(
            **self.head("staff", "en", member.name.full, self.client.name.called),  # type: ignore[arg-type]
            **self.period(),  # type: ignore[arg-type]
            safety=self.safety("staff"),
            diagnoses=tuple(item.text for item in diagnoses if self.read(item.origin, "diagnoses")),
            coming=tuple(self.own_visits(mine, member)),
            suspended=any(item.suspended for item in mine),
            problems=tuple(problems),
            **(self.medicines() if clinical else {}),  # type: ignore[arg-type]
            preferences=self.client.preferences,
        )
        return self.done(plan, frozenset())

    def done(self, plan: ReaderPlan, topics: frozenset[Topic]) -> PlanCopy:
        """The copy, once all of it was looked at: only then it is known whether it is whole."""
        withheld = in_order(self.choice.withheld)
        lacks = any(item.why in ("unreadable", "incomplete") for item in withheld)
        whole = plan.audience == "contact" or not lacks
        return PlanCopy(replace(plan, whole=whole), topics, withheld)

    # --- the head ---

    def head(self, audience: str, language: str, to: str, client: str) -> dict[str, object]:
        """What is at the top of every copy."""
        return {
            "audience": audience,
            "language": language,
            "date": self.today,
            "to": to,
            "client": client,
            "draft": not is_agreed(self.plan, self.chart.contacts, self.today) and agreement(self.chart) is None,
            "unapproved": is_unapproved(self.chart, self.choice.setting),
            "whole": True,
            "signer": signer_of(self.choice.setting),
        }

    def period(self) -> dict[str, object]:
        """From when until when the plan holds."""
        until = self.plan.period.until
        return {
            "since": self.plan.period.from_,
            "until": until,
            "ended": until is not None and until < self.today,
            "review_due": self.plan.review_due,
        }

    def safety(self, audience: str) -> SafetyForReader:
        """What must be known first."""
        client, listed = self.client, self.client.allergies if isinstance(self.client.allergies, tuple) else ()
        unread = client.origin.unread | {item.name for item in self.chart.broken}
        unread |= {"allergies" for item in listed if item.origin.unread}
        unread |= {"advance_directives" for item in client.advance_directives if item.origin.unread}
        known = ("allergies", "code_status", "precautions", *(() if audience == "contact" else ("advance_directives",)))
        for name in sorted(unread.intersection(known) & client.origin.unread):
            self.choice.aside("client", "incomplete", f"{name} could not be read", client.origin.at(name))
        papers = [item for item in client.advance_directives if audience == "client" or item.kind in _FORMS]
        return SafetyForReader(
            allergies=tuple(AllergyLine(item.substance, item.reaction, item.severity) for item in listed),
            # An empty list says nothing.
            allergies_stated=client.allergies == "none_known" or bool(listed),
            code_status=client.code_status,
            papers=tuple(DirectiveLine(item.kind, item.date, item.where) for item in papers if audience != "contact"),
            precautions=client.precautions,
            hospital=client.emergency.hospital if client.emergency and audience == "client" else None,
            unread=tuple(name for name in known if name in unread),
        )

    # --- small things ---

    def visible(self, entry: Entry, kind: str = "care-plan") -> bool:
        """Whether an entry may be shown; if not, the coordinator is told. The client sees none about anybody."""
        if not self.choice.visible(kind, entry):
            return False
        if entry.about and self.choice.contact.id == "client":
            words = f"is about {', '.join(entry.about)}, so it is not in the client's copy"
            self.choice.aside(f"{kind}/{entry.id}", "about", words, entry.origin.at())
            return False
        return True

    def read(self, origin: Origin, what: str) -> bool:
        """Whether a record was read whole; if not, the coordinator is told."""
        if origin.unread:
            self.choice.aside(what, "unreadable", "one could not be read whole", origin.at())
        return not origin.unread

    def as_filed(self, what: str, origin: Origin) -> None:
        """The chart's own words are shown to a reader of another language."""
        self.choice.as_filed(what, origin.at())

    def text(self, entry: Entry, own: str) -> str:
        """An entry in the reader's language: words for a family in that very language come before the chart's."""
        language = self.choice.contact.language or "en"
        if not self._own_words:
            return self.choice.words("care-plan", entry) or own
        if base(language) != "en" and isinstance(entry.for_family, dict):
            found = spoken(entry.for_family, language)
            return own if found.doubt else found.text or own
        return own

    # --- problems, goals, tasks ---

    def shared_problems(self) -> Iterable[ProblemForReader]:
        """For a contact: goals' texts with `goals`, problems with `health`, what is done only in words for a family."""
        choice = self.choice
        active = [item for item in self.plan.problems if item.status == "active"]
        count = sum(goal.status in ("active", "on_hold") for item in active for goal in item.goals)
        goals, health = choice.topic("goals", count), "health" in choice.topics
        if health and active:
            self.as_filed("problems", self.plan.origin)
        for item in active if goals or health else ():
            if not self.visible(item):
                continue
            texts = [self.shared_goal(goal) for goal in self.goals(item)] if goals else []
            tasks = [found for one in self.tasks(item) if (found := self.shared_task(one))] if goals else []
            if texts or tasks or health:
                yield ProblemForReader(self.text(item, item.statement) if health else None, tuple(texts), tuple(tasks))

    def shared_goal(self, goal: Goal) -> GoalForReader:
        """A goal for a contact; how it goes only with the goal's own topic."""
        told = goal.achievement is not None and self.choice.progress_told(goal)
        return GoalForReader(self.choice.goal_text(goal), goal.status == "on_hold", goal.achievement if told else None)

    def shared_task(self, item: Intervention) -> TaskForReader | None:
        """What is done, for a contact: its text is the chart's, so only in words for the family."""
        words = self.choice.words("care-plan", item)
        if words is None:
            said = "has no words for the family yet, so it is not in the copy"
            self.choice.aside(f"care-plan/{item.id}", "no_words", said, item.origin.at())
            return None
        return TaskForReader(words, item.status == "on_hold")

    def problem(
        self, item: Problem, *, figures: bool, mine: Callable[[Intervention], bool] = lambda _: True
    ) -> ProblemForReader:
        """A problem for the client or staff; `mine` tells which tasks are the reader's own."""
        return ProblemForReader(
            statement=self.text(item, item.statement),
            goals=tuple(self.goal(goal, figures=figures) for goal in self.goals(item)),
            tasks=tuple(
                TaskForReader(
                    self.text(one, one.text),
                    one.status == "on_hold",
                    rhythm_of(one.days, one.every) if one.days else None,
                    one.as_needed,
                    not mine(one),
                )
                for one in self.tasks(item)
            ),
        )

    def goals(self, item: Problem) -> list[Goal]:
        """The goals that are pursued, as far as the reader may see them."""
        return [goal for goal in item.goals if goal.status in ("active", "on_hold") and self.visible(goal)]

    def tasks(self, item: Problem) -> list[Intervention]:
        """What is done, as far as the reader may see it."""
        return [one for one in item.interventions if one.status in ("active", "on_hold") and self.visible(one)]

    def goal(self, goal: Goal, *, figures: bool) -> GoalForReader:
        """A goal for the client or staff."""
        text, paused = self.text(goal, goal.text), goal.status == "on_hold"
        if not figures:
            return GoalForReader(text, paused)
        last = max(goal.progress, key=lambda entry: entry.date, default=None)
        last = last if last and not last.origin.unread and last.value is not None else None
        return GoalForReader(
            text,
            paused,
            goal.achievement,
            goal.measure,
            shown(goal.baseline),
            shown(goal.target),
            goal.due,
            shown(last.value) if last else None,
            last.date if last else None,
        )

    # --- medicines ---

    def medicines(self) -> dict[str, object]:
        """What is taken now, for the client, nurses and therapists."""
        now = [
            item
            for item in self.chart.medications
            if item.from_ <= self.today and (item.until is None or item.until >= self.today)
        ]
        told = [item for item in now if self.visible(item, "medications")]
        whole = "medications" not in lists_with_losses(self.chart)
        return {
            "medicines": tuple(medicine_now(item, self.today) for item in told),
            "medicines_none": self.chart.no_medications and whole and not self.chart.medications,
            "medicines_not_stated": whole and not self.chart.no_medications and not self.chart.medications,
        }

    # --- visits ---

    def suspended(self) -> bool:
        """Whether visits of the next days do not take place because the client is away."""
        return any(
            item.suspended == "away"
            and (item.day - self.today).days < AHEAD_DAYS
            and self.choice.reader.occurrence(item) is None
            for item in self.choice.expansion.occurrences
        )

    def series_count(self) -> int:
        """How many series there are to tell of, if the schedule were shared."""
        return sum(self.is_running(item) and self.choice.countable("series", item) for item in self.chart.series)

    def is_running(self, item: Series) -> bool:
        """Whether a series goes on, or will begin."""
        return item.until is None or item.until >= self.today

    def visits(self) -> Iterable[VisitForReader]:
        """Who comes when, week by week."""
        choice = self.choice
        client = choice.contact.id == "client"
        health = "health" in choice.topics
        for item in self.chart.series:
            if not self.is_running(item) or not self.visible(item, "series"):
                continue
            rhythm = rhythm_of(item.days, item.every) if item.rrule is None else self.next_days(item)
            if not (rhythm.days or rhythm.next):
                continue
            staff = (item.staff,) if isinstance(item.staff, str) else item.staff or ()
            who = choice.given_names(staff)
            partner = next((one for one in self.chart.contacts if one.id == item.with_), None)
            if partner and not partner.private and (client or (health and choice.contact.id not in partner.about)):
                who = (*who, partner.name)
            yield VisitForReader(
                rhythm=rhythm,
                start=time_of(item.at),
                end=time_of(item.to) if item.to else None,
                length=item.duration,
                service=item.service if health or item.service in PLAIN_SERVICES else None,
                who=who,
                nobody=not staff and item.with_ is None,
                where=item.where if health else None,
                since=item.from_ if item.from_ > self.today else None,
                until=item.until,
            )

    def next_days(self, item: Series) -> Rhythm:
        """The next days of a series whose rule days of the week cannot tell, without visits not for the reader."""
        days = [
            one.day
            for one in self.choice.expansion.occurrences
            if one.series == item.id
            and one.status in ("planned", "confirmed")
            and one.end > self.choice.setting.now_at(self.chart)
            and self.choice.reader.occurrence(one) is None
        ]
        return Rhythm((), 1, tuple(days[:_NEXT]))

    def is_mine(self, item: Occurrence, member: StaffMember) -> bool:
        """Whether a visit to come is a staff member's own and may be known to them. A client who is away comes back."""
        if member.id not in item.staff or item.end <= self.choice.setting.now_at(self.chart):
            return False
        if item.status not in ("planned", "confirmed") and item.suspended != "away":
            return False
        found = self.choice.reader.occurrence(item)
        if found is not None:
            self.choice.withheld.append(found)
        return found is None

    def tasks_of(self, item: Occurrence) -> tuple[str, ...]:
        """The ids of what a visit carries out."""
        return (item.visit.does if item.visit else ()) or (item.rule.does if item.rule else ())

    def own_visits(self, mine: Iterable[Occurrence], member: StaffMember) -> Iterable[ComingVisit]:
        """The next visits of a staff member, with the colleagues who come too."""
        shown_days = [item for item in mine if item.suspended is None]
        near = [item for item in shown_days if (item.day - self.today).days < AHEAD_DAYS]
        for item in near if len(near) >= _NEXT else shown_days[:_NEXT]:
            yield ComingVisit(
                day=item.day,
                start=item.start.time(),
                end=item.end.time(),
                service=item.service,
                who=self.choice.given_names(one for one in item.staff if one != member.id),
                at_home=item.where is None,
                open=False,
                cancelled=False,
                where=item.where,
            )


def _is_for(item: Intervention, member: StaffMember, does: set[str]) -> bool:
    """Whether a task is a staff member's: in one of their visits, by name, or when needed by everyone of their role."""
    return item.id in does or item.who == member.id or (item.as_needed and item.who == member.role)

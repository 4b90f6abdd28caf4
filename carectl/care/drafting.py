"""What a care plan could hold by the newest assessments: problems, goals and interventions from building blocks.

A draft is a proposal. What a person wrote is left as it is, and what is in the plan already is not proposed again, nor
what was turned down, until a newer assessment speaks for it. A block that was matched by nothing on file is silent.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from carectl.care.assessment import Result, cautions, in_force, read
from carectl.care.entries import in_force as current
from carectl.care.entries import slug, unique
from carectl.care.moments import add_period, age_on, day_of
from carectl.care.setting import Setting
from carectl.caseload.block_records import Block, BlockGoal, BlockIntervention, Condition
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.records import (
    DAYS,
    Assessment,
    AssessmentFinding,
    Chart,
    Client,
    InstrumentResult,
    Number,
    Problem,
    Series,
)
from carectl.words import stems

_OLD: Final = "1y"
"""How long an assessment counts where its instrument says nothing of an interval."""
_RECENT: Final = "3mo"
"""How far back concerns are counted, and measurements still tell how things stand."""
_ORDER: Final = {"high": 0, "medium": 1, "low": 2}
_CODE_STATUS: Final = {"dnr": "do not resuscitate", "dni": "do not intubate", "comfort": "comfort care only"}
CLOSED: Final = ("resolved", "inactive")
"""A problem that nobody works on any more, or that was turned down."""


# --- what a draft holds ----------------------------------------------------------------------------------------------


class Evidence(NamedTuple):
    """A finding, a result or an assessment that led to a proposal."""

    path: str
    """As a plan names it: a-2026-08-03/falls."""
    words: str
    day: dt.date


class ProposedGoal(NamedTuple):
    """A goal that could be set."""

    id: str
    text: str
    measure: str
    baseline: Number | str | None
    target: Number | str
    due: dt.date
    topic: str | None


class ProposedIntervention(NamedTuple):
    """Something that could be done."""

    id: str
    text: str
    who: str
    days: tuple[str, ...]
    every: str | None
    as_needed: bool


class Proposal(NamedTuple):
    """A problem that could stand in the plan."""

    block: Block
    id: str
    statement: str
    priority: str
    private: bool
    about: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    goals: tuple[ProposedGoal, ...]
    interventions: tuple[ProposedIntervention, ...]


class Addition(NamedTuple):
    """Goals and interventions that a block has beyond those of a problem that is in the plan."""

    problem: Problem
    block: Block
    goals: tuple[ProposedGoal, ...]
    interventions: tuple[ProposedIntervention, ...]


class Standing(NamedTuple):
    """A block that fits, and whose problem is in the plan already, or was closed there."""

    block: Block
    problem: Problem


class Urgent(NamedTuple):
    """An answer on which somebody must act today, whatever else is planned."""

    evidence: Evidence
    todo: str


class Draft(NamedTuple):
    """What could be proposed for a client, and what must be said beside it."""

    proposals: tuple[Proposal, ...]
    additions: tuple[Addition, ...]
    standing: tuple[Standing, ...]
    urgent: tuple[Urgent, ...]
    """Answers that must not wait and for which no task is ticked off yet."""
    old: tuple[Evidence, ...]
    """What would lead to a block, and is too old to count."""
    alone: tuple[Evidence, ...]
    """What was found and fits no block."""
    wishes: tuple[str, ...]
    """What the client wants, in the client's words."""
    mind: tuple[str, ...]
    """What every proposal must be held against: precautions, and a code status other than full."""
    cautions: tuple[str, ...]
    """What must be said of the scores that led here."""

    @property
    def size(self) -> int:
        """How many problems, goals and interventions are proposed."""
        parts: list[Proposal | Addition] = [*self.proposals, *self.additions]
        return len(self.proposals) + sum(len(part.goals) + len(part.interventions) for part in parts)


# --- what the assessments say ----------------------------------------------------------------------------------------


class _Reading(NamedTuple):
    """A stored result, and what it comes to."""

    assessment: Assessment
    stored: InstrumentResult
    result: Result

    @property
    def path(self) -> str:
        return f"{self.assessment.id}/{self.stored.instrument}"

    @property
    def instrument(self) -> Instrument:
        return self.result.instrument

    @property
    def title(self) -> str:
        """What the instrument is called, without what its file says about it."""
        return self.instrument.title.partition(",")[0].partition(" (")[0]


class _Found(NamedTuple):
    """A finding of an assessment."""

    assessment: Assessment
    finding: AssessmentFinding

    @property
    def evidence(self) -> Evidence:
        path = f"{self.assessment.id}/{self.finding.id}"
        need = f"; needs: {_small(self.finding.need)}" if self.finding.need else ""
        return Evidence(path, f"“{self.finding.finding}”{need}", self.assessment.date)


class _Match(NamedTuple):
    """A condition that holds: what of, and by which items."""

    assessment: Assessment
    evidence: Evidence
    items: tuple[str, ...] = ()
    reading: _Reading | None = None


@dataclass
class _Desk:
    """One pass through a chart for one draft."""

    chart: Chart
    client: Client
    setting: Setting
    blocks: Sequence[Block]
    more: bool
    taken: dict[str, set[str]] = field(default_factory=dict)
    """Ids that are used in the plan or in this draft, by list."""

    def __post_init__(self) -> None:
        plan = self.chart.plan
        problems = plan.problems if plan else ()
        self.taken = {
            "problems": {item.id for item in problems},
            "goals": {goal.id for item in problems for goal in item.goals},
            "interventions": {one.id for item in problems for one in item.interventions},
        }
        for name, ids in self.taken.items():
            ids |= self.chart.broken_ids(name)

    @cached_property
    def today(self) -> dt.date:
        """The day where the client lives."""
        return self.setting.today_at(self.chart)

    @cached_property
    def assessments(self) -> list[Assessment]:
        """Those that count and have come, newest first."""
        return [item for item in reversed(in_force(self.chart.assessments)) if item.date <= self.today]

    @cached_property
    def readings(self) -> list[_Reading]:
        """Every result of an instrument that is known, newest first."""
        found = []
        for assessment in self.assessments:
            for stored in assessment.instruments:
                instrument = self.setting.instruments.get(stored.instrument)
                if instrument is not None:
                    age = age_on(self.client.birth_date, assessment.date)
                    result = read(instrument, stored, age=age, sex=self.client.sex)
                    found.append(_Reading(assessment, stored, result))
        return found

    @cached_property
    def found(self) -> list[_Found]:
        """Every finding, newest first."""
        return [_Found(item, finding) for item in self.assessments for finding in item.findings]

    def is_old(self, day: dt.date, period: str | None = None) -> bool:
        """Whether something of a day no longer tells how things stand."""
        return _after(day, period or _OLD) < self.today

    # --- conditions ---

    def matches(self, condition: Condition) -> list[_Match]:
        """What makes a condition hold now, in the newest words on file; nothing if it does not."""
        if not self.narrowed(condition):
            return []
        if condition.wishes:
            return self.wishing()[:1]
        if condition.domains:
            found: list[_Match] = []
            for domain in condition.domains:
                # What a newer assessment says of an area takes the place of what an older one said.
                last = next((item.assessment for item in self.found if item.finding.domain == domain), None)
                found += [
                    _Match(item.assessment, item.evidence)
                    for item in self.found
                    if item.assessment is last and item.finding.domain == domain
                ]
            return found
        reading = next((item for item in self.readings if _answers(item, condition)), None)
        match = _by_result(reading, condition) if reading else None
        return [match] if match else []

    def narrowed(self, condition: Condition) -> bool:
        """Whether what a condition wants besides an assessment is on file."""
        codes = [item.code or "" for item in self.client.diagnoses]
        if condition.diagnoses and not any(code.startswith(condition.diagnoses) for code in codes):
            return False
        known = frozenset(self.client.precautions)
        if not known.isdisjoint(condition.not_with):
            return False
        return not condition.precautions or not known.isdisjoint(condition.precautions)

    def wishing(self) -> list[_Match]:
        """The newest assessment that tells what the client wants."""
        return [
            _Match(item, Evidence(item.id, "what the client wants", item.date))
            for item in self.assessments
            if item.client_goals
        ]

    def ages(self, match: _Match) -> bool:
        """Whether what makes a condition hold is too old. An answer that must not wait never is, until asked again."""
        reading = match.reading
        if reading is not None and any(alert.urgent and alert.item in match.items for alert in reading.result.alerts):
            return False
        return self.is_old(match.evidence.day, reading.instrument.interval if reading else None)

    # --- what is in the plan ---

    def speaks_for(self, path: str, block: Block) -> bool:
        """Whether what a problem of the plan names as evidence led to this block when it was written."""
        name, _, part = path.partition("/")
        for condition in block.when:
            if not self.narrowed(condition):
                continue
            for item in self.found:
                if item.evidence.path == path and item.finding.domain in condition.domains:
                    return True
            for reading in self.readings:
                if (
                    (reading.assessment.id, reading.stored.instrument) == (name, part)
                    and condition.instrument == part
                    and _by_result(reading, condition)
                ):
                    return True
        return False

    def standing(self, block: Block, evidence: Sequence[Evidence]) -> Problem | None:
        """The problem because of which a block is not proposed: it is worked on, or was closed on the same grounds."""
        plan = self.chart.plan
        closed = None
        for problem in plan.problems if plan else ():
            named = block.id in (problem.block, problem.id)
            if not named and not any(self.speaks_for(path, block) for path in problem.evidence):
                continue
            if problem.status not in CLOSED:
                return problem
            known = [item.date for item in self.assessments if item.id in {_head(path) for path in problem.evidence}]
            if not known or max(item.day for item in evidence) <= max(known):
                closed = problem
        return closed

    # --- a proposal ---

    def draft(self) -> Draft:
        """Everything."""
        proposals: list[Proposal] = []
        additions: list[Addition] = []
        standing: list[Standing] = []
        old: dict[str, Evidence] = {}
        used: set[str] = set()
        said: dict[str, Instrument] = {}
        for block in sorted(self.blocks, key=lambda item: (not item.urgent, _ORDER[item.priority], item.id)):
            every = [match for condition in block.when for match in self.matches(condition)]
            used |= {match.evidence.path for match in every}
            matches = [match for match in every if not self.ages(match)]
            old.update((match.evidence.path, match.evidence) for match in every if self.ages(match))
            if not matches:
                continue
            evidence = _joined(matches)
            problem = self.standing(block, evidence)
            if problem is not None:
                standing.append(Standing(block, problem))
                if self.more and problem.status not in CLOSED:
                    additions += self.addition(block, problem, matches)
                continue
            if (proposal := self.proposal(block, matches, evidence)) is not None:
                proposals.append(proposal)
                said.update((m.reading.instrument.id, m.reading.instrument) for m in matches if m.reading)
        proposals.sort(key=lambda item: (not item.block.urgent, _ORDER[item.priority], item.block.id))
        told = dict.fromkeys(text for instrument in said.values() for text in cautions(instrument))
        wishing = self.wishing()[:1]
        return Draft(
            tuple(proposals),
            tuple(additions),
            tuple(standing),
            tuple(self.urgent()),
            tuple(old.values()),
            tuple(self.alone(used)),
            wishing[0].assessment.client_goals if wishing else (),
            tuple(self.mind()),
            tuple(told),
        )

    def proposal(self, block: Block, matches: Sequence[_Match], evidence: tuple[Evidence, ...]) -> Proposal | None:
        """A block as it is proposed; None if nothing can be aimed at that is not aimed at already."""
        goals = tuple(self.goals(block, matches, None))
        if not goals:
            return None
        high = any(not self.ages(match) for condition in block.high_when for match in self.matches(condition))
        assessments = [match.assessment for match in matches]
        return Proposal(
            block,
            self.new_id("problems", block.id),
            _statement(block, matches),
            "high" if high else block.priority,
            # What came of a record that never leaves the coordinator does not either.
            block.private or any(item.private for item in assessments),
            tuple(dict.fromkeys(who for item in assessments for who in item.about)),
            evidence,
            goals,
            tuple(self.interventions(block, None)),
        )

    def addition(self, block: Block, problem: Problem, matches: Sequence[_Match]) -> Iterator[Addition]:
        """What a block has beyond a problem that is there."""
        goals, interventions = tuple(self.goals(block, matches, problem)), tuple(self.interventions(block, problem))
        if goals or interventions:
            yield Addition(problem, block, goals, interventions)

    def new_id(self, name: str, stem: str) -> str:
        """An id that is used nowhere yet."""
        found = unique(stem, self.taken[name])
        self.taken[name].add(found)
        return found

    def goals(self, block: Block, matches: Sequence[_Match], problem: Problem | None) -> Iterator[ProposedGoal]:
        """The goals of a block: of those with one id the first that has something to begin from."""
        done: set[str] = set()
        for goal in block.goals:
            begin = self.beginning(goal, matches) if goal.id not in done else None
            if begin is None or (goal.least is not None and (begin.value is None or begin.value < goal.least)):
                continue
            done.add(goal.id)
            if "{wish}" not in goal.text and problem is not None and _has(problem.goals, goal.id):
                continue
            if "{wish}" not in goal.text:
                yield self.goal(goal, goal.id, begin)
                continue
            for match in matches:
                for wish in match.assessment.client_goals:
                    if not self.is_aimed_at(wish):
                        stem = "-".join(slug(wish, goal.id).split("-")[:4])
                        yield self.goal(goal, stem, begin)._replace(text=goal.text.replace("{wish}", wish))

    def is_aimed_at(self, wish: str) -> bool:
        """Whether a goal of the plan seems to be what the client wants: it has half of the words that tell it."""
        plan = self.chart.plan
        words = stems(wish)
        goals = (goal for one in (plan.problems if plan else ()) for goal in one.goals)
        return any(goal.text == wish or 2 * len(words & stems(goal.text)) >= len(words) > 0 for goal in goals)

    def goal(self, goal: BlockGoal, stem: str, begin: _Beginning) -> ProposedGoal:
        """A goal with where it begins and where it is to lead."""
        target = goal.target
        if target is None and goal.change is not None and begin.value is not None:
            target = _tidy(min(max(begin.value + goal.change, begin.lowest), begin.highest))
        words = {"baseline": begin.value, "target": target, "unit": begin.unit}
        return ProposedGoal(
            self.new_id("goals", stem),
            _filled(goal.text, words),
            _filled(goal.measure, words),
            begin.value,
            "" if target is None else target,
            _after(self.today, goal.due) if goal.due else self.today,
            goal.topic,
        )

    def beginning(self, goal: BlockGoal, matches: Sequence[_Match]) -> _Beginning | None:
        """Where a goal begins; None if it begins from something that is not on file."""
        if goal.score_of is not None:
            for match in matches:
                reading = match.reading
                if reading and reading.instrument.id == goal.score_of and reading.result.score is not None:
                    instrument = reading.instrument
                    return _Beginning(reading.result.score, "", instrument.lowest, instrument.highest)
            return None
        if goal.measured is not None:
            known = [item for item in current(self.chart.measurements, "measurements") if item.kind == goal.measured]
            last = max((item for item in known if day_of(item.date) <= self.today), key=_by_date, default=None)
            if last is None or isinstance(last.value, str) or self.is_old(day_of(last.date), _RECENT):
                return None
            return _Beginning(last.value, last.unit or "", 0)
        if goal.concerns is not None:
            known_days = [
                day_of(one.at) for one in current(self.chart.concerns, "concerns") if one.kind == goal.concerns
            ]
            count = sum(day <= self.today and not self.is_old(day, _RECENT) for day in known_days)
            # That none was written down does not say that none happened.
            return _Beginning(count) if count else None
        return _Beginning(None)

    def interventions(self, block: Block, problem: Problem | None) -> Iterator[ProposedIntervention]:
        """What a block does, by those who come."""
        for item in block.interventions:
            if problem is not None and _has(problem.interventions, item.id):
                continue
            if not set(item.not_with).isdisjoint(self.client.precautions):
                continue
            held = (match for condition in item.when for match in self.matches(condition))
            if item.when and not any(not self.ages(match) for match in held):
                continue
            who, series = self.doer(item)
            days, every = _rhythm(item, series)
            yield ProposedIntervention(
                self.new_id("interventions", item.id), item.text, who, days, every, item.as_needed
            )

    def doer(self, item: BlockIntervention) -> tuple[str, Series | None]:
        """Who does an intervention, and the visit in which: a role that comes to the client, else one on the staff.

        The coordinator is named by id: then no visit has to carry it out.
        """
        practice = self.setting.practice
        coordinator = practice.coordinator if practice else None
        here = {"client", "coordinator"} if coordinator is None or self.setting.knows_staff(coordinator) else {"client"}
        roster = {
            one.role
            for one in self.setting.staff.values()
            if not (one.employed and one.employed.until and one.employed.until < self.today)
        }
        for roles in (self.coming, dict.fromkeys(here | roster), dict.fromkeys(item.who[:1])):
            role = next((name for name in item.who if name in roles), None)
            if role is not None:
                return (coordinator if role == "coordinator" and coordinator else role), self.coming.get(role)
        return "client", None

    @cached_property
    def coming(self) -> Mapping[str, Series]:
        """The roles that come to the client; each with the visit that comes on most days of the week."""
        found: dict[str, Series] = {}
        for series in self.chart.series:
            if series.until is not None and series.until < self.today:
                continue
            staff = (series.staff,) if isinstance(series.staff, str) else series.staff or ()
            for member in (self.setting.staff.get(one) for one in staff):
                if member is None or member.role == "coordinator":
                    continue
                known = found.get(member.role)
                if known is None or len(series.days) > len(known.days):
                    found[member.role] = series
        return found

    # --- beside the proposals ---

    def mind(self) -> Iterator[str]:
        """What every proposal must be held against."""
        if self.client.code_status in _CODE_STATUS:
            yield _CODE_STATUS[self.client.code_status]
        yield from (word.replace("_", " ") for word in self.client.precautions)

    def urgent(self) -> Iterator[Urgent]:
        """Answers that must not wait, as they were given last, unless a task that came of them is done."""
        done = {
            task.from_.removeprefix(f"{self.chart.id}/").removeprefix("assessments/")
            for task in self.chart.tasks
            if task.from_ and task.done
        }
        asked: set[tuple[str, str]] = set()
        for reading in self.readings:
            for alert in reading.instrument.alerts:
                key = reading.instrument.id, alert.item
                if not alert.urgent or alert.item not in reading.result.points or key in asked:
                    continue
                asked.add(key)
                if alert in reading.result.alerts and reading.path not in done:
                    words = f"{reading.title}: {_small(alert.finding)}"
                    yield Urgent(Evidence(reading.path, words, reading.assessment.date), alert.task)

    def alone(self, used: set[str]) -> Iterator[Evidence]:
        """What the newest assessments found and no block is about, unless the plan names it."""
        plan = self.chart.plan
        named = used | {path for problem in (plan.problems if plan else ()) for path in problem.evidence}
        domains: dict[str, Assessment] = {}
        for item in self.found:
            last = domains.setdefault(item.finding.domain, item.assessment)
            if item.assessment is last and item.evidence.path not in named and not self.is_old(item.assessment.date):
                yield item.evidence
        seen: set[str] = set()
        for reading in self.readings:
            band = reading.result.band
            new = reading.instrument.id not in seen and not self.is_old(reading.assessment.date)
            seen.add(reading.instrument.id)
            if new and band and band.suggests and band.suggests.finding and reading.path not in named:
                yield Evidence(reading.path, _score(reading), reading.assessment.date)


class _Beginning(NamedTuple):
    """Where a goal begins, and between which values it can lead."""

    value: Number | None
    unit: str = ""
    lowest: Number = -math.inf
    highest: Number = math.inf


def draft(chart: Chart, client: Client, setting: Setting, blocks: Iterable[Block], *, more: bool = False) -> Draft:
    """What could be proposed for a client by the newest assessments. With `more` also within problems that are there.

    Days are those where the client lives. Nothing may be unread in assessments and care plan: the newest would not be
    known, nor what is planned already.
    """
    return _Desk(chart, client, setting, tuple(blocks), more).draft()


# --- conditions, on one result ---------------------------------------------------------------------------------------


def _answers(reading: _Reading, condition: Condition) -> bool:
    """Whether a result says anything about a condition, one way or the other."""
    if reading.instrument.id != condition.instrument:
        return False
    if condition.bands:
        return reading.result.band is not None
    if condition.hazards:
        return bool(reading.result.points)
    return any(item in reading.result.points for item in (*condition.items, *condition.alerts))


def _by_result(reading: _Reading, condition: Condition) -> _Match | None:
    """Whether a result makes a condition hold."""
    result, words = reading.result, ""
    items: tuple[str, ...] = ()
    if condition.bands and result.band and result.band.label in condition.bands:
        words = _score(reading)
    elif condition.items:
        items = tuple(item for item in condition.items if item in result.points and _counts(condition, result, item))
        words = _answered(reading, items)
    elif condition.hazards and result.to_do:
        items = tuple(item.id for item in result.to_do)
        words = _answered(reading, items)
    elif condition.alerts:
        raised = [alert for alert in result.alerts if alert.item in condition.alerts]
        items = tuple(alert.item for alert in raised)
        words = f"{reading.title}: {'; '.join(_small(alert.finding) for alert in raised)}"
    if not words or (not items and not condition.bands):
        return None
    return _Match(reading.assessment, Evidence(reading.path, words, reading.assessment.date), items, reading)


def _counts(condition: Condition, result: Result, item: str) -> bool:
    points = result.points[item]
    return points > condition.above if condition.above is not None else points < (condition.below or 0)


def _score(reading: _Reading) -> str:
    """A score in words: Stay Independent, 6 of 14: at risk of falling."""
    result, highest = reading.result, reading.instrument.highest
    of = "" if highest == math.inf else f" of {highest}"
    return f"{reading.title}, {result.score}{of}: {result.band.label if result.band else 'no band'}"


def _answered(reading: _Reading, items: Sequence[str]) -> str:
    """Answers in words, those alike together: ADL-6, needs somebody's help: bath or shower, getting dressed."""
    groups: dict[str, list[str]] = {}
    for item in reading.instrument.items:
        if item.id in items:
            choices = reading.instrument.choices_of(item)
            points = reading.result.points[item.id]
            label = next((choice.label for choice in choices if choice.points == points), "")
            groups.setdefault(_small(label), []).append(_small(item.label))
    told = [f"{label}: {', '.join(names)}" if label else ", ".join(names) for label, names in groups.items()]
    return f"{reading.title}, {'; '.join(told)}" if told else ""


def _small(text: str) -> str:
    """A label inside of a sentence."""
    return text[:1].lower() + text[1:]


# --- words and numbers -----------------------------------------------------------------------------------------------


def _joined(matches: Iterable[_Match]) -> tuple[Evidence, ...]:
    """Evidence, each record once with all that it says, newest first."""
    found: dict[str, Evidence] = {}
    for match in matches:
        known = found.get(match.evidence.path)
        if known is None:
            found[match.evidence.path] = match.evidence
        elif match.evidence.words not in known.words:
            found[known.path] = known._replace(words=f"{known.words}; {match.evidence.words}")
    return tuple(sorted(found.values(), key=lambda item: item.day, reverse=True))


def _statement(block: Block, matches: Iterable[_Match]) -> str:
    """The problem in one sentence, with the names of what led to it."""
    items = {item for match in matches for item in match.items}
    names = list(dict.fromkeys(name for item, name in block.names.items() if item in items))
    *most, last = names or [block.otherwise or ""]
    return block.statement.replace("{names}", f"{', '.join(most)} and {last}" if most else last)


def _filled(text: str, words: Mapping[str, object]) -> str:
    """A text with its places filled in."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", "" if value is None else str(value))
    return text


def _tidy(number: Number) -> Number:
    """A number without what adding decimals leaves behind."""
    return int(number) if float(number).is_integer() else round(number, 2)


def _rhythm(item: BlockIntervention, series: Series | None) -> tuple[tuple[str, ...], str | None]:
    """The days of an intervention: as many of the days on which its visit takes place, else as the block has them.

    None where a visit follows a rule that days of the week do not tell: it is done whenever the visit takes place.
    """
    if series is None or not item.days:
        return item.days, item.every
    if series.rrule is not None:
        return (), None
    on = [day for day in DAYS if day in series.days]
    days = [day for day in item.days if day in on] if len(item.days) < len(on) else on
    if len(days) < min(len(item.days), len(on)):
        days = on[: len(item.days)]
    return tuple(days), item.every


def _has(entries: Iterable[object], name: str) -> bool:
    """Whether something of a block is among the entries of a problem; a number behind its id makes no other thing."""
    return any(re.fullmatch(rf"{re.escape(name)}(?:-[0-9]+)?", getattr(item, "id", "")) for item in entries)


def _head(path: str) -> str:
    return path.partition("/")[0]


def _by_date(item: object) -> str:
    return str(getattr(item, "date", ""))


def _after(day: dt.date, period: str) -> dt.date:
    """The day a period later; the last of all calendars where they end."""
    try:
        return add_period(day, period)
    except (OverflowError, ValueError):
        return dt.date.max

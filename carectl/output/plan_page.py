"""A care plan on the terminal, and what a draft would add to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from carectl.care.drafting import Addition, Draft, Evidence, Proposal, ProposedGoal, ProposedIntervention
from carectl.care.plans import GoalLine, InterventionLine, PlanDocument, ProblemLine, Rhythm
from carectl.caseload.records import DAYS, CarePlan, Goal, Intervention, Problem
from carectl.output.export import as_json, plain
from carectl.output.terminal import Line, Style, indented

_RESTING: Final = ("resolved", "inactive")
_ORDER: Final = {"high": 0, "medium": 1, "low": 2, None: 3}
_LABEL: Final = 13
"""How wide the words before goals and interventions are."""

Names = Mapping[str, str]
"""What the ids of staff are called."""


# --- the plan --------------------------------------------------------------------------------------------------------


def plan(page: PlanDocument, record: CarePlan, width: int) -> Iterator[Line]:
    """A plan, the most pressing problem first, each entry with its id. `page` is made of `record`."""
    yield [
        (f"{page.head.id} {page.head.name}", "title"),
        (f"  {_standing(page)}", "warn" if page.draft or page.unapproved else ""),
    ]
    yield from _dates(page, width)
    if page.voice and page.voice.goals:
        wishes = "; ".join(f"“{wish}”" for wish in page.voice.goals)
        yield from indented(f"wants ({page.voice.date}): {wishes}", width, 2)
    pairs = _paired(page, record)
    for line, problem in pairs:
        yield []
        yield from _problem(line, problem, width)
    if not pairs:
        yield []
        yield [("No problem is worked on.", "warn")]
    closed = [item for item in record.problems if item.status in _RESTING]
    if closed:
        yield []
        yield [("Closed", "title")]
    for item in closed:
        why = f": {item.reason}" if item.reason else ""
        yield from indented(f"{item.statement} ({item.id}, {item.status}){why}", width, 4, "faint", "  - ")
    waiting = sum(entry.status == "proposed" for item in record.problems for entry in _entries(item))
    if waiting:
        yield []
        text = (
            f"{waiting} proposed: carectl plan accept {page.head.id} ID… or --all; carectl plan reject takes them out"
        )
        yield from indented(text, width, 0, "warn")


def _standing(page: PlanDocument) -> str:
    """Whether somebody who may has agreed, and who did last."""
    if page.draft:
        return "DRAFT: nobody who may has agreed to it"
    if page.unapproved:
        return "DRAFT: not approved as it stands"
    last = max(page.agreed, key=lambda item: item.date)
    return f"agreed: {last.name}, {last.date}"


def _dates(page: PlanDocument, width: int) -> Iterator[Line]:
    end = f"until {page.until}" if page.until else "open-ended"
    yield [(f"  from {page.since} {end}", ""), ("  ENDED" if page.ended else "", "loud")]
    if page.review_due:
        late = page.review_overdue
        yield [(f"  review due {page.review_due}", ""), ("  OVERDUE" if late else "", "loud")]
    else:
        yield [("  no day is set for its review", "warn")]
    for what in page.unreadable:
        yield from indented(f"could not be read: {what}", width, 2, "loud", "  ")


def _paired(page: PlanDocument, record: CarePlan) -> list[tuple[ProblemLine, Problem]]:
    """The problems that are worked on, each with its record, the most pressing first."""
    open_ones = [item for item in record.problems if item.status not in _RESTING]
    pairs = list(zip(page.problems, open_ones, strict=True))
    return sorted(pairs, key=lambda pair: _ORDER[pair[1].priority])


def _entries(problem: Problem) -> Sequence[Problem | Goal | Intervention]:
    return (problem, *problem.goals, *problem.interventions)


def _problem(line: ProblemLine, record: Problem, width: int) -> Iterator[Line]:
    marks = [record.id, *([f"{record.priority} priority"] if record.priority else []), *_flags(record)]
    proposed = record.status == "proposed"
    yield from indented(f"{record.statement} ({', '.join(marks)})", width, 0, "warn" if proposed else "title")
    told = [f"{item.text}, {item.date}" if item.date else item.text for item in line.evidence]
    if told:
        yield from indented("; ".join(told), width, 2 + _LABEL, "faint", f"  {'because':<{_LABEL}}")
    for goal, goal_record in zip(line.goals, record.goals, strict=True):
        yield from _goal(goal, goal_record, width)
    for item, item_record in zip(line.interventions, record.interventions, strict=True):
        yield from _intervention(item, item_record, width)


def _flags(record: Problem | Goal | Intervention) -> list[str]:
    status = [] if record.status == "active" else [record.status.upper().replace("_", " ")]
    return status + (["private"] if record.private else [])


def _goal(line: GoalLine, record: Goal, width: int) -> Iterator[Line]:
    marks = [record.id, *_flags(record)]
    label = f"  {'goal':<{_LABEL}}"
    look = _look(record.status)
    yield from indented(f"{line.text} ({', '.join(marks)})", width, 2 + _LABEL, look, label)
    parts = [_aim(line.measure, line.baseline, line.target)]
    parts += [f"due {line.due}" if line.due else "no day set"]
    parts += ["OVERDUE"] if line.overdue else []
    if record.status == "active":
        parts += [line.achievement.replace("_", " ")] if line.achievement else []
        parts += [f"last {line.latest.value} on {line.latest.date}"] if line.latest and line.latest.value else []
    parts += [line.reason] if line.reason else []
    style: Style = "loud" if line.overdue else look
    yield from indented(", ".join(parts), width, 2 + _LABEL, style, " " * (2 + _LABEL))


def _aim(measure: object, baseline: object, target: object) -> str:
    """What is measured, from where to where: falls: 2 → 0."""
    start = "?" if baseline in (None, "") else f"{baseline}"
    end = "?" if target in (None, "") else f"{target}"
    return f"{measure or 'no measure'}: {start} → {end}"


def _intervention(line: InterventionLine, record: Intervention, width: int) -> Iterator[Line]:
    marks = [record.id, *_flags(record)]
    label = f"  {'does':<{_LABEL}}"
    look = _look(record.status)
    yield from indented(f"{line.text} ({', '.join(marks)})", width, 2 + _LABEL, look, label)
    often = [_rhythm(line.rhythm)] if line.rhythm else []
    often += ["when needed"] if line.as_needed else []
    often += [f"with {item.id} ({_rhythm(item.rhythm)})" for item in line.carried_by]
    parts = [line.who or "nobody is named", *(often or ["how often is not stated"])]
    parts += [f"stopped {line.stopped}"] if line.stopped else []
    parts += [line.reason] if line.reason else []
    yield from indented(", ".join(parts), width, 2 + _LABEL, look, " " * (2 + _LABEL))


def _look(status: str) -> Style:
    return "warn" if status == "proposed" else "" if status == "active" else "faint"


def _rhythm(item: Rhythm) -> str:
    if item.next:
        return f"next on {item.next[0]}"
    return often(item.days, item.weeks)


def often(days: Sequence[str], weeks: int = 1) -> str:
    """Days of the week in words: mon wed fri, every other week."""
    text = "every day" if len(days) == len(DAYS) else " ".join(days)
    return text + ("" if weeks == 1 else ", every other week" if weeks == 2 else f", every {weeks} weeks")


def plan_json(page: PlanDocument, record: CarePlan) -> str:
    """The same for scripts."""
    return as_json({
        "client": page.head.id,
        "draft": page.draft,
        "unapproved": page.unapproved,
        "since": plain(page.since),
        "until": plain(page.until),
        "ended": page.ended,
        "review_due": plain(page.review_due),
        "review_overdue": page.review_overdue,
        "agreed": plain(page.agreed),
        "problems": [_problem_json(line, item) for line, item in _paired(page, record)],
        "closed": [
            {"id": item.id, "statement": item.statement, "status": item.status, "reason": item.reason}
            for item in record.problems
            if item.status in _RESTING
        ],
        "unreadable": list(page.unreadable),
    })  # fmt: skip


def _problem_json(line: ProblemLine, record: Problem) -> dict[str, Any]:
    head = ("id", "statement", "status", "priority", "private", "block")
    goal = ("id", "text", "status", "measure", "baseline", "target", "due", "achievement", "reason", "private")
    does = ("id", "text", "status", "who", "days", "every", "as_needed", "stopped", "reason", "private")
    return {
        **{name: plain(getattr(record, name)) for name in head},
        "evidence": list(record.evidence),
        "goals": [
            {**{name: plain(getattr(item, name)) for name in goal}, "overdue": shown.overdue}
            for shown, item in zip(line.goals, record.goals, strict=True)
        ],
        "interventions": [
            {
                **{name: plain(getattr(item, name)) for name in does},
                "carried_by": [one.id for one in shown.carried_by],
            }
            for shown, item in zip(line.interventions, record.interventions, strict=True)
        ],
    }


# --- a draft ---------------------------------------------------------------------------------------------------------


def alarm(page: Draft, client: str, width: int) -> Iterator[Line]:
    """What must be done today, before anything is planned."""
    for item in page.urgent:
        yield from indented(f"ACT TODAY. {_told(item.evidence)}.", width, 2, "loud", "! ")
        yield from indented(f"{item.todo}. A plan is no help by itself.", width, 2, "loud", "  ")
        done = f'carectl task add {client} "What was done" --due today --from {item.evidence.path}'
        yield from indented(f"Then write it down: {done}", width, 2, "", "  ")
        yield []


def draft(page: Draft, client: str, names: Names, width: int) -> Iterator[Line]:
    """What would be proposed, problem by problem, with what led to each, and what was left out."""
    if page.wishes:
        yield from indented(f"wants: {'; '.join(f'“{wish}”' for wish in page.wishes)}", width, 2)
    if page.mind:
        yield from indented(f"mind:  {', '.join(page.mind)}", width, 2, "warn")
    for proposal in page.proposals:
        yield []
        yield from _proposal(proposal, names, width)
    for addition in page.additions:
        yield []
        yield from _addition(addition, names, width)
    yield from _beside("Already in the plan, and left as it is", _standings(page, closed=False), width)
    yield from _beside("Closed or turned down, and not proposed again", _standings(page, closed=True), width)
    yield from _beside("Too old to count: assess again first", map(_told, page.old), width)
    alone = [f"{_told(item)} [{item.path}]" for item in page.alone]
    yield from _beside("Found, and no building block fits: plan these yourself", alone, width)
    yield from _beside("Please note", page.cautions, width)


def _beside(title: str, texts: Iterable[str], width: int) -> Iterator[Line]:
    found = list(texts)
    if found:
        yield []
        yield [(title, "title")]
    for text in found:
        yield from indented(text, width, 4, "", "  - ")


def _standings(page: Draft, *, closed: bool) -> Iterator[str]:
    for item in page.standing:
        if (item.problem.status in _RESTING) == closed:
            why = f" ({item.problem.reason})" if closed and item.problem.reason else ""
            status = item.problem.status
            yield f"{item.block.title}: {item.problem.id}, {status}{why}"


def _told(item: Evidence) -> str:
    return f"{item.words} ({item.day})"


def _proposal(item: Proposal, names: Names, width: int) -> Iterator[Line]:
    marks = [item.id, f"{item.priority} priority", *(["private"] if item.private else [])]
    yield from indented(
        f"{item.statement} ({', '.join(marks)})", width, 2, "loud" if item.block.urgent else "title", "+ "
    )
    for number, evidence in enumerate(item.evidence):
        label = f"  {'because' if not number else '':<{_LABEL}}"
        yield from indented(_told(evidence), width, 2 + _LABEL, "", label)
    yield from _proposed(item.goals, item.interventions, names, width)


def _addition(item: Addition, names: Names, width: int) -> Iterator[Line]:
    text = f"{item.problem.statement} ({item.problem.id}, in the plan): beyond what stands there"
    yield from indented(text, width, 2, "title", "+ ")
    yield from _proposed(item.goals, item.interventions, names, width)


def _proposed(
    goals: Iterable[ProposedGoal], interventions: Iterable[ProposedIntervention], names: Names, width: int
) -> Iterator[Line]:
    for goal in goals:
        yield from indented(f"{goal.text} ({goal.id})", width, 2 + _LABEL, "", f"  {'goal':<{_LABEL}}")
        aim = f"{_aim(goal.measure, goal.baseline, goal.target)}, due {goal.due}"
        yield from indented(aim, width, 2 + _LABEL, "", " " * (2 + _LABEL))
    for item in interventions:
        yield from indented(f"{item.text} ({item.id})", width, 2 + _LABEL, "", f"  {'does':<{_LABEL}}")
        weeks = int(item.every[:-1]) if item.every else 1
        when = "when needed" if item.as_needed else often(item.days, weeks) if item.days else "at every visit"
        who = names.get(item.who, item.who.replace("_", " "))
        yield from indented(f"{who}, {when}", width, 2 + _LABEL, "", " " * (2 + _LABEL))


def draft_json(page: Draft, client: str, today: dt.date) -> str:
    """The same for scripts."""
    return as_json({
        "client": client,
        "date": plain(today),
        "urgent": [{**_evidence_json(item.evidence), "todo": item.todo} for item in page.urgent],
        "proposals": [
            {
                "block": item.block.id,
                "id": item.id,
                "statement": item.statement,
                "priority": item.priority,
                "urgent": item.block.urgent,
                "private": item.private,
                "evidence": [_evidence_json(one) for one in item.evidence],
                **_proposed_json(item),
            }
            for item in page.proposals
        ],
        "additions": [
            {"block": item.block.id, "problem": item.problem.id, **_proposed_json(item)} for item in page.additions
        ],
        "standing": [
            {"block": item.block.id, "problem": item.problem.id, "status": item.problem.status}
            for item in page.standing
        ],
        "old": [_evidence_json(item) for item in page.old],
        "alone": [_evidence_json(item) for item in page.alone],
        "wishes": list(page.wishes),
        "mind": list(page.mind),
        "cautions": list(page.cautions),
    })  # fmt: skip


def _evidence_json(item: Evidence) -> dict[str, Any]:
    return {"path": item.path, "words": item.words, "date": plain(item.day)}


def _proposed_json(item: Proposal | Addition) -> dict[str, Any]:
    return {
        "goals": [{name: plain(value) for name, value in goal._asdict().items()} for goal in item.goals],
        "interventions": [{name: plain(value) for name, value in one._asdict().items()} for one in item.interventions],
    }

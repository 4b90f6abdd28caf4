"""Who reads what: every document for people outside, by topic, section and state of the sharing.

The caseload holds something of its own in every field. What is not listed here for a reader and topic reaches nobody;
what is listed and does not arrive fails as well, so the lists say what is so.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Collection, Mapping
from functools import cache
from itertools import combinations
from typing import Any, Final

import msgspec
import pytest
from helpers_canary import CLIENTS, NOW, STAFF, build, leaks, plain
from msgspec.structs import replace

from carectl.care.letters import FamilyLetter, family_letter
from carectl.care.notices import Notice, notice
from carectl.care.plan_audiences import PlanCopy, plan_for_client, plan_for_contact, plan_for_staff
from carectl.care.schedule import occurrences
from carectl.care.setting import Setting
from carectl.care.sharing import live_topics
from carectl.caseload.records import TOPICS, Chart, Sharing, Topic
from carectl.commands.session import Session
from carectl.output.calendar import audiences, ical
from carectl.output.documents import Maker, Paper, Vocabulary, render_letter

READER: Final = "zqcontact-money"
"""The contact whose sharing is varied; another contact is seen at a visit."""
TODAY: Final = dt.date(2026, 11, 22)
STATES: Final[Mapping[str, Mapping[str, Any] | None]] = {
    "valid": {},
    "expires today": {"expires": TODAY},
    "expired": {"expires": TODAY - dt.timedelta(1)},
    "revoked": {"revoked": TODAY},
    "not yet begun": {"given": TODAY + dt.timedelta(1)},
    "none": None,
}
LIVE: Final = ("valid", "expires today")
SHARED: Final = [frozenset(some) for size in (1, 2, 7) for some in combinations(TOPICS, size)]
"""Each topic, each pair of them, and all."""

EVERY: Final[tuple[Topic, ...]] = (*TOPICS, "all")

Needs = Mapping[str, Collection[str]]
"""Fields of the records, and the topics that each of them needs."""
Lists = Mapping[str, Needs]
"""By section."""

# --- what may be seen ------------------------------------------------------------------------------------------------

_SIGNED: Final = ("practice.practice.name", "practice.practice.phone", "practice.practice.email", "staff.name.given",
                  "staff.name.family")  # fmt: skip
_MEDICINE: Final = ("name", "dose", "strength", "route", "schedule")

LETTER: Final[Lists] = {
    "head": dict.fromkeys((*_SIGNED, "reader.name", "reader.calls_client"), ()),
    "news": {
        "visits.visits.for_family": ["wellbeing"],
        "notes.notes.for_family": ["wellbeing"],
        "notes.notes.at": ["wellbeing"],
        "staff.name.preferred": ["wellbeing", "schedule"],
    },
    "incidents": {"concerns.concerns.for_family": ["concerns"], "concerns.concerns.at": ["concerns"]},
    "goals": {
        "care-plan.problems.goals.for_family": ["goals"],
        "care-plan.problems.goals.progress.for_family": ["goals", "health"],
        "care-plan.problems.goals.progress.date": ["goals", "health"],
    },
    "changes": {
        "care-plan.period.from": ["goals"],
        "care-plan.problems.goals.for_family": ["goals"],
        "care-plan.problems.goals.recorded": ["goals"],
        "care-plan.problems.interventions.for_family": ["goals"],
        "care-plan.problems.interventions.recorded": ["goals"],
    },
    "diagnoses": {"client.diagnoses.text": ["health"]},
    "assessments": {
        "assessments.assessments.date": ["health"], "assessments.assessments.for_family": ["health"],
    },
    "measurements": {
        f"measurements.measurements.{name}": ["health"] for name in ("date", "kind", "value", "unit", "for_family")
    },
    "medicines": {
        **{f"medications.medications.{name}": ["medications"] for name in (*_MEDICINE, "for_family")},
        "medications.medications.as_needed.max_per_day": ["medications"],
        "medications.medications.changed.date": ["medications"],
        "medications.medications.as_needed.reason": ["medications", "health"],
    },
    "visits": {
        "staff.name.preferred": ["schedule"],
        "visits.series.service": ["schedule", "health"],
        "visits.visits.service": ["schedule", "health"],
        "visits.series.where": ["schedule", "health"],
        "visits.visits.where": ["schedule", "health"],
        "contacts.contacts.name": ["schedule", "health"],
        "visits.visits.for_family": ["schedule", "wellbeing"],
    },
}  # fmt: skip

_PERIOD: Final = ("care-plan.period.from", "care-plan.period.until", "care-plan.review_due")
_SAFETY: Final = ("client.allergies.substance", "client.allergies.reaction", "client.precautions")
_PAPERS: Final = ("client.advance_directives.kind", "client.advance_directives.date", "client.advance_directives.where")

CONTACT_PLAN: Final[Lists] = {
    "head": {
        **dict.fromkeys((*_SIGNED, "reader.name", "reader.calls_client"), ()),
        **dict.fromkeys(_PERIOD, ("goals",)),
    },
    "safety": dict.fromkeys(_SAFETY, ("health",)),
    "diagnoses": {"client.diagnoses.text": ["health"]},
    "visits": {
        "staff.name.preferred": ["schedule"],
        "visits.series.service": ["schedule", "health"],
        "visits.series.where": ["schedule", "health"],
        "contacts.contacts.name": ["schedule", "health"],
    },
    "coming": {},
    "problems": {
        "care-plan.problems.for_family": ["health"],
        "care-plan.problems.goals.for_family": ["goals"],
        "care-plan.problems.interventions.for_family": ["goals"],
    },
    "medicines": {
        **{f"medications.medications.{name}": ["medications"] for name in (*_MEDICINE, "for_family")},
        "medications.medications.as_needed.max_per_day": ["medications"],
        "medications.medications.as_needed.reason": ["medications", "health"],
    },
    "preferences": {},
    "wishes": {},
    "strengths": {},
}

_TAKEN: Final = {
    **{f"medications.medications.{name}": () for name in _MEDICINE},
    "medications.medications.as_needed.max_per_day": (),
    "medications.medications.as_needed.reason": (),
}
_FIGURES: Final = {
    "care-plan.problems.statement": (),
    **{f"care-plan.problems.goals.{name}": () for name in ("text", "measure", "baseline", "target", "due")},
    "care-plan.problems.goals.progress.value": (),
    "care-plan.problems.goals.progress.date": (),
    "care-plan.problems.interventions.text": (),
}
CLIENT_PLAN: Final[Lists] = {
    "head": dict.fromkeys((*_SIGNED, *_PERIOD, "client.name.given", "client.name.family"), ()),
    "safety": dict.fromkeys((*_SAFETY, *_PAPERS, "client.emergency.hospital"), ()),
    "diagnoses": {"client.diagnoses.text": ()},
    "visits": {
        "staff.name.preferred": (), "visits.series.service": (), "visits.series.where": (),
        "contacts.contacts.name": (),
    },
    "coming": {},
    "problems": _FIGURES,
    "medicines": _TAKEN,
    "preferences": {"client.preferences": ()},
    "wishes": {"assessments.assessments.client_goals": ()},
    "strengths": {"assessments.assessments.strengths": ()},
}  # fmt: skip
AIDE_PLAN: Final[Lists] = {
    "head": dict.fromkeys((*_SIGNED, *_PERIOD, "client.name.preferred"), ()),
    "safety": dict.fromkeys((*_SAFETY, "client.advance_directives.where", "client.advance_directives.date"), ()),
    "diagnoses": {},
    "visits": {},
    "coming": {
        "staff.name.preferred": (), "visits.series.service": (), "visits.visits.service": (), "visits.visits.where": (),
    },
    "problems": {"care-plan.problems.goals.text": (), "care-plan.problems.interventions.text": ()},
    "medicines": {},
    "preferences": {"client.preferences": ()},
    "wishes": {},
    "strengths": {},
}  # fmt: skip
NURSE_PLAN: Final[Lists] = {
    **AIDE_PLAN, "diagnoses": {"client.diagnoses.text": ()}, "problems": _FIGURES, "medicines": _TAKEN,
}  # fmt: skip
CALENDAR: Final[Lists] = {
    "events": {
        "visits.visits.recorded": ["schedule"],
        "reader.calls_client": ["schedule"],
        "staff.name.preferred": ["schedule"],
        "visits.series.where": ["schedule", "health"],
        "visits.visits.where": ["schedule", "health"],
    }
}
MESSAGE: Final[Lists] = {
    "text": dict.fromkeys(
        ("practice.practice.name", "practice.practice.phone", "reader.calls_client", "staff.name.preferred"),
        ("schedule",),
    )
}
"""The text message about a visit."""

# --- the caseload ----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class World:
    """The caseload, read once; whatever is varied is varied in memory."""

    chart: Chart
    setting: Setting
    places: Mapping[str, str]

    def shared_with(self, topics: Collection[str], state: str) -> Chart:
        """The chart, with these topics shared with the reader in this state."""
        more = STATES[state]
        fields: dict[str, Any] = {
            "given": dt.date(2026, 1, 1),
            "expires": dt.date(2027, 1, 1),
            "basis": "authorization",
            **(more or {}),
        }
        sharing = () if more is None else (Sharing(topics=tuple(one for one in EVERY if one in topics), **fields),)
        contacts = [replace(one, sharing=sharing) if one.id == READER else one for one in self.chart.contacts]
        return dataclasses.replace(self.chart, contacts=tuple(contacts))

    def fields(self, text: str) -> set[str]:
        """The fields of which something stands in a text, dates in words as well."""
        found = set(leaks(text, self.places).values())
        return found | {self.places[canary] for canary, words in _dates(tuple(self.places)) if words in text}


@cache
def _dates(canaries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    english = Vocabulary.read("en")
    days = [canary for canary in canaries if canary.count("-") == 2 and canary[:4].isdigit()]
    return tuple((day, english.date(dt.date.fromisoformat(day))) for day in days)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The caseload in which every field holds something of its own, made such that all of it could be told."""
    root = tmp_path_factory.mktemp("canaries")
    places = build(root)
    session = Session(str(root), NOW)
    chart = session.loader.chart(CLIENTS[0])
    assert chart.plan is not None
    reader = next(one for one in chart.contacts if one.id == READER)
    own = json.dumps(msgspec.to_builtins(reader.name)) + json.dumps(msgspec.to_builtins(reader.calls_client))
    places |= {canary: path.replace("contacts.contacts", "reader") for canary, path in places.items() if canary in own}
    goals = [replace(goal, topic="health", achievement="improving") for goal in chart.plan.problems[0].goals]
    problem = replace(chart.plan.problems[0], goals=tuple(goals))
    assert chart.client is not None
    form = replace(chart.client.advance_directives[0], kind="dnr")
    chart = dataclasses.replace(
        chart,
        plan=replace(chart.plan, problems=(problem,)),
        client=replace(chart.client, advance_directives=(*chart.client.advance_directives, form)),
        # One visit as its series has it.
        visits=tuple(item for item in chart.visits if item.day != dt.date(2026, 11, 23)),
        concerns=tuple(replace(item, kind="fall") for item in chart.concerns),
        notes=tuple(replace(item, topics=("wellbeing",)) for item in chart.notes),
    )
    return World(chart, session.setting, places)


# --- documents by section --------------------------------------------------------------------------------------------


def sections(document: Any, lists: Lists) -> dict[str, str]:
    """What stands in each section of a document; all else is its head."""
    values = msgspec.to_builtins(document)
    found = {name: json.dumps(values.pop(name), ensure_ascii=False) for name in lists if name != "head"}
    return {"head": json.dumps(values, ensure_ascii=False), **found}


def written(plan: Any) -> list[str]:
    """A plan in every format that is text."""
    paper = Paper("care-plan-copy", {"plan": plan}, plan.language, plan.date, "x", "plan.draft")
    return [Maker().text(form, paper) for form in ("md", "txt", "html")]


def judge(world: World, document: Any, lists: Lists, live: Collection[str], texts: Collection[str]) -> int:
    """Hold each section and each printed form against its list; how many cells that were."""
    expected: set[str] = set()
    for name, text in sections(document, lists).items():
        allowed = {path for path, needs in lists[name].items() if set(needs) <= set(live)}
        assert world.fields(text) == allowed, f"{name} with {sorted(live)}"
        expected |= allowed
    for text in texts:
        assert world.fields(text) == expected, sorted(live)
    return len(lists)


def letter_cells(world: World, topics: Collection[str], state: str) -> int:
    chart = world.shared_with(topics, state)
    reader = next(one for one in chart.contacts if one.id == READER)
    found = family_letter(chart, reader, world.setting, since=dt.date(1989, 1, 1))
    if state not in LIVE or set(topics) == {"money"}:
        assert not isinstance(found, FamilyLetter)
        return len(LETTER)
    assert isinstance(found, FamilyLetter)
    return judge(world, found.letter, LETTER, topics, [render_letter(found.letter)])


def plan_cells(world: World, topics: Collection[str], state: str) -> int:
    chart = world.shared_with(topics, state)
    reader = next(one for one in chart.contacts if one.id == READER)
    found = plan_for_contact(chart, reader, world.setting)
    if state not in LIVE or not set(topics) & {"schedule", "goals", "health", "medications"}:
        assert not isinstance(found, PlanCopy)
        return len(CONTACT_PLAN)
    assert isinstance(found, PlanCopy)
    assert found.topics == set(topics)
    return judge(world, found.plan, CONTACT_PLAN, topics, written(found.plan))


def calendar_cells(world: World, topics: Collection[str], state: str) -> int:
    chart = world.shared_with(topics, state)
    reader = next(one for one in chart.contacts if one.id == READER)
    items = occurrences(chart, world.setting, dt.date(2026, 11, 9), dt.date(2026, 12, 20)).occurrences
    live = live_topics(reader, TODAY)
    assert live == (set(topics) if state in LIVE else set())
    text = plain(ical.flat(audiences.family_feed(chart, items, world.setting, reader, live)))
    told = {path for path, needs in CALENDAR["events"].items() if set(needs) <= live}
    # The calendar's own name tells how the reader calls the client; without the schedule nobody is given one.
    assert world.fields(text) - ({"reader.calls_client"} - told) == told
    return len(CALENDAR)


def message_cells(world: World, topics: Collection[str], state: str) -> int:
    chart = world.shared_with(topics, state)
    reader = next(one for one in chart.contacts if one.id == READER)
    items = occurrences(chart, world.setting, dt.date(2026, 11, 16), dt.date(2026, 12, 12)).occurrences
    answers = [notice(chart, item, reader, world.setting) for item in items]
    text = "\n".join(answer.text for answer in answers if isinstance(answer, Notice))
    live = set(topics) if state in LIVE else set()
    assert world.fields(text) == {path for path, needs in MESSAGE["text"].items() if set(needs) <= live}
    return len(MESSAGE)


# --- the matrix ------------------------------------------------------------------------------------------------------


def test_nothing_reaches_a_contact_that_is_not_shared_with_them(world: World) -> None:
    cells = sum(
        cells_of(world, topics, state)
        for cells_of in (letter_cells, plan_cells, calendar_cells, message_cells)
        for topics in SHARED
        for state in STATES
    )
    print(f"{cells} cells of topics, sections and states")
    assert cells == len(SHARED) * len(STATES) * sum(map(len, (LETTER, CONTACT_PLAN, CALENDAR, MESSAGE)))


@pytest.mark.parametrize("state", STATES)
def test_the_client_and_staff_see_the_same_whatever_is_shared_with_a_contact(state: str, world: World) -> None:
    chart = world.shared_with(["all"], state)
    found = plan_for_client(chart, world.setting)
    assert isinstance(found, PlanCopy)
    judge(world, found.plan, CLIENT_PLAN, (), written(found.plan))
    for role, lists in (("home_health_aide", AIDE_PLAN), ("a_word_of_ones_own", AIDE_PLAN),
                        ("registered_nurse", NURSE_PLAN), ("physical_therapist", NURSE_PLAN)):  # fmt: skip
        member = replace(world.setting.staff[STAFF[1]], role=role)
        found = plan_for_staff(chart, member, world.setting)
        assert isinstance(found, PlanCopy)
        judge(world, found.plan, lists, (), written(found.plan))


@pytest.mark.parametrize(
    "hidden", [{"private": True}, {"about": (READER, "client", STAFF[1])}], ids=["private", "about"]
)
def test_what_is_private_or_about_the_reader_is_in_no_copy(hidden: dict[str, Any], world: World) -> None:
    chart = world.shared_with(["all"], "valid")
    assert chart.plan is not None
    plan = replace(chart.plan, problems=tuple(replace(item, **hidden) for item in chart.plan.problems))
    lists = ("assessments", "series", "visits", "medications", "notes", "concerns", "measurements")
    entries: dict[str, Any] = {name: tuple(replace(item, **hidden) for item in getattr(chart, name)) for name in lists}
    chart = dataclasses.replace(chart, plan=plan, **entries)
    reader = next(one for one in chart.contacts if one.id == READER)
    free = {path for lists in (CLIENT_PLAN, AIDE_PLAN) for section in ("head", "safety") for path in lists[section]}
    free |= {"client.diagnoses.text", "client.preferences", "reader.name", "reader.calls_client"}
    letter = family_letter(chart, reader, world.setting, since=dt.date(1989, 1, 1))
    assert isinstance(letter, FamilyLetter)
    assert world.fields(render_letter(letter.letter)) <= free
    for copy in (plan_for_contact(chart, reader, world.setting), plan_for_client(chart, world.setting)):
        assert isinstance(copy, PlanCopy)
        for text in written(copy.plan):
            assert world.fields(text) <= free
    # All visits of theirs are hidden, so there is nothing that they go there for.
    assert not isinstance(plan_for_staff(chart, world.setting.staff[STAFF[1]], world.setting), PlanCopy)


def test_a_list_that_says_too_much_or_too_little_fails(world: World) -> None:
    found = plan_for_client(world.shared_with([], "none"), world.setting)
    assert isinstance(found, PlanCopy)
    stale = {**CLIENT_PLAN, "diagnoses": {"client.diagnoses.text": (), "client.diagnoses.code": ()}}
    short = {**CLIENT_PLAN, "diagnoses": {}}
    for lists in (stale, short):
        with pytest.raises(AssertionError):
            judge(world, found.plan, lists, (), [])
    with pytest.raises(AssertionError):
        judge(world, found.plan, CLIENT_PLAN, (), ["a page with nothing on it"])

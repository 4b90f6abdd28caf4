"""The plan for a client, a contact and for staff: who gets one, and what each of them sees.

Which field reaches whom is in tests/output/test_consent_matrix.py.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from helpers_documents import BEA, LUIS, STAFF, ada, ada_setting, day, share
from msgspec.structs import replace

from carectl.care.plan_audiences import (
    CLINICAL_ROLES,
    PlanCopy,
    ReaderPlan,
    plan_for_client,
    plan_for_contact,
    plan_for_staff,
)
from carectl.care.plans import is_agreed
from carectl.care.sharing import NotShared
from carectl.caseload.records import ROLES, Agreement, Away, Broken, Chart, Contact, Intervention, Origin, Problem
from carectl.output.documents import Vocabulary, languages, render
from carectl.output.documents.samples import samples

NOOR, TOM, LIN = STAFF


def copied(found: PlanCopy | NotShared) -> PlanCopy:
    assert isinstance(found, PlanCopy), found
    return found


def refused(found: PlanCopy | NotShared) -> NotShared:
    assert isinstance(found, NotShared)
    return found


def printed(plan: ReaderPlan) -> str:
    return render("care-plan-copy.md.j2", {"plan": plan}, plan.language, plan.date)


def with_problem(chart: Chart, **fields: Any) -> Chart:
    """The chart with its one problem changed."""
    assert chart.plan is not None
    return dataclasses.replace(chart, plan=replace(chart.plan, problems=(replace(chart.plan.problems[0], **fields),)))


def the_problem(chart: Chart) -> Problem:
    assert chart.plan is not None
    return chart.plan.problems[0]


def with_client(chart: Chart, **fields: Any) -> Chart:
    assert chart.client is not None
    return dataclasses.replace(chart, client=replace(chart.client, **fields))


# --- everybody -------------------------------------------------------------------------------------------------------


def everyone(chart: Chart, now: str = "2026-11-22T06:40") -> list[PlanCopy | NotShared]:
    setting = ada_setting(now)
    return [plan_for_client(chart, setting), plan_for_contact(chart, BEA, setting), plan_for_staff(chart, TOM, setting)]


def test_a_draft_says_so_on_every_copy_until_somebody_who_may_decide_has_agreed() -> None:
    chart = ada()
    assert chart.plan is not None
    assert is_agreed(chart.plan, chart.contacts, day("2026-11-22"))
    for copy in everyone(chart):
        assert "DRAFT" not in printed(copied(copy).plan).replace("BORRADOR", "DRAFT")
    bare = dataclasses.replace(chart, plan=replace(chart.plan, agreed=(Agreement(by="luis", date=day("2026-08-03")),)))
    for copy in everyone(bare):
        text = printed(copied(copy).plan).replace("BORRADOR", "DRAFT").splitlines()
        assert text[0].startswith("**DRAFT")
        assert text[-1].startswith("**DRAFT")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"plan": None}, "no_plan"),
        ({"plan": None, "unread": frozenset({"care-plan"})}, "unreadable"),
        ({"plan": None, "broken": (Broken("care-plan", None, Origin("x")),)}, "unreadable"),
        ({"client": None}, "unreadable"),
    ],
)
def test_no_plan_no_copy(change: dict[str, Any], reason: str) -> None:
    for copy in everyone(dataclasses.replace(ada(), **change)):
        assert refused(copy).reason == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "deceased"}, "deceased"),
        ({"origin": Origin("clients/c-101/client.yaml", (), frozenset({"away"}))}, "unreadable"),
        ({"timezone": "America/Chicgo"}, "unreadable"),
    ],
)
def test_nobody_gets_a_copy_while_the_client_is_not_clear(fields: dict[str, Any], reason: str) -> None:
    for copy in everyone(with_client(ada(), **fields)):
        assert refused(copy).reason == reason


def test_only_what_is_worked_on_is_in_a_copy() -> None:
    chart = ada()
    problem = the_problem(chart)
    other = replace(problem, id="p2", goals=(), interventions=(), statement="Something settled")
    assert chart.plan is not None
    for status in ("proposed", "resolved", "inactive"):
        plan = replace(chart.plan, problems=(problem, replace(other, status=status)))
        for copy in everyone(dataclasses.replace(chart, plan=plan)):
            assert "Something settled" not in printed(copied(copy).plan)
    texts = [printed(copied(copy).plan) for copy in everyone(chart)]
    assert not any("landlord" in text or "Mat in front" in text or "trips on it" in text for text in texts)


def test_what_could_not_be_read_is_told_to_the_coordinator_and_marks_the_copies_of_client_and_staff() -> None:
    lost = Broken("interventions", "stairs", Origin("clients/c-101/care-plan.yaml", ("problems", 0)))
    client, contact, staff = everyone(dataclasses.replace(ada(), broken=(lost,)))
    for copy in (client, contact, staff):
        assert [item.what for item in copied(copy).withheld if item.why == "unreadable"] == ["interventions/stairs"]
    assert not copied(client).plan.whole
    assert not copied(staff).plan.whole
    assert "Not complete" in printed(copied(staff).plan)
    assert copied(contact).plan.whole
    assert "Incompleto" not in printed(copied(contact).plan)
    elsewhere = dataclasses.replace(ada(), broken=(Broken("supplies", "pads", Origin("x")),))
    assert all(copied(copy).plan.whole for copy in everyone(elsewhere))


def test_safety_that_is_not_stated_or_could_not_be_read_says_so() -> None:
    origin = Origin("clients/c-101/client.yaml", (), frozenset({"allergies", "code_status"}))
    lost = with_client(ada(), origin=origin, allergies=None, code_status=None)
    for copy in everyone(lost):
        assert printed(copied(copy).plan).replace("INCOMPLETO", "NOT COMPLETE").count("NOT COMPLETE") == 2
    bare = with_client(ada(), allergies=None, code_status=None)
    for copy in everyone(bare):
        assert printed(copied(copy).plan).replace("NO CONSTA", "NOT STATED").count("NOT STATED") == 2
    none = with_client(ada(), allergies="none_known")
    assert "**Allergies:** none known" in printed(copied(everyone(none)[2]).plan)


def test_visits_that_do_not_take_place_are_not_shown_as_if_they_did() -> None:
    away = (Away(from_="2026-11-20", until="2026-11-26", where="Harbor Hospital"),)
    client, contact, staff = everyone(with_client(ada(), away=away))
    for copy in (client, contact, staff):
        assert copied(copy).plan.suspended
        assert "Harbor Hospital" not in printed(copied(copy).plan).replace("**Hospital:** Harbor Hospital", "")
    assert "no se hacen todas estas visitas" in printed(copied(client).plan)
    assert all(visit.day > day("2026-11-26") for visit in copied(staff).plan.coming)
    assert not any(copied(copy).plan.suspended for copy in everyone(ada()))


def test_every_language_has_the_sentences_of_these_copies() -> None:
    english = Vocabulary.read("en").tables
    for language in languages():
        words = Vocabulary.read(language).tables
        for table in ("plan", "precaution", "weekday"):
            assert words[table].keys() == english[table].keys(), table
            for key, text in english[table].items():
                assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", words[table][key]), key


def test_whatever_is_stated_or_not_can_be_printed() -> None:
    for language in languages():
        for plan in samples(ReaderPlan, language):
            assert printed(plan)


# --- the client ------------------------------------------------------------------------------------------------------


def test_the_clients_copy_is_in_their_language_and_the_coordinator_reads_it_first() -> None:
    copy = copied(plan_for_client(ada(), ada_setting()))
    assert copy.plan.language == "es"
    assert "Regar ella misma sus tomates cada día" in printed(copy.plan)
    assert [item.why for item in copy.withheld] == ["language", "as_written"]
    english = copied(plan_for_client(with_client(ada(), language="en"), ada_setting()))
    assert "Water the tomatoes herself every day" in printed(english.plan), "the client's own words, not the family's"
    assert [item.why for item in english.withheld] == ["as_written"]
    other = copied(plan_for_client(with_client(ada(), language="vi"), ada_setting()))
    assert other.plan.language == "en"
    assert any("carectl has no words for" in item.words for item in other.withheld)


def test_what_is_about_anybody_is_not_in_the_clients_copy() -> None:
    chart = with_problem(ada(), about=("bea",))
    copy = copied(plan_for_client(chart, ada_setting()))
    assert copy.plan.problems == ()
    assert [str(item) for item in copy.withheld if item.why == "about"] == [
        "care-plan/falls: is about bea, so it is not in the client's copy"
    ]
    assert copied(plan_for_staff(chart, TOM, ada_setting())).plan.problems


# --- a contact -------------------------------------------------------------------------------------------------------


def contact(*topics: Any) -> Contact:
    return replace(LUIS, language="en", sharing=(share(*topics),))


def test_a_contact_with_whom_nothing_live_is_shared_gets_none() -> None:
    setting = ada_setting()
    for one in (replace(LUIS, sharing=()), replace(LUIS, sharing=(share("goals", revoked=day("2026-11-22")),))):
        found = refused(plan_for_contact(ada(), one, setting))
        assert found.reason == "nothing_shared"
        assert "luis" in found.words
    assert refused(plan_for_contact(ada(), contact("money"), setting)).reason == "nothing_to_say"


def test_problems_need_health_and_tasks_words_for_the_family() -> None:
    setting = ada_setting()
    goals = copied(plan_for_contact(ada(), contact("goals"), setting)).plan
    assert [item.statement for item in goals.problems] == [None]
    assert goals.problems[0].tasks == ()
    health = copied(plan_for_contact(ada(), contact("health"), setting)).plan
    assert [(item.statement, item.goals) for item in health.problems] == [("Risk of falls at night", ())]
    lights = the_problem(ada()).interventions[0]
    worded = with_problem(ada(), interventions=(replace(lights, for_family={"en": "The lights are looked after"}),))
    both = copied(plan_for_contact(worded, contact("goals", "health"), setting))
    assert [task.text for task in both.plan.problems[0].tasks] == ["The lights are looked after"]
    assert "Check the night lights" not in printed(both.plan)


def test_how_a_goal_goes_needs_its_own_topic() -> None:
    for topics, told in (
        (("goals",), [None, None]),
        (("goals", "health"), ["in_progress", None]),
        (("goals", "wellbeing"), [None, "improving"]),
        (("all",), ["in_progress", "improving"]),
    ):
        plan = copied(plan_for_contact(ada(), contact(*topics), ada_setting())).plan
        assert [goal.achievement for goal in plan.problems[0].goals] == told


def test_what_is_withheld_is_told_to_the_coordinator_and_not_in_the_copy() -> None:
    copy = copied(plan_for_contact(ada(), contact("schedule"), ada_setting()))
    assert {item.what for item in copy.withheld if item.why == "topic"} == {"goals", "health", "medications"}
    assert not any((copy.plan.problems, copy.plan.medicines, copy.plan.diagnoses))
    assert copy.plan.safety is None
    assert copy.plan.since is None
    assert "shared" not in printed(copy.plan)


def test_the_next_days_of_a_rule_leave_out_what_is_not_for_the_reader() -> None:
    chart = ada()
    hidden = replace(
        chart.visits[0], id="rn-2026-12-02", series="rn", day=day("2026-12-02"), status="planned", private=True,
        staff=None, at=None, for_family=None,
    )  # fmt: skip
    reader = contact("schedule")
    for visits, first in ((chart.visits, "2026-12-02"), ((*chart.visits, hidden), "2027-01-06")):
        plan = copied(plan_for_contact(dataclasses.replace(chart, visits=visits), reader, ada_setting())).plan
        assert plan.visits[1].rhythm.next[0] == day(first)


# --- staff -----------------------------------------------------------------------------------------------------------


def test_staff_get_a_copy_only_if_they_go_there() -> None:
    setting = ada_setting()
    assert refused(plan_for_staff(ada(), NOOR, setting)).reason == "nothing_to_say"
    copied(plan_for_staff(ada(), LIN, setting))
    chart = ada()
    for hide in ({"private": True}, {"about": ("tom",)}):
        hidden = dataclasses.replace(chart, series=tuple(replace(item, **hide) for item in chart.series))
        found = refused(plan_for_staff(hidden, TOM, setting))
        assert found.reason == "nothing_to_say"
        assert {item.why for item in found.withheld} == {*hide}
    over = dataclasses.replace(chart, series=tuple(replace(item, until=day("2026-11-21")) for item in chart.series))
    assert refused(plan_for_staff(over, TOM, setting)).reason == "nothing_to_say"


def test_a_visit_that_is_private_is_not_among_their_own() -> None:
    chart = ada()
    hidden = replace(chart.visits[0], id="am-2026-11-24", day=day("2026-11-24"), status="planned", private=True)
    plan = copied(plan_for_staff(dataclasses.replace(chart, visits=(hidden,)), TOM, ada_setting())).plan
    assert plan.coming[0].day == day("2026-11-26")


def test_everybody_sees_their_own_tasks() -> None:
    chart = ada()
    more = (
        Intervention(id="phone", text="Phone the pharmacy", status="active", who="tom"),
        Intervention(
            id="faint", text="If she faints: feet up", status="active", who="home_health_aide", as_needed=True
        ),
        Intervention(id="wound", text="Look at the heel", status="active", who="registered_nurse"),
        Intervention(id="bath", text="Bath", status="on_hold", who="home_health_aide"),
    )
    chart = with_problem(chart, interventions=(*the_problem(chart).interventions, *more))
    tom = copied(plan_for_staff(chart, TOM, ada_setting())).plan
    assert [task.text for task in tom.problems[0].tasks] == [
        "Check the night lights", "Walk to the garden gate and back", "Phone the pharmacy", "If she faints: feet up",
    ]  # fmt: skip
    assert tom.problems[0].statement is None
    lin = copied(plan_for_staff(chart, LIN, ada_setting())).plan
    assert [task.others for task in lin.problems[0].tasks] == [True] * 6
    assert lin.problems[0].statement == "Risk of falls at night"
    text = printed(lin)
    assert "What others do:" in text
    assert "Bath — **paused at the moment**" in text


def test_goals_are_those_of_problems_in_which_there_is_something_to_do() -> None:
    chart = ada()
    assert chart.plan is not None
    other = replace(the_problem(chart), id="p2", interventions=())
    chart = dataclasses.replace(chart, plan=replace(chart.plan, problems=(*chart.plan.problems, other)))
    assert len(copied(plan_for_staff(chart, TOM, ada_setting())).plan.problems) == 1
    assert len(copied(plan_for_staff(chart, LIN, ada_setting())).plan.problems) == 2


@pytest.mark.parametrize("role", [*ROLES, "a_word_of_ones_own"])
def test_the_role_decides_about_diagnoses_and_medicines(role: str) -> None:
    plan = copied(plan_for_staff(ada(), replace(TOM, role=role), ada_setting())).plan
    assert bool(plan.diagnoses) is bool(plan.medicines) is (role in CLINICAL_ROLES)
    assert bool(plan.problems[0].statement) is (role in CLINICAL_ROLES)


def test_medicines_that_are_not_stated_are_no_list_that_is_empty() -> None:
    bare = dataclasses.replace(ada(), medications=())
    assert "not stated which medicines" in printed(copied(plan_for_staff(bare, LIN, ada_setting())).plan)
    none = dataclasses.replace(bare, no_medications=True)
    assert "None at the moment." in printed(copied(plan_for_staff(none, LIN, ada_setting())).plan)
    lost = dataclasses.replace(bare, broken=(Broken("medications", "furosemide", Origin("x")),))
    plan = copied(plan_for_staff(lost, LIN, ada_setting())).plan
    assert not plan.medicines_none
    assert not plan.medicines_not_stated
    assert not plan.whole

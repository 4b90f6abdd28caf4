"""What is proposed by which assessment, from what it begins, by whom, and what is left alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import msgspec
import pytest
from helpers_checks import Files

from carectl.care.drafting import Draft, Proposal, draft
from carectl.care.setting import Setting
from carectl.caseload import records as r
from carectl.caseload.blocks import every
from carectl.caseload.instruments import Instruments
from carectl.caseload.zones import zone

TODAY: Final = dt.date(2026, 11, 22)
KNOWN: Final = Instruments(Files({}))
BLOCKS: Final = every(Files({}), KNOWN)
HOME: Final = zone("America/Chicago") or dt.UTC

DANA: Final = {"id": "dana", "name": {"given": "Dana", "family": "W"}, "role": "coordinator"}
JO: Final = {"id": "jo", "name": {"given": "Jo", "family": "P"}, "role": "home_health_aide"}
LEFT: Final = {**JO, "id": "al", "role": "registered_nurse", "employed": {"from": "2020-01-01", "until": "2026-10-01"}}
SERIES: Final = {
    "id": "am", "service": "personal_care", "staff": "jo", "from": "2026-08-01", "at": "09:00", "duration": "2h",
}  # fmt: skip
YES: Final = {"fallen": "yes", "cane-walker": "yes"}
NINE: Final = (
    "interest", "down", "sleep", "tired", "appetite", "self-worth", "concentration", "slow-restless", "self-harm",
)  # fmt: skip


def made(kind: Any, fields: dict[str, Any]) -> Any:
    return msgspec.convert(fields, kind)


def setting(*staff: dict[str, Any]) -> Setting:
    practice = made(r.Practice, {"name": "L", "timezone": "America/Chicago", "coordinator": "dana"})
    members: dict[str, r.StaffMember] = {str(one["id"]): made(r.StaffMember, one) for one in staff or (DANA, JO)}
    now = dt.datetime(2026, 11, 22, 12, tzinfo=HOME)
    return Setting(now=now, zones=zone, practice=practice, staff=members, instruments=KNOWN)


def assessed(day: str = "2026-11-03", **more: Any) -> r.Assessment:
    found: r.Assessment = made(
        r.Assessment, {"id": f"a-{day}", "kind": "initial", "date": day, "assessor": "dana", **more}
    )
    return found


def scored(instrument: str, day: str = "2026-11-03", **answers: Any) -> r.Assessment:
    names = {name.replace("_", "-"): value for name, value in answers.items()}
    return assessed(day, instruments=[{"instrument": instrument, "answers": names}])


def total(instrument: str, score: float, day: str = "2026-11-03") -> r.Assessment:
    return assessed(day, instruments=[{"instrument": instrument, "score": score}])


def found(domain: str, day: str = "2026-11-03", text: str = "Seen") -> r.Assessment:
    return assessed(day, findings=[{"id": "one", "domain": domain, "finding": text}])


def nine(day: str = "2026-11-03", **more: int) -> r.Assessment:
    return scored("phq-9", day, **{**{name.replace("-", "_"): 0 for name in NINE}, **more})


def chart(*assessments: r.Assessment, client: dict[str, Any] | None = None, **more: Any) -> r.Chart:
    who = {"id": "c-1", "name": {"given": "Ro", "family": "A"}, "status": "active", **(client or {})}
    return r.Chart("c-1", "clients/c-1", client=made(r.Client, who), assessments=assessments, **more)


def drafted(held: r.Chart, *staff: dict[str, Any], more: bool = False) -> Draft:
    assert held.client is not None
    return draft(held, held.client, setting(*staff), BLOCKS, more=more)


def only(held: r.Chart, *staff: dict[str, Any]) -> Proposal:
    (proposal,) = drafted(held, *staff).proposals
    return proposal


def planned(**problem: Any) -> r.CarePlan:
    fields = {"id": "walk", "statement": "Unsteady", "status": "active", **problem}
    plan: r.CarePlan = made(r.CarePlan, {"period": {"from": "2026-08-01"}, "problems": [fields]})
    return plan


# --- what leads to what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assessment", "block"),
    [
        (scored("stay-independent", **YES), "falls"),
        (total("mahc-10", 4), "falls"),
        (scored("tug", seconds=12), "falls"),
        (found("falls"), "falls"),
        (scored("adl-6", transferring=0), "legs"),
        (scored("adl-6", dressing=0), "personal-care"),
        (total("barthel", 60), "personal-care"),
        (scored("adl-6", toileting=0), "toilet"),
        (total("mst", 2), "eating"),
        (scored("iadl-8", medicines=0), "medicines"),
        (scored("iadl-8", meals=0), "household"),
        (scored("iadl-8", transport=0), "rides"),
        (scored("iadl-8", money=0), "money"),
        (scored("phq-2", interest=2, down=1), "low-mood"),
        (total("gds-15", 6), "low-mood"),
        (total("gad-7", 10), "anxiety"),
        (total("mini-cog", 2), "memory"),
        (scored("pain-0-10", pain=4), "pain"),
        (total("lsns-6", 11), "loneliness"),
        (total("lace", 10), "back-to-hospital"),
        (found("skin"), "skin"),
        (found("caregiver"), "caregiver"),
        (found("vision"), "sight"),
        (scored("home-safety", **{"floor-rugs": "yes"}), "home-safety"),
    ],
)
def test_what_leads_to_a_block(assessment: r.Assessment, block: str) -> None:
    proposal = only(chart(assessment))
    assert (proposal.block.id, proposal.id) == (block, block)
    assert all(item.path.startswith("a-2026-11-03/") for item in proposal.evidence)


@pytest.mark.parametrize(
    "assessment",
    [
        scored("tug", seconds=11.9), total("mahc-10", 3), total("mst", 1), scored("pain-0-10", pain=3),
        total("gad-7", 9), total("lace", 4), scored("adl-6", dressing=1), scored("iadl-8", money=1),
        scored("phq-2", interest=3), scored("home-safety", **{"floor-rugs": "no"}), found("weather"),
    ],
)  # fmt: skip
def test_what_leads_to_nothing(assessment: r.Assessment) -> None:
    assert drafted(chart(assessment)).proposals == ()


def test_evidence_is_said_in_words() -> None:
    (evidence,) = only(chart(scored("tug", seconds=15))).evidence
    assert (evidence.path, evidence.day) == ("a-2026-11-03/tug", dt.date(2026, 11, 3))
    assert evidence.words == "Timed Up and Go, 15: 12 seconds or more: at risk of falling"
    twelve = {item.id: "no" for item in getattr(KNOWN["stay-independent"], "items")}  # noqa: B009
    words = only(chart(scored("stay-independent", **{**twelve, **YES, "worried": "yes"}))).evidence[0].words
    assert words == "Stay Independent, 5 of 14: at risk of falling; Stay Independent: fell in the past year"
    proposal = only(chart(scored("adl-6", bathing=0, dressing=0, feeding=1)))
    assert proposal.evidence[0].words == "ADL-6, needs somebody's help: bath or shower, getting dressed"
    assert proposal.statement == "Needs help with bathing or showering and dressing"
    needy = assessed(findings=[{"id": "x", "domain": "skin", "finding": "Red heel", "need": "A cushion"}])
    assert only(chart(needy)).evidence[0].words == "“Red heel”; needs: a cushion"


def test_a_diagnosis_alone_proposes_nothing_and_narrows_a_finding() -> None:
    heart = {"diagnoses": [{"code": "I50.9", "text": "Heart failure"}]}
    assert drafted(chart(found("skin"), client=heart)).proposals[0].block.id == "skin"
    assert only(chart(found("health"), client=heart)).block.id == "heart-failure"
    nothing = drafted(chart(found("health")))
    assert nothing.proposals == ()
    assert [item.path for item in nothing.alone] == ["a-2026-11-03/one"]


def test_a_precaution_keeps_back_what_could_do_harm() -> None:
    lift = {"precautions": ["two_person_transfer"]}
    assert only(chart(scored("adl-6", transferring=0), client=lift)).block.id == "two-to-move"
    fed = {item.id for item in only(chart(scored("adl-6", feeding=0))).interventions}
    held = {
        item.id
        for item in only(chart(scored("adl-6", feeding=0), client={"precautions": ["aspiration"]})).interventions
    }
    assert fed - held == {"meal-help"}
    both = drafted(chart(found("nutrition"), client={"precautions": ["aspiration"], "code_status": "comfort"}))
    assert [item.block.id for item in both.proposals] == ["swallowing", "eating"]
    assert "plate" not in {item.id for item in both.proposals[1].interventions}
    assert both.mind == ("comfort care only", "aspiration")


# --- the newest words count ------------------------------------------------------------------------------------------


def test_the_newest_result_takes_the_place_of_an_older_one() -> None:
    assert drafted(chart(scored("tug", "2026-08-01", seconds=20), scored("tug", seconds=9))).proposals == ()
    # One that was left incomplete says nothing, so the one before it still does.
    half = scored("phq-2", interest=0)
    assert only(chart(scored("phq-2", "2026-08-01", interest=3, down=3), half)).block.id == "low-mood"


def test_the_newest_words_on_an_area_take_the_place_of_older_ones() -> None:
    (evidence,) = only(chart(found("skin", "2026-08-01", "Open"), found("skin", text="Red"))).evidence
    assert evidence.words == "“Red”"


def test_a_corrected_assessment_counts_no_more() -> None:
    right = made(
        r.Assessment, {"id": "b", "kind": "initial", "date": "2026-11-04", "assessor": "dana", "amends": "a-2026-11-03"}
    )
    assert drafted(chart(found("skin"), right)).proposals == ()


def test_an_assessment_to_come_does_not_count() -> None:
    assert drafted(chart(found("skin", "2026-11-23"))).proposals == ()


def test_what_is_old_is_told_and_not_used() -> None:
    assert [p.block.id for p in drafted(chart(found("skin", "2025-11-22"))).proposals] == ["skin"]
    old = drafted(chart(found("skin", "2025-11-21"), scored("tug", "2025-11-21", seconds=20)))
    assert old.proposals == ()
    assert {item.path for item in old.old} == {"a-2025-11-21/one", "a-2025-11-21/tug"}


# --- what must not wait ----------------------------------------------------------------------------------------------


def test_thoughts_of_self_harm_come_first_whatever_the_score_is() -> None:
    held = chart(nine(self_harm=1), found("falls", "2026-11-02"))
    page = drafted(held)
    assert [item.block.id for item in page.proposals] == ["safety-now", "falls"]
    first = page.proposals[0]
    assert (first.priority, first.private, [goal.due for goal in first.goals]) == ("high", True, [TODAY])
    (urgent,) = page.urgent
    assert urgent.evidence.path == "a-2026-11-03/phq-9"
    assert urgent.todo.startswith("Ask today how safe the client is")


def test_they_never_grow_old_until_they_are_asked_about_again() -> None:
    page = drafted(chart(nine("2024-01-01", self_harm=1)))
    assert [item.block.id for item in page.proposals] == ["safety-now"]
    assert len(page.urgent) == 1
    assert drafted(chart(nine("2024-01-01", self_harm=1), nine())).urgent == ()


def test_a_task_that_is_ticked_off_quiets_the_alarm_and_an_open_one_does_not() -> None:
    task = {"id": "t", "text": "Asked", "from": "a-2026-11-03/phq-9"}
    for done, count in ((None, 1), ("2026-11-03", 0)):
        tasks = (made(r.Task, {**task, "done": done}),)
        assert len(drafted(chart(nine(self_harm=1), tasks=tasks)).urgent) == count


# --- goals -----------------------------------------------------------------------------------------------------------


def test_a_goal_begins_from_a_score() -> None:
    (goal, *_) = only(chart(nine(interest=3, down=3, sleep=3, tired=3))).goals
    assert (goal.measure, goal.baseline, goal.target, goal.due) == ("PHQ-9 score", 12, 7, dt.date(2027, 1, 22))
    (goal, *_) = only(chart(found("mood"))).goals
    assert (goal.baseline, goal.target) == (None, 4)
    # No further than the instrument goes.
    (stands, *_) = only(chart(scored("adl-6", transferring=0), client={})).goals
    assert stands.baseline is None


def test_a_goal_begins_from_a_measurement_that_is_not_old() -> None:
    def weight(day: str, value: object = 61.2) -> Any:
        return made(r.Measurement, {"id": f"m-{day}", "date": day, "kind": "weight", "value": value, "unit": "kg"})

    held = chart(found("nutrition"), measurements=(weight("2026-11-01"), weight("2026-11-20", 60.5)))
    (goal, *_) = only(held).goals
    assert (goal.text, goal.baseline, goal.target) == ("Weighs 60.5 kg or more, as now", 60.5, 60.5)
    for values in ((weight("2026-08-01"),), (weight("2026-11-20", "asleep"),), (weight("2026-11-23"),)):
        assert only(replace(held, measurements=values)).goals[0].baseline is None


def test_a_goal_begins_from_falls_on_record_and_never_from_none() -> None:
    def fall(day: str) -> Any:
        return made(r.Concern, {"id": f"f-{day}", "kind": "fall", "at": day, "facts": "x"})

    held = chart(found("falls"), concerns=(fall("2026-08-01"), fall("2026-10-02"), fall("2026-11-20")))
    assert [goal.baseline for goal in only(held).goals] == [2]
    assert [goal.baseline for goal in only(replace(held, concerns=())).goals] == [None]


def test_the_clients_own_words_are_goals() -> None:
    held = chart(assessed(client_goals=["Stay in my own house", "Cook for Christmas"]))
    proposal = only(held)
    assert [goal.text for goal in proposal.goals] == ["Stay in my own house", "Cook for Christmas"]
    assert [item.path for item in proposal.evidence] == ["a-2026-11-03"]
    goal = {"id": "x", "text": "Cooks the Christmas dinner", "status": "active"}
    there = replace(held, plan=planned(goals=[goal]))
    assert [goal.text for goal in only(there).goals] == ["Stay in my own house"]


# --- who and how often -----------------------------------------------------------------------------------------------


def doers(held: r.Chart, *staff: dict[str, Any]) -> dict[str, tuple[str, tuple[str, ...], str | None]]:
    return {item.id: (item.who, item.days, item.every) for item in only(held, *staff).interventions}


def test_the_role_that_comes_on_the_days_on_which_it_comes() -> None:
    companion = {**JO, "role": "companion"}
    series = made(r.Series, {**SERIES, "days": ["sat", "tue"]})
    did = doers(chart(found("falls"), series=(series,)), DANA, companion)
    assert did["clear-way"] == ("companion", ("tue", "sat"), None)
    assert did["after-a-fall"] == ("companion", (), None)
    # The coordinator is named: no visit has to carry it out.
    assert did["falls-doctor"] == ("dana", ("mon",), "4w")


def test_without_visits_who_is_on_the_staff() -> None:
    assert doers(chart(found("falls")))["clear-way"] == ("home_health_aide", ("mon", "wed", "fri"), None)
    ended = made(r.Series, {**SERIES, "days": ["sat"], "until": "2026-11-01"})
    assert doers(chart(found("falls"), series=(ended,)))["clear-way"][1] == ("mon", "wed", "fri")
    # A nurse who left is none; the coordinator does it.
    assert doers(chart(found("skin")), DANA, JO, LEFT)["wound-measure"][0] == "dana"
    nobody = doers(chart(found("falls")), DANA)
    assert nobody["clear-way"][0] == "home_health_aide"


def test_a_visit_by_a_rule_says_itself_when() -> None:
    series = made(r.Series, {**SERIES, "rrule": "FREQ=MONTHLY;BYDAY=2WE"})
    assert doers(chart(found("falls"), series=(series,)))["clear-way"] == ("home_health_aide", (), None)


def test_only_what_was_found_is_done() -> None:
    assert set(doers(chart(scored("adl-6", dressing=0)))) == {"dress-help", "aids"}


# --- what is in the plan ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "problem",
    [
        {"id": "falls"},
        {"block": "falls"},
        {"evidence": ["a-2026-11-03/one"]},
        {"evidence": ["a-2026-08-01/one"]},
        {"evidence": ["a-2026-08-02/tug"]},
        {"evidence": ["a-2026-11-03/one"], "status": "proposed"},
        {"evidence": ["a-2026-11-03/one"], "status": "inactive", "reason": "Not now"},
        {"evidence": ["a-2026-11-03/one"], "status": "resolved"},
    ],
)
def test_what_is_there_is_not_proposed_again(problem: dict[str, Any]) -> None:
    held = chart(found("falls", "2026-08-01"), scored("tug", "2026-08-02", seconds=20), found("falls"))
    page = drafted(replace(held, plan=planned(**problem)))
    assert page.proposals == ()
    assert [(item.block.id, item.problem.id) for item in page.standing] == [("falls", problem.get("id", "walk"))]


def test_what_was_turned_down_is_proposed_again_by_a_newer_assessment() -> None:
    plan = planned(id="falls", block="falls", evidence=["a-2026-08-01/one"], status="inactive", reason="Not now")
    old = chart(found("falls", "2026-08-01"), plan=plan)
    assert drafted(old).proposals == ()
    again = only(replace(old, assessments=(*old.assessments, found("falls"))))
    assert (again.id, [goal.id for goal in again.goals]) == ("falls-2", ["no-falls"])


def test_other_evidence_of_the_same_assessment_hides_nothing() -> None:
    # She dresses with help and gets up alone: the plan's problem came of dressing.
    plan = planned(evidence=["a-2026-08-01/adl-6"])
    held = chart(scored("adl-6", "2026-08-01", dressing=0, transferring=1), scored("adl-6", dressing=0, transferring=0))
    assert [item.block.id for item in drafted(replace(held, plan=plan)).proposals] == ["legs"]


def test_ids_are_never_used_again() -> None:
    plan = planned(goals=[{"id": "no-falls", "text": "x", "status": "cancelled"}])
    broken = (r.Broken("problems", "falls", r.NOWHERE),)
    proposal = only(chart(found("falls"), plan=plan, broken=broken))
    assert (proposal.id, proposal.goals[0].id) == ("falls-2", "no-falls-2")


def test_more_looks_inside_a_problem_that_is_there_and_only_once() -> None:
    plan = planned(id="falls", goals=[{"id": "no-falls", "text": "No fall", "status": "active"}])
    held = chart(found("falls"), plan=plan)
    assert drafted(held).size == 0
    (addition,) = drafted(held, more=True).additions
    assert addition.goals == ()
    assert [item.id for item in addition.interventions] == ["clear-way", "falls-doctor", "after-a-fall"]
    full = [{"id": name, "text": "x", "status": "stopped"} for name in ("clear-way", "falls-doctor", "after-a-fall-2")]
    there = planned(id="falls", goals=[{"id": "no-falls", "text": "x", "status": "active"}], interventions=full)
    assert drafted(replace(held, plan=there), more=True).additions == ()
    closed = planned(id="falls", status="inactive", evidence=["a-2026-11-03/one"])
    assert drafted(replace(held, plan=closed), more=True).additions == ()


def test_what_came_of_a_private_record_stays_private() -> None:
    about = assessed(private=True, about=["maria"], findings=[{"id": "one", "domain": "caregiver", "finding": "Tired"}])
    proposal = only(chart(about))
    assert (proposal.private, proposal.about) == (True, ("maria",))
    assert (only(chart(found("caregiver"))).private, only(chart(found("caregiver"))).about) == (False, ())


def test_findings_that_fit_no_block_are_told_unless_the_plan_names_them() -> None:
    held = chart(found("weather"), total("gad-7", 6, "2026-11-02"))
    assert [item.path for item in drafted(held).alone] == ["a-2026-11-03/one", "a-2026-11-02/gad-7"]
    named = replace(held, plan=planned(evidence=["a-2026-11-03/one", "a-2026-11-02/gad-7"]))
    assert drafted(named).alone == ()


def test_what_must_be_said_of_a_score_is_said() -> None:
    said = drafted(chart(total("mst", 2))).cautions
    assert said[0] == "A score is a reason to look closer, never a diagnosis."
    assert said[1].startswith("Not verified: The highest score")
    assert drafted(chart(found("skin"))).cautions == ()

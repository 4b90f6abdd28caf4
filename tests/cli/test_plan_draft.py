"""carectl plan draft, accept, reject and show: what is shown, what is written, and what is left as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

PLAN: Final = "clients/c-014/care-plan.yaml"
GOLDEN: Final = Path(__file__).parents[1] / "golden"
NINE: Final = """\
  - id: a-2026-11-20
    kind: change_of_condition
    date: 2026-11-20
    assessor: dana
    instruments:
      - instrument: phq-9
        answers: {interest: 1, down: 1, sleep: 1, tired: 1, appetite: 0, self-worth: 1, concentration: 0,
          slow-restless: 0, self-harm: 1}
        score: 6
"""


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def bare(lakeside: Path) -> Path:
    """The example, in which nobody has a plan yet, and no visit does anything of one."""
    import re

    for plan in lakeside.glob("clients/*/care-plan.yaml"):
        plan.unlink()
    for visits in [*lakeside.glob("clients/*/visits.yaml"), *lakeside.glob("clients/*/visits/*.yaml")]:
        text = visits.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^ *does: .*\n", "", text)
        visits.write_text(re.sub(r"(?m)^( *)did:(?: .*)?\n(?:\1 +.*\n)*", "", text), encoding="utf-8")
    return lakeside


# --- draft -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["c-014", "c-009"])
def test_a_plan_drafted_from_assessments_alone_reads_as_a_person_last_read_it(
    bare: Path, carectl: Carectl, client: str
) -> None:
    done = carectl("plan", "draft", client)
    assert (done.code, done.err) == (0, "")
    golden = GOLDEN / f"plan-draft-{client}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.out, encoding="utf-8")
    assert done.out == golden.read_text(encoding="utf-8")
    page = done.out.partition("\n--- ")[0]
    assert max(map(len, page.splitlines())) <= 80


def test_a_preview_writes_nothing(bare: Path, carectl: Carectl) -> None:
    before = census(bare)
    done = carectl("plan", "draft", "rosa")
    assert done.out.endswith("Nothing was written. To write it, give the same command with --yes.\n")
    assert "Nothing was written" not in carectl("plan", "draft", "rosa", "--dry-run").out
    assert census(bare) == before


def test_a_new_plan_begins_today_and_nothing_of_it_is_decided(bare: Path, carectl: Carectl) -> None:
    done = carectl("plan", "draft", "rosa", "--yes")
    assert done.code == 0
    assert done.out.splitlines()[-4:] == [
        "Proposed: 5 problems, 21 goals and interventions",
        "Accept one, or all: carectl plan accept c-014 falls, carectl plan accept c-014 --all",
        'Turn one down:      carectl plan reject c-014 falls --reason "…"',
        f"Wrote {PLAN}:1",
    ]
    text = (bare / PLAN).read_text(encoding="utf-8")
    assert text.splitlines()[:4] == [
        "# yaml-language-server: $schema=../../../../schemas/care-plan.schema.json",
        "period: {from: 2026-11-23}",
        "review_due: 2027-02-21",
        "problems:",
    ]
    assert "status: active" not in text
    assert carectl("check", "rosa").code == 0


@pytest.mark.parametrize("client", ["c-001", "c-002", "c-003", "c-009", "c-011", "c-014"])
def test_drafting_twice_proposes_nothing_and_a_persons_bytes_stay(
    lakeside: Path, carectl: Carectl, client: str
) -> None:
    """All that was there is there still, in one piece in front of what is added, or around it with --more."""
    path = lakeside / "clients" / client / "care-plan.yaml"
    for line in (["--yes"], ["--more", "--yes"]):
        before, others = path.read_text(encoding="utf-8"), census(lakeside)
        done = carectl("plan", "draft", client, *line)
        assert done.code == 0
        after = path.read_text(encoding="utf-8")
        left = iter(after.splitlines())
        assert all(one in left for one in before.splitlines())
        if "agreed:" not in after.partition("problems:")[2]:
            assert after.startswith(before)
        assert {name for name, raw in census(lakeside).items() if others.get(name) != raw} <= {
            path.relative_to(lakeside).as_posix()
        }
        again = carectl("plan", "draft", client, *line)
        assert "Nothing to propose beyond what is in the plan." in again.out
        assert path.read_text(encoding="utf-8") == after
    assert carectl("check", client, "--strict").code == 0


def test_what_a_person_wrote_is_told_as_left_alone(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("plan", "draft", "rosa", "--yes")
    assert "  - Heart failure, water and weight: heart, active" in done.out
    assert [line[:1] for line in changes()[PLAN]] == ["+"] * len(changes()[PLAN])


def test_what_must_not_wait_is_said_first(bare: Path, carectl: Carectl) -> None:
    add(bare / "clients/c-014/assessments.yaml", NINE)
    lines = carectl("plan", "draft", "rosa").out.splitlines()
    assert lines[1:3] == [
        "! ACT TODAY. PHQ-9: thoughts of being better off dead or of self-harm",
        "  (2026-11-20).",
    ]
    assert "carectl task add c-014" in " ".join(lines[:8])
    first = next(line for line in lines if line.startswith("+ "))
    assert first == "+ Has said yes to thoughts of being better off dead or of self-harm (safety-now,"
    found = json.loads(carectl("plan", "draft", "rosa", "--format", "json").out)
    assert found["urgent"][0]["path"] == "a-2026-11-20/phq-9"
    assert (found["proposals"][0]["urgent"], found["proposals"][0]["goals"][0]["due"]) == (True, "2026-11-23")
    carectl("plan", "draft", "rosa", "--yes")
    assert (bare / PLAN).read_text(encoding="utf-8").count("private: true") == 5
    # It is in the plan now; the alarm goes on until somebody has ticked off the task.
    assert "ACT TODAY" in carectl("plan", "draft", "rosa").out
    add(bare / "clients/c-014/tasks.yaml", "  - {id: safe, text: Asked, from: a-2026-11-20/phq-9, done: 2026-11-20}\n")
    assert "ACT TODAY" not in carectl("plan", "draft", "rosa").out


def test_json(bare: Path, carectl: Carectl) -> None:
    done = carectl("plan", "draft", "rosa", "-f", "json")
    found = json.loads(done.out)
    assert (found["format"], found["client"], found["date"]) == (1, "c-014", "2026-11-23")
    falls = found["proposals"][0]
    assert (falls["block"], falls["priority"], falls["evidence"][0]["path"]) == ("falls", "high", "a-2026-11-03/falls")
    assert falls["goals"][0]["due"] == "2027-02-23"
    assert carectl("plan", "draft", "rosa", "-f", "json").out == done.out
    assert carectl("plan", "draft", "rosa", "-f", "json", "--yes").code == 2


def test_a_plan_in_pieces_grows_in_its_last_piece(lakeside: Path, carectl: Carectl) -> None:
    folder = lakeside / "clients/c-014/care-plan"
    folder.mkdir()
    (lakeside / PLAN).rename(folder / "main.yaml")
    done = carectl("plan", "draft", "rosa", "--yes")
    assert "Wrote clients/c-014/care-plan/main.yaml" in done.out
    assert carectl("check", "rosa", "--strict").code == 0


def test_commit(bare: Path, carectl: Carectl) -> None:
    repository(bare)
    carectl("plan", "draft", "rosa", "--yes", "--commit")
    assert last_subject(bare) == "c-014 care-plan: 26 proposed"


def test_a_question_on_a_terminal(bare: Path) -> None:
    for answer, written in (("n\r", False), ("y\r", True)):
        shown, code = on_terminal(["plan", "draft", "rosa"], [answer], bare, {"CARECTL_NOW": MONDAY})
        assert code == 0
        assert "Write this? yes or no [no]: " in shown
        assert (bare / PLAN).exists() == written


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("assessments.yaml", "assessments: []\n", "there is no assessment yet"),
        ("assessments.yaml", "assessments:\n  - {id: a, kind: initial}\n", "not all of c-014's"),
        ("care-plan.yaml", "period: [\n", "not all of c-014's"),
        ("care-plan.yaml", "period: {from: 2026-08-05}\nproblems: [{id: x}]\n", "not all of c-014's"),
    ],
)
def test_where_nothing_can_be_told_nothing_is_proposed(
    lakeside: Path, carectl: Carectl, path: str, text: str, said: str
) -> None:
    (lakeside / "clients/c-014" / path).write_text(text, encoding="utf-8")
    before = census(lakeside)
    done = carectl("plan", "draft", "rosa", "--yes")
    assert (done.code, done.out, said in done.err) == (1, "", True)
    assert census(lakeside) == before


def test_nothing_is_planned_for_somebody_whose_care_has_ended(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("plan", "draft", "c-006")
    assert (done.code, "care has ended" in done.err) == (1, True)


def test_a_practices_own_block(bare: Path, carectl: Carectl) -> None:
    (bare / "blocks").mkdir()
    text = (Path(__file__).parents[1] / "codes/block-unusable/good-own/blocks/walks.yaml").read_text(encoding="utf-8")
    (bare / "blocks/walks.yaml").write_text(text.replace("[walks]", "[social]"), encoding="utf-8")
    assert "+ Does not get out (walks, low priority)" in carectl("plan", "draft", "rosa").out
    (bare / "blocks/walks.yaml").write_text(text.replace("days: [tue, thu]", ""), encoding="utf-8")
    assert "blocks/walks.yaml cannot be used" in carectl("plan", "draft", "rosa").err
    done = carectl("check", "blocks")
    assert (done.code, "block-unusable" in done.out) == (1, True)
    # What was found clean is judged again once the file is mended.
    (bare / "blocks/walks.yaml").write_text(text, encoding="utf-8")
    assert carectl("check", "blocks").code == 0


# --- accept ----------------------------------------------------------------------------------------------------------


def test_a_problem_is_accepted_with_what_somebody_carries_out(bare: Path, carectl: Carectl) -> None:
    carectl("plan", "draft", "rosa", "--yes")
    done = carectl("plan", "accept", "rosa", "falls")
    assert done.code == 0
    assert [line.partition(": ")[0] for line in done.out.splitlines()[1:5]] == [
        "Accepted problem falls",
        "Accepted goal no-falls",
        "Accepted intervention falls-doctor",
        "Accepted intervention after-a-fall",
    ]
    assert done.out.splitlines()[5:8] == [
        "Still proposed, for no visit has it as a task: clear-way",
        "  carectl series change c-014 am-care --from tomorrow --does clear-way",
        "  then: carectl plan accept c-014 clear-way",
    ]
    # The two commands do what they say.
    assert carectl("series", "change", "c-014", "am-care", "--from", "tomorrow", "--does", "clear-way").code == 0
    assert "Accepted intervention clear-way" in carectl("plan", "accept", "c-014", "clear-way").out
    assert carectl("check", "rosa").code == 0
    again = carectl("plan", "accept", "rosa", "falls")
    assert (again.code, "falls is not proposed: it is active" in again.err) == (2, True)


def test_only_what_is_named_is_accepted(bare: Path, carectl: Carectl) -> None:
    carectl("plan", "draft", "rosa", "--yes")
    done = carectl("plan", "accept", "rosa", "heart-failure/weighed", "weigh")
    assert [line.split(":")[0] for line in done.out.splitlines()[1:4]] == [
        "Accepted problem heart-failure",
        "Accepted goal weighed",
        "Accepted intervention weigh",
    ]
    found = json.loads(carectl("plan", "show", "rosa", "-f", "json").out)
    heart = next(item for item in found["problems"] if item["id"] == "heart-failure")
    assert [goal["status"] for goal in heart["goals"]] == ["active", "proposed"]


def test_all_is_accepted_and_who_may_be_told_is_named(bare: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("plan", "draft", "rosa", "--yes")
    before = (bare / PLAN).read_text(encoding="utf-8")
    dry = carectl("plan", "accept", "rosa", "--all", "--dry-run")
    assert (bare / PLAN).read_text(encoding="utf-8") == before
    assert "+    status: active" in dry.out
    done = carectl("plan", "accept", "rosa", "--all")
    assert "maria and dr-lee may be told of goals: `private: true` keeps one back" in done.out
    text = (bare / PLAN).read_text(encoding="utf-8")
    assert text.replace("status: active", "status: proposed") == before
    assert carectl("check", "rosa").code == 0


def test_what_is_meant_must_be_named(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("plan", "accept", "rosa", "--all")
    assert (done.code, "nothing is proposed for c-014 Rosa Alvarez" in done.err) == (2, True)
    carectl("plan", "draft", "rosa", "--yes")
    done = carectl("plan", "accept", "rosa")
    assert (done.code, "  own-goals: stay-in-my-own, wish-ask" in done.err) == (2, True)
    assert carectl("plan", "accept", "rosa", "own-goals", "--all").code == 2
    assert "nothing that is proposed is called mood" in carectl("plan", "accept", "rosa", "mood").err


# --- reject ----------------------------------------------------------------------------------------------------------


def test_what_is_turned_down_stays_with_its_reason_and_is_not_proposed_again(bare: Path, carectl: Carectl) -> None:
    carectl("plan", "draft", "rosa", "--yes")
    done = carectl("plan", "reject", "rosa", "loneliness", "--reason", "Her sister: moves in")
    assert (done.code, done.out.splitlines()[-2]) == (0, "Because: Her sister: moves in")
    assert carectl("check", "rosa").code == 0
    text = (bare / PLAN).read_text(encoding="utf-8")
    assert text.count('reason: "Her sister: moves in"') == 4
    assert text.count("stopped: 2026-11-23") == 2
    page = carectl("plan", "draft", "rosa").out
    assert "  - Being alone too much: loneliness, inactive (Her sister: moves in)" in page
    assert "Nothing to propose" in page
    assert "Closed\n  - Sees fewer people" in carectl("plan", "show", "rosa").out
    add(
        bare / "clients/c-014/assessments.yaml",
        "  - {id: a-2026-11-22, kind: reassessment, date: 2026-11-22, assessor: dana,\n"
        "     findings: [{id: alone, domain: social, finding: Her sister left}]}\n",
    )
    assert "+ Sees fewer people than is good (loneliness-2, medium priority)" in carectl("plan", "draft", "rosa").out


def test_one_goal_is_turned_down_alone(bare: Path, carectl: Carectl) -> None:
    carectl("plan", "draft", "rosa", "--yes")
    assert carectl("plan", "reject", "rosa", "no-falls").code == 2
    done = carectl("plan", "reject", "rosa", "no-falls", "--reason", "Not her aim")
    assert "problem" not in done.out
    found = json.loads(carectl("plan", "show", "rosa", "-f", "json").out)
    falls = next(item for item in found["problems"] if item["id"] == "falls")
    assert (falls["status"], falls["goals"][0]["status"], falls["goals"][0]["reason"]) == (
        "proposed", "cancelled", "Not her aim",
    )  # fmt: skip


# --- show ------------------------------------------------------------------------------------------------------------


def test_the_plan_on_the_terminal(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("plan", "show", "rosa")
    assert (done.code, done.err) == (0, "")
    golden = GOLDEN / "plan-show.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.out, encoding="utf-8")
    assert done.out == golden.read_text(encoding="utf-8")
    assert max(map(len, done.out.splitlines())) <= 80


def test_what_is_wrong_with_a_plan_is_seen(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / PLAN
    text = path.read_text(encoding="utf-8").partition("agreed:")[0]
    text = text.replace("due: 2027-02-03", "due: 2026-11-03")
    path.write_text(text.replace("            target: 2\n", ""), encoding="utf-8")
    carectl("plan", "draft", "rosa", "--yes")
    lines = carectl("plan", "show", "rosa").out
    assert "c-014 Rosa Alvarez  DRAFT: nobody who may has agreed to it" in lines
    assert "review due 2026-11-03  OVERDUE" in lines
    assert "due 2026-11-03, OVERDUE" in lines
    assert "(own-goals, medium priority,\nPROPOSED)" in lines
    assert "3 proposed: carectl plan accept c-014" in lines


def test_a_plan_that_cannot_be_read_whole_says_so(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / PLAN
    path.write_text(path.read_text(encoding="utf-8").replace("priority: high", "priority: hihg", 1), encoding="utf-8")
    done = carectl("plan", "show", "rosa")
    assert (done.code, "care-plan/falls" in done.err) == (1, True)
    path.unlink()
    done = carectl("plan", "show", "rosa")
    assert (done.code, done.out, "carectl plan draft c-014" in done.err) == (1, "", True)

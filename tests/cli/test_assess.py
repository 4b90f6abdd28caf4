"""carectl assess: instruments, answers item by item, scores that are never guessed, and answers that must not wait."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ASSESSMENTS = "clients/c-014/assessments.yaml"
TASKS = "clients/c-014/tasks.yaml"
KEPT = ".carectl/unfinished/c-014.json"
GOLDEN = Path(__file__).parents[1] / "golden"

ADL = "adl-6: {bathing: 0, dressing: 1, toileting: 1, transferring: 0, continence: 1, feeding: 1}\n"
PHQ = ("interest", "down", "sleep", "tired", "appetite", "self-worth", "concentration", "slow-restless", "self-harm")


def phq(*points: int) -> str:
    """A file of answers to the PHQ-9."""
    return "phq-9: {" + ", ".join(f"{item}: {n}" for item, n in zip(PHQ, points, strict=False)) + "}\n"


def answers(lakeside: Path, text: str) -> str:
    """A file of answers beside the caseload."""
    path = lakeside.parent / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def terminal(words: Sequence[str], typed: Sequence[str], lakeside: Path) -> tuple[str, int]:
    """Run it at a terminal, with an answer for each question."""
    lines = [text if text in ("\x03", "\x04") else f"{text}\n" for text in typed]
    return on_terminal(["assess", *words], lines, lakeside, {"CARECTL_NOW": MONDAY, "LC_ALL": "C.UTF-8"})


# --- to see ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("assess-instruments", ["list"]),
        ("assess-list", ["list", "rosa"]),
        ("assess-show", ["show", "rosa"]),
        ("assess-instrument", ["show", "--instrument", "phq-9"]),
        ("assess-trend", ["trend", "rosa"]),
    ],
)
def test_the_screens(name: str, words: list[str], lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("assess", *words)
    assert (done.code, done.err) == (0, "")
    assert census(lakeside) == before
    assert all(len(text) <= 80 for text in done.out.splitlines())
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.out, encoding="utf-8")
    assert done.out == golden.read_text(encoding="utf-8")


def test_what_must_be_said_is_said_everywhere(lakeside: Path, carectl: Carectl) -> None:
    assert carectl("assess", "add", "rosa", "--score", "gds-15=6").code == 0
    for words in (["list", "rosa"], ["show", "rosa"], ["trend", "rosa"], ["trend", "rosa", "-f", "json"],
                  ["list"], ["show", "--instrument", "gds-15"]):  # fmt: skip
        assert "never a diagnosis" in carectl("assess", *words).out
    for words in (["show", "rosa"], ["trend", "rosa"], ["show", "--instrument", "gds-15"]):
        assert "Not verified: The cut-offs" in carectl("assess", *words).out


def test_json(lakeside: Path, carectl: Carectl) -> None:
    listed = json.loads(carectl("assess", "list", "rosa", "-f", "json").out)
    assert [item["id"] for item in listed["assessments"]] == ["a-2026-11-03", "a-2026-09-15", "a-2026-08-03"]
    (result,) = listed["assessments"][0]["instruments"]
    assert (result["score"], result["change"], result["complete"], result["missing"]) == (5, 1, True, [])
    one = json.loads(carectl("assess", "show", "rosa", "a-2026-09-15", "-f", "json").out)
    assert (one["format"], one["assessment"]["kind"]) == (1, "change_of_condition")
    trend = json.loads(carectl("assess", "trend", "rosa", "adl-6", "-f", "json").out)
    assert [point["score"] for point in trend["trends"][0]["points"]] == [5, 4, 5]
    there = json.loads(carectl("assess", "list", "-f", "json").out)["instruments"]
    assert {item["id"]: item["not_verified"] == [] for item in there}["phq-9"]
    assert all(item["licence"] and item["usable"] and not item["own"] for item in there)
    items = json.loads(carectl("assess", "show", "--instrument", "phq-2", "-f", "json").out)["instrument"]["items"]
    assert [item["answered_by"] for item in items] == ["0, 1, 2 or 3"] * 2


def test_a_correction_takes_the_place(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / ASSESSMENTS
    path.write_text(
        path.read_text(encoding="utf-8")
        + "  - {id: a-2026-11-04, kind: reassessment, date: 2026-11-04, assessor: dana,"
        " amends: assessments/a-2026-11-03,"
        " instruments: [{instrument: adl-6, score: 3}]}\n",
        encoding="utf-8",
    )
    assert "corrected by a-2026-11-04" in carectl("assess", "list", "rosa").out
    assert "Corrected by a-2026-11-04: that one counts." in carectl("assess", "show", "rosa", "a-2026-11-03").out
    latest = carectl("assess", "show", "rosa").out
    assert "Only the score was kept, without the answers." in latest
    assert "-1 worse since 2026-09-15" in latest


def test_what_cannot_be_read_is_said(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / ASSESSMENTS
    path.write_text(path.read_text(encoding="utf-8").replace("score: 5}", "score: five}", 1), encoding="utf-8")
    for words in (["list", "rosa"], ["show", "rosa"], ["trend", "rosa"], ["trend", "rosa", "-f", "html"]):
        done = carectl("assess", *words)
        assert done.code == 1
        assert f"carectl: not whole: {ASSESSMENTS}:9: " in done.err
    assert "Not complete." in done.out
    assert "2026-08-03" not in carectl("assess", "trend", "rosa").out


def test_an_instrument_that_cannot_be_used(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / "instruments").mkdir()
    (lakeside / "instruments" / "ours.yaml").write_text("id: ours\n", encoding="utf-8")
    done = carectl("assess", "list")
    assert done.code == 1
    assert "cannot be used" in done.out
    assert "carectl check tells why" in done.err
    assert carectl("assess", "show", "--instrument", "ours").code == 1
    assert carectl("assess", "add", "rosa", "--score", "ours=1").code == 1


# --- over time -------------------------------------------------------------------------------------------------------


def test_a_gap_is_no_bar_and_no_zero(lakeside: Path, carectl: Carectl) -> None:
    carectl("assess", "add", "rosa", "--answers", answers(lakeside, phq(0, 0, 0, 0, 0, 0, 0, 0, 0)), "--date", "11/10")
    carectl("assess", "add", "rosa", "--answers", answers(lakeside, phq(3, 3, 3)), "--date", "11/12")
    carectl("assess", "add", "rosa", "--answers", answers(lakeside, phq(1, 2, 0, 0, 0, 0, 0, 0, 0)), "--date", "11/14")
    done = carectl("assess", "trend", "rosa", "phq-9")
    assert done.code == 0
    bars = [text for text in done.out.splitlines() if "│" in text]
    assert bars == ["2026-11-10 │ 0", "2026-11-12 │ no score", "2026-11-14 │█████ 3"]
    assert "2026-11-14      3  +3 worse  minimal" in done.out
    points = json.loads(carectl("assess", "trend", "rosa", "phq-9", "-f", "json").out)["trends"][0]["points"]
    assert [(point["score"], point["complete"]) for point in points] == [(0, True), (None, False), (3, True)]
    page = carectl("assess", "trend", "rosa", "phq-9", "-f", "html").out
    drawing = ET.fromstring(re.findall("<svg.*?</svg>", page, re.DOTALL)[0])
    assert len(drawing.findall("circle")) == 2
    # Nothing joins the two scores over the gap between them.
    assert drawing.findall("polyline") == []
    assert [text.text for text in drawing.findall("text")].count("no score") == 1


def test_forms_with_other_numbers_are_apart(lakeside: Path, carectl: Carectl) -> None:
    for day, form in (("11/10", "kg"), ("11/12", "pounds"), ("11/14", "kg")):
        done = carectl("assess", "add", "rosa", "--score", "mst=2", "--form", f"mst={form}", "--date", day)
        assert done.code == 0
    assert "The same since 2026-11-10" in done.out
    found = json.loads(carectl("assess", "trend", "rosa", "mst", "-f", "json").out)["trends"]
    assert [(item["form"], len(item["points"])) for item in found] == [("pounds", 1), ("kg", 2)]


def test_the_page_stands_alone_and_says_everything_in_words(lakeside: Path, carectl: Carectl) -> None:
    out = lakeside.parent / "trend.html"
    done = carectl("assess", "trend", "rosa", "-o", str(out))
    assert (done.code, done.out) == (0, "")
    page = out.read_text(encoding="utf-8")
    assert out.stat().st_mode & 0o777 == 0o600
    assert not re.search(r"https?://|<script|src=|url\(", page)
    assert "Chart copy: not for sharing" in page
    assert "never a diagnosis" in page
    (drawn,) = re.findall("<svg.*?</svg>", page, re.DOTALL)
    drawing = ET.fromstring(drawn)
    assert drawing.attrib["role"] == "img"
    named = [item.attrib["id"] for item in (drawing.find("title"), drawing.find("desc")) if item is not None]
    assert drawing.attrib["aria-labelledby"].split() == named
    description = drawing.findtext("desc") or ""
    for day, score in (("2026-08-03", 5), ("2026-09-15", 4), ("2026-11-03", 5)):
        assert f"{day}: {score}, needs help" in description
    assert len(re.findall('<th scope="row">', page)) == 3
    assert carectl("assess", "trend", "rosa", "-f", "html").out == page


def test_a_terminal_without_blocks(lakeside: Path) -> None:
    words = ["assess", "trend", "rosa"]
    shown, code = on_terminal(words, [], lakeside, {"CARECTL_NOW": MONDAY, "LC_ALL": "C", "NO_COLOR": "1"})
    assert code == 0
    assert "2026-09-15 |#############################" in shown
    assert "█" not in shown
    assert "█" in on_terminal(words, [], lakeside, {"CARECTL_NOW": MONDAY, "LC_ALL": "C.UTF-8"})[0]


# --- to write, in a script -------------------------------------------------------------------------------------------


def test_answers_from_a_file(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, ADL + "mst: 3\nhome-safety: {floor-rugs: yes, floor-path: false}\n")
    done = carectl(
        "assess", "add", "rosa", "--answers", path, "--form", "mst=kg", "--informant", "maria", "--informant", "client",
        "--assessor", "amara", "--finding", "falls: Near fall on the stairs -> A second rail", "--strength", "Walks",
        "--goal", "Mass on Sundays", "--summary", "Weaker.", "--for-family", "A bit weaker.",
    )  # fmt: skip
    assert done.code == 0
    assert changes() == {
        ASSESSMENTS: [
            "+  - id: a-2026-11-23",
            "+    kind: reassessment",
            "+    date: 2026-11-23",
            "+    assessor: amara-diallo",
            "+    informants: [maria, client]",
            "+    instruments:",
            "+      - {instrument: adl-6, answers: {bathing: 0, dressing: 1, toileting: 1, transferring: 0,"
            " continence: 1, feeding: 1}, score: 4}",
            "+      - {instrument: mst, answers: {x-form: kg}, score: 3}",
            "+      - {instrument: home-safety, answers: {floor-path: false, floor-rugs: true}}",
            "+    findings:",
            '+      - {id: falls, domain: falls, finding: "Near fall on the stairs", need: A second rail}',
            "+    strengths: [Walks]",
            "+    client_goals: [Mass on Sundays]",
            "+    summary: Weaker.",
            "+    for_family: A bit weaker.",
        ]
    }
    for words in (
        "-1 worse since 2026-11-03", "3, at risk of malnutrition", "no answer to 14 items",
        "Take up loose rugs", "never a diagnosis", "Due: home-safety", "Next: carectl plan draft c-014",
    ):  # fmt: skip
        assert words in done.out, words
    assert carectl("check", "rosa").code == 0


def test_an_answer_that_is_missing_stays_missing(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, "phq-2:\n  interest: 2\n  down: ~\n")
    done = carectl("assess", "add", "rosa", "--answers", path)
    assert done.code == 0
    assert "INCOMPLETE, no score: no answer to down" in done.out
    assert changes()[ASSESSMENTS][-1] == "+      - {instrument: phq-2, answers: {interest: 2}}"
    assert "phq-2: begun Monday 2026-11-23 (today) and never completed" in carectl("assess", "list", "rosa").out


def test_json_and_standard_input(lakeside: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(b'{"phq-2": {"interest": 1, "down": 2}}'))
    monkeypatch.setattr(sys, "stdin", given)
    done = carectl("assess", "add", "rosa", "--answers", "-", "--kind", "change-of-condition")
    assert done.code == 0
    assert "3, " in done.out
    assert "kind: change_of_condition" in (lakeside / ASSESSMENTS).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phq-9:\n  sleep: 4\n", "2:10: error[instrument-answer] sleep of phq-9 is answered by 0, 1, 2 or 3"),
        ("phq-9:\n  sleep: '2'\n", "2:10: error[instrument-answer]"),
        ("phq-9:\n  slep: 2\n", "2:3: error[instrument-item-unknown] phq-9 has no item of this name"),
        ("phq9: {sleep: 2}\n", "1:1: error[instrument-unknown] this instrument is not one that this caseload has"),
        (
            "home-safety: {floor-rugs: 1}\n",
            "floor-rugs of home-safety is answered by yes or no",
        ),
        (
            "barthel: 84\n",
            "1:10: error[instrument-score] the score of barthel must be a number in steps of 5",
        ),
        ("barthel: {total: 85}\n", "error[instrument-score] of barthel only the score is kept"),
        ("phq-9: 12\n", "error[instrument-answer] the answers to phq-9 must be written {item: answer}"),
        ("- phq-9\n", "error[schema-type]"),
        ("phq-2: {down: 1, down: 2}\n", "error[yaml-key-twice]"),
        ("phq-2: &a {down: 1}\n", "error[yaml-anchor]"),
        ("phq-2: {down: 1\n", "error[yaml-syntax]"),
        ("phq-2: {down: [1]}\n", "error[instrument-answer]"),
    ],
)
def test_a_faulty_file_of_answers(text: str, told: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    path = answers(lakeside, text)
    done = carectl("assess", "add", "rosa", "--answers", path)
    assert done.code == 1
    assert f"{path}:" in done.err
    assert told in done.err
    assert census(lakeside) == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "--answers FILE, --score ID=N or --finding TEXT is needed (on a terminal carectl asks)"),
        (["--instrument", "phq-9"], 2, "phq-9: no answer is given"),
        (["--instrument", "phq9"], 2, "did you mean phq-9?"),
        (["--score", "phq-9=28"], 2, "--score phq-9 takes a whole number, from 0 to 27"),
        (["--score", "phq-9"], 2, "--score takes ID=N"),
        (["--score", "home-safety=1"], 2, "this instrument has none"),
        (["--form", "mst=kg"], 2, "neither an answer nor a score"),
        (["--score", "mst=2", "--date", "tomorrow"], 2, "--date takes a day that has come"),
        (["--score", "mst=2", "--kind", "again"], 2, "--kind takes one of initial"),
        (["--score", "mst=2", "--assessor", "maria"], 2, "no staff member fits"),
        (["--finding", "Fell"], 2, "--finding takes a domain"),
        (["--answers", "nowhere.yaml"], 3, "nowhere.yaml: no such file"),
        (["--resume"], 2, "call it on a terminal"),
        (["--resume", "--score", "mst=2"], 2, "--resume goes on with what was kept"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(words: list[str], code: int, told: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("assess", "add", "rosa", *words)
    assert done.code == code
    assert told in done.err
    assert census(lakeside) == before


def test_a_score_that_its_answers_do_not_add_up_to(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, ADL)
    assert carectl("assess", "add", "rosa", "--answers", path, "--score", "adl-6=5").code == 2
    assert changes() == {}
    assert carectl("assess", "add", "rosa", "--answers", path, "--score", "adl-6=4").code == 0


def test_the_same_again_late_and_committed(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    repository(lakeside)
    path = answers(lakeside, ADL)
    words = ("assess", "add", "rosa", "--answers", path, "--date", "nov 1")
    assert carectl(*words, "--dry-run").code == 0
    assert changes() == {}
    done = carectl(*words, "--commit")
    assert done.code == 0
    assert "Recorded as a late entry: written down 22 days after the event" in done.out
    assert last_subject(lakeside) == "c-014 assessments: 1 added"
    text = (lakeside / ASSESSMENTS).read_text(encoding="utf-8")
    # It stands where its day is, and is compared with what was before it.
    assert text.index("a-2026-09-15") < text.index("a-2026-11-01") < text.index("a-2026-11-03")
    assert "The same since 2026-09-15" in done.out
    before = changes()
    again = carectl(*words)
    assert again.code == 0
    assert "This assessment is there already: assessments/a-2026-11-01" in again.out
    assert changes() == before
    assert carectl("assess", "add", "rosa", "--score", "mst=1", "--date", "nov 1").code == 0
    assert "id: a-2026-11-01-2" in (lakeside / ASSESSMENTS).read_text(encoding="utf-8")


def test_a_folder_of_months(lakeside: Path, carectl: Carectl) -> None:
    folder = lakeside / "clients/c-014/assessments"
    folder.mkdir()
    (lakeside / ASSESSMENTS).rename(folder / "2026-08.yaml")
    text = (folder / "2026-08.yaml").read_text(encoding="utf-8")
    first, rest = text.split("  - id: a-2026-09-15")
    (folder / "2026-08.yaml").write_text(first, encoding="utf-8")
    (folder / "before.yaml").write_text("assessments:\n  - id: a-2026-09-15" + rest, encoding="utf-8")
    assert carectl("assess", "add", "rosa", "--score", "mst=1").code == 0
    assert "a-2026-11-23" in (folder / "2026-11.yaml").read_text(encoding="utf-8")


def test_forward_copies_nothing_that_nobody_confirmed(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, "adl-6: {bathing: 1}\n")
    words = ("assess", "add", "rosa", "--answers", path, "--finding", "falls: None since October")
    done = carectl(*words, "--forward")
    assert done.code == 0
    said = " ".join(done.out.split())
    assert "Bath or shower: 0 Needs somebody's help → 1 Needs nobody's help" in said
    assert (
        "Not asked again since 2026-11-03, and not copied: adl-6 (dressing, toileting, transferring, continence,"
        " feeding), the finding on health (heart), the finding on social (alone)."
    ) in said
    assert "+      - {instrument: adl-6, answers: {bathing: 1}}" in changes()[ASSESSMENTS]
    assert not any("heart" in line for line in changes()[ASSESSMENTS])


# --- what must not wait ----------------------------------------------------------------------------------------------


def test_an_answer_that_must_not_wait_opens_its_task(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, phq(0, 0, 0, 0, 0, 0, 0, 0, 1))
    done = carectl("assess", "add", "rosa", "--answers", path)
    assert (done.code, done.err) == (0, "")
    assert "1, minimal" in done.out
    assert "URGENT: Thoughts of being better off dead or of self-harm" in done.out
    assert "Now: Ask today how safe the client is" in done.out
    assert "Task ask-today is open, due today" in done.out
    assert [line.removeprefix("+").strip() for line in changes()[TASKS]] == [
        "- id: ask-today",
        "text: Ask today how safe the client is, follow the practice's safety steps, and call the doctor",
        "due: 2026-11-23",
        "from: assessments/a-2026-11-23/phq-9",
        "done: null",
    ]
    assert carectl("check", "--strict", "rosa").code == 0
    assert "URGENT" in carectl("assess", "show", "rosa").out
    # The next one on the same day has a task of its own.
    path = answers(lakeside, phq(1, 1, 1, 1, 1, 1, 1, 1, 2))
    assert carectl("assess", "add", "rosa", "--answers", path).code == 0
    assert "from: assessments/a-2026-11-23-2/phq-9" in (lakeside / TASKS).read_text(encoding="utf-8")
    assert carectl("check", "rosa").code == 0


def test_it_counts_though_the_rest_is_missing(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("assess", "add", "rosa", "--answers", answers(lakeside, "phq-9: {self-harm: 1}\n"))
    assert done.code == 0
    assert "INCOMPLETE" in done.out
    assert TASKS in changes()


def test_both_or_neither_and_it_is_said_all_the_same(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / TASKS).write_text("tasks: [{id: a, text: b\n", encoding="utf-8")
    before = census(lakeside)
    done = carectl("assess", "add", "rosa", "--answers", answers(lakeside, phq(0, 0, 0, 0, 0, 0, 0, 0, 1)))
    assert done.code == 1
    assert "URGENT: Thoughts of being better off dead" in done.err
    assert "no task is open for it" in done.err
    assert census(lakeside) == before


def test_a_dry_run_claims_no_task(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("assess", "add", "rosa", "--dry-run", "--answers", answers(lakeside, "phq-9: {self-harm: 1}\n"))
    assert done.code == 0
    assert "no task is open: that was --dry-run" in done.out
    assert "is open, due today" not in done.out
    assert changes() == {}


def test_a_bare_score_hides_the_answer_that_counts(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("assess", "add", "rosa", "--score", "phq-9=6")
    assert done.code == 0
    assert "There is no answer to self-harm, which must not be left out." in " ".join(done.out.split())
    assert "warning[alert-unanswered]" in done.err


# --- to write, on a terminal -----------------------------------------------------------------------------------------

HEAD = ["", "", "", "client, maria"]
"""Kind, day and assessor as they are offered, and who told."""
END = ["", "", ""]
"""No findings, nothing else."""


def test_asked_item_by_item(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    typed = [*HEAD, "", "0", "1", "7", "1", "b", "0", "?", "1", "1", "-", *END]
    shown, code = terminal(["add", "rosa"], typed, lakeside)
    assert code == 0
    assert "Instruments, with commas [adl-6]" in shown
    assert "Please give 0 or 1, or - if it is not answered." in shown
    assert "3 of 6  Using the toilet" in shown
    assert "Answer [1 Needs nobody's help]: 0" in shown
    assert "read it from there" in shown
    assert "INCOMPLETE, no score: no answer to feeding" in shown
    assert all(len(line) <= 80 for line in shown.splitlines() if "error[" not in line and "note[" not in line)
    assert changes()[ASSESSMENTS][4:] == [
        "+    informants: [client, maria]",
        "+    instruments:",
        "+      - {instrument: adl-6, answers: {bathing: 0, dressing: 1, toileting: 0, transferring: 1,"
        " continence: 1}}",
    ]


def test_stop_and_resume(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    shown, code = terminal(["add", "rosa", "--instrument", "adl-6"], [*HEAD, "0", "1", "q"], lakeside)
    assert code == 0
    assert "Your answers are kept: carectl assess add c-014 --resume" in shown
    assert ASSESSMENTS not in changes()
    kept = lakeside / KEPT
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert "Go on with it: carectl assess add c-014 --resume" in carectl("assess", "list", "rosa").out
    # Nobody begins another one over it.
    shown, code = terminal(["add", "rosa"], [], lakeside)
    assert code == 1
    assert "begun and is not finished" in shown
    shown, code = terminal(["add", "rosa", "--resume"], ["1", "1", "1", "1", "falls: None -> Go on", *END], lakeside)
    assert code == 0
    assert "adl-6: 2 of 6 answers" in shown
    assert "3 of 6  Using the toilet" in shown
    assert "1 of 6" not in shown
    assert "score: 5}" in changes()[ASSESSMENTS][-3]
    assert not kept.exists()


def test_git_never_sees_what_is_kept(lakeside: Path) -> None:
    import subprocess

    repository(lakeside)
    terminal(["add", "rosa", "--instrument", "adl-6"], [*HEAD, "0", "q"], lakeside)
    assert (lakeside / KEPT).exists()
    done = subprocess.run(["git", "status", "--porcelain"], cwd=lakeside, check=True, capture_output=True, text=True)
    assert done.stdout == ""


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_what_is_interrupted_is_kept(key: str, lakeside: Path, carectl: Carectl) -> None:
    typed = [*HEAD, "0", "1", key]
    _, code = terminal(["add", "rosa", "--instrument", "adl-6"], typed, lakeside)
    assert code == 130
    assert json.loads((lakeside / KEPT).read_bytes())["filled"]["adl-6"]["answers"] == {"bathing": 0, "dressing": 1}
    assert carectl("assess", "add", "rosa", "--discard").code == 0
    assert not (lakeside / KEPT).exists()


def test_findings_are_kept_too(lakeside: Path, changes: Changes) -> None:
    typed = [*HEAD, "3", "", "pain: Knees -> Look at shoes", "", "Sings", "q"]
    terminal(["add", "rosa", "--instrument", "mst"], typed, lakeside)
    _, code = terminal(["add", "rosa", "--resume"], ["", "", "A dance", ""], lakeside)
    assert code == 0
    assert changes()[ASSESSMENTS][-4:] == [
        "+    findings:",
        '+      - {id: pain, domain: pain, finding: "Knees", need: Look at shoes}',
        "+    strengths: [Sings]",
        "+    client_goals: [A dance]",
    ]


def test_a_file_that_was_kept_and_is_damaged(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / KEPT).parent.mkdir(parents=True)
    for text in ("{", "[]", '{"format": 1}', '{"format": 2}', '{"format": 1, "kind": "initial", "date": "x"}'):
        (lakeside / KEPT).write_text(text, encoding="utf-8")
        shown, code = terminal(["add", "rosa", "--resume"], [], lakeside)
        assert code == 3
        assert f"{KEPT} cannot be used: it is damaged" in shown


def test_a_refusal_keeps_the_answers(lakeside: Path) -> None:
    (lakeside / TASKS).write_text("tasks: [{id: a, text: b\n", encoding="utf-8")
    typed = [*HEAD, *["0"] * 8, "1", *END]
    shown, code = terminal(["add", "rosa", "--instrument", "phq-9"], typed, lakeside)
    assert code == 1
    assert shown.count("URGENT") == 2
    assert "Your answers are kept: carectl assess add c-014 --resume" in shown
    assert json.loads((lakeside / KEPT).read_bytes())["filled"]["phq-9"]["answers"]["self-harm"] == 1


def test_a_dry_run_keeps_nothing(lakeside: Path, changes: Changes) -> None:
    shown, code = terminal(["add", "rosa", "--instrument", "adl-6", "--dry-run"], [*HEAD, "0", "q"], lakeside)
    assert code == 0
    assert "nothing is kept: that was --dry-run" in shown
    assert changes() == {}


def test_forward_asks_each_answer_again(lakeside: Path, changes: Changes) -> None:
    typed = [*HEAD, "", "", "1", "", "0", "", "", "y", "maybe", "n", "y", *END]
    shown, code = terminal(["add", "rosa", "--forward"], [*typed], lakeside)
    assert code == 0
    assert "Answer [last time 0 Needs somebody's help; Enter: the same today]" in shown
    assert "Please give yes or no." in shown
    found = changes()[ASSESSMENTS]
    assert (
        "+      - {instrument: adl-6, answers: {bathing: 0, dressing: 1, toileting: 1, transferring: 0, continence: 1,"
        " feeding: 1}, score: 4}"
    ) in found
    assert re.findall(r"- \{?(id: \w+)", "\n".join(found)) == ["id: a", "id: falls", "id: alone"]
    assert "not copied: the finding on health (heart)." in " ".join(shown.split())


def test_enter_never_answers_what_must_not_wait(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = answers(lakeside, phq(1, 1, 1, 1, 1, 1, 1, 1, 0))
    carectl("assess", "add", "rosa", "--answers", path, "--date", "yesterday")
    typed = [*HEAD, *[""] * 9, "1", "q"]
    shown, code = terminal(["add", "rosa", "--forward", "--instrument", "phq-9"], typed, lakeside)
    assert code == 0
    assert "[last time 0 Not at all; type today's]" in shown
    assert "Please give 0, 1, 2 or 3" in shown
    # At once, at the stop, and wherever the unfinished assessment is shown: no task is open yet.
    assert shown.count("URGENT") == 2
    assert 'carectl task add c-014 "Ask today how safe' in shown
    assert "URGENT" in carectl("assess", "list", "rosa").out
    assert TASKS not in changes()


def test_a_question_that_must_not_be_left_out(lakeside: Path) -> None:
    typed = [*HEAD, *["0"] * 8, "-", *END]
    shown, code = terminal(["add", "rosa", "--instrument", "phq-9"], typed, lakeside)
    assert code == 0
    assert "This question must not be left out" in shown


def test_nothing_answered_is_nothing_written(lakeside: Path, changes: Changes) -> None:
    shown, code = terminal(["add", "rosa", "--instrument", "mst"], [*HEAD, "-", *END], lakeside)
    assert code == 1
    assert "there is neither an answer nor a finding" in shown
    assert "--resume" not in shown
    assert ASSESSMENTS not in changes()
    assert not (lakeside / KEPT).exists()

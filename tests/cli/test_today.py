"""carectl today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_documents import golden
from helpers_lakeside import EXAMPLE

MORNING = "2026-11-23T06:50"
"""A Monday, before anybody has come."""


@pytest.fixture
def trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carectl: Carectl) -> Path:
    """A copy of the troubled example on its bad Monday, as the current folder."""
    root = tmp_path / "trouble"
    shutil.copytree(EXAMPLE.with_name("troubled"), root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("CARECTL_NOW", MORNING)
    return root


def items(carectl: Carectl, *options: str) -> list[dict[str, Any]]:
    """The things of the list, as scripts read them."""
    found: list[dict[str, Any]] = json.loads(carectl("today", "-f", "json", *options).out)["items"]
    return found


def mend(root: Path) -> None:
    """Make everything readable."""
    client, medicines = root / "clients/c-102/client.yaml", root / "clients/c-103/medications.yaml"
    client.write_text(client.read_text(encoding="utf-8").replace("preferances", "preferences"), encoding="utf-8")
    medicines.write_text("medications: none\n", encoding="utf-8")


def test_the_examples_on_one_screen(carectl: Carectl) -> None:
    """For people to read: a quiet Sunday, and a bad Monday."""
    quiet = carectl("today", "--caseload", str(EXAMPLE), "--now", "2026-11-22T06:40")
    assert (quiet.code, quiet.err) == (0, "")
    golden("today.txt", quiet.out)
    bad = carectl("today", "--caseload", str(EXAMPLE.with_name("troubled")), "--now", MORNING)
    assert bad.code == 1
    golden("today-troubled.txt", bad.out)
    for page in (quiet.out, bad.out):
        assert len(page.splitlines()) <= 40
        assert all(len(line) <= 80 and line == line.rstrip() for line in page.splitlines())


def test_what_could_not_be_read_is_told(trouble: Path, carectl: Carectl) -> None:
    done = carectl("today")
    assert done.code == 1
    lines = done.err.replace("carectl: not whole: clients/", "").splitlines()
    assert lines == [
        "c-102/client.yaml:19: the key `preferances` is not known here",
        "c-103/medications.yaml:8: something follows here where the value has already ended",
    ]
    assert carectl("today", "--client", "edith").code == 0
    mend(trouble)
    done = carectl("today")
    assert (done.code, done.err) == (0, "")


def test_a_series_that_could_not_be_read(trouble: Path, carectl: Carectl) -> None:
    mend(trouble)
    visits = trouble / "clients/c-101/visits.yaml"
    visits.write_text(visits.read_text(encoding="utf-8").replace('at: "08:00"', "at: eight", 1), encoding="utf-8")
    done = carectl("today")
    assert done.code == 1
    assert "carectl: not whole: clients/c-101/visits.yaml" in done.err
    assert "eight" not in done.err
    assert [item["kind"] for item in items(carectl, "--client", "c-101")] == ["goal"]


def test_json(trouble: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("today", "--format", "json").out)
    assert list(answer) == ["format", "now", "visits", "away", "items"]
    assert answer["format"] == 1
    assert answer["now"] == "2026-11-23T06:50:00-06:00"
    assert answer["visits"] == {"all": 3, "done": 0, "open": 3}
    assert answer["away"] == [{"client": None, "name": "Tasha Reed", "until": "2026-11-25"}]
    assert answer["items"][0] == {
        "when": "overdue",
        "kind": "visit-unrecorded",
        "due": "2026-11-19",
        "time": "08:00",
        "client": "c-101",
        "staff": ["tasha-reed"],
        "what": "done or not? personal care Thu 19 Nov 08:00 (Tasha Reed)",
        "path": "clients/c-101/visits.yaml",
        "line": 3,
        "command": "carectl visit done c-101/mornings-2026-11-19",
        "hint": None,
        "code": "visit-unexplained",
    }
    # Everything is there, whatever fits on a screen.
    assert len(answer["items"]) == 10


def test_every_command_clears_what_it_stands_below(trouble: Path, carectl: Carectl) -> None:
    """The commands are no decoration: typed as they stand, with the capitals filled in, each thing is gone."""
    mend(trouble)
    said = {"WORD": "cancelled --reason Moved", "DAY": "2027-11-23", "TEXT": "Settled"}
    for item in items(carectl):
        if item["command"] is None or item["kind"] == "visit-open":
            continue
        words = item["command"].removeprefix("carectl ")
        for blank, word in said.items():
            words = words.replace(blank, word)
        # On a terminal it asks what became of the tasks.
        done = carectl(*words.split(), *(["--all-done"] if item["kind"] == "visit-unrecorded" else []))
        assert done.code == 0, (item, done)
        assert (item["kind"], item["path"], item["due"]) not in [
            (other["kind"], other["path"], other["due"]) for other in items(carectl)
        ]
    opened = next(item for item in items(carectl) if item["kind"] == "visit-open")
    assert carectl(*opened["command"].removeprefix("carectl ").split()).code == 0
    assert carectl("visit", "assign", opened["command"].split()[-1], "paul").code == 0
    assert opened["what"] not in [item["what"] for item in items(carectl)]


def test_an_answer_that_must_not_wait_comes_first(trouble: Path, carectl: Carectl) -> None:
    mend(trouble)
    answered = "{id: a-2026-11-20, kind: reassessment, date: 2026-11-20, assessor: paul-mensah, instruments: [%s]}"
    results = "{instrument: phq-9, answers: {self-harm: 1}}"
    file = trouble / "clients/c-102/assessments.yaml"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + f"\n  - {answered % results}\n", encoding="utf-8")
    found = next(item for item in items(carectl) if item["kind"] == "alert")
    assert (found["client"], found["when"], found["code"]) == ("c-102", "today", "alert-without-task")
    assert "from: a-2026-11-20/phq-9" in found["hint"]
    lines = carectl("today").out.splitlines()
    assert any(line.startswith("! c-102 George · an answer to ") for line in lines)


def test_a_waiver_speaks_for_the_list_too(trouble: Path, carectl: Carectl) -> None:
    mend(trouble)
    plan = trouble / "clients/c-102/care-plan.yaml"
    lines = plan.read_text(encoding="utf-8").splitlines()
    lines[2] += "   # carectl: allow plan-review-overdue -- in hospital then"
    plan.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "plan" not in [item["kind"] for item in items(carectl)]
    # One without a reason waives nothing.
    lines[2] = lines[2].partition(" --")[0]
    plan.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "plan" in [item["kind"] for item in items(carectl)]


def test_filters(trouble: Path, carectl: Carectl) -> None:
    assert {item["client"] for item in items(carectl, "--client", "edith", "--client", "c-102")} == {"c-101", "c-102"}
    tasha = items(carectl, "--staff", "tasha")
    assert {item["kind"] for item in tasha} == {"visit-open", "visit-unrecorded"}
    assert items(carectl, "--staff", "paul") == []
    assert carectl("today", "--client", "nobody").code == 2
    assert carectl("today", "--staff", "nobody").code == 2


def test_a_long_list_ends_with_how_to_see_the_rest(trouble: Path, carectl: Carectl) -> None:
    mend(trouble)
    tasks = [f"  - {{id: t-{n}, text: Call number {n} about the chair, due: 2026-11-20}}" for n in range(40)]
    (trouble / "clients/c-101/tasks.yaml").write_text("tasks:\n" + "\n".join(tasks) + "\n", encoding="utf-8")
    lines = carectl("today").out.splitlines()
    assert len(lines) <= 40
    # What cannot wait is there, although the tasks are older.
    assert sum(line.startswith("!") for line in lines) == 5
    shown = sum("carectl " in line for line in lines[2:-1]) + 1  # of the allergies no command tells
    total = len(items(carectl))
    assert lines[-1] == f"and {total - shown} more: carectl today --all"
    everything = carectl("today", "--all").out
    assert all(f"Call number {n} about" in everything for n in range(40))
    assert everything.splitlines()[-1] == f"{total} in all"


def test_the_visits_of_one_client_without_a_record_fold(trouble: Path, carectl: Carectl) -> None:
    mend(trouble)
    visits = trouble / "clients/c-101/visits.yaml"
    text = visits.read_text(encoding="utf-8")
    single = "{id: walk, service: companionship, staff: paul-mensah, date: 2026-11-18, at: '15:00', duration: 1h}"
    visits.write_text(text.rstrip("\n") + f"\n  - {single}\n", encoding="utf-8")
    assert sum(item["kind"] == "visit-unrecorded" for item in items(carectl)) == 2
    folded = " ".join(carectl("today").out.split())
    assert "done or not? companionship Wed 18 Nov 15:00 (Paul Mensah), 1 more like it" in folded
    assert "like it" not in carectl("today", "--all").out


def test_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carectl: Carectl) -> None:
    (tmp_path / "carectl.yaml").write_text("practice: {name: Lakeside, timezone: America/Chicago}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = carectl("today", "--now", "2026-11-22")
    assert (done.code, done.err) == (0, "")
    # A day alone has no hour.
    assert done.out == "Sunday 2026-11-22\nNo visits today\n\nNothing needs you within the next 7 days.\n"


def test_nothing_but_what_could_not_be_read(trouble: Path, carectl: Carectl) -> None:
    for name in ("c-101", "c-102"):
        shutil.rmtree(trouble / "clients" / name)
    (trouble / "clients/c-103/client.yaml").write_text("id: [\n", encoding="utf-8")
    done = carectl("today")
    assert done.code == 1
    assert "Nothing that could be read needs you" in done.out


def test_old_history_is_not_read(trouble: Path, carectl: Carectl) -> None:
    """Notes and measurements are not opened, nor are the months of more than a year ago: they could be anything."""
    mend(trouble)
    folder = trouble / "clients/c-101"
    (folder / "notes.yaml").write_text("{", encoding="utf-8")
    (folder / "measurements.yaml").write_text("{", encoding="utf-8")
    (folder / "visits").mkdir()
    (folder / "visits.yaml").rename(folder / "visits/series.yaml")
    before = carectl("today")
    (folder / "visits/2025-09.yaml").write_text("{ 2026-11", encoding="utf-8")
    assert carectl("today") == before
    assert before.code == 0
    # The months of the last weeks are.
    (folder / "visits/2026-10.yaml").write_text("{ 2026-10", encoding="utf-8")
    assert "clients/c-101/visits/2026-10.yaml" in carectl("today").err


def test_it_changes_nothing_and_says_the_same_twice(trouble: Path, carectl: Carectl) -> None:
    before = census(trouble)
    assert carectl("today") == carectl("today")
    assert carectl("today", "-f", "json") == carectl("today", "-f", "json")
    assert census(trouble) == before


def test_a_terminal_gets_as_much_as_it_shows(trouble: Path) -> None:
    shown, code = on_terminal(["today"], [], trouble, {"COLUMNS": "80", "LINES": "24", "CARECTL_NOW": MORNING})
    assert code == 1
    page = shown.partition("\ncarectl: not whole")[0]
    assert "\x1b[1;31m! " in page
    assert len(page.splitlines()) <= 24
    assert "carectl today --all" in page


def test_without_the_practice_no_day_is_told(trouble: Path, carectl: Carectl) -> None:
    (trouble / "carectl.yaml").write_text("practice: {name: Harbor, timezone: Mars/Olympus}\n", encoding="utf-8")
    done = carectl("today")
    assert (done.code, done.out) == (3, "")

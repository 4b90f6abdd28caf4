"""carectl task: follow-ups are opened, ticked off and listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

TASKS = "clients/c-014/tasks.yaml"
CALL_PT = (
    "  - {id: call-pt, text: Call PT about the knees and the bathroom rail, due: 2026-11-27,"
    " from: notes/n-2026-11-20-1, done: "
)


def test_add(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("task", "add", "rosa", "Order new slippers", "--due", "11/30")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Task order-new-slippers: Order new slippers, due Monday 2026-11-30 (in 7 days)",
        f"Wrote {TASKS}:7",
    ]
    assert changes() == {
        TASKS: ["+  - {id: order-new-slippers, text: Order new slippers, due: 2026-11-30, done: null}"]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl("task", "add", "rosa", "Order new slippers", "--due", "11/30")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")


def test_ids_are_never_used_again(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert "Task call-pt-2: " in carectl("task", "add", "rosa", "Call PT", "--due", "fri").out
    assert "Task task: " in carectl("task", "add", "rosa", "Позвонить", "--due", "fri").out
    done = carectl("task", "add", "rosa", "Ring", "--due", "fri", "--id", "rail")
    assert (done.code, "there is a task rail already" in done.err) == (2, True)


def test_a_file_that_is_not_there_yet(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / "clients/c-014/tasks.yaml").unlink()
    (lakeside / "clients/c-014/concerns.yaml").unlink()
    assert carectl("task", "add", "rosa", "Ring", "--due", "fri").code == 0
    assert (lakeside / TASKS).read_text(encoding="utf-8") == (
        "# yaml-language-server: $schema=../../../../schemas/tasks.schema.json\n"
        "tasks:\n"
        "  - {id: ring, text: Ring, due: 2026-11-27, done: null}\n"
    )
    assert (lakeside / TASKS).stat().st_mode & 0o777 == 0o600


def test_done(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("task", "done", "rosa", "call", "--outcome", "Comes on Wednesday, at two")
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Task call-pt: Call PT about the knees and the bathroom rail, done Monday 2026-11-23 (today):"
        " Comes on Wednesday, at two",
        f"Wrote {TASKS}:5",
    ]
    assert changes() == {
        TASKS: [f"-{CALL_PT}null}}", f'+{CALL_PT}2026-11-23, outcome: "Comes on Wednesday, at two"}}'],
    }
    again = carectl("task", "done", "c-014/tasks/call-pt")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    other = carectl("task", "done", "rosa", "call-pt", "--outcome", "Never came")
    assert (other.code, "correct clients/c-014/tasks.yaml by hand" in other.err) == (1, True)


def test_an_outcome_afterwards(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("task", "done", "rosa", "tasks/call-pt", "--on", "sat").code == 0
    done = carectl("task", "done", "rosa", "call-pt", "--outcome", "Fine")
    assert "Task call-pt was done Saturday 2026-11-21 (2 days ago): Fine" in done.out
    assert changes()[TASKS][1] == f"+{CALL_PT}2026-11-21, outcome: Fine}}"


@pytest.mark.parametrize(
    "line", [["c-014/tasks/call-pt"], ["c-014/call-pt"], ["rosa", "tasks/call-pt"], ["rosa", "knees"]]
)
def test_ways_to_name_it(line: list[str], lakeside: Path, carectl: Carectl) -> None:
    assert "Task call-pt: " in carectl("task", "done", *line, "--dry-run").out


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    done = carectl("task", "done", "rosa", "call-pt", "--dry-run")
    assert done.out.startswith(f"--- a/{TASKS}\n+++ b/{TASKS}\n")
    assert census(lakeside) == before
    assert carectl("task", "done", "rosa", "call-pt", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 tasks: 1 done"
    assert carectl("task", "add", "rosa", "Call Maria", "--due", "fri", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 tasks: 1 added"


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["add", "rosa"], 2, "TEXT, --due are needed"),
        (["add", "rosa", "Ring"], 2, "--due is needed"),
        (["add", "rosa", "Ring", "--due", "zzz"], 2, "--due takes a day such as"),
        (["add", "rosa", "Ring", "--due", "fri", "--id", "Rail!"], 2, "--id takes an id"),
        (["add", "rosa", "Ring", "--due", "fri", "--from", "notes/n-1"], 1, "record-unknown"),
        (["done", "rosa"], 2, "which task of c-014 Rosa Alvarez?\n  weight-to-dr-lee "),
        (["done", "rosa", "cal-pt"], 2, "did you mean call-pt"),
        (["done", "c-014/tasks/call-pt", "call-pt"], 2, "name the task once"),
        (["done", "rosa", "call-pt", "--on", "2026-11-24"], 2, "a day that has come"),
    ],
)
def test_wrong_usage(line: list[str], code: int, words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("task", *line)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert census(lakeside) == before


def test_what_is_missing_is_asked_for(lakeside: Path) -> None:
    shown, code = on_terminal(
        ["task", "add", "rosa"], ["Ring the bell\n", "nonsense\n", "fri\n"], lakeside, {"CARECTL_NOW": MONDAY}
    )
    assert code == 0
    assert "Please give a day such as" in shown
    assert "Task ring-bell: Ring the bell, due Friday 2026-11-27 (in 4 days)" in shown


# --- list ------------------------------------------------------------------------------------------------------------


def test_list(lakeside: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARECTL_NOW", "2026-11-25")
    done = carectl("task", "list", "rosa", "--all")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "!  Mon 2026-11-23   c-014 Rosa Alvarez  weight-to-dr-lee  amara-diallo",
        "     Phone Monday's weight to Dr. Lee's nurse",
        "   Fri 2026-11-27   c-014 Rosa Alvarez  call-pt",
        "     Call PT about the knees and the bathroom rail",
        "   Mon 2026-12-07   c-014 Rosa Alvarez  sunday-visit",
        "     Ask Maria what Rosa said about Sundays",
        "✓  done 2026-10-07  c-014 Rosa Alvarez  rail              daniel",
        "     Have Daniel screw the second rail to the hallway wall",
        "     → Up, and a second one in the bathroom",
        "",
        "3 open   ! 1 overdue",
    ]


def test_list_of_everybody(lakeside: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("task", "list", "-f", "json").out)
    assert list(answer) == ["format", "tasks"]
    assert len(answer["tasks"]) == 16
    dues = [item["due"] for item in answer["tasks"]]
    assert dues == sorted(dues)
    few = json.loads(carectl("task", "list", "walter", "--client", "rosa", "-f", "json").out)["tasks"]
    assert {item["client"] for item in few} == {"c-014", "c-017"}
    assert few[0] == {
        "client": "c-014",
        "id": "weight-to-dr-lee",
        "text": "Phone Monday's weight to Dr. Lee's nurse",
        "due": "2026-11-23",
        "who": "amara-diallo",
        "from": "notes/n-2026-11-20-2",
        "done": None,
        "outcome": None,
        "overdue": False,
        "path": TASKS,
    }


def test_overdue_where_the_client_lives(lakeside: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    # Half past eleven at night in Chicago; in Michigan it is Thursday, and what was due on Wednesday is overdue.
    monkeypatch.setenv("CARECTL_NOW", "2026-12-02T23:30")
    assert "!  Wed 2026-12-02  c-009 Margaret Donnelly" in carectl("task", "list", "peg").out


def test_nothing_open_and_what_cannot_be_read(lakeside: Path, carectl: Carectl) -> None:
    assert carectl("task", "list", "solveig").out == "No tasks are open.\n"
    (lakeside / TASKS).write_text("tasks:\n  - {id: a}\n  - {id: b, text: Ring}\n", encoding="utf-8")
    done = carectl("task", "list", "rosa")
    assert done.code == 1
    assert "not everything could be read" in done.err
    assert "b\n  Ring" in done.out

"""carectl concern: what happened, who was told and on what basis, and that it is settled."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

CONCERNS = "clients/c-014/concerns.yaml"
FALL = ["concern", "add", "rosa", "fall", "--at", "3:10", "--facts", "Slid down the wall.", "--harm", "none"]


def test_add(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        *FALL, "--told", "maria@8:00", "--told", "dr-lee", "--task", "Ask about the night pill", "--due", "tue"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Concern fall-2026-11-23: fall, Monday 2026-11-23 (today) at 03:10",
        "Told: maria Maria Alvarez, Monday 2026-11-23 (today) at 08:00 (call for)",
        "Told: dr-lee Dr. Susan Lee, Monday 2026-11-23 (today) at 12:00 (call for)",
        "Task ask-night-pill: Ask about the night pill, due Tuesday 2026-11-24 (tomorrow)",
        f"Wrote {CONCERNS}:21",
        "Wrote clients/c-014/tasks.yaml:7",
    ]
    assert changes() == {
        CONCERNS: [
            "+  - id: fall-2026-11-23",
            "+    kind: fall",
            "+    at: 2026-11-23T03:10",
            "+    facts: Slid down the wall.",
            "+    harm: none",
            "+    told:",
            "+      - {who: maria, at: 2026-11-23T08:00, basis: call_for}",
            "+      - {who: dr-lee, at: 2026-11-23T12:00, basis: call_for}",
            "+    actions: [ask-night-pill]",
            "+    author: dana",
            "+    closed: null",
        ],
        "clients/c-014/tasks.yaml": [
            "+  - {id: ask-night-pill, text: Ask about the night pill, due: 2026-11-24, from: concerns/fall-2026-11-23,"
            " done: null}"
        ],
    }
    assert carectl("check", "rosa").code == 0


def test_the_same_again_and_a_second_fall(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert "Nobody is told yet (maria and dr-lee asked to be called): carectl concern told" in carectl(*FALL).out
    before = changes()
    assert "Nothing to write" in carectl(*FALL).out
    assert changes() == before
    other = carectl("concern", "add", "rosa", "fall", "--at", "11:00", "--facts", "Again.")
    assert "Concern fall-2026-11-23-2: " in other.out


def test_a_late_one(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("concern", "add", "rosa", "complaint", "--at", "2026-10-20", "--facts", "Too early.", "--private")
    assert "Recorded as a late entry: written down 34 days after the event" in done.out
    assert changes()[CONCERNS] == [
        "+  - id: complaint-2026-10-20",
        "+    kind: complaint",
        "+    at: 2026-10-20",
        "+    facts: Too early.",
        "+    private: true",
        "+    author: dana",
        "+    recorded: 2026-11-23",
        "+    closed: null",
    ]


def test_told(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl(*FALL)
    before = set(changes()[CONCERNS])
    done = carectl("concern", "told", "rosa", "fall-2026-11", "maria", "--at", "8:00")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Told of fall-2026-11-23 (fall, Monday 2026-11-23 (today) at 03:10):"
        " maria Maria Alvarez, Monday 2026-11-23 (today) at 08:00 (call for)",
        f"Wrote {CONCERNS}:26",
    ]
    again = carectl("concern", "told", "rosa", "fall-2026-11", "maria", "--at", "8:00")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    assert carectl("concern", "told", "c-014/concerns/fall-2026-11-23", "client").code == 0
    assert carectl("concern", "told", "rosa", "fall-2026-11", "name:Evanston ER", "--basis", "care-team").code == 0
    assert [line for line in changes()[CONCERNS] if line not in before] == [
        "+    told:",
        "+      - {who: maria, at: 2026-11-23T08:00, basis: call_for}",
        "+      - {who: client, at: 2026-11-23T12:00}",
        "+      - {who: {name: Evanston ER}, at: 2026-11-23T12:00, basis: care-team}",
    ]
    assert carectl("check", "rosa").code == 0


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("ruth", "--basis is needed for ruth Ruth Feldman (did not ask to be called about this)"),
        ("name:Neighbor", "--basis is needed for Neighbor (not on file) (nothing on file says why)"),
        ("amara", "--basis is needed for amara-diallo Amara Diallo"),
    ],
)
def test_a_basis_is_wanted(person: str, words: str, lakeside: Path, carectl: Carectl) -> None:
    carectl(*FALL)
    before = census(lakeside)
    done = carectl("concern", "told", "rosa", "fall-2026-11", person)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before


def test_abuse_is_told_on_no_basis_that_goes_without_saying(lakeside: Path, carectl: Carectl) -> None:
    contacts = lakeside / "clients/c-014/contacts.yaml"
    contacts.write_text(contacts.read_text("utf-8").replace("[fall, hospital, missed_visit]", "[abuse, fall]"), "utf-8")
    line = ["concern", "add", "rosa", "abuse", "--at", "3:10", "--facts", "x", "--told", "maria"]
    assert "--basis is needed for maria" in carectl(*line).err
    # Whom it is about did not ask to be called about themselves.
    line = ["concern", "add", "rosa", "fall", "--at", "3:10", "--facts", "x", "--told", "maria", "--about", "maria"]
    assert "--basis is needed for maria Maria Alvarez (nothing on file says why)" in carectl(*line).err


def test_the_basis_is_asked_for(lakeside: Path) -> None:
    shown, code = on_terminal(
        ["concern", "told", "rosa", "fall-2026-10", "ruth"], ["agreed\n"], lakeside, {"CARECTL_NOW": MONDAY}
    )
    assert code == 0
    assert "Why may ruth Ruth Feldman know" in shown
    assert "(agreed)" in shown


def test_close(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("concern", "close", "peg", "--outcome", "The chime works", "--on", "yesterday")
    assert done.out.splitlines()[:2] == [
        "c-009 Margaret Donnelly",
        "Concern door-2026-11-01 is closed, Sunday 2026-11-22 (yesterday): The chime works",
    ]
    assert changes() == {
        "clients/c-009/concerns.yaml": [
            "-    closed: null         # open until the chime has been through a month of nights",
            "+    closed: 2026-11-22   # open until the chime has been through a month of nights",
            "+    outcome: The chime works",
        ]
    }
    again = carectl("concern", "close", "peg", "door", "--outcome", "The chime works")
    assert (again.code, "Nothing to write" in again.out) == (0, True)
    assert carectl("concern", "close", "peg", "door", "--outcome", "No").code == 1


def test_closing_tells_what_is_open_still(lakeside: Path, carectl: Carectl) -> None:
    carectl(*FALL, "--task", "Ring", "--due", "fri")
    done = carectl("concern", "close", "rosa", "fall-2026-11")
    assert "Still open: ring (carectl task done c-014 ring)" in done.out


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    assert carectl(*FALL, "--dry-run").out.startswith(f"--- a/{CONCERNS}\n")
    assert census(lakeside) == before
    for line, subject in (
        ([*FALL, "--task", "Ring", "--due", "fri"], "c-014 concerns: 1 added, tasks: 1 added"),
        (["concern", "told", "rosa", "fall-2026-11", "maria"], "c-014 concerns: 1 told"),
        (["concern", "close", "rosa", "fall-2026-11"], "c-014 concerns: 1 closed"),
    ):
        assert carectl(*line, "--commit").code == 0
        assert last_subject(lakeside) == subject


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["add", "rosa"], "KIND, --at, --facts are needed"),
        (["add", "rosa", "complant", "--at", "3:10", "--facts", "x"], "did you mean complaint?"),
        (["add", "rosa", "fall", "--at", "13:10", "--facts", "x"], "a moment that has come"),
        (["add", "rosa", "fall", "--at", "fri", "--facts", "x", "--harm", "bad"], "--harm takes one of none"),
        (["add", "rosa", "fall", "--at", "fri", "--facts", "x", "--task", "y"], "--due is needed"),
        (["add", "rosa", "fall", "--at", "fri", "--facts", "x", "--due", "fri"], "add --task TEXT"),
        (["add", "rosa", "fall", "--at", "fri", "--facts", "x", "--told", "zoe"], "no person fits"),
        (["told", "rosa", "fall-2026-10"], "PERSON is needed"),
        (["told", "rosa", "fall-2027", "maria"], "no concern fits"),
        (["close", "rosa"], "has no such concern"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("concern", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before

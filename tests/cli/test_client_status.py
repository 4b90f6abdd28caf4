"""carectl client hold, resume and discharge: the status, the time away, and the end of care."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/client.yaml"
PEG = "clients/c-009/client.yaml"
HOLD = ["client", "hold", "rosa", "--reason", "Heart failure", "--where", "Evanston Hospital"]


def at(day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the noon of a day."""
    monkeypatch.setenv("CARECTL_NOW", f"{day}T12:00")


def suspended(carectl: Carectl, client: str, day: str) -> list[str]:
    """How the visits of a client stand on a day."""
    done = carectl("agenda", "--client", client, "--from", day, "--until", day, "-f", "json")
    return [item["status"] for item in json.loads(done.out)["occurrences"]]


def test_hold_and_resume(lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    done = carectl(*HOLD)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "On hold from Monday 2026-11-23 (today) until further notice: Heart failure",
        "Visits that do not take place, until Monday 2026-12-07 (in 14 days):",
        "  Wed 2026-11-25 08:30–10:30  personal care, Jo Park",
        "    c-014/am-care-2026-11-25",
        "  Wed 2026-11-25 14:30–15:15  appointment, Dr. Susan Lee",
        "    c-014/pt-eval",
        "  Mon 2026-11-30 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-11-30",
        "  Wed 2026-12-02 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-12-02",
        "  Fri 2026-12-04 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-12-04",
        "  Sat 2026-12-05 10:00–12:00  companionship, Lucía Núñez",
        "    c-014/saturday-2026-12-05",
        "  Mon 2026-12-07 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-12-07",
        "Tell those who come, and those who expect them, such as:",
        "  carectl notify c-014/am-care-2026-11-25 --to PERSON",
        f"Wrote {ROSA}:7",
    ]
    assert changes() == {
        ROSA: [
            "-status: active",
            "+status: on_hold",
            "+  - {from: 2026-11-23, where: Evanston Hospital, reason: Heart failure}",
        ]
    }
    assert carectl("check", "rosa").code == 0
    assert suspended(carectl, "rosa", "2026-11-25") == ["cancelled", "cancelled"]
    again = carectl(*HOLD)
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    same_day = carectl("client", "resume", "rosa")
    assert (same_day.code, "resume from the day after at the earliest" in same_day.err) == (2, True)

    at("2026-11-30", monkeypatch)
    done = carectl("client", "resume", "rosa")
    assert done.out.splitlines()[1:3] == [
        "Away until Sunday 2026-11-29 (yesterday); visits again from Monday 2026-11-30 (today)",
        "The status is active again",
    ]
    assert changes() == {
        ROSA: ["+  - {from: 2026-11-23, until: 2026-11-29, where: Evanston Hospital, reason: Heart failure}"]
    }
    assert suspended(carectl, "rosa", "2026-11-30") == ["planned"]
    assert "Visits that take place again, until Monday 2026-12-14 (in 14 days):" in done.out
    assert "    c-014/am-care-2026-12-02\n" in done.out
    assert "  carectl notify c-014/am-care-2026-12-02 --to PERSON\n" in done.out
    again = carectl("client", "resume", "rosa")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")


def test_ahead_of_time(lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    done = carectl("client", "hold", "betsy", "--from", "12/20", "--until", "12/28", "--reason", "With Debra")
    assert "The status stays active; the visits of these days are suspended" in done.out
    assert list(changes().values()) == [["+away:", "+  - {from: 2026-12-20, until: 2026-12-28, reason: With Debra}"]]
    assert "visits again from Thursday 2026-12-24" in carectl("client", "resume", "betsy", "--from", "12/24").out
    assert next(iter(changes().values()))[1] == "+  - {from: 2026-12-20, until: 2026-12-23, reason: With Debra}"
    clash = carectl("client", "hold", "betsy", "--from", "12/22", "--reason", "x")
    assert (clash.code, "is away from Sunday 2026-12-20" in clash.err) == (1, True)


def test_resuming_on_a_day_to_come(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    # Minh is in hospital until the 27th.
    done = carectl("client", "resume", "minh", "--from", "thu")
    assert "The status stays on hold until then" in done.out
    (lines,) = changes().values()
    assert lines[1].startswith("+  - {from: 2026-11-16, until: 2026-11-25, where: ")


def test_discharge(lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    line = ["client", "discharge", "rosa", "--on", "2026-12-25", "--reason", "Moves to Maria's"]
    done = carectl(*line)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1:] == [
        "Last day of care: Friday 2026-12-25 (in 32 days): Moves to Maria's",
        "The status stays active until then; run this again on that day",
        "Still open: 3 series (am-care, saturday, rn-look); no visit of theirs takes place after that day",
        "Still open: 3 tasks (carectl task list c-014)",
        "To be sent back: scale",
        f"Wrote {ROSA}:9",
    ]
    assert changes() == {ROSA: ["-end_of_care: null", "+end_of_care: 2026-12-25", "+end_reason: Moves to Maria's"]}
    assert carectl("check", "rosa").code == 0
    assert set(suspended(carectl, "rosa", "2026-12-28")) <= {"cancelled"}

    at("2026-12-25", monkeypatch)
    assert "The status is discharged" in carectl(*line).out
    assert changes()[ROSA][:2] == ["-status: active", "+status: discharged"]
    again = carectl(*line)
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    other = carectl("client", "discharge", "rosa", "--on", "2026-12-24", "--deceased")
    assert (other.code, "is discharged already, last day of care Friday 2026-12-25 (today)" in other.err) == (1, True)


def test_death_calls_off_what_was_planned(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("client", "discharge", "peg", "--on", "sat", "--deceased")
    assert done.code == 0
    assert "The status is deceased" in done.out
    assert "Cancelled, for they were planned after that day: nights-2026-11-28" in done.out
    assert changes() == {
        PEG: ["-status: active", "+status: deceased", "+end_of_care: 2026-11-21"],
        "clients/c-009/visits/2026-11.yaml": [
            "-    reason: Patrick leaves for the airport at nine; until six as always",
            "+    status: cancelled",
            '+    reason: "Care ended; before that: Patrick leaves for the airport at nine; until six as always"',
        ],
    }
    assert carectl("check", "peg").code == 0


def test_what_was_delivered_after_the_end_stands_against_it(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("client", "discharge", "rosa", "--on", "2026-11-10", "--reason", "x")
    assert done.code == 1
    assert "visit-after-end" in done.err
    assert census(lakeside) == before


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(lakeside)
    before = census(lakeside)
    assert carectl(*HOLD, "--dry-run").out.startswith(f"--- a/{ROSA}\n")
    assert census(lakeside) == before
    assert carectl(*HOLD, "--commit").code == 0
    assert last_subject(lakeside) == "c-014 client: on hold"
    at("2026-11-24", monkeypatch)
    assert carectl("client", "resume", "rosa", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 client: resumed"
    assert carectl("client", "discharge", "rosa", "--on", "today", "--reason", "x", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 client: discharged"


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["hold", "rosa"], 2, "--reason is needed"),
        (["hold", "rosa", "--reason", "x", "--from", "fri", "--until", "tue"], 2, "--until is before --from"),
        (["hold", "walter", "--reason", "x"], 1, "the status is inquiry, so there is no care to put on hold"),
        (["resume", "solveig"], 1, "the status is discharged, so there is no care to resume"),
        (["discharge", "rosa"], 2, "--on, --reason are needed"),
        (["discharge", "rosa", "--on", "today"], 2, "--reason is needed"),
        (["discharge", "rosa", "--on", "2026-11-24", "--deceased"], 2, "a day that has come"),
        (["discharge", "rosa", "--on", "2026-01-01", "--reason", "x"], 1, "end-before-start"),
    ],
)
def test_wrong_usage(line: list[str], code: int, words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("client", *line)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert census(lakeside) == before


def test_the_reason_is_asked_for(lakeside: Path) -> None:
    env = {"CARECTL_NOW": MONDAY}
    shown, code = on_terminal(["client", "hold", "rosa"], ["Heart failure\n", "\n"], lakeside, env)
    assert code == 0
    assert "until further notice: Heart failure" in shown

"""carectl away: a time away, and the visits that fall into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

JO = "staff/jo-park.yaml"
ROSA = "clients/c-014/client.yaml"


def test_staff(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    repository(lakeside)
    line = ("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick", "--commit")
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines()[-9:-1] == [
        "jo-park Jo Park",
        "Away from Monday 2026-11-30 (in 7 days) until Wednesday 2026-12-02 (in 9 days): sick",
        "3 visits are now without Jo Park:",
        "  Mon 2026-11-30 09:00–11:00  c-014 Rosa Alvarez  personal care               c-014/am-care-2026-11-30",
        "  Tue 2026-12-01 13:00–14:30  c-011 Minh Đặng     personal care, Lucía Núñez  c-011/bath-2026-12-01",
        "  Wed 2026-12-02 09:00–11:00  c-014 Rosa Alvarez  personal care               c-014/am-care-2026-12-02",
        "1 of them still has somebody else who comes; 2 open.",
        "To give one to somebody: carectl visit assign c-014/am-care-2026-11-30 STAFF",
    ]
    assert changes() == {JO: ["+  - {from: 2026-11-30, until: 2026-12-02, reason: sick}"]}
    assert last_subject(lakeside) == "staff: 1 away"
    agenda = carectl("agenda", "--client", "rosa", "--from", "2026-11-30", "--until", "2026-11-30").out
    assert "OPEN SHIFT" in agenda
    again = carectl(*line)
    assert (again.code, "it is like that already" in again.out) == (0, True)


def test_the_same_absence_goes_on(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick")
    done = carectl("away", "jo", "--from", "12/3", "--until", "12/4", "--reason", "sick")
    assert done.code == 0
    assert "The absence on file lasts longer: it was from Monday 2026-11-30 (in 7 days) until Wednesday" in done.out
    assert changes() == {JO: ["+  - {from: 2026-11-30, until: 2026-12-04, reason: sick}"]}
    for_ever = carectl("away", "jo", "--from", "12/4", "--open-ended", "--reason", "sick")
    assert (for_ever.code, "the two overlap" in for_ever.err) == (1, True)
    assert "from Thursday 2026-12-24 (in 31 days) until Sunday 2026-12-27" in for_ever.err


def test_what_overlaps_is_refused(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("away", "jo", "--from", "12/20", "--until", "12/25", "--reason", "leave")
    assert (done.code, done.out) == (1, "")
    assert "is on file as away from Thursday 2026-12-24 (in 31 days) until Sunday 2026-12-27" in done.err
    assert f"({JO}:12)" in done.err
    assert census(lakeside) == before


def test_the_first_absence(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("away", "tomas", "--from", "fri", "--until", "fri", "--reason", "leave").code == 0
    assert carectl("away", "dana", "--from", "fri 12:00", "--until", "fri 4pm", "--reason", "dentist").code == 0
    found = changes()
    assert found["staff/dana.yaml"] in (
        ["+away:", "+  - {from: 2026-11-27T12:00, until: 2026-11-27T16:00, reason: dentist}"],
        ["+away: [{from: 2026-11-27T12:00, until: 2026-11-27T16:00, reason: dentist}]"],
    )
    lines = (lakeside / "staff/tomas-ibarra.yaml").read_text(encoding="utf-8").splitlines()
    behind = next(number for number, line in enumerate(lines) if line.startswith("away:"))
    assert lines[behind - 1].startswith("  - {days:")
    assert carectl("check", "--strict").code == 0


def test_a_client(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = (
        "away",
        "rosa",
        "--from",
        "wed",
        "--until",
        "12/2",
        "--reason",
        "heart failure",
        "--where",
        "Evanston Hospital",
    )
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Away from Wednesday 2026-11-25 (in 2 days) until Wednesday 2026-12-02 (in 9 days): heart failure",
        "4 visits are suspended; those who would have come should know:",
        "  Wed 2026-11-25 08:30–10:30  personal care, Jo Park      c-014/am-care-2026-11-25",
        "  Wed 2026-11-25 14:30–15:15  appointment, Dr. Susan Lee  c-014/pt-eval",
        "  Mon 2026-11-30 09:00–11:00  personal care, Jo Park      c-014/am-care-2026-11-30",
        "  Wed 2026-12-02 09:00–11:00  personal care, Jo Park      c-014/am-care-2026-12-02",
        f"Wrote {ROSA}:12",
    ]
    assert changes() == {
        ROSA: ["+  - {from: 2026-11-25, until: 2026-12-02, where: Evanston Hospital, reason: heart failure}"]
    }
    assert carectl(*line).code == 0
    assert carectl("check", "--strict").code == 0


def test_a_client_until_further_notice(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("away", "peg", "--from", "11/27", "--open-ended", "--reason", "hospital")
    assert "until further notice: hospital" in done.out
    assert "should know (shown until 2026-12-25):" in done.out
    assert any("from: 2026-11-27" in line and "until" not in line for line in changes()["clients/c-009/client.yaml"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["jo", "--from", "wed"], 2, "--until, --reason are needed"),
        (["jo", "--until", "wed", "--reason", "x"], 2, "--from is needed"),
        (
            ["jo", "--from", "wed", "--until", "tue", "--reason", "x"],
            2,
            "--until Tuesday 2026-11-24 (tomorrow) is before",
        ),
        (["jo", "--from", "soon", "--until", "tue", "--reason", "x"], 2, "--from takes a day such as"),
        (["jo", "--from", "wed", "--until", "fri", "--open-ended", "--reason", "x"], 2, "do not go together"),
        (["m", "--from", "wed", "--until", "fri", "--reason", "x"], 2, "more than one person fits"),
        (["xaver", "--from", "wed", "--until", "fri", "--reason", "x"], 2, "no person fits"),
    ],
)
def test_what_cannot_be(words: list[str], code: int, said: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("away", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


def test_dry_run(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick", "--dry-run")
    assert done.code == 0
    assert "+  - {from: 2026-11-30, until: 2026-12-02, reason: sick}\n" in done.out
    assert "now without Jo Park" in done.out
    assert census(lakeside) == before


def test_questions(lakeside: Path) -> None:
    shown, code = on_terminal(
        ["away", "jo"], ["soon\n", "11/30\n", "12/2\n", "sick\n"], lakeside, {"CARECTL_NOW": MONDAY}
    )
    assert code == 0
    assert "jo-park Jo Park" in shown
    assert "  - {from: 2026-11-30, until: 2026-12-02, reason: sick}\n" in (lakeside / JO).read_text(encoding="utf-8")

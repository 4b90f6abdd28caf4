"""carectl measure: one value or several, with a unit that cannot be mistaken."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/measurements.yaml"


def test_several_at_once(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("measure", "rosa", "weight", "61.4kg", "blood_pressure", "128/76", "pulse", "72", "--by", "jo")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Weight 61.4 kg, Monday 2026-11-23 (today) (before that 61.2 kg, Friday 2026-11-20 (3 days ago))",
        "Blood pressure 128/76 mmHg, Monday 2026-11-23 (today)"
        " (before that 132/74 mmHg, Wednesday 2026-11-11 (12 days ago))",
        "Pulse 72 bpm, Monday 2026-11-23 (today) (the first)",
        f"Wrote {ROSA}:8",
    ]
    assert changes() == {
        ROSA: [
            "+  - {id: m-7, date: 2026-11-23, kind: weight, value: 61.4, unit: kg, by: jo-park}",
            '+  - {id: m-8, date: 2026-11-23, kind: blood_pressure, value: "128/76", unit: mmHg, by: jo-park}',
            "+  - {id: m-9, date: 2026-11-23, kind: pulse, value: 72, unit: bpm, by: jo-park}",
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl("measure", "rosa", "weight", "61.4", "kg", "pulse", "73")
    assert "Weight 61.4 kg of Monday 2026-11-23 (today) is there already: measurements/m-7" in again.out
    assert changes()[ROSA][3:] == ["+  - {id: m-10, date: 2026-11-23, kind: pulse, value: 73, unit: bpm}"]


def test_late_and_in_its_place(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("measure", "rosa", "temp", "98.6", "F", "--at", "nov 17 8am", "--note", "Sat")
    assert "Recorded as a late entry: written down 6 days after the event" in done.out
    assert f"Wrote {ROSA}:7" in done.out
    assert changes()[ROSA] == [
        "+  - {id: m-7, date: 2026-11-17T08:00, kind: temperature, value: 98.6, unit: °F, note: Sat,"
        " recorded: 2026-11-23}"
    ]


def test_a_kind_of_ones_own_takes_the_unit_it_had(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("measure", "walter", "stairs", "12steps", "--date", "2026-11-22").code == 0
    done = carectl("measure", "walter", "stairs", "14")
    assert (
        "Stairs 14 steps, Monday 2026-11-23 (today) (before that 12 steps, Sunday 2026-11-22 (yesterday))" in done.out
    )
    assert (lakeside / "clients/c-017/measurements.yaml").read_text("utf-8").startswith("# yaml-language-server: ")


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    assert carectl("measure", "rosa", "weight", "61kg", "--dry-run").out.startswith(f"--- a/{ROSA}\n")
    assert census(lakeside) == before
    assert carectl("measure", "rosa", "weight", "61kg", "bp", "128/76", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 measurements: 2 added"


def test_asked_for(lakeside: Path) -> None:
    shown, code = on_terminal(["measure", "rosa"], ["weight 61kg bp 128/76\n"], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "Weight 61 kg, Monday 2026-11-23 (today)" in shown
    assert "Blood pressure 128/76 mmHg" in shown


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([], "KIND VALUE is needed"),
        (["weight"], "a value behind weight"),
        (["weight", "61.4"], "weight with its unit, 61.4kg or 61.4lb (last time it was kg)"),
        (["weight", "61,4kg"], "with a point, not a comma"),
        (["weight", "614kg"], "a weight between 15 and 300 kg"),
        (["weight", "61stone"], "weight in kg or lb"),
        (["wieght", "61kg"], "weight (is that what wieght means?)"),
        (["bp", "76/128"], "the higher number first"),
        (["bp", "128"], "blood_pressure as 128/76"),
        (["pulse", "72/80"], "one number behind pulse"),
        (["61kg", "weight"], "61kg is no kind"),
        (["weight", "61kg", "--at", "tomorrow"], "a day that has come"),
        (["weight", "61kg", "--by", "zoe"], "no person fits"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("measure", "rosa", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before

"""carectl plan goal and intervention: how they stand, why, and progress on a day."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

PLAN = "clients/c-014/care-plan.yaml"


def test_progress(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ["plan", "goal", "rosa", "weight", "--progress", "0.4", "--note", "Down: since Friday"]
    done = carectl(*line, "--achievement", "improving", "--for-family", "en=Better")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Goal weight: Weight stays within 1 kg of 60.5 kg",
        "Progress 0.4 (kg above 60.5), Monday 2026-11-23 (today)"
        " (before that 0.7, Friday 2026-11-20 (3 days ago)); target 1",
        "Achievement improving (was in progress)",
        f"Wrote {PLAN}:60",
    ]
    assert changes() == {
        PLAN: [
            "-        achievement: in_progress",
            "+        achievement: improving",
            '+          - {date: 2026-11-23, value: 0.4, note: "Down: since Friday", for_family: {en: Better}}',
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line, "--achievement", "improving")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    other = carectl("plan", "goal", "rosa", "weight", "--progress", "0.5")
    assert (other.code, "there is progress of Monday 2026-11-23 (today) already" in other.err) == (1, True)


def test_progress_of_an_earlier_day(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("plan", "goal", "rosa", "no-falls", "--progress", "1", "--date", "10/20")
    text = (lakeside / PLAN).read_text(encoding="utf-8")
    assert text.index("date: 2026-10-02") < text.index("date: 2026-10-20") < text.index("date: 2026-11-03")
    assert changes() == {PLAN: ["+          - {date: 2026-10-20, value: 1}"]}


def test_a_goal_on_hold_and_back(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("plan", "goal", "rosa", "mass", "--status", "on-hold", "--reason", "Snow")
    assert "Status on hold (was active); because: Snow" in done.out
    assert changes() == {
        PLAN: [
            "-        status: active",
            "+        status: on_hold",
            "+        reason: Snow",
        ]
    }
    assert "Nothing to write" in carectl("plan", "goal", "rosa", "mass", "--status", "on_hold").out
    assert (
        "Status active (was on hold); no longer: Snow"
        in carectl("plan", "goal", "rosa", "mass", "--status", "active").out
    )
    assert changes() == {}


def test_a_completed_goal(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("plan", "goal", "rosa", "christmas", "--status", "completed")
    assert "Was it reached? carectl plan goal c-014 christmas-eve --achievement achieved|not_achieved" in done.out
    assert "Was it" not in carectl("plan", "goal", "rosa", "christmas", "--achievement", "achieved").out
    assert carectl("check", "rosa").code == 0


def test_a_stopped_intervention(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ["plan", "intervention", "rosa", "night-light", "--status", "stopped", "--reason", "LED strip"]
    done = carectl(*line, "--on", "sat")
    assert done.out.splitlines()[2:5] == [
        "Stopped since Saturday 2026-11-21 (2 days ago)",
        "Status stopped (was active); because: LED strip",
        "Still a task of am-care: take it out of `does` there, if nobody is to do it",
    ]
    assert changes() == {
        PLAN: [
            "-        status: active",
            "+        status: stopped",
            "+        stopped: 2026-11-21",
            '+        reason: "LED strip"',
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line)
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    assert "no longer: LED strip" in carectl("plan", "intervention", "rosa", "night-light", "--status", "active").out
    assert changes() == {}


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    goal = ["plan", "goal", "rosa", "weight", "--progress", "0.4"]
    assert carectl(*goal, "--dry-run").out.startswith(f"--- a/{PLAN}\n")
    assert census(lakeside) == before
    assert carectl(*goal, "--commit").code == 0
    assert last_subject(lakeside) == "c-014 care-plan: 1 goal"
    assert carectl("plan", "intervention", "rosa", "weigh", "--status", "completed", "--commit").code == 0
    assert last_subject(lakeside) == "c-014 care-plan: 1 intervention"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["goal", "rosa"], "which goal of c-014 Rosa Alvarez?\n  no-falls "),
        (["goal", "rosa", "weight"], "say how the goal stands"),
        (["goal", "rosa", "weihgt", "--progress", "1"], "did you mean weight"),
        (["goal", "rosa", "weight", "--status", "don"], "--status takes one of proposed"),
        (["goal", "rosa", "weight", "--status", "cancelled"], "--reason is needed"),
        (["goal", "rosa", "weight", "--progress", "1", "--date", "tomorrow"], "a day that has come"),
        (["goal", "rosa", "weight", "--achievement", "improving", "--note", "x"], "belong to --progress"),
        (["goal", "rosa", "weight", "--status", "active", "--reason", "x"], "--reason tells why"),
        (["goal", "walter", "weight", "--status", "active"], "no goal fits"),
        (["intervention", "rosa", "weigh"], "--status is needed"),
        (["intervention", "rosa", "weigh", "--status", "stopped"], "--reason is needed"),
        (["intervention", "rosa", "weigh", "--status", "completed", "--on", "sat"], "--on belongs to"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("plan", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before


def test_the_reason_is_asked_for(lakeside: Path) -> None:
    line = ["plan", "goal", "rosa", "mass", "--status", "cancelled"]
    shown, code = on_terminal(line, ["Too far\n"], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "because: Too far" in shown

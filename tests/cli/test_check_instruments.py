"""carectl check with assessment instruments: a practice's own, their faults, and verdicts that do not outlive them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl, Done

ASSESSMENTS = """\
assessments:
  - id: a-2026-11-20
    kind: reassessment
    date: 2026-11-20
    assessor: dana
    instruments:
      - {instrument: ours, answers: {one: yes, two: no}, score: 1}
"""
OURS = """\
id: ours
version: 1
title: Our two questions
mode: full
domain: mood
source: Our own
licence: Our own
scoring: {higher_is: worse}
items:
  - {id: one, label: One, points_if_yes: 1}
  - {id: two, label: Two, points_if_yes: 1}
bands:
  - {from: 0, label: fine}
"""


def found(done: Done, code: str = "instrument") -> list[str]:
    findings: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return [f"{f['path']}:{f['line']} {f['code']}" for f in findings if f["code"].startswith(code)]


def write(home: Path, text: str) -> None:
    (home / "instruments").mkdir(exist_ok=True)
    (home / "instruments" / "ours.yaml").write_text(text, encoding="utf-8")


def test_a_verdict_never_outlives_the_practice_s_instruments(
    home: Path, carectl: Carectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # A client about whom nothing else is said, so that a verdict is kept.
    place = home / "clients" / "c-003" / "assessments.yaml"
    place.write_text(ASSESSMENTS, encoding="utf-8")
    assert found(carectl("check", "-f", "json")) == ["clients/c-003/assessments.yaml:7 instrument-unknown"]
    write(home, OURS)
    assert found(carectl("check", "-f", "json")) == []
    write(home, OURS.replace("label: One, points_if_yes: 1", "label: One, points_if_yes: 2"))
    assert found(carectl("check", "-f", "json")) == ["clients/c-003/assessments.yaml:7 instrument-score-differs"]
    write(home, OURS.replace("from: 0", "from: 1"))
    assert found(carectl("check", "-f", "json")) == ["instruments/ours.yaml:13 instrument-unusable"]


def test_the_folder_or_a_file_of_it_can_be_checked_alone(home: Path, carectl: Carectl) -> None:
    write(home, OURS.replace("higher_is: worse", "method: sum"))
    (home / "instruments" / "phq-9.yaml").write_text("id: phq-9\n", encoding="utf-8")
    both = ["instruments/ours.yaml:8 instrument-unusable", "instruments/phq-9.yaml:1 instrument-built-in"]
    assert found(carectl("check", "-f", "json", "instruments"), "") == both
    assert found(carectl("check", "-f", "json", "instruments/ours.yaml"), "") == both[:1]


def test_a_file_of_instruments_counts_and_can_be_waived(home: Path, carectl: Carectl) -> None:
    before = json.loads(carectl("check", "-f", "json", "--no-cache").out)
    waiver = "# carectl: allow instrument-unusable -- will be mended on Monday"
    write(home, OURS.replace("  - {from: 0", f"  {waiver}\n  - {{from: 1"))
    after = json.loads(carectl("check", "-f", "json", "--no-cache").out)
    assert (after["files"], after["records"]) == (before["files"] + 1, before["records"] + 1)
    assert after["findings"] == before["findings"]

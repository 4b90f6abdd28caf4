"""A Monday at the desk: more than thirty edits across six clients, typed as one would, and nothing else is touched.

The whole difference is in tests/golden/working-day.diff, for people to read. UPDATE_GOLDEN=1 writes it anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from carectl.cli import run

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "caseload"
GOLDEN: Final = Path(__file__).parents[1] / "golden" / "working-day.diff"

DAY: Final[list[list[str]]] = [
    ["visit", "done", "rosa", "mon", "9:00", "--in", "9:04", "--out", "11:00", "--all-done", "--miles", "6",
     "--note", "Ankles better, socks off by herself.", "--for-family", "en=A good morning; her ankles are better.",
     "--for-family", "es=Buena mañana; los tobillos están mejor."],
    ["visit", "done", "c-002", "mon", "--in", "8:31", "--out", "11:02", "--all-done", "--note", "Up and down the hall twice."],
    ["visit", "done", "c-003", "mon", "--in", "8:31", "--out", "11:02", "--did", "hot-work", "--not-done", "lie-down=Visitors came"],
    ["visit", "done", "c-001", "mon", "9:30", "--in", "9:28", "--out", "11:30", "--all-done"],
    ["visit", "missed", "c-009", "mon", "10:00", "--reason", "Flat tire on the highway; Patrick stayed with her"],
    ["visit", "cancel", "rosa", "12/5", "--reason", "At Maria's for the weekend"],
    ["visit", "move", "rosa", "wed", "8:30", "--at", "9:15", "--reason", "Jo is late from the garage"],
    ["visit", "assign", "c-002", "12/3", "lucia-nunez"],
    ["visit", "add", "rosa", "fri", "14:00", "--service", "appointment", "--with", "dr-lee", "--duration", "30m",
     "--where", "Lakeside Clinic"],
    ["measure", "rosa", "weight", "60.9kg", "pulse", "72"],
    ["measure", "c-001", "blood_pressure", "140/80", "--by", "tomas"],
    ["note", "rosa", "-m", "Weight down again; Maria glad about the rail.", "--with", "maria", "--by", "phone",
     "--minutes", "8", "--topic", "wellbeing", "--task", "Send Maria the December plan", "--due", "fri"],
    ["note", "c-009", "-m", "Told Patrick about the missed visit and the plan for Wednesday.", "--with", "patrick",
     "--by", "phone", "--minutes", "12", "--topic", "schedule"],
    ["note", "c-002", "-m", "Ewa asks for the gait exercises in writing.", "--with", "ewa", "--by", "text", "--topic", "wellbeing"],
    ["task", "done", "rosa", "weight-to-dr-lee", "--outcome", "Nurse has it; no change"],
    ["task", "add", "c-011", "Ask the ward for the medicine list", "--due", "wed"],
    ["task", "add", "c-001", "Order a second pill box", "--due", "+1w"],
    ["concern", "add", "c-009", "missed_visit", "--at", "2026-11-23T10:00", "--harm", "none",
     "--facts", "Imani had a flat tire; nobody came at ten. Patrick was home.", "--told", "patrick@2026-11-23T10:20"],
    ["concern", "add", "c-003", "injury", "--at", "2026-11-23T10:10", "--harm", "minor", "--task", "Look at the thumb",
     "--due", "thu", "--facts", "Small burn on the left thumb at the soup; cooled, no blister."],
    ["concern", "told", "c-003", "injury", "ewa", "--at", "2026-11-23T12:00", "--basis", "authorization"],
    ["med", "change", "rosa", "furosemide", "--strength", "20 mg", "--reason", "Weight back to 60.9", "--ordered-by", "dr-lee",
     "--read-back", "--from", "today"],
    ["med", "start", "c-002", "Colchicine", "--strength", "0.6 mg", "--dose", "1 tablet", "--times", "08:00", "--for", "Gout",
     "--prescriber", "name:Dr. Lin", "--kind", "prescription", "--from", "today"],
    ["med", "hold", "c-001", "metformin", "--reason", "Before the contrast scan", "--from", "tue", "--until", "wed"],
    ["med", "stop", "c-002", "melatonin", "--reason", "Sleeps without it"],
    ["contact", "share", "rosa", "daniel", "--topic", "goals", "--basis", "agreed"],
    ["contact", "revoke", "rosa", "ruth"],
    ["plan", "goal", "rosa", "weight", "--progress", "0.4", "--note", "60.9 this morning", "--achievement", "improving"],
    ["plan", "intervention", "rosa", "rail-walk", "--status", "on_hold", "--reason", "Until the therapist has seen her knees"],
    ["series", "change", "c-014/saturday", "--from", "2026-12-14", "--at", "10:30"],
    ["away", "jo-park", "--from", "12/3", "--until", "12/4", "--reason", "training", "--give", "rest=nobody", "--apply"],
    ["visit", "assign", "c-014/am-care-2026-12-04", "lucia-nunez"],
]  # fmt: skip


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Dana", "-c", "user.email=dana@lakeside.example"]
    command = ["git", "-C", str(root), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_working_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLE, root)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "start")
    common = ["--caseload", str(root), "--now", "2026-11-23T18:00"]
    difference = ""
    for words in DAY:
        before = difference
        code = run([*words, *common])
        said = capsys.readouterr()
        assert code == 0, f"{words}: {said.err}"
        git(root, "add", "--intent-to-add", ".")
        difference = git(root, "diff", "--no-color", "--no-ext-diff", "--unified=0", "--no-prefix", "--", ":!.carectl")
        assert difference != before, words
    difference = "".join(line for line in difference.splitlines(keepends=True) if not line.startswith("index "))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(difference, encoding="utf-8")
    assert difference == GOLDEN.read_text(encoding="utf-8")
    assert len({line.split("/")[2] for line in difference.splitlines() if line.startswith("+++ clients/")} - {""}) >= 6
    assert run(["check", *common]) == 0, capsys.readouterr().out

"""The example caseload, copied to be written in, and what became of its lines."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, census

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "caseload"
MONDAY: Final = "2026-11-23T12:00"
"""The noon on which Rosa's morning visit is over, and nothing is written down about it yet."""

Changes = Callable[[], dict[str, list[str]]]


@pytest.fixture
def lakeside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carectl: Carectl) -> Path:
    """A copy of the example, as the current folder. Its today is Monday, November 23, at noon."""
    root = tmp_path / "lakeside"
    shutil.copytree(EXAMPLE, root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("CARECTL_NOW", MONDAY)
    return root


@pytest.fixture
def changes(lakeside: Path) -> Changes:
    """What has changed in the copy since the test began: by file, the lines that went and came."""
    before = census(lakeside)

    def now() -> dict[str, list[str]]:
        after = census(lakeside)
        return {
            name: lines
            for name in sorted(before.keys() | after.keys())
            if ".git/" not in name and (lines := _lines(before.get(name, b""), after.get(name, b"")))
        }

    return now


def _lines(before: bytes, after: bytes) -> list[str]:
    found = unified_diff(before.decode().splitlines(), after.decode().splitlines(), lineterm="", n=0)
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def repository(root: Path) -> None:
    """Make a git repository of a caseload, with everything in it."""
    for line in (["init", "-q"], ["config", "user.name", "T"], ["config", "user.email", "t@t.example"], ["add", "-A"],
                 ["commit", "-qm", "all"]):  # fmt: skip
        subprocess.run(["git", *line], cwd=root, check=True, capture_output=True)


def last_subject(root: Path) -> str:
    """The subject of the last commit."""
    done = subprocess.run(["git", "log", "-1", "--format=%s"], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()

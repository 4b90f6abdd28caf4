"""Real clones of the example caseload, with git as it comes: no settings of the machine's or of who runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import census

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "caseload"
CARECTL: Final = Path(sys.executable).with_name("carectl")
NOW: Final = "2026-11-22T12:00"
BARE_PATH: Final = "/usr/bin:/bin"
"""Where git and a shell are, and carectl is not."""
MEDICATIONS: Final = "clients/c-001/medications.yaml"

Done = subprocess.CompletedProcess[str]


def git(folder: Path, *words: str, env: Mapping[str, str] | None = None, code: int | None = 0) -> Done:
    """Run git as its user would, and want this exit code (None: any)."""
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    assert code is None or done.returncode == code, (words, done.stdout, done.stderr)
    return done


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Change a text that stands once in a file."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (name, old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def inside(root: Path) -> dict[str, bytes]:
    """The files below .git in which a user may have lines of her own."""
    kept = ("config", "info/", "hooks/", "refs/")
    return {name: raw for name, raw in census(root / ".git").items() if name.startswith(kept)}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with a name for commits and nothing else; carectl's today is that of the example."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Dana\n\temail = dana@lakeside.example\n", encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "GIT_CONFIG_NOSYSTEM": "1", "CARECTL_NOW": NOW,
        "GIT_PAGER": "cat", "GIT_EDITOR": "true", "LC_ALL": "C.UTF-8",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    return home


@pytest.fixture
def clone(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the example with one commit, as the current folder."""
    root = tmp_path / "lakeside"
    shutil.copytree(EXAMPLE, root)
    git(root, "init", "-q", "--initial-branch=main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "all of it")
    monkeypatch.chdir(root)
    return root


def gone(monkeypatch: pytest.MonkeyPatch, command: str = "/nowhere/bin/carectl") -> None:
    """Have `git setup` write down another program for carectl's, and leave none on PATH."""
    monkeypatch.setattr("carectl.commands.git._command", lambda: (command,))
    monkeypatch.setenv("PATH", BARE_PATH)

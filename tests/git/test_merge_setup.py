"""`git merge` in a clone that is set up: with carectl, and when it is gone. No side is ever kept in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl
from helpers_clone import CARECTL, MEDICATIONS, edit, git, gone
from helpers_clone import alone as alone
from helpers_clone import clone as clone

VITAMIN = "dose: 2.5 tablets"
IRON = "  - id: ferrous-sulfate\n    name: Ferrous sulfate\n    strength: 325 mg\n"


def fork(root: Path, ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    """One change on main, another on a branch."""
    git(root, "switch", "-qc", "branch")
    edit(root, MEDICATIONS, *theirs)
    git(root, "commit", "-qam", "theirs", "--no-verify")
    git(root, "switch", "-q", "main")
    edit(root, MEDICATIONS, *ours)
    git(root, "commit", "-qam", "ours", "--no-verify")


def test_the_driver_is_called(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    once = f'{VITAMIN}\n    route: oral\n    times: ["08:00"]'
    fork(clone, (VITAMIN, "dose: 1 tablet"), (once, once.replace("]", ', "20:00"]')))
    # Git alone would merge the lines: half the dose here, twice a day there.
    assert git(clone, "merge", "branch", code=1).stdout.startswith("Auto-merging")
    text = (clone / MEDICATIONS).read_text(encoding="utf-8")
    assert "<<<<<<<" in text
    assert "Vitamin D" in text
    assert carectl("check", "c-001").code == 1
    git(clone, "add", "-A")
    assert "nothing was committed" in git(clone, "commit", "-qm", "x", code=1).stderr


@pytest.mark.parametrize("script", [None, "#!/nowhere/python\n", "#!/bin/sh\nexit 70\n", "#!/bin/sh\nexit 2\n"])
def test_without_carectl_git_marks_what_clashes(
    script: str | None, clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "carectl"
    if script:
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    gone(monkeypatch, str(program))
    carectl("git", "setup")
    fork(clone, (VITAMIN, "dose: 1 tablet"), (VITAMIN, "dose: 5 tablets"))
    git(clone, "merge", "branch", code=1)
    text = (clone / MEDICATIONS).read_text(encoding="utf-8")
    assert "<<<<<<< ours\n    dose: 1 tablet\n=======\n    dose: 5 tablets\n>>>>>>> theirs\n" in text
    assert git(clone, "status", "--porcelain").stdout == f"UU {MEDICATIONS}\n"
    git(clone, "merge", "--abort")
    git(clone, "rebase", "branch", code=1)
    assert "<<<<<<< ours" in (clone / MEDICATIONS).read_text(encoding="utf-8")
    git(clone, "rebase", "--abort")
    # What does not clash is merged, with both sides in it, and not in silence.
    git(clone, "switch", "-qc", "other", "branch~1")
    edit(clone, MEDICATIONS, IRON, IRON.replace("325 mg", "300 mg"))
    git(clone, "commit", "-qam", "other", "--no-verify")
    done = git(clone, "merge", "-qm", "both", "--no-verify", "branch")
    assert "records were NOT merged entry by entry, but line by line" in done.stderr
    assert "carectl check --merge HEAD" in done.stderr
    text = (clone / MEDICATIONS).read_text(encoding="utf-8")
    assert "strength: 300 mg" in text
    assert "dose: 5 tablets" in text


def test_one_on_path_merges_if_the_one_of_setup_is_gone(
    clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone(monkeypatch)
    carectl("git", "setup")
    monkeypatch.setenv("PATH", f"{CARECTL.parent}:/usr/bin:/bin")
    fork(clone, (VITAMIN, "dose: 1 tablet"), (VITAMIN, "dose: 5 tablets"))
    git(clone, "merge", "branch", code=1)
    assert "here (ours)" in (clone / MEDICATIONS).read_text(encoding="utf-8")

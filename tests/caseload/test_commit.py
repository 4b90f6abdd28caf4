"""Commits: exactly these files, as the user, past other git processes, and with words if it cannot be."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from carectl.caseload import git
from carectl.errors import EnvironmentProblem

WHO = {
    f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in (("NAME", "Dana"), ("EMAIL", "d@x"))
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with two files, nothing committed."""
    folder = tmp_path / "caseload"
    folder.mkdir()
    run(folder, "init", "--quiet")
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text("one\n", encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> str:
    """Run git as the user would."""
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **WHO}
    ).stdout


def commit(root: Path, *paths: str, env: Mapping[str, str] | None = None, wait: float = 20) -> str | None:
    """Commit some files."""
    return git.commit(
        root, paths, "c-001 notes: 1 added", "#1", environment={**os.environ, **WHO, **(env or {})}, wait=wait
    )


def test_exactly_these_files(root: Path) -> None:
    (root / "*.yaml").write_text("a name like a pattern\n", encoding="utf-8")
    run(root, "add", "b.yaml")
    name = commit(root, "*.yaml")
    assert name == run(root, "rev-parse", "--short", "HEAD").strip()
    assert run(root, "show", "--format=%an|%B", "--name-only").splitlines() == [
        "Dana|c-001 notes: 1 added", "", "#1", "", "", "*.yaml",
    ]  # fmt: skip
    # What was staged still is.
    assert run(root, "status", "--porcelain") == "A  b.yaml\n?? a.yaml\n"


def test_a_file_that_went(root: Path) -> None:
    commit(root, "a.yaml", "b.yaml")
    (root / "a.yaml").unlink()
    assert commit(root, "a.yaml", "b.yaml")
    assert run(root, "ls-files") == "b.yaml\n"


def test_nothing_to_commit(root: Path) -> None:
    assert commit(root, "a.yaml")
    assert commit(root, "a.yaml") is None
    assert run(root, "rev-list", "--count", "HEAD") == "1\n"


def test_a_caseload_inside_of_a_repository(root: Path) -> None:
    (root / "lakeside").mkdir()
    (root / "lakeside/c.yaml").touch()
    assert commit(root / "lakeside", "c.yaml")
    assert run(root, "ls-files") == "lakeside/c.yaml\n"


def test_variables_that_point_elsewhere_do_not(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "--quiet")
    assert commit(root, "a.yaml", env={"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(tmp_path / "index")})
    assert run(root, "ls-files") == "a.yaml\n"
    assert not (tmp_path / "index").exists()


def test_gits_own_lock_is_waited_for(root: Path) -> None:
    (root / ".git/index.lock").touch()
    with pytest.raises(
        EnvironmentProblem, match=r"not committed: another git process is at work; waited 0 s\nhint: .*index.lock"
    ):
        commit(root, "a.yaml", wait=0)
    freed = subprocess.Popen(["sh", "-c", "sleep 0.3; rm .git/index.lock"], cwd=root)
    assert commit(root, "a.yaml")
    freed.wait()


@pytest.mark.parametrize(("status", "done"), [(0, True), (1, False)])
def test_the_users_hooks_run(status: int, done: bool, root: Path) -> None:
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nprintf 'looked through\\033[2J' >&2\nexit {status}\n", encoding="utf-8")
    hook.chmod(0o700)
    if done:
        assert commit(root, "a.yaml")
        return
    with pytest.raises(
        EnvironmentProblem, match=r"would not commit them:\n  looked through \[2J\nhint: .*carectl save"
    ):
        commit(root, "a.yaml")


def test_the_users_name_and_its_lack(root: Path, tmp_path: Path) -> None:
    env = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")} | {"HOME": str(tmp_path)}
    (tmp_path / ".gitconfig").write_text("[user]\n useConfigOnly = true\n", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="written, but git would not commit them"):
        git.commit(root, ["a.yaml"], "x", environment=env)
    (tmp_path / ".gitconfig").write_text("[user]\n name = Dana W\n email = d@x\n", encoding="utf-8")
    assert git.commit(root, ["a.yaml"], "x", environment=env)
    assert run(root, "log", "--format=%an") == "Dana W\n"


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="not a git repository"):
        commit(tmp_path, "a.yaml")


def test_no_git(root: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="git is not installed"):
        git.commit(root, ["a.yaml"], "x", environment={"PATH": "/nowhere"})

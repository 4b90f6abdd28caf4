"""carectl save: check, then commit, under a subject that names no one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_lakeside import lakeside as lakeside
from helpers_lakeside import last_subject, repository


@pytest.fixture
def kept(lakeside: Path) -> Path:
    """The copy of the example, with everything committed."""
    repository(lakeside)
    return lakeside


def git(root: Path, *args: str) -> str:
    """What git says."""
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, text=True).stdout


def add_line(root: Path, *paths: str) -> None:
    """A harmless change."""
    for path in paths:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write("# seen\n")


def test_one_client(kept: Path, carectl: Carectl) -> None:
    add_line(kept, "clients/c-014/notes.yaml", "clients/c-014/visits.yaml", "clients/c-001/tasks.yaml")
    done = carectl("save", "rosa")
    assert done.code == 0
    assert done.out.splitlines()[0] == "c-014 Rosa Alvarez"
    assert done.out.splitlines()[1].startswith("Committed ")
    assert last_subject(kept) == "c-014 visits, notes: 2 files"
    assert git(kept, "show", "--name-only", "--format=").split() == [
        "clients/c-014/notes.yaml",
        "clients/c-014/visits.yaml",
    ]
    assert git(kept, "status", "--short").split() == ["M", "clients/c-001/tasks.yaml"]
    again = carectl("save", "rosa")
    assert (again.code, again.out) == (0, "c-014 Rosa Alvarez\nNothing to save: the last commit has it all.\n")


@pytest.mark.parametrize(
    ("paths", "subject"),
    [
        (["clients/c-014/tasks.yaml"], "c-014 tasks: 1 file"),
        (["clients/c-009/visits/2026-11.yaml", "clients/c-009/visits/series.yaml"], "c-009 visits: 2 files"),
        ([f"clients/c-014/{k}.yaml" for k in ("notes", "tasks", "client", "visits")], "c-014: 4 files"),
        (["clients/c-014/scan.pdf"], "c-014: 1 file"),
        (["clients/c-014/tasks.yaml", "clients/c-001/tasks.yaml"], "c-001, c-014: 2 files"),
        (["staff/dana.yaml"], "staff: 1 file"),
        (["carectl.yaml", "clients/c-001/tasks.yaml"], "c-001, practice: 2 files"),
        (["README.md"], "caseload: 1 file"),
        ([f"clients/c-{n}/client.yaml" for n in ("001", "002", "003", "006")], "4 clients: 4 files"),
    ],
)
def test_subjects(paths: list[str], subject: str, kept: Path, carectl: Carectl) -> None:
    add_line(kept, *paths)
    assert carectl("save", "--dry-run").out.splitlines() == [*sorted(paths), f"Would commit: {subject}"]
    assert carectl("save").code == 0
    assert last_subject(kept) == subject
    assert git(kept, "status", "--short") == ""


def test_new_and_removed_files_and_what_is_ignored(kept: Path, carectl: Carectl) -> None:
    (kept / ".gitignore").write_text("*.bak\n", encoding="utf-8")
    git(kept, "add", "-A")
    git(kept, "commit", "-qm", "x")
    (kept / "clients/c-014/measurements.yaml").unlink()
    add_line(kept, "clients/c-014/letter from the bank.pdf", "clients/c-014/notes.bak")
    assert carectl("save").code == 0
    assert git(kept, "show", "--name-status", "--format=", "-z").split("\0")[:4] == [
        "A", "clients/c-014/letter from the bank.pdf", "D", "clients/c-014/measurements.yaml",
    ]  # fmt: skip
    assert (kept / "clients/c-014/notes.bak").exists()


def test_what_git_was_told_of_already_is_saved_like_the_rest(kept: Path, carectl: Carectl) -> None:
    """`git rm`, `git mv` and `git add` before it do not stand in the way."""
    git(kept, "rm", "-q", "clients/c-014/measurements.yaml")
    git(kept, "mv", "clients/c-014/supplies.yaml", "clients/c-014/old supplies.txt")
    add_line(kept, "clients/c-001/tasks.yaml")
    git(kept, "add", "-A", "clients/c-001")
    assert carectl("save").code == 0
    assert git(kept, "status", "--short") == ""
    assert git(kept, "show", "--name-status", "--no-renames", "--format=", "-z").split("\0")[:-1] == [
        "M", "clients/c-001/tasks.yaml", "D", "clients/c-014/measurements.yaml", "A", "clients/c-014/old supplies.txt",
        "D", "clients/c-014/supplies.yaml",
    ]  # fmt: skip


def test_errors_refuse_it(kept: Path, carectl: Carectl) -> None:
    with (kept / "clients/c-014/tasks.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: x, txt: y}\n")
    add_line(kept, "clients/c-001/tasks.yaml")
    before = git(kept, "rev-parse", "HEAD")
    done = carectl("save")
    assert done.code == 1
    assert "clients/c-014/tasks.yaml:7:" in done.err
    assert "did you mean `text`?" in done.err
    assert "nothing was committed: " in done.err
    assert git(kept, "rev-parse", "HEAD") == before
    # Another client's files can be saved meanwhile.
    assert carectl("save", "betsy").code == 0


def test_an_error_elsewhere_does_not_stand_against_it(kept: Path, carectl: Carectl) -> None:
    with (kept / "clients/c-014/tasks.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: x}\n")
    git(kept, "commit", "-qam", "by hand")
    add_line(kept, "clients/c-001/tasks.yaml")
    assert carectl("save").code == 0
    # What everybody's records rest on is another matter.
    add_line(kept, "staff/dana.yaml")
    assert carectl("save").code == 1


def test_warnings_are_told(kept: Path, carectl: Carectl) -> None:
    with (kept / "clients/c-014/tasks.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {id: x, text: Ring, due: 2026-11-01}\n")
    done = carectl("save")
    assert done.code == 0
    assert "warning[task-overdue]" in done.err


def test_a_subject_of_ones_own(kept: Path, carectl: Carectl) -> None:
    add_line(kept, "clients/c-014/tasks.yaml")
    done = carectl("save", "-m", "Evening round\n\nTwo calls made")
    assert (done.code, done.err) == (0, "")
    assert git(kept, "log", "-1", "--format=%B").strip() == "Evening round\n\nTwo calls made"


@pytest.mark.parametrize(
    "text", ["Rosa's pills", "alvarez: pills", "Talked to DANIEL", "Rosie", "c-014 pills, Nováková"]
)
def test_a_subject_that_names_someone(text: str, kept: Path, carectl: Carectl) -> None:
    add_line(kept, "clients/c-014/tasks.yaml")
    done = carectl("save", "-m", text)
    assert done.code == 0
    assert done.err.startswith("carectl: the message may name ")
    assert last_subject(kept) == text


def test_a_caseload_in_a_folder_of_a_repository(lakeside: Path, carectl: Carectl) -> None:
    above = lakeside.parent
    repository(above)
    (above / "other.txt").write_text("x", encoding="utf-8")
    add_line(lakeside, "clients/c-014/tasks.yaml")
    assert carectl("save").code == 0
    assert last_subject(above) == "c-014 tasks: 1 file"
    assert git(above, "status", "--short") == "?? other.txt\n"


def test_dry_run_writes_nothing(kept: Path, carectl: Carectl) -> None:
    add_line(kept, "clients/c-014/tasks.yaml")
    before = census(kept)
    assert carectl("save", "--dry-run").code == 0
    assert census(kept) == before


def test_no_repository(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("save")
    assert (done.code, done.out) == (3, "")
    assert "this caseload is in no git repository\nhint: git init" in done.err


@pytest.mark.parametrize(
    ("line", "words"),
    [(["nobody"], "no client fits"), (["-m", " "], "-m takes some text"), (["-m", "a\x07"], "-m takes")],
)
def test_wrong_usage(line: list[str], words: str, kept: Path, carectl: Carectl) -> None:
    add_line(kept, "clients/c-014/tasks.yaml")
    done = carectl("save", *line)
    assert done.code == 2
    assert words in done.err


def test_what_a_hook_refuses(kept: Path, carectl: Carectl) -> None:
    hook = kept / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    add_line(kept, "clients/c-014/tasks.yaml")
    done = carectl("save")
    assert done.code == 3
    assert "not today" in done.err
    shutil.rmtree(hook.parent)
    assert carectl("save").code == 0

"""The hooks as git runs them: what is staged is checked as it is staged, and a message names nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_clone import CARECTL, MEDICATIONS, edit, git, gone
from helpers_clone import alone as alone
from helpers_clone import clone as clone

OTHER = "clients/c-002/medications.yaml"
BROKEN = ("dose: 2.5 tablets", "dose: [")
"""A fault that is an error."""


@pytest.fixture
def guarded(clone: Path, carectl: Carectl) -> Path:
    """A clone that is set up."""
    assert carectl("git", "setup", "--commit-msg").code == 0
    return clone


def break_other(root: Path) -> None:
    (root / OTHER).write_bytes((root / OTHER).read_bytes() + b"medications: [\n")


# --- check --staged --------------------------------------------------------------------------------------------------


def test_what_is_staged_counts_and_not_the_folder(clone: Path, carectl: Carectl) -> None:
    assert carectl("check", "--staged") == carectl("check", "--staged")
    assert carectl("check", "--staged").code == 0
    edit(clone, MEDICATIONS, *BROKEN)
    assert carectl("check", "--staged").code == 0
    git(clone, "add", "-A")
    edit(clone, MEDICATIONS, *reversed(BROKEN))
    before = census(clone)
    done = carectl("check", "--staged")
    assert done.code == 1
    assert f"{MEDICATIONS}:79:11: error[yaml-syntax]" in done.out
    assert carectl("check").code == 0
    answer = json.loads(carectl("check", "--staged", "-f", "json").out)
    assert [one["code"] for one in answer["findings"]] == ["yaml-syntax"]
    assert carectl("check", "--staged", "-f", "github").out.startswith("::error file=clients/c-001/medications.yaml")
    assert census(clone) == before


def test_only_clients_of_whom_something_is_staged(clone: Path, carectl: Carectl) -> None:
    break_other(clone)
    git(clone, "commit", "-qam", "somebody was in a hurry")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(clone, "add", "-A")
    assert carectl("check", "--staged").code == 0
    assert carectl("check", "--staged", "c-002").code == 1
    assert carectl("check").code == 1


def test_the_practice_and_its_staff(clone: Path, carectl: Carectl) -> None:
    staff = next((clone / "staff").glob("*.yaml"))
    staff.write_bytes(staff.read_bytes() + b"shoe_size: 40\n")
    git(clone, "add", "-A")
    done = carectl("check", "--staged")
    assert done.code == 1
    assert f"staff/{staff.name}" in done.out
    git(clone, "reset", "-q", "--hard")
    (clone / "clients" / "Big Name").mkdir()
    (clone / "clients" / "Big Name" / "client.yaml").write_text("id: x\n", encoding="utf-8")
    git(clone, "add", "-A")
    assert "folder-name" in carectl("check", "--staged").out
    git(clone, "reset", "-q", "--hard")
    (clone / "README.md").write_text("<<<<<<< ours\n", encoding="utf-8")
    git(clone, "add", "-A")
    assert carectl("check", "--staged").code == 0


def test_a_client_that_comes_or_goes_whole(clone: Path, carectl: Carectl) -> None:
    git(clone, "rm", "-rq", "clients/c-002")
    assert carectl("check", "--staged").code == 0
    git(clone, "reset", "-q", "--hard")
    (clone / "clients/c-900").mkdir()
    (clone / "clients/c-900/client.yaml").write_text("id: c-900\n", encoding="utf-8")
    git(clone, "add", "-A")
    assert "clients/c-900/client.yaml" in carectl("check", "--staged").out


def test_before_the_first_commit_the_practice_has_to_be_staged(home: Path, carectl: Carectl) -> None:
    """That the file is not staged is not that there is none: it lies in the folder."""
    git(home, "init", "--quiet", "--template=")
    assert (carectl("check", "--staged").code, carectl("check", "--staged").out) == (0, "")
    git(home, "add", "clients")
    done = carectl("check", "--staged")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("carectl: carectl.yaml is not staged")
    assert "hint: git add carectl.yaml" in done.err


def test_without_git_there_is_nothing_staged(clone: Path, carectl: Carectl) -> None:
    (clone / ".git").rename(clone.parent / "away")
    assert carectl("check", "--staged").code == 3


# --- pre-commit ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["-a"], ["--only", MEDICATIONS], ["--include", MEDICATIONS], []])
def test_a_commit_with_errors_is_refused(words: list[str], guarded: Path) -> None:
    edit(guarded, MEDICATIONS, *BROKEN)
    if not words:
        git(guarded, "add", "-A")
    done = git(guarded, "commit", "-qm", "x", *words, code=1)
    assert f"{MEDICATIONS}:79:11: error[yaml-syntax]" in done.stderr
    assert "hint: put them right and stage the files again; git commit --no-verify goes past this" in done.stderr
    assert git(guarded, "rev-list", "--count", "HEAD").stdout == "1\n"
    git(guarded, "commit", "-qm", "x", "--no-verify", *words)


def test_the_index_of_the_commit_is_what_counts(guarded: Path) -> None:
    """`git commit FILE` makes an index of its own, without what else is staged."""
    break_other(guarded)
    git(guarded, "add", OTHER)
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(guarded, "commit", "-qm", "only this", MEDICATIONS)
    assert OTHER in git(guarded, "commit", "-qm", "that too", code=1).stderr


def test_a_good_commit_says_nothing(guarded: Path) -> None:
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")  # a warning at most: no entry in `changed`
    done = git(guarded, "commit", "-qam", "c-001 medications: 1 file")
    assert (done.stdout, done.stderr) == ("", "")
    git(guarded, "commit", "-q", "--amend", "-m", "c-001")
    git(guarded, "commit", "-q", "--allow-empty", "-m", "nothing")


def test_the_first_commit_is_checked_whole(guarded: Path) -> None:
    git(guarded, "checkout", "-q", "--orphan", "new")
    edit(guarded, MEDICATIONS, *BROKEN)
    git(guarded, "add", "-A")
    assert MEDICATIONS in git(guarded, "commit", "-qm", "x", code=1).stderr
    edit(guarded, MEDICATIONS, *reversed(BROKEN))
    git(guarded, "add", "-A")
    git(guarded, "commit", "-qm", "x")


def test_what_a_merge_left_is_refused(guarded: Path) -> None:
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "<<<<<<< ours\n    dose: 2.5 tablets\n=======\n>>>>>>> theirs")
    assert MEDICATIONS in git(guarded, "commit", "-qam", "x", code=1).stderr


NEW = (
    '  - {id: iron-2, name: Iron, dose: 1 tablet, times: ["08:00"], kind: otc, from: 2026-11-20, prescriber: dr-new}\n'
)


def test_a_clean_merge_is_checked(guarded: Path) -> None:
    """Each side is right by itself: a doctor is taken off the list, and orders something."""
    contacts = guarded / "clients/c-001/contacts.yaml"
    with_doctor = contacts.read_text(encoding="utf-8") + "  - {id: dr-new, name: Dr. New, relationship: cardiologist}\n"
    without = contacts.read_text(encoding="utf-8")
    contacts.write_text(with_doctor, encoding="utf-8")
    git(guarded, "commit", "-qam", "c-001 contacts")
    git(guarded, "switch", "-qc", "branch")
    with (guarded / MEDICATIONS).open("a", encoding="utf-8") as file:
        file.write(NEW)
    git(guarded, "commit", "-qam", "c-001 medications")
    git(guarded, "switch", "-q", "main")
    contacts.write_text(without, encoding="utf-8")
    git(guarded, "commit", "-qam", "c-001 contacts again")
    done = git(guarded, "merge", "--no-edit", "branch", code=1)
    assert "error[person-unknown]" in done.stderr
    assert "git merge --continue; git merge --abort goes back to before" in done.stderr
    assert git(guarded, "log", "-1", "--format=%s").stdout == "c-001 contacts again\n"
    contacts.write_text(with_doctor, encoding="utf-8")
    git(guarded, "add", "-A")
    git(guarded, "merge", "--continue")
    assert len(git(guarded, "log", "-1", "--format=%P").stdout.split()) == 2


def test_save_says_how_a_merge_is_finished(guarded: Path, carectl: Carectl) -> None:
    git(guarded, "switch", "-qc", "branch")
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(guarded, "commit", "-qam", "five")
    git(guarded, "switch", "-q", "main")
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "dose: 4.5 tablets")
    answer = (guarded / MEDICATIONS).read_text(encoding="utf-8")
    git(guarded, "commit", "-qam", "four")
    for words in (["merge", "branch"], ["cherry-pick", "branch"], ["rebase", "branch"]):
        git(guarded, *words, code=1)
        (guarded / MEDICATIONS).write_text(answer, encoding="utf-8")
        edit(guarded, MEDICATIONS, "dose: 4.5 tablets", "dose: 3.5 tablets")
        done = carectl("save")
        assert done.code == 3
        assert f"a {words[0]} is under way" in done.err
        assert f"git {words[0]} --continue" in done.err
        assert "then carectl save" not in done.err
        git(guarded, words[0], "--abort")
    git(guarded, "merge", "branch", code=1)
    (guarded / MEDICATIONS).write_text(answer, encoding="utf-8")
    done = carectl("save")  # the answer is ours: nothing differs from the last commit
    assert (done.code, done.out) == (3, "")
    git(guarded, "add", "-A")
    git(guarded, "merge", "--continue")


def test_carectl_save_passes_its_own_hook(guarded: Path, carectl: Carectl) -> None:
    edit(guarded, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    done = carectl("save")
    assert (done.code, "Committed" in done.out) == (0, True)
    assert git(guarded, "status", "--porcelain").stdout == ""


@pytest.mark.parametrize("script", [None, "#!/nowhere/python\n"])
def test_without_carectl_commits_go_on_and_say_so(
    script: str | None, clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "carectl"
    if script:
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    gone(monkeypatch, str(program))
    carectl("git", "setup", "--commit-msg")
    edit(clone, MEDICATIONS, *BROKEN)
    done = git(clone, "commit", "-qam", "For Rosa Alvarez")
    assert "the records in this commit are NOT checked" in done.stderr
    assert "whether this message names somebody is NOT checked" in done.stderr
    # carectl on PATH takes over.
    monkeypatch.setenv("PATH", f"{CARECTL.parent}:/usr/bin:/bin")
    edit(clone, MEDICATIONS, "dose: [", "dose: [[")
    assert "error[yaml-syntax]" in git(clone, "commit", "-qam", "x", code=1).stderr


def test_a_carectl_that_fails_stops_the_commit(
    clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What could not be checked is not called checked."""
    program = tmp_path / "carectl"
    program.write_text("#!/bin/sh\nexit 70\n", encoding="utf-8")
    program.chmod(0o755)
    gone(monkeypatch, str(program))
    carectl("git", "setup")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(clone, "commit", "-qam", "x", code=1)


# --- commit-msg ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "is_refused"),
    [
        ("c-001 medications: 1 file", False),
        ("Dose as ordered by the cardiologist", False),
        ("Visit moved to another day", False),
        ("Call with Lisa Johnson", True),
        ("call with lisa johnson", True),
        ("Johnson's dose", True),
        ("dose\n\nas Charles asked on the phone", True),
        ("CHARLES CALLED", True),
    ],
)
def test_a_message_that_names_somebody(message: str, is_refused: bool, guarded: Path) -> None:
    done = git(guarded, "commit", "-q", "--allow-empty", "-m", message, code=1 if is_refused else 0)
    if is_refused:
        assert "seems to name a client or a contact" in done.stderr
        assert not any(name in done.stderr.lower() for name in ("johnson", "charles", "lisa"))


def test_what_git_leaves_out_of_a_message_is_not_read(guarded: Path, tmp_path: Path) -> None:
    path = tmp_path / "message"
    path.write_text(
        "c-001 tasks\n\n# On branch charles-johnson\n# ------------------------ >8 ------------------------\n"
        "-name: Charles Johnson\n",
        encoding="utf-8",
    )
    git(guarded, "commit", "-q", "--allow-empty", "--cleanup=scissors", "-F", str(path))


def test_hooks_are_called_as_git_calls_them(guarded: Path, carectl: Carectl) -> None:
    for words in (["pre-push"], ["commit-msg"], ["post-commit"], ["pre-push", "origin"]):
        assert carectl("git", "hook", *words).code == 2
    assert carectl("git", "hook", "commit-msg", "nowhere").code == 3

"""carectl git setup, status and remove: what a clone gets, and that it comes out again to the last byte."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_clone import CARECTL, EXAMPLE, MEDICATIONS, edit, git, gone, inside
from helpers_clone import alone as alone
from helpers_clone import clone as clone

from carectl.caseload import git_setup
from carectl.commands import merging


def add(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(text)


def without_folders(home: Path) -> None:
    for name in ("hooks", "info"):
        shutil.rmtree(home / name, ignore_errors=True)


def lines_of_her_own(home: Path) -> None:
    add(home / "config", b'# mine\n[diff "pdf"]\n\ttextconv = pdftotext\n[carectl]\n\tmine = 1\n')
    add(home / "info/attributes", b"# mine\n*.pdf diff=pdf\n*.yaml diff=yaml")
    add(home / "info/exclude", b"scratch\n")


BEFORE: dict[str, Callable[[Path], None]] = {
    "as git makes it": lambda home: None,
    "no folders for hooks or attributes": without_folders,
    "settings that end without a line break": lambda home: add(home / "config", b"[alias]\n\tst = status"),
    "lines of her own": lines_of_her_own,
    "an empty file": lambda home: add(home / "info/attributes", b""),
    "Windows line ends": lambda home: add(home / "info/attributes", b"*.pdf diff=pdf\r\n"),
}


@pytest.mark.parametrize("name", BEFORE)
def test_nothing_is_left_behind(name: str, clone: Path, carectl: Carectl) -> None:
    BEFORE[name](clone / ".git")
    before, work = inside(clone), git(clone, "status", "--porcelain", "--ignored").stdout
    assert carectl("git", "setup").code == 0
    after = inside(clone)
    assert set(after) - set(before) >= {"hooks/pre-commit", "hooks/pre-merge-commit", "hooks/pre-push"}
    assert "hooks/commit-msg" not in after
    # Nothing of the caseload changes, and git still understands its settings.
    assert git(clone, "status", "--porcelain", "--ignored").stdout == work
    assert git(clone, "config", "--get", "diff.carectl.cachetextconv").stdout == "false\n"
    assert carectl("git", "setup", "--commit-msg").code == 0
    assert "hooks/commit-msg" in inside(clone)
    assert carectl("git", "remove").code == 0
    assert inside(clone) == before


def test_twice_is_once(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup", "--commit-msg")
    once = inside(clone)
    # A hook that is there stays, also if it is not asked for again.
    done = carectl("git", "setup")
    assert inside(clone) == once
    assert done.out.count("is up to date") == 6
    assert carectl("git", "remove").code == 0
    assert carectl("git", "remove").out.endswith("There was nothing to take out.\n")


def test_dry_run_writes_nothing(clone: Path, carectl: Carectl) -> None:
    before = census(clone)
    assert "would be written" in carectl("git", "setup", "--dry-run").out
    assert census(clone) == before
    carectl("git", "setup")
    after = census(clone)
    assert "would be taken out" in carectl("git", "remove", "--dry-run").out
    assert census(clone) == after


def test_what_she_adds_later_stays(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    for words in (["remote", "add", "origin", "/backup.git"], ["config", "alias.st", "status"]):
        git(clone, *words)
    # Git puts this beside ours, into a section that is ours alone.
    git(clone, "config", "diff.carectl.wordRegex", "x")
    add(clone / ".git/info/attributes", b"*.png -diff\n")
    assert "older" in carectl("git", "status").out
    carectl("git", "remove")
    left = (clone / ".git/config").read_text(encoding="utf-8")
    assert "carectl" not in left
    assert left.endswith('[remote "origin"]\n\turl = /backup.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'
                         "[alias]\n\tst = status\n")  # fmt: skip
    assert (clone / ".git/info/attributes").read_bytes() == b"*.png -diff\n"


def test_status_tells_how_it_stands(clone: Path, carectl: Carectl) -> None:
    done = carectl("git", "status")
    assert done.code == 1
    assert done.out.count("missing") == 5
    assert "To put that right: carectl git setup" in done.out
    carectl("git", "setup")
    done = carectl("git", "status")
    assert (done.code, done.out.count("installed")) == (0, 5)
    answer = json.loads(carectl("git", "status", "-f", "json").out)
    assert (answer["format"], answer["well"], answer["notes"], answer["remotes"]) == (1, True, False, [])
    assert [(one["name"], one["state"]) for one in answer["pieces"]] == [
        ("diff and merge", "installed"),
        ("files they are for", "installed"),
        ("pre-commit hook", "installed"),
        ("pre-merge-commit hook", "installed"),
        ("pre-push hook", "installed"),
    ]


def test_what_another_carectl_wrote_is_brought_up_to_date(
    clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        gone(patch)
        carectl("git", "setup")
    done = carectl("git", "status")
    assert (done.code, done.out.count("older")) == (1, 4)
    carectl("git", "setup")
    assert carectl("git", "status").code == 0
    assert str(CARECTL) in (clone / ".git/hooks/pre-push").read_text(encoding="utf-8")
    # A hook that cannot be run is none.
    (clone / ".git/hooks/pre-push").chmod(0o600)
    assert "pre-push hook          older" in carectl("git", "status").out
    carectl("git", "setup")
    assert os.access(clone / ".git/hooks/pre-push", os.X_OK)


def test_a_hook_of_her_own_is_left_alone(clone: Path, carectl: Carectl) -> None:
    hook = clone / ".git/hooks/pre-commit"
    add(hook, b"#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    before = inside(clone)
    done = carectl("git", "setup")
    assert done.code == 1
    assert f"add to {hook} the line\n" in done.out
    line = next(line.strip() for line in done.out.splitlines() if "git hook pre-commit" in line)
    assert hook.read_bytes() == b"#!/bin/sh\nexit 0\n"
    assert carectl("git", "status").code == 1
    # She does as she is told, and it works.
    hook.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    assert carectl("git", "status").code == 0
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: [")
    assert "nothing was committed" in git(clone, "commit", "-qam", "x", code=1).stderr
    # It is hers: remove says what is left to do.
    done = carectl("git", "remove")
    assert done.code == 1
    assert f"{hook} has lines of carectl" in done.out
    hook.write_bytes(before["hooks/pre-commit"])
    assert inside(clone) == before


def test_a_hook_of_ours_that_she_changed_is_hers(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    add(clone / ".git/hooks/pre-push", b"echo and this\n")
    changed = (clone / ".git/hooks/pre-push").read_bytes()
    # It still calls carectl, so nothing is missing; but nobody overwrites or removes it.
    assert carectl("git", "setup").code == 0
    assert carectl("git", "remove").code == 1
    assert (clone / ".git/hooks/pre-push").read_bytes() == changed


def test_hooks_in_a_folder_of_her_own(clone: Path, carectl: Carectl, tmp_path: Path) -> None:
    git(clone, "config", "core.hooksPath", "../hooks")
    done = carectl("git", "setup")
    assert done.code == 1
    assert not (clone / ".git/hooks/pre-commit").exists()
    assert not (tmp_path / "hooks").exists()
    assert done.out.count("core.hooksPath") == 3
    for name in ("pre-commit", "pre-merge-commit", "pre-push"):
        add(tmp_path / "hooks" / name, f'#!/bin/sh\n{CARECTL} git hook {name} -- "$@" || exit 1\n'.encode())
    # A hook that cannot be run is none.
    assert carectl("git", "status").out.count(f"chmod +x {tmp_path}/hooks/pre-") == 3
    for name in ("pre-commit", "pre-merge-commit", "pre-push"):
        (tmp_path / "hooks" / name).chmod(0o755)
    assert carectl("git", "status").code == 0
    (tmp_path / "hooks/pre-push").write_text("#!/bin/sh\n: # git hook pre-push\nexit 0\n", encoding="utf-8")
    assert f"add to {tmp_path}/hooks/pre-push the line" in carectl("git", "status").out


@pytest.mark.parametrize("way", ["folder", "link"])
def test_hooks_that_a_commit_could_change(way: str, clone: Path, carectl: Carectl, tmp_path: Path) -> None:
    for name in ("pre-commit", "pre-merge-commit", "pre-push"):
        add(clone / ".githooks" / name, f'#!/bin/sh\n{CARECTL} git hook {name} -- "$@" || exit 1\n'.encode())
        (clone / ".githooks" / name).chmod(0o755)
        if way == "link":
            (clone / ".git/hooks" / name).symlink_to(f"../../.githooks/{name}")
    if way == "folder":
        git(clone, "config", "core.hooksPath", ".githooks")
    for command in ("setup", "status"):
        done = carectl("git", command)
        assert (done.code, done.out.count("anybody's commit can change it")) == (1, 3)
    # A second worktree of the clone has them from the first one's files.
    git(clone, "config", "core.hooksPath", str(clone / ".githooks"))
    git(clone, "worktree", "add", "-q", str(tmp_path / "second"))
    assert "anybody's commit can change it" in carectl("git", "status", "--caseload", str(tmp_path / "second")).out


def elsewhere(clone: Path, home: Path, where: str) -> None:
    """Another setting for the drivers, in each of the places from which git takes them."""
    key, value = ("diff.carectl.command", "true") if where == "another key" else ("merge.carectl.driver", "true")
    if where == "worktree":
        git(clone, "config", "extensions.worktreeConfig", "true")
        git(clone, "config", "--worktree", key, value)
    elif where == "include":
        git(clone, "config", "--file", str(home / "more"), key, value)
        add(clone / ".git/config", f"[include]\n\tpath = {home}/more\n".encode())
    elif where == "attributes":
        add(clone / ".git/info/attributes", b"clients/** merge=ours\n")
    elif where == "later":
        add(clone / ".git/config", b'[merge "carectl"]\n\tdriver = true\n')
    else:
        git(clone, "config", "--global", key, value)


@pytest.mark.parametrize("where", ["worktree", "include", "later", "another key", "attributes"])
def test_what_counts_is_what_git_goes_by(where: str, clone: Path, alone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    elsewhere(clone, alone, where)
    for command in ("status", "setup"):
        done = carectl("git", command)
        assert (done.code, done.out.count("in the way")) == (1, 1), done.out
        assert "counts more than carectl's" in done.out
    name = "files they are for" if where == "attributes" else "diff and merge"
    rows = json.loads(carectl("git", "status", "-f", "json").out)["pieces"]
    assert [row["name"] for row in rows if row["state"] != "installed"] == [name]


def test_what_is_in_the_way_before_the_first_setup_is_told_at_once(clone: Path, alone: Path, carectl: Carectl) -> None:
    elsewhere(clone, alone, "worktree")
    done = carectl("git", "setup")
    assert (done.code, "git config --show-origin --get-all merge.carectl.driver" in done.out) == (1, True)
    # A setting of the user's that counts less than the clone's is none of our business.
    git(clone, "config", "--worktree", "--unset", "merge.carectl.driver")
    git(clone, "config", "--global", "merge.carectl.driver", "true")
    assert carectl("git", "status").code == 0


FRAMEWORK = b"#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\nexit 0\n"


def test_the_pre_commit_framework(clone: Path, carectl: Carectl) -> None:
    hooks = clone / ".git/hooks"
    for name in ("pre-commit", "pre-push"):
        add(hooks / name, FRAMEWORK)
        (hooks / name).chmod(0o755)
    before = inside(clone)
    done = carectl("git", "setup")
    assert done.code == 1
    assert "add carectl-check to .pre-commit-config.yaml" in done.out
    assert f"and runs {hooks / 'pre-push.legacy'} as well" in done.out
    # She does as she is told.
    config = "repos: [{repo: local, hooks: [{id: carectl-check}]}]\n"
    (clone / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    add(hooks / "pre-push.legacy", b'#!/bin/sh\ncarectl git hook pre-push -- "$@" || exit 1\n')
    (hooks / "pre-push.legacy").chmod(0o755)
    assert carectl("git", "status").code == 0
    (hooks / "pre-push.legacy").unlink()
    # The framework came later, and has put ours aside: it is still ours.
    for name in ("pre-commit", "pre-push"):
        (hooks / f"{name}.legacy").write_bytes(git_setup.shim_of(name, [str(CARECTL)]))
        (hooks / f"{name}.legacy").chmod(0o755)
    assert carectl("git", "status").code == 0
    assert carectl("git", "remove").code == 0
    assert inside(clone) == before


def test_lines_that_were_changed_by_hand_are_left_alone(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    path = clone / ".git/config"
    path.write_bytes(path.read_bytes().replace(b"# carectl git setup: end.\n", b""))
    changed = path.read_bytes()
    done = carectl("git", "setup")
    assert done.code == 1
    assert "changed by hand" in done.out
    assert carectl("git", "remove").code == 1
    assert path.read_bytes() == changed


def test_git_at_work_is_waited_for(clone: Path, carectl: Carectl) -> None:
    (clone / ".git/config.lock").touch()
    before = inside(clone)
    done = carectl("git", "setup")
    assert done.code == 3
    assert "another git process is at work" in done.err
    assert inside(clone) == before


def test_no_repository(tmp_path: Path, alone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "plain")
    monkeypatch.chdir(tmp_path / "plain")
    for command in ("setup", "status", "remove"):
        done = carectl("git", command)
        assert done.code == 3
        assert "hint: git init" in done.err


def test_clear_text_in_notes_is_told(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    git(clone, "update-ref", git_setup.NOTES, "HEAD")
    done = carectl("git", "status")
    assert done.code == 1
    assert f"git update-ref -d {git_setup.NOTES}" in done.out
    assert json.loads(carectl("git", "status", "-f", "json").out)["notes"] is True


def test_no_commit_can_switch_the_drivers_off(clone: Path, carectl: Carectl) -> None:
    add(clone / ".gitattributes", b"*.yaml merge=union -diff\nclients/** -merge\n")
    carectl("git", "setup")
    for name in (MEDICATIONS, "clients/c-002/visits/2026-11.yaml", "staff/dana.yaml", "carectl.yaml"):
        said = git(clone, "check-attr", "diff", "merge", "--", name).stdout
        assert said == f"{name}: diff: carectl\n{name}: merge: carectl\n"
    assert "union" in git(clone, "check-attr", "merge", "--", "elsewhere.yaml").stdout


ODD = '-north side [1] *"\\ ö'


@pytest.mark.parametrize("name", ["north", ODD])
def test_a_caseload_in_a_folder_and_a_second_worktree(
    name: str, alone: Path, tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "all"
    shutil.copytree(EXAMPLE, top / name)
    shutil.copytree(EXAMPLE, top / "south")
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "x")
    before = inside(top)
    monkeypatch.chdir(top / name)
    assert carectl("git", "setup").code == 0
    # Caseloads of a clone that it is not set up for are not touched; another setup takes them in.
    assert "unspecified" in git(top, "check-attr", "diff", "--", f"south/{MEDICATIONS}").stdout
    assert carectl("git", "status", "--caseload", str(top / "south")).code == 1
    assert carectl("git", "setup", "--caseload", str(top / "south")).code == 0
    assert carectl("git", "status").code == 0

    git(top, "worktree", "add", "-q", str(tmp_path / "second"))
    for place in (top, tmp_path / "second"):
        for folder in (name, "south"):
            edit(place, f"{folder}/{MEDICATIONS}", "dose: 2.5 tablets", "dose: 5 tablets")
        said = git(place, "diff").stdout
        assert said.count("+medications[vitamin-d Vitamin D] > dose: 5 tablets") == 2
        git(place, "commit", "-qam", "both")
        edit(place, f"south/{MEDICATIONS}", "dose: 5 tablets", "dose: [")
        assert "yaml-syntax" in git(place, "commit", "-qam", "x", code=1).stderr
        git(place, "checkout", "-q", "--", ".")
    git(top, "worktree", "remove", "--force", str(tmp_path / "second"))
    monkeypatch.chdir(top / name)
    assert carectl("git", "remove").code == 0
    kept = {path: raw for path, raw in inside(top).items() if not path.startswith("refs/")}
    assert kept == {path: raw for path, raw in before.items() if not path.startswith("refs/")}


def test_one_list_of_what_git_gives_the_merge_driver() -> None:
    assert git_setup.MERGE_ARGUMENTS == merging.ARGUMENTS

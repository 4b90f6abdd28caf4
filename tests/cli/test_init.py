"""carectl init."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal

from carectl.caseload import create, files
from carectl.caseload.records import FILE_KINDS

NEEDED = ("--name", "Lakeside: Care", "--timezone", "America/Chicago", "--coordinator", "Dana van der Whitfield")


def test_a_new_caseload(tmp_path: Path, carectl: Carectl) -> None:
    folder = tmp_path / "new" / "case load"
    done = carectl("init", str(folder), *NEEDED, "--state", "IL", "--phone", "+1 312 555 0142")
    assert (done.code, done.err) == (0, "")
    assert f"in {folder}\n" in done.out
    assert f"Next: cd '{folder}' && carectl client add\n" in done.out
    assert (
        (folder / "carectl.yaml").read_text(encoding="utf-8")
        == """\
# yaml-language-server: $schema=.carectl/schemas/practice.schema.json
practice:
  name: "Lakeside: Care"
  coordinator: dana-van-der-whitfield
  timezone: America/Chicago
  phone: "+1 312 555 0142"
  state: IL
"""
    )
    assert (
        (folder / "staff/dana-van-der-whitfield.yaml").read_text(encoding="utf-8")
        == """\
# yaml-language-server: $schema=../.carectl/schemas/staff.schema.json
id: dana-van-der-whitfield
name: {given: Dana van der, family: Whitfield}
role: coordinator
"""
    )
    assert (folder / "clients").is_dir()
    assert {path.name for path in (folder / create.SCHEMAS).iterdir()} == {f"{k}.schema.json" for k in FILE_KINDS}
    check = carectl("check", "--strict", "--caseload", str(folder))
    assert (check.code, check.out) == (0, "")
    assert carectl("agenda", "--caseload", str(folder)).code == 0


def test_it_is_the_users_alone(tmp_path: Path, carectl: Carectl) -> None:
    (tmp_path / "here").mkdir(mode=0o755)
    carectl("init", str(tmp_path / "here"), *NEEDED, "--no-git")
    carectl("init", str(tmp_path / "new"), *NEEDED, "--no-git")
    for path in [p for top in ("here", "new") for p in (tmp_path / top, *(tmp_path / top).rglob("*"))]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_git_begins_on_main_without_hooks(tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever the caller has set: none of it takes part.
    template = tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    (template / "hooks" / "post-checkout").write_text("#!/bin/sh\nfalse\n", encoding="utf-8")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(template))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "init.defaultBranch")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "trunk")
    assert carectl("init", str(tmp_path / "new"), *NEEDED).code == 0
    assert (tmp_path / "new/.git/HEAD").read_text(encoding="utf-8") == "ref: refs/heads/main\n"
    assert not (tmp_path / "new/.git/hooks").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_what_editors_leave_behind_is_ignored(tmp_path: Path, carectl: Carectl) -> None:
    folder = tmp_path / "new"
    carectl("init", str(folder), *NEEDED)
    left = ("client.yaml~", ".client.yaml.swp", ".#client.yaml", "#client.yaml#", "client.yaml.orig", ".DS_Store",
            ".new-123/client.yaml", ".carectl-12.tmp")  # fmt: skip
    for name in left:
        path = folder / "clients" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    shown = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert "clients" not in shown.stdout
    assert "?? carectl.yaml" in shown.stdout


def test_without_git(tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = carectl("init", str(tmp_path / "new"), *NEEDED)
    assert (done.code, done.out) == (3, "")
    assert "--no-git" in done.err
    assert not (tmp_path / "new").exists()
    done = carectl("init", str(tmp_path / "new"), *NEEDED, "--no-git")
    assert done.code == 0
    assert "history" not in done.out
    assert not (tmp_path / "new/.git").exists()


def test_where_it_may_not_begin(home: Path, tmp_path: Path, carectl: Carectl) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    before = census(tmp_path)
    for folder, words in (
        (home, "this is a caseload already"),
        (home / "clients" / "new", f"{home} is a caseload already"),
        (tmp_path / "full", "is not empty"),
        (tmp_path / "full" / "x", "is a file"),
    ):
        done = carectl("init", str(folder), *NEEDED)
        assert (done.code, done.out) == (2, "")
        assert words in done.err
    assert census(tmp_path) == before


def test_a_script_is_not_kept_waiting(tmp_path: Path, carectl: Carectl) -> None:
    done = carectl("init", str(tmp_path / "new"), "--name", "A")
    assert (done.code, done.out) == (2, "")
    assert "--timezone, --coordinator are needed" in done.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--timezone", "America/Chicgo", "did you mean America/Chicago?"),
        ("--timezone", "../../etc/passwd", "a time zone's name"),
        ("--coordinator", "Dana", "a first and a last name"),
        ("--profile", "medicare", "one of private_pay_care_manager"),
        ("--name", "", "some text"),
        ("--name", "Lake\x1b[2Jside", "without control characters"),
        ("--name", "Lake\nside", "without control characters"),
    ],
)
def test_wrong_values(option: str, value: str, words: str, tmp_path: Path, carectl: Carectl) -> None:
    done = carectl("init", str(tmp_path / "new"), *NEEDED, option, value)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_left_of_a_failure(
    there: bool, tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b"
    if there:
        folder.mkdir(parents=True)
    real = os.rename
    calls: list[str] = []

    def rename(self: Path, target: Path) -> Path:
        calls.append(target.name)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(self, target)
        return target

    monkeypatch.setattr(Path, "rename", rename)
    done = carectl("init", str(folder), *NEEDED)
    assert (done.code, done.out) == (3, "")
    assert f"carectl: cannot write {folder}: the drive is full" in done.err
    assert folder.exists() is there
    assert list(tmp_path.rglob("*")) == ([tmp_path / "a", folder] if there else [])


def test_renewing_the_schemas(home: Path, carectl: Carectl) -> None:
    before = census(home)
    assert carectl("init", "--schemas").code == 0
    after = census(home)
    assert {name for name in after if name not in before} == {f"{create.SCHEMAS}/{k}.schema.json" for k in FILE_KINDS}
    assert {name: data for name, data in after.items() if name in before} == before
    (home / create.SCHEMAS / "client.schema.json").write_bytes(b"old")
    carectl("init", "--schemas", str(home / "clients"))
    assert census(home) == after


def test_questions(tmp_path: Path) -> None:
    answers = ["Lakeside\n", "Chicago\n", "America/Chicago\n", "Dana\n", "Dana Whitfield\n", "\n", "\n", "IL\n", "\n"]
    shown, code = on_terminal(["init", "new"], answers, tmp_path, {"TZ": ""})
    assert code == 0
    assert "did you mean America/Chicago?" in shown
    assert "Please give a first and a last name" in shown
    text = (tmp_path / "new/carectl.yaml").read_text(encoding="utf-8")
    assert "name: Lakeside\n  coordinator: dana-whitfield\n  timezone: America/Chicago\n  state: IL\n" in text


def test_the_zone_of_the_machine_is_offered(tmp_path: Path) -> None:
    answers = ["Lakeside\n", "\n", "Dana Whitfield\n", "\n", "\n", "\n", "\n"]
    shown, code = on_terminal(["init"], answers, tmp_path, {"TZ": "Europe/Warsaw"})
    assert code == 0
    assert "Time zone [Europe/Warsaw]: " in shown
    assert "timezone: Europe/Warsaw\n" in (tmp_path / "carectl.yaml").read_text(encoding="utf-8")
    assert "Next: carectl client add" in shown


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_stopping_at_a_question(key: str, tmp_path: Path) -> None:
    shown, code = on_terminal(["init", "new"], ["Lakeside\n", key], tmp_path)
    assert code == 130
    assert "Traceback" not in shown
    assert list(tmp_path.iterdir()) == []


def test_nothing_in_files_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("target")
    files.write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"

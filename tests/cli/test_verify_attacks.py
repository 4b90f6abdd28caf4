"""carectl verify against somebody who may write every file and has a key of their own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_signoff import FIRST_APPROVAL, LATER, MEDICINES, NOW, Desk
from helpers_signoff import bare_desk as bare_desk
from helpers_signoff import desk as desk
from helpers_signoff import key_ring as key_ring

from carectl.caseload import approvals, signatures
from carectl.caseload.records import Approval
from carectl.caseload.trees import FolderTree

SECOND: Final = "clients/c-001/approvals/0002.yaml"
FORGED: Final = "2026-11-21T09:00:00-06:00"
COMMITTED: Final = "2026-11-21T09:01:00-06:00"


def _write(desk: Desk, number: int, key: str, **fields: Any) -> None:
    """A sign-off by hand, signed with somebody's key."""
    covered = approvals.covered(FolderTree(desk.root), "c-001")
    before = desk.root / approvals.path_of("c-001", number - 1)
    signing = signatures.key_of(str(desk.keys / key), desk.root, os.environ)
    told: dict[str, Any] = {
        "client": "c-001", "number": number, "by": "jo-park", "name": "Jo Park", "role": "home_health_aide",
        "meaning": "approved", "at": FORGED, "content": covered.content, "files": covered.files,
        "commit": desk.git("rev-parse", "HEAD"), "key": signing.fingerprint,
        "previous": approvals.digest(before.read_bytes()) if before.is_file() else None,
    }  # fmt: skip
    text = approvals.text(Approval(**(told | fields)))
    file = desk.root / approvals.path_of("c-001", number)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text)
    Path(f"{file}.sig").write_bytes(signatures.sign(text, signing, os.environ, ask=False))


def _forge(desk: Desk, **fields: Any) -> None:
    """Dana approved; Jo doubles a dose, and writes and signs a sign-off of that."""
    desk.approve()
    desk.write(MEDICINES, "40 mg", "80 mg")
    desk.commit(who="jo", at="2026-11-21T08:00:00-06:00")
    _write(desk, 2, "jo", **fields)
    desk.commit(who="jo", at=COMMITTED)


# --- in the name of somebody else ------------------------------------------------------------------------------------


def test_what_jo_may_is_in_order(desk: Desk) -> None:
    _forge(desk)
    assert desk.rules().keys() == {"good"}


def test_nobody_approves_as_the_witness_of_a_colleague(desk: Desk) -> None:
    _forge(desk, by="dana", name="Dana Whitcomb", role="registered_nurse", witnessed_by="jo-park", method="phone")
    assert desk.rules()["wrong"] == ["witness"]
    assert "approval-witness" in desk.run("check", "c-001").out


def test_nobody_approves_as_the_witness_of_a_contact(desk: Desk) -> None:
    _forge(desk, by="maria", name="Maria Alvarez", role="health_care_proxy", witnessed_by="jo-park", method="phone")
    assert desk.rules()["wrong"] == ["witness"]
    assert "approval-witness" in desk.run("check", "c-001").out


def test_a_contact_with_the_id_of_a_colleague_changes_nothing(desk: Desk) -> None:
    desk.write("clients/c-001/contacts.yaml", "id: maria", "id: dana")
    _forge(desk, by="dana", name="Maria Alvarez", role="contact", witnessed_by="jo-park", method="phone")
    assert "witness" in desk.rules()["wrong"]


@pytest.mark.parametrize(
    ("fields", "wrong", "note"),
    [
        ({"name": "Dana Whitcomb", "role": "coordinator"}, ["other-name"], ["other-role"]),
        ({"role": "physician"}, [], ["other-role"]),
        ({"by": "otto"}, ["signer-nobody"], []),
        ({"by": "client", "name": "Rosa Alvarez", "witnessed_by": "otto", "method": "phone"}, ["signer-nobody"], []),
        ({"by": "client", "name": "Otis Brandt", "witnessed_by": "jo-park", "method": "phone"}, ["other-name"], []),
        ({"by": "maria", "name": "Dana Whitcomb", "witnessed_by": "jo-park", "method": "phone"}, ["other-name"], []),
    ],
)
def test_who_signed_off_is_on_file_by_that_name(
    fields: dict[str, str], wrong: list[str], note: list[str], desk: Desk
) -> None:
    _forge(desk, **fields)
    found = desk.rules()
    ours = {"other-name", "signer-nobody", "other-role"}
    assert [rule for rule in found.get("wrong", []) if rule in ours] == wrong
    assert found.get("note", []) == note


def test_who_marries_or_goes_was_on_file_then(desk: Desk) -> None:
    _forge(desk)
    desk.write("staff/jo-park.yaml", "family: Park", "family: Parker")
    desk.commit(at=LATER)
    found = desk.rules()
    assert ("wrong" not in found, found["note"]) == (True, ["person-changed"])
    (desk.root / "staff/jo-park.yaml").unlink()
    desk.commit(at=LATER)
    assert desk.rules()["note"] == ["person-changed"]


def test_who_cannot_be_read_is_not_taken_on_trust(desk: Desk) -> None:
    _forge(desk)
    desk.write("staff/jo-park.yaml", "name:", "nmae:")
    assert desk.rules()["unknown"] == ["name-unknown"]


def test_who_left_is_told(desk: Desk) -> None:
    _forge(desk)
    desk.write("staff/jo-park.yaml", "role:", "employed: {from: 2026-01-01, until: 2026-11-20}\nrole:")
    assert desk.rules()["unknown"] == ["signer-left"]
    desk.write("staff/jo-park.yaml", "2026-11-20", "2026-11-21")
    assert "unknown" not in desk.rules()


# --- what was removed ------------------------------------------------------------------------------------------------


def _withdrawn(desk: Desk) -> None:
    desk.approve()
    desk.approve("--meaning", "withdrawn", "--reason", "dose", now=LATER)


def _take_out(desk: Desk) -> None:
    for name in (SECOND, SECOND + ".sig"):
        (desk.root / name).unlink()


@pytest.mark.parametrize("kind", ["folder", "link"])
@pytest.mark.parametrize("commit", [True, False])
def test_nothing_else_takes_the_place_of_a_file(commit: bool, kind: str, desk: Desk) -> None:
    _withdrawn(desk)
    _take_out(desk)
    for name in (SECOND, SECOND + ".sig"):
        if kind == "folder":
            (desk.root / name).mkdir()
            (desk.root / name / "x").write_text("x", encoding="utf-8")
        else:
            (desk.root / name).symlink_to(desk.root / "carectl.yaml")
    if commit:
        desk.commit(at=NOW)
    assert {"approval-removed"} <= set(desk.rules()["wrong"])


def test_what_is_no_sign_off_among_them_is_told(desk: Desk) -> None:
    desk.approve()
    (desk.root / "clients/c-001/approvals/0001.yaml.bak").write_text("x", encoding="utf-8")
    assert desk.rules()["unknown"] == ["not-a-sign-off"]


def _moved(desk: Desk) -> None:
    (desk.root / "sub").mkdir()
    for name in ("carectl.yaml", "clients", "staff"):
        shutil.move(desk.root / name, desk.root / "sub" / name)
    desk.commit(at=NOW)
    desk.root /= "sub"


def test_a_move_of_the_caseload_hides_no_removal(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _withdrawn(desk)
    _take_out(desk)
    _moved(desk)
    monkeypatch.chdir(desk.root)
    assert desk.rules()["wrong"] == ["approval-removed", "approval-removed"]


def test_a_move_of_the_caseload_removes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _withdrawn(desk)
    _moved(desk)
    monkeypatch.chdir(desk.root)
    assert "wrong" not in desk.rules()


def test_another_caseload_of_the_repository_is_another_matter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _withdrawn(desk)
    _take_out(desk)
    for name in ("clients", "staff"):
        shutil.copytree(desk.root / name, desk.root / "sub" / name)
    shutil.copy(desk.root / "carectl.yaml", desk.root / "sub")
    desk.commit(at=NOW)
    desk.root /= "sub"
    monkeypatch.chdir(desk.root)
    assert "wrong" not in desk.rules()


def test_a_lost_part_of_the_history_is_told(desk: Desk) -> None:
    _withdrawn(desk)
    tree = desk.git("rev-parse", "HEAD:clients/c-001/approvals")
    _take_out(desk)
    desk.commit(at=NOW)
    (desk.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    assert "history-lost" in desk.rules()["unknown"]


def test_a_branch_without_a_history_is_told(desk: Desk) -> None:
    _withdrawn(desk)
    desk.git("checkout", "-q", "--orphan", "new")
    _take_out(desk)
    assert desk.rules()["unknown"] == ["no-history"]
    assert desk.run("verify", "--strict").code == 1


# --- an old key ------------------------------------------------------------------------------------------------------


def _with_the_old_key(desk: Desk, at: str, committed: str | None, **fields: Any) -> None:
    """Dana's old key, good until the end of October, is on the list; somebody signs with it."""
    desk.git("commit", "-q", "--amend", "--no-edit", at="2026-10-01T09:00:00-06:00")
    dana = {"by": "dana", "name": "Dana Whitcomb", "role": "registered_nurse"}
    _write(desk, 1, "dana-old", at=at, **(dana | fields))
    if committed is not None:
        desk.commit(at=committed)


@pytest.mark.parametrize(
    ("at", "committed", "unknown"),
    [
        ("2026-10-20T10:00:00-06:00", "2026-10-20T10:01:00-06:00", []),
        ("2026-10-20T10:00:00-06:00", "2026-11-21T10:01:00-06:00", ["committed-late", "key-ended"]),
        ("2026-10-31T10:00:00-06:00", "2026-11-01T10:01:00-06:00", ["key-ended"]),
        ("2026-10-20T10:00:00-06:00", "2026-10-25T10:01:00-06:00", ["committed-late"]),
        ("2026-10-20T10:00:00-06:00", None, ["committed-late", "key-ended"]),
    ],
)
def test_an_old_key_does_not_date_back(at: str, committed: str | None, unknown: list[str], desk: Desk) -> None:
    _with_the_old_key(desk, at, committed)
    assert desk.rules().get("unknown", []) == unknown
    assert desk.run("verify", "--strict").code == (1 if unknown else 0)


def test_one_that_names_no_commit_may_be_of_any_time(desk: Desk) -> None:
    _with_the_old_key(desk, "2026-10-20T10:00:00-06:00", "2026-10-20T10:01:00-06:00", commit=None)
    assert desk.rules()["unknown"] == ["no-base"]


def test_there_was_none_to_name_before_the_first(desk: Desk) -> None:
    desk.git("update-ref", "-d", "HEAD")
    desk.approve()
    assert "commit:" not in (desk.root / FIRST_APPROVAL).read_text(encoding="utf-8")
    assert "unknown" not in desk.rules()


# --- and whoever approves runs nothing -------------------------------------------------------------------------------


def test_a_dry_run_runs_nothing_of_the_repository(desk: Desk, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n", encoding="utf-8")
    trap.chmod(0o755)
    for how in ("process", "clean"):
        desk.git("config", f"filter.x.{how}", str(trap))
    (desk.root / ".git/info").mkdir(exist_ok=True)
    (desk.root / ".git/info/attributes").write_text("*.yaml filter=x\n", encoding="utf-8")
    for name in (MEDICINES, "clients/c-001/client.yaml"):
        (desk.root / name).touch()
    desk.write(MEDICINES, "40 mg", "80 mg")
    done = desk.run("approve", "c-001", "--dry-run")
    assert (done.code, "medications.yaml" in done.out + done.err) == (0, True)
    assert not (tmp_path / "sprung").exists()

"""carectl verify: every byte that is covered, and what can be done to a history. docs/sign-off.md lists the same."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import census
from helpers_signoff import APPROVED, FIRST, FIRST_APPROVAL, LATER, MEDICINES, NOW, PLAN, SSH_KEYGEN, Desk
from helpers_signoff import bare_desk as bare_desk
from helpers_signoff import desk as desk
from helpers_signoff import key_ring as key_ring

from carectl.care.signoff import moment, rewritten, standing
from carectl.caseload import signatures
from carectl.caseload.load import Loader
from carectl.caseload.records import Covered
from carectl.caseload.trees import FolderTree
from carectl.findings import Finding

PAGE: Final = Path(__file__).parents[2] / "docs" / "sign-off.md"
SIGNATURE: Final = f"{FIRST_APPROVAL}.sig"
AFTER: Final = "2026-11-20T10:01:00-06:00"
"""When an approval is committed."""


# --- what is in order ------------------------------------------------------------------------------------------------


def test_what_is_in_order_is_said_to_be(desk: Desk) -> None:
    desk.approve()
    desk.approve("--meaning", "reviewed", now=LATER)
    assert desk.rules() == {"good": ["content-approved", "signed", "signed"]}
    done = desk.run("verify")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "3 good."


def test_a_signed_commit_counts_beside(desk: Desk) -> None:
    desk.approve(commit=False)
    desk.git("config", "commit.gpgsign", "true")
    desk.commit(at=AFTER)
    assert desk.rules()["good"] == ["content-approved", "signed", "commit-signed"]


def test_a_commit_that_somebody_else_signed_is_told(desk: Desk) -> None:
    desk.approve(commit=False)
    desk.git("config", "commit.gpgsign", "true")
    desk.sign_with("jo")
    desk.commit(at=AFTER)
    assert desk.rules()["wrong"] == ["commit-signature"]


def test_what_changes_every_day_is_no_tampering(desk: Desk) -> None:
    desk.approve()
    desk.write(MEDICINES, "40 mg", "80 mg")
    done = desk.run("verify")
    assert (done.code, "WRONG" in done.out) == (0, False)
    assert "changed  0001 the medicines changed since it was made" in done.out
    assert desk.rules()["changed"] == ["content-changed"]
    assert desk.run("verify", "--strict").code == 1


def test_one_that_was_put_back_is_noted(desk: Desk) -> None:
    desk.approve()
    _removed_now(desk)
    wrong = [item["message"] for item in _remarks(desk) if item["rule"] == "approval-removed"]
    assert len(wrong) == 2
    assert all("git checkout" in message for message in wrong)
    desk.git("revert", "--no-edit", "HEAD", at=NOW)
    assert desk.rules() == {"note": ["file-put-back"], "good": ["content-approved", "signed"]}


def test_one_that_another_took_the_place_of_is_wrong(desk: Desk) -> None:
    desk.approve("--unsigned")
    (desk.root / FIRST_APPROVAL).unlink()
    desk.commit(at=LATER)
    # Without its history in sight, as somebody does it who hides something.
    git = desk.root / ".git"
    git.rename(desk.root.parent / "aside")
    desk.approve("--unsigned", "--meaning", "reviewed", now=NOW, commit=False)
    (desk.root.parent / "aside").rename(git)
    desk.commit(at=NOW)
    assert "file-changed-later" in desk.rules()["wrong"]


@pytest.mark.parametrize("kept", ["ours", "theirs"])
def test_of_two_branches_one_is_kept_and_the_other_signed_off_anew(kept: str, desk: Desk) -> None:
    desk.git("branch", "other")
    desk.approve()
    desk.git("checkout", "-q", "other")
    desk.approve("--meaning", "reviewed", now="2026-11-20T11:00:00-06:00")
    desk.git("merge", "-q", "main", fails=True)
    # As docs/sign-off.md tells.
    desk.git("checkout", f"--{kept}", "clients/c-001/approvals")
    assert desk.run("check", "c-001").code == 0
    desk.commit("merge", at=LATER)
    anew = "approved" if kept == "ours" else "reviewed"
    desk.approve("--meaning", anew, now=NOW)
    assert desk.rules() == {"note": ["file-not-kept"], "good": ["content-approved", "signed", "signed"]}


def test_nobody_signs_off_after_two_halves(desk: Desk) -> None:
    desk.git("branch", "other")
    desk.approve()
    desk.git("checkout", "-q", "other")
    desk.approve("--meaning", "reviewed", now="2026-11-20T11:00:00-06:00")
    desk.git("merge", "-q", "main", fails=True)
    desk.git("checkout", "--ours", FIRST_APPROVAL)
    desk.git("checkout", "--theirs", SIGNATURE)
    desk.commit("merge", at=LATER)
    done = desk.run("approve", "rosa")
    assert (done.code, "do not go together" in done.err) == (1, True)


def test_nothing_to_look_at(desk: Desk) -> None:
    done = desk.run("verify")
    assert (done.code, done.out) == (0, "There is no sign-off to look at.\n")


def test_it_writes_nothing_and_runs_nothing_of_the_repository(desk: Desk, tmp_path: Path) -> None:
    desk.approve(commit=False)
    desk.git("config", "commit.gpgsign", "true")
    desk.commit(at=AFTER)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n", encoding="utf-8")
    trap.chmod(0o755)
    for name in ("gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand", "core.pager", "core.fsmonitor",
                 "diff.external", "core.sshCommand"):  # fmt: skip
        desk.git("config", name, str(trap))
    desk.git("config", "log.showSignature", "true")
    (tmp_path / "sprung").unlink(missing_ok=True)
    before = census(desk.root)
    assert desk.run("verify").code == 0
    assert desk.run("status").code == 0
    assert not (tmp_path / "sprung").exists()
    assert census(desk.root) == before


def test_what_cannot_be_told_is_said_and_not_assumed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approve()
    desk.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    found = desk.rules()
    assert (found["unknown"], "wrong" in found, "signed" in found["good"]) == (["key-unknown"], False, False)
    assert desk.run("verify", "--strict").code == 1
    assert desk.rules("--signers", str(desk.signers))["good"] == ["content-approved", "signed"]
    # Without the list, the staff's own file says whose address it is; without that, nobody does.
    desk.write("staff/dana.yaml", "email: dana@lakeside.example\n", "")
    assert desk.rules()["unknown"] == ["key-unknown", "author-unknown"]
    bin_ = desk.root.parent / "bin"
    bin_.mkdir()
    (bin_ / "git").symlink_to(shutil.which("git") or "git")
    monkeypatch.setenv("PATH", str(bin_))
    assert desk.rules()["unknown"] == ["signature-not-looked", "author-unknown"]


def test_an_expired_key_is_good_for_what_was_signed_before(desk: Desk) -> None:
    desk.sign_with("dana-old")
    desk.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    desk.git("commit", "-q", "--amend", "--no-edit", at="2026-10-01T09:00:00-06:00")
    desk.approve(now="2026-10-20T10:00:00-06:00")
    assert desk.rules("--signers", str(desk.signers))["good"] == ["content-approved", "signed"]


def test_a_list_of_revoked_keys_is_gone_by(desk: Desk) -> None:
    desk.approve()
    revoked = desk.keys / "revoked"
    shutil.copy(desk.keys / "dana.pub", revoked)
    desk.git("config", "gpg.ssh.revocationFile", str(revoked))
    assert desk.rules()["wrong"] == ["key-not-theirs"]
    revoked.unlink()


# --- every byte ------------------------------------------------------------------------------------------------------


class _Memory:
    """A tree whose files are in memory, one of them altered."""

    def __init__(self, tree: FolderTree) -> None:
        self.tree = tree
        self.files: dict[str, bytes | Finding] = {}

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        return self.tree.names(folder)

    def read(self, path: str) -> bytes | Finding:
        if path not in self.files:
            self.files[path] = self.tree.read(path)
        return self.files[path]


def test_flipping_any_byte_of_a_record_is_told(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    desk.approve()
    tree = _Memory(FolderTree(desk.root))
    count = changed = rewrites = 0
    for path in (PLAN, MEDICINES, "clients/c-001/client.yaml"):
        whole = tree.read(path)
        assert isinstance(whole, bytes)
        for position in range(len(whole)):
            flipped = bytearray(whole)
            flipped[position] ^= 1 << position % 8
            tree.files[path] = bytes(flipped)
            chart = Loader(tree).chart("c-001")
            found = standing(chart)
            told = found.state in ("changed", "unknown")
            beside = found.approval is not None and rewritten(found.approval, chart.covered or Covered({}, {}))
            assert told or beside == (path.rpartition("/")[2],), (path, position)
            count, changed, rewrites = count + 1, changed + told, rewrites + (not told)
        tree.files[path] = whole
    assert standing(Loader(tree).chart("c-001")).state == "approved"
    with capfd.disabled():
        print(f"\n{count} flipped bytes of records: {changed} change what was approved, {rewrites} the bytes alone")


def test_flipping_any_byte_of_an_approval_or_its_signature_is_told(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.approve()
    text, signature = (desk.root / FIRST_APPROVAL).read_bytes(), (desk.root / SIGNATURE).read_bytes()

    def verdict(pair: tuple[bytes, bytes]) -> str:
        # Without a list of keys: whether it fits at all. It takes half as long, and whose key it is comes on top.
        return signatures.look(*pair, "dana", moment(APPROVED), None, os.environ).verdict

    def flips(raw: bytes) -> list[bytes]:
        return [raw[:n] + bytes([raw[n] ^ 1 << n % 8]) + raw[n + 1 :] for n in range(len(raw))]

    assert verdict((text, signature)) == "no_list"
    pairs = [*((one, signature) for one in flips(text)), *((text, one) for one in flips(signature))]
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(verdict, pairs))
    assert set(verdicts) == {"bad", "malformed"}
    with capfd.disabled():
        counted = ", ".join(f"{verdicts.count(name)} {name}" for name in sorted(set(verdicts)))
        print(f"\n{len(text)} + {len(signature)} flipped bytes of an approval and its signature: {counted}")


def test_what_ssh_keygen_lets_pass_is_no_signature_here(desk: Desk) -> None:
    desk.approve()
    text, signature = (desk.root / FIRST_APPROVAL).read_bytes(), (desk.root / SIGNATURE).read_bytes()
    head, *lines, tail, _ = signature.split(b"\n")
    blob = bytearray(base64.b64decode(b"".join(lines)))
    blob[9] = 0  # version 0 instead of 1
    old = base64.b64encode(bytes(blob))
    forged = b"\n".join([head, *(old[n : n + 70] for n in range(0, len(old), 70)), tail, b""])
    words = [SSH_KEYGEN, "-Y", "verify", "-n", "carectl-approval", "-I", "dana", "-f", str(desk.signers), "-s"]
    (desk.root.parent / "forged").write_bytes(forged)
    done = subprocess.run([*words, str(desk.root.parent / "forged")], input=text, capture_output=True, check=False)
    assert done.returncode == 0, "ssh-keygen looks closer now: this can go"
    assert signatures.look(text, forged, "dana", moment(APPROVED), desk.signers, os.environ).verdict == "malformed"


@pytest.mark.parametrize("path", [FIRST_APPROVAL, SIGNATURE])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.99])
def test_a_flipped_byte_fails_the_command(path: str, part: float, desk: Desk) -> None:
    desk.approve()
    raw = bytearray((desk.root / path).read_bytes())
    raw[int(len(raw) * part)] ^= 4
    (desk.root / path).write_bytes(raw)
    assert desk.rules()["wrong"]


def test_an_unsigned_one_is_held_to_the_commit_that_brought_it(bare_desk: Desk) -> None:
    bare_desk.approve()
    bare_desk.write(FIRST_APPROVAL, "role: registered_nurse", "role: physician")
    assert bare_desk.rules()["wrong"] == ["file-changed"]


# --- what can be done to a history -----------------------------------------------------------------------------------


def _two(desk: Desk) -> None:
    """A commit to tamper with, and an approval after it."""
    (desk.root / "clients/c-001/notes.yaml").write_text("notes: []\n", encoding="utf-8")
    desk.commit("c-001 notes", at="2026-11-10T09:00:00-06:00")
    desk.approve()


def _amended(desk: Desk) -> None:
    _two(desk)
    approval = desk.git("rev-parse", "HEAD")
    desk.git("reset", "-q", "--hard", "HEAD~1")
    desk.git("commit", "-q", "--amend", "-m", "another message", at="2026-11-10T09:00:00-06:00")
    desk.git("cherry-pick", approval, at=AFTER)


def _rebased(desk: Desk) -> None:
    _two(desk)
    desk.git("-c", "rebase.backend=merge", "rebase", "-q", "--root", "--force-rebase", at=AFTER)


def _squashed(desk: Desk) -> None:
    _two(desk)
    desk.git("reset", "-q", "--soft", desk.git("rev-list", "--max-parents=0", "HEAD"))
    desk.commit("all in one", at=AFTER)


def _replaced(desk: Desk) -> None:
    _two(desk)
    desk.git("replace", "HEAD~1", "HEAD~2")


def _grafted(desk: Desk) -> None:
    _two(desk)
    (desk.root / ".git/info").mkdir(exist_ok=True)
    (desk.root / ".git/info/grafts").write_text(desk.git("rev-parse", "HEAD") + "\n", encoding="utf-8")


def _cherry_picked(desk: Desk) -> None:
    _two(desk)
    desk.git("checkout", "-q", "-b", "other", "HEAD~2")
    desk.git("cherry-pick", "main", at=AFTER)


def _backdated_commit(desk: Desk) -> None:
    desk.approve(commit=False)
    desk.commit(at="2026-11-19T09:00:00-06:00")


def _backdated_below_its_parent(desk: Desk) -> None:
    desk.approve(commit=False, now=FIRST)
    desk.commit(at="2026-10-19T09:00:00-06:00")


def _backdated_approval(desk: Desk) -> None:
    desk.approve(commit=False, now="2026-10-01T09:00:00-06:00")
    desk.commit(at=AFTER)


def _forged_author(desk: Desk) -> None:
    desk.approve(commit=False)
    desk.git("add", "-A")
    desk.git("commit", "-qm", "x", "--author", "Dana <dana@lakeside.example>", who="jo", at=AFTER)


def _swapped_key(desk: Desk) -> None:
    desk.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    desk.sign_with("stranger")
    desk.approve()
    desk.git("config", "gpg.ssh.allowedSignersFile", str(desk.signers))


def _expired_key(desk: Desk) -> None:
    desk.git("config", "--unset", "gpg.ssh.allowedSignersFile")
    desk.sign_with("dana-old")
    desk.approve()
    desk.git("config", "gpg.ssh.allowedSignersFile", str(desk.signers))


def _signed_for_something_else(desk: Desk) -> None:
    desk.approve(commit=False)
    words = [SSH_KEYGEN, "-Y", "sign", "-n", "file", "-f", str(desk.keys / "dana")]
    done = subprocess.run(words, input=(desk.root / FIRST_APPROVAL).read_bytes(), capture_output=True, check=True)
    (desk.root / SIGNATURE).write_bytes(done.stdout)
    desk.commit(at=AFTER)


def _signature_taken_away(desk: Desk) -> None:
    desk.approve()
    (desk.root / SIGNATURE).unlink()
    desk.commit(at=LATER)


def _removed(desk: Desk) -> None:
    desk.approve()
    _removed_now(desk)


def _removed_now(desk: Desk) -> None:
    (desk.root / FIRST_APPROVAL).unlink()
    (desk.root / SIGNATURE).unlink()
    desk.commit(at=LATER)


def _remarks(desk: Desk) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(desk.run("verify", "--format", "json").out)["remarks"]
    return found


def _removed_with_the_client(desk: Desk) -> None:
    desk.approve()
    shutil.rmtree(desk.root / "clients/c-001")
    desk.commit(at=LATER)


def _removed_with_the_history(desk: Desk) -> None:
    desk.approve()
    first = desk.git("rev-parse", "HEAD")
    desk.approve("--meaning", "reviewed", now=LATER)
    second = desk.git("rev-parse", "HEAD")
    desk.git("reset", "-q", "--hard", f"{first}~1")
    desk.git("checkout", second, "--", "clients/c-001/approvals/0002.yaml", "clients/c-001/approvals/0002.yaml.sig")
    desk.commit(at=LATER)


def _copied(desk: Desk) -> None:
    desk.approve()
    for kind in ("client", "care-plan", "medications", "contacts"):
        text = (desk.root / f"clients/c-001/{kind}.yaml").read_text(encoding="utf-8").replace("c-001", "c-003")
        (desk.root / "clients/c-003/approvals").mkdir(parents=True, exist_ok=True)
        (desk.root / f"clients/c-003/{kind}.yaml").write_text(text, encoding="utf-8")
    for path in (FIRST_APPROVAL, SIGNATURE):
        shutil.copy(desk.root / path, desk.root / path.replace("c-001", "c-003"))
    desk.commit(at=LATER)


def _edited_unsigned(desk: Desk) -> None:
    desk.approve("--unsigned")
    desk.write(FIRST_APPROVAL, "role: registered_nurse", "role: physician")
    desk.commit(at=LATER)


def _records_changed_below_it(desk: Desk) -> None:
    desk.approve()
    desk.write(MEDICINES, "40 mg", "80 mg")
    desk.git("add", "-A")
    desk.git("commit", "-q", "--amend", "--no-edit", at=AFTER)


REPORTED: Final[dict[str, tuple[Callable[[Desk], None], str]]] = {
    "amend-before": (_amended, "history-rewritten"),
    "rebase": (_rebased, "history-rewritten"),
    "squash": (_squashed, "history-rewritten"),
    "cherry-pick": (_cherry_picked, "history-rewritten"),
    "replace": (_replaced, "history-disguised"),
    "graft": (_grafted, "history-disguised"),
    "backdated-commit": (_backdated_commit, "committed-before-made"),
    "backdated-below-parent": (_backdated_below_its_parent, "commit-backdated"),
    "backdated-approval": (_backdated_approval, "dated-before-its-base"),
    "forged-author": (_forged_author, "other-author"),
    "swapped-key": (_swapped_key, "key-not-theirs"),
    "expired-key": (_expired_key, "key-not-theirs"),
    "other-purpose": (_signed_for_something_else, "signature-malformed"),
    "signature-removed": (_signature_taken_away, "signature-missing"),
    "approval-removed": (_removed, "approval-removed"),
    "client-removed": (_removed_with_the_client, "approval-removed"),
    "earlier-approval-removed": (_removed_with_the_history, "chain"),
    "approval-copied": (_copied, "misplaced"),
    "approval-edited": (_edited_unsigned, "file-changed-later"),
    "records-amended": (_records_changed_below_it, "content-changed"),
}
"""What `verify` reports by itself."""


@pytest.mark.parametrize("name", REPORTED)
def test_an_edit_of_history_is_reported(name: str, desk: Desk) -> None:
    do, rule = REPORTED[name]
    do(desk)
    found = desk.rules()
    assert rule in found["changed" if rule == "content-changed" else "wrong"], found
    assert desk.run("verify", "--strict").code == 1


def _reset(desk: Desk) -> None:
    desk.git("reset", "-q", "--hard", "HEAD~1")


def _amended_itself(desk: Desk) -> None:
    desk.git("commit", "-q", "--amend", "-m", "another message", at=AFTER)


def _unsigned_rewritten(desk: Desk) -> None:
    desk.write(FIRST_APPROVAL, "role: registered_nurse", "role: physician")
    desk.git("add", "-A")
    desk.git("commit", "-q", "--amend", "--no-edit", at=AFTER)


def _rebased_itself(desk: Desk) -> None:
    # Onto something newer: the commit at which it was made stays in the history before it.
    desk.git("checkout", "-q", "-b", "newer", "HEAD~1")
    (desk.root / "clients/c-001/notes.yaml").write_text("notes: []\n", encoding="utf-8")
    desk.commit("c-001 notes", at=APPROVED)
    desk.git("checkout", "-q", "main")
    desk.git("rebase", "-q", "newer", at=AFTER)


BY_ANCHOR: Final[dict[str, Callable[[Desk], None]]] = {
    "reset": _reset,
    "rebase-itself": _rebased_itself,
    "amend-itself": _amended_itself,
    "unsigned-rewritten": _unsigned_rewritten,
}
"""What only `verify --against` reports: the copy at hand holds together by itself."""


@pytest.mark.parametrize("name", BY_ANCHOR)
def test_an_anchor_sees_what_the_copy_alone_cannot(name: str, desk: Desk) -> None:
    desk.approve("--unsigned")
    anchor = desk.run("verify", "--anchor").out
    assert "anchor-holds" in desk.rules("--against", anchor)["good"]
    BY_ANCHOR[name](desk)
    assert "wrong" not in desk.rules()
    assert desk.rules("--against", anchor)["wrong"] == ["anchor-gone"]


def _moved_tag(desk: Desk) -> None:
    desk.approve()
    desk.git("tag", "approved-c-001")
    desk.git("tag", "-f", "approved-c-001", "HEAD~1")


def _forged_identity(desk: Desk) -> None:
    # Jo, at her own machine, says that she is Dana: git takes whatever it is told.
    desk.approve("--unsigned", "--by", "dana")


def _backdated_by_the_holder(desk: Desk) -> None:
    desk.git("commit", "-q", "--amend", "--no-edit", at="2024-01-01T09:00:00-06:00")
    desk.approve(commit=False, now="2024-01-02T09:00:00-06:00")
    desk.commit(at="2024-01-02T09:01:00-06:00")


def _key_used_by_another(desk: Desk) -> None:
    desk.sign_with("dana")
    desk.approve("--by", "dana")


UNDETECTED: Final[dict[str, Callable[[Desk], None]]] = {
    "moved-tag": _moved_tag,
    "forged-identity": _forged_identity,
    "backdated-by-key-holder": _backdated_by_the_holder,
    "borrowed-key": _key_used_by_another,
}
"""What nothing here can tell."""


@pytest.mark.parametrize("name", UNDETECTED)
def test_what_cannot_be_detected_is_not(name: str, desk: Desk) -> None:
    """If one of these is found one day, the page has to say so."""
    UNDETECTED[name](desk)
    assert "wrong" not in desk.rules()


def test_the_page_lists_just_these() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for title, edits in (("Reported", REPORTED), ("By an anchor alone", BY_ANCHOR), ("Not detected", UNDETECTED)):
        (section,) = re.findall(rf"^### {title}.*?\n(.*?)(?=^##)", text, flags=re.MULTILINE | re.DOTALL)
        assert set(re.findall(r"^\| `([a-z-]+)` \|", section, flags=re.MULTILINE)) == set(edits), title


# --- keys and anchors ------------------------------------------------------------------------------------------------


def test_a_list_of_keys_in_the_repository_is_told(desk: Desk) -> None:
    shutil.copy(desk.signers, desk.root / "allowed_signers")
    desk.git("config", "gpg.ssh.allowedSignersFile", "allowed_signers")
    desk.approve()
    # Whoever can commit puts a key of their own on it.
    key = " ".join((desk.keys / "stranger.pub").read_text(encoding="utf-8").split()[:2])
    (desk.root / "allowed_signers").write_text(f"dana,dana@lakeside.example {key}\n", encoding="utf-8")
    desk.sign_with("stranger")
    desk.approve("--meaning", "reviewed", now=LATER)
    assert desk.rules()["unknown"] == ["keys-inside"]
    assert desk.run("verify", "--strict").code == 1
    assert "key-not-theirs" in desk.rules("--signers", str(desk.signers))["wrong"]


def test_a_shallow_clone_says_what_it_lacks(desk: Desk, tmp_path: Path) -> None:
    _two(desk)
    (desk.root / "clients/c-001/notes.yaml").write_text("notes: []  # x\n", encoding="utf-8")
    desk.commit("later", at=LATER)
    anchor = desk.run("verify", "--anchor").out
    clone = tmp_path / "clone"
    desk.git("clone", "-q", "--depth=1", f"file://{desk.root}", str(clone))
    done = desk.carectl("verify", "--format", "json", "--signers", str(desk.signers), "--caseload", str(clone))
    rules = [(item["level"], item["rule"]) for item in json.loads(done.out)["remarks"]]
    assert ("unknown", "history-cut") in rules
    assert not [rule for level, rule in rules if level == "wrong"]
    old = anchor.replace(desk.git("rev-parse", "HEAD"), desk.git("rev-parse", "HEAD~2"))
    done = desk.carectl("verify", "--against", old, "--caseload", str(clone), "--signers", str(desk.signers))
    assert "not in the part of the history that is here" in " ".join(done.out.split())


def test_an_anchor_holds_nothing_of_a_client_and_survives_a_mail(desk: Desk, tmp_path: Path) -> None:
    desk.approve()
    text = desk.run("verify", "--anchor").out
    assert re.fullmatch(r"carectl anchor 1\ncommit [0-9a-f]{40}\napprovals 2 sha256:[0-9a-f]{64}\nmade \S+\n", text), (
        text
    )
    quoted = tmp_path / "mail.txt"
    quoted.write_text("Hello,\r\n" + "".join(f"> {line}\r\n" for line in text.splitlines()), encoding="utf-8")
    desk.approve("--meaning", "reviewed", now=LATER)
    assert "anchor-holds" in desk.rules("--against", str(quoted))["good"]
    assert desk.run("verify", "--against", "nothing of the kind").code == 2
    assert desk.run("verify", "--anchor", "rosa").code == 2
    assert desk.run("verify", "--signers", "/nowhere").code == 2


def test_an_anchor_that_was_altered_is_told(desk: Desk) -> None:
    desk.approve()
    text = desk.run("verify", "--anchor").out
    digest = re.findall("sha256:([0-9a-f]{64})", text)[0]
    assert desk.rules("--against", text.replace(digest, "0" * 64))["wrong"] == ["anchor-differs"]
    assert desk.rules("--against", text.replace("approvals 2", "approvals 3"))["wrong"] == ["anchor-differs"]


def test_an_anchor_names_what_was_taken_away_since(desk: Desk) -> None:
    desk.approve()
    anchor = desk.run("verify", "--anchor").out
    (desk.root / SIGNATURE).unlink()
    desk.commit(at=LATER)
    assert "anchor-approval" in desk.rules("--against", anchor)["wrong"]
    # One that is not committed is not in it, and that is said.
    desk.git("reset", "-q", "--hard", "HEAD~1")
    desk.approve("--meaning", "reviewed", now=NOW, commit=False)
    assert "not committed" in desk.run("verify", "--anchor").err


def test_one_client_alone(desk: Desk) -> None:
    _copied(desk)
    assert desk.run("verify", "c-001").code == 0
    assert desk.run("verify", "c-003").code == 1
    done = desk.run("verify", "c-003", "--format", "json")
    (wrong,) = [item for item in json.loads(done.out)["remarks"] if item["level"] == "wrong"]
    assert wrong == {
        "level": "wrong", "rule": "misplaced", "client": "c-003", "approval": "0001",
        "message": "this sign-off is of another client",
    }  # fmt: skip

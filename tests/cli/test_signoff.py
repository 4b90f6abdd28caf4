"""carectl approve and status: what is signed off, what changed since, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import census, on_terminal
from helpers_signoff import FIRST_APPROVAL, LATER, MEDICINES, NOW, PLAN, Desk
from helpers_signoff import bare_desk as bare_desk
from helpers_signoff import desk as desk
from helpers_signoff import key_ring as key_ring

from carectl.caseload.load import Loader
from carectl.caseload.records import Approval
from carectl.caseload.trees import FolderTree


def approvals(desk: Desk, client: str = "c-001") -> list[Approval]:
    """A client's approvals as they load."""
    loader = Loader(FolderTree(desk.root))
    found = [file.record for file in loader.chart(client).approvals]
    assert loader.met.findings == []
    return [record for record in found if record is not None]


def state(desk: Desk, client: str = "c-001") -> dict[str, object]:
    """What status says about a client."""
    (row,) = json.loads(desk.run("status", client, "--format", "json").out)["clients"]
    assert isinstance(row, dict)
    return row


def test_a_plan_is_signed_off_and_nothing_else_is_touched(desk: Desk) -> None:
    before = census(desk.root)
    head = desk.git("rev-parse", "HEAD")
    done = desk.run("approve", "rosa", "--by", "dana", "--commit")
    assert done.code == 0
    (record,) = approvals(desk)
    assert (record.by, record.name, record.role, record.meaning) == (
        "dana",
        "Dana Whitcomb",
        "registered_nurse",
        "approved",
    )
    assert (record.at, record.commit, record.previous) == (NOW, head, None)
    assert record.files.keys() == {"care-plan.yaml", "client.yaml", "medications.yaml"}
    assert record.content.keys() == {"care-plan", "medications", "allergies"}
    assert f"Signed with the key {record.key}" in done.out
    after = census(desk.root)
    assert {name for name in after if after[name] != before.get(name) and not name.startswith(".git/")} == {
        FIRST_APPROVAL,
        f"{FIRST_APPROVAL}.sig",
    }
    assert desk.git("log", "-1", "--format=%s") == "c-001 approvals: 1 added"
    assert desk.git("status", "--short") == ""
    assert desk.run("check", "c-001").code == 0


def test_openssh_itself_takes_the_signature(desk: Desk) -> None:
    desk.approve()
    words = ["ssh-keygen", "-Y", "verify", "-n", "carectl-approval", "-I", "dana", "-f", str(desk.signers)]
    done = subprocess.run(
        [*words, "-s", f"{FIRST_APPROVAL}.sig"], input=(desk.root / FIRST_APPROVAL).read_bytes(), check=False
    )
    assert done.returncode == 0


def test_without_a_key_it_is_written_and_said_to_be_unsigned_everywhere(bare_desk: Desk) -> None:
    done = bare_desk.approve()
    assert "NOT SIGNED: git has no SSH key" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert not (bare_desk.root / f"{FIRST_APPROVAL}.sig").exists()
    assert "NOT SIGNED" in bare_desk.run("status", "rosa").out
    assert "not-signed" in bare_desk.rules()["note"]


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    before = census(desk.root)
    done = desk.run("approve", "rosa", "--dry-run")
    assert (done.code, census(desk.root)) == (0, before)
    assert "+client: c-001" in done.out


def test_a_commit_takes_along_what_it_covers_and_no_more(desk: Desk) -> None:
    desk.write(MEDICINES, "5 mg", "2.5 mg")
    (desk.root / "clients/c-001/notes.yaml").write_text("notes: []\n", encoding="utf-8")
    assert "Not committed yet: medications.yaml: carectl save c-001" in desk.run("approve", "rosa").out
    again = desk.run("approve", "rosa", "--meaning", "reviewed", "--commit")
    assert again.code == 0, again.err
    second = FIRST_APPROVAL.replace("0001", "0002")
    assert desk.git("show", "--name-only", "--format=").split() == [
        FIRST_APPROVAL, f"{FIRST_APPROVAL}.sig", second, f"{second}.sig", MEDICINES,
    ]  # fmt: skip
    assert desk.git("log", "-1", "--format=%s") == "c-001 medications, approvals: 5 files"
    assert desk.git("status", "--short") == "?? clients/c-001/notes.yaml"


def test_what_does_not_matter_does_not_void_it(desk: Desk) -> None:
    desk.approve()
    desk.write(PLAN, "   # agreed on at the table", "")
    desk.write(PLAN, "status: active}]\n    interventions", "status: active, achievement: improving,\n"
               "      progress: [{date: 2026-11-21, value: 0}]}]\n    interventions")  # fmt: skip
    desk.write(PLAN, "problems:", "agreed: [{by: client, date: 2026-11-21, how: paper}]\nproblems:")
    text = (desk.root / MEDICINES).read_text(encoding="utf-8").splitlines(keepends=True)
    (desk.root / MEDICINES).write_text("".join([text[0], text[2], text[1]]), encoding="utf-8")
    desk.write("clients/c-001/client.yaml", "1941-03-09", "1941-03-10")
    found = state(desk)
    assert (found["state"], found["changed"]) == ("approved", [])
    assert found["rewritten"] == ["care-plan.yaml", "client.yaml", "medications.yaml"]
    assert desk.run("status", "rosa").code == 0
    assert not any("approval" in line for line in desk.run("check", "c-001").out.splitlines())


@pytest.mark.parametrize(
    ("path", "old", "new", "part"),
    [
        (MEDICINES, "40 mg", "80 mg", "medications"),
        (PLAN, "target: 0", "target: 1", "care-plan"),
        (PLAN, "status: active}]\n    interventions", "status: on_hold}]\n    interventions", "care-plan"),
        ("clients/c-001/client.yaml", "hives", "swelling", "allergies"),
    ],
)
def test_what_matters_voids_it(path: str, old: str, new: str, part: str, desk: Desk) -> None:
    desk.approve()
    desk.write(path, old, new)
    found = state(desk)
    assert (found["state"], found["changed"]) == ("changed", [part])
    assert desk.run("status").code == 1
    warned = desk.run("check", "c-001")
    assert f"{path}:1:1: warning[approval-outdated]" in warned.out


def test_high_changes_are_named_and_acknowledged(desk: Desk) -> None:
    desk.approve()
    desk.write(MEDICINES, "40 mg", "80 mg")
    desk.write(PLAN, "Check the night lights", "Check all night lights")
    found = state(desk)
    assert found["high"] == 1
    rules = {item["rule"]: item for item in found["changes"]}  # type: ignore[attr-defined]
    mark = rules["med-strength-changed"]["fingerprint"]
    assert len(rules) == 2
    before = census(desk.root)
    refused = desk.run("approve", "rosa", now=LATER)
    assert refused.code == 1
    assert mark in refused.err
    assert "80 mg" in refused.err
    assert desk.run("approve", "rosa", "--acknowledge", "000000000000", now=LATER).code == 2
    assert census(desk.root) == before
    assert desk.run("approve", "rosa", "--acknowledge", mark, now=LATER).code == 0
    assert approvals(desk)[1].acknowledged == (mark,)
    assert state(desk)["state"] == "approved"


def test_a_terminal_is_asked_change_by_change(desk: Desk) -> None:
    desk.approve()
    desk.write(MEDICINES, "40 mg", "80 mg")
    shown, code = on_terminal(["approve", "rosa", "--now", LATER], ["no\n"], desk.root)
    assert code == 1
    assert "Is that as it should be (yes or no): " in shown
    shown, code = on_terminal(["approve", "rosa", "--now", LATER], ["yes\n", "yes\n"], desk.root)
    assert code == 0, shown
    assert len(approvals(desk)) == 2


def test_where_what_was_approved_is_not_in_the_history_nobody_pretends_to_know(desk: Desk) -> None:
    desk.write(MEDICINES, "40 mg", "60 mg")
    desk.approve(commit=False)
    desk.write(MEDICINES, "60 mg", "80 mg")
    desk.commit("later", at=NOW)
    found = state(desk)
    assert (found["state"], found["compared_with"], found["high"]) == ("changed", None, None)
    assert "not found in the history" in " ".join(desk.run("status", "rosa").out.split())
    assert desk.run("approve", "rosa").code == 1
    assert desk.run("approve", "rosa", "--all-high").code == 0


def test_what_was_approved_is_found_by_its_content_too(desk: Desk) -> None:
    desk.write(PLAN, "   # agreed on at the table", "   # see the letter")
    desk.approve(commit=False)
    desk.write(PLAN, "   # see the letter", "")
    head = desk.commit("c-001", at=LATER)
    desk.write(MEDICINES, "40 mg", "80 mg")
    found = state(desk)
    assert (found["compared_with"], found["high"]) == (head, 1)


def test_two_who_approve_on_two_branches_meet_in_a_conflict(desk: Desk) -> None:
    desk.git("branch", "other")
    desk.approve()
    desk.git("checkout", "-q", "other")
    desk.approve("--role", "physician")
    desk.git("merge", "-q", "main", fails=True)
    assert FIRST_APPROVAL in desk.git("diff", "--name-only", "--diff-filter=U")
    assert desk.run("check", "c-001").code == 1
    assert state(desk)["state"] == "unknown"


def test_it_works_without_git(desk: Desk) -> None:
    subprocess.run(["rm", "-rf", ".git"], cwd=desk.root, check=True)
    assert desk.run("approve", "rosa").code == 0
    assert approvals(desk)[0].commit is None
    assert state(desk)["state"] == "approved"
    assert desk.rules()["unknown"] == ["no-history"]
    assert desk.run("verify", "--anchor").code == 3


def test_each_follows_the_one_before(desk: Desk) -> None:
    desk.approve()
    desk.approve("--meaning", "reviewed", now=LATER)
    desk.approve("--by", "client", "--method", "paper", now=NOW)
    first, second, third = approvals(desk)
    files = Loader(FolderTree(desk.root)).chart("c-001").approvals
    assert [first.previous, second.previous, third.previous] == [None, files[0].digest, files[1].digest]
    assert (third.by, third.name, third.role, third.meaning) == ("client", "Rosa Alvarez", "client", "client_agreed")
    assert (third.method, third.witnessed_by) == ("paper", "dana")
    text = desk.run("status", "rosa").out
    assert "reviewed 2026-11-21 by Dana Whitcomb" in text
    assert "agreed to 2026-11-22 by Rosa Alvarez (client), paper, witnessed by dana, signed [0003]" in " ".join(
        text.split()
    )


def test_a_contact_agrees_before_a_witness(desk: Desk) -> None:
    assert desk.run("approve", "rosa", "--by", "maria", "--meaning", "client-agreed").code == 2  # how is not said
    desk.approve("--by", "maria", "--meaning", "client-agreed", "--method", "phone", "--witnessed-by", "dana")
    # The role is the power by which she may decide, and not the first that she has.
    assert (approvals(desk)[0].role, state(desk)["state"]) == ("health_care_power_of_attorney", "agreed")
    assert "DRAFT: not approved as it stands" in desk.run("plan", "show", "c-001").out


def test_who_may_not_decide_does_not_agree_for_the_client(desk: Desk) -> None:
    before = census(desk.root)
    words = ("approve", "rosa", "--by", "daniel", "--meaning", "client_agreed", "--method", "phone")
    done = desk.run(*words)
    assert (done.code, "no power to decide on care" in done.err) == (1, True)
    assert census(desk.root) == before
    assert max(map(len, done.err.splitlines())) <= 80
    # Nor does it count where somebody else wrote it down, or the power is over.
    desk.approve("--by", "maria", "--meaning", "client_agreed", "--method", "phone")
    desk.write("clients/c-001/contacts.yaml", "from: 2025-11-02", "until: 2026-11-01")
    assert state(desk)["state"] == "draft"
    # That they read it, they may say.
    desk.approve("--by", "daniel", "--meaning", "reviewed", "--method", "phone")


def test_an_approval_is_withdrawn_with_a_reason(desk: Desk) -> None:
    assert desk.run("approve", "rosa", "--meaning", "withdrawn", "--reason", "Too early").code == 1
    desk.approve()
    assert desk.run("approve", "rosa", "--meaning", "withdrawn").code == 2
    desk.approve("--meaning", "withdrawn", "--reason", "The dose was wrong", now=LATER)
    assert state(desk)["state"] == "withdrawn"
    text = desk.run("status", "rosa")
    assert (text.code, "because: The dose was wrong" in text.out) == (1, True)
    # It can be approved again, though nothing changed.
    desk.approve(now=NOW)
    assert state(desk)["state"] == "approved"


def test_the_same_is_not_signed_off_twice(desk: Desk) -> None:
    desk.approve()
    before = census(desk.root)
    done = desk.run("approve", "rosa")
    assert (done.code, "Nothing to write" in done.out, census(desk.root)) == (0, True, before)
    # Somebody else may approve it too.
    desk.sign_with("jo")
    assert desk.run("approve", "rosa", "--by", "jo-park").code == 0


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (MEDICINES, "from: 2026-08-03}\n  - {id: apix", "from: yesterday}\n  - {id: apix"),
        (MEDICINES, "medications:\n", "medications: [\n"),
        (MEDICINES, "id: apixaban", "id: furosemide"),
        (PLAN, "who: jo-park", "who: nobody-here"),
    ],
)
def test_what_is_wrong_or_unread_is_not_signed_off(path: str, old: str, new: str, desk: Desk) -> None:
    desk.write(path, old, new)
    before = census(desk.root)
    done = desk.run("approve", "rosa")
    assert done.code == 1, done.out
    assert "nothing was signed off" in done.err
    assert census(desk.root) == before


def test_there_must_be_a_plan(desk: Desk) -> None:
    done = desk.run("approve", "otis")
    assert (done.code, "no care plan" in done.err) == (1, True)
    assert "no care plan" in desk.run("status").out


def test_a_key_of_somebody_else_is_refused_at_once(desk: Desk) -> None:
    before = census(desk.root)
    for name in ("jo", "stranger", "dana-old", "dana-mail"):
        desk.sign_with(name)
        done = desk.run("approve", "rosa", "--by", "dana")
        assert done.code == 1, name
        assert "list of keys" in done.err
    assert {name: raw for name, raw in census(desk.root).items() if not name.startswith(".git/")} == {
        name: raw for name, raw in before.items() if not name.startswith(".git/")
    }


def test_which_key_signs(desk: Desk, tmp_path: Path) -> None:
    desk.git("config", "gpg.format", "openpgp")
    assert "NOT SIGNED" in desk.run("approve", "rosa", "--dry-run").out
    assert "Would be signed with" in desk.run("approve", "rosa", "--dry-run", "--key", str(desk.keys / "dana")).out
    desk.sign_with("dana")
    unsigned = desk.run("approve", "rosa", "--dry-run", "--unsigned").out
    assert ("NOT SIGNED: as you asked" in unsigned, "no SSH key" in unsigned) == (True, False)
    desk.git("config", "user.signingkey", str(tmp_path / "gone"))
    assert desk.run("approve", "rosa").code == 3
    assert desk.run("approve", "rosa", "--key", str(desk.root / PLAN)).code == 3
    assert desk.run("approve", "rosa", "--unsigned", "--key", "x").code == 2


def test_a_key_in_the_agent_signs(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        for _ in range(100):
            if socket.exists():
                break
            subprocess.run(["sleep", "0.05"], check=True)
        subprocess.run(["ssh-add", "-q", str(desk.keys / "dana")], check=True, capture_output=True)
        public = (desk.keys / "dana.pub").read_text(encoding="utf-8").strip()
        desk.git("config", "user.signingkey", f"key::{public}")
        assert "Signed with" in desk.approve().out
    finally:
        agent.terminate()
        agent.wait()
    assert "signed" in desk.rules()["good"]


def test_a_key_with_a_passphrase_is_refused_in_words_where_nobody_can_type_it(desk: Desk, tmp_path: Path) -> None:
    from helpers_signoff import make_key

    make_key(tmp_path, "locked", passphrase="open sesame")
    done = desk.run("approve", "rosa", "--key", str(tmp_path / "locked"))
    assert (done.code, "ssh-add" in done.err) == (1, True)
    assert not (desk.root / FIRST_APPROVAL).exists()


def test_a_plan_that_is_not_approved_is_a_draft_once_sign_offs_are_in_use(desk: Desk) -> None:
    agreed = "agreed: [{by: client, date: 2026-11-01, how: paper}]\nproblems:"
    desk.write(PLAN, "problems:", agreed)
    assert "DRAFT" not in desk.run("plan", "render", "c-001").out
    (desk.root / "clients/c-003").mkdir()
    for kind in ("client", "care-plan", "medications", "contacts"):
        text = (desk.root / f"clients/c-001/{kind}.yaml").read_text(encoding="utf-8").replace("c-001", "c-003")
        (desk.root / f"clients/c-003/{kind}.yaml").write_text(text, encoding="utf-8")
    desk.approve(client="c-003")
    papers = [[], ["--for", "client"], ["--for", "client", "-f", "html"], ["-f", "html"]]
    for words in (["plan", "show", "c-001"], *(["plan", "render", "c-001", *more] for more in papers)):
        assert "DRAFT: not approved as it stands" in desk.run(*words).out, words
    desk.approve(now=LATER)
    assert "DRAFT" not in desk.run("plan", "render", "c-001").out
    desk.write(MEDICINES, "40 mg", "80 mg")
    assert "DRAFT: not approved as it stands" in desk.run("plan", "render", "c-001").out


def test_one_that_cannot_be_read_leaves_it_open(desk: Desk) -> None:
    desk.approve()
    desk.approve("--meaning", "withdrawn", "--reason", "x", now=LATER)
    (desk.root / "clients/c-001/approvals/0002.yaml").write_text("number: [\n", encoding="utf-8")
    assert state(desk)["state"] == "unknown"
    done = desk.run("status", "rosa")
    assert (done.code, "CANNOT BE TOLD" in done.out) == (1, True)
    assert desk.run("approve", "rosa", now=NOW).code == 1


SECOND: Final = FIRST_APPROVAL.replace("0001", "0002")


def test_a_withdrawal_that_is_gone_does_not_make_the_plan_approved_again(desk: Desk) -> None:
    desk.write(PLAN, "problems:", "agreed: [{by: client, date: 2026-11-01, how: paper}]\nproblems:")
    desk.approve()
    desk.approve("--meaning", "withdrawn", "--reason", "The dose was wrong", now=LATER)
    for path in (SECOND, f"{SECOND}.sig"):
        (desk.root / path).unlink()
    found = desk.run("status", "rosa")
    assert (found.code, "sign-off 0002 is gone, and git has it" in " ".join(found.out.split())) == (1, True)
    assert (state(desk)["state"], state(desk)["gone"]) == ("unknown", [SECOND])
    for words in (["plan", "show", "c-001"], ["plan", "render", "c-001"]):
        assert "DRAFT: not approved as it stands" in desk.run(*words).out, words
    assert f"{SECOND}:1:1: error[approval-chain] this sign-off is gone" in desk.run("check").out
    desk.git("add", "-A")
    staged = desk.run("check", "--staged")
    assert (staged.code, "error[approval-chain]" in staged.out) == (1, True)
    refused = desk.run("approve", "rosa", now=NOW)
    assert (refused.code, "sign-off 0002 is gone" in refused.err) == (1, True)
    assert "content-approved" not in desk.rules().get("good", ())
    # Nor is the number used twice once that is committed.
    desk.commit("gone", at=NOW)
    assert desk.run("status", "rosa").code == 0
    refused = desk.run("approve", "rosa", "--meaning", "reviewed", now=NOW)
    assert refused.code == 1
    desk.git("checkout", *re.findall(r"git checkout (\S+)", refused.err), "--", f"{SECOND}*")
    assert state(desk)["state"] == "withdrawn"
    assert desk.run("approve", "rosa", now=NOW).code == 0


def test_the_only_sign_off_is_missed_too(desk: Desk) -> None:
    desk.approve()
    desk.git("rm", "-q", "-r", "clients/c-001/approvals")
    assert "error[approval-chain]" in desk.run("check", "--staged").out
    assert state(desk)["state"] == "unknown"


def test_a_client_with_another_id_is_approved_anew(desk: Desk) -> None:
    desk.approve()
    desk.approve("--meaning", "reviewed", now=LATER)
    (desk.root / "clients/c-001").rename(desk.root / "clients/c-040")
    desk.write("clients/c-040/client.yaml", "id: c-001", "id: c-040")
    found = desk.run("status", "c-040")
    assert (found.code, "explain approval-misplaced" in " ".join(found.out.split())) == (1, True)
    assert "DRAFT" in desk.run("plan", "render", "c-040").out
    told = desk.run("check", "c-040").out
    assert told.count("approval-misplaced]") == 1
    assert "this sign-off and 1 more are of another client" in told
    # As the page of that code tells.
    (desk.root / "clients/c-040/approvals").rename(desk.root / "clients/c-040/approvals-c-001")
    moved = desk.run("check", "c-040")
    assert (moved.code, "approval" in moved.out, "unknown" in moved.out) == (0, False, False)
    assert desk.run("save", "--dry-run", now=LATER).code == 0
    desk.commit("c-001, c-040", at=LATER)
    assert state(desk, "c-040")["state"] == "draft"
    desk.approve(client="c-040", now=NOW.replace("12:", "10:"))
    assert state(desk, "c-040")["state"] == "approved"
    done = desk.rules()
    assert "wrong" not in done
    assert done["note"] == ["approval-moved"] * 4


def test_strange_files_are_told(desk: Desk) -> None:
    desk.approve()
    for name in ("1.yaml", "0003.yaml.sig", "scan.pdf", "00002.yaml"):
        (desk.root / "clients/c-001/approvals" / name).write_bytes(b"x")
    told = desk.run("check", "c-001").out
    assert told.count("[file-unknown]") == 4


def test_status_for_scripts_and_strictly(desk: Desk) -> None:
    rows = json.loads(desk.run("status", "--format", "json").out)
    assert rows["format"] == 1
    assert [(row["client"], row["state"]) for row in rows["clients"]] == [("c-001", "draft"), ("c-002", "no_plan")]
    assert desk.run("status").code == 0
    assert desk.run("status", "--strict").code == 1
    desk.approve()
    assert desk.run("status", "--strict").code == 0
    (row,) = json.loads(desk.run("status", "rosa", "--format", "json").out)["clients"]
    assert list(row) == [
        "client", "state", "approval", "changed", "unreadable", "rewritten", "gone", "beside", "compared_with", "high",
        "changes",
    ]  # fmt: skip
    assert row["approval"]["number"] == 1

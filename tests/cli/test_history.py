"""Who changed what of a client's record, when and why: on real repositories, built in the test with fixed dates."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import FILES, Carectl, census
from helpers_repository import ADA, DANA, Repo

GOLDEN = Path(__file__).parent.parent / "golden"
MEDS, NOTES, VISITS = (f"clients/c-001/{name}.yaml" for name in ("medications", "notes", "visits"))
VISIT = """\
visits:
  - {id: eye, service: personal_care, date: 2026-11-16, at: "09:00", duration: 1h, status: planned}
"""
BEGUN = {**FILES, VISITS: VISIT}
HIGHER = FILES[MEDS].replace("dose: 1 tablet", "dose: 2 tablets")
NOTE = """\
notes:
  - {id: n-1, at: 2026-11-09T10:15, by: phone, with: maria, text: Rosa slept badly, recorded: 2026-11-16}
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A caseload with a history, as the current folder."""
    repo = Repo.begin(tmp_path / "caseload")
    repo.commit("Begin", BEGUN, at="2026-11-02T09:00:00-06:00")
    repo.commit(
        "c-001 medications: 1 changed\n\nDr. Lee called after the weight of Monday.\n\n"
        "Reason: order by telephone, read back\nReviewed-by: Ada Nowak\nX-Ticket: 7",
        {MEDS: HIGHER}, at="2026-11-10T16:20:00-06:00",
    )  # fmt: skip
    repo.commit(
        "c-001 notes: 1 added", {NOTES: NOTE},
        at="2026-11-17T08:05:00-06:00", authored="2026-11-09T11:00:00-06:00", author=ADA,
    )  # fmt: skip
    repo.commit(
        "Tidy up", {NOTES: "# What was said\n" + NOTE}, at="2026-11-18T12:00:00+01:00", author=ADA, committer=ADA
    )
    monkeypatch.chdir(repo.root)
    return repo


def data(carectl: Carectl, *words: str, code: int = 0) -> list[dict[str, Any]]:
    """The commits that are told of."""
    done = carectl("history", *words, "-f", "json")
    assert (done.code, done.err) == (code, "")
    answer = json.loads(done.out)
    assert answer["format"] == 1
    commits: list[dict[str, Any]] = answer["commits"]
    return commits


def subjects(commits: list[dict[str, Any]]) -> list[str]:
    """What the commits are called."""
    return [commit["subject"] for commit in commits]


def test_the_page(repo: Repo, carectl: Carectl) -> None:
    before = census(repo.root)
    done = carectl("history", "rosa")
    assert (done.code, done.err) == (0, "")
    assert census(repo.root) == before
    assert all(len(line) <= 80 for line in done.out.splitlines())
    golden = GOLDEN / "history.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.out, encoding="utf-8")
    assert done.out == golden.read_text(encoding="utf-8")


def test_the_data(repo: Repo, carectl: Carectl) -> None:
    tidy, note, dose, begun = data(carectl, "c-001")
    assert subjects([tidy, note, dose, begun]) == [
        "Tidy up", "c-001 notes: 1 added", "c-001 medications: 1 changed", "Begin",
    ]  # fmt: skip
    assert (tidy["rewritten"], tidy["changes"]) == (True, [])
    assert tidy["committer"] == {
        "name": "Ada Nowak",
        "email": "ada@lakeside.example",
        "at": "2026-11-18T12:00:00+01:00",
    }
    assert note["backdated"] == "dated 8 days before it was committed"
    assert [change["late"] for change in note["changes"]] == ["late entry: written down 7 days after the talk"]
    (change,) = dose["changes"]
    assert (change["rule"], change["record"], change["field"]) == ("med-dose-changed", "furosemide", "dose")
    assert (change["old"], change["new"], change["late"]) == ("1 tablet", "2 tablets", None)
    assert dose["backdated"] is None
    assert dose["body"] == "Dr. Lee called after the weight of Monday."
    assert dose["trailers"][0] == {"name": "Reason", "text": "order by telephone, read back"}
    assert (begun["parents"], dose["parents"]) == ([], [begun["id"]])
    assert [change["rule"] for change in begun["changes"]] == ["client-added"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["medications/furosemide"], ["c-001 medications: 1 changed", "Begin"]),
        (["--record", "furosemide"], ["c-001 medications: 1 changed", "Begin"]),
        (["medications"], ["c-001 medications: 1 changed", "Begin"]),
        (["notes/n-1"], ["c-001 notes: 1 added"]),
        (["care-plan/falls/no-falls"], ["Begin"]),
        (["--record", "no-falls"], ["Begin"]),
        (["--from", "2026-11-17"], ["Tidy up", "c-001 notes: 1 added"]),
        (["--until", "2026-11-10"], ["c-001 medications: 1 changed", "Begin"]),
        (["--from", "2026-11-03", "--until", "2026-11-09"], []),
    ],
)
def test_a_part_of_it(repo: Repo, carectl: Carectl, words: list[str], told: list[str]) -> None:
    assert subjects(data(carectl, "c-001", *words)) == told
    page = carectl("history", "c-001", *words)
    assert page.code == 0
    assert ("No commit changed anything of it" in page.out) is (not told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["c-001", "medication/x"], "did you mean medications?"),
        (["c-001", "furosemide"], "KIND/ID begins with a kind of record"),
        (["c-001", "notes/n-1", "--record", "n-1"], "name the record once"),
        (["c-001", "--from", "2026-11-10", "--until", "2026-11-09"], "--until is before --from"),
        (["c-001", "--from", "someday"], "--from takes a day"),
        (["nobody"], "no client fits"),
        # A part of a name may be that of somebody else: Betsy Smith-Johnson is no Jo.
        (["varez"], "no client fits"),
        # What was never there did not stay as it was.
        (["rosa", "medications/furosemid"], "never had in any commit\nhint: did you mean medications/furosemide?"),
        (["rosa", "medications/n-1"], "c-001 Rosa Alvarez has no medications/n-1, and never had"),
        (["rosa", "medications/n-1"], "hint: did you mean notes/n-1?"),
        (["rosa", "--record", "no-fall"], "did you mean care-plan/falls/no-falls?"),
        (["rosa", "--record", "qqqq", "--from", "2026-11-17"], "hint: carectl show c-001 tells what is on file"),
    ],
)
def test_wrong_usage(repo: Repo, carectl: Carectl, words: list[str], said: str) -> None:
    done = carectl("history", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_what_is_not_committed_yet(repo: Repo, carectl: Carectl) -> None:
    repo.write({"clients/c-001/tasks.yaml": "tasks: []\n", "clients/c-002/tasks.yaml": "tasks: []\n"})
    assert (
        "Not committed yet: 1 file; carectl diff --client c-001 shows what changed." in carectl("history", "c-001").out
    )
    assert json.loads(carectl("history", "c-001", "-f", "json").out)["uncommitted"] == ["clients/c-001/tasks.yaml"]


def test_a_visit_that_was_reported_late_by_the_clock_of_the_commit(repo: Repo, carectl: Carectl) -> None:
    """The practice calls an entry late after two days: on the second day it is not."""
    for number, (at, late) in enumerate({
        "2026-11-18T23:00:00-06:00": None,
        "2026-11-19T00:30:00-06:00": "late entry: committed 3 days after the visit",
    }.items()):  # fmt: skip
        repo.commit(f"{number}", {VISITS: VISIT.replace("planned", "done")}, at=at)
        last = data(carectl, "c-001")[0]
        assert [change["late"] for change in last["changes"] if change["field"] == "status"] == [late]
        repo.commit("Back", {VISITS: VISIT}, at=at)


def test_what_is_judged_is_what_was_known_then(repo: Repo, carectl: Carectl) -> None:
    """Why a visit is called off may be told otherwise before its day, however long ago that is now."""
    for at in ("2026-11-14", "2026-11-15", "2026-11-19"):
        visit = VISIT.replace("planned", f"cancelled, reason: Told on {at}")
        repo.commit("Say why", {VISITS: visit}, at=f"{at}T09:00:00-06:00")
    after, before = data(carectl, "c-001", "visits/eye")[:2]
    assert [change["rule"] for change in after["changes"]] == ["past-visit-rewritten"]
    assert [change["rule"] for change in before["changes"]] != ["past-visit-rewritten"]


def test_a_merge_tells_only_what_it_made(repo: Repo, carectl: Carectl) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {MEDS: HIGHER.replace("40 mg", "20 mg")}, at="2026-11-19T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.commit("Main", {MEDS: HIGHER.replace('"08:00"', '"08:00", "20:00"')}, at="2026-11-19T10:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "side", fine=(0, 1))
    both = HIGHER.replace("40 mg", "20 mg").replace('"08:00"', '"08:00", "20:00"')
    repo.commit("Merge", {MEDS: both.replace("2 tablets", "3 tablets")}, at="2026-11-19T11:00:00-06:00")
    merge, main, side = data(carectl, "c-001")[:3]
    assert sorted(change["field"] for change in merge["changes"]) == ["dose", "strength"]
    assert [change["field"] for change in main["changes"]] == ["times"]
    assert [change["field"] for change in side["changes"]] == ["strength"]
    assert len(merge["parents"]) == 2


def test_a_merge_that_put_a_dose_together_which_neither_side_had(repo: Repo, carectl: Carectl) -> None:
    """Every line of it stood on one of the sides, and the day holds four times as much as before."""
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {MEDS: FILES[MEDS].replace("1 tablet", "4 tablets")}, at="2026-11-19T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    tea = {NOTES: NOTE.replace("badly", "well")}
    repo.commit("Main", {MEDS: HIGHER.replace('"08:00"', '"08:00", "20:00"'), **tea}, at="2026-11-19T10:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "side", fine=(0, 1))
    both = FILES[MEDS].replace("1 tablet", "4 tablets").replace('"08:00"', '"08:00", "20:00"')
    repo.commit("Merge", {MEDS: both}, at="2026-11-19T11:00:00-06:00")
    for words in ([], ["medications/furosemide"]):
        merge = data(carectl, "c-001", *words)[0]
        assert (merge["subject"], merge["rewritten"]) == ("Merge", False)
        (change,) = merge["changes"]
        assert "in a day 160 mg, now 320 mg" in change["message"]
        assert change["notes"][-1].startswith("Put together by this merge")
    assert data(carectl, "c-001", "notes/n-1")[0]["subject"] == "Main"


def test_a_merge_of_two_records_made_nothing(repo: Repo, carectl: Carectl) -> None:
    """And did not leave all as it was either: it is no matter of layout."""
    first = FILES[MEDS] + FILES[MEDS].partition("medications:\n")[2].replace("furosemide", "other")
    repo.commit("Two", {MEDS: first}, at="2026-11-19T08:00:00-06:00")
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {MEDS: first.replace("1 tablet", "2 tablets", 1)}, at="2026-11-19T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    last = "1 tablet".join(first.rsplit("1 tablet", 1))
    repo.commit("Main", {MEDS: "3 tablets".join(last.rsplit("1 tablet", 1))}, at="2026-11-19T10:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "side", fine=(0, 1))
    both = "3 tablets".join(first.replace("1 tablet", "2 tablets", 1).rsplit("1 tablet", 1))
    repo.commit("Merge", {MEDS: both}, at="2026-11-19T11:00:00-06:00")
    merge = data(carectl, "c-001")[0]
    assert (merge["subject"], merge["changes"], merge["rewritten"]) == ("Merge", [], False)
    assert data(carectl, "c-001", "medications")[0]["subject"] == "Main"


@pytest.mark.parametrize(
    ("asked", "rule", "said"),
    [
        ("medications/furosemide", "med-started", "Furosemide (furosemide) begins on"),
        ("care-plan/falls/no-falls", "goal-added", "is new"),
        ("care-plan/falls", "problem-added", "is new"),
    ],
)
def test_one_record_of_a_client_who_is_new(repo: Repo, carectl: Carectl, asked: str, rule: str, said: str) -> None:
    """What the record was, and not how much there is of everything; the same when it goes with the client."""
    (first,) = data(carectl, "c-001", asked)[-1]["changes"]
    assert (first["rule"], said in first["message"]) == (rule, True)
    repo.git("rm", "--quiet", "-r", "clients/c-001")
    repo.commit("Gone", at="2026-11-19T09:00:00-06:00")
    (last,) = data(carectl, "c-001", asked)[0]["changes"]
    assert last["rule"] == rule.replace("added", "removed").replace("started", "removed")
    assert last["record"] == first["record"]


def test_a_merge_that_drops_a_side_says_so(repo: Repo, carectl: Carectl) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {MEDS: FILES[MEDS]}, at="2026-11-19T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--strategy=ours", "side", "-m", "Merge")
    for words in ([], ["medications/furosemide"]):
        assert data(carectl, "c-001", *words)[0]["left_out"] == [MEDS]
        assert f"this merge left out what one side had changed:\n    {MEDS}" in carectl("history", "c-001", *words).out
    assert data(carectl, "c-001", "notes/n-1")[0]["subject"] != "Merge"


STRONGER = HIGHER.replace("strength: 40 mg", "strength: 80 mg")
SECOND = "  - {id: metformin, name: Metformin, strength: 500 mg, dose: 1 tablet, from: 2026-11-01}\n"
LEFT_OUT = "This merge left out what one of its sides had changed here."


def merged(repo: Repo, ours: str, theirs: str, result: str | None = None) -> None:
    """A merge of two versions of the medicines; its result is ours if nothing is said."""
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {MEDS: theirs}, at="2026-11-19T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.commit("Main", {MEDS: ours}, at="2026-11-19T10:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    repo.commit("Merge", {MEDS: result or ours}, at="2026-11-20T09:00:00-06:00")


def left_out(commit: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    """The changes of a merge that one side had made otherwise."""
    changes = [change for change in commit["changes"] if LEFT_OUT in change["notes"]]
    return [(change["record"], change["field"], change["old"], change["new"]) for change in changes]


def test_a_merge_that_drops_one_of_two_changes_in_a_file_tells_which(repo: Repo, carectl: Carectl) -> None:
    """The file is as the other side has it, so that nothing in it is as before both."""
    merged(repo, HIGHER + SECOND, STRONGER)
    for words in ([], ["medications/furosemide"], ["medications"]):
        last = data(carectl, "c-001", *words)[0]
        assert (last["subject"], last["left_out"]) == ("Merge", [])
        assert left_out(last) == [("furosemide", "strength", "80 mg", "40 mg")]
        assert len(last["changes"]) == 1
    assert LEFT_OUT in carectl("history", "c-001", "medications/furosemide").out
    # What the merge has as it was made is not told again.
    assert subjects(data(carectl, "c-001", "medications/metformin"))[0] == "Main"


def test_what_was_answered_with_one_side_is_told(repo: Repo, carectl: Carectl) -> None:
    merged(repo, HIGHER.replace("40 mg", "20 mg") + SECOND, STRONGER + "  # checked\n", STRONGER + SECOND)
    last = data(carectl, "c-001", "medications")[0]
    assert left_out(last) == [("furosemide", "strength", "20 mg", "80 mg")]


def test_an_entry_that_one_side_added_or_removed_and_the_merge_does_not_have_so(repo: Repo, carectl: Carectl) -> None:
    merged(repo, STRONGER, HIGHER + SECOND)
    (change,) = data(carectl, "c-001", "medications/metformin")[0]["changes"]
    assert (change["rule"], LEFT_OUT in change["notes"]) == ("med-removed", True)


def test_a_merge_that_has_all_of_both_sides_is_not_told(repo: Repo, carectl: Carectl) -> None:
    # One side has all of the other and more; and both sides in one file.
    merged(repo, STRONGER + SECOND, STRONGER)
    assert subjects(data(carectl, "c-001"))[:2] == ["Main", "Side"]
    repo.git("switch", "--quiet", "--create", "more")
    repo.commit("More", {MEDS: STRONGER + SECOND.replace("500", "850")}, at="2026-11-20T10:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.commit("Less", {MEDS: HIGHER + SECOND}, at="2026-11-20T11:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "--strategy=ours", "more")
    repo.commit("Both", {MEDS: HIGHER + SECOND.replace("500", "850")}, at="2026-11-20T12:00:00-06:00")
    both = data(carectl, "c-001")[0]
    assert (both["subject"], both["changes"]) == ("Both", [])


def test_a_merge_whose_sides_parted_at_what_cannot_be_read_says_so(repo: Repo, carectl: Carectl) -> None:
    repo.commit("Broken", {MEDS: "medications: [\n"}, at="2026-11-18T13:00:00-06:00")
    merged(repo, HIGHER, STRONGER)
    last = data(carectl, "c-001", code=1)[0]
    assert (last["subject"], [item["path"] for item in last["unparsed"]]) == ("Merge", [MEDS])


def test_a_client_whose_folder_was_moved(repo: Repo, carectl: Carectl) -> None:
    repo.git("mv", "clients/c-001", "clients/c-010")
    client = FILES["clients/c-001/client.yaml"].replace("c-001", "c-010")
    repo.commit("Move", {"clients/c-010/client.yaml": client}, at="2026-11-19T09:00:00-06:00")
    commits = data(carectl, "rosa")
    assert [(commit["folder"], commit["moved_from"]) for commit in commits[:2]] == [("c-010", "c-001"), ("c-001", None)]
    assert [change["rule"] for change in commits[0]["changes"]] == ["client-id-changed"]
    assert len(commits) == 5
    assert "! the client's folder was moved: c-001 became c-010" in carectl("history", "c-010").out
    # By the former id it is still found.
    assert subjects(data(carectl, "c-001"))[0] == "Move"


def test_a_client_who_is_gone(repo: Repo, carectl: Carectl) -> None:
    repo.git("rm", "--quiet", "-r", "clients/c-001")
    repo.commit("Gone", at="2026-11-19T09:00:00-06:00")
    last = data(carectl, "c-001")[0]
    assert [change["rule"] for change in last["changes"]] == ["client-removed"]
    assert "History of c-001 (not in the caseload any more), newest first" in carectl("history", "c-001").out


def test_what_cannot_be_read_is_said_and_the_rest_told(repo: Repo, carectl: Carectl) -> None:
    repo.commit("Broken", {MEDS: "medications: [\n"}, at="2026-11-19T09:00:00-06:00")
    repo.commit("Mended", {MEDS: HIGHER}, at="2026-11-19T10:00:00-06:00")
    repo.commit("Go on", {NOTES: NOTE.replace("badly", "well")}, at="2026-11-19T11:00:00-06:00")
    last, mended, broken, *rest = data(carectl, "c-001", code=1)
    assert [commit["subject"] for commit in (last, mended, broken)] == ["Go on", "Mended", "Broken"]
    assert [item["path"] for item in (*mended["unparsed"], *broken["unparsed"])] == [MEDS, MEDS]
    assert (last["unparsed"], mended["rewritten"], len(rest)) == ([], False, 4)
    done = carectl("history", "c-001")
    assert done.code == 1
    assert f"  ! not told: {MEDS}:" in done.out
    # What did not touch the broken file is whole.
    assert data(carectl, "c-001", "notes/n-1")[0]["subject"] == "Go on"


def test_a_broken_file_hides_the_others_of_its_kind(repo: Repo, carectl: Carectl) -> None:
    """And then that is said: it is not as if nothing had changed. What is broken elsewhere is no matter here."""
    repo.git("rm", "--quiet", MEDS)
    folder = "clients/c-001/medications"
    repo.commit("Parted", {f"{folder}/a.yaml": HIGHER, f"{folder}/b.yaml": "medications: [\n"})
    repo.commit("Dose", {f"{folder}/a.yaml": FILES[MEDS]})
    repo.commit("Contacts", {"clients/c-001/contacts.yaml": "contacts: [\n"})
    repo.commit("Note", {NOTES: NOTE.replace("badly", "well")})
    note, contacts, dose = data(carectl, "c-001", code=1)[:3]
    assert (note["subject"], note["unparsed"], len(note["changes"])) == ("Note", [], 1)
    assert [item["path"] for item in contacts["unparsed"]] == ["clients/c-001/contacts.yaml"]
    assert [item["path"] for item in dose["unparsed"]] == [f"{folder}/b.yaml"]
    assert (dose["changes"], dose["rewritten"]) == ([], False)


def test_a_file_of_a_wrong_name(repo: Repo, carectl: Carectl) -> None:
    repo.commit("Slip", {"clients/c-001/medication.yaml": HIGHER})
    (item,) = data(carectl, "c-001", code=1)[0]["unparsed"]
    assert item["path"] == "clients/c-001/medication.yaml"


def test_a_damaged_commit_and_the_rest(repo: Repo, carectl: Carectl) -> None:
    tree = repo.git("rev-parse", "HEAD~2:clients/c-001")
    (repo.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    commits = data(carectl, "c-001", code=1)
    assert [commit["lost"] for commit in commits] == [False, True, True, False]
    assert "git has lost some of its files" in carectl("history", "c-001").out


def test_a_shallow_clone(repo: Repo, carectl: Carectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("clone", "--quiet", "--depth=2", f"file://{repo.root}", os.fspath(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    commits = data(carectl, "c-001", code=1)
    assert [(commit["cut"], commit["changes"]) for commit in commits] == [(False, []), (True, [])]
    assert "(git\n    fetch --unshallow gets it)" in carectl("history", "c-001").out


def test_signs_that_a_terminal_would_obey(repo: Repo, carectl: Carectl) -> None:
    author = "E\x1b[2Jve <eve@x>"
    repo.commit("\x1b]0;x\x07Subject\n\n\x1b[31mBody", {NOTES: NOTE.replace("badly", "\u202ewell")}, author=author)
    out = carectl("history", "c-001").out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "E\\x1b[2Jve" in out


def test_the_surroundings(home: Path, carectl: Carectl) -> None:
    done = carectl("history", "c-001")
    assert (done.code, done.out) == (3, "")
    assert "this caseload is in no git repository" in done.err
    Repo.begin(home)
    assert "nothing is committed here yet" in carectl("history", "c-001").err
    Repo(home).commit("Begin")
    assert carectl("history", "c-001").code == 0
    assert DANA.split(" <")[0] in carectl("history", "c-001").out

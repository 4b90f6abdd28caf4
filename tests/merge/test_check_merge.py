"""carectl check --merge and --merge-with: what a merge did where no driver ran, and what one would have to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, census
from helpers_clone import MEDICATIONS, git
from helpers_clone import alone as alone
from helpers_clone import clone as clone

FILE: Final = """\
medications:
  - id: furosemide
    name: Furosemide
    strength: 20 mg
    dose: 1 tablet
    route: oral
    indication: Heart failure
    kind: prescription
    times: ["08:00"]
    from: 2026-08-03
  - id: calcium
    name: Calcium
    dose: 1 tablet
    indication: Bones
    kind: otc
    times: ["08:00"]
    from: 2026-08-03
  - id: senna
    name: Senna
    dose: 1 tablet
    kind: otc
    times: ["20:00"]
    from: 2026-08-03
"""
DOSE: Final = FILE.replace("20 mg", "40 mg")
TIMES: Final = FILE.replace(
    '["08:00"]\n    from: 2026-08-03\n  - id: calcium', '["08:00", "14:00"]\n    from: 2026-08-03\n  - id: calcium'
)
SENNA: Final = FILE + "    until: 2026-11-20\n    reason: No longer needed\n"
CONTACTS: Final = """\
contacts:
  - id: maria
    name: Maria
    relationship: daughter
    roles: [emergency]
    call_for: [fall]
    phone: "+1 773 555 0164"
"""


@pytest.fixture
def repository(clone: Path) -> Path:
    """A clone without drivers, as a forge is one, with a short list of medicines."""
    commit(clone, FILE)
    return clone


def commit(root: Path, text: str, name: str = MEDICATIONS) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "change", "--allow-empty")


def merged(root: Path, ours: str, theirs: str, *options: str, name: str = MEDICATIONS) -> None:
    """A branch with one version, main with another, merged by lines as a forge's button does it."""
    git(root, "checkout", "-qb", "branch")
    commit(root, theirs, name)
    git(root, "checkout", "-q", "main")
    commit(root, ours, name)
    git(root, "merge", "-q", "--no-edit", *options, "branch")


def test_a_dose_and_its_times_are_put_together_by_a_button(repository: Path, carectl: Carectl) -> None:
    merged(repository, DOSE, TIMES)
    text = (repository / MEDICATIONS).read_text(encoding="utf-8")
    assert "40 mg" in text
    assert '"14:00"' in text, "git saw nothing wrong"
    before = census(repository)
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 1
    assert (
        f"{MEDICATIONS}:2:5: error[merge-combined] both sides of the merge changed the medicine furosemide" in found.out
    )
    assert found.out.count("error[") == 1
    assert "40 mg" not in found.out
    assert "Furosemide" not in found.out
    assert "looked at the merge" in found.err
    assert census(repository) == before


def test_the_finding_can_be_waived_where_it_stands(repository: Path, carectl: Carectl) -> None:
    waiver = "  # carectl: allow merge-combined -- Dr. Lee ordered both, 20 Nov\n"
    merged(repository, DOSE.replace("  - id: furo", waiver + "  - id: furo"), TIMES)
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 0
    # And the everyday check does not take it for one that waives nothing.
    assert "waiver-unused" not in carectl("check", "--no-cache", "clients/c-001").out


def test_the_same_new_id_on_both_sides(repository: Path, carectl: Carectl) -> None:
    new = '  - {{id: m-3, name: {}, dose: 1 tablet, kind: otc, times: ["20:00"], from: 2026-11-20}}\n'
    first = FILE.index("  - id: furosemide")
    merged(repository, FILE[:first] + new.format("Warfarin") + FILE[first:], FILE + new.format("Apixaban"))
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 1
    assert f"{MEDICATIONS}:" in found.out
    assert "error[id-twice] the id m-3 stands twice" in found.out


def test_independent_changes_are_no_finding(repository: Path, carectl: Carectl) -> None:
    merged(repository, DOSE, SENNA)
    found = carectl("check", "--merge", "HEAD")
    assert (found.code, found.out) == (0, "")


@pytest.mark.parametrize(
    ("option", "line", "side"), [("ours", 19, "the branch merged"), ("theirs", 2, "the branch merged into")]
)
def test_a_change_that_a_merge_dropped(repository: Path, carectl: Carectl, option: str, line: int, side: str) -> None:
    git(repository, "checkout", "-qb", "branch")
    commit(repository, SENNA)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch")
    commit(repository, DOSE if option == "ours" else SENNA)
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 1
    assert "error[merge-lost]" in found.out
    assert f"{side} (" in found.out
    assert f"{MEDICATIONS}:" in found.out
    if option == "ours":
        assert "senna `until`" in found.out
        assert "senna `reason`" in found.out
    else:
        assert "furosemide `strength`" in found.out


def test_what_only_one_side_touched_may_not_vanish_either(repository: Path, carectl: Carectl) -> None:
    name = "clients/c-001/contacts.yaml"
    git(repository, "checkout", "-qb", "branch")
    commit(repository, CONTACTS + '  - {id: luis, name: Luis, relationship: son, phone: "+1 773 555 0199"}\n', name)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    git(repository, "merge", "-q", "-s", "ours", "--no-edit", "branch")
    found = carectl("check", "--merge", "HEAD")
    assert "error[merge-lost] luis: the change that the branch merged (" in found.out


def test_a_removed_entry_that_comes_back(repository: Path, carectl: Carectl) -> None:
    gone = FILE[: FILE.index("  - id: senna")]
    git(repository, "checkout", "-qb", "branch")
    commit(repository, gone)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch")
    commit(repository, DOSE)
    assert "error[merge-lost] senna: the change" in carectl("check", "--merge", "HEAD").out


def test_what_both_sides_did_alike_may_not_vanish_either(repository: Path, carectl: Carectl) -> None:
    git(repository, "checkout", "-qb", "branch")
    commit(repository, DOSE)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE + "# seen\n")
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch")
    commit(repository, FILE)
    found = carectl("check", "--merge", "HEAD").out
    assert found.count("error[merge-lost]") == 1
    assert "furosemide `strength`: the change that each side made is not in the merge" in found


def test_a_set_holds_what_either_side_added(repository: Path, carectl: Carectl) -> None:
    name = "clients/c-001/contacts.yaml"
    commit(repository, CONTACTS, name)
    git(repository, "checkout", "-qb", "branch")
    commit(repository, CONTACTS.replace("[fall]", "[fall, hospital]"), name)
    git(repository, "checkout", "-q", "main")
    commit(repository, CONTACTS.replace("[fall]", "[fall, missed_visit]"), name)
    for kept, lost in (("[fall, missed_visit, hospital]", 0), ("[fall, hospital]", 1)):
        git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch", code=None)
        commit(repository, CONTACTS.replace("[fall]", kept), name)
        assert carectl("check", "--merge", "HEAD").out.count("error[merge-lost]") == lost
        git(repository, "reset", "-q", "--hard", "HEAD^")


def test_a_conflict_that_somebody_answered_is_no_finding(repository: Path, carectl: Carectl) -> None:
    for answer in (DOSE, TIMES, FILE.replace("20 mg", "30 mg")):
        git(repository, "checkout", "-q", "-B", "main", "HEAD")
        git(repository, "branch", "-D", "branch", code=None)
        commit(repository, FILE)
        git(repository, "checkout", "-qb", "branch")
        commit(repository, TIMES)
        git(repository, "checkout", "-q", "main")
        commit(repository, DOSE)
        git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch", code=None)
        commit(repository, answer)
        found = carectl("check", "--merge", "HEAD")
        assert (found.code, found.out) == (0, ""), answer


def answered(root: Path, base: str, ours: str, theirs: str, answer: str, name: str = MEDICATIONS) -> None:
    """A merge in which both sides changed a file, and that somebody answered."""
    commit(root, base, name)
    git(root, "checkout", "-qb", "branch")
    commit(root, theirs, name)
    git(root, "checkout", "-q", "main")
    commit(root, ours, name)
    git(root, "merge", "-q", "--no-commit", "--no-ff", "branch", code=None)
    commit(root, answer, name)


@pytest.mark.parametrize(
    ("answer", "became"),
    [
        ("medications:\n" + FILE[FILE.index("  - id: calcium") :], "it is not there any more"),
        (FILE, "it is as it was before both"),
        (FILE.replace("Heart failure", "Heart failure, mild"), "it is as it was before both"),
    ],
)
def test_an_answer_that_drops_what_both_wrote(repository: Path, carectl: Carectl, answer: str, became: str) -> None:
    answered(repository, FILE, DOSE, TIMES, answer)
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 1
    assert f"error[merge-dropped] both sides of the merge changed the medicine furosemide, and {became}" in found.out
    assert found.out.count("error[") == 1


def test_what_both_changed_otherwise_may_not_be_as_before(repository: Path, carectl: Carectl) -> None:
    other = TIMES.replace("20 mg", "30 mg")
    answered(repository, FILE, DOSE, other, other.replace("30 mg", "20 mg"))
    assert "and it is as it was before both" in carectl("check", "--merge", "HEAD").out


def test_an_entry_taken_out_on_one_side_may_be_gone(repository: Path, carectl: Carectl) -> None:
    gone = "medications:\n" + FILE[FILE.index("  - id: calcium") :]
    answered(repository, FILE, DOSE, gone, gone)
    assert carectl("check", "--merge", "HEAD").out == ""


def test_two_new_entries_of_one_day_that_both_stay(repository: Path, carectl: Carectl) -> None:
    name = "clients/c-001/care-plan.yaml"
    old = (repository / name).read_text(encoding="utf-8")
    line = old.index("\n", old.index("progress:")) + 1
    column = len(old[line:]) - len(old[line:].lstrip(" "))
    one, other = (" " * column + f"- {{date: 2026-11-22, note: {word}}}\n" for word in ("Walked", "Stood"))
    base, ours, theirs, answer = (old[:line] + new + old[line:] for new in ("", one, other, one + other))
    answered(repository, base, ours, theirs, answer, name)
    assert carectl("check", "--merge", "HEAD").out == ""


def test_a_waiver_can_be_written_after_the_merge(repository: Path, carectl: Carectl) -> None:
    merged(repository, DOSE, TIMES)
    whole = (repository / MEDICATIONS).read_text(encoding="utf-8")
    waiver = "  # carectl: allow merge-combined -- Dr. Lee ordered both, 20 Nov\n"
    (repository / MEDICATIONS).write_text(whole.replace("  - id: furo", waiver + "  - id: furo"), encoding="utf-8")
    assert carectl("check", "--merge", "HEAD").out == ""
    commit(repository, whole.replace("  - id: furo", waiver + "  - id: furo"))
    assert carectl("check", "--merge", "HEAD^").code == 0
    # It speaks for the record as the merge left it, and for nothing else.
    commit(repository, whole.replace("  - id: furo", waiver + "  - id: furo").replace("40 mg", "50 mg"))
    assert "merge-combined" in carectl("check", "--merge", "HEAD^^").out


def rename(root: Path) -> None:
    """Give a client another id, on a branch."""
    git(root, "checkout", "-qb", "branch")
    git(root, "mv", "clients/c-001", "clients/c-901")
    path = root / "clients/c-901/client.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("id: c-001", "id: c-901"), encoding="utf-8")
    git(root, "commit", "-qam", "another id")


def test_a_client_who_got_another_id(repository: Path, carectl: Carectl) -> None:
    rename(repository)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    assert carectl("check", "--merge-with", "branch").out == ""
    git(repository, "merge", "-q", "--no-edit", "branch")
    moved = MEDICATIONS.replace("c-001", "c-901")
    assert "40 mg" in (repository / moved).read_text(encoding="utf-8")
    assert carectl("check", "--merge", "HEAD").out == ""
    # What got lost on the way is told under the new id.
    commit(repository, FILE, moved)
    git(repository, "reset", "-q", "--soft", "HEAD^")
    git(repository, "commit", "-q", "--amend", "--no-edit")
    found = carectl("check", "--merge", "HEAD").out
    assert f"{moved}:4:15: error[merge-lost] furosemide `strength`" in found


def test_what_a_client_with_another_id_would_have_to_be_asked(repository: Path, carectl: Carectl) -> None:
    rename(repository)
    commit(repository, TIMES, MEDICATIONS.replace("c-001", "c-901"))
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    found = carectl("check", "--merge-with", "branch").out
    assert f"{MEDICATIONS}:2:5: error[merge-clash] the medicine furosemide was changed on both sides" in found


@pytest.mark.parametrize("here", [False, True])
def test_a_client_who_is_gone_on_one_side(repository: Path, carectl: Carectl, here: bool) -> None:
    git(repository, "branch", "branch")
    git(repository, "checkout", "-q", "main" if here else "branch")
    git(repository, "rm", "-rq", "clients/c-001")
    git(repository, "commit", "-qm", "gone")
    git(repository, "checkout", "-q", "branch" if here else "main")
    commit(repository, DOSE)
    git(repository, "checkout", "-q", "main")
    found = carectl("check", "--merge-with", "branch")
    assert found.code == 1
    where = "on this side" if here else "in the branch"
    assert f"clients/c-001/client.yaml:1:1: error[merge-clash] the client's folder is gone {where}" in found.out
    assert found.out.count("error[") == 1


def test_a_commit_that_is_no_merge(repository: Path, carectl: Carectl) -> None:
    found = carectl("check", "--merge", "HEAD")
    assert found.code == 0
    assert "is no merge: there is nothing to look at" in found.err


def test_an_older_merge_is_looked_at_as_it_was(repository: Path, carectl: Carectl) -> None:
    merged(repository, DOSE, TIMES)
    commit(repository, FILE)
    assert carectl("check", "--merge", "HEAD").out == ""
    assert "merge-combined" in carectl("check", "--merge", "HEAD^").out


def test_a_shallow_clone_says_that_it_cannot_tell(repository: Path, carectl: Carectl, tmp_path: Path) -> None:
    merged(repository, DOSE, TIMES)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    found = carectl("check", "--merge", "HEAD", "--caseload", str(tmp_path / "shallow"))
    assert found.code == 3
    assert "git fetch --unshallow" in found.err


def test_a_side_that_cannot_be_read_is_said(repository: Path, carectl: Carectl) -> None:
    git(repository, "checkout", "-qb", "branch")
    commit(repository, SENNA.replace("name: Calcium", 'name: "Calcium'))
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "branch")
    commit(repository, DOSE)
    found = carectl("check", "--merge", "HEAD")
    assert f"{MEDICATIONS}:1:1: warning[merge-unread] medications cannot be read" in found.out


def test_two_histories_with_nothing_in_common(repository: Path, carectl: Carectl) -> None:
    git(repository, "checkout", "-q", "--orphan", "branch")
    git(repository, "commit", "-qm", "another beginning")
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    git(repository, "merge", "-q", "--no-edit", "--allow-unrelated-histories", "-X", "ours", "branch")
    assert carectl("check", "--merge", "HEAD").code == 0


def test_what_a_merge_would_have_to_ask(repository: Path, carectl: Carectl) -> None:
    git(repository, "checkout", "-qb", "branch")
    commit(repository, TIMES)
    git(repository, "checkout", "-q", "main")
    commit(repository, DOSE)
    before = census(repository)
    found = carectl("check", "--merge-with", "branch")
    assert found.code == 1
    assert f"{MEDICATIONS}:2:5: error[merge-clash] the medicine furosemide was changed on both sides." in found.out
    assert census(repository) == before
    commit(repository, FILE)
    assert carectl("check", "--merge-with", "branch").out == ""


def test_nothing_else_beside_them(repository: Path, carectl: Carectl) -> None:
    assert carectl("check", "--merge", "HEAD", "c-001").code == 2
    assert carectl("check", "--merge", "HEAD", "--staged").code == 2
    assert carectl("check", "--merge", "HEAD", "--merge-with", "main").code == 2

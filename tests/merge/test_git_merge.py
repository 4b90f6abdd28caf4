"""Merges by git itself with the driver of `carectl git setup`: the four dangerous ones, and the rest of a day."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl
from helpers_clone import MEDICATIONS, Done, edit, git
from helpers_clone import alone as alone
from helpers_clone import clone as clone

from carectl.care.changes.merging import _free_id
from carectl.caseload.reader import read_reference

HEADER: Final = "# carectl merge:"
FILE: Final = """\
# yaml-language-server: $schema=../../../../schemas/medications.schema.json
medications:
  # from Dr. Lee's letter
  - id: furosemide
    name: Furosemide
    strength: 20 mg   # since August
    dose: 1 tablet
    times: ["08:00"]
    kind: prescription
    from: 2026-08-03

  - {id: calcium, name: Calcium, dose: 1 tablet, times: ["08:00"], kind: otc, from: 2026-08-03}
"""
NEW: Final = '  - {{id: {id}, name: {name}, dose: 1 tablet, times: ["20:00"], kind: otc, from: 2026-11-20}}\n'


@pytest.fixture
def repository(clone: Path, carectl: Carectl) -> Path:
    """A clone with the driver and a short list of medicines, on main."""
    assert carectl("git", "setup").code == 0
    for name in ("pre-commit", "pre-merge-commit", "pre-push"):
        (clone / ".git" / "hooks" / name).unlink()
    write(clone, FILE)
    return clone


def write(root: Path, text: str, name: str = MEDICATIONS, message: str = "change") -> None:
    """Write a file and commit it."""
    path = root / name
    path.write_bytes(text.encode())
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)


def both(root: Path, ours: str, theirs: str, name: str = MEDICATIONS) -> None:
    """A branch with one version of a file, and main with another."""
    git(root, "checkout", "-qb", "branch")
    write(root, theirs, name, "on the branch")
    git(root, "checkout", "-q", "main")
    write(root, ours, name, "on main")


def merge(root: Path, code: int) -> Done:
    return git(root, "merge", "--no-edit", "branch", code=code)


def text(root: Path, name: str = MEDICATIONS) -> str:
    return (root / name).read_bytes().decode()


def words(merged: str) -> str:
    """The words above a conflict, on one line."""
    found = [line.strip().removeprefix(HEADER).strip() for line in merged.splitlines() if HEADER in line]
    return " ".join(found)


def sections(merged: str) -> dict[str, str]:
    """What stands between the markers of the only conflict."""
    found = re.findall(r"(?ms)^<{7} [^\n]*\n(.*?)^\|{7} [^\n]*\n(.*?)^={7}\n(.*?)^>{7} [^\n]*\n", merged)
    assert len(found) == 1, merged
    return dict(zip(("ours", "base", "theirs"), found[0], strict=True))


def answered(merged: str, side: str) -> str:
    """The file as a person leaves it who keeps one side."""
    found = []
    part = "both"
    for line in merged.splitlines(keepends=True):
        if HEADER in line:
            continue
        if line[:7] in ("<" * 7, "|" * 7, "=" * 7, ">" * 7):
            part = {"<": "ours", "|": "base", "=": "theirs", ">": "both"}[line[0]]
        elif part in ("both", side):
            found.append(line)
    return "".join(found)


DOSE: Final = FILE.replace("20 mg ", "40 mg ")
TIMES: Final = FILE.replace('    times: ["08:00"]\n', '    times: ["08:00", "14:00"]\n')


# --- the four dangerous merges ---------------------------------------------------------------------------------------


def test_a_dose_and_its_times_from_two_sides(repository: Path, carectl: Carectl) -> None:
    both(repository, DOSE, TIMES)
    done = merge(repository, 1)
    assert "CONFLICT" in done.stdout
    assert "1 record needs an answer" in done.stderr
    merged = text(repository)
    found = sections(merged)
    # Each version is a whole record that can be read by itself.
    for side, whole in (("ours", DOSE), ("base", FILE), ("theirs", TIMES)):
        record = whole[whole.index("  - id: furosemide") : whole.index("\n  - {id: calcium")]
        assert found[side] == record
    said = words(merged)
    assert "strength: 20 mg -> 40 mg" in said
    assert "times: 08:00 -> 08:00, 14:00" in said
    assert "in a day 20 mg, now 80 mg: 4 times as much" in said
    assert all(len(line) <= 80 for line in merged.splitlines() if HEADER in line)
    # git knows the markers, and the file as unmerged.
    assert "leftover conflict marker" in git(repository, "diff", "--check", code=2).stdout
    assert git(repository, "status", "--porcelain").stdout == f"UU {MEDICATIONS}\n"
    check = carectl("check", "--no-cache", "clients/c-001")
    assert check.code == 1
    assert check.out.count("merge-unresolved") == check.out.count("error") == 1
    line = merged.splitlines().index("<<<<<<< ours: what was here") + 1
    assert f"{MEDICATIONS}:{line}" in check.out


def test_the_same_new_id_on_both_sides(repository: Path) -> None:
    new = NEW.format(id="m-3", name="Apixaban")
    both(
        repository,
        FILE.replace("  - {id: calcium", NEW.format(id="m-3", name="Warfarin") + "  - {id: calcium"),
        FILE + new,
    )
    merge(repository, 1)
    merged = text(repository)
    found = sections(merged)
    assert "Warfarin" in found["ours"]
    assert found["theirs"] == new
    assert found["base"] == ""
    assert "the medicine m-3 was added on both sides, with different content" in words(merged)
    assert "Then both hold: keep both, with the new id m-4 for one of them" in words(merged)
    assert merged.count("id: m-3") == 2


def test_the_same_new_entry_on_both_sides_is_one(repository: Path) -> None:
    new = NEW.format(id="m-3", name="Apixaban")
    both(repository, FILE.replace("  - {id: calcium", new + "  - {id: calcium"), DOSE + new)
    merge(repository, 0)
    assert text(repository).count("m-3") == 1


def test_both_append(repository: Path, carectl: Carectl) -> None:
    ours, theirs = ("  # " + name + "\n" + NEW.format(id=name.lower(), name=name) for name in ("Apixaban", "Senna"))
    both(repository, FILE + ours, FILE + theirs)
    merge(repository, 0)
    assert text(repository) == FILE + ours + theirs
    assert git(repository, "status", "--porcelain").stdout == ""


@pytest.mark.parametrize("swapped", [False, True])
def test_taken_out_on_one_side_and_changed_on_the_other(repository: Path, swapped: bool) -> None:
    gone = FILE[: FILE.index("  # from Dr.")] + FILE[FILE.index("  - {id: calcium") :]
    both(repository, *((DOSE, gone) if swapped else (gone, DOSE)))
    merge(repository, 1)
    merged = text(repository)
    found = sections(merged)
    empty, whole = ("theirs", "ours") if swapped else ("ours", "theirs")
    assert found[empty] == ""
    assert "strength: 40 mg" in found[whole]
    assert "was taken out on one side and changed on the other" in words(merged)
    assert read_reference(answered(merged, whole).encode(), "f").findings == ()


def test_a_comment_on_what_the_other_side_took_out_does_not_move_to_another_medicine(repository: Path) -> None:
    gone = FILE[: FILE.index("  # from Dr.")] + FILE[FILE.index("  - {id: calcium") :]
    both(
        repository, gone, FILE.replace("  # from Dr. Lee's letter\n", "  # from Dr. Lee's letter\n  # not on Sundays\n")
    )
    merge(repository, 1)
    merged = text(repository)
    found = sections(merged)
    assert (found["ours"], found["theirs"][:18]) == ("", "  - id: furosemide")
    assert merged.index("# not on Sundays") < merged.index("<<<<<<<") < merged.index("calcium")


def test_what_is_one_decision_is_asked_about_field_by_field(repository: Path) -> None:
    client = "clients/c-001/client.yaml"
    path = repository / client
    plain = re.sub(r"(?m)^(?:code_status|advance_directives):.*\n(?:  .*\n)*", "", path.read_text(encoding="utf-8"))
    write(repository, plain + "code_status: full\nx-between: them\nadvance_directives: []\n", client)
    now = text(repository, client)
    paper = "advance_directives: [{kind: dnr, date: 2026-11-20}]"
    both(
        repository,
        now.replace("code_status: full", "code_status: dnr"),
        now.replace("advance_directives: []", paper),
        client,
    )
    merge(repository, 1)
    merged = text(repository, client)
    assert merged.count("<<<<<<<") == 2
    assert "both sides changed what is one decision" in words(merged)
    assert answered(merged, "ours") == now.replace("code_status: full", "code_status: dnr")


# --- the rest of a day -----------------------------------------------------------------------------------------------


def test_independent_records_merge_with_the_comments_and_the_layout_of_both(repository: Path) -> None:
    ours = DOSE.replace("  # from Dr. Lee's letter\n", "  # from Dr. Lee's letter of November\n")
    theirs = FILE.replace("\n  - {id: calcium", "\n  # she takes it with milk\n  - {id: calcium").replace(
        "dose: 1 tablet, times", "dose: 2 tablets, times"
    )
    both(repository, ours, theirs)
    merge(repository, 0)
    assert text(repository) == ours.replace(
        "\n  - {id: calcium", "\n  # she takes it with milk\n  - {id: calcium"
    ).replace("dose: 1 tablet, times", "dose: 2 tablets, times")


def test_a_conflict_that_is_answered(repository: Path, carectl: Carectl) -> None:
    both(repository, DOSE, TIMES)
    merge(repository, 1)
    merged = text(repository)
    (repository / MEDICATIONS).write_text(answered(merged, "theirs"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "one of them")
    assert text(repository) == TIMES
    found = carectl("check", "--no-cache", "clients/c-001/medications.yaml")
    assert "merge-unresolved" not in found.out
    assert found.code == 0


@pytest.mark.parametrize("left", ["<<<<<<<", "|||||||", "=======", ">>>>>>>", HEADER])
def test_a_half_answered_conflict_is_one_finding(repository: Path, carectl: Carectl, left: str) -> None:
    both(repository, DOSE, TIMES)
    merge(repository, 1)
    merged = text(repository)
    kept = answered(merged, "ours").splitlines(keepends=True)
    line = next(line for line in merged.splitlines(keepends=True) if line.strip().startswith(left))
    write(repository, "".join([*kept[:3], line, *kept[3:]]))
    for options in ((), ("--staged",)):
        edit(repository, MEDICATIONS, "kind: otc", "kind:  otc") if options else None
        git(repository, "add", "-A")
        found = carectl("check", "--no-cache", *options, "clients/c-001")
        assert found.code == 1
        assert found.out.count("merge-unresolved") == found.out.count("error") == 1
        assert f"{MEDICATIONS}:4" in found.out


def test_a_rebase_swaps_the_sides_and_the_words_stay_true(repository: Path) -> None:
    both(repository, DOSE, TIMES)
    git(repository, "checkout", "-q", "branch")
    git(repository, "rebase", "main", code=1)
    merged = text(repository)
    # What was here is main, onto which the branch goes.
    assert "strength: 40 mg" in sections(merged)["ours"]
    assert "here (ours): strength: 20 mg -> 40 mg" in words(merged)
    assert "<<<<<<< ours: what was here\n" in merged
    assert ">>>>>>> theirs: what is brought in\n" in merged
    (repository / MEDICATIONS).write_text(answered(merged, "theirs"), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "rebase", "--continue")
    assert text(repository) == TIMES


def test_a_cherry_pick(repository: Path) -> None:
    both(repository, DOSE, TIMES)
    git(repository, "cherry-pick", "branch", code=1)
    merged = text(repository)
    assert "strength: 40 mg" in sections(merged)["ours"]
    assert "brought in (theirs): times: 08:00 -> 08:00, 14:00" in words(merged)


def test_the_names_that_git_gives(tmp_path: Path) -> None:
    """As git 2.44 calls the driver: with the names of base, ours and theirs."""
    from carectl.commands.merging import drive

    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, content in zip(paths, (FILE, DOSE, TIMES), strict=True):
        path.write_text(content, encoding="utf-8")
    assert drive([*map(str, paths), "9", "clients/c-001/medications.yaml", "3f2a9c1", "HEAD", "nia/dose\n"], {}) == 1
    merged = paths[1].read_text(encoding="utf-8")
    assert "\n<<<<<<<<< ours: HEAD\n" in merged
    assert "\n||||||||| before both: 3f2a9c1\n" in merged
    assert "\n=========\n" in merged
    assert "\n>>>>>>>>> theirs: nia/dose \n" in merged


NOTES: Final = "clients/c-001/notes.yaml"
LONG: Final = """\
notes:
  - id: n-1
    at: 2026-11-20T10:15
    text: |
      Maria called about the rail.
      It came loose on Sunday.
      She will be there on Friday.
    author: dana
"""


def test_a_text_of_several_lines_merges_by_its_lines(repository: Path) -> None:
    write(repository, LONG, NOTES)
    both(
        repository,
        LONG.replace("about the rail", "about the new rail"),
        LONG.replace("on Friday", "on Saturday"),
        NOTES,
    )
    merge(repository, 0)
    assert text(repository, NOTES) == LONG.replace("about the rail", "about the new rail").replace("Friday", "Saturday")


def test_the_same_line_of_a_text_is_asked_about(repository: Path) -> None:
    write(repository, LONG, NOTES)
    both(repository, LONG.replace("on Sunday", "on Monday"), LONG.replace("on Sunday", "on Tuesday"), NOTES)
    merge(repository, 1)
    found = sections(text(repository, NOTES))
    assert "on Monday" in found["ours"]
    assert "on Tuesday" in found["theirs"]
    assert "`text` was changed on both sides" in words(text(repository, NOTES))


def test_two_fields_of_a_note_merge(repository: Path) -> None:
    write(repository, LONG, NOTES)
    both(repository, LONG + "    minutes: 5\n", LONG.replace("on Sunday", "on Monday"), NOTES)
    merge(repository, 0)
    assert text(repository, NOTES) == LONG.replace("on Sunday", "on Monday") + "    minutes: 5\n"


def test_one_file_begun_on_both_sides(repository: Path) -> None:
    name = "clients/c-001/measurements.yaml"
    (repository / name).unlink(missing_ok=True)
    git(repository, "commit", "-qam", "none yet", code=None)
    supply = "measurements:\n  - {{id: {0}, date: 2026-11-20, kind: weight, value: 61.2, unit: kg}}\n"
    both(repository, supply.format("a"), supply.format("b"), name)
    merge(repository, 0)
    assert text(repository, name) == supply.format("a") + supply.format("b").partition("\n")[2]


@pytest.mark.parametrize("form", ["crlf", "bom", "open end"])
def test_the_form_of_the_file_stays(repository: Path, form: str) -> None:
    def formed(content: str) -> str:
        return {
            "crlf": content.replace("\n", "\r\n"), "bom": "\ufeff" + content, "open end": content.removesuffix("\n"),
        }[form]  # fmt: skip

    write(repository, formed(FILE))
    both(repository, formed(DOSE), formed(FILE.replace("calcium, name: Calcium", "calcium, name: Calcium D")))
    merge(repository, 0)
    assert text(repository) == formed(DOSE.replace("calcium, name: Calcium", "calcium, name: Calcium D"))


# --- when carectl cannot ---------------------------------------------------------------------------------------------


def test_a_side_that_cannot_be_read_is_never_kept_alone(repository: Path, carectl: Carectl) -> None:
    broken = FILE.replace("name: Furosemide\n", 'name: "Furosemide\n')
    both(repository, broken, FILE.replace("Calcium,", "Calcium D,"))
    done = merge(repository, 1)
    assert "carectl cannot merge these records" in done.stderr
    merged = text(repository)
    # Git's own merge of the lines, and words on top that check refuses.
    assert merged.endswith(broken.replace("Calcium,", "Calcium D,"))
    assert merged.startswith(HEADER)
    assert "merge-unresolved" in carectl("check", "--no-cache", "clients/c-001").out


def test_a_side_that_cannot_be_read_and_lines_that_collide(repository: Path) -> None:
    both(repository, DOSE.replace("name: Furosemide\n", 'name: "Furosemide\n'), FILE.replace("20 mg", "30 mg"))
    merge(repository, 1)
    merged = text(repository)
    assert "<<<<<<<" in merged
    assert "40 mg" in merged
    assert "30 mg" in merged


def test_an_id_that_stands_twice_is_no_base_for_a_merge(repository: Path) -> None:
    both(repository, FILE + NEW.format(id="calcium", name="Calcium"), DOSE)
    done = merge(repository, 1)
    assert "the id calcium stands twice" in done.stderr
    assert text(repository).count("id: calcium") == 2


def test_a_bug_ends_in_gits_own_merge(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from carectl.commands import merging

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(merging, "merged", fail)
    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for path, content in zip(paths, (FILE, DOSE, TIMES.replace("40 mg", "20 mg")), strict=True):
        path.write_text(content, encoding="utf-8")
    assert merging.drive([*map(str, paths), "7", "clients/c-001/medications.yaml"], {"PATH": "/usr/bin:/bin"}) == 1
    merged = paths[1].read_text(encoding="utf-8")
    assert "40 mg" in merged
    assert "14:00" in merged
    assert HEADER in merged or "<<<<<<<" in merged


def test_what_is_no_record_merges_by_lines(tmp_path: Path) -> None:
    from carectl.commands.merging import drive

    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    lines = [f"line {number}\n" for number in range(9)]
    for path, changes in zip(paths, ({}, {0: "ours\n"}, {8: "theirs\n"}), strict=True):
        path.write_text("".join(changes.get(n, line) for n, line in enumerate(lines)), encoding="utf-8")
    assert drive([*map(str, paths), "7", "docs/letter.yaml"], {"PATH": "/usr/bin:/bin"}) == 0
    assert paths[1].read_text(encoding="utf-8") == "".join(["ours\n", *lines[1:8], "theirs\n"])


def test_a_scan_that_both_changed_is_not_merged(tmp_path: Path) -> None:
    from carectl.commands.merging import drive

    paths = [tmp_path / name for name in ("base", "ours", "theirs")]
    for number, path in enumerate(paths):
        path.write_bytes(b"\x00\x01" + bytes([number]))
    assert drive([*map(str, paths), "7", "clients/c-001/scan.pdf"], {"PATH": "/usr/bin:/bin"}) == 1
    assert paths[1].read_bytes() == b"\x00\x01\x01"


def test_two_notes_of_one_day_may_both_stay(repository: Path, carectl: Carectl) -> None:
    """Two colleagues write on one day, and both notes get the first id of that day."""
    entry = "  - {{id: n-2026-11-20-{}, at: 2026-11-20T{}, text: {}, author: dana}}\n"
    write(repository, "notes:\n" + entry.format(1, "09:00", "Called"), NOTES)
    old = text(repository, NOTES)
    both(
        repository,
        old + entry.format(2, "10:00", "Fell") + entry.format(3, "11:00", "Slept"),
        old + entry.format(2, "10:30", "Ate") + entry.format(3, "11:30", "Sang"),
        NOTES,
    )
    merge(repository, 1)
    said = words(text(repository, NOTES))
    assert "keep both, with the new id n-2026-11-20-4 for one of them" in said
    assert "keep both, with the new id n-2026-11-20-5 for one of them" in said
    assert "Delete the other" not in said


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("iron", "iron-2"),
        ("m-9", "m-10"),
        ("v-2026-11-22", "v-2026-11-22-2"),
        ("g-2026-11", "g-2026-11-2"),
        ("7", "7-2"),
    ],
)
def test_the_id_that_is_proposed(name: str, free: str) -> None:
    assert _free_id(name, {name}) == free
    assert _free_id(name, {name, free}) not in {name, free}


def test_two_entries_of_one_day_without_ids_may_both_stay(repository: Path) -> None:
    plan = "clients/c-001/care-plan.yaml"
    old = text(repository, plan)
    place = old.index("progress:")
    line = old.index("\n", place) + 1
    column = len(old[line:]) - len(old[line:].lstrip(" "))
    entry = " " * column + "- {{date: 2026-11-22, note: {}}}\n"
    ours, theirs = (old[:line] + entry.format(word) + old[line:] for word in ("Walked", "Stood"))
    both(repository, ours, theirs, plan)
    merge(repository, 1)
    said = words(text(repository, plan))
    assert "Are they two different things? Then both hold: keep both." in said
    assert "new id" not in said


def test_a_split_file_is_not_called_taken_out(repository: Path) -> None:
    entry = "  - {{id: v-{0}, start: 2026-{0}T10:00, minutes: {1}, service: personal care}}\n"
    first, second = "clients/c-001/visits.yaml", "clients/c-001/visits/2026-11.yaml"
    git(repository, "rm", "-rq", "--ignore-unmatch", "clients/c-001/visits", first)
    many = "".join(entry.format(f"11-{day}", 60) for day in range(10, 28))
    write(repository, "visits:\n" + entry.format("10-05", 60) + many, first)
    git(repository, "checkout", "-qb", "branch")
    write(repository, "visits:\n" + entry.format("10-05", 90) + many, first)
    git(repository, "checkout", "-q", "main")
    git(repository, "rm", "-q", first)
    (repository / second).parent.mkdir(parents=True)
    write(repository, "visits:\n" + many, second)
    write(repository, "visits:\n" + entry.format("10-05", 60), second.replace("11", "10"))
    merge(repository, 1)
    said = words(text(repository, second))
    assert "the visit v-10-05 was changed on one side, and is not in this file any more on the other" in said
    assert "Look whether it stands in another file of visits/ now" in said
    assert "here (ours): not in this file any more" in said
    assert "taken out on one side" not in said

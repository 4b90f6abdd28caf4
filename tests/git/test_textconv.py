"""What git shows of care: `git diff`, `log -p`, `show`, `blame`, `--word-diff` through the driver, and without it."""

from __future__ import annotations

import copy
import io
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl
from helpers_clone import CARECTL, EXAMPLE, MEDICATIONS, edit, git, gone
from helpers_clone import alone as alone
from helpers_clone import clone as clone
from hypothesis import given
from hypothesis import strategies as st

from carectl.caseload import git_setup, reader
from carectl.caseload.identities import Group, build, canonical
from carectl.commands.flattening import flat, kind_of
from carectl.output.flat import lines


def signed(text: str) -> list[str]:
    """The lines of a diff that went and came."""
    return [line for line in text.splitlines() if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")]


DOSE = ["-medications[vitamin-d Vitamin D] > dose: 2.5 tablets", "+medications[vitamin-d Vitamin D] > dose: 5 tablets"]


@pytest.fixture
def changed(clone: Path, carectl: Carectl) -> Path:
    """A clone with the driver, in which a second commit changed a dose, moved its entry and took comments away."""
    assert carectl("git", "setup").code == 0
    text = (clone / MEDICATIONS).read_text(encoding="utf-8")
    head, *entries = text.split("  - id: ")
    moved = next(entry for entry in entries if entry.startswith("vitamin-d"))
    entries.remove(moved)
    entries.insert(0, moved.replace("dose: 2.5 tablets", "dose: 5 tablets  # as ordered"))
    text = "\n".join(line for line in head.splitlines() if not line.startswith("#")) + "\n"
    (clone / MEDICATIONS).write_text(text + "".join(f"  - id: {entry}" for entry in entries), encoding="utf-8")
    return clone


def test_diff_show_log_and_words(changed: Path) -> None:
    assert signed(git(changed, "diff").stdout) == DOSE
    assert signed(git(changed, "diff", "--stat", "-p").stdout) == DOSE
    words = git(changed, "diff", "--word-diff").stdout
    assert "medications[vitamin-d Vitamin D] > dose: [-2.5-]{+5+} tablets" in words
    git(changed, "commit", "-qam", "c-001 medications: 1 file", "--no-verify")
    assert signed(git(changed, "show").stdout) == DOSE
    assert signed(git(changed, "log", "-p", "-1").stdout) == DOSE
    assert signed(git(changed, "log", "-p", "-1", "-G", "5 tablets", "--", MEDICATIONS).stdout) == DOSE
    # What is sent by mail or applied elsewhere is the file itself.
    assert "# as ordered" in git(changed, "format-patch", "--stdout", "-1").stdout
    # No converted text is kept.
    assert git(changed, "for-each-ref", "refs/notes").stdout == ""


def test_blame_tells_who_last_changed_a_dose(changed: Path) -> None:
    first = git(changed, "rev-parse", "HEAD").stdout.strip()
    git(changed, "commit", "-qam", "x", "--no-verify", "--author", "Jo Park <jo@lakeside.example>")
    second = git(changed, "rev-parse", "HEAD").stdout.strip()
    who: dict[str, str] = {}
    commit = ""
    for line in git(changed, "blame", "--line-porcelain", MEDICATIONS).stdout.splitlines():
        if line.startswith((first, second)):
            commit = line[:40]
        elif line.startswith("\t"):
            who[line[1:]] = commit
    assert {text for text, by in who.items() if by == second} == {DOSE[1][1:]}
    assert who["medications[vitamin-d Vitamin D] > name: Vitamin D"] == first


def test_layout_alone_shows_no_line(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    path = clone / MEDICATIONS
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8").replace('"', "'"), encoding="utf-8")
    assert signed(git(clone, "diff").stdout) == []
    assert git(clone, "status", "--porcelain").stdout == f" M {MEDICATIONS}\n"
    git(clone, "commit", "-qam", "layout")
    assert MEDICATIONS in git(clone, "show", "--stat").stdout
    assert signed(git(clone, "show").stdout) == []


def test_a_file_that_cannot_be_read_is_shown_as_it_is(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: [")
    said = signed(git(clone, "diff").stdout)
    assert "+    dose: [" in said
    assert "-medications[vitamin-d Vitamin D] > dose: 2.5 tablets" in said


@pytest.mark.parametrize("how", ["not there", "cannot be run", "crashes", "too old"])
def test_git_goes_on_without_carectl(
    how: str, clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "carectl"
    program.parent.mkdir()
    script = {
        "not there": None,
        "cannot be run": "#!/nowhere/python\n",
        "crashes": "#!/bin/sh\necho 'Traceback' >&2\nexit 1\n",
        "too old": "#!/bin/sh\necho 'no such command' >&2\nexit 2\n",
    }[how]
    if script:
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    gone(monkeypatch, str(program))
    carectl("git", "setup")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    wanted = ["-    dose: 2.5 tablets", "+    dose: 5 tablets"]
    done = git(clone, "diff")
    assert (signed(done.stdout), done.stderr) == (wanted, "")
    git(clone, "commit", "-qam", "x", "--no-verify")
    assert signed(git(clone, "show").stdout) == wanted
    assert signed(git(clone, "log", "-p", "-1").stdout) == wanted
    assert "    dose: 5 tablets" in git(clone, "blame", MEDICATIONS).stdout


def test_one_on_path_is_taken_if_the_one_of_setup_is_gone(
    clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone(monkeypatch)
    carectl("git", "setup")
    monkeypatch.setenv("PATH", f"{CARECTL.parent}:/usr/bin:/bin")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    assert signed(git(clone, "diff").stdout) == DOSE


def test_a_colleague_without_setup_sees_the_lines(clone: Path, carectl: Carectl, tmp_path: Path) -> None:
    carectl("git", "setup")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(clone, "commit", "-qam", "x")
    git(tmp_path, "clone", "-q", str(clone), "hers")
    assert signed(git(tmp_path / "hers", "show").stdout) == ["-    dose: 2.5 tablets", "+    dose: 5 tablets"]


# --- the lines -------------------------------------------------------------------------------------------------------


def flattened(kind: str, data: object) -> list[str]:
    node, faults = build(kind, data)
    assert not faults
    assert isinstance(node, Group)
    return list(lines(node))


def test_the_lines_of_a_file() -> None:
    found = flattened(
        "medications",
        {
            "medications": [
                {"id": "furosemide", "name": "Furosemide", "dose": "1 tablet", "times": ["18:00", "08:00"],
                 "strength": 2, "as_needed": {"reason": "Short of breath", "max_per_day": 2},
                 "x-note": {"b": [1, "1"], "a": None}},
                {"id": "aspirin", "name": "Aspirin", "dose": "", "schedule": "Mondays\n  at noon\n"},
            ]
        },
    )  # fmt: skip
    assert found == [
        'medications[aspirin Aspirin] > dose: ""',
        "medications[aspirin Aspirin] > id: aspirin",
        "medications[aspirin Aspirin] > name: Aspirin",
        "medications[aspirin Aspirin] > schedule | Mondays",
        'medications[aspirin Aspirin] > schedule | "  at noon"',
        "medications[furosemide Furosemide] > as_needed > max_per_day: 2",
        "medications[furosemide Furosemide] > as_needed > reason: Short of breath",
        "medications[furosemide Furosemide] > dose: 1 tablet",
        "medications[furosemide Furosemide] > id: furosemide",
        "medications[furosemide Furosemide] > name: Furosemide",
        'medications[furosemide Furosemide] > strength: "2"',
        "medications[furosemide Furosemide] > times: 08:00",
        "medications[furosemide Furosemide] > times: 18:00",
        'medications[furosemide Furosemide] > x-note: {"a": null, "b": [1, "1"]}',
    ]


def test_what_is_known_by_more_than_an_id() -> None:
    contact = {"id": "maria", "name": "Maria Alvarez", "sharing": [{"given": "2026-08-03", "basis": "agreed"}]}
    found = flattened("contacts", {"contacts": [contact, {"id": "bob", "name": "Bob"}]})
    assert found[0] == "contacts > order: maria, bob"
    assert "contacts[maria Maria Alvarez] > sharing[2026-08-03 agreed] > basis: agreed" in found
    assert (
        flattened("contacts", {"contacts": [{"id": "bob", "name": "Bob"}, contact]})[0]
        == "contacts > order: bob, maria"
    )
    assert flattened("medications", {"medications": "none"}) == ["medications: none"]
    assert flattened("visits", {"visits": [{"id": "v", "staff": []}]})[-1] == "visits[v] > staff: []"
    long = flattened("client", {"diagnoses": [{"text": "x" * 200, "since": "2020-01"}]})
    assert long[0] == f"diagnoses[{'x' * 59}…] > since: 2020-01"
    staff = flattened("staff", {"id": "jo", "name": {"given": "Jo", "family": "Park"}})
    assert staff == ["id: jo", "name > family: Park", "name > given: Jo"]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("medications.yaml", None, "medications"),
        ("/tmp/git-blob-x1/medications.yaml", {}, "medications"),
        ("/tmp/aB3xY9_care-plan.yaml", {}, "care-plan"),
        ("/tmp/aB3xY9_carectl.yaml", {}, "practice"),
        ("clients/c-002/visits/2026-11.yaml", {"visits": []}, "visits"),
        ("/tmp/aB3xY9_series.yaml", {"series": [], "x-mine": 1}, "visits"),
        ("staff/jo-park.yaml", {"id": "jo", "name": {}, "role": "x"}, "staff"),
        ("-", {"notes": []}, "notes"),
        ("jo-park.yaml", {"id": "jo"}, None),
        ("other.yaml", {"visits": [], "notes": []}, None),
        ("other.yaml", {}, None),
        ("other.yaml", ["visits"], None),
    ],
)
def test_the_kind_of_a_file(name: str, data: object, kind: str | None) -> None:
    assert kind_of(name, data) == kind


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"medications: [",
        b"medications:\n<<<<<<< ours\n- {id: a}\n",
        b"medications: [{id: a, name: A}, {id: a, name: B}]\n",
        b"medications: [{name: A}]\n",
        b"medications: [{id: a, id: b}]\n",
        b"- a\n- b\n",
        b"medications: &x [{id: a}]\nx-y: *x\n",
        b"id: \x1b[31m\n",
    ],
)
def test_nothing_is_guessed_and_nothing_left_out(raw: bytes) -> None:
    assert flat(raw, "medications.yaml") == raw


@given(raw=st.binary(max_size=60))
def test_it_never_fails(raw: bytes) -> None:
    assert isinstance(flat(raw, "notes.yaml"), bytes)


def test_a_fault_of_its_own_shows_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carectl.output.flat.lines", lambda node: 1 / 0)
    assert flat(b"tasks: [{id: a, text: b}]\n", "tasks.yaml") == b"tasks: [{id: a, text: b}]\n"


def every_file() -> Iterator[tuple[str, Any]]:
    for path in sorted(EXAMPLE.rglob("*.yaml")):
        data = reader.read_reference(path.read_bytes(), path.name).data
        kind = kind_of(str(path), data)
        assert kind is not None, path
        yield kind, data


def leaves(data: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, (dict, list)):
        for key, inner in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(inner, (*way, key))
    else:
        yield way


def test_lines_differ_just_where_the_content_does() -> None:
    """Every value of the example is changed once, and every file shuffled."""
    dice = random.Random(7)
    tried = 0
    for kind, data in every_file():
        node, faults = build(kind, data)
        assert not faults
        assert isinstance(node, Group)
        before = list(lines(node))
        ways = list(leaves(data))
        for way in dice.sample(ways, min(len(ways), 20)):
            other = copy.deepcopy(data)
            at = other
            for key in way[:-1]:
                at = at[key]
            at[way[-1]] = f"{at[way[-1]]} else" if isinstance(at[way[-1]], str) else 987
            changed, faults = build(kind, other)
            if faults or not isinstance(changed, Group):
                continue
            tried += 1
            assert (list(lines(changed)) == before) == (canonical(changed) == canonical(node)), (kind, way)
        assert flattened(kind, _shuffled(data, dice)) == [*before]
    print(f"{tried} values changed")
    assert tried > 1_000


def _shuffled(data: Any, dice: random.Random, name: str = "") -> Any:
    if isinstance(data, dict):
        fields = list(data.items())
        dice.shuffle(fields)
        # What nothing tells apart is compared whole, in its order.
        return {key: value if key == "availability" else _shuffled(value, dice, key) for key, value in fields}
    if isinstance(data, list):
        items = [_shuffled(item, dice) for item in data]
        if name not in ("contacts", "between") and not any(isinstance(item, list) for item in items):
            dice.shuffle(items)
        return items
    return data


# --- the program -----------------------------------------------------------------------------------------------------


def test_from_standard_input_and_for_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [CARECTL, "git", "textconv", "-"], input=b"tasks: [{id: a, text: Call}]\n", capture_output=True, check=True
    )
    assert done.stdout == b"tasks[a] > id: a\ntasks[a] > text: Call\n"
    done = subprocess.run(
        [CARECTL, "git", "textconv", "--", "gone.yaml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"Traceback" not in done.stderr


def test_it_loads_little_and_does_not_mind_a_reader_that_goes() -> None:
    """Git starts it once for every version of every file that it shows."""
    program = (
        "import sys; sys.argv = ['carectl', 'git', 'textconv', '--', sys.argv[1]]\n"
        "import carectl.__main__ as door\n"
        "try: door.main()\n"
        "except SystemExit as done: assert done.code == 0, done.code\n"
        "print(sorted({'typer', 'rich', 'yaml', 'subprocess', 'click', 'asyncio'} & set(sys.modules)), file=sys.stderr)"
    )
    file = EXAMPLE / MEDICATIONS
    done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    line = f"'{CARECTL}' git textconv -- '{EXAMPLE / 'clients/c-001/assessments.yaml'}' | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


def test_the_slow_way_in_prints_the_same(carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(EXAMPLE / MEDICATIONS)
    fast = subprocess.run([CARECTL, "git", "textconv", "--", file], capture_output=True, text=True, check=True).stdout
    assert carectl("git", "textconv", file).out == fast
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(file).read_bytes())))
    assert carectl("git", "textconv", "-").out == fast


def test_the_ref_that_status_looks_for_is_the_one_that_git_would_make(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(clone, "commit", "-qam", "x")
    git(clone, "-c", "diff.carectl.cachetextconv=true", "show")
    assert git(clone, "for-each-ref", "--format=%(refname)", "refs/notes").stdout.split() == [git_setup.NOTES]
    assert carectl("git", "status").code == 1

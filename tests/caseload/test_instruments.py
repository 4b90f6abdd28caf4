"""The instruments that come with carectl and a practice's own: what is read, what is refused, and where it says so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from helpers_checks import Files
from helpers_cli import unmeasured

from carectl.caseload import instruments as room
from carectl.caseload import reader
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.instruments import BUILT_IN, Instruments, examine_own, faults_of
from carectl.caseload.load import Loader
from carectl.caseload.places import Places
from carectl.caseload.trees import FolderTree
from carectl.caseload.validate import convert
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Severity, Span
from carectl.resources import folder

OWN: Final = """\
id: ours
version: 1
title: Our two questions
mode: full
domain: mood
source: Our own
licence: Our own
scoring: {higher_is: worse}
items:
  - {id: one, label: One, points_if_yes: 1}
  - {id: two, label: Two, points_if_no: 2}
bands:
  - {from: 0, label: fine}
  - {from: 2, label: not fine}
"""
TOTAL: Final = """\
id: ours
version: 1
title: Our total
mode: score_only
domain: mood
source: Our own
licence: Our own
scoring: {higher_is: better, min: 0, max: 10}
bands:
  - {from: 0, label: fine}
"""
FILES: Final = sorted(BUILT_IN.glob("*.yaml"))


def told(files: dict[str, str]) -> list[str]:
    """What is said of a practice's folder: place, code and message."""
    tree = Files({f"instruments/{name}": text.encode() for name, text in files.items()})
    loader = Loader(tree)
    examine_own(loader)
    return [
        f"{f.path.removeprefix('instruments/')}:{f.at.line} {f.code}: {f.message}"
        for f in Places(tree).resolve(loader.met.findings)
        if isinstance(f.at, Span)
    ]


def of(files: dict[str, str]) -> Instruments:
    return Instruments(Files({f"instruments/{name}": text.encode() for name, text in files.items()}))


# --- the built-in ones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_built_in_instrument_is_read_the_fast_way_and_is_sound(path: Path) -> None:
    raw = path.read_bytes()
    found = convert(reader.read_ahead(raw), Instrument, path.name)
    assert found is not None, "it takes the slow way, or is faulty"
    assert found.id == path.stem
    assert list(faults_of(found)) == []
    assert found == Loader(FolderTree(BUILT_IN)).file(path.name, Instrument)
    assert reader.read_reference(raw, path.name).findings == ()


def test_check_jsonschema_accepts_every_built_in_instrument_and_refuses_a_misspelt_field(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(OWN.replace("title:", "titel:"), encoding="utf-8")
    schema = folder("schemas") / "instrument.schema.json"
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile", str(schema)]
    words = [*command, *map(str, FILES), str(wrong)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=unmeasured())
    report = json.loads(done.stdout)
    assert {Path(fault["filename"]).name for fault in report["errors"]} == {"wrong.yaml"}
    assert not report.get("parse_errors")


def test_the_mapping_holds_every_built_in_instrument_and_reads_only_what_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = of({})
    assert list(known) == sorted(path.stem for path in FILES)
    assert len(known) == len(FILES)
    read: list[str] = []
    shipped = room._shipped
    monkeypatch.setattr(room, "_shipped", lambda name: read.append(name) or shipped(name))  # type: ignore[func-returns-value]
    assert "phq-9" in known
    assert "phq9" not in known
    assert known.get("phq9") is None
    assert known["phq-9"] is known["phq-9"] is not None
    assert read == ["phq-9"]
    with pytest.raises(KeyError):
        known["phq9"]


def test_an_installation_without_instruments_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "BUILT_IN", tmp_path / "nowhere")
    with pytest.raises(EnvironmentProblem, match="install carectl again"):
        list(of({}))


# --- a practice's own ------------------------------------------------------------------------------------------------


def test_a_practice_brings_its_own() -> None:
    assert told({"ours.yaml": OWN, "README.md": "Ours"}) == []
    known = of({"ours.yaml": OWN})
    assert "ours" in known
    found = known["ours"]
    assert found is not None
    assert (found.title, found.lowest, found.highest, found.origin.path) == (
        "Our two questions", 0, 3, "instruments/ours.yaml",
    )  # fmt: skip


def test_a_practice_cannot_change_what_a_built_in_score_means_and_can_bring_items_for_a_score_only_one() -> None:
    phq, barthel = OWN.replace("id: ours", "id: phq-9"), OWN.replace("id: ours", "id: barthel")
    assert told({"phq-9.yaml": phq}) == [
        "phq-9.yaml:1 instrument-built-in: phq-9 comes with carectl, items and all",
    ]
    assert told({"barthel.yaml": barthel}) == []
    known = of({"phq-9.yaml": phq, "barthel.yaml": barthel})
    assert (known["phq-9"] or pytest.fail("gone")).highest == 27
    assert (known["barthel"] or pytest.fail("gone")).highest == 3


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ours.yaml": OWN.replace("title:", "titel:")}, ["ours.yaml:3 schema-unknown-key"]),
        ({"ours.yaml": OWN.replace("mode: full", "mode: whole")}, ["ours.yaml:4 schema-choice"]),
        ({"ours.yaml": OWN.replace("  - {id: two, label: Two", "  - {label: Two")}, ["ours.yaml:11 schema-missing"]),
        ({"ours.yaml": OWN.replace("id: ours", "id: theirs")}, ["ours.yaml:1 id-not-file-name"]),
        ({"ours.yaml": "a: [\n"}, ["ours.yaml:2 yaml-syntax"]),
        ({"Our Own.yaml": OWN}, ["Our Own.yaml:1 folder-name"]),
        ({"ours.yml": OWN}, ["ours.yml:1 file-unknown"]),
        ({"ours.yaml/a.txt": ""}, ["ours.yaml:1 file-unknown"]),
        ({"old/a.txt": "", "notes.txt": ""}, []),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_form_of_a_file_is_told_at_its_line(files: dict[str, str], said: list[str]) -> None:
    assert [line.split(": ")[0] for line in told(files)] == said


def test_nothing_is_scored_by_an_instrument_that_is_faulty_and_its_id_is_known() -> None:
    for text in (OWN.replace("title:", "titel:"), OWN.replace("from: 0", "from: 1"), "a: [\n"):
        known = of({"ours.yaml": text})
        assert "ours" in known
        assert known["ours"] is None


def test_a_folder_that_cannot_be_read_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Files({"instruments/ours.yaml": OWN.encode()})
    blocked = Finding("file-unreadable", Severity.ERROR, Span("instruments"), "it cannot be opened")
    monkeypatch.setattr(tree, "names", lambda _: blocked)
    loader = Loader(tree)
    examine_own(loader)
    assert loader.met.findings == [blocked]
    assert "ours" not in Instruments(tree)


CONTRADICTIONS: Final = [
    (OWN, "points_if_yes: 1}", "points_if_yes: 0}", 10, "whatever the answer is, this item counts the same"),
    (OWN, "id: two", "id: one", 11, "there is an item of this id above"),
    (OWN, "points_if_yes: 1}", "points_if_yes: 1, range: {min: 0, max: 3}}", 10, "answered in more than one way"),
    (OWN, "points_if_yes: 1}", "choices: [{points: 1, label: A}, {points: 1, label: B}]}", 10, "two choices have"),
    (OWN, "points_if_yes: 1}", "range: {min: 3, max: 1}}", 10, "the highest number is below the lowest"),
    (OWN, "points_if_yes: 1}", "range: {min: 0, points: [{from: 1, points: 0}, {from: 2, points: 1}]}}", 10, "begin"),
    (OWN, "points_if_yes: 1}", "range: {min: 0, points: [{from: 0, points: 0}, {from: 0, points: 1}]}}", 10, "go up"),
    (OWN, "points_if_yes: 1}", "range: {min: 0, max: 3}, task: Mend it}", 10, "answered yes or no can bring a task"),
    (OWN, "from: 0", "from: 1", 13, "must begin at the lowest score, which is 0"),
    (OWN, "from: 2", "from: 0", 14, "must begin above the one before it"),
    (OWN, "from: 2", "from: 4", 14, "no score reaches this band: the highest is 3"),
    (OWN, "from: 2", "from: norm", 14, "belong together"),
    (OWN, "from: 0", "from: norm", 13, "must be the last"),
    (OWN, "{higher_is: worse}", "{method: sum}", 8, "what a higher score means"),
    (OWN, "{higher_is: worse}", "{method: none}", 13, "has no bands"),
    (OWN, "{higher_is: worse}", "{higher_is: worse, max: 9}", 8, "for instruments of which only the score is kept"),
    (OWN, "bands:", "alerts: [{item: tow, finding: F, task: T}]\nbands:", 12, "there is no such item"),
    (OWN, "mode: full", "mode: score_only", 10, "of this instrument only the score is kept"),
    (TOTAL, "mode: score_only", "mode: full", 1, "this instrument has no items"),
    (TOTAL, ", max: 10", "", 8, "must say which scores there can be"),
    (TOTAL, "max: 10", "max: 0", 8, "must say which scores there can be"),
    (TOTAL, "max: 10", "max: 10, step: 0", 8, "`step` must be a number above 0"),
    (TOTAL, "from: 0", "from: 1", 10, "must begin at the lowest score"),
    (TOTAL, "{from: 0, label: fine}", "{from: 0, label: low}\n  - {from: norm, label: fine}\nnorms:\n"
     "  - {from_age: 60, to_age: 64, female: 3, male: 4}\n  - {from_age: 64, to_age: 69, female: 3, male: 4}", 14,
     "no age may stand"),
    (TOTAL, "{from: 0, label: fine}", "{from: 0, label: low}\n  - {from: norm, label: fine}\nnorms:\n"
     "  - {from_age: 60, to_age: 64, female: 0, male: 4}", 13, "must begin above the one before it"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "line", "words"), CONTRADICTIONS, ids=lambda value: str(value)[:40])
def test_an_instrument_that_contradicts_itself_is_told_at_its_line(
    text: str, old: str, new: str, line: int, words: str
) -> None:
    assert text.count(old) == 1
    found = told({"ours.yaml": text.replace(old, new)})
    assert any(re.match(rf"ours\.yaml:{line} instrument-unusable: .*{re.escape(words)}", item) for item in found), found

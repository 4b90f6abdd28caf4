"""A second implementation agrees: every file of the example caseload passes check-jsonschema with our schemas."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS
from carectl.resources import folder

CASELOAD: Final = Path(__file__).resolve().parent.parent / "examples" / "caseload"


def files_by_kind(caseload: Path) -> dict[str, list[Path]]:
    """Every record file of a caseload, under its kind."""
    found: dict[str, list[Path]] = defaultdict(list)
    found["practice"].append(caseload / "carectl.yaml")
    found["staff"] += sorted(caseload.glob("staff/*.yaml"))
    for kind in CLIENT_KINDS:
        found[kind] += sorted([*caseload.glob(f"clients/*/{kind}.yaml"), *caseload.glob(f"clients/*/{kind}/*.yaml")])
    return found


def judge(kind: str, files: list[Path]) -> tuple[bool, dict[str, str]]:
    """Whether check-jsonschema accepts all files with the schema of a kind; what it says to each that it does not."""
    schema = folder("schemas") / f"{kind}.schema.json"
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile", str(schema)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    faults = {item["filename"]: item["message"] for item in report.get("errors", ())}
    faults |= {item["filename"]: item["message"] for item in report.get("parse_errors", ())}
    return done.returncode == 0, faults


def test_every_kind_has_its_schema_and_every_schema_its_kind() -> None:
    found = {path.name.removesuffix(".schema.json") for path in folder("schemas").glob("*.json")}
    assert found == set(FILE_KINDS)


def test_every_example_file_has_a_kind() -> None:
    known = {path for files in files_by_kind(CASELOAD).values() for path in files}
    assert set(CASELOAD.rglob("*.yaml")) == known


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_check_jsonschema_accepts_the_example(kind: str) -> None:
    files = files_by_kind(CASELOAD)[kind]
    assert files, f"the example has no {kind} file: the whole format should be in use"
    sound, faults = judge(kind, files)
    assert faults == {}
    assert sound


def test_check_jsonschema_refuses_what_is_wrong(tmp_path: Path) -> None:
    wrong = {
        "unknown_key.yaml": "tasks:\n  - {id: call-pt, text: Call PT, colour: red}\n",
        "missing_key.yaml": "tasks:\n  - {id: call-pt}\n",
        "bad_id.yaml": "tasks:\n  - {id: Call PT, text: Call PT}\n",
        "bad_date.yaml": "tasks:\n  - {id: call-pt, text: Call PT, due: 2026-02-30}\n",
    }
    for name, text in wrong.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    sound, faults = judge("tasks", sorted(tmp_path.iterdir()))
    assert not sound
    assert {Path(name).name for name in faults} == set(wrong)

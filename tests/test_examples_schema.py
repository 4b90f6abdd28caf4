"""A second implementation agrees with our schemas: check-jsonschema accepts and refuses the files that we do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import unmeasured

from carectl.caseload.block_records import SCHEMA_KINDS
from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS
from carectl.resources import folder

TESTS: Final = Path(__file__).resolve().parent
CASELOAD: Final = TESTS.parent / "examples" / "caseload"
CODES: Final = TESTS / "codes"


def files_by_kind(caseload: Path) -> dict[str, list[Path]]:
    """Every record file of a caseload, under its kind."""
    found: dict[str, list[Path]] = defaultdict(list)
    found["practice"].append(caseload / "carectl.yaml")
    found["staff"] += sorted(caseload.glob("staff/*.yaml"))
    for kind in CLIENT_KINDS:
        found[kind] += sorted([*caseload.glob(f"clients/*/{kind}.yaml"), *caseload.glob(f"clients/*/{kind}/*.yaml")])
    return found


_UNREADABLE: Final = ("yaml-", "merge-unresolved")
"""How the codes of files begin that hold no YAML at all."""


def codes_said(fragment: Path) -> set[str]:
    """The codes that we find in a file of a fragment, as its expected.txt has them."""
    folder = next(parent for parent in fragment.parents if parent.parent.parent == CODES)
    expected = folder / "expected.txt"
    lines = expected.read_text(encoding="utf-8").splitlines() if expected.is_file() else []
    name = fragment.relative_to(folder).as_posix()
    return {line.split(" ")[1] for line in lines if line.startswith(f"{name}:")}


def refused(kind: str, files: list[Path]) -> dict[Path, str]:
    """The files that check-jsonschema does not accept with the schema of a kind, and what it says."""
    schema = folder("schemas") / f"{kind}.schema.json"
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile", str(schema)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False, env=unmeasured())
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    faults = [*report.get("errors", ()), *report.get("parse_errors", ())]
    assert bool(faults) == bool(done.returncode)
    return {Path(fault["filename"]): fault["message"] for fault in faults}


def test_every_kind_has_its_schema_and_every_schema_its_kind() -> None:
    found = {path.name.removesuffix(".schema.json") for path in folder("schemas").glob("*.json")}
    assert found == set(SCHEMA_KINDS)


def test_every_example_file_has_a_kind() -> None:
    known = {path for files in files_by_kind(CASELOAD).values() for path in files}
    assert set(CASELOAD.rglob("*.yaml")) == known


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_check_jsonschema_says_of_every_file_what_we_say(kind: str) -> None:
    """It accepts the example, and of the fragments for single codes all but those in which we find a schema fault."""
    example = files_by_kind(CASELOAD)[kind]
    assert example, f"the example has no {kind} file: the whole format should be in use"
    fragments = [path for folder in sorted(CODES.glob("*/*")) for path in files_by_kind(folder)[kind] if path.is_file()]
    readable = {path for path in fragments if not any(code.startswith(_UNREADABLE) for code in codes_said(path))}
    if kind == "care-plan":
        # The schema is that of a whole plan; of the pieces in a folder only the first has to have a period.
        readable = {path for path in readable if path.parent.name != kind}
    wrong = {path for path in readable if any(code.startswith("schema-") for code in codes_said(path))}
    assert refused(kind, [*example, *sorted(readable)]).keys() == wrong


def test_check_jsonschema_refuses_what_is_wrong(tmp_path: Path) -> None:
    texts = {
        "right": "tasks:\n  - {id: call-pt, text: Call PT}\n",
        "unknown_key": "tasks:\n  - {id: call-pt, text: Call PT, colour: red}\n",
        "missing_key": "tasks:\n  - {id: call-pt}\n",
        "bad_id": "tasks:\n  - {id: Call PT, text: Call PT}\n",
        "bad_date": "tasks:\n  - {id: call-pt, text: Call PT, due: 2026-02-30}\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    found = refused("tasks", sorted(tmp_path.iterdir()))
    assert {path.stem for path in found} == texts.keys() - {"right"}

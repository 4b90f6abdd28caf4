"""Records: frozen, placed, and gone without a sound when Python shuts down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from carectl.caseload.records import FILE_KINDS, NOWHERE, Client, Name, Origin
from carectl.findings import Spot

EXAMPLE = Path(__file__).parents[2] / "examples" / "caseload"

LOAD = f"""
from pathlib import Path
from carectl.caseload.load import load
from carectl.caseload.trees import FolderTree
load(FolderTree(Path({str(EXAMPLE)!r})))
"""


def test_records_are_frozen() -> None:
    client = Client(id="c-1", name=Name(given="Rosa", family="Alvarez"), status="active")
    with pytest.raises(AttributeError):
        client.status = "discharged"  # type: ignore[misc]
    assert client.origin is NOWHERE


def test_an_origin_names_the_record_and_what_is_in_it() -> None:
    origin = Origin("clients/c-1/visits.yaml", ("visits", 2), frozenset({"note"}))
    assert origin.at() == Spot("clients/c-1/visits.yaml", ("visits", 2))
    assert origin.at("actual", "in") == Spot("clients/c-1/visits.yaml", ("visits", 2, "actual", "in"))
    assert origin == Origin("clients/c-1/visits.yaml", ("visits", 2), frozenset({"note"}))
    assert origin != Origin("clients/c-1/visits.yaml", ("visits", 2))


@pytest.mark.parametrize("kind", sorted(FILE_KINDS))
def test_no_file_can_say_where_it_stands_or_what_of_it_is_unread(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"origin": {"path": "x"}}, FILE_KINDS[kind])


@pytest.mark.parametrize("seed", range(8))
def test_shutting_down_is_quiet(seed: int) -> None:
    # Without the freeze at exit, msgspec crashed in two to four of ten such runs.
    done = subprocess.run(
        [sys.executable, "-c", LOAD], env={"PYTHONHASHSEED": str(seed), "PATH": ""}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")

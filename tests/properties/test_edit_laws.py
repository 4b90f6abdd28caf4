"""The laws of editing, on every file of the example and on generated ones.

fuzz_edit writes the files, chooses the edits and holds them to the laws: reading gives exactly the data that was
meant; every line that does not belong to the change stays as it was, byte for byte, comments and line breaks included;
a value set to what it is changes nothing; an entry added and removed again leaves no trace; nothing but CannotEdit is
raised, and that seldom.
"""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from fuzz import fuzz_edit as fuzz
from helpers_cli import Tell, unmeasured
from hypothesis import assume, given
from hypothesis import strategies as st

from carectl.caseload.edit import CannotEdit, Editor
from carectl.caseload.reader import read_reference

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLE: Final = ROOT / "examples" / "caseload"
FILES: Final = sorted(EXAMPLE.rglob("*.yaml"))
GENERATED: Final = 20_000
PARTS: Final = 4
PER_EXAMPLE: Final = 12


def hold(figures: fuzz.Figures, title: str, tell: Tell) -> None:
    """Few edits are refused; say how many."""
    tell(f"{title}: {figures}")
    assert figures.refused.total() <= fuzz.MAX_REFUSED * figures.edits


@pytest.mark.parametrize("seed", range(20261122, 20261122 + PARTS))
def test_generated_edits(seed: int, tell: Tell) -> None:
    program = [sys.executable, "-m", "tests.fuzz.fuzz_edit", "--count", str(GENERATED // PARTS), "--seed", str(seed)]
    done = subprocess.run(program, cwd=ROOT, env=unmeasured(), capture_output=True, text=True, check=False)
    tell(f"generated files: {done.stdout}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"edits: {GENERATED // PARTS:,} ran, ")


def test_edits_of_every_file_of_the_example(tell: Tell) -> None:
    figures = fuzz.Figures()
    for path in FILES:
        raw = path.read_bytes()
        rng = random.Random(path.name)
        known = list(fuzz.places(read_reference(raw, "f").data))
        for _ in range(PER_EXAMPLE):
            fuzz.same_again(raw, rng.choice(known)[0])
            fuzz.try_edit(raw, fuzz.edit_of(rng, raw), figures)
    assert figures.edits >= 60 * PER_EXAMPLE
    hold(figures, "files of the example", tell)


@given(st.integers(0, 2**63))
def test_any_generated_edit(seed: int) -> None:
    rng = random.Random(seed)
    raw = fuzz.untidy_file(rng)
    fuzz.try_edit(raw, fuzz.edit_of(rng, raw), fuzz.Figures())


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.text(max_size=40), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@given(st.integers(0, 2**63), values)
def test_any_value(seed: int, value: object) -> None:
    """A value that a file can hold is read back; one that it cannot is refused."""
    rng = random.Random(seed)
    raw = fuzz.untidy_file(rng)
    outline = fuzz.Outline(raw)
    known = [keys for keys, _ in fuzz.places(outline.data) if keys]
    assume(known)
    keys = rng.choice(known)
    fuzz.try_edit(raw, fuzz.set_edit(outline, keys, value), fuzz.Figures())


@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    try:
        editor = Editor(raw, "f.yaml")
        editor.set(("a",), "x")
    except CannotEdit:
        return
    assert read_reference(editor.result(), "f.yaml").findings == ()


# --- the laws themselves: they report what they should ---------------------------------------------------------------

LAWFUL = b"a:\n  - b: 1  # c\n  - b: 2\n"


@pytest.mark.parametrize(
    ("new", "wrong"),
    [
        (b"a:\n  - b: 1  # c\n  - b: 3\n", None),
        (b"a:\n  - b: 1  # c\n  - b: 4\n", "the data"),
        (b'a:\n  - b: 1  # c\n  - b: "3"\n', "the data"),
        (b"a:\n  - b: 1\n  - b: 3\n", "lines that do not belong"),
        (b"a:\n- b: 1  # c\n- b: 3\n", "lines that do not belong"),
        (b"a:\n  - b: 1  # c\n  - b: 3\n\n", "more lines than"),
        (b"a:\r\n  - b: 1  # c\n  - b: 3\n", "line breaks above"),
        (b"a:\n  - b: 1  # c\n  - b: 3", "lines that do not belong"),
        (b"\xef\xbb\xbfa:\n  - b: 1  # c\n  - b: 3\n", "the byte order mark"),
        (b"a:\n  - b: 1  # c\n  - b: 3\n  - *b\n", "a finding"),
    ],
)
def test_a_breach_is_reported(new: bytes, wrong: str | None) -> None:
    found = fuzz.fault_of(LAWFUL, new, fuzz.set_edit(fuzz.Outline(LAWFUL), ("a", 1, "b"), 3))
    assert (found is None) if wrong is None else (found is not None and found.startswith(wrong)), found

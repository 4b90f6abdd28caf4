"""What holds for every file: nothing is raised, both readers agree, and places point at what was written."""

from __future__ import annotations

import random
import re
from typing import Any

from fuzz import fuzz_reader as fuzz
from hypothesis import example, given, settings
from hypothesis import strategies as st

from carectl.caseload import reader
from carectl.caseload.reader import UNREAD, read_ahead, read_reference
from carectl.findings import Keys

words = st.sampled_from(fuzz.WORDS)
soups = st.lists(st.one_of(words, st.sampled_from(fuzz.SIGNS)), max_size=25).map("".join)
seeds = st.integers(0, 2**63)


def assert_right(raw: bytes) -> str | None:
    """Both readers answer with the documented types, and agree; whether the fast one took the file."""
    answer = fuzz.fault_of(raw)
    assert answer in (None, "fast"), answer
    return answer


@given(st.binary(max_size=80))
def test_any_bytes(raw: bytes) -> None:
    assert_right(raw)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    assert_right(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=1_000)
@given(soups)
@example("a: {[[]]} \n")
@example("- in0:  [True, 9007199254740993, ]")
@example("a:\n  b: >-\n  :   c\n")
@example("a: |\n  b")
@example("a: [&a 60201]")
def test_any_soup_of_signs(text: str) -> None:
    assert_right(text.encode())


@settings(max_examples=1_000)
@given(seeds, st.sampled_from((fuzz.mutant, fuzz.lines)))
def test_records_in_which_something_went_wrong(seed: int, generate: Any) -> None:
    assert_right(generate(random.Random(seed)))


def test_a_record_cut_short_at_every_byte() -> None:
    for sample in fuzz.SAMPLES:
        raw = sample.encode()
        for end in range(len(raw) + 1):
            assert_right(raw[:end])
            assert_right(raw[:end].replace(b"\n", b"\r\n"))


def test_the_fast_reader_takes_its_part() -> None:
    taken = [assert_right(raw) for raw in fuzz.inputs(2_000, seed=7)]
    assert taken.count("fast") > 100


# --- documents that were written from data: what was written where is known

UNQUOTED = [word for word in fuzz.WORDS if re.fullmatch(r"[^\W\d][\w ]*|[0-9][0-9.]*|[0-9]+[hm]", word)]
plain = st.sampled_from(UNQUOTED)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=12)
keys = st.one_of(st.sampled_from(["id", "note", "é", "x-y", "😀"]), texts.filter(bool))
leaves = st.one_of(plain, texts)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(keys, inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


class Writer:
    """Writes a tree, and notes where every key and scalar begins and ends."""

    def __init__(self, flow: bool) -> None:
        self.flow = flow
        self.text = ""
        self.values: dict[Keys, tuple[int, int, str]] = {}
        self.keys: dict[Keys, tuple[int, int]] = {}

    def scalar(self, text: str, quoted: bool) -> tuple[int, int, str]:
        start = len(self.text)
        self.text += "'" + text.replace("'", "''") + "'" if quoted else text
        return start, len(self.text), text

    def write(self, tree: object, at: Keys, indent: int) -> None:
        if isinstance(tree, str):
            self.values[at] = self.scalar(tree, quoted=tree not in UNQUOTED)
            self.text += "" if self.flow else "\n"
        elif self.flow:
            self.write_flow(tree, at)
        else:
            self.write_block(tree, at, indent)

    def write_flow(self, tree: object, at: Keys) -> None:
        start = len(self.text)
        self.text += "{" if isinstance(tree, dict) else "["
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):  # type: ignore[arg-type]
            if isinstance(key, str):
                self.keys[(*at, key)] = self.scalar(key, quoted=True)[:2]
                self.text += ": "
            self.write(value, (*at, key), 0)
            self.text += ", "
        self.text += "}" if isinstance(tree, dict) else "]"
        self.values[at] = (start, len(self.text), "")

    def write_block(self, tree: object, at: Keys, indent: int) -> None:
        for number, (key, value) in enumerate(tree.items() if isinstance(tree, dict) else enumerate(tree)):  # type: ignore[arg-type]
            # The first entry of what is in a list stands behind its dash.
            self.text += "" if number == 0 and self.text.endswith("- ") else " " * indent
            if isinstance(key, str):
                self.keys[(*at, key)] = self.scalar(key, quoted=True)[:2]
                self.text += ": " if isinstance(value, str) else ":\n"
            else:
                self.text += "- "
            self.write(value, (*at, key), indent + 2)


def at_line_and_column(text: str, line: int, column: int) -> int:
    return sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column - 1


@given(trees, st.booleans(), st.sampled_from(("\n", "\r\n")), st.sampled_from(("", "\ufeff")), st.booleans())
def test_places_point_at_what_was_written(tree: object, flow: bool, end: str, mark: str, comment: bool) -> None:
    writer = Writer(flow)
    writer.text = "# é😀\n" if comment else ""
    writer.write(tree, (), 0)
    document = read_reference((mark + writer.text.replace("\n", end)).encode(), "f.yaml")
    assert document.findings == ()
    for keys, (start, stop, typed) in writer.values.items():
        if keys:
            assert between(document.span(keys), writer.text) == (start, stop)
        assert document.typed(keys) == typed
    for keys, place in writer.keys.items():
        assert between(document.span(keys, "key"), writer.text) == place
    assert [found.text for found in document.comments()] == (["# é😀"] if comment else [])


def between(span: Any, text: str) -> tuple[int, int]:
    return at_line_and_column(text, span.line, span.column), at_line_and_column(text, span.end_line, span.end_column)


@given(
    st.one_of(
        st.integers(-(10**20), 10**20), st.floats(-1e9, 1e9, allow_nan=False), st.text("0123456789.-+eEx_", max_size=20)
    )
)
def test_a_number_is_what_was_typed_or_text(number: float | str) -> None:
    typed = str(number)
    data: Any = read_reference(f"a: {typed}\n".encode(), "f.yaml").data
    if data is UNREAD or data["a"] is None:
        return
    value = data["a"]
    if isinstance(value, int):
        assert str(value) == typed
    elif isinstance(value, float):
        assert float(typed) == value
        assert format(value, f".{len(typed.partition('.')[2])}f") == typed
    else:
        assert value == typed
    ahead: Any = read_ahead(f"a: {typed}\n".encode())
    assert ahead is UNREAD or repr(ahead) == repr(data)


def test_the_names_of_constants_are_the_same_to_both() -> None:
    for word in (*fuzz.WORDS, *reader._CONSTANTS):
        for line in (f"a: {word}\n", f"- {word}\n", f"a: [{word}, b]\n", f"a: {{b: {word}}}\n", f"{word}: a\n"):
            assert_right(line.encode())

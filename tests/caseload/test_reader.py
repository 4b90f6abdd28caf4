"""What the reader reads, what it refuses, and where it says so: one small file at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from carectl.caseload import faults, reader
from carectl.caseload.reader import UNREAD, Comment, fetch, read_ahead, read_reference
from carectl.findings import Finding, Severity, Span, codes_in

if TYPE_CHECKING:
    from pathlib import Path

Place = tuple[int, int, int, int]


def read(text: str | bytes) -> reader.Document:
    return read_reference(text.encode() if isinstance(text, str) else text, "f.yaml")


def found(text: str | bytes) -> list[tuple[str, int, int]]:
    """Code, line and column of every finding."""
    return [(finding.code, *place(finding)[:2]) for finding in read(text).findings]


def place(finding: Finding) -> Place:
    assert isinstance(finding.at, Span)
    return finding.at[1:]


# --- what is read


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("7", 7),
        ("-3", -3),
        ("60201", 60201),
        ("123456789012345678", 123456789012345678),
        ("-123456789012345678", -123456789012345678),
        ("61.2", 61.2),
        ("0.5", 0.5),
        ("-0.5", -0.5),
        ("0.00001", 0.00001),
        ("12345678.1234567", 12345678.1234567),
    ],
)
def test_constants_and_canonical_numbers(typed: str, value: object) -> None:
    document = read(f"a: {typed}\nb: [{typed}]\n" if typed else "a: \nb: [~]\n")
    assert repr(document.data) == repr({"a": value, "b": [value]})  # the repr tells 1 from 1.0 and True
    assert document.typed(("a",)) == typed
    assert document.findings == ()


TEXTS = """01 +1 1.10 1e3 .5 1. -0 0x1f 1_000 .inf -.inf .nan 0o17 0b11 00 -01 01230 1.0 0.0 -0.0 00.5 1.5e3 1,5
    12:30 12:30:45 10:30 2026-11-22 2026-11-22T09:00 True TRUE False NULL Null yes no on off y n nan inf Infinity
    1234567890123456789 -1234567890123456789 12345678901234567890123456789012345678901234567890 0.1234567890123456
    123456789.12345678 = 2h 45m 1h30m 14d 6mo 1.2.3 ١٢ _1 0_ ... .. tRUE ~~ 1-2 -- +"""


@pytest.mark.parametrize("typed", TEXTS.split())
def test_all_else_is_text(typed: str) -> None:
    document = read(f"a: {typed}\n")
    assert document.data == {"a": typed}
    assert document.typed(("a",)) == typed
    assert document.findings == ()


@pytest.mark.parametrize("typed", ["true", "null", "~", "7", "1.5", ""])
def test_quoted_and_block_texts_are_text(typed: str) -> None:
    assert read(f"a: '{typed}'\nb: \"{typed}\"\n").data == {"a": typed, "b": typed}
    assert read(f"a: |-\n  {typed or 'x'}\n").data == {"a": typed or "x"}


def test_keys_are_text_as_typed() -> None:
    text = "1: a\ntrue: b\n1.10: c\n2026-11-20: d\n'q': e\n? f\n: g\nno: h\n"
    keys = ["1", "true", "1.10", "2026-11-20", "q", "f", "no"]
    data = read(text).data
    assert isinstance(data, dict)
    assert list(data) == keys


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments\n", "\ufeff", "---\n", "--- \n...\n", "\ufeff# x"])
def test_a_file_without_content_is_none(text: str) -> None:
    document = read(text)
    assert document.data is None
    assert document.findings == ()
    assert document.unread == frozenset()
    assert document.span(("a", 3))[:2] == ("f.yaml", 1)


def test_texts_of_every_style() -> None:
    text = textwrap.dedent(
        """\
        plain: over
          two lines
        double: "say \\"x\\" \\u00e9
          folded"
        single: 'it''s'
        block: |
          one
           two

        folded: >-
          three
          four
        flow: {a: [b, 'c', {d: "e"}], f: g}
        """
    )
    assert read(text).data == {
        "plain": "over two lines",
        "double": 'say "x" é folded',
        "single": "it's",
        "block": "one\n two\n",
        "folded": "three four",
        "flow": {"a": ["b", "c", {"d": "e"}], "f": "g"},
    }


@pytest.mark.parametrize("text", ["a: 1\nb: é\n", "a: 1\r\nb: é\r\n", "a: 1\rb: é\r", "\ufeffa: 1\r\nb: é"])
def test_line_breaks_and_byte_order_mark(text: str) -> None:
    document = read(text)
    assert document.data == {"a": 1, "b": "é"}
    assert document.findings == ()
    assert document.span(("b",)) == Span("f.yaml", 2, 4, 2, 5)


def test_depth_of_32_is_read_and_33_is_not() -> None:
    assert read("[" * 32 + "]" * 32).findings == ()
    document = read("[" * 33 + "]" * 33)
    assert document.data is UNREAD
    assert found("[" * 33 + "]" * 33) == [("yaml-too-deep", 1, 33)]
    assert found("".join(f"{' ' * depth}a:\n" for depth in range(40))) == [("yaml-too-deep", 33, 33)]
    assert found("{a: " * 100_000) == [("yaml-too-deep", 1, 129)]


# --- where it stands

PLACES = """\
# comment
visits:
  - id: é😀
    at: "09:00"  # late
    note: |
      one

      two

    list: [a, {b: c}]
  - {id: x}
empty:
"""


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), (1, 1, 12, 7)),
        (("visits",), (3, 3, 11, 12)),
        (("visits", 0), (3, 5, 10, 22)),
        (("visits", 0, "id"), (3, 9, 3, 11)),
        (("visits", 0, "at"), (4, 9, 4, 16)),
        (("visits", 0, "note"), (5, 11, 8, 10)),
        (("visits", 0, "list"), (10, 11, 10, 22)),
        (("visits", 0, "list", 1), (10, 15, 10, 21)),
        (("visits", 0, "list", 1, "b"), (10, 19, 10, 20)),
        (("visits", 1), (11, 5, 11, 12)),
        (("visits", 1, "id"), (11, 10, 11, 11)),
        (("empty",), (12, 7, 12, 7)),
        # What does not exist stands at its nearest parent.
        (("visits", 0, "nowhere"), (3, 5, 10, 22)),
        (("visits", 0, "nowhere", "deeper"), (3, 5, 10, 22)),
        (("visits", 7), (3, 3, 11, 12)),
        (("visits", "id"), (3, 3, 11, 12)),
        (("visits", 0, "id", "deeper"), (3, 9, 3, 11)),
        (("nowhere",), (1, 1, 12, 7)),
        ((0,), (1, 1, 12, 7)),
    ],
)
def test_span_of_a_value(keys: tuple[str | int, ...], expected: Place) -> None:
    assert read(PLACES).span(keys) == Span("f.yaml", *expected)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("visits",), (2, 1, 2, 7)),
        (("visits", 0, "id"), (3, 5, 3, 7)),
        (("visits", 0, "list", 1, "b"), (10, 16, 10, 17)),
        (("empty",), (12, 1, 12, 6)),
        (("visits", 1), (11, 5, 11, 12)),
        (("visits", 0, "nowhere"), (3, 5, 10, 22)),
    ],
)
def test_span_of_a_key(keys: tuple[str | int, ...], expected: Place) -> None:
    assert read(PLACES).span(keys, "key") == Span("f.yaml", *expected)


def test_span_without_a_last_line_break() -> None:
    assert read("a: b").span(("a",)) == Span("f.yaml", 1, 4, 1, 5)
    assert read("a:").span(("a",)) == Span("f.yaml", 1, 3, 1, 3)
    assert read("a: [b").findings[0].at == Span("f.yaml", 1, 4, 1, 5)


def test_typed() -> None:
    document = read('zip: 60201\nv: 1.10\nd: 0.00001\nq: "a\\"b"\nl: [true, ~, &x 7]\nn:\n')
    typed = document.typed
    assert [typed((key,)) for key in ("zip", "v", "d", "q", "n")] == ["60201", "1.10", "0.00001", 'a"b', ""]
    assert [typed(("l", index)) for index in range(3)] == ["true", "~", "7"]
    assert [typed(()), typed(("l",)), typed(("nowhere",)), typed(("l", 9))] == [""] * 4


def test_comments() -> None:
    text = (
        "# head\na: b # behind\r\nc: 'x # no' # yes\nd: e#no\nf: |  # mark\n  # no\n\n# between\n"
        'g: "# no"\nh: [a, # in\n  b]\ni: # empty\n#last'
    )
    assert read(text).comments() == (
        Comment(1, 1, "# head"),
        Comment(2, 6, "# behind"),
        Comment(3, 13, "# yes"),
        Comment(5, 7, "# mark"),
        Comment(8, 1, "# between"),
        Comment(10, 8, "# in"),
        Comment(12, 4, "# empty"),
        Comment(13, 1, "#last"),
    )
    assert read("# x\na: [\n").comments() == ()


# --- what is refused


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        # a key twice, at the second
        ("a: 1\nb: 2\na: 3\n", "yaml-key-twice", (3, 1, 3, 2)),
        ("x: {a: 1, 'a': 2}\n", "yaml-key-twice", (1, 11, 1, 14)),
        ("- a: 1\n  é: 2\n  é: 3\n", "yaml-key-twice", (3, 3, 3, 4)),
        # anchors, aliases, merge keys, tags
        ("a: &x 1\n", "yaml-anchor", (1, 4, 1, 6)),
        ("a: &x\n  b: 1\n", "yaml-anchor", (1, 4, 1, 6)),
        ("- &x id: 1\n", "yaml-anchor", (1, 3, 1, 5)),
        ("é😀: *x\n", "yaml-alias", (1, 5, 1, 7)),
        ("- *x\n", "yaml-alias", (1, 3, 1, 5)),
        ("*x : 1\n", "yaml-alias", (1, 1, 1, 3)),
        ("<<: {a: 1}\n", "yaml-merge-key", (1, 1, 1, 3)),
        ("a: !!str 1\n", "yaml-tag", (1, 4, 1, 9)),
        ("a: !x {b: 1}\n", "yaml-tag", (1, 4, 1, 6)),
        ("a: ! b\n", "yaml-tag", (1, 4, 1, 5)),
        ("a: !<x> b\n", "yaml-tag", (1, 4, 1, 8)),
        ("a: !\n", "yaml-tag", (1, 4, 1, 5)),
        ("!x a: 1\n", "yaml-tag", (1, 1, 1, 3)),
        ("a: !x!y b\n", "yaml-tag", (1, 4, 1, 10)),
        ("a: !<x b\n", "yaml-tag", (1, 4, 1, 9)),
        # several documents, directives
        ("a: 1\n---\nb: 2\n", "yaml-several-documents", (2, 1, 2, 4)),
        ("a: 1\n...\n---\nb: 2\n", "yaml-several-documents", (3, 1, 3, 4)),
        ("---\n---\n", "yaml-several-documents", (2, 1, 2, 4)),
        # what a merge left, whatever else is wrong with it
        ("a: 1\n<<<<<<< ours\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n", "merge-unresolved", (2, 1, 6, 15)),
        ("a: 1\n=======\nb: 3\n", "merge-unresolved", (2, 1, 2, 8)),
        ("a: 1\n||||||| before: both\nb: 3\n", "merge-unresolved", (2, 1, 2, 21)),
        ("  # carectl merge: x\n  # carectl merge: y\na: 1\n", "merge-unresolved", (1, 1, 2, 21)),
        ("%YAML 1.1\n---\na: 1\n", "yaml-directive", (1, 1, 1, 10)),
        ("# x\n\n%FOO bar\n---\na: 1\n", "yaml-directive", (3, 1, 3, 9)),
        ("%TAG ! x\n---\na: 1\n", "yaml-directive", (1, 1, 1, 9)),
        # control characters, raw and as an escape
        ("a: x\x07y\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: 1\nb: '\x1b[2J'\n", "yaml-control-character", (2, 5, 2, 6)),
        ("a: x\x00\x01y\n", "yaml-control-character", (1, 5, 1, 7)),
        ("a: é\x7f\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\x85y\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\u2028y\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\u2029y\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: 😀\u202ey\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\u2066y\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\ufeffy\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: x\ufffey\n", "yaml-control-character", (1, 5, 1, 6)),
        ("a: 1  # x\x0cy\n", "yaml-control-character", (1, 10, 1, 11)),
        ('a: "x\\ey"\n', "yaml-control-character", (1, 4, 1, 10)),
        ('a: "x\\u0000"\n', "yaml-control-character", (1, 4, 1, 13)),
        ('a: "\\N"\n', "yaml-control-character", (1, 4, 1, 8)),
        ('a: "\\u202e"\n', "yaml-control-character", (1, 4, 1, 12)),
        ('"\\a": 1\n', "yaml-control-character", (1, 1, 1, 5)),
        # keys that are no words
        ("? [a]\n: b\n", "yaml-key-not-text", (1, 3, 1, 4)),
        ("{a: b}: c\n", "yaml-key-not-text", (1, 1, 1, 2)),
        (": a\n", "yaml-key-not-text", (1, 1, 1, 2)),
        ("null: a\n", "yaml-key-not-text", (1, 1, 1, 5)),
        ("~: a\n", "yaml-key-not-text", (1, 1, 1, 2)),
        ("'': a\n", "yaml-key-not-text", (1, 1, 1, 3)),
        # encodings
        (b"a: 1\r\nb: \xe9\n", "yaml-encoding", (2, 4, 2, 4)),
        ("a: é".encode("latin-1"), "yaml-encoding", (1, 4, 1, 4)),
        ("é: 1\n".encode("utf-16"), "yaml-encoding", (1, 1, 1, 1)),
        ("é: é".encode()[:-1], "yaml-encoding", (1, 4, 1, 4)),
        (b"a: \xed\xa0\x80", "yaml-encoding", (1, 4, 1, 4)),
        (b"\xc0\x80", "yaml-encoding", (1, 1, 1, 1)),
        # size
        (b" " * (reader.MAX_BYTES + 1), "yaml-too-large", (1, 1, 1, 1)),
        (b"- a\n" * (reader.MAX_VALUES + 1), "yaml-too-large", (1, 1, 1, 1)),
        (b"%TAG !a! x\n" * 10_000, "yaml-directive", (1, 1, 1, 11)),
        (b"a: 1\n...\n" + b"%TAG !a! x\n" * 10_000, "yaml-directive", (53, 1, 53, 11)),
    ],
)
def test_refused(text: str | bytes, code: str, expected: Place) -> None:
    finding = read(text).findings[0]
    assert (finding.code, place(finding)) == (code, expected)
    assert finding.severity is Severity.ERROR
    assert finding.hint
    if len(text) < reader.MAX_BYTES:
        assert read_ahead(text.encode() if isinstance(text, str) else text) is UNREAD


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("note: 'never closed\nb: 1\n", (1, 7), "quotation mark is opened here"),
        ('a: 1\nnote: "never closed\nb: 1\n', (2, 7), "quotation mark is opened here"),
        ("note: Told the nurse: swollen\n", (1, 21), "colon and a space inside a text"),
        ("- é😀: Told her: swollen\n", (1, 15), "colon and a space inside a text"),
        ("a: b\n  c: d\n", (2, 4), "cannot begin here"),
        ("a:\n  - b\n c: d\n", (3, 2), "does not fit"),
        ("a: 1\n b: 2\n", (2, 3), "cannot begin here"),
        ("- a\nb: 1\n", (2, 1), "does not fit the"),
        ("a:\n\tb: c\n", (2, 1), "tab"),
        ("a: x\nstatus:active\nb: 1\n", (2, 1), "no colon and space"),
        ("a: [b, c\nd: e\n", (1, 4), "bracket [ is not closed"),
        ("a: {b: c", (1, 4), "bracket { is not closed"),
        ("a: {b: c\nd: e\n", (1, 4), "bracket { is not closed"),
        ("a: [b c: d e: f]\n", (1, 13), "bracket"),
        ("a: [b]]\n", (1, 7), "already ended"),
        ("a: }\n", (1, 4), "missing before this sign"),
        ('a: "Slept "well" today"\nb: 1\n', (1, 12), "already ended"),
        ("a: @b\n", (1, 4), "cannot begin with this sign"),
        ("a: `b\n", (1, 4), "cannot begin with this sign"),
        ("a: %b\n", (1, 4), "cannot begin with this sign"),
        ("a: - b\n", (1, 4), "list cannot begin here"),
        ("a: ? b\n", (1, 4), "question mark"),
        ("a: & b\n", (1, 5), "& or *"),
        ("a: ** very **\n", (1, 5), "& or *"),
        ("a: |x\n  b\n", (1, 5), "same line"),
        ("a: |0\n  b\n", (1, 5), "same line"),
        ("a: 'b\n---\nc'\n", (1, 4), "line --- or ..."),
        ('a: "b\\qc"\n', (1, 6), "backslash"),
        ('a: "b\\xZZ"\n', (1, 8), "backslash"),
        ('a: "\\ud83d\\ude00"\n', (1, 7), "backslash"),
    ],
)
def test_syntax_errors(text: str, expected: tuple[int, int], says: str) -> None:
    document = read(text)
    finding = document.findings[-1]
    assert (finding.code, place(finding)[:2]) == ("yaml-syntax", expected)
    assert says in finding.message
    assert finding.hint
    # Nothing is concluded from a file that cannot be read to its end.
    assert document.data is UNREAD
    assert document.unread == {()}
    assert read_ahead(text.encode()) is UNREAD


@pytest.mark.parametrize(
    ("text", "data", "unread"),
    [
        ("a: 1\na: 2\n", {"a": 1}, {("a",)}),
        ("a: {b: 1}\na: {c: 2}\nd: 3\n", {"a": {"b": 1}, "d": 3}, {("a",)}),
        ("- a: 1\n  a: 2\n", [{"a": 1}], {(0, "a")}),
        ("a: &x 1\nb: *x\nc: 3\n", {"a": 1, "c": 3}, {("b",)}),
        ("a: [1, *x, 3]\n", {"a": [1, 3]}, {("a",)}),
        ("a: {<<: {b: 1}, c: 2}\n", {"a": {"c": 2}}, {("a",)}),
        ("a: {*x : 1, c: 2}\n", {"a": {"c": 2}}, {("a",)}),
        ("a: {? [b, {c: d}] : 1, c: 2}\n", {"a": {"c": 2}}, {("a",)}),
        ("a: !t {b: 1, c: [2, *x]}\nd: 3\n", {"d": 3}, {("a",)}),
        ("a: !t 1\n", {}, {("a",)}),
        ("!t {a: 1}\n", UNREAD, {()}),
        ("!t a: 1\nb: 2\n", {"b": 2}, {()}),
        ("*x : 1\nb: 2\n", {"b": 2}, {()}),
        ('a: "\\e"\nb: 2\n', {"b": 2}, {("a",)}),
        ("a: x\x07\nb: 2\n", {"b": 2}, {("a",)}),
        ("a\x07: x\nb: 2\n", {"b": 2}, {()}),
        ("a: [x, y\u202e, z]\n", {"a": ["x", "z"]}, {("a",)}),
        ("a: 1 # \x07\n", {"a": 1}, set()),
        ("%YAML 1.1\n---\na: 010\n", {"a": "010"}, set()),
        ("a: 1\n...\n# end\n", {"a": 1}, set()),
        ("a: 1\n---\nb: 2\n", UNREAD, {()}),
    ],
)
def test_what_is_kept_beside_a_fault(text: str, data: object, unread: set[Any]) -> None:
    document = read(text)
    assert document.data == data
    assert document.unread == unread


def test_all_faults_in_one_run_in_order() -> None:
    text = "a: &x 1\na: 2\nb: !t 3\nc: *x\nd: 'x\x07'\ne: {<<: 1, ? [a] : b}\nf: \"\\0\"\ng: h: i\n"
    assert found(text) == [
        ("yaml-anchor", 1, 4),
        ("yaml-key-twice", 2, 1),
        ("yaml-tag", 3, 4),
        ("yaml-alias", 4, 4),
        ("yaml-control-character", 5, 6),
        ("yaml-merge-key", 6, 5),
        ("yaml-key-not-text", 6, 14),
        ("yaml-control-character", 7, 4),
        ("yaml-syntax", 8, 5),
    ]


def test_places_in_unread_parts() -> None:
    document = read("a: *x\nb: !t {c: 1}\n")
    assert document.span(("a",)) == Span("f.yaml", 1, 4, 1, 6)
    assert document.span(("b", "c")) == Span("f.yaml", 2, 11, 2, 12)
    assert document.typed(("a",)) == document.typed(("b", "c")) == ""
    assert document.span(("b", 0, "c")) == document.span(("b",))


def test_a_key_is_named_only_if_it_looks_like_a_field() -> None:
    assert "`strength`" in read("strength: 1\nstrength: 2\n").findings[0].message
    message = read("Rosa was sad: 1\nRosa was sad: 2\n").findings[0].message
    assert "Rosa" not in message
    assert "line 1" in message


def test_many_faults_are_told_up_to_a_limit() -> None:
    document = read("a: 1\n" * 5_000)
    assert len(document.findings) == reader.MAX_FINDINGS
    assert document.data == {"a": 1}
    assert read("a\x07b\n" * 5_000).data is UNREAD


# --- the pages


@pytest.mark.parametrize("code", codes_in(faults).values(), ids=lambda code: code.slug)
def test_the_page_of_every_code_says_what_is_wrong_and_right(code: Any) -> None:
    intro, _, rest = code.page.partition("\nWrong:\n")
    wrong, _, right = (textwrap.dedent(part) for part in rest.partition("\nRight:\n"))
    assert len(intro) > 80
    assert wrong.strip()
    assert right.strip()
    assert read(right).findings == ()
    # What a comment cuts off is seen by the loader: to a reader of YAML it is a comment like any other.
    if code.slug.startswith("yaml-") and code.slug != "yaml-comment-cuts" and not wrong.strip().startswith("#"):
        assert code.slug in [finding.code for finding in read(wrong).findings]


def test_every_code_has_a_test() -> None:
    assert set(codes_in(faults)) == {
        *("yaml-syntax", "yaml-key-twice", "yaml-anchor", "yaml-alias", "yaml-merge-key", "yaml-tag"),
        *(
            "merge-unresolved",
            "yaml-directive",
            "yaml-several-documents",
            "yaml-too-large",
            "yaml-too-deep",
            "yaml-control-character",
        ),
        *("yaml-encoding", "yaml-key-not-text", "yaml-comment-cuts"),
        *("file-unreadable", "file-not-a-file", "file-outside", "file-changing"),
    }


# --- the fast path

FAST = (
    "",
    "# only a comment\n",
    "a: 1\n",
    "a: b",
    "a:\n",
    "a: b  \n\n  # c\nd: e # f\n",
    "\ufeffa: 1\r\nb: 'é😀'\r\n",
    'visits:\n  - id: x\n    at: "09:00"\n  - id: y\n    actual: {in: "09:04", out: \'11:01\'}\n',
    "a:\n- b\n- c d\n- 7\n",
    "a: [mon, wed, {from: 2026-09-10, until: null}]\n",
    "note: Slept well; ate & drank (a lot!), it's fine - really: yes:no * & ! ok\n".replace(": yes", " yes"),
    'note: "Told the nurse: swollen # really, [see] {this} & *that* !"\n',
    'note: "a \\"quoted\\" word\\n"\n',
    "note: 'it''s: fine'\n",
    "dose: 20 mg\nstrength: 1.5 ml\nat: 9:00\nevery: 2h\nday: 2026-11-22\nmoment: 2026-11-22T09:00\n",
    "a: 0\nb: -3\nc: 61.2\nd: 0.00001\ne: true\nf: ~\ng: {h: -0.5, i: false}\n",
    "note: |\n  One: two\n   # three\n\n  - four\nb: 1\n",
    "- note: >-\n    One: two\n    - three\n",
    "word: Nullable\nother: Falsehood\nthird: True friends\n",
    "url: http://x/y#z\n",
    "a: b\rc: d",
)


@pytest.mark.parametrize("text", FAST)
def test_read_ahead_takes_ordinary_files(text: str) -> None:
    data = read_ahead(text.encode())
    assert data is not UNREAD
    assert repr(data) == repr(read(text).data)
    assert read(text).findings == ()


MISTAKEN = "01230 1.10 True Null FALSE NULL 0x1f 1e3 +1 .5 1_000 .inf .nan 0o17 0b1 -0 1.0 _1 0_"


@pytest.mark.parametrize(
    "text",
    [
        # what yaml_rs would take for something else
        *(f"a: {typed}\n" for typed in MISTAKEN.split()),
        *(f"a: [{typed}]\n" for typed in MISTAKEN.split()),
        *("a: 1234567890123456789\n", "a: 0.1234567890123456\n", "a: 01 # x\n", "a: [01 ]\n", "a: True # x\n"),
        # what it would accept
        *("a: [>x]\n", "a: &b c\n", "a: *b\n", "a: !!str 1\n", "<<: {a: 1}\n", "a: 1\n---\nb: 2\n", "%YAML 1.2\n---\n"),
        *("1: a\n", "_1: a\n", "true: a\n", "null: a\n", "{a: b, 1: c}\n", "a: {true: b}\n", "a: {[[]]}\n", "a: {1}\n"),
        *("a:\n  b: >-\n  :   c\n", "- b: >-\n  :   c\n", "- b: |\n  c\n"),
        # what the reference reads alone
        *("a: b\n  c\n", "a: [b,\n  c]\n", "a:\tb\n", 'a: "\\e"\n', "a: |\n  b"),
        *("a: " + "[" * 40 + "]" * 40 + "\n", " " * 30 + "a: b\n", "a: x\u2028y\n", "a: x\u202ey\n", "a: 'x\x07'\n"),
        # what both refuse
        *("a: 1\na: 2\n", "a: b: c\n", "a: [b\n", "a: {b: c]\n", "a: 'b\n", "\ufeff\ufeffa: 1\n"),
    ],
)
def test_read_ahead_leaves_the_rest_to_the_reference(text: str) -> None:
    assert read_ahead(text.encode()) is UNREAD


def test_read_ahead_of_other_bytes() -> None:
    assert read_ahead(b"a: \xe9\n") is UNREAD
    assert read_ahead(b"a: b\n" * reader.MAX_AHEAD) is UNREAD


def test_read_ahead_without_yaml_rs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml_rs", None)
    assert read_ahead(b"a: 1\n") is UNREAD


def test_the_reader_imports_no_parser_before_it_reads() -> None:
    check = "import carectl.caseload.reader, sys; print([m for m in ('yaml', 'yaml_rs') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_unread_says_what_it_is() -> None:
    assert repr(UNREAD) == "UNREAD"


# --- fetching the bytes


def fetched(root: Path, path: str = "f.yaml") -> str:
    """The code of the finding; the path is the one that was asked for."""
    answer = fetch(root, path)
    assert isinstance(answer, Finding), answer
    assert answer.at == Span(path)
    assert str(root) not in answer.message + (answer.hint or "")
    return answer.code


def test_fetch(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    (tmp_path / "clients" / "f.yaml").write_bytes(b"a: \xff\r\n")
    (tmp_path / "empty.yaml").touch()
    assert fetch(tmp_path, "clients/f.yaml") == b"a: \xff\r\n"
    assert fetch(tmp_path, "empty.yaml") == b""


def test_fetch_what_is_not_there(tmp_path: Path) -> None:
    assert fetched(tmp_path) == "file-unreadable"
    assert fetched(tmp_path, "a/b/c.yaml") == "file-unreadable"
    assert fetched(tmp_path, "f\x00.yaml") == "file-unreadable"


def test_fetch_a_huge_file_at_once(tmp_path: Path) -> None:
    with (tmp_path / "f.yaml").open("wb") as file:
        file.truncate(5 * 1024**3)
    assert fetched(tmp_path) == "yaml-too-large"
    with (tmp_path / "f.yaml").open("wb") as file:
        file.truncate(reader.MAX_BYTES)
    assert fetch(tmp_path, "f.yaml") == bytes(reader.MAX_BYTES)


def test_fetch_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").mkdir()
    os.mkfifo(tmp_path / "p.yaml")
    (tmp_path / "d.yaml").symlink_to("/dev/zero")
    assert fetched(tmp_path) == "file-not-a-file"
    assert fetched(tmp_path, "p.yaml") == "file-not-a-file"
    assert fetched(tmp_path, "d.yaml") == "file-outside"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE])
def test_fetch_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    (tmp_path / "f.yaml").write_text("a: 1\n")

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    assert fetched(tmp_path) == "file-unreadable"


def test_fetch_when_reading_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yaml").write_text("a: 1\n")

    def refuse(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "read", refuse)
    assert fetched(tmp_path) == "file-unreadable"


def test_fetch_through_links(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "root-2"
    for folder in (root / "in", elsewhere):
        folder.mkdir(parents=True)
        (folder / "f.yaml").write_text("a: 1\n")
    (root / "inside.yaml").symlink_to("in/f.yaml")
    (root / "outside.yaml").symlink_to("../root-2/f.yaml")
    (root / "folder").symlink_to(elsewhere)
    (root / "dangling.yaml").symlink_to("nowhere.yaml")
    (root / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "link").symlink_to(root)
    assert fetch(root, "inside.yaml") == b"a: 1\n"
    assert fetch(tmp_path / "link", "in/f.yaml") == b"a: 1\n"
    assert fetch(tmp_path / "link", "inside.yaml") == b"a: 1\n"
    assert fetched(root, "outside.yaml") == "file-outside"
    assert fetched(root, "folder/f.yaml") == "file-outside"
    assert fetched(root, "../root-2/f.yaml") == "file-outside"
    assert fetched(root, str(elsewhere / "f.yaml")) == "file-outside"
    assert fetched(root, "dangling.yaml") == "file-unreadable"
    assert fetched(root, "loop.yaml") == "file-unreadable"


def test_fetch_a_file_that_changes_once_and_one_that_never_rests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("a: 1\n")
    real_read, changes = os.read, 1

    def read_and_change(handle: int, size: int) -> bytes:
        nonlocal changes
        part = real_read(handle, size)
        if changes:
            changes -= 1
            with file.open("ab") as other:
                other.write(b"b: 2\n" if changes == 0 else b"#")
        return part

    monkeypatch.setattr(os, "read", read_and_change)
    assert fetch(tmp_path, "f.yaml") == b"a: 1\nb: 2\n"
    changes = 1_000
    assert fetched(tmp_path) == "file-changing"


def test_fetch_a_file_that_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f.yaml"
    file.write_text("a: 1\n")
    real_read, times = os.read, 1

    def read_and_replace(handle: int, size: int) -> bytes:
        nonlocal times
        if times:
            times -= 1
            (tmp_path / "new").write_text("a: 2\n")
            (tmp_path / "new").replace(file)
        return real_read(handle, size)

    monkeypatch.setattr(os, "read", read_and_replace)
    assert fetch(tmp_path, "f.yaml") == b"a: 2\n"


def test_fetch_a_file_that_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yaml").write_text("a: 1\n")
    monkeypatch.setattr(os, "read", lambda handle, size: b"")
    assert fetched(tmp_path) == "file-changing"


def test_fetch_never_waits_for_a_pipe_that_was_a_file_a_moment_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "regular").touch()
    as_regular = (tmp_path / "regular").stat()
    os.mkfifo(tmp_path / "f.yaml")

    def give_up(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(os, "stat", lambda *_, **__: as_regular)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(5)
    try:
        assert fetched(tmp_path) == "file-changing"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_fetch_in_short_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yaml").write_text("a: 12345\n")
    real_read = os.read
    monkeypatch.setattr(os, "read", lambda handle, size: real_read(handle, min(size, 2)))
    assert fetch(tmp_path, "f.yaml") == b"a: 12345\n"

"""Edits of a file as text: text in, text out, every byte of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
import yaml

from carectl.caseload.edit import CannotEdit, Editor
from carectl.caseload.edit.editor import same
from carectl.caseload.edit.scalars import Style, one_line, scalar
from carectl.caseload.reader import read_reference
from carectl.errors import Refused

Change = Callable[[Editor], object]


def edited(text: str, *changes: Change) -> str:
    """A file after some edits."""
    editor = Editor(text.encode(), "f.yaml")
    for change in changes:
        change(editor)
    return editor.result().decode()


def check(before: str, change: Change, after: str) -> None:
    """An edit of an indented text leads to another one."""
    assert edited(dedent(before), change) == dedent(after)


def refused(text: str, change: Change) -> CannotEdit:
    """Why an edit was refused; the text is as it was."""
    editor = Editor(text.encode(), "f.yaml")
    with pytest.raises(CannotEdit) as caught:
        change(editor)
    assert editor.result() == text.encode()
    return caught.value


# --- set -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: active\n", "on_hold", "a: on_hold\n"),
        ("a: active # since May\n", "on_hold", "a: on_hold # since May\n"),
        ("a: active     # one\nb: 1        # two\n", "on_hold", "a: on_hold    # one\nb: 1        # two\n"),
        ("a: x  # why\n", "much longer", "a: much longer  # why\n"),
        ('a: "09:00"\n', "10:30", 'a: "10:30"\n'),
        ("a: '09:00'\n", "10:30", "a: '10:30'\n"),
        ("a: 9:00\n", "10:30", "a: 10:30\n"),
        ("a: 12\n", "10:30", 'a: "10:30"\n'),
        ("a: 'it''s'\n", "that's", "a: 'that''s'\n"),
        ("a: 'x'\n", "two\nlines", "a: |-\n  two\n  lines\n"),
        ("a: +1 847 555 0119\n", "+1 773 555 0164", "a: +1 773 555 0164\n"),
        ('a: "x"\n', None, "a: null\n"),
        ("a: ~\n", True, "a: true\n"),
        ("a:\n", "x", "a: x\n"),
        ("a:   # nothing yet\n", "x", "a: x  # nothing yet\n"),
        ("a:\nb: 1\n", 61.2, "a: 61.2\nb: 1\n"),
        ("a:\n  x\nb: 1\n", "w", "a:\n  w\nb: 1\n"),
        ("a: goes on\n  and on\nb: 1\n", "w", "a: w\nb: 1\n"),
        ("a: |-  # why\n  one\n  two\n\nb: 1\n", "w", "a: |-  # why\n  w\n\nb: 1\n"),
        ("a: |-  # why\n  one\n  two\n\nb: 1\n", 5, "a: 5   # why\n\nb: 1\n"),
        ("a: |+\n  one\n\n\nb: 1\n", 5, "a: 5\nb: 1\n"),
        ("a: >-\n    one\n    two\nb: 1\n", "three four", "a: >-\n  three four\nb: 1\n"),
        ("a: x\nb: 1\n", [], "a: []\nb: 1\n"),
        ("a: x # why\nb: 1\n", ["mon", "tue"], "a: [mon, tue] # why\nb: 1\n"),
        ("a: x # why\nb: 1\n", [{"d": 1, "e": "f: g"}], 'a: # why\n  - {d: 1, e: "f: g"}\nb: 1\n'),
        ("a: 1.10\n", 1.5, "a: 1.5\n"),
        ("a: 1\n", 2.0, "a: 2\n"),
        ("a: {b: 1}\n", "x", "a: x\n"),
        ("a:\n- b\n# about c\nc: 1\n", "x", "a: x\n# about c\nc: 1\n"),
    ],
)  # fmt: skip
def test_set_a_value(before: str, value: Any, after: str) -> None:
    assert edited(before, lambda editor: editor.set(("a",), value)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("x: {a: 1, b: 2}\n", "w", "x: {a: w, b: 2}\n"),
        ("x: {a: 1, b: 2}\n", "w, z", 'x: {a: "w, z", b: 2}\n'),
        ("x: {a: 1, b: 2}\n", "two\nlines", 'x: {a: "two\\nlines", b: 2}\n'),
        ("x: {a: 1, b: 2}\n", ["w", {"z": None}], "x: {a: [w, {z: null}], b: 2}\n"),
        ("x: {a, b: 2}\n", "w", "x: {a: w, b: 2}\n"),
        ("x: {b: 2, a: }\n", "w", "x: {b: 2, a: w}\n"),
        ("x: {\n  a\n  }\n", "w", "x: {\n  a: w\n  }\n"),
        ("x: {\n  a: 1, # why\n  b: 2\n  }\n", "w", "x: {\n  a: w, # why\n  b: 2\n  }\n"),
    ],
)
def test_set_a_value_in_braces(before: str, value: Any, after: str) -> None:
    assert edited(before, lambda editor: editor.set(("x", "a"), value)) == after


def test_set_the_same_value_changes_no_byte() -> None:
    text = "a:   'x'\nb: [ 1,2 ]   # c\nd:\n    - e: |+\n        f\n\n\n"
    data: Any = read_reference(text.encode(), "f").data
    assert edited(text, *(lambda editor, key=key: editor.set((key,), data[key]) for key in data)) == text
    assert edited(text, lambda editor: editor.set((), data)) == text


def test_set_a_record_touches_only_what_differs() -> None:
    check(
        """\
        visits:
          - id: v-1            # the first
            at: '09:00'
            # as she told us
            note: Slept well   # really
            did: {walk: done,  weigh: done}
        """,
        lambda editor: editor.set(
            ("visits", 0),
            {
                "id": "v-1",
                "at": "10:00",
                "status": "done",
                "note": "Slept well",
                "did": {"walk": "done", "rest": "done"},
            },
        ),
        """\
        visits:
          - id: v-1            # the first
            at: '10:00'
            status: done
            # as she told us
            note: Slept well   # really
            did: {walk: done, rest: done}
        """,
    )


def test_set_a_list_keeps_what_both_lists_begin_and_end_with() -> None:
    check(
        "a:\n  - b  # first\n  - c\n  - d  # last\n",
        lambda editor: editor.set(("a",), ["b", "x", "w", "d"]),
        "a:\n  - b  # first\n  - x\n  - w\n  - d  # last\n",
    )
    check(
        "a:\n  - b  # first\n  - c\n  - d  # last\n",
        lambda editor: editor.set(("a",), ["b", "d"]),
        "a:\n  - b  # first\n  - d  # last\n",
    )


# --- add -------------------------------------------------------------------------------------------------------------


def test_add_a_field_at_the_end_or_behind_another() -> None:
    text = "- id: x\n  a: 1  # one\n  b:\n    - 2\n    # inside b\n  # below\n- id: y\n"
    assert edited(text, lambda editor: editor.set((0, "c"), "z")) == text.replace("  # below", "  c: z\n  # below")
    assert edited(text, lambda editor: editor.set((0, "c"), "z", after="id")) == text.replace("x\n", "x\n  c: z\n")
    assert edited("{}\n", lambda editor: editor.set(("a",), 1)) == "{a: 1}\n"
    assert edited("a: {b: 1}\n", lambda editor: editor.set(("a", "c"), "d", after="b")) == "a: {b: 1, c: d}\n"
    assert edited("a: { b: 1 }\n", lambda editor: editor.set(("a", "c"), "d")) == "a: { b: 1, c: d }\n"
    assert edited("a:\nb: 1\n", lambda editor: editor.set(("a", "c"), "d")) == "a: {c: d}\nb: 1\n"
    assert edited("# nothing yet\n", lambda editor: editor.set(("a",), "b")) == "# nothing yet\na: b\n"
    assert edited("", lambda editor: editor.set(("a",), "b")) == "a: b\n"


def test_a_text_that_ends_in_a_space_of_its_own_is_replaced_whole() -> None:
    assert edited("a: b\xa0  # why\n", lambda editor: editor.set(("a",), "c")) == "a: c   # why\n"


def test_braces_are_as_wide_as_beside_them() -> None:
    text = "a:\n  - { b: 1 }\n"
    assert edited(text, lambda editor: editor.append(("a",), {"b": 2, "c": {}})) == text + "  - { b: 2, c: {} }\n"


def test_a_folded_text_stays_one_if_it_can() -> None:
    text = "a: >-\n  one\n  two\n"
    assert edited(text, lambda editor: editor.set(("a",), "one\n\nthree")) == "a: >-\n  one\n\n\n  three\n"
    assert edited(text, lambda editor: editor.set(("a",), "one\n  three")) == "a: |-\n  one\n    three\n"


def test_values_are_the_same_only_if_a_reader_sees_no_difference() -> None:
    assert same({"a": [1, "x", None]}, {"a": [1, "x", None]})
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same([1], [True])
    assert not same([1], [1.0])
    assert not same([0], [None])
    assert not same([1], [1, 1])


def test_set_the_whole_file() -> None:
    text = "# nothing yet\n"
    assert edited(text, lambda editor: editor.set((), {"a": 1, "b": ["c"]})) == text + "a: 1\nb: [c]\n"
    assert edited("[]\n", lambda editor: editor.set((), ["a", "b"])) == "[a, b]\n"
    assert edited("a: 1\nb: 2\n", lambda editor: editor.set((), {"b": 3, "c": 4})) == "b: 3\nc: 4\n"


def test_a_line_that_was_long_stays_one() -> None:
    long, longer = "word " * 30 + "end", "longer " * 30 + "end"
    assert edited(f"a: {long}\n", lambda editor: editor.set(("a",), longer)) == f"a: {longer}\n"
    assert edited(f"a:\n  - {long}\n", lambda editor: editor.append(("a",), longer)).count("\n") == 5


def test_fields_are_set_apart_if_all_of_them_are() -> None:
    assert edited("a: 1\n\nb: 2\n", lambda editor: editor.set(("c",), 3)) == "a: 1\n\nb: 2\n\nc: 3\n"
    assert edited("a: 1\n\nb: 2\nc: 3\n", lambda editor: editor.set(("d",), 4)) == "a: 1\n\nb: 2\nc: 3\nd: 4\n"


def test_append_in_the_style_of_the_neighbours() -> None:
    def add(editor: Editor) -> None:
        editor.append(("tasks",), {"text": "Call, soon", "from": "n-1", "id": "call", "done": None})
        editor.append(("notes",), {"id": "n-3", "with": "bev", "at": "10:00", "topics": ["x", "z"], "text": "1.10"})

    check(
        """\
        tasks:
          - {id: rail, text: A rail, due: 2026-10-09, done: null}  # Daniel
        notes:
        -   id: n-1
            at: 9:00
            with: 'maria'
            text: Well.

        -   id: n-2
            at: 9:30
            with: 'ruth'
            topics:
            -   health
            text: Also well.
        # the end
        """,
        add,
        """\
        tasks:
          - {id: rail, text: A rail, due: 2026-10-09, done: null}  # Daniel
          - {id: call, text: "Call, soon", from: n-1, done: null}
        notes:
        -   id: n-1
            at: 9:00
            with: 'maria'
            text: Well.

        -   id: n-2
            at: 9:30
            with: 'ruth'
            topics:
            -   health
            text: Also well.

        -   id: n-3
            at: 10:00
            with: 'bev'
            topics:
            -   x
            -   z
            text: "1.10"
        # the end
        """,
    )


LONG = (
    "She walked to the kitchen and back, sat down by the window for a while, and watched all the birds on their sill."
)


def test_what_is_too_long_for_braces_gets_a_line_for_each_field() -> None:
    check(
        "notes:\n  - {id: n-1, text: Well.}\n",
        lambda editor: editor.append(("notes",), {"id": "n-2", "text": LONG}),
        """\
        notes:
          - {id: n-1, text: Well.}
          - id: n-2
            text: >-
              She walked to the kitchen and back, sat down by the window for a while, and watched all the birds on their
              sill.
        """,
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One.\nTwo: yes.", "a: |-\n  One.\n  Two: yes.\n"),
        ("One.\n\n# Two\n- three\n", "a: |\n  One.\n\n  # Two\n  - three\n"),
        ("One.\n  Two.", "a: |-\n  One.\n    Two.\n"),
        (" One.\nTwo.", 'a: " One.\\nTwo."\n'),
        ("One. \nTwo.", 'a: "One. \\nTwo."\n'),
        ("One.\n\n", 'a: "One.\\n\\n"\n'),
        ("One.\tTwo.", 'a: "One.\\tTwo."\n'),
        (LONG + " It rained.\nTwo.", f"a: >-\n  {LONG}\n  It rained.\n\n  Two.\n"),
        ("x" * 130, "a: >-\n  " + "x" * 130 + "\n"),
    ],
)  # fmt: skip
def test_text_of_several_lines_can_be_read(text: str, lines: str) -> None:
    assert edited("a: x\n", lambda editor: editor.set(("a",), text)) == lines


def test_text_of_several_lines_never_swallows_a_comment() -> None:
    text = "a: x\n  # further in\nb: 1\n"
    assert edited(text, lambda editor: editor.set(("a",), "y\nz")) == text.replace("x", '"y\\nz"')


def test_append_begins_a_list() -> None:
    maps = "x:\n- b: 1\n"
    item: Any = {"from": "2026-11-01", "reason": "x"}
    for empty in ("a: []  # none\n", "a:     # none\n"):
        added = edited(empty + maps, lambda editor: editor.append(("a",), item))
        assert added == "a:     # none\n- {from: 2026-11-01, reason: x}\n" + maps
    assert (
        edited("b: 1\n", lambda editor: editor.append(("a",), item)) == "b: 1\na:\n  - {from: 2026-11-01, reason: x}\n"
    )
    assert edited("a: []\n", lambda editor: editor.append(("a",), "x")) == "a: [x]\n"
    assert edited("b: {a: []}\n", lambda editor: editor.append(("b", "a"), {"c": 1})) == "b: {a: [{c: 1}]}\n"
    assert edited("a: null\n", lambda editor: editor.append(("a",), 5)) == "a: [5]\n"
    assert edited("# none\n", lambda editor: editor.append(("a",), "b")) == "# none\na: [b]\n"


def test_append_begins_a_list_as_another_record_has_it() -> None:
    check(
        "meds:\n  - id: a\n    held: [{from: 2026-01-01}]\n  - id: b\n    held: []\n",
        lambda editor: editor.append(("meds", 1, "held"), {"from": "2026-02-01"}),
        "meds:\n  - id: a\n    held: [{from: 2026-01-01}]\n  - id: b\n    held: [{from: 2026-02-01}]\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: [x, y]  # c\n", "a: [x, y, z]  # c\n"),
        ("a: [ x, y, ]\n", "a: [ x, y, z, ]\n"),
        ("a: [\n  x,\n  y\n]\n", "a: [\n  x,\n  y,\n  z\n]\n"),
        ("a: [\n  x,\n  y,\n]\n", "a: [\n  x,\n  y,\n  z,\n]\n"),
        ("a: [\n  x,\n  y # c\n]\n", "a: [\n  x,\n  y, # c\n  z\n]\n"),
        ("a: [\n  x,\n  y, # c\n  ]\n", "a: [\n  x,\n  y, # c\n  z,\n  ]\n"),
        ("a: [x,\n  y]\n", "a: [x,\n  y,\n  z]\n"),
        ("a: [ ]\n", "a: [z ]\n"),
        ("- x\n- y\n", None),
        ("a:\n  - x\n  - y\n  # below\n", "a:\n  - x\n  - y\n  - z\n  # below\n"),
        ("a:\n- x\n-\n  - y\n    # inside\nb: 1\n", "a:\n- x\n-\n  - y\n    # inside\n- z\nb: 1\n"),
        ("a:\n  - |+\n    x\n\nb: 1\n", "a:\n  - |+\n    x\n\n  - z\nb: 1\n"),
    ],
)
def test_append_and_remove_again(before: str, after: str | None) -> None:
    def append(editor: Editor) -> None:
        if after is None:
            editor.insert((), 2, "z")
        else:
            editor.append(("a",), "z")

    def remove(editor: Editor) -> None:
        keys = () if after is None else ("a",)
        value = editor.get(keys)
        assert isinstance(value, list)
        editor.remove((*keys, len(value) - 1))

    assert edited(before, append) == (after or before + "- z\n")
    assert edited(before, append, remove) == before


def test_insert_keeps_comments_with_their_entries() -> None:
    text = "# the file\n\na:\n  # about x\n  - x\n\n  # about y\n  - y\n"
    assert edited(text, lambda editor: editor.insert(("a",), 0, "z")) == text.replace("a:\n", "a:\n  - z\n\n")
    assert edited(text, lambda editor: editor.insert(("a",), 1, "z")) == text.replace("- x\n", "- x\n\n  - z\n")
    assert edited("- - x\n  - y\n", lambda editor: editor.insert((0,), 0, "z")) == "- - z\n  - x\n  - y\n"
    assert edited("a: [x, y]\n", lambda editor: editor.insert(("a",), 0, "z")) == "a: [z, x, y]\n"
    assert edited("a: [x,  y]\n", lambda editor: editor.insert(("a",), 1, "z")) == "a: [x, z,  y]\n"
    assert edited("a: [\n # x\n x\n]\n", lambda editor: editor.insert(("a",), 0, "z")) == "a: [\n z,\n # x\n x\n]\n"


# --- remove ----------------------------------------------------------------------------------------------------------

BELONGING = """\
# the file begins here
a:
  # about x
  # and more
  - id: x  # behind
    b: 1
    # inside of x

  # a remark of its own

  # about y
  - id: y
c: 1
"""


def test_remove_takes_along_the_comments_that_belong() -> None:
    left = BELONGING[: BELONGING.index("  # about x")] + BELONGING[BELONGING.index("  # a remark") :]
    assert edited(BELONGING, lambda editor: editor.remove(("a", 0))) == left
    left = BELONGING.replace("\n  # about y\n  - id: y\n", "")
    assert edited(BELONGING, lambda editor: editor.remove(("a", 1))) == left
    assert edited(BELONGING, lambda editor: editor.remove(("c",))) == BELONGING.replace("c: 1\n", "")
    assert edited(BELONGING, lambda editor: editor.remove(("a",))) == "# the file begins here\nc: 1\n"


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("- id: x\n  b: 1\n", (0, "id"), "- b: 1\n"),
        ("- id: x\n  # about b\n  b: 1\n", (0, "id"), "-\n  # about b\n  b: 1\n"),
        ("- id: x # c\n- y\n", (0, "id"), "- {}\n- y\n"),
        ("a:\n  b: 1 # c\n\nd: 2\n", ("a", "b"), "a: {}\n\nd: 2\n"),
        ("a:    # list\n  # about b\n  - b # c\nd: 2\n", ("a", 0), "a: []  # list\nd: 2\n"),
        ("- - x\n  - y\n", (0, 0), "- - y\n"),
        ("a: 1\n", ("a",), "{}\n"),
        ("a: 1\n\nb: 2\n\nc: 3\n", ("b",), "a: 1\n\nc: 3\n"),
        ("a: 1\n\nb: 2\n\nc: 3\n", ("a",), "b: 2\n\nc: 3\n"),
        ("a: 1\n\nb: 2\nc: 3\n", ("b",), "a: 1\n\nc: 3\n"),
        ("a: {b: 1, c: 2, d: 3}\n", ("a", "b"), "a: {c: 2, d: 3}\n"),
        ("a: {b: 1, c: 2, d: 3}\n", ("a", "d"), "a: {b: 1, c: 2}\n"),
        ("a: { b: 1 } # c\n", ("a", "b"), "a: {} # c\n"),
        ("a: {\n  b: 1, # b\n  # about c\n  c: 2, # c\n  d: 3\n}\n", ("a", "c"), "a: {\n  b: 1, # b\n  d: 3\n}\n"),
        ("a: [b,\n  c, d]\n", ("a", 1), "a: [b, d]\n"),
        ("a: |\n  x\nb: 1", ("b",), "a: |\n  x\n"),
        ("a: 1\nb: 1", ("b",), "a: 1"),
    ],
)  # fmt: skip
def test_remove(before: str, keys: tuple[str | int, ...], after: str) -> None:
    assert edited(before, lambda editor: editor.remove(keys)) == after


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_line_breaks_stay_and_new_lines_take_the_usual_ones() -> None:
    text = "a:\r\n- x\r\n- y\nb: 1\r\n"
    assert edited(text, lambda editor: editor.append(("a",), "z")) == "a:\r\n- x\r\n- y\n- z\r\nb: 1\r\n"
    assert edited(text, lambda editor: editor.set(("b",), "two\nlines")) == text.replace("1", "|-\r\n  two\r\n  lines")
    assert edited("a: 1\rb: 2\r", lambda editor: editor.set(("c",), 3)) == "a: 1\rb: 2\rc: 3\r"
    assert edited("a: 1\nb: 2\r\n", lambda editor: editor.remove(("a",))) == "b: 2\r\n"


def test_the_end_of_the_file_and_its_mark_stay() -> None:
    assert edited("\ufeffa:\n- x", lambda editor: editor.append(("a",), "z")) == "\ufeffa:\n- x\n- z"
    assert edited("a: 1\r\nb: 2", lambda editor: editor.set(("c",), 3)) == "a: 1\r\nb: 2\r\nc: 3"
    assert edited("a: 1", lambda editor: editor.set(("a",), "b\nc")) == "a: |-\n  b\n  c"
    assert edited("a: 1", lambda editor: editor.set(("a",), "b\nc\n")) == 'a: "b\\nc\\n"'
    assert (
        edited("---\na:\n- x\n...\n# bye\n", lambda editor: editor.append(("a",), "z"))
        == "---\na:\n- x\n- z\n...\n# bye\n"
    )


def test_edits_follow_one_another() -> None:
    text = "visits:\n  - id: a\n    x-mood: good\n"
    editor = Editor(text.encode(), "f")
    editor.append(("visits",), {"id": "b"})
    place = editor.find(("visits",), "b")
    assert place == ("visits", 1)
    editor.set((*place, "status"), "done")
    editor.append((*place, "told"), {"who": "maria"})
    assert editor.find(("visits",), "c") is None
    assert editor.has((*place, "id"))
    assert not editor.has((*place, "id", "x"))
    assert editor.find(("nowhere",), "a") is None
    assert editor.get(place) == {"id": "b", "status": "done", "told": [{"who": "maria"}]}
    assert editor.result().decode() == text + "  - id: b\n    status: done\n    told:\n      - {who: maria}\n"


def test_what_is_read_is_a_copy() -> None:
    editor = Editor(b"a: [1]\n", "f")
    value = editor.get(("a",))
    assert isinstance(value, list)
    value.append(2)
    editor.append(("a",), 3)
    assert editor.result() == b"a: [1, 3]\n"


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"a: 1\nb: 'x\n", 2),
        (b"a: 1\na: 2\n", 2),
        (b"a: 1\nb: *a\n", 2),
        (b"a: 1\nb: &x 2\n", 2),
        (b"a: 1\n---\nb: 2\n", 2),
        (b"a: 1\nb: \xff\n", 2),
        (b"a: 1\nb: \x07\n", 2),
    ],
)
def test_a_file_that_is_not_sound_is_not_edited(raw: bytes, line: int) -> None:
    with pytest.raises(CannotEdit, match=f"^clients/c-014/f.yaml:{line}: mend this first: ") as caught:
        Editor(raw, "clients/c-014/f.yaml")
    assert caught.value.at.line == line
    assert isinstance(caught.value, Refused)


@pytest.mark.parametrize(
    ("text", "change", "line", "reason"),
    [
        ("a: 1\nb: {c: [ # why\n  1]}\n", lambda editor: editor.set(("b", "c"), 1), 2, "a comment stands inside"),
        ("a: 1\nb: [ # why\n  ]\n", lambda editor: editor.insert(("b",), 0, 1), 2, "a comment stands inside"),
        ("a: 1\nb: {c: 1, # why\n  d: 2}\n", lambda editor: editor.remove(("b", "d")), 3, "a comment stands inside"),
        ("a: 1\n? b\n: 1\n", lambda editor: editor.remove(("b",)), 3, "unusual"),
        ("a: 1\n? b\n: 1\n", lambda editor: editor.set(("b",), [{"c": [{}]}]), 3, "question mark"),
        ("a: 1\n? b\n", lambda editor: editor.set(("b",), 1), 3, "unusual"),
        ("a:\n  # why\n  1\n", lambda editor: editor.set(("a",), [{"c": [{}]}]), 3, "unusual"),
        ("a: [b: 1]\n", lambda editor: editor.set(("a", 0, "c"), 1), 1, "unusual"),
        ("a: [b: 1]\n", lambda editor: editor.remove(("a", 0, "b")), 1, "unusual"),
        ("a: |\n  text", lambda editor: editor.set(("b",), 1), 1, "has no line break"),
        ("a: |+\n  text\n\nb: 1\n\nc: 1\n", lambda editor: editor.remove(("b",)), 4, "without touching"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b",), "bell \x07"), 2, "control characters"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b",), "half \ud800"), 2, "control characters"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b",), 10**18), 2, "18 digits"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b",), 0.1 + 0.2), 2, "15 digits"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b",), float("nan")), 2, "15 digits"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b", "c"), 1), 2, "has no fields"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("b\n",), 1), 1, "name of a field"),
        ("a: 1\nb: 2\n", lambda editor: editor.set(("",), 1), 1, "could not be read after this change"),
        ("a: 1\nb: 2\n", lambda editor: editor.set((), 1), 1, "whole file"),
        ("a: 1\nb: 2\n", lambda editor: editor.remove(()), 1, "whole file"),
        ("a: 1\nb: 2\n", lambda editor: editor.remove(("c",)), 1, "no such value"),
        ("a: 1\nb: [2]\n", lambda editor: editor.get(("b", 1)), 2, "no such value"),
        ("a: 1\nb: [2]\n", lambda editor: editor.set(("b", 1), 1), 2, "no such value"),
        ("a: 1\nb: [2]\n", lambda editor: editor.insert(("b",), 2, 1), 2, "no such value"),
        ("a: 1\nb: 2\n", lambda editor: editor.append(("b",), 1), 2, "no list"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_cleanly_is_refused(text: str, change: Change, line: int, reason: str) -> None:
    problem = refused(text, change)
    assert reason in problem.reason
    assert problem.at.line == line
    assert str(problem) == f"f.yaml:{line}: {problem.reason}"


def test_a_value_that_is_nested_too_deep_is_refused() -> None:
    value: Any = 1
    for _ in range(5_000):
        value = [value]
    assert "deep" in refused("a: 1\n", lambda editor: editor.set(("a",), value)).reason


def test_an_edit_of_several_steps_is_made_whole_or_not_at_all() -> None:
    refused("a:\n  b: 1\n  c: 2\n", lambda editor: editor.set(("a",), {"b": 3, "c": "\x07"}))


def test_a_reason_holds_no_value() -> None:
    problem = refused("a: Quillfeather\n", lambda editor: editor.set(("a",), "Quillfeather \x07"))
    assert "Quillfeather" not in str(problem)


# --- one scalar ------------------------------------------------------------------------------------------------------

PLAIN = (
    "Rosa", "done", "2026-11-22", "2026-11-22T09:00", "2026-11-22T09:00-06:00", "2h", "1h30m", "20 mg", "418 Elm St",
    "it's", "Buena mañana", "home_health_aide", "notes/n-1", "dana@lakeside.example", "I50.9",
)  # fmt: skip
PLAIN_OUTSIDE_OF_BRACKETS = ("Slept well, ate breakfast", "Call x:y", "a#b", 'say "x"', "no list", "why?")
STYLES: tuple[Style, ...] = ("plain", "single", "double")
QUOTED = (
    "", " ", "no", "Yes", "NULL", "~", "true", "y", "01230", "1.10", "12", "1.5", "1e3", "0x1f", "0o17", "1_000",
    "9:00", "10:30:15", "2026-11-22T09:00:00Z", "2026-11-22 09:00:00", "+1 847 555 0119", "a: b", "a:", "a #b", "# a",
    "- a", "[a]", "{a}", "*a", "&a", "!a", "|", "> a", "@a", "`a`", "%a", "=", "<<", "? a", "'a'", '"a"', " a", "a ",
    ".inf", "two\nlines", "tab\there", "a\r\nb", "(a)", "---", "nbsp\xa0",
)  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_text_stands_bare_where_every_program_reads_it_as_text(text: str) -> None:
    assert scalar(text) == one_line(text, flow=False) == text
    assert yaml.safe_load(text) in (text, *([dt.date(2026, 11, 22)] if text == "2026-11-22" else []))


@pytest.mark.parametrize("text", PLAIN_OUTSIDE_OF_BRACKETS)
def test_outside_of_brackets_more_stands_bare(text: str) -> None:
    assert one_line(text, flow=False) == text == yaml.safe_load(f"a: {text}")["a"]


@pytest.mark.parametrize("text", QUOTED)
def test_other_text_stands_in_quotes(text: str) -> None:
    for flow in (True, False):
        written = one_line(text, flow=flow)
        assert written.startswith('"')
        assert yaml.safe_load(written) == text
        for like in STYLES:
            inner = one_line(text, flow=flow, like=like)
            around = f"[{inner}]" if flow else f"- {inner}"
            assert read_reference(around.encode(), "f").data == [text]
    if "\n" not in text and "\t" not in text:
        assert scalar(text) == written
    else:
        with pytest.raises(ValueError, match="control characters"):
            scalar(text)


@pytest.mark.parametrize("value", [0, -7, 123456789012345678, 61.2, -0.5, 0.00001, 123456.125, True, False, None])
def test_numbers_are_read_back_as_they_were(value: object) -> None:
    written = one_line(value, flow=True)  # type: ignore[arg-type]
    assert repr(read_reference(f"a: {written}".encode(), "f").data) == repr({"a": value})

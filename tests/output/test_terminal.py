"""Lines that fit, whatever stands in them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carectl.output.terminal import Line, blocks, columns, indented, put, width_of, wrap

WORDS = st.text(alphabet="ab王é -", max_size=60)


def text_of(lines: list[Line]) -> list[str]:
    stream = io.StringIO()
    put(lines, stream, colour=False)
    return stream.getvalue().splitlines()


@given(WORDS, st.integers(2, 40))
def test_wrapping_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=5), st.integers(30, 80))
def test_columns_lose_nothing_and_fit(rows: list[tuple[str, str, str]], width: int) -> None:
    lines = text_of(columns(rows, width))
    assert all(width_of(line) <= width for line in lines)
    together = "".join("".join(row) for row in rows)
    assert sorted("".join("".join(lines).split())) == sorted("".join(together.split()))


def test_columns_line_up_behind_wide_signs() -> None:
    assert text_of(columns([("王伟", "a"), ("b", "c")], 80)) == ["王伟  a", "b     c"]


def test_words_stay_whole_while_there_is_room() -> None:
    rows = [("c-001", "Rosa Maria Alvarez", "+1 312 555 0142")]
    assert text_of(columns(rows, 32, whole=(0, 2))) == [
        "c-001  Rosa      +1 312 555 0142",
        "       Maria",
        "       Alvarez",
    ]


def test_a_column_without_text_takes_no_room() -> None:
    assert text_of(columns([("", "a", "b"), ("", "c", "")], 80)) == ["a  b", "c"]
    assert columns([], 80) == []
    assert len(blocks([("a",), ("b c",)], 20)) == 2


def test_a_paragraph_hangs_behind_its_label() -> None:
    assert text_of(list(indented("one two three", 12, 4, "", "- "))) == ["-   one two", "    three"]


def test_colour_is_a_matter_of_the_terminal() -> None:
    lines: list[Line] = [[("open", "loud"), (" ", "")], [("[red]text[/red] :smile:", "title")], []]
    assert text_of(lines) == ["open", "[red]text[/red] :smile:", ""]
    stream = io.StringIO()
    put(lines, stream, colour=True)
    assert stream.getvalue() == "\x1b[1;31mopen\x1b[0m\n\x1b[1m[red]text[/red] :smile:\x1b[0m\n\n"


@pytest.mark.parametrize("width", [20, 200])
def test_colour_changes_no_line(width: int) -> None:
    long = [[("a" * 300, "loud")]]
    stream = io.StringIO()
    put(long, stream, colour=True)  # type: ignore[arg-type]
    assert stream.getvalue().count("\n") == 1, width

"""carectl note: what was said to whom, from the line, standard input or an editor; and the follow-up in one breath."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

NOTES = "clients/c-014/notes.yaml"
TASKS = "clients/c-014/tasks.yaml"


def test_a_note(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        "note", "rosa", "-m", "She slept well.", "--with", "mari", "--by", "phone", "--minutes", "12",
        "--topic", "wellbeing", "--topic", "health", "--billable", "--for-family", "en=A good night.",
        "--for-family", "es=Una buena noche.",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Note n-2026-11-23-1, Monday 2026-11-23 (today) at 12:00, with maria Maria Alvarez, by phone, 12 minutes",
        f"Wrote {NOTES}:66",
    ]
    assert changes() == {
        NOTES: [
            "+  - id: n-2026-11-23-1",
            "+    at: 2026-11-23T12:00",
            "+    with: maria",
            "+    channel: phone",
            "+    minutes: 12",
            "+    topics: [wellbeing, health]",
            "+    text: She slept well.",
            "+    for_family:",
            "+      en: A good night.",
            "+      es: Una buena noche.",
            "+    author: dana",
            "+    billable: true",
        ]
    }
    assert carectl("check", "rosa").code == 0


def test_the_follow_up_in_one_breath(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        "note",
        "rosa",
        "-m",
        "Knees hurt.",
        "--task",
        "Call the therapist about shoes",
        "--due",
        "fri",
        "--who",
        "amara",
    )
    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "Note n-2026-11-23-1, Monday 2026-11-23 (today) at 12:00",
        "Task call-therapist: Call the therapist about shoes, due Friday 2026-11-27 (in 4 days),"
        " for amara-diallo Amara Diallo",
        f"Wrote {NOTES}:66",
        f"Wrote {TASKS}:7",
    ]
    found = changes()
    assert found[NOTES][-2:] == ["+    text: Knees hurt.", "+    author: dana"]
    assert [line.removeprefix("+").strip() for line in found[TASKS]] == [
        "- id: call-therapist",
        "text: Call the therapist about shoes",
        "due: 2026-11-27",
        "who: amara-diallo",
        "from: notes/n-2026-11-23-1",
        "done: null",
    ]
    assert carectl("check", "rosa").code == 0


def test_both_or_neither(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    (lakeside / TASKS).write_text("tasks: [{id: a, text: b\n", encoding="utf-8")
    before = census(lakeside)
    done = carectl("note", "rosa", "-m", "Knees hurt.", "--task", "Call", "--due", "fri")
    assert done.code == 1
    assert f"{TASKS}:" in done.err
    assert census(lakeside) == before


def test_the_same_note_again(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("note", "rosa", "-m", "Knees hurt.", "--task", "Call", "--due", "fri")
    assert carectl(*line).code == 0
    before = changes()
    again = carectl(*line)
    assert again.code == 0
    assert again.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "This note is there already: notes/n-2026-11-23-1",
        "The task call is open already, due Friday 2026-11-27 (in 4 days)",
        "Nothing to write: it is like that already.",
    ]
    assert changes() == before


def test_a_late_note_stands_where_its_day_is(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("note", "rosa", "-m", "From my car book.", "--at", "nov 10 9am")
    assert done.code == 0
    assert done.out.splitlines()[1:3] == [
        "Note n-2026-11-10-1, Tuesday 2026-11-10 (13 days ago) at 09:00",
        "Recorded as a late entry: written down 13 days after the event",
    ]
    assert "note[late-entry]" in done.err
    text = (lakeside / NOTES).read_text(encoding="utf-8")
    assert text.index("n-2026-11-09-1") < text.index("n-2026-11-10-1") < text.index("n-2026-11-18-1")
    assert changes()[NOTES][-1] == "+    recorded: 2026-11-23"


@pytest.mark.parametrize(
    ("at", "recorded"),
    [("2026-11-21T12:00", None), ("2026-11-21T11:59", "2026-11-23T12:00"), ("2026-11-20T23:59", "2026-11-23")],
)
def test_late_as_the_practice_counts(
    at: str, recorded: str | None, lakeside: Path, carectl: Carectl, changes: Changes
) -> None:
    done = carectl("note", "rosa", "-m", "x", "--at", at)
    assert [line for line in changes()[NOTES] if "recorded" in line] == (
        [f"+    recorded: {recorded}"] if recorded else []
    )
    assert ("late-entry" in done.err) == (recorded is not None)


def test_where_the_clocks_show_another_time(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("note", "peg", "-m", "x")
    assert "Note n-2026-11-23-1, Monday 2026-11-23 (today) at 13:00 EST" in done.out
    assert "+    at: 2026-11-23T13:00" in changes()["clients/c-009/notes.yaml"]


def test_in_the_doubled_hour(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("note", "peg", "-m", "x", "--at", "2026-11-01T01:30")
    assert done.code == 2
    assert "2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00" in done.err
    assert carectl("note", "peg", "-m", "x", "--at", "2026-11-01T01:30-04:00").code == 0
    assert "+    at: 2026-11-01T01:30-04:00" in changes()["clients/c-009/notes.yaml"]


def test_from_standard_input(
    lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\r\nOne line \r\n\r\nAnother: \u201cyes\u201d\r\n\r\n"))
    assert carectl("note", "rosa", "-").code == 0
    assert changes()[NOTES][2:6] == ["+    text: |-", "+      One line", "+", "+      Another: “yes”"]


def test_someone_who_is_not_on_file(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("note", "walter", "-m", "x", "--with", "name: Anneliese Brandt")
    assert "with Anneliese Brandt (not on file)" in done.out
    assert "+    with: {name: Anneliese Brandt}" in changes()["clients/c-017/notes.yaml"]


def test_private_and_about(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("note", "rosa", "-m", "x", "--private", "--about", "daniel", "--author", "amara")
    assert ", private" in done.out
    assert changes()[NOTES][2:] == [
        "+    text: x",
        "+    private: true",
        "+    about: [daniel]",
        "+    author: amara-diallo",
    ]


def test_into_a_folder_by_months(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    folder = lakeside / "clients/c-014/notes"
    folder.mkdir()
    (lakeside / NOTES).rename(folder / "2026-11.yaml")
    assert carectl("note", "rosa", "-m", "x").code == 0
    assert "+  - id: n-2026-11-23-1" in changes()["clients/c-014/notes/2026-11.yaml"]
    done = carectl("note", "rosa", "-m", "later", "--at", "2026-10-30T9:00")
    assert "Wrote clients/c-014/notes/2026-10.yaml:1" in done.out
    assert (folder / "2026-10.yaml").read_text(encoding="utf-8").splitlines() == [
        "# yaml-language-server: $schema=../../../../../schemas/notes.schema.json",
        "notes:",
        "  - id: n-2026-10-30-1",
        "    at: 2026-10-30T09:00",
        "    text: later",
        "    author: dana",
        "    recorded: 2026-11-23",
    ]
    assert (folder / "2026-10.yaml").stat().st_mode & 0o777 == 0o600
    assert carectl("check", "rosa").code == 0


def test_dry_run(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("note", "rosa", "-m", "Knees hurt.", "--task", "Call", "--due", "fri", "--dry-run")
    assert done.code == 0
    assert done.out.startswith(f"--- a/{NOTES}\n+++ b/{NOTES}\n@@ ")
    assert "+    text: Knees hurt.\n" in done.out
    assert f"+++ b/{TASKS}\n" in done.out
    assert "Wrote" not in done.out
    assert census(lakeside) == before


def test_commit_names_no_one(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    done = carectl("note", "rosa", "-m", "Knees hurt.", "--task", "Call", "--due", "fri", "--commit")
    assert done.code == 0
    assert last_subject(lakeside) == "c-014 notes: 1 added, tasks: 1 added"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([], "-m TEXT is needed, or - for standard input"),
        (["-m", "  "], "-m takes some text"),
        (["text"], "the text goes behind -m"),
        (["-", "-m", "x"], "not from both"),
        (["-m", "x", "--task", "Call"], "--due is needed"),
        (["-m", "x", "--due", "fri"], "add --task TEXT"),
        (["-m", "x", "--task", "Call", "--due", "someday"], "--due takes a day such as"),
        (["-m", "x", "--at", "fri"], "--at takes a day with its time"),
        (["-m", "x", "--at", "13:00"], "has not)"),
        (["-m", "x", "--at", "soon"], "--at takes a day and time such as"),
        (["-m", "x", "--with", "nobody"], "no person fits"),
        (["-m", "x", "--with", "d"], "more than one person fits"),
        (["-m", "x", "--topic", "helth"], "did you mean health?"),
        (["-m", "x", "--author", "maria"], "no staff member fits"),
        (["-m", "x", "--for-family", "en=a", "--for-family", "b"], "--for-family takes one text"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("note", "rosa", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before


def test_did_you_mean(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("note", "rosa", "-m", "x", "--with", "mariah")
    assert (done.code, done.err) == (
        2,
        "carectl: no person fits what you typed\nhint: did you mean maria Maria Alvarez?\n",
    )
    assert "did you mean c-014 Rosa Alvarez?" in carectl("note", "rossa", "-m", "x").err
    # A part of a name in the middle is enough to look, not to write.
    assert carectl("note", "lvarez", "-m", "x").code == 2


# --- the editor ------------------------------------------------------------------------------------------------------


def editor(folder: Path, script: str) -> dict[str, str]:
    """An editor that is a shell script; it leaves a trace of the file it was given."""
    path = folder / "an editor"
    path.write_text(
        f'#!/bin/sh\necho "$1" > "{folder}/given"\nstat -c %a "$1" "$(dirname "$1")" >> "{folder}/given"\n{script}'
    )
    path.chmod(0o700)
    return {"VISUAL": f"'{path}'", "EDITOR": "false", "CARECTL_NOW": MONDAY}


def test_the_editor(lakeside: Path, tmp_path: Path, changes: Changes) -> None:
    # As editors do it: a swap file beside it, and a new file in the place of the old one.
    text = 'printf "Slept well.\\n# 2 pills left\\n" > "$1.new"; cat "$1" >> "$1.new"'
    script = f'cat "$1" > "$1.swp"; {text}; mv "$1.new" "$1"'
    shown, code = on_terminal(["note", "rosa"], [], lakeside, editor(tmp_path, script))
    assert code == 0, shown
    assert "c-014 Rosa Alvarez" in shown
    assert changes()[NOTES][2:5] == ["+    text: |-", "+      Slept well.", "+      # 2 pills left"]
    place, *modes = (tmp_path / "given").read_text().splitlines()
    assert modes == ["600", "700"]
    assert "c-014" not in place
    assert "rosa" not in place.casefold()
    assert not Path(place).parent.exists()
    memory = os.environ.get("XDG_RUNTIME_DIR") or "/dev/shm"
    assert not Path(memory).is_dir() or place.startswith(memory)


@pytest.mark.parametrize(
    ("script", "words"), [("exit 0", "the note is empty"), ("exit 3", "the editor ended with an error")]
)
def test_nothing_was_written_there(script: str, words: str, lakeside: Path, tmp_path: Path) -> None:
    before = census(lakeside)
    shown, code = on_terminal(["note", "rosa"], [], lakeside, editor(tmp_path, script))
    assert code == 1
    assert words in shown
    assert census(lakeside) == before
    assert not Path((tmp_path / "given").read_text().splitlines()[0]).parent.exists()


def test_no_such_editor(lakeside: Path) -> None:
    shown, code = on_terminal(["note", "rosa"], [], lakeside, {"VISUAL": "/no/such/thing"})
    assert code == 3
    assert "/no/such/thing cannot be started" in shown


def test_what_was_typed_is_not_lost(lakeside: Path, tmp_path: Path) -> None:
    (lakeside / NOTES).write_text("notes: [\n", encoding="utf-8")
    shown, code = on_terminal(["note", "rosa"], [], lakeside, editor(tmp_path, 'echo "A whole page" > "$1"'))
    assert code == 1
    assert "What you wrote:\n\nA whole page\n" in shown


def test_the_day_is_asked_for(lakeside: Path, changes: Changes) -> None:
    line = ["note", "rosa", "-m", "x", "--task", "Call"]
    shown, code = on_terminal(line, ["fri\n"], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "due Friday 2026-11-27 (in 4 days)" in shown

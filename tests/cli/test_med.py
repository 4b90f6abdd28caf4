"""carectl med: started, changed, held, stopped; what it was stays, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

MEDS = "clients/c-014/medications.yaml"
START = ["med", "start", "rosa", "Aspirin", "--strength", "81 mg", "--dose", "1 tablet", "--times", "8am"]


# --- start -----------------------------------------------------------------------------------------------------------


def test_start(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = [*START, "--route", "oral", "--for", "Heart", "--prescriber", "dr-lee", "--kind", "otc", "--from", "tue"]
    done = carectl(*line)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Started aspirin: Aspirin, 81 mg, 1 tablet, oral, 08:00 (Heart), from Tuesday 2026-11-24 (tomorrow)",
        "Allergies: Penicillin (hives, moderate)",
        f"Wrote {MEDS}:68",
    ]
    assert changes() == {
        MEDS: [
            "+  - id: aspirin",
            "+    name: Aspirin",
            "+    strength: 81 mg",
            "+    dose: 1 tablet",
            "+    route: oral",
            '+    times: ["08:00"]',
            "+    indication: Heart",
            "+    prescriber: dr-lee",
            "+    kind: otc",
            "+    from: 2026-11-24",
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line)
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")


def test_none_becomes_a_list(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("med", "start", "halina", "Aspirin", "--dose", "1", "--as-needed", "Headache", "--max-per-day", "2")
    assert "clients/c-003/medications.yaml said `medications: none`; that is a list now." in done.out
    assert "Allergies: none known" in done.out
    remark = "# asked again on 2026-11-10: not even an aspirin, and please to stop asking"
    assert changes() == {
        "clients/c-003/medications.yaml": [
            f"-medications: none   {remark}",
            f"+medications:        {remark}",
            "+  - id: aspirin",
            "+    name: Aspirin",
            '+    dose: "1"',
            "+    as_needed: {reason: Headache, max_per_day: 2}",
            "+    from: 2026-11-23",
        ]
    }
    assert carectl("check", "halina").code == 0


def test_an_allergy_is_told_aloud(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("med", "start", "rosa", "Penicillin V", "--dose", "1", "--schedule", "4 times a day")
    assert done.code == 0
    assert done.err.startswith("carectl: ALLERGY: Penicillin is on file")
    assert (
        "Allergies: not stated: ask before the first dose"
        in carectl("med", "start", "walter", "Aspirin", "--dose", "1", "--times", "8:00").out
    )


def test_a_course_with_an_end(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(*START, "--until", "+9d", "--reason", "Ten days")
    assert "Last day Wednesday 2026-12-02 (in 9 days): Ten days" in done.out
    assert changes()[MEDS][-3:] == ["+    from: 2026-11-23", "+    until: 2026-12-02", "+    reason: Ten days"]


def test_one_that_is_taken_is_changed_not_started(lakeside: Path, carectl: Carectl) -> None:
    line = ["med", "start", "rosa", "furosemide", "--dose", "2 tablets", "--times", "8:00"]
    done = carectl(*line)
    assert (done.code, done.out) == (1, "")
    assert "a new dose is carectl med change c-014 furosemide" in done.err
    assert "Started furosemide-extra: " in carectl(*line, "--id", "furosemide-extra").out
    # One that was stopped is started anew, and its old id is not used again.
    assert "Started ibuprofen-2: " in carectl("med", "start", "rosa", "Ibuprofen", "--dose", "1", "--times", "8:00").out


# --- change ----------------------------------------------------------------------------------------------------------


def test_change(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ["med", "change", "rosa", "furo", "--strength", "20 mg", "--reason", "Dizzy", "--ordered-by", "dr-lee"]
    done = carectl(*line, "--read-back")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Changed furosemide, since Monday 2026-11-23 (today): strength 20 mg (was 40 mg)",
        "Because: Dizzy, ordered by dr-lee Dr. Susan Lee",
        f"Wrote {MEDS}:5",
    ]
    assert changes() == {
        MEDS: [
            "-    strength: 40 mg",
            "+    strength: 20 mg",
            "+      - {date: 2026-11-23, was: {strength: 40 mg}, reason: Dizzy, ordered_by: dr-lee, read_back: true}",
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line)
    assert (again.code, again.out.splitlines()[1:]) == (
        0,
        ["furosemide has strength 20 mg already", "Nothing to write: it is like that already."],
    )


def test_from_as_needed_to_times(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("med", "change", "rosa", "acetaminophen", "--times", "20:00, 8:00", "--reason", "Pain all day")
    assert "times 08:00, 20:00; no longer as needed for Knee pain, at most 4 a day" in done.out
    assert changes()[MEDS] == [
        "-    as_needed: {reason: Knee pain, max_per_day: 4}",
        '+    times: ["08:00", "20:00"]',
        "+    changed:",
        "+      - date: 2026-11-23",
        '+        was: {times: null, as_needed: "as needed for Knee pain, at most 4 a day"}',
        "+        reason: Pain all day",
    ]
    assert carectl("check", "rosa").code == 0


def test_a_new_field_stands_in_its_place(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("med", "change", "rosa", "potassium", "--schedule", "With breakfast", "--reason", "Stomach")
    text = (lakeside / MEDS).read_text(encoding="utf-8")
    assert '    times: ["08:00"]\n    schedule: With breakfast\n    indication: Goes with' in text
    carectl("med", "change", "rosa", "potassium", "--schedule", "none", "--reason", "Better")
    assert [line for line in changes()[MEDS] if "changed" not in line] == [
        "+      - {date: 2026-11-23, was: {schedule: null}, reason: Stomach}",
        "+      - {date: 2026-11-23, was: {schedule: With breakfast}, reason: Better}",
    ]


def test_orders_from_another_time(lakeside: Path, carectl: Carectl) -> None:
    line = ["med", "change", "rosa", "furosemide", "--strength", "20 mg", "--reason", "x"]
    before = census(lakeside)
    early = carectl(*line, "--from", "2026-11-19")
    assert (early.code, "furosemide changed on Friday 2026-11-20 (3 days ago)" in early.err) == (1, True)
    later = carectl(*line, "--from", "2026-11-24")
    assert (later.code, "a day that has come" in later.err) == (2, True)
    assert census(lakeside) == before


# --- hold ------------------------------------------------------------------------------------------------------------


def test_hold_and_its_end(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("med", "hold", "rosa", "lisinopril", "--reason", "Low pressure")
    assert "Held lisinopril from Monday 2026-11-23 (today) until further notice: Low pressure" in done.out
    assert changes() == {MEDS: ["+      - {from: 2026-11-23, reason: Low pressure}"]}
    again = carectl("med", "hold", "rosa", "lisinopril", "--reason", "Low pressure")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    done = carectl("med", "hold", "rosa", "lisinopril", "--until", "wed")
    assert "Held lisinopril until Wednesday 2026-11-25 (in 2 days); given again from Thursday 2026-11-26" in done.out
    assert changes() == {MEDS: ["+      - {from: 2026-11-23, until: 2026-11-25, reason: Low pressure}"]}
    assert carectl("check", "rosa").code == 0
    clash = carectl("med", "hold", "rosa", "lisinopril", "--from", "tue", "--until", "fri", "--reason", "x")
    assert (clash.code, "is held from Monday 2026-11-23" in clash.err) == (1, True)


def test_hold_where_there_was_none(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("med", "hold", "rosa", "potassium", "--from", "wed", "--until", "fri", "--reason", "Blood test")
    text = (lakeside / MEDS).read_text(encoding="utf-8")
    assert (
        "    from: 2026-09-14\n    held:\n      - {from: 2026-11-25, until: 2026-11-27, reason: Blood test}\n" in text
    )
    carectl("med", "hold", "rosa", "furosemide", "--from", "wed", "--until", "fri", "--reason", "Blood test")
    assert changes()[MEDS][:2] == ["-    held: []", "+    held:"]
    assert carectl("check", "rosa").code == 0


# --- stop ------------------------------------------------------------------------------------------------------------


def test_stop(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("med", "stop", "rosa", "furosemide", "--reason", "Kidneys", "--on", "sun")
    assert done.out.splitlines()[1] == (
        "Stopped furosemide (Furosemide, 40 mg, 1 tablet): last day Sunday 2026-11-29 (in 6 days): Kidneys"
    )
    assert changes() == {MEDS: ["-    until: null", "+    until: 2026-11-29", "+    reason: Kidneys"]}
    carectl("med", "stop", "rosa", "calcium", "--reason", "Enough", "--on", "yesterday")
    assert changes()[MEDS][3:] == ["+    until: 2026-11-22", "+    reason: Enough"]
    assert carectl("check", "rosa").code == 0
    again = carectl("med", "stop", "rosa", "calcium-d", "--reason", "Enough")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")


@pytest.mark.parametrize("what", ["stop", "change", "hold"])
def test_what_was_stopped_long_ago(what: str, lakeside: Path, carectl: Carectl) -> None:
    more = ["--dose", "2"] if what == "change" else []
    done = carectl("med", what, "rosa", "ibuprofen", "--reason", "x", *more)
    assert done.code == 1
    assert 'hint: if it is taken again: carectl med start c-014 "Ibuprofen"' in done.err


# --- all of them -----------------------------------------------------------------------------------------------------


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    assert carectl(*START, "--dry-run").out.startswith(f"--- a/{MEDS}\n")
    assert census(lakeside) == before
    for line, done in (
        (START, "started"),
        (["med", "change", "rosa", "aspirin", "--dose", "2 tablets", "--reason", "x"], "changed"),
        (["med", "hold", "rosa", "aspirin", "--reason", "x"], "held"),
        (["med", "stop", "rosa", "aspirin", "--reason", "x"], "stopped"),
    ):
        assert carectl(*line, "--commit").code == 0
        assert last_subject(lakeside) == f"c-014 medications: 1 {done}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["start", "rosa"], "NAME, --dose, --times, --as-needed or --schedule are needed"),
        (["start", "rosa", "Aspirin", "--dose", "1"], "--times, --as-needed or --schedule is needed"),
        (["start", "rosa", "Aspirin", "--dose", "1", "--times", "25:00"], "--times takes times of day"),
        (["start", "rosa", "Aspirin", "--dose", "1", "--times", "8:00", "--as-needed", "x"], "not both"),
        (["start", "rosa", "Aspirin", "--dose", "1", "--times", "8:00", "--until", "fri"], "go together"),
        (["start", "rosa", "Aspirin", "--dose", "1", "--times", "8:00", "--kind", "otcc"], "did you mean otc?"),
        (["start", "rosa", "Aspirin", "--dose", "1", "--times", "8:00", "--id", "lisinopril"], "already"),
        (["change", "rosa", "furosemide", "--reason", "x"], "say what changes"),
        (["change", "rosa", "furosemide", "--dose", "2"], "--reason is needed"),
        (["change", "rosa", "furosemide", "--max-per-day", "2", "--reason", "x"], "belongs to --as-needed"),
        (["change", "rosa", "zzz", "--dose", "2", "--reason", "x"], "no medicine fits"),
        (["change", "rosa", "--dose", "2", "--reason", "x"], "which medicine of c-014 Rosa Alvarez?"),
        (["hold", "rosa", "potassium"], "--reason is needed"),
        (["stop", "rosa", "potassium"], "--reason is needed"),
        (["stop", "rosa", "potassium", "--reason", "x", "--on", "2026-01-01"], "cannot be before that"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("med", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before


def test_what_is_missing_is_asked_for(lakeside: Path, changes: Changes) -> None:
    answers = ["Aspirin\n", "81 mg\n", "1 tablet\n", "\n", "8\n", "8:00\n", "Heart\n", "\n", "otc\n"]
    shown, code = on_terminal(["med", "start", "rosa"], answers, lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0, shown
    assert "Please give times of day such as 8:00,20:00 or 8am" in shown
    assert changes()[MEDS] == [
        "+  - id: aspirin",
        "+    name: Aspirin",
        "+    strength: 81 mg",
        "+    dose: 1 tablet",
        "+    route: oral",
        '+    times: ["08:00"]',
        "+    indication: Heart",
        "+    kind: otc",
        "+    from: 2026-11-23",
    ]


@pytest.mark.parametrize(("is_terminal", "lines"), [(True, 2), (False, 1)])
def test_a_terminal_breaks_a_long_sentence_between_words(
    lakeside: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool, lines: int
) -> None:
    """A file or another program gets each sentence in one line."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal, raising=False)
    out = carectl(*START, "--for", "Heart", "--from", "tue").out.splitlines()
    first = next(number for number, line in enumerate(out) if line.startswith("Started aspirin"))
    assert out[first + lines].startswith("Allergies")
    assert (max(map(len, out)) <= 80) is is_terminal


@pytest.mark.parametrize("typed", ["furosemide", "fur", "nothing", None])
def test_a_list_that_cannot_be_read_is_not_an_empty_one(lakeside: Path, carectl: Carectl, typed: str | None) -> None:
    """In the middle of a conflict nobody has no medicines; nor is the one that can be read the one that is meant."""
    file = lakeside / MEDS
    file.write_text("<<<<<<< ours\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    done = carectl("med", "change", "rosa", *([typed] if typed else []), "--dose", "1 tablet", "--reason", "x")
    assert done.code == 1
    assert f"the medicines of c-014 Rosa Alvarez cannot all be read: {MEDS}:1\n" in done.err
    assert "carectl check c-014" in done.err

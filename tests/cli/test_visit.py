"""carectl visit: what became of a visit, another time, another person, and visits of no series."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/visits.yaml"
PEG = "clients/c-009/visits/2026-11.yaml"
SATURDAY_NIGHT = "2026-11-01T12:00"


# --- done ------------------------------------------------------------------------------------------------------------


def test_done(lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARECTL_NOW", "2026-11-30T12:00")
    done = carectl(
        "visit", "done", "rosa", "mon", "--in", "9:04", "--out", "11:01am", "--all-done",
        "--refused", "weigh=Knees hurt",
        "--note", "Slept well: ate.", "--for-family", "en=A good morning.", "--for-family", "es=Buena mañana.",
        "--miles", "6", "--travel-minutes", "15.5", "--did", "rail=not_needed",
    )  # fmt: skip
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "am-care-2026-11-30: Monday 2026-11-30 (today) 09:00–11:00, personal care, Jo",
        "  Park",
        "Done.",
        "  came 09:04, left 11:01",
        "  done: night-light, shower-help",
        "  not needed: rail-walk",
        "  refused: weigh (Knees hurt)",
        "  with a note for the chart",
        "  with words for the family (en, es)",
        "  on the way: 15.5 minutes, 6 miles",
        f"Wrote {ROSA}:298",
    ]
    assert changes() == {
        ROSA: [
            "+  - id: am-care-2026-11-30",
            "+    series: am-care",
            "+    day: 2026-11-30",
            "+    status: done",
            "+    staff: jo-park",
            '+    at: "09:00"',
            '+    actual: {in: "09:04", out: "11:01"}',
            "+    did:",
            "+      night-light: done",
            "+      rail-walk: not_needed",
            "+      weigh: {outcome: refused, reason: Knees hurt}",
            "+      shower-help: done",
            '+    note: "Slept well: ate."',
            "+    for_family:",
            "+      en: A good morning.",
            "+      es: Buena mañana.",
            "+    travel: {minutes: 15.5, miles: 6}",
        ]
    }
    assert "error" not in carectl("check", "rosa").out


def test_done_keeps_the_record_that_is_there(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        "visit", "done", "rosa", "mon", "--in", "9:00", "--out", "11:00", "--all-done", "--note", "Weight 61."
    )
    assert done.code == 0
    assert changes() == {
        ROSA: [
            "-    status: confirmed",
            '-    note: "Weight first, then the telephone: Dr. Lee wants the number."',
            "+    status: done",
            "+    staff: jo-park",
            '+    at: "09:00"',
            '+    actual: {in: "09:00", out: "11:00"}',
            "+    did: {night-light: done, rail-walk: done, weigh: done, shower-help: done}",
            "+    note: |-",
            "+      Weight first, then the telephone: Dr. Lee wants the number.",
            "+      Weight 61.",
        ]
    }
    assert carectl("check", "--strict").code == 0


def test_done_goes_where_its_day_belongs(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    """A folder by the month, and entries in the order of their days."""
    carectl("visit", "done", "peg", "today", "--in", "9:58", "--out", "13:00", "--all-done")
    lines = changes()[PEG]
    assert lines[0] == "+  - id: mornings-2-2026-11-23"
    text = (lakeside / PEG).read_text(encoding="utf-8")
    assert text.index("nights-2026-11-21") < text.index("mornings-2-2026-11-23") < text.index("# `at` alone")
    assert carectl("check", "--strict").code == 0


def test_done_begins_the_file_of_a_new_month(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        "visit",
        "done",
        "peg",
        "fri",
        "10:00",
        "--in",
        "9:58",
        "--out",
        "13:00",
        "--all-done",
        "--now",
        "2026-12-04T18:00",
    )
    assert done.code == 0
    assert changes()["clients/c-009/visits/2026-12.yaml"][:4] == [
        "+# yaml-language-server: $schema=../../../../../schemas/visits.schema.json",
        "+visits:",
        "+  - id: mornings-2-2026-12-04",
        "+    series: mornings-2",
    ]


def test_done_twice_is_refused(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("visit", "done", "rosa", "mon", "--in", "9:04", "--out", "11:01", "--all-done")
    assert carectl(*line).code == 0
    before = changes()
    again = carectl(*line)
    assert (again.code, again.out) == (1, "")
    assert "c-014/am-care-2026-11-23 is written down as done already (clients/c-014/visits.yaml:280)" in again.err
    assert "--again" in again.err
    assert changes() == before


def test_again_corrects_only_what_is_said(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("visit", "done", "rosa", "fri", "--again", "--out", "11:10", "--not-done", "weigh=Scale broken")
    assert done.code == 0
    assert "Was done; corrected:\n  left 11:10\n  not done: weigh (Scale broken)\n" in done.out
    assert changes() == {
        ROSA: [
            '-    actual: {in: "09:04", out: "11:01"}',
            "-    did: {night-light: done, rail-walk: done, weigh: done, shower-help: done}",
            '+    actual: {in: "09:04", out: "11:10"}',
            "+    did: {night-light: done, rail-walk: done, weigh: {outcome: not_done, reason: Scale broken},"
            " shower-help: done}",
            "+    recorded: 2026-11-23",
        ]
    }
    assert carectl("visit", "done", "rosa", "fri", "--again").code == 2


def test_again_of_one_that_was_missed(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("visit", "done", "rosa", "11/4", "--in", "9:30", "--out", "11:00", "--all-done")
    assert carectl(*line).code == 1
    done = carectl(*line, "--again")
    assert done.code == 0
    assert "Was missed; corrected:\n  the reason is taken out: Jo's train stood" in done.out
    assert "Recorded as a late entry: 19 days after the visit." in done.out
    assert "-    status: missed" in changes()[ROSA]
    assert "+    recorded: 2026-11-23" in changes()[ROSA]


@pytest.mark.parametrize(
    ("words", "options", "code", "said"),
    [
        (["rosa", "wed"], ["--all-done"], 1, "am-care-2026-11-18 is written down as done already"),
        (["rosa", "2026-11-25", "8:30"], ["--all-done"], 1, "done yet: it is on Wednesday 2026-11-25 (in 2 days)"),
        (["rosa", "mon"], [], 2, "what became of night-light, rail-walk, weigh, shower-help? --all-done"),
        (["rosa", "mon"], ["--did", "night-light"], 2, "what became of rail-walk, weigh, shower-help?"),
        (["rosa", "mon"], ["--did", "wiegh"], 2, "did you mean weigh?"),
        (["rosa", "mon"], ["--did", "weigh=refused"], 2, "--did takes TASK, TASK=done or TASK=not_needed"),
        (["rosa", "mon"], ["--not-done", "weigh"], 2, 'takes a task with the reason: --not-done weigh="why"'),
        (["rosa", "mon"], ["--did", "weigh", "--refused", "weigh=x"], 2, "weigh is there twice"),
        (["rosa", "mon"], ["--all-done", "--in", "9"], 2, "--in takes a time such as 9:04"),
        (["rosa", "mon"], ["--all-done", "--in", "9:04", "--out", "8:00"], 2, "--out takes a time that is not before"),
        (["rosa", "mon"], ["--all-done", "--in", "9:04", "--out", "23:00"], 1, "its `out` has not come yet"),
        (["rosa", "mon"], ["--all-done", "--miles", "far"], 2, "--miles takes a number"),
        (["rosa", "mon"], ["--all-done", "--staff", "xaver"], 2, "no staff member fits"),
        (["rosa", "mon"], ["--all-done", "--staff", "nobody"], 2, "nobody cannot have done it"),
        (["rosa", "mon"], ["--all-done", "--note", " "], 2, "--note takes some text"),
        (["rosa", "mon"], ["--all-done", "--note", "a\x07b"], 2, "without control characters"),
        (["rosa", "mon"], ["--all-done", "--for-family", "a", "--for-family", "b"], 2, "each text with its language"),
        (["rosa", "thu"], ["--all-done"], 2, "c-014 Rosa Alvarez has no visit on Thursday 2026-11-19 (4 days ago)"),
        (["rosa", "someday"], ["--all-done"], 2, "c-014 Rosa Alvarez has no visit someday"),
        (["rosa"], ["--all-done"], 2, "name the visit as CLIENT DAY [TIME]"),
        (["roza", "mon"], ["--all-done"], 2, "did you mean c-014 Rosa Alvarez?"),
        (["c-014/am-care-2026-11-24"], ["--all-done"], 2, "Tuesday 2026-11-24 is no day of the series am-care"),
        (["c-014/am-care-2026-11-27"], ["--all-done"], 2, "the series am-care leaves that day out"),
        (["c-014/am-carr-2026-11-23"], ["--all-done"], 2, "did you mean am-care"),
    ],
)  # fmt: skip
def test_done_that_cannot_be(
    words: list[str], options: list[str], code: int, said: str, lakeside: Path, carectl: Carectl
) -> None:
    before = census(lakeside)
    done = carectl("visit", "done", *words, *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


def test_a_note_from_the_standard_input(
    lakeside: Path, carectl: Carectl, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Two walks.\nAte: all of it  \n\n"))
    assert carectl("visit", "done", "peg", "today", "--all-done", "--note", "-").code == 0
    assert changes()[PEG][-3:] == ["+    note: |-", "+      Two walks.", "+      Ate: all of it"]


def test_a_night(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(
        "visit",
        "done",
        "peg",
        "fri",
        "22:00",
        "--in",
        "21:55",
        "--out",
        "6:02",
        "--all-done",
        "--now",
        "2026-11-28T09:00",
    )
    assert done.code == 0
    assert "came 21:55, left 06:02 on Saturday 2026-11-28 (today)" in done.out
    assert '+    actual: {in: "21:55", out: 2026-11-28T06:02}' in changes()[PEG]


def test_the_doubled_hour_wants_its_offset(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    """In Michigan the clocks showed half past one twice in the night to November 1."""
    (lakeside / "clients/c-009/visits/2026-10.yaml").write_text("visits:\n", encoding="utf-8")
    line = ("visit", "done", "peg", "sat", "22:00", "--all-done", "--in", "22:00", "--now", SATURDAY_NIGHT)
    done = carectl(*line, "--out", "1:30")
    assert (done.code, done.out) == (2, "")
    assert "for the clocks showed 01:30 twice: 2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00" in done.err
    assert carectl(*line, "--out", "1:30-05:00").code == 0
    text = (lakeside / "clients/c-009/visits/2026-10.yaml").read_text(encoding="utf-8")
    assert 'actual: {in: "22:00", out: 2026-11-01T01:30-05:00}' in text
    assert "visit-time-ambiguous" not in carectl("check", "peg", "--now", SATURDAY_NIGHT).out


def test_a_late_entry(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("visit", "done", "rosa", "11/30", "--in", "9:00", "--out", "11:00", "--all-done")
    done = carectl(*line, "--now", "2026-12-03T09:00")
    assert "Recorded as a late entry: 3 days after the visit.\n" in done.out
    assert changes()[ROSA][-1] == "+    recorded: 2026-12-03"
    on_time = carectl("visit", "done", "peg", "11/30", "--all-done", "--now", "2026-12-02T22:00")
    assert "late" not in on_time.out


def test_an_open_visit_needs_who_came(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("visit", "assign", "rosa", "11/30", "nobody")
    line = ("visit", "done", "rosa", "11/30", "--all-done", "--now", "2026-11-30T14:00")
    done = carectl(*line)
    assert (done.code, done.err) == (2, "carectl: --staff is needed (on a terminal carectl asks)\n")
    assert carectl(*line, "--staff", "lucia").code == 0
    assert "+    staff: lucia-nunez" in changes()[ROSA]


def test_who_is_away_cannot_have_come_unless_it_is_said(lakeside: Path, carectl: Carectl) -> None:
    carectl("away", "jo", "--from", "11/30", "--until", "11/30", "--reason", "sick", "--apply")
    line = ("visit", "done", "rosa", "11/30", "--all-done", "--now", "2026-11-30T14:00")
    assert "--staff is needed" in carectl(*line).err
    assert carectl(*line, "--staff", "lucia").code == 0


def test_a_couple_has_two_records(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("visit", "done", "stan", "mon", "--all-done", "--in", "8:30", "--out", "11:00")
    assert done.code == 0
    assert "Seen in the same visit: c-003 Halina Wójcik. Their own record is not changed by this.\n" in done.out


def test_dry_run_and_commit(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    line = ("visit", "done", "rosa", "mon", "--in", "9:04", "--out", "11:01", "--all-done")
    dry = carectl(*line, "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith(f"--- a/{ROSA}\n+++ b/{ROSA}\n")
    assert '+    actual: {in: "09:04", out: "11:01"}\n' in dry.out
    assert "Wrote" not in dry.out
    assert census(lakeside) == before
    done = carectl(*line, "--commit")
    assert done.code == 0
    assert last_subject(lakeside) == "c-014 visits: 1 done"


def test_questions(lakeside: Path) -> None:
    answers = ["9", "9:04", "11:01", "d", "n", "Knees hurt", "q", "r", "Not today", "x", "A good day.", ""]
    answers = [f"{typed}\n" for typed in answers]
    shown, code = on_terminal(["visit", "done", "rosa", "mon"], answers, lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "c-014 Rosa Alvarez\nam-care-2026-11-23: Monday 2026-11-23 (today) 09:00–11:00" in shown
    assert "Came at (due 09:00) (Enter to skip): " in shown
    assert "Please give a time such as 9:04" in shown
    assert "Please give d (done), n (not done), r (refused) or x (not needed)" in shown
    text = (lakeside / ROSA).read_text(encoding="utf-8")
    assert 'actual: {in: "09:04", out: "11:01"}' in text
    assert "rail-walk: {outcome: not_done, reason: Knees hurt}" in text
    assert "weigh: {outcome: refused, reason: Not today}" in text
    assert "shower-help: not_needed" in text


def test_nothing_is_asked_if_nothing_is_missing(lakeside: Path) -> None:
    line = ["visit", "done", "rosa", "mon", "--in", "9:04", "--out", "11:01", "--all-done"]
    shown, code = on_terminal(line, [], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "Enter to skip" not in shown


def test_stopping_writes_nothing(lakeside: Path) -> None:
    before = census(lakeside)
    _, code = on_terminal(["visit", "done", "rosa", "mon"], ["9:04\n", "\x03"], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 130
    assert census(lakeside) == before


# --- missed, refused, cancelled --------------------------------------------------------------------------------------


def test_missed(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("visit", "missed", "peg", "mon", "--reason", "Train at the crossing")
    assert done.out.splitlines()[:4] == [
        'c-009 Margaret Donnelly',
        "mornings-2-2026-11-23: Monday 2026-11-23 (today) 10:00–13:00, personal care,",
        "  Imani Brooks",
        "Missed: Train at the crossing",
    ]  # fmt: skip
    assert changes() == {
        PEG: [
            "+  - id: mornings-2-2026-11-23",
            "+    series: mornings-2",
            "+    day: 2026-11-23",
            "+    status: missed",
            "+    staff: imani-brooks",
            '+    at: "10:00"',
            "+    reason: Train at the crossing",
        ]
    }
    again = carectl("visit", "missed", "peg", "mon", "--reason", "Train at the crossing")
    assert (again.code, "it is like that already" in again.out) == (0, True)
    assert carectl("visit", "missed", "peg", "mon", "--reason", "Other").code == 1
    assert carectl("check", "--strict").code == 0


def test_cancelled_ahead_says_no_more_than_needed(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("visit", "cancel", "peg", "wed", "--reason", "With her niece").code == 0
    assert changes()[PEG] == [
        "+  - id: mornings-2-2026-11-25",
        "+    series: mornings-2",
        "+    day: 2026-11-25",
        "+    status: cancelled",
        "+    reason: With her niece",
    ]


def test_the_reason_that_was_there_stays(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("visit", "cancel", "rosa", "wed", "8:30", "--reason", "At the eye doctor").code == 0
    assert changes()[ROSA] == [
        "+    status: cancelled",
        "-    reason: So that she has an hour to lie down before the clinic",
        '+    reason: "At the eye doctor; before that: So that she has an hour to lie down before the clinic"',
    ]


def test_several_fit(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("visit", "cancel", "rosa", "wed", "--reason", "x")
    assert (done.code, done.out) == (2, "")
    assert "has several visits that fit; say which:\n  carectl visit cancel c-014/am-care-2026-11-25   Wed" in done.err
    assert carectl("visit", "cancel", "rosa", "wed", "8:30", "--reason", "x").code == 0


@pytest.mark.parametrize("status", ["missed", "refused", "cancel"])
def test_a_reason_is_needed(status: str, lakeside: Path, carectl: Carectl) -> None:
    done = carectl("visit", status, "rosa", "mon")
    assert (done.code, done.err) == (2, "carectl: --reason is needed (on a terminal carectl asks)\n")


def test_what_is_done_is_not_called_off(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("visit", "cancel", "rosa", "11/20", "--reason", "x")
    assert (done.code, done.out) == (1, "")
    assert "is written down as done already" in done.err
    assert carectl("visit", "missed", "rosa", "11/30", "--reason", "x").code == 1


def test_a_weekday_means_the_last_one_or_the_coming_one(lakeside: Path, carectl: Carectl) -> None:
    assert (
        "am-care-2026-11-20 is written down as done" in carectl("visit", "missed", "rosa", "fri", "--reason", "x").err
    )
    assert "the series am-care leaves that day out" in carectl("visit", "cancel", "rosa", "fri", "--reason", "x").err


def test_the_other_day_is_taken_if_only_it_has_a_visit(lakeside: Path, carectl: Carectl) -> None:
    """Rosa's Saturdays are every second week: there was none on November 28."""
    done = carectl("visit", "refused", "rosa", "sat", "--reason", "Family", "--now", "2026-12-01T12:00")
    assert done.code == 0
    assert (
        "There is no visit on Saturday 2026-11-28 (3 days ago); taken is Saturday 2026-12-05 (in 4 days).\n" in done.out
    )


def test_the_other_day_is_not_taken_if_all_is_said_of_the_first(lakeside: Path, carectl: Carectl) -> None:
    """Else a call made twice would reach the visit of another week."""
    line = ("visit", "cancel", "peg", "mon", "--reason", "Snow", "--now", "2026-12-01T12:00")
    assert "mornings-2-2026-12-07" in carectl(*line).out
    assert "it is like that already" in carectl(*line).out
    assert carectl(*line[:4], "--reason", "Rain", *line[6:]).code == 1


# --- another time, another person ------------------------------------------------------------------------------------


def test_move_and_back(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("visit", "move", "rosa", "11/30", "--to-day", "tue", "--at", "10am", "--reason", "Plumber")
    assert done.code == 0
    assert done.out.splitlines()[:4] == [
        "c-014 Rosa Alvarez",
        "am-care-2026-11-30: Monday 2026-11-30 (in 7 days) 09:00–11:00, personal care,",
        "  Jo Park",
        "Now: Tuesday 2026-11-24 (tomorrow) 10:00–12:00, personal care, Jo Park",
    ]
    assert changes() == {
        ROSA: [
            "+  - id: am-care-2026-11-30",
            "+    series: am-care",
            "+    day: 2026-11-30",
            "+    date: 2026-11-24",
            '+    at: "10:00"',
            "+    reason: Plumber",
        ]
    }
    again = carectl("visit", "move", "rosa", "tue", "--to-day", "tue", "--at", "10:00", "--reason", "Plumber")
    assert "it is like that already" in again.out
    assert carectl("check", "--strict").code == 0
    # Found by the day on which it was due, too; back, it says nothing of a plumber any more.
    assert carectl("visit", "move", "rosa", "11/30", "--date", "11/30", "--at", "9:00").code == 0
    assert changes() == {ROSA: ["+  - id: am-care-2026-11-30", "+    series: am-care", "+    day: 2026-11-30"]}


def test_what_was_confirmed_is_planned_when_moved(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("visit", "move", "rosa", "today", "--at", "14:00")
    assert "It was confirmed for the old time, and is planned now." in done.out
    assert changes() == {ROSA: ["-    status: confirmed", '+    at: "14:00"']}


def test_move_says_what_is_odd(lakeside: Path, carectl: Carectl) -> None:
    crossing = carectl("visit", "move", "rosa", "11/30", "--date", "11/25", "--at", "9:00", "--dry-run")
    assert "warning[visits-overlap]" in crossing.err
    away = carectl("visit", "move", "rosa", "12/23", "--date", "12/24", "--dry-run")
    assert "Now: Thursday 2026-12-24 (in 31 days) 09:00–11:00, personal care, nobody yet" in away.out
    assert "warning[visit-staff-away]" in away.err
    hospital = carectl("visit", "move", "minh", "12/1", "--date", "11/25", "--dry-run")
    assert "The client is on file as away then: the visit is suspended." in hospital.out


@pytest.mark.parametrize(
    ("words", "options", "code", "said"),
    [
        (["rosa", "11/30"], [], 2, "say where it goes"),
        (["rosa", "11/30"], ["--at", "soon"], 2, "--at takes a time of day"),
        (["rosa", "11/30"], ["--to-day", "soon"], 2, "--to-day takes a day such as"),
        (["rosa", "11/30"], ["--duration", "2h", "--ends", "11:00"], 2, "twice how long"),
        (["rosa", "11/20"], ["--at", "10:00"], 1, "what has been written down stays"),
    ],
)
def test_move_that_cannot_be(
    words: list[str], options: list[str], code: int, said: str, lakeside: Path, carectl: Carectl
) -> None:
    done = carectl("visit", "move", *words, *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_visit_of_no_series_goes_to_the_file_of_its_month(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("visit", "add", "peg", "fri", "14:00", "--service", "appointment", "--duration", "1h").code == 0
    done = carectl("visit", "move", "c-009/appointment-2026-11-27", "--date", "12/2")
    assert done.code == 0
    found = changes()
    assert PEG not in found
    assert found["clients/c-009/visits/2026-12.yaml"][1:] == [
        "+visits:",
        "+  - id: appointment-2026-11-27",
        "+    service: appointment",
        "+    date: 2026-12-02",
        '+    at: "14:00"',
        "+    duration: 1h",
    ]
    assert "entry-wrong-month" not in carectl("check", "peg").out


def test_no_comment_is_lost_on_the_way_to_another_month(lakeside: Path, carectl: Carectl) -> None:
    carectl("visit", "add", "peg", "fri", "14:00", "--service", "appointment", "--duration", "1h")
    path = lakeside / PEG
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("service: appointment", "service: appointment   # bring the papers"), encoding="utf-8")
    before = census(lakeside)
    done = carectl("visit", "move", "c-009/appointment-2026-11-27", "--date", "12/2")
    assert (done.code, "comments beside it would be lost" in done.err) == (1, True)
    assert census(lakeside) == before


def test_assign(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("visit", "assign", "rosa", "12/2", "marek", "--reason", "Jo at a training")
    assert "Now: marek-zielinski Marek Zieliński\n" in done.out
    assert changes() == {
        ROSA: [
            "+  - id: am-care-2026-12-02",
            "+    series: am-care",
            "+    day: 2026-12-02",
            "+    staff: marek-zielinski",
            "+    reason: Jo at a training",
        ]
    }
    assert "it is like that already" in carectl("visit", "assign", "rosa", "12/2", "marek").out
    # Amara is a nurse and no lifter; Gwen has left; Imani is with Peg.
    for name, code in (
        ("amara", "visit-skill-missing"), ("gwen", "visit-staff-not-employed"), ("imani", "visit-double-booked"),
    ):  # fmt: skip
        refused = carectl("visit", "assign", "rosa", "12/2", name)
        assert (refused.code, code in refused.err) == (1, True)
    assert "Now: nobody yet" in carectl("visit", "assign", "rosa", "12/2", "nobody").out
    assert "+    staff: []" in changes()[ROSA]
    assert carectl("visit", "assign", "rosa", "12/2", "jo,lucia").code == 0
    assert "+    staff: [jo-park, lucia-nunez]" in changes()[ROSA]


def test_assign_keeps_why_the_visit_was_moved(carectl: Carectl, changes: Changes) -> None:
    assert carectl("visit", "assign", "rosa", "wed", "8:30", "marek", "--reason", "Jo is ill").code == 0
    why = "Jo is ill; before that: So that she has an hour to lie down before the clinic"
    assert f'+    reason: "{why}"' in changes()[ROSA]


def test_assign_to_who_is_away(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("visit", "assign", "peg", "12/26", "jo")
    assert (done.code, done.out) == (1, "")
    assert "jo-park Jo Park is away then; nothing was written" in done.err
    assert census(lakeside) == before


# --- a visit of no series --------------------------------------------------------------------------------------------


def test_add(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("visit", "add", "rosa", "tue", "2:30pm", "--service", "appointment", "--with", "dr-lee",
            "--duration", "45m", "--where", "Lakeside Clinic, 2nd floor")  # fmt: skip
    done = carectl(*line)
    assert done.code == 0
    assert (
        "appointment-2026-11-24: Tuesday 2026-11-24 (tomorrow) 14:30–15:15,\n  appointment, Dr. Susan Lee, "
        "at Lakeside Clinic, 2nd floor\n" in done.out
    )
    assert changes() == {
        ROSA: [
            "+  - id: appointment-2026-11-24",
            "+    service: appointment",
            "+    with: dr-lee",
            "+    date: 2026-11-24",
            '+    at: "14:30"',
            "+    duration: 45m",
            "+    where: Lakeside Clinic, 2nd floor",
        ]
    }
    again = carectl(*line)
    assert (again.code, again.out) == (1, "")
    assert "there is such a visit already: c-014/appointment-2026-11-24" in again.err
    assert carectl("check", "--strict").code == 0


def test_add_to_who_has_no_visits_yet(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("visit", "add", "walter", "fri", "10:00", "--service", "assessment", "--duration", "1h30m").code == 0
    assert changes() == {
        "clients/c-017/visits.yaml": [
            "+# yaml-language-server: $schema=../../../../schemas/visits.schema.json",
            "+visits:",
            "+  - id: assessment-2026-11-27",
            "+    service: assessment",
            "+    date: 2026-11-27",
            '+    at: "10:00"',
            "+    duration: 1h30m",
        ]
    }


@pytest.mark.parametrize(
    ("words", "options", "code", "said"),
    [
        (["rosa", "fri", "10:00"], [], 2, "--service, --duration are needed"),
        (["rosa", "fri"], ["--service", "nursing", "--duration", "1h"], 2, "name client, day and time"),
        (["rosa", "fri", "10:00"], ["--service", "nursing", "--duration", "long"], 2, "--duration takes a length"),
        (
            ["rosa", "fri", "10:00"],
            ["--service", "nursing", "--duration", "1h", "--ends", "11:00"],
            2,
            "twice how long",
        ),
        (["rosa", "fri", "10:00"], ["--service", "nursing", "--duration", "1h", "--does", "weihg"], 2, "mean weigh?"),
        (["rosa", "fri", "10:00"], ["--service", "nursing", "--duration", "1h", "--id", "pt-eval"], 2, "taken already"),
        (["solveig", "fri", "10:00"], ["--service", "nursing", "--duration", "1h"], 1, "[visit-after-end]"),
    ],
)
def test_add_that_cannot_be(
    words: list[str], options: list[str], code: int, said: str, lakeside: Path, carectl: Carectl
) -> None:
    before = census(lakeside)
    done = carectl("visit", "add", *words, *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


def test_again_keeps_keys_of_ones_own(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = lakeside / ROSA
    text = path.read_text(encoding="utf-8")
    place = text.index("did: {", text.index("id: am-care-2026-11-20")) + len("did: {")
    path.write_text(text[:place] + "x-mine: [1, 2], " + text[place:], encoding="utf-8")
    before = changes()
    assert carectl("visit", "done", "rosa", "fri", "--again", "--not-done", "weigh=Scale broken").code == 0
    assert any("x-mine: [1, 2]" in line for line in changes()[ROSA] if line.startswith("+")), (before, changes())

"""carectl series: begin one, change one from a day on, end one; and what was stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/visits.yaml"
SERIES = "clients/c-009/visits/series.yaml"

# --- add -------------------------------------------------------------------------------------------------------------


def test_add(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("series", "add", "peg", "--service", "companionship", "--from", "wed", "--days", "thu tue", "--at", "2pm",
            "--duration", "90m", "--staff", "imani", "--needs", "dementia", "--every", "2")  # fmt: skip
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-009 Margaret Donnelly",
        "companionship: tue, thu every 2 weeks 14:00 for 90m, companionship, imani-brooks Imani Brooks",
        "The next visit is on Thursday 2026-11-26 (in 3 days).",
        f"Wrote {SERIES}:44",
    ]
    assert changes() == {
        SERIES: [
            "+  - id: companionship",
            "+    service: companionship",
            "+    staff: imani-brooks",
            "+    needs: [dementia]",
            "+    from: 2026-11-25",
            "+    days: [tue, thu]",
            "+    every: 2w",
            '+    at: "14:00"',
            "+    duration: 90m",
        ]
    }
    again = carectl(*line)
    assert (again.code, again.out) == (1, "")
    assert "there is such a series already: c-009/companionship" in again.err
    assert carectl("check", "--strict").code == 0


def test_add_the_first_one(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("series", "add", "walter", "--service", "assessment", "--from", "11/30",
                   "--rrule", "FREQ=MONTHLY;BYDAY=2TU",
                   "--at", "22:00", "--ends", "6:00")  # fmt: skip
    assert done.code == 0
    assert "FREQ=MONTHLY;BYDAY=2TU 22:00 until 06:00, assessment, nobody yet: it is an open shift" in done.out
    assert "The next visit is on Tuesday 2026-12-08 (in 15 days)." in done.out
    assert changes()["clients/c-017/visits.yaml"][1:] == [
        "+series:",
        "+  - id: assessment",
        "+    service: assessment",
        "+    from: 2026-11-30",
        "+    rrule: FREQ=MONTHLY;BYDAY=2TU",
        '+    at: "22:00"',
        '+    to: "06:00"',
    ]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ([], 2, "--service, --from, --days, --at, --duration are needed"),
        (["--rrule", "FREQ=MONTHLY"], 2, "--service, --from, --at, --duration are needed"),
        (["--days", "mon", "--rrule", "FREQ=DAILY"], 2, "--rrule does not go together with --days"),
        (["--days", "someday"], 2, "--days takes days of the week"),
        (["--rrule", "FREQ=MONTHLY;COUNT=3"], 2, "--rrule takes a recurrence rule that can be used: COUNT"),
        (["--days", "mon", "--every", "often"], 2, "--every takes a number of weeks"),
        (["--days", "mon", "--id", "am-care"], 2, "--id am-care is taken already"),
        (["--days", "mon", "--does", "weihg"], 2, "did you mean weigh?"),
        (["--days", "mon", "--until", "11/24/2026"], 1, "`until` is before `from`"),
    ],
)
def test_add_that_cannot_be(options: list[str], code: int, said: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    rest = (
        ["--service", "nursing", "--from", "wed", "--at", "9:00", "--duration", "1h"]
        if "are needed" not in said
        else []
    )
    done = carectl("series", "add", "rosa", *rest, *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


def test_questions(lakeside: Path) -> None:
    answers = ["nursing\n", "fri\n", "mon\n", "9\n", "9:00\n", "1h\n", "amara\n"]
    shown, code = on_terminal(["series", "add", "rosa"], answers, lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "Please give a time of day such as 9:00" in shown
    assert "nursing: mon 09:00 for 1h, nursing, amara-diallo Amara Diallo" in shown


# --- change ----------------------------------------------------------------------------------------------------------


def test_change(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    before = (lakeside / ROSA).read_text(encoding="utf-8")
    line = (
        "series",
        "change",
        "rosa",
        "am-care",
        "--from",
        "11/30",
        "--at",
        "8:30",
        "--reason",
        "The bus comes earlier",
    )
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "am-care ends on Sunday 2026-11-29 (in 6 days).",
        "am-care-2 follows it from Monday 2026-11-30 (in 7 days) on.",
        "am-care-2: mon, wed, fri 08:30 for 2h, personal care, jo-park Jo Park",
        "The next visit is on Monday 2026-11-30 (in 7 days).",
        f"Wrote {ROSA}:9",
    ]
    old, between, rest = before.partition("  - id: saturday\n")
    expected = old.replace("until: 2027-02-28", "until: 2026-11-29").replace(
        "except: [2026-11-27, 2026-12-25]", "except: [2026-11-27]"
    )
    expected += """\
    reason: The bus comes earlier
  - id: am-care-2
    follows: am-care
    service: personal_care
    staff: jo-park
    needs: [transfers]
    from: 2026-11-30
    until: 2027-02-28
    days: [mon, wed, fri]
    every: 1w
    at: "08:30"
    duration: 2h
    does: [night-light, rail-walk, weigh, shower-help]
    except: [2026-12-25]
"""
    assert (lakeside / ROSA).read_text(encoding="utf-8") == expected + between + rest
    assert list(changes()) == [ROSA]
    assert carectl("check", "--strict").code == 0
    again = carectl(*line)
    assert (again.code, again.out) == (1, "")
    assert "the series am-care ends on Sunday 2026-11-29 (in 6 days), before that day" in again.err


def test_past_occurrences_never_change(lakeside: Path, carectl: Carectl) -> None:
    window = ("agenda", "--from", "2026-10-19", "--until", "2026-11-29", "-f", "json")
    before = carectl(*window).out
    assert (
        carectl("series", "change", "rosa", "am-care", "--from", "11/30", "--days", "tue", "--staff", "lucia").code == 0
    )
    assert carectl("series", "change", "rosa", "saturday", "--from", "11/30", "--at", "11:00").code == 0
    assert carectl("series", "end", "rosa", "rn-look", "--until", "11/30", "--reason", "x").code == 0
    assert carectl(*window).out == before


def test_what_is_planned_goes_over(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("series", "change", "rosa", "am-care", "--from", "today", "--at", "8:30")
    assert done.code == 0
    assert (
        "Goes over as it stands: am-care-2026-11-23 is am-care-2-2026-11-23: Mon 2026-11-23 08:30–10:30 personal care, "
        "Jo Park.\n  It was confirmed for the old series, and is planned now.\n" in done.out
    )
    assert "Goes over as it stands: am-care-2026-11-25 is am-care-2-2026-11-25: Wed 2026-11-25 08:30" in done.out
    lines = changes()[ROSA]
    for line in ("-  - id: am-care-2026-11-23", "+  - id: am-care-2-2026-11-23", "-    status: confirmed"):
        assert line in lines
    text = (lakeside / ROSA).read_text(encoding="utf-8")
    assert '  - id: am-care-2-2026-11-25\n    series: am-care-2\n    day: 2026-11-25\n    at: "08:30"\n' in text
    assert "# What is still to come and differs from the series.\n  - id: am-care-2-2026-11-23" in text
    assert "error" not in carectl("check", "rosa").out


def test_what_cannot_go_over_stops_it(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    before = census(lakeside)
    line = ("series", "change", "rosa", "am-care", "--from", "tomorrow", "--days", "tue,thu")
    done = carectl(*line)
    assert (done.code, done.out) == (1, "")
    assert (
        "nothing was written:\n  c-014/am-care-2026-11-25  Wednesday 2026-11-25 (in 2 days)  planned differently, at"
        in (done.err)
    )
    assert "hint: --drop takes these records out" in done.err
    assert census(lakeside) == before
    dropped = carectl(*line, "--drop")
    assert dropped.code == 0
    assert "Taken out: am-care-2026-11-25.\n" in dropped.out
    assert "Friday 2026-11-27 (in 4 days) was left out by am-care, and is no day of the series now.\n" in dropped.out
    text = (lakeside / ROSA).read_text(encoding="utf-8")
    assert "am-care-2026-11-25" not in text
    # No day is left out any more; the comment that explained them is not lost.
    assert re.search(r"    except: \[\] +# with Maria both times\n", text)
    assert "error" not in carectl("check", "rosa").out


def test_what_has_happened_today_stops_it(lakeside: Path, carectl: Carectl) -> None:
    carectl("visit", "done", "rosa", "mon", "--all-done")
    done = carectl("series", "change", "rosa", "am-care", "--from", "today", "--at", "8:30")
    assert (done.code, done.out) == (1, "")
    assert "a visit on Monday 2026-11-23 (today) is written down as done already" in done.err


def test_every_second_week_stays_so(lakeside: Path, carectl: Carectl) -> None:
    """Rosa's Saturdays go on December 5; the week of November 30 counts, the one before does not."""
    done = carectl("series", "change", "rosa", "saturday", "--from", "11/24", "--at", "11:00")
    assert "saturday-2 follows it from Monday 2026-11-30 (in 7 days) on.\n" in done.out
    assert "The next visit is on Saturday 2026-12-05 (in 12 days).\n" in done.out


def test_a_monthly_rule_goes_on(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("series", "change", "rosa", "rn", "--from", "tomorrow", "--staff", "nobody")
    assert "rn-look-2: FREQ=MONTHLY;BYDAY=2WE 10:00 for 45m, supervision, nobody yet: it is an open shift\n" in done.out
    assert "The next visit is on Wednesday 2026-12-09 (in 16 days).\n" in done.out


def test_the_third_one(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("series", "change", "peg", "mornings-2", "--from", "12/2", "--duration", "4h")
    assert "mornings-3 follows it from Wednesday 2026-12-02 (in 9 days) on.\n" in done.out
    assert "  - id: mornings-3\n    follows: mornings-2\n" in (lakeside / SERIES).read_text(encoding="utf-8")


def test_one_that_has_not_begun_is_changed_in_its_place(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl(
        "series",
        "add",
        "rosa",
        "--service",
        "therapy",
        "--from",
        "12/1",
        "--days",
        "tue",
        "--at",
        "9:00",
        "--duration",
        "1h",
    )
    done = carectl(
        "series", "change", "rosa", "therapy", "--from", "12/1", "--days", "thu", "--staff", "ines", "--ends", "10:30"
    )
    assert done.code == 0
    assert "therapy has not begun, so it is changed in its place.\n" in done.out
    assert "The next visit is on Thursday 2026-12-03 (in 10 days).\n" in done.out
    assert changes()[ROSA] == [
        "+  - id: therapy",
        "+    service: therapy",
        "+    staff: ines-carvalho",
        "+    from: 2026-12-01",
        "+    days: [thu]",
        '+    at: "09:00"',
        '+    to: "10:30"',
    ]


def test_nothing_changes(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("series", "change", "rosa", "am-care", "--from", "11/30", "--at", "9:00", "--staff", "jo")
    assert done.code == 0
    assert "it is like that already" in done.out


@pytest.mark.parametrize(
    ("words", "options", "code", "said"),
    [
        (["rosa", "am-care"], [], 2, "--from is needed"),
        (["rosa", "am-care"], ["--from", "11/30"], 2, "say what changes"),
        (["rosa", "am-care"], ["--from", "2026-11-20", "--at", "8:30"], 2, "is past, and what was stays"),
        (["rosa", "am-car"], ["--from", "3/1/2027", "--at", "8:30"], 1, "the series am-care ends on Sunday 2027-02-28"),
        (["rosa", "am-cra"], ["--from", "11/30", "--at", "8:30"], 2, "did you mean am-care?"),
        (["rosa"], ["--from", "11/30", "--at", "8:30"], 2, "name the series as CLIENT ID"),
        (["c-014/nights"], ["--from", "11/30", "--at", "8:30"], 2, "there are am-care, saturday, rn-look"),
        (["rosa", "am-care"], ["--from", "11/30", "--at", "8:30", "--id", "saturday"], 2, "is taken already"),
    ],
)
def test_change_that_cannot_be(
    words: list[str], options: list[str], code: int, said: str, lakeside: Path, carectl: Carectl
) -> None:
    before = census(lakeside)
    done = carectl("series", "change", *words, *options)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


# --- end -------------------------------------------------------------------------------------------------------------


def test_end(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    repository(lakeside)
    line = ("series", "end", "rosa", "saturday", "--until", "12/19", "--reason", "Goes to her sister", "--commit")
    done = carectl(*line)
    assert done.code == 0
    assert "saturday ends on Saturday 2026-12-19 (in 26 days): Goes to her sister\n" in done.out
    assert "The last visit is on Saturday 2026-12-19 (in 26 days).\n" in done.out
    assert changes() == {ROSA: ["+    until: 2026-12-19", "+    reason: Goes to her sister"]}
    assert last_subject(lakeside) == "c-014 series: 1 ended"
    assert "it is like that already" in carectl(*line).out
    assert carectl("check", "--strict").code == 0


def test_end_leaves_nothing_behind_that_would_be_wrong(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    before = census(lakeside)
    line = ("series", "end", "rosa", "am-care", "--until", "11/24", "--reason", "Moves to her daughter")
    done = carectl(*line)
    assert (done.code, done.out) == (1, "")
    assert "c-014/am-care-2026-11-25" in done.err
    assert census(lakeside) == before
    assert carectl(*line, "--drop").code == 0
    assert any(re.fullmatch(r"\+    except: \[\] +# with Maria both times", line) for line in changes()[ROSA])
    assert "error" not in carectl("check", "rosa").out


def test_end_cannot_hide_what_nobody_explained(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    now = ("--now", "2026-12-04T12:00")
    done = carectl("series", "end", "peg", "mornings-2", "--until", "2026-11-29", "--reason", "x", *now)
    assert (done.code, done.out) == (1, "")
    assert "nothing is written down of them: 2026-11-30, 2026-12-02" in done.err
    happened = carectl("series", "end", "rosa", "am-care", "--until", "2026-11-18", "--reason", "x")
    assert (happened.code, "is written down as done already" in happened.err) == (1, True)
    early = carectl("series", "end", "rosa", "am-care", "--until", "2026-10-01", "--reason", "x")
    assert "begins on Monday 2026-10-19 (35 days ago), after that day" in early.err
    over = carectl("series", "end", "peg", "mornings", "--until", "2026-12-24", "--reason", "x")
    assert "ended on Friday 2026-10-30" in over.err
    assert census(lakeside) == before

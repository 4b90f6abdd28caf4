"""carectl calendar import: a preview, then visits; the same again changes nothing; nothing is ever half written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/visits.yaml"
PEG = "clients/c-009/visits"

LAB = """\
BEGIN:VEVENT
UID:lab@clinic
DTSTART;TZID=America/Chicago:20261201T143000
DTEND;TZID=America/Chicago:20261201T151500
SUMMARY:Blood test\\, fasting
LOCATION:Lakeside Clinic\\, 2nd floor
DESCRIPTION:Nobody needs to know this
END:VEVENT
"""
EYES = """\
BEGIN:VEVENT
UID:eyes@clinic
DTSTART:20261203T150000Z
DURATION:PT30M
SUMMARY:Eye doctor
END:VEVENT
"""
HOLIDAY = """\
BEGIN:VEVENT
UID:closed@clinic
DTSTART;VALUE=DATE:20261224
SUMMARY:Closed
END:VEVENT
"""


@pytest.fixture
def calendar(lakeside: Path) -> Path:
    """A file beside the caseload, as the clinic sends it."""
    path = lakeside.parent / "lakeside-clinic.ics"
    fill(path, LAB, EYES)
    return path


def fill(path: Path, *events: str, head: str = "") -> None:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join(events)}END:VCALENDAR\n"
    path.write_bytes(text.replace("\n", "\r\n").encode())


def test_without_yes_it_is_a_preview(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    before = census(lakeside)
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez: calendar lakeside-clinic, with dr-lee Dr. Susan Lee",
        "From Monday 2026-11-23 until Tuesday 2027-03-23",
        "",
        "New: 2",
        "  + Tuesday 2026-12-01 14:30–15:15, Blood test, fasting",
        "      at Lakeside Clinic, 2nd floor",
        "  + Thursday 2026-12-03 09:00–09:30, Eye doctor",
        "",
        "2 new, 0 changed, 0 gone, 0 unchanged.",
        "Nothing was written. To write it, give the same command with --yes.",
    ]
    assert census(lakeside) == before


def test_yes_writes_and_the_second_time_changes_nothing(
    lakeside: Path, carectl: Carectl, calendar: Path, changes: Changes
) -> None:
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-2:] == ["2 added, 0 changed, 0 cancelled.", f"Wrote {ROSA}:298"]
    assert changes() == {
        ROSA: [
            "+  - id: lakeside-clinic-2026-12-01",
            "+    service: appointment",
            "+    with: dr-lee",
            "+    date: 2026-12-01",
            '+    at: "14:30"',
            "+    duration: 45m",
            "+    where: Lakeside Clinic, 2nd floor",
            "+    note: Blood test, fasting",
            "+    imported: {calendar: lakeside-clinic, uid: lab@clinic}",
            "+  - id: lakeside-clinic-2026-12-03",
            "+    service: appointment",
            "+    with: dr-lee",
            "+    date: 2026-12-03",
            '+    at: "09:00"',
            "+    duration: 30m",
            "+    note: Eye doctor",
            "+    imported: {calendar: lakeside-clinic, uid: eyes@clinic}",
        ]
    }
    assert carectl("check", "--strict").code == 0
    before = census(lakeside)
    # Who sees her there is known by now.
    again = carectl("calendar", "import", str(calendar), "--client", "rosa", "--yes")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[-2:] == [
        "0 new, 0 changed, 0 gone, 2 unchanged.", "Nothing to write: it is like that already.",
    ]  # fmt: skip
    assert census(lakeside) == before


def test_changed_and_gone(lakeside: Path, carectl: Carectl, calendar: Path, changes: Changes) -> None:
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    before = changes()[ROSA]
    fill(calendar, LAB.replace("20261201T1", "20261202T1").replace("2nd", "3rd"))
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--yes")
    assert done.code == 0
    assert done.out.splitlines()[3:] == [
        "Changed: 1",
        "  ~ Tuesday 2026-12-01 14:30–15:15, lakeside-clinic-2026-12-01",
        "      now: Wednesday 2026-12-02 14:30–15:15",
        "      where: Lakeside Clinic, 3rd floor (was: Lakeside Clinic, 2nd floor)",
        "",
        "Gone, to be cancelled: 1",
        "  - Thursday 2026-12-03 09:00–09:30, Eye doctor",
        "",
        "0 new, 1 changed, 1 gone, 0 unchanged.",
        "0 added, 1 changed, 1 cancelled.",
        f"Wrote {ROSA}:301",
    ]
    after = changes()[ROSA]
    assert [line for line in after if line not in before] == [
        "+    date: 2026-12-02",
        "+    where: Lakeside Clinic, 3rd floor",
        "+    status: cancelled",
        "+    reason: No longer in the calendar lakeside-clinic",
    ]
    assert "lakeside-clinic-2026-12-01" in "".join(after)
    # It comes back.
    fill(calendar, LAB, EYES)
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--yes")
    assert changes()[ROSA] == before


def test_dry_run_shows_the_diff(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    before = census(lakeside)
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--dry-run")
    assert done.code == 0
    assert "+  - id: lakeside-clinic-2026-12-01\n" in done.out
    assert census(lakeside) == before


def test_files_by_the_month(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    """New ones go where they belong, and one that moves to another month goes over."""
    fill(calendar, LAB, EYES.replace("20261203", "20270105"))
    assert carectl("calendar", "import", str(calendar), "--client", "peg", "--with", "dr-novak", "--yes").code == 0
    december, january = (lakeside / PEG / f"{month}.yaml" for month in ("2026-12", "2027-01"))
    assert "lakeside-clinic-2026-12-01" in december.read_text(encoding="utf-8")
    assert "lakeside-clinic-2027-01-05" in january.read_text(encoding="utf-8")
    fill(calendar, LAB.replace("20261201", "20270115"), EYES.replace("20261203", "20261210"))
    assert carectl("calendar", "import", str(calendar), "--client", "peg", "--yes").code == 0
    assert "lakeside-clinic-2027-01-05" in december.read_text(encoding="utf-8")
    assert "lakeside-clinic-2026-12-01" in january.read_text(encoding="utf-8")
    assert carectl("check", "--strict").code == 0
    last = carectl("calendar", "import", str(calendar), "--client", "peg", "--yes")
    assert "2 unchanged" in last.out


def test_times_are_those_where_the_client_lives(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    done = carectl("calendar", "import", str(calendar), "--client", "peg", "--with", "dr-novak")
    assert "Times are those where the client lives: America/Detroit\n" in done.out
    assert "  + Tuesday 2026-12-01 15:30–16:15, Blood test, fasting\n" in done.out


def test_what_is_not_taken_is_told_and_the_rest_is_written(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    fill(calendar, HOLIDAY, LAB, EYES.replace("DTSTART", "DTSTART;TZID=Nowhere/Town").replace("Z\n", "\n"))
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    assert done.code == 1
    assert done.out.splitlines()[6:] == [
        "",
        "Not taken: 2",
        "    line 3: Thursday 2026-12-24, Closed",
        "      all day: a visit has its hours",
        "    line 16: Thursday 2026-12-03, Eye doctor",
        "      its start names a time zone that is not known, and that the file does not",
        "      define",
        "    By hand, with the hours:",
        "    carectl visit add c-014 2026-12-24 TIME --duration LENGTH \\",
        "      --service appointment --with dr-lee",
        "",
        "1 new, 0 changed, 0 gone, 0 unchanged, 2 not taken.",
        "1 added, 0 changed, 0 cancelled.",
        f"Wrote {ROSA}:298",
    ]


def test_a_wrong_or_cut_file_cancels_nothing(
    lakeside: Path, carectl: Carectl, calendar: Path, changes: Changes
) -> None:
    line = ("calendar", "import", str(calendar), "--client", "rosa", "--yes")
    carectl(*line, "--with", "dr-lee")
    before = changes()
    fill(calendar)
    done = carectl(*line)
    assert done.code == 1
    assert "none of the appointments on file from lakeside-clinic is in this file" in done.err
    assert "--partial" in done.err
    assert "--allow-all-gone" in done.err
    fill(calendar, EYES.replace("eyes@", "other@"))
    assert carectl(*line).code == 1
    fill(calendar, LAB)
    calendar.write_bytes(calendar.read_bytes()[:-30])
    assert "the file is cut off" in carectl(*line).err
    assert changes() == before
    fill(calendar, EYES.replace("eyes@", "other@").replace("20261203", "20261204"))
    assert "1 added, 0 changed, 0 cancelled." in carectl(*line, "--partial").out
    fill(calendar)
    assert "0 added, 0 changed, 3 cancelled." in carectl(*line, "--allow-all-gone").out


def test_who_sees_the_client_must_be_known(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    """Without anybody it would be an open shift."""
    before = census(lakeside)
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--yes")
    assert done.code == 2
    assert "--with CONTACT is needed" in done.err
    assert "carectl contact add c-014" in done.err
    assert census(lakeside) == before
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    shown = carectl("agenda", "--client", "rosa", "--from", "2026-12-01", "--until", "2026-12-03").out
    assert "Dr. Susan Lee" in shown
    assert "OPEN" not in shown


def test_the_same_calendar_under_another_name_is_refused(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    line = ("calendar", "import", "--client", "rosa", "--with", "dr-lee", "--yes")
    carectl(*line, str(calendar))
    copy = calendar.with_name("download (1).ics")
    copy.write_bytes(calendar.read_bytes())
    before = census(lakeside)
    done = carectl(*line, str(copy))
    assert (done.code, done.out) == (1, "")
    assert "--as lakeside-clinic" in done.err
    assert census(lakeside) == before
    assert "2 unchanged" in carectl(*line, str(copy), "--as", "lakeside-clinic").out
    # Under a name that somebody gave it, it is a calendar of its own, and what both have is not doubled.
    fill(copy, LAB, EYES.replace("eyes@", "other@"))
    done = carectl(*line, str(copy), "--as", "maria")
    assert "1 added" in done.out
    assert "What is on file from the calendar lakeside-clinic already is left to that calendar." in " ".join(
        done.out.split()
    )


def test_another_clients_file_is_noticed(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    done = carectl("calendar", "import", str(calendar), "--client", "peg", "--with", "dr-novak")
    assert done.err == "2 of the new ones are on file for c-014 Rosa Alvarez too. Is it the right client?\n"


def test_visits_that_cannot_be_read_come_first(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    """The one that cannot be read may be one of these."""
    path = lakeside / ROSA
    path.write_text(path.read_text(encoding="utf-8").replace("duration: 45m", "duration: soon"), encoding="utf-8")
    before = census(lakeside)
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    assert done.code == 1
    assert "not all of the client's visits can be read" in done.err
    assert census(lakeside) == before


def test_from_the_standard_input(
    lakeside: Path, carectl: Carectl, calendar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(calendar.read_bytes())))
    line = ("calendar", "import", "-", "--client", "rosa", "--with", "dr-lee", "--yes")
    assert "--as NAME is needed" in carectl(*line).err
    assert "2 added" in carectl(*line, "--as", "clinic").out


@pytest.mark.parametrize(
    ("more", "code", "why"),
    [
        (["--until", "2026-11-01"], 2, "--until is before --from"),
        (["--as", "Lakeside Clinic"], 2, "--as takes an id"),
        (["--as", "x" * 41], 2, "--as takes a name of at most 40"),
        (["--duration", "soon"], 2, "--duration takes a length"),
        (["--with", "nobody-here"], 2, "no contact fits"),
    ],
)
def test_wrong_usage(lakeside: Path, carectl: Carectl, calendar: Path, more: list[str], code: int, why: str) -> None:
    done = carectl("calendar", "import", str(calendar), "--client", "rosa", *more)
    assert done.code == code
    assert why in done.err


def test_a_file_that_is_not_there_or_no_calendar(lakeside: Path, carectl: Carectl, tmp_path: Path) -> None:
    def importing(path: Path) -> tuple[int, str]:
        done = carectl("calendar", "import", str(path), "--client", "rosa", "--with", "dr-lee", "--yes")
        return done.code, done.err

    assert importing(tmp_path / "nowhere.ics") == (2, f"carectl: there is no file {tmp_path}/nowhere.ics\n")
    assert importing(lakeside)[0] == 3
    page = tmp_path / "page.ics"
    page.write_bytes(b"<!DOCTYPE html>\n")
    code, err = importing(page)
    assert code == 1
    assert "line 1 stands outside of a calendar" in err


def test_on_a_terminal_it_asks(lakeside: Path, calendar: Path) -> None:
    line = ["calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee"]
    before = census(lakeside)
    for answer in ("no\n", "\n"):
        shown, code = on_terminal(line, [answer], lakeside, {"CARECTL_NOW": MONDAY})
        assert code == 0
        assert "+ Tuesday 2026-12-01 14:30–15:15, Blood test, fasting" in shown
        assert shown.endswith("Nothing was written.\n")
        assert census(lakeside) == before
    shown, code = on_terminal(line, ["yes\n"], lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0
    assert "2 added, 0 changed, 0 cancelled." in shown


def test_the_commit_names_nobody(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    repository(lakeside)
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes", "--commit")
    assert last_subject(lakeside) == "c-014 visits: 2 imported"


def test_no_family_reads_what_came_with_it(lakeside: Path, carectl: Carectl, calendar: Path) -> None:
    """Neither title nor description; the place only with health."""
    carectl("calendar", "import", str(calendar), "--client", "rosa", "--with", "dr-lee", "--yes")
    for contact, place in (("daniel", False), ("maria", True)):
        feed = carectl("calendar", "export", "rosa", "--to", contact).out
        assert "20261201T203000Z" in feed
        assert "Blood" not in feed
        assert "Nobody needs" not in feed
        assert ("2nd floor" in feed) == place
    assert "Nobody needs" not in (lakeside / ROSA).read_text(encoding="utf-8")

"""carectl plan render, letter family and calendar export: who gets what, where it goes, and what is said aside."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from helpers_cli import Carectl, census


def test_plan_to_the_screen(home: Path, carectl: Carectl) -> None:
    done = carectl("plan", "render", "rosa")
    assert done.code == 0
    assert "not for sharing" in done.out
    assert "Risk of falls at night" in done.out
    assert done.err == "c-001 Rosa Alvarez\n"


def test_the_format_comes_from_the_name(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    done = carectl("plan", "render", "rosa", "-o", str(tmp_path / "plan.html"))
    assert (done.code, done.out) == (0, "")
    assert "Wrote " in done.err
    assert (tmp_path / "plan.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    carectl("plan", "render", "rosa", "-o", str(tmp_path / "plan.md"))
    assert (tmp_path / "plan.md").read_text(encoding="utf-8") == carectl("plan", "render", "rosa", "-o", "-").out
    carectl("plan", "render", "rosa", "-f", "html", "-o", str(tmp_path / "plan.txt"))
    assert (tmp_path / "plan.txt").read_bytes() == (tmp_path / "plan.html").read_bytes()


def test_files_are_the_users_alone_and_a_chosen_mode_stays(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    target = tmp_path / "plan.md"
    carectl("plan", "render", "rosa", "-o", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    target.chmod(0o644)
    carectl("plan", "render", "rosa", "-o", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["caseload", "plan.md"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("plan.yaml", 2, "a YAML file is for records"),
        ("plan.doc", 2, "end it in .md, .txt, .html or .pdf, or give --format"),
        ("plan", 2, "end it in .md, .txt, .html or .pdf"),
        ("nowhere/plan.md", 3, "there is no folder"),
        ("folder.md", 3, "it is a folder"),
    ],
)
def test_where_it_cannot_go(name: str, code: int, words: str, home: Path, carectl: Carectl, tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    before = census(tmp_path)
    done = carectl("plan", "render", "rosa", "-o", str(tmp_path / name))
    assert done.code == code
    assert words in done.err
    assert census(tmp_path) == before


def test_into_a_device(home: Path, carectl: Carectl) -> None:
    assert carectl("plan", "render", "rosa", "-o", os.devnull, "-f", "md").code == 0
    assert not Path(os.devnull).is_file()


def test_no_plan(home: Path, carectl: Carectl) -> None:
    done = carectl("plan", "render", "c-002")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("carectl: c-002 Stanisław O'Żak: there is no care-plan.yaml yet")


def test_a_plan_that_is_not_whole(home: Path, carectl: Carectl) -> None:
    (home / "clients/c-001/medications.yaml").write_text("medications: [{id: a}]\n", encoding="utf-8")
    done = carectl("plan", "render", "rosa")
    assert done.code == 1
    assert "Risk of falls" in done.out
    assert "Not whole in it:\n" in done.err
    assert "[clients/c-001/medications.yaml:1]" in done.err


def test_writing_and_addressing_take_the_start_of_a_name_only(home: Path, carectl: Carectl) -> None:
    assert carectl("plan", "render", "alv").code == 0
    assert carectl("plan", "render", "lvarez").code == 2
    assert carectl("show", "lvarez").code == 0
    assert carectl("letter", "family", "rosa", "--to", "aria").code == 2


def test_a_letter(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(tmp_path / "letter.md"))
    assert (done.code, done.out) == (0, "")
    text = (tmp_path / "letter.md").read_text(encoding="utf-8")
    assert "Slept well" in text
    assert "Furosemide" not in text
    assert "c-001 Rosa Alvarez, to maria Maria Alvarez: schedule, wellbeing\n" in done.err
    assert "Withheld, or to be looked at:\n" in done.err
    assert "  medications: " in done.err
    assert "[clients/c-001/contacts.yaml:" in done.err
    assert "Furosemide" not in done.err


def test_nothing_may_be_shared(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    done = carectl("letter", "family", "rosa", "--to", "ruth", "-o", str(tmp_path / "letter.md"))
    assert (done.code, done.out) == (1, "")
    assert "no letter: nothing may be shared with ruth" in done.err
    assert not (tmp_path / "letter.md").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "nobody"], "no contact fits"),
        ([], "Missing option '--to'"),
        (["--to", "maria", "--since", "someday"], "--since takes a day"),
        (["--to", "maria", "--since", "2026-12-24"], "in the future"),
        (["--to", "maria", "-o", "letter.doc"], "end it in .md"),
    ],
)
def test_wrong_letters(options: list[str], words: str, home: Path, carectl: Carectl) -> None:
    done = carectl("letter", "family", "rosa", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_a_calendar(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    target = tmp_path / "rosa.ics"
    done = carectl("calendar", "export", "rosa", "--from", "2026-11-22", "--until", "2026-11-28", "-o", str(target))
    assert (done.code, done.out) == (0, "")
    assert "c-001 Rosa Alvarez: 4 visits from 2026-11-22 until 2026-11-28\n" in done.err
    assert target.read_bytes().count(b"BEGIN:VEVENT\r\n") == 4
    again = carectl("calendar", "export", "rosa", "--from", "2026-11-22", "--until", "2026-11-28", "--style", "flat")
    assert again.out.replace("\r\n", "\n") == target.read_text(encoding="utf-8")


def test_a_calendar_for_a_contact_says_less(home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "export", "rosa", "--to", "maria")
    assert done.code == 0
    assert "Mom" in done.out
    assert "Park" not in done.out
    assert "eye doctor" not in done.out
    assert "to maria Maria Alvarez: " in done.err


def test_no_calendar_without_the_schedule(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    for contact, why in (("ruth", "not shared with ruth"), ("bob", "not shared with bob")):
        done = carectl("calendar", "export", "rosa", "--to", contact, "-o", str(tmp_path / "x.ics"))
        assert (done.code, done.out) == (1, "")
        assert f"no calendar: schedule: {why}" in done.err
        assert not (tmp_path / "x.ics").exists()


def test_a_staff_members_calendar(home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "export", "--staff", "jo", "--from", "2026-11-22", "--until", "2026-11-28")
    assert done.code == 0
    assert done.out.count("BEGIN:VEVENT") == 3
    assert "jo-park Jo Park: 3 visits" in done.err


def test_the_usual_window(home: Path, carectl: Carectl) -> None:
    assert "from 2026-10-23 until 2027-03-22" in carectl("calendar", "export", "rosa").err


def test_a_calendar_that_is_not_whole(home: Path, carectl: Carectl) -> None:
    visits = home / "clients/c-001/visits.yaml"
    visits.write_text(visits.read_text(encoding="utf-8").replace('at: "18:00"', "at: 6"), encoding="utf-8")
    done = carectl("calendar", "export", "rosa")
    assert done.code == 1
    assert "BEGIN:VEVENT" in done.out
    assert "carectl: not whole: clients/c-001/visits.yaml:10: evening" in done.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "name a client, or a staff member"),
        (["rosa", "--staff", "jo"], "name a client, or a staff member"),
        (["--staff", "jo", "--to", "maria"], "--to goes with a client"),
        (["rosa", "--to", "maria", "--style", "series"], "a family's calendar is always flat"),
        (["rosa", "--style", "fancy"], "--style takes flat or series"),
        (["rosa", "--cancelled", "hide"], "--cancelled takes mark or drop"),
        (["rosa", "--from", "2026-11-23", "--until", "2026-11-22"], "--until is before --from"),
        (["rosa", "-o", "rosa.txt"], "end it in .ics"),
        (["--staff", "nobody"], "no staff member fits"),
    ],
)
def test_wrong_calendars(options: list[str], words: str, home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "export", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_only_the_name_is_advised_where_there_is_no_format(home: Path, carectl: Carectl) -> None:
    assert "--format" not in carectl("calendar", "export", "rosa", "-o", "x.doc").err
    assert "or give --format" in carectl("letter", "family", "rosa", "--to", "maria", "-o", "x.doc").err


@pytest.mark.parametrize("now", ["9999-12-31T12:00", "9999-12-30", "0001-01-01", "0001-01-02T12:00"])
def test_a_calendar_at_the_ends_of_all_days(now: str, home: Path, carectl: Carectl) -> None:
    for whose in (["rosa"], ["--staff", "jo"], ["rosa", "--to", "maria"]):
        done = carectl("--now", now, "calendar", "export", *whose)
        assert done.code in (0, 1), done.err
        assert "internal" not in done.err
    early = carectl("--now", "0001-01-02T12:00", "calendar", "export", "rosa")
    assert "from 0001-01-01 until 0001-05-02" in early.err
    late = carectl("--now", "9999-12-30T12:00", "calendar", "export", "rosa")
    assert "until 9999-12-31" in late.err


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"), [("until: 2026-11-27", "until: 2026-11-72"), ("name: {given", "name: {gaven"), ("away:", "awai:")]
)
@pytest.mark.parametrize(
    "command",
    [["agenda"], ["show", "rosa"], ["calendar", "export", "rosa"], ["calendar", "export", "--staff", "jo-park"],
     ["calendar", "export", "rosa", "--to", "maria"], ["letter", "family", "rosa", "--to", "maria"]],
)  # fmt: skip
def test_times_away_of_staff_that_could_not_be_read(
    command: list[str], old: str, new: str, home: Path, carectl: Carectl
) -> None:
    spoil(home / "staff/jo-park.yaml", old, new)
    done = carectl(*command)
    assert done.code == 1
    said = " ".join((done.out if command[0] == "show" else done.err).split())
    assert said.count("the times away of jo-park could not be read") == 1
    assert "staff/jo-park.yaml:" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("status: active", "status: actve", "client.yaml could not be read"),
        ("status: active", "status: deceased", "the client has died"),
        ("status: active", "status: active\nend_of_care: soon", "end_of_care in client.yaml could not be read"),
        ("status: active", "status: active\naway: [{from: 2026-11-72}]", "away in client.yaml could not be read"),
        ("status: active", "status: active\ntimezone: America/Chicgo", "time zone in client.yaml is not known"),
    ],
)
def test_no_calendar_for_a_contact(
    old: str, new: str, words: str, home: Path, carectl: Carectl, tmp_path: Path
) -> None:
    spoil(home / "clients/c-001/client.yaml", old, new)
    done = carectl("calendar", "export", "c-001", "--to", "maria", "-o", str(tmp_path / "x.ics"))
    assert (done.code, done.out) == (1, "")
    assert "no calendar: " in done.err
    assert words in done.err
    assert not (tmp_path / "x.ics").exists()
    if "deceased" not in new:
        assert carectl("calendar", "export", "c-001").code == 1, "the coordinator is told"


def test_a_private_visit_with_a_slip_is_not_shown_as_due(home: Path, carectl: Carectl) -> None:
    spoil(home / "clients/c-001/visits.yaml", "visits:\n", "visits:\n"
          "  - {id: care-2026-11-25, series: care, day: 2026-11-25, private: true, at: 25:00}\n")  # fmt: skip
    days = ["--from", "2026-11-25", "--until", "2026-11-25"]
    done = carectl("calendar", "export", "rosa", "--to", "maria", *days)
    assert done.code == 1
    assert "BEGIN:VEVENT" not in done.out
    assert "Withheld because something could not be read:\n  visits/care-2026-11-25: could not be read" in done.err
    own = carectl("agenda", *days)
    assert own.code == 1
    assert "Jo Park" in own.out


def test_a_calendar_of_series(home: Path, carectl: Carectl) -> None:
    for whom in (["rosa"], ["--staff", "jo"]):
        done = carectl("calendar", "export", *whom, "--style", "series")
        assert done.code == 0
        assert "RRULE:FREQ=WEEKLY" in done.out
        assert "TZID:America/Chicago" in done.out
        flat = carectl("calendar", "export", *whom)
        assert done.err == flat.err, "the same visits"
        assert flat.out.count("BEGIN:VEVENT") > done.out.count("BEGIN:VEVENT")


def test_a_staff_member_sees_no_more_than_they_need(home: Path, carectl: Carectl) -> None:
    shown = carectl("calendar", "export", "--staff", "jo").out.replace("\r\n ", "")
    for told in ("Rosie – personal care", "418 Elm St", "Precautions: fall risk", "Cancelled: Rosie"):
        assert told in shown
    for kept in ("Alvarez", "Key safe", "eye doctor", "Heart", "555", "c-001"):
        assert kept not in shown


def test_private_visits_are_left_to_the_coordinator_to_tell(home: Path, carectl: Carectl) -> None:
    spoil(home / "clients/c-001/visits.yaml", "visits:\n", "visits:\n"
          "  - {id: care-2026-11-25, series: care, day: 2026-11-25, private: true}\n")  # fmt: skip
    done = carectl("calendar", "export", "--staff", "jo")
    assert done.code == 0
    assert "  withheld: 1 that may not be shared: tell them yourself\n" in done.err


@pytest.mark.parametrize("whom", [["rosa"], ["rosa", "--to", "maria"], ["--staff", "jo"]])
def test_bare_times_and_cancelled_visits(whom: list[str], home: Path, carectl: Carectl) -> None:
    everything, dropped, times = (
        carectl("calendar", "export", *whom, *more) for more in ([], ["--cancelled", "drop"], ["--busy"])
    )
    assert "STATUS:CANCELLED" in everything.out
    assert everything.out.count("BEGIN:VEVENT") == dropped.out.count("BEGIN:VEVENT") + 1
    for done in (dropped, times):
        assert "STATUS:CANCELLED" not in done.out
    assert set(re.findall("SUMMARY:(.*)\r\n", times.out)) == {"Busy"}
    assert "LOCATION" not in times.out
    assert "DESCRIPTION" not in times.out


def test_no_calendar_after_the_sharing_has_ended(home: Path, carectl: Carectl) -> None:
    done = carectl("--now", "2027-08-04", "calendar", "export", "rosa", "--to", "maria")
    assert (done.code, done.out) == (1, "")
    assert "no calendar: schedule: maria's sharing lapsed on 2027-08-03" in done.err


def test_nothing_is_written_in_the_caseload(home: Path, carectl: Carectl) -> None:
    before = census(home)
    carectl("plan", "render", "rosa")
    carectl("letter", "family", "rosa", "--to", "maria")
    carectl("calendar", "export", "rosa")
    assert census(home) == before

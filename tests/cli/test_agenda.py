"""carectl agenda."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_documents import golden
from helpers_lakeside import EXAMPLE


def test_a_week_by_day(home: Path, carectl: Carectl) -> None:
    done = carectl("agenda")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
Monday 2026-11-23   1 visit, 0h   x 1 not taking place
x  09:00–11:00      Rosa Alvarez     CANCELLED   personal care
     At the eye doctor (Jo Park)

Tuesday 2026-11-24   1 visit, 1h   ! 1 open
!  18:00–19:00      Rosa Alvarez     OPEN SHIFT  companionship

Wednesday 2026-11-25   1 visit, 2h
   09:00–11:00      Rosa Alvarez     Jo Park     personal care

Friday 2026-11-27   1 visit, 2h   ! 1 open
!  09:00–11:00      Rosa Alvarez     OPEN SHIFT  personal care
     Jo Park away

Saturday 2026-11-28   1 visit, 8h
   22:00–06:00 EST  Stanisław O'Żak  Jo Park     personal care

5 visits, 13h   ! 2 open: nobody comes yet   x 1 not taking place
"""
    )


def test_by_client_and_by_staff(home: Path, carectl: Carectl) -> None:
    assert (
        carectl("agenda", "--by", "client").out
        == """\
c-001 Rosa Alvarez   4 visits, 5h   ! 2 open   x 1 not taking place
x  Mon 23 Nov  09:00–11:00      CANCELLED   personal care
     At the eye doctor (Jo Park)
!  Tue 24 Nov  18:00–19:00      OPEN SHIFT  companionship
   Wed 25 Nov  09:00–11:00      Jo Park     personal care
!  Fri 27 Nov  09:00–11:00      OPEN SHIFT  personal care
     Jo Park away

c-002 Stanisław O'Żak   1 visit, 8h
   Sat 28 Nov  22:00–06:00 EST  Jo Park     personal care

5 visits, 13h   ! 2 open: nobody comes yet   x 1 not taking place
"""
    )
    assert (
        carectl("agenda", "--by", "staff").out
        == """\
Open shifts   2 visits, 3h   ! 2 open
!  Tue 24 Nov  18:00–19:00      Rosa Alvarez     OPEN SHIFT  companionship
!  Fri 27 Nov  09:00–11:00      Rosa Alvarez     OPEN SHIFT  personal care
     Jo Park away

Jo Park (jo-park)   3 visits, 10h   x 1 not taking place
x  Mon 23 Nov  09:00–11:00      Rosa Alvarez     CANCELLED   personal care
     At the eye doctor (Jo Park)
   Wed 25 Nov  09:00–11:00      Rosa Alvarez                 personal care
   Sat 28 Nov  22:00–06:00 EST  Stanisław O'Żak              personal care

5 visits, 13h   ! 2 open: nobody comes yet   x 1 not taking place
"""
    )


def add(home: Path, client: str, *lines: str) -> None:
    """Series and visits behind those of a client, in a file of their own."""
    visits = home / f"clients/{client}/visits.yaml"
    folder = visits.with_suffix("")
    folder.mkdir()
    visits.rename(folder / "series.yaml")
    (folder / "visits.yaml").write_text("visits:\n" + "".join(f"  - {line}\n" for line in lines), encoding="utf-8")


TWICE = (
    "{id: walk, service: companionship, staff: jo-park, date: 2026-11-25, at: '11:30', duration: 1h}",
    "{id: bath, service: nursing, staff: dana, date: 2026-11-24, at: '18:30', duration: 1h}",
)


def squeezed(shown: str) -> list[str]:
    """Lines without the blanks that make columns."""
    return [" ".join(line.split()) for line in shown.splitlines()]


def test_conflicts_stand_out(home: Path, carectl: Carectl) -> None:
    """Somebody at two places, two visits of one client at once: at each of the two visits, with the other's times."""
    add(home, "c-001", TWICE[1])
    add(home, "c-002", TWICE[0])  # 11:30 in New York is 10:30 at the practice
    lines = squeezed(carectl("agenda").out)
    at = lines.index("* 09:00–11:00 Rosa Alvarez Jo Park personal care")
    assert lines[at + 1] == "CONFLICT: Jo Park is also at Stanisław O'Żak, 11:30–12:30 EST"
    assert "CONFLICT: Jo Park is also at Rosa Alvarez, 09:00–11:00" in lines
    at = lines.index("!* 18:00–19:00 Rosa Alvarez OPEN SHIFT companionship")
    assert lines[at + 1] == "CONFLICT: at the same time as nursing 18:30–19:30 (Dana Whitfield)"
    assert "CONFLICT: at the same time as companionship 18:00–19:00 (OPEN SHIFT)" in lines
    assert lines[-2] == "7 visits, 14h30m ! 2 open: nobody comes yet * 4 in conflict"


def test_a_conflict_with_somebody_who_is_not_shown(home: Path, carectl: Carectl) -> None:
    add(home, "c-002", TWICE[0])
    rosa = squeezed(carectl("agenda", "--client", "rosa").out)
    assert "CONFLICT: Jo Park is also at Stanisław O'Żak, 11:30–12:30 EST" in rosa
    assert rosa[-2] == "4 visits, 5h ! 2 open: nobody comes yet * 1 in conflict"
    # A night that begins on the last day is in the way of the next morning, which is not shown.
    night = carectl("agenda", "--from", "2026-11-28", "--until", "2026-11-28")
    assert "CONFLICT" not in night.out
    (home / "clients/c-002/visits/visits.yaml").write_text(
        "visits:\n  - {id: early, service: nursing, staff: jo-park, date: 2026-11-29, at: '05:00', duration: 1h}\n"
    )
    night = carectl("agenda", "--from", "2026-11-28", "--until", "2026-11-28")
    words = " ".join(night.out.split())
    assert "CONFLICT: at the same time as nursing 05:00–06:00 EST on Sun 2026-11-29 (Jo Park)" in words


def test_moved_unrecorded_and_confirmed(home: Path, carectl: Carectl) -> None:
    add(
        home, "c-001",
        "{id: care-2026-11-16, series: care, day: 2026-11-16, date: 2026-11-17, at: '10:00', reason: Fair}",
        "{id: care-2026-11-18, series: care, day: 2026-11-18, at: '9:00', status: done, staff: jo-park}",
        "{id: care-2026-11-25, series: care, day: 2026-11-25, at: '13:00', status: confirmed}",
    )  # fmt: skip
    lines = squeezed(carectl("agenda", "--from", "2026-11-16", "--until", "2026-11-25", "--client", "rosa").out)
    at = lines.index("? 10:00–12:00 Rosa Alvarez Jo Park personal care")
    assert lines[at + 1] == "moved from Mon 2026-11-16: Fair"
    at = lines.index("✓ 09:00–11:00 Rosa Alvarez Jo Park personal care")
    assert lines[at + 1] == ""
    at = lines.index("13:00–15:00 Rosa Alvarez Jo Park personal care, confirmed")
    assert lines[at + 1] == "moved from 09:00"
    assert lines[-2] == "7 visits, 10h ✓ 2 done ! 1 open: nobody comes yet"
    assert lines[-1] == "? 2 past without a record x 1 not taking place"


def test_a_night_that_is_not_over_lacks_no_record(home: Path, carectl: Carectl) -> None:
    options = ("agenda", "--client", "c-002", "--from", "2026-11-28", "--until", "2026-11-28")
    assert "\n22:00" in carectl(*options, "--now", "2026-11-29T04:30").out
    assert "\n?  22:00" in carectl(*options, "--now", "2026-11-30T04:30").out


def test_clients_of_one_name_are_told_apart(home: Path, carectl: Carectl) -> None:
    client = home / "clients/c-002/client.yaml"
    text = client.read_text(encoding="utf-8")
    client.write_text(text.replace('Stanisław, family: "O\'Żak"', "Rosa, family: Alvarez"), encoding="utf-8")
    shown = carectl("agenda").out
    assert "Rosa Alvarez c-001" in shown
    assert "Rosa Alvarez c-002" in shown


def test_the_example_reads_at_a_glance(carectl: Carectl) -> None:
    """A week of the example, for people to read: by day, and of the days to come by staff."""
    example = ("--caseload", str(EXAMPLE), "--now", "2026-11-22T06:40")
    golden("agenda-week.txt", carectl("agenda", "--week", *example).out)
    golden("agenda-by-staff.txt", carectl("agenda", "--by", "staff", *example).out)
    troubled = ("--caseload", str(EXAMPLE.with_name("troubled")), "--now", "2026-11-23T06:50")
    golden("agenda-troubled.txt", carectl("agenda", *troubled).out)


def test_json_is_the_contract(home: Path, carectl: Carectl) -> None:
    done = carectl("agenda", "--from", "2026-11-28", "--until", "2026-11-28", "--format", "json")
    assert (
        done.out
        == """\
{
  "format": 1,
  "from": "2026-11-28",
  "until": "2026-11-28",
  "occurrences": [
    {
      "id": "nights-2026-11-28",
      "client": "c-002",
      "series": "nights",
      "service": "personal_care",
      "staff": [
        "jo-park"
      ],
      "start": "2026-11-28T22:00:00-05:00",
      "end": "2026-11-29T06:00:00-05:00",
      "status": "planned",
      "reason": null,
      "where": null
    }
  ]
}
"""
    )


def test_open_and_cancelled_in_json(home: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("agenda", "-f", "json").out)
    found = {item["id"]: (item["status"], item["staff"], item["reason"]) for item in answer["occurrences"]}
    assert found["care-2026-11-23"] == ("cancelled", ["jo-park"], "At the eye doctor")
    assert found["evening-2026-11-24"] == ("planned", [], None)
    assert found["care-2026-11-27"] == ("planned", [], None)


def test_this_week_is_monday_to_sunday(home: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("agenda", "--week", "-f", "json").out)
    assert (answer["from"], answer["until"]) == ("2026-11-16", "2026-11-22")
    answer = json.loads(carectl("agenda", "--week", "-f", "json", "--now", "2026-11-23").out)
    assert (answer["from"], answer["until"]) == ("2026-11-23", "2026-11-29")


@pytest.mark.parametrize(
    ("options", "window"),
    [
        ([], ("2026-11-22", "2026-11-28")),
        (["--from", "2026-12-01"], ("2026-12-01", "2026-12-07")),
        (["--from", "tue", "--until", "thu"], ("2026-11-24", "2026-11-26")),
        (["--until", "2026-12-01"], ("2026-11-22", "2026-12-01")),
        (["--until", "2026-11-01"], ("2026-11-01", "2026-11-01")),
        (["--from", "9999-12-31"], ("9999-12-31", "9999-12-31")),
    ],
)
def test_windows(options: list[str], window: tuple[str, str], home: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("agenda", "-f", "json", *options).out)
    assert (answer["from"], answer["until"]) == window


def test_filters(home: Path, carectl: Carectl) -> None:
    def ids(*options: str) -> list[str]:
        return [item["id"] for item in json.loads(carectl("agenda", "-f", "json", *options).out)["occurrences"]]

    assert ids("--client", "stanislaw") == ["nights-2026-11-28"]
    assert ids("--client", "c-001", "--client", "c-002") == ids()
    assert ids("--staff", "jo") == ["care-2026-11-23", "care-2026-11-25", "nights-2026-11-28"]
    assert ids("--staff", "dana") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--from", "13/45"], "--from takes a day"),
        (["--from", "2026-11-27", "--until", "2026-11-26"], "--until is before --from"),
        (["--week", "--from", "2026-11-27"], "--week does not go together"),
        (["--client", "nobody"], "no client fits"),
        (["--client", "c-00"], "more than one client fits"),
        (["--staff", "nobody"], "no staff member fits"),
        (["--format", "xml"], "xml"),
        (["--frm", "x"], "No such option"),
    ],
)
def test_wrong_usage(options: list[str], words: str, home: Path, carectl: Carectl) -> None:
    done = carectl("agenda", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_nothing_in_the_window(home: Path, carectl: Carectl) -> None:
    done = carectl("agenda", "--from", "2026-01-01", "--until", "2026-01-01")
    assert (done.code, done.out) == (0, "No visits on Thu 2026-01-01.\n")


def test_what_cannot_be_placed_is_said_with_its_line(home: Path, carectl: Carectl) -> None:
    visits = home / "clients/c-001/visits.yaml"
    visits.write_text(visits.read_text(encoding="utf-8").replace('at: "18:00"', "at: sixish"), encoding="utf-8")
    (home / "clients" / "Old Client").mkdir()
    done = carectl("agenda")
    assert done.code == 1
    assert "CANCELLED" in done.out
    assert "companionship" not in done.out
    assert "carectl: not whole: clients/c-001/visits.yaml:10: evening: this series could not be read\n" in done.err
    assert "carectl: not whole: clients/Old Client: " in done.err
    assert "sixish" not in done.err
    # Somebody else's agenda is whole.
    (home / "clients" / "Old Client").rmdir()
    assert carectl("agenda", "--client", "c-002").code == 0
    assert json.loads(carectl("agenda", "--format", "json").out)["format"] == 1


def test_without_the_practice_no_hour_is_told(home: Path, carectl: Carectl) -> None:
    (home / "carectl.yaml").write_text("practice: {name: Lakeside, timezone: Mars/Olympus}\n", encoding="utf-8")
    done = carectl("agenda")
    assert (done.code, done.out) == (3, "")
    assert "time zone in carectl.yaml" in done.err
    (home / "carectl.yaml").write_text("practice: [\n", encoding="utf-8")
    assert carectl("agenda").code == 3


def test_outside_of_a_caseload(tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = carectl("agenda")
    assert done.code == 3
    assert "carectl init" in done.err


def test_it_fits_a_page_and_changes_nothing(home: Path, carectl: Carectl) -> None:
    before = census(home)
    first, second = carectl("agenda", "--week"), carectl("agenda", "--week")
    assert first == second
    assert "\x1b" not in first.out
    assert all(len(line) <= 80 and line == line.rstrip() for line in first.out.splitlines())
    assert census(home) == before


BATH = (
    "{id: bath, service: personal_care, staff: [jo-park, dana], date: 2026-11-27, at: '14:00', duration: 1h}",
    "{id: talk, service: coordination, staff: jo-park, with: maria, date: 2026-11-27, at: '16:00', duration: 30m}",
)


def test_a_visit_with_one_too_few_stands_out(home: Path, carectl: Carectl) -> None:
    """Jo is away on Friday: Dana comes alone to a visit for two, and only the daughter to the other one."""
    add(home, "c-001", *BATH)
    lines = squeezed(carectl("agenda").out)
    assert "Friday 2026-11-27 3 visits, 3h30m ! 3 open" in lines
    for line in (
        "! 14:00–15:00 Rosa Alvarez Dana Whitfield personal care",
        "! 16:00–16:30 Rosa Alvarez Maria Alvarez coordination",
    ):
        assert lines[lines.index(line) + 1] == "ONE MISSING: Jo Park is away"
    assert lines[-2] == "7 visits, 14h30m ! 4 open: nobody comes yet, or one too few"
    by_staff = squeezed(carectl("agenda", "--by", "staff").out)
    assert by_staff[0] == "Open shifts 3 visits, 3h30m ! 3 open"
    assert "Dana Whitfield (dana) 1 visit, 1h ! 1 open" in by_staff
    page = squeezed(carectl("show", "c-001").out)
    assert page[page.index("! 14:00–15:00 personal care Dana Whitfield") + 1] == "ONE MISSING: Jo Park is away"


def test_what_one_person_does_at_once_counts_once(home: Path, carectl: Carectl) -> None:
    """A couple is seen in one visit; a visit that two make together takes its time once as well."""
    add(
        home,
        "c-001",
        "{id: her, service: companionship, staff: jo-park, date: 2026-11-26, at: '09:00', duration: 2h}",
        "{id: two, service: nursing, staff: [jo-park, dana], date: 2026-11-26, at: '14:00', duration: 1h}",
    )
    add(
        home,
        "c-002",
        "{id: him, service: companionship, staff: jo-park, together: [c-001], date: 2026-11-26, at: '10:00', "
        "duration: 2h}",
    )
    thursday = ("--from", "2026-11-26", "--until", "2026-11-26")
    lines = squeezed(carectl("agenda", *thursday).out)
    assert (lines[0], lines[-1]) == ("Thursday 2026-11-26 3 visits, 3h", "3 visits, 3h")
    lines = squeezed(carectl("agenda", "--by", "staff", "--staff", "jo-park", *thursday).out)
    assert "Jo Park (jo-park) 3 visits, 3h" in lines
    assert "Dana Whitfield (dana) 1 visit, 1h" in lines
    assert lines[-1] == "3 visits, 3h"


def test_a_slip_in_the_visits_is_told_with_its_own_line(home: Path, carectl: Carectl) -> None:
    path = home / "clients/c-001/visits.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('at: "09:00"', 'at: "09:00": x', 1), encoding="utf-8")
    done = carectl("agenda", "--client", "c-001")
    assert (done.code, done.out) == (1, "No visits that could be read from Sun 2026-11-22 until Sat 2026-11-28.\n")
    assert done.err == (
        "carectl: not whole: clients/c-001/visits.yaml:7: a list of series could not be read\n"
        "carectl: not whole: clients/c-001/visits.yaml:7: a list of visits could not be read\n"
        "hint: carectl check c-001 tells what is wrong\n"
    )
    assert "visits.yaml:1:" not in carectl("today").err


def test_a_name_that_could_not_be_read_is_said_to_be_so(home: Path, carectl: Carectl) -> None:
    path = home / "clients/c-001/client.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  bad: [x\n", encoding="utf-8")
    done = carectl("show", "rosa")
    assert done.code == 2
    assert "no client fits" in done.err
    assert "clients/c-001/client.yaml could not be read" in done.err
    assert "hint: use the id, such as c-001" in done.err
    done = carectl("notify", "c-001/care-2026-11-25", "--to", "maria")
    assert (done.code, done.out) == (1, "")
    assert "the visit cannot be looked up: clients/c-001/client.yaml:" in done.err
    assert "has no visit" not in done.err
    done = carectl("notify", "c-001", "wed", "--to", "maria")
    assert done.code == 1


@pytest.mark.parametrize(
    "words",
    [
        "notify c-001/care-2026-11-25 --to maria",
        "calendar export rosa --to maria",
        "letter family rosa --to maria",
        "contact revoke rosa maria",
    ],
)
@pytest.mark.parametrize("slip", ["relationship: neighbor: x", "relationship: [daughter]"])
def test_contacts_that_could_not_be_read_are_said_to_be_so(slip: str, words: str, home: Path, carectl: Carectl) -> None:
    """Of one unread contact too: somebody else whose name begins alike must not get the letter."""
    path = home / "clients/c-001/contacts.yaml"
    text = path.read_text(encoding="utf-8").replace("relationship: daughter", slip)
    path.write_text(text.replace("Ruth Feldman", "Mariana Feldman"), encoding="utf-8")
    done = carectl(*words.split())
    assert (done.code, done.out) == (1, "")
    assert "clients/c-001/contacts.yaml could not be read" in done.err
    assert "hint: carectl check c-001" in done.err
    assert "did you mean" not in done.err

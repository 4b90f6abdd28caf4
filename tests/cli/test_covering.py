"""carectl visit suggest, visit gaps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl, Done, census

SUGGESTED = """\
c-001 Rosa Alvarez
Friday 2026-11-27 (in 5 days) 09:00–11:00, personal care, nobody yet.

Down for it now
  jo-park Jo Park: is away on 2026-11-27

Could take it
  lucia-nunez Lucía Núñez, home health aide
    has been there once, speaks es, 8h left that week
    comes from c-002 (there until 08:30, 20m away)
    carectl visit assign c-001/care-2026-11-27 lucia-nunez
  dana Dana Whitfield, coordinator
    has no other visit that day
    carectl visit assign c-001/care-2026-11-27 dana

Cannot
  amy Amy Stone: is not available on Fridays from 09:00 to 11:00; must be at
    c-003 at 11:10, and the way takes 15m

Not known: something in their files could not be read
  marek: carectl check staff/marek.yaml
"""

GAPS = """\
Tuesday 2026-11-24
  18:00–19:00  c-001 Rosa Alvarez, companionship
    nobody is down for it
    Lucía Núñez: has been there once, speaks es, 9h left that week
    carectl visit assign c-001/evening-2026-11-24 lucia-nunez

Friday 2026-11-27
  09:00–11:00  c-001 Rosa Alvarez, personal care
    jo-park is away
    Lucía Núñez: has been there once, speaks es, 7h left that week
    carectl visit assign c-001/care-2026-11-27 lucia-nunez

2 visits need somebody from Sun 2026-11-22 until Sat 2026-11-28; somebody on the
roster can take all of them. Who is proposed for one counts as taken for those
below it.
"""


@pytest.fixture
def team(home: Path) -> Path:
    """The caseload with three more on the roster, and ways that take time."""
    more = {
        "carectl.yaml": (home / "carectl.yaml").read_text()
        + "travel: {default: 15m, table: [{between: [c-001, c-002], "
        "takes: 20m}]}\n",
        "staff/lucia-nunez.yaml": "id: lucia-nunez\nname: {given: Lucía, family: Núñez}\nrole: home_health_aide\n"
        "languages: [es]\nmax_hours_per_week: 11\n",
        "staff/amy.yaml": "id: amy\nname: {given: Amy, family: Stone}\nrole: companion\n"
        "availability: [{days: [fri], from: '11:00', to: '15:00'}]\n",
        "clients/c-002/visits.yaml": "visits:\n  - {id: early, service: meals, staff: lucia-nunez, date: 2026-11-27, "
        "at: '08:30', duration: 1h}\n",
        "clients/c-003/visits.yaml": "visits:\n  - {id: noon, service: meals, staff: amy, date: 2026-11-27, "
        "at: '11:10', duration: 1h}\n",
    }
    for name, text in more.items():
        (home / name).write_text(text, encoding="utf-8")
    visits = home / "clients/c-001/visits.yaml"
    past = "{id: first, service: meals, date: 2026-11-18, at: '12:00', duration: 1h, status: done, staff: lucia-nunez}"
    visits.write_text(f"{visits.read_text()}  - {past}\n")
    return home


def unread(home: Path) -> None:
    (home / "staff/marek.yaml").write_text("id: [\n")


def answer(done: Done) -> dict[str, Any]:
    assert done.out.startswith('{\n  "format": 1,\n')
    found: dict[str, Any] = json.loads(done.out)
    return found


# --- suggest ---------------------------------------------------------------------------------------------------------


def test_who_could_take_a_visit_and_why_the_others_cannot(team: Path, carectl: Carectl) -> None:
    unread(team)
    before = census(team)
    done = carectl("visit", "suggest", "rosa", "fri")
    assert done.out == SUGGESTED
    assert (done.code, done.err) == (1, "carectl: not whole: staff/marek.yaml could not be read\n")
    assert census(team) == before
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert carectl("visit", "suggest", "c-001/care-2026-11-27").out == done.out


def test_every_command_that_is_proposed_can_be_typed(team: Path, carectl: Carectl) -> None:
    done = carectl("visit", "suggest", "c-001/care-2026-11-27", "-f", "json")
    assert done.code == 0
    commands = [one["command"] for one in answer(done)["candidates"] if one["can"]]
    assert commands == [f"carectl visit assign c-001/care-2026-11-27 {name}" for name in ("lucia-nunez", "dana")]
    for command in commands:
        assert carectl(*command.split()[1:]).code == 0


def test_suggestions_for_scripts(team: Path, carectl: Carectl) -> None:
    unread(team)
    done = carectl("visit", "suggest", "rosa", "fri", "9:00", "--format", "json")
    assert done.code == 1
    found = answer(done)
    assert list(found) == ["format", "visit", "missing", "candidates", "unread"]
    assert (found["visit"]["id"], found["missing"], found["unread"]) == ("care-2026-11-27", 1, ["marek"])
    first, *_, last = found["candidates"]
    assert first == {
        "staff": "lucia-nunez", "can": True, "visits": 1, "speaks_language": True, "minutes_left": 480,
        "before": {"client": "c-002", "at": "2026-11-27T08:30:00-06:00", "travel_minutes": 20}, "after": None,
        "against": [], "unread": [], "down": False,
        "command": "carectl visit assign c-001/care-2026-11-27 lucia-nunez",
    }  # fmt: skip
    assert last["staff"] == "amy"
    assert [reason["why"] for reason in last["against"]] == ["availability", "travel"]


def test_nobody_can(team: Path, carectl: Carectl) -> None:
    path = team / "clients/c-001/visits.yaml"
    path.write_text(path.read_text().replace("    does: [light]", "    needs: [hoist]"))
    done = carectl("visit", "suggest", "rosa", "fri")
    assert "\nNobody else on the roster can take it.\n" in done.out
    assert "dana Dana Whitfield: does not have the skill hoist" in done.out
    assert done.code == 0


def test_two_people_are_named_together(team: Path, carectl: Carectl) -> None:
    path = team / "clients/c-001/visits.yaml"
    path.write_text(path.read_text().replace("staff: jo-park\n    from", "staff: [jo-park, dana]\n    from"))
    done = carectl("visit", "suggest", "rosa", "fri")
    assert "Down for it now\n  jo-park Jo Park: is away on 2026-11-27\n  dana Dana Whitfield\n" in done.out
    assert "carectl visit assign c-001/care-2026-11-27 dana,lucia-nunez\n" in done.out
    both = carectl("visit", "suggest", "c-001/care-2026-12-02")
    assert "2 people are needed. Name all who are to come:\n" in both.out
    assert "  carectl visit assign c-001/care-2026-12-02 STAFF,STAFF\n" in both.out


def test_who_is_seen_together_and_who_is_a_stranger_is_said(team: Path, carectl: Carectl) -> None:
    path = team / "clients/c-003/visits.yaml"
    path.write_text(path.read_text().replace("staff: amy", "staff: gwen, together: [c-001]"))
    done = carectl("visit", "suggest", "c-003/noon")
    assert (
        "Seen in the same visit: c-001 Rosa Alvarez. Each of them has a record of their\nown to change.\n" in done.out
    )
    assert "Down for it now\n  gwen: is not on the roster\n" in done.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("c-001/care-2026-11-23", 1, "is written down as cancelled already"),
        ("c-001/care-2026-11-18", 1, "hint: what became of it: carectl visit done c-001/care-2026-11-18"),
        ("rosa thu", 2, "carectl visit suggest c-001/care-2026-11-27"),
        ("nobody fri", 2, "no client fits"),
        ("rosa", 2, "name the visit as CLIENT DAY"),
    ],
)
def test_what_nobody_can_be_sent_to(words: str, code: int, said: str, team: Path, carectl: Carectl) -> None:
    done = carectl("visit", "suggest", *words.split())
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_what_could_not_be_read_elsewhere_may_be_in_the_way(team: Path, carectl: Carectl) -> None:
    (team / "clients/c-002/visits.yaml").write_text("visits: [\n")
    path = team / "staff/amy.yaml"
    path.write_text(path.read_text() + "skills: 3\n")
    done = carectl("visit", "suggest", "rosa", "fri")
    assert done.code == 1
    assert "carectl: not whole: staff/amy.yaml: `skills` could not be read whole\n" in done.err
    assert "clients/c-002/visits.yaml:2: a list of" in done.err
    found = carectl("visit", "gaps", "--client", "c-002")
    assert (found.code, found.out.partition(" from ")[0]) == (1, "Somebody comes to every visit that could be read")


# --- gaps ------------------------------------------------------------------------------------------------------------


def test_visits_that_nobody_covers(team: Path, carectl: Carectl) -> None:
    before = census(team)
    done = carectl("visit", "gaps", "--until", "2026-11-28")
    assert (done.code, done.err) == (0, "")
    assert done.out == GAPS
    assert census(team) == before
    assert carectl("visit", "gaps", "--until", "2026-11-28", "--client", "rosa").out == done.out


def test_gaps_are_closed_by_what_is_proposed(team: Path, carectl: Carectl) -> None:
    found = answer(carectl("visit", "gaps", "-f", "json"))
    assert (found["from"], found["until"], found["unread"]) == ("2026-11-22", "2026-12-05", [])
    gaps = found["gaps"]
    assert [(one["visit"]["id"], one["kind"], one["missing"]) for one in gaps] == [
        ("evening-2026-11-24", "open", 1), ("care-2026-11-27", "away", 1), ("evening-2026-12-01", "open", 1),
    ]  # fmt: skip
    for one in gaps:
        assert carectl(*one["command"].split()[1:]).code == 0
    done = carectl("visit", "gaps")
    assert (done.code, done.out) == (
        0, "Somebody comes to every visit from Sun 2026-11-22 until Sat 2026-12-05.\n",
    )  # fmt: skip
    assert carectl("check", "--format", "json").out.count("visit-double-booked") == 0


def test_what_is_over_is_no_gap_any_more(team: Path, carectl: Carectl) -> None:
    path = team / "clients/c-003/visits.yaml"
    today = "  - {{id: {}, service: meals, date: 2026-11-22, at: '{}', duration: 1h}}\n"
    path.write_text(path.read_text() + today.format("over", "10:30") + today.format("going-on", "11:30"))
    found = answer(carectl("visit", "gaps", "--client", "c-003", "-f", "json"))
    assert [one["visit"]["id"] for one in found["gaps"]] == ["going-on"]


def test_a_gap_that_nobody_can_fill(team: Path, carectl: Carectl) -> None:
    path = team / "clients/c-001/visits.yaml"
    path.write_text(path.read_text().replace("    does: [light]", "    needs: [hoist]"))
    done = carectl("visit", "gaps", "--from", "2026-11-27", "--until", "2026-11-27")
    assert "nobody on the roster can\n    carectl visit suggest c-001/care-2026-11-27\n" in done.out
    assert "1 visit needs somebody on Fri 2026-11-27; nobody on the roster can. " in done.out


@pytest.mark.parametrize("words", ["--until 2026-11-21", "--from 2026-11-28 --until 2026-11-27", "--client nobody"])
def test_windows_that_make_no_sense(words: str, team: Path, carectl: Carectl) -> None:
    done = carectl("visit", "gaps", *words.split())
    assert (done.code, done.out) == (2, "")

"""carectl agenda."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census


def test_a_week_by_day(home: Path, carectl: Carectl) -> None:
    done = carectl("agenda")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
Monday 2026-11-23
x  09:00–11:00      c-001 Rosa Alvarez     personal care  CANCELLED
     At the eye doctor (Jo Park)

Tuesday 2026-11-24
!  18:00–19:00      c-001 Rosa Alvarez     companionship  OPEN SHIFT

Wednesday 2026-11-25
   09:00–11:00      c-001 Rosa Alvarez     personal care  Jo Park

Friday 2026-11-27
!  09:00–11:00      c-001 Rosa Alvarez     personal care  OPEN SHIFT
     Jo Park away

Saturday 2026-11-28
   22:00–06:00 EST  c-002 Stanisław O'Żak  personal care  Jo Park

5 visits   ! 2 open: nobody comes yet   x 1 not taking place
"""
    )


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

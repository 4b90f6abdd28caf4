"""carectl show, client list and staff list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census

ROSA = """\
c-001 Rosa Alvarez (Rosie)  active, in care since 2026-08-03
born 1941-03-09, 85 years old · speaks es · 12:00 there now (America/Chicago)

CODE STATUS   DNR: do not resuscitate
ALLERGIES     Penicillin (hives)
PRECAUTIONS   fall risk

Whom to call, in this order
 1  +1 773 555 0164  Maria Alvarez, daughter
      call for fall
      holds health care power of attorney
      may be told schedule, wellbeing until 2027-08-03
      LAPSED on 2026-08-03: health
 2  no phone  Ruth Feldman, neighbor
      may be told nothing
 3  no phone  Bob Alvarez, son
      may be told wellbeing

How to get in
  418 Elm St
  Evanston, IL 60201
  Key safe
  phone +1 847 555 0119

If things go wrong
  Hospital: Evanston Hospital
  Call Maria

Medicines now (1)
  - Furosemide 40 mg, 1 tablet, 08:00

Diagnoses
  - Heart failure

Care plan
  from 2026-08-05 until 2027-08-04
  review due 2026-11-03 OVERDUE
  - Risk of falls at night (high)
      goal: No fall (active, due 2026-11-05 OVERDUE)

Visits until Sat 2026-11-28
  Mon 2026-11-23
    x  09:00–11:00  personal care  CANCELLED
         At the eye doctor (Jo Park)
  Tue 2026-11-24
    !  18:00–19:00  companionship  OPEN SHIFT
  Wed 2026-11-25
       09:00–11:00  personal care  Jo Park
  Fri 2026-11-27
    !  09:00–11:00  personal care  OPEN SHIFT
         Jo Park away

Open tasks
  - Fri 2026-11-20 OVERDUE: Call PT (call-pt)
  - Mon 2026-11-30: Order pads [Jo Park] (order)
"""


def test_one_page(home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("show", "rosa")
    assert (done.code, done.err) == (0, "")
    assert done.out == ROSA
    assert census(home) == before


@pytest.mark.parametrize("now", ["0001-01-01", "0001-01-02T08:00", "9999-12-28", "9999-12-30", "9999-12-31T02:00"])
def test_the_ends_of_all_calendars(home: Path, carectl: Carectl, now: str) -> None:
    done = carectl("show", "rosa", "--now", now)
    assert done.code == 0
    assert ("years old" in done.out) == (now > "2000")
    assert "-19" not in done.out.replace("1941-03-09", "").split("CODE STATUS")[0]
    assert f"Visits until {'Fri 9999-12-31' if now > '2000' else ''}" in done.out
    page = json.loads(carectl("show", "rosa", "--now", now, "-f", "json").out)["client"]
    assert (page["age"] is None) == (now < "2000")


def test_what_was_never_said_is_loud(home: Path, carectl: Carectl) -> None:
    out = carectl("show", "c-002").out
    assert "CODE STATUS   NOT STATED" in out
    assert "ALLERGIES     NOT STATED" in out
    assert "Medicines\n  NOT STATED" in out
    assert "Whom to call, in this order\n  nobody is on file" in out
    assert "Care plan\n  none yet" in out
    assert "13:00 there now (America/New_York)" in out
    assert "22:00–06:00 EST" in out


def test_what_cannot_be_read_is_said_first_and_never_as_none(home: Path, carectl: Carectl) -> None:
    client = home / "clients/c-001/client.yaml"
    text = client.read_text(encoding="utf-8").replace("code_status: dnr", "code_status: dunno")
    client.write_text(text.replace("allergies: [", "allergys: ["), encoding="utf-8")
    (home / "clients/c-001/medications.yaml").write_text("medications: [\n", encoding="utf-8")
    (home / "clients/c-001/contacts.yaml").write_text("contacts: [{id: maria, name: Maria}]\n", encoding="utf-8")
    done = carectl("show", "rosa")
    assert done.code == 1
    head, _, rest = done.out.partition("CODE STATUS")
    assert "COULD NOT BE READ, so this page is not whole:" in head
    for place in ("client.yaml:9", "client.yaml:10", "medications.yaml:", "contacts.yaml:1"):
        assert f"  clients/c-001/{place}" in head
    assert rest.startswith("   COULD NOT BE READ\nALLERGIES     COULD NOT BE READ WHOLE\n")
    assert "Medicines\n  could not be read" in rest
    assert "Whom to call, in this order\n  could not be read" in rest
    assert "dunno" not in done.out
    answer = json.loads(carectl("show", "rosa", "--format", "json").out)
    assert {"allergies", "code_status", "contacts", "medications"} <= set(answer["client"]["unread"])
    assert answer["client"]["allergies"] is None
    assert len(answer["faults"]) >= 4


def test_a_chart_without_a_readable_client_file(home: Path, carectl: Carectl) -> None:
    (home / "clients/c-001/client.yaml").write_text("a: [", encoding="utf-8")
    done = carectl("show", "c-001")
    assert done.code == 1
    assert done.out.startswith("c-001 client.yaml could not be read\n")
    assert "CODE STATUS   COULD NOT BE READ" in done.out
    assert carectl("show", "rosa").code == 2


def test_json(home: Path, carectl: Carectl) -> None:
    answer = json.loads(carectl("show", "c-001", "-f", "json").out)
    assert list(answer) == ["format", "client", "faults"]
    page = answer["client"]
    assert (page["id"], page["age"], page["code_status"]) == ("c-001", 85, "dnr")
    assert page["allergies"] == [{"substance": "Penicillin", "reaction": "hives", "severity": None}]
    assert [entry["state"] for entry in page["contacts"][0]["sharing"]] == ["live", "lapsed"]
    assert page["tasks"][0] == {"id": "call-pt", "text": "Call PT", "who": None, "due": "2026-11-20", "overdue": True}
    assert page["visits"][0]["status"] == "cancelled"
    assert answer["faults"] == []


@pytest.mark.parametrize("typed", ["c-001", "rosa", "ALVAREZ", "Rosie", "rosa alv", "Rosa Alvarez"])
def test_who_is_meant(typed: str, home: Path, carectl: Carectl) -> None:
    assert carectl("show", typed).out.startswith("c-001 Rosa Alvarez")


def test_names_without_their_marks(home: Path, carectl: Carectl) -> None:
    assert carectl("show", "stanislaw o'zak").out.startswith("c-002 Stanisław O'Żak")


def test_who_is_not_meant(home: Path, carectl: Carectl) -> None:
    done = carectl("show", "rosaa")
    assert done.code == 2
    assert "did you mean c-001 Rosa Alvarez?" in done.err
    assert "\n  c-001 Rosa Alvarez\n" in carectl("show", "c-0").err


def test_client_list(home: Path, carectl: Carectl) -> None:
    done = carectl("client", "list")
    assert (done.code, done.err) == (0, "")
    assert (
        done.out
        == """\
id     name                  status   age  town      phone
c-001  Rosa Alvarez (Rosie)  active   85   Evanston  +1 847 555 0119
c-002  Stanisław O'Żak       active   88
c-003  Walter Brandt         inquiry
"""
    )
    assert carectl("client", "list", "--status", "inquiry").out.splitlines()[1:] == ["c-003  Walter Brandt  inquiry"]
    assert carectl("client", "list", "--status", "deceased").out == "No deceased clients.\n"
    assert carectl("client", "list", "--status", "gone").code == 2
    answer = json.loads(carectl("client", "list", "-f", "json").out)
    assert list(answer) == ["format", "clients"]
    assert [one["id"] for one in answer["clients"]] == ["c-001", "c-002", "c-003"]


def test_lists_tell_what_cannot_be_read(home: Path, carectl: Carectl) -> None:
    (home / "clients/c-001/client.yaml").write_text("id: c-001\n", encoding="utf-8")
    (home / "staff/jo-park.yaml").write_text("id: [", encoding="utf-8")
    done = carectl("client", "list", "--status", "inquiry")
    assert done.code == 1
    assert "c-001  client.yaml cannot be read" in done.out
    assert "carectl check" in done.err
    assert json.loads(carectl("client", "list", "-f", "json").out)["clients"][0] == {"id": "c-001", "readable": False}
    done = carectl("staff", "list")
    assert done.code == 1
    assert "jo-park  file cannot be read" in done.out
    assert {"id": "jo-park", "readable": False} in json.loads(carectl("staff", "list", "-f", "json").out)["staff"]


def test_staff_list(home: Path, carectl: Carectl) -> None:
    (home / "staff/old-hand.yaml").write_text(
        "id: old-hand\nname: {given: Old, family: Hand}\nrole: driver\n"
        "employed: {from: 2020-01-01, until: 2026-01-31}\n",
        encoding="utf-8",
    )
    assert (
        carectl("staff", "list", "--now", "2026-11-27").out
        == """\
id        name            role              phone
dana      Dana Whitfield  coordinator
jo-park   Jo Park         home health aide  +1 312 555 0177  away until
                                                             2026-11-27
old-hand  Old Hand        driver                             left 2026-01-31
"""
    )


def test_an_empty_caseload(tmp_path: Path, carectl: Carectl) -> None:
    (tmp_path / "carectl.yaml").write_text("practice: {name: A, timezone: UTC}\n", encoding="utf-8")
    at = ("--caseload", str(tmp_path))
    assert carectl("client", "list", *at).out == "No clients yet: carectl client add\n"
    assert carectl("staff", "list", *at).out == "Nobody is on the roster yet: carectl staff add\n"
    assert json.loads(carectl("client", "list", "-f", "json", *at).out) == {"format": 1, "clients": []}
    assert carectl("agenda", *at).code == 0

"""carectl notify: a text on the standard output, and nothing else written anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_lakeside import lakeside as lakeside

SIGN = "Lakeside Care Coordination, +1 312 555 0142"


def test_to_each_of_them(lakeside: Path, carectl: Carectl) -> None:
    assert carectl("visit", "assign", "rosa", "wed", "8:30", "lucia").code == 0
    before = census(lakeside)
    when = "miércoles 25 de noviembre, 9:00 a. m.: nueva hora 8:30 a. m. Viene Lucía en lugar de Jo."
    texts = {
        "maria": f"Visita a Mamá, {when} {SIGN}\n",
        "client": f"Su visita, {when} {SIGN}\n",
        "daniel": "Visit to Abuela on Wednesday, November 25, 9:00 am: new time 8:30 am. Lucía is coming instead of "
        f"Jo. {SIGN}\n",
        "lucia": "c-014 Rosie, 418 Elm St, Evanston, Wednesday, November 25, 8:30 am–10:30 am: you come instead of Jo. "
        f"Please confirm. {SIGN}\n",
        "jo-park": "c-014 Rosie, Wednesday, November 25, 8:30 am–10:30 am (was 9:00 am–11:00 am): you do not come. "
        f"{SIGN}\n",
    }
    for person, text in texts.items():
        done = carectl("notify", "rosa", "wed", "8:30", "--to", person)
        assert (done.code, done.out) == (0, text)
    assert done.err == "c-014 Rosa Alvarez, to jo-park Jo Park +1 312 555 0177\n"
    assert census(lakeside) == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["c-009", "wed", "--to", "colleen"], 1, "no text: schedule: colleen's sharing was revoked on 2026-03-16"),
        (["rosa", "wed", "8:30", "--to", "pharmacy"], 1, "no text: schedule: not shared with pharmacy"),
        (["rosa", "wed", "8:30", "--to", "tomas"], 1, "no text: tomas-ibarra has nothing to do with this visit"),
        (["rosa", "wed", "--to", "maria"], 2, "  carectl notify c-014/am-care-2026-11-25   Wed 2026-11-25 08:30"),
        (["rosa", "sun", "--to", "maria"], 2, "has no visit on Sunday"),
        # The last one was two days ago.
        (["rosa", "sat", "--to", "lucia"], 2, "has no visit on Saturday 2026-11-28 (in 5 days)"),
        (["rosa", "11/21", "--to", "lucia"], 1, "carectl notify c-014/saturday-2026-11-21 --to lucia-nunez"),
        (["rosa", "wed", "8:30", "--to", "name:Ann"], 2, "--to takes a contact, the word client, or a staff member"),
        (["rosa", "wed", "8:30", "--to", "xaver"], 2, "no person fits"),
        (["rosa", "--to", "maria"], 2, "name the visit as CLIENT DAY"),
        (["osa", "wed", "8:30", "--to", "maria"], 2, "no client fits"),
    ],
)
def test_no_text(words: list[str], code: int, said: str, lakeside: Path, carectl: Carectl) -> None:
    done = carectl("notify", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_what_is_over_is_named_by_its_id(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("notify", "c-014/saturday-2026-11-21", "--to", "lucia")
    assert (done.code, "it took place." in done.out) == (0, True)
    # Of today is also what is over.
    assert carectl("notify", "rosa", "today", "--to", "jo", "--now", "2026-11-23T20:00").code == 0


def test_a_moved_visit_that_is_cancelled(lakeside: Path, carectl: Carectl) -> None:
    early = ("--now", "2026-11-23T06:40")
    assert carectl("visit", "move", "rosa", "mon", "--to-day", "tue", "--at", "13:00", *early).code == 0
    assert carectl("visit", "cancel", "c-014/am-care-2026-11-23", "--reason", "y", *early).code == 0
    done = carectl("notify", "c-014/am-care-2026-11-23", "--to", "jo", *early)
    assert done.out.startswith(
        "c-014 Rosie, Tuesday, November 24, 1:00 pm–3:00 pm (was Monday, November 23, 9:00 am–11:00 am): cancelled"
    )


def test_only_one_of_a_couple_is_out(lakeside: Path, carectl: Carectl) -> None:
    assert carectl("visit", "cancel", "c-002", "11/30", "--reason", "x").code == 0
    done = carectl("notify", "c-002", "11/30", "--to", "marek")
    assert "cancelled for Staszek: please go, only for c-003 Halina." in done.out
    path = lakeside / "clients/c-003/visits.yaml"
    path.write_text("series: [", encoding="utf-8")
    done = carectl("notify", "c-002", "11/30", "--to", "marek")
    assert "do not go" not in done.out
    assert "The visit to c-003 Halina on your calendar stands." in done.out


def test_a_private_visit(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "clients/c-014/visits.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: pt-eval\n", "id: pt-eval\n    private: true\n"), encoding="utf-8")
    done = carectl("notify", "c-014/pt-eval", "--to", "maria")
    assert (done.code, done.out) == (1, "")
    assert "no text: visits/pt-eval: is private" in done.err


def test_json(lakeside: Path, carectl: Carectl) -> None:
    done = carectl("notify", "c-002", "11/30", "--to", "halina", "--format", "json")
    assert done.code == 0
    found = json.loads(done.out)
    assert found == {
        "format": 1,
        "client": "c-002",
        "visit": "mornings-2026-11-30",
        "to": "halina",
        "language": "en",
        "text": f"Visit on Monday, November 30, 8:30 am: Marek is coming as planned. {SIGN}",
        "characters": 110,
        "remarks": ["there are no words in pl yet, so the text is in English"],
    }
    assert "there are no words in pl yet" in done.err


def test_what_could_not_be_read_is_said(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "clients/c-014/visits.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: saturday\n", "id: saturday\n    until: soon\n"), encoding="utf-8")
    done = carectl("notify", "rosa", "wed", "8:30", "--to", "lucia")
    assert (done.code, done.out) == (1, "")  # she has nothing to do with this one
    done = carectl("notify", "rosa", "wed", "8:30", "--to", "jo")
    assert done.code == 1
    assert done.out.startswith("c-014 Rosie, 418 Elm St")
    assert "carectl: not whole: clients/c-014/visits.yaml:" in done.err


def test_whether_somebody_is_away_could_not_be_read(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "staff/jo-park.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("away:\n", "away: soon\nx-old:\n"), encoding="utf-8")
    done = carectl("notify", "rosa", "wed", "8:30", "--to", "maria")
    assert (done.code, done.out) == (1, "")
    assert "no text: it could not be read whether jo-park is away then" in done.err

"""carectl client add and carectl staff add."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl, census, on_terminal

from carectl.caseload import files


def test_an_inquiry_needs_a_name_only(home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("client", "add", "--given", "Zoë", "--family", "O'Hara")
    assert (done.code, done.err) == (0, "")
    assert done.out == "c-004 Zoë O'Hara\nWrote clients/c-004/client.yaml\nNext: carectl check c-004\n"
    after = census(home)
    assert (
        after.pop("clients/c-004/client.yaml").decode()
        == """\
# yaml-language-server: $schema=../../.carectl/schemas/client.schema.json
id: c-004
name: {given: Zoë, family: O'Hara}
status: inquiry
"""
    )
    assert after == before
    assert carectl("check", "c-004", "--strict").code == 0


def test_a_client_in_care(home: Path, carectl: Carectl) -> None:
    done = carectl(
        "client", "add", "--id", "c-100", "--given", "Rosa", "--family", "No", "--preferred", "#1 Nana",
        "--status", "active", "--birth-date", "1941-03-09",
        "--start-of-care", "2026-11-23", "--allergies", "Penicillin, sulfa drugs",
        "--code-status", "dnr", "--language", "es", "--timezone", "America/New_York", "--phone", "+1 847 555 0119",
        "--phone", "0119", "--street", "418 Elm St: rear", "--city", "Évanston",
        "--state", "IL", "--postal-code", "01230",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert "Wrote clients/c-100/client.yaml, contacts.yaml, assessments.yaml, visits.yaml, medications.yaml" in done.out
    assert (home / "clients/c-100/client.yaml").read_text(encoding="utf-8").splitlines()[1:] == [
        "id: c-100",
        'name: {given: Rosa, family: "No", preferred: "#1 Nana"}',
        "birth_date: 1941-03-09",
        "language: es",
        "timezone: America/New_York",
        "status: active",
        "start_of_care: 2026-11-23",
        'address: {street: "418 Elm St: rear", city: Évanston, state: IL, postal_code: "01230"}',
        'phones: ["+1 847 555 0119", "0119"]',
        "allergies: [{substance: Penicillin}, {substance: sulfa drugs}]",
        "code_status: dnr",
    ]
    assert (
        (home / "clients/c-100/contacts.yaml").read_text(encoding="utf-8")
        == """\
# yaml-language-server: $schema=../../.carectl/schemas/contacts.schema.json
# contacts.yaml: family and professionals, and who may be told what.
contacts:
"""
    )
    # What is still missing is said: an empty list says nothing.
    check = carectl("check", "c-100")
    for code in ("assessment-missing", "plan-missing", "medications-not-stated"):
        assert f"[{code}]" in check.out
    assert "allergies" not in check.out
    assert carectl("show", "c-100").out.startswith("c-100 Rosa No (#1 Nana)  active")


def test_what_is_left_open_is_said(home: Path, carectl: Carectl) -> None:
    done = carectl("client", "add", "--given", "A", "--family", "B", "--status", "active")
    assert "Not said yet: birth_date, start_of_care, allergies, code_status (in client.yaml)\n" in done.out
    assert "allergies-not-stated" in carectl("check", "c-004").out


@pytest.mark.parametrize("said", ["none_known", "None known", "NKDA"])
def test_none_known(said: str, home: Path, carectl: Carectl) -> None:
    carectl("client", "add", "--given", "A", "--family", "B", "--status", "active", "--allergies", said)
    assert "allergies: none_known\n" in (home / "clients/c-004/client.yaml").read_text(encoding="utf-8")


def test_modes(home: Path, carectl: Carectl) -> None:
    carectl("client", "add", "--given", "A", "--family", "B", "--status", "active")
    carectl("staff", "add", "--given", "A", "--family", "B", "--role", "driver")
    folder = home / "clients/c-004"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (*folder.iterdir(), home / "staff/a-b.yaml")} == {0o600}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--family", "B"], "--given is needed"),
        ([], "--given, --family are needed"),
        (["--given", "  ", "--family", "B"], "--given takes some text"),
        (["--given", "A\tB", "--family", "B"], "without control characters"),
        (["--given", "A\u202eB", "--family", "B"], "without control characters"),
        (["--given", "A", "--family", "B", "--id", "c-001"], "there is a client c-001 already"),
        (["--given", "A", "--family", "B", "--id", "Rosa A"], "--id takes an id"),
        (["--given", "A", "--family", "B", "--id", "../x"], "--id takes an id"),
        (["--given", "A", "--family", "B", "--status", "gone"], "gone"),
        (["--given", "A", "--family", "B", "--birth-date", "3/9/1941"], "--birth-date takes a date"),
        (["--given", "A", "--family", "B", "--birth-date", "2027-01-01"], "not in the future"),
        (["--given", "A", "--family", "B", "--start-of-care", "2026-02-30"], "--start-of-care takes a date"),
        (["--given", "A", "--family", "B", "--language", "Spanish"], "--language takes a language's code"),
        (["--given", "A", "--family", "B", "--timezone", "Central"], "--timezone takes a time zone"),
        (["--given", "A", "--family", "B", "--phone", "1\x07"], "without control characters"),
    ],
)
def test_wrong_values_write_nothing(options: list[str], words: str, home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("client", "add", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(home) == before
    assert sorted(path.name for path in (home / "clients").iterdir()) == ["c-001", "c-002", "c-003"]


def test_an_id_that_holds_a_name(home: Path, carectl: Carectl) -> None:
    done = carectl("client", "add", "--given", "Rosa", "--family", "Park", "--id", "rosa-p")
    assert done.code == 0
    assert "the id holds a name" in done.err


@pytest.mark.parametrize("failing", range(1, 8))
def test_no_half_folder(failing: int, home: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    real = files.put
    calls = []

    def put(path: Path, *args: Any, **more: Any) -> None:
        calls.append(path)
        if "writing" not in path.parts and len([one for one in calls if "writing" not in one.parts]) == failing:
            raise OSError(28, "No space left on device")
        real(path, *args, **more)

    monkeypatch.setattr(files, "put", put)
    before = census(home)
    done = carectl("client", "add", "--given", "A", "--family", "B", "--status", "active")
    assert (done.code, done.out) == (3, "")
    assert "the drive is full" in done.err
    assert census(home) == before
    assert sorted(path.name for path in (home / "clients").iterdir()) == ["c-001", "c-002", "c-003"]
    # No name of a client in any name of a file on the way.
    assert all("A" not in path.name for path in calls)


def test_a_caseload_that_cannot_be_written(home: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    done = carectl("client", "add", "--given", "A", "--family", "B")
    assert done.code == 3
    assert "permission denied" in done.err


def test_staff(home: Path, carectl: Carectl) -> None:
    done = carectl(
        "staff", "add", "--given", "Łucja", "--family", "O'Żak", "--role", "Registered Nurse",
        "--skills", "wound care, iv",
        "--languages", "pl,en", "--phone", "+1 2", "--email", "l@x.example", "--employed-from", "2026-12-01",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("lucja-ozak Łucja O'Żak\nWrote staff/lucja-ozak.yaml\n")
    assert (
        (home / "staff/lucja-ozak.yaml").read_text(encoding="utf-8")
        == """\
# yaml-language-server: $schema=../.carectl/schemas/staff.schema.json
id: lucja-ozak
name: {given: Łucja, family: O'Żak}
role: registered_nurse
skills: [wound_care, iv]
languages: [pl, en]
phone: "+1 2"
email: l@x.example
employed: {from: 2026-12-01}
"""
    )
    assert carectl("check", "staff/lucja-ozak.yaml", "--strict").code == 0
    again = carectl("staff", "add", "--given", "Łucja", "--family", "O'Żak", "--role", "driver")
    assert "Wrote staff/lucja-ozak-2.yaml" in again.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--given", "Jo"], "--family, --role are needed"),
        (
            ["--given", "Jo", "--family", "Park", "--role", "driver", "--id", "dana"],
            "there is a staff member dana already",
        ),
        (["--given", "Jo", "--family", "Park", "--role", "driver", "--languages", "Korean"], "--languages takes"),
        (["--given", "Jo", "--family", "Park", "--role", "the boss!"], "--role takes one word"),
        (["--given", "Jo", "--family", "Park", "--role", "driver", "--employed-from", "soon"], "--employed-from takes"),
    ],
)
def test_wrong_staff(options: list[str], words: str, home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("staff", "add", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(home) == before


def test_questions_for_a_client(home: Path) -> None:
    answers = ["Minh\n", "Đặng\n", "\n", "activ\n", "active\n", "9.3.41\n", "1944-01-30\n", "\n", "none known\n",
               "full\n", "vi\n", "+1 773 555 0107\n", "418 Elm St\n", "Chicago\n", "\n", "60201\n", "\n"]  # fmt: skip
    shown, code = on_terminal(["client", "add"], answers, home)
    assert code == 0
    assert "did you mean active?" in shown
    assert "State [IL]: " in shown
    assert "Id, for ever; no name [c-004]: " in shown
    assert "c-004 Minh Đặng\n" in shown
    text = (home / "clients/c-004/client.yaml").read_text(encoding="utf-8")
    assert "start_of_care: 2026-11-22\n" in text
    assert "allergies: none_known\n" in text
    assert 'postal_code: "60201"' in text


def test_questions_for_an_inquiry_are_few(home: Path) -> None:
    shown, code = on_terminal(["client", "add"], ["A\n", "B\n", *(["\n"] * 9)], home)
    assert code == 0
    assert "Allergies" not in shown
    assert "address" not in (home / "clients/c-004/client.yaml").read_text(encoding="utf-8")


def test_nothing_is_asked_if_nothing_is_needed(home: Path) -> None:
    shown, code = on_terminal(["client", "add", "--given", "A", "--family", "B"], [], home)
    assert code == 0
    assert "Enter to skip" not in shown


def test_questions_for_staff(home: Path) -> None:
    answers = ["Jo\n", "Park\n", "home health aide\n", "\n", "ko, en\n", "\n", "\n", "\n", "\n"]
    shown, code = on_terminal(["staff", "add"], answers, home)
    assert code == 0
    assert "Id, for ever [jo-park-2]: " in shown
    assert "languages: [ko, en]\n" in (home / "staff/jo-park-2.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["client", "staff"])
@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_stopping_leaves_nothing(kind: str, key: str, home: Path) -> None:
    before = census(home)
    shown, code = on_terminal([kind, "add"], ["Rosa\n", key], home)
    assert code == 130
    assert "Traceback" not in shown
    assert census(home) == before

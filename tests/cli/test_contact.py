"""carectl contact: who is called, and who may be told what until when."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

ROSA = "clients/c-014/contacts.yaml"
PEG = "clients/c-009/contacts.yaml"
ADD = ["contact", "add", "rosa", "--name", "Dr. Ana Ruiz", "--relationship", "cardiologist"]


# --- add -------------------------------------------------------------------------------------------------------------


def test_add(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = [*ADD, "--role", "physician", "--call-for", "hospital,weight_gain", "--phone", "+1 847 555 0100"]
    done = carectl(*line)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Contact dr-ruiz: Dr. Ana Ruiz, cardiologist, called after the others",
        "Nothing is shared yet: carectl contact share c-014 dr-ruiz --topic … --basis …",
        f"Wrote {ROSA}:59",
    ]
    assert changes() == {
        ROSA: [
            "+  - id: dr-ruiz",
            "+    name: Dr. Ana Ruiz",
            "+    relationship: cardiologist",
            "+    roles: [physician]",
            "+    call_for: [hospital, weight_gain]",
            '+    phone: "+1 847 555 0100"',
        ]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line)
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Ann Doe", "ann"),
        ("Maria Lopez", "maria-lopez"),
        ("Jo Park", "jo"),
        ("Dana", "dana-2"),
        ("Client", "client-2"),
        ("Central Street Pharmacy", "central-street-pharmacy"),
        ("Łukasz Żak", "lukasz"),
        ("明", "contact"),
    ],
)
def test_ids(name: str, own: str, lakeside: Path, carectl: Carectl) -> None:
    assert f"Contact {own}: " in carectl("contact", "add", "rosa", "--name", name, "--relationship", "friend").out


def test_what_is_missing_is_asked_for(lakeside: Path, changes: Changes) -> None:
    answers = ["Ann Doe\n", "friend\n", "Rosie\n", "\n", "fall\n", "\n", "\n", "en\n", "\n"]
    shown, code = on_terminal(["contact", "add", "rosa"], answers, lakeside, {"CARECTL_NOW": MONDAY})
    assert code == 0, shown
    assert changes()[ROSA] == [
        "+  - id: ann",
        "+    name: Ann Doe",
        "+    relationship: friend",
        "+    calls_client: Rosie",
        "+    call_for: [fall]",
        "+    language: en",
    ]


# --- share -----------------------------------------------------------------------------------------------------------


def test_share(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ["contact", "share", "rosa", "ruth", "--topic", "wellbeing", "--topic", "goals", "--basis", "authorization"]
    done = carectl(*line, "--expires", "+1y")
    assert done.out.splitlines()[1] == (
        "ruth Ruth Feldman may be told about wellbeing and goals until Tuesday 2027-11-23 (in 365 days) (authorization)"
    )
    assert changes() == {
        ROSA: ["+      - {topics: [wellbeing, goals], basis: authorization, given: 2026-11-23, expires: 2027-11-23}"]
    }
    assert carectl("check", "rosa").code == 0
    again = carectl(*line, "--expires", "+1y")
    assert (again.code, again.out.splitlines()[-1]) == (0, "Nothing to write: it is like that already.")
    lacking = carectl(*line)
    assert (lacking.code, lacking.err) == (2, "carectl: --expires is needed (on a terminal carectl asks)\n")


def test_the_first_that_is_shared(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl(*ADD)
    before = set(changes()[ROSA])
    done = carectl("contact", "share", "rosa", "dr-ruiz", "--topic", "health,medications", "--basis", "care-team",
                   "--given", "sat")  # fmt: skip
    assert (
        "about health and medications from Saturday 2026-11-21 (2 days ago) until it is revoked (care team)" in done.out
    )
    assert "There is neither phone nor e-mail of theirs on file" in done.out
    assert [line for line in changes()[ROSA] if line not in before] == [
        "+    sharing:",
        "+      - {topics: [health, medications], basis: care_team, given: 2026-11-21}",
    ]


# --- revoke ----------------------------------------------------------------------------------------------------------


def test_revoke_everything(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("contact", "revoke", "rosa", "maria")
    assert done.out.splitlines()[1:3] == [
        "Revoked, from Monday 2026-11-23 (today): maria Maria Alvarez is told nothing any more",
        "Still to be called about: fall, hospital and missed visit"
        " (call_for; take it out if that is not wanted either)",
    ]
    # What was revoked before, and what has lapsed, stays as it was.
    assert changes() == {ROSA: ["+        revoked: 2026-11-23"]}
    assert carectl("check", "rosa").code == 0
    again = carectl("contact", "revoke", "rosa", "maria")
    assert (again.code, again.out.splitlines()[1:]) == (
        0,
        ["maria Maria Alvarez is told nothing already", "Nothing to write: it is like that already."],
    )
    assert carectl("letter", "family", "rosa", "--to", "maria").code == 1


def test_revoke_one_topic_of_several(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("contact", "revoke", "rosa", "maria", "--topic", "health", "--topic", "concerns")
    assert "maria Maria Alvarez is told nothing about health and concerns any more" in done.out
    assert "Still shared: schedule, wellbeing, goals and medications" in done.out
    assert list(changes()) == [ROSA]
    assert sorted(changes()[ROSA]) == [
        "+        basis: authorization",
        "+        continues: 2026-08-05",
        "+        expires: 2027-08-04",
        "+        given: 2026-11-23",
        "+        revoked: 2026-11-23",
        "+      - topics: [schedule, wellbeing, goals, medications]",
    ]
    text = (lakeside / ROSA).read_text(encoding="utf-8")
    assert (
        "        given: 2026-08-05\n        expires: 2027-08-04\n        revoked: 2026-11-23\n      - topics: " in text
    )
    assert carectl("check", "rosa").code == 0
    assert carectl("letter", "family", "rosa", "--to", "maria").code == 0
    again = carectl("contact", "revoke", "rosa", "maria", "--topic", "concerns")
    assert "is told nothing about concerns already" in again.out


def test_all_is_every_topic(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("contact", "revoke", "peg", "patrick", "--topic", "money", "--on", "fri")
    assert changes() == {
        PEG: [
            "+        revoked: 2026-11-27",
            "+      - topics: [schedule, wellbeing, goals, health, medications, concerns]",
            "+        basis: representative",
            "+        given: 2026-11-27",
            "+        continues: 2026-03-16",
        ]
    }


def test_what_begins_later_is_revoked_too(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    carectl("contact", "share", "rosa", "ruth", "--topic", "goals", "--basis", "agreed", "--given", "2026-12-01")
    carectl("contact", "revoke", "rosa", "ruth")
    assert changes()[ROSA] == [
        "-      - {topics: [schedule], basis: agreed, given: 2026-08-10}   # so that she knows whose car it is",
        "+      - {topics: [schedule], basis: agreed, given: 2026-08-10, revoked: 2026-11-23}"
        "   # so that she knows whose car it is",
        "+      - {topics: [goals], basis: agreed, given: 2026-12-01, revoked: 2026-12-01}",
    ]
    assert carectl("check", "rosa").code == 0


def test_commit_and_dry_run(lakeside: Path, carectl: Carectl) -> None:
    repository(lakeside)
    before = census(lakeside)
    assert carectl("contact", "revoke", "rosa", "maria", "--dry-run").out.startswith(f"--- a/{ROSA}\n")
    assert census(lakeside) == before
    for line, subject in (
        (ADD, "c-014 contacts: 1 added"),
        (["contact", "share", "rosa", "dr-ruiz", "--topic", "all", "--basis", "agreed"], "c-014 contacts: 1 shared"),
        (["contact", "revoke", "rosa", "dr-ruiz"], "c-014 contacts: 1 revoked"),
    ):
        assert carectl(*line, "--commit").code == 0
        assert last_subject(lakeside) == subject


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["add", "rosa"], "--name, --relationship are needed"),
        (["add", "rosa", "--name", "Bo", "--relationship", "x", "--id", "ruth"], "there is a contact ruth already"),
        (["add", "rosa", "--name", "Bo", "--relationship", "x", "--language", "English"], "--language takes"),
        (["share", "rosa", "ruth"], "--topic, --basis are needed"),
        (["share", "rosa", "ruth", "--topic", "welbeing", "--basis", "agreed"], "did you mean wellbeing?"),
        (["share", "rosa", "ruth", "--topic", "goals", "--basis", "agrees"], "did you mean agreed?"),
        (
            ["share", "rosa", "ruth", "--topic", "goals", "--basis", "agreed", "--expires", "2026-11-01"],
            "--expires is before --given",
        ),
        (["share", "rosa", "zoe", "--topic", "goals", "--basis", "agreed"], "no contact fits"),
        (["revoke", "rosa", "ruth", "--topic", "helth"], "did you mean health?"),
        (["revoke", "rosa", "amara"], "no contact fits"),
    ],
)
def test_wrong_usage(line: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("contact", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err
    assert census(lakeside) == before

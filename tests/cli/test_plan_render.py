"""carectl plan render --for, letter family --sent, and what the readers of the example caseload really get."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, census
from helpers_documents import GOLDEN, golden
from helpers_lakeside import Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

NOTES: Final = "clients/c-014/notes.yaml"
EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "caseload"
MORNING: Final = "2026-11-22T06:40"
WITHOUT: Final = {
    ("c-001", "lisa-j"): "has no sharing entry",
    ("c-001", "dr-chu"): "has no sharing entry",
    ("c-001", "sam"): "has no sharing entry",
    ("c-006", "einar"): "nothing to tell yet",
    ("c-009", "colleen"): "sharing was revoked",
}
"""Contacts of the examples who get no letter, and why."""
PLANS: Final = {
    "c-001": "charles", "c-002": "ewa", "c-003": "stanislaw", "c-006": "dr-abebe", "c-009": "patrick", "c-011": "lan",
    "c-014": "maria",
}  # fmt: skip
"""One contact of each example client who has a plan."""
STAFF: Final = (("c-011", "jo-park"), ("c-014", "amara-diallo"))


def contacts() -> list[tuple[str, str]]:
    """Every contact of the examples."""
    found = []
    for client in PLANS:
        text = (EXAMPLES / "clients" / client / "contacts.yaml").read_text(encoding="utf-8")
        found += [(client, contact) for contact in re.findall(r"^  - (?:\{)?id: ([a-z0-9-]+)", text, re.MULTILINE)]
    return found


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch, carectl: Carectl) -> Carectl:
    """Runs commands on the examples, on a Sunday morning."""
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.setenv("CARECTL_NOW", MORNING)
    return carectl


# --- what they get ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("client", "contact"), contacts())
def test_every_letter_reads_as_it_did(client: str, contact: str, examples: Carectl) -> None:
    done = examples("letter", "family", client, "--to", contact)
    if (client, contact) in WITHOUT:
        assert (done.code, done.out) == (1, "")
        assert WITHOUT[client, contact] in done.err
        return
    assert done.code == 0, done.err
    golden(f"examples/letter-{client}-{contact}.md", done.out)


@pytest.mark.parametrize(
    ("client", "reader"),
    [*((client, "client") for client in PLANS), *PLANS.items(), *STAFF],
)
def test_plans_of_the_examples_read_as_they_did(client: str, reader: str, examples: Carectl) -> None:
    done = examples("plan", "render", client, "--for", reader)
    assert done.code == 0, done.err
    golden(f"examples/plan-{client}-{reader}.md", done.out)


def test_every_golden_file_of_the_examples_is_looked_at() -> None:
    letters = {f"letter-{client}-{contact}.md" for client, contact in contacts() if (client, contact) not in WITHOUT}
    plans = {f"plan-{client}-client.md" for client in PLANS} | {f"plan-{c}-{r}.md" for c, r in (*PLANS.items(), *STAFF)}
    assert {path.name for path in (GOLDEN / "examples").iterdir()} == letters | plans


# --- plan render -----------------------------------------------------------------------------------------------------


def test_the_chart_is_what_there_is_without_for(lakeside: Path, carectl: Carectl) -> None:
    assert carectl("plan", "render", "rosa").out == carectl("plan", "render", "rosa", "--for", "chart").out
    assert "not for sharing" in carectl("plan", "render", "rosa").out


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("client", "for the client: all but what is private"),
        ("mari", "for maria Maria Alvarez: schedule"),
        ("jo", "for jo-park Jo Park: home health aide, without diagnoses and medicines"),
    ],
)
def test_whom_it_is_for_is_said(reader: str, words: str, lakeside: Path, carectl: Carectl, tmp_path: Path) -> None:
    target = tmp_path / "plan.html"
    before = census(lakeside)
    done = carectl("plan", "render", "rosa", "--for", reader, "-o", str(target))
    assert (done.code, done.out) == (0, "")
    assert words in done.err
    assert "not for sharing" not in target.read_text(encoding="utf-8")
    assert census(lakeside) == before, "reading writes nothing"


@pytest.mark.parametrize(
    ("reader", "code", "words"),
    [
        ("ruth", 1, "no plan: nothing may be shared with ruth"),
        ("dana", 1, "no plan: dana has no visits there"),
        ("nobody-at-all", 2, "no person fits"),
        ("name:Ann Doe", 2, "somebody who is on file"),
    ],
)
def test_who_gets_none(reader: str, code: int, words: str, home: Path, carectl: Carectl, tmp_path: Path) -> None:
    target = tmp_path / "plan.md"
    done = carectl("plan", "render", "rosa", "--for", reader, "-o", str(target))
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert not target.exists()


def test_staff_who_could_not_be_read_get_none(home: Path, carectl: Carectl) -> None:
    (home / "staff/jo-park.yaml").write_text("id: jo-park\n", encoding="utf-8")
    done = carectl("plan", "render", "rosa", "--for", "jo-park")
    assert (done.code, done.out) == (1, "")
    assert "no plan: staff/jo-park.yaml could not be read" in done.err


def test_a_copy_that_is_not_whole_ends_with_1(home: Path, carectl: Carectl) -> None:
    plan = home / "clients/c-001/care-plan.yaml"
    text = plan.read_text(encoding="utf-8")
    assert text.endswith("status: active}]\n")
    plan.write_text(text.removesuffix("]\n") + ", {id: rail, text: Rail}]\n", encoding="utf-8")
    done = carectl("plan", "render", "rosa", "--for", "jo-park")
    assert done.code == 1
    assert "Not complete" in done.out
    assert "interventions/rail: could not be read" in done.err
    assert "rail" not in done.out


# --- letter family --sent --------------------------------------------------------------------------------------------


def test_a_letter_that_was_sent_is_written_down(
    lakeside: Path, carectl: Carectl, changes: Changes, tmp_path: Path
) -> None:
    target = tmp_path / "letter.md"
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(target), "--sent")
    assert done.code == 0, done.err
    said = done.out.splitlines()
    assert said[0].startswith("Note letter-2026-11-23-1, Monday 2026-11-23 (today) at 12:00, with maria Maria Alvar")
    assert said[1].startswith(f"Wrote {NOTES}:")
    lines = changes()[NOTES]
    assert lines[:5] == [
        "+  - id: letter-2026-11-23-1",
        "+    at: 2026-11-23T12:00",
        "+    with: maria",
        "+    channel: letter",
        lines[4],
    ]
    assert re.fullmatch(r"\+    topics: \[[a-z, ]+\]", lines[4])
    assert lines[-1] == "+    author: dana"
    assert "telling of what came since 2026-11-09" in " ".join(line[1:].strip() for line in lines)
    assert carectl("check", "rosa").code == 0
    again = carectl("letter", "family", "rosa", "--to", "maria")
    assert "Since 2026-11-23, their last letter: notes/letter-2026-11-23-1" in again.err
    assert "Since 2026-11-23" not in carectl("letter", "family", "rosa", "--to", "maria", "--since", "mon").err


def test_none_of_a_letters_words_are_in_the_note(
    lakeside: Path, carectl: Carectl, changes: Changes, tmp_path: Path
) -> None:
    target = tmp_path / "letter.md"
    carectl("letter", "family", "rosa", "--to", "maria", "-o", str(target), "--sent")
    letter = target.read_text(encoding="utf-8")
    sentences = re.findall(r"^[A-ZÁÉ¡][^#*|\n]{15,}$", letter, re.MULTILINE)
    assert sentences
    assert not any(sentence in "\n".join(changes()[NOTES]) for sentence in sentences)


def test_a_dry_run_shows_the_note_and_writes_the_letter_alone(lakeside: Path, carectl: Carectl, tmp_path: Path) -> None:
    before = census(lakeside)
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(tmp_path / "x.md"), "--sent", "--dry-run")
    assert "+  - id: letter-2026-11-23-1" in done.out
    assert census(lakeside) == before


def test_the_commit_names_nobody(lakeside: Path, carectl: Carectl, tmp_path: Path) -> None:
    repository(lakeside)
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(tmp_path / "x.md"), "--sent", "--commit")
    assert done.code == 0, done.err
    assert last_subject(lakeside) == "c-014 notes: 1 added"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--sent"], "--sent goes with a file"),
        (["--sent", "-o", "-"], "--sent goes with a file"),
        (["--dry-run"], "belong to --sent"),
        (["--commit"], "belong to --sent"),
    ],
)
def test_wrong_ways_to_say_that_it_was_sent(options: list[str], words: str, lakeside: Path, carectl: Carectl) -> None:
    done = carectl("letter", "family", "rosa", "--to", "maria", *options)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_no_letter_no_note(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    before = census(home)
    assert carectl("letter", "family", "rosa", "--to", "ruth", "-o", str(tmp_path / "x.md"), "--sent").code == 1
    assert census(home) == before
    assert not (tmp_path / "x.md").exists()

"""carectl letter sbar, appointment, hospital, visit-sheet and discharge, on the example caseload."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers_cli import Carectl, census
from helpers_documents import golden
from helpers_lakeside import Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

NOW = ("--now", "2026-11-22T06:40")
ER = ("--to-name", "Lakeshore ER")
PAPERS = {
    "sbar-rosa.md": (
        "sbar", "rosa", "--to", "dr-lee", "--situation", "Half a kilo up since Monday, sock marks on both ankles.",
        "--question", "Is 40 mg of furosemide enough until Wednesday?", "--question", "At what weight shall we call?",
    ),
    "sbar-peg-since.md": ("sbar", "peg", "--to", "dr-novak", "--since", "2026-10-13"),
    "sbar-rosa-pharmacy.md": ("sbar", "rosa", "--to", "pharmacy", "--question", "Blister packs?"),
    "appointment-rosa.md": ("appointment", "rosa", "--to", "dr-lee", "--question", "Shoes or insoles?"),
    "appointment-rosa-maria.md": ("appointment", "rosa", "--to", "maria", "--question", "¿Plantillas?"),
    "hospital-peg.md": ("hospital", "peg", *ER, "--situation", "Fell at 6:10; will not stand on the left leg."),
    "hospital-rosa.html": ("hospital", "rosa", "--to-name", "Evanston ER"),
    "hospital-minh-ward.txt": ("hospital", "minh", "--to", "ward"),
    "hospital-walter.md": ("hospital", "walter", *ER),
    "visit-sheet-rosa.md": ("visit-sheet", "rosa", "mon", "--to", "jo"),
    "visit-sheet-peg.html": ("visit-sheet", "peg", "sat", "--to", "bev", "--language", "es"),
    "discharge-solveig.md": ("discharge", "solveig", "--to", "dr-abebe", "--takes-over", "Dr. Abebe, January 2027"),
    "discharge-rosa-draft.md": ("discharge", "rosa", "--to", "dr-lee"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPERS)
def test_papers_read_as_they_did(name: str, lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(*NOW, "letter", *PAPERS[name], "--format", name.rpartition(".")[2], "--no-cache")
    assert done.code == 0, done.err
    golden(f"letter-{name}", done.out)
    assert changes() == {}


def test_what_is_withheld_is_told_to_the_coordinator_and_not_in_the_letter(lakeside: Path, carectl: Carectl) -> None:
    done = carectl(*NOW, "letter", "sbar", "rosa", "--to", "pharmacy", "--since", "2026-10-01")
    assert done.err.splitlines()[:2] == [
        "c-014 Rosa Alvarez, to pharmacy Central Street Pharmacy: SBAR, shared as care_team",
        "Withheld, or to be looked at:",
    ]
    assert re.search(r"  health: not shared with pharmacy \(\d+ entries left out\) \[clients/c-014/contacts", done.err)
    assert "not shared" not in done.out
    assert "Heart failure; " not in done.out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("sbar", "rosa", "--to", "ruth"), "no SBAR: neither health, medications, concerns nor goals are shared"),
        (("sbar", "peg", "--to", "colleen"), "neither health, medications, concerns nor goals are shared with colleen"),
        (("sbar", "rosa", "--to", "jo"), "no SBAR: it is for people outside; staff get a visit sheet"),
        (("hospital", "rosa", "--to", "jo"), "no hospital packet: it is for people outside"),
        (("appointment", "rosa", "--to", "jo"), "they are not down for a coming appointment"),
        (("visit-sheet", "rosa", "mon", "--to", "lucia"), "lucia-nunez is not down for this visit"),
        (("visit-sheet", "rosa", "mon", "--to", "maria"), "is for the staff member who comes to that visit"),
        (("visit-sheet", "rosa", "2026-11-20", "--to", "jo"), "the visit is done"),
    ],
)  # fmt: skip
def test_what_may_not_go_out_is_refused_with_why(
    line: tuple[str, ...], words: str, lakeside: Path, carectl: Carectl
) -> None:
    done = carectl(*NOW, "letter", *line, "-o", "out.md")
    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert not Path("out.md").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("sbar", "rosa"), "say who gets it: --to PERSON, or --to-name"),
        (("sbar", "rosa", "--to", "dr-lee", "--to-name", "X"), "say who gets it"),
        (("sbar", "rosa", "--to", "nobody"), "no person fits what you typed"),
        (("sbar", "nobody", "--to", "dr-lee"), "no client fits what you typed"),
        (("sbar", "rosa", "--to-name", "Clinic"), "--to-name wants --basis emergency|treatment|authorization"),
        (("sbar", "rosa", "--to", "dr-lee", "--basis", "treatment"), "--basis goes with --to-name"),
        (("sbar", "rosa", "--to", "dr-lee", "--since", "2026-12-01"), "--since lies in the future"),
        (("sbar", "rosa", "--to", "dr-lee", "--language", "xx"), "--language takes one of en, es"),
        (("sbar", "rosa", "--to", "dr-lee", "--question", ""), "--question takes some text"),
        (("hospital", "rosa", "--to-name", " "), "--to-name takes some text"),
        (("sbar", "rosa", "--to", "dr-lee", "--sent"), "--sent goes with a file"),
        (("sbar", "rosa", "--to", "dr-lee", "--commit"), "belong to --sent"),
        (("hospital", "rosa", *ER, "-f", "eml"), "an .eml file is a message to a contact"),
        (("visit-sheet", "rosa", "tue", "--to", "jo"), "has no visit on Tuesday 2026-11-24"),
        (("visit-sheet", "rosa", "--to", "jo"), "name the visit as CLIENT DAY [TIME]"),
    ],
)  # fmt: skip
def test_wrong_usage_is_named(line: tuple[str, ...], words: str, lakeside: Path, carectl: Carectl) -> None:
    done = carectl(*NOW, "letter", *line)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_sent_is_written_down_with_who_what_and_on_what_basis(
    lakeside: Path, carectl: Carectl, changes: Changes
) -> None:
    line = ("letter", "hospital", "rosa", "--to-name", "Evanston ER", "-o", "../packet.html", "--sent")
    dry = carectl(*NOW, *line, "--dry-run")
    assert (dry.code, changes()) == (0, {})
    assert not Path("../packet.html").exists()
    assert '+    text: "Sent: hospital packet, as emergency."' in dry.out
    done = carectl(*NOW, *line)
    assert done.code == 0
    assert Path("../packet.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert changes() == {
        "clients/c-014/notes.yaml": [
            "+  - id: n-2026-11-22-1",
            "+    at: 2026-11-22T06:40",
            "+    with: {name: Evanston ER}",
            "+    channel: letter",
            "+    topics: [health, medications]",
            '+    text: "Sent: hospital packet, as emergency."',
            "+    author: dana",
        ]
    }
    assert carectl(*NOW, "check", "rosa").code == 0


def test_sent_to_a_contact_names_the_basis_of_their_sharing_and_can_be_committed(
    lakeside: Path, carectl: Carectl
) -> None:
    repository(lakeside)
    done = carectl(*NOW, "letter", "sbar", "rosa", "--to", "dr-lee", "-o", "../s.md", "--sent", "--commit")
    assert done.code == 0
    assert "with dr-lee Dr. Susan Lee: Sent: SBAR, shared as care_team." in done.out
    assert last_subject(lakeside) == "c-014 notes: 1 added"


def test_a_draft_is_not_sent(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl(*NOW, "letter", "discharge", "rosa", "--to", "dr-lee", "-o", "d.md", "--sent")
    assert done.code == 1
    assert "care has not ended yet" in done.err
    assert changes() == {}


def test_what_cannot_be_read_is_named_in_the_packet_and_the_exit_code_tells(lakeside: Path, carectl: Carectl) -> None:
    for name, old, new in (("client", "code_status: dnr", "code_status: dnx"), ("medications", "dose: ", "dosis: ")):
        path = lakeside / f"clients/c-014/{name}.yaml"
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    done = carectl(*NOW, "letter", "hospital", "rosa", "--to-name", "ER")
    assert done.code == 1
    assert "- Code status: **Could not be read: call +1 312 555 0142.**" in done.out
    assert "This list is not complete. **Could not be read: call +1 312 555 0142.**" in done.out
    assert "Lisinopril" in done.out
    assert "client: code_status could not be read [clients/c-014/client.yaml:26]" in done.err
    assert "medications/furosemide: could not be read [clients/c-014/medications.yaml:3]" in done.err


def test_an_unreadable_client_gets_no_paper_and_leaves_no_file(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / "clients/c-014/client.yaml").write_text("id: [", "utf-8")
    before = census(lakeside)
    done = carectl(*NOW, "letter", "hospital", "c-014", "--to-name", "ER", "-o", "p.html")
    assert done.code == 1
    assert "no hospital packet: client.yaml could not be read" in done.err
    assert census(lakeside) == before


def test_how_to_get_in_is_printed_only_when_it_is_asked_for(lakeside: Path, carectl: Carectl) -> None:
    line = ("letter", "visit-sheet", "rosa", "--date", "mon", "--to", "jo")
    assert "Key safe" not in carectl(*NOW, *line).out
    assert "Key safe left of the side door" in carectl(*NOW, *line, "--with-access").out


def test_every_paper_is_one_page_of_its_own(lakeside: Path, carectl: Carectl) -> None:
    for name, line in PAPERS.items():
        page = carectl(*NOW, "letter", *line, "-f", "html").out
        assert page.count("<html") == page.count("</html>") == 1, name
        assert not re.search(r"(src|href)=|@import|url\(|<script", page), name
        assert "default-src 'none'" in page
        assert "@page" in page

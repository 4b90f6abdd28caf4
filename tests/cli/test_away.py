"""carectl away: a time away, and the visits that fall into it."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl, census, on_terminal
from helpers_lakeside import MONDAY, Changes, last_subject, repository
from helpers_lakeside import changes as changes
from helpers_lakeside import lakeside as lakeside

GOLDEN = Path(__file__).parents[1] / "golden"
JO = "staff/jo-park.yaml"
ROSA = "clients/c-014/client.yaml"
ROSA_VISITS = "clients/c-014/visits.yaml"
WEEK = ["jo", "--from", "11/30", "--until", "12/4", "--reason", "ill"]


def test_staff(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    repository(lakeside)
    line = ("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick", "--apply", "--commit")
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "jo-park Jo Park",
        "Away from Monday 2026-11-30 (in 7 days) until Wednesday 2026-12-02 (in 9 days):",
        "sick",
        "Instead of Jo Park:",
        "  Wed 2026-12-02 09:00–11:00 c-014 Rosa Alvarez: Lucía Núñez",
        "Stays open: nobody comes yet, or one too few:",
        "  Mon 2026-11-30 09:00–11:00 c-014 Rosa Alvarez",
        "    carectl visit suggest c-014/am-care-2026-11-30",
        "  Tue 2026-12-01 13:00–14:30 c-011 Minh Đặng, only Lucía Núñez",
        "    carectl visit suggest c-011/bath-2026-12-01",
        f"Wrote {JO}:13",
        "Wrote clients/c-014/visits.yaml:298",
    ]
    assert changes() == {
        JO: ["+  - {from: 2026-11-30, until: 2026-12-02, reason: sick}"],
        ROSA_VISITS: [
            "+  - id: am-care-2026-12-02",
            "+    series: am-care",
            "+    day: 2026-12-02",
            "+    staff: lucia-nunez",
        ],
    }
    assert last_subject(lakeside) == "staff: 1 away"
    agenda = carectl("agenda", "--client", "rosa", "--from", "2026-11-30", "--until", "2026-12-02", "-f", "json").out
    staff = {item["id"]: item["staff"] for item in json.loads(agenda)["occurrences"]}
    assert staff == {"am-care-2026-11-30": [], "am-care-2026-12-02": ["lucia-nunez"]}
    again = carectl(*line)
    assert (again.code, "it is like that already" in again.out) == (0, True)


def test_the_same_absence_goes_on(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    open_ = ("--give", "rest=nobody", "--apply")
    carectl("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick", *open_)
    done = carectl("away", "jo", "--from", "12/3", "--until", "12/4", "--reason", "sick", *open_)
    assert done.code == 0
    assert "The absence on file lasts longer: it was from Monday 2026-11-30" in done.out
    assert changes() == {JO: ["+  - {from: 2026-11-30, until: 2026-12-04, reason: sick}"]}
    for_ever = carectl("away", "jo", "--from", "12/4", "--open-ended", "--reason", "sick", "--apply")
    assert (for_ever.code, "the two overlap" in for_ever.err) == (1, True)
    assert "from Thursday 2026-12-24 (in 31 days) until Sunday 2026-12-27" in for_ever.err


@pytest.mark.parametrize("apply", [(), ("--apply",), ("--dry-run",)])
def test_what_overlaps_is_refused(apply: tuple[str, ...], lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("away", "jo", "--from", "12/20", "--until", "12/25", "--reason", "leave", *apply)
    assert (done.code, done.out) == (1, "")
    assert "is on file as away from Thursday 2026-12-24 (in 31 days) until Sunday 2026-12-27" in done.err
    assert f"({JO}:12)" in done.err
    assert census(lakeside) == before


def test_the_first_absence(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    assert carectl("away", "tomas", "--from", "fri", "--until", "fri", "--reason", "leave", "--apply").code == 0
    line = ("away", "dana", "--from", "fri 12:00", "--until", "fri 4pm", "--reason", "dentist", "--apply")
    assert carectl(*line).code == 0
    found = changes()
    assert found["staff/dana.yaml"] in (
        ["+away:", "+  - {from: 2026-11-27T12:00, until: 2026-11-27T16:00, reason: dentist}"],
        ["+away: [{from: 2026-11-27T12:00, until: 2026-11-27T16:00, reason: dentist}]"],
    )
    lines = (lakeside / "staff/tomas-ibarra.yaml").read_text(encoding="utf-8").splitlines()
    behind = next(number for number, line in enumerate(lines) if line.startswith("away:"))
    assert lines[behind - 1].startswith("  - {days:")
    assert carectl("check", "--strict").code == 0


def test_a_client(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = (
        "away",
        "rosa",
        "--from",
        "wed",
        "--until",
        "12/2",
        "--reason",
        "heart failure",
        "--where",
        "Evanston Hospital",
        "--apply",
    )
    done = carectl(*line)
    assert done.code == 0
    assert done.out.splitlines() == [
        "c-014 Rosa Alvarez",
        "Away from Wednesday 2026-11-25 (in 2 days) until Wednesday 2026-12-02 (in 9",
        "days): heart failure",
        "4 visits are suspended; those who would have come should know:",
        "  Wed 2026-11-25 08:30–10:30  personal care, Jo Park",
        "    c-014/am-care-2026-11-25",
        "  Wed 2026-11-25 14:30–15:15  appointment, Dr. Susan Lee",
        "    c-014/pt-eval",
        "  Mon 2026-11-30 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-11-30",
        "  Wed 2026-12-02 09:00–11:00  personal care, Jo Park",
        "    c-014/am-care-2026-12-02",
        f"Wrote {ROSA}:12",
    ]
    assert changes() == {
        ROSA: ["+  - {from: 2026-11-25, until: 2026-12-02, where: Evanston Hospital, reason: heart failure}"]
    }
    assert carectl(*line).code == 0
    assert carectl("check", "--strict").code == 0


def test_a_client_until_further_notice(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    done = carectl("away", "peg", "--from", "11/27", "--open-ended", "--reason", "hospital", "--apply")
    assert "until further notice: hospital" in done.out
    assert "should know (shown until\n2026-12-25):" in done.out
    assert all(len(text) <= 80 for text in done.out.splitlines())
    assert any("from: 2026-11-27" in line and "until" not in line for line in changes()["clients/c-009/client.yaml"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["jo", "--from", "wed"], 2, "--until, --reason are needed"),
        (["jo", "--until", "wed", "--reason", "x"], 2, "--from is needed"),
        (
            ["jo", "--from", "wed", "--until", "tue", "--reason", "x"],
            2,
            "--until Tuesday 2026-11-24 (tomorrow) is before",
        ),
        (["jo", "--from", "soon", "--until", "tue", "--reason", "x"], 2, "--from takes a day such as"),
        (["jo", "--from", "wed", "--until", "fri", "--open-ended", "--reason", "x"], 2, "do not go together"),
        (["m", "--from", "wed", "--until", "fri", "--reason", "x"], 2, "more than one person fits"),
        (["xaver", "--from", "wed", "--until", "fri", "--reason", "x"], 2, "no person fits"),
        ([*WEEK, "--commit"], 2, "--commit goes with --apply"),
        ([*WEEK, "--apply", "--format", "json"], 2, "does not go with --apply"),
        ([*WEEK, "--give", "rosa wed", "--apply"], 2, "--give takes VISIT=STAFF"),
        ([*WEEK, "--give", "rosa 12/2=xaver", "--apply"], 2, "no staff member fits"),
        ([*WEEK, "--give", "rosa 12/5=marek", "--apply"], 1, "c-014/saturday-2026-12-05 is not a visit that jo-park"),
        ([*WEEK, "--give", "rosa 12/2=marek", "--give", "rosa 12/2=dana", "--apply"], 2, "am-care-2026-12-02 twice"),
        ([*WEEK, "--give", "rosa 12/2=jo", "--apply"], 1, "jo-park Jo Park is away then too"),
        ([*WEEK, "--give", "c-011/bath-2026-12-01=lucia"], 2, "lucia-nunez Lucía Núñez comes to"),
        (["rosa", *WEEK[1:], "--give", "rosa 12/2=marek"], 2, "a client's visits are suspended"),
    ],
)
def test_what_cannot_be(words: list[str], code: int, said: str, lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl("away", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert census(lakeside) == before


def test_dry_run(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    line = ("away", "jo", "--from", "11/30", "--until", "12/2", "--reason", "sick")
    done = carectl(*line, "--dry-run")
    assert done.code == 0
    assert "+  - {from: 2026-11-30, until: 2026-12-02, reason: sick}\n" in done.out
    assert "+    staff: lucia-nunez\n" in done.out
    assert "Stays open" in done.out
    assert census(lakeside) == before
    lines = [text for text in done.out.splitlines() if text.startswith("+") and not text.startswith("+++")]
    assert carectl(*line, "--apply").code == 0
    written = (lakeside / JO).read_text(encoding="utf-8") + (lakeside / ROSA_VISITS).read_text(encoding="utf-8")
    assert all(text[1:] in written.splitlines() for text in lines)


def test_questions(lakeside: Path) -> None:
    shown, code = on_terminal(
        ["away", "jo", "--apply"], ["soon\n", "11/30\n", "12/2\n", "sick\n"], lakeside, {"CARECTL_NOW": MONDAY}
    )
    assert code == 0
    assert "jo-park Jo Park" in shown
    assert "  - {from: 2026-11-30, until: 2026-12-02, reason: sick}\n" in (lakeside / JO).read_text(encoding="utf-8")


# --- the call-out ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("call-out-jo", ["away", "jo", "--from", "today", "--until", "fri", "--reason", "ill"]),
        ("call-out-marek", ["away", "marek", "--from", "11/30", "--until", "12/5", "--reason", "ill"]),
        ("call-out-rosa", ["away", "rosa", "--from", "wed", "--until", "12/2", "--reason", "at Maria's"]),
    ],
)
def test_one_screen_and_nothing_is_written(name: str, words: list[str], lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    done = carectl(*words, "--now", "2026-11-23T06:40")
    assert (done.code, done.err) == (0, "")
    assert census(lakeside) == before
    assert all(len(text) <= 80 for text in done.out.splitlines())
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(done.out, encoding="utf-8")
    assert done.out == golden.read_text(encoding="utf-8")


def applied(shown: str) -> list[str]:
    """The words of the command at the end of the screen."""
    _, _, command = shown.partition("Nothing is written yet.")
    return shlex.split(command[command.index("  carectl ") :].replace("\\\n", " "))[1:]


def test_the_command_at_the_end_writes_what_was_shown(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    shown = carectl("away", "marek", "--from", "11/30", "--until", "12/5", "--reason", "ill")
    words = applied(shown.out)
    assert words[-5:] == ["--give", "c-003/mornings-2026-12-03=jo-park", "--give", "rest=nobody", "--apply"]
    done = carectl(*words)
    assert done.code == 0
    found = changes()
    assert list(found) == [
        "clients/c-002/visits/2026-12.yaml", "clients/c-003/visits.yaml", "staff/marek-zielinski.yaml",
    ]  # fmt: skip
    assert "+    staff: jo-park" in found["clients/c-003/visits.yaml"]
    checked = carectl("check")
    assert checked.code == 0
    left = [text.split()[-1] for text in checked.out.splitlines() if text.startswith("  hint: carectl visit suggest")]
    assert left == ["c-002/mornings-2026-11-30", "c-003/mornings-2026-11-30", "c-011/respite-2026-12-05"]
    assert [text.split()[-1] for text in done.out.splitlines() if "visit suggest" in text] == left
    again = carectl(*words)
    assert (again.code, "it is like that already" in again.out) == (0, True)


def test_what_happens_in_between_changes_nothing_that_was_not_shown(lakeside: Path, carectl: Carectl) -> None:
    words = applied(carectl("away", *WEEK).out)
    assert "c-014/am-care-2026-12-02=lucia-nunez" in words
    line = (
        "visit",
        "add",
        "c-001",
        "12/2",
        "9:00",
        "--service",
        "companionship",
        "--duration",
        "2h",
        "--staff",
        "lucia",
    )
    assert carectl(*line).code == 0
    before = census(lakeside)
    done = carectl(*words)
    assert (done.code, done.out) == (1, "")
    assert "lucia-nunez is already at c-001 from 09:00 to 11:00 (Wed 2026-12-02)" in done.err
    assert census(lakeside) == before


def test_reasons_with_odd_signs_reach_the_command(lakeside: Path, carectl: Carectl) -> None:
    odd = ("--reason", 'Mother\'s "hip" & $HOME', "--where", "at home")
    words = applied(carectl("away", "imani", "--from", "fri 12:00", "--open-ended", *odd).out)
    assert words[1:9] == ["imani-brooks", "--from", "2026-11-27T12:00", "--open-ended", *odd]
    assert carectl(*words).code == 0


def data(carectl: Carectl, *words: str) -> dict[str, Any]:
    done = carectl(*words, "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert isinstance(found, dict)
    return found


def test_json(lakeside: Path, carectl: Carectl) -> None:
    found = data(carectl, "away", *WEEK)
    keys = ["format", "staff", "from", "until", "reason", "apply", "visits", "texts", "not_told", "not_asked"]
    assert list(found) == [*keys, "contacts_unread"]
    assert {item["id"]: item["takes"] for item in found["visits"]} == {
        "am-care-2026-11-30": None,
        "bath-2026-12-01": None,
        "am-care-2026-12-02": "lucia-nunez",
        "am-care-2026-12-04": "lucia-nunez",
        "bath-2026-12-04": None,
    }
    maria = next(item for item in found["texts"] if item["to"] == "maria")
    assert (maria["client"], maria["language"]) == ("c-014", "es")
    # Two days alike are one line.
    days = "miércoles 2 de diciembre, 9:00 a. m.; viernes 4 de diciembre, 9:00 a. m."
    assert f"{days}: viene Lucía en lugar de Jo." in maria["text"]
    lucia = next(item for item in found["texts"] if item["to"] == "lucia-nunez")
    assert "Jo is not coming, and nobody else is confirmed yet." in lucia["text"]


def test_somebody_else_is_named(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("away", *WEEK, "--give", "rosa 12/2 9:00 = marek", "--give", "c-014/am-care-2026-12-04=nobody")
    shown = carectl(*line)
    assert "→ Marek Zieliński, as you said, has not been there" in shown.out
    assert "or Lucía (there 4x)" in shown.out
    assert "left open, as you said" in shown.out
    done = carectl(*line, "--apply")
    assert done.code == 0
    assert "+    staff: marek-zielinski" in changes()[ROSA_VISITS]
    assert "2026-12-04" not in str(changes()[ROSA_VISITS])


def test_somebody_who_cannot_is_named(lakeside: Path, carectl: Carectl) -> None:
    before = census(lakeside)
    line = ("away", *WEEK, "--give", "rosa 12/2=dana")
    assert "→ Dana Whitcomb, as you said" in (shown := carectl(*line)).out
    assert "      ! but does not have the skill transfers" in shown.out
    done = carectl(*line, "--apply")
    assert (done.code, done.out) == (1, "")
    assert "error[visit-skill-missing]" in done.err
    assert census(lakeside) == before


def test_a_visit_that_has_begun_is_nobodys_to_take(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("away", "jo", "--from", "today", "--until", "today", "--reason", "ill")
    shown = carectl(*line)
    assert "? 09:00–11:00  c-014 Rosa Alvarez, personal care, was confirmed" in shown.out
    command = "        carectl visit missed c-014/am-care-2026-11-23 --reason ill"
    assert command in shown.out.splitlines()
    assert "Texts to send" not in shown.out
    # What is too long for a line says that it goes on.
    odd = carectl(*line[:-1], "x's " + 40 * "y").out.splitlines()
    first = next(number for number, text in enumerate(odd) if text.endswith("-23 \\"))
    assert shlex.split(odd[first + 1]) == ["--reason", "x's " + 40 * "y"]
    done = carectl(*line, "--apply")
    assert (done.code, command[4:] in done.out.splitlines()) == (0, True)
    assert list(changes()) == [JO]


def test_the_absence_ends_sooner(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    line = ("away", "jo", "--from", "11/30", "--reason", "ill", "--give", "rest=nobody")
    assert carectl(*line, "--until", "12/4", "--apply").code == 0
    before = census(lakeside)
    shown = carectl(*line, "--until", "12/2")
    assert "The absence on file becomes shorter: it was until Friday 2026-12-04 (in 11 days)." in (
        shown.out.replace("\n", " ")
    )
    assert "This changes the absence:" in shown.out
    again = shown.out.split("Visits that are Jo Park's again")[1]
    assert "Fri 2026-12-04 09:00–11:00  c-014 Rosie" in again
    assert "2026-12-02" not in again.split("Tell whoever")[0]
    assert census(lakeside) == before
    done = carectl(*line, "--until", "12/2", "--apply")
    assert (done.code, "c-014/am-care-2026-12-04" in done.out) == (0, True)
    assert changes()[JO] == ["+  - {from: 2026-11-30, until: 2026-12-02, reason: ill}"]
    known = carectl(*line, "--until", "12/2")
    assert "There is nothing to write." in known.out
    assert "This writes" not in known.out


@pytest.mark.parametrize(
    "words", [("--from", "12/1", "--reason", "ill"), ("--from", "11/30", "--reason", "leave"),
              ("--from", "11/30", "--reason", "ill", "--where", "Reno")],
)  # fmt: skip
def test_whether_it_ends_sooner_is_not_certain(words: tuple[str, ...], lakeside: Path, carectl: Carectl) -> None:
    carectl("away", "jo", "--from", "11/30", "--until", "12/4", "--reason", "ill", "--give", "rest=nobody", "--apply")
    before = census(lakeside)
    for apply in ((), ("--apply",)):
        done = carectl("away", "jo", "--until", "12/2", *words, *apply)
        assert (done.code, done.out, f"({JO}:13)" in done.err) == (1, "", True)
    assert census(lakeside) == before


def test_a_client_is_back_sooner(lakeside: Path, carectl: Carectl) -> None:
    line = ("away", "rosa", "--from", "wed", "--reason", "hospital")
    assert carectl(*line, "--open-ended", "--apply").code == 0
    shown = carectl(*line, "--until", "12/2")
    assert "becomes shorter: it was until further notice." in shown.out
    assert "Fri 2026-12-04 09:00–11:00  c-014 Rosie" in shown.out.split("Visits that take place again:")[1]


def test_one_of_a_couple_is_away(lakeside: Path, carectl: Carectl) -> None:
    found = data(carectl, "away", "halina", "--from", "11/30", "--until", "12/1", "--reason", "hosp")
    (text,) = [item["text"] for item in found["texts"]]
    assert "cancelled for Halina: please go, only for c-002 Staszek." in text
    assert carectl("away", "staszek", "--from", "11/30", "--until", "12/1", "--reason", "x", "--apply").code == 0
    found = data(carectl, "away", "halina", "--from", "11/30", "--until", "12/1", "--reason", "hosp")
    assert "cancelled, please do not go." in found["texts"][0]["text"]


def test_half_of_a_meeting_is_away(lakeside: Path, carectl: Carectl) -> None:
    found = data(carectl, "away", "dana", "--from", "today", "--until", "wed", "--reason", "ill")
    charles = next(item["text"] for item in found["texts"] if item["to"] == "charles")
    assert "4:00 pm: Dana is not coming, and nobody is confirmed in their place yet." in charles
    assert "as planned" not in charles


def test_the_contacts_cannot_be_read(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "clients/c-014/contacts.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("relationship: neighbor", "relationship: neighbor: x"), "utf-8"
    )
    shown = carectl("away", *WEEK)
    assert shown.code == 1
    assert "Nobody outside may be told" not in shown.out
    assert "the contacts could not be read" in shown.out
    assert "(clients/c-014/contacts.yaml; carectl check c-014)" in shown.err
    done = carectl("away", *WEEK, "--format", "json")
    assert (done.code, json.loads(done.out)["contacts_unread"]) == (1, ["clients/c-014/contacts.yaml"])
    assert "clients/c-014/contacts.yaml" in carectl("away", *WEEK, "--apply").out.replace("\n", " ")


def test_a_confirmed_visit_is_planned_again(lakeside: Path, carectl: Carectl) -> None:
    line = ("away", "jo", "--from", "today", "--until", "today", "--reason", "ill", "--now", "2026-11-23T06:40")
    done = carectl(*line, "--give", "rosa today=lucia", "--apply")
    assert done.code == 0
    assert "Lucía Núñez; was confirmed, is planned now" in " ".join(done.out.split())
    record = (lakeside / ROSA_VISITS).read_text(encoding="utf-8").split("id: am-care-2026-11-23")[1].split("- id:")[0]
    assert "staff: lucia-nunez" in record
    assert "confirmed" not in record


def test_who_asked_to_be_called_and_may_not_be_told(lakeside: Path, carectl: Carectl) -> None:
    contacts = lakeside / "clients/c-014/contacts.yaml"
    text = contacts.read_text(encoding="utf-8")
    contacts.write_text(text.replace("expires: 2027-08-04", "expires: 2026-11-01"), encoding="utf-8")
    found = data(carectl, "away", *WEEK)
    assert found["not_told"] == [
        {"client": "c-014", "contact": "maria", "why": "schedule: maria's sharing lapsed on 2026-11-01"}
    ]
    assert "maria" not in [item["to"] for item in found["texts"]]
    assert "Maria Alvarez (daughter of c-014 Rosie): no text:" in carectl("away", *WEEK).out


def test_nobody_may_be_told(lakeside: Path, carectl: Carectl) -> None:
    (lakeside / "clients/c-014/contacts.yaml").write_text("contacts: []\n", encoding="utf-8")
    shown = carectl("away", *WEEK)
    assert "Nobody outside may be told of c-014 Rosie: call there yourself." in shown.out
    assert "The clients themselves: c-014 Rosie +1 847 555 0119" in shown.out.replace("\n  ", " ")


def test_whose_file_cannot_be_read_is_not_proposed(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "staff/lucia-nunez.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("skills: [", "skills: [[], "), encoding="utf-8")
    found = {item["id"]: item for item in data(carectl, "away", *WEEK)["visits"]}
    assert found["am-care-2026-12-02"]["takes"] == "marek-zielinski"
    assert {one["staff"]: one["unread"] for one in found["am-care-2026-12-02"]["cannot"]}["lucia-nunez"] == ["skills"]
    path.write_text("id: [", encoding="utf-8")
    shown = carectl("away", *WEEK)
    assert "Not asked, because their files cannot be read: lucia-nunez" in shown.out
    refused = carectl("away", *WEEK, "--give", "rosa 12/2=lucia-nunez")
    assert (refused.code, "the file of lucia-nunez cannot be read" in refused.err) == (1, True)


def test_visits_that_cannot_be_placed_are_told(lakeside: Path, carectl: Carectl) -> None:
    path = lakeside / "clients/c-001/visits.yaml"
    text = path.read_text(encoding="utf-8").replace('at: "10:00"', 'at: "late"', 1)
    path.write_text(text, encoding="utf-8")
    shown = carectl("away", *WEEK)
    assert (shown.code, "carectl: not whole: clients/c-001/visits.yaml:" in shown.err) == (1, True)
    assert "Nothing is written yet." in shown.out
    done = carectl("away", *WEEK, "--apply")
    assert done.code == 0
    assert "Not whole: some visits of c-001 cannot be placed" in done.out


def test_nothing_falls_into_that_time(lakeside: Path, carectl: Carectl) -> None:
    shown = carectl("away", "tomas", "--from", "sat", "--until", "sun", "--reason", "leave")
    assert shown.code == 0
    assert "No visit falls into that time." in shown.out
    assert applied(shown.out)[-1] == "--apply"


def test_a_long_list_is_still_one_to_read(lakeside: Path, carectl: Carectl) -> None:
    shown = carectl("away", "imani", "--from", "12/7", "--open-ended", "--reason", "knee")
    lines = shown.out.splitlines()
    assert all(len(text) <= 80 for text in lines)
    rows = [number for number, text in enumerate(lines) if "c-009 Margaret Donnelly, personal care" in text]
    assert len(rows) == 12
    assert "(shown until\n2027-01-04)" in shown.out
    assert sum("NOBODY of this profession" in text for text in lines) == 3
    assert "! 10:00–13:00 EST  c-009 Margaret Donnelly, personal care: see Mon 12-07 10:00" in lines
    assert sum("backup plan" in text for text in lines) == 1
    assert "11 of the visits are more than two weeks ahead" in shown.out


def test_of_two_only_the_one_who_is_away_is_replaced(lakeside: Path, carectl: Carectl, changes: Changes) -> None:
    path = lakeside / "staff/marek-zielinski.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("skills: [", "skills: [hoist, "), encoding="utf-8")
    done = carectl("away", "jo", "--from", "12/1", "--until", "12/1", "--reason", "ill", "--apply")
    assert done.code == 0
    assert "Stays open" not in done.out
    assert "+    staff: [marek-zielinski, lucia-nunez]" in changes()["clients/c-011/visits.yaml"]
    assert carectl("check", "--strict").code == 0

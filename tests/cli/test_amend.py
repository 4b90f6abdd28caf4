"""carectl amend: a later entry corrects an earlier one, which stays as it was."""

from __future__ import annotations

import json

import pytest
from helpers_cli import census
from helpers_signoff import Desk
from helpers_signoff import bare_desk as bare_desk
from helpers_signoff import key_ring as key_ring

from carectl.caseload.load import Loader
from carectl.caseload.records import Chart
from carectl.caseload.trees import FolderTree

NOTES = """\
# what was said
notes:
  - {id: n-1, at: 2026-11-20T10:15, with: maria, channel: phone, minutes: 12,
     text: It was the right ankle, author: dana}
  - {id: n-2, at: 2026-11-21T10:15, text: Other, author: dana}
"""
VISITS = """\
series:
  - {id: care, service: personal_care, staff: jo-park, from: 2026-11-02, days: [mon, wed, fri], at: "09:00",
     duration: 2h, does: [light]}
visits:
  - id: care-2026-11-20
    series: care
    day: 2026-11-20
    status: done
    staff: jo-park
    at: "09:00"
    actual: {in: "09:04", out: "11:01"}
    did: {light: done}
    for_family: {en: Slept well}
"""
CONCERNS = "concerns:\n  - {id: fall, kind: fall, at: 2026-11-01T03:10, facts: Fell in the hallway}\n"
MEASURES = "measurements:\n  - {id: m-1, date: 2026-11-20, kind: weight, value: 612, unit: kg}\n"


@pytest.fixture
def chart(bare_desk: Desk) -> Desk:
    """A client with something to amend."""
    for kind, text in (("notes", NOTES), ("visits", VISITS), ("concerns", CONCERNS), ("measurements", MEASURES)):
        (bare_desk.root / f"clients/c-001/{kind}.yaml").write_text(text, encoding="utf-8")
    bare_desk.commit("more")
    return bare_desk


def read(desk: Desk) -> Chart:
    """The chart, in which nothing is wrong."""
    loader = Loader(FolderTree(desk.root))
    found = loader.chart("c-001")
    assert loader.met.findings == []
    return found


def test_a_note_is_amended_below_itself(chart: Desk) -> None:
    done = chart.run(
        "amend", "rosa", "notes/n-1", "-m", "It was the left ankle", "--commit", now="2026-11-22T09:00-06:00"
    )
    assert done.code == 0, done.err
    text = (chart.root / "clients/c-001/notes.yaml").read_text(encoding="utf-8")
    assert text.startswith(NOTES[: NOTES.index("  - {id: n-2")])
    first, second, third = read(chart).notes
    assert (first.text, third.id) == ("It was the right ankle", "n-2")
    assert (second.id, second.amends, second.author, second.recorded) == (
        "n-1-amended", "notes/n-1", "dana", "2026-11-22T09:00",
    )  # fmt: skip
    assert second.text == "It was the right ankle\nAmended 2026-11-22 by Dana Whitcomb: It was the left ankle"
    assert (second.at, second.with_, second.minutes) == (first.at, first.with_, first.minutes)
    assert chart.git("log", "-1", "--format=%s") == "c-001 notes: 1 amended"
    assert "late" not in done.out  # within two days


def test_a_visit_that_was_written_down_is_corrected(chart: Desk) -> None:
    done = chart.run("amend", "c-001/visits/care-2026-11-20", "-m", "She left later", "--set", "actual.out=11:31",
                     "--set", "did.light=refused", "--author", "jo-park")  # fmt: skip
    assert done.code == 0, done.err
    assert "words for the family are the same" in done.out
    _, later = read(chart).visits
    assert later.actual is not None
    assert (later.actual.in_, later.actual.out) == ("09:04", "11:31")
    assert (later.did["light"], later.author, later.for_family) == ("refused", "jo-park", {"en": "Slept well"})
    agenda = chart.run("agenda", "--client", "c-001", "--from", "2026-11-20", "--until", "2026-11-20", "-f", "json")
    (visit,) = json.loads(agenda.out)["occurrences"]
    assert visit["status"] == "done"


def test_a_late_one_is_marked(chart: Desk) -> None:
    done = chart.run(
        "amend", "rosa", "concerns/fall", "-m", "It was in the bathroom", "--set", "facts=Fell in the bathroom"
    )
    assert "Recorded as a late entry: written down 21 days after the event" in done.out
    found = read(chart).concerns
    assert [item.facts.partition("\n")[0] for item in found] == ["Fell in the hallway", "Fell in the bathroom"]
    assert "note[late-entry]" in chart.run("check", "c-001").out
    # What was corrected is done with: it is no second fall.
    assert chart.run("today", "--client", "c-001").out.count("is not settled") == 1
    assert chart.run("show", "c-001").out.count("fall of") <= 1


def test_a_measurement_is_corrected(chart: Desk) -> None:
    done = chart.run("amend", "rosa", "measurements/m-1", "-m", "The point was missing", "--set", "value=61.2")
    assert done.code == 0
    assert [item.value for item in read(chart).measurements] == [612, 61.2]


def test_the_words_for_the_family_can_be_others(chart: Desk) -> None:
    chart.run(
        "amend", "rosa", "visits/care-2026-11-20", "-m", "x", "--for-family", "en=A short night", "--set", "did.light="
    )
    later = read(chart).visits[1]
    assert (later.for_family, later.did) == ({"en": "A short night"}, {})


def test_the_newest_is_what_is_amended(chart: Desk) -> None:
    chart.run("amend", "rosa", "notes/n-1", "-m", "x")
    again = chart.run("amend", "rosa", "notes/n-1", "-m", "y")
    assert (again.code, "notes/n-1-amended" in again.err) == (1, True)
    assert chart.run("amend", "rosa", "notes/n-1-amended", "-m", "y").code == 0
    assert [note.id for note in read(chart).notes] == ["n-1", "n-1-amended", "n-1-amended-amended", "n-2"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["rosa", "notes/n-9", "-m", "x"], 1, "there is no notes/n-9"),
        (["rosa", "visits/care-2026-11-16", "-m", "x"], 1, "carectl visit done"),
        (["rosa", "medications/furosemide", "-m", "x"], 1, "carectl med change"),
        (["rosa", "tasks/x", "-m", "x"], 1, "carectl task"),
        (["rosa", "approvals/0001", "-m", "x"], 1, "carectl approve"),
        (["rosa", "n-1", "-m", "x"], 2, "KIND/ID"),
        (["rosa", "letters/x", "-m", "x"], 2, "notes, visits"),
        (["rosa"], 2, "which entry"),
        (["c-001/notes/n-1", "notes/n-1", "-m", "x"], 2, "once"),
        (["rosa", "notes/n-1"], 2, "-m is needed"),
        (["rosa", "notes/n-1", "-m", "x", "--set", "id=n-7"], 2, "itself"),
        (["rosa", "notes/n-1", "-m", "x", "--set", "nonsense"], 2, "FIELD=VALUE"),
        (["rosa", "notes/n-1", "-m", "x", "--set", "text.x=1"], 2, "no group"),
        (["rosa", "notes/n-1", "-m", "x", "--set", "minutes=many"], 1, "minutes"),
        (["rosa", "notes/n-1", "-m", "x", "--set", "colour=red"], 1, "colour"),
    ],
)
def test_what_is_refused_changes_nothing(words: list[str], code: int, said: str, chart: Desk) -> None:
    before = census(chart.root)
    done = chart.run("amend", *words)
    assert (done.code, census(chart.root)) == (code, before), done.out
    assert said in done.err


def test_a_dry_run_writes_nothing(chart: Desk) -> None:
    before = census(chart.root)
    done = chart.run("amend", "rosa", "notes/n-1", "-m", "x", "--dry-run")
    assert (done.code, "amends: notes/n-1" in done.out) == (0, True)
    assert census(chart.root) == before

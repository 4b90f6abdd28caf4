"""Commands that put somebody down for a visit, and what the visits of other clients have to say about it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, Done, census

FILES: Final = {
    "carectl.yaml": """\
practice: {name: Lakeside, coordinator: dana, timezone: America/Chicago}
travel: {default: 15m, table: [{between: [c-007, c-014], takes: 25m}]}
""",
    "staff/dana.yaml": "{id: dana, name: {given: Dana, family: Whitfield}, role: coordinator}\n",
    "staff/jo-park.yaml": """\
{id: jo-park, name: {given: Jo, family: Park}, role: home_health_aide, max_hours_per_week: 5}
""",
    "staff/lucia.yaml": "{id: lucia, name: {given: Lucia, family: Diaz}, role: home_health_aide}\n",
    **{
        f"clients/{client}/client.yaml": f"""\
{{id: {client}, name: {{given: {name}, family: Alvarez}}, status: active, start_of_care: 2026-08-03}}
"""
        for client, name in (("c-007", "Otto"), ("c-014", "Rosa"), ("c-020", "Helen"))
    },
    "clients/c-007/visits.yaml": """\
series:
  - {id: morning, service: personal_care, staff: jo-park, from: 2026-11-23, days: [mon], at: "09:00", duration: 2h}
""",
    "clients/c-014/visits.yaml": """\
series:
  - {id: am-care, service: personal_care, staff: lucia, from: 2026-11-23, days: [mon], at: "09:30", duration: 1h}
  - {id: noon, service: personal_care, staff: lucia, from: 2026-11-23, days: [mon], at: "11:20", duration: 1h}
""",
    "clients/c-020/visits.yaml": """\
series:
  - {id: late, service: personal_care, staff: jo-park, from: 2026-11-23, days: [wed], at: "15:00", duration: 2h}
""",
}
BUSY: Final = "jo-park is already at c-007 from 09:00 to 11:00"
ASSIGN: Final = ("visit", "assign", "c-014/am-care-2026-11-23", "jo-park")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three clients and two who come, as the current folder; today is the Sunday before."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path: str, old: str, new: str) -> None:
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    Path(path).write_text(text.replace(old, new), encoding="utf-8")


def refused(done: Done, words: str, hint: str) -> bool:
    start = "carectl: this would put an error into the records; nothing was written\nclients/c-014/visits.yaml:"
    assert (done.code, done.out) == (1, ""), done
    assert done.err.startswith(start)
    assert done.err.endswith(f"error[visit-double-booked] {words}\n  hint: {hint}\n")
    return True


def test_nobody_is_put_down_at_two_clients_at_once(team: Path, carectl: Carectl) -> None:
    before = census(team)
    suggest, agenda = (
        "carectl visit suggest c-014/am-care-2026-11-23", "carectl agenda --staff jo-park --from {0} --until {0}",
    )  # fmt: skip
    for more in ((), ("--dry-run",)):
        assert refused(carectl(*ASSIGN, *more), f"{BUSY} (Mon 2026-11-23)", suggest)
    add = ("visit", "add", "c-014", "11/30", "10:30", "--service", "nursing", "--duration", "1h", "--staff", "jo")
    # What is not written cannot be asked about.
    assert refused(carectl(*add), f"{BUSY} (Mon 2026-11-30)", agenda.format("2026-11-30"))
    assert census(team) == before
    series = ("series", "add", "c-014", "--service", "companionship", "--from", "11/26", "--days", "mon,thu", "--at",
              "8:00", "--duration", "90m", "--staff", "jo")  # fmt: skip
    assert refused(carectl(*series), f"{BUSY} (first on Mon 2026-11-30)", agenda.format("2026-11-30"))
    take = ("series", "change", "c-014/am-care", "--from", "12/7", "--staff", "jo")
    assert refused(carectl(*take), f"{BUSY} (first on Mon 2026-12-07)", agenda.format("2026-12-07"))
    assert census(team) == before


def test_a_visit_is_not_moved_to_where_its_staff_are_busy(team: Path, carectl: Carectl) -> None:
    change("clients/c-014/visits.yaml", 'staff: lucia, from: 2026-11-23, days: [mon], at: "09:30"',
           'staff: jo-park, from: 2026-11-23, days: [tue], at: "09:30"')  # fmt: skip
    done = carectl("visit", "move", "c-014/am-care-2026-11-24", "--to-day", "mon", "--at", "10:59")
    hint = "carectl agenda --staff jo-park --from 2026-11-23 --until 2026-11-23"
    assert refused(done, f"{BUSY} (Mon 2026-11-23)", hint)
    assert carectl("visit", "move", "c-014/am-care-2026-11-24", "--to-day", "mon", "--at", "13:00").err == ""
    assert carectl("check", "--strict").out.count("visit-double-booked") == 0


def test_what_a_coordinator_may_know_better_is_told_and_written(team: Path, carectl: Carectl) -> None:
    done = carectl("visit", "assign", "c-014/noon-2026-11-23", "jo-park")
    assert (done.code, "Wrote clients/c-014/visits.yaml" in done.out) == (0, True)
    assert done.err == (
        "carectl: warning: jo-park is at c-007 until 11:00, and the way takes 25m (Mon 2026-11-23)\n"
        "  hint: carectl visit suggest c-014/noon-2026-11-23\n"
    )
    done = carectl(
        "visit", "add", "c-014", "wed", "14:00", "--service", "nursing", "--duration", "50m", "--staff", "jo"
    )
    assert (done.code, "Wrote clients/c-014/visits.yaml" in done.out) == (0, True)
    assert done.err == (
        "carectl: warning: jo-park must be at c-020 at 15:00, and the way takes 15m (Wed 2026-11-25)\n"
        "carectl: warning: jo-park would have 5h50m in the week of 2026-11-23, and works 5h\n"
        "  hint: carectl visit suggest c-014/nursing-2026-11-25\n"
    )
    # Less than before is no news, though it is still too much.
    done = carectl("visit", "move", "c-014/nursing-2026-11-25", "--duration", "40m", "--at", "13:00")
    assert (done.code, done.err) == (0, "")
    found = carectl("check").out
    assert ("visit-travel-too-short" in found, "staff-over-hours" in found, "double-booked" in found) == (
        True,
        True,
        False,
    )


def test_who_is_no_newer_than_before_is_not_looked_at(team: Path, carectl: Carectl) -> None:
    """What is wrong already does not stop the one who mends something else, or some of it."""
    lucia = "id: am-care, service: personal_care, staff: "
    change("clients/c-014/visits.yaml", f"{lucia}lucia", f"{lucia}jo-park")
    assert "visit-double-booked" in carectl("check").out
    done = carectl("series", "change", "c-014/am-care", "--from", "11/30", "--service", "nursing")
    assert (done.code, done.err) == (0, "")
    done = carectl("visit", "assign", "c-014/am-care-2026-11-23", "lucia")
    assert (done.code, done.err) == (0, "")
    done = carectl("visit", "move", "c-014/am-care-2-2026-11-30", "--at", "10:00")
    assert (done.code, done.err) == (
        0,
        f"carectl: warning: {BUSY} (Mon 2026-11-30)\n  hint: carectl visit suggest c-014/am-care-2-2026-11-30\n",
    )


def test_a_couple_is_seen_in_one_visit(team: Path, carectl: Carectl) -> None:
    change("clients/c-007/visits.yaml", "duration: 2h", "duration: 2h, together: [c-014]")
    done = carectl(*ASSIGN)
    assert (done.code, done.err) == (0, "")
    assert "visit-double-booked" not in carectl("check").out


def test_what_is_waived_stops_nobody(team: Path, carectl: Carectl) -> None:
    """A check lays the conflict to whichever of the two stands later in the files: that is where it is waived."""
    change("clients/c-020/visits.yaml", "series:\n", "series:\n  # carectl: allow visit-double-booked -- next door\n")
    take = ("visit", "add", "c-014", "wed", "15:30", "--service", "nursing", "--duration", "20m", "--staff", "jo")
    done = carectl(*take, "--now", "2026-11-22")
    assert (done.code, "already" in done.err) == (0, False)
    assert "visit-double-booked" not in carectl("check").out
    change("clients/c-020/visits.yaml", " -- next door", "")
    assert carectl(*take[:3], "12/2", *take[4:]).code == 1


def test_both_of_two_new_visits_count(team: Path, carectl: Carectl) -> None:
    change("clients/c-020/visits.yaml", "days: [wed]", "days: [mon]")
    line = ("away", "jo", "--from", "mon", "--until", "mon", "--reason", "ill", "--apply")
    change("clients/c-020/visits.yaml", '"15:00"', '"10:00"')
    change("clients/c-014/visits.yaml", "  - {id: am-care", "  # - {id: am-care")
    before = census(team)
    give = ("--give", "c-007/morning-2026-11-23=lucia", "--give", "c-020/late-2026-11-23=lucia")
    done = carectl(*line, *give)
    assert (done.code, done.out, done.err.count("lucia is already at c-0")) == (1, "", 1)
    assert census(team) == before
    # That the week is too long stands beside the visit, and is said once.
    change("staff/lucia.yaml", "role", "max_hours_per_week: 2, role")
    done = carectl(*line, *give[:2], "--give", "rest=nobody")
    assert (done.code, done.out.count("would have 3h"), "would have 3h" in done.err) == (0, 1, False)


def test_what_is_not_known_is_said(team: Path, carectl: Carectl) -> None:
    """Of somebody else's visits that cannot be read nothing is concluded."""
    Path("clients/c-020/visits.yaml").write_text("series: [{staff: jo-park\n", encoding="utf-8")
    done = carectl("visit", "assign", "c-014/noon-2026-11-30", "jo-park")
    assert (done.code, done.err.splitlines()[-1]) == (
        0, "carectl: not whole: not all visits of c-020 could be read, and who comes then: carectl check c-020",
    )  # fmt: skip


def test_an_error_that_begins_later_was_there_before(team: Path, carectl: Carectl) -> None:
    """Who has left can be replaced day by day: what is said of the rest of the series is nothing new."""
    change("staff/lucia.yaml", "role", "employed: {from: 2024-01-01, until: 2026-11-20}, role")
    done = carectl("visit", "assign", "c-014/noon-2026-11-23", "dana")
    assert (done.code, done.err) == (0, "")
    # But one that begins earlier is more than there was.
    change("clients/c-014/visits.yaml", "  - {id: am-care", "  # - {id: am-care")
    done = carectl("visit", "assign", "c-014/noon-2026-11-23", "lucia")
    assert (done.code, "visit-staff-not-employed" in done.err) == (1, True)


def test_one_more_conflict_of_two_series_is_one_too_many(team: Path, carectl: Carectl) -> None:
    change("clients/c-007/visits.yaml", "days: [mon]", "days: [mon, wed]")
    lucia = "id: am-care, service: personal_care, staff: "
    change("clients/c-014/visits.yaml", f"{lucia}lucia", f"{lucia}jo-park")
    done = carectl("series", "change", "c-014/am-care", "--from", "11/23", "--days", "mon,wed")
    hint = "carectl agenda --staff jo-park --from 2026-11-25 --until 2026-11-25"
    assert refused(done, f"{BUSY} (first on Wed 2026-11-25)", hint)

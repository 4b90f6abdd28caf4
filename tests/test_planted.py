"""Faults planted in the example caseload, all in one copy: each is found on its line, and nothing else is said.

One table row per fault: the code, the file, the text that is there, the text that is put in its place, and a piece of
the line on which the finding must stand (line 1 where a whole file or record-file is meant).
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from carectl.cli import run

EXAMPLE = Path(__file__).parents[1] / "examples" / "caseload"


class Plant(NamedTuple):
    """A fault, and where it must be found."""

    code: str
    path: str
    old: str
    new: str
    on: str | None
    """A piece of the line of the finding, unique in the file; None: line 1."""
    there: str | None = None
    """The file of the finding, if it is another."""


C14, C11, C09, C06, C03, C02, C01 = (
    f"clients/{c}/" for c in ("c-014", "c-011", "c-009", "c-006", "c-003", "c-002", "c-001")
)

MISSED = """\
  - id: gait-2026-11-11
    series: gait
    day: 2026-11-11
    status: missed
    staff: ines-carvalho
    at: "13:00"
    reason: Inês rang at the front and nobody heard; the bell again. She called twice from the street
"""

PLANTS = [
    # what a file is made of
    Plant("yaml-syntax", C09 + "tasks.yaml", "text: Chime on the", 'text: "Chime on the', "door-chime"),
    Plant("yaml-key-twice", C14 + "client.yaml", "sex: female\n", "sex: female\nsex: male\n", "sex: male"),
    Plant("yaml-anchor", C14 + "client.yaml", "family: Alvarez,", "family: &a Alvarez,", "&a Alvarez"),
    Plant("yaml-tag", C14 + "client.yaml", "language: es", "language: !!str es", "!!str"),
    Plant("yaml-alias", C11 + "client.yaml", "sex: male", "sex: *m", "*m"),
    Plant("yaml-merge-key", C11 + "client.yaml", "receives_skilled: false", "<<: {receives_skilled: false}", "<<:"),
    Plant("yaml-control-character", C11 + "client.yaml", "Shoes off", "Shoes\x07 off", "Shoes"),
    Plant("yaml-several-documents", C03 + "tasks.yaml", "\ntasks:", "\n--- {}\n---\ntasks:", "---\ntasks"),
    Plant("file-unknown", C03 + "allergy.yaml", "", "allergies: []\n", None),
    Plant("file-and-folder", C09 + "visits.yaml", "", "visits: []\n", None),
    # what a record is made of
    Plant("schema-unknown-key", C14 + "client.yaml", "living_situation:", "living_situatoin:", "living_situatoin"),
    Plant("schema-missing", C14 + "contacts.yaml", "    relationship: pharmacy\n", "", "id: pharmacy"),
    Plant("schema-type", C14 + "client.yaml", "[fall_risk, daily_weight]", "fall_risk", "precautions: fall_risk"),
    Plant("schema-value", C14 + "client.yaml", "1941-03-09", "9.3.1941", "birth_date"),
    Plant("schema-choice", C14 + "client.yaml", "severity: moderate", "severity: medium", "severity: medium"),
    Plant("schema-value", C14 + "visits.yaml", 'in: "09:55"', 'in: "9.55"', 'in: "9.55"'),
    Plant("schema-type", C02 + "medications.yaml", 'times: ["21:30"]', 'times: "21:30"', '"21:30"'),
    Plant("id-not-file-name", C06 + "client.yaml", "id: c-006", "id: c-060", "id: c-060"),
    Plant("id-not-file-name", "staff/jo-park.yaml", "id: jo-park", "id: jo-parks", "id: jo-parks"),
    # who and what is meant
    Plant("person-unknown", C14 + "client.yaml", "by: dr-lee", "by: dr-li", "dr-li"),
    Plant("staff-unknown", C11 + "visits.yaml", "staff: marek-zielinski\n    from", "staff: marek\n    from", "staff: marek\n"),
    Plant("staff-unknown", C03 + "assessments.yaml", "assessor: amara-diallo", "assessor: amara", "assessor: amara\n"),
    Plant("intervention-unknown", C11 + "visits.yaml", "does: [sit-with]", "does: [sit-wiht]", "sit-wiht"),
    Plant("intervention-who-unknown", C03 + "care-plan.yaml", "who: marek-zielinski", "who: marek-z", "who: marek-z\n"),
    Plant("evidence-gone", C14 + "care-plan.yaml", "a-2026-08-03/adl-6", "a-2026-08-03/adl-8", "adl-8"),
    Plant("client-unknown", C02 + "visits/series.yaml", "    except: [2026-11-26, 2026-12-24]\n    together: [c-003]",
          "    except: [2026-11-26, 2026-12-24]\n    together: [c-030]", "c-030"),
    Plant("record-unknown", C14 + "tasks.yaml", "from: notes/n-2026-11-09-1", "from: notes/n-2026-11-08-1", "sunday-visit"),
    Plant("record-unknown", C14 + "concerns.yaml", "actions: [rail]", "actions: [rails]", "rails]"),
    Plant("series-unknown", C14 + "visits.yaml", "series: saturday\n    day: 2026-10-24", "series: saturdays\n    day: 2026-10-24",
          "series: saturdays"),
    Plant("id-twice", C14 + "tasks.yaml", "id: call-pt", "id: rail", "Call PT"),
    Plant("word-misspelt", C14 + "contacts.yaml", "roles: [key_holder]", "roles: [key_holdr]", "key_holdr"),
    Plant("word-misspelt", "staff/amara-diallo.yaml", "role: registered_nurse", "role: registerd_nurse", "registerd_nurse"),
    # the client
    Plant("code-status-not-stated", C02 + "client.yaml", "code_status: ", "x-code_status: ", None),
    Plant("allergies-not-stated", C03 + "client.yaml", "allergies: ", "x-allergies: ", None),
    Plant("zone-unknown", C09 + "client.yaml", "America/Detroit", "America/Detriot", "Detriot"),
    Plant("end-before-start", C14 + "client.yaml", "until: 2026-09-14, where", "until: 2026-09-09, where", "until: 2026-09-09"),
    # who may be told what
    Plant("sharing-lapsed", C14 + "contacts.yaml", "expires: 2027-09-19", "expires: 2026-10-19", "2026-10-19"),
    Plant("authorization-without-expiry", C03 + "contacts.yaml", ", expires: 2027-09-27", "", "given: 2026-09-28}\n  - id: stanislaw"),
    Plant("sharing-without-topics", C14 + "contacts.yaml", "{topics: [schedule], basis: agreed, given: 2026-08-10}",
          "{topics: [], basis: agreed, given: 2026-08-10}", "topics: []"),
    # the care plan
    Plant("plan-review-overdue", C14 + "care-plan.yaml", "review_due: 2027-02-03", "review_due: 2026-11-02", "review_due"),
    Plant("plan-ended", C03 + "care-plan.yaml", "until: 2027-10-04", "until: 2026-11-20", "until: 2026-11-20"),
    Plant("goal-overdue", C14 + "care-plan.yaml", "due: 2027-01-29", "due: 2026-10-29", "due: 2026-10-29"),
    Plant("goal-not-measurable", C14 + "care-plan.yaml", "        measure: dishes made by herself\n", "", "id: christmas-eve"),
    Plant("goal-without-due", C14 + "care-plan.yaml", "        due: 2027-01-31\n", "", "id: mass"),
    Plant("problem-without-goal", C03 + "care-plan.yaml", "        status: active\n        achievement: improving",
          "        status: cancelled\n        achievement: improving", "id: rest"),
    Plant("problem-without-evidence", C03 + "care-plan.yaml", "    evidence: [a-2026-09-28/eyes]\n", "", "id: stove"),
    Plant("intervention-stop-incomplete", C14 + "care-plan.yaml", "        stopped: 2026-08-20\n", "", "id: commode"),
    Plant("intervention-not-carried-out", C14 + "care-plan.yaml", "        as_needed: true\n", "", "id: when-breathless"),
    # series and visits
    Plant("series-without-days", C14 + "visits.yaml", "    rrule: FREQ=MONTHLY;BYDAY=2WE\n", "", "id: rn-look "),
    Plant("length-missing", C11 + "visits.yaml", "    duration: 3h\n", "", "id: respite\n"),
    Plant("length-twice", C02 + "visits/series.yaml", "    duration: 2h30m\n", '    duration: 2h30m\n    to: "11:00"\n', 'to: "11:00"'),
    Plant("series-rrule", C02 + "visits/series.yaml", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=2TU;COUNT=3", "COUNT=3"),
    Plant("except-not-due", C02 + "visits/series.yaml", "[2026-11-26, 2026-12-24]", "[2026-11-27, 2026-12-24]", "2026-11-27"),
    Plant("visit-day-not-due", C14 + "visits.yaml", "day: 2026-10-21", "day: 2026-10-22", "day: 2026-10-22"),
    Plant("visit-without-reason", C14 + "visits.yaml", "    reason: Daniel came with the baby; she sent Jo home at the door, kindly\n", "",
          "id: am-care-2026-10-23"),
    Plant("visit-times-backwards", C14 + "visits.yaml", 'out: "11:01"', 'out: "08:01"', 'out: "08:01"'),
    Plant("visit-task-unexplained", C02 + "visits/2026-10.yaml",
          "did: {gait: done}\n    note: Freezes", "did: {gait: not_done}\n    note: Freezes", "did: {gait: not_done}"),
    Plant("visit-done-by-nobody", C02 + "visits/2026-10.yaml", 'staff: marek-zielinski\n    at: "08:30"\n    actual: {in: "08:31"',
          'staff: []\n    at: "08:30"\n    actual: {in: "08:31"', "staff: []"),
    Plant("entry-wrong-month", C02 + "visits/2026-11.yaml", "visits:\n",
          "visits:\n  - {id: late, service: nursing, staff: amara-diallo, date: 2026-12-02, at: '09:00', duration: 1h}\n", "id: late,"),
    Plant("visit-unexplained", C02 + "visits/2026-11.yaml", MISSED, "", "id: gait\n", there=C02 + "visits/series.yaml"),
    # medicines
    Plant("medication-without-times", C14 + "medications.yaml", '    times: ["12:30"]\n', "", "id: calcium-d"),
    Plant("medication-stop-incomplete", C14 + "medications.yaml",
          "    reason: Found in the bathroom cabinet; not with heart failure. Dr. Lee agreed, Maria took it home\n", "", "id: ibuprofen"),
    Plant("medication-change-field", C14 + "medications.yaml", "was: {strength: 20 mg}", "was: {strenght: 20 mg}", "strenght"),
    Plant("medication-change-unexplained", C02 + "medications.yaml", ", reason: Freezing in the late morning", "", "was: {dose"),
    # dates
    Plant("late-entry", C03 + "assessments.yaml", "recorded: 2026-09-29", "recorded: 2026-10-29", "recorded: 2026-10-29"),
    Plant("recorded-before-event", C14 + "concerns.yaml", "recorded: 2026-10-02", "recorded: 2026-10-01", "recorded: 2026-10-01"),
    Plant("told-before-event", C14 + "concerns.yaml", "at: 2026-10-02T08:00", "at: 2026-10-02T02:00", "T02:00"),
    Plant("date-in-future", C09 + "supplies.yaml", "counted: 2026-11-20", "counted: 2026-12-20", "counted: 2026-12-20"),
    Plant("equipment-overdue", C09 + "supplies.yaml", "service_due: 2027-02-04", "service_due: 2026-02-04", "service_due: 2026-02-04"),
    Plant("task-overdue", C14 + "tasks.yaml", "due: 2026-11-23", "due: 2026-11-20", "weight-to-dr-lee"),
    # waivers
    Plant("waiver-unused", C01 + "tasks.yaml", "\ntasks:", "\ntasks:  # carectl: allow task-overdue -- no need", "no need"),
    Plant("waiver-without-reason", C01 + "measurements.yaml", "\nmeasurements:", "\nmeasurements:  # carectl: allow late-entry", "carectl: allow"),
    # the practice
    Plant("staff-unknown", "carectl.yaml", "coordinator: dana", "coordinator: danna", "danna"),
]  # fmt: skip


def plant(root: Path) -> list[tuple[str, int, str]]:
    """Plant every fault in a copy; where each must be found."""
    expected = []
    for fault in PLANTS:
        path = root / fault.path
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not fault.old or text.count(fault.old) >= 1, f"{fault.path} has no {fault.old!r}"
        path.write_text(text.replace(fault.old, fault.new, 1) if fault.old else fault.new, encoding="utf-8")
    for fault in PLANTS:
        place = fault.there or fault.path
        text = (root / place).read_text(encoding="utf-8")
        line = 1
        if fault.on is not None:
            assert text.count(fault.on) == 1, f"{fault.path} has {fault.on!r} {text.count(fault.on)} times"
            line = text[: text.index(fault.on)].count("\n") + 1
        expected.append((place, line, fault.code))
    return sorted(expected)


def test_every_planted_fault_is_found_on_its_line_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLE, root)
    expected = plant(root)
    assert run(["check", "--caseload", str(root), "--now", "2026-11-22", "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    found = sorted((f["path"], f["line"], f["code"]) for f in answer["findings"])
    print(f"{len(PLANTS)} faults of {len({f.code for f in PLANTS})} codes planted")
    assert found == expected

"""The real command line, in this process, on a small caseload in which much goes on."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from carectl.cli import run

NOW: Final = "2026-11-22T12:00"
"""A Sunday."""

FILES: Final = {
    "carectl.yaml": """\
practice: {name: Lakeside, coordinator: dana, timezone: America/Chicago, state: IL, phone: "+1 312 555 0142"}
""",
    "staff/dana.yaml": """\
id: dana
name: {given: Dana, family: Whitfield}
role: coordinator
""",
    "staff/jo-park.yaml": """\
id: jo-park
name: {given: Jo, family: Park}
role: home_health_aide
phone: "+1 312 555 0177"
languages: [en, ko]
away: [{from: 2026-11-27, until: 2026-11-27, reason: dentist}]
""",
    "clients/c-001/client.yaml": """\
id: c-001
name: {given: Rosa, family: Alvarez, preferred: Rosie}
birth_date: 1941-03-09
language: es
status: active
start_of_care: 2026-08-03
address: {street: 418 Elm St, city: Evanston, state: IL, postal_code: 60201, access: Key safe}
phones: ["+1 847 555 0119"]
allergies: [{substance: Penicillin, reaction: hives}]
code_status: dnr
precautions: [fall_risk]
diagnoses: [{text: Heart failure}]
emergency: {hospital: Evanston Hospital, backup_plan: Call Maria}
""",
    "clients/c-001/contacts.yaml": """\
contacts:
  - id: maria
    name: Maria Alvarez
    relationship: daughter
    calls_client: Mom
    phone: "+1 773 555 0164"
    call_for: [fall]
    authority: [{kind: health_care_power_of_attorney, from: 2025-11-02}]
    sharing:
      - {topics: [schedule, wellbeing], basis: authorization, given: 2026-08-03, expires: 2027-08-03}
      - {topics: [health], basis: authorization, given: 2025-08-03, expires: 2026-08-03}
  - {id: ruth, name: Ruth Feldman, relationship: neighbor}
  - id: bob
    name: Bob Alvarez
    relationship: son
    sharing: [{topics: [wellbeing], basis: agreed, given: 2026-08-03}]
""",
    "clients/c-001/care-plan.yaml": """\
period: {from: 2026-08-05, until: 2027-08-04}
review_due: 2026-11-03
problems:
  - id: falls
    statement: Risk of falls at night
    status: active
    priority: high
    goals: [{id: no-falls, text: No fall, status: active, due: 2026-11-05}]
    interventions: [{id: light, text: Check the night lights, who: home_health_aide, status: active}]
""",
    "clients/c-001/visits.yaml": """\
series:
  - id: care
    service: personal_care
    staff: jo-park
    from: 2026-08-10
    days: [mon, wed, fri]
    at: "09:00"
    duration: 2h
    does: [light]
  - {id: evening, service: companionship, from: 2026-11-01, days: [tue], at: "18:00", duration: 1h}
visits:
  - id: care-2026-11-20
    series: care
    day: 2026-11-20
    status: done
    staff: jo-park
    at: "09:00"
    for_family: Slept well
  - {id: care-2026-11-23, series: care, day: 2026-11-23, status: cancelled, reason: At the eye doctor}
""",
    "clients/c-001/medications.yaml": """\
medications:
  - {id: furosemide, name: Furosemide, strength: 40 mg, dose: 1 tablet, times: ["08:00"], from: 2026-08-03}
""",
    "clients/c-001/tasks.yaml": """\
tasks:
  - {id: call-pt, text: Call PT, due: 2026-11-20}
  - {id: order, text: Order pads, due: 2026-11-30, who: jo-park}
  - {id: old, text: Done long ago, due: 2026-10-01, done: 2026-10-01}
""",
    "clients/c-002/client.yaml": """\
id: c-002
name: {given: Stanisław, family: "O'Żak"}
status: active
birth_date: 1938-05-08
start_of_care: 2026-09-01
timezone: America/New_York
""",
    "clients/c-002/visits.yaml": """\
series:
  - {id: nights, service: personal_care, staff: jo-park, from: 2026-11-01, days: [sat], at: "22:00", to: "06:00"}
""",
    "clients/c-003/client.yaml": "id: c-003\nname: {given: Walter, family: Brandt}\nstatus: inquiry\n",
}


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Carectl = Callable[..., Done]

Tell = Callable[[str], None]
"""Takes a line that tells how much a test tried; the run prints them at its end."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The caseload, as the current folder."""
    root = tmp_path / "caseload"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def carectl(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Carectl]:
    """Runs a command line in this process, at a fixed moment, with nobody at the keyboard."""
    monkeypatch.setenv("CARECTL_NOW", NOW)
    umask = os.umask(0o077)  # as the program sets it for itself

    def call(*args: str) -> Done:
        capfd.readouterr()
        code = run(list(args))
        captured = capfd.readouterr()
        return Done(code, captured.out, captured.err)

    yield call
    os.umask(umask)


def census(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, to show that nothing changed. The lock of writers is no content."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if ".carectl/writing/" not in name}


def unmeasured() -> dict[str, str]:
    """The environment for a program whose lines no coverage is to be taken of: measuring takes longer than the work."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def on_terminal(
    args: Sequence[str], answers: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None
) -> tuple[str, int]:
    """Run carectl on a terminal and type an answer at each question; what the screen showed, and the exit code."""
    left = list(answers)
    program = [sys.executable, "-m", "carectl", *args]
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(program[0], program, {**os.environ, "CARECTL_NOW": NOW, "TERM": "xterm", **(env or {})})
    shown, key = b"", ""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([screen], [], [], 1)[0]:
            if key in ("\x03", "\x04"):
                # Python can miss a key that comes just before it waits for one. A person would press it again.
                os.write(screen, key.encode())
            continue
        try:
            piece = os.read(screen, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if shown.endswith(b": ") and left:
            key = left.pop(0)
            os.write(screen, key.encode())
    os.close(screen)
    _, status = os.waitpid(pid, 0)
    return shown.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)

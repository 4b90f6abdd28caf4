"""A caseload in memory, and a check of it: for tests that damage files by the hundred."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from carectl.care.checks import Team, check_practice, check_team, examine_chart
from carectl.care.setting import Setting
from carectl.caseload import faults, reader
from carectl.caseload.instruments import Instruments
from carectl.caseload.load import Loader
from carectl.caseload.zones import zone
from carectl.findings import Finding, Keys, Span

BASE: Final = Path(__file__).parent / "codes" / "base"
EVENING: Final = dt.datetime(2026, 11, 22, 23, 59, 59, tzinfo=dt.UTC)


class Files:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    @classmethod
    def of(cls, root: Path) -> Files:
        """The files of a folder."""
        paths = (path for path in root.rglob("*") if path.is_file())
        return cls({path.relative_to(root).as_posix(): path.read_bytes() for path in paths})

    def changed(self, files: dict[str, bytes | None]) -> Files:
        """The tree with some files replaced, or taken away."""
        every: dict[str, bytes | None] = {**self.files, **files}
        return Files({path: raw for path, raw in every.items() if raw is not None})

    def names(self, folder: str) -> list[tuple[str, bool]]:
        """Sorted names in a folder, each with whether it is a folder."""
        start = f"{folder}/" if folder else ""
        below = [path[len(start) :].partition("/") for path in self.files if path.startswith(start)]
        return sorted({name: bool(slash) for name, slash, _ in below}.items())

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, or why they cannot be had."""
        return (
            self.files[path] if path in self.files else faults.unreadable(Span(path), "it is not there", "restore it")
        )


def check(tree: Files, now: dt.datetime = EVENING, clients: frozenset[str] | None = None) -> list[Finding]:
    """What a check finds, before lines are counted."""
    loader = Loader(tree)
    practice = loader.practice()
    staff, unread = loader.staff()
    ids = loader.client_ids()
    record = practice.practice if practice else None
    home = zone(record.timezone) if record else None
    setting = Setting(
        now=now.replace(tzinfo=home or dt.UTC),
        zones=zone,
        practice=record,
        staff={member.id: member for member in staff},
        unread_staff=unread,
        clients=frozenset(ids),
        travel=practice.travel if practice else None,
        instruments=Instruments(tree),
    )
    found = check_practice(practice, staff, setting)
    booked = []
    for client_id in ids:
        if clients is None or client_id in clients:
            of_chart, of_team = examine_chart(loader.chart(client_id), setting)
            found += of_chart
            booked += of_team
    found += check_team(Team(booked, setting))
    return [*loader.met.findings, *found]


FULL: Final = Files.of(BASE).changed(
    {
        "clients/c-001/notes.yaml": b"""notes:
  - {id: n-1, at: 2026-11-20T10:15, with: maria, text: Talked about the rail, recorded: 2026-11-20T10:30}
""",
        "clients/c-001/tasks.yaml": b"""tasks:
  - {id: rail, text: Second rail, due: 2026-11-30, from: notes/n-1, done: 2026-11-20}
""",
        "clients/c-001/concerns.yaml": b"""concerns:
  - {id: fall, kind: fall, at: 2026-11-19T03:10, facts: Fell, told: [{who: maria, at: 2026-11-19}], actions: [rail]}
""",
        "clients/c-001/measurements.yaml": b"""measurements:
  - {id: m-1, date: 2026-11-20, kind: weight, value: 61.2, unit: kg, by: maria}
""",
        "clients/c-001/supplies.yaml": b"""supplies:
  - {id: pads, item: Bed pads, on_hand: 30, counted: 2026-11-20}
equipment:
  - {id: bed, item: Hospital bed, from: 2026-08-04, service_due: 2027-08-04}
""",
    }
)
"""The base with every kind of file."""


def flow(value: object) -> str:
    """Plain data as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def data_of(raw: bytes, path: str) -> Any:
    """What a file says, as plain data."""
    return reader.read_reference(raw, path).data


def ways(value: object, keys: Keys = ()) -> Iterator[Keys]:
    """The way to everything inside plain data."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*keys, key)
        yield from ways(item, (*keys, key))

"""Feeds as the command line writes them, beside the visits that they must show."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from carectl.cli import run

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]


@dataclass(frozen=True, slots=True)
class Source:
    """A caseload, the moment at which it is looked at, and the days of which calendars are made."""

    name: str
    folder: Path
    now: str
    windows: tuple[tuple[str, str], ...]


CORNERS: Final = Source(
    "corners", HERE / "corners", "2026-02-24T12:00", (("2026-02-16", "2026-12-31"), ("2028-02-21", "2028-03-06"))
)
"""Every clock change of 2026, and a leap day."""
EXAMPLE: Final = Source(
    "example",
    ROOT / "examples" / "caseload",
    "2026-11-22",
    (("2026-10-26", "2026-11-15"), ("2027-03-08", "2027-03-21")),
)
"""The weeks around the clock changes of 1 November and 14 March."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A calendar file, and the visits that were due in it: the agenda's, which knows nothing of calendar files."""

    name: str
    """The same in every style."""
    audience: str
    path: Path
    visits: tuple[dict[str, Any], ...]


def carectl(source: Source, *words: str) -> tuple[int, str, str]:
    """The command line on a caseload: the exit code, and what was printed and complained of."""
    screen, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(complaints):
        code = run([*words, "--caseload", str(source.folder), "--now", source.now])
    return code, screen.getvalue(), complaints.getvalue()


def agenda(source: Source, days: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """All visits from one day to another."""
    code, screen, complaints = carectl(source, "agenda", "-f", "json", "--from", days[0], "--until", days[1])
    assert code == 0, complaints
    return tuple(json.loads(screen)["occurrences"])


def exported(source: Source, style: str, into: Path) -> list[Exported]:
    """A calendar of every client for the coordinator and for every contact who may have it, and one of every staff
    member; those without a visit are left out. Those of contacts are always flat."""
    found = []
    for days in source.windows:
        everything = agenda(source, days)
        for client in sorted(path.name for path in (source.folder / "clients").iterdir()):
            visits = tuple(item for item in everything if item["client"] == client)
            found.append(_export(source, style, into, days, visits, "coordinator", client))
            found += [
                _export(source, style, into, days, visits, "family", client, "--to", contact)
                for contact in (_contacts(source, client) if style == "flat" else ())
            ]
        for staff in sorted(path.stem for path in (source.folder / "staff").iterdir()):
            visits = tuple(item for item in everything if staff in item["staff"])
            found.append(_export(source, style, into, days, visits, "staff", "--staff", staff))
    return [item for item in found if item is not None]


def _contacts(source: Source, client: str) -> list[str]:
    file = source.folder / "clients" / client / "contacts.yaml"
    return [contact["id"] for contact in yaml.safe_load(file.read_text("utf-8"))["contacts"]] if file.exists() else []


def _export(
    source: Source, style: str, into: Path, days: Sequence[str], visits: tuple[dict[str, Any], ...], audience: str,
    *whose: str,
) -> Exported | None:  # fmt: skip
    if not visits:
        return None
    name = "-".join((source.name, days[0], *(word.strip("-") for word in whose)))
    path = into / f"{style}-{name}.ics"
    code, _, complaints = carectl(
        source, "calendar", "export", *whose, "--style", style, "-o", str(path), "--from", days[0], "--until", days[1]
    )
    if code == 1 and audience == "family" and "no calendar" in complaints:
        return None
    assert code == 0, complaints
    # So that the agenda is what each of them must see.
    assert "withheld" not in complaints, complaints
    return Exported(name, audience, path, visits)

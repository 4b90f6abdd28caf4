"""A repository of the example caseload, and the change of Rosa's plan that reviews are tried on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "caseload"
NOW: Final = "2026-11-22T12:00"

ROSA: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "care-plan.yaml": (
        ("        target: 2\n        due: 2027-01-31\n", "        target: 4\n        due: 2027-03-31\n"),
        (
            "        days: [mon, wed, fri]\n        status: active\n      - id: pt-knees\n",
            "        days: [mon, wed, fri]\n        status: stopped\n        stopped: 2026-11-21\n"
            "        reason: Discharged by the therapist\n      - id: pt-knees\n",
        ),
    ),
    "medications.yaml": (
        (
            "medications:\n  - id: furosemide\n    name: Furosemide\n    strength: 40 mg\n    dose: 1 tablet\n",
            "medications:\n  - id: furosemide\n    name: Furosemide\n    strength: 40 mg\n    dose: 2 tablets\n",
        ),
    ),
    "contacts.yaml": (("- {topics: [schedule], basis: agreed, given: 2026-08-10}",
                       "- {topics: [schedule, health], basis: agreed, given: 2026-08-10}"),),
    "visits.yaml": (("    day: 2026-11-25\n    at: \"08:30\"\n", "    day: 2026-11-25\n    at: \"10:30\"\n"),),
    "notes.yaml": (("could come on Sundays too", "could come on Sundays and Wednesdays too"),),
    "tasks.yaml": (("tasks:\n", "# What is to be done, by day\ntasks:\n"),),
}  # fmt: skip
"""A goal's target and date, an intervention that stopped, a dose doubled, sharing widened, a visit moved, a note
edited, a comment written; and a list that only stands in another order, see `change_rosa`."""


def git(folder: Path, *words: str) -> str:
    """Run git in a folder as somebody of no account, with nothing of the machine's settings."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    known = {"NAME": "Dana", "EMAIL": "dana@lakeside.example", "DATE": "2026-11-21T10:00-06:00"}
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in known.items()}
    env |= {**who, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, subject: str = "All of it") -> str:
    """Commit everything that lies in a folder; the id."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", subject)
    return git(folder, "rev-parse", "HEAD")


def example(folder: Path) -> Path:
    """The example caseload in a repository, committed."""
    shutil.copytree(EXAMPLE, folder)
    git(folder, "init", "--quiet", "--template=")
    commit(folder)
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Put a text in the place of another one, which stands there once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file.name, old, text.count(old))
    file.write_text(text.replace(old, new), encoding="utf-8")


def change_rosa(root: Path) -> None:
    """Change what stands in c-014's files, as a week's work would."""
    folder = root / "clients" / "c-014"
    for name, edits in ROSA.items():
        for old, new in edits:
            edit(folder / name, old, new)
    # Calcium goes to the top of the medicines: nothing but their order.
    file = folder / "medications.yaml"
    head, _, calcium = file.read_text(encoding="utf-8").partition("  - id: calcium-d\n")
    file.write_text(head.replace("medications:\n", f"medications:\n  - id: calcium-d\n{calcium}", 1), encoding="utf-8")

"""Write the lock: for each set of packages an exact version of everything it pulls in.

Run with the oldest Python that carectl supports, so that what only older versions need is in the lock as well.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OLDEST = (3, 11)
NOT_LOCKED = ("carectl", "setuptools")
SETS = {
    "dev": ("What carectl runs on and is developed with", ["--group", f"{ROOT / 'pyproject.toml'}:dev", str(ROOT)]),
    "khal": ("A calendar program that tests read our calendars back with", ["khal"]),
    "calendar-readers": (
        "Programs that tests let read our calendars: recurring-ical-events, and the reader of Home Assistant (ical)",
        ["recurring-ical-events", "ical"],
    ),
    "calendar-sync": ("A way of a feed into a calendar server, for tests", ["vdirsyncer", "radicale"]),
    "pdf": ("What carectl runs on with `carectl[pdf]`", [f"{ROOT}[pdf]"]),
    "beancount": ("A bookkeeping checker that benchmarks compare with", ["beancount"]),
}


def resolve(wanted: list[str], *, with_pip: bool) -> list[str]:
    """Install into an empty environment, and say what came."""
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        pip = [str(Path(place, "bin", "python")), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", "--upgrade", "pip"], check=True)
        subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
        extra = [word for name in NOT_LOCKED for word in ("--exclude", name)]
        freeze = [*pip, "freeze", *(["--all"] if with_pip else []), *extra]
        return subprocess.run(freeze, check=True, text=True, capture_output=True).stdout.splitlines()


def main() -> None:
    """Write every set."""
    if sys.version_info[:2] != OLDEST:
        oldest = ".".join(map(str, OLDEST))
        sys.exit(f"The lock is made with Python {oldest}: make distclean; make PYTHON=python{oldest} lock")
    for name, (title, wanted) in SETS.items():
        pins = sorted(resolve(wanted, with_pip=name == "dev"), key=str.lower)
        head = [f"# {title}. Written by `make lock`; not edited by hand.", ""]
        (HERE / f"{name}.txt").write_text("\n".join(head + pins) + "\n", encoding="utf-8")
        print(f"requirements/{name}.txt: {len(pins)} packages")


if __name__ == "__main__":
    main()

"""Where a caseload lies: the folder that holds carectl.yaml."""

from __future__ import annotations

from pathlib import Path

from carectl.errors import EnvironmentProblem

MARK = "carectl.yaml"


def find_root(named: Path | None, here: Path) -> Path:
    """The caseload's folder: the one that was named, else the nearest with a carectl.yaml from here upward.

    Raises EnvironmentProblem if there is none, or if it cannot be looked into.
    """
    try:
        if named is not None:
            if not (named / MARK).is_file():
                raise EnvironmentProblem(f"{named} is no caseload: it has no {MARK}")
            return named.absolute()
        here = here.absolute()
        for folder in (here, *here.parents):
            if (folder / MARK).is_file():
                return folder
    except OSError as problem:
        raise EnvironmentProblem(f"the caseload's folder cannot be read: {problem.strerror}") from None
    raise EnvironmentProblem(
        f"there is no caseload here: no {MARK} in this folder or above it\n"
        "hint: go to your caseload, name it with --caseload, or begin one with `carectl init`"
    )


def within(root: Path, named: Path, here: Path) -> str | None:
    """A path as it is written from the root of the caseload, with forward slashes; None if it lies outside."""
    full = named if named.is_absolute() else here.absolute() / named
    try:
        return full.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return None

"""Assessments that were begun and not finished: a client's answers, kept in the caseload and out of git's sight."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from carectl.caseload import files
from carectl.errors import EnvironmentProblem

HOME: Final = ".carectl/unfinished"
"""Where they lie, one file per client. Git ignores it by a .gitignore of its own."""


def keep(root: Path, client: str, content: Mapping[str, Any]) -> None:
    """Keep a client's unfinished assessment, readable by the user alone, in place of the one before.

    Raises EnvironmentProblem.
    """
    home = root / HOME
    raw = (json.dumps({"format": 1, **content}, ensure_ascii=False, indent=1) + "\n").encode()
    with files.problems(_path(client)):
        for folder in (home.parent, home):
            if folder.is_symlink():
                raise EnvironmentProblem(f"cannot write {_path(client)}: {folder.name} is a link")
            folder.mkdir(mode=files.FOLDER_MODE, exist_ok=True)
        ignore = home / ".gitignore"
        # First of all, so that there is no moment at which git would take the answers.
        if not ignore.exists():
            files.write(ignore, b"*\n")
        files.write(root / _path(client), raw)


def kept(root: Path, client: str) -> dict[str, Any] | None:
    """A client's unfinished assessment, or None. Raises EnvironmentProblem if it cannot be read."""
    path = root / _path(client)
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.pop("format", None) != 1:
            raise ValueError
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise unusable(client, problem.strerror or "the system refuses") from None
    except (ValueError, RecursionError):
        raise unusable(client, "it is damaged") from None
    return content


def unusable(client: str, why: str) -> EnvironmentProblem:
    """The problem that an unfinished assessment cannot be read."""
    return EnvironmentProblem(
        f"{_path(client)} cannot be used: {why}\n"
        f"hint: look into it, then begin anew: carectl assess add {client} --discard"
    )


def drop(root: Path, client: str) -> bool:
    """Remove a client's unfinished assessment; whether there was one. Raises EnvironmentProblem."""
    path = root / _path(client)
    with files.problems(_path(client)):
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        files.sync(path.parent)
    return True


def _path(client: str) -> str:
    return f"{HOME}/{client}.json"

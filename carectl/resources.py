"""Where the schemas and templates that come with carectl are.

In a wheel they lie inside the package, under `_data`; in a checkout, and so in an editable install, beside it.
Both are folders on disk: carectl does not run from a zip file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from carectl.errors import EnvironmentProblem

Name = Literal["schemas", "templates"]

_PACKAGE: Final = Path(__file__).resolve().parent


def folder(name: Name, package: Path = _PACKAGE) -> Path:
    """The folder of the schemas or the templates."""
    inside = package / "_data" / name
    if inside.is_dir():
        return inside
    checkout = package.parent
    beside = checkout / name
    if beside.is_dir() and (checkout / "pyproject.toml").is_file():
        return beside
    raise EnvironmentProblem(f"carectl's own {name} are missing: this installation is not whole, install carectl again")

"""Time zones, always of the pinned tzdata package and never the system's: bytes are the same everywhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


@cache
def zone(name: str) -> ZoneInfo | None:
    """The zone of an IANA name such as America/Chicago, or None if there is no such zone."""
    if not _NAME.fullmatch(name):
        return None
    from zoneinfo import ZoneInfo

    source = _database().joinpath("zoneinfo", *name.split("/"))
    try:
        with source.open("rb") as stream:
            return ZoneInfo.from_file(stream, key=name)
    except (OSError, ValueError):
        return None


def names() -> tuple[str, ...]:
    """Every zone name, sorted: for did-you-mean."""
    return tuple(sorted(_database().joinpath("zones").read_text(encoding="utf-8").split()))


def edition() -> str:
    """The edition of the time zone database, such as 2026f."""
    from tzdata import IANA_VERSION  # type: ignore[import-untyped]

    return str(IANA_VERSION)


def _database() -> Path:
    # Asking importlib.resources for the folder takes longer than reading a week of visits.
    import tzdata

    return Path(tzdata.__file__).parent

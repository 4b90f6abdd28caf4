"""What a commit is called: never by anybody's name. And names that somebody wrote into one all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from carectl.caseload.records import CLIENT_KINDS
from carectl.words import fold

_FEW: Final = 3
_NO_NAMES: Final = frozenset(
    "the and inc llc care home clinic pharmacy hospital center street desk claims central family".split()
)
"""Words that stand in names of offices and name nobody."""


def subject(paths: Sequence[str]) -> str:
    """The subject of a commit of these files: c-014 notes, tasks: 2 files; c-014, c-017, staff: 5 files."""
    clients = sorted({part[1] for path in paths if len(part := path.split("/")) > 2 and part[0] == "clients"})
    others = sorted({_group(path) for path in paths if not (path.startswith("clients/") and path.count("/") > 1)})
    count = f"{len(paths)} file{'s' * (len(paths) != 1)}"
    if len(clients) == 1 and not others:
        known = (*CLIENT_KINDS, "approvals")
        kinds = [kind for kind in known if any(_kind(path) == kind for path in paths)]
        whole = all(_kind(path) in known for path in paths)
        if whole and len(kinds) <= _FEW:
            return f"{clients[0]} {', '.join(kinds)}: {count}"
    named = clients if len(clients) <= _FEW else [f"{len(clients)} clients"]
    return f"{', '.join([*named, *others])}: {count}"


def _kind(path: str) -> str:
    """The kind of a client's file: notes of clients/c-014/notes.yaml, visits of clients/c-014/visits/2026-11.yaml."""
    return path.split("/")[2].removesuffix(".yaml")


def _group(path: str) -> str:
    first, slash, _ = path.partition("/")
    if first == "carectl.yaml":
        return "practice"
    return first if slash and first in ("staff", "templates", "rules", "instruments") else "caseload"


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """The names of which a word of three letters or more stands in a text."""
    words = set(_words(text))
    return [name for name in dict.fromkeys(names) if any(len(word) > 2 and word in words for word in _words(name))]


def _words(text: str) -> list[str]:
    return [
        word for word in re.findall(r"\w+", fold(text).replace("'s ", " ").replace("'", " ")) if word not in _NO_NAMES
    ]

"""Which file a new entry belongs in: the client's KIND.yaml, else the right piece of the folder KIND/."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from carectl.caseload.create import modeline
from carectl.caseload.trees import Tree
from carectl.findings import Finding

_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_MODELINE: Final = re.compile(rb"# yaml-language-server: \$schema=(\S+/)client\.schema\.json\r?\n")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file of a client, and what it begins with if it is not there yet."""

    path: str
    beginning: bytes | None = None
    """The first line of the new file; None if the file is there."""


def pieces(tree: Tree, client_id: str, kind: str) -> list[str]:
    """The files that hold a kind of a client's records: KIND.yaml, else those in the folder KIND/, by name."""
    folder = f"clients/{client_id}"
    if (f"{kind}.yaml", False) in _names(tree, folder):
        return [f"{folder}/{kind}.yaml"]
    return [
        f"{folder}/{kind}/{name}"
        for name, is_folder in _names(tree, f"{folder}/{kind}")
        if not is_folder and name.endswith(".yaml")
    ]


def shelf(tree: Tree, client_id: str, kind: str, piece: str | None = None) -> Shelf:
    """The file for a new entry of a kind. `piece` is its month (2026-11), or series, should the kind have a folder.

    Visits in a folder stand by the month. Other kinds do if any piece there is one of a month; else new entries go
    into the last piece.
    """
    found = pieces(tree, client_id, kind)
    folder = f"clients/{client_id}"
    if found == [f"{folder}/{kind}.yaml"]:
        return Shelf(found[0])
    is_spread = (kind, True) in _names(tree, folder)
    by_month = any(_MONTH.fullmatch(_stem(path)) for path in found)
    if piece is not None and is_spread and (kind == "visits" or by_month or not found):
        path = f"{folder}/{kind}/{piece}.yaml"
    elif found:
        # A piece of a month takes only what is of that month.
        path = next((path for path in reversed(found) if not _MONTH.fullmatch(_stem(path))), found[-1])
    else:
        path = f"{folder}/{kind}.yaml"
    return Shelf(path) if path in found else Shelf(path, _beginning(tree, client_id, kind, path))


def _beginning(tree: Tree, client_id: str, kind: str, path: str) -> bytes:
    """The first line of a new file: it tells editors the schema, in the folder that client.yaml names, else init's."""
    near = tree.read(f"clients/{client_id}/client.yaml")
    match = None if isinstance(near, Finding) else _MODELINE.match(near)
    if match is None:
        return f"{modeline(kind, path)}\n".encode()
    up = "" if b"://" in match[1] or match[1].startswith(b"/") else "../" * (path.count("/") - 2)
    return f"# yaml-language-server: $schema={up}{match[1].decode()}{kind}.schema.json\n".encode()


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yaml")


def _names(tree: Tree, folder: str) -> list[tuple[str, bool]]:
    names = tree.names(folder)
    return [] if isinstance(names, Finding) else names

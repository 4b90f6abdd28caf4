"""Which file a new entry belongs into: the client's KIND.yaml, or the right piece of the folder KIND/."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from carectl.caseload.create import modeline
from carectl.caseload.trees import Tree

_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])\.yaml")


class Shelf(NamedTuple):
    """A file that takes an entry."""

    path: str
    beginning: bytes | None
    """What the file begins with if it is not there yet; None if it is."""


def shelf_for(tree: Tree, client: str, kind: str, day: dt.date | None = None, *, piece: str = "") -> Shelf:
    """The file of a client that takes a new entry of a kind.

    In a folder that is the piece of the month of `day`; without a day the piece of this name (`series`), else the last
    that is no month's, else one named as the kind.
    """
    folder = f"clients/{client}"
    there = dict(_names(tree, folder))
    if there.get(f"{kind}.yaml") is False or there.get(kind) is not True:
        path = f"{folder}/{kind}.yaml"
        return Shelf(path, None if f"{kind}.yaml" in there else _beginning(kind, path))
    pieces = [name for name, is_folder in _names(tree, f"{folder}/{kind}") if not is_folder and name.endswith(".yaml")]
    if day is not None:
        name = f"{day.isoformat()[:7]}.yaml"
    else:
        others = [name for name in pieces if not _MONTH.fullmatch(name)]
        name = f"{piece}.yaml" if piece else others[-1] if others else f"{kind}.yaml"
    path = f"{folder}/{kind}/{name}"
    return Shelf(path, None if name in pieces else _beginning(kind, path))


def _names(tree: Tree, folder: str) -> list[tuple[str, bool]]:
    names = tree.names(folder)
    return names if isinstance(names, list) else []


def _beginning(kind: str, path: str) -> bytes:
    return f"{modeline(kind, path)}\n".encode()

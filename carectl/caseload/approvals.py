"""Approvals: the files of a client's folder `approvals`, what they cover, and their text.

An approval names what it covers twice: by the bytes of each file, and by what the files say. The first tells whether a
single byte is different, the second whether it matters. `agreed`, and how a goal goes (`progress`, `achievement`), are
not part of what a plan says: they are written down all the time, and change nothing of what was approved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from carectl.caseload.create import written
from carectl.caseload.identities import Group, Lost, Node, Rows, canonical
from carectl.caseload.records import PARTS, Approval, Covered
from carectl.caseload.states import Memo, state
from carectl.caseload.trees import Tree
from carectl.findings import Finding

FOLDER: Final = "approvals"
SIGNATURE: Final = ".sig"
"""What the name of a signature ends with: 0001.yaml.sig lies beside 0001.yaml."""
KINDS: Final = {"care-plan": "care-plan", "medications": "medications", "allergies": "client"}
"""The file kind in which each part stands."""
BESIDE: Final = {"care-plan": frozenset(("agreed",)), "Goal": frozenset(("progress", "achievement"))}
"""The fields that are not covered: of the plan itself, and of its goals."""

_NAME: Final = re.compile(r"([0-9]{4,})\.yaml")
_HEAD: Final = "# Written by carectl approve. A signature covers every byte: do not edit it (docs/sign-off.md).\n"


class Sheet(NamedTuple):
    """An approval's two files, as bytes."""

    path: str
    number: int
    raw: bytes
    signature: bytes | None


def number_of(name: str) -> int | None:
    """The number in an approval's file name; None if it is not the name of one."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match and match[1] == f"{int(match[1]):04}" else None


def path_of(client: str, number: int) -> str:
    """Where an approval lies."""
    return f"clients/{client}/{FOLDER}/{number:04}.yaml"


def listed(tree: Tree, client: str) -> tuple[list[str], list[str]] | Finding:
    """The names of a client's approvals, by number, and of what else lies in their folder."""
    names = tree.names(f"clients/{client}/{FOLDER}")
    if isinstance(names, Finding):
        return names
    here = {name for name, is_folder in names if not is_folder}
    mine = sorted((name for name in here if number_of(name) is not None), key=lambda name: number_of(name) or 0)
    strange = [
        name for name, _ in names if name not in mine and not (name in here and name.removesuffix(SIGNATURE) in mine)
    ]
    return mine, strange


def sheets(tree: Tree, client: str) -> list[Sheet | Finding]:
    """A client's approvals as bytes, by number; a Finding for what cannot be read."""
    names = listed(tree, client)
    if isinstance(names, Finding):
        return [names]
    return [_sheet(tree, f"clients/{client}/{FOLDER}/{name}") for name in names[0]]


def _sheet(tree: Tree, path: str) -> Sheet | Finding:
    raw = tree.read(path)
    if isinstance(raw, Finding):
        return raw
    folder, _, name = path.rpartition("/")
    names = tree.names(folder)
    signature = tree.read(path + SIGNATURE) if isinstance(names, list) and (name + SIGNATURE, False) in names else None
    return signature if isinstance(signature, Finding) else Sheet(path, number_of(name) or 0, raw, signature)


def missing(then: Tree, now: Tree, client: str) -> tuple[str, ...]:
    """The files of a client's sign-offs that one state has and a later one has not, by their paths."""
    before, after = (listed(tree, client) for tree in (then, now))
    if isinstance(before, Finding) or isinstance(after, Finding):
        return ()
    return tuple(f"clients/{client}/{FOLDER}/{name}" for name in before[0] if name not in after[0])


def digest(raw: bytes) -> str:
    """The digest of some bytes, as the files write it."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


# --- what is covered -------------------------------------------------------------------------------------------------


def covered(tree: Tree, client: str, memo: Memo | None = None) -> Covered:
    """What an approval of today covers. A part that cannot be read or compared has no digest of its content."""
    known = state(tree, client, set(KINDS.values()), memo)
    faulty = {item.kind for item in known.unread}
    found = {
        part: digest(canonical(node))
        for part, node in parts(known.kinds).items()
        if node is not None and (part == "allergies" or KINDS[part] not in faulty)
    }
    return Covered(bytes_of(tree, client), found)


def bytes_of(tree: Tree, client: str) -> dict[str, str]:
    """The digests of the bytes of every file that holds something covered, by path in the client's folder."""
    folder = f"clients/{client}"
    found = {}
    for path in _paths(tree, folder):
        raw = tree.read(f"{folder}/{path}")
        if isinstance(raw, bytes):
            found[path] = digest(raw)
    return found


def _paths(tree: Tree, folder: str) -> Iterator[str]:
    names = tree.names(folder)
    for name, is_folder in names if isinstance(names, list) else ():
        kind = name.removesuffix(".yaml")
        if not is_folder and name.endswith(".yaml") and kind in KINDS.values():
            yield name
        elif is_folder and kind in KINDS.values() and kind != "client":
            below = tree.names(f"{folder}/{name}")
            yield from (
                f"{name}/{piece}"
                for piece, is_deeper in (below if isinstance(below, list) else ())
                if not is_deeper and piece.endswith(".yaml")
            )


def parts(kinds: Mapping[str, Group | Lost]) -> dict[str, Node | None]:
    """What each part says; None if it cannot be known. What is not on file says nothing, which is a content too."""
    plan, medications, client = (kinds.get(kind, Group({})) for kind in ("care-plan", "medications", "client"))
    allergies = client.fields.get("allergies", Group({})) if isinstance(client, Group) else None
    return {
        "care-plan": _covered_plan(plan) if isinstance(plan, Group) else None,
        "medications": medications if isinstance(medications, Group) else None,
        "allergies": None if isinstance(allergies, Lost) else allergies,
    }


def _covered_plan(node: Node) -> Node:
    """A plan without what is not covered."""
    if isinstance(node, Group):
        left = BESIDE["Goal"] if node.record == "Goal" else BESIDE["care-plan"] if node.record == "CarePlan" else ()
        return Group({name: _covered_plan(item) for name, item in node.fields.items() if name not in left}, node.record)
    if isinstance(node, Rows):
        return node._replace(
            rows={key: row if isinstance(row, Lost) else _group(_covered_plan(row)) for key, row in node.rows.items()}
        )
    return node


def _group(node: Node) -> Group:
    assert isinstance(node, Group)
    return node


# --- text ------------------------------------------------------------------------------------------------------------


def text(record: Approval) -> bytes:
    """The file of an approval. Raises ValueError for what no file may hold."""
    lines = [_HEAD]
    for name in Approval.__struct_fields__:
        value = getattr(record, name)
        if name == "origin" or value in (None, ()):
            continue
        if isinstance(value, dict):
            lines += [f"{name}:\n", *(f"  {written(key)}: {written(inner)}\n" for key, inner in value.items())]
        elif isinstance(value, tuple):
            lines += [f"{name}:\n", *(f"  - {written(item)}\n" for item in value)]
        else:
            lines.append(f"{name}: {value if isinstance(value, int) else written(value)}\n")
    return "".join(lines).encode()


assert set(KINDS) == set(PARTS)

"""What is on file at one time, in the form in which two times can be compared."""

from __future__ import annotations

from collections.abc import Collection

from carectl.caseload import reader
from carectl.caseload.identities import Fault, Group, Lost, Rows, State, Unread, build, join
from carectl.caseload.load import Loader, file_and_folder, unknown_file
from carectl.caseload.root import MARK
from carectl.caseload.trees import Tree, is_id
from carectl.findings import Finding, Span, code_of

Memo = dict[tuple[str, bytes], tuple[Group | Lost, tuple[Unread, ...]]]
"""Files as they were built, by kind and bytes: most are the same on both sides."""


def state(tree: Tree, client: str | None, kinds: Collection[str] | None = None, memo: Memo | None = None) -> State:
    """What is on file about a client, or about the practice and its staff (client None).

    With `kinds` only those are read. A kind of which a file cannot be read is lost as a whole: what moved between its
    files would else seem to be gone.
    """
    memo = {} if memo is None else memo
    if client is None:
        return _practice(tree, kinds, memo)
    found: dict[str, Group | Lost] = {}
    unread: list[Unread] = []
    loader = Loader(tree)
    files, misnamed = loader.kinds(f"clients/{client}")
    for kind, paths in files.items():
        if kinds is not None and kind not in kinds:
            continue
        found[kind] = _joined(tree, kind, paths, unread, memo)
    for kind in sorted(misnamed):
        if kinds is None or kind in kinds:
            path, reason = _strange(loader, client, kind)
            unread.append(Unread(path, kind, 1, reason))
            found[kind] = Lost(reason)
    return State(client, found, tuple(unread))


def content(raw: bytes, kind: str, path: str) -> tuple[Group | Lost, tuple[Unread, ...]]:
    """One file of a kind by its bytes, and what in it cannot be compared."""
    data = reader.read_ahead(raw)
    if data is reader.UNREAD:
        document = reader.read_reference(raw, path)
        if document.findings:
            reasons = tuple(_unread(finding, kind) for finding in document.findings)
            return Lost(reasons[0].reason), reasons
        data = document.data
    node, faults = build(kind, data)
    return node, tuple(_located(raw, kind, path, fault) for fault in faults)


def _practice(tree: Tree, kinds: Collection[str] | None, memo: Memo) -> State:
    found: dict[str, Group | Lost] = {}
    unread: list[Unread] = []
    top = tree.names("")
    if (kinds is None or "practice" in kinds) and (isinstance(top, Finding) or (MARK, False) in top):
        found["practice"] = _joined(tree, "practice", [MARK], unread, memo)
    names = tree.names("staff") if kinds is None or "staff" in kinds else []
    if isinstance(names, Finding):
        unread.append(_unread(names, "staff"))
        found["staff"] = Lost(names.message)
    elif names:
        members: dict[tuple[str, ...], Group | Lost] = {}
        for name, is_folder in names:
            stem = name.removesuffix(".yaml")
            if not is_folder and stem != name and is_id(stem):
                members[(stem,)] = _joined(tree, "staff", [f"staff/{name}"], unread, memo)
        found["staff"] = Group({"staff": Rows(members, "StaffMember")})
    return State(None, found, tuple(unread))


def _joined(tree: Tree, kind: str, paths: list[str], unread: list[Unread], memo: Memo) -> Group | Lost:
    pieces: list[Group | Lost] = []
    for path in paths:
        raw = tree.read(path)
        if isinstance(raw, Finding):
            unread.append(_unread(raw, kind))
            pieces.append(Lost(raw.message))
            continue
        known = memo.get((kind, raw))
        if known is None:
            known = memo[kind, raw] = content(raw, kind, path)
        pieces.append(known[0])
        unread += (item._replace(path=path) for item in known[1])
    lost = next((piece for piece in pieces if isinstance(piece, Lost)), None)
    if lost is not None:
        return lost
    node, faults = join(pieces)
    unread += (Unread(paths[number], kind, 1, fault.reason) for number, fault in faults)
    return node


def _unread(finding: Finding, kind: str) -> Unread:
    line = finding.at.line if isinstance(finding.at, Span) else 1
    return Unread(finding.path, kind, line, finding.message)


def _located(raw: bytes, kind: str, path: str, fault: Fault) -> Unread:
    return Unread(path, kind, reader.read_reference(raw, path).span(fault.keys).line, fault.reason)


def _strange(loader: Loader, client: str, kind: str) -> tuple[str, str]:
    """What loading found where a kind may lie that could not be read, and why it could not: the first such thing, at
    best where the kind would be."""
    folder = f"clients/{client}"
    found = [finding for finding in loader.met.findings if finding.code != code_of(file_and_folder).slug]
    places = (f"{folder}/{kind}.", f"{folder}/{kind}/")
    near = [one for one in found if one.path == folder or one.path.startswith(places)]
    first = next(iter([*near, *found]), None)
    if first is None or first.code == code_of(unknown_file).slug:
        return (first.path if first else folder), "a file or folder of a wrong name lies here that may belong to it"
    return first.path, first.message

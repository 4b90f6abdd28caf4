"""How plans stand, what verifying found, and an anchor: lines for people and JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from carectl.care.signoff import LEVELS, Level, Remark, Row, State
from carectl.output.export import as_json, plain
from carectl.output.report import visible
from carectl.output.terminal import Line, Style, indented, width_of

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged
    from carectl.caseload.records import Approval

_LOOKS: Final[dict[str, Style]] = {"high": "loud", "medium": "warn", "low": ""}
_LABEL: Final = 10
_PARTS: Final = {"care-plan": "care plan", "medications": "medicines", "allergies": "allergies"}
_MEANINGS: Final = {
    "author": "written", "reviewed": "reviewed", "approved": "approved", "client_agreed": "agreed to",
    "withdrawn": "WITHDRAWN",
}  # fmt: skip
_STATES: Final[dict[State, tuple[str, Style]]] = {
    "unknown": ("CANNOT BE TOLD:", "loud"),
    "changed": ("CHANGED since it was ", "loud"),
    "withdrawn": ("", "loud"),
    "draft": ("DRAFT: nobody has approved it, and nobody who may has agreed", "warn"),
    "agreed": ("agreed; nobody has approved it", ""),
    "approved": ("", ""),
    "no_plan": ("no care plan", "faint"),
}
_LEVELS: Final[dict[Level, tuple[str, Style]]] = {
    "wrong": ("WRONG", "loud"), "changed": ("changed", "warn"), "unknown": ("unknown", "warn"),
    "note": ("note", ""), "good": ("good", "faint"),
}  # fmt: skip


# --- how plans stand -------------------------------------------------------------------------------------------------


def status(rows: Sequence[Row], width: int) -> Iterator[Line]:
    """How each client's plan stands, one after the other."""
    names = [visible(called(row)) for row in rows]
    room = min(max(map(width_of, names), default=0), 30) + 2
    for name, row in zip(names, rows, strict=True):
        first, *rest = standing(row, width - room)
        if width_of(name) > room - 2:
            yield [(name, "title")]
            name = ""
        yield [(name + " " * (room - width_of(name)), "title"), *first]
        yield from ([(" " * room, ""), *line] for line in rest)


def called(row: Row) -> str:
    """A client as every command echoes them."""
    client = row.chart.client
    return f"{row.chart.id} {client.name.full if client else ''}".rstrip()


def standing(row: Row, width: int) -> Iterator[Line]:
    """How a plan stands, and what changed since it was approved."""
    found = row.standing
    words, look = _STATES[found.state]
    if found.approval is not None and found.state in ("changed", "withdrawn", "approved"):
        words += signed_off(found.approval)
    if found.state == "unknown":
        words += f" {_why_unknown(row)}"
    yield from indented(visible(words), width, 2, look, "")
    if found.gone:
        # A command stays in one piece, to be copied.
        yield [(f"  git checkout HEAD -- clients/{row.chart.id}/approvals", "")]
    if found.state == "withdrawn" and found.approval is not None and found.approval.reason:
        yield from indented(visible(f"because: {found.approval.reason}"), width, 4, "", "  ")
    for record in found.beside:
        yield from indented(visible(signed_off(record)), width, 4, "", "  ")
    if set(found.rewritten) - {"client.yaml"}:
        # The client's own file changes all the time, and holds nothing that is covered but the allergies.
        files = ", ".join(found.rewritten)
        yield from indented(f"written otherwise since, saying the same: {files}", width, 4, "faint", "  ")
    if row.since is not None:
        yield from _since(row, width)


def _why_unknown(row: Row) -> str:
    """Why nobody can tell how a plan stands, and what to do about it."""
    found = row.standing
    if found.gone:
        numbers = ", ".join(path.rpartition("/")[2].removesuffix(".yaml") for path in found.gone)
        return f"sign-off {numbers} is gone, and git has it. To get it back:"
    if found.misplaced:
        return "sign-offs of another client lie here. carectl explain approval-misplaced tells what to do"
    parts = " and ".join(_PARTS[part] for part in found.unreadable)
    return f"{parts or 'a sign-off'} cannot be read; carectl check {row.chart.id} tells why"


def signed_off(record: Approval) -> str:
    """A sign-off in words: approved 2026-11-20 by Dana Whitfield (coordinator), signed [0002]."""
    role = record.role.replace("_", " ")
    words = f"{_MEANINGS[record.meaning]} {record.at[:10]} by {record.name}"
    words += f" ({role})" if record.name.casefold() != role else ""
    if record.witnessed_by:
        words += f", {(record.method or 'how is not said').replace('_', ' ')}, witnessed by {record.witnessed_by}"
    return f"{words}, {'signed' if record.key else 'NOT SIGNED'} [{record.number:04}]"


def _since(row: Row, width: int) -> Iterator[Line]:
    since = row.since
    assert since is not None
    parts = ", ".join(_PARTS[part] for part in row.standing.changed)
    if since.commit is None:
        text = (
            f"What was approved is not found in the history, so nobody can say what changed in: {parts}. "
            "Read all of it before you approve it again."
        )
        yield from indented(text, width, 4, "warn", "  ")
        return
    for item in sorted(since.changes, key=lambda item: ("high", "medium", "low").index(item.severity)):
        yield from change(item, width)
    for unread in since.unparsed:
        yield from indented(visible(f"{unread.path}:{unread.line}: {unread.reason}"), width, 4, "loud", "  ")
    if not since.changes and not since.unparsed:
        yield from indented(f"changed: {parts}", width, 4, "", "  ")


def change(item: Judged, width: int) -> Iterator[Line]:
    """One change of what was approved, with the fingerprint by which it is acknowledged."""
    mark = f" [{item.fingerprint}]" if item.severity == "high" else ""
    label = f"  {item.severity.upper():<{_LABEL - 2}}"
    yield from indented(visible(item.message) + mark, width, len(label), _LOOKS[item.severity], label)
    for note in item.notes:
        yield from indented(visible(note), width, len(label) + 2, "", " " * len(label) + "! ")


def status_json(rows: Iterable[Row]) -> str:
    """The same for scripts."""
    return as_json({"clients": [_row_json(row) for row in rows]})


def _row_json(row: Row) -> dict[str, Any]:
    found, since = row.standing, row.since
    return {
        "client": row.chart.id,
        "state": found.state,
        "approval": _approval_json(found.approval) if found.approval else None,
        "changed": list(found.changed),
        "unreadable": list(found.unreadable),
        "rewritten": list(found.rewritten),
        "gone": list(found.gone),
        "beside": [_approval_json(record) for record in found.beside if record is not found.approval],
        "compared_with": since.commit if since else None,
        "high": len(since.high) if since and since.commit else None,
        "changes": [
            {
                "rule": item.rule, "severity": item.severity, "kind": item.kind, "record": item.record,
                "field": item.field, "message": item.message, "fingerprint": item.fingerprint,
            }
            for item in (since.changes if since else ())
        ],
    }  # fmt: skip


def _approval_json(record: Approval) -> dict[str, Any]:
    names = ("number", "by", "name", "role", "meaning", "at", "method", "witnessed_by", "reason", "key")
    return {name: plain(getattr(record, name)) for name in names}


# --- verifying -------------------------------------------------------------------------------------------------------


def verified(remarks: Sequence[Remark], width: int) -> Iterator[Line]:
    """What verifying found, client by client; what is wrong first, then what cannot be told."""
    clients = sorted({item.client for item in remarks}, key=lambda client: client or "")
    for client in clients:
        mine = [item for item in remarks if item.client == client]
        yield [(client or "The history", "title")]
        for item in sorted(mine, key=lambda item: (LEVELS.index(item.level), item.number or 0)):
            word, look = _LEVELS[item.level]
            where = f"{item.number:04} " if item.number else ""
            yield from indented(visible(where + item.words), width, 11, look, f"  {word:<9}")
    counts = [(level, sum(item.level == level for item in remarks)) for level in LEVELS]
    words = {"changed": "changed since", "unknown": "not to be told", "note": "to note"}
    told = ", ".join(f"{number} {words.get(level, level)}" for level, number in counts if number)
    yield [(f"{told}." if told else "There is no sign-off to look at.", "title")]


def verified_json(remarks: Sequence[Remark]) -> str:
    """The same for scripts."""
    return as_json({
        "wrong": sum(item.level == "wrong" for item in remarks),
        "changed": sum(item.level == "changed" for item in remarks),
        "unknown": sum(item.level == "unknown" for item in remarks),
        "remarks": [
            {
                "level": item.level, "rule": item.rule, "client": item.client,
                "approval": f"{item.number:04}" if item.number else None, "message": item.words,
            }
            for item in remarks
        ],
    })  # fmt: skip

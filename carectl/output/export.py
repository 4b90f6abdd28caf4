"""JSON for scripts: `"format": 1` first, keys in a stable order, the same bytes for the same answer."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from carectl.care.schedule import Occurrence
from carectl.caseload.records import Client, StaffMember
from carectl.findings import Spot

if TYPE_CHECKING:
    from carectl.care.worklist import Worklist


def as_json(answer: Mapping[str, Any]) -> str:
    """An answer as JSON."""
    return json.dumps({"format": 1, **answer}, ensure_ascii=False, indent=2) + "\n"


def plain(value: object) -> Any:
    """A value of plain data as JSON knows it: records by their fields, dates and moments as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Occurrence):
        return occurrence(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def agenda(start: dt.date, until: dt.date, occurrences: Iterable[Occurrence]) -> str:
    """The agenda as the contract has it."""
    return as_json({
        "from": start.isoformat(),
        "until": until.isoformat(),
        "occurrences": [occurrence(item) for item in occurrences],
    })  # fmt: skip


def occurrence(item: Occurrence) -> dict[str, Any]:
    """One visit; its moments carry the offset of the client's zone."""
    return {
        "id": item.id,
        "client": item.client,
        "series": item.series,
        "service": item.service,
        "staff": list(item.staff),
        "start": item.start.isoformat(timespec="seconds"),
        "end": item.end.isoformat(timespec="seconds"),
        "status": item.status,
        "reason": item.reason,
        "where": item.where,
    }


def worklist(page: Worklist, lines: Mapping[Spot, int], now: dt.datetime) -> str:
    """What needs a person, with the lines of the places."""
    visits = page.visits
    return as_json({
        "now": now.isoformat(timespec="seconds"),
        "visits": {
            "all": len(visits),
            "done": sum(item.status == "done" for item in visits),
            "open": sum(item.open or item.short for item in visits),
        },
        "away": [{"client": item.client, "name": item.name, "until": plain(item.until)} for item in page.away],
        "items": [
            {
                "when": item.when,
                "kind": item.kind,
                "due": plain(item.due),
                "time": item.time or None,
                "client": item.client,
                "staff": list(item.staff),
                "what": item.what,
                "path": item.spot.path,
                "line": lines[item.spot],
                "command": item.command,
                "hint": item.hint,
                "code": item.code,
            }
            for item in page.items
        ],
    })  # fmt: skip


def clients(people: Iterable[tuple[str, Client | None]]) -> str:
    """Clients, each with what its file says of it; one whose file cannot be read has nothing but its id."""
    return as_json({"clients": [_client(client_id, client) for client_id, client in people]})


def _client(client_id: str, client: Client | None) -> dict[str, Any]:
    if client is None:
        return {"id": client_id, "readable": False}
    address = client.address
    return {
        "id": client_id,
        "readable": True,
        "given": client.name.given,
        "family": client.name.family,
        "preferred": client.name.preferred,
        "status": client.status,
        "birth_date": plain(client.birth_date),
        "language": client.language,
        "timezone": client.timezone,
        "start_of_care": plain(client.start_of_care),
        "end_of_care": plain(client.end_of_care),
        "phones": list(client.phones),
        "city": address.city if address else None,
        "state": address.state if address else None,
    }


def staff(people: Iterable[StaffMember], unread: Iterable[str]) -> str:
    """Staff, each with what its file says of it; one whose file cannot be read has nothing but its id."""
    members = [
        {
            "id": member.id,
            "readable": True,
            "given": member.name.given,
            "family": member.name.family,
            "role": member.role,
            "skills": list(member.skills),
            "languages": list(member.languages),
            "phone": member.phone,
            "email": member.email,
            "employed_from": plain(member.employed.from_) if member.employed else None,
            "employed_until": plain(member.employed.until) if member.employed else None,
            "max_hours_per_week": member.max_hours_per_week,
        }
        for member in people
    ]
    lost = [{"id": name, "readable": False} for name in unread]
    return as_json({"staff": sorted([*members, *lost], key=lambda item: str(item["id"]))})

"""A caseload in which every field of every kind of record holds something of its own, to see what gets out of it.

The fields come from the records themselves, so one that is added tomorrow is filled as well. What a field can hold
decides what stands in it: a word, a date or a number that stands nowhere else. What has too few values to be told
apart (a time of day, a length, yes or no, one of a few words) is not followed, and neither are fields that name another
record: that record's id is.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import inspect

from carectl.caseload.records import (
    CLIENT_KINDS,
    TOPICS,
    Away,
    Contact,
    PracticeFile,
    Record,
    Series,
    Sharing,
    StaffMember,
    Visit,
)

NOW: Final = "2026-11-22T12:00"
"""A Sunday: the week before it is history, the weeks after it are planned."""
CLIENTS: Final = ("zqclient-1", "zqclient-2")
COORDINATOR: Final = "zqstaff-coordinator"
STAFF: Final = (COORDINATOR, "zqstaff-morning", "zqstaff-evening")
CONTACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "zqcontact-none": (),
    **{f"zqcontact-{topic}": (topic,) for topic in TOPICS},
    **{f"zqcontact-schedule-{topic}": ("schedule", topic) for topic in TOPICS if topic != "schedule"},
    "zqcontact-all": ("all",),
}
"""The contacts of each client, and what they may be told."""

_LEFT_OUT: Final = object()
_LATER: Final = frozenset({"until", "expires", "revoked", "due", "review_due", "service_due", "return_by"})
"""Dates that must not have come yet, lest what they end is over."""
_FORMS: Final = ("{word}", "en-{word}", "{date}", "{date}T00:00", "07:00", "45m", "1w", "1d", "FREQ=DAILY")
"""What a text with a form of its own can hold: the first that fits."""
_FIXED: Final[Mapping[str, Any]] = {
    "Practice.timezone": "America/Chicago",
    "Practice.coordinator": COORDINATOR,
    "Practice.profile": _LEFT_OUT,
    "PracticeFile.rules": _LEFT_OUT,
    "ReviewSettings.severities": {"goal-due-moved": "high"},
    "TravelBetween.between": CLIENTS,
    "StaffMember.calendar": "visits",
    "StaffMember.max_hours_per_week": _LEFT_OUT,
    "Availability.days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "Availability.from": "00:00",
    "Availability.to": "00:00",
    "Client.timezone": "America/New_York",
    "Client.status": "active",
    "Client.end_of_care": _LEFT_OUT,
    "Contact.calendar": "visits",
    "Sharing.basis": "authorization",
    "Intervention.who": STAFF[1],
    "Series.from": "2026-11-02",
    "Series.until": "2026-12-31",
    "Series.follows": _LEFT_OUT,
    "Series.rrule": _LEFT_OUT,
    "Series.to": _LEFT_OUT,
    "Visit.to": _LEFT_OUT,
    "Visit.actual": _LEFT_OUT,
    "*.amends": _LEFT_OUT,
    "*.about": _LEFT_OUT,
}
"""Fields that decide whether there is anything to see at all, and those that name a record that must be there."""
_ROOM: Final[Sequence[type[inspect.Type]]] = (
    inspect.NoneType, inspect.LiteralType, inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.DateType,
    inspect.StrType, inspect.VarTupleType, inspect.DictType, inspect.StructType,
)  # fmt: skip
"""Types by how much can be hidden in them."""


class _Canaries:
    """Fills records, and remembers what it put where."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        self.fixed = dict(_FIXED)
        """By kind and field, what is not left to chance; `*` is any kind."""

    def word(self, path: str) -> str:
        return self._new(f"zq{len(self.places):04}x", path)

    def date(self, path: str) -> str:
        first = dt.date(2031, 1, 1) if path.rpartition(".")[2] in _LATER else dt.date(1990, 1, 1)
        return self._new(str(first + dt.timedelta(len(self.places))), path)

    def number(self, path: str) -> int:
        return int(self._new(str(7_000_000 + len(self.places)), path))

    def _new(self, canary: str, path: str) -> str:
        self.places[canary] = path
        return canary

    def fill(self, kind: type[Record], path: str, **given: Any) -> dict[str, Any]:
        """A record as its file holds it, with something of its own in every field that is not given."""
        shape = inspect.type_info(kind)
        assert isinstance(shape, inspect.StructType)
        return self._struct(shape, path, given)

    def _struct(self, shape: inspect.StructType, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for field in shape.fields:
            if field.name == "origin":
                continue
            name = field.encode_name
            fixed = self.fixed.get(f"{shape.cls.__name__}.{name}", self.fixed.get(f"*.{name}"))
            value = given.get(field.name, fixed)
            if value is None:
                value = self._value(field.type, f"{path}.{name}")
            if value is not _LEFT_OUT:
                found[name] = value
        return found

    def _value(self, of: inspect.Type, path: str) -> Any:
        match of:
            case inspect.Metadata():
                return self._value(of.type, path)
            case inspect.UnionType():
                return self._value(max(of.types, key=_room), path)
            case inspect.StructType():
                return self._struct(of, path, {})
            case inspect.VarTupleType():
                return [self._value(of.item_type, path)]
            case inspect.DictType():
                return {self._value(of.key_type, path): self._value(of.value_type, path)}
            case inspect.StrType():
                return self._text(of.pattern, path)
            case inspect.DateType():
                return self.date(path)
            case inspect.IntType() | inspect.FloatType():
                return self.number(path)
            case inspect.BoolType():
                return False
            case inspect.LiteralType():
                return of.values[0]
        raise AssertionError(f"{path}: nothing is known to put into {of}")

    def _text(self, pattern: str | None, path: str) -> str:
        for form in _FORMS:
            if pattern is None or re.search(pattern, form.format(word="zq0000x", date="1990-01-01")):
                word = self.word(path) if "{word}" in form else ""
                return form.format(word=word, date=self.date(path) if "{date}" in form else "")
        raise AssertionError(f"{path}: nothing is known that has the form {pattern}")


def _room(of: inspect.Type) -> int:
    """How much can be hidden in a type: of several, the roomiest is filled."""
    if isinstance(of, inspect.Metadata):
        return _room(of.type)
    return max(map(_room, of.types)) if isinstance(of, inspect.UnionType) else _ROOM.index(type(of))


# --- the caseload ----------------------------------------------------------------------------------------------------


def build(root: Path) -> dict[str, str]:
    """Write the caseload; everything that was hidden in it, and in which field: `visits.visits.note`.

    Two clients in New York, with visits of every status in the weeks around NOW, some of them private, open, or about
    those who would read of them; a contact for every set of topics; staff of whom one is the coordinator.
    """
    canaries = _Canaries()
    canaries.places |= dict.fromkeys(CLIENTS, "client.id") | dict.fromkeys(STAFF, "staff.id")
    canaries.places |= dict.fromkeys(CONTACTS, "contacts.contacts.id")
    canaries.fixed["*.skills"] = canaries.fixed["*.needs"] = [canaries.word("staff.skills")]
    files: dict[str, Any] = {"carectl.yaml": canaries.fill(PracticeFile, "practice")}
    for who in STAFF:
        away = [canaries.fill(Away, "staff.away", from_="2026-12-09", until="2026-12-09")]
        files[f"staff/{who}.yaml"] = canaries.fill(StaffMember, "staff", id=who, away=away)
    for client in CLIENTS:
        files |= {f"clients/{client}/{kind}.yaml": data for kind, data in _client(canaries, client)}
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    return canaries.places


def _client(canaries: _Canaries, client: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The files of a client, each of which may name what stands in those before it."""
    canaries.fixed["*.together"] = [other for other in CLIENTS if other != client]
    for kind, shape in CLIENT_KINDS.items():
        given: dict[str, Any] = {}
        if kind == "client":
            away = canaries.fill(Away, "client.away", from_="2026-12-16", until="2026-12-16")
            given = {"id": client, "away": [away]}
        elif kind == "contacts":
            given = {"contacts": [_contact(canaries, name, topics) for name, topics in CONTACTS.items()]}
        elif kind == "visits":
            given = _visits(canaries)
        elif kind == "medications":
            canaries.fixed["*.was"] = {"strength": canaries.word("medications.medications.changed.was")}
        data = canaries.fill(shape, kind, **given)
        if kind == "assessments":
            canaries.fixed["*.evidence"] = [data["assessments"][0]["id"]]
        elif kind == "care-plan":
            canaries.fixed["*.does"] = [data["problems"][0]["interventions"][0]["id"]]
        elif kind == "notes":
            canaries.fixed["Task.from"] = f"notes/{data['notes'][0]['id']}"
        elif kind == "tasks":
            canaries.fixed["*.actions"] = [data["tasks"][0]["id"]]
        yield kind, data


def _contact(canaries: _Canaries, name: str, topics: tuple[str, ...]) -> dict[str, Any]:
    path = "contacts.contacts"
    sharing = [canaries.fill(Sharing, f"{path}.sharing", topics=list(topics))] if topics else []
    return canaries.fill(Contact, path, id=name, sharing=sharing)


def _visits(canaries: _Canaries) -> dict[str, Any]:
    """Series and visits: each status, what is moved, taken over, private or open, and a visit of no series."""
    path, pair, nobody = "visits.series", list(STAFF[1:]), {"with_": _LEFT_OUT}
    series = [
        canaries.fill(Series, path, id=f"{name}-{canaries.word(f'{path}.id')}", duration="2h", **more)
        for name, more in (
            ("care", {"staff": pair, "days": ["mon", "wed", "fri"], "at": "09:00", "where": _LEFT_OUT, **nobody}),
            ("open", {"staff": [], "days": ["tue"], "at": "12:00", **nobody}),
            ("clinic", {"staff": [], "days": ["thu"], "at": "15:00", "with_": "zqcontact-none"}),
            ("hidden", {"staff": pair, "days": ["sat"], "at": "18:00", "private": True, **nobody}),
        )
    ]  # fmt: skip
    path, care = "visits.visits", series[0]["id"]
    task = canaries.fixed["*.does"][0]
    done = {"status": "done", "at": "09:00", "actual": {"in": "09:04", "out": "11:01"},
            "did": {task: {"outcome": "refused", "reason": canaries.word(f"{path}.did.reason")}}}  # fmt: skip
    due = {"series": care, "staff": pair, "date": _LEFT_OUT, "at": _LEFT_OUT, "duration": _LEFT_OUT, "did": _LEFT_OUT}
    visits = [
        canaries.fill(Visit, path, **(due | nobody | {"id": f"{care}-{day}", "day": day} | more))
        for day, more in (
            ("2026-11-16", {**done, "duration": "2h"}),
            ("2026-11-18", {"status": "missed"}),
            ("2026-11-20", {"status": "refused"}),
            ("2026-11-23", {"status": "planned"}),
            ("2026-11-25", {"status": "cancelled"}),
            ("2026-11-27", {"status": "confirmed", "date": "2026-11-28", "at": "10:00"}),
            ("2026-11-30", {"status": "planned", "private": True}),
            ("2026-12-02", {"status": "planned", "about": list(CONTACTS)}),
            ("2026-12-04", {"status": "planned", "about": pair}),
            ("2026-12-07", {"status": "planned", "staff": [COORDINATOR]}),
            ("2026-12-11", {"status": "planned", "staff": [COORDINATOR], "private": True}),
        )
    ]
    alone = {"series": _LEFT_OUT, "day": _LEFT_OUT, "did": _LEFT_OUT, "staff": pair, "with_": "zqcontact-all"}
    visits.append(canaries.fill(Visit, path, date="2026-11-24", at="14:30", duration="45m", status="planned", **alone))
    return {"series": series, "visits": visits}


# --- what gets out ---------------------------------------------------------------------------------------------------


def leaks(text: str, places: Mapping[str, str], allowed: Collection[str] = ()) -> dict[str, str]:
    """What of the caseload stands in a text although its field is not allowed there: what it is, and the field."""
    shown = text.casefold()
    compact = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
    return {
        canary: path
        for canary, path in places.items()
        if path not in allowed and (canary in shown or compact.sub(r"\1\2\3", canary) in shown)
    }


def plain(feed: bytes) -> str:
    """A calendar file as its readers see it: lines unfolded, escapes undone."""
    text = re.sub(r"\r\n[ \t]", "", feed.decode())
    return re.sub(r"\\([\\;,nN])", lambda match: "\n" if match[1] in "nN" else match[1], text)

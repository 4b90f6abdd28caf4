"""What gets into calendar files, of everything that a caseload holds: no more than is listed here, for no reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_canary import CLIENTS, CONTACTS, COORDINATOR, NOW, STAFF, build, leaks, plain
from helpers_cli import Carectl
from icalendar import Calendar
from msgspec import inspect

from carectl.caseload.records import FILE_KINDS
from carectl.cli import run

BUSY: Final = frozenset({"visits.visits.recorded"})
"""Nothing but times; the moment at which a visit was last written down is its DTSTAMP."""
FAMILY: Final = BUSY | {"contacts.contacts.calls_client", "staff.name.preferred"}
HEALTH: Final = FAMILY | {"visits.series.where", "visits.visits.where"}
CAREGIVER: Final = BUSY | {
    "client.name.preferred", "staff.name.preferred", "visits.series.service", "visits.visits.service",
    "visits.visits.where", "client.precautions", "client.address.street", "client.address.city",
    "client.address.state", "client.address.postal_code",
}  # fmt: skip
OWN: Final = BUSY | {
    "client.id", "client.name.preferred", "client.away.reason", "staff.name.given", "staff.name.family",
    "contacts.contacts.name", "visits.series.id", "visits.series.service", "visits.series.where",
    "visits.visits.id", "visits.visits.service", "visits.visits.where", "visits.visits.reason",
}  # fmt: skip
"""What the coordinator sees: it is hers."""

WINDOW: Final = ("--from", "2026-11-09", "--until", "2026-12-20")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carectl: Carectl) -> dict[str, str]:
    """The caseload, as the current folder."""
    found = build(tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("CARECTL_NOW", NOW)
    return found


def export(*options: str) -> bytes | None:
    """The calendar file that is written, or None if there is none."""
    target = Path.cwd().parent / "feed.ics"
    target.unlink(missing_ok=True)
    code = run(["calendar", "export", *options, *WINDOW, "-o", str(target)])
    assert (code == 0) is target.exists(), options
    return target.read_bytes() if code == 0 else None


def shown(*options: str) -> str:
    """What the readers of a calendar file see."""
    data = export(*options)
    assert data is not None, options
    return plain(data)


def fields(text: str, places: dict[str, str]) -> set[str]:
    return set(leaks(text, places).values())


def starts(text: str) -> set[str]:
    """When the events of a calendar begin, in New York."""
    from carectl.caseload.zones import zone

    events: list[Any] = Calendar.from_ical(text).walk("VEVENT")
    return {event["DTSTART"].dt.astimezone(zone("America/New_York")).strftime("%m-%d %H:%M") for event in events}


def test_the_caseload_has_no_errors_and_something_in_every_field(places: dict[str, str], carectl: Carectl) -> None:
    assert "error" not in carectl("check").out.replace("0 errors", "")
    names = {path.rpartition(".")[2] for path in places.values()} | {"between"}  # which names clients
    for kind, shape in FILE_KINDS.items():
        for name in _texts(inspect.type_info(shape)):
            assert name in names, f"{kind}: {name}"


def _texts(of: inspect.Type) -> Iterator[str]:
    """The names of all fields that can hold any text."""
    match of:
        case inspect.StructType():
            for field in of.fields:
                for name in _texts(field.type):
                    yield name or field.encode_name
        case inspect.Metadata():
            yield from _texts(of.type)
        case inspect.UnionType():
            for one in of.types:
                yield from _texts(one)
        case inspect.VarTupleType():
            yield from _texts(of.item_type)
        case inspect.DictType():
            yield from _texts(of.value_type)
        case inspect.StrType(pattern=None):
            yield ""


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_family_sees_no_more_than_is_shared(contact: str, places: dict[str, str], carectl: Carectl) -> None:
    topics = CONTACTS[contact]
    whom = (CLIENTS[0], "--to", contact)
    if not {"schedule", "all"} & set(topics):
        assert export(*whom) is None
        assert carectl("calendar", "export", *whom).out == ""
        return
    allowed = HEALTH if {"health", "all"} & set(topics) else FAMILY
    for more in ((), ("--cancelled", "drop")):
        text = shown(*whom, *more)
        assert fields(text, places) == allowed
        assert not {"11-30 09:00", "12-02 09:00", "12-11 09:00", "11-28 18:00"} & starts(text), "private, or about them"
        assert "11-24 14:30" in starts(text)
    assert fields(shown(*whom, "--busy"), places) == BUSY


@pytest.mark.parametrize("member", STAFF)
@pytest.mark.parametrize("style", ["flat", "series"])
def test_staff_see_what_they_need_at_the_door(member: str, style: str, places: dict[str, str]) -> None:
    whom = ("--staff", member, "--style", style)
    text = shown(*whom)
    assert fields(text, places) <= CAREGIVER
    hidden = {"11-30 09:00", "12-04 09:00", "11-28 18:00"}  # private, about them, of a private series
    assert not hidden & starts(text)
    if member == COORDINATOR:
        assert starts(text) == {"12-07 09:00", "12-11 09:00"}, "hers, and the private one too"
    else:
        assert fields(text, places) == CAREGIVER
        assert "12-11 09:00" not in starts(text)
    assert fields(shown(*whom, "--busy"), places) == BUSY


@pytest.mark.parametrize("style", ["flat", "series"])
def test_the_coordinators_own_holds_what_is_hers(style: str, places: dict[str, str]) -> None:
    for client in CLIENTS:
        text = shown(client, "--style", style)
        assert fields(text, places) == OWN
        assert "11-28 18:00" in starts(shown(client)), "private visits too"
        assert fields(shown(client, "--style", style, "--busy"), places) == BUSY


def test_a_word_that_gets_out_is_noticed_and_its_field_is_named(places: dict[str, str]) -> None:
    note = next(canary for canary, path in places.items() if path == "visits.visits.note")
    born = next(canary for canary, path in places.items() if path == "client.birth_date")
    data = f"SUMMARY:{note[:3].upper()}\r\n {note[3:]}\r\nX:{dt.date.fromisoformat(born):%Y%m%d}\r\n".encode()
    assert set(leaks(plain(data), places, FAMILY).values()) == {"visits.visits.note", "client.birth_date"}

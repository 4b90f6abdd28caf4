"""What a reader may see of a schedule: events, an allow-list per audience, built up from nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from carectl.care.moments import start_of
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.sharing import Reader, Withheld, base, in_order
from carectl.caseload.records import Chart, Contact

EventStatus = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a feed, for one kind of reader."""

    uid: str
    """Permanent: from the ids of client and visit alone."""
    start: dt.datetime
    """Aware."""
    end: dt.datetime
    title: str
    status: EventStatus
    stamp: dt.datetime
    """DTSTAMP: from the records, never from a clock."""
    location: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar as one reader sees it."""

    name: str
    zone: str
    """The client's home zone; the events themselves are in UTC."""
    events: tuple[Event, ...]
    withheld: int = 0
    """How many visits the reader is not shown, to be told to the coordinator."""
    unreadable: tuple[Withheld, ...] = ()
    """Those of them of which something could not be read."""


@dataclass(frozen=True, slots=True)
class _Language:
    visit: str
    visits: str
    appointment: str
    unconfirmed: str
    not_held: str
    cancelled: str


_WORDS: Final = {
    "en": _Language("Visit", "Visits", "Appointment", "to be confirmed", "Did not take place", "Cancelled: "),
    "es": _Language("Visita", "Visitas", "Cita", "por confirmar", "No se realizó", "Cancelada: "),
}


# --- who sees what ---------------------------------------------------------------------------------------------------


def coordinator_feed(chart: Chart, occurrences: Iterable[Occurrence], setting: Setting) -> Feed:
    """Everything a coordinator wants at a glance: the client, who comes, for what, where, and why it changed."""
    events = []
    client = chart.client.name.called if chart.client else chart.id
    for item in occurrences:
        team = [setting.staff[person].name.full if person in setting.staff else person for person in item.staff]
        if item.with_ is not None:
            team.append(next((contact.name for contact in chart.contacts if contact.id == item.with_), item.with_))
        who = ", ".join(team) or ("open shift" if item.open else "nobody")
        title = f"{client} – {who} ({item.service.replace('_', ' ')})"
        prefix = {"cancelled": "Cancelled: ", "missed": "Did not take place: ", "refused": "Refused: "}
        away = [setting.staff[person].name.full if person in setting.staff else person for person in item.opened]
        lines = [
            {"away": "The client is away.", "end_of_care": "Care has ended."}.get(item.suspended or "", ""),
            f"Reason: {item.reason}" if item.reason else "",
            f"Away: {', '.join(away)}" if away else "",
        ]
        events.append(
            Event(
                uid=f"{chart.id}.{item.id}@carectl" if len(chart.id) + len(item.id) < 90 else _opaque(chart, item),
                start=item.start,
                end=item.end,
                title=prefix.get(item.status, "") + title,
                status=_status(item),
                stamp=_stamp(item),
                location=item.where,
                description="\n".join(line for line in lines if line) or None,
            )
        )
    return Feed(f"{client} – visits", _zone_name(chart, setting), tuple(events))


def family_feed(
    chart: Chart, occurrences: Iterable[Occurrence], setting: Setting, contact: Contact, topics: Collection[str]
) -> Feed:
    """What a contact may see: when who comes, by first name, and no more.

    `topics` are those that the contact's live sharing covers today; without `schedule` there is no event at all, and
    only with `health` the place of an appointment. Never a surname, address, service, diagnosis, reason or note; not
    even an id, for ids can be words: UIDs are opaque here. Private visits and those about the contact stay out, and
    so do those of which a record could not be read. What falls after the end of care is left out as well.
    """
    reader = Reader(chart, contact)
    words = _WORDS.get(base(contact.language or "en"), _WORDS["en"])
    subject = contact.calls_client or words.visit
    events: list[Event] = []
    withheld = 0
    unreadable: list[Withheld] = []
    for item in occurrences:
        if item.suspended == "end_of_care":
            continue
        found = reader.occurrence(item)
        if "schedule" not in topics or found is not None:
            withheld += 1
            unreadable += [found] if found is not None and found.why == "unreadable" else []
            continue
        events.append(
            Event(
                uid=_opaque(chart, item),
                start=item.start,
                end=item.end,
                title=_family_title(item, setting, words, subject),
                status=_status(item),
                stamp=_stamp(item),
                location=item.where if "health" in topics else None,
            )
        )
    name = f"{contact.calls_client} – {words.visits.lower()}" if contact.calls_client else words.visits
    return Feed(name, _zone_name(chart, setting), tuple(events), withheld, in_order(unreadable))


def _family_title(item: Occurrence, setting: Setting, words: _Language, subject: str) -> str:
    if item.status in ("missed", "refused"):
        return words.not_held
    if item.open:
        return f"{words.visit} – {words.unconfirmed}"
    # Someone who is not on file goes unnamed: an id may hold a surname.
    names = [setting.staff[person].name.called for person in item.staff if person in setting.staff]
    if names:
        title = f"{subject} – {', '.join(names)}"
    elif item.service == "appointment":
        title = words.appointment if subject == words.visit else f"{subject} – {words.appointment.lower()}"
    else:
        title = subject
    return words.cancelled + title if item.status == "cancelled" else title


def _status(item: Occurrence) -> EventStatus:
    if item.status == "cancelled":
        return "CANCELLED"
    # Missed and refused visits say so in their titles. As CANCELLED, some programs would take them off the calendar.
    return "TENTATIVE" if item.open else "CONFIRMED"


def _stamp(item: Occurrence) -> dt.datetime:
    """When the visit was last written down if the record says so, else its own start: feeds have no memory yet."""
    if item.visit is not None and item.visit.recorded is not None and item.start.tzinfo is not None:
        return start_of(item.visit.recorded, item.start.tzinfo)
    return item.start


def _opaque(chart: Chart, item: Occurrence) -> str:
    return f"{sha256(f'carectl/{chart.id}/{item.id}'.encode()).hexdigest()[:32]}@carectl"


def _zone_name(chart: Chart, setting: Setting) -> str:
    return str(getattr(setting.zone(chart), "key", "UTC"))

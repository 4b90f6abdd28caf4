"""What a reader may see of a schedule: events, an allow-list per audience, built up from nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Literal

from carectl.care.conflicts import lack
from carectl.care.moments import WEEKDAYS, start_of
from carectl.care.schedule import Occurrence, is_due
from carectl.care.setting import Setting
from carectl.care.sharing import Reader, Withheld, base, in_order
from carectl.caseload.records import Address, Chart, Contact, Series, StaffMember, Visit

EventStatus = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What events of one series have in common, so that a feed may say it once (`ical.series`)."""

    uid: str
    """Permanent, and no event's: from the ids of client and series alone."""
    text: str
    """An RRULE of which every program means the same days, without its end."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a feed, for one kind of reader."""

    uid: str
    """Permanent: from the ids of client and visit alone."""
    start: dt.datetime
    """Aware, in the client's zone."""
    end: dt.datetime
    title: str
    status: EventStatus
    stamp: dt.datetime
    """DTSTAMP: from the records, never from a clock."""
    location: str | None = None
    description: str | None = None
    sequence: int = 0
    """SEQUENCE: how often it was changed since it was first published; who publishes knows."""
    off: bool = False
    """Whether it does not or did not take place: cancelled, missed or refused."""
    rule: Rule | None = None
    """The series it belongs to, if the reader may see it as one and every program would understand the rule."""


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
    hidden: frozenset[str] = frozenset()
    """The UIDs that visits in the window would have which are on file but not for this reader: an event that was
    published before and is among these is to vanish without a word, and nobody may be told that it is cancelled."""
    blocks: bool = False
    """Whether its events take up the reader's own time (TRANSP:OPAQUE): those of staff, and bare times."""


@dataclass(frozen=True, slots=True)
class _Language:
    visit: str
    visits: str
    appointment: str
    unconfirmed: str
    not_held: str
    cancelled: str
    busy: str


_WORDS: Final = {
    "en": _Language("Visit", "Visits", "Appointment", "to be confirmed", "Did not take place", "Cancelled: ", "Busy"),
    "es": _Language("Visita", "Visitas", "Cita", "por confirmar", "No se realizó", "Cancelada: ", "Ocupado"),
}
_OFF: Final = {"cancelled": "Cancelled: ", "missed": "Did not take place: ", "refused": "Refused: "}
"""What does not take place, and how the coordinator and staff are told in front of the title."""


def _words(language: str) -> _Language:
    return _WORDS.get(base(language), _WORDS["en"])


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
        title = f"{client} – {who}{_lack(item)} ({_plain(item.service)})"
        away = [setting.staff[person].name.full if person in setting.staff else person for person in item.opened]
        lines = [
            {"away": "The client is away.", "end_of_care": "Care has ended."}.get(item.suspended or "", ""),
            f"Reason: {item.reason}" if item.reason else "",
            f"Away: {', '.join(away)}" if away else "",
        ]
        events.append(
            Event(
                uid=_spoken_uid(chart, item.id),
                start=item.start,
                end=item.end,
                title=_OFF.get(item.status, "") + title,
                status=_status(item),
                stamp=_stamp(item),
                location=item.where,
                description="\n".join(line for line in lines if line) or None,
                off=item.status in _OFF,
                rule=_rule(item, _spoken_uid(chart, f"series.{item.series}")),
            )
        )
    return Feed(f"{client} – visits", _zone_name(chart, setting), tuple(events))


def joined(name: str, zone: str, feeds: Iterable[Feed]) -> Feed:
    """Several feeds as one, such as those of all clients for the coordinator."""
    parts = tuple(feeds)
    return Feed(
        name=name,
        zone=zone,
        events=tuple(event for part in parts for event in part.events),
        withheld=sum(part.withheld for part in parts),
        unreadable=in_order(item for part in parts for item in part.unreadable),
        hidden=frozenset().union(*(part.hidden for part in parts)),
        blocks=any(part.blocks for part in parts),
    )


def staff_feed(member: StaffMember, visits: Iterable[tuple[Chart, Sequence[Occurrence]]], setting: Setting) -> Feed:
    """A staff member's own visits, and what is needed to make them, for a phone that can get lost.

    Given are charts with their occurrences; only the member's own count. Shown are the client's called name, the
    service, the way there (an address, never how to get in), the precautions, and which colleagues come too. Never a
    surname, reason, note, diagnosis, medicine or phone; not even an id, for ids can be words: UIDs are opaque here.

    What is private never leaves the coordinator, so such a visit is on the calendar of nobody else, not even of the
    one who makes it: it is counted, and the coordinator has to tell them. The same goes for visits about the member,
    and for those of which that could not be read. A visit that is wrong in other ways stays, as it was due.
    """
    events: list[Event] = []
    hidden: set[str] = set()
    unreadable: list[Withheld] = []
    for chart, occurrences in visits:
        client = chart.client.name.called if chart.client else "Visit"
        private = {f"{visit.series}-{visit.day}": visit for visit in chart.visits if visit.private}
        for item in occurrences:
            if member.id not in item.staff:
                continue
            uid = _opaque("staff", chart, item.id)
            if found := _kept_from(member, item, private.get(item.id), setting):
                hidden.add(uid)
                unreadable += [found] if found.why == "unreadable" else []
                continue
            off = item.status in _OFF
            events.append(
                Event(
                    uid=uid,
                    start=item.start,
                    end=item.end,
                    title=f"{_OFF.get(item.status, '')}{client} – {_plain(item.service)}{_lack(item)}",
                    status=_status(item),
                    stamp=_stamp(item),
                    location=None if off else _place(chart, item),
                    description=None if off else _needed(member, chart, item, setting),
                    off=off,
                    rule=_rule(item, _opaque("staff-series", chart, item.series or "")),
                )
            )
    zone = setting.practice.timezone if setting.practice else "UTC"
    name = f"{member.name.called} – visits"
    return Feed(name, zone, tuple(events), len(hidden), in_order(unreadable), frozenset(hidden), blocks=True)


def _kept_from(member: StaffMember, item: Occurrence, private: Visit | None, setting: Setting) -> Withheld | None:
    """Why a staff member may not have one of their own visits in a calendar.

    `private` is a private record of that visit, if there is one: it counts also if it cannot be used for a slip in it.
    """
    coordinator = setting.practice is not None and setting.practice.coordinator == member.id
    records: tuple[tuple[str, Series | Visit | None], ...] = (("series", item.rule), ("visits", item.visit or private))
    for kind, record in records:
        if record is None:
            continue
        what, spot, unread = f"{kind}/{record.id}", record.origin.at(), record.origin.unread
        if record.private and not coordinator:
            return Withheld(what, "private", "is private", spot)
        if member.id in record.about:
            return Withheld(what, "about", f"is about {member.id}", spot)
        if "about" in unread or ("private" in unread and not coordinator):
            return Withheld(what, "unreadable", "could not be read whole", spot)
    return None


def _place(chart: Chart, item: Occurrence) -> str | None:
    """Where a visit is, in one line. How to get in is a secret and stays out; nothing is better than the wrong door."""
    if _place_is_lost(chart, item):
        return None
    if item.where:
        return item.where
    home = (chart.client.address if chart.client else None) or Address()
    parts = (home.street, home.city, " ".join(filter(None, (home.state, home.postal_code))))
    return ", ".join(part for part in parts if part) or None


def _place_is_lost(chart: Chart, item: Occurrence) -> bool:
    """Whether it is written where a visit is and could not be read."""
    if any(record is not None and "where" in record.origin.unread for record in (item.rule, item.visit)):
        return True
    return not item.where and chart.client is not None and "address" in chart.client.origin.unread


def _needed(member: StaffMember, chart: Chart, item: Occurrence, setting: Setting) -> str | None:
    """What a staff member has to know before they stand at the door."""
    lines = []
    if chart.client is not None and chart.client.precautions:
        lines.append(f"Precautions: {', '.join(_plain(word) for word in chart.client.precautions)}")
    if chart.client is not None and "precautions" in chart.client.origin.unread:
        lines.append("A precaution could not be read: ask the coordinator.")
    if _place_is_lost(chart, item):
        lines.append("Where it is could not be read: ask the coordinator.")
    # Someone who is not on file goes unnamed: an id may hold a surname.
    others = [setting.staff[one].name.called for one in item.staff if one != member.id and one in setting.staff]
    if others:
        lines.append(f"With: {', '.join(others)}")
    if item.short:
        lines.append("Somebody who should come too is missing: ask the coordinator.")
    return "\n".join(lines) or None


def busy(feed: Feed, language: str = "en") -> Feed:
    """The times of a feed and nothing else: not even its UIDs tell that it is the same. What is off is left out."""
    words = _words(language)
    events = tuple(
        Event(
            uid=_bare(event.uid),
            start=event.start,
            end=event.end,
            title=words.busy,
            status=event.status,
            stamp=event.stamp,
            sequence=event.sequence,
            rule=replace(event.rule, uid=_bare(event.rule.uid)) if event.rule else None,
        )
        for event in feed.events
        if not event.off
    )
    hidden = feed.hidden.union(event.uid for event in feed.events if event.off)
    return replace(feed, name=words.busy, events=events, hidden=frozenset(map(_bare, hidden)), blocks=True)


def without_cancelled(feed: Feed) -> Feed:
    """The feed without visits that were cancelled, for programs that show them as if they took place."""
    gone = frozenset(event.uid for event in feed.events if event.status == "CANCELLED")
    left = tuple(event for event in feed.events if event.uid not in gone)
    return replace(feed, events=left, hidden=feed.hidden | gone)


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
    words = _words(contact.language or "en")
    subject = contact.calls_client or words.visit
    events: list[Event] = []
    hidden: set[str] = set()
    withheld = 0
    unreadable: list[Withheld] = []
    for item in occurrences:
        uid = _opaque("", chart, item.id)
        if item.suspended == "end_of_care":
            hidden.add(uid)
            continue
        found = reader.occurrence(item)
        if "schedule" not in topics or found is not None:
            hidden.add(uid)
            withheld += 1
            unreadable += [found] if found is not None and found.why == "unreadable" else []
            continue
        events.append(
            Event(
                uid=uid,
                start=item.start,
                end=item.end,
                title=_family_title(item, setting, words, subject),
                status=_status(item),
                stamp=_stamp(item),
                location=item.where if "health" in topics else None,
                off=item.status in _OFF,
            )
        )
    name = f"{contact.calls_client} – {words.visits.lower()}" if contact.calls_client else words.visits
    return Feed(name, _zone_name(chart, setting), tuple(events), withheld, in_order(unreadable), frozenset(hidden))


def _family_title(item: Occurrence, setting: Setting, words: _Language, subject: str) -> str:
    if item.status in ("missed", "refused"):
        return words.not_held
    if item.open or (item.short and not item.staff):
        # A contact alone, such as the one who was to be met, is not the care that was promised.
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
    return "TENTATIVE" if item.open or item.short else "CONFIRMED"


def _lack(item: Occurrence) -> str:
    """What the coordinator and staff are told behind who comes, or what for, if not all come who should."""
    return f", {lack(item)}" if item.short else ""


def _stamp(item: Occurrence) -> dt.datetime:
    """When the visit was last written down if the record says so, else its own start: feeds have no memory yet."""
    if item.visit is not None and item.visit.recorded is not None and item.start.tzinfo is not None:
        return start_of(item.visit.recorded, item.start.tzinfo)
    return item.start


def _plain(word: str) -> str:
    """A word of the files as people say it: personal_care -> personal care."""
    return word.replace("_", " ")


def _spoken_uid(chart: Chart, name: str) -> str:
    """A UID that tells which visit or series it is, for the coordinator; no id holds a dot."""
    return f"{chart.id}.{name}@carectl" if len(chart.id) + len(name) < 90 else _opaque("", chart, name)


def _opaque(kind: str, chart: Chart, name: str) -> str:
    """A UID that tells nothing; another one for every kind of reader. No id holds a slash."""
    return _hashed("/".join(filter(None, (kind, chart.id, name))))


def _bare(uid: str) -> str:
    """The UID of a bare time."""
    return _hashed(f"busy//{uid}")


def _hashed(text: str) -> str:
    return f"{sha256(f'carectl/{text}'.encode()).hexdigest()[:32]}@carectl"


def _zone_name(chart: Chart, setting: Setting) -> str:
    return str(getattr(setting.zone(chart), "key", "UTC"))


# --- rules -----------------------------------------------------------------------------------------------------------


_RULE_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _rule(item: Occurrence, uid: str) -> Rule | None:
    """The rule that an occurrence follows, if its series has one that may be written as such."""
    if item.rule is None or item.due != item.day:
        return None
    # What has happened can be on a day that is none of its series any more.
    if item.visit is not None and not is_due(item.rule, item.day):
        return None
    text = _common_rule(item.rule)
    return Rule(uid, text) if text else None


def _common_rule(series: Series) -> str | None:
    """The days of a series as an RRULE of which all programs that were tried mean the same days; None: there is none.

    Those are every nth day, days of every nth week (counted from Mondays), and the nth or last weekday of a month.
    What programs differ on: days and months of the year, the 31st, positions, a fifth Monday, other first days of the
    week with more than one day in it.
    """
    if series.rrule is None:
        days = [_RULE_DAYS[WEEKDAYS[day]] for day in series.days]
        return _weekly(int(series.every[:-1]) if series.every else 1, days)
    parts = dict(part.split("=") for part in series.rrule.split(";"))
    if parts.keys() - {"FREQ", "INTERVAL", "BYDAY", "WKST"}:
        return None
    every = int(parts.get("INTERVAL", "1"))
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if parts["FREQ"] == "DAILY" and not days:
        return f"FREQ=DAILY;INTERVAL={every}"
    if parts["FREQ"] == "WEEKLY" and (parts.get("WKST", "MO") == "MO" or every == 1 or len(days) < 2):
        return _weekly(every, days or [_RULE_DAYS[series.from_.weekday()]])
    if parts["FREQ"] == "MONTHLY" and days:
        numbered = sorted({(int(day[:-2] or 0), _RULE_DAYS.index(day[-2:])) for day in days})
        if all(nth in (1, 2, 3, 4, -1) for nth, _ in numbered):
            named = ",".join(f"{nth}{_RULE_DAYS[weekday]}" for nth, weekday in numbered)
            return f"FREQ=MONTHLY;INTERVAL={every};BYDAY={named}"
    return None


def _weekly(every: int, days: Collection[str]) -> str:
    named = ",".join(sorted(set(days), key=_RULE_DAYS.index))
    return f"FREQ=WEEKLY;INTERVAL={every};BYDAY={named};WKST=MO"

"""What a contact may be told, what is withheld from them, and why: the one place that decides.

Nothing is shared by default. A sharing entry counts only while it is live and was read whole; authority, roles and
relationship share nothing. What is withheld is data (`Withheld`), for the coordinator's eyes: its words name records
and topics and never quote them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from carectl.care.schedule import Occurrence, zone_is_known
from carectl.care.setting import Setting
from carectl.caseload.records import TOPICS, Broken, Chart, Concern, Contact, Entry, Sharing, Topic, Visit, Words
from carectl.findings import Spot

Why = Literal[
    "topic", "private", "about", "protected", "corrected", "unreadable", "incomplete", "language", "no_words",
    "as_written",
]  # fmt: skip
"""Why something does not reach a contact, or (the last three) reaches them in words that a person should look at."""

_ORDER: Final[tuple[Why, ...]] = (
    "unreadable", "incomplete", "topic", "private", "about", "protected", "corrected", "language", "no_words",
    "as_written",
)  # fmt: skip

_PROTECTED: Final = ("abus", "neglect", "exploit", "mistreat")
"""What the kind of a concern contains when it is never told to a contact: also suspected_abuse, self_neglect, …"""

_TOLD: Final = frozenset({
    "fall", "near_fall", "injury", "medication_error", "choking", "wandering", "elopement", "behavior",
    "hospital", "hospital_admission", "hospital_discharge", "hospitalization", "emergency_room", "illness", "infection",
    "fever", "dehydration", "skin", "wound", "pressure_injury", "weight_loss", "missed_visit", "late_visit",
    "equipment", "property", "fire", "power_outage",
})  # fmt: skip
"""The kinds of concerns that may be told where `concerns` is shared. Nobody knows what a word of one's own stands for,
and a complaint may be about the reader: those are for a person to tell."""


_DUE: Final = re.compile(r"-[0-9]{4}-[0-9]{2}-[0-9]{2}$")
"""How the id of a visit ends that tells the day on which it was due."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing that a contact is not told, or not told well, for the coordinator to see."""

    what: str
    """A record (`concerns/fall-2026-10-02`) or a whole topic (`medications`)."""
    why: Why
    words: str
    """Why, in words that hold nothing private."""
    spot: Spot

    @property
    def sort_key(self) -> tuple[int, str, tuple[tuple[int, str], ...], str]:
        """Whole kinds of reasons together, then by place: the same order for the same caseload."""
        keys = tuple((key, "") if isinstance(key, int) else (-1, key) for key in self.spot.keys)
        return (_ORDER.index(self.why), self.spot.path, keys, self.what)

    def __str__(self) -> str:
        return f"{self.what}: {self.words}"


@dataclass(frozen=True, slots=True)
class NotShared:
    """The answer when there is no document to make: the reason, and what was found to be withheld on the way."""

    reason: Literal["nothing_shared", "nothing_to_say", "unreadable", "deceased", "no_plan"]
    words: str
    """Why, in words that hold nothing private."""
    withheld: tuple[Withheld, ...] = ()


class Spoken(NamedTuple):
    """Words for a family as they were chosen, and what the coordinator should know about the choice."""

    text: str
    doubt: str | None = None
    """Why the reader may not understand them; None if they are in the reader's language."""


def in_order(things: Iterable[Withheld]) -> tuple[Withheld, ...]:
    """What is withheld, each thing once, in a stable order."""
    return tuple(sorted(dict.fromkeys(things), key=lambda item: item.sort_key))


# --- sharing entries -------------------------------------------------------------------------------------------------


def is_live(entry: Sharing, today: dt.date) -> bool:
    """Whether a sharing entry holds on a day. What could not be read whole is not relied on."""
    if entry.origin.unread:
        return False
    if entry.basis == "authorization" and entry.expires is None:
        return False
    if entry.revoked is not None and entry.revoked <= today:
        return False
    return entry.given <= today and (entry.expires is None or today <= entry.expires)


def live_topics(contact: Contact, today: dt.date) -> frozenset[Topic]:
    """The topics a contact may be told about on a day. Entries add up; `all` stands for every topic."""
    topics = {topic for entry in contact.sharing if is_live(entry, today) for topic in entry.topics}
    return frozenset(TOPICS if "all" in topics else topics)


def why_not(contact: Contact, topic: Topic, today: dt.date) -> str:
    """Why a topic is not shared, from the entry that came nearest."""
    entries = [entry for entry in contact.sharing if topic in entry.topics or "all" in entry.topics]
    if not entries:
        return f"not shared with {contact.id}"
    entry = max(entries, key=lambda item: item.given)
    if entry.origin.unread:
        return f"the sharing entry of {contact.id} could not be read whole"
    if entry.revoked is not None and entry.revoked <= today:
        return f"{contact.id}'s sharing was revoked on {entry.revoked}"
    if entry.basis == "authorization" and entry.expires is None:
        return f"{contact.id}'s authorization has no expires date, so it does not count"
    if entry.given > today:
        return f"{contact.id}'s sharing begins on {entry.given}"
    return f"{contact.id}'s sharing lapsed on {entry.expires}"


def topic_withheld(contact: Contact, topic: Topic, today: dt.date, count: int) -> Withheld:
    """A whole topic that is not shared although there is something to tell."""
    words = f"{why_not(contact, topic, today)} ({count} {'entry' if count == 1 else 'entries'} left out)"
    return Withheld(topic, "topic", words, contact.origin.at("sharing"))


# --- entries ---------------------------------------------------------------------------------------------------------


def is_protected(concern: Concern) -> bool:
    """Whether a concern is about abuse, neglect or exploitation: those are never told, whatever is shared."""
    return any(part in concern.kind for part in _PROTECTED)


def is_told(concern: Concern) -> bool:
    """Whether a concern is of a kind that may be told to a contact at all."""
    return concern.kind.replace("-", "_") in _TOLD and not is_protected(concern)


def withheld(
    kind: str,
    entry: Entry,
    contact: Contact,
    corrected: frozenset[tuple[str, str]],
    lost: frozenset[str] = frozenset(),
) -> Withheld | None:
    """Why an entry is not for a contact, whatever topics are shared; None if nothing stands against it.

    `lost` are the lists of which an entry could not be read: it may correct any other one of its list.
    """
    what, spot = f"{kind}/{entry.id}", entry.origin.at()
    if entry.origin.unread:
        # Its `private` or `about` may be what could not be read, and half a record misleads.
        return Withheld(what, "unreadable", "could not be read whole", spot)
    if entry.private:
        return Withheld(what, "private", "is private", spot)
    if contact.id in entry.about:
        return Withheld(what, "about", f"is about {contact.id}", spot)
    if isinstance(entry, Concern) and is_protected(entry):
        return Withheld(what, "protected", "is of a kind that is never told to a contact", spot)
    if isinstance(entry, Concern) and not is_told(entry):
        return Withheld(what, "protected", "is of a kind that is not told to a contact", spot)
    if (kind, entry.id) in corrected:
        return Withheld(what, "corrected", "was corrected by a later entry", spot)
    if kind in lost:
        return Withheld(what, "unreadable", f"another entry of {kind} could not be read and may correct it", spot)
    return None


def may_see(kind: str, entry: Entry, contact: Contact, corrected: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether nothing about the entry itself keeps it from a contact; its topic is judged apart."""
    return withheld(kind, entry, contact, corrected) is None


def corrected_entries(chart: Chart) -> frozenset[tuple[str, str]]:
    """The entries, by kind and id, that later ones correct: what they say is no longer so."""
    found: set[tuple[str, str]] = set()
    for kind, entries in entries_by_kind(chart):
        for entry in entries:
            if entry.amends is None:
                continue
            parts = entry.amends.split("/")
            named = parts[-2] if len(parts) > 1 and parts[-2] != chart.id else kind
            found.add((named, parts[-1]))
    return frozenset(found)


def lists_with_losses(chart: Chart) -> frozenset[str]:
    """The lists of a chart of which an entry could not be read at all."""
    return chart.unread | {item.name for item in chart.broken}


def entries_by_kind(chart: Chart) -> Sequence[tuple[str, Sequence[Entry]]]:
    """The lists of a chart whose entries can correct one another."""
    return (
        ("assessments", chart.assessments),
        ("series", chart.series),
        ("visits", chart.visits),
        ("medications", chart.medications),
        ("notes", chart.notes),
        ("concerns", chart.concerns),
        ("measurements", chart.measurements),
    )


def unreadable(chart: Chart) -> tuple[Withheld, ...]:
    """Whatever of a chart is there but could not be read: it is in no document, and the coordinator must know."""
    parts = [
        Withheld(kind, "unreadable", "could not be read whole, so something may be missing", Spot(chart.path))
        for kind in chart.unread
    ]
    return in_order(parts + [_broken(item) for item in chart.broken])


def _broken(item: Broken) -> Withheld:
    what = f"{item.name}/{item.id}" if item.id else f"{item.name}, an entry without an id"
    return Withheld(what, "unreadable", "could not be read", item.origin.at())


# --- one reader ------------------------------------------------------------------------------------------------------


def barred(chart: Chart, contact: Contact, setting: Setting) -> NotShared | None:
    """Why nothing at all may be made of a chart for a contact, whatever is shared with them; None if something may."""
    client = chart.client
    if client is None:
        return NotShared("unreadable", "client.yaml could not be read")
    if client.status == "deceased":
        return NotShared("deceased", "the client has died")
    lost = client.origin.unread & {"status", "timezone", "away", "end_of_care"}
    lost |= {"away" for item in client.away if item.origin.unread & {"from_", "until"}}
    if lost:
        return NotShared("unreadable", f"{min(lost)} in client.yaml could not be read")
    if not zone_is_known(client, setting):
        return NotShared("unreadable", "the time zone in client.yaml is not known")
    if sum(other.id == contact.id for other in chart.contacts) > 1:
        return NotShared("unreadable", f"contacts.yaml names {contact.id} twice, so their sharing is not clear")
    return None


class Reader:
    """What of one chart stands against telling one contact, whatever topics are shared with them."""

    def __init__(self, chart: Chart, contact: Contact) -> None:
        self.chart, self.contact = chart, contact
        self.corrected = corrected_entries(chart)
        self.lost = lists_with_losses(chart)
        self._series = {item.id for item in chart.series}
        self._records: dict[str, list[Visit]] = {}
        for visit in chart.visits:
            due = f"{visit.series}-{visit.day}" if visit.series and visit.day else visit.id
            for name in {due, visit.id}:
                self._records.setdefault(name, []).append(visit)
        self._broken = chart.broken_ids("visits")
        broken = [item for item in chart.broken if item.name == "visits"]
        self._adrift = (
            ("visits" in chart.unread and not broken)
            or any(item.id is None for item in broken)
            or any(
                visit.origin.unread & {"id", "series", "day"} and not _DUE.search(visit.id) for visit in chart.visits
            )
        )
        """Whether there is a visit record of which nobody can tell which visit it changes."""

    def entry(self, kind: str, entry: Entry) -> Withheld | None:
        """Why an entry is not for this reader."""
        return withheld(kind, entry, self.contact, self.corrected, self.lost)

    def visit(self, visit: Visit) -> tuple[Withheld, ...]:
        """What stands against telling of a visit: it, and the series that it belongs to."""
        series = [self.entry("series", one) for one in self.chart.series if one.id == visit.series]
        found = [*series, self._lost_series(visit.series), self.entry("visits", visit)]
        return tuple(item for item in found if item is not None)

    def occurrence(self, item: Occurrence) -> Withheld | None:
        """Why a visit that is due is not for this reader: also if a record of it could not be read or understood.

        Such a record may be private, about the reader, or move the visit to another hour.
        """
        found = self.entry("series", item.rule) if item.rule else self._lost_series(item.series)
        if found is None and item.visit is not None:
            found = self.entry("visits", item.visit)
        for visit in self._records.get(item.id, ()) if found is None else ():
            if visit is item.visit or ("visits", visit.id) in self.corrected:
                continue
            found = self.entry("visits", visit)
            if found is None and item.visit is None:
                found = Withheld(f"visits/{visit.id}", "unreadable", "could not be used", visit.origin.at())
            if found is not None:
                break
        if found is None and item.id in self._broken:
            found = Withheld(f"visits/{item.id}", "unreadable", "could not be read", self._spot("visits", item.id))
        if found is None and self._adrift:
            words = "a visit that could not be read may change it"
            found = Withheld(f"visits/{item.id}", "unreadable", words, self._spot("visits", item.id))
        return found

    def _lost_series(self, name: str | None) -> Withheld | None:
        """The series of a visit, if it is there but could not be read: it may be private."""
        if name is None or name in self._series:
            return None
        if "series" not in self.lost:
            return None
        return Withheld(f"series/{name}", "unreadable", "could not be read", self._spot("series", name))

    def _spot(self, name: str, entry_id: str) -> Spot:
        """Where a record stands that could not be read; the client's folder if nobody knows."""
        known = [item for item in self.chart.broken if item.name == name]
        found = next((item for item in known if item.id == entry_id), known[0] if known else None)
        return found.origin.at() if found else Spot(self.chart.path)


# --- words -----------------------------------------------------------------------------------------------------------


def base(language: str) -> str:
    """The language of a code without its region: es of es-MX."""
    return language.partition("-")[0]


def spoken(words: Words, language: str) -> Spoken:
    """Words for a reader of a language; another language only with a doubt, so that a person looks at it first."""
    if isinstance(words, str):
        text = words.strip()
        # Plain text says no language. English is what practices write when they do not say.
        doubt = None if base(language) == "en" else f"words name no language; check that they are in {language}"
        return Spoken(text, doubt)
    known = {key: text for key, text in words.items() if text.strip()}
    if not known:
        return Spoken("")
    same = [key for key in sorted(known) if base(key) == base(language)]
    for key in (language, base(language), *same):
        if key in known:
            return Spoken(known[key].strip())
    key = next(key for key in ("en", *sorted(known)) if key in known)
    return Spoken(known[key].strip(), f"no words in {language}; the {key} words were used")

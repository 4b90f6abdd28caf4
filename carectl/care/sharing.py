"""What a contact may be told, what is withheld from them, and why: the one place that decides.

Nothing is shared by default. A sharing entry counts only while it is live and was read whole; authority, roles and
relationship share nothing. What is withheld is data (`Withheld`), for the coordinator's eyes: its words name records
and topics and never quote them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from carectl.caseload.records import TOPICS, Broken, Chart, Concern, Contact, Entry, Sharing, Topic, Words
from carectl.findings import Spot

Why = Literal["topic", "private", "about", "protected", "corrected", "unreadable", "incomplete", "language", "no_words"]
"""Why something does not reach a contact, or (`language`, `no_words`) reaches them without the right words."""

_ORDER: Final[tuple[Why, ...]] = (
    "unreadable", "incomplete", "topic", "private", "about", "protected", "corrected", "language", "no_words",
)  # fmt: skip

_PROTECTED: Final = ("abus", "neglect", "exploit", "mistreat")
"""What the kind of a concern contains when it is never told to a contact: also suspected_abuse, self_neglect, …"""


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


def withheld(kind: str, entry: Entry, contact: Contact, corrected: frozenset[tuple[str, str]]) -> Withheld | None:
    """Why an entry is not for a contact, whatever topics are shared; None if nothing stands against it."""
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
    if (kind, entry.id) in corrected:
        return Withheld(what, "corrected", "was corrected by a later entry", spot)
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

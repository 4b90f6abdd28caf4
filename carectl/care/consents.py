"""Taking back what a contact may be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from carectl.caseload.records import TOPICS, Contact, Sharing, Topic


@dataclass(frozen=True, slots=True)
class Revoking:
    """One sharing entry that is taken back, and what goes on of it."""

    position: int
    """Where it stands in the contact's list."""
    day: dt.date
    """The day from which it no longer holds; not before it was given."""
    rest: tuple[Topic, ...] = ()
    """The topics that go on, in an entry of their own."""


def topics_of(entry: Sharing) -> tuple[Topic, ...]:
    """The topics of an entry, one by one, in their usual order."""
    return tuple(topic for topic in TOPICS if topic in entry.topics or "all" in entry.topics)


def is_running(entry: Sharing, day: dt.date) -> bool:
    """Whether an entry holds on a day, or will later on: there is something to take back."""
    return (entry.expires is None or entry.expires >= day) and (entry.revoked is None or entry.revoked > day)


def revoking(contact: Contact, topics: Collection[Topic], day: dt.date) -> list[Revoking]:
    """What has to be done to take back these topics (none named: all of them) from a day on.

    An entry that has other topics too is taken back as a whole, and the rest goes on in a new entry: what was allowed
    when stays as it was written.
    """
    found: list[Revoking] = []
    for position, entry in enumerate(contact.sharing):
        own = topics_of(entry)
        if not is_running(entry, day) or (topics and not set(topics) & set(own)):
            continue
        rest = tuple(topic for topic in own if topics and topic not in topics)
        found.append(Revoking(position, max(day, entry.given), rest))
    return found

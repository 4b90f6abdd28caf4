"""Who may be told what: entries that lapsed, that never end, that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from carectl.care.checks.case import Case, is_read, listed
from carectl.care.sharing import is_live, live_topics
from carectl.caseload.records import TOPICS, Sharing, Topic
from carectl.findings import Finding, Severity, code


@code("sharing-lapsed", Severity.WARNING)
def sharing_lapsed(case: Case) -> Iterator[Finding]:
    """What a contact may be told has lapsed, and no later entry replaces it.

    From one day to the next this person learns nothing more: their letters are refused and their calendar stays
    behind. Ask the client whether it goes on, and add a new entry; leave the old one, for it says what was allowed
    when. If the client wants to tell this person no more, write the day into `revoked`.

    Wrong:
        sharing:
          - {topics: [schedule], basis: authorization, given: 2025-08-03, expires: 2026-08-03}
    Right:
        sharing:
          - {topics: [schedule], basis: authorization, given: 2025-08-03, expires: 2026-08-03}
          - {topics: [schedule], basis: authorization, given: 2026-08-04, expires: 2027-08-04}
    """
    if case.status is None or case.has_ended:
        return
    for contact in case.chart.contacts:
        if not contact.sharing or "sharing" in contact.origin.unread:
            continue
        if any(entry.origin.unread for entry in contact.sharing):
            continue  # one of them may be what replaces it
        live = live_topics(contact, case.today)
        for position, entry in enumerate(contact.sharing):
            if entry.expires is None or entry.expires >= case.first_open_day or entry.revoked is not None:
                continue
            later = [other for other in contact.sharing[position + 1 :] if other.given >= entry.given]
            later += [other for other in contact.sharing[:position] if other.given > entry.given]
            gone = (
                _topics(entry) - live - {topic for other in later if _lapsed(other, case) for topic in _topics(other)}
            )
            if gone:
                lost = listed(topic for topic in TOPICS if topic in gone)
                message = f"{contact.id} may no longer be told about {lost}: this lapsed on {entry.expires}"
                hint = "ask the client, then add a new entry, or write the day into `revoked`"
                yield case.say(sharing_lapsed, entry.origin.at("expires"), message, hint)


def _topics(entry: Sharing) -> frozenset[Topic]:
    return frozenset(TOPICS if "all" in entry.topics else entry.topics)


def _lapsed(entry: Sharing, case: Case) -> bool:
    """Whether an entry has run out too, so that the finding stands there."""
    return entry.revoked is None and entry.expires is not None and not is_live(entry, case.today)


@code("authorization-without-expiry", Severity.ERROR)
def authorization_without_expiry(case: Case) -> Iterator[Finding]:
    """An authorization that does not say until when it holds.

    A signed authorization ends on a day or with an event; one without an end was not understood by the client who
    signed it. carectl shares nothing on its strength. Add `expires` from the paper, at most a year ahead if it names
    none.

    Wrong:
        - {topics: [schedule], basis: authorization, given: 2026-08-03}
    Right:
        - {topics: [schedule], basis: authorization, given: 2026-08-03, expires: 2027-08-03}
    """
    for contact in case.chart.contacts:
        for entry in contact.sharing:
            if entry.basis != "authorization" or entry.expires is not None or entry.revoked is not None:
                continue
            if is_read(entry.origin, "expires", "revoked"):
                message = "this authorization does not say when it `expires`, so nothing is shared by it"
                hint = "add `expires: YYYY-MM-DD` from the paper"
                yield case.say(authorization_without_expiry, entry.origin.at(), message, hint)


@code("sharing-without-topics", Severity.WARNING)
def sharing_without_topics(case: Case) -> Iterator[Finding]:
    """A sharing entry that names no topic, and so shares nothing.

    The client allowed something, and nobody is told. Name the topics, or remove the entry.

    Wrong:
        - {topics: [], basis: agreed, given: 2026-08-03}
    Right:
        - {topics: [schedule, wellbeing], basis: agreed, given: 2026-08-03}
    """
    for contact in case.chart.contacts:
        for entry in contact.sharing:
            if not entry.topics and "topics" not in entry.origin.unread:
                message = "`topics` is empty, so nothing is shared by this entry"
                yield case.say(sharing_without_topics, entry.origin.at("topics"), message, "name the topics")


CHECKS = (sharing_lapsed, authorization_without_expiry, sharing_without_topics)

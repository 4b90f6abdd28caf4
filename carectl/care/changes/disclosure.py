"""What a contact may be told on which days: so that two versions of what is shared can be compared day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from carectl.care.changes.hours import day_in
from carectl.caseload.records import TOPICS

_FOR_EVER: Final = dt.date.max.toordinal()


class Stretch(NamedTuple):
    """Days from the first to the last, both included, as ordinals."""

    first: int
    last: int


Cover = Mapping[str, tuple[Stretch, ...]]
"""By topic the days on which it may be told: in order, none twice."""


def cover(entries: Iterable[Mapping[str, Any]]) -> Cover:
    """The days that sharing entries (plain data) let each topic be told, as `sharing.is_live` has it for one day."""
    found: dict[str, list[Stretch]] = {}
    for entry in entries:
        given, expires, revoked = (day_in(entry, name) for name in ("given", "expires", "revoked"))
        if given is None or (entry.get("basis") == "authorization" and expires is None):
            continue
        last = expires.toordinal() if expires else _FOR_EVER
        if revoked is not None:
            last = min(last, revoked.toordinal() - 1)
        told = entry.get("topics")
        if not isinstance(told, list) or last < given.toordinal():
            continue
        for topic in TOPICS:
            if topic in told or "all" in told:
                found.setdefault(topic, []).append(Stretch(given.toordinal(), last))
    return {topic: _joined(stretches) for topic, stretches in found.items()}


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for stretch in sorted(stretches):
        if found and stretch.first <= found[-1].last + 1:
            found[-1] = Stretch(found[-1].first, max(found[-1].last, stretch.last))
        else:
            found.append(stretch)
    return tuple(found)


def less(one: Cover, other: Cover) -> Cover:
    """What the first covers and the second does not."""
    found = {}
    for topic, stretches in one.items():
        rest = list(stretches)
        for taken in other.get(topic, ()):
            rest = [part for stretch in rest for part in _without(stretch, taken)]
        if rest:
            found[topic] = tuple(rest)
    return found


def _without(stretch: Stretch, taken: Stretch) -> list[Stretch]:
    parts = (
        Stretch(stretch.first, min(stretch.last, taken.first - 1)),
        Stretch(max(stretch.first, taken.last + 1), stretch.last),
    )
    return [part for part in parts if part.first <= part.last]


def since(one: Cover, day: dt.date) -> Cover:
    """What is covered on a day and after it."""
    return less(one, dict.fromkeys(TOPICS, (Stretch(1, day.toordinal() - 1),)))


def before(one: Cover, day: dt.date) -> Cover:
    """What is covered before a day."""
    return less(one, dict.fromkeys(TOPICS, (Stretch(day.toordinal(), _FOR_EVER),)))


def topics(one: Cover) -> list[str]:
    """The topics in their usual order."""
    return [topic for topic in TOPICS if topic in one]


def span(one: Cover) -> tuple[dt.date, dt.date | None]:
    """The first and the last day that anything is covered; no last one: for ever."""
    first = min(stretches[0].first for stretches in one.values())
    last = max(stretches[-1].last for stretches in one.values())
    return dt.date.fromordinal(first), None if last == _FOR_EVER else dt.date.fromordinal(last)

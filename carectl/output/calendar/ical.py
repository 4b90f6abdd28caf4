"""Events -> iCalendar bytes that every calendar program reads alike.

`flat` is one event in UTC per visit, without the rules and zone tables in which programs differ. `series` says what
repeats once, for those who want to see a series as one, and keeps to the rules of which nine programs that were tried
mean the same days. The same events give the same bytes on any day and any machine; nothing here asks a clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.care.recurrence import rrule_days
from carectl.output.calendar.audiences import Event, Feed, Rule
from carectl.output.calendar.zones import is_settled, table

if TYPE_CHECKING:
    from icalendar import Calendar
    from icalendar import Event as Component

_PRODID: Final = "-//carectl//carectl//EN"
"""Without a version: a new release must not change every feed."""
_REFRESH: Final = dt.timedelta(hours=6)  # also written out in X-PUBLISHED-TTL
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Characters that nobody sees, that turn lines around, or that make a strict program refuse a whole feed."""


_YEARS: Final = range(1971, 2100)
"""For which years programs know the clocks of a zone."""


def flat(feed: Feed) -> bytes:
    """The feed as iCalendar: one UTC event per visit, sorted by start and UID, the same bytes for the same events."""
    calendar = _head(feed)
    for event in sorted(feed.events, key=_order):
        calendar.add_component(_single(event, feed))
    return bytes(calendar.to_ical(sorted=True))


def series(feed: Feed) -> bytes:
    """The feed as iCalendar: what repeats as one event with a rule, and all that differs from it as in `flat`.

    A day on which a series does not happen, or otherwise than usual, is taken out of its rule (EXDATE); a visit that
    differs is an event of its own in UTC, and never an exception of the rule (RECURRENCE-ID), which some programs show
    beside what it replaces. So does every visit during which the clocks change.
    """
    calendar = _head(feed)
    repeats, singles = _repeats(feed.events)
    zones: dict[str, tuple[dt.tzinfo, list[int]]] = {}
    for repeat in repeats:
        first, last = repeat.events[0].start, repeat.events[-1].start
        years = zones.setdefault(_zone_name(first), (first.tzinfo or dt.UTC, []))[1]
        years += [first.year, last.year + 1]  # the last one can end in the next year
    for name, (zone, years) in sorted(zones.items()):
        calendar.add_component(table(name, zone, min(years), max(years)))
    parts = [(_order(event), _single(event, feed)) for event in singles]
    parts += [(_order(repeat.events[0]), _master(repeat, feed)) for repeat in repeats]
    for _, component in sorted(parts, key=lambda part: part[0]):
        calendar.add_component(component)
    return bytes(calendar.to_ical(sorted=True))


# --- components ------------------------------------------------------------------------------------------------------


def _head(feed: Feed) -> Calendar:
    from icalendar import Calendar

    # Not Calendar.new: it adds a calendar-level UID, for which vdirsyncer takes the whole feed to be one event.
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", _PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", _line(feed.name))
    calendar.add("X-WR-CALNAME", _line(feed.name))
    calendar.add("X-WR-TIMEZONE", feed.zone)
    calendar.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT6H")
    return calendar


def _order(event: Event) -> tuple[dt.datetime, str]:
    return (event.start.astimezone(dt.UTC), event.uid)


def _told(event: Event, feed: Feed) -> Component:
    """An event without its times."""
    from icalendar import Event as Component

    component = Component()
    component.add("SUMMARY", _line(event.title))
    component.add("STATUS", event.status)
    # A visit to a parent must not block one's own calendar, and neither must one that is off.
    component.add("TRANSP", "OPAQUE" if feed.blocks and not event.off else "TRANSPARENT")
    if event.location:
        component.add("LOCATION", _text(event.location))
    if event.description:
        component.add("DESCRIPTION", _text(event.description))
    return component


def _single(event: Event, feed: Feed) -> Component:
    """One visit, in UTC."""
    component = _told(event, feed)
    component.add("UID", event.uid)
    component.add("DTSTAMP", event.stamp.astimezone(dt.UTC))
    component.add("DTSTART", event.start.astimezone(dt.UTC))
    component.add("DTEND", event.end.astimezone(dt.UTC))
    component.add("SEQUENCE", event.sequence)
    return component


def _master(repeat: _Repeat, feed: Feed) -> Component:
    """What repeats, in the client's zone."""
    from icalendar import vRecur

    first, last = repeat.events[0], repeat.events[-1]
    component = _told(first, feed)
    component.add("UID", repeat.rule.uid)
    component.add("DTSTAMP", repeat.stamp.astimezone(dt.UTC))
    there = {"TZID": _zone_name(first.start)}
    component.add("DTSTART", _wall(first.start), parameters=there)
    component.add("DTEND", _wall(first.end), parameters=there)  # a DURATION is read in two ways
    # The end in UTC: in local time four of nine programs lose the last visit, or the whole feed.
    until = last.start.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    component.add("RRULE", vRecur.from_ical(f"{repeat.rule.text};UNTIL={until}"))
    for day in repeat.left_out:
        component.add("EXDATE", dt.datetime.combine(day, _wall(first.start).time()), parameters=there)
    component.add("SEQUENCE", repeat.sequence)
    return component


# --- what repeats ----------------------------------------------------------------------------------------------------


class _Repeat(NamedTuple):
    """Visits of a series that one rule can tell."""

    rule: Rule
    events: Sequence[Event]
    """Two at least, in order, alike but for their day."""
    left_out: Sequence[dt.date]
    """The days of the rule between the first and the last of them on which there is no such visit."""
    stamp: dt.datetime
    """When anything of the series was last written down, what differs included."""
    sequence: int


def _repeats(events: Iterable[Event]) -> tuple[list[_Repeat], list[Event]]:
    """What repeats, and every event that is in none of it."""
    by_rule: dict[Rule, list[Event]] = {}
    singles: list[Event] = []
    for event in sorted(events, key=_order):
        if event.rule is not None and _has_table(event.start):
            by_rule.setdefault(event.rule, []).append(event)
        else:
            singles.append(event)
    found = []
    for rule, own in by_rule.items():
        repeat = _repeat(rule, own)
        if repeat is not None:
            found.append(repeat)
        inside = {event.uid for event in repeat.events} if repeat else frozenset()
        singles += [event for event in own if event.uid not in inside]
    return found, singles


def _repeat(rule: Rule, own: Sequence[Event]) -> _Repeat | None:
    """The visits of a series that look like most of them; None if there are not two, or the clocks stand in the way."""
    steady = [event for event in own if _is_steady(event)]
    usual = Counter(map(_looks, steady)).most_common(1)  # of two that are equally frequent, the first one
    alike = [event for event in steady if _looks(event) == usual[0][0]]
    if len(alike) < 2:
        return None
    first, last, held = alike[0].start, alike[-1].start, {event.start.date() for event in alike}
    days = list(rrule_days(rule.text, first.date(), first.date(), last.date()))
    # Where a rule passes through an hour that does not exist or exists twice, some programs also shift what follows.
    if any(_is_odd(dt.datetime.combine(day, _wall(first).time(), tzinfo=first.tzinfo)) for day in days):
        return None
    return _Repeat(
        rule=rule,
        events=alike,
        left_out=[day for day in days if day not in held],
        stamp=max(event.stamp.astimezone(dt.UTC) for event in own),
        sequence=max(event.sequence for event in own),
    )


def _looks(event: Event) -> tuple[object, ...]:
    """All of an event but its day."""
    start, end = _wall(event.start), _wall(event.end)
    return (start.time(), end - start, event.title, event.status, event.location, event.description, event.off)


def _is_steady(event: Event) -> bool:
    """Whether the clocks stay as they are from an event's start to its end."""
    same = event.start.utcoffset() == event.end.utcoffset()
    return same and not _is_odd(event.start) and not _is_odd(event.end)


def _is_odd(moment: dt.datetime) -> bool:
    """Whether its wall time exists twice, or not at all."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def _has_table(start: dt.datetime) -> bool:
    """Whether every program knows the zone in that year: those without an area, UTC among them, go by other rules."""
    name = _zone_name(start)
    if start.tzinfo is None or "/" not in name or name.startswith("Etc/") or start.year not in _YEARS:
        return False
    return is_settled(start.tzinfo, start.year)


def _zone_name(moment: dt.datetime) -> str:
    return str(getattr(moment.tzinfo, "key", ""))


def _wall(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=None, fold=0)


# --- text ------------------------------------------------------------------------------------------------------------


def _text(value: str) -> str:
    """Text without the characters that a calendar program could stumble over; line breaks stay."""
    return _HIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _line(value: str) -> str:
    """Text as one line."""
    return " ".join(_text(value).split())

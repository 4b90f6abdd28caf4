"""Events -> iCalendar bytes that every calendar program reads alike.

One event in UTC per visit (`flat`), without the rules and zone tables in which programs differ. The same events give
the same bytes on any day and any machine; nothing here asks a clock.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from carectl.output.calendar.audiences import Feed

_PRODID: Final = "-//carectl//carectl//EN"
"""Without a version: a new release must not change every feed."""
_REFRESH: Final = dt.timedelta(hours=6)  # also written out in X-PUBLISHED-TTL
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Characters that nobody sees, that turn lines around, or that make a strict program refuse a whole feed."""


def flat(feed: Feed) -> bytes:
    """The feed as iCalendar: one UTC event per visit, sorted by start and UID, the same bytes for the same events."""
    from icalendar import Calendar
    from icalendar import Event as Component

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
    for event in sorted(feed.events, key=lambda item: (item.start.astimezone(dt.UTC), item.uid)):
        component = Component()
        component.add("UID", event.uid)
        component.add("DTSTAMP", event.stamp.astimezone(dt.UTC))
        component.add("DTSTART", event.start.astimezone(dt.UTC))
        component.add("DTEND", event.end.astimezone(dt.UTC))
        component.add("SEQUENCE", 0)
        component.add("SUMMARY", _line(event.title))
        component.add("STATUS", event.status)
        # A visit to a parent must not block one's own calendar.
        component.add("TRANSP", "TRANSPARENT")
        if event.location:
            component.add("LOCATION", _text(event.location))
        if event.description:
            component.add("DESCRIPTION", _text(event.description))
        calendar.add_component(component)
    return bytes(calendar.to_ical(sorted=True))


def _text(value: str) -> str:
    """Text without the characters that a calendar program could stumble over; line breaks stay."""
    return _HIDDEN.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def _line(value: str) -> str:
    """Text as one line."""
    return " ".join(_text(value).split())

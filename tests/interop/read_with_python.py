"""What a Python library makes of calendar files: read_with_python.py recurring-ical-events|home-assistant FILE …

Run by an interpreter that has the library, which that of the tests has not. It prints JSON: for each file a list of
occurrences, each as [start, end, title, location, description, status, uid].
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

FIRST, LAST = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def recurring_ical_events(path: Path) -> list[list[str]]:
    """By recurring-ical-events, on top of icalendar."""
    import icalendar
    import recurring_ical_events as library  # type: ignore[import-not-found]

    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    texts = ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "UID")
    return [
        [utc(event["DTSTART"].dt), utc(event["DTEND"].dt), *(str(event.get(name, "")) for name in texts)]
        for event in library.of(calendar).between(FIRST, LAST)
    ]


def home_assistant(path: Path) -> list[list[str]]:
    """By ical, the strict reader of Home Assistant."""
    from ical.calendar_stream import IcsCalendarStream  # type: ignore[import-not-found]

    calendar: Any = IcsCalendarStream.calendar_from_ics(path.read_text(encoding="utf-8"))
    return [
        [utc(event.start), utc(event.end), event.summary, event.location or "", event.description or "",
         event.status.value if event.status else "", event.uid]
        for event in calendar.timeline_tz(dt.UTC).overlapping(FIRST, LAST)
    ]  # fmt: skip


def utc(moment: dt.datetime) -> str:
    """A moment in UTC; one without a zone stays as it is, and will not be taken for right."""
    return moment.astimezone(dt.UTC).isoformat() if moment.tzinfo else moment.isoformat()


if __name__ == "__main__":
    read = {"recurring-ical-events": recurring_ical_events, "home-assistant": home_assistant}[sys.argv[1]]
    print(json.dumps([read(Path(name)) for name in sys.argv[2:]]))

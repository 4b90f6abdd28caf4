"""What icalendar alone takes to write the events of feeds: what `carectl calendar` is compared with.

    python benchmarks/feeds.py take EVENTS.json FEED.ics …
    python benchmarks/feeds.py write EVENTS.json FOLDER

`take` puts down what the feeds say as plain data; `write` makes a file of each of them again, and knows nothing of
visits, of who may see what, or of what was written before.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event


def take(events: Path, feeds: list[Path]) -> None:
    """Put down what feeds say: for each its properties and its events, every moment as {"at": …}."""
    read = [Calendar.from_ical(path.read_bytes()) for path in feeds]
    said = [[_said(feed), [_said(event) for event in feed.walk("VEVENT")]] for feed in read]
    events.write_text(json.dumps(said), encoding="utf-8")


def _said(component: Any) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in component.property_items(recursive=False):
        moment = getattr(value, "dt", None)
        if isinstance(moment, dt.datetime):
            found.append((name, {"at": moment.isoformat()}))
        elif isinstance(value, str | int) and name not in ("BEGIN", "END"):
            found.append((name, int(value) if isinstance(value, int) else str(value)))
    return found


def write(events: Path, folder: Path) -> None:
    """Write what was put down, one file for each feed."""
    folder.mkdir(exist_ok=True)
    for number, (head, entries) in enumerate(json.loads(events.read_bytes())):
        calendar = _filled(Calendar(), head)
        for entry in entries:
            calendar.add_component(_filled(Event(), entry))
        (folder / f"{number}.ics").write_bytes(calendar.to_ical(sorted=True))


def _filled(component: Any, said: list[tuple[str, Any]]) -> Any:
    for name, value in said:
        component.add(name, dt.datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value)
    return component


def main() -> None:
    """Do what the command line asks for."""
    what, events, *paths = sys.argv[1:]
    if what == "take":
        take(Path(events), [Path(path) for path in paths])
    else:
        write(Path(events), Path(paths[0]))


if __name__ == "__main__":
    main()

"""Our feeds as the calendar programs of others show them: `make interop`.

Every feed of the example and of the corner cases goes through each program, and what it shows must be the visits of the
agenda, at their hours, in the words of the feed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from interop.engines import ENGINES, RULELESS, Shown, icalendar, utc
from interop.feeds import CORNERS, EXAMPLE, Exported, exported

pytestmark = pytest.mark.interop

STYLES: Final = ("flat", "series")
RUNS: Final = [(style, name) for style in STYLES for name in ENGINES if style == "flat" or name not in RULELESS]

Hours = tuple[str, str]
"""When a visit begins and ends, in UTC."""


class Fault(NamedTuple):
    """Where a program is known to be wrong about a file in which nothing is wrong. It must still be, to stand here."""

    engine: str
    style: str
    feeds: str
    """The names of the feeds, as a regular expression."""
    first: str
    last: str
    """Which visits: those that begin, or are shown to, from this moment to that one."""
    why: str

    def about(self, start: str) -> bool:
        """Whether a visit that begins at a moment is one of those."""
        return self.first <= start <= self.last


FAULTS: Final = (
    Fault(
        "recurring-ical-events", "(flat|series)", "corners-2026-02-16-c-106(-to-tom)?",
        "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z",
        "reads times in UTC anew in the zone of X-WR-TIMEZONE. There a visit from the first 01:30 until the second "
        "01:00 seems to end before it begins, and so it is shown half an hour early.",
    ),
)  # fmt: skip


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Exported]]:
    """Every feed, by style."""
    into = tmp_path_factory.mktemp("feeds")
    return {style: [*exported(EXAMPLE, style, into), *exported(CORNERS, style, into)] for style in STYLES}


def hours(rows: Iterable[Shown]) -> Counter[Hours]:
    """When something begins and ends, and how often."""
    return Counter((row.start, row.end) for row in rows)


def due(feed: Exported) -> Counter[Hours]:
    """When something should."""
    return Counter((utc(visit["start"]), utc(visit["end"])) for visit in feed.visits)


def test_there_is_something_for_everybody(feeds: dict[str, list[Exported]]) -> None:
    for style in STYLES:
        found = Counter((feed.name.split("-")[0], feed.audience) for feed in feeds[style])
        assert len(found) == (6 if style == "flat" else 4)
        assert min(found.values()) >= 7, found


@pytest.mark.parametrize(("style", "engine"), RUNS)
def test_every_visit_is_shown_at_its_hours(
    style: str, engine: str, feeds: dict[str, list[Exported]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    shown = ENGINES[engine](tmp_path, [feed.path for feed in feeds[style]])
    # Of flat feeds icalendar says what is written there: what others make of their words must be the same, and a feed
    # in another style must be the flat one to whoever looks at it.
    names = [feed.name for feed in feeds["flat"]]
    flat = dict(zip(names, icalendar(tmp_path, [feed.path for feed in feeds["flat"]]), strict=True))
    compared: list[Shown] = []
    faults: list[Fault] = []
    for feed, rows in zip(feeds[style], shown, strict=True):
        wanted, words = due(feed), flat[feed.name]
        for fault in known_faults(engine, style, feed):
            assert hours(rows) != wanted, f"{feed.name}: nothing is left of this fault: {fault.why}"
            wanted = Counter({span: count for span, count in wanted.items() if not fault.about(span[0])})
            rows, words = ([row for row in some if not fault.about(row.start)] for some in (rows, words))
            faults.append(fault)
        assert hours(rows) == wanted, feed.name
        assert rows == words, feed.name
        compared += rows
    # For the table that conftest.py prints. (`record_property` is not for the XML that CI asks for.)
    request.node.user_properties += [
        ("engine", engine),
        ("style", style),
        ("feeds", len(shown)),
        ("visits", len(compared)),
        ("minutes", sum(map(_minutes, compared))),
        *(
            ("fault", f"in {times} feeds from {fault.first} to {fault.last} it {fault.why}")
            for fault, times in Counter(faults).items()
        ),
    ]


def known_faults(engine: str, style: str, feed: Exported) -> list[Fault]:
    """In what a program is wrong about a feed."""
    return [
        fault
        for fault in FAULTS
        if fault.engine == engine and re.fullmatch(fault.style, style) and re.fullmatch(fault.feeds, feed.name)
    ]


def _minutes(row: Shown) -> int:
    return (dt.datetime.fromisoformat(row.end) - dt.datetime.fromisoformat(row.start)) // dt.timedelta(minutes=1)


@pytest.mark.parametrize(("style", "engine"), RUNS)
def test_one_visit_an_hour_late_is_noticed(
    style: str, engine: str, feeds: dict[str, list[Exported]], tmp_path: Path
) -> None:
    """What these comparisons are worth: the last event of a feed begins and ends an hour late."""
    feed = next(item for item in feeds[style] if item.name == "corners-2026-02-16-c-105")
    head, last = feed.path.read_text(encoding="utf-8").rsplit("BEGIN:VEVENT", 1)
    late, count = re.subn(
        r"(?m)^(DT(?:START|END).*T)(\d\d)", lambda found: f"{found[1]}{int(found[2]) + 1:02}", last
    )  # fmt: skip
    assert count == 2
    moved = tmp_path / "late.ics"
    moved.write_bytes(f"{head}BEGIN:VEVENT{late}".encode())
    (rows,) = ENGINES[engine](tmp_path, [moved])
    assert hours(rows).total() == due(feed).total()
    gone, come = due(feed) - hours(rows), hours(rows) - due(feed)
    hour = dt.timedelta(hours=1)
    assert len(gone) == 1
    assert [utc(dt.datetime.fromisoformat(moment) + hour) for moment in next(iter(gone))] == list(next(iter(come)))

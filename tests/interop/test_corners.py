"""The corner cases: what the format says of each, worked out by hand, and the words that reach a calendar."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import icalendar
import pytest
from interop.engines import utc
from interop.feeds import CORNERS, agenda, carectl

INSTANTS: Final = """
# Los Angeles: clocks go forward at 2026-03-08T10:00Z, from -8 to -7, and back at 2026-11-01T09:00Z.
c-101/night-spring-2026-03-05  2026-03-06T08:30 2026-03-06T14:00  at alone keeps the series' `to`
c-101/night-spring-2026-03-06  2026-03-07T06:00 2026-03-07T14:00
c-101/night-spring-2026-03-07  2026-03-08T06:00 2026-03-08T13:00  22:00 to 06:00, seven hours
c-101/night-spring-2026-03-08  2026-03-09T05:00 2026-03-09T13:00
c-101/night-spring-2026-03-09  2026-03-10T02:00 2026-03-10T05:45  moved back over what was midnight
c-101/night-fall-2026-10-30    2026-10-31T05:00 2026-10-31T13:00
c-101/night-fall-2026-10-31    2026-11-01T05:00 2026-11-01T14:00  22:00 to 06:00, nine hours
c-101/night-fall-2026-11-01    2026-11-02T06:00 2026-11-02T14:00  cancelled
c-101/night-fall-2026-11-02    2026-11-03T08:15 2026-11-03T13:15  moved over midnight
c-102/night-spring-2026-03-07  2026-03-08T06:00 2026-03-08T14:00  eight hours, until 07:00
c-102/night-fall-2026-10-31    2026-11-01T05:00 2026-11-01T13:00  eight hours, until 05:00
c-102/watch-2026-03-14         2026-03-14T16:30 2026-03-16T04:30  36 hours
# Chicago: forward at 2026-03-08T08:00Z, from -6 to -5, and back at 2026-11-01T07:00Z.
c-103/late-spring-2026-03-07   2026-03-08T05:30 2026-03-08T07:30
c-103/early-spring-2026-03-08  2026-03-08T07:30 2026-03-08T07:50
c-103/gap-spring-2026-03-08    2026-03-08T08:30 2026-03-08T09:00  02:30 is not there: 03:30
c-103/gap-spring-2026-03-15    2026-03-15T07:30 2026-03-15T08:00
c-103/late-fall-2026-10-31     2026-11-01T04:30 2026-11-01T06:30  until the first 01:30
c-103/early-fall-2026-11-01    2026-11-01T06:30 2026-11-01T08:15  from the first 01:30 to 02:15: an hour more
c-103/early-fall-2026-11-08    2026-11-08T07:30 2026-11-08T08:15
c-103/gap-fall-2026-11-01      2026-11-01T08:30 2026-11-01T09:00
c-103/last-hour                2026-11-01T09:00 2026-11-01T09:30
# Vancouver: forward at 2026-03-08T10:00Z, from -8 to -7, for good.
c-104/morning-spring-2026-03-07  2026-03-07T17:00 2026-03-07T19:00
c-104/morning-spring-2026-03-08  2026-03-08T16:00 2026-03-08T18:00
c-104/night-spring-2026-03-07    2026-03-08T06:00 2026-03-08T09:00
c-104/early-2026-03-08           2026-03-08T10:30 2026-03-08T11:30  02:30 is not there
c-104/morning-2026-10-31         2026-10-31T16:00 2026-10-31T18:00
c-104/night-2026-10-31           2026-11-01T05:00 2026-11-01T13:00  eight hours in this night as well
c-104/morning-2026-11-01         2026-11-01T16:00 2026-11-01T18:00  as the day before
c-104/morning-2026-11-16         2026-11-16T16:00 2026-11-16T18:00
# Sydney: back at 2026-04-04T16:00Z, from +11 to +10, forward at 2026-10-03T16:00Z.
c-105/evening-autumn-2026-04-04      2026-04-04T11:00 2026-04-04T15:00  until the first 02:00
c-105/small-hours-autumn-2026-04-05  2026-04-04T15:30 2026-04-04T15:50  the first 02:30
c-105/evening-autumn-2026-04-05      2026-04-05T12:00 2026-04-05T16:00
c-105/evening-spring-2026-10-03      2026-10-03T12:00 2026-10-03T16:00  02:00 is not there: 03:00
c-105/small-hours-spring-2026-10-04  2026-10-03T16:30 2026-10-03T16:50  02:30 is not there: 03:30
c-105/weekday-2026-03-30             2026-03-29T21:15 2026-03-29T22:30
c-105/weekday-2026-04-20             2026-04-19T22:15 2026-04-19T23:30
# London: forward at 2026-03-29T01:00Z, from +0 to +1, back at 2026-10-25T01:00Z.
c-106/small-hours-2026-03-29   2026-03-29T01:30 2026-03-29T02:00  01:30 is not there: 02:30
c-106/small-hours-2026-10-25   2026-10-25T00:30 2026-10-25T01:00  the first 01:30
c-106/month-end-2026-05-31     2026-05-31T22:30 2026-05-31T23:30
c-106/month-end-2026-10-31     2026-10-31T23:30 2026-11-01T00:30
c-106/last-friday-2026-03-27   2026-03-27T15:00 2026-03-27T15:45
c-106/last-friday-2026-04-24   2026-04-24T14:00 2026-04-24T14:45
c-106/fortnight-2026-03-17     2026-03-17T10:00 2026-03-17T11:30
c-106/fortnight-2026-03-22     2026-03-25T14:00 2026-03-25T15:30  on another day
c-106/fortnight-2026-03-31     2026-03-31T09:00 2026-03-31T10:30
c-106/leap-day-2028-02-29      2028-02-29T12:00 2028-02-29T13:00
c-106/leap-check               2028-02-29T16:00 2028-02-29T16:30
# Santiago: at midnight; back at 2026-04-05T03:00Z, from -3 to -4, forward at 2026-09-06T04:00Z.
c-107/evening-autumn-2026-04-04   2026-04-05T02:30 2026-04-05T02:50  the first 23:30
c-107/midnight-autumn-2026-04-05  2026-04-05T04:30 2026-04-05T05:15
c-107/late-spring-2026-09-05      2026-09-06T01:00 2026-09-06T04:00  00:00 is not there: 01:00
c-107/midnight-spring-2026-09-06  2026-09-06T04:30 2026-09-06T05:30  00:30 is not there: 01:30
c-107/night-spring-2026-09-04     2026-09-05T02:00 2026-09-05T10:00
c-107/night-spring-2026-09-07     2026-09-08T01:00 2026-09-08T09:00
# Chicago, by day.
c-108/lift-2026-03-06          2026-03-07T15:00 2026-03-07T16:30
c-108/lift-2026-03-09          2026-03-09T14:15 2026-03-09T15:15  at alone keeps the length
c-108/lift-2026-03-11          2026-03-11T14:00 2026-03-11T15:00  cancelled
c-108/company-2026-03-10       2026-03-11T05:05 2026-03-11T06:00  over midnight
c-108/company-2026-03-31       2026-04-08T21:00 2026-04-09T20:00  until 15:00, and that is the next day
c-108/clinic                   2026-03-12T19:30 2026-03-12T20:15
c-108/late-clinic              2026-03-31T04:45 2026-03-31T05:15
"""


@pytest.fixture(scope="module")
def visits() -> dict[str, dict[str, Any]]:
    """Every visit of the corner cases, by CLIENT/ID."""
    return {f"{item['client']}/{item['id']}": item for days in CORNERS.windows for item in agenda(CORNERS, days)}


def test_the_caseload_is_sound() -> None:
    code, screen, complaints = carectl(CORNERS, "check", "-f", "json")
    assert code == 0, complaints
    assert [found for found in json.loads(screen)["findings"] if found["severity"] == "error"] == []


@pytest.mark.parametrize("line", [line for line in INSTANTS.splitlines() if line and line[0] != "#"])
def test_each_is_at_the_instant_that_the_format_gives_it(line: str, visits: dict[str, dict[str, Any]]) -> None:
    name, start, end = line.split()[:3]
    found = visits[name]
    assert (utc(found["start"]), utc(found["end"])) == (f"{start}:00Z", f"{end}:00Z")


@pytest.mark.parametrize(
    ("series", "days"),
    [
        ("c-101/night-spring", "2026-03-05 2026-03-06 2026-03-07 2026-03-08 2026-03-09"),
        ("c-102/watch", "2026-03-14 2026-11-14"),
        ("c-104/morning", "2026-10-24 2026-10-25 2026-10-26 2026-10-30 2026-10-31 2026-11-01 2026-11-02 2026-11-06 "
         "2026-11-07 2026-11-08 2026-11-13 2026-11-14 2026-11-15 2026-11-16"),
        ("c-105/weekday", "2026-03-30 2026-04-01 2026-04-20 2026-04-22 2026-05-11 2026-05-13 2026-06-01 2026-06-03 "
         "2026-06-22 2026-06-24 2026-07-13 2026-07-15 2026-08-03 2026-08-05 2026-08-24 2026-08-26 2026-09-14 "
         "2026-09-16 2026-10-05 2026-10-07 2026-10-26 2026-10-28"),
        ("c-106/month-end", "2026-03-31 2026-05-31 2026-07-31 2026-08-31 2026-10-31 2026-12-31"),
        ("c-106/last-friday", "2026-02-27 2026-03-27 2026-04-24 2026-05-29 2026-06-26 2026-07-31 2026-08-28 "
         "2026-09-25 2026-10-30 2026-11-27 2026-12-25 2028-02-25"),
        ("c-106/leap-day", "2028-02-29"),
        ("c-108/lift", "2026-02-16 2026-02-18 2026-02-20 2026-02-23 2026-02-25 2026-02-27 2026-03-02 2026-03-04 "
         "2026-03-06 2026-03-09 2026-03-11 2026-03-13 2026-03-16 2026-03-18 2026-03-20 2026-03-23 2026-03-25 "
         "2026-03-27 2026-03-30 2026-04-01 2026-04-08 2026-04-10"),
    ],
)  # fmt: skip
def test_each_series_has_these_days(series: str, days: str, visits: dict[str, dict[str, Any]]) -> None:
    found = [name.removeprefix(f"{series}-") for name in visits if name.startswith(f"{series}-20")]
    assert sorted(found) == days.split()


def test_every_second_week_from_the_monday_of_its_first(visits: dict[str, dict[str, Any]]) -> None:
    found = sorted(name[-10:] for name in visits if name.startswith("c-106/fortnight-"))
    assert found[:7] == [
        "2026-03-08", "2026-03-17", "2026-03-22", "2026-03-31", "2026-04-05", "2026-04-19", "2026-04-28",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "status", "staff"),
    [
        ("c-108/lift-2026-02-16", "done", ["jo-park", "minji-kim"]),
        ("c-108/lift-2026-02-18", "missed", ["jo-park", "minji-kim"]),
        ("c-108/lift-2026-02-20", "refused", ["jo-park", "minji-kim"]),
        ("c-108/lift-2026-03-04", "confirmed", ["minji-kim", "lucia-nunez"]),
        ("c-108/lift-2026-03-11", "cancelled", ["jo-park", "minji-kim"]),
        # Jo is on leave from the 16th to the 18th, and at the dentist's in the middle of the 27th's visit.
        ("c-108/lift-2026-03-13", "planned", ["jo-park", "minji-kim"]),
        ("c-108/lift-2026-03-16", "planned", ["minji-kim"]),
        ("c-108/lift-2026-03-18", "planned", ["minji-kim"]),
        ("c-108/lift-2026-03-20", "planned", ["jo-park", "minji-kim"]),
        ("c-108/lift-2026-03-27", "planned", ["minji-kim"]),
        # The client is away on the 24th and 25th.
        ("c-108/lift-2026-03-23", "planned", ["jo-park", "minji-kim"]),
        ("c-108/company-2026-03-24", "cancelled", ["lucia-nunez"]),
        ("c-108/lift-2026-03-25", "cancelled", ["jo-park", "minji-kim"]),
        ("c-108/gap-2026-03-13", "planned", []),
        ("c-109/both-2026-02-19", "done", ["wei-chen"]),
        ("c-109/both-2026-02-26", "cancelled", ["wei-chen"]),
    ],
)
def test_what_becomes_of_a_visit(name: str, status: str, staff: list[str], visits: dict[str, dict[str, Any]]) -> None:
    assert (visits[name]["status"], visits[name]["staff"]) == (status, staff)


REASON: Final = (
    "Three hundred characters, so that lines must be folded: Ibáñez \\ Peña, who brings the hoist; her brother "
    "(Sunday, half past ten), the neighbour's dog, a key that sticks — turn it left, then right — and "
    "할머니께서 문을 천천히 여십니다, 기다려 주세요. ¡Ojo con el escalón! 👩🏽‍⚕️🏠 Ring twice; wait; then "
    'ring again, please, and say your name aloud: "soy yo".'
)


def test_words_come_through_whole(tmp_path: Path) -> None:
    file = tmp_path / "feed.ics"
    first, last = CORNERS.windows[0]
    code, _, complaints = carectl(
        CORNERS, "calendar", "export", "c-108", "--style", "flat", "-o", str(file), "--from", first, "--until", last
    )
    assert code == 0, complaints
    assert len(REASON) >= 300
    read: Any = icalendar.Calendar.from_ical(file.read_bytes())
    events = {str(event["UID"]): event for event in read.events}
    cancelled = events["c-108.lift-2026-03-11@carectl"]
    assert str(cancelled["DESCRIPTION"]) == f"Reason: {REASON}"
    assert str(cancelled["SUMMARY"]) == "Cancelled: Rosa 🌷 – Jo Park, 민지 김 (personal care)"
    assert str(events["c-108.clinic@carectl"]["LOCATION"]) == "Clínica São João; 2º piso, sala 4\\B"
    assert str(events["c-108.late-clinic@carectl"]["LOCATION"]) == "응급실, 2층"
    assert max(len(line) for line in file.read_bytes().split(b"\r\n")) <= 75

"""Our feeds as khal shows them: a calendar program of its own, in an environment of its own.

`make test` and CI install it (requirements/khal.txt); without it these tests are skipped and say so.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
import pytest
from helpers_schedule import change, chart, day, expand, series, setting, single, staff

from carectl.care.schedule import Occurrence
from carectl.cli import run
from carectl.output.calendar.audiences import coordinator_feed
from carectl.output.calendar.ical import flat

ROOT: Final = Path(__file__).resolve().parents[2]
INSTALLED: Final = ROOT / "build" / "tools" / "khal" / "bin" / "khal"
KHAL: Final = shutil.which("khal") or (str(INSTALLED) if INSTALLED.exists() else None)

pytestmark = pytest.mark.skipif(
    KHAL is None, reason="khal is not installed: run `make tools` (needs the package index), then these tests again"
)

CONFIG: Final = """\
[calendars]
[[feed]]
path = {folder}/feed
type = calendar
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
default_timezone = {zone}
local_timezone = {zone}
[default]
default_calendar = feed
"""


def khal_list(folder: Path, feed: bytes, zone: str, start: dt.date, days: int) -> list[tuple[str, str, str, str]]:
    """What khal shows of a feed to someone who lives in a zone: UID, start, end, title, sorted."""
    assert KHAL is not None
    (folder / "feed").mkdir()
    (folder / "config").write_text(CONFIG.format(folder=folder, zone=zone), encoding="utf-8")
    (folder / "feed.ics").write_bytes(feed)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CACHE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder), "LC_ALL": "C.UTF-8",
    }  # fmt: skip

    def run(*arguments: str) -> str:
        command = [KHAL or "khal", "--config", str(folder / "config"), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("import", "--batch", "-a", "feed", str(folder / "feed.ics"))
    form = "{uid}|{start-date-long}T{start-time}|{end-date-long}T{end-time}|{title}"
    # `--once`: an event over midnight is one event, not one a day.
    output = run("list", "--once", "--format", form, "--day-format", "", str(start), f"{days}d")
    rows = [line.split("|") for line in output.splitlines() if line.strip()]
    return sorted((uid, start, end, title) for uid, start, end, title in rows)


def expected(occurrences: tuple[Occurrence, ...], titles: dict[str, str]) -> list[tuple[str, str, str, str]]:
    rows = []
    for item in occurrences:
        uid = f"{item.client}.{item.id}@carectl"
        start, end = (moment.strftime("%Y-%m-%dT%H:%M") for moment in (item.start, item.end))
        rows.append((uid, start, end, titles[uid]))
    return sorted(rows)


@pytest.mark.parametrize(
    ("zone", "first", "offsets"),
    [
        ("America/Chicago", "2026-10-25", {-5, -6}),
        ("America/Chicago", "2026-03-01", {-5, -6}),
        ("Europe/Berlin", "2026-10-18", {1, 2}),
        ("Australia/Sydney", "2026-09-28", {10, 11}),
    ],
)
def test_khal_shows_the_same_occurrences_at_the_same_hours(
    tmp_path: Path, zone: str, first: str, offsets: set[int]
) -> None:
    start = day(first)
    of = chart(
        series(from_=start),
        series("night", days=("sat", "sun"), at="22:00", to="06:00", from_=start),
        series("early", days=("sat", "sun", "mon"), at="01:15", duration="20m", from_=start),
        series("last", rrule="FREQ=MONTHLY;BYMONTHDAY=-1", at="16:00", from_=start),
        change(str(start + dt.timedelta((7 - start.weekday()) % 7)), at="07:10", duration="45m"),
        change(str(start + dt.timedelta((9 - start.weekday()) % 7)), status="cancelled", reason="Snow; ice, fog"),
        single(str(start + dt.timedelta(3)), where="Łódź Clinic, 2nd floor"),
    )
    here = setting(zone, staff())
    found = expand(of, first, str(start + dt.timedelta(27)), here)
    assert found.missing == ()
    feed = coordinator_feed(of, found.occurrences, here)
    shown = khal_list(tmp_path, flat(feed), zone, start, 30)
    assert shown == expected(found.occurrences, {event.uid: event.title for event in feed.events})
    hours = {item.start.utcoffset() for item in found.occurrences}
    assert hours == {dt.timedelta(hours=n) for n in offsets}, "both sides of a clock change were seen"
    assert len(shown) > 30


EXAMPLE: Final = ROOT / "examples" / "caseload"
CLIENTS: Final = sorted(path.name for path in (EXAMPLE / "clients").iterdir())
WINDOW: Final = (dt.date(2026, 10, 19), dt.date(2027, 3, 28))
"""From the day on which the example begins over the clock changes of November and of March."""


@pytest.mark.parametrize("client", CLIENTS)
def test_the_feed_of_each_example_client_is_read_back_alike(
    tmp_path: Path, client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--caseload", str(EXAMPLE), "--now", "2026-11-22", "--from", str(WINDOW[0]), "--until", str(WINDOW[1])]
    files = [tmp_path / name for name in ("one.ics", "two.ics")]
    for file in files:
        assert run(["calendar", "export", client, "--style", "flat", "-o", str(file), *common]) == 0
    feed = files[0].read_bytes()
    assert files[1].read_bytes() == feed
    capsys.readouterr()
    assert run(["agenda", "--client", client, "-f", "json", *common]) == 0
    agenda = json.loads(capsys.readouterr().out)["occurrences"]

    def local(moment: str) -> str:
        return dt.datetime.fromisoformat(moment).strftime("%Y-%m-%dT%H:%M")

    wanted = sorted((f"{client}.{o['id']}@carectl", local(o["start"]), local(o["end"])) for o in agenda)
    read: Any = icalendar.Calendar.from_ical(feed)
    zone = ZoneInfo(str(read["X-WR-TIMEZONE"]))
    times = [(str(e["UID"]), e["DTSTART"].dt.astimezone(zone), e["DTEND"].dt.astimezone(zone)) for e in read.events]
    assert sorted((uid, local(str(start)), local(str(end))) for uid, start, end in times) == wanted
    days = (WINDOW[1] - WINDOW[0]).days + 2
    shown = khal_list(tmp_path, feed, zone.key, WINDOW[0], days) if wanted else []
    assert [row[:3] for row in shown] == wanted
    print(f"{client}: {len(wanted)} occurrences")
    if {o["status"] for o in agenda} >= {"done", "planned"} and client not in ("c-006", "c-011"):
        assert len({start.utcoffset() for _, start, _ in times}) == 2, "both sides of a clock change were seen"

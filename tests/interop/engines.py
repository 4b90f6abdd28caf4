"""Calendar programs of others, and what each makes of calendar files. `make interop` installs them."""

from __future__ import annotations

import datetime as dt
import functools
import http.server
import itertools
import json
import os
import re
import socket
import subprocess
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

HERE: Final = Path(__file__).resolve().parent
TOOLS: Final = HERE.parents[1] / "build" / "tools"


class Shown(NamedTuple):
    """One visit as a calendar program shows it."""

    start: str
    """In UTC, such as 2026-03-08T06:00:00Z."""
    end: str
    title: str
    location: str
    description: str
    status: str


Reader = Callable[[Path, Sequence[Path]], list[list[Shown]]]
"""From a folder to work in and calendar files, what is shown of each."""


def run(*command: str | Path, home: Path) -> str:
    """What a program prints that has nothing of ours around it. It fails the test if the program fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, env=_environment(home), capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, f"{words[0]}: {done.stderr.decode()[-4000:]}"
    return done.stdout.decode()


def _environment(home: Path) -> dict[str, str]:
    # A zone far from those of the caseloads: what takes the machine's for the client's must be found out.
    places = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    # And zones as they are in the environment that a program was installed in: those of a machine may be years old.
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONTZPATH": "", **places}


def utc(moment: str | dt.datetime) -> str:
    """A moment as it is compared. One without a zone is nowhere in particular, and fails the test."""
    moment = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    assert moment.tzinfo is not None, f"{moment} has no zone"
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rows(printed: str) -> list[list[Shown]]:
    return [
        sorted(Shown(utc(start), utc(end), *texts[:4]) for start, end, *texts in feed) for feed in json.loads(printed)
    ]


# --- those that read a file ------------------------------------------------------------------------------------------


def icalendar(home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    """Events as icalendar reads them. It leaves rules to others, so it is asked about feeds without rules alone."""
    import icalendar as library

    found = []
    for feed in feeds:
        calendar: Any = library.Calendar.from_ical(feed.read_bytes())
        assert calendar.errors == []
        assert all("RRULE" not in event and event.errors == [] for event in calendar.events)
        texts = ("SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")
        found.append(sorted(
            Shown(utc(event["DTSTART"].dt), utc(event["DTEND"].dt), *(str(event.get(name, "")) for name in texts))
            for event in calendar.events
        ))  # fmt: skip
    return found


def _by_node(script: str, home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    return _rows(run("node", HERE / script, TOOLS / "node", *feeds, home=home))


def _by_python(library: str, home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    python = TOOLS / "calendar-readers" / "bin" / "python"
    return _rows(run(python, HERE / "read_with_python.py", library, *feeds, home=home))


def libical(home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    """libical, which GNOME and KDE read calendars with."""
    found: list[list[Shown]] = []
    for record in run(TOOLS / "libical" / "read_with_libical", *feeds, home=home).split("\x1e")[:-1]:
        fields = record.split("\x1f")
        if fields[0] == "file":
            found.append([])
        else:
            found[-1].append(Shown(utc(fields[0]), utc(fields[1]), *fields[2:6]))
    return [sorted(feed) for feed in found]


# --- khal: a calendar on a terminal ----------------------------------------------------------------------------------

KHAL: Final = """\
[calendars]
[[feed]]
path = {folder}/feed
type = calendar
[sqlite]
path = {folder}/khal.db
[locale]
timeformat = %H:%M:%S
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M:%S
longdatetimeformat = %Y-%m-%d %H:%M:%S
unicode_symbols = False
default_timezone = UTC
local_timezone = UTC
[default]
default_calendar = feed
"""
FIELDS: Final = (
    "{uid}", "{start-date-long}T{start-time}Z", "{end-date-long}T{end-time}Z", "{title}", "{location}", "{description}",
)  # fmt: skip


def khal(home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    """khal after importing the files. What does not share UIDs goes into one calendar, for it is slow to start.

    It does not print the status of an event apart from a sign; the title says it as well.
    """
    found: dict[Path, list[Shown]] = {}
    for nth, group in enumerate(_without_common_uids(feeds)):
        folder = home / f"khal-{nth}"
        (folder / "feed").mkdir(parents=True)
        config = folder / "config"
        config.write_text(KHAL.format(folder=folder), encoding="utf-8")
        program = [str(TOOLS / "khal" / "bin" / "khal"), "--config", str(config)]
        run(*program, "import", "--batch", "-a", "feed", *group, home=folder)
        form = "\x1f".join((*FIELDS, "{status-symbol}")) + "\x1e"
        printed = run(*program, "list", "--format", form, "--day-format", "", *_days(group), home=folder)
        owner = {uid: feed for feed, uids in group.items() for uid in uids}
        rows: dict[Path, set[tuple[str, Shown]]] = {feed: set() for feed in group}
        for record in printed.split("\x1e")[:-1]:
            uid, start, end, title, location, description, sign = record.strip("\n").split("\x1f")
            status = {"X": "CANCELLED", "?": "TENTATIVE", "V": "CONFIRMED"}[sign.strip()]
            # An event over midnight is listed once for each of its days.
            rows[owner[uid]].add((uid, Shown(utc(start), utc(end), title, location, description, status)))
        found.update({feed: sorted(row for _, row in of) for feed, of in rows.items()})
    return [found[feed] for feed in feeds]


def _without_common_uids(feeds: Sequence[Path]) -> list[dict[Path, set[str]]]:
    groups: list[dict[Path, set[str]]] = []
    for feed in feeds:
        text = feed.read_text(encoding="utf-8").replace("\r\n ", "").replace("\r\n", "\n")
        uids = set(re.findall(r"^UID:(.*)$", text, re.M))
        for group in groups:
            if not any(uids & others for others in group.values()):
                group[feed] = uids
                break
        else:
            groups.append({feed: uids})
    return groups


def _days(feeds: Mapping[Path, Any]) -> tuple[str, str]:
    """A day before all that feeds have in them, and how many days there are, with one more."""
    moment = re.compile(r"(?:^DT(?:START|END).*:|UNTIL=)(\d{8})T", re.M)
    found = {day for feed in feeds for day in moment.findall(feed.read_text(encoding="utf-8"))}
    first, last = (dt.date.fromisoformat(day) for day in (min(found), max(found)))
    return str(first - dt.timedelta(1)), f"{(last - first).days + 3}d"


# --- vdirsyncer: a subscription that goes on into a calendar server --------------------------------------------------

SYNC: Final = """\
[pair {name}]
a = "{name}_feed"
b = "{name}_calendar"
collections = null

[storage {name}_feed]
type = "http"
url = "{feeds}/{name}.ics"

[storage {name}_calendar]
type = "caldav"
url = "{server}/carectl/{name}/"
username = "carectl"
password = "carectl"

"""


def vdirsyncer(home: Path, feeds: Sequence[Path]) -> list[list[Shown]]:
    """The feeds fetched over HTTP, put into Radicale over CalDAV, and taken from there over HTTP again.

    These two hand events on; what has arrived is expanded by recurring-ical-events.
    """
    bin_ = TOOLS / "calendar-sync" / "bin"
    names = [f"feed{nth}" for nth in range(len(feeds))]
    (home / "feeds").mkdir(parents=True)
    for name, feed in zip(names, feeds, strict=True):
        (home / "feeds" / f"{name}.ics").write_bytes(feed.read_bytes())
    with _served(home / "feeds") as address, _radicale(home) as server:
        config = home / "vdirsyncer"
        general = f'[general]\nstatus_path = "{home}/status"\n\n'
        pairs = "".join(SYNC.format(name=name, feeds=address, server=server) for name in names)
        config.write_text(general + pairs, encoding="utf-8")
        for name in names:
            _ask(f"{server}/carectl/{name}/", "MKCALENDAR")
        run(bin_ / "vdirsyncer", "-c", config, "discover", home=home)
        run(bin_ / "vdirsyncer", "-c", config, "sync", home=home)
        got = [_ask(f"{server}/carectl/{name}/", "GET") for name in names]
    (home / "back").mkdir()
    back = [home / "back" / f"{name}.ics" for name in names]
    for path, content in zip(back, got, strict=True):
        path.write_bytes(content)
    return _by_python("recurring-ical-events", home, back)


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The address under which files of a folder are served on this machine alone."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _radicale(home: Path) -> Iterator[str]:
    """The address of a calendar server on this machine alone, which keeps its calendars below `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        TOOLS / "calendar-sync" / "bin" / "python", "-m", "radicale", "--config", "", "--server-hosts", host,
        "--storage-filesystem-folder", home / "radicale", "--auth-type", "none",
    ]  # fmt: skip
    with subprocess.Popen(
        [str(word) for word in command], env=_environment(home), stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        try:
            said = list(itertools.takewhile(lambda line: "Radicale server ready" not in line, server.stderr))
            assert server.poll() is None, "Radicale did not start: " + "".join(said)
            threading.Thread(target=server.stderr.read, daemon=True).start()
            yield f"http://{host}"
        finally:
            server.terminate()


def _ask(url: str, method: str) -> bytes:
    login = b64encode(b"carectl:carectl").decode()
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"Basic {login}"})
    # No proxy: it is on this machine.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        content = answer.read()
    assert isinstance(content, bytes)
    return content


ENGINES: Final[dict[str, Reader]] = {
    "icalendar": icalendar,
    "khal": khal,
    "vdirsyncer + Radicale": vdirsyncer,
    "ical.js": functools.partial(_by_node, "read_with_icaljs.mjs"),
    "node-ical": functools.partial(_by_node, "read_with_nodeical.mjs"),
    "libical": libical,
    "recurring-ical-events": functools.partial(_by_python, "recurring-ical-events"),
    "Home Assistant's ical": functools.partial(_by_python, "home-assistant"),
}
RULELESS: Final = frozenset({"icalendar"})
"""Those that leave the rules in a feed to others."""

"""carectl calendar publish, list, rotate, revoke: what lies on the web afterwards, byte for byte, and what is said."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_cli import NOW, Carectl, Done, census
from helpers_lakeside import lakeside as lakeside
from helpers_lakeside import repository

from carectl.cli import run

FEEDS: Final = "../feeds"
MEMORY: Final = ".carectl/feeds/subscribers.json"


@pytest.fixture
def feeds(home: Path, carectl: Carectl) -> Path:
    """The small caseload, published: for Maria, for Jo, and for Dana, who coordinates."""
    done = carectl("calendar", "publish", FEEDS)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("\n3 new\n")
    return home.parent / "feeds"


def memory(home: Path) -> dict[str, Any]:
    """What is remembered of each subscriber."""
    found: dict[str, Any] = json.loads((home / MEMORY).read_text(encoding="utf-8"))["feeds"]
    return found


def token(home: Path, key: str) -> str:
    return str(memory(home)[key]["token"])


def calendar(home: Path, key: str) -> str:
    """Somebody's published calendar, unfolded."""
    path = home.parent / "feeds" / token(home, key) / "calendar.ics"
    return path.read_bytes().decode().replace("\r\n ", "").replace("\r\n", "\n")


def events(home: Path, key: str) -> dict[str, str]:
    """Its events by UID."""
    found = re.findall("BEGIN:VEVENT\n(.*?)END:VEVENT", calendar(home, key), re.DOTALL)
    return {re.findall(r"UID:(.*)", event)[0]: event for event in found}


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The UIDs of events that are not as they were."""
    return sorted(uid for uid in before.keys() | after.keys() if before.get(uid) != after.get(uid))


def touched(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What tells that a file or folder was not touched."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): ((s := path.stat()).st_mtime_ns, s.st_ino, s.st_ctime_ns) for path in paths}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, text.count(old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def rows(done: Done) -> dict[str, str]:
    """What was said of each subscriber, in the last column."""
    lines = done.out.partition("\n\n")[0].splitlines()
    return {line.split()[0]: re.split(r"\s{2,}", line)[-1] for line in lines if "/" in line.split(" ", 1)[0]}


# --- publishing ------------------------------------------------------------------------------------------------------


def test_each_subscriber_has_a_folder_that_nobody_can_guess(home: Path, feeds: Path) -> None:
    names = sorted(path.name for path in feeds.iterdir())
    assert [name for name in names if not re.fullmatch("[0-9a-f]{32}", name)] == ["index.html"]
    assert len(set(names)) == 4
    assert {path.name for path in feeds.glob("*/*")} == {"calendar.ics", "index.html"}
    assert {key: feed["token"] for key, feed in memory(home).items()}.keys() == {
        "c-001/maria", "staff/dana", "staff/jo-park",
    }  # fmt: skip
    assert {feed["token"] for feed in memory(home).values()} == {*names} - {"index.html"}
    assert calendar(home, "c-001/maria").count("SUMMARY:Mom – Jo") > 10
    assert "SUMMARY:Rosie – personal care" in calendar(home, "staff/jo-park")
    assert {"Rosie", "Stanisław"} == set(re.findall(r"SUMMARY:(?:Cancelled: )?(\w+) –", calendar(home, "staff/dana")))


def test_whose_feed_which_and_how_to_subscribe_is_said(home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "publish", FEEDS)
    assert rows(done) == {"c-001/maria": "new", "staff/dana": "new", "staff/jo-park": "new"}
    assert f"  c-001/maria Maria Alvarez\n    {home.parent}/feeds/{token(home, 'c-001/maria')}/index.html\n" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines() if "index.html" not in line)
    again = carectl("calendar", "publish", FEEDS)
    # What is a secret is printed only when it is needed.
    assert not any(feed["token"] in again.out for feed in memory(home).values())


def test_published_twice_nothing_is_touched(home: Path, feeds: Path, carectl: Carectl) -> None:
    before, kept = touched(feeds), (home / MEMORY).stat()
    done = carectl("calendar", "publish", FEEDS, "--now", "2026-11-22T19:00")
    assert set(rows(done).values()) == {"unchanged"}
    assert done.out.endswith("\n3 unchanged\n")
    assert touched(feeds) == before
    assert ((home / MEMORY).stat().st_ino, (home / MEMORY).stat().st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)


def test_in_another_week_only_what_came_and_went_differs(home: Path, feeds: Path, carectl: Carectl) -> None:
    before = events(home, "c-001/maria")
    assert carectl("calendar", "publish", FEEDS, "--now", "2026-11-24").code == 0
    after = events(home, "c-001/maria")
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
    assert all(before[uid] == after[uid] for uid in before.keys() & after.keys())
    shown = touched(feeds)
    carectl("calendar", "publish", FEEDS, "--now", "2026-11-29T23:00")
    assert touched(feeds) == shown


def test_one_visit_moved_is_one_event_in_the_feeds_that_show_it(home: Path, feeds: Path, carectl: Carectl) -> None:
    carectl("calendar", "publish", FEEDS, "--now", "2026-11-23T06:00")
    keys = ("c-001/maria", "staff/dana", "staff/jo-park")
    before, other = {key: events(home, key) for key in keys}, touched(feeds)
    done = carectl("visit", "move", "c-001/care-2026-12-02", "--at", "10:30", "--reason", "bus")
    assert done.out.endswith("\n3 feeds are out of date: carectl calendar publish\n")
    done = carectl("calendar", "publish", FEEDS, "--now", "2026-11-23T08:00")
    assert set(rows(done).values()) == {"1 changed"}
    for key in keys:
        (uid,) = differing(before[key], events(home, key))
        event = events(home, key)[uid]
        assert "DTSTART:20261202T163000Z\n" in event
        assert "SEQUENCE:1\n" in event
        assert "DTSTAMP:20261123T140000Z\n" in event
    # A visit of nobody is no business of Jo's.
    carectl("visit", "move", "c-001/evening-2026-12-01", "--at", "19:00", "--reason", "bus")
    done = carectl("calendar", "publish", FEEDS, "--now", "2026-11-23T09:00")
    assert rows(done) == {"c-001/maria": "1 changed", "staff/dana": "1 changed", "staff/jo-park": "unchanged"}
    pages = [path for path in other if path.endswith("index.html")]
    assert {path: touched(feeds)[path] for path in pages} == {path: other[path] for path in pages}


def test_a_series_that_ends_leaves_cancelled_visits_and_with_drop_none(
    home: Path, feeds: Path, carectl: Carectl
) -> None:
    assert carectl("series", "end", "c-001/care", "--until", "2026-12-06", "--reason", "x").code == 0
    done = carectl("calendar", "publish", FEEDS)
    assert re.fullmatch(r"\d+ cancelled", rows(done)["c-001/maria"])
    assert "STATUS:CANCELLED" in calendar(home, "c-001/maria")
    assert "SUMMARY:Cancelled: Mom – Jo" in calendar(home, "c-001/maria")
    shown = touched(feeds)
    carectl("calendar", "publish", FEEDS)
    assert touched(feeds) == shown
    done = carectl("calendar", "publish", FEEDS, "--cancelled", "drop")
    assert re.fullmatch(r"\d+ taken off", rows(done)["c-001/maria"])
    assert "CANCELLED" not in calendar(home, "c-001/maria") + calendar(home, "staff/dana")


def test_a_dry_run_says_it_and_writes_nothing(home: Path, carectl: Carectl) -> None:
    before = census(home.parent)
    done = carectl("calendar", "publish", FEEDS, "--dry-run")
    assert (done.code, done.out.splitlines()[-1]) == (0, "Nothing was written. It would be: 3 new")
    assert census(home.parent) == before
    assert not (home.parent / "feeds").exists()
    carectl("calendar", "publish", FEEDS)
    edit(home / "clients/c-001/visits.yaml", 'at: "18:00"', 'at: "18:30"')
    shown = touched(home.parent)
    done = carectl("calendar", "publish", FEEDS, "--dry-run")
    assert re.fullmatch(r"\d+ changed", rows(done)["c-001/maria"])
    assert touched(home.parent) == shown


def test_json(home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "publish", FEEDS, "-f", "json")
    found = json.loads(done.out)
    assert list(found) == ["format", "dry_run", "folder", "from", "until", "feeds"]
    assert (found["from"], found["until"]) == ("2026-10-12", "2027-03-28")
    assert found["feeds"][0] == {
        "subscriber": "c-001/maria", "kind": "contact", "client": "c-001", "person": "maria", "name": "Maria Alvarez",
        "state": "new", "why": None, "visits": found["feeds"][0]["visits"], "new": found["feeds"][0]["visits"],
        "changed": 0, "cancelled": 0, "dropped": 0, "kept": 0,
    }  # fmt: skip
    assert [feed["kind"] for feed in found["feeds"]] == ["contact", "coordinator", "staff"]
    # A script that keeps what it was told keeps no secret.
    assert not any(feed["token"] in done.out for feed in memory(home).values())


def test_busy_and_none(home: Path, carectl: Carectl) -> None:
    edit(
        home / "clients/c-001/contacts.yaml",
        "calls_client: Mom",
        "calls_client: Mom\n    calendar: busy\n    language: es",
    )
    with (home / "staff/jo-park.yaml").open("a", encoding="utf-8") as file:
        file.write("calendar: none\n")
    done = carectl("calendar", "publish", FEEDS)
    assert rows(done) == {"c-001/maria": "new", "staff/dana": "new"}
    assert set(re.findall(r"SUMMARY:(.*)", calendar(home, "c-001/maria"))) == {"Ocupado"}
    page = (home.parent / "feeds" / token(home, "c-001/maria") / "index.html").read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    # A time at which nobody comes is no time: nothing is left of it.
    assert carectl("series", "end", "c-001/care", "--until", "2026-12-06", "--reason", "x").code == 0
    done = carectl("calendar", "publish", FEEDS)
    assert re.fullmatch(r"\d+ taken off", rows(done)["c-001/maria"])
    assert "CANCELLED" not in calendar(home, "c-001/maria")


# --- who loses a feed ------------------------------------------------------------------------------------------------


def test_who_may_not_have_it_any_more_loses_it_and_gets_it_back_under_the_same_link(
    home: Path, feeds: Path, carectl: Carectl
) -> None:
    link = token(home, "c-001/maria")
    contacts = home / "clients/c-001/contacts.yaml"
    before = contacts.read_text(encoding="utf-8")
    done = carectl("contact", "revoke", "c-001", "maria")
    assert "feed is out of date" in done.out or "feeds are out of date" in done.out
    done = carectl("calendar", "publish", FEEDS)
    assert done.code == 0
    assert "removed: maria's sharing was revoked on 2026-11-22" in " ".join(done.out.split())
    assert not (feeds / link).exists()
    assert "c-001/maria" not in rows(carectl("calendar", "publish", FEEDS))
    contacts.write_text(before, encoding="utf-8")
    assert rows(carectl("calendar", "publish", FEEDS))["c-001/maria"] == "new"
    assert token(home, "c-001/maria") == link
    assert "SEQUENCE:1\n" in calendar(home, "c-001/maria")
    assert "SEQUENCE:0\n" not in calendar(home, "c-001/maria")


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "why"),
    [
        ("clients/c-001/client.yaml", "status: active", "status: deceased", "c-001/maria", "the client has died"),
        ("clients/c-001/contacts.yaml", "id: maria", "id: mary", "c-001/maria", "is no contact of c-001 any more"),
        ("staff/jo-park.yaml", "role:", "employed: {from: 2020-01-01, until: 2026-11-20}\nrole:", "staff/jo-park",
         "left on 2026-11-20"),
        ("staff/jo-park.yaml", "role:", "calendar: none\nrole:", "staff/jo-park", "the staff file says calendar: none"),
    ],
)  # fmt: skip
def test_who_loses_it_and_why(
    name: str, old: str, new: str, key: str, why: str, home: Path, feeds: Path, carectl: Carectl
) -> None:
    link = token(home, key)
    edit(home / name, old, new)
    done = carectl("calendar", "list")
    assert f"to be removed: {why}" in " ".join(done.out.split())
    done = carectl("calendar", "publish", FEEDS)
    assert f"removed: {why}" in " ".join(done.out.split())
    assert not (feeds / link).exists()


def test_a_client_who_is_on_file_no_more(home: Path, feeds: Path, carectl: Carectl) -> None:
    link = token(home, "c-001/maria")
    (home / "clients/c-001").rename(home.parent / "gone")
    done = carectl("calendar", "publish", FEEDS)
    assert (done.code, "removed: c-001 is not on file any more" in " ".join(done.out.split())) == (0, True)
    assert not (feeds / link).exists()
    assert "SUMMARY:Cancelled: Rosie – personal care" in calendar(home, "staff/jo-park")


# --- what could not be read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clients/c-001/visits.yaml", "    service: personal_care\n", "    service: [\n"),
        ("clients/c-001/visits.yaml", 'at: "18:00"', 'at: "18:75"'),
        ("clients/c-001/visits.yaml", "from: 2026-08-10", "from: 2026-08-40"),
        ("clients/c-001/visits.yaml", "status: cancelled", "status: canceled"),
        ("clients/c-001/client.yaml", "status: active", "status: activ"),
        ("clients/c-001/client.yaml", "id: c-001", "id: ["),
        ("clients/c-001/contacts.yaml", "contacts:", "contacts: ["),
        ("clients/c-001/contacts.yaml", "name: Maria Alvarez", "nome: Maria Alvarez"),
        ("clients/c-001/contacts.yaml", "expires: 2027-08-03", "expires: 2027-08"),
        ("clients/c-001/contacts.yaml", "calls_client: Mom", "calendar: buzy"),
    ],
)
def test_what_could_not_be_read_cancels_nothing_and_takes_nothing_away(
    name: str, old: str, new: str, home: Path, feeds: Path, carectl: Carectl
) -> None:
    keys = ("c-001/maria", "staff/jo-park", "staff/dana")
    before = {key: events(home, key) for key in keys}
    text = (home / name).read_text(encoding="utf-8")
    edit(home / name, old, new)
    done = carectl("calendar", "publish", FEEDS, "--now", "2026-11-22T18:00")
    assert done.code == 1
    assert name in done.err or "contacts.yaml" in name
    assert "carectl: " in done.err
    for key in keys:
        after = events(home, key)
        # The one visit that is cancelled in the records may be shown as it was due; no other one changes.
        assert len(differing(before[key], after)) <= 1, key
        assert before[key].keys() == after.keys()
        cancelled = [uid for uid, event in after.items() if "STATUS:CANCELLED" in event]
        assert set(cancelled) <= {uid for uid, event in before[key].items() if "STATUS:CANCELLED" in event}
    # Mended, it is as if nothing had been.
    (home / name).write_text(text, encoding="utf-8")
    assert carectl("calendar", "publish", FEEDS, "--now", "2026-11-22T18:00").code == 0
    assert {uid: re.sub("(?:SEQUENCE|DTSTAMP):.*", "", event) for uid, event in events(home, keys[0]).items()} == {
        uid: re.sub("(?:SEQUENCE|DTSTAMP):.*", "", event) for uid, event in before[keys[0]].items()
    }


@pytest.mark.parametrize("name", ["staff/jo-park.yaml", "clients/c-001/visits.yaml"])
def test_an_unreadable_file_is_told_once(name: str, home: Path, feeds: Path, carectl: Carectl) -> None:
    shown = {path: raw for path, raw in census(feeds).items() if token(home, "staff/jo-park") in path}
    (home / name).write_text("{", encoding="utf-8")
    done = carectl("calendar", "publish", FEEDS)
    assert done.code == 1
    assert {path: raw for path, raw in census(feeds).items() if token(home, "staff/jo-park") in path} == shown
    assert all(len(line) < 200 for line in done.err.splitlines())
    assert carectl("calendar", "list").code == 1


def test_a_client_whose_folder_was_misnamed_is_not_taken_for_gone(home: Path, feeds: Path, carectl: Carectl) -> None:
    before = census(feeds)
    (home / "clients/c-001").rename(home / "clients/Rosa A")
    done = carectl("calendar", "publish", FEEDS)
    assert done.code == 1
    assert census(feeds) == before
    assert "clients/Rosa A: this name cannot be an id" in done.err
    # If it is gone for good, that is seen as soon as nothing is in the way.
    (home / "clients/Rosa A").rename(home.parent / "gone")
    assert carectl("calendar", "publish", FEEDS).code == 0
    assert calendar(home, "staff/jo-park").count("STATUS:CANCELLED") > 10


def test_a_damaged_calendar_is_made_anew_and_said(home: Path, feeds: Path, carectl: Carectl) -> None:
    path = feeds / token(home, "c-001/maria") / "calendar.ics"
    path.write_bytes(path.read_bytes()[:700])
    assert "out of date: what was published is gone or was changed" in " ".join(carectl("calendar", "list").out.split())
    done = carectl("calendar", "publish", FEEDS)
    assert "the calendar of c-001/maria was damaged" in done.err
    assert "SEQUENCE:1\n" in calendar(home, "c-001/maria")
    path.unlink()
    assert carectl("calendar", "publish", FEEDS).err == ""
    assert path.exists()


# --- secrets, names, permissions -------------------------------------------------------------------------------------

CANARY: Final = "XQ7canary"


def test_nothing_but_what_a_reader_may_see_is_published(home: Path, carectl: Carectl) -> None:
    visits = home / "clients/c-001/visits.yaml"
    edit(visits, "reason: At the eye doctor", f"reason: {CANARY} reason, note: {CANARY} note")
    edit(visits, "for_family: Slept well", f"for_family: {CANARY} family\n    note: {CANARY} note")
    edit(home / "clients/c-001/contacts.yaml", "name: Ruth Feldman", f"name: Ruth {CANARY}")
    edit(home / "carectl.yaml", "phone:", "email: dana@lakeside.example, phone:")
    assert carectl("calendar", "publish", FEEDS).code == 0
    feeds = home.parent / "feeds"
    everybody = token(home, "staff/dana")
    for path, raw in census(feeds).items():
        assert re.fullmatch(r"(?:[0-9a-f]{32}/)?(?:calendar\.ics|index\.html)", path)
        text = raw.decode().replace("\r\n ", "")
        if not path.startswith(everybody):
            for word in (CANARY, *"Alvarez Park Whitfield doctor Penicillin Heart Key dnr care-2026".split()):
                assert word not in text, (path, word)
        if not path.startswith((everybody, token(home, "staff/jo-park"))):
            for word in ("Rosa", "Rosie", "Elm", "Evanston", "c-001", "personal", "fall"):
                assert word not in text, (path, word)
    link = token(home, "c-001/maria")
    page = (feeds / link / "index.html").read_text(encoding="utf-8")
    assert not re.search("Maria|Mom|Jo|Dana|c-001", page)
    assert "Lakeside" in page
    assert "+1 312 555 0142" in page
    # The memory names no one, and lies where nobody publishes it.
    kept = (home / MEMORY).read_text(encoding="utf-8")
    assert not re.search("Maria|Rosa|Mom|Park", kept)
    assert not any("subscribers" in path or ".carectl" in path for path in census(feeds))


def test_permissions_whatever_the_umask(home: Path, feeds: Path) -> None:
    modes = {path.stat().st_mode & 0o777 for path in feeds.rglob("*") if path.is_file()}
    assert modes == {0o644}
    assert {path.stat().st_mode & 0o777 for path in [feeds, *feeds.glob("*")] if path.is_dir()} == {0o755}
    assert (home / MEMORY).stat().st_mode & 0o777 == 0o600


def test_git_never_gets_the_links(home: Path, carectl: Carectl) -> None:
    repository(home)
    carectl("calendar", "publish", FEEDS)
    status = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=home, capture_output=True, text=True, check=True
    )
    assert "feeds" not in status.stdout
    assert carectl("save").out.startswith("Nothing to save")
    subprocess.run(["git", "add", "-f", ".carectl/feeds"], cwd=home, check=True)
    assert carectl("save").out.startswith("Nothing to save")


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es", "pl"])
def test_the_page_tells_how_and_loads_nothing(language: str, home: Path, carectl: Carectl) -> None:
    edit(home / "clients/c-001/contacts.yaml", "calls_client: Mom", f"calls_client: Mom\n    language: {language}")
    edit(home / "carectl.yaml", "practice:", "calendar: {url: https://feeds.example/a/}\npractice:")
    done = carectl("calendar", "publish", FEEDS)
    link = token(home, "c-001/maria")
    assert f"    https://feeds.example/a/{link}/index.html\n" in done.out
    page = (home.parent / "feeds" / link / "index.html").read_text(encoding="utf-8")
    assert f'<html lang="{language if language == "es" else "en"}">' in page
    for word in ("iPhone", "Mac", "Google", "Outlook", "Thunderbird", "4 ", "24 ", "Lakeside", "+1 312 555 0142"):
        assert word in page
    assert f"<code>https://feeds.example/a/{link}/calendar.ics</code>" in page
    assert re.findall(r"(?:href|src|action|url)\W+(\w+):", page) == ["webcal"]
    assert not re.search("<script|<img|<link|<iframe|@import|http:", page)
    assert "default-src 'none'" in page
    assert "noindex" in page
    # No day is on it: it is the same tomorrow.
    assert not re.search("2026|November|noviembre", page)


def test_without_an_address_the_page_leads_beside_itself(home: Path, feeds: Path) -> None:
    page = (feeds / token(home, "c-001/maria") / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]*)"', page) == ["calendar.ics"]


@pytest.mark.parametrize(
    "url", ["http://feeds.example", "javascript:alert(1)", "feeds.example", "https://x/ y", "https://"]
)
def test_an_address_that_is_none_is_refused(url: str, home: Path, carectl: Carectl) -> None:
    edit(home / "carectl.yaml", "practice:", f'calendar: {{url: "{url}"}}\npractice:')
    done = carectl("calendar", "publish", FEEDS)
    assert (done.code, "begins with https://" in done.err) == (2, True)
    assert not (home.parent / "feeds").exists()


# --- where to --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [".", "clients", "feeds", "..", "/", "../caseload"])
def test_feeds_do_not_go_where_the_records_are(named: str, home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("calendar", "publish", named)
    assert done.code == 2
    assert census(home) == before


def test_the_folder_of_the_practice_counts_from_the_caseload(home: Path, carectl: Carectl, monkeypatch: Any) -> None:
    assert carectl("calendar", "publish").code == 2
    edit(home / "carectl.yaml", "practice:", "calendar: {publish_to: ../feeds}\npractice:")
    monkeypatch.chdir(home / "clients")
    assert carectl("calendar", "publish").code == 0
    assert (home.parent / "feeds" / "index.html").exists()
    # What is named on the line wins, and counts from here.
    monkeypatch.chdir(home.parent)
    done = carectl("calendar", "publish", "other", "--caseload", "caseload")
    assert (done.code, (home.parent / "other").is_dir()) == (0, True)
    assert f"what was published to {home.parent}/feeds before is not renewed any more" in done.err


def test_in_a_new_folder_every_event_stays_what_it_was(home: Path, feeds: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "publish", "../moved", "--now", "2026-11-22T20:00")
    assert done.code == 0
    assert census(home.parent / "moved") == census(feeds)
    # So does what cannot be renewed now.
    (home / "staff/jo-park.yaml").write_text("{", encoding="utf-8")
    assert carectl("calendar", "publish", "../again").code == 1
    assert (home.parent / "again" / token(home, "staff/jo-park") / "calendar.ics").exists()


def test_a_link_that_was_being_taken_away_leads_nowhere_after_a_move_either(
    home: Path, feeds: Path, carectl: Carectl
) -> None:
    old = token(home, "c-001/maria")
    stored = json.loads((home / MEMORY).read_text(encoding="utf-8"))
    stored["feeds"]["c-001/maria"] |= {"token": "0" * 32, "former": old}
    (home / MEMORY).write_text(json.dumps(stored), encoding="utf-8")
    assert carectl("calendar", "publish", "../moved").code == 0
    assert not (feeds / old).exists()
    assert (home.parent / "moved" / ("0" * 32)).is_dir()


def test_what_is_published_is_read_when_nobody_is_writing_any_more(home: Path, feeds: Path) -> None:
    from carectl.caseload.store import Store

    line = [sys.executable, "-m", "carectl", "calendar", "publish", FEEDS, "--now", NOW]
    with Store(home).transaction(command="a test") as change:
        running = subprocess.Popen(line, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1.5)  # by now it waits; if it does not yet, this test shows less, and fails for nobody
        assert running.poll() is None
        raw = change.read("staff/jo-park.yaml").replace(b"given: Jo,", b"given: Joanna,")
        change.replace("staff/jo-park.yaml", raw)
    running.communicate()
    assert "SUMMARY:Mom – Joanna\n" in calendar(home, "c-001/maria")
    assert "SUMMARY:Mom – Jo\n" not in calendar(home, "c-001/maria")


def test_another_caseload_or_computer_does_not_take_over(home: Path, feeds: Path, carectl: Carectl) -> None:
    before = census(feeds)
    (home / MEMORY).unlink()
    done = carectl("calendar", "publish", FEEDS)
    assert done.code == 3
    assert "has 3 feeds that this caseload does not know" in done.err
    assert census(feeds) == before
    assert not (home / MEMORY).exists()


def test_a_damaged_memory_stops_everything(home: Path, feeds: Path, carectl: Carectl) -> None:
    before = census(feeds)
    (home / MEMORY).write_text("{", encoding="utf-8")
    for line in (["publish", FEEDS], ["list"], ["rotate", "c-001/maria"], ["revoke", "jo"]):
        assert carectl("calendar", *line).code == 3
    assert census(feeds) == before
    done = carectl("visit", "move", "c-001/care-2026-12-02", "--at", "10:30", "--reason", "bus")
    assert (done.code, "out of date" in done.out + done.err) == (0, False)


# --- list ------------------------------------------------------------------------------------------------------------


def test_the_list(home: Path, feeds: Path, carectl: Carectl) -> None:
    before = census(home.parent)
    done = carectl("calendar", "list")
    assert done.code == 0
    assert done.out.count("up to date") == 4
    assert "All calendars are up to date." in done.out
    assert re.search(r"c-001/bob +Bob Alvarez +not shared with bob", done.out)
    assert not any(feed["token"] in done.out for feed in memory(home).values())
    assert all(len(line) <= 80 for line in done.out.splitlines())
    done = carectl("calendar", "list", "--links")
    assert f"    {feeds}/{token(home, 'c-001/maria')}/calendar.ics\n" in done.out
    assert census(home.parent) == before


def test_the_list_as_json(home: Path, feeds: Path, carectl: Carectl) -> None:
    found = json.loads(carectl("calendar", "list", "-f", "json", "--links").out)
    assert list(found) == ["format", "folder", "url", "feeds", "none"]
    assert found["feeds"][0] == {
        "subscriber": "c-001/maria", "kind": "contact", "client": "c-001", "person": "maria", "name": "Maria Alvarez",
        "shows": "visits", "state": "up to date", "why": None, "since": "2026-11-22",
        "published": "2026-11-22T12:00:00-06:00", "link": f"{feeds}/{token(home, 'c-001/maria')}/calendar.ics",
    }  # fmt: skip
    assert [(one["subscriber"], one["why"]) for one in found["none"]] == [
        ("c-001/bob", "not shared with bob"), ("c-001/ruth", "not shared with ruth"),
    ]  # fmt: skip
    assert "link" not in json.loads(carectl("calendar", "list", "-f", "json").out)["feeds"][0]


def test_the_list_before_anything_was_published(home: Path, carectl: Carectl) -> None:
    done = carectl("calendar", "list")
    assert (done.code, done.out.count("not published yet")) == (0, 3)
    assert "3 feeds are out of date: carectl calendar publish" in done.out
    assert not (home / ".carectl").exists()


# --- rotate, revoke --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["c-001/maria"], ["rosa", "maria"], ["rosa/mar"], ["Rosa", "Maria Alvarez"]])
def test_rotate(words: list[str], home: Path, feeds: Path, carectl: Carectl) -> None:
    edit(home / "carectl.yaml", "practice:", "calendar: {url: https://feeds.example}\npractice:")
    carectl("calendar", "publish", FEEDS)
    old, shown = token(home, "c-001/maria"), calendar(home, "c-001/maria")
    page = (feeds / old / "index.html").read_text(encoding="utf-8")
    done = carectl("calendar", "rotate", *words)
    new = token(home, "c-001/maria")
    assert (done.code, old != new) == (0, True)
    assert (
        f"c-001/maria Maria Alvarez: a new link; the old one leads nowhere now\n  https://feeds.example/{new}/"
        in done.out
    )
    assert not (feeds / old).exists()
    assert calendar(home, "c-001/maria") == shown
    assert (feeds / new / "index.html").read_text(encoding="utf-8") == page.replace(old, new)
    before = touched(feeds)
    assert rows(carectl("calendar", "publish", FEEDS))["c-001/maria"] == "unchanged"
    assert touched(feeds) == before


def test_revoke_and_a_link_again(home: Path, feeds: Path, carectl: Carectl) -> None:
    old = token(home, "staff/jo-park")
    done = carectl("calendar", "revoke", "jo")
    assert done.out.startswith("staff/jo-park Jo Park: the calendar is taken away, and the link leads nowhere now\n")
    assert not (feeds / old).exists()
    assert old not in (home / MEMORY).read_text(encoding="utf-8")
    assert "staff/jo-park  Jo Park" in carectl("calendar", "list").out
    assert "taken away on 2026-11-22 already" in carectl("calendar", "revoke", "staff/jo-park").out
    done = carectl("calendar", "publish", FEEDS)
    assert (done.code, rows(done)["staff/jo-park"]) == (0, "no calendar: revoked on 2026-11-22")
    moved = carectl("visit", "move", "c-001/care-2026-12-02", "--at", "10:30", "--reason", "bus")
    assert "2 feeds are out of date" in moved.out
    done = carectl("calendar", "rotate", "jo")
    assert "a link again" in done.out
    assert "after the next carectl calendar publish" in done.out
    assert rows(carectl("calendar", "publish", FEEDS))["staff/jo-park"] == "new"
    assert token(home, "staff/jo-park") != old


def test_somebody_who_is_on_file_no_more_can_be_revoked(home: Path, feeds: Path, carectl: Carectl) -> None:
    edit(home / "clients/c-001/contacts.yaml", "id: maria", "id: mary")
    assert carectl("calendar", "revoke", "c-001/maria").code == 0
    (home / "clients/c-001").rename(home.parent / "gone")
    assert carectl("calendar", "rotate", "c-001/maria").code == 0
    (home / "staff/jo-park.yaml").unlink()
    assert carectl("calendar", "revoke", "jo-park").code == 0
    assert len(list(feeds.glob("*/calendar.ics"))) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [(["nobody"], 2), (["c-001/nobody"], 2), (["a", "b", "c"], 2), (["c-001/bob"], 1), ([], 2), (["bob", "x"], 2)],
)
def test_who_is_not_meant(words: list[str], code: int, home: Path, feeds: Path, carectl: Carectl) -> None:
    before = census(home)
    assert carectl("calendar", "rotate", *words).code == code
    assert census(home) == before


def test_a_folder_that_is_not_there_keeps_its_links(home: Path, feeds: Path, carectl: Carectl) -> None:
    feeds.rename(home.parent / "unmounted")
    before = census(home)
    for command in ("rotate", "revoke"):
        done = carectl("calendar", command, "c-001/maria")
        assert (done.code, "is not there, so the old link cannot be taken away" in done.err) == (3, True)
    assert census(home) == before


# --- out of date -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("visit move c-002/nights-2026-11-28 --at 21:00 --reason bus", 2),
        ("visit cancel c-001/evening-2026-12-01 --reason ill", 2),
        ("contact share c-001 bob --topic schedule --basis agreed", 1),
        ("contact revoke c-001 maria", 1),
        ("client discharge c-001 --on 2026-11-22 --reason died --deceased", 3),
        ("note c-001 -m Called --with contact:ruth", 0),
        ("task add c-001 Call --due 2026-12-01", 0),
        ("contact add c-001 --name Ann --relationship niece", 0),
    ],
)
def test_what_a_command_made_out_of_date(line: str, count: int, home: Path, feeds: Path, carectl: Carectl) -> None:
    done = carectl(*line.split())
    found = re.findall(r"(\d+) feeds? (?:is|are) out of date: carectl calendar publish\n", done.out)
    assert found == ([str(count)] if count else []), done
    listed = carectl("calendar", "list")
    assert (f"{count} feed" in listed.out) == bool(count)
    carectl("calendar", "publish", FEEDS)
    assert "All calendars are up to date." in carectl("calendar", "list").out


def test_a_dry_run_and_a_caseload_without_feeds_say_nothing(home: Path, carectl: Carectl) -> None:
    line = ["visit", "move", "c-001/care-2026-12-02", "--at", "10:30", "--reason", "bus"]
    assert "out of date" not in carectl(*line).out
    carectl("calendar", "publish", FEEDS)
    assert "out of date" not in carectl(*line[:-4], "--at", "11:00", "--reason", "bus", "--dry-run").out


def test_what_will_be_out_of_date_can_be_asked_before_it_is_written(home: Path, feeds: Path, carectl: Carectl) -> None:
    from carectl.caseload.trees import FolderTree
    from carectl.commands.session import Session
    from carectl.commands.surveying import stale

    class Tomorrow(FolderTree):
        def read(self, path: str) -> Any:
            raw = super().read(path)
            return raw.replace(b"2026-11-27", b"2026-12-02") if path == "staff/jo-park.yaml" else raw  # type: ignore[union-attr]

    assert stale(Session(None, NOW)) == []
    assert stale(Session(None, NOW), Tomorrow(home)) == ["c-001/maria", "staff/dana", "staff/jo-park"]
    assert stale(Session(None, NOW), Tomorrow(home), touched=["staff/jo-park.yaml"]) == [
        "c-001/maria", "staff/dana", "staff/jo-park",
    ]  # fmt: skip
    edit(home / "staff/jo-park.yaml", "given: Jo", "given: Joe")
    assert stale(Session(None, NOW), touched=["staff/jo-park.yaml"]) == ["c-001/maria", "staff/dana", "staff/jo-park"]


def test_asking_does_not_load_the_calendar_library(home: Path, feeds: Path) -> None:
    program = (
        "import sys; from carectl.cli import run; "
        "code = run('visit move c-001/care-2026-12-02 --at 10:30 --reason bus'.split()); "
        "print(code, {'icalendar', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=home, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("3 feeds are out of date: carectl calendar publish\n0 set()\n")


# --- crashes and crowds ----------------------------------------------------------------------------------------------

CHANGES: Final = frozenset(("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.link"))


def die_before(step: int, *line: str) -> bool:
    """Run a command in a process of its own that dies just before its Nth change on the disk; False if it ended."""
    pid = os.fork()
    if pid == 0:
        left = step

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal left
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
            if (event in CHANGES or writes) and "__pycache__" not in str(arguments[0]):
                left -= 1
                if left < 0:
                    os._exit(77)

        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        sys.addaudithook(hook)
        os._exit(run([*line]))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77


def steps(*line: str, prepare: Callable[[], None], every: int = 1) -> Iterator[int]:
    """Kill a command before each (or every nth) of its changes; yields after each death."""
    for step in range(0, 500, every):
        prepare()
        if not die_before(step, *line):
            assert step > 5
            return
        yield step


def sound(home: Path, feeds: Path) -> None:
    """Nothing lies about, every link that is remembered leads to a whole calendar, and there is no other one."""
    links = {feed["token"] for feed in memory(home).values()} - {None}
    assert {path.name for path in feeds.iterdir()} == {*links, "index.html"}
    assert not list(feeds.rglob(".carectl-*"))
    assert not [feed for feed in memory(home).values() if feed["former"]]
    for path in feeds.glob("*/calendar.ics"):
        assert path.read_bytes().endswith(b"END:VCALENDAR\r\n")
        assert path.stat().st_mode & 0o777 == 0o644


def kept(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def restore(folder: Path, files: dict[Path, bytes]) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):  # the folder itself stays: it is the current one
        path.rmdir() if path.is_dir() else path.unlink()
    for path, raw in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def test_killed_at_any_step_of_the_first_publishing(home: Path, carectl: Carectl) -> None:
    feeds, before = home.parent / "feeds", kept(home)

    def prepare() -> None:
        restore(home, before)
        restore(feeds, {})

    for step in steps("calendar", "publish", FEEDS, prepare=prepare, every=3):
        known = memory(home) if (home / MEMORY).exists() else {}
        done = carectl("calendar", "publish", FEEDS)
        assert done.code == 0, (step, done)
        sound(home, feeds)
        # A link that was decided on is the one that stays.
        assert all(memory(home)[key]["token"] == feed["token"] for key, feed in known.items())
        assert len(list(feeds.glob("*/calendar.ics"))) == 3


def test_killed_at_any_step_of_publishing_a_change(home: Path, feeds: Path, carectl: Carectl) -> None:
    carectl("visit", "move", "c-001/care-2026-12-02", "--at", "10:30", "--reason", "bus")
    carectl("contact", "revoke", "c-001", "maria")
    before = kept(home.parent)

    def prepare() -> None:
        for folder in (home, feeds):
            restore(folder, {path: raw for path, raw in before.items() if path.is_relative_to(folder)})
        for path in [feeds, *feeds.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    for step in steps("calendar", "publish", FEEDS, prepare=prepare):
        assert carectl("calendar", "publish", FEEDS).code == 0, step
        links = {feed["token"]: key for key, feed in memory(home).items()}
        assert {links[path.parent.name] for path in feeds.glob("*/calendar.ics")} == {"staff/dana", "staff/jo-park"}
        assert not list(feeds.rglob(".carectl-*"))
        changed = [event for event in events(home, "staff/jo-park").values() if "SEQUENCE:0\n" not in event]
        assert len(changed) == 1
        assert "SEQUENCE:1\n" in changed[0]


@pytest.mark.parametrize("command", ["rotate", "revoke"])
def test_killed_at_any_step_of_taking_a_link_away(command: str, home: Path, feeds: Path, carectl: Carectl) -> None:
    old, before = token(home, "c-001/maria"), kept(home.parent)

    def prepare() -> None:
        for folder in (home, feeds):
            restore(folder, {path: raw for path, raw in before.items() if path.is_relative_to(folder)})
        for path in [feeds, *feeds.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    for step in steps("calendar", command, "c-001/maria", prepare=prepare):
        decided = memory(home)["c-001/maria"]["token"]
        assert carectl("calendar", "publish", FEEDS).code == 0, step
        sound(home, feeds)
        assert memory(home)["c-001/maria"]["token"] == decided
        assert (feeds / old).exists() == (decided == old)
        if decided is not None and decided != old:
            assert "SEQUENCE:1" not in calendar(home, "c-001/maria")


def test_two_who_publish_at_a_time_do_not_meet(home: Path) -> None:
    line = [sys.executable, "-m", "carectl", "calendar", "publish", FEEDS, "--now", NOW]
    running = [subprocess.Popen(line, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    ended = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * 4, ended
    said = sorted(out.decode().splitlines()[-1] for out, _ in ended)
    assert said == ["3 new", "3 unchanged", "3 unchanged", "3 unchanged"]
    sound(home, home.parent / "feeds")
    assert len(memory(home)) == 3


# --- the example -----------------------------------------------------------------------------------------------------


def test_the_example_is_published_and_read_by_the_calendar_library(lakeside: Path, carectl: Carectl) -> None:
    from icalendar import Calendar

    done = carectl("calendar", "publish")
    assert (done.code, done.err) == (0, "")
    for path in (lakeside.parent / "feeds").glob("*/calendar.ics"):
        shown = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
        assert shown
        assert len({str(event["UID"]) for event in shown}) == len(shown)
    assert set(rows(carectl("calendar", "publish")).values()) == {"unchanged"}
    # Ewa is the daughter of two clients: two calendars, and none shows what the other one does.
    one, other = calendar(lakeside, "c-002/ewa"), calendar(lakeside, "c-003/ewa")
    assert not set(re.findall("UID:(.*)", one)) & set(re.findall("UID:(.*)", other))

"""The memory of published feeds, and the folder that they are published to."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from carectl.caseload.subscriptions import (
    CALENDAR,
    HOME,
    PAGE,
    Published,
    Subscription,
    Subscriptions,
    digest,
    settle,
    were_published,
)
from carectl.errors import EnvironmentProblem, UsageError

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """The umask that the program sets for itself."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A caseload."""
    (tmp_path / "caseload").mkdir()
    (tmp_path / "caseload" / "carectl.yaml").write_text("practice: {}\n", encoding="utf-8")
    return tmp_path / "caseload"


@pytest.fixture
def place(tmp_path: Path) -> Published:
    """A published folder with one feed."""
    found = Published(tmp_path / "feeds")
    found.begin()
    found.put(ONE, CALENDAR, b"calendar")
    found.put(ONE, PAGE, f"the link: {ONE}".encode())
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- the memory ------------------------------------------------------------------------------------------------------


def test_what_is_remembered_is_read_back(root: Path) -> None:
    assert not were_published(root)
    memory = Subscriptions.of(root)
    assert (memory.feeds, memory.folder) == ({}, None)
    memory.folder = "/srv/feeds"
    memory.feeds["c-014/maria"] = Subscription(
        ONE, "2026-11-22", "2026-11-22T06:40:00-06:00", digest(b"x"), "2026-10-19", "2027-03-28", "drop",
        {"c-014": "d" * 32}, 4, former=TWO,
    )  # fmt: skip
    memory.feeds["staff/jo-park"] = Subscription(None, "2026-11-22", revoked="2026-11-23")
    memory.save()
    again = Subscriptions.of(root)
    assert (again.folder, again.feeds) == (memory.folder, memory.feeds)
    assert again.tokens == {ONE, TWO}
    assert were_published(root)


def test_the_memory_is_the_users_alone_and_git_ignores_it(root: Path) -> None:
    memory = Subscriptions.of(root)
    memory.save()
    home = root / HOME
    assert mode(home) == 0o700
    assert {path.name: mode(path) for path in home.iterdir()} == {".gitignore": 0o600, "subscribers.json": 0o600}
    assert (home / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (home / ".gitignore").unlink()
    (home / "subscribers.json").chmod(0o644)
    memory.folder = "x"
    memory.save()
    assert (home / ".gitignore").exists()
    assert mode(home / "subscribers.json") == 0o600


def test_a_memory_that_did_not_change_is_not_written(root: Path) -> None:
    Subscriptions.of(root).save()
    path = root / HOME / "subscribers.json"
    before = path.stat()
    Subscriptions.of(root).save()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


WRONG: Final[list[dict[str, object]]] = [
    {"token": "../../etc"}, {"token": 3}, {"token": ONE + "\n"}, {"former": "x"}, {"since": 3}, {"other": 1},
    {"start": "2026-13-01", "until": "2027-01-01"}, {"parts": []}, {"sequence": "1"}, {"content": 1},
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"format": 1}', '{"format": 2, "folder": null, "feeds": {}}',
        '{"format": 1, "folder": 3, "feeds": {}}', '{"format": 1, "folder": null, "feeds": []}',
        *(
            json.dumps({"format": 1, "folder": None, "feeds": {"c/m": {"token": ONE, "since": "2026-11-22", **wrong}}})
            for wrong in WRONG
        ),
    ],
)  # fmt: skip
def test_a_damaged_memory_is_never_taken_for_an_empty_one(text: str, root: Path) -> None:
    (root / HOME).mkdir(parents=True)
    (root / HOME / "subscribers.json").write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"subscribers\.json cannot be used: it is damaged"):
        Subscriptions.of(root)


def test_a_feed_that_is_withdrawn_keeps_its_link_and_its_version() -> None:
    feed = Subscription(ONE, "2026-11-22", "now", "x", "2026-10-19", "2027-03-28", parts={"c": "d"}, sequence=4)
    feed.withdraw()
    assert (feed.token, feed.sequence, feed.is_published, feed.window(), feed.parts) == (ONE, 4, False, None, {})


# --- where feeds may go ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [".", "feeds", "clients/c-014", "..", "../..", "/", "../caseload/x"])
def test_not_into_the_caseload_nor_above_it(named: str, root: Path) -> None:
    with pytest.raises(UsageError, match="caseload"):
        Published.at(root / named, root)


def test_a_link_is_followed_before_it_is_judged(root: Path, tmp_path: Path) -> None:
    (tmp_path / "in").symlink_to(root / "clients")
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "me").symlink_to(root)
    for named, home in ((tmp_path / "in", root), (tmp_path / "me" / "x", root), (root / "x", tmp_path / "me")):
        with pytest.raises(UsageError):
            Published.at(named, home)
    assert Published.at(tmp_path / "out", root).place == tmp_path / "elsewhere"
    assert Published.at(tmp_path / "caseload-feeds", root).place == tmp_path / "caseload-feeds"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / ".htaccess").write_text("", encoding="utf-8")
    Published(folder).check(())  # hidden things do no harm
    for name in ("index.html", "photo.jpg"):
        (folder / name).write_text("<title>Our family</title>", encoding="utf-8")
        with pytest.raises(UsageError, match="is not empty"):
            Published(folder).check(())
        (folder / name).unlink()


def test_a_file_or_a_folder_without_one_above_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for named in ("file", "nowhere/feeds"):
        with pytest.raises(EnvironmentProblem, match="cannot publish to"):
            Published(tmp_path / named).check(())


def test_feeds_that_nobody_here_knows_are_not_joined_by_others(place: Published) -> None:
    place.check({ONE})
    with pytest.raises(EnvironmentProblem, match="has 1 feed that this caseload does not know") as refused:
        place.check({TWO})
    assert ONE not in str(refused.value)
    place.put(TWO, CALENDAR, b"")
    with pytest.raises(EnvironmentProblem, match="has 1 feed that"):
        place.check({TWO})


def test_a_front_page_that_was_lost_is_made_again(place: Published) -> None:
    (place.place / PAGE).unlink()
    place.check({ONE})
    place.begin()
    assert b"carectl calendar publish" in (place.place / PAGE).read_bytes()


# --- what lies there -------------------------------------------------------------------------------------------------


def test_everybody_may_read_what_is_published(place: Published) -> None:
    assert mode(place.place) == mode(place.place / ONE) == 0o755
    assert {mode(path) for path in place.place.rglob("*") if path.is_file()} == {0o644}
    (place.place / ONE).chmod(0o700)
    (place.place / ONE / CALENDAR).chmod(0o600)
    place.put(ONE, CALENDAR, b"new")
    assert (mode(place.place / ONE), mode(place.place / ONE / CALENDAR)) == (0o755, 0o644)


def test_the_folder_of_somebody_else_keeps_its_permissions(tmp_path: Path) -> None:
    folder = tmp_path / "www"
    folder.mkdir(mode=0o750)
    folder.chmod(0o750)
    Published(folder).begin()
    assert mode(folder) == 0o750


def test_what_a_crash_left_is_cleared_away(place: Published) -> None:
    for folder in (place.place, place.place / ONE):
        (folder / ".carectl-1.tmp").write_bytes(b"half")
    place.begin()
    assert not list(place.place.glob(".*"))
    assert sorted(path.name for path in (place.place / ONE).iterdir()) == [CALENDAR, PAGE]


def test_a_failure_leaves_the_old_feed(place: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(EnvironmentProblem, match="the drive is full"):
        place.put(ONE, CALENDAR, b"new")
    assert place.read(ONE, CALENDAR) == b"calendar"
    assert not list(place.place.rglob(".carectl-*"))


def test_removing_and_renaming(place: Published) -> None:
    place.rename(ONE, TWO)
    assert place.read(ONE, CALENDAR) is None
    assert place.read(TWO, CALENDAR) == b"calendar"
    assert place.read(TWO, PAGE) == f"the link: {TWO}".encode()
    place.rename(ONE, THREE)
    place.remove(TWO)
    place.remove(TWO)
    assert [path.name for path in place.place.iterdir()] == [PAGE]


def test_a_link_in_the_place_of_a_feed_is_removed_and_not_followed(place: Published, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo").write_bytes(b"")
    (place.place / TWO).symlink_to(tmp_path / "mine")
    place.remove(TWO)
    assert (tmp_path / "mine" / "photo").exists()
    assert not os.path.lexists(place.place / TWO)


@pytest.mark.parametrize("token", [TWO, None])
@pytest.mark.parametrize("moved", [False, True])
def test_what_was_begun_is_finished(token: str | None, moved: bool, place: Published, root: Path) -> None:
    memory = Subscriptions.of(root)
    memory.feeds["c-014/maria"] = Subscription(token, "2026-11-22", former=ONE)
    if moved:
        place.remove(ONE) if token is None else place.rename(ONE, token)
    settle(memory, place)
    assert place.read(ONE, CALENDAR) is None
    assert token is None or place.read(token, CALENDAR) == b"calendar"
    assert Subscriptions.of(root).feeds["c-014/maria"].former is None

"""What is remembered of published feeds (their secret links above all), and the folder that they are published to.

The memory lies in the caseload, out of git's sight. A link is a secret: whoever has it reads the calendar. So the
names in the published folder are the random tokens and nothing else, and the memory is never in it.

Whoever changes either holds the writer's lock of the caseload (`carectl.caseload.store`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from carectl.caseload import files
from carectl.errors import EnvironmentProblem, UsageError

HOME: Final = ".carectl/feeds"
"""Where the memory lies. Git ignores it by a .gitignore of its own."""
CALENDAR: Final = "calendar.ics"
PAGE: Final = "index.html"

_MEMORY: Final = "subscribers.json"
_TOKEN: Final = re.compile("[0-9a-f]{32}")
_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755
_BESIDE: Final = ".carectl-"
_MARK: Final = b'<meta name="generator" content="carectl calendar publish">'
_FRONT: Final = (
    b'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n'
    + _MARK
    + b'\n<meta name="robots" content="noindex, nofollow">\n<title>Nothing to see here</title>\n'
    b"<p>Nothing to see here. If you look for your calendar, use the whole link that you were given.</p>\n"
)
"""What stands at the root of the published folder: it tells that carectl made it, and a server shows it instead of a
list of everybody's links."""


# --- the memory ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Subscription:
    """What is remembered of one subscriber's feed. No name is in it."""

    token: str | None
    """The secret folder of the feed; None: it was revoked."""
    since: str
    """The day on which they got a link for the first time."""
    published: str | None = None
    """The moment at which their feed was last written; None while there is none."""
    content: str | None = None
    """The digest of the calendar as it was written."""
    start: str | None = None
    """The first day that it holds."""
    until: str | None = None
    """The last day that it holds."""
    cancelled: str = "mark"
    """What was done with cancelled visits."""
    parts: dict[str, str] = field(default_factory=dict)
    """The digest of what each client's records put into it."""
    sequence: int = -1
    """The highest SEQUENCE that was ever in it; below 0: it never was."""
    revoked: str | None = None
    """The day on which the link was taken away by hand."""
    former: str | None = None
    """A token that must not lead anywhere any more: its folder is about to be renamed or removed."""

    @property
    def is_published(self) -> bool:
        """Whether there is a feed that somebody may be reading."""
        return self.published is not None

    def window(self) -> tuple[dt.date, dt.date] | None:
        """The days that the published feed holds, both included."""
        if self.start is None or self.until is None:
            return None
        return dt.date.fromisoformat(self.start), dt.date.fromisoformat(self.until)

    def withdraw(self) -> None:
        """Note that the feed is gone, for now: should they get it back, it is under the same link."""
        self.published = self.content = self.start = self.until = None
        self.parts = {}


@dataclass(slots=True)
class Subscriptions:
    """The memory of a caseload's feeds."""

    root: Path
    folder: str | None = None
    """The folder that was last published to, in full."""
    feeds: dict[str, Subscription] = field(default_factory=dict)
    """By the subscribers' keys."""
    _written: bytes | None = None

    @classmethod
    def of(cls, root: Path) -> Subscriptions:
        """The memory of a caseload; an empty one if nothing was ever published.

        Raises EnvironmentProblem if it cannot be read: made anew, it would give everybody another link.
        """
        path = root / HOME / _MEMORY
        try:
            raw = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return cls(root)
        except OSError as problem:
            raise _unreadable(problem.strerror or "the system refuses") from None
        try:
            stored = json.loads(raw)
            feeds = {str(key): _subscription(value) for key, value in stored["feeds"].items()}
            folder = stored["folder"]
            if stored["format"] != 1 or not (folder is None or isinstance(folder, str)):
                raise ValueError
        except (LookupError, ValueError, TypeError, AttributeError):
            raise _unreadable("it is damaged") from None
        return cls(root, folder, feeds, raw)

    @property
    def tokens(self) -> frozenset[str]:
        """Every token whose folder may be there."""
        return frozenset(t for feed in self.feeds.values() for t in (feed.token, feed.former) if t is not None)

    def save(self) -> None:
        """Write the memory, whole or not at all, if it changed. Raises EnvironmentProblem."""
        stored = {
            "format": 1,
            "folder": self.folder,
            "feeds": {key: asdict(feed) for key, feed in sorted(self.feeds.items())},
        }
        raw = (json.dumps(stored, indent=1) + "\n").encode()
        home = self.root / HOME
        with files.problems(f"{HOME}/{_MEMORY}"):
            home.mkdir(mode=files.FOLDER_MODE, parents=True, exist_ok=True)
            ignore = home / ".gitignore"
            # First of all, so that there is no moment at which git would take the links.
            if not ignore.exists():
                files.write(ignore, b"*\n")
            if raw == self._written:
                return
            files.write(home / _MEMORY, raw)
            (home / _MEMORY).chmod(files.FILE_MODE)
        self._written = raw


def were_published(root: Path) -> bool:
    """Whether a caseload has ever published feeds: one look, for those who ask after every edit."""
    return (root / HOME / _MEMORY).exists()


def _subscription(value: Mapping[str, Any]) -> Subscription:
    """One entry of the memory. A token that is none must not lead to another folder. Raises ValueError, TypeError."""
    feed = Subscription(**value)
    for token in (feed.token, feed.former):
        if token is not None and not _TOKEN.fullmatch(token):
            raise ValueError
    texts = (feed.published, feed.content, feed.start, feed.until, feed.revoked)
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError
    if not (isinstance(feed.since, str) and isinstance(feed.sequence, int) and isinstance(feed.parts, dict)):
        raise ValueError
    feed.window()
    return feed


def _unreadable(why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"{HOME}/{_MEMORY} cannot be used: {why}\n"
        "hint: it holds everybody's links, so put it back from a backup; without it, remove it and the published\n"
        "      feeds, and everybody gets a new link"
    )


def digest(content: bytes) -> str:
    """The digest of a published file."""
    return sha256(content).hexdigest()


# --- the published folder --------------------------------------------------------------------------------------------


class Published:
    """The folder that feeds are published to: a folder per token, each with a calendar and a page."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @classmethod
    def at(cls, named: Path, root: Path) -> Published:
        """The folder of a name, followed to where it really is. Raises UsageError if feeds must not lie there.

        Not in the caseload and not above it: whoever puts the folder on the web would publish the records with it.
        """
        try:
            place, home = named.resolve(), root.resolve()
        except (OSError, RuntimeError) as problem:
            raise EnvironmentProblem(f"{named} cannot be followed: {problem}") from None
        if place.is_relative_to(home):
            raise UsageError(f"{named} is in the caseload: feeds go to a folder outside, for it is put on the web")
        if home.is_relative_to(place):
            raise UsageError(f"{named} holds the caseload: what is in it would be put on the web")
        return cls(place)

    def names(self) -> list[str] | None:
        """What is in the folder, hidden things left out; None if there is no folder. Raises EnvironmentProblem."""
        try:
            with os.scandir(self.place) as entries:
                return sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            raise EnvironmentProblem(f"cannot publish to {self.place}: it is no folder") from None
        except OSError as problem:
            raise files.cannot_write(self.place, problem) from None

    def check(self, tokens: Collection[str]) -> None:
        """Look whether carectl may publish there. Raises UsageError or EnvironmentProblem.

        A folder with something else in it is left alone. So is one with feeds that are not remembered here (another
        computer published them, or the memory was lost): nobody would ever renew them, and their readers would not
        know.
        """
        names = self.names()
        if names is None:
            if not self.place.parent.is_dir():
                raise EnvironmentProblem(f"cannot publish to {self.place}: there is no folder {self.place.parent}")
            return
        feeds = {name for name in names if _TOKEN.fullmatch(name)}
        if names and not self._is_marked() and not feeds & set(tokens):
            raise UsageError(
                f"{self.place} is not empty, and nothing in it was published by carectl\n"
                "hint: name an empty or a new folder"
            )
        if unknown := len(feeds - set(tokens)):
            raise EnvironmentProblem(
                f"{self.place} has {unknown} feed{'s' * (unknown != 1)} that this caseload does not know: published "
                f"from another computer, or before {HOME} was lost; nothing was published\n"
                f"hint: copy {HOME} from there; or publish to a new folder; or, if nobody reads them any more, remove\n"
                "      those folders"
            )

    def begin(self) -> None:
        """Make the folder and its front page, if they are not there, and clear away what a crash left.

        Raises EnvironmentProblem.
        """
        with files.problems(self.place):
            if not self.place.is_dir():
                self.place.mkdir()
                self.place.chmod(_FOLDER_MODE)
                files.sync(self.place.parent)
            # Whoever holds the lock is the only one who writes here.
            for left in [*self.place.glob(f"{_BESIDE}*.tmp"), *self.place.glob(f"*/{_BESIDE}*.tmp")]:
                left.unlink()
            if not self._is_marked():
                self._write(self.place / PAGE, _FRONT)

    def read(self, token: str, name: str) -> bytes | None:
        """A published file as it is; None if there is none. Raises EnvironmentProblem."""
        path = self.place / token / name
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as problem:
            raise EnvironmentProblem(f"a published file cannot be read: {problem.strerror}") from None

    def put(self, token: str, name: str, content: bytes) -> None:
        """Publish a file, whole or not at all, for everybody to read who has the link. Raises EnvironmentProblem."""
        folder = self.place / token
        with files.problems(self.place):
            if not folder.is_dir():
                folder.mkdir()
                files.sync(self.place)
            folder.chmod(_FOLDER_MODE)
            self._write(folder / name, content)

    def remove(self, token: str) -> None:
        """Take a feed away, if there is one, the calendar first. Raises EnvironmentProblem."""
        folder = self.place / token
        with files.problems(self.place):
            if not os.path.lexists(folder):
                return
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                (folder / CALENDAR).unlink()
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)
            else:
                folder.unlink()
            files.sync(self.place)

    def rename(self, old: str, new: str) -> None:
        """Move a feed, if there is one, from one token to another in one step. Raises EnvironmentProblem."""
        with files.problems(self.place):
            if not (self.place / old).is_dir():
                return
            (self.place / old).rename(self.place / new)
            files.sync(self.place)
        page = self.read(new, PAGE)
        if page is not None:
            # It shows its own link.
            self.put(new, PAGE, page.replace(old.encode(), new.encode()))

    def _is_marked(self) -> bool:
        try:
            return _MARK in (self.place / PAGE).read_bytes()[:1000]
        except OSError:
            return False

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file that everybody may read, whatever the process's umask. Raises OSError."""
        beside = path.with_name(f"{_BESIDE}{os.getpid()}.tmp")
        try:
            files.put(beside, content)
            beside.chmod(_FILE_MODE)
            beside.replace(path)
            files.sync(path.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def settle(memory: Subscriptions, place: Published) -> None:
    """Take away the links that must not lead anywhere any more, and save the memory.

    A feed with a new link goes to its new place. Whoever wants a link gone says so in the memory, saves it, and calls
    this; if that is interrupted, the next one who calls this finishes it.
    """
    for feed in memory.feeds.values():
        if feed.former is None:
            continue
        if feed.token is not None and place.read(feed.token, CALENDAR) is None:
            place.rename(feed.former, feed.token)
        place.remove(feed.former)
        feed.former = None
    memory.save()

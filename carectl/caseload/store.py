"""Safe writing in a caseload: one writer at a time, all files of a command or none, nothing lost.

    with Store(root).transaction(command="note") as change:
        if change.recovered:
            print(change.recovered, file=sys.stderr)
        change.edit("clients/c-014/notes.yaml", add_note)

What a command writes is divided into units, each put in place by one rename: a file, or a new folder with all of its
files. At the end of the block each unit is written beside its place and flushed to the disk. One unit is then simply
renamed. For several a journal decides: it lists the units, and the old files are kept beside until all are in place.
`begun` says that nothing is in place yet, `decided` that all of it goes in place, `undoing` that all of it goes back;
each step from one to the next is one rename. Whoever writes next, after a crash, does what the journal says.

Readers take no lock. They see each unit whole, old or new; between two renames of one command they may see the first
unit new and the second still old. Units take their places in the order in which they were first named, so name what
is referred to before what refers to it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from carectl.caseload import files, reader
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding

FOLDER: Final = ".carectl/writing"
"""Where the lock and the journal lie. Git ignores it by a .gitignore of its own."""
WAIT: Final = 10.0
"""Seconds that a writer waits for another."""
TRIES: Final = 3
"""How often an edit is made anew because the file changed under it."""

_NEW: Final = ".carectl-new-"
_OLD: Final = ".carectl-old-"
_END: Final = ".tmp"

Edit = Callable[[bytes], bytes]


class FileChanged(EnvironmentProblem):
    """Another program changed a file while carectl was about to write it. Nothing was written."""


class Store:
    """The files of one caseload, for writing."""

    def __init__(self, root: Path, *, wait: float = WAIT) -> None:
        self.root = root
        self._folder = root / FOLDER
        self._wait = wait

    @contextmanager
    def transaction(self, *, command: str = "", dry_run: bool = False) -> Iterator[Transaction]:
        """Write files together. All are written when the block ends; none if anything is raised in it.

        Waits some seconds for another writer. What an interrupted command left is finished or undone first;
        `recovered` says so. `command` (no client in it, please) is what others are told that they wait for. With
        `dry_run` nothing is written at all, no lock either. Raises EnvironmentProblem.
        """
        if dry_run:
            yield Transaction(self.root)
            return
        with self._locked(command):
            change = Transaction(self.root, _recover(self.root))
            yield change
            change.finish()

    def pending(self) -> bool:
        """Whether an interrupted command left something for the next writer to put right. Writes nothing."""
        try:
            if not any(_is_there(self._folder / name) for name in _STATES):
                return False
            handle = os.open(self._folder / "lock", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return True
        try:
            # A writer that is at work now was not interrupted.
            return _lock(handle, shared=True)
        except OSError:
            return True
        finally:
            os.close(handle)

    @contextmanager
    def _locked(self, command: str) -> Iterator[None]:
        with files.problems(f"{FOLDER}/lock"):
            self._make_folder()
            handle = self._take(command)
        try:
            yield
        finally:
            # The lock goes with it, as it does when the process dies.
            with contextlib.suppress(OSError):
                os.close(handle)

    def _take(self, command: str) -> int:
        path = self._folder / "lock"
        give_up = time.monotonic() + self._wait
        pause = 0.002
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            handle = os.open(path, flags, files.FILE_MODE)
            try:
                if _lock(handle) and _is_at(handle, path):
                    with contextlib.suppress(OSError):
                        # Only for the words of those who wait in vain.
                        os.ftruncate(handle, 0)
                        os.write(handle, f"{os.getpid()} {os.uname().nodename} {command}".encode())
                    return handle
                if time.monotonic() > give_up:
                    raise EnvironmentProblem(
                        f"{_holder(handle)} is writing in this caseload; waited {self._wait:g} s, nothing was written\n"
                        "hint: wait until it is done, or end it, and run this again"
                    )
            except BaseException:
                os.close(handle)
                raise
            os.close(handle)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    def _make_folder(self) -> None:
        above = self._folder.parent
        for folder in (above, self._folder):
            if not _is_there(folder):
                with contextlib.suppress(FileExistsError):
                    folder.mkdir(mode=files.FOLDER_MODE)
                files.sync(folder.parent)
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        ignore = self._folder / ".gitignore"
        if not _is_there(ignore):
            with contextlib.suppress(FileExistsError):
                files.put(ignore, b"*\n")


@dataclass(slots=True)
class _Draft:
    """A file on its way: what it was, what was done to it, and what it will be."""

    path: str
    old: bytes | None
    new: bytes | None = None
    steps: list[Edit] = field(default_factory=list)
    """What leads from old to new; empty if it was given whole."""


class Transaction:
    """Files that are written together."""

    def __init__(self, root: Path, recovered: str | None = None) -> None:
        self.root = root
        self.recovered = recovered
        """What became of an earlier command that was interrupted, for the user to read; None if there was none."""
        self._drafts: dict[str, _Draft] = {}
        self._places: dict[str, str] = {}
        self._after: list[Callable[[], object]] = []

    def read(self, path: str) -> bytes:
        """The bytes of a file: as they are now, or as they will be if it is about to be written."""
        place, draft = self._draft(path)
        if draft is None:
            draft = self._drafts[place] = _Draft(path, self._fetch(path))
        known = draft.old if draft.new is None else draft.new
        assert known is not None
        return known

    def replace(self, path: str, new: bytes) -> None:
        """Give a file new content. At the end that is refused if the file is no longer what `read` gave."""
        self.read(path)
        self._stage(path, new).steps.clear()

    def edit(self, path: str, function: Edit) -> None:
        """Change a file by a function of its bytes. It is called again if the file changes before it is written."""
        before = self.read(path)
        _, draft = self._draft(path)
        given_whole = draft is not None and draft.new is not None and not draft.steps
        draft = self._stage(path, function(before))
        if not given_whole:
            draft.steps.append(function)

    def create(self, path: str, content: bytes) -> None:
        """A new file, with the folders that it needs. Raises EnvironmentProblem if there is one already."""
        place, draft = self._draft(path)
        with files.problems(path):
            if draft is not None or _is_there(self.root / place):
                raise FileExistsError(None, "it is there already")
        self._drafts[place] = _Draft(path, None)
        self._stage(path, content)

    def then(self, function: Callable[[], object]) -> None:
        """Call something once everything is written, with other writers still waiting: a commit, say."""
        self._after.append(function)

    def staged(self) -> Mapping[str, tuple[bytes | None, bytes]]:
        """What will be written: old and new content by path, in order. Files that stay as they are are left out."""
        return {
            draft.path: (draft.old, draft.new)
            for draft in self._drafts.values()
            if draft.new is not None and draft.new != draft.old
        }

    def drop(self) -> None:
        """Forget what was to be written."""
        self._drafts.clear()
        self._after.clear()

    def finish(self) -> None:
        """Write everything. The end of the block does this."""
        for _ in range(TRIES):
            with files.problems(self.root):
                units, content = self._units()
            try:
                if units:
                    _Writing(self.root, units).carry_out(content)
                break
            except _ChangedError as changed:
                with files.problems(changed.place):
                    self._redo(changed.place)
        else:
            raise FileChanged(
                "the files that were to be written keep changing; nothing was written\n"
                "hint: save and close them in your editor, and run this again"
            )
        self._drafts.clear()
        for function in self._after:
            function()

    def _fetch(self, path: str) -> bytes:
        raw = reader.fetch(self.root, path)
        if isinstance(raw, Finding):
            raise EnvironmentProblem(f"{path}: {raw.message}" + (f"\nhint: {raw.hint}" if raw.hint else ""))
        return raw

    def _draft(self, path: str) -> tuple[str, _Draft | None]:
        """The place of a path below the root, without links on the way to it, and what is about to be written there."""
        place = self._places.get(path)
        if place is None:
            parts = path.split("/")
            if any(part in ("", ".", "..") or part.casefold() == ".git" or "\0" in part for part in parts):
                raise ValueError(f"not a path inside of a caseload: {path!r}")
            home = os.path.realpath(self.root)
            real = os.path.realpath(self.root / path)
            if os.path.commonpath((home, real)) != home:
                raise EnvironmentProblem(f"cannot write {path}: it leads out of the caseload")
            place = self._places[path] = Path(real).relative_to(home).as_posix()
        return place, self._drafts.get(place)

    def _stage(self, path: str, new: bytes) -> _Draft:
        if len(new) > reader.MAX_BYTES:
            raise EnvironmentProblem(
                f"cannot write {path}: it would be too large to be read again\n"
                "hint: divide it into a folder of the same name, with a file per month"
            )
        draft = self._draft(path)[1]
        assert draft is not None
        draft.new = new
        return draft

    def _redo(self, place: str) -> None:
        """Make what was meant for a file out of what the file has become."""
        for known, draft in self._drafts.items():
            if known != place and not known.startswith(f"{place}/"):
                continue
            if draft.old is None and not _is_there(self.root / known):
                # Only its folder came meanwhile.
                continue
            if not draft.steps:
                there = "is there by now" if draft.old is None else "was changed by another program meanwhile"
                raise FileChanged(f"{draft.path} {there}; nothing was written\nhint: run this again")
            draft.old = draft.new = self._fetch(draft.path)
            for step in draft.steps:
                draft.new = step(draft.new)

    def _units(self) -> tuple[list[_Unit], list[Mapping[str, bytes]]]:
        """What is to be put in place, and the content of each."""
        units: dict[str, tuple[str | None, dict[str, bytes]]] = {}
        for place, draft in self._drafts.items():
            if draft.new is None or draft.new == draft.old:
                continue
            above = self._first_missing(place) if draft.old is None else None
            if above is None:
                units[place] = (None if draft.old is None else _digest(draft.old), {"": draft.new})
            else:
                units.setdefault(above, (None, {}))[1][place[len(above) + 1 :]] = draft.new
        return (
            [
                _Unit(place, old, {name: _digest(data) for name, data in content.items()})
                for place, (old, content) in units.items()
            ],
            [content for _, content in units.values()],
        )

    def _first_missing(self, place: str) -> str | None:
        """The uppermost folder on the way to a place that is not there yet."""
        above = [folder.as_posix() for folder in PurePosixPath(place).parents][-2::-1]
        return next((folder for folder in above if not _is_there(self.root / folder)), None)


# --- the lock --------------------------------------------------------------------------------------------------------


def _lock(handle: int, *, shared: bool = False) -> bool:
    """Take the lock if it is free. It lasts until the handle is closed, also by the death of the process."""
    try:
        import fcntl
    except ImportError:
        raise EnvironmentProblem("carectl can read on this system, but not write: it needs Linux or macOS") from None
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as problem:
        if problem.errno in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK)) from None
        raise
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _holder(handle: int) -> str:
    """Who holds the lock, in words."""
    with contextlib.suppress(OSError, ValueError):
        pid, host, command = os.pread(handle, 200, 0).decode("utf-8", "replace").split(" ", 2)
        where = "" if host == os.uname().nodename else f" on {host}"
        if pid.isdecimal() and (command + host).isprintable():
            return f"carectl{' ' * bool(command)}{command} (process {pid}{where})"
    return "another program"


# --- units, the journal, recovery ------------------------------------------------------------------------------------

_BEGUN: Final = "begun"
_DECIDED: Final = "decided"
_UNDOING: Final = "undoing"
_STATES: Final = (_BEGUN, _DECIDED, _UNDOING)

_LATER: Final = "the next command that writes here finishes or undoes what was begun"


@dataclass(frozen=True, slots=True)
class _Unit:
    """What one rename puts in place: a file, or a new folder with its files."""

    place: str
    old: str | None
    """The digest of the file that is there; None if there is nothing."""
    new: Mapping[str, str]
    """The digest of each new file by its path below the place; a unit that is a file has one, with an empty path."""

    @property
    def is_folder(self) -> bool:
        return "" not in self.new


class _ChangedError(Exception):
    """A place no longer holds what it held when the command read it."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class _Writing:
    """The way of some units to the disk, by this process or by one that died."""

    def __init__(self, root: Path, units: Sequence[_Unit]) -> None:
        self.root = root
        self.units = units
        self.at = units[0].place
        """What is being written, for messages."""
        self._folder = root / FOLDER

    # --- one's own writing

    def carry_out(self, content: Sequence[Mapping[str, bytes]]) -> None:
        """Put everything in place, or nothing. Raises EnvironmentProblem or _ChangedError."""
        several = len(self.units) > 1
        try:
            self._begin(durably=several)
            self._stage(content, several=several)
            if several:
                for unit in self.units:
                    self._needs_old(unit)
                self._sync()
                self._turn(_BEGUN, _DECIDED)
            for number, unit in enumerate(self.units):
                self._put_in_place(number, unit)
            self._sync()
        except OSError as problem:
            at = self.at
            raise files.cannot_write(at, problem, self._give_up()) from None
        except _ChangedError:
            # The same is tried again, so nothing may remain of it.
            try:
                self.take_back()
            except OSError as problem:
                raise files.cannot_write(self.at, problem, _LATER) from None
            raise
        except BaseException:
            self._give_up()
            raise
        # What remains is of no use to anyone; if it cannot be removed now, the next writer does.
        with contextlib.suppress(OSError):
            self.clear()

    def _give_up(self) -> str:
        """Take back what was done, and say in what state things are."""
        try:
            # One unit is in place or not; whatever went wrong then is no reason to touch it again.
            is_in_place = len(self.units) == 1 and self.state(self.units[0]) == "new"
            self.take_back()
        except OSError:
            return _LATER
        return "the new text is in place, but may not outlive a loss of power" if is_in_place else "nothing was changed"

    def _begin(self, *, durably: bool) -> None:
        text = {"format": 1, "units": [{"place": u.place, "old": u.old, "new": dict(u.new)} for u in self.units]}
        raw = json.dumps(text).encode()
        # For one unit it only helps to clean up: the one rename decides by itself.
        files.put(self._folder / _BEGUN, raw, durably=durably)

    def _stage(self, content: Sequence[Mapping[str, bytes]], *, several: bool) -> None:
        for folder in self._folders():
            _remove_leftovers(folder)
        for number, (unit, data) in enumerate(zip(self.units, content, strict=True)):
            self.at = unit.place
            place, fresh, kept = self._paths(number, unit)
            if unit.is_folder:
                fresh.mkdir(mode=files.FOLDER_MODE)
                files.fill(fresh, data)
            elif unit.old is None:
                files.put(fresh, data[""])
            else:
                try:
                    there = place.lstat()
                except FileNotFoundError:
                    raise _ChangedError(unit.place) from None
                files.put(fresh, data[""], there)
                if several:
                    _copy(place, kept, there)

    def _put_in_place(self, number: int, unit: _Unit) -> None:
        self.at = unit.place
        place, fresh, _ = self._paths(number, unit)
        self._needs_old(unit)
        if unit.old is not None or unit.is_folder:
            fresh.rename(place)
            return
        try:
            # Unlike a rename, a link never takes the place of another file. The other name goes with what lies beside.
            os.link(fresh, place)
        except FileExistsError:
            raise _ChangedError(unit.place) from None
        except OSError:
            # A file system without links.
            fresh.rename(place)

    def _needs_old(self, unit: _Unit) -> None:
        if self.state(unit) != "old":
            raise _ChangedError(unit.place)

    # --- what both need

    def take_back(self) -> list[str]:
        """Have everything as it was. Gives the places that somebody changed since, which are left as they are."""
        if (self._folder / _DECIDED).exists():
            self._turn(_DECIDED, _UNDOING)
        left = []
        if (self._folder / _UNDOING).exists():
            for number, unit in enumerate(self.units):
                if not self._undo(number, unit):
                    left.append(unit.place)
            self._sync()
        self.clear()
        return left

    def _undo(self, number: int, unit: _Unit) -> bool:
        self.at = unit.place
        place, fresh, kept = self._paths(number, unit)
        state = self.state(unit)
        if state == "old" or (_is_there(fresh) and not _is_same(fresh, place)):
            return True
        if state == "new" and unit.is_folder:
            place.rename(fresh)
        elif state == "new" and unit.old is None:
            place.unlink()
        elif state == "new" and _digest_of(kept) == unit.old:
            kept.rename(place)
        else:
            return False
        return True

    def finish(self) -> bool:
        """Put in place what is not yet. False if that cannot be, for somebody changed a file since."""
        for number, unit in enumerate(self.units):
            self.at = unit.place
            place, fresh, _ = self._paths(number, unit)
            if _is_there(fresh) and not _is_same(fresh, place):
                try:
                    self._put_in_place(number, unit)
                except _ChangedError:
                    return False
        self._sync()
        self.clear()
        return True

    def clear(self) -> None:
        """Remove what lies beside, then the journal."""
        for number, unit in enumerate(self.units):
            self.at = unit.place
            for path in self._paths(number, unit)[1:]:
                _remove(path)
        for name in _STATES:
            (self._folder / name).unlink(missing_ok=True)

    def state(self, unit: _Unit) -> str:
        """What is at a place: the `old`, the `new`, or something `other`, from somebody else."""
        place = self.root / unit.place
        if unit.is_folder:
            if not _is_there(place):
                return "old"
            found: Mapping[str, str | None] = {name: _digest_of(place / name) for name in unit.new}
            return "new" if found == unit.new and place.is_dir() else "other"
        now = _digest_of(place)
        return "old" if now == unit.old else "new" if now == unit.new[""] else "other"

    def _paths(self, number: int, unit: _Unit) -> tuple[Path, Path, Path]:
        """The place of a unit, and where the new and the old lie beside it. The names tell nothing of the content."""
        place = self.root / unit.place
        return place, place.with_name(f"{_NEW}{number}{_END}"), place.with_name(f"{_OLD}{number}{_END}")

    def _turn(self, before: str, after: str) -> None:
        (self._folder / before).rename(self._folder / after)
        files.sync(self._folder)

    def _sync(self) -> None:
        for folder in self._folders():
            files.sync(folder)

    def _folders(self) -> list[Path]:
        return list(dict.fromkeys((self.root / unit.place).parent for unit in self.units))


def _recover(root: Path) -> str | None:
    """Finish or undo what an interrupted command left, and say so. Raises EnvironmentProblem if that cannot be done."""
    folder = root / FOLDER
    with files.problems(folder):
        name = next((name for name in (_DECIDED, _UNDOING, _BEGUN) if _is_there(folder / name)), None)
    if name is None:
        return None
    units = _journal(folder / name)
    if units is None:
        if name != _BEGUN:
            raise EnvironmentProblem(
                f"an interrupted command left {FOLDER}/{name}, and it cannot be read\n"
                f"hint: look at what changed last, put it right by hand, and remove {FOLDER}/{name}"
            )
        with files.problems(f"{FOLDER}/{name}"):
            for above, below, _ in os.walk(root):
                below[:] = [name for name in below if not name.startswith(".")]
                _remove_leftovers(Path(above))
            (folder / name).unlink()
        return "An earlier command was interrupted; its left-overs were removed. See whether what it wrote is there."
    writing = _Writing(root, units)
    try:
        return _put_right(writing, name)
    except OSError as problem:
        raise files.cannot_write(
            writing.at, problem, "an interrupted command left things half done, and they could not be put right"
        ) from None


def _put_right(writing: _Writing, state: str) -> str:
    names = _listed([unit.place for unit in writing.units])
    if state == _BEGUN:
        found = writing.state(writing.units[0]) if len(writing.units) == 1 else "old"
        writing.clear()
        if found == "new":
            return f"An earlier command was interrupted when all was done: {names} is written."
        if found == "old":
            return f"An earlier command was interrupted before it changed anything: {names} would have been written."
        return f"An earlier command was interrupted. See whether what it wrote is in {names}."
    if state == _DECIDED and writing.finish():
        return f"An earlier command was interrupted, and is finished now: {names} are written."
    left = writing.take_back()
    but = f" but for {_listed(left)}, changed since" if left else ""
    return f"An earlier command was interrupted, and is undone now: {names} are as they were{but}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _journal(path: Path) -> list[_Unit] | None:
    """The units of a journal; None if it is not one that this version wrote whole."""
    try:
        with files.problems(path):
            if not stat.S_ISREG(path.lstat().st_mode):
                return None
            text: Any = json.loads(path.read_bytes())
        if text["format"] != 1:
            return None
        units = [_Unit(str(unit["place"]), unit["old"], dict(unit["new"])) for unit in text["units"]]
    except (ValueError, TypeError, KeyError):
        return None
    for unit in units:
        # A journal that somebody else made must not lead anywhere.
        for name in (unit.place, *filter(None, unit.new)):
            if PurePosixPath(name).is_absolute() or {"", "..", ".git"} & set(name.split("/")):
                return None
        real = os.path.realpath(path.parents[2] / unit.place)
        if Path(real) != Path(os.path.realpath(path.parents[2])) / unit.place:
            return None
    return units or None


def _remove_leftovers(folder: Path) -> None:
    """Remove what a loss of power left in a folder. Whoever holds the lock is the only one who writes such files."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.startswith((_NEW, _OLD)) and entry.name.endswith(_END)]
    for name in names:
        _remove(folder / name)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError:
        if not path.is_dir():
            raise
        shutil.rmtree(path)


def _copy(place: Path, kept: Path, there: os.stat_result) -> None:
    """Keep an old file beside: by a link, which takes no room, or else by a copy."""
    try:
        os.link(place, kept)
    except OSError:
        files.put(kept, place.read_bytes(), there)


def _is_there(path: Path) -> bool:
    """Whether there is anything of that name. Unlike os.path.lexists, it does not take trouble for a no."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names are those of one file."""
    try:
        return os.path.samestat(one.lstat(), other.lstat())
    except FileNotFoundError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of(path: Path) -> str | None:
    """The digest of a file; None if there is nothing. A folder or link has one that no file has."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "no file"
        return _digest(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None

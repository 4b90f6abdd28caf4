"""Writing files so that nobody ever meets half of one: beside the place, flushed to the disk, then renamed into it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Final

from carectl.errors import EnvironmentProblem

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_UNSUPPORTED: Final = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What a file system says that knows nothing of a call."""


def write(path: Path, content: bytes) -> None:
    """Write a file, or replace it. Readers see the old file or the new one, and after a failure the old one.

    A new file is the user's alone; one that is replaced keeps its permissions. Raises EnvironmentProblem.
    """
    with problems(path):
        target = path.resolve()
        there = None
        with contextlib.suppress(FileNotFoundError):
            there = target.stat()
            if stat.S_ISDIR(there.st_mode):
                raise IsADirectoryError(None, "it is a folder")
            if not stat.S_ISREG(there.st_mode):
                # A pipe or a device such as /dev/stdout: there is nothing to replace.
                with target.open("wb") as stream:
                    stream.write(content)
                return
        # The name says nothing of the content, for it may outlive a crash.
        beside = target.with_name(f".carectl-{os.getpid()}.tmp")
        try:
            put(beside, content, there)
            beside.replace(target)
            sync(target.parent)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def fill(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write new files into a folder, with the folders that they need."""
    for name, data in content.items():
        target = folder / name
        target.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        put(target, data)
    inner = {above for name in content for above in PurePath(name).parents}
    for below in sorted(inner, reverse=True):
        sync(folder / below)


def sync(folder: Path) -> None:
    """Have the disk keep the names in a folder. Some file systems cannot, and then there is nothing to do."""
    try:
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as problem:
        # A folder that may be written but not read is rare, and cannot be opened for this.
        if problem.errno not in (*_UNSUPPORTED, errno.EACCES):
            raise


def put(path: Path, content: bytes, like: os.stat_result | None = None, *, durably: bool = True) -> None:
    """Write a file that must not be there yet, to the disk. Raises OSError.

    It is the user's alone, or has the permissions of another one, and its owner if that is possible.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, FILE_MODE)
    try:
        if like is not None:
            there = os.fstat(handle)
            if (like.st_uid, like.st_gid) != (there.st_uid, there.st_gid):
                with contextlib.suppress(OSError):
                    os.fchown(handle, like.st_uid, like.st_gid)
            if stat.S_IMODE(like.st_mode) != FILE_MODE:
                os.fchmod(handle, stat.S_IMODE(like.st_mode))
        rest = memoryview(content)
        while rest:
            # The system may take less than it is given.
            taken = os.write(handle, rest)
            if taken <= 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            rest = rest[taken:]
        if durably:
            _flush(handle)
    finally:
        os.close(handle)


def _flush(handle: int) -> None:
    """Have the disk keep a file. Unlike the names in a folder, nothing is put in place without it."""
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno in _UNSUPPORTED:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP)) from None
        raise


@contextmanager
def problems(path: Path | str) -> Iterator[None]:
    """What the system refuses, as a problem in words."""
    try:
        yield
    except OSError as problem:
        raise cannot_write(path, problem) from None


_WORDS: Final[dict[int, tuple[str, str]]] = {
    errno.ENOSPC: (
        "the drive is full",
        "make room for a second copy: the new text is written beside the old one before it takes its place",
    ),
    errno.EDQUOT: (
        "your share of the drive is used up",
        "make room for a second copy: the new text is written beside the old one before it takes its place",
    ),
    errno.EFBIG: ("files of this size are not allowed here", "raise the limit (ulimit -f), or split the file"),
    errno.EACCES: ("permission denied", "see who owns the file and its folder; both must be writable for you"),
    errno.EPERM: ("permission denied", "see who owns the file and its folder; both must be writable for you"),
    errno.EROFS: ("the drive is read-only", "make it writable, or copy the caseload to one that is"),
    errno.EMFILE: ("too many files are open", "close other programs, or raise the limit (ulimit -n)"),
    errno.ENFILE: ("too many files are open", "close other programs, or restart the computer"),
    errno.EIO: ("the drive reports an error", "save a copy of the caseload elsewhere and have the drive looked at"),
    errno.ENOLCK: (
        "this drive cannot lock files, so two commands could overwrite each other's work",
        "keep the caseload on a drive of this computer",
    ),
    errno.ENOTSUP: (
        "this drive cannot promise to keep what is written",
        "keep the caseload on a drive of this computer",
    ),
}
"""Why something could not be written, and what to do."""


def cannot_write(path: Path | str, problem: OSError, state: str = "") -> EnvironmentProblem:
    """What the system refuses, in words: the file, why, in what state things are, and what to do."""
    why, hint = _WORDS.get(problem.errno or 0, (problem.strerror or "the system refuses", ""))
    return EnvironmentProblem(
        f"cannot write {path}: {why[0].lower()}{why[1:]}"
        + (f"; {state}" if state else "")
        + (f"\nhint: {hint}" if hint else "")
    )

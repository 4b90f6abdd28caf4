"""How the fault tests break things: strace attaches to a process that waits, and spoils its K-th call of some name."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

from helpers_cli import unmeasured
from helpers_deeds import DEEDS, END, MARKER, NEXT, build

from carectl.caseload.store import FOLDER

T = TypeVar("T")
R = TypeVar("R")

CALLS: Final = (
    "openat", "read", "write", "pread64", "close", "lseek", "ioctl", "fcntl", "flock", "fsync", "ftruncate", "fchmod",
    "fchown", "chmod", "newfstatat", "fstat", "stat", "lstat", "statx", "access", "faccessat2", "readlink",
    "readlinkat", "getdents64", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir",
    "mkdirat", "rmdir", "chdir", "getcwd",
)  # fmt: skip
"""The system calls that touch files."""

ONLY_LOOK: Final = frozenset({
    "newfstatat", "fstat", "stat", "lstat", "statx", "access", "faccessat2", "readlink", "readlinkat", "lseek", "ioctl",
    "fcntl", "getcwd", "chdir",
})  # fmt: skip
"""Those that change and open nothing."""
ONLY_READ: Final = frozenset({"openat", "read", "pread64", "getdents64", "close"})

WORKERS: Final = 2

State = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a deed ended: what it told, or nothing if it was killed."""

    status: int
    code: int | None
    out: str
    err: str
    reached: bool
    """Whether the deed had begun, and what was to happen did."""


class Server:
    """A process that does deeds when told."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("helpers_deeds.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**unmeasured(), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
        )
        if self._line() != "ready\n":
            self.close()
            raise RuntimeError("a deed fails even with nothing in its way: its message is above")

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def begin(self, deed: str, root: Path, *, wait: bool = False, **more: int) -> int:
        """Begin a deed in a process of its own; the number of that process."""
        assert self._process.stdin is not None
        request = {"deed": deed, "root": str(root), "wait": wait, **more}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return int(self._line())

    def end(self, reached: bool = True) -> Ended:
        """Wait for its end."""
        status, report = json.loads(self._line())
        told = json.loads(report or "{}")
        return Ended(status, told.get("code"), told.get("out", ""), told.get("err", ""), reached)

    def do(self, deed: str, root: Path, **more: int) -> Ended:
        """Do a deed, with nothing in its way."""
        self.begin(deed, root, wait=False, **more)
        return self.end()

    def traced(self, deed: str, root: Path, log: Path, fault: str | None = None) -> Ended:
        """Do a deed under strace, with a fault: `rename:signal=KILL:when=2`."""
        pid = self.begin(deed, root, wait=True)
        trace = f"trace={','.join(f'?{call}' for call in CALLS)}"
        tracer = subprocess.Popen(
            [
                "strace",
                "-p",
                str(pid),
                "-o",
                str(log),
                "-s",
                "99",
                "-e",
                trace,
                *(["-e", f"inject={fault}"] * bool(fault)),
            ],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        assert b"attached" in said, f"strace does not work here: {said!r}"
        os.kill(pid, signal.SIGUSR1)
        tracer.stderr.read()
        tracer.stderr.close()
        tracer.wait()
        text = log.read_text(encoding="utf-8", errors="replace")
        first, _, rest = text.partition("\n")
        reached = MARKER in first and (fault is None or "(INJECTED)" in rest or "+++ killed by SIGKILL" in rest)
        return self.end(reached)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def crowd(what: str, root: Path, count: int, first: int = 0) -> int:
    """Do something in many processes at a time; how many of them failed."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("helpers_deeds.py"), "crowd", what, root, str(first), str(count)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env=unmeasured(),
    )
    return int(done.stdout)


@contextlib.contextmanager
def servers() -> Iterator[list[Server]]:
    """Two processes that do deeds."""
    with ThreadPoolExecutor(WORKERS) as pool:
        made = list(pool.map(lambda _: Server(), range(WORKERS)))
    try:
        yield made
    finally:
        for server in made:
            server.close()


def spread(made: Sequence[Server], work: Callable[[Server, Path, T], R], tasks: Iterable[T], folder: Path) -> list[R]:
    """Do some work for each task, by all servers at a time. Each call has a folder of its own."""
    free: SimpleQueue[Server] = SimpleQueue()
    for server in made:
        free.put(server)
    numbers = iter(range(1_000_000, 10_000_000))
    lock = threading.Lock()

    def call(task: T) -> R:
        server = free.get()
        with lock:
            own = folder / str(next(numbers))
        own.mkdir()
        try:
            return work(server, own, task)
        finally:
            shutil.rmtree(own)
            free.put(server)

    with ThreadPoolExecutor(len(made)) as pool:
        return list(pool.map(call, tasks))


@dataclass(frozen=True, slots=True)
class Plan:
    """A deed as it goes when nothing is in its way."""

    deed: str
    begun: State
    """What is there when it begins: after a crash, that may be neither the old nor the new."""
    old: State
    new: State
    calls: tuple[tuple[str, int], ...]
    """Every system call that touches a file, by name and which of that name it is."""
    quiet: frozenset[tuple[str, int] | None]
    """Those that change nothing."""

    def points(self) -> list[tuple[str, int]]:
        """Where it is killed. Of calls in a row that change nothing, one will do, unless CARECTL_FAULTS is `all`."""
        if os.environ.get("CARECTL_FAULTS") == "all":
            return list(self.calls)
        before = (None, *self.calls)
        return [call for last, call in zip(before, self.calls, strict=False) if not {last, call} <= self.quiet]

    def is_whole(self, found: State) -> bool:
        """Whether each file is one that was there at some time, and none is lost."""
        known = (self.begun, self.old, self.new)
        return all(any(found.get(path) == at.get(path) for at in known) for path in {*found, *self.old})

    def what(self, found: State) -> str | None:
        """Whether this is the old or the new state."""
        return "old" if found == self.old else "new" if found == self.new else None

    def after_next(self, found: State) -> str | None:
        """Whether this is the old or the new state with the deed that comes after a failure."""
        if DEEDS[self.deed].afterwards != "next":
            return self.what(found)
        want = "staff/dana.yaml"
        return next(
            (name for name, at in (("old", self.old), ("new", self.new)) if found == {**at, want: NEXT(at[want])}), None
        )


def record(server: Server, folder: Path, deed: str) -> Plan:
    """Do a deed and see which calls it makes."""
    root = folder / "caseload"
    build(root, DEEDS[deed])
    begun = old = state(root)
    if DEEDS[deed].prepare:
        # What was interrupted is put right first.
        other = folder / "other"
        build(other, DEEDS[deed])
        assert server.do("next", other).code == 0
        old = {**state(other), "staff/dana.yaml": begun["staff/dana.yaml"]}
    ended = server.traced(deed, root, folder / "log")
    assert (ended.reached, ended.code) == (True, 0), ended
    calls: list[tuple[str, int]] = []
    quiet: set[tuple[str, int] | None] = set()
    count: dict[str, int] = {}
    found = None
    for text in (folder / "log").read_text(encoding="utf-8", errors="replace").splitlines():
        if not (match := re.match(r"(\w+)\(", text)):
            continue
        name = match[1]
        count[name] = count.get(name, 0) + 1
        if END in text:
            found = tuple(calls)
        if MARKER not in text:
            calls.append((name, count[name]))
        # A command reads much before it writes.
        if name in ONLY_LOOK or (DEEDS[deed].is_command and name in ONLY_READ and "O_CREAT" not in text):
            quiet.add((name, count[name]))
    assert found, "the end of the deed was not seen"
    assert not leftovers(root)
    return Plan(deed, begun, old, state(root), found, frozenset(quiet))


def state(root: Path) -> State:
    """Every file of a caseload, without what only writing needs."""
    found: State = {}
    for above, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not _BESIDE.match(name)]
        if Path(above) == root / FOLDER:
            continue
        for name in names:
            if not _BESIDE.match(name):
                path = Path(above, name)
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


_BESIDE: Final = re.compile(r"\.(?:new|ready|carectl)-")


def leftovers(root: Path) -> list[str]:
    """What lies about: a journal, files beside others, folders that never took their place."""
    found = []
    for above, _, names in os.walk(root):
        here = Path(above).relative_to(root).as_posix()
        if _BESIDE.match(Path(above).name):
            found.append(here)
        if here == FOLDER:
            found += [f"{here}/{name}" for name in names if name not in ("lock", ".gitignore")]
        found += [f"{here}/{name}" for name in names if _BESIDE.match(name)]
    return found

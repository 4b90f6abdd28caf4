"""What the fault tests do to a caseload: a table of things that write. Run as a program, it does them when told.

The program imports everything first and does each deed once, so that nothing but the deed itself runs afterwards. Then
it reads requests, and forks for each of them: the child waits until somebody has attached to it, opens a marker, does
the deed, looks for the end marker and reports. `helpers_faults` is the other end.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from helpers_cli import FILES

from carectl.caseload import create, git
from carectl.caseload.store import Store, Transaction
from carectl.cli import run
from carectl.errors import CarectlError

MARKER: Final = "/nowhere/the-deed-begins"
END: Final = "/nowhere/the-deed-ends"

CASELOAD: Final[dict[str, str]] = {
    "carectl.yaml": "practice: {name: Lakeside, coordinator: dana, timezone: America/Chicago}\n",
    "staff/dana.yaml": "id: dana\nname: {given: Dana, family: Whitfield}\nrole: coordinator\n",
    "staff/jo-park.yaml": "id: jo-park\nname: {given: Jo, family: Park}\nrole: home_health_aide\n",
    **{
        f"clients/c-00{number}/{name}.yaml": text
        for number in (1, 2, 3)
        for name, text in {
            "client": f"id: c-00{number}\nname: {{given: Rosa, family: Alvarez}}\nstatus: inquiry\n",
            "notes": "# What was said to whom\nnotes:\n",
            "tasks": "tasks:\n  - {id: call-pt, text: Call PT, due: 2026-11-20}\n",
            "visits": "series: []\nvisits:\n" + "  # what happened\n" * 400,
        }.items()
    },
}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that writes: gives an exit code and prints what there is to say."""

    do: Callable[[Path], int]
    before: Mapping[str, str] | None = None
    """The caseload as the deed finds it; None for the usual one."""
    prepare: Callable[[Path], None] | None = None
    """What happens to it before that."""
    afterwards: str = "next"
    """The deed that is done after a failure, and puts things right."""

    @property
    def is_command(self) -> bool:
        """Whether it is a command as a user types it."""
        return self.do is _init or self.do.__qualname__.startswith("command.")


def line(text: str) -> Callable[[bytes], bytes]:
    """An edit that adds a line at the end."""
    return lambda raw: raw + text.encode() + b"\n"


def writes(what: Callable[[Transaction], None]) -> Callable[[Path], int]:
    """Do something in one transaction, as a command would."""

    def do(root: Path) -> int:
        try:
            with Store(root, wait=30).transaction(command="a test") as change:
                if change.recovered:
                    print(change.recovered, file=sys.stderr)
                what(change)
        except CarectlError as problem:
            print(f"carectl: {problem}", file=sys.stderr)
            return problem.exit_code
        return 0

    return do


def command(words: str) -> Callable[[Path], int]:
    """Run a command line in a caseload."""

    def do(root: Path) -> int:
        os.chdir(root)
        return run([*words.split(), "--now", "2026-11-22T12:00"])

    return do


def _one(change: Transaction) -> None:
    change.edit("clients/c-001/visits.yaml", line("  - {id: x, series: am, day: 2026-11-20, status: done}"))


def _grown(change: Transaction) -> None:
    change.read("clients/c-001/notes.yaml")
    change.replace("clients/c-001/notes.yaml", b"notes: []\n" + b"# a long story\n" * 10_000)


def _new_file(change: Transaction) -> None:
    change.create("clients/c-001/measurements.yaml", b"measurements: [{id: m-1}]\n")


def _new_folders(change: Transaction) -> None:
    for name in ("client", "notes", "visits/series", "visits/2026-11"):
        change.create(f"clients/c-004/{name}.yaml", f"# {name}\n".encode())


def _note_with_task(change: Transaction) -> None:
    change.edit("clients/c-001/notes.yaml", line("  - {id: n-1, text: Fell}"))
    change.edit("clients/c-001/tasks.yaml", line("  - {id: t-1, text: Rail}"))


def _away(change: Transaction) -> None:
    change.edit("staff/jo-park.yaml", line("away: [{from: 2026-12-24, until: 2026-12-27}]"))
    for client in ("c-001", "c-002", "c-003"):
        change.edit(f"clients/{client}/visits.yaml", line("  - {id: y, series: am, day: 2026-12-24, staff: []}"))
    change.create("clients/c-002/concerns.yaml", b"concerns: []\n")
    change.create("clients/c-002/plans/2026-11.yaml", b"plans: []\n")


NEXT: Final = line("languages: [en]")


def _next(change: Transaction) -> None:
    change.edit("staff/dana.yaml", NEXT)


def die_at(step: str) -> Callable[[Path], None]:
    """Leave a caseload as a process does that dies in the middle of `away`: decided, or taking it back."""

    def prepare(root: Path) -> None:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            return
        from carectl.caseload import store

        seen = 0
        put_in_place = store._Writing._put_in_place
        undo = store._Writing._undo

        def third(writing: store._Writing, number: int, unit: store._Unit) -> None:
            nonlocal seen
            seen += 1
            if seen == 4:
                if step == "decided":
                    os._exit(0)
                raise OSError(5, "the drive reports an error")
            put_in_place(writing, number, unit)

        def undone(writing: store._Writing, number: int, unit: store._Unit) -> bool:
            if number == 1:
                os._exit(0)
            return undo(writing, number, unit)

        store._Writing._put_in_place = third  # type: ignore[method-assign,assignment]
        store._Writing._undo = undone  # type: ignore[method-assign,assignment]
        with contextlib.redirect_stderr(io.StringIO()):
            writes(_away)(root)
        os._exit(1)

    return prepare


def _init(root: Path) -> int:
    words = ["init", str(root), "--no-git", "--name", "Lakeside", "--timezone", "America/Chicago"]
    code = run([*words, "--coordinator", "Dana Whitfield"])
    # Whoever begins again after an interruption may find that all is done.
    return 0 if code == 2 and (root / "carectl.yaml").exists() else code


DEEDS: Final[dict[str, Deed]] = {
    "one file": Deed(writes(_one)),
    "a file that grows": Deed(writes(_grown)),
    "a new file": Deed(writes(_new_file)),
    "new folders": Deed(writes(_new_folders)),
    "a note with a task": Deed(writes(_note_with_task)),
    "six places": Deed(writes(_away)),
    "finishing what was decided": Deed(writes(_one), prepare=die_at("decided")),
    "undoing what was begun": Deed(writes(_one), prepare=die_at("undoing")),
    # The real command line. New writing commands belong here.
    "client add": Deed(command("client add --given Stan --family Zak --status active")),
    "staff add": Deed(command("staff add --given Ana --family Diaz --role companion")),
    "note with a task": Deed(
        command("note c-001 --with maria --by phone -m Slept --task Pads --due 2026-11-27"), before=FILES
    ),
    "visit done": Deed(command("visit done c-001 2026-11-18 --in 9:04 --out 11:01 --all-done"), before=FILES),
    "task done": Deed(command("task done c-001/call-pt"), before=FILES),
    "med stop": Deed(command("med stop c-001 furosemide --reason Kidneys"), before=FILES),
    "measure": Deed(command("measure c-001 weight 61.2kg"), before=FILES),
    "call-out": Deed(
        command("away jo-park --from 11/24 --until 11/25 --reason ill --give c-001/care-2026-11-25=dana --apply"),
        before=FILES,
    ),
    "plan draft": Deed(
        command("plan draft c-001 --yes"),
        before={
            **FILES,
            "clients/c-001/assessments.yaml": "assessments:\n"
            "- {id: a, kind: initial, date: 2026-11-01, assessor: d, findings: [{id: x, domain: pain, finding: R}]}\n",
        },
    ),
    "init": Deed(_init, before={}, afterwards="init"),
    # What comes after a failure.
    "next": Deed(writes(_next)),
}


def build(root: Path, deed: Deed) -> None:
    """The caseload as a deed finds it."""
    root.mkdir(mode=0o700)
    for name, text in (CASELOAD if deed.before is None else deed.before).items():
        path = root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    if deed.prepare:
        deed.prepare(root)


def do(name: str, root: Path) -> dict[str, object]:
    """Do a deed, and tell how it ended."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            code = DEEDS[name].do(root)
        except BaseException as bug:
            code = 70
            print(repr(bug), file=sys.stderr)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def short_writes(most: int) -> None:
    """From now on the system takes only so many bytes at once."""
    real = os.write
    os.write = lambda handle, data: real(handle, memoryview(data)[:most])


def _child(request: dict[str, str], report: socket.socket) -> None:
    # Whoever wants may attach, also where only parents may.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
    root = Path(request["root"])
    if "limit" in request:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(request["limit"]),) * 2)
    if "short" in request:
        short_writes(int(request["short"]))
    # A socket is no file: no fault reaches it.
    report.sendall(b"r")
    if request["wait"]:
        signal.sigwait({signal.SIGUSR1})
    with contextlib.suppress(OSError):
        os.open(MARKER, os.O_RDONLY)
    done = do(request["deed"], root)
    with contextlib.suppress(OSError):
        os.open(END, os.O_RDONLY)
    report.sendall(json.dumps(done).encode())


def serve() -> None:
    """Do every deed once for practice, then what is asked for, each in a process of its own."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    os.umask(0o077)
    create.schema_files()
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, deed) in enumerate(DEEDS.items()):
            root = Path(folder) / str(number)
            build(root, deed)
            done = do(name, root)
            assert done["code"] == 0, (name, done)
        os.chdir("/")
    print("ready", flush=True)
    for text in sys.stdin:
        request = json.loads(text)
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _child(request, theirs)
            os._exit(0)
        theirs.close()
        ours.recv(1)
        print(pid, flush=True)
        report = b""
        while part := ours.recv(65536):
            report += part
        ours.close()
        _, status = os.waitpid(pid, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), report.decode()]), flush=True)


def crowd(count: int, work: Callable[[int], object]) -> list[int]:
    """Do some work in many processes at a time; how each of them ended."""
    children = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            try:
                work(number)
                os._exit(0)
            except BaseException as problem:
                print(problem, file=sys.stderr, flush=True)
                os._exit(1)
        children.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


def edits(root: Path, writer: int) -> None:
    """Twenty edits of one file, and of a second one with every fifth."""
    for number in range(20):
        with Store(root, wait=60).transaction(command="note") as change:
            change.edit("clients/c-001/notes.yaml", line(f"  - {{id: n-{writer}-{number}}}"))
            if number % 5 == 0:
                change.edit("clients/c-001/tasks.yaml", line(f"  - {{id: t-{writer}-{number}}}"))


def note_and_commit(root: Path, number: int) -> None:
    """A new file and its commit, while others wait for the lock."""
    path = f"clients/c-{number:03}/notes.yaml"
    with Store(root, wait=60).transaction(command="note") as change:
        change.create(path, b"notes:\n")
        change.then(lambda: only_commit(root, number))


def only_commit(root: Path, number: int) -> None:
    """A commit of what is there, with no lock but git's own."""
    path = f"clients/c-{number:03}/notes.yaml"
    assert git.commit(root, [path], f"c-{number:03} notes: 1 added", environment=os.environ, wait=60)


CROWDS: Final[dict[str, Callable[[Path, int], None]]] = {
    "edits": edits,
    "note_and_commit": note_and_commit,
    "only_commit": only_commit,
}


def main(words: Sequence[str]) -> None:
    """Serve; or `crowd WHAT ROOT FIRST COUNT`."""
    if not words:
        serve()
        return
    what, root, first = CROWDS[words[1]], Path(words[2]), int(words[3])
    print(sum(code != 0 for code in crowd(int(words[4]), lambda number: what(root, first + number))))


if __name__ == "__main__":
    main(sys.argv[1:])

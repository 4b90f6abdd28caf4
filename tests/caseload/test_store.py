"""Writing: all or nothing, one at a time, over nobody's work; and what an interrupted command left is put right."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers_deeds import DEEDS, build, line
from helpers_faults import leftovers, state

from carectl.caseload import files, reader
from carectl.caseload.create import IGNORED
from carectl.caseload.store import FOLDER, FileChanged, Store
from carectl.errors import EnvironmentProblem

NOTES, TASKS = "clients/c-001/notes.yaml", "clients/c-001/tasks.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small caseload."""
    build(tmp_path / "caseload", DEEDS["next"])
    return tmp_path / "caseload"


def census(root: Path) -> list[tuple[str, int, int]]:
    """Every name below a folder, hidden ones too."""
    return sorted((str(path), path.lstat().st_ino, path.lstat().st_mtime_ns) for path in root.rglob("*"))


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def holding(root: Path, command: str = "visit done") -> subprocess.Popen[bytes]:
    """Another process in the middle of a transaction. It ends with its standard input."""
    code = (
        "import sys; from pathlib import Path; from carectl.caseload.store import Store\n"
        f"with Store(Path({str(root)!r})).transaction(command={command!r}):\n"
        "    print('in', flush=True); sys.stdin.read()\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"in\n"
    return other


def over(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process."""
    process.communicate()


# --- one's own work --------------------------------------------------------------------------------------------------


def test_files_are_written_when_the_block_ends(root: Path) -> None:
    before = (root / NOTES).read_bytes()
    with Store(root).transaction() as change:
        assert change.recovered is None
        change.edit(NOTES, line("  - {id: a}"))
        change.edit(NOTES, line("  - {id: b}"))
        change.replace(TASKS, b"tasks: []\n")
        change.create("clients/c-001/concerns.yaml", b"concerns: []\n")
        assert change.read(NOTES).endswith(b"  - {id: a}\n  - {id: b}\n")
        assert (root / NOTES).read_bytes() == before
        assert list(change.staged()) == [NOTES, TASKS, "clients/c-001/concerns.yaml"]
        assert change.staged()[NOTES] == (before, before + b"  - {id: a}\n  - {id: b}\n")
        assert change.staged()["clients/c-001/concerns.yaml"] == (None, b"concerns: []\n")
    assert (root / NOTES).read_bytes() == before + b"  - {id: a}\n  - {id: b}\n"
    assert (root / TASKS).read_bytes() == b"tasks: []\n"
    assert (root / "clients/c-001/concerns.yaml").read_bytes() == b"concerns: []\n"
    assert leftovers(root) == []


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, EnvironmentProblem])
def test_nothing_is_written_if_anything_is_raised(problem: type[BaseException], root: Path) -> None:
    before = state(root)

    def fail() -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("x"))
            change.create("clients/c-009/client.yaml", b"")
            raise problem

    with pytest.raises(problem):
        fail()
    assert state(root) == before
    assert leftovers(root) == []


def test_what_stays_as_it_is_is_not_written(root: Path) -> None:
    with Store(root).transaction() as change:
        change.edit(NOTES, lambda raw: raw)
        change.read(TASKS)
        assert change.staged() == {}
    before = census(root / "clients")
    with Store(root).transaction() as change:
        change.replace(NOTES, change.read(NOTES))
    assert census(root / "clients") == before


def test_what_was_dropped_is_not_written(root: Path) -> None:
    before = state(root)
    called: list[int] = []
    with Store(root).transaction() as change:
        change.edit(NOTES, line("x"))
        change.then(lambda: called.append(1))
        change.drop()
    assert (state(root), called) == (before, [])


def test_a_dry_run_writes_nothing_and_waits_for_nobody(root: Path) -> None:
    other = holding(root)
    before = census(root)
    with Store(root).transaction(dry_run=True) as change:
        change.edit(NOTES, line("x"))
        change.create("clients/c-009/client.yaml", b"")
        assert len(change.staged()) == 2
    assert census(root) == before
    over(other)


def test_modes_are_kept_and_new_files_are_the_users_alone(root: Path) -> None:
    (root / NOTES).chmod(0o640)
    if os.geteuid() == 0:
        os.chown(root / NOTES, 1234, 1234)
    with Store(root).transaction() as change:
        change.edit(NOTES, line("x"))
        change.create("clients/c-009/visits/series.yaml", b"")
        change.create("clients/c-001/concerns.yaml", b"")
    assert mode(root / NOTES) == 0o640
    assert (root / NOTES).stat().st_uid == (1234 if os.geteuid() == 0 else os.geteuid())
    for name in ("clients/c-009/visits/series.yaml", "clients/c-001/concerns.yaml", f"{FOLDER}/lock"):
        assert mode(root / name) == 0o600
    for name in ("clients/c-009", "clients/c-009/visits", ".carectl", FOLDER):
        assert mode(root / name) == 0o700


def test_a_new_folder_comes_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename
    seen: list[list[str]] = []

    def renamed(self: Path, target: Path) -> Path:
        assert not (root / "clients/c-009").exists()
        done = rename(self, target)
        seen.append(sorted(path.name for path in (root / "clients/c-009").iterdir()))
        return done

    monkeypatch.setattr(Path, "rename", renamed)
    with Store(root).transaction() as change:
        change.create("clients/c-009/client.yaml", b"")
        change.create("clients/c-009/visits/2026-11.yaml", b"")
    assert seen == [["client.yaml", "visits"]]


def test_a_file_that_is_there_is_not_created_again(root: Path) -> None:
    with Store(root).transaction() as change:
        with pytest.raises(EnvironmentProblem, match="it is there already"):
            change.create(NOTES, b"")
        change.create("clients/c-009/client.yaml", b"")
        with pytest.raises(EnvironmentProblem, match="it is there already"):
            change.create("clients/c-009/client.yaml", b"")
    assert (root / NOTES).read_bytes()


def test_a_file_that_cannot_be_read_is_not_written(root: Path) -> None:
    (root / TASKS).unlink()
    with Store(root).transaction() as change:
        with pytest.raises(EnvironmentProblem, match=r"tasks.yaml: there is no such file"):
            change.edit(TASKS, line("x"))
        with pytest.raises(EnvironmentProblem, match="folder"):
            change.read("clients/c-001")


def test_what_could_not_be_read_again_is_not_written(root: Path) -> None:
    with (
        pytest.raises(EnvironmentProblem, match="too large to be read again"),
        Store(root).transaction() as change,
    ):
        change.edit(NOTES, lambda raw: raw + b"#" * reader.MAX_BYTES)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x.yaml", "clients/../../x", ".git/config", "clients//x", "", "a/.GIT/b"]
)
def test_no_path_leads_out(path: str, root: Path) -> None:
    with Store(root).transaction() as change:
        for step in (change.read, lambda path: change.create(path, b"")):
            with pytest.raises(ValueError, match="not a path inside"):
                step(path)


def test_links_stay_and_lead_nowhere_else(root: Path, tmp_path: Path) -> None:
    (root / "clients/c-002/notes.yaml").unlink()
    (root / "clients/c-002/notes.yaml").symlink_to("../c-001/notes.yaml")
    (root / "clients/c-003/notes.yaml").unlink()
    (root / "clients/c-003/notes.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (tmp_path / "elsewhere.yaml").write_bytes(b"")
    with Store(root).transaction() as change:
        change.edit("clients/c-002/notes.yaml", line("one"))
        change.edit(NOTES, line("two"))
        with pytest.raises(EnvironmentProblem, match=r"leads out of the caseload"):
            change.edit("clients/c-003/notes.yaml", line("x"))
    assert (root / "clients/c-002/notes.yaml").is_symlink()
    assert (root / NOTES).read_bytes().endswith(b"one\ntwo\n")
    assert (tmp_path / "elsewhere.yaml").read_bytes() == b""


def test_what_comes_after_comes_with_others_still_waiting(root: Path) -> None:
    found: list[bytes] = []

    def after() -> None:
        found.append((root / NOTES).read_bytes()[-2:])
        with pytest.raises(EnvironmentProblem, match="is writing"), Store(root, wait=0).transaction():
            pass

    with Store(root).transaction() as change:
        change.edit(NOTES, line("x"))
        change.then(after)
    assert found == [b"x\n"]


# --- other people's work ---------------------------------------------------------------------------------------------


def test_an_edit_is_made_anew_on_what_an_editor_saved_meanwhile(root: Path) -> None:
    with Store(root).transaction() as change:
        change.edit(NOTES, line("ours"))
        change.edit(TASKS, line("ours"))
        (root / TASKS).write_bytes(b"theirs\n")
    assert (root / TASKS).read_bytes() == b"theirs\nours\n"
    assert (root / NOTES).read_bytes().count(b"ours\n") == 1
    assert leftovers(root) == []


def test_what_was_given_whole_is_refused_if_the_file_changed(root: Path) -> None:
    def fail() -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("ours"))
            change.replace(TASKS, b"ours\n")
            change.edit(TASKS, line("more"))
            (root / TASKS).write_bytes(b"theirs\n")

    before = state(root)
    with pytest.raises(FileChanged, match=r"tasks.yaml was changed by another program meanwhile; nothing was written"):
        fail()
    assert state(root) == {**before, TASKS: b"theirs\n"}
    assert leftovers(root) == []


@pytest.mark.parametrize("theirs", ["clients/c-009/client.yaml", "clients/c-001/new.yaml"])
def test_a_file_that_came_meanwhile_is_left_alone(theirs: str, root: Path) -> None:
    def fail() -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("ours"))
            change.create("clients/c-009/client.yaml", b"ours")
            change.create("clients/c-001/new.yaml", b"ours")
            (root / theirs).parent.mkdir(exist_ok=True)
            (root / theirs).write_bytes(b"theirs")

    before = state(root)
    with pytest.raises(FileChanged, match="is there by now; nothing was written"):
        fail()
    assert state(root) == {**before, theirs: b"theirs"}
    assert leftovers(root) == []


def test_a_folder_that_came_meanwhile_is_written_into(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = files.put

    def late(path: Path, *more: Any, **even: Any) -> None:
        put(path, *more, **even)
        if path.name == "client.yaml":
            (root / "clients/c-009").mkdir()
            (root / "clients/c-009/else.yaml").write_bytes(b"theirs")
            monkeypatch.undo()

    monkeypatch.setattr(files, "put", late)
    with Store(root).transaction() as change:
        change.edit(NOTES, line("ours"))
        change.create("clients/c-009/client.yaml", b"ours")
    assert sorted(path.name for path in (root / "clients/c-009").iterdir()) == ["client.yaml", "else.yaml"]
    assert (root / NOTES).read_bytes().count(b"ours\n") == 1
    assert leftovers(root) == []


def test_a_file_that_keeps_changing_is_given_up(root: Path) -> None:
    calls = 0

    def edit(raw: bytes) -> bytes:
        nonlocal calls
        calls += 1
        (root / NOTES).write_bytes(f"theirs {calls}\n".encode())
        return raw + b"ours\n"

    with pytest.raises(FileChanged, match="keep changing"), Store(root).transaction() as change:
        change.edit(NOTES, edit)
    assert calls == 4
    assert (root / NOTES).read_bytes() == b"theirs 4\n"
    assert leftovers(root) == []


def test_a_file_that_went_meanwhile_is_not_made_again(root: Path) -> None:
    def fail() -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("ours"))
            (root / NOTES).unlink()

    with pytest.raises(EnvironmentProblem, match="there is no such file"):
        fail()
    assert not (root / NOTES).exists()


def test_one_writer_at_a_time_and_the_other_is_named(root: Path) -> None:
    other = holding(root)
    with (
        pytest.raises(EnvironmentProblem) as problem,
        Store(root, wait=0.05).transaction(),
    ):
        pass
    assert str(problem.value).startswith(
        f"carectl visit done (process {other.pid}) is writing in this caseload; waited"
    )
    assert "hint: wait until it is done" in str(problem.value)
    over(other)
    with Store(root, wait=0).transaction() as change:
        assert change.recovered is None


def test_the_lock_dies_with_its_process(root: Path) -> None:
    other = holding(root)
    other.kill()
    over(other)
    with Store(root, wait=0).transaction() as change:
        change.edit(NOTES, line("x"))


def test_a_lock_whose_file_was_removed_is_no_lock(root: Path) -> None:
    other = holding(root)
    (root / FOLDER / "lock").unlink()
    with Store(root, wait=0).transaction():
        assert (root / FOLDER / "lock").exists()
    over(other)


def test_a_stranger_who_holds_the_lock(root: Path) -> None:
    with Store(root).transaction():
        pass
    for words in (b"", b"what is this", b"12 host \x1b[2J"):
        (root / FOLDER / "lock").write_bytes(words)
        with (root / FOLDER / "lock").open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            with (
                pytest.raises(EnvironmentProblem, match=r"^another program is writing"),
                Store(root, wait=0).transaction(),
            ):
                pass


def test_git_sees_neither_lock_nor_journal(root: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    build_crash(root, "finishing what was decided")
    (root / ".gitignore").write_text(IGNORED, encoding="utf-8")
    for settled in (False, True):
        if settled:
            (root / ".gitignore").unlink()
            with Store(root).transaction():
                pass
        shown = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=all"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "carectl-" not in shown
        assert FOLDER not in shown
        assert NOTES in shown


# --- drives that cannot ----------------------------------------------------------------------------------------------


def failing(number: int) -> Callable[..., object]:
    """A system call that is refused."""

    def call(*_: object, **__: object) -> object:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL])
def test_a_drive_without_locks(number: int, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(root)
    monkeypatch.setattr(fcntl, "flock", failing(number))
    with (
        pytest.raises(EnvironmentProblem, match=r"this drive cannot lock files.*\nhint: "),
        Store(root).transaction() as c,
    ):
        c.edit(NOTES, line("x"))
    assert state(root) == before


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EINVAL])
def test_a_drive_that_promises_nothing(number: int, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(root).transaction():
        pass
    before = state(root)
    monkeypatch.setattr(os, "fsync", failing(number))
    with (
        pytest.raises(EnvironmentProblem, match=r"cannot promise to keep.*nothing was changed"),
        Store(root).transaction() as c,
    ):
        c.edit(NOTES, line("x"))
    assert state(root) == before
    assert leftovers(root) == []


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EINVAL])
def test_a_drive_that_promises_nothing_for_folders_will_do(
    number: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    with Store(root).transaction() as change:
        change.edit(NOTES, line("x"))
        change.edit(TASKS, line("x"))
    assert (root / TASKS).read_bytes().endswith(b"x\n")


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.EMLINK])
def test_a_drive_without_links_will_do(number: int, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(number))
    before = state(root)

    def work(theirs: bool) -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("x"))
            change.create("clients/c-001/new.yaml", b"ours")
            if theirs:
                (root / "clients/c-001/new.yaml").write_bytes(b"theirs")

    with pytest.raises(FileChanged):
        work(theirs=True)
    assert state(root) == {**before, "clients/c-001/new.yaml": b"theirs"}
    (root / "clients/c-001/new.yaml").unlink()
    work(theirs=False)
    assert (root / "clients/c-001/new.yaml").read_bytes() == b"ours"
    assert leftovers(root) == []


@pytest.mark.parametrize("place", [".carectl", FOLDER])
def test_the_place_of_the_lock_is_a_folder_of_this_caseload(place: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentProblem, match="not a directory"), Store(root).transaction():
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_interrupted_between_two_files_by_the_user(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def renamed(self: Path, target: Path) -> Path:
        if target == root / TASKS:
            monkeypatch.undo()
            raise KeyboardInterrupt
        return rename(self, target)

    before = state(root)

    def work() -> None:
        with Store(root).transaction() as change:
            change.edit(NOTES, line("x"))
            change.edit(TASKS, line("x"))

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert state(root) == before
    assert leftovers(root) == []


# --- after a crash ---------------------------------------------------------------------------------------------------


def build_crash(root: Path, deed: str) -> None:
    """Leave a caseload as a process does that dies."""
    prepare = DEEDS[deed].prepare
    assert prepare is not None
    prepare(root)


def test_what_was_decided_is_finished_and_said(root: Path) -> None:
    build_crash(root, "finishing what was decided")
    assert Store(root).pending()
    with Store(root).transaction() as change:
        assert change.recovered is not None
        assert change.recovered.startswith(
            "An earlier command was interrupted, and is finished now: staff/jo-park.yaml, "
        )
    assert b"away" in (root / "staff/jo-park.yaml").read_bytes()
    assert (root / "clients/c-002/plans/2026-11.yaml").exists()
    assert not Store(root).pending()
    assert leftovers(root) == []
    with Store(root).transaction() as change:
        assert change.recovered is None


def test_what_was_being_undone_is_undone_and_said(root: Path) -> None:
    before = state(root)
    build_crash(root, "undoing what was begun")
    with Store(root).transaction() as change:
        assert change.recovered is not None
        assert change.recovered.startswith("An earlier command was interrupted, and is undone now: ")
        assert change.recovered.endswith(" are as they were.")
    assert state(root) == before
    assert leftovers(root) == []


def test_what_somebody_changed_since_is_left_to_them(root: Path) -> None:
    before = state(root)
    build_crash(root, "finishing what was decided")
    # One that had taken its place, and one that had not.
    (root / "staff/jo-park.yaml").write_bytes(b"theirs\n")
    (root / "clients/c-003/visits.yaml").write_bytes(b"theirs\n")
    with Store(root).transaction() as change:
        assert change.recovered is not None
        assert "undone now" in change.recovered
        assert change.recovered.endswith(" but for staff/jo-park.yaml, changed since.")
    theirs = {"staff/jo-park.yaml": b"theirs\n", "clients/c-003/visits.yaml": b"theirs\n"}
    assert state(root) == {**before, **theirs}
    assert leftovers(root) == []


def test_a_writer_at_work_is_not_pending(root: Path) -> None:
    assert not Store(root).pending()
    build_crash(root, "finishing what was decided")
    with (root / FOLDER / "lock").open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert not Store(root).pending()
    (root / FOLDER / "lock").unlink()
    before = census(root)
    assert Store(root).pending()
    assert census(root) == before


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "units": []}'])
def test_a_torn_beginning_is_swept_away(text: bytes, root: Path) -> None:
    with Store(root).transaction():
        pass
    before = state(root)
    (root / FOLDER / "begun").write_bytes(text)
    (root / "clients/c-002/.carectl-new-0.tmp").write_bytes(b"half")
    (root / "clients/.carectl-new-1.tmp").mkdir()
    (root / "clients/.carectl-new-1.tmp/client.yaml").write_bytes(b"half")
    with Store(root).transaction() as change:
        assert change.recovered is not None
        assert "left-overs were removed" in change.recovered
    assert state(root) == before
    assert leftovers(root) == []


@pytest.mark.parametrize("name", ["decided", "undoing"])
@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"format": 2, "units": [{"place": "clients/c-001/notes.yaml", "old": null, "new": {"": "x"}}]}',
        '{"format": 1, "units": [{"place": "../../elsewhere", "old": null, "new": {"": "x"}}]}',
        '{"format": 1, "units": [{"place": "/etc/passwd", "old": null, "new": {"": "x"}}]}',
        '{"format": 1, "units": [{"place": ".git/config", "old": null, "new": {"": "x"}}]}',
        '{"format": 1, "units": [{"place": "out/x", "old": null, "new": {"": "x"}}]}',
        '{"format": 1, "units": [{"place": "clients", "old": null, "new": {"../x": "x"}}]}',
    ],
)
def test_a_strange_journal_stops_the_writer_and_touches_nothing(
    name: str, text: str, root: Path, tmp_path: Path
) -> None:
    (root / "out").symlink_to(tmp_path)
    with Store(root).transaction():
        pass
    (root / FOLDER / name).write_text(text, encoding="utf-8")
    before = census(tmp_path)
    with pytest.raises(EnvironmentProblem, match=r"cannot be read\nhint: "), Store(root).transaction():
        pass
    assert [entry for entry in census(tmp_path) if "lock" not in entry[0]] == [
        entry for entry in before if "lock" not in entry[0]
    ]


def test_one_file_whose_command_died_at_once_after(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from carectl.caseload import store

    with monkeypatch.context() as patch:
        patch.setattr(store._Writing, "clear", lambda self: None)
        with Store(root).transaction() as change:
            change.edit(NOTES, line("x"))
    with Store(root).transaction() as change:
        assert change.recovered == f"An earlier command was interrupted when all was done: {NOTES} is written."
    with monkeypatch.context() as patch:
        patch.setattr(store._Writing, "clear", lambda self: None)
        with Store(root).transaction() as change:
            change.edit(NOTES, line("y"))
    (root / NOTES).write_bytes(b"theirs\n")
    with Store(root).transaction() as change:
        assert change.recovered == f"An earlier command was interrupted. See whether what it wrote is in {NOTES}."
    assert (root / NOTES).read_bytes() == b"theirs\n"


def test_what_a_loss_of_power_left_is_swept_by_who_writes_there_next(root: Path) -> None:
    (root / "clients/c-001/.carectl-new-7.tmp").write_bytes(b"half")
    (root / "clients/c-001/.carectl-old-7.tmp").write_bytes(b"half")
    with Store(root).transaction() as change:
        change.edit(NOTES, line("x"))
    assert leftovers(root) == []


# --- one file, without a caseload ------------------------------------------------------------------------------------


def test_a_system_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"old")
    monkeypatch.setattr(os, "write", lambda handle, data: 0)
    with pytest.raises(EnvironmentProblem, match="the drive reports an error"):
        files.write(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]

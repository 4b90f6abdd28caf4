"""A text that is written in the user's editor. Not a trace of it stays on the disk."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from carectl.errors import EnvironmentProblem, Refused


def tidy(text: str) -> str:
    """A text with plain line breaks, and without blanks at the ends of its lines and blank lines around it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n").strip()


def compose(hint: str) -> str:
    """What somebody writes in the editor that VISUAL or EDITOR names, without the line of the hint.

    Raises EnvironmentProblem if there is no editor, Refused if it ended with an error.
    """
    command = next((words for name in ("VISUAL", "EDITOR") if (words := _words(name))), None)
    command = command or next(([name] for name in ("nano", "vi") if shutil.which(name)), None)
    if command is None:
        raise EnvironmentProblem("no editor is set\nhint: export EDITOR=nano, or give the text with -m")
    with _private_folder() as folder:
        path = folder / "note.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"\n{hint}\n")
        if _edit(command, path) != 0:
            raise Refused("nothing was written: the editor ended with an error")
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise Refused("nothing was written: the text is no UTF-8; set your editor to it") from None
        except OSError as problem:
            raise EnvironmentProblem(f"the text cannot be read back: {problem.strerror}") from None
    return "\n".join(line for line in lines if line.strip() != hint)


def _words(name: str) -> list[str]:
    try:
        return shlex.split(os.environ.get(name, ""))
    except ValueError:
        raise EnvironmentProblem(f"{name} cannot be understood as a command") from None


def _edit(command: list[str], path: Path) -> int:
    """Run an editor on a file and wait. ^C is the editor's business meanwhile, as with git."""
    environment = dict(os.environ)
    before = {sign: signal.signal(sign, signal.SIG_IGN) for sign in (signal.SIGINT, signal.SIGQUIT)}
    try:
        pid = os.posix_spawnp(command[0], [*command, str(path)], environment, setsigdef=list(before))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except OSError as problem:
        raise EnvironmentProblem(
            f"the editor {command[0]} cannot be started: {problem.strerror}\nhint: set EDITOR, or give the text with -m"
        ) from None
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder of the user alone, in memory where there is such a place. Swap and backup files of editors go there
    too, and all of it is gone afterwards, also if the terminal is closed meanwhile."""
    homes = [os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm", tempfile.gettempdir()]
    home = next(name for name in homes if name and Path(name).is_dir() and os.access(name, os.W_OK | os.X_OK))
    before = {sign: signal.signal(sign, _leave) for sign in (signal.SIGHUP, signal.SIGTERM)}
    folder = Path(tempfile.mkdtemp(prefix="carectl-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for sign, handler in before.items():
            with suppress(TypeError):
                signal.signal(sign, handler)


def _leave(sign: int, _: FrameType | None) -> None:
    sys.exit(128 + sign)

"""The only module that runs git.

Making a repository takes nothing from the caller's git: no settings, hooks or templates. A commit is the user's own, so
name, signature and hooks are those that `git commit` would use; only GIT_* variables, which could point it to another
repository, are left out. Reading takes nothing from the caller's git, and runs nothing that a repository may name: no
hook, filter, monitor, text conversion, pager, signature program or fetch.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from carectl.errors import EnvironmentProblem

BRANCH = "main"
WAIT: Final = 20.0
"""Seconds that a commit waits for another git process."""

_WHO: Final = re.compile(r"GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)")
_BUSY: Final = re.compile(
    rb"\.lock': File exists|Another git process seems to be running"
    rb"|cannot lock ref .*(?:is at [0-9a-f]+ but expected|reference already exists)"
)
_GONE: Final = re.compile(rb"did not match any file")


_HARMLESS: Final = (
    "--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", f"core.excludesFile={os.devnull}",
    "-c", f"core.attributesFile={os.devnull}", "-c", "core.commitGraph=false", "-c", "protocol.allow=never",
)  # fmt: skip
"""What keeps git from running or believing what a repository's own configuration names."""

_ALONE: Final = {
    # Before 2.32, git knows no GIT_CONFIG_GLOBAL.
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    # A missing object is missing: nothing is fetched, by any way of transport.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
"""What keeps the caller's settings out, and the network."""


def is_there(environment: Mapping[str, str]) -> bool:
    """Whether git can be run."""
    try:
        return _run(["--version"], Path(), environment).returncode == 0
    except EnvironmentProblem:
        return False


def init(folder: Path, environment: Mapping[str, str]) -> None:
    """Make an empty repository in a folder, without hooks. Raises EnvironmentProblem."""
    done = _run(["-c", f"init.defaultBranch={BRANCH}", "init", "--quiet", "--template="], folder, environment)
    if done.returncode != 0:
        raise EnvironmentProblem("git could not make a repository\nhint: --no-git makes the caseload without one")


def setting(name: str, root: Path, environment: Mapping[str, str], *, path: bool = False) -> str | None:
    """One of the user's settings of git as it counts in a folder; None if it is not set, or git is missing.

    With `path` it is the name of a file, in which ~ is the home folder.
    """
    try:
        sort = ["--type=path"] if path else []
        done = _run(["config", *sort, "--get", name], root, environment, own=True)
    except EnvironmentProblem:
        return None
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n") or None if done.returncode == 0 else None


def changed(root: Path, below: str, *, environment: Mapping[str, str]) -> list[str]:
    """The files in a folder (by its path from the root; "." for all) that the last commit does not have as they are:
    changed, new and removed ones, by their paths from the root. What git ignores is left out.

    Raises EnvironmentProblem if there is no repository.
    """
    prefix = _run(["rev-parse", "--show-prefix"], root, environment, own=True)
    if prefix.returncode != 0:
        raise EnvironmentProblem("this caseload is in no git repository\nhint: git init")
    above = prefix.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")
    status = ["--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    done = _run([*status, "--", f":(literal){below}"], root, environment, own=True)
    if done.returncode != 0:
        raise EnvironmentProblem("git cannot tell what changed\nhint: git status shows why")
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return sorted(line[3:].removeprefix(above) for line in lines if line)


def settled(arguments: Sequence[str], root: Path, *, environment: Mapping[str, str]) -> bytes | None:
    """What git says with the user's own settings, to a question that runs and changes nothing; None if it says no.

    Raises EnvironmentProblem if git cannot be run.
    """
    done = _run([*arguments], root, environment, own=True)
    return done.stdout if done.returncode == 0 else None


def merge_file(
    ours: Path, base: Path, theirs: Path, names: tuple[str, str, str], size: int, environment: Mapping[str, str]
) -> tuple[bytes, int] | None:
    """Three versions of a text merged by lines, with markers around what collides, and how often that is.

    `names` are those of ours, base and theirs at the markers. None if git cannot merge them (binary files).
    Raises EnvironmentProblem if git cannot be run.
    """
    named = [word for name in names for word in ("-L", name)]
    arguments = ["merge-file", "-p", "--diff3", f"--marker-size={size}", *named]
    done = _run([*arguments, "--", *map(str, (ours, base, theirs))], ours.parent, environment)
    return (done.stdout, done.returncode) if 0 <= done.returncode <= _MOST_CONFLICTS else None


_MOST_CONFLICTS: Final = 127


def commit(
    root: Path,
    paths: Sequence[str],
    subject: str,
    body: str = "",
    *,
    environment: Mapping[str, str],
    wait: float = WAIT,
) -> str | None:
    """Commit these files (by their paths from the root) as they are now, and nothing else that may be staged.

    Gives the short name of the commit, or None if git has all of it already. Waits for other git processes. Call it
    with the writer's lock held (Transaction.then): git alone lets two commits undo each other's `git add`. The user's
    hooks run. Neither subject nor body may name a client. Raises EnvironmentProblem; the files stay as they are.
    """
    only = _literal(paths)
    message = f"{subject}\n\n{body}".strip() + "\n"
    there = [path for path in paths if os.path.lexists(root / path)]
    gone = [path for path in paths if path not in there]
    steps = [["commit", "--quiet", "--only", "--cleanup=whitespace", "--file=-", *only]]
    if gone:
        # Unlike `add`, it does not mind what somebody took out with `git rm` or `git mv` already.
        steps.insert(0, ["rm", "--cached", "--force", "--quiet", "--ignore-unmatch", *_literal(gone)])
    if there:
        steps.insert(0, ["add", "--all", *_literal(there)])
    give_up = time.monotonic() + wait
    pause = 0.01
    while True:
        for arguments in steps:
            done = _run(arguments, root, environment, own=True, given=message)
            if done.returncode != 0:
                break
        else:
            return _run(["rev-parse", "--short", "HEAD"], root, environment, own=True).stdout.decode().strip()
        if arguments[0] == "commit" and _has_all(root, only, environment):
            return None
        no_merge(root, environment)
        is_busy = _BUSY.search(done.stderr) is not None
        # What was added a moment ago is not: somebody else's commit went by.
        is_gone = arguments[0] == "commit" and _GONE.search(done.stderr) is not None
        if not (is_busy or is_gone) or time.monotonic() > give_up:
            raise _not_committed(done, wait if is_busy else None)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def _literal(paths: Sequence[str]) -> list[str]:
    """Paths as arguments, in which no sign means anything else."""
    return ["--", *(f":(literal){path}" for path in paths)]


def no_merge(root: Path, environment: Mapping[str, str]) -> None:
    """Raise EnvironmentProblem if a merge, or what merges as well, waits to be finished: no file of it can go alone."""
    words = ["rev-parse", *(word for name in _UNDER_WAY for word in ("--git-path", name))]
    said = settled(words, root, environment=environment) or b""
    there = [(root / os.fsdecode(path)).exists() for path in said.splitlines()]
    what = next((what for what, is_there in zip(_UNDER_WAY.values(), there, strict=False) if is_there), None)
    if what is not None:
        raise EnvironmentProblem(
            f"nothing was committed: a {what} is under way, and git commits it as a whole\n"
            f"hint: git add FILE for what is settled (git status shows what is left), then git {what} --continue"
        )


_UNDER_WAY: Final = {
    "rebase-merge": "rebase", "MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert",
}  # fmt: skip
"""What lies in .git while git waits for somebody to finish something."""


def _has_all(root: Path, only: list[str], environment: Mapping[str, str]) -> bool:
    """Whether the last commit has the files as they are."""
    status = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=all", *only]
    done = _run(status, root, environment, own=True)
    return done.returncode == 0 and not done.stdout


def _not_committed(done: subprocess.CompletedProcess[bytes], waited: float | None) -> EnvironmentProblem:
    if waited is not None:
        return EnvironmentProblem(
            f"the files are written, but not committed: another git process is at work; waited {waited:g} s\n"
            "hint: if none is, remove index.lock in the folder .git; then carectl save"
        )
    said = re.sub(r"[^\n\x20-\x7e\xa0-\uffff]", " ", done.stderr.decode("utf-8", "replace")).strip().splitlines()
    words = "".join(f"\n  {line}" for line in said[-20:])
    return EnvironmentProblem(
        f"the files are written, but git would not commit them:{words}\nhint: put that right, then carectl save"
    )


def _run(
    arguments: list[str], folder: Path, environment: Mapping[str, str], *, own: bool = False, given: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, with the user's settings (own) or none. It never asks."""
    keep = {name: value for name, value in environment.items() if not name.startswith("GIT_") or _WHO.fullmatch(name)}
    ours = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if not own:
        ours |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    try:
        return subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *arguments],
            cwd=folder,
            env={**keep, **ours},
            input=given.encode(),
            capture_output=True,
            check=False,
        )
    except OSError:
        raise _no_git() from None


# --- reading ---------------------------------------------------------------------------------------------------------


def ask(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    trusted: Sequence[str] = (),
    given: bytes = b"",
    index: str | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git to read, so that nothing else runs and no settings count but the repository's own.

    `trusted` are folders that belong to somebody else and are to be read all the same (trusted_folders); `index` is a
    file to take for the index. Paths mean what they say: none is a pattern. Raises EnvironmentProblem if git cannot be
    run.
    """
    try:
        return subprocess.run(
            _reading(arguments, trusted),
            cwd=folder,
            env=_alone(environment) | ({"GIT_INDEX_FILE": index} if index else {}),
            input=given,
            capture_output=True,
            check=False,
        )
    except OSError:
        raise _no_git() from None


def trusted_folders(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The folders of other owners that the user or the machine lets git read: `safe.directory`, as it is set."""
    values: list[str] = []
    for scope in ("--system", "--global"):
        done = _run(["config", scope, "-z", "--get-all", "safe.directory"], Path("/"), environment, own=True)
        values += done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return tuple(values)


class Stored(NamedTuple):
    """An object as git keeps it."""

    id: str
    kind: str
    """`commit`, `tree` or `blob`; `tag` for one that leads to none of these."""
    content: bytes | None
    """None if it is larger than was asked for."""


class Objects:
    """The objects of a repository, each by its id or by a name that git knows: one process for all of them."""

    def __init__(self, folder: Path, environment: Mapping[str, str], trusted: Sequence[str] = ()) -> None:
        self._folder = folder
        self._environment = environment
        self._trusted = tuple(trusted)
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes]], Objects] | None = None

    def get(self, name: str, limit: int) -> Stored | None:
        """An object of at most so many bytes; None if there is none of this name, or it is damaged.

        Raises EnvironmentProblem if git cannot be run.
        """
        if "\n" in name:
            return None  # git would take what follows for another name
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            process.stdin.flush()
            header = process.stdout.readline()
            match = _HEADER.fullmatch(header)
            if match is None:
                # Git says in words that there is none, and dies of one that is damaged.
                if not header.endswith(b"\n"):
                    self.close()
                return None
            size = int(match[3])
            if size > limit:
                # Sooner a new process than gigabytes through a pipe.
                self.close()
                return Stored(match[1].decode(), match[2].decode(), None)
            content = process.stdout.read(size + 1)
        except OSError:
            self.close()
            return None
        if len(content) != size + 1:
            self.close()
            return None
        return Stored(match[1].decode(), match[2].decode(), content[:-1])

    def close(self) -> None:
        """End the process. It begins anew if another object is asked for."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                _reading(["cat-file", "--batch"], self._trusted),
                cwd=self._folder,
                env=_alone(self._environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            raise _no_git() from None
        self._process, self._end = process, weakref.finalize(self, _stop, process)
        return process


_HEADER: Final = re.compile(rb"([0-9a-f]{40,64}) (commit|tree|blob|tag) ([0-9]+)\n")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def _reading(arguments: Sequence[str], trusted: Sequence[str]) -> list[str]:
    return ["git", *_HARMLESS, *(word for value in trusted for word in ("-c", f"safe.directory={value}")), *arguments]


def _alone(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("GIT_")} | _ALONE


def _no_git() -> EnvironmentProblem:
    return EnvironmentProblem("git is not installed, or not found")

"""The only module that runs git.

Making a repository takes nothing from the caller's git: no settings, hooks or templates. A commit is the user's own, so
name, signature and hooks are those that `git commit` would use; only GIT_* variables, which could point it to another
repository, are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

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
    only = ["--", *(f":(literal){path}" for path in paths)]
    message = f"{subject}\n\n{body}".strip() + "\n"
    steps = (["add", "--all", *only], ["commit", "--quiet", "--only", "--cleanup=whitespace", "--file=-", *only])
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
        is_busy = _BUSY.search(done.stderr) is not None
        # What was added a moment ago is not: somebody else's commit went by.
        is_gone = arguments[0] == "commit" and _GONE.search(done.stderr) is not None
        if not (is_busy or is_gone) or time.monotonic() > give_up:
            raise _not_committed(done, wait if is_busy else None)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


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
        raise EnvironmentProblem("git is not installed, or not found") from None

"""Real git repositories with caseloads in them, made in the test: fixed people and dates, nobody's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DANA: Final = "Dana Whitfield <dana@lakeside.example>"
ADA: Final = "Ada Nowak <ada@lakeside.example>"
START: Final = "2026-11-02T09:00:00-06:00"


def bare_environment() -> dict[str, str]:
    """The environment without anybody's git."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Repo:
    """A git repository as somebody at a terminal uses it."""

    root: Path

    @classmethod
    def begin(cls, root: Path, files: Mapping[str, str] | None = None, *options: str) -> Repo:
        """A new repository; with files there is a first commit of them."""
        root.mkdir(parents=True, exist_ok=True)
        repo = cls(root)
        repo.git("init", "--quiet", "--initial-branch=main", "--template=", *options)
        if files is not None:
            repo.commit("Begin", files)
        return repo

    def git(
        self, *words: str, given: bytes = b"", fine: tuple[int, ...] = (0,), who: dict[str, str] | None = None
    ) -> str:
        """Run git, as Dana unless somebody else is meant; what it printed, without the last line break."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env=bare_environment() | (who or _who(DANA, DANA, START, START)),
            input=given,
            capture_output=True,
            check=False,
        )
        assert done.returncode in fine, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, by their paths from the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(
        self,
        message: str,
        files: Mapping[str, str | bytes] | None = None,
        *,
        at: str = START,
        author: str = DANA,
        authored: str | None = None,
        committer: str = DANA,
    ) -> str:
        """Write files and commit all there is; the full id of the commit."""
        self.write(files or {})
        self.git("add", "--all")
        who = _who(author, committer, authored or at, at)
        self.git("commit", "--quiet", "--allow-empty", "--file=-", given=message.encode(), who=who)
        return self.git("rev-parse", "HEAD")


def _who(author: str, committer: str, authored: str, committed: str) -> dict[str, str]:
    """The variables that tell git who writes and who commits, and when."""
    found: dict[str, str] = {}
    for role, who, when in (("AUTHOR", author, authored), ("COMMITTER", committer, committed)):
        name, _, email = who.rstrip(">").partition(" <")
        found |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email, f"GIT_{role}_DATE": when}
    return found

"""Where files come from: a folder now, a revision in git as well one day."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from carectl.caseload import faults, reader
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Span


class Tree(Protocol):
    """Where files come from: a folder, or a revision in git."""

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder, each with whether it is a folder; empty if there is none."""

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, or why they cannot be had."""


@dataclass(frozen=True, slots=True)
class FolderTree:
    """A caseload in a folder."""

    root: Path

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder; hidden ones are left out."""
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as problem:
            return faults.unreadable(Span(folder), problem.strerror or "it cannot be opened", "mend its permissions")

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, or why they cannot be had."""
        return reader.fetch(self.root, path)


def is_id(name: str) -> bool:
    """Whether a name can be an id: small letters, digits and hyphens, at most 64."""
    return re.fullmatch("[a-z0-9][a-z0-9-]{0,63}", name) is not None


def client_folders(tree: Tree) -> list[str]:
    """The ids of every client, sorted: the folders below clients/ whose names can be ids.

    Raises EnvironmentProblem if clients/ cannot be looked into: an unreadable folder is not an empty one.
    """
    names = tree.names("clients")
    if isinstance(names, Finding):
        raise EnvironmentProblem(f"the folder clients/ cannot be read: {names.message}\nhint: {names.hint}")
    return [name for name, is_folder in names if is_folder and is_id(name)]


class HeldTree:
    """A tree whose files are each read once and held until they are dropped: what was hashed is what is judged."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._held: dict[str, bytes | Finding] = {}

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder."""
        return self._tree.names(folder)

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, as they were when it was first asked for."""
        if path not in self._held:
            self._held[path] = self._tree.read(path)
        return self._held[path]

    def drop(self) -> None:
        """Forget the files held."""
        self._held.clear()


def contents(tree: Tree, folder: str, depth: int = 2) -> list[tuple[str, bytes]] | None:
    """The YAML files in a folder and `depth` folders further down with their bytes, all other names with none.

    None if something cannot be read: then nothing can be said of the whole.
    """
    found: list[tuple[str, bytes]] = []
    names = tree.names(folder)
    if isinstance(names, Finding):
        return None
    for name, is_folder in names:
        path = f"{folder}/{name}"
        if is_folder:
            found.append((path, b"folder"))
            below = contents(tree, path, depth - 1) if depth else []
            if below is None:
                return None
            found += below
        elif name.endswith(".yaml"):
            raw = tree.read(path)
            if isinstance(raw, Finding):
                return None
            found.append((path, raw))
        else:
            found.append((path, b""))
    return found

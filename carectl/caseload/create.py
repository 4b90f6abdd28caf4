"""New caseloads, clients and staff: the files that they begin with. What is there already is never touched.

Values are written so that reading the file gives back exactly what was typed, here and in any other YAML program.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from carectl import resources
from carectl.caseload import files
from carectl.caseload.edit.scalars import is_writable as is_writable
from carectl.caseload.edit.scalars import scalar as scalar
from carectl.caseload.load import Loader
from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS
from carectl.caseload.root import MARK
from carectl.caseload.store import Store
from carectl.caseload.trees import FolderTree, Tree
from carectl.errors import EnvironmentProblem, UsageError
from carectl.findings import Finding
from carectl.words import fold

SCHEMAS: Final = ".carectl/schemas"
"""Where a caseload keeps its copy of the schemas, for editors: they complete and check as one types, also offline."""

IGNORED: Final = """\
# What editors and systems leave behind: it may hold a copy of a client's file.
*~
*.swp
*.swo
.#*
\\#*#
*.orig
*.rej
*.bak
*.tmp
.DS_Store
Thumbs.db
.new-*/
.ready-*/
.carectl/writing/
.~lock.*
"""

Group = Mapping[str, "str | None"]
Value = str | Sequence["str | Group"] | Group
"""What a field of a new file can hold: text, a group of texts, or a list of either. None leaves it out."""

BEGINNINGS: Final = ("contacts", "assessments", "visits", "medications", "notes", "tasks")
"""The files that someone in care begins with, besides client.yaml. Each has a place for the first entry, and no more:
an empty list says nothing, so a check still tells what is missing. A care plan comes out of an assessment."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: paths from the root of the caseload, in the order of the format page."""

    paths: tuple[str, ...]
    recovered: str | None = None
    """What became of an earlier command that was interrupted, for the user to read."""


# --- a caseload ------------------------------------------------------------------------------------------------------


def caseload_files(practice: Group, staff: Mapping[str, Mapping[str, Value | None]]) -> dict[str, bytes]:
    """The files of a new caseload by their paths; carectl.yaml, which makes it one, comes last."""
    found = {".gitignore": IGNORED.encode(), **schema_files()}
    for staff_id, fields in staff.items():
        found[f"staff/{staff_id}.yaml"] = document("staff", f"staff/{staff_id}.yaml", fields)
    found[MARK] = _head("practice", MARK) + b"practice:\n" + _block(practice, "  ")
    return found


@contextmanager
def new_caseload(folder: Path, content: Mapping[str, bytes]) -> Iterator[Path]:
    """A new caseload in a folder that is empty or not there. It comes to be when the block ends well.

    Inside the block it lies hidden in its folder, to be added to. carectl.yaml, which makes it a caseload, comes last;
    nothing is left if anything is raised. Raises EnvironmentProblem.
    """
    made = _first_missing(folder)
    stage, ready = folder / f".new-{os.getpid()}", folder / f".ready-{os.getpid()}"
    moved: list[Path] = []
    try:
        with files.problems(folder):
            folder.mkdir(mode=files.FOLDER_MODE, parents=True, exist_ok=True)
            folder.chmod(files.FOLDER_MODE)
            stage.mkdir(mode=files.FOLDER_MODE)
            for name in ("clients", "staff"):
                (stage / name).mkdir(mode=files.FOLDER_MODE)
            files.fill(stage, content)
        yield stage
        with files.problems(folder):
            # From here on it is finished by whoever comes next, should this process die.
            stage.rename(ready)
            _move_in(ready, folder, moved)
    except BaseException as problem:
        try:
            for path in reversed(moved):
                path.rename(ready / path.name)
            if ready.is_dir():
                ready.rename(stage)
        except OSError:
            raise EnvironmentProblem(f"{problem}\nhint: another carectl init here finishes what was begun") from None
        shutil.rmtree(made or stage, ignore_errors=True)
        raise


def put_right(folder: Path) -> str | None:
    """Finish or undo what an interrupted beginning of a caseload left in a folder, and say so.

    Raises EnvironmentProblem.
    """
    said = None
    with files.problems(folder):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if re.fullmatch(r"\.new-[0-9]+", path.name) and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
                said = "An earlier init was interrupted; what it left is removed."
            elif re.fullmatch(r"\.ready-[0-9]+", path.name) and path.is_dir() and not path.is_symlink():
                _move_in(path, folder, [])
                said = "An earlier init was interrupted, and is finished now."
    return said


def _move_in(ready: Path, folder: Path, moved: list[Path]) -> None:
    """Move what is ready into its folder, carectl.yaml last, and keep a list of it."""
    for item in sorted(ready.iterdir(), key=lambda path: path.name == MARK):
        if os.path.lexists(folder / item.name):
            raise FileExistsError(None, f"there is something called {item.name} in it")
        if item.name == MARK:
            files.sync(folder)
        item.rename(folder / item.name)
        moved.append(folder / item.name)
    files.sync(folder)
    # Empty and hidden, it is in nobody's way.
    with suppress(OSError):
        ready.rmdir()


def _first_missing(folder: Path) -> Path | None:
    """The uppermost folder on the way to this one that is not there yet."""
    missing = [path for path in (folder.absolute(), *folder.absolute().parents) if not path.exists()]
    return missing[-1] if missing else None


def schema_files() -> dict[str, bytes]:
    """The schemas of this carectl, by the paths that they have in a caseload."""
    folder = resources.folder("schemas")
    return {f"{SCHEMAS}/{kind}.schema.json": (folder / f"{kind}.schema.json").read_bytes() for kind in FILE_KINDS}


# --- people ----------------------------------------------------------------------------------------------------------


def client_files(client_id: str, fields: Mapping[str, Value | None]) -> dict[str, bytes]:
    """The files of a new client's folder, by name."""
    folder = f"clients/{client_id}"
    found = {"client.yaml": document("client", f"{folder}/client.yaml", {"id": client_id, **fields})}
    if fields.get("status") != "inquiry":
        for kind in BEGINNINGS:
            record = CLIENT_KINDS[kind]
            lines = [f"# {(record.__doc__ or '').splitlines()[0]}", *(f"{name}:" for name in record.__struct_fields__)]
            found[f"{kind}.yaml"] = _head(kind, f"{folder}/{kind}.yaml") + "".join(f"{x}\n" for x in lines).encode()
    return found


def add_client(root: Path, client_id: str, fields: Mapping[str, Value | None]) -> Made:
    """Make a client's folder, whole or not at all. Raises UsageError if there is one, or for values of a wrong form."""
    folder = f"clients/{client_id}"
    with Store(root).transaction(command="client add") as change:
        if (root / folder).exists():
            raise UsageError(
                f"there is a client {client_id} already\nhint: choose another id; ids are never used again"
            )
        content = {f"{folder}/{name}": raw for name, raw in client_files(client_id, fields).items()}
        loader = Loader(_Held(content, FolderTree(root)))
        chart = loader.chart(client_id)
        _accept(loader.met.findings, whole=chart.client is not None)
        for path, raw in content.items():
            change.create(path, raw)
    return Made(tuple(content), change.recovered)


def add_staff(root: Path, staff_id: str, fields: Mapping[str, Value | None]) -> Made:
    """Make a staff member's file. Raises UsageError if there is one, or for values of a wrong form."""
    path = f"staff/{staff_id}.yaml"
    with Store(root).transaction(command="staff add") as change:
        if (root / path).exists():
            raise UsageError(f"there is a staff member {staff_id} already\nhint: choose another id")
        content = document("staff", path, {"id": staff_id, **fields})
        check_new({path: content})
        change.create(path, content)
    return Made((path,), change.recovered)


def check_new(content: Mapping[str, bytes]) -> None:
    """Read new files of a caseload as they will be read. Raises UsageError if anything is wrong with them."""
    loader = Loader(_Held(content))
    practice = loader.practice() if MARK in content else None
    loader.staff()
    _accept(loader.met.findings, whole=MARK not in content or practice is not None)


def _accept(findings: Iterable[Finding], *, whole: bool) -> None:
    problems = [finding.message + (f" ({finding.hint})" if finding.hint else "") for finding in findings]
    if problems or not whole:
        raise UsageError("nothing was written: " + "; ".join(problems or ["it could not be read back"]))


@dataclass(frozen=True, slots=True)
class _Held:
    """Files that are not written yet, in folders of their own, and those that are there."""

    content: Mapping[str, bytes]
    there: Tree | None = None

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder."""
        prefix = f"{folder}/"
        below = {path.removeprefix(prefix) for path in self.content if path.startswith(prefix)}
        if not below and self.there is not None:
            return self.there.names(folder)
        return sorted((name, False) for name in below if "/" not in name)

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file."""
        if path in self.content or self.there is None:
            return self.content[path]
        return self.there.read(path)


# --- ids -------------------------------------------------------------------------------------------------------------


def next_client_id(taken: Iterable[str]) -> str:
    """The id after the highest c-NNN there is."""
    numbers = [int(match[1]) for name in taken if (match := re.fullmatch(r"c-([0-9]{1,9})", name))]
    return f"c-{max(numbers, default=0) + 1:03}"


def staff_id(given: str, family: str, taken: Collection[str]) -> str:
    """An id made of a name: jo-park. If that is taken, or no letter of the name can be in an id, a numbered one."""
    words = re.findall("[a-z0-9]+", fold(f"{given} {family}").replace("'", ""))
    stem = "-".join(words)[:60].strip("-") or "s"
    candidates = [stem] if words else []
    return next(
        name for name in (*candidates, *(f"{stem}-{n}" for n in range(2 if words else 1, 10_000))) if name not in taken
    )


# --- YAML ------------------------------------------------------------------------------------------------------------


def modeline(kind: str, path: str) -> str:
    """The line that tells editors which schema a file of the caseload follows.

    It names the caseload's own copy of the schemas, by the way from the file to it: that works offline, on every
    machine, and in ten years.
    """
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS}/{kind}.schema.json"


def document(kind: str, path: str, fields: Mapping[str, Value | None]) -> bytes:
    """A new file of a kind. Fields without a value are left out. Raises ValueError for what no file may hold."""
    return _head(kind, path) + _block(fields)


def _head(kind: str, path: str) -> bytes:
    return f"{modeline(kind, path)}\n".encode()


def _block(fields: Mapping[str, Value | None], indent: str = "") -> bytes:
    lines = [
        f"{indent}{key}: {text}\n" for key, value in fields.items() if value is not None and (text := written(value))
    ]
    return "".join(lines).encode()


def written(value: Value) -> str:
    """A value on one line of YAML; a group or list without anything in it is an empty text."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {scalar(text)}" for key, text in value.items() if text is not None)
        return f"{{{inner}}}" if inner else ""
    return f"[{', '.join(map(written, value))}]" if value else ""

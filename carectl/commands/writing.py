"""What writing commands do alike: show the diff or write, refuse what would be wrong, say what was written, commit."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import surveying
from carectl.errors import Refused

if TYPE_CHECKING:
    from carectl.caseload.edit import Editor
    from carectl.caseload.records import Chart
    from carectl.caseload.shelves import Shelf
    from carectl.caseload.store import Transaction
    from carectl.caseload.trees import Tree
    from carectl.commands.session import Session
    from carectl.commands.team import Verdict
    from carectl.findings import Finding

_FIRST: Final = re.compile(r"(?:\d+ visits, the )?first on (\d{4}-\d\d-\d\d)")
Key = tuple[str, str, str]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
Commit = Annotated[bool, typer.Option("--commit", help="Commit the change, with a subject that names no one.")]


@dataclass(slots=True)
class Writing:
    """One writing command at work."""

    session: Session
    change: Transaction
    done: list[str] = field(default_factory=list)
    """Sentences for the user about what was written."""
    shifted: set[str] = field(default_factory=set)
    """Clients to whom somebody may come who did not, or at another time: they are compared with all other clients."""
    along: list[str] = field(default_factory=list)
    """Files, not written by this command, that a commit takes along."""
    is_told: bool = False
    """Whether the command says itself, beside each visit, what speaks against whoever is newly down."""

    @property
    def tree(self) -> Tree:
        """The caseload as it will be with what is staged; nobody else writes in it meanwhile."""
        from carectl.caseload.trees import FolderTree

        return _Overlay(FolderTree(self.session.root), self.change.staged())

    def chart(self, client: str) -> Chart:
        """A client's chart as it will be with what is staged."""
        from carectl.caseload.load import Loader

        return Loader(self.tree, self.session.memo).chart(client)

    def edit(self, path: str) -> Editor:
        """An editor for a file as it is now (or as this command has changed it); hand it back with `put`."""
        from carectl.caseload.edit import Editor

        return Editor(self.change.read(path), path)

    def begin(self, shelf: Shelf) -> Editor:
        """An editor for the file that takes an entry, which may be begun with it."""
        if shelf.beginning is not None and shelf.path not in self.change.staged():
            self.change.create(shelf.path, shelf.beginning)
        return self.edit(shelf.path)

    def put(self, path: str, editor: Editor) -> None:
        """Stage what was edited."""
        self.change.replace(path, editor.result())

    def say(self, sentence: str) -> None:
        """A sentence that is printed once all is written."""
        self.done.append(sentence)


@contextmanager
def writing(session: Session, *, subject: str, dry_run: bool, commit: bool) -> Iterator[Writing]:
    """Write together what the block stages. `subject` is the commit's, and names no one: c-014 visits: 1 done.

    With `dry_run` the diff is printed and nothing written. What would put an error into the records is refused before
    a byte is written (Refused, exit 1), also where somebody would be at two clients at once; new warnings are told, and
    do not stop it.
    """
    from carectl.caseload.store import Store
    from carectl.commands.telling import recovered

    with Store(session.root).transaction(command=subject.split(" ", 1)[-1], dry_run=dry_run) as change:
        recovered(change.recovered)
        work = Writing(session, change)
        yield work
        staged = change.staged()
        before, after = _judged(session, staged)
        worse = _worse(before, after)
        _refuse(worse)
        verdict = _between(work, staged)
        if dry_run:
            sys.stdout.write(diff_of(staged))
            change.drop()
        elif commit and staged:
            paths = [*staged, *work.along]
            change.then(lambda: _commit(session, paths, subject))
    for line in (line for sentence in work.done for line in sentence.split("\n")):
        _print(line)
    if not dry_run:
        for path, (old, new) in staged.items():
            print(f"Wrote {path}:{_first_changed_line(old, new)}")
        surveying.tell_stale(session, staged)
    if not staged:
        print("Nothing to write: it is like that already.")
    _warn(worse)
    if verdict is not None and not work.is_told:
        verdict.tell(written=not dry_run)


def _print(line: str) -> None:
    """A line that a terminal shows in several if it is too wide, broken between words; for a file it stays one."""
    from carectl.commands.telling import width
    from carectl.output.terminal import width_of, wrap

    if not sys.stdout.isatty() or width_of(line) <= width():
        print(line)
        return
    begin = " " * (len(line) - len(line.lstrip()))
    first, *more = wrap(line, width() - len(begin) - 2)
    print(begin + first)
    for piece in more:
        print(f"{begin}  {piece}")


def diff_of(staged: Mapping[str, tuple[bytes | None, bytes]]) -> str:
    """What would be written, as a unified diff."""
    parts = []
    for path, (old, new) in staged.items():
        before = [] if old is None else old.decode("utf-8", "replace").splitlines(keepends=True)
        after = new.decode("utf-8", "replace").splitlines(keepends=True)
        name = "/dev/null" if old is None else f"a/{path}"
        lines = difflib.unified_diff(before, after, name, f"b/{path}")
        parts += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(parts)


class _Overlay:
    """The caseload as it will be once the staged files are written."""

    def __init__(self, tree: Tree, staged: Mapping[str, tuple[bytes | None, bytes]]) -> None:
        self._tree = tree
        self._staged = staged

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        names = self._tree.names(folder)
        if not isinstance(names, list):
            return names
        found = dict(names)
        prefix = f"{folder}/"
        for path in self._staged:
            if path.startswith(prefix):
                name, *rest = path[len(prefix) :].split("/")
                found[name] = bool(rest)
        return sorted(found.items())

    def read(self, path: str) -> bytes | Finding:
        return self._staged[path][1] if path in self._staged else self._tree.read(path)


def _judged(session: Session, staged: Mapping[str, tuple[bytes | None, bytes]]) -> tuple[Sequence[Key], list[Finding]]:
    """What a check says of the clients concerned before (as keys) and after the change, waivers taken into account."""
    from carectl.care.checks import check_chart, check_practice
    from carectl.caseload.load import Loader
    from carectl.caseload.places import Places, client_of
    from carectl.caseload.trees import FolderTree

    here = FolderTree(session.root)
    clients = sorted({client for path in staged if (client := client_of(path))})
    practice = any(client_of(path) is None for path in staged)

    def findings(tree: Tree) -> list[Finding]:
        told: list[Finding] = []
        if practice:
            loader, places = Loader(tree), Places(tree)
            about = check_practice(loader.practice(), loader.staff()[0], session.setting)
            told += places.waive(places.resolve([*loader.met.findings, *about]), loader.met.waivers)
        for client in clients:
            loader = Loader(tree, session.memo)
            chart = loader.chart(client)
            places = Places(tree)
            found = places.resolve([*loader.met.findings, *check_chart(chart, session.setting)])
            told += places.waive(found, loader.met.waivers)
        return told

    after = findings(_Overlay(here, staged))
    # Where nothing is wrong afterwards, it does not matter what was wrong before.
    return [_key(finding) for finding in findings(here)] if after else [], after


def _between(work: Writing, staged: Mapping[str, tuple[bytes | None, bytes]]) -> Verdict | None:
    """What the visits that change mean for those at other clients; nobody else pays for looking. Raises Refused."""
    if not work.shifted or not staged:
        return None
    from carectl.caseload.trees import FolderTree
    from carectl.commands.team import Verdict

    here = FolderTree(work.session.root)
    verdict = Verdict(work.session, work.shifted, here, _Overlay(here, staged))
    _refuse(verdict.refused())
    return verdict


def _worse(before: Sequence[Key], after: Sequence[Finding]) -> list[Finding]:
    """The findings that an edit brings about. One that only begins on a later day was there before."""
    was, will = _by_first(before), _by_first(map(_key, after))
    worse = []
    for finding in after:
        key = _key(finding)
        undated, day = _first(key)
        known = was.get(undated, [])
        if key not in before and not (day and known and len(will[undated]) <= len(known) and day > min(known)):
            worse.append(finding)
    return worse


def _by_first(keys: Iterable[Key]) -> dict[Key, list[str]]:
    """The days on which findings first are so, by what else they say."""
    found: dict[Key, list[str]] = {}
    for undated, day in map(_first, keys):
        found.setdefault(undated, []).append(day)
    return found


def _first(key: Key) -> tuple[Key, str]:
    """A finding's key without the day on which it first is so, and that day; empty if it names none."""
    match = _FIRST.search(key[2])
    return ((*key[:2], key[2].replace(match[0], "")), match[1]) if match else (key, "")


def _key(finding: Finding) -> Key:
    """What makes a finding the same before and after an edit, though its line may have moved."""
    return finding.code, finding.path, finding.message


def _refuse(findings: list[Finding]) -> None:
    from carectl.findings import Severity
    from carectl.output.report import as_text

    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise Refused(f"this would put an error into the records; nothing was written\n{as_text(errors).rstrip()}")


def _warn(findings: list[Finding]) -> None:
    from carectl.findings import Severity
    from carectl.output.report import as_text

    warnings = [finding for finding in findings if finding.severity is not Severity.ERROR]
    sys.stderr.write(as_text(warnings))


def _commit(session: Session, paths: list[str], subject: str) -> None:
    from carectl.caseload import git

    name = git.commit(session.root, paths, subject, environment=os.environ)
    if name:
        print(f"Committed {name} {subject}")


def _first_changed_line(old: bytes | None, new: bytes) -> int:
    before = [] if old is None else old.splitlines()
    after = new.splitlines()
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if one != other:
            return number
    return min(len(before), len(after)) + 1 if before else 1

"""The caseload as git keeps it: at a commit, as it is staged, and what differs from the folder. Nothing is written.

Only ids of objects are asked of git, and folders are compared by theirs: no path of a repository goes through a list
that it could break, and nothing that its configuration names is run. The folder's files are compared byte by byte, so
that no filter needs to run either; those that are as git remembers them are not opened.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import stat
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.caseload import faults, git, reader
from carectl.caseload.trees import FolderTree, Tree
from carectl.errors import EnvironmentProblem, UsageError
from carectl.findings import Finding, Span

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Place(Enum):
    """A state of the caseload that is no commit."""

    STAGED = "staged"
    """What the next commit would hold."""
    FOLDER = "folder"
    """The files in the folder."""


STAGED: Final = Place.STAGED
FOLDER: Final = Place.FOLDER

Side = str | Place
"""The full id of a commit, STAGED or FOLDER."""


class Who(NamedTuple):
    """A person as a commit names them. Nobody has proved it: git takes whatever it is told."""

    name: str
    email: str
    at: dt.datetime | None
    """With the offset that was recorded; None if it is no moment."""


class Commit(NamedTuple):
    """A commit, and which files it changed of those that were asked for."""

    id: str
    parents: tuple[str, ...]
    author: Who
    committer: Who
    subject: str
    body: str
    """The message without its first paragraph and its trailers."""
    trailers: tuple[tuple[str, str], ...]
    """`Reason: …` and the like from the last paragraph, in order, as they were written."""
    signed: bool
    """Whether it carries a signature; nobody has looked at it."""
    paths: tuple[str, ...] = ()
    """The files that it changed, by their paths from the root of the caseload, sorted; of a merge those that differ
    from every parent."""
    cut: bool = False
    """Whether a parent is not here (a shallow clone), so that it seems to have made every file."""
    left_out: tuple[str, ...] = ()
    """Of a merge: files that one side had changed and that are in it as they were before that."""
    unlike: tuple[str, ...] = ()
    """Of a merge: files that one side had changed and that are otherwise in it. If both sides changed a file, that
    may be as it should."""
    lost: bool = False
    """Whether its files or those before it cannot be read, so that nobody knows what it changed."""


class Step(NamedTuple):
    """A commit in the history of a folder, and what the folder was called then."""

    commit: Commit
    """Its paths are those of the files whose content it changed, by the folder's path then: a move changes none."""
    folder: str
    before: tuple[str, ...]
    """The folder's path in each parent."""


class Repository:
    """The git repository that a caseload lies in. Reading it writes nothing and runs nothing.

    It holds a process of git; `close` ends that, as does leaving a `with`.
    """

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str],
        prefix: str,
        index: Path,
        *,
        shallow: bool,
        trusted: Sequence[str],
    ) -> None:
        self.root = root
        self.prefix = prefix
        """The caseload's folder inside of the repository: "" or "x/y/"."""
        self.shallow = shallow
        """Whether only the last part of the history is here."""
        self._environment = environment
        self._trusted = trusted
        self._store = _Store(git.Objects(root, environment, trusted))
        self._index_file = index
        self._index: _Index | None = None

    @classmethod
    def of(cls, root: Path, environment: Mapping[str, str]) -> Repository:
        """The repository that a caseload's folder lies in.

        Raises EnvironmentProblem with a hint: git is missing, the folder is in no repository, in one without files or
        in one that belongs to somebody else, or git cannot read it.
        """
        wanted = ("--is-bare-repository", "--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
        arguments = ["rev-parse", "--git-path", "index", *wanted]
        trusted: tuple[str, ...] = ()
        done = git.ask(arguments, root, environment)
        if done.returncode != 0 and b"dubious ownership" in done.stderr:
            # Whose repositories may be read is the user's own answer: this one of their settings counts.
            trusted = git.trusted_folders(environment)
            done = git.ask(arguments, root, environment, trusted=trusted)
        # The first and the last of the answers are paths, which may hold line breaks.
        answers = re.fullmatch(rb"(?s)(.+)\n(true|false)\n(true|false)\n(true|false)\n(.*)\n", done.stdout)
        if done.returncode != 0 or answers is None:
            raise _no_repository(done.stderr)
        if answers[2] == b"true" or answers[3] == b"false":
            raise EnvironmentProblem(
                "the git repository here does not keep this folder: it has no files of its own, or others\n"
                "hint: clone the repository, and work in the clone"
            )
        index, prefix = root / _text(answers[1]), _text(answers[5])
        return cls(root, environment, prefix, index, shallow=answers[4] == b"true", trusted=trusted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End git's process. Whatever is asked later begins another one."""
        self._store.objects.close()

    def use_index(self, file: Path) -> None:
        """Take another file for what is staged: `git commit FILE` makes one of its own, and tells hooks where it is."""
        self._index_file, self._index = file, None

    # --- commits ---

    def commit(self, revision: str) -> str:
        """The full id of the commit that a revision names: HEAD, main, v1.2, 3f2a9c1, HEAD~3, main@{yesterday}.

        Raises UsageError for what can be no revision; EnvironmentProblem if there is none, or no commit at all yet, or
        if it may be in the part of the history that a shallow clone lacks.
        """
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise UsageError("a revision is a commit, branch or tag, such as HEAD~1, main or 3f2a9c1")
        for name in (revision, "HEAD"):
            found = self._store.objects.get(f"{name}^{{commit}}", reader.MAX_BYTES)
            if found is not None and found.kind == "commit":
                break
        else:
            raise EnvironmentProblem("nothing is committed here yet\nhint: carectl save makes the first commit")
        if name == revision:
            return found.id
        if self.shallow:
            raise EnvironmentProblem(
                "there is no such revision here; this clone is shallow: it has only the last part of the history\n"
                "hint: git fetch --unshallow gets all of it"
            )
        raise EnvironmentProblem(
            "there is no such revision here, or more than one begins like that\n"
            "hint: git log --oneline lists commits, git branch --all lists branches"
        )

    def has(self, commit: str) -> bool:
        """Whether a commit (by its full id) is here."""
        found = self._store.objects.get(commit, reader.MAX_BYTES)
        return found is not None and found.kind == "commit"

    def about(self, commit: str) -> Commit:
        """A commit by its full id, without the files that it changed. Raises EnvironmentProblem if it is not here."""
        return self._commit(commit)[0]

    def parents(self, commit: str) -> tuple[str, ...]:
        """The full ids of a commit's parents, as it names them; in a shallow clone they may not be here."""
        return self.about(commit).parents

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit at which two histories (by full ids) parted; None if they have nothing in common.

        Raises EnvironmentProblem if that cannot be known in a shallow clone.
        """
        found = self._git("merge-base", one, other, fine=(0, 1)).strip()
        if not found and self.shallow:
            raise EnvironmentProblem(
                "where these two parted cannot be seen here: this clone has only the last part of the history\n"
                "hint: git fetch --unshallow gets all of it"
            )
        return found or None

    def raw(self, commit: str) -> bytes:
        """A commit's own bytes, of which its id is the digest; empty if it is not here."""
        found = self._store.objects.get(commit, reader.MAX_BYTES)
        return b"" if found is None or found.content is None else found.content

    def removed(self, folder: str, start: str = "HEAD") -> Iterator[tuple[str, str]]:
        """Every file that was ever removed below a folder (by paths from the root), with the commit that did it."""
        above = f"{self.prefix}{folder}/"
        for name, commit in self.removed_anywhere(folder, start=start):
            if name.startswith(above):
                yield name.removeprefix(self.prefix), commit

    def removed_anywhere(self, *below: str, start: str = "HEAD") -> Iterator[tuple[str, str]]:
        """Every file that was ever removed, by its path from the top of the repository, with the commit that did it.

        `below`: folders, by paths from the root; none: also outside of the caseload. Raises EnvironmentProblem if
        there is no commit yet, or if git lost something.
        """
        head = self.commit(start)
        # A repository may ask for signatures to be shown, and name the program that looks at them.
        wanted = ["log", "-m", "--full-history", "--no-renames", "--no-ext-diff", "--no-show-signature"]
        wanted += ["--diff-filter=D", "--name-only", "-z", "--format=%x01%H"]
        done = self._git(*wanted, head, "--", *below)
        for block in done.split("\1")[1:]:
            commit, *names = (word.strip("\n") for word in block.split("\0"))
            yield from ((name, commit) for name in names if name)

    def disguises(self) -> list[str]:
        """What shows other programs another history than the commits tell: `replace`, `grafts`. It is not believed."""
        grafts = self.root / self._git("rev-parse", "--git-common-dir").removesuffix("\n") / "info" / "grafts"
        found = ["replace"] if self._git("for-each-ref", "--count=1", "refs/replace/") else []
        return found + (["grafts"] if os.path.lexists(grafts) and grafts.stat().st_size else [])

    # --- trees ---

    def tree(self, side: Side) -> Tree:
        """The caseload on one side of a comparison."""
        if isinstance(side, str):
            return self.at(side)
        return self.staged() if side is STAGED else self.folder()

    def at(self, commit: str) -> Tree:
        """The caseload at a commit (full id), read folder by folder as it is asked for; links are not followed.

        Raises EnvironmentProblem if there is no such commit here.
        """
        return _CommitTree(self._store, self._caseload_at(commit))

    def staged(self) -> Tree:
        """The caseload as the next commit would hold it. A file that is not merged is a finding when it is read."""
        return _StagedTree(self._store, {path: item.entry for path, item in self._listed().files.items()})

    def folder(self) -> Tree:
        """The caseload as it lies in the folder."""
        return FolderTree(self.root)

    def changed(self, old: Side, new: Side) -> list[str]:
        """The files that are not the same on two sides, by their paths from the root of the caseload, sorted.

        In the folder new files count too, if git does not ignore them; another repository in it is named as a folder.
        Permissions do not count. What is not merged always counts, and so does a submodule among the clients or staff
        if one side is the folder: what is in it is not looked at. Raises EnvironmentProblem if git lost something.
        """
        if old == new:
            return []
        if old is FOLDER or isinstance(new, str):
            old, new = new, old  # which of them is which makes no difference
        if isinstance(old, str) and isinstance(new, str):
            return sorted(set(self._store.differences(self._caseload_at(old), self._caseload_at(new), "")))
        listed = self._listed()
        staged = {path: item.entry for path, item in listed.files.items()}
        differing = self._unlike_staged(old) if isinstance(old, str) else {}
        if new is STAGED:
            return sorted(differing.keys() | {path for path, entry in staged.items() if entry is None})
        one = {path: entry for path, entry in (staged | differing).items() if entry is not _NOTHING}
        there = _Files(self.root, listed)
        paths = {path for path, entry in one.items() if not there.has(path, entry)}
        added = {path for path in staged.keys() - one.keys() if there.is_there(path)}
        return sorted(paths | added | (listed.others - one.keys()))

    # --- history ---

    def log(self, paths: Sequence[str] = (), start: str = "HEAD") -> Iterator[Commit]:
        """The commits that changed files or folders (by their paths from the root; none: any), newest first.

        Merges are among them if they made something of their own, or have not all that a side made. Raises
        EnvironmentProblem if there is no such revision or if a commit is lost.
        """
        for commit in self._touching(self.commit(start), paths):
            found = self._with_paths(self.about(commit), paths or ("",))
            if _is_of_note(found):
                yield found

    def follow(self, folder: str, start: str = "HEAD") -> Iterator[Step]:
        """The commits that changed something in a folder, newest first, also before it was moved to where it is.

        A folder was moved if, in one commit, it came and exactly one of its neighbours went that had one of its files:
        the same bytes under the same name, or the same client.yaml but for the id. Nothing is guessed beyond that.
        """
        head = self.commit(start)
        moves: list[tuple[frozenset[str], str]] = []
        listed: set[str] = set()
        later: frozenset[str] = frozenset()
        name = folder
        while True:
            # Since a move, its former name may have become another client's.
            own = [commit for commit in self._touching(head, [name]) if commit not in later]
            origins = {commit: origin for commit in own if (origin := self._origin(commit, name)) is not None}
            former = next(iter(origins.values()), None)
            if former is None:
                listed.update(own)
                break
            # Two branches may have moved it alike.
            after: set[str] = set()
            for commit in (commit for commit, origin in origins.items() if origin == former):
                after.update([commit, *self._git("rev-list", "--ancestry-path", f"{commit}..{head}").split()])
            listed.update(commit for commit in own if commit in after)
            moves.append((frozenset(after), name))
            later |= after
            name = former

        def called(commit: str) -> str:
            return next((then for since, then in moves if commit in since), name)

        order = self._git("rev-list", "--date-order", head).split() if moves else own
        for commit in order:
            if commit in listed:
                about = self.about(commit)
                here, before = called(commit), tuple(map(called, about.parents))
                found = self._with_paths(about, (here,), tuple((folder,) for folder in before))
                if _is_of_note(found) or any(folder != here for folder in before):
                    yield Step(found, here, before)

    def moves(self, old: str, new: str, folder: str) -> dict[str, str]:
        """What the folders in a folder are called in another commit, of those that were moved there.

        Told as `follow` tells it, but only between these two commits.
        """
        before, after = (self._caseload_at(commit) for commit in (old, new))
        here, there = self._store.inside(before, folder), self._store.inside(after, folder)
        found = {}
        for name in (name for name in there if name not in here):
            mine = self._store.inside(after, f"{folder}/{name}")
            gone = (other for other in here if other not in there)
            alike = [other for other in gone if self._is_alike(self._store.inside(before, f"{folder}/{other}"), mine)]
            if len(alike) == 1:
                found[alike[0]] = name
        return found

    # --- below ---

    def _git(self, *arguments: str, fine: Sequence[int] = (0,)) -> str:
        index = os.fspath(self._index_file)
        done = git.ask(arguments, self.root, self._environment, trusted=self._trusted, index=index)
        if done.returncode not in fine:
            raise _damaged()
        return _text(done.stdout)

    def _touching(self, head: str, paths: Sequence[str]) -> list[str]:
        """The ids of the commits that changed something of these paths, newest first."""
        walk = ["rev-list", "--full-history", "--date-order", head]
        done = git.ask([*walk, "--", *(paths or ["."])], self.root, self._environment, trusted=self._trusted)
        if done.returncode == 0:
            return done.stdout.decode().split()
        # A folder of some commit is lost: the commits are looked at one by one.
        every = (self._with_paths(self.about(commit), paths or ("",)) for commit in self._git(*walk).split())
        return [commit.id for commit in every if _is_of_note(commit)]

    def _commit(self, commit: str) -> tuple[Commit, str]:
        """A commit and the id of its tree."""
        found = self._store.objects.get(commit, reader.MAX_BYTES)
        if found is None or found.kind != "commit" or found.content is None:
            raise _damaged()
        return _parse_commit(commit, found.content)

    def _caseload_at(self, commit: str) -> str | None:
        """The id of the caseload's folder at a commit; None if there was none."""
        entry = self._store.find(self._commit(commit)[1], self.prefix.rstrip("/"))
        if isinstance(entry, Finding):
            raise _damaged()
        return entry.id if entry is not None and entry.kind == "folder" else None

    def _with_paths(self, commit: Commit, paths: Sequence[str], before: Sequence[Sequence[str]] = ()) -> Commit:
        """A commit with the files that it changed below some paths, which may have been others in its parents."""
        here: list[tuple[str | None, Sequence[str]]] = [
            (parent, before[number] if before else paths)
            for number, parent in enumerate(commit.parents)
            if self.has(parent)
        ]
        commit = commit._replace(cut=len(here) < len(commit.parents))
        try:
            sides = [self._below(parent, its, commit.id, paths) for parent, its in here or [(None, paths)]]
            commit = commit._replace(paths=tuple(sorted(set.intersection(*sides))))
            return self._with_sides(commit, sides, here, paths) if len(here) > 1 and not commit.cut else commit
        except EnvironmentProblem:
            return commit._replace(lost=True)

    def _with_sides(
        self,
        merge: Commit,
        sides: Sequence[set[str]],
        before: Sequence[tuple[str | None, Sequence[str]]],
        paths: Sequence[str],
    ) -> Commit:
        """A merge with the files that it does not have as a side had made them. `sides` are those that differ."""
        base = self._git("merge-base", *merge.parents[:2], fine=(0, 1)).strip() if any(sides) else ""
        if not base:
            return merge
        unlike: set[str] = set()
        for (parent, former), differing in zip(before, sides, strict=True):
            if differing and parent is not None:
                unlike |= differing & set(self._between(base, former, parent, former, paths))
        left_out = set().union(*sides) - self._below(base, paths, merge.id, paths)
        return merge._replace(left_out=tuple(sorted(left_out)), unlike=tuple(sorted(unlike | left_out)))

    def _below(self, earlier: str | None, before: Sequence[str], commit: str, paths: Sequence[str]) -> set[str]:
        """The files below some paths of a commit that are not the same below those of an earlier one, or of none."""
        return self._between(earlier, before, commit, paths, paths)

    def _between(
        self, earlier: str | None, before: Sequence[str], later: str, after: Sequence[str], names: Sequence[str]
    ) -> set[str]:
        """The same of two commits that each have names of their own for the paths; told are the `names`."""
        old, new = self._caseload_at(earlier) if earlier else None, self._caseload_at(later)
        found: set[str] = set()
        for one, other, name in zip(before, after, names, strict=True):
            found.update(self._store.between(self._store.find(old, one), self._store.find(new, other), name))
        return found

    def _origin(self, commit: str, folder: str) -> str | None:
        """The folder's former path, if it was moved to its place in this commit."""
        above, _, name = folder.rpartition("/")
        new = self._caseload_at(commit)
        mine = self._store.inside(new, folder)
        for parent in self.parents(commit):
            if not mine or not self.has(parent):
                continue
            old = self._caseload_at(parent)
            before, after = self._store.inside(old, above), self._store.inside(new, above)
            if name in before:
                continue
            gone = (other for other in before if other not in after)
            alike = [other for other in gone if self._is_alike(self._store.inside(old, f"{above}/{other}"), mine)]
            if len(alike) == 1:
                return f"{above}/{alike[0]}"
        return None

    def _is_alike(self, old: _Folder, new: _Folder) -> bool:
        """Whether two folders share a file."""
        if any(entry.kind == "file" and entry == new.get(name) for name, entry in old.items()):
            return True
        both = [folder["client.yaml"] for folder in (old, new) if "client.yaml" in folder]
        texts = [self._store.blob(entry, "client.yaml") for entry in both]
        bare = [re.sub(rb"(?m)^id:.*\n?", b"", text) for text in texts if isinstance(text, bytes)]
        return len(bare) == 2 and bool(bare[0].strip()) and bare[0] == bare[1]

    def _unlike_staged(self, commit: str) -> dict[str, _Entry]:
        """The files that a commit has otherwise than they are staged, as it has them; _NOTHING for those it lacks."""
        how = ["--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--ignore-submodules=none"]
        how += ["--ita-invisible-in-index", "--relative"]
        fields = self._git("diff-index", *how, commit, "--").split("\0")
        found: dict[str, _Entry] = {}
        for field, path in zip(fields[::2], fields[1::2], strict=False):
            mode, _, blob = field[1:].split(" ")[:3]
            kind = _KINDS.get(mode[:2].encode())
            found[path] = _Entry(kind, blob) if kind is not None else _NOTHING
        return found

    def _listed(self) -> _Index:
        """What is staged and what else lies in the folder."""
        if self._index is None:
            try:
                written = int(self._index_file.stat().st_mtime)
            except OSError:
                written = 0  # nothing was ever staged
            arguments = ["ls-files", "-z", "-t", "-s", "-c", "-o", "--exclude-standard", "--debug"]
            self._index = _parse_index(self._git(*arguments), written)
        return self._index


def _is_of_note(commit: Commit) -> bool:
    """Whether a commit belongs into a history; most merges do not."""
    return bool(commit.paths or commit.unlike or commit.cut or commit.lost)


# --- what git keeps --------------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """What a folder in git holds under a name."""

    kind: str
    """`file`, `folder`, `link`, or `repository` (a submodule)."""
    id: str


_NOTHING: Final = _Entry("", "")
_Folder = Mapping[str, _Entry]

_MAX_FOLDER: Final = 64 * 1024 * 1024
_HELD: Final = 1_000
"""Folders that are kept in memory; those of two neighbouring commits are mostly the same."""

_NONE: Final = ("there is no such file", "check the name, or remove what refers to it")
_LOST: Final = (
    "git has lost this, or only a part of the repository is here",
    "git fsck tells what is damaged; another clone of the repository may still have it",
)
_LINK: Final = ("in git this is a link, which is not followed", "put the file or folder itself here instead of a link")
_REPOSITORY: Final = (
    "this belongs to another git repository (a submodule), which is not looked into",
    "keep these files in the caseload's own repository",
)
_UNMERGED: Final = (
    "two versions of this file are not merged yet",
    "settle the conflict in the file, then: git add FILE",
)


class _Store:
    """The folders and files that git keeps, by their ids."""

    def __init__(self, objects: git.Objects) -> None:
        self.objects = objects
        self._folders: OrderedDict[str, _Folder | None] = OrderedDict()

    def folder(self, tree: str) -> _Folder | None:
        """What a folder holds; None if that cannot be known."""
        if tree in self._folders:
            self._folders.move_to_end(tree)
            return self._folders[tree]
        found = self.objects.get(tree, _MAX_FOLDER)
        content = found.content if found is not None and found.kind == "tree" else None
        known = _parse_tree(content, len(tree) // 2) if content is not None else None
        self._folders[tree] = known
        if len(self._folders) > _HELD:
            self._folders.popitem(last=False)
        return known

    def blob(self, entry: _Entry, path: str) -> bytes | Finding:
        """The content of a file, or why it cannot be had."""
        span = Span(path)
        if entry.kind == "folder":
            return faults.not_a_file(span, "a folder")
        if entry.kind != "file":
            return _not_here(entry.kind, path)
        found = self.objects.get(entry.id, reader.MAX_BYTES)
        if found is None or found.kind != "blob":
            return faults.unreadable(span, *_LOST)
        if found.content is None:
            return faults.too_large(span, f"{reader.MAX_BYTES // 1024**2} MiB")
        return found.content

    def find(self, tree: str | None, path: str) -> _Entry | Finding | None:
        """What lies at a path below a folder; None if there is nothing, a finding if that cannot be known."""
        at = _Entry("folder", tree) if tree else None
        way = ""
        for part in path.split("/") if path else ():
            if at is None or at.kind == "file":
                return None
            if at.kind != "folder":
                return _not_here(at.kind, way)
            folder = self.folder(at.id)
            if folder is None:
                return faults.unreadable(Span(way or "."), *_LOST)
            way = f"{way}/{part}" if way else part
            at = folder.get(part)
        return at

    def inside(self, tree: str | None, path: str) -> _Folder:
        """What the folder at a path below another one holds; nothing if there is none."""
        entry = self.find(tree, path)
        return (self.folder(entry.id) or {}) if isinstance(entry, _Entry) and entry.kind == "folder" else {}

    def between(self, old: _Entry | Finding | None, new: _Entry | Finding | None, path: str) -> Iterator[str]:
        """The paths of the files that differ between two things at a path. Raises EnvironmentProblem; see below."""
        if isinstance(old, Finding) or isinstance(new, Finding):
            raise _damaged()
        if old == new:
            return
        trees = [side.id if side is not None and side.kind == "folder" else None for side in (old, new)]
        yield from self.differences(trees[0], trees[1], path)
        if any(side is not None and side.kind != "folder" for side in (old, new)):
            yield path

    def differences(self, old: str | None, new: str | None, path: str) -> Iterator[str]:
        """The same of two folders by their ids. Raises EnvironmentProblem if one cannot be known."""
        if old == new:
            return
        before, after = (self.folder(tree) if tree else {} for tree in (old, new))
        if before is None or after is None:
            raise _damaged()
        for name in before.keys() | after.keys():
            if (one := before.get(name)) != (other := after.get(name)):
                yield from self.between(one, other, f"{path}/{name}" if path else name)


class _CommitTree:
    """The caseload at a commit."""

    def __init__(self, store: _Store, tree: str | None) -> None:
        self._store = store
        self._tree = tree

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder; hidden ones are left out."""
        entry = self._store.find(self._tree, folder)
        if entry is None or isinstance(entry, Finding):
            return [] if entry is None else entry
        if entry.kind == "file":
            return []
        if entry.kind != "folder":
            return _not_here(entry.kind, folder)
        held = self._store.folder(entry.id)
        return faults.unreadable(Span(folder or "."), *_LOST) if held is None else _visible(held)

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, or why they cannot be had."""
        entry = self._store.find(self._tree, path)
        if entry is None:
            return faults.unreadable(Span(path), *_NONE)
        return entry if isinstance(entry, Finding) else self._store.blob(entry, path)


class _StagedTree:
    """The caseload as it is staged."""

    def __init__(self, store: _Store, files: Mapping[str, _Entry | None]) -> None:
        self._store = store
        self._files = files
        self._folders: dict[str, dict[str, _Entry]] = {"": {}}
        for path, entry in files.items():
            above, _, name = path.rpartition("/")
            self._folders.setdefault(above, {})[name] = entry or _Entry("file", "")
            while above:
                path = above
                above, _, name = path.rpartition("/")
                if name in self._folders.setdefault(above, {}):
                    break
                self._folders[above][name] = _Entry("folder", "")

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder; hidden ones are left out."""
        strange = self._strange(folder)
        return _visible(self._folders.get(folder, {})) if strange is None else strange

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file, or why they cannot be had."""
        if path in self._files:
            entry = self._files[path]
            return faults.unreadable(Span(path), *_UNMERGED) if entry is None else self._store.blob(entry, path)
        if path in self._folders:
            return faults.not_a_file(Span(path), "a folder")
        return self._strange(path) or faults.unreadable(Span(path), *_NONE)

    def _strange(self, path: str) -> Finding | None:
        """Why a path cannot be looked into: it leads through a link or a submodule."""
        for above in (path, *_above(path)):
            entry = self._files.get(above)
            if entry is not None and entry.kind != "file":
                return _not_here(entry.kind, above)
        return None


def _not_here(kind: str, path: str) -> Finding:
    """What is to be said of a link or a submodule."""
    return faults.unreadable(Span(path), *(_LINK if kind == "link" else _REPOSITORY))


def _visible(folder: _Folder) -> list[tuple[str, bool]]:
    """The names in a folder as Tree.names gives them.

    A submodule counts as a folder, and so does a link unless its name has an ending: a client that is kept in one must
    not seem to be gone.
    """
    return sorted(
        (name, entry.kind in ("folder", "repository") or (entry.kind == "link" and "." not in name))
        for name, entry in folder.items()
        if not name.startswith(".")
    )


def _parse_tree(content: bytes, width: int) -> _Folder | None:
    """What a tree of git lists, with ids of so many bytes; None if it is damaged or made to mislead."""
    found: dict[str, _Entry] = {}
    at = 0
    while at < len(content):
        end = content.find(b"\0", at)
        mode, _, raw = content[at:end].partition(b" ")
        at = end + 1 + width
        name = _text(raw)
        is_path = name in ("", ".", "..") or "/" in name
        if end < 0 or at > len(content) or not mode.isdigit() or is_path or name in found:
            return None
        kind = _KINDS.get(mode[:-4])
        if kind is None:
            return None
        found[name] = _Entry(kind, content[end + 1 : at].hex())
    return found


_KINDS: Final = {b"4": "folder", b"04": "folder", b"10": "file", b"12": "link", b"16": "repository"}
"""The kinds by what stands before the permissions in a mode."""

_WHO: Final = re.compile(r"(.*?) ?<([^<>]*)> (-?[0-9]{1,12}) ([+-])([0-9]{2})([0-9]{2})")
_TRAILER: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]+(\S.*)")
_CODECS: Final = re.compile(
    "(?i)iso-?8859-[0-9]{1,2}|latin-?1|(?:windows|cp)-?125[0-9]|koi8-[ru]|euc-(?:jp|kr)|shift_jis|gb18030|gbk|big5"
)


def _parse_commit(commit: str, content: bytes) -> tuple[Commit, str]:
    """A commit, and the id of its tree. Raises EnvironmentProblem if it is damaged."""
    head, _, raw = content.partition(b"\n\n")
    headers: list[tuple[str, bytes]] = []
    for line in head.split(b"\n"):
        word, _, value = line.partition(b" ")
        if word:  # what goes on from the line above begins with a space
            headers.append((word.decode("ascii", "replace"), value))
    first = dict(reversed(headers))
    parents = tuple(value.decode("ascii", "replace") for word, value in headers if word == "parent")
    if "tree" not in first or not all(re.fullmatch("[0-9a-f]{40,64}", one) for one in (_text(first["tree"]), *parents)):
        raise _damaged()
    codec = _CODECS.fullmatch(_text(first.get("encoding", b"")))
    subject, body, trailers = _parse_message(_decoded(raw, codec[0] if codec else "utf-8"))
    people = [_parse_who(_decoded(first.get(word, b""), codec[0] if codec else "utf-8")) for word in _ROLES]
    signed = any(word.startswith("gpgsig") for word in first)
    return Commit(commit, parents, people[0], people[1], subject, body, trailers, signed), _text(first["tree"])


_ROLES: Final = ("author", "committer")


def _decoded(raw: bytes, codec: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(codec, "replace")


def _parse_who(text: str) -> Who:
    match = _WHO.fullmatch(text)
    if match is None:
        return Who(text, "", None)
    minutes = int(f"{match[4]}1") * (int(match[5]) * 60 + int(match[6]))
    try:
        zone = dt.timezone(dt.timedelta(minutes=minutes))
        moment = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=int(match[3]))).astimezone(zone)
    except (OverflowError, ValueError):
        return Who(match[1], match[2], None)
    # At the ends of the calendar no other zone has such a moment.
    return Who(match[1], match[2], moment if 1 < moment.year < dt.MAXYEAR else None)


def _parse_message(text: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """The first paragraph on one line, what comes between, and the trailers: the last paragraph if all of it are."""
    paragraphs = [part.strip("\n") for part in re.split(r"\n[ \t]*(?:\n[ \t]*)*\n", text.strip())]
    subject = " ".join(paragraphs[0].split())
    rest = paragraphs[1:]
    trailers: list[tuple[str, str]] = []
    for line in rest[-1].split("\n") if rest else ():
        match = _TRAILER.fullmatch(line.rstrip())
        if match is not None:
            trailers.append((match[1], match[2]))
        elif trailers and line[:1] in " \t" and line.strip():
            trailers[-1] = (trailers[-1][0], f"{trailers[-1][1]} {line.strip()}")
        else:
            trailers = []
            break
    return subject, "\n\n".join(rest[:-1] if trailers else rest), tuple(trailers)


# --- the index and the folder ----------------------------------------------------------------------------------------


class _Staged(NamedTuple):
    """What is staged under a path."""

    entry: _Entry | None
    """None if the file is not merged."""
    seen: tuple[str, ...] | None
    """What the folder's file looked like when it had this content (see _seen); None if that is not certain."""


class _Index(NamedTuple):
    """What is staged, and what else lies in the folder that git does not ignore."""

    files: dict[str, _Staged]
    others: frozenset[str]


_LISTED: Final = re.compile(
    r"\? ([^\0]+)\0"
    r"|[A-Z] ([0-7]+) ([0-9a-f]+) ([0-3])\t([^\0]+)\0"
    r"(?:  ctime: ([0-9]+):([0-9]+)\n  mtime: ([0-9]+):([0-9]+)\n  dev: [0-9]+\tino: ([0-9]+)\n"
    r"  uid: [0-9]+\tgid: [0-9]+\n  size: ([0-9]+)\tflags: ([0-9a-f]+)\n)?"
)
_ADDED_LATER: Final = 0x2000_0000
"""The flag of `git add --intent-to-add`: the file is announced, and not staged."""
_32_BITS: Final = 0xFFFF_FFFF


def _parse_index(text: str, written: int) -> _Index:
    """What `git ls-files` lists, of an index that was written in this second.

    What it tells of each file's size and times is there for people to look at, and may be written differently one day:
    without it every file is opened.
    """
    files: dict[str, _Staged] = {}
    others: set[str] = set()
    kinds = {code.decode(): kind for code, kind in _KINDS.items()}
    at = 0
    for match in _LISTED.finditer(text):
        if match.start() != at:
            break
        at = match.end()
        other, mode, name, stage, path, *seen, flags = match.groups()
        if other is not None:
            others.add(other.rstrip("/"))
        elif flags is not None and int(flags, 16) & _ADDED_LATER:
            others.add(path)
        elif stage != "0" or mode[:2] not in kinds:
            files[path] = _Staged(None, None)
        else:
            # What was changed in the second of the writing may have been changed once more.
            is_sure = flags is not None and int(seen[2]) < written
            files[path] = _Staged(_Entry(kinds[mode[:2]], name), tuple(seen) if is_sure else None)
    if at != len(text):
        raise _damaged()
    return _Index(files, frozenset(others))


def _seen(file: os.stat_result) -> tuple[str, ...]:
    """Times, number and size of a file, as the index has them."""
    changed, modified = divmod(file.st_ctime_ns, 1_000_000_000), divmod(file.st_mtime_ns, 1_000_000_000)
    return tuple(map(str, (*changed, *modified, file.st_ino & _32_BITS, file.st_size & _32_BITS)))


class _Files:
    """The files in the folder, beside what git has."""

    def __init__(self, root: Path, index: _Index) -> None:
        self._root = os.fspath(root)
        self._index = index
        self._real: dict[str, bool] = {"": True}

    def has(self, path: str, entry: _Entry | None) -> bool:
        """Whether the folder has a file as git does."""
        staged = self._index.files.get(path)
        if entry is None:
            return False  # not merged
        if entry.kind == "repository":
            is_read = path.startswith(("clients/", "staff/"))
            return not is_read and staged is not None and staged.entry == entry
        if not self._is_real(path):
            return False
        full = f"{self._root}/{path}"
        try:
            file = os.lstat(full)
            if staged is not None and staged.entry is not None and staged.seen == _seen(file):
                return staged.entry == entry
            if stat.S_ISLNK(file.st_mode):
                return entry.kind == "link" and _is_content(entry.id, [os.fsencode(os.readlink(full))])  # noqa: PTH115
            return stat.S_ISREG(file.st_mode) and entry.kind == "file" and _is_content(entry.id, _pieces(full))
        except OSError:
            return False  # it is gone, or nobody can tell

    def is_there(self, path: str) -> bool:
        """Whether anything lies at a path."""
        return self._is_real(path) and os.path.lexists(f"{self._root}/{path}")

    def _is_real(self, path: str) -> bool:
        """Whether no folder on the way is a link: what lies behind one is not in the folder for git."""
        above = path.rpartition("/")[0]
        if above not in self._real:
            self._real[above] = self._is_real(above) and not os.path.islink(f"{self._root}/{above}")  # noqa: PTH114
        return self._real[above]


def _above(path: str) -> Iterator[str]:
    """The folders on the way to a path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _pieces(full: str) -> Iterator[bytes]:
    """The content of a file, a megabyte at a time. A pipe that has come into its place is not waited for."""
    handle = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        while piece := file.read(1024**2):
            yield piece


def _is_content(blob: str, pieces: Iterable[bytes]) -> bool:
    """Whether a file in git has this content."""
    content = b"".join(pieces)
    digest = hashlib.new("sha1" if len(blob) == 40 else "sha256", b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest() == blob


# --- what goes wrong -------------------------------------------------------------------------------------------------


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _damaged() -> EnvironmentProblem:
    return EnvironmentProblem(
        "git has lost a part of this caseload's history, or cannot read it\n"
        "hint: git fsck tells what is damaged; another clone of the repository may still have it"
    )


def _no_repository(said: bytes) -> EnvironmentProblem:
    """What is wrong, by what git says."""
    if b"dubious ownership" in said:
        return EnvironmentProblem(
            "the git repository here belongs to another user, so git does not read it\n"
            "hint: if you trust whoever wrote it: git config --global --add safe.directory FOLDER"
        )
    if b"not a git repository" in said:
        return EnvironmentProblem("this caseload is in no git repository\nhint: git init")
    return EnvironmentProblem("git cannot read the repository of this caseload\nhint: git status shows why")

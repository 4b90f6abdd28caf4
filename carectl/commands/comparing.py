"""Two versions of a caseload side by side: which are meant, and what changed from one to the other.

What diff, history, approve and status have in common.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from carectl.caseload.root import MARK
from carectl.caseload.trees import is_id
from carectl.commands.session import parse_now
from carectl.errors import EnvironmentProblem, UsageError
from carectl.findings import Finding

if TYPE_CHECKING:
    from carectl.care.changes.compare import Comparison, Reordered
    from carectl.care.changes.review import Review, Unparsed, Waiver
    from carectl.care.changes.rules import Judged, Severity
    from carectl.care.setting import Setting
    from carectl.caseload.identities import Group, Lost, Node, State
    from carectl.caseload.records import StaffMember
    from carectl.caseload.revisions import Repository, Side
    from carectl.caseload.states import Memo
    from carectl.caseload.trees import Tree
    from carectl.commands.session import Session

_RANGE: Final = re.compile(r"(.*?)(\.\.\.?)(.*)", re.DOTALL)
_MONTH: Final = re.compile(r".*/\d{4}-\d{2}\.yaml")
_CONTEXT: Final = ("client", "contacts")
"""Kinds that are looked at for what people are called, also where they did not change."""


# --- which are meant -------------------------------------------------------------------------------------------------


class Sides(NamedTuple):
    """Two versions of a caseload, and what they are called."""

    old: Side
    new: Side
    old_name: str
    new_name: str


def sides(repository: Repository, revisions: Sequence[str], *, staged: bool = False, merge_base: bool = False) -> Sides:
    """The two versions that are meant, as git's users name them: nothing, REV, REV REV, REV..REV or REV...REV.

    Nothing is the last commit and the files as they are. `staged` takes what is staged instead of the files;
    `merge_base` the commit at which the two parted instead of the old one. Raises UsageError, and EnvironmentProblem
    for a revision that does not exist.
    """
    from carectl.caseload.revisions import FOLDER, STAGED

    ends, parted = _ends(revisions)
    if staged and len(ends) > 1:
        raise UsageError("--staged compares what is staged with one revision: name one, or none")
    if merge_base and (not revisions or any(map(is_range, revisions))):
        raise UsageError("--merge-base takes one revision or two, without dots between them")
    first, second = ends[0] if ends else "HEAD", ends[1] if len(ends) > 1 else None
    old = repository.commit(first)
    old_name = _named(first, old)
    if second is not None:
        new: Side = repository.commit(second)
        new_name = _named(second, str(new))
    else:
        new, new_name = (STAGED, "what is staged") if staged else (FOLDER, "the files as they are now")
    if parted or merge_base:
        other = second or "HEAD"
        base = repository.merge_base(old, repository.commit(other))
        if base is None:
            raise EnvironmentProblem(
                f"{first} and {other} have no commit in common\n"
                f"hint: carectl diff {first} {other} compares them as they are"
            )
        old, old_name = base, f"where {first} and {other} parted ({base[:9]})"
    return Sides(old, new, old_name, new_name)


def _ends(revisions: Sequence[str]) -> tuple[list[str], bool]:
    """The revisions that are named, and whether the old one is where they parted (A...B)."""
    ranges = [match for word in revisions if (match := _RANGE.fullmatch(word))]
    if not ranges:
        if len(revisions) > 2:
            raise UsageError("two versions are compared: name at most two revisions")
        return list(revisions), False
    if len(revisions) > 1:
        raise UsageError("REV..REV stands for two revisions: name no other one beside it")
    one, dots, other = ranges[0].groups()
    return [one or "HEAD", other or "HEAD"], dots == "..."


def is_range(word: str) -> bool:
    """Whether a word is of the form REV..REV or REV...REV."""
    return _RANGE.fullmatch(word) is not None


def _named(typed: str, commit: str) -> str:
    short = commit[:9]
    return short if commit.startswith(typed.lower()) and len(typed) >= 4 else f"{typed} ({short})"


# --- what changed ----------------------------------------------------------------------------------------------------


class Belonging(NamedTuple):
    """What a file of a caseload is part of."""

    sort: Literal["record", "strange", "approval", "other"]
    """`strange`: where records of a client may lie that are not found there: a YAML file under a name that no record
    has, a link in the place of the client's folder. `other`: what is no record."""
    client: str | None
    """None for the practice and its staff, and for what is nobody's."""
    kind: str = ""


def belonging(path: str) -> Belonging:
    """What a file is part of, by its path from the root of the caseload."""
    from carectl.caseload.records import CLIENT_KINDS

    parts = path.split("/")
    stem = parts[-1].removesuffix(".yaml")
    if path == MARK:
        return Belonging("record", None, "practice")
    if len(parts) == 2 and parts[0] == "staff" and stem != parts[1] and is_id(stem):
        return Belonging("record", None, "staff")
    if len(parts) < 2 or parts[0] != "clients" or not is_id(parts[1]):
        return Belonging("other", None)
    client = parts[1]
    if len(parts) == 2:
        return Belonging("strange", client)  # a link or a submodule in the place of the folder
    if parts[2] == "approvals":
        return Belonging("approval", client)
    if len(parts) == 3 and parts[2] in CLIENT_KINDS:
        return Belonging("strange", client, parts[2])  # a link or a submodule in the place of a kind's folder
    if stem != parts[-1] and len(parts) == 3 and stem in CLIENT_KINDS:
        return Belonging("record", client, stem)
    if stem != parts[-1] and stem and len(parts) == 4 and parts[2] in CLIENT_KINDS and parts[2] != "client":
        return Belonging("record", client, parts[2])
    is_yaml = parts[-1].lower().endswith((".yaml", ".yml"))
    return Belonging("strange" if is_yaml else "other", client)


def reviewed(
    session: Session,
    repository: Repository,
    pair: Sides,
    clients: Collection[str] | None = None,
    paths: Sequence[str] | None = None,
) -> Review:
    """What changed from one version of the caseload to another: of everybody, or of these clients alone.

    Only files that differ are read, and of their clients what tells what people are called. `paths` are the files that
    differ, if that is known already (Repository.changed). Raises EnvironmentProblem if a side cannot be had at all.
    """
    paths = repository.changed(pair.old, pair.new) if paths is None else paths
    return _Reviewer(session, repository, pair).review(paths, clients)


class _Reviewer:
    """Compares two versions, client by client, and puts together what there is to say."""

    def __init__(self, session: Session, repository: Repository, pair: Sides) -> None:
        from carectl.caseload.trees import HeldTree

        self.pair = pair
        self.trees = tuple(HeldTree(repository.tree(side)) for side in (pair.old, pair.new))
        self.session = session.on(self.trees[1])
        self.memo: Memo = {}
        self.names: dict[str, str] = {}
        self.changes: dict[str | None, tuple[Judged, ...]] = {}
        self.reordered: list[Reordered] = []
        self.unchanged: dict[str | None, dict[str, int]] = {}
        self.went: dict[str, bytes] = {}
        """Clients that are there in the old version only, each with what tells its content from any other."""
        self.came: dict[str, bytes] = {}
        self.unparsed: list[Unparsed] = []
        self.formatting: list[str] = []
        self.waivers: list[Waiver] = []

    def review(self, paths: Sequence[str], clients: Collection[str] | None) -> Review:
        from carectl.care.changes.review import Review, Version

        parts = {path: belonging(path) for path in paths}
        if clients is not None:
            parts = {path: part for path, part in parts.items() if part.client in clients}
        records = {path: part for path, part in parts.items() if part.sort in ("record", "strange")}
        for client in sorted({part.client for part in records.values()}, key=lambda one: one or ""):
            mine = {path: part for path, part in records.items() if part.client == client}
            self._client(client, mine)
            for tree in self.trees:
                tree.drop()
            self.memo.clear()
        for client in sorted(set(clients or ()) - self.names.keys()):
            self.names[client] = self._name_of(client)
        told = {item.path for item in self.unparsed}
        return Review(
            old=Version(self.pair.old_name, _id(self.pair.old)),
            new=Version(self.pair.new_name, _id(self.pair.new)),
            names=self.names,
            changes=tuple(item for items in self._moved().values() for item in items),
            reordered=tuple(self.reordered),
            unparsed=tuple(self.unparsed),
            formatting=tuple(sorted(self.formatting)),
            waivers=tuple(self.waivers),
            approvals=tuple(path for path, part in parts.items() if part.sort == "approval"),
            other=tuple(path for path, part in parts.items() if part.sort in ("other", "strange") and path not in told),
            unchanged=self.unchanged,
            asked=tuple(sorted(clients or ())),
        )

    def _name_of(self, client: str) -> str:
        """What a client is called of whom no record changed."""
        from carectl.caseload.states import state

        return _name(state(self.trees[1], client, ("client",), self.memo))

    # --- one client ---

    def _client(self, client: str | None, parts: Mapping[str, Belonging]) -> None:
        """Compare what is on file about a client, or of the practice (None)."""
        from carectl.care.changes.compare import compare
        from carectl.care.changes.judging import judge

        whole = any(part.sort == "strange" for part in parts.values())
        old, new = self._states(client, parts, whole=whole)
        found = compare(old, new)
        if not whole and (old.is_present != new.is_present or self._stands_elsewhere(found, parts)):
            old, new = self._states(client, parts, whole=True)
            found = compare(old, new)
        if client is not None:
            self.names[client] = _name(new) or _name(old)
        self.changes[client] = judge(found, old, new, self.setting, self.weights)
        self.reordered += found.reordered
        self._tell_unread(old, new, parts)
        if client is None or old.is_present == new.is_present:
            self.formatting += self._formatting(found, parts)
            self.unchanged[client] = _unchanged(found, new, {part.kind for part in parts.values()})
        elif old.is_present:
            self.went[client] = _digest(old)
        else:
            self.came[client] = _digest(new)
        lost = {item.kind for state in (old, new) for item in state.unread}
        for path, part in parts.items():
            # Of what is gone as a whole, and of what cannot be read, nothing is to be said about waivers.
            if part.sort == "record" and part.kind not in lost and (client is None or new.is_present):
                self.waivers += self._waivers(path)

    def _states(self, client: str | None, parts: Mapping[str, Belonging], *, whole: bool) -> tuple[State, State]:
        """Both states: of the kinds that changed (or of the whole client), and of what tells what people are called.

        Files of a month that are the same on both sides are left out: years of them would be read for nothing.
        """
        from carectl.caseload.states import state

        kinds = {part.kind for part in parts.values() if part.sort == "record"}

        def is_wanted(path: str) -> bool:
            part = belonging(path)
            if whole or path in parts or part.kind in _CONTEXT:
                return True
            return part.client is not None and part.kind in kinds and _MONTH.fullmatch(path) is None

        before, after = self.trees
        # What did not change is the same on both sides, and had sooner from the folder than from git.
        old = _View(before, is_wanted, lambda path: before if path in parts else after)
        new = _View(after, is_wanted, lambda _: after)
        return state(old, client, memo=self.memo), state(new, client, memo=self.memo)

    @cached_property
    def practice(self) -> tuple[State, State]:
        """What the practice says of itself, in both versions."""
        from carectl.caseload.states import state

        old, new = (state(tree, None, ("practice",), self.memo) for tree in self.trees)
        return old, new

    @cached_property
    def weights(self) -> Mapping[str, Severity]:
        """How much every rule weighs: a practice may have raised some, in either of the two."""
        from carectl.care.changes.rules import severities

        return severities(*self.practice)

    @cached_property
    def setting(self) -> Setting:
        """The moment, the zones, and who is who among the staff: all that judging a change asks for."""
        from carectl.care.setting import Setting
        from carectl.caseload.zones import zone

        found = self.practice[1].kinds.get("practice")
        named = _plain(found).get("practice")
        name = named.get("timezone") if isinstance(named, dict) else None
        home = (zone(name) if isinstance(name, str) else None) or dt.UTC
        text = self.session.now_text
        is_day = text is not None and "T" not in text
        return Setting(parse_now(text, home), zone, staff=_Roster(self.session), whole_day=is_day)

    def _stands_elsewhere(self, found: Comparison, parts: Mapping[str, Belonging]) -> bool:
        """Whether an entry that came or went may stand in one of the files that were left out, under the same id."""
        for change in found.changes:
            if change.field is not None or change.record is None or found.client is None:
                continue
            tree = self.trees[0 if change.old is not None else 1]
            folder = f"clients/{found.client}/{change.kind}"
            names = tree.names(folder)
            for name, _ in [] if isinstance(names, Finding) else names:
                path = f"{folder}/{name}"
                raw = tree.read(path) if path not in parts and _MONTH.fullmatch(path) else b""
                if isinstance(raw, bytes) and change.record.encode() in raw:
                    return True
        return False

    def _tell_unread(self, old: State, new: State, parts: Mapping[str, Belonging]) -> None:
        """Tell what cannot be read of what changed: nothing is known of it, and that is not the same as no change."""
        from carectl.care.changes.review import Unparsed

        kinds = {part.kind for part in parts.values()}
        sides: tuple[tuple[Literal["old", "new"], State], ...] = (("old", old), ("new", new))
        found: dict[tuple[str, str, int, str], Unparsed] = {}
        for side, state in sides:
            for item in state.unread:
                # What is broken on both sides alike is told once, and so is what several kinds lack for one reason.
                if item.path in parts or (item.kind in kinds and (side == "new" or item not in new.unread)):
                    told = Unparsed(side, state.client, item.kind, item.path, item.line, item.reason)
                    found.setdefault((side, item.path, item.line, item.reason), told)
        self.unparsed += found.values()

    def _formatting(self, found: Comparison, parts: Mapping[str, Belonging]) -> Iterator[str]:
        """The files that changed and say the same."""
        lost = {item.path for item in found.unread}
        touched = {item.kind for item in found.changes} | {item.kind for item in found.reordered}
        touched |= {item.kind for item in found.unread}
        files = Counter(part.kind for part in parts.values() if part.sort == "record")
        for path, part in parts.items():
            if part.sort != "record" or path in lost:
                continue
            # Of a kind in several files, each is looked at by itself.
            if part.kind not in touched or (files[part.kind] > 1 and self._is_same(path, part.kind)):
                yield path

    def _is_same(self, path: str, kind: str) -> bool:
        """Whether a file says the same on both sides, in the same order."""
        from carectl.caseload.identities import Group, plain
        from carectl.caseload.states import content

        raw = [tree.read(path) for tree in self.trees]
        nodes = [content(one, kind, path)[0] for one in raw if isinstance(one, bytes)]
        return len(nodes) == 2 and all(isinstance(one, Group) for one in nodes) and plain(nodes[0]) == plain(nodes[1])

    def _waivers(self, path: str) -> Iterator[Waiver]:
        """The waivers of findings that were written into a file, or taken out of it."""
        from carectl.care.changes.review import Waiver
        from carectl.caseload.places import Places

        found = []
        for tree in self.trees:
            raw = tree.read(path)
            is_there = isinstance(raw, bytes) and b"carectl:" in raw
            found.append(Places(tree).waivers(path) if is_there else [])
        counts = [Counter((item.code, item.reason) for item in side) for side in found]
        for number, is_added in ((0, False), (1, True)):
            gone = counts[number] - counts[1 - number]
            for item in found[number]:
                key = (item.code, item.reason)
                if gone[key]:
                    gone[key] -= 1
                    yield Waiver(path, item.line, item.code, item.reason, is_added)

    # --- all together ---

    def _moved(self) -> Mapping[str | None, tuple[Judged, ...]]:
        """The changes; of a client's folder that was only moved, both ends say where the other one is."""
        for gone, content in self.went.items():
            for come in [client for client, other in self.came.items() if other == content]:
                self._note(gone, f"All of it stands under {come} now: the folder was moved")
                self._note(come, f"All of it stood under {gone} before: the folder was moved; calendars, history and "
                                 "sign-offs know the old id")  # fmt: skip
        return self.changes

    def _note(self, client: str, text: str) -> None:
        self.changes[client] = tuple(item._replace(notes=(*item.notes, text)) for item in self.changes[client])


class _View:
    """A tree of which some files alone are seen, each read from where it is the same."""

    def __init__(self, tree: Tree, is_wanted: Callable[[str], bool], source: Callable[[str], Tree]) -> None:
        self._tree = tree
        self._is_wanted = is_wanted
        self._source = source

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """The folders, and those files."""
        names = self._tree.names(folder)
        if isinstance(names, Finding):
            return names
        above = f"{folder}/" if folder else ""
        return [(name, is_folder) for name, is_folder in names if is_folder or self._is_wanted(above + name)]

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file."""
        return self._source(path).read(path)


class _Roster(Mapping[str, "StaffMember"]):
    """The staff by id, read when somebody is asked for: most changes name nobody."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def _staff(self) -> dict[str, StaffMember]:
        return {member.id: member for member in self._session.staff}

    def __getitem__(self, name: str) -> StaffMember:
        return self._staff[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._staff)

    def __len__(self) -> int:
        return len(self._staff)


def _id(side: Side) -> str:
    if isinstance(side, str):
        return side
    return "index" if side.value == "staged" else "worktree"


def _name(state: State) -> str:
    """What a client is called; empty if that could not be read."""
    name = _plain(state.kinds.get("client")).get("name")
    parts = [name.get(part) for part in ("given", "family")] if isinstance(name, dict) else []
    return " ".join(part for part in parts if isinstance(part, str))


def _plain(node: Group | Lost | None) -> dict[str, Any]:
    """The plain data of a kind; empty if there is none, or it cannot be read."""
    from carectl.caseload.identities import Group, plain

    return plain(node) if isinstance(node, Group) else {}


def _digest(state: State) -> bytes:
    """What tells all that is on file about a client, but for the id, from any other content."""
    from hashlib import sha256

    from carectl.caseload.identities import Group, canonical

    found = sha256()
    for kind, node in sorted(state.kinds.items()):
        fields = node.fields if isinstance(node, Group) else {"lost": node}
        rest = {name: inner for name, inner in fields.items() if (kind, name) != ("client", "id")}
        found.update(b"%b\0%b\0" % (kind.encode(), canonical(Group(rest))))
    return found.digest()


def _unchanged(found: Comparison, new: State, kinds: Collection[str]) -> dict[str, int]:
    """How many records of each sort are as they were, in kinds of which files changed."""
    touched = {(change.kind, change.record) for change in found.changes}
    nodes = {kind: node for kind, node in new.kinds.items() if kind in kinds}
    counts = Counter(sort for kind, node in nodes.items() for record, sort in _records(node)
                     if (kind, record) not in touched)  # fmt: skip
    return dict(counts)


def _records(node: Node, above: str = "") -> Iterator[tuple[str, str]]:
    """The records below a node that have ids: how each is named, and of which sort it is."""
    from carectl.caseload.identities import NATURAL_KEYS, Group, Rows

    if isinstance(node, Group):
        for inner in node.fields.values():
            yield from _records(inner, above)
    elif isinstance(node, Rows) and node.record not in NATURAL_KEYS and node.record != "Diagnosis":
        for key, row in node.rows.items():
            record = f"{above}/{key[0]}" if above else key[0]
            yield record, node.record
            yield from _records(row, record)

"""carectl check --merge and --merge-with: what a merge did to records, and what one would have to ask."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from carectl.caseload.root import MARK
from carectl.caseload.trees import HeldTree, Tree
from carectl.commands.checking import Report
from carectl.commands.comparing import belonging
from carectl.errors import EnvironmentProblem, Refused
from carectl.findings import Finding, Keys, Span, Spot

if TYPE_CHECKING:
    from carectl.care.changes.after_merge import Trouble
    from carectl.care.changes.merging import Way
    from carectl.caseload.identities import Node, State, Unread
    from carectl.caseload.revisions import Repository
    from carectl.commands.session import Session


class Checked(NamedTuple):
    """What was found, and in a line what was looked at."""

    report: Report
    said: str


def check_merge(session: Session, revision: str) -> Checked:
    """What the merge that a revision names did to records: findings with the lines of that commit.

    What still stands in the folder as the merge left it has the lines of the folder, so that it can be waived there.
    Raises EnvironmentProblem if it, or where its sides parted, is not here.
    """
    from carectl.care.changes.after_merge import Versions, troubles
    from carectl.care.changes.merging import at, same
    from carectl.caseload.revisions import Repository

    with Repository.of(session.root, os.environ) as repository:
        commit = repository.commit(revision)
        parents = repository.parents(commit)
        if len(parents) < 2:
            return Checked(Report(), f"{revision} ({commit[:9]}) is no merge: there is nothing to look at")
        if len(parents) > 2:
            raise Refused(
                f"{revision} merges {len(parents)} histories at once, which carectl cannot judge\n"
                "hint: merge them one after another"
            )
        ours, theirs = parents
        base = _base(repository, ours, theirs)
        calls = _calls(repository, base, (ours, theirs, commit))
        wanted = _by_client(_in_question(repository, base, ours, theirs, commit), calls)
        trees = [HeldTree(_tree(repository, one)) for one in (base, ours, theirs, commit)]
        folder = HeldTree(repository.folder())
        report = Report()
        names = f"the branch merged into ({ours[:9]})", f"the branch merged ({theirs[:9]})"
        for client, paths in sorted(wanted.items(), key=lambda item: item[0] or ""):
            kinds, called = {belonging(path).kind for path in paths}, _called(client, calls)
            states = _states(trees, called, kinds)
            (now,) = _states([folder], called[3:], kinds)
            still: list[Trouble] = []
            since: list[Trouble] = []
            for trouble in troubles(Versions(*states), names):
                then, today = (at(state.kinds.get(trouble.kind), trouble.way) for state in (states[3], now))
                (still if same(then, today) else since).append(trouble)
            report.findings += _placed(folder, called[3], now._replace(unread=()), [], still)
            report.findings += _placed(trees[3], called[3], states[3], states, since)
            _count(report, states[3], paths)
        report.findings.sort(key=lambda finding: finding.sort_key)
        return Checked(report, f"looked at the merge {commit[:9]} of {ours[:9]} and {theirs[:9]}")


def check_merge_with(session: Session, revision: str) -> Checked:
    """What somebody would have to decide if the last commit were merged with a revision; nothing is merged."""
    from carectl.care.changes.after_merge import clashes
    from carectl.caseload.revisions import Repository

    with Repository.of(session.root, os.environ) as repository:
        ours, theirs = repository.commit("HEAD"), repository.commit(revision)
        base = _base(repository, ours, theirs)
        here, there = ({*repository.changed(base, side)} if base else _all(repository, side) for side in (ours, theirs))
        calls = _calls(repository, base, (ours, theirs))
        wanted = _by_client(here | there, calls)
        both = _by_client(here, calls).keys() & _by_client(there, calls).keys()
        trees = [HeldTree(_tree(repository, one)) for one in (base, ours, theirs)]
        report = Report()
        for client, paths in sorted(wanted.items(), key=lambda item: item[0] or ""):
            if client not in both:
                continue
            called = _called(client, calls)
            was, is_here, is_there = (_has(tree, name) for tree, name in zip(trees, called, strict=True))
            if client and was and is_here != is_there:
                report.findings.append(_gone(client, here=not is_here))
                continue
            states = _states(trees, called, {belonging(path).kind for path in paths})
            found = list(clashes(*states))
            report.findings += _placed(trees[1], called[1], states[1], states, found)
            _count(report, states[1], paths)
        report.findings.sort(key=lambda finding: finding.sort_key)
        return Checked(report, f"looked at what a merge of {revision} ({theirs[:9]}) into {ours[:9]} would have to ask")


def _base(repository: Repository, ours: str, theirs: str) -> str | None:
    for side in (ours, theirs):
        if not repository.has(side):
            raise EnvironmentProblem(
                "one side of this merge is not here: this clone has only the last part of the history\n"
                "hint: git fetch --unshallow gets all of it (in CI: fetch-depth: 0)"
            )
    return repository.merge_base(ours, theirs)


class _Nothing:
    """A tree without files: where two histories with nothing in common parted."""

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """No names."""
        return []

    def read(self, path: str) -> bytes | Finding:
        """Not called: there are no names."""
        raise EnvironmentProblem("there is no such file")


def _tree(repository: Repository, commit: str | None) -> Tree:
    return repository.at(commit) if commit else _Nothing()


def _all(repository: Repository, commit: str) -> set[str]:
    """Every file of a commit that may hold records."""
    tree = repository.at(commit)
    found: set[str] = set()

    def walk(folder: str) -> None:
        names = tree.names(folder)
        for name, is_folder in [] if isinstance(names, Finding) else names:
            path = f"{folder}/{name}" if folder else name
            if not is_folder:
                found.add(path)
            elif path.count("/") < 3:
                walk(path)

    walk("")
    return found


def _in_question(repository: Repository, base: str | None, ours: str, theirs: str, result: str) -> set[str]:
    """The files that are not simply as the only side that touched them left them."""
    here, there = ({*repository.changed(base, side)} if base else _all(repository, side) for side in (ours, theirs))
    unlike_ours, unlike_theirs = (set(repository.changed(side, result)) for side in (ours, theirs))
    both = here & there & (unlike_ours | unlike_theirs)
    return both | ((here - there) & unlike_ours) | ((there - here) & unlike_theirs)


_Calls = Sequence[Mapping[str, str]]
"""What clients are called on some sides whose folders were moved since the sides parted."""


def _calls(repository: Repository, base: str | None, sides: Iterable[str]) -> _Calls:
    return [repository.moves(base, side, "clients") if base else {} for side in sides]


def _called(client: str | None, calls: _Calls) -> tuple[str | None, ...]:
    """What a client was called when the sides parted, and what on each of the sides."""
    return client, *(call.get(client, client) if client else None for call in calls)


def _by_client(paths: Iterable[str], calls: _Calls) -> dict[str | None, list[str]]:
    """The files of records, by what their client was called when the sides parted."""
    former = {new: old for call in calls for old, new in call.items()}
    found: dict[str | None, list[str]] = {}
    for path in sorted(paths):
        part = belonging(path)
        if part.sort == "record":
            found.setdefault(former.get(part.client or "", part.client), []).append(path)
    return found


def _has(tree: Tree, client: str | None) -> bool:
    names = tree.names("clients")
    return not isinstance(names, Finding) and (client, True) in names


def _gone(client: str, *, here: bool) -> Finding:
    """The finding for a client whose folder is gone on one side, while the other changed something in it."""
    from carectl.care.changes.after_merge import clash

    sides = ("on this side", "in the branch") if here else ("in the branch", "on this side")
    sentence = f"the client's folder is gone {sides[0]}, and records in it were changed {sides[1]}"
    return replace(clash(Spot(_client_file(client)), sentence, ""), at=Span(_client_file(client)), client=client)


def _client_file(client: str) -> str:
    return f"clients/{client}/client.yaml"


def _states(trees: Iterable[HeldTree], clients: Iterable[str | None], kinds: Collection[str]) -> list[State]:
    """What is on file about a client in some trees, in each under the name that it has there."""
    from carectl.caseload.states import state

    trees = list(trees)
    found = [state(tree, client, kinds) for tree, client in zip(trees, clients, strict=True)]
    for tree in trees:
        tree.drop()
    return found


def _count(report: Report, state: State, paths: list[str]) -> None:
    report.files += len(paths)
    report.records += sum(len(getattr(node, "fields", ())) for node in state.kinds.values())


# --- where it stands -------------------------------------------------------------------------------------------------


def _placed(
    tree: HeldTree, client: str | None, here: State, states: list[State], found: list[Trouble]
) -> list[Finding]:
    """The findings with their lines in a tree, less what is waived; and what of the states cannot be read."""
    from carectl.care.changes.after_merge import unread
    from carectl.caseload.load import Loader
    from carectl.caseload.places import Places

    folder = f"clients/{client}"
    files = Loader(tree).kinds(folder)[0] if client else {"practice": [MARK]}
    findings = [trouble.tell(_spot(tree, files, client, trouble.kind, trouble.way)) for trouble in found]
    for item in here.unread:
        findings += _broken(tree, item)
    told = {item.kind for item in here.unread}
    for item in (item for state in states for item in state.unread):
        if item.kind not in told:
            told.add(item.kind)
            path = (files.get(item.kind) or [item.path])[0]
            findings.append(unread(Span(path), item.kind))
    places = Places(tree)
    placed = places.waive(places.resolve(findings), {finding.path for finding in findings}, judged=False)
    tree.drop()
    return placed


def _broken(tree: HeldTree, item: Unread) -> list[Finding]:
    """Why a file of the result cannot be compared: its form is wrong, or nobody can tell its entries apart."""
    from carectl.care.checks import CODES
    from carectl.caseload.reader import read_reference

    raw = tree.read(item.path)
    if isinstance(raw, Finding):
        return [raw]
    faults = read_reference(raw, item.path).findings
    hint = "give one of them an id of its own, or keep one"
    return list(faults) or [CODES["id-twice"].finding(Span(item.path, item.line, 1, item.line, 1), item.reason, hint)]


def _spot(tree: HeldTree, files: Mapping[str, list[str]], client: str | None, kind: str, way: Way) -> Spot:
    """Where a value stands; if it is not there, the nearest that it would be in."""
    if kind == "staff" and len(way) > 1 and isinstance(way[1], tuple):
        files, way = {"staff": [f"staff/{way[1][0]}.yaml"]}, way[2:]
    spots = [Spot(path, _keys(tree, path, kind, way)) for path in files.get(kind, ())]
    return max(spots, key=lambda spot: len(spot.keys), default=Spot(_client_file(client) if client else MARK))


def _keys(tree: HeldTree, path: str, kind: str, way: Way) -> Keys:
    """How far a way leads in a file."""
    from carectl.caseload.identities import Group, Rows, build
    from carectl.caseload.reader import UNREAD, read_reference

    raw = tree.read(path)
    data = read_reference(raw, path).data if isinstance(raw, bytes) else UNREAD
    if data is UNREAD:
        return ()
    node: Node | None = build(kind, data)[0]
    keys: Keys = ()
    for step in way:
        if isinstance(node, Group) and isinstance(step, str) and step in node.fields:
            keys = (*keys, step)
            node = node.fields[step]
        elif isinstance(node, Rows) and isinstance(step, tuple) and step in node.rows:
            keys = (*keys, list(node.rows).index(step))
            node = node.rows[step]
        else:
            break
    return keys

"""What approve, status and verify have in common: how plans stand, what changed since, and whose keys are whose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from carectl.care.signoff import Row, Since
    from carectl.caseload.records import Approval, Chart
    from carectl.caseload.revisions import Repository
    from carectl.caseload.signatures import Key
    from carectl.commands.session import Session

FILE: Final = re.compile(r"clients/([^/]+)/approvals/([0-9]{4,})\.yaml(\.sig)?")
"""The path of a sign-off or of its signature: whose it is, its number, and what a signature's name ends with."""
_CLIENT: Final = re.compile(rb"^client: (\S+)$", re.MULTILINE)
_LOOK_BACK: Final = 2_000
"""How many commits of a client are looked through for what was approved."""


def repository(session: Session) -> Repository | None:
    """The repository that the caseload lies in; None if it is in none, or git is missing."""
    from carectl.caseload.revisions import Repository

    try:
        return Repository.of(session.root, os.environ)
    except EnvironmentProblem:
        return None


def chart(session: Session, client: str) -> Chart:
    """What of a client's chart sign-offs are about: years of visits need not be read for it."""
    from carectl.caseload.load import Loader, Part

    kinds = ("client", "contacts", "care-plan", "medications", "approvals")
    return Loader(session.tree).chart(client, Part(frozenset(kinds)))


def row(session: Session, chart: Chart, known: Repository | None) -> Row:
    """How a client's plan stands, and what changed since it was approved."""
    from carectl.care.plans import is_agreed
    from carectl.care.signoff import Row, standing

    today = session.setting.today_at(chart)
    agreed = chart.plan is not None and is_agreed(chart.plan, chart.contacts, today)
    found = standing(chart, agreed=agreed, gone=session.approvals_gone(chart.id))
    if found.state == "changed" and found.approval is not None:
        return Row(chart, found, since(session, known, chart, found.approval))
    return Row(chart, found)


def since(session: Session, known: Repository | None, chart: Chart, approval: Approval) -> Since:
    """What changed of what an approval covers, from then to the files as they are."""
    from carectl.care.signoff import Since, is_covered
    from carectl.caseload.approvals import bytes_of
    from carectl.caseload.revisions import FOLDER
    from carectl.commands.comparing import Sides, reviewed

    commit = approved_at(known, chart.id, approval) if known is not None else None
    if commit is None or known is None:
        return Since(None)
    old, new = bytes_of(known.at(commit), chart.id), bytes_of(known.folder(), chart.id)
    paths = [f"clients/{chart.id}/{name}" for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    review = reviewed(session, known, Sides(commit, FOLDER, commit[:9], "now"), {chart.id}, paths)
    changes = tuple(item for item in review.changes if is_covered(item.kind, item.field))
    return Since(commit, changes, review.unparsed)


def approved_at(known: Repository, client: str, approval: Approval) -> str | None:
    """The newest commit in which the files say just what was approved: the same bytes, else the same content."""
    from carectl.care.signoff import holds
    from carectl.caseload.approvals import bytes_of, covered

    commits = list(_candidates(known, client, approval))
    for commit in commits:
        if bytes_of(known.at(commit), client) == approval.files:
            return commit
    for commit in commits:
        if holds(approval, covered(known.at(commit), client)):
            return commit
    return None


def _candidates(known: Repository, client: str, approval: Approval) -> Iterator[str]:
    """The commits to look into: those of the client, newest first, and the one at which it was approved."""
    try:
        for number, step in enumerate(known.log([f"clients/{client}"])):
            if number == _LOOK_BACK:
                break
            yield step.id
    except EnvironmentProblem:
        return
    if approval.commit is not None and known.has(approval.commit):
        yield approval.commit


# --- keys ------------------------------------------------------------------------------------------------------------


def key_to_sign(session: Session, named: str | None) -> Key | None:
    """The key to sign with: the one that is named, else the one that git signs with. None if there is none.

    Raises EnvironmentProblem if it is named, and cannot be had.
    """
    from carectl.caseload import git, signatures

    if named is None:
        if git.setting("gpg.format", session.root, os.environ) != "ssh":
            return None
        named = git.setting("user.signingkey", session.root, os.environ)
    return None if named is None else signatures.key_of(named, Path.cwd(), os.environ)


class Removed(NamedTuple):
    """A file of a sign-off that was committed once, and is no longer there."""

    path: str
    commit: str
    """The one that removed it."""
    before: str
    """The one before that, which has it."""
    moved_to: str | None
    """Where it lies now, if the client's whole folder became that of another id."""


def removed(session: Session, known: Repository, below: str = "clients") -> list[Removed]:
    """The files of sign-offs that were committed below a folder and removed since, by their paths.

    One that lay in the folder of a client whose it is not was removed rightly.
    """
    try:
        gone = dict(reversed([*known.removed(below)]))
    except EnvironmentProblem:
        return []  # nothing is committed yet
    found = []
    for path, commit in sorted(gone.items()):
        match = FILE.fullmatch(path)
        # A folder or a link in its place is not the file.
        if match is None or isinstance(session.tree.read(path), bytes):
            continue
        before, raw = _last(known, commit, path)
        _, whose = _last(known, commit, path.removesuffix(".sig"))
        if whose is not None and (named := _CLIENT.search(whose)) and named[1].decode() != match[1]:
            continue
        found.append(Removed(path, commit, before, _moved_to(session, match[1], path, raw)))
    return found


def _last(known: Repository, commit: str, path: str) -> tuple[str, bytes | None]:
    """The commit from which a file went, and its bytes there."""
    for parent in known.parents(commit):
        if known.has(parent) and isinstance(raw := known.at(parent).read(path), bytes):
            return parent, raw
    return commit, None


def _moved_to(session: Session, client: str, path: str, raw: bytes | None) -> str | None:
    """Where a sign-off lies unchanged since its client has another id: in a folder of another client."""
    if raw is None or client in session.client_ids:
        return None
    name = path.rpartition("/")[2]
    for other in session.client_ids:
        names = session.tree.names(f"clients/{other}")
        for folder, is_folder in names if isinstance(names, list) else ():
            now = f"clients/{other}/{folder}/{name}"
            if is_folder and "approvals" in folder and session.tree.read(now) == raw:
                return now
    return None


class Signers(NamedTuple):
    """The list that says whose keys are whose."""

    path: Path | None
    revoked: Path | None = None
    is_inside: bool = False
    """Whether it lies in the repository: then whoever can commit can change it."""


def signers(session: Session, named: Path | None, known: Repository | None) -> Signers:
    """The list of keys that is named, else the one that git goes by. Raises UsageError if it is not there."""
    from carectl.caseload import git

    top = session.root.resolve()
    if known is not None:
        top = top.parents[known.prefix.count("/") - 1] if known.prefix else top
    if named is not None and not named.is_file():
        raise UsageError("--signers names no file: it takes the list of keys (docs/sign-off.md)")
    path = named.resolve() if named is not None else None
    if path is None:
        setting = git.setting("gpg.ssh.allowedSignersFile", session.root, os.environ, path=True)
        path = (top / setting).resolve() if setting else None
    if path is None or not path.is_file():
        return Signers(None)
    withdrawn = git.setting("gpg.ssh.revocationFile", session.root, os.environ, path=True)
    revoked = (top / withdrawn).resolve() if withdrawn else None
    return Signers(path, revoked if revoked and revoked.is_file() else None, path.is_relative_to(top))

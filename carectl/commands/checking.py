"""A whole check: read, judge, place, waive; and what was clean last time is not looked at again."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from carectl import __version__
from carectl.caseload.root import MARK, within
from carectl.caseload.trees import HeldTree, Tree, contents
from carectl.caseload.verdicts import Verdicts, key_of
from carectl.caseload.zones import edition
from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.coverage import Booking
    from carectl.caseload.load import Loaded
    from carectl.caseload.revisions import Repository
    from carectl.commands.session import Session
    from carectl.findings import Finding


INSTRUMENTS = "instruments"
"""The folder of a practice's own instruments (`caseload.instruments`, which only a check that reads them loads)."""
BLOCKS = "blocks"
"""The folder of a practice's own building blocks of care plans (`caseload.blocks`)."""


@dataclass(slots=True)
class Report:
    """What a check found, and how much it looked at."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be checked: everything, or some clients, or what lies below some paths."""

    clients: frozenset[str] | None = None
    """Clients to look at; None: all of them."""
    practice: bool = True
    """Whether carectl.yaml and the staff are looked at."""
    paths: tuple[str, ...] = ()
    """Findings are told only for these files and folders; empty: for all."""

    def tells(self, path: str) -> bool:
        """Whether a finding in this file is told."""
        return not self.paths or any(path == p or path.startswith(f"{p}/") for p in self.paths)


def scope_of(session: Session, targets: Iterable[str]) -> Scope:
    """What the words on the command line mean: clients by id or name, or files and folders of the caseload.

    Raises UsageError for what is neither.
    """
    clients: set[str] = set()
    paths: list[str] = []
    practice = False
    everything = False
    for target in targets:
        if target in session.client_ids:
            clients.add(target)
            paths.append(f"clients/{target}")
            continue
        path = _path_of(session, target)
        if path is None:
            client = session.client(target)
            clients.add(client)
            paths.append(f"clients/{client}")
            continue
        parts = path.split("/")
        paths.append(path)
        if path in (".", "clients"):
            everything = everything or path == "."
            clients.update(session.client_ids)
        elif parts[0] == "clients":
            clients.add(parts[1])
        elif path == MARK or parts[0] in ("staff", INSTRUMENTS, BLOCKS):
            practice = True
        else:
            raise UsageError(f"{target} is no part of the caseload's records")
    if not paths or everything:
        return Scope()
    return Scope(frozenset(clients), practice, tuple(paths))


def _path_of(session: Session, target: str) -> str | None:
    """The file or folder of the caseload that a word names, from here or from the root; None if it is a name.

    Raises UsageError for what is written as a path and lies outside.
    """
    for named in (Path(target), session.root / target):
        if named.exists():
            path = within(session.root, named, Path.cwd())
            if path is not None:
                return path
    if "/" in target and Path(target).exists():
        raise UsageError(f"{target} lies outside of the caseload")
    return None


def check_staged(session: Session, targets: Sequence[str] = ()) -> Report:
    """Check what is staged as it is staged, whatever the files in the folder say; nothing is written anywhere.

    Looked at are the clients of whom something is staged, and the practice if something of it is; or what `targets`
    name. Raises EnvironmentProblem if the caseload is not in git.
    """
    from carectl.caseload.revisions import Repository

    with Repository.of(session.root, os.environ) as repository:
        # `git commit FILE` and `git commit --all` make an index of their own, and tell hooks where it is.
        if index := os.environ.get("GIT_INDEX_FILE"):
            repository.use_index(Path(index).absolute())
        session = session.on(repository.staged())
        scope = scope_of(session, targets) if targets else _staged_scope(session, repository)
        return check(session, scope, cache=None) if scope is not None else Report()


def _staged_scope(session: Session, repository: Repository) -> Scope | None:
    """What the next commit would change; None if that is no part of the caseload's records."""
    from carectl.caseload.revisions import STAGED

    try:
        head = repository.commit("HEAD")
    except EnvironmentProblem:
        # Nothing is committed yet: all that is staged counts, and without carectl.yaml it cannot be judged.
        names = session.tree.names("")
        if names == []:
            return None
        if isinstance(names, list) and MARK not in dict(names):
            raise Refused(
                f"{MARK} is not staged, and without it nothing here can be checked\nhint: git add {MARK}"
            ) from None
        return Scope()
    clients: set[str] = set()
    paths: set[str] = set()
    for path in repository.changed(head, STAGED):
        parts = path.split("/")
        if parts[0] == "clients" and len(parts) > 2 and parts[1] in session.client_ids:
            clients.add(parts[1])
            paths.add(f"clients/{parts[1]}")
        elif path == MARK or parts[0] in ("clients", "staff", INSTRUMENTS, BLOCKS):
            paths.add("/".join(parts[:2]))
    if not paths:
        return None
    return Scope(frozenset(clients), len(paths) > len(clients), tuple(sorted(paths)))


@dataclass(slots=True)
class _Unit:
    """The practice with its staff, or one client, as a check has read it."""

    findings: list[Finding]
    """With their lines, before waivers are taken into account."""
    met: Loaded
    key: str | None = None
    booked: Sequence[Booking] = ()


def check(session: Session, scope: Scope, *, cache: Path | None) -> Report:
    """Check what the scope names. Findings have their lines and their order, waivers are taken into account."""
    report = Report()
    tree = HeldTree(session.tree)
    verdicts = Verdicts.of(session.root, cache)
    basis = _basis(session, tree)
    held: dict[str | None, _Unit] = {}
    booked: dict[str, Sequence[Booking]] = {}
    keys: dict[str, str | None] = {}

    def look(name: str | None, key: str | None, read: Callable[[], _Unit]) -> None:
        """Judge one unit, unless it is known to be clean."""
        known = verdicts.get(key) if key else None
        if known is None:
            unit = read()
            unit.key = key
            if name is not None:
                booked[name] = unit.booked
            known = (unit.met.files, unit.met.records)
            if unit.met.waivers:
                # What is waived may be a conflict with another client, found when all have been read.
                held[name] = unit
            else:
                report.findings += unit.findings
                if not unit.findings and key:
                    verdicts.put(key, known)
        report.files += known[0]
        report.records += known[1]

    if scope.practice:
        look(None, key_of(basis, _homes(session, tree)) if basis else None, lambda: _practice(session, tree))
    tree.drop()
    for client_id in session.client_ids:
        if scope.clients is not None and client_id not in scope.clients:
            continue
        files = contents(tree, f"clients/{client_id}") if basis and cache else None
        keys[client_id] = key_of(basis, files) if basis and files is not None else None
        look(client_id, keys[client_id], lambda client_id=client_id: _chart(session, tree, client_id))  # type: ignore[misc]
        tree.drop()
    told: dict[str | None, list[Finding]] = {name: [] for name in held}
    for finding in _between(session, scope, tree, verdicts, keys, booked):
        told.setdefault(finding.client, []).append(finding)
    for name, findings in told.items():
        report.findings += _told(tree, findings, held.get(name), verdicts)
        tree.drop()
    report.findings += _placed(tree, [*_lost_approvals(session, scope)])
    if scope.clients is None:
        verdicts.save()
    report.findings = [finding for finding in report.findings if scope.tells(finding.path)]
    report.findings.sort(key=lambda finding: finding.sort_key)
    return report


def _lost_approvals(session: Session, scope: Scope) -> Iterator[Finding]:
    """Sign-offs that the last commit has, and that are not there now. No waiver and no memory of a clean check counts.

    Whoever never signed anything off pays nothing for it, unless git is asked anyway (what is staged).
    """
    from carectl.care.checks.approvals import approval_chain
    from carectl.caseload.trees import FolderTree
    from carectl.findings import Spot, code_of

    if isinstance(session.tree, FolderTree) and not session.setting.signs_off:
        return
    for client in session.client_ids:
        if scope.clients is None or client in scope.clients:
            for path in session.approvals_gone(client):
                words, hint = "this sign-off is gone, and the last commit has it", f"git checkout HEAD -- {path}"
                yield code_of(approval_chain).finding(Spot(path), words, f"{hint} gets it back", client=client)


def _practice(session: Session, tree: HeldTree) -> _Unit:
    """The practice, its staff and the names of the clients' folders, judged."""
    from carectl.care.checks import check_practice
    from carectl.caseload import blocks
    from carectl.caseload.instruments import examine_own
    from carectl.caseload.load import Loader

    loader = Loader(tree)
    practice = loader.practice()
    staff, _ = loader.staff()
    examine_own(loader)
    blocks.examine_own(loader, session.setting.instruments)
    loader.client_ids()
    table = practice.travel.table if practice and practice.travel else ()
    named = {name for item in table for name in item.between}
    codes = None if named <= set(session.client_ids) else _postal_codes(session, tree)
    findings = check_practice(practice, staff, replace(session.setting, postal_codes=codes))
    return _Unit(_placed(tree, [*loader.met.findings, *findings]), loader.met)


def _homes(session: Session, tree: HeldTree) -> list[tuple[str, bytes]]:
    """The clients' own files with their bytes, if the practice has a travel table: it may name their postal codes."""
    mark = tree.read(MARK)
    if not isinstance(mark, bytes) or (b"travel" not in mark and b"\\" not in mark):
        return []
    paths = [f"clients/{client_id}/client.yaml" for client_id in session.client_ids]
    return [(path, raw) for path in paths if isinstance(raw := tree.read(path), bytes)]


def _postal_codes(session: Session, tree: HeldTree) -> frozenset[str] | None:
    """The postal codes of all clients; None if not everybody's address can be read."""
    from carectl.care.travel import home
    from carectl.caseload.load import Loader
    from carectl.caseload.records import Client

    quiet = Loader(tree)
    found = set()
    for client_id in session.client_ids:
        record = quiet.file(f"clients/{client_id}/client.yaml", Client)
        place = home(record) if isinstance(record, Client) else None
        if place is None:
            return None
        found.add(place.postal)
    return frozenset(found - {""})


def _chart(session: Session, tree: HeldTree, client_id: str) -> _Unit:
    """One client's chart, judged."""
    from carectl.care.checks import examine_chart
    from carectl.caseload.load import Loader

    loader = Loader(tree)
    chart = loader.chart(client_id)
    findings, booked = examine_chart(chart, session.setting)
    return _Unit(_placed(tree, [*loader.met.findings, *findings]), loader.met, booked=booked)


def _placed(tree: HeldTree, findings: list[Finding]) -> list[Finding]:
    """The findings with their lines."""
    if not findings:
        return []
    from carectl.caseload.places import Places

    return Places(tree).resolve(findings)


def _told(tree: HeldTree, between: list[Finding], unit: _Unit | None, verdicts: Verdicts) -> list[Finding]:
    """All that is said of one unit, conflicts with other clients included, less what is waived."""
    from carectl.care.checks import TEAM_CODES
    from carectl.caseload.places import Places

    places = Places(tree)
    if unit is None:
        # A unit with a waiver that could concern it is never known to be clean, so there is none here.
        return places.resolve(between)
    findings = places.waive(places.resolve([*unit.findings, *between]), unit.met.waivers)
    # Whether such a waiver has its use depends on other clients, so it is asked every time.
    raws = [raw for path in unit.met.waivers if isinstance(raw := tree.read(path), bytes)]
    if not findings and unit.key and not any(code.encode() in raw for code in TEAM_CODES for raw in raws):
        verdicts.put(unit.key, (unit.met.files, unit.met.records))
    return findings


# --- between clients -------------------------------------------------------------------------------------------------


class _VisitsOnly:
    """A tree that shows of a client no more than it takes to tell who comes when."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        """Sorted names in a folder, less the files and folders of kinds that are not wanted."""
        names = self._tree.names(folder)
        if isinstance(names, list) and folder.count("/") == 1:
            return [name for name in names if name[0].removesuffix(".yaml") not in _UNWANTED]
        return names

    def read(self, path: str) -> bytes | Finding:
        """The bytes of a file."""
        return self._tree.read(path)


_UNWANTED = frozenset(
    ("contacts", "assessments", "care-plan", "medications", "notes", "tasks", "concerns", "measurements", "supplies")
)


def _between(
    session: Session,
    scope: Scope,
    tree: HeldTree,
    verdicts: Verdicts,
    keys: Mapping[str, str | None],
    booked: dict[str, Sequence[Booking]],
) -> list[Finding]:
    """Conflicts between clients: somebody at two of them at once, or with too many hours in a week.

    Charts that were free of such conflicts with each other last time are `settled` by their keys. A chart that is not
    is compared with whatever speaks of the same people; what has been read in this run is not read again.
    """
    whole = scope.clients is None
    fresh = [c for c, key in keys.items() if not whole or key is None or not verdicts.is_settled(key)]
    staff = {path.removeprefix("staff/").removesuffix(".yaml") for path in scope.paths if path.startswith("staff/")}
    everybody = "staff" in scope.paths
    if not fresh and not staff and not everybody:
        verdicts.settle(key for key in keys.values() if key)
        return []
    from carectl.care.checks import Team, check_team

    for client_id in fresh:
        if client_id not in booked:
            booked[client_id] = _bookings(session, tree, client_id)
            tree.drop()
    people = staff.union(booking.post.staff for client_id in fresh for booking in booked[client_id])
    if everybody:
        people.update(session.setting.staff)
    names = [person.encode() for person in people]
    for client_id in session.client_ids:
        if client_id not in booked and _speaks_of(tree, f"clients/{client_id}", names):
            booked[client_id] = _bookings(session, tree, client_id)
        tree.drop()
    team = Team((b for some in booked.values() for b in some if b.post.staff in people), session.setting)
    found = check_team(team)
    if whole:
        verdicts.settle(key for client_id, key in keys.items() if key and client_id not in team.disputed)
    return [finding for finding in found if scope.tells(finding.path)]


def _bookings(session: Session, tree: HeldTree, client_id: str) -> Sequence[Booking]:
    """Who is down for what at one client."""
    from carectl.care.checks import bookings_of
    from carectl.caseload.load import Loader

    return bookings_of(Loader(_VisitsOnly(tree)).chart(client_id), session.setting)


def _speaks_of(tree: HeldTree, folder: str, names: list[bytes]) -> bool:
    """Whether the visits of a client may name one of these people. A backslash may hide any letter."""
    raws = [raw for _, raw in contents(tree, f"{folder}/visits") or ()]
    alone = tree.read(f"{folder}/visits.yaml")
    if isinstance(alone, bytes):
        raws.append(alone)
    return any(b"\\" in raw or any(name in raw for name in names) for raw in raws)


def _basis(session: Session, tree: HeldTree) -> bytes | None:
    """What every verdict depends on besides a client's own files; None if it cannot be read."""
    mark = tree.read(MARK)
    staff, instruments, blocks = contents(tree, "staff"), contents(tree, INSTRUMENTS), contents(tree, BLOCKS)
    if not isinstance(mark, bytes) or staff is None or instruments is None or blocks is None:
        return None
    moment = session.now_text
    if moment is None:
        clock = dt.datetime.now(dt.UTC)
        # Midnight comes at a quarter of an hour in every zone there is.
        moment = clock.replace(minute=clock.minute // 15 * 15, second=0, microsecond=0).isoformat()
    names = tree.names("clients")
    if not isinstance(names, list):
        return None
    # What lies there beside the clients' folders is told of by a check too.
    folders = (f"{name}/" if is_folder else name for name, is_folder in names)
    words = "\0".join((__version__, edition(), moment, *folders))
    # What comes with carectl (instruments, rules) is as old as its version.
    return key_of(words.encode(errors="surrogateescape"), [(MARK, mark), *staff, *instruments, *blocks]).encode()


def cache_folder() -> Path | None:
    """The user's cache folder for carectl, or None if the machine has no idea of one."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "carectl"
    home = os.environ.get("HOME")
    return Path(home) / ".cache" / "carectl" if home else None

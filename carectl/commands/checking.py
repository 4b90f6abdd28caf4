"""A whole check: read, judge, place, waive; and what was clean last time is not looked at again."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from carectl import __version__
from carectl.caseload.root import MARK, within
from carectl.caseload.trees import FolderTree, HeldTree, contents
from carectl.caseload.verdicts import Verdicts, key_of
from carectl.caseload.zones import edition
from carectl.errors import UsageError

if TYPE_CHECKING:
    from carectl.caseload.load import Loaded
    from carectl.commands.session import Session
    from carectl.findings import Finding


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
        path = within(session.root, Path(target), Path.cwd())
        exists = path is not None and Path(target).exists()
        if path is None and Path(target).exists():
            raise UsageError(f"{target} lies outside of the caseload")
        if not exists and (session.root / target).exists():
            path, exists = within(session.root, session.root / target, Path.cwd()), True
        if exists and path is not None and target not in session.client_ids:
            parts = path.split("/")
            paths.append(path)
            if path == "." or path == "clients":
                everything = everything or path == "."
                clients.update(session.client_ids)
            elif parts[0] == "clients":
                clients.add(parts[1])
            elif path == MARK or parts[0] == "staff":
                practice = True
            else:
                raise UsageError(f"{target} is no part of the caseload's records")
        else:
            client = session.client(target)
            clients.add(client)
            paths.append(f"clients/{client}")
    if not paths or everything:
        return Scope()
    return Scope(frozenset(clients), practice, tuple(paths))


def check(session: Session, scope: Scope, *, cache: Path | None) -> Report:
    """Check what the scope names. Findings have their lines and their order, waivers are taken into account."""
    report = Report()
    tree = HeldTree(FolderTree(session.root))
    verdicts = Verdicts.of(session.root, cache)
    basis = _basis(session, tree)

    def look(key: str | None, unit: Callable[[], tuple[list[Finding], Loaded]]) -> None:
        """Judge one unit, unless it is known to be clean."""
        known = verdicts.get(key) if key else None
        if known is None:
            findings, met = unit()
            if not findings and key:
                verdicts.put(key, (met.files, met.records))
            report.findings += findings
            known = (met.files, met.records)
        report.files += known[0]
        report.records += known[1]

    if scope.practice:
        look(key_of(basis, ()) if basis else None, lambda: _practice(session, tree))
    tree.drop()
    for client_id in session.client_ids:
        if scope.clients is not None and client_id not in scope.clients:
            continue
        files = contents(tree, f"clients/{client_id}") if basis and cache else None
        key = key_of(basis, files) if basis and files is not None else None
        look(key, lambda client_id=client_id: _chart(session, tree, client_id))  # type: ignore[misc]
        tree.drop()
    if scope.clients is None:
        verdicts.save()
    report.findings = [finding for finding in report.findings if scope.tells(finding.path)]
    report.findings.sort(key=lambda finding: finding.sort_key)
    return report


def _practice(session: Session, tree: HeldTree) -> tuple[list[Finding], Loaded]:
    """The practice, its staff and the names of the clients' folders, judged."""
    from carectl.care.checks import check_practice
    from carectl.caseload.load import Loader

    loader = Loader(tree)
    practice = loader.practice()
    staff, _ = loader.staff()
    loader.client_ids()
    findings = check_practice(practice, staff, session.setting)
    return _told(tree, [*loader.met.findings, *findings], loader.met), loader.met


def _chart(session: Session, tree: HeldTree, client_id: str) -> tuple[list[Finding], Loaded]:
    """One client's chart, judged."""
    from carectl.care.checks import check_chart
    from carectl.caseload.load import Loader

    loader = Loader(tree)
    chart = loader.chart(client_id)
    findings = check_chart(chart, session.setting)
    return _told(tree, [*loader.met.findings, *findings], loader.met), loader.met


def _told(tree: HeldTree, findings: list[Finding], met: Loaded) -> list[Finding]:
    """The findings with their lines, less what is waived."""
    if not findings and not met.waivers:
        return []
    from carectl.caseload.places import Places

    places = Places(tree)
    return places.waive(places.resolve(findings), met.waivers)


def _basis(session: Session, tree: HeldTree) -> bytes | None:
    """What every verdict depends on besides a client's own files; None if it cannot be read."""
    mark = tree.read(MARK)
    staff = contents(tree, "staff")
    if not isinstance(mark, bytes) or staff is None:
        return None
    moment = session.now_text
    if moment is None:
        clock = dt.datetime.now(dt.UTC)
        # Midnight comes at a quarter of an hour in every zone there is.
        moment = clock.replace(minute=clock.minute // 15 * 15, second=0, microsecond=0).isoformat()
    words = "\0".join((__version__, edition(), moment, *session.client_ids))
    return key_of(words.encode(), [(MARK, mark), *staff]).encode()


def cache_folder() -> Path | None:
    """The user's cache folder for carectl, or None if the machine has no idea of one."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "carectl"
    home = os.environ.get("HOME")
    return Path(home) / ".cache" / "carectl" if home else None

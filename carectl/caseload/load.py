"""Files -> records. Every fault is a finding; one bad file hides no other, and a faulty record exists by its id."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import msgspec

from carectl.caseload import faults, reader
from carectl.caseload.records import (
    CLIENT_KINDS,
    Approval,
    ApprovalFile,
    Broken,
    CarePlan,
    CarePlanPiece,
    Caseload,
    Chart,
    Client,
    Origin,
    PlanPeriod,
    PracticeFile,
    Record,
    StaffMember,
)
from carectl.caseload.root import MARK
from carectl.caseload.trees import Tree, is_id
from carectl.caseload.validate import convert, examine, missing
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Severity, Span, Spot, code, code_of
from carectl.words import closest

T = TypeVar("T")
R = TypeVar("R", bound=Record)

_WAIVER = b"carectl: allow"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}\.yaml")
_CUT = re.compile(rb"[^\s#:] #[^\s#!]")


# --- the faults ------------------------------------------------------------------------------------------------------


@code("file-unknown", Severity.ERROR)
def unknown_file(path: str, near: str | None) -> Finding:
    """A YAML file with a name that carectl does not know.

    What it says reaches nobody: no plan, no calendar, no check. Give it the name of its kind. Files that are not YAML
    (scans, letters) may lie in a client's folder under any name; in its folder `approvals` nothing lies but sign-offs.

    Wrong:
        clients/c-014/meds.yaml
    Right:
        clients/c-014/medications.yaml
    """
    hint = f"did you mean {near}?" if near else f"the kinds are {', '.join(CLIENT_KINDS)}"
    return code_of(unknown_file).finding(Spot(path), "carectl does not know a file of this name", hint)


@code("file-and-folder", Severity.ERROR)
def file_and_folder(path: str, kind: str) -> Finding:
    """The same kind of record is there twice: as a file and as a folder.

    Nobody could tell which holds. carectl reads both, so that nothing is lost, but half of it may be out of date. Move
    everything into one of them.

    Wrong:
        clients/c-014/visits.yaml
        clients/c-014/visits/2026-11.yaml
    Right:
        clients/c-014/visits/series.yaml
        clients/c-014/visits/2026-11.yaml
    """
    return code_of(file_and_folder).finding(
        Spot(path), f"{kind} is there as a file and as a folder", f"keep {kind}.yaml or the folder {kind}/, not both"
    )


@code("id-not-file-name", Severity.ERROR)
def id_not_file_name(at: Spot, name: str) -> Finding:
    """The id in the file is not the name of the folder or file that holds it.

    Clients and staff are named by their ids everywhere: in calendars, in history, in other files. If the two differ,
    one of them is wrong, and often it is a file copied from someone else's folder: look twice whose record it is.

    Wrong:
        # clients/c-014/client.yaml
        id: c-041
    Right:
        # clients/c-014/client.yaml
        id: c-014
    """
    return code_of(id_not_file_name).finding(
        at, f"`id` must be {name}, as the {'folder' if '/client' in at.path else 'file'} says"
    )


@code("client-file-missing", Severity.ERROR)
def client_file_missing(path: str) -> Finding:
    """A client's folder without client.yaml.

    Whose records these are is not said. Restore the file, or remove the folder if it is left over.

    Wrong:
        clients/c-014/visits.yaml
    Right:
        clients/c-014/client.yaml
        clients/c-014/visits.yaml
    """
    return code_of(client_file_missing).finding(Spot(path), "this client's folder has no client.yaml")


@code("folder-name", Severity.ERROR)
def folder_name(path: str) -> Finding:
    """A client's folder or a staff file whose name cannot be an id.

    Ids are small letters, digits and hyphens, so that they mean the same on every computer and in every address.

    Wrong:
        clients/Rosa A/client.yaml
    Right:
        clients/c-014/client.yaml
    """
    return code_of(folder_name).finding(Spot(path), "this name cannot be an id: use small letters, digits and hyphens")


@code("plan-said-twice", Severity.ERROR)
def said_twice(at: Spot, key: str) -> Finding:
    """Two pieces of one care plan both say the same single thing, such as its period.

    Which of them holds cannot be told. Say it in one piece only.

    Wrong:
        # care-plan/a.yaml
        period: {from: 2026-08-05}
        # care-plan/b.yaml
        period: {from: 2026-09-01}
    Right:
        # care-plan/a.yaml
        period: {from: 2026-08-05}
    """
    return code_of(said_twice).finding(at, f"`{key}` stands in another piece of this care plan already")


@code("medications-none-and-some", Severity.ERROR)
def none_and_some(at: Spot) -> Finding:
    """One piece says that the client takes no medicines, another lists some.

    Whoever reads only the first would say in the hospital that there are none. carectl goes by the list. Take the word
    `none` out, or the list.

    Wrong:
        # medications/a.yaml
        medications: none
        # medications/b.yaml
        medications:
          - {id: furosemide, name: Furosemide, dose: 1 tablet, from: 2026-08-03}
    Right:
        # medications/b.yaml
        medications:
          - {id: furosemide, name: Furosemide, dose: 1 tablet, from: 2026-08-03}
    """
    return code_of(none_and_some).finding(
        at, "`none` stands here, but another piece lists medicines", "remove it here, or the list there"
    )


# --- loading ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Loaded:
    """What was met while loading: faults, counts, and files that hold waivers."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    records: int = 0
    waivers: list[str] = field(default_factory=list)
    """Files in which the words of a waiver stand."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a chart: some kinds, and of the visits at least those of some months."""

    kinds: frozenset[str]
    months: frozenset[bytes] = frozenset()
    """Months as 2026-11. A visit counts for the month in which it was due and the one that it was moved to."""
    oldest: str = ""
    """The month before which no file of a month is opened: nobody puts a visit off by more than a year, and to look
    into all that was ever written would take longer every year."""

    @classmethod
    def of_days(cls, start: dt.date, until: dt.date, more: Iterable[str] = ()) -> Part:
        """What tells which visits take place from one day through another: who the client is, contacts, visits; and
        more kinds, if they are named."""
        first, last = start.year * 12 + start.month - 1, until.year * 12 + until.month - 1
        months = frozenset(f"{month // 12:04}-{month % 12 + 1:02}".encode() for month in range(first, last + 1))
        oldest = f"{max(start.year - 1, 1):04}-{start.month:02}"
        return cls(frozenset(("client", "contacts", "visits", *more)), months, oldest)


@dataclass(slots=True)
class _Piece:
    """One file of a kind, read."""

    path: str
    record: Any
    broken: list[Broken]
    unread: frozenset[str]
    """The lists and fields of the file that could not be read whole; `*` for all."""


Memo = dict[tuple[str, bytes, type[Record]], tuple[_Piece, list[Finding]]]
"""Files as they were read, by their names, bytes and kinds. Records are frozen, so they may be shared."""


class Loader:
    """Reads a tree piece by piece, so that a check of many clients holds only one chart at a time."""

    def __init__(self, tree: Tree, memo: Memo | None = None) -> None:
        self.tree = tree
        self.memo = memo
        """Files that this command has read already, if it looks at the same client several times."""
        self.met = Loaded()

    def practice(self) -> PracticeFile | None:
        """The practice's file, or None if it cannot be used."""
        return cast("PracticeFile | None", self._file(MARK, PracticeFile).record)

    def staff(self) -> tuple[tuple[StaffMember, ...], frozenset[str]]:
        """The staff, sorted by id, and the ids of those whose files could not be read."""
        members: list[StaffMember] = []
        unread: set[str] = set()
        for name, is_folder in self._top_names("staff"):
            path = f"staff/{name}"
            stem = _yaml_stem(name)
            if is_folder or stem is None:
                for lost in self._misplaced(path, is_folder):
                    self.met.findings.append(unknown_file(lost, f"staff/{_stem(lost)}.yaml"))
                    unread.add(_stem(lost))
                continue
            if not is_id(stem):
                self.met.findings.append(folder_name(path))
            piece = self._file(path, StaffMember)
            member = cast("StaffMember | None", piece.record)
            self.met.records += 1
            if member is None:
                unread.add(stem)
                continue
            if member.id != stem and is_id(stem):
                self.met.findings.append(id_not_file_name(Spot(path, ("id",)), stem))
                # The file's name counts, as the folder's does for a client.
                member = msgspec.structs.replace(member, id=stem)
            members.append(member)
        return tuple(sorted(members, key=lambda m: m.id)), frozenset(unread)

    def client_ids(self) -> list[str]:
        """The ids of every client's folder, sorted. Folders of impossible names are findings."""
        found = []
        for name, is_folder in self._top_names("clients"):
            if is_folder and is_id(name):
                found.append(name)
            elif is_folder:
                self.met.findings.append(folder_name(f"clients/{name}"))
            elif name.endswith((".yaml", ".yml")):
                self.met.findings.append(
                    unknown_file(f"clients/{name}", f"clients/{name.rsplit('.', 1)[0]}/client.yaml")
                )
        return found

    def chart(self, client_id: str, part: Part | None = None) -> Chart:
        """Everything on file about one client, or the part of it that is asked for.

        What lies outside of the part counts as unread, so that nobody concludes from it that there is nothing.
        """
        folder = f"clients/{client_id}"
        parts: dict[str, Any] = {}
        files: list[str] = []
        unread: set[str] = set()
        broken: list[Broken] = []
        kinds, misnamed = self.kinds(folder)
        for kind in misnamed:
            unread.update((kind, *_lists(kind)))
        for kind, paths in kinds.items():
            if part is not None and kind not in part.kinds:
                unread.update((kind, *_lists(kind)))
                continue
            if part is not None and kind == "visits":
                paths = [path for path in paths if self._touches(path, part)]
            spread = kind == "care-plan" and paths != [f"{folder}/{kind}.yaml"]
            pieces = [self._file(path, CarePlanPiece if spread else CLIENT_KINDS[kind]) for path in paths]
            files.extend(paths)
            for piece in pieces:
                broken.extend(piece.broken)
                if "*" in piece.unread:
                    # Nothing is concluded from a kind of which a piece could not be read at all.
                    unread.update((kind, *_lists(kind)))
                unread.update(piece.unread & set(_lists(kind)))
            self._join(kind, pieces, parts)
        if part is None or "approvals" in part.kinds:
            self._approvals(client_id, parts, unread)
        else:
            unread.add("approvals")
        if "client" not in kinds and "client" not in misnamed:
            self.met.findings.append(client_file_missing(folder))
        client = cast("Client | None", parts.get("client"))
        if client is not None and client.id != client_id:
            self.met.findings.append(id_not_file_name(client.origin.at("id"), client_id))
        chart = Chart(
            id=client_id, path=folder, files=tuple(files), unread=frozenset(unread), broken=tuple(broken), **parts
        )
        self.met.records += _count(chart)
        return chart

    def _approvals(self, client_id: str, parts: dict[str, Any], unread: set[str]) -> None:
        """A client's sign-offs, and what they cover as it is now."""
        names = self._names(f"clients/{client_id}/approvals")
        if not names:
            unread.update([] if names == [] else ["approvals"])
            return
        from carectl.caseload import approvals

        mine, strange = cast("tuple[list[str], list[str]]", approvals.listed(self.tree, client_id))
        self.met.findings += (
            code_of(unknown_file).finding(
                Spot(f"clients/{client_id}/approvals/{name}"),
                "only sign-offs lie here, as 0001.yaml with 0001.yaml.sig",
                "if it is a sign-off, give it its name back; else keep it elsewhere",
            )
            for name in strange
        )
        found = []
        for name in mine:
            path = f"clients/{client_id}/approvals/{name}"
            piece = self._file(path, Approval)
            raw = self.tree.read(path)
            if piece.record is None or piece.unread or isinstance(raw, Finding):
                unread.add("approvals")
            found.append(
                ApprovalFile(
                    path,
                    approvals.number_of(name) or 0,
                    approvals.digest(raw) if isinstance(raw, bytes) else "",
                    (name + approvals.SIGNATURE, False) in names,
                    piece.record,
                )
            )
        if found:
            parts["approvals"] = tuple(found)
            parts["covered"] = approvals.covered(self.tree, client_id)

    def _touches(self, path: str, part: Part) -> bool:
        """Whether a piece may say something of a part's months: a month's file that names none of them does not."""
        name = path.rpartition("/")[2]
        if not _MONTH.fullmatch(name):
            return True
        if name < part.oldest:
            return False
        raw = self.tree.read(path)
        # With a backslash a date could be written in a way that is not seen here.
        return isinstance(raw, Finding) or b"\\" in raw or any(month in raw for month in part.months)

    def charts(self) -> Iterator[Chart]:
        """Every chart, one at a time, by id."""
        for client_id in self.client_ids():
            yield self.chart(client_id)

    def file(self, path: str, kind: type[Record]) -> Record | None:
        """One file as a record of its kind, as far as it can be read."""
        return cast("Record | None", self._file(path, kind).record)

    def _names(self, folder: str) -> list[tuple[str, bool]] | None:
        """The names in a folder inside of a client's; None if it cannot be looked into, and then that is told."""
        names = self.tree.names(folder)
        if isinstance(names, Finding):
            self.met.findings.append(names)
            return None
        return names

    def _top_names(self, folder: str) -> list[tuple[str, bool]]:
        """The names in one of the two folders that hold everybody. Raises EnvironmentProblem if they cannot be had.

        An unreadable folder is not an empty one: without it, nothing at all could be said of anybody.
        """
        names = self.tree.names(folder)
        if isinstance(names, Finding):
            raise EnvironmentProblem(f"the folder {folder}/ cannot be read: {names.message}\nhint: {names.hint}")
        return names

    def kinds(self, folder: str) -> tuple[dict[str, list[str]], set[str]]:
        """The files of each kind in a client's folder, in the order of the format page and of their names.

        Also the kinds that a file or folder of a wrong name was probably meant for: nothing is concluded from those.
        """
        found: dict[str, list[str]] = {}
        misnamed: set[str] = set()
        names = self._names(folder)
        if names is None:
            return {}, set(CLIENT_KINDS)
        present = {name for name, _ in names}
        for name, is_folder in names:
            path = f"{folder}/{name}"
            if is_folder and name == "client":
                self.met.findings.append(unknown_file(path, "client.yaml"))
            elif is_folder and name in CLIENT_KINDS:
                if f"{name}.yaml" in present:
                    self.met.findings.append(file_and_folder(f"{path}.yaml", name))
                pieces = found.setdefault(name, [])
                below = self._names(path)
                if below is None:
                    misnamed.add(name)
                for piece, is_deeper in below or ():
                    if not is_deeper and _yaml_stem(piece) is not None:
                        pieces.append(f"{path}/{piece}")
                    for lost in self._misplaced(f"{path}/{piece}", is_deeper):
                        self.met.findings.append(unknown_file(lost, f"{path}/{_stem(lost)}.yaml"))
                        misnamed.add(name)
            elif name in CLIENT_KINDS:
                # A file without an ending; in git also a link or another repository, which may hold anything.
                self.met.findings.append(unknown_file(path, f"{name}.yaml"))
                misnamed.add(name)
            elif not is_folder and (stem := _yaml_stem(name)) is not None and stem in CLIENT_KINDS:
                found.setdefault(stem, []).append(path)
            elif name.lower().endswith((".yaml", ".yml")):
                near = closest(name.rsplit(".", 1)[0], CLIENT_KINDS)
                self.met.findings.append(unknown_file(path, f"{near}{'/' if is_folder else '.yaml'}" if near else None))
                misnamed.update([near] if near else [])
            elif is_folder and name != "approvals" and (near := closest(name, CLIENT_KINDS)) is not None:
                self.met.findings.append(unknown_file(path, f"{near}/"))
                misnamed.add(near)
        return {kind: found[kind] for kind in CLIENT_KINDS if kind in found}, misnamed

    def _misplaced(self, path: str, is_folder: bool) -> Iterator[str]:
        """The YAML files that lie where none are read: in a folder too deep, or with an ending of another kind."""
        name = path.rpartition("/")[2]
        if not is_folder:
            if name.lower().endswith((".yaml", ".yml")) and _yaml_stem(name) is None:
                yield path
            return
        for piece, is_deeper in self._names(path) or ():
            if not is_deeper and piece.lower().endswith((".yaml", ".yml")):
                yield f"{path}/{piece}"

    def _file(self, path: str, kind: type[Record]) -> _Piece:
        """One file as a record of its kind, and what was met in it."""
        self.met.files += 1
        raw = self.tree.read(path)
        if isinstance(raw, Finding):
            self.met.findings.append(raw)
            return _Piece(path, None, [], frozenset("*"))
        if _WAIVER in raw:
            self.met.waivers.append(path)
        key = (path, raw, kind)
        known = self.memo.get(key) if self.memo is not None else None
        if known is None:
            known = self._read(path, raw, kind)
            if self.memo is not None:
                self.memo[key] = known
        piece, findings = known
        self.met.findings.extend(findings)
        return piece

    def _read(self, path: str, raw: bytes, kind: type[Record]) -> tuple[_Piece, list[Finding]]:
        """The bytes of a file as a record: fast if all is well, carefully if not."""
        findings = _cut_comments(raw, path) if b" #" in raw and _CUT.search(raw) else []
        data = reader.read_ahead(raw)
        if data is not reader.UNREAD:
            record = convert(data, kind, path)
            if record is not None:
                return _Piece(path, record, [], frozenset()), findings
        document = reader.read_reference(raw, path)
        findings += document.findings
        if document.data is reader.UNREAD:
            return _Piece(path, None, [], frozenset("*")), findings
        examined = examine(document, kind)
        findings += examined.findings
        unread = frozenset("*") if examined.record is None else examined.unread
        return _Piece(path, examined.record, examined.broken, unread), findings

    def _join(self, kind: str, pieces: list[_Piece], parts: dict[str, Any]) -> None:
        """Put the pieces of a kind together under the names that a chart gives them."""
        records = [piece.record for piece in pieces if piece.record is not None]
        if kind == "client":
            parts["client"] = records[0] if records else None
        elif kind == "care-plan":
            spread = any(isinstance(record, CarePlanPiece) for record in records)
            parts["plan"] = self._plan(records) if spread else (records[0] if records else None)
        elif kind == "medications":
            parts["medications"] = tuple(m for r in records if r.medications != "none" for m in r.medications)
            none = [piece.path for piece in pieces if piece.record is not None and piece.record.medications == "none"]
            if none and parts["medications"]:
                self.met.findings.extend(none_and_some(Spot(path, ("medications",))) for path in none)
            parts["no_medications"] = bool(none) and not parts["medications"]
        else:
            for name in _lists(kind):
                parts[name] = tuple(entry for record in records for entry in getattr(record, name))

    def _plan(self, pieces: list[CarePlanPiece]) -> CarePlan | None:
        """The care plan that the pieces make together."""
        said: dict[str, CarePlanPiece] = {}
        for piece in pieces:
            for key in ("period", "review_due"):
                if getattr(piece, key) is not None and key in said:
                    self.met.findings.append(said_twice(piece.origin.at(key), key))
                elif getattr(piece, key) is not None:
                    said[key] = piece
        unread = frozenset().union(*(piece.origin.unread for piece in pieces))
        if "period" not in said:
            if "period" not in unread:
                self.met.findings.append(missing(pieces[0].origin.at(), "period", "from and until"))
            return None
        main = said["period"]
        return CarePlan(
            origin=Origin(main.origin.path, (), unread),
            period=cast("PlanPeriod", main.period),
            problems=tuple(problem for piece in pieces for problem in piece.problems),
            review_due=said["review_due"].review_due if "review_due" in said else None,
            agreed=tuple(agreement for piece in pieces for agreement in piece.agreed),
        )


def _cut_comments(raw: bytes, path: str) -> list[Finding]:
    """Comments that were probably meant as the end of a text."""
    lines = raw.decode("utf-8-sig", "replace").splitlines()
    found = []
    for comment in reader.read_reference(raw, path).comments():
        before = lines[comment.line - 1][: comment.column - 1]
        if _CUT.fullmatch(f"{before[-2:]}{comment.text[:2]}".encode()[-4:]):
            end = comment.column + len(comment.text)
            found.append(faults.comment_cuts(Span(path, comment.line, comment.column, comment.line, end)))
    return found


def load(tree: Tree) -> tuple[Caseload, Loaded]:
    """The whole caseload, and what was met on the way."""
    loader = Loader(tree)
    practice = loader.practice()
    staff, unread_staff = loader.staff()
    charts = tuple(loader.charts())
    return Caseload(practice, staff, charts, unread_staff), loader.met


def _lists(kind: str) -> tuple[str, ...]:
    """The names of the lists that a kind holds, as a chart names them."""
    return {"client": (), "care-plan": (), "visits": ("series", "visits"), "supplies": ("supplies", "equipment")}.get(
        kind, (kind,)
    )


def _count(chart: Chart) -> int:
    """How many records a chart holds: the client, the plan with its goals and interventions, every list entry."""
    plan = chart.plan
    problems = plan.problems if plan else ()
    lists = (
        chart.contacts, chart.assessments, chart.series, chart.visits, chart.medications, chart.notes, chart.tasks,
        chart.concerns, chart.measurements, chart.supplies, chart.equipment, problems,
    )  # fmt: skip
    inner = sum(len(problem.goals) + len(problem.interventions) for problem in problems)
    return sum(map(len, lists)) + inner + (chart.client is not None) + (plan is not None) + len(chart.broken)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rsplit(".", 1)[0]


def _yaml_stem(name: str) -> str | None:
    return name[:-5] if name.endswith(".yaml") else None

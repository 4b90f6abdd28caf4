"""carectl verify: whether sign-offs, signatures, authors and the history fit together."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import completion, signoffs, telling
from carectl.commands.options import Form, Format
from carectl.commands.session import Session
from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.signoff import Addition, Base, Evidence, Remark, Signed
    from carectl.caseload.approvals import Sheet
    from carectl.caseload.records import Approval, Chart
    from carectl.caseload.revisions import Commit, Repository
    from carectl.caseload.trees import Tree
    from carectl.commands.signoffs import Signers

app = typer.Typer(rich_markup_mode=None)

_ANCHOR: Final = "carectl anchor 1"
_COMMIT: Final = re.compile(r"^commit ([0-9a-f]{40,64})\s*$", re.MULTILINE)
_ROOT: Final = re.compile(r"^approvals ([0-9]+) (sha256:[0-9a-f]{64})\s*$", re.MULTILINE)
_ANYWHERE: Final = re.compile(rf"((?:[^\n]+/)?)({signoffs.FILE.pattern})")
"""The path of a sign-off from the top of the repository: the caseload's folder, and what `signoffs.FILE` tells."""
_PARTS: Final = {"care-plan": "the care plan", "medications": "the medicines", "allergies": "the allergies"}


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(metavar="[CLIENT]", help="One client; else everybody.", autocompletion=completion.clients),
    ] = None,
    anchor: Annotated[
        bool, typer.Option("--anchor", help="Print a short text to keep elsewhere. It holds nothing of a client.")
    ] = False,
    against: Annotated[
        str | None, typer.Option(metavar="FILE|TEXT", help="Compare with such a text: a file, the text itself, or -.")
    ] = None,
    signers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The list of keys; else git's gpg.ssh.allowedSignersFile."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let what cannot be told, or changed since, fail it too.")
    ] = False,
    form: Form = Format.TEXT,
) -> None:
    """Look whether sign-offs, their signatures, their commits and the records fit together.

    What is wrong is told first (exit code 1), then what cannot be told here, and why. A history that was rewritten in
    every copy is seen only by an anchor: print one now and then, and keep it where nobody can change it.

    Example: carectl verify --against anchor.txt
    """
    from carectl.output import signoff_page, terminal

    session = Session.of(ctx)
    telling.sound_setting(session)
    known = signoffs.repository(session)
    if anchor:
        if client or against:
            raise UsageError("--anchor stands alone: it is of the whole caseload")
        sys.stdout.write(_anchor(session, known))
        return
    ids = [session.client(client)] if client else session.client_ids
    keys = signoffs.signers(session, signers, known)
    remarks = [*_about_history(session, known, keys, client is None)]
    remarks += [item for one in ids for item in _Looker(session, known, keys, one).look()]
    if known is not None:
        remarks += _removed(session, known, ids if client else None)
        remarks += _left_behind(session, known, ids if client else None)
    if against is not None:
        remarks += _compared(known, _given(against))
    if form is Format.JSON:
        sys.stdout.write(signoff_page.verified_json(remarks))
    else:
        terminal.put(signoff_page.verified(remarks, telling.width()), sys.stdout, colour=session.colour)
    failing = ("wrong", "changed", "unknown") if strict else ("wrong",)
    if any(item.level in failing for item in remarks):
        raise typer.Exit(1)


# --- the history as a whole ------------------------------------------------------------------------------------------


def _about_history(session: Session, known: Repository | None, keys: Signers, whole: bool) -> Iterator[Remark]:
    from carectl.care.signoff import Remark

    if known is None:
        words = "the caseload is in no git repository: whether something was changed or removed later, nobody can tell"
        yield Remark("unknown", "no-history", words)
        return
    for sort in known.disguises():
        words = (
            f"this clone is told to show another history than the commits tell (git {sort}); it is not believed here"
        )
        yield Remark("wrong", "history-disguised", words)
    if not _is_begun(known):
        words = "nothing is committed here: whether something was removed earlier, nobody can tell"
        yield Remark("unknown", "no-history", words)
    if known.shallow:
        words = "this clone has only the last part of the history (git fetch --unshallow gets all of it)"
        yield Remark("unknown", "history-cut", words)
    if keys.is_inside:
        words = "the list of keys lies in the repository: whoever can commit can put their own key on it"
        yield Remark("unknown", "keys-inside", words)


def _removed(session: Session, known: Repository, ids: Sequence[str] | None) -> Iterator[Remark]:
    """Sign-offs that were there once, and are no more."""
    from carectl.care.signoff import Remark

    for item in signoffs.removed(session, known):
        match = signoffs.FILE.fullmatch(item.path)
        if match is None or (ids is not None and match[1] not in ids):
            continue
        if item.moved_to is not None:
            words = f"the client has another id since {item.commit[:9]}: it lies in {item.moved_to}, unchanged"
            yield Remark("note", "approval-moved", words, match[1], int(match[2]))
            continue
        what = "its signature was removed" if match[3] else "it was removed"
        words = f"{what} in {item.commit[:9]}: git checkout {item.before[:9]} -- {item.path} gets it back"
        yield Remark("wrong", "approval-removed", words, match[1], int(match[2]))


def _left_behind(session: Session, known: Repository, ids: Sequence[str] | None) -> Iterator[Remark]:
    """Sign-offs that did not come along when the caseload was moved to another folder of its repository."""
    from carectl.care.signoff import Remark

    if not _is_begun(known):
        return
    try:
        gone = dict(reversed([*known.removed_anywhere()]))
    except EnvironmentProblem:
        words = "git lacks a part of the history (git fsck; a partial clone): what was removed there, nobody can tell"
        yield Remark("unknown", "history-lost", words)
        return
    for path, commit in sorted(gone.items()):
        match = _ANYWHERE.fullmatch(path)
        if match is None or match[1] == known.prefix or (ids is not None and match[3] not in ids):
            continue
        if known.raw(f"HEAD:{match[1]}carectl.yaml"):
            continue  # a caseload of its own, beside this one
        before = {known.raw(f"{parent}:{path}") for parent in known.parents(commit)}
        if session.tree.read(match[2]) in before:
            continue
        what = "its signature" if match[5] else "it"
        words = f"{what} did not come along, as it was, when the caseload was moved in {commit[:9]}"
        yield Remark("wrong", "approval-removed", words, match[3], int(match[4]))


def _is_begun(known: Repository) -> bool:
    """Whether anything is committed."""
    try:
        return bool(known.commit("HEAD"))
    except EnvironmentProblem:
        return False


# --- one client ------------------------------------------------------------------------------------------------------


class _Looker:
    """Looks at the sign-offs of one client."""

    def __init__(self, session: Session, known: Repository | None, keys: Signers, client: str) -> None:
        self.session, self.known, self.keys, self.client = session, known, keys, client
        self.commits: list[Commit] = []
        self.head: Tree | None = None

    def look(self) -> Iterator[Remark]:
        """All that there is to say."""
        from carectl.care.signoff import Remark, faults, judge
        from carectl.caseload.approvals import sheets

        chart = signoffs.chart(self.session, self.client)
        self._read_history()
        yield from self._uncommitted_removals()
        yield from self._strange()
        if not chart.approvals:
            return
        setting = self.session.setting
        contacts = {contact.id for contact in chart.contacts} - setting.staff.keys() - setting.unread_staff
        for fault in faults(chart.approvals, self.client, contacts, ()):  # staff: _who_and_when
            if fault.sort != "signature":  # which says more below
                yield Remark("wrong", fault.sort, fault.words, self.client, fault.file.number)
        yield from self._content(chart)
        found = {sheet.path: sheet for sheet in sheets(self.session.tree, self.client) if not _is_finding(sheet)}
        for file in chart.approvals:
            sheet = found.get(file.path)
            if sheet is None or file.record is None:
                yield Remark(
                    "wrong", "unreadable", "it cannot be read: carectl check tells why", self.client, file.number
                )
                continue
            evidence, more = self._evidence(sheet, file.record)  # type: ignore[arg-type]
            yield from more
            yield from judge(file.record, evidence, self._addresses(file.record.signer))
            yield from self._who_and_when(file.record, evidence, chart)

    def _read_history(self) -> None:
        if self.known is None:
            return
        try:
            head = self.known.commit("HEAD")
        except EnvironmentProblem:
            return
        self.head = self.known.at(head)
        self.commits = list(self.known.log([f"clients/{self.client}/approvals"]))

    def _uncommitted_removals(self) -> Iterator[Remark]:
        """Sign-offs that the last commit has and the folder has not."""
        from carectl.care.signoff import Remark

        names = self.head.names(f"clients/{self.client}/approvals") if self.head is not None else []
        for name, is_folder in names if isinstance(names, list) else ():
            path = f"clients/{self.client}/approvals/{name}"
            match = signoffs.FILE.fullmatch(path)
            if match is not None and not is_folder and not _is_file(self.session.root / path):
                what = "its signature is gone from the folder" if match[3] else "it is gone from the folder"
                yield Remark("wrong", "approval-removed", f"{what} (git has it)", self.client, int(match[2]))

    def _strange(self) -> Iterator[Remark]:
        """What lies among the sign-offs and is none."""
        from carectl.care.signoff import Remark
        from carectl.caseload.approvals import listed

        names = listed(self.session.tree, self.client)
        strange = names[1] if isinstance(names, tuple) else []
        if strange:
            words = f"among the sign-offs lies what is none: {', '.join(strange)}"
            yield Remark("unknown", "not-a-sign-off", words, self.client)

    def _content(self, chart: Chart) -> Iterator[Remark]:
        """Whether the files are what was approved last."""
        from carectl.care.signoff import Remark, standing

        found = standing(chart, gone=self.session.approvals_gone(self.client))
        if found.approval is None or found.state == "withdrawn":
            return
        number = found.approval.number
        for part in found.changed:
            words = f"{_PARTS[part]} changed since it was made: carectl status {self.client} tells what"
            yield Remark("changed", "content-changed", words, self.client, number)
        for part in found.unreadable:
            words = f"{_PARTS[part]} cannot be read, so nobody can tell whether that was approved"
            yield Remark("wrong", "content-unreadable", words, self.client, number)
        for name in found.rewritten:
            words = f"{name} is not byte for byte what was approved; what is covered of it says the same"
            yield Remark("note", "bytes-differ", words, self.client, number)
        if found.state == "approved":
            yield Remark("good", "content-approved", "the records say what was approved", self.client, number)

    # --- one approval ---

    def _evidence(self, sheet: Sheet, record: Approval) -> tuple[Evidence, list[Remark]]:
        from carectl.care.signoff import Evidence, moment

        looked: Signed = "missing" if record.key is not None else "none"
        key = None
        if sheet.signature is not None:
            looked, key = self._signature(sheet.raw, sheet.signature, record.signer, moment(record.at))
        if self.known is None or self.head is None:
            return Evidence(looked, key), self._contradicts(self.session.tree, record, looked)
        touched = [commit for commit in self.commits if {sheet.path, sheet.path + ".sig"} & set(commit.paths)]
        # Where it came as it is now: the first commit that has it so.
        alike = [commit for commit in touched if self._is_same(self.known.at(commit.id), sheet)]
        added = alike[-1] if alike else next((one for one in reversed(touched) if sheet.path in one.paths), None)
        tree = self.known.at(added.id) if added is not None else None
        altered, put_back, aside = self._others(added, [one for one in touched if one not in alike and one != added])
        if not alike:
            altered, put_back = (*altered, *put_back), ()
        base, based = self._base(record, added)
        came = added.committer.at if added is not None else self.session.setting.now
        evidence = Evidence(
            signature=looked,
            key=key,
            in_git=True,
            added=self._addition(added, record) if added is not None else None,
            altered=altered,
            put_back=put_back,
            aside=aside,
            as_committed=added is None or self._is_same(self.head, sheet),
            base=base,
            based=based,
            held=self._holds(tree, record) if tree is not None else None,
            key_still_good=looked != "good" or self._is_good_at(came, sheet, record),
        )  # fmt: skip
        return evidence, self._contradicts(tree or self.session.tree, record, looked)

    def _who_and_when(self, record: Approval, seen: Evidence, chart: Chart) -> Iterator[Remark]:
        """Whether it can be from the one that it names, and be as old as it says."""
        from carectl.care.signoff import People, Remark, when, who_now_or_then
        from carectl.caseload.load import Loader, Part

        setting = self.session.setting

        def then() -> People | None:
            if self.known is None or seen.added is None:
                return None
            earlier = Loader(self.known.at(seen.added.id))
            staff, unread = earlier.staff()
            known = earlier.chart(self.client, Part(frozenset(("client", "contacts"))))
            return People({member.id: member for member in staff}, unread, known)

        now = People(setting.staff, setting.unread_staff, chart)
        signer = setting.staff.get(record.signer)
        for level, rule, words in (
            *who_now_or_then(record, now, then),
            *when(record, seen, setting.now, setting.late_after, signer),
        ):
            yield Remark(level, rule, words, self.client, record.number)

    def _signature(self, data: bytes, signature: bytes, who: str, at: dt.datetime) -> tuple[Signed, str | None]:
        from carectl.caseload.signatures import look

        found = look(data, signature, who, at, self.keys.path, os.environ, revoked=self.keys.revoked)
        return found.verdict, found.key

    def _is_good_at(self, at: dt.datetime | None, sheet: Sheet, record: Approval) -> bool:
        """Whether its key was still the signer's at a later time."""
        assert sheet.signature is not None
        return at is None or self._signature(sheet.raw, sheet.signature, record.signer, at)[0] == "good"

    def _is_same(self, tree: Tree, sheet: Sheet) -> bool:
        """Whether a tree has an approval and its signature as they are in the folder."""
        return (_content(tree, sheet.path), _content(tree, sheet.path + ".sig")) == (sheet.raw, sheet.signature)

    def _others(
        self, added: Commit | None, commits: Sequence[Commit]
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """The commits that have an approval otherwise: those before the one that brought it, those after, and those of
        a branch beside."""
        assert self.known is not None
        if added is None:
            return (), (), ()
        parted = {commit.id: self._parted(commit.id, added.id) for commit in commits}
        before = tuple(one for one, at in parted.items() if at == one)
        after = tuple(one for one, at in parted.items() if at == added.id)
        return before, after, tuple(one for one in parted if one not in before and one not in after)

    def _parted(self, one: str, other: str) -> str | None:
        assert self.known is not None
        try:
            return self.known.merge_base(one, other)
        except EnvironmentProblem:
            return one  # nobody can tell in this clone: rather too much is said than too little

    def _holds(self, tree: Tree, record: Approval) -> bool:
        from carectl.care.signoff import holds
        from carectl.caseload.approvals import covered

        return holds(record, covered(tree, self.client))

    def _contradicts(self, tree: Tree, record: Approval, looked: Signed) -> list[Remark]:
        """An approval that names bytes and a content which do not go together."""
        from carectl.care.signoff import Remark
        from carectl.caseload.approvals import covered

        here = covered(tree, self.client)
        if here.files != record.files or here.content == record.content:
            return []
        if looked == "good":
            words = "it was made with a version of carectl that tells contents apart in another way"
            return [Remark("note", "other-version", words, self.client, record.number)]
        words = "the digests of the files and of what they say do not go together"
        return [Remark("wrong", "digests-differ", words, self.client, record.number)]

    def _base(self, record: Approval, added: Commit | None) -> tuple[Base, dt.datetime | None]:
        """Where the commit is at which an approval was made, and when that was."""
        assert self.known is not None
        if record.commit is None:
            return "none", None
        if not re.fullmatch("[0-9a-f]{40,64}", record.commit) or not self.known.has(record.commit):
            return "cut" if self.known.shallow else "gone", None
        at = self.known.about(record.commit).committer.at
        before = added.id if added is not None else self.known.commit("HEAD")
        try:
            is_before = self.known.merge_base(record.commit, before) == record.commit
        except EnvironmentProblem:
            return "cut", at
        return "before" if is_before else "beside", at

    def _addition(self, commit: Commit, record: Approval) -> Addition:
        from carectl.care.signoff import Addition
        from carectl.caseload import signatures

        assert self.known is not None
        times = [self.known.about(one).committer.at for one in commit.parents if self.known.has(one)]
        signed: Signed = "none"
        carried = signatures.of_commit(self.known.raw(commit.id)) if commit.signed else None
        if carried is not None and commit.committer.at is not None:
            found = signatures.look(
                carried[1], carried[0], record.signer, commit.committer.at, self.keys.path, os.environ,
                namespace=signatures.GIT, revoked=self.keys.revoked,
            )  # fmt: skip
            signed = found.verdict
        return Addition(
            commit.id,
            commit.author.email,
            commit.committer.email,
            commit.committer.at,
            max((time for time in times if time is not None), default=None),
            signed,
            commit.cut,
        )

    def _addresses(self, who: str) -> Mapping[str, Sequence[str]]:
        """The e-mail addresses of a staff member: those of the list of keys, else the one on file."""
        from carectl.caseload.signatures import names_beside

        listed = [name for name in names_beside(self.keys.path, who) if "@" in name] if self.keys.path else []
        member = self.session.setting.staff.get(who)
        return {who: listed or ([member.email] if member is not None and member.email else [])}


def _content(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file; None if there is none."""
    raw = tree.read(path)
    return raw if isinstance(raw, bytes) else None


def _is_file(path: Path) -> bool:
    """Whether a file is there: no folder, and no link to somewhere else."""
    return path.is_file() and not path.is_symlink()


def _is_finding(item: object) -> bool:
    from carectl.findings import Finding

    return isinstance(item, Finding)


# --- anchors ---------------------------------------------------------------------------------------------------------


def _anchor(session: Session, known: Repository | None) -> str:
    """The last commit and a digest of all sign-offs in it. Raises EnvironmentProblem outside of git."""
    if known is None:
        raise EnvironmentProblem(
            "an anchor holds on to a history: this caseload is in no git repository\nhint: git init"
        )
    commit = known.commit("HEAD")
    here, then = _all(session.tree), _all(known.at(commit))
    if here != then:
        print("Some sign-offs are not committed: the anchor does not hold them (carectl save).", file=sys.stderr)
    made = session.setting.now.isoformat(timespec="seconds")
    return f"{_ANCHOR}\ncommit {commit}\napprovals {_root(then)}\nmade {made}\n"


def _all(tree: Tree) -> dict[str, bytes]:
    """The files of every sign-off in a caseload."""
    from carectl.caseload.approvals import sheets
    from carectl.caseload.trees import client_folders
    from carectl.findings import Finding

    found = {}
    for client in client_folders(tree):
        for sheet in sheets(tree, client):
            if isinstance(sheet, Finding):
                raise Refused(f"{sheet.path} cannot be read\nhint: carectl check {client}")
            found[sheet.path] = sheet.raw
            if sheet.signature is not None:
                found[sheet.path + ".sig"] = sheet.signature
    return found


def _root(files: Mapping[str, bytes]) -> str:
    """How many files there are, and one digest of all of them."""
    from carectl.caseload.approvals import digest

    lines = "".join(f"{digest(raw)} {path}\n" for path, raw in sorted(files.items()))
    return f"{len(files)} {digest(lines.encode())}"


def _given(text: str) -> str:
    """The anchor that is meant. Raises UsageError if it is none."""
    if text == "-":
        text = sys.stdin.read()
    elif "\n" not in text and Path(text).is_file():
        text = Path(text).read_bytes().decode("utf-8", "replace")
    # Mail programs indent and quote.
    text = "\n".join(line.strip("> \t\r") for line in text.splitlines())
    if _ANCHOR not in text or not _COMMIT.search(text) or not _ROOT.search(text):
        raise UsageError("--against takes what carectl verify --anchor printed: a file, or the text itself")
    return text


def _compared(known: Repository | None, text: str) -> Iterator[Remark]:
    """What an anchor says about the history as it is now."""
    from carectl.care.signoff import Remark

    match, root = _COMMIT.search(text), _ROOT.search(text)
    assert match is not None
    assert root is not None
    commit, wanted = match[1], f"{root[1]} {root[2]}"
    if known is None:
        yield Remark("unknown", "no-history", "the anchor cannot be compared: the caseload is in no git repository")
        return
    head = known.commit("HEAD")
    now = _all(known.at(head))
    if not known.has(commit) or known.merge_base(commit, head) != commit:
        if not known.has(commit) and known.shallow:
            yield Remark(
                "unknown", "history-cut", "the commit of the anchor is not in the part of the history that is here"
            )
            return
        yield Remark("wrong", "anchor-gone", "the commit of the anchor is no longer in the history: it was rewritten")
        if _root(now) == wanted:
            yield Remark("note", "anchor-same", "the sign-offs themselves are the same as then")
        return
    then = _all(known.at(commit))
    if _root(then) != wanted:
        yield Remark(
            "wrong", "anchor-differs", "the sign-offs at the anchor's commit are not those that it was made of"
        )
        return
    for path, raw in sorted(then.items()):
        file = signoffs.FILE.fullmatch(path)
        if now.get(path) != raw and file is not None:
            what = "it was removed since" if path not in now else "it was changed since"
            yield Remark("wrong", "anchor-approval", f"{what} the anchor was made", file[1], int(file[2]))
    yield Remark("good", "anchor-holds", "the history goes on from the anchor, with every sign-off that it knew")

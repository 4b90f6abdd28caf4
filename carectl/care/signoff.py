"""What sign-offs mean: whether a plan is approved as it stands, whether a client's approvals hang together, and what
the evidence beside them (signatures, commits) says for or against each of them.

Nothing here proves that somebody meant what they signed. docs/sign-off.md tells what can be concluded and what not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from carectl.care.moments import add_period
from carectl.caseload.records import PARTS, Approval, ApprovalFile, Chart, Contact, Covered

if TYPE_CHECKING:
    from carectl.care.changes.review import Unparsed
    from carectl.care.changes.rules import Judged
    from carectl.care.setting import Setting
    from carectl.caseload.records import StaffMember

State = Literal["no_plan", "draft", "agreed", "approved", "changed", "withdrawn", "unknown"]
STATES: Final[tuple[State, ...]] = ("unknown", "changed", "withdrawn", "draft", "agreed", "approved", "no_plan")
"""From what needs somebody first to what needs nobody."""
NEEDS_SOMEBODY: Final = frozenset({"unknown", "changed", "withdrawn"})

Level = Literal["wrong", "changed", "unknown", "note", "good"]
"""Wrong: tampering, or a mistake. Changed: the records go on, as they do every day, and the approval is an old one."""
LEVELS: Final[tuple[Level, ...]] = ("wrong", "changed", "unknown", "note", "good")

SKEW: Final = dt.timedelta(minutes=10)
"""How far the clocks of two machines may be apart without anybody being told."""

_KIND: Final = {"care-plan": "care-plan", "medications": "medications", "allergies": "client"}
_NOT_COVERED: Final = frozenset({"agreed", "progress", "achievement"})
"""Fields of a plan that say how it goes, and not what it is."""


# --- how a plan stands -----------------------------------------------------------------------------------------------


class Standing(NamedTuple):
    """How a client's plan stands."""

    state: State
    approval: Approval | None = None
    """The one that decides it: approved, withdrawn, or the agreement."""
    changed: tuple[str, ...] = ()
    """The parts that say something else than what was approved."""
    unreadable: tuple[str, ...] = ()
    """The parts of which nobody can tell, for they cannot be read."""
    rewritten: tuple[str, ...] = ()
    """The files whose bytes are different, though what is covered of them says the same."""
    beside: tuple[Approval, ...] = ()
    """Later or other sign-offs (reviewed, client_agreed …) of just what is on file now."""
    gone: tuple[str, ...] = ()
    """The files of sign-offs that the last commit has, and that are no longer there."""
    misplaced: bool = False
    """Whether sign-offs of another client lie in the folder."""


def standing(chart: Chart, *, agreed: bool = False, gone: tuple[str, ...] = ()) -> Standing:
    """How a client's plan stands.

    `agreed`: whether the plan itself says that somebody who may has agreed to it. `gone`: the files of sign-offs that
    the last commit has, and that are no longer there.
    """
    records = [item.record for item in chart.approvals if item.record is not None]
    misplaced = any(record.client != chart.id for record in records)
    if gone or misplaced or "approvals" in chart.unread:
        # One that cannot be read, or is gone, may have taken back all the others.
        return Standing("unknown", records[-1] if records else None, gone=gone, misplaced=misplaced)
    covered = chart.covered or Covered({}, {})
    beside = tuple(item for item in records if item.meaning not in ("approved", "withdrawn") and holds(item, covered))
    deciding = next((item for item in reversed(records) if item.meaning in ("approved", "withdrawn")), None)
    if deciding is not None and deciding.meaning == "withdrawn":
        return Standing("withdrawn", deciding, beside=beside)
    if deciding is not None:
        changed, unreadable = differing(deciding, covered)
        if changed:
            return Standing("changed", deciding, changed, unreadable, beside=beside)
        if unreadable:
            return Standing("unknown", deciding, unreadable=unreadable, beside=beside)
        return Standing("approved", deciding, rewritten=rewritten(deciding, covered), beside=beside)
    if chart.plan is None and "care-plan" not in chart.unread:
        return Standing("no_plan")
    said = agreement(chart)
    return Standing("agreed" if agreed or said else "draft", said, beside=beside)


def agreement(chart: Chart) -> Approval | None:
    """The last sign-off by which the client, or a contact who may decide for them, agreed to just what is on file."""
    contacts = {contact.id: contact for contact in chart.contacts}
    for item in reversed(chart.approvals):
        record = item.record
        if record is None or record.meaning != "client_agreed" or not holds(record, chart.covered or Covered({}, {})):
            continue
        day = dt.date.fromisoformat(record.at[:10])
        if record.by == "client" or (record.by in contacts and power_of(contacts[record.by], day) is not None):
            return record
    return None


def power_of(contact: Contact, day: dt.date) -> str | None:
    """The power by which a contact may decide on care on a day; None if they have none.

    A power over money alone decides nothing here, and neither does a role.
    """
    return next(
        (
            power.kind
            for power in contact.authority
            if not power.kind.startswith("financial")
            and (power.from_ is None or power.from_ <= day)
            and (power.until is None or day <= power.until)
        ),
        None,
    )


def is_unapproved(chart: Chart, setting: Setting) -> bool:
    """Whether a plan is to be marked as a draft because nobody approved it as it stands.

    Only where sign-offs are in use at all: who never approved anything does not want that of each plan.
    """
    return setting.signs_off and standing(chart, gone=setting.approvals_gone(chart.id)).state != "approved"


def holds(approval: Approval, covered: Covered) -> bool:
    """Whether all that an approval covers still says the same."""
    return differing(approval, covered) == ((), ())


def differing(approval: Approval, covered: Covered) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts that say something else than what was approved, and those of which nobody can tell."""
    changed: list[str] = []
    unreadable: list[str] = []
    for part in PARTS:
        if part in approval.content and approval.content[part] == covered.content.get(part):
            continue
        # The same bytes say the same, however their digest was once made.
        if part in approval.content and _files(approval.files, part) == _files(covered.files, part):
            continue
        (changed if part in covered.content else unreadable).append(part)
    return tuple(changed), tuple(unreadable)


def rewritten(approval: Approval, covered: Covered) -> tuple[str, ...]:
    """The files whose bytes are different from those that were approved."""
    names = approval.files.keys() | covered.files.keys()
    return tuple(sorted(name for name in names if approval.files.get(name) != covered.files.get(name)))


def _files(files: Mapping[str, str], part: str) -> dict[str, str]:
    """Those of a part."""
    kind = _KIND[part]
    return {name: digest for name, digest in files.items() if name == f"{kind}.yaml" or name.startswith(f"{kind}/")}


def is_covered(kind: str, field: str | None) -> bool:
    """Whether a change of a field (of a file kind; None for a whole entry) is one of what approvals cover."""
    root = re.split(r"[.\[]", field or "", maxsplit=1)[0]
    if kind == "client":
        return root in ("", "allergies")
    return kind == "medications" or (kind == "care-plan" and root not in _NOT_COVERED)


class Since(NamedTuple):
    """What changed of what was approved, up to now."""

    commit: str | None
    """Where in the history what was approved was found; None if it was not."""
    changes: tuple[Judged, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()

    @property
    def high(self) -> tuple[Judged, ...]:
        """The changes that somebody must have looked at before they are approved."""
        return tuple(item for item in self.changes if item.severity == "high")


class Row(NamedTuple):
    """How one client's plan stands."""

    chart: Chart
    standing: Standing
    since: Since | None = None
    """Only of a plan that changed since it was approved."""


# --- whether the files hang together ---------------------------------------------------------------------------------


class Fault(NamedTuple):
    """Something about an approval's files that cannot be as carectl wrote them."""

    sort: Literal["misplaced", "chain", "signature", "witness"]
    file: ApprovalFile
    field: str | None
    words: str


def faults(
    files: Iterable[ApprovalFile], client: str, contacts: Collection[str], staff: Collection[str]
) -> Iterator[Fault]:
    """What is wrong with a client's approvals by themselves: each names the one before it, and whose it is.

    `contacts` and `staff`: their ids.
    """
    files = list(files)
    strange = [file for file in files if file.record is not None and file.record.client != client]
    if strange:
        more = f" and {len(strange) - 1} more are" if len(strange) > 1 else " is"
        yield Fault("misplaced", strange[0], "client", f"this sign-off{more} of another client")
    before: ApprovalFile | None = None
    for file in files:
        record, expected = file.record, before.number + 1 if before else 1
        if file.number != expected:
            gone = f"{expected:04}" if file.number == expected + 1 else f"{expected:04} to {file.number - 1:04}"
            yield Fault("chain", file, None, f"the one before it is gone: {gone}")
        if record is not None:
            yield from _faults_of(file, record, before if file.number == expected else None, contacts, staff)
        before = file


def _faults_of(
    file: ApprovalFile,
    record: Approval,
    before: ApprovalFile | None,
    contacts: Collection[str],
    staff: Collection[str],
) -> Iterator[Fault]:
    if record.number != file.number:
        yield Fault("misplaced", file, "number", "`number` is not the one in the file's name")
    if file.number == 1 and record.previous is not None:
        yield Fault("chain", file, "previous", "it is the first, yet it names one before it")
    if before is not None and record.previous != before.digest:
        yield Fault("chain", file, "previous", f"{before.number:04} is not the file that it was when this was made")
    if before is not None and before.record is not None and moment(record.at) < moment(before.record.at):
        yield Fault("chain", file, "at", "it is dated before the one that it follows")
    if record.key is not None and not file.has_signature:
        yield Fault("signature", file, "key", "it was signed, and its signature is gone")
    if record.key is None and file.has_signature:
        yield Fault("signature", file, None, "a signature lies beside it, yet it says of none")
    if record.by in staff:
        if record.witnessed_by is not None:
            yield Fault("witness", file, "witnessed_by", WITNESS_FOR_STAFF)
    elif record.by == "client" or record.by in contacts:
        if not (record.witnessed_by and record.method):
            yield Fault("witness", file, "by", "nobody is named who saw or heard it, or it is not said how")
        if record.meaning in FOR_STAFF:
            yield Fault("witness", file, "meaning", "clients and contacts agree; it is staff who write and approve")


FOR_STAFF: Final = frozenset({"author", "approved"})
WITNESS_FOR_STAFF: Final = "a staff member signs with a key of their own: nobody else can do it for them"


def moment(text: str) -> dt.datetime:
    """A moment with its offset, as approvals have it."""
    day, clock = text.split("T")
    # Python wants two digits for the hour.
    return dt.datetime.fromisoformat(f"{day}T{'0' if clock[1] == ':' else ''}{clock}")


# --- what the evidence says ------------------------------------------------------------------------------------------

Signed = Literal["good", "unlisted", "bad", "malformed", "missing", "none", "no_list", "not_looked"]
"""Good: by a key that the list has for the signer at that time. Unlisted: it fits, but the key was not the signer's.
No_list: it fits, and whose key it is nobody says. Not_looked: ssh-keygen is missing."""

Base = Literal["before", "gone", "beside", "cut", "none"]
"""Before the commit that brought the approval, gone, in another line of history, in the part of the history that this
clone lacks, or none was named."""


class Addition(NamedTuple):
    """The commit that brought an approval."""

    id: str
    author: str
    """The e-mail address."""
    committer: str
    committed: dt.datetime | None
    parents: dt.datetime | None
    """The latest time of its parents."""
    signature: Signed
    cut: bool
    """Whether it only seems to have brought it, for the history before is not here."""


class Evidence(NamedTuple):
    """What was found beside an approval's file."""

    signature: Signed
    key: str | None = None
    """The fingerprint of the key that the signature was made with."""
    in_git: bool = False
    """Whether the caseload is in git at all; all that follows is empty if not."""
    added: Addition | None = None
    """None: it is not committed."""
    altered: tuple[str, ...] = ()
    """Earlier commits that have it otherwise: it was changed, or taken out and another one was put in its place."""
    put_back: tuple[str, ...] = ()
    """Later commits that changed or removed it; it is back since, byte for byte."""
    aside: tuple[str, ...] = ()
    """Commits of another branch with another sign-off of the same number, which was not kept when they were merged."""
    as_committed: bool = True
    """Whether the file in the folder is the one that was committed."""
    base: Base = "none"
    """Where the commit is at which it was made."""
    based: dt.datetime | None = None
    """When that was committed."""
    held: bool | None = None
    """Whether the commit that brought it holds just what it covers."""
    key_still_good: bool = True
    """Whether a good key was still the signer's when it was committed, or is now if it is not."""


class Remark(NamedTuple):
    """One thing that verifying has to say."""

    level: Level
    rule: str
    """A word for scripts, the same in every version."""
    words: str
    client: str | None = None
    number: int | None = None


def judge(record: Approval, seen: Evidence, addresses: Mapping[str, Collection[str]]) -> Iterator[Remark]:
    """What the evidence says about one approval. `addresses`: the e-mail addresses of each staff member, as far as the
    list of keys or the staff's files have them."""
    for level, rule, words in (*_of_signature(record, seen), *_of_history(record, seen, addresses)):
        yield Remark(level, rule, words, record.client, record.number)


Said = tuple[Level, str, str]


class People(NamedTuple):
    """Who was on file at some time, of those who may sign off a client's plan."""

    staff: Mapping[str, StaffMember]
    unread_staff: Collection[str]
    """The ids of those whose files are there and could not be read."""
    chart: Chart


def who(record: Approval, people: People) -> Iterator[Said]:
    """What speaks against an approval's being from the one that it names, going by who was on file."""
    staff = people.staff.keys() | people.unread_staff
    if record.witnessed_by is not None and record.by in staff:
        yield "wrong", "witness", WITNESS_FOR_STAFF
    if record.witnessed_by is not None and record.witnessed_by not in staff:
        yield "wrong", "signer-nobody", f"{record.witnessed_by}, the witness, is no staff member on file"
    name = None
    if record.by in people.staff:
        member = people.staff[record.by]
        name = member.name.full
        if record.role != member.role:
            yield "note", "other-role", f"it was signed off as {record.role}; on file {record.by} is {member.role}"
    elif record.by in staff:
        pass
    elif record.by == "client":
        name = people.chart.client.name.full if people.chart.client is not None else None
    elif any(contact.id == record.by for contact in people.chart.contacts):
        name = next(contact.name for contact in people.chart.contacts if contact.id == record.by)
    elif "contacts" not in people.chart.unread:
        yield "wrong", "signer-nobody", f"{record.by}, who signed it off, is nobody on file"
        return
    if name is None:
        yield "unknown", "name-unknown", f"who {record.by} is cannot be read, to compare the name with"
    elif record.name.casefold().split() != name.casefold().split():
        yield "wrong", "other-name", f"the name in it is not the one of {record.by}, who signed it off"


def who_now_or_then(record: Approval, now: People, then: Callable[[], People | None]) -> Iterator[Said]:
    """The same, going by who is on file now, else by who was when the approval came: people marry, and move away."""
    said = tuple(who(record, now))
    former = then() if any(level == "wrong" for level, _, _ in said) else None
    if former is None:
        yield from said
        return
    earlier = tuple(who(record, former))
    yield from earlier
    if not any(level == "wrong" for level, _, _ in earlier):
        words = f"on file {record.by} (or the witness) is somebody else now, or nobody, than when it was committed"
        yield "note", "person-changed", words


def when(
    record: Approval, seen: Evidence, now: dt.datetime, late_after: str, signer: StaffMember | None
) -> Iterator[Said]:
    """What speaks against an approval's being as old as it says. Whoever has an old key can date one back, and no clock
    tells; what tells is how long after that it came into the history.

    `late_after`: the practice's period after which an entry is late. `signer`: whose key it is, if they are staff.
    """
    if not seen.in_git or (seen.added is not None and (seen.added.cut or seen.added.committed is None)):
        return
    at = moment(record.at)
    came = (seen.added.committed if seen.added is not None else None) or now
    came = came.astimezone(at.tzinfo)
    is_in = seen.added is not None
    then = "when it was committed" if is_in else "now, and it is not committed yet"
    if is_long_after(at, came, late_after):
        days = (came.date() - at.date()).days
        verb = "was committed" if is_in else "is not committed"
        words = f"it {verb} {days} days after the day that it bears: whether it is as old as that, nobody can tell"
        yield "unknown", "committed-late", words
    if seen.signature == "good" and not seen.key_still_good:
        words = f"the key was none of {record.signer} any more {then}: ask them whether they signed it before"
        yield "unknown", "key-ended", words
    if record.commit is None and (seen.added is None or seen.added.parents is not None):
        yield "unknown", "no-base", "it names no commit at which it was made, so nothing tells how old it is"
    employed = signer.employed if signer is not None else None
    if employed is not None and employed.until is not None and employed.until < came.date():
        words = f"{record.signer} no longer worked here {then}: ask whether they signed it before they left"
        yield "unknown", "signer-left", words


def is_long_after(at: dt.datetime, came: dt.datetime, late_after: str) -> bool:
    """Whether something came later than the practice allows."""
    try:
        return came.date() > add_period(at.date(), late_after)
    except OverflowError:
        return False


_SIGNATURES: Final[Mapping[Signed, Said]] = {
    "good": ("good", "signed", "signed with a key of {signer}"),
    "unlisted": ("wrong", "key-not-theirs", "its key is none that the list of keys has for {signer} at that time"),
    "bad": ("wrong", "signature-bad", "the signature is of something else: a byte of the file was changed"),
    "malformed": ("wrong", "signature-malformed", "the signature is no longer as it was made"),
    "missing": ("wrong", "signature-missing", "it was signed, and its signature is gone"),
    "none": ("note", "not-signed", "not signed: anybody who can write these files can have written it"),
    "no_list": ("unknown", "key-unknown", "signed, but no list of keys says whose key that is: {key}"),
    "not_looked": ("unknown", "signature-not-looked", "signed, but ssh-keygen is not there to look at it"),
}


def _of_signature(record: Approval, seen: Evidence) -> Iterator[Said]:
    level, rule, words = _SIGNATURES[seen.signature]
    yield level, rule, words.format(signer=record.signer, key=seen.key)
    if seen.key is not None and record.key is not None and seen.key != record.key:
        yield "wrong", "key-differs", "the signature was made with another key than it names"


def _of_history(record: Approval, seen: Evidence, addresses: Mapping[str, Collection[str]]) -> Iterator[Said]:
    if not seen.in_git:
        return
    if not seen.as_committed:
        yield "wrong", "file-changed", "the file is not the one that was committed"
    if seen.altered:
        yield "wrong", "file-changed-later", f"it is not the one that was made: that is in {_commits(seen.altered)}"
    if seen.put_back:
        yield "note", "file-put-back", f"it was changed or removed in {_commits(seen.put_back)}, and put back unchanged"
    if seen.aside:
        words = "another branch had one of the same number, which was not kept when it was merged"
        yield "note", "file-not-kept", f"{words}: {_commits(seen.aside)}"
    if seen.base == "gone":
        yield "wrong", "history-rewritten", "the commit at which it was made is gone: the history was rewritten since"
    if seen.base == "beside":
        yield (
            "wrong",
            "history-rewritten",
            "the commit at which it was made is not in the history before it: that was rewritten, or it was taken over "
            "from another branch",
        )
    if seen.base == "cut":
        yield "unknown", "history-cut", "the history before it is not here (a shallow clone)"
    at = moment(record.at)
    if seen.based is not None and at < seen.based - SKEW:
        yield "wrong", "dated-before-its-base", "it is dated before the commit at which it was made"
    if seen.added is None:
        yield "note", "not-committed", "not committed yet: carectl save"
        return
    yield from _of_commit(record, seen.added, at, addresses)
    if seen.held is False:
        yield "unknown", "content-elsewhere", "what it covers was not committed together with it, so nobody can look"


def _commits(ids: tuple[str, ...]) -> str:
    return ", ".join(item[:9] for item in ids[:3])


def _of_commit(
    record: Approval, added: Addition, at: dt.datetime, addresses: Mapping[str, Collection[str]]
) -> Iterator[Said]:
    if added.cut:
        yield "unknown", "history-cut", "who committed it is not known: the history before is not here"
        return
    if added.committed is not None and added.committed < at - SKEW:
        yield "wrong", "committed-before-made", "the commit that brought it is dated before it"
    if added.committed is not None and added.parents is not None and added.committed < added.parents - SKEW:
        yield "wrong", "commit-backdated", "the commit that brought it is dated before the one that it follows"
    known = {item.casefold() for item in addresses.get(record.signer, ())}
    if not known:
        yield "unknown", "author-unknown", f"no e-mail address of {record.signer} is known, to compare the author with"
    else:
        others = [
            what
            for what, address in (("author", added.author), ("committer", added.committer))
            if address.casefold() not in known
        ]
        if others:
            verb = "are" if len(others) > 1 else "is"
            yield "wrong", "other-author", f"the {' and the '.join(others)} of its commit {verb} not {record.signer}"
    if added.signature in ("unlisted", "bad", "malformed"):
        yield (
            "wrong",
            "commit-signature",
            f"the commit that brought it carries a signature that is not {record.signer}'s",
        )
    elif added.signature == "good":
        yield "good", "commit-signed", f"its commit is signed with a key of {record.signer} too"

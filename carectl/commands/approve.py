"""carectl approve: sign off a client's care plan, medicines and allergies as they stand."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from carectl.commands import asking, completion, signoffs, telling
from carectl.commands.naming import Here
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged
    from carectl.care.signoff import Row
    from carectl.caseload.records import Approval, Meaning
    from carectl.caseload.revisions import Repository
    from carectl.caseload.signatures import Key

app = typer.Typer(rich_markup_mode=None)


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[
        str, typer.Argument(metavar="CLIENT", help="An id, or the start of a name.", autocompletion=completion.clients)
    ],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="PERSON",
            help="Who signs off: staff, a contact, client; else the coordinator.",
            autocompletion=completion.people,
        ),
    ] = None,
    role: Annotated[str | None, typer.Option(metavar="WORD", help="In what role; else the profession on file.")] = None,
    meaning: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="author, reviewed, approved, client_agreed, withdrawn; else approved."),
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is withdrawn, or a remark.")] = None,
    acknowledge: Annotated[
        list[str] | None,
        typer.Option(metavar="FINGERPRINT", help="A high change that was looked at (repeat it); see carectl status."),
    ] = None,
    all_high: Annotated[bool, typer.Option("--all-high", help="All high changes were looked at.")] = False,
    method: Annotated[
        str | None, typer.Option(metavar="WORD", help="How a client or contact agreed: paper, phone …")
    ] = None,
    witnessed_by: Annotated[
        str | None,
        typer.Option(
            metavar="STAFF", help="Who saw or heard them; else the coordinator.", autocompletion=completion.staff
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="FILE", help="The SSH key to sign with; else the one that git signs with.")
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Do not sign, though there is a key.")] = False,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Sign off the care plan, the medicines and the allergies as they stand.

    What changed since the last approval is shown first; each high change is to be acknowledged: on a terminal carectl
    asks. What is written is a file of its own beside the records, signed with your SSH key if git has one. --commit
    takes the files that it covers along.

    Example: carectl approve rosa --by dana --commit
    """
    from carectl.output import signoff_page, terminal

    session = Session.of(ctx)
    here = Here.of(session, client)
    said = _said(here, by, role, meaning, reason, method, witnessed_by)
    if unsigned and key is not None:
        raise UsageError("--unsigned does without a key: leave --key out")
    known = signoffs.repository(session)
    _demand_whole(here, known)
    row = signoffs.row(session, here.chart, known)
    lines = [[(str(here), "title")], *signoff_page.standing(row, telling.width())]
    terminal.put(lines, sys.stderr, colour=False)  # type: ignore[arg-type]
    if _is_said(row, said):
        print("Nothing to write: that is signed off already, as it stands.")
        return
    if said.meaning != "withdrawn":
        _demand_sound(session, here)
    seen = _looked_at(here, row, said, acknowledge or [], all_high=all_high)
    signing = None if unsigned else signoffs.key_to_sign(session, key)
    _confirm(here, said)
    without = "as you asked" if unsigned else "git has no SSH key to sign with"
    _write(here, known, said._replace(acknowledged=seen), signing, without, dry_run=dry_run, commit=commit)


class _Said(NamedTuple):
    """Who signs off, and what they say by it."""

    by: str
    name: str
    role: str
    meaning: Meaning
    reason: str | None
    method: str | None
    witnessed_by: str | None
    acknowledged: tuple[str, ...] = ()

    @property
    def signer(self) -> str:
        """Whose key signs it."""
        return self.witnessed_by or self.by


def _said(
    here: Here,
    by: str | None,
    role: str | None,
    meaning: str | None,
    reason: str | None,
    method: str | None,
    witnessed_by: str | None,
) -> _Said:
    """Who signs off and how, with what was left out filled in from the files. Raises UsageError."""
    from carectl.care.signoff import power_of
    from carectl.caseload.records import MEANINGS

    word = asking.checked("--meaning", meaning, lambda typed: asking.one_of(*MEANINGS)(typed.replace("-", "_")))
    what: Meaning = word or ("client_agreed" if by == "client" else "approved")  # type: ignore[assignment]
    person = here.person(by) if by else "client" if what == "client_agreed" else here.coordinator
    if not isinstance(person, str):
        raise UsageError("--by takes somebody who is on file: staff, a contact, or client")
    if what == "withdrawn":
        if not any(file.record is not None and file.record.meaning == "approved" for file in here.chart.approvals):
            raise Refused(f"{here}: nothing was approved, so there is nothing to withdraw")
        form = asking.Form(reason)
        reason = form.needs("--reason", "Why is it withdrawn", reason, asking.text)
        form.done()
    member, contact = here.session.setting.staff.get(person), here.contact(person)
    if member is not None:
        if method or witnessed_by:
            raise UsageError("--method and --witnessed-by are for a client or contact, who have no key of their own")
        name, known = member.name.full, member.role
    elif person == "client":
        name, known = (here.chart.client.name.full if here.chart.client else ""), "client"
    elif contact is not None:
        # Where they may decide, it is by their power, whatever else they are.
        power = power_of(contact, here.today)
        if what == "client_agreed" and power is None:
            raise Refused(
                f"{here}: {contact.id} cannot agree for the client:\n"
                "no power to decide on care is on file that holds today (authority in\n"
                "contacts.yaml)\n"
                "hint: --meaning reviewed tells that they have read it"
            )
        name, known = contact.name, power or (*contact.roles, "contact")[0]
    else:
        raise Refused(f"staff/{person}.yaml could not be read\nhint: carectl check tells what is wrong")
    witness = None
    if member is None:
        if what not in ("client_agreed", "withdrawn", "reviewed"):
            raise UsageError("a client or contact agrees: --meaning client_agreed (or reviewed, or withdrawn)")
        form = asking.Form(method)
        method = form.needs("--method", "How (paper, phone, in_person …)", method, asking.word)
        form.done()
        witness = here.staff(witnessed_by) if witnessed_by else here.coordinator
        if witness is None:
            raise UsageError("--witnessed-by is needed: who saw or heard it")
    elif what == "client_agreed":
        raise UsageError("client_agreed is what a client says, or a contact for them: --by client, or --by CONTACT")
    return _Said(
        person,
        name,
        asking.checked("--role", role, asking.word) or known,
        what,
        asking.checked("--reason", reason, asking.text),
        method if member is None else None,
        witness,
    )


def _is_said(row: Row, said: _Said) -> bool:
    """Whether just that is the last word already."""
    known = [row.standing.approval] if row.standing.state in ("approved", "withdrawn") else []
    return any(
        item is not None and (item.by, item.role, item.meaning) == (said.by, said.role, said.meaning)
        for item in (*known, *row.standing.beside)
    )


def _demand_whole(here: Here, known: Repository | None) -> None:
    """Raise Refused if a sign-off of the client is gone that git has, or the last one is not the one that was signed.

    What comes next would take its number, or follow on something that nobody signed.
    """
    from carectl.care.signoff import moment
    from carectl.caseload import approvals, signatures

    gone = [("HEAD", path) for path in here.session.approvals_gone(here.id)]
    if not gone and known is not None:
        removed = signoffs.removed(here.session, known, f"clients/{here.id}")
        gone = [(item.before[:9], item.path) for item in removed if item.path.endswith(".yaml")]
    if gone:
        commit, path = gone[0]
        number = path.rpartition("/")[2].removesuffix(".yaml")
        raise Refused(
            f"{here}: nothing was signed off:\nsign-off {number} is gone, and git has it\n"
            f"hint: git checkout {commit} -- '{path}*' gets it back"
        )
    last = here.chart.approvals[-1].record if here.chart.approvals else None
    sheet = approvals.sheets(here.session.tree, here.id)[-1] if last else None
    if last is None or not isinstance(sheet, approvals.Sheet) or sheet.signature is None:
        return
    found = signatures.look(sheet.raw, sheet.signature, last.signer, moment(last.at), None, os.environ)
    if found.verdict in ("bad", "malformed"):
        raise Refused(
            f"{here}: nothing was signed off:\n"
            f"sign-off {sheet.number:04} and its signature do not go together\n"
            "hint: of two that were made on two branches, keep both files of one\n"
            "(docs/sign-off.md)"
        )


def _demand_sound(session: Session, here: Here) -> None:
    """Raise Refused if anything of what would be signed off is missing, cannot be read, or is wrong."""
    from carectl.caseload.approvals import covered
    from carectl.caseload.records import PARTS
    from carectl.commands.checking import check, scope_of
    from carectl.findings import Severity
    from carectl.output.report import as_text

    report = check(session, scope_of(session, [here.id]), cache=None)
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    if errors:
        sys.stderr.write(as_text(errors))
        raise Refused(f"{here}: nothing was signed off: put the errors right first")
    if here.chart.plan is None:
        raise Refused(f"{here}: there is no care plan to sign off\nhint: carectl plan draft {here.id} proposes one")
    if set(covered(session.tree, here.id).content) != set(PARTS):
        raise Refused(f"{here}: nothing was signed off: not all of it can be read\nhint: carectl check {here.id}")


def _looked_at(here: Here, row: Row, said: _Said, named: list[str], *, all_high: bool) -> tuple[str, ...]:
    """The fingerprints of the high changes that were looked at: asked for on a terminal. Raises Refused."""
    since = row.since
    if since is None or said.meaning != "approved":
        if named:
            raise UsageError("--acknowledge goes with an approval after which high changes were made: there are none")
        return ()
    if since.unparsed:
        raise Refused(f"{here}: nothing was signed off: what changed cannot be read whole")
    marks = [item.fingerprint for item in since.high]
    strange = [mark for mark in named if mark not in marks]
    if strange:
        raise UsageError("--acknowledge takes the fingerprint of a high change: carectl status shows them")
    if all_high:
        return tuple(marks)
    if since.commit is None:
        _ask_or_refuse(here, "Have you read all of it", "--all-high, once you have read all of it")
        return ()
    left = [item for item in since.high if item.fingerprint not in named]
    for item in left:
        _acknowledge(here, item)
    return tuple(marks)


def _acknowledge(here: Here, item: Judged) -> None:
    if asking.Form(None).asks:
        print(f"\n{telling.folded(item.message)}", file=sys.stderr)
    _ask_or_refuse(here, "Is that as it should be", f"--acknowledge {item.fingerprint}, or --all-high")


def _ask_or_refuse(here: Here, question: str, option: str) -> None:
    form = asking.Form(None)
    if not form.asks:
        raise Refused(f"{here}: nothing was signed off: a high change is to be looked at first\nhint: {option}")
    if form.needs("", f"{question} (yes or no)", None, asking.one_of("yes", "no")) == "no":
        raise Refused(f"{here}: nothing was signed off")


def _confirm(here: Here, said: _Said) -> None:
    """On a terminal, ask once more before a name is put under it."""
    if asking.Form(None).asks:
        doing = f"{said.name} ({said.role.replace('_', ' ')}): {said.meaning.replace('_', ' ')}"
        _ask_or_refuse(here, f"{doing}. Sign that off", "")


def _write(
    here: Here,
    known: Repository | None,
    said: _Said,
    signing: Key | None,
    without: str,
    *,
    dry_run: bool,
    commit: bool,
) -> None:
    """Write it. `without` tells why, if there is no key."""
    from carectl.care.subjects import subject
    from carectl.caseload import approvals, signatures
    from carectl.commands.writing import writing

    session = here.session
    left = _uncommitted(here, known) if known is not None else []
    number = here.chart.approvals[-1].number + 1 if here.chart.approvals else 1
    path = approvals.path_of(here.id, number)
    # What was approved is what is committed, whatever of it was not yet.
    fresh = [path, *([path + approvals.SIGNATURE] if signing else [])]
    title = subject([*left, *fresh]) if left else f"{here.id} approvals: 1 added"
    with writing(session, subject=title, dry_run=dry_run, commit=commit) as work:
        chart = work.chart(here.id)
        now = approvals.covered(work.tree, here.id)
        if here.chart.files != chart.files or now != approvals.covered(session.tree, here.id):
            raise Refused(f"{here}: the files changed meanwhile; nothing was written\nhint: run this again")
        # A dry run signs nothing, so that it shows the file without its key.
        record = _record(here, known, number, said, None if dry_run else signing, now)
        text = approvals.text(record)
        work.change.create(path, text)
        if signing is not None and not dry_run:
            asks = sys.stdin.isatty() and sys.stdout.isatty()
            signature = signatures.sign(text, signing, os.environ, ask=asks)
            _try_out(session, known, record, text, signature)
            work.change.create(path + approvals.SIGNATURE, signature)
        work.along += left
        words = f"{said.meaning.replace('_', ' ')}: {said.name} ({said.role.replace('_', ' ')})"
        work.say(f"{here}\n{words[:1].upper()}{words[1:]}")
        doing = "Would be signed" if dry_run else "Signed"
        signed = f"{doing} with the key {signing.fingerprint}" if signing is not None else ""
        work.say(signed or telling.folded(f"NOT SIGNED: {without}. Anybody could have written it (docs/sign-off.md)"))
        if not commit and left:
            names = ", ".join(path.rpartition("/")[2] for path in left)
            work.say(telling.folded(f"Not committed yet: {names}: carectl save {here.id}"))


def _record(
    here: Here, known: Repository | None, number: int, said: _Said, signing: Key | None, now: object
) -> Approval:
    from carectl.caseload.records import Approval, Covered

    assert isinstance(now, Covered)
    before = here.chart.approvals[-1] if here.chart.approvals else None
    return Approval(
        client=here.id,
        number=number,
        by=said.by,
        name=said.name,
        role=said.role,
        meaning=said.meaning,
        at=here.session.setting.now.isoformat(timespec="seconds"),
        method=said.method,
        witnessed_by=said.witnessed_by,
        reason=said.reason,
        acknowledged=said.acknowledged,
        content=now.content,
        files=now.files,
        commit=_head(known),
        previous=before.digest if before else None,
        key=signing.fingerprint if signing else None,
    )


def _head(known: Repository | None) -> str | None:
    try:
        return known.commit("HEAD") if known is not None else None
    except EnvironmentProblem:
        return None


def _try_out(session: Session, known: Repository | None, record: Approval, text: bytes, signature: bytes) -> None:
    """Refuse a signature that nobody would believe: one with a key that the list of keys has for somebody else."""
    from carectl.care.signoff import moment
    from carectl.caseload import signatures

    keys = signoffs.signers(session, None, known)
    found = signatures.look(
        text, signature, record.signer, moment(record.at), keys.path, os.environ, revoked=keys.revoked
    )
    if found.verdict == "unlisted":
        raise Refused(
            f"nothing was written: the list of keys has this key not for {record.signer}, or not at this time\n"
            "hint: --by says who signs off; docs/sign-off.md tells how a key gets on the list"
        )


def _uncommitted(here: Here, known: Repository) -> list[str]:
    """The files that an approval covers or follows, and that git does not have as they are."""
    from carectl.caseload import approvals, revisions

    folder = f"clients/{here.id}"
    head = _head(known)
    # Not git's own status: that may run whatever the repository names, and a dry run runs nothing.
    changed = known.changed(head, revisions.FOLDER) if head is not None else list(here.chart.files)
    kinds = (*approvals.KINDS.values(), approvals.FOLDER)
    changed = [path for path in changed if path.startswith(f"{folder}/")]
    return [path for path in changed if path.removeprefix(f"{folder}/").split("/")[0].removesuffix(".yaml") in kinds]

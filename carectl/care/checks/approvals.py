"""Sign-offs: each hangs together with the one before it, and the plan still says what was approved."""

from __future__ import annotations

from collections.abc import Iterator

from carectl.care.checks.case import Case, roster
from carectl.care.signoff import Fault, faults, standing
from carectl.findings import Finding, Severity, Spot, code, code_of

_LOOK = "docs/sign-off.md tells what can be known then; carectl verify looks closer"


def _faults(case: Case, sort: str) -> Iterator[Fault]:
    contacts = {contact.id for contact in case.chart.contacts}
    found = faults(case.chart.approvals, case.chart.id, contacts, roster(case.setting))
    return (fault for fault in found if fault.sort == sort)


def _at(fault: Fault) -> Spot:
    record = fault.file.record
    return record.origin.at(fault.field) if record is not None and fault.field else Spot(fault.file.path)


@code("approval-misplaced", Severity.ERROR)
def approval_misplaced(case: Case) -> Iterator[Finding]:
    """A sign-off lies where it does not belong: in another client's folder, or under another number.

    Nobody signed this off for this client, so their plan counts as not approved. Move it back to where it was made, or
    take it out; git log tells where it came from. If the client got another id and the folder another name, the
    sign-offs are still of the old id: name their folder approvals-ID by the old id, save, and approve the plan anew.

    Wrong:
        # clients/c-015/approvals/0001.yaml
        client: c-014
    Right:
        # clients/c-014/approvals/0001.yaml
        client: c-014
    """
    for fault in _faults(case, "misplaced"):
        hint = f"put it back; if the client has another id now: carectl explain {code_of(approval_misplaced).slug}"
        yield case.say(approval_misplaced, _at(fault), fault.words, hint)


@code("approval-chain", Severity.ERROR)
def approval_chain(case: Case) -> Iterator[Finding]:
    """A client's sign-offs do not follow one another: one is missing, or was changed after the next was made.

    Each names the digest of the one before it, so that none can be rubbed out or altered unseen; the last one is looked
    for in git. Get the missing or original file back (git log -- clients/ID/approvals shows the commits). Where two
    people signed off on two branches, keep all of the branch that has more, and sign the other off anew.

    Wrong:
        # 0001.yaml was removed, and 0002.yaml names it
        previous: sha256:0a1b…
    Right:
        # 0001.yaml lies beside it, as it was
        previous: sha256:0a1b…
    """
    for fault in _faults(case, "chain"):
        yield case.say(approval_chain, _at(fault), fault.words, _LOOK)


@code("approval-signature", Severity.ERROR)
def approval_signature(case: Case) -> Iterator[Finding]:
    """A sign-off that was signed lacks its signature, or there is a signature for one that was not.

    Without its signature it is worth no more than any line that somebody typed. Get the file ending in .sig back from
    git. Whether a signature is good, carectl verify tells.

    Wrong:
        # 0001.yaml, without 0001.yaml.sig beside it
        key: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
    Right:
        # 0001.yaml, and beside it 0001.yaml.sig
        key: SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
    """
    for fault in _faults(case, "signature"):
        yield case.say(approval_signature, _at(fault), fault.words, "get the signature back from git; " + _LOOK)


@code("approval-witness", Severity.ERROR)
def approval_witness(case: Case) -> Iterator[Finding]:
    """A client or contact signed off, and nobody is named who saw or heard it; or a staff member did, and somebody is.

    A client or contact has no key of their own here, so that it rests on the word of the one who writes it down: sign
    it off anew with --method and --witnessed-by. They agree; it is staff who approve. Staff sign with a key of their
    own, and have no witness: else anybody could approve in anybody's name. Whoever it was signs it off anew.

    Wrong:
        by: client
        meaning: client_agreed
    Right:
        by: client
        meaning: client_agreed
        method: paper
        witnessed_by: dana
    """
    for fault in _faults(case, "witness"):
        hint = "say how (method) and who was there (witnessed_by)" if fault.field == "by" else "sign it off anew"
        yield case.say(approval_witness, _at(fault), fault.words, hint)


@code("approval-outdated", Severity.WARNING)
def approval_outdated(case: Case) -> Iterator[Finding]:
    """The care plan, the medicines or the allergies say something else than what was approved last.

    Whoever goes by the approval goes by something that is no longer so. Look at what changed, and approve it or take it
    back. Layout and comments do not count, nor who agreed, nor how a goal goes.

    Wrong:
        # approved with strength: 20 mg
        strength: 40 mg
    Right:
        # approved with strength: 40 mg
        strength: 40 mg
    """
    found = standing(case.chart)
    for part in found.changed if found.approval else ():
        what = {"care-plan": "the care plan", "medications": "the medicines", "allergies": "the allergies"}[part]
        at = case.file("client" if part == "allergies" else part)
        message = f"{what} changed since the approval of {found.approval.at[:10]}"  # type: ignore[union-attr]
        yield case.say(approval_outdated, at, message, f"carectl approve {case.chart.id} shows what changed")


CHECKS = (approval_misplaced, approval_chain, approval_signature, approval_witness, approval_outdated)

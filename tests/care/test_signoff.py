"""What sign-offs mean: how a plan stands, whether the files hang together, and what the evidence says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from carectl.care.setting import Setting
from carectl.care.signoff import (
    Addition,
    Evidence,
    faults,
    is_covered,
    is_unapproved,
    judge,
    moment,
    standing,
)
from carectl.caseload.records import Approval, ApprovalFile, Chart, Covered

NOW = Covered(
    {"care-plan.yaml": "sha256:p", "medications.yaml": "sha256:m", "client.yaml": "sha256:c"},
    {"care-plan": "sha256:P", "medications": "sha256:M", "allergies": "sha256:A"},
)
AT = "2026-11-20T10:00:00-06:00"
WHEN = moment(AT)
MINUTE = dt.timedelta(minutes=1)


def approval(number: int = 1, **fields: Any) -> Approval:
    """An approval of what is on file."""
    known: dict[str, Any] = {
        "client": "c-1", "number": number, "by": "dana", "name": "Dana", "role": "registered_nurse",
        "meaning": "approved", "at": AT, "files": NOW.files, "content": NOW.content,
        "previous": f"sha256:{number - 1}" if number > 1 else None,
    }  # fmt: skip
    return Approval(**{**known, **fields})


def file(record: Approval | None, number: int | None = None, *, signed: bool = False) -> ApprovalFile:
    """Its file."""
    at = number if number is not None else record.number if record else 0
    return ApprovalFile(f"clients/c-1/approvals/{at:04}.yaml", at, f"sha256:{at}", signed, record)


def chart(*records: Approval, covered: Covered = NOW, unread: Sequence[str] = ()) -> Chart:
    """A chart with approvals."""
    return Chart("c-1", "clients/c-1", approvals=tuple(map(file, records)), covered=covered, unread=frozenset(unread))


def test_the_last_word_decides() -> None:
    assert standing(chart(approval())).state == "approved"
    assert standing(chart(approval(), approval(2, meaning="withdrawn"))).state == "withdrawn"
    assert standing(chart(approval(), approval(2, meaning="withdrawn"), approval(3))).state == "approved"
    assert standing(chart(approval(), approval(2, meaning="reviewed"))).state == "approved"


def test_what_decides_nothing_stands_beside() -> None:
    found = standing(chart(approval(), approval(2, meaning="reviewed"), approval(3, meaning="author", content={})))
    assert [item.meaning for item in found.beside] == ["reviewed"]


def test_without_an_approval() -> None:
    plain = replace(chart(), unread=frozenset({"care-plan"}))
    assert standing(plain).state == "draft"
    assert standing(plain, agreed=True).state == "agreed"
    assert (
        standing(replace(chart(approval(by="client", meaning="client_agreed")), unread=plain.unread)).state == "agreed"
    )
    assert standing(chart()).state == "no_plan"


def test_a_part_that_is_different_or_cannot_be_read() -> None:
    other = NOW._replace(
        files={**NOW.files, "medications.yaml": "sha256:m2"}, content={**NOW.content, "medications": "sha256:M2"}
    )
    found = standing(chart(approval(), covered=other))
    assert (found.state, found.changed, found.unreadable) == ("changed", ("medications",), ())
    lost = other._replace(content={"care-plan": "sha256:P", "allergies": "sha256:A"})
    found = standing(chart(approval(), covered=lost))
    assert (found.state, found.changed, found.unreadable) == ("unknown", (), ("medications",))
    both = lost._replace(
        files={**lost.files, "care-plan.yaml": "sha256:p2"}, content={"care-plan": "sha256:P2", "allergies": "sha256:A"}
    )
    assert standing(chart(approval(), covered=both))[2:4] == (("care-plan",), ("medications",))


def test_the_same_bytes_are_the_same_however_their_digest_was_made() -> None:
    older = approval(content=dict.fromkeys(NOW.content, "sha256:of-another-version"))
    assert standing(chart(older)).state == "approved"
    more = NOW._replace(files={**NOW.files, "medications/2.yaml": "sha256:x"})
    assert standing(chart(older, covered=more)).changed == ("medications",)


def test_other_bytes_that_say_the_same() -> None:
    found = standing(chart(approval(), covered=NOW._replace(files={**NOW.files, "client.yaml": "sha256:c2"})))
    assert (found.state, found.rewritten) == ("approved", ("client.yaml",))


def test_one_that_cannot_be_read_may_have_been_the_last_word() -> None:
    assert standing(chart(approval(), unread=["approvals"])).state == "unknown"


def test_drafts_are_marked_only_where_sign_offs_are_in_use() -> None:
    silent = Setting(WHEN, lambda _: None)
    in_use = replace(silent, signs_off=True)
    assert not is_unapproved(chart(), silent)
    assert is_unapproved(chart(), in_use)
    assert not is_unapproved(chart(approval()), in_use)
    lost = replace(in_use, approvals_gone=lambda client: (f"clients/{client}/approvals/0002.yaml",))
    assert is_unapproved(chart(approval()), lost)


@pytest.mark.parametrize(
    ("kind", "field", "counts"),
    [
        ("medications", None, True), ("medications", "dose", True), ("care-plan", "target", True),
        ("care-plan", None, True), ("care-plan", "period.until", True),
        ("care-plan", "progress[2026-11-20].value", False), ("care-plan", "achievement", False),
        ("care-plan", "agreed[client 2026-08-05].how", False),
        ("client", "allergies[Penicillin].reaction", True), ("client", "allergies", True), ("client", None, True),
        ("client", "address.street", False), ("visits", "at", False), ("contacts", "phone", False),
    ],
)  # fmt: skip
def test_what_approvals_cover(kind: str, field: str | None, counts: bool) -> None:
    assert is_covered(kind, field) is counts


# --- the chain -------------------------------------------------------------------------------------------------------


def sorts(*files: ApprovalFile) -> list[tuple[str, int, str | None]]:
    """What is wrong with some files."""
    return [(fault.sort, fault.file.number, fault.field) for fault in faults(files, "c-1", {"maria"}, {"dana"})]


def test_files_that_hang_together() -> None:
    assert sorts(file(approval()), file(approval(2)), file(approval(3))) == []
    assert sorts(file(approval(key="SHA256:x"), signed=True)) == []
    agreed = approval(by="maria", meaning="client_agreed", method="phone", witnessed_by="dana")
    assert sorts(file(agreed)) == []


def test_files_that_do_not() -> None:
    assert sorts(file(approval(2, previous=None))) == [("chain", 2, None)]
    assert sorts(file(approval()), file(approval(4))) == [("chain", 4, None)]
    assert sorts(file(approval()), file(approval(2, previous=None))) == [("chain", 2, "previous")]
    assert sorts(file(approval(previous="sha256:0"))) == [("chain", 1, "previous")]
    assert sorts(file(approval(client="c-2"))) == [("misplaced", 1, "client")]
    assert sorts(file(approval(), 1), file(approval(previous="sha256:1"), 2)) == [("misplaced", 2, "number")]
    assert sorts(file(approval()), file(approval(2, at="2026-11-20T09:59:59-06:00"))) == [("chain", 2, "at")]
    assert sorts(file(approval(key="SHA256:x"))) == [("signature", 1, "key")]
    assert sorts(file(approval(), signed=True)) == [("signature", 1, None)]
    assert sorts(file(approval(by="client", meaning="reviewed", method="paper"))) == [("witness", 1, "by")]
    assert sorts(file(approval(by="maria", meaning="reviewed", witnessed_by="dana"))) == [("witness", 1, "by")]
    assert sorts(file(approval(by="client", method="paper", witnessed_by="dana"))) == [("witness", 1, "meaning")]
    assert sorts(file(approval(witnessed_by="jo-park"))) == [("witness", 1, "witnessed_by")]


def test_one_that_cannot_be_read_breaks_no_chain() -> None:
    assert sorts(file(approval()), file(None, 2), file(approval(3))) == []


def test_moments_are_compared_by_their_offsets() -> None:
    assert moment("2026-11-20T9:00-06:00") == moment("2026-11-20T15:00:00Z")
    later = approval(2, at="2026-11-20T16:30:00Z")
    assert sorts(file(approval()), file(later)) == []


# --- the evidence ----------------------------------------------------------------------------------------------------


ADDED = Addition("f" * 40, "dana@x", "dana@x", WHEN + MINUTE, WHEN - MINUTE, "none", cut=False)
FINE = Evidence("good", "SHA256:k", in_git=True, added=ADDED, base="before", based=WHEN - MINUTE, held=True)


def said(seen: Evidence, **fields: Any) -> dict[str, str]:
    """The rules that speak up, with their levels; what is good left out."""
    record = approval(key="SHA256:k", **fields)
    return {item.rule: item.level for item in judge(record, seen, {"dana": ["Dana@x"]}) if item.level != "good"}


def test_what_is_in_order() -> None:
    assert said(FINE) == {}
    assert said(FINE._replace(added=ADDED._replace(signature="good"))) == {}


@pytest.mark.parametrize(
    ("seen", "rule", "level"),
    [
        (FINE._replace(signature="unlisted"), "key-not-theirs", "wrong"),
        (FINE._replace(signature="bad"), "signature-bad", "wrong"),
        (FINE._replace(signature="malformed"), "signature-malformed", "wrong"),
        (FINE._replace(signature="missing"), "signature-missing", "wrong"),
        (FINE._replace(signature="none", key=None), "not-signed", "note"),
        (FINE._replace(signature="no_list"), "key-unknown", "unknown"),
        (FINE._replace(signature="not_looked"), "signature-not-looked", "unknown"),
        (FINE._replace(key="SHA256:other"), "key-differs", "wrong"),
        (FINE._replace(as_committed=False), "file-changed", "wrong"),
        (FINE._replace(altered=("e" * 40,)), "file-changed-later", "wrong"),
        (FINE._replace(base="gone"), "history-rewritten", "wrong"),
        (FINE._replace(base="beside"), "history-rewritten", "wrong"),
        (FINE._replace(base="cut"), "history-cut", "unknown"),
        (FINE._replace(based=WHEN + dt.timedelta(hours=1)), "dated-before-its-base", "wrong"),
        (FINE._replace(added=None), "not-committed", "note"),
        (FINE._replace(held=False), "content-elsewhere", "unknown"),
        (FINE._replace(added=ADDED._replace(cut=True)), "history-cut", "unknown"),
        (FINE._replace(added=ADDED._replace(author="jo@x")), "other-author", "wrong"),
        (FINE._replace(added=ADDED._replace(committer="jo@x")), "other-author", "wrong"),
        (FINE._replace(added=ADDED._replace(signature="unlisted")), "commit-signature", "wrong"),
        (FINE._replace(added=ADDED._replace(committed=WHEN - dt.timedelta(hours=1), parents=None)),
         "committed-before-made", "wrong"),
        (FINE._replace(added=ADDED._replace(parents=WHEN + dt.timedelta(hours=1))), "commit-backdated", "wrong"),
    ],
)  # fmt: skip
def test_what_is_not(seen: Evidence, rule: str, level: str) -> None:
    assert said(seen) == {rule: level}


def test_clocks_may_be_minutes_apart() -> None:
    assert said(FINE._replace(based=WHEN + 9 * MINUTE)) == {}
    assert said(FINE._replace(added=ADDED._replace(committed=WHEN - 9 * MINUTE, parents=WHEN))) == {}


def test_the_witness_is_the_one_who_signs() -> None:
    record = approval(by="client", witnessed_by="jo", method="paper", key="SHA256:k")
    assert {item.rule for item in judge(record, FINE, {"jo": ["dana@x"]})} == {"signed"}
    assert "author-unknown" in {item.rule for item in judge(record, FINE, {"dana": ["dana@x"]})}


def test_outside_of_git_only_the_signature_speaks() -> None:
    assert said(Evidence("good", "SHA256:k")) == {}

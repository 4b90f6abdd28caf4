"""What changed in care as JSON for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carectl.care.changes.review import Review
from carectl.output.changes_page import by_rule
from carectl.output.export import as_json, plain

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged


def as_data(review: Review) -> str:
    """A review as commands.md has it."""
    return as_json({
        "old": review.old.id,
        "new": review.new.id,
        "changes": [_data(item) for item in review.changes],
        "reordered": [
            {"client": item.client, "kind": item.kind, "record": item.record, "field": item.field}
            for item in review.reordered
        ],
        "unparsed": [item._asdict() for item in review.unparsed],
        "formatting": list(review.formatting),
        "waivers": [
            {"path": item.path, "line": item.line, "code": item.code, "reason": item.reason, "added": item.is_added}
            for item in review.waivers
        ],
        "approvals": list(review.approvals),
        "other": list(review.other),
        "clients": list(review.asked) or None,
    })  # fmt: skip


def _data(item: Judged) -> dict[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "client": item.client,
        "kind": item.kind,
        "record": item.record,
        "title": item.title,
        "field": item.field,
        "old": plain(item.old),
        "new": plain(item.new),
        "message": item.message,
        "fingerprint": item.fingerprint,
        "notes": list(item.notes),
    }


def as_redacted_data(review: Review) -> str:
    """The same without content: how often which rule for which client, and how much else."""
    return as_json({
        "redacted": True,
        "old": review.old.id,
        "new": review.new.id,
        "changes": [
            {"rule": rule, "severity": severity, "client": client, "count": number}
            for client, rules in by_rule(review)
            for severity, rule, number in rules
        ],
        "reordered": len(review.reordered),
        "unparsed": len(review.unparsed),
        "formatting": len(review.formatting),
        "waivers": len(review.waivers),
        "approvals": len(review.approvals),
        "other": len(review.other),
        "clients": list(review.asked) or None,
    })  # fmt: skip

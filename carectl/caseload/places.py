"""From findings that name a value to findings that name a line; and the waivers that stand on those lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from carectl.caseload import reader
from carectl.caseload.trees import Tree
from carectl.findings import Finding, Severity, Span, Spot, code, code_of

_WAIVER: Final = re.compile(r"#\s*carectl:\s*allow\s+([a-z0-9-]+)\s*(?:(?:--|—|–)\s*(.*))?$")


_OF_MERGES: Final = frozenset({"merge-combined", "merge-dropped", "merge-lost", "merge-unread"})
"""What only `carectl check --merge` finds: to other checks such a waiver is never idle."""


@code("waiver-without-reason", Severity.ERROR)
def waiver_without_reason(at: Span) -> Finding:
    """A waiver that does not say why.

    A waiver hides a finding for good. Whoever reads the file next year must see why that was right. Write the reason
    behind two hyphens.

    Wrong:
        recorded: 2026-11-20   # carectl: allow late-entry
    Right:
        recorded: 2026-11-20   # carectl: allow late-entry -- paper note found in the car, told Dana
    """
    return code_of(waiver_without_reason).finding(
        at, "this waiver gives no reason", "write it behind two hyphens: # carectl: allow CODE -- reason"
    )


@code("waiver-unused", Severity.WARNING)
def waiver_unused(at: Span, slug: str) -> Finding:
    """A waiver that waives nothing.

    What it was written for is mended, or stands on another line, or the code is misspelt. Remove the waiver, so that
    it cannot hide tomorrow's fault.

    Wrong:
        # carectl: allow goal-overdue -- waiting for the new physiotherapist
        due: 2027-11-05
    Right:
        due: 2027-11-05
    """
    return code_of(waiver_unused).finding(
        at, f"nothing on this line or the next needs a waiver of {slug}", "remove it, or correct its code or its place"
    )


class Waiver(NamedTuple):
    """A comment that waives a finding."""

    line: int
    code: str
    reason: str
    """Empty if it gives none."""


class Places:
    """The lines of a tree's files, each read once, and only when something has to be said about it."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._documents: dict[str, reader.Document | None] = {}

    def document(self, path: str) -> reader.Document | None:
        """The reference reading of a file, or None if it cannot be had."""
        if path not in self._documents:
            raw = self.tree.read(path)
            self._documents[path] = None if isinstance(raw, Finding) else reader.read_reference(raw, path)
        return self._documents[path]

    def span(self, spot: Spot) -> Span:
        """The stretch of the file that a spot names; for a key that carectl does not know, the key itself."""
        document = self.document(spot.path)
        if document is None or not spot.keys:
            return Span(spot.path)
        return document.span(spot.keys, "key" if spot.on_key else "value")

    def resolve(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings with their lines, in the order in which they are shown, none of them twice."""
        placed = {
            replace(finding, at=self.span(finding.at), client=finding.client or client_of(finding.path))
            if isinstance(finding.at, Spot)
            else replace(finding, client=finding.client or client_of(finding.path))
            for finding in findings
        }
        return sorted(placed, key=lambda finding: finding.sort_key)

    def waivers(self, path: str) -> list[Waiver]:
        """The waivers that stand in a file, in order."""
        document = self.document(path)
        found = [(comment.line, _WAIVER.search(comment.text)) for comment in document.comments()] if document else []
        return [Waiver(line, match[1], (match[2] or "").strip()) for line, match in found if match is not None]

    def waive(self, findings: Sequence[Finding], paths: Iterable[str], *, judged: bool = True) -> list[Finding]:
        """What is left of resolved findings after the waivers in these files; faulty and idle waivers are added.

        `judged` false: only a part of the checks ran, so a waiver that waives nothing may still have its use.
        """
        gone: set[Finding] = set()
        added: list[Finding] = []
        for path in sorted(set(paths)):
            document = self.document(path)
            if document is None:
                continue
            here = [finding for finding in findings if finding.path == path]
            comments = document.comments()
            first_entry = _first_entry_line(document)
            for comment in comments:
                match = _WAIVER.search(comment.text)
                if match is None:
                    continue
                end = comment.column + len(comment.text)
                at = Span(path, comment.line, comment.column, comment.line, end)
                slug, reason = match.group(1), (match.group(2) or "").strip()
                if not reason:
                    added.append(waiver_without_reason(at))
                    continue
                # A fault of the whole file stands on line 1; the comments above the first entry speak for it.
                of_file = comment.line < first_entry
                waived = {
                    finding
                    for finding in here
                    if finding.code == slug and isinstance(finding.at, Span)
                    and (finding.at.line in (comment.line, comment.line + 1) or (of_file and finding.at.line == 1))
                }  # fmt: skip
                if waived:
                    gone |= waived
                elif judged and slug not in _OF_MERGES and document.data is not reader.UNREAD:
                    added.append(waiver_unused(at, slug))
        kept = [finding for finding in findings if finding not in gone]
        return sorted(kept + [replace(f, client=client_of(f.path)) for f in added], key=lambda f: f.sort_key)


def client_of(path: str) -> str | None:
    """The client whose folder a path lies in."""
    parts = path.split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "clients" else None


def _first_entry_line(document: reader.Document) -> int:
    data = document.data
    if isinstance(data, dict) and data:
        return document.span((next(iter(data)),), "key").line
    return 1

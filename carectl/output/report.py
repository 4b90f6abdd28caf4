"""Findings -> what a check prints: for people, for scripts, and for a forge's pull requests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from carectl.findings import Finding, Severity, Span

_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[33m", Severity.NOTE: "\x1b[36m"}
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys instead of showing it, or cannot show at all: the name of a file may hold any of it."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LETTERS: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def visible(text: str) -> str:
    """Text on one line in which what a terminal would obey is written out: an escape as \\x1b, a line's end as \\n."""
    return _UNSEEN.sub(lambda found: _LETTERS.get(found[0]) or _written_out(ord(found[0])), text)


def _written_out(number: int) -> str:
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def as_text(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """A line per finding, `path:line:column: severity[code] message`, with its hint and its rule below."""
    lines = []
    for finding in findings:
        span = _span(finding)
        label = f"{finding.severity.word}[{finding.code}]"
        if colour:
            label = f"{_COLOURS[finding.severity]}{label}\x1b[0m"
        lines.append(f"{visible(span.path)}:{span.line}:{span.column}: {label} {visible(finding.message)}")
        if finding.hint:
            lines.append(f"  hint: {visible(finding.hint)}")
        if finding.citation:
            lines.append(f"  rule: {finding.citation}")
    return "".join(f"{line}\n" for line in lines)


def as_redacted(findings: Sequence[Finding]) -> str:
    """How often which code for which client: nothing of what stands in the files, for logs that others keep."""
    counts = Counter((_known(item.client), -item.severity, item.code) for item in findings)
    return "".join(
        f"{client}: {Severity(-rank).word}[{code}]{f' {number} times' if number > 1 else ''}\n"
        for (client, rank, code), number in sorted(counts.items())
    )


def _known(client: str | None) -> str:
    # A folder that is called otherwise may be called by a name.
    return client if client and _ID.fullmatch(client) else "a client" if client else "the practice"


def as_json(findings: Sequence[Finding], files: int, records: int) -> str:
    """The contract's JSON: `{"format": 1, "files": N, "records": N, "findings": [ … ]}`."""
    answer = {"format": 1, "files": files, "records": records, "findings": [_plain(item) for item in findings]}
    import json  # for the few who ask for it

    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def as_github(findings: Sequence[Finding]) -> str:
    """A workflow command per finding, which a forge shows beside the line."""
    lines = []
    for finding in findings:
        span = _span(finding)
        place = {
            "file": visible(span.path),
            "line": span.line,
            "col": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
            "title": finding.code,
        }
        properties = ",".join(f"{key}={_property(str(value))}" for key, value in place.items())
        message = visible(finding.message) + (f"\nhint: {visible(finding.hint)}" if finding.hint else "")
        lines.append(f"::{_GITHUB[finding.severity]} {properties}::{_data(message)}")
    return "".join(f"{line}\n" for line in lines)


def summary(findings: Sequence[Finding], files: int, records: int) -> str:
    """One line that tells how it went."""
    what = f"{files} file{'s' * (files != 1)}, {records} record{'s' * (records != 1)}"
    if not findings:
        return f"{what}: nothing to report"
    counts = [(s, sum(f.severity is s for f in findings)) for s in sorted(Severity, reverse=True)]
    return f"{what}: " + ", ".join(f"{n} {s.word}{'s' * (n != 1)}" for s, n in counts if n)


def _span(finding: Finding) -> Span:
    return finding.at if isinstance(finding.at, Span) else Span(finding.at.path)


def _plain(finding: Finding) -> dict[str, Any]:
    span = _span(finding)
    return {
        "code": finding.code,
        "severity": finding.severity.word,
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "message": finding.message,
        "hint": finding.hint,
        "client": finding.client,
        "citation": finding.citation,
    }


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

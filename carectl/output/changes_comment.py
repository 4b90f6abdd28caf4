"""What changed in care as a comment on a pull request: Markdown that a forge takes whole and shows as it is.

Clients stand there by their ids alone: a forge keeps what it is given, mails it, and searches it. The summary comes
first. No template has a hand in it: a change that is under review must not decide what its reviewers see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from carectl.care.changes.review import Review, by_record, count, left_out
from carectl.care.changes.rules import SEVERITIES
from carectl.output.changes_page import (
    PRACTICE,
    UNREAD,
    Entry,
    besides,
    by_rule,
    counted,
    entries,
    others,
    outcome,
    redacted_name,
    remainder,
    unread,
)
from carectl.output.documents.words import as_markdown, clean

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged

MARKER: Final = "<!-- carectl review of care -->"
"""The first line: by it a job finds its own comment again, and updates it."""
LIMIT: Final = 65_000
"""So many bytes a comment may have: a forge takes 65,536 characters and refuses what is longer."""

_LISTED: Final = 50
"""So many files of one sort are listed."""


def as_comment(review: Review, limit: int = LIMIT) -> str:
    """A review as a comment in at most `limit` bytes: what weighs least is left out first, and how much is said."""
    ranked = sorted(review.changes, key=lambda item: SEVERITIES.index(item.severity))
    most, least = len(ranked), 0
    text = _comment(review, ranked)
    if len(text.encode()) <= limit:
        return text
    # The most changes with which it still fits.
    while least < most:
        middle = (least + most + 1) // 2
        if len(_comment(review, ranked[:middle]).encode()) <= limit:
            least = middle
        else:
            most = middle - 1
    return _cut(_comment(review, ranked[:least]), limit)


def _comment(review: Review, kept: list[Judged]) -> str:
    """The comment with these changes of the review."""
    lines = [
        MARKER,
        f"## {_md(outcome(review, by_id=True))}",
        "",
        _md(f"From {review.old.name} to {review.new.name}."),
        "",
    ]
    if review.unparsed:
        lines += _list(UNREAD, [unread(item, review) for item in review.unparsed])
    if review.changes:
        lines += _table(review)
    gone = left_out(review, kept)
    if gone.all:
        left = f"{counted(gone.all, 'change')} did not fit here ({gone.words()})"
        lines += [f"**{left}: `carectl diff` tells them.**", ""]
    for client in review.clients:
        mine = [item for item in kept if item.client == client]
        rest = remainder(review, client)
        if not mine and not rest:
            continue
        lines += [f"<details open><summary><b>{client or PRACTICE}</b>: {_summary(review, client)}</summary>", ""]
        lines += [line for record in by_record(mine) for entry in entries(record) for line in _change(entry)]
        lines += ["", _md(rest)] if rest else []
        lines += ["", "</details>", ""]
    for title, texts in besides(review):
        lines += _list(title, texts)
    return "\n".join(lines).rstrip("\n") + "\n"


def _summary(review: Review, client: str | None) -> str:
    return count(review.of(client)).words() or "no change in care"


def _table(review: Review) -> list[str]:
    found = [(client, count(review.of(client))) for client in review.clients]
    rows = [f"| {_md(client or PRACTICE)} | {' | '.join(map(str, one))} |" for client, one in found if one.all]
    return ["| | high | medium | low |", "|---|---:|---:|---:|", *rows, ""]


def _change(entry: Entry) -> Iterator[str]:
    yield f"- **{entry.item.severity.upper()}** {_md(entry.said)}  "
    yield f"  {' · '.join(map(_code, entry.where))}"
    for note in entry.item.notes:
        yield f"  - {_md(note)}"


def _list(title: str, texts: list[str]) -> list[str]:
    more = [f"- and {len(texts) - _LISTED} more: `carectl diff`"] * (len(texts) > _LISTED)
    return [f"**{title}**", "", *(f"- {_md(text)}" for text in texts[:_LISTED]), *more, ""]


def _cut(text: str, limit: int) -> str:
    """The last resort: whole lines from the top."""
    if len(text.encode()) <= limit:
        return text
    kept, size = [], 0
    said = "\n**This is not all of it: `carectl diff` tells the rest.**\n"
    for line in text.splitlines(keepends=True):
        size += len(line.encode())
        if size > limit - len(said.encode()):
            break
        kept.append(line)
    return "".join(kept) + said


def as_redacted_comment(review: Review) -> str:
    """The same without content: how often which rule for which client."""
    lines = [MARKER, *_redacted_head(review), ""]
    for client, rules in by_rule(review):
        lines += [f"**{_md(client or PRACTICE)}**: {_summary(review, client)}", ""]
        lines += [f"- {severity.upper()} {_code(rule)}, {number}" for severity, rule, number in rules] + [""]
    lines += [f"- {text}" for text in others(review)]
    lines += ["", "Counts and rules only: `carectl diff` in a clone tells what changed."]
    return _cut("\n".join(lines) + "\n", LIMIT)


def _redacted_head(review: Review) -> list[str]:
    old, new = redacted_name(review.old.id), redacted_name(review.new.id)
    return [f"## {outcome(review, by_id=True)}", "", f"From {old} to {new}."]


_TALKS: Final = re.compile(r"[@#!$%^~]|://|\bwww\.|\bGH-", re.IGNORECASE)
"""What a forge makes people, issues, links, labels or formulas of."""


def _md(text: str) -> str:
    """Text that a forge shows as it is: neither markup nor a mention, a link or a reference."""
    return _TALKS.sub(_quiet, as_markdown(text))


def _quiet(found: re.Match[str]) -> str:
    # A formula is looked for before signs are read, so that only another way to write the sign helps. What is behind
    # a blank of no width belongs to nothing.
    return "&#36;" if found[0] == "$" else f"{found[0][0]}&#8203;{found[0][1:]}"


def _code(text: str) -> str:
    """Text as code, in which nothing has a meaning."""
    return f"`{clean(text).replace('`', chr(39))}`"

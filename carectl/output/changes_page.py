"""What changed in care, line by line: by client and record, what matters most first, and nothing folded away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from posixpath import commonprefix
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.care.changes.review import Count, Review, Unparsed, Waiver, by_record, count, place
from carectl.care.changes.rules import SEVERITIES
from carectl.care.changes.wording import count_of, listed
from carectl.output.report import visible
from carectl.output.terminal import Line, Style, indented, width_of

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged, Severity

_LOOKS: Final[dict[str, Style]] = {"high": "loud", "medium": "warn", "low": ""}
_LABEL: Final = 10
"""How wide the words HIGH, MEDIUM and LOW are with the blanks around them."""


def changes(review: Review, width: int) -> Iterator[Line]:
    """A review for a terminal."""
    for text in heading(review):
        yield from indented(text, width, 0, "title")
    yield from _unread(review, width)
    for client in review.clients:
        found = review.of(client)
        yield []
        yield from _client(visible(called(review, client)), count(found), width)
        for record in by_record(found):
            yield []
            for entry in entries(record):
                yield from _change(entry, width)
        rest = remainder(review, client)
        if rest:
            yield []
            yield from indented(visible(rest), width, 2, "faint", "  ")
    for title, lines in besides(review):
        yield []
        yield [(title, "title")]
        for text in lines:
            yield from indented(visible(text), width, 4, "", "  - ")


def redacted(review: Review, width: int) -> Iterator[Line]:
    """The same for eyes that may not see any of it: counts, rules and the ids of clients."""
    for text in heading(review, redact=True):
        yield from indented(text, width, 0, "title")
    for client, rules in by_rule(review):
        yield []
        yield from _client(client or PRACTICE, count(review.of(client)), width)
        for severity, rule, number in rules:
            yield [("  ", ""), (severity.upper().ljust(_LABEL - 2), _LOOKS[severity]), (f"{rule}, {number}", "")]
    lines = list(others(review))
    if lines:
        yield []
        for text in lines:
            yield from indented(text, width, 0)


# --- what every format says in the same words ------------------------------------------------------------------------


PRACTICE: Final = "Practice and staff"


def heading(review: Review, *, redact: bool = False) -> Iterator[str]:
    """What is compared, and what came of it."""
    old, new = ((redacted_name(side.id) if redact else visible(side.name)) for side in (review.old, review.new))
    yield f"Changes from {old} to {new}"
    yield outcome(review, by_id=redact)


def redacted_name(side: str) -> str:
    """A version without words that somebody chose: the name of a branch may name a client."""
    return {"index": "what is staged", "worktree": "the files as they are now"}.get(side, side[:12])


def outcome(review: Review, *, by_id: bool = False) -> str:
    """In a line, how much changed, and of whom: who was asked for is named, whether anything changed or not."""
    silent = [client for client in review.asked if client not in review.clients]
    names = listed(client if by_id else visible(called(review, client)) for client in silent)
    total = review.count
    if total.all:
        whom = [client for client in {item.client for item in review.changes} if client is not None]
        of = f" of {counted(len(whom), 'client')}" if whom else ""
        said = f"{counted(total.all, 'change')}{of}: {_loudly(total)}" + (f"; none of {names}" if names else "")
        return f"NOT ALL COULD BE READ; of what could: {said}" if review.unparsed else said
    of = f" of {names}" if names else ""
    if review.unparsed:
        return f"NOT ALL COULD BE READ; the rest{of} says the same as before"
    only = ": only the order or the layout of what stands there" if review.reordered or review.formatting else ""
    return f"No change in care{of}{only}"


def counted(number: int, word: str) -> str:
    """1 change, 2 changes."""
    return f"{number} {word}{'s' * (number != 1)}"


def called(review: Review, client: str | None) -> str:
    """A client as every command names them; None: the practice."""
    return PRACTICE if client is None else f"{client} {review.names.get(client, '')}".rstrip()


class Entry(NamedTuple):
    """A change as it is told."""

    item: Judged
    said: str
    where: tuple[str, ...]
    """Its record, rule and fingerprint."""


def entries(record: Sequence[Judged]) -> Iterator[Entry]:
    """The changes of one record: what it is called is told with the first, and later … stands in its place."""
    told = ""
    for item in record:
        same = commonprefix([told, item.message])
        end = same.rfind(")") + 1
        if item.record and f"({item.record}" in same[:end]:
            yield Entry(item, f"… {item.message[end:].lstrip(': ')}", (item.rule, item.fingerprint))
        else:
            told = item.message
            yield Entry(item, item.message, (place(item), item.rule, item.fingerprint))


def remainder(review: Review, client: str | None) -> str:
    """What of a client's changed files is as it was."""
    said = []
    same = (review.unchanged or {}).get(client, {})
    if same:
        said.append("Unchanged: " + ", ".join(_sorted_words(same)) + ".")
    moved = [f"{item.kind}{f'/{item.record}' * bool(item.record)} {item.field}"
             if item.record or item.field != item.kind else item.kind
             for item in review.reordered if item.client == client]  # fmt: skip
    if moved:
        said.append(f"Reordered only: {', '.join(moved)}.")
    return " ".join(said)


def _sorted_words(same: Mapping[str, int]) -> list[str]:
    return [count_of(number, sort) for sort, number in sorted(same.items()) if number]


def besides(review: Review) -> Iterator[tuple[str, list[str]]]:
    """What changed besides what is on file, each with a title."""
    if review.waivers:
        yield "Waivers of findings", [waiver(item) for item in review.waivers]
    if review.approvals:
        yield "Sign-offs", list(review.approvals)
    if review.formatting:
        yield "Only layout or comments: these files say the same as before", list(review.formatting)
    if review.other:
        yield "Files that are no records", list(review.other)


def waiver(item: Waiver) -> str:
    """A waiver in words."""
    what = "written" if item.is_added else "taken away"
    why = f": {item.reason}" if item.reason else ", without a reason"
    return f"{item.path}:{item.line}: {item.code}, {what}{why}"


def unread(item: Unparsed, review: Review) -> str:
    """Something that could not be read, in words."""
    side = review.old if item.side == "old" else review.new
    return f"{item.path}:{item.line} in {side.name}: {item.reason}"


UNREAD: Final = "COULD NOT BE READ, so what changed in it is not told:"


def by_rule(review: Review) -> Iterator[tuple[str | None, list[tuple[Severity, str, int]]]]:
    """For each client severity, rule and how often, and nothing else."""
    for client in review.clients:
        found = review.of(client)
        keys = sorted({(SEVERITIES.index(item.severity), item.rule) for item in found})
        rules = [(SEVERITIES[at], rule, sum((item.severity, item.rule) == (SEVERITIES[at], rule) for item in found))
                 for at, rule in keys]  # fmt: skip
        if rules:
            yield client, rules


def others(review: Review) -> Iterator[str]:
    """How much else there is, in counts."""
    for what, found in (
        ("Could not be read", review.unparsed),
        ("Reordered only", review.reordered),
        ("Files of which only layout or comments changed", review.formatting),
        ("Waivers of findings, written or taken away", review.waivers),
        ("Files of sign-offs", review.approvals),
        ("Files that are no records", review.other),
    ):
        if found:
            yield f"{what}: {len(found)}"


# --- lines -----------------------------------------------------------------------------------------------------------


def _loudly(found: Count) -> str:
    return ", ".join(f"{number} {name.upper()}" for name, number in zip(SEVERITIES, found, strict=True) if number)


def _client(name: str, found: Count, width: int) -> Iterator[Line]:
    """Whose changes follow, and at the end of the line how many."""
    said = _loudly(found)
    gap = width - width_of(name) - width_of(said)
    yield [(name, "title"), (" " * gap if gap > 1 else "  ", ""), (said, "faint")]


def _unread(review: Review, width: int) -> Iterator[Line]:
    if review.unparsed:
        yield []
        yield [(UNREAD, "loud")]
        for item in review.unparsed:
            yield from indented(visible(unread(item, review)), width, 4, "", "  ")


def _change(entry: Entry, width: int) -> Iterator[Line]:
    """What changed in a sentence; below it what else is to be known, and where it is."""
    severity = entry.item.severity
    look = _LOOKS[severity]
    first, *more = indented(visible(entry.said), width, _LABEL, look if look == "loud" else "")
    yield [("  ", ""), (severity.upper().ljust(_LABEL - 2), look), *first[1:]]
    yield from more
    for note in entry.item.notes:
        yield from indented(visible(note), width, _LABEL + 2, "warn", " " * _LABEL + "! ")
    # Only what weighs much is acknowledged by its fingerprint.
    where = entry.where if severity == "high" else entry.where[:-1]
    yield from indented(visible(" · ".join(where)), width, _LABEL, "faint")

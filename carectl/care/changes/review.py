"""A review: what changed between two versions of a caseload, and what cannot be said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from carectl.care.changes.rules import SEVERITIES

if TYPE_CHECKING:
    from carectl.care.changes.compare import Reordered
    from carectl.care.changes.rules import Judged

Which = Literal["old", "new"]


class Version(NamedTuple):
    """One of the two that are compared."""

    name: str
    """As people know it: what they typed, with the short id of its commit."""
    id: str
    """As scripts know it: the id of the commit, `index`, `worktree`."""


class Unparsed(NamedTuple):
    """Something that cannot be read in one of the two, so that nothing can be said about it."""

    side: Which
    client: str | None
    kind: str
    path: str
    line: int
    reason: str


class Waiver(NamedTuple):
    """A waiver of a finding that was written or taken away: `carectl: allow` in a comment."""

    path: str
    line: int
    """Where it stands, or stood."""
    code: str
    reason: str
    is_added: bool


class Count(NamedTuple):
    """How many changes there are of each severity."""

    high: int
    medium: int
    low: int

    @property
    def all(self) -> int:
        """All of them."""
        return sum(self)

    def words(self, join: str = ", ") -> str:
        """In words, those that there are: 1 high, 3 low."""
        return join.join(f"{count} {name}" for name, count in zip(SEVERITIES, self, strict=True) if count)


@dataclass(frozen=True, slots=True)
class Review:
    """What changed between two versions of a caseload."""

    old: Version
    new: Version
    names: Mapping[str, str]
    """What the clients that are told of, or were asked for, are called, as far as it could be read."""
    changes: tuple[Judged, ...] = ()
    """In the order of `judge` for each client; clients by id, before them the practice and its staff."""
    reordered: tuple[Reordered, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()
    formatting: tuple[str, ...] = ()
    """Files that say the same as before: only their layout, their comments or their division changed."""
    waivers: tuple[Waiver, ...] = ()
    approvals: tuple[str, ...] = ()
    """Files of sign-offs that changed."""
    other: tuple[str, ...] = ()
    """Files that changed and are no records."""
    unchanged: Mapping[str | None, Mapping[str, int]] | None = None
    """By client, how many records of each sort (Medication, Goal) in the files that changed are as they were."""
    asked: tuple[str, ...] = ()
    """The clients that were asked for, by id; empty for everybody."""

    @property
    def count(self) -> Count:
        """How many changes there are."""
        return count(self.changes)

    @property
    def clients(self) -> list[str | None]:
        """Whom anything is told about, in order; None for the practice and its staff."""
        found = {item.client for item in self.changes} | {item.client for item in self.reordered}
        return sorted(found, key=lambda client: client or "")

    def of(self, client: str | None) -> list[Judged]:
        """The changes of one client."""
        return [item for item in self.changes if item.client == client]

    def reaches(self, severity: str) -> bool:
        """Whether there is a change of this severity, or a higher one."""
        return any(SEVERITIES.index(item.severity) <= SEVERITIES.index(severity) for item in self.changes)


def count(changes: Iterable[Judged]) -> Count:
    """How many changes there are of each severity."""
    found = [item.severity for item in changes]
    return Count(*(found.count(name) for name in SEVERITIES))


def left_out(review: Review, kept: Iterable[Judged]) -> Count:
    """How many changes of a review are not among some of them."""
    return Count(*(one - other for one, other in zip(review.count, count(kept), strict=True)))


def by_record(changes: Iterable[Judged]) -> Iterator[list[Judged]]:
    """The changes of one client put together by record: first the records with the most severe change."""
    known: dict[tuple[str, str | None], list[Judged]] = {}
    for item in changes:
        known.setdefault((item.kind, item.record), []).append(item)
    worst = {key: min(SEVERITIES.index(item.severity) for item in items) for key, items in known.items()}
    for key in sorted(known, key=lambda key: worst[key]):
        yield sorted(known[key], key=lambda item: SEVERITIES.index(item.severity))


def place(item: Judged) -> str:
    """Where a change is: medications/furosemide; the kind alone for the file itself."""
    return f"{item.kind}/{item.record}" if item.record else item.kind

"""What an edit of one client's visits means for all others: whoever is newly down may be needed elsewhere then."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from carectl.caseload.trees import HeldTree, Tree, contents

if TYPE_CHECKING:
    from carectl.care.coverage import Booking
    from carectl.care.newly_down import Objection
    from carectl.commands.session import Session
    from carectl.findings import Code, Finding

_WAIVER: Final = b"carectl: allow"

Pair = tuple[str, str, str, str]
"""Who is at one client while being at another, and at which visit there."""


class Verdict:
    """What speaks against those who are newly down, and what of it would be an error in the records."""

    def __init__(self, session: Session, clients: Iterable[str], before: Tree, after: Tree) -> None:
        """`clients` are those whose visits an edit changes, from one state of the caseload to another."""
        from carectl.care.checks import bookings_of
        from carectl.care.newly_down import newly_down
        from carectl.caseload.load import Loader

        self._session, self._before, self._after = session, before, after
        self.errors: list[Objection] = []
        self.warnings: list[Objection] = []
        self.unread: list[str] = []
        """Clients of whom not everything could be read that tells who comes when."""
        self._charts = {client: Loader(before, session.memo).chart(client) for client in sorted(clients)}
        charts = [Loader(after, session.memo).chart(client) for client in self._charts]
        self._was = [booking for chart in self._charts.values() for booking in bookings_of(chart, session.setting)]
        now = [booking for chart in charts for booking in bookings_of(chart, session.setting)]
        if new := newly_down(self._was, now):
            self._judge(new, now)

    def _judge(self, new: Sequence[Booking], now: Sequence[Booking]) -> None:
        from carectl.care.newly_down import objections

        setting = self._session.setting
        others = self._others(new)
        was = [*self._was, *others]
        known: frozenset[Pair] | None = None
        told: set[tuple[str, ...]] = set()
        for found in objections(new, was, [*now, *others], setting):
            if self._is_waived(self._after, found):
                continue
            if found.why == "busy" and known is None:
                stood = [item for item in objections(self._was, was, was, setting) if item.why == "busy"]
                known = frozenset(_pair(item) for item in stood if not self._is_waived(self._before, item))
            # An error that was there before stops nobody.
            is_error = found.why == "busy" and known is not None and _pair(found) not in known
            post = found.own.post
            key = (found.why, str(is_error), post.staff, post.client, post.record)
            if key not in told:  # Of a series the first is told.
                told.add(key)
                (self.errors if is_error else self.warnings).append(found)

    def _others(self, new: Sequence[Booking]) -> list[Booking]:
        """When those who are newly down are with all other clients, in the weeks concerned."""
        from carectl.care.checks import bookings_of
        from carectl.care.gaps import window
        from carectl.caseload.load import Loader, Part

        people = {booking.post.staff for booking in new}
        names = [person.encode() for person in people]
        first, last = window(min(booking.day for booking in new), max(booking.day for booking in new))
        part, tree = Part.of_days(first, last), HeldTree(self._after)
        found: list[Booking] = []
        for client in self._session.client_ids:
            if client not in self._charts and _may_name(tree, client, names):
                chart = Loader(tree).chart(client, part)
                if chart.broken or chart.unread & {"client", "series", "visits"}:
                    self.unread.append(client)
                found += bookings_of(chart, self._session.setting)
            tree.drop()
        return [booking for booking in found if booking.post.staff in people and first <= booking.day <= last]

    def _is_waived(self, tree: Tree, found: Objection) -> bool:
        """Whether the files say that it is meant to be so."""
        from carectl.caseload.places import Places

        raw = tree.read(found.spot.path)
        if not isinstance(raw, bytes) or _WAIVER not in raw:
            return False
        places, code = Places(tree), _code(found)
        there = places.resolve([code.finding(found.spot, found.words)])
        return all(item.code != code.slug for item in places.waive(there, [found.spot.path], judged=False))

    def refused(self) -> list[Finding]:
        """The errors as a check says them, with the lines as they would be."""
        from carectl.caseload.places import Places

        return Places(self._after).resolve(
            _code(found).finding(found.own.post.spot, _said(found), self._hint(found, written=False))
            for found in self.errors
        )

    def tell(self, *, written: bool) -> None:
        """Say on the standard error what stops nobody."""
        by_hint: dict[str, list[str]] = {}
        for found in self.warnings:
            by_hint.setdefault(self._hint(found, written=written), []).append(_said(found))
        for hint, said in by_hint.items():
            for text in said:
                print(f"carectl: warning: {text}", file=sys.stderr)
            print(f"  hint: {hint}", file=sys.stderr)
        for client in self.unread:
            text = f"not all visits of {client} could be read, and who comes then: carectl check {client}"
            print(f"carectl: not whole: {text}", file=sys.stderr)

    def _hint(self, found: Objection, *, written: bool) -> str:
        """Who else could; where there is no such visit to ask about, what the person does that day."""
        from carectl.care.coverage import instants
        from carectl.care.pointing import visit_of

        own = found.own
        visit = visit_of(self._charts[own.post.client], self._session.setting, own.id)
        if written or (visit is not None and instants(visit) == (own.start, own.end)):
            return f"carectl visit suggest {own.post.client}/{own.id}"
        return f"carectl agenda --staff {own.post.staff} --from {own.day} --until {own.day}"


def _code(found: Objection) -> Code:
    """What a check calls it."""
    from carectl.care.checks import coverage
    from carectl.findings import code_of

    checks = {
        "busy": coverage.visit_double_booked,
        "travel": coverage.visit_travel_too_short,
        "hours": coverage.staff_over_hours,
    }
    return code_of(checks[found.why])


def _said(found: Objection) -> str:
    """An objection in words: jo-park is already at c-007 from 09:00 to 11:00 (Mon 2026-11-23)."""
    own = found.own
    when = "" if found.why == "hours" else f" ({'' if own.post.once else 'first on '}{own.day:%a} {own.day})"
    return f"{own.post.staff} {found.words}{when}"


def _pair(found: Objection) -> Pair:
    other = found.other
    return found.own.post.staff, found.own.post.client, other.post.client if other else "", other.id if other else ""


def _may_name(tree: Tree, client: str, names: Sequence[bytes]) -> bool:
    """Whether the visits of a client may name one of these people. A backslash may hide any letter."""
    here = tree.names(f"clients/{client}")
    below = contents(tree, f"clients/{client}/visits")
    if not isinstance(here, list) or below is None:
        return True
    raws = [raw for _, raw in below]
    if ("visits.yaml", False) in here:
        alone = tree.read(f"clients/{client}/visits.yaml")
        if not isinstance(alone, bytes):
            return True
        raws.append(alone)
    return any(b"\\" in raw or any(name in raw for name in names) for raw in raws)

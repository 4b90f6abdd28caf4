"""Visits to come to which somebody is still needed, and who could be asked for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from carectl.care.coverage import Booking, Candidate, bookings, candidates, instants, monday_of, person, together_of
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.travel import Ways, home, ways_of
from carectl.caseload.records import Chart

Kind = Literal["open", "away", "left", "unknown"]

_UPCOMING: Final = ("planned", "confirmed")
_DAY: Final = dt.timedelta(days=1)


class Gap(NamedTuple):
    """A visit to which nobody comes, or somebody too few."""

    visit: Occurrence
    kind: Kind
    """Nobody is down for it; or who is, is away, does not work here then, or is not on the roster."""
    words: str
    """Why nobody comes: "jo-park is away". Nothing private."""
    coming: tuple[str, ...]
    """Who comes all the same."""
    missing: int
    """How many are needed, at least one."""
    together: tuple[str, ...]
    """Other clients who are seen in the same visit."""


def gap_of(visit: Occurrence, setting: Setting) -> Gap | None:
    """What is missing for a visit to come; None if nothing is.

    Of somebody whose file could not be read it is not known whether they come: that is no gap, but has to be said.
    """
    if visit.status not in _UPCOMING:
        return None
    zone = setting.now.tzinfo or dt.UTC
    coming: list[str] = []
    lost: list[tuple[Kind, str]] = [("away", f"{name} is away") for name in visit.opened]
    for name in visit.staff:
        member = setting.staff.get(name)
        reason = person(member, zone).employment(visit.day) if member else None
        if reason is not None:
            lost.append(("left", f"{name} {reason.words}"))
        elif not setting.knows_staff(name):
            lost.append(("unknown", f"{name} is not on the roster"))
        else:
            coming.append(name)
    if not lost and visit.open:
        lost = [("open", "nobody is down for it")]
    if not lost:
        return None
    words = "; ".join(words for _, words in lost)
    return Gap(visit, lost[0][0], words, tuple(coming), len(lost), together_of(visit))


def window(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The days of which visits must be known to say who can take one between two days: whole weeks, in any zone."""
    # A client may live where it is another day already; a night may go on into the next week.
    start = monday_of(max(first, dt.date.min + 8 * _DAY)) - _DAY
    return start, monday_of(min(last, dt.date.max - 8 * _DAY)) + 7 * _DAY


class Places(NamedTuple):
    """Who of those down for a visit stays, and how many others it takes."""

    keep: tuple[str, ...]
    missing: int


def places(visit: Occurrence, ranked: Iterable[Candidate], setting: Setting) -> Places:
    """Who stays if somebody is looked for: those against whom nothing speaks; if that is so of all, nobody has to.

    Of somebody whose file could not be read nothing is concluded.
    """
    gap = gap_of(visit, setting)
    coming = gap.coming if gap else visit.staff
    against = {one.staff for one in ranked if one.against}
    keep = tuple(name for name in coming if name not in against)
    missing = (gap.missing if gap else 0) + len(coming) - len(keep)
    return Places(keep, missing) if missing else Places((), max(1, len(coming)))


class Proposal(NamedTuple):
    """Who could take a visit, as far as those before it in the list are given as proposed."""

    gap: Gap
    best: tuple[Candidate, ...]
    """As many as are needed, or as there are."""
    able: int
    """How many could take it."""
    busy: tuple[str, ...]
    """If nobody can any more: who could, if they did not take another one of the list."""


def proposals(
    gaps: Iterable[Gap], charts: Mapping[str, Chart], setting: Setting, booked: Iterable[Booking]
) -> list[Proposal]:
    """For each of these visits who fits best. Whoever is proposed counts as taken for those that follow.

    `charts` are those of their clients, with all visits that were ever made; `booked` the bookings of all charts.
    """
    ways = ways_of(setting.travel)
    known, taken = list(booked), list[Booking]()
    found = []
    for gap in gaps:
        visit, chart = gap.visit, charts[gap.visit.client]
        can = _able(gap, chart, setting, [*known, *taken], ways)
        best = tuple(can[: gap.missing])
        busy = tuple(one.staff for one in _able(gap, chart, setting, known, ways)) if not can and taken else ()
        found.append(Proposal(gap, best, len(can), busy))
        team = visit._replace(staff=tuple(one.staff for one in best), status="planned")
        taken += bookings([team], home(chart.client) if ways is not None else None)
    return found


def _able(gap: Gap, chart: Chart, setting: Setting, booked: Sequence[Booking], ways: Ways | None) -> list[Candidate]:
    """Who can fill a gap, the best first; before all others whoever sees the other one of a couple then."""
    visit = gap.visit
    start, end = instants(visit)
    then = [b for b in booked if b.start < end and start < b.end and b.sort == "due"]
    beside = {b.post.staff for b in then if b.post.client in gap.together or visit.client in b.post.together}
    # Nearly everybody is at another client at that time: of those nothing else needs to be asked.
    at_work = {b.post.staff for b in then if (b.post.client, b.id) != (visit.client, visit.id)} - beside
    free = {name: member for name, member in setting.staff.items() if name not in at_work and name not in visit.staff}
    ranked = candidates(visit, chart, free, booked, setting.now.tzinfo or dt.UTC, ways)
    return sorted((one for one in ranked if one.can), key=lambda one: one.staff not in beside)

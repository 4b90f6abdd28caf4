"""Which of the visits to come cannot take place as they stand, and what each of them is in conflict with.

What speaks against a person is asked of `coverage`; here it is laid to single visits, for those who look at a few days.
That nobody comes, or too few, is no conflict: the visit itself says so (`Occurrence.open`, `Occurrence.short`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from carectl.care.coverage import (
    Booking,
    Why,
    booked_in,
    hurries,
    instants,
    is_excused,
    is_known,
    length,
    needs_of,
    overlapping,
    person,
)
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.travel import Place, home, ways_of
from carectl.caseload.records import Chart

_COMING: Final = ("planned", "confirmed")

Timed = tuple[dt.datetime, dt.datetime, Occurrence]
Key = tuple[str, str]
"""A visit by its client and id."""


class Conflict(NamedTuple):
    """One thing that speaks against a visit."""

    visit: Occurrence
    why: Why | Literal["overlap"]
    """What it is: something about the person, or two visits of one client at the same time."""
    staff: str | None
    """The person concerned; None if it is about the client."""
    words: str
    """What follows the person's name, if there is no other visit: "works here until 2026-10-09 only"."""
    other: Occurrence | None = None
    """The visit at the same time, of this person or else of this client; or that from which the way is too long."""


def key_of(item: Occurrence) -> Key:
    """How a visit is found again among those of all clients."""
    return item.client, item.id


def homes_of(charts: Iterable[Chart]) -> dict[str, Place | None]:
    """Where each client lives, as far as the way there is concerned."""
    return {chart.id: home(chart.client) for chart in charts}


def lack(item: Occurrence) -> str:
    """How many are missing of those who should come, if others do: "one missing", "2 missing"; else empty."""
    count = len(item.opened)
    return f"{'one' if count == 1 else count} missing" if item.short else ""


def conflicts(
    visits: Iterable[Occurrence], setting: Setting, homes: Mapping[str, Place | None] | None = None
) -> dict[Key, tuple[Conflict, ...]]:
    """What speaks against each of these visits, those of today and later: what is past cannot be mended by a plan.

    Nothing is concluded from what could not be read: of a visit, or of when somebody is away. Of two visits at the
    same time both are named; of two between which the way is too long, the later one. Ways are asked for between
    `homes` only, and if the practice says how long they take.
    """
    coming = [item for item in visits if item.status in _COMING and item.day >= setting.today and _is_whole(item)]
    timed = sorted(((*instants(item), item) for item in coming), key=lambda entry: entry[:2])
    found: dict[Key, list[Conflict]] = {}
    for conflict in (*_against(coming, setting), *_of_people(timed, setting, homes or {}), *_overlaps(timed)):
        found.setdefault(key_of(conflict.visit), []).append(conflict)
    return {visit: tuple(some) for visit, some in found.items()}


def _is_whole(item: Occurrence) -> bool:
    return not any(record is not None and record.origin.unread for record in (item.visit, item.rule))


def _against(coming: Sequence[Occurrence], setting: Setting) -> Iterator[Conflict]:
    """What speaks against those who are down, whatever else there is on that day."""
    zone = setting.now.tzinfo or dt.UTC
    hours_known = setting.practice is not None and setting.zones(setting.practice.timezone) is not None
    for item in coming:
        for name in item.staff:
            member = setting.staff.get(name)
            if member is None or not is_known(member):
                continue
            who = person(member, zone)
            if left := who.employment(item.day):
                yield Conflict(item, left.why, name, left.words)
                continue
            late = who.availability(item.start, item.end) if hours_known else None
            for reason in (late, *who.credentials(item.day), *who.skills(needs_of(item))):
                if reason is not None:
                    yield Conflict(item, reason.why, name, reason.words)


def _of_people(timed: Sequence[Timed], setting: Setting, homes: Mapping[str, Place | None]) -> Iterator[Conflict]:
    """Where one person would be in two places at once, or too far away to be in time."""
    visits = {key_of(item): item for _, _, item in timed}
    ways = ways_of(setting.travel)
    mine: dict[str, list[Booking]] = {}
    for client, entries in _by_client(timed).items():
        for booking in booked_in(entries, homes.get(client) if ways else None):
            member = setting.staff.get(booking.post.staff)
            if member is None or is_known(member):
                mine.setdefault(booking.post.staff, []).append(booking)
    for name, booked in mine.items():
        booked.sort(key=lambda booking: (booking.start, booking.end))
        for one, other in overlapping((booking.start, booking.end, booking) for booking in booked):
            if not is_excused(one.post, other.post, past=False):
                first, second = (visits[(booking.post.client, booking.id)] for booking in (one, other))
                yield Conflict(first, "busy", name, "", second)
                yield Conflict(second, "busy", name, "", first)
        # Each visit by itself: of a series, every day counts here.
        single = [booking._replace(post=booking.post._replace(record=booking.id, once=True)) for booking in booked]
        for hurry in hurries(single, setting.today, ways) if ways else ():
            before, after = (visits[(booking.post.client, booking.id)] for booking in (hurry.before, hurry.after))
            yield Conflict(after, "travel", name, f"the way takes {length(hurry.way)}", before)


def _overlaps(timed: Sequence[Timed]) -> Iterator[Conflict]:
    """Where two visits of one client are at the same time. A supervision goes on during a visit."""
    for entries in _by_client(timed).values():
        for one, other in overlapping(entries):
            if "supervision" not in (one.service, other.service):
                yield Conflict(one, "overlap", None, "", other)
                yield Conflict(other, "overlap", None, "", one)


def _by_client(timed: Iterable[Timed]) -> dict[str, list[Timed]]:
    found: dict[str, list[Timed]] = {}
    for entry in timed:
        found.setdefault(entry[2].client, []).append(entry)
    return found

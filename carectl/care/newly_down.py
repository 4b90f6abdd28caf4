"""What speaks against people who are newly down for a visit, as far as the visits of other clients tell.

They are with another client then, the way is too long, or the week is. What one chart tells by itself, its check says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from carectl.care.coverage import (
    Booking,
    clashes,
    hurries,
    is_known,
    length,
    limit_of,
    person,
    weekly_hours,
    whereabouts,
)
from carectl.care.setting import Setting
from carectl.care.travel import NO_TIME, ways_of
from carectl.caseload.records import StaffMember
from carectl.findings import Spot

Key = tuple[str, str, str]
"""A booking by its person, client and visit."""


class Objection(NamedTuple):
    """One thing that speaks against one person at one visit."""

    why: Literal["busy", "travel", "hours"]
    words: str
    """What follows the person's name: "is already at c-007 from 09:00 to 11:00". Nothing private."""
    own: Booking
    """The booking that is new."""
    other: Booking | None
    """The one that it is in conflict with; None: all of the week's."""
    spot: Spot
    """Where a check of all charts lays it to, and where it may be waived."""


def newly_down(before: Iterable[Booking], after: Iterable[Booking]) -> list[Booking]:
    """The bookings to come that an edit made: another person, time or place than one of the same client before."""
    known = {(b.post.staff, b.post.client, b.start, b.end, b.post.place) for b in before}
    return [
        b for b in after
        if b.sort == "due" and (b.post.staff, b.post.client, b.start, b.end, b.post.place) not in known
    ]  # fmt: skip


def objections(
    new: Sequence[Booking], before: Iterable[Booking], after: Iterable[Booking], setting: Setting
) -> Iterator[Objection]:
    """What speaks against those who are down for the `new` ones of the bookings `after`, by person.

    `before` and `after` are those of all charts, as far as they are of the same people and in the weeks concerned. Of
    somebody whose absences could not be read nothing is concluded. A series has an objection for each of its visits.
    """
    was, will = list(before), list(after)
    for name in sorted({booking.post.staff for booking in new}):
        member = setting.staff.get(name)
        if member is None or not is_known(member):
            continue
        mine = {_key(b): b for b in new if b.post.staff == name}
        # Conflicts are told once for each series; here each of the new visits counts.
        booked = [_alone(b) if _key(b) in mine else b for b in will if b.post.staff == name]
        yield from _conflicts(mine, booked, setting)
        yield from _hours(member, mine, [b for b in was if b.post.staff == name], booked, setting)


def _conflicts(mine: dict[Key, Booking], booked: Sequence[Booking], setting: Setting) -> Iterator[Objection]:
    """Where one person would be at two clients at once, or late at one of them."""
    for here, there, past in clashes(booked, setting.today):
        own, other = (here, there) if _key(here) in mine else (there, here)
        if not past and _key(own) in mine:
            words = f"is already at {whereabouts(other, own.post.zone)}"
            yield Objection("busy", words, mine[_key(own)], other, here.post.spot)
    ways = ways_of(setting.travel)
    for before, after, way in hurries(booked, setting.today, ways) if ways is not None else ():
        comes = _key(after) in mine
        if not comes and _key(before) not in mine:
            continue
        own, other = (mine[_key(after)], before) if comes else (mine[_key(before)], after)
        at = (other.end if comes else other.start).astimezone(own.post.zone)
        where = (
            f"is at {other.post.client} until {at:%H:%M}" if comes else f"must be at {other.post.client} at {at:%H:%M}"
        )
        yield Objection("travel", f"{where}, and the way takes {length(way)}", own, other, after.post.spot)


def _hours(
    member: StaffMember, mine: dict[Key, Booking], was: Sequence[Booking], booked: Sequence[Booking], setting: Setting
) -> Iterator[Objection]:
    """The first week that gets too long for a person, or longer still."""
    if limit_of(member) is None or setting.practice is None or setting.zones(setting.practice.timezone) is None:
        return
    zone = setting.now.tzinfo or dt.UTC
    who, earlier, now = person(member, zone), weekly_hours(was, zone), weekly_hours(booked, zone)
    for own in sorted(mine.values(), key=lambda booking: booking.start):
        for monday in weekly_hours([own], zone):
            if now[monday] <= earlier.get(monday, NO_TIME):
                continue
            if reason := who.hours({monday: now[monday]}):
                yield Objection("hours", reason.words, own, None, member.origin.at("max_hours_per_week"))
                return


def _key(booking: Booking) -> Key:
    return booking.post.staff, booking.post.client, booking.id


def _alone(booking: Booking) -> Booking:
    return booking._replace(post=booking.post._replace(record=booking.id, once=True))

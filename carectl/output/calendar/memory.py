"""A feed renewed: the one that was published last is the memory of what its readers know.

What did not change keeps its bytes, so that a program that follows the feed has nothing to do. What changed gets the
next SEQUENCE and a new DTSTAMP, without which some programs do not show it. What is gone from the records is shown as
cancelled for a while, for whoever opens the calendar in the morning must see that nobody comes; but only if it is
certain that it is gone.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Literal

from carectl.care.sharing import base
from carectl.care.subscribers import cancelled_since, window
from carectl.output.calendar.audiences import Event, Feed

Cancelled = Literal["mark", "drop"]
"""Whether cancelled visits are shown as such for a while, or taken off the calendar at once."""

_CANCELLED: Final = {"en": "Cancelled: ", "es": "Cancelada: "}
_BETWEEN: Final = " – "
"""What stands in a title between whose visit it is and the rest."""
_BEGIN: Final = b"BEGIN:VEVENT\r\n"
_END: Final = b"END:VEVENT\r\n"
_LAST: Final = b"END:VCALENDAR\r\n"
_OURS: Final = b"\r\nPRODID:-//carectl//carectl//EN\r\n"
_VERSION: Final = re.compile(rb"(?m)^(?:DTSTAMP|SEQUENCE):[^\r]*\r\n")
_SEQUENCE: Final = re.compile(rb"(?m)^SEQUENCE:([0-9]{1,9})\r$")


@dataclass(frozen=True, slots=True)
class Renewed:
    """A feed as it is to be published."""

    content: bytes
    events: int = 0
    """How many events are in it."""
    new: int = 0
    changed: int = 0
    cancelled: int = 0
    """How many are gone from the records, or were cancelled there, since it was published last."""
    dropped: int = 0
    """How many are no longer shown."""
    kept: int = 0
    """How many stay as they were only because something could not be read."""
    sequence: int = 0
    """The highest SEQUENCE in it."""
    damaged: bool = False
    """Whether there was something that could not be read as the feed that was published last."""


def digest(feed: Feed, *, uncertain: bool = False, unclear: Collection[str] = ()) -> str:
    """What a feed says, in one word: equal for feeds of which nobody could see a difference. Stamps do not count."""
    events = sorted(
        (e.uid, e.start.timestamp(), e.end.timestamp(), e.title, e.status, e.location or "", e.description or "", e.off)
        for e in feed.events
    )
    said = (feed.name, feed.zone, feed.blocks, events, sorted(feed.hidden), uncertain, sorted(unclear))
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def unclear_events(feed: Feed, one_by_one: Iterable[Callable[[], Feed]]) -> frozenset[str]:
    """The UIDs that a feed holds back only because something could not be read.

    `one_by_one` makes the same feed of single visits, for a feed does not tell which of them are meant.
    """
    if not feed.unreadable:
        return frozenset()
    return frozenset(uid for make in one_by_one if (single := make()).unreadable for uid in single.hidden)


def renew(
    feed: Feed,
    last: bytes | None,
    now: dt.datetime,
    today: dt.date,
    *,
    language: str = "en",
    cancelled: Cancelled = "mark",
    uncertain: bool = False,
    unclear: Collection[str] = (),
    sequence: int = -1,
) -> Renewed:
    """The feed as it is to be published, from what it says now and from the bytes that were published last.

    An event that vanished is dropped without a word if its reader may no longer see it (`feed.hidden`), if it fell out
    of the window, or if another one of the same client came in its stead on that day; it stays as it was if nobody
    knows (`uncertain`: part of the records could not be read; `unclear`: the UIDs of events that are held back for
    that); else it stays as a cancelled one, a week from its end at the least. `sequence` is the highest that was ever
    published, for a `last` that cannot be read.
    """
    from carectl.output.calendar.ical import flat

    known = _taken_apart(last) if last is not None else None
    if known is None and last is not None:
        sequence = max([sequence, *(int(found) for found in re.findall(rb"SEQUENCE:([0-9]{1,9})", last))])
    old = known[1] if known else {}
    since = cancelled_since(today)
    # Where nothing is known of an event but that others were published, it must not look older than they did.
    stamp, number = now.astimezone(dt.UTC).replace(microsecond=0), 0 if known else sequence + 1

    every = _told_apart(feed.events)
    shown = [event for event in every if not _is_over(event, since, cancelled)]
    blocks = {
        event.uid: old[event.uid] for event in shown if event.uid in old and _is_said(event, old[event.uid], feed)
    }
    rest = [event for event in shown if event.uid not in blocks]
    fresh = _Made(replace(feed, events=tuple(replace(e, stamp=stamp, sequence=number) for e in rest)), flat)
    count: Counter[str] = Counter()
    for event in rest:
        block, before = fresh.blocks[event.uid], old.get(event.uid)
        if before is None:
            count["new"] += 1
        elif before.says == block.says:
            block = before
        else:
            is_news = event.status == "CANCELLED" and before.status != "CANCELLED"
            count["cancelled" if is_news else "changed"] += 1
            block = block.numbered(before.sequence + 1)
        blocks[event.uid] = block

    dropped = {event.uid for event in every} | (feed.hidden - frozenset(unclear))
    doubted = old.keys() if uncertain else frozenset(unclear)
    try:
        lost = []
        for uid, before in old.items():
            if uid in blocks:
                continue
            fate = "drop" if uid in dropped else _fate(before, today, since, cancelled, doubted=uid in doubted)
            if fate == "keep":
                blocks[uid] = before
                count["kept"] += before.status != "CANCELLED"
            elif fate == "cancel":
                lost.append((before, _read(before, last or b"")))
            else:
                count["dropped"] += 1
    except ValueError:  # hours that no clock shows, a title that is none: somebody else was at it
        highest = max(block.sequence for block in old.values())
        again = renew(feed, None, now, today, language=language, cancelled=cancelled, sequence=max(sequence, highest))
        return replace(again, damaged=True)
    came = [event for event in shown if event.uid not in old and event.status != "CANCELLED"]
    for before, event in lost:
        if _has_come_instead(event, came):
            count["dropped"] += 1
            continue
        prefix = _CANCELLED.get(base(language), _CANCELLED["en"])
        off = replace(event, title=prefix + event.title, stamp=stamp, sequence=before.sequence + 1)
        blocks[event.uid] = _Made(replace(feed, events=(off,)), flat).blocks[event.uid]
        count["cancelled"] += 1

    ordered = sorted(blocks.items(), key=lambda item: (item[1].said[b"DTSTART"], item[0]))
    content = fresh.head + b"".join(block.raw for _, block in ordered) + _LAST
    return Renewed(
        content, len(blocks), count["new"], count["changed"], count["cancelled"], count["dropped"], count["kept"],
        max([sequence, 0, *(block.sequence for block in blocks.values())]), last is not None and known is None,
    )  # fmt: skip


def _told_apart(events: Iterable[Event]) -> list[Event]:
    """The events, each with a UID of its own. Two can have the same by a slip in the records, and both are shown."""
    found: dict[str, Event] = {}
    for event in events:
        uid, number = event.uid, 1
        while uid in found:
            number += 1
            uid = f"{number}.{event.uid}"
        found[uid] = replace(event, uid=uid)
    return list(found.values())


Fate = Literal["drop", "keep", "cancel"]


def _fate(before: _Block, today: dt.date, since: dt.date, cancelled: Cancelled, *, doubted: bool) -> Fate:
    """What becomes of an event that is gone from the feed, though its reader might see it."""
    first, last = window(today)
    # At the edges a day means other hours in other zones. Far ahead nobody counts on a visit yet.
    if not first <= before.start.date() < last:
        return "drop"
    if doubted and before.status != "CANCELLED":
        return "keep"
    if before.end.date() < since or cancelled == "drop":
        return "drop"
    return "keep" if before.status == "CANCELLED" else "cancel"


def _is_over(event: Event, since: dt.date, cancelled: Cancelled) -> bool:
    """Whether a visit that was cancelled is not shown any more."""
    if event.status != "CANCELLED":
        return False
    return cancelled == "drop" or event.end.astimezone(dt.UTC).date() < since


def _has_come_instead(gone: Event, came: list[Event]) -> bool:
    """Whether a new event of the same client stands on the day of one that is gone: a series that was changed, say.

    Each stands in for one.
    """
    whose = gone.title.partition(_BETWEEN)[0]
    for event in came:
        day = gone.start.astimezone(event.start.tzinfo).date()
        if event.title.partition(_BETWEEN)[0] == whose and event.start.date() == day:
            came.remove(event)
            return True
    return False


# --- bytes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """One event as it stands in a feed: its bytes, and its lines by their names."""

    raw: bytes
    said: Mapping[bytes, bytes]

    @property
    def start(self) -> dt.datetime:
        """When it begins, in UTC."""
        return _moment(self.said[b"DTSTART"])

    @property
    def end(self) -> dt.datetime:
        """When it ends, in UTC."""
        return _moment(self.said[b"DTEND"])

    @property
    def status(self) -> str:
        """CONFIRMED, TENTATIVE or CANCELLED."""
        return self.said[b"STATUS"].decode()

    @property
    def sequence(self) -> int:
        """How often it was changed since it was first published."""
        return int(self.said[b"SEQUENCE"])

    @property
    def says(self) -> bytes:
        """The event without the lines that tell its version."""
        return _VERSION.sub(b"", self.raw)

    def numbered(self, sequence: int) -> _Block:
        """The same with another SEQUENCE."""
        number = b"%d" % sequence
        raw = _SEQUENCE.sub(b"SEQUENCE:" + number + b"\r", self.raw, count=1)
        return _Block(raw, {**self.said, b"SEQUENCE": number})


class _Made:
    """A feed that was just written, taken apart."""

    def __init__(self, feed: Feed, flat: Callable[[Feed], bytes]) -> None:
        parts = _taken_apart(flat(feed))
        assert parts is not None
        self.head, self.blocks = parts


def _taken_apart(raw: bytes) -> tuple[bytes, dict[str, _Block]] | None:
    """What stands before the events of a feed, and the events by UID; None if it is not one of ours, or not whole.

    Such a feed was written by `ical.flat`, so its lines are known: they are compared, never understood.
    """
    if not (raw.startswith(b"BEGIN:VCALENDAR\r\n") and raw.endswith(_LAST) and _OURS in raw):
        return None
    head, *rest = raw.removesuffix(_LAST).split(_BEGIN)
    blocks: dict[str, _Block] = {}
    for part in rest:
        lines = part.removesuffix(_END).replace(b"\r\n ", b"").split(b"\r\n")
        said = {name: value for name, _, value in (line.partition(b":") for line in lines)}
        is_whole = part.endswith(_END) and len(said) == len(lines)  # each line once, and an empty one behind the last
        if not is_whole or not all(form.fullmatch(said.get(name, b"")) for name, form in _NEEDED.items()):
            return None
        uid = said[b"UID"].decode("ascii")
        if uid in blocks:
            return None
        blocks[uid] = _Block(_BEGIN + part, said)
    return head, blocks


_NEEDED: Final = {
    b"UID": re.compile(rb"[!-~]+"),
    b"DTSTAMP": re.compile(rb"[0-9]{8}T[0-9]{6}Z"),
    b"DTSTART": re.compile(rb"[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])T[0-2][0-9][0-5][0-9]{3}Z"),
    b"DTEND": re.compile(rb"[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])T[0-2][0-9][0-5][0-9]{3}Z"),
    b"STATUS": re.compile(rb"CONFIRMED|TENTATIVE|CANCELLED"),
    b"SEQUENCE": re.compile(rb"[0-9]{1,9}"),
}


def _moment(text: bytes) -> dt.datetime:
    return dt.datetime.strptime(text.decode("ascii"), _UTC).replace(tzinfo=dt.UTC)


def _is_said(event: Event, block: _Block, feed: Feed) -> bool:
    """Whether an event certainly stands as it is in a block. If not, it is written and compared, which takes longer."""
    from icalendar import vText

    said = block.said
    return (
        said[b"DTSTART"] == event.start.astimezone(dt.UTC).strftime(_UTC).encode()
        and said[b"DTEND"] == event.end.astimezone(dt.UTC).strftime(_UTC).encode()
        and said[b"STATUS"] == event.status.encode()
        and said.get(b"TRANSP") == (b"OPAQUE" if feed.blocks and not event.off else b"TRANSPARENT")
        and all(
            said.get(name) == (vText(text).to_ical() if text else None)
            for name, text in ((b"SUMMARY", event.title), (b"LOCATION", event.location),
                               (b"DESCRIPTION", event.description))
        )
        and said.keys() <= _LINES
    )  # fmt: skip


_UTC: Final = "%Y%m%dT%H%M%SZ"
_LINES: Final = {*_NEEDED, b"", b"TRANSP", b"SUMMARY", b"LOCATION", b"DESCRIPTION"}
"""Every line that an event can have."""


def _read(block: _Block, last: bytes) -> Event:
    """An event that is gone, as a cancelled one: its hours and its title, and nothing else. Raises ValueError."""
    from icalendar import Calendar

    (found,) = Calendar.from_ical(last.split(_BEGIN, 1)[0] + block.raw + _LAST).walk("VEVENT")
    return Event(
        uid=str(found["UID"]), start=block.start, end=block.end, title=str(found.get("SUMMARY", "")),
        status="CANCELLED", stamp=block.start, off=True,
    )  # fmt: skip

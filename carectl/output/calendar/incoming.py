"""iCalendar bytes, as any program or person may have written them -> plain events.

A file from outside is trusted in nothing: its size, depth and lines have limits, its structure is looked at here line
by line (so that a fault has a line number, and one bad event hides no other), and of each event only the few lines that
matter are handed to the icalendar library. Zones are those of the pinned database; one that a file defines itself
counts only if its name is not known there.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from carectl.care.events import Event, Incoming, NotTaken, Stamp
from carectl.care.moments import Zones
from carectl.care.recurrence import rrule_days, rrule_fault
from carectl.errors import Refused

MAX_BYTES: Final = 5 * 1024 * 1024
_MAX_EVENTS: Final = 10_000
_MAX_ZONES: Final = 20
_MAX_CHANGES: Final = 30
"""Observances (STANDARD, DAYLIGHT) of a time zone that a file defines."""
_ZONE_YEARS: Final = range(1970, 2101)
"""For which years such a definition is asked."""
_MAX_DEPTH: Final = 8
_MAX_LINE: Final = 20_000
"""Characters of a line that matters. Attachments are longer, and do not."""
_MAX_PARAMETERS: Final = 1_000
"""Characters of it before the value: the library takes seconds over many more."""
_MAX_UID: Final = 255
_MAX_TEXT: Final = 200

_ONCE: Final = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "STATUS", "CLASS", "SUMMARY", "LOCATION"}
)
_SEVERAL: Final = frozenset({"RDATE", "EXDATE", "EXRULE"})
_OF_ZONE: Final = frozenset({"TZID", "X-LIC-LOCATION", "DTSTART", "RRULE", "RDATE", "TZOFFSETFROM", "TZOFFSETTO"})
_MESSAGES: Final = frozenset({"REQUEST", "CANCEL", "ADD"})
"""METHODs of a message about single events, instead of a whole calendar."""
_ANSWERS: Final = frozenset({"REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER"})

_LINE_END: Final = re.compile("\r\n|\n|\r")
_NAME: Final = re.compile(r"[^:;]*")
_STAMP: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})(?:[0-9]{2})?")


class _Fault(ValueError):
    """Why an event cannot be taken, in words."""


class _Property(NamedTuple):
    """One line of an event or zone."""

    parameters: Mapping[str, str]
    raw: str
    """The value as it stands."""

    @property
    def text(self) -> str:
        """The value as text, without backslashes."""
        from icalendar.parser import unescape_backslash

        return str(unescape_backslash(self.raw))


@dataclass(slots=True)
class _Part:
    """A part of the file between BEGIN and END."""

    kind: str
    line: int
    lines: dict[str, list[str]] = field(default_factory=dict)
    """The lines that matter, by their names."""
    inner: list[_Part] = field(default_factory=list)


def read(raw: bytes, zones: Zones) -> Incoming:
    """The events of a calendar file. `zones` is the time zone database: a name to its zone.

    An event that cannot be understood is told with its line and the reason. Raises Refused, in words that quote nothing
    of the file, if it is no calendar, is cut off, or is bigger or deeper than a client's calendar can be.
    """
    events, definitions, method, home = _parts(_text(raw))
    reader = _Reader(zones, definitions)
    taken: list[Event] = []
    not_taken: list[NotTaken] = []
    for part in events:
        found = reader.event(part, cancelled=method == "CANCEL")
        if isinstance(found, Event):
            taken.append(found)
        else:
            not_taken.append(found)
    return Incoming(tuple(taken), tuple(not_taken), reader.zone(home) if home else None, method in _MESSAGES)


# --- lines and parts -------------------------------------------------------------------------------------------------


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise Refused(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB, which no client's calendar is")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise Refused(f"line {line} of the file is not UTF-8, the encoding of calendar files") from None
    if (at := text.find("\0")) >= 0:
        raise Refused(f"line {text.count(chr(10), 0, at) + 1} of the file holds a zero byte: it is no calendar file")
    return text


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file as they are meant, each with the number of its first line: folded ones are one."""
    number = 0
    pieces: list[str] = []
    for count, piece in enumerate(_LINE_END.split(text), 1):
        if piece[:1] in (" ", "\t") and number:
            pieces.append(piece[1:])
        elif piece:
            if number:
                yield number, "".join(pieces)
            number, pieces = count, [piece]
    if number:
        yield number, "".join(pieces)


def _parts(text: str) -> tuple[list[_Part], list[_Part], str, str]:
    """The events, the time zones, what the file is for (METHOD) and its own zone (X-WR-TIMEZONE). Raises Refused."""
    events: list[_Part] = []
    zones: list[_Part] = []
    calendar: dict[str, str] = {}
    open_: list[_Part] = []
    begun = False
    for number, line in _lines(text):
        match = _NAME.match(line)
        name = match[0].strip().upper() if match else ""
        if name == "BEGIN":
            part = _Part(line.partition(":")[2].strip().upper(), number)
            _begin(part, open_, events, zones)
            begun = True
            open_.append(part)
        elif name == "END":
            if not open_ or open_[-1].kind != line.partition(":")[2].strip().upper():
                raise Refused(f"line {number} of the file ends a part that is not open: it is not whole")
            open_.pop()
        elif not open_:
            if line.strip():
                raise Refused(f"line {number} stands outside of a calendar: " + _NO_CALENDAR)
        elif open_[-1].kind == "VCALENDAR":
            calendar.setdefault(name, line.partition(":")[2].strip())
        elif name in (_ONCE | _SEVERAL if open_[-1].kind == "VEVENT" else _OF_ZONE):
            open_[-1].lines.setdefault(name, []).append(line)
    if open_:
        raise Refused(f"the part that begins in line {open_[0].line} of the file has no end: the file is cut off")
    if not begun:
        raise Refused("there is nothing in it: " + _NO_CALENDAR)
    return events, zones, _purpose(calendar), calendar.get("X-WR-TIMEZONE", "")


_NO_CALENDAR: Final = "the file is no calendar (it would begin with BEGIN:VCALENDAR)"


def _begin(part: _Part, open_: list[_Part], events: list[_Part], zones: list[_Part]) -> None:
    """Hold a part to the limits, and keep it if it is an event or a time zone. Raises Refused."""
    if not open_ and part.kind != "VCALENDAR":
        raise Refused(f"line {part.line} of the file begins something else than a calendar: {_NO_CALENDAR}")
    if open_ and part.kind == "VCALENDAR":
        raise Refused(f"line {part.line} of the file begins a calendar inside of a calendar: it is not whole")
    if len(open_) >= _MAX_DEPTH:
        raise Refused(f"line {part.line} of the file: the parts are nested too deeply for a calendar")
    above = open_[-1].kind if open_ else ""
    if part.kind == "VEVENT":
        if above != "VCALENDAR":
            raise Refused(f"line {part.line} of the file: an event begins before another part has ended")
        if len(events) == _MAX_EVENTS:
            raise Refused(f"the file has more than {_MAX_EVENTS:,} events, which no client's calendar has")
        events.append(part)
    elif part.kind == "VTIMEZONE" and above == "VCALENDAR":
        if len(zones) == _MAX_ZONES:
            raise Refused(f"the file has more than {_MAX_ZONES} time zones, which no calendar has")
        zones.append(part)
    elif above == "VTIMEZONE":
        open_[-1].inner.append(part)


def _purpose(calendar: Mapping[str, str]) -> str:
    """The METHOD of a calendar. Raises Refused if it does not tell of events, or in words of another time."""
    if calendar.get("VERSION", "2.0").startswith("1"):
        raise Refused("the file is of vCalendar 1.0, an older form: export it as iCalendar (.ics)")
    method = calendar.get("METHOD", "").upper()
    if method in _ANSWERS:
        raise Refused("the file is an answer to an invitation, and no calendar")
    return method


# --- events ----------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads the events of one file."""

    def __init__(self, zones: Zones, definitions: list[_Part]) -> None:
        self.zones = zones
        self.definitions: dict[str, _Part] = {}
        for part in definitions:
            for line in part.lines.get("TZID", [])[:1]:
                self.definitions.setdefault(line.partition(":")[2].strip(), part)
        self.known: dict[str, dt.tzinfo | None] = {}

    def event(self, part: _Part, *, cancelled: bool) -> Event | NotTaken:
        """One event, or why it is not taken."""
        uid: str | None = None
        day: dt.date | None = None
        title = ""
        try:
            uid = self.uid(part)
            title = _words(self.text(part, "SUMMARY"))
            found = self.needed(part, "DTSTART")
            if not part.lines.keys() & {"RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"}:
                day = _day_of(found.raw)
            return self.whole(part, uid, title, self.stamp(found, "its start"), cancelled=cancelled)
        except _Fault as fault:
            return NotTaken(part.line, str(fault), uid, day, title)

    def whole(self, part: _Part, uid: str, title: str, start: Stamp, *, cancelled: bool) -> Event:
        if "EXRULE" in part.lines:
            raise _Fault("it has a rule for when it does not take place (EXRULE), which calendars no longer use")
        end = self.one(part, "DTEND")
        length = self.one(part, "DURATION")
        if end is not None and length is not None:
            raise _Fault("it says twice how long it takes, with DTEND and DURATION")
        rule, count, until = self.rule(part, start)
        instead_of = self.one(part, "RECURRENCE-ID")
        if instead_of is not None and instead_of.parameters.get("RANGE"):
            raise _Fault("it changes all later occurrences as well (RANGE=THISANDFUTURE), which is not supported")
        if instead_of is not None and rule is not None:
            raise _Fault("it is one occurrence of a repeating event, and repeats itself")
        return Event(
            line=part.line,
            uid=uid,
            start=start,
            end=self.stamp(end, "its end") if end else None,
            length=_length(length.raw) if length else None,
            rule=rule,
            count=count,
            until=until,
            also=tuple(self.stamps(part, "RDATE", "a day on which it also takes place")),
            left_out=tuple(self.stamps(part, "EXDATE", "a day on which it does not take place")),
            instead_of=self.stamp(instead_of, "the occurrence that it stands for") if instead_of else None,
            cancelled=cancelled or self.text(part, "STATUS").strip().upper() in ("CANCELLED", "CANCELED"),
            private=self.text(part, "CLASS").strip().upper() in ("PRIVATE", "CONFIDENTIAL"),
            title=title,
            place=_words(self.text(part, "LOCATION")),
        )

    # --- single lines

    def one(self, part: _Part, name: str) -> _Property | None:
        """The one line of a name. Raises _Fault if there are several."""
        lines = part.lines.get(name, [])
        if len(lines) > 1:
            raise _Fault(f"it has {name} twice")
        return _property(lines[0], name) if lines else None

    def needed(self, part: _Part, name: str) -> _Property:
        found = self.one(part, name)
        if found is None:
            raise _Fault(f"it has no {name}")
        return found

    def text(self, part: _Part, name: str) -> str:
        """A text; of several (in several languages) the first."""
        lines = part.lines.get(name)
        return _property(lines[0], name).text if lines else ""

    def uid(self, part: _Part) -> str:
        """What names an event for ever; without it, a later import could not know it again."""
        uid = self.needed(part, "UID").text.strip()
        if not uid:
            raise _Fault("it has no UID")
        if len(uid) > _MAX_UID or not uid.isprintable():
            raise _Fault("its UID is too long, or holds signs that cannot be seen")
        return uid

    def stamp(self, found: _Property, what: str, raw: str | None = None) -> Stamp:
        """A day, or a day and time. Raises _Fault."""
        match = _STAMP.fullmatch((found.raw if raw is None else raw).strip().upper())
        kind = found.parameters.get("VALUE", "").upper()
        fitting = ("", "DATE") if match is not None and match[4] is None else ("", "DATE-TIME")
        if match is None or kind not in fitting:
            raise _Fault(f"{what} is not written as a day, or a day and time")
        year, month, day, hour, minute, second = (int(match[number] or 0) for number in range(1, 7))
        try:
            wall = dt.datetime.combine(dt.date(year, month, day), dt.time(hour, minute, second))
        except ValueError:
            raise _Fault(f"{what} is no day or time that there is") from None
        if match[4] is None:
            return Stamp(wall, None, whole_day=True)
        if match[7]:
            return Stamp(wall, dt.UTC)
        name = found.parameters.get("TZID")
        if name is None:
            return Stamp(wall)
        zone = self.zone(name)
        if zone is None:
            raise _Fault(f"{what} names a time zone that is not known, and that the file does not define")
        return Stamp(wall, zone)

    def stamps(self, part: _Part, name: str, what: str) -> Iterator[Stamp]:
        for line in part.lines.get(name, []):
            found = _property(line, name)
            for raw in found.raw.split(","):
                yield self.stamp(found, what, raw)

    def rule(self, part: _Part, start: Stamp) -> tuple[str | None, int | None, Stamp | None]:
        """How an event repeats: a rule of whole days, how often, and until when. Raises _Fault."""
        found = self.one(part, "RRULE")
        if found is None:
            return None, None, None
        count: int | None = None
        until: Stamp | None = None
        # Some programs repeat here at what time it starts, which says nothing new.
        hands = {"BYHOUR": start.wall.hour, "BYMINUTE": start.wall.minute, "BYSECOND": start.wall.second}
        rest = []
        for word in found.raw.strip().upper().rstrip(";").split(";"):
            name, _, value = word.partition("=")
            if name == "COUNT" and count is None and re.fullmatch("[1-9][0-9]{0,5}", value):
                count = int(value)
            elif name == "UNTIL" and until is None:
                until = self.stamp(_Property({}, value), "the end of its rule")
            elif name not in hands or value not in (f"{hands[name]}", f"{hands[name]:02}"):
                rest.append(word)
        if count is not None and until is not None:
            raise _Fault("its rule ends twice, with COUNT and UNTIL")
        rule = ";".join(rest)
        if fault := rrule_fault(rule):
            raise _Fault(f"its rule cannot be used: {fault}")
        return rule, count, until

    # --- zones

    def zone(self, name: str) -> dt.tzinfo | None:
        """The zone that is meant by a name: of the database, by Windows' names, else as the file defines it."""
        if name not in self.known:
            self.known[name] = self._zone(name.strip())
        return self.known[name]

    def _zone(self, name: str) -> dt.tzinfo | None:
        from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

        names = [name, WINDOWS_TO_OLSON.get(name, "")]
        if name.startswith("/"):
            # /freeassociation.sourceforge.net/America/Chicago, /mozilla.org/20050126_1/America/Indiana/Knox
            parts = name.split("/")
            names += ["/".join(parts[-size:]) for size in (3, 2)]
        definition = self.definitions.get(name)
        if definition is not None:
            names += [line.partition(":")[2].strip() for line in definition.lines.get("X-LIC-LOCATION", [])[:1]]
        for one in names:
            if one and len(one) <= _MAX_UID and (zone := self.zones(one)) is not None:
                return dt.UTC if one in ("UTC", "Etc/UTC") else zone
        return self.defined(definition) if definition is not None else None

    def defined(self, part: _Part) -> dt.tzinfo | None:
        """A zone as its own lines define it; None if they cannot be used."""
        if not 0 < len(part.inner) <= _MAX_CHANGES:
            return None
        try:
            return _FileZone([self.change(inner) for inner in part.inner])
        except (_Fault, OverflowError):
            return None

    def change(self, part: _Part) -> _Change:
        """One observance of a zone. Raises _Fault if it is not of the kind that zones have."""
        start = self.stamp(self.needed(part, "DTSTART"), "")
        rule, count, until = self.rule(part, start)
        month = re.search(r"(?:^|;)BYMONTH=([0-9]+)(?:;|$)", rule or "")
        before, after = (_offset(self.needed(part, name).raw) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        if start.whole_day or count is not None or (rule and not (month and "FREQ=YEARLY" in rule)):
            raise _Fault
        last = until.wall + before if until and until.zone is dt.UTC else until.wall if until else None
        further = tuple(stamp.wall for stamp in self.stamps(part, "RDATE", ""))
        return _Change((start.wall, *further), rule, int(month[1]) if month else 0, last, before, after)


def _property(line: str, name: str) -> _Property:
    """A line taken apart by the library. Raises _Fault."""
    from icalendar.parser import Contentline

    if len(line) > _MAX_LINE or line.find(":", 0, _MAX_PARAMETERS) < 0:
        raise _Fault(f"its {name} is longer than calendars write it")
    try:
        _, parameters, raw = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        raise _Fault(f"its {name} is not written as calendars write it") from None
    if not all(isinstance(value, str) for value in parameters.values()):
        raise _Fault(f"its {name} says one thing twice")
    return _Property({key.upper(): value for key, value in parameters.items()}, raw)


def _day_of(raw: str) -> dt.date | None:
    """The day of a day and time, whatever else is wrong with it."""
    try:
        return dt.date(int(raw[:4]), int(raw[4:6]), int(raw[6:8]))
    except ValueError:
        return None


def _length(raw: str) -> dt.timedelta:
    from icalendar import vDuration

    try:
        length: dt.timedelta = vDuration.from_ical(raw.strip().upper())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        raise _Fault("its DURATION is no length of time") from None
    return length


def _offset(raw: str) -> dt.timedelta:
    match = _OFFSET.fullmatch(raw.strip())
    if match is None:
        raise _Fault("")
    offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset >= dt.timedelta(days=1):
        raise _Fault("")
    return -offset if match[1] == "-" else offset


def _words(text: str) -> str:
    """A text as one line that can be read: without signs that are not seen or turn lines around, and not too long."""
    # Joiners stay: some scripts and pictures are spelled with them.
    seen = "".join(
        sign if sign in "\u200c\u200d" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Cn", "Co") else " "
        for sign in text[: 4 * _MAX_TEXT]
    )
    line = " ".join(seen.split())
    return line if len(line) <= _MAX_TEXT else f"{line[: _MAX_TEXT - 1].rstrip()}…"


# --- zones that a file defines ---------------------------------------------------------------------------------------


_Begun = Callable[[dt.datetime, dt.timedelta, dt.timedelta], dt.datetime]
"""When a change has begun, by whatever clock is looked at: of its time, and the offsets before and after."""


class _Change(NamedTuple):
    """When the clocks change, as a VTIMEZONE says it (RFC 5545, 3.6.5). Times are those before the change."""

    times: tuple[dt.datetime, ...]
    """The first one, and those that are listed (RDATE)."""
    rule: str | None
    month: int
    """The month in which the rule changes the clocks."""
    until: dt.datetime | None
    before: dt.timedelta
    """The offset from UTC before the change."""
    after: dt.timedelta

    def in_year(self, year: int) -> set[dt.datetime]:
        """The times of a year."""
        found = {time for time in self.times if time.year == year}
        first = self.times[0]
        if self.rule is not None:
            begin = dt.date(year, self.month, 1)
            days = rrule_days(self.rule, first.date(), begin, begin + dt.timedelta(days=30))
            ruled = {dt.datetime.combine(day, first.time()) for day in days}
            found |= {time for time in ruled if time.year == year and (self.until is None or time <= self.until)}
        return found


class _FileZone(dt.tzinfo):
    """A time zone as a calendar file defines it: good for turning what its clocks show into an instant, and back."""

    def __init__(self, changes: list[_Change]) -> None:
        self.changes = changes
        self.years: dict[int, list[tuple[dt.datetime, dt.timedelta, dt.timedelta]]] = {}

    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:
        """The offset from UTC when the clocks show this. Raises OverflowError for years of which it is not asked.

        In an hour that the clocks leave out, the offset before it still counts; of a doubled one, the first.
        """
        if moment is None:
            raise OverflowError
        return self.latest(moment, lambda time, before, after: time + max(after - before, dt.timedelta()))

    def fromutc(self, moment: dt.datetime) -> dt.datetime:
        """What the clocks show at a moment in UTC. Raises OverflowError for years of which it is not asked."""
        return moment + self.latest(moment, lambda time, before, _: time - before)

    def latest(self, moment: dt.datetime, begun: _Begun) -> dt.timedelta:
        """The offset after the latest change that has begun."""
        if moment.year not in _ZONE_YEARS:
            raise OverflowError
        wall = moment.replace(tzinfo=None)
        for year in range(wall.year + 1, _ZONE_YEARS.start - 1, -1):
            for change in reversed(self.of_year(year)):
                if wall >= begun(*change):
                    return change[2]
        older = [change for change in self.changes if change.times[0].year < _ZONE_YEARS.start]
        if older:
            return max(older, key=lambda change: change.times[0]).after
        return min(self.changes, key=lambda change: change.times[0]).before

    def of_year(self, year: int) -> list[tuple[dt.datetime, dt.timedelta, dt.timedelta]]:
        """The changes of a year in order: when, and the offset before and after."""
        if year not in self.years:
            self.years[year] = sorted(
                (time, change.before, change.after) for change in self.changes for time in change.in_year(year)
            )
        return self.years[year]

    def dst(self, moment: dt.datetime | None) -> None:
        return None

    def tzname(self, moment: dt.datetime | None) -> None:
        return None

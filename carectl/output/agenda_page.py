"""The agenda, line by line: by day, by client or by staff. What needs somebody stands out by a sign and a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from carectl.care.conflicts import Conflict, Key, key_of, lack
from carectl.care.coverage import instants, length
from carectl.care.schedule import Occurrence
from carectl.output.terminal import Line, Part, Style, blocks, indented, width_of

By = Literal["day", "client", "staff"]

_OFF: Final = frozenset({"cancelled", "missed", "refused"})
_SIGNS: Final[dict[str, tuple[str, Style]]] = {
    "✓": ("done", ""),
    "!": ("open: nobody comes yet", "loud"),
    "*": ("in conflict", "loud"),
    "?": ("past without a record", "warn"),
    "x": ("not taking place", "faint"),
}
"""The signs in the margin, what they mean and how their lines look."""
_LOOKS: Final[tuple[Style, ...]] = ("loud", "warn", "faint", "")
_BELOW: Final = 5
"""How far the lines below a visit are indented."""


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called."""

    clients: Mapping[str, str]
    staff: Mapping[str, str]
    contacts: Mapping[tuple[str, str], str]
    """By client and contact."""

    def client(self, client_id: str) -> str:
        """A client's name, with the id if somebody else has the same; the id alone if no name could be read."""
        name = self.clients.get(client_id)
        if name is None:
            return client_id
        return f"{name} {client_id}" if sum(other == name for other in self.clients.values()) > 1 else name


@dataclass(frozen=True, slots=True)
class Agenda:
    """What an agenda tells."""

    start: dt.date
    until: dt.date
    visits: Sequence[Occurrence]
    """In their order."""
    conflicts: Mapping[Key, Sequence[Conflict]]
    """By visit; also those with visits that are not shown."""
    today: Mapping[str, dt.date]
    """The day that it is where each client lives."""
    now: dt.datetime
    """In the practice's zone."""
    whole: bool = True
    """Whether all visits of these days could be read and placed."""

    def signs(self, item: Occurrence) -> str:
        """What stands in the margin of a visit."""
        if item.status in _OFF:
            return "x"
        if item.status == "done":
            return "✓"
        if item.end.date() < self.today.get(item.client, self.now.date()):
            return "?"
        return ("!" if item.open or item.short else "") + ("*" if key_of(item) in self.conflicts else "")


@dataclass(frozen=True, slots=True)
class _Group:
    title: str
    visits: list[Occurrence]
    staff: str | None = None
    """Whose visits they are."""


def agenda(page: Agenda, names: Names, by: By, width: int) -> Iterator[Line]:
    """Visits in each client's local time, group by group."""
    if not page.visits:
        read = "" if page.whole else "that could be read "
        yield [(f"No visits {read}{_window(page.start, page.until)}.", "")]
        return
    groups = list(_groups(page, names, by))
    # All groups share their columns, so that the eye finds its way.
    rows = [_row(page, item, names, by, group.staff) for group in groups for item in group.visits]
    found = iter(blocks(rows, width, whole=(0, 1, 2)))
    for number, group in enumerate(groups):
        if number:
            yield []
        counts = "   ".join(_counts(page, group.visits, brief=True))
        yield [(group.title, "title"), (f"   {counts}", "faint")]
        for item in group.visits:
            yield from next(found)
            yield from _below(page, item, names, width)
    yield []
    yield from _flowing(_counts(page, page.visits, brief=False), width)


def _groups(page: Agenda, names: Names, by: By) -> Iterator[_Group]:
    found: dict[str | None, list[Occurrence]] = {}
    for item in page.visits:
        keys: Iterable[str | None] = (str(item.day),)
        if by == "client":
            keys = (item.client,)
        elif by == "staff":
            keys = item.staff or (None,)
        for key in keys:
            found.setdefault(key, []).append(item)
    others = found.pop(None, [])
    if by == "staff":
        # Whom nobody visits yet comes first.
        for title, is_open in (("Open shifts", True), ("Seen by others", False)):
            if visits := [item for item in others if (item.open or item.short) is is_open]:
                yield _Group(title, visits)
        for key in sorted(filter(None, found), key=lambda key: (names.staff.get(key, key), key)):
            yield _Group(f"{names.staff.get(key, '')} ({key})".lstrip(), found[key], key)
        return
    for key in sorted(filter(None, found)):
        title = f"{key} {names.clients.get(key, '')}".rstrip()
        if by == "day":
            day = dt.date.fromisoformat(key)
            title = f"{day:%A} {key}" + (" (today)" if day == page.now.date() else "")
        yield _Group(title, found[key])


def _row(page: Agenda, item: Occurrence, names: Names, by: By, staff: str | None) -> list[Part]:
    signs = page.signs(item)
    who, what = whom(item, names), service(item)
    if by == "staff" and not item.open and item.status not in _OFF:
        # Whose visits they are stands above them: of who comes only the others are said.
        others = team(item, names, besides=staff)
        who, what = "", f"{what} with {others}" if others else what
    cells = (
        signs,
        "" if by == "day" else f"{item.day:%a %d %b}",
        hours(item, page.now),
        "" if by == "client" else names.client(item.client),
        who,
        what,
    )
    look = look_of(signs)
    return [(cell, look) for cell in cells]


def look_of(signs: str) -> Style:
    """How the line of a visit looks: as the most pressing of its signs."""
    looks = {_SIGNS[sign][1] for sign in signs}
    return next((look for look in _LOOKS if look in looks), "")


def _counts(page: Agenda, items: Sequence[Occurrence], *, brief: bool) -> Iterator[str]:
    """How many visits there are, how long they take, and how many of them carry each sign."""
    yield f"{len(items)} visit{'s' * (len(items) != 1)}, {length(_spent(items))}"
    signs = [sign for item in items for sign in page.signs(item)]
    for sign, (words, _) in _SIGNS.items():
        if sign in signs and not (brief and sign == "✓"):
            few = sign == "!" and any(item.short and "!" in page.signs(item) for item in items)
            full_words = f"{words}, or one too few" if few else words
            yield f"{sign} {signs.count(sign)} {words.partition(':')[0] if brief else full_words}"


def _spent(items: Iterable[Occurrence]) -> dt.timedelta:
    """How long visits take. What one person does at once counts once, as a couple's visit does; what two people do
    together too, so that the hours of one person's visits are that person's."""
    spent = dt.timedelta()
    reached: dict[object, dt.datetime] = {}
    for start, end, item in sorted(((*instants(item), item) for item in items), key=lambda entry: entry[:2]):
        if item.status in _OFF:
            continue
        team: Iterable[object] = item.staff or [key_of(item)]
        begin = max(start, *(reached.get(one, start) for one in team))
        spent += max(end - begin, dt.timedelta())
        for one in team:
            reached[one] = max(reached.get(one, end), end)
    return spent


def _flowing(parts: Iterable[str], width: int) -> Iterator[Line]:
    """Parts beside one another, as many as fit in each line."""
    line = ""
    for part in parts:
        if line and width_of(line) + 3 + width_of(part) > width:
            yield [(line, "faint")]
            line = ""
        line += f"   {part}" if line else part
    yield [(line, "faint")]


# --- one visit -------------------------------------------------------------------------------------------------------


def hours(item: Occurrence, now: dt.datetime) -> str:
    """When a visit starts and ends where the client lives, with the zone if the practice's clocks show another time."""
    over = (item.end.date() - item.start.date()).days
    # Six in the morning after ten at night needs no word; only what lasts longer does.
    longer = over > 1 or (over == 1 and item.end.time() > item.start.time())
    text = f"{item.start:%H:%M}–{item.end:%H:%M}" + (f" +{over}d" if longer else "")
    same = now.tzinfo is None or item.start.astimezone(now.tzinfo).utcoffset() == item.start.utcoffset()
    return text if same else f"{text} {item.start:%Z}"


def service(item: Occurrence) -> str:
    """What a visit is, and whether it was confirmed."""
    words = item.service.replace("_", " ")
    return f"{words}, confirmed" if item.status == "confirmed" else words


def whom(item: Occurrence, names: Names) -> str:
    """Who comes, or that nobody does."""
    if item.status in _OFF:
        return item.status.upper()
    return "OPEN SHIFT" if item.open else team(item, names)


def team(item: Occurrence, names: Names, besides: str | None = None) -> str:
    """Who comes, or would have come, `besides` somebody."""
    people = [names.staff.get(person, person) for person in item.staff if person != besides]
    if item.with_ is not None:
        people.append(names.contacts.get((item.client, item.with_), item.with_))
    return ", ".join(people)


def _below(page: Agenda, item: Occurrence, names: Names, width: int) -> Iterator[Line]:
    """What has to be said of a visit on lines of its own."""
    signs = page.signs(item)
    for conflict in page.conflicts.get(key_of(item), ()) if "*" in signs else ():
        yield from indented(f"CONFLICT: {clash(conflict, names, page.now)}", width, _BELOW, "loud")
    if item.short:
        yield from indented(missing(item, names), width, _BELOW, "loud")
    for text in remarks(item, names):
        yield from indented(text, width, _BELOW, look_of(signs) if signs == "x" else "")


def clash(conflict: Conflict, names: Names, now: dt.datetime) -> str:
    """What speaks against a visit, in a sentence."""
    who = names.staff.get(conflict.staff, conflict.staff) if conflict.staff else None
    other = conflict.other
    if other is None:
        return f"{who} {conflict.words}" if who else conflict.words
    when = hours(other, now) + (f" on {full(other.day)}" if other.day != conflict.visit.day else "")
    if conflict.why == "travel":
        return f"{who} comes from {names.client(other.client)}, there {hours(other, now)}, and {conflict.words}"
    if who:
        return f"{who} is also at {names.client(other.client)}, {when}"
    return f"at the same time as {other.service.replace('_', ' ')} {when} ({whom(other, names)})"


def remarks(item: Occurrence, names: Names) -> list[str]:
    """Where a visit takes place if not at home, whether it was moved, why it is not as it was due, who would come."""
    care = {"away": "the client is away", "end_of_care": "care has ended"}.get(item.suspended or "", "")
    gone = item.opened if not item.short else ()  # of a visit to which somebody else comes, `missing` says it louder
    away = f"{', '.join(names.staff.get(person, person) for person in gone)} away" if gone else ""
    reason = ": ".join(part for part in (care or _moved(item), item.reason) if part)
    said = "; ".join(part for part in (reason, away) if part)
    people = team(item, names) if item.status in _OFF else ""
    why = f"{said} ({people})" if said and people else said or people
    return [text for text in (f"at {item.where}" if item.where else "", why) if text]


def missing(item: Occurrence, names: Names) -> str:
    """Who should come too but is away: ONE MISSING: Jo Park is away."""
    people = [names.staff.get(person, person) for person in item.opened]
    verb = "is" if len(people) == 1 else "are"
    return f"{lack(item).upper()}: {' and '.join(people)} {verb} away"


def _moved(item: Occurrence) -> str:
    """From when a visit was moved."""
    if item.due is not None and item.due != item.day:
        return f"moved from {full(item.due)}"
    at = item.rule.at.zfill(5) if item.rule and item.visit and item.visit.at else None
    if at is None or item.visit is None or item.visit.at is None or item.visit.at.zfill(5) == at:
        return ""
    return f"moved from {at}"


def visit_lines(
    items: Sequence[Occurrence], names: Names, now: dt.datetime, width: int, *, indent: int = 0
) -> dict[dt.date, list[Line]]:
    """The visits of one client by their days, for a page about that client."""
    found: dict[dt.date, list[Line]] = {}
    rows = []
    for item in items:
        sign = "!" if item.open or item.short else "x" if item.status in _OFF else "✓" if item.status == "done" else ""
        look = look_of(sign)
        rows.append([(cell, look) for cell in (sign, hours(item, now), service(item), whom(item, names))])
    marked = any(row[0][0] for row in rows)
    for item, row, block in zip(items, rows, blocks(rows, width, whole=(0, 1), indent=indent), strict=True):
        lines = found.setdefault(item.day, [])
        lines += block
        if item.short:
            lines += indented(missing(item, names), width, indent + 3 * marked + 2, "loud")
        for text in remarks(item, names):
            lines += indented(text, width, indent + 3 * marked + 2, row[0][1])
    return found


def _window(start: dt.date, until: dt.date) -> str:
    return f"on {full(start)}" if start == until else f"from {full(start)} until {full(until)}"


def full(day: dt.date) -> str:
    """A day in full: Fri 2026-11-27."""
    return f"{day:%a} {day.isoformat()}"

"""What needs a person now, line by line: one screen, with what is most urgent in any case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from carectl.care.setting import Setting
from carectl.care.worklist import KINDS, URGENT, WHENS, Item, Worklist, said
from carectl.output.terminal import Line, indented, width_of

_TITLES: Final = {"overdue": "OVERDUE", "today": "TODAY", "soon": "NEXT 7 DAYS"}
_INDENT: Final = 4


def worklist(
    page: Worklist,
    client: Callable[[str], str],
    place: Callable[[Item], str],
    setting: Setting,
    width: int,
    room: int | None,
    *,
    unread: bool = False,
) -> Iterator[Line]:
    """The list in as many lines as there is `room` for (None: all of it). `unread`: something could not be read.

    `client` tells what a client is called, `place` where an item stands, as path:line.
    """
    clock = "" if setting.whole_day else f" {setting.now:%H:%M}"
    yield [(f"{setting.today:%A} {setting.today}", "title"), (clock, "")]
    yield from _visits(page, width)
    yield from _absences(page, client, setting.today, width)
    entries = [(item, 0) for item in page.items] if room is None else _folded(page)
    chosen = _chosen(entries, client, place, width, room)
    for when in WHENS:
        count = sum(item.when == when for item in page.items)
        shown = [(item, more) for item, more in entries if item.when == when and item in chosen]
        if shown:
            told = sum(1 + more for _, more in shown)
            yield []
            yield [(f"{_TITLES[when]} ({count if told == count else f'{told} of {count}'})", "title")]
        for item, _ in shown:
            yield from chosen[item]
    yield []
    rest = len(page.items) - sum(1 + more for item, more in entries if item in chosen)
    if not page.items:
        what = "Nothing that could be read" if unread else "Nothing"
        yield [(f"{what} needs you within the next 7 days.", "")]
    else:
        yield [(f"and {rest} more: carectl today --all", "warn") if rest else (f"{len(page.items)} in all", "faint")]


def _folded(page: Worklist) -> list[tuple[Item, int]]:
    """The items, each with how many more it stands for: the visits of a client without a record become one."""
    counts: dict[object, int] = {}
    for item in page.items:
        counts[_likeness(item)] = counts.get(_likeness(item), -1) + 1
    return [(item, counts.pop(_likeness(item))) for item in page.items if _likeness(item) in counts]


def _likeness(item: Item) -> object:
    return (item.kind, item.when, item.client) if item.kind == "visit-unrecorded" else item


def _visits(page: Worklist, width: int) -> Iterator[Line]:
    """The visits of today in one line: the agenda shows them."""
    count = len(page.visits)
    done = sum(item.status == "done" for item in page.visits)
    nobody, few = sum(item.open for item in page.visits), sum(item.short for item in page.visits)
    parts = [f"{count} visit{'s' * (count != 1)} today" if count else "No visits today"]
    parts += [f"{done} done"] if done else []
    parts += [f"{nobody} OPEN"] if nobody else []
    parts += [f"{few} WITH SOMEBODY MISSING"] if few else []
    more = ": carectl agenda --until today" if count else ""
    yield from indented(f"{', '.join(parts)}{more}", width, 0, "loud" if nobody or few else "")


def _absences(page: Worklist, client: Callable[[str], str], today: dt.date, width: int) -> Iterator[Line]:
    if page.away:
        named = [(client(item.client) if item.client else item.name, item.until) for item in page.away]
        words = [f"{name} until {said(until, today)}" if until else f"{name} for now" for name, until in named]
        yield from indented(f"Away: {'; '.join(words)}", width, 0)


def _chosen(
    entries: Iterable[tuple[Item, int]],
    client: Callable[[str], str],
    place: Callable[[Item], str],
    width: int,
    room: int | None,
) -> dict[Item, list[Line]]:
    """The items for which there is room, the most pressing first, each with its lines."""
    found: dict[Item, list[Line]] = {}
    used = 0
    for item, more in sorted(entries, key=lambda entry: (_pressure(entry[0]), entry[0].sort_key)):
        block = list(_item(item, more, client, place(item), width))
        used += len(block)
        if room is not None and found and used > room:
            break
        found[item] = block
    return found


def _pressure(item: Item) -> int:
    """What cannot wait comes first, whenever it is due."""
    return KINDS.index(item.kind) if item.kind in URGENT else len(KINDS)


def _item(item: Item, more: int, client: Callable[[str], str], place: str, width: int) -> Iterator[Line]:
    """What it is and what clears it; where it stands comes at the end of the first line that has room for it."""
    urgent = item.kind in URGENT
    what = f"{item.what}, {more} more like it" if more else item.what
    named = f"{client(item.client)} · {what}" if item.client else what
    said = list(indented(named, width, _INDENT - 2, "loud" if urgent else ""))
    said[0] = [("! " if urgent else "  ", said[0][1][1]), *said[0][1:]]
    done = list(indented(item.command or item.hint or "", width, _INDENT))
    lines = [*said, *done]
    for number in range(len(said) - 1, len(lines)):
        gap = width - sum(width_of(text) for text, _ in lines[number]) - width_of(place)
        if gap >= 2 and number in (len(said) - 1, len(lines) - 1):
            lines[number] = [*lines[number], (" " * gap, ""), (place, "faint")]
            break
    else:
        lines.append([(" " * max(width - width_of(place), 0), ""), (place, "faint")])
    yield from lines

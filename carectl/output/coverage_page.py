"""What is said of who could take a visit: for one visit everybody on the roster, for many the one who fits best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from carectl.care.coverage import Candidate, Neighbour
from carectl.care.gaps import Places, Proposal
from carectl.care.schedule import Occurrence
from carectl.caseload.records import StaffMember
from carectl.output.agenda_page import Names, full, hours, service
from carectl.output.export import as_json, occurrence
from carectl.output.terminal import Line, indented


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What there is to say of one visit."""

    visit: Occurrence
    head: Sequence[str]
    """The client and the visit, as every command says them back."""
    ranked: Sequence[Candidate]
    places: Places
    staff: Mapping[str, StaffMember]
    unread: Sequence[str]
    """Staff whose files could not be read."""
    language: str | None
    """The client's."""

    @property
    def down(self) -> list[str]:
        """Who is down for it, away or not."""
        return list(dict.fromkeys((*self.visit.opened, *self.visit.staff)))

    def command(self, one: Candidate) -> str | None:
        """What to type to give the visit to somebody; None if they cannot take it, or not alone."""
        if not one.can or one.staff in self.down or self.places.missing != 1:
            return None
        return assign(self.visit, (*self.places.keep, one.staff))


def assign(visit: Occurrence, staff: Iterable[str]) -> str:
    """What to type to give a visit to somebody."""
    return f"carectl visit assign {visit.client}/{visit.id} {','.join(staff)}"


# --- one visit -------------------------------------------------------------------------------------------------------


def suggestion(page: Suggestion, width: int) -> Iterator[Line]:
    """Everybody for one visit: who could take it, and why each of the others cannot."""
    for nth, text in enumerate(page.head):
        yield from indented(text, width, 0, "title" if nth == 0 else "")
    others = [one for one in page.ranked if one.staff not in page.down]
    able = [one for one in others if one.can]
    against = [one for one in others if one.against]
    doubtful = [one for one in others if one.unread and not one.against]
    if page.down:
        yield from _section("Down for it now", (_against(page, name) for name in page.down), width)
    yield []
    yield [("Could take it", "title") if able else ("Nobody else on the roster can take it.", "loud")]
    if able and page.places.missing > 1:
        names = ",".join([*page.places.keep, *["STAFF"] * page.places.missing])
        yield from indented(f"{page.places.missing} people are needed. Name all who are to come:", width, 2, "", "  ")
        yield [(f"  carectl visit assign {page.visit.client}/{page.visit.id} {names}", "")]
    for one in able:
        yield from _able(page, one, width)
    yield from _section("Cannot", (_against(page, one.staff) for one in against), width)
    unsure = [f"{_named(page, one.staff)}: {_lost(one)}" for one in doubtful]
    unsure += [f"{name}: carectl check staff/{name}.yaml" for name in page.unread if name not in page.down]
    yield from _section("Not known: something in their files could not be read", unsure, width)


def _section(title: str, texts: Iterable[str], width: int) -> Iterator[Line]:
    found = list(texts)
    if found:
        yield []
        yield [(title, "title")]
        for text in found:
            first, *rest = indented(text, width - 2, 2)
            yield [("  ", ""), first[1]]
            yield from ([("    ", ""), line[1]] for line in rest)


def _able(page: Suggestion, one: Candidate, width: int) -> Iterator[Line]:
    member = page.staff[one.staff]
    yield from indented(f"{_named(page, one.staff)}, {member.role.replace('_', ' ')}", width, 2, "", "  ")
    for texts in (one.favours(page.language), one.beside() or ("has no other visit that day",)):
        if texts:
            yield from indented(", ".join(texts), width, 4)
    if command := page.command(one):
        yield [(f"    {command}", "")]


def _against(page: Suggestion, name: str) -> str:
    one = next((one for one in page.ranked if one.staff == name), None)
    if one is None:
        return f"{name}: " + ("the file could not be read" if name in page.unread else "is not on the roster")
    words = [reason.words for reason in one.against] + ([_lost(one)] if one.unread else [])
    return _named(page, name) + (f": {'; '.join(words)}" if words else "")


def _lost(one: Candidate) -> str:
    fields = " and ".join(f"`{name}`" for name in one.unread)
    return f"{fields} in staff/{one.staff}.yaml could not be read"


def _named(page: Suggestion, name: str) -> str:
    return f"{name} {page.staff[name].name.full}"


# --- many visits -----------------------------------------------------------------------------------------------------


def gaps(
    found: Sequence[Proposal],
    names: Names,
    languages: Mapping[str, str | None],
    days: tuple[dt.date, dt.date],
    now: dt.datetime,
    width: int,
    *,
    is_whole: bool,
) -> Iterator[Line]:
    """The visits that nobody covers, day by day, each with who fits best. `languages` are the clients'.

    `is_whole` is False if there are visits that could not be read.
    """
    when = f"on {full(days[0])}" if days[0] == days[1] else f"from {full(days[0])} until {full(days[1])}"
    if not found:
        known = "" if is_whole else " that could be read"
        yield from indented(f"Somebody comes to every visit{known} {when}.", width, 0)
        return
    for nth, (day, group) in enumerate(groupby(found, key=lambda one: one.gap.visit.day)):
        if nth:
            yield []
        yield [(f"{day:%A} {day.isoformat()}", "title")]
        for one in group:
            yield from _gap(one, names, languages, now, width)
    able = sum(len(one.best) == one.gap.missing for one in found)
    yield []
    count = "1 visit needs somebody" if len(found) == 1 else f"{len(found)} visits need somebody"
    whole = "it" if len(found) == 1 else "all of them"
    can = f"somebody on the roster can take {whole if able == len(found) else f'{able} of them'}"
    count += f" {when}; {can if able else 'nobody on the roster can'}"
    yield from indented(f"{count}. Who is proposed for one counts as taken for those below it.", width, 0, "faint")


def _gap(
    one: Proposal, names: Names, languages: Mapping[str, str | None], now: dt.datetime, width: int
) -> Iterator[Line]:
    visit, gap = one.gap.visit, one.gap
    client = f"{visit.client} {names.clients.get(visit.client, '')}".rstrip()
    yield from indented(f"{client}, {service(visit)}", width, 15, "", f"  {hours(visit, now)}  ")
    coming = f"; {' and '.join(names.staff.get(name, name) for name in gap.coming)} still comes" if gap.coming else ""
    together = f"; in one visit with {' and '.join(gap.together)}" if gap.together else ""
    needed = f"; {gap.missing} people are needed" if gap.missing > 1 else ""
    yield from indented(f"{gap.words}{coming}{needed}{together}", width, 4, "loud")
    for candidate in one.best:
        favours = ", ".join(candidate.favours(languages.get(visit.client)))
        name = names.staff.get(candidate.staff, candidate.staff)
        yield from indented(f"{name}{f': {favours}' if favours else ''}", width, 4)
    if len(one.best) < gap.missing:
        more = "nobody else" if one.best or one.busy or gap.coming else "nobody"
        shown = " and ".join(names.staff.get(name, name) for name in one.busy)
        why = f": {shown} {'is' if len(one.busy) == 1 else 'are'} proposed for others" if shown else ""
        yield from indented(f"{more} on the roster can{why}", width, 4, "warn")
        yield [(f"    carectl visit suggest {visit.client}/{visit.id}", "")]
    elif one.best:
        yield [(f"    {command_for(one)}", "")]


def command_for(one: Proposal) -> str | None:
    """What to type to fill a gap as proposed; None if there is nobody to fill it with."""
    if len(one.best) < one.gap.missing:
        return None
    return assign(one.gap.visit, (*one.gap.coming, *(candidate.staff for candidate in one.best)))


# --- for scripts -----------------------------------------------------------------------------------------------------


def suggestion_json(page: Suggestion) -> str:
    """The same as JSON."""
    return as_json({
        "visit": occurrence(page.visit),
        "missing": page.places.missing,
        "candidates": [
            {**_candidate(one), "down": one.staff in page.down, "command": page.command(one)} for one in page.ranked
        ],
        "unread": list(page.unread),
    })  # fmt: skip


def gaps_json(found: Sequence[Proposal], days: tuple[dt.date, dt.date], unread: Sequence[str]) -> str:
    """The same as JSON."""
    return as_json({
        "from": days[0].isoformat(),
        "until": days[1].isoformat(),
        "gaps": [
            {
                "visit": occurrence(one.gap.visit),
                "kind": one.gap.kind,
                "why": one.gap.words,
                "coming": list(one.gap.coming),
                "missing": one.gap.missing,
                "able": one.able,
                "best": [_candidate(candidate) for candidate in one.best],
                "command": command_for(one),
            }
            for one in found
        ],
        "unread": list(unread),
    })  # fmt: skip


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "staff": one.staff,
        "can": one.can,
        "visits": one.visits,
        "speaks_language": one.language,
        "minutes_left": None if one.left is None else _minutes(one.left),
        "before": _neighbour(one.before),
        "after": _neighbour(one.after),
        "against": [{"why": reason.why, "words": reason.words} for reason in one.against],
        "unread": list(one.unread),
    }


def _neighbour(one: Neighbour | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"client": one.client, "at": one.at.isoformat(timespec="seconds"), "travel_minutes": _minutes(one.way)}


def _minutes(time: dt.timedelta) -> int:
    return int(time.total_seconds() // 60)

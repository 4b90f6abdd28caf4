"""A call-out on one screen: the visits, who takes each and why not somebody else, and the texts to send."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from carectl.care.callout import CallOut, Message, Suspension, Vacancy
from carectl.care.coverage import Candidate, Reason, length
from carectl.care.dates import in_full
from carectl.care.notices import Notice
from carectl.care.schedule import Occurrence
from carectl.caseload.records import Chart, StaffMember
from carectl.output.agenda_page import hours
from carectl.output.export import as_json, occurrence
from carectl.output.terminal import Line, Style, indented, width_of

_BELOW: Final = 4
"""How far is indented what stands below a visit."""
_MANY: Final = 12
"""Of more visits than these it is told only who takes them, if somebody does, and not why nobody else."""
_NAMES: Final = 4
"""How many people are named at most who cannot come for one reason, or could come instead."""
_MARKS: Final[dict[str, tuple[str, Style]]] = {"open": ("!", "loud"), "taken": (" ", ""), "begun": ("?", "warn")}


@dataclass(frozen=True, slots=True)
class People:
    """What ids are called, and on which day in which zone it is looked at."""

    staff: Mapping[str, StaffMember]
    now: dt.datetime
    """In the practice's zone."""

    def full(self, staff_id: str) -> str:
        """A staff member's name."""
        member = self.staff.get(staff_id)
        return member.name.full if member else staff_id

    def short(self, staff_id: str) -> str:
        """The first name, unless somebody else has the same."""
        member = self.staff.get(staff_id)
        if member is None:
            return staff_id
        twins = sum(other.name.called == member.name.called for other in self.staff.values())
        return member.name.called if twins == 1 else member.name.full


# --- somebody who comes is away --------------------------------------------------------------------------------------


def call_out(out: CallOut, name: str, ahead: str, reason: str, names: People, width: int) -> Iterator[Line]:
    """The screen of a call-out; `name` is who is away, `ahead` how far was looked if nobody knows until when."""
    if not out.vacancies:
        yield [(f"No visit falls into that time{ahead}.", "")]
        return
    yield from indented(_count(out.vacancies, name) + f"{ahead}.", width, 0)
    brief = len(out.vacancies) > _MANY
    told: dict[tuple[Why, ...], Occurrence] = {}
    backed: set[str] = set()
    for day in sorted({item.visit.day for item in out.vacancies}):
        yield []
        yield [(in_full(day, names.now.date()), "title")]
        for item in out.vacancies:
            if item.visit.day != day:
                continue
            whys, open_ = _whys(item, names), item.takes is None and not item.named and not item.begun
            # What is so for many visits is said once.
            before = told.setdefault(whys, item.visit) if open_ else item.visit
            yield from _visit(item, names, width, "" if before is item.visit else f": see {_on(before, day)}")
            if item.takes is not None:
                yield from _taker(item, names, width)
            for text, style in () if before is not item.visit or (brief and item.takes) else whys:
                yield from indented(text, width, 8, style, " " * 6)
            if item.begun:
                yield from in_lines(missed(item, reason), width, 8)
            if open_ and item.visit.client not in backed:
                backed.add(item.visit.client)
                yield from _backup(item.chart, width)
    if brief and any(item.takes for item in out.vacancies):
        item = next(item for item in out.vacancies if item.takes)
        yield []
        yield [("Why not somebody else:", "faint")]
        yield [(f"  carectl visit suggest {'/'.join(item.key)}", "faint")]
    if out.unread:
        yield []
        yield from indented(
            f"Not asked, because their files cannot be read: {', '.join(out.unread)} (carectl check)", width, 2, "warn"
        )
    yield from _texts(out, names, width)


def _count(vacancies: Sequence[Vacancy], name: str) -> str:
    begun = sum(item.begun for item in vacancies)
    takes = sum(item.takes is not None for item in vacancies)
    nobody = len(vacancies) - begun - takes
    visits = f"{len(vacancies)} visit{'s are' if len(vacancies) != 1 else ' is'} without {name}"
    parts = [f"{takes} can be taken over"] * (takes > 0)
    parts += [f"{nobody} with NOBODY to take {'it' if nobody == 1 else 'them'}"] * (nobody > 0)
    parts += [f"{begun} {'has' if begun == 1 else 'have'} begun already"] * (begun > 0)
    return f"{visits}: {', '.join(parts)}"


Why = tuple[str, Style]
"""Something about who could come and who cannot, and how it looks."""


def _on(visit: Occurrence, day: dt.date) -> str:
    return f"{visit.start:%H:%M}" if visit.day == day else f"{visit.start:%a %m-%d %H:%M}"


def _visit(item: Vacancy, names: People, width: int, more: str) -> Iterator[Line]:
    visit = item.visit
    mark, look = _MARKS["begun" if item.begun else "taken" if item.takes else "open"]
    others = f", with {' and '.join(map(names.full, visit.staff))}" if visit.staff else ""
    confirmed = ", was confirmed" if visit.status == "confirmed" else ""
    client = f"{visit.client} {item.chart.client.name.full if item.chart.client else ''}".rstrip()
    label = f"{mark} {hours(visit, names.now)}  "
    head = f"{client}, {visit.service.replace('_', ' ')}{others}{confirmed}{more}"
    yield from indented(head, width, width_of(label), look, label)


def _taker(item: Vacancy, names: People, width: int) -> Iterator[Line]:
    label = "    → "
    said = ", as you said" if item.named else ""
    favours = _favours(item.best, item.chart)
    yield from indented(f"{names.full(item.takes or '')}{said}{favours}", width, len(label), "title", label)
    for words in item.against:
        yield from indented(f"but {words}", width, len(label) + 2, "loud", " " * len(label) + "! ")


def _favours(candidate: Candidate | None, chart: Chart) -> str:
    if candidate is None:
        return ""
    found = [] if candidate.visits else ["has not been there"]
    found += candidate.favours(chart.client.language if chart.client else None)
    return "".join(f", {words}" for words in found)


def _backup(chart: Chart, width: int) -> Iterator[Line]:
    emergency = chart.client.emergency if chart.client else None
    if emergency is not None and emergency.backup_plan:
        yield from indented(f"backup plan: {emergency.backup_plan}", width, 8, "", " " * 6)


def _whys(item: Vacancy, names: People) -> tuple[Why, ...]:
    """Who could come instead, and why the rest cannot, each reason once."""
    if item.begun:
        return (("It should have begun. If nobody came:", "warn"),)
    found: list[Why] = []
    if item.takes is None and item.named:
        found.append(("left open, as you said", ""))
    elif item.takes is None:
        found.append(("NOBODY of this profession can" if item.others else "NOBODY can", "loud"))
    if item.could:
        been = {one.staff: f" (there {one.visits}x)" if one.visits else "" for one in item.could}
        text = _few([f"{names.short(one)}{times}" for one, times in been.items()])
        found.append((f"or {text}" if item.takes else f"could: {text}", ""))
    if item.others:
        text = _few([f"{names.short(one.staff)} ({_role(one.staff, names)})" for one in item.others])
        found.append((f"another profession: {text}", ""))
    groups: dict[str, list[str]] = {}
    for one in item.cannot:
        groups.setdefault(_short(one), []).append(names.short(one.staff))
    if len(groups) == 1 and len(item.cannot) > 1:
        alone = item.takes is None and not item.could and not item.others
        found.append((f"{'all' if alone else 'all others'}: {next(iter(groups))}", "faint"))
    elif groups:
        found.append(("; ".join(f"{why}: {_few(people)}" for why, people in groups.items()), "faint"))
    return tuple(found)


def _few(people: Sequence[str]) -> str:
    """People with commas between; of many only the first ones."""
    shown = people if len(people) <= _NAMES + 1 else people[:_NAMES]
    more = len(people) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _role(staff_id: str, names: People) -> str:
    member = names.staff.get(staff_id)
    return member.role.replace("_", " ") if member else ""


def _short(candidate: Candidate) -> str:
    """What speaks most against somebody, in a few words."""
    if not candidate.against:
        return "file not readable"
    reason: Reason = candidate.against[0]
    return {
        "away": "away",
        "availability": "not working then",
        "skill": f"no {reason.detail.replace('_', ' ')}",
        "credential": f"{reason.detail.replace('_', ' ')} lapsed",
        "hours": "too many hours",
        "busy": "at another client's",
        "travel": "no time for the way",
    }.get(reason.why, reason.words)


def _texts(out: CallOut, names: People, width: int) -> Iterator[Line]:
    if not (out.messages or out.untold or out.silent or out.contacts_unread):
        return
    yield []
    yield [("Texts to send once that is settled", "title"), (" (carectl sends nothing)", "faint")]
    yield from _messages(out.messages, width)
    for item in out.untold:
        whose = f"{item.contact.name} ({item.contact.relationship} of {_first(item.chart)})"
        yield from indented(f"{whose}: no text: {item.words}", width, 2, "warn")
    for chart in out.silent:
        yield from indented(f"Nobody outside may be told of {_first(chart)}: call there yourself.", width, 2, "warn")
    for chart in out.contacts_unread:
        yield from indented(f"Who else must be told of {_first(chart)}: {contacts_unread(chart)}", width, 2, "loud")
    phones = [f"{_first(chart)} {_phone(chart)}" for chart in _charts(out)]
    if phones:
        yield []
        yield from indented(f"The clients themselves: {', '.join(phones)}", width, 2)
    if out.later:
        words = f"{out.later} of the visits are more than two weeks ahead: the texts do not tell of them."
        yield from indented(f"{words} For one of them: carectl notify VISIT --to PERSON", width, 2, "faint")


def contacts_unread(chart: Chart) -> str:
    """That the contacts of a client could not be read, and where they are."""
    return f"the contacts could not be read, or not all of them ({chart.path}/contacts.yaml; carectl check {chart.id})"


def _charts(out: CallOut) -> Iterable[Chart]:
    return {item.chart.id: item.chart for item in out.vacancies if not item.begun}.values()


def _phone(chart: Chart) -> str:
    return chart.client.phones[0] if chart.client and chart.client.phones else "(no phone on file)"


def _first(chart: Chart) -> str:
    """A client by id and first name."""
    return f"{chart.id} {chart.client.name.called if chart.client else ''}".rstrip()


def _messages(messages: Iterable[Message], width: int) -> Iterator[Line]:
    for item in messages:
        yield []
        of = f" ({item.relationship} of {_first(item.chart)})" if item.chart else ""
        yield from indented(f"{item.name}{of} {item.phone or '(no phone on file)'}", width, 2, "title")
        for line in item.text.split("\n"):
            yield from indented(line, width, _BELOW, "", "  ")
        for remark in item.remarks:
            yield from indented(f"! {remark}", width, _BELOW, "warn", "  ")


# --- the client is away ----------------------------------------------------------------------------------------------


def suspended(out: Suspension, chart: Chart, ahead: str, names: People, width: int) -> Iterator[Line]:
    """The screen of a client's absence."""
    if not out.visits:
        yield [(f"No visit falls into that time{ahead}.", "")]
        return
    count = len(out.visits)
    yield from indented(f"{count} visit{'s do' if count != 1 else ' does'} not take place{ahead}:", width, 0)
    for visit in out.visits:
        label = f"  {visit.start:%a} {visit.day} {hours(visit, names.now)}  "
        partner = next((one for one in chart.contacts if one.id == visit.with_), None)
        team = [*map(names.full, visit.staff)]
        if partner is not None:
            team.append(f"{partner.name} {partner.phone or '(no phone on file)'}: tell them")
        who = f", {', '.join(team)}" if team else ""
        yield from indented(f"{visit.service.replace('_', ' ')}{who}", width, width_of(label), "", label)
    if out.messages:
        yield []
        yield [("Texts to send", "title"), (" (carectl sends nothing)", "faint")]
        yield from _messages(out.messages, width)


# --- how to write it -------------------------------------------------------------------------------------------------


def to_apply(what: str, words: Sequence[str], width: int) -> Iterator[Line]:
    """That nothing is written yet, and the command that writes it: words that belong together stay in one line."""
    yield []
    yield [("Nothing is written yet.", "title"), (f" {what}", "")]
    yield []
    yield from in_lines(words, width, 2)


def in_lines(words: Sequence[str], width: int, indent: int) -> Iterator[Line]:
    """A command that can be copied as it stands: where it goes on in the next line, a backslash says so."""
    line = " " * (indent - 1)
    for word in words:
        if width_of(f"{line} {word} \\") > width and line.strip():
            yield [(f"{line} \\", "")]
            line = " " * (indent + 1)
        line += f" {word}"
    yield [(line, "")]


def missed(item: Vacancy, reason: str) -> list[str]:
    """The command by which a visit is written down to which nobody came; words that belong together are one."""
    return [f"carectl visit missed {'/'.join(item.key)}", f"--reason {shlex.quote(reason)}"]


NONE_BACK: Final = "No visit comes back by that."
"""That an absence became shorter and nobody has a visit more."""


def returning(title: str, visits: Sequence[tuple[Chart, Occurrence]], names: People, width: int) -> Iterator[Line]:
    """The visits that take place again, or are somebody's again, and how to tell of each."""
    yield []
    if not visits:
        yield from indented(NONE_BACK, width, 0)
        return
    yield from indented(title, width, 0)
    for chart, visit in visits:
        label = f"  {visit.start:%a} {visit.day} {hours(visit, names.now)}  "
        yield from indented(f"{_first(chart)}, {visit.service.replace('_', ' ')}", width, width_of(label), "", label)
    chart, visit = visits[0]
    yield from indented("Tell whoever heard otherwise, such as:", width, 0)
    yield [(f"  carectl notify {chart.id}/{visit.id} --to PERSON", "")]


# --- JSON ------------------------------------------------------------------------------------------------------------


def call_out_json(head: Mapping[str, Any], out: CallOut) -> str:
    """A call-out for scripts; `head` says whose it is and what applies it."""
    return as_json({
        **head,
        "visits": [_vacancy_data(item) for item in out.vacancies],
        "texts": [_message_data(item) for item in out.messages],
        "not_told": [
            {"client": item.chart.id, "contact": item.contact.id, "why": item.words} for item in out.untold
        ],
        "not_asked": list(out.unread),
        "contacts_unread": [f"{chart.path}/contacts.yaml" for chart in out.contacts_unread],
    })  # fmt: skip


def _vacancy_data(item: Vacancy) -> dict[str, Any]:
    return {
        **occurrence(item.visit),
        "begun": item.begun,
        "takes": item.takes,
        "named": item.named,
        "against": list(item.against),
        "could": [_candidate_data(one) for one in item.could],
        "other_professions": [_candidate_data(one) for one in item.others],
        "cannot": [_candidate_data(one) for one in item.cannot],
    }


def _candidate_data(one: Candidate) -> dict[str, Any]:
    return {
        "staff": one.staff,
        "visits": one.visits,
        "language": one.language,
        "left": None if one.left is None else length(one.left),
        "against": [{"why": reason.why, "words": reason.words} for reason in one.against],
        "unread": list(one.unread),
    }


def _message_data(item: Message) -> dict[str, Any]:
    return {
        "to": item.to,
        "client": item.chart.id if item.chart else None,
        "name": item.name,
        "phone": item.phone,
        "language": item.language,
        "text": item.text,
        "remarks": list(item.remarks),
    }


def suspended_json(head: Mapping[str, Any], out: Suspension) -> str:
    """A client's absence for scripts; `head` says whose it is and what applies it."""
    return as_json({
        **head,
        "visits": [occurrence(visit) for visit in out.visits],
        "texts": [_message_data(item) for item in out.messages],
    })  # fmt: skip


def notice_json(visit: Occurrence, to: str, notice: Notice) -> str:
    """One text message for scripts."""
    return as_json({
        "client": visit.client,
        "visit": visit.id,
        "to": to,
        "language": notice.language,
        "text": notice.text,
        "characters": len(notice.text),
        "remarks": list(notice.remarks),
    })  # fmt: skip

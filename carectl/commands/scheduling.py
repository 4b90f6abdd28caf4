"""What the commands about visits and series do alike: find the one that is meant, say it back, write its record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from carectl.commands import telling
from carectl.commands.naming import Here, day_first
from carectl.commands.session import Session
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.dates import Leaning
    from carectl.care.pointing import Words
    from carectl.care.schedule import Occurrence
    from carectl.care.visit_entries import Fields, Plain
    from carectl.caseload.edit import Editor
    from carectl.caseload.records import Chart, Series, Visit
    from carectl.commands.asking import Check
    from carectl.commands.writing import Writing
    from carectl.findings import Keys

NOBODY = "nobody"
"""The word for an open shift, where a staff member is named."""

Refusal = Callable[["Occurrence"], str | None]
"""Why something cannot be done with a visit, in words; None if it can."""


# --- which visit -----------------------------------------------------------------------------------------------------


def aim(session: Session, typed: Sequence[str]) -> tuple[str, Words]:
    """The client and the words that name a visit. Raises UsageError."""
    from carectl.care.pointing import words_of

    setting = telling.sound_setting(session)
    words = words_of(typed, setting.today)
    if words is None:
        raise UsageError("name the visit as CLIENT DAY [TIME], such as rosa sat 9:00, or as CLIENT/ID")
    return session.client(words.client, loosely=False), words


def find(
    session: Session, chart: Chart, words: Words, leaning: Leaning, refusal: Refusal, command: str, group: str = "visit"
) -> tuple[Occurrence, str | None]:
    """The one visit that is meant, and a remark if another day was taken than the first that comes to mind.

    Raises UsageError if none or several fit (they are listed with the command of the group that takes each), Refused
    if it cannot be done with the one that does.
    """
    from carectl.care.dates import in_full
    from carectl.care.pointing import visits_on

    setting, command = session.setting, f"{group} {command}".strip()
    if words.id is not None:
        return _of_id(session, chart, words.id, refusal), None
    today = setting.today_at(chart)
    found = visits_on(
        chart, setting, words.day or "", words.time, leaning, lambda visit: refusal(visit) is None,
        day_first=day_first(session),
    )  # fmt: skip
    if found is None:
        raise UsageError("a day is wanted, such as 2026-11-27, fri, tomorrow or 11/27")
    if len(found.visits) == 1:
        remark = None
        if found.passed is not None:
            remark = f"There is no visit on {in_full(found.passed, today)}; taken is {in_full(found.day, today)}."
        return found.visits[0], remark
    if found.visits:
        raise UsageError(
            f"{telling.called(chart)} has several visits that fit; say which:\n"
            + "\n".join(choices(session, chart, found.visits, command))
        )
    if found.others and (words.time is None or any(f"{o.start:%H:%M}" == words.time for o in found.others)):
        whys = [(refusal(visit) or "").partition("\nhint: ") for visit in found.others]
        raise Refused("\n".join(dict.fromkeys(why[0] for why in whys)) + "".join(whys[-1][1:]))
    if not found.others:
        _only_if_read(session, chart)
    raise UsageError(_none(session, chart, found.day, words.time, refusal, command))


def _only_if_read(session: Session, chart: Chart) -> None:
    """Do not say that there is no such visit as long as it may stand in what was not read. Raises Refused."""
    if path := telling.unread_file(session, chart, "client", "visits", "series"):
        raise Refused(
            f"the visit cannot be looked up: {path} could not be read\n"
            f"hint: carectl check {chart.id} tells what is wrong"
        )


def _of_id(session: Session, chart: Chart, name: str, refusal: Refusal) -> Occurrence:
    from carectl.care.pointing import day_in_id, visit_of, why_none
    from carectl.words import closest

    visit = visit_of(chart, session.setting, name)
    if visit is None:
        if name in chart.broken_ids("visits"):
            raise Refused(f"the record {name} cannot be read\nhint: carectl check {chart.id} tells what is wrong")
        _only_if_read(session, chart)
        series_id, day = day_in_id(name)
        why = why_none(chart, day, name) if day else None
        near = closest(name, [item.id for item in chart.visits] + [item.id for item in chart.series])
        near = near or closest(series_id, [item.id for item in chart.series])
        hint = f"\nhint: did you mean {near}?" if near and near != series_id and not why else ""
        raise UsageError(f"{telling.called(chart)} has no visit {name}" + (f": {why}" if why else "") + hint)
    if why := refusal(visit):
        raise Refused(why)
    return visit


def _none(session: Session, chart: Chart, day: dt.date, time: str | None, refusal: Refusal, command: str) -> str:
    from carectl.care.dates import in_full
    from carectl.care.pointing import near, why_none

    today = session.setting.today_at(chart)
    text = f"{telling.called(chart)} has no visit on {in_full(day, today)}" + (f" at {time}" if time else "")
    if why := why_none(chart, day):
        text += f": {why}"
    beside = near(chart, session.setting, day, lambda visit: refusal(visit) is None)
    if beside:
        text += "\nhint: near that day:\n" + "\n".join(choices(session, chart, beside, command))
    if chart.unread or chart.broken:
        text += f"\nhint: not all of the records can be read: carectl check {chart.id}"
    return text


def choices(session: Session, chart: Chart, visits: Sequence[Occurrence], command: str) -> list[str]:
    """Visits with what to type for each."""
    names = [f"carectl {command} {chart.id}/{visit.id}" for visit in visits]
    wide = max(map(len, names))
    return [f"  {name:<{wide}}   {brief(session, chart, visit)}" for name, visit in zip(names, visits, strict=True)]


# --- saying it back --------------------------------------------------------------------------------------------------


def hours(visit: Occurrence) -> str:
    """From when until when, by the clock where the client lives."""
    over = (visit.end.date() - visit.start.date()).days
    longer = over > 1 or (over == 1 and visit.end.time() > visit.start.time())
    return f"{visit.start:%H:%M}–{visit.end:%H:%M}" + (f" +{over}d" if longer else "")


def team(session: Session, chart: Chart, visit: Occurrence) -> str:
    """Who comes, by name."""
    staff = {member.id: member.name.full for member in session.staff}
    found = [staff.get(person, person) for person in visit.staff]
    if visit.with_ is not None:
        found.append(next((contact.name for contact in chart.contacts if contact.id == visit.with_), visit.with_))
    return ", ".join(found) or "nobody yet"


def brief(session: Session, chart: Chart, visit: Occurrence) -> str:
    """A visit in half a line: Fri 2026-11-20 09:00–11:00 personal care, Jo Park."""
    state = f" ({visit.status})" if visit.status != "planned" else ""
    service = visit.service.replace("_", " ")
    return f"{visit.start:%a} {visit.day} {hours(visit)} {service}, {team(session, chart, visit)}{state}"


def said(session: Session, chart: Chart, visit: Occurrence) -> str:
    """A visit said back in full: Friday 2026-11-20 (2 days ago) 09:00–11:00, personal care, Jo Park."""
    from carectl.care.dates import in_full

    day = in_full(visit.day, session.setting.today_at(chart))
    where = f", at {visit.where}" if visit.where else ""
    return f"{day} {hours(visit)}, {visit.service.replace('_', ' ')}, {team(session, chart, visit)}{where}"


def place(session: Session, record: Visit | Series) -> str:
    """Where a record stands: path:line."""
    return telling.place(session, record.origin.at())


def suspended(visit: Occurrence) -> list[str]:
    """A sentence if a visit does not take place although it is planned. What else is odd about it, a check says."""
    if visit.suspended == "away":
        return ["The client is on file as away then: the visit is suspended."]
    return ["Care has ended by then: the visit is suspended."] if visit.suspended else []


def companions(session: Session, record: Visit | Series | None, rule: Series | None = None) -> list[str]:
    """A sentence about the other clients who are seen in the same visit: their charts have records of their own."""
    ids = (record.together if record else ()) or (rule.together if rule else ())
    if not ids:
        return []
    people = {person.id: str(person) for person in session.clients()}
    named = ", ".join(people.get(one, one) for one in ids)
    return [f"Seen in the same visit: {named}. Their own record is not changed by this."]


# --- what is typed ---------------------------------------------------------------------------------------------------


def staff_typed(here: Here, typed: str) -> Plain:
    """One staff member, several with commas between, or nobody: an empty list."""
    if typed.strip().casefold() == NOBODY:
        return []
    found = [here.staff(part.strip()) for part in typed.split(",") if part.strip()]
    if not found:
        raise UsageError("a staff member is wanted, by id or the start of a name; or the word nobody")
    if len(set(found)) < len(found):
        raise UsageError(f"{found[0]} is named twice")
    return found[0] if len(found) == 1 else list(found)


def staff_said(here: Here, staff: Plain) -> str:
    """Staff in words: jo-park Jo Park."""
    people = [staff] if isinstance(staff, str) else staff if isinstance(staff, list) else []
    return " and ".join(here.who(str(person)) for person in people) or "nobody yet: it is an open shift"


def time(typed: str) -> str:
    """A time of day. Raises ValueError."""
    from carectl.care.times import time_typed

    found = time_typed(typed)
    if found is None:
        raise ValueError("a time of day such as 9:00, 14:30 or 2:30pm")
    return found


def length(typed: str) -> str:
    """A length. Raises ValueError."""
    from carectl.care.times import length_typed

    found = length_typed(typed)
    if found is None:
        raise ValueError("a length such as 45m, 2h or 1h30m")
    return found


def listed(typed: str | None, option: str, check: Check) -> Plain:
    """Several words with commas between, as a list; None if nothing was typed."""
    from carectl.commands import asking

    if typed is None:
        return None
    found = asking.checked(option, typed, asking.each(check))
    return list(found.split(",")) if found else []


def interventions(chart: Chart, typed: str | None, option: str = "--does") -> Plain:
    """Interventions of the plan by id. Raises UsageError with a did-you-mean."""
    from carectl.care.visit_entries import known_jobs

    if typed is None:
        return None
    return [intervention(chart, part.strip(), known_jobs(chart), option) for part in typed.split(",") if part.strip()]


def intervention(chart: Chart, typed: str, known: Mapping[str, str], option: str) -> str:
    """One intervention of the plan, by its id or the start of it. Raises UsageError."""
    from carectl.words import closest

    found = [typed] if typed in known else [name for name in known if name.startswith(typed)]
    if len(found) == 1:
        return found[0]
    near = closest(typed, known)
    listed = ", ".join(found or known) or "none yet"
    hint = f"did you mean {near}?" if near and not found else f"the plan's interventions: {listed}"
    raise UsageError(f"{option}: {'more than one task begins so' if found else f'no task {typed}'}\nhint: {hint}")


# --- writing ---------------------------------------------------------------------------------------------------------


def write(work: Writing, chart: Chart, visit: Occurrence, fields: Mapping[str, Plain]) -> None:
    """Bring a change into the record of a visit, or begin one."""
    from carectl.care.visit_entries import head, in_order, merged

    record = visit.visit
    if record is None:
        when = f"{visit.due} {visit.rule.at.zfill(5) if visit.rule else ''}"
        add(work, chart, in_order({**head(visit), **fields}), str(visit.due), when)
        return
    editor = work.edit(record.origin.path)
    keys = record.origin.keys
    before = editor.get(keys)
    for name, value, after in merged(before if isinstance(before, dict) else (), fields):
        if value is None:
            editor.remove((*keys, name))
        else:
            editor.set((*keys, name), _with_own(editor, (*keys, name), value), after=after)
    work.put(record.origin.path, editor)


def _with_own(editor: Editor, keys: Keys, value: Plain) -> Plain:
    """A new group of lines with the keys of the user's own that stood in the old one."""
    old = editor.get(keys) if isinstance(value, dict) and editor.has(keys) else None
    if not isinstance(value, dict) or not isinstance(old, dict):
        return value
    return {**value, **{key: kept for key, kept in old.items() if key.startswith("x-") and key not in value}}


def move(work: Writing, chart: Chart, visit: Occurrence, fields: Mapping[str, Plain]) -> None:
    """Write a moved visit; one of no series goes over into the file of its new month, where files are by the month."""
    from carectl.care.visit_entries import in_order
    from carectl.caseload.shelves import shelf

    record = visit.visit
    date = fields.get("date")
    if record is None or record.series is not None or not isinstance(date, str):
        write(work, chart, visit, fields)
        return
    path = record.origin.path
    if shelf(work.tree, chart.id, "visits", str(record.date)[:7]).path != path or path == (
        shelf(work.tree, chart.id, "visits", date[:7]).path
    ):
        write(work, chart, visit, fields)
        return
    editor = work.edit(path)
    entry = editor.get(record.origin.keys)
    before = editor.result()
    editor.remove(record.origin.keys)
    if before.count(b"#") != editor.result().count(b"#"):
        raise Refused(
            f"{place(work.session, record)}: the visit goes to the file of another month, "
            "and comments beside it would be lost\nhint: move the entry by hand"
        )
    assert isinstance(entry, dict)
    whole: dict[str, Plain] = {**entry, **fields}
    own = {name: value for name, value in whole.items() if name.startswith("x-")}
    known = {name: value for name, value in whole.items() if name not in own}
    add(work, chart, {**in_order(known), **own}, date, f"{date} {fields.get('at') or record.at or ''}")
    work.put(path, editor)


def assign(work: Writing, chart: Chart, visit: Occurrence, staff: Plain, reason: str | None = None) -> None:
    """Write down who comes to a visit: one staff member, several, or nobody (an empty list)."""
    from carectl.care.visit_entries import reason_after

    fields: Fields = {"staff": staff}
    if reason:
        fields["reason"] = reason_after(visit, reason)
    if visit.visit and visit.visit.status == "confirmed":
        # Nobody confirmed the new one.
        fields["status"] = None
    work.shifted.add(chart.id)
    write(work, chart, visit, fields)


def add(work: Writing, chart: Chart, entry: Fields, day: str, when: str) -> None:
    """A new record of a visit, in the file of its month if there is one, among the others by the day."""
    add_all(work, chart, [(entry, day, when)])


def add_all(work: Writing, chart: Chart, entries: Iterable[tuple[Fields, str, str]]) -> None:
    """New records of visits, each with its day, and the day and time by which it has its place among the others."""
    from carectl.care.visit_entries import place_in
    from carectl.caseload.shelves import Shelf, shelf

    by_file: dict[Shelf, list[tuple[Fields, str]]] = {}
    for entry, day, when in entries:
        by_file.setdefault(shelf(work.tree, chart.id, "visits", day[:7]), []).append((entry, when))
    rules = {series.id: series.at for series in chart.series}
    for taken, new in by_file.items():
        days = []
        for item in chart.visits:
            position = item.origin.keys[-1]
            if item.origin.path == taken.path and isinstance(position, int):
                at = item.at or rules.get(item.series or "") or ""
                days.append((position, f"{item.day or item.date} {at.zfill(5)}"))
        editor = work.begin(taken)
        for entry, when in new:
            place = place_in(days, when)
            if place is None:
                there = editor.get(("visits",)) if editor.has(("visits",)) else None
                place = len(there) if isinstance(there, list) else 0
                editor.append(("visits",), entry)
            else:
                editor.insert(("visits",), place, entry)
            days = sorted([(at + (at >= place), other) for at, other in days] + [(place, when)])
        work.put(taken.path, editor)

"""What lists and pages say to people, line by line. The width is a matter of the caller; colour one of `terminal`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from carectl.care.moments import age_on, later
from carectl.care.overview import CallNote, GoalNote, MedicineNote, Overview, PlanNote, SharingNote
from carectl.caseload.records import Client, StaffMember
from carectl.output.agenda_page import Names, full, visit_lines
from carectl.output.terminal import Cell, Line, Style, columns, indented

_CODE_STATUS: Final = {
    "full": "FULL CODE: resuscitate",
    "dnr": "DNR: do not resuscitate",
    "dni": "DNI: do not intubate",
    "comfort": "COMFORT CARE only",
    "unknown": "unknown",
}
_LABEL: Final = 14
"""How wide the labels of a client's page are."""


# --- lists -----------------------------------------------------------------------------------------------------------


def clients(people: Iterable[tuple[str, Client | None]], today: dt.date, width: int) -> list[Line]:
    """Clients as a table."""
    rows = [_client_row(client_id, client, today) for client_id, client in people]
    return columns(rows, width, head=("id", "name", "status", "age", "town", "phone"), whole=(0, 5)) if rows else []


def _client_row(client_id: str, client: Client | None, today: dt.date) -> list[Cell]:
    if client is None:
        return [(client_id, "warn"), ("client.yaml cannot be read", "warn"), "", "", "", ""]
    called = f" ({client.name.preferred})" if client.name.called != client.name.given else ""
    age = age_on(client.birth_date, today)
    over = client.status in ("discharged", "deceased")
    return [
        (text, "faint" if over else "")
        for text in (
            client_id,
            client.name.full + called,
            client.status.replace("_", " "),
            "" if age is None else str(age),
            (client.address.city or "") if client.address else "",
            client.phones[0] if client.phones else "",
        )
    ]


def staff(people: Iterable[StaffMember], unread: Iterable[str], today: dt.date, width: int) -> list[Line]:
    """Staff as a table."""
    rows: list[list[Cell]] = [_staff_row(member, today) for member in people]
    rows += [[(name, "warn"), ("file cannot be read", "warn"), "", "", ""] for name in unread]
    rows.sort(key=lambda row: row[0])
    return columns(rows, width, head=("id", "name", "role", "phone", ""), whole=(0, 3)) if rows else []


def _staff_row(member: StaffMember, today: dt.date) -> list[Cell]:
    from carectl.care.moments import in_days

    away = next((item for item in member.away if in_days(today, item.from_, item.until)), None)
    state, gone = "", False
    if member.employed and member.employed.until and member.employed.until < today:
        state, gone = f"left {member.employed.until}", True
    elif member.employed and member.employed.from_ > today:
        state = f"from {member.employed.from_}"
    elif away:
        state = f"away until {away.until}" if away.until else "away"
    cells = (member.id, member.name.full, member.role.replace("_", " "), member.phone or "", state)
    look: Style = "faint" if gone else ""
    return [(cell, look) for cell in cells]


# --- one client ------------------------------------------------------------------------------------------------------


def client(page: Overview, names: Names, lost: Sequence[str], practice_now: dt.datetime, width: int) -> Iterator[Line]:
    """One client on one page. `lost` tells what could not be read."""
    yield from _head(page, width)
    if lost:
        yield [("COULD NOT BE READ, so this page is not whole:", "loud")]
        for text in lost:
            yield from indented(text, width, 2)
    yield []
    yield from _first(page, width)
    yield from _section("Whom to call, in this order", _calls(page, width))
    yield from _section("How to get in", _door(page, width))
    yield from _section("If things go wrong", _emergency(page, width))
    yield from _section(*_medicines(page, width))
    yield from _section("Diagnoses", _dashed(page.diagnoses, width))
    yield from _section("Care plan", _plan(page, page.plan, width))
    last = later(page.now.date(), 6)
    visits = visit_lines(page.visits, names, practice_now, width, indent=4)
    days: list[Line] = []
    for day in sorted(visits):
        days += [[(f"  {full(day)}", "")], *visits[day]]
    nothing: list[Line] = [[("  none" + (" that could be read" if _any(page, "visits", "series") else ""), "warn")]]
    yield from _section(f"Visits until {full(last)}", days or nothing)
    yield from _section("Open tasks", _tasks(page, names, width))
    concerns = [f"{item.kind.replace('_', ' ')}, {item.at.replace('T', ' ')} ({item.id})" for item in page.concerns]
    yield from _section("Open concerns", _dashed(concerns, width))


def _any(page: Overview, *parts: str) -> bool:
    return not page.unread.isdisjoint((*parts, "client"))


def _section(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """A titled part of the page; without lines it is left out."""
    found = list(lines)
    if found:
        yield []
        yield [(title, "title")]
        yield from found


def _dashed(texts: Iterable[str], width: int, style: Style = "") -> Iterator[Line]:
    for text in texts:
        yield from indented(text, width, 4, style, "  - ")


def _head(page: Overview, width: int) -> Iterator[Line]:
    called = f" ({page.preferred})" if page.preferred else ""
    status = (page.status or "").replace("_", " ")
    if page.end_of_care and page.status in ("discharged", "deceased"):
        status += f" since {page.end_of_care}"
    elif page.start_of_care:
        status += f", in care since {page.start_of_care}"
    name = page.name or "client.yaml could not be read"
    yield [(f"{page.id} {name}{called}", "title"), (f"  {status}" if status else "", "")]
    born = (
        f"born {page.birth_date}" + (f", {page.age} years old" if page.age is not None else "")
        if page.birth_date
        else ""
    )
    facts = [
        born,
        page.sex or "",
        page.pronouns or "",
        f"speaks {page.language}" if page.language else "",
        f"lives {page.living_situation.replace('_', ' ')}" if page.living_situation else "",
        f"{page.now:%H:%M} there now ({page.timezone})",
    ]
    yield from indented(" · ".join(fact for fact in facts if fact), width, 0)


def _first(page: Overview, width: int) -> Iterator[Line]:
    """What everyone who comes must know."""
    missing: Style = "loud"
    if _any(page, "code_status"):
        yield from _labelled("CODE STATUS", "COULD NOT BE READ", width, missing)
    elif page.code_status is None:
        yield from _labelled("CODE STATUS", "NOT STATED: ask, and write code_status in client.yaml", width, missing)
    else:
        yield from _labelled("CODE STATUS", _CODE_STATUS.get(page.code_status, page.code_status), width, "loud")
    for paper in page.papers:
        said = [
            paper.kind.replace("_", " "),
            f"of {paper.date}" if paper.date else "",
            f"({paper.where})" if paper.where else "",
        ]
        yield from _labelled("  paper", " ".join(part for part in said if part), width)
    yield from _allergies(page, width)
    if page.precautions:
        yield from _labelled("PRECAUTIONS", ", ".join(x.replace("_", " ") for x in page.precautions), width, "warn")
    for item in page.away:
        where = " ".join(part for part in (item.where, f"({item.reason})" if item.reason else "") if part)
        days = f"from {item.since.replace('T', ' ')}" + (f" until {item.until.replace('T', ' ')}" if item.until else "")
        label = "AWAY NOW" if item.now else "away soon"
        yield from _labelled(label, f"{where}, {days}" if where else days, width, "warn" if item.now else "")


def _allergies(page: Overview, width: int) -> Iterator[Line]:
    known = page.allergies
    if _any(page, "allergies"):
        yield from _labelled("ALLERGIES", "COULD NOT BE READ WHOLE", width, "loud")
    elif known is None:
        yield from _labelled("ALLERGIES", "NOT STATED: ask, and write allergies in client.yaml", width, "loud")
    elif known == "none_known":
        yield from _labelled("ALLERGIES", "none known", width)
    for number, item in enumerate(known if isinstance(known, tuple) else ()):
        more = ", ".join(part for part in (item.reaction, item.severity) if part)
        label = "ALLERGIES" if number == 0 and not _any(page, "allergies") else ""
        yield from _labelled(label, item.substance + (f" ({more})" if more else ""), width, "loud")


def _labelled(label: str, text: str, width: int, style: Style = "") -> Iterator[Line]:
    yield from indented(text, width, _LABEL, style, label)


def _door(page: Overview, width: int) -> Iterator[Line]:
    for text in (*page.address, page.access, *(f"phone {phone}" for phone in page.phones)):
        if text:
            yield from indented(text, width, 2, "", "  ")


def _emergency(page: Overview, width: int) -> Iterator[Line]:
    if page.hospital:
        yield from indented(f"Hospital: {page.hospital}", width, 2)
    if page.backup_plan:
        yield from indented(page.backup_plan, width, 2)


def _calls(page: Overview, width: int) -> Iterator[Line]:
    if not page.contacts:
        said = "could not be read" if _any(page, "contacts") else "nobody is on file"
        yield [(f"  {said}", "warn")]
    for number, item in enumerate(page.contacts, 1):
        phone = item.phone or "no phone"
        office = f", {item.organization}" if item.organization and item.organization != item.name else ""
        whom_ = f"{item.name}, {item.relationship}{office}"
        label = f" {number}  {phone}  "
        yield from indented(whom_, width, len(label), "", label)
        yield from _call_details(item, width)
    if page.contacts and _any(page, "contacts"):
        yield [("  … and somebody whose entry could not be read", "warn")]


def _call_details(item: CallNote, width: int) -> Iterator[Line]:
    if item.call_for:
        yield from indented("call for " + ", ".join(x.replace("_", " ") for x in item.call_for), width, 6)
    if item.authority:
        yield from indented("holds " + ", ".join(x.replace("_", " ") for x in item.authority), width, 6)
    live = [entry for entry in item.sharing if entry.state == "live"]
    told = [_told(entry) for entry in live]
    yield from indented("may be told " + ("; ".join(told) if told else "nothing"), width, 6)
    covered = {topic for entry in live for topic in entry.topics}
    for entry in item.sharing:
        gone = [topic for topic in entry.topics if topic not in covered and "all" not in covered]
        if entry.state == "lapsed" and gone:
            yield from indented(f"LAPSED on {entry.expires}: {', '.join(gone)}", width, 6, "warn")
        elif entry.state == "unusable":
            yield from indented("a sharing entry that cannot be used: carectl check", width, 6, "warn")
        elif entry.state == "not_yet":
            yield from indented(f"from {entry.given}: {', '.join(entry.topics)}", width, 6)


def _told(entry: SharingNote) -> str:
    end = entry.revoked or entry.expires
    return ", ".join(entry.topics) + (f" until {end}" if end else "")


def _medicines(page: Overview, width: int) -> tuple[str, Iterable[Line]]:
    known = page.medications
    if known == "none":
        return "Medicines", [[("  none: said so", "")]]
    if known is None:
        said = "could not be read" if _any(page, "medications") else "NOT STATED"
        return "Medicines", [[(f"  {said}", "warn")]]
    lines = list(_dashed(map(_medicine, known), width)) or [[("  none now", "")]]
    if _any(page, "medications"):
        lines.append([("  … and one that could not be read", "warn")])
    return f"Medicines now ({len(known)})", lines


def _medicine(item: MedicineNote) -> str:
    when = f"as needed for {item.as_needed}" if item.as_needed else item.schedule or ", ".join(item.times)
    head = " ".join(part for part in (item.name, item.strength) if part)
    text = ", ".join(part for part in (head, item.dose, item.route, when) if part)
    return text + (" ON HOLD" if item.held else "") + (f" (changed {item.changed})" if item.changed else "")


def _plan(page: Overview, plan: PlanNote | None, width: int) -> Iterator[Line]:
    if plan is None:
        yield [("  could not be read" if _any(page, "care-plan") else "  none yet", "warn")]
        return
    end = f"until {plan.until}" if plan.until else "open-ended"
    yield [(f"  from {plan.since} {end}", ""), ("  ENDED" if plan.ended else "", "warn")]
    if plan.review_due:
        overdue = " OVERDUE" if plan.review_overdue else ""
        yield [(f"  review due {plan.review_due}{overdue}", "warn" if overdue else "")]
    for problem in plan.problems:
        marks = ", ".join(
            part for part in (problem.priority, "proposed" if problem.status == "proposed" else "") if part
        )
        yield from _dashed([problem.statement + (f" ({marks})" if marks else "")], width)
        for goal in problem.goals:
            yield from indented(_goal(goal), width, 6, "warn" if goal.overdue else "")
    if _any(page, "care-plan", "problems", "goals", "interventions"):
        yield [("  … and more that could not be read", "warn")]


def _goal(item: GoalNote) -> str:
    state = (item.achievement or item.status).replace("_", " ")
    due = f", due {item.due}" + (" OVERDUE" if item.overdue else "") if item.due else ""
    return f"goal: {item.text} ({state}{due})"


def _tasks(page: Overview, names: Names, width: int) -> Iterator[Line]:
    for item in page.tasks:
        due = f"{full(item.due)}{' OVERDUE' if item.overdue else ''}: " if item.due else ""
        known = names.staff.get(item.who or "") or names.contacts.get((page.id, item.who or "")) or item.who
        who = f" [{known}]" if known else ""
        yield from _dashed([f"{due}{item.text}{who} ({item.id})"], width, "warn" if item.overdue else "")
    if _any(page, "tasks"):
        yield [("  … and one that could not be read", "warn")]

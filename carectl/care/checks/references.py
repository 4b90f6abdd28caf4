"""Ids and what refers to them: nothing twice, nothing that leads nowhere, nothing in the wrong month's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache

from carectl.care.checks.case import CLIENT, Case, is_read, meant, written
from carectl.care.checks.series import days_are_known
from carectl.care.moments import day_of
from carectl.care.schedule import is_due
from carectl.caseload.records import (
    CONTACT_ROLES,
    ROLES,
    SERVICES,
    Entry,
    Origin,
    Series,
    Someone,
    Visit,
)
from carectl.findings import Finding, Keys, Severity, Spot, code

# --- ids -------------------------------------------------------------------------------------------------------------


@code("id-twice", Severity.ERROR)
def id_twice(case: Case) -> Iterator[Finding]:
    """Two entries of one list have the same id.

    Calendars, history, sign-offs and other entries name a record by its id. If two carry the same one, a task, a
    consent or a dose may be read from the wrong entry. Give the newer entry an id of its own; never change the id of
    the older one, for much hangs on it already. Goals and interventions count as one list across the whole plan.

    Wrong:
        contacts:
          - {id: maria, name: Maria Alvarez, relationship: daughter}
          - {id: maria, name: Maria Lopez, relationship: neighbor}
    Right:
        contacts:
          - {id: maria, name: Maria Alvarez, relationship: daughter}
          - {id: maria-lopez, name: Maria Lopez, relationship: neighbor}
    """
    for name, entries in case.entries():
        broken = [item for item in case.chart.broken if item.name == name and item.id is not None]
        if not broken and len({entry.id for entry in entries}) == len(entries):
            continue
        places: list[tuple[str, Origin]] = [(entry.id, entry.origin) for entry in entries]
        places.extend((item.id, item.origin) for item in broken if item.id is not None)
        yield from _twice(case, places)
    for assessment in case.chart.assessments:
        if assessment.findings:
            yield from _twice(case, [(item.id, item.origin) for item in assessment.findings])


def _twice(case: Case, places: list[tuple[str, Origin]]) -> Iterator[Finding]:
    files = {path: number for number, path in enumerate(case.chart.files)}

    def order(place: tuple[str, Origin]) -> tuple[int, tuple[tuple[bool, int, str], ...]]:
        keys: Keys = place[1].keys
        return files.get(place[1].path, 0), tuple(
            (True, key, "") if isinstance(key, int) else (False, 0, key) for key in keys
        )

    seen: set[str] = set()
    for name, origin in sorted(places, key=order):
        if name in seen:
            message = f"the id {name} is taken already by an earlier entry of the same list"
            yield case.say(id_twice, origin.at("id"), message, "give this one an id of its own")
        seen.add(name)


@code("id-reserved", Severity.ERROR)
def id_reserved(case: Case) -> Iterator[Finding]:
    """A contact has the id `client`, which is the word for the client.

    Wherever a record says who was there, who agreed or who was told, `client` means the client. With a contact of this
    id nobody could tell the two apart. Give the contact another id.

    Wrong:
        contacts:
          - {id: client, name: Maria Alvarez, relationship: daughter}
    Right:
        contacts:
          - {id: maria, name: Maria Alvarez, relationship: daughter}
    """
    for contact in case.chart.contacts:
        if contact.id == CLIENT:
            message = f"the id {CLIENT} is the word for the client"
            yield case.say(id_reserved, contact.origin.at("id"), message, "give the contact another id")


@code("visit-id-not-occurrence", Severity.ERROR)
def visit_id_not_occurrence(case: Case) -> Iterator[Finding]:
    """A visit of a series has an id other than its series and day.

    An occurrence is known as SERIES-DAY everywhere, by the day it was due, whether or not a record says more about it.
    Under another id, calendars and messages to the family would show two visits. Write the id as series, hyphen, day;
    a moved visit keeps the day on which it was due. Only a record that corrects an earlier one of the same visit, which
    it names in `amends`, has an id of its own.

    Wrong:
        - id: wednesday
          series: am-care
          day: 2026-11-18
    Right:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
    """
    for name, visits in case.by_series.items():
        prefix = f"{name}-"
        series = case.series.get(name)
        for visit in visits:
            if visit.day is not None and visit.id != prefix + written(visit.day):
                if case.is_correction(visit):
                    continue
                if series is None or (days_are_known(series) and not is_due(series, visit.day)):
                    continue  # the series or the day is what is wrong, and that is said there
                wanted = prefix + written(visit.day)
                message = f"the id of this visit must be {wanted}: its series and the day on which it was due"
                yield case.say(visit_id_not_occurrence, visit.origin.at("id"), message)


@code("visit-id-taken", Severity.ERROR)
def visit_id_taken(case: Case) -> Iterator[Finding]:
    """A visit of no series has the id of an occurrence of a series.

    The series has a visit of that very id on that day, so the two would be taken for one, and one of them would vanish
    from calendars. If it is that occurrence, say so with `series` and `day`; if it is an extra visit, give it another
    id.

    Wrong:
        - id: am-care-2026-11-18
          service: personal_care
          date: 2026-11-18
          at: "17:00"
          duration: 1h
    Right:
        - id: extra-2026-11-18
          service: personal_care
          date: 2026-11-18
          at: "17:00"
          duration: 1h
    """
    for visit in case.singles:
        series = case.series.get(visit.id[:-11])
        if series is None or visit.date is None or visit.at is None or not is_read(visit.origin, "series", "day"):
            continue
        try:
            day = day_of(visit.id[-10:])
        except ValueError:
            continue
        if is_due(series, day):
            message = f"this is the id of the visit that {series.id} has on that day"
            hint = "name its `series` and `day` if it is that visit, else give it another id"
            yield case.say(visit_id_taken, visit.origin.at("id"), message, hint)


@code("visit-twice", Severity.ERROR)
def visit_twice(case: Case) -> Iterator[Finding]:
    """Two records tell of the same visit of a series.

    One may say that it was done and the other that it was missed, and whoever reads only one of them is misled. Keep
    one record, and put into it what the other has; or, where what was written is to stay, name the earlier record in
    the later one's `amends`.

    Wrong:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, at: "11:00"}
        - {id: am-care-18, series: am-care, day: 2026-11-18, status: missed, reason: Snow}
    Right:
        - {id: am-care-2026-11-18, series: am-care, day: 2026-11-18, at: "11:00", status: missed, reason: Snow}
    """
    for name, visits in case.by_series.items():
        if len(case.recorded_days[name]) == len(visits):
            continue
        first: dict[object, str] = {}
        for visit in visits:
            if visit.day is None:
                continue
            # Two records of one id are said to be so already.
            if first.setdefault(visit.day, visit.id) != visit.id:
                message = f"this visit has a record already: {first[visit.day]}"
                yield case.say(visit_twice, visit.origin.at("day"), message, "keep one record of it")


# --- what is named ---------------------------------------------------------------------------------------------------


@code("series-unknown", Severity.ERROR)
def series_unknown(case: Case) -> Iterator[Finding]:
    """A visit belongs to a series, or a series follows one, that does not exist.

    The visit is in no calendar, and nobody comes. Correct the name of the series. If the series was deleted, restore
    it and end it with `until`: its past visits still belong to it.

    Wrong:
        - id: am-car-2026-11-18
          series: am-car
          day: 2026-11-18
    Right:
        - id: am-care-2026-11-18
          series: am-care
          day: 2026-11-18
    """
    if not case.whole("series"):
        return
    known = case.series_ids
    for name, visits in case.by_series.items():
        if name not in known:
            for visit in visits:
                message = f"`series` names {name}, but this client has no such series"
                yield case.say(series_unknown, visit.origin.at("series"), message, meant(name, known))
    for series in case.chart.series:
        if series.follows is not None and series.follows not in known:
            message = f"`follows` names {series.follows}, but this client has no such series"
            yield case.say(series_unknown, series.origin.at("follows"), message, meant(series.follows, known))


@code("staff-unknown", Severity.ERROR)
def staff_unknown(case: Case) -> Iterator[Finding]:
    """Someone who should be on the roster is not: the one who comes, who assessed, who wrote, or who coordinates.

    A visit for a staff member who does not exist is a visit to which nobody comes. Correct the id, or add the person
    under staff/. Whoever has left keeps their file, with `employed` ended, because the past still names them. An
    assessor or author who is not on file is written {name: …}.

    Wrong:
        staff: jo-prak
    Right:
        staff: jo-park
    """
    for _, entries in case.entries():
        for entry in entries:
            author = entry.author
            if author is not None and not isinstance(author, Someone) and not case.knows_staff(author):
                yield _no_staff(case, entry.origin.at("author"), "author", author)
    known = case.roster
    yield from _team(case, case.chart.series)
    yield from _team(case, [visit for visit in case.visits if visit.staff not in known and visit.staff])
    for assessment in case.chart.assessments:
        who = assessment.assessor
        if not isinstance(who, Someone) and not case.knows_staff(who):
            yield _no_staff(case, assessment.origin.at("assessor"), "assessor", who)


def _team(case: Case, records: Iterable[Series | Visit]) -> Iterator[Finding]:
    for record in records:
        if isinstance(record.staff, str):
            if not case.knows_staff(record.staff):
                yield _no_staff(case, record.origin.at("staff"), "staff", record.staff)
            continue
        for position, who in enumerate(record.staff or ()):
            if not case.knows_staff(who):
                yield _no_staff(case, record.origin.at("staff", position), "staff", who)


def _no_staff(case: Case, at: Spot, field: str, who: str) -> Finding:
    hint = meant(who, case.roster) or f"correct it, or add staff/{who}.yaml"
    return case.say(staff_unknown, at, f"`{field}` names {who}, but nobody on the roster has this id", hint)


@code("person-unknown", Severity.ERROR)
def person_unknown(case: Case) -> Iterator[Finding]:
    """Someone is named who is neither a contact of this client nor on the roster.

    If it is not clear who was told of a fall, who ordered a dose or who agreed to the plan, the record proves nothing,
    and nobody knows whom to call back. Correct the id, or add the person to contacts.yaml. Someone who is not to be
    on file is written {name: …}.

    Wrong:
        with: mara
    Right:
        with: maria
    """
    if not case.whole("contacts"):
        return
    people = case.people
    for at, field, who in _named(case):
        if isinstance(who, str) and who not in people:
            hint = meant(who, people) or "correct it, add it to contacts.yaml, or write {name: …}"
            message = f"`{field}` names {who}, who is neither a contact nor on the roster"
            yield case.say(person_unknown, at, message, hint)


def _named(case: Case) -> Iterator[tuple[Spot, str, str | Someone | None]]:
    chart = case.chart
    for _, entries in case.entries():
        for entry in entries:
            if entry.about:
                yield from ((entry.origin.at("about", nth), "about", who) for nth, who in enumerate(entry.about))
    if chart.client and chart.client.referral:
        yield chart.client.origin.at("referral", "by"), "by", chart.client.referral.by
    for visit in case.visits:
        if visit.with_ is not None:
            yield visit.origin.at("with"), "with", visit.with_
    for series in chart.series:
        yield series.origin.at("with"), "with", series.with_
    for assessment in chart.assessments:
        for nth, who in enumerate(assessment.informants):
            yield assessment.origin.at("informants", nth), "informants", who
    for agreement in chart.plan.agreed if chart.plan else ():
        yield agreement.origin.at("by"), "by", agreement.by
    for medication in chart.medications:
        yield medication.origin.at("prescriber"), "prescriber", medication.prescriber
        for change in medication.changed:
            yield change.origin.at("ordered_by"), "ordered_by", change.ordered_by
    for note in chart.notes:
        yield note.origin.at("with"), "with", note.with_
    for task in chart.tasks:
        yield task.origin.at("who"), "who", task.who
    for concern in chart.concerns:
        for told in concern.told:
            yield told.origin.at("who"), "who", told.who
    for measurement in chart.measurements:
        yield measurement.origin.at("by"), "by", measurement.by


@code("intervention-unknown", Severity.ERROR)
def intervention_unknown(case: Case) -> Iterator[Finding]:
    """A visit carries out an intervention that the care plan does not have.

    The aide looks for the task in the plan and finds nothing, and what was done is counted for nothing. Correct the id
    under `does` or `did`. An intervention that came to an end is not deleted but gets the status completed or stopped.

    Wrong:
        does: [nigth-light]
    Right:
        does: [night-light]
    """
    if not case.plan_is_whole:
        return
    known = case.intervention_ids
    records: list[Series | Visit] = [*case.chart.series, *(visit for visit in case.visits if visit.does)]
    for record in records:
        for position, name in enumerate(record.does):
            if name not in known:
                yield _no_intervention(case, record.origin.at("does", position), "does", name)
    strangers = {name for visit in case.visits for name in visit.did if not name.startswith("x-")} - known
    for visit in case.visits if strangers else ():
        for name in visit.did:
            if name in strangers:
                yield _no_intervention(case, visit.origin.at("did", name), "did", name)


def _no_intervention(case: Case, at: Spot, field: str, name: str) -> Finding:
    message = f"`{field}` names {name}, but the care plan has no such intervention"
    return case.say(intervention_unknown, at, message, meant(name, case.intervention_ids))


@code("intervention-who-unknown", Severity.ERROR)
def intervention_who_unknown(case: Case) -> Iterator[Finding]:
    """An intervention is for someone who is neither a role nor a person on file.

    What is everybody's or nobody's task is not done. Write a role (home_health_aide, registered_nurse …), a role that
    someone on your roster has, a staff or contact id, or the word client.

    Wrong:
        who: home_health_aid
    Right:
        who: home_health_aide
    """
    if not case.whole("contacts") or case.setting.unread_staff:
        # The role of someone whose file cannot be read is not known.
        return
    for intervention in case.interventions.values():
        who = intervention.who
        if who is not None and who not in ROLES and who not in case.roles and who not in case.people:
            hint = meant(who, (*ROLES, *case.roles, *case.people)) or "write a role, a staff or contact id, or client"
            message = f"`who` names {who}, which is neither a role nor a person on file"
            yield case.say(intervention_who_unknown, intervention.origin.at("who"), message, hint)


@code("evidence-gone", Severity.ERROR)
def evidence_gone(case: Case) -> Iterator[Finding]:
    """A problem rests on an assessment, a finding or an instrument that is not there.

    The plan can no longer show why it says what it says, and a reviewer will ask. Correct the path: an assessment's
    id, or that and one of its findings or instruments.

    Wrong:
        evidence: [a-2026-08-03/fals]
    Right:
        evidence: [a-2026-08-03/falls]
    """
    if not case.chart.plan or not case.whole("assessments"):
        return
    for problem in case.chart.plan.problems:
        for position, path in enumerate(problem.evidence):
            at = problem.origin.at("evidence", position)
            name, _, part = path.removeprefix(f"{case.chart.id}/").removeprefix("assessments/").partition("/")
            assessment = case.assessments.get(name)
            if assessment is None:
                if name not in case.chart.broken_ids("assessments"):
                    hint = meant(name, case.assessments)
                    yield case.say(evidence_gone, at, f"there is no assessment {name}", hint)
            elif part and assessment.origin.unread.isdisjoint(("findings", "instruments")):
                parts = {item.id for item in assessment.findings} | {item.instrument for item in assessment.instruments}
                if part not in parts:
                    message = f"the assessment {name} has no finding or instrument {part}"
                    yield case.say(evidence_gone, at, message, meant(part, parts))


@code("client-unknown", Severity.ERROR)
def client_unknown(case: Case) -> Iterator[Finding]:
    """A visit is shared with a client who is not in this caseload.

    A couple seen in one visit is no double-booking; for that the other client must be named rightly. Write the id of
    the other client's folder.

    Wrong:
        together: [c-15]
    Right:
        together: [c-015]
    """
    records: list[Series | Visit] = [*case.chart.series, *(visit for visit in case.visits if visit.together)]
    for record in records:
        for position, name in enumerate(record.together):
            if name not in case.setting.clients:
                message = f"`together` names {name}, but there is no such client"
                yield case.say(
                    client_unknown, record.origin.at("together", position), message, meant(name, case.setting.clients)
                )


@code("record-unknown", Severity.ERROR)
def record_unknown(case: Case) -> Iterator[Finding]:
    """An entry points to another record that does not exist: what it came from, what it corrects, what it led to.

    A task whose note is gone can no longer be understood, and a correction that corrects nothing leaves the error
    standing. Records are never deleted, only corrected by later ones. Write the path as KIND/ID, such as
    notes/n-2026-11-20-1; a visit by its id.

    Wrong:
        from: notes/n-2026-11-20-7
    Right:
        from: notes/n-2026-11-20-1
    """
    for name, entries in case.entries():
        for entry in entries:
            if entry.amends is not None and not _exists(case, entry.amends, name):
                yield _gone(case, entry.origin.at("amends"), "amends", entry.amends)
    for task in case.chart.tasks:
        if task.from_ is not None and not _exists(case, task.from_, "visits"):
            yield _gone(case, task.origin.at("from"), "from", task.from_)
    tasks = case.ids("tasks")
    if case.whole("tasks"):
        for concern in case.chart.concerns:
            for position, action in enumerate(concern.actions):
                if action not in tasks:
                    message = f"`actions` names {action}, but there is no such task"
                    hint = meant(action, tasks) or "correct it, or add the task to tasks.yaml"
                    yield case.say(record_unknown, concern.origin.at("actions", position), message, hint)


def _gone(case: Case, at: Spot, field: str, path: str) -> Finding:
    kind, slash, name = path.removeprefix(f"{case.chart.id}/").partition("/")
    if slash:
        hint = meant(name, case.ids(kind)) if kind in _LISTS else None
    else:
        kinds = [kind for kind in _LISTS if path in case.ids(kind)]
        hint = f"did you mean {kinds[0]}/{path}?" if kinds else "write its path as KIND/ID"
    return case.say(record_unknown, at, f"`{field}` names {path}, but there is no such record", hint)


_LISTS = (
    "contacts", "assessments", "series", "visits", "medications", "notes", "tasks", "concerns", "measurements",
    "supplies", "equipment",
)  # fmt: skip


def _exists(case: Case, path: str, own: str) -> bool:
    """Whether a record of this path exists, or may exist in what could not be read; a bare id is of the entry's own
    list, or a visit."""
    parts = path.split("/")
    if len(parts) > 1 and parts[0] in case.setting.clients:
        if parts[0] != case.chart.id:
            return True  # another client's records are not at hand here
        parts = parts[1:]
    kind, rest = parts[0], parts[1:]
    if not rest:
        return _in_list(case, own, kind) or _in_list(case, "visits", kind)
    if kind in _LISTS:
        found = _in_list(case, kind, rest[0]) or (kind == "supplies" and _in_list(case, "equipment", rest[0]))
        if kind == "assessments" and len(rest) > 1 and (assessment := case.assessments.get(rest[0])):
            parts_of = {item.id for item in assessment.findings} | {item.instrument for item in assessment.instruments}
            return rest[1] in parts_of or not assessment.origin.unread.isdisjoint(("findings", "instruments"))
        return found
    if kind == "care-plan":
        return all(_in_plan(case, name) for name in rest)
    if kind == "client":
        return True
    # Without its kind: part of an assessment, or of the plan.
    return kind in case.ids("assessments") or all(_in_plan(case, name) for name in parts)


def _in_list(case: Case, name: str, entry: str) -> bool:
    if name in ("problems", "goals", "interventions"):
        return _in_plan(case, entry)
    if not case.whole(name) or entry in case.ids(name):
        return True
    if name == "visits":
        # An occurrence exists whether or not a record tells of it.
        series = case.series.get(entry[:-11])
        if not case.whole("series") or entry[:-11] in case.chart.broken_ids("series"):
            return True
        try:
            return series is not None and is_due(series, day_of(entry[-10:]))
        except ValueError:
            return False
    return False


def _in_plan(case: Case, name: str) -> bool:
    plan = case.chart.plan
    known = {entry.id for problem in plan.problems for entry in (problem, *problem.goals)} if plan else set()
    return (
        not case.plan_is_whole
        or name in known | case.intervention_ids
        or name in case.chart.broken_ids("problems", "goals", "interventions")
    )


# --- where an entry stands -------------------------------------------------------------------------------------------


@code("entry-wrong-month", Severity.ERROR)
def entry_wrong_month(case: Case) -> Iterator[Finding]:
    """An entry stands in the file of a month that is not its own.

    Commands that ask for this week open only the files of these months. A visit of December in November's file is not
    seen: nobody comes. Move the entry to the file of its month; a visit counts by the day on which it was due, or its
    date. A series belongs to no month: it stands in series.yaml.

    Wrong:
        # visits/2026-11.yaml
        visits:
          - {id: am-care-2026-12-02, series: am-care, day: 2026-12-02, at: "11:00"}
    Right:
        # visits/2026-12.yaml
        visits:
          - {id: am-care-2026-12-02, series: am-care, day: 2026-12-02, at: "11:00"}
    """
    path = ""
    month = None
    for visit in case.chart.visits:
        if visit.origin.path != path:
            path = visit.origin.path
            month = case.month_of(path)
        if month is not None:
            day = visit.day or visit.date
            if day is not None and not month[0] <= day <= month[1]:
                yield _wrong_month(case, visit, f"visits/{written(day)[:7]}.yaml", "day" if visit.day else "date")
    for series in case.chart.series:
        if case.month_of(series.origin.path):
            yield _wrong_month(case, series, "visits/series.yaml", "")
    for kind, field, entries in (
        ("assessments", "date", case.chart.assessments),
        ("notes", "at", case.chart.notes),
        ("concerns", "at", case.chart.concerns),
        ("measurements", "date", case.chart.measurements),
    ):
        for entry in entries:
            month = case.month_of(entry.origin.path)
            if month is None:
                continue
            when = str(getattr(entry, field))
            days = {day_of(when)}
            if len(when) > 16:
                # A moment with an offset may be of another day where the client lives.
                local = case.instant(day_of(when), when)
                days |= {local.astimezone(case.zone).date()} if local else set()
            if not any(month[0] <= day <= month[1] for day in days):
                yield _wrong_month(case, entry, f"{kind}/{when[:7]}.yaml", field)


def _wrong_month(case: Case, entry: Entry, wanted: str, field: str) -> Finding:
    if not field:
        message = "this file is for the entries of one month, and a series belongs to no month"
        return case.say(entry_wrong_month, entry.origin.at(), message, f"move it to {wanted}")
    message = f"this entry is not of the month that the file is for, by its `{field}`"
    return case.say(entry_wrong_month, entry.origin.at(field), message, f"move it to {wanted}")


# --- words -----------------------------------------------------------------------------------------------------------


@code("word-misspelt", Severity.WARNING)
def word_misspelt(case: Case) -> Iterator[Finding]:
    """A role or service is written almost, but not quite, like one that carectl knows.

    Words of your own are welcome here, so carectl cannot forbid it; but a slip of the keyboard makes a second kind of
    care: visits of `personal_car` are left out wherever visits of personal_care are counted, and an aide whose role is
    misspelt is offered no visits. Correct it; if you mean a word of your own, choose one that looks less alike.

    Wrong:
        service: personal_car
    Right:
        service: personal_care
    """
    for series in case.chart.series:
        if near := slip(series.service, SERVICES):
            yield misspelt(case, series.origin.at("service"), "service", series.service, near)
    for visit in case.visits:
        if visit.service is not None and (near := slip(visit.service, SERVICES)):
            yield misspelt(case, visit.origin.at("service"), "service", visit.service, near)
    for contact in case.chart.contacts:
        for position, role in enumerate(contact.roles):
            if near := slip(role, CONTACT_ROLES):
                yield misspelt(case, contact.origin.at("roles", position), "roles", role, near)


def misspelt(case: Case, at: Spot, field: str, typed: str, near: str) -> Finding:
    """The finding that a word was probably meant to be another."""
    return case.say(word_misspelt, at, f"`{field}` says {typed}, which carectl does not know", f"did you mean {near}?")


@cache
def slip(typed: str, known: tuple[str, ...]) -> str | None:
    """The known word of which the typed one is a slip of the keyboard, or None: other words are the user's own."""
    if typed in known:
        return None
    plain = typed.replace("-", "_")
    for word in known:
        if plain == word or _one_apart(plain, word) or SequenceMatcher(None, plain, word).ratio() >= 0.9:
            return word
    return None


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter was added, left out, exchanged, or two neighbours swapped, in words long enough to tell."""
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        differing = [nth for nth, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
        if len(differing) == 2:
            first, second = differing
            return second == first + 1 and one[first] == other[second] and one[second] == other[first]
        return len(differing) == 1
    short, long = sorted((one, other), key=len)
    return any(long[:nth] + long[nth + 1 :] == short for nth in range(len(long)))


CHECKS = (
    id_twice,
    id_reserved,
    visit_id_not_occurrence,
    visit_id_taken,
    visit_twice,
    series_unknown,
    staff_unknown,
    person_unknown,
    intervention_unknown,
    intervention_who_unknown,
    evidence_gone,
    client_unknown,
    record_unknown,
    entry_wrong_month,
    word_misspelt,
)

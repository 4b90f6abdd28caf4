"""Dates that cannot be, entries written late, and what should have been done by a day that is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from carectl.care.checks.case import Case, day_in, ends_before, is_read
from carectl.care.moments import add_period, day_of, is_moment
from carectl.caseload.records import Entry
from carectl.findings import Finding, Severity, Spot, code

When = str | dt.date | None


@code("end-before-start", Severity.ERROR)
def end_before_start(case: Case) -> Iterator[Finding]:
    """Something ends before it begins.

    A stretch of time that runs backwards holds for no day at all: an absence that suspends no visit, a consent that
    allows nothing, a series that nobody serves. One of the two dates is wrong, most often the year.

    Wrong:
        away: [{from: 2026-12-24, until: 2026-01-03}]
    Right:
        away: [{from: 2026-12-24, until: 2027-01-03}]
    """
    for at, first, last, start, until in _stretches(case):
        if start is not None and until is not None and ends_before(start, until, case.zone):
            yield case.say(end_before_start, at, f"`{last}` is before `{first}`", "correct one of the two dates")


def _stretches(case: Case) -> Iterator[tuple[Spot, str, str, When, When]]:
    """Every stretch of time in a chart: where its end stands, the names of its bounds, and the bounds."""
    chart, client = case.chart, case.chart.client
    if client is not None:
        at = client.origin.at("end_of_care")
        yield at, "start_of_care", "end_of_care", client.start_of_care, client.end_of_care
        for away in client.away:
            yield away.origin.at("until"), "from", "until", away.from_, away.until
    for contact in chart.contacts:
        if "authority" not in contact.origin.unread:
            for nth, authority in enumerate(contact.authority):
                at = contact.origin.at("authority", nth, "until")
                yield at, "from", "until", authority.from_, authority.until
        for sharing in contact.sharing:
            yield sharing.origin.at("expires"), "given", "expires", sharing.given, sharing.expires
            yield sharing.origin.at("revoked"), "given", "revoked", sharing.given, sharing.revoked
    if chart.plan is not None:
        period = chart.plan.period
        yield chart.plan.origin.at("period", "until"), "from", "until", period.from_, period.until
    for series in chart.series:
        yield series.origin.at("until"), "from", "until", series.from_, series.until
    for medication in chart.medications:
        yield medication.origin.at("until"), "from", "until", medication.from_, medication.until
        for held in medication.held:
            yield held.origin.at("until"), "from", "until", held.from_, held.until
    for item in chart.equipment:
        yield item.origin.at("until"), "from", "until", item.from_, item.until
    for concern in chart.concerns:
        if concern.closed is not None and day_of(concern.closed) < day_of(concern.at):
            yield concern.origin.at("closed"), "at", "closed", day_of(concern.at), day_of(concern.closed)


@code("date-in-future", Severity.ERROR)
def date_in_future(case: Case) -> Iterator[Finding]:
    """Something is said to have happened on a day that has not come yet.

    A task that is ticked off ahead is forgotten, and an assessment of next week rests on nothing. Most often the year
    or the month is a slip of the pen.

    Wrong:
        # today is 2026-11-22
        done: 2026-12-20
    Right:
        done: 2026-11-20
    """
    for at, field, when in _happened(case):
        if when is not None and case.is_future(when):
            yield case.say(date_in_future, at, f"`{field}` has not come yet", "correct the date")
    for visit in case.visits:
        if visit.recorded is not None and case.is_future(visit.recorded):
            at = visit.origin.at("recorded")
            yield case.say(date_in_future, at, "`recorded` has not come yet", "correct the date")


def _happened(case: Case) -> Iterator[tuple[Spot, str, When]]:
    """What a chart says to have happened: where, in which field, and when."""
    chart, client = case.chart, case.chart.client
    if client is not None:
        at = client.origin.at
        yield at("birth_date"), "birth_date", client.birth_date
        if case.has_ended:
            yield at("end_of_care"), "end_of_care", client.end_of_care
        if client.referral is not None:
            yield at("referral", "date"), "date", client.referral.date
        for diagnosis in client.diagnoses:
            yield diagnosis.origin.at("since"), "since", diagnosis.since
        for directive in client.advance_directives:
            yield directive.origin.at("date"), "date", directive.date
    for assessment in chart.assessments:
        yield assessment.origin.at("date"), "date", assessment.date
    for agreement in chart.plan.agreed if chart.plan else ():
        yield agreement.origin.at("date"), "date", agreement.date
    for approval in (file.record for file in chart.approvals):
        if approval is not None:
            yield approval.origin.at("at"), "at", approval.at
    for goal in case.goals:
        for progress in goal.progress:
            yield progress.origin.at("date"), "date", progress.date
    for intervention in case.interventions.values():
        if intervention.status == "stopped":
            yield intervention.origin.at("stopped"), "stopped", intervention.stopped
    for medication in chart.medications:
        for change in medication.changed:
            yield change.origin.at("date"), "date", change.date
    for note in chart.notes:
        yield note.origin.at("at"), "at", note.at
    for task in chart.tasks:
        yield task.origin.at("done"), "done", task.done
    for concern in chart.concerns:
        yield concern.origin.at("at"), "at", concern.at
        yield concern.origin.at("closed"), "closed", concern.closed
        for told in concern.told:
            yield told.origin.at("at"), "at", told.at
    for measurement in chart.measurements:
        yield measurement.origin.at("date"), "date", measurement.date
    for supply in chart.supplies:
        yield supply.origin.at("counted"), "counted", supply.counted
        yield supply.origin.at("ordered"), "ordered", supply.ordered
    for _, entries in case.few_entries:
        for entry in entries:
            if entry.recorded is not None:
                yield entry.origin.at("recorded"), "recorded", entry.recorded


def _written(case: Case) -> Iterator[tuple[Entry, str, str | dt.date]]:
    """The entries that say when they were written down, with the name of the event and when it was."""
    chart = case.chart
    for assessment in chart.assessments:
        if assessment.recorded is not None:
            yield assessment, "assessment", assessment.date
    for note in chart.notes:
        if note.recorded is not None:
            yield note, "talk", note.at
    for concern in chart.concerns:
        if concern.recorded is not None:
            yield concern, "event", concern.at
    for measurement in chart.measurements:
        if measurement.recorded is not None:
            yield measurement, "measurement", measurement.date
    for visit in case.visits:
        recorded = visit.recorded
        # What was written down on its own day, or plans ahead, is not looked at more closely.
        if recorded is None or visit.status in ("planned", "confirmed"):
            continue
        day = day_in(visit)
        if day is None or not is_read(visit.origin, "date", "day", "status", "actual"):
            continue
        left = visit.actual.out if visit.actual else None
        if left is None:
            yield visit, "visit", day
        else:
            yield visit, "visit", left if is_moment(left) else f"{day}T{left}"


@code("late-entry", Severity.NOTE)
def late_entry(case: Case) -> Iterator[Finding]:
    """An entry that was written down long after the event.

    That is no fault: late is better than never, and saying so is honest. But memory fades, and whoever reads it should
    know. The practice decides in carectl.yaml (`late_after`) from when on an entry counts as late.

    Wrong:
        - {id: n-7, at: 2026-11-10T10:15, recorded: 2026-11-20, text: …}
    Right:
        - {id: n-7, at: 2026-11-10T10:15, recorded: 2026-11-10, text: …}
    """
    practice = case.setting.practice
    if practice is None or "late_after" in practice.origin.unread:
        return
    for entry, event, when in _written(case):
        recorded = str(entry.recorded)
        written, happened = day_of(recorded), _day(when)
        if written <= happened or case.is_future(recorded):
            continue
        try:
            limit = add_period(happened, practice.late_after)
        except (OverflowError, ValueError):
            continue
        if written < limit or (written == limit and not _is_later_in_day(case, recorded, when, written)):
            continue
        days = (written - happened).days
        message = f"this was written down {days} {'day' if days == 1 else 'days'} after the {event}"
        yield case.say(late_entry, entry.origin.at("recorded"), message)


def _day(when: str | dt.date) -> dt.date:
    return when if isinstance(when, dt.date) else day_of(when)


def _is_later_in_day(case: Case, recorded: str, when: str | dt.date, written: dt.date) -> bool:
    """Whether, of two moments on the first and the last day of the period, the second is later by the clock."""
    if isinstance(when, dt.date) or not is_moment(when) or not is_moment(recorded):
        return False
    event, entry = case.instant(written, when), case.instant(written, recorded)
    if event is None or entry is None:
        return False
    return entry.astimezone(case.zone).time() > event.astimezone(case.zone).time()


@code("recorded-before-event", Severity.WARNING)
def recorded_before_event(case: Case) -> Iterator[Finding]:
    """An entry that was written down before what it tells of.

    Either of the two times is wrong, or something was written down that had not happened. Correct `recorded`, or the
    time of the event.

    Wrong:
        - {id: n-7, at: 2026-11-20T10:15, recorded: 2026-11-19, text: …}
    Right:
        - {id: n-7, at: 2026-11-20T10:15, recorded: 2026-11-20, text: …}
    """
    for entry, event, when in _written(case):
        if getattr(entry, "status", None) in ("cancelled", "refused"):
            continue  # a visit can be called off ahead of its day
        recorded = str(entry.recorded)
        early = day_of(recorded) < _day(when)
        if isinstance(when, str) and is_moment(when) and is_moment(recorded):
            happened, written = case.instant(_day(when), when), case.instant(day_of(recorded), recorded)
            early = happened is not None and written is not None and written < happened
        if early:
            message = f"`recorded` is before the {event} itself"
            yield case.say(recorded_before_event, entry.origin.at("recorded"), message, "correct one of the two")


@code("told-before-event", Severity.WARNING)
def told_before_event(case: Case) -> Iterator[Finding]:
    """Someone was told of an incident before it happened.

    When the family and the physician were told is the first thing that is asked after a fall. Correct the time of the
    one or the other.

    Wrong:
        - id: fall-1
          kind: fall
          at: 2026-10-02T03:10
          facts: …
          told: [{who: maria, at: 2026-10-01T08:00}]
    Right:
        - id: fall-1
          kind: fall
          at: 2026-10-02T03:10
          facts: …
          told: [{who: maria, at: 2026-10-02T08:00}]
    """
    for concern in case.chart.concerns:
        for told in concern.told:
            early = day_of(told.at) < day_of(concern.at)
            if is_moment(told.at) and is_moment(concern.at):
                said, happened = case.instant(case.today, told.at), case.instant(case.today, concern.at)
                early = said is not None and happened is not None and said < happened
            if early:
                message = f"someone was told of {concern.id} before it happened"
                yield case.say(told_before_event, told.origin.at("at"), message, "correct one of the two times")


@code("task-overdue", Severity.WARNING)
def task_overdue(case: Case) -> Iterator[Finding]:
    """A task that should have been done by a day that is over.

    Somebody was promised a call, a prescription, a rail. Do it and write the day into `done`; or, if it is no longer
    wanted, write the day into `done` and what became of it into `outcome`.

    Wrong:
        # today is 2026-11-22
        - {id: call-pt, text: Call PT about the rail, due: 2026-11-20, done: null}
    Right:
        - {id: call-pt, text: Call PT about the rail, due: 2026-11-20, done: 2026-11-20}
    """
    for task in case.chart.tasks:
        if (
            task.due is not None
            and task.done is None
            and task.due < case.first_open_day
            and is_read(task.origin, "done")
        ):
            message = f"the task {task.id} was due on {task.due} and is not done"
            yield case.say(task_overdue, task.origin.at("due"), message, "do it and fill in `done`, or set a new day")


@code("equipment-overdue", Severity.WARNING)
def equipment_overdue(case: Case) -> Iterator[Finding]:
    """Equipment that should have been serviced or sent back by a day that is over.

    A lift that is not serviced can drop someone; a rented bed that stands on costs the client money. See to it, and set
    the next `service_due`, or write into `until` when it went back.

    Wrong:
        # today is 2026-11-22
        - {id: lift, item: Patient lift, owner: rental, from: 2025-08-04, service_due: 2026-08-04}
    Right:
        - {id: lift, item: Patient lift, owner: rental, from: 2025-08-04, service_due: 2027-08-04}
    """
    for item in case.chart.equipment:
        if not is_read(item.origin, "until") or (item.until is not None and item.until < case.first_open_day):
            continue
        for field, words in (("service_due", "serviced"), ("return_by", "sent back")):
            day = getattr(item, field)
            if day is not None and day < case.first_open_day:
                message = f"{item.id} was to be {words} by {day}"
                hint = "set the next day" if field == "service_due" else "write into `until` when it went back"
                yield case.say(equipment_overdue, item.origin.at(field), message, hint)


CHECKS = (
    end_before_start,
    date_in_future,
    late_entry,
    recorded_before_event,
    told_before_event,
    task_overdue,
    equipment_overdue,
)

"""Somebody else's calendar beside a client's visits: what is new in it, what has changed, what is gone.

Nothing is concluded from what could not be read: such an event neither comes in nor counts as gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from carectl.care.coverage import length
from carectl.care.events import Appointment, Incoming, NotTaken, unfold
from carectl.care.moments import earlier, later
from carectl.care.schedule import span
from carectl.care.setting import Setting
from carectl.care.visit_entries import UPCOMING, Fields, in_order, new_id
from carectl.caseload.records import Chart, Visit
from carectl.errors import Refused

MOST: Final = 500
"""How many visits an import adds at most: more is no client's calendar."""

_BEFORE: Final = "; before that: "

Key = tuple[str, str | None]
"""What makes an appointment the same one at the next import: its UID, and which occurrence of it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How an import is meant."""

    calendar: str
    """The name of the calendar, the same at every import."""
    first: dt.date
    """First day that is looked at, where the client lives."""
    last: dt.date
    """Last day, included."""
    with_: str | None = None
    """The contact who sees the client."""
    service: str = "appointment"
    length: dt.timedelta | None = None
    """How long an event takes that does not say so."""
    keep_missing: bool = False
    """Whether what the file does not hold stays as it is."""


class Arrival(NamedTuple):
    """A visit that is to be added."""

    id: str
    appointment: Appointment
    fields: Fields


class Difference(NamedTuple):
    """One thing that changes about a visit: its name, what it was and what it is."""

    label: str
    was: str
    now: str


class Alteration(NamedTuple):
    """A visit that is to be changed."""

    visit: Visit
    start: dt.datetime
    """When it was."""
    end: dt.datetime
    fields: Fields
    """What is written; None takes a field away."""
    differences: tuple[Difference, ...]


class Departure(NamedTuple):
    """A visit that is to be cancelled."""

    visit: Visit
    start: dt.datetime
    end: dt.datetime
    fields: Fields


class Disagreement(NamedTuple):
    """A visit of which the calendar says something else, and that stays as it is, for a person has said so."""

    visit: Visit
    why: str


@dataclass(slots=True)
class Plan:
    """What an import would do."""

    new: list[Arrival] = field(default_factory=list)
    changed: list[Alteration] = field(default_factory=list)
    gone: list[Departure] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    same: int = 0
    """How many visits are as the calendar has them."""
    all_gone: bool = False
    """Of the appointments on file that are still to come, not one is in the calendar any more."""

    @property
    def count(self) -> int:
        """How many visits are written."""
        return len(self.new) + len(self.changed) + len(self.gone)


def from_calendar(chart: Chart, calendar: str) -> list[Visit]:
    """The visits of a client that came from a calendar."""
    return [visit for visit in chart.visits if visit.imported is not None and visit.imported.calendar == calendar]


def elsewhere(chart: Chart, calendar: str) -> dict[str, str]:
    """The UIDs of events on file that came from other calendars than this one, each with the calendar's name."""
    return {
        visit.imported.uid: visit.imported.calendar
        for visit in chart.visits
        if visit.imported is not None and visit.imported.calendar != calendar
    }


def plan(chart: Chart, setting: Setting, incoming: Incoming, terms: Terms) -> Plan:
    """What an import does to a client's visits. Raises Refused if there is more in the file than can be true.

    What lies in the past stays as it is, and so does what a person has said of a visit (done, missed, refused,
    cancelled). Of other visits that changes which came from the calendar: when, where, and the title in the note.
    """
    return _Comparison(chart, setting, incoming, terms).plan()


class _Comparison:
    """One calendar beside one chart."""

    def __init__(self, chart: Chart, setting: Setting, incoming: Incoming, terms: Terms) -> None:
        self.chart, self.incoming, self.terms = chart, incoming, terms
        self.zone, self.now = setting.zone(chart), setting.now_at(chart)
        self.found = Plan()
        amended = {(visit.amends or "").rpartition("/")[2] for visit in chart.visits}
        self.known: dict[Key, Visit] = {}
        for visit in from_calendar(chart, terms.calendar):
            assert visit.imported is not None
            key = (visit.imported.uid, visit.imported.recurrence)
            # Of several records of one appointment, the one that corrects the others counts.
            if key not in self.known or self.known[key].id in amended:
                self.known[key] = visit
        self.uids = {uid for uid, _ in self.known}
        self.others = elsewhere(chart, terms.calendar)
        """Events that came from other calendars; two people may share an appointment."""

    def plan(self) -> Plan:
        found = self.found
        unfolded = unfold(self.incoming, self.zone, self.reach, self.terms.length)
        found.not_taken = sorted(
            (item for item in unfolded.not_taken if item.day is None or item.uid in self.uids or self.within(item.day)),
            key=lambda item: (item.line, item.day or dt.date.min),
        )
        arriving = []
        for item in sorted(unfolded.appointments, key=lambda item: (item.start.astimezone(dt.UTC), item.line)):
            if (record := self.known.get((item.uid, item.recurrence))) is not None:
                self.compare(record, item)
            elif item.uid in self.others:
                name = self.others[item.uid]
                found.doubts.append(f"What is on file from the calendar {name} already is left to that calendar.")
            elif not item.cancelled and self.within(item.start.date()):
                arriving.append(item)
        if len(arriving) > MOST:
            raise Refused(
                f"{len(arriving)} appointments are new, and {MOST} at most are taken at once\n"
                "hint: look at fewer days with --until"
            )
        self.arrive(arriving)
        self.depart(
            {(item.uid, item.recurrence) for item in unfolded.appointments}, {item.uid for item in unfolded.not_taken}
        )
        found.doubts = list(dict.fromkeys(found.doubts))
        return found

    # --- where it is looked

    def within(self, day: dt.date) -> bool:
        return self.terms.first <= day <= self.terms.last

    def reach(self, uid: str) -> tuple[dt.date, dt.date]:
        """The window, and the days to which the occurrences belong that are on file in it."""
        # The calendar's own zone can be a day away from the client's.
        days = [earlier(self.terms.first, 2), later(self.terms.last, 2)]
        if uid in self.uids:
            for (known_uid, recurrence), visit in self.known.items():
                if known_uid == uid and recurrence is not None and self.is_to_come(visit):
                    days += _days_in(recurrence)
        return min(days), max(days)

    def hours(self, visit: Visit) -> tuple[dt.datetime, dt.datetime] | None:
        """When a visit on file starts and ends; None if its record does not say so by itself."""
        if visit.series is not None or visit.date is None or visit.at is None:
            return None
        if (visit.duration is None) == (visit.to is None):
            return None
        try:
            return span(visit.date, visit.at, visit.duration, visit.to, self.zone)
        except OverflowError:
            return None

    def is_to_come(self, visit: Visit) -> bool:
        """Whether a visit is still to take place, within the window."""
        hours = self.hours(visit)
        return (
            visit.status in UPCOMING
            and hours is not None
            and self.within(hours[0].date())
            and not self.is_past(hours[0])
        )

    def is_past(self, moment: dt.datetime) -> bool:
        return moment.astimezone(dt.UTC) <= self.now.astimezone(dt.UTC)

    # --- what is on file already

    def compare(self, visit: Visit, item: Appointment) -> None:
        """Bring what the calendar says into a visit that came from it."""
        hours = self.hours(visit)
        if hours is None:
            self.disagree(visit, "its record has no day and hours of its own")
        elif self.is_past(hours[0]) and self.is_past(item.start):
            self.found.same += 1
        elif visit.status in UPCOMING and item.cancelled:
            self.cancel(visit, *hours, f"Cancelled in the calendar {self.terms.calendar}")
        elif visit.status in UPCOMING or (self.is_ours(visit) and not item.cancelled):
            self.alter(visit, *hours, item)
        elif self.is_ours(visit) or (visit.status == "cancelled" and item.cancelled):
            self.found.same += 1
        elif item.cancelled:
            self.disagree(visit, f"{visit.status} here, and cancelled in the calendar")
        elif visit.status == "cancelled":
            self.disagree(visit, f"cancelled here, but in the calendar it takes place {when(item.start, item.end)}")
        elif _instants(*hours) != _instants(item.start, item.end):
            self.disagree(visit, f"{visit.status} here, but in the calendar it is {when(item.start, item.end)}")
        else:
            self.found.same += 1

    def disagree(self, visit: Visit, why: str) -> None:
        self.found.disagreements.append(Disagreement(visit, why))

    def is_ours(self, visit: Visit) -> bool:
        """Whether it was an import that cancelled a visit."""
        return visit.status == "cancelled" and (visit.reason or "").startswith(self.reasons())

    def reasons(self) -> tuple[str, str]:
        name = self.terms.calendar
        return f"Cancelled in the calendar {name}", f"No longer in the calendar {name}"

    def alter(
        self, visit: Visit, start: dt.datetime, end: dt.datetime, item: Appointment, *, link: bool = False
    ) -> None:
        """Change what is different. With `link` it is a visit that a person wrote down, and only now known for this."""
        fields: Fields = {}
        differences = []
        if link:
            fields["imported"] = self.origin(item)
            differences.append(Difference("from now on kept in step with", "", self.terms.calendar))
        if link and visit.status not in UPCOMING:
            self.found.changed.append(Alteration(visit, start, end, fields, tuple(differences)))
            return
        if visit.status == "cancelled":
            _, _, before = (visit.reason or "").partition(_BEFORE)
            fields |= {"status": None, "reason": before or None}
            differences.append(Difference("status", "cancelled", "planned, for it is in the calendar again"))
        if _instants(start, end) != _instants(item.start, item.end):
            written = _hours_written(item.start, item.end)
            fields |= written if start != item.start else {name: written[name] for name in ("duration", "to")}
            differences.append(Difference("now", "", when(item.start, item.end)))
            if visit.status == "confirmed":
                fields["status"] = None  # Nobody confirmed the new time.
                differences.append(Difference("status", "confirmed", "planned, for what was confirmed is the old time"))
        if item.place and item.place != visit.where:
            fields["where"] = item.place
            differences.append(Difference("where", visit.where or "", item.place))
        title, rest = _apart(visit.note)
        if item.title and item.title not in [title, *rest]:
            # The first line is the calendar's; what else is there a person wrote.
            kept = [visit.note] if link and visit.note else rest
            fields["note"] = "\n".join([item.title, *kept])
            differences.append(Difference("title", "" if link else title, item.title))
        if item.private and not visit.private:
            fields["private"] = True
            differences.append(Difference("private", "", "it never leaves the coordinator"))
        if fields:
            self.found.changed.append(Alteration(visit, start, end, fields, tuple(differences)))
            self.found.doubts += item.doubts
        else:
            self.found.same += 1

    def cancel(self, visit: Visit, start: dt.datetime, end: dt.datetime, reason: str) -> None:
        whole = f"{reason}{_BEFORE}{visit.reason}" if visit.reason else reason
        self.found.gone.append(Departure(visit, start, end, {"status": "cancelled", "reason": whole}))

    # --- what comes, and what goes
    def arrive(self, items: Iterable[Appointment]) -> None:
        """Take up what is not on file from this calendar: as a new visit, or as the one a person wrote down before."""
        taken = {visit.id for visit in self.chart.visits} | self.chart.broken_ids("visits")
        # SERIES-DAY is the name of a series' visit.
        extra = "extra-" if self.terms.calendar in {series.id for series in self.chart.series} else ""
        linked: set[str] = set()
        for item in items:
            twin = self.twin(item, linked)
            if twin is not None:
                linked.add(twin.id)
                self.alter(twin, *(self.hours(twin) or (item.start, item.end)), item, link=True)
                continue
            name = new_id(f"{extra}{self.terms.calendar}-{item.start.date()}", taken)
            taken.add(name)
            fields: Fields = {
                "id": name,
                "service": self.terms.service,
                "with": self.terms.with_,
                **_hours_written(item.start, item.end),
                "where": item.place or None,
                "note": item.title or None,
                "private": item.private or None,
                "imported": self.origin(item),
            }
            self.found.new.append(Arrival(name, item, in_order(fields)))
            self.found.doubts += item.doubts

    def twin(self, item: Appointment, linked: Collection[str]) -> Visit | None:
        """The visit that a person wrote down for an appointment: at that time, with that contact."""
        for visit in self.chart.visits:
            if (
                visit.imported is None
                and visit.with_ is not None
                and (visit.with_, visit.date) == (self.terms.with_, item.start.date())
                and visit.id not in linked
                and (hours := self.hours(visit)) is not None
                and hours[0] == item.start
            ):
                return visit
        return None

    def origin(self, item: Appointment) -> Fields:
        """What a visit keeps of where it came from."""
        found: Fields = {"calendar": self.terms.calendar, "uid": item.uid}
        return found | ({"recurrence": item.recurrence} if item.recurrence else {})

    def depart(self, there: Collection[Key], lost: Collection[str | None]) -> None:
        """Cancel what is still to come and no longer in the calendar, unless that is only not known."""
        to_come = {key: visit for key, visit in self.known.items() if self.is_to_come(visit)}
        absent = [key for key in to_come if key not in there and key[0] not in lost]
        if self.incoming.partial or self.terms.keep_missing or None in lost:
            return
        for key in absent:
            hours = self.hours(to_come[key])
            assert hours is not None
            self.cancel(to_come[key], *hours, self.reasons()[1])
        self.found.all_gone = bool(absent) and len(absent) == len(to_come)


def when(start: dt.datetime, end: dt.datetime) -> str:
    """Day and hours in full: Wednesday 2026-11-25 14:30–15:15."""
    over = (end.date() - start.date()).days
    longer = " the next day" if over == 1 and end.time() > start.time() else ""
    return f"{start:%A} {start.date()} {start:%H:%M}–{end:%H:%M}{longer}"


def _instants(*moments: dt.datetime) -> list[dt.datetime]:
    """Moments in UTC: of one zone, Python compares the hands of the clock alone."""
    return [moment.astimezone(dt.UTC) for moment in moments]


def _hours_written(start: dt.datetime, end: dt.datetime) -> Fields:
    begin, finish = _instants(start, end)
    return {"date": str(start.date()), "at": f"{start:%H:%M}", "duration": length(finish - begin), "to": None}


def _apart(note: str | None) -> tuple[str, list[str]]:
    """The first line of a note, where the calendar's title stands, and what a person added below."""
    first, *rest = (note or "").split("\n")
    return first, rest


def _days_in(recurrence: str) -> list[dt.date]:
    try:
        return [dt.date.fromisoformat(recurrence[:10])]
    except ValueError:
        return []

"""One chart in its setting, and what several checks ask of it, each worked out once."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Final

from carectl.care.moments import (
    WEEKDAYS,
    day_of,
    duration_of,
    earlier,
    end_of,
    is_moment,
    later,
    moment_of,
    resolve,
    start_of,
    time_of,
)
from carectl.care.schedule import due_days
from carectl.care.setting import Setting
from carectl.caseload.records import Assessment, Chart, Entry, Goal, Intervention, Origin, Series, Visit
from carectl.findings import Finding, Spot, code_of
from carectl.words import closest

DAY: Final = dt.timedelta(days=1)
UPCOMING: Final = ("planned", "confirmed")
HAPPENED: Final = ("done", "missed", "refused")
_LOOK_BACK: Final = dt.timedelta(days=3660)
"""How far back days without a record are looked for."""
CLIENT: Final = "client"
"""The word that stands for the client wherever a person is named."""

_MONTH_FILE: Final = re.compile(r"/(\d{4})-(0[1-9]|1[0-2])\.yaml$")


def found(check: Callable[..., Any], at: Spot, message: str, hint: str | None = None) -> Finding:
    """A finding of the practice or its staff."""
    return code_of(check).finding(at, message, hint)


def meant(typed: str, known: Iterable[str]) -> str | None:
    """The hint that names what was probably meant."""
    near = closest(typed, known)
    return f"did you mean {near}?" if near else None


def roster(setting: Setting) -> frozenset[str]:
    """The ids under which staff can be named: those in their files, and the names of the files should they differ."""
    files = {member.origin.path.rpartition("/")[2].removesuffix(".yaml") for member in setting.staff.values()}
    return frozenset(setting.staff) | setting.unread_staff | (files - {""})


def listed(names: Iterable[str]) -> str:
    """Field names or ids as a sentence lists them: `a`, `b` and `c`."""
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def ends_before(start: str | dt.date, until: str | dt.date, zone: dt.tzinfo) -> bool:
    """Whether a stretch of dates or moments, both ends included, is over before it begins."""
    if isinstance(start, dt.date) or isinstance(until, dt.date):
        return str(until) < str(start)
    if not is_moment(start) and not is_moment(until):
        return until < start
    return until != start and end_in_utc(until, zone) <= start_in_utc(start, zone)


_BEGINNING: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_END: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def start_in_utc(text: str, zone: dt.tzinfo) -> dt.datetime:
    """When a day begins, or that moment; the end of all calendars where they end."""
    try:
        return start_of(text, zone).astimezone(dt.UTC)
    except OverflowError:
        return _END if day_of(text).year > 1 else _BEGINNING


def end_in_utc(text: str, zone: dt.tzinfo) -> dt.datetime:
    """When a day is over, or that moment; the end of all calendars where they end."""
    try:
        return end_of(text, zone).astimezone(dt.UTC)
    except OverflowError:
        return _END if day_of(text).year > 1 else _BEGINNING


@lru_cache(maxsize=512)
def clock_changes(zone: dt.tzinfo, year: int) -> tuple[tuple[dt.date, ...], tuple[dt.date, ...]]:
    """The days of a year on which the clocks change, and those among them that have a doubled hour."""
    changes: list[dt.date] = []
    doubled: list[dt.date] = []
    day = dt.date(year, 1, 1)
    offset = _midnight(day, zone)
    for _ in range(365 if year % 4 or (year % 100 == 0 and year % 400) else 366):
        if day == dt.date.max:
            break
        following = day + DAY
        after = _midnight(following, zone)
        if after != offset:
            changes.append(day)
            if after < offset:
                doubled.append(day)
        day, offset = following, after
    return tuple(changes), tuple(doubled)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.timedelta:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).utcoffset() or dt.timedelta()


def is_doubled(moment: dt.datetime) -> bool:
    """Whether a wall time with its zone happens twice."""
    first, second = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    return first is not None and second is not None and first > second


def has_offset(text: str) -> bool:
    """Whether a moment says its offset from UTC."""
    return text.endswith("Z") or re.search(r"[+-]\d\d:\d\d$", text) is not None


def _due(series: Series, first: dt.date, last: dt.date) -> set[dt.date]:
    """The due days of a series (`schedule.due_days`); for weekdays without asking each day of the years."""
    if series.rrule is not None or first < series.from_:
        return set(due_days(series, first, last))
    if series.until is not None and series.until < last:
        last = series.until
    step = 7 * int(series.every[:-1]) if series.every else 7
    monday = series.from_.toordinal() - series.from_.weekday()
    low, high = first.toordinal(), last.toordinal()
    days: set[dt.date] = set()
    for name in series.days:
        day = monday + WEEKDAYS[name]
        days.update(map(dt.date.fromordinal, range(low + (day - low) % step, high + 1, step)))
    return days


@lru_cache(maxsize=4096)
def written(day: dt.date) -> str:
    """A day as the files write it."""
    return day.isoformat()


class Case:
    """One client's chart, asked about at one moment.

    What could not be read is respected here, in one place: `whole` says whether a list can be concluded from, and the
    ids of records that are there but broken count as known.
    """

    def __init__(self, chart: Chart, setting: Setting) -> None:
        self.chart = chart
        self.setting = setting
        self.zone = setting.zone(chart)
        self.now = setting.now_at(chart)
        self.today = self.now.date()
        client = chart.client
        self.status = client.status if client else None
        """Where the client stands, or None if that could not be read."""
        self.is_active = self.status == "active"
        self.has_ended = self.status in ("discharged", "deceased")
        # Where the zone is not known, the client's day may be the one before or after.
        slack = 0 if self._zone_is_known() else 1
        self.first_open_day = earlier(self.today, slack)
        """Days before this one are over where the client lives."""
        self.last_known_day = later(self.today, slack)
        """Days after this one have not come yet where the client lives."""
        self._due: dict[str, set[dt.date]] = {}

    def _zone_is_known(self) -> bool:
        client, practice = self.chart.client, self.setting.practice
        if client is None or "timezone" in client.origin.unread:
            return False
        name = client.timezone or (practice.timezone if practice else None)
        return name is not None and self.setting.zones(name) is not None

    # --- saying

    def say(self, check: Callable[..., Any], at: Spot, message: str, hint: str | None = None) -> Finding:
        """A finding about this client."""
        return code_of(check).finding(at, message, hint, self.chart.id)

    def file(self, kind: str) -> Spot:
        """The file of a kind, or the client's own if there is none of that kind."""
        start = f"{self.chart.path}/{kind}"
        paths = [path for path in self.chart.files if path.startswith((f"{start}.", f"{start}/"))]
        return Spot(paths[0] if paths else f"{self.chart.path}/client.yaml")

    # --- what can be concluded from

    def whole(self, *names: str) -> bool:
        """Whether every id in these lists is known: nothing was lost but records whose ids could still be read."""
        for name in names:
            if name in self.chart.unread:
                lost = [item for item in self.chart.broken if item.name == name]
                if not lost or any(item.id is None for item in lost):
                    return False
        return True

    def intact(self, *names: str) -> bool:
        """Whether these lists were read whole, every record of them."""
        return not any(name in self.chart.unread for name in names) and not any(
            item.name in names for item in self.chart.broken
        )

    @cached_property
    def plan_is_whole(self) -> bool:
        """Whether every problem, goal and intervention of the plan is known by its id."""
        plan = self.chart.plan
        if self._lost_plan():
            return False
        lost = [item for item in self.chart.broken if item.name in ("problems", "goals", "interventions")]
        if any(item.id is None for item in lost):
            return False
        if plan is None:
            return True
        if "problems" in plan.origin.unread and not any(item.name == "problems" for item in lost):
            return False
        names = {item.name for item in lost}
        return all(problem.origin.unread & {"goals", "interventions"} <= names for problem in plan.problems)

    def _lost_plan(self) -> bool:
        """Whether there is a care plan of which no more is known than that."""
        chart = self.chart
        return "care-plan" in chart.unread or (chart.plan is None and any("/care-plan" in path for path in chart.files))

    @cached_property
    def plan_is_intact(self) -> bool:
        """Whether the plan was read whole."""
        plan = self.chart.plan
        return (
            not self._lost_plan()
            and not any(item.name in ("problems", "goals", "interventions") for item in self.chart.broken)
            and (plan is None or ("problems" not in plan.origin.unread))
        )

    # --- who and what there is

    def ids(self, name: str) -> frozenset[str]:
        """The ids in a list of the chart, those of broken records included."""
        return frozenset(item.id for item in getattr(self.chart, name)) | self.chart.broken_ids(name)

    @cached_property
    def contacts(self) -> frozenset[str]:
        """The contacts' ids."""
        return self.ids("contacts")

    @cached_property
    def roster(self) -> frozenset[str]:
        """The ids under which staff can be named."""
        return roster(self.setting)

    def knows_staff(self, who: str) -> bool:
        """Whether a staff member of this id exists, readable or not."""
        return who in self.roster

    @cached_property
    def people(self) -> frozenset[str]:
        """Everyone who can be named by an id."""
        return self.contacts | self.roster | {CLIENT}

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that people on the roster have."""
        return frozenset(member.role for member in self.setting.staff.values())

    @cached_property
    def series(self) -> dict[str, Series]:
        """The series by id; of two with one id the first."""
        found: dict[str, Series] = {}
        for series in self.chart.series:
            found.setdefault(series.id, series)
        return found

    @cached_property
    def series_ids(self) -> frozenset[str]:
        """The ids of all series, broken ones included."""
        return self.ids("series")

    @cached_property
    def assessments(self) -> dict[str, Assessment]:
        """The assessments by id."""
        return {item.id: item for item in self.chart.assessments}

    @cached_property
    def interventions(self) -> dict[str, Intervention]:
        """The plan's interventions by id."""
        plan = self.chart.plan
        return {item.id: item for problem in plan.problems for item in problem.interventions} if plan else {}

    @cached_property
    def intervention_ids(self) -> frozenset[str]:
        """The ids of all interventions, broken ones included."""
        return frozenset(self.interventions) | self.chart.broken_ids("interventions")

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The plan's goals."""
        plan = self.chart.plan
        return tuple(goal for problem in plan.problems for goal in problem.goals) if plan else ()

    @cached_property
    def few_entries(self) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
        """Every list of entries but the visits, which are many, by name."""
        chart, plan = self.chart, self.chart.plan
        problems = plan.problems if plan else ()
        return (
            ("contacts", chart.contacts),
            ("assessments", chart.assessments),
            ("problems", problems),
            ("goals", self.goals),
            ("interventions", tuple(item for problem in problems for item in problem.interventions)),
            ("series", chart.series),
            ("medications", chart.medications),
            ("notes", chart.notes),
            ("tasks", chart.tasks),
            ("concerns", chart.concerns),
            ("measurements", chart.measurements),
            ("supplies", chart.supplies),
            ("equipment", chart.equipment),
        )

    def entries(self) -> Iterator[tuple[str, Collection[Entry]]]:
        """Every list of entries, by name."""
        yield from self.few_entries
        yield "visits", self.chart.visits

    # --- visits

    @cached_property
    def corrections(self) -> dict[Origin, list[Visit]]:
        """Visit records that correct earlier ones (`amends`), by their places, with those that they correct."""
        if all(visit.amends is None for visit in self.chart.visits):
            return {}
        found: dict[Origin, list[Visit]] = {}
        earlier_ones: dict[str, list[Visit]] = {}
        for visit in self.chart.visits:
            if visit.amends is not None and _can_correct(visit):
                *above, name = visit.amends.split("/")
                if above in ([], ["visits"], [self.chart.id], [self.chart.id, "visits"]):
                    found[visit.origin] = list(earlier_ones.get(name, ()))
            earlier_ones.setdefault(visit.id, []).append(visit)
        return found

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """The visit records that count. One that a later one corrects is history, and is not judged any more."""
        corrected = {visit.origin for visits in self.corrections.values() for visit in visits}
        if not corrected:
            return self.chart.visits
        return tuple(visit for visit in self.chart.visits if visit.origin not in corrected)

    def is_correction(self, visit: Visit) -> bool:
        """Whether a record corrects another one of the same series and day, and so cannot have its id."""
        return any(
            (old.series, old.day) == (visit.series, visit.day) for old in self.corrections.get(visit.origin, ())
        ) or (visit.amends is not None and visit.amends.rpartition("/")[2] in self.chart.broken_ids("visits"))

    @cached_property
    def by_series(self) -> dict[str, list[Visit]]:
        """The visit records of each series, in their order."""
        found: dict[str, list[Visit]] = {}
        for visit in self.visits:
            series = visit.series
            if series is not None:
                if series in found:
                    found[series].append(visit)
                else:
                    found[series] = [visit]
        return found

    @cached_property
    def recorded_days(self) -> dict[str, set[dt.date]]:
        """The days of each series for which there is a record."""
        return {name: {visit.day for visit in visits if visit.day} for name, visits in self.by_series.items()}

    def due_until_yesterday(self, series: Series) -> set[dt.date]:
        """The days of the last ten years on which a series was due, those left out included."""
        days = self._due.get(series.id)
        if days is None:
            last = earlier(self.first_open_day, DAY)
            days = self._due[series.id] = _due(series, max(series.from_, earlier(last, _LOOK_BACK)), last)
        return days

    @cached_property
    def odd_times(self) -> list[Visit]:
        """The visits of which it is not plain at a glance that someone came and left later on the same day."""
        return [
            visit
            for visit in self.visits
            if (actual := visit.actual) is not None
            and not ((came := actual.in_) and (left := actual.out) and len(came) == 5 == len(left) and came <= left)
        ]

    @cached_property
    def named_visits(self) -> frozenset[str]:
        """The ids of all visit records that count, broken ones included."""
        return self.chart.broken_ids("visits").union(visit.id for visit in self.visits)

    @cached_property
    def singles(self) -> tuple[Visit, ...]:
        """Visits of no series."""
        return tuple(visit for visit in self.visits if visit.series is None)

    @cached_property
    def delivered(self) -> list[Visit]:
        """The visits that were delivered."""
        return [visit for visit in self.visits if visit.status == "done"]

    @cached_property
    def others(self) -> list[Visit]:
        """The visits that were not delivered, or not yet."""
        return [visit for visit in self.visits if visit.status != "done"]

    @cached_property
    def absences(self) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """The client's times away, in UTC."""
        client = self.chart.client
        return tuple(
            (start_in_utc(item.from_, self.zone), end_in_utc(item.until, self.zone) if item.until else _END)
            for item in (client.away if client else ())
        )

    def is_suspended(self, day: dt.date, at: str | None) -> bool:
        """Whether the client is away when a visit would begin, or care has ended by that day."""
        client = self.chart.client
        if client is not None and client.end_of_care is not None and day > client.end_of_care:
            return True
        if not self.absences:
            return False
        start = self.instant(day, at or "12:00")
        return start is not None and any(begin <= start < end for begin, end in self.absences)

    def month_of(self, path: str) -> tuple[dt.date, dt.date] | None:
        """First and last day of the month that a file's name stands for, or None if it stands for none."""
        match = _MONTH_FILE.search(path)
        if match is None or match.group(1) == "0000":
            return None
        year, month = int(match.group(1)), int(match.group(2))
        return dt.date(year, month, 1), dt.date(year, month, monthrange(year, month)[1])

    # --- times

    def is_future(self, when: str | dt.date) -> bool:
        """Whether a date or moment has surely not come yet."""
        if isinstance(when, dt.date):
            return when > self.last_known_day
        if is_moment(when) and (has_offset(when) or self.first_open_day == self.today):
            return start_in_utc(when, self.zone) > self.now
        return day_of(when) > self.last_known_day

    def instant(self, day: dt.date, text: str) -> dt.datetime | None:
        """The instant of a time of day on a day, or of a moment; None outside of the years that a calendar knows."""
        try:
            moment = moment_of(text, self.zone) if is_moment(text) else resolve(day, time_of(text), self.zone)
            return moment.astimezone(dt.UTC)
        except OverflowError:
            return None


def is_read(origin: Origin, *names: str) -> bool:
    """Whether none of these fields was lost."""
    return not origin.unread or origin.unread.isdisjoint(names)


def _can_correct(visit: Visit) -> bool:
    """Whether a visit record says enough to take another one's place: schedules leave one that does not out."""
    if not is_read(visit.origin, "series", "day", "date", "at", *_SAID_OF_VISIT):
        return False
    if visit.duration is not None and visit.to is not None:
        return False
    if visit.series is not None:
        return visit.day is not None
    whole = visit.service is not None and visit.date is not None and visit.at is not None
    return whole and (visit.duration is not None or visit.to is not None)


_SAID_OF_VISIT: Final = ("duration", "to", "status", "staff", "with_", "service")


def day_in(visit: Visit) -> dt.date | None:
    """The day on which a visit takes place: where it was moved to, else where it was due."""
    return visit.date or visit.day


def days_long(at: str | None, duration: str | None, to: str | None) -> int:
    """On which day after its start a visit ends, by the clock on the wall; 0 is the same."""
    if at is None:
        return 0
    start = time_of(at)
    if to is not None:
        return 1 if time_of(to) <= start else 0
    if duration is None:
        return 0
    minutes = int(duration_of(duration).total_seconds()) // 60
    return (start.hour * 60 + start.minute + minutes - 1) // (24 * 60)

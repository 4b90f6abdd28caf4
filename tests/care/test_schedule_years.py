"""Every day of four years in four zones: schedules by chance, against dateutil and an own table of each zone's clocks.

What test_schedule_properties.py does for daily visits is done here for rules of all kinds, with days left out, changed
and moved visits, and a client who is away; as a whole, year by year and day by day.
"""

from __future__ import annotations

import datetime as dt
import random
from importlib.resources import files
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import MO, WEEKLY, rrule, rrulestr
from helpers_schedule import change, chart, series, setting

from carectl.care.schedule import Expansion, Occurrence, occurrences
from carectl.caseload.records import DAYS, Away, Chart, Series, Visit

ZONES: Final = ("America/Chicago", "America/Vancouver", "Australia/Lord_Howe", "Europe/London")
"""Of Lord Howe the clocks change by half an hour; those of Vancouver in March 2026 for the last time."""
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2028, 12, 31)
DAY: Final = dt.timedelta(days=1)
RULES: Final = (
    "FREQ=DAILY;INTERVAL=5", "FREQ=DAILY;BYMONTH=2,3,10,11;BYDAY=SA,SU", "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO", "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=29,-1", "FREQ=MONTHLY;BYDAY=1SU,2SU,-1SU", "FREQ=MONTHLY;BYDAY=-1FR,3TU",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=YEARLY;BYYEARDAY=1,60,-1", "FREQ=YEARLY;BYWEEKNO=1,13,44;BYDAY=SU",
    "FREQ=YEARLY;BYDAY=10SU,-9SU",
)  # fmt: skip


class Due(NamedTuple):
    """What is expected of one visit."""

    id: str
    start: dt.datetime
    """In UTC, without a zone, as all instants here."""
    end: dt.datetime
    day: dt.date
    status: str


class Clocks:
    """The clocks of a zone, from a walk through the years in steps of a quarter of an hour."""

    def __init__(self, name: str) -> None:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
            zone = ZoneInfo.from_file(stream)
        moment, end = (dt.datetime.combine(dt.date(year, 6, 1), dt.time()) for year in (2024, 2029))
        self.periods: list[tuple[dt.datetime, dt.datetime, dt.timedelta]] = []
        """From when until when clocks are how far from UTC."""
        while moment < end:
            offset = moment.replace(tzinfo=dt.UTC).astimezone(zone).utcoffset()
            assert offset is not None
            begin = self.periods.pop()[0] if self.periods and self.periods[-1][2] == offset else moment
            moment += dt.timedelta(minutes=15)
            self.periods.append((begin, moment, offset))

    def instant(self, day: dt.date, time: str) -> dt.datetime:
        """The first instant at which clocks show this. If none does, the change left it out, and it comes later by as
        much as was left out: that is where clocks would show it that had not been changed."""
        wall = dt.datetime.combine(day, dt.time.fromisoformat(time))
        shown = [wall - offset for begin, end, offset in self.periods if begin <= wall - offset < end]
        late = [wall - before for (_, end, before), (_, _, after) in zip(self.periods, self.periods[1:], strict=False)
                if wall - before >= end and wall - after < end]  # fmt: skip
        return min(shown) if shown else late[0]

    def day(self, instant: dt.datetime) -> dt.date:
        """The day that it is."""
        return next((instant + offset).date() for begin, end, offset in self.periods if begin <= instant < end)


def some_time(chance: random.Random) -> str:
    """A time of day: half of them in the small hours, in which clocks change."""
    hour = chance.choice((0, 1, 1, 2, 2, 3)) if chance.random() < 0.5 else chance.randrange(24)
    return f"{hour:02}:{chance.choice((0, 15, 30, 45)):02}"


def some_length(chance: random.Random) -> dict[str, Any]:
    """How long a visit takes: elapsed, or until a time on the wall."""
    if chance.random() < 0.5:
        return {"to": some_time(chance)}
    return {"duration": chance.choice(("15m", "45m", "1h30m", "8h", "24h", "30h"))}


def some_series(nth: int, chance: random.Random) -> Series:
    """A series that began before the four years or in them, by a rule or by days of the week."""
    from_ = dt.date(2019, 1, 1) + chance.randrange(2500) * DAY
    fields: dict[str, Any] = {"from_": from_, "at": some_time(chance), **some_length(chance)}
    if chance.random() < 0.3:
        fields["until"] = dt.date(2026, 1, 1) + chance.randrange(1300) * DAY
    if nth < len(RULES):
        fields["rrule"] = RULES[nth]
    else:
        fields["days"] = tuple(chance.sample(DAYS, chance.randint(1, 4)))
        fields["every"] = chance.choice((None, "1w", "2w", "3w", "7w"))
    return series(f"s{nth:02}", **fields)


def due_days(of: Series) -> list[dt.date]:
    """The days of a series within the four years and two months around them, by dateutil."""
    anchor = dt.datetime.combine(of.from_, dt.time())
    first, last = anchor.replace(2024, 11, 1), anchor.replace(2029, 2, 28)
    if of.rrule is not None:
        rule = rrulestr(of.rrule if "WKST" in of.rrule else f"{of.rrule};WKST=MO", dtstart=anchor)
    else:
        weekdays = [DAYS.index(name) for name in of.days]
        rule = rrule(WEEKLY, dtstart=anchor, interval=int((of.every or "1w")[:-1]), wkst=MO, byweekday=weekdays)
    found = [moment.date() for moment in rule.between(first, last, inc=True)]
    return [day for day in found if of.until is None or day <= of.until]


def some_change(of: Series, due: dt.date, chance: random.Random) -> Visit:
    """What became of a visit: another time, length or day, or cancelled."""
    fields: dict[str, Any] = {"status": chance.choice(("planned", "planned", "confirmed", "done", "cancelled"))}
    if chance.random() < 0.6:
        fields["at"] = some_time(chance)
    if chance.random() < 0.4:
        fields.update(some_length(chance))
    if chance.random() < 0.5:
        fields["date"] = due + chance.choice((-40, -7, -1, 1, 1, 3, 45)) * DAY
    return change(str(due), of.id, **fields)


def some_chart(name: str) -> Chart:
    """43 series, of each some days left out and some changed; the client is away five times."""
    chance = random.Random(name)
    records: list[Series | Visit] = []
    rules = [some_series(nth, chance) for nth in range(40)]
    # From within an hour that a change leaves out until its end: there, they would end before they begin.
    rules += [series(f"gap-{at[:2]}{at[3:]}", days=("sun",), from_=dt.date(2024, 1, 1), at=at, to=to)
              for at, to in (("01:45", "02:00"), ("02:15", "02:30"), ("02:45", "03:00"))]  # fmt: skip
    for rule in rules:
        days = due_days(rule)
        odd = chance.sample(days, min(len(days), 8))
        records.append(series(rule.id, **{**_fields(rule), "except_": tuple(odd[:2])}))
        records += [some_change(rule, due, chance) for due in odd[2:]]
    first = [FIRST + chance.randrange(1400) * DAY for _ in range(5)]
    return chart(*records, away=tuple(Away(from_=str(day), until=str(day + 4 * DAY)) for day in first))


def _fields(of: Series) -> dict[str, Any]:
    names = ("from_", "until", "at", "duration", "to", "rrule", "days", "every")
    return {name: value for name in names if (value := getattr(of, name)) not in (None, ())}


def expected(of: Chart, clocks: Clocks) -> tuple[list[Due], set[tuple[str, dt.date]]]:
    """Every visit of the four years, by the words of the format, and those that would end before they begin."""
    found: list[Due] = []
    backwards: set[tuple[str, dt.date]] = set()
    changes = {(visit.series, visit.day): visit for visit in of.visits}
    assert of.client is not None
    away = [day_range(item) for item in of.client.away]
    for rule in of.series:
        for due in due_days(rule):
            if due in rule.except_:
                continue
            visit = changes.get((rule.id, due))
            day = (visit and visit.date) or due
            at = (visit and visit.at) or rule.at
            length = visit if visit and (visit.duration or visit.to) else rule
            start = clocks.instant(day, at)
            if length.to is None:
                end = start + elapsed(length.duration or "")
            else:
                later = dt.time.fromisoformat(length.to) > dt.time.fromisoformat(at)
                end = clocks.instant(day if later else day + DAY, length.to)
            here = clocks.day(start)
            if not FIRST <= here <= LAST:
                continue
            if end <= start:
                backwards.add(((visit or rule).id, day))
                continue
            status = visit.status if visit else "planned"
            if status in ("planned", "confirmed") and any(first <= here <= last for first, last in away):
                status = "cancelled"
            found.append(Due(f"{rule.id}-{due}", start, end, here, status))
    return sorted(found, key=lambda item: (item.start, item.id)), backwards


def day_range(item: Away) -> tuple[dt.date, dt.date]:
    """The first and the last day of an absence."""
    return dt.date.fromisoformat(item.from_), dt.date.fromisoformat(item.until or "")


def elapsed(text: str) -> dt.timedelta:
    """A duration such as 1h30m."""
    hours, _, minutes = text.rpartition("h")
    return dt.timedelta(hours=int(hours or 0), minutes=int(minutes.removesuffix("m") or 0))


def seen(item: Occurrence) -> Due:
    """An occurrence in the form in which it is compared."""
    start, end = (moment.astimezone(dt.UTC).replace(tzinfo=None) for moment in (item.start, item.end))
    return Due(item.id, start, end, item.day, item.status)


def lost(found: Expansion) -> set[tuple[str, dt.date]]:
    """Of which visits it is said that they would end before they begin. Nothing else may be said."""
    assert {item.trouble for item in found.missing} <= {"length"}
    return {(item.id or "", item.day or FIRST) for item in found.missing}


@pytest.mark.parametrize("name", ZONES)
def test_all_kinds_of_series_on_every_day_of_four_years(name: str) -> None:
    of, within, clocks = some_chart(name), setting(name), Clocks(name)
    due, backwards = expected(of, clocks)

    whole = occurrences(of, within, FIRST, LAST)
    assert [seen(item) for item in whole.occurrences] == due
    assert lost(whole) == backwards

    years = [occurrences(of, within, dt.date(year, 1, 1), dt.date(year, 12, 31)) for year in range(2025, 2029)]
    assert tuple(item for year in years for item in year.occurrences) == whole.occurrences
    assert set().union(*map(lost, years)) == backwards

    joined: list[Occurrence] = []
    said: set[tuple[str, dt.date]] = set()
    for nth in range((LAST - FIRST).days + 1):
        day = FIRST + nth * DAY
        found = occurrences(of, within, day, day)
        assert all(item.day == day for item in found.occurrences)
        joined += found.occurrences
        said |= lost(found)
    assert tuple(joined) == whole.occurrences
    assert said == backwards

    moved = sum(item.due != item.day for item in whole.occurrences)
    days = len({item.day for item in due})
    print(f"{name}: {len(due)} visits on {days} days, {moved} of them moved, and {len(backwards)} that end too early")
    # That chance has not left out what matters.
    changes = [period[1] for period in clocks.periods if FIRST.year <= period[1].year <= LAST.year]
    assert len(changes) == (3 if name == "America/Vancouver" else 8)
    assert all(any(item.start < moment < item.end for item in due) for moment in changes)
    assert any(item.day == dt.date(2028, 2, 29) for item in due)
    assert len(backwards) >= (2 if name == "America/Vancouver" else 4)
    assert len(due) > 6000
    assert moved > 50

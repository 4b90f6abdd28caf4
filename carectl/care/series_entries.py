"""How a series begins, goes over into another one, and ends, so that nothing that was changes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from carectl.care.moments import day_of
from carectl.care.pointing import first_days
from carectl.care.schedule import due_days, is_due
from carectl.care.visit_entries import Fields, Plain
from carectl.caseload.records import DAYS, Chart, Day, Series, Visit

ORDER: Final = (
    "id", "follows", "service", "staff", "with", "needs", "from", "until", "days", "every", "rrule", "at", "duration",
    "to", "does", "except", "together", "where", "reason",
)  # fmt: skip
"""The order in which the fields of a series are written."""
HAPPENED: Final = ("done", "missed", "refused")
_OWN: Final = frozenset({"id", "follows", "from", "until", "except", "reason", "author", "recorded", "amends"})
"""What belongs to one series alone; all else goes over to the one that follows it."""
_DAY: Final = dt.timedelta(days=1)
_NAMES: Final[dict[str, tuple[Day, ...]]] = {
    "weekdays": DAYS[:5], "weekday": DAYS[:5], "workdays": DAYS[:5], "weekend": DAYS[5:], "weekends": DAYS[5:],
    "daily": DAYS, "everyday": DAYS, "all": DAYS,
}  # fmt: skip


def days_typed(text: str) -> str:
    """Days of the week as the files write them, with commas between. Raises ValueError in words."""
    found: set[Day] = set()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for word in re.split(r"[,;\s]+|\band\b", text.casefold()):
        if not word:
            continue
        near = [DAYS[nth] for nth, name in enumerate(full) if len(word) >= 3 and name.startswith(word.rstrip("s"))]
        if word not in _NAMES and not near:
            raise ValueError("days of the week, such as mon,wed,fri; or weekdays, weekends, daily")
        found.update(_NAMES.get(word) or near)
    if not found:
        raise ValueError("days of the week, such as mon,wed,fri")
    return ",".join(day for day in DAYS if day in found)


def weeks_typed(text: str) -> str:
    """Every how many weeks: 2w, of 2w, 2 or 2 weeks. Raises ValueError in words."""
    match = re.fullmatch(r"([1-9][0-9]?) ?(?:w|weeks?)?", text.strip().casefold())
    if match is None:
        raise ValueError("a number of weeks, such as 2w")
    return f"{match[1]}w"


# --- what there is of a series ---------------------------------------------------------------------------------------


def records_of(chart: Chart, series: Series) -> list[Visit]:
    """The records of a series' visits, by the day they were due."""
    found = [visit for visit in chart.visits if visit.series == series.id and visit.day is not None]
    return sorted(found, key=lambda visit: visit.day or dt.date.min)


def has_begun(chart: Chart, series: Series, today: dt.date) -> bool:
    """Whether any visit of a series was due by today, or happened."""
    if any(visit.status in HAPPENED for visit in records_of(chart, series)):
        return True
    return series.from_ <= today and next(due_days(series, series.from_, today), None) is not None


def unrecorded(chart: Chart, series: Series, start: dt.date, until: dt.date) -> list[dt.date]:
    """The days on which a series took place, or should have, and of which there is no record."""
    known = {visit.day for visit in records_of(chart, series)}
    return [day for day in due_days(series, start, until) if day not in series.except_ and day not in known]


# --- a change --------------------------------------------------------------------------------------------------------


def changed(old: Mapping[str, Plain], change: Mapping[str, Plain]) -> Fields:
    """The fields of a series with a change. Of what excludes each other the new one holds."""
    result: Fields = {**old, **change}
    if change.get("days") or change.get("every"):
        result["rrule"] = None
    if change.get("rrule"):
        result["days"] = result["every"] = None
    if change.get("duration"):
        result["to"] = None
    if change.get("to"):
        result["duration"] = None
    kept: Fields = {name: value for name, value in result.items() if value is not None}
    return kept


def is_same(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> bool:
    """Whether two series say the same; "9:00" and "09:00" do."""

    def plain(fields: Mapping[str, Plain]) -> dict[str, Plain]:
        found: dict[str, Plain] = {name: value for name, value in fields.items() if value not in (None, [])}
        for name in ("at", "to"):
            if isinstance(text := found.get(name), str):
                found[name] = text.zfill(5)
        if isinstance(days := found.get("days"), list):
            found["days"] = ",".join(sorted(map(str, days)))
        if found.get("every") == "1w":
            del found["every"]
        return found

    return plain(old) == plain(new)


def sketch(fields: Mapping[str, Plain]) -> Series:
    """A series that knows on which days it is due."""

    def text(name: str) -> Any:
        return fields.get(name)

    until = text("until")
    return Series(
        id=str(fields["id"]),
        service=str(fields["service"]),
        from_=day_of(str(fields["from"])),
        at=str(fields["at"]),
        until=day_of(str(until)) if until else None,
        days=tuple(cast("list[Day]", fields.get("days") or [])),
        every=text("every"),
        rrule=text("rrule"),
        duration=text("duration"),
        to=text("to"),
        except_=tuple(day_of(str(day)) for day in cast("list[str]", fields.get("except") or [])),
    )


@dataclass(frozen=True, slots=True)
class Handover:
    """What goes over from one series to the one that follows it, and what cannot."""

    fields: Fields
    """The new series."""
    kept: list[dt.date]
    """Days left out that stay with the old one."""
    passed_on: list[dt.date]
    """Days left out that go over."""
    idle: list[dt.date]
    """Days left out on which the new one would not take place anyway."""
    carried: list[Visit]
    """Records of planned visits that go over: on their days the new series takes place too."""
    stray: list[Visit]
    """Records of planned visits on days that the new series does not have."""
    happened: list[Visit]
    """Records of what has happened since the day of the change."""


def handover(
    chart: Chart, series: Series, old: Mapping[str, Plain], change: Mapping[str, Plain], day: dt.date, new_id: str
) -> Handover:
    """How a series goes over into a new one on a day."""
    taken = {name: value for name, value in old.items() if name not in _OWN}
    fields = changed({**taken, "until": old.get("until")}, change)
    fields = {"id": new_id, "follows": series.id, **fields, "from": str(next_start(series, change, day))}
    return _handover(chart, series, fields, day)


def in_place(
    chart: Chart, series: Series, old: Mapping[str, Plain], change: Mapping[str, Plain], day: dt.date
) -> Handover:
    """How a series changes that has not begun."""
    fields = changed(old, change)
    if day < series.from_:
        fields["from"] = str(day)
    return _handover(chart, series, fields, dt.date.min)


def _handover(chart: Chart, series: Series, fields: Fields, day: dt.date) -> Handover:
    after = sketch({**fields, "except": None})
    records = [visit for visit in records_of(chart, series) if visit.day and visit.day >= day]
    planned = [visit for visit in records if visit.status not in HAPPENED]
    later = [left_out for left_out in series.except_ if left_out >= day]
    passed_on = [left_out for left_out in later if is_due(after, left_out)]
    return Handover(
        fields={**fields, "except": [str(left_out) for left_out in passed_on] or None},
        kept=[left_out for left_out in series.except_ if left_out < day],
        passed_on=passed_on,
        idle=[left_out for left_out in later if left_out not in passed_on],
        carried=[visit for visit in planned if visit.day and is_due(after, visit.day) and visit.day not in passed_on],
        stray=[visit for visit in planned if not (visit.day and is_due(after, visit.day)) or visit.day in passed_on],
        happened=[visit for visit in records if visit.status in HAPPENED],
    )


def ending(chart: Chart, series: Series, last: dt.date) -> Handover:
    """What an end after a day leaves behind: days left out, and records of what was planned after it."""
    records = [visit for visit in records_of(chart, series) if visit.day and visit.day > last]
    return Handover(
        fields={},
        kept=[day for day in series.except_ if day <= last],
        passed_on=[],
        idle=[day for day in series.except_ if day > last],
        carried=[],
        stray=[visit for visit in records if visit.status not in HAPPENED],
        happened=[visit for visit in records if visit.status in HAPPENED],
    )


def next_start(series: Series, change: Mapping[str, Plain], day: dt.date) -> dt.date:
    """From when the following series counts, so that every second week stays every second week."""
    if change.get("rrule") or change.get("every"):
        return day
    if series.rrule is not None:
        if change.get("days"):
            return day
        ever = sketch({"id": series.id, "service": series.service, "from": str(series.from_), "at": series.at,
                       "rrule": series.rrule})  # fmt: skip
        return next(iter(first_days(ever, day, within=366 * 9)), day)
    step = 7 * int(series.every[:-1]) if series.every else 7
    monday = series.from_ - series.from_.weekday() * _DAY
    off = ((day - day.weekday() * _DAY) - monday).days % step
    return day if off == 0 else day - day.weekday() * _DAY + (step - off) * _DAY


def next_id(series_id: str, taken: Iterable[str]) -> str:
    """The id of the series that follows: am-care-2 after am-care."""
    known = set(taken)
    match = re.fullmatch(r"(.+)-([1-9][0-9]?)", series_id)
    stem, number = (match[1], int(match[2])) if match else (series_id, 1)
    return next(
        name for nth in range(number + 1, number + len(known) + 2) if (name := f"{stem[:49]}-{nth}") not in known
    )


def taken_ids(chart: Chart) -> set[str]:
    """Every id that a new series must not have: also those of series that only their visits still name."""
    named = {series.id for series in chart.series} | {series.follows for series in chart.series if series.follows}
    return named | {visit.series for visit in chart.visits if visit.series} | chart.broken_ids("series")


def in_order(fields: Mapping[str, Plain]) -> Fields:
    """A new series in the order of the format page; what is not on it comes last."""
    known: Fields = {name: fields[name] for name in ORDER if fields.get(name) is not None}
    known.update({name: value for name, value in fields.items() if name not in ORDER and value is not None})
    return known

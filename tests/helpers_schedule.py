"""Charts and settings for the tests of schedules and calendars, built from records, in as few words as they allow."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from carectl.care.schedule import Expansion, Occurrence, occurrences
from carectl.care.setting import Setting
from carectl.caseload.records import Chart, Client, Name, Series, StaffMember, Visit
from carectl.caseload.zones import zone

CHICAGO: Final = "America/Chicago"


def day(text: str) -> dt.date:
    """A day, written as in the files."""
    return dt.date.fromisoformat(text)


def setting(zone_name: str = CHICAGO, *staff: StaffMember, now: str = "2026-11-22T06:40") -> Setting:
    """A practice in a zone."""
    there = zone(zone_name)
    assert there is not None
    return Setting(
        now=dt.datetime.fromisoformat(now).replace(tzinfo=there),
        zones=zone,
        staff={member.id: member for member in staff},
    )


def staff(id_: str = "jo-park", given: str = "Jo", family: str = "Park", **more: Any) -> StaffMember:
    """A staff member."""
    return StaffMember(id=id_, name=Name(given=given, family=family), role="home_health_aide", **more)


def series(id_: str = "am-care", **more: Any) -> Series:
    """A series: personal care by jo-park on Mondays, Wednesdays and Fridays from 10 August 2026, 09:00 for 2 hours."""
    fields: dict[str, Any] = {
        "service": "personal_care", "from_": day("2026-08-10"), "at": "09:00", "staff": "jo-park",
    }  # fmt: skip
    if "rrule" not in more:
        fields["days"] = ("mon", "wed", "fri")
    if "to" not in more:
        fields["duration"] = "2h"
    return Series(id=id_, **{**fields, **more})


def change(due: str, series_id: str = "am-care", **more: Any) -> Visit:
    """A record of the visit of a series that was due on a day."""
    return Visit(**{"id": f"{series_id}-{due}", "series": series_id, "day": day(due), **more})


def single(date: str, id_: str = "pt-eval", **more: Any) -> Visit:
    """A visit of no series: 14:30 for 45 minutes."""
    fields: dict[str, Any] = {"service": "appointment", "at": "14:30"}
    if "to" not in more:
        fields["duration"] = "45m"
    return Visit(**{"id": id_, "date": day(date), **fields, **more})


def chart(*records: Series | Visit, client_id: str = "c-014", **client: Any) -> Chart:
    """A chart with these series and visits; the rest are fields of the client."""
    fields: dict[str, Any] = {"name": Name(given="Rosa", family="Alvarez", preferred="Rosie"), "status": "active"}
    return Chart(
        id=client_id,
        path=f"clients/{client_id}",
        client=Client(id=client_id, **{**fields, **client}),
        series=tuple(record for record in records if isinstance(record, Series)),
        visits=tuple(record for record in records if isinstance(record, Visit)),
    )


def expand(of: Chart, start: str, until: str | None = None, within: Setting | None = None) -> Expansion:
    """What a chart means from one day to another (or on one day), in Chicago unless a setting is given."""
    return occurrences(of, within or setting(), day(start), day(until or start))


def on(of: Chart, start: str, until: str | None = None, within: Setting | None = None) -> tuple[Occurrence, ...]:
    """The occurrences from one day to another; nothing may be missing."""
    found = expand(of, start, until, within)
    assert found.missing == ()
    return found.occurrences


def only(of: Chart, on_day: str, within: Setting | None = None) -> Occurrence:
    """The one occurrence of a day; nothing may be missing."""
    (found,) = on(of, on_day, None, within)
    return found


def utc(moment: dt.datetime) -> str:
    """A moment in UTC, to the minute."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%MZ")


def days_of(of: Chart, start: str, until: str) -> list[str]:
    """The local days on which something starts."""
    return [str(item.day) for item in on(of, start, until)]

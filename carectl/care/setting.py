"""What every question about care is asked in: the day, the practice, its staff, the time zones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carectl.care.moments import Zones, resolve
from carectl.caseload.records import Chart, Practice, StaffMember, TravelTimes

if TYPE_CHECKING:
    from carectl.care.assessment import Instruments


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of a caseload at one moment. Nothing in `care` asks a clock or a file: it asks this."""

    now: dt.datetime
    """The moment, with the practice's zone attached."""
    zones: Zones
    practice: Practice | None = None
    staff: Mapping[str, StaffMember] = field(default_factory=dict)
    unread_staff: frozenset[str] = frozenset()
    """Staff ids whose files are there but could not be read."""
    clients: frozenset[str] = frozenset()
    """The ids of every client of the caseload."""
    travel: TravelTimes | None = None
    """How long staff need from one client to the next, if the practice says so."""
    postal_codes: frozenset[str] | None = None
    """Those of every client's address (`travel.postal_of`), if somebody has looked them all up."""
    instruments: Instruments = field(default_factory=dict)
    """The assessment instruments by id; empty if nobody said which there are."""
    signs_off: bool = False
    """Whether anything of the caseload was ever signed off: then a plan that is not approved is shown as a draft."""
    approvals_gone: Callable[[str], tuple[str, ...]] = lambda client: ()
    """The files of a client's sign-offs that the last commit has, and that are no longer there; git tells."""
    whole_day: bool = False
    """Whether a day was given instead of a moment: then it is the end of that day wherever a client lives."""

    @property
    def today(self) -> dt.date:
        """The practice's day."""
        return self.now.date()

    @property
    def late_after(self) -> str:
        """The period after which an entry counts as late."""
        return self.practice.late_after if self.practice else "2d"

    def zone(self, chart: Chart) -> dt.tzinfo:
        """The client's zone: their own, else the practice's, else UTC (a zone that does not exist is a finding)."""
        own = chart.client.timezone if chart.client else None
        return (self.zones(own) if own else None) or self.now.tzinfo or dt.UTC

    def now_at(self, chart: Chart) -> dt.datetime:
        """The moment on the client's clock."""
        zone = self.zone(chart)
        if self.whole_day:
            return resolve(self.today, dt.time(23, 59, 59), zone)
        return self.now.astimezone(zone)

    def today_at(self, chart: Chart) -> dt.date:
        """The day it is where the client lives."""
        return self.now_at(chart).date()

    def knows_staff(self, staff_id: str) -> bool:
        """Whether a staff member of this id exists, readable or not."""
        return staff_id in self.staff or staff_id in self.unread_staff

"""What a check of a caseload finds, once its files have been read: one function per code, its docstring is its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from carectl.care.checks import (
    approvals,
    assessments,
    client,
    coverage,
    dates,
    delivered,
    medications,
    plan,
    practice,
    references,
    series,
    sharing,
    visits,
)
from carectl.care.checks.case import Case
from carectl.care.checks.coverage import Team as Team  # for those who collect the bookings
from carectl.care.coverage import Booking
from carectl.care.setting import Setting
from carectl.caseload.records import Chart, PracticeFile, StaffMember
from carectl.findings import Code, Finding, code_of, codes_in

ChartCheck = Callable[[Case], Iterator[Finding]]

CHART_CHECKS: Final[tuple[ChartCheck, ...]] = (
    *references.CHECKS,
    *client.CHECKS,
    *sharing.CHECKS,
    *assessments.CHECKS,
    *plan.CHECKS,
    *series.CHECKS,
    *visits.CHECKS,
    *delivered.CHECKS,
    *coverage.CHECKS,
    *medications.CHECKS,
    *dates.CHECKS,
    *approvals.CHECKS,
)
"""What is asked of every chart."""

PRACTICE_CHECKS: Final = practice.CHECKS
"""What is asked once of the practice and its staff."""

TEAM_CHECKS: Final = coverage.TEAM_CHECKS
"""What is asked once of the visits of all charts."""

TEAM_CODES: Final = tuple(code_of(check).slug for check in TEAM_CHECKS)
"""What is found between clients."""

_MODULES: Final = (
    references, client, sharing, assessments, plan, series, visits, delivered, coverage, medications, dates,
    approvals, practice,
)  # fmt: skip
CODES: Final[dict[str, Code]] = {slug: code for module in _MODULES for slug, code in codes_in(module).items()}
"""Every code that these checks find, by slug."""


def check_chart(chart: Chart, setting: Setting) -> list[Finding]:
    """Everything that is wrong with one client's records, or needs a look."""
    return examine_chart(chart, setting)[0]


def examine_chart(chart: Chart, setting: Setting) -> tuple[list[Finding], list[Booking]]:
    """Everything that is wrong with one client's records; and who is down for what, which is asked of all charts."""
    case = Case(chart, setting)
    return [finding for check in CHART_CHECKS for finding in check(case)], coverage.review(case).bookings


def bookings_of(chart: Chart, setting: Setting) -> list[Booking]:
    """Who is down for what at one client: nothing but the client's file and the visits needs to have been read."""
    return coverage.review(Case(chart, setting)).bookings


def check_team(team: Team) -> list[Finding]:
    """What is wrong between the visits of all charts; of the same chart too."""
    return [finding for check in TEAM_CHECKS for finding in check(team)]


def check_practice(practice_file: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> list[Finding]:
    """Everything that is wrong with the practice's file and the staff's, or needs a look."""
    return [finding for check in PRACTICE_CHECKS for finding in check(practice_file, staff, setting)]

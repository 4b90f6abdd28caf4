"""What a check of a caseload finds, once its files have been read: one function per code, its docstring is its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from carectl.care.checks import client, dates, medications, plan, practice, references, series, sharing, visits
from carectl.care.checks.case import Case
from carectl.care.setting import Setting
from carectl.caseload.records import Chart, PracticeFile, StaffMember
from carectl.findings import Code, Finding, codes_in

ChartCheck = Callable[[Case], Iterator[Finding]]

CHART_CHECKS: Final[tuple[ChartCheck, ...]] = (
    *references.CHECKS,
    *client.CHECKS,
    *sharing.CHECKS,
    *plan.CHECKS,
    *series.CHECKS,
    *visits.CHECKS,
    *medications.CHECKS,
    *dates.CHECKS,
)
"""What is asked of every chart."""

PRACTICE_CHECKS: Final = practice.CHECKS
"""What is asked once of the practice and its staff."""

CODES: Final[dict[str, Code]] = {
    slug: code
    for module in (references, client, sharing, plan, series, visits, medications, dates, practice)
    for slug, code in codes_in(module).items()
}
"""Every code that these checks find, by slug."""


def check_chart(chart: Chart, setting: Setting) -> list[Finding]:
    """Everything that is wrong with one client's records, or needs a look."""
    case = Case(chart, setting)
    return [finding for check in CHART_CHECKS for finding in check(case)]


def check_practice(practice_file: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> list[Finding]:
    """Everything that is wrong with the practice's file and the staff's, or needs a look."""
    return [finding for check in PRACTICE_CHECKS for finding in check(practice_file, staff, setting)]

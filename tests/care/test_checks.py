"""What the examples in tests/codes cannot show: helpers, edges of time, and that no record can stop a check."""

from __future__ import annotations

import copy
import datetime as dt
import random
from typing import Any, Final

import pytest
from helpers_checks import BASE, EVENING, FULL, Files, check, data_of, flow, ways
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.checks import CHART_CHECKS, CODES, PRACTICE_CHECKS, TEAM_CHECKS
from carectl.care.checks import case as cases
from carectl.care.checks.case import clock_changes, days_long, ends_before, is_doubled, listed
from carectl.care.checks.references import slip
from carectl.care.moments import earlier, resolve, time_of
from carectl.care.schedule import due_days
from carectl.caseload.records import CONTACT_ROLES, DAYS, ROLES, SERVICES, Series
from carectl.caseload.zones import zone

CHICAGO: Final = zone("America/Chicago") or dt.UTC
TREE: Final = Files.of(BASE)
VISITS: Final = "clients/c-001/visits.yaml"
CLIENT: Final = "clients/c-001/client.yaml"


def text(path: str) -> str:
    return TREE.files[path].decode()


def codes(files: dict[str, str], now: dt.datetime = EVENING) -> list[str]:
    """What is found in the base with some of its files replaced."""
    return [f.code for f in check(TREE.changed({path: body.encode() for path, body in files.items()}), now)]


# --- the list of checks ----------------------------------------------------------------------------------------------


def test_every_check_is_called_and_every_code_is_named_once() -> None:
    checks: list[Any] = [*CHART_CHECKS, *PRACTICE_CHECKS, *TEAM_CHECKS]
    assert sorted(check.code.slug for check in checks if hasattr(check, "code")) == sorted(CODES)
    assert len(set(checks)) == len(checks)


def test_the_same_caseload_gives_the_same_findings() -> None:
    files = {VISITS: text(VISITS).replace("night-light", "nigth-light").encode(), CLIENT: b"id: c-001\n"}
    assert check(TREE.changed({**files})) == check(TREE.changed({**files})) != []


# --- helpers ---------------------------------------------------------------------------------------------------------

DATES = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))


@given(
    start=DATES,
    until=st.none() | DATES,
    days=st.sets(st.sampled_from(DAYS)),
    every=st.sampled_from((None, "1w", "2w", "3w")),
    first=DATES,
    length=st.integers(0, 500),
)
def test_due_days_are_those_of_the_schedule(
    start: dt.date, until: dt.date | None, days: set[Any], every: str | None, first: dt.date, length: int
) -> None:
    series = Series(id="s", service="x", from_=start, until=until, at="09:00", days=tuple(days), every=every)
    last = first + dt.timedelta(days=length)
    assert cases._due(series, max(first, start), last) == set(due_days(series, first, last))


@pytest.mark.parametrize(
    ("at", "duration", "to", "days"),
    [
        ("09:00", "2h", None, 0),
        ("22:00", "2h", None, 0),
        ("22:00", "2h1m", None, 1),
        ("09:00", "24h", None, 1),
        ("09:00", "72h", None, 3),
        ("22:00", None, "06:00", 1),
        ("9:00", None, "09:00", 1),
        ("9:00", None, "10:00", 0),
        ("09:00", None, None, 0),
        (None, "2h", None, 0),
    ],
)
def test_on_which_day_a_visit_ends(at: str | None, duration: str | None, to: str | None, days: int) -> None:
    assert days_long(at, duration, to) == days


def test_clock_changes_and_doubled_hours() -> None:
    changes, doubled = clock_changes(CHICAGO, 2026)
    assert changes == (dt.date(2026, 3, 8), dt.date(2026, 11, 1))
    assert doubled == (dt.date(2026, 11, 1),)
    assert clock_changes(dt.UTC, 2026) == ((), ())
    assert is_doubled(resolve(dt.date(2026, 11, 1), time_of("01:30"), CHICAGO))
    assert not is_doubled(resolve(dt.date(2026, 11, 1), time_of("02:00"), CHICAGO))
    assert not is_doubled(dt.datetime(2026, 3, 8, 2, 30, tzinfo=CHICAGO))


@pytest.mark.parametrize(
    ("start", "until", "backwards"),
    [
        ("2026-12-24", "2026-12-24", False),
        ("2026-12-24", "2026-12-23", True),
        ("2026-12-24T10:00", "2026-12-24", False),
        ("2026-12-24T10:00", "2026-12-24T09:00", True),
        ("2026-12-24T10:00", "2026-12-24T10:00", False),
        ("2026-12-24T10:00-06:00", "2026-12-24T15:30Z", True),
        ("9999-12-31", "9999-12-31T23:59", False),
        ("0001-01-01", "9999-12-31", False),
    ],
)
def test_stretches_that_run_backwards(start: str, until: str, backwards: bool) -> None:
    assert ends_before(start, until, CHICAGO) is backwards


def test_the_first_day_there_is_has_none_before_it() -> None:
    assert earlier(dt.date(1, 1, 2), dt.timedelta(days=5)) == dt.date.min
    assert earlier(dt.date(2026, 1, 6), dt.timedelta(days=5)) == dt.date(2026, 1, 1)


def test_lists_in_sentences() -> None:
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b", "c"]) == "`a`, `b` and `c`"


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("home_health_aid", ROLES, "home_health_aide"),
        ("home-health-aide", ROLES, "home_health_aide"),
        ("registred_nurse", ROLES, "registered_nurse"),
        ("comapnion", ROLES, "companion"),
        ("personal_car", SERVICES, "personal_care"),
        ("therapie", SERVICES, None),
        ("meal", SERVICES, "meals"),
        ("emergancy", CONTACT_ROLES, "emergency"),
        ("home_health_aide", ROLES, None),
        ("home_health_nurse", ROLES, None),
        ("certified_nursing_assistant", ROLES, None),
        ("physician_assistant", CONTACT_ROLES, None),
        ("patron", CONTACT_ROLES, None),
        ("hair", SERVICES, None),
        ("rn", ROLES, None),
    ],
)
def test_only_slips_of_the_keyboard_are_misspelt(typed: str, known: tuple[str, ...], meant: str | None) -> None:
    assert slip(typed, known) == meant


# --- days and zones --------------------------------------------------------------------------------------------------

LATE = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def planned(zone_line: str) -> dict[str, str]:
    """The visit of Thursday the 19th is still planned; it is the 20th in the practice."""
    extra = """  - id: extra
    service: companionship
    staff: jo-park
    date: 2026-11-19
    at: "10:00"
    duration: 1h
"""
    return {VISITS: text(VISITS) + extra, CLIENT: text(CLIENT).replace("birth_date", f"{zone_line}\nbirth_date")}


def test_a_day_is_over_where_the_client_lives() -> None:
    night = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
    assert codes(planned("timezone: America/Chicago"), night) == ["visit-unexplained"]
    assert codes(planned("timezone: America/Los_Angeles"), night) == []


def test_where_the_zone_is_not_known_a_day_more_must_pass() -> None:
    assert codes(planned("timezone: America/Chigaco"), LATE) == ["zone-unknown"]
    assert codes(planned("timezone: America/Chigaco"), LATE + dt.timedelta(days=1)) == [
        "zone-unknown",
        "visit-unexplained",
    ]


def test_a_client_who_is_away_for_part_of_a_day_is_missed_on_the_other() -> None:
    without = text(VISITS).split("  - id: am-care-2026-11-18")[0]
    rest = text(VISITS).split("did: {night-light: done}\n")[2]
    files = {VISITS: without + rest}
    for start, until, found in (
        ("2026-11-18T08:59", "2026-11-18T12:00", []),
        ("2026-11-18T09:01", "2026-11-18T12:00", ["visit-unexplained"]),
        ("2026-11-17", "2026-11-18T09:00", ["visit-unexplained"]),
        ("2026-11-17", "2026-11-18T09:01", []),
        ("2026-11-17", "2026-11-18", []),
        ("2026-11-19", "2026-11-20", ["visit-unexplained"]),
    ):
        away = f"away: [{{from: {start}, until: {until}}}]\nbirth_date"
        assert codes({**files, CLIENT: text(CLIENT).replace("birth_date", away)}) == found, (start, until)


def test_days_before_the_last_ten_years_are_not_missed() -> None:
    files = {VISITS: text(VISITS).replace("from: 2026-11-16", "from: 1990-01-01")}
    found = check(TREE.changed({path: body.encode() for path, body in files.items()}))
    assert [f.code for f in found] == ["visit-unexplained"]
    assert "the first on 2016-11-" in found[0].message


# --- nothing stops a check -------------------------------------------------------------------------------------------

ODD: Final[tuple[Any, ...]] = (
    "0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59Z",
    "0001-01-01T00:00+14:00", "2026-11-01T01:30", "2026-03-08T02:30", "00:00", "23:59", "999h", "9999y", "99w",
    "am-care", "night-light", "client", "maria", "jo-park", "c-001", "FREQ=DAILY", "FREQ=YEARLY;BYMONTHDAY=-366",
    "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2", "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=-1", "Pacific/Kiritimati", "Etc/GMT+12",
    "Nope/Zone", "done", "missed", "discharged", "x", "am-care-2026-11-18", "notes/n-1", "a/b/c", [], {}, None, True,
    3, ["mon"], ["2026-11-18"],
)  # fmt: skip
KEYS: Final = (
    "until", "from", "date", "day", "at", "to", "duration", "rrule", "days", "recorded", "amends", "status", "except",
    "follows", "every", "with", "staff", "does", "did", "actual", "due", "id", "together", "stopped",
)  # fmt: skip
MOMENTS: Final = tuple(dt.datetime(*day, tzinfo=dt.UTC) for day in ((2026, 11, 22), (1, 1, 3), (9999, 12, 29)))


def test_the_full_tree_is_clean() -> None:
    assert check(FULL) == []


@pytest.mark.parametrize("seed", range(200))
def test_no_record_stops_a_check(seed: int) -> None:
    chance = random.Random(seed)
    trees = {path: data_of(raw, path) for path, raw in FULL.files.items()}
    for _ in range(chance.randrange(1, 7)):
        data = chance.choice(list(trees.values()))
        keys = chance.choice(list(ways(data)))
        for key in keys[:-1]:
            data = data[key]
        if chance.random() < 0.2 and isinstance(data, dict):
            data[chance.choice(KEYS)] = copy.deepcopy(chance.choice(ODD))
        else:
            data[keys[-1]] = copy.deepcopy(chance.choice(ODD))
    tree = Files({path: flow(data).encode() for path, data in trees.items()})
    for finding in check(tree, chance.choice(MOMENTS)):
        assert finding.message

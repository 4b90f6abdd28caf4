"""Who can take a visit and what speaks against it, who is in two places at once, and who has too many hours."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest
from helpers_schedule import CHICAGO, change, chart, day, expand, on, only, series, setting, single, staff
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.checks import Team, bookings_of, check_chart, check_team
from carectl.care.checks.coverage import AHEAD, BACK
from carectl.care.coverage import (
    Booking,
    Person,
    attendances,
    away_words,
    bookings,
    candidates,
    clashes,
    is_known,
    length,
    overlapping,
    overload,
    reasons_against,
    weekly_hours,
)
from carectl.care.setting import Setting
from carectl.caseload.records import (
    Actual,
    Availability,
    Away,
    Chart,
    Credential,
    Employed,
    Origin,
    Practice,
    Series,
    StaffMember,
    Visit,
)
from carectl.caseload.zones import zone
from carectl.findings import Finding

HOME: Final = zone(CHICAGO) or dt.UTC
NEW_YORK: Final = "America/New_York"
SUNDAY: Final = "2026-11-22"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def practice(*members: StaffMember, now: str = "2026-11-22T06:40") -> Setting:
    """A practice in Chicago whose file was read."""
    bare = setting(CHICAGO, *members, now=now)
    return Setting(now=bare.now, zones=zone, practice=Practice(name="P", timezone=CHICAGO), staff=bare.staff)


def hours(days: str, from_: str, to: str) -> Availability:
    return Availability(days=tuple(d for d in DAYS if d in days.split()), from_=from_, to=to)


def against(member: StaffMember, visit: Visit, *others: Chart, **client: Any) -> list[str]:
    """What speaks against somebody for a single visit, in words; the others are charts around it."""
    place = chart(visit, **client)
    on_day = (visit.date or day(SUNDAY)).isoformat()
    booked = [b for other in others for b in bookings(on(other, "2026-11-01", "2026-12-31"))]
    mine = [b for b in booked if b.post.staff == member.id]
    return [r.words for r in reasons_against(Person(member, HOME), only(place, on_day), mine)]


def found(*charts: Chart, by: Setting | None = None) -> list[Finding]:
    """Everything that a check says of these charts together."""
    within = by or practice(staff())
    mine = (
        "visit-open",
        "visit-staff-",
        "visit-outside",
        "visit-skill",
        "visit-cred",
        "visits-ov",
        "visit-double",
        "staff-over",
    )
    every = [f for one in charts for f in check_chart(one, within)]
    every += check_team(Team((b for one in charts for b in bookings_of(one, within)), within))
    return [f for f in every if f.code.startswith(mine)]


def codes(*charts: Chart, by: Setting | None = None) -> list[str]:
    return [finding.code for finding in found(*charts, by=by)]


# --- what speaks against one person ----------------------------------------------------------------------------------


def test_nothing_speaks_against_somebody_of_whom_nothing_is_said() -> None:
    assert against(staff(), single("2026-11-26", needs=())) == []


@pytest.mark.parametrize(
    ("at", "duration", "fits"),
    [
        ("09:00", "2h", True),
        ("07:00", "9h", True),
        ("06:59", "1h", False),
        ("15:30", "31m", False),
        ("15:30", "30m", True),
    ],
)
def test_a_visit_lies_within_the_hours_of_a_day(at: str, duration: str, fits: bool) -> None:
    member = staff(availability=(hours("thu", "07:00", "16:00"),))
    assert (against(member, single("2026-11-26", at=at, duration=duration)) == []) is fits


@pytest.mark.parametrize(
    ("date", "at", "to", "fits"),
    [
        ("2026-11-26", "22:00", "06:00", True),  # Thursday into Friday
        ("2026-11-27", "00:30", "06:00", True),  # begins on Friday, in Thursday's window
        ("2026-11-27", "22:00", "23:00", False),
        ("2026-11-26", "19:59", "21:00", False),
        ("2026-11-26", "22:00", "07:01", False),
    ],
)
def test_hours_that_pass_midnight(date: str, at: str, to: str, fits: bool) -> None:
    member = staff(availability=(hours("thu", "20:00", "07:00"),))
    assert (against(member, single(date, at=at, to=to)) == []) is fits


def test_windows_that_join_are_one_and_a_gap_is_a_gap() -> None:
    joined = staff(availability=(hours("thu", "12:00", "16:00"), hours("thu", "08:00", "12:00")))
    assert against(joined, single("2026-11-26", at="11:00", duration="2h")) == []
    gap = staff(availability=(hours("thu", "12:01", "16:00"), hours("thu", "08:00", "12:00")))
    assert against(gap, single("2026-11-26", at="11:00", duration="2h")) == [
        "is not available on Thursdays from 11:00 to 13:00"
    ]
    ever = staff(availability=(hours(" ".join(DAYS), "00:00", "00:00"),))
    assert against(ever, single("2026-11-26", at="09:00", duration="60h")) == []


def test_hours_are_the_practices_and_a_visits_are_the_clients() -> None:
    member = staff(availability=(hours("thu", "08:00", "10:00"),))
    visit = single("2026-11-26", at="09:00", duration="2h")
    assert against(member, visit, timezone=NEW_YORK) == []
    assert against(member, visit) == ["is not available on Thursdays from 09:00 to 11:00"]
    late = single("2026-11-26", at="10:00", duration="2h")
    assert against(member, late, timezone=NEW_YORK) == [
        "is not available on Thursdays from 09:00 to 11:00 by the practice's clock"
    ]


@pytest.mark.parametrize(
    ("date", "at", "duration", "fits"),
    [
        # Phoenix stays while Chicago goes back on 2026-11-01: 09:00 there was 11:00 in Chicago, and is 10:00.
        ("2026-10-30", "09:00", "1h", False),
        ("2026-11-06", "09:00", "1h", True),
    ],
)
def test_where_only_one_of_the_zones_changes_its_clocks(date: str, at: str, duration: str, fits: bool) -> None:
    member = staff(availability=(hours("fri", "10:00", "11:00"),))
    assert (against(member, single(date, at=at, duration=duration), timezone="America/Phoenix") == []) is fits


def test_hours_on_the_nights_on_which_the_clocks_change() -> None:
    night = staff(availability=(hours("sat", "22:00", "06:00"),))
    # Going back, that night has nine hours, and all of them are hers.
    assert against(night, single("2026-10-31", at="22:00", to="06:00")) == []
    assert against(night, single("2026-10-31", at="22:00", duration="9h")) == []
    assert against(night, single("2026-10-31", at="22:00", duration="9h1m")) != []
    # Going forward it has seven.
    assert against(night, single("2027-03-13", at="22:00", duration="7h")) == []
    assert against(night, single("2027-03-13", at="22:00", duration="8h")) != []
    # A window that begins in the missing hour begins after it.
    early = staff(availability=(hours("sun", "02:30", "05:00"),))
    assert against(early, single("2027-03-14", at="03:30", duration="1h")) == []
    assert against(early, single("2027-03-14", at="03:00", duration="1h")) != []


def test_one_persons_answers_do_not_leak_from_one_week_into_another() -> None:
    who = Person(staff(availability=(hours("thu", "07:00", "16:00"),)), HOME)
    for date, fits in (("2026-11-19", True), ("2026-11-26", True), ("2026-11-27", False), ("2026-12-03", True)):
        visit = only(chart(single(date, at="09:00")), date)
        assert (who.availability(visit.start, visit.end) is None) is fits


@pytest.mark.parametrize(
    ("from_", "until", "words"),
    [
        ("2026-11-26", "2026-11-26", "is away on 2026-11-26"),
        ("2026-11-20", "2026-11-30", "is away from 2026-11-20 to 2026-11-30"),
        ("2026-11-26", None, "is away from 2026-11-26 on"),
        ("2026-11-25", "2026-11-25", None),
        ("2026-11-27", None, None),
        ("2026-11-26T15:00", "2026-11-26T18:00", "is away from 2026-11-26T15:00 to 2026-11-26T18:00"),
        ("2026-11-26T15:15", "2026-11-26T18:00", None),  # the visit ends at that minute
        ("2026-11-26T10:00", "2026-11-26T14:30", None),
    ],
)
def test_away_in_days_and_in_moments(from_: str, until: str | None, words: str | None) -> None:
    member = staff(away=(Away(from_=from_, until=until, reason="flu"),))
    assert against(member, single("2026-11-26")) == ([words] if words else [])


def test_the_reason_of_an_absence_is_nobodys_business() -> None:
    assert "flu" not in away_words(Away(from_="2026-11-26", until=None, reason="flu"))


MOMENTS = st.sampled_from(
    ("2026-11-25", "2026-11-26", "2026-11-26T15:00", "2026-11-26T20:00", "2026-11-27T02:00", "2026-11-27")
)


@given(MOMENTS, st.none() | MOMENTS, st.sampled_from(("14:30", "19:30", "23:30")), st.sampled_from((CHICAGO, NEW_YORK)))
def test_away_is_what_the_schedule_takes_for_away(from_: str, until: str | None, at: str, there: str) -> None:
    member = staff(away=(Away(from_=from_, until=until),))
    place = chart(single("2026-11-26", at=at, duration="5h", staff="jo-park"), timezone=there)
    (visit,) = on(place, "2026-11-26", within=practice(member))
    absent = Person(member, HOME).absence(visit.start.astimezone(dt.UTC), visit.end.astimezone(dt.UTC))
    assert (absent is not None) is (visit.opened == ("jo-park",))


def test_employment() -> None:
    member = staff(employed=Employed(from_=day("2026-11-26"), until=day("2026-11-27")), skills=())
    assert against(member, single("2026-11-26")) == []
    assert against(member, single("2026-11-27")) == []
    assert against(member, single("2026-11-25")) == ["works here from 2026-11-26 only"]
    # Of whoever has left nothing else is asked.
    assert against(member, single("2026-11-28", needs=("hoist",))) == ["works here until 2026-11-27 only"]


def test_skills() -> None:
    member = staff(skills=("transfers",))
    assert against(member, single("2026-11-26", needs=("transfers",))) == []
    assert against(member, single("2026-11-26", needs=("hoist", "transfers", "nights"))) == [
        "does not have the skill hoist",
        "does not have the skill nights",
    ]


def paper(kind: str = "cpr", issued: str | None = None, expires: str | None = None) -> Credential:
    return Credential(kind=kind, issued=day(issued) if issued else None, expires=day(expires) if expires else None)


@pytest.mark.parametrize(
    ("papers", "lapsed"),
    [
        ((paper(expires="2026-11-26"),), []),  # the last day on which it is valid
        ((paper(expires="2026-11-25"),), ["cpr"]),
        ((paper(expires="2026-11-25"), paper("rn", expires="2026-01-01"), paper("dl")), ["cpr", "rn"]),
        ((paper(issued="2024-01-01", expires="2026-01-01"), paper(issued="2026-01-01", expires="2028-01-01")), []),
        ((paper(issued="2026-01-01", expires="2028-01-01"), paper(issued="2024-01-01", expires="2026-01-01")), []),
        # The latest counts, not the one that lasts longest.
        ((paper(issued="2024-01-01", expires="2027-01-01"), paper(issued="2026-01-01", expires="2026-06-01")), ["cpr"]),
        ((paper(expires="2026-01-01"), paper()), []),
        ((paper(issued="2026-12-01", expires="2028-01-01"), paper(issued="2024-01-01", expires="2026-01-01")), ["cpr"]),
        ((paper(issued="2026-12-01", expires="2028-01-01"),), []),
        ((paper(issued="2026-12-01", expires="2025-01-01"),), []),  # one of the dates is wrong, which is said already
    ],
)
def test_of_each_kind_of_credential_the_latest_counts(papers: tuple[Credential, ...], lapsed: list[str]) -> None:
    who = Person(staff(credentials=papers), HOME)
    assert [reason.detail for reason in who.credentials(day("2026-11-26"))] == lapsed


def test_hours_of_the_week_count_with_the_visit_itself() -> None:
    # 10:30 is busy on no other day than its own; am-care: Monday, Wednesday, Friday, 2 hours each.
    member = staff(max_hours_per_week=8)
    care = chart(series(), client_id="c-007")
    assert against(member, single("2026-11-26", duration="2h"), care) == []
    assert against(member, single("2026-11-26", duration="2h30m"), care) == [
        "would have 8h30m in the week of 2026-11-23, and works 8h"
    ]


def test_busy_at_another_client_unless_they_are_seen_together() -> None:
    visit = single("2026-11-25", at="10:00", duration="2h")
    care = chart(series(), client_id="c-007")
    assert against(staff(), visit, care) == ["is already at c-007 from 09:00 to 11:00"]
    assert against(staff(), single("2026-11-25", at="12:00", duration="2h"), care, timezone=NEW_YORK) == []


def test_busy_in_the_zone_of_whoever_asks_and_either_of_a_couple_may_name_the_other() -> None:
    visit = single("2026-11-25", at="11:00", duration="2h")
    care = chart(series(), client_id="c-007")
    assert against(staff(), visit, care, timezone=NEW_YORK) == ["is already at c-007 from 10:00 to 12:00"]
    at_ten = {"at": "10:00", "duration": "2h"}
    assert against(staff(), single("2026-11-25", together=("c-007",), **at_ten), care) == []
    couple = chart(series(together=("c-014",)), client_id="c-007")
    assert against(staff(), single("2026-11-25", **at_ten), couple) == []
    others = chart(series(together=("c-015",)), client_id="c-007")
    assert against(staff(), single("2026-11-25", **at_ten), others) != []


def test_a_visit_does_not_stand_in_its_own_way() -> None:
    place = chart(series())
    visit = only(place, "2026-11-23")
    member = staff(max_hours_per_week=6)
    booked = bookings(on(place, "2026-11-23", "2026-11-29"))
    assert reasons_against(Person(member, HOME), visit, booked) == ()


# --- who could take it -----------------------------------------------------------------------------------------------


def test_candidates_are_ranked_and_everybody_else_is_explained() -> None:
    place = chart(
        series(staff=None, needs=("transfers",)),
        *(change(due, status="done", staff="lucia") for due in ("2026-11-16", "2026-11-18")),
        change("2026-11-20", status="done", staff="far"),
        language="es",
    )
    people: dict[str, dict[str, Any]] = {
        "busy": {}, "free": {"max_hours_per_week": 30}, "speaks": {"languages": ("es",), "max_hours_per_week": 6},
        "lucia": {"languages": ("es",), "max_hours_per_week": 10}, "any": {},
        "far": {"away": (Away(from_="2026-11-23"),)},
    }  # fmt: skip
    team = {name: staff(name, skills=("transfers",), **more) for name, more in people.items()}
    team["none"] = staff("none")
    elsewhere = chart(series("night", staff="busy"), client_id="c-007")
    booked = bookings(on(elsewhere, "2026-11-16", "2026-11-30"))
    found = candidates(only(place, "2026-11-23"), place, team, booked, HOME)
    assert [item.staff for item in found] == ["lucia", "speaks", "any", "free", "far", "busy", "none"]
    assert [item.can for item in found] == [True] * 4 + [False] * 3
    assert found[0].favours("es") == ("has been there 2 times", "speaks es", "8h left that week")
    assert found[2].favours("es") == ()
    assert {item.staff: [reason.words for reason in item.against] for item in found[4:]} == {
        "far": ["is away from 2026-11-23 on"],
        "busy": ["is already at c-007 from 09:00 to 11:00"],
        "none": ["does not have the skill transfers"],
    }


@pytest.mark.parametrize(("minutes", "words"), [(0, "0h"), (45, "45m"), (120, "2h"), (125, "2h05m"), (90, "1h30m")])
def test_lengths(minutes: int, words: str) -> None:
    assert length(dt.timedelta(minutes=minutes)) == words


# --- two at a time ---------------------------------------------------------------------------------------------------


def test_two_series_are_one_finding_that_names_the_first_day() -> None:
    here, there = chart(series()), chart(series("lunch", at="10:30", days=("fri",)), client_id="c-007")
    (finding,) = found(here, there)
    assert finding.code == "visit-double-booked"
    # Without files both stand at the same place: the later id is the one that is told about.
    assert "(first on 2026-11-27)" in finding.message
    assert finding.hint == "carectl visit suggest c-007/lunch-2026-11-27"


@pytest.mark.parametrize(
    "other",
    [
        series("lunch", at="11:00"),
        series("lunch", days=("tue",)),
        series("lunch", staff="lucia"),
        series("lunch", from_=day("2027-02-21")),
        series("lunch", until=day("2026-11-22")),
        series("lunch", together=("c-014",)),
        series("lunch", with_="dr-lee", staff=None),
    ],
)
def test_two_series_that_are_no_conflict(other: Series) -> None:
    by = practice(staff(), staff("lucia"))
    assert codes(chart(series()), chart(other, client_id="c-007"), by=by) == []


def test_how_far_it_looks() -> None:
    assert (AHEAD.days, BACK.days) == (90, 35)
    last = series("lunch", days=DAYS, from_=day("2027-02-20"))
    assert "(first on 2027-02-20)" in found(chart(series(days=DAYS)), chart(last, client_id="c-007"))[0].message


def test_clients_in_two_zones_meet_at_the_same_instant() -> None:
    here = chart(series(at="09:00"))
    assert codes(here, chart(series("x", at="10:00"), client_id="c-007", timezone=NEW_YORK)) == ["visit-double-booked"]
    assert codes(here, chart(series("x", at="12:00"), client_id="c-007", timezone=NEW_YORK)) == []
    assert codes(here, chart(series("x", at="09:00"), client_id="c-007", timezone="Asia/Tokyo")) == []


def test_moved_and_reassigned_visits_count_where_they_are() -> None:
    there = chart(series("lunch", days=("tue",), at="10:00"), client_id="c-007")
    by = practice(staff(), staff("lucia"))
    moved = chart(series(), change("2026-11-23", date=day("2026-11-24")))
    (finding,) = found(moved, there, by=by)
    assert finding.message.endswith("(on 2026-11-24)")
    away = chart(series(days=("tue",)), change("2026-11-24", staff="lucia"), client_id="c-014")
    (finding,) = found(away, there, by=by)
    assert "(first on 2026-12-01)" in finding.message
    off = chart(series(days=("tue",), until=day("2026-11-24")), change("2026-11-24", status="cancelled"))
    assert codes(off, there, by=by) == []
    # A record that confirms it as it is belongs to its series: still one finding.
    sure = chart(series(days=("tue",)), change("2026-11-24", status="confirmed", at="9:00"))
    (finding,) = found(sure, there, by=by)
    assert "(first on 2026-11-24)" in finding.message


def test_two_people_in_one_visit_are_one_visit() -> None:
    by = practice(staff(), staff("lucia"))
    assert codes(chart(series(staff=("jo-park", "lucia"))), by=by) == []
    assert codes(chart(series(staff=("jo-park", "jo-park"))), by=by) == []
    there = chart(series("lunch", staff="lucia"), client_id="c-007")
    (finding,) = found(chart(series(staff=("jo-park", "lucia"))), there, by=by)
    assert finding.message.startswith("lucia is already at ")


def test_visits_of_one_client() -> None:
    by = practice(staff(), staff("lucia"))
    both = chart(series(), series("gait", service="therapy", staff="lucia", at="10:30", days=("fri",)))
    (finding,) = found(both, by=by)
    assert finding.code == "visits-overlap"
    assert "(first on 2026-11-27)" in finding.message
    watched = chart(series(), series("look", service="supervision", staff="lucia", at="10:30"))
    assert codes(watched, by=by) == []
    # One person for both is said once; and nobody supervises herself.
    assert codes(chart(series(), series("gait", at="10:30")), by=by) == ["visits-overlap"]
    assert codes(chart(series(), series("look", service="supervision", at="10:30")), by=by) == ["visit-double-booked"]
    after = chart(series(), series("gait", staff="lucia", at="11:00"))
    assert codes(after, by=by) == []
    clinic = chart(series(), single("2026-11-25", at="10:00", with_="dr-lee"))
    assert codes(clinic, by=by) == ["visits-overlap"]
    handed_over = chart(series(), series("am-2", follows="am-care", from_=day("2026-12-07"), staff="lucia"))
    assert codes(handed_over, by=by) == []  # that both are due is a fault of the series, said as such


def delivered(date: str, in_: str, out: str, who: str = "jo-park", **more: Any) -> Visit:
    return single(
        date, f"v-{date}", status="done", staff=who, actual=Actual(in_=in_, out=out), service="companionship", **more
    )


def test_delivered_visits_are_compared_by_the_times_at_which_somebody_was_there() -> None:
    here = chart(delivered("2026-11-18", "09:04", "11:01"))
    there = chart(delivered("2026-11-18", "11:00", "12:00"), client_id="c-007")
    (finding,) = found(here, there)
    assert (finding.code, finding.message[-15:]) == ("visit-double-booked", "(on 2026-11-18)")
    assert "jo-park was already at " in finding.message
    for fine in (
        delivered("2026-11-18", "11:01", "12:00"),
        delivered("2026-11-18", "11:00", "12:00", who="lucia"),
        delivered("2026-11-18", "11:00", "12:00", together=("c-014",)),
        delivered("2026-11-18", "11:00", "10:00"),
        single("2026-11-18", status="done", staff="jo-park", at="09:00", service="companionship"),
    ):
        assert codes(here, chart(fine, client_id="c-007"), by=practice(staff(), staff("lucia"))) == []


@pytest.mark.parametrize(("date", "seen"), [("2026-10-18", True), ("2026-10-17", False)])
def test_how_far_back_delivered_visits_are_compared(date: str, seen: bool) -> None:
    pair = (chart(delivered(date, "09:00", "11:00")), chart(delivered(date, "10:00", "12:00"), client_id="c-007"))
    assert bool(codes(*pair)) is seen


def test_what_was_corrected_says_nothing_any_more() -> None:
    wrong, right = (
        delivered("2026-11-18", "09:00", "11:00"),
        delivered("2026-11-18", "12:00", "13:00", amends="v-2026-11-18"),
    )
    there = chart(delivered("2026-11-18", "10:00", "11:30"), client_id="c-007")
    assert codes(chart(wrong), there) == ["visit-double-booked"]
    assert codes(chart(wrong, right), there) == []


def was(in_: str, out: str, date: str = "2026-11-01") -> list[str]:
    found = attendances([delivered(date, in_, out)], {}, "c-014", HOME)
    return [f"{b.start:%dT%H:%M} {b.end:%dT%H:%M}" for b in found]


def test_times_that_may_mean_two_hours_say_nothing() -> None:
    assert was("00:30", "03:00") == ["01T05:30 01T09:00"]
    assert was("01:30", "03:00") == []  # twice that night
    assert was("2026-11-01T01:30-05:00", "03:00") == ["01T06:30 01T09:00"]
    assert was("22:00", "06:00") == []
    assert was("22:00", "2026-11-02T06:00") == ["02T04:00 02T12:00"]


def test_a_delivered_visit_by_somebody_else_than_expected_is_fine() -> None:
    by = practice(staff(), staff("lucia"))
    came = change("2026-11-20", status="done", staff="lucia", at="09:00", actual=Actual(in_="09:00", out="11:00"))
    there = chart(delivered("2026-11-20", "09:30", "10:30"), client_id="c-007")
    assert codes(chart(series(), came), there, by=by) == []


STRETCHES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=12)


@given(STRETCHES)
def test_overlaps_are_those_that_comparing_all_with_all_finds(stretches: list[tuple[int, int]]) -> None:
    base = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    items = sorted(
        (base + dt.timedelta(hours=s), base + dt.timedelta(hours=s + n), k) for k, (s, n) in enumerate(stretches)
    )
    slow = {(a[2], b[2]) for k, a in enumerate(items) for b in items[k + 1 :] if b[0] < a[1]}
    fast = list(overlapping(items))
    assert set(fast) == slow
    assert len(fast) == len(slow)


PLANS = st.lists(
    st.tuples(
        st.sampled_from(("c-001", "c-002", "c-003")), st.sampled_from(("jo-park", "lucia")), st.sampled_from(DAYS),
        st.sampled_from(("08:00", "09:30", "10:00", "23:00")), st.sampled_from(("1h", "2h", "9h")),
    ),
    min_size=1, max_size=7, unique=True,
)  # fmt: skip


@given(PLANS)
def test_nobody_is_double_booked_without_the_chart_that_clashes(plans: list[tuple[str, str, Any, str, str]]) -> None:
    within = practice(staff(), staff("lucia"))
    charts: dict[str, Chart] = {}
    for client in sorted({plan[0] for plan in plans}):
        rules = [
            series(f"s-{number}", staff=who, days=(on_day,), at=at, duration=duration, from_=day("2026-11-23"))
            for number, (whose, who, on_day, at, duration) in enumerate(plans)
            if whose == client
        ]
        charts[client] = chart(*rules, client_id=client)
    booked = {name: bookings_of(one, within) for name, one in charts.items()}

    def pairs(names: set[str]) -> set[frozenset[str]]:
        team = Team((b for name in names for b in booked[name]), within)
        return {frozenset((c.here.post.client, c.there.post.client)) for c in team.clashes}

    every = pairs(set(charts))
    assert all(len(pair) == 2 for pair in every)
    for gone in charts:
        assert pairs(set(charts) - {gone}) == {pair for pair in every if gone not in pair}
    # By brute force, too.
    due = [b for some in booked.values() for b in some]
    assert every == {
        frozenset((a.post.client, b.post.client))
        for a in due
        for b in due
        if a.post.client != b.post.client and a.post.staff == b.post.staff and a.start < b.end and b.start < a.end
    }


# --- hours of a week -------------------------------------------------------------------------------------------------


def in_hours(booked: list[Booking], there: dt.tzinfo = HOME) -> dict[str, float]:
    return {str(monday): time.total_seconds() / 3600 for monday, time in weekly_hours(booked, there).items()}


def test_a_night_at_the_border_of_two_weeks_counts_to_both() -> None:
    night = bookings(on(chart(single("2026-11-22", at="22:00", to="06:00", staff="jo-park")), "2026-11-22"))
    assert in_hours(night) == {"2026-11-16": 2.0, "2026-11-23": 6.0}
    assert in_hours(night, zone(NEW_YORK) or dt.UTC) == {"2026-11-16": 1.0, "2026-11-23": 7.0}


def test_hours_are_those_that_pass_when_the_clocks_change() -> None:
    back = bookings(on(chart(single("2026-11-01", at="22:00", to="06:00", staff="jo-park")), "2026-11-01"))
    assert in_hours(back) == {"2026-10-26": 2.0, "2026-11-02": 6.0}
    # The clocks go back in the night to Sunday 2026-11-01: ten hours on the wall are eleven.
    longer = bookings(on(chart(single("2026-10-31", at="20:00", to="06:00", staff="jo-park")), "2026-10-31"))
    assert in_hours(longer) == {"2026-10-26": 11.0}
    shorter = bookings(on(chart(single("2027-03-13", at="20:00", to="06:00", staff="jo-park")), "2027-03-13"))
    assert in_hours(shorter) == {"2027-03-08": 9.0}
    # In Beirut midnight itself is skipped: the week of 2026-03-30 is whole, the Sunday before it lost an hour.
    beirut = zone("Asia/Beirut")
    assert beirut is not None
    over = chart(single("2026-03-28", at="20:00", duration="40h", staff="jo-park"), timezone="Asia/Beirut")
    assert in_hours(bookings(on(over, "2026-03-28")), beirut) == {"2026-03-23": 27.0, "2026-03-30": 13.0}


def test_what_counts_in_a_week() -> None:
    place = chart(
        series(days=DAYS, at="09:00"),
        change("2026-11-16", status="done", staff="jo-park", at="09:00", actual=Actual(in_="09:00", out="15:00")),
        change("2026-11-17", status="done", staff="lucia", at="09:00"),
        change("2026-11-18", status="missed", reason="Snow"),
        change("2026-11-19", status="refused", reason="Tired"),
        change("2026-11-20", status="cancelled", reason="Clinic"),
        change("2026-11-21", status="confirmed"),
    )
    booked = [b for b in bookings(on(place, "2026-11-16", "2026-11-22")) if b.post.staff == "jo-park"]
    assert in_hours(booked) == {"2026-11-16": 6.0}  # Monday as planned, Saturday, Sunday
    assert in_hours([*booked, *attendances(place.visits, {}, "c-014", HOME)]) == {"2026-11-16": 6.0}


def test_a_couple_seen_together_counts_once() -> None:
    one, other = chart(series()), chart(series(at="10:00", together=("c-014",)), client_id="c-007")
    booked = [b for place in (one, other) for b in bookings(on(place, "2026-11-23"))]
    assert in_hours(booked) == {"2026-11-23": 3.0}


def test_too_many_hours_are_one_finding_at_the_limit_itself() -> None:
    member = staff(max_hours_per_week=7.5, origin=Origin("staff/jo-park.yaml"))
    monday = day("2026-11-23")
    walk = series("walk", at="14:00", days=("tue", "sat"), duration="1h", from_=monday)
    pair = chart(series(from_=monday)), chart(walk, client_id="c-007")
    (finding,) = found(*pair, by=practice(member))
    assert (finding.code, finding.path, finding.client) == ("staff-over-hours", "staff/jo-park.yaml", None)
    assert finding.message == (
        "jo-park is down for 8h in the week of 2026-11-23, 30m more than this, the first of 13 such weeks"
    )
    assert finding.hint == "carectl agenda --staff jo-park --from 2026-11-23 --until 2026-11-29"
    assert codes(*pair, by=practice(staff(max_hours_per_week=8))) == []
    assert codes(pair[0], by=practice(member)) == []


def test_weeks_that_are_over_are_let_be() -> None:
    member = staff(max_hours_per_week=1)
    booked = bookings(on(chart(series(until=day("2026-11-20"))), "2026-11-09", "2026-11-22"))
    assert overload(member, booked, HOME, day("2026-11-23")) is None
    this = overload(member, booked, HOME, day("2026-11-22"))
    assert this is not None
    assert (str(this.monday), this.weeks) == ("2026-11-16", 1)
    assert overload(staff(), booked, HOME, day("2026-11-22")) is None


# --- nothing is concluded from what could not be read ----------------------------------------------------------------


@pytest.mark.parametrize("field", ["away", "availability", "employed", "credentials", "skills", "max_hours_per_week"])
def test_what_could_not_be_read_of_a_person_speaks_against_nobody(field: str) -> None:
    faulty = staff(
        availability=(hours("sun", "07:00", "08:00"),),
        employed=Employed(from_=day("2030-01-01")),
        credentials=(paper(expires="2020-01-01"),),
        max_hours_per_week=1,
        origin=Origin("staff/jo-park.yaml", unread=frozenset({field})),
    )
    said = {
        "availability": "visit-outside-availability", "employed": "visit-staff-not-employed",
        "skills": "visit-skill-missing", "credentials": "visit-credential-lapsed",
        "max_hours_per_week": "staff-over-hours",
    }  # fmt: skip
    every = codes(chart(series(needs=("hoist",))), by=practice(faulty))
    assert said.get(field) not in every
    assert is_known(faulty) is (field != "away")
    if field == "away":
        assert every == []


@pytest.mark.parametrize("field", ["staff", "with_", "except_", "needs", "together"])
def test_a_series_that_could_not_be_read_whole_is_let_be(field: str) -> None:
    lost = series(staff=None, origin=Origin("clients/c-014/visits.yaml", ("series", 0), frozenset({field})))
    assert codes(chart(lost)) == []
    assert codes(chart(series(staff=None))) == ["visit-open"]


def test_a_visit_that_could_not_be_read_is_let_be_and_so_is_a_client_of_whom_it_is_not_known_when_they_are_away() -> (
    None
):
    broken = change("2026-11-23", origin=Origin("clients/c-014/visits.yaml", ("visits", 0), frozenset({"staff"})))
    (finding,) = found(chart(series(staff=None), broken))
    assert "(first on 2026-11-25)" in finding.message
    assert codes(chart(series(staff=None), origin=Origin("clients/c-014/client.yaml", (), frozenset({"away"})))) == []


def test_strangers_and_an_unknown_zone_are_not_judged() -> None:
    assert codes(chart(series(staff="nobody")), chart(series(staff="nobody"), client_id="c-007")) == []
    member = staff(availability=(hours("sun", "07:00", "08:00"),), max_hours_per_week=1)
    lost = setting(CHICAGO, member)
    assert lost.practice is None
    assert codes(chart(series()), by=lost) == []


# --- what else a chart shows -----------------------------------------------------------------------------------------


def test_an_open_shift_is_no_call_out_and_the_other_way_round() -> None:
    member = staff(away=(Away(from_="2026-11-23", until="2026-11-25"),))
    place = chart(series(), series("evening", staff=None, at="17:30"))
    assert sorted(codes(place, by=practice(member))) == ["visit-open", "visit-staff-away"]
    away = next(f for f in found(place, by=practice(member)) if f.code == "visit-staff-away")
    assert away.message == (
        "jo-park is away from 2026-11-23 to 2026-11-25, and nobody comes instead (2 visits, the first on 2026-11-23)"
    )
    assert away.hint == "carectl visit suggest c-014/am-care-2026-11-23"


def test_nobody_waits_while_the_client_is_away_or_care_has_ended() -> None:
    place = chart(series(staff=None), away=(Away(from_="2026-11-20", until=None),))
    assert codes(place) == []
    assert codes(chart(series(staff=None), end_of_care=day("2026-11-20"), status="discharged")) == []


def test_one_finding_for_each_series_and_reason() -> None:
    member = staff(availability=(hours("mon", "09:00", "11:00"),), credentials=(paper(expires="2026-12-01"),))
    place = chart(series(needs=("hoist",)), series("late", at="14:00"))
    assert sorted((f.code, f.message[-24:-1].split("on ")[1]) for f in found(place, by=practice(member))) == [
        ("visit-credential-lapsed", "2026-12-02"),
        ("visit-credential-lapsed", "2026-12-02"),
        ("visit-outside-availability", "2026-11-23"),
        ("visit-outside-availability", "2026-11-25"),
        ("visit-skill-missing", "2026-11-23"),
    ]


def test_expansions_say_nothing_of_a_past_that_was_not_delivered() -> None:
    assert expand(chart(series()), "2026-11-16", "2026-11-20").missing == ()
    assert clashes(bookings(on(chart(series()), "2026-11-16", "2026-11-20")), day(SUNDAY)) == []

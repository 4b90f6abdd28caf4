"""Who takes the visits of somebody who calls out: proposals that go together, and who must be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from helpers_schedule import CHICAGO, change, chart, day, series, setting, staff
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.callout import CallOut, call_out, readers, suspension
from carectl.care.coverage import bookings, clashes, limit_of, weekly_hours
from carectl.care.schedule import occurrences
from carectl.care.setting import Setting
from carectl.caseload.records import Availability, Away, Chart, Contact, Origin, Practice, Sharing, StaffMember, Visit

MONDAY: Final = "2026-11-23"
FRIDAY: Final = "2026-11-27"
ALL: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def here(*members: StaffMember, **more: Any) -> Setting:
    found = setting(CHICAGO, *members, now=f"{MONDAY}T06:40")
    return replace(found, practice=Practice(name="P", timezone=CHICAGO), **more)


def ill(member: StaffMember, start: str = MONDAY, until: str | None = FRIDAY) -> StaffMember:
    fields = {name: getattr(member, name) for name in member.__struct_fields__}
    return StaffMember(**{**fields, "away": (*member.away, Away(from_=start, until=until))})


def out(
    charts: list[Chart], *members: StaffMember, named: Mapping[tuple[str, str], str | None] | None = None,
    start: str = MONDAY, until: str | None = FRIDAY, rest_open: bool = False, **more: Any,
) -> CallOut:  # fmt: skip
    """The call-out of Jo, who is among the members and away already."""
    within = here(*members, **more)
    found = {of.id: occurrences(of, within, day("2026-11-16"), day("2026-12-06")).occurrences for of in charts}
    person = within.staff["jo-park"]
    return call_out(
        person, start, until, charts, found, within, named or {}, through=day("2026-11-28"), rest_open=rest_open
    )


def takers(found: CallOut) -> dict[str, str | None]:
    return {f"{item.visit.client} {item.visit.day:%a} {item.visit.start:%H:%M}": item.takes for item in found.vacancies}


JO: Final = ill(staff())
ANA, BO = staff("ana", "Ana", "Diaz"), staff("bo", "Bo", "Eze")


def test_nobody_is_proposed_for_two_visits_at_a_time() -> None:
    charts = [chart(series(days=("mon",)), client_id=name) for name in ("c-1", "c-2", "c-3")]
    found = out(charts, JO, ANA, BO)
    assert takers(found) == {"c-1 Mon 09:00": "ana", "c-2 Mon 09:00": "bo", "c-3 Mon 09:00": None}
    assert [(one.staff, one.against[0].why) for one in found.vacancies[2].cannot] == [("ana", "busy"), ("bo", "busy")]


def test_hours_add_up() -> None:
    few = staff("ana", "Ana", "Diaz", max_hours_per_week=4)
    found = out([chart(series(days=("mon", "tue", "wed", "thu")))], JO, few)
    assert list(takers(found).values()) == ["ana", "ana", None, None]
    assert [one.against[0].why for one in found.vacancies[3].cannot] == ["hours"]


def test_what_only_one_can_take_is_given_first() -> None:
    skilled = staff("ana", "Ana", "Diaz", skills=("hoist",))
    charts = [
        chart(series(days=("mon",)), client_id="c-1"),
        chart(series(days=("mon",), needs=("hoist",)), client_id="c-2"),
    ]
    assert takers(out(charts, JO, skilled, BO)) == {"c-1 Mon 09:00": "bo", "c-2 Mon 09:00": "ana"}


def test_who_knows_the_client_comes_first_and_one_new_face_not_two() -> None:
    been = [change(f"2026-11-{one:02}", status="done", staff="bo") for one in (2, 4)]
    assert set(takers(out([chart(series(), *been)], JO, ANA, BO)).values()) == {"bo"}
    limited = [staff(one.id, one.name.given, one.name.family, max_hours_per_week=40) for one in (ANA, BO)]
    assert set(takers(out([chart(series())], JO, *limited)).values()) == {"ana"}


def test_another_profession_is_told_and_not_proposed() -> None:
    fields = {name: getattr(ANA, name) for name in ANA.__struct_fields__}
    nurse = StaffMember(**{**fields, "role": "registered_nurse"})
    found = out([chart(series(days=("mon",)))], JO, nurse)
    assert takers(found) == {"c-014 Mon 09:00": None}
    assert [one.staff for one in found.vacancies[0].others] == ["ana"]
    named = out([chart(series(days=("mon",)))], JO, nurse, named={("c-014", f"am-care-{MONDAY}"): "ana"})
    assert takers(named) == {"c-014 Mon 09:00": "ana"}
    assert named.vacancies[0].against == ()


def test_a_couple_is_seen_by_one_person() -> None:
    charts = [
        chart(series(days=("mon", "tue"), together=("c-2",), needs=("hoist",)), client_id="c-1"),
        chart(series(days=("mon", "tue")), client_id="c-2"),
    ]
    skilled = staff(
        "bo", "Bo", "Eze", skills=("hoist",), availability=(Availability(days=("mon",), from_="08:00", to="12:00"),)
    )
    found = takers(out(charts, JO, ANA, skilled))
    assert found == {"c-1 Mon 09:00": "bo", "c-2 Mon 09:00": "bo", "c-1 Tue 09:00": None, "c-2 Tue 09:00": None}
    named = out(charts, JO, ANA, skilled, named={("c-2", f"am-care-{MONDAY}"): "ana"}, rest_open=True)
    assert list(takers(named).values()) == ["ana", "ana", None, None]


def test_of_two_only_the_one_who_is_away_is_replaced() -> None:
    of = chart(series(days=("mon",), staff=("jo-park", "ana")))
    found = out([of], JO, ANA, BO)
    (item,) = found.vacancies
    assert (item.takes, item.then.staff) == ("bo", ("ana", "bo"))
    assert "ana" not in [one.staff for one in (*item.could, *item.others, *item.cannot)]
    assert [(one.to, one.text.split(": ", 1)[1]) for one in found.messages] == [
        ("ana", "Bo comes with you instead of Jo. P"),
        ("bo", "you come instead of Jo. Please confirm. Ana comes too. P"),
    ]
    (alone,) = out([of], JO, ANA).vacancies
    assert (alone.takes, alone.visit.staff) == (None, ("ana",))


def test_somebody_of_whom_not_all_could_be_read_is_not_proposed() -> None:
    half = staff("ana", "Ana", "Diaz", origin=Origin("staff/ana.yaml", (), frozenset({"skills"})))
    found = out([chart(series(days=("mon",)))], JO, half, unread_staff=frozenset({"cy", "jo-park"}))
    assert takers(found) == {"c-014 Mon 09:00": None}
    assert [(one.staff, one.unread) for one in found.vacancies[0].cannot] == [("ana", ("skills",))]
    assert found.unread == ("cy",)


def test_who_left_is_not_even_told() -> None:
    from carectl.caseload.records import Employed

    left = staff("ana", "Ana", "Diaz", employed=Employed(from_=day("2020-01-01"), until=day("2026-11-01")))
    (item,) = out([chart(series(days=("mon",)))], JO, left).vacancies
    assert (item.takes, item.cannot) == (None, ())


def test_only_the_absence_that_is_asked_about() -> None:
    twice = ill(ill(staff()), "2026-11-28", "2026-11-29")
    of = chart(series(days=ALL))
    assert [item.visit.day.day for item in out([of], twice, ANA).vacancies] == [23, 24, 25, 26, 27]
    moments = ill(staff(), f"{MONDAY}T10:00", "2026-11-24T09:00")
    found = out([of], moments, ANA, start=f"{MONDAY}T10:00", until="2026-11-24T09:00")
    assert [item.visit.day.day for item in found.vacancies] == [23]
    for_ever = out([of], ill(staff(), MONDAY, None), ANA, until=None)
    assert [item.visit.day.day for item in for_ever.vacancies] == [23, 24, 25, 26, 27, 28]


def test_what_has_begun_is_not_to_be_taken() -> None:
    of = chart(series("early", at="06:00", days=("mon",)), series(days=("mon",)))
    found = out([of], JO, ANA)
    assert [(item.begun, item.takes) for item in found.vacancies] == [(True, None), (False, "ana")]
    assert all("6:00 am" not in message.text for message in found.messages)


def test_named_also_if_something_speaks_against_them() -> None:
    late = staff("ana", "Ana", "Diaz", availability=(Availability(days=("tue",), from_="08:00", to="12:00"),))
    named = {("c-014", f"am-care-{MONDAY}"): "ana", ("c-014", f"am-care-{FRIDAY}"): None}
    found = out([chart(series())], JO, late, BO, named=named)
    assert list(takers(found).values()) == ["ana", "bo", None]
    assert found.vacancies[0].against == ("is not available on Mondays from 09:00 to 11:00",)
    assert [item.named for item in found.vacancies] == [True, False, True]
    # What is given counts for what is proposed.
    other = chart(series(days=("mon",)), client_id="c-1")
    key = ("c-1", f"am-care-{MONDAY}")
    assert takers(out([other, chart(series(days=("mon",)))], JO, BO, named={key: "bo"})) == {
        "c-014 Mon 09:00": None, "c-1 Mon 09:00": "bo",
    }  # fmt: skip


HOURS = st.integers(6, 20)


@given(
    st.lists(st.tuples(st.sampled_from(ALL), HOURS, st.integers(1, 3)), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(ALL), HOURS), max_size=4),
    st.integers(2, 12),
)
def test_proposals_can_all_be_kept(
    visits: list[tuple[Any, int, int]], others: list[tuple[Any, int]], most: int
) -> None:
    """Whatever is proposed: nobody is in two places at once, and nobody works more than they do."""
    team = [JO, staff("ana", "Ana", "D", max_hours_per_week=most), staff("bo", "Bo", "E", max_hours_per_week=most * 2)]
    charts = [
        chart(series(days=(when,), at=f"{hour:02}:00", duration=f"{length}h"), client_id=f"c-{nth}")
        for nth, (when, hour, length) in enumerate(visits)
    ] + [
        chart(series(days=(when,), at=f"{hour:02}:30", duration="1h", staff="ana"), client_id=f"d-{nth}")
        for nth, (when, hour) in enumerate(others)
    ]
    within = here(*team)
    days = (day("2026-11-16"), day("2026-12-06"))
    before = [o for of in charts for o in occurrences(of, within, *days).occurrences if o.staff]
    found = out(charts, *team)
    given_ = [item.then for item in found.vacancies if item.takes]
    booked = bookings([*before, *given_])
    new = {(item.client, item.id) for item in given_}
    for member in team[1:]:
        own = clashes([b for b in booked if b.post.staff == member.id], day(MONDAY))
        assert not [c for c in own if {(b.post.client, b.id) for b in (c.here, c.there)} & new]
        if any(item.takes == member.id for item in found.vacancies):
            week = weekly_hours([b for b in booked if b.post.staff == member.id], dt.UTC)[day(MONDAY)]
            limit = limit_of(member)
            assert limit is not None
            assert week <= limit


# --- who must be told ------------------------------------------------------------------------------------------------

SHARED: Final = Sharing(topics=("schedule",), basis="agreed", given=day("2026-08-03"))


def contact(own_id: str, *call_for: str, shared: bool = True, **more: Any) -> Contact:
    sharing = (SHARED,) if shared else ()
    return Contact(id=own_id, name=own_id.title(), relationship="x", call_for=call_for, sharing=sharing, **more)


def with_contacts(of: Chart, *contacts: Contact) -> Chart:
    return Chart(id=of.id, path=of.path, client=of.client, series=of.series, visits=of.visits, contacts=contacts)


@pytest.mark.parametrize(
    ("contacts", "told"),
    [
        ([contact("ann"), contact("bea", "missed_visit"), contact("cy", "schedule")], ["bea", "cy"]),
        ([contact("ann", "fall"), contact("bea")], ["ann"]),
        ([contact("ann", shared=False), contact("bea")], ["bea"]),
        ([contact("ann", "missed_visit", shared=False), contact("bea")], ["ann", "bea"]),
        ([contact("desk", organization="Insurance"), contact("bea")], ["bea"]),
        ([contact("desk", organization="Insurance")], []),
        ([], []),
    ],
)
def test_who_should_know(contacts: list[Contact], told: list[str]) -> None:
    of = with_contacts(chart(series()), *contacts)
    assert [one.id for one in readers(of, here(JO))] == told


def test_texts_untold_and_silent() -> None:
    charts = [
        with_contacts(chart(series(), client_id="c-1"), contact("ann", "missed_visit", shared=False), contact("bea")),
        chart(series(days=("mon",)), client_id="c-2"),
        with_contacts(chart(series(), change(FRIDAY, private=True), client_id="c-3"), contact("cy", calls_client="Pa")),
    ]
    found = out(charts, JO)
    assert [(one.to, one.chart.id if one.chart else None) for one in found.messages] == [("bea", "c-1"), ("cy", "c-3")]
    assert [(one.contact.id, one.words) for one in found.untold] == [
        ("ann", "schedule: not shared with ann"),
        ("cy", f"visits/am-care-{FRIDAY}: is private"),
    ]
    assert [one.id for one in found.silent] == ["c-2"]
    assert "Friday" not in found.messages[1].text
    assert found.messages[1].text.startswith("Visit to Pa on Monday, November 23, 9:00 am; Wednesday,")


def test_what_is_far_ahead_is_for_the_calendars() -> None:
    of = with_contacts(chart(series(days=ALL)), contact("ann"))
    within = here(ill(staff(), MONDAY, None), ANA)
    found = {of.id: occurrences(of, within, day("2026-11-16"), day("2026-12-27")).occurrences}
    answer = call_out(within.staff["jo-park"], MONDAY, None, [of], found, within, {}, through=day("2026-12-20"))
    ann = next(one for one in answer.messages if one.to == "ann")
    assert answer.later == 14
    assert ann.text.count("9:00 am") == 14
    assert next(one for one in answer.messages if one.to == "ana").text.count("11:00 am") == 28


def test_the_client_is_away() -> None:
    away = (Away(from_=MONDAY, until=FRIDAY, reason="hospital"),)
    early = Visit(id="early", service="nursing", date=day(MONDAY), at="05:00", duration="1h", staff="bo")
    of = chart(series(staff=("jo-park", "ana")), early, away=away)
    within = here(staff(), ANA, BO)
    found = suspension(of, occurrences(of, within, day(MONDAY), day("2026-11-29")).occurrences, within)
    assert len(found.visits) == 4
    assert [one.to for one in found.messages] == ["jo-park", "ana"]
    assert found.messages[0].text == (
        "c-014 Rosie, Monday, November 23, 9:00 am–11:00 am; Wednesday, November 25, 9:00 am–11:00 am; "
        "Friday, November 27, 9:00 am–11:00 am: cancelled, please do not go.\nP"
    )

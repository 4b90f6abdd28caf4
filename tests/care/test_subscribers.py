"""Who gets a feed and who none, and why; and which days a feed holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from helpers_schedule import CHICAGO, day, setting, staff
from helpers_schedule import chart as schedule

from carectl.care.setting import Setting
from carectl.care.subscribers import Subscriber, cancelled_since, contacts_are_whole, contacts_of, team, window
from carectl.caseload.records import Broken, Chart, Contact, Employed, Name, Origin, Practice, Sharing, StaffMember

HERE = setting()
LIVE = Sharing(topics=("schedule",), basis="agreed", given=day("2026-08-03"))
UNREAD = Origin("clients/c-014/contacts.yaml", ("contacts", 0), unread=frozenset())


def maria(*sharing: Sharing, **more: Any) -> Contact:
    return Contact(**{"id": "maria", "name": "Maria Alvarez", "relationship": "daughter", "sharing": sharing, **more})


def unread(*names: str) -> Origin:
    return Origin("clients/c-014/contacts.yaml", ("contacts", 0), unread=frozenset(names))


def of(contact: Contact, within: Setting = HERE, **client: Any) -> Subscriber:
    """What is decided for one contact."""
    (found,) = contacts_of(replace(schedule(**client), contacts=(contact,)), within)
    return found


# --- contacts --------------------------------------------------------------------------------------------------------


def test_live_sharing_of_the_schedule_gives_a_feed() -> None:
    found = of(maria(LIVE, language="es"))
    assert found == Subscriber("c-014/maria", "contact", "c-014", "maria", "Maria Alvarez", "es")
    assert of(maria(replace_sharing(LIVE, topics=("all",)))).why_not is None
    assert of(maria(LIVE, calendar="busy")).only_times


def replace_sharing(entry: Sharing, **more: Any) -> Sharing:
    fields = {"topics": entry.topics, "basis": entry.basis, "given": entry.given, "origin": entry.origin}
    return Sharing(**{**fields, **more})


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        (maria(), "not shared with maria"),
        (maria(replace_sharing(LIVE, topics=("wellbeing",))), "not shared with maria"),
        (maria(replace_sharing(LIVE, expires=day("2026-11-21"))), "maria's sharing lapsed on 2026-11-21"),
        (maria(replace_sharing(LIVE, revoked=day("2026-11-22"))), "maria's sharing was revoked on 2026-11-22"),
        (maria(replace_sharing(LIVE, given=day("2026-11-23"))), "maria's sharing begins on 2026-11-23"),
        (
            maria(replace_sharing(LIVE, basis="authorization")),
            "maria's authorization has no expires date, so it does not count",
        ),
        (maria(LIVE, calendar="none"), "contacts.yaml says calendar: none"),
    ],
)  # fmt: skip
def test_no_feed_and_why(contact: Contact, words: str) -> None:
    found = of(contact)
    assert (found.why_not, found.unclear) == (words, False)


@pytest.mark.parametrize("until", ["2026-11-22", None])
def test_sharing_counts_on_the_last_day_too(until: str | None) -> None:
    assert of(maria(replace_sharing(LIVE, expires=day(until) if until else None))).why_not is None


@pytest.mark.parametrize(
    ("contact", "client"),
    [
        (maria(LIVE, origin=unread("calendar")), {}),  # it may be none
        (maria(LIVE, origin=unread("calls_client")), {}),
        (maria(origin=unread("sharing")), {}),
        (maria(replace_sharing(LIVE, origin=unread("revoked"))), {}),
        (maria(replace_sharing(LIVE, topics=(), origin=unread("topics"))), {}),
        (maria(LIVE), {"timezone": "America/Chicgo"}),
        (maria(LIVE), {"origin": Origin("clients/c-014/client.yaml", (), unread=frozenset({"status"}))}),
    ],
)
def test_what_could_not_be_read_decides_nothing(contact: Contact, client: dict[str, Any]) -> None:
    found = of(contact, **client)
    assert found.why_not is not None
    assert found.unclear


def test_a_slip_in_an_entry_about_something_else_does_no_harm() -> None:
    other = replace_sharing(LIVE, topics=("health",), origin=unread("expires"))
    assert of(maria(LIVE, other)).why_not is None
    assert not of(maria(other)).unclear


def test_after_the_clients_death_there_is_no_feed() -> None:
    found = of(maria(LIVE), status="deceased")
    assert (found.why_not, found.unclear) == ("the client has died", False)


def test_a_feed_ends_when_care_ended_before_all_its_days() -> None:
    assert of(maria(LIVE), status="discharged", end_of_care=day("2026-10-12")).why_not is None
    assert of(maria(LIVE), status="discharged", end_of_care=day("2026-10-11")).why_not == "care ended on 2026-10-11"
    assert of(maria(LIVE), status="discharged").why_not == "care has ended"
    assert of(maria(LIVE), status="active", end_of_care=day("2027-01-01")).why_not is None


def test_contacts_are_whole_unless_one_of_them_was_lost() -> None:
    assert contacts_are_whole(schedule())
    assert not contacts_are_whole(replace(schedule(), unread=frozenset({"contacts"})))
    broken = Broken(name="contacts", id="bob", origin=unread())
    assert not contacts_are_whole(replace(schedule(), broken=(broken,)))


def test_two_contacts_of_one_id_get_none() -> None:
    found = contacts_of(replace(schedule(), contacts=(maria(LIVE), maria(LIVE, name="Another"))), HERE)
    assert all(one.unclear for one in found)


def test_a_contact_of_two_clients_is_two_subscribers() -> None:
    charts = (Chart(id=c, path=c, client=schedule(client_id=c).client, contacts=(maria(LIVE),)) for c in ("c-1", "c-2"))
    assert [one.key for of in charts for one in contacts_of(of, HERE)] == ["c-1/maria", "c-2/maria"]


def test_nobody_is_taken_for_the_staff() -> None:
    of = replace(schedule(client_id="staff"), contacts=(maria(LIVE, id="jo-park"),))
    assert contacts_of(of, HERE) == ()


# --- staff -----------------------------------------------------------------------------------------------------------


def roster(*members: StaffMember, unread_staff: frozenset[str] = frozenset()) -> Setting:
    practice = Practice(name="Lakeside", timezone=CHICAGO, coordinator="dana")
    return replace(setting(CHICAGO, *members), practice=practice, unread_staff=unread_staff)


def test_staff_and_the_coordinator() -> None:
    dana = StaffMember(id="dana", name=Name(given="Dana", family="Whitfield"), role="coordinator")
    found = team(roster(staff(calendar="busy"), dana, unread_staff=frozenset({"ana"})))
    assert [(one.key, one.kind, one.only_times, one.why_not, one.unclear) for one in found] == [
        ("staff/ana", "staff", False, "the staff file could not be read", True),
        ("staff/dana", "coordinator", False, None, False),
        ("staff/jo-park", "staff", True, None, False),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"employed": Employed(from_=day("2020-01-01"), until=day("2026-11-21"))}, "left on 2026-11-21"),
        ({"employed": Employed(from_=day("2020-01-01"), until=day("2026-11-22"))}, None),
        ({"employed": Employed(from_=day("2026-11-23"))}, "begins on 2026-11-23"),
        ({"calendar": "none"}, "the staff file says calendar: none"),
    ],
)
def test_staff_who_get_none(fields: dict[str, Any], words: str | None) -> None:
    (found,) = team(roster(staff(**fields)))
    assert (found.why_not, found.unclear) == (words, False)


def test_a_staff_file_that_does_not_tell_decides_nothing() -> None:
    for name in ("calendar", "employed"):
        (found,) = team(roster(staff(origin=Origin("staff/jo-park.yaml", (), unread=frozenset({name})))))
        assert found.unclear


# --- days ------------------------------------------------------------------------------------------------------------


def test_a_window_is_whole_weeks_and_moves_on_mondays_only() -> None:
    start = day("2026-01-01")
    for number in range(800):
        today = start + dt.timedelta(number)
        first, last = window(today)
        assert first <= today - dt.timedelta(30)
        assert today + dt.timedelta(120) <= last
        assert (first.weekday(), last.weekday()) == (0, 6)
        moved = (first, last, cancelled_since(today)) != (
            *window(today - dt.timedelta(1)),
            cancelled_since(today - dt.timedelta(1)),
        )
        assert moved == (today.weekday() == 0)
        assert dt.timedelta(7) <= today - cancelled_since(today) <= dt.timedelta(13)


def test_a_window_at_the_ends_of_all_days() -> None:
    assert window(dt.date.min)[0] == dt.date.min
    assert window(dt.date.max)[1] == dt.date.max
    assert cancelled_since(dt.date.min) == dt.date.min

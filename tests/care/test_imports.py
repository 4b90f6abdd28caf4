"""What an import does to a client's visits: new, changed, gone; what a person has said stays; twice changes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import msgspec
import pytest
from helpers_schedule import CHICAGO, chart, day, setting, single

from carectl.care.events import Event, Incoming, NotTaken, Stamp
from carectl.care.imports import Plan, Terms, elsewhere, plan
from carectl.caseload.records import Chart, Imported, Visit
from carectl.caseload.zones import zone

HERE: Final = zone(CHICAGO)
TERMS: Final = Terms("clinic", day("2026-11-22"), day("2027-03-22"), "dr-lee")
"""It is Sunday, November 22, at 6:40."""


def event(start: str = "2026-11-25T14:30", uid: str = "a", **more: Any) -> Event:
    """An event of 45 minutes, where the client lives."""
    fields: dict[str, Any] = {"line": 4, "length": dt.timedelta(minutes=45), "title": "Lab", **more}
    return Event(uid=uid, start=Stamp(dt.datetime.fromisoformat(start), HERE), **fields)


def ours(date: str = "2026-11-25", id_: str = "clinic-2026-11-25", uid: str = "a", **more: Any) -> Visit:
    """The visit that such an event became."""
    recurrence = more.pop("recurrence", None)
    came = Imported(calendar="clinic", uid=uid, recurrence=recurrence)
    return single(date, id_, **{"with_": "dr-lee", "note": "Lab", "imported": came, **more})


def planned(
    events: list[Event], *visits: Visit, terms: Terms = TERMS, now: str = "2026-11-22T06:40", **more: Any
) -> Plan:
    """What comes of events for a client with these visits."""
    return plan(chart(*visits), setting(now=now), Incoming(tuple(events), **more), terms)


def counts(found: Plan) -> tuple[int, int, int, int, int]:
    return len(found.new), len(found.changed), len(found.gone), found.same, len(found.disagreements)


def but(terms: Terms = TERMS, **more: Any) -> Terms:
    return Terms(**{name: more.get(name, getattr(terms, name)) for name in Terms.__slots__})


# --- new -------------------------------------------------------------------------------------------------------------


def test_an_event_becomes_a_visit() -> None:
    (arrival,) = planned([event(place="2nd floor", private=True)]).new
    assert arrival.fields == {
        "id": "clinic-2026-11-25", "service": "appointment", "with": "dr-lee", "date": "2026-11-25", "at": "14:30",
        "duration": "45m", "where": "2nd floor", "note": "Lab", "private": True,
        "imported": {"calendar": "clinic", "uid": "a"},
    }  # fmt: skip
    assert list(arrival.fields)[-1] == "imported"


def test_ids_are_of_the_calendar_and_the_day_and_never_used_again() -> None:
    events = [event(uid="a"), event("2026-11-25T16:00", uid="b"), event("2026-11-26T09:00", uid="c")]
    cancelled = single("2026-12-01", "clinic-2026-11-26", status="cancelled", reason="x")
    assert [item.id for item in planned(events, cancelled).new] == [
        "clinic-2026-11-25", "clinic-2026-11-25-2", "clinic-2026-11-26-2",
    ]  # fmt: skip


def test_the_calendar_of_the_name_of_a_series_takes_no_id_of_its_visits() -> None:
    from helpers_schedule import series

    there = Chart("c-001", "clients/c-001", chart().client, series=(series("clinic"),))
    (arrival,) = plan(there, setting(), Incoming((event(),)), TERMS).new
    assert arrival.id == "extra-clinic-2026-11-25"


def test_only_the_window_is_looked_at_by_the_days_where_the_client_lives() -> None:
    """In Auckland it is the next day already."""
    there = zone("Pacific/Auckland")
    early = Event(line=1, uid="a", start=Stamp(dt.datetime(2026, 11, 22, 20), there), length=dt.timedelta(hours=1))  # noqa: DTZ001
    late = Event(line=1, uid="b", start=Stamp(dt.datetime(2027, 3, 23, 16), there), length=dt.timedelta(hours=1))  # noqa: DTZ001
    assert [str(item.fields["date"]) for item in planned([early, late]).new] == ["2026-11-22", "2027-03-22"]
    assert counts(planned([event("2026-11-21T09:00"), event("2027-03-23T09:00", uid="b")])) == (0, 0, 0, 0, 0)


def test_what_is_cancelled_there_and_not_on_file_is_nothing() -> None:
    assert counts(planned([event(cancelled=True)])) == (0, 0, 0, 0, 0)


def test_a_visit_that_a_person_wrote_down_is_taken_up_and_not_doubled() -> None:
    """By its time and contact; what she wrote stays, below the calendar's title."""
    mine = single("2026-11-25", with_="dr-lee", where="Clinic", note="Maria drives.")
    found = planned([event(place="2nd floor")], mine)
    assert counts(found) == (0, 1, 0, 0, 0)
    assert found.changed[0].fields == {
        "imported": {"calendar": "clinic", "uid": "a"}, "where": "2nd floor", "note": "Lab\nMaria drives.",
    }  # fmt: skip
    others: list[dict[str, Any]] = [
        {"with_": "maria"},
        {"at": "15:00"},
        {"imported": Imported(calendar="x", uid="b")},
    ]
    for other in others:
        assert len(planned([event()], single("2026-11-25", **{"with_": "dr-lee", **other})).new) == 1
    done = single("2026-11-25", with_="dr-lee", status="done")
    assert [list(item.fields) for item in planned([event()], done).changed] == [["imported"]]
    two = planned([event(), event(uid="b")], mine)
    assert counts(two) == (1, 1, 0, 0, 0)


# --- the second time -------------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing() -> None:
    found = planned([event()], ours())
    assert counts(found) == (0, 0, 0, 1, 0)


def test_a_change_keeps_the_id_and_what_a_person_added() -> None:
    mine = ours(
        where="1st floor", note="Labs\nBring the card", status="confirmed", staff="jo-park", for_family="Blood test"
    )
    found = planned([event("2026-12-03T11:00", length=dt.timedelta(hours=1), place="2nd floor")], mine)
    assert counts(found) == (0, 1, 0, 0, 0)
    (change,) = found.changed
    assert change.visit.id == "clinic-2026-11-25"
    assert change.fields == {
        "date": "2026-12-03", "at": "11:00", "duration": "1h", "to": None, "status": None, "where": "2nd floor",
        "note": "Lab\nBring the card",
    }  # fmt: skip
    assert [(item.label, item.was, item.now) for item in change.differences] == [
        ("now", "", "Thursday 2026-12-03 11:00–12:00"),
        ("status", "confirmed", "planned, for what was confirmed is the old time"),
        ("where", "1st floor", "2nd floor"),
        ("title", "Labs", "Lab"),
    ]


def test_only_what_is_different_is_written() -> None:
    longer = planned([event(length=dt.timedelta(hours=1))], ours(to="15:15", duration=None))
    assert longer.changed[0].fields == {"duration": "1h", "to": None}
    assert counts(planned([event()], ours(to="15:15", duration=None, at="14:30"))) == (0, 0, 0, 1, 0)
    # What the calendar does not say, or a person wrote besides, is no difference.
    assert counts(planned([event(title="")], ours(where="Clinic", note="Mine", private=True))) == (0, 0, 0, 1, 0)
    assert counts(planned([event()], ours(note="Bring the card\nLab"))) == (0, 0, 0, 1, 0)


def test_an_event_that_moves_out_of_the_window_is_not_gone() -> None:
    (change,) = planned([event("2028-01-10T09:00")], ours()).changed
    assert change.fields["date"] == "2028-01-10"


def test_a_series_keeps_its_visits_when_its_hour_changes() -> None:
    days = ["2026-11-25", "2026-12-02"]
    known = [ours(date, f"clinic-{date}", recurrence=date) for date in days]
    found = planned([event("2026-11-25T15:00", rule="FREQ=WEEKLY", count=3)], *known)
    assert counts(found) == (1, 2, 0, 0, 0)
    assert [item.fields["at"] for item in found.changed] == ["15:00", "15:00"]
    assert found.new[0].fields["imported"] == {"calendar": "clinic", "uid": "a", "recurrence": "2026-12-09"}


def test_an_occurrence_that_is_on_file_in_the_window_is_looked_for_where_it_belongs() -> None:
    """Its day in the series lies far outside of the window, and it is not gone for that."""
    known = ours("2026-12-01", "clinic-2027-06-02", recurrence="2027-06-02")
    (change,) = planned([event("2026-06-03T14:30", rule="FREQ=WEEKLY")], known, ours(uid="b")).changed
    assert (change.visit.id, change.fields["date"]) == ("clinic-2027-06-02", "2027-06-02")


# --- gone ------------------------------------------------------------------------------------------------------------

OTHER: Final = ours("2026-11-30", "clinic-2026-11-30", "b")


def test_what_is_no_longer_there_is_cancelled() -> None:
    found = planned([event()], ours(), OTHER)
    assert counts(found) == (0, 0, 1, 1, 0)
    assert not found.all_gone
    (departure,) = found.gone
    assert departure.visit is OTHER
    assert departure.fields == {"status": "cancelled", "reason": "No longer in the calendar clinic"}


def test_what_is_cancelled_there_is_cancelled() -> None:
    (departure,) = planned([event(cancelled=True)], ours(reason="Moved for the bus")).gone
    assert departure.fields["reason"] == "Cancelled in the calendar clinic; before that: Moved for the bus"


@pytest.mark.parametrize(
    "known",
    [
        ours("2026-11-21", "clinic-2026-11-21", "z"),
        ours("2026-11-22", "clinic-2026-11-22", "z", at="06:00"),
        ours("2027-04-21", "clinic-2027-04-21", "z"),
        ours(uid="z", status="done"),
        ours(uid="z", status="missed"),
        ours(uid="z", status="cancelled", reason="Snow"),
        single("2026-11-25", "mine"),
        single("2026-11-25", "theirs", imported=Imported(calendar="hospital", uid="z")),
    ],
    ids=["past", "this morning", "after the window", "done", "missed", "cancelled", "by hand", "another calendar"],
)
def test_what_is_past_or_settled_or_not_of_this_calendar_is_never_gone(known: Visit) -> None:
    assert counts(planned([event("2026-12-01T09:00")], known))[2] == 0


def test_nothing_is_gone_of_which_something_could_not_be_read() -> None:
    assert counts(planned([event()], ours(), OTHER, not_taken=(NotTaken(9, "odd", "b"),)))[2] == 0
    assert counts(planned([event()], ours(), OTHER, not_taken=(NotTaken(9, "odd", None),)))[2] == 0
    assert counts(planned([event()], ours(), OTHER, not_taken=(NotTaken(9, "odd", "c"),)))[2] == 1
    # Nor if what there is of it has no hours: it takes place, and only cannot be written down.
    all_day = Event(line=9, uid="b", start=Stamp(dt.datetime(2026, 11, 30), None, whole_day=True))  # noqa: DTZ001
    found = planned([event(), all_day], ours(), OTHER)
    assert (counts(found)[2], len(found.not_taken)) == (0, 1)


def test_a_file_that_holds_only_some_says_nothing_of_the_others() -> None:
    assert counts(planned([event()], ours(), OTHER, partial=True))[2] == 0
    assert counts(planned([event()], ours(), OTHER, terms=but(keep_missing=True)))[2] == 0


def test_all_of_them_gone_is_told() -> None:
    assert planned([event("2026-12-01T09:00", "c")], ours(), OTHER).all_gone
    assert planned([], ours()).all_gone
    assert not planned([event(cancelled=True)], ours()).all_gone
    assert not planned([]).all_gone


# --- what a person has said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "item", "why"),
    [
        ("done", event("2026-11-25T16:00"), "done here, but in the calendar it is Wednesday 2026-11-25 16:00–16:45"),
        ("done", event(cancelled=True), "done here, and cancelled in the calendar"),
        ("refused", event(cancelled=True), "refused here, and cancelled in the calendar"),
        ("cancelled", event(), "cancelled here, but in the calendar it takes place Wednesday 2026-11-25 14:30–15:15"),
    ],
)
def test_what_a_person_said_stays_and_that_is_told(status: str, item: Event, why: str) -> None:
    found = planned([item], ours(status=status, reason="Snow"))
    assert counts(found) == (0, 0, 0, 0, 1)
    assert found.disagreements[0].why == why


@pytest.mark.parametrize(("status", "item"), [("done", event()), ("cancelled", event(cancelled=True))])
def test_where_both_agree_there_is_nothing_to_say(status: str, item: Event) -> None:
    assert counts(planned([item], ours(status=status, reason="Snow"))) == (0, 0, 0, 1, 0)


def test_what_an_import_cancelled_takes_place_again_if_it_is_back() -> None:
    gone = ours(status="cancelled", reason="No longer in the calendar clinic; before that: Moved for the bus")
    (change,) = planned([event()], gone).changed
    assert change.fields == {"status": None, "reason": "Moved for the bus"}
    assert counts(planned([event(cancelled=True)], gone)) == (0, 0, 0, 1, 0)
    assert counts(planned([], gone)) == (0, 0, 0, 0, 0)


def test_what_is_past_stays_as_it_is() -> None:
    now = "2026-11-26T12:00"
    assert counts(planned([event("2026-11-25T09:00")], ours(), now=now)) == (0, 0, 0, 1, 0)
    assert counts(planned([event(cancelled=True)], ours(), now=now)) == (0, 0, 0, 1, 0)
    # But one that was not held and is to come is no longer past.
    assert counts(planned([event("2026-11-27T09:00")], ours(), now=now)) == (0, 1, 0, 0, 0)


def test_a_record_that_corrects_another_is_the_one_that_counts() -> None:
    assert ours().imported is not None
    right = msgspec.structs.replace(ours(id_="right", at="15:00"), amends="visits/clinic-2026-11-25")
    found = planned([event()], ours(), right)
    assert [(item.visit.id, item.fields["at"]) for item in found.changed] == [("right", "14:30")]


def test_a_record_without_hours_of_its_own_is_left_alone() -> None:
    odd = Visit(id="x", series="am-care", day=day("2026-11-25"), imported=Imported(calendar="clinic", uid="a"))
    assert counts(planned([event()], odd)) == (0, 0, 0, 0, 1)


# --- more ------------------------------------------------------------------------------------------------------------


def test_only_what_concerns_the_window_is_told() -> None:
    """Years of birthdays and of broken events are nobody's concern."""
    lines = [("2020-01-01", "x"), ("2026-11-25", "x"), (None, "x"), ("2020-01-01", "a")]
    told = tuple(NotTaken(n, "odd", uid, day(text) if text else None) for n, (text, uid) in enumerate(lines))
    assert [item.line for item in planned([], ours(), not_taken=told).not_taken] == [1, 2, 3]


def test_doubts_are_told_once_and_only_of_what_is_written() -> None:
    floating = [
        Event(line=1, uid=str(n), start=Stamp(dt.datetime(2026, 11, 25, 8 + n)), length=dt.timedelta(hours=1))  # noqa: DTZ001
        for n in range(3)
    ]
    assert planned(floating).doubts == ["Times without a time zone are taken as those of America/Chicago."]
    known = [ours(uid=str(n), id_=f"v-{n}", at=f"{8 + n:02}:00", duration="1h") for n in range(3)]
    assert planned(floating, *known).doubts == []


def test_what_another_calendar_has_brought_is_left_to_it() -> None:
    """Two people may share an appointment."""
    theirs = single("2026-11-25", imported=Imported(calendar="hospital", uid="a"))
    found = planned([event(), event("2026-11-26T09:00", "b")], theirs)
    assert [item.appointment.uid for item in found.new] == ["b"]
    assert found.doubts == ["What is on file from the calendar hospital already is left to that calendar."]
    assert elsewhere(chart(theirs, ours()), "clinic") == {"a": "hospital"}

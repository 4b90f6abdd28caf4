"""What repeating events and odd hours mean: the same days as the reference library finds, and each at its instant."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any, Final

import pytest
from dateutil.rrule import rrulestr

from carectl.care.events import Appointment, Event, Incoming, NotTaken, Stamp, Unfolded, unfold
from carectl.caseload.zones import zone
from carectl.errors import Refused

CHICAGO: Final = zone("America/Chicago") or dt.UTC
NEW_YORK: Final = zone("America/New_York") or dt.UTC
FIRST, LAST = dt.date(2026, 10, 20), dt.date(2027, 4, 20)
HOUR: Final = dt.timedelta(hours=1)


def stamp(text: str, there: dt.tzinfo | None = CHICAGO) -> Stamp:
    """A day, or a day and time; with Z in UTC."""
    if len(text) == 10:
        return Stamp(dt.datetime.fromisoformat(text), None, whole_day=True)
    return Stamp(dt.datetime.fromisoformat(text.rstrip("Z")), dt.UTC if text.endswith("Z") else there)


def event(start: str, there: dt.tzinfo | None = CHICAGO, **more: Any) -> Event:
    """An event of an hour."""
    fields: dict[str, Any] = {"length": HOUR, "title": "Lab"} if "end" not in more else {"title": "Lab"}
    return Event(**{"line": 4, "uid": "a", "start": stamp(start, there), **fields, **more})


def found(
    *events: Event,
    home: dt.tzinfo = CHICAGO,
    last: dt.date = LAST,
    length: dt.timedelta | None = None,
    **more: Any,
) -> Unfolded:
    return unfold(Incoming(events, **more), home, lambda _: (FIRST, last), length)


def starts(*events: Event, **more: Any) -> list[str]:
    """When the appointments start on the client's clock."""
    return sorted(f"{item.start:%Y-%m-%d %H:%M}" for item in found(*events, **more).appointments)


def lost(*events: Event, **more: Any) -> list[str]:
    return [item.why for item in found(*events, **more).not_taken]


# --- when it repeats -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    ],
)  # fmt: skip
@pytest.mark.parametrize("ends", ["", "COUNT", "UNTIL"])
def test_rules_mean_what_the_reference_library_says(rule: str, ends: str) -> None:
    """From a day that the rule gives, old or new, with each kind of end, without some of its days."""
    chance = random.Random(f"{rule}{ends}")
    for _ in range(25):
        begin = dt.datetime(2024, 1, 1, 9, 30) + dt.timedelta(chance.randrange(1100))  # noqa: DTZ001
        anchor = rrulestr(rule, dtstart=begin)[0]
        count = chance.randrange(1, 200) if ends == "COUNT" else None
        until = dt.datetime(2026, 10, 1, 9, chance.choice((29, 30, 31))) + dt.timedelta(chance.randrange(120))  # noqa: DTZ001
        text = (
            rule + (f";COUNT={count}" if count else "") + (f";UNTIL={until:%Y%m%dT%H%M%S}" if ends == "UNTIL" else "")
        )
        out = dt.datetime.combine(dt.date(2026, 11, chance.randrange(1, 31)), anchor.time())
        one = Event(
            line=1, uid="a", start=Stamp(anchor, CHICAGO), length=HOUR, rule=rule, count=count,
            until=Stamp(until, CHICAGO) if ends == "UNTIL" else None, left_out=(Stamp(out, CHICAGO),),
        )  # fmt: skip
        low, high = (dt.datetime.combine(day, dt.time()) for day in (FIRST, LAST + dt.timedelta(1)))
        # The first start counts even if the rule is over by then.
        wanted = {
            *rrulestr(text, dtstart=anchor).between(low, high, inc=True),
            *([anchor] if low <= anchor < high else []),
        }
        assert starts(one) == [f"{day:%Y-%m-%d %H:%M}" for day in sorted(wanted - {out})], text


def test_a_rule_that_never_comes_true_or_began_long_ago_takes_no_time() -> None:
    never = event("1990-01-01T09:00", rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    assert starts(never) == []
    assert len(starts(event("1601-01-01T09:00", rule="FREQ=DAILY"))) == 183
    assert lost(event("1926-01-01T09:00", rule="FREQ=DAILY", count=9)) == [
        "its rule counts occurrences from more than 50 years ago"
    ]


def test_more_than_a_calendar_holds_is_refused() -> None:
    many = [event("1980-01-01T09:00", uid=str(number), rule="FREQ=DAILY", count=99999) for number in range(20)]
    with pytest.raises(Refused, match="repeat too often"):
        found(*many)
    with pytest.raises(Refused, match="repeat too often"):
        found(*(event("2026-11-01T09:00", uid=str(number), rule="FREQ=DAILY") for number in range(100)))


def test_a_day_alone_as_the_end_counts_whole_and_that_is_said() -> None:
    one = event("2026-11-23T09:00", rule="FREQ=DAILY", until=stamp("2026-11-25"))
    assert starts(one) == ["2026-11-23 09:00", "2026-11-24 09:00", "2026-11-25 09:00"]
    assert "day without an hour" in found(one).appointments[0].doubts[0]


def test_a_first_day_that_its_rule_does_not_give_counts_and_that_is_said() -> None:
    one = event("2026-11-23T09:00", rule="FREQ=WEEKLY;BYDAY=WE", count=2)
    assert starts(one) == ["2026-11-23 09:00", "2026-11-25 09:00", "2026-12-02 09:00"]
    assert "none that its rule gives" in found(one).appointments[0].doubts[0]


@pytest.mark.parametrize(
    "out",
    ["2026-11-24T09:00", "2026-11-24T15:00Z", "2026-11-24"],
)
def test_a_day_left_out_in_any_form(out: str) -> None:
    one = event("2026-11-23T09:00", rule="FREQ=DAILY", count=3, left_out=(stamp(out),))
    assert starts(one) == ["2026-11-23 09:00", "2026-11-25 09:00"]
    floating = replace(one, left_out=(Stamp(dt.datetime(2026, 11, 24, 9)),))  # noqa: DTZ001
    assert starts(floating) == starts(one)


def test_listed_days() -> None:
    one = event("2026-11-23T09:00", also=(stamp("2026-11-23T15:00"), stamp("2026-11-30T15:00Z")))
    assert starts(one) == ["2026-11-23 09:00", "2026-11-23 15:00", "2026-11-30 09:00"]
    names = [item.recurrence for item in found(one).appointments]
    assert names == ["2026-11-23", "2026-11-23T15:00", "2026-11-30"]


@pytest.mark.parametrize("which", ["2026-11-24T09:00", "2026-11-24T15:00Z", "2026-11-24"])
def test_one_occurrence_that_is_different(which: str) -> None:
    """It takes the place and the name of the one that it stands for, in whatever form and order it is written."""
    series = event("2026-11-23T09:00", rule="FREQ=DAILY", count=3)
    other = event("2026-11-27T14:00", instead_of=stamp(which))
    for events in ((series, other), (other, series)):
        assert starts(*events) == ["2026-11-23 09:00", "2026-11-25 09:00", "2026-11-27 14:00"]
        assert {item.recurrence for item in found(*events).appointments} == {"2026-11-23", "2026-11-24", "2026-11-25"}
        bare = replace(other, instead_of=Stamp(dt.datetime(2026, 11, 24, 9)))  # noqa: DTZ001
        assert starts(*(bare if one is other else one for one in events), zone=NEW_YORK) == starts(*events)
    (alone,) = found(other).appointments
    assert alone.recurrence == "2026-11-24"


def test_the_name_of_an_occurrence_does_not_depend_on_the_window() -> None:
    """Else a later import would not know it again: moved into the window, or moved though its day has another."""
    for rule, which, name in (
        ("FREQ=DAILY", "2027-06-01T09:00", "2027-06-01"),
        ("FREQ=DAILY", "2027-06-01T10:00", "2027-06-01T10:00"),
        ("FREQ=WEEKLY", "2027-06-01T09:00", "2027-06-01"),
    ):
        for count in (None, 500):
            series = event("2026-11-23T09:00", rule=rule, count=count)
            moved = event("2026-12-24T14:00", instead_of=stamp(which))
            for last in (LAST, dt.date(2027, 8, 1)):
                items = found(series, moved, last=last).appointments
                assert [item.recurrence for item in items if item.start.hour == 14] == [name]


def test_a_whole_series_at_another_hour_keeps_its_names() -> None:
    names = [
        [item.recurrence for item in found(event(start, rule="FREQ=WEEKLY", count=3)).appointments]
        for start in ("2026-11-23T09:00", "2026-11-23T14:30")
    ]
    assert names[0] == names[1] == ["2026-11-23", "2026-11-30", "2026-12-07"]


def test_a_change_of_an_hour_at_which_the_series_is_no_more_is_said() -> None:
    series = event("2026-12-01T14:15", rule="FREQ=WEEKLY")
    change = event("2026-12-08T14:00", instead_of=stamp("2026-12-08T14:00"), cancelled=True, line=9)
    why = "line 9: it changes an occurrence at 14:00, but on 2026-12-08 it is at 14:15"
    said = {item.doubts for item in found(series, change, last=dt.date(2026, 12, 9)).appointments}
    assert said == {(), (f"{why}: both are taken, so ask which holds.",)}


def test_what_is_there_twice_is_not_taken_unless_it_is_the_same() -> None:
    one = event("2026-11-23T09:00")
    assert len(found(one, replace(one, line=9)).appointments) == 1
    assert lost(one, event("2026-11-24T09:00")) == ["it is there twice, and differs: which one holds cannot be told"]
    series = event("2026-11-23T09:00", rule="FREQ=DAILY", count=3)
    two = (event("2026-11-27T14:00", instead_of=stamp("2026-11-24T09:00")),
           event("2026-11-28T14:00", instead_of=stamp("2026-11-24T15:00Z")))  # fmt: skip
    assert "it is there twice, and differs: which one holds cannot be told" in lost(series, *two)


def test_nothing_is_taken_of_an_event_of_which_a_part_is_lost() -> None:
    series = event("2026-11-23T09:00", rule="FREQ=DAILY", count=3)
    assert found(series, not_taken=(NotTaken(9, "odd", "a"),)).appointments == ()


# --- hours -----------------------------------------------------------------------------------------------------------


def test_a_series_of_another_zone_across_both_changes_of_the_clocks() -> None:
    """New York and London change on other days: two weeks are an hour off for a client in London."""
    london = zone("Europe/London")
    one = event("2026-10-20T09:00", NEW_YORK, rule="FREQ=WEEKLY")
    found_ = starts(one, home=london)
    assert {day[11:] for day in found_} == {"14:00", "13:00"}
    assert [day for day in found_ if day.endswith("13:00")] == [
        "2026-10-27 13:00", "2027-03-16 13:00", "2027-03-23 13:00",
    ]  # fmt: skip


def test_a_night_is_as_long_as_the_clocks_say() -> None:
    """DTEND is a time on the wall, also of the repetitions; DURATION is elapsed time."""
    nights = event("2026-10-30T22:00", rule="FREQ=DAILY", count=3, end=stamp("2026-10-31T06:00"))
    lengths = [
        (item.end.astimezone(dt.UTC) - item.start.astimezone(dt.UTC)) / HOUR for item in found(nights).appointments
    ]
    assert lengths == [8, 9, 8]
    elapsed = event("2026-10-31T22:00", length=8 * HOUR)
    assert [f"{item.end:%H:%M}" for item in found(elapsed).appointments] == ["05:00"]


def test_an_end_in_another_zone() -> None:
    one = event("2026-11-25T09:00", end=Stamp(dt.datetime(2026, 11, 25, 11), NEW_YORK))  # noqa: DTZ001
    assert [f"{item.end:%H:%M}" for item in found(one).appointments] == ["10:00"]


def test_the_hour_that_does_not_exist_moves_forward() -> None:
    assert starts(event("2027-03-14T02:30")) == ["2027-03-14 03:30"]


def test_the_doubled_hour_is_the_first_and_the_second_cannot_be_said() -> None:
    assert starts(event("2026-11-01T01:30")) == ["2026-11-01 01:30"]
    assert starts(event("2026-11-01T06:30Z")) == ["2026-11-01 01:30"]
    assert "the second one" in lost(event("2026-11-01T07:30Z"))[0]


def test_times_without_a_zone_are_the_calendars_or_the_clients() -> None:
    one = event("2026-11-25T09:00", None)
    assert starts(one) == ["2026-11-25 09:00"]
    assert starts(one, zone=NEW_YORK) == ["2026-11-25 08:00"]
    (item,) = found(one, zone=NEW_YORK).appointments
    assert item.doubts == ("Times without a time zone are taken as those of America/New_York.",)


def test_a_series_in_utc_changes_its_hour_and_that_is_said() -> None:
    one = event("2026-10-27T15:00Z", rule="FREQ=WEEKLY", count=2)
    assert starts(one) == ["2026-10-27 10:00", "2026-11-03 09:00"]
    assert "repeats by UTC" in found(one).appointments[0].doubts[0]
    assert found(replace(one, count=1)).appointments[0].doubts == ()


@pytest.mark.parametrize(
    ("one", "why", "by_hand"),
    [
        (event("2026-11-25"), "all day: a visit has its hours", True),
        (event("2026-11-25T09:00", end=stamp("2026-11-25")), "it ends on a day without an hour", True),
        (event("2026-11-25T09:00", end=stamp("2026-11-25T08:00")), "it ends before it starts", False),
        (event("2026-11-25T00:00", end=stamp("2026-11-26T00:00")), "it takes a day or longer", True),
        (event("2026-11-25T09:00", length=-HOUR), "it ends before it starts", False),
        (event("2026-11-25T09:00", length=None), "it does not say how long it takes", False),
        (event("2026-11-25T09:00", length=dt.timedelta()), "it does not say how long it takes", False),
        (event("0001-01-01T00:00", NEW_YORK, end=stamp("0001-01-01T01:00")), "it lies outside of the years", False),
        (event("9999-12-31T23:30"), "it lies outside of the years", False),
    ],
)
def test_what_has_no_hours_is_no_visit(one: Event, why: str, by_hand: bool) -> None:
    (item,) = found(one).not_taken
    assert item.why.startswith(why)
    assert (item.by_hand, item.title, item.line, item.day) == (by_hand, "Lab", 4, one.start.wall.date())


def test_a_length_for_those_that_have_none() -> None:
    (item,) = found(event("2026-11-25T09:00", length=None), length=HOUR).appointments
    assert item.end - item.start == HOUR


def test_a_title_that_says_cancelled() -> None:
    def doubts(title: str) -> tuple[str, ...]:
        (item,) = found(event("2026-11-25T09:00", title=title)).appointments
        assert isinstance(item, Appointment)
        return item.doubts

    assert doubts("Canceled: Lab")
    assert doubts("[CANCELLED] Lab")
    assert doubts("How to cancel a bus pass") == ()

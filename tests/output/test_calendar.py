"""Feeds: what stands in them, byte for byte, and what each reader may see."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from helpers_schedule import change, chart, day, expand, series, setting, single, staff
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.caseload.records import Address, Away, Broken, Chart, Contact, Origin, Practice, Series, StaffMember, Visit
from carectl.output.calendar.audiences import (
    Event,
    Feed,
    busy,
    coordinator_feed,
    family_feed,
    joined,
    staff_feed,
    without_cancelled,
)
from carectl.output.calendar.ical import flat
from carectl.output.calendar.ical import series as as_series

JO, ANA = staff(), staff("ana-ruiz", "Ana", "Ruiz")
HERE = setting("America/Chicago", JO, ANA)
MARIA = Contact(id="maria", name="Maria Alvarez", relationship="daughter", calls_client="Mom", language="en")


def occurrences_of(of: Chart, start: str = "2026-11-18", until: str | None = None) -> tuple[Occurrence, ...]:
    return expand(of, start, until, HERE).occurrences


def for_coordinator(of: Chart, start: str = "2026-11-18", until: str | None = None) -> Feed:
    return coordinator_feed(of, occurrences_of(of, start, until), HERE)


def for_family(of: Chart, start: str = "2026-11-18", until: str | None = None, topics: Any = ("schedule",),
               contact: Contact = MARIA) -> Feed:  # fmt: skip
    return family_feed(of, occurrences_of(of, start, until), HERE, contact, topics)


def for_staff(
    *of: Chart, start: str = "2026-11-18", until: str | None = None, member: StaffMember = JO, here: Setting = HERE
) -> Feed:
    return staff_feed(member, [(one, expand(one, start, until, here).occurrences) for one in of], here)


def titles(feed: Feed) -> list[str]:
    return [event.title for event in feed.events]


def read(data: bytes) -> list[Any]:
    """The events of a feed, as the icalendar library reads them."""
    return list(Calendar.from_ical(data).walk("VEVENT"))


def unfolded(data: bytes) -> str:
    return data.decode().replace("\r\n ", "")


# --- bytes -----------------------------------------------------------------------------------------------------------

EXPECTED = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//carectl//carectl//EN
CALSCALE:GREGORIAN
METHOD:PUBLISH
NAME:Mom – visits
X-WR-CALNAME:Mom – visits
REFRESH-INTERVAL;VALUE=DURATION:PT6H
X-PUBLISHED-TTL:PT6H
X-WR-TIMEZONE:America/Chicago
BEGIN:VEVENT
SUMMARY:Mom – Jo
DTSTART:20261118T150000Z
DTEND:20261118T170000Z
DTSTAMP:20261118T150000Z
UID:103a40b98fa37bfe4b1cb8baebc77c24@carectl
SEQUENCE:0
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""


def test_a_feed_byte_for_byte() -> None:
    assert flat(for_family(chart(series()))) == EXPECTED.replace("\n", "\r\n").encode()


def test_lines_end_in_crlf_and_hold_75_octets_without_cutting_a_character() -> None:
    of = chart(series(), change("2026-11-18", reason="早上好 — " * 40 + "🧑🏽‍⚕️" * 20, where="Łódź; a, b\\c\nfloor 2"))
    data = flat(for_coordinator(of))
    assert data.count(b"\n") == data.count(b"\r\n")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()
    (event,) = read(data)
    assert event["LOCATION"] == "Łódź; a, b\\c\nfloor 2"
    assert "🧑🏽‍⚕️" * 20 in event["DESCRIPTION"]


def test_nothing_stands_in_a_feed_that_programs_stumble_over() -> None:
    of = chart(series(), single("2026-11-18"), change("2026-11-20", status="cancelled"))
    for feed in (for_coordinator(of, until="2026-12-31"), for_family(of, until="2026-12-31")):
        text = unfolded(flat(feed))
        head = text[: text.index("BEGIN:VEVENT")]
        assert "UID:" not in head
        for word in ("RRULE", "RDATE", "EXDATE", "VTIMEZONE", "TZID", "VALARM", "ATTENDEE", "ORGANIZER", "SOURCE"):
            assert word not in text
        assert "\ufeff" not in text


def test_control_characters_never_reach_a_feed() -> None:
    event = Event(
        uid="u@carectl", start=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), end=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        title="a\x07b\nc\u202ed\ud800", status="CONFIRMED", stamp=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        description="one\r\ntwo\rthree\x00\x1b[31m",
    )  # fmt: skip
    data = flat(Feed("n\x00ame", "UTC", (event,)))
    (found,) = read(data)
    assert found["SUMMARY"] == "ab cd"
    assert found["DESCRIPTION"] == "one\ntwo\nthree[31m"
    assert not {chr(n) for n in range(32) if chr(n) not in "\r\n"} & set(data.decode())


def test_events_are_sorted_by_start_and_uid() -> None:
    of = chart(series("b"), series("a"), single("2026-11-18", at="06:00"))
    feed = for_coordinator(of)
    shuffled = Feed(feed.name, feed.zone, feed.events[::-1])
    assert flat(shuffled) == flat(feed)
    uids = [str(event["UID"]) for event in read(flat(feed))]
    assert uids == ["c-014.pt-eval@carectl", "c-014.a-2026-11-18@carectl", "c-014.b-2026-11-18@carectl"]


PROGRAM = """
import hashlib
from helpers_schedule import change, chart, expand, series, setting, single, staff
from carectl.output.calendar.audiences import coordinator_feed
from carectl.output.calendar.ical import flat
of = chart(series(staff=("jo-park", "ana-ruiz")), series("b"), change("2026-11-20", at="10:00"), single("2026-11-25"))
here = setting("America/Chicago", staff(), staff("ana-ruiz", "Ana", "Ruiz"))
found = expand(of, "2026-10-01", "2027-03-31", here).occurrences
print(len(found), hashlib.sha256(flat(coordinator_feed(of, found, here))).hexdigest())
"""


def test_the_same_records_give_the_same_bytes() -> None:
    sums = set()
    for seed, there in (("0", "UTC"), ("1", "Asia/Tokyo"), ("random", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": there, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
        )
        sums.add(done.stdout)
    assert len(sums) == 1


def test_the_icalendar_library_reads_the_same_occurrences_back() -> None:
    of = chart(
        series(), series("night", days=("sat",), at="22:00", to="06:00"), series("gap", days=("sun",), at="01:30"),
        change("2026-10-30", date=day("2026-10-31"), at="23:45"), single("2026-11-01", at="02:30"),
    )  # fmt: skip
    occurrences = occurrences_of(of, "2026-10-01", "2027-04-01")
    data = flat(coordinator_feed(of, occurrences, HERE))
    found = {str(event["UID"]): (event["DTSTART"].dt, event["DTEND"].dt) for event in read(data)}
    assert found == {
        f"c-014.{item.id}@carectl": (item.start.astimezone(dt.UTC), item.end.astimezone(dt.UTC)) for item in occurrences
    }
    assert {item.start.utcoffset() for item in occurrences} == {dt.timedelta(hours=-5), dt.timedelta(hours=-6)}


def test_dtstamp_comes_from_the_records() -> None:
    of = chart(series(), change("2026-11-18", at="11:00", recorded="2026-11-17T16:20"), change(
        "2026-11-20", at="11:00", recorded="2026-11-19",
    ))  # fmt: skip
    stamps = [event.stamp.astimezone(dt.UTC).isoformat() for event in for_coordinator(of, until="2026-11-23").events]
    assert stamps == ["2026-11-17T22:20:00+00:00", "2026-11-19T06:00:00+00:00", "2026-11-23T15:00:00+00:00"]


# --- the coordinator -------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_who_comes_for_what_and_why_it_changed() -> None:
    of = Chart(
        id="c-014", path="clients/c-014", client=chart().client,
        contacts=(Contact(id="dr-lee", name="Dr. Grace Lee", relationship="physician"),),
        series=(series(staff=("jo-park", "ana-ruiz")), series("open", staff=None, at="13:00")),
        visits=(
            change("2026-11-18", status="cancelled", reason="Snow"), change("2026-11-20", status="missed"),
            change("2026-11-23", status="refused"), change("2026-11-25", staff=("gone",), where="At her son's"),
            single("2026-11-27", with_="dr-lee", where="Lakeside Clinic", at="20:00"),
        ),
    )  # fmt: skip
    feed = for_coordinator(of, until="2026-11-27")
    care = [event for event in feed.events if "open-" not in event.uid]
    assert feed.name == "Rosie – visits"
    assert [event.title for event in care] == [
        "Cancelled: Rosie – Jo Park, Ana Ruiz (personal care)",
        "Did not take place: Rosie – Jo Park, Ana Ruiz (personal care)",
        "Refused: Rosie – Jo Park, Ana Ruiz (personal care)",
        "Rosie – gone (personal care)",
        "Rosie – Jo Park, Ana Ruiz (personal care)",
        "Rosie – Dr. Grace Lee (appointment)",
    ]
    assert [event.status for event in care] == ["CANCELLED", *["CONFIRMED"] * 5]
    assert [event.location for event in care][3:] == ["At her son's", None, "Lakeside Clinic"]
    assert care[0].description == "Reason: Snow"
    opened = feed.events[1]
    assert (opened.title, opened.status) == ("Rosie – open shift (personal care)", "TENTATIVE")


def test_a_coordinator_sees_who_is_away() -> None:
    jo = staff(away=(Away(from_="2026-11-18", until="2026-11-18"),))
    here = setting("America/Chicago", jo)
    of = chart(series(), away=(Away(from_="2026-11-20", until="2026-11-20", reason="heart failure"),))
    feed = coordinator_feed(of, expand(of, "2026-11-18", "2026-11-20", here).occurrences, here)
    assert [event.title for event in feed.events] == [
        "Rosie – open shift (personal care)", "Cancelled: Rosie – Jo Park (personal care)",
    ]  # fmt: skip
    assert [event.description for event in feed.events] == [
        "Away: Jo Park", "The client is away.\nReason: heart failure",
    ]  # fmt: skip


def test_a_visit_with_one_too_few_does_not_read_as_if_all_were_well() -> None:
    """Ana comes alone to a visit for two; to the other one only a contact, so that the family cannot count on it."""
    jo, ana = staff(away=(Away(from_="2026-11-18", until="2026-11-18"),)), staff("ana-ruiz", "Ana", "Ruiz")
    here = setting("America/Chicago", jo, ana)
    of = chart(
        series(staff=("jo-park", "ana-ruiz")),
        single("2026-11-18", service="coordination", staff="jo-park", with_="dr-lee"),
    )
    visits = expand(of, "2026-11-18", "2026-11-18", here).occurrences
    assert [(event.title, event.status) for event in coordinator_feed(of, visits, here).events] == [
        ("Rosie – Ana Ruiz, one missing (personal care)", "TENTATIVE"),
        ("Rosie – dr-lee, one missing (coordination)", "TENTATIVE"),
    ]
    (event,) = staff_feed(ana, [(of, visits)], here).events
    assert (event.title, event.status) == ("Rosie – personal care, one missing", "TENTATIVE")
    assert "Somebody who should come too is missing: ask the coordinator." in (event.description or "")
    assert "Jo" not in f"{event.title}{event.description}"
    maria = Contact(id="maria", name="Maria Alvarez", relationship="daughter", calls_client="Mom")
    family = family_feed(of, visits, here, maria, {"schedule"})
    assert [(event.title, event.status) for event in family.events] == [
        ("Mom – Ana", "TENTATIVE"), ("Visit – to be confirmed", "TENTATIVE"),
    ]  # fmt: skip


def test_uids_stay_short_and_plain() -> None:
    of = chart(series("s" * 53), client_id="c" * 64)
    (event,) = for_coordinator(of).events
    assert len(event.uid) < 100
    assert event.uid.isascii()


# --- a family --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "english", "spanish", "status"),
    [
        ((series(),), "Mom – Jo", "Mom – Jo", "CONFIRMED"),
        ((series(staff=("jo-park", "ana-ruiz")),), "Mom – Jo, Ana", "Mom – Jo, Ana", "CONFIRMED"),
        ((series(staff=None),), "Visit – to be confirmed", "Visita – por confirmar", "TENTATIVE"),
        ((series(), change("2026-11-18", status="missed")), "Did not take place", "No se realizó", "CONFIRMED"),
        ((series(), change("2026-11-18", status="refused")), "Did not take place", "No se realizó", "CONFIRMED"),
        (
            (series(), change("2026-11-18", status="cancelled")),
            "Cancelled: Mom – Jo", "Cancelada: Mom – Jo", "CANCELLED",
        ),
        ((series(), change("2026-11-18", status="done")), "Mom – Jo", "Mom – Jo", "CONFIRMED"),
        ((single("2026-11-18", with_="dr-lee"),), "Mom – appointment", "Mom – cita", "CONFIRMED"),
        ((series(staff="gone-surname"),), "Mom", "Mom", "CONFIRMED"),
    ],
)  # fmt: skip
def test_titles_for_a_family(records: tuple[Series | Visit, ...], english: str, spanish: str, status: str) -> None:
    of = chart(*records)
    assert titles(for_family(of)) == [english]
    assert for_family(of).events[0].status == status
    es = Contact(id="maria", name="Maria", relationship="daughter", calls_client="Mom", language="es-MX")
    assert titles(for_family(of, contact=es)) == [spanish]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Visit – Jo", "Visit – to be confirmed", "Appointment", "Cancelled: Visit – Jo"]),
        ("es", ["Visita – Jo", "Visita – por confirmar", "Cita", "Cancelada: Visita – Jo"]),
        ("ko", ["Visit – Jo", "Visit – to be confirmed", "Appointment", "Cancelled: Visit – Jo"]),
        (None, ["Visit – Jo", "Visit – to be confirmed", "Appointment", "Cancelled: Visit – Jo"]),
    ],
)
def test_without_a_name_for_the_client_there_is_none(language: str | None, expected: list[str]) -> None:
    plain = Contact(id="maria", name="Maria", relationship="daughter", language=language)
    of = chart(
        series(), series("o", staff=None, at="12:00", until=day("2026-11-18")), single("2026-11-18", with_="dr-lee"),
        change("2026-11-20", status="cancelled"),
    )  # fmt: skip
    feed = for_family(of, until="2026-11-20", contact=plain)
    assert titles(feed) == expected
    assert feed.name == ("Visitas" if language == "es" else "Visits")


def test_private_visits_and_those_about_the_reader_stay_out() -> None:
    of = chart(series(), change("2026-11-18", private=True), change("2026-11-20", about=("maria",)))
    feed = for_family(of, until="2026-11-23")
    assert [event.start.date() for event in feed.events] == [day("2026-11-23")]
    assert feed.withheld == 2
    assert for_family(chart(series(private=True))).events == ()
    assert len(for_coordinator(of, until="2026-11-23").events) == 3


def test_visits_of_which_something_could_not_be_read_stay_out() -> None:
    of = chart(series(), single("2026-11-19"))
    lost = Broken("visits", "am-care-2026-11-18", Origin("v.yaml", ("visits", 0)))
    half = change("2026-11-18", id="x", origin=Origin("v.yaml", (), frozenset({"about"})))
    for one, left in (
        (replace(of, broken=(lost,)), ["2026-11-20"]),
        (replace(of, visits=(*of.visits, half)), ["2026-11-19", "2026-11-20"]),
        (replace(of, broken=(Broken("visits", None, Origin("v.yaml")),)), []),
        (replace(of, unread=frozenset({"visits"})), []),
        (replace(of, unread=frozenset({"series"})), ["2026-11-19"]),
    ):
        feed = for_family(one, until="2026-11-20")
        assert [str(event.start.date()) for event in feed.events] == left
        assert feed.withheld == 3 - len(left)
        assert feed.unreadable
        assert len(for_coordinator(one, until="2026-11-20").events) == 3, "the coordinator's keeps it as due"


def test_a_visit_of_a_series_that_could_not_be_read_stays_out() -> None:
    done = change("2026-11-18", "gone", status="done", service="nursing", at="09:00", duration="1h", staff="jo-park")
    of = chart(done)
    assert len(for_family(of).events) == 1
    broken = replace(of, broken=(Broken("series", "gone", Origin("v.yaml", ("series", 0))),))
    for one in (replace(of, unread=frozenset({"series"})), broken):
        feed = for_family(one)
        assert feed.events == ()
        assert [item.what for item in feed.unreadable] == ["series/gone"]


def test_a_second_record_of_a_day_that_is_private_keeps_it_private() -> None:
    of = chart(series(), change("2026-11-18", at="10:00"), change("2026-11-18", id="x", private=True))
    assert for_family(of).events == ()
    again = chart(
        series(), change("2026-11-18", private=True), change("2026-11-18", id="x", amends="am-care-2026-11-18")
    )
    assert len(for_family(again).events) == 1


def test_nothing_after_the_end_of_care_reaches_a_family() -> None:
    of = chart(series(), status="discharged", end_of_care=day("2026-11-18"))
    feed = for_family(of, until="2026-11-23")
    assert [event.start.date() for event in feed.events] == [day("2026-11-18")]
    assert feed.withheld == 0
    assert len(for_coordinator(of, until="2026-11-23").events) == 3


def test_nothing_without_the_schedule_and_no_place_without_health() -> None:
    of = chart(single("2026-11-18", where="Oncology, 2nd floor"))
    assert for_family(of, topics=("wellbeing", "health")).events == ()
    assert for_family(of).events[0].location is None
    assert for_family(of, topics=("schedule", "health")).events[0].location == "Oncology, 2nd floor"


def test_no_forbidden_word_reaches_a_family() -> None:
    """Every field that can hold a word holds one that must not be there."""
    words: dict[str, Any] = {"where": "Canary1", "needs": ("canary2",), "does": ("canary3",), "with_": "canary4"}
    told: dict[str, Any] = {
        "note": "Canary5", "reason": "Canary6", "for_family": "Canary7", "did": {"canary8": "done"},
        "recorded": "2026-11-17", "author": "canary9",
    }  # fmt: skip
    rules = (series("canary-a", service="canary_b", **words), series("canary-c", staff="canary-d", at="12:00", **words))
    visits = (
        *(change(f"2026-11-{n}", "canary-a", status=status, **told, **words)
          for n, status in ((18, "planned"), (20, "done"), (23, "missed"), (25, "cancelled"), (27, "refused"))),
        single("2026-11-28", "canary-e", service="canary_f", **told, **words),
    )  # fmt: skip
    of = chart(*rules, *visits, client_id="canary-g", away=(Away(from_="2026-12-02", reason="Canary", where="Canary"),))
    contact = Contact(id="canary-h", name="Canary", relationship="canary", language="es")
    jo = staff("jo-park", "Jo", "Canary", phone="canary", skills=("canary",))
    here = setting("America/Chicago", jo)
    occurrences = expand(of, "2026-11-16", "2026-12-10", here).occurrences
    assert len(occurrences) > 10
    feed = family_feed(of, occurrences, here, contact, ("schedule", "wellbeing"))
    assert len(feed.events) == len(occurrences)
    text = unfolded(flat(feed)).lower()
    assert "canary" not in text
    for name in ("rosa", "rosie", "alvarez"):
        assert name not in text
    assert "c-014" not in unfolded(flat(for_family(chart(series()))))


# --- staff -----------------------------------------------------------------------------------------------------------

HOME = Address(street="418 Elm St", city="Evanston", state="IL", postal_code="60201", access="Key safe 4711")


def test_staff_see_their_own_visits_and_what_they_need_for_them() -> None:
    of = chart(
        series(staff=("jo-park", "ana-ruiz", "gone-surname")), series("b", staff="ana-ruiz", at="14:00"),
        address=HOME, precautions=("fall_risk", "oxygen_in_use"),
    )  # fmt: skip
    feed = for_staff(of)
    (event,) = feed.events
    assert (feed.name, feed.zone, feed.blocks) == ("Jo – visits", "UTC", True)
    assert (event.title, event.status) == ("Rosie – personal care", "CONFIRMED")
    assert event.location == "418 Elm St, Evanston, IL 60201"
    assert event.description == "Precautions: fall risk, oxygen in use\nWith: Ana"
    assert [event.description for event in for_staff(chart(series())).events] == [None]
    assert [event.location for event in for_staff(chart(series())).events] == [None]


def test_staff_go_where_the_visit_is() -> None:
    of = chart(series(where="At her son's"), change("2026-11-20", where="Lakeside Clinic"), address=HOME)
    assert [event.location for event in for_staff(of, until="2026-11-20").events] == ["At her son's", "Lakeside Clinic"]


@pytest.mark.parametrize(
    ("status", "title", "word"),
    [
        ("cancelled", "Cancelled: Rosie – personal care", "CANCELLED"),
        ("missed", "Did not take place: Rosie – personal care", "CONFIRMED"),
        ("refused", "Refused: Rosie – personal care", "CONFIRMED"),
        ("done", "Rosie – personal care", "CONFIRMED"),
    ],
)
def test_staff_are_told_what_is_off_and_nothing_else_of_it(status: str, title: str, word: str) -> None:
    of = chart(series(), change("2026-11-18", status=status, reason="Fell"), address=HOME, precautions=("fall_risk",))
    (event,) = for_staff(of).events
    assert (event.title, event.status) == (title, word)
    off = status != "done"
    assert event.off == off
    assert (event.location is None, event.description is None) == (off, off)


def test_private_visits_and_those_about_them_are_not_on_the_calendars_of_staff() -> None:
    of = chart(
        series(), change("2026-11-18", private=True), change("2026-11-20", about=("jo-park",)),
        change("2026-11-23", about=("maria",)),
    )  # fmt: skip
    feed = for_staff(of, until="2026-11-23")
    assert [event.start.date() for event in feed.events] == [day("2026-11-23")]
    assert (feed.withheld, len(feed.hidden), feed.unreadable) == (2, 2, ())
    assert for_staff(chart(series(private=True))).events == ()


def test_a_private_visit_with_a_slip_stays_off_the_calendars_of_staff() -> None:
    slip = change("2026-11-18", private=True, origin=Origin("v.yaml", (), frozenset({"at"})))
    assert for_staff(chart(series(), slip)).events == ()
    amended = change("2026-11-18", id="x", at="10:00", amends="am-care-2026-11-18")
    assert len(for_staff(chart(series(), change("2026-11-18", private=True), amended)).events) == 1


def test_the_coordinators_own_private_visits_are_on_her_calendar() -> None:
    practice = Practice(name="Lakeside", timezone="America/Chicago", coordinator="jo-park")
    here = replace(HERE, practice=practice)
    of = chart(series(private=True), series("b", staff="ana-ruiz", private=True))
    assert len(for_staff(of, here=here).events) == 1
    assert for_staff(of, here=here, member=ANA).events == ()
    assert for_staff(of, here=here).zone == "America/Chicago"


@pytest.mark.parametrize("field", ["private", "about"])
def test_a_visit_that_may_be_private_is_withheld_from_staff_and_said(field: str) -> None:
    lost = Origin("v.yaml", (), frozenset({field}))
    for of in (chart(series(origin=lost)), chart(series(), change("2026-11-18", origin=lost))):
        feed = for_staff(of)
        assert (feed.events, feed.withheld) == ((), 1)
        assert [item.words for item in feed.unreadable] == ["could not be read whole"]


def test_a_visit_that_is_wrong_in_other_ways_stays_for_staff() -> None:
    """A needless trip does less harm than a client whom nobody visits."""
    note = change("2026-11-18", origin=Origin("v.yaml", (), frozenset({"note"})))
    broken = replace(chart(series()), broken=(Broken("visits", "am-care-2026-11-18", Origin("v.yaml")),))
    for of in (chart(series(), note), broken):
        assert len(for_staff(of).events) == 1


def test_staff_are_told_that_something_they_need_could_not_be_read() -> None:
    lost = Origin("clients/c-014/client.yaml", (), frozenset({"precautions", "address"}))
    (event,) = for_staff(chart(series(), precautions=("fall_risk",), origin=lost)).events
    assert event.description == (
        "Precautions: fall risk\nA precaution could not be read: ask the coordinator.\n"
        "Where it is could not be read: ask the coordinator."
    )
    elsewhere = change("2026-11-18", origin=Origin("v.yaml", (), frozenset({"where"})))
    (event,) = for_staff(chart(series(where="Her son's"), elsewhere, address=HOME)).events
    assert event.location is None, "the wrong door is worse than none"
    assert event.description == "Where it is could not be read: ask the coordinator."


def test_staff_have_other_uids_than_families_and_every_client_has_others() -> None:
    charts = [chart(series(), client_id=name) for name in ("c-014", "c-015")]
    own = [event.uid for event in for_staff(*charts).events]
    renamed = staff(JO.id, "Josephine", "Parker")
    families = [event.uid for of in charts for event in for_family(of).events]
    assert len({*own, *families}) == 4
    assert own == [event.uid for event in for_staff(*charts, member=renamed).events], "whoever comes"
    assert all("c-01" not in uid and "am-care" not in uid for uid in own)


# --- what is made of feeds -------------------------------------------------------------------------------------------


def test_bare_times_hold_nothing_else() -> None:
    of = chart(
        series(where="Clinic"), series("open", staff=None, at="13:00", until=day("2026-11-18")),
        change("2026-11-20", status="cancelled"), change("2026-11-23", status="missed"),
        change("2026-11-25", status="refused"), change("2026-11-27", status="done"),
    )  # fmt: skip
    feed = for_coordinator(of, until="2026-11-27")
    bare = busy(feed)
    assert (bare.name, bare.blocks) == ("Busy", True)
    assert [(event.title, event.location, event.description) for event in bare.events] == [("Busy", None, None)] * 3
    assert [event.start.day for event in bare.events] == [18, 18, 27]
    assert not {event.uid for event in bare.events} & {event.uid for event in feed.events}
    assert len(bare.hidden) == 3
    assert all("c-014" not in uid for uid in (*bare.hidden, *(event.uid for event in bare.events)))
    assert titles(busy(feed, "es-MX")) == ["Ocupado"] * 3
    text = unfolded(as_series(busy(for_coordinator(chart(series(where="Clinic")), until="2026-12-18"))))
    assert "RRULE" in text.split("BEGIN:VEVENT")[1]
    for word in ("c-014", "am-care", "Clinic", "Rosie", "Jo"):
        assert word not in text


def test_cancelled_visits_can_be_left_out() -> None:
    of = chart(series(), change("2026-11-18", status="cancelled"), change("2026-11-20", status="missed"))
    for feed in (for_coordinator(of, until="2026-11-23"), for_family(of, until="2026-11-23")):
        left = without_cancelled(feed)
        assert [event.start.day for event in left.events] == [20, 23]
        assert left.hidden == {feed.events[0].uid}


def test_what_is_on_file_but_not_for_the_reader_is_hidden_and_not_gone() -> None:
    of = chart(
        series(), change("2026-11-18", private=True), change("2026-11-20", about=("maria",)),
        status="discharged", end_of_care=day("2026-11-23"),
    )  # fmt: skip
    shown = {event.uid for event in for_family(chart(series()), until="2026-11-25").events}
    feed = for_family(of, until="2026-11-25")
    assert (len(feed.events), feed.withheld) == (1, 2)
    assert feed.hidden | {event.uid for event in feed.events} == shown
    assert for_family(of, until="2026-11-25", topics=("health",)).hidden == shown
    assert for_coordinator(of, until="2026-11-25").hidden == frozenset()


def test_feeds_are_joined() -> None:
    one, two = for_family(chart(series(), change("2026-11-18", private=True))), for_staff(chart(series()))
    lost = replace(chart(series(), client_id="c-015"), unread=frozenset({"visits"}))
    both = joined("All", "America/Chicago", [one, two, for_family(lost)])
    assert (both.name, both.zone, both.blocks) == ("All", "America/Chicago", True)
    assert (both.events, both.withheld, len(both.hidden), len(both.unreadable)) == (two.events, 2, 2, 1)
    assert joined("None", "UTC", []) == Feed("None", "UTC", ())


def test_only_what_takes_place_blocks_the_time_of_staff() -> None:
    of = chart(series(), change("2026-11-20", status="cancelled"))
    for feed, expected in (
        (for_staff(of, until="2026-11-20"), ["OPAQUE", "TRANSPARENT"]),
        (busy(for_staff(of, until="2026-11-20")), ["OPAQUE"]),
        (for_family(of, until="2026-11-20"), ["TRANSPARENT", "TRANSPARENT"]),
        (for_coordinator(of, until="2026-11-20"), ["TRANSPARENT", "TRANSPARENT"]),
    ):
        assert [str(event["TRANSP"]) for event in read(flat(feed))] == expected


def test_a_sequence_is_written_as_it_is_given() -> None:
    feed = for_family(chart(series()))
    changed = replace(feed, events=tuple(replace(event, sequence=3) for event in feed.events))
    assert [event["SEQUENCE"] for event in read(flat(changed))] == [3]


# --- text of any kind ------------------------------------------------------------------------------------------------


@given(st.text(max_size=40), st.text(max_size=400), st.text(max_size=40))
@example("Álvarez; Rosa, \\\\n \\n\x07", "早上好，她睡得很好。" * 30, "Łódź: a;b,c\\\\")
@example("\ufeff" + "é" * 40, "🧑🏽‍⚕️" * 40 + "\r\n\t\u2028x\x85y", '"quoted" ^n ^^')
def test_any_text_is_read_back_from_lines_that_every_program_can_read(name: str, long: str, place: str) -> None:
    start = dt.datetime(2026, 11, 18, 9, tzinfo=dt.UTC)
    event = Event("u@carectl", start, start + dt.timedelta(hours=1), name, "CONFIRMED", start, place, long)
    data = flat(Feed(name, "UTC", (event,)))
    assert not data.startswith(b"\xef\xbb\xbf")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert data.count(b"\n") == data.count(b"\r") == len(lines) - 1
    for line in lines:
        assert not {chr(n) for n in range(32) if n != 9} & set(line.decode())
    (found,) = read(data)
    assert str(found["SUMMARY"]) == " ".join(_visible(name).split())
    assert str(found.get("LOCATION", "")) == _visible(place)
    assert str(found.get("DESCRIPTION", "")) == _visible(long)


def _visible(text: str) -> str:
    """A text with its line breaks alike, without characters that nobody sees or that turn a line around."""
    turning = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    control = {"Cc", "Zl", "Zp"}
    return "".join(c for c in lines if c in "\n\t" or (unicodedata.category(c) not in control and c not in turning))

"""Feeds: what stands in them, byte for byte, and what each reader may see."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from helpers_schedule import change, chart, day, expand, series, setting, single, staff
from icalendar import Calendar

from carectl.care.schedule import Occurrence
from carectl.caseload.records import Away, Broken, Chart, Contact, Origin, Series, Visit
from carectl.output.calendar.audiences import Event, Feed, coordinator_feed, family_feed
from carectl.output.calendar.ical import flat

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

"""Calendar files as programs write them, and as nobody should: which events are read, and what is refused and why."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest

from carectl.care.events import Event, Unfolded, unfold
from carectl.caseload.zones import zone
from carectl.errors import Refused
from carectl.output.calendar.incoming import MAX_BYTES, read

FIRST, LAST = dt.date(2026, 10, 20), dt.date(2027, 4, 20)

OUTLOOK_ZONE: Final = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def ics(*parts: str, head: str = "") -> bytes:
    """A calendar of some parts, with the line ends of the standard."""
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n" + head + "".join(parts) + "END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def event(*lines: str, uid: str = "a@x") -> str:
    """An event of these lines."""
    return "".join(f"{line}\n" for line in ("BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"))


def meant(raw: bytes, home: str = "America/Chicago", length: dt.timedelta | None = None) -> Unfolded:
    """What a file means for a client in a zone."""
    there = zone(home)
    assert there is not None
    return unfold(read(raw, zone), there, lambda _: (FIRST, LAST), length)


def times(raw: bytes, home: str = "America/Chicago") -> list[str]:
    """When the appointments of a file are, on the client's clock."""
    found = meant(raw, home)
    assert found.not_taken == ()
    return [f"{item.start:%Y-%m-%d %H:%M}–{item.end:%H:%M}" for item in found.appointments]


def only(raw: bytes) -> Event:
    """The one event of a file."""
    (found,) = read(raw, zone).events
    return found


# --- as programs write them ------------------------------------------------------------------------------------------


def test_google() -> None:
    """Single events in UTC, series with a zone, an override, a day left out, and a calendar that names its zone."""
    raw = ics(
        event("DTSTART:20261125T203000Z", "DTEND:20261125T211500Z", "STATUS:CONFIRMED", "SEQUENCE:1",
              "SUMMARY:Cardiology\\, follow-up", "LOCATION:Lakeside Clinic\\, 2nd floor", "TRANSP:OPAQUE",
              "DESCRIPTION:Bring the card\\nand the list", uid="1@google.com"),
        event("DTSTART;TZID=America/New_York:20261027T100000", "DTEND;TZID=America/New_York:20261027T110000",
              "RRULE:FREQ=WEEKLY;UNTIL=20261118T045959Z;BYDAY=TU", "EXDATE;TZID=America/New_York:20261103T100000",
              uid="2@google.com"),
        event("DTSTART;TZID=America/New_York:20261111T133000", "DTEND;TZID=America/New_York:20261111T143000",
              "RECURRENCE-ID;TZID=America/New_York:20261110T100000", uid="2@google.com"),
        head="METHOD:PUBLISH\nX-WR-CALNAME:Lakeside\nX-WR-TIMEZONE:America/Chicago\n",
    )  # fmt: skip
    assert times(raw) == [
        "2026-11-25 14:30–15:15", "2026-11-11 12:30–13:30", "2026-10-27 09:00–10:00", "2026-11-17 09:00–10:00",
    ]  # fmt: skip
    found = meant(raw).appointments
    assert (found[0].title, found[0].place) == ("Cardiology, follow-up", "Lakeside Clinic, 2nd floor")
    assert [item.recurrence for item in found] == [None, "2026-11-10", "2026-10-27", "2026-11-17"]
    assert not any("card" in str(item) for item in found)


def test_outlook() -> None:
    """Windows' names for zones, with the definition beside; folded lines; what only Outlook says is passed over."""
    raw = ics(
        OUTLOOK_ZONE.format(name="Eastern Standard Time"),  # as often: the definition is another zone's
        event('DTSTART;TZID="Eastern Standard Time":20261125T153000',
              "DTEND;TZID=Eastern Standard Time:20261125T161500",
              "SUMMARY;LANGUAGE=en-us:Cardiology with a very long title that must be folded\n  somewhere",
              "CLASS:PUBLIC", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-ALT-DESC;FMTTYPE=text/html:<html>",
              "BEGIN:VALARM\nTRIGGER:-PT15M\nACTION:DISPLAY\nDESCRIPTION:Reminder\nEND:VALARM", uid="04" * 60),
    )  # fmt: skip
    assert times(raw) == ["2026-11-25 14:30–15:15"]
    assert only(raw).title == "Cardiology with a very long title that must be folded somewhere"


@pytest.mark.parametrize("name", ["Customized Time Zone", "(UTC-06:00) Central Time (US & Canada)", "tzone://x/Custom"])
def test_a_zone_that_only_the_file_knows(name: str) -> None:
    """Both changes of the clocks, as Exchange defines zones: since 1601."""
    starts = ("20261030T090000", "20261102T090000", "20270312T090000", "20270315T090000")
    raw = ics(
        OUTLOOK_ZONE.format(name=name),
        *(event(f'DTSTART;TZID="{name}":{start}', "DURATION:PT1H", uid=start) for start in starts),
    )
    assert [text[5:16] for text in times(raw, "UTC")] == ["10-30 14:00", "11-02 15:00", "03-12 15:00", "03-15 14:00"]


def test_a_defined_zone_is_what_the_database_says() -> None:
    raw = ics(OUTLOOK_ZONE.format(name="Own"), event("DTSTART;TZID=Own:20261125T143000", "DURATION:PT1H"))
    own, known = only(raw).start.zone, zone("America/Chicago")
    wall = dt.datetime(2026, 1, 1)  # noqa: DTZ001  what a clock shows
    for _ in range(2 * 24 * 365 * 2):
        moment = wall.replace(tzinfo=own).astimezone(dt.UTC)
        assert moment == wall.replace(tzinfo=known).astimezone(dt.UTC)
        back = moment.astimezone(own)
        assert back.replace(tzinfo=None) == moment.astimezone(known).replace(tzinfo=None)
        wall += dt.timedelta(minutes=30)


def test_a_zone_defined_by_listed_changes() -> None:
    """As some libraries write it: one observance each, with the years in RDATE, and none since."""
    definition = (
        "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:DAYLIGHT\nDTSTART:20260308T020000\nRDATE:20270314T020000\n"
        "TZOFFSETFROM:-0600\nTZOFFSETTO:-0500\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20251102T020000\n"
        "RDATE:20261101T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0600\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    starts = ("20261030T090000", "20261102T090000", "20270315T090000")
    raw = ics(definition, *(event(f"DTSTART;TZID=Own:{start}", "DURATION:PT1H", uid=start) for start in starts))
    assert [text[5:16] for text in times(raw, "UTC")] == ["10-30 14:00", "11-02 15:00", "03-15 14:00"]


def test_apple() -> None:
    """Times with and without seconds' fractions of a minute, a travel time, and an end a second too early."""
    raw = ics(
        event("DTSTART;TZID=America/Chicago:20261125T143000", "DTEND;TZID=America/Chicago:20261125T151459",
              "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M", "SUMMARY:Eye doctor",
              'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE="Clinic: 2nd floor":geo:42.0,-87.7'),
    )  # fmt: skip
    assert times(raw) == ["2026-11-25 14:30–15:15"]


def test_a_clinic() -> None:
    """As patients' portals export one appointment: hardly anything but the times, a byte order mark, bare newlines."""
    raw = b"\xef\xbb\xbf" + ics(
        event("DTSTART:20261125T203000Z", "DURATION:PT45M", "SUMMARY:APPOINTMENT", "CLASS:PRIVATE", "PRIORITY:5")
    ).replace(b"\r\n", b"\n")
    assert times(raw) == ["2026-11-25 14:30–15:15"]
    assert only(raw).private


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("/mozilla.org/20050126_1/America/Chicago", ""),
        ("/freeassociation.sourceforge.net/America/Indiana/Knox", ""),
        ("Chicago", "X-LIC-LOCATION:America/Chicago\n"),
    ],
)
def test_thunderbird_and_evolution(name: str, more: str) -> None:
    definition = f"BEGIN:VTIMEZONE\nTZID:{name}\n{more}END:VTIMEZONE\n"
    raw = ics(definition, event(f"DTSTART;TZID={name}:20261125T143000", "DURATION:PT45M", "X-MOZ-GENERATION:1"))
    assert times(raw) == ["2026-11-25 14:30–15:15"]


@pytest.mark.parametrize(("method", "partial", "cancelled"), [("REQUEST", True, False), ("CANCEL", True, True)])
def test_an_invitation_holds_one_event_and_no_calendar(method: str, partial: bool, cancelled: bool) -> None:
    found = read(ics(event("DTSTART:20261125T203000Z", "DURATION:PT1H"), head=f"METHOD:{method}\n"), zone)
    assert (found.partial, found.events[0].cancelled) == (partial, cancelled)


def test_lines_that_end_in_any_way() -> None:
    for end in (b"\n", b"\r", b"\r\r\n"):
        raw = ics(event("DTSTART:20261125T203000Z", "DURATION:PT45M", "SUMMARY:Eye\n  doctor")).replace(b"\r\n", end)
        assert only(raw).title == "Eye doctor"


# --- text from outside -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Lab\\nand \\\\ weight\\; now", "Lab and \\ weight; now"),
        ("\x1b[31mRed\x07", "[31mRed"),
        ("a\u202eb\u200bc\ufeffd", "a b c d"),
        ("x" * 300, "x" * 199 + "…"),
        ("   ", ""),
        ("é 😀 שלום", "é 😀 שלום"),
    ],
)
def test_titles_can_be_read_and_harm_no_terminal(text: str, title: str) -> None:
    raw = ics(event("DTSTART:20261125T203000Z", "DURATION:PT45M", f"SUMMARY:{text}", f"LOCATION:{text}"))
    assert (only(raw).title, only(raw).place) == (title, title)


# --- events that are not taken ---------------------------------------------------------------------------------------

START: Final = "DTSTART:20261125T203000Z"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["DURATION:PT1H"], "it has no DTSTART"),
        ([START, START], "it has DTSTART twice"),
        (["DTSTART:20260231T090000"], "its start is no day or time that there is"),
        (["DTSTART:20261125T250000"], "its start is no day or time that there is"),
        (["DTSTART:tomorrow"], "its start is not written as a day, or a day and time"),
        (["DTSTART;VALUE=PERIOD:20261125T203000Z"], "its start is not written as a day, or a day and time"),
        (["DTSTART;VALUE=DATE:20261125T203000Z"], "its start is not written as a day, or a day and time"),
        (["DTSTART;TZID=Nowhere/Town:20261125T203000"], "its start names a time zone that is not known"),
        (["DTSTART;TZID=../../etc/passwd:20261125T203000"], "its start names a time zone that is not known"),
        (["DTSTART;TZID=a,b:20261125T203000"], "its DTSTART says one thing twice"),
        (['DTSTART;TZID="a:20261125T203000'], "its DTSTART is not written as calendars write it"),
        ([START, "DTEND:20261125T213000Z", "DURATION:PT1H"], "it says twice how long it takes"),
        ([START, "DURATION:1 hour"], "its DURATION is no length of time"),
        ([START, "RRULE:FREQ=SECONDLY"], "its rule cannot be used: a series has one visit a day at most"),
        ([START, "RRULE:FREQ=DAILY;BYHOUR=9,10"], "its rule cannot be used: BYHOUR"),
        ([START, "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261201"], "its rule ends twice"),
        ([START, "RRULE:FREQ=DAILY;COUNT=99999999999"], "its rule cannot be used: COUNT"),
        ([START, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], "it has RRULE twice"),
        ([START, "EXRULE:FREQ=DAILY"], "it has a rule for when it does not take place"),
        ([START, "RDATE;VALUE=PERIOD:20261125T203000Z/PT1H"], "a day on which it also takes place is not written"),
        ([START, "RECURRENCE-ID;RANGE=THISANDFUTURE:20261125T203000Z"], "it changes all later occurrences"),
        ([START, "SUMMARY:" + "x" * 30_000], "its SUMMARY is longer than calendars write it"),
    ],
)  # fmt: skip
def test_an_event_that_is_not_understood_hides_no_other(lines: list[str], why: str) -> None:
    """It is named with its line; nothing of it is quoted but the title."""
    found = read(
        ics(
            event(*lines, "SUMMARY:Lab" if "SUMMARY" not in lines[-1] else lines.pop()),
            event(START, "DURATION:PT1H", uid="b"),
        ),
        zone,
    )
    (lost,) = found.not_taken
    assert lost.why.startswith(why)
    assert (lost.line, lost.uid) == (4, "a@x")
    assert [item.uid for item in found.events] == ["b"]


@pytest.mark.parametrize("uid", ["", "   ", "a\u200bb", "x" * 256])
def test_an_event_needs_a_name(uid: str) -> None:
    (lost,) = read(ics(event(START, "DURATION:PT1H", uid=uid)), zone).not_taken
    assert lost.uid is None
    (lost,) = read(ics("BEGIN:VEVENT\nDTSTART:20261125T203000Z\nEND:VEVENT\n"), zone).not_taken
    assert (lost.uid, lost.why) == (None, "it has no UID")


@pytest.mark.parametrize(
    "inner",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY",
        "RRULE:FREQ=YEARLY;BYMONTH=3;COUNT=2",
        "TZOFFSETFROM:+9999",
        "TZOFFSETTO:",
        "DTSTART;VALUE=DATE:20260101",
    ],
)
def test_a_zone_whose_definition_is_odd_is_not_known(inner: str) -> None:
    lines = {
        "DTSTART": "DTSTART:20260101T020000",
        "TZOFFSETFROM": "TZOFFSETFROM:-0500",
        "TZOFFSETTO": "TZOFFSETTO:-0600",
    }
    lines[inner.split(":")[0].split(";")[0]] = inner
    definition = (
        "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\n" + "\n".join(lines.values()) + "\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    found = read(ics(definition, event("DTSTART;TZID=Own:20261125T143000", "DURATION:PT1H")), zone)
    assert [item.why.split(" that")[0] for item in found.not_taken] == ["its start names a time zone"]


# --- files that are refused ------------------------------------------------------------------------------------------

WHOLE: Final = ics(event(START, "DURATION:PT1H"))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "there is nothing in it"),
        (b"<!DOCTYPE html>\n<html>", "line 1 stands outside of a calendar"),
        (b"\x00" + WHOLE, "line 1 of the file holds a zero byte"),
        (WHOLE.replace(b"UID:a@x", b"UID:a\x00x"), "line 5 of the file holds a zero byte"),
        (WHOLE.decode().encode("utf-16"), "line 1 of the file is not UTF-8"),
        (WHOLE.replace(b"a@x", b"\xe9"), "line 5 of the file is not UTF-8"),
        (WHOLE[:-20], "line 8 of the file ends a part that is not open: it is not whole"),
        (WHOLE[:-15], "the part that begins in line 1 of the file has no end: the file is cut off"),
        (WHOLE[:90], "the part that begins in line 1 of the file has no end: the file is cut off"),
        (WHOLE.replace(b"END:VEVENT\r\n", b""), "line 8 of the file ends a part that is not open"),
        (WHOLE.replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT\r\nBEGIN:VEVENT"), "line 5 of the file: an event begins before"),
        (WHOLE + b"garbage", "line 10 stands outside of a calendar"),
        (b"BEGIN:VCARD\nEND:VCARD", "line 1 of the file begins something else than a calendar"),
        (b"BEGIN:VCALENDAR\n" + WHOLE, "line 2 of the file begins a calendar inside of a calendar"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 1000, "line 9 of the file: the parts are nested too deeply"),
        (WHOLE.replace(b"VERSION:2.0", b"VERSION:1.0"), "the file is of vCalendar 1.0"),
        (WHOLE.replace(b"VERSION", b"METHOD:REPLY\r\nVERSION"), "the file is an answer to an invitation"),
        (b"x" * (MAX_BYTES + 1), "the file is larger than 5 MB"),
        (ics("BEGIN:VEVENT\nEND:VEVENT\n" * 10_001), "the file has more than 10,000 events"),
        (ics("BEGIN:VTIMEZONE\nEND:VTIMEZONE\n" * 21), "the file has more than 20 time zones"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read(raw, zone)
    assert str(refused.value).startswith(why)

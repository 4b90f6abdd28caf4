"""A feed renewed: what did not change keeps its bytes, what changed says so, and nobody is told that a visit is off
unless it is certain."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from helpers_schedule import change, chart, day, expand, series, setting, single, staff
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from carectl.caseload.records import Broken, Chart, Contact, Origin, Visit
from carectl.output.calendar.audiences import Event, Feed, busy, family_feed
from carectl.output.calendar.ical import flat
from carectl.output.calendar.memory import Cancelled, Renewed, digest, renew, unclear_events

HERE = setting("America/Chicago", staff(), staff("ana-ruiz", "Ana", "Ruiz"))
TODAY = day("2026-11-22")
NOW = dt.datetime(2026, 11, 22, 12, 40, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=3)
MARIA = Contact(id="maria", name="Maria Alvarez", relationship="daughter", calls_client="Mom")


def feed(of: Chart, language: str = "en", start: str = "2026-11-16", until: str = "2026-12-06") -> Feed:
    contact = Contact(id="maria", name="M", relationship="daughter", calls_client="Mom", language=language)
    return family_feed(of, expand(of, start, until, HERE).occurrences, HERE, contact, ("schedule",))


def first(of: Chart, **options: Any) -> bytes:
    """What was published first."""
    return renew(feed(of, **options), None, NOW, TODAY).content


def again(of: Chart, last: bytes, **options: Any) -> Renewed:
    return renew(feed(of), last, LATER, TODAY, **options)


def read(content: bytes) -> list[Any]:
    """The events of a feed, as the icalendar library reads them."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def events(content: bytes) -> dict[str, tuple[int, str, str, str]]:
    """SEQUENCE, DTSTAMP, status and title by start."""
    return {
        str(event["DTSTART"].dt.strftime("%m-%d %H")): (
            int(event["SEQUENCE"]), event["DTSTAMP"].dt.strftime("%H:%M"), str(event["STATUS"]), str(event["SUMMARY"]),
        )
        for event in read(content)
    }  # fmt: skip


def blocks(content: bytes) -> list[bytes]:
    return content.split(b"BEGIN:VEVENT")[1:]


# --- what stays, changes, comes --------------------------------------------------------------------------------------


def test_what_is_published_first_is_new_and_of_now() -> None:
    found = renew(feed(chart(series())), None, NOW, TODAY)
    assert (found.events, found.new, found.changed, found.cancelled, found.sequence) == (9, 9, 0, 0, 0)
    assert set(events(found.content).values()) == {(0, "12:40", "CONFIRMED", "Mom – Jo")}


def test_what_did_not_change_keeps_every_byte() -> None:
    of = chart(series(), single("2026-11-25", where="A;b,c\\d"), change("2026-11-20", status="cancelled"))
    last = first(of)
    found = again(of, last)
    assert found.content == last
    assert (found.new, found.changed, found.cancelled, found.dropped) == (0, 0, 0, 0)


def test_one_visit_moved_is_one_event_changed() -> None:
    last = first(chart(series()))
    found = again(chart(series(), change("2026-11-25", at="11:00")), last)
    old, new = set(blocks(last)), set(blocks(found.content))
    assert (len(old - new), len(new - old), found.changed) == (1, 1, 1)
    assert events(found.content)["11-25 17"] == (1, "15:40", "CONFIRMED", "Mom – Jo")
    third = renew(feed(chart(series())), found.content, LATER, TODAY)
    assert events(third.content)["11-25 15"][0] == 2
    assert third.sequence == 2


def test_a_visit_that_comes_is_new() -> None:
    last = first(chart(series()))
    found = again(chart(series(), single("2026-11-26")), last)
    assert (found.new, found.changed) == (1, 0)
    assert events(found.content)["11-26 20"] == (0, "15:40", "TENTATIVE", "Visit – to be confirmed")


def test_a_visit_cancelled_in_the_records_says_so() -> None:
    last = first(chart(series()))
    found = again(chart(series(), change("2026-11-25", status="cancelled")), last)
    assert events(found.content)["11-25 15"] == (1, "15:40", "CANCELLED", "Cancelled: Mom – Jo")
    assert (found.cancelled, found.changed) == (1, 0)


def test_events_stay_in_the_order_of_their_hours() -> None:
    last = first(chart(series()))
    found = again(chart(series(), change("2026-11-25", date=day("2026-12-05")), single("2026-11-24")), last)
    starts = re.findall(rb"DTSTART:(\S+)", found.content)
    assert starts == sorted(starts)


def test_two_visits_of_one_id_are_both_shown() -> None:
    doubled = feed(chart(series()))
    doubled = replace(doubled, events=(*doubled.events, replace(doubled.events[0], title="Another")))
    found = renew(doubled, None, NOW, TODAY)
    uids = re.findall(rb"UID:(\S+)", found.content)
    assert len(set(uids)) == len(uids) == 10
    assert renew(doubled, found.content, LATER, TODAY).content == found.content


# --- what is gone ----------------------------------------------------------------------------------------------------


def ended(until: str = "2026-11-24") -> Chart:
    return chart(series(until=day(until)))


def test_a_visit_that_is_gone_is_shown_as_cancelled_and_keeps_its_bytes_from_then_on() -> None:
    last = first(chart(series()))
    found = again(ended(), last)
    shown = events(found.content)
    assert shown["11-23 15"] == (0, "12:40", "CONFIRMED", "Mom – Jo")
    assert shown["11-25 15"] == (1, "15:40", "CANCELLED", "Cancelled: Mom – Jo")
    assert (found.cancelled, found.events) == (5, 9)
    next_time = again(ended(), found.content)
    assert next_time.content == found.content
    assert next_time.cancelled == 0


def test_in_spanish_too_and_as_the_records_would_say_it() -> None:
    last = renew(feed(chart(series()), "es"), None, NOW, TODAY).content
    gone = renew(feed(ended(), "es"), last, LATER, TODAY, language="es-MX").content
    said = renew(
        feed(chart(series(), change("2026-11-25", status="cancelled")), "es"), last, LATER, TODAY, language="es"
    ).content
    assert events(gone)["11-25 15"] == events(said)["11-25 15"]
    assert events(gone)["11-25 15"][3] == "Cancelada: Mom – Jo"


def test_the_word_is_there_once_when_a_cancelled_visit_is_gone() -> None:
    last = first(chart(series(), change("2026-11-25", status="cancelled")))
    found = again(ended(), last)
    assert events(found.content)["11-25 15"] == (0, "12:40", "CANCELLED", "Cancelled: Mom – Jo")


def test_nothing_but_hours_and_title_stays_of_what_is_gone() -> None:
    one = Event(
        uid="u@carectl", start=NOW + dt.timedelta(2), end=NOW + dt.timedelta(2, 3600), title="Rosie – x",
        status="CONFIRMED", stamp=NOW, location="418 Elm St", description="Precautions: falls",
    )  # fmt: skip
    last = renew(Feed("n", "UTC", (one,), blocks=True), None, NOW, TODAY).content
    assert b"TRANSP:OPAQUE" in last
    found = renew(Feed("n", "UTC", (), blocks=True), last, LATER, TODAY).content
    assert not {b"418", b"falls", b"OPAQUE"} & set(re.findall(rb"418|falls|OPAQUE", found))
    assert b"TRANSP:TRANSPARENT" in found


def test_a_visit_that_comes_back_has_the_next_sequence() -> None:
    last = first(chart(series()))
    gone = again(ended(), last).content
    back = again(chart(series()), gone)
    assert events(back.content)["11-25 15"] == (2, "15:40", "CONFIRMED", "Mom – Jo")


def test_cancelled_visits_go_a_week_after_they_would_have_been() -> None:
    last = first(chart(series()))
    gone = again(ended(), last).content
    dates = [day("2026-11-22") + dt.timedelta(number) for number in range(40)]
    with_it = [d for d in dates if "11-25 15" in events(renew(feed(ended()), gone, LATER, d).content)]
    assert with_it == dates[: len(with_it)]
    assert with_it[-1] == day("2026-12-06")  # the Sunday of the week after the next
    # The same goes for those that the records call cancelled.
    off = chart(series(), change("2026-11-25", status="cancelled"))
    last = first(off)
    assert "11-25 15" in events(renew(feed(off), last, LATER, day("2026-12-06")).content)
    assert "11-25 15" not in events(renew(feed(off), last, LATER, day("2026-12-07")).content)


def test_a_past_visit_that_is_gone_is_not_shown_as_cancelled_weeks_later() -> None:
    last = first(chart(series(), single("2026-11-03"), single("2026-11-17", "other")), start="2026-11-02")
    found = again(chart(series()), last)
    assert "11-03 20" not in events(found.content)
    assert events(found.content)["11-17 20"][2] == "CANCELLED"


def test_with_drop_cancelled_visits_go_at_once() -> None:
    last = first(chart(series()))
    found = again(ended(), last, cancelled="drop")
    assert (found.events, found.cancelled, found.dropped) == (4, 0, 5)
    off = chart(series(), change("2026-11-25", status="cancelled"))
    assert "11-25 15" not in events(again(off, last, cancelled="drop").content)
    marked = again(off, last).content
    assert "11-25 15" not in events(again(off, marked, cancelled="drop").content)


def test_what_the_reader_may_no_longer_see_goes_without_a_word() -> None:
    last = first(chart(series()))
    hidden = chart(series(), change("2026-11-25", private=True), change("2026-11-27", about=("maria",)))
    found = again(hidden, last)
    assert not {"11-25 15", "11-27 15"} & events(found.content).keys()
    assert (found.cancelled, found.dropped) == (0, 2)


def test_what_fell_out_of_the_window_goes_without_a_word() -> None:
    last = first(chart(series()))
    for today in ("2027-01-18", "2026-06-01"):
        found = renew(Feed("Mom – visits", "America/Chicago", ()), last, LATER, day(today))
        assert (found.events, found.cancelled) == (0, 0)


def test_a_series_that_goes_over_into_another_leaves_no_cancelled_visits_beside_the_new_ones() -> None:
    last = first(chart(series()))
    changed = chart(series(until=day("2026-11-24")), series("am-care-2", from_=day("2026-11-25"), at="11:00"))
    found = again(changed, last)
    assert {status for _, _, status, _ in events(found.content).values()} == {"CONFIRMED"}
    assert (found.new, found.cancelled) == (5, 0)
    # On another day nothing has come in its stead.
    moved = chart(series(until=day("2026-11-24")), series("am-2", from_=day("2026-11-25"), days=("tue",)))
    assert again(moved, last).cancelled == 5
    # Nor is another client's visit a stand-in.
    other = replace(feed(changed), events=tuple(replace(e, title=f"Dad – {e.title}") for e in feed(changed).events))
    assert renew(other, last, LATER, TODAY).cancelled == 5


def test_each_new_visit_stands_for_one_that_is_gone() -> None:
    two = chart(series(), series("pm", at="15:00"))
    last = first(two)
    one = chart(series(until=day("2026-11-24")), series("pm", at="15:00", until=day("2026-11-24")),
                series("new", from_=day("2026-11-25"), at="12:00"))  # fmt: skip
    assert again(one, last).cancelled == 5


def test_of_bare_times_nothing_is_left() -> None:
    last = renew(busy(feed(chart(series()))), None, NOW, TODAY, cancelled="drop").content
    off = chart(series(), change("2026-11-25", status="cancelled"))
    found = renew(busy(feed(off)), last, LATER, TODAY, cancelled="drop")
    assert (found.events, found.dropped) == (8, 1)
    assert set(re.findall(rb"SUMMARY:(.+)\r", found.content)) == {b"Busy"}


# --- what nobody knows -----------------------------------------------------------------------------------------------


def test_what_could_not_be_read_cancels_nothing() -> None:
    last = first(chart(series()))
    nothing = Chart(id="c-014", path="clients/c-014", client=chart().client, unread=frozenset({"visits", "series"}))
    modes: tuple[Cancelled, ...] = ("mark", "drop")
    for mode in modes:
        found = again(nothing, last, uncertain=True, cancelled=mode)
        assert found.content == last
        assert (found.kept, found.cancelled, found.dropped) == (9, 0, 0)


def test_one_visit_that_could_not_be_read_stays_as_it_was_and_a_private_one_goes_all_the_same() -> None:
    last = first(chart(series()))
    of = chart(series(), change("2026-11-27", private=True))
    broken = Broken(name="visits", id="am-care-2026-11-25", origin=Origin("clients/c-014/visits.yaml", ("visits", 0)))
    of = replace(of, broken=(broken,))
    expansion = expand(of, "2026-11-16", "2026-12-06", HERE)
    shown = family_feed(of, expansion.occurrences, HERE, MARIA, ("schedule",))
    singles = (partial(family_feed, of, [item], HERE, MARIA, ("schedule",)) for item in expansion.occurrences)
    unclear = unclear_events(shown, singles)
    assert len(unclear) == 1
    assert len(shown.hidden) == 2
    found = renew(shown, last, LATER, TODAY, uncertain=bool(expansion.missing), unclear=unclear)
    assert events(found.content)["11-25 15"] == (0, "12:40", "CONFIRMED", "Mom – Jo")
    assert "11-27 15" not in events(found.content)
    assert (found.kept, found.dropped, found.cancelled) == (1, 1, 0)


# --- the memory itself -----------------------------------------------------------------------------------------------

DAMAGED = [
    pytest.param(lambda raw: raw[: len(raw) // 2], id="cut"),
    pytest.param(lambda raw: b"", id="empty"),
    pytest.param(lambda raw: b"<html>404</html>", id="a page"),
    pytest.param(lambda raw: raw.replace(b"\r\n", b"\n"), id="line ends"),
    pytest.param(lambda raw: raw.replace(b"DTSTART:2026", b"DTSTART:20x6"), id="hours"),
    pytest.param(lambda raw: raw.replace(b"SEQUENCE:3\r\n", b"SEQUENCE:3\r\nSEQUENCE:4\r\n"), id="twice"),
    pytest.param(lambda raw: raw.replace(b"UID:", b"XID:"), id="no UID"),
    pytest.param(lambda raw: raw.replace(b"//carectl//carectl//", b"//other//"), id="somebody else's"),
]


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_memory_is_none_but_no_event_grows_younger(damage: Any) -> None:
    of = chart(series())
    last = re.sub(rb"SEQUENCE:0", b"SEQUENCE:3", first(of), count=1)
    raw = damage(last)
    found = again(of, raw, sequence=3)
    assert found.damaged
    assert {sequence for sequence, _, _, _ in events(found.content).values()} == {5 if b"SEQUENCE:4" in raw else 4}
    assert again(of, found.content).content == found.content
    if b"SEQUENCE:3" in raw:
        assert min(sequence for sequence, *_ in events(again(of, raw).content).values()) >= 4


def test_hours_that_no_clock_shows_are_damage_too() -> None:
    last = first(chart(series())).replace(b"DTSTART:20261130T150000Z", b"DTSTART:20260231T150000Z")
    assert again(ended(), last).damaged


def test_a_feed_that_was_away_comes_back_with_a_higher_sequence() -> None:
    found = renew(feed(chart(series())), None, NOW, TODAY, sequence=7)
    assert {sequence for sequence, *_ in events(found.content).values()} == {8}
    assert not found.damaged


def test_a_digest_tells_what_a_reader_could_see() -> None:
    base = feed(chart(series()))
    assert digest(base) == digest(replace(base, events=base.events[::-1]))
    event = base.events[0]
    for other in (
        replace(base, name="x"), replace(base, events=base.events[1:]), replace(base, hidden=frozenset("u")),
        replace(base, events=(replace(event, title="x"), *base.events[1:])),
        replace(base, events=(replace(event, end=event.end + dt.timedelta(60)), *base.events[1:])),
        replace(base, events=(replace(event, location="x"), *base.events[1:])),
        replace(base, events=(replace(event, status="TENTATIVE"), *base.events[1:])),
        replace(base, blocks=True),
    ):  # fmt: skip
        assert digest(other) != digest(base)
    assert digest(base, uncertain=True) != digest(base) != digest(base, unclear=["u"])
    assert digest(replace(base, events=tuple(replace(e, stamp=LATER, sequence=4) for e in base.events))) == digest(base)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(["a\r\nb", "a;b,c\\n", "é" * 80, " x  y "])


@settings(max_examples=60)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.booleans()), min_size=1, max_size=5))
def test_whatever_an_event_says_an_unchanged_feed_keeps_its_bytes(texts: list[tuple[str, str, str, bool]]) -> None:
    made = tuple(
        Event(
            uid=f"{number}@carectl", start=NOW + dt.timedelta(number), end=NOW + dt.timedelta(number, 60), title=title,
            status="TENTATIVE" if off else "CONFIRMED", stamp=NOW, location=location, description=words, off=off,
        )
        for number, (title, location, words, off) in enumerate(texts)
    )  # fmt: skip
    of = Feed("n", "UTC", made, blocks=True)
    last = renew(of, None, NOW, TODAY).content
    assert last == flat(of)
    found = renew(of, last, LATER, TODAY)
    assert (found.content, found.changed) == (last, 0)
    # Everything gone, and everything back: both can be read again.
    gone = renew(Feed("n", "UTC", (), blocks=True), last, LATER, TODAY)
    assert gone.cancelled == len(texts)
    assert renew(of, gone.content, LATER, TODAY).changed == len(texts)


@settings(max_examples=40)
@given(st.data())
def test_a_changed_feed_says_what_a_new_one_says(data: Any) -> None:
    """Whatever was published before, visits that are due stand in the feed as they are now, and versions only grow."""
    days = [f"2026-11-{number}" for number in (18, 20, 23, 25, 27, 30)]
    made = st.lists(
        st.one_of(
            st.builds(lambda d, t: change(d, at=t), st.sampled_from(days), st.sampled_from(["08:00", "13:00"])),
            st.builds(lambda d: change(d, status="cancelled"), st.sampled_from(days)),
            st.builds(lambda d: change(d, private=True), st.sampled_from(days)),
        ),
        max_size=4, unique_by=lambda visit: visit.id,
    )  # fmt: skip
    content: bytes | None = None
    versions: dict[str, int] = {}
    for _ in range(4):
        visits: list[Visit] = data.draw(made)
        now = feed(chart(series(), *visits))
        content = renew(now, content, NOW, TODAY).content
        shown = {str(event["UID"]): event for event in read(content)}
        assert shown.keys() == {event.uid for event in now.events}
        for event in now.events:
            said = shown[event.uid]
            assert (said["DTSTART"].dt, said["SUMMARY"], said["STATUS"]) == (event.start, event.title, event.status)
            assert int(said["SEQUENCE"]) >= versions.get(event.uid, 0)
        versions = {uid: int(event["SEQUENCE"]) for uid, event in shown.items()}

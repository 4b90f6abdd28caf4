"""Text messages about a visit, word for word: what a contact, the client and staff are told, and when nothing is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from helpers_schedule import CHICAGO, change, chart, day, only, series, setting, single, staff
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.notices import LENGTH, Due, Notice, joined, notice, notice_to_client, notice_to_staff
from carectl.care.schedule import Occurrence
from carectl.care.setting import Setting
from carectl.care.sharing import NotShared
from carectl.caseload.records import (
    Address,
    Away,
    Broken,
    Chart,
    Contact,
    Name,
    Origin,
    Practice,
    Sharing,
    StaffMember,
)

WEDNESDAY = "2026-11-25"
SIGN = "Lakeside, +1 312 555 0142"
JO, LUCIA = staff(), staff("lucia-nunez", "Lucía", "Núñez")
MAREK = staff("marek-z", "Marek", "Zieliński")


def here(*members: StaffMember, zone: str = CHICAGO, **more: Any) -> Setting:
    found = setting(zone, *(members or (JO, LUCIA, MAREK)))
    return replace(found, practice=Practice(name="Lakeside", timezone=zone, phone="+1 312 555 0142"), **more)


HERE = here()
SCHEDULE = Sharing(topics=("schedule",), basis="agreed", given=day("2026-08-03"))


def maria(**more: Any) -> Contact:
    fields: dict[str, Any] = {"calls_client": "Mom", "language": "en", "sharing": (SCHEDULE,), **more}
    return Contact(id="maria", name="Maria Alvarez", relationship="daughter", **fields)


def told(of: Chart, to: Contact | None = None, on: str = WEDNESDAY, within: Setting = HERE, **more: Any) -> str:
    answer = notice(of, only(of, on, within), to or maria(), within, **more)
    assert isinstance(answer, Notice), answer
    assert answer.text.endswith(f" {SIGN}")
    return answer.text.removesuffix(f" {SIGN}")


def refused(of: Chart, to: Contact | None = None, on: str = WEDNESDAY, within: Setting = HERE) -> NotShared:
    answer = notice(of, only(of, on, within), to or maria(), within)
    assert isinstance(answer, NotShared), answer
    return answer


# --- to a contact ----------------------------------------------------------------------------------------------------

CASES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "Jo is coming as planned.", "viene Jo, como estaba previsto."),
    ({"staff": "lucia-nunez"}, "Lucía is coming instead of Jo.", "viene Lucía en lugar de Jo."),
    ({"staff": ("lucia-nunez", "marek-z")}, "Lucía and Marek are coming instead of Jo.",
     "vienen Lucía y Marek en lugar de Jo."),
    ({"staff": ("jo-park", "marek-z")}, "Jo and Marek are coming.", "vienen Jo y Marek."),
    ({"staff": ()}, "Jo is not coming, and nobody is confirmed yet. We will let you know.",
     "no viene Jo, y todavía no hay nadie confirmado. Le avisaremos."),
    ({"at": "08:30"}, "new time 8:30 am. Jo is coming.", "nueva hora 8:30 a. m. Viene Jo."),
    ({"at": "13:00", "duration": "1h"}, "new time 1:00 pm–2:00 pm. Jo is coming.",
     "nueva hora 1:00 p. m.–2:00 p. m. Viene Jo."),
    ({"duration": "1h"}, "new time 9:00 am–10:00 am. Jo is coming.", "nueva hora 9:00 a. m.–10:00 a. m. Viene Jo."),
    ({"at": "12:00", "staff": "lucia-nunez"}, "new time 12:00 pm. Lucía is coming instead of Jo.",
     "nueva hora 12:00 p. m. Viene Lucía en lugar de Jo."),
    ({"status": "cancelled", "reason": "Hospital"}, "cancelled.", "cancelada."),
    ({"status": "missed", "reason": "Flat tire"}, "it did not take place.", "no se realizó."),
    ({"status": "refused", "reason": "Angry"}, "it did not take place.", "no se realizó."),
    ({"status": "done", "staff": "lucia-nunez"}, "it took place; Lucía was there.", "se realizó; estuvo Lucía."),
    ({"status": "confirmed"}, "Jo is coming as planned.", "viene Jo, como estaba previsto."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "english", "spanish"), CASES, ids=[case[1] for case in CASES])
def test_what_is_so_beside_what_was_due(record: dict[str, Any], english: str, spanish: str) -> None:
    of = chart(series(), change(WEDNESDAY, **record))
    assert told(of) == f"Visit to Mom on Wednesday, November 25, 9:00 am: {english}"
    assert told(of, maria(language="es-US", calls_client="Mamá")) == (
        f"Visita a Mamá, miércoles 25 de noviembre, 9:00 a. m.: {spanish}"
    )


def test_another_day() -> None:
    of = chart(series(), change(WEDNESDAY, date=day("2026-11-26"), at="10:00"))
    assert told(of, on="2026-11-26") == (
        "Visit to Mom on Wednesday, November 25, 9:00 am: moved to Thursday, November 26, 10:00 am. Jo is coming."
    )
    off = chart(series(), change(WEDNESDAY, date=day("2026-11-26"), at="10:00", status="cancelled", reason="x"))
    assert told(off, on="2026-11-26") == (
        "Visit to Mom on Thursday, November 26, 10:00 am (was Wednesday, November 25, 9:00 am): cancelled."
    )
    assert told(off, maria(language="es"), on="2026-11-26") == (
        "Visita a Mom, jueves 26 de noviembre, 10:00 a. m. (antes: miércoles 25 de noviembre, 9:00 a. m.): cancelada."
    )


def test_off_at_another_time_of_the_same_day() -> None:
    off = chart(series(), change(WEDNESDAY, at="13:00", status="cancelled", reason="x"))
    assert told(off) == "Visit to Mom on Wednesday, November 25, 1:00 pm (was 9:00 am): cancelled."


def test_a_visit_of_no_series_is_never_said_to_be_as_planned() -> None:
    assert told(chart(single(WEDNESDAY, with_="dr-lee"))) == (
        "Visit to Mom on Wednesday, November 25, 2:30 pm: it takes place."
    )
    of = chart(single(WEDNESDAY, staff="jo-park"))
    assert told(of) == "Visit to Mom on Wednesday, November 25, 2:30 pm: Jo is coming."
    assert told(of, maria(language="es")) == "Visita a Mom, miércoles 25 de noviembre, 2:30 p. m.: viene Jo."
    answer = notice_to_staff(of, only(of, WEDNESDAY, HERE), "jo-park", HERE)
    assert isinstance(answer, Notice)
    assert answer.state == "you come. Please confirm."


def test_a_series_that_took_over_lately_beside_the_one_before() -> None:
    old = series(until=day("2026-11-23"), days=("mon", "wed"))
    fields = {"from_": day("2026-11-24"), "follows": "am-care", "days": ("wed", "thu"), "staff": "lucia-nunez"}
    of = chart(old, series("am-care-2", at="10:00", **fields))
    assert told(of) == (
        "Visit to Mom on Wednesday, November 25, 9:00 am: new time 10:00 am. Lucía is coming instead of Jo."
    )
    # On a day on which it was not due before there is nothing to compare with.
    assert told(of, on="2026-11-26") == "Visit to Mom on Thursday, November 26, 10:00 am: Lucía is coming."
    answer = notice_to_staff(of, only(of, WEDNESDAY, HERE), "jo-park", HERE)
    assert isinstance(answer, Notice)
    assert answer.text == (
        f"c-014 Rosie, Wednesday, November 25, 10:00 am–12:00 pm (was 9:00 am–11:00 am): you do not come. {SIGN}"
    )
    # After two weeks the new times are those that people know.
    later = here()
    later = replace(later, now=later.now + dt.timedelta(days=20))
    assert told(of, on="2026-12-16", within=later).endswith("10:00 am: Lucía is coming.")


def test_half_of_the_staff_is_away_beside_a_contact() -> None:
    ill = here(staff(away=(Away(from_=WEDNESDAY, until=WEDNESDAY),)), LUCIA, MAREK)
    words = "Jo is not coming, and nobody is confirmed in their place yet."
    for of in (chart(single(WEDNESDAY, staff="jo-park", with_="dr-lee")), chart(series(with_="dr-lee"))):
        assert f": {words}" in told(of, within=ill)
        answer = notice_to_client(of, only(of, WEDNESDAY, ill), ill)
        assert isinstance(answer, Notice)
        assert answer.state == words
    # Who was put in beside her, and is away.
    of = chart(series(staff="lucia-nunez"), change(WEDNESDAY, staff=("lucia-nunez", "jo-park")))
    assert told(of, within=ill).endswith("Lucía is coming without Jo.")
    # Who is away goes unnamed if they are not on file by name.
    lost = replace(ill, staff={})
    of = chart(single(WEDNESDAY, staff="jo-park", with_="dr-lee"))
    answer = notice(of, only(of, WEDNESDAY, ill), maria(), lost)
    assert isinstance(answer, Notice)
    assert answer.state == "nobody is confirmed yet."


def test_two_people() -> None:
    both = series(staff=("jo-park", "lucia-nunez"))
    assert told(chart(both)).endswith("Jo and Lucía are coming as planned.")
    assert told(chart(both, change(WEDNESDAY, staff="lucia-nunez"))).endswith("Lucía is coming without Jo.")
    swapped = chart(both, change(WEDNESDAY, staff=("lucia-nunez", "marek-z")))
    assert told(swapped).endswith("Marek, with Lucía, is coming instead of Jo.")


def test_somebody_who_is_away_and_nobody_else_yet() -> None:
    ill = staff(away=(Away(from_=WEDNESDAY, until=WEDNESDAY, reason="ill"),))
    text = told(chart(series()), within=here(ill, LUCIA))
    assert text.endswith("Jo is not coming, and nobody is confirmed yet. We will let you know.")
    assert told(chart(series(staff=None))).endswith(": nobody is confirmed yet. We will let you know.")


def test_a_client_who_is_away_is_not_said_to_be() -> None:
    of = chart(series(), away=(Away(from_=WEDNESDAY, until=WEDNESDAY, where="Evanston Hospital", reason="heart"),))
    assert told(of) == "Visit to Mom on Wednesday, November 25, 9:00 am: cancelled."


def test_as_the_reader_knows_it() -> None:
    of = chart(series(), change(WEDNESDAY, staff="lucia-nunez"))
    item = only(of, WEDNESDAY, HERE)
    text = told(of, was=Due(item.start, item.end, ("marek-z",)))
    assert text.endswith("Lucía is coming instead of Marek.")
    assert told(of, was=Due(item.start, item.end, ("lucia-nunez",))).endswith("Lucía is coming as planned.")


def test_without_a_name_for_the_client_and_in_another_year() -> None:
    assert told(chart(series()), maria(calls_client=None), "2027-01-04") == (
        "Visit on Monday, January 4, 2027, 9:00 am: Jo is coming as planned."
    )
    assert "miércoles 6 de enero de 2027, 9:00 a. m.:" in told(chart(series()), maria(language="es"), "2027-01-06")


def test_24_hours_where_people_count_so() -> None:
    of = chart(series(at="14:30"))
    assert told(of, maria(language="es-ES")).startswith("Visita a Mom, miércoles 25 de noviembre, 14:30: ")
    assert told(of, maria(language="en-GB")).startswith("Visit to Mom on Wednesday 25 November, 14:30: ")


def test_a_client_in_another_zone() -> None:
    of = chart(series(at="00:30"), timezone="America/New_York")
    assert told(of).startswith("Visit to Mom on Wednesday, November 25, 12:30 am local time: ")


def test_a_language_without_words_gets_english_and_a_remark() -> None:
    answer = notice(chart(series()), only(chart(series()), WEDNESDAY, HERE), maria(language="pl"), HERE)
    assert isinstance(answer, Notice)
    assert (answer.language, answer.text[:12]) == ("en", "Visit to Mom")
    assert answer.remarks == ("there are no words in pl yet, so the text is in English",)


def test_somebody_who_is_not_on_file_goes_unnamed() -> None:
    of = chart(series(), change(WEDNESDAY, staff="mary-smith"))
    item = only(of, WEDNESDAY, HERE)
    answer = notice(of, item, maria(), HERE)
    assert isinstance(answer, Notice)
    assert "somebody else is coming instead of Jo." in answer.text
    assert answer.remarks == ("mary-smith is not on file, so the text does not name them",)


SECRETS = (
    "Alvarez",
    "Elm",
    "personal",
    "care",
    "bath",
    "Hospital",
    "failure",
    "Núñez",
    "Park",
    "c-014",
    "Lee",
    "note!",
)


@given(
    st.sampled_from([*CASES, ({"date": day("2026-11-25"), "with_": "dr-lee"}, "", "")]),
    st.sampled_from(["en", "es", "pl", "en-GB", None]),
    st.sampled_from(["Mom", None]),
)
def test_nothing_else_is_told(case: tuple[dict[str, Any], str, str], language: str | None, called: str | None) -> None:
    record = {"reason": "heart failure", "note": "note!", "where": "Evanston Hospital", **case[0]}
    of = chart(
        series(does=("bath",), where="418 Elm St"), change(WEDNESDAY, **record), address=Address(street="Elm St")
    )
    answer = notice(of, only(of, WEDNESDAY, HERE), maria(language=language, calls_client=called), HERE)
    assert isinstance(answer, Notice)
    assert not [word for word in SECRETS if word in answer.text.replace(SIGN, "")]


def test_one_message_if_it_can_be() -> None:
    of = chart(series(staff=None))
    item = only(of, WEDNESDAY, HERE)
    for length in range(1, 80):
        practice = Practice(name="P" * length, timezone=CHICAGO, phone="+1 312 555 0142")
        answer = notice(of, item, maria(), replace(HERE, practice=practice))
        assert isinstance(answer, Notice)
        promised = "We will let you know." in answer.text
        assert promised is (len(answer.text) + (0 if promised else len(" We will let you know.")) <= LENGTH)
        assert answer.text.endswith(f"{'P' * length}, +1 312 555 0142")


def test_several_at_once() -> None:
    of = chart(series(), change("2026-11-27", status="cancelled", reason="x"))
    answers = [notice(of, only(of, on, HERE), maria(), HERE) for on in ("2026-11-23", WEDNESDAY, "2026-11-27")]
    notices = [answer for answer in answers if isinstance(answer, Notice)]
    assert joined(notices).split("\n") == [
        "Visit to Mom on Monday, November 23, 9:00 am; Wednesday, November 25, 9:00 am: Jo is coming as planned.",
        "Visit to Mom on Friday, November 27, 9:00 am: cancelled.",
        SIGN,
    ]
    assert joined(notices[:1]) == notices[0].text


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sharing", "words"),
    [
        ((), "schedule: not shared with maria"),
        ((Sharing(topics=("health",), basis="agreed", given=day("2026-08-03")),), "schedule: not shared with maria"),
        ((Sharing(topics=("schedule",), basis="agreed", given=day("2026-08-03"), expires=day("2026-11-21")),),
         "schedule: maria's sharing lapsed on 2026-11-21"),
        ((Sharing(topics=("all",), basis="agreed", given=day("2026-08-03"), revoked=day("2026-11-22")),),
         "schedule: maria's sharing was revoked on 2026-11-22"),
    ],
)  # fmt: skip
def test_only_who_may_know_the_schedule(sharing: tuple[Sharing, ...], words: str) -> None:
    answer = refused(chart(series()), maria(sharing=sharing))
    assert (answer.reason, answer.words) == ("nothing_shared", words)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"private": True}, "is private"),
        ({"about": ("maria",)}, "is about maria"),
        ({"origin": Origin("x", (), frozenset({"note"}))}, "could not be read whole"),
    ],
)
def test_a_visit_that_is_not_for_them(record: dict[str, Any], words: str) -> None:
    answer = refused(chart(series(), change(WEDNESDAY, note="Secret", **record)))
    assert answer.words == f"visits/am-care-{WEDNESDAY}: {words}"


def test_nobody_is_said_to_come_of_whom_it_is_not_known() -> None:
    lost = staff(origin=Origin("staff/jo-park.yaml", (), frozenset({"away"})))
    half = staff(away=(Away(from_=WEDNESDAY, origin=Origin("x", (), frozenset({"until"}))),))
    words = "it could not be read whether jo-park is away then"
    for within in (here(lost), here(half), here(LUCIA, unread_staff=frozenset({"jo-park"}))):
        of = chart(series())
        item = only(of, WEDNESDAY, here())
        answer = notice(of, item, maria(), within)
        assert isinstance(answer, NotShared)
        assert (answer.reason, answer.words) == ("unreadable", words)


def test_what_may_have_changed_unread_is_not_told() -> None:
    of = chart(series())
    broken = Broken("visits", None, Origin("clients/c-014/visits.yaml", ("visits", 0)))
    lost = Chart(id=of.id, path=of.path, client=of.client, series=of.series, broken=(broken,))
    assert refused_item(lost, only(of, WEDNESDAY, HERE)).reason == "unreadable"


def refused_item(of: Chart, item: Occurrence) -> NotShared:
    answer = notice(of, item, maria(), HERE)
    assert isinstance(answer, NotShared)
    return answer


def test_the_end_of_care_is_for_a_person_to_tell() -> None:
    ended = chart(series(), status="discharged", end_of_care=day("2026-11-24"))
    assert refused(ended).reason == "nothing_to_say"
    dead = chart(series(), status="deceased", end_of_care=day("2026-11-24"))
    assert refused(dead).reason == "deceased"
    assert isinstance(notice_to_client(dead, only(dead, WEDNESDAY, HERE), HERE), NotShared)


# --- to the client ---------------------------------------------------------------------------------------------------


def test_to_the_client() -> None:
    of = chart(series(), change(WEDNESDAY, staff="lucia-nunez"), language="es")
    answer = notice_to_client(of, only(of, WEDNESDAY, HERE), HERE)
    assert isinstance(answer, Notice)
    line = "Su visita, miércoles 25 de noviembre, 9:00 a. m.: viene Lucía en lugar de Jo."
    assert answer.text == f"{line} {SIGN}"
    hidden = chart(series(), change(WEDNESDAY, private=True))
    assert isinstance(notice_to_client(hidden, only(hidden, WEDNESDAY, HERE), HERE), NotShared)


# --- to staff --------------------------------------------------------------------------------------------------------

HOME = Address(street="418 Elm St", city="Evanston", postal_code="60201", access="Key safe 4711")
HEAD = "c-014 Rosie, 418 Elm St, Evanston, Wednesday, November 25, 9:00 am–11:00 am: "
AWAY_HEAD = "c-014 Rosie, Wednesday, November 25, 9:00 am–11:00 am: "


@pytest.mark.parametrize(
    ("record", "person", "text"),
    [
        ({}, "jo-park", f"{HEAD}as planned."),
        ({"staff": "lucia-nunez"}, "lucia-nunez", f"{HEAD}you come instead of Jo. Please confirm."),
        ({"staff": "lucia-nunez"}, "jo-park", f"{AWAY_HEAD}you do not come."),
        ({"staff": ("jo-park", "lucia-nunez")}, "jo-park", f"{HEAD}Lucía comes too."),
        ({"staff": ("jo-park", "lucia-nunez")}, "lucia-nunez", f"{HEAD}you come. Please confirm. Jo comes too."),
        ({"at": "10:00"}, "jo-park", f"{HEAD}new time 10:00 am."),
        ({"status": "cancelled", "reason": "x"}, "jo-park", f"{AWAY_HEAD}cancelled, please do not go."),
        ({"status": "missed", "reason": "x"}, "jo-park", f"{AWAY_HEAD}it did not take place."),
        ({"status": "done", "staff": "jo-park"}, "jo-park", f"{AWAY_HEAD}it took place."),
        ({"where": "The clinic"}, "jo-park", f"{HEAD}as planned.".replace("418 Elm St, Evanston", "The clinic")),
        ({"at": "10:00", "staff": "lucia-nunez"}, "lucia-nunez",
         f"{HEAD}you come instead of Jo. Please confirm.".replace("9:00 am–11:00 am", "10:00 am–12:00 pm")),
    ],
)  # fmt: skip
def test_to_staff(record: dict[str, Any], person: str, text: str) -> None:
    of = chart(series(), change(WEDNESDAY, **record), address=HOME)
    answer = notice_to_staff(of, only(of, WEDNESDAY, HERE), person, HERE)
    assert isinstance(answer, Notice)
    assert answer.text == f"{text} {SIGN}"


def test_to_the_other_one_of_two() -> None:
    both = series(staff=("jo-park", "lucia-nunez"))
    alone = chart(both, change(WEDNESDAY, staff="lucia-nunez"), address=HOME)
    answer = notice_to_staff(alone, only(alone, WEDNESDAY, HERE), "lucia-nunez", HERE)
    assert isinstance(answer, Notice)
    assert answer.state == "Jo is not coming, and nobody else is confirmed yet."
    swapped = chart(both, change(WEDNESDAY, staff=("lucia-nunez", "marek-z")), address=HOME)
    answer = notice_to_staff(swapped, only(swapped, WEDNESDAY, HERE), "lucia-nunez", HERE)
    assert isinstance(answer, Notice)
    assert answer.state == "Marek comes with you instead of Jo."


def test_staff_are_told_in_whose_clock() -> None:
    of = chart(series(), timezone="America/New_York")
    answer = notice_to_staff(of, only(of, WEDNESDAY, HERE), "jo-park", HERE)
    assert isinstance(answer, Notice)
    assert answer.when == "Wednesday, November 25, 9:00 am–11:00 am EST"


def test_staff_who_have_nothing_to_do_with_it() -> None:
    of = chart(series(), change(WEDNESDAY, staff="lucia-nunez"))
    answer = notice_to_staff(of, only(of, WEDNESDAY, HERE), "marek-z", HERE)
    assert isinstance(answer, NotShared)
    assert answer.words == "marek-z has nothing to do with this visit"
    ill = here(staff(away=(Away(from_=WEDNESDAY, until=WEDNESDAY),)), LUCIA, MAREK)
    single_visit = chart(single(WEDNESDAY, staff="jo-park"))
    opened = notice_to_staff(single_visit, only(single_visit, WEDNESDAY, ill), "jo-park", ill)
    assert isinstance(opened, Notice)
    assert opened.state == "you do not come."


def to_jo(of: Chart, item: Occurrence, *partners: Chart, person: str = "jo-park") -> str:
    answer = notice_to_staff(of, item, person, HERE, partners=partners)
    assert isinstance(answer, Notice)
    return answer.text.removesuffix(f" {SIGN}").removeprefix("c-014 Rosie, ")


def test_of_a_moved_visit_staff_hear_the_time_that_it_has_now() -> None:
    record: dict[str, Any] = {"date": day("2026-11-26"), "at": "13:00"}
    off = chart(series(), change(WEDNESDAY, status="cancelled", reason="x", **record))
    assert to_jo(off, only(off, "2026-11-26", HERE)) == (
        "Thursday, November 26, 1:00 pm–3:00 pm (was Wednesday, November 25, 9:00 am–11:00 am): "
        "cancelled, please do not go."
    )
    given = chart(series(), change(WEDNESDAY, at="13:00", staff="marek-z"))
    assert to_jo(given, only(given, WEDNESDAY, HERE)) == (
        "Wednesday, November 25, 1:00 pm–3:00 pm (was 9:00 am–11:00 am): you do not come."
    )
    # Who took it over knows no other time.
    both = chart(series(), change(WEDNESDAY, at="13:00", staff="marek-z", status="cancelled", reason="x"))
    assert to_jo(both, only(both, WEDNESDAY, HERE), person="marek-z") == (
        "Wednesday, November 25, 1:00 pm–3:00 pm: cancelled, please do not go."
    )


@pytest.mark.parametrize(
    ("partner", "words"),
    [
        ({}, "cancelled for Rosie: please go, only for c-2 Stan."),
        ({"at": "09:30"}, "cancelled for Rosie: please go, only for c-2 Stan."),
        ({"status": "cancelled", "reason": "x"}, "cancelled, please do not go."),
        ({"staff": "lucia-nunez"}, "cancelled, please do not go."),
        ({"at": "13:00"}, "cancelled, please do not go."),
        ({"at": "13:00", "duration": "1h", "to": "14:00"},
         "it does not take place for Rosie. The visit to c-2 Stan on your calendar stands."),
        (None, "it does not take place for Rosie. The visit to c-2 on your calendar stands."),
    ],
)  # fmt: skip
def test_only_one_of_a_couple(partner: dict[str, Any] | None, words: str) -> None:
    of = chart(series(together=("c-2",)), change(WEDNESDAY, status="cancelled", reason="x"))
    other = chart(
        series(together=("c-014",)), *([change(WEDNESDAY, **partner)] if partner else ()), client_id="c-2",
        name=Name(given="Stan", family="W"),
    )  # fmt: skip
    text = to_jo(of, only(of, WEDNESDAY, HERE), *([other] if partner is not None else []))
    assert text == f"Wednesday, November 25, 9:00 am–11:00 am: {words}"
    given = chart(series(together=("c-2",)), change(WEDNESDAY, staff="marek-z"))
    if partner == {}:
        text = to_jo(given, only(given, WEDNESDAY, HERE), other)
        assert text.endswith("you do not come for Rosie: please go, only for c-2 Stan.")


def test_staff_like_to_be_called_by_another_name() -> None:
    bev = StaffMember(id="bev", name=Name(given="Beverly", family="Hartley", preferred="Bev"), role="aide")
    of = chart(series(), change(WEDNESDAY, staff="bev"))
    assert told(of, within=here(JO, bev)).endswith("Bev is coming instead of Jo.")


def test_both_hours_of_a_night_when_the_clocks_change() -> None:
    of = chart(series(at="22:00", to="06:00", days=("sat",)))
    answer = notice_to_staff(of, only(of, "2026-10-31", here()), "jo-park", here())
    assert isinstance(answer, Notice)
    assert answer.when == "Saturday, October 31, 10:00 pm–6:00 am"
    assert only(of, "2026-10-31", here()).end.astimezone(dt.UTC).hour == 12

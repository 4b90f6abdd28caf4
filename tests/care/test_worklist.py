"""What needs a person: each sort of thing at the edges of its days, and nothing concluded from what was not read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from helpers_checks import BASE, Files

from carectl.care.setting import Setting
from carectl.care.worklist import Item, Worklist, days_needed, runs_low, worklist
from carectl.caseload.load import Loader, Part
from carectl.caseload.records import Supply
from carectl.caseload.zones import zone

SUNDAY = "2026-11-22T06:40"
SOUND = Files.of(BASE)
ROSA = "clients/c-001"


def raw(path: str) -> str:
    """A file of the sound caseload, in which nothing needs anybody."""
    return SOUND.files[path].decode()


def look(
    files: dict[str, str],
    *,
    now: str = SUNDAY,
    clients: frozenset[str] | None = None,
    staff: frozenset[str] = frozenset(),
) -> Worklist:
    """The list of the sound caseload with some files replaced."""
    loader = Loader(SOUND.changed({path: text.encode() for path, text in files.items()}))
    practice = loader.practice()
    members, unread = loader.staff()
    home = zone("America/Chicago")
    setting = Setting(
        now=dt.datetime.fromisoformat(now).replace(tzinfo=home),
        zones=zone,
        practice=practice.practice if practice else None,
        staff={member.id: member for member in members},
        unread_staff=unread,
    )
    part = Part.of_days(
        *days_needed(setting.today), more=("assessments", "care-plan", "medications", "tasks", "concerns", "supplies")
    )
    return worklist([loader.chart(name, part) for name in loader.client_ids()], setting, clients, staff)


def items(files: dict[str, str], **more: Any) -> list[Item]:
    return list(look(files, **more).items)


def brief(files: dict[str, str], **more: Any) -> list[tuple[str, str, str]]:
    return [(item.kind, item.when, str(item.due)) for item in items(files, **more)]


def visits(*lines: str) -> dict[str, str]:
    """Visit records added to those of Rosa."""
    return {f"{ROSA}/visits.yaml": raw(f"{ROSA}/visits.yaml") + "".join(f"  - {line}\n" for line in lines)}


def test_a_sound_caseload_needs_nobody() -> None:
    page = look({})
    assert page == Worklist(items=(), visits=(), away=(), missing=())


# --- days ------------------------------------------------------------------------------------------------------------


def test_tasks_by_their_days() -> None:
    days = ("11-21", "11-22", "11-23", "11-29", "11-30")
    lines = "".join(f"  - {{id: t-{day}, text: Call {day}, due: 2026-{day}}}\n" for day in days)
    more = "  - {id: done, text: Was done, due: 2026-11-20, done: 2026-11-20}\n  - {id: no-day, text: Some day}\n"
    found = items({f"{ROSA}/tasks.yaml": f"tasks:\n{lines}{more}"})
    assert [(item.what, item.when) for item in found] == [
        ("Call 11-21 (due Sat 21 Nov)", "overdue"),
        ("Call 11-22 (due Sun 22 Nov)", "today"),
        ("Call 11-23 (due Mon 23 Nov)", "soon"),
        ("Call 11-29 (due Sun 29 Nov)", "soon"),
    ]
    assert found[0].command == "carectl task done c-001 t-11-21"
    assert found[0].spot.keys == ("tasks", 0, "due")


def test_who_does_a_task_is_said_by_name() -> None:
    lines = (
        "  - {id: a, text: One, due: 2026-11-22, who: jo-park}\n  - {id: b, text: Two, due: 2026-11-22, who: maria}\n"
        "  - {id: c, text: Three, due: 2026-11-22, who: {name: Ann Doe}, private: true}\n"
    )
    found = items({f"{ROSA}/tasks.yaml": f"tasks:\n{lines}"})
    assert [(item.what, item.staff) for item in found] == [
        ("One [Jo Park] (due Sun 22 Nov)", ("jo-park",)),
        ("Two [Maria Alvarez] (due Sun 22 Nov)", ("maria",)),
        ("Three [Ann Doe] (due Sun 22 Nov)", ("Ann Doe",)),
    ]
    assert [item.what for item in items({f"{ROSA}/tasks.yaml": f"tasks:\n{lines}"}, staff=frozenset({"jo-park"}))] == [
        "One [Jo Park] (due Sun 22 Nov)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("review_due: 2027-02-03", "review_due: 2026-11-21", [("plan", "overdue", "2026-11-21")]),
        ("review_due: 2027-02-03", "review_due: 2026-11-29", [("plan", "soon", "2026-11-29")]),
        ("review_due: 2027-02-03", "review_due: 2026-11-30", []),
        ("until: 2027-08-04", "until: 2026-11-22", [("plan", "today", "2026-11-22")]),
        ("due: 2027-02-03\n        status: active", "due: 2026-11-25\n        status: active",
         [("goal", "soon", "2026-11-25")]),
        ("due: 2027-02-03\n        status: active", "due: 2026-11-05\n        status: completed", []),
    ],
)  # fmt: skip
def test_the_care_plan(old: str, new: str, wanted: list[tuple[str, str, str]]) -> None:
    plan = raw(f"{ROSA}/care-plan.yaml")
    assert old in plan
    assert brief({f"{ROSA}/care-plan.yaml": plan.replace(old, new, 1)}) == wanted
    # Of somebody who is not in care, nothing is due.
    client = raw(f"{ROSA}/client.yaml").replace("status: active", "status: on_hold")
    assert brief({f"{ROSA}/care-plan.yaml": plan.replace(old, new, 1), f"{ROSA}/client.yaml": client}) == []


@pytest.mark.parametrize(
    ("expires", "wanted", "words"),
    [
        ("2026-11-21", "overdue", "what Maria Alvarez may be told lapsed after Sat 21 Nov (schedule, wellbeing)"),
        ("2026-11-22", "today", "what Maria Alvarez may be told lapses after Sun 22 Nov (schedule, wellbeing)"),
        ("2026-11-29", "soon", "what Maria Alvarez may be told lapses after Sun 29 Nov (schedule, wellbeing)"),
        ("2026-11-30", None, ""),
    ],
)
def test_sharing_that_lapses(expires: str, wanted: str | None, words: str) -> None:
    contacts = raw(f"{ROSA}/contacts.yaml").replace("expires: 2027-08-03", f"expires: {expires}")
    found = items({f"{ROSA}/contacts.yaml": contacts})
    assert [item.when for item in found] == ([wanted] if wanted else [])
    for item in found:
        assert item.what == f"{words}: ask the client"
        topics = "--topic schedule --topic wellbeing"
        assert item.command == f"carectl contact share c-001 maria {topics} --basis authorization --expires DAY"
    later = "\n      - {topics: [schedule, wellbeing], basis: agreed, given: 2026-11-01}"
    replaced = contacts.replace(f"expires: {expires}", f"expires: {expires}{later}")
    assert items({f"{ROSA}/contacts.yaml": replaced}) == []


def test_equipment() -> None:
    lines = (
        "  - {id: lift, item: Patient lift, supplier: CareMed, service_due: 2026-11-21}\n"
        "  - {id: bed, item: Bed, return_by: 2026-11-29}\n"
        "  - {id: chair, item: Chair, return_by: 2026-11-29, until: 2026-11-20}\n"
    )
    found = items({f"{ROSA}/supplies.yaml": f"equipment:\n{lines}"})
    assert [(item.when, item.what) for item in found] == [
        ("overdue", "service Patient lift, CareMed (due Sat 21 Nov)"),
        ("soon", "send back Bed (due Sun 29 Nov)"),
    ]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"on_hand": 24, "use_per_day": 3, "reorder_at": 12}, "2026-11-24"),
        ({"on_hand": 25, "use_per_day": 3, "reorder_at": 12}, "2026-11-25"),
        ({"on_hand": 1.2, "use_per_day": 0.3, "reorder_at": 0.3}, "2026-11-23"),
        ({"on_hand": 9, "use_per_day": 3}, "2026-11-23"),
        ({"on_hand": 6, "reorder_at": 8}, "2026-11-20"),
        ({"on_hand": 9, "reorder_at": 8}, None),
        ({"on_hand": 6, "reorder_at": 8, "ordered": "2026-11-20"}, None),
        ({"on_hand": 6, "reorder_at": 8, "ordered": "2026-11-19"}, "2026-11-20"),
        ({"reorder_at": 8}, None),
        ({"on_hand": 9e9, "use_per_day": 1e-6}, "2126-10-27"),
    ],
)
def test_when_a_supply_runs_low(fields: dict[str, Any], wanted: str | None) -> None:
    if "ordered" in fields:
        fields = {**fields, "ordered": dt.date.fromisoformat(fields["ordered"])}
    found = runs_low(Supply(id="s", item="Briefs", counted=dt.date(2026, 11, 20), **fields))
    assert (str(found) if found else None) == wanted


def test_supplies_are_ordered_in_time() -> None:
    entry = "id: pads, item: Pads, on_hand: {}, counted: 2026-11-20, use_per_day: 3, supplier: CareMed"
    text = f"supplies:\n  - {{{{{entry}}}}}\n"
    found = items({f"{ROSA}/supplies.yaml": text.format(27)})
    assert [(item.when, str(item.due), item.what) for item in found] == [
        ("soon", "2026-11-29", "order Pads (about 21 left; CareMed)")
    ]
    assert items({f"{ROSA}/supplies.yaml": text.format(28)}) == []
    assert items({f"{ROSA}/supplies.yaml": text.format(3)})[0].when == "overdue"


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("{from: 2026-11-10, until: 2026-11-20}", []),
        ("{from: 2026-11-10, until: 2026-11-21}", [("medicine", "today", "2026-11-22")]),
        ("{from: 2026-11-10, until: 2026-11-28}", [("medicine", "soon", "2026-11-29")]),
        ("{from: 2026-11-10, until: 2026-11-29}", []),
        ("{from: 2026-11-10}", []),
        ("{from: 2026-11-10, until: 2026-11-24}, {from: 2026-11-25, until: 2026-12-24}", []),
        ("{from: 2026-11-10, until: 11/24}", []),
    ],
)
def test_a_medicine_that_is_given_again(held: str, wanted: list[tuple[str, str, str]]) -> None:
    medicines = raw(f"{ROSA}/medications.yaml")
    assert brief({f"{ROSA}/medications.yaml": f"{medicines.rstrip()}\n    held: [{held}]\n"}) == wanted


# --- what was never said, and whom to call ---------------------------------------------------------------------------


def test_what_was_never_said() -> None:
    client = raw(f"{ROSA}/client.yaml").replace("allergies: none_known\n", "")
    (found,) = items({f"{ROSA}/client.yaml": client})
    assert (found.kind, found.when, found.due, found.command) == ("not-stated", "today", None, None)
    assert "allergies" in found.what
    assert "none_known" in (found.hint or "")
    assert [item.kind for item in items({f"{ROSA}/assessments.yaml": "assessments: []\n"})] == ["plan"]
    # What could not be read may say it.
    assert items({f"{ROSA}/client.yaml": client + "allergies: 7\n"}) == []
    assert items({f"{ROSA}/assessments.yaml": "assessments: {\n"}) == []


FALL = "  - {{id: fall, kind: {}, at: 2026-11-20T03:10, facts: Fell{}}}\n"


def concern(kind: str = "fall", more: str = "") -> dict[str, str]:
    contacts = raw(f"{ROSA}/contacts.yaml").replace("roles: [emergency]", "call_for: [fall, abuse]\n    phone: '312'")
    return {f"{ROSA}/concerns.yaml": "concerns:\n" + FALL.format(kind, more), f"{ROSA}/contacts.yaml": contacts}


def test_a_concern_and_whom_to_call() -> None:
    found = items(concern())
    assert [(item.kind, item.when, item.what) for item in found] == [
        ("to-be-told", "overdue", "fall of Fri 20 Nov: call Maria Alvarez (daughter, 312)"),
        ("concern", "today", "fall of Fri 20 Nov is not settled"),
    ]
    assert found[0].command == "carectl concern told c-001 fall maria"
    assert found[1].command == "carectl concern close c-001 fall --outcome TEXT"
    assert brief(concern(more=", closed: 2026-11-21")) == []
    assert brief(concern(more=", closed: later")) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("wandering", ""),
        ("abuse", ""),
        ("fall", ", private: true"),
        ("fall", ", about: [maria]"),
        ("fall", ", told: [{who: maria, at: 2026-11-20}]"),
        ("fall", ", told: [{who: maria, at: sometime}]"),
    ],
)
def test_who_is_not_called(kind: str, more: str) -> None:
    """Nobody is named who did not ask for it, may not know, is meant by it, was told or may have been told."""
    assert "to-be-told" not in [item.kind for item in items(concern(kind, more))]


# --- visits ----------------------------------------------------------------------------------------------------------


def test_an_open_series_is_one_thing() -> None:
    line = "{id: evenings, service: companionship, from: 2026-11-23, days: [mon, tue], at: '18:00', duration: 1h}"
    text = raw(f"{ROSA}/visits.yaml").replace("series:\n", f"series:\n  - {line}\n", 1)
    (found,) = items({f"{ROSA}/visits.yaml": text})
    assert (found.kind, found.when, str(found.due), found.time) == ("visit-open", "soon", "2026-11-23", "18:00")
    assert found.what == "nobody comes: companionship Mon 23 Nov 18:00 and 1 more until Tue 24 Nov"
    assert found.command == "carectl visit suggest c-001/evenings-2026-11-23"
    assert found.code == "visit-open"


def test_a_visit_is_open_because_somebody_is_away() -> None:
    jo = raw("staff/jo-park.yaml") + "away: [{from: 2026-11-22, until: 2026-11-23, reason: flu}]\n"
    page = look({"staff/jo-park.yaml": jo})
    (found,) = page.items
    assert (found.what, found.staff) == ("nobody comes: personal care Mon 23 Nov 09:00 (Jo Park away)", ("jo-park",))
    assert found.code == "visit-staff-away"
    assert [(item.name, str(item.until)) for item in page.away] == [("Jo Park", "2026-11-23")]


def test_past_visits_without_a_record() -> None:
    text = raw(f"{ROSA}/visits.yaml").partition("  - id: am-care-2026-11-18")[0]
    (found,) = items({f"{ROSA}/visits.yaml": text})
    assert (found.kind, found.when, str(found.due)) == ("visit-unrecorded", "overdue", "2026-11-18")
    assert found.what == "done or not? personal care Wed 18 Nov 09:00 and 1 more until Fri 20 Nov (Jo Park)"
    assert found.command == "carectl visit done c-001/am-care-2026-11-18"
    # Today is not over, and what is too long ago is told by a check.
    assert items({f"{ROSA}/visits.yaml": text}, now="2026-11-18T23:00") == []
    assert str(items({f"{ROSA}/visits.yaml": text}, now="2026-12-23T06:40")[0].due) == "2026-11-18"
    assert str(items({f"{ROSA}/visits.yaml": text}, now="2026-12-24T06:40")[0].due) == "2026-11-20"


def test_a_visit_of_its_own_without_a_record() -> None:
    line = "{id: walk, service: companionship, date: 2026-11-19, at: '9:00', duration: 1h, with: dr-lee}"
    (found,) = items(visits(line))
    assert found.what == "done or not? companionship Thu 19 Nov 09:00 (Dr. Lee)"
    assert (found.time, found.command) == ("09:00", "carectl visit done c-001/walk")
    assert items(visits(line.replace("with:", "status: missed, reason: Snow, with:"))) == []


def test_a_night_that_is_not_over() -> None:
    line = "{id: night, service: nursing, staff: dana, date: 2026-11-21, at: '22:00', to: '07:00'}"
    assert items(visits(line)) == []
    assert [item.kind for item in items(visits(line), now="2026-11-23T06:40")] == ["visit-unrecorded"]


def test_nothing_is_concluded_from_visits_that_were_not_read() -> None:
    text = raw(f"{ROSA}/visits.yaml").partition("  - id: am-care-2026-11-18")[0]
    page = look({f"{ROSA}/visits.yaml": text + "  - {id: am-care-2026-11-18, day: eh}\n  - 7\n"})
    assert page.items == ()
    assert page.missing
    broken = look({f"{ROSA}/visits.yaml": text + "  - {id: am-care-2026-11-18, series: am-care, day: eh}\n"})
    assert [str(item.due) for item in broken.items] == ["2026-11-20"]


def test_one_person_at_two_places_is_one_thing() -> None:
    otis = "status: active\nbirth_date: 1940-01-01\nstart_of_care: 2026-09-01\nallergies: none_known\ncode_status: full"
    files = {
        "clients/c-002/client.yaml": raw("clients/c-002/client.yaml").replace("status: inquiry", otis),
        "clients/c-002/visits.yaml": "series:\n  - {id: walks, service: companionship, staff: jo-park, "
        "from: 2026-11-23, days: [mon, wed], at: '10:30', duration: 1h}\n",
    }
    found = [item for item in items(files) if item.kind == "visit-conflict"]
    assert [(item.client, item.what, item.staff) for item in found] == [
        ("c-001", "Jo Park is down twice: Mon 23 Nov 09:00 and 1 more until Wed 25 Nov, and at Otis Brandt 10:30",
         ("jo-park",)),
    ]  # fmt: skip
    assert found[0].code == "visit-double-booked"
    # Asked for one of the two, it is told of that one.
    found = [item for item in items(files, clients=frozenset({"c-002"})) if item.kind == "visit-conflict"]
    assert [item.client for item in found] == ["c-002"]
    assert "and at Rosa Alvarez 09:00" in found[0].what


def test_what_else_speaks_against_a_visit() -> None:
    away = visits(
        "{id: hoist, service: nursing, staff: dana, needs: [hoist], date: 2026-11-24, at: '10:00', duration: 1h}",
        "{id: twice, service: nursing, staff: jo-park, date: 2026-11-24, at: '10:30', duration: 1h}",
    )
    found = items(away)
    assert [(item.kind, item.code) for item in found] == [
        ("visit-conflict", "visits-overlap"), ("visit-conflict", "visit-skill-missing"),
    ]  # fmt: skip
    assert found[1].what == "Dana Whitfield does not have the skill hoist: nursing Tue 24 Nov 10:00"
    assert found[0].what == "two visits at once: nursing Tue 24 Nov 10:00, and nursing 10:30"
    assert found[0].command == "carectl visit move c-001/hoist --at TIME"
    jo = raw("staff/jo-park.yaml").replace('from: "07:00", to: "07:00"', 'from: "10:00", to: "16:00"')
    (found_,) = items({"staff/jo-park.yaml": jo})
    assert found_.what.startswith("Jo Park is not available on Mondays from 09:00 to 11:00: personal care Mon 23 Nov")
    assert found_.what.endswith("09:00 and 2 more until Fri 27 Nov")


@pytest.mark.parametrize(
    ("expires", "wanted"),
    [
        ("2026-11-20", "cpr of Jo Park is valid until Fri 20 Nov; 3 visits after it in the next 7 days"),
        ("2026-11-26", "cpr of Jo Park is valid until Thu 26 Nov; 1 visit after it in the next 7 days"),
        ("2026-11-29", "cpr of Jo Park is valid until Sun 29 Nov"),
        ("2026-11-30", None),
    ],
)
def test_papers_of_staff(expires: str, wanted: str | None) -> None:
    jo = raw("staff/jo-park.yaml").replace("expires: 2027-03-02", f"expires: {expires}")
    found = items({"staff/jo-park.yaml": jo})
    assert [item.what for item in found] == ([wanted] if wanted else [])
    assert all((item.kind, str(item.due), item.client) == ("credential", expires, None) for item in found)
    # Who has no visits needs no papers.
    nobody = raw(f"{ROSA}/visits.yaml").replace("    days:", "    until: 2026-11-20\n    days:")
    assert items({"staff/jo-park.yaml": jo, f"{ROSA}/visits.yaml": nobody}) == []


def test_a_week_that_is_too_long() -> None:
    jo = raw("staff/jo-park.yaml") + "max_hours_per_week: 5\n"
    (found,) = items({"staff/jo-park.yaml": jo}, now="2026-11-23T06:40")
    assert found.what == "Jo Park is down for 6h in the week of Mon 23 Nov, 1h too many"
    assert found.command == "carectl agenda --staff jo-park --from 2026-11-23 --until 2026-11-29"
    assert (found.when, found.code) == ("today", "staff-over-hours")
    assert items({"staff/jo-park.yaml": jo}, clients=frozenset({"c-001"})) == []


def test_the_day_is_that_of_the_client() -> None:
    """In Auckland it is tomorrow already."""
    client = raw(f"{ROSA}/client.yaml") + "timezone: Pacific/Auckland\n"
    task = {f"{ROSA}/tasks.yaml": "tasks:\n  - {id: call, text: Call, due: 2026-11-23}\n"}
    assert [item.when for item in items(task)] == ["soon"]
    assert [item.when for item in items({**task, f"{ROSA}/client.yaml": client}) if item.kind == "task"] == ["today"]


def test_what_happens_today_and_who_is_away() -> None:
    client = raw(f"{ROSA}/client.yaml") + "away: [{from: 2026-11-22, reason: hospital}]\n"
    page = look({f"{ROSA}/client.yaml": client}, now="2026-11-23T06:40")
    assert [(item.id, item.status) for item in page.visits] == [("am-care-2026-11-23", "cancelled")]
    assert [(item.client, item.name, item.until) for item in page.away] == [("c-001", "Rosa Alvarez", None)]
    assert page.items == ()


def test_overdue_first_and_what_cannot_wait_before_the_rest() -> None:
    client = raw(f"{ROSA}/client.yaml").replace("allergies: none_known\n", "")
    tasks = "  - {id: old, text: Old, due: 2026-11-01}\n  - {id: now, text: Now, due: 2026-11-22}\n"
    files = {
        f"{ROSA}/client.yaml": client,
        f"{ROSA}/tasks.yaml": f"tasks:\n{tasks}",
        f"{ROSA}/visits.yaml": raw(f"{ROSA}/visits.yaml").partition("  - id: am-care-2026-11-20")[0],
    }
    assert [(item.when, item.kind) for item in items(files)] == [
        ("overdue", "visit-unrecorded"), ("overdue", "task"), ("today", "not-stated"), ("today", "task"),
    ]  # fmt: skip


def test_at_the_end_of_the_calendar() -> None:
    task = {f"{ROSA}/tasks.yaml": "tasks:\n  - {id: call, text: Call, due: 9999-12-31}\n"}
    assert "task" not in [item.kind for item in items(task, now="9999-12-30T12:00")]
    assert look({}, now="0001-01-02T12:00").items == ()


def test_a_visit_with_one_too_few_is_told_like_an_open_one() -> None:
    """Somebody away without anybody in their place: others who come, or a contact alone, do not make it whole."""
    files = visits(
        "{id: bath, service: nursing, staff: [jo-park, dana], date: 2026-11-24, at: '14:00', duration: 1h}",
        "{id: meet, service: coordination, staff: jo-park, with: maria, date: 2026-11-24, at: '16:00', duration: 1h}",
    )
    jo = raw("staff/jo-park.yaml") + "away: [{from: 2026-11-24, until: 2026-11-24, reason: flu}]\n"
    found = [item for item in items(files | {"staff/jo-park.yaml": jo}) if item.kind == "visit-open"]
    assert [item.what for item in found] == [
        "one missing: nursing Tue 24 Nov 14:00 (Jo Park away)",
        "one missing: coordination Tue 24 Nov 16:00 (Jo Park away)",
    ]
    assert {(item.code, item.staff) for item in found} == {("visit-staff-away", ("jo-park",))}
    assert found[0].command == "carectl visit suggest c-001/bath"

"""The letter to a family: what reaches whom. The consent matrix runs over every text field of the format."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import combinations
from typing import Any, Final

import pytest
from helpers_documents import BEA, DR_OKAFOR, LUIS, TODAY, Canaries, ada, ada_setting, canary_chart, day, share
from msgspec.structs import replace

from carectl.care.letters import FamilyLetter, disclosure, family_letter
from carectl.care.sharing import NotShared
from carectl.caseload.records import (
    TOPICS,
    Away,
    Broken,
    Chart,
    Client,
    Concern,
    Contact,
    Intervention,
    Name,
    Note,
    Origin,
    Topic,
    Visit,
)
from carectl.output.documents import render_letter

MAY: Final[dict[str, frozenset[Topic]]] = {
    # Always: who writes, to whom, about whom.
    "practice.name": frozenset(),
    "practice.phone": frozenset(),
    "practice.email": frozenset(),
    "noor.name.given": frozenset(),
    "noor.name.family": frozenset(),
    "maria.name": frozenset(),
    "maria.calls_client": frozenset(),
    # Who comes when. Where, with whom and for what a visit outside is tells about health.
    "jo.name.preferred": frozenset({"schedule"}),
    "series.service": frozenset({"schedule", "health"}),
    "coming.service": frozenset({"schedule", "health"}),
    "coming.where": frozenset({"schedule", "health"}),
    "doctor.name": frozenset({"schedule", "health"}),
    "coming.for_family": frozenset({"schedule", "wellbeing"}),
    # How she is.
    "visit.for_family": frozenset({"wellbeing"}),
    "note.for_family": frozenset({"wellbeing"}),
    # Goals; progress also needs the goal's own topic.
    "goal.text": frozenset({"goals"}),
    "worded.for_family": frozenset({"goals"}),
    "progress.for_family": frozenset({"goals", "health"}),
    # Health.
    "client.diagnoses.text": frozenset({"health"}),
    "assessment.for_family": frozenset({"health"}),
    "measurement.kind": frozenset({"health"}),
    "measurement.value": frozenset({"health"}),
    "measurement.unit": frozenset({"health"}),
    "measurement.for_family": frozenset({"health"}),
    # Medicines; what they are for tells about health.
    **{f"{name}.{field}": frozenset({"medications"}) for name in ("medicine", "medicine2")
       for field in ("name", "dose", "strength", "route", "schedule", "for_family")},
    "medicine.indication": frozenset({"medications", "health"}),
    "medicine2.as_needed.reason": frozenset({"medications", "health"}),
    # Falls and incidents.
    "concern.for_family": frozenset({"concerns"}),
}  # fmt: skip
"""Which topics each text field needs to reach a contact. A field that is not named here reaches nobody."""

SUBSETS: Final = [frozenset(some) for size in range(8) for some in combinations(TOPICS, size)]
STATES: Final[dict[str, dict[str, Any]]] = {
    "valid": {},
    "expires today": {"expires": TODAY},
    "given today": {"given": TODAY},
    "no end, agreed": {"basis": "agreed", "expires": None},
    "no end, representative": {"basis": "representative", "expires": None},
    "no end, care team": {"basis": "care_team", "expires": None},
    "expired": {"expires": TODAY - dt.timedelta(1)},
    "not begun": {"given": TODAY + dt.timedelta(1)},
    "revoked today": {"revoked": TODAY},
    "revoked": {"revoked": day("2026-09-01")},
    "authorization without an end": {"expires": None},
    "not read whole": {"origin": Origin("x", (), frozenset({"revoked"}))},
}
LIVE: Final = list(STATES)[:6]


def allowed(topics: frozenset[str]) -> frozenset[str]:
    """The fields that these topics let through."""
    return frozenset(label for label, needs in MAY.items() if needs <= topics)


def written(chart: Chart, setting: Any, contact: Contact | None = None) -> str:
    """The letter as it is printed; empty if there is none."""
    found = family_letter(chart, contact or chart.contacts[0], setting)
    return render_letter(found.letter) if isinstance(found, FamilyLetter) else ""


@pytest.mark.parametrize("topics", SUBSETS, ids=lambda topics: "+".join(sorted(topics)) or "none")
def test_every_field_needs_its_topics(topics: frozenset[Topic]) -> None:
    cage = Canaries()
    chart, setting = canary_chart(cage, (share(*sorted(topics)),) if topics else ())
    text = written(chart, setting)
    assert cage.found(text) == (allowed(topics) if topics - {"money"} else frozenset())


@pytest.mark.parametrize("topic", ["none", "all", *TOPICS])
@pytest.mark.parametrize("state", STATES)
def test_only_a_live_entry_shares(topic: str, state: str) -> None:
    cage = Canaries()
    topics: tuple[Any, ...] = () if topic == "none" else (topic,)
    chart, setting = canary_chart(cage, (share(*topics, **STATES[state]),))
    shared = frozenset(TOPICS) if topic == "all" else frozenset(topics)
    told = state in LIVE and topic not in ("none", "money")
    assert cage.found(written(chart, setting)) == (allowed(shared) if told else frozenset())


HIDE: Final[dict[str, dict[str, Any]]] = {
    "private": {"private": True},
    "about the reader": {"about": ("someone", "maria")},
    "not read whole": {"origin": Origin("x", (), frozenset({"private"}))},
}
GONE: Final = {
    "series": {"series.service"},
    "visit": {"visit.for_family"},
    "coming": {"coming.service", "coming.where", "coming.for_family", "doctor.name"},
    "note": {"note.for_family"},
    "goal": {"goal.text", "progress.for_family"},
    "worded": {"worded.for_family"},
    "problem": {"goal.text", "progress.for_family", "worded.for_family"},
    "assessment": {"assessment.for_family"},
    "medicine": {label for label in MAY if label.startswith("medicine")},
    "concern": {"concern.for_family"},
    "odd": set(),
    "measurement": {label for label in MAY if label.startswith("measurement")},
}


@pytest.mark.parametrize("how", HIDE)
@pytest.mark.parametrize("name", GONE)
def test_what_is_hidden_reaches_nobody(name: str, how: str) -> None:
    cage = Canaries()
    chart, setting = canary_chart(cage, (share("all"),), **{name: HIDE[how]})
    found = cage.found(written(chart, setting))
    gone = GONE[name] | ({"jo.name.preferred"} if name == "series" and "jo.name.preferred" not in found else set())
    assert found == allowed(frozenset(TOPICS)) - gone


def test_what_the_coordinator_is_told_quotes_no_text() -> None:
    cage = Canaries()
    for name in GONE:
        for fields in HIDE.values():
            chart, setting = canary_chart(cage, (share("schedule"),), **{name: fields})
            found = family_letter(chart, chart.contacts[0], setting)
            labels = cage.found("".join(map(str, found.withheld)))
            assert all(label.endswith((".id", ".does")) for label in labels), labels


def test_authority_and_roles_share_nothing() -> None:
    bea = replace(BEA, sharing=())
    found = family_letter(replace_contacts(ada(), bea), bea, ada_setting())
    assert isinstance(found, NotShared)
    assert found.reason == "nothing_shared"


def test_entries_add_up() -> None:
    bea = replace(BEA, sharing=(share("schedule"), share("goals", expires=TODAY), share("health", revoked=TODAY)))
    found = family_letter(replace_contacts(ada(), bea), bea, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert found.topics == {"schedule", "goals"}
    assert not found.letter.diagnoses


def test_the_day_is_the_clients() -> None:
    # At 23:30 in Chicago it is already the next day in New York: what expires today has expired there.
    bea = replace(BEA, sharing=(share("wellbeing", expires=TODAY),))
    chart = replace_contacts(ada(), bea)
    assert chart.client is not None
    there = replace_client(chart, replace(chart.client, timezone="America/New_York"))
    late = ada_setting("2026-11-22T23:30")
    assert isinstance(family_letter(chart, bea, late), FamilyLetter)
    assert isinstance(family_letter(there, bea, late), NotShared)


def test_refusals() -> None:
    chart, setting = ada(), ada_setting()
    assert chart.client is not None
    dead = replace_client(chart, replace(chart.client, status="deceased"))
    unread = replace_client(chart, None)
    twice = replace_contacts(chart, BEA, BEA)
    empty = Chart(id="c", path="clients/c", client=Client(id="c", name=Name(given="A", family="B"), status="active"))
    reasons = [family_letter(one, BEA, setting) for one in (dead, unread, twice, empty)]
    assert [one.reason for one in reasons if isinstance(one, NotShared)] == [
        "deceased", "unreadable", "unreadable", "nothing_to_say",
    ]  # fmt: skip


def test_a_letter_never_says_that_nothing_happened() -> None:
    chart = ada()
    for contact in chart.contacts:
        text = written(chart, ada_setting("2027-03-01T09:00"), contact).lower()
        for claim in ("nothing", "no fall", "no incident", "all is well", "none", "ninguna", "nada"):
            assert claim not in text.replace("no fall until the new year", "")


def test_protected_concerns_are_never_told() -> None:
    for kind in ("abuse", "neglect", "exploitation", "self_neglect", "suspected_abuse", "financial_exploitation"):
        chart = with_concerns(ada(), Concern(id="c", kind=kind, at="2026-11-20", facts="F", for_family="Canary"))
        found = family_letter(chart, BEA, ada_setting())
        assert isinstance(found, FamilyLetter)
        assert not found.letter.incidents
        assert [item.why for item in found.withheld if item.what == "concerns/c"] == ["protected"]


def test_a_corrected_entry_is_not_told_even_if_its_correction_is_hidden() -> None:
    first = Concern(id="one", kind="fall", at="2026-11-20", facts="F", for_family="First words")
    for amends in ("concerns/one", "one", "c-101/concerns/one"):
        second = Concern(id="two", kind="abuse", at="2026-11-20", facts="F", amends=amends)
        found = family_letter(with_concerns(ada(), first, second), BEA, ada_setting())
        assert isinstance(found, FamilyLetter)
        assert not found.letter.incidents


def test_a_note_needs_every_topic_it_is_about() -> None:
    found = family_letter(ada(), LUIS, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert "notes/n-1" in [item.what for item in found.withheld if item.why == "topic"]
    assert "invoice" not in written(ada(), ada_setting(), LUIS)
    assert "invoice" in written(ada(), ada_setting(), BEA)


def test_words_in_another_language_are_used_and_the_coordinator_is_told() -> None:
    luis = replace(LUIS, sharing=(share("concerns", "money"),))
    found = family_letter(replace_contacts(ada(), luis), luis, ada_setting())
    assert isinstance(found, FamilyLetter)
    said = {item.what: item.words for item in found.withheld if item.why == "language"}
    assert said == {
        "concerns/fall-1": "no words in es; the en words were used",
        "notes/n-1": "words name no language; check that they are in es",
    }


def test_a_language_without_words_falls_back_to_english_and_says_so() -> None:
    for language, used in (("fr", "en"), ("es-MX", "es"), ("en-GB", "en"), (None, "en")):
        bea = replace(BEA, language=language)
        found = family_letter(replace_contacts(ada(), bea), bea, ada_setting())
        assert isinstance(found, FamilyLetter)
        assert found.letter.language == used
        assert any(item.what == "contacts/bea" for item in found.withheld) == (language == "fr")


def test_visits_without_words_are_named() -> None:
    found = family_letter(ada(), BEA, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert [item.what for item in found.withheld if item.why == "no_words"] == [
        "medications/furosemide", "visits/am-2026-11-19",
    ]  # fmt: skip


def test_a_broken_record_is_named_and_not_shown() -> None:
    chart = ada()
    hurt = changed(
        chart,
        unread=frozenset({"notes", "supplies"}),
        broken=(Broken("visits", "am-2026-11-18", Origin("clients/c-101/visits.yaml", ("visits", 3))),
                Broken("supplies", "x", Origin("clients/c-101/supplies.yaml"))),
    )  # fmt: skip
    found = family_letter(hurt, BEA, ada_setting())
    lost = {item.what: item.words for item in found.withheld if item.why == "unreadable"}
    assert {"notes", "visits/am-2026-11-18"} <= lost.keys()
    assert not {"supplies", "supplies/x"} & lost.keys()
    # It may correct any other of its list.
    assert lost["notes/n-1"] == "another entry of notes could not be read and may correct it"
    assert isinstance(found, FamilyLetter)
    assert found.letter.news == ()
    assert "The invoice" not in written(hurt, ada_setting(), BEA)
    assert found.letter.goals


def test_a_visit_of_a_series_that_could_not_be_read_is_not_told() -> None:
    chart = ada()
    (visit, *_) = chart.visits
    coming = replace(visit, id="am-2026-11-24", day=day("2026-11-24"), status="confirmed", service="meals",
                     duration="1h")  # fmt: skip
    gone = changed(chart, series=tuple(one for one in chart.series if one.id != "am"), visits=(visit, coming))
    for lost in (
        {"unread": frozenset({"series"})},
        {"broken": (Broken("series", "am", Origin("clients/c-101/visits.yaml", ("series", 0))),)},
    ):
        found = family_letter(changed(gone, **lost), BEA, ada_setting())
        assert isinstance(found, FamilyLetter)
        assert "walked to the gate" in written(chart, ada_setting(), BEA)
        assert "walked to the gate" not in written(changed(gone, **lost), ada_setting(), BEA)
        assert found.letter.visits == ()
        assert "series/am" in {item.what for item in found.withheld if item.why == "unreadable"}


def test_a_visit_of_which_a_record_could_not_be_read_is_not_shown() -> None:
    chart = ada()
    broken = (Broken("visits", "am-2026-11-24", Origin("clients/c-101/visits.yaml", ("visits", 3))),)
    half = Visit(id="x", series="am", day=day("2026-11-24"), origin=Origin("v.yaml", (), frozenset({"private"})))
    odd = Visit(id="x", series="am", day=day("2026-11-24"), duration="1h", to="10:00", private=True)
    for one in (changed(chart, broken=broken), *(changed(chart, visits=(*chart.visits, v)) for v in (half, odd))):
        found = family_letter(one, BEA, ada_setting())
        assert isinstance(found, FamilyLetter)
        days = [str(item.day) for item in found.letter.visits]
        assert "2026-11-24" not in days
        assert "2026-12-01" in days


def test_without_a_sound_client_there_is_no_letter() -> None:
    chart = ada()
    client = chart.client
    assert client is not None
    away = Away(from_="2026-11-01", origin=Origin("c.yaml", ("away", 0), frozenset({"until"})))
    for one in (
        *(replace(client, origin=Origin("c.yaml", (), frozenset({name})))
          for name in ("away", "end_of_care", "status", "timezone")),
        replace(client, away=(away,)),
        replace(client, timezone="America/Chicgo"),
    ):  # fmt: skip
        found = family_letter(replace_client(chart, one), BEA, ada_setting())
        assert isinstance(found, NotShared)
        assert found.reason == "unreadable"
        assert "client.yaml" in found.words
    phones = replace(client, origin=Origin("c.yaml", (), frozenset({"phones"})))
    assert isinstance(family_letter(replace_client(chart, phones), BEA, ada_setting()), FamilyLetter)


def test_staff_who_could_not_be_read_are_no_open_shift() -> None:
    chart, here = ada(), ada_setting()
    staff = {key: value for key, value in here.staff.items() if key != "tom"}
    lost = dataclasses.replace(here, staff=staff, unread_staff=frozenset({"tom"}))
    found = family_letter(chart, BEA, lost)
    assert isinstance(found, FamilyLetter)
    assert not any(item.open or "Tom" in item.who for item in found.letter.visits)
    assert "we will let you know" not in render_letter(found.letter)
    aside = {item.what: item.words for item in found.withheld if item.why == "incomplete"}
    assert aside["staff/tom"] == "could not be read, so the letter does not say who comes"
    assert aside["schedule"].startswith("the times away of tom could not be read")
    # A shift that is really open says so.
    nobody = changed(chart, series=tuple(replace(one, staff=None) for one in chart.series))
    assert "we will let you know" in written(nobody, here, BEA)


@pytest.mark.parametrize(
    ("service", "told"),
    [("personal_care", True), ("companionship", True), ("homemaking", True), ("transport", True), ("meals", True),
     ("coordination", True), ("therapy", False), ("nursing", False), ("assessment", False), ("respite", False),
     ("supervision", False), ("appointment", False), ("dialysis", False)],
)  # fmt: skip
def test_a_service_that_tells_about_health_needs_the_topic(service: str, told: bool) -> None:
    chart = ada()
    chart = changed(chart, series=(replace(chart.series[0], service=service),), visits=())
    for topics, shown in ((("schedule",), told), (("schedule", "health"), True)):
        bea = replace(BEA, sharing=(share(*topics),))
        found = family_letter(replace_contacts(chart, bea), bea, ada_setting())
        assert isinstance(found, FamilyLetter)
        assert {item.service for item in found.letter.visits} == {service if shown else None}


def test_a_schedule_in_words_is_to_be_read_before_it_is_sent() -> None:
    chart = ada()
    taper = replace(chart.medications[1], schedule="Half a tablet from Monday")
    found = family_letter(changed(chart, medications=(chart.medications[0], taper)), BEA, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert found.letter.medicines[1].schedule == "Half a tablet from Monday"
    assert [(item.what, item.words) for item in found.withheld if item.why == "as_written"] == [
        ("medications/acetaminophen", "its schedule is in the words of the chart; read it before you send")
    ]


def test_letters_at_the_ends_of_the_calendar() -> None:
    bea = replace(BEA, sharing=(share("all", given=dt.date.min, expires=dt.date.max),))
    for now in ("0001-01-02T12:00", "9999-12-30T12:00"):
        family_letter(replace_contacts(ada(), bea), bea, ada_setting(now))


def test_a_physician_of_the_care_team_reads_facts_and_no_visits() -> None:
    found = family_letter(ada(), DR_OKAFOR, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert found.letter.medicines
    assert found.letter.incidents
    assert (found.letter.visits, found.letter.news, found.letter.goals) == ((), (), ())


def test_the_time_of_the_letter_bounds_the_news() -> None:
    chart = with_visits_and_notes(
        Visit(id="old", service="nursing", date=day("2026-11-07"), at="09:00", duration="1h", status="done",
              for_family="too old"),
        Visit(id="first", service="nursing", date=day("2026-11-08"), at="09:00", duration="1h", status="done",
              for_family="first day"),
        Visit(id="late", service="nursing", date=day("2026-11-22"), at="23:00", duration="1h", status="planned",
              for_family="still to come"),
        note=Note(id="later", at="2026-11-22T07:00", text="t", for_family="in the future"),
    )  # fmt: skip
    found = family_letter(chart, BEA, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert [item.words for item in found.letter.news] == ["first day"]
    assert [item.words for item in found.letter.visits if item.words] == ["still to come"]


def replace_contacts(chart: Chart, *contacts: Contact) -> Chart:
    return changed(chart, contacts=contacts)


def replace_client(chart: Chart, client: Client | None) -> Chart:
    return changed(chart, client=client)


def with_concerns(chart: Chart, *concerns: Concern) -> Chart:
    return changed(chart, concerns=concerns)


def with_visits_and_notes(*visits: Visit, note: Note) -> Chart:
    return changed(ada(), visits=visits, notes=(note,))


def changed(chart: Chart, **fields: Any) -> Chart:
    return dataclasses.replace(chart, **fields)


# --- since the last letter -------------------------------------------------------------------------------------------


def sent(at: str, **more: Any) -> Note:
    fields = {"id": f"letter-{at[:10]}-1", "with_": "bea", "channel": "letter", "topics": ("health",), **more}
    return Note(at=at, text="Family letter sent.", **fields)


def since_of(*notes: Note, given: str | None = None) -> tuple[dt.date, str | None]:
    chart = changed(ada(), notes=(*ada().notes, *notes))
    found = family_letter(chart, BEA, ada_setting(), since=day(given) if given else None)
    assert isinstance(found, FamilyLetter)
    return found.letter.since, found.last.id if found.last else None


def test_a_letter_goes_on_from_the_last_one() -> None:
    assert since_of() == (day("2026-11-08"), None)
    first, second = sent("2026-10-01T10:00"), sent("2026-11-18T10:00")
    assert since_of(first) == (day("2026-10-01"), "letter-2026-10-01-1")
    assert since_of(second, first) == (day("2026-11-18"), "letter-2026-11-18-1")
    assert since_of(second, given="2026-11-12") == (day("2026-11-12"), None)


def test_other_notes_are_no_last_letter() -> None:
    for note in (
        sent("2026-11-18T10:00", id="n-2026-11-18-9"),  # a letter that told of something else
        sent("2026-11-18T10:00", with_="luis"),
        sent("2026-11-22T06:41"),
        sent("2026-11-18T10:00", id="letters-1"),
    ):
        assert since_of(note) == (day("2026-11-08"), None)
    wrong = sent("2026-11-18T10:00")
    taken_back = Note(id="n-2026-11-19-5", at="2026-11-19T10:00", text="Never sent", amends=f"notes/{wrong.id}")
    assert since_of(wrong, taken_back) == (day("2026-11-08"), None)


def test_the_day_of_the_last_letter_is_the_clients() -> None:
    assert since_of(sent("2026-11-18T03:00Z"))[0] == day("2026-11-17")


def test_what_was_written_down_since_is_told_however_old_it_is() -> None:
    fall = Concern(id="old", kind="fall", at="2026-11-09", facts="x", for_family="She sat down hard.")
    for recorded, told in ((None, False), ("2026-11-17", False), ("2026-11-18", True), ("2026-11-22T07:00", False)):
        chart = changed(ada(), notes=(sent("2026-11-18T10:00"),), concerns=(replace(fall, recorded=recorded),))
        assert ("She sat down hard." in written(chart, ada_setting(), BEA)) is told


def test_a_correction_is_news_only_if_it_tells_something_else() -> None:
    visit = Visit(id="old", day=day("2026-11-09"), date=day("2026-11-09"), status="done", service="personal_care",
                  for_family="She slept well.")  # fmt: skip
    later = replace(visit, id="old-amended", amends="visits/old", recorded="2026-11-20")
    other = replace(later, for_family="She slept badly.")
    again = replace(later, id="old-amended-2", amends="visits/old-amended", recorded="2026-11-21")
    circle = replace(visit, amends="visits/old-amended")

    def told(*visits: Visit) -> str:
        return written(changed(ada(), notes=(sent("2026-11-18T10:00"),), visits=visits), ada_setting(), BEA)

    assert "She slept" not in told(visit, later)
    assert "She slept" not in told(visit, later, again)
    assert "She slept badly." in told(visit, other)
    assert "She slept" not in told(circle, later)


# --- what changed in the plan ----------------------------------------------------------------------------------------


def changes_of(contact: Contact, **problem: Any) -> tuple[list[tuple[str, str, str | None]], FamilyLetter]:
    chart = ada()
    assert chart.plan is not None
    plan = replace(chart.plan, problems=(replace(chart.plan.problems[0], **problem),))
    found = family_letter(changed(chart, plan=plan), contact, ada_setting())
    assert isinstance(found, FamilyLetter)
    return [(str(item.day), item.kind, item.words) for item in found.letter.changes], found


def test_interventions_that_are_new_or_stopped_are_told_in_words_for_the_family_alone() -> None:
    mat = Intervention(id="mat", text="Mat by the bed", status="stopped", stopped=day("2026-11-10"), reason="She trips")
    lamp = Intervention(id="lamp", text="A lamp", status="active", recorded="2026-11-12")
    old = Intervention(id="old", text="Old", status="stopped", stopped=day("2026-11-07"), for_family="Old")
    found, letter = changes_of(BEA, interventions=(mat, lamp, old))
    assert found == []
    assert [str(item) for item in letter.withheld if item.what in ("care-plan/mat", "care-plan/lamp")] == [
        "care-plan/lamp: is new and has no words for the family yet, so it is not told",
        "care-plan/mat: was stopped and has no words for the family yet, so it is not told",
    ]
    worded = tuple(replace(item, for_family={"en": f"The {item.id}"}) for item in (lamp, mat))
    found, letter = changes_of(BEA, interventions=worded)
    assert found == [("2026-11-10", "task_stopped", "The mat"), ("2026-11-12", "task_new", "The lamp")]
    text = render_letter(letter.letter)
    assert "Tuesday, November 10: no longer done: The mat" in text
    assert "She trips" not in text
    assert changes_of(replace(BEA, sharing=(share("health"),)), interventions=worded)[0] == []


def test_goals_that_are_new_or_settled_are_told_with_their_topic() -> None:
    chart = ada()
    assert chart.plan is not None
    _, garden = chart.plan.problems[0].goals
    reached = replace(garden, status="completed", achievement="achieved")
    missed = replace(garden, id="missed", status="completed", achievement="not_achieved")
    words = "Water her tomatoes herself every day"
    assert changes_of(BEA, goals=(reached, missed), interventions=())[0] == [
        ("2026-11-17", "goal_reached", words), ("2026-11-17", "goal_not_reached", words),
    ]  # fmt: skip
    only_goals = replace(BEA, sharing=(share("goals", "schedule"),))
    assert changes_of(only_goals, goals=(reached,), interventions=())[0] == []
    new = replace(garden, recorded="2026-11-16")
    assert changes_of(only_goals, goals=(new,), interventions=())[0] == [("2026-11-16", "goal_new", words)]
    assert changes_of(only_goals, goals=(replace(new, private=True), garden), interventions=())[0] == []


def test_a_plan_that_began_since() -> None:
    chart = ada()
    assert chart.plan is not None
    begun = replace(chart.plan, period=replace(chart.plan.period, from_=day("2026-11-20")))
    assert "Friday, November 20: a new care plan began" in written(changed(chart, plan=begun), ada_setting(), BEA)
    unread = replace(begun, origin=Origin("x", (), frozenset({"period"})))
    assert "a new care plan" not in written(changed(chart, plan=unread), ada_setting(), BEA)


# --- what was told ---------------------------------------------------------------------------------------------------


def test_the_note_about_a_letter_names_its_topics_and_none_of_its_words() -> None:
    found = family_letter(ada(), BEA, ada_setting())
    assert isinstance(found, FamilyLetter)
    assert found.told == {"schedule", "wellbeing", "goals", "health", "medications", "concerns", "money"}
    assert disclosure(found) == (
        "Family letter sent, in en, telling of what came since 2026-11-08: how they are (2), what happened (1), "
        "goals (2), diagnoses (1), measurements (1), medicines (2), visits through 2026-12-05 (6)."
    )
    luis = family_letter(ada(), LUIS, ada_setting())
    assert isinstance(luis, FamilyLetter)
    assert luis.told == {"schedule", "wellbeing", "goals"}


@pytest.mark.parametrize("topics", SUBSETS, ids=lambda topics: "+".join(sorted(topics)) or "none")
def test_a_letter_tells_only_of_topics_that_are_shared(topics: frozenset[Topic]) -> None:
    chart, setting = canary_chart(Canaries(), (share(*sorted(topics)),) if topics else ())
    found = family_letter(chart, chart.contacts[0], setting)
    if isinstance(found, FamilyLetter):
        assert found.told == topics - {"money"}


def test_an_incident_without_words_asks_for_a_call() -> None:
    wordless = Concern(id="x", kind="hospital", at="2026-11-20", facts="Short of breath")
    text = written(changed(ada(), concerns=(wordless,)), ada_setting(), BEA)
    assert "**Friday, November 20: had to go to the hospital.**\nPlease call us about it." in text

"""Papers for professionals: what reaches whom, what is said of what was never stated or could not be read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_documents import BEA, DR_OKAFOR, TODAY, Canaries, ada, ada_setting, canary_chart, day, share
from msgspec.structs import replace

from carectl.care import papers
from carectl.care.papers.appointment import AppointmentSheet, appointment_sheet
from carectl.care.papers.desk import Desk, Recipient, desk_for, last_contact, to_contact, to_name, to_staff
from carectl.care.papers.discharge import DischargeSummary, discharge_summary
from carectl.care.papers.hospital import HospitalPacket, hospital_packet
from carectl.care.papers.sbar import Sbar, sbar
from carectl.care.papers.visit_sheet import VisitSheet, visit_sheet, why_not_for
from carectl.care.schedule import Occurrence, occurrences
from carectl.care.setting import Setting
from carectl.care.sharing import NotShared
from carectl.caseload.instruments import Instruments
from carectl.caseload.records import (
    Allergy,
    Assessment,
    Authority,
    Away,
    Broken,
    Chart,
    Client,
    Concern,
    Contact,
    Held,
    InstrumentResult,
    Measurement,
    Medication,
    Note,
    Origin,
    Topic,
)
from carectl.caseload.trees import FolderTree
from carectl.output.documents import render
from carectl.output.documents.words import languages

ROOT: Final = Path(__file__).parents[2]
KNOWN: Final = Instruments(FolderTree(ROOT / "examples" / "caseload"))
ER: Final = to_name("Harbor ER", "emergency")


def setting(now: str = "2026-11-22T06:40") -> Setting:
    return dataclasses.replace(ada_setting(now), instruments=KNOWN)


def desk(chart: Chart, reader: Recipient = ER, since: dt.date | None = None, where: Setting | None = None) -> Desk:
    found = desk_for(chart, reader, where or setting(), since, ("en", "es"))
    assert isinstance(found, Desk), found
    return found


def refused(chart: Chart, reader: Recipient) -> NotShared:
    found = desk_for(chart, reader, setting(), None, ("en", "es"))
    assert isinstance(found, NotShared)
    return found


def packet(chart: Chart, reader: Recipient = ER) -> HospitalPacket:
    return hospital_packet(desk(chart, reader), None, ())


def with_client(chart: Chart, **fields: Any) -> Chart:
    assert chart.client is not None
    return dataclasses.replace(chart, client=replace(chart.client, **fields))


def contact(*topics: Topic, basis: Any = "care_team", **more: Any) -> Contact:
    expires = None if basis == "care_team" else day("2027-07-31")
    return Contact(id="reader", name="Reader", relationship="nurse",
                   sharing=(share(*topics, basis=basis, expires=expires),), **more)  # fmt: skip


def every_paper(chart: Chart, reader: Recipient, where: Setting, visit: Occurrence | None = None) -> str:
    """Every paper that can be made for a reader, in every form of its own."""
    made: list[tuple[str, Any]] = []
    for name, make in (("sbar", sbar), ("appointment", appointment_sheet), ("hospital", hospital_packet)):
        made.append((name, make(desk(chart, reader, where=where), None, ())))
    made.append(("discharge", discharge_summary(desk(chart, reader, where=where), None, (), ())))
    if visit is not None:
        made.append(("visit-sheet", visit_sheet(desk(chart, reader, where=where), visit, with_access=False)))
    pages = []
    for name, letter in made:
        for form in ("md", "html") if name in ("hospital", "visit-sheet") else ("md",):
            pages += [render(f"letter-{name}.{form}.j2", {"letter": letter}, one, TODAY) for one in sorted(languages())]
    return "\n".join(pages)


# --- what reaches whom -----------------------------------------------------------------------------------------------

NEVER: Final = re.compile(
    r"(visit|coming|note|progress|untold|plan|jo|supply|equipment)\..*"
    r"|concern\.(facts|outcome|told.*|for_family|author.*)|(odd|abuse)\..*|measurement\.(note|by.*|for_family)"
    r"|assessment\.(summary|findings.*|strengths|client_goals|informants.*|for_family|author.*)"
    r"|(medicine2?|goal|worded|problem|task|series)\.(for_family|author.*|recorded)"
    r"|(maria|doctor)\.(note|calls_client|email|address|author.*)|client\.(referral\.by.*|address\.access)"
)
"""What is in no paper, whoever reads it: notes, facts of concerns, remarks, and what else is for the chart alone."""
ALLOWED: Final = re.compile(r"(progress|untold)\.value|coming\.(where|service)|jo\.(name|role).*|visit\.service")

FREE: Final = re.compile(
    r"client\.(preferences|living_situation|end_reason|referral.*|advance_directives\.where|away.*|emergency.backup_plan)"
    r"|medicine2?\.(reason|held\.reason|changed\.reason)|problem\..*|goal\..*|worded\..*|task\..*|doctor\.(phone|fax)"
)
"""The chart's own words, and other people's numbers: only for those who treat the client."""


def shown_to(reader: Contact | Recipient, **hidden: Any) -> tuple[set[str], Canaries]:
    cage = Canaries()
    chart, where = canary_chart(cage, (share("all"),), **hidden)
    where = dataclasses.replace(where, instruments=KNOWN)
    if isinstance(reader, Contact):
        chart = dataclasses.replace(chart, contacts=(*chart.contacts, reader))
        reader = to_contact(reader)
    return set(cage.found(every_paper(chart, reader, where))), cage


@pytest.mark.parametrize(
    "reader", [ER, contact("all"), contact("all", basis="authorization")], ids=["er", "team", "kin"]
)
def test_what_is_for_the_chart_alone_is_in_no_paper(reader: Contact | Recipient) -> None:
    shown, _ = shown_to(reader)
    assert {label for label in shown if NEVER.fullmatch(label) and not ALLOWED.fullmatch(label)} == set()
    assert {"client.allergies.substance", "medicine.name", "client.diagnoses.text", "measurement.value"} <= shown


def test_the_charts_own_words_are_for_those_who_treat() -> None:
    team, _ = shown_to(contact("all"), task={"done": None})
    kin, _ = shown_to(contact("all", basis="authorization"), task={"done": None})
    assert {label for label in kin if FREE.fullmatch(label)} == set()
    assert {"client.preferences", "problem.statement", "goal.text", "task.text", "client.end_reason"} <= team
    assert kin < team


TOPIC_OF: Final[dict[str, Topic]] = {
    "client.diagnoses.text": "health",
    "client.precautions": "health",
    "measurement.value": "health",
    "medicine.name": "medications",
    "goal.text": "goals",
}


@pytest.mark.parametrize("topic", ["health", "medications", "goals", "concerns"])
def test_each_topic_brings_its_own_and_no_other(topic: Topic) -> None:
    shown, _ = shown_to(contact(topic))
    assert {label for label in TOPIC_OF if label in shown} == {label for label, one in TOPIC_OF.items() if one == topic}
    # Whoever sees to the medicines must know the allergies.
    assert ("client.allergies.substance" in shown) == (topic in ("health", "medications"))


@pytest.mark.parametrize("field", [{"private": True}, {"about": ("reader",)}], ids=["private", "about"])
def test_private_entries_and_those_about_the_reader_never_leave(field: dict[str, Any]) -> None:
    lists = ("medicine", "measurement", "assessment", "problem", "goal", "worded", "task", "doctor", "maria")
    shown, _ = shown_to(contact("all"), **dict.fromkeys(lists, field))
    hidden = re.compile(rf"({'|'.join(lists)})2?\..*")
    assert {label for label in shown if hidden.fullmatch(label)} == set()


def test_the_coordinator_is_told_what_was_withheld_and_the_reader_is_not() -> None:
    chart = ada()
    chart = dataclasses.replace(chart, medications=(replace(chart.medications[0], private=True), chart.medications[1]))
    one = desk(chart)
    made = sbar(one, None, ())
    assert made.medicines is not None
    assert [item.name for item in made.medicines.now] == ["Acetaminophen"]
    assert made.medicines.whole
    assert ("medications/furosemide", "private") in {(item.what, item.why) for item in one.told()}


def test_a_topic_that_is_not_shared_is_told_once_with_all_that_was_left_out() -> None:
    one = desk(ada(), to_contact(contact("medications")))
    sbar(one, None, ())
    told = [item for item in one.told() if item.what == "health"]
    assert [item.why for item in told] == ["topic"]
    assert "entries left out" in told[0].words


def test_nothing_goes_to_somebody_with_whom_nothing_of_it_is_shared() -> None:
    assert refused(ada(), to_contact(Contact(id="x", name="X", relationship="y"))).reason == "nothing_shared"
    lapsed = replace(DR_OKAFOR, sharing=(share("health", basis="care_team", expires=day("2026-11-21")),))
    assert "lapsed on 2026-11-21" in refused(ada(), to_contact(lapsed)).words
    assert refused(ada(), to_contact(contact("schedule", "wellbeing", "money"))).reason == "nothing_shared"


def test_after_death_and_without_a_readable_client_there_is_no_paper() -> None:
    assert refused(with_client(ada(), status="deceased"), ER).reason == "deceased"
    assert refused(dataclasses.replace(ada(), client=None), ER).reason == "unreadable"
    broken = Origin("clients/c-101/client.yaml", unread=frozenset({"status"}))
    assert refused(with_client(ada(), origin=broken), ER).reason == "unreadable"


def test_abuse_neglect_and_exploitation_are_told_to_nobody() -> None:
    made = sbar(desk(ada(), to_contact(DR_OKAFOR), day("2026-11-01")), None, ())
    assert [(item.kind, item.day, item.time, item.harm) for item in made.events] == [
        ("fall", day("2026-11-12"), dt.time(3, 10), "none")
    ]


# --- what is said of what is not known -------------------------------------------------------------------------------


def test_what_was_never_said_is_not_stated() -> None:
    bare = Chart(id="c-1", path="clients/c-1", client=Client(id="c-1", name=ada().client.name, status="inquiry"))  # type: ignore[union-attr]
    made = packet(bare)
    assert made.allergies is not None
    assert made.code is not None
    assert made.medicines is not None
    assert (made.allergies.stated, made.allergies.whole) == (False, True)
    assert (made.code.status, made.code.whole) == (None, True)
    assert (made.medicines.stated, made.medicines.whole) == (False, True)
    assert made.function == ()
    for form in ("md", "html"):
        text = render(f"letter-hospital.{form}.j2", {"letter": made}, "en", TODAY)
        assert text.count("Not stated") >= 7
        assert "date of birth not stated" in text
        assert "None known" not in text
        assert "No medicine" not in text


def test_none_known_and_none_taken_are_said_because_somebody_said_so() -> None:
    chart = with_client(dataclasses.replace(ada(), medications=(), no_medications=True), allergies="none_known")
    text = render("letter-hospital.md.j2", {"letter": packet(chart)}, "en", TODAY)
    assert "Allergies: None known" in text
    assert "No medicine is taken." in text


@pytest.mark.parametrize("form", ["md", "html"])
def test_what_could_not_be_read_is_named_so_with_the_number_to_call(form: str) -> None:
    client = Origin("clients/c-101/client.yaml", unread=frozenset({"code_status", "precautions"}))
    chart = dataclasses.replace(
        with_client(ada(), origin=client, code_status=None, precautions=(), allergies=(
            Allergy(substance="Penicillin"),
            Allergy(substance="Nuts", origin=Origin("c", unread=frozenset({"severity"}))),
        )),
        broken=(Broken("medications", "warfarin", Origin("clients/c-101/medications.yaml")),
                Broken("contacts", None, Origin("clients/c-101/contacts.yaml"))),
    )  # fmt: skip
    made = packet(chart)
    text = render(f"letter-hospital.{form}.j2", {"letter": made}, "en", TODAY)
    call = "Could not be read: call +1 312 555 0100."
    assert text.count(call) == 5
    # What can be read is shown beside it: half a list that says so is better at a bedside than none.
    assert "Furosemide" in text
    one = desk(chart)
    hospital_packet(one, None, ())
    assert {"medications/warfarin", "contacts, an entry without an id", "client"} <= {item.what for item in one.told()}


def test_to_others_a_list_of_which_an_entry_is_lost_is_not_shown_at_all() -> None:
    chart = dataclasses.replace(ada(), broken=(Broken("medications", "warfarin", Origin("x")),))
    made = packet(chart, to_contact(BEA))
    assert made.medicines is not None
    assert (made.medicines.now, made.medicines.whole) == ((), False)


# --- medicines, measurements, scores ---------------------------------------------------------------------------------


def test_a_medicine_with_its_last_change_its_pause_and_its_end() -> None:
    chart = ada()
    held = replace(chart.medications[1], held=(Held(from_=day("2026-11-21"), reason="Liver"),))
    gone = Medication(id="old", name="Old", dose="1", from_=day("2026-01-01"), until=day("2026-11-15"), reason="Itch")
    longer = replace(gone, id="older", name="Older", until=day("2026-10-01"))
    later = Medication(id="later", name="Later", dose="1", from_=day("2026-12-01"))
    part = sbar(
        desk(dataclasses.replace(chart, medications=(chart.medications[0], held, gone, longer, later))), None, ()
    ).medicines
    assert part is not None
    first, second = part.now
    assert (first.changed, first.is_changed, [(w.field, w.value) for w in first.was]) == (
        day("2026-11-20"), True, [("strength", "20 mg")])  # fmt: skip
    assert (second.held, second.held_since, second.held_reason) == (True, day("2026-11-21"), "Liver")
    assert [(item.name, item.stopped, item.reason) for item in part.stopped] == [("Old", day("2026-11-15"), "Itch")]


@pytest.mark.parametrize(
    ("values", "change"),
    [
        (((61.0, "kg"), (61.2, "kg")), "+0.2"),
        (((61.2, "kg"), (60, "kg")), "−1.2"),
        (((61, "kg"), (61, "kg")), "±0"),
        (((61.0, "kg"), (134.5, "lb")), None),
        ((("128/76", "mmHg"), ("132/74", "mmHg")), None),
        (((61.2, "kg"),), None),
    ],
)
def test_a_change_is_told_of_two_numbers_in_one_unit(values: Any, change: str | None) -> None:
    items = tuple(
        Measurement(id=f"m-{nth}", date=f"2026-11-{10 + nth}", kind="weight", value=value, unit=unit)
        for nth, (value, unit) in enumerate(values)
    )
    future = Measurement(id="m-9", date="2026-11-23", kind="weight", value=99, unit="kg")
    part = sbar(desk(dataclasses.replace(ada(), measurements=(future, *items))), None, ()).measurements
    assert part is not None
    [line] = part.entries
    assert (line.value, line.change) == (str(values[-1][0]), change)
    assert (line.previous_day is None) == (len(values) == 1)


def test_scores_come_with_band_change_and_what_must_be_said() -> None:
    def taken(when: str, score: float, **answers: Any) -> Assessment:
        stored = InstrumentResult(instrument="adl-6", answers=answers, score=score)
        barthel = InstrumentResult(instrument="barthel", score=60 + score)
        return Assessment(
            id=f"a-{when}", kind="reassessment", date=day(when), assessor="noor", instruments=(stored, barthel)
        )

    all_ = dict.fromkeys(("bathing", "dressing", "toileting", "transferring", "continence", "feeding"), 1)
    chart = dataclasses.replace(
        ada(),
        assessments=(
            taken("2026-10-01", 5, **{**all_, "bathing": 0}),
            taken("2026-11-01", 0, **dict.fromkeys(all_, 0)),
        ),
    )
    made = sbar(desk(chart), None, ()).scores
    assert made is not None
    by_title = {line.title.split(",")[0]: line for line in made.entries}
    line = by_title["ADL-6"]
    assert (line.score, line.highest, line.previous, line.direction) == ("0", "6", "5", "worse")
    assert by_title["Barthel Index (0 to 100)"].remarks[0].startswith("Not verified:")
    [adl, _] = packet(chart).function or ()
    assert (len(adl.help), adl.alone) == (6, ())


def test_a_list_with_an_entry_that_was_half_read_says_so() -> None:
    half = Origin("x", unread=frozenset({"note"}))
    chart = ada()
    chart = dataclasses.replace(
        chart, measurements=(replace(chart.measurements[0], origin=half),),
        assessments=(replace(chart.assessments[0], origin=half),), contacts=(replace(BEA, origin=half),),
        medications=(replace(chart.medications[0], origin=half),),
    )  # fmt: skip
    made = discharge_summary(desk(chart), None, (), ())
    parts = (made.measurements, made.scores, made.medicines, made.calls)
    assert [part is not None and part.whole for part in parts] == [False] * 4
    assert not packet(chart).function_whole


def test_an_instrument_that_is_not_known_is_left_out_and_the_coordinator_told() -> None:
    strange = Assessment(id="a-9", kind="initial", date=day("2026-11-01"), assessor="noor",
                         instruments=(InstrumentResult(instrument="own-thing", score=3),))  # fmt: skip
    one = desk(dataclasses.replace(ada(), assessments=(strange,)))
    made = sbar(one, None, ())
    assert made.scores is not None
    assert made.scores.entries == ()
    assert any("own-thing" in item.what for item in one.told())


# --- since -----------------------------------------------------------------------------------------------------------


def test_changes_are_told_since_the_last_contact_or_fourteen_days() -> None:
    chart = ada()
    reader = to_contact(DR_OKAFOR)
    assert desk(chart, reader).since == day("2026-11-08")
    notes = tuple(
        Note(id=f"n-{nth}", at=when, text="x", with_="dr-okafor")
        for nth, when in enumerate(("2026-10-03T09:00", "2026-11-01T09:00", "2026-11-22T06:00", "2026-12-01T09:00"))
    )
    chart = dataclasses.replace(chart, notes=notes)
    # That of today may be the letter itself.
    assert desk(chart, reader).since == day("2026-11-01")
    assert desk(chart, reader, day("2026-09-01")).since == day("2026-09-01")
    assert last_contact(chart, BEA, TODAY) is None


# --- whom to call ----------------------------------------------------------------------------------------------------


def test_the_call_order_is_that_of_the_file_with_powers_that_hold_today() -> None:
    old = Authority(kind="guardian", until=day("2026-11-21"))
    soon = Authority(kind="guardian", from_=day("2026-11-23"))
    neighbor = Contact(id="kim", name="Kim", relationship="neighbor", call_for=("fall",), authority=(old, soon))
    stranger = Contact(id="sam", name="Sam", relationship="cousin")
    proxy = Contact(id="pia", name="Pia", relationship="niece", roles=("health_care_proxy",))
    taken = share("all", basis="agreed", revoked=day("2026-11-01"))
    barred_ = Contact(id="ned", name="Ned", relationship="son", roles=("emergency",), sharing=(taken,))
    one = desk(dataclasses.replace(ada(), contacts=(neighbor, BEA, stranger, barred_, proxy, DR_OKAFOR)))
    calls = one.calls()
    assert calls is not None
    assert [line.name for line in calls.people] == ["Kim", "Bea Moreno", "Pia"]
    assert [[power.kind for power in line.authority] for line in calls.people] == [
        [], ["health_care_power_of_attorney"], []]  # fmt: skip
    assert [line.is_proxy for line in calls.people] == [False, False, True]
    assert [line.name for line in calls.treating] == ["Dr. Chi Okafor"]
    assert "contacts/ned" in {item.what for item in one.told()}


# --- appointment, visit sheet, discharge -----------------------------------------------------------------------------


def test_the_appointment_is_the_next_one_with_the_reader() -> None:
    made = appointment_sheet(desk(ada(), to_contact(DR_OKAFOR)), None, ("Shoes?",))
    assert made.appointment is not None
    assert (made.appointment.day, made.appointment.start, made.appointment.who) == (
        day("2026-11-25"),
        dt.time(14, 30),
        (),
    )
    cancelled = replace(ada().visits[-1], status="cancelled")
    chart = dataclasses.replace(ada(), visits=(cancelled,))
    assert appointment_sheet(desk(chart, to_contact(DR_OKAFOR)), None, ()).appointment is None
    private = dataclasses.replace(ada(), visits=(replace(ada().visits[-1], private=True),))
    assert appointment_sheet(desk(private, to_contact(DR_OKAFOR)), None, ()).appointment is None


def visit_of(chart: Chart, name: str, where: Setting) -> Occurrence:
    found = occurrences(chart, where, TODAY, day("2026-12-31")).occurrences
    return next(item for item in found if item.id == name)


def test_a_visit_sheet_is_for_whoever_is_down_for_a_visit_that_takes_place() -> None:
    where = setting()
    chart = ada()
    assert why_not_for(visit_of(chart, "am-2026-11-24", where), "tom") is None
    assert why_not_for(visit_of(chart, "am-2026-11-24", where), "lin") == "lin is not down for this visit"
    assert why_not_for(visit_of(chart, "am-2026-11-26", where), "tom") == "the visit is cancelled"
    away = with_client(chart, away=(Away(from_="2026-11-24", until="2026-11-24"),))
    assert (
        why_not_for(visit_of(away, "am-2026-11-24", where), "tom")
        == "the visit does not take place: the client is away"
    )


def test_the_visit_sheet_has_the_tasks_of_the_day_and_how_to_get_in_only_on_request() -> None:
    where, chart = setting(), ada()
    tom = to_staff(where.staff["tom"])
    item = visit_of(chart, "am-2026-11-24", where)
    made = visit_sheet(desk(chart, tom), item, with_access=False)
    assert isinstance(made, VisitSheet)
    assert [(task.text, task.always) for task in made.tasks] == [
        ("Check the night lights", True), ("Walk to the garden gate and back", True)]  # fmt: skip
    assert (made.access, made.access_elsewhere, made.tasks_whole) == (None, True, True)
    shown = visit_sheet(desk(chart, tom), item, with_access=True)
    assert isinstance(shown, VisitSheet)
    assert shown.access == "Ring twice"
    for form in ("md", "html"):
        assert "Ring twice" not in render(f"letter-visit-sheet.{form}.j2", {"letter": made}, "en", TODAY)
        assert "Ring twice" in render(f"letter-visit-sheet.{form}.j2", {"letter": shown}, "en", TODAY)


def test_a_private_task_stays_off_the_sheet_and_a_lost_one_is_missed() -> None:
    where, chart = setting(), ada()
    tom = to_staff(where.staff["tom"])
    assert chart.plan is not None
    problem = chart.plan.problems[0]
    lights, walk, *rest = problem.interventions
    plan = replace(chart.plan, problems=(replace(problem, interventions=(replace(lights, private=True), walk, *rest)),))
    private = dataclasses.replace(chart, plan=plan)
    made = visit_sheet(desk(private, tom), visit_of(private, "am-2026-11-24", where), with_access=False)
    assert isinstance(made, VisitSheet)
    assert [task.text for task in made.tasks] == ["Walk to the garden gate and back"]
    other = dataclasses.replace(chart, series=(replace(chart.series[0], does=("lights", "gone")), chart.series[1]))
    half = replace(problem, origin=Origin("x", unread=frozenset({"priority"})))
    for changed in (other, dataclasses.replace(chart, plan=replace(chart.plan, problems=(half,)))):
        made = visit_sheet(desk(changed, tom), visit_of(changed, "am-2026-11-24", where), with_access=False)
        assert isinstance(made, VisitSheet)
        assert not made.tasks_whole
    lost = dataclasses.replace(chart, plan=None, unread=frozenset({"care-plan"}))
    made = visit_sheet(desk(lost, tom), visit_of(lost, "am-2026-11-24", where), with_access=False)
    assert isinstance(made, VisitSheet)
    assert (made.tasks, made.tasks_whole) == ((), False)
    text = render("letter-visit-sheet.md.j2", {"letter": made}, "en", TODAY)
    assert "This list is not complete. **Could not be read: call" in text


def test_a_discharge_summary_is_a_draft_until_care_has_ended() -> None:
    assert discharge_summary(desk(ada()), None, (), ()).draft
    ended = with_client(ada(), status="discharged", end_of_care=day("2026-11-20"), end_reason="Moved")
    made = discharge_summary(desk(ended), None, (), ("Harbor Nurses",))
    assert (made.draft, made.reason, made.takes_over) == (False, "Moved", ("Harbor Nurses",))
    text = render("letter-discharge.md.j2", {"letter": made}, "en", TODAY)
    assert "DRAFT" not in text
    assert "water the tomatoes herself every day" in text.casefold()
    assert discharge_summary(desk(with_client(ended, end_of_care=day("2026-11-30"))), None, (), ()).draft


# --- templates -------------------------------------------------------------------------------------------------------

KINDS: Final = (Sbar, AppointmentSheet, HospitalPacket, VisitSheet, DischargeSummary)


def test_the_documented_context_is_the_real_one() -> None:
    page = (ROOT / "docs" / "templates-papers.md").read_text(encoding="utf-8")
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n### ")[1:]}
    modules = [papers.sbar, papers.appointment, papers.hospital, papers.visit_sheet, papers.discharge, papers.parts]
    known = {name: kind for module in modules for name, kind in vars(module).items() if dataclasses.is_dataclass(kind)}
    seen: set[str] = set()
    waiting = [kind.__name__ for kind in KINDS]
    while waiting:
        name = waiting.pop()
        if name in seen or name == "Signer":
            continue
        seen.add(name)
        told = dataclasses.fields(known[name])
        assert re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE) == [item.name for item in told], name
        waiting += [one for item in told for one in re.findall(r"[A-Z]\w+", str(item.type)) if one in known]
    assert seen == sections.keys()


def test_no_letter_says_that_nothing_happened() -> None:
    chart = dataclasses.replace(ada(), concerns=(Concern(id="c", kind="fall", at="2026-09-01", facts="x"),))
    text = render("letter-sbar.md.j2", {"letter": sbar(desk(chart), None, ())}, "en", TODAY)
    assert "Falls" not in text

"""Charts for the tests of letters and plans: one that reads well, and one with a canary in every text field."""

from __future__ import annotations

import datetime as dt
import os
import re
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from carectl.care.setting import Setting
from carectl.caseload import records as r
from carectl.caseload.zones import zone

GOLDEN: Final = Path(__file__).parent / "golden"
TODAY: Final = dt.date(2026, 11, 22)


def day(text: str) -> dt.date:
    """A day, written as in the files."""
    return dt.date.fromisoformat(text)


def setting_of(practice: r.Practice, *staff: r.StaffMember, now: str = "2026-11-22T06:40") -> Setting:
    """The surroundings of a practice at a moment."""
    there = zone(practice.timezone)
    assert there is not None
    return Setting(dt.datetime.fromisoformat(now).replace(tzinfo=there), zone, practice, {one.id: one for one in staff})


def golden(name: str, text: str) -> None:
    """Compare with a golden file; with UPDATE_GOLDEN=1 in the environment, write it instead."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{name} is missing: run with UPDATE_GOLDEN=1, then read it"
    assert text == path.read_text(encoding="utf-8")


# --- a chart that reads well -----------------------------------------------------------------------------------------

PRACTICE: Final = r.Practice(
    name="Harbor Care Management",
    timezone="America/Chicago",
    coordinator="noor",
    email="noor@harbor.example",
    phone="+1 312 555 0100",
)
STAFF: Final = (
    r.StaffMember(id="noor", name=r.Name(given="Noor", family="Haddad"), role="coordinator"),
    r.StaffMember(id="tom", name=r.Name(given="Thomas", family="Berg", preferred="Tom"), role="home_health_aide"),
    r.StaffMember(id="lin", name=r.Name(given="Lin", family="Zhao"), role="registered_nurse"),
)


def ada_setting(now: str = "2026-11-22T06:40") -> Setting:
    """The practice of the chart that reads well."""
    return setting_of(PRACTICE, *STAFF, now=now)


def share(*topics: r.Topic, **more: Any) -> r.Sharing:
    """A sharing entry; an authorization for a year unless said otherwise."""
    fields: dict[str, Any] = {"basis": "authorization", "given": day("2026-08-01"), "expires": day("2027-07-31")}
    return r.Sharing(topics=topics, **{**fields, **more})


BEA: Final = r.Contact(
    id="bea", name="Bea Moreno", relationship="daughter", calls_client="Mom", phone="+1 773 555 0111", language="en",
    roles=("emergency", "health_care_proxy"), call_for=("fall", "hospital"),
    authority=(r.Authority(kind="health_care_power_of_attorney", from_=day("2025-01-10")),),
    sharing=(share("all"),),
)  # fmt: skip
LUIS: Final = r.Contact(
    id="luis", name="Luis Moreno", relationship="brother", language="es", calls_client="Ada",
    sharing=(share("schedule", "wellbeing", "goals"),),
)  # fmt: skip
DR_OKAFOR: Final = r.Contact(
    id="dr-okafor", name="Dr. Chi Okafor", relationship="physician", organization="Harbor Clinic",
    roles=("physician",), phone="+1 312 555 0180",
    sharing=(share("health", "medications", "concerns", basis="care_team", expires=None),),
)  # fmt: skip


def ada() -> r.Chart:
    """Ada Moreno, 84: falls at night, a tired heart, and a garden."""
    goal = r.Goal(
        id="garden", text="Water the tomatoes herself every day", status="active", measure="days in a week",
        baseline=2, target=7, due=day("2027-01-15"), topic="wellbeing", achievement="improving",
        for_family={"en": "Water her tomatoes herself every day", "es": "Regar ella misma sus tomates cada día"},
        progress=(
            r.Progress(date=day("2026-11-17"), value=4, note="Counted on the wall calendar",
                       for_family={"en": "Four days this week.", "es": "Cuatro días esta semana."}),
        ),
    )  # fmt: skip
    steady = r.Goal(
        id="steady", text="No fall until the new year", status="active", measure="falls", baseline=2, target=0,
        due=day("2026-11-15"), topic="health", achievement="in_progress",
    )  # fmt: skip
    problem = r.Problem(
        id="falls", statement="Risk of falls at night", status="active", priority="high",
        evidence=("a-1/night", "a-1"), goals=(steady, goal),
        interventions=(
            r.Intervention(id="lights", text="Check the night lights", status="active", who="home_health_aide"),
            r.Intervention(id="walk", text="Walk to the garden gate and back", status="active", who="tom",
                           days=("tue", "thu")),
            r.Intervention(id="rail", text="Ask the landlord for a rail", status="proposed", who="bea"),
            r.Intervention(id="mat", text="Mat in front of the bed", status="stopped", stopped=day("2026-09-01"),
                           reason="She trips on it"),
        ),
    )  # fmt: skip
    return r.Chart(
        id="c-101",
        path="clients/c-101",
        client=r.Client(
            id="c-101", name=r.Name(given="Ada", family="Moreno"), status="active", birth_date=day("1942-02-28"),
            sex="female", language="es", start_of_care=day("2026-08-01"), living_situation="alone",
            address=r.Address(street="9 Pier Rd", city="Chicago", state="IL", postal_code="60601",
                              access="Ring twice"),
            phones=("+1 773 555 0190",),
            diagnoses=(r.Diagnosis(text="Heart failure", code="I50.9", since=day("2021-02-01")),),
            allergies=(r.Allergy(substance="Penicillin", reaction="hives"),), code_status="dnr",
            advance_directives=(r.Directive(kind="dnr", date=day("2025-11-02"), where="On the fridge"),),
            precautions=("fall_risk",), preferences=("Radio on while she eats",),
            emergency=r.Emergency(hospital="Harbor Hospital", backup_plan="Bea, then Mrs. Kim next door"),
        ),
        contacts=(BEA, LUIS, DR_OKAFOR),
        assessments=(
            r.Assessment(id="a-1", kind="initial", date=day("2026-08-01"), assessor="noor",
                         findings=(r.AssessmentFinding(id="night", domain="falls", finding="Fell twice at night"),),
                         strengths=("Knows every plant by name",), client_goals=("Stay with my tomatoes",)),
        ),
        plan=r.CarePlan(
            period=r.PlanPeriod(from_=day("2026-08-01"), until=day("2027-07-31")),
            review_due=day("2026-11-30"), problems=(problem,),
            agreed=(r.Agreement(by="client", date=day("2026-08-03"), how="paper"),),
        ),
        series=(
            r.Series(id="am", service="personal_care", from_=day("2026-08-03"), days=("tue", "thu"), at="09:00",
                     duration="1h30m", staff="tom", does=("lights", "walk")),
            r.Series(id="rn", service="nursing", from_=day("2026-08-05"), rrule="FREQ=MONTHLY;BYDAY=1WE",
                     at="14:00", to="14:45", staff="lin"),
        ),
        visits=(
            r.Visit(id="am-2026-11-17", series="am", day=day("2026-11-17"), status="done", staff="tom", at="09:00",
                    note="BP 128/76, refused the cream",
                    for_family={"en": "She slept well and walked to the gate twice.",
                                "es": "Durmió bien y caminó dos veces hasta el portón."}),
            r.Visit(id="am-2026-11-19", series="am", day=day("2026-11-19"), status="done", staff="tom", at="09:00"),
            r.Visit(id="am-2026-11-26", series="am", day=day("2026-11-26"), status="cancelled", reason="Thanksgiving"),
            r.Visit(id="heart", service="appointment", date=day("2026-11-25"), at="14:30", duration="45m",
                    with_="dr-okafor", where="Harbor Clinic, 2nd floor"),
        ),
        medications=(
            r.Medication(id="furosemide", name="Furosemide", strength="40 mg", dose="1 tablet", route="oral",
                         times=("08:00",), from_=day("2026-08-01"), indication="Heart failure",
                         prescriber="dr-okafor",
                         changed=(r.MedicationChange(date=day("2026-11-20"), was={"strength": "20 mg"}),)),
            r.Medication(id="acetaminophen", name="Acetaminophen", strength="500 mg", dose="1 tablet", kind="otc",
                         as_needed=r.AsNeeded(reason="Knee pain", max_per_day=3), from_=day("2026-08-01")),
        ),
        notes=(
            r.Note(id="n-1", at="2026-11-18T10:00", text="Asked about costs", topics=("money",),
                   for_family="The invoice for November comes in December."),
        ),
        concerns=(
            r.Concern(id="fall-1", kind="fall", at="2026-11-12T03:10", facts="Slid off the bed, no mark", harm="none",
                      for_family={"en": "She slid down beside her bed at night. She was not hurt."}),
            r.Concern(id="worry", kind="suspected_exploitation", at="2026-11-13", facts="Money missing twice",
                      for_family="Never to be told."),
        ),
        measurements=(
            r.Measurement(id="m-1", date="2026-11-10", kind="weight", value=61.0, unit="kg"),
            r.Measurement(id="m-2", date="2026-11-20", kind="weight", value=61.2, unit="kg", note="ankles marked"),
        ),
    )  # fmt: skip


# --- a chart full of canaries ----------------------------------------------------------------------------------------

_CANDIDATES: Final = (
    "2026-11-20", "2026-11-20T08:00", "09:00", "1h", "1w", "2w", "en", "FREQ=DAILY", "America/Chicago",
)  # fmt: skip


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """The fields of a record kind, by name, with their types."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in sorted(kind.__struct_fields__)}


class Canaries:
    """Builds records of any kind, with its own word in every text field, and remembers which word is where."""

    def __init__(self) -> None:
        self.labels: dict[str, str] = {}

    def word(self, label: str) -> str:
        """A fresh canary."""
        canary = f"zq{len(self.labels):04}zq"
        self.labels[canary] = label
        return canary

    def record(self, kind: type[Any], label: str, /, **given: Any) -> Any:
        """A record with a canary wherever nothing is given. Labels read LABEL.field."""
        known: Any = kind
        hints = hints_of(known)
        assert given.keys() <= hints.keys(), given.keys() - hints.keys()
        made = {
            name: self.value(hint, f"{label}.{name}")
            for name, hint in hints.items()
            if name not in given and name != "origin"
        }
        return kind(**made, **given)

    def value(self, hint: Any, label: str, pattern: str | None = None) -> Any:
        """A value for a type, with a canary where it is text that is free enough."""
        if get_origin(hint) is Annotated:
            base, *more = get_args(hint)
            found = [item.pattern for item in more if isinstance(item, msgspec.Meta) and item.pattern]
            return self.value(base, label, found[0] if found else pattern)
        if get_origin(hint) in (Union, types.UnionType):
            options = [option for option in get_args(hint) if option is not type(None)]
            lists = [option for option in options if get_origin(option) is tuple]
            texts = [option for option in options if option is str]
            return self.value((lists or texts or options)[0], label, pattern)
        if get_origin(hint) is Literal:
            return get_args(hint)[0]
        if get_origin(hint) is tuple:
            return (self.value(get_args(hint)[0], label),)
        if get_origin(hint) is dict:
            key, value = get_args(hint)
            return {self.value(key, label): self.value(value, label)}
        if hint is str:
            if pattern is None or re.search(pattern, "zq0000zq"):
                return self.word(label)
            return next(one for one in _CANDIDATES if re.search(pattern, one))
        if hint is dt.date:
            return day("2026-11-20")
        if hint is bool:
            return False
        if hint in (int, float):
            return 7
        return self.record(hint, label)

    def found(self, text: str) -> frozenset[str]:
        """The labels of the canaries that a text lets slip."""
        return frozenset(self.labels[word.lower()] for word in re.findall(r"zq\d{4}zq", text, re.IGNORECASE))


def canary_chart(
    cage: Canaries, sharing: tuple[r.Sharing, ...], **hidden: Mapping[str, Any]
) -> tuple[r.Chart, Setting]:
    """A chart in which everything falls into the letter's days. `hidden` gives a list's entries more fields."""

    def entry(kind: type[Any], label: str, /, **given: Any) -> Any:
        plain: dict[str, Any] = {"private": False, "about": (), "amends": None}
        return cage.record(kind, label, **{**plain, **given, **hidden.get(label.rstrip("0123456789"), {})})

    noor = cage.record(r.StaffMember, "noor", id="noor", away=())
    jo = cage.record(r.StaffMember, "jo", id="jo", away=())
    practice = cage.record(r.Practice, "practice", coordinator="noor", timezone="America/Chicago", late_after="2d")
    client = cage.record(r.Client, "client", status="active", timezone=None, away=(), end_of_care=None)
    maria = entry(r.Contact, "maria", id="maria", language="en", sharing=sharing)
    doctor = entry(r.Contact, "doctor", id="doctor", language="en")
    regular: dict[str, Any] = {
        "from_": day("2026-08-10"), "until": None, "days": ("tue",), "every": None, "rrule": None, "to": None,
        "duration": "1h", "except_": (), "at": "09:00",
    }  # fmt: skip
    series = entry(r.Series, "series", **regular, id="am", staff=("jo",), with_=None, where=None)
    loose: dict[str, Any] = {"series": None, "day": None, "to": None, "duration": "1h", "actual": None}
    visits = (
        entry(r.Visit, "visit", **loose, date=day("2026-11-17"), at="15:00", status="done", staff=("jo",), with_=None),
        entry(r.Visit, "coming", **loose, date=day("2026-11-25"), at="14:30", status="planned", staff=(),
              with_="doctor"),
    )  # fmt: skip
    progress = cage.record(r.Progress, "progress", date=day("2026-11-17"))
    goals = (
        entry(r.Goal, "goal", status="active", topic="health", for_family=None, progress=(progress,)),
        entry(r.Goal, "worded", status="active", topic=None, progress=(cage.record(r.Progress, "untold"),)),
    )
    problem = entry(r.Problem, "problem", status="active", goals=goals, evidence=())
    plan = cage.record(r.CarePlan, "plan", problems=(problem,))
    taken: dict[str, Any] = {"from_": day("2026-11-01"), "until": None, "held": ()}
    return r.Chart(
        id="c-1",
        path="clients/c-1",
        client=client,
        contacts=(maria, doctor),
        assessments=(entry(r.Assessment, "assessment"),),
        plan=plan,
        series=(series,),
        visits=visits,
        medications=(
            entry(r.Medication, "medicine", **taken, as_needed=None),
            entry(r.Medication, "medicine2", **taken),
        ),
        notes=(entry(r.Note, "note", topics=("wellbeing",)),),
        tasks=(entry(r.Task, "task"),),
        concerns=(
            entry(r.Concern, "concern", kind="fall"),
            entry(r.Concern, "odd", at="2026-11-20"),
            entry(r.Concern, "abuse", kind="neglect"),
        ),
        measurements=(entry(r.Measurement, "measurement", date="2026-11-20"),),
        supplies=(entry(r.Supply, "supply"),),
        equipment=(entry(r.Equipment, "equipment"),),
    ), setting_of(practice, noor, jo)

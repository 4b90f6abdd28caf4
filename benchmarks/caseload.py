"""Write a large caseload that is sound in every way, and the same visits as an hledger journal and a beancount file.

    python benchmarks/caseload.py FOLDER --clients 14 --days 365

makes FOLDER/caseload, FOLDER/visits.journal and FOLDER/visits.beancount: two delivered visits a day for every client,
one file a month. With `--damaged 12` a folder FOLDER/damaged is made as well, in which so many files have a fault.
Nothing is left to chance: the same numbers give the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

END: Final = dt.date(2026, 11, 22)
"""The day on which the caseload is looked at; everything before it is history."""

WEEK: Final = "[mon, tue, wed, thu, fri, sat, sun]"
FIRST_NAMES: Final = (
    "Ada",
    "Bruno",
    "Chiara",
    "Dieter",
    "Esperanza",
    "Françoise",
    "Gus",
    "Hana",
    "Ivo",
    "Józefa",
    "Kenji",
)
LAST_NAMES: Final = ("Archer", "Bielecki", "Castaño", "Dang", "Engström", "Farrell", "Grünwald", "Haddad", "Ishikawa")
REMARKS: Final = (
    "In good spirits; ate most of the soup and two slices of bread, drank a full glass of water with it.",
    "Slept badly because of the storm. A little unsteady on the way to the bathroom, used the walker unasked.",
    "Walked around the block with the walker and one stop on the bench. No shortness of breath, pulse steady after.",
    "Would not have the radio on. Skin on both heels looked at: dry, no redness. Lotion put on, as in the plan.",
    "Grandson called on video, big smiles. Pill box for the week checked and filled, nothing left over from yesterday.",
    "Laundry and kitchen done together. Milk and fruit are on the list for Thursday; the hall lamp has a new bulb.",
    "Quiet day. Took her time with breakfast and finished it all; blinds opened, plants watered, post brought in.",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of the past: what all three writers tell."""

    client: str
    series: str
    day: dt.date
    staff: str
    hour: int
    late: int
    """Minutes that the aide came after the hour; the visit lasts 90 minutes."""
    remark: str
    tasks: tuple[str, ...]
    cancelled: bool

    @property
    def id(self) -> str:
        return f"{self.series}-{self.day}"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the caseload is."""

    clients: int
    days: int

    @property
    def start(self) -> dt.date:
        """The first day with visits."""
        return END - dt.timedelta(days=self.days)

    def client_ids(self) -> list[str]:
        return [f"c-{number:03}" for number in range(1, self.clients + 1)]

    def visits(self, number: int) -> Iterator[Visit]:
        """The delivered and cancelled visits of one client, oldest first. Two clients share an aide, never an hour."""
        for since in range(self.days):
            day = self.start + dt.timedelta(days=since)
            for half, (series, hour, tasks) in enumerate(
                (("morning", 8, ("lights", "drink", "weigh")), ("evening", 16, ("drink",)))
            ):
                turn = number * 131 + since * 17 + half * 7
                yield Visit(
                    client=f"c-{number:03}",
                    series=series,
                    day=day,
                    staff=f"aide-{(number + 1) // 2:03}",
                    hour=hour + 2 * (number % 2),
                    late=turn % 11,
                    remark=REMARKS[turn % len(REMARKS)],
                    tasks=tasks,
                    cancelled=turn % 53 == 0,
                )


def practice_files(size: Size) -> Iterator[tuple[str, str]]:
    """The practice and its staff."""
    yield (
        "carectl.yaml",
        """practice:
  name: Harbor Street Care
  coordinator: robin
  email: robin@harborstreet.example
  phone: "+1 312 555 0100"
  timezone: America/Chicago
  profile: private_pay_care_manager
  state: IL
  currency: USD
  hipaa_covered: false
  late_after: 2d
""",
    )
    hired = size.start - dt.timedelta(days=500)
    yield (
        "staff/robin.yaml",
        f"""id: robin
name: {{given: Robin, family: Sorensen}}
role: coordinator
phone: "+1 312 555 0100"
employed: {{from: {hired}}}
""",
    )
    for number in range(1, (size.clients + 1) // 2 + 1):
        yield (
            f"staff/aide-{number:03}.yaml",
            f"""id: aide-{number:03}
name: {{given: {FIRST_NAMES[number % len(FIRST_NAMES)]}, family: {LAST_NAMES[number % len(LAST_NAMES)]}}}
role: home_health_aide
skills: [transfers]
languages: [en]
phone: "+1 312 555 {2000 + number}"
employed: {{from: {hired}}}
availability:
  - {{days: {WEEK}, from: "07:00", to: "21:00"}}
max_hours_per_week: 60
credentials:
  - {{kind: cpr, number: N-{4000 + number}, issued: {hired}, expires: {END + dt.timedelta(days=500)}}}
""",
        )


def client_files(size: Size, number: int) -> Iterator[tuple[str, str]]:
    """Everything about one client."""
    name = f"c-{number:03}"
    home = f"clients/{name}"
    admitted = size.start - dt.timedelta(days=10)
    assessed = max(admitted, END - dt.timedelta(days=60))
    ahead = END + dt.timedelta(days=90)
    given, family = FIRST_NAMES[number * 7 % len(FIRST_NAMES)], LAST_NAMES[number * 5 % len(LAST_NAMES)]
    yield (
        f"{home}/client.yaml",
        f"""id: {name}
name: {{given: {given}, family: {family}}}
birth_date: {1928 + number % 24}-{1 + number % 12:02}-{1 + number % 28:02}
sex: {("female", "male")[number % 2]}
language: en
status: active
start_of_care: {admitted}
address: {{street: {200 + number} Harbor Street, city: Oak Park, state: IL, postal_code: "60302"}}
phones: ["+1 708 555 {3000 + number}"]
living_situation: alone
insurance: [{{payer: private}}]
receives_skilled: false
diagnoses:
  - {{code: M17.9, system: icd-10-cm, text: Osteoarthritis of the knee, since: 2019-05-01}}
allergies:
  - {{substance: Sulfa, reaction: rash, severity: mild}}
code_status: full
precautions: [fall_risk]
emergency: {{hospital: West Suburban, backup_plan: The son first; then the neighbor across the hall}}
""",
    )
    yield (
        f"{home}/contacts.yaml",
        f"""contacts:
  - id: son
    name: {FIRST_NAMES[number % len(FIRST_NAMES)]} {family}
    relationship: son
    roles: [emergency, health_care_proxy]
    call_for: [fall, hospital]
    phone: "+1 773 555 {5000 + number}"
    email: family{number}@mail.example
    sharing:
      - {{topics: [schedule, wellbeing, goals], basis: authorization, given: {admitted}, expires: {ahead}}}
  - id: dr-okada
    name: Dr. Okada
    relationship: physician
    roles: [physician]
    phone: "+1 708 555 0111"
""",
    )
    yield (
        f"{home}/assessments.yaml",
        f"""assessments:
  - id: a-{assessed}
    kind: reassessment
    date: {assessed}
    assessor: robin
    informants: [client, son]
    findings:
      - {{id: steps, domain: falls, finding: Unsteady on the back steps, need: A second rail and company on the steps}}
      - {{id: thirst, domain: nutrition, finding: Drinks little, need: A drink offered at every visit}}
    strengths: [Reads the paper every day]
    client_goals: [Keep the garden]
    recorded: {assessed}
""",
    )
    yield (
        f"{home}/care-plan.yaml",
        f"""period: {{from: {assessed}, until: {assessed + dt.timedelta(days=364)}}}
review_due: {ahead}
problems:
  - id: steps
    statement: May fall on the back steps
    evidence: [a-{assessed}/steps]
    priority: high
    status: active
    goals:
      - {{id: steady, text: No fall until spring, measure: falls, baseline: 1, target: 0, due: {ahead}, status: active}}
    interventions:
      - {{id: lights, text: See that the lights on the way work, who: home_health_aide, days: {WEEK}, status: active}}
  - id: thirst
    statement: Drinks too little
    evidence: [a-{assessed}/thirst]
    priority: medium
    status: active
    goals:
      - {{id: six-cups, text: Six cups a day, measure: cups, baseline: 3, target: 6, due: {ahead}, status: active}}
    interventions:
      - {{id: drink, text: Offer a drink, who: home_health_aide, days: {WEEK}, status: active}}
      - {{id: weigh, text: Weigh before breakfast, who: home_health_aide, days: {WEEK}, status: active}}
agreed: [{{by: client, date: {assessed}, how: paper}}]
""",
    )
    yield (
        f"{home}/medications.yaml",
        f"""medications:
  - id: acetaminophen
    name: Acetaminophen
    strength: 500 mg
    dose: 1 tablet
    route: oral
    times: ["08:00", "20:00"]
    indication: Pain in the knees
    prescriber: dr-okada
    kind: otc
    from: {admitted}
""",
    )
    hours = {"morning": 8 + 2 * (number % 2), "evening": 16 + 2 * (number % 2)}
    series = "".join(
        f"""  - id: {series}
    service: personal_care
    staff: aide-{(number + 1) // 2:03}
    from: {size.start}
    days: {WEEK}
    at: "{hour:02}:00"
    duration: 1h30m
    does: [{tasks}]
"""
        for (series, hour), tasks in zip(hours.items(), ("lights, drink, weigh", "drink"), strict=True)
    )
    yield f"{home}/visits/series.yaml", f"series:\n{series}"
    for month, visits in groupby(size.visits(number), key=lambda visit: f"{visit.day:%Y-%m}"):
        yield f"{home}/visits/{month}.yaml", "visits:\n" + "".join(map(as_yaml, visits))


def as_yaml(visit: Visit) -> str:
    """An entry of visits.yaml."""
    due = f"""  - id: {visit.id}
    series: {visit.series}
    day: {visit.day}
    staff: {visit.staff}
    at: "{visit.hour:02}:00"
"""
    if visit.cancelled:
        return f"{due}    status: cancelled\n    reason: Out with family until the evening\n"
    did = ", ".join(f"{task}: done" for task in visit.tasks)
    times = f'in: "{visit.hour:02}:{visit.late:02}", out: "{visit.hour + 1:02}:{30 + visit.late}"'
    return f'{due}    status: done\n    actual: {{{times}}}\n    did: {{{did}}}\n    note: "{visit.remark}"\n'


def as_hledger(visit: Visit) -> str:
    """A transaction of an hledger journal: hours that an aide gave and a client got."""
    mark, hours = ("!", "0.0") if visit.cancelled else ("*", "1.5")
    return f"""{visit.day} {mark} ({visit.id}) {visit.client} | {visit.remark}
    visits:{visit.client}:{visit.series}    {hours} h
    staff:{visit.staff}

"""


def as_beancount(visit: Visit) -> str:
    """The same as a transaction of a beancount file."""
    mark, hours = ("!", "0.0") if visit.cancelled else ("*", "1.5")
    return f"""{visit.day} {mark} "{visit.client}" "{visit.remark}" ^{visit.id}
  Expenses:Visits:{visit.client.upper()}:{visit.series.title()}    {hours} HOUR
  Income:Staff:{visit.staff.title()}

"""


def write(folder: Path, size: Size) -> dict[str, int]:
    """Write the caseload and both ledgers; say how much it was."""
    caseload = folder / "caseload"
    files = written = visits = 0
    for name, text in (
        *practice_files(size),
        *(file for number in range(1, size.clients + 1) for file in client_files(size, number)),
    ):
        path = caseload / name
        path.parent.mkdir(parents=True, exist_ok=True)
        written += path.write_bytes(text.encode())
        files += 1
    with (
        (folder / "visits.journal").open("w", encoding="utf-8") as journal,
        (folder / "visits.beancount").open("w", encoding="utf-8") as beancount,
    ):
        for number, client in enumerate(size.client_ids(), 1):
            for series in ("Morning", "Evening"):
                beancount.write(f"{size.start} open Expenses:Visits:{client.upper()}:{series}\n")
            if number % 2:
                beancount.write(f"{size.start} open Income:Staff:Aide-{(number + 1) // 2:03}\n")
        for number in range(1, size.clients + 1):
            for visit in size.visits(number):
                journal.write(as_hledger(visit))
                beancount.write(as_beancount(visit))
                visits += 1
    return {"clients": size.clients, "files": files, "visits": visits, "bytes": written}


def damage(folder: Path, count: int) -> None:
    """A copy of the caseload in which so many files have one fault each: of keys, of values, of YAML, in turn."""
    target = folder / "damaged"
    shutil.copytree(folder / "caseload", target)
    months = sorted(target.glob("clients/*/visits/2*.yaml"))
    for turn, path in enumerate(months[:: max(1, len(months) // count)][:count]):
        text = path.read_text(encoding="utf-8")
        old, new = (
            ("    status: done\n", "    statsu: done\n"),
            ("    status: done\n", "    status: dnoe\n"),
            ("lights: done", "lights: [done"),
        )[turn % 3]
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clients", type=int, default=14)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--damaged", type=int, default=0, help="how many files of the damaged copy have a fault")
    asked = parser.parse_args()
    made = write(asked.folder, Size(asked.clients, asked.days))
    if asked.damaged:
        damage(asked.folder, asked.damaged)
    print(" ".join(f"{count} {name}" for name, count in made.items()))


if __name__ == "__main__":
    main()

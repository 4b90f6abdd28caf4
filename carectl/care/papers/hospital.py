"""The packet for an emergency room or ward: one page, read by somebody who has never met the client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carectl.care.assessment import trend
from carectl.care.papers.desk import Desk
from carectl.care.papers.parts import (
    AllergyPart,
    CallPart,
    CodePart,
    MedicinePart,
    Patient,
    TextPart,
    ToLine,
)
from carectl.care.signing import Signer
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.records import Assessment, Number


@dataclass(frozen=True, slots=True)
class FunctionLine:
    """What the client can do alone, by an instrument."""

    title: str
    day: dt.date
    score: str
    highest: str | None
    help: tuple[str, ...]
    """What needs somebody's help."""
    alone: tuple[str, ...]
    """What needs nobody's help."""


@dataclass(frozen=True, slots=True)
class InsuranceLine:
    """Who pays."""

    payer: str
    member_id: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class InsurancePart:
    """Insurance."""

    entries: tuple[InsuranceLine, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class HospitalPacket:
    """Everything the template of a hospital packet can see."""

    language: str
    date: dt.date
    signer: Signer
    to: ToLine
    patient: Patient
    situation: str | None
    """In the coordinator's words; None: not stated."""
    questions: tuple[str, ...]
    code: CodePart | None
    allergies: AllergyPart | None
    precautions: TextPart | None
    diagnoses: TextPart | None
    medicines: MedicinePart | None
    function: tuple[FunctionLine, ...] | None
    """None: not for this reader. Empty: never assessed."""
    function_whole: bool
    preferences: TextPart | None
    calls: CallPart | None
    insurance: InsurancePart | None
    hospital: str | None
    """The preferred hospital."""


def hospital_packet(desk: Desk, situation: str | None, questions: tuple[str, ...]) -> HospitalPacket:
    """The packet, of what its reader may know."""
    emergency = desk.client.emergency
    health = "health" in desk.topics
    return HospitalPacket(
        language=desk.language,
        date=desk.today,
        signer=desk.signer,
        to=desk.to(),
        patient=desk.patient(),
        situation=situation,
        questions=questions,
        code=desk.code(),
        allergies=desk.allergies(),
        precautions=desk.precautions(),
        diagnoses=desk.diagnoses(),
        medicines=desk.medicines(),
        function=baseline(desk, desk.assessments()) if health else None,
        function_whole=desk.all_read("assessments", desk.chart.assessments) and desk.is_whole("instruments"),
        preferences=desk.preferences(),
        calls=desk.calls(),
        insurance=_insurance(desk),
        hospital=emergency.hospital if emergency and health else None,
    )


def baseline(desk: Desk, assessments: Sequence[Assessment]) -> tuple[FunctionLine, ...]:
    """What the client could do alone when each instrument of function was last completed, newest first."""
    names = dict.fromkeys(stored.instrument for item in assessments for stored in item.instruments)
    lines = []
    for name in names:
        instrument = desk.setting.instruments.get(name)
        if instrument is None or instrument.domain != "function":
            continue
        points = trend(assessments, instrument, born=desk.client.birth_date, sex=desk.client.sex)
        scored = [point for point in points if point.result.score is not None]
        if scored:
            last = scored[-1]
            help_, alone = _helped(instrument, last.result.points)
            most = str(instrument.highest) if instrument.highest < float("inf") else None
            lines.append(FunctionLine(instrument.title, last.day, str(last.result.score), most, help_, alone))
    return tuple(sorted(lines, key=lambda line: (-line.day.toordinal(), line.title)))


def _helped(instrument: Instrument, points: Mapping[str, Number]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The items that need help and those that do not, where an item is a plain yes or no of that."""
    help_: list[str] = []
    alone: list[str] = []
    for item in instrument.items:
        choices = sorted(choice.points for choice in instrument.choices_of(item))
        if item.id in points and len(choices) == 2 and instrument.scoring.higher_is == "better":
            (help_ if points[item.id] == choices[0] else alone).append(item.label)
    return tuple(help_), tuple(alone)


def _insurance(desk: Desk) -> InsurancePart | None:
    """Who pays: for those who treat the client, and where money is shared."""
    if not desk.treats and "money" not in desk.topics:
        return None
    entries = tuple(InsuranceLine(item.payer, item.member_id, item.phone) for item in desk.client.insurance)
    return InsurancePart(entries, desk.is_whole("insurance"))

"""The SBAR to a physician: situation, background, assessment, request. Nothing in it is invented.

The order is that of the SBAR tool as the Institute for Healthcare Improvement describes it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from carectl.care.papers.desk import Desk
from carectl.care.papers.parts import (
    AllergyPart,
    CodePart,
    EventLine,
    MeasurementPart,
    MedicinePart,
    Patient,
    ProblemOnPaper,
    ScorePart,
    StayLine,
    TextPart,
    ToLine,
)
from carectl.care.signing import Signer


@dataclass(frozen=True, slots=True)
class Sbar:
    """Everything the template of an SBAR can see."""

    language: str
    date: dt.date
    since: dt.date
    """What changed is told from this day on."""
    signer: Signer
    to: ToLine
    patient: Patient
    situation: str | None
    """In the coordinator's words; None: not stated."""
    questions: tuple[str, ...]
    code: CodePart | None
    allergies: AllergyPart | None
    diagnoses: TextPart | None
    precautions: TextPart | None
    stays: tuple[StayLine, ...]
    problems: tuple[ProblemOnPaper, ...]
    measurements: MeasurementPart | None
    scores: ScorePart | None
    events: tuple[EventLine, ...]
    medicines: MedicinePart | None


def sbar(desk: Desk, situation: str | None, questions: tuple[str, ...]) -> Sbar:
    """The SBAR, of what its reader may know."""
    return Sbar(
        language=desk.language,
        date=desk.today,
        since=desk.since,
        signer=desk.signer,
        to=desk.to(),
        patient=desk.patient(),
        situation=situation,
        questions=questions,
        code=desk.code(),
        allergies=desk.allergies(),
        diagnoses=desk.diagnoses(),
        precautions=desk.precautions(),
        stays=desk.stays(),
        problems=desk.problems(),
        measurements=desk.measurements(),
        scores=desk.scores(desk.assessments()),
        events=desk.events(),
        medicines=desk.medicines(),
    )

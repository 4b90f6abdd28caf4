"""Assessment instruments: every stored score is worked out anew, and an answer that must not wait has its task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from carectl.care.checks.case import Case, is_read, listed
from carectl.caseload.records import Assessment, InstrumentResult, Origin
from carectl.findings import Finding, Severity, Spot, code
from carectl.words import closest

if TYPE_CHECKING:
    # Most clients have no assessment by an instrument, and most commands look into none.
    from carectl.care.assessment import Result
    from carectl.caseload.instrument_records import Alert, Instrument


class _Reading(NamedTuple):
    """A stored result, and what it comes to."""

    assessment: Assessment
    stored: InstrumentResult
    result: Result

    @property
    def origin(self) -> Origin:
        """Where it stands."""
        return self.stored.origin

    @property
    def title(self) -> str:
        """The instrument, as messages name it."""
        return self.stored.instrument


_READINGS: Final[WeakKeyDictionary[Case, tuple[_Reading, ...]]] = WeakKeyDictionary()


def _readings(case: Case) -> tuple[_Reading, ...]:
    """The results of assessments that no later one corrects, as far as their instruments are known; made once."""
    known = _READINGS.get(case)
    if known is None:
        known = _READINGS[case] = tuple(_read(case))
    return known


def _read(case: Case) -> Iterator[_Reading]:
    for assessment in _in_force(case):
        for stored in assessment.instruments:
            instrument = _instrument(case, stored)
            if instrument is not None and is_read(stored.origin, "answers", "score"):
                from carectl.care.assessment import read

                yield _Reading(assessment, stored, read(instrument, stored))


def _in_force(case: Case) -> Iterable[Assessment]:
    """The assessments that no later one corrects; none if instruments have no part in any."""
    if not any(assessment.instruments for assessment in case.chart.assessments):
        return ()
    from carectl.care.assessment import in_force

    return in_force(case.chart.assessments)


def _instrument(case: Case, stored: InstrumentResult) -> Instrument | None:
    return case.setting.instruments.get(stored.instrument)


@code("instrument-unknown", Severity.WARNING)
def instrument_unknown(case: Case) -> Iterator[Finding]:
    """An assessment names an instrument that is neither built in nor the practice's own.

    Its score cannot be worked out, nothing tells what it means, and under a misspelt name it is missing from the
    client's trend. Correct the name, or describe the instrument in a file of the folder instruments/
    (docs/instruments.md tells how).

    Wrong:
        - {instrument: phq9, score: 7}
    Right:
        - {instrument: phq-9, score: 7}
    """
    known = case.setting.instruments
    if not known:
        return  # nobody said which there are
    for assessment in _in_force(case):
        for stored in assessment.instruments:
            if stored.instrument not in known:
                near = closest(stored.instrument, known)
                hint = f"did you mean {near}?" if near else f"describe it in instruments/{stored.instrument}.yaml"
                message = f"there is no instrument {stored.instrument}"
                yield case.say(instrument_unknown, stored.origin.at("instrument"), message, hint)


@code("instrument-item-unknown", Severity.ERROR)
def instrument_item_unknown(case: Case) -> Iterator[Finding]:
    """An answer to a question that the instrument does not have.

    Under a misspelt name it is an answer to nothing, and the question that was meant counts as unanswered: there is no
    score. Correct the name. An answer of your own that is not to be counted begins with x-.

    Wrong:
        - {instrument: phq-2, answers: {intrest: 1, down: 1}}
    Right:
        - {instrument: phq-2, answers: {interest: 1, down: 1}}
    """
    for reading in _readings(case):
        for fault in reading.result.faults:
            if fault.kind == "item":
                left = [item for item in reading.result.missing if item not in reading.stored.answers]
                near = closest(fault.item, left)
                hint = f"did you mean {near}?" if near else f"its items are {_some(reading.result.instrument)}"
                message = f"{reading.title} has no item of this name"
                yield case.say(instrument_item_unknown, reading.origin.at("answers", fault.item), message, hint)


def _some(instrument: Instrument) -> str:
    """The items of an instrument, as far as a line holds them."""
    names = [item.id for item in instrument.items]
    return ", ".join(names) if len(names) < 10 else ", ".join([*names[:8], "…"])


@code("instrument-answer", Severity.ERROR)
def instrument_answer(case: Case) -> Iterator[Finding]:
    """An answer that the question does not allow.

    A 4 on a scale from 0 to 3 is a slip, and nobody can tell what was meant: there is no score until it is corrected.
    Look at the form. Where the answer is yes or no, write the word: a 1 could mean a yes or a point.

    Wrong:
        - {instrument: phq-2, answers: {interest: 4, down: 1}}
    Right:
        - {instrument: phq-2, answers: {interest: 3, down: 1}}
    """
    for reading in _readings(case):
        for fault in reading.result.faults:
            if fault.kind == "answer":
                message = f"{fault.item} of {reading.title} is answered by {fault.wanted}"
                yield case.say(instrument_answer, reading.origin.at("answers", fault.item), message, "look at the form")


@code("instrument-score", Severity.ERROR)
def instrument_score(case: Case) -> Iterator[Finding]:
    """A score that the instrument cannot have.

    It was mistyped, belongs to another version of the form, or to another instrument. Look at the form.

    Wrong:
        - {instrument: barthel, score: 850}
    Right:
        - {instrument: barthel, score: 85}
    """
    for reading in _readings(case):
        for fault in reading.result.faults:
            if fault.kind == "score":
                message = f"the score of {reading.title} must be {fault.wanted}"
                yield case.say(instrument_score, reading.origin.at("score"), message, "look at the form")


@code("instrument-score-differs", Severity.ERROR)
def instrument_score_differs(case: Case) -> Iterator[Finding]:
    """A stored score that is not what its answers add up to.

    The score decides what is done next, and one of the two is wrong: an answer, or the sum. Look at the form and
    correct whichever it is; without `score` carectl adds up the answers. With answers missing there is no score at all:
    nobody can tell what the others would have been. Ask what is missing, or leave the score out.

    Wrong:
        - {instrument: phq-2, answers: {interest: 1, down: 2}, score: 2}
    Right:
        - {instrument: phq-2, answers: {interest: 1, down: 2}, score: 3}
    """
    for reading in _readings(case):
        result, stored = reading.result, reading.stored
        if stored.score is None or result.faults or result.score == stored.score:
            continue
        at = stored.origin.at("score")
        if result.score is None:
            message = f"there is no score of {reading.title} as long as answers are missing"
            hint = f"leave the score out, or answer {_few(result.missing)}"
        else:
            message = f"the answers to {reading.title} add up to another score"
            hint = "look at the form: correct an answer, or the score, or leave the score out"
        yield case.say(instrument_score_differs, at, message, hint)


def _few(items: tuple[str, ...]) -> str:
    """Items by name, or how many there are."""
    return listed(items) if len(items) <= 3 else f"the {len(items)} items that are missing"


@code("instrument-incomplete", Severity.NOTE)
def instrument_incomplete(case: Case) -> Iterator[Finding]:
    """An instrument of which answers are missing, so that it has no score.

    It stays as it is if that is how it was: somebody was too tired for more, or would not say. Ask the rest another
    time, in an assessment of its own.

    Wrong:
        - {instrument: phq-2, answers: {interest: 1}}
    Right:
        - {instrument: phq-2, answers: {interest: 1, down: 0}, score: 1}
    """
    for reading in _readings(case):
        result = reading.result
        if result.complete or result.faults or (reading.stored.score is not None and result.missing):
            continue  # what is wrong is told already
        what = "the score is missing" if not result.missing else f"there is no answer to {_few(result.missing)}"
        hint = "a missing answer is never guessed: ask, or leave it as it is"
        yield case.say(instrument_incomplete, reading.origin.at(), f"{reading.title} is incomplete: {what}", hint)


@code("alert-without-task", Severity.ERROR)
def alert_without_task(case: Case) -> Iterator[Finding]:
    """An answer that must not wait, and no task that came of it.

    Somebody who has thoughts of self-harm said so, and nothing shows that anybody did anything. The score is no
    comfort: the answer counts by itself. Act today; then write the task, with `from` naming the assessment and the
    instrument, and `done` when it is done.

    Wrong:
        # tasks.yaml has no task from this assessment's instrument
        - {instrument: phq-9, answers: {self-harm: 1}}
    Right:
        # tasks.yaml
        - {id: t-2026-11-20-1, text: Ask how safe she is and call Dr. Lee, due: 2026-11-20, from: a-2026-11-20/phq-9}
    """
    if not case.intact("tasks"):
        return
    done = {_without_kind(case, task.from_) for task in case.chart.tasks if task.from_}
    for reading in _readings(case):
        path = f"{reading.assessment.id}/{reading.stored.instrument}"
        for alert in reading.result.alerts:
            if alert.urgent and path not in done:
                message = f"an answer to {reading.title} must not wait, and no task came of it"
                hint = f"look at it and act today, and add a task with `from: {path}`"
                yield case.say(alert_without_task, _at(reading, alert), message, hint)


def _without_kind(case: Case, path: str) -> str:
    return path.removeprefix(f"{case.chart.id}/").removeprefix("assessments/")


@code("alert-unanswered", Severity.WARNING)
def alert_unanswered(case: Case) -> Iterator[Finding]:
    """The one question that must not be left out has no answer, or only the score was kept.

    A score of 6 can hide that somebody would rather be dead. If it was asked, add the answer from the form; if
    it was not, ask.

    Wrong:
        - {instrument: phq-9, score: 6}
    Right:
        - instrument: phq-9
          answers: {interest: 1, down: 1, sleep: 1, tired: 1, appetite: 1, self-worth: 1, concentration: 0,
            slow-restless: 0, self-harm: 0}
          score: 6
    """
    for reading in _readings(case):
        faulty = {fault.item for fault in reading.result.faults}
        for alert in reading.result.unasked:
            if alert.urgent and alert.item not in faulty:
                message = f"there is no answer to {alert.item} of {reading.title}, which must not be left out"
                yield case.say(alert_unanswered, _at(reading, alert), message, "add it from the form, or ask")


def _at(reading: _Reading, alert: Alert) -> Spot:
    return reading.origin.at("answers", alert.item)


CHECKS: Final = (
    instrument_unknown,
    instrument_item_unknown,
    instrument_answer,
    instrument_score,
    instrument_score_differs,
    instrument_incomplete,
    alert_without_task,
    alert_unanswered,
)

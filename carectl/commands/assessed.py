"""What is on file about a client's assessments, with what it comes to; and which instrument is meant."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from carectl.commands import telling
from carectl.commands.naming import Here
from carectl.commands.session import Session
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.assessment import Due, Result
    from carectl.caseload.instrument_records import Instrument
    from carectl.caseload.records import Assessment, Chart, InstrumentResult
    from carectl.output.assessment_page import Shown
    from carectl.output.terminal import Line


def is_own(instrument: Instrument) -> bool:
    """Whether it is the practice's own."""
    from carectl.caseload.instruments import FOLDER

    return instrument.origin.path.startswith(f"{FOLDER}/")


def newest_first(chart: Chart) -> list[Assessment]:
    """The assessments, the newest first."""
    return sorted(chart.assessments, key=lambda item: item.date)[::-1]


def corrected(chart: Chart) -> dict[str, str]:
    """The assessments that another one corrects, with that one."""
    return {item.amends.rpartition("/")[2]: item.id for item in chart.assessments if item.amends is not None}


def shown_of(here: Here, item: Assessment) -> list[Shown]:
    """Every result of an assessment with what it comes to, and the one before it."""
    return [shown_as(here, result, item.date, item.id) for result in item.instruments]


def shown_as(here: Here, stored: InstrumentResult, day: dt.date, own_id: str | None) -> Shown:
    """A result with what it comes to, and the last one of the same form; `own_id` is the assessment that it is of."""
    from carectl.care.assessment_entries import as_stored, changed, earlier, form_of, is_read
    from carectl.output.assessment_page import Shown

    instrument = here.session.setting.instruments.get(stored.instrument)
    if instrument is None or not is_read(stored):
        return Shown(stored, None, None)
    if form_of(stored)[1] != instrument.version:
        return Shown(stored, instrument, as_stored(instrument, stored))
    last = earlier(here.chart.assessments, stored, day, own_id)
    if last is None or not is_read(last.stored):
        return Shown(stored, instrument, result_of(here, instrument, stored, day))
    return Shown(
        stored,
        instrument,
        result_of(here, instrument, stored, day),
        (last.assessment, result_of(here, instrument, last.stored, last.assessment.date)),
        tuple(changed(instrument, last.stored, stored)),
    )


def result_of(here: Here, instrument: Instrument, stored: InstrumentResult, day: dt.date) -> Result:
    """What a stored result comes to, with age and sex on its day."""
    from carectl.care.assessment import read
    from carectl.care.moments import age_on

    born, sex = born_and_sex(here.chart)
    return read(instrument, stored, age=age_on(born, day), sex=sex)


def born_and_sex(chart: Chart) -> tuple[dt.date | None, str | None]:
    """What norms go by."""
    return (chart.client.birth_date, chart.client.sex) if chart.client else (None, None)


def due_at(here: Here, chart: Chart | None = None) -> list[Due]:
    """The instruments that are due where the client lives."""
    from carectl.care.assessment import due

    born, sex = born_and_sex(here.chart)
    found = (chart or here.chart).assessments
    return due(found, here.session.setting.instruments, here.today, born=born, sex=sex)


def person(here: Here, who: Any) -> str:
    """A person by name."""
    if not isinstance(who, str):
        return str(getattr(who, "name", who["name"] if isinstance(who, dict) else who))
    return here.who(who).removeprefix(f"{who} ")


def faults_of(here: Here) -> list[str]:
    """What of the assessments could not be read."""
    chart, files = here.chart, ("/client.yaml", "/assessments")
    return [
        text for text in telling.faults_of(here.session, chart, ()) if any(f"{chart.path}{x}" in text for x in files)
    ]


def tell_faults(here: Here) -> None:
    """Say what could not be read, and end with exit code 1 if there is anything."""
    from carectl.output.report import visible

    faults = faults_of(here)
    for text in faults:
        print(f"carectl: not whole: {visible(text)}", file=sys.stderr)
    if faults:
        raise typer.Exit(1)


def instrument_of(session: Session, name: str) -> Instrument:
    """The instrument of an id. Raises UsageError if there is none, Refused if it cannot be used."""
    from carectl.words import closest

    known = session.setting.instruments
    wanted = name.strip().lower()
    if wanted not in known:
        near = closest(wanted, known)
        hint = f"did you mean {near}?" if near else "carectl assess list has those there are"
        raise UsageError(f"this caseload has no instrument of that name\nhint: {hint}")
    found = known[wanted]
    if found is None:
        raise Refused(f"the instrument {wanted} cannot be used\nhint: carectl check tells what is wrong with its file")
    return found


def plain(lines: Iterable[Line]) -> list[str]:
    """Lines without colour."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]

"""Answers, scores and forms that are given on the command line or in a file, and not asked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carectl.commands import asking, assessed
from carectl.commands.naming import Here
from carectl.commands.session import Session
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.assessment_entries import Draft, Filled


def take(here: Here, draft: Draft, path: str | None, scores: Sequence[str], forms: Sequence[str]) -> None:
    """Take answers, scores and forms from the options. Raises UsageError or Refused; then nothing was taken."""
    from carectl.care.assessment import score as add_up
    from carectl.care.assessment_entries import Filled, score_typed

    if path is not None:
        draft.filled.update(_answers_of(here.session, path))
    for text in scores:
        name, value = _pair("--score", "ID=N, such as barthel=85", text)
        instrument = assessed.instrument_of(here.session, name)
        filled = draft.filled.setdefault(instrument.id, Filled())
        try:
            filled.score = score_typed(instrument, value)
        except ValueError as wanted:
            raise UsageError(f"--score {instrument.id} takes {wanted}") from None
        if filled.answers and add_up(instrument, filled.answers).score != filled.score:
            raise UsageError(f"--score {instrument.id} is not what its answers add up to\nhint: leave --score out")
    for text in forms:
        name, value = _pair("--form", "ID=WORD, such as mst=kg", text)
        instrument = assessed.instrument_of(here.session, name)
        if instrument.id not in draft.filled:
            raise UsageError(f"--form {instrument.id}: there is neither an answer nor a score of it")
        draft.filled[instrument.id].form = asking.checked("--form", value, asking.text)


def _pair(option: str, wanted: str, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise UsageError(f"{option} takes {wanted}")
    return name.strip(), value.strip()


def _answers_of(session: Session, path: str) -> dict[str, Filled]:
    """The answers in a file, each looked at; every fault is told with its line. Raises Refused, EnvironmentProblem."""
    from carectl.caseload.reader import MAX_BYTES, read_reference
    from carectl.errors import EnvironmentProblem
    from carectl.findings import Severity
    from carectl.output.report import as_text

    name = "standard input" if path == "-" else path
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        why = (problem.strerror or "the system refuses").lower()
        raise EnvironmentProblem(f"the answers cannot be read: {name}: {why}") from None
    document = read_reference(raw, name)
    found, faults = _look_at(session, document)
    faults = [*document.findings, *faults]
    if any(fault.severity is Severity.ERROR for fault in faults):
        text = as_text(sorted(faults, key=lambda fault: fault.sort_key)).rstrip()
        raise Refused(f"the answers cannot be taken; nothing was written\n{text}")
    return found


def _look_at(session: Session, document: Any) -> tuple[dict[str, Filled], list[Any]]:
    """What a file of answers says, and everything that is wrong with it."""
    from carectl.care.assessment_entries import Filled, answer_given, score_fault
    from carectl.caseload.reader import UNREAD
    from carectl.findings import Finding, Severity
    from carectl.words import closest

    faults: list[Finding] = []

    def fault(slug: str, keys: tuple[str, ...], message: str, hint: str | None = None, *, on: Any = "value") -> None:
        faults.append(Finding(slug, Severity.ERROR, document.span(keys, on), message, hint))

    found: dict[str, Filled] = {}
    data, known = document.data, session.setting.instruments
    if data is UNREAD:
        return found, faults
    if not isinstance(data, dict):
        fault("schema-type", (), "answers must be written {instrument: {item: answer}}")
        return found, faults
    for name, given in data.items():
        instrument = known.get(name)
        if instrument is None:
            near = closest(name, known)
            words = "cannot be used" if name in known else "is not one that this caseload has"
            hint = "carectl check tells why" if name in known else f"did you mean {near}?" if near else None
            fault("instrument-unknown", (name,), f"this instrument {words}", hint or "carectl assess list", on="key")
        elif instrument.mode == "score_only":
            if isinstance(given, bool) or not isinstance(given, int | float):
                fault("instrument-score", (name,), f"of {name} only the score is kept: write `{name}: N`")
            elif wanted := score_fault(instrument, given):
                fault("instrument-score", (name,), f"the score of {name} must be {wanted}", "look at the form")
            else:
                found[name] = Filled(score=given)
        elif not isinstance(given, dict):
            fault("instrument-answer", (name,), f"the answers to {name} must be written {{item: answer}}")
        else:
            filled = found[name] = Filled()
            items = {item.id: item for item in instrument.items}
            for key, value in given.items():
                item = items.get(key)
                if item is None:
                    near = closest(key, items)
                    hint = f"did you mean {near}?" if near else f"carectl assess show --instrument {name} has them"
                    fault("instrument-item-unknown", (name, key), f"{name} has no item of this name", hint, on="key")
                    continue
                if value is None:
                    continue  # not answered
                answer = answer_given(instrument, item, value) if isinstance(value, int | float | str) else None
                if answer is None:
                    from carectl.care.assessment import wanted as wants

                    message = f"{key} of {name} is answered by {wants(instrument, item)}"
                    fault("instrument-answer", (name, key), message, "look at the form")
                else:
                    filled.answers[key] = answer
    return found, faults

"""Assessments for people: instruments, results with what must be said of them, and how they went, as lines and JSON.

The page with a picture is in `assessment_picture`.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from carectl.care.assessment import (
    NOT_DIAGNOSTIC,
    Answer,
    Due,
    Instruments,
    Point,
    Result,
    cautions,
    score,
    suggestions,
    wanted,
    yes_no,
)
from carectl.care.assessment_entries import FORM, VERSION, Changed, Trend, form_of, urgent
from carectl.care.dates import in_full
from carectl.caseload.instrument_records import Alert, Instrument, Item
from carectl.caseload.records import Assessment, InstrumentResult, Number
from carectl.output.export import as_json, plain
from carectl.output.terminal import Cell, Line, blocks, columns, indented

MODES: Final = {"full": "item by item", "score_only": "score only"}
_BAR: Final = 44
"""How long the bar of the highest score is."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored result, what it comes to, and the one before it."""

    stored: InstrumentResult
    instrument: Instrument | None
    """None: it is not known, or cannot be used."""
    result: Result | None
    before: tuple[Assessment, Result] | None = None
    """The last result of the same form, with its assessment."""
    changed: tuple[Changed, ...] = ()
    """The answers that are others than then."""

    @property
    def title(self) -> str:
        """What the instrument is called."""
        return self.instrument.title if self.instrument else self.stored.instrument


# --- words -----------------------------------------------------------------------------------------------------------


def number(value: Number) -> str:
    """A score as people write it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def outcome(result: Result) -> str:
    """What a result says, in a line: 12, moderate."""
    if result.score is not None:
        return number(result.score) + (f", {result.band.label}" if result.band else "")
    if result.faults:
        return "no score: an answer or the score cannot be (carectl check)"
    if result.missing:
        return f"INCOMPLETE, no score: {_missing(result)}"
    if result.instrument.is_scored:
        return "INCOMPLETE, no score was written down"
    count = len(result.to_do)
    return f"{count} thing{'s' * (count != 1)} to do" if count else "nothing to do"


def _missing(result: Result) -> str:
    """What has no answer."""
    names = ", ".join(result.missing) if len(result.missing) <= 3 else f"{len(result.missing)} items"
    return f"no answer to {names}"


def answer_words(instrument: Instrument, item: Item, answer: Answer) -> str:
    """An answer with its meaning: 2 More than half the days."""
    said = yes_no(answer)
    if said is not None:
        return "yes" if said else "no"
    label = next((choice.label for choice in instrument.choices_of(item) if choice.points == answer), None)
    if label is not None:
        return f"{answer} {label}"
    return f"{answer} {item.range.unit}" if item.range and item.range.unit else str(answer)


def change_words(instrument: Instrument, now: Number, before: Number) -> str:
    """How a score has changed: +2 (worse), 0 (the same)."""
    step = round(now - before, 6)
    if step == 0:
        return "the same"
    better = (step > 0) == (instrument.scoring.higher_is == "better")
    return f"{'+' if step > 0 else ''}{number(step)} {'better' if better else 'worse'}"


def form_words(form: str | None, version: int, instrument: Instrument) -> str:
    """Which form was filled in, if that must be said."""
    parts = [f"form {form}"] if form else []
    parts += [f"version {version}"] if version != instrument.version else []
    return ", ".join(parts)


def administered(instrument: Instrument) -> str:
    """Who fills it in."""
    return ", ".join(instrument.administered_by)


def due_lines(items: Sequence[Due], today: dt.date, width: int) -> Iterator[Line]:
    """What is due, a line each."""
    for item in items:
        if item.after:
            why = f"suggested by {item.after} of {item.day}"
        elif item.last is None:
            why = f"begun {in_full(item.day, today)} and never completed"
        else:
            why = f"due since {in_full(item.day, today)}; last {item.last}"
        yield from indented(f"{item.instrument}: {why}", width, 4, "warn", "  - ")


def alarm(alerts: Iterable[Alert], width: int) -> Iterator[Line]:
    """Answers that must not wait, and what is to be done now."""
    for alert in alerts:
        yield from indented(f"URGENT: {alert.finding}", width, 0, "loud")
        if alert.need:
            yield from indented(f"{alert.need}.", width, 2, "loud")
        yield from indented(f"{alert.task}.", width, 7, "loud", "  Now: ")


# --- instruments -----------------------------------------------------------------------------------------------------


def instruments(known: Instruments, own: Callable[[Instrument], bool], width: int) -> Iterator[Line]:
    """Every instrument: title, how it is kept, who fills it in, what is not verified, and its licence."""
    rows: list[list[Cell]] = [["id", "", "what is kept", "filled in by"]]
    for name, instrument in known.items():
        if instrument is None:
            rows.append([(name, "warn"), "", ("cannot be used", "warn"), ""])
        else:
            mark: Cell = ("?", "warn") if instrument.unverified else "✓"
            rows.append([(name, "title"), mark, MODES[instrument.mode], administered(instrument)])
    head, *table = blocks(rows, width, whole=(0, 1))
    yield from head
    for instrument, block in zip(known.values(), table, strict=True):
        yield from block
        if instrument is not None:
            ours = " (your own)" if own(instrument) else ""
            yield from indented(f"{instrument.title}{ours}", width, 4)
            yield from indented(instrument.licence, width, 4, "faint")
    yield []
    yield from indented("✓ read at its source   ? not verified: assess show --instrument ID tells what", width, 0)
    yield [(NOT_DIAGNOSTIC, "")]


def instrument_page(instrument: Instrument, width: int) -> Iterator[Line]:
    """All about one instrument: how it is answered, what scores are called, and where that stands."""
    yield [(f"{instrument.id}  {instrument.title}", "title")]
    facts = {
        "Kept": MODES[instrument.mode],
        "By": administered(instrument),
        "Source": instrument.source,
        "Licence": instrument.licence,
        "Form": instrument.official_form or "",
        "Again": f"after {instrument.interval}" if instrument.interval else "no rule says",
        "Mind": instrument.note or "",
    }
    for name, text in facts.items():
        if text:
            yield from indented(text, width, 10, label=f"{name}:")
    for text in cautions(instrument):
        yield from indented(text, width, 0, "warn")
    if instrument.items:
        yield []
        yield [("Items", "title")]
        if instrument.choices:
            shared = " · ".join(f"{choice.points} {choice.label}" for choice in instrument.choices)
            yield from indented(shared, width, 2)
        rows: list[list[Cell]] = [
            [item.id, item.label, "" if _shares(instrument, item) else how(instrument, item)]
            for item in instrument.items
        ]
        yield from (_in_by(2, line) for line in columns(rows, width - 2, whole=(0,)))
    if instrument.bands:
        yield []
        yield [(f"What scores are called (higher is {instrument.scoring.higher_is})", "title")]
        for band in instrument.bands:
            start = "by age and sex" if isinstance(band.from_, str) else f"from {number(band.from_)}"
            yield from indented(band.label, width, 18, label=f"  {start}")
    for alert in instrument.alerts:
        yield []
        head = f"An answer to {alert.item} above {number(alert.above)} counts by itself"
        yield from indented(head + (", and is urgent." if alert.urgent else "."), width, 0, "warn")
        yield from indented(f"{alert.task}.", width, 2)


def _shares(instrument: Instrument, item: Item) -> bool:
    return bool(instrument.choices) and instrument.choices_of(item) == instrument.choices


def how(instrument: Instrument, item: Item) -> str:
    """How an item is answered: its choices with their labels, or what can be typed."""
    choices = instrument.choices_of(item)
    if choices:
        return " · ".join(f"{choice.points} {choice.label}" for choice in choices)
    unit = f" ({item.range.unit})" if item.range and item.range.unit else ""
    return wanted(instrument, item) + unit


def _in_by(indent: int, line: Line) -> Line:
    return [(" " * indent, ""), *line]


# --- a client's assessments ------------------------------------------------------------------------------------------


def assessments(
    items: Sequence[tuple[Assessment, Sequence[Shown], str | None]],
    assessors: Sequence[str],
    due: Sequence[Due],
    today: dt.date,
    width: int,
) -> Iterator[Line]:
    """A client's assessments, each with its results and the id of the one that corrects it; and what is due.

    `assessors` are their assessors' names, in the same order.
    """
    rows: list[list[Cell]] = [["date", "id", "kind", "assessor"]]
    for (item, _, corrected), assessor in zip(items, assessors, strict=True):
        cells = (str(item.date), item.id, item.kind.replace("_", " "), assessor)
        rows.append([(cell, "faint" if corrected else "") for cell in cells])
    if items:
        head, *table = blocks(rows, width, whole=(0, 1))
        yield from head
        for (_, shown, corrected), block in zip(items, table, strict=True):
            yield from block
            if corrected:
                yield from indented(f"corrected by {corrected}", width, 4, "faint")
                continue
            for one in shown:
                said = outcome(one.result) if one.result else f"{_as_typed(one.stored)} (not worked out: carectl check)"
                yield from indented(f"{one.stored.instrument}: {said}", width, 6, label="    ")
        yield []
        yield [(NOT_DIAGNOSTIC, "")]
    else:
        yield [("No assessment is on file.", "")]
    if due:
        yield []
        yield [("Due", "title")]
        yield from due_lines(due, today, width)


def _as_typed(stored: InstrumentResult) -> str:
    return "no score" if stored.score is None else number(stored.score)


def assessment(
    item: Assessment,
    shown: Sequence[Shown],
    who: Callable[[Any], str],
    today: dt.date,
    width: int,
    corrected: str | None = None,
) -> Iterator[Line]:
    """One assessment: what was found, every instrument with its answers, and what is different from the one before."""
    yield from indented(f"{item.kind.replace('_', ' ').capitalize()} {item.id}, {in_full(item.date, today)}", width, 0,
                        "title")  # fmt: skip
    people = f"by {who(item.assessor)}"
    if item.informants:
        people += "; told by " + ", ".join(who(one) for one in item.informants)
    yield from indented(people, width, 0)
    if corrected:
        yield from indented(f"Corrected by {corrected}: that one counts.", width, 0, "warn")
    if item.recorded:
        yield from indented(f"Written down {item.recorded.replace('T', ' ')}", width, 0, "faint")
    raised = [alert for one in shown if one.result for alert in urgent(one.result)]
    if raised:
        yield []
        yield from alarm(raised, width)
    if item.summary:
        yield []
        yield from indented(item.summary, width, 0)
    if item.findings:
        yield []
        yield [("Found", "title")]
        for finding in item.findings:
            text = f"{finding.domain.replace('_', ' ')}: {finding.finding}"
            yield from indented(text, width, 4, label="  - ")
            if finding.need:
                yield from indented(f"→ {finding.need}", width, 6)
    for title, texts in (("Strengths", item.strengths), ("Wants", item.client_goals)):
        if texts:
            yield []
            yield [(title, "title")]
            for text in texts:
                yield from indented(text, width, 4, label="  - ")
    for one in shown:
        yield []
        yield from result_lines(one, width, answers=True)
    if shown:
        yield []
        yield [(NOT_DIAGNOSTIC, "")]


def result_lines(one: Shown, width: int, *, answers: bool) -> Iterator[Line]:
    """A result: score, band, what must be said of it, how it compares, and what it suggests."""
    instrument, result = one.instrument, one.result
    if instrument is None or result is None:
        text = f"{one.stored.instrument}: {_as_typed(one.stored)}"
        why = "the instrument is not known, or not all of it could be read (carectl check)"
        yield from indented(f"{text}, not worked out: {why}", width, 0, "warn")
        return
    form, version = form_of(one.stored)
    words = form_words(form, version, instrument)
    yield [(f"{instrument.title} ({instrument.id}{', ' + words if words else ''})", "title")]
    look = "warn" if not result.complete else ""
    yield from indented(outcome(result), width, 2, look)  # type: ignore[arg-type]
    for text in (*result.remarks, *cautions(instrument)[1:]):
        yield from indented(text[:1].upper() + text[1:], width, 2, "warn")
    for alert in result.unasked:
        if alert.urgent:
            text = f"There is no answer to {alert.item}, which must not be left out. If it was not asked, ask."
            yield from indented(text, width, 2, "loud")
    if one.before:
        yield from _compared(one, one.before, width)
    if answers:
        yield from _answers(one, instrument, width)
    yield from _suggested(result, width)


def _compared(one: Shown, before: tuple[Assessment, Result], width: int) -> Iterator[Line]:
    assessment, last = before
    result = one.result
    assert result is not None
    if last.score is None and last.instrument.is_scored:
        text = f"No score to compare with on {assessment.date}."
    elif result.score is not None and last.score is not None:
        text = f"{change_words(last.instrument, result.score, last.score)} since {assessment.date}"
        text = f"{text[:1].upper()}{text[1:]} ({outcome(last)})."
    else:
        text = f"Last on {assessment.date}: {outcome(last)}."
    yield from indented(text, width, 2)
    for change in one.changed:
        then = answer_words(last.instrument, change.item, change.before)
        now = answer_words(last.instrument, change.item, change.now)
        yield from indented(f"{change.item.label}: {then} → {now}", width, 6, label="    ")


def _answers(one: Shown, instrument: Instrument, width: int) -> Iterator[Line]:
    given = one.stored.answers
    if not any(item.id in given for item in instrument.items):
        if instrument.items:
            yield from indented("Only the score was kept, without the answers.", width, 2)
    else:
        rows: list[list[Cell]] = []
        for item in instrument.items:
            if item.id in given:
                rows.append([item.label, answer_words(instrument, item, given[item.id])])
            else:
                rows.append([item.label, ("not answered", "warn")])
        yield from (_in_by(4, line) for line in columns(rows, width - 4))
    for name, value in given.items():
        if name.startswith("x-") and name not in (FORM, VERSION):
            yield from indented(f"{name}: {value}", width, 4, "faint")


def _suggested(result: Result, width: int) -> Iterator[Line]:
    found = suggestions(result)
    loud = {alert.finding for alert in urgent(result)}
    for finding in found.findings:
        if finding.finding in loud:
            continue
        need = f" → {finding.need}" if finding.need else ""
        yield from indented(f"Suggests: {finding.finding}{need}", width, 4, label="    ")
    for task in found.tasks:
        if not task.urgent:
            yield from indented(task.text, width, 11, label="    To do: ")
    if found.instruments:
        yield from indented(f"Next: {', '.join(found.instruments)}", width, 4, label="  ")


# --- over time -------------------------------------------------------------------------------------------------------


def trend(found: Trend, width: int, *, blocks_too: bool = True) -> Iterator[Line]:
    """How an instrument went: a table, and a bar for every score. `blocks_too` is False where only ASCII is shown."""
    instrument = found.instrument
    words = form_words(found.form, found.version, instrument)
    yield [(f"{instrument.title} ({instrument.id}{', ' + words if words else ''})", "title")]
    if instrument.is_scored:
        yield from indented(f"Higher is {instrument.scoring.higher_is}.", width, 0)
    rows: list[list[Cell]] = [
        [str(point.day), _score_cell(point), _change_cell(point), _called(point)] for point in found.points
    ]
    yield from columns(rows, width, head=("date", "score", "change", "what it is called"), whole=(0, 1))
    if instrument.is_scored and any(point.result.score is not None for point in found.points):
        yield []
        yield from _bars(found, width, blocks_too=blocks_too)
    for text in cautions(instrument)[1:]:
        yield from indented(text, width, 0, "warn")


def _score_cell(point: Point) -> Cell:
    if point.result.score is not None:
        return number(point.result.score).rjust(len("score"))
    return ("none" if point.result.instrument.is_scored else "").rjust(len("score")), "warn"


def _change_cell(point: Point) -> str:
    if point.change is None:
        return ""
    if point.change == 0:
        return "the same"
    return f"{'+' if point.change > 0 else ''}{number(point.change)} {point.direction}"


def _called(point: Point) -> Cell:
    result = point.result
    if result.score is None:
        return outcome(result), "" if result.complete else "warn"
    if result.band:
        return result.band.label
    return "; ".join(result.remarks), "faint"


def scale(found: Trend) -> tuple[Number, Number]:
    """From where to where a trend is drawn: all scores there can be; where those have no end, those there are."""
    scores = [point.result.score for point in found.points if point.result.score is not None]
    low, high = found.instrument.lowest, found.instrument.highest
    if low == -math.inf or not found.is_current:
        low = min([0, *scores])
    if high == math.inf or not found.is_current:
        high = max([*scores, low + 1])
    return low, max(high, low + 1)


def _bars(found: Trend, width: int, *, blocks_too: bool) -> Iterator[Line]:
    """A bar per result. A result without a score is a gap, which is not a bar of no length."""
    full, wall = ("█", "│") if blocks_too else ("#", "|")
    low, high = scale(found)
    room = min(_BAR, width - 25)
    for point in found.points:
        value = point.result.score
        if value is None:
            yield [(f"{point.day} {wall} ", ""), ("no score", "warn")]
        else:
            size = round(room * (value - low) / (high - low))
            yield [(f"{point.day} {wall}{full * size} {number(value)}", "")]
    yield [(" " * 11 + _axis(found, low, high, room), "faint")]


def _axis(found: Trend, low: Number, high: Number, room: int) -> str:
    """The ends of the scale below the bars, and where bands begin if there is room."""
    starts = [band.from_ for band in found.instrument.bands if not isinstance(band.from_, str)]
    marks = [low, high, *(start for start in starts if found.is_current and low < start < high)]
    line = [" "] * (room + 8)
    for value in marks:
        at, text = round(room * (value - low) / (high - low)), number(value)
        end = at + len(text)
        if end <= len(line) and all(sign == " " for sign in line[max(at - 1, 0) : end + 1]):
            line[at:end] = text
    return "".join(line).rstrip()


# --- for scripts -----------------------------------------------------------------------------------------------------


def instruments_json(known: Instruments, own: Callable[[Instrument], bool]) -> str:
    """The instruments, as JSON."""
    return as_json({
        "instruments": [
            {"id": name, "usable": False} if item is None else {**_instrument(item), "own": own(item)}
            for name, item in known.items()
        ]
    })  # fmt: skip


def _instrument(item: Instrument) -> dict[str, Any]:
    return {
        "id": item.id,
        "usable": True,
        "version": item.version,
        "title": item.title,
        "mode": item.mode,
        "domain": item.domain,
        "administered_by": list(item.administered_by),
        "interval": item.interval,
        "higher_is": item.scoring.higher_is,
        "lowest": _end(item.lowest) if item.is_scored else None,
        "highest": _end(item.highest) if item.is_scored else None,
        "source": item.source,
        "licence": item.licence,
        "not_verified": list(item.unverified),
    }


def _end(value: Number) -> Number | None:
    return None if abs(value) == math.inf else value


def instrument_json(item: Instrument, *, own: bool) -> str:
    """One instrument with its items and bands, as JSON."""
    return as_json({
        "instrument": {
            **_instrument(item),
            "own": own,
            "items": [
                {
                    "id": one.id,
                    "label": one.label,
                    "choices": [{"points": c.points, "label": c.label} for c in item.choices_of(one)],
                    "answered_by": wanted(item, one),
                }
                for one in item.items
            ],
            "bands": [{"from": band.from_, "label": band.label} for band in item.bands],
        }
    })  # fmt: skip


def assessments_json(
    client: str, items: Sequence[tuple[Assessment, Sequence[Shown], str | None]], due: Sequence[Due]
) -> str:
    """A client's assessments and what is due, as JSON."""
    return as_json({
        "client": client,
        "assessments": [_assessment(item, shown, corrected) for item, shown, corrected in items],
        "due": [
            {"instrument": one.instrument, "since": plain(one.day), "last": plain(one.last), "after": one.after}
            for one in due
        ],
        "caution": NOT_DIAGNOSTIC,
    })  # fmt: skip


def assessment_json(client: str, item: Assessment, shown: Sequence[Shown], corrected: str | None) -> str:
    """One assessment as JSON."""
    return as_json({"client": client, "assessment": _assessment(item, shown, corrected), "caution": NOT_DIAGNOSTIC})


def _assessment(item: Assessment, shown: Sequence[Shown], corrected: str | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "date": plain(item.date),
        "assessor": _who(item.assessor),
        "informants": [_who(one) for one in item.informants],
        "corrected_by": corrected,
        "instruments": [_shown(one) for one in shown],
        "findings": [
            {"id": one.id, "domain": one.domain, "finding": one.finding, "need": one.need} for one in item.findings
        ],
        "strengths": list(item.strengths),
        "client_goals": list(item.client_goals),
        "summary": item.summary,
        "path": item.origin.path,
    }


def _who(who: Any) -> str:
    return who if isinstance(who, str) else str(who.name)


def _shown(one: Shown) -> dict[str, Any]:
    result = one.result
    before = one.before[1].score if one.before else None
    change = round(result.score - before, 6) if result and result.score is not None and before is not None else None
    found = suggestions(result) if result else None
    return {
        "instrument": one.stored.instrument,
        "known": result is not None,
        "stored_score": one.stored.score,
        **_outcome(result),
        "answers": dict(one.stored.answers),
        "change": change,
        "urgent": [alert.finding for alert in urgent(result)] if result else [],
        "suggested_findings": [item.finding for item in found.findings] if found else [],
        "suggested_tasks": [item.text for item in found.tasks] if found else [],
        "not_verified": list(one.instrument.unverified) if one.instrument else [],
    }


def _outcome(result: Result | None) -> dict[str, Any]:
    return {
        "score": result.score if result else None,
        "band": result.band.label if result and result.band else None,
        "complete": result is not None and result.complete,
        "missing": list(result.missing) if result else [],
    }


def trends_json(client: str, found: Sequence[Trend]) -> str:
    """How instruments went, as JSON. A result without a score has `null`, which is not 0."""
    return as_json({
        "client": client,
        "trends": [
            {
                "instrument": one.instrument.id,
                "title": one.instrument.title,
                "form": one.form,
                "version": one.version,
                "higher_is": one.instrument.scoring.higher_is,
                "lowest": _end(one.instrument.lowest) if one.is_current and one.instrument.is_scored else None,
                "highest": _end(one.instrument.highest) if one.is_current and one.instrument.is_scored else None,
                "not_verified": list(one.instrument.unverified),
                "points": [
                    {
                        "assessment": point.assessment,
                        "date": plain(point.day),
                        **_outcome(point.result),
                        "change": point.change,
                        "direction": point.direction,
                    }
                    for point in one.points
                ],
            }
            for one in found
        ],
        "caution": NOT_DIAGNOSTIC,
    })  # fmt: skip


# --- while it is asked -----------------------------------------------------------------------------------------------


def heading(instrument: Instrument, width: int) -> Iterator[Line]:
    """What is said before an instrument is asked."""
    yield []
    yield [(f"{instrument.title} ({instrument.id})", "title")]
    if instrument.official_form:
        yield from indented(f"Ask by the official form: {instrument.official_form}", width, 2)
    for text in (instrument.note or "", *cautions(instrument)[1:]):
        if text:
            yield from indented(text, width, 2)


def question(instrument: Instrument, item: Item, place: str, width: int) -> Iterator[Line]:
    """An item as it is asked."""
    yield []
    label = f"{place}  " if place else "  "
    yield from indented(item.label, width, len(label), "title", label)
    yield from indented(how(instrument, item), width, 2)


def asked_so_far(instrument: Instrument, answers: Mapping[str, Answer]) -> str:
    """How much of an instrument is answered."""
    done = sum(item.id in answers for item in instrument.items)
    total = score(instrument, answers)
    return f"{instrument.id}: {done} of {len(instrument.items)}" + (" answers" if total.missing else ", all answered")

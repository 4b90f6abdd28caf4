"""What an import would do, line by line, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from carectl.care.events import NotTaken
from carectl.care.imports import Plan, Terms, when
from carectl.output.report import visible
from carectl.output.terminal import Line, Style, indented


def preview(plan: Plan, terms: Terms, client: str, width: int) -> Iterator[Line]:
    """The plan for people: what is new (+), changed (~) and gone (-), what is left as it is, and what was not taken.

    `client` is the id, for the command line that adds by hand what has no hours.
    """
    if plan.new:
        yield from _heading(f"New: {len(plan.new)}")
        for arrival in plan.new:
            item = arrival.appointment
            private = " (private: it never leaves the coordinator)" if item.private else ""
            title = f", {item.title}" if item.title else ""
            yield from _entry("+", f"{when(item.start, item.end)}{title}{private}", width)
            if item.place:
                yield from _below(f"at {item.place}", width)
    if plan.changed:
        yield from _heading(f"Changed: {len(plan.changed)}")
        for change in plan.changed:
            yield from _entry("~", f"{when(change.start, change.end)}, {change.visit.id}", width)
            for label, was, now in change.differences:
                yield from _below(f"{label}: {now}" + (f" (was: {was})" if was else ""), width)
    if plan.gone:
        yield from _heading(f"Gone, to be cancelled: {len(plan.gone)}")
        for departure in plan.gone:
            title = (departure.visit.note or "").partition("\n")[0] or departure.visit.id
            yield from _entry("-", f"{when(departure.start, departure.end)}, {title}", width)
    if plan.disagreements:
        yield from _heading("Left as they are here, though the calendar says otherwise:", "warn")
        for visit, why in plan.disagreements:
            yield from _entry(" ", f"{visit.id}: {why}", width)
    if plan.not_taken:
        yield from _not_taken(plan.not_taken, terms, client, width)
    if plan.doubts:
        yield from _heading("Please note:")
        for text in plan.doubts:
            yield from _entry(" ", text, width)
    yield []
    yield [(counts(plan), "")]


def counts(plan: Plan) -> str:
    """The plan in one line."""
    lost = len({item.line for item in plan.not_taken})
    words = [f"{len(plan.new)} new", f"{len(plan.changed)} changed", f"{len(plan.gone)} gone", f"{plan.same} unchanged"]
    return ", ".join([*words, *([f"{lost} not taken"] if lost else [])]) + "."


def _not_taken(items: Sequence[NotTaken], terms: Terms, client: str, width: int) -> Iterator[Line]:
    yield from _heading(f"Not taken: {len({item.line for item in items})}", "warn")
    for (line, why), group in groupby(items, key=lambda item: (item.line, item.why)):
        first, *more = group
        day = f"{first.day:%A} {first.day}" if first.day else ""
        often = f" (and {len(more)} more day{'s' * (len(more) > 1)})" if more else ""
        yield from _entry(" ", f"line {line}: " + ", ".join(word for word in (day + often, first.title) if word), width)
        yield from _below(why, width)
    by_hand = next((item for item in items if item.by_hand), None)
    if by_hand is not None:
        contact = f" --with {terms.with_}" if terms.with_ else ""
        yield from _entry(" ", "By hand, with the hours:", width)
        yield [(f"    carectl visit add {client} {by_hand.day} TIME --duration LENGTH \\", "")]
        yield [(f"      --service {terms.service}{contact}", "")]


def _heading(text: str, style: Style = "title") -> Iterator[Line]:
    yield []
    yield [(text, style)]


def _entry(sign: str, text: str, width: int) -> Iterator[Line]:
    yield from indented(visible(text), width, 4, label=f"  {sign}")


def _below(text: str, width: int) -> Iterator[Line]:
    yield from indented(visible(text), width, 6)

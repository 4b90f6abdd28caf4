"""How an instrument went, as one self-contained page: a drawing, and beside it a table that says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from carectl.care.assessment import NOT_DIAGNOSTIC, Point, cautions
from carectl.care.assessment_entries import Trend
from carectl.output.assessment_page import form_words, number, outcome, scale
from carectl.output.documents import render

_WIDTH: Final = 640
_HEIGHT: Final = 260
_LEFT: Final = 40
_RIGHT: Final = 24
_TOP: Final = 24
_BOTTOM: Final = 36
_APART: Final = 76
"""How far two dates below the drawing must be apart for both to be written."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place of the drawing, with its words."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    date: dt.date
    score: str
    change: str
    called: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One instrument: the table, and the drawing unless there is no score to draw."""

    title: str
    id: str
    direction: str
    """What a higher score means."""
    description: str
    """The drawing in words."""
    rows: tuple[Row, ...]
    levels: tuple[Mark, ...]
    """Scores at which a line goes across."""
    dots: tuple[Mark, ...]
    gaps: tuple[Mark, ...]
    """Results without a score."""
    days: tuple[Mark, ...]
    lines: tuple[str, ...]
    """Points that are joined: those with a score, up to the next gap."""
    cautions: tuple[str, ...]
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template sees."""

    client: str
    name: str
    date: dt.date
    practice: str
    caution: str
    figures: tuple[Figure, ...]
    unreadable: tuple[str, ...] = ()
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = _HEIGHT - _BOTTOM


def picture(
    client: str, name: str, practice: str, found: Sequence[Trend], today: dt.date, unreadable: Iterable[str] = (),
    own: Path | None = None,
) -> str:  # fmt: skip
    """The page of a client's trends. `unreadable` says what is not in it because it could not be read.

    `own` is the practice's folder of templates. Raises TemplateFault.
    """
    figures = tuple(_figure(one) for one in found)
    page = Page(client, name, today, practice, NOT_DIAGNOSTIC, figures, tuple(unreadable))
    return render("assessment-trend.html.j2", {"page": page}, "en", today, own)


def _figure(found: Trend) -> Figure:
    instrument = found.instrument
    words = form_words(found.form, found.version, instrument)
    drawn = [point for point in found.points if point.result.score is not None]
    low, high = scale(found)
    xs = _across([point.day for point in found.points])

    def height(value: float) -> float:
        share = (value - low) / (high - low)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    dots: list[Mark] = []
    gaps: list[Mark] = []
    stretches: list[list[str]] = [[]]
    for point, x in zip(found.points, xs, strict=True):
        value = point.result.score
        if value is None:
            gaps.append(Mark(x, _HEIGHT - _BOTTOM - 8, "no score"))
            stretches.append([])
        else:
            dots.append(Mark(x, height(value), number(value)))
            stretches[-1].append(f"{x},{height(value)}")
    starts = [band.from_ for band in instrument.bands if not isinstance(band.from_, str)]
    levels = sorted({low, high, *(start for start in starts if found.is_current and low < start < high)})
    higher = f"Higher is {instrument.scoring.higher_is}." if instrument.is_scored else ""
    return Figure(
        title=instrument.title + (f", {words}" if words else ""),
        id=instrument.id,
        direction=higher,
        description=" ".join(_in_words(point) for point in found.points) + f" {higher}",
        rows=tuple(
            Row(
                point.day,
                "none" if point.result.score is None else number(point.result.score),
                _change(point),
                _called(point),
            )
            for point in found.points
        ),
        levels=tuple(Mark(_LEFT, height(value), number(value)) for value in levels) if drawn else (),
        dots=tuple(dots),
        gaps=tuple(gaps),
        days=_days([point.day for point in found.points], xs),
        lines=tuple(" ".join(one) for one in stretches if len(one) > 1),
        cautions=cautions(instrument)[1:],
        source=instrument.source.rstrip("."),
        licence=instrument.licence,
    )


def _across(days: Sequence[dt.date]) -> list[float]:
    """Where each day stands: as far apart as the days are."""
    first, last = days[0], days[-1]
    room, span = _WIDTH - _LEFT - _RIGHT - 60, (last - first).days
    return [round(_LEFT + 30 + (room * (day - first).days / span if span else room / 2), 1) for day in days]


def _days(days: Sequence[dt.date], xs: Sequence[float]) -> tuple[Mark, ...]:
    """The days below the drawing, as far as there is room: the last one always."""
    found = [Mark(xs[-1], _HEIGHT - _BOTTOM + 20, str(days[-1]))]
    end = xs[-1] - _APART
    at = -_APART * 2.0
    for day, x in zip(days[:-1], xs[:-1], strict=True):
        if x - at >= _APART and x <= end:
            found.append(Mark(x, _HEIGHT - _BOTTOM + 20, str(day)))
            at = x
    return tuple(found)


def _in_words(point: Point) -> str:
    return f"{point.day}: {outcome(point.result)}."


def _change(point: Point) -> str:
    if point.change is None:
        return ""
    return (
        "the same"
        if point.change == 0
        else f"{'+' if point.change > 0 else ''}{number(point.change)} {point.direction}"
    )


def _called(point: Point) -> str:
    result = point.result
    if result.score is None:
        return outcome(result)
    return result.band.label if result.band else "; ".join(result.remarks)

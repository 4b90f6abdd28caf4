"""The documents that templates print, and made-up ones of each to try templates with."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

TODAY: Final = dt.date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is made of templates."""

    template: str
    """The template that is asked for."""
    variable: str
    """The one name that it sees."""
    kind: type
    """What stands behind that name."""


def documents() -> tuple[Document, ...]:
    """Every document there is, one for each template that is printed by itself."""
    from carectl.care.letters import Letter
    from carectl.care.papers.appointment import AppointmentSheet
    from carectl.care.papers.discharge import DischargeSummary
    from carectl.care.papers.hospital import HospitalPacket
    from carectl.care.papers.sbar import Sbar
    from carectl.care.papers.visit_sheet import VisitSheet
    from carectl.care.plan_audiences import ReaderPlan
    from carectl.care.plans import PlanDocument
    from carectl.output import assessment_picture, subscribing
    from carectl.output.documents.formats import PAGE, DocumentPage

    return (
        Document("letter-family.md.j2", "letter", Letter),
        Document("letter-sbar.md.j2", "letter", Sbar),
        Document("letter-appointment.md.j2", "letter", AppointmentSheet),
        Document("letter-hospital.md.j2", "letter", HospitalPacket),
        Document("letter-hospital.html.j2", "letter", HospitalPacket),
        Document("letter-visit-sheet.md.j2", "letter", VisitSheet),
        Document("letter-visit-sheet.html.j2", "letter", VisitSheet),
        Document("letter-discharge.md.j2", "letter", DischargeSummary),
        Document("care-plan.md.j2", "plan", PlanDocument),
        Document("care-plan.html.j2", "plan", PlanDocument),
        Document("care-plan-copy.md.j2", "plan", ReaderPlan),
        Document(PAGE, "page", DocumentPage),
        Document("assessment-trend.html.j2", "page", assessment_picture.Page),
        *(Document(f"subscribe/{language}.html.j2", "page", subscribing.Page) for language in subscribing.LANGUAGES),
    )


def samples(kind: type, language: str) -> Iterator[Any]:
    """Made-up documents of a kind, three for each audience: with everything stated, once with every yes and once with
    every no; and with nothing stated that may be missing.
    """
    audiences = get_args(get_type_hints(kind).get("audience")) or (None,)
    for audience in audiences:
        for full, yes in ((True, True), (True, False), (False, False)):
            yield _made(kind, language, audience, full=full, yes=yes)


def _made(kind: Any, language: str, audience: str | None, *, full: bool, yes: bool, name: str = "") -> Any:
    """A value of a kind."""
    given: dict[Any, Any] = {
        str: language if name == "language" else "Sample", bool: yes, int: 2, float: 1.5, dt.date: TODAY,
        dt.time: dt.time(9, 30), dt.datetime: dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC), object: "Sample",
    }  # fmt: skip
    if name == "audience" and audience is not None:
        return audience
    if kind in given:
        return given[kind]
    origin, inner = get_origin(kind), get_args(kind)
    more: dict[str, Any] = {"full": full, "yes": yes}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{item.name: _made(hints[item.name], language, audience, **more, name=item.name)
                       for item in fields(kind)})  # type: ignore[operator]  # fmt: skip
    if origin in (Union, types.UnionType):
        stated = next(one for one in inner if one is not types.NoneType)
        return _made(stated, language, audience, **more, name=name) if full or types.NoneType not in inner else None
    if origin is tuple:
        return (_made(inner[0], language, audience, **more),) * 2 if full else ()
    if origin is Literal:
        return inner[0]
    raise TypeError(f"no sample for {kind}")

"""A practice's own templates: which there are, a copy to begin with, and whether they still fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from carectl import resources
from carectl.findings import Finding
from carectl.output.documents.faults import TemplateFault, template_fault, template_outdated, template_unused
from carectl.output.documents.samples import TODAY, documents, samples
from carectl.output.documents.sandbox import OWN, render
from carectl.output.documents.words import languages
from carectl.words import closest

ABOUT: Final = {
    "letter-family.md.j2": "the letter to a family",
    "letter-sbar.md.j2": "the SBAR to a physician",
    "letter-appointment.md.j2": "the sheet that goes along to an appointment",
    "letter-hospital.md.j2": "the packet for a hospital",
    "letter-hospital.html.j2": "the packet for a hospital as HTML and PDF",
    "letter-visit-sheet.md.j2": "the sheet for one visit",
    "letter-visit-sheet.html.j2": "the visit sheet as HTML and PDF",
    "letter-discharge.md.j2": "the summary at the end of care",
    "letter-parts.md.j2": "what these papers have in common",
    "letter-parts.html.j2": "what they have in common as HTML",
    "letter-paper.css": "how they look",
    "care-plan-copy.md.j2": "the care plan for the client or a contact",
    "care-plan.md.j2": "the care plan for the chart",
    "care-plan.html.j2": "the care plan for the chart as HTML and PDF",
    "care-plan.css": "how care-plan.html.j2 looks",
    "document.html.j2": "the page around letters as HTML, PDF, e-mail",
    "document.css": "how document.html.j2 looks",
    "assessment-trend.html.j2": "how an assessment went, as a picture",
    "subscribe/en.html.j2": "how to subscribe to a calendar, in English",
    "subscribe/es.html.j2": "how to subscribe to a calendar, in Spanish",
    "subscribe/page.html.j2": "the page around the two",
    "subscribe/page.css": "how these look",
}
"""What each template that comes with carectl is for."""

_MARK: Final = re.compile(r"\{#- copied from carectl's (\S+), digest ([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A template as `carectl template list` shows it."""

    name: str
    about: str
    own: bool
    """Whether the practice has its own."""


def builtin() -> list[str]:
    """The names of the templates that come with carectl; the words of languages are none."""
    folder = resources.folder("templates")
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not name.startswith("words/"))


def shelves(own: Path | None) -> list[Shelf]:
    """Every template that comes with carectl, and the practice's other ones."""
    known = builtin()
    mine = own_names(own)
    found = [Shelf(name, ABOUT.get(name, ""), name in mine) for name in known]
    return found + [Shelf(name, "your own", own=True) for name in mine if name not in known]


def own_names(own: Path | None) -> list[str]:
    """The names of the practice's own templates. Hidden files, and what editors leave behind, are none."""
    if own is None:
        return []
    names = (path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file())
    return sorted(name for name in names if not re.search(r"(^|/)\.|~$", name))


def original(name: str) -> bytes:
    """A template that comes with carectl."""
    return (resources.folder("templates") / name).read_bytes()


def digest(name: str) -> str:
    """What tells one state of a template that comes with carectl from another."""
    return blake2b(original(name), digest_size=8).hexdigest()


def copy_of(name: str) -> bytes:
    """What a copy in a caseload begins as: a line that says what it is a copy of, and the template."""
    line = f"{{#- copied from carectl's {name}, digest {digest(name)}; carectl template check watches that -#}}\n"
    return line.encode() + original(name)


def check(own: Path, only: str | None = None) -> list[Finding]:
    """What is wrong with the practice's own templates: every document is printed with made-up data, in every language.

    `only` is the name of the one template that is asked about. Findings are in their order.
    """
    met: set[str] = set()
    found = set(_tried(own, met))
    names = own_names(own)
    known = builtin()
    for name in names:
        if f"{OWN}/{name}" not in met:
            near = closest(name, [one for one in known if one not in names])
            found.add(template_unused(f"{OWN}/{name}", near))
        found.update(_outdated(own, name))
    told = [finding for finding in found if only is None or finding.path == f"{OWN}/{only}"]
    return sorted(told, key=lambda finding: finding.sort_key)


def _tried(own: Path, met: set[str]) -> Iterator[Finding]:
    for document in documents():
        for language in sorted(languages()):
            for sample in samples(document.kind, language):
                try:
                    render(document.template, {document.variable: sample}, language, TODAY, own, met=met)
                except TemplateFault as fault:
                    if fault.finding.path.startswith(f"{OWN}/"):
                        yield fault.finding


def _outdated(own: Path, name: str) -> Iterator[Finding]:
    path = f"{OWN}/{name}"
    try:
        with (own / name).open("rb") as file:
            first = file.readline(1000).decode("utf-8", "replace")
    except OSError:
        yield template_fault(path, 1, "cannot be read")
        return
    mark = _MARK.match(first)
    if mark and mark[1] in builtin() and mark[2] != digest(mark[1]):
        yield template_outdated(path, mark[1], digest(mark[1]))

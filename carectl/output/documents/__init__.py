"""Plans and letters through templates, in a sandbox that sees one document's data and nothing else.

A template gets the plain data that `carectl.care` chose for its audience; it cannot reach a chart, a file or the clock.
`Maker` makes a document in any format with the practice's own templates before carectl's; commands do not call it
themselves: `carectl.commands.saving.document` does, with everything around it.

`sandbox` runs templates; `words` knows the languages and makes text harmless; `formats` makes plain text, HTML and PDF;
`practice` looks after a practice's own templates, with the made-up documents of `samples`; `faults` are its findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carectl.output.documents.faults import TemplateFault, template_fault, template_outdated, template_unused
from carectl.output.documents.formats import Format, Maker, Paper
from carectl.output.documents.sandbox import own_folder, render
from carectl.output.documents.words import Vocabulary, languages

if TYPE_CHECKING:
    from carectl.care.letters import Letter
    from carectl.care.plans import PlanDocument

__all__ = (
    "Format", "Maker", "Paper", "TemplateFault", "Vocabulary", "languages", "own_folder", "render", "render_letter",
    "render_plan", "template_fault", "template_outdated", "template_unused", "title_of",
)  # fmt: skip


def render_letter(letter: Letter) -> str:
    """A family letter as Markdown, from carectl's own template."""
    return render("letter-family.md.j2", {"letter": letter}, letter.language, letter.date)


def render_plan(plan: PlanDocument, form: str = "md") -> str:
    """A care plan as Markdown or HTML, from carectl's own template."""
    return render(f"care-plan.{form}.j2", {"plan": plan}, plan.language, plan.date)


def title_of(practice: str | None, language: str) -> str:
    """What a letter is called in a list: who it is from, and nothing about whom or what."""
    words = Vocabulary.read(language)
    return words.say("document.from", practice=practice) if practice else words.say("document.plain")

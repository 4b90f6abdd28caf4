"""What can be wrong with templates: one function per code."""

from __future__ import annotations

from carectl.errors import Refused
from carectl.findings import Finding, Severity, Span, code


class TemplateFault(Refused):
    """A template that cannot be used. The finding says where and why, and holds nothing of the client's."""

    def __init__(self, finding: Finding) -> None:
        span = finding.at
        line = f":{span.line}" if isinstance(span, Span) else ""
        super().__init__(f"{finding.path}{line}: {finding.message}")
        self.finding = finding


@code("template-fault", Severity.ERROR)
def template_fault(path: str, line: int, message: str) -> Finding:
    """A template that cannot be used.

    It is not well formed, names something that its document does not have, reaches for what templates may not touch,
    or runs or prints without end. Nothing is written then. `docs/templates.md` lists what each template can see;
    `carectl template check` tries every template of a caseload.

    Wrong:
        {{ letter.client_name }}

    Right:
        {{ letter.client }}
    """
    return Finding("template-fault", Severity.ERROR, Span(path, line, 1, line, 1), message)


@code("template-outdated", Severity.WARNING)
def template_outdated(path: str, name: str, digest: str) -> Finding:
    """A copy of a template that is older than carectl's own.

    The template that came with carectl has changed since it was copied into the caseload: it may show more by now, or
    say something better. The copy is used as it is. Compare the two with `carectl template eject NAME --dry-run`, take
    over what you want, and write the new digest into the first line.

    Wrong:
        {#- copied from carectl's letter-family.md.j2, digest 0000000000000000 -#}

    Right:
        {#- copied from carectl's letter-family.md.j2, digest 4f1d2c3b5a697887 -#}
    """
    return Finding(
        "template-outdated", Severity.WARNING, Span(path, 1, 1, 1, 1),
        f"carectl's own {name} has changed since this copy was made; its digest is now {digest}",
        f"see what is different: carectl template eject {name} --dry-run; then write {digest} into the first line",
    )  # fmt: skip


@code("template-unused", Severity.WARNING)
def template_unused(path: str, near: str | None = None) -> Finding:
    """A file among the caseload's templates that no document is made of.

    Its name is none of those that `carectl template list` shows, and no template includes it: what stands in it is
    never printed. Most often the name is misspelt.

    Wrong:
        templates/letter-famly.md.j2

    Right:
        templates/letter-family.md.j2
    """
    hint = f"did you mean {near}?" if near else "carectl template list shows the names there are"
    at = Span(path, 1, 1, 1, 1)
    return Finding("template-unused", Severity.WARNING, at, "no document is made of this file", hint)

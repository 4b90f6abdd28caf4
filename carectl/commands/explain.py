"""carectl explain: the page of a code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands.completion import codes
from carectl.errors import UsageError

if TYPE_CHECKING:
    from carectl.care.changes.rules import Rule
    from carectl.findings import Code

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    code: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE",
            help="The word in brackets of a finding, or the rule of a change.",
            autocompletion=codes,
        ),
    ] = None,
) -> None:
    """Tell what a finding means, why it matters and how to mend it; or what a rule of `diff` means. Without a code,
    list the findings.

    Example: carectl explain goal-overdue
    """
    known = all_codes()
    if code is None:
        for slug, item in known.items():
            print("\n".join(_listed(slug, item)))
        return
    if code not in known:
        from carectl.care.changes.rules import RULES
        from carectl.words import closest

        if code in RULES:
            print(rule_page(RULES[code]))
            return
        near = closest(code, [*known, *RULES])
        raise UsageError(f"there is no code {code}" + (f"\nhint: did you mean {near}?" if near else ""))
    print(page(known[code]))


def _listed(slug: str, item: Code) -> list[str]:
    """A code in the list of all: its first sentence stands beside it, in as many lines as that takes."""
    from carectl.commands.telling import width
    from carectl.output.terminal import wrap

    head = f"{slug:34} {item.severity.word:8} "
    first, *more = wrap(item.page.splitlines()[0], width() - len(head))
    return [head + first, *(" " * len(head) + line for line in more)]


def page(item: Code) -> str:
    """A code's page as text, its prose in lines that fit the terminal. The examples stay as they are."""
    from carectl.caseload.faults import merge_unresolved
    from carectl.commands.telling import width
    from carectl.findings import code_of
    from carectl.output.terminal import wrap

    lines = [f"{item.slug} ({item.severity.word})", ""]
    prose: list[str] = []
    for line in [*item.page.splitlines(), ""]:
        if line and not line.startswith(" ") and line not in ("Wrong:", "Right:"):
            prose.append(line)
            continue
        if prose:
            lines += wrap(" ".join(prose), width())
            prose = []
        lines.append(line)
    if item.citation:
        lines += [*wrap(f"Rule: {item.citation}", width()), ""]
    if item.slug == code_of(merge_unresolved).slug:
        return "\n".join([*lines, "It cannot be waived: nobody has said yet what holds."])
    waiver = f"    # carectl: allow {item.slug} -- reason"
    return "\n".join([*lines, "To let one stand, say why on its line or the line above:", waiver])


def rule_page(rule: Rule) -> str:
    """What the rule of a change means, in lines that fit the terminal."""
    from carectl.commands.telling import width
    from carectl.output.terminal import wrap

    more = "A rule of carectl diff. A practice can let it weigh more: docs/review-rules.md lists them all."
    return "\n".join([f"{rule.id} ({rule.severity})", "", *wrap(rule.means, width()), "", *wrap(more, width())])


def reference() -> str:
    """The page of all codes, as docs/codes.md holds it."""
    parts = [
        "# What carectl check can say",
        "",
        "Made from the codes themselves: `python -m carectl.commands.explain`.",
        "",
    ]
    for slug, item in all_codes().items():
        parts += [f"## {slug}", "", f"*{item.severity.word}*", "", _fenced(item.page), ""]
        if item.citation:
            parts += [f"Rule: {item.citation}", ""]
    return "\n".join(parts).rstrip() + "\n"


def _fenced(text: str) -> str:
    """A page as Markdown: its indented examples become code."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        example = line.startswith("    ")
        if example and not inside:
            while lines and not lines[-1]:
                lines.pop()
            lines += ["", "```yaml"]
        if inside and line and not example:
            while lines and not lines[-1]:
                lines.pop()
            lines += ["```", ""]
        inside = example or (inside and not line)
        lines.append(line.removeprefix("    ") if inside else line)
    return "\n".join([*lines, "```"] if inside else lines)


def all_codes() -> dict[str, Code]:
    """Every code there is, by slug."""
    from carectl.care.changes import after_merge
    from carectl.care.checks import CODES
    from carectl.caseload import blocks, faults, instruments, load, places, validate
    from carectl.findings import codes_in
    from carectl.output import documents

    modules = (faults, validate, load, instruments, blocks, places, documents, after_merge)
    found = [codes_in(module) for module in modules]
    return dict(sorted((slug, item) for part in (*found, CODES) for slug, item in part.items()))


def main(arguments: list[str]) -> int:
    """Write docs/codes.md of a checkout, or with --check only say whether it drifted."""
    path = Path(__file__).parents[2] / "docs" / "codes.md"
    fresh = reference()
    stale = not path.is_file() or path.read_text(encoding="utf-8") != fresh
    if stale and "--check" in arguments:
        print("docs/codes.md is not what the codes say: run python -m carectl.commands.explain")
        return 1
    if stale:
        path.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""One document in every format: Markdown, plain text, HTML, and pages of a PDF.

A document NAME is made of the templates NAME.md.j2, NAME.html.j2 and NAME.txt.j2. Markdown is enough: where one of the
others is missing, its format is made of the Markdown, and HTML then stands in document.html.j2.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from carectl.errors import EnvironmentProblem
from carectl.findings import Finding
from carectl.output.documents.faults import TemplateFault, template_fault
from carectl.output.documents.sandbox import exists, render
from carectl.output.documents.words import Vocabulary

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Format = Literal["md", "txt", "html", "pdf"]

_PHONE: Final = re.compile(r"\+?\d[\d ().-]{5,}\d")

WIDTH: Final = 78
"""How wide plain text is."""
PAPER: Final = "letter"
"""What a PDF is printed on, unless a template says otherwise."""
PAGE: Final = "document.html.j2"
"""What stands around a document that has no HTML of its own."""


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """What the page around a document sees: the document itself, made of its Markdown."""

    language: str
    title: str
    body: str
    has_title: bool
    """Whether the document begins with a heading of its own."""
    mark: str | None
    """What stands on top of every sheet: that it is a draft."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that is to be made."""

    name: str
    """That of its templates without their endings."""
    context: Mapping[str, object]
    """All that these see."""
    language: str
    today: dt.date
    title: str
    """What a browser's tab or a list of files shows: it names nobody."""
    mark: str | None = None
    """The key of the words on top of every sheet, such as plan.draft, for a document without HTML of its own."""


@dataclass(frozen=True, slots=True)
class Maker:
    """How documents are made in one caseload: its own templates, and where compiled ones are kept."""

    own: Path | None = None
    """The practice's folder of templates (`own_folder`)."""
    cache: Path | None = None
    """The user's cache folder; None: keep nothing."""

    def make(self, form: Format, paper: Paper) -> bytes:
        """A document in a format. Raises TemplateFault, and for a PDF EnvironmentProblem if WeasyPrint is missing."""
        if form == "pdf":
            _pdf_maker()  # before any work is done
            return as_pdf(self.text("html", paper), self._page_of(paper.name))
        return self.text(form, paper).encode()

    def text(self, form: Literal["md", "txt", "html"], paper: Paper) -> str:
        """A document in a format that is text. Raises TemplateFault."""
        template = f"{paper.name}.{form}.j2"
        if form == "md" or exists(template, self.own):
            return self._print(template, paper.context, paper)
        markdown = self.text("md", paper)
        if form == "txt":
            return plain_text(markdown)
        from markupsafe import Markup

        body = as_page(markdown)
        mark = Vocabulary.read(paper.language).say(paper.mark) if paper.mark else None
        page = DocumentPage(paper.language, paper.title, Markup(body), "<h1" in body, mark)
        return self._print(PAGE, {"page": page}, paper)

    def _print(self, template: str, context: Mapping[str, object], paper: Paper) -> str:
        return render(template, context, paper.language, paper.today, self.own, self.cache)

    def _page_of(self, name: str) -> str:
        template = f"{name}.html.j2"
        return template if exists(template, self.own) else PAGE


# --- made of Markdown ------------------------------------------------------------------------------------------------


def _markdown() -> MarkdownIt:
    """CommonMark with tables, without HTML and without pictures: these could be fetched from elsewhere."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def as_page(markdown: str) -> str:
    """Markdown as HTML, without anything around it."""
    reader = _markdown()
    tokens = reader.parse(markdown)
    for token in tokens:
        if token.type == "th_open":
            token.attrSet("scope", "col")
    return str(reader.renderer.render(tokens, reader.options, {}))


def plain_text(markdown: str) -> str:
    """Markdown as text to be read as it is: 78 columns wide, headings underlined, a table line by line."""
    blocks = list(_blocks(iter(_markdown().parse(markdown)), WIDTH, end=None))
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(blocks)).strip("\n") + "\n"


def _blocks(tokens: Iterator[Token], width: int, end: str | None) -> Iterator[str]:
    """The blocks up to the token that ends what they stand in."""
    for token in tokens:
        kind = token.type
        if kind == end:
            return
        if kind == "heading_open":
            text = _wrapped(_inline(next(tokens)), width)
            line = {"h1": "=", "h2": "-"}.get(token.tag, "")
            yield text + ("\n" + line * max(map(len, text.split("\n"))) if line else "")
        elif kind == "inline":
            yield _wrapped(_inline(token), width)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            yield _list(tokens, token, width)
        elif kind == "blockquote_open":
            inner = "\n\n".join(_blocks(tokens, width - 2, "blockquote_close"))
            yield "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
        elif kind == "table_open":
            yield _table(tokens, width)
        elif kind == "hr":
            yield "-" * width
        elif kind in ("fence", "code_block"):
            yield token.content.rstrip("\n")


def _list(tokens: Iterator[Token], head: Token, width: int) -> str:
    """The entries of a list, each behind its mark; with air between them if the Markdown has it."""
    entries = []
    is_loose = False
    count = int(head.attrGet("start") or 1)
    for token in tokens:
        if token.type == head.type.replace("open", "close"):
            break
        mark = f"{count}. " if head.type.startswith("ordered") else "- "
        count += 1
        inner: list[Token] = []
        for part in tokens:
            if part.type == "list_item_close" and part.level == token.level:
                break
            inner.append(part)
        is_loose |= any(part.type == "paragraph_open" and part.level == token.level + 1 and not part.hidden
                        for part in inner)  # fmt: skip
        lines = ("\n\n" if is_loose else "\n").join(_blocks(iter(inner), width - len(mark), None)).split("\n")
        entries.append("\n".join(f"{' ' * len(mark) if at else mark}{line}".rstrip() for at, line in enumerate(lines)))
    return ("\n\n" if is_loose and any("\n\n" in entry for entry in entries) else "\n").join(entries)


def _table(tokens: Iterator[Token], width: int) -> str:
    """A table entry by entry: what stands first, and below it the rest, each with the name of its column."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    head, *body = rows
    entries = []
    for first, *rest in body:
        lines = [_wrapped(first, width, "- ", "  ")]
        lines += [_wrapped(f"{name}: {text}", width, "  ", "    ")
                  for name, text in zip(head[1:], rest, strict=False) if text]  # fmt: skip
        entries.append("\n".join(lines))
    return "\n".join(entries)


def _inline(token: Token) -> str:
    """The words of a line. A link shows where it leads."""
    words: list[str] = []
    ways: list[Any] = []
    for part in token.children or ():
        if part.type in ("text", "code_inline", "text_special"):
            words.append(part.content)
        elif part.type == "softbreak":
            words.append(" ")
        elif part.type == "hardbreak":
            words.append("\n")
        elif part.type == "link_open":
            ways.append((len(words), part.attrGet("href")))
        elif part.type == "link_close":
            start, way = ways.pop()
            if str(way).removeprefix("mailto:") != "".join(words[start:]):
                words.append(f" ({way})")
    return "".join(words)


def _wrapped(text: str, width: int, first: str = "", later: str = "") -> str:
    """Text in lines. No word is broken, and no number either: a long address or a phone stays in one piece."""
    from textwrap import wrap

    text = _PHONE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    lines: Iterable[str] = (
        line
        for at, part in enumerate(text.split("\n"))
        for line in wrap(
            part, max(width, 20), break_long_words=False, break_on_hyphens=False,
            initial_indent=later if at else first, subsequent_indent=later,
        ) or [""]
    )  # fmt: skip
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


# --- pages -----------------------------------------------------------------------------------------------------------


def _pdf_maker() -> Any:
    """WeasyPrint, which is an extra. Raises EnvironmentProblem if it or what it stands on is missing."""
    try:
        import weasyprint  # type: ignore[import-not-found,unused-ignore]  # an extra
    except ImportError:
        raise EnvironmentProblem(
            "a PDF needs WeasyPrint, which is not installed: pip install 'carectl[pdf]'\n"
            "hint: or write HTML, open it in a browser, and print it to a PDF"
        ) from None
    except OSError:
        raise EnvironmentProblem(
            "a PDF needs Pango, which WeasyPrint cannot find on this computer\n"
            "hint: on Debian and Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; on a Mac: "
            "brew install pango; or write HTML, open it in a browser, and print it to a PDF"
        ) from None
    return weasyprint


def as_pdf(page: str, template: str) -> bytes:
    """An HTML page as a PDF. Nothing is fetched: neither from the network nor from a file.

    Raises TemplateFault, with the name of the template that the page is of, if the page asks for something of the kind.
    """
    weasyprint = _pdf_maker()
    asked: list[str] = []

    fetcher: Any = weasyprint.URLFetcher

    class Nothing(fetcher):  # type: ignore[misc]  # its type is not known where WeasyPrint is not installed
        """Gives what stands in the page itself, and remembers that it was asked for anything else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:"):
                asked.append(url)
                raise ValueError("documents hold everything that they show")
            return super().fetch(url, headers)

    # With a base, a picture that is named by its file alone is asked for as well.
    html = weasyprint.HTML(string=page, base_url="outside:///", url_fetcher=Nothing(allowed_protocols=("data",)))
    paper = weasyprint.CSS(string=f"@page {{ size: {PAPER} }}")
    content: bytes = html.write_pdf(stylesheets=[paper], pdf_tags=True)
    if asked:
        raise TemplateFault(_outside(template))
    return content


def _outside(template: str) -> Finding:
    message = "the page wants a file or an address from outside: put pictures into it as data:"
    return template_fault(template, 1, message)

"""What we make for eyes: looked at in Chromium with axe, and sheet by sheet as a PDF. `make pages` runs this.

Chromium opens each page as a phone shows it, with text twice as large, on a desk and on paper. The pictures and PDFs
are left in build/pages, for people to look at.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_documents import BEA, LUIS, ada, ada_setting

from carectl.care.letters import FamilyLetter, family_letter
from carectl.care.plans import CarePlanPaper, PlanDocument, care_plan
from carectl.output.documents import Maker, Paper, title_of

pytestmark = pytest.mark.browser

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / "build" / "tools"
LOOKED_AT: Final = ROOT / "build" / "pages"
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")


def plan(*, draft: bool) -> PlanDocument:
    """Ada's plan; as long as real ones, so that it takes several sheets."""
    found = care_plan(ada(), ada_setting())
    assert isinstance(found, CarePlanPaper)
    return replace(found.plan, draft=draft, problems=found.plan.problems * 6)


def made(name: str, form: Any, context: dict[str, Any], language: str, own: Path | None = None) -> bytes:
    """A document of Ada's."""
    return Maker(own).make(form, paper(name, context, language))


def paper(name: str, context: dict[str, Any], language: str, mark: str | None = None) -> Paper:
    """A document of Ada's that is to be made."""
    return Paper(name, context, language, ada_setting().today, title_of("Harbor Care Management", language), mark)


def letter_to(contact: Any) -> dict[str, Any]:
    """What a letter's template sees."""
    found = family_letter(ada(), contact, ada_setting(), languages=frozenset({"en", "es"}))
    assert isinstance(found, FamilyLetter)
    return {"letter": found.letter}


def long_draft() -> Paper:
    """A draft without HTML of its own that takes several sheets."""
    context = letter_to(BEA)
    return paper(
        "letter-family", {"letter": replace(context["letter"], news=context["letter"].news * 60)}, "en", "plan.draft"
    )


@cache
def looks() -> list[dict[str, Any]]:
    """What Chromium saw of every page."""
    LOOKED_AT.mkdir(parents=True, exist_ok=True)
    pages = {
        "plan": made("care-plan", "html", {"plan": plan(draft=False)}, "en"),
        "draft": made("care-plan", "html", {"plan": plan(draft=True)}, "en"),
        "letter-bea": made("letter-family", "html", letter_to(BEA), "en"),
        "letter-luis": made("letter-family", "html", letter_to(LUIS), "es"),
        "letter-draft": Maker().make("html", long_draft()),
        "review": (ROOT / "tests" / "golden" / "diff-rosa.html").read_bytes(),
    }
    for name, content in pages.items():
        (LOOKED_AT / f"{name}.html").write_bytes(content)
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert program, "Chromium is missing: apt install chromium"
    words = ["node", str(Path(__file__).with_name("look.mjs")), program, str(LOOKED_AT)]
    done = subprocess.run(
        [*words, *(str(LOOKED_AT / f"{name}.html") for name in pages)],
        env={**os.environ, "BROWSER_TOOLS": str(TOOLS / "browser")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_axe_finds_nothing_wrong() -> None:
    assert len(looks()) == 24
    assert [(one["page"], one["view"], one["faults"]) for one in looks() if one["faults"]] == []
    assert all(one["passes"] > 10 for one in looks())


def test_nothing_runs_off_the_side() -> None:
    assert [(one["page"], one["view"], one["wide"]) for one in looks() if one["wide"] > 0] == []


def test_a_page_asks_for_nothing_but_itself() -> None:
    assert {one["asked"] for one in looks()} == {1}


def sheets(file: Path) -> list[str]:
    """The text of each sheet of a PDF."""
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


@pytest.mark.parametrize("printed", ["by Chromium", "by WeasyPrint"])
@pytest.mark.parametrize("draft", [True, False])
def test_every_sheet_says_draft_until_the_plan_is_agreed(printed: str, draft: bool) -> None:
    name = "draft" if draft else "plan"
    looks()
    file = LOOKED_AT / f"{name}-printed.pdf"
    if printed == "by WeasyPrint":
        file = weasyprinted(name, paper("care-plan", {"plan": plan(draft=draft)}, "en"))
    found = sheets(file)
    assert len(found) >= 3
    assert [("DRAFT" in text, "not for sharing" in text) for text in found] == [(draft, True)] * len(found)


@pytest.mark.parametrize("printed", ["by Chromium", "by WeasyPrint"])
def test_every_sheet_says_draft_where_html_is_made_of_markdown(printed: str) -> None:
    looks()
    file = LOOKED_AT / "letter-draft-printed.pdf"
    if printed == "by WeasyPrint":
        file = weasyprinted("letter-draft", long_draft())
    found = sheets(file)
    assert len(found) >= 3
    assert all("DRAFT: not agreed yet" in text for text in found)


# --- PDF -------------------------------------------------------------------------------------------------------------

MAKE: Final = """
import pickle, sys
from carectl.output.documents import Maker, TemplateFault
own, paper = pickle.loads(sys.stdin.buffer.read())
try:
    sys.stdout.buffer.write(Maker(own).make("pdf", paper))
except TemplateFault as fault:
    sys.exit(str(fault))
"""


def pdf(wanted: Paper, own: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """A PDF, made where `carectl[pdf]` is installed."""
    words = [str(TOOLS / "pdf" / "bin" / "python"), "-c", MAKE]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, input=pickle.dumps((own, wanted)), env=env, capture_output=True, check=False)


def weasyprinted(stem: str, wanted: Paper) -> Path:
    """A PDF in the folder of what is looked at, with a picture of each sheet."""
    done = pdf(wanted)
    assert done.returncode == 0, done.stderr.decode()
    LOOKED_AT.mkdir(parents=True, exist_ok=True)
    file = LOOKED_AT / f"{stem}.pdf"
    file.write_bytes(done.stdout)
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(file), str(LOOKED_AT / f"{stem}-sheet")], check=True)
    return file


def test_a_letter_as_a_pdf() -> None:
    file = weasyprinted("letter-bea", paper("letter-family", letter_to(BEA), "en"))
    text = " ".join("".join(sheets(file)).split())
    assert "Dear Bea Moreno," in text
    assert "DRAFT" not in text
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in told
    assert "612 x 792" in told  # letter paper
    assert not any(word in told for word in ("CreationDate", "ModDate", "Moreno"))


def test_a_pdf_is_the_same_every_time() -> None:
    first, second = (pdf(paper("letter-family", letter_to(BEA), "en")).stdout for _ in range(2))
    assert first.startswith(b"%PDF-")
    assert first == second


@pytest.mark.parametrize(
    "inside",
    ['<img src="https://pictures.example/logo.png" alt="">', '<img src="file:///etc/hostname" alt="">',
     '<img src="logo.png" alt="">', '<link rel="stylesheet" href="http://127.0.0.1/x.css">',
     "<style>@import url(https://x.example/x.css);</style>",
     "<style>@font-face { font-family: x; src: url(file:///etc/hostname) } p { font-family: x }</style>",
     '<object data="file:///etc/hostname"></object>', '<embed src="file:///etc/hostname">'],
)  # fmt: skip
def test_a_pdf_fetches_nothing(inside: str, tmp_path: Path) -> None:
    text = '{% extends "builtin/document.html.j2" %}{% block body %}' + inside + "<p>x</p>{% endblock %}"
    (tmp_path / "document.html.j2").write_text(text, encoding="utf-8")
    done = pdf(paper("letter-family", letter_to(BEA), "en"), tmp_path)
    assert done.returncode == 1
    assert b"wants a file or an address from outside" in done.stderr
    assert done.stdout == b""


def test_a_picture_in_the_page_itself_is_shown(tmp_path: Path) -> None:
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
    text = (
        '{% extends "builtin/document.html.j2" %}{% block body %}<img alt="" src="' + dot + '"><p>x</p>{% endblock %}'
    )
    (tmp_path / "document.html.j2").write_text(text, encoding="utf-8")
    assert pdf(paper("letter-family", letter_to(BEA), "en"), tmp_path).returncode == 0

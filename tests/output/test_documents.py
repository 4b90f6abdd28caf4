"""What people read: golden files, harmless text, and a sandbox that holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_documents import BEA, DR_OKAFOR, LUIS, Canaries, ada, ada_setting, canary_chart, day, golden, share
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from carectl import resources
from carectl.care.letters import FamilyLetter, Letter, family_letter
from carectl.care.plans import CarePlanPaper, PlanDocument, care_plan, is_agreed
from carectl.care.sharing import NotShared
from carectl.caseload.records import Agreement, Authority, Broken, Chart, Contact, Origin
from carectl.output import documents
from carectl.output.documents import Vocabulary, render, render_letter, render_plan
from carectl.output.documents import words as document_words
from carectl.output.documents.words import as_html, as_markdown

EVIL: Final = (
    "<script>alert(1)</script>", "<img src=https://x.example/a.png onerror=alert(1)>", "a | b\n# head\n- item",
    "![x](https://x.example/a.png)", "[x](javascript:alert(1))", "`code` *b* _i_ ~~s~~ **b**", "{{ 7*7 }}{% raw %}",
    "12. twelve", "- dash", "+ plus", "# hash", "=====", "---", "***", "___", "&lt;b&gt; &#60;i&#62;", "\\", "<!-- x",
    "> quote", "```\nfence", "    code", "\u202eevil\u202c", "\x1b[31mred", "a\u2028b", "<https://x.example>",
    "| a | b |\n|---|---|\n| 1 | 2 |", "\"quoted\" 'single' onload=alert(1)",
)  # fmt: skip


def plan_of(chart: Chart, now: str = "2026-11-22T06:40") -> PlanDocument:
    found = care_plan(chart, ada_setting(now))
    assert isinstance(found, CarePlanPaper)
    return found.plan


def letter_of(chart: Chart, contact: Contact) -> Letter:
    found = family_letter(chart, contact, ada_setting())
    assert isinstance(found, FamilyLetter)
    return found.letter


# --- golden files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", [BEA, LUIS, DR_OKAFOR], ids=lambda contact: contact.id)
def test_letters_read_as_they_did(contact: Contact) -> None:
    golden(f"letter-family-{contact.id}.md", render_letter(letter_of(ada(), contact)))


@pytest.mark.parametrize("form", ["md", "html"])
def test_plans_read_as_they_did(form: Any) -> None:
    golden(f"care-plan.{form}", render_plan(plan_of(ada()), form))


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_plan_that_lacks_nearly_everything_says_so(form: Any) -> None:
    chart = ada()
    assert chart.client is not None
    assert chart.plan is not None
    bare = Chart(
        id="c-101",
        path="clients/c-101",
        client=replace(chart.client, **dict.fromkeys(("allergies", "code_status", "birth_date", "emergency", "address")),  # noqa: E501
                       phones=(), diagnoses=(), advance_directives=(), precautions=(), preferences=()),
        plan=replace(chart.plan, agreed=(), problems=(replace(chart.plan.problems[0], goals=(), interventions=()),)),
        broken=(Broken("medications", "furosemide", Origin("clients/c-101/medications.yaml")),),
    )  # fmt: skip
    golden(f"care-plan-bare.{form}", render_plan(plan_of(bare, "2026-12-24T09:00"), form))


def test_the_same_bytes_in_another_process() -> None:
    program = (
        "from helpers_documents import *; from carectl.care.letters import family_letter\n"
        "from carectl.care.plans import care_plan\nfrom carectl.output.documents import render_letter, render_plan\n"
        "s = ada_setting()\nprint(render_letter(family_letter(ada(), BEA, s).letter))\n"
        "p = care_plan(ada(), s).plan\nprint(render_plan(p), render_plan(p, 'html'))"
    )
    here = str(Path(__file__).parent.parent)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True,
            env={**os.environ, "PYTHONPATH": here, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }  # fmt: skip
    assert len(outputs) == 1
    assert all(len(text) > 1000 for text in outputs)


# --- what plans say --------------------------------------------------------------------------------------------------


def test_every_field_of_the_plan_is_in_both_forms() -> None:
    cage = Canaries()
    chart, setting = canary_chart(cage, (share("all"),))
    found = care_plan(chart, setting)
    assert isinstance(found, CarePlanPaper)
    for form in ("md", "html"):
        shown = cage.found(render_plan(found.plan, form))
        for label in ("client.allergies.substance", "client.allergies.reaction", "client.diagnoses.text",
                      "client.emergency.backup_plan", "client.emergency.hospital", "client.precautions",
                      "client.preferences", "client.advance_directives.where", "maria.name", "maria.phone",
                      "doctor.organization", "medicine.name", "medicine.dose",
                      "medicine.strength", "medicine.route", "medicine.schedule", "medicine.indication",
                      "medicine2.as_needed.reason", "problem.statement", "goal.text", "goal.measure", "progress.note",
                      "problem.interventions.text", "assessment.strengths", "assessment.client_goals",
                      "jo.name.given", "series.service"):  # fmt: skip
            assert label in shown, label


def test_a_plan_is_a_draft_until_someone_who_may_decide_has_agreed() -> None:
    plan = ada().plan
    assert plan is not None
    today = day("2026-11-22")
    money = replace(BEA, id="money", authority=(Authority(kind="financial_power_of_attorney"),))
    over = replace(BEA, id="over", authority=(Authority(kind="guardian", until=day("2026-01-01")),))
    for by, agreed in (("client", True), ("bea", True), ("luis", False), ("money", False), ("over", False)):
        one = replace(plan, agreed=(Agreement(by=by, date=day("2026-08-03")),))
        assert is_agreed(one, (BEA, LUIS, money, over), today) is agreed
    assert not is_agreed(replace(plan, agreed=(Agreement(by="client", date=day("2026-11-23")),)), (), today)
    unread = Agreement(by="client", date=day("2026-08-03"), origin=Origin("x", (), frozenset({"by"})))
    assert not is_agreed(replace(plan, agreed=(unread,)), (), today)


def test_plan_refusals() -> None:
    chart = ada()
    none = care_plan(dataclasses.replace(chart, plan=None), ada_setting())
    lost = care_plan(dataclasses.replace(chart, plan=None, unread=frozenset({"care-plan"})), ada_setting())
    nobody = care_plan(dataclasses.replace(chart, client=None), ada_setting())
    assert [one.reason for one in (none, lost, nobody) if isinstance(one, NotShared)] == [
        "no_plan", "unreadable", "unreadable",
    ]  # fmt: skip


def test_age_on_the_birthday_and_of_the_leap_day() -> None:
    for now, age in (("2027-02-27T12:00", 84), ("2027-02-28T12:00", 85)):
        assert plan_of(ada(), now).head.age == age


def test_the_page_is_self_contained_and_in_order() -> None:
    page = render_plan(plan_of(ada()), "html")
    seen = Seen()
    seen.feed(page)
    assert seen.attributes.get("html") == {"lang": "en"}
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|url\(|@import|<script|<link|<img", page)
    assert seen.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(seen.headings, seen.headings[1:], strict=False))
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.open == []


# --- harmless text ---------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser would make of a page: its tags, its text, its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.setdefault(tag, dict(attrs))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def marked(evil: str) -> Chart:
    """A chart whose every printed text ends in something evil."""
    chart = ada()
    assert chart.client is not None
    assert chart.plan is not None
    problem = chart.plan.problems[0]
    return dataclasses.replace(
        chart,
        client=replace(chart.client, name=replace(chart.client.name, given=evil), preferences=(evil,)),
        contacts=(replace(BEA, name=evil, calls_client=evil, relationship=evil),),
        medications=tuple(replace(one, name=evil, dose=evil, indication=evil) for one in chart.medications),
        plan=replace(chart.plan, problems=(replace(problem, statement=evil),)),
        visits=tuple(replace(one, for_family=evil) for one in chart.visits),
    )


@pytest.mark.parametrize("evil", EVIL)
def test_text_of_the_chart_never_becomes_html(evil: str) -> None:
    usual, odd = Seen(), Seen()
    usual.feed(render_plan(plan_of(marked("word")), "html"))
    odd.feed(render_plan(plan_of(marked(evil)), "html"))
    assert odd.tags == usual.tags
    assert document_words.clean(evil).strip() in " ".join("".join(odd.text).split())


@pytest.mark.parametrize("evil", EVIL)
def test_text_of_the_chart_never_becomes_markdown(evil: str) -> None:
    def shape(chart: Chart) -> list[list[tuple[str, str]]]:
        reader = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
        texts = render_plan(plan_of(chart)), render_letter(letter_of(chart, chart.contacts[0]))
        return [
            [(one.type, one.tag) for token in reader.parse(text) for one in (token, *(token.children or ()))
             if one.type not in ("text", "softbreak", "text_special")]
            for text in texts
        ]  # fmt: skip

    assert shape(marked(evil)) == shape(marked("word"))


@given(st.text())
def test_markdown_shows_any_text_as_it_is(text: str) -> None:
    from html import unescape

    wanted = document_words.clean(text).strip()
    html = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").render(as_markdown(text))
    assert "\n" not in as_markdown(text)
    if wanted:
        assert html.startswith("<p>")
        assert html.count("<") == 2
        assert unescape(html[3:-5]).strip() == wanted
    assert "<" not in as_html(text)


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_language_has_the_sentences_of_the_letter() -> None:
    english = Vocabulary.read("en").tables
    for language in documents.languages():
        words = Vocabulary.read(language).tables
        for table in ("letter", "dates", "clock", "service", "achievement", "assessment", "incident"):
            assert words[table].keys() == english[table].keys()
            for key, text in english[table].items():
                if isinstance(text, str):
                    assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", words[table][key]))
    assert documents.languages() >= {"en", "es"}


def test_dates_and_times_in_words() -> None:
    english, spanish = Vocabulary.read("en"), Vocabulary.read("es")
    assert english.day(day("2026-11-22"), day("2026-11-01")) == "Sunday, November 22"
    assert english.day(day("2027-01-01"), day("2026-11-01")) == "Friday, January 1, 2027"
    assert spanish.day(day("2026-11-22"), day("2026-11-01")) == "domingo 22 de noviembre"
    assert [english.time(dt.time(hour, 5)) for hour in (0, 9, 12, 23)] == [
        "12:05 am",
        "9:05 am",
        "12:05 pm",
        "11:05 pm",
    ]
    assert [document_words.lasting(text) for text in ("2h", "45m", "1h30m")] == ["2 h", "45 min", "1 h 30 min"]
    assert spanish.names(["Jo", "Lucía", "Dana"]) == "Jo, Lucía y Dana"


# --- the practice's own -----------------------------------------------------------------------------------------------


def test_a_practice_can_build_on_what_comes_with_carectl(tmp_path: Path) -> None:
    letter = letter_of(ada(), LUIS)
    (tmp_path / "letter-family.md.j2").write_text(
        '{% include "builtin/letter-family.md.j2" %}\n\n¡Hasta pronto!\n', "utf-8"
    )
    text = render("letter-family.md.j2", {"letter": letter}, "es", letter.date, tmp_path)
    assert text == render_letter(letter) + "\n¡Hasta pronto!\n"


def test_a_template_sees_the_letter_and_nothing_of_the_chart() -> None:
    """The context is made of plain values: no record, chart or setting hangs on it."""

    def walk(value: Any) -> set[type]:
        if dataclasses.is_dataclass(value):
            return {type(value)}.union(*(walk(getattr(value, item.name)) for item in dataclasses.fields(value)))
        return {tuple}.union(*map(walk, value)) if isinstance(value, tuple) else {type(value)}

    for context in (letter_of(ada(), BEA), plan_of(ada())):
        modules = {kind.__module__ for kind in walk(context)}
        assert modules <= {"builtins", "datetime", "carectl.care.letters", "carectl.care.plans", "carectl.care.signing"}
        assert not any("Withheld" in kind.__name__ for kind in walk(context))


def test_every_template_is_inside_its_folder_and_reaches_nothing_outside() -> None:
    for path in resources.folder("templates").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"https?://", text), path


def test_the_documented_context_is_the_real_one() -> None:
    from carectl.care import letters, plan_audiences, plans

    page = (Path(__file__).parents[2] / "docs" / "templates.md").read_text(encoding="utf-8")
    sections = {part.split("\n", 1)[0]: part for part in page.split("\n### ")[1:]}
    seen: set[str] = set()
    for module, root in ((letters, "Letter"), (plans, "PlanDocument"), (plan_audiences, "ReaderPlan")):
        waiting = [root]
        while waiting:
            name = waiting.pop()
            kind = getattr(module, name)
            documented = re.findall(r"^\| `(\w+)` \|", sections[name], re.MULTILINE)
            assert documented == [item.name for item in dataclasses.fields(kind)], name
            seen.add(name)
            for item in dataclasses.fields(kind):
                waiting += [
                    one for one in re.findall(r"[A-Z]\w+", str(item.type)) if one in sections and one not in seen
                ]
    assert seen == sections.keys()

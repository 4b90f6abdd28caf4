"""carectl template, and documents made with a practice's own templates, in every format."""

from __future__ import annotations

import email
import email.policy
import json
import os
import shutil
import stat
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from helpers_cli import Carectl, census

from carectl import resources
from carectl.output.documents import practice
from carectl.output.documents.samples import documents, samples
from carectl.output.documents.words import languages

MAIL = "maria@family.example"


def write(home: Path, name: str, text: str) -> Path:
    """A template of the practice's own."""
    file = home / "templates" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def with_mail(home: Path, address: str = MAIL) -> None:
    """Maria has an e-mail address."""
    file = home / "clients/c-001/contacts.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("    name: Maria Alvarez\n", f"    name: Maria Alvarez\n    email: {address}\n"), "utf-8"
    )


# --- list, eject, check ----------------------------------------------------------------------------------------------


def test_list_shows_every_template_and_marks_ones_own(home: Path, carectl: Carectl) -> None:
    write(home, "letter-family.md.j2", "x")
    write(home, "parts/sign.md.j2", "x")
    done = carectl("template", "list")
    lines = done.out.splitlines()
    assert done.code == 0
    assert [line[2:].split()[0] for line in lines if line.startswith("* ")] == ["letter-family.md.j2", "parts/sign.md.j2",
                                                                               "is"]  # fmt: skip
    assert all(len(line) <= 80 for line in lines)
    found = json.loads(carectl("template", "list", "-f", "json").out)
    assert found["format"] == 1
    assert {one["name"]: one["own"] for one in found["templates"]}["care-plan.html.j2"] is False


def test_every_template_that_comes_with_carectl_is_described_and_tried() -> None:
    assert set(practice.builtin()) == set(practice.ABOUT)
    assert all(practice.ABOUT.values())
    met: set[str] = set()
    list(practice._tried(resources.folder("templates"), met))
    assert {f"templates/{name}" for name in practice.builtin()} <= met


def test_what_comes_with_carectl_passes_its_own_check(tmp_path: Path) -> None:
    shutil.copytree(resources.folder("templates"), tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("words"))
    assert practice.check(tmp_path) == []


def test_samples_have_everything_and_nothing() -> None:
    letter = next(one for one in documents() if one.template == "letter-family.md.j2")
    full, no, bare = samples(letter.kind, "es")
    assert (full.language, full.visits[0].words, full.visits[0].open, no.visits[0].open) == (
        "es",
        "Sample",
        True,
        False,
    )
    assert (bare.visits, bare.signer.phone) == ((), None)
    assert len(languages()) > 1


def test_eject_copies_a_template_that_prints_the_same(home: Path, carectl: Carectl) -> None:
    before = carectl("letter", "family", "rosa", "--to", "maria")
    done = carectl("template", "eject", "letter-family.md.j2")
    assert (done.code, done.err) == (0, "")
    assert "Wrote templates/letter-family.md.j2:1" in done.out
    text = (home / "templates/letter-family.md.j2").read_text(encoding="utf-8")
    assert text.startswith("{#- copied from carectl's letter-family.md.j2, digest ")
    assert carectl("letter", "family", "rosa", "--to", "maria") == before
    assert carectl("template", "check", "--strict").code == 0
    assert carectl("check").out.count("template") == 0


@pytest.mark.parametrize("name", ["care-plan.css", "subscribe/page.html.j2", "templates/care-plan.md.j2"])
def test_eject_takes_any_name_of_the_list(name: str, home: Path, carectl: Carectl) -> None:
    assert carectl("template", "eject", name).code == 0
    assert (home / "templates" / name.removeprefix("templates/")).is_file()


def test_eject_never_overwrites(home: Path, carectl: Carectl) -> None:
    write(home, "letter-family.md.j2", "mine\n")
    done = carectl("template", "eject", "letter-family.md.j2")
    assert (done.code, "is there already" in done.err) == (1, True)
    assert (home / "templates/letter-family.md.j2").read_text(encoding="utf-8") == "mine\n"
    before = census(home)
    done = carectl("template", "eject", "letter-family.md.j2", "--dry-run")
    assert done.code == 0
    assert "-mine" in done.out
    assert "+{#- copied from" in done.out
    assert census(home) == before


def test_eject_dry_run_writes_nothing(home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("template", "eject", "care-plan.css", "--dry-run")
    assert (done.code, "+++ b/templates/care-plan.css" in done.out) == (0, True)
    assert census(home) == before


@pytest.mark.parametrize("name", ["letter-famly.md.j2", "../carectl.yaml", "words/en.toml", "/etc/passwd", ""])
def test_eject_of_what_there_is_not(name: str, home: Path, carectl: Carectl) -> None:
    done = carectl("template", "eject", name)
    assert (done.code, "there is no template of this name" in done.err) == (2, True)
    assert not (home / "templates").exists()


def test_check_names_every_fault_with_its_line(home: Path, carectl: Carectl) -> None:
    write(home, "letter-family.md.j2", "Dear {{ letter.to }}\n\n{{ letter.surname }}\n")
    write(home, "care-plan.md.j2", "{% if plan.voice %}{{ plan.voice.mood }}{% endif %}\n{% if plan %}")
    write(home, "subscribe/page.css", "{{ page.practice }}")
    done = carectl("template", "check")
    assert done.code == 1
    assert [line.split(" ", 1)[0] for line in done.out.splitlines()] == [
        "templates/care-plan.md.j2:2:1:", "templates/letter-family.md.j2:3:1:", "templates/subscribe/page.css:1:1:",
    ]  # fmt: skip
    assert "Letter has no attribute 'surname'" in done.out
    one = carectl("template", "check", "care-plan.md.j2", "-f", "json")
    assert [item["path"] for item in json.loads(one.out)["findings"]] == ["templates/care-plan.md.j2"]
    assert carectl("template", "check", "nothing.j2").code == 2


@pytest.mark.parametrize(
    "source",
    ["{{ letter.signer.phone }}", "{% if letter.visits[0].open %}{{ letter.nobody }}{% endif %}",
     "{% if language == 'es' %}{{ nobody }}{% endif %}", "{% for x in letter.medicines %}{{ x.purpose }}{% endfor %}{{ letter.goals[0].text }}"],
)  # fmt: skip
def test_check_finds_what_only_some_letters_show(source: str, home: Path, carectl: Carectl) -> None:
    write(home, "letter-family.md.j2", source)
    assert carectl("template", "check").code == 1


def test_check_warns_of_a_copy_that_is_outdated_and_of_a_file_that_nothing_uses(home: Path, carectl: Carectl) -> None:
    carectl("template", "eject", "letter-family.md.j2")
    file = home / "templates/letter-family.md.j2"
    digest = practice.digest("letter-family.md.j2")
    file.write_text(file.read_text(encoding="utf-8").replace(digest, "0123456789abcdef"), encoding="utf-8")
    write(home, "care-plan.htm.j2", "x")
    write(home, ".hidden.swp", "x")
    done = carectl("template", "check")
    assert done.code == 0
    assert "templates/letter-family.md.j2:1:1: warning[template-outdated]" in done.out
    assert digest in done.out
    assert "templates/care-plan.htm.j2:1:1: warning[template-unused]" in done.out
    assert "did you mean care-plan.html.j2?" in done.out
    assert done.out.count("warning[") == 2
    assert carectl("template", "check", "--strict").code == 1


def test_check_without_any(home: Path, carectl: Carectl) -> None:
    before = census(home)
    done = carectl("template", "check")
    assert (done.code, done.out) == (0, "")
    assert "no templates of your own" in done.err
    assert census(home) == before


def test_a_folder_that_leads_out_of_the_caseload(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / "templates").symlink_to(tmp_path / "elsewhere")
    for line in (["template", "check"], ["plan", "render", "rosa"], ["template", "eject", "care-plan.css"]):
        done = carectl(*line)
        assert (done.code, "leads out of the caseload" in done.err) == (1, True)


# --- documents -------------------------------------------------------------------------------------------------------


def test_ones_own_templates_make_every_format(home: Path, carectl: Carectl) -> None:
    write(
        home,
        "letter-family.md.j2",
        '{% extends "builtin/letter-family.md.j2" %}{% block closing %}Kind *regards*{% endblock %}',
    )
    write(home, "document.css", "body { color: teal; }")
    with_mail(home)
    text = {
        form: carectl("letter", "family", "rosa", "--to", "maria", "-f", form).out
        for form in ("md", "txt", "html", "eml")
    }
    assert text["md"].endswith("Kind *regards*\n")
    assert text["txt"].endswith("Kind regards\n")
    assert "<p>Kind <em>regards</em></p>" in text["html"]
    assert "color: teal" in text["html"]
    assert "Kind regards" in text["eml"]
    assert all("Jo" in one for one in text.values())


def test_html_and_text_of_ones_own_come_before_markdown(home: Path, carectl: Carectl) -> None:
    write(home, "letter-family.html.j2", "<p>{{ letter.to }}")
    write(home, "letter-family.txt.j2", "To {{ letter.to }}")
    assert carectl("letter", "family", "rosa", "--to", "maria", "-f", "html").out == "<p>Maria Alvarez\n"
    assert carectl("letter", "family", "rosa", "--to", "maria", "-f", "txt").out == "To Maria Alvarez\n"


@pytest.mark.parametrize("form", ["md", "txt", "html", "eml"])
def test_a_fault_is_told_with_its_line_and_nothing_is_written(form: str, home: Path, carectl: Carectl) -> None:
    with_mail(home)
    write(home, "letter-family.md.j2", "Dear {{ letter.to }}\n\n{{ letter.surname }}\n")
    file = home.parent / f"letter.{form}"
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(file))
    assert (done.code, done.out) == (1, "")
    assert "templates/letter-family.md.j2:3:1: error[template-fault] Letter has no attribute 'surname'" in done.err
    assert "Maria" not in done.err
    assert not file.exists()
    file.write_text("the old one", encoding="utf-8")
    carectl("letter", "family", "rosa", "--to", "maria", "-o", str(file))
    assert file.read_text(encoding="utf-8") == "the old one"


def test_a_plan_in_plain_text(home: Path, carectl: Carectl) -> None:
    done = carectl("plan", "render", "rosa", "-f", "txt")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == lines[-1] == "DRAFT: not agreed yet · CHART COPY: not for sharing"
    assert all(len(line) <= 78 for line in lines)
    assert "- Furosemide 40 mg\n  Dose: 1 tablet\n  When: 8:00 am\n" in done.out
    assert not any(mark in done.out for mark in ("**", "|", "\\"))


def test_compiled_templates_are_kept_outside_of_the_caseload(
    home: Path, carectl: Carectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = census(home)
    without = carectl("plan", "render", "rosa", "--no-cache")
    assert not (tmp_path / "cache").exists()
    first = carectl("plan", "render", "rosa")
    (file,) = (tmp_path / "cache/carectl/templates").iterdir()
    assert carectl("plan", "render", "rosa") == first == without
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(word in file.read_bytes() for word in (b"Rosa", b"Alvarez", b"Furosemide", b"c-001"))
    assert census(home) == before


def test_ones_own_page_beside_a_published_calendar(home: Path, carectl: Carectl, tmp_path: Path) -> None:
    write(home, "subscribe/page.css", "body { color: teal; }")
    feeds = tmp_path / "feeds"
    assert carectl("calendar", "publish", str(feeds)).code == 0
    pages = [file.read_text(encoding="utf-8") for file in feeds.glob("*/index.html")]
    assert pages
    assert all("color: teal" in text for text in pages)
    # A page with a fault holds no calendar up.
    write(home, "subscribe/page.css", "\n{{ nobody }}")
    done = carectl("calendar", "publish", str(feeds))
    assert (done.code, done.err.count("templates/subscribe/page.css:2:1: error[template-fault]")) == (1, 1)
    assert "page.css" not in done.out
    assert all("teal" not in file.read_text(encoding="utf-8") for file in feeds.glob("*/index.html"))


# --- messages --------------------------------------------------------------------------------------------------------


def message(raw: str) -> EmailMessage:
    """A message as a mail program reads it."""
    found = email.message_from_bytes(raw.encode(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_message_is_ready_to_be_sent(home: Path, carectl: Carectl) -> None:
    with_mail(home)
    file = home.parent / "letter.eml"
    assert carectl("letter", "family", "rosa", "--to", "maria", "-o", str(file)).code == 0
    raw = file.read_bytes()
    mail = message(raw.decode())
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert (mail["To"], mail["Subject"], mail["X-Unsent"]) == (MAIL, "A letter from Lakeside", "1")
    assert mail["Date"] == "Sun, 22 Nov 2026 12:00:00 -0600"
    assert mail["Message-ID"] is None
    assert mail["From"] is None  # the practice has no address on file
    # Nothing of what the letter is about stands where it can be seen without opening it.
    assert not any(word in str(value) for value in mail.values() for word in ("Rosa", "Mom", "Maria"))
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(page, EmailMessage)
    same = carectl("letter", "family", "rosa", "--to", "maria", "-f", "txt").out
    assert text.get_content().replace("\r\n", "\n") == same
    assert (
        page.get_content().replace("\r\n", "\n")
        == carectl("letter", "family", "rosa", "--to", "maria", "-f", "html").out
    )
    assert carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml").out.encode() == raw


def test_the_sender_is_the_practice(home: Path, carectl: Carectl) -> None:
    with_mail(home)
    file = home / "carectl.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace(
            "name: Lakeside,", 'name: "Cuidado, S. Ñ", email: dana@lakeside.example,'
        ),
        "utf-8",
    )
    mail = message(carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml").out)
    assert mail["From"].addresses[0].addr_spec == "dana@lakeside.example"
    assert mail["From"].addresses[0].display_name == "Cuidado, S. Ñ"
    assert mail["Subject"] == "A letter from Cuidado, S. Ñ"


def test_the_calendar_goes_along_if_asked(home: Path, carectl: Carectl) -> None:
    with_mail(home)
    done = carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml", "--attach-calendar")
    mail = message(done.out)
    (calendar,) = mail.iter_attachments()
    assert isinstance(calendar, EmailMessage)
    assert (calendar.get_content_type(), calendar.get_filename()) == ("text/calendar", "visits.ics")
    wanted = carectl("calendar", "export", "rosa", "--to", "maria", "--from", "2026-11-22", "--until", "2026-12-05")
    assert calendar.get_payload(decode=True) == wanted.out.encode()
    boundaries = [part.get_boundary() for part in mail.walk() if part.is_multipart()]
    assert len(set(boundaries)) == 2
    assert carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml", "--attach-calendar").out == done.out


def test_no_calendar_for_whom_there_is_none(home: Path, carectl: Carectl) -> None:
    file = home / "clients/c-001/contacts.yaml"
    kept = file.read_text(encoding="utf-8")
    file.write_text(kept.replace("    name: Bob Alvarez\n", f"    name: Bob Alvarez\n    email: {MAIL}\n"), "utf-8")
    done = carectl("letter", "family", "rosa", "--to", "bob", "-f", "eml", "--attach-calendar")
    assert (done.code, done.out, "schedule is not shared" in done.err) == (1, "", True)
    file.write_text(
        kept.replace("    name: Maria Alvarez\n", f"    name: Maria Alvarez\n    email: {MAIL}\n    calendar: none\n"),
        "utf-8",
    )
    done = carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml", "--attach-calendar")
    assert (done.code, done.out, "calendar: none" in done.err) == (1, "", True)
    assert carectl("letter", "family", "rosa", "--to", "maria", "--attach-calendar").code == 2


def test_a_contact_without_an_address(home: Path, carectl: Carectl) -> None:
    file = home.parent / "letter.eml"
    done = carectl("letter", "family", "rosa", "--to", "maria", "-o", str(file))
    assert (done.code, done.out) == (1, "")
    assert "clients/c-001/contacts.yaml:2: maria has no `email`" in done.err
    assert not file.exists()


@pytest.mark.parametrize("address", ["maria", '"maria@x.example, eve@x.example"', '"Maria <m@x.example>"', "maria@", "a..b@x.example",
                                     '"m@x.example\\nBcc: eve@x.example"', "mária@x.example"])  # fmt: skip
def test_an_address_that_is_none(address: str, home: Path, carectl: Carectl) -> None:
    with_mail(home, address)
    done = carectl("letter", "family", "rosa", "--to", "maria", "-f", "eml")
    assert (done.code, done.out) == (1, "")
    assert "eve" not in done.err


# --- PDF -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [ImportError, OSError])
def test_without_weasyprint_the_install_line_is_told(
    fault: type[Exception], home: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    usual = builtins.__import__

    def missing(name: str, *args: object, **kwargs: object) -> object:
        if name == "weasyprint":
            raise fault(name)
        return usual(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    file = home.parent / "plan.pdf"
    done = carectl("plan", "render", "rosa", "-o", str(file))
    assert (done.code, done.out) == (3, "")
    assert ("pip install 'carectl[pdf]'" if fault is ImportError else "libpangoft2") in done.err
    assert "open it in a browser" in done.err
    assert not file.exists()
    assert "Rosa" not in done.err
    assert os.listdir(home.parent) == ["caseload"]  # noqa: PTH208

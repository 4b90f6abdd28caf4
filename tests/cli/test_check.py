"""carectl check and explain, as people, hooks and scripts call them."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from carectl.cli import run
from carectl.commands import explain
from carectl.findings import Finding, Severity, Span
from carectl.output import report

EXAMPLES = Path(__file__).parents[2] / "examples"
TROUBLED = ["--caseload", str(EXAMPLES / "troubled"), "--now", "2026-11-23"]
CLEAN = ["--caseload", str(EXAMPLES / "caseload"), "--now", "2026-11-22"]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    capsys.readouterr()
    return capsys


def test_the_example_is_clean_even_strictly(said: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--strict", *CLEAN]) == 0
    assert said.readouterr() == ("", "")


def test_a_bad_monday_in_words(said: pytest.CaptureFixture[str]) -> None:
    assert run(["check", *TROUBLED]) == 1
    lines = said.readouterr().out.splitlines()
    assert [line.split(" ")[0] + " " + line.split(" ")[1] for line in lines if not line.startswith(" ")] == [
        "clients/c-101/care-plan.yaml:16:14: warning[goal-overdue]",
        "clients/c-101/visits.yaml:3:5: warning[visit-unexplained]",
        "clients/c-101/visits.yaml:5:12: warning[visit-staff-away]",
        "clients/c-102/care-plan.yaml:3:13: warning[plan-review-overdue]",
        "clients/c-102/client.yaml:19:1: error[schema-unknown-key]",
        "clients/c-102/contacts.yaml:14:99: warning[sharing-lapsed]",
        "clients/c-102/visits.yaml:13:5: warning[visit-open]",
        "clients/c-103/client.yaml:1:1: error[allergies-not-stated]",
        "clients/c-103/medications.yaml:8:14: error[yaml-syntax]",
        "clients/c-103/visits.yaml:5:12: warning[visit-staff-away]",
    ]
    assert "  hint: did you mean `preferences`?" in lines


def test_json_is_the_contract(said: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-f", "json", *TROUBLED]) == 1
    answer = json.loads(said.readouterr().out)
    assert list(answer) == ["format", "files", "records", "findings"]
    assert (answer["format"], answer["files"]) == (1, 25)
    assert list(answer["findings"][0]) == [
        "code", "severity", "path", "line", "column", "end_line", "end_column", "message", "hint", "client", "citation",
    ]  # fmt: skip
    assert answer["findings"][0]["client"] == "c-101"
    assert run(["check", "-f", "json", *CLEAN]) == 0
    clean = json.loads(said.readouterr().out)
    assert clean["findings"] == []
    assert clean["records"] > 400


def test_github_annotations_escape_what_has_a_meaning(said: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-f", "github", *TROUBLED]) == 1
    lines = said.readouterr().out.splitlines()
    assert lines[4].startswith("::error file=clients/c-102/client.yaml,line=19,col=1,")
    assert "title=schema-unknown-key::" in lines[4]
    assert "%0Ahint: did you mean" in lines[4]
    assert len(lines) == 10


def test_warnings_fail_only_when_strict(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLES / "caseload", root)
    plan = root / "clients/c-014/care-plan.yaml"
    plan.write_text(plan.read_text().replace("review_due: 2027-02-03", "review_due: 2026-11-02"))
    options = ["--caseload", str(root), "--now", "2026-11-22"]
    assert run(["check", *options]) == 0
    assert "warning[plan-review-overdue]" in said.readouterr().out
    assert run(["check", "--strict", *options]) == 1


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ("c-101", {"goal-overdue", "visit-unexplained", "visit-staff-away"}),
        ("george", {"plan-review-overdue", "schema-unknown-key", "sharing-lapsed", "visit-open"}),
        ("clients/c-103/client.yaml", {"allergies-not-stated"}),
        ("clients/c-103", {"allergies-not-stated", "yaml-syntax", "visit-staff-away"}),
        ("staff", set()),
        ("carectl.yaml", set()),
    ],
)
def test_a_client_or_a_path_narrows_it(target: str, codes: set[str], said: pytest.CaptureFixture[str]) -> None:
    run(["check", target, "-f", "json", *TROUBLED])
    assert {finding["code"] for finding in json.loads(said.readouterr().out)["findings"]} == codes


def test_nobody_of_that_name_is_a_usage_error(said: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "nobody-at-all", *TROUBLED]) == 2
    assert "no client fits" in said.readouterr().err
    assert run(["check", str(EXAMPLES), *TROUBLED]) == 2


def test_the_options_that_go_everywhere_may_stand_anywhere(said: pytest.CaptureFixture[str]) -> None:
    assert run([*CLEAN, "check"]) == 0
    assert run(["check", f"--caseload={EXAMPLES / 'caseload'}", "--now=2026-11-22", "c-014"]) == 0
    assert said.readouterr().out == ""


def test_no_caseload_is_the_environment_and_a_wrong_moment_is_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CARECTL_CASELOAD", raising=False)
    assert run(["check"]) == 3
    assert "carectl init" in said.readouterr().err
    assert run(["check", "--caseload", str(tmp_path)]) == 3
    assert run(["check", *CLEAN[:2], "--now", "soon"]) == 2


def census(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_check_writes_nothing_in_the_caseload_and_no_word_of_a_client_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLES / "caseload", root)
    before = census(root)
    options = ["--caseload", str(root), "--now", "2026-11-22", "-f", "json"]
    assert run(["check", *options]) == 0
    first = said.readouterr().out
    kept = census(tmp_path / "cache")
    assert len(kept) == 1
    assert not any(word in next(iter(kept.values())) for word in (b"c-014", b"Rosa", b"clients"))
    # The second run is answered from the verdicts, and says the same.
    assert run(["check", *options]) == 0
    assert said.readouterr().out == first
    assert census(root) == before


def test_a_verdict_never_outlives_what_it_was_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLES / "caseload", root)
    options = ["--caseload", str(root), "-f", "json"]

    def codes(now: str) -> list[str]:
        said.readouterr()
        run(["check", *options, "--now", now])
        return [finding["code"] for finding in json.loads(said.readouterr().out)["findings"]]

    assert codes("2026-11-22") == []
    # Another day, a file changed, a file added, the roster changed: each is looked at anew.
    assert "visit-unexplained" in codes("2026-11-26")
    assert codes("2026-11-22") == []
    (root / "clients/c-014/notes2.yaml").write_text("notes: []\n")
    assert codes("2026-11-22") == ["file-unknown"]
    (root / "clients/c-014/notes2.yaml").unlink()
    assert codes("2026-11-22") == []
    (root / "staff/jo-park.yaml").rename(root / "staff/jo-parks.yaml")
    assert "staff-unknown" in codes("2026-11-22")


BASE = Path(__file__).parents[1] / "codes" / "base"
AM_CARE = """series:
  - id: am-care
    service: personal_care
    staff: jo-park
    from: 2026-11-23
    days: [mon, wed, fri]
    at: "09:00"
    duration: 2h
"""


def practice_of(root: Path, **visits: str) -> Path:
    """A practice with jo-park and amy, and clients who have nothing but visits."""
    shutil.copytree(BASE, root)
    shutil.rmtree(root / "clients")
    (root / "staff/amy.yaml").write_text("id: amy\nname: {given: Amy, family: Stone}\nrole: companion\n")
    for name, text in visits.items():
        client = name.replace("_", "-")
        folder = root / "clients" / client
        folder.mkdir(parents=True)
        (folder / "client.yaml").write_text(f"id: {client}\nname: {{given: R, family: A}}\nstatus: inquiry\n")
        (folder / "visits.yaml").write_text(text)
    return root


def findings_of(root: Path, said: pytest.CaptureFixture[str], *more: str) -> list[tuple[str, int, str]]:
    """Path, line and code of everything that is found."""
    said.readouterr()
    run(["check", "--caseload", str(root), "--now", "2026-11-22", "-f", "json", *more])
    answer = json.loads(said.readouterr().out)
    return [(finding["path"], finding["line"], finding["code"]) for finding in answer["findings"]]


def test_a_conflict_between_two_clients_in_the_words_of_the_contract(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    root = practice_of(tmp_path / "caseload", c_007=AM_CARE, c_014=AM_CARE.replace("[mon, wed, fri]", "[mon]"))
    options = ["--caseload", str(root), "--now", "2026-11-22"]
    assert run(["check", *options]) == 1
    assert said.readouterr().out == (
        "clients/c-014/visits.yaml:4:12: error[visit-double-booked] "
        "jo-park is already at c-007 from 09:00 to 11:00 (first on 2026-11-23)\n"
        "  hint: carectl visit suggest c-014/am-care-2026-11-23\n"
    )
    # Asked about one client alone, the others are looked at all the same; told is what stands in what was named.
    clash = [("clients/c-014/visits.yaml", 4, "visit-double-booked")]
    assert findings_of(root, said, "c-014") == clash
    assert findings_of(root, said, "c-014", "--no-cache") == clash
    assert findings_of(root, said, str(root / "clients/c-014/visits.yaml")) == clash
    assert findings_of(root, said, "c-007") == []


def test_a_travel_table_and_the_addresses_it_names_are_never_out_of_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    later = AM_CARE.replace("09:00", "11:10")
    root = practice_of(tmp_path / "caseload", c_007=AM_CARE, c_014=later)
    mark, home = root / "carectl.yaml", root / "clients/c-014/client.yaml"
    plain, bare = mark.read_text(), home.read_text()
    assert findings_of(root, said) == []
    mark.write_text(plain + "travel: {table: [{between: [c-007, 60201], takes: 25m}]}\n")
    (unknown,) = findings_of(root, said)
    assert (unknown[0], unknown[2]) == ("carectl.yaml", "travel-way-unknown")
    # With the address the way is known; all that has changed is a client's file.
    home.write_text(bare + "address: {street: 1 Elm St, city: Evanston, postal_code: 60201}\n")
    short = [("clients/c-014/visits.yaml", 4, "visit-travel-too-short")]
    assert findings_of(root, said) == short
    assert findings_of(root, said) == short
    assert findings_of(root, said, "--no-cache") == short
    assert findings_of(root, said, "c-014") == short
    # An address that cannot be read: nobody knows what is true of it.
    home.write_text(bare + "address: {street: 1 Elm St, city: [], postal_code: 60201}\n")
    assert [code for _, _, code in findings_of(root, said)] == ["schema-type"]
    home.write_text(bare)
    assert findings_of(root, said) == [unknown]
    mark.write_text(plain)
    assert findings_of(root, said) == []


def test_the_hours_of_a_week_are_told_with_the_staff(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    root = practice_of(tmp_path / "caseload", c_007=AM_CARE, c_014=AM_CARE.replace("09:00", "13:00"))
    path = root / "staff/jo-park.yaml"
    path.write_text(path.read_text() + "max_hours_per_week: 11\n")
    over = [("staff/jo-park.yaml", 11, "staff-over-hours")]
    assert findings_of(root, said) == over
    assert findings_of(root, said) == over
    assert findings_of(root, said, "staff") == over
    assert findings_of(root, said, str(path)) == over
    assert findings_of(root, said, str(root / "staff/amy.yaml")) == []
    assert findings_of(root, said, "c-014") == []
    path.write_text(path.read_text().replace("11\n", "11  # carectl: allow staff-over-hours -- agreed\n"))
    assert findings_of(root, said) == findings_of(root, said) == []
    (root / "clients/c-014/visits.yaml").unlink()
    assert findings_of(root, said) == [("staff/jo-park.yaml", 11, "waiver-unused")]


def test_a_waiver_of_a_conflict_is_asked_again_when_the_other_client_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    waived = AM_CARE.replace("jo-park", "jo-park  # carectl: allow visit-double-booked -- one house")
    root = practice_of(tmp_path / "caseload", c_007=AM_CARE, c_014=waived)
    assert findings_of(root, said) == findings_of(root, said) == []
    other = root / "clients/c-007/visits.yaml"
    other.write_text(AM_CARE.replace("jo-park", "amy"))
    assert findings_of(root, said) == [("clients/c-014/visits.yaml", 4, "waiver-unused")]
    other.write_text(AM_CARE)
    assert findings_of(root, said) == []


def test_what_is_remembered_never_changes_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    chance = random.Random(4)
    root = practice_of(
        tmp_path / "caseload", c_001=AM_CARE, c_002="visits: []\n", c_003="visits: []\n", c_004="visits: []\n"
    )
    (root / "staff/jo-park.yaml").write_text((root / "staff/jo-park.yaml").read_text() + "max_hours_per_week: 14\n")
    seen: set[str] = set()
    for _ in range(40):
        client = chance.choice(("c-001", "c-002", "c-003", "c-004"))
        text = AM_CARE.replace("jo-park", chance.choice(("jo-park", "amy", "[amy, jo-park]", "[]", '"jo\\u002dpark"')))
        text = text.replace('"09:00"', chance.choice(('"09:00"', '"10:30"', '"13:00"', '"15:00"')))
        waiver = "    # carectl: allow visit-double-booked -- known\n" if chance.random() < 0.2 else ""
        (root / f"clients/{client}/visits.yaml").write_text(text.replace("    staff", f"{waiver}    staff"))
        warm = findings_of(root, said)
        assert warm == findings_of(root, said, "--no-cache")
        assert warm == findings_of(root, said)
        seen.update(code for _, _, code in warm)
    assert seen >= {"visit-double-booked", "visit-open", "staff-over-hours", "waiver-unused"}
    (kept,) = census(tmp_path / "cache").values()
    assert set(json.loads(kept)) == {"clean", "settled"}
    assert not any(word in kept for word in (b"c-0", b"jo-park", b"amy", b"am-care", b"2026"))


def test_a_broken_practice_file_is_told_and_clients_are_checked_all_the_same(
    tmp_path: Path, said: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "caseload"
    shutil.copytree(EXAMPLES / "troubled", root)
    (root / "carectl.yaml").write_text("practice: [\n")
    assert run(["check", "--caseload", str(root), "--now", "2026-11-23", "-f", "json"]) == 1
    codes = {finding["code"] for finding in json.loads(said.readouterr().out)["findings"]}
    assert {"yaml-syntax", "allergies-not-stated", "goal-overdue"} <= codes


def test_a_bug_leaves_no_word_of_a_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail(*_: object) -> None:
        raise ValueError("Canary-4711")

    monkeypatch.setattr("carectl.care.checks.check_practice", fail)
    assert run(["check", "--no-cache", *CLEAN]) == 70
    (kept,) = tmp_path.glob("carectl-bug-*.txt")
    text = kept.read_text()
    assert str(kept) in said.readouterr().err
    assert "ValueError" in text
    assert "checking.py" in text
    assert "Canary" not in text
    assert kept.stat().st_mode & 0o777 == 0o600


def test_explain_tells_a_code_and_lists_them_all(said: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "goal-overdue"]) == 0
    page = said.readouterr().out
    assert page.startswith("goal-overdue (warning)")
    assert "Wrong:" in page
    assert "Right:" in page
    assert "# carectl: allow goal-overdue -- reason" in page
    assert run(["explain"]) == 0
    listed = [line.split()[0] for line in said.readouterr().out.splitlines() if not line.startswith(" ")]
    assert listed == list(explain.all_codes())
    assert run(["explain", "goal-overdu"]) == 2
    assert "did you mean goal-overdue?" in said.readouterr().err


def test_explain_tells_the_rule_of_a_change(said: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "med-dose-changed"]) == 0
    page = said.readouterr().out
    assert page.startswith("med-dose-changed (high)\n\nHow much is taken at a time.")
    assert run(["explain", "med-dose-chnged"]) == 2
    assert "did you mean med-dose-changed?" in said.readouterr().err


def test_explain_fits_80_columns_where_it_is_piped(said: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    assert [line for line in said.readouterr().out.splitlines() if len(line) > 80] == []
    for slug, item in explain.all_codes().items():
        assert run(["explain", slug]) == 0
        lines = said.readouterr().out.splitlines()
        assert [line for line in lines if len(line) > 80 and not line.startswith("    ")] == []
        # The examples stand as they are, and no word of the prose is lost.
        page = item.page.splitlines()
        waiver = f"    # carectl: allow {slug} -- reason"
        assert (waiver in lines) == (slug != "merge-unresolved")
        assert [line for line in page if line.startswith("    ")] == [
            line for line in lines if line.startswith("    ") and line != waiver
        ]
        assert " ".join(item.page.split()) in " ".join(" ".join(lines).split())


NASTY = "clients/c-102/a\x1b[31m\n\x9b\u2028b.yaml"


def test_names_of_files_cannot_write_on_the_terminal(tmp_path: Path, said: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    shutil.copytree(EXAMPLES / "troubled", home)
    (home / NASTY).write_text("a: 1\n", encoding="utf-8")
    for form in ("text", "github"):
        assert run(["check", "c-102", "-f", form, "--caseload", str(home), "--now", "2026-11-23"]) == 1
        out = said.readouterr().out
        assert r"clients/c-102/a\x1b[31m\n\x9b\u2028b.yaml" in out
        assert [sign for sign in out if ord(sign) < 32 and sign != "\n"] == []
        assert [line for line in out.splitlines() if line.startswith(("b.yaml", "[31m"))] == []
        assert not {"\x9b", "\u2028"} & set(out)
    assert run(["agenda", "--client", "c-102", "--caseload", str(home), "--now", "2026-11-23"]) == 1
    err = said.readouterr().err
    assert r"carectl: not whole: clients/c-102/a\x1b[31m\n\x9b\u2028b.yaml: " in err
    assert not {"\x1b", "\x9b", "\u2028"} & set(err)
    assert run(["show", "c-102", "--caseload", str(home), "--now", "2026-11-23"]) == 1
    out = said.readouterr().out
    assert r"\x1b[31m\n\x9b\u2028b.yaml" in out
    assert not {"\x1b", "\x9b", "\u2028"} & set(out)


def test_what_cannot_be_seen_is_written_out() -> None:
    assert report.visible("é Wójcik 中 a\\b") == "é Wójcik 中 a\\b"
    assert report.visible("\t\r\n\x00\x1b\x7f\x85\u2029\u202e\udcff") == r"\t\r\n\x00\x1b\x7f\x85\u2029\u202e\udcff"
    found = Finding("x-code", Severity.ERROR, Span("a\nb.yaml"), "one\x1b[2J", "two\nthree")
    assert report.as_text([found]) == "a\\nb.yaml:1:1: error[x-code] one\\x1b[2J\n  hint: two\\nthree\n"
    assert report.as_github([found]).count("\n") == 1
    assert "file=a\\nb.yaml,line=1" in report.as_github([found])


def test_the_page_of_codes_has_not_drifted() -> None:
    assert explain.main(["--check"]) == 0


@pytest.mark.parametrize("slug", sorted(explain.all_codes()))
def test_every_page_says_what_is_wrong_and_shows_a_wrong_and_a_right_example(slug: str) -> None:
    page = explain.all_codes()[slug].page
    assert page.splitlines()[0].endswith(".")
    assert "\nWrong:\n" in page
    assert "\nRight:\n" in page

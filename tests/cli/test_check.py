"""carectl check and explain, as people, hooks and scripts call them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from carectl.cli import run
from carectl.commands import explain

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
        "clients/c-102/care-plan.yaml:3:13: warning[plan-review-overdue]",
        "clients/c-102/client.yaml:19:1: error[schema-unknown-key]",
        "clients/c-102/contacts.yaml:14:99: warning[sharing-lapsed]",
        "clients/c-103/client.yaml:1:1: error[allergies-not-stated]",
        "clients/c-103/medications.yaml:8:14: error[yaml-syntax]",
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
    assert lines[3].startswith("::error file=clients/c-102/client.yaml,line=19,col=1,")
    assert "title=schema-unknown-key::" in lines[3]
    assert "%0Ahint: did you mean" in lines[3]
    assert len(lines) == 7


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
        ("c-101", {"goal-overdue", "visit-unexplained"}),
        ("george", {"plan-review-overdue", "schema-unknown-key", "sharing-lapsed"}),
        ("clients/c-103/client.yaml", {"allergies-not-stated"}),
        ("clients/c-103", {"allergies-not-stated", "yaml-syntax"}),
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
    assert run(["check", "--caseload", str(tmp_path)]) == 2
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
    assert len(said.readouterr().out.splitlines()) == len(explain.all_codes())
    assert run(["explain", "goal-overdu"]) == 2
    assert "did you mean goal-overdue?" in said.readouterr().err


def test_the_page_of_codes_has_not_drifted() -> None:
    assert explain.main(["--check"]) == 0


@pytest.mark.parametrize("slug", sorted(explain.all_codes()))
def test_every_page_says_what_is_wrong_and_shows_a_wrong_and_a_right_example(slug: str) -> None:
    page = explain.all_codes()[slug].page
    assert page.splitlines()[0].endswith(".")
    assert "\nWrong:\n" in page
    assert "\nRight:\n" in page

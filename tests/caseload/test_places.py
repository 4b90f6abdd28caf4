"""Waivers: what they hide, what they must say, and when they are idle."""

from __future__ import annotations

from pathlib import Path

from carectl.caseload.places import Places, client_of
from carectl.caseload.trees import FolderTree
from carectl.findings import Finding, Severity, Spot


def waived(root: Path, text: str, *spots: tuple[str, Spot]) -> list[tuple[int, str]]:
    (root / "f.yaml").write_text(text, encoding="utf-8")
    places = Places(FolderTree(root))
    findings = places.resolve(Finding(code, Severity.ERROR, spot, "m") for code, spot in spots)
    return [(f.at.line, f.code) for f in places.waive(findings, ["f.yaml"])]  # type: ignore[union-attr]


A, B = Spot("f.yaml", ("a",)), Spot("f.yaml", ("b",))


def test_a_waiver_on_the_line_or_above_hides_its_code_only(tmp_path: Path) -> None:
    assert waived(tmp_path, "a: 1  # carectl: allow x-code -- because\nb: 2\n", ("x-code", A)) == []
    assert waived(tmp_path, "# carectl: allow x-code — because\na: 1\nb: 2\n", ("x-code", A)) == []
    assert waived(tmp_path, "a: 1  # carectl: allow x-code -- because\nb: 2\n", ("x-code", A), ("y-code", A)) == [
        (1, "y-code")
    ]


def test_a_waiver_without_a_reason_hides_nothing(tmp_path: Path) -> None:
    for text in ("# carectl: allow x-code\na: 1\n", "# carectl: allow x-code --\na: 1\n"):
        assert waived(tmp_path, text, ("x-code", A)) == [(1, "waiver-without-reason"), (2, "x-code")]


def test_an_idle_waiver_is_itself_a_finding(tmp_path: Path) -> None:
    text = "# carectl: allow x-code -- because\na: 1\n\nb: 2\n"
    assert waived(tmp_path, text, ("x-code", B)) == [(1, "waiver-unused"), (4, "x-code")]


def test_words_in_a_text_are_no_waiver(tmp_path: Path) -> None:
    text = 'a: "# carectl: allow x-code -- because"\nb: 2\n'
    assert waived(tmp_path, text, ("x-code", A)) == [(1, "x-code")]


def test_a_fault_of_the_whole_file_is_waived_above_its_first_entry(tmp_path: Path) -> None:
    text = "# yaml-language-server: x\n# carectl: allow x-code -- because\n\na: 1\n"
    assert waived(tmp_path, text, ("x-code", Spot("f.yaml"))) == []


def test_a_missing_field_stands_at_the_record_and_a_missing_file_at_its_head(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("# c\nlist:\n  - id: a\n    b: 1\n", encoding="utf-8")
    places = Places(FolderTree(tmp_path))
    assert places.span(Spot("f.yaml", ("list", 0)))[:3] == ("f.yaml", 3, 5)
    assert places.span(Spot("f.yaml", ("list", 0, "due")))[:3] == ("f.yaml", 3, 5)
    assert places.span(Spot("f.yaml"))[:3] == ("f.yaml", 1, 1)
    assert places.span(Spot("gone.yaml", ("a",)))[:3] == ("gone.yaml", 1, 1)


def test_the_client_is_read_off_the_path() -> None:
    assert client_of("clients/c-014/visits/2026-11.yaml") == "c-014"
    assert client_of("staff/jo.yaml") is None

"""Every code has bad examples that it finds, and good ones about which nothing is said.

`codes/CODE/bad-NAME` and `codes/CODE/good-NAME` are fragments of a caseload: their files are laid over `codes/base`,
which is clean. `without.txt` names files of the base to leave out, `now.txt` another moment than 2026-11-22, and
`expected.txt` of a bad example every finding there is, as `path:line:column code`. New folders are found by
themselves. After a change that is meant to move findings, `python -m tests.test_codes` writes expected.txt anew: read
the difference line by line.
"""

from __future__ import annotations

import shutil
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from carectl.care.checks import Team, check_practice, check_team, examine_chart
from carectl.care.setting import Setting
from carectl.care.travel import home
from carectl.caseload import blocks, reader
from carectl.caseload.instruments import Instruments, examine_own
from carectl.caseload.load import Loader
from carectl.caseload.places import Places
from carectl.caseload.trees import FolderTree
from carectl.caseload.zones import zone
from carectl.commands.explain import all_codes
from carectl.commands.session import parse_now
from carectl.findings import Code, Finding, Severity, Span

CODES: Final = Path(__file__).parent / "codes"
NOW: Final = "2026-11-22"
NOT_RECORDS: Final = ("expected.txt", "without.txt", "now.txt")

PRIVATE: Final = (
    "Rosa", "Alvarez", "Otis", "Brandt", "Dana", "Whitfield", "Park", "Dr. Lee", "Ruth", "Sam Cole", "Furosemide",
    "40 mg", "20 mg", "tablet", "Swelling", "Fell", "Slid", "Talked", "Slept", "Told", "tired", "ankle", "Snow",
    "Risk of", "Check the", "Second rail", "Penicillin", "dnr", "1941",
)  # fmt: skip
"""Words from the examples that no message may repeat."""

ELSEWHERE: Final = {
    "yaml-too-large": "takes a file of five megabytes: tests/caseload/test_reader.py",
    "file-unreadable": "takes a file without permissions: tests/caseload/test_reader.py",
    "file-outside": "takes a link that leaves the caseload: tests/caseload/test_reader.py",
    "file-changing": "takes a file that changes while it is read: tests/caseload/test_reader.py",
    "merge-clash": "takes two branches: tests/merge/test_check_merge.py",
    "merge-combined": "takes a merge: tests/merge/test_check_merge.py",
    "merge-dropped": "takes a merge: tests/merge/test_check_merge.py",
    "merge-lost": "takes a merge: tests/merge/test_check_merge.py",
    "merge-unread": "takes a merge: tests/merge/test_check_merge.py",
    "template-fault": "takes a template, which is no record: tests/output/test_sandbox.py",
    "template-outdated": "takes a template, which is no record: tests/cli/test_template.py",
    "template-unused": "takes a template, which is no record: tests/cli/test_template.py",
}
"""Codes that no folder of files can show, and where they are tested."""

EXAMPLES: Final = sorted(path for path in CODES.glob("*/*") if path.parent.name != "base" and path.is_dir())
BAD: Final = [path for path in EXAMPLES if path.name.startswith("bad-")]
GOOD: Final = [path for path in EXAMPLES if path.name.startswith("good-")]


def name_of(example: Path) -> str:
    """An example as the test report names it."""
    return f"{example.parent.name}/{example.name}"


def lay_out(example: Path, folder: Path) -> Path:
    """The base with the example's files over it, in a folder of its own."""
    root = folder / "caseload"
    shutil.copytree(CODES / "base", root)
    without = example / "without.txt"
    for path in without.read_text(encoding="utf-8").split() if without.is_file() else ():
        (root / path).unlink()
    shutil.copytree(example, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*NOT_RECORDS))
    return root


def findings_in(root: Path, now: str = NOW) -> list[Finding]:
    """Everything that a check has to say about a caseload, with lines and without what is waived."""
    tree = FolderTree(root)
    loader = Loader(tree)
    practice = loader.practice()
    staff, unread = loader.staff()
    ids = loader.client_ids()
    record = practice.practice if practice else None
    there = zone(record.timezone) if record else None
    setting = Setting(
        now=parse_now(now, there or zone("UTC") or pytest.fail("no UTC")),
        zones=zone,
        practice=record,
        staff={member.id: member for member in staff},
        unread_staff=unread,
        clients=frozenset(ids),
        travel=practice.travel if practice else None,
        instruments=Instruments(tree),
    )
    examine_own(loader)
    blocks.examine_own(loader, setting.instruments)
    booked, found = [], []
    postal_codes: set[str] = set()
    for client_id in ids:
        chart = loader.chart(client_id)
        place = home(chart.client)
        postal_codes.update({place.postal} if place and place.postal else ())
        of_chart, of_team = examine_chart(chart, setting)
        found += of_chart
        booked += of_team
    found += check_practice(practice, staff, replace(setting, postal_codes=frozenset(postal_codes)))
    found += check_team(Team(booked, setting))
    places = Places(tree)
    return places.waive(places.resolve([*loader.met.findings, *found]), loader.met.waivers)


def said(example: Path, folder: Path) -> list[Finding]:
    """What is found in an example."""
    moment = example / "now.txt"
    now = moment.read_text(encoding="utf-8").strip() if moment.is_file() else NOW
    return findings_in(lay_out(example, folder), now)


def lines(findings: list[Finding]) -> str:
    """Findings as expected.txt has them."""
    places = [(finding.at, finding.code) for finding in findings]
    return "".join(f"{at.path}:{at.line}:{at.column} {code}\n" for at, code in places if isinstance(at, Span))


@pytest.mark.parametrize("example", BAD, ids=name_of)
def test_a_bad_example_is_found_at_its_place_and_nothing_else_is(example: Path, tmp_path: Path) -> None:
    findings = said(example, tmp_path)
    assert lines(findings) == (example / "expected.txt").read_text(encoding="utf-8")
    assert example.parent.name in {finding.code for finding in findings}
    for finding in findings:
        assert finding.message[0] not in " ."
        assert "None" not in finding.message + (finding.hint or "")
        told = f"{finding.message} {finding.hint}"
        assert [word for word in PRIVATE if word in told and finding.code != "code-status-not-stated"] == []
        assert isinstance(finding.at, Span)
        assert (finding.at.line, finding.at.column) <= (finding.at.end_line, finding.at.end_column)
        if finding.path.startswith("clients/c-"):
            assert finding.client == finding.path.split("/")[1]


@pytest.mark.parametrize("example", GOOD, ids=name_of)
def test_nothing_is_said_about_a_good_example(example: Path, tmp_path: Path) -> None:
    assert lines(said(example, tmp_path)) == ""


def test_the_base_is_clean(tmp_path: Path) -> None:
    shutil.copytree(CODES / "base", tmp_path / "caseload")
    assert lines(findings_in(tmp_path / "caseload")) == ""


def test_every_code_has_a_bad_and_a_good_example() -> None:
    wanted = set(all_codes()) - set(ELSEWHERE)
    assert wanted - {path.parent.name for path in BAD} == set()
    assert wanted - {path.parent.name for path in GOOD} == set()


def test_every_folder_is_of_a_code_and_says_what_it_is() -> None:
    assert {path.name for path in CODES.iterdir() if path.is_dir()} - set(all_codes()) == {"base"}
    assert set(EXAMPLES) == set(BAD) | set(GOOD)
    assert [path for path in GOOD if (path / "expected.txt").exists()] == []


def test_every_code_that_is_tested_elsewhere_exists() -> None:
    assert set(ELSEWHERE) <= set(all_codes())
    for where in ELSEWHERE.values():
        assert (CODES.parents[1] / where.rpartition(": ")[2]).is_file()


@pytest.mark.parametrize("code", all_codes().values(), ids=lambda code: code.slug)
def test_the_page_of_every_code_explains_it(code: Code) -> None:
    intro, wrong_mark, rest = code.page.partition("\nWrong:\n")
    wrong, right_mark, right = rest.partition("\nRight:\n")
    assert wrong_mark
    assert right_mark
    summary, _, why = intro.partition("\n\n")
    assert summary.endswith(".")
    assert "\n" not in summary.strip()
    assert len(why.split()) >= 10, "the page says why it matters and how to mend it"
    assert wrong.strip()
    assert right.strip()
    assert wrong.strip() != right.strip()
    for block in (wrong, right):
        assert all(line.startswith("    ") for line in block.splitlines() if line)
    if not code.slug.startswith("template-"):
        assert reader.read_reference(textwrap.dedent(right).encode(), "right.yaml").findings == ()


@pytest.mark.parametrize("code", all_codes().values(), ids=lambda code: code.slug)
def test_every_slug_explains_itself(code: Code) -> None:
    assert all(part.isalnum() and part == part.lower() for part in code.slug.split("-"))
    assert code.severity in Severity


def rewrite() -> None:
    """Write expected.txt of every bad example anew."""
    for example in BAD:
        with tempfile.TemporaryDirectory() as folder:
            (example / "expected.txt").write_text(lines(said(example, Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    rewrite()

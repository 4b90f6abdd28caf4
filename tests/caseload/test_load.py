"""Loading a caseload: what is read, what is said of files that are not as they should be, and what is held back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from carectl.care.schedule import occurrences
from carectl.care.setting import Setting
from carectl.caseload import faults
from carectl.caseload.load import Loader, Part, load
from carectl.caseload.places import Places
from carectl.caseload.records import Chart
from carectl.caseload.trees import FolderTree, HeldTree, client_folders, contents
from carectl.caseload.zones import zone
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Span

EXAMPLE = Path(__file__).parents[2] / "examples" / "caseload"

CLIENT = "id: c-1\nname: {given: Rosa, family: Alvarez}\nstatus: inquiry\n"


def write(root: Path, files: dict[str, str]) -> FolderTree:
    for name, text in {"carectl.yaml": "practice: {name: P, timezone: America/Chicago}\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return FolderTree(root)


def chart_of(root: Path, files: dict[str, str]) -> tuple[Chart, list[tuple[str, int, int, str]]]:
    tree = write(root, {"clients/c-1/client.yaml": CLIENT, **files})
    loader = Loader(tree)
    chart = loader.chart("c-1")
    findings = Places(tree).resolve(loader.met.findings)
    return chart, [(f.path.removeprefix("clients/c-1/"), f.at.line, f.at.column, f.code) for f in findings]  # type: ignore[union-attr]


def test_a_kind_spread_over_a_folder_is_read_in_file_name_order(tmp_path: Path) -> None:
    visit = "visits:\n  - {id: v-%s, service: nursing, date: 2026-%s-01, at: '9:00', duration: 1h}\n"
    chart, found = chart_of(
        tmp_path,
        {
            "clients/c-1/visits/2026-11.yaml": visit % ("b", "11"),
            "clients/c-1/visits/2026-10.yaml": visit % ("a", "10"),
            "clients/c-1/visits/series.yaml": "series: []\n",
        },
    )
    assert found == []
    assert [visit.id for visit in chart.visits] == ["v-a", "v-b"]
    assert [visit.origin.path for visit in chart.visits][1] == "clients/c-1/visits/2026-11.yaml"
    assert chart.visits[1].origin.keys == ("visits", 0)


def test_a_care_plan_in_pieces_is_one_plan(tmp_path: Path) -> None:
    problem = "problems:\n  - {id: %s, statement: S, status: active}\n"
    chart, found = chart_of(
        tmp_path,
        {
            "clients/c-1/care-plan/a.yaml": "period: {from: 2026-08-05}\n" + problem % "falls",
            "clients/c-1/care-plan/b.yaml": problem % "heart",
        },
    )
    assert found == []
    assert chart.plan is not None
    assert [p.id for p in chart.plan.problems] == ["falls", "heart"]
    assert chart.plan.problems[1].origin.path.endswith("b.yaml")


def test_a_period_said_twice_or_never_is_found(tmp_path: Path) -> None:
    period = "period: {from: 2026-08-05}\n"
    _, twice = chart_of(
        tmp_path / "a", {"clients/c-1/care-plan/a.yaml": period, "clients/c-1/care-plan/b.yaml": period}
    )
    assert twice == [("care-plan/b.yaml", 1, 9, "plan-said-twice")]
    chart, never = chart_of(tmp_path / "b", {"clients/c-1/care-plan/a.yaml": "problems: []\n"})
    assert never == [("care-plan/a.yaml", 1, 1, "schema-missing")]
    assert chart.plan is None


def test_files_of_unknown_names_are_never_passed_over(tmp_path: Path) -> None:
    _, found = chart_of(
        tmp_path,
        {
            "clients/c-1/medication.yaml": "medications: []\n",
            "clients/c-1/contacts.yml": "contacts: []\n",
            "clients/c-1/visit/2026-11.yaml": "visits: []\n",
            "clients/c-1/notes.yaml": "notes: []\n",
            "clients/c-1/notes/2026-11.yaml": "notes: []\n",
            "clients/c-1/letters/to-maria.md": "Dear Maria\n",
            "clients/c-1/approvals/x.yaml": "anything\n",
        },
    )
    assert found == [
        ("approvals/x.yaml", 1, 1, "file-unknown"),
        ("contacts.yml", 1, 1, "file-unknown"),
        ("medication.yaml", 1, 1, "file-unknown"),
        ("notes.yaml", 1, 1, "file-and-folder"),
        ("visit", 1, 1, "file-unknown"),
    ]


def test_an_id_must_be_the_name_of_its_folder_or_file(tmp_path: Path) -> None:
    chart, found = chart_of(tmp_path, {"clients/c-1/client.yaml": CLIENT.replace("c-1", "c-2")})
    assert found == [("client.yaml", 1, 5, "id-not-file-name")]
    assert chart.id == "c-1"
    tree = write(tmp_path, {"staff/jo.yaml": "id: jo-park\nname: {given: J, family: P}\nrole: companion\n"})
    loader = Loader(tree)
    loader.staff()
    assert [f.code for f in loader.met.findings] == ["id-not-file-name"]


def test_one_bad_file_hides_no_other(tmp_path: Path) -> None:
    chart, found = chart_of(
        tmp_path,
        {
            "clients/c-1/contacts.yaml": "contacts: [\n",
            "clients/c-1/tasks.yaml": "tasks:\n  - {id: a}\n  - {id: b, text: Call}\n",
            "clients/c-1/notes.yaml": "notes:\n  - {id: n, at: 2026-11-20T10:15, text: Said so}\n",
        },
    )
    assert [(path, code) for path, _, _, code in found] == [
        ("contacts.yaml", "yaml-syntax"),
        ("tasks.yaml", "schema-missing"),
    ]
    assert chart.unread == {"contacts", "tasks"}
    assert [task.id for task in chart.tasks] == ["b"]
    assert chart.broken_ids("tasks") == {"a"}
    assert len(chart.notes) == 1


def test_a_folder_without_a_client_file_is_found(tmp_path: Path) -> None:
    tree = write(tmp_path, {"clients/c-9/notes.yaml": "notes: []\n", "clients/C 9/x.txt": "", "clients/c-8.yaml": ""})
    _, met = load(tree)
    assert sorted((f.path, f.code) for f in met.findings) == [
        ("clients/C 9", "folder-name"),
        ("clients/c-8.yaml", "file-unknown"),
        ("clients/c-9", "client-file-missing"),
    ]


def test_counts_are_of_files_and_records(tmp_path: Path) -> None:
    tree = write(
        tmp_path,
        {
            "clients/c-1/client.yaml": CLIENT,
            "clients/c-1/tasks.yaml": "tasks:\n  - {id: a, text: Call}\n  - {id: b}\n",
            "staff/jo.yaml": "id: jo\nname: {given: J, family: P}\nrole: companion\n",
        },
    )
    _, met = load(tree)
    assert (met.files, met.records) == (4, 4)


def test_a_held_tree_reads_a_file_once(tmp_path: Path) -> None:
    tree = HeldTree(write(tmp_path, {"clients/c-1/client.yaml": CLIENT}))
    before = tree.read("clients/c-1/client.yaml")
    (tmp_path / "clients/c-1/client.yaml").write_text("changed")
    assert tree.read("clients/c-1/client.yaml") == before
    tree.drop()
    assert tree.read("clients/c-1/client.yaml") == b"changed"


def test_contents_name_every_file_that_a_check_depends_on(tmp_path: Path) -> None:
    tree = write(tmp_path, {"clients/c-1/client.yaml": CLIENT, "clients/c-1/visits/a.yaml": "visits: []\n"})
    (tmp_path / "clients/c-1/scan.pdf").write_bytes(b"%PDF")
    assert contents(tree, "clients/c-1") == [
        ("clients/c-1/client.yaml", CLIENT.encode()),
        ("clients/c-1/scan.pdf", b""),
        ("clients/c-1/visits", b"folder"),
        ("clients/c-1/visits/a.yaml", b"visits: []\n"),
    ]
    assert client_folders(tree) == ["c-1"]


@pytest.mark.parametrize("start", [dt.date(2026, 9, 1) + dt.timedelta(days=9 * step) for step in range(12)])
def test_a_part_of_a_chart_shows_the_same_visits_as_the_whole(start: dt.date) -> None:
    tree = FolderTree(EXAMPLE)
    setting = Setting(now=dt.datetime(2026, 11, 22, 23, tzinfo=zone("America/Chicago")), zones=zone)
    until = start + dt.timedelta(days=6)
    for client_id in client_folders(tree):
        whole, part = Loader(tree).chart(client_id), Loader(tree).chart(client_id, Part.of_days(start, until))
        assert occurrences(part, setting, start, until) == occurrences(whole, setting, start, until)
        assert set(part.files) <= set(whole.files)
        assert part.unread >= {"notes", "care-plan"} & {Path(name).stem for name in whole.files}


def test_a_visit_moved_from_another_month_is_not_missed(tmp_path: Path) -> None:
    visit = "visits:\n  - {id: am-2026-0%s-01, series: am, day: 2026-0%s-01, %s}\n"
    tree = write(
        tmp_path,
        {
            "clients/c-1/client.yaml": CLIENT,
            "clients/c-1/visits/2026-01.yaml": visit % (1, 1, "date: 2026-09-03"),
            "clients/c-1/visits/2026-02.yaml": visit % (2, 2, "status: missed"),
            "clients/c-1/visits/2026-03.yaml": visit % (3, 3, 'date: "2026-\\u00309-04"'),
        },
    )
    chart = Loader(tree).chart("c-1", Part.of_days(dt.date(2026, 9, 1), dt.date(2026, 9, 30)))
    assert [visit.date for visit in chart.visits] == [dt.date(2026, 9, 3), dt.date(2026, 9, 4)]
    assert Part.of_days(dt.date(2026, 11, 30), dt.date(2027, 1, 1)).months == {b"2026-11", b"2026-12", b"2027-01"}
    assert Part.of_days(dt.date(9999, 12, 30), dt.date.max).months == {b"9999-12"}
    # A visit is not put off by more than a year, so that it does not take longer every year to look for it.
    late = Loader(tree).chart("c-1", Part.of_days(dt.date(2027, 2, 1), dt.date(2027, 9, 30)))
    assert [path[-12:] for path in late.files if "2026" in path] == ["2026-03.yaml"]


class Blocked:
    """A tree in which some folders cannot be looked into."""

    def __init__(self, tree: FolderTree, *blocked: str) -> None:
        self.tree, self.blocked = tree, blocked

    def names(self, folder: str) -> list[tuple[str, bool]] | Finding:
        if folder in self.blocked:
            return faults.unreadable(Span(folder), "you may not look into it", "mend its permissions")
        return self.tree.names(folder)

    def read(self, path: str) -> bytes | Finding:
        return self.tree.read(path)


@pytest.mark.parametrize("folder", ["clients", "staff"])
def test_a_folder_of_everybody_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path, folder: str) -> None:
    tree = Blocked(write(tmp_path, {"clients/c-1/client.yaml": CLIENT}), folder)
    with pytest.raises(EnvironmentProblem, match=f"{folder}/ cannot be read"):
        load(tree)
    if folder == "clients":
        with pytest.raises(EnvironmentProblem):
            client_folders(tree)


def test_nothing_is_concluded_from_a_folder_of_a_client_that_cannot_be_read(tmp_path: Path) -> None:
    files = {"clients/c-1/client.yaml": CLIENT, "clients/c-1/visits/a.yaml": "visits: []\n"}
    whole = Loader(Blocked(write(tmp_path, files), "clients/c-1"))
    assert whole.chart("c-1").unread >= {"client", "visits", "medications", "care-plan"}
    assert [f.code for f in whole.met.findings] == ["file-unreadable"]
    part = Loader(Blocked(FolderTree(tmp_path), "clients/c-1/visits"))
    assert part.chart("c-1").unread == {"visits", "series"}
    assert [f.path for f in part.met.findings] == ["clients/c-1/visits"]


def test_records_in_the_wrong_place_are_told_and_count_as_unread(tmp_path: Path) -> None:
    chart, found = chart_of(
        tmp_path,
        {
            "clients/c-1/visits/2026/11.yaml": "visits: []\n",
            "clients/c-1/visits/series.YAML": "series: []\n",
            "clients/c-1/medications/heart/a.yaml": "medications: none\n",
            "clients/c-1/client/a.yaml": "id: c-1\n",
        },
    )
    assert found == [
        ("client", 1, 1, "file-unknown"),
        ("medications/heart/a.yaml", 1, 1, "file-unknown"),
        ("visits/2026/11.yaml", 1, 1, "file-unknown"),
        ("visits/series.YAML", 1, 1, "file-unknown"),
    ]
    assert chart.unread >= {"visits", "series", "medications"}
    tree = write(tmp_path, {"staff/old/x.yaml": "id: x\n", "staff/y.YML": "id: y\n"})
    loader = Loader(tree)
    assert loader.staff() == ((), frozenset({"x", "y"}))
    assert [f.code for f in loader.met.findings] == ["file-unknown", "file-unknown"]

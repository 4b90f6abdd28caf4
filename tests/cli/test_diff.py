"""carectl diff on real repositories: which versions are compared, what is told, and how it ends."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from helpers_canary import build, leaks
from helpers_cli import Carectl, Done, census
from helpers_documents import golden
from helpers_review import NOW, change_rosa, commit, edit, example, git

MEDS = "clients/c-001/medications.yaml"
PLAN = "clients/c-001/care-plan.yaml"
TASKS = "clients/c-001/tasks.yaml"


@pytest.fixture
def repo(home: Path) -> Path:
    """The small caseload, committed."""
    git(home, "init", "--quiet", "--template=")
    commit(home)
    return home


@pytest.fixture
def rosa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example caseload with a week's changes of Rosa's files, as the current folder."""
    root = example(tmp_path / "example")
    change_rosa(root)
    monkeypatch.chdir(root)
    return root


def data(done: Done) -> dict[str, Any]:
    """What was printed as JSON."""
    found: dict[str, Any] = json.loads(done.out)
    return found


def rules(done: Done) -> list[tuple[str | None, str]]:
    """Clients and rules of the changes."""
    return [(item["client"], item["rule"]) for item in data(done)["changes"]]


def dose(root: Path, old: str, new: str) -> None:
    """Change the dose of c-001's furosemide."""
    edit(root / MEDS, f"dose: {old}", f"dose: {new}")


# --- which versions --------------------------------------------------------------------------------------------------


@pytest.fixture
def history(repo: Path) -> Path:
    """Two branches that parted: on main the dose went to 2 and 3 tablets, on side a task's date moved.

    3 tablets are staged as 4, and lie in the folder as 5.
    """
    dose(repo, "1 tablet", "2 tablets")
    commit(repo, "Two")
    git(repo, "branch", "side")
    dose(repo, "2 tablets", "3 tablets")
    commit(repo, "Three")
    git(repo, "checkout", "--quiet", "side")
    edit(repo / TASKS, "due: 2026-11-30", "due: 2026-12-01")
    commit(repo, "Side")
    git(repo, "checkout", "--quiet", "main")
    dose(repo, "3 tablets", "4 tablets")
    git(repo, "add", "--all")
    dose(repo, "4 tablets", "5 tablets")
    return repo


@pytest.mark.parametrize(
    ("words", "doses", "names"),
    [
        ("", (3, 5), ("HEAD", "worktree")),
        ("HEAD", (3, 5), ("HEAD", "worktree")),
        ("HEAD~1", (2, 5), ("HEAD~1", "worktree")),
        ("HEAD~2 HEAD", (1, 3), ("HEAD~2", "HEAD")),
        ("HEAD~2..HEAD~1", (1, 2), ("HEAD~2", "HEAD~1")),
        ("HEAD~1..", (2, 3), ("HEAD~1", "HEAD")),
        ("..HEAD~1", (3, 2), ("HEAD", "HEAD~1")),
        ("side main", (2, 3), ("side", "main")),
        ("side..main", (2, 3), ("side", "main")),
        ("main...side", (None, None), ("main~1", "side")),
        ("side...main", (2, 3), ("main~1", "main")),
        ("--merge-base side", (2, 5), ("main~1", "worktree")),
        ("--merge-base side main", (2, 3), ("main~1", "main")),
        ("--staged", (3, 4), ("HEAD", "index")),
        ("--staged HEAD~1", (2, 4), ("HEAD~1", "index")),
        ("--staged --merge-base side", (2, 4), ("main~1", "index")),
    ],
)
def test_which_versions_are_compared(
    history: Path, carectl: Carectl, words: str, doses: tuple[int | None, int | None], names: tuple[str, str]
) -> None:
    done = carectl("diff", *words.split(), "--format", "json")
    assert (done.code, done.err) == (0, "")
    found = data(done)
    ids = [name if name in ("worktree", "index") else git(history, "rev-parse", name) for name in names]
    assert [found["old"], found["new"]] == ids
    meds = [(item["old"], item["new"]) for item in found["changes"] if item["field"] == "dose"]
    assert meds == [tuple(f"{one} tablet{'s' * (one != 1)}" for one in doses if one)] * (doses[0] is not None)
    tasks = [item["new"] for item in found["changes"] if item["kind"] == "tasks"]
    both = {word.strip(".") for word in re.split(r"[ ]|\.\.\.?", words)} >= {"side", "main"}
    assert bool(tasks) == (both and "--merge-base" not in words and words != "side...main")


@pytest.mark.parametrize(
    "words",
    ["HEAD HEAD HEAD", "HEAD..main side", "--staged HEAD~1 HEAD", "--staged HEAD~1..HEAD", "--merge-base",
     "--merge-base side...main", "--merge-base side..main", "-o x.yaml", "-o x.pdf", "--fail-on huge", "--format pdf"],
)  # fmt: skip
def test_wrong_usage(history: Path, carectl: Carectl, words: str) -> None:
    done = carectl("diff", *words.split())
    assert done.code == 2
    assert done.out == ""


@pytest.mark.parametrize("words", ["no-such-branch", "HEAD~99", "0123456789", "HEAD..nowhere", "main:carectl.yaml"])
def test_a_revision_that_does_not_exist(history: Path, carectl: Carectl, words: str) -> None:
    done = carectl("diff", words)
    assert done.code == 3
    assert "no such revision" in done.err
    assert done.out == ""


@pytest.mark.parametrize("word", ["--output=x", "-p", "HEAD\n", "--ext-diff"])
def test_no_option_of_git_gets_through(history: Path, carectl: Carectl, word: str) -> None:
    before = census(history)
    assert carectl("diff", "--", word).code == 2
    assert census(history) == before


def test_without_a_repository(home: Path, carectl: Carectl) -> None:
    done = carectl("diff")
    assert done.code == 3
    assert "git" in done.err


def test_without_a_commit(home: Path, carectl: Carectl) -> None:
    git(home, "init", "--quiet", "--template=")
    done = carectl("diff")
    assert done.code == 3
    assert "nothing is committed here yet" in done.err


def test_histories_with_nothing_in_common(repo: Path, carectl: Carectl) -> None:
    git(repo, "checkout", "--quiet", "--orphan", "alone")
    commit(repo, "Alone")
    done = carectl("diff", "main...alone")
    assert done.code == 3
    assert "have no commit in common" in done.err
    assert carectl("diff", "main", "alone").code == 0


def test_a_detached_head(repo: Path, carectl: Carectl) -> None:
    git(repo, "checkout", "--quiet", "--detach")
    dose(repo, "1 tablet", "2 tablets")
    assert rules(carectl("diff", "-f", "json")) == [("c-001", "med-dose-changed")]


def test_a_caseload_in_a_folder_of_its_repository(tmp_path: Path, home: Path, carectl: Carectl) -> None:
    git(tmp_path, "init", "--quiet", "--template=")
    (tmp_path / "outside.txt").write_text("x")
    commit(tmp_path)
    (tmp_path / "outside.txt").write_text("y")
    dose(home, "1 tablet", "2 tablets")
    found = data(carectl("diff", "-f", "json"))
    assert [item["rule"] for item in found["changes"]] == ["med-dose-changed"]
    assert found["other"] == []


def test_the_settings_of_the_machine_have_no_say(
    repo: Path, carectl: Carectl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose(repo, "1 tablet", "2 tablets")
    expected = carectl("diff", "-f", "json").out
    tripped = tmp_path / "tripped"
    trap = f"sh -c 'touch {tripped}'"
    (tmp_path / "gitconfig").write_text(
        f'[core]\n pager = {trap}\n fsmonitor = {trap}\n[diff]\n external = {trap}\n[diff "x"]\n textconv = {trap}\n'
    )
    names = {"GIT_DIR": str(tmp_path / "nowhere"), "GIT_EXTERNAL_DIFF": trap, "GIT_PAGER": trap,
             "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_INDEX_FILE": "/dev/null"}  # fmt: skip
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    git(repo, "config", "diff.x.textconv", trap)
    git(repo, "config", "core.fsmonitor", trap)
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "attributes").write_text("*.yaml diff=x\n")
    assert carectl("diff", "-f", "json").out == expected
    assert not tripped.exists()


def test_nothing_is_written(history: Path, carectl: Carectl) -> None:
    before = census(history)
    for words in ([], ["--staged"], ["main", "side"], ["-f", "md"], ["-f", "html"], ["--redact"]):
        carectl("diff", *words)
    assert census(history) == before


# --- which clients ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two(repo: Path) -> Path:
    """Changes at two clients, of the practice and of its staff, and in a file that is no record."""
    dose(repo, "1 tablet", "2 tablets")
    edit(repo / "clients/c-002/client.yaml", "birth_date: 1938-05-08", "birth_date: 1938-05-09")
    edit(repo / "carectl.yaml", "name: Lakeside", "name: Seaside")
    edit(repo / "staff/jo-park.yaml", "languages: [en, ko]", "languages: [en]")
    (repo / "README.txt").write_text("Ours\n")
    return repo


def test_everybody(two: Path, carectl: Carectl) -> None:
    found = data(carectl("diff", "-f", "json"))
    assert sorted({str(item["client"]) for item in found["changes"]}) == ["None", "c-001", "c-002"]
    assert {item["kind"] for item in found["changes"] if item["client"] is None} == {"practice", "staff"}
    assert found["other"] == ["README.txt"]


@pytest.mark.parametrize("words", [["--client", "c-002"], ["--client", "zak"], ["c-002"], ["HEAD", "Stanisław"]])
def test_one_client(two: Path, carectl: Carectl, words: list[str]) -> None:
    done = carectl("diff", *words, "-f", "json")
    assert rules(done) == [("c-002", "client-birth-date-changed")]
    assert data(done)["other"] == []


def test_a_word_is_the_start_of_a_name_and_every_output_says_whose(two: Path, carectl: Carectl, tmp_path: Path) -> None:
    """“No change” of somebody else is the worst answer that a review could give."""
    assert carectl("diff", "varez").code == 3
    assert carectl("diff", "wal").out.splitlines()[1] == "No change in care of c-003 Walter Brandt"
    for form in ("md", "html", "json"):
        said = carectl("diff", "HEAD", "c-003", "-f", form).out
        assert "c-003" in said
        # A comment names no client.
        assert ("Walter" in said) is (form == "html")
    for form in ("text", "md", "html", "json"):
        assert "c-003" in carectl("diff", "c-003", "-f", form, "--redact").out
    found = carectl("diff", "c-003", "stan").out.splitlines()[1]
    assert found == "1 change of 1 client: 1 HIGH; none of c-003 Walter Brandt"


def test_a_word_that_is_a_client_and_a_branch(two: Path, carectl: Carectl) -> None:
    git(two, "branch", "c-002")
    done = carectl("diff", "c-002")
    assert done.code == 2
    assert "--client c-002" in done.err
    assert rules(carectl("diff", "heads/c-002", "--client", "c-002", "-f", "json"))


def test_a_word_that_is_neither(two: Path, carectl: Carectl) -> None:
    done = carectl("diff", "stanislow")
    assert done.code == 3
    assert "no such revision" in done.err
    assert "did you mean c-002 Stanisław O'Żak?" in done.err
    assert carectl("diff", "--client", "nobody").code == 2


def test_files_of_others_are_not_opened(two: Path, carectl: Carectl) -> None:
    (two / "clients/c-003/client.yaml").write_text("[", encoding="utf-8")
    commit(two, "A broken file, and all the rest")
    dose(two, "2 tablets", "3 tablets")
    done = carectl("diff", "-f", "json")
    assert (done.code, done.err) == (0, "")
    assert rules(done) == [("c-001", "med-dose-changed")]


def test_a_client_that_came_and_one_that_went(repo: Path, carectl: Carectl) -> None:
    shutil.rmtree(repo / "clients/c-002")
    (repo / "clients/c-009").mkdir()
    (repo / "clients/c-009/client.yaml").write_text("id: c-009\nname: {given: New, family: One}\nstatus: inquiry\n")
    done = carectl("diff", "-f", "json")
    assert rules(done) == [("c-002", "client-removed"), ("c-009", "client-added")]
    gone, come = data(done)["changes"]
    assert gone["new"] is None
    assert sorted(gone["old"]) == ["client", "visits"]
    assert come["old"] is None
    assert rules(carectl("diff", "--client", "c-002", "-f", "json")) == [("c-002", "client-removed")]
    assert "c-002 Stanisław O'Żak" in carectl("diff").out


def test_a_folder_that_was_moved(repo: Path, carectl: Carectl) -> None:
    (repo / "clients/c-002").rename(repo / "clients/c-020")
    edit(repo / "clients/c-020/client.yaml", "id: c-002", "id: c-020")
    done = carectl("diff")
    assert "All of it stands under c-020 now" in " ".join(done.out.split())
    assert "All of it stood under c-002 before" in " ".join(done.out.split())
    edit(repo / "clients/c-020/client.yaml", "status: active", "status: on_hold")
    # By likeness nobody is taken for somebody.
    assert "was moved" not in carectl("diff").out


def test_a_client_without_client_yaml_did_not_come_or_go(repo: Path, carectl: Carectl) -> None:
    (repo / "clients/c-002/client.yaml").unlink()
    found = data(carectl("diff", "-f", "json"))
    assert "client-removed" not in {item["rule"] for item in found["changes"]}
    commit(repo, "Gone")
    (repo / "clients/c-002/tasks.yaml").write_text("tasks:\n  - {id: call, text: Call}\n")
    assert rules(carectl("diff", "-f", "json")) == [("c-002", "task-added")]


# --- what is told ----------------------------------------------------------------------------------------------------


def test_what_only_looks_different(repo: Path, carectl: Carectl) -> None:
    edit(repo / TASKS, "tasks:\n", "# by day\ntasks:\n\n")
    edit(repo / MEDS, 'times: ["08:00"]', "times:   ['08:00']")
    done = carectl("diff")
    assert done.code == 0
    assert "No change in care" in done.out
    assert f"- {MEDS}\n" in done.out
    assert f"- {TASKS}\n" in done.out
    assert data(carectl("diff", "-f", "json"))["formatting"] == [MEDS, TASKS]


def test_what_only_moved(repo: Path, carectl: Carectl) -> None:
    text = (repo / TASKS).read_text()
    lines = text.splitlines(keepends=True)
    (repo / TASKS).write_text("".join([lines[0], *reversed(lines[1:])]))
    found = data(carectl("diff", "-f", "json"))
    assert found["changes"] == found["formatting"] == []
    assert found["reordered"] == [{"client": "c-001", "kind": "tasks", "record": None, "field": "tasks"}]
    assert "Reordered only: tasks." in carectl("diff").out


def test_a_file_that_was_divided(repo: Path, carectl: Carectl) -> None:
    whole = repo / "clients/c-001/visits.yaml"
    series, _, visits = whole.read_text().partition("visits:\n")
    whole.unlink()
    (repo / "clients/c-001/visits").mkdir()
    (repo / "clients/c-001/visits/series.yaml").write_text(series)
    (repo / "clients/c-001/visits/2026-11.yaml").write_text(f"visits:\n{visits}")
    found = data(carectl("diff", "-f", "json"))
    assert found["changes"] == found["unparsed"] == []
    assert len(found["formatting"]) == 3
    edit(repo / "clients/c-001/visits/2026-11.yaml", "reason: At the eye doctor", "reason: At the dentist")
    found = data(carectl("diff", "-f", "json"))
    assert [item["field"] for item in found["changes"]] == ["reason"]


def test_a_file_among_others_of_its_kind_that_only_looks_different(repo: Path, carectl: Carectl) -> None:
    test_a_file_that_was_divided(repo, carectl)
    commit(repo, "Divided")
    folder = repo / "clients/c-001/visits"
    edit(folder / "series.yaml", "series:\n", "# What repeats\nseries:\n")
    edit(folder / "2026-11.yaml", "reason: At the dentist", "reason: At home")
    found = data(carectl("diff", "-f", "json"))
    assert found["formatting"] == ["clients/c-001/visits/series.yaml"]
    assert [item["field"] for item in found["changes"]] == ["reason"]


def test_waivers(repo: Path, carectl: Carectl) -> None:
    edit(repo / TASKS, "due: 2026-11-20}", "due: 2026-11-20}  # carectl: allow task-overdue -- they are closed")
    found = data(carectl("diff", "-f", "json"))
    expected = {"path": TASKS, "line": 2, "code": "task-overdue", "reason": "they are closed", "added": True}
    assert found["waivers"] == [expected]
    assert f"{TASKS}:2: task-overdue, written: they are closed" in " ".join(carectl("diff").out.split())
    commit(repo, "Waived")
    text = (repo / TASKS).read_text()
    (repo / TASKS).write_text(text.replace("tasks:\n", "tasks:\n  # A waiver that only moved is none that changed\n"))
    assert data(carectl("diff", "-f", "json"))["waivers"] == []
    edit(repo / TASKS, "  # carectl: allow task-overdue -- they are closed", "")
    assert [item["added"] for item in data(carectl("diff", "-f", "json"))["waivers"]] == [False]


def test_sign_offs_are_listed(repo: Path, carectl: Carectl) -> None:
    (repo / "clients/c-001/approvals").mkdir()
    (repo / "clients/c-001/approvals/2026-11-22.yaml").write_text("x: 1\n")
    found = data(carectl("diff", "-f", "json"))
    assert found["approvals"] == ["clients/c-001/approvals/2026-11-22.yaml"]
    assert found["changes"] == found["other"] == []


def test_severities_that_the_practice_raised(repo: Path, carectl: Carectl) -> None:
    edit(repo / TASKS, "due: 2026-11-30", "due: 2026-12-01")
    assert carectl("diff", "--fail-on", "high").code == 0
    with (repo / "carectl.yaml").open("a") as file:
        file.write("review: {severities: {task-due-moved: high}}\n")
    assert carectl("diff", "--fail-on", "high", "--client", "c-001").code == 1


# --- what cannot be read ---------------------------------------------------------------------------------------------

BROKEN = "problems: [\n"
TWICE = "tasks:\n  - {id: call-pt, text: One}\n  - {id: call-pt, text: Two}\n"


@pytest.mark.parametrize("side", ["old", "new", "both"])
@pytest.mark.parametrize(("path", "content", "reason"), [(PLAN, BROKEN, ""), (TASKS, TWICE, "call-pt stands twice")])
@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_a_side_that_cannot_be_read_is_never_no_change(
    repo: Path, carectl: Carectl, side: str, path: str, content: str, reason: str, form: str
) -> None:
    good = (repo / path).read_text()
    if side != "new":
        (repo / path).write_text(content)
        commit(repo, "Broken")
    (repo / path).write_text(good if side == "old" else content + "# more\n" * (side == "both"))
    done = carectl("diff", "-f", form)
    assert done.code == 1
    assert "No change" not in done.out
    assert re.search(rf"{path}:\d+" if form != "json" else path, done.out)
    assert reason in " ".join(done.out.split())
    found = data(carectl("diff", "-f", "json"))
    assert {item["side"] for item in found["unparsed"]} == ({"old", "new"} if side == "both" else {side})
    assert all(item["line"] for item in found["unparsed"])
    assert found["changes"] == found["formatting"] == []


def test_what_is_beside_a_broken_file_is_told(repo: Path, carectl: Carectl) -> None:
    (repo / PLAN).write_text(BROKEN)
    dose(repo, "1 tablet", "2 tablets")
    done = carectl("diff", "-f", "json")
    assert done.code == 1
    assert rules(done) == [("c-001", "med-dose-changed")]
    assert "not whole" in done.err


def test_a_client_whose_own_file_is_broken_did_not_go(repo: Path, carectl: Carectl) -> None:
    (repo / "clients/c-002/client.yaml").write_text("id: c-002\nid: c-002\n")
    done = carectl("diff", "-f", "json")
    assert done.code == 1
    assert data(done)["changes"] == []
    assert data(done)["unparsed"][0]["path"] == "clients/c-002/client.yaml"


def test_an_id_that_stands_in_two_months(repo: Path, carectl: Carectl) -> None:
    folder = repo / "clients/c-003/notes"
    folder.mkdir()
    note = "  - {{id: n-1, at: 2026-{}-05T10:00, text: Hello}}\n"
    (folder / "2026-10.yaml").write_text("notes:\n" + note.format(10))
    (folder / "2026-11.yaml").write_text("notes: []\n")
    commit(repo, "Notes")
    (folder / "2026-11.yaml").write_text("notes:\n" + note.format(11))
    done = carectl("diff", "-f", "json")
    assert done.code == 1
    assert data(done)["changes"] == []
    assert [item["kind"] for item in data(done)["unparsed"]] == ["notes"]


def test_months_that_did_not_change_are_not_opened(repo: Path, carectl: Carectl) -> None:
    folder = repo / "clients/c-003/notes"
    folder.mkdir()
    (folder / "2026-10.yaml").write_text("notes: [\n")
    (folder / "2026-11.yaml").write_text("notes: []\n")
    commit(repo, "Notes")
    (folder / "2026-11.yaml").write_text("notes:\n  - {id: n-1, at: 2026-11-05T10:00, text: Hello}\n")
    assert rules(carectl("diff", "-f", "json")) == [("c-003", "note-added")]


def test_a_file_of_a_wrong_name(repo: Path, carectl: Carectl) -> None:
    (repo / MEDS).rename(repo / "clients/c-001/medication.yaml")
    done = carectl("diff", "-f", "json")
    assert done.code == 1
    assert data(done)["changes"] == []
    assert "medications" in {item["kind"] for item in data(done)["unparsed"]}


def test_a_link_in_the_place_of_a_file(repo: Path, carectl: Carectl) -> None:
    (repo / MEDS).unlink()
    (repo / MEDS).symlink_to("/etc/passwd")
    done = carectl("diff", "-f", "json")
    assert done.code == 1
    assert data(done)["unparsed"][0]["path"] == MEDS
    assert "root:" not in done.out + done.err


@pytest.mark.parametrize("what", ["link", "submodule"])
def test_a_client_whose_folder_is_kept_elsewhere_did_not_go(repo: Path, carectl: Carectl, what: str) -> None:
    edit(repo / "clients/c-002/client.yaml", "birth_date: 1938", "# carectl: allow x-y -- because\nbirth_date: 1938")
    commit(repo, "A waiver")
    folder, outside = repo / "clients/c-002", repo.parent / "elsewhere"
    folder.rename(outside)
    if what == "link":
        folder.symlink_to(outside)
    else:
        git(outside, "init", "--quiet", "--template=")
        commit(outside)
        outside.rename(folder)
        git(repo, "rm", "-rq", "--cached", "clients/c-002")
    commit(repo, "Elsewhere")
    done = carectl("diff", "HEAD~1", "HEAD", "-f", "json")
    assert done.code == 1
    found = data(done)
    assert found["changes"] == found["waivers"] == found["formatting"] == []
    assert [item["path"] for item in found["unparsed"]] == ["clients/c-002"]


def test_a_conflict_that_nobody_answered(repo: Path, carectl: Carectl) -> None:
    git(repo, "checkout", "--quiet", "-b", "other")
    dose(repo, "1 tablet", "2 tablets")
    commit(repo, "Two")
    git(repo, "checkout", "--quiet", "main")
    dose(repo, "1 tablet", "3 tablets")
    commit(repo, "Three")
    with pytest.raises(Exception, match="merge"):
        git(repo, "merge", "--quiet", "other")
    for words in ([], ["--staged"]):
        done = carectl("diff", *words, "-f", "json")
        assert done.code == 1
        assert [item["path"] for item in data(done)["unparsed"]] == [MEDS]
        assert data(done)["changes"] == []


# --- how it ends, and where it goes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "codes"), [(None, (0, 0, 0)), ("high", (1, 0, 0)), ("medium", (1, 1, 0)), ("low", (1, 1, 1))]
)
@pytest.mark.parametrize("redact", [False, True])
def test_fail_on(repo: Path, carectl: Carectl, level: str | None, codes: Sequence[int], redact: bool) -> None:
    words = ["--fail-on", level] * (level is not None) + ["--redact"] * redact
    words = [word for word in words if word is not None]
    assert carectl("diff", *words).code == 0
    edits = [(MEDS, "dose: 1 tablet", "dose: 2 tablets"), (PLAN, "due: 2026-11-05", "due: 2026-12-05"),
             ("clients/c-001/contacts.yaml", "neighbor}", "neighbor, language: en}")]  # fmt: skip
    for (path, old, new), code in zip(edits, codes, strict=True):
        edit(repo / path, old, new)
        assert carectl("diff", *words).code == code, (path, carectl("diff").out)
        edit(repo / path, new, old)


@pytest.mark.parametrize("name", ["x.md", "x.html", "x.json", "x.txt"])
def test_into_a_file(repo: Path, carectl: Carectl, tmp_path: Path, name: str) -> None:
    dose(repo, "1 tablet", "2 tablets")
    done = carectl("diff", "-o", str(tmp_path / name))
    assert (done.code, done.out) == (0, "")
    file = tmp_path / name
    form = {"txt": "text"}.get(file.suffix[1:], file.suffix[1:])
    assert file.read_text() == carectl("diff", "-f", form).out
    assert file.stat().st_mode & 0o077 == 0


def test_the_same_bytes_from_anywhere(repo: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    dose(repo, "1 tablet", "2 tablets")
    first = carectl("diff", "-f", "json").out
    monkeypatch.chdir(repo / "clients")
    assert carectl("diff", "-f", "json").out == first
    monkeypatch.chdir("/")
    assert carectl("diff", "-f", "json", "--caseload", str(repo)).out == first


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
@pytest.mark.parametrize("what", ["all new", "all changed", "all broken"])
def test_nothing_of_the_records_gets_out_redacted(tmp_path: Path, carectl: Carectl, form: str, what: str) -> None:
    root = tmp_path / "canary"
    places = build(root)
    files = sorted(root.rglob("*.yaml"))
    whole = {path: path.read_bytes() for path in files}
    for path in files:
        content = re.sub(rb"zq[0-9]{4}x", b"other", whole[path]) if what == "all changed" else b"x: [\n"
        path.write_bytes(content if what != "all new" or path.name == "carectl.yaml" else b"")
    if what == "all new":
        (root / "carectl.yaml").write_bytes(b"practice: {name: A, timezone: America/Chicago}\n")
    git(root, "init", "--quiet", "--template=", "--initial-branch=zqbranch")
    commit(root)
    for path, content in whole.items():
        path.write_bytes(content)
    (root / "zqfile.txt").write_text("x")
    words = ["--caseload", str(root), "--redact", "-f", form]
    for more in ([], ["zqbranch"]):
        done = carectl("diff", *more, *words)
        assert done.code == (1 if what == "all broken" else 0), done.err
        said = done.out + done.err
        assert leaks(said, {**places, "zqbranch": "branch", "zqfile": "file"}, allowed=("client.id",)) == {}
        if what != "all broken":
            assert len(leaks(carectl("diff", "--caseload", str(root), "-f", "json").out, places)) > 100


FORMS = {"text": "txt", "md": "md", "html": "html", "json": "json"}
DOCS = Path(__file__).parents[2]


@pytest.mark.parametrize("form", FORMS)
def test_the_example_is_told_as_a_person_last_read_it(rosa: Path, carectl: Carectl, form: str) -> None:
    done = carectl("diff", "-f", form, "--now", NOW)
    assert (done.code, done.err) == (0, "")
    golden(f"diff-rosa.{FORMS[form]}", done.out.replace(head(rosa), "0" * 40).replace(head(rosa)[:9], "0" * 9))


def test_the_example_redacted(rosa: Path, carectl: Carectl) -> None:
    golden("diff-rosa-redacted.md", carectl("diff", "--redact", "-f", "md").out.replace(head(rosa)[:12], "0" * 12))


def test_the_page_about_reviews_shows_what_is_printed(rosa: Path, carectl: Carectl) -> None:
    shown = carectl("diff", "--now", NOW).out.replace(head(rosa)[:9], "3f2a1bc4d")
    indented = "".join(f"    {line}\n" if line else "\n" for line in shown.splitlines())
    assert indented in (DOCS / "docs" / "review.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_is_printed(tmp_path: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    root = example(tmp_path / "example")
    monkeypatch.chdir(root)
    monkeypatch.setenv("CARECTL_NOW", "2026-11-22")
    readme = (DOCS / "README.md").read_text(encoding="utf-8")
    begin = readme.index("$ carectl med change rosa furosemide --dose")
    commands, _, said = readme[begin : readme.index("```", begin)].partition("$ carectl diff\n")
    for line in commands.splitlines():
        assert carectl(*shlex.split(line)[2:]).code == 0
    assert carectl("diff").out.replace(head(root)[:9], "3f2a1bc4d") == said


def head(root: Path) -> str:
    """The id of the last commit."""
    return git(root, "rev-parse", "HEAD")

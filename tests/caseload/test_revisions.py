"""The caseload as git keeps it: what each side holds, what differs, who changed what; and repositories that are odd."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_repository import ADA, Repo

from carectl.caseload import reader
from carectl.caseload.load import Loader, load
from carectl.caseload.revisions import FOLDER, STAGED, Repository, Side
from carectl.caseload.states import state
from carectl.caseload.trees import FolderTree, Tree, client_folders
from carectl.errors import EnvironmentProblem, UsageError
from carectl.findings import Finding

FILES = {
    "carectl.yaml": "practice: {name: Lakeside, coordinator: dana, timezone: America/Chicago}\n",
    "staff/dana.yaml": "id: dana\nname: {given: Dana, family: Whitfield}\nrole: coordinator\n",
    "clients/c-001/client.yaml": "id: c-001\nname: {given: Rosa, family: Alvarez}\nstatus: inquiry\n",
    "clients/c-001/notes.yaml": "notes: []\n",
    "clients/c-001/visits/2026-11.yaml": "visits: []\n",
    "clients/c-002/client.yaml": "id: c-002\nname: {given: Walter, family: Brandt}\nstatus: inquiry\n",
}
NOTES = "clients/c-001/notes.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A caseload, committed once."""
    return Repo.begin(tmp_path / "caseload", FILES)


@pytest.fixture
def opened(repo: Repo) -> Iterator[Repository]:
    """The same as carectl reads it."""
    with Repository.of(repo.root, os.environ) as repository:
        yield repository


def again(repo: Repo, below: str = "") -> Repository:
    """The repository as it is now."""
    return Repository.of(repo.root / below, os.environ)


def told(answer: bytes | list[tuple[str, bool]] | Finding) -> str:
    """What a finding says."""
    assert isinstance(answer, Finding)
    return f"{answer.code} {answer.path}: {answer.message}"


def everything(tree: Tree, folder: str = "") -> dict[str, bytes]:
    """Every file that a tree shows."""
    found: dict[str, bytes] = {}
    names = tree.names(folder)
    assert not isinstance(names, Finding)
    assert names == sorted(names)
    for name, is_folder in names:
        path = f"{folder}/{name}" if folder else name
        if is_folder:
            found |= everything(tree, path)
        else:
            raw = tree.read(path)
            assert isinstance(raw, bytes)
            found[path] = raw
    return found


# --- what a side holds -----------------------------------------------------------------------------------------------


def test_each_side_is_a_tree(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write({NOTES: "notes: [] # staged\n"})
    repo.git("add", "--all")
    repo.write({NOTES: "notes: [] # written\n", ".hidden": ""})
    with again(repo) as repository:
        texts = {side: everything(repository.tree(side)) for side in (first, STAGED, FOLDER)}
        assert texts[first] == {name: text.encode() for name, text in FILES.items()}
        assert texts[STAGED] == texts[first] | {NOTES: b"notes: [] # staged\n"}
        assert texts[FOLDER] == texts[first] | {NOTES: b"notes: [] # written\n"} == everything(FolderTree(repo.root))
        for side in (first, STAGED, FOLDER):
            tree = repository.tree(side)
            assert client_folders(tree) == ["c-001", "c-002"]
            assert [chart.id for chart in Loader(tree).charts()] == ["c-001", "c-002"]
            assert load(tree)[0].practice is not None
            assert tree.names("clients/c-009") == tree.names(f"{NOTES}/x") == tree.names(NOTES) == []
            for path, words in {
                "clients": "file-not-a-file clients: there is a folder here where a file should be",
                "clients/c-009/client.yaml": "file-unreadable clients/c-009/client.yaml: there is no such file",
            }.items():
                assert told(tree.read(path)) == words


def test_a_caseload_in_a_folder_of_a_larger_repository(tmp_path: Path) -> None:
    repo = Repo.begin(tmp_path, {f"care/lake/{name}": text for name, text in FILES.items()} | {"other.txt": "x"})
    first = repo.git("rev-parse", "HEAD")
    repo.write({"other.txt": "y", f"care/lake/{NOTES}": "notes: [] \n", "care/new": ""})
    with again(repo, "care/lake") as repository:
        assert repository.prefix == "care/lake/"
        assert everything(repository.at(first)) == {name: text.encode() for name, text in FILES.items()}
        assert everything(repository.staged()) == everything(repository.at(first))
        assert repository.changed(first, FOLDER) == repository.changed(STAGED, FOLDER) == [NOTES]
        assert repository.changed(first, STAGED) == []
        repo.commit("One more")
        assert [commit.paths for commit in repository.log()] == [(NOTES,), tuple(sorted(FILES))]


def test_a_commit_from_before_the_caseload(tmp_path: Path) -> None:
    repo = Repo.begin(tmp_path, {"other.txt": "x"})
    first = repo.git("rev-parse", "HEAD")
    second = repo.commit("The caseload", {f"care/{name}": text for name, text in FILES.items()})
    with again(repo, "care") as repository:
        assert repository.at(first).names("") == []
        assert repository.changed(first, second) == repository.changed(first, FOLDER) == sorted(FILES)


def test_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    second = repo.commit("Second", {NOTES: "notes: [] # 2\n"})
    repo.git("worktree", "add", "--quiet", "--detach", os.fspath(tmp_path / "elsewhere"), "HEAD~1")
    elsewhere = Repo(tmp_path / "elsewhere")
    elsewhere.write({"clients/c-002/notes.yaml": "notes: []\n"})
    elsewhere.git("add", "clients/c-002/notes.yaml")
    with again(elsewhere) as repository:
        head = repository.commit("HEAD")
        assert head == repo.git("rev-parse", "HEAD~1")
        assert repository.changed(head, STAGED) == repository.changed(head, FOLDER) == ["clients/c-002/notes.yaml"]
        assert repository.changed(head, second) == [NOTES]
    with again(repo) as repository:
        assert repository.changed(repository.commit("HEAD"), FOLDER) == []


def test_a_caseload_that_is_a_submodule(repo: Repo, tmp_path: Path) -> None:
    outer = Repo.begin(tmp_path / "outer", {"readme": ""})
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", os.fspath(repo.root), "care")
    (outer.root / "care" / NOTES).write_text("notes: [ ]\n", encoding="utf-8")
    with again(outer, "care") as repository:
        assert repository.prefix == ""
        assert repository.changed(repository.commit("HEAD"), FOLDER) == [NOTES]


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    repo = Repo.begin(tmp_path / "caseload", None, "--object-format=sha256")
    first = repo.commit("Begin", FILES)
    repo.write({NOTES: "notes: [ ]\n"})
    os.utime(repo.root / "carectl.yaml", (0, 0))  # looked into, and found to be the same
    with again(repo) as repository:
        assert len(first) == 64
        assert everything(repository.at(first))[NOTES] == b"notes: []\n"
        assert repository.changed(first, FOLDER) == [NOTES]


# --- what differs ----------------------------------------------------------------------------------------------------


def test_what_differs(repo: Repo, opened: Repository) -> None:
    first = repo.git("rev-parse", "HEAD")
    (repo.root / "clients/c-002/client.yaml").unlink()
    second = repo.commit("Second", {NOTES: "notes: [] # 2\n", "clients/c-003/notes.yaml": "notes: []\n"})
    repo.write({"clients/c-001/tasks.yaml": "tasks: []\n"})
    repo.git("add", "--all")
    repo.write({"new.yaml": "", ".gitignore": "*.tmp\n", "left.tmp": ""})
    (repo.root / "staff/dana.yaml").unlink()
    (repo.root / "carectl.yaml").chmod(0o755)
    gone, come = "clients/c-002/client.yaml", "clients/c-003/notes.yaml"
    differences: dict[tuple[Side, Side], list[str]] = {
        (first, second): [NOTES, gone, come],
        (second, STAGED): ["clients/c-001/tasks.yaml"],
        (STAGED, FOLDER): [".gitignore", "new.yaml", "staff/dana.yaml"],
        (second, FOLDER): [".gitignore", "clients/c-001/tasks.yaml", "new.yaml", "staff/dana.yaml"],
        (first, STAGED): [NOTES, "clients/c-001/tasks.yaml", gone, come],
        (first, FOLDER): [".gitignore", NOTES, "clients/c-001/tasks.yaml", gone, come, "new.yaml", "staff/dana.yaml"],
        (first, first): [], (STAGED, STAGED): [], (FOLDER, FOLDER): [],
    }  # fmt: skip
    for (old, new), paths in differences.items():
        assert opened.changed(old, new) == opened.changed(new, old) == sorted(paths)


def test_the_content_counts_and_not_the_clock(repo: Repo) -> None:
    """A file of the same length whose time was set back is seen; one that was only touched is not."""
    path = repo.root / NOTES
    os.utime(path, (1_000_000_000, 1_000_000_000))
    repo.git("add", "--all")
    head = repo.git("rev-parse", "HEAD")
    os.utime(repo.root / "carectl.yaml", (1, 1))
    assert again(repo).changed(head, FOLDER) == []
    path.write_text("notes: {}\n", encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert again(repo).changed(head, FOLDER) == [NOTES]


def test_changed_in_the_second_of_the_commit(repo: Repo) -> None:
    """What git remembers of a file that is as young as its index is not believed: git itself looks twice, too."""
    with again(repo) as repository:
        index = repo.root / ".git/index"
        written = int((repo.root / NOTES).stat().st_mtime)
        for second, is_sure in ((written, False), (written + 1, True)):
            os.utime(index, (second, second))
            repository.use_index(index)
            staged = repository._listed().files[NOTES]
            assert (staged.seen is not None) is is_sure


def test_files_that_git_was_told_not_to_look_at(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    for flag in ("--assume-unchanged", "--skip-worktree"):
        repo.git("update-index", flag, NOTES)
        repo.write({NOTES: "notes: [] # changed\n"})
        assert again(repo).changed(head, FOLDER) == [NOTES]
        repo.write({NOTES: "notes: []\n"})
        assert again(repo).changed(head, FOLDER) == []


def test_announced_and_not_staged(repo: Repo, opened: Repository) -> None:
    repo.write({"clients/c-001/tasks.yaml": "tasks: []\n"})
    repo.git("add", "--intent-to-add", "clients/c-001/tasks.yaml")
    head = opened.commit("HEAD")
    assert opened.changed(head, STAGED) == []
    assert "clients/c-001/tasks.yaml" not in everything(opened.staged())
    assert opened.changed(head, FOLDER) == opened.changed(STAGED, FOLDER) == ["clients/c-001/tasks.yaml"]


def test_not_merged(repo: Repo, opened: Repository) -> None:
    head = opened.commit("HEAD")
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {NOTES: "notes: [] # side\n"})
    repo.git("switch", "--quiet", "main")
    repo.commit("Main", {NOTES: "notes: [] # main\n"})
    repo.git("merge", "--quiet", "side", fine=(1,))
    assert told(opened.staged().read(NOTES)) == (
        f"file-unreadable {NOTES}: two versions of this file are not merged yet"
    )
    names = opened.staged().names("clients/c-001")
    assert not isinstance(names, Finding)
    assert ("notes.yaml", False) in names
    for old, new in ((head, STAGED), (head, FOLDER), (STAGED, FOLDER), (repo.git("rev-parse", "HEAD"), FOLDER)):
        assert opened.changed(old, new) == [NOTES]


def test_what_is_staged_before_the_first_commit(tmp_path: Path) -> None:
    repo = Repo.begin(tmp_path)
    repo.write(FILES)
    with again(repo) as repository:
        assert repository.staged().names("") == []
        assert repository.changed(STAGED, FOLDER) == sorted(FILES)
    repo.git("add", "--all")
    with again(repo) as repository:
        assert everything(repository.staged()) == {name: text.encode() for name, text in FILES.items()}
        assert repository.changed(STAGED, FOLDER) == []


def test_clients_that_came_and_went_whole(repo: Repo, opened: Repository) -> None:
    first = opened.commit("HEAD")
    repo.git("rm", "--quiet", "-r", "clients/c-001")
    second = repo.commit("Gone", {"clients/c-003/client.yaml": "id: c-003\nstatus: inquiry\n"})
    mine = [name for name in FILES if name.startswith("clients/c-001/")]
    assert opened.changed(first, second) == sorted([*mine, "clients/c-003/client.yaml"])
    assert client_folders(opened.at(first)) == ["c-001", "c-002"]
    assert client_folders(opened.at(second)) == ["c-002", "c-003"]


def test_links(repo: Repo, opened: Repository, tmp_path: Path) -> None:
    """A link is a finding on every side of git; that a file or folder became one is a change."""
    first = opened.commit("HEAD")
    clients = repo.root / "clients"
    (clients / "c-001/tasks.yaml").symlink_to("notes.yaml")
    (clients / "c-003").symlink_to("c-001")
    (clients / "c-002").rename(tmp_path / "c-002")
    (clients / "c-002").symlink_to(tmp_path / "c-002")
    linked = ["clients/c-001/tasks.yaml", "clients/c-002", "clients/c-003"]
    assert opened.changed(first, FOLDER) == sorted([*linked, "clients/c-002/client.yaml"])
    second = repo.commit("Links")
    assert again(repo).changed(second, FOLDER) == []
    for tree in (opened.at(second), again(repo).staged()):
        assert client_folders(tree) == ["c-001", "c-002", "c-003"]  # none seems to be gone
        words = "in git this is a link, which is not followed"
        assert told(tree.names("clients/c-002")) == f"file-unreadable clients/c-002: {words}"
        assert told(tree.read("clients/c-003/notes.yaml")) == f"file-unreadable clients/c-003: {words}"
        assert told(tree.read("clients/c-001/tasks.yaml")) == f"file-unreadable clients/c-001/tasks.yaml: {words}"
        # Whoever compares them is told the same, of every kind that may be there.
        assert {item[::3] for item in state(tree, "c-002").unread} == {("clients/c-002", words)}
    (clients / "c-003").unlink()
    (clients / "c-003").symlink_to("c-002")
    assert again(repo).changed(second, FOLDER) == ["clients/c-003"]


def test_a_submodule_among_the_clients(repo: Repo, tmp_path: Path) -> None:
    other = Repo.begin(tmp_path / "other", {"client.yaml": "id: c-004\nstatus: inquiry\n"})
    for path in ("clients/c-004", "letters"):
        repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", os.fspath(other.root), path)
    head = repo.commit("Submodules")
    repo.write({"clients/c-004/client.yaml": "id: c-004\nstatus: active\n"})
    with again(repo) as repository:
        words = "this belongs to another git repository (a submodule), which is not looked into"
        for tree in (repository.at(head), repository.staged()):
            assert client_folders(tree) == ["c-001", "c-002", "c-004"]
            assert told(tree.names("clients/c-004")) == f"file-unreadable clients/c-004: {words}"
            assert told(tree.read("clients/c-004/client.yaml")) == f"file-unreadable clients/c-004: {words}"
        assert repository.changed(head, FOLDER) == repository.changed(STAGED, FOLDER) == ["clients/c-004"]
        assert repository.changed(head, STAGED) == []


def test_large_and_binary_files(repo: Repo) -> None:
    """Whatever does not fit is not read, and does not stop what comes after it."""
    head = repo.commit(
        "Scans",
        {
            "clients/c-001/scan.pdf": bytes(range(256)) * 4_000,
            "clients/c-001/tasks.yaml": b"# " + b"x" * reader.MAX_BYTES,
            "clients/c-002/notes.yaml": b"#" + b"x" * (reader.MAX_BYTES - 2) + b"\n",
        },
    )
    with again(repo) as repository:
        for tree in (repository.at(head), repository.staged(), repository.folder()):
            assert told(tree.read("clients/c-001/tasks.yaml")) == (
                "yaml-too-large clients/c-001/tasks.yaml: the file is too large: a file holds at most 5 MiB"
            )
            assert tree.read("clients/c-001/scan.pdf") == bytes(range(256)) * 4_000
            assert tree.read("clients/c-002/notes.yaml") == b"#" + b"x" * (reader.MAX_BYTES - 2) + b"\n"
            assert tree.read(NOTES) == b"notes: []\n"
        os.utime(repo.root / "clients/c-001/tasks.yaml", (1, 1))
        assert repository.changed(head, FOLDER) == []


ODD = ("line\nbreak.yaml", 'quo"te.yaml', "tab\tand space .yaml", "? 100644.yaml", ":(glob)x", "-rf", "\x1b[2J", "ÿ é")


def test_odd_names(repo: Repo, opened: Repository) -> None:
    folder = "clients/c-001/odd\nfolder"
    raw = b"clients/c-001/latin-\xe9.yaml"
    names = [f"{folder}/{name}" for name in ODD] + [os.fsdecode(raw)]
    first = opened.commit("HEAD")
    repo.write(dict.fromkeys(names, "x\n"))
    assert opened.changed(first, FOLDER) == sorted(names)
    second = repo.commit("Odd")
    with again(repo) as repository:
        assert repository.changed(first, second) == repository.changed(first, STAGED) == sorted(names)
        assert repository.changed(second, FOLDER) == []
        for tree in (repository.at(second), repository.staged()):
            assert tree.names(folder) == sorted((name, False) for name in ODD)
            assert all(tree.read(name) == b"x\n" for name in names)
        assert [commit.paths for commit in repository.log([folder])] == [tuple(sorted(names[:-1]))]
        assert [step.commit.id for step in repository.follow("clients/c-001")] == [second, first]


@pytest.mark.parametrize(
    "listed",
    [
        b"100644 ..\0" + bytes(20), b"100644 a/b\0" + bytes(20), b"100644 \0" + bytes(20), b"100644 a\0" + bytes(19),
        (b"100644 a\0" + bytes(20)) * 2, b"100644 a", b"999999 a\0" + bytes(20),
    ],
)  # fmt: skip
def test_a_folder_that_was_made_to_mislead(repo: Repo, listed: bytes) -> None:
    """Git lets anybody store such a folder; nothing is concluded from it."""
    tree = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=listed)
    above = repo.git("mktree", given=f"040000 tree {tree}\tclients\n".encode())
    commit = repo.git("commit-tree", "-m", "x", above)
    with again(repo) as repository:
        assert told(repository.at(commit).names("clients")).startswith("file-unreadable clients: git has lost this")
        assert told(repository.at(commit).read("clients/a")).startswith("file-unreadable clients: git has lost this")
        with pytest.raises(EnvironmentProblem, match="git fsck"):
            repository.changed(repository.commit("HEAD"), commit)


# --- revisions -------------------------------------------------------------------------------------------------------


def test_names_of_revisions(repo: Repo, opened: Repository) -> None:
    first = repo.git("rev-parse", "HEAD")
    second = repo.commit("Second")
    repo.git("tag", "-a", "-m", "x", "v1", "HEAD~1")
    for name, commit in {
        "HEAD": second,
        "main": second,
        "@": second,
        "v1": first,
        "HEAD~": first,
        first[:9]: first,
    }.items():
        assert opened.commit(name) == commit
    assert opened.parents(second) == (first,)
    assert opened.merge_base(first, second) == first
    repo.git("switch", "--quiet", "--detach", "HEAD~1")
    assert opened.commit("HEAD") == first


@pytest.mark.parametrize(
    "name", ["nothing", "HEAD~7", "HEAD:clients", "v9^{tree}", "0" * 40, "a..b", "^HEAD", "clients"]
)
def test_no_such_revision(opened: Repository, name: str) -> None:
    with pytest.raises(EnvironmentProblem, match="no such revision here"):
        opened.commit(name)


@pytest.mark.parametrize("name", ["", "-x", "--all", "HEAD\nmain", "HEAD\0"])
def test_what_can_be_no_revision(opened: Repository, name: str) -> None:
    with pytest.raises(UsageError, match="a revision is"):
        opened.commit(name)


def test_no_commit_in_common(repo: Repo, opened: Repository) -> None:
    first = opened.commit("HEAD")
    repo.git("switch", "--quiet", "--orphan", "other")
    assert opened.merge_base(first, repo.commit("Other")) is None


def test_nothing_committed(tmp_path: Path) -> None:
    repo = Repo.begin(tmp_path)
    for name in ("HEAD", "main"):
        with pytest.raises(EnvironmentProblem, match="nothing is committed here yet"):
            again(repo).commit(name)


def test_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    for number in range(3):
        repo.commit(f"{number}", {NOTES: f"notes: [] # {number}\n"})
    repo.git("branch", "old", first)
    repo.git(
        "clone", "--quiet", "--depth=2", "--no-single-branch", f"file://{repo.root}", os.fspath(tmp_path / "shallow")
    )
    with again(Repo(tmp_path / "shallow")) as repository:
        assert repository.shallow
        for name in ("HEAD~2", repo.git("rev-parse", "HEAD~2")):
            with pytest.raises(EnvironmentProblem, match=r"(?s)shallow.*git fetch --unshallow"):
                repository.commit(name)
        with pytest.raises(EnvironmentProblem, match="git fetch --unshallow"):
            repository.merge_base(repository.commit("HEAD"), first)
        last, oldest = repository.log([NOTES])
        assert (last.paths, last.cut) == ((NOTES,), False)
        assert oldest.cut
        assert [step.commit.cut for step in repository.follow("clients/c-001")] == [False, True]


def test_where_there_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentProblem, match="this caseload is in no git repository"):
        Repository.of(tmp_path, os.environ)
    repo = Repo.begin(tmp_path / "bare", None, "--bare")
    with pytest.raises(EnvironmentProblem, match="does not keep this folder"):
        again(repo)
    repo = Repo.begin(tmp_path / "odd", FILES)
    repo.git("config", "core.worktree", os.fspath(tmp_path / "bare"))
    with pytest.raises(EnvironmentProblem, match="does not keep this folder"):
        again(repo)
    (repo.root / ".git/config").write_text("[core\n", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="git cannot read the repository"):
        again(repo)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(EnvironmentProblem, match="git is not installed"):
        again(repo)


def test_the_repository_of_somebody_else(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git does not read it, unless the user told it to; nothing else that the user told it counts."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    real = repo.git("--exec-path")
    program.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real}/git "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(EnvironmentProblem, match=r"(?s)belongs to another user.*safe\.directory"):
        again(repo)
    home = Path(os.environ["HOME"])
    (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.root}\n[core]\n\tbare = true\n", encoding="utf-8")
    try:
        with again(repo) as repository:
            assert repository.changed(repository.commit("HEAD"), FOLDER) == []
    finally:
        (home / ".gitconfig").unlink()


def test_a_damaged_repository(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    blob = repo.git("rev-parse", f"HEAD:{NOTES}")
    second = repo.commit("Second", {NOTES: "notes: [] # 2\n"})
    tree = repo.git("rev-parse", "HEAD:clients/c-001")
    third = repo.commit("Third", {NOTES: "notes: [] # 3\n"})
    for name, content in ((blob, b"garbage"), (tree, None)):
        path = repo.root / ".git/objects" / name[:2] / name[2:]
        path.chmod(0o644)
        path.unlink() if content is None else path.write_bytes(content)
    with again(repo) as repository:
        assert told(repository.at(first).read(NOTES)).startswith(f"file-unreadable {NOTES}: git has lost this")
        assert repository.at(first).read("carectl.yaml") == FILES["carectl.yaml"].encode()
        assert told(repository.at(second).names("clients/c-001")).startswith(
            "file-unreadable clients/c-001: git has lost"
        )
        assert repository.changed(first, third) == [NOTES]
        with pytest.raises(EnvironmentProblem, match="git has lost a part"):
            repository.changed(first, second)
        assert [(commit.id, commit.lost) for commit in repository.log(["clients/c-001"])] == [
            (third, True), (second, True), (first, False),
        ]  # fmt: skip
        with pytest.raises(EnvironmentProblem, match="git has lost a part"):
            repository.at("1" * 40)


# --- history ---------------------------------------------------------------------------------------------------------


def test_what_a_commit_says(repo: Repo, opened: Repository) -> None:
    message = "c-001 notes:\n1 added\n\nAfter the fall.\n\nMore.\n\nReason: new order\n by phone\nReviewed-by: Dr. Lee"
    repo.commit(message, at="2026-11-20T10:15:00-06:00", authored="2026-11-01T08:00:00+05:30", author=ADA)
    commit = opened.about(opened.commit("HEAD"))
    assert (commit.subject, commit.body) == ("c-001 notes: 1 added", "After the fall.\n\nMore.")
    assert commit.trailers == (("Reason", "new order by phone"), ("Reviewed-by", "Dr. Lee"))
    assert (commit.author.name, commit.author.email) == ("Ada Nowak", "ada@lakeside.example")
    assert commit.author.at == dt.datetime.fromisoformat("2026-11-01T08:00:00+05:30")
    assert commit.author.at is not None
    assert commit.author.at.utcoffset() == dt.timedelta(hours=5, minutes=30)
    assert commit.committer.at == dt.datetime.fromisoformat("2026-11-20T10:15:00-06:00")
    assert not commit.signed


def stored(repo: Repo, *headers: bytes, message: bytes = b"x") -> str:
    """A commit as anybody could store it."""
    raw = b"\n".join([b"tree " + repo.git("rev-parse", "HEAD^{tree}").encode(), *headers, b"", message])
    return repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", given=raw)


def test_commits_as_anybody_could_store_them(repo: Repo, opened: Repository) -> None:
    dana = b"Dana <d@x> 1795000000 -0600"
    for author, name, moment in (
        (b"author Dana <d@x> 99999999999999 +0000", "Dana <d@x> 99999999999999 +0000", False),
        (b"author Dana <d@x> 999999999999 +0000", "Dana", False),
        (b"author Dana <d@x> 253402300799 +0000", "Dana", False),
        (b"author Dana <d@x> 1795000000 +9999", "Dana", False),
        (b"author Dana <d@x> -5000 -0330", "Dana", True),
        (b"author <> 0 +0000", "", True),
        (b"author Dana", "Dana", False),
        (b"x y", "", False),
    ):
        commit = opened.about(stored(repo, author, b"committer " + dana))
        assert (commit.author.name, commit.author.at is not None) == (name, moment)
        assert commit.committer.at is not None
    latin = opened.about(
        stored(repo, b"author Zo\xe9 <> 0 +0000", b"encoding ISO-8859-1", message=b"Sofi\xe9\n\nno: \xe9")
    )
    assert (latin.author.name, latin.subject, latin.trailers) == ("Zoé", "Sofié", (("no", "é"),))
    assert opened.about(stored(repo, b"encoding zip", message=b"\xff")).subject == "�"
    assert opened.about(stored(repo, b"gpgsig -----BEGIN", b" parent 1", message=b"")).signed
    for message, body, trailers in (
        (b"s\n\nReason: why\nand more", "Reason: why\nand more", ()),
        (b"s\n\nReason:none", "Reason:none", ()),
        (b"Reason: s", "", ()),
        (b"s\n\n\n\nReason: why\n", "", (("Reason", "why"),)),
    ):
        commit = opened.about(stored(repo, b"author " + dana, message=message))
        assert (commit.body, commit.trailers) == (body, trailers)
    no_tree = repo.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", given=b"parent x\n\nx")
    with pytest.raises(EnvironmentProblem, match="git has lost a part"):
        opened.about(no_tree)


def test_a_merge_shows_what_it_made_itself(repo: Repo, opened: Repository) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    side = repo.commit("Side", {NOTES: "notes: [] # side\n"}, at="2026-11-03T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    main = repo.commit("Main", {"carectl.yaml": FILES["carectl.yaml"] + "# main\n"}, at="2026-11-04T09:00:00-06:00")
    repo.git("merge", "--quiet", "--no-commit", "side")
    merge = repo.commit(
        "Merge", {"staff/dana.yaml": FILES["staff/dana.yaml"] + "# merged\n"}, at="2026-11-05T09:00:00-06:00"
    )
    assert [(commit.id, commit.paths) for commit in opened.log()][:3] == [
        (merge, ("staff/dana.yaml",)), (main, ("carectl.yaml",)), (side, (NOTES,)),
    ]  # fmt: skip
    assert [commit.id for commit in opened.log([NOTES])][:1] == [side]


def test_a_merge_that_left_out_what_one_side_had_changed(repo: Repo, opened: Repository) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    side = repo.commit("Side", {NOTES: "notes: [] # side\n", "carectl.yaml": ""}, at="2026-11-03T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    main = repo.commit("Main", {"clients/c-001/tasks.yaml": "tasks: []\n"}, at="2026-11-04T09:00:00-06:00")
    repo.git("merge", "--quiet", "--strategy=ours", "side", "-m", "Merge")
    merge = opened.commit("HEAD")
    assert [(commit.id, commit.paths, commit.left_out) for commit in opened.log(["clients"])][:3] == [
        (merge, (), (NOTES,)), (main, ("clients/c-001/tasks.yaml",), ()), (side, (NOTES,), ()),
    ]  # fmt: skip
    assert [step.commit.id for step in opened.follow("clients/c-001")][:1] == [merge]
    assert next(opened.log(["clients/c-001/tasks.yaml"])).id == main


def test_a_merge_that_has_a_file_as_one_of_two_sides_made_it(repo: Repo, opened: Repository) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit("Side", {NOTES: "notes: [] # side\n"}, at="2026-11-03T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.commit("Main", {NOTES: "notes: [] # main\n"}, at="2026-11-04T09:00:00-06:00")
    repo.git("merge", "--quiet", "--strategy=ours", "side", "-m", "Merge")
    merge = opened.commit("HEAD")
    first = next(opened.log([NOTES]))
    assert (first.id, first.paths, first.left_out, first.unlike) == (merge, (), (), (NOTES,))
    assert [step.commit.id for step in opened.follow("clients/c-001")][:1] == [merge]


def test_a_client_whose_folder_was_moved(repo: Repo, opened: Repository) -> None:
    first = opened.commit("HEAD")
    repo.git("mv", "clients/c-001", "clients/c-010")
    client = FILES["clients/c-001/client.yaml"].replace("c-001", "c-010")
    moved = repo.commit("Move", {"clients/c-010/client.yaml": client}, at="2026-11-03T09:00:00-06:00")
    # The old id is given to somebody else: that is not the same client's history.
    repo.git("mv", "clients/c-002", "clients/c-001")
    repo.commit("Reuse", {NOTES: "notes: [] # somebody else\n"}, at="2026-11-04T09:00:00-06:00")
    last = repo.commit("Go on", {"clients/c-010/notes.yaml": "notes: [] # 2\n"}, at="2026-11-05T09:00:00-06:00")
    steps = list(opened.follow("clients/c-010"))
    assert [(step.commit.id, step.folder, step.before) for step in steps] == [
        (last, "clients/c-010", ("clients/c-010",)),
        (moved, "clients/c-010", ("clients/c-001",)),
        (first, "clients/c-001", ()),
    ]
    assert steps[1].commit.paths == ("clients/c-010/client.yaml",)  # of what moved, only the id is another
    assert [step.commit.subject for step in opened.follow("clients/c-001")] == ["Reuse", "Begin"]


def test_a_client_who_has_only_one_file(repo: Repo, opened: Repository) -> None:
    repo.git("mv", "clients/c-002", "clients/c-020")
    repo.commit("Move", {"clients/c-020/client.yaml": FILES["clients/c-002/client.yaml"].replace("c-002", "c-020")})
    assert [step.folder for step in opened.follow("clients/c-020")] == ["clients/c-020", "clients/c-002"]


def test_edited_in_another_branch_while_it_was_moved(repo: Repo, opened: Repository) -> None:
    repo.git("switch", "--quiet", "--create", "side")
    side = repo.commit("Side", {NOTES: "notes: [] # side\n"}, at="2026-11-03T09:00:00-06:00")
    repo.git("switch", "--quiet", "main")
    repo.git("mv", "clients/c-001", "clients/c-010")
    moved = repo.commit("Move", at="2026-11-04T09:00:00-06:00")
    repo.git("merge", "--quiet", "side", "-m", "Merge")
    steps = {step.commit.id: step for step in opened.follow("clients/c-010")}
    assert steps[side].folder == "clients/c-001"
    assert steps[moved].before == ("clients/c-001",)
    merge = steps[opened.commit("HEAD")]
    assert (merge.folder, merge.before) == ("clients/c-010", ("clients/c-010", "clients/c-001"))


def test_a_move_is_never_guessed(repo: Repo, opened: Repository) -> None:
    """One client goes and another one comes in the same commit, and they share nothing."""
    repo.git("rm", "--quiet", "-r", "clients/c-002")
    new = {"clients/c-003/client.yaml": "id: c-003\nname: {given: Minh, family: Tran}\nstatus: inquiry\n"}
    commit = repo.commit("Another", new)
    assert [(step.commit.id, step.folder) for step in opened.follow("clients/c-003")] == [(commit, "clients/c-003")]


# --- what a repository could want to run -----------------------------------------------------------------------------


def hostile(repo: Repo, tmp_path: Path) -> Path:
    """Let the repository's own configuration name a program wherever git takes one; gives the program's traces."""
    traces = tmp_path / "traces"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {traces}\nexit 1\n', encoding="utf-8")
    program.chmod(0o755)
    repo.write({".gitattributes": "* filter=evil diff=evil merge=evil text=auto ident\n"})
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message=Attributes")
    # An object that git would fetch, and one commit with a signature that it would have verified.
    lost = repo.git("rev-parse", f"HEAD:{NOTES}")
    (repo.root / ".git/objects" / lost[:2] / lost[2:]).unlink()
    signature = b"gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    parent = b"parent " + repo.git("rev-parse", "HEAD").encode()
    signed = stored(repo, parent, b"author D <d> 0 +0000", b"committer D <d> 0 +0000", signature)
    repo.git("update-ref", "HEAD", signed)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / name).symlink_to(program)
        (repo.root / ".git/hooks").mkdir(exist_ok=True)
        (repo.root / ".git/hooks" / name).symlink_to(program)
    names = (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass",
        "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean",
        "filter.evil.smudge", "filter.evil.process", "merge.evil.driver", "gpg.program", "gpg.ssh.program",
        "gpg.x509.program", "credential.helper", "remote.origin.uploadpack", "remote.origin.receivepack",
        "sequence.editor", "pager.log", "pager.diff", "trailer.reason.command", "interactive.diffFilter",
        "uploadpack.packObjectsHook",
    )  # fmt: skip
    text = "".join(_setting(name, os.fspath(program)) for name in names)
    aliases = ("rev-parse", "cat-file", "rev-list", "ls-files", "diff-index", "merge-base", "log")
    text += "".join(_setting(f"alias.{word}", f"!{program}") for word in aliases)
    text += (
        f"[core]\n\thooksPath = {hooks}\n\trepositoryFormatVersion = 1\n[extensions]\n\tpartialClone = origin\n"
        f'[log]\n\tshowSignature = true\n[remote "origin"]\n\turl = ext::{program} %S\n\tpromisor = true\n'
        f'[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always\n[diff]\n\tignoreSubmodules = all\n'
    )
    (tmp_path / "included").write_text(text, encoding="utf-8")
    with (repo.root / ".git/config").open("a", encoding="utf-8") as config:
        config.write(f'[includeIf "gitdir:{repo.root}/.git"]\n\tpath = {tmp_path}/included\n')
    return traces


def _setting(name: str, value: str) -> str:
    section, _, key = name.rpartition(".")
    head, _, sub = section.partition(".")
    return f'[{head} "{sub}"]\n\t{key} = {value}\n' if sub else f"[{head}]\n\t{key} = {value}\n"


def test_nothing_of_a_hostile_repository_runs(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traces = hostile(repo, tmp_path)
    first = repo.git("rev-list", "--max-parents=0", "HEAD")
    elsewhere = Repo.begin(tmp_path / "elsewhere", {"carectl.yaml": ""})
    program = os.fspath(tmp_path / "program")
    for name, text in {
        "GIT_DIR": os.fspath(elsewhere.root / ".git"), "GIT_WORK_TREE": os.fspath(elsewhere.root),
        "GIT_INDEX_FILE": os.fspath(tmp_path / "index"), "GIT_OBJECT_DIRECTORY": os.fspath(tmp_path),
        "GIT_EXTERNAL_DIFF": program, "GIT_SSH_COMMAND": program, "GIT_PAGER": program, "GIT_NAMESPACE": "x",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": program,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, text)
    for path in repo.root.rglob("*.yaml"):
        path.touch()
    repo.write({"clients/c-002/client.yaml": FILES["clients/c-002/client.yaml"] + "# changed\n", "new.yaml": ""})
    with Repository.of(repo.root, os.environ) as repository:
        head = repository.commit("HEAD")
        everything_but = repository.at(first)
        assert told(everything_but.read(NOTES)).startswith(f"file-unreadable {NOTES}: git has lost this")
        assert repository.changed(head, FOLDER) == ["clients/c-002/client.yaml", "new.yaml"]
        assert repository.changed(head, STAGED) == []
        assert repository.changed(first, head) == [".gitattributes"]
        assert repository.merge_base(first, head) == first
        assert len(list(repository.log())) == 3 - 1  # the commit with the signature changed nothing
        assert [step.folder for step in repository.follow("clients/c-001")] == ["clients/c-001"]
        assert repository.about(head).signed
        assert (list(repository.removed("clients")), repository.disguises()) == ([], [])
    assert not traces.exists()


@pytest.mark.parametrize("words", [("status",), ("diff", "--stat"), ("log", "-1"), ("cat-file", "-p", f"HEAD:{NOTES}")])
def test_and_git_alone_would_have_run_it(repo: Repo, tmp_path: Path, words: tuple[str, ...]) -> None:
    """The repository of the test above is as hostile as it says."""
    traces = hostile(repo, tmp_path)
    repo.write({"carectl.yaml": FILES["carectl.yaml"] + "# changed\n"})
    repo.git(*words, fine=(0, 1, 128, 129))
    assert traces.exists()


def test_replaced_and_grafted_history_is_seen_as_it_was_written(repo: Repo, opened: Repository) -> None:
    first = opened.commit("HEAD")
    second = repo.commit("Second", {NOTES: "notes: [] # 2\n"})
    fake = repo.git("commit-tree", "-m", "Fake", f"{first}^{{tree}}")
    repo.git("replace", second, fake)
    (repo.root / ".git/info").mkdir(exist_ok=True)
    (repo.root / ".git/info/grafts").write_text(f"{second}\n", encoding="utf-8")
    with again(repo) as repository:
        assert repository.at(second).read(NOTES) == b"notes: [] # 2\n"
        assert [commit.id for commit in repository.log([NOTES])] == [second, first]


def test_nobodys_settings_count(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(os.environ["HOME"])
    ignored = home / "config/git/ignore"
    ignored.parent.mkdir(parents=True, exist_ok=True)
    ignored.write_text("*\n", encoding="utf-8")
    (home / ".gitconfig").write_text(
        "[diff]\n\tnoprefix = true\n\trelative = false\n[core]\n\tquotePath = true\n\tautocrlf = true\n",
        encoding="utf-8",
    )
    repo.write({"new.yaml": "", NOTES: "notes: []\r\n"})
    try:
        with again(repo) as repository:
            assert repository.changed(repository.commit("HEAD"), FOLDER) == [NOTES, "new.yaml"]
    finally:
        ignored.unlink()
        (home / ".gitconfig").unlink()


def test_reading_writes_nothing(repo: Repo) -> None:
    os.utime(repo.root / NOTES, (1, 1))
    before = {path: path.stat().st_mtime_ns for path in repo.root.rglob("*")}
    with again(repo) as repository:
        head = repository.commit("HEAD")
        assert repository.changed(head, FOLDER) == repository.changed(head, STAGED) == []
        assert len(list(repository.log())) == 1
    assert {path: path.stat().st_mtime_ns for path in repo.root.rglob("*")} == before


def test_the_process_ends_with_the_repository(repo: Repo) -> None:
    """And begins anew if something else is asked for."""
    repository = again(repo)
    head = repository.commit("HEAD")
    repository.close()
    assert repository.at(head).read(NOTES) == b"notes: []\n"
    repository.close()

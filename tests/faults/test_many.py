"""Many writers at a time: every edit is there, every commit is made, and readers never see half of a file."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

import pytest
from helpers_cli import Tell
from helpers_deeds import DEEDS, build
from helpers_faults import crowd, leftovers

WRITERS, EDITS, ROUNDS, COMMITS = 16, 20, 5, 20


def test_every_edit_is_there(tmp_path: Path, tell: Tell) -> None:
    there, looks, torn = 0, 0, 0
    for number in range(ROUNDS):
        root = tmp_path / str(number)
        build(root, DEEDS["next"])
        notes = root / "clients/c-001/notes.yaml"
        done = threading.Event()

        def look(notes: Path = notes, done: threading.Event = done) -> None:
            nonlocal looks, torn
            most = 0
            while not done.is_set():
                text = notes.read_text(encoding="utf-8")
                count = text.count("{id: n-")
                looks += 1
                torn += not text.endswith("\n") or count < most or text.count("\n") != count + 2
                most = count
                done.wait(0.001)

        reader = threading.Thread(target=look)
        reader.start()
        try:
            assert crowd("edits", root, WRITERS) == 0
        finally:
            done.set()
            reader.join()
        there += len(set(re.findall(r"n-\d+-\d+", notes.read_text(encoding="utf-8"))))
        tasks = (root / "clients/c-001/tasks.yaml").read_text(encoding="utf-8")
        assert len(set(re.findall(r"t-\d+-\d+", tasks))) == WRITERS * EDITS // 5
        assert leftovers(root) == []
    tell(f"writers {there} of {WRITERS * EDITS * ROUNDS} edits are there; {looks} readings, {torn} of half a file")
    assert (there, torn) == (WRITERS * EDITS * ROUNDS, 0)


@pytest.mark.parametrize("what", ["note_and_commit", "only_commit"])
def test_every_commit_is_made(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Tell) -> None:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Dana")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "dana@lakeside.example")
    root = tmp_path / "caseload"
    build(root, DEEDS["next"])
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    for number in range(100, 100 + COMMITS):
        folder = root / f"clients/c-{number}"
        folder.mkdir()
        if what == "only_commit":
            (folder / "notes.yaml").write_text("notes:\n", encoding="utf-8")
    failed = crowd(what, root, COMMITS, first=100)
    log = subprocess.run(["git", "log", "--format=%s", "--name-only"], cwd=root, check=True, capture_output=True).stdout
    subjects, paths = re.findall(rb"(c-\d+) notes: 1 added", log), re.findall(rb"clients/(c-\d+)/notes.yaml", log)
    tell(f"commits {len(set(subjects))} of {COMMITS} at a time ({what})")
    assert failed == 0
    assert subjects == paths
    assert len(set(subjects)) == COMMITS

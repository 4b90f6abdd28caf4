"""carectl diff where something would be hidden from it: it says that it cannot tell, and never that nothing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers_cli import Carectl
from helpers_review import commit, edit, git

CLIENT = "clients/c-001"
MEDS = f"{CLIENT}/medications.yaml"
MORPHINE = 'medications:\n  - {id: morphine, name: Morphine, dose: 100 mg, times: ["08:00"], from: 2026-11-01}\n'


@pytest.fixture
def repo(home: Path) -> Path:
    """The small caseload, committed."""
    git(home, "init", "--quiet", "--template=")
    commit(home)
    return home


def a_link(root: Path) -> None:
    """Records elsewhere, and a link to them in the place of a kind's folder."""
    (root / CLIENT / "extra").mkdir()
    (root / CLIENT / "extra" / "a.yaml").write_text(MORPHINE, encoding="utf-8")
    (root / CLIENT / "medications").symlink_to("extra")


def a_link_alone(root: Path) -> None:
    """The same in the place of the file."""
    a_link(root)
    (root / MEDS).unlink()


def another_repository(root: Path) -> None:
    """A repository inside of this one, of which git keeps a commit's number alone."""
    inner = root / CLIENT / "medications"
    inner.mkdir()
    (inner / "a.yaml").write_text(MORPHINE, encoding="utf-8")
    git(inner, "init", "--quiet", "--template=")
    commit(inner)


def a_file_without_ending(root: Path) -> None:
    """Records under a name that nobody reads."""
    (root / CLIENT / "visits").write_text("visits: []\n", encoding="utf-8")


@pytest.mark.parametrize("hide", [a_link, a_link_alone, another_repository, a_file_without_ending])
def test_what_cannot_be_looked_into_is_not_the_same_as_before(
    repo: Path, carectl: Carectl, hide: Callable[[Path], None]
) -> None:
    hide(repo)
    commit(repo)
    done = carectl("diff", "HEAD~1", "HEAD", "--format", "json")
    assert done.code == 1
    assert any(CLIENT in item["path"] for item in json.loads(done.out)["unparsed"])
    assert "COULD NOT BE READ" in carectl("diff", "HEAD~1", "HEAD").out


def test_a_text_that_is_cut_at_a_comma_is_not_layout(repo: Path, carectl: Carectl) -> None:
    (repo / MEDS).write_text("medications:\n  - {id: a, name: A, dose: 1 tablet, from: 2026-08-03}\n", encoding="utf-8")
    commit(repo)
    edit(repo / MEDS, "1 tablet", "1 tablet, in the morning")
    commit(repo)
    done = carectl("diff", "HEAD~1", "HEAD", "--format", "json")
    found: dict[str, Any] = json.loads(done.out)
    assert done.code == 1
    assert [(item["path"], item["line"]) for item in found["unparsed"]] == [(MEDS, 2)]
    assert found["formatting"] == []


def test_a_fault_of_the_old_side_in_a_file_that_did_not_change_is_told(repo: Path, carectl: Carectl) -> None:
    """It keeps all of the kind from being compared: the tenfold dose beside it would go by unseen."""
    (repo / MEDS).unlink()
    folder = repo / CLIENT / "medications"
    folder.mkdir()
    twice = "  - {id: furosemide, name: Furosemide, dose: 1 tablet, from: 2026-08-03}\n"
    other = "  - {id: metformin, name: Metformin, strength: 500 mg, dose: 1 tablet, from: 2026-08-03}\n"
    (folder / "a.yaml").write_text(f"medications:\n{twice}{other}", encoding="utf-8")
    (folder / "b.yaml").write_text(f"medications:\n{twice}", encoding="utf-8")
    commit(repo)
    (folder / "a.yaml").write_text(f"medications:\n{other.replace('500', '5000')}", encoding="utf-8")
    commit(repo)
    done = carectl("diff", "HEAD~1", "HEAD", "--fail-on", "low", "--format", "json")
    assert done.code == 1
    assert {item["side"] for item in json.loads(done.out)["unparsed"]} == {"old"}


def test_one_value_of_a_wrong_form_hides_no_other_change(repo: Path, carectl: Carectl) -> None:
    edit(repo / f"{CLIENT}/client.yaml", "status: active", "status: [active]")
    (repo / MEDS).write_text("medications: 5\n", encoding="utf-8")
    commit(repo)
    done = carectl("diff", "HEAD~1", "HEAD", "--format", "json")
    assert done.code == 1
    assert sorted(item["path"] for item in json.loads(done.out)["unparsed"]) == [f"{CLIENT}/client.yaml", MEDS]

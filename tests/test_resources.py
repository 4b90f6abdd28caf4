"""The folders that come with carectl are found in a wheel and in a checkout, and nowhere by chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from carectl.errors import EnvironmentProblem
from carectl.resources import Name, folder

NAMES: tuple[Name, ...] = ("schemas", "templates")


@pytest.mark.parametrize("name", NAMES)
def test_in_this_checkout(name: Name) -> None:
    assert folder(name) == Path(__file__).resolve().parent.parent / name


@pytest.mark.parametrize("name", NAMES)
def test_in_an_unpacked_wheel(name: Name, tmp_path: Path) -> None:
    data = tmp_path / "site-packages" / "carectl" / "_data" / name
    data.mkdir(parents=True)
    assert folder(name, tmp_path / "site-packages" / "carectl") == data


@pytest.mark.parametrize("name", NAMES)
def test_the_wheel_wins_over_what_lies_beside_it(name: Name, tmp_path: Path) -> None:
    data = tmp_path / "carectl" / "_data" / name
    data.mkdir(parents=True)
    (tmp_path / name).mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert folder(name, tmp_path / "carectl") == data


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_s_folder_in_site_packages_is_not_ours(name: Name, tmp_path: Path) -> None:
    (tmp_path / "carectl").mkdir()
    (tmp_path / name).mkdir()
    with pytest.raises(EnvironmentProblem, match=f"own {name} are missing") as caught:
        folder(name, tmp_path / "carectl")
    assert caught.value.exit_code == 3
    assert str(tmp_path) not in str(caught.value)

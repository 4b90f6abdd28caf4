"""The wheel, installed into an empty environment, does what the checkout does, from any folder.

It is built and installed once; `make wheel-test` runs this file alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.wheel

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements" / "dev.txt"


def run(*command: str | Path, **more: str) -> str:
    """What a program prints, run from the root folder without anything of ours in its environment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CARECTL", "PYTHON", "COV"))}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd="/", env={**inherited, **more}, capture_output=True, check=False)
    screen, complaints = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, f"{words}\n{screen}\n{complaints}"
    return screen


def demo(carectl: Path, out: Path) -> str:
    """What the demo shows when it is run with this program."""
    return run("sh", ROOT / "examples" / "demo.sh", out, CARECTL=str(carectl))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    out = tmp_path_factory.mktemp("dist")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", out, ROOT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the locked versions of what it needs, and nothing else."""
    place = tmp_path_factory.mktemp("wheel") / "env"
    venv.create(place, with_pip=False, symlinks=True)
    run(
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", place / "bin" / "python",
        "install", "--quiet", "--constraint", LOCK, wheel,
    )  # fmt: skip
    return place


def test_the_wheel_holds_schemas_templates_and_licence_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("schemas", "templates"):
        shipped = {
            file.removeprefix(f"carectl/_data/{name}/") for file in names if file.startswith(f"carectl/_data/{name}/")
        }
        here = {path.relative_to(ROOT / name).as_posix() for path in (ROOT / name).rglob("*") if path.is_file()}
        assert shipped == here
        assert shipped
    assert any(file.endswith(".dist-info/licenses/LICENSE") for file in names)
    assert "carectl/py.typed" in names
    assert {file.partition("/")[0].partition("-")[0] for file in names} == {"carectl"}
    assert not [file for file in names if "__pycache__" in file]


def test_it_finds_its_schemas_and_templates_inside_itself(environment: Path) -> None:
    program = "import carectl.resources as r; print(r.folder('schemas')); print(r.folder('templates'))"
    for line in run(environment / "bin" / "python", "-c", program).splitlines():
        assert Path(line).is_relative_to(environment)
        assert Path(line).parent.parts[-2:] == ("carectl", "_data")


def test_it_says_its_version(environment: Path) -> None:
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version in run(environment / "bin" / "carectl", "--version")
    assert version in run(environment / "bin" / "python", "-m", "carectl", "--version")


def test_it_runs_the_demo_from_the_root_folder_as_the_checkout_does(environment: Path, tmp_path: Path) -> None:
    made = ("plan.md", "plan.html", "letter.md", "rosa.ics")
    screen = demo(environment / "bin" / "carectl", tmp_path / "wheel")
    assert all(f"  {name} " in screen for name in made)
    assert (tmp_path / "wheel" / "rosa.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    demo(Path(sys.executable).parent / "carectl", tmp_path / "here")
    for name in made:
        assert (tmp_path / "wheel" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()

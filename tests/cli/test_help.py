"""Every command explains itself, with an example; and the installed program behaves like the one in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers_cli import Carectl

from carectl.cli import COMMANDS

CARECTL = Path(sys.executable).with_name("carectl")
GROUPS = {
    "visit": ["add", "done", "missed", "refused", "cancel", "move", "assign", "suggest", "gaps"],
    "series": ["add", "change", "end"],
    "client": ["list", "add", "hold", "resume", "discharge"],
    "staff": ["list", "add"],
    "plan": ["render", "goal", "intervention"],
    "task": ["add", "done", "list"],
    "concern": ["add", "told", "close"],
    "assess": ["list", "show", "add", "trend"],
    "med": ["start", "change", "hold", "stop"],
    "contact": ["add", "share", "revoke"],
    "letter": ["family", "sbar", "appointment", "hospital", "visit-sheet", "discharge"],
    "template": ["list", "eject", "check"],
    "git": ["setup", "status", "remove", "allow", "textconv", "merge-driver", "hook"],
    "calendar": ["export", "import", "publish", "list", "rotate", "revoke"],
}
LINES = [[name, *([sub] if sub else [])] for name in COMMANDS for sub in GROUPS.get(name, [""])]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_help_has_an_example(line: list[str], carectl: Carectl) -> None:
    done = carectl(*line, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Example: carectl {' '.join(line)}" in " ".join(done.out.split())
    assert all(len(text) <= 80 for text in done.out.splitlines())
    assert "\x1b" not in done.out
    assert carectl(*line, "-h").out == done.out


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_alone_tells_what_it_can(group: str, carectl: Carectl) -> None:
    done = carectl(group)
    assert all(name in done.out + done.err for name in GROUPS[group])
    assert carectl(group, "nonsense").code == 2


def program(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """The installed program."""
    return subprocess.run([CARECTL, *args], cwd=cwd, env={**os.environ, **env}, capture_output=True, check=False)


def test_the_installed_program(home: Path) -> None:
    done = program("agenda", "--now", "2026-11-22", "-f", "json", cwd=home)
    assert done.returncode == 0
    assert done.stdout.startswith(b'{\n  "format": 1,\n')
    # The same bytes in any locale and zone.
    again = program("agenda", "-f", "json", cwd=home, CARECTL_NOW="2026-11-22", LC_ALL="C", TZ="Asia/Tokyo")
    assert again.stdout == done.stdout
    show = program("show", "c-002", "--now", "2026-11-22", cwd=home, LC_ALL="C", PYTHONUTF8="0")
    assert "Stanisław O'Żak".encode() in show.stdout


def test_exit_codes_of_the_installed_program(home: Path, tmp_path: Path) -> None:
    assert program("show", "rosa", cwd=home).returncode == 0
    assert program("plan", "render", "c-002", cwd=home).returncode == 1
    assert program("show", cwd=home).returncode == 2
    assert program("show", "rosa", cwd=tmp_path).returncode == 3


def test_new_files_are_private_whatever_the_umask(home: Path) -> None:
    line = f"umask 000; exec '{CARECTL}' plan render rosa -o ../plan.md"
    assert subprocess.run(["sh", "-c", line], cwd=home, capture_output=True, check=False).returncode == 0
    assert (home.parent / "plan.md").stat().st_mode & 0o777 == 0o600


def test_a_reader_that_goes_away(home: Path) -> None:
    line = f"'{CARECTL}' agenda --until 2036-01-01 -f json | head -n 1"
    done = subprocess.run(["sh", "-c", line], cwd=home, capture_output=True, text=True, check=False)
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr
    assert "carectl-bug" not in done.stderr


def test_colour_on_a_terminal_only(home: Path) -> None:
    from helpers_cli import on_terminal

    shown, code = on_terminal(["agenda"], [], home)
    assert code == 0
    assert "\x1b[1;31m" in shown
    plain, _ = on_terminal(["agenda"], [], home, {"NO_COLOR": "1"})
    assert "\x1b" not in plain

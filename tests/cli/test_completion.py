"""What the shell offers behind Tab, by the protocol and through bash itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers_cli import Carectl

from carectl.commands import completion

CARECTL = Path(sys.executable).with_name("carectl")


Ask = Callable[..., list[str]]


@pytest.fixture
def ask(carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What carectl offers for the word of that number."""

    def call(line: str, word: int, home: Path, shell: str = "bash") -> list[str]:
        monkeypatch.chdir(home)
        monkeypatch.setenv("_CARECTL_COMPLETE", f"complete_{shell}")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(word))
        monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
        monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
        done = carectl()
        assert (done.code, done.err) == (0, "")
        return [line for line in done.out.splitlines() if line]

    return call


@pytest.mark.parametrize(
    ("line", "word", "offers"),
    [
        ("carectl sh", 1, ["show"]),
        ("carectl client ", 2, ["list", "add", "hold", "resume", "discharge"]),
        ("carectl letter ", 2, ["family", "sbar", "appointment", "hospital", "visit-sheet", "discharge"]),
        ("carectl show ", 2, ["c-001", "c-002", "c-003"]),
        ("carectl show ros", 2, ["Rosa\\ Alvarez"]),
        ("carectl show Rosa\\ Al", 2, ["Rosa\\ Alvarez"]),
        ('carectl show "Rosa Al', 2, ["Rosa Alvarez"]),
        ("carectl show alva", 2, ["Rosa\\ Alvarez"]),
        ("carectl show stanis", 2, ["Stanisław\\ O\\'Żak"]),
        ('carectl show "stan', 2, ["Stanisław O'Żak"]),
        ("carectl show nobody", 2, []),
        ("carectl check c-00", 2, ["c-001", "c-002", "c-003"]),
        ("carectl agenda --staff j", 3, ["jo-park", "Jo\\ Park"]),
        ("carectl agenda --client ", 3, ["c-001", "c-002", "c-003"]),
        ("carectl letter family rosa --to ", 5, ["maria", "ruth", "bob"]),
        ("carectl letter family c-001 --to mar", 5, ["maria", "Maria\\ Alvarez"]),
        ("carectl calendar export ro", 3, ["Rosa\\ Alvarez"]),
        ("carectl explain allergies-not-s", 2, ["allergies-not-stated"]),
        ("carectl agenda --for", 2, ["--format"]),
    ],
)
def test_offers(line: str, word: int, offers: list[str], home: Path, ask: Ask) -> None:
    assert ask(line, word, home) == offers


def test_another_caseload(home: Path, tmp_path: Path, ask: Ask) -> None:
    assert ask(f"carectl --caseload {home} show ", 4, tmp_path)[0] == "c-001"
    assert ask(f"carectl show --caseload {home} c-", 4, tmp_path)[0] == "c-001"
    assert ask("carectl show ", 2, tmp_path) == []


def test_other_shells_are_told_names_too(home: Path, ask: Ask) -> None:
    assert ask("carectl show ", 2, home, "fish")[0] == "c-001\tRosa Alvarez"
    assert ask("carectl show ros", 2, home, "fish") == ["Rosa Alvarez\tc-001"]
    assert '"Rosa Alvarez":"c-001"' in ask("carectl show ros", 2, home, "zsh")[0]


def test_silent_in_a_broken_caseload(home: Path, ask: Ask) -> None:
    (home / "clients/c-001/client.yaml").write_bytes(b"\xff\xfe[")
    (home / "clients/c-001/contacts.yaml").write_bytes(b"\xff\xfe[")
    (home / "carectl.yaml").write_bytes(b"practice: [")
    assert ask("carectl show c-", 2, home) == ["c-001", "c-002", "c-003"]
    assert ask("carectl letter family c-001 --to ", 5, home) == []


def test_whatever_happens_nothing_is_raised() -> None:
    class Broken:
        params: dict[str, str] = {}  # noqa: RUF012

        def find_root(self) -> Broken:
            raise RuntimeError

    for offers in (completion.clients, completion.staff, completion.contacts):
        assert offers(Broken(), "x") == []  # type: ignore[arg-type]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("carectl show ros", "Rosa\\ Alvarez"),
        ("carectl show Rosa\\ A", "Rosa\\ Alvarez"),
        ("carectl letter family c-001 --to mari", "maria"),
    ],
)
def test_through_bash(typed: str, completed: str, home: Path) -> None:
    script = """
        eval "$(carectl --show-completion bash)"
        COMP_LINE="$1" COMP_POINT=${#1}
        declare -a COMP_WORDS
        while IFS= read -r word; do COMP_WORDS+=("$word"); done <<<"$2"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _carectl_completion carectl
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    # The words as bash takes a line apart: quotes and backslashes stay.
    words = typed.replace("\\ ", "\0").split(" ")
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", typed, "\n".join(word.replace("\0", "\\ ") for word in words)],
        cwd=home,
        env={
            **os.environ,
            "PATH": f"{CARECTL.parent}{os.pathsep}{os.environ['PATH']}",
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert completed in done.stdout.splitlines()


def test_installing(tmp_path: Path) -> None:
    done = subprocess.run(
        [CARECTL, "--install-completion", "bash"],
        env={**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "bash completion installed" in done.stdout
    assert "carectl" in (tmp_path / ".bashrc").read_text(encoding="utf-8")

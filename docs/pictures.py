"""Make the pictures of the README from what carectl really prints: python docs/pictures.py [chromium]

The terminal pictures come from a pseudo-terminal of 80 columns; the plan's picture needs a Chromium (or Chrome).
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
CARECTL = Path(sys.executable).with_name("carectl")


def typed(command: list[str]) -> str:
    """What a command prints on a terminal of 80 columns, colours and all."""
    screen, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "LINES": "40", "TERM": "xterm-256color", "PYTHONUTF8": "1"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [str(CARECTL), *command], stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=environment
    )
    os.close(terminal)
    parts = []
    while True:
        try:
            part = os.read(screen, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    process.wait()
    os.close(screen)
    return b"".join(parts).decode().replace("\r\n", "\n")


def terminal_picture(name: str, *commands: str) -> None:
    """Write a picture of some commands typed one after another."""
    console = Console(record=True, width=80, file=open(os.devnull, "w", encoding="utf-8"), color_system="truecolor")  # noqa: PTH123, SIM115
    for command in commands:
        console.print(Text(f"$ {command}", style="bold green"))
        console.print(Text.from_ansi(typed(command.split()[1:])))
    svg = console.export_svg(title="carectl", unique_id="carectl")
    (DOCS / name).write_text(svg, encoding="utf-8")


def plan_picture(name: str, chromium: str) -> None:
    """Write a picture of the head of a rendered care plan."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "plan.html"
        common = ["--caseload", str(EXAMPLES / "caseload"), "--now", "2026-11-22"]
        subprocess.run([CARECTL, "plan", "render", "c-014", "-o", page, *common], check=True)
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking".split()
        flags += [
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={folder}/profile",
            "--hide-scrollbars",
        ]
        shot = f"--screenshot={DOCS / name}"
        subprocess.run([chromium, *flags, "--window-size=900,1100", shot, page.as_uri()], check=True)


if __name__ == "__main__":
    os.chdir(EXAMPLES / "troubled")
    terminal_picture("check.svg", "carectl check --now 2026-11-23")
    os.chdir(EXAMPLES / "caseload")
    terminal_picture("show.svg", "carectl show rosa --now 2026-11-22")
    if len(sys.argv) > 1:
        plan_picture("plan.png", sys.argv[1])

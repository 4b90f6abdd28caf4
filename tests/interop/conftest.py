"""At the end of `make interop`: how much each calendar program showed."""

from __future__ import annotations

from textwrap import fill

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a line for each program and style of feed, and below it where the program is known to be wrong."""
    reports = [dict(report.user_properties) for report in terminalreporter.getreports("passed")]
    rows = [properties for properties in reports if "engine" in properties]
    if not rows:
        return
    terminalreporter.section("visits shown as they are due")
    line = "{:24} {:8} {:>6} {:>8} {:>10}"
    terminalreporter.line(line.format("program", "style", "feeds", "visits", "hours"))
    for row in rows:
        counts = (row["engine"], row["style"], row["feeds"], row["visits"], f"{int(str(row['minutes'])) / 60:.2f}")
        terminalreporter.line(line.format(*map(str, counts)))
        if "fault" in row:
            terminalreporter.line(fill(f"left out: {row['fault']}", 100, initial_indent="  ", subsequent_indent="    "))

"""Prints, at the end of the run, what the fault tests tried and how it ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers_faults import COUNTS, Server, servers


@pytest.fixture(scope="session")
def made() -> Iterator[list[Server]]:
    """The processes that do deeds."""
    with servers() as found:
        yield found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each count."""
    if COUNTS:
        terminalreporter.section("what was broken")
        for line in COUNTS:
            terminalreporter.line(line)

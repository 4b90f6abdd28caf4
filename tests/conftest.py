"""What every test stands on: a home of its own, and the same examples from Hypothesis every time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial

import pytest
import typer
from helpers_cli import Tell
from helpers_cli import carectl as carectl
from helpers_cli import home as home
from hypothesis import HealthCheck, settings

settings.register_profile(
    "everyday",
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", parent=settings.get_profile("everyday"), max_examples=20_000, derandomize=False)
settings.load_profile("everyday")


@pytest.fixture(scope="session", autouse=True)
def put_together_once() -> Iterator[None]:
    """Each command's line is put together when it is first run, not anew for each of thousands of runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the real home, and nothing that the caller has set takes part."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES"):
            patch.delenv(name, raising=False)
        for name in list(os.environ):
            if name.startswith(("CARECTL_", "_CARECTL_", "GIT_")) and name != "CARECTL_FUZZ":
                patch.delenv(name)
        yield


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Takes lines that are printed at the end of the run, whichever process the test ran in."""
    return partial(record_property, "tried")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests told of how much they tried and how it ended."""
    reports = [report for end in ("passed", "failed") for report in terminalreporter.getreports(end)]
    told = sorted(str(line) for report in reports for key, line in report.user_properties if key == "tried")
    if told:
        terminalreporter.section("what was tried")
        for line in told:
            terminalreporter.line(line)

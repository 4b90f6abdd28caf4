"""What fault tests stand on."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_faults import Server, servers


@pytest.fixture(scope="session")
def made() -> Iterator[list[Server]]:
    """The processes that do deeds."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: on Debian and Ubuntu, apt install strace (it is for Linux alone)")
    with servers() as found:
        yield found


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory if there is one: what survives a process is the same there, and fsync takes no time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder
    shutil.rmtree(folder)

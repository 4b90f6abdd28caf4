"""A drive that fills up, files that may not grow, a system that takes a few bytes at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Tell
from helpers_deeds import DEEDS, build
from helpers_faults import Ended, Plan, Server, leftovers, record, spread, state

STEPS: Final = 64
PAGE: Final = 4096
SIZES: Final = (1, 2, 3, 7, 16, 61, 100, 255, 1000, 4095)
WRITING: Final = (
    "one file",
    "a file that grows",
    "new folders",
    "six places",
    "finishing what was decided",
    "client add",
)


@contextlib.contextmanager
def small_drive(folder: Path, size: int) -> Iterator[bool]:
    """A drive of some bytes, mounted on a folder; False if this system does not let us."""
    options = ["-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", folder], check=True)


def judge(plan: Plan, root: Path, ended: Ended, why: str) -> str:
    """`written`, `refused`, or what is wrong."""
    found = state(root)
    if left := leftovers(root):
        return f"left: {left}"
    if ended.code == 0:
        return "written" if found == plan.new else f"not written: {ended}"
    if ended.code != 3 or why not in ended.err or "\nhint: " not in ended.err:
        return f"no message: {ended}"
    # What an earlier command left is put right even so, or at least not made worse.
    return "refused" if found in (plan.old, plan.begun) else "neither old nor new"


@pytest.mark.parametrize("deed", WRITING)
def test_a_full_drive(deed: str, made: list[Server], tmp_path: Path, tell: Tell) -> None:
    (tmp_path / "record").mkdir()
    plan = record(made[0], tmp_path / "record", deed)
    drive = tmp_path / "drive"
    drive.mkdir()
    ends = []
    with small_drive(drive, 640 * 1024) as is_mounted:
        for step in range(STEPS if is_mounted else 0):
            folder = drive / str(step)
            folder.mkdir()
            root = folder / "caseload"
            build(root, DEEDS[deed])
            room = os.statvfs(drive).f_bavail * os.statvfs(drive).f_frsize
            filler = folder / "filler"
            filler.write_bytes(b"x" * (room - step * PAGE))
            ends.append(judge(plan, root, made[0].do(deed, root), "the drive is full"))
            filler.unlink()
            after = made[0].do("next", root)
            if after.code != 0 or plan.after_next(state(root)) is None:
                ends[-1] = f"the next command: {after}"
            subprocess.run(["rm", "-r", folder], check=True)
    if is_mounted:
        tell(f"full    {deed:28} {len(ends):5} steps:  {ends.count('refused')} refused, then written")
        assert ends == sorted(ends), ends
        # To put right what was interrupted takes no room, and makes some.
        assert set(ends) == {"written"} | (set() if DEEDS[deed].prepare else {"refused"})
    else:
        tell(f"full    {deed:28} no drive can be mounted here: see the limit of a file's size instead")


@pytest.mark.parametrize("deed", WRITING)
def test_files_that_may_not_grow(deed: str, made: list[Server], fast: Path, tell: Tell) -> None:
    (fast / "record").mkdir()
    plan = record(made[0], fast / "record", deed)

    def work(server: Server, folder: Path, limit: int) -> str:
        root = folder / "caseload"
        build(root, DEEDS[deed])
        end = judge(plan, root, server.do(deed, root, limit=limit), "files of this size are not allowed")
        after = server.do("next", root)
        return end if after.code == 0 and plan.after_next(state(root)) else f"the next command: {after}"

    most = 2 * max(len(raw) for raw in plan.new.values())
    ends = spread(made, work, [step * most // STEPS for step in range(STEPS)], fast)
    tell(f"limited {deed:28} {len(ends):5} steps:  {ends.count('refused')} refused, then written")
    assert ends == sorted(ends), ends
    assert set(ends) == {"refused", "written"}


def test_a_few_bytes_at_a_time(made: list[Server], fast: Path, tell: Tell) -> None:
    plans = {}
    for deed in WRITING:
        (fast / deed).mkdir()
        plans[deed] = record(made[0], fast / deed, deed)

    def work(server: Server, folder: Path, task: tuple[str, int]) -> str:
        deed, size = task
        root = folder / "caseload"
        build(root, DEEDS[deed])
        return judge(plans[deed], root, server.do(deed, root, short=size), "")

    ends = spread(made, work, [(deed, size) for deed in WRITING for size in SIZES], fast)
    tell(f"short writes                         {len(ends):5} points: {Counter(ends)['written']} written")
    assert set(ends) == {"written"}

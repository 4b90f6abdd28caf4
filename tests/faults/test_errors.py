"""What the system refuses: nothing is lost, it is said in words, and the command ends with 3."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Tell
from helpers_deeds import DEEDS, build
from helpers_faults import Plan, Server, leftovers, record, spread, state

REFUSALS: Final[dict[str, tuple[str, ...]]] = {
    "openat": ("ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS"),
    "write": ("ENOSPC", "EIO"),
    "fsync": ("ENOSPC", "EIO"),
    "close": ("EIO",),
    "read": ("EIO",),
    "getdents64": ("EIO",),
    "newfstatat": ("EIO", "EACCES"),
    "flock": ("ENOLCK", "EIO"),
    "ftruncate": ("EIO",),
    "fchmod": ("EROFS",),
    "chmod": ("EROFS",),
    "rename": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "link": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "unlink": ("EIO", "EACCES", "EROFS"),
    "mkdir": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "rmdir": ("EIO",),
}
WORDS: Final = {
    "ENOSPC": "the drive is full",
    "EIO": "the drive reports an error",
    "EACCES": "permission denied",
    "EMFILE": "too many files are open",
    "EROFS": "the drive is read-only",
    "ENOLCK": "cannot lock files",
}
STEP: Final = {"newfstatat": 6}
"""Of looking, some will do."""


def refuse(server: Server, folder: Path, plan: Plan, fault: str) -> str:
    """Do a deed with a fault, look, do the next without, and look again: how it ended, or what is wrong."""
    deed = DEEDS[plan.deed]
    root = folder / "caseload"
    build(root, deed)
    ended = server.traced(plan.deed, root, folder / "log", fault)
    if not ended.reached:
        return "void"
    found = state(root)
    if not plan.is_whole(found):
        return f"a file that is neither old nor new: {ended}"
    what = plan.what(found)
    later = "what was begun" in ended.err or "could not be put right" in ended.err
    if ended.code == 0 and what == "new":
        end = "done all the same"
    elif ended.code != 3 or ended.err.count("carectl: ") != 1 or "hint: " not in ended.err:
        return f"no message: {ended}"
    elif later and leftovers(root):
        end = "refused, to be put right"
    elif what == "old" or (what is None and found == plan.begun):
        end = "refused, as it was"
    elif what == "new" and "is in place" in ended.err:
        end = "in place, and said so"
    else:
        return f"the message is wrong: {ended}"
    after = server.do(deed.afterwards, root)
    if after.code != 0:
        return f"the next command: {after}"
    if left := leftovers(root):
        return f"left: {left}"
    if plan.after_next(state(root)) is None:
        return "neither the old state nor the new one"
    return end


GOOD: Final = {"done all the same", "refused, as it was", "refused, to be put right", "in place, and said so"}


@pytest.mark.parametrize("deed", ["one file", "a new file", "new folders", "a note with a task", "six places"])
def test_refused_once(deed: str, made: list[Server], fast: Path, tell: Tell) -> None:
    (fast / "record").mkdir()
    plan = record(made[0], fast / "record", deed)
    every = 1 if deed != "six places" else 4
    faults = [
        f"{name}:error={error}:when={number}"
        for name, number in plan.calls
        if number % STEP.get(name, 1) == 0
        for error in REFUSALS.get(name, ())
    ][::every]
    run(deed, made, fast, plan, faults, tell)


@pytest.mark.parametrize("deed", ["one file", "a note with a task", "client add", "init"])
def test_refused_from_then_on(deed: str, made: list[Server], fast: Path, tell: Tell) -> None:
    (fast / "record").mkdir()
    plan = record(made[0], fast / "record", deed)
    first = dict(reversed(plan.calls))
    last = dict(plan.calls)
    # How a command reads before it writes is not what is tried here.
    left_out = {"read", "getdents64", *({"newfstatat", "close"} if deed in ("client add", "init") else ())}
    faults = [
        f"{name}:error={error}:when={number}+"
        for name, errors in REFUSALS.items()
        if name in first and name not in left_out
        for number, error in product({first[name], (first[name] + last[name]) // 2, last[name]}, errors)
    ]
    run(f"{deed}, for good", made, fast, plan, faults, tell)


def run(title: str, made: list[Server], folder: Path, plan: Plan, faults: list[str], tell: Tell) -> None:
    """Try all faults and count how they ended."""

    def work(server: Server, own: Path, fault: str) -> str:
        return refuse(server, own, plan, fault)

    ends = spread(made, work, faults, folder)
    ended = ", ".join(f"{count} {end}" for end, count in sorted(Counter(ends).items()) if end in GOOD)
    tell(f"refused {title:28} {len(ends):5} points: {ended}, {ends.count('void')} void")
    assert [pair for pair in zip(faults, ends, strict=True) if pair[1] not in GOOD] == []

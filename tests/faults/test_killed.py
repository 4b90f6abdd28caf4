"""Killed at every system call that touches a file: the old state or the new one, never a third."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from helpers_cli import Tell
from helpers_deeds import DEEDS, build
from helpers_faults import Plan, Server, leftovers, record, spread, state

from carectl.caseload.store import Store

Point = tuple[str, int]


def kill(server: Server, folder: Path, plan: Plan, point: Point) -> str:
    """Kill a deed at a call, look, do the next, and look again: `old`, `new`, `void`, or what is wrong."""
    deed = DEEDS[plan.deed]
    root = folder / "caseload"
    build(root, deed)
    ended = server.traced(plan.deed, root, folder / "log", f"{point[0]}:signal=KILL:when={point[1]}")
    if not ended.reached or ended.status != -9:
        return "void"
    found = state(root)
    if not plan.is_whole(found):
        return "a file that is neither old nor new"
    journal = Store(root).pending()
    if not journal and plan.what(found) is None and not leftovers(root):
        return "half of it, and nobody is told"
    after = server.do(deed.afterwards, root)
    if after.code != 0:
        return f"the next command: {after}"
    if journal and "interrupted" not in after.err:
        return f"the next command said nothing: {after}"
    if left := leftovers(root):
        return f"left: {left}"
    if (end := plan.after_next(state(root))) is None:
        return "neither the old state nor the new one"
    return end if plan.what(found) else f"{end} (by the next command)"


@pytest.mark.parametrize("deed", [name for name in DEEDS if name != "next"])
def test_killed_anywhere(deed: str, made: list[Server], fast: Path, tell: Tell) -> None:
    (fast / "record").mkdir()
    plan = record(made[0], fast / "record", deed)
    assert plan.new != plan.old

    def work(server: Server, folder: Path, point: Point) -> str:
        return kill(server, folder, plan, point)

    points = plan.points()
    ends = spread(made, work, points, fast)
    tell(f"killed  {deed:28} {len(ends):5} points: {said(ends)}")
    good = {"old", "new", "old (by the next command)", "new (by the next command)"}
    assert [pair for pair in zip(points, ends, strict=True) if pair[1] not in good] == []


def said(ends: list[str]) -> str:
    """How often each end was met."""
    return ", ".join(f"{count} {end}" for end, count in sorted({"void": 0, **Counter(ends)}.items()))

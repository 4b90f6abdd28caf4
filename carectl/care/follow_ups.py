"""Tasks across clients, in the order in which they need somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from carectl.caseload.records import Task

Standing = Literal["overdue", "open", "done"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task of a client, and how it stands."""

    client: str
    task: Task
    standing: Standing


def follow_ups(tasks: Iterable[tuple[str, Task, dt.date]], *, done_too: bool = False) -> list[FollowUp]:
    """Tasks (each with its client and the day that it is there): overdue first, then by day, then those without one.

    What was done comes last, the latest first.
    """
    found = [FollowUp(client, task, _standing(task, today)) for client, task, today in tasks]
    open_ones = [item for item in found if item.standing != "done"]
    open_ones.sort(key=lambda item: (item.task.due or dt.date.max, item.client, item.task.id))
    closed = [item for item in found if item.standing == "done" and done_too]
    closed.sort(key=lambda item: (item.client, item.task.id))
    closed.sort(key=lambda item: item.task.done or "", reverse=True)
    return open_ones + closed


def _standing(task: Task, today: dt.date) -> Standing:
    if task.done is not None or "done" in task.origin.unread:
        return "done" if task.done is not None else "open"
    return "overdue" if task.due is not None and task.due < today else "open"

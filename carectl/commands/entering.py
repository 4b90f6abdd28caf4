"""What commands that add or change an entry do alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from carectl.caseload.edit import Value
    from carectl.caseload.records import Chart, Entry
    from carectl.commands.naming import Here, PersonValue
    from carectl.commands.writing import Writing


def filled(fields: Mapping[str, object]) -> dict[str, Value]:
    """The fields that have a value."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], (), {})}  # type: ignore[misc]


def taken(chart: Chart, name: str) -> frozenset[str]:
    """The ids in a list of the chart, those of records included that could not be read."""
    return frozenset(item.id for item in getattr(chart, name)) | chart.broken_ids(name)


def add(
    work: Writing,
    client: str,
    kind: str,
    entry: Mapping[str, Value],
    *,
    piece: str | None = None,
    position: Callable[[str], int | None] | None = None,
) -> None:
    """Add an entry to the list of its kind, in the file where it belongs.

    `piece` is its month, for folders that are divided so. `position` gives its place in the list of a file, or None
    for the end.
    """
    from carectl.caseload.shelves import shelf

    place = shelf(work.tree, client, kind, piece)
    editor = work.begin(place)
    at = position(place.path) if position else None
    if at is None:
        editor.append((kind,), dict(entry))
    else:
        editor.insert((kind,), at, dict(entry))
    work.put(place.path, editor)


def change(work: Writing, entry: Entry, fields: Mapping[str, Value], *, after: str | None = None) -> None:
    """Set fields of an entry; those that it lacks come behind the field `after`, each behind the one before it."""
    editor = work.edit(entry.origin.path)
    for key, value in fields.items():
        editor.set((*entry.origin.keys, key), value, after=after)
        after = key
    work.put(entry.origin.path, editor)


def drop(work: Writing, entry: Entry, names: Sequence[str]) -> None:
    """Take fields out of an entry, if it has them."""
    editor = work.edit(entry.origin.path)
    for name in names:
        if editor.has((*entry.origin.keys, name)):
            editor.remove((*entry.origin.keys, name))
    work.put(entry.origin.path, editor)


def add_task(
    work: Writing,
    here: Here,
    text: str,
    due: str,
    *,
    who: PersonValue | None = None,
    comes_from: str | None = None,
    own_id: str | None = None,
) -> str:
    """Open a task; gives its id. The same task that is open already is not opened twice."""
    from carectl.care.entries import task_id

    chart = work.chart(here.id)
    twin = next((task for task in chart.tasks if task.text == text and str(task.due) == due and not task.done), None)
    if twin is not None:
        work.say(f"The task {twin.id} is open already, due {here.said(due)}")
        return twin.id
    name = own_id or task_id(text, taken(chart, "tasks"))
    entry = filled({"id": name, "text": text, "due": due, "who": who, "from": comes_from})
    # A place for the day, for whoever ticks it off by hand.
    entry["done"] = None
    add(work, here.id, "tasks", entry)
    whom = f", for {here.who(who)}" if who else ""
    work.say(f"Task {name}: {text}, due {here.said(due)}{whom}")
    return name

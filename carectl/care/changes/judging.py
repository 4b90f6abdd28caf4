"""Changes judged: each with its rule, its weight, one sentence and a fingerprint."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from carectl.care.changes import wording
from carectl.care.changes.compare import Change, Comparison
from carectl.care.changes.meaning import Meaning, gone_and_come, meaning
from carectl.care.changes.rules import NOT_SHOWN, RULES, SEVERITIES, Judged, Severity, place_of
from carectl.care.changes.scene import Entry, Scene, Side
from carectl.care.setting import Setting
from carectl.caseload.identities import KINDS, NATURAL_KEYS, Group, Rows, State

_DETAILS: Final = ("goals", "interventions", "instruments", "findings", "progress", "sharing", "authority", "held",
                   "changed", "told", "credentials", "training", "away")  # fmt: skip
"""Lists within an entry: what they hold stands in notes when the whole entry came or went."""


def judge(
    comparison: Comparison,
    old: State,
    new: State,
    setting: Setting,
    weights: Mapping[str, Severity] | None = None,
) -> tuple[Judged, ...]:
    """Every change of a comparison with what it means: the heaviest first, then what can hurt most, by kind.

    Within a kind by record and field.

    `weights` is what `rules.severities` gives where a practice raises some; without it each rule weighs what it does.
    """
    scene = Scene(comparison, Side(old), Side(new), setting)
    found = [_judged(scene, change, weights or {}) for change in comparison.changes]
    ordered = sorted(found, key=lambda pair: _place(pair[0], pair[1]))
    return tuple(judged for judged, _ in ordered)


_FIRST: Final = ("medications", "client", "contacts", "care-plan", "visits")
"""Of what weighs alike: a dose may hurt before the day is over, an allergy or the code status in an emergency, what is
told to somebody cannot be taken back. The rest follows as the files do."""
_ORDER: Final = (*_FIRST, *(kind for kind in KINDS if kind not in _FIRST))


def _place(judged: Judged, change: Change) -> tuple[int, int, str, str, str]:
    way = json.dumps(change.way)
    return (SEVERITIES.index(judged.severity), _ORDER.index(change.kind), change.record or "", change.field or "", way)


def _judged(scene: Scene, change: Change, weights: Mapping[str, Severity]) -> tuple[Judged, Change]:
    what = meaning(scene, change)
    hidden = _is_hidden(scene, change)
    title, subject = _named(scene, change)
    sides = (change.old, change.new)
    old, new = (None if side is None else NOT_SHOWN if hidden else _masked(change, side) for side in sides)
    judged = Judged(
        rule=what.rule,
        severity=weights.get(what.rule, RULES[what.rule].severity),
        client=change.client,
        kind=change.kind,
        record=change.record,
        title=wording.line(title),
        field=".".join(_open_way(change)) or None if hidden else wording.safe_field(change.field, change.way),
        old=old,
        new=new,
        message=wording.line(_sentence(scene, change, what, subject, hidden=hidden)),
        fingerprint=fingerprint(what.rule, change),
        notes=() if hidden else tuple(map(wording.line, (*what.notes, *_details(scene, change, title)))),
    )
    return judged, change


def fingerprint(rule: str, change: Change) -> str:
    """Twelve signs that stay the same while the same change stands, in whatever commit.

    They hang on the rule, the client, the kind, the whole way to the value (record and field), and both values with
    their fields sorted; not on files, lines or the order of entries.
    """
    parts = [rule, change.client, change.kind, change.way, _canonical(change.old), _canonical(change.new)]
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _canonical(what: Any) -> Any:
    """A value whose lists are in one order: which, no file decides."""
    if isinstance(what, dict):
        return {name: _canonical(inner) for name, inner in what.items()}
    if isinstance(what, list):
        return sorted((_canonical(item) for item in what), key=lambda item: json.dumps(item, sort_keys=True))
    return what


# --- what is not shown -----------------------------------------------------------------------------------------------


def _is_hidden(scene: Scene, change: Change) -> bool:
    """Whether the values of a change are never shown: by its place, or as part of an entry that is private."""
    if not change.way:
        return False
    if wording.is_hidden(change.kind, place_of(change.way)):
        return True
    if change.way[-1] == "private":
        return False
    whole = [side for side in (change.old, change.new) if isinstance(side, dict)]
    around = [
        entry
        for length in range(1, len(change.way) + 1)
        if isinstance(change.way[length - 1], tuple)
        for entry in (scene.old.at(change.kind, change.way[:length]), scene.new.at(change.kind, change.way[:length]))
    ]
    return any(entry.get("private") is True for entry in (*around, *whole))


def _masked(change: Change, side: Any) -> Any:
    if not change.way and isinstance(side, dict):
        return {kind: wording.masked(kind, "", data) for kind, data in side.items()}
    return wording.masked(change.kind, place_of(change.way), side)


# --- names -----------------------------------------------------------------------------------------------------------


def _named(scene: Scene, change: Change) -> tuple[str, str]:
    """What the record of a change is called, and how a sentence begins about it."""
    if not change.way:
        return f"Client {change.client}", f"Client {change.client}"
    if change.record is None:
        name = {"client": "Client record", "care-plan": "Care plan", "practice": "Practice"}.get(
            change.kind, change.kind.replace("-", " ").capitalize()
        )
        return name, name
    length = _record_length(change)
    way = change.way[:length]
    old, new = (side.at(change.kind, way) for side in (scene.old, scene.new))
    whole = change.new if change.old is None else change.old
    entry: Entry = new or old or (whole if isinstance(whole, dict) else {})
    record = _record_type(change, length)
    key = change.record.rpartition("/")[2]
    called = wording.title(record, {**entry, "private": True} if _is_private(old, new) else entry, key)
    problem = None
    if record in ("Goal", "Intervention"):
        above = [side.at(change.kind, way[:2]) for side in (scene.new, scene.old)]
        said = next((item["statement"] for item in above if isinstance(item.get("statement"), str)), None)
        problem = wording.shortened(said) if said and not any(item.get("private") is True for item in above) else None
    title = f"{called} ({problem})" if problem else called
    return title, wording.subject(record, called, change.record, problem)


def _is_private(*entries: Entry) -> bool:
    return any(entry.get("private") is True for entry in entries)


_RECORDS: Final[Mapping[str, str]] = {
    "staff": "StaffMember", "contacts": "Contact", "assessments": "Assessment", "findings": "AssessmentFinding",
    "problems": "Problem", "goals": "Goal", "interventions": "Intervention", "series": "Series", "visits": "Visit",
    "medications": "Medication", "notes": "Note", "tasks": "Task", "concerns": "Concern",
    "measurements": "Measurement", "supplies": "Supply", "equipment": "Equipment",
}  # fmt: skip
"""The lists whose entries have an id, and the sort of record that they are."""


def _record_length(change: Change) -> int:
    """How many steps of a way lead to the record."""
    return max(
        (place + 1 for place, step in enumerate(change.way)
         if place and isinstance(step, tuple) and step and change.way[place - 1] in _RECORDS),
        default=0,
    )  # fmt: skip


def _record_type(change: Change, length: int) -> str:
    return _RECORDS[str(change.way[length - 2])]


# --- sentences -------------------------------------------------------------------------------------------------------


def _sentence(scene: Scene, change: Change, what: Meaning, subject: str, *, hidden: bool) -> str:
    """One sentence: the record, what happened, what follows from it."""
    if not change.way:
        return f"{subject} is {'new in' if change.old is None else 'gone from'} the caseload, with everything on file"
    if hidden:
        sort = "added" if change.old is None else "removed" if change.new is None else "changed"
        way = _open_way(change)
        return f"{subject}: {wording.field_words(way)} ({sort})" if way else f"{subject}: ({sort})"
    says = what.says or _default(scene, change)
    more = "" if not what.more else f", {what.more}" if what.more.endswith(("later", "earlier")) else f"; {what.more}"
    return f"{subject}{' ' if says.startswith(_VERBS) else ': '}{says}{more}"


_VERBS: Final = (
    "is ", "was ", "has ", "no longer ", "now says", "begins ", "ends ", "goes ", "stopped", "held ", "took ",
    "closed ", "moved ", "are ", "takes ",
)  # fmt: skip
"""How what happened begins if it goes on from the name of the record without a colon."""


def _field(change: Change) -> str:
    """The field of a change in words."""
    length = _record_length(change)
    return wording.field_words(change.way[length:])


def _open_way(change: Change) -> tuple[str, ...]:
    """The way from the record to a value that is not shown, up to the first entry: by what that is known, says much."""
    inside = change.way[_record_length(change) :]
    names = itertools.takewhile(lambda step: isinstance(step, str), inside if change.field is not None else ())
    return tuple(map(str, names))


def _default(scene: Scene, change: Change) -> str:
    """What happened to a value, where nothing better is known: FIELD changed from OLD to NEW."""
    if change.field is None:
        return "is new" if change.old is None else "is gone"
    words = _field(change)
    if isinstance(change.old, list) and isinstance(change.new, list):
        gone, come = (_each(scene, change, side) for side in gone_and_come(change))
        return wording.added_and_removed(words, come, gone)
    old, new = (_said(scene, change, side) for side in (change.old, change.new))
    if change.old is None:
        return f"{words} added{new}" if isinstance(change.new, dict) else f"{words} set to {new} (nothing before)"
    if change.new is None:
        return f"{words} removed{old}" if isinstance(change.old, dict) else f"{words} removed (was {old})"
    if wording.is_prose(change.old, change.new):
        return f"{words}: “{wording.marked(change.old, change.new)}”"
    if wording.is_long(old) != wording.is_long(new):
        old, new = (f"“{side.strip('“”')}”" for side in (old, new))
    return f"{words} changed from {old} to {new}"


def _each(scene: Scene, change: Change, items: list[Any]) -> list[str]:
    return [_said(scene, change, item) for item in wording.sorted_days(items)]


_PEOPLE: Final = ("staff", "with", "by", "author", "assessor", "informants", "who", "prescriber", "ordered_by",
                  "coordinator", "about")  # fmt: skip


def _said(scene: Scene, change: Change, side: Any) -> str:
    shown = _masked(change, side)
    if isinstance(shown, dict) and isinstance(change.way[-1], tuple):
        # What the entry is known by stands in the name of the field.
        own = {name: inner for name, inner in shown.items() if name not in NATURAL_KEYS.get(change.type, ())}
        return f" ({wording.value(own)})" if own else ""
    if change.way[-1] in _PEOPLE:
        return scene.person(shown)
    return wording.quoted(wording.value(shown))


def _details(scene: Scene, change: Change, title: str) -> Iterator[str]:
    """All that an entry says that came or went: its own fields in one line, the entries in it each in another."""
    entry = _masked(change, change.new if change.old is None else change.old)
    if not change.way and isinstance(entry, dict):
        side = scene.new if change.old is None else scene.old
        counts = [wording.count_of(len(rows.rows), rows.record) for node in side.state.kinds.values()
                  if isinstance(node, Group) for rows in node.fields.values()
                  if isinstance(rows, Rows) and rows.rows]  # fmt: skip
        yield f"On file: {wording.listed(counts) or 'nothing'}."
    if change.field is not None or not change.way or not isinstance(entry, dict):
        return
    own = {name: inner for name, inner in entry.items()
           if name not in ("id", *_DETAILS) and inner not in (None, "", []) and inner != title}  # fmt: skip
    if own:
        yield f"In full: {wording.in_full(own)}"
    for name in _DETAILS:
        items = entry.get(name)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                yield f"{_upper(wording.entry_name(name))}: {wording.in_full(item)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

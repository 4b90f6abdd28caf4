"""What an order does to a medicine's entry: the fields that change and what they were, and when it is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from carectl.care.moments import in_days
from carectl.caseload.records import Allergy, AsNeeded, Client, Held, Medication
from carectl.words import fold

Plain = str | int | float | bool | list[str] | dict[str, "str | int | float"] | None
"""A value as a file holds it; None: no such field."""

FIELDS: Final = (
    "name", "strength", "dose", "route", "times", "as_needed", "schedule", "indication", "prescriber", "kind",
)  # fmt: skip
"""What an order can change, in the order in which an entry has it."""


def plain(medication: Medication, field: str) -> Plain:
    """A field of a medicine as the file holds it."""
    value = getattr(medication, field)
    if isinstance(value, tuple):
        return list(value) or None
    if isinstance(value, AsNeeded):
        return as_needed(value.reason, value.max_per_day)
    if field == "prescriber" and value is not None and not isinstance(value, str):
        return {"name": value.name}
    return value  # type: ignore[no-any-return]


def as_needed(reason: str, most: float | None) -> dict[str, str | int | float]:
    """A medicine taken only when needed, as the file holds it."""
    found: dict[str, str | int | float] = {"reason": reason}
    if most is not None:
        found["max_per_day"] = int(most) if float(most).is_integer() else most
    return found


def in_words(value: Plain) -> str:
    """A value for people: 08:00, 20:00; for knee pain, at most 4 a day."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        if "name" in value:
            return str(value["name"])
        most = f", at most {value['max_per_day']} a day" if "max_per_day" in value else ""
        return f"as needed for {value['reason']}{most}"
    return str(value)


def change_in_words(field: str, now: Plain, was: Plain) -> str:
    """One field of a change: strength 40 mg (was 20 mg)."""
    name = {"indication": "for", "as_needed": ""}.get(field, field)
    if now is None:
        return f"no longer {name} {in_words(was)}".replace("  ", " ")
    before = "" if was is None else f" (was {in_words(was)})"
    return f"{name} {in_words(now)}{before}".strip()


def settled(wanted: Mapping[str, Plain]) -> dict[str, Plain]:
    """The fields that an order sets, with those that go with them: given at times is not as needed, and vice versa."""
    found = dict(wanted)
    if found.get("as_needed") is not None:
        found.setdefault("times", None)
        found.setdefault("schedule", None)
    elif found.get("times") is not None or found.get("schedule") is not None:
        found.setdefault("as_needed", None)
    return found


def differing(medication: Medication, wanted: Mapping[str, Plain]) -> tuple[dict[str, Plain], dict[str, Plain]]:
    """The fields that an order changes, and what they were; both empty if all is like that already."""
    now: dict[str, Plain] = {}
    was: dict[str, Plain] = {}
    for field, value in settled(wanted).items():
        old = plain(medication, field)
        if _alike(old) != _alike(value):
            now[field] = value
            # `was` holds plain values alone; what is more is said in words.
            was[field] = in_words(old) if isinstance(old, dict) else old
    return now, was


def _alike(value: Plain) -> object:
    """A value such that 8:00 and 08:00, in any order, are the same."""
    return sorted(part.zfill(5) for part in value) if isinstance(value, list) else value


def is_stopped(medication: Medication, day: dt.date) -> bool:
    """Whether a medicine is no longer taken on a day."""
    return medication.until is not None and medication.until < day


def hold_on(medication: Medication, day: dt.date) -> tuple[int, Held] | None:
    """The hold that a medicine is on, or that is still to come without an end, with its place in the list."""
    for position, held in enumerate(medication.held):
        if in_days(day, str(held.from_), str(held.until) if held.until else None) or held.until is None:
            return position, held
    return None


def clash(medication: Medication, start: dt.date, until: dt.date | None) -> Held | None:
    """A hold that shares a day with this stretch of time."""
    last = until or dt.date.max
    return next((h for h in medication.held if h.from_ <= last and start <= (h.until or dt.date.max)), None)


# --- allergies -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AllergyWords:
    """What is on file about allergies, for whoever starts a medicine."""

    text: str
    match: str | None = None
    """The substance whose name is in the medicine's, if there is one."""


def allergies(client: Client | None, medicine: str) -> AllergyWords:
    """The allergies on file, and the one that a medicine's name speaks of. Related medicines are not known here."""
    if client is None or "allergies" in client.origin.unread or not client.allergies:
        return AllergyWords("not stated: ask before the first dose")
    if isinstance(client.allergies, str):
        return AllergyWords("none known")
    listed = ", ".join(_said(item) for item in client.allergies)
    words = set(_stems(medicine))
    match = next((item.substance for item in client.allergies if words & set(_stems(item.substance))), None)
    return AllergyWords(listed, match)


def _said(item: Allergy) -> str:
    more = ", ".join(part for part in (item.reaction, item.severity) if part)
    return f"{item.substance} ({more})" if more else item.substance


def _stems(text: str) -> Sequence[str]:
    """The words of a name by which two medicines can be told to be alike."""
    words = "".join(sign if sign.isalnum() else " " for sign in fold(text)).split()
    return [word.removesuffix("s") for word in words if len(word) > 3 and word not in ("drug", "drugs", "tablet")]

"""Changes in a coordinator's words: what a record is called, how a value reads, what went and came in a text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from carectl.care.changes.compare import Way
from carectl.care.changes.rules import NOT_SHOWN
from carectl.caseload.identities import Key

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{1,2}:[0-9]{2})(.*)")
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")
_SHORT: Final = 60
"""So many letters of a text stand for a record."""
_AROUND: Final = 5
"""So many words are shown on either side of what changed in a text."""

SENSITIVE: Final[Mapping[str, str]] = {
    "client/address.access": "it tells how to get into the house; some write the code of the key safe there",
    "client/insurance[].member_id": "whoever knows the number can pass for the client",
    "staff/staff[].credentials[].number": "the number of somebody's licence, which nobody reviews",
}
"""What is never shown in a review, by kind and place, and why. Nor is anything in an entry that is `private`."""

_OPEN_KEYS: Final = ("insurance", "credentials")
"""Lists whose entries are known by something that is never shown too: only the first part of the key is told."""

_NOUNS: Final[Mapping[str, str]] = {
    "Agreement": "Agreement", "Assessment": "Assessment", "AssessmentFinding": "Finding", "CarePlan": "Care plan",
    "Client": "Client", "Concern": "Concern", "Contact": "Contact", "Equipment": "Equipment", "Goal": "Goal",
    "Intervention": "Intervention", "Measurement": "Measurement", "Medication": "Medicine", "Note": "Note",
    "PracticeFile": "Practice", "Problem": "Problem", "Series": "Series", "StaffMember": "Staff", "Supply": "Supply",
    "Task": "Task", "Visit": "Visit",
}  # fmt: skip
_CALLED: Final = ("name", "statement", "text", "item", "domain")
"""The fields that say what a record is, the first that there is."""
_FIELDS: Final[Mapping[str, str]] = {
    "about": "people it is about", "achievement": "how it goes", "actual.in": "arrival", "actual.out": "departure",
    "address.access": "how to get in", "address.city": "town", "address.postal_code": "postal code",
    "address.state": "state", "address.street": "street", "amends": "what it corrects", "as_needed": "taken as needed",
    "as_needed.max_per_day": "most per day", "as_needed.reason": "taken as needed for", "at": "time",
    "birth_date": "date of birth", "block": "building block", "call_for": "what they want a call about",
    "calls_client": "what they call the client", "continues": "day of the agreement itself",
    "counted": "day of the last count", "does": "what is done", "due": "due date",
    "emergency.backup_plan": "backup plan", "emergency.hospital": "hospital", "employed.from": "first day of work",
    "employed.until": "last day of work", "end_of_care": "last day of care", "except": "days left out",
    "expires": "expiry", "for_family": "words for the family", "from": "first day", "harm": "what harm came of it",
    "max_hours_per_week": "most hours a week", "name.family": "last name", "name.given": "first name",
    "name.preferred": "what they like to be called", "needs": "skills needed", "period.from": "first day of the plan",
    "period.until": "last day of the plan", "phones": "phone numbers", "publish_to": "folder for calendars",
    "receives_skilled": "skilled care", "recorded": "day of writing down", "review_due": "review date",
    "revoked": "day on which it was taken back", "rrule": "rule for its days", "start_of_care": "first day of care",
    "to": "end", "until": "last day", "was": "what it was before", "who": "who does it", "with": "whom with",
}  # fmt: skip
_TABLES: Final[Mapping[str, str]] = {
    "answers": "answer to {}", "did": "what became of {}", "for_family": "words for the family ({})",
    "severities": "weight of {} in reviews", "was": "earlier {}",
}  # fmt: skip
"""Fields that hold others under anybody's names."""
_ENTRIES: Final[Mapping[str, str]] = {
    "agreed": "agreement by", "allergies": "allergy", "away": "time away", "changed": "change",
    "diagnoses": "diagnosis", "held": "hold", "progress": "progress", "sharing": "sharing agreement",
    "table": "way between", "told": "telling",
    "advance_directives": "directive", "insurance": "insurance", "training": "training",
}  # fmt: skip
"""Entries without an id, one of them."""

RECORDS: Final[Mapping[str, tuple[str, str]]] = {
    "Agreement": ("agreement", "agreements"), "Allergy": ("allergy", "allergies"),
    "Assessment": ("assessment", "assessments"), "AssessmentFinding": ("finding", "findings"),
    "Authority": ("authority", "authorities"), "Availability": ("time at work", "times at work"),
    "Away": ("time away", "times away"), "Concern": ("concern", "concerns"), "Contact": ("contact", "contacts"),
    "Credential": ("credential", "credentials"), "Diagnosis": ("diagnosis", "diagnoses"),
    "Directive": ("advance directive", "advance directives"),
    "Equipment": ("piece of equipment", "pieces of equipment"), "Goal": ("goal", "goals"), "Held": ("hold", "holds"),
    "InstrumentResult": ("result", "results"), "Insurance": ("insurance", "insurances"),
    "Intervention": ("intervention", "interventions"), "Measurement": ("measurement", "measurements"),
    "Medication": ("medicine", "medicines"), "MedicationChange": ("change", "changes"), "Note": ("note", "notes"),
    "Problem": ("problem", "problems"), "Progress": ("entry of progress", "entries of progress"),
    "Series": ("series", "series"), "Sharing": ("sharing agreement", "sharing agreements"),
    "StaffMember": ("person of the staff", "people of the staff"), "Supply": ("supply", "supplies"),
    "Task": ("task", "tasks"), "Told": ("telling", "tellings"), "Training": ("training", "trainings"),
    "TravelBetween": ("way between", "ways between"), "Visit": ("visit", "visits"),
}  # fmt: skip
"""What the entries of every list are called: one of them, and several."""


# --- values ----------------------------------------------------------------------------------------------------------


def day(value: dt.date) -> str:
    """A day with its weekday: Fri 2026-11-27."""
    return f"{_DAYS[value.weekday()]} {value}"


def value(what: Any) -> str:
    """A plain value as people read it: days with their weekday, lists by commas."""
    if what is None:
        return "nothing"
    if isinstance(what, bool):
        return "yes" if what else "no"
    if isinstance(what, str):
        return _text(what)
    if isinstance(what, list):
        return ", ".join(map(value, sorted_days(what))) or "nobody"
    if isinstance(what, dict):
        if set(what) == {"name"}:
            return value(what["name"])
        return ", ".join(_fields_said(what)) or "nothing"
    return str(what)


def line(text: str) -> str:
    """A text in one line, whatever a value in it holds."""
    return " ".join(text.split())


def in_full(entry: Mapping[str, Any]) -> str:
    """All that an entry says, in one line."""
    return "; ".join(_fields_said(entry))


def _fields_said(entry: Mapping[str, Any]) -> Iterator[str]:
    for name, inner in entry.items():
        said = value(inner)
        yield f"{_FIELDS.get(name, _plain_name(name))} {quoted(said) if isinstance(inner, str) else said}"


def _text(text: str) -> str:
    if _DATE.fullmatch(text):
        found = _day(text)
        return day(found) if found else text
    match = _MOMENT.fullmatch(text)
    found = _day(match[1]) if match else None
    if match and found:
        return f"{day(found)} {match[2].zfill(5)}{match[3]}"
    return " ".join(text.split())


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def sorted_days(items: list[Any]) -> list[Any]:
    """Days of the week as a week has them, all else as it stands."""
    week = [name.lower() for name in _DAYS]
    if items and all(item in week for item in items):
        return sorted(items, key=week.index)
    return items


def listed(items: Iterable[str], last: str = "and") -> str:
    """Words joined by commas and a last `and`."""
    words = list(items)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""


def added_and_removed(words: str, come: Sequence[str], gone: Sequence[str]) -> str:
    """What came into a list, and what went: added to times: 14:00; removed: 08:00."""
    if come and gone:
        return f"added to {words}: {', '.join(come)}; removed: {', '.join(gone)}"
    return f"added to {words}: {', '.join(come)}" if come else f"removed from {words}: {', '.join(gone)}"


def quoted(text: str) -> str:
    """A text in quotation marks, if it has more than a few words."""
    return f"“{text}”" if is_long(text) else text


def is_long(text: str) -> bool:
    """Whether a text has more than a few words."""
    return len(text.split()) > 3


def count_of(number: int, record: str) -> str:
    """1 allergy, 2 pieces of equipment: so many records of a sort."""
    return f"{number} {RECORDS.get(record, ('entry', 'entries'))[number != 1]}"


def count(number: int, noun: str) -> str:
    """1 day, 28 days."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def field_words(steps: Way) -> str:
    """The way from a record to a value in words: due date; expiry of the sharing agreement of Sun 2026-09-20."""
    last = max((place for place, step in enumerate(steps) if isinstance(step, tuple) and step), default=-1)
    names = [str(step) for step in steps[last + 1 :] if not isinstance(step, tuple)]
    inside = _entry_words(str(steps[last - 1]), cast("Key", steps[last])) if last > 0 else ""
    if not names:
        return inside
    return f"{_name_words(names)} of the {inside}" if inside else _name_words(names)


def _entry_words(name: str, key: Key) -> str:
    """An entry without an id, by what it is known by: allergy Penicillin, hold of Wed 2026-09-10."""
    parts = [part for part in map(_key_part, key[:1] if name in _OPEN_KEYS else key) if part]
    days = [part for part in parts if part[:3] in _DAYS]
    others = [part for part in parts if part not in days]
    words = entry_name(name)
    if name in ("sharing", "authority"):
        return " ".join([words, *(f"of {one}" for one in days), *(f"({one.replace('_', ' ')})" for one in others)])
    return " ".join([words, *others, *(f"of {one}" for one in days)])


def entry_name(name: str) -> str:
    """One of the entries of a list: goal, sharing agreement."""
    return _ENTRIES.get(name, name.removesuffix("s").replace("_", " "))


def _key_part(part: str) -> str:
    """A part of a key for people. What only tells equal entries apart is left out."""
    if part.startswith('{"name":"'):
        return part.removeprefix('{"name":"').removesuffix('"}')
    return "" if part.startswith("{") or part == "again" else value(part)


def _name_words(names: list[str]) -> str:
    dotted, first, rest = ".".join(names), names[0], " ".join(" ".join(names[1:]).split())
    if dotted in _FIELDS:
        return _FIELDS[dotted]
    if rest and first in ("practice", "review"):
        return _name_words(names[1:])
    if rest and first in _TABLES:
        return _TABLES[first].format(rest)
    if rest:
        return f"{_FIELDS.get(names[-1], _plain_name(names[-1]))} of {_FIELDS.get(first, _plain_name(first))}"
    return _FIELDS.get(first, _plain_name(first))


def _plain_name(name: str) -> str:
    line = " ".join(name.split())
    return line if line.startswith("x-") else line.replace("_", " ").replace("-", " ")


# --- texts -----------------------------------------------------------------------------------------------------------


def is_prose(old: Any, new: Any) -> bool:
    """Whether two values are texts in which one wants to see which words went and came."""
    return all(isinstance(text, str) and len(text.split()) > 3 for text in (old, new))


def marked(old: str, new: str) -> str:
    """Two texts as one, with what went as [-old-] and what came as [+new+]; the same words far from it are left out."""
    from difflib import SequenceMatcher

    before, after = _words(old), _words(new)
    if before == after:
        return "only blanks or line breaks"
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    parts: list[str] = []
    gone = come = ""
    for number, (what, a, b, c, d) in enumerate(steps):
        is_first, is_last = number == 0, number == len(steps) - 1
        if what != "equal":
            gone, come = gone + "".join(before[a:b]), come + "".join(after[c:d])
        elif before[a:b] == [" "] and gone and come and not is_last:
            # Two words beside one another read better as one change.
            gone, come = f"{gone} ", f"{come} "
        else:
            parts += [_mark(gone, come), _context(before[a:b], is_first=is_first, is_last=is_last)]
            gone = come = ""
    return "".join([*parts, _mark(gone, come)])


def _mark(gone: str, come: str) -> str:
    return (f"[-{gone}-]" if gone else "") + (f"[+{come}+]" if come else "")


def _words(text: str) -> list[str]:
    return [" " if part.isspace() else part for part in _WORD.findall(text.strip())]


def _context(words: Sequence[str], *, is_first: bool, is_last: bool) -> str:
    most = 2 * _AROUND
    if is_first and len(words) > most:
        return "… " + "".join(words[-most:]).lstrip()
    if is_last and len(words) > most:
        return "".join(words[:most]).rstrip() + " …"
    if len(words) > 2 * most:
        return "".join(words[:most]).rstrip() + " … " + "".join(words[-most:]).lstrip()
    return "".join(words)


# --- records ---------------------------------------------------------------------------------------------------------


def title(record: str, entry: Mapping[str, Any], key: str | None) -> str:
    """What a record is called, by its plain data: Furosemide; a goal by its text; a visit by its day."""
    if entry.get("private") is True:
        return key or _NOUNS.get(record, record)
    if record == "Visit":
        when = value(entry.get("date") or entry.get("day") or "") or key or ""
        return f"{when} {entry['at']}" if entry.get("at") else when
    if record in ("Note", "Assessment", "Concern", "Measurement"):
        when = value(entry.get("at") or entry.get("date") or "")
        sort = str(entry.get("kind") or "").replace("_", " ")
        return " of ".join(part for part in (sort, when) if part) or key or record
    if record == "Series":
        return f"{key} ({str(entry.get('service', 'visit')).replace('_', ' ')})"
    for name in _CALLED:
        if isinstance(found := entry.get(name), str):
            return shortened(found)
        if isinstance(found, dict) and record == "StaffMember":
            return " ".join(str(found[part]) for part in ("given", "family") if part in found)
    return key or {"Client": "Client record", "PracticeFile": "Practice"}.get(record, _NOUNS.get(record, record))


def shortened(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else line[: _SHORT - 1].rstrip() + "…"


def subject(record: str, called: str, path: str | None, problem: str | None) -> str:
    """What a sentence is about: Medicine Furosemide (furosemide)."""
    noun = _NOUNS.get(record, record)
    if path is None:
        return called
    quoted = f"“{called}”" if record in ("Goal", "Intervention", "Problem", "Task") and called != path else called
    known = called == path or called.startswith(f"{path} (")
    more = "; ".join(part for part in ("" if known else path, f"for “{problem}”" if problem else "") if part)
    return f"{noun} {quoted} ({more})" if more else f"{noun} {quoted}"


# --- what is not shown -----------------------------------------------------------------------------------------------


def is_hidden(kind: str, place: str) -> bool:
    """Whether the value at a place is never shown."""
    return f"{kind}/{place}" in SENSITIVE


def masked(kind: str, place: str, what: Any) -> Any:
    """Plain data without what is never shown."""
    if what is None:
        return None
    if is_hidden(kind, place):
        return NOT_SHOWN
    if isinstance(what, dict):
        if what.get("private") is True:
            return NOT_SHOWN
        return {name: masked(kind, f"{place}.{name}" if place else str(name), inner) for name, inner in what.items()}
    if isinstance(what, list):
        return [masked(kind, f"{place}[]", item) for item in what]
    return what


def safe_field(field: str | None, way: Way) -> str | None:
    """The name of a field, without the part of a natural key that is never shown."""
    for position, step in enumerate(way[:-1]):
        key = way[position + 1]
        if step in _OPEN_KEYS and isinstance(key, tuple):
            return f"{step}[{key[0]}]" + "".join(f".{name}" for name in way[position + 2 :])
    return field

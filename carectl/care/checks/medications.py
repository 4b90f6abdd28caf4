"""Medicines: how each is given, what changed, what stands there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from carectl.care.checks.case import Case, is_read, listed, meant
from carectl.caseload.records import Medication, MedicationChange
from carectl.findings import Finding, Severity, code

_FIELDS: Final = {
    "name": "name", "strength": "strength", "dose": "dose", "route": "route", "times": "times",
    "schedule": "schedule", "indication": "indication", "prescriber": "prescriber", "kind": "kind",
    "from": "from_", "until": "until", "as_needed": "as_needed",
}  # fmt: skip
"""What can change about a medicine: the key in the file and the field of the record."""


def _is_taken(medication: Medication, case: Case) -> bool:
    """Whether a medicine is taken today, as far as the file says."""
    return medication.from_ <= case.today and (medication.until is None or medication.until >= case.today)


@code("medication-without-times", Severity.WARNING)
def medication_without_times(case: Case) -> Iterator[Finding]:
    """A medicine that the client takes, without saying when.

    Whoever fills the pill box has to guess, or asks the client, who may not remember. Give `times`; or `as_needed`
    with the reason; or, where times do not tell it (weekly, a taper), `schedule` in words.

    Wrong:
        - {id: furosemide, name: Furosemide, dose: 1 tablet, from: 2026-08-03}
    Right:
        - {id: furosemide, name: Furosemide, dose: 1 tablet, from: 2026-08-03, times: ["08:00"]}
    """
    for medication in case.chart.medications:
        if medication.times or medication.as_needed or medication.schedule or not _is_taken(medication, case):
            continue
        if is_read(medication.origin, "times", "as_needed", "schedule", "until"):
            message = f"it is not said when {medication.id} is taken"
            hint = "add `times`, `as_needed`, or `schedule` in words"
            yield case.say(medication_without_times, medication.origin.at(), message, hint)


@code("medication-twice", Severity.WARNING)
def medication_twice(case: Case) -> Iterator[Finding]:
    """The same medicine stands in the list twice, taken at the same times.

    Someone may give it twice. Often a new order was added and the old one never ended; or two people wrote down one
    order, each under another id. End the one that no longer holds with `until` and `reason`; if the dose or the
    strength changed, keep the one entry and note the change under `changed`. Two strengths that are ordered to be taken
    together, such as warfarin 5 mg with 1 mg, are right as they stand: say so in a waiver, and who ordered it.

    Wrong:
        - {id: furosemide, name: Furosemide, strength: 40 mg, dose: 1 tablet, from: 2026-08-03, times: ["08:00"]}
        - {id: lasix, name: Furosemide, strength: 40 mg, dose: 1 tablet, from: 2026-11-20, times: ["08:00"]}
    Right:
        - {id: furosemide, name: Furosemide, strength: 40 mg, dose: 1 tablet, from: 2026-08-03, times: ["08:00"]}
    """
    seen: dict[str, list[Medication]] = {}
    for medication in case.chart.medications:
        if not _is_taken(medication, case) or not is_read(medication.origin, "until", "strength", "times", "as_needed"):
            continue
        key = _plain(medication.name)
        twins = [other for other in seen.get(key, ()) if _same_way(medication, other)]
        # One of the same strength tells most.
        twin = next((other for other in twins if _is_as_strong(medication, other)), next(iter(twins), None))
        if twin is not None:
            what = (
                f"of the same strength as {twin.id}"
                if _is_as_strong(medication, twin)
                else f"as {twin.id} in another strength"
            )
            message = f"{medication.id} is the same medicine {what}, taken at the same time"
            hint = "end the one that no longer holds with `until` and `reason`; if both are ordered, say so in a waiver"
            yield case.say(medication_twice, medication.origin.at(), message, hint)
        seen.setdefault(key, []).append(medication)


def _plain(text: str) -> str:
    return "".join(text.casefold().split())


def _is_as_strong(one: Medication, other: Medication) -> bool:
    return _plain(one.strength or "") == _plain(other.strength or "")


def _same_way(one: Medication, other: Medication) -> bool:
    """Whether two orders of one medicine would have it taken at the same time."""
    if (one.as_needed is None) != (other.as_needed is None):
        return False  # regular, and when needed on top of it
    times = {time.zfill(5) for time in one.times} & {time.zfill(5) for time in other.times}
    return bool(times) or not (one.times and other.times)


@code("medication-stop-incomplete", Severity.WARNING)
def medication_stop_incomplete(case: Case) -> Iterator[Finding]:
    """A medicine that was stopped without a reason, or that has a reason for stopping but no last day.

    The next physician asks why, and starts again what did harm before; or the medicine goes on being given though
    someone wrote why it was stopped. A stopped medicine has both `until` and `reason`.

    Wrong:
        - {id: ibuprofen, name: Ibuprofen, dose: 1 tablet, from: 2026-05-01, until: 2026-08-04}
    Right:
        - id: ibuprofen
          name: Ibuprofen
          dose: 1 tablet
          from: 2026-05-01
          until: 2026-08-04
          reason: Not with heart failure
    """
    for medication in case.chart.medications:
        if not is_read(medication.origin, "until", "reason"):
            continue
        ended = medication.until is not None and medication.until < case.first_open_day
        if ended and medication.reason is None:
            message = f"{medication.id} was stopped on {medication.until}, and `reason` does not say why"
            yield case.say(medication_stop_incomplete, medication.origin.at(), message, "add `reason`")
        elif medication.until is None and medication.reason is not None:
            message = f"{medication.id} has a `reason` for stopping, but no last day in `until`"
            hint = "add `until`, or take `reason` away if it goes on"
            yield case.say(medication_stop_incomplete, medication.origin.at("reason"), message, hint)


@code("medication-change-field", Severity.ERROR)
def medication_change_field(case: Case) -> Iterator[Finding]:
    """A change of a medicine names a field that medicines do not have.

    Under a misspelt name the old dose is lost, and the history of the order has a hole. Use the names that the
    medicine's own lines have: strength, dose, times, route …

    Wrong:
        changed:
          - {date: 2026-11-20, was: {strenght: 20 mg}, reason: Ankle swelling}
    Right:
        changed:
          - {date: 2026-11-20, was: {strength: 20 mg}, reason: Ankle swelling}
    """
    for medication in case.chart.medications:
        for change in medication.changed:
            for key in change.was:
                if key not in _FIELDS and not key.startswith("x-"):
                    message = f"`was` names {key}, which no medicine has"
                    hint = meant(key, _FIELDS) or f"the fields are {', '.join(_FIELDS)}"
                    yield case.say(medication_change_field, change.origin.at("was", key), message, hint)


@code("medication-change-nothing", Severity.WARNING)
def medication_change_nothing(case: Case) -> Iterator[Finding]:
    """A change of a medicine says that it was what it still is.

    Either the new dose was never entered above, and the old one is given on, or the change was written down twice.
    `was` holds what it was before; the entry itself says how it is now.

    Wrong:
        strength: 20 mg
        changed:
          - {date: 2026-11-20, was: {strength: 20 mg}, reason: Ankle swelling}
    Right:
        strength: 40 mg
        changed:
          - {date: 2026-11-20, was: {strength: 20 mg}, reason: Ankle swelling}
    """
    for medication in case.chart.medications:
        if not is_read(medication.origin, "changed"):
            continue
        changes = sorted(medication.changed, key=lambda item: item.date)
        if not all(is_read(change.origin, "was") for change in changes):
            continue
        for nth, change in enumerate(changes):
            for key, was in change.was.items():
                if key in _FIELDS and is_read(medication.origin, _FIELDS[key]):
                    now = _next(medication, key, changes[nth + 1 :])
                    if was is not None and now is not None and _text(was) == _text(now):
                        message = f"`{key}` of {medication.id} did not change: afterwards it is what it was"
                        hint = f"correct `{key}`, or remove the change"
                        yield case.say(medication_change_nothing, change.origin.at("was", key), message, hint)


def _next(medication: Medication, key: str, later: list[MedicationChange]) -> object:
    """What a field became by a change: what the next change found, else what it is now."""
    for change in later:
        if key in change.was:
            return change.was[key]
    return getattr(medication, _FIELDS[key])


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return ",".join(sorted(_plain(str(item)).zfill(5) for item in value))
    return _plain(str(value))


@code("medication-change-unexplained", Severity.WARNING)
def medication_change_unexplained(case: Case) -> Iterator[Finding]:
    """A change of a medicine without the reason for it.

    Whoever takes over cannot tell an order from a slip of the pen. Say why it changed, and in `ordered_by` who ordered
    it.

    Wrong:
        changed:
          - {date: 2026-11-20, was: {strength: 20 mg}}
    Right:
        changed:
          - {date: 2026-11-20, was: {strength: 20 mg}, reason: Ankle swelling, ordered_by: dr-lee}
    """
    for medication in case.chart.medications:
        for change in medication.changed:
            lost = [name for name in ("reason", "was") if not getattr(change, name) and is_read(change.origin, name)]
            if lost:
                message = f"this change of {medication.id} lacks {listed(lost)}"
                yield case.say(medication_change_unexplained, change.origin.at(), message, "say what it was, and why")


CHECKS = (
    medication_without_times,
    medication_twice,
    medication_stop_incomplete,
    medication_change_field,
    medication_change_nothing,
    medication_change_unexplained,
)

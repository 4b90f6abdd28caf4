"""Measurements as people type them: weight 61.2kg, blood_pressure 128/76, pulse 72."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from carectl.care.checks.references import slip
from carectl.care.moments import day_of
from carectl.caseload.records import Measurement

UNITS: Final[dict[str, tuple[str, ...]]] = {
    "weight": ("kg", "lb"),
    "height": ("cm", "in"),
    "blood_pressure": ("mmHg",),
    "systolic": ("mmHg",),
    "diastolic": ("mmHg",),
    "pulse": ("bpm",),
    "respiration": ("/min",),
    "temperature": ("°C", "°F"),
    "oxygen_saturation": ("%",),
    "glucose": ("mg/dL", "mmol/L"),
    "a1c": ("%",),
    "pain": (),
    "fluid_intake": ("ml", "oz"),
    "urine_output": ("ml",),
    "wound_length": ("cm", "mm"),
    "wound_width": ("cm", "mm"),
    "wound_depth": ("cm", "mm"),
}
"""Kinds of measurements with their units; of several, one has to be named. Kinds of one's own are welcome."""

_SAME: Final = {
    "bp": "blood_pressure", "rr": "respiration", "temp": "temperature", "spo2": "oxygen_saturation",
    "o2": "oxygen_saturation", "hr": "pulse", "heart_rate": "pulse", "blood_glucose": "glucose",
    "blood_sugar": "glucose", "sugar": "glucose",
}  # fmt: skip
_SAME_UNIT: Final = {
    "kgs": "kg", "lbs": "lb", "pounds": "lb", "c": "°C", "f": "°F", "°c": "°C", "°f": "°F", "mmhg": "mmHg",
    "mg/dl": "mg/dL", "mmol/l": "mmol/L", "percent": "%", "beats": "bpm",
}  # fmt: skip
_LIKELY: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("weight", "kg"): (15, 300), ("weight", "lb"): (33, 660), ("height", "cm"): (50, 230), ("height", "in"): (20, 90),
    ("systolic", "mmHg"): (50, 280), ("diastolic", "mmHg"): (20, 180), ("pulse", "bpm"): (20, 250),
    ("respiration", "/min"): (4, 70), ("temperature", "°C"): (30, 43), ("temperature", "°F"): (86, 110),
    ("oxygen_saturation", "%"): (40, 100), ("glucose", "mg/dL"): (10, 1500), ("glucose", "mmol/L"): (0.5, 84),
    ("a1c", "%"): (3, 20), ("pain", ""): (0, 10),
}  # fmt: skip
"""What a living person can have: beyond it somebody's finger slipped, or the unit is wrong."""
_VALUE: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(/[0-9]+)? ?([^\d\s].*)?")


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement."""

    kind: str
    value: int | float | str
    unit: str | None

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.kind.replace('_', ' ')} {self.value}{unit}"


def kind_of(typed: str) -> str:
    """A kind as the files write it."""
    word = typed.casefold().replace("-", "_").replace(" ", "_")
    return _SAME.get(word, word)


def measured(words: Sequence[str], earlier: Iterable[Measurement]) -> list[Measured]:
    """What was measured, from KIND VALUE[UNIT] pairs. Raises ValueError in words; `earlier` only serve its hints."""
    known = {item.kind: item for item in sorted(earlier, key=lambda item: day_of(str(item.date)))}
    found: list[Measured] = []
    left = list(words)
    while left:
        kind = kind_of(left.pop(0))
        if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
            raise ValueError(f"KIND VALUE pairs, such as weight 61.2kg; {kind} is no kind")
        if kind not in known and (near := slip(kind, tuple(UNITS))):
            raise ValueError(f"{near} (is that what {kind} means?)")
        if not left:
            raise ValueError(f"a value behind {kind}, such as weight 61.2kg")
        text = left.pop(0)
        # `61.2 kg` in two words
        if left and not re.match(r"-?[0-9]", left[0]) and (len(left) == 1 or not re.match(r"-?[0-9]", left[1])):
            text = f"{text} {left.pop(0)}"
        found.append(_one(kind, text, known.get(kind)))
    if not found:
        raise ValueError("KIND VALUE pairs, such as weight 61.2kg")
    return found


def _one(kind: str, text: str, last: Measurement | None) -> Measured:
    match = _VALUE.fullmatch(text.strip())
    if match is None or "," in text:
        raise ValueError(f"a number behind {kind}, such as 61.2kg (with a point, not a comma)")
    number: str = match[1]
    second: str | None = match[2]
    typed: str | None = match[3]
    unit = _SAME_UNIT.get((typed or "").casefold(), typed)
    units = UNITS.get("blood_pressure" if kind.startswith("blood_pressure") else kind)
    # Also blood_pressure_standing, and whatever else somebody calls one.
    is_pressure = kind.startswith("blood_pressure")
    if is_pressure != (second is not None):
        raise ValueError(f"{kind} as 128/76" if is_pressure else f"one number behind {kind}")
    if units is not None:
        if unit is None and len(units) > 1:
            was = f" (last time it was {last.unit})" if last is not None and last.unit else ""
            raise ValueError(f"{kind} with its unit, {' or '.join(f'{number}{name}' for name in units)}{was}")
        if unit is not None and unit not in units:
            raise ValueError(f"{kind} in {' or '.join(units) or 'no unit'}")
        unit = unit or (units[0] if units else None)
    elif unit is None and last is not None:
        unit = last.unit
    if second is not None:
        upper, lower = int(number) if number.isdigit() else 0, int(second[1:])
        if upper <= lower or not _is_likely("systolic", "mmHg", upper) or not _is_likely("diastolic", "mmHg", lower):
            raise ValueError("a blood pressure that can be, the higher number first, as 128/76")
        return Measured(kind, f"{upper}/{lower}", unit)
    value = float(number)
    if not _is_likely(kind, unit or "", value):
        low, high = _LIKELY[kind, unit or ""]
        raise ValueError(f"a {kind.replace('_', ' ')} between {low:g} and {high:g} {unit or ''}".rstrip())
    return Measured(kind, int(value) if value.is_integer() else value, unit)


def _is_likely(kind: str, unit: str, value: float) -> bool:
    low, high = _LIKELY.get((kind, unit), (float("-inf"), float("inf")))
    return low <= value <= high


def before(entries: Iterable[Measurement], kind: str, day: str) -> Measurement | None:
    """The last measurement of a kind up to a day."""
    found = [item for item in entries if item.kind == kind and str(item.date)[:10] <= day[:10]]
    return max(found, key=lambda item: str(item.date), default=None)

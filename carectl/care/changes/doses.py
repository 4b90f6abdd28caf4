"""How much of a medicine is taken in a day, as far as its entry says so beyond doubt.

A wrong total is worse than none: what is not written in one of few plain ways is not worked out, and the reason why is
said instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

_UNITS: Final[Mapping[str, tuple[str, str, Fraction]]] = {
    name: (sort, shown, Fraction(factor))
    for names, sort, shown, factor in (
        ("mg milligram milligrams", "mass", "mg", "1"),
        ("g gram grams", "mass", "g", "1000"),
        ("mcg µg μg microgram micrograms", "mass", "mcg", "1/1000"),
        ("ml milliliter milliliters millilitre millilitres", "volume", "ml", "1"),
        ("meq", "mEq", "mEq", "1"),
        ("iu", "IU", "IU", "1"),
        ("unit units", "units", "units", "1"),
        ("tablet tablets tab tabs pill pills", "form", "tablets", "1"),
        ("capsule capsules cap caps", "form", "capsules", "1"),
        ("puff puffs inhalation inhalations", "form", "puffs", "1"),
        ("drop drops", "form", "drops", "1"),
        ("spray sprays", "form", "sprays", "1"),
        ("patch patches", "form", "patches", "1"),
        ("sachet sachets packet packets", "form", "sachets", "1"),
        ("suppository suppositories", "form", "suppositories", "1"),
        ("lozenge lozenges", "form", "lozenges", "1"),
    )
    for name in names.split()
}
"""What a unit is: the sort of thing that it measures, how it is shown, and how many of the base unit it is.

International units and "units" are not taken for one another, and a spoon is no measure."""
_WORDS: Final[Mapping[str, str]] = {
    "a": "1", "an": "1", "one": "1", "two": "2", "three": "3", "four": "4", "half": "1/2", "½": "1/2", "¼": "1/4",
    "¾": "3/4",
}  # fmt: skip
# No 1,000 and no 0,5: a comma may be either. No .5, which is read as 5 too easily.
_PLAIN: Final = r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,4})?"
_AMOUNT: Final = re.compile(
    rf"(?P<number>{_PLAIN}|[1-9][0-9]?/[1-9][0-9]?|(?:an?|one|two|three|four|half)(?= )|[½¼¾])"
    rf"(?: and (?P<half>a half|1/2)|(?P<part> 1/2| ?[½¼¾]))?(?: an?)? ?(?P<unit>[a-zµμ]+)"
)
_STRENGTH: Final = re.compile(
    rf"(?P<number>{_PLAIN}) ?(?P<unit>[a-zµμ]+)(?: ?(?:/|per) ?(?P<many>{_PLAIN})? ?(?P<of>[a-z]+))?"
)


_NO_CONTENT: Final = ("drops", "patches")
"""What a bare strength says nothing about: a drop holds part of it, a patch gives it off by the hour."""


class Amount(NamedTuple):
    """An amount in its own unit."""

    number: Fraction
    unit: str
    sort: str
    """Amounts of one sort can be compared: mass, volume, form, mEq, IU, units."""

    @property
    def based(self) -> Fraction:
        """The amount in the base unit of its sort."""
        return self.number * _FACTORS.get(self.unit, Fraction(1))

    def __str__(self) -> str:
        unit = self.unit
        if self.sort == "form" and self.number <= 1:
            unit = {"patches": "patch", "suppositories": "suppository"}.get(unit, unit.removesuffix("s"))
        return f"{shown(self.number)} {unit}"


_FACTORS: Final = {shown_as: factor for _, shown_as, factor in _UNITS.values()}


class Daily(NamedTuple):
    """How much is taken in a day."""

    amount: Amount
    at_most: bool
    """Whether it is taken only when needed: then so much at most."""
    strength: str | None
    """The strength, if tablets, puffs or millilitres are counted whatever is in them."""

    def __str__(self) -> str:
        return f"{'at most ' if self.at_most else ''}{self.amount}"


class NotKnown(NamedTuple):
    """Why no total can be told."""

    why: str


def daily(entry: Mapping[str, Any]) -> Daily | NotKnown:
    """How much of a medicine is taken in a day by its entry (plain data)."""
    count = _count(entry)
    if isinstance(count, NotKnown):
        return count
    times, at_most = count
    dose = amount(entry.get("dose"))
    if dose is None:
        return NotKnown("the dose is not a plain amount")
    written = entry.get("strength")
    total = dose._replace(number=dose.number * times)
    if dose.sort not in ("form", "volume"):
        return Daily(total, at_most, None)
    strength = _strength(written)
    if strength is not None:
        content, per = strength
        bare = per is None and dose.unit not in _NO_CONTENT
        if dose.sort == "form" and (bare or per == Amount(Fraction(1), dose.unit, "form")):
            return Daily(content._replace(number=content.number * total.number), at_most, None)
        if dose.sort == "volume" and per is not None and per.sort == "volume":
            return Daily(content._replace(number=content.number * total.number / per.number), at_most, None)
    return Daily(total, at_most, _plain(written) if isinstance(written, str) else "")


def _count(entry: Mapping[str, Any]) -> tuple[Fraction, bool] | NotKnown:
    """How often a day, and whether at most so."""
    times, needed, schedule = entry.get("times"), entry.get("as_needed"), entry.get("schedule")
    if schedule:
        return NotKnown("`schedule` tells in words when it is taken")
    if needed:
        if times:
            return NotKnown("it is taken at times, and also as needed")
        most = needed.get("max_per_day") if isinstance(needed, dict) else None
        if isinstance(most, bool) or not isinstance(most, int | float) or most <= 0:
            return NotKnown("it does not say how often a day at most")
        return Fraction(str(most)), True
    if isinstance(times, list) and times:
        if len({str(time).zfill(5) for time in times}) < len(times):
            return NotKnown("a time of day stands there twice")
        return Fraction(len(times)), False
    return NotKnown("it does not say how often a day")


def amount(text: object) -> Amount | None:
    """An amount of 40 mg, 5 ml, 2 puffs, half a tablet or 1½ tablets; None if it is written in any other way."""
    match = _AMOUNT.fullmatch(_plain(text)) if isinstance(text, str) else None
    if match is None or match["unit"] not in _UNITS:
        return None
    number = Fraction(_WORDS.get(match["number"], match["number"]))
    more = match["half"] or match["part"]
    if more:
        if number.denominator != 1:
            return None
        number += Fraction(_WORDS.get(more.strip(), "1/2"))
    sort, shown_as, _ = _UNITS[match["unit"]]
    return Amount(number, shown_as, sort) if number > 0 else None


def _strength(text: object) -> tuple[Amount, Amount | None] | None:
    """What one tablet or puff holds (40 mg, 90 mcg/puff), or so much liquid (50 mg/5 ml)."""
    match = _STRENGTH.fullmatch(_plain(text)) if isinstance(text, str) else None
    if match is None or match["unit"] not in _UNITS or (match["of"] and match["of"] not in _UNITS):
        return None
    sort, shown_as, _ = _UNITS[match["unit"]]
    content = Amount(Fraction(match["number"]), shown_as, sort)
    if sort in ("form", "volume") or content.number == 0:
        return None
    if not match["of"]:
        return content, None
    sort, shown_as, _ = _UNITS[match["of"]]
    per = Amount(Fraction(match["many"] or 1), shown_as, sort)
    return (content, per) if per.number > 0 and sort in ("form", "volume") else None


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, Fraction | None]:
    """What becomes of a day's total between two entries of a medicine, in words; and how many times as much it is."""
    before, after = daily(old), daily(new)
    if isinstance(before, NotKnown) or isinstance(after, NotKnown):
        why = [side.why for side in (before, after) if isinstance(side, NotKnown)]
        return f"the day's total is not worked out: {why[-1]}", None
    if before.amount.sort != after.amount.sort or (before.amount.sort == "form" and before.strength != after.strength):
        return f"the day's totals cannot be compared: {before} and {after}", None
    if before.amount.sort == "form" and before.amount.unit != after.amount.unit:
        return f"the day's totals cannot be compared: {before} and {after}", None
    if before.amount.sort == "volume" and before.strength != after.strength:
        return "the day's totals cannot be compared: the strength is another one", None
    factor = after.amount.based / before.amount.based
    if before.at_most != after.at_most:
        return f"in a day {before}, now {after}", None
    if factor == 1:
        return f"{before} in a day as before", factor
    return f"in a day {before}, now {after}: {times_as_much(factor)}", factor


def times_as_much(factor: Fraction) -> str:
    """A factor in words: twice as much, 50% more, half as much."""
    if factor == 1:
        return "as much as before"
    if factor.denominator == 1 and factor > 1:
        return "twice as much" if factor == 2 else f"{factor} times as much"
    if factor.numerator == 1:
        names = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 10: "a tenth"}
        return f"{names.get(factor.denominator, f'1/{factor.denominator}')} as much"
    if factor > 2:
        return f"{_rounded(factor)} times as much"
    percent = abs(factor - 1) * 100
    return f"{_rounded(percent)}% {'more' if factor > 1 else 'less'}"


def _rounded(number: Fraction) -> str:
    near = round(number, 1)
    return f"{'' if near == number else 'about '}{shown(near)}"


def shown(number: Fraction) -> str:
    """A number as people write it: 62.5; 1/3 where no decimal says it."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    text = f"{float(number):.6f}".rstrip("0").rstrip(".")
    return text if Fraction(text) == number else f"{number.numerator}/{number.denominator}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")

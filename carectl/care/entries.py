"""What a new entry holds that nobody types: its id, its moment in full, and whether it was written down late."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from carectl.care.dates import day_typed, in_full
from carectl.care.moments import add_period, day_of, is_moment, moment_of, start_of
from carectl.care.times import time_typed
from carectl.caseload.records import Entry
from carectl.words import fold

E = TypeVar("E", bound=Entry)

_ID_LENGTH: Final = 64
_TASK_WORDS: Final = 3
_ARTICLES: Final = ("a", "an", "the")
_LITTLE_WORDS: Final = frozenset(
    "and or for to of in on at with about from by before after whether if what when who why how that".split()
)
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_TITLES: Final = frozenset(("dr", "prof", "mr", "mrs", "ms", "fr", "sr", "rev"))


# --- ids -------------------------------------------------------------------------------------------------------------


def unique(stem: str, taken: Collection[str]) -> str:
    """An id: the stem, or with the first number behind it that is free."""
    stem = stem[: _ID_LENGTH - 4].strip("-")
    number = 1
    while (found := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return found


def numbered(stem: str, taken: Collection[str]) -> str:
    """An id with the number after the highest there is: n-2026-11-20-2, m-7."""
    numbers = [int(name[len(stem) + 1 :]) for name in taken if re.fullmatch(rf"{re.escape(stem)}-[0-9]{{1,9}}", name)]
    return f"{stem}-{max(numbers, default=0) + 1}"


def slug(text: str, empty: str) -> str:
    """A text as an id: potassium-chloride; `empty` if no letter of it can be in one."""
    return "-".join(_words(text)) or empty


def task_id(text: str, taken: Collection[str]) -> str:
    """An id from the first words of a task: call-pt of Call PT about the rail."""
    words: list[str] = []
    for word in _words(text):
        if word in _ARTICLES:
            continue
        if word not in _LITTLE_WORDS:
            words.append(word)
        elif len(words) > 1:
            break
    return unique("-".join(words[:_TASK_WORDS]) or "task", taken)


def contact_id(name: str, taken: Collection[str]) -> str:
    """An id from a person's or office's name: maria, dr-lee; with the last name if the first is taken."""
    words = _words(name.partition(",")[0])
    if len(words) > 2 and words[0] in _TITLES:
        words = [words[0], words[-1]]
    first = words[0] if len(words) == 2 and words[0] not in _TITLES else "-".join(words)
    return first if first and first not in taken else unique("-".join(words) or "contact", taken)


def _words(text: str) -> list[str]:
    return re.findall("[a-z0-9]+", re.sub("['’.]", "", fold(text)))


def in_force(entries: Sequence[E], kind: str) -> tuple[E, ...]:
    """The entries of a list that no later one of it amends."""
    gone = {item.amends.rpartition("/")[2] for item in entries if item.amends is not None and _is_of(item.amends, kind)}
    return tuple(item for item in entries if item.id not in gone) if gone else tuple(entries)


def _is_of(path: str, kind: str) -> bool:
    return "/" not in path or path.split("/")[-2] == kind


# --- moments ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class When:
    """A day or moment as it was understood."""

    text: str
    """As the files write it."""
    day: dt.date
    clock: str | None = None
    """The time of day, if there is one."""

    def in_full(self, today: dt.date) -> str:
        """Said back: Friday 2026-11-20 (2 days ago) at 10:15."""
        return in_full(self.day, today) + (f" at {self.clock}" if self.clock else "")


def this_moment(now: dt.datetime) -> When:
    """The moment that it is where the client lives."""
    return _when(now.replace(second=0, microsecond=0))


def past_when(typed: str, now: dt.datetime, *, day_first: bool = False) -> When:
    """A day or moment that has come, of `9:40`, `yesterday 14:00`, `fri 9am`, `2026-11-20T10:15` or a day alone.

    `now` is the moment where the client lives. Raises ValueError with what is wanted, in words.
    """
    found = _parse(typed, now, day_first=day_first)
    if found is None:
        raise ValueError("a day and time such as 9:40, yesterday 14:00 or 2026-11-20T10:15")
    day, clock, offset = found
    if clock is None:
        if day > now.date():
            raise ValueError(f"a day that has come ({in_full(day, now.date())} has not)")
        return When(day.isoformat(), day)
    moment = _wall(day, clock, offset, now.tzinfo)
    if moment.astimezone(dt.UTC) > now.astimezone(dt.UTC):
        raise ValueError(f"a moment that has come ({in_full(day, now.date())} at {clock} has not)")
    return _when(moment, offset)


def _parse(typed: str, now: dt.datetime, *, day_first: bool) -> tuple[dt.date, str | None, str | None] | None:
    """Day, time and offset from UTC."""
    text = " ".join(typed.split())
    if text.casefold() == "now":
        return now.date(), f"{now:%H:%M}", None
    try:
        if match := _MOMENT.fullmatch(text):
            clock = time_typed(match[2])
            return (dt.date.fromisoformat(match[1]), clock, match[3]) if clock else None
    except ValueError:
        return None
    if clock := time_typed(text):
        return now.date(), clock, None
    words = text.replace(" at ", " ").split(" ")
    for size in (2, 1):
        for clock_words, day_words in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            clock = time_typed(" ".join(clock_words))
            if clock and (day := day_typed(" ".join(day_words), now.date(), leaning="past", day_first=day_first)):
                return day, clock, None
    day = day_typed(text, now.date(), leaning="past", day_first=day_first)
    return (day, None, None) if day is not None else None


def _wall(day: dt.date, clock: str, offset: str | None, zone: dt.tzinfo | None) -> dt.datetime:
    assert zone is not None
    if offset is not None:
        return moment_of(f"{day}T{clock}{offset}", zone)
    wall = dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=zone)
    first, second = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    assert first is not None
    assert second is not None
    if first < second:
        raise ValueError(f"a time that there was: on {day} the clocks went forward over {clock}")
    if first > second:
        both = " or ".join(wall.replace(fold=fold).isoformat(timespec="minutes") for fold in (0, 1))
        raise ValueError(f"one of the two times that the clocks showed {clock} on {day}: {both}")
    return wall


def _when(moment: dt.datetime, offset: str | None = None) -> When:
    """A moment as the files write it: with its offset from UTC only where the clocks show the time twice."""
    first, second = moment.replace(fold=0).utcoffset(), moment.replace(fold=1).utcoffset()
    text = f"{moment:%Y-%m-%dT%H:%M}" if first == second else moment.isoformat(timespec="minutes")
    return When(text, moment.date(), f"{moment:%H:%M}" + (f" {moment:%Z}" if first != second else ""))


def when_of(text: str) -> When:
    """A day or moment as a file has it."""
    return When(text, day_of(text), text[11:16].rstrip(":") if is_moment(text) else None)


def recorded_late(event: str, now: dt.datetime, late_after: str) -> str | None:
    """What `recorded` says of an event written down only now, if that is later than the practice allows; else None."""
    try:
        limit = add_period(day_of(event), late_after)
    except (OverflowError, ValueError):
        return None
    if now.date() > limit:
        return now.date().isoformat()
    zone = now.tzinfo
    if now.date() == limit and is_moment(event) and zone is not None:
        happened = moment_of(event, zone)
        return this_moment(now).text if now.time().replace(second=0, microsecond=0) > happened.time() else None
    return None


def days_between(event: str, now: dt.datetime) -> str:
    """How many days lie between an event and today, in words."""
    days = (now.date() - day_of(event)).days
    return f"{days} day{'s' * (days != 1)}"


# --- places ----------------------------------------------------------------------------------------------------------


def position_by_time(entries: Iterable[tuple[E, str]], path: str, when: str, zone: dt.tzinfo) -> int | None:
    """Where in a file's list, newest last, an entry of this time goes; None for the end. Entries come with times."""
    mine = start_of(when, zone)
    here: list[tuple[int, bool]] = []
    for entry, text in entries:
        position = entry.origin.keys[-1] if entry.origin.keys else None
        if entry.origin.path == path and isinstance(position, int):
            here.append((position, start_of(text, zone) <= mine))
    if not here or here[-1][1]:
        return None
    earlier = [position for position, is_earlier in here if is_earlier]
    return max(earlier) + 1 if earlier else min(position for position, _ in here)


# --- words -----------------------------------------------------------------------------------------------------------


def for_family(said: Sequence[str]) -> str | dict[str, str] | None:
    """Words for the family: a text, or one per language if they are given as es=…. Raises ValueError in words."""
    if not said:
        return None
    tagged = [re.fullmatch(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)=(.*)", text, flags=re.DOTALL) for text in said]
    if all(tagged):
        found = {match[1]: match[2].strip() for match in tagged if match}
        if len(found) == len(said) and all(found.values()):
            return found
    elif len(said) == 1 and said[0].strip():
        return said[0].strip()
    raise ValueError('one text, or each text with its language: "en=A good day" "es=Un buen día"')

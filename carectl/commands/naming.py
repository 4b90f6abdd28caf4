"""Who and what is meant by a few letters, and when, at one client's; each with the words in which it is said back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from carectl.commands.session import Person, Session, choose
from carectl.commands.telling import called, only_known, place, sound_setting, unread_file
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    from carectl.care.dates import Leaning
    from carectl.care.entries import When
    from carectl.caseload.records import Away, Chart, Contact, Entry, Held, Someone
    from carectl.commands.asking import Check

    E = TypeVar("E", bound=Entry)

PersonValue = str | dict[str, str]
"""A person as the files write one: an id, or {name: …} for someone who is not on file."""

NOT_ON_FILE = 'someone who is not on file: "name:Ann Doe"'


@dataclass(frozen=True)
class Here:
    """One client, and the day and time where the client lives."""

    session: Session
    chart: Chart

    @classmethod
    def of(cls, session: Session, typed: str) -> Here:
        """The client who is meant, by id or the start of a name."""
        sound_setting(session)
        return cls(session, session.chart(typed, loosely=False))

    @property
    def id(self) -> str:
        """The client's id."""
        return self.chart.id

    def __str__(self) -> str:
        return called(self.chart)

    @cached_property
    def now(self) -> dt.datetime:
        """The moment, with the client's zone."""
        setting = self.session.setting
        return setting.now_at(self.chart)

    @property
    def zone(self) -> dt.tzinfo:
        """The client's zone."""
        return self.session.setting.zone(self.chart)

    @property
    def today(self) -> dt.date:
        """The day where the client lives."""
        return self.now.date()

    # --- days

    @property
    def _day_first(self) -> bool:
        return day_first(self.session)

    def day(self, leaning: Leaning = "coming", *, past: bool = False) -> Check:
        """Takes a day as it is typed; with `past` only one that has come."""

        def check(typed: str) -> str:
            from carectl.care.dates import day_typed, in_full

            found = day_typed(typed, self.today, leaning="past" if past else leaning, day_first=self._day_first)
            if found is None:
                raise ValueError("a day such as 2026-11-27, fri, tomorrow or 11/27")
            if past and found > self.today:
                raise ValueError(f"a day that has come ({in_full(found, self.today)} has not)")
            return found.isoformat()

        return check

    def moment(self, *, days_too: bool = True) -> Check:
        """Takes a moment that has come, or (with `days_too`) such a day."""

        def check(typed: str) -> str:
            from carectl.care.entries import past_when

            found = past_when(typed, self.now, day_first=self._day_first)
            if found.clock is None and not days_too:
                raise ValueError("a day with its time, such as 9:40 or yesterday 14:00")
            return found.text

        return check

    def said(self, text: str | dt.date) -> str:
        """A day or moment of the files in full: Friday 2026-11-27 (in 5 days). Where the client's clocks show another
        time than the practice's, a moment names their zone."""
        from carectl.care.entries import when_of
        from carectl.care.moments import is_moment, moment_of

        words = when_of(str(text)).in_full(self.today)
        if not is_moment(str(text)):
            return words
        moment = moment_of(str(text), self.zone)
        home = self.session.setting.now.tzinfo
        same = moment.utcoffset() == moment.astimezone(home).utcoffset()
        return words if same else f"{words} {moment:%Z}"

    def stretch(self, entry: Away | Held) -> str:
        """From when until when something holds, in full."""
        end = f"until {self.said(entry.until)}" if entry.until else "until further notice"
        return f"from {self.said(entry.from_)} {end}"

    def this_moment(self) -> When:
        """Now, as the files write it."""
        from carectl.care.entries import this_moment

        return this_moment(self.now)

    def late(self, event: str) -> str | None:
        """What `recorded` says if it is late to write this down only now."""
        from carectl.care.entries import recorded_late

        return recorded_late(event, self.now, self.session.setting.late_after)

    def late_words(self, event: str) -> str:
        """The sentence that tells of a late entry."""
        from carectl.care.entries import days_between

        return f"Recorded as a late entry: written down {days_between(event, self.now)} after the event"

    # --- people

    @property
    def coordinator(self) -> str | None:
        """The practice's coordinator."""
        practice = self.session.setting.practice
        return practice.coordinator if practice else None

    def person(self, typed: str) -> PersonValue:
        """A contact or staff member by id or the start of a name, the word client, or name:… for anybody else."""
        if typed.strip() == "client":
            return "client"
        head, colon, name = typed.partition(":")
        if colon and head.strip().casefold() == "name" and name.strip():
            from carectl.commands.asking import line

            try:
                return {"name": line(name)}
            except ValueError as wanted:
                raise UsageError(f"a name takes {wanted}") from None
        if typed.strip() in self.session.setting.unread_staff:
            return typed.strip()
        people = [*self._contacts, *self._staff]
        only_known(self.chart, typed, people)
        where = f"carectl show {self.id} lists the contacts; {NOT_ON_FILE}"
        return choose(typed, people, "person", where, loosely=False).id

    def staff(self, typed: str) -> str:
        """A staff member by id or the start of a name."""
        if typed.strip() in self.session.setting.unread_staff:
            return typed.strip()
        return choose(typed, self._staff, "staff member", "staff: carectl staff list", loosely=False).id

    def contact(self, value: object) -> Contact | None:
        """The contact of an id, if it is one."""
        return next((item for item in self.chart.contacts if item.id == value), None)

    def who(self, value: PersonValue | Someone | str) -> str:
        """Who it is, in words: maria Maria Alvarez."""
        if isinstance(value, dict):
            return f"{value['name']} (not on file)"
        if not isinstance(value, str):
            return f"{value.name} (not on file)"
        if value == "client":
            return "the client"
        return next((str(person) for person in (*self._contacts, *self._staff) if person.id == value), value)

    @property
    def _contacts(self) -> list[Person]:
        return [Person(item.id, item.name) for item in self.chart.contacts]

    @property
    def _staff(self) -> list[Person]:
        return [Person(member.id, member.name.full) for member in self.session.staff]


def day_first(session: Session) -> bool:
    """Whether 11/12 is the eleventh of December: everywhere but in the United States."""
    practice = session.setting.practice
    return practice is not None and practice.currency not in (None, "USD")


def parted(first: str, second: str | None, kind: str, what: str) -> tuple[str, str | None]:
    """Client and record of `rosa call-pt`, `rosa tasks/call-pt` or `c-014/tasks/call-pt`; no record: None."""
    client, slash, rest = first.partition("/")
    if slash and second is not None:
        raise UsageError(f"name the {what} once: CLIENT {what.upper()}, or CLIENT/{kind}/ID")
    record = rest if slash else second
    return client, record.strip().removeprefix(f"{kind}/") if record else None


def record(entries: Sequence[tuple[E, str]], typed: str | None, what: str, here: Here, kind: str, *lists: str) -> E:
    """The one of some entries (each with what it is called) that is meant: by id, or the start of it or of a word.

    `kind` is the file that they stand in, `lists` the lists in it if they are called otherwise. Raises UsageError if
    none or several fit, and lists them; Refused if another one that was not read may fit.
    """
    people = [Person(entry.id, title) for entry, title in entries]
    _only_if_read(here, typed, people, what, kind, *lists)
    if typed is None:
        listed = "".join(f"\n  {person}" for person in people)
        raise UsageError(f"which {what} of {here}?{listed}" if people else f"{here} has no such {what}")
    found = [entry for entry, _ in entries if entry.id == typed]
    found = found or [entry for entry, _ in entries if entry.id.startswith(typed)]
    if len(found) != 1:
        near = [person for person in people if not found or person.id in {entry.id for entry in found}]
        listed = ", ".join(person.id for person in people[:8]) + (" …" if len(people) > 8 else "")
        where = f"{here} has {listed}" if people else f"{here} has none"
        chosen = choose(typed, near, what, where, loosely=False)
        found = [entry for entry, _ in entries if entry.id == chosen.id]
    return found[0]


def _only_if_read(here: Here, typed: str | None, people: Iterable[Person], what: str, kind: str, *lists: str) -> None:
    """Refuse to say which entry is meant, or that there is none, while some of them could not be read.

    An id that was read is sure: no other entry has it.
    """
    broken = [item for item in here.chart.broken if item.name in (lists or (kind,))]
    if not (broken or here.chart.unread & {kind, *lists}) or any(person.id == typed for person in people):
        return
    path = place(here.session, broken[0].origin.at()) if broken else unread_file(here.session, here.chart, kind)
    path = path or f"{here.chart.path}/{kind}.yaml"
    raise Refused(
        f"the {what}s of {here} cannot all be read: {path}\nhint: carectl check {here.id} tells what is wrong"
    )


def together(words: Iterable[str]) -> str:
    """Words as a sentence lists them: maria, ruth and daniel."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def names_on_file(session: Session) -> Iterator[str]:
    """What clients and their contacts are called."""
    from carectl.caseload.load import Loader
    from carectl.caseload.records import ContactsFile
    from carectl.caseload.shelves import pieces

    for person in session.clients():
        yield from (name for name in (person.name, person.called) if name)
        loader = Loader(session.tree)
        for path in pieces(loader.tree, person.id, "contacts"):
            file = loader.file(path, ContactsFile)
            if isinstance(file, ContactsFile):
                yield from (contact.name for contact in file.contacts)

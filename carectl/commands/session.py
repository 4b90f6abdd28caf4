"""What every command needs: the caseload that is meant, the moment that counts, and who is meant by a few letters."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from carectl.caseload.root import find_root
from carectl.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    import typer

    from carectl.care.dates import Leaning
    from carectl.care.setting import Setting
    from carectl.caseload.load import Loader, Memo
    from carectl.caseload.records import Chart, PracticeFile, StaffMember
    from carectl.caseload.trees import Tree

_NOW = re.compile(r"\d{4}-\d\d-\d\d(?:T\d?\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as commands name them: id and full name, and what they like to be called if it is another name."""

    id: str
    name: str
    called: str = ""

    def __str__(self) -> str:
        return f"{self.id} {self.name}"


class NobodyFits(UsageError):
    """Nobody is called what was typed."""


class Session:
    """One call of carectl on one caseload."""

    def __init__(self, caseload: str | None, now: str | None) -> None:
        self._caseload = caseload
        self._now = now
        self.memo: Memo = {}
        """What was read of single clients; see Loader."""

    @classmethod
    def of(cls, ctx: typer.Context) -> Session:
        """The session of a command, from the options that go everywhere."""
        options = ctx.find_root().obj or {}
        return cls(options.get("caseload"), options.get("now"))

    def on(self, tree: Tree) -> Session:
        """The same call on the caseload as it is elsewhere: staged in git, or at a commit."""
        other = Session(self._caseload, self._now)
        other.tree = tree
        return other

    @property
    def now_text(self) -> str | None:
        """The moment that was given instead of the clock, as it was typed."""
        return self._now

    @property
    def colour(self) -> bool:
        """Whether standard output takes colour: a terminal, and NO_COLOR is not set."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    @cached_property
    def root(self) -> Path:
        """The caseload's folder. Raises EnvironmentProblem or UsageError if there is none."""
        if self._caseload == "":
            raise UsageError("--caseload is empty: name a folder, or leave it out")
        return find_root(Path(self._caseload) if self._caseload else None, Path.cwd())

    @cached_property
    def tree(self) -> Tree:
        """Where the caseload's files come from: its folder, unless `on` says otherwise."""
        from carectl.caseload.trees import FolderTree

        return FolderTree(self.root)

    @cached_property
    def loader(self) -> Loader:
        """The loader of this caseload."""
        from carectl.caseload.load import Loader

        return Loader(self.tree)

    @cached_property
    def practice(self) -> PracticeFile | None:
        """The practice, or None if carectl.yaml cannot be used."""
        return self.loader.practice()

    @cached_property
    def _roster(self) -> tuple[tuple[StaffMember, ...], frozenset[str]]:
        return self.loader.staff()

    @property
    def staff(self) -> tuple[StaffMember, ...]:
        """The staff, by id."""
        return self._roster[0]

    @cached_property
    def client_ids(self) -> list[str]:
        """The ids of every client, from the names of their folders."""
        from carectl.caseload.trees import client_folders

        return client_folders(self.tree)

    @cached_property
    def setting(self) -> Setting:
        """The day, the practice and its staff. The only place that asks the clock, unless `--now` says otherwise."""
        from carectl.care.setting import Setting
        from carectl.caseload.instruments import Instruments
        from carectl.caseload.zones import zone

        practice = self.practice.practice if self.practice else None
        home = (zone(practice.timezone) if practice else None) or dt.UTC
        return Setting(
            now=parse_now(self._now, home),
            zones=zone,
            practice=practice,
            staff={member.id: member for member in self.staff},
            unread_staff=self._roster[1],
            clients=frozenset(self.client_ids),
            travel=self.practice.travel if self.practice else None,
            instruments=Instruments(self.tree),
            # Folders alone are looked for: whoever never signed anything off pays nothing for it.
            signs_off=any(self.tree.names(f"clients/{client}/approvals") for client in self.client_ids),
            approvals_gone=self.approvals_gone,
            whole_day=self._now is not None and "T" not in self._now,
        )

    @cached_property
    def committed(self) -> Tree | None:
        """The caseload as the last commit has it; None if there is none, or git is missing."""
        from carectl.caseload.revisions import Repository

        try:
            repository = Repository.of(self.root, os.environ)
            return repository.at(repository.commit("HEAD"))
        except EnvironmentProblem:
            return None

    def approvals_gone(self, client: str) -> tuple[str, ...]:
        """The files of a client's sign-offs that the last commit has, and that are not there now, by their paths."""
        from carectl.caseload.approvals import missing

        return missing(self.committed, self.tree, client) if self.committed is not None else ()

    def client(self, typed: str, *, loosely: bool = True) -> str:
        """The id of the client who is meant: an id, or (a part of) a name, or with loosely False the start of one.

        Raises UsageError if nobody or more than one fits; it names those who do.
        """
        # A command about one client looks at the same files several times.
        self.loader.memo = self.memo
        if typed in self.client_ids:
            return typed  # an id needs no look into everybody's file
        people = self.clients()
        try:
            return choose(typed, people, "client", "clients: carectl client list", loosely=loosely).id
        except NobodyFits as problem:
            # A client whose name could not be read cannot be found by it.
            nameless = [person.id for person in people if not person.name]
            if not nameless:
                raise
            files = ", ".join(f"clients/{client_id}/client.yaml" for client_id in nameless[:3])
            files += f" and {len(nameless) - 3} more" * (len(nameless) > 3)
            raise NobodyFits(
                f"{str(problem).partition(chr(10))[0]}; {files} could not be read,\nso nobody can be found there by a "
                f"name\nhint: use the id, such as {nameless[0]}; carectl check {nameless[0]} tells what is wrong"
            ) from None

    def clients(self) -> list[Person]:
        """Every client with a name, from the client files alone."""
        from carectl.caseload.load import Loader
        from carectl.caseload.records import Client

        # Only names are wanted here: what is wrong in these files is told when they are read for good.
        quiet = Loader(self.tree)
        people = []
        for client_id in self.client_ids:
            record = quiet.file(f"clients/{client_id}/client.yaml", Client)
            name = record.name if isinstance(record, Client) else None
            people.append(Person(client_id, name.full, name.preferred or "") if name else Person(client_id, ""))
        return people

    def chart(self, typed: str, *, loosely: bool = True) -> Chart:
        """The chart of the client who is meant."""
        return self.loader.chart(self.client(typed, loosely=loosely))


def parse_now(text: str | None, home: dt.tzinfo) -> dt.datetime:
    """The moment that counts, in the practice's zone: the clock's, or the one that was given.

    A day alone stands for its end, so that whatever is written for that day has already happened.
    Raises UsageError if it is neither a day nor a moment.
    """
    from carectl.care.moments import moment_of, resolve

    if text is None:
        return dt.datetime.now(home)
    try:
        if not _NOW.fullmatch(text):
            raise ValueError
        if "T" not in text:
            return resolve(dt.date.fromisoformat(text), dt.time(23, 59, 59), home)
        return moment_of(text, home)
    except (ValueError, OverflowError):
        raise UsageError("--now takes a day such as 2026-11-22 or a moment such as 2026-11-22T06:40") from None


def parse_day(text: str, option: str, today: dt.date, *, leaning: Leaning = "coming") -> dt.date:
    """A day as it is typed on the command line: 2026-11-22, fri, tomorrow, 11/27. Raises UsageError if it is none."""
    from carectl.care.dates import day_typed

    day = day_typed(text, today, leaning=leaning)
    if day is None:
        raise UsageError(f"{option} takes a day such as 2026-11-27, fri, tomorrow or 11/27")
    return day


def choose(typed: str, people: list[Person], what: str, where: str, *, loosely: bool) -> Person:
    """The one who is meant by an id, a name, or a part of either (loosely), or the start of a name.

    Raises UsageError if more than one fits, NobodyFits if nobody does.
    """
    from carectl.words import closest, fold

    wanted = fold(typed)
    names = {person.id: [fold(name) for name in (person.name, person.called) if name] for person in people}
    exact = [p for p in people if p.id == typed.strip()] or [p for p in people if wanted in names[p.id]]
    if len(exact) == 1:
        return exact[0]
    if loosely:
        found = [p for p in people if wanted and (wanted in p.id or any(wanted in name for name in names[p.id]))]
    else:
        found = [
            person
            for person in people
            if wanted and any(word.startswith(wanted) for name in names[person.id] for word in (name, *name.split()))
        ]
    if len(found) == 1:
        return found[0]
    if found:
        listed = "\n".join(f"  {person}" for person in found)
        raise UsageError(f"more than one {what} fits:\n{listed}")
    known = {
        word: person
        for person in people
        for name in (person.id, *names[person.id])
        for word in (name.replace(" ", "_"), *name.split())
    }
    near = known.get(closest(wanted, known) or "")
    raise NobodyFits(f"no {what} fits what you typed\nhint: {f'did you mean {near}?' if near else where}")


def fail_unreadable(thing: str) -> EnvironmentProblem:
    """The problem that a file needed here cannot be read; `carectl check` says why."""
    return EnvironmentProblem(f"{thing} cannot be read\nhint: carectl check tells what is wrong with it")

"""carectl history: who changed what of a client's record, when and why."""

from __future__ import annotations

import datetime as dt
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from carectl.commands import completion, telling
from carectl.commands.options import Form, Format
from carectl.commands.session import NobodyFits, Session, parse_day
from carectl.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from carectl.care.changes.compare import Comparison
    from carectl.care.changes.rules import Judged, Severity
    from carectl.care.history import Chapter, Wanted
    from carectl.caseload.identities import State, Unread
    from carectl.caseload.revisions import Commit, Repository, Step
    from carectl.caseload.states import Memo

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def command(
    ctx: typer.Context,
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="Whose.", autocompletion=completion.clients)],
    record: Annotated[
        str | None,
        typer.Argument(metavar="[KIND/ID]", help="One record: medications/furosemide.", show_default=False),
    ] = None,
    by_id: Annotated[
        str | None, typer.Option("--record", metavar="ID", help="One record by its id, whatever kind it is.")
    ] = None,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Only what was committed since.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="And until then, included.")] = None,
    form: Form = Format.TEXT,
) -> None:
    """Tell who changed what of a client's record, when and why, newest first, from the commits in git.

    Entries that came late are marked, and so are commits that were dated back. Names and dates are what whoever
    committed told git: carectl verify looks whether they are signed. A commit of which something cannot be read says
    so; then the exit code is 1.

    Example: carectl history rosa medications/furosemide
    """
    from carectl.caseload.revisions import FOLDER, Repository
    from carectl.output import history_page, terminal

    session = Session.of(ctx)
    wanted = _wanted(record, by_id)
    today = telling.sound_setting(session).today
    start = parse_day(from_, "--from", today, leaning="past") if from_ else None
    last = parse_day(until, "--until", today, leaning="past") if until else None
    if start and last and last < start:
        raise UsageError("--until is before --from")
    with Repository.of(session.root, os.environ) as repository:
        head = repository.commit("HEAD")
        client_id, title = _client(session, repository, client)
        folder = f"clients/{client_id}/"
        reader = _Reader(session, repository, wanted)
        chapters = list(reader.chapters(client_id, start, last))
        if wanted.record and not any(chapter.told or not chapter.is_whole for chapter in chapters):
            _demand_known(reader, client_id, title)
        open_ = [path for path in repository.changed(head, FOLDER) if path.startswith(folder)]
    asked = record or by_id or ""
    title = f"{asked} of {title}" if asked else title
    found = history_page.History(client_id, title, chapters, asked, start, last, open_)
    if form is Format.JSON:
        sys.stdout.write(history_page.as_data(found))
    else:
        terminal.put(history_page.page(found, telling.width()), sys.stdout, colour=session.colour)
    if not all(chapter.is_whole for chapter in chapters):
        raise typer.Exit(1)


def _wanted(record: str | None, by_id: str | None) -> Wanted:
    """The record that is meant by KIND/ID or --record ID. Raises UsageError."""
    from textwrap import wrap

    from carectl.care.history import Wanted
    from carectl.caseload.records import CLIENT_KINDS
    from carectl.words import closest

    if record is None or by_id is not None:
        if record is not None:
            raise UsageError("name the record once: KIND/ID, or --record ID")
        return Wanted(None, by_id)
    kind, _, rest = record.partition("/")
    if kind not in CLIENT_KINDS:
        near = closest(kind, CLIENT_KINDS)
        hint = f"did you mean {near}?" if near else "\n".join(wrap(f"the kinds are {', '.join(CLIENT_KINDS)}", 70))
        raise UsageError(f"KIND/ID begins with a kind of record, such as medications/furosemide\nhint: {hint}")
    return Wanted(kind, rest.strip("/") or None)


def _client(session: Session, repository: Repository, typed: str) -> tuple[str, str]:
    """The id of the client who is meant, and how every command names them; also one who is only in the history.

    Raises UsageError.
    """
    from carectl.caseload.trees import is_id

    try:
        client_id = session.client(typed, loosely=False)
    except NobodyFits:
        if not is_id(typed) or next(repository.log([f"clients/{typed}"]), None) is None:
            raise
        return typed, f"{typed} (not in the caseload any more)"
    return client_id, next((str(person) for person in session.clients() if person.id == client_id), client_id)


def _demand_known(reader: _Reader, client: str, title: str) -> None:
    """Refuse a record that was never there: that nothing changed of it would sound as if it were. Raises UsageError."""
    from carectl.care.history import records
    from carectl.caseload.revisions import FOLDER
    from carectl.caseload.states import state
    from carectl.words import closest

    wanted = reader.wanted
    here = list(records(state(reader.repository.tree(FOLDER), client)))
    if any(wanted.means(kind, record) for kind, record, _ in here):
        return  # it is not committed yet, or was not changed in this time
    if any(chapter.told or not chapter.is_whole for chapter in reader.chapters(client, None, None)):
        return
    # What is asked for is most likely of the kind that was named; the last of two records of one name counts.
    known = sorted(here, key=lambda place: place[0] == wanted.kind)
    names = {word: f"{kind}/{record}" for kind, record, _ in known for word in (record.rpartition("/")[2], record)}
    asked = wanted.record or ""
    near = names.get(asked) or names.get(closest(asked, names) or "")
    hint = f"did you mean {near}?" if near else f"carectl show {client} tells what is on file"
    kind = f"{wanted.kind}/" if wanted.kind else ""
    raise UsageError(f"{title} has no {kind}{asked}, and never had in any commit\nhint: {hint}")


class _Reader:
    """Reads the commits of a client's folder and says what each of them changed."""

    def __init__(self, session: Session, repository: Repository, wanted: Wanted) -> None:
        self.setting = session.setting
        self.repository = repository
        self.wanted = wanted
        self.memo: Memo = {}
        self.weights = _weights(session)

    def chapters(self, client: str, start: dt.date | None, until: dt.date | None) -> Iterator[Chapter]:
        """The commits of a client that were made in a window (by the practice's days), as far as they are asked for."""
        for step in self.repository.follow(f"clients/{client}"):
            at = self._here(step.commit)
            day = at.date() if at else None
            if day and ((start and day < start) or (until and day > until)):
                continue
            chapter = self._chapter(step)
            if self._is_asked_for(chapter, step):
                yield chapter

    def _is_asked_for(self, chapter: Chapter, step: Step) -> bool:
        is_plain = step.commit.unlike and not step.commit.paths and all(folder == step.folder for folder in step.before)
        if (self.wanted == (None, None) and not is_plain) or chapter.told or not chapter.is_whole:
            return True
        kind = self.wanted.kind
        return any(kind is None or path.split("/")[2].removesuffix(".yaml") == kind for path in chapter.left_out)

    def _chapter(self, step: Step) -> Chapter:
        """What a commit did."""
        from carectl.care import history

        commit = step.commit
        author, committer = history.Person(*commit.author), history.Person(*commit.committer)
        client = step.folder.rpartition("/")[2]
        moved = next((folder.rpartition("/")[2] for folder in step.before if folder != step.folder), None)
        chapter = history.Chapter(
            commit.id, commit.parents, author, committer, commit.subject, commit.body, commit.trailers, commit.signed,
            client, moved if len(step.before) == 1 else None, left_out=commit.left_out, cut=commit.cut,
            lost=commit.lost, backdated=history.backdated(author, committer, self.setting.late_after),
        )  # fmt: skip
        if commit.cut or commit.lost:
            return chapter
        try:
            return self._with_changes(chapter, step)
        except EnvironmentProblem:
            return chapter._replace(lost=True)

    def _with_changes(self, chapter: Chapter, step: Step) -> Chapter:
        """The same with what changed."""
        from carectl.care.history import Told, late
        from carectl.commands.comparing import belonging

        parts = {path: belonging(path) for path in step.commit.paths}
        touched = {path: belonging(path) for path in (*step.commit.paths, *step.commit.unlike)}
        kinds = {part.kind for part in touched.values() if part.sort == "record"}
        is_strange = any(part.sort == "strange" for part in touched.values())
        states = self._sides(step, None if is_strange else kinds)
        sides = [self.wanted.apart(old, new) for old, new in states]
        judged = [self._judged(old, new, step.commit) for old, new in sides]
        # What a merge made itself is what differs from every parent, in one field or in what is one decision.
        common = set.intersection(*({_place(item) for item in changes} for changes, _ in judged))
        changes, found = judged[0]
        together = self._put_together(states, found)
        changes = [
            item._replace(notes=(*item.notes, _TOGETHER)) if _place(item) in together else item
            for item in changes
            if _place(item) in common | together and self.wanted.fits(item)
        ]
        left, lost = self._left_out(states, judged, common | together, step, None if is_strange else kinds)
        changes += left
        everything = self.wanted == (None, None)
        is_same = not any(changed or compared.reordered for changed, compared in judged)
        unread = self._unread((*found.unread, *lost), step, kinds)
        at = self._here(step.commit)
        return chapter._replace(
            told=tuple(Told(item, late(item, sides[0][1], at, self.setting.late_after)) for item in changes),
            reordered=found.reordered if everything else (),
            unread=unread,
            rewritten=bool(everything and kinds and step.commit.paths and is_same and not unread),
            other=tuple(path for path, part in parts.items() if everything and part.sort != "record"),
        )

    def _put_together(self, states: list[tuple[State, State]], found: Comparison) -> set[_Place]:
        """The changes from the first side of a merge in records that are as neither side had them."""
        from carectl.care.changes.wording import safe_field
        from carectl.care.history import put_together

        if len(states) < 2:
            return set()
        made = [*put_together(states[0][1], [old for old, _ in states])]
        return {
            (change.kind, change.record, safe_field(change.field, change.way))
            for change in found.changes
            if any(change.kind == kind and change.way[: len(way)] == way for kind, way in made)
        }

    def _left_out(
        self,
        states: list[tuple[State, State]],
        judged: list[tuple[list[Judged], Comparison]],
        told: set[_Place],
        step: Step,
        kinds: Collection[str] | None,
    ) -> tuple[list[Judged], tuple[Unread, ...]]:
        """The changes from each side to a merge that take back what the side had changed, but for those that are told;
        and what cannot be compared with where the sides parted."""
        from carectl.care.changes.wording import safe_field
        from carectl.care.history import taken_back

        base = self._base(step, kinds) if len(states) > 1 and step.commit.unlike else None
        if base is None:
            return [], ()
        found: list[Judged] = []
        unread: list[Unread] = []
        for (side, _), (changes, compared) in zip(states, judged, strict=True):
            lost, back = taken_back(base, side, compared)
            unread += lost
            places = {(one.kind, one.record, safe_field(one.field, one.way)) for one in back} - told
            found += (
                item._replace(notes=(*item.notes, _LEFT_OUT))
                for item in changes
                if _place(item) in places and self.wanted.fits(item)
            )
            told = told | places
        return found, tuple(unread)

    def _base(self, step: Step, kinds: Collection[str] | None) -> State | None:
        """What was on file where the first two sides of a merge parted, under the id of afterwards."""
        from carectl.caseload.states import state

        base = self.repository.merge_base(*step.commit.parents[:2])
        if base is None:
            return None
        client = step.folder.rpartition("/")[2]
        names = dict.fromkeys(folder.rpartition("/")[2] for folder in (*step.before, step.folder))
        tree = self.repository.at(base)
        found = [state(tree, name, kinds, self.memo)._replace(client=client) for name in names]
        return next((one for one in found if one.is_present), found[0])

    def _sides(self, step: Step, kinds: Collection[str] | None) -> list[tuple[State, State]]:
        """What was on file before a commit (for each of its parents) and after it, under the id of afterwards.

        Read are the kinds that changed and what tells what people are called; all of it if the client came or went.
        """
        from carectl.caseload.identities import State
        from carectl.caseload.states import state

        client = step.folder.rpartition("/")[2]
        wanted = None if kinds is None else {*kinds, "client", "contacts"}
        before = [
            state(self.repository.at(parent), folder.rpartition("/")[2], wanted, self.memo)._replace(client=client)
            for parent, folder in zip(step.commit.parents, step.before, strict=True)
        ] or [State(client, {})]
        after = state(self.repository.at(step.commit.id), client, wanted, self.memo)
        if wanted is not None and any(old.is_present != after.is_present for old in before):
            return self._sides(step, None)
        return [(old, after) for old in before]

    def _judged(self, old: State, new: State, commit: Commit) -> tuple[list[Judged], Comparison]:
        """What changed from one state to the other, as it was seen on the day of the commit."""
        from carectl.care.changes.compare import compare
        from carectl.care.changes.judging import judge

        at = self._here(commit)
        setting = replace(self.setting, now=at) if at else self.setting
        found = compare(old, new)
        return list(judge(found, old, new, setting, self.weights)), found

    def _here(self, commit: Commit) -> dt.datetime | None:
        """The moment of a commit, by the practice's clocks."""
        return commit.committer.at.astimezone(self.setting.now.tzinfo) if commit.committer.at else None

    def _unread(self, unread: tuple[Unread, ...], step: Step, kinds: Collection[str]) -> tuple[Unread, ...]:
        """What cannot be read of the kinds that a commit changed: one broken file hides the others of its kind."""
        here = [item._replace(path=f"{step.folder}/{item.path.split('/', 2)[-1]}") for item in unread]
        asked = (item for item in here if self.wanted.kind in (None, item.kind))
        return tuple(dict.fromkeys(item for item in asked if item.kind in kinds or item.path in step.commit.paths))


_Place = tuple[str, str | None, str | None]
_LEFT_OUT: Final = "This merge left out what one of its sides had changed here."
_TOGETHER: Final = "Put together by this merge of what stood on its sides: none of them had it so."


def _place(item: Judged) -> _Place:
    return item.kind, item.record, item.field


def _weights(session: Session) -> Mapping[str, Severity]:
    """How much every rule weighs for the practice as it is now."""
    from carectl.care.changes.rules import severities
    from carectl.caseload.states import state

    practice = state(session.tree, None, ["practice"])
    return severities(practice, practice)

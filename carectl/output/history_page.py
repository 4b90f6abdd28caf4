"""The history of a client: who changed what, when and why, newest first, as lines and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from carectl.care.history import Chapter, Person, Told
from carectl.output.export import as_json, plain
from carectl.output.report import visible
from carectl.output.terminal import Line, Style, indented, width_of

_LOOKS: Final[dict[str, Style]] = {"high": "loud", "medium": "warn", "low": ""}
_INDENT: Final = 4
_LABEL: Final = 12
_WHY: Final = 3
"""So many lines of a commit's message are shown below its subject."""
_TRAILERS: Final = ("reason", "reviewed-by")
"""What of the last lines of a message tells why."""


class History(NamedTuple):
    """What is told of a client."""

    client: str
    title: str
    """How every command names the client; with the record, if one was asked for."""
    chapters: Sequence[Chapter]
    asked: str = ""
    """Which record was asked for, as it was typed."""
    start: dt.date | None = None
    until: dt.date | None = None
    uncommitted: Sequence[str] = ()
    """Files of the client that are not in git as they lie in the folder."""


def page(history: History, width: int) -> Iterator[Line]:
    """A history for people."""
    yield from indented(visible(f"History of {history.title}, newest first"), width, 0, "title")
    if history.uncommitted:
        count = len(history.uncommitted)
        files = f"{count} file{'s' * (count != 1)}"
        words = f"Not committed yet: {files}; carectl diff --client {history.client} shows what changed."
        yield from indented(words, width, 0, "warn")
    if not history.chapters:
        yield []
        yield from indented("No commit changed anything of it in this time." if history.start or history.until
                            else "No commit changed anything of it.", width, 0)  # fmt: skip
    for chapter in history.chapters:
        yield []
        yield from _chapter(chapter, width)


def _chapter(chapter: Chapter, width: int) -> Iterator[Line]:
    """A commit: when and who, why, and what changed."""
    head = f"{_moment(chapter.committer.at)}  {visible(chapter.author.name or 'somebody without a name')}"
    short = chapter.id[:9]
    gap = width - width_of(head) - len(short)
    yield [(head, "title"), (" " * gap if gap > 1 else "  ", ""), (short, "faint")]
    yield from indented(visible(chapter.subject), width, _INDENT - 2, "", "  ")
    for text in _why(chapter):
        yield from indented(visible(text), width, _INDENT, "", "    ")
    for text in _marks(chapter):
        yield from indented(visible(text), width, _INDENT, "warn", "  ! ")
    for told in chapter.told:
        yield from _change(told, width)
    for text in _besides(chapter):
        yield from indented(visible(text), width, _INDENT, "faint", "    ")


def _why(chapter: Chapter) -> Iterator[str]:
    """The first lines of the message, and the reason and the reviewer that it names."""
    lines = [line for line in chapter.body.split("\n") if line.strip()]
    yield from lines[:_WHY]
    if len(lines) > _WHY:
        yield f"… {len(lines) - _WHY} more lines: git show {chapter.id[:9]}"
    yield from (f"{name}: {text}" for name, text in chapter.trailers if name.lower() in _TRAILERS)


def _marks(chapter: Chapter) -> Iterator[str]:
    """What somebody should know who relies on the commit."""
    if chapter.author[:2] != chapter.committer[:2]:
        yield f"committed by {chapter.committer.name or 'somebody without a name'}"
    if chapter.backdated:
        yield f"{chapter.backdated}: {_moment(chapter.author.at)}"
    if chapter.moved_from:
        yield f"the client's folder was moved: {chapter.moved_from} became {chapter.folder}"
    if chapter.cut:
        yield "what this changed cannot be told: the commit before it is not here (git fetch --unshallow gets it)"
    if chapter.lost:
        yield "what this changed cannot be told: git has lost some of its files (git fsck tells more)"
    for item in chapter.unread:
        yield f"not told: {item.path}:{item.line}: {item.reason}"
    for path in chapter.left_out:
        yield f"this merge left out what one side had changed: {path}"


def _change(told: Told, width: int) -> Iterator[Line]:
    item = told.change
    look = _LOOKS[item.severity]
    said = list(indented(visible(item.message), width, _LABEL, look if look == "loud" else ""))
    said[0] = [(" " * _INDENT, ""), (item.severity.upper().ljust(_LABEL - _INDENT), look), *said[0][1:]]
    yield from said
    for note in (*item.notes, *([told.late] if told.late else ())):
        yield from indented(visible(note), width, _LABEL + 2, "warn", " " * _LABEL + "! ")


def _besides(chapter: Chapter) -> Iterator[str]:
    """What changed besides what is on file."""
    if chapter.reordered:
        kinds = sorted({item.kind for item in chapter.reordered})
        yield f"Only in another order: {', '.join(kinds)}."
    if chapter.rewritten:
        yield "Layout or comments; what is on file says the same as before."
    for path in chapter.other:
        yield f"No record: {path}"


def _moment(moment: dt.datetime | None) -> str:
    """A moment with the offset that was recorded."""
    if moment is None:
        return "at a time that cannot be told"
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"


def as_data(history: History) -> str:
    """The same as JSON."""
    return as_json({
        "client": history.client,
        "record": history.asked or None,
        "from": plain(history.start),
        "until": plain(history.until),
        "uncommitted": list(history.uncommitted),
        "commits": [_data(chapter) for chapter in history.chapters],
    })  # fmt: skip


def _data(chapter: Chapter) -> dict[str, Any]:
    return {
        "id": chapter.id,
        "parents": list(chapter.parents),
        "author": _person(chapter.author),
        "committer": _person(chapter.committer),
        "subject": chapter.subject,
        "body": chapter.body,
        "trailers": [{"name": name, "text": text} for name, text in chapter.trailers],
        "signed": chapter.signed,
        "folder": chapter.folder,
        "moved_from": chapter.moved_from,
        "backdated": chapter.backdated,
        "cut": chapter.cut,
        "lost": chapter.lost,
        "changes": [
            {**{name: plain(value) for name, value in told.change._asdict().items()}, "late": told.late}
            for told in chapter.told
        ],
        "reordered": [item._asdict() for item in chapter.reordered],
        "unparsed": [item._asdict() for item in chapter.unread],
        "rewritten": chapter.rewritten,
        "other": list(chapter.other),
        "left_out": list(chapter.left_out),
    }


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "at": plain(person.at)}

"""Three versions of a file woven into one, so that the comments and the layout of both sides stay.

What the result must say is decided elsewhere, on data, and comes in. Here the texts are cut into stretches that each
belong to one field or entry, known by the same names as in the data. Where one side alone touched a stretch, it is
that side's text to the last blank; where both did, its parts are woven. In the end the result is read again: if it does
not say what was decided, or a comment of either side is missing, the sides are shown whole, for a person to choose.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from carectl.caseload.edit.editor import Editor
from carectl.caseload.edit.text import CannotEdit, Raw, Text
from carectl.caseload.faults import MERGE_MARK
from carectl.caseload.identities import Group, Key, Node, Rows, build, canonical, plain
from carectl.findings import Keys

Way = tuple[str | Key, ...]
"""From a file to a value in it: names of fields, and what entries are known by."""

MARKER_SIZE: Final = 7


class Clash(NamedTuple):
    """What a person must decide, and the words that say so in the file."""

    ways: tuple[Way, ...]
    words: tuple[str, ...]


class Names(NamedTuple):
    """What the three versions are called in the file."""

    ours: str = "ours"
    base: str = "before"
    theirs: str = "theirs"


class Woven(NamedTuple):
    """The result: the bytes of the file, and what in it waits for a person."""

    raw: bytes
    open: tuple[Way, ...]
    """The stretches between markers; the empty way is the whole file."""


class CannotWeave(Exception):
    """A version cannot be read well enough to say what is what in it. The message holds nothing private."""


def weave(
    versions: tuple[Version, Version, Version],
    decided: tuple[Group, Group],
    clashes: Sequence[Clash] = (),
    *,
    names: Names = Names(),  # noqa: B008  immutable
    size: int = MARKER_SIZE,
) -> Woven:
    """Three versions of a file (base, ours, theirs) as one.

    `decided` is what the result says: once with every clash as ours has it, once as theirs has it.
    """
    weaver = _Weaver(versions, decided, clashes)
    for attempt in (weaver.file, weaver.whole):
        try:
            pieces = attempt()
        except _Torn:
            continue
        ends = _Ends.of(versions)
        shown = [ends.put(_rendered(pieces, side)) for side in ("ours", "theirs")]
        if attempt == weaver.whole or weaver.is_right(pieces, shown):
            whole = ends.put(_rendered(pieces, None, names, size), always_ended=True) if _open(pieces) else shown[0]
            return Woven(whole, _open(pieces))
    raise AssertionError("unreachable: the whole file can always be shown")


# --- one version -----------------------------------------------------------------------------------------------------


class _Torn(Exception):
    """Here the texts of the two sides cannot be put together."""


class Version:
    """One version of a file: its content as it is compared (`node`), and the stretches of its text."""

    def __init__(self, raw: bytes, kind: str, path: str) -> None:
        """Read a version. Raises CannotWeave if any of it cannot be told for certain."""
        self.raw, self.kind, self.path = raw, kind, path
        try:
            self.text = Text(Raw.of(raw), path)
        except UnicodeDecodeError:
            raise CannotWeave("it is not saved as UTF-8") from None
        document = self.text.document
        if document.findings:
            raise CannotWeave(document.findings[0].message)
        node, faults = build(kind, document.data)
        if faults or not isinstance(node, Group):
            raise CannotWeave(faults[0].reason if faults else "it holds no fields")
        self.node = node
        text = self.text.text
        self.known_parts: dict[Keys, _Parts | None] = {}
        self.lines = (text if text.endswith("\n") or not text else text + "\n").splitlines(keepends=True)

    def between(self, first: int, last: int) -> str:
        """Whole lines, up to the one before the last."""
        return "".join(self.lines[first:last])

    def root(self) -> _Stretch:
        """The file as one stretch."""
        return _Stretch(self, (), (), self.node, "", 0, 0, len(self.lines) - 1, False)

    def comments(self, first: int, last: int) -> list[str]:
        """The comments on some lines."""
        return [text for line, _, text in self.text.document.comments() if first < line <= last + 1]

    def last_line(self, keys: Keys, column: int) -> int:
        """The last line of an entry that begins in a column, with the comments below it that stand further in."""
        line = self.text.last_line(keys)
        while (below := self.text.comment_column(line + 1)) is not None and below > column:
            line += 1
        return line


@dataclass(frozen=True)
class _Stretch:
    """The lines of one field or entry."""

    version: Version
    keys: Keys
    way: Way
    node: Node | None
    above: str
    """Lines above it that belong to nothing else: blank ones and comments."""
    column: int
    first: int
    last: int
    is_inline: bool
    """Whether it begins behind the dash of its entry."""

    @property
    def body(self) -> str:
        """Its lines, as if the first began with it."""
        text = self.version.between(self.first, self.last + 1)
        return " " * self.column + text[self.column :] if self.is_inline else text

    @property
    def plain_body(self) -> str:
        """Its lines as they would be at the left edge: what is compared."""
        return _moved(self.body, self.column, 0)

    def comments(self) -> list[str]:
        """The comments in and behind its lines."""
        return self.version.comments(self.first, self.last)

    def parts(self) -> _Parts | None:
        """Its fields or entries, if each of them has lines of its own."""
        known = self.version.known_parts
        if self.keys not in known:
            known[self.keys] = self._parts()
        return known[self.keys]

    def _parts(self) -> _Parts | None:
        text = self.version.text
        value = text.value(self.keys)
        if value is None and not self.keys:
            return _Parts(_ended(text.text), {}, "", 0)  # nothing but comments
        if not value or not isinstance(value, (dict, list)) or text.is_bracketed(self.keys):
            return None
        steps = self._steps(value)
        if steps is None:
            return None
        try:
            return self._cut([(*self.keys, key) for key, _ in steps], [name for _, name in steps])
        except CannotEdit:
            return None  # a field with a question mark before its name

    def _steps(self, value: Any) -> list[tuple[str | int, str | Key]] | None:
        """The parts of the value: how they are reached in the file, and what they are known by."""
        if isinstance(value, dict) and isinstance(self.node, Group):
            return [(name, name) for name in value]
        if isinstance(value, list) and isinstance(self.node, Rows) and len(self.node.rows) == len(value):
            return list(enumerate(self.node.rows))
        return None

    def _cut(self, children: list[Keys], names: list[str | Key]) -> _Parts | None:
        text, version = self.version.text, self.version
        found: dict[str | Key, _Stretch] = {}
        head, floor, column = "", self.first, 0
        for child, name in zip(children, names, strict=True):
            begin = self._begin(child, floor, is_first=not found)
            line, column = text.line(begin), text.column(begin)
            inline = not text.begins_line(begin)
            if not found:
                if inline and (not self.keys or line != self.first):
                    return None
                if inline:
                    head = self.body[:column]
                    floor = line
                    if head.strip(" -"):
                        return None
                else:
                    # What a file begins with is about the file.
                    floor = line if not self.keys else text.line(text.sign_end(self.keys)) + 1
                    head = version.between(self.first, floor)
            elif inline:
                return None
            last = version.last_line(child, column)
            node = _below(self.node, name)
            above = "" if inline else version.between(floor, line)
            found[name] = _Stretch(version, child, (*self.way, name), node, above, column, line, last, inline)
            floor = last + 1
        return _Parts(head, found, version.between(floor, self.last + 1), column)

    def _begin(self, child: Keys, floor: int, *, is_first: bool) -> int:
        """Where a part begins: at its key or its dash; `floor` is the line below the part before it."""
        text = self.version.text
        if isinstance(child[-1], str):
            return text.key_begin(child)
        if is_first:
            return text.begin(self.keys)
        while text.is_blank(floor) or text.comment_column(floor) is not None:
            floor += 1
        return text.starts[floor] + text.indent(floor)

    def find(self, way: Way) -> _Stretch | None:
        """A stretch inside of this one."""
        if way == self.way:
            return self
        parts = self.parts()
        inner = parts.items.get(way[len(self.way)]) if parts else None
        return inner.find(way) if inner else None


class _Parts(NamedTuple):
    """What a stretch consists of: what comes before its parts, the parts, and the lines below them."""

    head: str
    items: Mapping[str | Key, _Stretch]
    tail: str
    column: int


def _below(node: Node | None, step: str | Key) -> Node | None:
    if isinstance(node, Group) and isinstance(step, str):
        return node.fields.get(step)
    if isinstance(node, Rows) and isinstance(step, tuple):
        return node.rows.get(step)
    return None


def _at(node: Node | None, way: Way) -> Node | None:
    for step in way:
        node = _below(node, step)
    return node


def _same(one: Node | None, other: Node | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or canonical(one) == canonical(other)


def _moved(text: str, old: int, new: int) -> str:
    """Lines moved from one column to another. Those that stand further out stay where they are."""
    if old == new or not text:
        return text
    return "".join(
        " " * new + line[old:] if line.strip() and not line[:old].strip(" ") else line
        for line in text.splitlines(keepends=True)
    )


# --- the weaver ------------------------------------------------------------------------------------------------------


@dataclass
class _Open:
    """A stretch that waits for a person: each version of it, and what is to be said."""

    way: Way
    base: str
    ours: str
    theirs: str
    column: int
    words: tuple[str, ...]
    uncut: set[str] = field(default_factory=set)
    """Sides whose text here is just as that side had it, whatever was decided."""

    def of(self, side: str) -> str:
        """One side's lines."""
        return self.ours if side == "ours" else self.theirs


_Piece = str | _Open

_UNWOVEN: Final = (
    "Both sides changed these lines, and what they wrote cannot",
    "be put together: a comment, or the layout, would be lost.",
)
_MORE: Final = (
    "Careful: these lines hold other changes as well, which are",
    "not merged either. Compare the versions word by word.",
)
_ANSWER: Final = (
    "To answer: keep the version that holds, or write what holds.",
    "If you are not sure, ask who decided it. Delete what does",
    "not hold, what is between ||||||| and ======= (how it was",
    "before), the marker lines and these. Then: carectl check",
)


class _Weaver:
    """Puts the stretches of three versions together."""

    def __init__(self, versions: Sequence[Version], decided: tuple[Group, Group], clashes: Sequence[Clash]) -> None:
        self.base, self.ours, self.theirs = versions
        self.decided = decided
        self.clashes = clashes
        self.ways = {way for clash in clashes for way in clash.ways}

    def file(self) -> list[_Piece]:
        """The whole file, woven."""
        base, ours, theirs = (version.root() for version in (self.base, self.ours, self.theirs))
        pieces = self.parts(base, ours, theirs, (), 0)
        shown = _open(pieces)
        if any(way not in shown and not any(way[: len(at)] == at for at in shown) for way in self.ways):
            raise _Torn
        return pieces

    def whole(self) -> list[_Piece]:
        """Each side whole, for a person to choose."""
        base, ours, theirs = (_ended(version.text.text) for version in (self.base, self.ours, self.theirs))
        words = tuple(word for clash in self.clashes for word in clash.words) or _UNWOVEN
        return [_Open((), base, ours, theirs, 0, words, {"ours", "theirs"})]

    def stretch(
        self, base: _Stretch | None, ours: _Stretch | None, theirs: _Stretch | None, way: Way, column: int
    ) -> list[_Piece]:
        """One field or entry. Raises _Torn for a field that cannot be woven; an entry is shown with markers."""
        try:
            if way in self.ways:
                raise _Torn
            if ours is None or theirs is None:
                return self.on_one_side(base, ours or theirs, column)
            if ours.plain_body == theirs.plain_body or (base and theirs.plain_body == base.plain_body):
                return [_moved(ours.body, ours.column, column)]
            if base and ours.plain_body == base.plain_body:
                return [_moved(theirs.body, theirs.column, column)]
            if ours.parts() and theirs.parts():
                return self.parts(base, ours, theirs, way, column)
            return [self.leaf(base, ours, theirs, way, column)]
        except _Torn:
            if len(way) > 1 and not isinstance(way[-1], tuple):
                raise
            return [self.open(base, ours, theirs, way, column)]

    def on_one_side(self, base: _Stretch | None, there: _Stretch | None, column: int) -> list[_Piece]:
        """What one side added, or the other took out."""
        if there is None:
            return []
        if base is None:
            return [_moved(there.body, there.column, column)]
        if base.plain_body != there.plain_body or _new_lines(base, there):
            raise _Torn
        return []

    def parts(self, base: _Stretch | None, ours: _Stretch, theirs: _Stretch, way: Way, column: int) -> list[_Piece]:
        """The fields of a mapping, or the entries of a list."""
        old, here, there = base.parts() if base else None, ours.parts(), theirs.parts()
        if here is None or there is None:
            raise _Torn
        before: Mapping[str | Key, _Stretch] = old.items if old else {}
        inner = column + here.column - ours.column
        head = self.lines(old and (old.head, base), (here.head, ours), (there.head, theirs), column, merge=not way)
        pieces: list[_Piece] = [head]
        for name in self.sequence(way, here, there):
            items = before.get(name), here.items.get(name), there.items.get(name)
            below = self.stretch(*items, (*way, name), inner)
            if below:
                self.put(pieces, self.above(*items, inner), below, inner, is_first=len(pieces) == 1)
        if len(pieces) == 1 and way:
            raise _Torn  # nothing is left: not even this is said by both sides
        tail = self.lines(old and (old.tail, base), (here.tail, ours), (there.tail, theirs), column, merge=True)
        return [*pieces, tail]

    def put(self, pieces: list[_Piece], above: str, below: list[_Piece], column: int, *, is_first: bool) -> None:
        """Add a part. The first one may have to begin behind a dash."""
        head = pieces[-1]
        if is_first and isinstance(head, str) and head and not head.endswith("\n"):
            first = below[0]
            if above or not isinstance(first, str) or first[:column].strip(" "):
                raise _Torn
            pieces[-1] = head + first[column:]
            pieces += below[1:]
            return
        pieces += [above, *below] if above else below

    def sequence(self, way: Way, here: _Parts, there: _Parts) -> list[str | Key]:
        """The order of the parts: of entries as it was decided, of fields as ours has them."""
        rows = [node.rows for node in (_at(self.decided[0], way), _at(self.decided[1], way)) if isinstance(node, Rows)]
        lead = list(here.items)
        if rows:
            lead = _inserted(list(rows[0]), list(rows[-1]))
        return _inserted(_inserted(lead, list(here.items)), list(there.items))

    def above(self, base: _Stretch | None, ours: _Stretch | None, theirs: _Stretch | None, column: int) -> str:
        """The lines above a part; comments that both sides wrote all stay."""
        texts = [_moved(item.above, item.column, 0) if item else None for item in (base, ours, theirs)]
        old, here, there = texts
        if here is None or there is None:
            kept = here if here is not None else there
            return _moved(kept or "", 0, column)
        return _moved(_both(old or "", here, there), 0, column)

    def lines(self, old: Any, here: Any, there: Any, column: int, *, merge: bool) -> str:
        """The lines before or below the parts, of each version with the stretch that they are from."""
        base, ours, theirs = (_moved(text[0], text[1].column, 0) if text else None for text in (old, here, there))
        if ours == theirs or theirs == base:
            found = ours
        elif ours == base:
            found = theirs
        elif merge:
            found = _both(base or "", ours or "", theirs or "")
        elif base is None and _bare(ours) == _bare(theirs):
            found = max(ours or "", theirs or "", key=len)
        else:
            raise _Torn
        return _moved(found or "", 0, column)

    def leaf(self, base: _Stretch | None, ours: _Stretch, theirs: _Stretch, way: Way, column: int) -> str:
        """A value that both sides wrote anew: as it was decided, in the form of the side that has it so."""
        if any(way == clash[: len(way)] for clash in self.ways):
            raise _Torn
        wanted = _at(self.decided[0], way)
        if _same(wanted, ours.node):
            found, other = ours, theirs
        elif _same(wanted, theirs.node):
            found, other = theirs, ours
        else:
            found, other = self.edited(way, wanted), theirs
        comments = found.comments()
        old = base.comments() if base else []
        if other.comments() in (old, comments):
            return _moved(found.body, found.column, column)
        if found.first == found.last and other.first == other.last and (comments == old or not comments):
            # The value of the one, and behind it the comment of the other.
            line = found.body.removesuffix("\n").removesuffix(comments[0] if comments else "").rstrip(" ")
            behind = "".join(other.comments())
            return _moved(f"{line}  {behind}".rstrip() + "\n", found.column, column)
        raise _Torn

    def edited(self, way: Way, wanted: Node | None) -> _Stretch:
        """The stretch of ours in which a value was changed to what was decided."""
        there = self.ours.root().find(way)
        if there is None or wanted is None:
            raise _Torn
        try:
            editor = Editor(self.ours.raw, self.ours.path)
            editor.set(there.keys, plain(wanted))
            version = Version(editor.result(), self.ours.kind, self.ours.path)
        except (CannotEdit, CannotWeave):
            raise _Torn from None
        found = version.root().find(way)
        if found is None:
            raise _Torn
        return found

    # --- what a person must decide ---

    def open(
        self, base: _Stretch | None, ours: _Stretch | None, theirs: _Stretch | None, way: Way, column: int
    ) -> _Open:
        """A stretch with each side's version of it, in which all that is beyond dispute is merged."""
        clashes = [clash for clash in self.clashes if any(way == other[: len(way)] for other in clash.ways)]
        words = tuple(word for clash in clashes for word in clash.words) or _UNWOVEN
        texts = [_moved(item.body, item.column, column) if item else "" for item in (base, ours, theirs)]
        found = _Open(way, texts[0], texts[1], texts[2], column, words)
        for number, (side, own, other) in enumerate((("ours", ours, theirs), ("theirs", theirs, ours))):
            wanted = _at(self.decided[number], way)
            if _same(wanted, own.node if own else None):
                continue
            try:
                if own is None or other is None or not clashes:
                    raise _Torn
                setattr(found, side, self.as_decided(base, own, other, wanted, column))
            except _Torn:
                found.uncut.add(side)
        if found.uncut and clashes:
            found.words += _MORE
        return found

    def as_decided(
        self, base: _Stretch | None, own: _Stretch, other: _Stretch, wanted: Node | None, column: int
    ) -> str:
        """The text of one side, with what the other side did apart from what is in dispute."""
        here, there = own.parts(), other.parts()
        if here is None or there is None:
            raise _Torn
        inner = column + here.column - own.column
        pieces: list[_Piece] = [_moved(here.head, own.column, column)]
        names = _inserted(list(here.items), list(there.items))
        if isinstance(wanted, Rows):
            names = list(wanted.rows)
        for name in names:
            mine, yours, value = here.items.get(name), there.items.get(name), _below(wanted, name)
            if mine and _same(value, mine.node):
                text = _moved(mine.body, mine.column, inner)
            elif mine and yours and value is not None and not _same(value, yours.node):
                text = self.as_decided(None, mine, yours, value, inner)
            elif value is None:
                continue
            elif yours and _same(value, yours.node):
                text = _moved(yours.body, yours.column, inner)
            else:
                raise _Torn
            above = mine or yours
            lines = _moved(above.above, above.column, inner) if above else ""
            self.put(pieces, lines, [text], inner, is_first=len(pieces) == 1)
        return "".join(str(piece) for piece in pieces) + _moved(here.tail, own.column, column)

    # --- proof ---

    def is_right(self, pieces: list[_Piece], shown: Sequence[bytes]) -> bool:
        """Whether the result, read again, says what was decided, and no comment is lost."""
        comments = []
        try:
            versions = [Version(raw, self.ours.kind, self.ours.path) for raw in dict.fromkeys(shown)]
        except CannotWeave:
            return False
        for number, side in enumerate(("ours", "theirs")):
            version = versions[min(number, len(versions) - 1)]
            wanted: Node | None = self.decided[number]
            source = (self.ours, self.theirs)[number].node
            for piece in pieces:
                if isinstance(piece, _Open) and side in piece.uncut:
                    wanted = _with(wanted, piece.way, _at(source, piece.way))
            if not _same(version.node, wanted):
                return False
            comments.append(_comments(version))
        return not _missing(_comments(self.base), _comments(self.ours), _comments(self.theirs), comments)


def _inserted(lead: list[Any], other: list[Any]) -> list[Any]:
    """A list with what only another one has, each behind its neighbour there."""
    found, known = list(lead), set(lead)
    place = 0
    for name in other:
        if name in known:
            place = found.index(name) + 1
        else:
            found.insert(place, name)
            known.add(name)
            place += 1
    return found


def _both(base: str, ours: str, theirs: str) -> str:
    """Lines between entries: what one side alone changed, or the comments of both."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    old, here, there = (text.splitlines(keepends=True) for text in (base, ours, theirs))
    kept = [line for line in here if not line.strip() or line not in old or line in there]
    return "".join([*kept, *(line for line in there if line.strip() and line not in here and line not in old)])


def _new_lines(base: _Stretch, there: _Stretch) -> bool:
    """Whether somebody wrote a comment above something since: it is about that, and must not end above another one."""
    known = _moved(base.above, base.column, 0).splitlines()
    return any(line.strip() and line not in known for line in _moved(there.above, there.column, 0).splitlines())


def _bare(head: str | None) -> str:
    """The line of a field's name without its comment."""
    return re.sub(r"\s+#.*", "", head or "").strip()


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


def _with(node: Node | None, way: Way, value: Node | None) -> Node | None:
    """A node in which another value stands at a place; None takes it out."""
    if not way:
        return value
    step, inner = way[0], _with(_below(node, way[0]), way[1:], value)
    if isinstance(step, str):
        fields = dict(node.fields) if isinstance(node, Group) else {}
        fields.pop(step, None) if inner is None else fields.__setitem__(step, inner)
        return Group(fields, node.record if isinstance(node, Group) else "")
    rows: dict[Key, Any] = dict(node.rows) if isinstance(node, Rows) else {}
    rows.pop(step, None) if inner is None else rows.__setitem__(step, inner)
    return Rows(rows, node.record if isinstance(node, Rows) else "") if rows else None


def _comments(version: Version) -> Counter[str]:
    return Counter(text for _, _, text in version.text.document.comments())


def _missing(base: Counter[str], ours: Counter[str], theirs: Counter[str], shown: list[Counter[str]]) -> list[str]:
    """Comments that a side wrote or kept and that the result shows nowhere."""
    found = []
    for text in {*ours, *theirs}:
        wanted = max(ours[text], theirs[text])
        if min(ours[text], theirs[text]) < base[text]:
            wanted = wanted if wanted > base[text] else min(ours[text], theirs[text])
        if max(side[text] for side in shown) < wanted:
            found.append(text)
    return found


# --- the bytes -------------------------------------------------------------------------------------------------------


def _open(pieces: Iterable[_Piece]) -> tuple[Way, ...]:
    return tuple(piece.way for piece in pieces if isinstance(piece, _Open))


def _rendered(pieces: Iterable[_Piece], side: str | None, names: Names = Names(), size: int = MARKER_SIZE) -> str:  # noqa: B008
    """The text, with each open stretch as one side has it; for no side with markers around all of them."""
    return "".join(
        piece if isinstance(piece, str) else piece.of(side) if side else "".join(_marked(piece, names, size))
        for piece in pieces
    )


def _marked(piece: _Open, names: Names, size: int) -> Iterator[str]:
    """An open stretch between git's own markers, below the words that say what to do."""
    for word in (*piece.words, *_ANSWER):
        yield f"{' ' * piece.column}{MERGE_MARK} {word}\n"
    yield f"{'<' * size} {names.ours}\n"
    yield piece.ours
    yield f"{'|' * size} {names.base}\n"
    yield piece.base
    yield f"{'=' * size}\n"
    yield piece.theirs
    yield f"{'>' * size} {names.theirs}\n"


class _Ends(NamedTuple):
    """How the bytes of a file begin, how its lines end, and whether the last one does."""

    mark: bool
    line_break: str
    is_ended: bool

    @staticmethod
    def of(versions: Sequence[Version]) -> _Ends:
        """What one side alone changed, changes; else as ours has it."""
        forms = []
        for version in versions:
            raw = version.text.raw
            breaks = Counter(raw.breaks).most_common(1)
            ended = raw.text.endswith("\n") or not raw.text
            forms.append((raw.mark, breaks[0][0] if breaks else None, ended))
        base, ours, theirs = forms
        if not versions[0].raw:
            base = theirs
        found = [there if here == old else here for old, here, there in zip(base, ours, theirs, strict=True)]
        return _Ends(bool(found[0]), str(found[1] or "\n"), bool(found[2]))

    def put(self, text: str, *, always_ended: bool = False) -> bytes:
        """A text as the bytes of the file."""
        if not self.is_ended and not always_ended:
            text = text.removesuffix("\n")
        return ("\ufeff" * self.mark + text.replace("\n", self.line_break)).encode()

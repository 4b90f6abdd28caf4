"""Merges file by file: what git calls when both sides changed a file (`carectl git merge-driver`)."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.caseload import files, git
from carectl.caseload.root import MARK
from carectl.errors import CarectlError, UsageError

if TYPE_CHECKING:
    from carectl.care.changes.merging import Conflict, MergeText
    from carectl.caseload.merging import Names, Woven

ARGUMENTS: Final = "%O %A %B %L %P %S %X %Y"
"""What git is to give the driver. It knows the last three since 2.44; an older one leaves them as they are."""

_WIDTH: Final = 60
"""Of the words above a conflict, so that a terminal of 80 columns shows them."""


class _Call(NamedTuple):
    """What git gives a merge driver."""

    base: Path
    ours: Path
    theirs: Path
    size: int
    path: str
    names: Names


def drive(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Merge a file as git asks for it; the result takes the place of ours.

    Gives 0 for a merge that nobody needs to look at, 1 if a person must: then the file has git's markers, or words
    that `carectl check` refuses. No side is ever kept in silence: what carectl cannot merge, git does, with markers.
    """
    call = _call(arguments)
    kind = kind_of(call.path)
    if kind is None:
        return _by_git(call, environment)
    try:
        raws = [path.read_bytes() for path in (call.base, call.ours, call.theirs)]
        woven = merged(raws[0], raws[1], raws[2], kind, call.path, merge_text=_texts(environment), names=call.names,
                       size=call.size)  # fmt: skip
        files.write(call.ours, woven.raw)
    except Exception as problem:
        from carectl.caseload.merging import CannotWeave

        known = isinstance(problem, (CannotWeave, CarectlError, OSError))
        return _by_git(call, environment, why=str(problem) if known else "carectl met an error of its own")
    if woven.open:
        count = f"{len(woven.open)} {'record needs' if len(woven.open) == 1 else 'records need'}"
        _say(call.path, f"{count} an answer; comments in the file say what each side did")
    return 1 if woven.open else 0


def merged(
    base: bytes,
    ours: bytes,
    theirs: bytes,
    kind: str,
    path: str,
    *,
    merge_text: MergeText | None = None,
    names: Names | None = None,
    size: int = 7,
) -> Woven:
    """Three versions of a file of a kind, merged. Raises CannotWeave if one of them cannot be read for certain."""
    from carectl.care.changes.merging import merge
    from carectl.caseload.merging import Clash, Names, Version, Woven, weave

    versions = Version(base, kind, path), Version(ours, kind, path), Version(theirs, kind, path)
    if ours == theirs or base == theirs:
        return Woven(ours, ())
    if base == ours:
        return Woven(theirs, ())
    result = merge(versions[0].node, versions[1].node, versions[2].node, merge_text)
    clashes = [Clash(conflict.ways, tuple(_words(conflict, path))) for conflict in result.conflicts]
    decided = (result.ours, result.theirs)
    return weave(versions, decided, clashes, names=names or Names(), size=size)


def kind_of(path: str) -> str | None:
    """The kind of records that a file of a repository holds, by its path; None if it holds none."""
    from carectl.caseload.records import CLIENT_KINDS

    parts = path.split("/")
    if parts[-1] == MARK:
        return "practice"
    if not parts[-1].endswith(".yaml"):
        return None
    name = parts[-1].removesuffix(".yaml")
    if parts[-2:-1] == ["staff"]:
        return "staff"
    if parts[-3:-2] == ["clients"] and name in CLIENT_KINDS:
        return name
    if parts[-4:-3] == ["clients"] and parts[-2] in CLIENT_KINDS:
        return parts[-2]
    return None


def _call(arguments: Sequence[str]) -> _Call:
    from carectl.caseload.merging import Names

    if len(arguments) < 5 or not arguments[3].isdecimal():
        raise UsageError(f"git calls this with {ARGUMENTS}\nhint: carectl git setup tells git so")
    base, ours, theirs = (Path(word).absolute() for word in arguments[:3])
    given = [re.sub(r"[^\x20-\x7e\xa0-\uffff]", " ", word)[:80] for word in arguments[5:8]]
    given = ["" if word in ("%S", "%X", "%Y") else word for word in (*given, "", "", "")[:3]]
    # In a rebase ours is the branch that it goes onto: these words are true for every sort of merge.
    heads = ("ours: what was here", "before both", "theirs: what is brought in")
    names = Names(*(
        f"{head.partition(':')[0]}: {name}" if name else head
        for head, name in zip(heads, (given[1], given[0], given[2]), strict=True)
    ))  # fmt: skip
    return _Call(base, ours, theirs, max(7, min(int(arguments[3]), 100)), arguments[4], names)


# --- what git does ---------------------------------------------------------------------------------------------------


def _by_git(call: _Call, environment: Mapping[str, str], why: str | None = None) -> int:
    """Merge by lines. `why`: these are records, and nobody but a person can say whether the result is right."""
    names = (call.names.ours, call.names.base, call.names.theirs)
    done = git.merge_file(call.ours, call.base, call.theirs, names, call.size, environment)
    if done is None:
        # Git leaves such a file, a scan or a photo, as ours has it, and says that it is not merged.
        _say(call.path, "git cannot merge this file by its lines: choose one of the two (git checkout --ours/--theirs)")
        return 1
    content, conflicts = done
    if why is not None:
        _say(call.path, f"carectl cannot merge these records ({why}); git has merged the lines: look at every record")
        if not conflicts:
            content = _doubted(content)
    files.write(call.ours, content)
    return 1 if conflicts or why is not None else 0


def _doubted(content: bytes) -> bytes:
    """A file that git merged without a conflict, with words on top that somebody must look at it."""
    from carectl.caseload.faults import MERGE_MARK

    words = (
        "carectl could not read one of the two versions of this file, so git merged them line by line.",
        "Nobody has looked whether a record was changed on both sides. Compare the file with both versions;",
        "once all of it is right, delete these lines.",
    )
    end = b"\r\n" if b"\r\n" in content else b"\n"
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    return mark + b"".join(f"{MERGE_MARK} {word}".encode() + end for word in words) + content.removeprefix(mark)


def _texts(environment: Mapping[str, str]) -> MergeText:
    """Git's own merge of texts of several lines."""

    def merge(base: str, ours: str, theirs: str) -> str | None:
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
            for path, text in zip(paths, (ours, base, theirs), strict=True):
                path.write_bytes(text.encode())
            done = git.merge_file(paths[0], paths[1], paths[2], ("", "", ""), 7, environment)
        return done[0].decode() if done is not None and not done[1] else None

    return merge


def _say(path: str, words: str) -> None:
    print(f"carectl: {path}: {words}", file=sys.stderr)


# --- what a person reads ---------------------------------------------------------------------------------------------


def _words(conflict: Conflict, path: str) -> list[str]:
    """What stands above the two versions of a record of a file."""
    from textwrap import wrap

    from carectl.care.changes.merging import together

    name = f"{conflict.name}: " if conflict.name and conflict.name not in conflict.noun else ""
    said, sides = conflict.sentence, [conflict.ours, conflict.theirs]
    above = path.split("/")[-4:-1]
    is_piece = conflict.sort == "removed" and len(above) == 3 and above[0] == "clients"
    if is_piece:
        # What was moved between the files of a folder looks like this as well, and git shows one file at a time.
        said = f"{conflict.noun} was changed on one side, and is not in this file any more on the other"
        sides = [("not in this file any more",) if did == ("taken out",) else did for did in sides]
    lines = [f"{name}{said}." + (f" {conflict.why}" if conflict.why else "")]
    for who, did in zip(("here (ours)", "brought in (theirs)"), sides, strict=True):
        lines += [f"  {who}: {words}" for words in did]
    if is_piece:
        lines.append(
            f"Look whether it stands in another file of {above[-1]}/ now. If it does, write the change there, and keep "
            "nothing of it here. If it is nowhere, it was taken out."
        )
    if conflict.sort == "added":
        new = f", with the new id {conflict.free_id} for one of them and for whatever means that one"
        lines.append(
            f"Are they two different things? Then both hold: keep both{new * bool(conflict.free_id)}. "
            "Are they one and the same? Then keep one."
        )
    both = together(conflict)
    lines += [f"Both together: {both}."] if both else []
    return [
        part
        for line in lines
        for part in wrap(line, _WIDTH, subsequent_indent=" " * 4, break_long_words=False, break_on_hyphens=False)
    ]

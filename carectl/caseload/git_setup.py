"""What `carectl git setup` writes into a clone: a diff driver, a merge driver and hooks, each undone without a trace.

All of it lies inside .git, so it belongs to one clone and its worktrees and travels nowhere. The drivers are named in
.git/info/attributes and not in a .gitattributes of the caseload: that one would tell colleagues' gits of a driver that
they do not have, would have to be committed, and is read from the side that is merged into. The file in .git counts
more than every .gitattributes, so nobody can switch it off, or to `merge=union`, by a commit.

In files that are the user's as well, our lines stand between two marks. Every command is written so that git goes on
without carectl: a diff shows the file as it is, a merge says so and leaves git's own conflict marks.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, NamedTuple

from carectl.caseload import files, git
from carectl.caseload.revisions import Repository
from carectl.caseload.root import MARK
from carectl.errors import EnvironmentProblem

HOOKS: Final = ("pre-commit", "pre-merge-commit", "pre-push", "commit-msg")
"""The hooks that there are. The last one is there only for who asks for it."""
NOTES: Final = "refs/notes/textconv/carectl"
"""Where git would keep converted files, in clear text, if it were let."""

MERGE_ARGUMENTS: Final = "%O %A %B %L %P %S %X %Y"
"""What git is to give the merge driver. It knows the last three since 2.44; an older one leaves them as they are."""

State = Literal["installed", "missing", "older", "in the way"]


class Clone(NamedTuple):
    """A clone as git sees it."""

    top: Path
    """The folder of the work tree."""
    prefix: str
    """The caseload's folder in it: empty, or with a slash at its end."""
    config: Path
    attributes: Path
    hooks: Path
    """The folder of the clone's own hooks."""
    others: str | None
    """Where git looks for hooks instead, if core.hooksPath says so."""


class Piece(NamedTuple):
    """One file that setup writes, or has lines in."""

    name: str
    path: Path
    state: State
    now: bytes | None
    """What the file holds; None if there is none."""
    wanted: bytes | None
    """What it would hold with ours; None if it must be left alone."""
    without: bytes | None
    """What it would hold without ours; None if there would be none."""
    advice: str = ""
    """What the user can do herself about what is in the way."""


def clone_of(root: Path, environment: Mapping[str, str]) -> Clone:
    """The clone that a folder lies in. Raises EnvironmentProblem if it is in none, or in one that does not keep it."""

    def one(*words: str) -> str | None:
        said = git.settled(words, root, environment=environment)
        return said.decode("utf-8", "surrogateescape").removesuffix("\n") if said is not None else None

    top, common = one("rev-parse", "--show-toplevel"), one("rev-parse", "--git-common-dir")
    prefix = one("rev-parse", "--show-prefix")
    if top is None or common is None or prefix is None:
        Repository.of(root, environment).close()  # it says why
        raise EnvironmentProblem("git cannot tell where this clone is\nhint: git status shows why")
    if "\n" in prefix:
        raise EnvironmentProblem("the caseload's folder has a line break in its name, which git's settings cannot name")
    home = (root / common).resolve()
    others = one("config", "--path", "core.hooksPath")
    if others is not None and (Path(top) / others).resolve() == home / "hooks":
        others = None
    return Clone(Path(top), prefix, home / "config", home / "info" / "attributes", home / "hooks", others)


def pieces(clone: Clone, caseloads: Sequence[str], command: Sequence[str], hooks: Sequence[str]) -> list[Piece]:
    """What there is to write in a clone for caseloads in these folders of it, and how it stands.

    `command` is how carectl is called here; where that is no longer found, one on PATH is. A hook that is there already
    is kept, also if it is not among those that are wanted. Raises EnvironmentProblem.
    """
    found = [
        _shared("diff and merge", clone.config, _config(caseloads, command)),
        _shared("files they are for", clone.attributes, _attributes(caseloads)),
    ]
    return found + [_hook(clone, name, command, wanted=name in hooks) for name in HOOKS]


def as_git_sees(
    found: Sequence[Piece],
    clone: Clone,
    caseloads: Sequence[str],
    command: Sequence[str],
    environment: Mapping[str, str],
) -> list[Piece]:
    """The same pieces, with those in the way that are installed and that git does not go by: another setting of the
    user's or of one worktree, or a line further down, may count more. Raises EnvironmentProblem."""
    seen: list[Piece] = []
    for piece in found:
        advice = ""
        if piece.state == "installed" and piece.path == clone.config:
            advice = _other_settings(clone, command, environment)
        elif piece.state == "installed" and piece.path == clone.attributes:
            advice = _other_attributes(clone, caseloads, environment)
        seen.append(piece._replace(state="in the way", advice=advice) if advice else piece)
    return seen


def _other_settings(clone: Clone, command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What the user can do about settings that count more than ours; empty if there are none."""
    question = ["config", "-z", "--get-regexp", r"^(diff|merge)\.carectl\."]
    said = git.settled(question, clone.top, environment=environment)
    lines = (said or b"").decode("utf-8", "surrogateescape").split("\0")[:-1]
    counts = {key: value for key, _, value in (line.partition("\n") for line in lines)}
    wanted = _drivers(command)
    others = sorted(key for key in counts.keys() | wanted.keys() if counts.get(key) != wanted.get(key))
    if not others:
        return ""
    shows = "".join(f"\n    git config --show-origin --get-all {key}" for key in others)
    return f"another setting counts more than carectl's; these show where, to take it out there:{shows}"


def _other_attributes(clone: Clone, caseloads: Sequence[str], environment: Mapping[str, str]) -> str:
    """The same of lines for files of a caseload."""
    names = [f"{prefix}{kind.replace('**', 'c-001').replace('*', 'x')}" for prefix in caseloads for kind in _KINDS]
    said = git.settled(["check-attr", "-z", "diff", "merge", "--", *names], clone.top, environment=environment)
    values = (said or b"").split(b"\0")[2::3]
    if values and set(values) == {b"carectl"}:
        return ""
    return f"another line in {clone.attributes} counts more than carectl's: take it out"


def caseloads_of(root: Path, environment: Mapping[str, str]) -> list[str]:
    """The folders of a clone for whose caseloads it is set up: empty, or with a slash at their end."""
    said = git.settled(["config", "--local", "-z", "--get-all", "carectl.caseload"], root, environment=environment)
    names = (said or b"").decode("utf-8", "surrogateescape").split("\0")[:-1]
    return ["" if name == "." else f"{name}/" for name in names]


def write(piece: Piece, *, install: bool) -> bool:
    """Write a piece, or take it away; whether there was anything to do. Raises EnvironmentProblem."""
    content = piece.wanted if install else piece.without
    if install and (content is None or piece.state == "installed"):
        return False
    if not install and content == piece.now:
        return False
    path = piece.path.resolve()
    with files.problems(path):
        if content is None:
            path.unlink(missing_ok=True)
            if path.parent.name in ("hooks", "info") and not any(path.parent.iterdir()):
                path.parent.rmdir()
            return True
        path.parent.mkdir(parents=True, exist_ok=True, mode=files.FOLDER_MODE)
    if path.name == "config":
        _write_config(path, piece.now, content)
    else:
        files.write(path, content)
        if piece.name.endswith("hook"):
            path.chmod(0o700)
    return True


def _write_config(path: Path, now: bytes | None, content: bytes) -> None:
    """Write .git/config as git does: under its lock, so that no other git's change is lost."""
    lock = path.with_name("config.lock")
    try:
        like = path.stat() if path.exists() else None
        files.put(lock, content, like)
    except FileExistsError:
        raise EnvironmentProblem(
            f"another git process is at work in this clone; nothing was written\nhint: if none is, remove {lock}"
        ) from None
    except OSError as problem:
        raise files.cannot_write(path, problem) from None
    try:
        if _read(path) != now:
            raise EnvironmentProblem("git's settings were changed meanwhile; nothing was written\nhint: try again")
        lock.replace(path)
    except OSError as problem:
        raise files.cannot_write(path, problem) from None
    finally:
        lock.unlink(missing_ok=True)


# --- files that are the user's as well -------------------------------------------------------------------------------

_BEGIN: Final = b"# carectl git setup: begin. carectl git remove takes these lines out again"
_NEW: Final = b", with the file"
_OPEN: Final = b", and the line break above"
_END: Final = b"# carectl git setup: end.\n"
_BLOCK: Final = re.compile(
    rb"^" + re.escape(_BEGIN) + rb"(?P<how>" + re.escape(_NEW) + rb"|" + re.escape(_OPEN) + rb")?\.\n"
    rb"(?P<lines>(?:(?!# carectl git setup: begin).*\n)*?)" + re.escape(_END),
    re.MULTILINE,
)


def _shared(name: str, path: Path, lines: bytes) -> Piece:
    """A file in which our lines stand between two marks."""
    now = _read(path)
    raw = now or b""
    blocks = list(_BLOCK.finditer(raw))
    if raw.count(b"# carectl git setup:") != 2 * len(blocks) or len(blocks) > 1:
        advice = f"the lines of carectl in {path} were changed by hand: take them out, then carectl git setup"
        return Piece(name, path, "in the way", now, None, now, advice)
    if blocks:
        (block,) = blocks
        wanted = raw[: block.start("lines")] + lines + raw[block.end("lines") :]
        before, after = raw[: block.start()], raw[block.end() :]
        if block["how"] == _OPEN and not after:
            before = before.removesuffix(b"\n")
        rest = before + after
        without = None if block["how"] == _NEW and not rest else rest
        return Piece(name, path, "installed" if wanted == raw else "older", now, wanted, without)
    is_open = bool(raw) and not raw.endswith(b"\n")
    how = _NEW if now is None else _OPEN if is_open else b""
    wanted = raw + b"\n" * is_open + _BEGIN + how + b".\n" + lines + _END
    return Piece(name, path, "missing", now, wanted, now)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise EnvironmentProblem(f"{path} cannot be read: {problem.strerror}") from None


def _config(caseloads: Iterable[str], command: Sequence[str]) -> bytes:
    """The lines for .git/config: where the caseloads are, and the two drivers."""
    lines = ["[carectl]"]
    lines += [f"\tcaseload = {_setting(prefix.removesuffix('/') or '.')}" for prefix in caseloads]
    section = ""
    for key, value in _drivers(command).items():
        sort, name, variable = key.split(".")
        if sort != section:
            lines.append(f'[{sort} "{name}"]')
            section = sort
        lines.append(f"\t{variable} = {_setting(value)}")
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _drivers(command: Sequence[str]) -> dict[str, str]:
    """Git's settings for the two drivers."""
    textconv = "f() { "
    merge = "f() { "
    for words in (command, ("carectl",)):
        call, known = shlex.join(words), f"command -v {shlex.quote(words[0])} >/dev/null 2>&1"
        textconv += f'{known} && {call} git textconv -- "$1" 2>/dev/null && return; '
        # 1 says that there are conflicts, and that they are written. After anything else the file is as git gave it.
        merge += f'{known} && {{ {call} git merge-driver -- "$@"; case $? in 0) return 0 ;; 1) return 1 ;; esac; }}; '
    textconv += 'cat -- "$1"; }; f'
    merge += f"echo {shlex.quote(_BY_LINES)} >&2; "
    merge += 'git merge-file -L ours -L base -L theirs --marker-size="$4" "$2" "$1" "$3"; }; f ' + MERGE_ARGUMENTS
    return {
        "diff.carectl.textconv": textconv,
        "diff.carectl.cachetextconv": "false",
        "merge.carectl.name": "care records, entry by entry",
        "merge.carectl.driver": merge,
    }


_BY_LINES: Final = (
    "carectl: records were NOT merged entry by entry, but line by line: carectl is not found, or failed. "
    "Install it again and type carectl git setup; once the merge is committed: carectl check --merge HEAD"
)
"""What a merge says where carectl is gone: git may find nothing to ask about, and two halves of an order in one."""


def _setting(value: str) -> str:
    """A value as git's settings write it."""
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{quoted}"'


_KINDS: Final = (MARK, "staff/*.yaml", "clients/**/*.yaml")
"""The files of a caseload that the drivers are for."""


def _attributes(caseloads: Iterable[str]) -> bytes:
    """The lines for .git/info/attributes."""
    lines = [f"{_pattern(prefix, kind)} diff=carectl merge=carectl" for prefix in caseloads for kind in _KINDS]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _pattern(prefix: str, kind: str) -> str:
    """A pattern for files of a kind below a folder that means what it says, as .gitattributes writes it."""
    literal = re.sub(r"([\\*?\[])", r"\\\1", prefix)
    pattern = f"/{literal}{kind}"
    if re.fullmatch(r'[^\s"\\]+', pattern):
        return pattern
    quoted = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{quoted}"'


# --- hooks -----------------------------------------------------------------------------------------------------------

_SHIM: Final = """\
{tries}
cat >&2 <<'end'
{words}
end
exit {code}
"""
_HEAD: Final = (
    "#!/bin/sh\n# carectl git setup: the {name} hook. carectl git remove takes this file away again.\n# {check}\n"
)
_OURS: Final = re.compile(rb"#!/bin/sh\n# carectl git setup: the [^\n]*\n# ([0-9a-f]{16})\n")
_WITHOUT: Final = {
    "pre-commit": (
        "carectl: the records in this commit are NOT checked, for carectl is not found.\n"
        "hint: install it again, then: carectl git setup && carectl check",
        0,
    ),
    "pre-merge-commit": (
        "carectl: the records in this merge are NOT checked, for carectl is not found.\n"
        "hint: install it again, then: carectl git setup && carectl check",
        0,
    ),
    "pre-push": (
        "carectl: nothing is pushed. carectl is not found, so nobody can tell whether the\n"
        "records may go there.\n"
        "hint: install it again, then: carectl git setup",
        1,
    ),
    "commit-msg": (
        "carectl: whether this message names somebody is NOT checked, for carectl is not\n"
        "found. It can be read wherever the history goes.\n"
        "hint: install it again, then: carectl git setup",
        0,
    ),
}
"""What a hook says and does where carectl is gone. A commit stays on this machine and can be checked later; what was
pushed cannot be called back."""


def _hook(clone: Clone, name: str, command: Sequence[str], *, wanted: bool) -> Piece:
    label, path = f"{name} hook", clone.hooks / name
    now = _read(path)
    if now is not None and _FRAMEWORK in now:
        # The pre-commit framework keeps a hook that was there before it under this name, and runs it first.
        kept = path.with_name(f"{name}.legacy")
        if _is_ours(_read(kept) or b""):
            path, now = kept, _read(kept)
    is_ours = now is not None and _is_ours(now)
    without = None if is_ours else now
    if clone.others is not None or (now is not None and not is_ours):
        used = path if clone.others is None else Path(os.path.normpath(clone.top / clone.others)) / name
        advice = _by_hand(clone, used, name, f'{shlex.join(command)} git hook {name} -- "$@" || exit 1')
        if advice and clone.others is not None:
            advice = f"git looks for hooks in {clone.others} (core.hooksPath)\n{advice}"
        state: State = "in the way" if advice and wanted else "missing" if advice else "installed"
        return Piece(label, path, state, now, None, without, advice)
    if now is None and not wanted:
        return Piece(label, path, "missing", None, None, None)
    shim = shim_of(name, command)
    if now is None:
        return Piece(label, path, "missing", None, shim, None)
    is_whole = now == shim and os.access(path, os.X_OK)
    return Piece(label, path, "installed" if is_whole else "older", now, shim, None)


def shim_of(name: str, command: Sequence[str]) -> bytes:
    """The file of a hook: it calls carectl as it was found at setup, else one on PATH, and says so if there is none."""
    # 126 and 127: it is there and cannot be run, as when the Python that it was installed with is gone.
    tries = [
        f"if command -v {shlex.quote(words[0])} >/dev/null 2>&1; then\n"
        f'  {shlex.join(words)} git hook {name} -- "$@"\n'
        "  code=$?\n"
        '  case $code in 126 | 127) ;; *) exit "$code" ;; esac\n'
        "fi"
        for words in (command, ("carectl",))
    ]
    said, code = _WITHOUT[name]
    body = _SHIM.format(tries="\n".join(tries), words=said, code=code).encode("utf-8", "surrogateescape")
    return _HEAD.format(name=name, check=_sum(body)).encode() + body


def _is_ours(content: bytes) -> bool:
    """Whether a hook is one that some carectl wrote, and nobody has changed since."""
    head = _OURS.match(content)
    return head is not None and head[1].decode() == _sum(content[head.end() :])


def _sum(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]


def _by_hand(clone: Clone, path: Path, name: str, line: str) -> str:
    """What the user can do about a hook of hers; empty if it calls carectl already."""
    now = _read(path) or b""
    real = path.resolve()
    if clone.config.parent not in real.parents and any(top in real.parents for top in _work_trees(clone)):
        return (
            f"{path} lies among the files of the clone, where\n"
            "anybody's commit can change it: keep your hooks in a folder outside"
        )
    if _calls(path, f"git hook {name}"):
        runs = os.access(path, os.X_OK)
        return "" if runs else f"git runs only what is executable: chmod +x {shlex.quote(str(path))}"
    if _FRAMEWORK in now and name in _FRAMEWORK_IDS:
        hook = _FRAMEWORK_IDS[name]
        if _calls(clone.top / ".pre-commit-config.yaml", hook):
            return ""
        return (
            f"the pre-commit framework has it: add {hook} to .pre-commit-config.yaml\n"
            "(docs/review-in-git.md has the lines)"
        )
    if _FRAMEWORK in now:
        path = path.with_name(f"{path.name}.legacy")
        if _calls(path, f"git hook {name}") and os.access(path, os.X_OK):
            return ""
        return (
            f"the pre-commit framework has it, and runs {path} as well:\n"
            f"make that an executable file with the lines\n    #!/bin/sh\n    {line}"
        )
    if now:
        return f"add to {path} the line\n    {line}"
    return f"make an executable file {path} with the lines\n    #!/bin/sh\n    {line}"


def _calls(path: Path, words: str) -> bool:
    """Whether some line of a file that is no comment has these words."""
    pattern = rb"^(?:(?!(?<!\S)#).)*?" + re.escape(words.encode())
    return re.search(pattern, _read(path) or b"", re.MULTILINE) is not None


def _work_trees(clone: Clone) -> set[Path]:
    """The folders that commits write into: that of this worktree, and of the first one."""
    home = clone.config.parent
    return {clone.top.resolve(), *([home.parent] if home.name == ".git" else [])}


_FRAMEWORK: Final = b"File generated by pre-commit: https://pre-commit.com"
_FRAMEWORK_IDS: Final = {
    "pre-commit": "carectl-check",
    "pre-merge-commit": "carectl-check",
    "commit-msg": "carectl-message",
}
"""What the pre-commit framework can call by itself (.pre-commit-hooks.yaml). Not what guards a push: it leaves its
hooks out if it thinks that the remote has all commits, even if the remote leads elsewhere by now."""

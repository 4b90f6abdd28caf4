"""carectl git: what git knows of care in this clone: comparing, merging, and what may be committed and pushed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from carectl.commands.options import Form, Format
from carectl.commands.session import Session
from carectl.errors import EnvironmentProblem, Refused, UsageError

if TYPE_CHECKING:
    from carectl.caseload.git_setup import Clone, Piece

app = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)

_USUAL: Final = ("pre-commit", "pre-merge-commit", "pre-push")
_MARKS: Final = {"installed": "✓", "missing": "–", "older": "!", "in the way": "!"}


@app.callback()
def group() -> None:
    """What git knows of care in this clone: comparing, merging, and what may be committed and pushed."""


# --- setting up ------------------------------------------------------------------------------------------------------


@app.command()
def setup(
    ctx: typer.Context,
    commit_msg: Annotated[
        bool, typer.Option("--commit-msg", help="Also refuse a commit whose message names a client or contact.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")] = False,
) -> None:
    """Teach git, in this clone alone, to show and merge care records and to guard them.

    Nothing of the caseload changes, and nothing travels to other clones. Doing it again brings it up to date.

    Example: carectl git setup
    """
    from carectl.caseload.git_setup import HOOKS, as_git_sees, caseloads_of, pieces, write

    clone, root = _clone(ctx)
    known = sorted({*caseloads_of(root, os.environ), clone.prefix})
    wanted = HOOKS if commit_msg else _USUAL
    done: list[tuple[Piece, str]] = []
    for piece in pieces(clone, known, _command(), wanted):
        if piece.state == "missing" and piece.wanted is None:
            continue
        if piece.state == "in the way":
            done.append((piece, "in the way"))
        elif dry_run:
            done.append((piece, "is up to date" if piece.state == "installed" else "would be written"))
        else:
            said = "written" if write(piece, install=True) else "is up to date"
            (seen,) = as_git_sees([piece._replace(state="installed")], clone, known, _command(), os.environ)
            done.append((seen, "in the way" if seen.state == "in the way" else said))
    print(f"The clone in {clone.top}")
    _table([(_MARKS["in the way" if said == "in the way" else "installed"], piece, said) for piece, said in done])
    is_guarded = any(piece.name == "pre-push hook" and said != "in the way" for piece, said in done)
    if dry_run:
        print("Nothing was written.")
    elif is_guarded and not _allowed_here(root, clone.top):
        print("Nothing can be pushed from here yet. To say where to: carectl git allow REMOTE")
    if any(said == "in the way" for _, said in done):
        raise typer.Exit(1)


@app.command()
def remove(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken out, and do nothing.")] = False,
) -> None:
    """Take out of this clone all that `carectl git setup` wrote, and nothing else.

    Your list of allowed remotes stays: it is no part of a clone.

    Example: carectl git remove
    """
    from carectl.caseload.git_setup import HOOKS, caseloads_of, pieces, write

    clone, root = _clone(ctx)
    found = pieces(clone, caseloads_of(root, os.environ), _command(), HOOKS)
    ours = [piece for piece in found if piece.without != piece.now]
    # Git is told last that there is no driver: until then every line that names one is understood.
    for piece in reversed(ours):
        if not dry_run:
            write(piece, install=False)
    print(f"The clone in {clone.top}")
    _table([("✓", piece, "would be taken out" if dry_run else "taken out") for piece in ours])
    if not ours:
        print("There was nothing to take out.")
    by_hand = [piece for piece in found if piece.without == piece.now and b"carectl git" in (piece.now or b"")]
    for piece in by_hand:
        print(f"! {piece.path} has lines of carectl that were written or changed by hand: they stay")
    if by_hand:
        raise typer.Exit(1)


@app.command()
def status(
    ctx: typer.Context,
    form: Form = Format.TEXT,
) -> None:
    """Tell what of carectl this clone's git knows, what is missing or in the way, and where records may be pushed.

    The exit code is 0 if all is well, else 1.

    Example: carectl git status
    """
    from carectl.caseload import git
    from carectl.caseload.git_setup import NOTES, as_git_sees, caseloads_of, pieces
    from carectl.output.export import as_json

    clone, root = _clone(ctx)
    known = caseloads_of(root, os.environ)
    wanted = sorted({*known, clone.prefix})
    found = [
        piece
        for piece in as_git_sees(pieces(clone, wanted, _command(), _USUAL), clone, wanted, _command(), os.environ)
        if piece.name.partition(" ")[0] in (*_USUAL, "diff", "files") or piece.state != "missing"
    ]
    leaked = git.settled(["rev-parse", "--verify", "--quiet", NOTES], root, environment=os.environ) is not None
    remotes = _remotes(root, clone.top)
    is_well = all(piece.state == "installed" for piece in found) and not leaked
    if form is Format.JSON:
        rows = [
            {"name": one.name, "path": str(one.path), "state": one.state, "advice": one.advice or None} for one in found
        ]
        answer = {"clone": str(clone.top), "well": is_well, "pieces": rows, "notes": leaked, "remotes": remotes}
        sys.stdout.write(as_json(answer))
    else:
        print(f"The clone in {clone.top}")
        _table([(_MARKS[one.state], one, one.state) for one in found])
        if any(one.state in ("missing", "older") for one in found):
            print("To put that right: carectl git setup")
        if leaked:
            print(f"! {NOTES} holds records as plain text, left there by git.")
            print(f"  To remove it: git update-ref -d {NOTES}")
        _print_remotes(remotes)
    if not is_well:
        raise typer.Exit(1)


def _clone(ctx: typer.Context) -> tuple[Clone, Path]:
    from carectl.caseload.git_setup import clone_of

    root = Session.of(ctx).root
    return clone_of(root, os.environ), root


def _command() -> tuple[str, ...]:
    """How this carectl is called, also where it is not on PATH: its program, or the Python that runs it."""
    # -P: what lies in the folder where git happens to be is not imported.
    program = Path(sys.executable).with_name("carectl")
    return (str(program),) if os.access(program, os.X_OK) else (sys.executable, "-P", "-m", "carectl")


def _table(rows: Sequence[tuple[str, Piece, str]]) -> None:
    from carectl.output.report import visible

    width = max((len(piece.name) for _, piece, _ in rows), default=0)
    for mark, piece, said in rows:
        print(f"{mark} {piece.name:{width}}  {said}")
        if piece.advice and said == "in the way":
            for line in piece.advice.splitlines():
                print(f"    {visible(line)}")


# --- where to --------------------------------------------------------------------------------------------------------


@app.command()
def allow(
    ctx: typer.Context,
    where: Annotated[
        str | None, typer.Argument(metavar="[REMOTE|URL]", help="A remote of this clone, or an address.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Only list where records may be pushed to.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="No longer allow it.")] = False,
) -> None:
    """Say where records may be pushed to from this machine. All else is refused.

    The list is your own: it lies outside of every caseload, where nobody can change it by a commit.

    Example: carectl git allow origin
    """
    from carectl.caseload import remotes

    known = remotes.allowed(os.environ)
    if listed or where is None:
        if remove or (listed and where is not None):
            raise UsageError("--list stands alone; --remove takes the name of a remote, or an address")
        print("".join(f"{name}\n" for name in known) or "Nowhere yet: carectl git allow REMOTE adds a place\n", end="")
        return
    places = [where] if remove and where in known else _places(ctx, where)
    if remove and not set(places) & set(known):
        raise Refused("it is not on your list\nhint: carectl git allow --list shows what is")
    after = set(known) - set(places) if remove else {*known, *places}
    if after != set(known):
        remotes.write_list(after, os.environ)
    for name in places:
        print(f"Records may {'no longer' if remove else 'now'} be pushed to {name}")


def _places(ctx: typer.Context, where: str) -> list[str]:
    """The places that a remote of this clone, or an address, leads to. Raises UsageError if that is not clear."""
    from carectl.caseload import remotes
    from carectl.caseload.git_setup import clone_of

    try:
        root = Session.of(ctx).root
        base = clone_of(root, os.environ).top
    except EnvironmentProblem:
        root = base = Path.cwd()  # an address needs no caseload
    addresses = remotes.addresses(root, where, os.environ)
    if not addresses:
        if not any(sign in where for sign in ":/"):
            there = ", ".join(remotes.names(root, os.environ))
            raise UsageError(
                f"this clone has no remote of that name{f'; it has {there}' if there else ''}\n"
                "hint: git remote -v lists them; a folder is written with a slash: ./backup.git"
            )
        addresses = [remotes.rewritten(root, where, os.environ)]
        base = base if addresses != [where] else Path.cwd()
    return [remotes.place(address, base) for address in addresses]


def _remotes(root: Path, base: Path) -> list[dict[str, Any]]:
    """The clone's remotes: where each leads to (null if that is not clear), and whether records may go there."""
    from carectl.caseload import remotes

    known = remotes.allowed(os.environ)
    rows: list[dict[str, Any]] = []
    for name in remotes.names(root, os.environ):
        for address in remotes.addresses(root, name, os.environ):
            try:
                place = remotes.place(address, base)
                rows.append({"name": name, "place": place, "allowed": place in known, "why": None})
            except remotes.Unclear as problem:
                rows.append({"name": name, "place": None, "allowed": False, "why": str(problem)})
    return rows


def _print_remotes(rows: Sequence[dict[str, Any]]) -> None:
    from carectl.output.report import visible

    print("Remotes, and whether records may be pushed there:" if rows else "No remotes.")
    for row in rows:
        name = visible(row["name"])
        said = "allowed" if row["allowed"] else row["why"] or f"refused; to allow it: carectl git allow {name}"
        print(f"  {name}  {visible(row['place'] or '')}\n    {said}" if row["place"] else f"  {name}  refused: {said}")


def _allowed_here(root: Path, base: Path) -> bool:
    """Whether records may be pushed to any remote of the clone; True if it has none that could be asked about."""
    rows = _remotes(root, base)
    return not rows or any(row["allowed"] for row in rows)


# --- what git calls --------------------------------------------------------------------------------------------------


@app.command()
def textconv(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; - for standard input.")],
) -> None:
    """Print a file with one line for every value, as git shall compare it. Git calls this.

    A file that cannot be read for certain is printed as it is.

    Example: carectl git textconv clients/c-001/medications.yaml
    """
    from carectl.commands.flattening import main

    raise typer.Exit(main(file))


@app.command(name="merge-driver")
def merge_driver(
    words: Annotated[list[str], typer.Argument(metavar="BASE OURS THEIRS SIZE PATH", help="What git gives.")],
) -> None:
    """Merge three versions of a file entry by entry; the result takes the place of ours. Git calls this.

    The exit code is 1 if a person must decide something: then the file says what.

    Example: carectl git merge-driver base.yaml ours.yaml theirs.yaml 7 clients/c-001/tasks.yaml
    """
    from carectl.commands.merging import drive

    raise typer.Exit(drive(words, os.environ))


@app.command()
def hook(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="pre-commit, pre-merge-commit, pre-push or commit-msg.")],
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[ARG]...", help="What git gives to a hook of this name.")
    ] = None,
) -> None:
    """Do what one of git's hooks shall do. Git calls this, and so can a hook of your own.

    Example: carectl git hook pre-commit
    """
    given = words or []
    if name in ("pre-commit", "pre-merge-commit"):
        _pre_commit(ctx, merges=name == "pre-merge-commit")
    elif name == "pre-push" and len(given) == 2:
        _pre_push(given[0], given[1])
    elif name == "commit-msg" and len(given) == 1:
        _commit_msg(ctx, Path(given[0]))
    else:
        raise UsageError("a hook is pre-commit, pre-merge-commit, pre-push NAME URL or commit-msg FILE")


def _sessions(ctx: typer.Context) -> list[Session]:
    """The caseloads of the clone whose work tree git has gone to: those that it was set up for, else the one here."""
    from carectl.caseload.git_setup import caseloads_of, clone_of
    from carectl.caseload.root import MARK

    top = clone_of(Path.cwd(), os.environ).top
    now = Session.of(ctx).now_text
    known = [top / prefix for prefix in caseloads_of(top, os.environ)]
    return [Session(str(folder), now) for folder in known if (folder / MARK).is_file()] if known else [Session.of(ctx)]


def _pre_commit(ctx: typer.Context, *, merges: bool) -> None:
    """Refuse a commit, or a merge, of records with errors. What is only a warning is not told: `carectl check` does."""
    from carectl.commands.checking import check_staged
    from carectl.findings import Severity
    from carectl.output.report import as_text

    errors = []
    for session in _sessions(ctx):
        errors += [one for one in check_staged(session).findings if one.severity is Severity.ERROR]
    if errors:
        sys.stderr.write(as_text(errors))
        if merges:
            raise Refused(
                "the merge is not committed: each side may be right, but together they have errors\n"
                "hint: put them right, git add FILE, then git merge --continue; git merge --abort goes back to before"
            )
        raise Refused(
            "nothing was committed: what is staged has errors\n"
            "hint: put them right and stage the files again; git commit --no-verify goes past this"
        )


def _pre_push(name: str, address: str) -> None:
    """Refuse a push to anywhere but the places of the user's own list."""
    from carectl.caseload import remotes
    from carectl.output.report import visible

    # What stands for an unnamed remote is its address, which may hold a password.
    label = name if name != address and not any(sign in name for sign in ":/@") else "URL"
    try:
        place = remotes.place(address, Path.cwd())
    except remotes.Unclear as problem:
        raise Refused(f"nothing was pushed: {problem}") from None
    if place not in remotes.allowed(os.environ):
        raise Refused(
            f"nothing was pushed: records may not go to {visible(place)}\n"
            f"hint: if they may, put it on your list: carectl git allow {visible(label)}"
        )


def _commit_msg(ctx: typer.Context, file: Path) -> None:
    """Refuse a message that names a client or a contact: it can be read wherever the history goes."""
    from carectl.care.subjects import names_in
    from carectl.commands.naming import names_on_file
    from carectl.words import fold

    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise EnvironmentProblem(f"the message cannot be read: {problem.strerror}") from None
    names = [one for session in _sessions(ctx) for one in names_on_file(session)]
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("# ------------------------ >8"):
            break
        if line.startswith("#"):
            continue
        # A name is written with a capital: `day` is none, though somebody may be called Doris Day.
        large = " ".join(word for word in re.findall(r"[\w'’]+", line) if not word[0].islower())
        if names_in(large, names) or any(" " in name and fold(name) in fold(line) for name in names):
            raise Refused(
                f"nothing was committed: line {number} of the message seems to name a client or a contact\n"
                "hint: write the client's id instead; git commit --no-verify goes past this"
            )

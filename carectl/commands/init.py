"""carectl init: a new caseload."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from carectl.caseload.root import MARK
from carectl.commands import asking
from carectl.errors import EnvironmentProblem, UsageError

app = typer.Typer(rich_markup_mode=None, add_completion=False)

PROFILES = ("private_pay_care_manager", "nonmedical_agency", "medicaid_personal_care", "medicare_hha")


@app.command()
def command(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder to make or fill; else this one.")
    ] = Path(),
    name: Annotated[str | None, typer.Option(help="The practice's name, as letters show it.")] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The practice's time zone, such as America/Chicago.")
    ] = None,
    coordinator: Annotated[
        str | None, typer.Option(metavar="NAME", help='The coordinator\'s first and last name: "Dana Whitfield".')
    ] = None,
    email: Annotated[str | None, typer.Option(help="Where families write.")] = None,
    phone: Annotated[str | None, typer.Option(help="Where families call.")] = None,
    state: Annotated[str | None, typer.Option(help="The state whose rules apply, such as IL.")] = None,
    profile: Annotated[str | None, typer.Option(help=f"What kind of practice: {', '.join(PROFILES)}.")] = None,
    git: Annotated[bool, typer.Option("--git/--no-git", help="Make a git repository too, as the history.")] = True,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="Only renew the schemas that editors use in an existing caseload.")
    ] = False,
) -> None:
    """Begin a caseload. On a terminal carectl asks for what is not given.

    Example: carectl init ~/caseload --name "Lakeside Care" --timezone America/Chicago --coordinator "Dana Whitfield"
    """
    if schemas:
        _renew(folder)
        return
    _put_right(folder)
    _may_begin(folder)
    _needs_git(git)

    form = asking.Form(name, timezone, coordinator)
    practice: dict[str, str | None] = {"name": form.needs("--name", "Name of the practice", name, asking.text)}
    zone = form.needs("--timezone", "Time zone", timezone, asking.zone_name, _zone_of_machine() if form.asks else None)
    who = form.needs("--coordinator", "Your first and last name (the coordinator)", coordinator, asking.full_name)
    practice["email"] = form.may("--email", "E-mail for families", email, asking.text)
    practice["phone"] = form.may("--phone", "Phone for families", phone, asking.text)
    practice["state"] = form.may("--state", "State whose rules apply, such as IL", state, asking.text)
    if form.asks and profile is None:
        print(f"Kinds of practice: {', '.join(PROFILES)}")
    practice["profile"] = form.may("--profile", "Kind of practice", profile, asking.one_of(*PROFILES))
    form.done()
    _make(folder, practice, zone, who, git=git)


def _make(folder: Path, practice: dict[str, str | None], zone: str, who: str, *, git: bool) -> None:
    from carectl.caseload import create
    from carectl.caseload.git import init

    given, family = asking.name_parts(who)
    own_id = create.staff_id(given, family, ())
    practice = {"name": practice["name"], "coordinator": own_id, "timezone": zone, **practice}
    person: dict[str, create.Value | None] = {
        "id": own_id,
        "name": {"given": given, "family": family},
        "role": "coordinator",
    }
    content = create.caseload_files(practice, {own_id: person})
    create.check_new(content)
    with create.new_caseload(folder, content) as stage:
        if git:
            init(stage, os.environ)
    print(f"A caseload for {practice['name']} in {folder.absolute()}")
    print(f"  {MARK}  the practice")
    print(f"  staff/{own_id}.yaml  {given} {family}, coordinator")
    print("  clients/  a folder per client will be here")
    if git:
        print("Its history is kept by git in this folder alone; nothing is committed yet.")
    where = "" if folder.absolute() == Path.cwd() else f"cd {_quoted(folder)} && "
    print(f"Next: {where}carectl client add")


def _put_right(folder: Path) -> None:
    from carectl.caseload import create

    if said := create.put_right(folder):
        print(said, file=sys.stderr)


def _may_begin(folder: Path) -> None:
    """Raise UsageError unless a caseload can begin here."""
    here = folder.absolute()
    for above in (here, *here.parents):
        if (above / MARK).exists():
            where = "this is" if above == here else f"{above} is"
            raise UsageError(f"{where} a caseload already\nhint: carectl check looks through it")
    if here.exists() and not here.is_dir():
        raise UsageError(f"{folder} is a file")
    try:
        if here.is_dir() and any(here.iterdir()):
            raise UsageError(f"{here} is not empty\nhint: name a new folder: carectl init caseload")
    except OSError as problem:
        raise EnvironmentProblem(f"cannot look into {folder}: {problem.strerror}") from None


def _needs_git(wanted: bool) -> None:
    from carectl.caseload.git import is_there

    if wanted and not is_there(os.environ):
        raise EnvironmentProblem(
            "git is not installed, and it keeps a caseload's history: nothing was made\n"
            "hint: install git, or make the caseload without it: carectl init --no-git"
        )


def _renew(folder: Path) -> None:
    """Bring the schemas in a caseload up to date with this carectl."""
    from carectl.caseload import create, files
    from carectl.caseload.root import find_root

    root = find_root(None, folder.absolute())
    (root / create.SCHEMAS).mkdir(parents=True, exist_ok=True, mode=0o700)
    for path, content in create.schema_files().items():
        files.write(root / path, content)
    print(f"Wrote {create.SCHEMAS}/ in {root}")


def _zone_of_machine() -> str | None:
    """The name of the machine's own time zone, if it can be told: it is only offered."""
    from carectl.caseload.zones import zone

    candidates = [os.environ.get("TZ", "")]
    try:
        candidates.append(os.path.realpath("/etc/localtime").partition("zoneinfo/")[2])
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        pass
    return next((name for name in candidates if "/" in name and not name.startswith("Etc/") and zone(name)), None)


def _quoted(path: Path) -> str:
    from shlex import quote

    return quote(str(path))

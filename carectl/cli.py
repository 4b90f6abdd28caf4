"""The door: the commands by name, the options that go everywhere, and what happens when something goes wrong."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from carectl import __version__
from carectl.errors import CarectlError

# Each command is imported only when it is called: what is listed here is all that `--help` needs.
COMMANDS: Final[dict[str, str]] = {
    "today": "Show what needs a person now, across the caseload.",
    "agenda": "Show the visits as they will really happen.",
    "show": "Show one client on one page.",
    "visit": "Plan a visit, say what became of one, move it or give it to somebody.",
    "series": "Visits that repeat: begin, change or end a series.",
    "away": "A call-out on one screen: the visits, who takes them, whom to tell.",
    "notify": "Write the text message that a same-day change needs.",
    "note": "Write down what was said to whom.",
    "task": "Follow-ups: add one, tick one off, list them.",
    "concern": "Record an incident, complaint or worry, and who was told.",
    "assess": "Assessments: ask, score, compare, and what is due.",
    "measure": "Record a weight, a blood pressure …",
    "med": "Start, change, hold or stop a medicine.",
    "contact": "Add a contact; share with one, or revoke that.",
    "save": "Check, then commit.",
    "check": "Say everything that is wrong in the caseload, with file and line.",
    "diff": "Tell what changed in care, in words.",
    "history": "Tell who changed what of a client's record, when and why.",
    "approve": "Sign off a plan with its medicines and allergies, as they stand.",
    "status": "Tell which plans are drafts, approved, or changed since.",
    "verify": "Look whether sign-offs, signatures and the history fit together.",
    "amend": "Correct an entry by a later one that names it.",
    "explain": "Tell what a finding means, why it matters and how to mend it.",
    "client": "List clients, take one on, put care on hold, resume or end it.",
    "staff": "List staff, or put someone on the roster.",
    "plan": "Draft a care plan, show or render it, say how goals and interventions stand.",
    "letter": "Write to a family or to professionals, of what they may be told.",
    "template": "The templates of letters and plans, and your own.",
    "calendar": "Visits for calendar programs, and other calendars as visits.",
    "git": "Teach git to show, merge and guard care records; say where they may be pushed.",
    "init": "Begin a caseload.",
}

_EVERYWHERE: Final = ("--caseload", "--now")


class Commands(TyperGroup):
    """The commands, each imported when it is called."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = {name: TyperCommand(name, help=text) for name, text in COMMANDS.items()}

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of a line; also of an unfinished one, behind which the shell asks what could come next."""
        return super().make_context(info_name, hoist(args), parent, **extra)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"carectl.commands.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands for `--help`, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"carectl {__version__}")
        raise typer.Exit


app = typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback(
    epilog="Dates are taken as 2026-11-27. --caseload and --now may stand anywhere in the line.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def root(
    ctx: typer.Context,
    caseload: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The caseload; else CARECTL_CASELOAD, else the nearest carectl.yaml upward."),
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="2026-11-22 or 2026-11-22T06:40, instead of the clock.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Case management for home care coordinators, over plain files.

    Example: carectl check --caseload ~/caseload
    """
    ctx.obj = {
        "caseload": os.environ.get("CARECTL_CASELOAD") or None if caseload is None else caseload,
        "now": os.environ.get("CARECTL_NOW") or None if now is None else now,
    }


def hoist(args: list[str]) -> list[str]:
    """The arguments with the options that go everywhere moved to the front, wherever they stood before `--`."""
    front: list[str] = []
    rest: list[str] = []
    queue = list(args)
    while queue:
        word = queue.pop(0)
        if word == "--":
            return front + rest + [word, *queue]
        if word in _EVERYWHERE and queue:
            front += [word, queue.pop(0)]
        elif word.startswith(tuple(f"{option}=" for option in _EVERYWHERE)):
            front.append(word)
        else:
            rest.append(word)
    return front + rest


def main() -> NoReturn:
    """Run the command line. Ends the process with the exit code that commands.md promises."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        # What people read is UTF-8 with plain line breaks, whatever the machine is set to.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    code = run(sys.argv[1:])
    # The process is over: that nothing of it is left need not be looked for.
    gc.freeze()
    sys.exit(code)


def run(args: list[str]) -> int:
    """Run a command line and give its exit code."""
    try:
        app(args, prog_name="carectl")
    except CarectlError as problem:
        print(f"carectl: {problem}", file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        return 130
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    except BaseException as bug:
        from carectl.commands.crash import report

        return report(bug)
    return 0

"""Arguments and options that several commands have, said the same way in each."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carectl.commands import completion


class Format(StrEnum):
    """How something is printed."""

    TEXT = "text"
    JSON = "json"


Form = Annotated[Format, typer.Option("--format", "-f", help="How to print it.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; else it is printed.")
]
OneClient = Annotated[
    str, typer.Argument(metavar="CLIENT", help="An id, or the start of a name.", autocompletion=completion.clients)
]
OnlyClients = Annotated[
    list[str] | None,
    typer.Option("--client", metavar="CLIENT", help="Only this client.", autocompletion=completion.clients),
]

# --- what is written down ---

Author = Annotated[
    str | None,
    typer.Option(metavar="STAFF", help="Who writes it down; else the coordinator.", autocompletion=completion.staff),
]
ForFamily = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help='Words that may reach the family; "es=…" for one language (repeat it).'),
]
Private = Annotated[bool, typer.Option("--private", help="Never leaves the coordinator.")]
Due = Annotated[str | None, typer.Option(metavar="DAY", help="By when, with --task.")]

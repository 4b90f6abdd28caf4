"""Where what a command makes goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from carectl.errors import EnvironmentProblem, UsageError


def format_of(output: Path | None, form: str | None, known: Sequence[str], *, option: bool = True) -> str:
    """The format that was asked for, or that the file's name tells; else the first one. Raises UsageError.

    `option` is False for a command that has no --format to advise.
    """
    if output is None or str(output) == "-":
        return form or known[0]
    suffix = output.suffix.lower().removeprefix(".")
    if suffix in ("yaml", "yml"):
        raise UsageError(f"{output}: a YAML file is for records, and this is none")
    if form is not None or suffix in known:
        return form or suffix
    advice = "end it in " + " or ".join(f".{name}" for name in known) + (", or give --format" if option else "")
    raise UsageError(f"{output}: what to write cannot be told from this name: {advice}")


def save(content: bytes, output: Path | None) -> None:
    """Print it, or write it to the file."""
    if output is None or str(output) == "-":
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(content.decode())
        else:
            stream.write(content)
            stream.flush()
        return
    if not output.parent.is_dir():
        raise EnvironmentProblem(f"cannot write {output}: there is no folder {output.parent}")
    from carectl.caseload.files import write

    write(output, content)
    print(f"Wrote {output}", file=sys.stderr)

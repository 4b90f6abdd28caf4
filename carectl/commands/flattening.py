"""A file as git shall show it: what `carectl git textconv` prints. Git starts it once for every version of a file.

It stands apart from the other commands, for it must be there at once: nothing of the command line is loaded.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

from carectl.errors import EnvironmentProblem

_TEMPORARY: Final = re.compile(r"[A-Za-z0-9]{6}_(?=.)")
"""What older gits write before the name of a file that they hand over."""


def main(name: str) -> int:
    """Print a file (`-`: standard input) as lines, or unchanged if it is none that carectl can read; the exit code."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as problem:
        print(f"carectl: cannot read {name}: {problem.strerror}", file=sys.stderr)
        return EnvironmentProblem.exit_code
    out = sys.stdout.buffer
    try:
        out.write(flat(raw, name))
        out.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; nothing is left for the interpreter to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def flat(raw: bytes, name: str) -> bytes:
    """The bytes of a file as lines, one per value, if it reads without a fault and every entry is known; else as is.

    What stands twice or has no id is shown as it is written: nothing is guessed, and nothing left out.
    """
    try:
        return _flat(raw, name)
    except Exception:
        # A fault of carectl's own may not keep anybody from seeing what is in a file.
        return raw


def _flat(raw: bytes, name: str) -> bytes:
    from carectl.caseload import reader
    from carectl.caseload.identities import Group, build

    data = reader.read_ahead(raw)
    if data is reader.UNREAD:
        document = reader.read_reference(raw, name)
        if document.findings:
            return raw
        data = document.data
    kind = kind_of(name, data)
    if kind is None:
        return raw
    node, faults = build(kind, data)
    if faults or not isinstance(node, Group):
        return raw
    from carectl.output.flat import lines

    return "".join(f"{line}\n" for line in lines(node)).encode()


def kind_of(name: str, data: object) -> str | None:
    """The kind of a file by its name, or by what it holds if git handed it over under another; None if it is none."""
    from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS
    from carectl.caseload.root import MARK

    path = Path(name)
    for file in (path.name, _TEMPORARY.sub("", path.name, count=1)):
        if file == MARK:
            return "practice"
        if file.endswith(".yaml") and file.removesuffix(".yaml") in CLIENT_KINDS:
            return file.removesuffix(".yaml")
    if not isinstance(data, dict):
        return None
    said = {key for key in data if isinstance(key, str) and not key.startswith("x-")}
    fitting = [kind for kind, record in FILE_KINDS.items() if said and said <= set(record.__struct_encode_fields__)]
    return fitting[0] if len(fitting) == 1 else None

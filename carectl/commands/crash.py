"""A bug in carectl: what is kept of it. Never a word of what a client's file says."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback

from carectl import __version__

EXIT_CODE = 70


def report(bug: BaseException) -> int:
    """Write where the bug is to a file that only the user can read, name the file, and give the exit code.

    Messages of exceptions quote values, so only their kinds are kept, with the places in the code.
    """
    lines = [f"carectl {__version__}, Python {sys.version.split()[0]}\n"]
    current: BaseException | None = bug
    while current is not None:
        lines.append(f"{type(current).__name__}\n")
        frames = traceback.extract_tb(current.__traceback__)
        lines.extend(f"  {frame.filename}:{frame.lineno} in {frame.name}\n" for frame in frames)
        current = current.__cause__ or current.__context__
    handle, path = tempfile.mkstemp(prefix="carectl-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.writelines(lines)
    print("carectl: this is a bug in carectl, and nothing in your files is to blame.", file=sys.stderr)
    print(f"Where it happened is written to {path} (no client data in it): please send it in.", file=sys.stderr)
    return EXIT_CODE

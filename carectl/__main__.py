"""The way in: `carectl`, or `python -m carectl`."""

import gc
import sys


def main() -> None:
    """Run the command line. Ends the process with the exit code that commands.md promises."""
    # A command is over before garbage adds up; looking for it all the while takes a tenth of the time. That holds from
    # the first import on.
    gc.set_threshold(100_000)
    if sys.argv[1:4] == ["git", "textconv", "--"] and len(sys.argv) == 5:
        # Git calls this once for every version of a file that it shows: nothing is loaded that it does not need.
        from carectl.commands.flattening import main as flatten

        sys.exit(flatten(sys.argv[4]))
    from carectl.cli import main as run

    run()


if __name__ == "__main__":
    main()

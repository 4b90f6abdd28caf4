"""The way in: `carectl`, or `python -m carectl`."""

import gc


def main() -> None:
    """Run the command line. Ends the process with the exit code that commands.md promises."""
    # A command is over before garbage adds up; looking for it all the while takes a tenth of the time. That holds from
    # the first import on.
    gc.set_threshold(100_000)
    from carectl.cli import main as run

    run()


if __name__ == "__main__":
    main()

"""The way in: `carectl`, or `python -m carectl`."""

from carectl.cli import main

if __name__ == "__main__":
    main()

"""What stops a command. The class carries the exit code; the message is for the user and holds nothing private."""

from __future__ import annotations


class CarectlError(Exception):
    """The root of everything carectl raises on purpose."""

    exit_code = 70


class Refused(CarectlError):
    """What was asked may not be done: nothing may be shared, or a side cannot be read. Exit 1."""

    exit_code = 1


class UsageError(CarectlError):
    """The command was called in a way that makes no sense. Exit 2."""

    exit_code = 2


class EnvironmentProblem(CarectlError):
    """The world around is not as needed: no caseload, git missing, a folder that cannot be written. Exit 3."""

    exit_code = 3

"""The few kinds of error a user can meet; each knows its exit code (README, "Exit codes")."""

from __future__ import annotations


class DigitrecError(Exception):
    """What failed, which thing, what was found; then one thing to do: one line for a person.

    Args:
        message: the whole line, without a traceback.
        exit_code: the process's exit status when nothing handles it.
    """

    exit_code: int = 1

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if exit_code is not None:
            self.exit_code = exit_code


class UsageError(DigitrecError):
    """The command line or a call's arguments are off."""

    exit_code = 2


class PartialFailure(DigitrecError):
    """Some inputs failed, the others are done."""

    exit_code = 3


class SourceError(DigitrecError):
    """A source cannot be opened, or died."""

    exit_code = 4


class ModelError(DigitrecError):
    """The model is missing, damaged or of the wrong shape."""

    exit_code = 5


class OutputError(DigitrecError):
    """An output cannot be written."""

    exit_code = 6


class DisplayError(DigitrecError):
    """A window was asked for and there is no display."""

    exit_code = 7

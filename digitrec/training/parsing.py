"""How the lab's command line is read: one line for a mistake, defaults in the help, numbers in their ranges."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from digitrec.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent.parent


class Parser(argparse.ArgumentParser):
    """One line for a mistake, instead of the usage and the line."""

    def error(self, message: str) -> NoReturn:
        """Raise the mistake.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{message}. See {self.prog} --help")


class Help(argparse.ArgumentDefaultsHelpFormatter):
    """Shows defaults, those in the project's folder without the way there; the option's own text may say which."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        default, text = action.default, action.help or ""
        if default is None or default is False or default == [] or "(default:" in text:
            return action.help
        if isinstance(default, Path) and default.is_relative_to(ROOT):
            return f"{text} (default: the project's {default.relative_to(ROOT)})"
        return super()._get_help_string(action)


def count(text: str) -> int:
    """A number from 1 up."""
    if not text.isdecimal() or not 1 <= int(text) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def natural(text: str) -> int:
    """A number from 0 up."""
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return int(text)

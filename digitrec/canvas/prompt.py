"""The line in which a path is typed: pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SHOWN = 6
"""Matching names that are listed."""


@dataclass
class PathPrompt:
    """A path being typed, with completion by Tab.

    Attributes:
        text: so far.
        error: why the last one could not be opened; empty otherwise.
    """

    text: str = ""
    error: str = ""

    def type(self, text: str) -> None:
        """Characters were typed or pasted."""
        self.text += "".join(c for c in text if c.isprintable())
        self.error = ""

    def rub_out(self, word: bool = False) -> None:
        """Take the last character away, or the last part of the path."""
        if word:
            self.text = self.text.rstrip("/\\")
            self.text = self.text[: max(self.text.rfind("/"), self.text.rfind("\\")) + 1]
        else:
            self.text = self.text[:-1]
        self.error = ""

    @property
    def path(self) -> Path:
        """What was typed as a path; quotes around it and ``~`` are understood."""
        text = self.text.strip()
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            text = text[1:-1]
        return Path(text.removeprefix("file://")).expanduser()

    def matches(self) -> list[str]:
        """Names that continue what was typed, folders with a slash, hidden ones only where a dot was typed."""
        folder, _, stem = self.text.replace("\\", "/").rpartition("/") if os.sep == "\\" else self.text.rpartition("/")
        try:
            base = Path(folder or ("/" if self.text.startswith("/") else ".")).expanduser()
            with os.scandir(base) as entries:
                found = [e.name + ("/" if e.is_dir() else "") for e in entries if _fits(e.name, stem)]
        except (OSError, ValueError, RuntimeError):  # no such folder, a null character, no home: nothing to offer
            return []
        return sorted(found, key=str.lower)

    def complete(self) -> None:
        """Tab: continue with what all matches share."""
        names = self.matches()
        if not names:
            return
        head = self.text[: max(self.text.rfind("/"), self.text.rfind("\\") if os.sep == "\\" else -1) + 1]
        shared = _shared(names)
        if len(head + shared) > len(self.text):
            self.text = head + shared
        self.error = ""


def _fits(name: str, stem: str) -> bool:
    return name.startswith(stem) and (stem.startswith(".") or not name.startswith("."))


def _shared(names: list[str]) -> str:
    """What all names begin with, letter by letter."""
    first, last = min(names), max(names)
    same = 0
    while same < len(first) and first[same] == last[same : same + 1]:
        same += 1
    return first[:same]

"""Folders that a glob leads to and that may not be looked into: Python's passes over them without a word."""

from __future__ import annotations

import glob
import os
from pathlib import Path


def closed_folders(pattern: str) -> list[str]:
    """Those that finding what matches ``pattern`` would have to list, and may not."""
    closed: list[str] = []
    folders = [Path()]
    for part in Path(pattern).parts:
        if part == "**":
            for folder in folders:
                closed += _closed_below(folder)
            break
        if glob.has_magic(part):
            closed += [str(folder) for folder in folders if not _may_be_listed(folder)]
            names = [(folder, name) for folder in folders for name in glob.iglob(part, root_dir=folder)]  # noqa: PTH207 - as the sources are found
            found = [folder / name for folder, name in names]
        else:
            found = [folder / part for folder in folders]
        folders = [folder for folder in found if os.path.isdir(folder)]  # noqa: PTH112 - Path.is_dir may raise
    return sorted(closed)


def _closed_below(folder: Path) -> list[str]:
    closed: list[str] = []

    def note(error: OSError) -> None:
        if isinstance(error, PermissionError):
            closed.append(str(Path(error.filename)))

    for _, names, _ in os.walk(folder, onerror=note):
        names[:] = [name for name in names if not name.startswith(".")]  # "**" does not match hidden ones
    return closed


def _may_be_listed(folder: Path) -> bool:
    try:
        with os.scandir(folder):
            return True
    except PermissionError:
        return False
    except OSError:  # gone meanwhile: nothing to read there
        return True

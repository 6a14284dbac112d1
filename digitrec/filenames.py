"""Names of files as OpenCV takes them: one that is no UTF-8 ends the process with a segmentation fault there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def opencv_name(path: Path) -> Iterator[str]:
    """A name of the file for OpenCV, to open it by: its own, or one that leads to it and lasts as long as this.

    Also where Python, by its locale, takes a name of good UTF-8 for something else.

    Raises:
        OSError: the system has no links, or nowhere to put one.
    """
    path = path.absolute()
    name = _in_utf8(path)
    if name is not None:
        yield name
        return
    with TemporaryDirectory(prefix="digitrec") as folder:
        # A video to write is of the kind that its extension tells.
        link = Path(folder) / ("video" + (path.suffix if path.suffix.isascii() else ""))
        link.symlink_to(path)
        name = _in_utf8(link)
        if name is None:
            raise OSError(0, "its name is no UTF-8")
        yield name


def _in_utf8(path: Path) -> str | None:
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeError:
        return None

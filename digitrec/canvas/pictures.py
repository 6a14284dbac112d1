"""Pictures from files and from the clipboard, read as every other picture of the project is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from digitrec.errors import SourceError
from digitrec.results import Image

GIVE = "Give a picture, a video, whose first frame is read, or a JSON that draw.py saved"
"""What can be opened, for all that cannot."""


def load_picture(path: Path) -> Image:
    """A picture file (or the first frame of a video) as uint8 (H, W, 3) BGR.

    Raises:
        SourceError: it is missing or no picture.
    """
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise SourceError(f"{path} {found}. {GIVE}")
    from digitrec.sources import open_source

    try:
        with open_source([str(path.resolve())]) as source:  # absolute: a file named 0 is not the first camera
            frame = next(iter(source), None)
    except SourceError as error:
        problem, names_files, _ = error.message.rpartition(". Give ")  # those that cam.py opens
        raise SourceError(f"{problem}. {GIVE}" if names_files else error.message) from error
    if frame is None:
        raise SourceError(f"{path} holds no picture. {GIVE}")
    return frame.image


def decode_picture(data: bytes, suffix: str) -> Image:
    """Picture bytes of a file kind (".png") as uint8 (H, W, 3) BGR.

    Raises:
        SourceError: they are no picture.
    """
    with tempfile.TemporaryDirectory(prefix="digitrec-") as folder:
        path = Path(folder) / f"clipboard{suffix}"
        path.write_bytes(data)
        return load_picture(path)

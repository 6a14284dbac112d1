"""The picture on the clipboard, as far as each system gives it out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pygame

from digitrec.canvas.pictures import decode_picture, load_picture
from digitrec.errors import SourceError
from digitrec.results import Image

_HELPERS = (("wl-paste", "--type", "image/png"), ("xclip", "-selection", "clipboard", "-t", "image/png", "-o"))
"""On Linux SDL 2 hands out text only; these small programs, where they are installed, hand out pictures."""


_TEXT_KINDS = ("text/plain;charset=utf-8", "text/plain")
"""Under SDL 2 text has the first name only, pygame's own constant is the second."""


def pasted_picture() -> tuple[Image, str]:
    """The picture on the clipboard and its name; a path or file:// address copied as text counts as that picture.

    Raises:
        SourceError: there is no picture on it, or this system does not give it out.
    """
    data = _from_pygame() or (_from_helper() if sys.platform.startswith("linux") else None)
    if data is not None:
        return decode_picture(*data), "clipboard"
    text = _text().strip().strip("\"'")
    if text and "\n" not in text:
        path = Path(text.removeprefix("file://")).expanduser()
        try:
            if path.is_file():
                return load_picture(path), path.name
        except (OSError, ValueError):  # longer than a name may be, or a null character: text, not a path
            pass
    hint = "" if _helper() or not sys.platform.startswith("linux") else ", or install xclip or wl-clipboard"
    raise SourceError(f"no picture on the clipboard. Copy one, or drop its file here{hint}")


def _from_pygame() -> tuple[bytes, str] | None:
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        for kind, suffix in (("image/png", ".png"), (pygame.SCRAP_BMP, ".bmp")):
            data = pygame.scrap.get(kind)
            if data:
                return bytes(data), suffix
    except (pygame.error, NotImplementedError):  # no clipboard with this video driver
        pass
    return None


def _text() -> str:
    for kind in _TEXT_KINDS:
        try:
            data = pygame.scrap.get(kind)
        except pygame.error:
            return ""
        if data:
            return bytes(data).decode("utf-8", "replace").rstrip("\0")
    return ""


def pasted_text() -> str:
    """The first line of text on the clipboard, empty where there is none."""
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
    except (pygame.error, NotImplementedError):
        return ""
    return (_text().strip().splitlines() or [""])[0]


def _helper() -> tuple[str, ...] | None:
    return next((h for h in _HELPERS if shutil.which(h[0])), None)


def _from_helper() -> tuple[bytes, str] | None:
    command = _helper()
    if command is None:
        return None
    try:
        done = subprocess.run(command, capture_output=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return (done.stdout, ".png") if done.returncode == 0 and done.stdout else None

"""SOURCE arguments -> what is to be opened, in order: globs and folders spread out, kinds told apart."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from digitrec.errors import SourceError
from digitrec.sources.cameras import find_camera, first_camera
from digitrec.sources.closed import closed_folders

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm"}
)
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".gif", ".mjpg", ".mjpeg"}
    | {".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".ogv", ".flv", ".wmv"}
)
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://", re.I)
_READ_SCHEMES = frozenset({"http", "https", "rtsp", "rtsps"})
_DEVICE = re.compile(r"/dev/video(\d+)")
_SPECIAL = (
    (stat.S_ISFIFO, "a pipe. Pipe a picture into - instead"),
    (stat.S_ISSOCK, "a socket. Give a file, or an http:// or rtsp:// address"),
    (stat.S_ISCHR, "a device. Give a camera by its number: --list-cameras"),
    (stat.S_ISBLK, "a device. Give a file that lies on it"),
)


class Kind(Enum):
    """Where an input comes from."""

    CAMERA = auto()
    STREAM = auto()
    WEB = auto()
    STANDARD_INPUT = auto()
    FILE = auto()
    BAD = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """One input.

    Attributes:
        kind: where it comes from.
        text: the file's path, the address or the camera's number.
        problem: of ``Kind.BAD``, the line to show.
    """

    kind: Kind
    text: str
    problem: str = ""

    @property
    def name(self) -> str:
        """For people and JSONL; file names that are no UTF-8 are shown with replacement marks."""
        return os.fsencode(self.text).decode("utf-8", "replace")

    @property
    def may_be_picture(self) -> bool:
        """By its name."""
        return Path(self.text).suffix.lower() in PICTURE_SUFFIXES


def expand(specs: Sequence[str]) -> list[Item]:
    """The inputs that ``specs`` name, in their order; those that cannot be are in it as ``Kind.BAD``.

    Raises:
        SourceError: no specs and no camera.
    """
    if not specs:
        return [Item(Kind.CAMERA, str(first_camera()))]
    items: list[Item] = []
    for spec in specs:
        try:
            items += _expand_one(spec)
        except SourceError as error:
            items.append(Item(Kind.BAD, spec, error.message))
    return items


def _expand_one(spec: str) -> list[Item]:
    if spec == "-":
        return [Item(Kind.STANDARD_INPUT, spec)]
    if re.fullmatch(r"-?[0-9]+", spec):
        return [Item(Kind.CAMERA, spec)]
    address = _ADDRESS.match(spec)
    if address:
        return [_address(spec, address[1].lower())]
    device = _DEVICE.fullmatch(spec)
    if device:
        return [Item(Kind.CAMERA, device[1])]
    try:
        mode = os.stat(spec).st_mode  # noqa: PTH116 - Path("") would be the current folder
        inside = [str(path) for path in Path(spec).iterdir()] if stat.S_ISDIR(mode) else []
    except PermissionError as error:
        raise SourceError(_closed(spec)) from error
    except (OSError, ValueError):
        return _not_a_path(spec)
    if stat.S_ISDIR(mode):
        return _of_known_suffix(inside, f"folder {spec} holds no picture and no video")
    return [_file(spec, mode)]


def _file(path: str, mode: int) -> Item:
    for is_special, what in _SPECIAL:  # opening a pipe would wait for ever
        if is_special(mode):
            return Item(Kind.BAD, path, f"{path} cannot be read: it is {what}.")
    return Item(Kind.FILE, path)


def _address(spec: str, scheme: str) -> Item:
    if scheme not in _READ_SCHEMES:
        raise SourceError(f"{spec} cannot be opened: {scheme}:// is not read. Give an http(s):// or rtsp:// address.")
    try:
        url = spec.encode("utf-8", "surrogateescape").decode("utf-8")  # the locale may have taken it for something else
    except UnicodeError as error:
        raise SourceError(f"{spec} is no address: it is no UTF-8. Give it as the browser shows it.") from error
    return Item(Kind.STREAM if scheme.startswith("rtsp") else Kind.WEB, url)


def _not_a_path(spec: str) -> list[Item]:
    if glob.has_magic(spec):
        return _matching(spec)
    looks_like_path = os.sep in spec or "/" in spec or Path(spec).suffix.lower() in PICTURE_SUFFIXES | VIDEO_SUFFIXES
    camera = None if looks_like_path or not spec.strip() else find_camera(spec)
    if camera is not None:
        return [Item(Kind.CAMERA, str(camera))]
    shown = spec if len(spec) <= 300 else spec[:297] + "..."
    if looks_like_path:
        raise SourceError(f"{shown} cannot be opened: there is no such file. Check its name and folder.")
    raise SourceError(f"'{shown}' cannot be opened: no file and no camera has that name. See --list-cameras.")


def _matching(pattern: str) -> list[Item]:
    closed = [Item(Kind.BAD, folder, _closed(folder)) for folder in closed_folders(pattern)]
    try:
        found = glob.glob(pattern, recursive=True)  # noqa: PTH207 - absolute patterns too
        return closed + _of_known_suffix(found, f"nothing to read matches {pattern}")
    except SourceError:
        if closed:
            return closed
        raise


def _closed(folder: str) -> str:
    return f"{folder} cannot be opened: you may not look into that folder. Check its permissions."


def _of_known_suffix(paths: list[str], nothing: str) -> list[Item]:
    """Pictures and videos among ``paths``, ordered as people count (2 before 10)."""
    known = PICTURE_SUFFIXES | VIDEO_SUFFIXES
    # macOS leaves a "._photo.jpg" beside each photo on foreign disks, which is no picture.
    wanted = [p for p in paths if Path(p).suffix.lower() in known and not Path(p).name.startswith(".")]
    if not wanted:
        raise SourceError(f"{nothing}. Give files such as *.jpg, *.png or *.mp4.")
    found = ((path, _mode(path)) for path in sorted(wanted, key=_as_people_count))
    return [_file(path, mode) for path, mode in found if not stat.S_ISDIR(mode)]


def _mode(path: str) -> int:
    try:
        return Path(path).stat().st_mode
    except OSError:  # a broken link: opening it tells more
        return stat.S_IFREG


def _as_people_count(path: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"([0-9]+)", path)
    return [(0, int(part), part) if part[:1].isdigit() else (1, 0, part) for part in parts]

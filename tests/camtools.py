"""What the tests of the camera tool share: pages with digits, clips, made-up readings, and cam.py in a subprocess."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from digitrec.results import Box, Digit, Frame, Image, Number, Reading

ROOT = Path(__file__).resolve().parent.parent
CAM = str(ROOT / "cam.py")

STROKES: dict[str, list[tuple[float, float]]] = {
    "1": [(0.45, 0.0), (0.5, 1.0)],
    "2": [(0.05, 0.25), (0.3, 0.0), (0.7, 0.05), (0.8, 0.3), (0.1, 0.95), (0.95, 0.92)],
    "4": [(0.15, 0.05), (0.05, 0.6), (0.85, 0.55), (0.7, 0.55), (0.75, 0.05), (0.7, 1.0)],
    "7": [(0.05, 0.05), (0.9, 0.0), (0.4, 1.0)],
}
"""Digits as one pen stroke each, in a unit square."""


def write_number(image: Image, text: str, at: tuple[int, int], height: int) -> None:
    """Write ``text`` in dark ink with its top left corner at ``at``."""
    for place, digit in enumerate(text):
        left = at[0] + place * height
        points = [(left + x * height * 0.6, at[1] + y * height) for x, y in STROKES[digit]]
        cv2.polylines(image, [np.array(points, np.int32)], False, (70, 40, 30), max(2, height // 10), cv2.LINE_AA)


def page(text: str = "72", size: tuple[int, int] = (320, 240), shift: int = 0) -> Image:
    """Grey paper with ``text`` on it."""
    image = np.full((size[1], size[0], 3), 215, np.uint8)
    height = size[1] // 4
    write_number(image, text, (size[0] // 5 + shift, size[1] // 3), height)
    return image


def make_clip(path: Path, texts: list[str], size: tuple[int, int] = (320, 240), fps: float = 30) -> Path:
    """A video with one frame a text."""
    code = {".avi": "MJPG", ".mp4": "mp4v", ".mkv": "MJPG"}[path.suffix]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), fps, size)
    assert writer.isOpened()
    for number, text in enumerate(texts):
        writer.write(page(text, size, shift=number % 8))
    writer.release()
    return path


def reading_of(*numbers: str, size: tuple[int, int] = (320, 240), ids: bool = False) -> Reading:
    """A made-up reading: one number a line, 20x30 pixel digits."""
    found = []
    for row, text in enumerate(numbers):
        digits = tuple(
            Digit(Box(20 + 30 * place, 20 + 50 * row, 20, 30), int(digit), 0.9876543, 10 * row + place if ids else None)
            for place, digit in enumerate(text)
        )
        box = Box.around([d.box for d in digits])
        found.append(Number(box, text, 0.95, digits, row if ids else None))
    return Reading(tuple(d for n in found for d in n.digits), tuple(found), size)


def frame_of(
    index: int = 0, time_s: float = 0.0, source: str = "clip.mp4", size: tuple[int, int] = (320, 240)
) -> Frame:
    """An empty grey frame."""
    return Frame(np.full((size[1], size[0], 3), 200, np.uint8), index, time_s, source)


class FakeSource:
    """A source of prepared frames; ``seek`` jumps to the frame at that time."""

    def __init__(self, frames: list[Frame], fps: float | None = 30.0, name: str = "clip.mp4") -> None:
        self.frames = frames
        self.name = name
        self.is_live = False
        self.fps = fps
        self.frame_count: int | None = len(frames)
        self.problems: list[str] = []
        self.next = 0

    def __iter__(self) -> FakeSource:
        return self

    def __next__(self) -> Frame:
        if self.next >= len(self.frames):
            raise StopIteration
        self.next += 1
        return self.frames[self.next - 1]

    def seek(self, time_s: float) -> bool:
        if self.fps is None:
            return False
        self.next = min(round(time_s * self.fps), len(self.frames) - 1)
        return True

    def close(self) -> None:
        pass


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without a display, and without what would hide the tool's own words."""
    gone = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    return {**{k: v for k, v in os.environ.items() if k not in gone}, **more}


def cam(*arguments: str | Path, cwd: Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run cam.py to its end, without a display."""
    done = subprocess.run(
        [sys.executable, CAM, *map(str, arguments)], cwd=cwd, input=stdin, capture_output=True, timeout=240,
        env=clean_environment(**environment), check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    )


def read_terminal(master: int) -> bytes:
    """All that is written to a pseudo terminal until its other end closes; closes ``master``."""
    shown = b""
    with contextlib.suppress(OSError):  # Linux ends a pseudo terminal with EIO
        while data := os.read(master, 65536):
            shown += data
    os.close(master)
    return shown

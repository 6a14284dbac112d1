"""Real clips with truth: a table seen from above at 2 frames a second, over which a robot passes.

Six digits lie still among operators. Where they are was marked by hand in the level clip; the other clips are the same,
turned about the middle. A digit that differs from its usual look is covered: it is neither to be read nor to be missed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.errors import SourceError
from digitrec.results import Box, Image
from digitrec.training.scenes import Scene, TrueDigit

Floats = NDArray[np.float64]

TURNS_DEG = {"rebuilt": 0, "rot30": 30, "rot60": 60, "rot300": 300}
"""Clip -> how far it is turned, counter-clockwise."""

_DIGITS = (
    (2, Box(218, 27, 17, 26)),
    (3, Box(392, 38, 12, 20)),
    (7, Box(476, 118, 19, 20)),
    (7, Box(144, 154, 18, 21)),
    (2, Box(276, 221, 17, 25)),
    (3, Box(461, 226, 12, 21)),
)

_SEEN = 0.5
"""A digit whose place correlates less than this with its usual look is covered: it does by 0.75 or more in a shadow,
and by 0.35 or less under the robot."""


def table_clip_names() -> list[str]:
    """The clips."""
    return [f"table_{name}" for name in TURNS_DEG]


def iter_table_clip(name: str, data_dir: Path) -> Iterator[Scene]:
    """Frames with truth of one clip.

    Raises:
        SourceError: it is missing.
    """
    turn = name.removeprefix("table_")
    path = data_dir / "videos" / f"robot_parcours_1_{turn}.avi"
    frames = _frames(path)
    height, width = frames[0].shape[:2]
    truth = [
        TrueDigit(_turned(box, TURNS_DEG[turn], (width, height)), digit, index, index)
        for index, (digit, box) in enumerate(_DIGITS)
    ]
    usual = np.median(np.stack(frames), axis=0).mean(axis=2)
    for frame in frames:
        grey = frame.mean(axis=2)
        clear = [d for d in truth if _likeness(_part(grey, d.box), _part(usual, d.box)) > _SEEN]
        covered = tuple(d.box for d in truth if d not in clear)
        yield Scene(frame, tuple(clear), {d.number: str(d.digit) for d in clear}, (), covered)


def _frames(path: Path) -> list[Image]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        read, frame = capture.read()
        if not read:
            break
        frames.append(np.asarray(frame, np.uint8))
    capture.release()
    if not frames:
        raise SourceError(f"{path} is not there, or no video that can be read. Check --data-dir.")
    return frames


def _turned(box: Box, degrees: float, size: tuple[int, int]) -> Box:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = box.center[0] - size[0] / 2, box.center[1] - size[1] / 2
    center = x * cos + y * sin + size[0] / 2, y * cos - x * sin + size[1] / 2
    # Digits fill their box about as an ellipse does.
    width = math.hypot(box.width * cos, box.height * sin)
    height = math.hypot(box.width * sin, box.height * cos)
    return Box(round(center[0] - width / 2), round(center[1] - height / 2), round(width), round(height))


def _part(values: Floats, box: Box) -> Floats:
    top, left = max(0, box.y - 4), max(0, box.x - 4)
    return values[top : box.y + box.height + 4, left : box.x + box.width + 4]


def _likeness(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

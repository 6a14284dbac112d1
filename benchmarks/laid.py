"""Sheets that digits of a data set are laid on, as a camera sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import Labelled
from digitrec.results import Box, Image
from digitrec.training.data import Samples

Rng = np.random.Generator
Color = tuple[int, int, int]

COLOURS: dict[str, Color] = {
    "white": (245, 245, 245), "black": (20, 20, 20), "red": (40, 40, 200), "green": (50, 150, 40),
    "blue": (190, 70, 30), "yellow": (60, 220, 240), "orange": (30, 130, 240), "pink": (190, 170, 250),
    "brown": (50, 80, 120), "grey": (128, 128, 128), "cyan": (220, 210, 60), "purple": (140, 40, 110),
    "kraft": (110, 150, 180),
}  # fmt: skip
"""BGR."""

PAPER, INK = COLOURS["white"], (40, 30, 30)

COVERED = 0.4
"""Where a digit's picture is at least so bright, its ink lies: the true box is tight around it."""


@dataclass
class Sheet:
    """A sheet that digits are laid on.

    Attributes:
        size: (height, width), pixels.
        digits: what is laid.
        rng: of everything random.
        ink: float32 (height, width), 0-1.
        lines: the same, of a form's printed lines.
        truth: what was laid.
    """

    size: tuple[int, int]
    digits: Samples
    rng: Rng
    truth: list[Labelled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ink = np.zeros(self.size, np.float32)
        self.lines = np.zeros(self.size, np.float32)

    def put(self, centre: tuple[float, float], scale: float) -> None:
        """A random digit, its 28x28 picture ``scale`` times as large."""
        index = int(self.rng.integers(len(self.digits)))
        picture = cv2.resize(self.digits.x[index], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        height, width = picture.shape
        x, y = max(0, round(centre[0] - width / 2)), max(0, round(centre[1] - height / 2))
        place = self.ink[y : y + height, x : x + width]
        cover = picture[: place.shape[0], : place.shape[1]].astype(np.float32) / 255
        np.maximum(place, cover, out=place)
        box = box_of(cover)
        self.truth.append(Labelled(box._replace(x=x + box.x, y=y + box.y), int(self.digits.y[index])))

    def picture(self, ink: Color = INK, paper: Color = PAPER, line: Color = (60, 60, 60)) -> Image:
        """The sheet as a camera sees it: a little soft, a little noise, JPEG."""
        return self.seen(self.flat(ink, paper, line))

    def flat(self, ink: Color = INK, paper: Color = PAPER, line: Color = (60, 60, 60)) -> NDArray[np.float32]:
        """The sheet in flat colours, float32 (height, width, 3)."""
        ground = np.full((*self.size, 3), paper, np.float32)
        ground += self.lines[..., None] * (np.array(line, np.float32) - ground)
        return self.inked(ground, ink)

    def inked(self, ground: NDArray[np.float32], ink: Color | NDArray[np.float32]) -> NDArray[np.float32]:
        """The digits on a ground of one's own, in one colour or (height, width, 3) of them."""
        cover = np.clip((self.ink - 0.25) / 0.5, 0, 1)[..., None]
        return np.asarray(ground + cover * (np.array(ink, np.float32) - ground), np.float32)

    def seen(self, picture: NDArray[np.float32]) -> Image:
        """What a camera makes of a picture."""
        noisy = cv2.GaussianBlur(picture, (0, 0), 0.7) + self.rng.normal(0, 2, picture.shape)
        data = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def put_line(sheet: Sheet, x: float, y: float, count: int, scale: float) -> None:
    """A number of up to ``count`` digits, as far as there is room."""
    for _ in range(count):
        if x + 16 * scale > sheet.size[1]:
            return
        sheet.put((x, y), scale)
        x += 24 * scale


Made = tuple[Image, list[Labelled]]
Situation = Callable[[Samples, Rng], Made]


def box_of(cover: NDArray[np.float32]) -> Box:
    """Around a digit's ink, whose cover is 0-1."""
    rows, columns = np.nonzero(cover >= COVERED)
    return Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)

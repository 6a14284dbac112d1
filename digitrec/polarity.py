"""Whether the writing is lighter than its ground: chalk on a blackboard, a dark screen, a digit out of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from digitrec.paper import halved, halved_while
from digitrec.results import Image

LIGHTER = 3.5
"""On a blackboard thin light structures outweigh dark ones so many times, on shaded paper with faint ink by less ..."""

FAINTEST_LIGHT = 0.007
"""... and come to this much in the mean over all pixels, of 255: less is noise."""

PLAINLY_DARK = 0.25
"""What is no more than this share of it at a first rough look is paper: that look errs by half at most."""

SOME_LIGHT = 0.2
"""Where nothing is read, so much of it beside the dark ones may be writing none the less."""

MARGIN = 12
"""What differs by less from the ground (0-255) is ground."""

DARK = 110
"""A ground that is lighter in the median bears no broad light writing ..."""

EVEN, EVEN_SHARE = 24, 0.65
"""... and one whose greater part, of so much, does not lie so near the median, is none: a sheet lies on it."""

BROAD_LIGHT, BROAD_LIGHTER = 2.0, 12.0
"""Broad light structures come to this much in the mean over all pixels, and outweigh dark ones so many times: those of
a messy desk by eight."""

SHEET, SHEET_PX = 0.03, 13
"""A board is dark and even like this, and what is lighter on it is thin: where squares of so many pixels cover such a
share, a sheet lies on a dark table whose grain is light, or there is a wall beside the board."""

_SIDE_PX = 192

_FAST_COLUMNS = 80


@dataclass(frozen=True, slots=True)
class Polarity:
    """Of a picture's writing.

    Attributes:
        light_on_dark: it is lighter than its ground (blackboard, dark screen).
        doubtful: it may be the other way round: on an even dark ground lies something broad and light, a digit that
            fills the picture or a white sheet; or what looks like a board is uneven, or light in part.
        small: the picture by which it was told, uint8 at a low resolution; None: it was given.
    """

    light_on_dark: bool
    doubtful: bool = False
    small: Image | None = field(default=None, repr=False, compare=False)

    @property
    def may_be_light(self) -> bool:
        """Whether there are light structures enough for writing: a board in a room full of things that are dark."""
        if self.light_on_dark or self.small is None:
            return False
        dark, light = _deviations(self.small, halved(self.small))
        return light > max(FAINTEST_LIGHT * self.small.size, SOME_LIGHT * dark)


def polarity_of(grey: Image, others: Sequence[Image] = ()) -> Polarity:
    """The polarity of uint8 (H, W); ``others`` are further channels of the picture, in which a board is one too.

    Compares how far thin structures deviate from the local median to either side: loops and gaps between strokes are
    paper, so they do not count as light writing.
    """
    small = _small(grey)
    light = _is_light(small)
    if light:
        return Polarity(light, not all(_is_board(look) for look in (small, *map(_small, others))), small)
    return Polarity(light, _has_broad_light(small), small)


def clearest(planes: Sequence[Image]) -> Image:
    """Of the channels, uint8 (H, W), the one in which thin structures stand out most."""
    return max(planes, key=_clearness)


def _clearness(plane: Image) -> float:
    small = _small(plane)
    return max(_deviations(small, halved(small)))


def _is_light(small: Image) -> bool:
    # A wide median of all would cost more than the rest of the ink: half as large says the same.
    half = halved(small)
    if _lightness(small, halved(half), window=5) < PLAINLY_DARK:
        return False
    return _lightness(small, half) > 1


def _is_board(small: Image) -> bool:
    """Whether all of it is plainly a board, and what is written on it."""
    middle = float(np.median(small))
    if middle >= DARK or not _is_even(small, middle):
        return False
    square = np.ones((SHEET_PX, SHEET_PX), np.uint8)
    broad = cv2.morphologyEx(cv2.inRange(small, middle + EVEN, 255), cv2.MORPH_OPEN, square)
    return cv2.countNonZero(broad) < SHEET * small.size


def _is_even(small: Image, middle: float) -> bool:
    return cv2.countNonZero(cv2.inRange(small, middle - EVEN, middle + EVEN)) >= EVEN_SHARE * small.size


def _has_broad_light(small: Image) -> bool:
    if 2 * cv2.countNonZero(cv2.inRange(small, 0, DARK - 1)) <= small.size:
        return False
    middle = float(np.median(small))
    if not _is_even(small, middle):
        return False
    coarse = halved(small)
    for _ in range(3):
        coarse = halved(coarse)
        dark, light = _deviations(small, coarse)
        if light > max(BROAD_LIGHT * small.size, BROAD_LIGHTER * dark):
            return True
    return False


def _small(grey: Image) -> Image:
    size = min(1.0, _SIDE_PX / max(grey.shape))
    wanted = max(1, round(grey.shape[1] * size)), max(1, round(grey.shape[0] * size))
    halves = halved_while(grey, wanted)
    way = cv2.INTER_LINEAR if halves.shape[1] < 2 * wanted[0] else cv2.INTER_AREA
    return np.asarray(cv2.resize(halves, wanted, interpolation=way), np.uint8)


def _lightness(small: Image, low: Image, window: int = 9) -> float:
    """How far thin structures are lighter than the local median, over what a blackboard's are at least."""
    dark, light = _deviations(small, low, window)
    return light / (LIGHTER * dark + FAINTEST_LIGHT * small.size)


def _deviations(small: Image, low: Image, window: int = 9) -> tuple[float, float]:
    """How far pixels are darker, and lighter, than the local median: sums over all.

    Args:
        small: the picture.
        low: the same at a lower resolution, of which the median is taken ...
        window: ... in windows of so many pixels.
    """
    around = cv2.resize(_median(low, window), small.shape[::-1], interpolation=cv2.INTER_LINEAR)
    below = np.maximum(around, np.uint8(MARGIN)) - np.uint8(MARGIN)
    above = np.minimum(around, np.uint8(255 - MARGIN)) + np.uint8(MARGIN)
    dark, light = (cv2.sumElems(cv2.subtract(*pair))[0] for pair in ((below, small), (small, above)))
    return float(dark), float(light)


def _median(low: Image, window: int) -> Image:
    """The local median; of few columns OpenCV's takes eight times as long as of ``_FAST_COLUMNS``."""
    columns = low.shape[1]
    wide = cv2.copyMakeBorder(low, 0, 0, 0, max(0, _FAST_COLUMNS - columns), cv2.BORDER_REPLICATE)
    return np.asarray(cv2.medianBlur(wide, window), np.uint8)[:, :columns]

"""Parts of a picture with light writing on a dark ground where the rest is dark on light, or the other way round.

A label, a heading, a slate that lies on a sheet; a sheet before a blackboard. Each is read as a picture of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from digitrec.adding import with_digits
from digitrec.bars import moved
from digitrec.candidates import SURE, count_sure
from digitrec.parts import ROOM
from digitrec.ranks import quantile
from digitrec.results import Box, Image, Reading, cut

SEARCH_PX = 320
"""Panels are looked for at this size."""

DARK, LIGHTEST = 0.5, 0.9
"""A dark panel has less than this share of the light of this quantile of the picture, a light one more."""

AREA, LARGEST = 0.01, 0.85
"""It is so much of the picture at least, and at most, ..."""

SOLID = 0.8
"""... and fills so much of the rectangle around it, however it is turned; ..."""

WRITTEN, MOST_WRITTEN = 0.01, 0.4
"""... so much of it is written on, at least and at most, and no sure digit was read there."""

_BROAD = np.ones((5, 5), np.uint8)

MOST = 2
"""So many, the largest, are read."""

FEW = 2
"""So many sure digits that are neither strokes nor rings are believed, and all sure ones beside them."""


def with_panels(read: Callable[[Image], Reading], image: Image, reading: Reading, is_light: bool) -> Reading:
    """The reading of a picture with the digits of its panels; the same object where there are none.

    Args:
        read: reads a part of a picture.
        image: uint8 (H, W, 3) or (H, W).
        reading: of it.
        is_light: of light writing on a dark ground.
    """
    if len(reading.rejects) >= ROOM:
        return reading
    for panel in _panels(image, reading, is_light):
        found = [d for d in moved(read(cut(image, panel)), panel, reading.size).digits if d.confidence >= SURE]
        if count_sure(found, (0, 1)) >= FEW:
            reading = with_digits(reading, found)
    return reading


def _panels(image: Image, reading: Reading, is_light: bool) -> list[Box]:
    """Where panels without a digit are, the largest first."""
    step = max(1, max(image.shape[:2]) // SEARCH_PX)
    size = max(1, reading.size[0] // step), max(1, reading.size[1] // step)
    sampled = cv2.resize(image, size, interpolation=cv2.INTER_NEAREST)
    light = np.ascontiguousarray(sampled if sampled.ndim == 2 else sampled[..., 1])
    limit = DARK * quantile(light[::4, ::4].reshape(-1), LIGHTEST)
    dark = cv2.threshold(light, limit, 1, cv2.THRESH_BINARY_INV)[1]
    ground = np.asarray(1 - dark if is_light else dark, np.uint8)
    least = AREA * ground.size
    if not least <= cv2.countNonZero(ground) < ground.size:
        return []
    if cv2.countNonZero(cv2.erode(ground, _BROAD)) < least / 2:  # strokes
        return []
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ground, connectivity=4)
    found: list[tuple[int, Box]] = []
    for label in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= least):
        x, y, width, height, area = (int(v) for v in stats[label])
        box = _enlarged(Box(x, y, width, height), size, reading.size)
        own = (labels[y : y + height, x : x + width] == label).astype(np.uint8)
        fits = width * height <= LARGEST * ground.size and _is_written_on(own, area)
        if fits and not any(d.confidence >= SURE and box.holds(d.box) for d in reading.digits):
            found.append((area, box))
    return [box for _, box in sorted(found, reverse=True)[:MOST]]


def _enlarged(box: Box, size: tuple[int, int], whole: tuple[int, int]) -> Box:
    """Where a box of a picture of ``size`` lies in the ``whole``: of a long thin one a side shrinks by more."""
    across, down = whole[0] / size[0], whole[1] / size[1]
    left, top = round(box.x * across), round(box.y * down)
    right, bottom = round((box.x + box.width) * across), round(box.foot * down)
    return Box(left, top, right - left, bottom - top)


def _is_written_on(own: Image, area: int) -> bool:
    """Whether a shape, uint8 (h, w), 1 inside, of so many pixels is a solid panel with something on it."""
    hull = cv2.convexHull(cv2.findNonZero(own))
    _, sides, _ = cv2.minAreaRect(hull)
    around = cv2.contourArea(hull)
    if around < SOLID * sides[0] * sides[1] or area < (1 - MOST_WRITTEN) * around:
        return False
    # What is not inside is a notch: those of a thick X are as large as writing.
    outside = np.pad(1 - own, 1, constant_values=1)
    cv2.floodFill(outside, None, (0, 0), 0)
    return cv2.countNonZero(outside) >= WRITTEN * around

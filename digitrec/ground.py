"""The ground that ink stands on: even paper, or the edge of something."""

from __future__ import annotations

import math

import cv2
import numpy as np

from digitrec.ink import InkLevel
from digitrec.results import Box

EVENLY_LIT = 0.7
"""A ground whose darkest cell has this share of the brightest one's light has no edge anywhere."""

BLOT = 25
"""One in so many cells of the ground, the darkest, does not count: where broad strokes cross, it is ink."""


def is_even(level: InkLevel) -> bool:
    """Whether the level's whole ground is about as bright everywhere: then it is so around each shape."""
    least, most, _, _ = cv2.minMaxLoc(level.paper)
    return least >= EVENLY_LIT * most


def ground_flatness(level: InkLevel, box: Box, reach: float) -> float:
    """The least brightness of the ground up to ``reach`` longer sides around ``box`` over the greatest, 0-1.

    What is under a blot of ink does not count.
    """
    rows, columns = level.paper.shape
    down, across = rows / level.mask.shape[0], columns / level.mask.shape[1]
    margin = reach * max(box.width, box.height)
    x0, x1 = int(max(0, box.x - margin) * across), math.ceil((box.x + box.width + margin) * across)
    y0, y1 = int(max(0, box.y - margin) * down), math.ceil((box.y + box.height + margin) * down)
    cells = level.paper[y0 : y1 + 1, x0 : x1 + 1]
    if cells.size == 0:
        return 1.0
    _, most, _, _ = cv2.minMaxLoc(cells)
    rank = cells.size // BLOT
    return float(np.partition(cells, rank, axis=None)[rank]) / max(1.0, most)

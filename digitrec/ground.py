"""The ground that ink stands on: even paper, or the edge of something."""

from __future__ import annotations

import math

import cv2
import numpy as np

from digitrec.ink import InkLevel
from digitrec.paper import halved
from digitrec.results import Box

BROAD, DIMMED = 15, 0.8
"""What is up to so many pairs of cells broad and dims its ground so much may be a stroke that the level misses."""

EVENLY_LIT = 0.7
"""A ground whose darkest cell has this share of the brightest one's light has no edge anywhere."""

BLOT = 25
"""One in so many cells of the ground, the darkest, does not count: where broad strokes cross, it is ink."""


def has_broad_ink(level: InkLevel) -> bool:
    """Whether part of the level's ground may be strokes too broad for it."""
    paper = halved(level.paper)
    around = cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((BROAD, BROAD), np.uint8))
    return cv2.countNonZero(cv2.compare(paper, cv2.convertScaleAbs(around, alpha=DIMMED), cv2.CMP_LT)) > 0


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

"""What a fine level leaves open for a coarser one: strokes that are too broad for it, and shapes worth a second look.

Everything else was seen better on the fine level: to look at it again would only cost time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np

from digitrec.ink import InkLevel
from digitrec.paper import halved
from digitrec.results import Box, Image

BROAD, DIMMED = 15, 0.8
"""What is up to so many pairs of cells broad and dims its ground so much may be a stroke that the level misses."""

_AROUND = np.ones((3, 3), np.uint8)


def open_cells(level: InkLevel, unclear: Iterable[Box]) -> Image | None:
    """Where a coarser level may say more.

    Args:
        level: the fine one.
        unclear: boxes of its shapes that are worth a second look.

    Returns:
        uint8, 255 there, at a low resolution; None: nowhere.
    """
    cells = np.asarray(cv2.resize(_broad(level), level.paper.shape[::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
    across, down = (cells.shape[k] / level.mask.shape[k] for k in (1, 0))
    for x, y, width, height in unclear:
        cells[int(y * down) : int((y + height) * down) + 1, int(x * across) : int((x + width) * across) + 1] = 255
    return cells if cv2.countNonZero(cells) else None


def _broad(level: InkLevel) -> Image:
    """Where the ground itself may be strokes: uint8, 255 there, a value for each pair of cells."""
    paper = halved(level.paper)
    around = cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((BROAD, BROAD), np.uint8))
    return np.asarray(cv2.dilate(cv2.compare(paper, cv2.convertScaleAbs(around, alpha=DIMMED), cv2.CMP_LT), _AROUND))


def reduced_to(level: InkLevel, cells: Image) -> InkLevel:
    """The level with only such connected ink as reaches into the ``cells`` (uint8, any size over the same picture)."""
    wanted = cv2.resize(cells, level.mask.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    count, labels = cv2.connectedComponents(level.mask, connectivity=8)
    kept = np.zeros(count, np.uint8)
    kept[labels[wanted]] = 255
    kept[0] = 0  # the paper
    return replace(level, mask=kept[labels])

"""Pairs of boxes at once: with a hundred digits a loop over all pairs costs more than the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box

Matrix = NDArray[np.float64]


BESIDE = 0.6
"""Shapes of one word stand at most this many heights apart."""


def as_array(boxes: Sequence[Box]) -> Matrix:
    """(N, 4): x, y, width, height."""
    return np.array(boxes, np.float64).reshape(-1, 4)


def overlap(first: Matrix, second: Matrix) -> Matrix:
    """Intersection over the smaller of the two areas, 0-1.

    Args:
        first: (N, 4) boxes.
        second: (M, 4) boxes.

    Returns:
        (N, M).
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum((first[:, :2] + first[:, 2:])[:, None], (second[:, :2] + second[:, 2:])[None])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    smaller = np.minimum(np.prod(first[:, 2:], axis=1)[:, None], np.prod(second[:, 2:], axis=1)[None])
    return np.asarray(shared / np.maximum(smaller, 1), np.float64)


def gap(first: Matrix, second: Matrix) -> Matrix:
    """Distance between every two boxes, 0 where they overlap.

    Args:
        first: (N, 4) boxes.
        second: (M, 4) boxes.

    Returns:
        (N, M).
    """
    (low, high), (other_low, other_high) = ((b[:, :2], b[:, :2] + b[:, 2:]) for b in (first, second))
    apart = np.maximum(np.maximum(low[:, None] - other_high[None], other_low[None] - high[:, None]), 0)
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]), np.float64)


def beside(box: Box, others: Matrix) -> NDArray[np.bool_]:
    """Which shapes stand beside one as those of one word do.

    Args:
        box: of the one.
        others: (N, 4) boxes.

    Returns:
        (N,).
    """
    left, top, wide, high = others.T
    height = np.maximum(high, box.height)
    space = np.maximum(left, box.x) - np.minimum(left + wide, box.x + box.width)
    level = np.abs(top + high / 2 - box.center[1]) < 0.6 * height
    near = (-0.5 * height < space) & (space < BESIDE * height)
    return np.asarray(level & near & (np.minimum(high, box.height) > 0.4 * height), np.bool_)


def turned_box(box: Box, quarters: int, size: tuple[int, int] = (0, 0)) -> Box:
    """Where a box lies once its picture is turned.

    Args:
        box: in the picture.
        quarters: so many quarters of a circle against the clock, as ``numpy.rot90``.
        size: of the picture, (width, height); without it, where the box lies beside others that are turned, too.
    """
    x, y, width, height = box
    if quarters % 4 == 1:
        return Box(y, size[0] - x - width, height, width)
    if quarters % 4 == 2:
        return Box(size[0] - x - width, size[1] - y - height, width, height)
    if quarters % 4 == 3:
        return Box(size[1] - y - height, x, height, width)
    return box

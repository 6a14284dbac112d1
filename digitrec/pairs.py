"""Pairs of boxes that stand as two pieces of one digit may."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SHARED, SMALLER, UPON = 0.6, 0.45, 0.13
"""One stands on the other where they share so much of the narrower one's width, the lower one is so high as a share of
the higher one, and what is between them, or shared, is no more than this share of both heights."""

ASIDE, LEAST_PART = -0.15, 0.25
"""Where a stroke broke they may lie so much of the narrower one's width aside, and so much smaller."""

STEP, CLOSE = 0.85, 0.1
"""Of a 6 that broke the loop stands beside the foot of its stem: either is at most so much of their height together,
and so many heights aside of the other."""

LEVEL, SPACE, SLIM, ALIKE = 0.25, 0.5, 0.6, 1.4
"""Side by side are two whose tops differ by less than so many heights, which are less than so many apart, each no
broader than so many, and the one no more than so many times as high as the other."""

CHUNK = 256
"""So many boxes are compared with all others at once: a page has some thousand."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of boxes by how they stand.

    Attributes:
        stacked: one right on the other, as the loops of an 8 that broke at its waist.
        upon: one on the other, perhaps aside or much smaller.
        in_steps: the one begins lower than the other and ends lower; the higher one first.
        side_by_side: level, hardly overlapping in x; the left one first.
    """

    stacked: list[Pair] = field(default_factory=list)
    upon: list[Pair] = field(default_factory=list)
    in_steps: list[Pair] = field(default_factory=list)
    side_by_side: list[Pair] = field(default_factory=list)


def find_pairs(boxes: NDArray[np.float64], highest: float = math.inf) -> Pairs:
    """All pairs of (N, 4) boxes that stand in one of these ways.

    Args:
        boxes: x, y, width, height of each.
        highest: of two that stand upon each other, or in steps, both together are no higher.
    """
    found = Pairs()
    for start in range(0, len(boxes), CHUNK):
        x0, y0, width0, height0 = boxes[start : start + CHUNK].T[:, :, None]
        x, y, width, height = boxes.T[:, None]
        taller, shorter = np.maximum(height0, height), np.minimum(height0, height)
        narrower, broader = np.minimum(width0, width), np.maximum(width0, width)
        shared = np.minimum(x0 + width0, x + width) - np.maximum(x0, x)
        both = y + height - y0
        low = both <= highest
        on = np.abs(y - y0 - height0) < UPON * (height0 + height)
        ways = (
            (found.stacked, on & (shared > SHARED * narrower) & (shorter > SMALLER * taller)),
            (found.upon, low & on & (shared > ASIDE * narrower) & (shorter > LEAST_PART * taller)),
            (
                found.in_steps,
                low & (-shared <= CLOSE * taller) & (taller <= STEP * both) & (both <= height0 + height),
            ),
            (
                found.side_by_side,
                (np.abs(y - y0) < LEVEL * taller)
                & (np.abs(x - x0 - width0) < SPACE * taller)
                & (x0 < x)
                & (broader <= SLIM * taller)
                & (taller <= ALIKE * shorter),
            ),
        )
        for pairs, fits in ways:
            pairs += [(start + int(a), int(b)) for a, b in np.argwhere(fits)]
    return found

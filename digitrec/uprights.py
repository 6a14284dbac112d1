"""How an upright stroke leans and bends: what tells a slash and a bracket from a 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from digitrec.results import Image

STRAYS = 0.1
"""An evenly bent stroke strays from a parabola by no more than this share of its bend: a 1 is bent by its flag or its
foot."""

_LEAST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Upright:
    """An upright stroke.

    Attributes:
        lean: how far its head is to the right of its foot, in heights.
        bend: how far the middle is to the right of its ends, in heights; 0 where it is not evenly bent.
    """

    lean: float = 0.0
    bend: float = 0.0


def upright(crop: Image) -> Upright:
    """The stroke of a crop, uint8 (28, 28), bright ink on black."""
    ink = crop.astype(np.float64)
    rows = np.flatnonzero(ink.sum(axis=1) > 0)[1:-1]
    if len(rows) < _LEAST_ROWS:
        return Upright()
    middles = ink[rows] @ np.arange(ink.shape[1]) / ink[rows].sum(axis=1)
    along = np.linspace(-1, 1, len(rows))
    # Least squares one by one: on places evenly about 0 these three are orthogonal.
    square = along * along
    square -= square.mean()
    left = middles - middles.mean()
    slope = (along @ left) / (along @ along)
    left -= along * slope
    bend = (square @ left) / (square @ square)
    left -= bend * square
    is_even = math.sqrt(left @ left / len(rows)) <= STRAYS * abs(bend)
    return Upright(float(-2 * slope / len(rows)), float(-bend / len(rows)) if is_even else 0.0)

"""Shapes that stand side by side: what a row of writing says is plainer than what each of its shapes does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array
from digitrec.results import Box

REACH = 3
"""So many shapes on either side are read along."""

GAP = 0.9
"""Two shapes of a row stand at most this many heights apart ..."""

DROP = 0.55
"""... and their middles at most this many heights off each other ..."""

HEIGHTS = 0.45
"""... and the lower is at least this share of the higher."""


class Rows:
    """Which shapes stand beside which.

    Args:
        boxes: around the shapes.
        tilt: of the lines of writing, radians.
    """

    def __init__(self, boxes: Sequence[Box], tilt: float = 0.0) -> None:
        array = as_array(boxes)
        x, y = array[:, 0] + array[:, 2] / 2, array[:, 1] + array[:, 3] / 2
        cos, sin = math.cos(tilt), math.sin(tilt)
        self._along, self._across = x * cos + y * sin, y * cos - x * sin
        self._width, self._height = array[:, 2], array[:, 3]

    def around(self, index: int, reach: int = REACH) -> tuple[int, ...]:
        """A shape and up to ``reach`` more on either side of it, from left to right."""
        row = [index]
        for way in (-1, 1):
            at = index
            for _ in range(reach):
                following = self._next(at, way)
                if following is None:
                    break
                at = following
                row.append(at)
        return tuple(sorted(row, key=lambda i: float(self._along[i])))

    def _next(self, index: int, way: int) -> int | None:
        """The nearest shape of the row to the left (-1) or to the right (1)."""
        larger = np.maximum(self._height, self._height[index])
        ahead = way * (self._along - self._along[index])
        space = ahead - (self._width + self._width[index]) / 2
        fits = (ahead > 0.1 * larger) & (space < GAP * larger)
        fits &= np.abs(self._across - self._across[index]) < DROP * larger
        fits &= np.minimum(self._height, self._height[index]) > HEIGHTS * larger
        near: NDArray[np.float64] = np.where(fits, ahead, np.inf)
        best = int(near.argmin())
        return best if np.isfinite(near[best]) else None

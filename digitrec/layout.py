"""Where the plates with the numbers go: above their digits, but not on top of other writing."""

from __future__ import annotations

import numpy as np

from digitrec.results import Box

COVERED = 0.01
"""A plate may lie on writing or other plates with this share of its area before another place is looked for."""


class Layout:
    """The free places of one picture.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        digits: boxes that had better stay free.
    """

    def __init__(self, width: int, height: int, digits: list[Box]) -> None:
        self._size = width, height
        self._taken = np.array([(b.x, b.y, b.x + b.width, b.y + b.height) for b in digits], np.float64).reshape(-1, 4)

    def put(self, number: Box, width: int, height: int, gap: int) -> Box:
        """The place of a plate of ``width`` x ``height`` by its number's box; it counts as taken from now on.

        Above, else beside it, else below: the first that is free, else the freest. Whatever is chosen lies inside the
        picture, as far as it fits.
        """
        middle_x, middle_y = number.x + (number.width - width) // 2, number.y + (number.height - height) // 2
        corners = (
            (middle_x, number.y - gap - height),
            (number.x + number.width + 2 * gap, middle_y),
            (number.x - 2 * gap - width, middle_y),
            (middle_x, number.y + number.height + gap),
        )
        best, least = Box(0, 0, width, height), np.inf
        for x, y in corners:
            left = min(max(x, 0), max(0, self._size[0] - width))
            top = min(max(y, 0), max(0, self._size[1] - height))
            place = Box(left, top, width, height)
            covered = self._covered(place)
            if covered < least:
                best, least = place, covered
            if covered <= COVERED:
                break
        self._taken = np.vstack([self._taken, (best.x, best.y, best.x + width, best.y + height)])
        return best

    def _covered(self, place: Box) -> float:
        """The share of ``place`` that lies on what is taken."""
        left, top, right, bottom = self._taken.T
        wide = np.minimum(right, place.x + place.width) - np.maximum(left, place.x)
        high = np.minimum(bottom, place.y + place.height) - np.maximum(top, place.y)
        return float((np.maximum(wide, 0) * np.maximum(high, 0)).sum() / (place.width * place.height))

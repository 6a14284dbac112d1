"""Where the plates with the numbers go: above their digits, but not on top of other writing."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from digitrec.results import Box

COVERED = 0.01
"""A plate may lie on writing or other plates with this share of its area before another place is looked for."""

STAYS = 0.15
"""And with so much before it leaves the side on which it was a frame ago: plates that jump are hard to read."""

Sides = dict[int, int]
"""On which side of its number, by its id, each plate is: kept from frame to frame."""


class Layout:
    """The free places of one picture.

    Args:
        width: of the picture, pixels.
        height: of the picture, pixels.
        digits: boxes that had better stay free.
        sides: of the frame before; changed in place.
    """

    def __init__(self, width: int, height: int, digits: list[Box], sides: Sides | None = None) -> None:
        self._size = width, height
        self._sides: Sides = {} if sides is None else sides
        self._taken = np.array([(b.x, b.y, b.x + b.width, b.y + b.height) for b in digits], np.float64).reshape(-1, 4)

    def put(self, number: Box, width: int, height: int, gap: int, key: int | None = None) -> Box:
        """The place of a plate of ``width`` x ``height`` by its number's box; it counts as taken from now on.

        Where it was, else above, else beside it, else below: the first that is free, else the freest. Whatever is
        chosen lies inside the picture, as far as it fits.

        Args:
            number: the box.
            width: of the plate, pixels.
            height: of the plate, pixels.
            gap: between them, pixels.
            key: the number's id; None: it has none.
        """
        places = self._places(number, width, height, gap)
        before = None if key is None else self._sides.get(key)
        side = self._freest(places) if before is None or self._covered(places[before]) > STAYS else before
        if key is not None:
            self._sides[key] = side
        best = places[side]
        self._taken = np.vstack([self._taken, (best.x, best.y, best.x + width, best.y + height)])
        return best

    def _freest(self, places: list[Box]) -> int:
        """The first place that is free, else the freest."""
        shares = []
        for side, place in enumerate(places):
            shares.append(self._covered(place))
            if shares[-1] <= COVERED:
                return side
        return shares.index(min(shares))

    def forget_all_but(self, keys: Set[int | None]) -> None:
        """Forget the sides of numbers that are gone."""
        for key in self._sides.keys() - keys:
            del self._sides[key]

    def _places(self, number: Box, width: int, height: int, gap: int) -> list[Box]:
        """Above, right, left and below, moved into the picture."""
        middle_x, middle_y = number.x + (number.width - width) // 2, number.y + (number.height - height) // 2
        corners = (
            (middle_x, number.y - gap - height),
            (number.x + number.width + 2 * gap, middle_y),
            (number.x - 2 * gap - width, middle_y),
            (middle_x, number.y + number.height + gap),
        )
        most_x, most_y = max(0, self._size[0] - width), max(0, self._size[1] - height)
        return [Box(min(max(x, 0), most_x), min(max(y, 0), most_y), width, height) for x, y in corners]

    def _covered(self, place: Box) -> float:
        """The share of ``place`` that lies on what is taken."""
        left, top, right, bottom = self._taken.T
        wide = np.minimum(right, place.x + place.width) - np.maximum(left, place.x)
        high = np.minimum(bottom, place.y + place.height) - np.maximum(top, place.y)
        return float((np.maximum(wide, 0) * np.maximum(high, 0)).sum() / (place.width * place.height))

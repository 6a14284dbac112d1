"""How wide the gaps between digits are, over time: one at the limit must not part a number in every other look."""

from __future__ import annotations

from collections.abc import Collection

from digitrec.results import Digit

Pair = tuple[int, int]

GAIN = 0.4
"""How much a look counts: a gap is a mean over about 1 / GAIN looks, ..."""

STAYS = 1.1
"""... which must be so many times as wide as one that parts a number to part what was one number, or as many times
narrower to join what was two."""


class Gaps:
    """The gaps between neighbours, in so many times what parts a number."""

    def __init__(self) -> None:
        self._widths: dict[Pair, float] = {}
        self._parted: dict[Pair, bool] = {}

    def __call__(self, left: Digit, right: Digit, width: float) -> float:
        """What a gap is to be taken for that is so many times as wide in this look as one that parts a number."""
        if left.id is None or right.id is None:
            return width
        pair = left.id, right.id
        before = self._widths.get(pair, width)
        mean = self._widths[pair] = before + GAIN * (width - before)
        was_parted = self._parted.get(pair)
        limit = 1.0 if was_parted is None else 1 / STAYS if was_parted else STAYS
        self._parted[pair] = mean > limit
        return mean / limit

    def forget_all_but(self, alive: Collection[int]) -> None:
        """Keep only what is known of some tracks."""
        gone = [pair for pair in self._widths if pair[0] not in alive or pair[1] not in alive]
        for pair in gone:
            del self._widths[pair], self._parted[pair]

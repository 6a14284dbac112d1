"""The glyphs that a scene writes with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from digitrec.results import Image


@dataclass(frozen=True)
class GlyphBank:
    """Digits with labels, and clutter: bright ink on black, uint8, each of any size.

    Attributes:
        digits: pictures of single digits.
        labels: their digits, 0-9.
        clutter: letters and symbols that are no digits.
    """

    digits: Sequence[Image]
    labels: Sequence[int]
    clutter: Sequence[Image] = ()
    _by_digit: dict[int, list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_digit: dict[int, list[int]] = {digit: [] for digit in range(10)}
        for index, label in enumerate(self.labels):
            by_digit[int(label)].append(index)
        object.__setattr__(self, "_by_digit", by_digit)

    def pick(self, rng: np.random.Generator, char: str) -> Image:
        """A picture of the digit ``char``, or of clutter for ``?``."""
        if char == "?":
            return self.clutter[int(rng.integers(len(self.clutter)))]
        indices = self._by_digit[int(char)]
        return self.digits[indices[int(rng.integers(len(indices)))]]

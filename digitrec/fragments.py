"""Fragments of touching digits: the bowl of a 5 whose bar hangs on its neighbours is another piece of ink than they."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitrec.geometry import as_array, gap
from digitrec.glyphs import Piece

SMALLEST = 0.15
"""A fragment's longer side is at least this share of the height of the digits that it belongs to."""

OVER = 0.3
"""It lies above, below or among them with at least this share of its width, ..."""

NEAR = 0.1
"""... no further from them than this share of their height, ..."""

MOST = 3
"""... and only so many, the largest, are looked at."""


def fragments_of(pieces: Sequence[Piece], whole: int, others: Sequence[int]) -> list[tuple[int, ...]]:
    """A piece of several digits with what may be fragments of these: all of them together first, then each.

    Args:
        pieces: of the level.
        whole: index of the piece.
        others: indices of those that no digit is made of so far.
    """
    boxes, own = as_array([pieces[i].box for i in others]), as_array([pieces[whole].box])
    (x, _, width, height), wide = own[0], boxes[:, 2]
    shared = np.minimum(boxes[:, 0] + wide, x + width) - np.maximum(boxes[:, 0], x)
    fits = (shared >= OVER * wide) & (wide < width) & (boxes[:, 2:].max(axis=1) >= SMALLEST * height)
    fits &= gap(boxes, own)[:, 0] <= NEAR * height
    found = sorted((others[int(i)] for i in np.flatnonzero(fits)), key=lambda i: -pieces[i].area)
    each: list[tuple[int, ...]] = [(whole, i) for i in found[:MOST]]
    return [(whole, *found[:MOST]), *each] if len(each) > 1 else each

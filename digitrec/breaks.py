"""Strokes that broke, as of a pen that skips: the network is shown two pieces of a digit with the break mended.

Each of the two may look like a digit by itself: a 9 that broke in its stem is a 0 upon a 1, a 0 two bent 1s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Contour, Glyph, Piece

WIDEST, LEAST_PX = 1.6, 3.0
"""A break is at most so many strokes wide, and may be so wide in pixels."""

AGAIN = 1.5
"""Another break of the same two pieces is at most so many times as wide as the first, ..."""

APART = 3.0
"""... and so many of its widths and strokes away from it."""

ALIKE, LEVEL = 0.75, 0.8
"""The halves of a 0 that broke above and below are so alike in height, and share so much of it."""

NARROW, ROUND = 0.55, (0.35, 1.0)
"""Each is no broader than this share of its height, and both together within these."""

BENT = 0.07
"""The middle third of either half lies so much of its height outwards of its ends."""

_POINTS = 160

_Points = NDArray[np.float32]


def are_halves(left: Piece, right: Piece) -> bool:
    """Whether two pieces may be the halves of a ring."""
    a, b = left.box, right.box
    short, tall = sorted((a.height, b.height))
    if short < ALIKE * tall or max(a.width / a.height, b.width / b.height) > NARROW:
        return False
    shared = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    width = max(a.x + a.width, b.x + b.width) - a.x
    if shared < LEVEL * short or not ROUND[0] * tall <= width <= ROUND[1] * tall:
        return False
    return _bend(left) <= -BENT and _bend(right) >= BENT


def _bend(piece: Piece) -> float:
    """How far the middle third of an outline lies to the right of its ends, in heights."""
    x, y = piece.outline[:, 0].T
    third = 3 * (y - piece.box.y) // max(1, piece.box.height)
    means = [float(x[third == part].mean()) if (third == part).any() else 0.0 for part in range(3)]
    return (means[1] - (means[0] + means[2]) / 2) / piece.box.height


def mended(glyph: Glyph, pieces: Sequence[Piece]) -> Glyph | None:
    """Pieces drawn as one with the breaks between them mended; None where one lies further from all others.

    Args:
        glyph: all of them.
        pieces: two or more, in pixels of the glyph's level.
    """
    stroke = sum(p.stroke for p in pieces) / len(pieces)
    widest = max(LEAST_PX, WIDEST * stroke)
    one, *others = [_sampled(p.outline) for p in pieces]
    ink = glyph.ink.copy()
    while others:
        ways = [np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1)) for other in others]
        nearest = min(range(len(others)), key=lambda n: float(ways[n].min()))
        apart, other = ways[nearest], others.pop(nearest)
        width = float(apart.min())
        if width > widest:
            return None
        at = _mend(ink, glyph, one, other, apart, stroke)
        away = np.hypot(*(one - at).T) >= APART * (width + stroke)
        if len(pieces) == 2 and away.any() and apart[away].min() <= max(LEAST_PX, AGAIN * width):
            _mend(ink, glyph, one[away], other, apart[away], stroke)
        one = np.concatenate([one, other])
    return replace(glyph, ink=ink)


def _mend(
    ink: NDArray[np.uint8], glyph: Glyph, one: _Points, other: _Points, apart: NDArray[np.floating], stroke: float
) -> _Points:
    """Draw a stroke where two outlines are closest; where that is on the first one."""
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    ends = [(int(x) - glyph.box.x, int(y) - glyph.box.y) for x, y in (one[i], other[j])]
    cv2.line(ink, ends[0], ends[1], 255, max(1, round(stroke)), cv2.LINE_AA)
    return np.asarray(one[i], np.float32)


def _sampled(outline: Contour) -> _Points:
    return np.asarray(outline[:: max(1, len(outline) // _POINTS), 0], np.float32)

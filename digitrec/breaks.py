"""Strokes that broke, as of a pen that skips: the network is shown the pieces of a digit with the breaks mended.

Each of them may look like a digit by itself: a 9 that broke in its stem is a 0 upon a 1, a 0 two bent 1s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Contour, Glyph, Piece
from digitrec.results import Box, Image

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


def are_near(pieces: Sequence[Piece]) -> bool:
    """Whether there may be no more than breaks between two or more pieces, as far as their boxes tell."""
    widest = _widest(pieces)
    return all(any(_gap(p.box, q.box) <= widest for q in pieces if q is not p) for p in pieces)


def _widest(pieces: Sequence[Piece]) -> float:
    """How wide a break between pieces may be, pixels."""
    return max(LEAST_PX, WIDEST * _stroke(pieces))


def _stroke(pieces: Sequence[Piece]) -> float:
    return sum(p.stroke for p in pieces) / len(pieces)


def _gap(a: Box, b: Box) -> int:
    """How far boxes are apart in x or in y, whichever is more, pixels; negative: they overlap."""
    across = max(a.x, b.x) - min(a.x + a.width, b.x + b.width)
    return max(across, max(a.y, b.y) - min(a.y + a.height, b.y + b.height))


def mended(glyph: Glyph, pieces: Sequence[Piece]) -> Glyph | None:
    """Pieces drawn as one with the breaks between them mended; None where one lies further from all others.

    Args:
        glyph: all of them.
        pieces: two or more, in pixels of the glyph's level.
    """
    stroke, widest = _stroke(pieces), _widest(pieces)
    outlines = [_sampled(p.outline) for p in pieces]
    nearest = {n: _Break.of(outlines[0], outlines[n], widest) for n in range(1, len(pieces))}
    ink = glyph.ink.copy()
    while nearest:
        n, found = min(nearest.items(), key=lambda item: item[1].width)
        if found.width > widest:
            return None
        found.mend(ink, glyph, stroke)
        if len(pieces) == 2 and (again := found.again(stroke)) is not None:
            again.mend(ink, glyph, stroke)
        del nearest[n]
        for k, known in nearest.items():
            nearest[k] = min(known, _Break.of(outlines[n], outlines[k], widest), key=lambda b: b.width)
    return replace(glyph, ink=ink)


@dataclass(frozen=True, slots=True)
class _Break:
    """What parts two outlines: the points of each near the box of the other, and how far they are apart, squared."""

    one: _Points
    other: _Points
    apart: _Points

    @staticmethod
    def of(one: _Points, other: _Points, widest: float) -> _Break:
        reach = AGAIN * widest
        one, other = _around(one, other, reach), _around(other, one, reach)
        across, down = (one[:, None, axis] - other[None, :, axis] for axis in (0, 1))
        return _Break(one, other, across * across + down * down)

    @property
    def width(self) -> float:
        """Pixels, where they are closest."""
        return math.sqrt(float(self.apart.min())) if self.apart.size else math.inf

    def _closest(self) -> tuple[int, int]:
        i, j = np.unravel_index(int(self.apart.argmin()), self.apart.shape)
        return int(i), int(j)

    def again(self, stroke: float) -> _Break | None:
        """Another break of the same two, away from this one and hardly wider; None where there is none."""
        at, width = self.one[self._closest()[0]], self.width
        away = np.hypot(*(self.one - at).T) >= APART * (width + stroke)
        rest = _Break(self.one[away], self.other, self.apart[away])
        return rest if rest.width <= max(LEAST_PX, AGAIN * width) else None

    def mend(self, ink: Image, glyph: Glyph, stroke: float) -> None:
        """Draw a stroke where the two are closest."""
        i, j = self._closest()
        ends = [(int(x) - glyph.box.x, int(y) - glyph.box.y) for x, y in (self.one[i], self.other[j])]
        cv2.line(ink, ends[0], ends[1], 255, max(1, round(stroke)), cv2.LINE_AA)


def _around(points: _Points, others: _Points, reach: float) -> _Points:
    """Those of the points that lie no further than ``reach`` from the box around others."""
    low, high = others.min(axis=0, initial=math.inf) - reach, others.max(axis=0, initial=-math.inf) + reach
    return np.asarray(points[((points >= low) & (points <= high)).all(axis=1)], np.float32)


def _sampled(outline: Contour) -> _Points:
    return np.asarray(outline[:: max(1, len(outline) // _POINTS), 0], np.float32)

"""Strokes that chalk and pencil leave in pieces: joined again where faint ink runs from one piece to the other.

A threshold that keeps paper out loses the palest part of a stroke. As in the hysteresis of Canny (1986), fainter ink
counts where it leads from ink to ink; here only across a short gap and no wider than a stroke, so that digits whose
soft edges meet stay apart.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Piece, draw_pieces
from digitrec.ink import InkLevel
from digitrec.results import Box, Image

FAINT = 0.27
"""Ink of at least this share of the paler piece's mean depth leads from one piece to another, ..."""

LEAST_DEPTH = 12
"""... of at least this depth, 0-255, ..."""

NOISE_FACTOR = 16.0
"""... and of so many standard deviations of the noise."""

REACH, REACH_PX = 2.0, 10
"""A gap is at most so many strokes wide, and so many pixels."""

BROAD = 3.0
"""The faint ink in it is at most so many strokes broad."""

SLACK_PX = 3
"""What leads across may be so much longer than the gap."""

LEVEL, ALIKE, ASIDE = 0.4, 0.6, 0.3
"""Two digits stand side by side where the lower shares so much of its height with the other and is at least so high as
a share of it, and the narrower shares no more of its width than that."""

SMALLEST_PX = 6
"""Smaller pieces are specks."""

LONGEST = 2000
"""Outlines of more points are no digit's, or one's that is whole on a coarser level."""

MOST_PIECES = 600
MOST_PAIRS = 400
"""More than this is a texture."""


def with_bridges(level: InkLevel, pieces: list[Piece]) -> InkLevel:
    """The level with broken strokes whole again: the same object where there are none.

    Args:
        level: the ink.
        pieces: of it, largest first.
    """
    if level.speckled:
        return level
    large = [p for p in pieces[:MOST_PIECES] if _may_be_broken(p)]
    pairs = _near(large)
    if not 0 < len(pairs) <= MOST_PAIRS:
        return level
    mask: Image | None = None
    for a, b in pairs:
        found = _bridge(level, large[a], large[b])
        if found is not None:
            box, faint = found
            mask = level.mask.copy() if mask is None else mask
            mask[box.y : box.y + box.height, box.x : box.x + box.width][faint] = 255
    return level if mask is None else replace(level, mask=mask)


def _may_be_broken(piece: Piece) -> bool:
    """Neither a speck nor the outline of half the desk."""
    return max(piece.box.width, piece.box.height) >= SMALLEST_PX and len(piece.outline) <= LONGEST


def _near(pieces: list[Piece]) -> list[tuple[int, int]]:
    """Pairs of pieces whose boxes are near enough."""
    if len(pieces) < 2:
        return []
    x, y, width, height = np.array([p.box for p in pieces]).T
    past = [(low[:, None] - high) <= REACH_PX for low, high in ((x, x + width), (y, y + height))]
    fits = past[0] & past[0].T & past[1] & past[1].T
    pairs = [(int(a), int(b)) for a, b in np.argwhere(fits) if a < b]
    return [(a, b) for a, b in pairs if not _side_by_side(pieces[a].box, pieces[b].box)]


def _side_by_side(a: Box, b: Box) -> bool:
    """Whether two pieces stand as two digits do that nearly touch."""
    level = min(a.y + a.height, b.y + b.height) - max(a.y, b.y) > LEVEL * min(a.height, b.height)
    alike = min(a.height, b.height) > ALIKE * max(a.height, b.height)
    return level and alike and min(a.x + a.width, b.x + b.width) - max(a.x, b.x) < ASIDE * min(a.width, b.width)


def _bridge(level: InkLevel, first: Piece, second: Piece) -> tuple[Box, NDArray[np.bool_]] | None:
    """Where the faint ink between two pieces lies: a part of the level, and which of its pixels; None without any."""
    stroke = (first.stroke + second.stroke) / 2
    reach = min(REACH_PX, REACH * stroke + 1)
    box = _between(first.box, second.box, level.mask.shape)
    own = [draw_pieces([piece], box) for piece in (first, second)]
    if not (own[0].any() and own[1].any()):
        return None
    # From where they come closest to each other: a piece may be long.
    to_second = cv2.distanceTransform(cv2.bitwise_not(own[1]), cv2.DIST_L2, 3)
    space = cv2.minMaxLoc(to_second, own[0])[0]
    if space > reach:
        return None
    across = to_second + cv2.distanceTransform(cv2.bitwise_not(own[0]), cv2.DIST_L2, 3)
    depth = np.ascontiguousarray(level.depth[box.y : box.y + box.height, box.x : box.x + box.width])
    paler = min(cv2.mean(depth, ink)[0] for ink in own)
    least = max(FAINT * paler, LEAST_DEPTH, NOISE_FACTOR * level.noise)
    ink = (own[0] | own[1]) != 0
    faint = (depth > least) & (across <= space + SLACK_PX) & ~ink
    if np.count_nonzero(faint) < space - SLACK_PX:
        return None
    count, labels = cv2.connectedComponents((faint | ink).astype(np.uint8), connectivity=8)
    of_both = np.ones(count, np.bool_)
    for piece in own:
        of_one = np.zeros(count, np.bool_)
        of_one[labels[piece != 0]] = True
        of_both &= of_one
    faint &= of_both[labels]
    if not 0 < np.count_nonzero(faint) <= BROAD * stroke * max(1.0, space - 1):
        return None
    return box, faint


def _between(first: Box, second: Box, shape: tuple[int, ...]) -> Box:
    """What lies within reach of both boxes, inside a picture of (height, width)."""
    x0, y0 = (max(0, max(a, b) - REACH_PX) for a, b in ((first.x, second.x), (first.y, second.y)))
    x1 = min(first.x + first.width, second.x + second.width) + REACH_PX
    y1 = min(first.y + first.height, second.y + second.height) + REACH_PX
    return Box(x0, y0, max(1, min(x1, shape[1]) - x0), max(1, min(y1, shape[0]) - y0))

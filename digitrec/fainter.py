"""Shapes that are unclear, with the fainter ink that they go on into: a pencil pressed lightly, chalk on a rough board.

Ink begins at a share of the darkest ink around, far above the noise, and where a pen's pressure varies a digit loses
its faint strokes. These are no ink by themselves, for then the paper's texture would be; but what hangs together with
ink is, as in the hysteresis of Canny (1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from digitrec.glyphs import Piece
from digitrec.ink import INK_SHARE, NOISE_FACTOR, InkLevel, is_speckled
from digitrec.paper import reduced
from digitrec.results import Image

FAINTEST_DEPTH = 10
"""Fainter ink begins at this depth (0-255), above the noise, ..."""

REACH = 3
"""... and at the usual share of the darkest ink so near, quarter-resolution pixels: the soft edge of a dark stroke is
none of it."""

FEW, BESIDE_PX = 8, 12
"""Of no more than so many shapes it is first asked whether there is fainter ink so near to them."""

_AROUND = np.ones((3, 3), np.uint8)


def with_fainter_ink(level: InkLevel, found: Image, unclear: Sequence[Piece]) -> InkLevel | None:
    """The level with nothing but some of its shapes, and the fainter ink that hangs together with them.

    Args:
        level: without rules and squares.
        found: its mask with them: what was a rule is no ink, however faint.
        unclear: the shapes.

    Returns:
        None where there is no such ink, or where the paper is full of it.
    """
    if not unclear or not _may_grow(level, unclear):
        return None
    rules = cv2.dilate(cv2.subtract(found, level.mask), _AROUND)
    more = np.asarray(cv2.bitwise_or(cv2.subtract(_faint(level), rules), level.mask), np.uint8)
    if is_speckled(more):
        return None
    mask = _hanging_together(more, unclear)
    grown = cv2.subtract(mask, cv2.dilate(level.mask, _AROUND))  # a rim of a pixel tells nothing new
    return replace(level, mask=mask) if cv2.countNonZero(grown) else None


def _may_grow(level: InkLevel, unclear: Sequence[Piece]) -> bool:
    """Whether there is fainter ink beside any of few shapes: of the whole picture it is dear to tell."""
    if len(unclear) > FEW:
        return True
    height, width = level.mask.shape
    for piece in unclear:
        x, y, wide, high = piece.box.grown(BESIDE_PX, (width, height))
        around = slice(y & -4, y + high), slice(x & -4, x + wide)  # where quarter-resolution pixels begin
        near = replace(level, depth=np.ascontiguousarray(level.depth[around]))
        more = cv2.subtract(_faint(near), cv2.dilate(np.ascontiguousarray(level.mask[around]), _AROUND))
        if cv2.countNonZero(more):
            return True
    return False


def _hanging_together(ink: Image, pieces: Sequence[Piece]) -> Image:
    """What of the ink hangs together with some pieces of it: uint8 (h, w), 255 there."""
    height, width = ink.shape
    filled = np.zeros((height + 2, width + 2), np.uint8)  # OpenCV wants a rim
    flags = 8 | 255 << 8 | cv2.FLOODFILL_MASK_ONLY
    for piece in pieces:
        x, y = piece.outline[0, 0].tolist()
        if not filled[y + 1, x + 1]:
            cv2.floodFill(ink, filled, (x, y), 0, flags=flags)
    return np.ascontiguousarray(filled[1:-1, 1:-1])


def _faint(level: InkLevel) -> Image:
    """The ink and the fainter ink: uint8 (h, w), 255 there."""
    height, width = level.depth.shape
    low = reduced(level.depth, (max(1, width // 4), max(1, height // 4)))
    near = cv2.dilate(low, np.ones((REACH, REACH), np.uint8))
    floor = np.uint8(min(max(FAINTEST_DEPTH, NOISE_FACTOR * level.noise), 255))
    least = np.maximum(cv2.convertScaleAbs(near, alpha=INK_SHARE), floor)
    return np.asarray(cv2.compare(level.depth, cv2.resize(least, (width, height)), cv2.CMP_GT), np.uint8)

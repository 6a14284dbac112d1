"""Second looks at the ink: a shape that is unclear is drawn once more, from smoother ink that reaches further.

Chalk and pencil leave gaps and ragged edges, a rule that was taken away leaves notches. Blurred by a part of the
stroke's width, and with the fainter ink right beside it, such a stroke is whole; a clear one is shown as it was.
"""

from __future__ import annotations

from statistics import median

import cv2
import numpy as np

from digitrec.glyphs import Glyph, Piece, contrast_of, soft_ink, turned
from digitrec.ink import InkLevel
from digitrec.normalise import normalise
from digitrec.paper import reduced
from digitrec.results import Box, Image, cut

LEAST_HEIGHT_PX = 24
"""Smaller shapes have no grain to smooth: their strokes are two or three pixels."""

BLUR = 0.33
"""Standard deviation of the blur, strokes."""

REACH = 1.0
"""Ink counts up to so many strokes beside the shape's own."""

BROAD_PX = 5
"""Broader strokes are looked at so many times smaller."""

_INK = 40
"""From this on (0-255) a pixel of a shape is its own."""

_SQUARE = np.ones((3, 3), np.uint8)


def smoothed_crop(level: InkLevel, pieces: list[Piece], glyph: Glyph, tilt: float = 0.0) -> Image:
    """``glyph`` drawn from smoother ink as the network reads it: uint8 (28, 28).

    Args:
        level: the ink.
        pieces: of it.
        glyph: of whole pieces.
        tilt: of its line, radians.
    """
    return normalise(turned(smoothed_ink(level, pieces, glyph), tilt))


def smoothed_ink(level: InkLevel, pieces: list[Piece], glyph: Glyph) -> Image:
    """The ink around ``glyph``'s own, 0-255; broad strokes are drawn smaller, which saves time and no shape."""
    stroke = median(pieces[i].stroke for i in glyph.pieces)
    rows, columns = level.mask.shape
    area = glyph.box.grown(int(stroke) + 3, (columns, rows))
    times = max(1, int(stroke / BROAD_PX))
    own, mask = (_binary(_smaller(part, times)) for part in (_own_ink(glyph, area), cut(level.mask, area)))
    depth = _smaller(cut(level.depth, area), times)
    stroke /= times
    free = _free_of_others(own, mask)
    smooth = cv2.GaussianBlur(cv2.bitwise_and(depth, free), (0, 0), max(0.6, BLUR * stroke))
    near = cv2.bitwise_and(cv2.dilate(own, _disc(max(1, round(REACH * stroke)))), free)
    depth = np.asarray(smooth, np.uint8)
    return soft_ink(depth, np.asarray(near, np.uint8), contrast_of(depth, own))


def _smaller(image: Image, times: int) -> Image:
    if times == 1:
        return image
    height, width = image.shape
    return reduced(image, (max(1, width // times), max(1, height // times)))


def _binary(mask: Image) -> Image:
    return np.asarray(cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _own_ink(glyph: Glyph, area: Box) -> Image:
    """The shape's ink in ``area``: 255 or 0."""
    own = np.zeros((area.height, area.width), np.uint8)
    x, y = glyph.box.x - area.x, glyph.box.y - area.y
    ink = cv2.threshold(glyph.ink, _INK, 255, cv2.THRESH_BINARY)[1]
    own[y : y + glyph.box.height, x : x + glyph.box.width] = ink
    return own


def _free_of_others(own: Image, mask: Image) -> Image:
    """255 but where another shape's ink and its soft edge are."""
    others = cv2.dilate(cv2.subtract(mask, cv2.dilate(own, _SQUARE)), _SQUARE)
    return np.asarray(cv2.bitwise_or(cv2.bitwise_not(others), own), np.uint8)


def _disc(radius: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)

"""Ink -> glyphs: the connected pieces of ink that could be digits or parts of digits, with their crops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import imutils
import numpy as np
from numpy.typing import NDArray

from digitrec.ink import InkLevel
from digitrec.normalise import normalise
from digitrec.results import Box, Image

MIN_HEIGHT_PX = 8
"""Less than this, on the level it is found on, is a speck or a fragment, never a digit by itself."""

MIN_SIDE_PX = 3
"""Smaller pieces are dust: not even a fragment."""

MAX_PIECES, MAX_SPECKS = 3000, 700
"""A noisy frame holds tens of thousands of specks: only the largest are looked at, so that time does not explode."""

_SQUARE = np.ones((3, 3), np.uint8)

Contour = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Piece:
    """One connected piece of ink, in the pixels of its level.

    Attributes:
        box: (x, y, width, height) around it.
        outline: the outer contour.
        holes: contours of the holes.
        area: ink, pixels.
        stroke: mean stroke width, pixels, from area and outline.
    """

    box: Box
    outline: Contour
    holes: tuple[Contour, ...]
    area: float
    stroke: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """What is classified as one: one or more pieces (or a part of one), with its picture.

    Attributes:
        box: tight around the ink, in pixels of the level.
        ink: uint8 (height, width): the ink in the box, 0-255, other glyphs' ink removed.
        pieces: indices of the pieces it is made of.
        contrast: depth of its ink, 0-255.
    """

    box: Box
    ink: Image
    pieces: tuple[int, ...]
    contrast: float

    def crop(self, tilt: float = 0.0) -> Image:
        """uint8 (28, 28), as the network reads it, turned back by the ``tilt`` of its line (radians)."""
        return normalise(turned(self.ink, tilt))


def together(glyphs: Sequence[Glyph]) -> Glyph:
    """Several glyphs as one."""
    box = Box.around([g.box for g in glyphs])
    ink = np.zeros((box.height, box.width), np.uint8)
    for glyph in glyphs:
        x, y = glyph.box.x - box.x, glyph.box.y - box.y
        area = ink[y : y + glyph.box.height, x : x + glyph.box.width]
        np.maximum(area, glyph.ink, out=area)
    pieces = tuple(i for g in glyphs for i in g.pieces)
    return Glyph(box, ink, pieces, max(g.contrast for g in glyphs))


def turned(ink: Image, tilt: float) -> Image:
    """The ink turned by ``-tilt`` in a picture just large enough."""
    if not tilt:
        return ink
    height, width = ink.shape
    cos, sin = math.cos(tilt), math.sin(tilt)
    new_width = math.ceil(width * abs(cos) + height * abs(sin))
    new_height = math.ceil(width * abs(sin) + height * abs(cos))
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    shift_x = (new_width - 1) / 2 - cos * centre_x - sin * centre_y
    shift_y = (new_height - 1) / 2 + sin * centre_x - cos * centre_y
    matrix = np.array([[cos, sin, shift_x], [-sin, cos, shift_y]], np.float32)
    return np.asarray(cv2.warpAffine(ink, matrix, (new_width, new_height), flags=cv2.INTER_LINEAR), np.uint8)


def find_pieces(level: InkLevel) -> list[Piece]:
    """The connected pieces of ink of one level, largest first, at most ``MAX_PIECES``."""
    found = cv2.findContours(level.mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    contours = imutils.grab_contours(found)
    if not contours:
        return []
    hierarchy = found[-1][0]
    # The length of an outline without approximation is its number of points: a cheap first sieve for dust.
    outer = [i for i in np.flatnonzero(hierarchy[:, 3] < 0) if len(contours[i]) >= 2 * MIN_SIDE_PX]
    outer.sort(key=lambda i: -len(contours[i]))
    pieces = (_piece(contours, hierarchy, int(i)) for i in outer[: MAX_SPECKS if level.speckled else MAX_PIECES])
    return [p for p in pieces if max(p.box.width, p.box.height) >= MIN_SIDE_PX]


def _piece(contours: tuple[Contour, ...], hierarchy: NDArray[np.int32], index: int) -> Piece:
    holes = []
    child = hierarchy[index, 2]
    while child >= 0:
        holes.append(contours[child])
        child = hierarchy[child, 0]
    outline = contours[index]
    # The contour runs through the middle of the border pixels: half of its length of area is missing.
    length = len(outline) + sum(len(h) for h in holes)
    area = cv2.contourArea(outline) + len(outline) / 2 - sum(cv2.contourArea(h) - len(h) / 2 for h in holes)
    area = max(area, 1.0)
    return Piece(Box(*cv2.boundingRect(outline)), outline, tuple(holes), area, 2 * area / max(length, 2))


def draw_glyph(level: InkLevel, pieces: list[Piece], indices: tuple[int, ...]) -> Glyph:
    """Cut the ink of ``pieces[i] for i in indices`` out of the level, without the ink of others nearby."""
    chosen = [pieces[i] for i in indices]
    box = Box.around([p.box for p in chosen])
    own = _alone(level.mask, chosen, box)
    if own is None:
        own = draw_pieces(chosen, box)
    depth = level.depth[box.y : box.y + box.height, box.x : box.x + box.width]
    contrast = contrast_of(depth, own)
    return Glyph(box, soft_ink(depth, np.asarray(cv2.dilate(own, _SQUARE), np.uint8), contrast), indices, contrast)


def _alone(mask: Image, pieces: list[Piece], box: Box) -> Image | None:
    """The ink in ``box`` where it is one whole piece's and nothing else's, which spares drawing it; else None."""
    if len(pieces) > 1:
        return None
    inside = mask[box.y : box.y + box.height, box.x : box.x + box.width]
    # Pick's theorem: an outline through the middles of pixels leaves out half of them and one more, each hole too.
    (piece,) = pieces
    return inside if cv2.countNonZero(inside) == piece.area + 1 - len(piece.holes) else None


def draw_pieces(pieces: list[Piece], box: Box) -> Image:
    """The ink of ``pieces`` inside ``box``: uint8 (height, width), 255 ink."""
    own = np.zeros((box.height, box.width), np.uint8)
    for piece in pieces:
        cv2.drawContours(own, [piece.outline, *piece.holes], -1, 255, cv2.FILLED, offset=(-box.x, -box.y))
    return own


def contrast_of(depth: Image, own: Image) -> float:
    """The upper quartile of the ink's depth: the darkest is decided by noise."""
    up_to = cv2.calcHist([depth], [0], own, [256], [0, 256]).cumsum()
    if not up_to[-1]:
        return 255.0
    return max(1.0, float(up_to.searchsorted(up_to[-1] * 3 // 4, side="right")))


def soft_ink(depth: Image, near: Image, contrast: float) -> Image:
    """Ink of 0-255 with its soft edge, where ``near`` is 255: the depth from a fifth to four fifths of its contrast."""
    return np.asarray(cv2.bitwise_and(cv2.LUT(depth, _ramp(contrast)), near), np.uint8)


@lru_cache(maxsize=256)
def _ramp(contrast: float) -> Image:
    """What each depth becomes in a glyph of this contrast: uint8 (256,)."""
    low, gain = 0.2 * contrast, 255 / max(0.6 * contrast, 1)
    depth = np.arange(256, dtype=np.uint8)
    return np.asarray(np.clip((depth - np.float32(low)) * np.float32(gain), 0, 255), np.uint8)

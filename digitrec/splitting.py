"""Digits that touch: which ink may be several, and how it is parted between the digits that are read in it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Glyph, Piece
from digitrec.normalise import tight_box
from digitrec.results import Box, Image
from digitrec.strings import ABOVE, MARGIN, ROWS, StringPicture

LEAST_HEIGHT_PX = 12
"""Ink that is read as a string is at least so high on its level, ..."""

LEAST_WIDTH = 0.8
"""... at least this share of its height wide, ..."""

LEAST_LENGTH = 1.85
"""... drawn with a line of at least so many times its height ..."""

LEAST_WINDING = 1.5
"""... and of its width, ..."""

BROADEST_STROKE = 0.32
"""... which is no broader than this share of its height: what is less is the edge of a thing, or a blot."""

LEAST_PART = 0.3
"""A digit is at least this share of the whole's height."""

STEMMED, LEAST_STEM = (1, 4, 7, 9), 0.6
"""These have a stem: with less than this share of the whole's height they have lost it to a neighbour."""

SHARED = 0.3
"""A stroke that it shares with a neighbour lies at most this share of the height beyond the seam."""

SEAM_MOVE = 0.05
"""What a step aside costs a seam, in pixels of full ink ..."""

SEAM_STRAY = 0.2
"""... and a pixel half-way from the middle between two digits to one of them."""


def may_be_several(piece: Piece, least_width: float = LEAST_WIDTH) -> bool:
    """Whether the ink is as long and as thin as that of two digits: most clutter is not."""
    height, width = piece.box.height, piece.box.width
    if height < LEAST_HEIGHT_PX or width < least_width * height:
        return False
    length = piece.area / piece.stroke
    winds = length >= LEAST_LENGTH * height and length >= LEAST_WINDING * width
    return winds and piece.stroke <= BROADEST_STROKE * height


def digit_parts(glyph: Glyph, owner: NDArray[np.intp], digits: Sequence[int]) -> tuple[Glyph | None, ...]:
    """The ink of each of ``digits`` by the owners of its pixels, (H, W); None where one has too little.

    A digit that is left with less than it needs shares a stroke with its neighbour: it gets what lies beside it, too.
    """
    return tuple(_whole_part(glyph, owner == i, LEAST_STEM if d in STEMMED else 0) for i, d in enumerate(digits))


def _whole_part(glyph: Glyph, own: NDArray[np.bool_], least: float) -> Glyph | None:
    part = _part(glyph, own)
    if part is not None and part.box.height >= least * glyph.box.height:
        return part
    return _part(glyph, _widened(own)) or part


def _widened(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The area of a digit and what lies within ``SHARED`` of its height to either side."""
    across = np.ones((1, 2 * round(SHARED * own.shape[0]) + 1), np.uint8)
    return np.asarray(cv2.dilate(own.astype(np.uint8), across) > 0)


def _part(glyph: Glyph, own: NDArray[np.bool_]) -> Glyph | None:
    ink = _main_ink(np.asarray(glyph.ink * own, np.uint8))
    box = tight_box(ink)
    if box is None or box[3] < LEAST_PART * glyph.ink.shape[0]:
        return None
    x, y, width, height = box
    place = Box(glyph.box.x + x, glyph.box.y + y, width, height)
    return Glyph(place, ink[y : y + height, x : x + width], glyph.pieces, glyph.contrast)


def _main_ink(part: Image) -> Image:
    """Remove what a cut left behind of the neighbour: connected ink of less than a tenth of the whole."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((part > 64).astype(np.uint8), connectivity=8)
    if count <= 2:
        return part
    areas = stats[1:, cv2.CC_STAT_AREA]
    small = np.zeros(count, bool)
    small[1:] = areas < 0.1 * areas.sum()
    return part * ~small[labels] if small.any() else part


def owners(
    picture: StringPicture, columns: Sequence[float], upright: tuple[int, ...], shape: tuple[int, ...], tilt: float
) -> NDArray[np.intp]:
    """Which digit of a string each pixel of the ink belongs to: (H, W).

    Args:
        picture: of the ink turned upright.
        columns: of the digits.
        upright: (H', W') of the ink turned upright.
        shape: (H, W) of the ink.
        tilt: by which it was turned, radians.
    """
    if len(columns) < 2:
        return np.zeros(shape, np.intp)
    owner = _upright_owners(picture, columns, upright)
    return _turned_back(owner, shape, tilt) if tilt else owner


def _upright_owners(picture: StringPicture, columns: Sequence[float], shape: tuple[int, ...]) -> NDArray[np.intp]:
    seams = _seams(picture.pixels, columns)
    rows = np.arange(shape[0])
    row = np.clip(((rows + 0.5 - picture.top) * picture.down + ABOVE).astype(np.intp), 0, ROWS - 1)
    own = (seams[:, row] - MARGIN + 0.5) / picture.across + picture.left  # (seams, H)
    return np.asarray((np.arange(shape[1]) >= own[:, :, None]).sum(axis=0), np.intp)


def _seams(pixels: Image, columns: Sequence[float]) -> NDArray[np.intp]:
    """Between each two digits the path from top to bottom that crosses the least ink: (n - 1, 32) columns.

    A path may move a column a row, which costs a little, so that it follows the white between two digits and crosses
    their bridge where it is thinnest (Avidan and Shamir 2007).
    """
    at = np.asarray(columns)
    middle, half = (at[:-1] + at[1:]) / 2, np.maximum((at[1:] - at[:-1]) / 2, 2)
    reach = int(np.ceil(half.max())) + 3
    offsets = np.arange(-reach, reach + 1)
    places = np.round(middle).astype(np.intp)[:, None] + offsets  # (seams, band)
    off = np.abs(places - middle[:, None]) / half[:, None]
    beyond = (places < 0) | (places >= pixels.shape[1]) | (off > 1 + 3 / half[:, None])
    toll = np.float32(SEAM_STRAY) * off.astype(np.float32) ** 2 + beyond * np.float32(9)
    band = pixels[:, np.clip(places, 0, pixels.shape[1] - 1)] * np.float32(1 / 255) + toll  # (32, seams, band)
    # Of the best way down to each place.
    costs = np.full((len(band), len(places), len(offsets) + 2), np.inf, np.float32)
    costs[0, :, 1:-1] = band[0]
    for row in range(1, len(band)):
        above = costs[row - 1]
        aside = np.minimum(above[:, :-2], above[:, 2:]) + SEAM_MOVE
        np.add(np.minimum(above[:, 1:-1], aside), band[row], out=costs[row, :, 1:-1])
    paths = np.array([_way_down(lane) for lane in costs.transpose(1, 0, 2).tolist()])
    return np.maximum.accumulate(np.take_along_axis(places, paths - 1, axis=1), axis=0)


def _way_down(costs: Sequence[Sequence[float]]) -> list[int]:
    """The cheapest path through (32, band) costs of the ways down to each place: where it is in each row."""
    at = min(range(len(costs[-1])), key=costs[-1].__getitem__)
    path = [at]
    for row in costs[-2::-1]:  # a handful of numbers: arrays would cost more than they save
        here, left, right = row[at], row[at - 1] + SEAM_MOVE, row[at + 1] + SEAM_MOVE
        if min(left, right) < here:
            at += -1 if left <= right else 1
        path.append(at)
    return path[::-1]


def _turned_back(owner: NDArray[np.intp], shape: tuple[int, ...], tilt: float) -> NDArray[np.intp]:
    """The owners of the pixels before the piece was turned upright."""
    height, width = shape
    cos, sin = np.cos(tilt), np.sin(tilt)
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    across = np.round(cos * x + sin * y + (owner.shape[1] - 1) / 2).astype(np.intp)
    down = np.round(-sin * x + cos * y + (owner.shape[0] - 1) / 2).astype(np.intp)
    back = owner[np.clip(down, 0, owner.shape[0] - 1), np.clip(across, 0, owner.shape[1] - 1)]
    return np.asarray(back, np.intp)

"""Digits that touch: the string's network says which they are, and the ink is parted between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import beside
from digitrec.glyphs import Glyph, Piece, turned
from digitrec.normalise import tight_box
from digitrec.results import NOT_A_DIGIT, Box, Image
from digitrec.strings import ABOVE, MARGIN, ROWS, String, StringPicture, StringReader, string_picture

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

STRING = 0.45
"""The digits of a string have at least this probability in the mean, ..."""

LONE_STRING = 0.9
"""... and this among other things, where no digit is beyond doubt: a word looks like a number now and then."""

SINGLE = 0.8
"""A shape beside sure digits that the other network takes for none is a digit with this probability."""

UNLIKELY = 0.5
"""That network gives it less than this, ..."""

WIDEST_SINGLE = 1.6
"""... and it is at most so many times as wide as high."""

LETTER = 0.7
"""A shape is a letter with at least this probability of being no digit ..."""

LETTERS = 3
"""... and so many of them make a pair by itself one, too (an n is a 7 and a 2), ..."""

HALF = 0.3
"""... but for one of which the other network gives each half this much."""

CALM = 12
"""So few pieces of ink are no clutter."""

LEAST_PART = 0.3
"""A digit is at least this share of the whole's height."""

SEAM_MOVE = 0.05
"""What a step aside costs a seam, in pixels of full ink ..."""

SEAM_STRAY = 0.2
"""... and a pixel half-way from the middle between two digits to one of them."""


@dataclass(frozen=True, slots=True)
class Piecewise:
    """A piece read as a string.

    Attributes:
        parts: the ink of each digit.
        string: what it says.
    """

    parts: tuple[Glyph, ...]
    string: String


def may_be_several(piece: Piece) -> bool:
    """Whether the ink is as long and as thin as that of two digits: most clutter is not."""
    height, width = piece.box.height, piece.box.width
    if height < LEAST_HEIGHT_PX or width < LEAST_WIDTH * height:
        return False
    length = piece.area / piece.stroke
    winds = length >= LEAST_LENGTH * height and length >= LEAST_WINDING * width
    return winds and piece.stroke <= BROADEST_STROKE * height


def split(glyph: Glyph, reader: StringReader, tilt: float, least: float) -> Piecewise | None:
    """What a glyph says when it is read as a string; None where that is no number.

    Args:
        glyph: of one piece.
        reader: the strings' network.
        tilt: of the lines of writing, radians.
        least: what a string is believed with, 0-1.
    """
    upright = turned(glyph.ink, tilt)
    picture = string_picture(upright)
    (string,) = reader.read([picture])
    if not string.is_number or string.confidence < least:
        return None
    if len(string.digits) == 1:
        return Piecewise((glyph,), string)
    owner = _owners(picture, string.columns, upright.shape)
    if tilt:
        owner = _turned_back(owner, glyph.ink.shape, tilt)
    parts = tuple(_part(glyph, owner == i) for i in range(len(string.digits)))
    if any(p is None for p in parts):
        return None
    return Piecewise(tuple(p for p in parts if p is not None), string)


def is_believed(whole: Candidate, string: String, halves: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
    """Whether a piece says what its string says, by what stands around it.

    Args:
        whole: what the digits' network says of it.
        string: what the strings' network says.
        halves: what the digits' network says of its parts.
        others: the other shapes of the level.
    """
    height, (_, level) = whole.box.height, whole.box.center
    alike = [c for c in others if 0.4 * height < c.box.height < 2 * height]
    sure = [c for c in alike if c.digit != 1 and c.confidence >= SURE]
    if len(halves) == 1:
        same = [c for c in sure if 0.6 * height < c.box.height < 1.6 * height]
        in_line = any(abs(c.box.center[1] - level) < 0.7 * height for c in same)
        shaped = whole.confidence < UNLIKELY and whole.box.width < WIDEST_SINGLE * height
        return in_line and shaped and string.confidence >= SINGLE
    if string.confidence < (STRING if sure or len(others) < CALM else LONE_STRING):
        return False
    letters = [c for c in alike if c.probabilities[NOT_A_DIGIT] >= LETTER and c.box.width <= 1.2 * c.box.height]
    if len(halves) > 2 or len(letters) < LETTERS or any(beside(whole.box, c.box) for c in sure):
        return True
    return all(c.digit == d and c.confidence >= HALF for c, d in zip(halves, string.digits, strict=True))


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


def _owners(picture: StringPicture, columns: Sequence[float], shape: tuple[int, ...]) -> NDArray[np.int16]:
    """Which digit each pixel of the piece belongs to: int16 (H, W)."""
    seams = _seams(picture.pixels, columns)
    rows = np.arange(shape[0])
    row = np.clip(((rows + 0.5 - picture.top) * picture.down + ABOVE).astype(np.intp), 0, ROWS - 1)
    own = (seams[:, row] - MARGIN + 0.5) / picture.across + picture.left  # (seams, H)
    return np.asarray((np.arange(shape[1]) >= own[:, :, None]).sum(axis=0), np.int16)


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
    came = np.zeros(band.shape, np.intp)
    padded = np.full((len(places), len(offsets) + 2), np.inf, np.float32)
    cost = band[0]
    for row in range(1, len(band)):
        padded[:, 1:-1] = cost
        choices = np.stack([padded[:, 1:-1], padded[:, :-2] + SEAM_MOVE, padded[:, 2:] + SEAM_MOVE])
        which = choices.argmin(axis=0)
        came[row] = np.array([0, -1, 1])[which]
        cost = band[row] + np.take_along_axis(choices, which[None], axis=0)[0]
    paths = np.empty((len(places), len(band)), np.intp)
    where, lanes = cost.argmin(axis=1), np.arange(len(places))
    for row in range(len(band) - 1, -1, -1):
        paths[:, row] = places[lanes, where]
        where = np.clip(where + came[row, lanes, where], 0, len(offsets) - 1)
    return np.maximum.accumulate(paths, axis=0)


def _turned_back(owner: NDArray[np.int16], shape: tuple[int, ...], tilt: float) -> NDArray[np.int16]:
    """The owners of the pixels before the piece was turned upright."""
    height, width = shape
    cos, sin = np.cos(tilt), np.sin(tilt)
    x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
    across = np.round(cos * x + sin * y + (owner.shape[1] - 1) / 2).astype(np.intp)
    down = np.round(-sin * x + cos * y + (owner.shape[0] - 1) / 2).astype(np.intp)
    back = owner[np.clip(down, 0, owner.shape[0] - 1), np.clip(across, 0, owner.shape[1] - 1)]
    return np.asarray(back, np.int16)

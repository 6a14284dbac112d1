"""Shapes that stand side by side, or one by itself, read as one string; and what it says of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Glyph, turned
from digitrec.results import NOT_A_DIGIT
from digitrec.splitting import digit_parts, owners
from digitrec.string_views import read_carefully
from digitrec.strings import MARGIN, String, StringPicture, StringReader, string_picture

WIDE, WIDE_WHOLE = 1.3, 0.99
"""A shape so many times as wide as high is all digit when so much of its ink is at the digit's place, ..."""

WHOLE = 0.85
"""... and any other with this much; else a rule runs on from it under its neighbours."""


@dataclass(frozen=True, slots=True)
class Member:
    """One shape of a row.

    Attributes:
        places: in the string, of the digits that are in it.
        parts: the ink of each; None where it has too little.
    """

    places: tuple[int, ...]
    parts: tuple[Glyph | None, ...]


@dataclass(frozen=True, slots=True)
class RowReading:
    """Shapes read as a string.

    Attributes:
        string: what they say.
        members: which of it is whose.
    """

    string: String
    members: tuple[Member, ...]

    def says(self, index: int) -> tuple[int, ...]:
        """The digits of a shape; 10 stands for other writing."""
        return tuple(self.string.digits[k] for k in self.members[index].places)


def read_row(
    row: Glyph, shapes: Sequence[Glyph], reader: StringReader, tilt: float, least: float, carefully: bool = False
) -> RowReading | None:
    """Read shapes as one string; None where no digit is read, or none that is likely.

    Args:
        row: all of them as one glyph.
        shapes: each by itself.
        reader: the strings' network.
        tilt: of the lines of writing, radians.
        least: what a string is believed with, 0-1.
        carefully: look again at what is not plain.
    """
    upright = turned(row.ink, tilt)
    picture = string_picture(upright)
    string = read_carefully(reader, picture) if carefully else reader.read(picture)
    if string.confidence < least or all(d == NOT_A_DIGIT for d in string.digits):
        return None
    if not tilt and _stand_apart(row, shapes, picture, string):
        return RowReading(string, tuple(Member((k,), (shape,)) for k, shape in enumerate(shapes)))
    owner = owners(picture, string.columns, upright.shape, row.ink.shape, tilt)
    areas = [_area(row, shape, owner) for shape in shapes]
    held = np.stack([_held(s, area, len(string.digits)) for s, area in zip(shapes, areas, strict=True)])
    home = held.argmax(axis=0)  # of (shapes, digits)
    own = [np.flatnonzero((home == i) & (ink > 0)) for i, ink in enumerate(held)]
    members = [_member(s, a, k, string.digits) for s, a, k in zip(shapes, areas, own, strict=True)]
    return RowReading(string, tuple(members))


def _stand_apart(row: Glyph, shapes: Sequence[Glyph], picture: StringPicture, string: String) -> bool:
    """Whether the shapes stand from left to right, none over another, one digit in each: then nothing is parted."""
    if len(shapes) != len(string.digits):
        return False
    free = 0.0
    for shape, column in zip(shapes, string.columns, strict=True):
        left, right = (x - row.box.x for x in (shape.box.x, shape.box.x + shape.box.width))
        if not free <= left < (column - MARGIN) / picture.across + picture.left < right:
            return False
        free = right
    return True


def _area(row: Glyph, shape: Glyph, owner: NDArray[np.intp]) -> NDArray[np.intp]:
    """The owners of a shape's pixels."""
    x, y = shape.box.x - row.box.x, shape.box.y - row.box.y
    return owner[y : y + shape.box.height, x : x + shape.box.width]


def _held(shape: Glyph, area: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """How much ink of each digit of the row a shape has: (count,)."""
    return np.asarray(np.bincount(area.ravel(), weights=shape.ink.ravel(), minlength=count), np.float64)


def _member(shape: Glyph, owner: NDArray[np.intp], places: NDArray[np.intp], read: Sequence[int]) -> Member:
    own = tuple(map(int, places))
    digits = [read[k] for k in own]
    if len(own) == 0:
        return Member((), ())
    if len(own) == 1:
        share = int(shape.ink[owner == own[0]].sum()) / max(1, int(shape.ink.sum()))
        alone = share >= (WHOLE if shape.box.width < WIDE * shape.box.height else WIDE_WHOLE)
        return Member(own, (shape,) if alone else digit_parts(shape, np.where(owner == own[0], 0, 1), digits))
    # Ink whose owner is in another shape goes with the nearest of its own.
    return Member(own, digit_parts(shape, np.searchsorted(places[1:], owner, side="right"), digits))

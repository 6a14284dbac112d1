"""A 0 with a stroke through it, as some write it to tell it from an O: the network is shown it without the stroke."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import cv2
import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.glyphs import Glyph, Piece
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.settling import Chosen, Key

LEAST_HOLE, ALIKE = 0.06, 0.4
"""Each of the two holes is so much of the hull's area, and the smaller one at least this share of the larger one."""

LEAST_ASLANT = 0.3
"""The one hole is to the left of the other and above it, by at least so much down for so much aside, ..."""

RISING, FALLING = 5.0, 3.0
"""... and by at most so much where the stroke rises, and where it falls, so that the upper hole is the right one: the
holes of an 8 stand one upon the other, those of a theta too, and both lean to the right."""

REACH = 0.7
"""The ring is what lies so many mean widths of its strokes around the holes: the ends of the stroke reach beyond."""

ROUND = 0.9
"""So much of that, and of what is inside, is the shape's: an 8 has a waist."""

MOST_OF = np.array([0.6, 0.7])
"""The ring is so much of the width and the height of the shape's box, which has else a digit beside it."""

TAILLESS = 0.9
"""Where the stroke falls, it is so much of both: the tail of a Q reaches beyond."""

UNREAD = 0.5
"""Probability of being no digit of what may be one."""


def read_slashed(
    chosen: Chosen,
    pieces: Mapping[int, Piece],
    drawn: dict[Key, Glyph],
    judge: Callable[[list[Glyph]], list[Candidate]],
) -> None:
    """Take shapes that are no digit for 0s where they are that without a stroke through them; changes ``chosen``.

    Args:
        chosen: the shapes of the level.
        pieces: of it, that may be digits.
        drawn: their ink.
        judge: asks the digits' network.
    """
    open_ = [i for i in pieces if (i,) in chosen and _is_unread(chosen[(i,)]) and len(pieces[i].holes) >= 2]
    rings = {i: ring for i in open_ if (ring := _without_stroke(pieces[i], drawn[(i,)])) is not None}
    for i, candidate in zip(rings, judge(list(rings.values())) if rings else [], strict=True):
        if candidate.digit == 0 and candidate.confidence >= SURE:
            chosen[(i,)] = candidate


def _is_unread(candidate: Candidate) -> bool:
    """Whether the network has no digit for it: what is perhaps an 8 may yet be read as one."""
    return candidate.confidence < SURE and candidate.probabilities[NOT_A_DIGIT] > UNREAD


def _without_stroke(piece: Piece, glyph: Glyph) -> Glyph | None:
    """The ring of a slashed 0; None of what is no such."""
    origin = np.array([glyph.box.x, glyph.box.y])
    holes = sorted((hole - origin for hole in piece.holes), key=cv2.contourArea)[-2:]
    outline = piece.outline - origin
    areas, hull = [cv2.contourArea(hole) for hole in holes], cv2.contourArea(cv2.convexHull(outline))
    if areas[0] < max(LEAST_HOLE * hull, ALIKE * areas[1]):
        return None
    lower, upper = sorted((hole.mean(axis=(0, 1)) for hole in holes), key=lambda middle: -middle[1])
    aside, down = lower - upper
    across = abs(aside)
    rises = aside * down > 0
    if not LEAST_ASLANT * across <= down <= (RISING if rises else FALLING) * across:
        return None
    inside = _filled(cv2.convexHull(np.concatenate(holes)), glyph.ink.shape)
    side = 2 * round(REACH * piece.stroke) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    around = cv2.dilate(inside, disc)
    shares = np.divide(cv2.boundingRect(around)[2:], glyph.ink.shape[::-1])
    if np.any(shares < (MOST_OF if rises else TAILLESS)):
        return None
    body = cv2.bitwise_and(_filled(outline, glyph.ink.shape), around)
    if cv2.countNonZero(body) < ROUND * cv2.countNonZero(around):
        return None
    return replace(glyph, ink=np.asarray(cv2.bitwise_and(glyph.ink, cv2.subtract(around, inside)), np.uint8))


def _filled(outline: np.ndarray, shape: tuple[int, ...]) -> Image:
    picture = np.zeros(shape, np.uint8)
    cv2.drawContours(picture, [outline.astype(np.int32)], -1, 255, cv2.FILLED)
    return picture

"""Numbers that are underlined, by a stroke that touches some of their digits: what stands on it is read by itself.

That a piece of ink stands on a stroke is told by its lower outline: nearly straight, nearly as wide as all of it, and
bare for much of its length. A row of 2s may look so too, hence both ways to read it are compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, Candidate
from digitrec.glyphs import Piece, draw_pieces
from digitrec.ink import InkLevel
from digitrec.results import Box, Image
from digitrec.settling import Chosen, Key

LEAST_HEIGHT, LEAST_LENGTH = 3.0, 4.5
"""A piece is with its underline at least so many times as high as its strokes are thick, and so many times as wide."""

NARROWEST, SHORTEST_PX = 0.5, 12
"""It is no narrower than this share of its height, nor than this: shorter ones are feet."""

ON_LINE, BARE = 0.85, 0.4
"""Shares of the width in which the lower outline is the stroke's, and in which nothing stands on it."""

BROADER = 1.6
"""An underline is at most so many times as thick as the piece's strokes are in the mean."""

ASLANT_DEG = 15.0
"""It lies along the line of writing, but for so much: what slopes is the foot of a 9."""

STRAY = 0.6
"""The lower outline strays from the stroke's by this share of its thickness, and a pixel."""

LEFT = 0.2
"""So much of the ink is left without the stroke."""

REST, LOW_ONE = 0.4, 0.6
"""What is read above a stroke and has less than this share of the height of the highest is a rest of it, a 1 of less
than this a comma."""

WIDEST, NO_DIGIT = 1.2, 1.7
"""What is read as a digit and is so many times as wide as high has perhaps, and certainly, more than its own ink."""

LONE, JUTS, EVENLY = 0.85, 0.06, 0.25
"""A stroke below a single digit is longer than that is wide, which is at most this share of its length, and juts out on
both sides by this share of the width, on one by no less than this share of the other: a Z is no 7, nor a sigma a 5.
One below a 2 that is none juts out, too."""

BEYOND_DOUBT = 0.98
"""What is a digit with this probability stands on no line."""

MOST = 8
"""So many pieces are looked at, the largest."""

_Floats = NDArray[np.float64]


def read_above_lines(
    chosen: Chosen, pieces: Mapping[int, Piece], level: InkLevel, tilt: float, read: Callable[[Image], list[Candidate]]
) -> None:
    """Read pieces that stand on an underline without it, where that is likelier; changes ``chosen``.

    Args:
        chosen: the shapes of the level.
        pieces: of it, that may be digits, the largest first.
        level: the ink.
        tilt: of the lines of writing, radians.
        read: gives what is read in some of the ink, uint8 (h, w), 255 ink.
    """
    keys: dict[int, list[Key]] = {i: [] for i in pieces}
    for key in chosen:
        for i in set(key) & keys.keys():
            keys[i].append(key)
    asked = [i for i, own in keys.items() if own and all(_is_open(key, chosen[key]) for key in own)]
    uppers = {i: upper for i in asked[:MOST] if (upper := _above_line(pieces[i], tilt)) is not None}
    if not uppers:
        return
    mask = np.zeros_like(level.mask)
    for upper in uppers.values():
        x, y, width, height = upper.box
        mask[y : y + height, x : x + width] |= upper.ink
    found: dict[int, list[Candidate]] = {i: [] for i in uppers}
    for c in read(mask):
        box = Box(*(round(side * level.scale) for side in c.box))
        found[max(uppers, key=lambda i: uppers[i].share(box))].append(c)
    for i, pieces_above in found.items():
        above = _without_rests(pieces_above)
        others = [c.box for key, c in chosen.items() if key not in keys[i] and c.confidence >= SURE]
        if _is_likelier(above, [chosen[key] for key in keys[i]], others):
            for key in keys[i]:
                del chosen[key]
            chosen |= {(i, -1 - k): c for k, c in enumerate(above)}


def _is_open(key: Key, candidate: Candidate) -> bool:
    """Whether a shape is one piece that is no digit beyond doubt by itself, or a part of one."""
    if len(key) == 1:
        return candidate.confidence < BEYOND_DOUBT or _widest([candidate]) > NO_DIGIT
    return len(key) == 2 and key[1] < 0


@dataclass(frozen=True, slots=True)
class _Upper:
    """What stands on an underline.

    Attributes:
        box: of the ink with the line, pixels of its level.
        ink: uint8 (box.height, box.width), 255 ink, without the line.
    """

    box: Box
    ink: Image

    def share(self, box: Box) -> int:
        """How many pixels of the ink lie in a box of the level."""
        x, y = box.x - self.box.x, box.y - self.box.y
        return int(np.count_nonzero(self.ink[max(0, y) : max(0, y + box.height), max(0, x) : max(0, x + box.width)]))


def _above_line(piece: Piece, tilt: float) -> _Upper | None:
    """What is left of a piece without its underline; None where it has none."""
    width, height = piece.box.width, piece.box.height
    least = max(SHORTEST_PX, NARROWEST * height, LEAST_LENGTH * piece.stroke)
    if width < least or height < LEAST_HEIGHT * piece.stroke:
        return None
    left = _without_line(draw_pieces([piece], piece.box), piece.stroke, tilt)
    return None if left is None else _Upper(piece.box, left)


def _without_rests(above: Sequence[Candidate]) -> list[Candidate]:
    """What is read above a line without its rests and the commas that stood on it."""
    highest = max((c.box.height for c in above), default=0)
    return [c for c in above if c.box.height > (LOW_ONE if c.digit == 1 else REST) * highest]


def _is_likelier(above: Sequence[Candidate], whole: Sequence[Candidate], others: Sequence[Box]) -> bool:
    """Whether what is read above a line is rather there than what the same ink is read as with it."""
    if any(c.confidence < SURE for c in above) or all(c.digit == 1 for c in above):
        return False
    if len(above) < sum(c.confidence >= SURE for c in whole):
        return False
    if (len(above) == 1 or _is_two_cut(above, whole)) and not _juts_out(above, whole, others):
        return False
    if _widest(above) <= WIDEST < _widest(whole):
        return True
    return math.prod(c.confidence for c in above) > math.prod(c.confidence for c in whole)


def _is_two_cut(above: Sequence[Candidate], whole: Sequence[Candidate]) -> bool:
    """Whether something else is read in place of a 2, as of a 2 without its foot."""
    pairs = zip(_ordered(above), _ordered(whole), strict=False)
    return len(above) == len(whole) and any(w.digit == 2 != a.digit for a, w in pairs)


def _juts_out(above: Sequence[Candidate], whole: Sequence[Candidate], others: Sequence[Box]) -> bool:
    """Whether a line of the width of all is longer than what stands on it, to both sides."""
    line = Box.around([c.box for c in whole])
    beside = [box for box in others if line.x < box.center[0] < line.x + line.width and _is_level(box, line)]
    digits = Box.around([c.box for c in above] + beside)
    shorter, longer = sorted((digits.x - line.x, line.x + line.width - digits.x - digits.width))
    if len(above) == 1 and (above[0].box.width > LONE * line.width or shorter < EVENLY * longer):
        return False
    return shorter >= JUTS * max(c.box.width for c in above)


def _is_level(box: Box, line: Box) -> bool:
    return line.y < box.center[1] < line.y + line.height


def _ordered(found: Sequence[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda c: c.box.center[0])


def _widest(found: Sequence[Candidate]) -> float:
    """How many times as wide as high the widest of some shapes is."""
    return max(c.box.width / c.box.height for c in found)


def _without_line(ink: Image, stroke: float, tilt: float) -> Image | None:
    """The ink of one piece, uint8 (h, w), 255 ink, without its underline."""
    height, width = ink.shape
    inked = ink[::-1] > 0
    lowest = inked.argmax(axis=0)
    # From the lowest ink of a column up to the next blank.
    blank = ~inked & (np.arange(height)[:, None] > lowest)
    run = np.where(blank.any(axis=0), blank.argmax(axis=0), height) - lowest
    bare = run <= BROADER * stroke + 1
    if bare.sum() < BARE * width:
        return None
    thickness, foot = float(np.median(run[bare])), height - 1.0 - lowest
    stray = STRAY * thickness + 1
    line = _course(foot, bare, stray)
    if abs(math.degrees(math.atan2(line[-1] - line[0], width) - tilt)) > ASLANT_DEG:
        return None
    on_line = np.abs(foot - line) <= stray
    if (on_line & bare).sum() < BARE * width or on_line.sum() < ON_LINE * width:
        return None
    rows = np.arange(height)[:, None]
    of_line = (rows >= np.ceil(line - thickness)) & (rows <= np.floor(line + stray)) & (on_line | (rows > foot))
    left = np.where(of_line, np.uint8(0), ink)
    return left if cv2.countNonZero(left) >= LEFT * cv2.countNonZero(ink) else None


def _course(foot: _Floats, bare: NDArray[np.bool_], stray: float) -> _Floats:
    """The parabola through the foot of most of the ``bare`` columns, at each column."""
    along, near = np.linspace(-1, 1, len(foot)), bare
    for degree in (1, 1, 1, 2):
        way = np.polyfit(along[near], foot[near], degree)
        off = np.abs(foot - np.polyval(way, along))
        near = bare & (off <= max(stray, float(np.median(off[bare]))))
    return np.asarray(np.polyval(way, along), np.float64)

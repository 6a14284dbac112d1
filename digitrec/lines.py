"""Ruled, squared and table lines out of the ink mask, without hurting the strokes that cross them.

Long thin straight lines are found by a probabilistic Hough transform (Matas, Galambos and Kittler 2000) at low
resolution and followed one by one; where ink leaves the line to either side a stroke crosses, and the line stays there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.folds import BROADEST_PX, without_folds
from digitrec.following import Followed, erase, follow, to_its_ends
from digitrec.glyphs import Piece
from digitrec.ink import InkLevel
from digitrec.overhang import overhangs
from digitrec.results import Image
from digitrec.sequences import missing_rules
from digitrec.straight import Line, add_line, as_line
from digitrec.tables import table_walls
from digitrec.walls import Wall

LONG = 0.22
"""A segment counts from this share of the mask's smaller side ..."""

SHORTEST_PX = 30
"""... and this length."""

VERY_LONG = 0.85
"""A single line is removed from this share of the way across the mask; shorter ones only in company."""

PART_OF_RULE, LEAST_SIDE_PX = 0.15, 200
"""One of this share of the way may be a part of a rule that bends, in a mask of at least this side: in a smaller one a
number is so long."""

FOLD = 0.4
"""A fold of the sheet is seen for this share of the way at least, ..."""

FOLDS = 3
"""... and there are so many beside each other at most."""

FLAT = 3
"""After so many lines one after the other that do not bend the sheet is flat ..."""

WHOLE = 0.98
"""A single line that bends is removed from this share on: a tall 1 is not straight either."""

MOST_BENT = 60
"""... and no more than so many are followed as they bend."""

COMPANY = 0.3
"""Lines of at least this share of the way across keep each other company."""

SLENDER = 40
"""And any only if it is this many times longer than thick: a tall 1 in a small picture is not."""

SEARCH_SIDE_PX = 270
"""Lines are searched at about this size: the transform's time goes with the number of ink pixels."""

THICKEST_PX, THICKEST_IN_SMALL_PX = 9, 7
"""Rules are thin, more so in a small picture: a straight stroke of more than this is writing."""

INKED = 0.7
"""So much of a cell's side is ink: the side of a 3 between two lines is less."""

WALL_SLACK_PX = 2.0
"""The lines of a cell, which meet darker ones, vary by this in thickness."""

BROADER, LONGER = 1.6, 1.5
"""A side of a cell that is so many times as thick as most is a stroke, unless it is so many times as long."""

BROADEST_ACROSS_PX = 27
"""A rule with strokes on it is so thick in the mean at most."""

PARALLEL_DEG = 6.0
"""Lines within this angle of each other keep each other company."""

MAX_LINES = 120
"""More is hatching or a texture."""


def without_lines(level: InkLevel, pieces: list[Piece]) -> InkLevel:
    """The level without its rules, boxes and tables: the same object where there are none."""
    side, walls = min(level.mask.shape), table_walls(pieces)
    if not walls and not any(_may_hold_rule(p, level.mask.shape) for p in pieces):
        return level
    is_small = side < LEAST_SIDE_PX and not level.coarse
    mask = remove_lines(level.mask, walls, None if is_small else level.depth)
    return level if mask is level.mask else replace(level, mask=mask)


def _may_hold_rule(piece: Piece, shape: tuple[int, ...]) -> bool:
    """Whether ink is long and thin in the mean, or reaches across the mask: broad strokes may hang on a thin rule."""
    width, height = piece.box.width, piece.box.height
    longest = max(width, height)
    if longest < max(LONG * min(shape), SHORTEST_PX) or longest <= 12 * piece.stroke:
        return False
    share = max(width / shape[1], height / shape[0])
    return piece.stroke <= (THICKEST_PX if share < FOLD else BROADEST_PX if share < VERY_LONG else BROADEST_ACROSS_PX)


def remove_lines(mask: Image, known: Sequence[Wall] = (), depth: Image | None = None) -> Image:
    """The mask without its rules: the same array where there are none.

    Args:
        mask: uint8 (h, w), 255 ink.
        known: lines that are no writing, whatever their length.
        depth: uint8 (h, w), how dark the ink is; None: of a small picture, in which it tells nothing.
    """
    if min(mask.shape) < SHORTEST_PX:
        return mask
    asked = (follow(mask, wall.line, wall.thickest, WALL_SLACK_PX, wall.curve) for wall in known)
    walls = _without_strokes([f for f in asked if f.is_thin() and np.mean(f.run > 0) >= INKED])
    walls += overhangs(mask, walls)
    bare = _without(mask, walls, depth)
    # Without the walls, which would keep company with bars that stand level.
    thickest = THICKEST_IN_SMALL_PX if depth is None else THICKEST_PX
    found = _find(bare)
    if depth is not None:
        family = _Family.of(found)
        unfolded = without_folds(bare, depth, [line for line in found if family.may_hold_fold(line, mask.shape)])
        bare, found = unfolded, found if unfolded is bare else _find(unfolded)
    followed = [follow(bare, line, thickest) for line in found]
    rules = _rules(bare, [f for f in followed if f.is_thin()])
    rules += missing_rules(bare, [f for f in rules if f.is_straight()])
    return _without(bare, rules, depth)


def _without(mask: Image, lines: Sequence[Followed], depth: Image | None) -> Image:
    """The mask without some lines; itself where there are none."""
    if not lines:
        return mask
    out = mask.copy()
    for f in lines:
        erase(out, f, depth)
    return out


def _rules(mask: Image, thin: list[Followed]) -> list[Followed]:
    """Those of the lines that are rules, each as long as it is."""
    family = _Family.of([f.line for f in thin])
    rules: list[Followed] = []
    asked = flat = 0
    for f in thin:
        if any(rule.holds(f.line) for rule in rules):
            continue
        whole = _bent(mask, f) if flat < FLAT and asked < MOST_BENT else None
        if whole is not None:
            asked, flat = asked + 1, flat + 1 if whole.is_straight() else 0
        if whole is None or (whole.is_straight() and family.makes_rule(f, mask.shape)):
            whole = f
        if whole.is_thin() and family.makes_rule(whole, mask.shape):
            rules.append(whole)
    return rules


def _without_strokes(walls: list[Followed]) -> list[Followed]:
    """Without what bounds a cell but is a 1 from top to bottom: as short as others are, and of a broader pen."""
    if not walls:
        return walls
    broad = BROADER * np.median([w.thickness for w in walls]) + WALL_SLACK_PX
    long = LONGER * np.median([w.line.length for w in walls])
    return [w for w in walls if w.thickness <= broad or w.line.length >= long]


def _find(mask: Image) -> list[Line]:
    factor = max(1, round(min(mask.shape) / SEARCH_SIDE_PX))
    size = mask.shape[1] // factor, mask.shape[0] // factor
    # A line of one pixel keeps 1 / factor of its value under averaging.
    thin = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 180 // factor).astype(np.uint8)
    least = max(LONG * min(thin.shape), SHORTEST_PX / factor)
    found = cv2.HoughLinesP(thin, 1, math.pi / 360, max(20, int(least * 0.5)), minLineLength=least, maxLineGap=5)
    if found is None:
        return []
    segments = found.reshape(-1, 4).astype(np.float64) * factor + factor / 2
    lines: list[Line] = []
    for x0, y0, x1, y1 in sorted(segments, key=lambda s: -math.hypot(s[2] - s[0], s[3] - s[1]))[: MAX_LINES * 3]:
        add_line(lines, as_line(x0, y0, x1, y1))
    return lines[:MAX_LINES]


def _bent(mask: Image, followed: Followed) -> Followed | None:
    """The whole line where it may be a part of a rule on a sheet that bends; None where it is no such part."""
    line, across = followed.line, _across(followed.line, mask.shape)
    if not PART_OF_RULE * across <= line.length < VERY_LONG * across or min(mask.shape) < LEAST_SIDE_PX:
        return None
    return to_its_ends(mask, followed)


def _across(line: Line, shape: tuple[int, ...]) -> float:
    """How far it is across the mask along a line, pixels."""
    return min(shape[1] / max(abs(math.cos(line.angle)), 1e-6), shape[0] / max(abs(math.sin(line.angle)), 1e-6))


@dataclass(frozen=True, slots=True)
class _Family:
    """Lines of one picture: the company that one of them is in tells what it is.

    Attributes:
        angles: (N,) radians.
        offsets: (N,) pixels.
        lengths: (N,) pixels.
    """

    angles: NDArray[np.float64]
    offsets: NDArray[np.float64]
    lengths: NDArray[np.float64]

    @staticmethod
    def of(lines: Sequence[Line]) -> _Family:
        return _Family(*np.array([(k.angle, k.offset, k.length) for k in lines], np.float64).reshape(-1, 3).T)

    def may_hold_fold(self, line: Line, shape: tuple[int, ...]) -> bool:
        """Whether a line is long, and has not the company that a rule has."""
        if line.length < FOLD * _across(line, shape):
            return False
        beside = np.sort(self.offsets[self._parallel(line)])
        return int((np.diff(beside) > BROADEST_PX).sum()) < FOLDS

    def makes_rule(self, followed: Followed, shape: tuple[int, ...]) -> bool:
        """Whether a line is so long, or in such company, that it is a rule."""
        line, across = followed.line, _across(followed.line, shape)
        if line.length < max(SLENDER * followed.thickness, 2 * SHORTEST_PX):
            return False
        if line.length >= (VERY_LONG if followed.is_straight() else WHOLE) * across:
            return True
        apart = np.abs(self.offsets - line.offset) > 8
        company = int((self._parallel(line) & apart & (self.lengths >= COMPANY * across)).sum())
        return company >= 3 and line.length >= COMPANY * across

    def _parallel(self, line: Line) -> NDArray[np.bool_]:
        """(N,) whether each is, nearly."""
        turn = np.abs(np.degrees(self.angles - line.angle)) % 180
        return np.asarray(np.minimum(turn, 180 - turn) < PARALLEL_DEG, np.bool_)

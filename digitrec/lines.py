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

from digitrec.glyphs import Piece
from digitrec.ink import InkLevel
from digitrec.results import Image
from digitrec.straight import Line, add_line, as_line
from digitrec.tables import table_lines

LONG = 0.22
"""A segment counts from this share of the mask's smaller side ..."""

SHORTEST_PX = 30
"""... and this length."""

VERY_LONG = 0.85
"""A single line is removed from this share of the way across the mask; shorter ones only in company."""

PART_OF_RULE, LEAST_SIDE_PX = 0.4, 200
"""One of this share of the way may be a part of a rule that bends (of a mask of at least this side: in a smaller one a
number is so long): it is followed ..."""

GAP_PX = 12
"""... as far as its ink has no such gap."""

COMPANY = 0.3
"""Lines of at least this share of the way across keep each other company."""

SLENDER = 40
"""And any only if it is this many times longer than thick: a tall 1 in a small picture is not."""

SEARCH_SIDE_PX = 270
"""Lines are searched at about this size: the transform's time goes with the number of ink pixels."""

BARE = 0.3
"""Share of a line's length at which it stands alone: writing may cover the rest."""

THICKEST_PX, THICKEST_WALL_PX = 7, 12
"""Rules are thin: a straight stroke of more than this is writing. Around a cell they may be a little thicker."""

SLACK_PX, WALL_SLACK_PX = 1.0, 2.0
"""A rule is so much thicker in places where nothing crosses; around a cell, whose lines meet darker ones, by that."""

BROADER, LONGER = 1.6, 1.5
"""A side of a cell that is so many times as thick as most is a stroke, unless it is so many times as long."""

BROAD_ON_RULE = 3.0
"""A rule with strokes on it is so many times as thick in the mean as it may be by itself."""

PARALLEL_DEG = 6.0
"""Lines within this angle of each other keep each other company."""

MAX_LINES = 120
"""More is hatching or a texture."""


def without_lines(level: InkLevel, pieces: list[Piece]) -> InkLevel:
    """The level without its rules, boxes and tables: the same object where there are none."""
    cells = table_lines(pieces)
    if not cells and not any(_may_hold_rule(p, level.mask.shape) for p in pieces):
        return level
    mask = remove_lines(level.mask, cells)
    return level if mask is level.mask else replace(level, mask=mask)


def _may_hold_rule(piece: Piece, shape: tuple[int, ...]) -> bool:
    """Whether ink is long and thin in the mean, or reaches across the mask: broad strokes may hang on a thin rule."""
    width, height = piece.box.width, piece.box.height
    longest = max(width, height)
    if longest < max(LONG * min(shape), SHORTEST_PX) or longest <= 12 * piece.stroke:
        return False
    across = width >= VERY_LONG * shape[1] or height >= VERY_LONG * shape[0]
    return piece.stroke <= THICKEST_PX * (BROAD_ON_RULE if across else 1)


def remove_lines(mask: Image, known: Sequence[Line] = ()) -> Image:
    """The mask without its rules: the same array where there are none.

    Args:
        mask: uint8 (h, w), 255 ink.
        known: lines that are no writing, whatever their length.
    """
    if min(mask.shape) < SHORTEST_PX:
        return mask
    followed = [_follow(mask, line) for line in _find(mask)]
    thin = [f for f in followed if f.is_thin()]
    lines = [f.line for f in thin]
    chosen = []
    for f in thin:
        whole = f if _is_rule(f, lines, mask.shape) else _to_its_ends(mask, f)
        if whole is f or (whole is not None and whole.is_thin() and _is_rule(whole, lines, mask.shape)):
            chosen.append(whole)
    walls = [f for f in (_follow(mask, line, THICKEST_WALL_PX, WALL_SLACK_PX) for line in known) if f.is_thin()]
    chosen += _without_strokes(walls)
    if not chosen:
        return mask
    out = mask.copy()
    for f in chosen:
        _erase(out, f)
    return out


def _without_strokes(walls: list[_Followed]) -> list[_Followed]:
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


def _to_its_ends(mask: Image, followed: _Followed) -> _Followed | None:
    """The line as far as its ink goes on, where it is long enough for a part of a rule that bends; else None."""
    line = followed.line
    across = _across(line, mask.shape)
    if line.length < PART_OF_RULE * across or min(mask.shape) < LEAST_SIDE_PX:
        return None
    spare = VERY_LONG * across
    longer = _follow(mask, replace(line, start=line.start - spare, end=line.end + spare))
    inked = np.flatnonzero(longer.run)
    gaps = np.diff(inked) > GAP_PX
    first, last = (int(np.searchsorted(inked, spare + at)) for at in (0, line.length))
    before, after = np.flatnonzero(gaps[:first]), np.flatnonzero(gaps[min(last, len(gaps)) :])
    start = inked[before[-1] + 1] if len(before) else inked[0]
    end = inked[min(last, len(gaps)) + after[0]] if len(after) else inked[-1]
    whole = replace(line, start=longer.line.start + start, end=longer.line.start + end)
    return _follow(mask, whole) if whole.length > line.length + GAP_PX else None


def _across(line: Line, shape: tuple[int, ...]) -> float:
    """How far it is across the mask along a line, pixels."""
    return min(shape[1] / max(abs(math.cos(line.angle)), 1e-6), shape[0] / max(abs(math.sin(line.angle)), 1e-6))


def _is_rule(followed: _Followed, lines: list[Line], shape: tuple[int, ...]) -> bool:
    line, across = followed.line, _across(followed.line, shape)
    if line.length < max(SLENDER * followed.thickness, 2 * SHORTEST_PX):
        return False
    if line.length >= VERY_LONG * across:
        return True
    company = 0
    for other in lines:
        turn = abs(math.degrees(line.angle - other.angle)) % 180
        apart = abs(other.offset - line.offset)
        if other is not line and min(turn, 180 - turn) < PARALLEL_DEG and apart > 8:
            company += other.length >= COMPANY * across
    return company >= 3 and line.length >= COMPANY * across


def _strip(mask: Image, line: Line, half_width: int) -> NDArray[np.bool_]:
    """The mask along the line, turned level: (2 * half_width + 1, length)."""
    length = max(2, int(line.length))
    cos, sin = math.cos(line.angle), math.sin(line.angle)
    x0, y0 = line.point(line.start)
    matrix = np.array(
        [[cos, -sin, x0 + sin * half_width], [sin, cos, y0 - cos * half_width]], np.float32
    )  # strip (column, row) -> mask (x, y)
    size = (length, 2 * half_width + 1)
    strip = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(strip > 127)


@dataclass(frozen=True, slots=True)
class _Followed:
    """A line and the ink along it.

    Attributes:
        line: where it is.
        run: of each place along it how much ink it is wide there, pixels; 0 where there is none.
        middle: of each place how far the middle of the ink lies beside the line, pixels.
        thickness: median of ``run`` where nothing crosses.
        thickest: it is no more than this where nothing crosses, pixels.
        slack: and varies by this.
    """

    line: Line
    run: NDArray[np.int16]
    middle: NDArray[np.float32]
    thickness: float
    thickest: int
    slack: float

    def is_thin(self) -> bool:
        """It is a thin line for enough of its length."""
        return bool(((self.run > 0) & (self.run <= self.thickest)).sum() >= BARE * len(self.run))


def _follow(mask: Image, line: Line, thickest: int = THICKEST_PX, slack: float = SLACK_PX) -> _Followed:
    half_width = thickest + 2
    run, first, last = _runs(_strip(mask, line, half_width))
    thin = run[(run > 0) & (run <= thickest)]
    thickness = float(np.median(thin)) if thin.size else 1.0
    middle = (first + last).astype(np.float32) / 2 - half_width
    return _Followed(line, run, middle.astype(np.float32), thickness, thickest, slack)


_SEEDS = np.array([0, -1, 1, -2, 2], np.int16)
"""Rows beside the middle one at which the line's ink may begin, the nearest first."""


def _runs(strip: NDArray[np.bool_]) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]:
    """Of each column: length, first and last row of the run of ink that meets the five middle rows; 0 for none."""
    rows = strip.shape[0]
    middle = rows // 2
    near = strip[middle + _SEEDS]
    seed = np.where(near.any(axis=0), middle + _SEEDS[near.argmax(axis=0)], np.int16(-1))
    index = np.arange(rows, dtype=np.int16)[:, None]
    blank = ~strip
    first = np.where(blank & (index < seed), index, np.int16(-1)).max(axis=0) + np.int16(1)
    last = np.where(blank & (index > seed), index, np.int16(rows)).min(axis=0) - np.int16(1)
    run = np.where(seed >= 0, last - first + np.int16(1), np.int16(0))
    return run, first, last


def _erase(out: Image, followed: _Followed) -> None:
    """Blank the line wherever no stroke crosses it."""
    run, line, thickness = followed.run, followed.line, followed.thickness
    bare = (run > 0) & (run <= thickness + max(followed.slack, 0.5 * thickness))
    columns = np.flatnonzero(bare)
    if columns.size == 0:
        return
    breaks = np.flatnonzero(np.diff(columns) > 1)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [columns.size - 1]])
    first, last = columns[starts], columns[ends]
    sums = np.concatenate([[0.0], np.cumsum(np.where(bare, followed.middle, 0), dtype=np.float64)])
    beside = (sums[last + 1] - sums[first]) / (last + 1 - first)
    points = [line.points(line.start + along, beside) for along in (first, last)]
    stretches = np.round(np.stack(points, axis=1)).astype(np.int32)
    cv2.polylines(out, list(stretches), False, 0, int(thickness) + 2)

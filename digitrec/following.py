"""A line followed through the ink: how thick it is along its way, how it bends, and how it is taken out.

A sheet in a hand is never flat: its rules are curves. Such a one is found where it is nearly straight, and followed
from there, step by step, where a parabola through what came last leads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.straight import Line

SLACK_PX = 1.0
"""A rule is so much thicker in places where nothing crosses."""

BARE = 0.3
"""Share of a line's length at which it stands alone: writing may cover the rest."""

GAP_PX = 12
"""A rule goes on as far as its ink has no such gap."""

STEP_PX = 64
"""A rule that bends is followed further by this much at a time ..."""

KNOWN_PX = 240
"""... where a parabola through so much of it leads ..."""

STRAY_PX = 3.0
"""... and its ink lies no further from there than this."""

KNOT_PX = 16
"""Its course is kept as means over so much of it."""

STRAIGHT_PX = 1.5
"""A line that bends no more is straight."""

FAINTER = 1.4
"""Strokes across a line that are so many times as dark as it tell it from themselves."""

_SEEDS = np.array([0, -1, 1, -2, 2], np.int16)
"""Rows beside the middle one at which the line's ink may begin, the nearest first."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """How a line bends.

    Attributes:
        along: (K,) places along it, ascending, pixels.
        beside: (K,) how far it lies aside there, pixels; between them the way is straight.
    """

    along: _Floats
    beside: _Floats

    def at(self, along: _Floats) -> _Floats:
        """How far it lies aside at some places."""
        return np.asarray(np.interp(along, self.along, self.beside), np.float64)


STRAIGHT = Curve(np.zeros(1), np.zeros(1))


@dataclass(frozen=True, slots=True)
class Followed:
    """A line and the ink along it.

    Attributes:
        line: where it is.
        run: of each place along it how much ink it is wide there, pixels; 0 where there is none.
        middle: of each place how far the middle of the ink lies beside the line (where it bends beside its curve).
        thickness: median of ``run`` where nothing crosses.
        thickest: it is no more than this where nothing crosses, pixels.
        slack: and varies by this.
        curve: how it bends.
    """

    line: Line
    run: NDArray[np.int16]
    middle: NDArray[np.float32]
    thickness: float
    thickest: int
    slack: float
    curve: Curve = STRAIGHT

    @property
    def thin(self) -> NDArray[np.bool_]:
        """Of each place whether nothing crosses."""
        return (self.run > 0) & (self.run <= self.thickest)

    def is_thin(self) -> bool:
        """It is a thin line for enough of its length."""
        return bool(self.thin.sum() >= BARE * len(self.run))

    def is_straight(self) -> bool:
        """Whether it hardly bends."""
        along, beside = self.curve.along, self.curve.beside
        return bool(np.abs(beside - np.interp(along, along[[0, -1]], beside[[0, -1]])).max() <= STRAIGHT_PX)

    def holds(self, other: Line) -> bool:
        """Whether another line lies on this one that bends."""
        if self.curve is STRAIGHT:
            return False
        ends = np.array([other.point(other.start), other.point((other.start + other.end) / 2), other.point(other.end)])
        cos, sin = math.cos(self.line.angle), math.sin(self.line.angle)
        along, beside = ends @ (cos, sin), ends @ (-sin, cos) - self.line.offset
        near = np.abs(beside - self.curve.at(along)) <= self.thickest
        return bool((near & (along >= self.line.start - GAP_PX) & (along <= self.line.end + GAP_PX)).all())


def follow(mask: Image, line: Line, thickest: int, slack: float = SLACK_PX, curve: Curve = STRAIGHT) -> Followed:
    """The ink of uint8 (h, w) along a line; where it is thicker than ``thickest`` pixels something crosses."""
    half_width = thickest + 2
    run, first, last = _runs(_strip(mask, line, half_width, curve))
    thin = run[(run > 0) & (run <= thickest)]
    thickness = float(np.median(thin)) if thin.size else 1.0
    middle = (first + last).astype(np.float32) / 2 - half_width
    return Followed(line, run, np.asarray(middle, np.float32), thickness, thickest, slack, curve)


def to_its_ends(mask: Image, known: Followed) -> Followed:
    """The line as far as its ink goes on, however it bends."""
    along = known.line.start + np.flatnonzero(known.thin).astype(np.float64)
    beside = known.middle[known.thin].astype(np.float64)
    if len(along) < 2 * GAP_PX:
        return known
    near = np.abs(np.polyval(np.polyfit(along, beside, 2), along) - beside) <= STRAY_PX
    along, beside = along[near], beside[near]
    if len(along) < 2 * GAP_PX:
        return known
    for forward in (True, False):
        along, beside = _further(mask, known, along, beside, forward)
    whole = replace(known.line, start=float(along.min()), end=float(along.max()) + 1)
    return follow(mask, whole, known.thickest, known.slack, _course(along, beside))


def _further(mask: Image, known: Followed, along: _Floats, beside: _Floats, forward: bool) -> tuple[_Floats, _Floats]:
    """Places along a line and how far it lies aside there, with those that follow, or go before."""
    crossed_px = 0
    for _ in range(sum(mask.shape) // STEP_PX):
        end = float(along.max() if forward else along.min())
        last = np.abs(along - end) <= KNOWN_PX
        if last.sum() < GAP_PX:  # a lone place or two beyond what crosses
            break
        way = _parabola(along[last] - end, beside[last])
        begin = end + crossed_px + 1 if forward else end - crossed_px - STEP_PX
        ahead = begin + np.arange(STEP_PX, dtype=np.float64)
        curve = Curve(ahead, np.asarray(np.polyval(way, ahead - end), np.float64))
        found = follow(mask, replace(known.line, start=begin, end=begin + STEP_PX + 0.5), known.thickest, 0, curve)
        length = reached(found.run if forward else found.run[::-1])
        inside = np.arange(STEP_PX) < length if forward else np.arange(STEP_PX) >= STEP_PX - length
        thin = found.thin & inside & (np.abs(found.middle) <= STRAY_PX)
        if length == 0 or (crossed_px and not thin.any()):
            break
        along = np.concatenate([along, ahead[thin]])
        beside = np.concatenate([beside, curve.beside[thin] + found.middle[thin]])
        crossed_px = 0 if thin.any() else STEP_PX
    return along, beside


def _parabola(along: _Floats, beside: _Floats) -> _Floats:
    """The coefficients of one through most of the places, or of a straight line through a few."""
    degree = 2 if np.ptp(along) > KNOWN_PX / 2 else 1
    way = np.polyfit(along, beside, degree)
    off = np.abs(np.polyval(way, along) - beside)
    near = off <= max(1.0, 1.5 * float(np.median(off)))  # the foot of a 2 is no part of the rule it stands on
    return np.asarray(np.polyfit(along[near], beside[near], degree), np.float64)


def reached(run: NDArray[np.int16]) -> int:
    """How far ink goes on from the beginning without a gap."""
    inked = np.concatenate([[-1], np.flatnonzero(run > 0)])
    gaps = np.flatnonzero(np.diff(inked) > GAP_PX)
    return int(inked[gaps[0]] if len(gaps) else inked[-1]) + 1


def _course(along: _Floats, beside: _Floats) -> Curve:
    """Means over a little way each."""
    knots = ((along - along.min()) // KNOT_PX).astype(np.intp)
    count = np.bincount(knots)
    held = count > 0
    means = (np.bincount(knots, weights=values)[held] / count[held] for values in (along, beside))
    return Curve(*means)


def erase(out: Image, followed: Followed, depth: Image | None = None) -> None:
    """Blank the line in a mask wherever no stroke crosses it.

    Args:
        out: uint8 (h, w), 255 ink; changed.
        followed: the line.
        depth: uint8 (h, w), how dark the ink is: a fainter line is known by that too.
    """
    run, line, thickness = followed.run, followed.line, followed.thickness
    bare = (run > 0) & (run <= thickness + max(followed.slack, 0.5 * thickness))
    if depth is not None and (followed.thin & ~bare).any():
        bare |= _fainter(followed, depth)
    columns = np.flatnonzero(bare)
    if columns.size == 0:
        return
    parted = np.diff(columns) > 1
    if followed.curve is not STRAIGHT:  # it is straight for a little way only
        parted |= columns[1:] % KNOT_PX == 0
    breaks = np.flatnonzero(parted)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [columns.size - 1]])
    first, last = columns[starts], columns[ends]
    sums = np.concatenate([[0.0], np.cumsum(np.where(bare, followed.middle, 0), dtype=np.float64)])
    beside = (sums[last + 1] - sums[first]) / (last + 1 - first)
    points = [
        line.points(line.start + along, beside + followed.curve.at(line.start + along)) for along in (first, last)
    ]
    stretches = np.round(np.stack(points, axis=1)).astype(np.int32)
    cv2.polylines(out, list(stretches), False, 0, int(max(thickness, np.median(run[columns]))) + 2)


def _fainter(followed: Followed, depth: Image) -> NDArray[np.bool_]:
    """Where a line that is fainter than the strokes across it is no thicker than such a line is at most.

    Ink begins at a share of the darkest around, so that a faint line is broader where nothing is written.
    """
    thin, crossed = followed.thin, followed.run > followed.thickest
    along = followed.line.start + np.arange(len(thin), dtype=np.float64)
    places = np.rint(followed.line.points(along, followed.curve.at(along) + followed.middle)).astype(np.intp)
    x, y = places.clip(0, np.array(depth.shape[::-1]) - 1).T
    dark = depth[y, x].astype(np.float32)
    usual = float(np.median(dark[thin]))
    if crossed.any() and np.median(dark[crossed]) < FAINTER * usual:
        return np.zeros_like(thin)
    return np.asarray(thin & (dark <= 0.5 * (1 + FAINTER) * usual), np.bool_)


def _strip(mask: Image, line: Line, half_width: int, curve: Curve) -> NDArray[np.bool_]:
    """The mask along the line, turned level and unbent: (2 * half_width + 1, length)."""
    length = max(2, int(line.length))
    cos, sin = math.cos(line.angle), math.sin(line.angle)
    if curve is not STRAIGHT:
        along = line.start + np.arange(length, dtype=np.float64)
        beside = np.arange(-half_width, half_width + 1)[:, None] + (line.offset + curve.at(along))
        x, y = along * cos - beside * sin, along * sin + beside * cos
        strip = cv2.remap(mask, x.astype(np.float32), y.astype(np.float32), cv2.INTER_NEAREST)
        return np.asarray(strip > 127)
    x0, y0 = line.point(line.start)
    matrix = np.array(
        [[cos, -sin, x0 + sin * half_width], [sin, cos, y0 - cos * half_width]], np.float32
    )  # strip (column, row) -> mask (x, y)
    size = (length, 2 * half_width + 1)
    strip = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(strip > 127)


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

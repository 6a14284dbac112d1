"""The lines of tables and boxes, straight or as a hand bends them, and how thick each may be."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.following import KNOT_PX, STRAIGHT, STRAIGHT_PX, Curve
from digitrec.glyphs import Contour, Piece
from digitrec.straight import Line, add_line, as_line

THICKEST_PX, THICKER = 12, 1.6
"""A wall is at most so thick, or so many times as thick as the table's strokes are in the mean: of a broad pen."""

REACH, SMOOTH = 3.0, 5
"""The ink of a wall begins within so many such means of the line from corner to corner; where it does is told by the
median of so many places along it."""

BEYOND_PX = 4
"""A cell's sides end where its neighbours' begin: across the line between them."""

SAME_PX = 1.5
"""Sides of neighbouring cells that lie so close to each other's line are one."""

MOST_DRAWN = 30
"""A table of more cells is printed, and its walls are straight."""

Corners = NDArray[np.float64]
"""(4, 2): x and y of each."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A line of a table.

    Attributes:
        line: from corner to corner, in pixels of the level.
        thickest: what is thicker than this crosses it, pixels.
        curve: how it bends.
    """

    line: Line
    thickest: int
    curve: Curve = STRAIGHT


def walls_of(piece: Piece, cells: Sequence[tuple[Contour, Corners]], outer: Corners | None) -> list[Wall]:
    """The walls of a table.

    Args:
        piece: its ink.
        cells: holes of it, with their corners.
        outer: the corners of its outline, where that has four: no hole tells the walls of a cell that a digit parts.
    """
    if len(cells) > MOST_DRAWN:
        return [Wall(line, THICKEST_PX) for line in _straight([ends for _, c in cells for _, ends in _sides(c)])]
    thickest = max(THICKEST_PX, math.ceil(THICKER * piece.stroke))
    straight: list[Line] = []
    walls: list[Wall] = []
    for hole, corners in cells:
        for line, ends in _sides(corners):
            curve = _course(hole, line, corners.mean(axis=0), -piece.stroke)
            if np.ptp(curve.beside) > STRAIGHT_PX:
                walls.append(Wall(ends, thickest, curve))
            else:
                straight.append(ends)
    if outer is not None:
        middle = outer.mean(axis=0)
        walls += [Wall(ln, thickest, _course(piece.outline, ln, middle, piece.stroke)) for ln, _ in _sides(outer)]
    return [Wall(line, thickest) for line in _straight(straight)] + walls


def _straight(sides: list[Line]) -> list[Line]:
    """Each line once."""
    lines: list[Line] = []
    for side in sides:
        add_line(lines, side, SAME_PX)
    return lines


def _sides(corners: Corners) -> Iterator[tuple[Line, Line]]:
    """The lines from corner to corner, each also with a little beyond its ends."""
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        beyond = (end - start) * BEYOND_PX / max(1.0, float(np.hypot(*(end - start))))
        yield as_line(*start.tolist(), *end.tolist()), as_line(*(start - beyond).tolist(), *(end + beyond).tolist())


def _course(contour: Contour, line: Line, inside: Corners, thickness: float) -> Curve:
    """Where the middle of a wall lies along its line, whose ink lies inwards of a contour; outwards if negative."""
    cos, sin = math.cos(line.angle), math.sin(line.angle)
    points = contour[:, 0].astype(np.float64)
    inwards = math.copysign(1.0, float(inside @ (-sin, cos)) - line.offset)
    along, depth = points @ (cos, sin), (points @ (-sin, cos) - line.offset) * inwards
    near = (depth <= REACH * abs(thickness)) & (along >= line.start) & (along <= line.end)
    knots = ((along[near] - line.start) // KNOT_PX).astype(np.intp)
    first = np.full(int(line.length // KNOT_PX) + 1, np.inf)
    np.minimum.at(first, knots, depth[near])
    held = np.flatnonzero(np.isfinite(first))
    if len(held) == 0:
        return STRAIGHT
    wide = np.pad(first[held], SMOOTH // 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(wide, SMOOTH), axis=1)
    places = np.asarray(line.start + (held + 0.5) * KNOT_PX, np.float64)
    return Curve(places, np.asarray(inwards * (smooth + thickness / 2), np.float64))

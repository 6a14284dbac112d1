"""Boxes and tables that numbers are written into, a form's or a sudoku's: the lines around their cells.

A cell is a hole in the ink with four corners and straight sides. Its sides are no writing where it holds some, or where
there are several of them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.glyphs import Contour, Piece
from digitrec.results import Box
from digitrec.straight import Line, add_line, as_line

LEAST_SIDE_PX = 20
"""A cell is at least so wide and high."""

LEAST_CELLS = 3
"""So many cells are a table, whatever they hold: a digit has two holes at most, one above the other ..."""

LEVEL = 0.15
"""... while two cells side by side begin and end level, to this share of their height."""

MOST_CELLS = 120
"""More are squared paper, whose rules are found as such."""

CORNERS = 0.03
"""How far a cell's side may bend, as a share of the way around it."""

SQUARE = 0.35
"""Cosine of the sharpest corner that a cell seen from the side has."""

HELD = 0.25
"""Ink of at least this share of a cell's height is held by it."""

BEYOND_PX = 4
"""A cell's sides end where its neighbours' begin: across the line between them."""

SAME_PX = 1.5
"""Sides of neighbouring cells that lie so close to each other's line are one."""

Corners = NDArray[np.float64]
"""(4, 2): x and y of each."""


def table_lines(pieces: list[Piece]) -> list[Line]:
    """The lines around the cells of tables, in pixels of the pieces' level."""
    lines: list[Line] = []
    found = [[cell for cell in map(_cell, piece.holes) if cell is not None] for piece in pieces]
    if sum(map(len, found)) > MOST_CELLS:
        return lines
    for cells in found:
        if len(cells) >= LEAST_CELLS or _side_by_side(cells) or any(_holds_ink(cell, pieces) for cell in cells):
            for cell in cells:
                for start, end in zip(cell, np.roll(cell, -1, axis=0), strict=True):
                    along = (end - start) * BEYOND_PX / max(1.0, float(np.hypot(*(end - start))))
                    add_line(lines, as_line(*(start - along).tolist(), *(end + along).tolist()), SAME_PX)
    return lines


def _cell(hole: Contour) -> Corners | None:
    """The four corners, float (4, 2), where a hole is a cell."""
    _, _, width, height = cv2.boundingRect(hole)
    if min(width, height) < LEAST_SIDE_PX:
        return None
    hull = cv2.convexHull(hole)  # a digit may touch a side
    corners = cv2.approxPolyDP(hull, CORNERS * cv2.arcLength(hull, True), True)
    if len(corners) != 4:
        return None
    points = corners[:, 0].astype(np.float64)
    sides = np.roll(points, -1, axis=0) - points
    sides /= np.hypot(*sides.T)[:, None]
    sharpest = np.abs((sides * np.roll(sides, 1, axis=0)).sum(axis=1)).max()
    return points if sharpest <= SQUARE else None


def _side_by_side(cells: list[Corners]) -> bool:
    """Whether two cells, and no more, are neighbours in a row."""
    if len(cells) != 2:
        return False
    (top, bottom), (other_top, other_bottom) = ((c[:, 1].min(), c[:, 1].max()) for c in cells)
    slack = LEVEL * min(bottom - top, other_bottom - other_top)
    return bool(abs(top - other_top) < slack and abs(bottom - other_bottom) < slack)


def _holds_ink(cell: Corners, pieces: list[Piece]) -> bool:
    """Whether another shape, large enough for a digit, lies in a cell."""
    (left, top), (right, bottom) = cell.min(axis=0), cell.max(axis=0)

    def inside(box: Box) -> bool:
        across = left < box.x and box.x + box.width < right
        down = top < box.y and box.y + box.height < bottom
        return bool(across and down and box.height >= HELD * (bottom - top))

    return any(inside(p.box) for p in pieces)

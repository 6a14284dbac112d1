"""Boxes and tables that numbers are written into, a form's or a sudoku's: the lines around their cells.

A cell is a hole in the ink with four corners and straight sides. Its sides are no writing where it holds some, or where
there are several of them.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.glyphs import Contour, Piece
from digitrec.results import Box
from digitrec.walls import MOST_DRAWN, Corners, Wall, walls_of

LEAST_SIDE_PX = 20
"""A cell is at least so wide and high."""

LEAST_CELLS = 3
"""So many cells are a table, whatever they hold: a digit has two holes at most, one above the other ..."""

LEVEL = 0.15
"""... while two cells side by side begin and end level, to this share of their height."""

MOST_CELLS = 120
"""More in one piece are squared paper, whose rules are found as such."""

FULL = 0.5
"""Cells of a table of more than are drawn by hand are at least this share of its area: squared paper breaks up around
writing and shadows."""

CORNERS = 0.03
"""How far a cell's side may bend, as a share of the way around it."""

SQUARE = 0.35
"""Cosine of the sharpest corner that a cell seen from the side has."""

HELD = 0.25
"""Ink of at least this share of a cell's height is held by it."""

WIDE, MOST_OF, ATTACHED = 1.25, 0.6, 0.03
"""A lone cell so many times as wide as high, of such a share of the piece's width and height, into which ink of so much
of its area grows, holds what touches it."""


def table_walls(pieces: list[Piece]) -> list[Wall]:
    """The lines around the cells of tables, in pixels of the pieces' level."""
    found = [[(hole, cell) for hole in piece.holes if (cell := _cell(hole)) is not None] for piece in pieces]
    tables = (
        (piece, cells)
        for piece, cells in zip(pieces, found, strict=True)
        if 0 < len(cells) <= MOST_CELLS and _is_table(piece, [corners for _, corners in cells], pieces)
    )
    return [wall for piece, cells in tables for wall in walls_of(piece, cells, _cell(piece.outline))]


def _is_table(piece: Piece, cells: list[Corners], pieces: list[Piece]) -> bool:
    if len(cells) > MOST_DRAWN:
        area = sum(cv2.contourArea(cell.astype(np.float32)) for cell in cells)
        return area >= FULL * cv2.contourArea(cv2.convexHull(piece.outline))
    if len(cells) >= LEAST_CELLS or _side_by_side(cells) or any(_holds_ink(cell, pieces) for cell in cells):
        return True
    return len(cells) == 1 and _is_frame(cells[0], piece.box) and any(map(_is_grown_into, piece.holes))


def _is_frame(cell: Corners, box: Box) -> bool:
    """Whether a cell is wide, and most of its piece."""
    sides = np.roll(cell, -1, axis=0) - cell
    across = np.abs(sides[:, 0]) > np.abs(sides[:, 1])
    lengths = np.hypot(*sides.T)
    if lengths[across].sum() < WIDE * lengths[~across].sum():
        return False
    return bool((np.ptp(cell, axis=0) >= MOST_OF * np.array((box.width, box.height))).all())


def _is_grown_into(hole: Contour) -> bool:
    """Whether ink grows into a cell from its sides, as high as a digit in it."""
    x, y, width, height = cv2.boundingRect(hole)
    if min(width, height) < LEAST_SIDE_PX:
        return False
    hull, own = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    cv2.drawContours(hull, [cv2.convexHull(hole) - (x, y)], -1, 255, cv2.FILLED)
    cv2.drawContours(own, [hole - (x, y)], -1, 255, cv2.FILLED)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.subtract(hull, own), connectivity=8)
    grown = stats[1:]
    large = grown[:, cv2.CC_STAT_AREA] >= ATTACHED * width * height
    return bool((large & (grown[:, cv2.CC_STAT_HEIGHT] >= HELD * height)).any())


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

"""Boxes and tables that numbers are written into: their lines are no writing, and hurt none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.glyphs import find_pieces
from digitrec.ink import ink_level
from digitrec.results import Image
from digitrec.tables import table_walls

PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())
CELL, PAPER, INK, LINE = 80, 238, 40, 70


def digit(page: Image, value: int, centre: tuple[float, float], height: float, pen: int = 5) -> None:
    """A pen path of ``value`` about ``centre``."""
    strokes = next(path["strokes"] for path in PATHS if path["digit"] == value)
    middle = np.concatenate([np.array(s) for s in strokes])
    middle = (middle.min(axis=0) + middle.max(axis=0)) / 2
    for stroke in strokes:
        points = np.rint((np.array(stroke) - middle) * height + centre).astype(np.int32)
        cv2.polylines(page, [points], False, INK, pen, cv2.LINE_AA)


def grid(rows: int, columns: int, thick: int = 2, every: int = 0) -> Image:
    """Empty cells; each ``every``-th line is twice as thick."""
    page = np.full((rows * CELL + 120, columns * CELL + 120), PAPER, np.uint8)
    for line in range(max(rows, columns) + 1):
        width = 2 * thick if every and line % every == 0 else thick
        at = 60 + line * CELL
        if line <= rows:
            cv2.line(page, (60, at), (60 + columns * CELL, at), LINE, width)
        if line <= columns:
            cv2.line(page, (at, 60), (at, 60 + rows * CELL), LINE, width)
    return page


def middle_of(row: int, column: int) -> tuple[float, float]:
    return 60 + (column + 0.5) * CELL, 60 + (row + 0.5) * CELL


def read(page: Image) -> list[int]:
    noisy = cv2.GaussianBlur(page, (0, 0), 0.7) + np.random.default_rng(0).normal(0, 2, page.shape)
    reading = Recognizer().read(np.clip(noisy, 0, 255).astype(np.uint8))
    return [d.digit for d in sorted(reading.digits, key=lambda d: (d.box.center[1] // CELL, d.box.x))]


def filled(page: Image, rows: Sequence[Sequence[int]], height: float, aside: tuple[float, float] = (0, 0)) -> Image:
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value >= 0:
                x, y = middle_of(r, c)
                digit(page, value, (x + aside[0], y + aside[1]), height)
    return page


@pytest.mark.parametrize("thick", [1, 2, 5])
def test_a_row_of_boxes(thick: int) -> None:
    assert read(filled(grid(1, 7, thick), [[2, 0, 7, 4, 6, 8, 3]], 52)) == [2, 0, 7, 4, 6, 8, 3]


def test_digits_that_touch_their_boxes() -> None:
    row = [2, 0, 7, 4, 6, 8, 3]
    assert read(filled(grid(1, 7), [row], 58, aside=(14, 8))) == row


def test_a_sudoku() -> None:
    rng = np.random.default_rng(4)
    rows = [[int(v) if rng.random() < 0.4 else -1 for v in rng.integers(0, 10, 9)] for _ in range(9)]
    found = read(filled(grid(9, 9, every=3), rows, 50))
    assert found == [v for row in rows for v in row if v >= 0]


def test_a_single_digit_in_its_box() -> None:
    assert read(filled(grid(1, 1), [[5]], 50)) == [5]


def test_a_1_from_the_top_of_its_box_to_the_bottom_stays() -> None:
    page = filled(grid(1, 5), [[3, -1, 5, -1, 8]], 50)
    x, _ = middle_of(0, 1)
    cv2.line(page, (round(x), 60), (round(x), 60 + CELL), INK, 9, cv2.LINE_AA)
    assert read(page) == [3, 1, 5, 8]


def test_loops_are_no_cells() -> None:
    """Nor are angular ones: one above the other is an 8, and neighbours touch only where they are as high."""
    page = np.full((400, 640), PAPER, np.uint8)
    for n in range(4):
        cv2.ellipse(page, (100 + 76 * n, 120), (38, 60), 0, 0, 360, INK, 6, cv2.LINE_AA)
        left, right = 60 + 90 * n, 110 + 90 * n
        corners = np.array([[left, 220], [right, 222], [right - 4, 370], [left + 4, 368]])
        cv2.polylines(page, [corners], True, INK, 6, cv2.LINE_AA)
        cv2.line(page, (62 + 90 * n, 295), (108 + 90 * n, 295), INK, 6, cv2.LINE_AA)
    assert table_walls(find_pieces(ink_level(page, 1.0))) == []


def frame(ways: Sequence[Sequence[tuple[int, int]]], pen: int) -> Image:
    """Lines of a hand, of which none is quite straight."""
    page = np.full((360, 640), PAPER, np.uint8)
    for way in ways:
        cv2.polylines(page, [np.array(way)], False, INK, pen, cv2.LINE_AA)
    return page


TOP, BOTTOM = [(110, 92), (300, 97), (530, 90)], [(112, 270), (320, 264), (528, 268)]
LEFT, RIGHT = [(110, 92), (115, 180), (112, 270)], [(530, 90), (524, 170), (528, 268)]


@pytest.mark.parametrize("pen", [5, 9, 15])
def test_a_frame_of_the_pen_that_writes(pen: int) -> None:
    page = frame([TOP, BOTTOM, LEFT, RIGHT], pen)
    for value, x in zip((4, 7, 3), (200, 320, 440), strict=True):
        digit(page, value, (x, 182), 105, pen)
    assert read(page) == [4, 7, 3]


def test_a_cell_that_a_digit_parts() -> None:
    """The 1 reaches from the line above to the one below: no hole tells that cell."""
    page = frame([TOP, [(112, 180), (320, 176), (527, 182)], BOTTOM, LEFT, RIGHT], 7)
    cv2.line(page, (272, 96), (228, 178), INK, 7, cv2.LINE_AA)
    digit(page, 4, (330, 138), 60, 7)
    digit(page, 5, (300, 224), 60, 7)
    assert read(page) == [1, 4, 5]


def test_a_lone_frame_with_digits_on_its_side() -> None:
    page = frame([TOP, BOTTOM, LEFT, RIGHT], 8)
    for value, x in zip((8, 3), (230, 390), strict=True):
        digit(page, value, (x, 210), 115, 8)
    assert read(page) == [8, 3]


def test_a_digit_in_half_a_box_keeps_its_strokes() -> None:
    """Ink around a hole with four corners, of which that is the smaller part, is no frame."""
    page = np.full((240, 400), PAPER, np.uint8)
    cv2.polylines(page, [np.array([(60, 60), (58, 182), (330, 180)])], False, INK, 5, cv2.LINE_AA)
    cv2.polylines(page, [np.array([(170, 60), (110, 140), (200, 140)])], False, INK, 5, cv2.LINE_AA)
    cv2.line(page, (176, 100), (170, 180), INK, 5, cv2.LINE_AA)
    assert table_walls(find_pieces(ink_level(page, 1.0))) == []


def test_squared_paper_that_breaks_up_is_no_table() -> None:
    """Its rules are found as rules; a page of as many printed cells is a table."""
    page = grid(8, 14)
    table = table_walls(find_pieces(ink_level(page, 1.0)))
    for row in range(1, 8, 2):
        for column in range(1, 13, 3):
            x, y = 60 + column * CELL, 60 + row * CELL
            page[y + 5 : y + CELL - 5, x - 5 : x + 5] = PAPER  # as of writing: four cells run together, in steps
            page[y - 5 : y + 5, x - CELL + 5 : x - 5] = PAPER
            page[y + CELL - 5 : y + CELL + 5, x + 5 : x + CELL - 5] = PAPER
    pieces = find_pieces(ink_level(page, 1.0))
    assert len(table) >= 9 + 15
    assert len(pieces[0].holes) > 40, "many are whole"
    assert table_walls(pieces) == []


def test_the_lines_of_a_table_hang_over() -> None:
    page = np.full((600, 900), PAPER, np.uint8)
    for y in range(90, 560, 110):
        cv2.line(page, (20, y), (880, y), LINE, 2, cv2.LINE_AA)
    for x in (30, 450, 870):
        cv2.line(page, (x, 25), (x, 570), LINE, 2, cv2.LINE_AA)
    digit(page, 3, (120, 145), 60)
    digit(page, 7, (560, 255), 60)
    assert read(page) == [3, 7]

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
from digitrec.tables import table_lines

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
    assert table_lines(find_pieces(ink_level(page, 1.0))) == []

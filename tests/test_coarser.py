"""What a coarser level of ink is made of, and which of its shapes are believed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.candidates import Candidate
from digitrec.coarser import open_cells, reduced_to
from digitrec.ink import InkLevel, ink_level
from digitrec.merging import merge
from digitrec.results import Box


def sheet(stroke: int) -> InkLevel:
    """The ink of a V of one pen's stroke on white paper, 640x480."""
    page = np.full((480, 640), 235, np.uint8)
    for x in (220, 420):
        cv2.line(page, (320, 380), (x, 90), 30, stroke, cv2.LINE_AA)
    return ink_level(page, 1.0)


def test_fine_ink_on_even_paper_leaves_nothing_open() -> None:
    assert open_cells(sheet(4), ()) is None


def test_a_broad_stroke_is_left_open_where_it_is() -> None:
    cells = open_cells(sheet(70), ())
    assert cells is not None
    wide = cv2.resize(cells, (640, 480), interpolation=cv2.INTER_NEAREST)
    assert wide[340, 320] == 255
    assert not wide[:30].any()
    assert not wide[:, :100].any()


@pytest.mark.parametrize("box", [Box(500, 400, 60, 40), Box(0, 0, 3, 3), Box(632, 472, 8, 8)])
def test_what_is_unclear_is_left_open(box: Box) -> None:
    cells = open_cells(sheet(4), [box])
    assert cells is not None
    wide = cv2.resize(cells, (640, 480), interpolation=cv2.INTER_NEAREST)
    assert wide[box.y : box.y + box.height, box.x : box.x + box.width].all()
    assert np.count_nonzero(wide) < 4 * (box.width + 16) * (box.height + 16)


def test_a_level_keeps_whole_pieces_that_reach_into_the_cells() -> None:
    mask = np.zeros((120, 160), np.uint8)
    mask[20:100, 20:24] = 255  # reaches into the open corner
    mask[20:100, 120:124] = 255
    cells = np.zeros((12, 16), np.uint8)
    cells[9:, :8] = 255
    level = InkLevel(mask, mask, 0.25, 0.0, mask, coarse=True)
    kept = reduced_to(level, cells)
    assert kept.mask[20:100, 20:24].all()
    assert np.count_nonzero(kept.mask) == 80 * 4
    assert not reduced_to(level, np.zeros((12, 16), np.uint8)).mask.any()
    assert np.array_equal(reduced_to(level, np.full((1, 1), 255, np.uint8)).mask, mask)
    assert np.array_equal(level.mask, mask)


def candidate(box: Box, digit: int, confidence: float) -> Candidate:
    p = np.full(11, (1 - confidence) / 10, np.float32)
    p[digit] = confidence
    return Candidate(box, np.zeros((28, 28), np.uint8), p, 200.0, 8.0, 0.25)


@pytest.mark.parametrize(
    ("things", "confidence", "believed"), [(3, 0.8, True), (20, 0.8, False), (20, 0.999, True), (3, 0.3, False)]
)
def test_a_large_shape_over_many_things_is_a_digit_only_if_it_is_plain(
    things: int, confidence: float, believed: bool
) -> None:
    clutter = [candidate(Box(110 + 15 * k, 150, 12, 20), 10, 0.9) for k in range(things)]
    large = candidate(Box(100, 100, 400, 300), 2, confidence)
    merged = merge(clutter, [large], 0.5)
    read = [c for c in merged if c.digit == 2 and c.confidence >= 0.5]
    assert read == ([large] if believed else [])
    assert len(merged) == (1 if read else things)

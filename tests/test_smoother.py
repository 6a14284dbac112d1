"""Second looks at unclear ink: gaps of a grainy stroke close, a neighbour stays out, clear shapes keep their form."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.glyphs import Glyph, Piece, draw_glyph, find_pieces
from digitrec.ink import InkLevel, ink_level
from digitrec.normalise import tight_box
from digitrec.results import Image
from digitrec.smoother import smoothed_crop, smoothed_ink

PAPER, INK = 225, 60


def level_of(page: Image) -> tuple[InkLevel, list[Piece]]:
    level = ink_level(page, 1.0)
    return level, find_pieces(level)


def page_with(*strokes: tuple[int, int, int, int]) -> Image:
    """Bars (x, y, width, height) of ink on paper."""
    page = np.full((300, 300), PAPER, np.uint8)
    for x, y, width, height in strokes:
        page[y : y + height, x : x + width] = INK
    return page


def pieces_in(ink: Image) -> int:
    return cv2.connectedComponents(cv2.threshold(ink, 96, 255, cv2.THRESH_BINARY)[1], connectivity=8)[0] - 1


def extent(ink: Image) -> tuple[int, int]:
    """Width and height of what is plainly ink."""
    box = tight_box(ink)
    assert box is not None
    return box[2:]


def test_what_faint_ink_leads_on_to_becomes_part_of_the_stroke() -> None:
    page = page_with((140, 100, 5, 60))
    page[160:164, 140:145] = 175  # too faint for ink by itself
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, (0,))
    assert extent(smoothed_ink(level, pieces, glyph))[1] > extent(glyph.ink)[1]


def test_a_ragged_stroke_is_whole() -> None:
    page = page_with((120, 100, 5, 70), (120, 100, 60, 5), (175, 100, 5, 70))
    page[100:105, 148:151] = 178
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, tuple(range(len(pieces))))
    assert pieces_in(glyph.ink) == 2
    assert pieces_in(smoothed_ink(level, pieces, glyph)) == 1


def test_a_neighbours_ink_stays_out() -> None:
    page = page_with((140, 100, 8, 60), (153, 100, 8, 60))
    level, pieces = level_of(page)
    for n in (0, 1):
        width, height = extent(smoothed_ink(level, pieces, draw_glyph(level, pieces, (n,))))
        assert width <= 12 * height / 60


@pytest.mark.parametrize("pen", [5, 7, 16])
def test_a_clear_shape_keeps_its_form(pen: int) -> None:
    """Whether it is drawn smaller, for its broad stroke, or not."""
    page = np.full((400, 400), PAPER, np.uint8)
    cv2.ellipse(page, (200, 200), (42, 60), 10, 0, 360, INK, pen, cv2.LINE_AA)
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, (0,))
    before, after = glyph.ink, smoothed_ink(level, pieces, glyph)
    ratios = [extent(image)[0] / extent(image)[1] for image in (before, after)]
    assert ratios[0] == pytest.approx(ratios[1], rel=0.1)
    assert after[after.shape[0] // 2, after.shape[1] // 2] == 0
    assert pieces_in(after) == 1
    crops = [image.astype(np.float32) for image in (glyph.crop(), smoothed_crop(level, pieces, glyph))]
    assert crops[1].shape == (28, 28)
    assert crops[0].mean() == pytest.approx(crops[1].mean(), rel=0.35)


def test_a_shape_without_depth_is_empty() -> None:
    level, pieces = level_of(page_with((140, 100, 8, 60)))
    glyph = draw_glyph(level, pieces, (0,))
    bare = Glyph(glyph.box, np.zeros_like(glyph.ink), glyph.pieces, glyph.contrast)
    assert not smoothed_crop(level, pieces, bare).any()

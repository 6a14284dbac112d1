"""Second looks at unclear ink: gaps of a grainy stroke close, a neighbour stays out, clear shapes keep their form."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.glyphs import Glyph, Piece, draw_glyph, find_pieces
from digitrec.ink import InkLevel, ink_level
from digitrec.results import Image
from digitrec.smoother import smoothed

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


def test_what_faint_ink_leads_on_to_becomes_part_of_the_stroke() -> None:
    page = page_with((140, 100, 9, 60))
    page[160:166, 140:149] = 175  # too faint for ink by itself
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, (0,))
    again = smoothed(level, pieces, glyph)
    assert again is not None
    assert glyph.box.height <= 62
    assert again.box.height > glyph.box.height


def test_a_ragged_stroke_is_whole() -> None:
    page = page_with((120, 100, 10, 70), (120, 100, 60, 10), (170, 100, 10, 70))
    page[100:110, 148:151] = 168
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, tuple(range(len(pieces))))
    again = smoothed(level, pieces, glyph)
    assert pieces_in(glyph.ink) == 2
    assert again is not None
    assert pieces_in(again.ink) == 1


def test_a_neighbours_ink_stays_out() -> None:
    page = page_with((140, 100, 8, 60), (153, 100, 8, 60))
    level, pieces = level_of(page)
    for n in (0, 1):
        again = smoothed(level, pieces, draw_glyph(level, pieces, (n,)))
        assert again is not None
        assert again.box.width <= 12


def test_a_clear_shape_keeps_its_form() -> None:
    page = np.full((300, 300), PAPER, np.uint8)
    cv2.ellipse(page, (150, 150), (28, 40), 10, 0, 360, INK, 7, cv2.LINE_AA)
    level, pieces = level_of(page)
    glyph = draw_glyph(level, pieces, (0,))
    again = smoothed(level, pieces, glyph)
    assert again is not None
    assert abs(again.box.width - glyph.box.width) <= 3
    assert abs(again.box.height - glyph.box.height) <= 3
    assert again.ink[again.ink.shape[0] // 2, again.ink.shape[1] // 2] == 0
    assert pieces_in(again.ink) == 1


def test_a_shape_without_depth_gives_none() -> None:
    level, pieces = level_of(page_with((140, 100, 8, 60)))
    glyph = draw_glyph(level, pieces, (0,))
    bare = Glyph(glyph.box, np.zeros_like(glyph.ink), glyph.pieces, glyph.contrast)
    assert smoothed(level, pieces, bare) is None

"""Unclear shapes with the fainter ink that they go on into: whole digits of a pencil whose pressure varies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.candidates import Candidate
from digitrec.classifier import open_classifier
from digitrec.fainter import with_fainter_ink
from digitrec.glyphs import Piece, find_pieces
from digitrec.ink import InkLevel, ink_level
from digitrec.levels import LevelReader
from digitrec.merging import merge
from digitrec.recognizer import DEFAULT_MODEL
from digitrec.results import Box, Image

PAPER, INK, FAINT = 225, 60, 205


def page_with_seven(foot: int = FAINT) -> Image:
    """A 7 whose stem pales down to ``foot``."""
    page = np.full((420, 420), PAPER, np.uint8)
    cv2.line(page, (150, 150), (228, 150), INK, 7, cv2.LINE_AA)
    for y in range(150, 280):
        tone = INK + (foot - INK) * min(1.0, (y - 150) / 60)
        x = 226 - (y - 150) // 3
        page[y : y + 1, x : x + 7] = round(tone)
    return page


def found(page: Image) -> tuple[InkLevel, list[Piece]]:
    level = ink_level(page, 1.0)
    return level, find_pieces(level)


def test_a_shape_grows_by_the_fainter_ink_that_hangs_together_with_it() -> None:
    level, pieces = found(page_with_seven())
    assert max(p.box.y + p.box.height for p in pieces) < 240
    fuller = with_fainter_ink(level, level.mask, pieces)
    assert fuller is not None
    assert max(p.box.y + p.box.height for p in find_pieces(fuller)) > 270


def test_fainter_ink_by_itself_is_none() -> None:
    page = page_with_seven()
    cv2.line(page, (330, 150), (330, 260), FAINT, 6)
    level, pieces = found(page)
    fuller = with_fainter_ink(level, level.mask, pieces)
    assert fuller is not None
    assert all(p.box.x + p.box.width < 300 for p in find_pieces(fuller))


def test_other_shapes_are_left_out() -> None:
    page = page_with_seven()
    cv2.circle(page, (330, 200), 30, INK, 6)
    level, pieces = found(page)
    bar = [p for p in pieces if p.box.x < 250]
    fuller = with_fainter_ink(level, level.mask, bar)
    assert fuller is not None
    assert len(find_pieces(fuller)) == len(bar)


def test_what_was_a_rule_is_no_ink_however_faint() -> None:
    level, pieces = found(page_with_seven())
    ruled = level.mask.copy()
    ruled[215:300, 170:225] = 255
    fuller = with_fainter_ink(level, ruled, pieces)
    assert fuller is None or max(p.box.y + p.box.height for p in find_pieces(fuller)) < 260


def test_nothing_is_looked_at_where_nothing_is_fainter() -> None:
    level, pieces = found(page_with_seven(INK))
    assert with_fainter_ink(level, level.mask, pieces) is None
    assert with_fainter_ink(level, level.mask, []) is None


def candidate(box: Box, digit: int, confidence: float) -> Candidate:
    p = np.full(11, (1 - confidence) / 10, np.float32)
    p[digit] = confidence
    return Candidate(box, np.zeros((28, 28), np.uint8), p, 200.0, 3.0, 1.0)


@pytest.mark.parametrize(
    ("whole", "confidence", "fuller", "believed"),
    [(7, 0.999, True, True), (7, 0.999, False, False), (7, 0.8, True, False), (10, 0.999, False, False)],
)
def test_a_sure_digit_with_all_its_ink_replaces_what_was_read_of_a_part(
    whole: int, confidence: float, fuller: bool, believed: bool
) -> None:
    part, more = candidate(Box(100, 100, 40, 60), 1, 0.7), candidate(Box(100, 100, 60, 120), whole, confidence)
    assert merge([part], [more], 0.5, fuller) == ([more] if believed else [part])


@pytest.mark.parametrize(("part_digit", "sure", "stays"), [(1, False, False), (1, True, True), (4, False, True)])
def test_a_stroke_of_a_star_that_is_paler_elsewhere_is_no_1(part_digit: int, sure: bool, stays: bool) -> None:
    """Where a sure digit stands in the picture, the fainter ink may be what a 1 touches."""
    part, star = candidate(Box(100, 100, 40, 60), part_digit, 0.7), candidate(Box(100, 100, 90, 90), 10, 0.999)
    others = [candidate(Box(400, 100, 60, 90), 5, 0.9999)] if sure else []
    assert merge([part, *others], [star], 0.5, fuller=True) == ([part, *others] if stays else [star])


def test_a_digit_of_about_the_same_size_stays_what_it_is() -> None:
    first, second = candidate(Box(100, 100, 60, 90), 4, 0.9), candidate(Box(100, 100, 60, 95), 9, 0.999)
    assert merge([first], [second], 0.5, fuller=True) == [first]


def test_a_1_does_not_grow_along_a_rule() -> None:
    one, beside = candidate(Box(100, 100, 40, 90), 1, 0.99), candidate(Box(40, 100, 50, 90), 6, 0.99)
    assert merge([one, beside], [candidate(Box(60, 98, 180, 95), 1, 0.999)], 0.5, fuller=True) == [one, beside]


def test_a_desk_full_of_shapes_is_not_looked_at() -> None:
    page = np.full((800, 800), PAPER, np.uint8)
    for n in range(64):
        x, y = 30 + 95 * (n % 8), 30 + 95 * (n // 8)
        cv2.drawMarker(page, (x, y), INK, cv2.MARKER_TILTED_CROSS, 24, 4)
        cv2.line(page, (x + 14, y + 14), (x + 34, y + 34), FAINT, 4)
    reader = LevelReader(ink_level(page, 1.0), (800, 800), open_classifier(DEFAULT_MODEL, None), None)
    assert reader.fainter(reader.candidates()) is None

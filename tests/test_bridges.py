"""Broken strokes: mended where faint ink leads across, left alone where paper shows or two strokes only come close."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.bridges import with_bridges
from digitrec.glyphs import find_pieces
from digitrec.ink import InkLevel, ink_level
from digitrec.results import Image


def level_of(page: Image) -> InkLevel:
    return ink_level(cv2.GaussianBlur(page, (0, 0), 0.8), 1.0)


def broken(*, gap: int, tone: int, paper: int = 225, ink: int = 60) -> Image:
    """An upright stroke of 7 px, in its middle a gap in which the ink is of another ``tone``."""
    page = np.full((420, 420), paper, np.uint8)
    cv2.rectangle(page, (200, 150), (206, 230), ink, -1)
    cv2.rectangle(page, (200, 186), (206, 185 + gap), tone, -1)
    return page


def pieces_of(page: Image) -> int:
    level = level_of(page)
    return len(find_pieces(with_bridges(level, find_pieces(level))))


@pytest.mark.parametrize("gap", [7, 8, 10])
def test_faint_ink_joins_what_it_leads_between(gap: int) -> None:
    page = broken(gap=gap, tone=175)
    assert len(find_pieces(level_of(page))) == 2
    assert pieces_of(page) == 1


@pytest.mark.parametrize(
    ("gap", "tone"), [(7, 225), (7, 212), (24, 170)], ids=["paper", "a trace", "too far for one stroke"]
)
def test_other_gaps_stay(gap: int, tone: int) -> None:
    assert pieces_of(broken(gap=gap, tone=tone)) == 2


def test_two_strokes_side_by_side_are_not_joined_by_their_soft_edges() -> None:
    page = np.full((420, 420), 225, np.uint8)
    cv2.rectangle(page, (200, 150), (206, 230), 60, -1)
    cv2.rectangle(page, (214, 150), (220, 230), 60, -1)
    page[150:231, 207:214] = 180
    level = level_of(page)
    assert len(find_pieces(level)) == 2
    assert with_bridges(level, find_pieces(level)) is level


def test_noise_joins_nothing() -> None:
    page = broken(gap=7, tone=200).astype(np.float32) + np.random.default_rng(1).normal(0, 9, (420, 420))
    assert pieces_of(np.clip(page, 0, 255).astype(np.uint8)) >= 2


def test_a_clean_page_and_a_texture_are_left_as_they_are() -> None:
    empty = level_of(np.full((420, 420), 225, np.uint8))
    assert with_bridges(empty, find_pieces(empty)) is empty
    page = np.full((420, 420), 225, np.uint8)
    for y in range(20, 400, 14):
        for x in range(20, 400, 14):
            cv2.rectangle(page, (x, y), (x + 8, y + 8), 60, -1)
            cv2.rectangle(page, (x + 9, y + 3), (x + 13, y + 5), 170, -1)
    texture = level_of(page)
    assert with_bridges(texture, find_pieces(texture)) is texture

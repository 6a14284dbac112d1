"""Pale ink is read where all of it is, and the grain of a bare sheet is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.ink import ink_level
from digitrec.pale import PALE, may_be_pale
from digitrec.results import Hint, Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


def page(text: str, share: float, paper: int = 215, grain: float = 2.0) -> Image:
    """A sheet with ink that is darker than it by a share of its light; of less than nothing lighter."""
    sheet = np.full((720, 1280, 3), paper, np.uint8)
    ink = round((1 - share) * paper)
    cv2.putText(sheet, text, (330, 420), cv2.FONT_HERSHEY_SIMPLEX, 4, (ink, ink, ink), 9, cv2.LINE_AA)
    noise = np.random.default_rng(3).normal(0, grain, sheet.shape)
    return np.clip(sheet + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("share", [0.05, 0.08, 0.12, 0.2])
@pytest.mark.parametrize("paper", [130, 215, 250])
def test_pale_digits(recognizer: Recognizer, paper: int, share: float) -> None:
    assert texts(recognizer, page("48265", share, paper)) == ["48265"]


def test_pale_chalk(recognizer: Recognizer) -> None:
    assert texts(recognizer, page("48265", -0.7, 50)) == ["48265"]


def test_pale_digits_in_a_shadow_s_half_of_the_sheet(recognizer: Recognizer) -> None:
    sheet = page("48265", 0.1).astype(np.float32)
    sheet[:, 640:] *= 0.6
    assert texts(recognizer, np.clip(sheet, 0, 255).astype(np.uint8)) == ["48265"]


@pytest.mark.parametrize("seed", range(6))
def test_grain_is_no_writing(recognizer: Recognizer, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sheet = np.full((720, 1280), rng.uniform(100, 230), np.float32)
    for size in (2, 6, 20):
        rough = rng.normal(0, 1, (720 // size + 1, 1280 // size + 1)).astype(np.float32)
        sheet += rng.uniform(0.5, 4) * cv2.resize(rough, (1280, 720), interpolation=cv2.INTER_CUBIC)
    assert not recognizer.read(np.clip(sheet, 0, 255).astype(np.uint8)).digits


def test_an_even_sheet_is_not_looked_at_again(recognizer: Recognizer) -> None:
    bare = page("", 0.1)
    assert not may_be_pale(ink_level(bare[..., 0].copy(), 1.0), [])
    assert may_be_pale(ink_level(page("48265", 0.06)[..., 0].copy(), 1.0), [])
    assert recognizer.read(bare).hint is Hint.NO_INK


def test_ink_begins_earlier_where_it_is_pale() -> None:
    channel = page("48265", 0.05)[..., 0].copy()
    usual, pale = ink_level(channel, 1.0), ink_level(channel, 1.0, look=PALE)
    assert cv2.countNonZero(usual.mask) == 0
    assert cv2.countNonZero(pale.mask) > 5000

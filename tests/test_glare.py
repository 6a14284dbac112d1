"""Digits where the sheet mirrors a lamp: paler than the others, on paper that is lighter."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


def page(*numbers: str) -> Image:
    picture = np.full((360, 900, 3), (205, 210, 212), np.uint8)
    for row, text in enumerate(numbers):
        cv2.putText(picture, text, (60, 140 + 150 * row), cv2.FONT_HERSHEY_SIMPLEX, 3, (50, 40, 40), 7, cv2.LINE_AA)
    return picture


def mirrored(picture: Image, share: float) -> Image:
    """A lamp's light on the right of the picture."""
    veil = np.zeros(picture.shape[:2], np.float32)
    veil[:, 460:] = share
    veil = cv2.GaussianBlur(veil, (0, 0), 40)[..., None]
    return np.clip(picture * (1 - veil) + 255 * veil, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("share", [0.5, 0.75, 0.85])
def test_digits_in_a_glare(recognizer: Recognizer, share: float) -> None:
    assert texts(recognizer, mirrored(page("27453968", "36072947"), share)) == ["27453968", "36072947"]


def test_what_is_as_pale_on_paper_that_is_no_lighter_is_left_out(recognizer: Recognizer) -> None:
    """It shows through from the other side, or was rubbed out."""
    picture = page("2745", "3607")
    for row, text in enumerate(("396", "294")):
        cv2.putText(picture, text, (520, 140 + 150 * row), cv2.FONT_HERSHEY_SIMPLEX, 3, (178, 180, 182), 7, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["2745", "3607"]

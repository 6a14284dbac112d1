"""Writing that shows through from the other side of the sheet."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec import Recognizer
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

FONT = cv2.FONT_HERSHEY_SIMPLEX


def both_sides(depth: float, turned: bool = True) -> np.ndarray:
    """A page with "2745" on this side, and numbers on the other that show through with a share of its depth."""
    front, back = np.zeros((520, 900), np.uint8), np.zeros((520, 900), np.uint8)
    cv2.putText(front, "2745", (60, 110), FONT, 2.4, 255, 6, cv2.LINE_AA)
    for row, text in enumerate(("72483", "35697", "24078")):
        cv2.putText(back, text, (250, 230 + 110 * row), FONT, 2.4, 255, 6, cv2.LINE_AA)
    back = cv2.GaussianBlur(back[:, ::-1] if turned else back, (0, 0), 1.5)
    ink = np.maximum(front, depth * back)[..., None] / 255
    return np.asarray(240 - 190 * ink * np.ones(3), np.uint8)


def test_what_shows_through_is_not_read(recognizer: Recognizer) -> None:
    assert texts(recognizer, both_sides(0.36)) == ["2745"]


def test_pale_writing_on_this_side_is_read(recognizer: Recognizer) -> None:
    assert texts(recognizer, both_sides(0.36, turned=False)) == ["2745", "72483", "35697", "24078"]

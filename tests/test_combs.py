"""A form's comb: strokes at an even pitch on a line, with digits between them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer

__all__ = ["recognizer"]


def comb(pitch: int, teeth: int, line: bool) -> Image:
    """A comb whose first cells hold digits."""
    picture = np.full((300, 1000, 3), 240, np.uint8)
    for i in range(teeth):
        x = 60 + pitch * i
        cv2.line(picture, (x, 150), (x, 200), (70, 70, 70), 4, cv2.LINE_AA)
    if line:
        cv2.line(picture, (60, 200), (60 + pitch * (teeth - 1), 200), (70, 70, 70), 4, cv2.LINE_AA)
    for i, text in enumerate("2735"):
        cv2.putText(
            picture, text, (60 + pitch * i + 14, 190), cv2.FONT_HERSHEY_SIMPLEX, 2, (90, 50, 40), 5, cv2.LINE_AA
        )
    return picture


@pytest.mark.parametrize(("pitch", "teeth"), [(70, 12), (80, 11)])
@pytest.mark.parametrize("line", [True, False])
def test_the_teeth_of_a_comb_are_no_1s(recognizer: Recognizer, pitch: int, teeth: int, line: bool) -> None:
    digits = recognizer.read(comb(pitch, teeth, line)).digits
    assert [d.digit for d in sorted(digits, key=lambda d: d.box.x)] == [2, 7, 3, 5]


def test_1s_that_a_hand_wrote_stay(recognizer: Recognizer) -> None:
    picture = np.full((240, 800, 3), 240, np.uint8)
    cv2.putText(picture, "25", (30, 150), cv2.FONT_HERSHEY_SIMPLEX, 2.6, (70, 50, 40), 6, cv2.LINE_AA)
    for i, (aside, up, high) in enumerate([(-9, 4, 58), (8, -5, 74), (-3, 0, 62), (11, 5, 70), (-8, -2, 57)]):
        x, y = 190 + 95 * i + aside, 84 + up
        cv2.line(picture, (x + 6, y), (x, y + high), (70, 50, 40), 7, cv2.LINE_AA)
    assert [d.digit for d in recognizer.read(picture).digits] == [2, 5, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("tick", [12, 18])
def test_the_ticks_of_a_number_line_are_no_1s(recognizer: Recognizer, tick: int) -> None:
    picture = np.full((400, 960, 3), 240, np.uint8)
    cv2.putText(picture, "27 35", (60, 130), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (60, 50, 40), 5, cv2.LINE_AA)
    cv2.line(picture, (60, 260), (900, 260), (60, 50, 50), 3, cv2.LINE_AA)
    for x in range(60, 901, 42):
        cv2.line(picture, (x, 260 - tick), (x, 260 + tick), (60, 50, 50), 2, cv2.LINE_AA)
    assert [d.digit for d in recognizer.read(picture).digits] == [2, 7, 3, 5]

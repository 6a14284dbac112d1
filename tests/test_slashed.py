"""A 0 with a stroke through it is a 0; what else has two holes is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

INK = (40, 30, 30)


def page() -> Image:
    return np.full((360, 640, 3), (225, 228, 230), np.uint8)


def oval(picture: Image, x: int, height: int, pen: int, aspect: float = 0.62) -> None:
    axes = round(aspect * height / 2), height // 2
    cv2.ellipse(picture, (x, 180), axes, 0, 0, 360, INK, pen, cv2.LINE_AA)


@pytest.mark.parametrize(("height", "pen"), [(40, 3), (70, 4), (70, 8), (160, 9), (160, 20)])
@pytest.mark.parametrize("beyond", [0.0, 0.12])
def test_a_slashed_zero(recognizer: Recognizer, height: int, pen: int, beyond: float) -> None:
    """The stroke ends on the ring, or goes on beyond it."""
    picture = page()
    oval(picture, 320, height, pen)
    aside, up = round((0.24 + beyond) * height), round((0.36 + beyond) * height)
    cv2.line(picture, (320 - aside, 180 + up), (320 + aside, 180 - up), INK, pen, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["0"]


@pytest.mark.parametrize(("height", "pen"), [(70, 4), (70, 8), (160, 9), (160, 20)])
def test_one_whose_stroke_falls(recognizer: Recognizer, height: int, pen: int) -> None:
    """Left-handed people cross it so."""
    picture = page()
    oval(picture, 320, height, pen)
    aside, up = round(0.24 * height), round(0.36 * height)
    cv2.line(picture, (320 - aside, 180 - up), (320 + aside, 180 + up), INK, pen, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["0"]


@pytest.mark.parametrize("height", [60, 140])
def test_a_narrow_one_with_a_long_stroke(recognizer: Recognizer, height: int) -> None:
    picture = page()
    oval(picture, 320, height, max(3, height // 13), 0.5)
    aside, up = round(0.32 * height), round(0.58 * height)
    cv2.line(picture, (320 - aside, 180 + up), (320 + aside, 180 - up), INK, max(3, height // 13), cv2.LINE_AA)
    assert texts(recognizer, picture) == ["0"]


def test_in_a_number(recognizer: Recognizer) -> None:
    picture = page()
    cv2.putText(picture, "7", (180, 205), cv2.FONT_HERSHEY_SIMPLEX, 2.4, INK, 5, cv2.LINE_AA)
    oval(picture, 262, 54, 5)
    cv2.line(picture, (250, 200), (274, 160), INK, 5, cv2.LINE_AA)
    cv2.putText(picture, "3", (290, 205), cv2.FONT_HERSHEY_SIMPLEX, 2.4, INK, 5, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["703"]


@pytest.mark.parametrize("turn_deg", [0, -20])
def test_an_8_keeps_its_holes(recognizer: Recognizer, turn_deg: int) -> None:
    picture = page()
    cv2.putText(picture, "8", (290, 220), cv2.FONT_HERSHEY_SIMPLEX, 4, INK, 8, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((320, 180), turn_deg, 1)
    picture = cv2.warpAffine(picture, turn, (640, 360), borderValue=(225, 228, 230))
    assert "0" not in "".join(texts(recognizer, picture))


@pytest.mark.parametrize("ends", [((-40, 0), (40, 0)), ((0, -62), (0, 62))], ids=["theta", "phi"])
def test_letters_with_two_holes_are_no_digits(recognizer: Recognizer, ends: tuple[tuple[int, int], ...]) -> None:
    picture = page()
    oval(picture, 320, 124, 8, 0.7)
    (ax, ay), (bx, by) = ends
    cv2.line(picture, (320 + ax, 180 + ay), (320 + bx, 180 + by), INK, 8, cv2.LINE_AA)
    assert recognizer.read(picture).digits == ()


def test_an_8_that_hangs_together_with_its_neighbour_is_no_slashed_0(recognizer: Recognizer) -> None:
    picture = page()
    cv2.polylines(picture, [np.array([(222, 128), (258, 122), (240, 232)])], False, INK, 7, cv2.LINE_AA)
    cv2.line(picture, (232, 184), (292, 187), INK, 7, cv2.LINE_AA)
    cv2.ellipse(picture, (306, 160), (25, 24), 13, 0, 360, INK, 7, cv2.LINE_AA)
    cv2.ellipse(picture, (329, 189), (27, 27), 13, 0, 360, INK, 7, cv2.LINE_AA)
    assert "0" not in "".join(texts(recognizer, picture))

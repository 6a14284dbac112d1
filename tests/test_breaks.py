"""Digits in two pieces of which each looks like a digit, as of a pen that skips; and what only looks so."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

INK, PAPER = (40, 30, 30), (225, 228, 230)


def page(*ways: list[tuple[int, int]]) -> Image:
    picture = np.full((360, 640, 3), PAPER, np.uint8)
    for way in ways:
        cv2.polylines(picture, [np.array(way)], False, INK, 7, cv2.LINE_AA)
    return picture


def others(picture: Image) -> None:
    """A 2 and a 5 on either side, which are whole."""
    for text, x in (("2", 150), ("5", 440)):
        cv2.putText(picture, text, (x, 226), cv2.FONT_HERSHEY_SIMPLEX, 4, INK, 7, cv2.LINE_AA)


def skip(picture: Image, centre: tuple[int, int], across: tuple[int, int]) -> None:
    """Where the pen skipped: 10 px along its way."""
    (x, y), (dx, dy) = centre, across
    cv2.line(picture, (x - dx, y - dy), (x + dx, y + dy), PAPER, 10)


def nine() -> Image:
    picture = page([(343, 158), (341, 190), (336, 228)])
    cv2.ellipse(picture, (320, 163), (23, 24), 0, 0, 360, INK, 7, cv2.LINE_AA)
    skip(picture, (341, 191), (14, 2))
    return picture


def seven() -> Image:
    picture = page([(292, 144), (346, 141), (330, 180), (318, 228)])
    skip(picture, (331, 178), (14, 5))
    return picture


def one() -> Image:
    picture = page([(322, 138), (316, 228)])
    skip(picture, (319, 184), (14, 0))
    return picture


def ring() -> Image:
    picture = page()
    cv2.ellipse(picture, (320, 184), (28, 44), 0, 0, 360, INK, 7, cv2.LINE_AA)
    skip(picture, (320, 140), (0, 12))
    skip(picture, (320, 228), (0, 12))
    return picture


def six() -> Image:
    """Its loop is a 0 beside the foot of its stem, a slanted 1."""
    picture = page([(340, 134), (316, 156), (299, 192)])
    cv2.ellipse(picture, (332, 204), (19, 24), 0, 0, 360, INK, 7, cv2.LINE_AA)
    return picture


def ring_in_three() -> Image:
    picture = page()
    cv2.ellipse(picture, (320, 184), (28, 44), 0, 0, 360, INK, 7, cv2.LINE_AA)
    skip(picture, (320, 140), (0, 12))
    skip(picture, (296, 208), (10, 6))
    skip(picture, (344, 208), (10, -6))
    return picture


WHOLE = [(nine, "9"), (seven, "7"), (one, "1"), (ring, "0"), (six, "6"), (ring_in_three, "0")]


@pytest.mark.parametrize(("broken", "text"), WHOLE)
def test_a_digit_that_broke(recognizer: Recognizer, broken, text: str) -> None:
    picture = broken()
    others(picture)
    assert texts(recognizer, picture) == [f"2{text}5"]


def test_two_strokes_side_by_side_are_two_ones(recognizer: Recognizer) -> None:
    picture = page([(303, 138), (300, 228)], [(334, 138), (332, 228)])
    others(picture)
    assert texts(recognizer, picture) == ["2115"]


def test_brackets_are_no_halves(recognizer: Recognizer) -> None:
    """They stand further apart at their ends than a pen skips."""
    picture = page()
    cv2.ellipse(picture, (330, 184), (38, 50), 0, 130, 230, INK, 7, cv2.LINE_AA)
    cv2.ellipse(picture, (312, 184), (38, 50), 0, -50, 50, INK, 7, cv2.LINE_AA)
    others(picture)
    assert "0" not in "".join(texts(recognizer, picture))


def test_close_rows_are_not_joined(recognizer: Recognizer) -> None:
    """Digits right above others, by less than the pen skips: together they are too high."""
    picture = np.full((420, 640, 3), PAPER, np.uint8)
    for y in (150, 234, 318):
        cv2.putText(picture, "1071", (120, y), cv2.FONT_HERSHEY_SIMPLEX, 3.4, INK, 7, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["1071"] * 3


def test_a_sign_of_two_strokes_is_no_two(recognizer: Recognizer) -> None:
    picture = page([(300, 172), (345, 160)], [(298, 196), (350, 186)])
    others(picture)
    assert "2" not in "".join(texts(recognizer, picture))[1:]


@pytest.mark.parametrize("gap", [6, 10, 16])
def test_two_0s_one_below_the_other_are_no_8_that_broke(recognizer: Recognizer, gap: int) -> None:
    page = np.full((400, 400, 3), 235, np.uint8)
    for y in (110, 110 + 88 + gap):
        cv2.ellipse(page, (200, y), (28, 40), 0, 0, 360, (50, 40, 40), 8, cv2.LINE_AA)
    assert [n.text for n in recognizer.read(page).numbers] == ["0", "0"]

"""Digits that touch: narrow pairs, and a 5 whose bar is a piece of ink of its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.belief import says_more
from digitrec.results import Image
from digitrec.strings import String
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

INK, PAPER = (40, 30, 30), (225, 228, 230)
X, Y = 300, 300

Way = list[tuple[int, int]]


def page(*ways: Way, rings: list[tuple[int, int, int, int]]) -> Image:
    """A line of plain digits, and below them ways and rings (x, y, half their width and height)."""
    picture = np.full((480, 640, 3), PAPER, np.uint8)
    for text, x in (("2", 120), ("3", 250), ("5", 380)):
        cv2.putText(picture, text, (x, 130), cv2.FONT_HERSHEY_SIMPLEX, 3, INK, 6, cv2.LINE_AA)
    for way in ways:
        cv2.polylines(picture, [np.add(way, (X, Y))], False, INK, 6, cv2.LINE_AA)
    for x, y, width, height in rings:
        cv2.ellipse(picture, (X + x, Y + y), (width, height), 0, 0, 360, INK, 6, cv2.LINE_AA)
    return picture


NINETEEN = page([(-16, 2), (-19, 70)], [(16, 14), (15, 45), (8, 72)], rings=[(0, 20, 16, 18)])
THREE: Way = [(-14, 6), (2, 0), (14, 12), (10, 28), (-6, 34), (12, 40), (16, 56), (4, 70), (-16, 66)]
THIRTY_ONE = page(THREE, [(21, 0), (17, 72)], rings=[])
FIVE: Way = [(24, 2), (26, 26), (44, 24), (56, 38), (48, 56), (24, 58)]
FLAG: Way = [(36, 0), (72, -4)]
OH_FIVE = page(FIVE, FLAG, rings=[(0, 30, 24, 30)])


@pytest.mark.parametrize(("picture", "text"), [(NINETEEN, "19"), (THIRTY_ONE, "31"), (OH_FIVE, "05")])
def test_what_touches_is_read(recognizer: Recognizer, picture: Image, text: str) -> None:
    assert texts(recognizer, picture)[-1] == text


def test_a_dash_over_a_zero_is_no_part_of_it(recognizer: Recognizer) -> None:
    assert texts(recognizer, page(FLAG, rings=[(0, 30, 24, 30)]))[-1] == "0"


def read(digits: tuple[int, ...], probability: float) -> String:
    rows = np.full((len(digits), 11), 0.01, np.float32)
    return String(digits, rows, tuple(map(float, range(len(digits)))), probability ** len(digits))


@pytest.mark.parametrize(
    ("together", "alone", "more"),
    [
        (read((0, 5), 0.9), read((0, 10), 0.9), True),  # alone no number
        (read((0, 5), 0.3), read((0, 10), 0.9), False),  # hardly likely
        (read((0, 10), 0.9), read((0,), 0.5), False),
        (read((0, 5), 0.96), read((0,), 0.99), True),  # a digit more, and plain
        (read((0, 5), 0.9), read((0,), 0.99), False),
        (read((0, 5), 0.9), read((0, 6), 0.8), True),
        (read((0, 5), 0.8), read((0, 6), 0.9), False),
        (read((0, 5), 0.9), read((0, 5), 0.8), False),  # the same
    ],
)
def test_fragments_belong_to_what_says_more_with_them(together: String, alone: String, more: bool) -> None:
    assert says_more(together, alone) is more


@pytest.mark.parametrize("end", [80, 112])
def test_a_five_has_its_bar_however_long(recognizer: Recognizer, end: int) -> None:
    """Without it, it would be a 5, too, but stand far from what follows."""
    body: Way = [(24, 8), (22, 28), (42, 24), (58, 38), (50, 56), (24, 58)]
    five = recognizer.read(page(body, [(34, 0), (end, -4)], rings=[])).digits[-1]
    assert five.digit == 5
    assert five.box.width > 0.9 * (end - 22)

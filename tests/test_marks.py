"""Question and exclamation marks, and percent signs, are no digits; digits under or over a speck are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from tests.test_brackets import digits
from tests.test_reader import hand, recognizer, written

__all__ = ["hand", "recognizer"]

PEN = (40, 30, 30)
LEFT, FOOT = 400, 212
"""Beside the last digit, at its foot."""


def beside(hand, strokes: list[list[tuple[int, int]]], dots: list[tuple[int, int]]) -> np.ndarray:
    """The number 36 with strokes and dots of a pen beside it, from (0, 0) at its foot, y upwards."""
    page = written(hand, "36", height=60)
    for stroke in strokes:
        points = np.array([(LEFT + x, FOOT - y) for x, y in stroke], np.int32)
        cv2.polylines(page, [points], False, PEN, 6, cv2.LINE_AA)
    for x, y in dots:
        cv2.circle(page, (LEFT + x, FOOT - y), 5, PEN, cv2.FILLED, cv2.LINE_AA)
    return page


QUESTION = [(2, 48), (10, 62), (26, 62), (32, 48), (26, 38), (18, 32), (18, 20)]
EXCLAMATION = [(18, 64), (18, 20)]
DOT = (18, 4)


@pytest.mark.parametrize("stroke", [QUESTION, EXCLAMATION])
def test_question_and_exclamation_marks(recognizer: Recognizer, hand, stroke: list[tuple[int, int]]) -> None:
    assert digits(recognizer, beside(hand, [stroke], [DOT])) == "36"


def test_without_a_dot_it_is_a_one(recognizer: Recognizer, hand) -> None:
    assert digits(recognizer, beside(hand, [EXCLAMATION], [])) == "361"


def test_a_speck_under_a_one_that_stands_on_the_line(recognizer: Recognizer, hand) -> None:
    assert digits(recognizer, beside(hand, [[(18, 64), (18, 2)]], [(18, -16)])) == "361"


def test_percent_sign(recognizer: Recognizer, hand) -> None:
    page = beside(hand, [[(56, 64), (16, 0)]], [])
    for x, y in ((12, 50), (60, 14)):
        cv2.ellipse(page, (LEFT + x, FOOT - y), (10, 12), 0, 0, 360, PEN, 4, cv2.LINE_AA)
    assert digits(recognizer, page) == "36"


def test_small_zeros_beside_a_one_are_digits(recognizer: Recognizer, hand) -> None:
    page = beside(hand, [[(46, 64), (36, 0)]], [])
    for x in (8, 72):
        cv2.ellipse(page, (LEFT + x, FOOT - 30), (10, 16), 0, 0, 360, PEN, 5, cv2.LINE_AA)
    assert digits(recognizer, page) == "36010"


@pytest.mark.parametrize("long", [12, 18, 22])
def test_commas(recognizer: Recognizer, hand, long: int) -> None:
    assert digits(recognizer, beside(hand, [[(14, 8), (13, 2), (6, 8 - long)]], [])) == "36"


@pytest.mark.parametrize("size", [8, 11, 13])
def test_degree_signs(recognizer: Recognizer, hand, size: int) -> None:
    page = beside(hand, [], [])
    cv2.ellipse(page, (LEFT + 14, FOOT - 58 + size), (size, size), 0, 0, 360, PEN, 4, cv2.LINE_AA)
    assert digits(recognizer, page) == "36"


def test_small_zeros_side_by_side_are_cents(recognizer: Recognizer, hand) -> None:
    page = beside(hand, [], [])
    for x in (14, 42):
        cv2.ellipse(page, (LEFT + x, FOOT - 44), (10, 14), 0, 0, 360, PEN, 4, cv2.LINE_AA)
    assert digits(recognizer, page) == "3600"


def test_percent_sign_whose_stroke_runs_through_a_ring(recognizer: Recognizer, hand) -> None:
    page = beside(hand, [[(56, 64), (16, 0)]], [])
    for x, y in ((12, 50), (46, 12)):
        cv2.ellipse(page, (LEFT + x, FOOT - y), (10, 12), 0, 0, 360, PEN, 4, cv2.LINE_AA)
    assert digits(recognizer, page) == "36"

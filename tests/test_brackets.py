"""Brackets around a part of a number are no 1s."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from tests.test_reader import hand, recognizer, written

__all__ = ["hand", "recognizer"]


def bracketed(hand, text: str, bow: int) -> np.ndarray:
    """``text`` with strokes of 70 px in place of ``(`` and ``)``, whose middles lie ``bow`` px outwards."""
    page = written(hand, text.replace("(", "1").replace(")", "1"), height=60)
    side = 84 * 0.85
    for place, char in enumerate(text):
        if char in "()":
            x = (640 - len(text) * round(side)) // 2 + round(side * place)
            page[100:270, x : x + 71] = (225, 228, 230)
            down = np.linspace(-1, 1, 15)
            outwards = bow * (1 - down**2) * (-1 if char == "(" else 1)
            points = np.stack([x + 40 + outwards, 180 + 35 * down], axis=1)
            cv2.polylines(page, [points.round().astype(np.int32)], False, (40, 30, 30), 6, cv2.LINE_AA)
    return page


def digits(recognizer: Recognizer, page: np.ndarray) -> str:
    return "".join(str(d.digit) for d in sorted(recognizer.read(page).digits, key=lambda d: d.box.x))


@pytest.mark.parametrize("bow", [8, 11, 14])
@pytest.mark.parametrize("text", ["(030)45", "7(42)", "(8)635"])
def test_brackets(recognizer: Recognizer, hand, text: str, bow: int) -> None:
    assert digits(recognizer, bracketed(hand, text, bow)) == text.replace("(", "").replace(")", "")


def test_straight_strokes_are_ones(recognizer: Recognizer, hand) -> None:
    assert digits(recognizer, bracketed(hand, "(30)45", 1)) == "130145"


def test_ones_that_bend_alike_are_ones(recognizer: Recognizer, hand) -> None:
    assert digits(recognizer, bracketed(hand, "(30(45", 7)) == "130145"


def test_brackets_part_a_number(recognizer: Recognizer, hand) -> None:
    assert [n.text for n in recognizer.read(bracketed(hand, "(30)45", 11)).numbers] == ["30", "45"]


def test_ones_with_a_flag_and_with_a_foot_are_no_brackets(recognizer: Recognizer, hand) -> None:
    """Of either the middle is aside of the ends, but not as of a bow."""
    page = bracketed(hand, "(30)45", 1)
    for x in (147, 361):
        page[100:270, x - 14 : x + 14] = (225, 228, 230)
    for way in ([(147, 145), (147, 195), (163, 215)], [(345, 145), (361, 165), (361, 215)]):
        cv2.polylines(page, [np.array(way)], False, (40, 30, 30), 6, cv2.LINE_AA)
    assert digits(recognizer, page) == "130145"


@pytest.mark.parametrize("text", ["7)", "36)"])
@pytest.mark.parametrize("bow", [8, 12, 15])
def test_a_bracket_behind_the_number_of_a_question(recognizer: Recognizer, hand, text: str, bow: int) -> None:
    assert digits(recognizer, bracketed(hand, text, bow)) == text[:-1]


def test_a_bent_one_of_the_others_height_is_a_one(recognizer: Recognizer, hand) -> None:
    page = bracketed(hand, "36)", 1)
    page[100:270, 380:460] = (225, 228, 230)
    down = np.linspace(-1, 1, 15)
    points = np.stack([410 + 5 * (1 - down**2), 180 + 28 * down], axis=1)
    cv2.polylines(page, [points.round().astype(np.int32)], False, (40, 30, 30), 6, cv2.LINE_AA)
    assert digits(recognizer, page) == "361"

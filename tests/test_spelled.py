"""Shapes that are digits by themselves and letters in a word; numbers beside words."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("mu5ked", []),
        ("hou5e5", []),
        ("m2n", []),
        ("we5tern", []),
        ("25 kg", ["25"]),
        ("25kg", ["25"]),
        ("the 8 end", ["8"]),
    ],
)
def test_what_stands_in_a_word_is_no_digit(recognizer: Recognizer, text: str, read: list[str]) -> None:
    picture = np.full((240, 1000, 3), 235, np.uint8)
    cv2.putText(picture, text, (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, (40, 40, 40), 5, cv2.LINE_AA)
    assert texts(recognizer, picture) == read


@pytest.mark.parametrize(("line", "read"), [("to 247", ["247"]), ("of 36 or 45", ["36", "45"]), ("204 m", ["204"])])
def test_a_ring_lower_than_the_digits_beside_one_letter_is_no_0(
    recognizer: Recognizer, line: str, read: list[str]
) -> None:
    picture = np.full((240, 1400, 3), 235, np.uint8)
    cv2.putText(picture, line, (40, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, (40, 40, 40), 5, cv2.LINE_AA)
    assert texts(recognizer, picture) == read

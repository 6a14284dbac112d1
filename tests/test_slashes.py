"""Slashes and bars part numbers; 1s of about their neighbours' height, upright or slanted, are 1s."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from tests.test_reader import hand, recognizer, texts, written

__all__ = ["hand", "recognizer"]

SIDE = 71
"""From digit to digit, pixels."""


def parted(hand, text: str, height: int, lean: int, size: tuple[int, int] = (900, 360)) -> np.ndarray:
    """``text`` in digits of some 55 px with strokes of ``height`` px in place of ``/``, leaning by ``lean`` px."""
    page = written(hand, text.replace("/", "1"), height=60, size=size)
    for place, char in enumerate(text):
        if char == "/":
            x, y = (size[0] - len(text) * SIDE) // 2 + SIDE * place, size[1] // 2
            page[y - 60 : y + 60, x + 2 : x + SIDE] = (225, 228, 230)
            ends = (x + 42 + lean // 2, y - height // 2), (x + 42 - lean // 2, y + height // 2)
            cv2.line(page, *ends, (40, 30, 30), 6, cv2.LINE_AA)
    return page


@pytest.mark.parametrize(("height", "lean"), [(64, 18), (72, 24), (90, 34)])
@pytest.mark.parametrize("date", ["24/05/2036", "7/8/26", "2036/7/24"])
def test_dates(recognizer: Recognizer, hand, date: str, height: int, lean: int) -> None:
    assert texts(recognizer, parted(hand, date, height, lean)) == date.split("/")


@pytest.mark.parametrize("text", ["3/4", "24/7", "0721/553824"])
def test_one_long_slash(recognizer: Recognizer, hand, text: str) -> None:
    assert texts(recognizer, parted(hand, text, 88, 30)) == text.split("/")


def test_bars(recognizer: Recognizer, hand) -> None:
    assert texts(recognizer, parted(hand, "36/82", 96, 2)) == ["36", "82"]


@pytest.mark.parametrize(("height", "lean"), [(60, 0), (60, 22), (66, 10)])
@pytest.mark.parametrize("text", ["3/4", "36/82", "363/58/2"])
def test_ones(recognizer: Recognizer, hand, text: str, height: int, lean: int) -> None:
    assert "".join(texts(recognizer, parted(hand, text, height, lean))) == text.replace("/", "1")


def test_at_the_end_it_is_a_one(recognizer: Recognizer, hand) -> None:
    """A slash stands between digits."""
    assert texts(recognizer, parted(hand, "38/", 88, 24)) == ["381"]


def test_what_was_struck_is_told_in_the_debug_view(recognizer: Recognizer, hand) -> None:
    reasons = [r.reason for r in recognizer.read(parted(hand, "24/05/36", 88, 30)).rejects]
    assert reasons.count("a slash between numbers") == 2


def test_on_a_canvas_a_long_stroke_is_a_one(recognizer: Recognizer, hand) -> None:
    page = parted(hand, "3/4", 88, 20)
    reading = recognizer.read(page, drawn=True)
    assert [n.text for n in reading.numbers] == ["314"]

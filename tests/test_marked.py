"""Digits under a highlighter and crossed by a red tick, and ticks by themselves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

FONT, INK = cv2.FONT_HERSHEY_SIMPLEX, (60, 40, 40)


def page(*numbers: tuple[str, int]) -> Image:
    """Numbers, each with where it begins, on white."""
    picture = np.full((300, 700, 3), 240, np.uint8)
    for text, x in numbers:
        cv2.putText(picture, text, (x, 160), FONT, 3, INK, 6, cv2.LINE_AA)
    return picture


def with_stroke(picture: Image, way: list[tuple[int, int]], colour: tuple[int, int, int], broad: int) -> Image:
    """The picture with a stroke that takes light, as a highlighter's does."""
    light = np.full_like(picture, 255)
    cv2.polylines(light, [np.array(way)], False, colour, broad, cv2.LINE_AA)
    return np.asarray(picture * (light / 255.0), np.uint8)


@pytest.mark.parametrize("colour", [(60, 170, 255), (120, 250, 140), (70, 240, 250)], ids=["orange", "green", "yellow"])
def test_digits_under_a_highlighter(recognizer: Recognizer, colour: tuple[int, int, int]) -> None:
    picture = with_stroke(page(("2745", 60), ("36", 500)), [(40, 128), (380, 128)], colour, 50)
    assert texts(recognizer, picture) == ["2745", "36"]


@pytest.mark.parametrize(
    "way", [[(110, 125), (125, 165), (200, 60)], [(100, 110), (112, 150), (160, 50)]], ids=["over", "beside"]
)
def test_digits_that_a_red_tick_crosses(recognizer: Recognizer, way: list[tuple[int, int]]) -> None:
    picture = with_stroke(page(("27", 60), ("36", 300)), way, (45, 40, 205), 6)
    assert texts(recognizer, picture) == ["27", "36"]


def test_a_stroke_of_another_pen_between_digits_is_no_1(recognizer: Recognizer) -> None:
    picture = with_stroke(page(("2", 60), ("7", 250)), [(170, 165), (195, 65)], (45, 40, 205), 6)
    assert sorted(d.digit for d in recognizer.read(picture).digits) == [2, 7]


def test_a_1_in_another_pen_than_other_numbers_stays(recognizer: Recognizer) -> None:
    picture = with_stroke(page(("27", 60)), [(550, 165), (560, 75)], (45, 40, 205), 6)
    assert sorted(d.digit for d in recognizer.read(picture).digits) == [1, 2, 7]


def test_a_plain_1_beside_a_stroke_of_another_pen_stays(recognizer: Recognizer) -> None:
    picture = np.full((300, 400, 3), 240, np.uint8)
    cv2.line(picture, (150, 80), (150, 220), INK, 7, cv2.LINE_AA)
    picture = with_stroke(picture, [(210, 220), (216, 80)], (45, 40, 205), 7)
    assert [d.box.x // 100 for d in recognizer.read(picture).digits] == [1]


def test_1s_of_a_number_of_many_colours_stay(recognizer: Recognizer) -> None:
    picture = np.full((300, 900, 3), 240, np.uint8)
    colours = [(60, 140, 30), (30, 25, 215), (190, 60, 30), (150, 30, 160), (15, 150, 20), (60, 40, 40)]
    for k, (digit, colour) in enumerate(zip("714218", colours, strict=True)):
        if digit == "1":
            cv2.line(picture, (100 + 72 * k, 160), (106 + 72 * k, 96), colour, 7, cv2.LINE_AA)
        else:
            cv2.putText(picture, digit, (75 + 72 * k, 160), FONT, 3, colour, 7, cv2.LINE_AA)
    assert texts(recognizer, picture) == ["714218"]

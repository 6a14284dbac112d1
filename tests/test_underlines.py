"""An underline that touches some of the digits above it is none of them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Box
from tests.test_reader import hand, recognizer, texts, written

__all__ = ["hand", "recognizer"]

HEIGHT = 60


def underlined(hand: dict[int, np.ndarray], text: str, *, below: int, thickness: int, slope: int = 0) -> np.ndarray:
    """``text`` of 60 px with a line of its pen, its middle so many px below the digits, wavering by a pixel or two."""
    page = written(hand, text, height=HEIGHT)
    rows, columns = np.nonzero(page[..., 0] < 130)
    x = np.arange(columns.min() - 12, columns.max() + 13, 6)
    y = rows.max() + below + slope * np.linspace(-1, 1, len(x)) + 1.5 * np.sin(x / 17)
    line = np.stack([x, y], axis=1).round().astype(np.int32)
    cv2.polylines(page, [line], False, (40, 30, 30), thickness, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("below", [-1, 2, 14])
@pytest.mark.parametrize("text", ["2026", "4711", "385", "90", "622"])
def test_a_line_of_the_same_pen(recognizer: Recognizer, hand, text: str, below: int) -> None:
    page = underlined(hand, text, below=below, thickness=6)
    assert texts(recognizer, page) == [text]
    assert all(d.box.width < 1.2 * HEIGHT for d in recognizer.read(page).digits), "the line is no part of them"


@pytest.mark.parametrize("slope", [-8, 8])
@pytest.mark.parametrize("thickness", [3, 10])
def test_a_line_that_slopes(recognizer: Recognizer, hand, thickness: int, slope: int) -> None:
    page = underlined(hand, "3864", below=1, thickness=thickness, slope=slope)
    assert texts(recognizer, page) == ["3864"]


def test_one_digit_by_itself(recognizer: Recognizer, hand) -> None:
    (digit,) = recognizer.read(underlined(hand, "8", below=1, thickness=6)).digits
    assert digit.digit == 8
    assert digit.box.width < 0.9 * HEIGHT


def test_2s_that_hang_together_by_their_feet_stay_2s(recognizer: Recognizer) -> None:
    page = np.full((240, 480, 3), 230, np.uint8)
    two = np.array([(2, 20), (8, 6), (24, 0), (42, 6), (48, 20), (40, 36), (20, 54), (0, 74), (54, 74)])
    for x in (90, 148):
        cv2.polylines(page, [two + np.array((x, 80))], False, (40, 30, 30), 7, cv2.LINE_AA)
    cv2.line(page, (90, 154), (202, 154), (40, 30, 30), 7, cv2.LINE_AA)
    assert texts(recognizer, page) == ["22"]


def test_narrow_2s_on_one_foot_are_no_underlined_7s(recognizer: Recognizer) -> None:
    page = np.full((240, 480, 3), 230, np.uint8)
    two = np.array([(0, 10), (14, 1), (30, 2), (36, 12), (26, 34), (2, 58), (34, 59), (50, 57)])
    for x in (200, 248):
        cv2.polylines(page, [two + np.array((x, 90))], False, (40, 30, 30), 5, cv2.LINE_AA)
    assert texts(recognizer, page) == ["22"]


def test_a_z_is_no_underlined_7(recognizer: Recognizer) -> None:
    page = np.full((240, 480, 3), 230, np.uint8)
    corners = np.array([(200, 80), (250, 80), (200, 160), (252, 160)])
    cv2.polylines(page, [corners], False, (40, 30, 30), 7, cv2.LINE_AA)
    assert 7 not in {d.digit for d in recognizer.read(page).digits}


def test_the_foot_of_a_sigma_is_no_underline(recognizer: Recognizer) -> None:
    page = np.full((240, 480, 3), 230, np.uint8)
    way = [(247, 83), (215, 88), (198, 96), (203, 104), (222, 116), (200, 134), (192, 143), (230, 146), (275, 145)]
    cv2.polylines(page, [np.array(way)], False, (40, 30, 30), 5, cv2.LINE_AA)
    assert not recognizer.read(page).digits


def test_boxes_lie_on_the_digits_of_two_lines_that_interlock(recognizer: Recognizer, hand) -> None:
    """The box of an underline that slopes holds digits of the line below it, which are not its."""
    upper, lower = (underlined(hand, text, below=2, thickness=5, slope=22) for text in ("5260", "3847"))
    page = np.full((480, 640, 3), (225, 228, 230), np.uint8)
    page[:360] = upper
    np.minimum(page[96 : 96 + 360], lower, out=page[96 : 96 + 360])
    reading = recognizer.read(page)
    assert [n.text for n in reading.numbers] == ["5260", "3847"]
    assert Box.around([d.box for d in reading.digits[:4]]).height < 1.8 * HEIGHT

"""Black bars beside a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.bars import moved, picture_area
from digitrec.results import Box
from tests.test_reader import hand, recognizer, texts, written

__all__ = ["hand", "recognizer"]


def with_bars(image: np.ndarray, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    framed = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(4, 6, 3))
    return cv2.imdecode(cv2.imencode(".jpg", framed, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)


BARS = [(90, 90, 0, 0), (0, 0, 150, 140), (60, 0, 0, 0), (40, 50, 60, 70)]


@pytest.mark.parametrize("bars", BARS)
def test_a_digit_near_a_bar_is_read_where_it_is(recognizer: Recognizer, hand, bars: tuple[int, ...]) -> None:
    page = written(hand, "8", height=245, size=(480, 360))
    framed = with_bars(page, *bars)
    x, y, width, height = picture_area(framed)
    assert bars[2] <= x <= bars[2] + 8 * (bars[2] > 0)
    assert bars[0] <= y <= bars[0] + 8 * (bars[0] > 0)
    assert 480 - 16 <= width <= 480
    assert 360 - 16 <= height <= 360
    reading, alone = recognizer.read(framed), recognizer.read(page)
    assert [n.text for n in reading.numbers] == ["8"]
    assert reading.size == (framed.shape[1], framed.shape[0])
    found, expected = reading.digits[0].box, alone.digits[0].box
    assert abs(found.x - bars[2] - expected.x) <= 2
    assert abs(found.y - bars[0] - expected.y) <= 2
    assert reading.numbers[0].digits == reading.digits
    seen = recognizer.explain(framed)
    assert seen.mask.shape == framed.shape[:2]
    assert seen.reading.digits[0].box == found
    assert seen.mask[found.y : found.y + found.height, found.x : found.x + found.width].any()


def test_a_bar_with_writing_in_it_is_part_of_the_picture(recognizer: Recognizer, hand) -> None:
    framed = with_bars(written(hand, "58"), 100, 0, 0, 0)
    framed[20:80, 200:440] = written(hand, "7", size=(240, 60), ink=(240, 240, 240), paper=(4, 6, 3), height=36)
    assert picture_area(framed) == Box(0, 0, 640, 460)


def test_a_dark_ground_is_no_bar(recognizer: Recognizer, hand) -> None:
    board = written(hand, "374", ink=(225, 225, 220), paper=(12, 14, 12))
    board[:40] = 0
    assert picture_area(board) == Box(0, 0, 640, 360)
    assert texts(recognizer, board) == ["374"]


def test_a_light_stroke_on_a_dark_ground_is_no_picture_between_bars(recognizer: Recognizer) -> None:
    picture = np.zeros((224, 224), np.uint8)
    cv2.line(picture, (80, 32), (80, 190), 255, 20)
    cv2.ellipse(picture, (112, 150), (32, 40), 0, 0, 360, 255, 18)
    assert picture_area(picture) == Box(0, 0, 224, 224)
    assert texts(recognizer, picture) == ["6"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2, 3), (7, 300, 3), (40, 40)])
@pytest.mark.parametrize("value", [0, 255])
def test_pictures_of_one_colour_and_any_size_have_none(shape: tuple[int, ...], value: int) -> None:
    image = np.full(shape, value, np.uint8)
    assert picture_area(image) == Box(0, 0, shape[1], shape[0])


def test_a_frame_around_a_sheet_stays_when_it_is_broad() -> None:
    """Half of the picture black: a sheet on a dark table, whose edge the reader knows how to treat."""
    image = np.full((300, 400, 3), 230, np.uint8)
    image[:140] = 2
    assert picture_area(image) == Box(0, 0, 400, 300)


def test_a_reading_of_all_of_it_stays_the_same_object(recognizer: Recognizer, hand) -> None:
    reading = recognizer.read(written(hand, "58"))
    assert moved(reading, Box(0, 0, 640, 360), (640, 360)) is reading

"""Sheets that lie on their side or upside down."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.geometry import turned_box
from digitrec.results import Box, Frame
from digitrec.standing import Standing
from digitrec.tracker import Tracker
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

FONT = cv2.FONT_HERSHEY_SIMPLEX
LINES = ["2745", "30719", "4432"]


def page() -> np.ndarray:
    image = np.full((480, 640, 3), 235, np.uint8)
    for row, text in enumerate(LINES):
        cv2.putText(image, text, (60 + 30 * row, 120 + 120 * row), FONT, 2.4, (60, 50, 40), 6, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_sheet_is_read_as_an_upright_one(recognizer: Recognizer, quarters: int) -> None:
    upright = recognizer.read(page())
    turned = recognizer.read(np.ascontiguousarray(np.rot90(page(), quarters)))
    assert [n.text for n in turned.numbers] == [n.text for n in upright.numbers] == LINES
    assert (turned.size, turned.quarters, upright.quarters) == (
        (640, 480) if quarters == 2 else (480, 640),
        -quarters % 4,
        0,
    )
    places = [turned_box(d.box, quarters, (640, 480)) for d in upright.digits]
    off = np.array(places) - np.array([d.box for d in turned.digits])
    assert np.abs(off).max() <= 2
    assert [n.box.holds(d.box) for n in turned.numbers for d in n.digits] == [True] * len(turned.digits)


def test_a_few_digits_and_words_stay_as_they_stand(recognizer: Recognizer) -> None:
    few = np.full((240, 320, 3), 235, np.uint8)
    cv2.putText(few, "699", (60, 150), FONT, 2.4, (60, 50, 40), 6, cv2.LINE_AA)
    assert texts(recognizer, few) == ["699"]
    words = np.full((480, 640, 3), 235, np.uint8)
    for row, text in enumerate(("WHEN LEHM", "MEHL EHE", "hell Lehm")):
        cv2.putText(words, text, (40, 120 + 120 * row), FONT, 2.4, (60, 50, 40), 6, cv2.LINE_AA)
    assert recognizer.read(words).quarters == 0


def test_numbers_of_a_turned_sheet_keep_their_order_while_they_are_tracked(recognizer: Recognizer) -> None:
    image, tracker = np.ascontiguousarray(np.rot90(page(), 2)), Tracker()
    for index in range(3):
        shown = tracker.update(recognizer.read(image), Frame(image, index, index / 30, "page"))
    assert [n.text for n in shown.numbers] == LINES


def test_where_little_is_left_of_a_turned_sheet_it_is_read_as_before(recognizer: Recognizer) -> None:
    image = page()
    standing = Standing(recognizer.read)
    assert [n.text for n in standing.read(upside_down(image)).numbers] == LINES
    covered = image.copy()
    covered[150:] = 235
    covered[:, :152] = 235
    (left,) = standing.read(upside_down(covered)).numbers
    assert left.text == "45" and left.box.center[0] > 160 and left.box.center[1] > 240
    assert recognizer.read(upside_down(covered)).quarters == 0, "by itself it is too little"
    assert [n.text for n in standing.read(image).numbers] == LINES, "somebody turned it round"
    blank = np.full_like(image, 235)
    cv2.putText(blank, "62", (60, 150), FONT, 2.4, (60, 50, 40), 6, cv2.LINE_AA)
    standing.read(upside_down(image))
    assert [n.text for n in standing.read(blank).numbers] == ["62"], "another sheet"


def upside_down(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.rot90(image, 2))


@pytest.mark.parametrize("quarters", range(4))
def test_a_box_turns_with_its_picture(quarters: int) -> None:
    image = np.zeros((40, 60), np.uint8)
    box = Box(7, 11, 20, 9)
    image[box.y : box.foot, box.x : box.x + box.width] = 255
    turned = cv2.boundingRect(np.ascontiguousarray(np.rot90(image, quarters)))
    there = turned_box(box, quarters, (60, 40))
    assert there == Box(*turned)
    size = (40, 60) if quarters % 2 else (60, 40)
    assert turned_box(there, -quarters, size) == box

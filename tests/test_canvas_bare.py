"""A bare stroke that somebody drew on the canvas is a 1, whatever a camera's picture would make of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.canvas.bare import with_bare_strokes
from digitrec.canvas.margin import read_with_margin
from digitrec.recognizer import Recognizer
from digitrec.results import Box, Digit, Number, Reading, Reject


def shape(box: Box, one: float, nothing: float) -> Reject:
    p = [(1 - one - nothing) / 9] * 11
    p[1], p[10] = one, nothing
    return Reject(box, "not a digit", tuple(p))


STROKE = shape(Box(100, 50, 20, 90), 0.1, 0.89)
SEVEN = Digit(Box(40, 50, 50, 90), 7, 0.99, None, (0.0,) * 7 + (0.99,) + (0.0,) * 2 + (0.01,))


def test_a_stroke_by_itself_is_a_1() -> None:
    read = with_bare_strokes(Reading((), (), (400, 300), (STROKE,)))
    assert [n.text for n in read.numbers] == ["1"]
    assert 0.5 < read.digits[0].confidence < 0.9
    assert sum(read.digits[0].probabilities) == pytest.approx(1)
    assert read.rejects == () and read.hint is None


def test_a_stroke_joins_the_number_beside_it() -> None:
    before = Reading((SEVEN,), (Number(SEVEN.box, "7", 0.99, (SEVEN,)),), (400, 300), (STROKE,))
    assert [n.text for n in with_bare_strokes(before).numbers] == ["71"]


@pytest.mark.parametrize(
    "rejects",
    [
        (STROKE, shape(Box(150, 50, 60, 90), 0.01, 0.5)),  # a letter, or whatever, stands beside it
        (shape(Box(100, 50, 90, 20), 0.3, 0.69),),  # a dash
        (shape(Box(100, 50, 20, 90), 0.01, 0.98),),  # nothing like a 1
        (shape(Box(100, 50, 20, 90), 0.3, 0.3),),  # rather another digit
    ],
)
def test_else_nothing_changes(rejects: tuple[Reject, ...]) -> None:
    before = Reading((), (), (400, 300), rejects)
    assert with_bare_strokes(before) == before


@pytest.mark.parametrize("broad", [2, 4, 8, 14])
def test_unsteady_strokes_on_the_canvas_are_read(broad: int) -> None:
    canvas = np.full((600, 800, 3), 255, np.uint8)
    y = np.linspace(0, 1, 60)
    x = 40 + 25 * y + 6 * np.sin(7 * y)
    cv2.polylines(canvas, [np.stack([x, 60 + 400 * y], 1).astype(np.int32)], False, (0, 0, 0), broad, cv2.LINE_AA)
    assert [n.text for n in read_with_margin(Recognizer(), canvas).numbers] == ["1"]

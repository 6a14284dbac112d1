"""A bare stroke that somebody drew on the canvas is a 1, whatever a camera's picture would make of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.canvas.bare import with_bare_shapes
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
    read = with_bare_shapes(Reading((), (), (400, 300), (STROKE,)))
    assert [n.text for n in read.numbers] == ["1"]
    assert 0.5 < read.digits[0].confidence < 0.9
    assert sum(read.digits[0].probabilities) == pytest.approx(1)
    assert read.rejects == () and read.hint is None


def test_a_stroke_joins_the_number_beside_it() -> None:
    before = Reading((SEVEN,), (Number(SEVEN.box, "7", 0.99, (SEVEN,)),), (400, 300), (STROKE,))
    assert [n.text for n in with_bare_shapes(before).numbers] == ["71"]


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
    assert with_bare_shapes(before) == before


@pytest.mark.parametrize("broad", [2, 4, 8, 14])
def test_unsteady_strokes_on_the_canvas_are_read(broad: int) -> None:
    canvas = np.full((600, 800, 3), 255, np.uint8)
    y = np.linspace(0, 1, 60)
    x = 40 + 25 * y + 6 * np.sin(7 * y)
    cv2.polylines(canvas, [np.stack([x, 60 + 400 * y], 1).astype(np.int32)], False, (0, 0, 0), broad, cv2.LINE_AA)
    assert [n.text for n in read_with_margin(Recognizer(), canvas).numbers] == ["1"]


@pytest.mark.parametrize(("wide", "beside"), [(0.5, False), (0.6, True), (0.85, False), (1.0, True)])
@pytest.mark.parametrize("broad", [4, 12, 30])
def test_neat_ovals_on_the_canvas_are_zeros(wide: float, beside: bool, broad: int) -> None:
    """However large beside the other digits."""
    canvas = np.full((600, 800, 3), 255, np.uint8)
    cv2.ellipse(canvas, (260, 300), (int(220 * wide), 220), 0, 0, 360, (20, 20, 20), broad, cv2.LINE_AA)
    if beside:
        for y in (270, 340):
            cv2.ellipse(canvas, (640, y), (30, 35), 0, 0, 360, (20, 20, 20), 12, cv2.LINE_AA)
    read = read_with_margin(Recognizer(), canvas)
    assert [d.digit for d in read.digits] == [0, 8][: 1 + beside]


def test_a_ring_among_other_drawings_is_none() -> None:
    p = [0.0] * 11
    p[0], p[10] = 0.7, 0.3
    ring, letter = Reject(Box(10, 10, 60, 70), "a ring", tuple(p)), shape(Box(150, 50, 60, 90), 0.01, 0.5)
    flat = Reject(Box(10, 10, 90, 70), "a ring", tuple(p))
    assert [d.digit for d in with_bare_shapes(Reading((), (), (400, 300), (ring,))).digits] == [0]
    for rejects in ((ring, letter), (flat,)):
        before = Reading((), (), (400, 300), rejects)
        assert with_bare_shapes(before) == before

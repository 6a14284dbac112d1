"""Rings and boxes that are drawn around digits are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.candidates import Candidate
from digitrec.enclosing import part_enclosing, surrounds
from digitrec.normalise import normalise
from digitrec.results import Box
from tests.test_reader import hand, recognizer, texts, written

__all__ = ["hand", "recognizer"]


def candidate(box: Box, digit: int, ink: np.ndarray, confidence: float = 0.99) -> Candidate:
    p = np.full(11, (1 - confidence) / 10, np.float32)
    p[digit] = confidence
    return Candidate(box, normalise(ink), p, 200.0, 4.0)


def oval(thickness: int, filled: bool = False) -> np.ndarray:
    ink = np.zeros((120, 100), np.uint8)
    cv2.ellipse(ink, (50, 60), (38, 50), 0, 0, 360, 255, -1 if filled else thickness, cv2.LINE_AA)
    return ink


RING = candidate(Box(100, 100, 160, 200), 0, oval(5))


@pytest.mark.parametrize(
    ("inner", "around"),
    [
        (candidate(Box(150, 160, 40, 70), 7, oval(20)), True),
        (candidate(Box(150, 160, 40, 70), 7, oval(20), 0.8), False),  # not sure
        (candidate(Box(150, 160, 20, 70), 1, oval(20)), False),  # a stroke in a 0
        (candidate(Box(170, 195, 10, 12), 4, oval(20)), False),  # a dot in a 0
        (candidate(Box(100, 160, 40, 70), 7, oval(20)), False),  # on the ring's own ink
        (candidate(Box(230, 160, 60, 70), 7, oval(20)), False),  # beside it
    ],
    ids=["inside", "unsure", "stroke", "dot", "ink", "beside"],
)
def test_what_a_ring_is_drawn_around(inner: Candidate, around: bool) -> None:
    assert surrounds(RING, inner) == around
    kept, dropped = part_enclosing([inner, RING])
    assert (dropped, kept) == (([RING], [inner]) if around else ([], [inner, RING]))


def test_a_9_whose_tail_runs_under_a_0_is_not_drawn_around_it() -> None:
    assert not surrounds(candidate(RING.box, 9, oval(5)), candidate(Box(150, 160, 40, 70), 0, oval(20)))


def test_a_filled_shape_is_drawn_around_nothing() -> None:
    inner = candidate(Box(150, 160, 40, 70), 7, oval(20))
    assert not surrounds(candidate(RING.box, 0, oval(0, filled=True)), inner)
    assert part_enclosing([]) == ([], [])


@pytest.mark.parametrize("shape", ["ring", "oval", "box"])
@pytest.mark.parametrize("reach", [70, 110, 170])
def test_a_digit_in_a_drawn_shape_is_read(recognizer: Recognizer, hand, shape: str, reach: int) -> None:
    page = written(hand, "7")
    middle = (320, 180)
    if shape == "box":
        cv2.rectangle(
            page, (middle[0] - reach, middle[1] - reach), (middle[0] + reach, middle[1] + reach), (60, 50, 50), 3
        )
    else:
        axes = (reach, reach) if shape == "ring" else (round(0.7 * reach), reach)
        cv2.ellipse(page, middle, axes, 0, 0, 360, (60, 50, 50), 3, cv2.LINE_AA)
    assert texts(recognizer, page) == ["7"]


def test_a_face_is_no_0(recognizer: Recognizer) -> None:
    page = np.full((420, 640, 3), 238, np.uint8)
    cv2.putText(page, "2047", (60, 120), cv2.FONT_HERSHEY_SIMPLEX, 2.6, (60, 50, 40), 6, cv2.LINE_AA)
    for x, size in ((140, 40), (300, 55)):
        cv2.circle(page, (x, 300), size, (60, 50, 40), 4, cv2.LINE_AA)
        for side in (-1, 1):
            cv2.circle(page, (x + side * size // 3, 300 - size // 4), 4, (60, 50, 40), -1, cv2.LINE_AA)
        cv2.ellipse(page, (x, 308), (size // 2, size // 3), 0, 20, 160, (60, 50, 40), 4, cv2.LINE_AA)
    cv2.circle(page, (460, 300), 40, (60, 50, 40), 4, cv2.LINE_AA)
    cv2.circle(page, (460, 300), 5, (60, 50, 40), -1, cv2.LINE_AA)  # a 0 with a dot
    assert texts(recognizer, page) == ["2047", "0"]

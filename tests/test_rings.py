"""Ovals that are labelled as no digit are not learnt from; all else is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec.normalise import normalise
from digitrec.results import NOT_A_DIGIT
from digitrec.training.data import Samples
from digitrec.training.drawn import draw_digits
from digitrec.training.rings import is_ring, without_rings


def shape(points: np.ndarray, width: int) -> np.ndarray:
    picture = np.zeros((120, 120), np.uint8)
    cv2.polylines(picture, [np.round(points * 80 + 20).astype(np.int32)], True, 255, width, cv2.LINE_AA)
    return normalise(picture)


def oval(wide: float, width: int) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 60)
    return shape(0.5 + 0.5 * np.stack([wide * np.cos(turn), np.sin(turn)], 1), width)


SQUARE, TRIANGLE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), np.array([[0.5, 0], [1, 1], [0, 1]])


@pytest.mark.parametrize("width", [4, 9, 16])
@pytest.mark.parametrize("wide", [0.5, 0.7, 1.0])
def test_an_upright_or_round_oval_is_a_ring(wide: float, width: int) -> None:
    assert is_ring(oval(wide, width))


@pytest.mark.parametrize("width", [4, 9])
def test_other_shapes_are_none(width: int) -> None:
    flat = np.ascontiguousarray(oval(0.5, width).T)
    eight = np.maximum(oval(0.6, width), shape(np.array([[0.2, 0.5], [0.8, 0.5]]), width))
    for crop in (flat, eight, shape(SQUARE, width), shape(TRIANGLE, width), np.zeros((28, 28), np.uint8)):
        assert not is_ring(crop)


def test_only_rings_that_are_no_digit_are_left_out() -> None:
    crops = Samples(np.stack([oval(0.7, 6), oval(0.7, 6), shape(SQUARE, 6)]), np.array([0, NOT_A_DIGIT, NOT_A_DIGIT]))
    kept = without_rings(crops)
    assert kept.y.tolist() == [0, NOT_A_DIGIT]
    assert (kept.x[1] == crops.x[2]).all()


def test_neat_zeros_are_drawn() -> None:
    drawn = draw_digits(300, np.random.default_rng(1))
    zeros = drawn.x[drawn.y == 0]
    assert len(zeros) >= 30
    assert np.mean([is_ring(crop) for crop in zeros]) > 0.8

"""Letters in a broad pen, one by itself or a page of them, are no digits."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.shared import shared_file
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]

INK = (50, 40, 40)


def letters_of(kinds: str, count: int) -> list[Image]:
    """The first so many of each kind, uint8 (64, 64), bright on black."""
    with np.load(shared_file("letters.npz")) as file:
        x, y = file["x"], file["y"]
    return [x[i] for kind in kinds for i in np.flatnonzero(y == kind)[:count]]


def seen(cover: np.ndarray, seed: int = 0) -> Image:
    """Ink, by how much it covers, on paper in uneven light."""
    light = np.linspace(0.75, 1, cover.shape[1])[:, None]
    cover = np.clip((cover - 0.25) * 2, 0, 1)[..., None]
    picture = (190 * (1 - cover) + np.array([60, 50, 50]) * cover) * light
    noise = np.random.default_rng(seed).normal(0, 4, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 1.2) + noise, 0, 255).astype(np.uint8)


def placed(glyph: Image, centre: tuple[float, float], high: float, size: tuple[int, int]) -> np.ndarray:
    scale = high / 64
    matrix = np.array([[scale, 0, centre[0] - 32 * scale], [0, scale, centre[1] - 32 * scale]], np.float32)
    return cv2.warpAffine(glyph, matrix, size, flags=cv2.INTER_CUBIC).astype(np.float32) / 255


def test_what_the_fine_level_sees_of_a_broad_letter_is_no_digit(recognizer: Recognizer) -> None:
    letters = letters_of("hkuy", 12)
    pictures = [seen(placed(letter, (320, 240), 336, (640, 480))) for letter in letters]
    assert sum(bool(recognizer.read(picture).digits) for picture in pictures) <= 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_page_of_letters_is_not_turned_until_they_are_digits(recognizer: Recognizer, seed: int) -> None:
    letters = letters_of("MNJFUWEKRPHm", 4)
    rng = np.random.default_rng(seed)
    cover = np.zeros((720, 1280), np.float32)
    for y in range(70, 680, 110):
        for x in range(60, 1240, 74):
            np.maximum(cover, placed(letters[rng.integers(len(letters))], (x, y), 66, (1280, 720)), out=cover)
    reading = recognizer.read(seen(cover, seed))
    assert reading.quarters == 0
    assert len(reading.digits) <= 5  # of 96


@pytest.mark.parametrize("beside", [False, True])
def test_a_dot_over_a_stroke_by_itself_makes_an_i(recognizer: Recognizer, beside: bool) -> None:
    picture = np.full((480, 640, 3), 225, np.uint8)
    cv2.line(picture, (320, 220), (320, 330), INK, 14, cv2.LINE_AA)
    cv2.circle(picture, (321, 185), 10, INK, -1, cv2.LINE_AA)
    if beside:
        cv2.putText(picture, "7", (220, 330), cv2.FONT_HERSHEY_SIMPLEX, 5, INK, 14, cv2.LINE_AA)
    assert texts(recognizer, picture) == (["71"] if beside else [])


@pytest.mark.parametrize("start", [(300, 220), (265, 190)])
def test_the_tail_of_a_q_does_not_cross_out_a_0(recognizer: Recognizer, start: tuple[int, int]) -> None:
    picture = np.full((480, 640, 3), 225, np.uint8)
    cv2.ellipse(picture, (320, 240), (70, 80), 0, 0, 360, INK, 14, cv2.LINE_AA)
    cv2.line(picture, start, (410, 330), INK, 14, cv2.LINE_AA)
    assert texts(recognizer, picture) == []


def test_a_broad_x_is_no_dark_label(recognizer: Recognizer) -> None:
    crosses = [seen(placed(letter, (320, 240), 300, (640, 480))) for letter in letters_of("xX", 16)]
    assert sum(bool(recognizer.read(picture).digits) for picture in crosses) <= 1

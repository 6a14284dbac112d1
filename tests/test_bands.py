"""A lamp that flickers: bands across the whole picture are no ink, and hide none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.bands import without_bands
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


def page(text: str) -> Image:
    paper = np.full((720, 1280, 3), (215, 220, 222), np.uint8)
    cv2.putText(paper, text, (330, 420), cv2.FONT_HERSHEY_SIMPLEX, 4, (105, 95, 95), 9, cv2.LINE_AA)
    noise = np.random.default_rng(3).normal(0, 2, paper.shape)
    return np.clip(paper + noise, 0, 255).astype(np.uint8)


def flickering(picture: Image, *, period: int) -> Image:
    light = 1 - 0.4 * np.clip(0.5 + np.sin(2 * np.pi * np.arange(len(picture)) / period), 0, 1)
    return np.clip(picture * light[:, None, None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize("period", [24, 40, 70])
def test_digits_in_a_lamps_flicker(recognizer: Recognizer, period: int) -> None:
    assert texts(recognizer, flickering(page("48265"), period=period)) == ["48265"]


def test_of_a_telephone_that_stands(recognizer: Recognizer) -> None:
    tall = np.concatenate([page("")[:, :720], page("907")[:, 280:1000]])
    upright = np.ascontiguousarray(flickering(tall.swapaxes(0, 1), period=40).swapaxes(0, 1))
    assert np.ptp(upright.mean(axis=(0, 2))) > 60
    assert texts(recognizer, upright) == ["907"]


@pytest.mark.parametrize("period", [24, 40, 70])
def test_flicker_alone_is_no_digit(recognizer: Recognizer, period: int) -> None:
    assert not recognizer.read(flickering(page(""), period=period)).digits


def test_of_a_grey_picture_too(recognizer: Recognizer) -> None:
    grey = cv2.cvtColor(flickering(page("907"), period=30), cv2.COLOR_BGR2GRAY)
    assert texts(recognizer, np.asarray(grey, np.uint8)) == ["907"]


def test_the_light_is_even_afterwards() -> None:
    even = without_bands(flickering(page(""), period=36))
    assert np.ptp(even[100:-100].mean(axis=(1, 2))) < 6


def test_a_picture_without_bands_is_left_as_it_is() -> None:
    plain = page("48265")
    rules = plain.copy()
    rules[60::48] = (200, 150, 110)
    books = plain.copy()
    books[:, ::37] = books[:, 1::37] = 40  # not from top to bottom
    books[300:] = plain[300:]
    assert all(without_bands(picture) is picture for picture in (plain, rules, books))


@pytest.mark.parametrize("light", [False, True])
def test_full_rows_of_writing_are_no_bands(light: bool) -> None:
    """On a dark board seven rows of chalk are as even, in the mean, as a lamp's flicker."""
    board = np.full((720, 1280, 3), (50, 70, 45) if light else (150, 160, 160), np.uint8)
    for row in range(7):
        for column in range(26):
            place = 30 + 47 * column, 100 + 90 * row
            cv2.putText(
                board,
                str((row + column) % 10),
                place,
                cv2.FONT_HERSHEY_SIMPLEX,
                2,
                (225, 228, 225) if light else (25, 20, 20),
                8,
            )
    assert without_bands(board) is board


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (240, 240), (241, 2000)])
def test_pictures_of_any_size(shape: tuple[int, int]) -> None:
    for value in (0, 255):
        picture = np.full((*shape, 3), value, np.uint8)
        assert without_bands(picture) is picture

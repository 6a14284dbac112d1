"""Stripes of shadow, as of a blind, across a sheet: its digits are read, and they are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


def striped(text: str, *, period: int, angle: float) -> Image:
    page = np.full((720, 1280, 3), (215, 220, 222), np.uint8)
    cv2.putText(page, text, (330, 420), cv2.FONT_HERSHEY_SIMPLEX, 5, (50, 40, 40), 12, cv2.LINE_AA)
    rows, columns = np.mgrid[:720, :1280]
    wave = np.sin(2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle)) / period)
    light = 1 - 0.45 * cv2.GaussianBlur((wave > 0).astype(np.float32), (0, 0), 4)
    noise = np.random.default_rng(3).normal(0, 2, page.shape)
    return np.clip(page * light[..., None] + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("period", "angle"), [(70, 0.3), (90, 1.2), (110, 2.6)])
def test_digits_in_stripes_of_shadow(recognizer: Recognizer, period: int, angle: float) -> None:
    assert texts(recognizer, striped("48265", period=period, angle=angle)) == ["48265"]


@pytest.mark.parametrize("angle", [0.0, 1.2, 1.5])
def test_stripes_alone_are_no_digits(recognizer: Recognizer, angle: float) -> None:
    assert not recognizer.read(striped("", period=80, angle=angle)).digits


@pytest.mark.parametrize("phase", [1.0, 1.6, 2.0])
def test_stripes_of_light_are_no_writing(recognizer: Recognizer, phase: float) -> None:
    """On a sheet on a dark table what lies in the light is the lightest of all."""
    page = np.full((720, 1280, 3), (20, 32, 40), np.uint8)
    cv2.rectangle(page, (215, 20), (746, 719), (215, 220, 222), cv2.FILLED)
    for text, y in (("8002", 130), ("857", 220)):
        cv2.putText(page, text, (275, y), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (110, 40, 20), 6, cv2.LINE_AA)
    rows, columns = np.mgrid[:720, :1280]
    wave = np.sin(2 * np.pi * (columns * np.cos(0.46) + rows * np.sin(0.46)) / 166 + phase)
    light = 0.8 - 0.36 * cv2.GaussianBlur((wave > 0).astype(np.float32), (0, 0), 4)
    noise = np.random.default_rng(3).normal(0, 2, page.shape)
    striped_page = np.clip(page * light[..., None] + noise, 0, 255).astype(np.uint8)
    assert texts(recognizer, striped_page) == ["8002", "857"]

"""Ruled sheets: the rules are no writing, however broad the pen that wrote across them and however the sheet bends."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.results import Image

PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())


def sheet(pen: int, bend_px: float, rows: int = 2, text: str = "2643") -> Image:
    """Two rules right across, bent so much in the middle, and ``text`` that stands across each of ``rows`` of them."""
    page = np.full((480, 640, 3), 225, np.uint8)
    x = np.arange(640)
    for row in range(2):
        y = 150 + 220 * row + bend_px * np.sin(np.pi * x / 640)
        cv2.polylines(page, [np.stack([x, y], axis=1).round().astype(np.int32)], False, (150, 140, 215), 4, cv2.LINE_AA)
        if row < rows:
            for place, value in enumerate(text):
                strokes = next(p["strokes"] for p in PATHS if p["digit"] == int(value))
                for stroke in strokes:
                    points = np.array(stroke) * 110 + (110 + 120 * place, 65 + 220 * row)
                    cv2.polylines(page, [np.rint(points).astype(np.int32)], False, (90, 60, 50), pen, cv2.LINE_AA)
    noisy = cv2.GaussianBlur(page, (0, 0), 0.8) + np.random.default_rng(3).normal(0, 2, page.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("pen", [4, 8, 13])
@pytest.mark.parametrize("bend_px", [0.0, 5.0])
def test_writing_across_a_rule_is_read_whatever_the_pen(pen: int, bend_px: float) -> None:
    page = sheet(pen, bend_px)
    assert [n.text for n in Recognizer().read(page).numbers] == ["2643", "2643"]


def test_a_bare_rule_is_nothing() -> None:
    assert Recognizer().read(sheet(8, 5.0, rows=0)).digits == ()

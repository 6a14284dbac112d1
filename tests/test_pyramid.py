"""Small writing: read without the blur that runs it together, where a page is of such writing."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from digitrec.classifier import open_classifier
from digitrec.finest import SMALL_PX, finest
from digitrec.glyphs import find_pieces
from digitrec.ink import InkLevel
from digitrec.levels import LevelReader
from digitrec.pyramid import Pyramid
from digitrec.recognizer import DEFAULT_MODEL, Recognizer
from digitrec.results import Image

PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())
NUMBERS = ("3068", "59274", "8036")


def page_of(height: float, gap: float) -> Image:
    """Three numbers of pen paths ``height`` px high, ``gap`` px apart, softly drawn at 1280x720."""
    fine = 8
    page = np.full((720, 1280), 225, np.uint8)
    pen = round(max(1.0, 0.07 * height) * fine)
    for row, text in enumerate(NUMBERS):
        x = 0.0
        line = np.zeros((int(2 * height) * fine, 300 * fine), np.uint8)
        for digit in text:
            strokes = next(path["strokes"] for path in PATHS if path["digit"] == int(digit))
            for stroke in strokes:
                points = (np.array(stroke) * height + (x + 4, 4)) * fine
                cv2.polylines(line, [np.rint(points).astype(np.int32)], False, 255, pen)
            x += height * max(p[0] for s in strokes for p in s) + gap
        ink = cv2.resize(line, (300, int(2 * height)), interpolation=cv2.INTER_AREA)
        top = 150 + 120 * row
        part = page[top : top + ink.shape[0], 400:700]
        part -= (ink * np.float32(0.65)).astype(np.uint8)
    return page


def texts(page: Image) -> list[str]:
    return [n.text for n in Recognizer().read(page).numbers]


def reader_of(level: InkLevel, bare: bool = False) -> LevelReader:
    return LevelReader(level, (1280, 720), open_classifier(DEFAULT_MODEL, 1), None, (), bare)


def test_small_writing_close_together_is_read() -> None:
    page = page_of(14, 3.0)
    pyramid = Pyramid(page)
    assert len(find_pieces(pyramid.fine())) < len(find_pieces(pyramid.fine(blurred=False, closed=False)))
    assert texts(page) == list(NUMBERS)


def test_large_writing_is_read_from_the_blurred_level() -> None:
    page = page_of(60, 14)
    pyramid = Pyramid(page)
    reader = finest(pyramid, reader_of)
    assert reader.usual_height() > SMALL_PX
    assert np.array_equal(reader.level.depth, pyramid.fine().depth)
    assert texts(page) == list(NUMBERS)


def test_a_few_small_digits_among_many_shapes_do_not_tell() -> None:
    """On a desk and in a squared sheet's lines a few shapes look like small digits."""
    page = page_of(20, 6)
    assert reader_of(Pyramid(page).fine()).usual_height() < SMALL_PX
    for x in range(20, 1260, 34):
        for y in (560, 600, 640, 680):
            cv2.line(page, (x, y), (x + 20, y + 22), 60, 2)
            cv2.line(page, (x + 20, y), (x, y + 22), 60, 2)
    assert reader_of(Pyramid(page).fine()).usual_height() == 0


def test_a_cameras_grain_in_the_dark_is_not_taken_for_writing() -> None:
    """Its grains are broader than a pixel: neighbours differ less than the noise is high."""
    rng = np.random.default_rng(3)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (720, 1280)).astype(np.float32), (0, 0), 0.8)
    page = page_of(30, 9) * np.float32(0.34) + grain / grain.std() * 9
    level = Pyramid(np.clip(page, 0, 255).astype(np.uint8)).fine()
    assert level.noise > 9
    assert not level.speckled


def test_the_debug_view_shows_ink_as_it_was_found_with_rules() -> None:
    page = page_of(60, 14)
    page[100:620:60] = page[101:620:60] = 120
    assert (Recognizer().explain(page).mask[100:620:60] > 0).mean() > 0.9

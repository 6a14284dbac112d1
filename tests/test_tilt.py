"""The sheet's tilt: told by lines, or by what digits strewn about look like; letters do not turn a sheet."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.candidates import Candidate
from digitrec.glyphs import Glyph
from digitrec.levels import LevelReader
from digitrec.pyramid import ink_levels
from digitrec.recognizer import Recognizer
from digitrec.results import Box, Image
from digitrec.tilt import TRIED_DEG, told_by_lines, told_by_shapes

PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())

SIZE = (900, 620)
PLACES = ((120, 90), (640, 150), (330, 260), (720, 420), (150, 470), (470, 520))
"""No two on a line with a third."""


HANDS = ((2, "plain"), (7, "plain"), (7, "hooked"), (4, "closed one stroke"), (7, "curved"), (3, "round"))
"""A turn to the left makes these unclear, but the first and the last."""


def strewn(tilt_deg: float) -> Image:
    """Pen paths 64 px high, one at each place, each turned alike about its middle."""
    page = np.full(SIZE[::-1], 235, np.uint8)
    turn = math.radians(tilt_deg)
    back = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    for hand, place in zip(HANDS, PLACES, strict=True):
        strokes = next(path["strokes"] for path in PATHS if (path["digit"], path["name"]) == hand)
        middle = np.concatenate([np.array(s) for s in strokes]).mean(axis=0)
        for stroke in strokes:
            points = (np.array(stroke) - middle) * 64 @ back + place
            cv2.polylines(page, [np.rint(points).astype(np.int32)], False, 60, 5, cv2.LINE_AA)
    return page


def tilt_of(page: Image) -> float:
    """What the reader takes the tilt for, degrees."""
    reader, level = Recognizer(), next(ink_levels(page))
    found = LevelReader(level, SIZE, reader._classifier, None)
    found.candidates()
    return math.degrees(found.tilt)


def read(page: Image) -> list[int]:
    return sorted(d.digit for d in Recognizer().read(page).digits)


@pytest.mark.parametrize("tilt_deg", [0, 10])
def test_digits_that_are_clear_as_they_stand_are_not_turned(tilt_deg: float) -> None:
    page = strewn(tilt_deg)
    assert tilt_of(page) == 0
    assert read(page) == [2, 3, 4, 7, 7, 7]


@pytest.mark.parametrize("tilt_deg", [-30, -24])
def test_digits_strewn_about_a_turned_sheet_are_turned_back(tilt_deg: float) -> None:
    page = strewn(tilt_deg)
    assert tilt_of(page) == pytest.approx(tilt_deg, abs=15)
    assert read(page) == [2, 3, 4, 7, 7, 7]


def test_other_shapes_do_not_turn_a_sheet() -> None:
    page = np.full(SIZE[::-1], 235, np.uint8)
    for text, (x, y) in zip("KMWRAN", PLACES, strict=True):
        cv2.putText(page, text, (x - 30, y + 30), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 60, 4, cv2.LINE_AA)
    assert tilt_of(page) == 0


SURE_ONES = 15


class AtOneTilt:
    """A network for which so many of the unsure shapes are plain 4s at the first tilt that is tried, and nowhere else.

    It is asked about these at all tilts, then about the sure ones at that tilt: they stay what they are.
    """

    def __init__(self, gained: int) -> None:
        self._sure = [gained, SURE_ONES]

    def classify(self, crops: Image) -> np.ndarray:
        rows = np.full((len(crops), 11), 0.01, np.float32)
        rows[:, 10] = 0.9
        rows[: self._sure.pop(0)] = probabilities(0.9999)
        return rows


def probabilities(four: float) -> np.ndarray:
    row = np.full(11, (1 - four) / 10, np.float32)
    row[4] = four
    return row


@pytest.mark.parametrize(("gained", "turned"), [(1, False), (2, True)])
def test_one_digit_more_among_many_letters_does_not_turn_a_sheet(gained: int, turned: bool) -> None:
    ink = np.full((40, 30), 255, np.uint8)
    shapes = []
    for n in range(20):
        box = Box(50 * n, 50, 30, 40)
        row = probabilities(0.995 if n < SURE_ONES else 0.5)
        shapes.append(
            (Glyph(box, ink, (n,), 200.0), Candidate(box, np.zeros((28, 28), np.uint8), row, 200.0, 3.0, 1.0))
        )
    tilt = told_by_shapes(shapes, AtOneTilt(gained))  # type: ignore[arg-type]
    assert math.degrees(tilt) == pytest.approx(TRIED_DEG[0] if turned else 0)


def test_lines_tell_the_tilt() -> None:
    step = math.radians(20)
    boxes = [Box(round(60 * k * math.cos(step)), round(60 * k * math.sin(step)), 30, 44) for k in range(7)]
    assert math.degrees(told_by_lines(boxes)) == pytest.approx(20, abs=1)
    assert told_by_lines(boxes[:2]) == 0

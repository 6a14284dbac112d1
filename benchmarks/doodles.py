"""What else is drawn on a sheet: faces, hearts, arrows, number lines, tables: ``python -m benchmarks.papers``."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.laid import INK, Made, Rng, Sheet, Situation, put_line
from digitrec.training.data import Samples

SCALE = 2.4
"""Of the 28x28 pictures."""

_Floats = NDArray[np.float32]
_Place = tuple[int, int]


def _face(lines: _Floats, place: _Place, size: int) -> None:
    x, y = place
    cv2.circle(lines, place, size, 1, 3, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(lines, (x + side * size // 3, y - size // 4), max(2, size // 10), 1, -1, cv2.LINE_AA)
    cv2.ellipse(lines, (x, y + size // 6), (size // 2, size // 3), 0, 20, 160, 1, 3, cv2.LINE_AA)


def _star(lines: _Floats, place: _Place, size: int) -> None:
    turns = np.arange(6) * 0.8 * math.pi - math.pi / 2
    way = np.array(place) + size * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    cv2.polylines(lines, [np.rint(way).astype(np.int32)], False, 1, 3, cv2.LINE_AA)


def _heart(lines: _Floats, place: _Place, size: int) -> None:
    t = np.linspace(0, 2 * math.pi, 60)
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    way = np.array(place) + size / 16 * np.stack([16 * np.sin(t) ** 3, -y], axis=1)
    cv2.polylines(lines, [np.rint(way).astype(np.int32)], True, 1, 3, cv2.LINE_AA)


def _arrow(lines: _Floats, place: _Place, size: int) -> None:
    cv2.arrowedLine(lines, place, (place[0] + 2 * size, place[1] - size // 3), 1, 4, cv2.LINE_AA, 0, 0.25)


def _numbers(sheet: Sheet, feet: range) -> None:
    for y in feet:
        put_line(sheet, 100 + float(sheet.rng.uniform(0, 40)), y, int(sheet.rng.integers(2, 6)), SCALE)


def doodled(digits: Samples, rng: Rng) -> Made:
    """Numbers with small drawings beside them."""
    sheet = Sheet((720, 960), digits, rng)
    _numbers(sheet, range(90, 660, 110))
    kinds = (_face, _star, _heart, _arrow)
    for y in range(90, 660, 140):
        for x in range(580, 900, 130):
            kinds[int(rng.integers(len(kinds)))](sheet.lines, (x, y), int(rng.integers(20, 44)))
    return sheet.picture(line=INK), sheet.truth


def number_lines(digits: Samples, rng: Rng) -> Made:
    """Lines with ticks at an even pitch, some of them with a digit below."""
    sheet, pitch = Sheet((720, 960), digits, rng), int(rng.integers(60, 100))
    for y in range(100, 680, 160):
        tick = int(rng.integers(8, 20))
        cv2.line(sheet.lines, (50, y), (910, y), 1, 3, cv2.LINE_AA)
        for x in range(70, 900, pitch):
            cv2.line(sheet.lines, (x, y - tick), (x, y + tick), 1, 2, cv2.LINE_AA)
            if rng.random() < 0.5:
                sheet.put((x, y + 66), 0.8 * SCALE)
    return sheet.picture(line=INK), sheet.truth


def tabled(digits: Samples, rng: Rng) -> Made:
    """Tables of a few columns, whose lines go on beyond the last of those that cross them."""
    sheet, columns = Sheet((720, 960), digits, rng), int(rng.integers(1, 4))
    for y in range(70, 720, 105):
        cv2.line(sheet.lines, (20, y), (940, y), 1, 2, cv2.LINE_AA)
    for x in np.linspace(30, 930, columns + 1):
        cv2.line(sheet.lines, (round(x), 15), (round(x), 710), 1, 2, cv2.LINE_AA)
    for x in np.linspace(30, 930, columns + 1)[:-1]:
        for y in range(123, 660, 105):
            if rng.random() < 0.6:
                put_line(sheet, x + 45, y, int(rng.integers(1, 4)), SCALE)
    return sheet.picture(), sheet.truth


DOODLES: dict[str, Situation] = {"doodled": doodled, "number_lines": number_lines, "tabled": tabled}

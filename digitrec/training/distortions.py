"""Sheets of digits made harder step by step, read as from a camera: how far each difficulty can go.

Every digit stands alone in a cell of a white sheet. The whole reader runs, so that a point of a curve says what a
person would meet: right, wrong, or not answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.recognizer import Recognizer
from digitrec.results import Image
from digitrec.training.data import Samples
from digitrec.training.scenes.ink import skeleton

_PAPER, _INK = 228.0, 45.0
_SHEET_PX = (1800, 1300)
"""Largest sheet (width, height): larger pictures would be shrunk before they are read."""

_MOST = 12, 8
"""Most digits in a row, and rows: a page with hundreds of glyphs would measure the reader's own limits."""

_UPSCALE = 6
"""Digits are redrawn with another pen at so many times 28 px."""

_IN_28 = 20 / 28
"""Share of an MNIST picture that the digit itself fills."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a digit stands on the sheet.

    Attributes:
        height_px: of the digit.
        blur_px: standard deviation of the defocus.
        noise: standard deviation of the sensor's noise, of 255; the ink is 183 darker than the paper.
        turn_deg: each digit by itself.
        pen: stroke width over the digit's height; None: as it was written.
    """

    height_px: float = 40.0
    blur_px: float = 0.7
    noise: float = 2.0
    turn_deg: float = 0.0
    pen: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """One difficulty in steps.

    Attributes:
        title, unit: for people.
        field: of ``Look``.
        values: its steps.
    """

    title: str
    unit: str
    field: str
    values: tuple[float, ...]


CURVES = (
    Curve("size", "height of the digit, px", "height_px", (8, 11, 16, 24, 40, 80, 160)),
    Curve("blur", "defocus (sigma) at 40 px height, px", "blur_px", (0.5, 1, 2, 3, 4, 5, 6, 8)),
    Curve("noise", "sensor noise (sigma), of 255", "noise", (0, 5, 10, 20, 30, 45, 60)),
    Curve("turn", "rotation of each digit, degrees", "turn_deg", (-45, -30, -20, -10, 0, 10, 20, 30, 45)),
    Curve("pen", "stroke width over the digit's height", "pen", (0.03, 0.05, 0.08, 0.12, 0.18, 0.27)),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a curve: shares of all digits, 0-1; the rest was not answered."""

    value: float
    right: float
    wrong: float


def measure_curve(reader: Recognizer, digits: Samples, curve: Curve, seed: int) -> Iterator[Point]:
    """The points of one curve."""
    for value in curve.values:
        look = replace(Look(), **{curve.field: value})
        right = wrong = 0
        for image, labels, cell_px in sheets(digits, look, np.random.default_rng(seed)):
            answers = read_cells(reader, image, labels.shape, cell_px)
            right += int(((answers == labels) & (labels >= 0)).sum())
            wrong += int(((answers != labels) & (answers != -1) & (labels >= 0)).sum())
        yield Point(float(value), right / len(digits), wrong / len(digits))


def sheets(digits: Samples, look: Look, rng: np.random.Generator) -> Iterator[tuple[Image, NDArray[np.int64], int]]:
    """All digits on as many sheets as they need.

    Yields:
        The sheet, uint8 (H, W, 3); the label of each cell, int64 (rows, columns), -1 for an empty one; a cell's side.
    """
    cell_px = max(20, round(2.1 * look.height_px))
    columns, rows = (max(1, min(side // cell_px, most)) for side, most in zip(_SHEET_PX, _MOST, strict=True))
    for start in range(0, len(digits), columns * rows):
        part = digits.take(slice(start, start + columns * rows))
        used = -(-len(part) // columns)
        ink = np.zeros((used * cell_px, columns * cell_px), np.float32)
        labels = np.full((used, columns), -1, np.int64)
        for i, picture in enumerate(part.x):
            row, column = divmod(i, columns)
            labels[row, column] = part.y[i]
            top, left = row * cell_px, column * cell_px
            ink[top : top + cell_px, left : left + cell_px] = _place(picture, look, cell_px)
        yield _photograph(ink, look, rng), labels, cell_px


def _place(picture: Image, look: Look, cell_px: int) -> NDArray[np.float32]:
    """One digit in the middle of its cell, ink 0-1."""
    source = picture if look.pen is None else redraw(picture, look.pen)
    scale = look.height_px / (_IN_28 * source.shape[0])
    middle = (source.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), -look.turn_deg, scale)
    matrix[:, 2] += (cell_px - 1) / 2 - middle
    if scale < 1:  # a plain warp would skip pixels
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.45 / scale), np.uint8)
    placed = cv2.warpAffine(source, matrix, (cell_px, cell_px), flags=cv2.INTER_LINEAR)
    return np.asarray(placed, np.float32) / np.float32(255)


def redraw(picture: Image, pen: float) -> Image:
    """The same path drawn with another pen: the middle line, thickened to ``pen`` of the digit's height."""
    large = cv2.resize(picture, None, fx=_UPSCALE, fy=_UPSCALE, interpolation=cv2.INTER_CUBIC)
    smooth = cv2.GaussianBlur(large, (0, 0), 0.45 * _UPSCALE)  # bumps of the edge would grow whiskers
    line = skeleton(np.asarray(np.pad(smooth[1:-1, 1:-1] > 100, 1), np.uint8))
    width = max(3, round(pen * _IN_28 * large.shape[0]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(line, disc) * np.uint8(255), (0, 0), 1.0), np.uint8)


def _photograph(ink: NDArray[np.float32], look: Look, rng: np.random.Generator) -> Image:
    if look.blur_px:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), look.blur_px), np.float32)
    light = _PAPER - (_PAPER - _INK) * ink + rng.normal(0, max(look.noise, 1e-6), ink.shape).astype(np.float32)
    grey = np.clip(light, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))


def read_cells(reader: Recognizer, image: Image, shape: Sequence[int], cell_px: int) -> NDArray[np.int64]:
    """The digit read in each cell: -1 for none, -2 for several."""
    answers = np.full(tuple(shape), -1, np.int64)
    for digit in reader.read(image).digits:
        x, y = digit.box.center
        cell = min(int(y // cell_px), shape[0] - 1), min(int(x // cell_px), shape[1] - 1)
        answers[cell] = digit.digit if answers[cell] == -1 else -2
    return answers

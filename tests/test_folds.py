"""A sheet that was folded: a fold is broader than a rule, and no part of the digits on it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.folds import without_folds
from digitrec.results import Image
from digitrec.straight import as_line
from tests.test_reader import recognizer, texts

__all__ = ["recognizer"]


def folded(places: list[tuple[str, int, int]], *, row: int = 0, column: int = 0) -> Image:
    """Writing on a sheet with a fold along a row and one along a column, a hard line with shade to one side each."""
    written = np.full((720, 1280, 3), (215, 220, 222), np.uint8)
    for text, x, y in places:
        cv2.putText(written, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (110, 50, 30), 6, cv2.LINE_AA)
    page = written.astype(np.float32)
    shade = 0.86 + 0.14 * np.linspace(0, 1, 25)
    if row:
        page[row - 2 : row + 1] *= 0.72
        page[row + 1 : row + 26] *= shade[:, None, None]
    if column:
        page[:, column - 2 : column + 1] *= 0.75
        page[:, column + 1 : column + 26] *= shade[:, None]
    noise = np.random.default_rng(3).normal(0, 2, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("row", [360, 372, 385])
def test_digits_on_a_fold(recognizer: Recognizer, row: int) -> None:
    sheet = folded([("48265", 180, 400), ("907", 800, 400), ("3861", 300, 600)], row=row)
    assert texts(recognizer, sheet) == ["48265", "907", "3861"]


def test_folds_that_cross(recognizer: Recognizer) -> None:
    sheet = folded([("2748", 180, 260), ("953", 760, 260), ("6082", 470, 520)], row=240, column=640)
    assert texts(recognizer, sheet) == ["2748", "953", "6082"]


def test_folds_alone_are_no_digits(recognizer: Recognizer) -> None:
    assert not recognizer.read(folded([], row=240, column=640)).digits


def test_what_is_as_dark_as_writing_stays() -> None:
    mask, depth = np.zeros((400, 600), np.uint8), np.full((400, 600), 10, np.uint8)
    mask[196:206] = 255
    mask[100:200, 300:306] = mask[300:340, 100:300] = 255
    depth[mask > 0] = 160
    line = as_line(0, 200, 599, 200)
    assert without_folds(mask, depth, [line]) is mask
    depth[196:206] = 50
    depth[100:200, 300:306] = 160
    bare = without_folds(mask, depth, [line])
    assert not bare[200:206].any()
    assert bare[100:200, 300:306].all()

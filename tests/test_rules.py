"""Ruled sheets: the rules are no writing, however broad the pen that wrote across them and however the sheet bends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.guides import without_guides
from digitrec.pyramid import Pyramid, ink_levels
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


def held_sheet() -> tuple[Image, list[str]]:
    """Eleven rules of a sheet in a hand, none of them straight, and digits that stand on every other one."""
    rng, page, x, texts = np.random.default_rng(5), np.full((720, 1280, 3), 228, np.uint8), np.arange(1280), []
    for row in range(11):
        y = 60 + 58 * row + 18 * np.sin(np.pi * x / 1280 + 0.3) + 6 * np.sin(2 * np.pi * x / 1280)
        cv2.polylines(page, [np.stack([x, y], axis=1).round().astype(np.int32)], False, (205, 170, 130), 2, cv2.LINE_AA)
        if row % 2:
            texts.append("".join(str(v) for v in rng.integers(2, 10, 12)))
            for place, value in enumerate(texts[-1]):
                left = 150 + 80 * place
                for stroke in next(p["strokes"] for p in PATHS if p["digit"] == int(value)):
                    points = np.rint(np.array(stroke) * 44 + (left, y[left + 15] - 40)).astype(np.int32)
                    cv2.polylines(page, [points], False, (90, 50, 40), 4, cv2.LINE_AA)
    noisy = cv2.GaussianBlur(page, (0, 0), 0.8) + rng.normal(0, 3, page.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), texts


def test_rules_of_a_sheet_that_bends_are_followed_to_their_ends() -> None:
    page, texts = held_sheet()
    level = next(ink_levels(page))
    assert np.count_nonzero(level.mask[:, :120]), "the rules are ink at first"
    bare, _, _ = without_guides(level)
    assert np.count_nonzero(bare.mask[:, :120]) < 0.05 * np.count_nonzero(level.mask[:, :120])
    read = sorted(Recognizer().read(page).digits, key=lambda d: (round((d.box.center[1] - 118) / 116), d.box.x))
    wrong = sum(a != str(d.digit) for a, d in zip("".join(texts), read, strict=True))
    assert wrong <= 3


@pytest.mark.parametrize("value", range(10))
def test_a_fine_pen_that_fills_the_picture_draws_no_rule(value: int) -> None:
    page = np.full((480, 640), 225, np.uint8)
    for stroke in next(p["strokes"] for p in PATHS if p["digit"] == value):
        points = np.array(stroke)
        points = np.stack([points[:, 0] * 480 + 80, points[:, 1] * 400 + 40], axis=1)
        cv2.polylines(page, [np.rint(points).astype(np.int32)], False, 60, 6, cv2.LINE_AA)
    level = next(ink_levels(page))
    assert np.array_equal(without_guides(level)[0].mask, level.mask)


def coloured_sheet(kind: str, pens: Sequence[tuple[int, int, int]], text: str = "20463875") -> Image:
    """Squares or pairs of rules in blue, and ``text`` four times as high as fine, in turns with each of the pens."""
    page = np.full((480, 640, 3), 228, np.uint8)
    for at in range(12, 640, 26):
        cv2.line(page, (0, at), (640, at + 6), (215, 160, 115), 3, cv2.LINE_AA)
        if kind == "squares":
            cv2.line(page, (at, 0), (at - 4, 480), (215, 160, 115), 3, cv2.LINE_AA)
    for row in range(2):
        for place, value in enumerate(text):
            for stroke in next(p["strokes"] for p in PATHS if p["digit"] == int(value)):
                points = np.array(stroke) * 52 + (40 + 72 * place, 90 + 200 * row)
                cv2.polylines(page, [np.rint(points).astype(np.int32)], False, pens[place % len(pens)], 3, cv2.LINE_AA)
    noisy = cv2.GaussianBlur(page, (0, 0), 0.8) + np.random.default_rng(3).normal(0, 2, page.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


GREY, BLACK, PALE_BLUE, RED = (105, 105, 105), (40, 40, 40), (210, 90, 30), (40, 40, 200)


@pytest.mark.parametrize("kind", ["squares", "rules"])
@pytest.mark.parametrize("pens", [(GREY,), (BLACK,), (RED,), (GREY, RED)])
def test_a_pen_of_any_colour_is_read_on_blue_rules(kind: str, pens: Sequence[tuple[int, int, int]]) -> None:
    read = Recognizer().read(coloured_sheet(kind, pens)).digits
    text = "".join(str(d.digit) for d in sorted(read, key=lambda d: (d.box.y > 250, d.box.x)))
    assert sum(a != b for a, b in zip_longest(text, "20463875" * 2)) <= 1


def test_rules_of_another_colour_are_not_seen_in_the_clearest_channel() -> None:
    page = coloured_sheet("squares", (GREY,))
    pyramid = Pyramid(page)
    found = pyramid.fine()
    clearer = pyramid.without_colour(found, without_guides(found)[0])
    assert clearer is not None
    assert np.count_nonzero(clearer.mask) < 0.3 * np.count_nonzero(found.mask)
    grey = np.ascontiguousarray(page.min(axis=2))
    assert Pyramid(grey).without_colour(found, without_guides(found)[0]) is None


def test_no_pen_is_lost_with_the_rules() -> None:
    pyramid = Pyramid(coloured_sheet("rules", (BLACK, PALE_BLUE)))
    found = pyramid.fine()
    assert pyramid.without_colour(found, without_guides(found)[0]) is None

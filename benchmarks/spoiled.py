"""Framed numbers, pens that skip, stripes of shadow, lamps that flicker, folds, pale ink: ``benchmarks.papers``."""

from __future__ import annotations

import math

import cv2
import numpy as np

from benchmarks.laid import COLOURS, PAPER, Made, Rng, Sheet, Situation, put_line
from digitrec.training.data import Samples

SCALE = 2.8
"""Of the 28x28 pictures."""


def _lined(digits: Samples, rng: Rng) -> Sheet:
    """A sheet with a number on each of its lines."""
    sheet = Sheet((720, 960), digits, rng)
    for y in range(90, 680, 120):
        put_line(sheet, 80, y, int(rng.integers(4, 11)), SCALE)
    return sheet


def _line(sheet: Sheet, ends: tuple[tuple[float, float], tuple[float, float]], pen: int) -> None:
    """A line of a hand, which wavers."""
    share = np.linspace(0, 1, 8)[:, None]
    way = np.array(ends[0]) * (1 - share) + np.array(ends[1]) * share + sheet.rng.normal(0, 1.5, (8, 2))
    cv2.polylines(sheet.ink, [np.rint(way * 8).astype(np.int32)], False, 1, pen, cv2.LINE_AA, 3)


def framed(digits: Samples, rng: Rng) -> Made:
    """Numbers in boxes of one or two rows, drawn with the pen that wrote them or a broader one."""
    sheet, pen = Sheet((720, 960), digits, rng), int(rng.choice([4, 6, 9, 13]))
    for left in (50, 500):
        for top in (50, 380):
            count, rows = int(rng.integers(2, 6)), int(rng.integers(1, 3))
            right, bottom = left + 44 + count * 24 * SCALE, top + rows * 110
            for row in range(rows):
                put_line(sheet, left + 22 + 12 * SCALE, top + 55 + 110 * row, count, SCALE)
            for y in range(top, round(bottom) + 1, 110):
                _line(sheet, ((left, y), (right, y)), pen)
            for x in (left, right):
                _line(sheet, ((x, top), (x, bottom)), pen)
    return sheet.picture(), sheet.truth


def broken(digits: Samples, rng: Rng) -> Made:
    """Digits of a pen that skips once in each, somewhere."""
    sheet = Sheet((720, 960), digits, rng)
    for y in range(80, 680, 110):
        for x in range(70, 900, 80):
            sheet.put((x, y), SCALE)
            turn, (px, py) = rng.uniform(0, math.pi), rng.uniform(-12, 12, 2)
            along = np.array([math.cos(turn), math.sin(turn)]) * 22
            ends = [tuple(int(v) for v in np.array([x + px, y + py]) + side * along) for side in (-1, 1)]
            cv2.line(sheet.ink, ends[0], ends[1], 0, int(rng.integers(3, 7)))
    return sheet.picture(), sheet.truth


def striped(digits: Samples, rng: Rng) -> Made:
    """A sheet in the light that a blind lets through."""
    sheet = _lined(digits, rng)
    rows, columns = np.mgrid[:720, :960]
    turn, period = rng.uniform(0, math.pi), rng.uniform(60, 150)
    wave = np.sin(2 * math.pi * (columns * math.cos(turn) + rows * math.sin(turn)) / period)
    light = 1 - 0.45 * cv2.GaussianBlur((wave > 0).astype(np.float32), (0, 0), rng.uniform(2, 6))
    return sheet.seen(np.asarray(sheet.flat() * light[..., None], np.float32)), sheet.truth


def flickering(digits: Samples, rng: Rng) -> Made:
    """A sheet under a lamp that is dimmed by pulses: bands across the picture, now and then of some colour."""
    sheet = _lined(digits, rng)
    along = np.arange(720, dtype=np.float32)
    phases = rng.uniform(0, 2 * math.pi) + np.arange(3) * (rng.random() < 0.4) * rng.uniform(0, 1.2)
    wave = np.sin(2 * math.pi * along[:, None] / rng.uniform(20, 110) + phases) * rng.uniform(0.5, 3)
    light = 1 - rng.uniform(0.15, 0.5) * np.clip(0.5 + wave, 0, 1)
    return sheet.seen(np.asarray(sheet.flat() * light[:, None], np.float32)), sheet.truth


def folded(digits: Samples, rng: Rng) -> Made:
    """A sheet that was folded twice to four times: a dark line, and shade to one side of it."""
    sheet = _lined(digits, rng)
    rows, columns = np.mgrid[:720, :960]
    light = np.ones((720, 960), np.float32)
    for fold in range(int(rng.integers(2, 5))):
        turn = (fold % 2) * math.pi / 2 + math.radians(rng.uniform(-3, 3))
        across, down = columns - 960 * rng.uniform(0.2, 0.8), rows - 720 * rng.uniform(0.2, 0.8)
        off = across * math.cos(turn) + down * math.sin(turn)
        line = rng.uniform(0.1, 0.3) * np.exp(-((off / rng.uniform(1, 2)) ** 2))
        shade = rng.uniform(0.05, 0.2) * np.clip(1 - off / rng.uniform(15, 40), 0, 1) * (off > 0)
        light *= 1 - np.asarray(line + shade, np.float32)
    return sheet.seen(np.asarray(sheet.flat() * light[..., None], np.float32)), sheet.truth


def faint(digits: Samples, rng: Rng) -> Made:
    """Ink that is a twenty-fifth to an eighth darker than its sheet, as a hard pencil, in light that is not even."""
    sheet = _lined(digits, rng)
    begin, end = rng.uniform(0.7, 1.1, 2)
    light = np.linspace(begin, end, 960, dtype=np.float32)[:, None]
    share = 1 - rng.uniform(0.04, 0.125)
    blue, green, red = (round(channel * share) for channel in PAPER)
    return sheet.seen(np.asarray(sheet.flat((blue, green, red)) * light, np.float32)), sheet.truth


def mirrored(digits: Samples, rng: Rng) -> Made:
    """A sheet in a sleeve, or a board, that mirrors lamps: there it is lighter and the ink paler."""
    sheet = _lined(digits, rng)
    veil = np.zeros((720, 960), np.float32)
    for x in rng.integers(0, 960, 3).tolist():
        cv2.line(veil, (x, 0), (x + int(rng.integers(-250, 250)), 720), 1, int(rng.integers(10, 90)))
    veil = rng.uniform(0.4, 0.8) * cv2.GaussianBlur(veil, (0, 0), rng.uniform(6, 25))[..., None]
    paper = rng.uniform(0.75, 0.9)
    return sheet.seen(np.asarray(sheet.flat() * paper * (1 - veil) + 250 * veil, np.float32)), sheet.truth


def motley(digits: Samples, rng: Rng) -> Made:
    """Each digit in a pen of its own."""
    sheet = _lined(digits, rng)
    pens = np.array([colour for name, colour in COLOURS.items() if name not in {"white", "yellow", "pink", "cyan"}])
    colours = np.zeros((720, 960, 3), np.float32)
    for digit in sheet.truth:
        x, y, width, height = digit.box
        colours[y - 20 : y + height + 20, max(0, x - 12) : x + width + 12] = pens[rng.integers(len(pens))]
    return sheet.seen(sheet.inked(np.full((720, 960, 3), PAPER, np.float32), colours)), sheet.truth


SPOILED: dict[str, Situation] = {
    "framed": framed,
    "broken": broken,
    "striped": striped,
    "flickering": flickering,
    "folded": folded,
    "faint": faint,
}

LATER: dict[str, Situation] = {
    "mirrored": mirrored,
    "motley": motley,
}
"""Behind all others, whose pages are drawn by their places."""

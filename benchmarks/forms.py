"""Marked numbers, forms, labels, the other side of a sheet: ``python -m benchmarks.papers``."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.laid import INK, Made, Rng, Sheet, Situation, put_line
from benchmarks.spoiled import SCALE
from digitrec.training.data import Samples

MARKERS, RED = ((70, 255, 250), (120, 250, 140), (190, 140, 255), (60, 170, 255), (250, 220, 120)), (45, 40, 205)
"""What light highlighters and a red pen leave of white, BGR."""

FORMS, LABELS = (
    ((60, 60, 60), (60, 90, 230), (120, 150, 60)),
    ((110, 50, 25), (40, 40, 40), (40, 90, 30), (40, 30, 130)),
)
"""Of a form's lines and of labels, BGR."""


def marked(digits: Samples, rng: Rng) -> Made:
    """Numbers of which two in three are marked with a highlighter, or crossed by a red tick."""
    sheet = Sheet((720, 960), digits, rng)
    colour = np.ones((720, 960, 3), np.float32)
    for y in range(90, 680, 120):
        x = 80
        while x < 720:
            first, count = x, int(rng.integers(1, 5))
            put_line(sheet, x, y, count, SCALE)
            x += round(24 * SCALE * count + 60)
            light = np.array(MARKERS[int(rng.integers(len(MARKERS)))], np.float32) / 255
            kind, cover = int(rng.integers(3)), np.zeros((720, 960), np.float32)
            if kind == 0:
                high = int(rng.integers(24, 60))
                cv2.line(cover, (first - 20, y), (x - 90, y + int(rng.integers(-6, 7))), 1, high, cv2.LINE_AA)
            elif kind == 1:
                light = np.array(RED, np.float32) / 255
                low = first + int(rng.integers(0, 40)), y + 24
                ends = (low[0] - 14, low[1] - 20), (low[0] + int(rng.integers(24, 50)), low[1] - 64)
                cv2.polylines(cover, [np.array([ends[0], low, ends[1]], np.int32)], False, 1, 4, cv2.LINE_AA)
            colour *= 1 - cv2.GaussianBlur(cover, (0, 0), 1)[..., None] * (1 - light)
    ink = INK if rng.random() < 0.5 else (110, 50, 30)
    return sheet.seen(np.asarray(sheet.flat(ink) * colour, np.float32)), sheet.truth


def combed(digits: Samples, rng: Rng) -> Made:
    """A form's combs, of which some cells hold a digit."""
    sheet = Sheet((720, 1280), digits, rng)
    pitch, cells = round(float(rng.uniform(24, 30)) * SCALE), int(rng.integers(8, 14))
    for y in range(110, 690, 130):
        left, tooth = int(rng.integers(30, 90)), int(rng.integers(24, 60))
        for i in range(min(cells, (1250 - left) // pitch) + 1):
            cv2.line(sheet.lines, (left + i * pitch, y + 40), (left + i * pitch, y + 40 - tooth), 1, 3, cv2.LINE_AA)
        right = left + min(cells, (1250 - left) // pitch) * pitch
        cv2.line(sheet.lines, (left, y + 40), (right, y + 40), 1, 3, cv2.LINE_AA)
        for i in range(int(rng.integers(3, cells - 2))):
            if left + (i + 1) * pitch < right:
                sheet.put((left + (i + 0.5) * pitch, y), SCALE * 0.9)
    line = FORMS[int(rng.integers(len(FORMS)))]
    return sheet.picture(line=line), sheet.truth


def labelled(digits: Samples, rng: Rng) -> Made:
    """A sheet with a dark label, light numbers on that."""
    sheet = Sheet((720, 960), digits, rng)
    top = int(rng.integers(200, 400))
    for y in (*range(80, top - 80, 110), top + 70, *range(top + 230, 650, 110)):
        put_line(sheet, 80 + float(rng.uniform(0, 60)), y, int(rng.integers(4, 10)), SCALE)
    dark = np.zeros((720, 960, 1), np.float32)
    dark[top : top + 140, 40:920] = 1
    flat, label = sheet.flat(), np.array(LABELS[int(rng.integers(len(LABELS)))], np.float32)
    light = sheet.inked(np.broadcast_to(label, (720, 960, 3)), (240, 240, 240))
    return sheet.seen(np.asarray(flat + dark * (light - flat), np.float32)), sheet.truth


def seen_through(digits: Samples, rng: Rng) -> Made:
    """A thin sheet: what is written on its other side shows through, turned about."""
    sheet, back = Sheet((720, 960), digits, rng), Sheet((720, 960), digits, rng)
    for y in range(90, 680, 120):
        put_line(sheet, 80, y, int(rng.integers(2, 6)), SCALE)
    for y in range(60, 700, 96):
        put_line(back, 60, y, 12, SCALE)
    ghost = cv2.GaussianBlur(np.ascontiguousarray(back.ink[:, ::-1]), (0, 0), 2)[..., None]
    return sheet.seen(np.asarray(sheet.flat() * (1 - rng.uniform(0.1, 0.3) * ghost), np.float32)), sheet.truth


MARKED: dict[str, Situation] = {
    "marked": marked,
    "combed": combed,
    "labelled": labelled,
    "seen_through": seen_through,
}

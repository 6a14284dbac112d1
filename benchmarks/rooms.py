"""Sheets before a room or on a table, boards between books, small notes on a wall: what is around is no writing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.laid import COLOURS, INK, Color, Made, Rng, Sheet, Situation, put_line
from benchmarks.matching import Labelled
from digitrec.results import Image
from digitrec.training.data import Samples

SIZE = (720, 1280)
"""Of the pictures, (height, width)."""

WOODS: tuple[Color, ...] = ((60, 95, 160), (70, 60, 110), (95, 140, 185), (40, 55, 80))
BOARDS: tuple[Color, ...] = ((45, 45, 45), (70, 95, 60), (85, 75, 70), (95, 50, 25))
NOTES: tuple[Color, ...] = ((120, 225, 250), (190, 165, 245), (170, 240, 190), (245, 215, 160), (90, 170, 250))
CHALK: Color = (235, 235, 235)


def shelf(rng: Rng) -> Image:
    """Books of all colours, side by side."""
    picture, x = np.full((*SIZE, 3), 150, np.uint8), 0
    while x < SIZE[1]:
        width, colour = int(rng.integers(14, 56)), tuple(int(v) for v in rng.integers(30, 220, 3))
        for y in range(-60, SIZE[0], 170):
            cv2.rectangle(picture, (x, y), (x + width, y + 140), colour, cv2.FILLED)
        x += width + int(rng.integers(0, 5))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.8, 3))), np.uint8)


def table(rng: Rng) -> Image:
    """Wood with grain, and a few straight things on it."""
    noise = rng.normal(0, 1, (24, int(rng.integers(120, 320)))).astype(np.float32)
    grain = cv2.resize(noise, SIZE[::-1], interpolation=cv2.INTER_CUBIC)[..., None]
    colour = np.array(WOODS[rng.integers(len(WOODS))], np.float32)
    picture = np.clip(colour + rng.uniform(6, 18) * grain, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 5))):
        ends = [(int(rng.uniform(0, SIZE[1])), int(rng.uniform(0, SIZE[0]))) for _ in range(2)]
        stick = tuple(int(v) for v in rng.integers(0, 255, 3))
        cv2.line(picture, ends[0], ends[1], stick, int(rng.integers(3, 16)), cv2.LINE_AA)
    return picture


def _covered(behind: Image, sheet: Sheet, corner: tuple[int, int], ink: Color, paper: Color) -> Made:
    """The sheet over a part of what is behind it, dimmed, seen by a camera."""
    rows, columns = sheet.size
    x, y = corner
    picture = behind.copy()
    picture[y : y + rows, x : x + columns] = sheet.flat(ink, paper)
    light = np.linspace(1, sheet.rng.uniform(0.6, 1), SIZE[1], dtype=np.float32)[None, :, None]
    truth = [Labelled(t.box._replace(x=t.box.x + x, y=t.box.y + y), t.digit) for t in sheet.truth]
    return sheet.seen(picture * light * np.float32(sheet.rng.uniform(0.5, 1.0))), truth


def _lines(sheet: Sheet) -> None:
    """Numbers in lines, somewhere on the sheet."""
    scale = float(sheet.rng.choice([1.8, 2.6, 4.0]))
    for y in np.arange(24 * scale, sheet.size[0] - 20 * scale, 38 * scale):
        put_line(sheet, 30 * scale * sheet.rng.uniform(0.7, 1.4), float(y), int(sheet.rng.integers(1, 8)), scale)


def _corner(size: tuple[int, int], rng: Rng) -> tuple[int, int]:
    return int(rng.integers(40, SIZE[1] - size[1] - 40)), int(rng.integers(30, SIZE[0] - size[0] - 30))


def held(digits: Samples, rng: Rng) -> Made:
    """A sheet before a shelf or on a table."""
    size = int(rng.integers(360, 600)), int(rng.integers(420, 900))
    sheet = Sheet(size, digits, rng)
    _lines(sheet)
    behind = shelf(rng) if rng.random() < 0.5 else table(rng)
    ink = (INK, COLOURS["blue"], COLOURS["red"])[rng.integers(3)]
    return _covered(behind, sheet, _corner(size, rng), ink, (COLOURS["white"], NOTES[0])[rng.integers(2)])


def board_in_room(digits: Samples, rng: Rng) -> Made:
    """Chalk on a board between books."""
    size = int(rng.integers(360, 600)), int(rng.integers(500, 1000))
    sheet = Sheet(size, digits, rng)
    _lines(sheet)
    return _covered(shelf(rng), sheet, _corner(size, rng), CHALK, BOARDS[rng.integers(len(BOARDS))])


def notes_on_wall(digits: Samples, rng: Rng) -> Made:
    """Sticky notes of many colours, a number of two or three digits on each."""
    sheet = Sheet(SIZE, digits, rng)
    wall: NDArray[np.float32] = np.full((*SIZE, 3), rng.uniform(120, 235), np.float32)
    side = int(rng.integers(160, 240))
    for top in range(30, SIZE[0] - side, side + 40):
        for left in range(30, SIZE[1] - side, side + 40):
            if rng.random() < 0.75:
                wall[top : top + side, left : left + side] = NOTES[rng.integers(len(NOTES))]
                scale = side / 90
                put_line(sheet, left + 18 * scale, top + side * rng.uniform(0.25, 0.7), int(rng.integers(2, 4)), scale)
    return sheet.seen(sheet.inked(wall, INK) * np.float32(rng.uniform(0.6, 1.0))), sheet.truth


ROOMS: dict[str, Situation] = {"held": held, "board_in_room": board_in_room, "notes_on_wall": notes_on_wall}
"""Name -> how a picture is made."""

"""A sheet held before a room or laid on a table: what is behind it is no writing, and does not hide the writing."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.candidates import Candidate
from digitrec.merging import merge
from digitrec.pyramid import Pyramid
from digitrec.results import Box, Image
from digitrec.sheet import drop_off_sheet

PATHS = json.loads((Path(__file__).parent / "strokes.json").read_text())
TEXTS = ["2463", "5971"]


def grain(colour: tuple[int, int, int], strength: float, seed: int = 1) -> Image:
    """A table of 1280x720 with upright grain."""
    noise = np.random.default_rng(seed).normal(0, 1, (24, 220)).astype(np.float32)
    fine = cv2.resize(noise, (1280, 720), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.array(colour, np.float32) + strength * fine[..., None], 0, 255).astype(np.uint8)


def shelf() -> Image:
    """Books of all colours, side by side."""
    rng, picture, x = np.random.default_rng(2), np.full((720, 1280, 3), 150, np.uint8), 0
    while x < 1280:
        width = int(rng.integers(14, 48))
        colour = tuple(int(v) for v in rng.integers(30, 220, 3))
        for y in range(20, 700, 170):
            cv2.rectangle(picture, (x, y), (x + width, y + 140), colour, cv2.FILLED)
        x += width + int(rng.integers(0, 4))
    return cv2.GaussianBlur(picture, (0, 0), 1.2)


def held(
    behind: Image, paper: tuple[int, int, int], ink: tuple[int, int, int], light: float = 1.0, pen: int = 7
) -> Image:
    """A sheet over the middle, turned a little, with a number on each of two lines."""
    page = np.full((420, 560, 3), paper, np.uint8)
    for row, text in enumerate(TEXTS):
        for place, value in enumerate(text):
            for stroke in next(p["strokes"] for p in PATHS if p["digit"] == int(value)):
                points = np.array(stroke) * 95 + (70 + 84 * place, 60 + 170 * row)
                cv2.polylines(page, [np.rint(points).astype(np.int32)], False, ink, pen, cv2.LINE_AA)
    matrix = cv2.getRotationMatrix2D((280, 210), 4, 1.0)
    matrix[:, 2] += 360, 150
    inside = cv2.warpAffine(np.full((420, 560), 255, np.uint8), matrix, (1280, 720))
    turned = cv2.warpAffine(page, matrix, (1280, 720))
    picture = np.where(inside[..., None] > 127, turned, behind).astype(np.float32) * light
    noisy = cv2.GaussianBlur(picture, (0, 0), 0.9) + np.random.default_rng(3).normal(0, 2, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def read(picture: Image) -> list[str]:
    return [number.text for number in Recognizer().read(picture).numbers]


WHITE, YELLOW, BLUE, GREY = (240, 240, 240), (120, 225, 250), (150, 60, 30), (90, 90, 90)


@pytest.mark.parametrize("paper", [WHITE, YELLOW], ids=["white", "yellow"])
@pytest.mark.parametrize("colour", [(60, 95, 160), (70, 60, 110)], ids=["oak", "mahogany"])
def test_grain_of_the_table_is_no_writing(paper: tuple[int, int, int], colour: tuple[int, int, int]) -> None:
    assert read(held(grain(colour, 16), paper, BLUE)) == TEXTS


def test_gaps_between_books_are_no_ones() -> None:
    assert read(held(shelf(), WHITE, GREY)) == TEXTS


def test_strokes_behind_the_sheet_are_told_from_ones_on_it() -> None:
    behind = np.full((720, 1280, 3), (70, 120, 190), np.uint8)
    for x in (60, 150, 1010, 1100):
        cv2.line(behind, (x, 200), (x + 12, 300), (40, 30, 30), 7, cv2.LINE_AA)
    reading = Recognizer().read(held(behind, WHITE, (40, 30, 30)))
    assert [number.text for number in reading.numbers] == TEXTS
    assert sum(reject.reason == "a stroke off the digits' sheet" for reject in reading.rejects) >= 2


def test_a_strip_of_what_is_behind_the_rim_of_the_sheet_is_no_one() -> None:
    picture = held(np.full((720, 1280, 3), (150, 155, 160), np.uint8), WHITE, (40, 30, 30))
    for y in (230, 420):
        cv2.rectangle(picture, (903, y), (911, y + 90), (150, 60, 60), cv2.FILLED)
        cv2.rectangle(picture, (912, y - 20), (990, y + 110), (70, 150, 200), cv2.FILLED)
    assert read(picture) == TEXTS


def test_noise_of_a_dark_table_does_not_hide_what_is_written() -> None:
    dark = np.random.default_rng(4).normal(14, 4, (720, 1280, 3))
    assert read(held(np.clip(dark, 0, 255).astype(np.uint8), WHITE, (60, 40, 190))) == TEXTS


def test_a_dim_sheet_on_a_table_of_light_grain_is_read() -> None:
    picture = held(grain((52, 45, 75), 14), YELLOW, (50, 110, 30), light=0.45)
    assert read(picture) == TEXTS


def test_polarity_is_open_where_a_board_is_not_plainly_one() -> None:
    light = np.zeros((720, 1280), np.float32)
    rng = np.random.default_rng(5)
    for _ in range(260):
        x, y = rng.integers(0, 1280), rng.integers(0, 720)
        cv2.line(light, (int(x), int(y)), (int(x) + 3, int(y) + int(rng.integers(30, 90))), 70.0, 3, cv2.LINE_AA)
    table = np.repeat((45 + light).astype(np.uint8)[..., None], 3, axis=2)
    assert Pyramid(table).polarity.light_on_dark and not Pyramid(table).polarity.doubtful
    covered = held(table, WHITE, GREY)
    assert Pyramid(covered).polarity.doubtful or not Pyramid(covered).polarity.light_on_dark
    assert read(covered) == TEXTS


def board_in_a_room(colour: tuple[int, int, int], chalk: tuple[int, int, int]) -> Image:
    """A board that hangs between books, written on with chalk."""
    picture = shelf()
    board = np.full((360, 620, 3), colour, np.uint8)
    for row, text in enumerate(TEXTS):
        for place, value in enumerate(text):
            for stroke in next(p["strokes"] for p in PATHS if p["digit"] == int(value)):
                points = np.array(stroke) * 90 + (60 + 90 * place, 45 + 150 * row)
                cv2.polylines(board, [np.rint(points).astype(np.int32)], False, chalk, 7, cv2.LINE_AA)
    picture[180:540, 340:960] = board
    noisy = cv2.GaussianBlur(picture, (0, 0), 0.9) + np.random.default_rng(6).normal(0, 3, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("colour", [(45, 45, 45), (70, 95, 60), (95, 50, 25)], ids=["black", "green", "blue"])
def test_a_board_in_a_room_is_read(colour: tuple[int, int, int]) -> None:
    assert read(board_in_a_room(colour, (235, 235, 235))) == TEXTS
    assert read(board_in_a_room(colour, colour)) == []


def test_small_notes_of_many_colours_are_read() -> None:
    wall, texts = np.full((480, 640, 3), 176, np.uint8), ["49", "22", "80", "61", "06", "52"]
    colours = [(80, 150, 220), (120, 225, 250), (190, 160, 235), (240, 205, 150), (90, 170, 250), (165, 235, 185)]
    for place, (text, colour) in enumerate(zip(texts, colours, strict=True)):
        left, top = 40 + 205 * (place % 3), 50 + 220 * (place // 3)
        wall[top : top + 160, left : left + 160] = colour
        for at, value in enumerate(text):
            for stroke in next(p["strokes"] for p in PATHS if p["digit"] == int(value)):
                points = np.array(stroke) * 62 + (left + 30 + 55 * at, top + 40)
                cv2.polylines(wall, [np.rint(points).astype(np.int32)], False, (60, 40, 40), 5, cv2.LINE_AA)
    noisy = cv2.GaussianBlur(wall, (0, 0), 0.9) * 0.8 + np.random.default_rng(7).normal(0, 2, wall.shape)
    assert read(np.clip(noisy, 0, 255).astype(np.uint8)) == texts


def test_the_gap_between_notes_is_no_digit_however_like_one_it_looks() -> None:
    digits = np.zeros(11, np.float32)
    digits[4] = 1.0
    crop = np.zeros((28, 28), np.uint8)
    around = Candidate(Box(100, 20, 200, 240), crop, digits, 150.0, 12.0, scale=0.25)
    inside = [Candidate(Box(x, 60, 30, 42), crop, digits, 150.0, 5.0) for x in (110, 160, 240)]
    assert merge(inside, [around], 0.5) == inside
    assert merge(inside[:1], [around], 0.5) == [around]  # the rim of a thick stroke


@pytest.mark.parametrize("cluttered", [True, False])
def test_what_has_another_colour_on_either_side_is_no_digit_in_clutter(cluttered: bool) -> None:
    picture = np.full((300, 400, 3), YELLOW, np.uint8)
    picture[:, 200:] = (60, 95, 160)
    sure = np.zeros(11, np.float32)
    sure[3] = 1.0
    across, on = (Candidate(Box(x, 110, 50, 80), np.zeros((28, 28), np.uint8), sure, 150.0, 6.0) for x in (175, 60))
    for digit in (across, on):
        kept, off = drop_off_sheet(picture, [digit], cluttered)
        assert bool(off) == (digit is across and cluttered)
        assert [d for d, _ in off] + kept == [digit]


def stroke_at(box: Box) -> Candidate:
    p = np.full(11, 0.001, np.float32)
    p[1] = 0.99
    return Candidate(box, np.zeros((28, 28), np.uint8), p, 120.0, 5.0)


@pytest.mark.parametrize("light", [False, True], ids=["pen", "chalk"])
def test_the_edge_of_a_sheet_is_no_one_beside_a_number(light: bool) -> None:
    """White paper on a grey table, of the same hue: the sliver along its slanted edge is as dark as the table."""
    picture = np.full((400, 400, 3), 120, np.uint8)
    cv2.fillPoly(picture, [np.array([(100, 0), (400, 0), (400, 400), (130, 400)])], (225, 225, 225))
    cv2.line(picture, (200, 150), (196, 240), (60, 60, 60), 8, cv2.LINE_AA)
    cv2.line(picture, (133, 150), (133, 240), (60, 60, 60), 6, cv2.LINE_AA)
    picture = np.clip(picture + np.random.default_rng(1).normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
    edge, written, close = (stroke_at(Box(*box)) for box in ((108, 150, 12, 92), (191, 147, 14, 97), (129, 147, 9, 97)))
    kept, dropped = drop_off_sheet(255 - picture if light else picture, [edge, written, close], False, light)
    assert [d for d, _ in dropped] == [edge]
    assert kept == [written, close]
    assert drop_off_sheet(picture[..., 0], [edge, written], False)[0] == [written], "grey pictures too"


def test_a_one_between_bold_digits_is_no_edge() -> None:
    picture = np.full((300, 300, 3), 225, np.uint8)
    cv2.rectangle(picture, (90, 100), (112, 200), (40, 40, 40), cv2.FILLED)
    cv2.line(picture, (125, 100), (125, 200), (40, 40, 40), 9)
    stroke = stroke_at(Box(120, 100, 10, 100))
    assert drop_off_sheet(picture, [stroke], False)[0] == [stroke]


def test_a_one_in_a_hard_shadow_is_no_edge() -> None:
    picture = np.full((300, 300, 3), 225, np.uint8)
    picture[:, :118] = 140
    cv2.line(picture, (122, 100), (122, 200), (70, 60, 60), 9)
    stroke = stroke_at(Box(117, 96, 11, 109))
    assert drop_off_sheet(picture, [stroke], False)[0] == [stroke]


def test_a_faint_slanted_one_between_digits_is_no_edge() -> None:
    """In a low, blurred picture little of an aslant stroke's box is ink, and a neighbour's ink lies on one side."""
    picture = np.full((120, 160, 3), 165, np.uint8)
    cv2.line(picture, (80, 30), (62, 85), (110, 110, 110), 4, cv2.LINE_AA)
    cv2.ellipse(picture, (93, 58), (9, 26), 0, 0, 360, (112, 112, 112), 5, cv2.LINE_AA)
    picture = cv2.GaussianBlur(picture, (0, 0), 2.5)
    stroke = stroke_at(Box(60, 28, 22, 58))
    assert drop_off_sheet(picture, [stroke], False)[0] == [stroke]

"""Digits -> numbers: order, tilt, gaps, obstacles."""

import math
import random
from itertools import pairwise

import pytest

from digitrec.line_tilt import line_tilt
from digitrec.numbers import group
from digitrec.results import Box, Digit


def line(
    text: str, x: float, y: float, *, gap: float = 15.0, height: float = 60.0, tilt_deg: float = 0.0
) -> list[Digit]:
    """Digits of 40 x 60 px along a line; a space is a wide gap."""
    digits, along = [], 0.0
    cos, sin = math.cos(math.radians(tilt_deg)), math.sin(math.radians(tilt_deg))
    for char in text:
        width = height * (0.2 if char == "1" else 0.65)
        if char == " ":
            along += 2.0 * height
            continue
        cx = x + (along + width / 2) * cos
        cy = y + (along + width / 2) * sin
        box = Box(round(cx - width / 2), round(cy - height / 2), round(width), round(height))
        digits.append(Digit(box, int(char), 0.9))
        along += width + gap
    return digits


def texts(digits: list[Digit], obstacles: tuple[Box, ...] = ()) -> list[str]:
    return [n.text for n in group(digits, obstacles)[1]]


@pytest.mark.parametrize("tilt", [-28, -15, -5, 0, 5, 15, 28])
def test_lines_at_any_tilt(tilt: float) -> None:
    assert texts(line("20265", 300, 400, tilt_deg=tilt)) == ["20265"]


def test_order_of_the_input_does_not_matter() -> None:
    digits = line("70421", 50, 100) + line("3390", 50, 300)
    for seed in range(20):
        shuffled = digits[:]
        random.Random(seed).shuffle(shuffled)
        assert texts(shuffled) == ["70421", "3390"]


def test_wide_gap_parts_numbers() -> None:
    assert texts(line("12 345", 50, 100)) == ["12", "345"]


def test_widely_spaced_hand_stays_one_number() -> None:
    assert texts(line("05221859", 30, 100, gap=75.0)) == ["05221859"]


def test_operator_between_parts_numbers() -> None:
    digits = line("58", 50, 100, gap=50.0)
    plus = Box(100, 85, 30, 30)
    assert texts(digits) == ["58"]
    assert texts(digits, (plus,)) == ["5", "8"]


def test_a_dash_parts_numbers_and_what_is_left_of_a_rule_at_their_feet_does_not() -> None:
    digits = line("7426", 100, 200, gap=40)
    between = [round((a.box.center[0] + b.box.center[0]) / 2) for a, b in pairwise(digits)]
    assert texts(digits, (Box(between[1] - 12, 197, 24, 6),)) == ["74", "26"]
    assert texts(digits, tuple(Box(x - 18, 220, 36, 6) for x in between)) == ["7426"]
    assert texts(digits, (Box(between[1] - 10, 208, 20, 20),)) == ["74", "26"]  # no stroke: a letter, a sign
    assert texts(digits, (Box(between[1] - 4, 170, 8, 24),)) == ["7426"]  # a tick, as in 1'000


def test_rows_are_read_from_the_top_and_side_by_side_from_the_left() -> None:
    digits = line("11", 900, 105) + line("4", 900, 300) + line("22", 50, 100) + line("333", 50, 300)
    assert texts(digits) == ["22", "11", "333", "4"]


def test_confidence_is_that_of_the_whole_text() -> None:
    number = group(line("777", 0, 50))[1][0]
    assert number.confidence == pytest.approx(0.9**3)
    assert [d.digit for d in number.digits] == [7, 7, 7]
    assert number.box == Box.around([d.box for d in number.digits])


def test_nothing_gives_nothing() -> None:
    assert group([]) == ((), ())


@pytest.mark.parametrize("tilt", [-29, -12, 12, 29])
def test_slanted_digits_whose_boxes_overlap_stay_in_their_line(tilt: float) -> None:
    digits = line("5204863", 300, 300, gap=-20.0, tilt_deg=tilt) + line("7390", 300, 460, gap=-20.0, tilt_deg=tilt)
    assert sorted(texts(digits)) == ["5204863", "7390"]


@pytest.mark.parametrize("tilt", [-26, -11, 0, 14, 30])
def test_the_tilt_of_a_page_is_that_of_its_lines(tilt: float) -> None:
    boxes = [d.box for row in range(4) for d in line("70 4219 35", 400, 300 + 110 * row, gap=12, tilt_deg=tilt)]
    assert math.degrees(line_tilt(boxes)) == pytest.approx(tilt, abs=1.5)


def test_scattered_digits_have_no_tilt() -> None:
    rng = random.Random(3)
    pages = [[Box(rng.randrange(1200), rng.randrange(700), 40, 60) for _ in range(12)] for _ in range(40)]
    assert sum(line_tilt(boxes) == 0 for boxes in pages) >= 38


@pytest.mark.parametrize("tilt", [-28, 28])
def test_numbers_strewn_about_a_turned_sheet_stay_whole(tilt: float) -> None:
    places = {"58": (100, 300), "703": (700, 330), "42": (380, 700), "6": (1000, 800)}
    digits = [d for text, (x, y) in places.items() for d in line(text, x, y, gap=9.0, tilt_deg=tilt)]
    assert sorted(texts(digits)) == sorted(places)


def test_an_even_hand_needs_less_of_a_gap_between_numbers_than_an_uneven_one() -> None:
    even = line("58052", 50, 100, gap=10.0) + line("4", 322, 100) + line("30764", 50, 250, gap=10.0)
    assert texts(even) == ["58052", "4", "30764"]
    uneven = line("58", 50, 100, gap=2.0) + line("05", 170, 100, gap=30.0) + line("264", 320, 100, gap=34.0)
    assert texts(uneven) == ["5805264"]

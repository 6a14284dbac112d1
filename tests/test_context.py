"""What surrounds a shape decides what its outline alone cannot tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.candidates import Candidate
from digitrec.context import drop_doubtful, is_cut_off
from digitrec.recognizer import Recognizer
from digitrec.results import Box


def shape(x: int, digit: int, confidence: float, *, y: int = 100, width: int = 40, height: int = 60) -> Candidate:
    """A shape that is ``digit`` with ``confidence``, else no digit."""
    p = np.full(11, 0.0, np.float32)
    p[digit], p[10] = confidence, 1 - confidence
    return Candidate(Box(x, y, width, height), np.zeros((28, 28), np.uint8), p, contrast=150.0, stroke=5.0)


def letter(x: int, *, y: int = 100, height: int = 60) -> Candidate:
    return shape(x, 0, 0.02, y=y, height=height)


def kept(digits: list[Candidate], others: list[Candidate]) -> list[int]:
    return [c.digit for c in drop_doubtful(digits, others)[0]]


def test_an_unsure_digit_in_a_word_is_a_letter() -> None:
    digits, why = drop_doubtful([shape(150, 0, 0.8)], [letter(100), letter(200)])
    assert digits == [] and why[0][1] == "among letters"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [letter(400)],  # far away on the line
        [letter(150, y=400)],  # on another line
        [letter(200, height=15, y=130)],  # a comma
    ],
)
def test_an_unsure_digit_without_letters_beside_it_stays(others: list[Candidate]) -> None:
    assert kept([shape(150, 6, 0.8)], others) == [6]


def test_a_squared_sheets_lines_are_neither_letters_nor_clutter() -> None:
    """What is left of them is as large as letters, but far fainter than the pen."""
    lines = [replace(letter(x, y=y), contrast=60.0) for x in range(50, 800, 50) for y in (100, 200)]
    assert kept([shape(150, 6, 0.9)], lines) == [6]
    assert kept([shape(150, 6, 0.9)], [replace(line, contrast=120.0) for line in lines]) == []


def test_a_clear_digit_stays_among_letters() -> None:
    assert kept([shape(150, 6, 0.99)], [letter(100), letter(200)]) == [6]


def test_an_unsure_digit_between_digits_and_a_sign_stays() -> None:
    assert kept([shape(100, 5, 0.99), shape(150, 6, 0.8)], [letter(200)]) == [5, 6]


def test_what_is_dropped_speaks_for_no_other() -> None:
    """A ring unlike all digits is dropped; the stroke that only stood beside it falls with it."""
    ring = shape(660, 0, 0.98, width=170, height=60)
    beside = shape(760, 1, 0.95, width=12)
    others = [letter(60 * i, y=400 + 80 * (i % 3)) for i in range(12)]
    digits, why = drop_doubtful([ring, beside], others)
    assert digits == []
    assert [reason for c, reason in why if c.digit == 1] == ["a stroke by itself"]
    assert kept([ring, beside, shape(820, 5, 0.99)], others) == [0, 1, 5]


def stroke(x: int, *, height: int = 60) -> Candidate:
    return shape(x, 1, 1.0, width=20, height=height)


def ring(x: int, width: int, height: int) -> Candidate:
    return shape(x, 0, 1.0, width=width, height=height)


def test_many_parallel_strokes_are_hatching_and_a_few_are_a_number() -> None:
    other = shape(600, 5, 0.99)
    assert kept([other, *(stroke(100 + 30 * i) for i in range(6))], []) == [5]
    assert kept([other, *(stroke(100 + 30 * i) for i in range(3))], []) == [5, 1, 1, 1]
    uneven = [stroke(100 + 30 * i, height=40 + 25 * (i % 2)) for i in range(6)]
    assert kept([other, *uneven], []) == [5] + [1] * 6


def test_an_oval_by_itself_is_no_0_but_a_wide_0_in_a_number_is() -> None:
    others = [shape(500 + 200 * i, 4, 0.99) for i in range(5)]
    assert kept([ring(100, 90, 60), *others], []) == [4] * 5
    assert kept([ring(100, 45, 150), *others], []) == [4] * 5
    assert kept([ring(410, 90, 60), *others], []) == [0] + [4] * 5
    assert kept([ring(100, 90, 60)], []) == [0]  # somebody wrote one on a clean sheet


def test_an_unsure_digit_by_itself_in_clutter_is_none() -> None:
    clutter = [shape(600 + 90 * i, 3, 0.05, y=500) for i in range(12)]
    assert kept([shape(100, 4, 0.95)], clutter) == []
    assert kept([shape(100, 4, 0.95)], clutter[:6]) == [4]
    assert kept([shape(100, 4, 0.995)], clutter) == [4]
    assert kept([shape(100, 4, 0.95), shape(160, 7, 0.95)], clutter) == [4, 7]  # a number


def test_a_one_by_itself_on_a_sheet_in_a_room_is_read_and_a_pen_on_a_table_is_not() -> None:
    one = shape(300, 1, 0.999, width=14, height=90)
    small = [letter(40 * n, y=400, height=20) for n in range(30)]
    faint = [replace(letter(280 + 9 * n, y=110, height=40), contrast=40.0) for n in range(9)]
    assert kept([one], small + faint) == [1], "what is left of rules is no company"
    assert kept([shape(300, 1, 0.999, width=80, height=90)], small) == [], "it lies aslant"
    assert kept([shape(300, 1, 0.95, width=14, height=90)], small) == [], "not plainly a 1"
    assert kept([one], [*small, letter(350, height=60)]) == [], "a gap between books"
    assert kept([one], [letter(40 * n, y=500, height=80) for n in range(10)]) == [], "among things of its size"


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        (Box(0, 100, 40, 60), True),
        (Box(3, 100, 40, 60), False),
        (Box(100, 0, 40, 60), True),
        (Box(600, 100, 40, 60), True),
        (Box(596, 100, 40, 60), False),
        (Box(100, 420, 40, 60), True),
        (Box(100, 0, 200, 480), False),  # fills the picture
        (Box(0, 200, 100, 200), False),
    ],
)
def test_small_ink_at_the_rim_is_cut_off(box: Box, cut: bool) -> None:
    assert is_cut_off(box, (640, 480)) == cut


def test_among_many_things_larger_ink_at_the_rim_is_cut_off_too() -> None:
    assert is_cut_off(Box(0, 200, 100, 200), (640, 480), others=20)
    assert not is_cut_off(Box(10, 200, 100, 200), (640, 480), others=20)


def test_a_digit_at_the_rim_of_a_photo_is_told_to_be_cut_off() -> None:
    page = cv2.imread(str(Path(__file__).parent.parent / "samples" / "plain.jpg"))
    reader = Recognizer()
    first = reader.read(page).digits[0]
    x, y, *_ = first.box
    cut = reader.read(np.ascontiguousarray(page[:, x + 3 :]))
    shown = reader.read(np.ascontiguousarray(page[:, x - 10 :]))
    assert min(shown.digits, key=lambda d: abs(d.box.y - y) + d.box.x).digit == first.digit
    assert all(d.box.x > 0 for d in cut.digits)
    assert "cut off by the edge of the picture" in {r.reason for r in cut.rejects if r.box.x == 0}

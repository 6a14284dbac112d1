"""Rows of shapes: which stand side by side, and what a row says of one that is unsure by itself."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from digitrec import Recognizer
from digitrec.belief import is_row_believed
from digitrec.glyphs import Glyph, draw_glyph, find_pieces
from digitrec.ink import InkLevel
from digitrec.results import Box
from digitrec.rowreading import RowReading, read_row
from digitrec.rows import Rows
from digitrec.strings import String, string_picture
from tests.test_splitting import Answers, candidate

LINE = [Box(60 * i, 5 * (i % 2), 36, 50) for i in range(8)]


def test_a_row_is_what_stands_beside_a_shape() -> None:
    assert Rows(LINE).around(4, reach=2) == (2, 3, 4, 5, 6)
    assert Rows(LINE).around(0, reach=2) == (0, 1, 2)
    assert Rows([*LINE, Box(100, 90, 36, 50), Box(250, -70, 36, 50)]).around(2, reach=1) == (1, 2, 3)


def test_a_row_ends_at_a_gap_and_at_shapes_of_another_size() -> None:
    assert Rows([LINE[0], LINE[1], Box(220, 0, 36, 50)]).around(0) == (0, 1)
    assert Rows([LINE[0], LINE[1], Box(110, 30, 8, 10), Box(125, -60, 90, 180)]).around(0) == (0, 1)


@pytest.mark.parametrize("tilt", [-0.4, 0.4])
def test_a_row_follows_the_tilt_of_its_line(tilt: float) -> None:
    tilted = [Box(round(60 * i * math.cos(tilt)), round(60 * i * math.sin(tilt)), 36, 50) for i in range(6)]
    assert Rows(tilted, tilt).around(3, reach=2) == (1, 2, 3, 4, 5)


def shapes_of(*groups: int) -> tuple[Glyph, list[Glyph]]:
    """Groups of so many rings that touch, side by side: all as one glyph, and each."""
    mask = np.zeros((80, 60 * sum(groups) + 60), np.uint8)
    x = 40
    for rings in groups:
        for _ in range(rings):
            cv2.circle(mask, (x, 40), 20, 255, 5)
            x += 42
        x += 18
    level = InkLevel(mask, mask, 1.0, 0.0, mask)
    pieces = sorted(find_pieces(level), key=lambda p: p.box.x)
    everything = draw_glyph(level, pieces, tuple(range(len(pieces))))
    return everything, [draw_glyph(level, pieces, (i,)) for i in range(len(pieces))]


def reading_of(*groups: int, digits: tuple[int, ...], confidence: float = 0.95) -> RowReading:
    """What comes of it where the network reads ``digits``, one a ring."""
    row, shapes = shapes_of(*groups)
    picture = string_picture(row.ink)
    centres = [
        s.box.x + (2 * k + 1) * s.box.width / 2 / n for s, n in zip(shapes, groups, strict=True) for k in range(n)
    ]
    columns = tuple(4 + (x - row.box.x - picture.left) * picture.across for x in centres)
    string = String(digits, np.eye(11, dtype=np.float32)[list(digits)], columns, confidence ** len(digits))
    found = read_row(row, shapes, Answers(string), 0.0, 0.5)
    assert found is not None
    return found


def test_each_shape_gets_its_digits() -> None:
    found = reading_of(1, 2, 1, digits=(3, 0, 6, 5))
    assert [found.says(i) for i in range(3)] == [(3,), (0, 6), (5,)]
    parts = found.members[1].parts
    assert len(parts) == 2
    assert all(part is not None and 28 <= part.box.width <= 62 for part in parts)


def test_shapes_of_one_digit_each_stay_whole() -> None:
    found = reading_of(1, 1, 1, digits=(3, 0, 6))
    assert [found.says(i) for i in range(3)] == [(3,), (0,), (6,)]
    _, shapes = shapes_of(1, 1, 1)
    for shape, member in zip(shapes, found.members, strict=True):
        (part,) = member.parts
        assert part is not None
        assert part.box == shape.box
        assert np.array_equal(part.ink, shape.ink)


def test_a_digit_goes_with_the_shape_that_has_its_ink() -> None:
    row, shapes = shapes_of(1, 1)
    picture = string_picture(row.ink)
    columns = (4 + 0.2 * shapes[0].box.width * picture.across, 4 + 0.9 * shapes[0].box.width * picture.across)
    string = String((3, 0), np.eye(11, dtype=np.float32)[[3, 0]], columns, 0.9)
    found = read_row(row, shapes, Answers(string), 0.0, 0.5)
    assert found is not None
    assert found.says(1) == (0,)  # both were seen over the first, but the second has the rest of the ink


@pytest.mark.parametrize(
    ("digits", "first", "confidence", "believed"),
    [
        ((3, 0, 6, 5), 3, 0.95, True),
        ((3, 0, 6, 5), 8, 0.95, False),  # the sure digit beside it is read as another
        ((3, 0, 6, 5), 3, 0.6, False),
        ((3, 0, 10, 5), 3, 0.95, False),  # a letter is in it
    ],
)
def test_a_row_is_believed_that_reads_sure_digits_as_they_are(
    digits: tuple[int, ...], first: int, confidence: float, believed: bool
) -> None:
    found = reading_of(1, 2, 1, digits=digits, confidence=confidence)
    row = [candidate(LINE[0], first, 0.99), candidate(LINE[1], 0, 0.1), candidate(LINE[2], 5, 0.99)]
    assert is_row_believed(found, row, 1) is believed


@pytest.mark.parametrize(
    ("digit", "down", "pen", "believed"),
    [(1, 0, 5.0, True), (0, 0, 5.0, True), (1, 30, 5.0, False), (0, 0, 8.0, False), (1, 0, 12.0, False)],
    ids=["set like the others", "and no stroke", "off their line", "by another pen", "by a broad pen"],
)
def test_a_shape_that_is_set_like_its_row_needs_less(digit: int, down: int, pen: float, believed: bool) -> None:
    found = reading_of(1, 1, 1, digits=(3, digit, 5), confidence=0.85)
    y = LINE[0].y + down
    unsure = candidate(Box(60, y, 10, 50), digit, 0.1, pen)
    row = [candidate(LINE[0], 3, 0.99, 5.0), unsure, candidate(LINE[2], 5, 0.99, 5.0)]
    assert is_row_believed(found, row, 1) is believed


@pytest.mark.parametrize(("digit", "confidence", "believed"), [(0, 0.3, True), (0, 0.05, False), (6, 0.3, False)])
def test_what_both_networks_take_for_the_same_digit_needs_less(digit: int, confidence: float, believed: bool) -> None:
    found = reading_of(1, 1, 1, digits=(3, 0, 5), confidence=0.85)
    rows = found.string.probabilities.copy()
    rows[1, [0, 10]] = 0.6, 0.4
    found = replace(found, string=replace(found.string, probabilities=rows))
    row = [candidate(LINE[0], 3, 0.99), candidate(LINE[0], digit, confidence), candidate(LINE[2], 5, 0.99)]
    assert is_row_believed(found, row, 1) is believed


def test_a_row_without_a_sure_digit_says_nothing() -> None:
    found = reading_of(1, 1, digits=(3, 0))
    assert not is_row_believed(found, [candidate(LINE[0], 3, 0.5), candidate(LINE[1], 0, 0.1)], 1)


def test_a_1_that_broke_in_two_is_read_by_its_row() -> None:
    """Each half is a bare stroke of half the height, and both together are not clear to the digits' network."""
    page = np.full((240, 420, 3), 235, np.uint8)
    for x, text in ((60, "2"), (250, "3"), (340, "5")):
        cv2.putText(page, text, (x, 150), cv2.FONT_HERSHEY_SIMPLEX, 3, (40, 30, 30), 6, cv2.LINE_AA)
    for ends in (((196, 86), (193, 113)), ((193, 123), (190, 150))):
        cv2.line(page, *ends, (40, 30, 30), 6, cv2.LINE_AA)
    assert [n.text for n in Recognizer().read(page).numbers] == ["2135"]

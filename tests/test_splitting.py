"""Digits that touch: how the network's answer becomes a string, and where the ink is parted."""

from __future__ import annotations

from itertools import groupby, product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitrec.belief import is_believed
from digitrec.candidates import Candidate
from digitrec.errors import ModelError
from digitrec.glyphs import Glyph, draw_glyph, find_pieces, turned
from digitrec.ink import InkLevel
from digitrec.results import Box
from digitrec.rowreading import read_row
from digitrec.splitting import may_be_several
from digitrec.strings import (
    CLASSES,
    STEP,
    WIDTHS,
    String,
    StringPicture,
    StringReader,
    decode,
    string_picture,
    string_probability,
)


def answer_of(classes: list[int], sure: float = 0.99) -> np.ndarray:
    """(T, 12): at each place one class with the probability ``sure``."""
    p = np.full((len(classes), CLASSES), (1 - sure) / (CLASSES - 1), np.float32)
    p[np.arange(len(classes)), classes] = sure
    return p


class Answers(StringReader):
    """A network that says what it is told to."""

    def __init__(self, string: String) -> None:
        self.string = string

    def read(self, picture: StringPicture) -> String:
        return self.string


def rings(count: int, radius: int = 20, tilt: float = 0.0) -> Glyph:
    """``count`` rings side by side that touch, as one glyph."""
    mask = np.zeros((4 * radius, (2 * count + 2) * radius), np.uint8)
    for i in range(count):
        cv2.circle(mask, ((2 * i + 2) * radius, 2 * radius), radius, 255, 5)
    if tilt:
        mask = np.ascontiguousarray(turned(mask, tilt))
        mask = np.where(mask > 96, 255, 0).astype(np.uint8)
    level = InkLevel(mask, mask, 1.0, 0.0, mask)
    pieces = find_pieces(level)
    return draw_glyph(level, pieces, (0,))


def parts_of(glyph: Glyph, string: String, tilt: float = 0.0) -> list[Glyph | None]:
    """The ink of each digit where the network says ``string``."""
    found = read_row(glyph, [glyph], Answers(string), tilt, 0.5)
    assert found is not None
    assert found.string is string
    assert found.members[0].places == tuple(range(len(string.digits)))
    return list(found.members[0].parts)


def read_rings(count: int, tilt: float = 0.0) -> String:
    """What the network would say of them."""
    picture = string_picture(turned(rings(count, tilt=-tilt).ink, tilt))
    width = (picture.pixels.shape[1] - 8) / count
    rows = np.eye(11, dtype=np.float32)[[0] * count]
    return String((0,) * count, rows, tuple(4 + width * (i + 0.5) for i in range(count)), 0.9)


def test_runs_are_digits_and_nothing_parts_twins() -> None:
    string = decode(answer_of([0, 3, 3, 0, 3, 8, 0]))
    assert string.digits == (2, 2, 7)
    assert string.columns == pytest.approx([STEP * 2, STEP * 4.5, STEP * 5.5])
    assert string.is_number
    assert 0.9 < string.probability <= 1
    assert string.probabilities.sum(axis=1) == pytest.approx([1, 1, 1])


def test_other_writing_is_no_number() -> None:
    string = decode(answer_of([0, 11, 11, 0, 3, 0]))
    assert string.digits == (10, 2)
    assert not string.is_number
    assert decode(answer_of([0, 0, 0])).digits == ()
    assert decode(answer_of([0, 5, 0])).is_number


def test_padding_says_nothing() -> None:
    assert decode(answer_of([0, 3, 0, 9, 9, 9]), width=6).digits == (2,)


@given(st.integers(1, 5), st.lists(st.integers(1, 3), max_size=3), st.integers(0, 1000))
def test_the_probability_is_the_sum_over_all_ways_to_place_a_string(places: int, wanted: list[int], seed: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(4), places).astype(np.float32)
    total = 0.0
    for path in product(range(4), repeat=places):
        if [c for c, _ in groupby(path) if c] == wanted:
            total += float(np.prod(p[np.arange(places), path]))
    assert string_probability(p, wanted) == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize("tilt", [0.0, 0.35, -0.35])
@pytest.mark.parametrize("count", [2, 4])
def test_the_ink_is_parted_between_the_digits(count: int, tilt: float) -> None:
    glyph = rings(count, tilt=-tilt)
    parts = parts_of(glyph, read_rings(count, tilt), tilt)
    assert len(parts) == count
    for part in parts:
        assert part is not None
        assert 0.6 < part.box.width / part.box.height < 1.5
        assert 38 <= max(part.box.width, part.box.height) <= 62  # a ring is 45 px wide, and neighbours share a stroke
    along = [part.box.center[0] * np.cos(tilt) for part in parts]
    assert along == sorted(along)
    ink = sum(int((part.ink > 96).sum()) for part in parts)
    assert ink == pytest.approx(int((glyph.ink > 96).sum()), rel=0.04)


def test_one_digit_is_not_parted() -> None:
    glyph, good = rings(2), read_rings(2)
    assert parts_of(glyph, String(good.digits[:1], good.probabilities[:1], good.columns[:1], 0.99)) == [glyph]


def test_what_is_unsure_or_no_digit_is_not_parted() -> None:
    glyph, good = rings(2), read_rings(2)
    unsure = String(good.digits, good.probabilities, good.columns, 0.2)
    letters = String((10, 10), good.probabilities, good.columns, 0.99)
    for string in (unsure, letters, String((), good.probabilities[:0], (), 0.99)):
        assert read_row(glyph, [glyph], Answers(string), 0.0, 0.5) is None


def candidate(box: Box, digit: int, confidence: float, stroke: float = 5.0) -> Candidate:
    p = np.zeros(11, np.float32)
    p[digit], p[10] = confidence, 1 - confidence
    return Candidate(box, np.zeros((28, 28), np.uint8), p, contrast=150.0, stroke=stroke)


PAIR = Box(0, 0, 80, 45)
HALVES = [candidate(Box(0, 0, 40, 45), 7, 0.1), candidate(Box(40, 0, 40, 45), 2, 0.9)]
LETTERS = [candidate(Box(300 + 200 * i, 0, 30, 45), 0, 0.05) for i in range(3)]
FAR = candidate(Box(900, 0, 30, 45), 5, 0.99)
BESIDE = candidate(Box(90, 0, 30, 45), 5, 0.99)


def says(*digits: int, confidence: float) -> String:
    rows = np.eye(11, dtype=np.float32)[list(digits)]
    return String(digits, rows, tuple(10.0 * i for i in range(len(digits))), confidence ** len(digits))


@pytest.mark.parametrize(
    ("others", "confidence", "believed"),
    [
        ([], 0.6, True),  # hardly anything else there
        (LETTERS * 5, 0.6, False),  # among other things, no digit beyond doubt
        ([*LETTERS[:2], FAR], 0.6, True),
        ([*LETTERS, FAR], 0.99, False),  # an n is a 7 and a 2 as well
        ([*LETTERS, BESIDE], 0.6, True),
    ],
)
def test_a_pair_is_believed_by_what_stands_around_it(
    others: list[Candidate], confidence: float, believed: bool
) -> None:
    string = says(7, 2, confidence=confidence)
    assert is_believed(candidate(PAIR, 0, 0.1), string, HALVES, others) is believed


def test_halves_that_are_digits_to_both_networks_are_believed_among_letters() -> None:
    halves = [candidate(HALVES[0].box, 7, 0.6), HALVES[1]]
    assert is_believed(candidate(PAIR, 0, 0.1), says(7, 2, confidence=0.9), halves, [*LETTERS, FAR])


def test_one_digit_is_believed_beside_others_of_its_size() -> None:
    whole = candidate(Box(0, 0, 50, 45), 3, 0.1)
    three = says(3, confidence=0.9)
    assert is_believed(whole, three, [whole], [BESIDE])
    assert not is_believed(whole, three, [whole], [])
    assert not is_believed(whole, three, [whole], [candidate(Box(90, 200, 30, 45), 5, 0.99)])
    assert not is_believed(whole, says(3, confidence=0.7), [whole], [BESIDE])


def test_a_string_picture_keeps_its_aspect_up_to_the_widest() -> None:
    ink = np.zeros((60, 200), np.uint8)
    ink[10:50, 20:180] = 255
    picture = string_picture(ink)
    assert picture.pixels.shape == (32, 26 * 160 // 40 + 8)
    assert (picture.left, picture.top) == (20, 10)
    assert string_picture(np.full((10, 900), 255, np.uint8)).pixels.shape == (32, WIDTHS[-1])
    assert string_picture(np.zeros((5, 5), np.uint8)).pixels.max() == 0


def test_seams_follow_the_white_between_slanted_strokes() -> None:
    """Two strokes that lean over each other and hang together by a thread: no upright cut would do."""
    mask = np.zeros((80, 120), np.uint8)
    for x in (20, 50):
        cv2.line(mask, (x, 70), (x + 45, 10), 255, 6)
    cv2.line(mask, (42, 40), (72, 40), 255, 2)
    level = InkLevel(mask, mask, 1.0, 0.0, mask)
    glyph = draw_glyph(level, find_pieces(level), (0,))
    picture = string_picture(glyph.ink)
    scale = picture.across
    columns = tuple(4 + scale * (x - glyph.box.x) for x in (42, 72))
    left, right = parts_of(glyph, String((1, 1), np.eye(11, dtype=np.float32)[[1, 1]], columns, 0.9))
    assert left is not None
    assert right is not None
    assert left.box.height > 55
    assert right.box.height > 55
    assert abs(left.box.width - right.box.width) < 20


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 40, 60),  # higher than wide, as one digit
        (0, 0, 300, 8),  # a dash
    ],
)
def test_what_cannot_be_two_digits_is_not_asked(box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    mask = np.zeros((100, 340), np.uint8)
    cv2.rectangle(mask, (20 + x, 20 + y), (20 + x + width, 20 + y + height), 255, 4)
    (piece,) = find_pieces(InkLevel(mask, mask, 1.0, 0.0, mask))
    assert not may_be_several(piece)
    assert piece.box == Box(18 + x, 18 + y, width + 5, height + 5)


def test_another_model_is_refused() -> None:
    from digitrec.recognizer import DEFAULT_MODEL

    with pytest.raises(ModelError, match=r"does not read strings|cannot load"):
        StringReader(DEFAULT_MODEL)

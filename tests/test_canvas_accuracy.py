"""Digits drawn as people draw them are read: the pen paths of part ``test``, which nothing was tuned on."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from benchmarks.canvas import HEIGHTS, PAPER, PLACES, load_paths, read_text, row_cases, single_cases, vary
from digitrec.canvas.margin import read_drawing
from digitrec.canvas.render import picture_of
from digitrec.canvas.strokes import Drawing, Stroke
from digitrec.recognizer import Recognizer


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    return Recognizer()


def test_the_paths_cover_all_digits_and_the_parts_share_none():
    tune, test = load_paths("tune"), load_paths("test")
    assert {p.digit for p in tune} == {p.digit for p in test} == set(range(10))
    assert not {(p.digit, p.name) for p in tune} & {(p.digit, p.name) for p in test}
    assert len(load_paths()) == len(tune) + len(test) == 40


def test_cases_lie_on_the_paper_in_every_size_brush_and_corner():
    cases = list(single_cases(load_paths("test"), 7))
    assert {c.group for c in cases} == {f"height {h}" for h in HEIGHTS}
    assert {c.width for c in cases} >= {2, 4, 8, 14, 24, 40}
    assert all(any(c.name.endswith(place) for c in cases) for place in PLACES)
    for case in cases:
        left, top, right, bottom = np.array([s.bounds for s in case.drawing.strokes]).T
        half = case.width / 2
        assert left.min() >= half and top.min() >= half
        assert right.max() <= PAPER[0] - half and bottom.max() <= PAPER[1] - half


def test_no_two_hands_write_alike():
    path = load_paths()[0]
    one, two = (vary(path, np.random.default_rng(seed))[0] for seed in (1, 2))
    assert np.abs(one - two).max() > 0.01


def test_at_least_99_of_100_drawn_digits_are_read(reader):
    """Tiny to whole canvas, 2 to 40 px, middle and corners."""
    cases = list(single_cases(load_paths("test"), 7))[::5]
    wrong = [
        f"{c.text}: {c.name}"
        for c in cases
        if read_text(read_drawing(reader, c.drawing, picture_of(c.drawing, PAPER))) != c.text
    ]
    assert len(wrong) <= len(cases) / 100, wrong


def test_numbers_on_a_line_are_read(reader):
    cases = list(islice(row_cases(load_paths("test"), 7), 40))
    right = [read_text(read_drawing(reader, c.drawing, picture_of(c.drawing, PAPER))) == c.text for c in cases]
    assert np.mean(right) >= 0.9


@pytest.mark.parametrize(("height", "width"), [(450, 2), (300, 1), (120, 4)])
def test_tall_fine_1s_side_by_side_are_no_rules(reader, height: int, width: int) -> None:
    rng = np.random.default_rng(1)
    down = np.linspace(0, 1, 30)
    tall = [np.stack([150 + 100 * k - 0.08 * height * down, 100 + height * down], 1) for k in range(4)]
    strokes = [Stroke(tuple(map(tuple, np.round(p + rng.normal(0, 0.5, p.shape)).tolist())), width) for p in tall]
    drawing = Drawing(tuple(strokes))
    read = read_drawing(reader, drawing, picture_of(drawing, PAPER))
    assert [d.digit for d in read.digits] == [1] * 4

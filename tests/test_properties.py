"""What every pure stage holds on anything at all: no exception, boxes inside, whole probabilities, order and place.

The normalisation has its properties in test_normalise.py, whole readings in test_reader.py, the tracker in
test_tracker_clips.py, the drawing in test_overlay.py and test_canvas_strokes.py, spans and videos in test_outputs.py.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitrec.bridges import with_bridges
from digitrec.candidates import Candidate
from digitrec.classifier import Classifier
from digitrec.context import drop_doubtful
from digitrec.geometry import as_array, gap, overlap
from digitrec.glyphs import MAX_PIECES, Glyph, draw_glyph, draw_pieces, find_pieces
from digitrec.ground import ground_flatness
from digitrec.hints import explain_nothing
from digitrec.ink import InkLevel, darkness_channel, ink_level, planes_of
from digitrec.joins import propose_joins
from digitrec.layout import Layout
from digitrec.levels import LevelReader
from digitrec.line_tilt import MAX_TILT_DEG, number_tilt
from digitrec.lines import remove_lines
from digitrec.merging import merge
from digitrec.numbers import group
from digitrec.polarity import polarity_of
from digitrec.pyramid import ink_levels
from digitrec.recognizer import DEFAULT_MODEL
from digitrec.results import Box, Digit, Hint
from digitrec.rowreading import RowReading, read_row
from digitrec.rows import Rows
from digitrec.scratch import Scratch
from digitrec.strings import StringReader

quick = settings(max_examples=40, deadline=None)
quicker = settings(max_examples=20, deadline=None)


def drawn(kind: str, width: int, height: int, seed: int) -> np.ndarray:
    """uint8 (height, width, 3): hypothesis draws the parameters, since it takes long to draw pixels."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        return rng.integers(0, 256, (height, width, 3), np.uint8)
    if kind == "even":
        return np.full((height, width, 3), rng.integers(0, 256), np.uint8)
    paper, ink = rng.integers(0, 256, (2, 3)).tolist()
    image = np.full((height, width, 3), paper, np.uint8)
    for _ in range(rng.integers(1, 12)):
        points = rng.integers(-20, (width + 20, height + 20), (rng.integers(2, 6), 2)).astype(np.int32)
        thickness = int(rng.integers(1, max(2, min(30, height // 4))))
        if kind == "rules":
            cv2.line(image, (0, int(points[0, 1])), (width, int(points[1, 1])), ink, int(thickness) % 5 + 1)
        else:
            cv2.polylines(image, [points], False, ink, thickness, cv2.LINE_AA)
    if kind == "grainy":
        return np.clip(image + rng.normal(0, 25, image.shape), 0, 255).astype(np.uint8)
    return image


kinds = st.sampled_from(["noise", "even", "rules", "strokes", "grainy"])
sides = st.integers(1, 12) | st.integers(1, 400)
pictures = st.builds(drawn, kinds, sides, sides, st.integers(0, 2**32))


@cache
def classifier() -> Classifier:
    return Classifier(DEFAULT_MODEL, threads=1)


@cache
def strings() -> StringReader:
    return StringReader(threads=1)


def is_inside(box: Box, width: int, height: int) -> bool:
    return 0 <= box.x < box.x + box.width <= width and 0 <= box.y < box.y + box.height <= height


@quick
@given(pictures)
def test_ink_of_any_picture(image: np.ndarray) -> None:
    for level in ink_levels(image):
        assert level.depth.shape == level.mask.shape
        assert set(np.unique(level.mask)) <= {0, 255}
        assert level.depth.dtype == level.mask.dtype == level.paper.dtype == np.uint8
        assert 0 < level.scale <= 1
        assert math.isfinite(level.noise)
        assert level.noise >= 0
        assert level.paper.min() >= 1


@quick
@given(pictures)
def test_a_negative_is_a_blackboard_with_the_same_ink(image: np.ndarray) -> None:
    grey = image[..., 1]
    for paper in (image, grey):
        board = cv2.bitwise_not(paper)
        assert np.array_equal(
            darkness_channel(planes_of(board, Scratch()), light_on_dark=True),
            darkness_channel(planes_of(paper, Scratch()), light_on_dark=False),
        )
    assert not (polarity_of(grey).light_on_dark and polarity_of(cv2.bitwise_not(grey)).light_on_dark)


@quick
@given(pictures)
def test_removing_lines_only_removes(image: np.ndarray) -> None:
    mask = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0).mask
    before = mask.copy()
    bare = remove_lines(mask)
    assert np.array_equal(mask, before), "the mask itself stays"
    assert bare.shape == mask.shape
    assert not (bare > mask).any()


@quick
@given(pictures)
def test_pieces_and_glyphs_of_any_ink(image: np.ndarray) -> None:
    level = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0)
    height, width = level.mask.shape
    pieces = find_pieces(level)
    assert len(pieces) <= MAX_PIECES
    for index, piece in enumerate(pieces[:40]):
        assert is_inside(piece.box, width, height)
        assert piece.area >= 1
        assert 0 < piece.stroke <= 2 * max(width, height)
        glyph = draw_glyph(level, pieces, (index,))
        assert glyph.box == piece.box
        assert glyph.ink.shape == (piece.box.height, piece.box.width)
        assert 1 <= glyph.contrast <= 255
        for tilt in (0.0, 0.3, -0.5):
            assert glyph.crop(tilt).shape == (28, 28)


@quick
@given(pictures, st.integers(0, 30), st.integers(0, 30))
def test_pieces_move_with_their_ink(image: np.ndarray, right: int, down: int) -> None:
    mask = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0).mask
    pad = ((down + 1, 1), (right + 1, 1))  # ink at the rim of a picture is the same beside the rim
    here = find_pieces(InkLevel(mask, np.pad(mask, 1), 1.0, 0.0, mask))
    there = find_pieces(InkLevel(mask, np.pad(mask, pad), 1.0, 0.0, mask))
    assert [(p.box.x + right, p.box.y + down, *p.box[2:], p.area, p.stroke) for p in here] == [
        (*p.box, p.area, p.stroke) for p in there
    ]


@quick
@given(pictures)
def test_bridges_add_ink_and_join(image: np.ndarray) -> None:
    level = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0)
    pieces = find_pieces(level)
    mended = with_bridges(level, pieces)
    assert (mended.mask >= level.mask).all()
    assert mended is level or len(find_pieces(mended)) < len(pieces)


@quicker
@given(pictures)
def test_joins_and_strings_of_any_ink(image: np.ndarray) -> None:
    level = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0)
    pieces = find_pieces(level)[:30]
    loose = set(range(0, len(pieces), 2))
    joins = propose_joins(level, pieces, loose, set(range(len(pieces))) - loose, {})
    assert max(Counter(j.pieces for j in joins).values(), default=0) <= 2, "as they are, and mended"
    for join in joins:
        assert len(set(join.pieces)) == len(join.pieces) >= 2
        assert join.glyph.box == Box.around([pieces[i].box for i in join.pieces])
    near = Rows([p.box for p in pieces], 0.2)
    for index in range(min(8, len(pieces))):
        row = near.around(index)
        shapes = [draw_glyph(level, pieces, (i,)) for i in row]
        whole = draw_glyph(level, pieces, row)
        found = read_row(whole, shapes, strings(), 0.3 * (index % 3), 0.1, carefully=index % 2 == 0)
        if found is not None:
            assert_sound_members(found, shapes)


def assert_sound_members(found: RowReading, shapes: list[Glyph]) -> None:
    places = [place for member in found.members for place in member.places]
    assert len(set(places)) == len(places) <= len(found.string.digits)
    for shape, member in zip(shapes, found.members, strict=True):
        assert len(member.parts) == len(member.places)
        for part in (p for p in member.parts if p is not None):
            assert min(part.ink.shape) >= 1
            assert shape.box.y <= part.box.y <= part.box.y + part.box.height <= shape.box.y + shape.box.height
            assert shape.box.x <= part.box.x <= part.box.x + part.box.width <= shape.box.x + shape.box.width


def assert_sound(candidates: list[Candidate], width: int, height: int) -> None:
    for c in candidates:
        assert is_inside(c.box, width, height)
        assert np.isfinite(c.probabilities).all()
        assert float(c.probabilities.sum()) == pytest.approx(1, abs=1e-3)
        assert c.crop.shape == (28, 28)
        assert 0 <= c.flatness <= 1
        assert c.stroke_px > 0


@quick
@given(pictures)
def test_a_glyph_of_one_piece_is_that_piece_alone(image: np.ndarray) -> None:
    for level in ink_levels(image):
        pieces = find_pieces(level)
        for index, piece in enumerate(pieces):
            near = cv2.dilate(draw_pieces([piece], piece.box), np.ones((3, 3), np.uint8))
            assert not draw_glyph(level, pieces, (index,)).ink[near == 0].any()


@quicker
@given(pictures)
def test_candidates_of_any_picture(image: np.ndarray) -> None:
    height, width = image.shape[:2]
    found: list[Candidate] = []
    for level in ink_levels(image):
        fresh = LevelReader(level, (width, height), classifier(), strings(), found).candidates()
        assert_sound(fresh, width, height)
        merged = merge(found, fresh, 0.5)
        assert {id(c) for c in merged} <= {id(c) for c in found + fresh}
        assert len({id(c) for c in merged}) == len(merged)
        found = merged


@quick
@given(pictures, st.builds(Box, sides, sides, sides, sides), st.floats(0, 1))
def test_the_ground_around_any_box(image: np.ndarray, box: Box, reach: float) -> None:
    level = ink_level(darkness_channel(planes_of(image, Scratch()), light_on_dark=False), 1.0)
    assert 0 <= ground_flatness(level, box, reach) <= 1


@quick
@given(pictures)
def test_why_nothing_was_read_has_a_reason(image: np.ndarray) -> None:
    level = next(ink_levels(image))
    hint, detail = explain_nothing(image, level, find_pieces(level), 0)
    assert isinstance(hint, Hint)
    assert detail.isprintable()


boxes = st.builds(Box, st.integers(0, 900), st.integers(0, 700), st.integers(1, 120), st.integers(1, 150))
digits = st.builds(Digit, boxes, st.integers(0, 9), st.floats(0, 1))
# Equal distances are settled by the order of the input: of boxes of one column or row there may be several.
scattered = st.lists(digits, max_size=12, unique_by=(lambda d: d.box.x, lambda d: d.box.y))


@quick
@given(scattered, st.lists(boxes, max_size=4))
def test_numbers_hold_every_digit_once(given_digits: list[Digit], obstacles: list[Box]) -> None:
    ordered, numbers = group(given_digits, obstacles)
    assert sorted(map(id, ordered)) == sorted(map(id, given_digits))
    assert [id(d) for n in numbers for d in n.digits] == [id(d) for d in ordered]
    for number in numbers:
        assert number.text == "".join(str(d.digit) for d in number.digits)
        assert number.box == Box.around([d.box for d in number.digits])
        assert 0 <= number.confidence <= min(d.confidence for d in number.digits) + 1e-12


@st.composite
def written_lines(draw: st.DrawFn) -> list[Digit]:
    """Rows of digits with room between them, as people write."""
    rows = []
    for row in range(draw(st.integers(1, 4))):
        x, size = draw(st.integers(0, 200)), draw(st.integers(30, 60))
        for _ in range(draw(st.integers(1, 7))):
            width, y = draw(st.integers(size // 4, size)), row * 150 + draw(st.integers(0, 9))
            rows.append(Digit(Box(x, y, width, size + draw(st.integers(0, 9))), draw(st.integers(0, 9)), 0.9))
            x += width + draw(st.integers(5, 120))
    return rows


@quick
@given(written_lines(), st.randoms(use_true_random=False), st.integers(-500, 500), st.integers(-500, 500))
def test_numbers_do_not_ask_for_the_order_or_the_place(rows: list[Digit], random: object, dx: int, dy: int) -> None:
    texts = [n.text for n in group(rows)[1]]
    shuffled = rows[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [n.text for n in group(shuffled)[1]] == texts
    moved = [Digit(Box(d.box.x + dx, d.box.y + dy, *d.box[2:]), d.digit, d.confidence) for d in rows]
    if number_tilt([d.box for d in rows]) == 0:  # else the turned places are rounded
        assert [n.text for n in group(moved)[1]] == texts


@quick
@given(st.lists(boxes, max_size=12))
def test_the_tilt_is_one_of_writing(given_boxes: list[Box]) -> None:
    assert abs(math.degrees(number_tilt(given_boxes))) <= MAX_TILT_DEG


chances = st.lists(st.floats(0.001, 1), min_size=11, max_size=11).map(lambda v: np.array(v, np.float32) / sum(v))
sure = st.tuples(st.integers(0, 10), st.floats(0.5, 1)).map(
    lambda s: np.array([s[1] if i == s[0] else (1 - s[1]) / 10 for i in range(11)], np.float32)
)
candidates = st.builds(
    Candidate, boxes, st.just(np.zeros((28, 28), np.uint8)), chances | sure, st.floats(1, 255), st.floats(0.5, 40),
    st.sampled_from([1.0, 0.25]), st.floats(0, 1),
)  # fmt: skip


@quick
@given(st.lists(candidates, max_size=10), st.lists(candidates, max_size=4), st.randoms(use_true_random=False))
def test_context_parts_the_candidates_whatever_their_order(
    found: list[Candidate], rejects: list[Candidate], random: object
) -> None:
    kept, doubtful = drop_doubtful(found, rejects)
    assert sorted(map(id, [*kept, *(c for c, _ in doubtful)])) == sorted(map(id, found))
    assert all(why for _, why in doubtful)
    shuffled = found[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {id(c) for c in drop_doubtful(shuffled, rejects)[0]} == {id(c) for c in kept}


@quick
@given(st.lists(boxes, max_size=8), st.lists(boxes, max_size=8))
def test_shares_and_gaps_of_boxes(first: list[Box], second: list[Box]) -> None:
    a, b = as_array(first), as_array(second)
    shares = overlap(a, b)
    assert shares.shape == (len(first), len(second))
    assert ((shares >= 0) & (shares <= 1)).all()
    assert np.array_equal(shares, overlap(b, a).T)
    gaps = gap(a, a)
    assert np.array_equal(gap(a, b), gap(b, a).T)
    assert (gaps >= 0).all()
    assert not np.diagonal(gaps).any()
    assert (gaps[overlap(a, a) > 0] == 0).all()


@quick
@given(st.integers(1, 1500), st.integers(1, 900), st.lists(boxes, min_size=1, max_size=6), st.integers(1, 300))
def test_plates_stay_in_the_picture(width: int, height: int, numbers: list[Box], plate: int) -> None:
    layout = Layout(width, height, numbers)
    for number in numbers:
        spot = layout.put(number, plate, 20, 4)
        assert (spot.width, spot.height) == (plate, 20)
        if plate <= width and height >= 20:
            assert is_inside(spot, width, height)

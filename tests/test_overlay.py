"""The drawing: where it puts ink, what it leaves alone, any size of picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitrec.layout import Layout
from digitrec.lettering import draw_text, fitting_height, text_width
from digitrec.overlay import NUMBER_COLORS, Style, annotate, draw_note, place, wrap
from digitrec.recognizer import Explanation
from digitrec.results import Box, Digit, Frame, Hint, Image, Number, Reading, Reject
from digitrec.screen import GAP, LEAST_PX, Look, compose, first_size, fitted

PAPER = 200


def paper(width: int = 320, height: int = 240) -> Image:
    return np.full((height, width, 3), PAPER, np.uint8)


def one_digit(box: Box, confidence: float = 0.99, number_id: int | None = None) -> Reading:
    digit = Digit(box, 7, confidence)
    return Reading((digit,), (Number(box, "7", confidence, (digit,), number_id),), (320, 240))


def changed(picture: Image) -> np.ndarray:
    return (picture != PAPER).any(axis=2)


def test_the_source_picture_stays_as_it_was() -> None:
    image = paper()
    annotate(image, one_digit(Box(140, 100, 40, 60)))
    assert (image == PAPER).all()


def test_ink_stays_free_and_the_number_stands_above() -> None:
    box = Box(140, 100, 40, 60)
    drawn = changed(annotate(paper(), one_digit(box)))
    assert not drawn[100:160, 140:180].any(), "nothing is drawn over the writing"
    rows, columns = np.nonzero(drawn[: box.y - 6])
    assert len(rows), "there is a plate above"
    assert abs(columns.mean() - 160) < 3, "in the middle of the box"
    assert drawn[162:200].any(), "the digit is below"


def test_a_number_at_the_upper_edge_gets_its_plate_elsewhere() -> None:
    drawn = changed(annotate(paper(), one_digit(Box(140, 0, 40, 60))))
    assert not drawn[0:60, 140:180].any(), "nothing is drawn over the writing"
    drawn[:63, 137:183] = False  # the box itself
    drawn[62:90, 150:170] = False  # the digit below
    assert drawn.sum() > 200


def test_plates_lie_beside_when_there_is_writing_above() -> None:
    lines = [[Box(200 + 50 * i, top, 40, 60) for i in range(3)] for top in (100, 180)]
    layout = Layout(640, 480, [box for line in lines for box in line])
    first, second = (layout.put(Box.around(line), 120, 40, 4) for line in lines)
    assert first.y + first.height <= 100, "above"
    assert second.x >= 340, "beside: above is writing"
    third = layout.put(Box.around(lines[1]), 120, 40, 4)
    assert third.x >= 0
    assert third.x + third.width <= 200, "on the other side: this one is taken"


def test_a_plate_without_any_free_place_stays_inside() -> None:
    everywhere = [Box(x, y, 10, 10) for x in range(0, 100, 10) for y in range(0, 60, 10)]
    spot = Layout(100, 60, everywhere).put(Box(90, 50, 10, 10), 50, 20, 4)
    assert spot.x >= 0
    assert spot.y >= 0
    assert spot.x + spot.width <= 100
    assert spot.y + spot.height <= 60


def test_a_plate_stays_on_its_side_while_there_is_room() -> None:
    sides: dict[int, int] = {}
    number = Box(200, 180, 140, 60)

    def plate(above: int) -> Box:
        """Of the number beneath writing whose lower edge is at ``above``."""
        layout = Layout(640, 480, [number, Box(200, 60, 140, above - 60)], sides)
        spot = layout.put(number, 120, 40, 4, key=7)
        layout.forget_all_but({7})
        return spot

    assert plate(120).y + 40 <= number.y  # above, where it is free
    assert plate(140).y + 40 <= number.y  # and still there when the writing comes a little near
    beside = plate(175)
    assert beside.x >= number.x + number.width
    assert plate(120) == beside  # no way back as long as it has room
    assert sides.keys() == {7}
    Layout(640, 480, [], sides).forget_all_but(set())
    assert not sides


def test_plates_leave_the_digits_below_the_boxes_free() -> None:
    """The number's plate is put below the small digits that are written under its boxes, not upon them."""
    blank = np.full((480, 640, 3), 255, np.uint8)
    digits = tuple(Digit(Box(20 + 100 * i, 4, 90, 140), 4, 0.99) for i in range(6))
    number = Number(Box(20, 4, 590, 140), "444444", 0.9, digits)
    with_plate = annotate(blank, Reading(digits, (number,), (640, 480)))
    without = annotate(blank, Reading(digits, (), (640, 480)))
    labels = slice(150, 171)
    assert (without[labels] != 255).any()
    assert np.array_equal(with_plate[labels], without[labels])
    assert not np.array_equal(with_plate[180:300], without[180:300])


def test_less_sure_is_paler() -> None:
    box = Box(140, 100, 40, 60)

    def strength(confidence: float) -> float:
        picture = annotate(paper(), one_digit(box, confidence))
        return float(np.abs(picture[110:150, 130:139].astype(int) - PAPER).max())

    assert strength(0.99) > strength(0.7) > strength(0.4) > 0


def test_a_number_keeps_its_colour_by_id() -> None:
    box = Box(140, 100, 40, 60)
    a, b, c = (annotate(paper(), one_digit(box, 1.0, number)) for number in (1, 2, 1))
    assert (a == c).all()
    assert (a != b).any()
    assert len(set(NUMBER_COLORS)) == len(NUMBER_COLORS)


def test_hint_and_rejects_are_shown() -> None:
    nothing = Reading((), (), (320, 240), (Reject(Box(100, 60, 40, 40), "not a digit"),), Hint.TOO_SMALL, "2 times")
    plain, debug = annotate(paper(), nothing), annotate(paper(), nothing, Style(debug=True))
    assert changed(plain)[200:].any(), "the hint is at the lower edge"
    assert not changed(plain)[:150].any()
    assert changed(debug)[56:160].any(), "rejects only in debug"


def test_mirrored_boxes_follow_and_text_does_not_turn_round() -> None:
    box = Box(40, 100, 40, 60)
    assert place(box, Style(mirror=True), 320) == Box(240, 100, 40, 60)
    assert place(box, Style(scale=0.5), 160) == Box(20, 50, 20, 30)
    plain, mirrored = annotate(paper(), one_digit(box)), annotate(paper(), one_digit(box), Style(mirror=True))
    label = plain[:94, 30:90]
    assert (mirrored[:94, 230:290] == label).all(), "the same label, moved, not turned"


def test_long_text_stays_inside() -> None:
    digits = tuple(Digit(Box(5 + 5 * i, 80, 4, 20), 8, 0.9) for i in range(30))
    box = Box.around([d.box for d in digits])
    picture = annotate(paper(160, 240), Reading(digits, (Number(box, "8" * 30, 0.9, digits),), (160, 240)))
    plate = changed(picture)[:76]
    assert plate.any()
    assert not plate[:, 0].any()
    assert not plate[:, -1].any()


@pytest.mark.parametrize("width", [60, 160, 320])
def test_a_note_is_wrapped(width: int) -> None:
    text = "camera 1 gave no frame for 3 s (unplugged, or in use by another program)"
    lines = wrap(text, 8, width)
    assert " ".join(lines) == text
    assert all(text_width(line, 8) <= width or " " not in line for line in lines)
    picture = paper(width, 240)
    draw_note(picture, text, (0, 0, 255))
    assert changed(picture).any()


def test_text_has_the_height_asked_for() -> None:
    for height in (10, 20, 40):
        picture = np.zeros((80, 200, 3), np.uint8)
        draw_text(picture, "H7", (10, 10), height, (255, 255, 255))
        rows = np.flatnonzero(picture.max(axis=(1, 2)) > 127)
        assert abs(len(rows) - height) <= max(2, height / 10)
        assert abs(int(rows[0]) - 10) <= 2
    assert text_width("77", 20) > text_width("7", 20)
    assert fitting_height("7777777", 40, 50) < 40


boxes = st.builds(Box, st.integers(0, 60), st.integers(0, 60), st.integers(1, 60), st.integers(1, 60))
readings = st.builds(
    lambda found, confidence, hint: Reading(
        tuple(Digit(b, 3, confidence) for b in found),
        tuple(Number(b, "3" * (i + 1), confidence, (Digit(b, 3, confidence),)) for i, b in enumerate(found)),
        (60, 60), tuple(Reject(b, "unsure: 4 or 9") for b in found[:2]), hint, "x" * 30,
    ),
    st.lists(boxes, max_size=4), st.floats(0, 1), st.sampled_from([None, *Hint]),
)  # fmt: skip


@given(readings, st.integers(1, 80), st.integers(1, 80), st.floats(0.1, 3), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_reading_on_any_picture(reading: Reading, width: int, height: int, scale: float, mirror: bool) -> None:
    picture = annotate(paper(width, height), reading, Style(scale, mirror, debug=True))
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8


@given(
    readings, st.integers(1, 70), st.integers(1, 70), st.tuples(st.integers(1, 400), st.integers(1, 300)), st.booleans()
)
@settings(max_examples=60, deadline=None)
def test_any_window(reading: Reading, width: int, height: int, size: tuple[int, int], debug: bool) -> None:
    frame = Frame(paper(width, height), 0, 0.0, "x")
    look = Look(mirror=True, debug=debug, help=True, recording=True, left="7042 15", right="30 fps", note="no " * 30)
    seen = Explanation(np.full((height, width), 255, np.uint8), (Box(0, 0, 5, 5),), reading) if debug else None
    assert compose(frame, reading, look, size, seen).shape == (size[1], size[0], 3)
    assert compose(None, None, replace(look, alarm=True), size).shape == (size[1], size[0], 3)


@pytest.mark.parametrize("room", [40, 200, 333, 700])
def test_numbers_that_find_no_room_in_the_bar_are_counted(room: int) -> None:
    numbers = [str(1000 + n) for n in range(40)]
    text, size = fitted(GAP.join(numbers), 20, room)
    assert size == LEAST_PX
    assert text_width(text, size) <= room
    shown, _, more = text.partition(" ... +")
    if room > 40:
        assert shown.split(GAP) == numbers[: 40 - int(more)]
    assert fitted("7042", 20, 700) == ("7042", 20)
    assert fitted("8" * 400, 20, 200)[0].endswith("88...")
    assert fitted(GAP.join(numbers), 20, 1) == ("", LEAST_PX)


def test_the_frame_is_shown_whole_and_in_the_middle() -> None:
    window = compose(Frame(np.full((100, 100, 3), 250, np.uint8), 0, 0.0, "x"), None, Look(), (400, 300))
    bright = (window == 250).all(axis=2)
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    assert len(rows) == len(columns), "its shape is kept"
    assert columns[0] + columns[-1] == 399
    assert rows[0] == 0
    assert rows[-1] < 280, "above the bar"


def test_mirroring_turns_the_picture() -> None:
    image = paper(100, 100)
    image[:, :50] = 0
    frame = Frame(image, 0, 0.0, "x")
    plain, mirrored = (compose(frame, None, Look(mirror=m), (200, 230))[:190] for m in (False, True))
    assert plain[100, 30].max() < 50 < mirrored[100, 30].min()
    assert mirrored[100, 170].max() < 50 < plain[100, 170].min()


@pytest.mark.parametrize("frame", [(160, 120), (640, 480), (1280, 720), (4000, 3000), (100, 3000), (3000, 20)])
def test_a_new_window_fits_the_screen(frame: tuple[int, int]) -> None:
    width, height = first_size(frame, (1366, 768))
    assert 1 <= width <= 1366 * 0.9
    assert 1 <= height <= 768 * 0.9
    if frame == (160, 120):
        assert width > 600, "small frames are enlarged"

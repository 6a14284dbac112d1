"""A sheet in a room: the part of a picture with digits is read by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.rooms import shelf
from digitrec.candidates import Candidate
from digitrec.parts import LARGEST, ROOM, is_room, part_around, read_closer, read_part
from digitrec.recognizer import Recognizer
from digitrec.results import NOT_A_DIGIT, Box, Digit, Image, Number, Reading, Reject

SAMPLES = Path(__file__).parent.parent / "samples"
SIZE = (1280, 720)
PICTURE: Image = np.zeros((720, 1280, 3), np.uint8)


def digits_at(*boxes: Box) -> tuple[Digit, ...]:
    return tuple(Digit(box, n, 0.9) for n, box in enumerate(boxes))


def chances(likely: float) -> tuple[float, ...]:
    """Of a 7, and of no digit."""
    return tuple({7: likely, NOT_A_DIGIT: 1 - likely}.get(n, 0.0) for n in range(11))


def rejects_at(boxes: Sequence[Box], likely: float = 0.0) -> tuple[Reject, ...]:
    return tuple(Reject(box, "not a digit", chances(likely)) for box in boxes)


def test_the_part_holds_all_digits_and_a_margin_inside_the_picture() -> None:
    part = part_around([Box(10, 300, 30, 60), Box(400, 320, 30, 60)], SIZE)
    assert part == Box(0, 240, 490, 200)
    assert part_around([Box(10, 300, 30, 60)], SIZE, 3.0) == Box(0, 120, 220, 420)
    assert part_around([Box(5, 5, 2, 2)], SIZE) == Box(0, 0, 23, 23), "a margin of some pixels at least"


def test_what_is_most_of_the_picture_is_read_in_the_whole() -> None:
    assert part_around([], SIZE) is None
    assert part_around([Box(100, 100, 30, 60), Box(1100, 600, 30, 60)], SIZE) is None
    width = int(LARGEST * SIZE[0])
    assert part_around([Box(0, 0, width - 60, 60), Box(0, 600, 30, 60)], SIZE) is not None
    assert part_around([Box(-500, -500, 30, 60)], SIZE) is None, "digits that have left the picture"


def test_what_the_edge_of_the_part_may_cut_off_is_not_believed() -> None:
    part = Box(200, 100, 400, 200)
    inside, cut, likely, unlikely = Box(100, 80, 30, 60), Box(370, 80, 20, 60), Box(0, 90, 15, 60), Box(150, 0, 15, 40)
    digits = digits_at(inside, cut)
    numbers = tuple(Number(d.box, str(d.digit), 0.9, (d,)) for d in digits)
    rejects = rejects_at([likely], 0.8) + rejects_at([unlikely], 0.1)

    def read(image: Image) -> Reading:
        assert image.shape == (200, 400, 3)
        return Reading(digits, numbers, (400, 200), rejects)

    reading, beyond = read_part(read, PICTURE, part)
    assert [d.box for d in reading.digits] == [Box(300, 180, 30, 60)]
    assert [n.text for n in reading.numbers] == ["0"]
    assert reading.size == SIZE
    assert len(reading.rejects) == 2
    assert beyond == [Box(570, 180, 20, 60), Box(200, 190, 15, 60)]


def test_at_the_edge_of_the_picture_itself_nothing_goes_on() -> None:
    box = Box(2, 100, 30, 60)
    reading, beyond = read_part(lambda _: Reading(digits_at(box), (), (300, 720)), PICTURE, Box(0, 0, 300, 720))
    assert [d.box for d in reading.digits] == [box]
    assert beyond == []


def test_a_sheet_in_a_room_is_read_once_more_without_the_room() -> None:
    things = [Box(20 * n, 650, 10, 40) for n in range(ROOM - 1)]
    stray = Box(330, 330, 10, 40)
    whole = Reading(digits_at(Box(300, 300, 30, 60), Box(400, 300, 30, 60)), (), SIZE, rejects_at([*things, stray]))
    again: list[tuple[int, ...]] = []

    def read(image: Image) -> Reading:
        again.append(image.shape)
        boxes = Box(90, 90, 30, 60), Box(140, 90, 30, 60), Box(190, 90, 30, 60)
        return Reading(digits_at(*boxes), (), (image.shape[1], image.shape[0]))

    found = read_closer(read, PICTURE, whole)
    assert again == [(240, 310, 3)]
    assert [d.box.x for d in found.digits] == [300, 350, 400]
    assert [r.box for r in found.rejects] == things, "what lies outside is still told"


def test_a_plain_page_is_read_once() -> None:
    def read(image: Image) -> Reading:
        raise AssertionError("read again")

    pair = digits_at(Box(300, 300, 30, 60), Box(400, 300, 30, 60))
    things = rejects_at([Box(20 * n, 650, 10, 40) for n in range(ROOM)])
    for digits, rejects in ((pair, things[1:]), (pair[:1], things), ((), things)):
        whole = Reading(digits, (), SIZE, rejects)
        assert read_closer(read, PICTURE, whole) is whole


def test_where_the_part_tells_nothing_the_first_reading_stays() -> None:
    things = rejects_at([Box(20 * n, 650, 10, 40) for n in range(ROOM)])
    whole = Reading(digits_at(Box(300, 300, 30, 60), Box(400, 300, 30, 60)), (), SIZE, things)
    assert read_closer(lambda part: Reading((), (), (part.shape[1], part.shape[0])), PICTURE, whole) is whole


def shapes(sure: Sequence[Box], others: int) -> list[Candidate]:
    crop = np.zeros((28, 28), np.uint8)
    found = [Candidate(box, crop, np.array(chances(0.99), np.float32), 90.0, 6.0) for box in sure]
    return found + [
        Candidate(Box(20 * n, 650, 10, 40), crop, np.array(chances(0.1), np.float32), 90.0, 6.0) for n in range(others)
    ]


def test_a_room_has_many_shapes_and_a_sheet_that_is_a_part_of_it() -> None:
    pair, apart = [Box(300, 300, 30, 60), Box(400, 300, 30, 60)], [Box(20, 20, 30, 60), Box(1200, 600, 30, 60)]
    assert is_room(shapes(pair, ROOM), SIZE)
    assert not is_room(shapes(pair, ROOM - 1), SIZE)
    assert not is_room(shapes(pair[:1], ROOM), SIZE)
    assert not is_room(shapes(apart, ROOM), SIZE)


def test_a_sheet_held_before_books_is_read_as_it_is_without_them() -> None:
    """The real reader: few of the shelf's shapes may be answered, and none of the sheet's digits be lost."""
    page = cv2.imread(str(SAMPLES / "plain.jpg"))
    assert page is not None
    sheet = cv2.resize(page, (640, 360), interpolation=cv2.INTER_AREA)
    room = shelf(np.random.default_rng(3))
    room[180:540, 320:960] = sheet
    recognizer = Recognizer()
    alone, among = recognizer.read(sheet), recognizer.read(room)
    assert len(among.rejects) >= ROOM
    assert [n.text for n in among.numbers] == [n.text for n in alone.numbers]
    assert among.size == SIZE

"""Live frames that take long to read: those that come meanwhile show what was read last, where it is now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from itertools import count
from typing import Any

import cv2
import pytest

from digitrec.keyframes import MOST
from digitrec.liveframes import QUICK_S, LiveFrames
from digitrec.results import Box, Frame, Hint, Image, Reading, Reject
from tests.moving import SIZE, Glyph, how_far_off, moved, picture_of, seen, shaken, texts, written


class Late(Executor):
    """Answers after so many frames."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._jobs: list[tuple[int, Future[Any], Callable[[], Any]]] = []
        self.now = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        self._jobs.append((self.now + self._frames, answer, lambda: fn(*args)))
        return answer

    def tick(self) -> None:
        """A frame comes."""
        self.now += 1
        for job in [job for job in self._jobs if job[0] <= self.now]:
            self._jobs.remove(job)
            job[1].set_result(job[2]())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._jobs.clear()


class Clip:
    """Frames of glyphs, read by who knows them, each in ``took_s``, live; slow ones come ``late`` frames later.

    A part of a frame is read in ``part_s``; by default it takes as long.
    """

    def __init__(
        self, pages: Sequence[Sequence[Glyph]], took_s: float, late: int = 5, part_s: float | None = None
    ) -> None:
        self.pages = pages
        self.frames = [Frame(picture_of(page, n), n, n / 30, "camera 0") for n, page in enumerate(pages)]
        self.asked: list[int] = []
        self.parts: dict[int, Box] = {}
        self._took_s, self._part_s = took_s, took_s if part_s is None else part_s
        self._now_s = 0.0
        self._late = Late(late)

    def _read(self, image: Image) -> Reading:
        number = next(f.index for f in self.frames if f.image is image or f.image is image.base)
        self.asked.append(number)
        reading = seen(self.pages[number], noise=number)
        if self.frames[number].image is image:
            self._now_s += self._took_s
            return reading
        self._now_s += self._part_s
        part = self.parts[number] = _place(image)
        cut = ((digit, _shared(digit.box, part)) for digit in reading.digits)
        inside = [d.at(box) for d, box in cut if box.width > d.box.width / 3 and box.height > d.box.height / 3]
        return Reading(tuple(inside), (), (part.width, part.height))

    def readings(self) -> list[Reading]:
        """Of all frames, each of which comes back at once."""
        live = LiveFrames(self._read, executor=self._late, clock=lambda: self._now_s)
        found = []
        for frame in self.frames:
            self._late.tick()
            self._now_s += 1 / 30
            ((same, reading),) = live.push(frame)
            assert same is frame
            found.append(reading)
        assert live.flush() == []
        return found


def _place(part: Image) -> Box:
    """Where a view of a picture lies in it."""
    whole = part.base
    assert whole is not None
    offset = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    row, column = divmod(offset, whole.strides[0])
    return Box(column // whole.strides[1], row, part.shape[1], part.shape[0])


def _shared(box: Box, part: Box) -> Box:
    """What of a box lies in the part, in pixels of that."""
    left, top = max(0, box.x - part.x), max(0, box.y - part.y)
    right = min(part.width, box.x + box.width - part.x)
    bottom = min(part.height, box.y + box.height - part.y)
    return Box(left, top, max(0, right - left), max(0, bottom - top))


def test_what_is_read_quickly_is_read_frame_by_frame() -> None:
    clip = Clip([moved(written("2026 41"), *shaken(n)) for n in range(20)], QUICK_S / 2)
    found = clip.readings()
    assert clip.asked == list(range(20))
    assert [texts(r) for r in found[1:]] == [["2026", "41"]] * 19, "with its second reading it is believed"


@pytest.mark.parametrize("late", [2, 5, MOST + 8])
def test_labels_stay_on_their_digits_while_a_frame_is_read(late: int) -> None:
    sheet = written("2026 41")
    clip = Clip([moved(sheet, *shaken(n)) for n in range(80)], 0.2, late)
    found = clip.readings()
    assert len(clip.asked) <= 2 + 80 // late
    shown = range(2 * late + 2, 80)
    assert {tuple(texts(found[n])) for n in shown} == {("2026", "41")}
    assert max(how_far_off(found[n], clip.pages[n]) for n in shown) < 0.15
    assert len({d.id for n in shown for d in found[n].digits}) == len(sheet)


def test_a_hand_that_turns_round_while_a_frame_is_read_swaps_no_identities() -> None:
    """Had it gone on as it went, each digit would lie where its like lies now."""
    alike = [Glyph(1, 300 + 52 * n, 300) for n in range(4)]
    clip = Clip([moved(alike, 3.25 * (24 - abs(24 - n)), 0) for n in range(48)], 0.2, late=8)
    found = clip.readings()
    assert {tuple(d.id for d in r.digits) for r in found[18:]} == {(1, 2, 3, 4)}


def test_a_sheet_that_comes_nearer_takes_its_boxes_along() -> None:
    clip = Clip([moved(written("70", 600), 0, 0, zoom=1 + n / 40) for n in range(40)], 0.2, late=8)
    found, last = clip.readings()[-1], clip.pages[-1][0].height
    assert texts(found) == ["70"]
    assert abs(found.digits[0].box.height / last - 1) < 0.08


def test_what_is_covered_meanwhile_is_not_shown() -> None:
    sheet = written("365")
    covered = (32, 33, 34)
    clip = Clip([sheet[:2] if n in covered else sheet for n in range(40)], 0.2, late=10)
    found = clip.readings()
    for n in range(30, 40):
        assert [d.digit for d in found[n].digits] == ([3, 6] if n in covered else [3, 6, 5])
        assert texts(found[n]) == ["365"], "a hand passes; the number is what it is"


def test_another_page_is_not_labelled_as_the_one_before() -> None:
    clip = Clip([written("538") if n < 33 else written("7061", hand=50) for n in range(60)], 0.2, late=8)
    found = clip.readings()
    assert texts(found[32]) == ["538"]
    assert {d.digit for r in found[34:] for d in r.digits} == {7, 0, 6, 1}
    assert texts(found[-1]) == ["7061"]


def test_a_hint_stays_until_the_next_reading() -> None:
    clip = Clip([[]] * 20, 0.2)
    hinting = Reading((), (), SIZE, (), Hint.TOO_DARK, "12 of 255")
    clip._read = lambda image: hinting  # type: ignore[method-assign]
    assert {r.hint for r in clip.readings()} == {Hint.TOO_DARK}


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (1920, 200)])
def test_a_camera_that_changes_its_size_meanwhile(size: tuple[int, int]) -> None:
    """Or is turned: while a frame of the one size is read, some of the other come."""
    clip = Clip([written("58")] * 30, 0.2, late=6)
    clip.frames[20:] = [Frame(cv2.resize(f.image, size), f.index, f.time_s, "camera 0") for f in clip.frames[20:]]
    found = clip.readings()
    assert texts(found[19]) == ["58"]
    assert found[20].size == size
    assert found[20].digits == ()
    assert found[-1].size == size


def test_what_is_no_digit_goes_along() -> None:
    """The debug view draws it."""
    clip = Clip([moved(written("58"), 3 * n, n) for n in range(30)], 0.2, late=8)
    read = clip._read
    odd = Box(100, 100, 30, 40)

    def with_reject(image: Image) -> Reading:
        reading = read(image)
        way = reading.digits[0].box if reading.digits else odd
        return replace(reading, rejects=(Reject(Box(way.x, way.y + 200, 30, 40), "not a digit"),))

    clip._read = with_reject  # type: ignore[method-assign]
    for reading in clip.readings()[20:]:
        digit, (reject,) = reading.digits[0], reading.rejects
        assert abs(reject.box.x - digit.box.x) < 8
        assert abs(reject.box.y - digit.box.y - 200) < 8


def test_of_a_sheet_in_a_room_every_frame_is_read_and_now_and_then_the_whole() -> None:
    sheet = written("2026 41", 400)
    clip = Clip([moved(sheet, *shaken(n)) for n in range(90)], 0.25, late=8, part_s=0.01)
    found = clip.readings()
    assert {tuple(texts(r)) for r in found[10:]} == {("2026", "41")}
    whole = [n for n in clip.asked if n not in clip.parts]
    assert 2 <= len(whole) <= 5
    assert len(clip.parts) > 45
    for n, part in clip.parts.items():
        assert part.width * part.height < 0.5 * SIZE[0] * SIZE[1]
        assert all(_shared(d.box, part)[2:] == d.box[2:] for d in seen(clip.pages[n]).digits), "none is cut"


def test_what_is_shown_elsewhere_is_found_within_two_seconds() -> None:
    pages = [written("58") + (written("7061", 700, 600, hand=50) if n >= 20 else []) for n in range(90)]
    found = Clip(pages, 0.25, late=8, part_s=0.01).readings()
    assert texts(found[19]) == ["58"]
    assert texts(found[80]) == ["58", "7061"]
    assert [d.id for d in found[80].digits[:2]] == [d.id for d in found[19].digits]


@pytest.mark.parametrize("late", [1, 3])
def test_what_is_written_beside_a_number_is_read_before_the_whole_is(late: int) -> None:
    """Cut off by the edge of the part that is read, it is not taken for what it is not."""
    pages = [written("58" if n < 20 else "58237") for n in range(45)]
    clip = Clip(pages, 0.25, late, part_s=0.01 if late == 1 else 0.1)
    found = clip.readings()
    assert {tuple(texts(r)) for r in found[10:]} <= {("58",), ("582",), ("5823",), ("58237",)}
    first = next(n for n, r in enumerate(found) if texts(r) == ["58237"])
    assert all(n in clip.parts for n in clip.asked if 20 <= n <= first)


def test_another_page_in_a_room_is_read_at_once() -> None:
    pages = [written("538") if n < 33 else written("706", hand=50) for n in range(60)]
    found = Clip(pages, 0.25, late=8, part_s=0.01).readings()
    assert texts(found[32]) == ["538"]
    assert {tuple(texts(r)) for r in found[38:]} == {("706",)}


def test_an_empty_page_in_a_room_leads_to_the_whole() -> None:
    clip = Clip([written("538") if n < 33 else [] for n in range(60)], 0.25, late=8, part_s=0.01)
    found = clip.readings()
    assert min(n for n in clip.asked if n not in clip.parts and n > 20) < 40
    assert texts(found[-1]) == []


def test_after_the_size_has_changed_the_whole_is_read() -> None:
    clip = Clip([written("58")] * 40, 0.25, late=8, part_s=0.01)
    clip.frames[20:] = [Frame(f.image[:360, :640].copy(), f.index, f.time_s, "camera 0") for f in clip.frames[20:]]
    found = clip.readings()
    assert 19 in clip.parts
    assert min(n for n in clip.asked if n >= 20) not in clip.parts
    assert texts(found[-1]) == ["58"]


def test_a_blur_of_two_frames_does_not_lead_to_the_whole() -> None:
    clip = Clip([written("538") if n not in (10, 11) else [] for n in range(18)], 0.25, late=8, part_s=0.01)
    found = clip.readings()
    assert {10, 11, 12} <= clip.parts.keys()
    assert texts(found[13]) == ["538"]


def test_digits_all_over_the_frame_are_read_in_the_whole() -> None:
    page = written("12", 100, 100) + written("34", 1100, 100) + written("56", 100, 650) + written("78", 1100, 650)
    clip = Clip([page] * 40, 0.25, late=8, part_s=0.01)
    assert texts(clip.readings()[-1]) == ["12", "34", "56", "78"]
    assert clip.parts == {}


def test_a_thread_reads_and_its_failure_is_met() -> None:
    """With the real executor: the first frame takes long, the second is read meanwhile."""
    go_on, seconds = threading.Event(), count()
    readers: list[str] = []

    def read(image: Image) -> Reading:
        readers.append(threading.current_thread().name)
        if len(readers) > 1:
            assert go_on.wait(10)
            raise MemoryError("no room")
        return seen(written("58"))

    live = LiveFrames(read, clock=lambda: next(seconds))
    frames = Clip([written("58")] * 3, 0).frames
    for frame in frames[:2]:
        assert live.push(frame)[0][0] is frame, "nobody waits"
    go_on.set()
    with pytest.raises(MemoryError):
        for _ in range(1000):
            live.push(frames[2])
            threading.Event().wait(0.01)
    live.flush()
    assert readers[0] == threading.main_thread().name
    assert readers[1] != readers[0]

"""Recorded frames of which only some are read: what lies between them is as if it had been read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from digitrec.keyframes import EMPTY_REACH_S, MOST, MOST_BYTES, REACH_S, KeyFrames
from digitrec.results import Frame, Image, Reading
from digitrec.tracker import LookAheadTracker
from tests.moving import Glyph, how_far_off, look, moved, picture_of, reading, seen, shaken, texts, written


class BrokenOffError(Exception):
    """Stands for Ctrl+C."""


class Clip:
    """Frames that show glyphs, and a reader that knows them and notes which frames it was asked for."""

    def __init__(
        self, pages: Sequence[Sequence[Glyph]], fps: float = 30.0, light: Callable[[int], float] | None = None
    ):
        pictures = [picture_of(page, n, light(n) if light else 1.0) for n, page in enumerate(pages)]
        self.frames = [Frame(picture, n, n / fps, "clip") for n, picture in enumerate(pictures)]
        self.pages = pages
        self.asked: list[int] = []
        self.fetched: list[int] = []

    def read(self, image: Image) -> Reading:
        number = next(f.index for f in self.frames if f.image is image)
        self.asked.append(number)
        return seen(self.pages[number], noise=number)

    def readings(self, reach_s: float = REACH_S) -> list[Reading]:
        """Of all frames, each of which comes back once."""
        key_frames = KeyFrames(self.read, LookAheadTracker(), reach_s)
        settled = [pair for frame in self.frames for pair in key_frames.push(frame)] + key_frames.flush()
        assert [frame for frame, _ in settled] == self.frames
        return [found for _, found in settled]

    def passed_over(self, start: int = 0, fails: bool = False) -> list[Frame]:
        """The frames, three of four without their picture; ``fails``: it cannot be fetched."""

        def fetch(number: int) -> Image | None:
            self.fetched.append(number)
            return None if fails else self.frames[number].image

        return [
            f if f.index % 4 == start % 4 else replace(f.without_picture(), fetch=partial(fetch, f.index))
            for f in self.frames[start:]
        ]

    def thin_readings(self, start: int = 0, fails: bool = False) -> list[Reading]:
        """Of the frames from ``start`` on, three of four of which come without their picture."""
        key_frames = KeyFrames(self.read, LookAheadTracker(), REACH_S, pictures=False)
        given = self.passed_over(start, fails)
        settled = [pair for frame in given for pair in key_frames.push(frame)] + key_frames.flush()
        assert [(f.index, f.time_s, f.size) for f, _ in settled] == [(f.index, f.time_s, f.size) for f in given]
        return [found for _, found in settled]


def test_few_frames_of_a_sheet_in_a_hand_are_read_and_all_are_right() -> None:
    sheet = written("2026 41")
    clip = Clip([moved(sheet, *shaken(n)) for n in range(60)])
    found = clip.readings()
    assert len(clip.asked) <= 12
    assert {tuple(texts(r)) for r in found} == {("2026", "41")}
    assert max(how_far_off(r, page) for r, page in zip(found, clip.pages, strict=True)) < 0.12
    assert len({d.id for r in found for d in r.digits}) == len(sheet)


def test_a_hand_that_turns_round_between_two_frames_that_are_read_swaps_no_identities() -> None:
    """Had it gone on as it went, each digit would lie where its like lies now."""
    alike = [Glyph(1, 300 + 52 * n, 300) for n in range(4)]
    ways = [3.25 * n for n in range(25)] + [78 - 3.25 * n for n in range(1, 24)]
    clip = Clip([moved(alike, way, 0) for way in ways])
    found = clip.readings()
    assert len(clip.asked) < len(ways) / 2
    assert {tuple(d.id for d in r.digits) for r in found} == {(1, 2, 3, 4)}


def test_between_two_frames_a_digit_is_followed_round_a_corner() -> None:
    """A straight way from one frame that is read to the next would leave it by most of its height."""
    ways = [0, 16, 32, 48, 56, 48, 32, 16, 0, 16, 32, 48, 56, 48, 32, 16, 0]
    clip = Clip([moved(written("7042"), way, 0) for way in ways])
    found = clip.readings()
    assert len(clip.asked) < len(ways)
    assert max(how_far_off(r, page) for r, page in zip(found, clip.pages, strict=True)) < 0.2


def test_another_page_is_seen_from_its_first_frame_whenever_it_comes() -> None:
    for first in range(8, 8 + MOST):
        pages = [written("538") if n < first else written("7061", hand=50) for n in range(32)]
        found = Clip(pages).readings()
        assert [texts(r) for r in found] == [["538"] if n < first else ["7061"] for n in range(32)]


def test_what_is_covered_between_two_frames_that_are_read_is_seen() -> None:
    sheet = written("365")
    covered = (11, 12, 13)
    clip = Clip([sheet[:2] if n in covered else sheet for n in range(33)])
    clip.readings()
    assert {10, 11, 13, 14} <= set(clip.asked), "where the pictures differ, they are read"
    assert len(clip.asked) < 16


def test_light_that_jumps_is_no_other_page() -> None:
    clip = Clip([moved(written("90210"), 3 * n, 0) for n in range(40)], light=lambda n: 1.15 if n % 10 < 5 else 0.6)
    found = clip.readings()
    assert {tuple(texts(r)) for r in found} == {("90210",)}
    assert len(clip.asked) < 20


def test_a_digit_that_is_read_in_a_single_frame_does_not_appear() -> None:
    for at in range(8, 8 + MOST):
        pages = [[*written("42"), Glyph(8, 900, 500)] if n == at else written("42") for n in range(40)]
        assert {tuple(texts(r)) for r in Clip(pages).readings()} == {("42",)}


def test_what_is_shown_for_a_moment_only_is_not_missed() -> None:
    for first in range(8, 8 + MOST):
        pages = [written("77") if first <= n < first + 6 else [] for n in range(32)]
        found = Clip(pages).readings()
        assert [texts(r) for r in found] == [["77"] if page else [] for page in pages]


@pytest.mark.parametrize("fps", [1.0, 5.0, 12.0, 30.0, 120.0, 1000.0])
def test_frames_that_are_read_lie_close(fps: float) -> None:
    clip = Clip([written("58")] * 40, fps)
    clip.readings()
    gaps = [b - a for a, b in zip(clip.asked, clip.asked[1:], strict=False)]
    assert max(gaps) <= max(1, min(MOST, REACH_S * fps))
    assert clip.asked[0] == 0
    assert clip.asked[-1] == 39
    empty = Clip([[]] * 40, fps)
    empty.readings()
    assert max(np.diff(empty.asked)) <= max(1, min(MOST, EMPTY_REACH_S * fps))


def test_each_frame_is_read_where_that_is_wanted() -> None:
    clip = Clip([written("58")] * 20)
    clip.readings(reach_s=0)
    assert clip.asked == list(range(20))


@pytest.mark.parametrize("times_s", [[0.0] * 20, [math.nan] * 20, [n % 5 / 30 for n in range(20)]])
def test_clocks_that_stand_still_or_jump_back_are_borne(times_s: list[float]) -> None:
    clip = Clip([written("58")] * 20)
    clip.frames = [Frame(f.image, f.index, t, "clip") for f, t in zip(clip.frames, times_s, strict=True)]
    assert {tuple(texts(r)) for r in clip.readings()} == {("58",)}


def test_pictures_whose_size_or_colour_changes_are_borne() -> None:
    shapes = [(240, 320), (241, 321, 3), (240, 320, 3), (719, 1279, 3), (720, 1280, 3), (16, 9), (1, 1, 3), (1, 1)]
    digit = look(Glyph(3, 6, 6, 12))
    for shape in shapes:
        for other in shapes:
            pictures = [np.full(shape if n % 5 else other, 200, np.uint8) for n in range(23)]
            frames = [Frame(picture, n, n / 30, "clip") for n, picture in enumerate(pictures)]
            key_frames = KeyFrames(lambda _: reading([digit]), LookAheadTracker(), REACH_S)
            settled = [pair for frame in frames for pair in key_frames.push(frame)] + key_frames.flush()
            assert [frame for frame, _ in settled] == frames


def test_pictures_that_nobody_wants_are_not_kept() -> None:
    clip = Clip([moved(written("58"), 2 * n, 0) for n in range(40)])
    readings = clip.readings()
    key_frames = KeyFrames(clip.read, LookAheadTracker(), REACH_S, pictures=False)
    settled = [pair for frame in clip.frames for pair in key_frames.push(frame)] + key_frames.flush()
    assert [(f.index, f.time_s, f.size, f.source) for f, _ in settled] == [
        (f.index, f.time_s, f.size, f.source) for f in clip.frames
    ]
    assert [reading for _, reading in settled] == readings
    assert sum(frame.image.any() for frame, _ in settled) < 10, "those that were read"


def test_few_large_frames_wait() -> None:
    large = np.zeros((2160, 3840, 3), np.uint8)
    key_frames = KeyFrames(lambda _: reading([]), LookAheadTracker(), REACH_S)
    waiting = most = 0
    for n in range(12):
        waiting += 1 - len(key_frames.push(Frame(large, n, n / 60, "clip")))
        most = max(most, waiting)
    assert most * large.nbytes <= 5 * MOST_BYTES


def test_frames_without_pictures_are_as_those_around_them() -> None:
    sheet = written("2026 41")
    clip = Clip([moved(sheet, *shaken(n)) for n in range(61)])
    found = clip.thin_readings()
    assert clip.fetched == []
    assert {tuple(texts(r)) for r in found} == {("2026", "41")}
    assert max(how_far_off(r, page) for r, page in zip(found, clip.pages, strict=True)) < 0.12
    assert len({d.id for r in found for d in r.digits}) == len(sheet)


def test_where_pages_change_pictures_are_fetched_in_order_and_no_more_than_are_needed() -> None:
    for first in range(8, 8 + MOST):
        clip = Clip([written("538") if n < first else written("7061", hand=50) for n in range(33)])
        assert [texts(r) for r in clip.thin_readings()] == [["538"] if n < first else ["7061"] for n in range(33)]
        assert clip.fetched == sorted(set(clip.fetched))
        assert len(clip.fetched) <= 4


def test_what_is_covered_for_as_long_as_pictures_lie_apart_is_seen() -> None:
    sheet = written("365")
    for first in range(8, 24):
        clip = Clip([sheet[:2] if first <= n < first + 4 else sheet for n in range(41)])
        found = clip.thin_readings()
        assert {first - 1, first, first + 3, first + 4} <= set(clip.asked)
        assert {tuple(d.id for d in r.digits) for r in found} <= {(1, 2), (1, 2, 3)}


def test_the_end_may_come_before_it_was_expected() -> None:
    for start in range(5):
        clip = Clip([written("77")] * 23 + [written("58", hand=50)] * 7)
        found = clip.thin_readings(start)
        assert [texts(r) for r in found] == [["77"]] * (23 - start) + [["58"]] * 7


def test_pictures_that_cannot_be_fetched_are_taken_for_those_before() -> None:
    clip = Clip([written("77")] * 14 + [written("58", hand=50)] * 12)
    found = clip.thin_readings(fails=True)
    assert clip.fetched
    assert {tuple(texts(r)) for r in found} == {("77",), ("58",)}


def test_broken_off_while_reading_no_frame_is_lost_or_told_twice() -> None:
    """Ctrl+C comes while a frame is read, whichever; what waits is read afterwards."""
    pages = [written("538") if n < 13 else written("7061", hand=50) for n in range(24)]
    for broken in range(12):
        clip = Clip(pages)

        def read(image: Image, clip: Clip = clip, broken: int = broken) -> Reading:
            found = clip.read(image)
            if len(clip.asked) == broken + 1:
                raise BrokenOffError
            return found

        key_frames = KeyFrames(read, LookAheadTracker(), REACH_S)
        settled, pushed = list[tuple[Frame, Reading]](), 0
        try:
            for frame in clip.frames:
                pushed += 1
                settled += key_frames.push(frame)
            settled += key_frames.flush()
        except BrokenOffError:
            settled += key_frames.flush()
        assert [f.index for f, _ in settled] == list(range(pushed))
        sure = [(f, r) for f, r in settled if f.index < pushed - 4]
        assert all(texts(r) == (["538"] if f.index < 13 else ["7061"]) for f, r in sure)

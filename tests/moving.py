"""Made-up readings of digits that move, for the tests of the tracker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitrec.results import Box, Digit, Frame, Image, Reading, Reject
from digitrec.tracker import LookAheadTracker, Tracker

SIZE = (1280, 720)
PAPER = np.random.default_rng(4).normal(205, 6, (SIZE[1], SIZE[0], 3)).clip(0, 255).astype(np.uint8)
PICTURE: Image = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True)
class Glyph:
    """A digit on the paper; ``hand`` numbers its writing: another hand, another look."""

    digit: int
    x: float
    y: float
    height: float = 60.0
    hand: int = 0

    def crop(self, noise: int = 0) -> Image:
        """A picture that stays much the same from frame to frame and differs between hands."""
        rng = np.random.default_rng([self.hand, self.digit])
        coarse = rng.integers(0, 256, (7, 7)).repeat(4, axis=0).repeat(4, axis=1).astype(float)
        rough = np.random.default_rng(noise).normal(0, 12, (28, 28))
        return np.clip(coarse + rough, 0, 255).astype(np.uint8)


def written(text: str, x: float = 200.0, y: float = 300.0, *, gap: float = 12.0, hand: int = 0) -> list[Glyph]:
    """Digits of 40 x 60 px side by side; a space is a wide gap. Each has a look of its own."""
    glyphs = []
    for char in text:
        if char == " ":
            x += 110
            continue
        glyphs.append(Glyph(int(char), x, y, hand=hand + 7 * len(glyphs)))
        x += 40 + gap
    return glyphs


def probabilities(digit: int, sure: float, other: int | None = None) -> tuple[float, ...]:
    """11 of them: ``sure`` for ``digit``, what is left for ``other`` (None: spread)."""
    values = [0.001] * 11
    values[digit] = sure
    if other is not None:
        values[other] = 1 - sure
    total = sum(values)
    return tuple(v / total for v in values)


def look(glyph: Glyph, *, sure: float = 0.97, digit: int | None = None, noise: int = 0) -> Digit:
    """The glyph as it is read in a frame, perhaps wrongly."""
    read = glyph.digit if digit is None else digit
    width = glyph.height * 2 / 3
    box = Box(round(glyph.x - width / 2), round(glyph.y - glyph.height / 2), round(width), round(glyph.height))
    other = glyph.digit if read != glyph.digit else None
    return Digit(box, read, sure, None, probabilities(read, sure, other), glyph.crop(noise))


def reading(digits: Iterable[Digit], rejects: Sequence[Digit] = ()) -> Reading:
    """Of one frame; ``rejects`` were not answered."""
    unsure = tuple(Reject(d.box, "unsure: 4 or 9", d.probabilities, d.crop) for d in rejects)
    return Reading(tuple(digits), (), SIZE, unsure)


def moved(glyphs: Iterable[Glyph], dx: float, dy: float, turn_deg: float = 0.0, zoom: float = 1.0) -> list[Glyph]:
    """All of them shifted, turned about the frame's middle and enlarged."""
    cos, sin = zoom * math.cos(math.radians(turn_deg)), zoom * math.sin(math.radians(turn_deg))
    found = []
    for g in glyphs:
        x, y = g.x - SIZE[0] / 2, g.y - SIZE[1] / 2
        place = cos * x - sin * y + SIZE[0] / 2 + dx, sin * x + cos * y + SIZE[1] / 2 + dy
        found.append(replace(g, x=place[0], y=place[1], height=g.height * zoom))
    return found


def seen(glyphs: Iterable[Glyph], noise: int = 0) -> Reading:
    """All of them, read well."""
    return reading([look(g, noise=noise) for g in glyphs])


def frame(index: int, fps: float = 30.0) -> Frame:
    """Without a picture: the tracker needs only its time."""
    return Frame(PICTURE, index, index / fps, "clip")


def live(readings: Sequence[Reading], fps: float = 30.0) -> list[Reading]:
    """Through the live tracker."""
    tracker = Tracker()
    return [tracker.update(r, frame(i, fps)) for i, r in enumerate(readings)]


def smooth(readings: Iterable[tuple[Frame, Reading]]) -> Iterator[tuple[Frame, Reading]]:
    """Steady the readings of a whole file: one out for each one in, in order."""
    tracker = LookAheadTracker()
    for one, read in readings:
        yield from tracker.push(one, read)
    yield from tracker.flush()


def as_file(readings: Sequence[Reading], fps: float = 30.0) -> list[Reading]:
    """Through the look-ahead."""
    return [r for _, r in smooth((frame(i, fps), r) for i, r in enumerate(readings))]


Track = Callable[..., list[Reading]]


def texts(one: Reading) -> list[str]:
    """Of its numbers."""
    return [n.text for n in one.numbers]


def labels(one: Reading) -> list[tuple[int | None, int]]:
    """(id, digit) in reading order."""
    return [(d.id, d.digit) for d in one.digits]


def picture_of(glyphs: Sequence[Glyph], number: int, light: float = 1.0) -> Image:
    """Each glyph as a pattern of its own in ink, on grainy paper that moves against the camera's noise."""
    image = np.roll(PAPER, 7 * number, axis=1)
    for glyph in glyphs:
        box = look(glyph).box
        pattern = 255 - cv2.resize(glyph.crop(), (box.width, box.height))
        top, left = max(0, box.y), max(0, box.x)
        part = image[top : box.y + box.height, left : box.x + box.width]
        np.minimum(part, pattern[top - box.y :, left - box.x :][: part.shape[0], : part.shape[1], None], out=part)
    return np.asarray(cv2.convertScaleAbs(image, alpha=light), np.uint8)


def how_far_off(found: Reading, page: Sequence[Glyph]) -> float:
    """How far the box that is furthest off lies from its digit, as a share of its height."""
    assert len(found.digits) == len(page)
    places = [d.box.center for d in found.digits]
    return max(min(math.dist((g.x, g.y), place) for place in places) / g.height for g in page)


def shaken(number: int) -> tuple[float, float, float]:
    """A hand holds a sheet: pixels aside, down, and degrees."""
    return 60 * math.sin(number / 7), 25 * math.sin(number / 4), 4 * math.sin(number / 9)

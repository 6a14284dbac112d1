"""The frozen dataclasses that flow between the stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""uint8, (H, W, 3) BGR or (H, W) grey."""

NOT_A_DIGIT = 10
"""Index of the reject class among the 11 outputs of the classifier."""


class Box(NamedTuple):
    """Axis-aligned rectangle in pixels of the source frame, tight around the ink: columns x .. x + width - 1."""

    x: int
    y: int
    width: int
    height: int

    @property
    def center(self) -> tuple[float, float]:
        """The middle of the box, (x, y), pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def foot(self) -> int:
        """The first row below the box."""
        return self.y + self.height

    def holds(self, other: Box) -> bool:
        """Whether the middle of another box lies in this one."""
        x, y = other.center
        return self.x <= x < self.x + self.width and self.y <= y < self.foot

    def grown(self, margin: int, size: tuple[int, int]) -> Box:
        """The box with a margin, inside a picture, (width, height) pixels; empty where it lies outside of that."""
        left, top = max(0, self.x - margin), max(0, self.y - margin)
        right, bottom = min(size[0], self.x + self.width + margin), min(size[1], self.y + self.height + margin)
        return Box(left, top, max(0, right - left), max(0, bottom - top))

    @staticmethod
    def around(boxes: list[Box] | tuple[Box, ...]) -> Box:
        """The smallest box that holds all of ``boxes`` (at least one)."""
        if len(boxes) == 1:
            return boxes[0]
        left, top = min(b.x for b in boxes), min(b.y for b in boxes)
        right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
        return Box(left, top, right - left, bottom - top)


def cut(image: Image, area: Box) -> Image:
    """The part of a picture that lies in ``area``, in one block of memory."""
    return np.ascontiguousarray(image[area.y : area.y + area.height, area.x : area.x + area.width])


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture from a source.

    Attributes:
        image: uint8 (H, W, 3) BGR.
        index: 0, 1, 2 ... within its source; for images the number of the picture.
        time_s: seconds since the source's start.
        source: the name shown to people and written to JSONL.
        grabbed_s: ``time.monotonic()`` when a live frame arrived, for the latency; None for files.
        thumbnail: of ``image``, where the source has made it in a thread that had time for it.
        fetch: of a recorded frame that was passed over, whose ``image`` is black: decodes it after all; None where that
            fails. Quick where frames are fetched in their order. None: the frame was not passed over.
    """

    image: Image
    index: int
    time_s: float
    source: str
    grabbed_s: float | None = None
    thumbnail: Image | None = field(default=None, repr=False, compare=False)
    fetch: Callable[[], Image | None] | None = field(default=None, repr=False, compare=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        return self.image.shape[1], self.image.shape[0]

    def without_picture(self) -> Frame:
        """The same frame, black, in next to no memory."""
        return replace(self, image=black(self.image.shape), thumbnail=None, fetch=None)


def black(shape: tuple[int, ...]) -> Image:
    """A black picture of this shape that takes a byte of memory and cannot be written to."""
    return np.broadcast_to(np.uint8(0), shape)


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit that was read.

    Attributes:
        box: tight around its ink.
        digit: 0-9.
        confidence: 0-1, the calibrated probability that ``digit`` is right.
        id: its identity across frames, given by the tracker; None for a single picture.
        probabilities: the 11 outputs of the classifier, summing to 1 (index 10: not a digit).
        crop: uint8 (28, 28), bright ink on black: what the network saw.
    """

    box: Box
    digit: int
    confidence: float
    id: int | None = None
    probabilities: tuple[float, ...] = ()
    crop: Image | None = field(default=None, repr=False, compare=False)

    def at(self, box: Box) -> Digit:
        """The same digit elsewhere. Made anew in every frame: ``replace`` takes twice as long."""
        return Digit(box, self.digit, self.confidence, self.id, self.probabilities, self.crop)


@dataclass(frozen=True, slots=True)
class Reject:
    """A glyph that is not answered.

    Attributes:
        box: around its ink.
        reason: for people: "not a digit", "unsure: 4 or 9".
        probabilities: the 11 outputs of the classifier.
        crop: uint8 (28, 28): what the network saw.
        is_sign: a slash, a bracket or some such: it looks like a digit, but parts numbers.
    """

    box: Box
    reason: str
    probabilities: tuple[float, ...] = ()
    crop: Image | None = field(default=None, repr=False, compare=False)
    is_sign: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """Digits of one line that belong together, left to right.

    Attributes:
        box: around all of its digits.
        text: "2026"; leading zeros are kept.
        confidence: 0-1, that the whole text is right: the product of its digits' confidences.
        digits: left to right.
        id: its identity across frames; None for a single picture.
    """

    box: Box
    text: str
    confidence: float
    digits: tuple[Digit, ...] = ()
    id: int | None = None

    def of(self, digits: tuple[Digit, ...]) -> Number:
        """The same number, its digits elsewhere."""
        return Number(Box.around([d.box for d in digits]), self.text, self.confidence, digits, self.id)


class Hint(Enum):
    """Why nothing was read; the value is what a person is told."""

    TOO_DARK = "too dark: add light"
    TOO_BRIGHT = "too bright: less light, or lower the exposure"
    OUT_OF_FOCUS = "out of focus: hold still, or move back a little"
    TOO_SMALL = "writing too small: move closer"
    NO_INK = "no ink found: hold the paper in view"
    NO_DIGITS = "only shapes that are no digits"
    UNSURE = "only digits less sure than --min-confidence asks for"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one frame.

    Attributes:
        digits: accepted digits in reading order (lines from the top, left to right).
        numbers: the same digits grouped, in reading order.
        size: (width, height) of the frame, pixels.
        rejects: glyphs that are not answered.
        hint: why nothing was read; None where something was.
        hint_detail: the measured quantity behind the hint, for people ("about 2.5 times closer").
        quarters: so many quarters of a circle against the clock make the writing upright, 0-3.
    """

    digits: tuple[Digit, ...]
    numbers: tuple[Number, ...]
    size: tuple[int, int]
    rejects: tuple[Reject, ...] = ()
    hint: Hint | None = None
    hint_detail: str = ""
    quarters: int = 0

    def relocated(self, place: Callable[[Box], Box], size: tuple[int, int]) -> Reading:
        """The reading of a part of a picture as one of all of it.

        Args:
            place: where a box of this reading lies in the whole.
            size: (width, height) of the whole, pixels.
        """
        digits = {id(d): d.at(place(d.box)) for d in self.digits}
        numbers = tuple(
            replace(n, box=place(n.box), digits=tuple(digits[id(d)] for d in n.digits)) for n in self.numbers
        )
        rejects = tuple(replace(r, box=place(r.box)) for r in self.rejects)
        return replace(self, digits=tuple(digits.values()), numbers=numbers, size=size, rejects=rejects)

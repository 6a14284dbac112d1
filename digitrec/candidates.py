"""Candidates: glyphs with what the network says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digitrec.results import NOT_A_DIGIT, Box, Digit, Image, Reject

SURE = 0.9
"""A piece of ink that is a digit with this probability is not questioned."""

THICK_STROKE_PX = 5.0
"""On the coarse level, wider strokes may be hollow on the fine level: there the coarse candidate is believed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A glyph with what the network says of it.

    Attributes:
        box: in pixels of the frame.
        crop: uint8 (28, 28).
        probabilities: float32 (11,).
        contrast: depth of its ink, 0-255.
        stroke: width of its stroke in pixels of its level.
        scale: level pixels per frame pixel.
        flatness: the least brightness of the ground around it over the greatest, 0-1.
        digit: the likeliest of the ten digits.
        confidence: the probability of that digit, 0-1.
    """

    box: Box
    crop: Image
    probabilities: NDArray[np.float32]
    contrast: float
    stroke: float
    scale: float = 1.0
    flatness: float = 1.0
    digit: int = field(init=False)
    confidence: float = field(init=False)

    def __post_init__(self) -> None:
        # Asked for many times each: once is enough.
        object.__setattr__(self, "digit", int(self.probabilities[:NOT_A_DIGIT].argmax()))
        object.__setattr__(self, "confidence", float(self.probabilities[self.digit]))

    @property
    def stroke_px(self) -> float:
        """Width of its stroke in pixels of the frame."""
        return self.stroke / self.scale


def count_sure(digits: Iterable[Digit], but: tuple[int, ...] = (1,)) -> int:
    """How many digits are beyond doubt, ``but`` these: strokes and, seen the wrong way round, holes look like them."""
    return sum(d.confidence >= SURE and d.digit not in but for d in digits)


def as_digit(candidate: Candidate) -> Digit:
    """A candidate that is read."""
    c = candidate
    return Digit(c.box, c.digit, c.confidence, None, _probabilities(c), c.crop)


def as_reject(candidate: Candidate, reason: str, is_sign: bool = False) -> Reject:
    """A candidate that is not read, and why."""
    return Reject(candidate.box, reason, _probabilities(candidate), candidate.crop, is_sign)


def doubt(candidate: Candidate) -> str:
    """Why the network is not sure enough of it, for people."""
    if candidate.probabilities[NOT_A_DIGIT] >= 0.5:
        return "not a digit"
    first, second = np.argsort(candidate.probabilities[:NOT_A_DIGIT])[::-1][:2]
    return f"unsure: {first} or {second}"


def _probabilities(candidate: Candidate) -> tuple[float, ...]:
    return tuple(candidate.probabilities.tolist())

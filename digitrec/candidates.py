"""Candidates: glyphs with what the network says of them; and which of several for one place to believe."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array, overlap
from digitrec.results import NOT_A_DIGIT, Box, Image

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


def merge(fine: list[Candidate], coarse: list[Candidate], least: float) -> list[Candidate]:
    """Of candidates of two levels for the same place keep one explanation.

    A thick stroke is hollow on the fine level, or broken where strokes cross and the blot is taken for dark paper, so
    there a coarse digit replaces the bits; otherwise fine digits stay, and a coarse one only replaces what the fine
    level could not read.
    """
    if not fine or not coarse:
        return [*fine, *coarse]
    shared = overlap(as_array([c.box for c in coarse]), as_array([c.box for c in fine])) > 0.3
    replaced: set[int] = set()
    kept = []
    for candidate, row in zip(coarse, shared, strict=True):
        rivals = [int(i) for i in np.flatnonzero(row)]
        if not rivals or _beats(candidate, [fine[i] for i in rivals], least):
            replaced |= set(rivals)
            kept.append(candidate)
    return [c for i, c in enumerate(fine) if i not in replaced] + kept


def _beats(coarse: Candidate, rivals: list[Candidate], least: float) -> bool:
    if coarse.confidence < least:
        return False
    read = [r for r in rivals if r.confidence >= least and r.box.height > 0.4 * coarse.box.height]
    if not read or coarse.stroke < THICK_STROKE_PX:
        return not read
    broken = coarse.confidence >= SURE and coarse.flatness > 2 * min(r.flatness for r in read)
    return broken or coarse.confidence > max(r.confidence for r in read)

"""What does not stand on one sheet: grain of the table, gaps between books, the side of a finger, the corner of a note.

By its shape each of them is a 1. But paper has one colour and is smooth: around a 1 it looks as around the digits that
are beyond doubt, and what is behind the sheet looks otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import as_array, beside
from digitrec.results import Box, Image

REACH, CLEAR_OF = 0.3, 0.06
"""The ground is looked at from so many heights off the ink's box to so many."""

HUE = 1.12
"""Of paper of one colour no channel's share of the light differs by more than this factor, ..."""

ROUGH, LEAST_ROUGH = 3.0, 4.0
"""... and its spread by no more than this one, nor is it less than so much (0-255): noise is in all pictures."""

RIM = 0.5
"""On either side paper is as light as around the digits, but for a factor of e to this: where it ends, a strip of what
is behind it looks like a stroke."""

BLACK = 4.0
"""Added to each channel: near black its share of the light is noise."""

COMPARED = 2
"""With the ground of so many digits, the nearest, of which one must be alike: a sheet may have a stripe."""

NEAR, BESIDE, BEYOND = 0.02, 0.12, 0.35
"""Where a sheet ends is looked at so close to a stroke's box, and so far, in heights, and what is behind it so far."""

STEP, LEAST_STEP = 1.2, 8.0
"""There one side is so many times as light as the other, and so much lighter (0-255), ..."""

MOST, ALIKE, EVEN = 0.75, 0.4, 10.0
"""... so much of the other one, as far as it is looked at, lest it is a stroke, is as dark as beside the box, but for
this share of the step, and its median deviation is no more than so much, lest ink lies in it, ..."""

DARKEST, SPREADS, LEAST_DARKER = 0.1, 3.0, 5.0
"""... and the darkest tenth of what is between is no darker than that by so many median deviations, or so much."""

_SAMPLES = 24
"""So many pixels along its height tell a box's ground."""


Colour = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Ground:
    """The median colour (channels,) around a box, the median deviation from it, 0-255, and the colour on each side."""

    colour: Colour
    spread: float
    sides: tuple[Colour, ...]

    def is_of_colour(self, other: _Ground) -> bool:
        """Whether both may be of paper of one colour, however it is lit."""
        return _are_alike(self.colour, other.colour)

    def is_as_smooth(self, other: _Ground) -> bool:
        """Whether this one is no rougher, and goes on to either side; at the rim of a sheet it does not."""
        smooth = self.spread <= max(LEAST_ROUGH, ROUGH * max(other.spread, 1.0))
        return smooth and all(
            _are_alike(side, other.colour) and abs(math.log(_light(side) / _light(other.colour))) <= RIM
            for side in self.sides
        )


_GroundOf = Callable[[Candidate], _Ground]


def _are_alike(a: Colour, b: Colour) -> bool:
    ratio = ((a + BLACK) / _light(a)) / ((b + BLACK) / _light(b))
    return bool(np.maximum(ratio, 1 / ratio).max() <= HUE)


def _light(colour: Colour) -> float:
    return float((colour + BLACK).sum())


def drop_off_sheet(
    image: Image, digits: list[Candidate], cluttered: bool, light: bool = False
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """Part the digits from what does not stand on a sheet, with the reason for people.

    Args:
        image: uint8 (H, W, 3) or (H, W).
        digits: what counts as digits, boxes in its pixels.
        cluttered: there is much else in the picture.
        light: the writing is lighter than its ground.
    """
    known: dict[int, _Ground] = {}

    def ground_of(digit: Candidate) -> _Ground:
        if id(digit) not in known:
            known[id(digit)] = _look(image, digit.box)
        return known[id(digit)]

    off = {id(d): "a stroke off the digits' sheet" for d in _strange_strokes(digits, ground_of, cluttered)}
    off |= {id(d): "the edge of a sheet" for d in digits if d.digit == 1 and _is_edge(image, d.box, light)}
    if cluttered:
        off |= {id(d): "on an edge, not on paper" for d in _on_edges(digits, ground_of)}
    return [d for d in digits if id(d) not in off], [(d, off[id(d)]) for d in digits if id(d) in off]


def _is_edge(image: Image, box: Box, light: bool) -> bool:
    """Whether one side of a stroke is much darker than the other, and nothing in its box is darker than that side."""
    gap, near, far = (max(least, round(share * box.height)) for least, share in ((1, NEAR), (3, BESIDE), (6, BEYOND)))
    left, right, step = max(0, box.x - gap), box.x + box.width + gap, max(1, box.height // _SAMPLES)
    rows = image[max(0, box.y) : box.y + box.height : step]
    sides = [_lights(rows[:, max(0, left - far) : left], light)[:, ::-1], _lights(rows[:, right : right + far], light)]
    if not all(side.size for side in sides):
        return False
    (level, dark), (other, _) = sorted(((_at(side[:, :near], 0.5), side) for side in sides), key=lambda known: known[0])
    height = other - level
    if height < (STEP - 1) * level + LEAST_STEP or _at(dark, MOST) > level + ALIKE * height:
        return False
    spread = _at(np.abs(dark - level), 0.5)
    if spread > EVEN:
        return False
    inner = _lights(rows[:, max(0, box.x) : box.x + box.width], light)
    return _at(inner, DARKEST) >= level - max(SPREADS * spread, LEAST_DARKER)


def _at(values: NDArray[np.float64] | NDArray[np.int16], share: float) -> float:
    """The value below which such a share of them lies."""
    place = int(share * (values.size - 1) + 0.5)
    return float(np.partition(values, place, axis=None)[place])


def _lights(part: Image, light: bool) -> NDArray[np.float64]:
    """The mean of the channels of each pixel, 0-255; of light writing what is missing to white."""
    if part.ndim == 3:
        wide = part.astype(np.int16)
        means = (wide[..., 0] + wide[..., 1] + wide[..., 2]) / 3
    else:
        means = part.astype(np.float64)
    return np.asarray(255 - means if light else means, np.float64)


def _on_edges(digits: Sequence[Candidate], ground_of: _GroundOf) -> list[Candidate]:
    """Those by themselves that have paper of one colour on their left, and of another on their right."""
    boxes = as_array([d.box for d in digits])
    lone = [d for i, d in enumerate(digits) if not np.delete(beside(d.box, boxes), i).any()]
    sides = ((d, ground_of(d).sides) for d in lone)
    return [d for d, colours in sides if len(colours) == 2 and not _are_alike(*colours)]


def _strange_strokes(digits: Sequence[Candidate], ground_of: _GroundOf, cluttered: bool) -> list[Candidate]:
    """Those bare strokes among the digits around which the ground is not that of the sure digits nearest to them.

    Of what stands beside a sure digit the colour alone is asked, and that in clutter: a hard shadow may cross a number.
    Where there is no sure digit but strokes, nothing tells.
    """
    sure = [d for d in digits if d.digit != 1 and d.confidence >= SURE]
    strokes = [d for d in digits if d.digit == 1]
    if not sure or not strokes:
        return []
    boxes = as_array([d.box for d in sure])
    middles = boxes[:, :2] + boxes[:, 2:] / 2

    def is_off(stroke: Candidate) -> bool:
        joined = bool(beside(stroke.box, boxes).any())
        if joined and not cluttered:
            return False
        own = ground_of(stroke)
        off = ((middles - stroke.box.center) ** 2).sum(axis=1)
        nearest = (sure[i] for i in np.argsort(off, kind="stable")[:COMPARED])
        return not any(own.is_of_colour(g) and (joined or own.is_as_smooth(g)) for g in map(ground_of, nearest))

    return [stroke for stroke in strokes if is_off(stroke)]


def _look(image: Image, box: Box) -> _Ground:
    """The ground in a frame around the box."""
    margin, gap = max(3, round(REACH * box.height)), max(2, round(CLEAR_OF * box.height))
    y, x, below, right = box.y - gap, box.x - gap, box.y + box.height + gap, box.x + box.width + gap
    top, left = max(0, box.y - margin), max(0, box.x - margin)
    bottom, end = box.y + box.height + margin, box.x + box.width + margin
    step = max(1, box.height // _SAMPLES)
    rows = slice(max(top, y), below, step)
    strips = (
        image[rows, left : max(left, x) : step],
        image[rows, right:end:step],
        image[top : max(top, y) : step, left:end:step],
        image[below:bottom:step, left:end:step],
    )
    channels = 1 if image.ndim == 2 else image.shape[2]
    parts = [strip.reshape(-1, channels).astype(np.int16) for strip in strips]
    pixels = np.concatenate(parts)
    if len(pixels) == 0:
        return _Ground(np.zeros(channels), 0.0, ())
    colour = _median(pixels)
    apart = _at(np.abs(pixels - colour.astype(np.int16)), 0.5)
    return _Ground(colour, apart, tuple(_median(part) for part in parts[:2] if len(part)))


def _median(pixels: NDArray[np.int16]) -> Colour:
    """Of (N, channels), N at least 1, each channel's."""
    middle = len(pixels) // 2
    return np.asarray(np.partition(pixels, middle, axis=0)[middle], np.float64)

"""Digits in colour: under a highlighter's stroke, in a coloured cell of a table, crossed by a red tick.

In the least of the three channels such colour is as dark as ink, so that what is written there hangs together by it. In
the greatest both the colour and the paper are light, and only the writing is dark. That is looked at where shapes that
were not read, or digits, are both of colour and dark: coloured ink by itself would be lost in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.adding import with_digits
from digitrec.bars import moved
from digitrec.candidates import SURE, count_sure
from digitrec.context import CLUTTER, CROWD
from digitrec.geometry import as_array, beside
from digitrec.parts import ROOM
from digitrec.ranks import quantile
from digitrec.results import Box, Digit, Image, Reading, Reject, cut

LEAST_PX = 14
"""Marked writing is so high at least."""

TINT, LIT = 1.4, 0.5
"""Beside the picture's lightest paper a colour's brightest channel is so many times its darkest, and so bright, ..."""

COLOURED = 0.06
"""... over such a share of a shape's box; ..."""

DARK, WRITTEN = 0.55, 0.02
"""... and of the writing no channel has more than this share of the colour's light, over such a share of it."""

LIGHTEST = 0.95
"""This quantile of a channel is the lightest paper's."""

INKED, DARKEST = 0.6, 0.9
"""Ink takes at least this share of the light that this quantile of a box takes, most of which is paper."""

FEW = 2
"""In clutter so many sure digits that are neither strokes nor rings are a page."""

BROADER = 2.0
"""Where a 1 is found, what is of colour was so many times as broad; of a crowd none is believed."""

UNLIKE = 0.35
"""The colours of two pens differ by so much in a channel."""

MOTLEY = 0.25
"""Where such a share of digits that are no strokes stands beside others, but none of its colour, each has its own."""

_SAMPLES, _STEP, _FEWER, _LEAST_CELLS = 24, 4, 6, 8
"""So many pixels along a shape tell of its colour; of every so many of the picture, of which every so many tell of
its paper, so many."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Colour:
    """The colour in a box.

    Attributes:
        light: how light it is, 0-255.
        is_written_on: something darker is there, too.
    """

    light: float = 0.0
    is_written_on: bool = False


def with_marked(read: Callable[[Image], Reading], image: Image, reading: Reading) -> Reading:
    """The reading of a picture with the digits that stand in colour, and without ticks between others.

    The same object where there is no colour.

    Args:
        read: reads a part of a picture.
        image: uint8 (H, W, 3) or (H, W).
        reading: of it.
    """
    if image.ndim == 2 or len(reading.rejects) >= ROOM:
        return reading
    size = max(1, reading.size[0] // _STEP), max(1, reading.size[1] // _STEP)
    sampled = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    white = _lightest(sampled)
    if not _has_colour(sampled, white):
        return reading
    colours = {box: _colour(image, box, white) for box in _large_boxes(reading)}
    ticks = _ticks(image, reading, white)
    marked = {box: colour.light for box, colour in colours.items() if colour.is_written_on}
    return with_digits(reading, _found(read, image, reading, marked) if marked else [], marked, ticks)


def _found(
    read: Callable[[Image], Reading], image: Image, reading: Reading, marked: Mapping[Box, float]
) -> list[Digit]:
    """The sure digits in boxes with colour, of which it is told how light that is."""
    part = Box.around(list(marked)).grown(LEAST_PX, reading.size)
    # Colour and paper become alike.
    light = np.minimum(cut(image, part).max(axis=2), np.uint8(min(marked.values())))
    seen = moved(read(light), part, reading.size)
    inside = (d for d in seen.digits if d.confidence >= SURE and any(box.holds(d.box) for box in marked))
    crowded = len(reading.rejects) >= CROWD
    found = [d for d in inside if d.digit != 1 or not (crowded or _is_bare(d, marked))]
    plain = count_sure((*found, *reading.digits), (0, 1))
    return found if plain >= FEW or len(reading.rejects) < CLUTTER else []


def _is_bare(digit: Digit, marked: Iterable[Box]) -> bool:
    """Whether there is no more colour around than a stroke has: the gap between two books is one, too."""
    around = [box.width for box in marked if box.holds(digit.box)]
    return max(around, default=0) < BROADER * digit.box.width


def _large_boxes(reading: Reading) -> list[Box]:
    boxes = [r.box for r in reading.rejects] + [d.box for d in reading.digits]
    return [box for box in boxes if box.height >= LEAST_PX and box.width >= 2]


def _lightest(sampled: Image) -> _Floats:
    """The lightest paper's colour, (3,), at least 1, as a few of a picture's pixels tell."""
    few = sampled[::_FEWER, ::_FEWER].reshape(-1, 3)
    place = int(LIGHTEST * (len(few) - 1))
    return np.asarray(np.maximum(np.partition(few, place, axis=0)[place], 1), np.float64)


def _has_colour(sampled: Image, white: _Floats) -> bool:
    """Whether there is any colour in a picture, as far as some of its pixels tell."""
    blue, green, red = (
        cv2.convertScaleAbs(plane, alpha=200 / light) for plane, light in zip(cv2.split(sampled), white, strict=True)
    )
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    tinted = cv2.compare(most, cv2.convertScaleAbs(least, alpha=TINT), cv2.CMP_GT)
    return cv2.countNonZero(cv2.bitwise_and(tinted, cv2.inRange(most, 200 * LIT, 255))) >= _LEAST_CELLS


def _colour(image: Image, box: Box, white: _Floats) -> _Colour:
    """What colour there is in a box."""
    inside = _sampled(image, box) / white
    most, least = inside.max(axis=2), inside.min(axis=2)
    coloured = (most >= TINT * least) & (most >= LIT)
    if coloured.mean() < COLOURED:
        return _Colour()
    light = float(np.median(most[coloured]))
    is_written_on = float((most < DARK * light).mean()) >= WRITTEN
    return _Colour(min(255.0, light * float(white.max())), is_written_on)


def _ticks(image: Image, reading: Reading, white: _Floats) -> list[Reject]:
    """The 1s of another colour than all digits beside them, and more of a colour: strokes of another pen."""
    strokes = [d for d in reading.digits if d.digit == 1 and d.box.height >= LEAST_PX]
    if not strokes or len(reading.digits) < 2:
        return []
    inks = np.array([_ink(image, d.box, white) for d in reading.digits])
    boxes = as_array([d.box for d in reading.digits])
    unlike = np.abs(inks[:, None] - inks[None]).max(axis=2) >= UNLIKE
    near = np.stack([beside(d.box, boxes) for d in reading.digits]) & ~np.eye(len(boxes), dtype=bool)
    plain = np.array([d.digit != 1 for d in reading.digits])
    if _is_motley(unlike[plain][:, plain], near[plain][:, plain]):
        return []
    found = []
    for i, d in enumerate(reading.digits):
        mates = near[i]
        darker = inks[mates].min(axis=1) > inks[i].min()
        if d in strokes and mates.any() and (unlike[i][mates] & darker).all():
            found.append(Reject(d.box, "a stroke of another colour", d.probabilities, d.crop))
    return found


def _is_motley(unlike: NDArray[np.bool_], near: NDArray[np.bool_]) -> bool:
    """Whether each digit has a colour of its own: (N, N), which are of unlike colours, and which stand side by side."""
    accompanied = near.any(axis=1)
    alone = accompanied & ~(near & ~unlike).any(axis=1)
    return bool(alone.sum() >= max(1, MOTLEY * accompanied.sum()))


def _ink(image: Image, box: Box, white: _Floats) -> _Floats:
    """The colour of the ink in a box: how much light of each channel it takes, (3,), the most 1.

    That is the same where a stroke is thin, and mixed with the paper.
    """
    taken = np.maximum(1 - _sampled(image, box) / white, 0).reshape(-1, 3)
    dark = taken.sum(axis=1)
    ink = taken[dark >= INKED * quantile(dark, DARKEST)].mean(axis=0)
    return np.asarray(ink / max(float(ink.max()), 1e-3), np.float64)


def _sampled(image: Image, box: Box) -> Image:
    down, across = (max(1, side // _SAMPLES) for side in (box.height, box.width))
    return image[box.y : box.foot : down, box.x : box.x + box.width : across]

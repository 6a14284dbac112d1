"""Tinted paper, as sticky notes and index cards are: made neutral, so that any ink that is darker in a channel shows.

In the least of the three channels a yellow note is as dark as a pencil is. What counts is how much of the paper's own
light is missing in each channel; so each is brought to the same brightness where the paper is tinted.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image

TINT = 1.4
"""Paper is tinted where one channel is so many times as bright as another ..."""

LIT = 128
"""... and it is as bright as this (0-255): darker than paper are wooden tables, and in the dark the channels differ by
noise ..."""

SHARE = 0.03
"""... over at least such a share of the picture: less is a thing on the table."""

FADING = (2.0, 3.0)
"""A channel that is so many times darker than the brightest has hardly any light to lack, but as much noise: it is left
out, the more, the darker it is."""

SURE = (1.1, 1.3)
"""A broad marker's red is no paper: where the brightest around is hardly tinted (less than so, and fully from so on),
the ground is white."""

_CROSS = np.ones((3, 3), np.uint8)

_CELLS = 64
"""Along the longer side of the picture in which the paper's colour is looked for ..."""

_WINDOW = 17
"""... as the median in a window of so many: a quarter of the picture, in which ink must be the lesser part, ..."""

_NOTE, SOLID = 5, 10
"""... or in one of so many where all of it has about one colour, give or take so much (0-255) in each channel: a small
note."""


def is_tinted(planes: Sequence[Image]) -> bool:
    """Whether the ground of a picture is tinted, as far as its median tells.

    Args:
        planes: the channels, uint8 (H, W); of grey pictures one.
    """
    if len(planes) < 3:
        return False
    sampled = _sampled(planes)
    # Where few cells are coloured, their median is not.
    return _is_coloured(sampled) and _is_coloured(_medians(sampled))


def make_neutral(planes: Sequence[Image]) -> None:
    """Bring the three channels of the paper to the brightness of its brightest, in place.

    Args:
        planes: uint8 (H, W) each, in which ink is dark.
    """
    square = np.ones((_WINDOW, _WINDOW), np.uint8)
    sampled = _sampled(planes)
    colour = _papers(sampled)
    most, _ = _extremes(colour)
    closed = (cv2.morphologyEx(cv2.blur(plane, (3, 3)), cv2.MORPH_CLOSE, square) for plane in sampled)
    brightest = [np.asarray(plane, np.uint8) for plane in closed]
    # Between strokes that are lighter in a channel it is hardly tinted either.
    share = _from(np.asarray(cv2.dilate(_times(*_extremes(brightest)), square), np.float32), *SURE)
    size = planes[0].shape[1], planes[0].shape[0]
    for plane, low in zip(planes, colour, strict=True):
        ratio = _times(most, np.maximum(low, np.uint8(1)))
        gain = 1 + share * (ratio * (1 + _from(ratio, *FADING)) - 1)
        if gain.max() > 1.05:
            cv2.multiply(plane, cv2.resize(gain, size), dst=plane, dtype=cv2.CV_8U)


def _sampled(planes: Sequence[Image]) -> list[Image]:
    """Every so many pixels of each channel."""
    step = max(1, max(planes[0].shape) // _CELLS)
    return [np.ascontiguousarray(plane[::step, ::step]) for plane in planes]


def _papers(sampled: Sequence[Image]) -> list[Image]:
    """The paper's colour: of a small note where one lies, else of what is around."""
    around, near = _medians(sampled), _medians(sampled, _NOTE)
    most, least = _extremes(near)
    note = cv2.bitwise_and(cv2.inRange(_times(most, least), TINT, FADING[1]), cv2.inRange(most, LIT, 255))
    square = np.ones((_NOTE, _NOTE), np.uint8)
    for plane in near:
        spread = cv2.subtract(cv2.dilate(plane, _CROSS), cv2.erode(plane, _CROSS))
        note = cv2.bitwise_and(note, cv2.inRange(spread, 0, SOLID))
    # To its rim: the colour there is that of the cells inside.
    inside = cv2.dilate(note, square)
    papers = []
    for wide, own in zip(around, near, strict=True):
        known = cv2.dilate(cv2.bitwise_and(own, note), square)
        papers.append(np.asarray(np.where(inside > 0, np.where(note > 0, own, known), wide), np.uint8))
    return papers


def _medians(sampled: Sequence[Image], window: int = _WINDOW) -> list[Image]:
    return [np.asarray(cv2.medianBlur(plane, window), np.uint8) for plane in sampled]


def _is_coloured(planes: Sequence[Image]) -> bool:
    most, least = _extremes(planes)
    coloured = cv2.compare(least, cv2.convertScaleAbs(most, alpha=1 / TINT), cv2.CMP_LT)
    lit = cv2.inRange(most, LIT, 255)
    return cv2.countNonZero(cv2.bitwise_and(coloured, lit)) >= SHARE * most.size


def _extremes(planes: Sequence[Image]) -> tuple[Image, Image]:
    """Each cell's brightest and darkest channel, the latter at least 1."""
    blue, green, red = planes
    most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return np.asarray(most, np.uint8), np.maximum(least, np.uint8(1))


def _times(most: Image, least: Image) -> NDArray[np.float32]:
    return np.asarray(cv2.divide(most, least, dtype=cv2.CV_32F), np.float32)


def _from(ratio: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """0 up to ``low``, 1 from ``high`` on."""
    return np.asarray(np.clip((ratio - np.float32(low)) / np.float32(high - low), 0, 1), np.float32)

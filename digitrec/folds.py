"""Folds of a sheet out of the ink mask: lines broader than a rule, with a soft side, across much of the sheet.

Their ink is paler than the writing. By that it is told from strokes, pixel by pixel: where none is near, a fold is as
broad as a finger, and beside one hardly a line, so that its breadth tells nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.following import Followed, follow
from digitrec.ink import LARGE_PX
from digitrec.ranks import quantile
from digitrec.results import Image
from digitrec.straight import Line, line_distance

THINNEST_PX, BROADEST_PX = 5, 21
"""A fold's ink is at least so broad in the median, and no broader where nothing crosses."""

PLAIN = 0.7
"""For so much of its length it stands alone: the things on a desk have sides that are straight in parts."""

DARK, DARKER = 0.75, 1.5
"""This quantile of how dark all other ink is, is so many times as dark, ..."""

LEAST_INK_PX = 200
"""... and there is so much of it at least."""

_Places = tuple[NDArray[np.intp], NDArray[np.intp]]


def without_folds(mask: Image, depth: Image, lines: Sequence[Line]) -> Image:
    """The mask without what is paler than writing along folds, from end to end of it: itself where there are none.

    Args:
        mask: uint8 (h, w), 255 ink, of a large picture: in a small one a stroke is so broad.
        depth: uint8 (h, w), how dark the ink is.
        lines: long ones, of which some may be folds.
    """
    if min(mask.shape) < LARGE_PX:
        return mask
    folds: list[tuple[_Places, float]] = []
    known: list[Line] = []
    other = mask
    for line in lines:
        followed = None if any(_holds(fold, line) for fold in known) else follow(mask, line, BROADEST_PX)
        if followed is not None and followed.thin.mean() >= PLAIN and followed.thickness >= THINNEST_PX:
            known.append(line)
            places = _band(line, mask.shape)
            folds.append((places, _depth_of(followed, depth)))
            other = mask.copy() if other is mask else other
            other[places[1], places[0]] = 0
    ink = depth[other > 0] if folds else depth[:0]
    if ink.size < LEAST_INK_PX:
        return mask
    dark, out = quantile(ink, DARK), mask
    for (x, y), pale in folds:
        if dark >= DARKER * pale:
            out = mask.copy() if out is mask else out
            gone = depth[y, x] < (dark + pale) / 2
            out[y[gone], x[gone]] = 0
    return out


def _holds(fold: Line, line: Line) -> bool:
    """Whether a line lies in a fold that is known."""
    return all(line_distance(fold, *line.point(end)) <= BROADEST_PX for end in (line.start, line.end))


def _depth_of(followed: Followed, depth: Image) -> float:
    """How dark the middle of the ink is where nothing crosses a line, in the median."""
    along = followed.line.start + np.flatnonzero(followed.thin).astype(np.float64)
    places = np.rint(followed.line.points(along, followed.middle[followed.thin].astype(np.float64))).astype(np.intp)
    x, y = places.clip(0, np.array(depth.shape[::-1]) - 1).T
    return float(np.median(depth[y, x]))


def _band(line: Line, shape: tuple[int, ...]) -> _Places:
    """The columns and rows within a fold's breadth of a line, from end to end of the mask: strokes may hide it."""
    corners = np.array([(x, y) for x in (0, shape[1]) for y in (0, shape[0])], np.float64)
    reached = corners @ (math.cos(line.angle), math.sin(line.angle))
    along = np.arange(math.floor(reached.min()) - 1, math.ceil(reached.max()) + 2, dtype=np.float64)
    beside = np.arange(-BROADEST_PX, BROADEST_PX + 1, dtype=np.float64)
    places = line.points(np.tile(along, len(beside)), np.repeat(beside, len(along)))
    x, y = np.rint(places).astype(np.intp).T
    inside = (x >= 0) & (y >= 0) & (x < shape[1]) & (y < shape[0])
    return x[inside], y[inside]

"""The lines of a table go on beyond the last of those that cross them: what hangs over looks like a 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitrec.following import SLACK_PX, Followed, follow, reached
from digitrec.results import Image

ALONE = 0.8
"""Beyond the end of a line its ink is as thin for so much of its way: what stands there is no writing."""

SHORTER = 0.8
"""It is shorter than such a share of the line: what goes on from square to square is squared paper."""

THICKER = 1.3
"""And no more than so many times, and ``SLACK_PX``, as thick as the line's own."""

PROBED_PX = (3, 6)
"""There is ink so far beyond."""

ALIKE, NEAR_PX = 0.1, 6.0
"""Another line goes on there if it has the same direction, to this angle, and lies so close."""

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


def overhangs(mask: Image, lines: Sequence[Followed]) -> list[Followed]:
    """What hangs over at the ends of lines, straight and by less than their own length.

    Args:
        mask: uint8 (h, w), 255 ink.
        lines: of tables.
    """
    if not lines:
        return []
    ends = np.array([(f.line.end, f.line.start) for f in lines])
    aside = np.array([f.curve.at(end) for f, end in zip(lines, ends, strict=True)])
    is_open = _is_open(mask, lines, ends, aside)
    found = (_overhang(mask, lines[i], float(aside[i, k]), k == 0) for i, k in np.argwhere(is_open))
    return [f for f in found if f is not None]


def _is_open(mask: Image, lines: Sequence[Followed], ends: _Floats, aside: _Floats) -> _Bools:
    """(N, 2): at which ends of the lines there is ink beyond that belongs to no other line."""
    height, width = mask.shape
    open_ = np.ones(ends.shape, np.bool_)
    for beyond in PROBED_PX:
        x, y = _places(lines, ends + np.array([beyond, -beyond]), aside)
        columns, rows = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
        inside = (columns >= 1) & (rows >= 1) & (columns < width - 1) & (rows < height - 1)
        columns, rows = columns.clip(1, width - 2), rows.clip(1, height - 2)
        around = [mask[rows + down, columns + right] for down in (-1, 0, 1) for right in (-1, 0, 1)]
        open_ &= inside & (np.max(around, axis=0) > 0)
    return open_ & ~_covered(lines, *_places(lines, ends + np.array([PROBED_PX[-1], -PROBED_PX[-1]]), aside))


def _places(lines: Sequence[Followed], along: _Floats, aside: _Floats) -> tuple[_Floats, _Floats]:
    """Two places along each line: (N, 2) of x and of y."""
    angles = np.array([[f.line.angle] for f in lines])
    offsets = np.array([[f.line.offset] for f in lines]) + aside
    cos, sin = np.cos(angles), np.sin(angles)
    return along * cos - offsets * sin, along * sin + offsets * cos


def _covered(lines: Sequence[Followed], x: _Floats, y: _Floats) -> _Bools:
    """(N, 2): which places beyond a line lie on another line of its direction."""
    angles, offsets, starts, stops = np.array(
        [(f.line.angle, f.line.offset, f.line.start, f.line.end) for f in lines]
    ).T
    cos, sin = np.cos(angles), np.sin(angles)
    along, beside = x[..., None] * cos + y[..., None] * sin, y[..., None] * cos - x[..., None] * sin
    turn = np.abs(angles[:, None] - angles[None]) % np.pi
    alike = np.minimum(turn, np.pi - turn) < ALIKE
    on = (np.abs(beside - offsets) < NEAR_PX) & (along > starts) & (along < stops)
    return np.asarray((on & alike[:, None]).any(axis=2), np.bool_)


def _overhang(mask: Image, known: Followed, aside: float, forward: bool) -> Followed | None:
    """The ink beyond an end of a line, where that is alone."""
    line = known.line
    begin = line.end if forward else line.start - line.length
    beyond = replace(line, start=begin, end=begin + line.length, offset=line.offset + aside)
    ink = follow(mask, beyond, known.thickest, known.slack)
    length = reached(ink.run if forward else ink.run[::-1])
    thin = ink.thin[:length] if forward else ink.thin[len(ink.thin) - length :]
    if (
        not PROBED_PX[-1] <= length < SHORTER * line.length
        or thin.mean() < ALONE
        or ink.thickness > THICKER * known.thickness + SLACK_PX
    ):
        return None
    first = line.end if forward else line.start - length
    return follow(mask, replace(beyond, start=first, end=first + length), known.thickest, known.slack)

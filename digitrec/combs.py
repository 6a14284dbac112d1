"""The teeth of a form's comb, between which digits are written, and a ruler's ticks: strokes at an even pitch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import Candidate
from digitrec.geometry import Matrix, as_array

TEETH = 5
"""So many strokes in a row are a comb, ..."""

HIGH, WIDE = 0.18, 0.15
"""... as high and as wide as each other, give or take these shares of their height, ..."""

PITCH, STEEP = (0.3, 4.0), 0.5
"""... so many heights apart, along a line that rises by no more than this share of its length, ..."""

ALONG, FOOT = 0.1, 0.15
"""... and as far from each other to this share of the pitch, their feet on the line to this share of their height."""

SLACK_PX = 2.0
"""And to so many pixels more."""

HALF = 0.3, 0.55
"""Where their heads are on a line some may have so much of the others' height: the line that ticks stand on was taken
out, and parts most of them."""

MOST = 200
"""More strokes are grain."""

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


def find_teeth(strokes: Sequence[Candidate]) -> set[int]:
    """The ids of the strokes that are teeth of combs."""
    if not TEETH <= len(strokes) <= MOST:
        return set()
    boxes = as_array([c.box for c in strokes])
    high, wide = boxes[:, 3], boxes[:, 2]
    slim = np.abs(wide[None] - wide[:, None]) < WIDE * high[:, None]
    alike = np.abs(high[None] - high[:, None]) < HIGH * high[:, None]
    share = np.minimum(high[None], high[:, None]) / np.maximum(high[None], high[:, None])
    half = (share > HALF[0]) & (share < HALF[1])
    teeth = _rows(boxes, boxes[:, 1] + high, alike & slim) | _rows(boxes, boxes[:, 1], (alike | half) & slim)
    return {id(strokes[i]) for i in teeth}


def _rows(boxes: Matrix, ends: _Floats, alike: _Bools) -> set[int]:
    """The strokes that stand in rows.

    Args:
        boxes: (N, 4) of all strokes.
        ends: (N,) their feet or their heads, which lie on a line.
        alike: (N, N) which are alike enough to be of one row.
    """
    middle, high = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 3]
    across, rise = middle[None] - middle[:, None], ends[None] - ends[:, None]
    pairs = alike & (across > PITCH[0] * high[:, None]) & (across <= PITCH[1] * high[:, None])
    pairs &= np.abs(rise) <= STEEP * across
    teeth: set[int] = set()
    for first, second in np.argwhere(pairs):
        if first in teeth and second in teeth:
            continue
        step = float(across[first, second]), float(rise[first, second])
        row = _row(boxes, ends, alike[first], int(first), step)
        if len(row) >= TEETH:
            teeth.update(row)
    return teeth


def _row(boxes: Matrix, ends: _Floats, alike: _Bools, first: int, step: tuple[float, float]) -> list[int]:
    """The strokes that go on from one, to the right, by the same step each: the pitch may grow with perspective."""
    middle, high = boxes[:, 0] + boxes[:, 2] / 2, boxes[first, 3]
    row, (across, rise) = [first], step
    while True:
        last = row[-1]
        off, below = np.abs(middle - middle[last] - across), np.abs(ends - ends[last] - rise)
        near = alike & (off <= ALONG * across + SLACK_PX) & (below <= FOOT * high + SLACK_PX)
        near[row] = False
        if not near.any():
            return row
        following = int(np.where(near, off, np.inf).argmin())
        across, rise = middle[following] - middle[last], ends[following] - ends[last]
        row.append(following)

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

PITCH, STEEP = (0.3, 3.0), 0.5
"""... so many heights apart, along a line that rises by no more than this share of its length, ..."""

ALONG, FOOT = 0.1, 0.15
"""... and as far from each other to this share of the pitch, their feet on the line to this share of their height."""

SLACK_PX = 2.0
"""And to so many pixels more."""

MOST = 200
"""More strokes are grain."""


def find_teeth(strokes: Sequence[Candidate]) -> set[int]:
    """The ids of the strokes that are teeth of combs."""
    if not TEETH <= len(strokes) <= MOST:
        return set()
    boxes = as_array([c.box for c in strokes])
    middle, foot, high = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3], boxes[:, 3]
    across, rise = middle[None] - middle[:, None], foot[None] - foot[:, None]
    alike = np.abs(high[None] - high[:, None]) < HIGH * high[:, None]
    alike &= np.abs(boxes[None, :, 2] - boxes[:, None, 2]) < WIDE * high[:, None]
    pairs = alike & (across > PITCH[0] * high[:, None]) & (across <= PITCH[1] * high[:, None])
    pairs &= np.abs(rise) <= STEEP * across
    teeth: set[int] = set()
    for first, second in np.argwhere(pairs):
        if first in teeth and second in teeth:
            continue
        step = float(across[first, second]), float(rise[first, second])
        row = _row(boxes, alike[first], int(first), step)
        if len(row) >= TEETH:
            teeth.update(row)
    return {id(strokes[i]) for i in teeth}


def _row(boxes: Matrix, alike: NDArray[np.bool_], first: int, step: tuple[float, float]) -> list[int]:
    """The strokes that go on from one, to the right, by the same step each: the pitch may grow with perspective."""
    middle, foot, high = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3], boxes[first, 3]
    row, (across, rise) = [first], step
    while True:
        last = row[-1]
        off, below = np.abs(middle - middle[last] - across), np.abs(foot - foot[last] - rise)
        near = alike & (off <= ALONG * across + SLACK_PX) & (below <= FOOT * high + SLACK_PX)
        near[row] = False
        if not near.any():
            return row
        following = int(np.where(near, off, np.inf).argmin())
        across, rise = middle[following] - middle[last], foot[following] - foot[last]
        row.append(following)

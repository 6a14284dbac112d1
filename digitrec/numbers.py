"""Digits -> lines -> numbers: which digits belong together, in reading order, at any tilt up to 30 degrees."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array
from digitrec.results import Box, Digit, Number

MAX_TILT_DEG = 32.0
"""Lines tilted more than this are not taken for lines."""

MOST_ASKED = 40
"""So many digits tell the tilt; more only cost time."""

REACH = 5.0
"""Pairs this many heights apart still vote for a tilt."""

OFF_LINE = 0.16
"""Digits of one line stand off it by this many heights, as a standard deviation."""

ALIGNED = 0.8
"""So many pairs a digit stand on lines where there are any."""

CLEARER = 1.12
"""A tilt is believed when its votes are so many times those for level lines."""

_TILTS = np.radians(np.arange(-MAX_TILT_DEG, MAX_TILT_DEG + 1, 2.0))
_PRIOR = np.exp(-0.5 * (_TILTS / math.radians(60)) ** 2)

LEAST_GAP = 0.65
"""Two digits are parted by a gap of more than this many digit heights ..."""

GAP_RATIO = 1.9
"""... if it is also more than this many times the usual gap of their line: some people write widely spaced."""

OWN_GAPS = 3
"""A line of fewer gaps is also measured by the usual gap of the page."""

WIDE_GAP = 0.95
"""Two digits alone on their line are parted by a gap of more than this many heights ..."""

FARTHEST = 1.6
"""... and any by more than this many."""


OVERHANG = 0.4
"""Ink between two digits that parts them reaches over or under them with so much of its width at most."""

_FIELDS = ("left", "right", "middle", "height")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A digit in the turned frame in which lines run level."""

    item: int
    left: float
    right: float
    middle: float
    height: float


def group(digits: Sequence[Digit], obstacles: Sequence[Box] = ()) -> tuple[tuple[Digit, ...], tuple[Number, ...]]:
    """Put digits in reading order and group them into numbers.

    Args:
        digits: in any order.
        obstacles: boxes of other ink (operators, letters): one that stands between two digits parts them.

    Returns:
        The digits in reading order, and the numbers in the same order.
    """
    if not digits:
        return (), ()
    tilt = line_tilt([d.box for d in digits])
    placed = [_place(i, d.box, tilt) for i, d in enumerate(digits)]
    walls = [_place(-1, b, tilt) for b in obstacles]
    numbers: list[Number] = []
    lines = _lines(placed)
    gaps = [_gaps(line) for line in lines]
    page = _usual_gap([g for own in gaps for g in own])
    for line, own in zip(lines, gaps, strict=True):
        numbers += [_number([digits[p.item] for p in run]) for run in _split(line, own, walls, page)]
    ordered = tuple(d for n in numbers for d in n.digits)
    return ordered, tuple(numbers)


def line_tilt(boxes: Sequence[Box]) -> float:
    """The common tilt of the lines, radians, positive when they fall to the right; 0 where there is none.

    Of all tilts the one at which most pairs of neighbours stand side by side, refined by least squares over these.
    """
    if len(boxes) < 2:
        return 0.0
    array = as_array(sorted(boxes, key=lambda b: -b.height)[:MOST_ASKED])
    across, down, height = _pairs(array)
    if across.size == 0:
        return 0.0
    off = np.abs(down[None] * np.cos(_TILTS)[:, None] - across[None] * np.sin(_TILTS)[:, None]) / height
    votes = np.exp(-0.5 * (off / OFF_LINE) ** 2).sum(axis=1) * _PRIOR
    best = int(votes.argmax())
    on_line = off[best] < 2 * OFF_LINE
    level = votes[len(_TILTS) // 2]
    if on_line.sum() < ALIGNED * (len(array) - 1) or votes[best] < CLEARER * level:
        return 0.0
    tilt = math.atan2(float((across * down)[on_line].sum()), float((across**2)[on_line].sum()))
    tilt = min(_TILTS[-1], max(_TILTS[0], tilt))
    # Unequal heights of two or three digits look like a tilt: believe small sets only when the tilt is plain to see.
    return float(tilt) if len(array) >= 5 or abs(tilt) > math.radians(8) else 0.0


def _pairs(array: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of (N, 4) boxes those pairs that may stand on one line: distance across and down, and the larger height."""
    height = array[:, 3]
    centre = array[:, :2] + array[:, 2:] / 2
    across, down = (centre[None, :, k] - centre[:, None, k] for k in (0, 1))
    larger, smaller = (f(height[:, None], height[None]) for f in (np.maximum, np.minimum))
    fits = (across > 0.1 * larger) & (across <= REACH * larger) & (smaller >= 0.45 * larger)
    fits &= np.abs(down) <= math.tan(math.radians(MAX_TILT_DEG)) * across + 0.3 * larger
    return across[fits], down[fits], larger[fits]


def _place(item: int, box: Box, tilt: float) -> _Placed:
    x, y = box.center
    cos, sin = math.cos(tilt), math.sin(tilt)
    along, across = x * cos + y * sin, y * cos - x * sin
    # As wide as the upright box: turned back by geometry, a slanted digit would come out too narrow.
    return _Placed(item, along - box.width / 2, along + box.width / 2, across, box.height)


def _lines(placed: list[_Placed]) -> list[list[_Placed]]:
    """Chains of neighbours, the nearest linked first, each sorted along the line, from the top line down."""
    distances = _distances(placed)
    following: dict[int, int] = {}
    led: set[int] = set()
    for flat in np.argsort(distances, axis=None, kind="stable")[: np.isfinite(distances).sum()]:
        a, b = divmod(int(flat), len(placed))
        if a not in following and b not in led:
            following[a] = b
            led.add(b)
    chains = []
    for start in range(len(placed)):
        if start in led:
            continue
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        chains.append([placed[i] for i in chain])
    return sorted(chains, key=_reading_key(chains))


def _reading_key(chains: list[list[_Placed]]) -> Callable[[list[_Placed]], tuple[int, float]]:
    """Sort key: rows of lines from the top; lines side by side from the left."""
    middles = {id(c): _middle([p.middle for p in c]) for c in chains}
    tops = sorted((middles[id(c)], _middle([p.height for p in c])) for c in chains)
    rows: list[tuple[float, float]] = []
    for middle, height in tops:
        if not rows or middle - rows[-1][0] > 0.5 * max(height, rows[-1][1]):
            rows.append((middle, height))

    starts = [middle for middle, _ in rows]

    def key(chain: list[_Placed]) -> tuple[int, float]:
        middle = middles[id(chain)]
        below = bisect_left(starts, middle)
        near = range(max(0, below - 1), min(below + 1, len(rows)))
        return min(near, key=lambda r: abs(starts[r] - middle)), chain[0].left

    return key


def _middle(values: list[float]) -> float:
    """The median: most lines are short."""
    return values[0] if len(values) == 1 else median(values)


def _distances(placed: list[_Placed]) -> NDArray[np.float64]:
    """How far each (column) follows each other (row) on its line; infinite where it does not."""
    left, right, middle, height = (np.array([getattr(p, k) for p in placed]) for k in _FIELDS)
    larger, smaller = (f(height[:, None], height[None]) for f in (np.maximum, np.minimum))
    ahead = ((left + right)[None] - (left + right)[:, None]) / 2
    gap = left[None] - right[:, None]
    drop = np.abs(middle[None] - middle[:, None])
    fits = (smaller >= 0.4 * larger) & (ahead > 0.05 * larger) & (drop <= 0.55 * larger)
    fits &= (gap >= -1.3 * larger) & (gap <= FARTHEST * larger)
    return np.asarray(np.where(fits, np.maximum(gap, 0) + ahead * 0.25 + drop, np.inf), np.float64)


def _gaps(line: list[_Placed]) -> list[float]:
    """The gaps of a line over its digits' height."""
    if len(line) == 1:
        return []
    height = median(p.height for p in line)
    return [(b.left - a.right) / height for a, b in pairwise(line)]


def _usual_gap(gaps: list[float]) -> float:
    """The lower median: of two gaps the smaller, since one of them may part two numbers."""
    return max(sorted(gaps)[(len(gaps) - 1) // 2], 0.0) if gaps else 0.0


def _split(line: list[_Placed], gaps: list[float], walls: list[_Placed], page: float) -> list[list[_Placed]]:
    """Part a line where the gap is wide against the usual gap, or where other ink stands between.

    Args:
        line: along the line.
        gaps: between its digits, over their height.
        walls: other ink.
        page: the usual gap of the whole page: a line of three digits does not tell its own.
    """
    usual = _usual_gap(gaps) if len(gaps) >= OWN_GAPS else min(page, _usual_gap(gaps))
    runs = [line[:1]]
    for gap, (a, b) in zip(gaps, pairwise(line), strict=True):
        if gap > max(LEAST_GAP, GAP_RATIO * usual) or (len(gaps) == 1 and gap > WIDE_GAP) or _walled(a, b, walls):
            runs.append([])
        runs[-1].append(b)
    return runs


def _walled(a: _Placed, b: _Placed, walls: list[_Placed]) -> bool:
    height = max(a.height, b.height)
    for wall in walls:
        between = a.right - 0.2 * height < (wall.left + wall.right) / 2 < b.left + 0.2 * height
        level = abs(wall.middle - (a.middle + b.middle) / 2) < 0.5 * height
        width = wall.right - wall.left
        large = max(wall.height, width) > 0.3 * height
        # What lies over or under a digit belongs to it: the bar of a 5, the foot of a 2.
        clear = max(a.right - wall.left, 0.0) + max(wall.right - b.left, 0.0) <= OVERHANG * width
        if between and level and large and clear:
            return True
    return False


def _number(digits: list[Digit]) -> Number:
    return Number(
        box=Box.around([d.box for d in digits]),
        text="".join(str(d.digit) for d in digits),
        confidence=math.prod(d.confidence for d in digits),
        digits=tuple(digits),
    )

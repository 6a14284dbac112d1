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

from digitrec.geometry import turned_box
from digitrec.line_tilt import number_tilt
from digitrec.results import Box, Digit, Number

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

EVEN_GAPS = 6
"""A page of so many gaps tells how evenly it is spaced: there a gap parts two digits from half a height ..."""

EVEN_LEAST, EVEN_MORE, EVEN_SPREAD = 0.5, 0.2, 5.0
"""... if it is wider than the page's median by this many heights and by so many times the median deviation from it."""


OVERHANG = 0.4
"""Ink between two digits that parts them reaches over or under them with so much of its width at most."""

FLAT, AT_HALF = 0.35, 0.18
"""What is lower than this share of its width parts two digits at half their height only, give or take so many heights:
a dash does; what runs along their feet is an underline, or left of a rule."""

TICK = 0.45
"""So does what is lower than this share of the digits, if it stands in their upper half: 1'000 is one number."""

_FIELDS = ("left", "right", "middle", "height")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A digit in the turned frame in which lines run level."""

    item: int
    left: float
    right: float
    middle: float
    height: float


GapOf = Callable[[Digit, Digit, float], float]
"""What the gap between two digits is to be taken for, from how many times as wide it is as one that parts a number."""


def group(
    digits: Sequence[Digit], obstacles: Sequence[Box] = (), gap_of: GapOf | None = None, quarters: int = 0
) -> tuple[tuple[Digit, ...], tuple[Number, ...]]:
    """Put digits in reading order and group them into numbers.

    Args:
        digits: in any order.
        obstacles: boxes of other ink (operators, letters): one that stands between two digits parts them.
        gap_of: knows more of a gap than what is seen now; None: nobody does.
        quarters: so many quarters of a circle against the clock make the writing upright.

    Returns:
        The digits in reading order, and the numbers in the same order.
    """
    if not digits:
        return (), ()
    boxes, others = ([turned_box(b, quarters) for b in own] for own in ([d.box for d in digits], obstacles))
    tilt = number_tilt(boxes)
    placed = [_place(i, box, tilt) for i, box in enumerate(boxes)]
    walls = [_place(-1, b, tilt) for b in others]
    numbers: list[Number] = []
    lines = _lines(placed)
    gaps = [_gaps(line) for line in lines]
    page = _Spacing.of([g for own in gaps for g in own])
    for line, own in zip(lines, gaps, strict=True):
        widths = page.widths(own)
        if gap_of is not None:
            pairs = ((digits[a.item], digits[b.item]) for a, b in pairwise(line))
            widths = [gap_of(*pair, width) for pair, width in zip(pairs, widths, strict=True)]
        numbers += [_number([digits[p.item] for p in run]) for run in _split(line, widths, walls)]
    ordered = tuple(d for n in numbers for d in n.digits)
    return ordered, tuple(numbers)


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


@dataclass(frozen=True, slots=True)
class _Spacing:
    """How a page is spaced, in heights: its usual gap, and the gap that parts two digits where it is even."""

    usual: float
    parting: float

    @staticmethod
    def of(gaps: list[float]) -> _Spacing:
        if len(gaps) < EVEN_GAPS:
            return _Spacing(_usual_gap(gaps), math.inf)
        middle = median(gaps)
        spread = median(abs(g - middle) for g in gaps)
        return _Spacing(_usual_gap(gaps), max(EVEN_LEAST, middle + max(EVEN_MORE, EVEN_SPREAD * spread)))

    def widths(self, gaps: list[float]) -> list[float]:
        """How many times as wide the gaps of a line, over its digits' height, are as one that parts it."""
        # A line of three digits does not tell its own.
        usual = _usual_gap(gaps) if len(gaps) >= OWN_GAPS else min(self.usual, _usual_gap(gaps))
        parting = min(max(LEAST_GAP, GAP_RATIO * usual), self.parting, WIDE_GAP if len(gaps) == 1 else math.inf)
        return [gap / parting for gap in gaps]


def _split(line: list[_Placed], widths: list[float], walls: list[_Placed]) -> list[list[_Placed]]:
    """Part a line where the gap is wide, or where other ink stands between.

    Args:
        line: along the line.
        widths: of the gaps between its digits, in so many times what parts it.
        walls: other ink.
    """
    runs = [line[:1]]
    for width, (a, b) in zip(widths, pairwise(line), strict=True):
        if width > 1 or _walled(a, b, walls):
            runs.append([])
        runs[-1].append(b)
    return runs


def _walled(a: _Placed, b: _Placed, walls: list[_Placed]) -> bool:
    height = max(a.height, b.height)
    for wall in walls:
        between = a.right - 0.2 * height < (wall.left + wall.right) / 2 < b.left + 0.2 * height
        width = wall.right - wall.left
        below = wall.middle - (a.middle + b.middle) / 2
        is_tick = wall.height < TICK * height and below < 0
        level = abs(below) < (AT_HALF if wall.height < FLAT * width or is_tick else 0.5) * height
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

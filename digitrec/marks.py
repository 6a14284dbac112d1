"""Marks that look like digits, told by where they stand: ? and !, percent and degree signs, commas."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import as_array, beside
from digitrec.results import NOT_A_DIGIT, Box

HOOKS = (1, 2, 7)
"""What a question or an exclamation mark looks like without its dot."""

DOT = 0.25
"""The dot is no larger than this share of what stands over it, ..."""

AS_DARK = 0.6
"""... has at least this share of its contrast, ..."""

ROUND = 2.2
"""... no longer than so many times its breadth, ..."""

GAP = (0.05, 0.6)
"""... so many heights below it, ..."""

RAISED = 0.12
"""... which ends so many heights above the line on which its neighbours stand, ..."""

ON_LINE = 0.25
"""... while the dot ends this near to it."""

NEAR = 1.6
"""Neighbours are so many heights away at most."""

TITTLE, OVER = 0.32, (0.1, 0.6)
"""Over a stroke by itself, which is an i with it, a dot is no larger than this share, and so many heights above it."""

RING = (0.15, 0.6)
"""A ring of a percent sign has between these shares of its stroke's height, ..."""

APART, ASIDE, FAR = 0.12, 1.0, 1.0
"""... lies so much of it above or below its middle, and no farther aside, above or below."""

RINGS = (0, 6, 8, 9)
"""What such a ring may look like."""

BROAD, WIDEST, IN_HEIGHT, ASIDE_REST = 0.6, 1.3, 0.6, (0.2, 0.75)
"""Of a percent sign whose stroke hangs together with one ring, that piece is so broad where it is taken for a digit, no
broader in any case, and the other ring lies within so much of its height, so much of it aside."""

SMALLER, WITHIN = 0.7, 2.5
"""All these have at most this share of the height of some digit no further aside than so many of its heights."""

INKY = 100
"""Ink of a crop is as bright as this, 0-255."""

SMALL, SMALL_RING = 0.5, 0.55
"""A comma and a degree sign are no higher than these shares of the digit before them, ..."""

TAIL = 1
"""... look like this, and like 0, ..."""

BEFORE = 0.9
"""... stand no further behind it than so many of its heights, ..."""

BASE, TOP = (0.5, 0.55), 0.65
"""... a comma from this share of its height downwards, to no more than so much below it; a degree sign ends above this
share, with no digit as small beside it."""


def drop_marks(digits: list[Candidate], others: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from marks.

    Args:
        digits: what counts as digits.
        others: shapes that do not, dots among them.
    """
    marks = [d for d in digits if d.digit in HOOKS and _is_dotted(d, digits, others)]
    marks += [d for d in digits if d.digit == 1 and _has_tittle(d, digits, others)]
    small = _small_ones(digits)
    rings = [d for d in small if d.digit in RINGS]
    for stroke in digits if rings else []:
        if stroke.digit == 1:
            marks += _percent(stroke, rings)
    for ring in rings:
        marks += _percent_in_two(ring, digits, others)
    marks += [d for d in small if _is_comma(d, digits) or _is_degree(d, digits)]
    found = {id(m) for m in marks}
    return [d for d in digits if id(d) not in found], [d for d in digits if id(d) in found]


def _small_ones(digits: Sequence[Candidate]) -> list[Candidate]:
    """Those that are much smaller than a digit near them: of a page of a thousand hardly any."""
    x, y, width, height = as_array([d.box for d in digits]).T
    across, down = x + width / 2, y + height / 2
    smaller = height[:, None] <= SMALLER * height[None]
    # Looked up by the few pairs that differ so much: of a page of a thousand digits all pairs are a million.
    i, j = np.nonzero(smaller)
    near = (abs(across[i] - across[j]) <= WITHIN * height[j]) & (abs(down[i] - down[j]) <= height[j])
    return [digits[k] for k in np.unique(i[near])]


def _is_dotted(hook: Candidate, digits: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
    """Whether it stands on a dot that stands on the line of the digits beside it."""
    dark = AS_DARK * hook.contrast
    dots = [o.box for o in others if o.contrast >= dark and _is_dot_under(o.box, hook.box)]
    if not dots:
        return False
    height = hook.box.height
    feet = [d.box.foot for d in digits if d is not hook and _is_beside(d.box, hook.box)]
    if not feet:
        return False
    line = median(feet)
    return line - hook.box.foot >= RAISED * height and any(abs(d.foot - line) <= ON_LINE * height for d in dots)


def _has_tittle(stroke: Candidate, digits: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
    """Whether it is an i: a dot stands over it, and no digit beside it."""
    box, dark = stroke.box, AS_DARK * stroke.contrast
    dots = (o.box for o in others if o.contrast >= dark and _is_round(o.box, TITTLE * box.height))
    near = [d for d in dots if abs(d.center[0] - box.center[0]) <= box.width / 2 + d.width / 2]
    if not any(OVER[0] * box.height <= box.y - d.foot <= OVER[1] * box.height for d in near):
        return False
    return not beside(box, as_array([d.box for d in digits if d is not stroke])).any()


def _is_dot_under(dot: Box, hook: Box) -> bool:
    gap = dot.y - hook.foot
    over = GAP[0] * hook.height <= gap <= GAP[1] * hook.height and hook.x <= dot.center[0] <= hook.x + hook.width
    return over and _is_round(dot, DOT * hook.height)


def _is_round(box: Box, largest: float) -> bool:
    """Whether what lies in a box may be a dot."""
    short, long = sorted((box.width, box.height))
    return long <= largest and long <= ROUND * short


def _is_beside(box: Box, hook: Box) -> bool:
    across = abs(box.center[0] - hook.center[0])
    return across <= NEAR * hook.height and box.y < hook.foot < box.foot and box.height <= 2 * hook.height


def _percent(stroke: Candidate, small: Sequence[Candidate]) -> list[Candidate]:
    """The stroke and the two rings, ``small`` digits, of a percent sign; none where it is no such."""
    height, (x, y) = stroke.box.height, stroke.box.center
    rings = [d for d in small if RING[0] <= d.box.height / height <= RING[1]]
    near = [(d, (d.box.center[0] - x) / height, (d.box.center[1] - y) / height) for d in rings]
    upper = [d for d, aside, down in near if -ASIDE <= aside <= 0 and -FAR <= down <= -APART]
    lower = [d for d, aside, down in near if 0 <= aside <= ASIDE and APART <= down <= FAR]
    return [stroke, upper[0], lower[0]] if upper and lower else []


def _percent_in_two(ring: Candidate, digits: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """A small ring, and what is taken for a digit, where it hangs together, of the rest of its percent sign."""
    x, y = ring.box.center
    broad = (d for d in digits if d is not ring and d.box.width >= BROAD * d.box.height)
    for rest in (*others, *broad):
        box, height = rest.box, rest.box.height
        if not (RING[0] * height <= ring.box.height <= RING[1] * height and box.width <= WIDEST * height):
            continue
        aside, down = (x - box.center[0]) / height, (y - box.center[1]) / height
        if not (aside * down > 0 and APART <= abs(down) <= IN_HEIGHT and ASIDE_REST[0] <= abs(aside) <= ASIDE_REST[1]):
            continue
        if rest.contrast < AS_DARK * ring.contrast or not _may_be_rest(rest, ring, digits):
            continue
        if any(_is_next(d.box, box) for d in digits if d is not ring and d is not rest):
            return [ring, rest]
    return []


def _may_be_rest(rest: Candidate, ring: Candidate, digits: Sequence[Candidate]) -> bool:
    """Whether it is no digit, or a 1 or an unsure one that has a hole, or the ring would be a degree sign above it."""
    if rest.probabilities[NOT_A_DIGIT] >= 0.5:
        return True
    if _is_degree(ring, digits) and ring.box.x < rest.box.x < ring.box.x + ring.box.width:
        return True
    return (rest.digit == 1 or rest.confidence < SURE) and _has_hole(rest)


def _has_hole(digit: Candidate) -> bool:
    """Whether ink goes around some ground."""
    ground = np.pad((digit.crop < INKY).astype(np.uint8), 1, constant_values=1)
    return cv2.connectedComponents(ground, connectivity=4)[0] > 2


def _is_next(box: Box, rest: Box) -> bool:
    """Whether a sign that is as large as a digit stands behind that."""
    low, high = sorted((box.height, rest.height))
    gap, level = rest.x - (box.x + box.width), abs(box.center[1] - rest.center[1])
    return (
        low >= SMALL_RING * high
        and -0.5 * high <= gap <= high
        and box.center[0] < rest.center[0]
        and level <= 0.5 * high
    )


def _is_comma(small: Candidate, digits: Sequence[Candidate]) -> bool:
    """Whether it is a comma behind a digit."""
    before = _before(small, digits, SMALL) if small.digit == TAIL else None
    if before is None:
        return False
    top, foot = ((edge - before.y) / before.height for edge in (small.box.y, small.box.foot))
    hangs = top >= BASE[0] and 1 - SMALL / 4 <= foot <= 1 + BASE[1]
    return hangs and not _has_like(small, digits)


def _is_degree(small: Candidate, digits: Sequence[Candidate]) -> bool:
    """Whether it is a degree sign behind a digit."""
    before = _before(small, digits, SMALL_RING) if small.digit == 0 else None
    if before is None or small.box.foot > before.y + TOP * before.height:
        return False
    return not _has_like(small, digits)


def _has_like(small: Candidate, digits: Sequence[Candidate]) -> bool:
    """Whether a digit as small stands beside a small one."""
    x, _, width, height = small.box
    for box in (d.box for d in digits if d is not small):
        gap = max(box.x - x - width, x - box.x - box.width)
        level = abs(box.center[1] - small.box.center[1])
        if box.height * SMALL_RING <= height and gap <= height and level <= 0.5 * height:
            return True
    return False


def _before(small: Candidate, digits: Sequence[Candidate], share: float) -> Box | None:
    """The digit behind which something stands that has at most a share of its height; None: there is none."""
    x = small.box.center[0]
    near: list[Box] = []
    for box in (d.box for d in digits if d is not small):
        gap = small.box.x - (box.x + box.width)
        upright = box.y - box.height < small.box.center[1] < box.foot + 0.5 * box.height
        if small.box.height <= share * box.height and box.center[0] < x and gap <= BEFORE * box.height and upright:
            near.append(box)
    return max(near, key=lambda box: box.center[0], default=None)

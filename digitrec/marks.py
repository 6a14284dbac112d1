"""Question and exclamation marks, and percent signs: of pieces that look like digits, told by where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from digitrec.candidates import Candidate
from digitrec.results import Box

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

RING = (0.15, 0.6)
"""A ring of a percent sign has between these shares of its stroke's height, ..."""

APART, ASIDE, FAR = 0.12, 1.0, 1.0
"""... lies so much of it above or below its middle, and no farther aside, above or below."""

RINGS = (0, 6, 8, 9)
"""What such a ring may look like."""


def drop_marks(digits: list[Candidate], others: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from marks.

    Args:
        digits: what counts as digits.
        others: shapes that do not, dots among them.
    """
    marks = [d for d in digits if d.digit in HOOKS and _is_dotted(d, digits, others)]
    for stroke in digits:
        if stroke.digit == 1:
            marks += _percent(stroke, digits)
    found = {id(m) for m in marks}
    return [d for d in digits if id(d) not in found], [d for d in digits if id(d) in found]


def _is_dotted(hook: Candidate, digits: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
    """Whether it stands on a dot that stands on the line of the digits beside it."""
    dark = AS_DARK * hook.contrast
    dots = [o.box for o in others if o.contrast >= dark and _is_dot_under(o.box, hook.box)]
    if not dots:
        return False
    height = hook.box.height
    feet = [_foot(d.box) for d in digits if d is not hook and _is_beside(d.box, hook.box)]
    if not feet:
        return False
    line = median(feet)
    return line - _foot(hook.box) >= RAISED * height and any(abs(_foot(d) - line) <= ON_LINE * height for d in dots)


def _foot(box: Box) -> int:
    return box.y + box.height


def _is_dot_under(dot: Box, hook: Box) -> bool:
    short, long = sorted((dot.width, dot.height))
    if long > DOT * hook.height or long > ROUND * short:
        return False
    gap = dot.y - _foot(hook)
    return GAP[0] * hook.height <= gap <= GAP[1] * hook.height and hook.x <= dot.center[0] <= hook.x + hook.width


def _is_beside(box: Box, hook: Box) -> bool:
    across = abs(box.center[0] - hook.center[0])
    return across <= NEAR * hook.height and box.y < _foot(hook) < _foot(box) and box.height <= 2 * hook.height


def _percent(stroke: Candidate, digits: Sequence[Candidate]) -> list[Candidate]:
    """The stroke and the two rings of a percent sign; none where it is no such."""
    height, (x, y) = stroke.box.height, stroke.box.center
    rings = [d for d in digits if d.digit in RINGS and RING[0] <= d.box.height / height <= RING[1]]
    near = [(d, (d.box.center[0] - x) / height, (d.box.center[1] - y) / height) for d in rings]
    upper = [d for d, aside, down in near if -ASIDE <= aside <= 0 and -FAR <= down <= -APART]
    lower = [d for d, aside, down in near if 0 <= aside <= ASIDE and APART <= down <= FAR]
    return [stroke, upper[0], lower[0]] if upper and lower else []

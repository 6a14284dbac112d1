"""What only looks like a digit for want of context: judged by the digits that are beyond doubt in the same frame.

A shape of 28x28 cannot tell a 1 from a speck, the edge of a sheet or the side of a finger: all are upright strokes. But
a 1 has about the height, the contrast and the pen of the digits it stands among.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.combs import find_teeth
from digitrec.geometry import as_array, beside
from digitrec.results import NOT_A_DIGIT, Box

FAINT = 0.3
"""Ink of less than this share of the sure digits' contrast shows through from the other side, or is a smudge."""

SMALL = 0.4
"""An unsure shape of less than this share of the tallest sure digit's height is a speck, a comma, a tick."""

HEIGHTS = (0.5, 2.0)
"""A 1 has between these shares of the height of some sure digit ..."""

STROKES = (0.35, 2.8)
"""... between these of its stroke's width ..."""

CONTRAST = 0.5
"""... and at least this share of its contrast."""

LONE_CONTRAST = 60.0
"""A 1 without any sure digit in the frame needs ink of this depth, 0-255."""

EVEN = 0.6
"""The ground around a bare stroke is at least so even: its darkest part over its brightest ..."""

HARDLY_EVEN = 0.25
"""... and so even around any digit: a hard shadow may cross it, but not the edge between white and black."""

LETTER = 0.7
"""A shape is a letter, or some other sign, with at least this probability of being no digit."""

THINNEST, WIDEST = 0.06, 2.0
"""Letters are between so many times as wide as high."""

WIDEST_DIGIT = 3.0
"""Digits are at most so many times as wide as high: a slanted 1 on a sheet that is turned nearly lies."""

CLEAR = 0.97
"""A digit as clear as this is one among letters too."""

STROKE = 0.2
"""A shape is a stroke when it is a 1 with this probability at least."""

SLIM = 0.6
"""What is no wider than so many times its height may be a tooth beside such."""

HATCHED = 5
"""So many strokes side by side, as long and as slanted as each other, are hatching or a tally, not a number."""

WIDE_RING = 1.3
"""A ring wider than so many times its height is a 0 only beside other digits of its size."""

RINGS = (0.6, 1.65)
"""A 0 by itself has between these shares of the height of some other digit."""

Doubtful = list[tuple[Candidate, str]]

TOO_FAINT = "too faint beside the other ink"


CLUTTER = 10
"""Among so many shapes that are none, of its size at least, a digit by itself ..."""

CROWD, CLUTTER_IN_CROWD = 20, 5
"""... or among so many of any size, of which so many are of its size at least, ..."""

ALONE = 0.99
"""... needs this probability: of many things on a desk one is bound to look like a 4, ..."""

HAND = 5
"""... unless it is clear, and so many sure digits of the page, twice as many as other things of its size at least, have
its pen, contrast and size."""

CALM = 4
"""In a frame of at most so many shapes a 1 by itself is meant: somebody wrote one on a clean sheet."""


FREE, COMPANY, UPRIGHT = 1.2, 0.15, 0.5
"""In clutter a 1 by itself has nothing so many of its heights around that has this share of its height, and it is no
wider than this share: what slants more is a pen that lies there."""

RIM = 0.002
"""Ink that reaches the rim of the picture, to so much of its larger side, goes on beyond it ..."""

FILLS, FILLS_CLUTTER = 0.4, 0.8
"""... unless the digit is so much of the picture's height, in clutter so much of it: then somebody cut the picture out
around it."""


def is_cut_off(box: Box, size: tuple[int, int], others: int = 0) -> bool:
    """Whether part of what stands at ``box`` lies outside the picture.

    Args:
        box: of a digit.
        size: of the picture (width, height), pixels.
        others: shapes of the picture that are none.
    """
    width, height = size
    rim = max(1, round(RIM * max(size)))
    inside = min(box.x, box.y, width - box.x - box.width, height - box.y - box.height) >= rim
    return not inside and box.height < (FILLS if others < CLUTTER else FILLS_CLUTTER) * height


def drop_doubtful(candidates: list[Candidate], rejects: list[Candidate]) -> tuple[list[Candidate], Doubtful]:
    """Part the digits from what only looks like one, with the reason for people.

    Args:
        candidates: what the network takes for digits.
        rejects: the other shapes of the frame.
    """
    sure = [c for c in candidates if c.digit != 1 and c.confidence >= SURE]
    strokes = [c for c in candidates + rejects if c.digit == 1 and c.confidence >= STROKE]
    slim = [r for r in rejects if (r.digit != 1 or r.confidence < STROKE) and r.box.width <= SLIM * r.box.height]
    hatching = _hatching(strokes) | find_teeth(strokes + slim)
    while True:
        kept, dropped = _part(candidates, rejects, sure, hatching)
        # What is dropped itself speaks for no other.
        there = {id(c) for c in kept}
        left = [c for c in sure if id(c) in there]
        if len(left) == len(sure):
            return kept, dropped
        sure = left


def _part(
    candidates: list[Candidate], rejects: list[Candidate], sure: list[Candidate], hatching: set[int]
) -> tuple[list[Candidate], Doubtful]:
    """Part the candidates by what is ``sure``; ``hatching`` are the ids of strokes that are."""
    letters = [r for r in rejects if r.probabilities[NOT_A_DIGIT] >= LETTER and may_be_letter(r.box)]
    page = _Page(
        sure,
        max((c.contrast for c in sure), default=0.0),
        max((c.box.height for c in sure), default=0),
        calm=len(candidates) + len(rejects) <= CALM,
        cluttered=len(rejects) >= CLUTTER,
        rejects=rejects,
    )
    kept: list[Candidate] = []
    dropped: Doubtful = []
    for candidate in candidates:
        why = _doubt(candidate, page)
        if why is None and id(candidate) in hatching:
            why = "one of many parallel strokes"
        if why is None and _is_lost(candidate, rejects, sure):
            why = "by itself among other things"
        if why is None and _in_a_word(candidate, letters, sure):
            why = "among letters"
        if why is None:
            kept.append(candidate)
        else:
            dropped.append((candidate, why))
    return kept, dropped


@dataclass(frozen=True, slots=True)
class _Page:
    """What is beyond doubt in a frame: digits that are no bare strokes, their greatest contrast (0-255) and height.

    ``calm`` when there is hardly anything else in it, ``cluttered`` when there is much.
    """

    sure: list[Candidate]
    contrast: float
    tallest: int
    calm: bool
    cluttered: bool
    rejects: list[Candidate]


def _doubt(candidate: Candidate, page: _Page) -> str | None:
    bare = candidate.digit == 1
    if candidate.box.width > WIDEST_DIGIT * candidate.box.height:
        return "too wide for a digit"
    if candidate.flatness < (EVEN if bare else HARDLY_EVEN):
        among = any(are_near(candidate, other) and _same_hand(candidate, other) for other in page.sure)
        if not among:
            return "on an edge, not on paper"
    if not page.sure:
        lone = bare and not page.calm and (candidate.contrast < LONE_CONTRAST or candidate.confidence < SURE)
        lone |= bare and page.cluttered and not _stands_free(candidate, page.rejects)
        return "a stroke by itself" if lone else None
    if candidate.contrast < FAINT * page.contrast:
        return TOO_FAINT
    if bare and not any(_same_hand(candidate, other) for other in page.sure):
        return "a stroke unlike the digits here"
    if candidate.digit == 0 and _is_odd_ring(candidate, page):
        return "a ring unlike the digits here"
    small = candidate.box.height < SMALL * page.tallest
    if small and candidate.confidence < SURE and not any(are_near(candidate, other) for other in page.sure):
        return "too small beside the other digits"
    return None


def _is_odd_ring(ring: Candidate, page: _Page) -> bool:
    """Whether a ring by itself is an oval somebody drew: far wider than high, or of another size than all digits."""
    if any(are_near(ring, other) for other in page.sure):
        return False
    others = [c for c in page.sure if c.digit != 0]
    if not page.calm and ring.box.width > WIDE_RING * ring.box.height:
        return True
    return bool(others) and not any(are_of_a_size(ring, other) for other in others)


def _hatching(strokes: list[Candidate]) -> set[int]:
    """The ids of the strokes that lie in rows of at least ``HATCHED`` alike."""
    found: set[int] = set()
    if len(strokes) < HATCHED:
        return found
    x, y, width, height = as_array([c.box for c in strokes]).T
    longest = np.maximum(height[:, None], height[None])
    across, down = (np.abs(np.subtract.outer(v, v)) / longest for v in (x + width / 2, y + height / 2))
    alike = (across < 1.1) & (down < 0.3) & (np.abs(np.subtract.outer(width, width)) < 0.35 * longest)
    alike &= np.minimum(height[:, None], height[None]) > 0.75 * longest
    waiting = set(range(len(strokes)))
    while waiting:
        row = [waiting.pop()]
        for at in row:
            beside = [int(i) for i in np.flatnonzero(alike[at]) if int(i) in waiting]
            waiting.difference_update(beside)
            row += beside
        if len(row) >= HATCHED:
            found |= {id(strokes[i]) for i in row}
    return found


def _is_lost(candidate: Candidate, rejects: list[Candidate], sure: list[Candidate]) -> bool:
    """Whether an unsure digit stands by itself in clutter."""
    if candidate.confidence >= ALONE or len(rejects) < CLUTTER:
        return False
    if not _crowded(candidate, rejects) or any(are_near(candidate, other) for other in sure):
        return False
    return candidate.confidence < CLEAR or not _is_of_the_page(candidate, rejects, sure)


def _is_of_the_page(candidate: Candidate, rejects: list[Candidate], sure: list[Candidate]) -> bool:
    """Whether so many sure digits are as it is that the page is theirs, not that of the other things."""
    alike = sum(_same_hand(candidate, o) and are_of_a_size(candidate, o) for o in sure if o is not candidate)
    return alike >= max(HAND, 2 * _count_around(candidate, rejects))


def _stands_free(stroke: Candidate, rejects: list[Candidate]) -> bool:
    """Whether a 1 by itself may be meant in clutter: it is upright and plain, and nothing as dark stands about it."""
    if stroke.confidence < ALONE or stroke.box.width > UPRIGHT * stroke.box.height or _crowded(stroke, rejects):
        return False
    (x, y), reach = stroke.box.center, FREE * stroke.box.height
    others = (r.box for r in rejects if r.box.height >= COMPANY * stroke.box.height and _is_as_dark(r, stroke))
    return not any(
        abs(o.center[0] - x) < reach + o.width / 2 and abs(o.center[1] - y) < reach + o.height / 2 for o in others
    )


def _crowded(candidate: Candidate, rejects: list[Candidate]) -> bool:
    """Whether many other things of its size and darkness are about."""
    rejects = [r for r in rejects if _is_as_dark(r, candidate)]
    return _count_around(candidate, rejects) >= (CLUTTER if len(rejects) < CROWD else CLUTTER_IN_CROWD)


def _count_around(candidate: Candidate, rejects: list[Candidate]) -> int:
    """How many of other things are of its size at least."""
    return sum(r.box.height > SMALL * candidate.box.height for r in rejects)


def may_be_letter(box: Box) -> bool:
    """Whether a shape is neither a hair line nor a rule."""
    return THINNEST * box.height <= box.width <= WIDEST * box.height


def _in_a_word(candidate: Candidate, letters: list[Candidate], sure: list[Candidate]) -> bool:
    """Whether more letters than sure digits stand right beside a shape that could be either."""
    if candidate.confidence >= CLEAR:
        return False
    count = _count_beside(candidate, [letter for letter in letters if _is_as_dark(letter, candidate)])
    return count > 0 and count > _count_beside(candidate, [digit for digit in sure if digit is not candidate])


def _count_beside(candidate: Candidate, others: list[Candidate]) -> int:
    return int(beside(candidate.box, as_array([c.box for c in others])).sum())


def _is_as_dark(other: Candidate, candidate: Candidate) -> bool:
    """Whether other ink may be of the same pen: what is left of a squared sheet's lines is not."""
    return other.contrast >= CONTRAST * candidate.contrast


def _same_hand(stroke: Candidate, digit: Candidate) -> bool:
    return (
        HEIGHTS[0] <= stroke.box.height / digit.box.height <= HEIGHTS[1]
        and STROKES[0] <= stroke.stroke_px / digit.stroke_px <= STROKES[1]
        and stroke.contrast >= CONTRAST * digit.contrast
    )


def are_of_a_size(candidate: Candidate, other: Candidate) -> bool:
    """Whether two shapes are about as high as each other."""
    return RINGS[0] <= candidate.box.height / other.box.height <= RINGS[1]


def are_near(candidate: Candidate, other: Candidate) -> bool:
    """Whether a shape stands near another, and is half to twice as high."""
    (x, y), (ox, oy) = candidate.box.center, other.box.center
    near = abs(ox - x) < 3 * other.box.height and abs(oy - y) < 1.5 * other.box.height
    return other is not candidate and near and HEIGHTS[0] <= candidate.box.height / other.box.height <= HEIGHTS[1]

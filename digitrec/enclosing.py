"""Digits that somebody drew a ring around: that is no 0, two of them are no 8, and what stands in them is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.geometry import Matrix, as_array
from digitrec.normalise import INK_LEVEL, tight_box
from digitrec.results import Box

ROUND = (0, 8)
"""What one ring, or one above another, looks like."""

BLANK = 0.1
"""Where the inner shape lies, at most this share of the outer one's picture is ink."""

ASIDE = 0.06
"""It keeps off the outer one's box by so much of its sides: the loop of a 6 that broke lies at the rim of the rest."""

LEAST = 0.1
"""The inner shape has at least this share of the outer one's height: less is a dot in a 0."""

SEVERAL, SEVERAL_ASKED, MARK, CONTRAST = 2, 20, 0.07, 0.5
"""A ring with so many marks in it is a face: each has at least this share of its height and of its ink's depth. A 0 has
a dot or a stroke in it at most."""

PLAIN = 60.0
"""In a ring of less depth, 0-255, noise looks like ink."""

LARGEST = 0.15
"""And one of them has this share of its height: no specks of a noisy picture."""

LARGE = 1.5
"""What is so many times as high as the digits is no 0 with a stroke in it: a 1 in it counts."""

FEW = 3
"""So many digits tell how high they are."""


def surrounds(outer: Candidate, inner: Candidate, large: bool = False) -> bool:
    """Whether a shape is an oval drawn around a sure digit, or two of them: that one lies in its blank inside.

    1s do not count: some people put a stroke into their 0s. Nor do other digits around one: a tail may run under it.

    Args:
        outer: what may be drawn around the other.
        inner: the other.
        large: the outer one is too large for a digit, whatever it looks like: then any digit in it counts.
    """
    ring, box = outer.box, inner.box
    if (outer.digit not in ROUND or inner.digit == 1) and not large:
        return False
    if inner.confidence < SURE or box.height < LEAST * ring.height:
        return False
    across = min(box.x - ring.x, ring.x + ring.width - box.x - box.width)
    down = min(box.y - ring.y, ring.y + ring.height - box.y - box.height)
    if across < ASIDE * ring.width or down < ASIDE * ring.height:
        return False
    return is_blank_at(outer, box)


def is_blank_at(shape: Candidate, place: Box) -> bool:
    """Whether a shape has hardly any ink at a place, pixels of the frame."""
    tight = tight_box(shape.crop)
    if tight is None:
        return False
    (left, top, width, height), own = tight, shape.box
    x0, x1 = (left + width * (x - own.x) / own.width for x in (place.x, place.x + place.width))
    y0, y1 = (top + height * (y - own.y) / own.height for y in (place.y, place.y + place.height))
    x0, y0 = max(0, int(x0)), max(0, int(y0))
    inside = shape.crop[y0 : max(y0 + 1, round(y1)), x0 : max(x0 + 1, round(x1))]
    return inside.size > 0 and float(np.mean(inside >= INK_LEVEL)) <= BLANK


def part_enclosing(
    candidates: Sequence[Candidate], usual: float | None = None
) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from what is drawn around some of them.

    Args:
        candidates: the digits.
        usual: how high digits are here, pixels; 0: unknown; None: these tell it.
    """
    if len(candidates) < 2:
        return list(candidates), []
    boxes = as_array([c.box for c in candidates])
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    within = (low[:, None] <= low[None]).all(axis=2) & (high[:, None] >= high[None]).all(axis=2)
    pairs = ((int(i), int(j)) for i, j in np.argwhere(within) if i != j)
    most = LARGE * (usual_height(candidates) if usual is None else usual)
    around = {i for i, j in pairs if surrounds(candidates[i], candidates[j], candidates[i].box.height > most > 0)}
    kept = [c for i, c in enumerate(candidates) if i not in around]
    return kept, [candidates[i] for i in sorted(around)]


def part_marked(
    candidates: Sequence[Candidate], ink: Matrix, contrast: Callable[[Sequence[float]], float]
) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from rings with several marks in them: faces, dice, the eyes of an animal.

    Args:
        candidates: the digits.
        ink: (N, 4) boxes of all pieces of ink, in pixels of the frame.
        contrast: of the ink in such a box, 0-255.
    """

    def is_marked(ring: Candidate) -> bool:
        x, y, width, height = ring.box
        aside = ASIDE * width, ASIDE * height
        low, high = ink[:, :2] - (x, y) - aside, (x + width, y + height) - ink[:, :2] - ink[:, 2:] - aside
        inside = ink[((low > 0) & (high > 0)).all(axis=1) & (ink[:, 2:].max(axis=1) >= MARK * height)]
        dark = [box for box in inside[:SEVERAL_ASKED] if contrast(box) >= CONTRAST * ring.contrast]
        return len(dark) >= SEVERAL and max(max(box[2:]) for box in dark) >= LARGEST * height

    plain = [i for i, c in enumerate(candidates) if c.digit == 0 and c.contrast >= PLAIN] if len(ink) else []
    marked = {i for i in plain if is_marked(candidates[i])}
    return [c for i, c in enumerate(candidates) if i not in marked], [candidates[i] for i in sorted(marked)]


def usual_height(candidates: Iterable[Candidate]) -> float:
    """How high most digits are that are neither round nor strokes, pixels; 0 where there are hardly any."""
    heights = [c.box.height for c in candidates if c.confidence >= SURE and c.digit not in {1, *ROUND}]
    return median(heights) if len(heights) >= FEW else 0.0

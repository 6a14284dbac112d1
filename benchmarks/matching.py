"""Predicted digits against true ones: hits, F1, edit distance, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box

GROWTH = 0.15
"""Boxes are made so much larger, as a share of their size, before centres are looked for in them."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A box with its digit; confidence is 1 for truth."""

    box: Box
    digit: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Matches:
    """How one picture came out.

    Attributes:
        hits: pairs (truth, prediction) in the same place with the same digit.
        confused: pairs in the same place with different digits.
        missed: truth without a prediction in its place.
        invented: predictions where no truth is.
    """

    hits: tuple[tuple[Labelled, Labelled], ...]
    confused: tuple[tuple[Labelled, Labelled], ...]
    missed: tuple[Labelled, ...]
    invented: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over pictures; an unmatched or confused prediction is false, an unmatched or confused truth is missed."""

    hits: int = 0
    predicted: int = 0
    true: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.predicted + other.predicted, self.true + other.true)

    @property
    def precision(self) -> float:
        """Share of predictions that are right; 1 where there are none."""
        return self.hits / self.predicted if self.predicted else 1.0

    @property
    def recall(self) -> float:
        """Share of truth that was read; 1 where there is none."""
        return self.hits / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 1 where there is nothing to read and nothing was read."""
        total = self.predicted + self.true
        return 2 * self.hits / total if total else 1.0


def holds(box: Box, point: tuple[float, float]) -> bool:
    """Whether ``point`` lies in ``box`` grown by ``GROWTH`` around its centre."""
    (x, y), half_w, half_h = box.center, box.width * (1 + GROWTH) / 2, box.height * (1 + GROWTH) / 2
    return abs(point[0] - x) <= half_w and abs(point[1] - y) <= half_h


def same_place(a: Box, b: Box) -> bool:
    """Whether each centre lies in the other's grown box."""
    return holds(a, b.center) and holds(b, a.center)


def match(truth: Sequence[Labelled], predicted: Sequence[Labelled], ignored: Sequence[Box] = ()) -> Matches:
    """Pair predictions with truth one to one: agreeing digits first, then nearest first.

    Predictions whose centre lies in an ``ignored`` box and that match no truth count neither way.
    """
    pairs = [
        (t.digit != p.digit, _distance(t.box, p.box), i, j)
        for i, t in enumerate(truth)
        for j, p in enumerate(predicted)
        if same_place(t.box, p.box)
    ]
    used_t: set[int] = set()
    used_p: set[int] = set()
    hits: list[tuple[Labelled, Labelled]] = []
    confused: list[tuple[Labelled, Labelled]] = []
    for differs, _, i, j in sorted(pairs):
        if i not in used_t and j not in used_p:
            (confused if differs else hits).append((truth[i], predicted[j]))
            used_t.add(i)
            used_p.add(j)
    invented = [
        p for j, p in enumerate(predicted) if j not in used_p and not any(holds(box, p.box.center) for box in ignored)
    ]
    missed = [t for i, t in enumerate(truth) if i not in used_t]
    return Matches(tuple(hits), tuple(confused), tuple(missed), tuple(invented))


def score(matches: Matches) -> Score:
    """Counts of one picture."""
    hits, confused = len(matches.hits), len(matches.confused)
    return Score(hits, hits + confused + len(matches.invented), hits + confused + len(matches.missed))


def _distance(a: Box, b: Box) -> float:
    (ax, ay), (bx, by) = a.center, b.center
    return (ax - bx) ** 2 + (ay - by) ** 2


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and substitutions from ``a`` to ``b`` (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def calibration_error(confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017): mean gap of confidence and accuracy over equally wide bins, 0-1."""
    if len(confidence) == 0:
        return 0.0
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = 0.0
    for b in range(bins):
        chosen = index == b
        if chosen.any():
            gap += chosen.sum() * abs(float(confidence[chosen].mean()) - float(right[chosen].mean()))
    return gap / len(confidence)

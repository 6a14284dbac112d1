"""The glyphs of one frame as arrays, so that all pairs of tracks and glyphs are compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Digit, Image, Reject

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]

CLASSES = 11
LOOK = 196
_QUARTER = 14
FLOOR = 0.01
"""No single look makes a class less likely than this: networks are surer than they should be."""

MAX_PAIRS = 4000
"""More pairs of glyphs are not compared."""

UNKNOWN_LIKENESS = 0.85
"""Taken for the likeness of glyphs without crops: position and class decide."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """N glyphs.

    Attributes:
        centers: (N, 2) x, y, pixels.
        sizes: (N, 2) width, height, pixels.
        probabilities: (N, 11), none below ``FLOOR``.
        looks: (N, 196) crops blurred to 14x14, zero mean, unit length; zero rows where there is no crop.
    """

    centers: Floats
    sizes: Floats
    probabilities: Floats
    looks: Floats

    @staticmethod
    def of(items: Sequence[Digit | Reject]) -> Glyphs:
        """From the digits or rejects of a reading."""
        boxes: Floats = np.array([i.box for i in items], float).reshape(-1, 4)
        return Glyphs(
            boxes[:, :2] + boxes[:, 2:] / 2,
            boxes[:, 2:].clip(1),
            _probabilities(items),
            _looks([i.crop for i in items]),
        )

    @property
    def extents(self) -> Floats:
        """(N,) the longer side of each, pixels: a 1 is as tall as its neighbours but has no width."""
        longer: Floats = self.sizes.max(axis=1)
        return longer

    def __len__(self) -> int:
        return len(self.centers)

    def take(self, rows: Sequence[int] | Indices) -> Glyphs:
        """Some of them."""
        index = np.asarray(rows, np.intp)
        return Glyphs(self.centers[index], self.sizes[index], self.probabilities[index], self.looks[index])


def box_at(center: Floats, size: Floats) -> Box:
    """Whole pixels around a place."""
    width, height = max(1, round(float(size[0]))), max(1, round(float(size[1])))
    return Box(round(float(center[0]) - width / 2), round(float(center[1]) - height / 2), width, height)


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs of a glyph ``a`` of one frame and a glyph ``b`` of another.

    Attributes:
        a, b: (P,) which.
        distance: between their places, over their mean extent.
        ratio: of their extents, logarithm, 0 or more.
        alike: correlation of their crops, -1 to 1: over 0.9 for one glyph in two frames, about 0.6 for two writings.
        agree: probability that both are of one class, 0-1.
    """

    a: Indices
    b: Indices
    distance: Floats
    ratio: Floats
    alike: Floats
    agree: Floats

    @property
    def cost(self) -> Floats:
        """(P,) small for pairs that are one thing."""
        cost: Floats = self.distance + 0.5 * self.ratio + 0.5 * (1 - self.alike) - 0.1 * np.log(self.agree)
        return cost

    def cheapest(self, allowed: Bools) -> list[int]:
        """Of the ``allowed`` pairs (P,) those that leave each glyph one partner, the cheapest first.

        No scipy: glyphs lie further apart than they move against each other, so that this comes out as the best
        assignment does.
        """
        index = np.flatnonzero(allowed)
        order = index[np.argsort(self.cost[index], kind="stable")]
        used_a: set[int] = set()
        used_b: set[int] = set()
        chosen = []
        for pair, a, b in zip(order.tolist(), self.a[order].tolist(), self.b[order].tolist(), strict=True):
            if a not in used_a and b not in used_b:
                chosen.append(pair)
                used_a.add(a)
                used_b.add(b)
        return chosen


def blended(looks: Floats, others: Floats) -> Floats:
    """(N, 196) looks half way between; one bad frame does not make a glyph unknown."""
    sums = looks + others
    return np.asarray(sums / (np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6), np.float64)


def is_near(glyphs: Glyphs, items: Sequence[Digit | Reject]) -> Bools:
    """(N,) whether an item's centre lies about where one of ``glyphs`` is: noise gives hundreds that do not."""
    if len(glyphs) == 0 or not items:
        return np.zeros(len(items), bool)
    boxes = np.array([i.box for i in items], float)
    apart = (boxes[:, :2] + boxes[:, 2:] / 2)[:, None] - glyphs.centers[None]
    near = np.hypot(apart[..., 0], apart[..., 1]) < glyphs.extents[None]
    return np.asarray(near.any(axis=1), bool)


def near_pairs(first: Glyphs, second: Glyphs, reach: float, limit: int = MAX_PAIRS) -> Pairs:
    """All pairs less than ``reach`` of their extent apart, at most ``limit``, the nearest.

    Only those are compared, one by one: matrix products would wake all threads of the linear algebra library, which
    then spin against the reader's; on a busy machine a frame took a third of a second.
    """
    apart = second.centers[None] - first.centers[:, None]
    extents, others = first.extents, second.extents
    distance = np.hypot(apart[..., 0], apart[..., 1]) / ((extents[:, None] + others[None]) / 2)
    a, b = np.nonzero(distance < reach)
    if len(a) > limit:
        kept = np.argpartition(distance[a, b], limit)[:limit]
        a, b = a[kept], b[kept]
    alike = np.einsum("ij,ij->i", first.looks[a], second.looks[b])
    blind = ~(first.looks[a].any(axis=1) & second.looks[b].any(axis=1))
    agree = np.einsum("ij,ij->i", first.probabilities[a], second.probabilities[b])
    ratio: Floats = abs(np.log(extents[a] / others[b]))
    return Pairs(a, b, distance[a, b], ratio, np.where(blind, UNKNOWN_LIKENESS, alike), agree)


def _probabilities(items: Sequence[Digit | Reject]) -> Floats:
    rows: Floats = np.full((len(items), CLASSES), 1 / CLASSES)
    for i, item in enumerate(items):
        row = rows[i]
        if len(item.probabilities) == CLASSES:
            row[:] = item.probabilities
        elif isinstance(item, Digit):
            row[:] = (1 - item.confidence) / (CLASSES - 1)
            row[item.digit] = item.confidence
    return rows.clip(FLOOR)


def _looks(crops: Sequence[Image | None]) -> Floats:
    looks = np.zeros((len(crops), LOOK))
    given = [(i, crop) for i, crop in enumerate(crops) if crop is not None]
    if not given:
        return looks
    pictures = np.stack([crop for _, crop in given]).astype(np.float32)
    halves = pictures[:, ::2] + pictures[:, 1::2]
    padded = np.zeros((len(given), _QUARTER + 2, _QUARTER + 2), np.float32)  # np.pad takes longer than all the rest
    padded[:, 1:-1, 1:-1] = halves[:, :, ::2] + halves[:, :, 1::2]
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    flat = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]).reshape(len(given), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    looks[[i for i, _ in given]] = flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6)
    return looks

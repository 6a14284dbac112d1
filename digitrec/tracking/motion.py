"""How all that is written moved from one frame to the next: the hand shakes, the page slides, turns, comes nearer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digitrec.tracking.glyphs import Floats, Glyphs, near_pairs

ALIKE = 0.7
"""Crops of one glyph in two frames are more alike than this, but for a few in a hundred."""

DIFFERENT = 0.6
"""The usual likeness of the same digit written twice."""

MAX_VOTED = 400
"""Pairs that vote on a jump; the most alike are asked."""

REACH = 6.0
"""Jumps of more than this many times a glyph's size are not followed."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A similarity: ``p -> matrix @ p + offset``; ``scale`` is its enlargement."""

    matrix: Floats
    offset: Floats
    scale: float

    def __call__(self, points: Floats) -> Floats:
        """(N, 2) -> (N, 2)."""
        moved: Floats = points @ self.matrix.T + self.offset
        return moved


def fit_motion(before: Floats, after: Floats, extents: Floats) -> Motion | None:
    """The similarity (least squares) that takes ``before`` (N, 2) to ``after``, without what moved otherwise.

    A shift alone for one or two points; None for none. ``extents`` (N,): sizes, the measure of what is far off.
    """
    if len(before) == 0:
        return None
    shift = _middle(after - before)
    motion = Motion(np.eye(2), shift, 1.0)
    if len(before) < 3:
        return motion
    for _ in range(2):
        apart = motion(before) - after
        off = np.hypot(apart[:, 0], apart[:, 1])
        near = off <= np.maximum(0.08 * extents, 2.5 * _middle(off))
        if near.sum() < 3:
            return motion
        motion = _similarity(before[near], after[near])
    return motion


def _middle(values: Floats) -> Floats:
    """The upper median of each column; numpy's own takes ten times as long for so few."""
    middle: Floats = np.sort(values, axis=0)[len(values) // 2]
    return middle


def _similarity(before: Floats, after: Floats) -> Motion:
    """Umeyama's closed form in complex numbers."""
    a, b = np.add.reduce(before) / len(before), np.add.reduce(after) / len(after)
    p, q = (before - a) @ (1, 1j), (after - b) @ (1, 1j)
    spread = float((abs(p) ** 2).sum())
    turn = complex((p.conj() * q).sum() / spread) if spread > 0 else 1 + 0j
    scale = abs(turn)
    if not 0.5 < scale < 2:  # glyphs that lie almost in one place tell nothing of turn and scale
        turn, scale = 1 + 0j, 1.0
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return Motion(matrix, b - matrix @ a, scale)


def find_jump(tracks: Glyphs, seen: Glyphs) -> tuple[Floats, float]:
    """The shift that most glyphs agree on, whatever the tracks expected: (shift (2,), support).

    Each pair of glyphs that look alike votes for its displacement; ``support`` is the sum, over the tracks that the
    shift explains, of how much their likeness exceeds ``DIFFERENT``.
    """
    pairs = near_pairs(tracks, seen, REACH)
    good = np.flatnonzero((pairs.alike > ALIKE) & (pairs.ratio < 0.4))
    good = good[np.argsort(-pairs.alike[good])[:MAX_VOTED]]
    if len(good) == 0:
        return np.zeros(2), 0.0
    rows, columns, gains = pairs.a[good], pairs.b[good], pairs.alike[good] - DIFFERENT
    shifts, sizes = seen.centers[columns] - tracks.centers[rows], tracks.extents[rows]
    between = shifts[None] - shifts[:, None]
    agree = np.hypot(between[..., 0], between[..., 1]) < 0.35 * sizes[None]
    votes = np.zeros((len(rows), len(tracks)))
    for pair, row in enumerate(rows):  # a track votes once, however many glyphs resemble it
        votes[:, row] = np.maximum(votes[:, row], agree[:, pair] * gains[pair])
    # Of equal support the smallest shift: a row of ones is explained by many.
    support = votes.sum(axis=1) - 1e-3 * np.hypot(shifts[:, 0], shifts[:, 1]) / sizes
    best = int(support.argmax())
    return _middle(shifts[agree[best]]), float(votes[best].sum())

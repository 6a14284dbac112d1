"""Which glyph of the new frame is which track."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digitrec.tracking.glyphs import Floats, Glyphs, likeness
from digitrec.tracking.motion import ALIKE, DIFFERENT, Motion, find_jump, fit_motion

Bools = NDArray[np.bool_]

SOLID = 0.5
"""While this share of what was in view is plainly still there, a glyph in the place of a track is that track,
however badly it is read for a moment; otherwise it may be another page."""

CUT = 0.4
"""When less than this share of what was in view is plainly still there, and new glyphs are, it is another page."""


@dataclass(frozen=True, slots=True)
class Known:
    """The T tracks before the new frame.

    Attributes:
        last: where and how they were in the last frame.
        expected: (T, 2) centres expected now.
        recent: (T,) seen within the last fraction of a second: may look different for a moment.
        in_view: (T,) shown in the last frame.
    """

    last: Glyphs
    expected: Floats
    recent: Bools
    in_view: Bools

    def shifted(self, shift: Floats) -> Known:
        """All expected elsewhere."""
        return replace(self, expected=self.expected + shift)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which are the same.

    Attributes:
        pairs: (track, glyph).
        motion: that most of them share; None where nothing matched.
        cut: another page, or a frame so bad that nothing can be said.
    """

    pairs: list[tuple[int, int]]
    motion: Motion | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Compared:
    """(T, D): distance over size, log ratio of sizes, likeness of crops, probability of being one class."""

    distance: Floats
    ratio: Floats
    alike: Floats
    agree: Floats

    @property
    def cost(self) -> Floats:
        cost: Floats = self.distance + 0.5 * self.ratio + 0.5 * (1 - self.alike) - 0.1 * np.log(self.agree)
        return cost


def meet(known: Known, seen: Glyphs) -> Meeting:
    """Pair tracks with the digits of a frame: first what is plainly the same, then what must be.

    No scipy: glyphs lie further apart than they move against each other, so that the cheapest pairs first come out as
    the best assignment does.
    """
    if len(known.last) == 0 or len(seen) == 0:
        return Meeting([], None)
    known, compared, pairs = _plain(known, seen)
    motion = _motion(known, seen, pairs)
    still = sum(bool(known.in_view[t]) for t, _ in pairs)
    shown = int(known.in_view.sum())
    if still < CUT * shown and len(seen) - len(pairs) >= len(seen) / 2:
        # Some digit of another page lies by chance where its like lay: only what looks the same in all is the same.
        pairs = [(t, d) for t, d in pairs if compared.alike[t, d] > 0.9]
        return Meeting(pairs, _motion(known, seen, pairs), cut=True)
    if len(pairs) == len(seen):
        return Meeting(pairs, motion)
    if motion is not None:
        known = replace(known, expected=motion(known.last.centers))
    compared = _compare(known, seen)
    solid = still >= max(2, SOLID * shown)
    near = (compared.distance < 0.35) & (compared.ratio < 0.5) & known.recent[:, None]
    if not solid:
        near &= (compared.alike > 0.5) | ((compared.alike > 0.3) & (compared.agree > 0.3))
    else:
        near |= _overlaps(known, seen) & (compared.agree > 0.3) & known.recent[:, None]
    for t, d in pairs:
        near[t, :] = near[:, d] = False
    return Meeting(pairs + cheapest(compared.cost, near), motion)


def find_weak(tracks: Glyphs, rejects: Glyphs) -> list[tuple[int, int]]:
    """Pair tracks that no digit matched with glyphs that were not answered, in the same place and much alike."""
    if len(tracks) == 0 or len(rejects) == 0:
        return []
    apart = rejects.centers[None] - tracks.centers[:, None]
    reach = 0.3 * tracks.extents
    close = (np.hypot(apart[..., 0], apart[..., 1]) < reach[:, None]).any(axis=0)
    index = np.flatnonzero(close)
    rejects = rejects.take(index)
    known = Known(tracks, tracks.centers, np.ones(len(tracks), bool), np.ones(len(tracks), bool))
    compared = _compare(known, rejects)
    same = (compared.distance < 0.3) & (compared.ratio < 0.35) & (compared.alike > DIFFERENT)
    return [(t, int(index[d])) for t, d in cheapest(compared.cost, same)]


def cheapest(cost: Floats, allowed: Bools) -> list[tuple[int, int]]:
    """One-to-one pairs (row, column), the cheapest first."""
    rows, columns = np.nonzero(allowed)
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    pairs = []
    order = np.argsort(cost[rows, columns], kind="stable")
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used_rows and column not in used_columns:
            pairs.append((row, column))
            used_rows.add(row)
            used_columns.add(column)
    return pairs


def _plain(known: Known, seen: Glyphs) -> tuple[Known, _Compared, list[tuple[int, int]]]:
    """Pairs that look the same, where expected or all jumped alike."""
    compared = _compare(known, seen)
    pairs = _alike(known, compared)
    shown = np.flatnonzero(known.in_view)
    if len(shown) == 0:
        return known, compared, pairs
    found = [(t, d) for t, d in pairs if known.in_view[t]]
    off = float(np.median([compared.distance[t, d] for t, d in found])) if found else 1.0
    if off < 0.25 and len(found) >= 0.7 * len(shown):
        return known, compared, pairs
    waiting = known.last.take(shown)
    shift, support = find_jump(replace(waiting, centers=known.expected[shown]), seen)
    if support <= sum(max(0.0, compared.alike[t, d] - DIFFERENT) for t, d in found):
        return known, compared, pairs
    jumped = known.shifted(shift)
    compared = _compare(jumped, seen)
    return jumped, compared, _alike(jumped, compared)


def _overlaps(known: Known, seen: Glyphs) -> Bools:
    """(T, D): most of the smaller lies in the larger, as when a line of the paper is taken for part of a digit."""
    apart = abs(seen.centers[None] - known.expected[:, None])
    sizes, others = known.last.sizes[:, None], seen.sizes[None]
    common = ((sizes + others) / 2 - apart).clip(0, np.minimum(sizes, others)).prod(axis=2)
    most: Bools = common > 0.6 * np.minimum(sizes.prod(axis=2), others.prod(axis=2))
    return most


def _alike(known: Known, compared: _Compared) -> list[tuple[int, int]]:
    reach = np.where(known.recent, 0.6, 0.4)[:, None]
    least = np.where(known.recent, ALIKE, 0.8)[:, None]
    same = (compared.distance < reach) & (compared.ratio < 0.4) & (compared.alike > least) & (compared.agree > 0.03)
    return cheapest(compared.cost, same)


def _motion(known: Known, seen: Glyphs, pairs: list[tuple[int, int]]) -> Motion | None:
    rows = [t for t, _ in pairs]
    return fit_motion(known.last.centers[rows], seen.centers[[d for _, d in pairs]], known.last.extents[rows])


def _compare(known: Known, seen: Glyphs) -> _Compared:
    apart = seen.centers[None] - known.expected[:, None]
    extents = (known.last.extents[:, None] + seen.extents[None]) / 2
    ratio: Floats = abs(np.log(known.last.extents[:, None] / seen.extents[None]))
    agree: Floats = known.last.probabilities @ seen.probabilities.T
    distance: Floats = np.hypot(apart[..., 0], apart[..., 1]) / extents
    return _Compared(distance, ratio, likeness(known.last, seen), agree)

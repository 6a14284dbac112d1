"""Which glyph of the new frame is which track."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from digitrec.tracking.glyphs import Bools, Floats, Glyphs, Pairs, near_pairs
from digitrec.tracking.motion import ALIKE, DIFFERENT, Motion, find_jump, fit_motion

SOLID = 0.5
"""While this share of what was in view is plainly still there, a glyph in the place of a track is that track,
however badly it is read for a moment; otherwise it may be another page."""

CUT = 0.4
"""When less than this share of what was in view is plainly still there, and new glyphs are, it is another page."""


WEAK_REACH = 0.3
"""A glyph that was not answered is a track's where it lies this near, in extents."""


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

    def carried(self, motion: Motion) -> Known:
        """All expected where ``motion`` takes them."""
        return replace(self, expected=motion(self.last.centers))


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


def meet(known: Known, seen: Glyphs) -> Meeting:
    """Pair tracks with the digits of a frame: first what is plainly the same, then what must be."""
    if len(known.last) == 0 or len(seen) == 0:
        return Meeting([], None)
    pairs, plain = _plain(known, seen)
    met = _named(pairs, plain)
    motion = _motion(known, seen, met)
    still = sum(bool(known.in_view[t]) for t, _ in met)
    shown = int(known.in_view.sum())
    if still < CUT * shown and len(seen) - len(met) >= len(seen) / 2:
        # Some digit of another page lies by chance where its like lay: only what looks the same in all is the same.
        met = _named(pairs, [i for i in plain if pairs.alike[i] > 0.9])
        return Meeting(met, _motion(known, seen, met), cut=True)
    if len(met) < len(seen):
        met = met + _left_over(known if motion is None else known.carried(motion), seen, met, still, shown)
    return Meeting(met, motion)


def find_weak(tracks: Glyphs, rejects: Glyphs) -> list[tuple[int, int]]:
    """Pair tracks that no digit matched with glyphs that were not answered, in the same place and much alike."""
    if len(tracks) == 0 or len(rejects) == 0:
        return []
    pairs = near_pairs(tracks, rejects, WEAK_REACH)
    return _named(pairs, pairs.cheapest((pairs.ratio < 0.35) & (pairs.alike > DIFFERENT)))


def _plain(known: Known, seen: Glyphs) -> tuple[Pairs, list[int]]:
    """Pairs that look the same, where expected or all jumped alike: all that are near, and which of them."""
    pairs, plain = _alike(known, seen)
    shown = np.flatnonzero(known.in_view)
    if len(shown) == 0:
        return pairs, plain
    found = [i for i in plain if known.in_view[pairs.a[i]]]
    off = median(pairs.distance[found].tolist()) if found else 1.0
    if off < 0.25 and len(found) >= 0.7 * len(shown):
        return pairs, plain
    waiting = replace(known.last.take(shown), centers=known.expected[shown])
    shift, support = find_jump(waiting, seen)
    if support <= _support(pairs, found):
        return pairs, plain
    jumped, others = _alike(replace(known, expected=known.expected + shift), seen)
    # A stray that was seen last may resemble anything: those that have been covered since have their say too.
    return (jumped, others) if _support(jumped, others) > _support(pairs, plain) else (pairs, plain)


def _support(pairs: Pairs, chosen: list[int]) -> float:
    """How much speaks for these pairs."""
    return float((pairs.alike[chosen] - DIFFERENT).clip(0).sum())


def _alike(known: Known, seen: Glyphs) -> tuple[Pairs, list[int]]:
    pairs = near_pairs(replace(known.last, centers=known.expected), seen, 0.6)
    recent = known.recent[pairs.a]
    same = (pairs.distance < np.where(recent, 0.6, 0.4)) & (pairs.alike > np.where(recent, ALIKE, 0.8))
    return pairs, pairs.cheapest(same & (pairs.ratio < 0.4) & (pairs.agree > 0.03))


def _left_over(known: Known, seen: Glyphs, met: list[tuple[int, int]], still: int, shown: int) -> list[tuple[int, int]]:
    """Of what is not plain: glyphs in the places of tracks."""
    pairs = near_pairs(replace(known.last, centers=known.expected), seen, 0.8)
    near = (pairs.distance < 0.35) & (pairs.ratio < 0.5)
    if still >= max(2, SOLID * shown):
        near |= _overlap(known, seen, pairs) & (pairs.agree > 0.3)
    else:
        near &= (pairs.alike > 0.5) | ((pairs.alike > 0.3) & (pairs.agree > 0.3))
    free = ~np.isin(pairs.a, [t for t, _ in met]) & ~np.isin(pairs.b, [d for _, d in met])
    return _named(pairs, pairs.cheapest(near & free & known.recent[pairs.a]))


def _overlap(known: Known, seen: Glyphs, pairs: Pairs) -> Bools:
    """(P,) most of the smaller lies in the larger, as when a line of the paper is taken for part of a digit."""
    apart = abs(seen.centers[pairs.b] - known.expected[pairs.a])
    sizes, others = known.last.sizes[pairs.a], seen.sizes[pairs.b]
    common = ((sizes + others) / 2 - apart).clip(0, np.minimum(sizes, others)).prod(axis=1)
    most: Bools = common > 0.6 * np.minimum(sizes.prod(axis=1), others.prod(axis=1))
    return most


def _named(pairs: Pairs, chosen: list[int]) -> list[tuple[int, int]]:
    """(track, glyph) of each chosen pair."""
    return list(zip(pairs.a[chosen].tolist(), pairs.b[chosen].tolist(), strict=True))


def _motion(known: Known, seen: Glyphs, met: list[tuple[int, int]]) -> Motion | None:
    rows = [t for t, _ in met]
    return fit_motion(known.last.centers[rows], seen.centers[[d for _, d in met]], known.last.extents[rows])

"""Fragments that may be one digit: a 5 and its bar, an 0 that broke.

Proposed more often than is right; the network judges (LeCun, Bottou, Bengio and Haffner 1998, section VI).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from digitrec.breaks import are_halves, are_near, mended
from digitrec.geometry import as_array, gap
from digitrec.glyphs import Glyph, Piece, draw_glyph
from digitrec.ink import InkLevel
from digitrec.pairs import find_pairs
from digitrec.ranks import quantile
from digitrec.results import Box

NEAR = 0.28
"""Fragments of one digit lie within this many heights of each other."""

TALLEST = 2.2
"""A joined glyph is at most this many times as high as its larger part is long."""

SMALLEST = 0.12
"""A fragment has at least this share of the other's longer side."""

SAME_PEN = 0.5
"""Pieces of one digit differ in contrast by no more than this share."""

WIDEST, BARRED = 1.35, 1.55
"""A digit is at most this many times wider than high; the second, where what reaches farthest to the right lies in its
upper third: the bar of a 5."""

TALLER, WHOLE, FEW = 1.35, 0.9, 4
"""Pieces of a digit that broke are together at most so many times as high as all but the tallest digits, which are this
share, where so many tell."""

DOT = 0.18
"""A piece of what broke is longer than this share of it."""

Key = tuple[int, ...]
"""Indices of pieces, ascending."""


@dataclass(frozen=True, slots=True)
class Join:
    """Pieces that may be one digit.

    Attributes:
        pieces: their indices.
        glyph: them together.
        strict: only a sure digit is believed: one piece stands on the other, as the loops of an 8 that broke at its
            waist, and each looks like a digit; or what broke is drawn mended.
    """

    pieces: Key
    glyph: Glyph
    strict: bool = False


def propose_joins(
    level: InkLevel,
    pieces: list[Piece],
    loose: set[int],
    settled: set[int],
    contrasts: dict[int, float],
    faintest: float = 0.0,
    most: int | None = None,
) -> list[Join]:
    """Pairs and triples of neighbours that may be one digit, as they are and, where they are that near, mended.

    Args:
        level: the ink.
        pieces: all pieces of the level.
        loose: pieces that the network did not take for a digit, large enough to matter.
        settled: pieces that it did.
        contrasts: depth of the ink of pieces, 0-255, as far as it is known; the others are added.
        faintest: no digit's ink has less depth than this.
        most: so many are proposed, those with the larger pieces; None: all.
    """
    usable = sorted(loose | settled)
    boxes = as_array([pieces[i].box for i in usable])
    highest = _highest([pieces[i].box.height for i in settled])
    pairs = find_pairs(boxes, highest)
    stacked = {_key(usable[a], usable[b]) for a, b in pairs.stacked}
    near, triples = _near(boxes, usable, loose)
    plain = near | stacked
    halves = [(a, b) for a, b in pairs.side_by_side if are_halves(pieces[usable[a]], pieces[usable[b]])]
    # On a coarse level a break would be as wide as a digit of the fine one.
    steps = [] if level.coarse else pairs.in_steps
    broken = {_key(usable[a], usable[b]) for a, b in pairs.upon + halves + steps}
    broken = {pair for pair in broken if not settled.isdisjoint(pair)}
    if not level.coarse:
        broken |= triples | plain
    joins: list[Join] = []
    for chosen in sorted(plain) + sorted(broken - plain):
        if most is not None and len(joins) >= most:
            break
        if not _may_be_one(level, pieces, chosen, contrasts, faintest):
            continue
        own = [pieces[i] for i in chosen]
        may_have_broken = chosen in broken and _may_have_broken(own, highest)
        if not (chosen in plain or may_have_broken):
            continue
        glyph = draw_glyph(level, pieces, chosen)
        if chosen in plain:
            joins.append(Join(chosen, glyph, chosen in stacked))
        whole = mended(glyph, own) if may_have_broken else None
        if whole is not None:
            joins.append(Join(chosen, whole, strict=True))
    return joins[:most]


def _near(boxes: NDArray[np.float64], usable: list[int], loose: set[int]) -> tuple[set[Key], set[Key]]:
    """Pairs and triples of neighbours; and triples of which two pieces are digits by themselves.

    Args:
        boxes: (N, 4) those of ``usable``.
        usable: indices of pieces.
        loose: of each pair or triple one of these is the nearest to the others.
    """
    near: set[Key] = set()
    triples: set[Key] = set()
    asked = [row for row, i in enumerate(usable) if i in loose]
    for row, others in zip(asked, _neighbours(boxes, asked), strict=True):
        i = usable[row]
        partners = [usable[c] for c in others]
        near |= {_key(i, j) for j in partners}
        for j, k in combinations(partners, 2):
            (near if j in loose or k in loose else triples).add(_key(i, j, k))
    return near, triples


def _key(*pieces: int) -> Key:
    return tuple(sorted(pieces))


def _highest(heights: Sequence[int]) -> float:
    """How high a digit that broke may be where digits of these heights stand, pixels."""
    return TALLER * quantile(heights, WHOLE) if len(heights) >= FEW else math.inf


def _may_have_broken(pieces: Sequence[Piece], highest: float) -> bool:
    """Whether pieces are near each other, together not too high, and none a mere dot, as of an exclamation mark."""
    box = Box.around([p.box for p in pieces])
    if box.height > highest or min(max(p.box.width, p.box.height) for p in pieces) < DOT * max(box.width, box.height):
        return False
    return are_near(pieces)


def _may_be_one(
    level: InkLevel, pieces: list[Piece], chosen: Key, contrasts: dict[int, float], faintest: float
) -> bool:
    """Whether pieces are together no broader than a digit, and of one pen."""
    boxes = [pieces[i].box for i in chosen]
    box, last = Box.around(boxes), max(boxes, key=lambda b: b.x + b.width)
    barred = 3 * (last.center[1] - box.y) < box.height
    widest = (BARRED if barred else WIDEST) * box.height
    return box.width <= widest and _one_pen(level, pieces, chosen, contrasts, faintest)


def _one_pen(level: InkLevel, pieces: list[Piece], chosen: Key, known: dict[int, float], faintest: float) -> bool:
    """Whether all pieces have about the same contrast: beside a dark digit the grid's faint lines would vanish."""
    for i in chosen:
        if i not in known:
            known[i] = draw_glyph(level, pieces, (i,)).contrast
    values = [known[i] for i in chosen]
    return min(values) >= SAME_PEN * max(values) and max(values) >= faintest


def _neighbours(boxes: NDArray[np.float64], asked: list[int], most: int = 4) -> list[list[int]]:
    """For each asked of (N, 4) boxes the nearest others that may belong to the same digit."""
    if not asked:
        return []
    own = boxes[asked]
    distance = gap(own, boxes)
    top = np.minimum(own[:, None, 1], boxes[None, :, 1])
    bottom = np.maximum((own[:, 1] + own[:, 3])[:, None], (boxes[:, 1] + boxes[:, 3])[None])
    height = bottom - top
    longest = boxes[:, 2:].max(axis=1)
    small, large = (f(longest[asked, None], longest[None]) for f in (np.minimum, np.maximum))
    fits = (distance <= NEAR * height) & (height <= TALLEST * large) & (small >= SMALLEST * large)
    fits[np.arange(len(asked)), asked] = False
    ranked = np.where(fits, distance, np.inf)
    order = np.argsort(ranked, axis=1)[:, :most]
    return [[int(c) for c in row if np.isfinite(ranked[r, c])] for r, row in enumerate(order)]

"""What is ambiguous gets several readings: fragments that may belong together, and cuts through touching digits.

Heuristic over-segmentation after LeCun, Bottou, Bengio and Haffner (1998, section VI): propose more joins and cuts than
can be right, let the network judge all of them in one batch, and keep the path that explains the ink best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array, gap
from digitrec.glyphs import Glyph, Piece, draw_glyph
from digitrec.ink import InkLevel
from digitrec.results import Box, Image

MAX_CUTS = 16
"""Places to cut one piece of ink, at most ..."""

CUTS_PER_HEIGHT = 2.5
"""... and so many per its height of width."""

NEAR = 0.28
"""Fragments of one digit lie within this many heights of each other."""

TALLEST = 2.2
"""A joined glyph is at most this many times as high as its larger part is long."""

SMALLEST = 0.12
"""A fragment has at least this share of the other's longer side."""

WIDEST = 1.35
"""A digit is at most this many times wider than high."""

NARROWEST = 0.10
"""And at least this wide: a thin upright 1."""


@dataclass(frozen=True, slots=True)
class Join:
    """Pieces that may be one digit."""

    pieces: tuple[int, ...]
    glyph: Glyph


@dataclass(frozen=True, slots=True)
class Cuts:
    """One piece with its proposed cuts.

    Attributes:
        piece: its index.
        spans: (first, last) indices into the cut positions, one per glyph.
        glyphs: the ink between the two cuts of each span.
        shares: the share of the piece's ink in each span, 0-1.
        last: index of the last cut position: a path runs from 0 to it.
    """

    piece: int
    spans: tuple[tuple[int, int], ...]
    glyphs: tuple[Glyph, ...]
    shares: tuple[float, ...]
    last: int


def propose_joins(level: InkLevel, pieces: list[Piece], loose: set[int], settled: set[int]) -> list[Join]:
    """Pairs and triples of neighbours of which at least one is loose and not all are settled.

    Args:
        level: the ink.
        pieces: all pieces of the level.
        loose: pieces that the network did not take for a digit, large enough to matter.
        settled: pieces that it did.
    """
    usable = sorted(loose | settled)
    near = _neighbours(as_array([pieces[i].box for i in usable]))
    sets: set[tuple[int, ...]] = set()
    for row, i in enumerate(usable):
        if i not in loose:
            continue
        partners = [usable[c] for c in near[row]]
        for a, j in enumerate(partners):
            sets.add(tuple(sorted((i, j))))
            for k in partners[a + 1 :]:
                if k in loose or j in loose:
                    sets.add(tuple(sorted((i, j, k))))
    joins = []
    for chosen in sorted(sets):
        box = Box.around([pieces[i].box for i in chosen])
        if box.width <= WIDEST * box.height:
            joins.append(Join(chosen, draw_glyph(level, pieces, chosen)))
    return joins


def _neighbours(boxes: NDArray[np.float64], most: int = 4) -> list[list[int]]:
    """For each of (N, 4) boxes the nearest others that may belong to the same digit."""
    if len(boxes) == 0:
        return []
    distance = gap(boxes)
    top = np.minimum(boxes[:, None, 1], boxes[None, :, 1])
    bottom = np.maximum((boxes[:, 1] + boxes[:, 3])[:, None], (boxes[:, 1] + boxes[:, 3])[None])
    height = bottom - top
    longest = boxes[:, 2:].max(axis=1)
    small, large = (f(longest[:, None], longest[None]) for f in (np.minimum, np.maximum))
    fits = (distance <= NEAR * height) & (height <= TALLEST * large) & (small >= SMALLEST * large)
    np.fill_diagonal(fits, val=False)
    ranked = np.where(fits, distance, np.inf)
    order = np.argsort(ranked, axis=1)[:, :most]
    return [[int(c) for c in row if np.isfinite(ranked[r, c])] for r, row in enumerate(order)]


def propose_cuts(piece: Piece, index: int, glyph: Glyph) -> Cuts | None:
    """Cuts through a piece that is too wide, or no digit as a whole; None where it cannot be several digits."""
    ink = glyph.ink
    height, width = ink.shape
    if width < 0.45 * height or width < 8:
        return None
    upright, slant = _deslant(ink)
    solid = upright > 96
    columns = _cut_columns(solid, piece.stroke)
    if len(columns) < 3:
        return None
    total = max(1, int(solid.sum()))
    spans, glyphs, shares = [], [], []
    for a in range(len(columns) - 1):
        for b in range(a + 1, len(columns)):
            x0, x1 = columns[a], columns[b]
            if (a, b) == (0, len(columns) - 1) or not NARROWEST * height <= x1 - x0 <= WIDEST * height:
                continue
            part = _main_ink(upright[:, x0:x1])
            rows = np.flatnonzero((part > 96).any(axis=1))
            if rows.size < 0.35 * height:
                continue
            top, bottom = int(rows[0]), int(rows[-1]) + 1
            # Where the slanted span lies in the frame: shifted by the shear at its own middle row.
            shift = round(slant * ((top + bottom) / 2 - height / 2) - (upright.shape[1] - width) / 2)
            box = Box(glyph.box.x + max(0, x0 + shift), glyph.box.y + top, x1 - x0, bottom - top)
            spans.append((a, b))
            glyphs.append(Glyph(box, part[top:bottom], (index,), glyph.contrast))
            shares.append(float(solid[:, x0:x1].sum()) / total)
    return Cuts(index, tuple(spans), tuple(glyphs), tuple(shares), len(columns) - 1)


def _deslant(ink: Image) -> tuple[Image, float]:
    """Shear the ink upright by its second moments; returns it, wider by the shear, and the slant (dx per dy)."""
    moments = cv2.moments(ink)
    slant = -moments["mu11"] / moments["mu02"] if moments["mu02"] > 0 else 0.0
    # A wide piece of several digits correlates x with y by accident: believe a moderate slant only.
    height, width = ink.shape
    slant = float(np.clip(slant, -0.5, 0.5)) if width < 1.2 * height else 0.0
    extra = int(np.ceil(abs(slant) * height))
    matrix = np.array([[1, slant, extra / 2 - slant * height / 2], [0, 1, 0]], np.float32)
    sheared = cv2.warpAffine(ink, matrix, (width + extra, height), flags=cv2.INTER_LINEAR)
    return np.asarray(sheared, np.uint8), -slant


def _cut_columns(solid: NDArray[np.bool_], stroke: float) -> list[int]:
    """Columns to cut at, with both ends: where there is least ink, at least a tenth of the height apart."""
    height = solid.shape[0]
    filled = np.flatnonzero(solid.any(axis=0))
    first, last = int(filled[0]), int(filled[-1]) + 1
    ink = solid.sum(axis=0).astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    spread = np.where(solid, rows, 0).max(axis=0) - np.where(solid, rows, height).min(axis=0)
    # A thin bridge has little ink and little spread from its top to its bottom.
    cost = ink + 0.3 * np.maximum(spread, 0)
    cost = cv2.blur(cost[None, :], (max(1, int(stroke) | 1), 1)).ravel()
    apart = max(2, round(0.12 * height))
    order = np.argsort(cost[first + apart : last - apart]) + first + apart if last - first > 2 * apart else []
    most = min(MAX_CUTS, 2 + round(CUTS_PER_HEIGHT * (last - first) / height))
    chosen: list[int] = []
    for column in map(int, order):
        if cost[column] > 0.75 * height or len(chosen) >= most:
            break
        if all(abs(column - c) >= apart for c in chosen):
            chosen.append(column)
    return [first, *sorted(chosen), last]


def _main_ink(part: Image) -> Image:
    """Remove what a cut left behind of the neighbour: connected ink of less than a tenth of the whole."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((part > 64).astype(np.uint8), connectivity=8)
    if count <= 2:
        return part
    areas = stats[1:, cv2.CC_STAT_AREA]
    small = [i + 1 for i, a in enumerate(areas) if a < 0.1 * areas.sum()]
    return np.where(np.isin(labels, small), 0, part).astype(np.uint8) if small else part


def best_path(cuts: Cuts, log_p: Sequence[float]) -> tuple[float, list[int]] | None:
    """The sequence of spans from the first cut to the last whose ink is explained best.

    Args:
        cuts: the proposals.
        log_p: log-probability of the likeliest digit of each span.

    Returns:
        The mean log-probability weighted by ink, and the indices of the spans; None where no path exists.
    """
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    order = sorted(range(len(cuts.spans)), key=lambda i: cuts.spans[i])
    for end in range(1, cuts.last + 1):
        for i in order:
            a, b = cuts.spans[i]
            if b != end or a not in best:
                continue
            score = best[a][0] + cuts.shares[i] * log_p[i]
            if end not in best or score > best[end][0]:
                best[end] = score, [*best[a][1], i]
    return best.get(cuts.last)

"""What is ambiguous gets several readings: fragments that may belong together, and cuts through touching digits.

Heuristic over-segmentation after LeCun, Bottou, Bengio and Haffner (1998, section VI): propose more joins and cuts than
can be right, let the network judge all of them in one batch, and keep the path that explains the ink best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array, gap
from digitrec.glyphs import Glyph, Piece, draw_glyph
from digitrec.ink import InkLevel
from digitrec.normalise import tight_box
from digitrec.results import Box, Image

MAX_CUTS = 16
"""Places to cut one piece of ink, at most ..."""

CUTS_PER_HEIGHT = 2.5
"""... and so many per its height of width."""

SLANTS = (0.0, -0.6, -0.45, -0.3, -0.15, 0.15, 0.3)
"""Slants of writing that are tried, dx per dy; negative leans to the right, as most hands do."""

INK_WEIGHT = 0.35
"""What a pixel of ink in a column weighs against one of its extent from top to bottom."""

SEAM_REACH = 0.25
"""A cut strays from its column by this share of the height, at most."""

SEAM_ROWS = 48
"""Taller ink is searched at this height."""

SEAM_MOVE = 0.12
"""What a step aside costs a cut, in pixels of full ink ..."""

SEAM_STRAY = 0.05
"""... and a pixel as far from its column as it may stray."""

LEAST_PART = 0.35
"""A part is at least this share of the whole's height."""

FLAT = 0.12
"""The rest of a rule is at most so high, as a share of the whole's height."""

REST = 0.5
"""The rest of a rule is explained as well as by a part with this probability."""

DEEPER = (140, 190, 230)
"""Depths of ink, of 255, at which a piece may fall apart."""

NEAR = 0.28
"""Fragments of one digit lie within this many heights of each other."""

TALLEST = 2.2
"""A joined glyph is at most this many times as high as its larger part is long."""

SMALLEST = 0.12
"""A fragment has at least this share of the other's longer side."""

SAME_PEN = 0.5
"""Pieces of one digit differ in contrast by no more than this share."""

WIDEST = 1.35
"""A digit is at most this many times wider than high."""

NARROWEST = 0.10
"""And at least this wide: a thin upright 1."""


@dataclass(frozen=True, slots=True)
class Join:
    """Pieces that may be one digit.

    Attributes:
        pieces: their indices.
        glyph: them together.
        stacked: one stands on the other, as the loops of an 8 that broke at its waist: each looks like a digit.
    """

    pieces: tuple[int, ...]
    glyph: Glyph
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Cuts:
    """One piece with its proposed cuts.

    Attributes:
        piece: its index.
        spans: (first, last) indices into the cut positions, one per glyph.
        glyphs: the ink between the two cuts of each span.
        shares: the share of the piece's ink in each span, 0-1.
        rests: (first, last, share) of the spans that hold no more than the rest of a rule: too flat for a digit.
        last: index of the last cut position: a path runs from 0 to it.
    """

    piece: int
    spans: tuple[tuple[int, int], ...]
    glyphs: tuple[Glyph, ...]
    shares: tuple[float, ...]
    rests: tuple[tuple[int, int, float], ...]
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
    boxes = as_array([pieces[i].box for i in usable])
    near = _neighbours(boxes)
    stacked = {(usable[a], usable[b]) for a, b in _stacked(boxes)}
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
    contrasts: dict[int, float] = {}
    for chosen in sorted(sets | stacked):
        box = Box.around([pieces[i].box for i in chosen])
        if box.width <= WIDEST * box.height and _one_pen(level, pieces, chosen, contrasts):
            joins.append(Join(chosen, draw_glyph(level, pieces, chosen), chosen in stacked))
    return joins


def _one_pen(level: InkLevel, pieces: list[Piece], chosen: tuple[int, ...], known: dict[int, float]) -> bool:
    """Whether all pieces have about the same contrast: beside a dark digit the grid's faint lines would vanish."""
    for i in chosen:
        if i not in known:
            known[i] = draw_glyph(level, pieces, (i,)).contrast
    values = [known[i] for i in chosen]
    return min(values) >= SAME_PEN * max(values)


def _stacked(boxes: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs of (N, 4) boxes, first index lower, of which one stands right on the other and is about as large."""
    if len(boxes) < 2:
        return []
    x, y, width, height = boxes.T
    shared = np.minimum((x + width)[:, None], (x + width)[None]) - np.maximum(x[:, None], x[None])
    above = y[None] - (y + height)[:, None]  # the gap from the row's box down to the column's
    smaller, larger = (f(height[:, None], height[None]) for f in (np.minimum, np.maximum))
    fits = (shared > 0.6 * np.minimum(width[:, None], width[None])) & (np.abs(above) < 0.1 * (height[:, None] + height))
    fits &= smaller > 0.45 * larger
    return sorted({(min(int(a), int(b)), max(int(a), int(b))) for a, b in np.argwhere(fits)})


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


def propose_cuts(piece: Piece, index: int, glyph: Glyph) -> list[Cuts]:
    """Ways to cut a piece that is too wide, or no digit as a whole; none where it cannot be several digits."""
    height, width = glyph.ink.shape
    if width < 0.6 * height or width < 8:
        return []
    found = (_cuts_along_seams(piece, index, glyph), _cuts_by_depth(index, glyph))
    return [cuts for cuts in found if cuts is not None]


def _cuts_along_seams(piece: Piece, index: int, glyph: Glyph) -> Cuts | None:
    """Cut where the writing, upright, is lowest and thinnest."""
    height, width = glyph.ink.shape
    upright, slant = _deslant(glyph.ink)
    columns = _cut_columns(upright > 96, piece.stroke)
    if len(columns) < 3:
        return None
    # From the upright picture back to the glyph's own: ``_shear`` undone.
    lean = slant * (np.arange(height) - (height - 1) / 2) - (upright.shape[1] - width) / 2
    inner = [np.round(seam + lean).astype(np.intp) for seam in _seams(upright, columns[1:-1])]
    seams = [np.zeros(height, np.intp), *inner, np.full(height, width, np.intp)]
    parts = []
    for a, b in combinations(range(len(columns)), 2):
        wide = columns[b] - columns[a]
        if (a, b) == (0, len(columns) - 1) or not NARROWEST * height <= wide <= WIDEST * height:
            continue
        inside = _between(seams, a, b, width)
        share = _share(glyph.ink, inside)
        parts += [((a, b), share, inside), ((a, b), share, _between(seams, a, b, width, round(piece.stroke)))]
    return _as_cuts(index, glyph, parts, len(columns) - 1)


def _between(seams: Sequence[NDArray[np.intp]], a: int, b: int, width: int, over: int = 0) -> NDArray[np.bool_]:
    """Which pixels lie between two seams, or up to ``over`` beyond: digits that touch may share a stroke."""
    across = np.arange(width)
    return np.asarray((across >= seams[a][:, None] - over) & (across < seams[b][:, None] + over))


def _cuts_by_depth(index: int, glyph: Glyph) -> Cuts | None:
    """Cut where the ink is faint: small writing in a blurred picture is joined by its haze alone."""
    height = glyph.ink.shape[0]
    for level in DEEPER:
        count, labels, stats, _ = cv2.connectedComponentsWithStats((glyph.ink > level).astype(np.uint8), connectivity=8)
        large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_HEIGHT] >= LEAST_PART * height]
        if 2 <= len(large) <= MAX_CUTS:
            break
    else:
        return None
    cores = np.isin(labels, large)
    _, nearest = cv2.distanceTransformWithLabels(
        (~cores).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_CCOMP
    )
    owner = nearest[cores], labels[cores]
    names = dict(zip(owner[0].tolist(), owner[1].tolist(), strict=True))
    large.sort(key=lambda i: stats[i, cv2.CC_STAT_LEFT] + stats[i, cv2.CC_STAT_WIDTH] / 2)
    place = {name: large.index(label) for name, label in names.items()}
    order = np.vectorize(place.__getitem__, otypes=[np.intp])(nearest)
    parts = []
    for a in range(len(large)):
        for b in range(a + 1, min(a + 3, len(large) + 1)):
            inside = (order >= a) & (order < b)
            parts.append(((a, b), _share(glyph.ink, inside), inside))
    return _as_cuts(index, glyph, parts, len(large))


def _share(ink: Image, inside: NDArray[np.bool_]) -> float:
    solid = ink > 96
    return float((solid & inside).sum()) / max(1, int(solid.sum()))


def _as_cuts(
    index: int, whole: Glyph, parts: Sequence[tuple[tuple[int, int], float, NDArray[np.bool_]]], last: int
) -> Cuts | None:
    """The parts, each (span, share of the ink, mask), that are large enough for a digit; None where there are none."""
    spans, glyphs, shares, rests = [], [], [], []
    for span, share, inside in parts:
        ink = np.where(inside, whole.ink, 0).astype(np.uint8)
        box = tight_box(ink, level=1)
        if box is not None:
            left, top, width, height = box
            ink = _main_ink(ink[top : top + height, left : left + width])
            box = tight_box(ink)
        if box is None or box[3] < LEAST_PART * whole.ink.shape[0]:
            if box is None or box[3] <= FLAT * whole.ink.shape[0]:
                rests.append((*span, share))
            continue
        x, y, width, height = box
        spans.append(span)
        place = Box(whole.box.x + left + x, whole.box.y + top + y, width, height)
        glyphs.append(Glyph(place, ink[y : y + height, x : x + width], (index,), whole.contrast))
        shares.append(share)
    return Cuts(index, tuple(spans), tuple(glyphs), tuple(shares), tuple(rests), last) if glyphs else None


def _seams(ink: Image, columns: list[int]) -> list[NDArray[np.intp]]:
    """For each cut column the path from top to bottom near it that crosses the least ink: (height,) x per row.

    A path may move a column a row, which costs a little, so that it follows the white between two digits and crosses
    their bridge where it is thinnest (Avidan and Shamir 2007). Tall ink is searched in a smaller picture.
    """
    height, width = ink.shape
    shrunk = max(1.0, height / SEAM_ROWS)
    if shrunk > 1:
        size = max(1, round(width / shrunk)), max(1, round(height / shrunk))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    middles = np.clip(np.array(columns) / shrunk, 0, ink.shape[1] - 1).astype(np.intp)
    rows = np.minimum(np.arange(height) * ink.shape[0] // height, ink.shape[0] - 1)
    return [np.round((path[rows] + 0.5) * shrunk - 0.5).astype(np.intp) for path in _cheapest_paths(ink, middles)]


def _cheapest_paths(ink: Image, middles: NDArray[np.intp]) -> NDArray[np.intp]:
    """The seams near (cuts,) columns: (cuts, height)."""
    height, width = ink.shape
    reach = max(2, round(SEAM_REACH * height))
    offsets = np.arange(-reach, reach + 1)
    at = middles[:, None] + offsets  # (cuts, band)
    outside = ((at < 0) | (at >= width)) * np.float32(9)
    stray = np.float32(SEAM_STRAY) * np.abs(offsets / reach).astype(np.float32)
    band = ink[:, np.clip(at, 0, width - 1)] * np.float32(1 / 255) + (outside + stray)
    came = np.zeros(band.shape, np.int8)
    padded = np.full((len(middles), len(offsets) + 2), np.inf, np.float32)
    cost = band[0]
    for row in range(1, height):
        padded[:, 1:-1] = cost
        left, right = padded[:, :-2] + np.float32(SEAM_MOVE), padded[:, 2:] + np.float32(SEAM_MOVE)
        best = np.minimum(np.minimum(left, right), cost)
        came[row] = (right == best).view(np.int8) - (left == best).view(np.int8)
        came[row][cost == best] = 0
        cost = band[row] + best
    where = cost.argmin(axis=1)
    paths = np.empty((len(middles), height), np.intp)
    each = np.arange(len(middles))
    for row in range(height - 1, -1, -1):
        paths[:, row] = at[each, where]
        where = np.clip(where + came[row, each, where], 0, len(offsets) - 1)
    return paths


def _deslant(ink: Image) -> tuple[Image, float]:
    """Shear the ink upright; returns it, wider by the shear, and the slant that was undone (dx per dy).

    Of a few slants the one whose columns differ most: upright stems stand in few columns (Vinciarelli, Luettin 2001).
    """
    height = ink.shape[0]
    best: tuple[float, float, Image] | None = None
    for slant in SLANTS:
        sheared = _shear(ink, slant)
        columns = (sheared > 96).sum(axis=0, dtype=np.int64)
        sharpness = float((columns**2).sum()) * (1.0 if slant else 1.03)
        if best is None or sharpness > best[0]:
            best = sharpness, slant, sheared
        if height < 12:  # too few rows to tell
            break
    assert best is not None  # noqa: S101 - SLANTS is not empty
    return best[2], best[1]


def _shear(ink: Image, slant: float) -> Image:
    if slant == 0.0:
        return ink
    height, width = ink.shape
    extra = math.ceil(abs(slant) * height)
    matrix = np.array([[1, -slant, extra / 2 + slant * (height - 1) / 2], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(ink, matrix, (width + extra, height), flags=cv2.INTER_LINEAR), np.uint8)


def _cut_columns(solid: NDArray[np.bool_], stroke: float) -> list[int]:
    """Columns to cut at, with both ends: where the ink is lowest from its top to its bottom, and thinnest.

    Two round digits that touch share a thick stroke, so the amount of ink alone would cut them through their middles;
    but the outline is always drawn in where they meet.
    """
    height = solid.shape[0]
    filled = np.flatnonzero(solid.any(axis=0))
    first, last = int(filled[0]), int(filled[-1]) + 1
    top = np.where(solid.any(axis=0), solid.argmax(axis=0), height)
    bottom = height - solid[::-1].argmax(axis=0)
    spread = np.maximum(bottom - top, 0).astype(np.float32)
    cost = spread + INK_WEIGHT * solid.sum(axis=0, dtype=np.float32)
    cost = cv2.blur(cost[None, :], (max(1, round(stroke / 2) | 1), 1)).ravel()
    apart = max(2, round(0.12 * height))
    lowest = cv2.erode(cost[None, :], np.ones((1, 2 * (apart // 2) + 1), np.uint8)).ravel()
    inner = np.arange(first + apart, last - apart)
    if inner.size == 0:
        return [first, last]
    minima = inner[cost[inner] <= lowest[inner]]
    most = min(MAX_CUTS, 2 + round(CUTS_PER_HEIGHT * (last - first) / height))
    chosen: list[int] = []
    for column in map(int, minima[np.argsort(cost[minima], kind="stable")]):
        if len(chosen) >= most:
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
        The mean log-probability weighted by ink, and the indices of the spans, the rests of rules left out; None
        where no path exists.
    """
    steps = [
        (*span, share * p, [i]) for i, (span, share, p) in enumerate(zip(cuts.spans, cuts.shares, log_p, strict=True))
    ]
    steps += [(a, b, share * math.log(REST), []) for a, b, share in cuts.rests]
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for a, b, gain, taken in sorted(steps, key=lambda step: step[1]):
        if a in best and (b not in best or best[a][0] + gain > best[b][0]):
            best[b] = best[a][0] + gain, best[a][1] + taken
    return best.get(cuts.last)

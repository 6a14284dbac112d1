"""Where a piece of ink may be cut into digits: seams that cross little ink, found along the slant of the writing.

All of it happens on a small copy of the ink, so that a huge digit takes no longer than a small one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image

MAX_CUTS = 20
"""Places to cut one piece of ink, at most ..."""

CUTS_PER_HEIGHT = 2.5
"""... and so many per its height of width, chosen by its outline, ..."""

SEAMS_PER_HEIGHT = 1.5
"""... and so many more by what a cut there crosses."""

LIGHT = 2.2
"""The latter cross no more than so many strokes."""

SLANTS = (0.0, -0.6, -0.45, -0.3, -0.15, 0.15, 0.3)
"""Slants of writing that are tried, dx per dy; negative leans to the right, as most hands do."""

INK_WEIGHT = 0.35
"""What a pixel of ink in a column weighs against one of its extent from top to bottom."""

SEAM_REACH = 0.17
"""A cut strays from its column by this share of the height, at most."""

SEAM_ROWS = 48
"""Taller ink is searched at this height."""

SEAM_MOVE = 0.12
"""What a step aside costs a cut, in pixels of full ink ..."""

SEAM_STRAY = 0.07
"""... and a pixel as far from its column as it may stray."""

APART = 0.12
"""Cuts are at least this share of the height apart."""


@dataclass(frozen=True, slots=True)
class Seams:
    """Cuts through a piece from top to bottom, left to right; the first and the last are its two sides.

    Attributes:
        places: of each cut the column in the upright writing, in heights.
        paths: (cuts, height): of each cut the first column on its right, per row of the ink.
        crossed: of each cut the ink that it goes through, in strokes.
    """

    places: tuple[float, ...]
    paths: NDArray[np.intp]
    crossed: tuple[float, ...]


def find_seams(ink: Image, stroke: float) -> Seams | None:
    """The cuts to try; None where there is no place for one.

    Args:
        ink: uint8 (height, width), bright ink on black.
        stroke: width of its stroke, pixels.
    """
    height, width = ink.shape
    shrunk = max(1.0, height / SEAM_ROWS)
    small = _shrink(ink, shrunk)
    stroke = max(1.0, stroke / shrunk)
    upright, slant = _deslant(small)
    search = _search(upright)
    columns = _cut_columns(upright > 96, stroke, search.costs)
    if len(columns) < 3:
        return None
    inner = columns[1:-1]
    # From the upright picture back to the ink's own: ``_shear`` undone, then enlarged.
    rows = np.arange(small.shape[0])
    lean = slant * (rows - (small.shape[0] - 1) / 2) - (upright.shape[1] - small.shape[1]) / 2
    own = (_traced(search, inner) + lean + 0.5) * shrunk - 0.5
    enlarged = np.minimum(np.arange(height) * small.shape[0] // height, small.shape[0] - 1)
    between = np.round(own[:, enlarged]).astype(np.intp)
    sides = np.zeros((1, height), np.intp), np.full((1, height), width, np.intp)
    crossed = tuple(float(search.costs[c]) / stroke for c in inner)
    places = tuple(c / small.shape[0] for c in columns)
    return Seams(places, np.concatenate([sides[0], between, sides[1]]), (0.0, *crossed, 0.0))


def _shrink(ink: Image, factor: float) -> Image:
    if factor == 1:
        return ink
    size = max(1, round(ink.shape[1] / factor)), max(1, round(ink.shape[0] / factor))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


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


def _cut_columns(solid: NDArray[np.bool_], stroke: float, costs: NDArray[np.float32]) -> list[int]:
    """Columns to cut at, with both ends.

    Where the ink is lowest from its top to its bottom, and thinnest: two round digits that touch share a thick stroke,
    so the amount of ink alone would cut them through their middles, but the outline is always drawn in where they meet.
    Then, as digits that lean over each other show no such place, where a seam crosses little.
    """
    height = solid.shape[0]
    filled = np.flatnonzero(solid.any(axis=0))
    if filled.size == 0:
        return []
    first, last = int(filled[0]), int(filled[-1]) + 1
    top = np.where(solid.any(axis=0), solid.argmax(axis=0), height)
    bottom = height - solid[::-1].argmax(axis=0)
    spread = np.maximum(bottom - top, 0).astype(np.float32)
    outline = spread + INK_WEIGHT * solid.sum(axis=0, dtype=np.float32)
    outline = cv2.blur(outline[None, :], (max(1, round(stroke / 2) | 1), 1)).ravel()
    apart = max(2, round(APART * height))
    inner = np.arange(first + apart, last - apart)
    long = (last - first) / height
    chosen = _add_minima([], inner, outline, apart, 2 + round(CUTS_PER_HEIGHT * long))
    light = inner[costs[inner] <= LIGHT * stroke]
    chosen = _add_minima(chosen, light, costs, apart, len(chosen) + 1 + round(SEAMS_PER_HEIGHT * long))
    return [first, *sorted(chosen), last]


def _add_minima(
    chosen: Sequence[int], columns: NDArray[np.intp], cost: NDArray[np.float32], apart: int, most: int
) -> list[int]:
    """``chosen`` and the cheapest of ``columns`` that lie ``apart`` of all others and are the least around them."""
    lowest = cv2.erode(cost[None, :], np.ones((1, 2 * (apart // 2) + 1), np.uint8)).ravel()
    minima = columns[cost[columns] <= lowest[columns]]
    chosen = list(chosen)
    for column in map(int, minima[np.argsort(cost[minima], kind="stable")]):
        if len(chosen) >= min(most, MAX_CUTS):
            break
        if all(abs(column - c) >= apart for c in chosen):
            chosen.append(column)
    return chosen


@dataclass(frozen=True, slots=True)
class _Search:
    """For each column of the ink the cheapest path from top to bottom near it.

    Attributes:
        costs: (columns,) the ink that it crosses, in pixels of full ink.
        ends: (columns,) where in the band around its column it ends.
        came: (height, columns, band) from which neighbour above a place is reached: -1, 0, 1.
    """

    costs: NDArray[np.float32]
    ends: NDArray[np.intp]
    came: NDArray[np.int8]


def _search(ink: Image) -> _Search:
    """The path near each column that crosses the least ink.

    A path may move a column a row, which costs a little, so that it follows the white between two digits and crosses
    their bridge where it is thinnest (Avidan and Shamir 2007).
    """
    height, width = ink.shape
    reach = max(2, round(SEAM_REACH * height))
    offsets = np.arange(-reach, reach + 1)
    at = np.arange(width)[:, None] + offsets  # (columns, band)
    outside = ((at < 0) | (at >= width)) * np.float32(9)
    stray = np.float32(SEAM_STRAY) * np.abs(offsets / reach).astype(np.float32)
    band = ink[:, np.clip(at, 0, width - 1)] * np.float32(1 / 255) + (outside + stray)
    came = np.zeros(band.shape, np.int8)
    padded = np.full((width, len(offsets) + 2), np.inf, np.float32)
    cost = band[0]
    for row in range(1, height):
        padded[:, 1:-1] = cost
        left, right = padded[:, :-2] + np.float32(SEAM_MOVE), padded[:, 2:] + np.float32(SEAM_MOVE)
        best = np.minimum(np.minimum(left, right), cost)
        came[row] = (right == best).view(np.int8) - (left == best).view(np.int8)
        came[row][cost == best] = 0
        cost = band[row] + best
    ends = cost.argmin(axis=1)
    return _Search(cost[np.arange(width), ends], ends, came)


def _traced(search: _Search, columns: Sequence[int]) -> NDArray[np.intp]:
    """The paths of the chosen columns: (columns, height)."""
    height, _, wide = search.came.shape
    chosen = np.asarray(columns, np.intp)
    paths = np.empty((len(chosen), height), np.intp)
    where = search.ends[chosen]
    for row in range(height - 1, -1, -1):
        paths[:, row] = chosen + where - wide // 2
        where = np.clip(where + search.came[row, chosen, where], 0, wide - 1)
    return paths

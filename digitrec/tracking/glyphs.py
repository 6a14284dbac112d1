"""The glyphs of one frame as arrays, so that all pairs of tracks and glyphs are compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Digit, Image, Reject

Floats = NDArray[np.float64]

CLASSES = 11
LOOK = 196
FLOOR = 1e-3
"""No single look makes a class less likely than this: networks are surer than they should be."""

UNKNOWN_LIKENESS = 0.85
"""Taken for the likeness of glyphs without crops: position and class decide."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """N glyphs.

    Attributes:
        centers: (N, 2) x, y, pixels.
        sizes: (N, 2) width, height, pixels.
        probabilities: (N, 11), rows sum to 1, none below about ``FLOOR``.
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

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Glyphs:
        """Some of them."""
        index = np.asarray(rows, np.intp)
        return Glyphs(self.centers[index], self.sizes[index], self.probabilities[index], self.looks[index])


def box_at(center: Floats, size: Floats) -> Box:
    """Whole pixels around a place."""
    width, height = max(1, round(float(size[0]))), max(1, round(float(size[1])))
    return Box(round(float(center[0]) - width / 2), round(float(center[1]) - height / 2), width, height)


def likeness(a: Glyphs, b: Glyphs) -> Floats:
    """(A, B) correlation of the crops, -1 to 1: over 0.9 for one glyph in two frames, about 0.6 for another writing."""
    same = a.looks @ b.looks.T
    blind = np.logical_or.outer(~a.looks.any(axis=1), ~b.looks.any(axis=1))
    result: Floats = np.where(blind, UNKNOWN_LIKENESS, same)
    return result


def _probabilities(items: Sequence[Digit | Reject]) -> Floats:
    rows: Floats = np.full((len(items), CLASSES), 1 / CLASSES)
    for i, item in enumerate(items):
        row = rows[i]
        if len(item.probabilities) == CLASSES:
            row[:] = item.probabilities
        elif isinstance(item, Digit):
            row[:] = (1 - item.confidence) / (CLASSES - 1)
            row[item.digit] = item.confidence
    rows = rows.clip(FLOOR)
    normal: Floats = rows / rows.sum(axis=1, keepdims=True)
    return normal


def _looks(crops: Sequence[Image | None]) -> Floats:
    looks = np.zeros((len(crops), LOOK))
    given = [(i, crop) for i, crop in enumerate(crops) if crop is not None]
    if not given:
        return looks
    pictures = np.stack([crop for _, crop in given]).astype(np.float32)
    padded = np.pad(pictures.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)), ((0, 0), (1, 1), (1, 1)))
    rows = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    flat = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]).reshape(len(given), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    looks[[i for i, _ in given]] = flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6)
    return looks

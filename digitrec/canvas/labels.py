"""Where labels go: beside their own boxes, over no other box and over no other label. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.canvas.layout import Rect

ROOMY = 2.2
"""A tag may stand on its own box where that is so many times as wide and high as the tag: the digit stays visible."""

Extent = tuple[int, int]
"""(width, height), window pixels."""


class Wanted(NamedTuple):
    """A label that needs a place.

    Attributes:
        number: of its box.
        forms: sizes that it can have, the best first; the last is a tag on a corner of the box.
    """

    number: int
    forms: tuple[Extent, ...]


class Placed(NamedTuple):
    """A label in its place: of which box, which of its forms, and where."""

    number: int
    form: int
    rect: Rect


@lru_cache(maxsize=8)
def place_labels(boxes: tuple[Rect, ...], wanted: tuple[Wanted, ...], area: Rect, gap: int) -> tuple[Placed, ...]:
    """Find a place for each label: above its box, below it, or on its corner as a tag.

    Args:
        boxes: all boxes that a label may not cover.
        wanted: the labels, the most important first.
        area: the window pixels that show paper.
        gap: between a box and its label, pixels.

    Returns:
        Those labels that have a place; a digit among many close ones may have none.
    """
    edges = np.array([(r.x, r.y, r.right, r.bottom) for r in boxes], np.int64).reshape(-1, 4)
    taken = np.zeros((len(wanted), 4), np.int64)
    placed: list[Placed] = []
    for number, forms in wanted:
        own = edges[number]
        around = np.all(edges[:, :2] <= own[:2], axis=1) & np.all(edges[:, 2:] >= own[2:], axis=1)
        others = np.vstack([edges[~around], taken[: len(placed)]])  # not its own, nor one that it lies in
        for form, rect in _places(boxes[number], forms, area, gap):
            if not _touches(rect, others):
                taken[len(placed)] = rect.x, rect.y, rect.right, rect.bottom
                placed.append(Placed(number, form, rect))
                break
    return tuple(placed)


def _places(box: Rect, forms: tuple[Extent, ...], area: Rect, gap: int) -> Iterator[tuple[int, Rect]]:
    """(form, place) for each that lies in ``area``, the best first."""
    for form, (width, height) in enumerate(forms[:-1]):
        for y in (box.y - height - gap, box.bottom + gap):
            for x in (box.x, box.right - width):
                inside = min(max(x, area.x), area.right - width)
                if area.y <= y <= area.bottom - height:
                    yield form, Rect(inside, y, width, height)
    tag = len(forms) - 1
    width, height = forms[tag]
    roomy = box.width >= ROOMY * width and box.height >= ROOMY * height
    for over in (2, 4, 0):  # half outside the box, a quarter, or inside
        if over == 0 and not roomy:
            return
        right, low = (width // over, height // over) if over else (-gap // 2, -gap // 2)
        for y in (box.y - low, box.bottom + low - height):
            for x in (box.right + right - width, box.x - right):
                if area.x <= x <= area.right - width and area.y <= y <= area.bottom - height:
                    yield tag, Rect(x, y, width, height)


def _touches(rect: Rect, others: NDArray[np.int64]) -> bool:
    """``rect`` covers a pixel of one of ``others``, (N, 4) left, top, right and bottom."""
    across = (others[:, 0] < rect.right) & (rect.x < others[:, 2])
    return bool(np.any(across & (others[:, 1] < rect.bottom) & (rect.y < others[:, 3])))

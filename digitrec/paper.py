"""How bright the paper is under the ink, wherever one looks.

Estimated by a grey closing at low resolution (the largest value that a window fits under): unlike a local mean it
follows shadows and gradients without dark halos beside their edges and is not pulled down by the ink itself.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from digitrec.results import Image

BLACK = 10
"""Added to both sides of the division by the paper: near black the ratio of two noises would be ink."""

_CELL = 8
"""Side of a cell of the low-resolution background, level pixels."""

_CELLS = 40
"""So many cells lie along the longer side of a small picture: its digit may have a stroke of a fifth of it ..."""

_COARSE_CELLS = 30
"""... and where strokes of that breadth cross, the blot is broader still: the coarse level is for these."""

_WINDOW = 7
"""Side of the closing's window, cells: strokes up to about (7 - 1) * 8 = 48 level px are ink, wider are paper."""

_STEP = 1.12
"""A cell's neighbour that is so many times as bright stands on the other side of an edge."""

_SHARP = 15
"""Side of the window that follows such an edge, level pixels: strokes up to this wide are ink beside it."""

_MOST_EDGES = 400
"""More is a texture."""

_RIM = 0.8
"""Past the border of a small picture the paper is at least so bright, as a share of the brightest cell near the rim: it
was cut out of a form close to a rule. (In a frame what grows darker outwards is a shadow, or the table.)"""

_SQUARE = np.ones((3, 3), np.uint8)


def paper_brightness(channel: Image, coarse: bool = False) -> Image:
    """The paper's brightness under the ink, at least 1: uint8, one value a cell of ``_CELL`` pixels or less.

    Args:
        channel: uint8 (h, w) in which ink is dark.
        coarse: it is a frame made smaller.
    """
    height, width = channel.shape
    cell = min(_CELL, max(1, max(height, width) // (_COARSE_CELLS if coarse else _CELLS)))
    # Halving rounds: once is enough to be fast, and more would be seen in the mask.
    base = halved(channel) if cell == _CELL and width % 2 == 0 and height % 2 == 0 else channel
    low = cv2.resize(base, (max(1, width // cell), max(1, height // cell)), interpolation=cv2.INTER_AREA)
    margin = _WINDOW // 2 + 1
    padded = _continue_past_border(np.asarray(low, np.uint8), margin)
    if cell < _CELL and not coarse:
        around = cv2.convertScaleAbs(cv2.dilate(low, np.ones((_WINDOW, _WINDOW), np.uint8)), alpha=_RIM)
        least = cv2.copyMakeBorder(around, *(margin,) * 4, cv2.BORDER_REPLICATE)
        padded = np.maximum(padded, np.asarray(least, np.uint8))
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((_WINDOW, _WINDOW), np.uint8))
    # One cell of caution: beside a hard shadow the bright side would otherwise darken the shadow's rim into ink.
    cautious = cv2.erode(closed, _SQUARE)[margin:-margin, margin:-margin]
    return np.maximum(cautious, np.uint8(1))


def _continue_past_border(low: Image, margin: int) -> Image:
    """Pad by going on as the picture ends: a closing that only repeats the rim takes vignetting for ink."""
    if min(low.shape) <= margin:
        return np.asarray(cv2.copyMakeBorder(low, *(margin,) * 4, cv2.BORDER_REPLICATE), np.uint8)
    wide = low.astype(np.int16)
    for sides in ((margin, margin, 0, 0), (0, 0, margin, margin)):
        rim = cv2.copyMakeBorder(wide, *sides, cv2.BORDER_REPLICATE)
        wide = np.asarray(2 * rim - cv2.copyMakeBorder(wide, *sides, cv2.BORDER_REFLECT_101), np.int16)
    return np.clip(wide, 0, 255).astype(np.uint8)


def sharpen_edges(paper: Image, smooth: Image, low: Image) -> None:
    """Follow the edges of hard shadows to the pixel, in place: cells leave a dark band on their bright side.

    A grey closing at full resolution keeps an edge where it is, but takes strokes wider than itself for paper; it only
    counts where the paper is brighter than its cells say.

    Args:
        paper: uint8 (h, w), ``low`` enlarged; changed.
        smooth: uint8 (h, w), the picture.
        low: what ``paper_brightness`` made of it.
    """
    if min(smooth.shape) < _CELL * _SHARP:
        return
    steep = cv2.compare(cv2.dilate(low, _SQUARE), cv2.convertScaleAbs(low, alpha=_STEP, beta=4), cv2.CMP_GT)
    count, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(steep, _SQUARE), connectivity=8)
    down, across = smooth.shape[0] / low.shape[0], smooth.shape[1] / low.shape[1]
    window = np.ones((_SHARP, _SHARP), np.uint8)
    for x, y, width, height, _ in stats[1 : min(count, _MOST_EDGES + 1)]:
        rows = slice(int(y * down), math.ceil((y + height) * down))
        columns = slice(int(x * across), math.ceil((x + width) * across))
        # The closing sees as far as its window: what lies around belongs to it.
        top, left = max(0, rows.start - _SHARP), max(0, columns.start - _SHARP)
        around = np.ascontiguousarray(smooth[top : rows.stop + _SHARP, left : columns.stop + _SHARP])
        closed = cv2.morphologyEx(around, cv2.MORPH_CLOSE, window)
        fine = closed[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        cells = np.ascontiguousarray(paper[rows, columns])
        brighter = cv2.compare(fine, cv2.convertScaleAbs(cells, alpha=_STEP, beta=4), cv2.CMP_GT)
        cv2.copyTo(np.minimum(fine, np.uint8(255 - BLACK)), brighter, cells)
        paper[rows, columns] = cells


def halved(image: Image) -> Image:
    """Half as wide and as high, by area."""
    height, width = image.shape[:2]
    size = max(1, width // 2), max(1, height // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def reduced(image: Image, size: tuple[int, int]) -> Image:
    """Resize by area to ``size`` (width, height): by halves as far as they are whole, which is several times faster."""
    image = halved_while(image, size)
    if image.shape[1::-1] == size:
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def halved_while(image: Image, size: tuple[int, int]) -> Image:
    """By halves as far as they are whole, to no less than ``size`` (width, height)."""
    height, width = image.shape[:2]
    while width % 2 == 0 and height % 2 == 0 and width >= 2 * size[0] and height >= 2 * size[1]:
        image = halved(image)
        height, width = image.shape[:2]
    return image

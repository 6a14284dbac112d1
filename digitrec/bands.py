"""Bands across a whole picture, as a lamp that flickers leaves them where a camera reads its rows one after the other.

A lamp dimmed by pulses goes on and off many times while a picture's rows are read. Such bands are as narrow as strokes,
and dark as pencil; but they are the same from one side of the picture to the other, which no writing is. A sensor's
rows run along its longer side.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.ranks import quantile
from digitrec.results import Image

CELLS = 9
"""Each row is seen as the means of so many parts of it, ..."""

ROWS, PIXELS = 240, 24
"""... at first of about so many rows, and so many pixels of each part."""

SMALLEST_PX = 240
"""In a smaller picture a digit may be as broad as all of it."""

BROADEST = 0.2
"""Bands of more than this share of the picture's height are light that changes slowly: the paper tells it."""

LEAST_DEPTH = 0.015
"""Bands are so deep, as a share of the light, half-way from the darkest fifth of all rows to the lightest: rules are
fewer, ..."""

ALIKE, MOST = 0.45, 0.8
"""... and so many of the parts of rows differ by no more than this share of it from all of their row."""

_Floats = NDArray[np.float32]


def without_bands(image: Image) -> Image:
    """The picture with its rows, or columns, as light as those around them; itself where it has no bands.

    Args:
        image: uint8 (H, W, 3) or (H, W).
    """
    if min(image.shape[:2]) < SMALLEST_PX:
        return image
    plane = image if image.ndim == 2 else image[..., 1]
    turned = plane.shape[0] > plane.shape[1]
    step, part_step = max(1, min(plane.shape) // ROWS), max(1, max(plane.shape) // (CELLS * PIXELS))
    sampled = plane[::part_step, ::step] if turned else plane[::step, ::part_step]
    # Full rows of chalk are as even as bands in the mean; but most of their pixels are the board's.
    if _bands(_parts(sampled, turned)) is None or _bands(_grounds(sampled, turned)) is None:
        return image
    if image.ndim == 2:
        return _evened(image, part_step, turned)
    planes = [np.asarray(plane, np.uint8) for plane in cv2.split(image)]
    return np.asarray(cv2.merge([_evened(plane, part_step, turned) for plane in planes]), np.uint8)


def _evened(plane: Image, step: int, turned: bool) -> Image:
    """The plane with its rows, or columns, as light as those around them: itself where it has no bands."""
    band = _bands(_parts(plane[::step] if turned else plane[:, ::step], turned), least=0.0)
    if band is None:
        return plane
    gain = np.exp(-band)
    return np.asarray(cv2.convertScaleAbs(plane * (gain[None] if turned else gain[:, None])), np.uint8)


def _parts(plane: Image, turned: bool) -> _Floats:
    """The logarithm of the light in the parts of each row, or of each column: (N, CELLS)."""
    # Whole pixels to a part: as many to each take a seventh of the time.
    plane = plane[: len(plane) // CELLS * CELLS] if turned else plane[:, : plane.shape[1] // CELLS * CELLS]
    size = (plane.shape[1], CELLS) if turned else (CELLS, plane.shape[0])
    parts = cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    light = np.asarray(cv2.log(parts + 1), np.float32)
    return np.ascontiguousarray(light.T) if turned else light


def _grounds(plane: Image, turned: bool) -> _Floats:
    """Like ``_parts``, of the median pixel of each: writing is the lesser part of what it stands on."""
    rows = plane.T if turned else plane
    cells = rows[:, : rows.shape[1] // CELLS * CELLS].reshape(len(rows), CELLS, -1)
    return np.asarray(np.log(np.median(cells, axis=2) + 1), np.float32)


def _bands(light: _Floats, least: float = LEAST_DEPTH) -> _Floats | None:
    """How much lighter than those around them the rows of (N, CELLS) are, as a logarithm; None where not all as one."""
    around = cv2.blur(light, (1, int(BROADEST * len(light)) | 1), borderType=cv2.BORDER_REFLECT)
    off = light - around
    band = np.partition(off, CELLS // 2, axis=1)[:, CELLS // 2]
    ranked = np.sort(band)
    depth = float(ranked[int(MOST * len(band))] - ranked[int((1 - MOST) * len(band))]) / 2
    if depth < least or quantile(np.abs(off - band[:, None]), MOST) > ALIKE * depth:
        return None
    return band

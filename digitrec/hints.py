"""Why nothing was read, from measured quantities: brightness, sharpness, size of the shapes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from digitrec.glyphs import MIN_HEIGHT_PX, Piece
from digitrec.ink import InkLevel
from digitrec.ranks import quantile
from digitrec.results import Hint, Image

DARK = 45
"""The brighter parts of the picture (90th percentile) are below this level, 0-255."""

BRIGHT = 250
"""The darker parts (10th percentile) are above this level: the ink has drowned in the light."""

EDGE_PX = 9.0
"""Ink edges wider than this are out of focus."""

ROW = 5
"""So many tiny shapes of like size are writing, not dust."""

WANTED_PX = 20
"""Digits are read well from about this height."""


def explain_nothing(image: Image, level: InkLevel, pieces: Sequence[Piece], candidates: int) -> tuple[Hint, str]:
    """The likeliest reason why no digit was read.

    Args:
        image: the frame, uint8 (H, W, 3) BGR or (H, W) grey.
        level: its finest ink.
        pieces: the pieces of ink of that level.
        candidates: how many shapes were put to the network.

    Returns:
        The hint, and the measured quantity behind it for people.
    """
    sample = image[::8, ::8]
    low, high = (quantile(sample, share) for share in (0.1, 0.9))
    if high < DARK:
        return Hint.TOO_DARK, f"brightness {high:.0f} of 255"
    heights = [p.box.height / level.scale for p in pieces if p.box.height < MIN_HEIGHT_PX]
    if not candidates and low > BRIGHT and not heights:
        return Hint.TOO_BRIGHT, f"brightness {low:.0f} of 255"
    width = edge_width(level)
    if width is not None and width > EDGE_PX:
        return Hint.OUT_OF_FOCUS, f"edges {width:.0f} px wide"
    if len(heights) >= ROW and len(heights) > 2 * candidates:
        height = median(sorted(heights)[len(heights) // 2 :])
        return Hint.TOO_SMALL, f"about {WANTED_PX / max(height, 1.0):.1f} times closer"
    if not candidates:
        return Hint.NO_INK, ""
    return Hint.NO_DIGITS, f"{candidates} shape{'s' if candidates > 1 else ''}"


def explain_limit(confidences: Sequence[float], limit: float) -> tuple[Hint, str]:
    """Why nothing was read where digits were, but none as sure as ``limit``, 0-1."""
    surest = int(1000 * max(confidences)) / 1000  # never told as what it does not reach
    return Hint.UNSURE, f"{surest:.3f}, the limit is {limit:g}"


def edge_width(level: InkLevel) -> float | None:
    """Width of the ink's edges in pixels of the frame: its contrast over its steepest slope; None without ink."""
    inside = level.depth[level.mask > 0]
    if inside.size < 30:
        return None
    contrast = quantile(inside, 0.9)
    slope_x = cv2.Sobel(level.depth, cv2.CV_16S, 1, 0, ksize=3)
    slope_y = cv2.Sobel(level.depth, cv2.CV_16S, 0, 1, ksize=3)
    slope = np.maximum(np.abs(slope_x), np.abs(slope_y))[level.mask > 0] / 8
    steepest = quantile(slope, 0.95)
    return contrast / max(steepest, 0.5) / level.scale

"""Ink of one glyph -> the 28x28 picture that the network reads, made exactly as MNIST was made.

This is the one place where it is done: training sets, camera, photo and canvas all come through here. MNIST (LeCun,
Cortes and Burges 1998) scaled each digit so that its larger side was 20 pixels, keeping the aspect, and placed it in
28x28 with its centre of mass in the middle. A small network given the same true boxes reads 51 % of real crops when the
box is stretched to the square, and 98.8 % when it is normalised like this.
"""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.results import Image

SIDE = 28
"""Side of the network's input, pixels."""

LARGEST = 20
"""The larger side of the ink inside it, pixels."""

INK_LEVEL = 96
"""Pixels at least this bright count as ink when the tight box is taken (0-255)."""


FINE = 4
"""What is shrunk much is first brought to so many times its new size by a whole factor, which is faster, ..."""

LEAST_CELLS = 128
"""... and to no less than this, pixels: it is filled up to whole cells."""

_TRACE = 24
"""Fainter pixels do not count when it is judged whether strokes have faded."""

_PALE = 170
"""Strokes whose brighter tenth is below this have faded: in MNIST they reach 250."""


def tight_box(ink: Image, level: int = INK_LEVEL) -> tuple[int, int, int, int] | None:
    """Smallest (x, y, width, height) that holds every pixel of at least ``level``; None where there is none."""
    x, y, width, height = cv2.boundingRect(cv2.threshold(ink, level - 1, 255, cv2.THRESH_BINARY)[1])
    return (x, y, width, height) if width else None


def normalise(ink: Image) -> Image:
    """Scale one glyph to 20 px on its larger side and centre it by mass in 28x28.

    Args:
        ink: uint8 (H, W), bright ink on black, one glyph; any margin.

    Returns:
        uint8 (28, 28); all zero where ``ink`` holds no ink.
    """
    box = tight_box(ink)
    if box is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    x, y, width, height = box
    tight = ink[y : y + height, x : x + width]
    small = shrink(tight, LARGEST)
    if max(width, height) > LARGEST and _is_pale(small):
        small = shrink(_thicken(tight), LARGEST)
    return centre_by_mass(small)


def _is_pale(small: Image) -> bool:
    """Whether the strokes have faded: a stroke much thinner than a pixel of the 20 leaves only a grey trace."""
    ink, bright = (cv2.countNonZero(cv2.threshold(small, v, 255, cv2.THRESH_BINARY)[1]) for v in (_TRACE, _PALE - 1))
    return ink - bright > ink * 9 // 10 or ink == 0


def _thicken(tight: Image) -> Image:
    """The ink at 80 px with strokes of three pixels at least.

    MNIST's pens were never thinner than about a twentieth of the digit; a fine pen on a large sheet is.
    """
    middle = shrink(tight, 4 * LARGEST) if max(tight.shape) > 4 * LARGEST else tight
    peak = max(int(middle.max()), 1)
    bright = np.clip(middle * np.float32(255 / peak), 0, 255).astype(np.uint8)
    return np.asarray(cv2.dilate(bright, np.ones((3, 3), np.uint8)), np.uint8)


def shrink(ink: Image, largest: int) -> Image:
    """Resize to a larger side of ``largest``: by area when shrinking, as MNIST did; smoothly when enlarging.

    Args:
        ink: uint8 (H, W).
        largest: pixels.
    """
    height, width = ink.shape
    scale = largest / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # INTER_AREA degenerates to nearest neighbour when it enlarges, which gave staircase digits for small writing.
    return by_area(ink, size) if scale < 1 else np.asarray(cv2.resize(ink, size), np.uint8)


def by_area(ink: Image, size: tuple[int, int]) -> Image:
    """Resize uint8 (H, W) by area to a lesser ``size`` (width, height)."""
    height, width = ink.shape
    factor = min(min(width // size[0], height // size[1]) // FINE, min(width, height) // LEAST_CELLS)
    if factor > 1:
        whole = cv2.copyMakeBorder(ink, 0, -height % factor, 0, -width % factor, cv2.BORDER_CONSTANT, value=0)
        cells = whole.shape[1] // factor, whole.shape[0] // factor
        ink = np.asarray(cv2.resize(whole, cells, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)


def centre_by_mass(small: Image) -> Image:
    """Place a picture of at most 28x28 in 28x28 by whole pixels, its centre of mass at index (14, 14) as in MNIST.

    Args:
        small: uint8 (h, w), h and w at most 28.

    Returns:
        uint8 (28, 28).
    """
    height, width = small.shape
    mass = cv2.moments(small)  # exact sums of whole numbers
    total = mass["m00"]
    centre_x = mass["m10"] / total if total else (width - 1) / 2
    centre_y = mass["m01"] / total if total else (height - 1) / 2
    left = min(max(round(SIDE / 2 - centre_x), 0), SIDE - width)
    top = min(max(round(SIDE / 2 - centre_y), 0), SIDE - height)
    out = np.zeros((SIDE, SIDE), np.uint8)
    out[top : top + height, left : left + width] = small
    return out

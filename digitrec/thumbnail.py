"""A frame in small and grey: enough to follow digits in, and to see whether anything changed."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.paper import halved_while, reduced
from digitrec.results import Image

SIDE_PX = 320
"""Thumbnails are as wide as this or wider, but less than twice as wide; smaller pictures stay as they are."""

_QUARTER = 4


def thumbnail(image: Image) -> Image:
    """uint8 (H, W, 3) or (H, W) -> uint8 (h, w), grey and softened, which the matching of patches needs."""
    height, width = image.shape[:2]
    if width % _QUARTER == 0 and height % _QUARTER == 0 and width >= _QUARTER * SIDE_PX:
        # Of 4 x 4 pixels the mean of the inner four: a third of the work of two halvings by area.
        image = np.asarray(cv2.resize(image, (width // _QUARTER, height // _QUARTER)), np.uint8)
    small = halved_while(image, (SIDE_PX, 1))
    if small.shape[1] >= 2 * SIDE_PX:  # an odd width
        small = reduced(small, (SIDE_PX, max(1, SIDE_PX * height // width)))
    return np.asarray(cv2.blur(small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (3, 3)))

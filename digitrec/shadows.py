"""Shadows nearly as narrow as strokes, as of a blind: by the usual measure of paper they are ink."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.ink import LARGE_PX, NEAR_PX, InkLevel, InkLook
from digitrec.paper import reduced

NEAR = InkLook(near=True)
"""How ink is told from paper among them."""

SHARE = 0.07
"""So much of a picture in which there may be such is ink that is broader than a stroke."""

EVEN = 24.0
"""And its depth, 0-255, varies by no more (standard deviation): a shadow takes the same share of the light everywhere,
what stands about in a room is of many colours."""

_QUARTER, INKED = 4, 0.786
"""It is looked for at a quarter of the resolution, where so much of what is there is ink."""


def has_broad_ink(level: InkLevel) -> bool:
    """Whether much of what counts as ink is broader than the strokes that are ink for who looks nearer, and even."""
    height, width = level.mask.shape
    if min(height, width) < LARGE_PX:
        return False
    if cv2.countNonZero(level.mask) < INKED * SHARE * level.mask.size:
        return False  # as most pages: there is less ink of any breadth
    size = width // _QUARTER, height // _QUARTER
    low = np.where(reduced(level.mask, size) > INKED * 255, np.uint8(255), np.uint8(0))
    side = NEAR_PX // _QUARTER
    broad = cv2.erode(low, np.ones((side, side), np.uint8))
    if cv2.countNonZero(broad) < SHARE * low.size:
        return False
    return float(cv2.meanStdDev(reduced(level.depth, size), mask=broad)[1][0, 0]) <= EVEN

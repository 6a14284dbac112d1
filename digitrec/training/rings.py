"""Ovals: by its shape alone a doodle's, a printed O and a neat 0 are the same; what is around tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from digitrec.normalise import INK_LEVEL, SIDE
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.data import Samples

if TYPE_CHECKING:
    from cv2.typing import MatLike

EYE, OVAL, FLAT = 0.1, 0.92, 0.85
"""An oval's eye is at least this share of it, it shares so much with the ellipse that fits best, and is so high for its
width: no 0 is flatter."""


def without_rings(crops: Samples) -> Samples:
    """``crops`` without the ovals that are labelled as no digit: by its shape alone a doodle's oval is a neat 0."""
    kept = [label != NOT_A_DIGIT or not is_ring(crop) for crop, label in zip(crops.x, crops.y, strict=True)]
    return crops.take(np.flatnonzero(kept))


def is_ring(crop: Image) -> bool:
    """Whether a crop, uint8 (28, 28), is an upright or round oval line and nothing else."""
    ink = cv2.resize(crop, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    outlines, levels = cv2.findContours((ink > INK_LEVEL).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    outer = [c for c, (*_, parent) in zip(outlines, levels[0], strict=True) if parent < 0] if outlines else []
    holes = [c for c, (*_, parent) in zip(outlines, levels[0], strict=True) if parent >= 0] if outlines else []
    if len(outer) != 1 or len(holes) != 1 or len(holes[0]) < 5:
        return False
    _, _, width, height = cv2.boundingRect(outer[0])
    has_eye = cv2.contourArea(holes[0]) > EYE * cv2.contourArea(outer[0])
    return has_eye and height >= FLAT * width and _is_oval(outer[0]) and _is_oval(holes[0])


def _is_oval(outline: MatLike) -> bool:
    """Whether an outline of at least five points nearly fills the ellipse that fits it best, and nothing beside it."""
    drawn = np.zeros((2, 4 * SIDE, 4 * SIDE), np.uint8)
    cv2.drawContours(drawn[0], [outline], -1, 1, cv2.FILLED)
    cv2.ellipse(drawn[1], cv2.fitEllipse(outline), 1, cv2.FILLED)
    return bool((drawn[0] & drawn[1]).sum() >= OVAL * (drawn[0] | drawn[1]).sum())

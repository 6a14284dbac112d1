"""Second looks: what the network is unsure of is shown to it again, smaller and larger, and the mean is taken.

A shape between two answers falls to either side by a hair; the mean of several looks at it is steadier (test-time
augmentation, as in Krizhevsky et al. 2012).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.classifier import Classifier
from digitrec.normalise import SIDE
from digitrec.results import Image

CLEAR = 0.9
"""What has an answer as probable as this is not looked at again."""

SCALES = (0.93, 1.07)
"""Of the second looks."""


def judge(classifier: Classifier, crops: Image) -> NDArray[np.float32]:
    """Probabilities of the ten digits and 'not a digit', of unsure crops the mean of several looks.

    Args:
        classifier: the network.
        crops: uint8 (N, 28, 28), bright ink on black, MNIST geometry; N may be 0.

    Returns:
        float32 (N, 11), rows sum to 1.

    Raises:
        ValueError: the shape or type is another.
    """
    rows = classifier.classify(crops)
    unsure = np.flatnonzero(rows.max(axis=1, initial=0.0) < CLEAR)
    if len(unsure) == 0:
        return rows
    again = classifier.classify(np.concatenate([_scaled(crops[unsure], scale) for scale in SCALES]))
    rows[unsure] = np.stack([rows[unsure], *np.split(again, len(SCALES))]).mean(axis=0)
    return rows


def _scaled(crops: Image, scale: float) -> Image:
    """Each crop scaled about its middle."""
    shift = (1 - scale) * (SIDE - 1) / 2
    matrix = np.array([[scale, 0, shift], [0, scale, shift]])
    looks = [cv2.warpAffine(crop, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR) for crop in crops]
    return np.asarray(np.stack(looks), np.uint8)

"""A sheet that lies on its side or upside down is turned by quarters of a circle, where its digits tell so plainly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, count_sure
from digitrec.classifier import CLASSES, Classifier
from digitrec.geometry import turned_box
from digitrec.results import NOT_A_DIGIT, Digit, Image, Reading, Reject

UPRIGHT = 0.8
"""Where so many of the shapes are sure as they stand, nothing is tried."""

LEAST, READ = 3, 4
"""So many digits at least tell how a sheet is turned, and so many are read in it then."""

MORE = 3
"""Of those that are sure one way only (many a 2, 5, 6 and 9 is a digit upside down, too) so many times as many are so
in the one that is taken as are so as they stand."""

MOST = 0.6
"""Of all that are sure in any of the four ways so many are in the one that is taken: each letter, and each thing in a
room, looks like a digit in another."""

LIKE = 3.0
"""Shapes up to so many times as large as the digits that were read, and as small, are asked."""

FEW = 3
"""Fewer digits that are no strokes do not tell how large digits are: then all shapes do."""

MOST_ASKED = 128
"""So many shapes tell, some of those that were read and some of those that were not."""

EITHER_WAY = (0, 1, 8)
"""They tell nothing: they look the same upside down."""

QUARTERS = (2, 1, 3)
"""Turns that are tried, the likeliest first."""

_Bools = NDArray[np.bool_]


def read_turned(read: Callable[[Image], Reading], image: Image, reading: Reading, classifier: Classifier) -> Reading:
    """The reading of a picture, or the same picture's turned, where that is plainly the right one.

    Args:
        read: reads a picture as it stands.
        image: uint8 (H, W, 3) or (H, W).
        reading: of it as it stands.
        classifier: the digits' network.
    """
    quarters = quarters_of(reading, classifier)
    if quarters == 0:
        return reading
    turned = read(np.ascontiguousarray(np.rot90(image, quarters)))
    if count_sure(turned.digits, EITHER_WAY) < max(READ, 1 + count_sure(reading.digits, EITHER_WAY)):
        return reading
    back = turned.relocated(lambda box: turned_box(box, -quarters, turned.size), reading.size)
    return replace(back, quarters=quarters)


def quarters_of(reading: Reading, classifier: Classifier) -> int:
    """How many quarters against the clock make more of its shapes digits; 0 where it is not plain, or none do."""
    shapes = _asked(reading)
    if not shapes:
        return 0
    rows = np.array([s.probabilities for s in shapes], np.float32)
    now, alike = _sure_among(rows)
    open_ = len(shapes) - int(alike.sum())
    if open_ < LEAST or now.sum() >= UPRIGHT * open_:
        return 0
    crops = np.stack([s.crop for s in shapes if s.crop is not None])
    looks = np.concatenate([np.rot90(crops, quarters, axes=(1, 2)) for quarters in QUARTERS])
    turned = _sure_among(classifier.classify_roughly(np.ascontiguousarray(looks)))[0].reshape(len(QUARTERS), -1)
    best = int(turned.sum(axis=1).argmax())
    gained, lost = int((turned[best] & ~now).sum()), int((now & ~turned[best]).sum())
    ever = int((turned.any(axis=0) | now).sum())
    is_plain = gained >= max(LEAST, MORE * lost) and turned[best].sum() >= MOST * ever
    return QUARTERS[best] if is_plain else 0


def _asked(reading: Reading) -> list[Digit | Reject]:
    """Shapes of the size of the digits that were read, or of most shapes where none was."""
    every: list[Digit | Reject] = [*reading.digits, *reading.rejects]
    shapes = [s for s in every if s.crop is not None and len(s.probabilities) == CLASSES]
    if len(shapes) < LEAST:
        return []
    plain = [d for d in reading.digits if d.digit != 1]
    usual = median(max(s.box.width, s.box.height) for s in (plain if len(plain) >= FEW else shapes))
    like = [s for s in shapes if usual / LIKE <= max(s.box.width, s.box.height) <= usual * LIKE]
    return like[:: -(-len(like) // MOST_ASKED) or 1]


def _sure_among(probabilities: NDArray[np.float32]) -> tuple[_Bools, _Bools]:
    """Which of (N, 11) are sure digits that tell how they stand, and which are such as look the same upside down."""
    digits = probabilities[:, :NOT_A_DIGIT]
    sure, alike = digits.max(axis=1, initial=0) >= SURE, np.isin(digits.argmax(axis=1), EITHER_WAY)
    return np.asarray(sure & ~alike, np.bool_), np.asarray(sure & alike, np.bool_)

"""A sheet that lies on its side or upside down is turned by quarters of a circle, where its digits tell so plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, count_sure
from digitrec.classifier import CLASSES, Classifier
from digitrec.geometry import BESIDE, as_array, gap, overlap, turned_box
from digitrec.normalise import SIDE
from digitrec.results import NOT_A_DIGIT, Digit, Image, Reading, Reject

UPRIGHT = 0.8
"""Where so many of the shapes are sure as they stand, nothing is tried."""

LEAST = 3
"""So many digits at least tell how a sheet is turned, and so many different ones are read in it then: of letters upside
down L is a 7 and E a 3, and on their side M and W are 3s."""

ONE_KIND = 0.5
"""Of one kind is at most this share of them."""

MANY, OF_ALL = 8, 0.35
"""And there are so many, or such a share of all shapes of about their size: in a room most are something else."""

MORE = 3
"""Of those that are sure one way only (many a 2, 5, 6 and 9 is a digit upside down, too) so many times as many are so
in the one that is taken as are so as they stand."""

MOST = 0.6
"""Of all that are sure in any of the four ways so many are in the one that is taken: each letter, and each thing in a
room, looks like a digit in another."""

BESIDE_DIGITS = 0.7
"""Such a share of what stands beside its digits, about as large, are digits: of letters some look like them, turned."""

LIKE, NEARLY = 3.0, 1.6
"""Shapes up to so many times as large as the digits that were read, and as small, are asked; those of about their size
are so to this factor."""

FEW = 3
"""Fewer digits that are no strokes do not tell how large digits are: then all shapes do."""

MOST_ASKED = 128
"""So many shapes tell, some of those that were read and some of those that were not."""

EITHER_WAY, ASIDE = (0, 1, 8), (0, 1)
"""They tell nothing: they look the same upside down, or are rings on their side, too, and any dash."""

TURNING, SOME, SOME_OF_ALL = (0, 1, 2, 5, 6, 8, 9), 3, 0.25
"""So many others than these (3, 4, 7) and such a share of the shapes stand upright: turned, they are hardly digits."""

QUARTERS_DEG, BETWEEN_DEG = (180, 90, 270), (30, 60, 120, 150, 210, 240, 300, 330)
"""Turns that are tried, against the clock, and such as are tried where these tell nothing: sheets are tilted, too."""

MOST_TURNED = 24
"""The latter of so many shapes at most."""

_Bools = NDArray[np.bool_]
_Floats = NDArray[np.float32]


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
    alike = ASIDE if quarters % 2 else EITHER_WAY
    kinds = Counter(d.digit for d in turned.digits if d.confidence >= SURE and d.digit not in alike)
    told, before = kinds.total(), count_sure(reading.digits, alike)
    if len(kinds) < LEAST or max(kinds.values()) > ONE_KIND * told:
        return reading
    if told < max(min(MANY, OF_ALL * len(_alike(turned))), before + 1) or _stands_among_others(turned):
        return reading
    return turned_back(turned, quarters, reading.size)


def turned_back(turned: Reading, quarters: int, size: tuple[int, int]) -> Reading:
    """The reading of a picture of this size, (width, height), that was read turned by so many quarters."""
    back = turned.relocated(lambda box: turned_box(box, -quarters, turned.size), size)
    return replace(back, quarters=(quarters + turned.quarters) % 4)


def quarters_of(reading: Reading, classifier: Classifier) -> int:
    """How many quarters against the clock make more of its shapes digits; 0 where it is not plain, or none do."""
    shapes = _asked(reading)
    if not shapes:
        return 0
    rows = np.array([s.probabilities for s in shapes], np.float32)
    open_ = len(shapes) - int(_sure(rows).sum() - _sure(rows, EITHER_WAY).sum())
    if open_ < LEAST or _sure(rows, EITHER_WAY).sum() >= UPRIGHT * open_:
        return 0
    if _sure(rows, TURNING).sum() >= max(SOME, SOME_OF_ALL * open_):
        return 0
    crops = np.stack([s.crop for s in shapes if s.crop is not None])
    quarters = _plainest(crops, rows, QUARTERS_DEG, classifier)
    return quarters or (_plainest(crops, rows, BETWEEN_DEG, classifier) if len(shapes) <= MOST_TURNED else 0)


def _plainest(crops: Image, now: _Floats, turns_deg: Sequence[int], classifier: Classifier) -> int:
    """Quarters nearest to the turn at which most of (N, 28, 28) are digits, where that is plain; else 0.

    Args:
        crops: of shapes.
        now: (N, 11), what they are as they stand.
        turns_deg: what is tried, against the clock.
        classifier: the digits' network.
    """
    looks = np.concatenate([_turned(crops, deg) for deg in turns_deg])
    rows = classifier.classify_roughly(looks).reshape(len(turns_deg), len(crops), -1)
    quarters = [round(deg / 90) % 4 for deg in turns_deg]
    alike = [ASIDE if q % 2 else EITHER_WAY for q in quarters]
    turned = np.stack([_sure(look, a) for look, a in zip(rows, alike, strict=True)])
    best = int(turned.sum(axis=1).argmax())
    before = _sure(now, alike[best])
    gained, lost = int((turned[best] & ~before).sum()), int((before & ~turned[best]).sum())
    ever = int((turned.any(axis=0) | before).sum())
    is_plain = gained >= max(LEAST, MORE * lost) and turned[best].sum() >= MOST * ever
    return quarters[best] if is_plain else 0


def _turned(crops: Image, turn_deg: int) -> Image:
    """(N, 28, 28) turned about their middles."""
    if turn_deg % 90 == 0:
        return np.ascontiguousarray(np.rot90(crops, turn_deg // 90, axes=(1, 2)))
    middle = (SIDE - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), turn_deg, 1)
    return np.stack([cv2.warpAffine(crop, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR) for crop in crops])


def _asked(reading: Reading) -> list[Digit | Reject]:
    """Shapes of the size of the digits that were read, or of most shapes where none was."""
    every: list[Digit | Reject] = [*reading.digits, *reading.rejects]
    shapes = [s for s in every if s.crop is not None and len(s.probabilities) == CLASSES]
    if len(shapes) < LEAST:
        return []
    plain = [d for d in reading.digits if d.digit != 1]
    usual = median(_side(s) for s in (plain if len(plain) >= FEW else shapes))
    like = [s for s in shapes if usual / LIKE <= _side(s) <= usual * LIKE]
    return like[:: -(-len(like) // MOST_ASKED) or 1]


def _alike(reading: Reading) -> list[Digit | Reject]:
    """All shapes of about the size of the digits."""
    usual = median(_side(d) for d in reading.digits)
    every: list[Digit | Reject] = [*reading.digits, *reading.rejects]
    return [s for s in every if usual / NEARLY <= _side(s) <= usual * NEARLY]


def _stands_among_others(reading: Reading) -> bool:
    """Whether most of what stands next to its digits, about as large, is none: letters, in lines that run any way."""
    shapes = _alike(reading)
    boxes, read = as_array([s.box for s in shapes]), np.array([isinstance(s, Digit) for s in shapes])
    near = (gap(boxes[read], boxes) < BESIDE * median(_side(s) for s in shapes)) & (overlap(boxes[read], boxes) < 1)
    return bool(near[:, read].sum() < BESIDE_DIGITS * near.sum())


def _side(shape: Digit | Reject) -> int:
    return max(shape.box.width, shape.box.height)


def _sure(probabilities: _Floats, but: tuple[int, ...] = ()) -> _Bools:
    """Which of (N, 11) are sure digits, ``but`` these."""
    digits = probabilities[:, :NOT_A_DIGIT]
    return np.asarray((digits.max(axis=1) >= SURE) & ~np.isin(digits.argmax(axis=1), but), np.bool_)

"""How far the sheet is turned: where its shapes stand tells, or, of a few strewn about, what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from digitrec.candidates import SURE, Candidate
from digitrec.classifier import Classifier
from digitrec.glyphs import Glyph, turned
from digitrec.line_tilt import line_tilt
from digitrec.normalise import normalise, shrink
from digitrec.results import NOT_A_DIGIT, Box

MAX_LINED = 120
"""So many shapes tell the tilt of the lines; more only cost time."""

LEVEL_DEG = 5.0
"""Smaller tilts are within what every hand does."""

TRIED_DEG = (-14.0, 14.0, -28.0, 28.0)
"""Tilts that shapes are tried at, the lesser first: the network reads what is turned by half of the space between."""

MOST_TRIED = 24
"""So many shapes tell."""

UPRIGHT, MANY = 0.8, 10
"""Where so many of the shapes are sure as they stand, nothing is tried; nor where so many of those that are no bare
strokes are, and this number at least."""

NEVER = 0.9999
"""What is no digit with this probability is none at any tilt."""

MOST = 0.5
"""Of all that are sure at any tilt so many are at the one that is taken: each letter looks like a digit at another."""

LEAST = 5
"""And so many at least: of a sheet of letters now and then four look like digits, turned alike."""

MORE = 1.1
"""And at least so many times those that are sure as they stand: one more among many letters is chance."""

SMALL_PX = 80
"""Shapes of at least twice this size are tried at it, which is faster."""

_TINY = 1e-5


def told_by_lines(boxes: list[Box]) -> float:
    """The tilt of the lines of writing, radians; 0 where it is too small to matter.

    Only shapes of about the size of the larger ones are asked: specks lie along anything. A row of digits that touch
    tells how steep its line can be at most.
    """
    if len(boxes) < 3:
        return 0.0
    heights = sorted(b.height for b in boxes)
    usual = heights[len(heights) * 3 // 4]
    asked = [b for b in boxes if 0.5 * usual <= b.height <= 2 * usual]
    tilt = line_tilt([b for b in asked if b.width <= 2 * b.height][:MAX_LINED])
    steepest = [math.atan2(b.height, b.width) for b in asked if b.width > 2 * b.height]
    if abs(tilt) < math.radians(LEVEL_DEG) or (steepest and abs(tilt) > median(steepest)):
        return 0.0
    return tilt


def told_by_shapes(shapes: Sequence[tuple[Glyph, Candidate]], classifier: Classifier) -> float:
    """The tilt at which more of the shapes are digits, radians; 0 where they are not plainly tilted.

    Those that are sure as they stand decide: turned back by the sheet's tilt, digits are surer still. A letter that
    looks like a digit once it is turned has no such company. Rings are rings at any tilt and strokes are 1s at many:
    they are not asked.

    Args:
        shapes: and what each is as it stands, the largest first.
        classifier: asked about what is unsure at all tilts at once, then about the rest at those that may gain by it.
    """
    asked = [(glyph, c) for glyph, c in shapes if c.digit != 0 and c.probabilities[NOT_A_DIGIT] < NEVER][:MOST_TRIED]
    now = np.array([c.confidence if c.digit != 1 else 0.0 for _, c in asked])
    best, found = int((now >= SURE).sum()), 0.0
    strokes = sum(c.digit == 1 and c.confidence >= SURE for _, c in asked)
    if len(asked) < LEAST or best >= UPRIGHT * (len(asked) - (strokes if best >= MANY else 0)):
        return 0.0
    unsure, sure = np.flatnonzero(now < SURE), np.flatnonzero(now >= SURE)
    first = _tried([asked[n][0] for n in unsure], TRIED_DEG, classifier)
    ever = best + np.count_nonzero(first.max(axis=0) >= SURE)
    enough = max(LEAST, MOST * ever, MORE * best)
    most = best, math.inf
    for deg, gained in zip(TRIED_DEG, first, strict=True):
        possible = int((gained >= SURE).sum()) + best  # if those that are sure stay so
        if possible < max(enough, most[0]):
            continue
        turned = _tried([asked[n][0] for n in sure], [deg], classifier)[0]
        stay = turned >= SURE
        if stay.any() and _sureness(turned[stay]) <= _sureness(now[sure][stay]):
            continue
        count = possible - int((~stay).sum())
        at = count, _sureness(np.concatenate([gained, turned]))
        if at > most and count >= enough:
            most, found = at, math.radians(deg)
    return found


def _sureness(probabilities: NDArray[np.float32]) -> float:
    """How sure those of the probabilities are that are so at all."""
    sure = probabilities[probabilities >= SURE]
    return float(-np.log(1 - sure + _TINY).sum())


def _tried(glyphs: Sequence[Glyph], tilts_deg: Sequence[float], classifier: Classifier) -> NDArray[np.float32]:
    """The probability of the likeliest digit at each tilt, none where that is a 1: (tilts, glyphs)."""
    if not glyphs:
        return np.zeros((len(tilts_deg), 0), np.float32)
    inks = [shrink(g.ink, SMALL_PX) if max(g.ink.shape) >= 2 * SMALL_PX else g.ink for g in glyphs]
    crops = np.stack([normalise(turned(ink, math.radians(deg))) for deg in tilts_deg for ink in inks])
    rows = classifier.classify(crops)[:, :NOT_A_DIGIT]
    likeliest = np.where(rows.argmax(axis=1) == 1, 0, rows.max(axis=1))
    return np.asarray(likeliest.reshape(len(tilts_deg), len(glyphs)), np.float32)

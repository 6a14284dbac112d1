"""Rules of another colour than the ink: in one of the picture's channels they are hardly seen, and the ink still is.

Ink is looked for in the darkest channel, so that a pen of any colour shows; there a pale blue rule is as dark as a
pencil. Once rules have been found, what is left of them, and what they hide, is seen better where they are not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.ink import InkLevel
from digitrec.paper import paper_brightness
from digitrec.ranks import quantile
from digitrec.results import Image

LEAST_SHARE = 0.15
"""Rules are looked at where they are so much of all ink ..."""

FAINT = 0.3
"""... and are hardly seen in a channel in which they have no more than this share of the ink's depth, ..."""

CLEAR, LEAST_DEPTH = 0.5, 0.15
"""... while that keeps so much of what it has in its darkest, and takes so much of the paper's light at least."""

LOST, LEAST_KEPT = 0.5, 0.2
"""What keeps less than the first of its depth is lost in a channel: what is left of the rules; the second share of all
ink is not, at least."""

DARKER, MOST_LOST = 1.1, 0.02
"""What is so many times as dark as nearly all of the rules is none of them: no more of it, as a share of all ink, may
be lost. There are pens of two colours."""

BRIGHT = 0.8
"""A channel in which the paper is darker than so much of its brightest is mostly noise."""

_SAMPLES = 4000

_Floats = NDArray[np.float32]


def clearer_channel(planes: Sequence[Image], found: InkLevel, bare: InkLevel) -> Image | None:
    """The channel in which the rules are hardly seen, a plane or the brightest of all; None: there is none.

    Args:
        planes: the three channels, uint8 (h, w) each, at the levels' resolution; of dark ink on paper.
        found: the ink with the rules.
        bare: the same without them.
    """
    rules, ink = np.flatnonzero(found.mask > bare.mask), np.flatnonzero(bare.mask)
    if len(ink) == 0 or len(rules) < LEAST_SHARE * (len(rules) + len(ink)):
        return None
    papers = [paper_brightness(plane) for plane in planes]
    of_rules, of_ink = (_depths(planes, papers, places) for places in (rules, ink))
    darkest = of_ink[:3].max(axis=0)
    no_rule = darkest >= DARKER * quantile(of_rules[:3].max(axis=0), 0.95)
    ranks = [_rank(*each, darkest, no_rule) for each in zip(of_rules, of_ink, strict=True)]
    light = np.array([np.median(paper) for paper in papers])
    for c in np.flatnonzero(light < BRIGHT * light.max()):
        ranks[c] = math.inf
    best = int(np.argmin(ranks))
    if ranks[best] > FAINT:
        return None
    return np.maximum(np.maximum(planes[0], planes[1]), planes[2]) if best == 3 else planes[best]


def _rank(of_rules: _Floats, of_ink: _Floats, darkest: _Floats, no_rule: NDArray[np.bool_]) -> float:
    """How deep the rules are in a channel as a share of the ink's depth; infinite where ink would be lost in it."""
    lost = of_ink < LOST * darkest
    if (lost & no_rule).mean() > MOST_LOST or lost.mean() > 1 - LEAST_KEPT:
        return math.inf
    clear, whole = float(np.median(of_ink[~lost])), float(np.median(darkest[~lost]))
    return float(np.median(of_rules)) / clear if clear >= max(LEAST_DEPTH, CLEAR * whole) else math.inf


def _depths(planes: Sequence[Image], papers: Sequence[Image], places: NDArray[np.intp]) -> _Floats:
    """(4, N): how much of the paper's light is missing in each channel, and in the brightest, at some of the places."""
    sampled = places[:: max(1, len(places) // _SAMPLES)]
    (rows, columns), (low_rows, low_columns) = planes[0].shape, papers[0].shape
    cells = sampled // columns * low_rows // rows, sampled % columns * low_columns // columns
    seen = np.stack([plane.reshape(-1)[sampled] for plane in planes]).astype(np.float32)
    bright = np.stack([paper[cells] for paper in papers]).astype(np.float32)
    seen, bright = (np.concatenate([v, v.max(axis=0, keepdims=True)]) for v in (seen, bright))
    return np.asarray(np.clip(1 - seen / bright, 0, 1), np.float32)

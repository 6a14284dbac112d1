"""How far lines of writing are turned, told by where shapes stand beside each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array
from digitrec.results import Box

MAX_TILT_DEG = 32.0
"""Lines tilted more than this are not taken for lines."""

MOST_ASKED = 40
"""So many digits tell the tilt; more only cost time."""

REACH = 5.0
"""Pairs this many heights apart still vote for a tilt."""

OFF_LINE = 0.16
"""Digits of one line stand off it by this many heights, as a standard deviation."""

ALIGNED = 0.8
"""So many pairs a digit stand on lines where there are any."""

CLEARER = 1.12
"""A tilt is believed when its votes are so many times those for level lines."""

CLOSE = 1.8
"""Neighbours in one number are at most so many heights apart ..."""

CLOSE_PAIRS, CLOSE_AGREED, CLOSE_CLEARER = 3, 0.75, 1.5
"""... and tell the tilt of numbers strewn about: so many pairs at least and this share of all must stand along it, with
so many times the votes for level lines."""

PLAIN_DEG = 8.0
"""Unequal heights of a few digits look like a smaller tilt."""

_TILTS = np.radians(np.arange(-MAX_TILT_DEG, MAX_TILT_DEG + 1, 2.0))
_PRIOR = np.exp(-0.5 * (_TILTS / math.radians(60)) ** 2)


@dataclass(frozen=True, slots=True)
class _Vote:
    """What pairs of neighbours say: the tilt, radians, how many stand along it, and its votes and those for level."""

    tilt: float
    agreed: int
    votes: float
    level: float


def line_tilt(boxes: Sequence[Box]) -> float:
    """The common tilt of the lines, radians, positive when they fall to the right; 0 where there is none.

    Of all tilts the one at which most pairs of neighbours stand side by side, refined by least squares over these.
    """
    return _on_lines(_largest(boxes)) or 0.0


def number_tilt(boxes: Sequence[Box]) -> float:
    """Like ``line_tilt``, of digits: where they stand on no lines, the closest neighbours among them tell."""
    array = _largest(boxes)
    tilt = _on_lines(array)
    if tilt is not None or len(boxes) <= CLOSE_PAIRS:
        return tilt or 0.0
    vote, asked = _ask(array, CLOSE, 1.5 * OFF_LINE)
    if vote is None or vote.agreed < max(CLOSE_PAIRS, CLOSE_AGREED * asked):
        return 0.0
    plain = vote.votes >= CLOSE_CLEARER * vote.level and abs(vote.tilt) > math.radians(PLAIN_DEG)
    return vote.tilt if plain else 0.0


def _on_lines(array: NDArray[np.float64]) -> float | None:
    """The tilt of the lines on which (N, 4) boxes stand; None where they stand on none, or it is not plain to see."""
    vote, _ = _ask(array, REACH, 2 * OFF_LINE)
    if vote is None or vote.agreed < ALIGNED * (len(array) - 1):
        return None
    if vote.votes == vote.level:
        return 0.0
    plain = vote.votes >= CLEARER * vote.level
    # Believe small sets only when the tilt is plain to see.
    return vote.tilt if plain and (len(array) >= 5 or abs(vote.tilt) > math.radians(PLAIN_DEG)) else None


def _largest(boxes: Sequence[Box]) -> NDArray[np.float64]:
    return as_array(sorted(boxes, key=lambda b: -b.height)[:MOST_ASKED])


def _ask(array: NDArray[np.float64], reach: float, off_line: float) -> tuple[_Vote | None, int]:
    """The vote of all pairs of (N, 4) boxes at most ``reach`` heights apart, and how many they are."""
    if len(array) < 2:
        return None, 0
    across, down, height = _pairs(array, reach)
    if across.size == 0:
        return None, 0
    off = np.abs(down[None] * np.cos(_TILTS)[:, None] - across[None] * np.sin(_TILTS)[:, None]) / height
    votes = np.exp(-0.5 * (off / OFF_LINE) ** 2).sum(axis=1) * _PRIOR
    best = int(votes.argmax())
    on_line = off[best] < off_line
    tilt = math.atan2(float((across * down)[on_line].sum()), float((across**2)[on_line].sum()))
    tilt = float(min(_TILTS[-1], max(_TILTS[0], tilt)))
    return _Vote(tilt, int(on_line.sum()), float(votes[best]), float(votes[len(_TILTS) // 2])), across.size


def _pairs(
    array: NDArray[np.float64], reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of (N, 4) boxes those pairs that may stand on one line: distance across and down, and the larger height."""
    height = array[:, 3]
    centre = array[:, :2] + array[:, 2:] / 2
    across, down = (centre[None, :, k] - centre[:, None, k] for k in (0, 1))
    larger, smaller = (f(height[:, None], height[None]) for f in (np.maximum, np.minimum))
    fits = (across > 0.1 * larger) & (across <= reach * larger) & (smaller >= 0.45 * larger)
    fits &= np.abs(down) <= math.tan(math.radians(MAX_TILT_DEG)) * across + 0.3 * larger
    return across[fits], down[fits], larger[fits]

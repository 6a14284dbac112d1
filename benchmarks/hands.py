"""Made-up writers with habits that MNIST hardly shows: to measure how well a model learns a new hand.

Each digit is a few strokes in a unit square (x right, y down); a writer draws them with a slant and an unsteady pen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.normalise import normalise
from digitrec.results import Image
from digitrec.training.data import Samples

Strokes = tuple[tuple[tuple[float, float], ...], ...]

_CANVAS = 160
_HEIGHT = 84.0

CONTINENTAL: dict[int, Strokes] = {
    0: (
        ((0.5, 0.0), (0.1, 0.2), (0.05, 0.7), (0.4, 1.0), (0.8, 0.8), (0.85, 0.3), (0.5, 0.0)),
        ((0.95, -0.1), (0, 1.1)),
    ),
    1: (((-0.15, 0.75), (0.55, 0.0), (0.55, 1.0)),),
    2: (((0.05, 0.2), (0.5, 0.0), (0.8, 0.3), (0.1, 0.9), (0.05, 0.75), (0.3, 0.75), (0.9, 1.0)),),
    3: (((0.1, 0.0), (0.85, 0.0), (0.35, 0.4), (0.8, 0.6), (0.7, 0.95), (0.05, 0.95)),),
    4: (((0.4, 0.0), (0.0, 0.6), (0.95, 0.55)), ((0.75, 0.25), (0.55, 1.15))),
    5: (((0.95, 0.0), (0.3, 0.05), (0.2, 0.45), (0.75, 0.5), (0.75, 0.85), (0.4, 1.0), (0.0, 0.9)),),
    6: (((0.9, 0.0), (0.3, 0.4), (0.1, 0.85), (0.5, 1.0), (0.75, 0.75), (0.5, 0.6), (0.15, 0.8)),),
    7: (((0.0, 0.2), (0.05, 0.0), (0.95, 0.0), (0.45, 0.5), (0.35, 1.0)), ((0.05, 0.55), (0.85, 0.5))),
    8: (((0.85, 0.1), (0.2, 0.1), (0.3, 0.4), (0.85, 0.7), (0.4, 1.0), (0.1, 0.75), (0.6, 0.4), (0.9, 0.05)),),
    9: (((0.8, 0.15), (0.35, 0.0), (0.1, 0.3), (0.4, 0.5), (0.8, 0.15), (0.75, 0.9), (0.4, 1.1), (0.0, 0.95)),),
}
"""A slashed 0, a 1 with a long upstroke, an angular 3, an open 4, a crossed 7 with a hook, a 9 with a curled tail."""


@dataclass(frozen=True, slots=True)
class Hand:
    """A writer.

    Attributes:
        shapes: digit -> strokes.
        slant: of all uprights, dx per dy; positive leans to the right.
        wobble: how far the pen strays, over the digit's height.
        pen: stroke width, over the digit's height.
    """

    shapes: dict[int, Strokes] = field(default_factory=lambda: CONTINENTAL)
    slant: float = 0.45
    wobble: float = 0.035
    pen: float = 0.09

    def write(self, digit: int, rng: np.random.Generator) -> Image:
        """One digit as the network reads it: uint8 (28, 28)."""
        canvas = np.zeros((_CANVAS, _CANVAS), np.uint8)
        slant = self.slant + rng.normal(0, 0.05)
        width = max(2, round(_HEIGHT * self.pen * rng.uniform(0.8, 1.25)))
        for stroke in self.shapes[digit]:
            points = np.array(stroke) + rng.normal(0, self.wobble, (len(stroke), 2))
            points[:, 0] = points[:, 0] * 0.62 + slant * (0.5 - points[:, 1])
            path = (_smooth(points) * _HEIGHT + [42, 36]).round().astype(np.int32)
            cv2.polylines(canvas, [path.reshape(-1, 1, 2)], False, 255, width, cv2.LINE_AA)
        return normalise(np.asarray(cv2.GaussianBlur(canvas, (0, 0), 1.2), np.uint8))

    def samples(self, each: int, seed: int) -> Samples:
        """``each`` pictures of every digit."""
        rng = np.random.default_rng(seed)
        labels = np.repeat(np.arange(10), each)
        return Samples(np.stack([self.write(int(d), rng) for d in labels]), labels.astype(np.int64))


def _smooth(points: NDArray[np.float64], steps: int = 8) -> NDArray[np.float64]:
    """A Catmull-Rom curve through the points; two points stay a straight line."""
    if len(points) < 3:
        return points
    padded = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        parts.append(0.5 * cubic)
    return np.concatenate([*parts, points[-1:]])

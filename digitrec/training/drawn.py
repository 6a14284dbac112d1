"""Digits drawn from strokes: ways of writing that the public sets hardly hold.

MNIST's writers draw a 1 as a bare stroke and a 7 without a bar. Much of the world writes the 1 with a flag (and a foot)
and crosses the 7; a network that never saw them calls the first a 7 and the second a 4, or nothing. And who writes
neatly, or draws with a mouse, closes his 0 to an oval such as else only a doodle is.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.normalise import normalise
from digitrec.results import Image
from digitrec.training.data import Samples

Points = NDArray[np.float64]
Rng = np.random.Generator

THIN = 0.2
"""Share of the digits that are drawn large with a fine pen: a hair once they are normalised."""

_SIDE = 112
_STEPS = 12


def draw_digits(count: int, rng: Rng) -> Samples:
    """``count`` drawn 1s, 7s, 4s and 0s, normalised."""
    kinds: tuple[tuple[int, Callable[[Rng], list[Points]]], ...] = (
        (1, _flagged_one), (1, _flagged_one), (1, _footed_one), (1, _bare_one), (1, _shaky_one), (1, _shaky_one),
        (7, _crossed_seven), (7, _plain_seven), (4, _open_four),
        (0, _neat_zero), (0, _neat_zero),
    )  # fmt: skip
    pictures, labels = [], []
    for _ in range(count):
        label, strokes = kinds[int(rng.integers(len(kinds)))]
        pictures.append(_render(strokes(rng), rng))
        labels.append(label)
    return Samples(np.stack(pictures), np.array(labels, np.int64))


def _flagged_one(rng: Rng) -> list[Points]:
    """Up along the flag, then down: the flag is short and hangs back, which parts it from a 7."""
    length, angle = rng.uniform(0.15, 0.5), np.deg2rad(rng.uniform(20, 58))
    top = np.array([0.5, 0.05])
    flag = top + length * np.array([-np.sin(angle), np.cos(angle)])
    bend = (flag + top) / 2 + rng.normal(0, 0.02, 2)
    return [np.array([flag, bend, top]), np.array([top, [0.5, 0.5], [0.5, 0.95]]) + _wobble(3, rng)]


def _footed_one(rng: Rng) -> list[Points]:
    left, right = rng.uniform(0.12, 0.4, 2)
    y = 0.95 + rng.normal(0, 0.015)
    tilt = rng.normal(0, 0.02)
    foot = np.array([[0.5 - left, y + tilt], [0.5, y], [0.5 + right, y - tilt]])
    return [*_flagged_one(rng), foot]


def _bare_one(rng: Rng) -> list[Points]:
    curve = rng.normal(0, 0.03 if rng.random() < 0.5 else 0.08)
    return [np.array([[0.5, 0.05], [0.5 + curve, 0.5], [0.5, 0.95]]) + _wobble(3, rng)]


def _shaky_one(rng: Rng) -> list[Points]:
    """A bare stroke drawn with a mouse: bent a little one way and then the other."""
    t = np.linspace(0, 1, _STEPS)
    x = 0.5 + rng.normal(0, 0.02) * np.sin(np.pi * t) + rng.normal(0, 0.02) * np.sin(2 * np.pi * t)
    x += rng.normal(0, 0.008) * np.sin(3 * np.pi * t + rng.uniform(0, np.pi))
    return [np.stack([x, 0.05 + 0.9 * t], axis=1)]


def _plain_seven(rng: Rng) -> list[Points]:
    """A bar as long as half the height at least, then down."""
    width = rng.uniform(0.45, 0.75)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    rise = rng.normal(0, 0.03)
    bar = np.array([[left, 0.08 + rise], [0.5, 0.08], [right, 0.08 - rise]])
    end = [right - width * rng.uniform(0.3, 0.8), 0.95]
    middle = [(right + end[0]) / 2 + rng.normal(0, 0.03) - 0.03, 0.5]
    strokes = [bar, np.array([bar[2], middle, end])]
    if rng.random() < 0.35:  # a serif at the bar's left end
        strokes.append(np.array([bar[0], bar[0] + [0.0, rng.uniform(0.06, 0.16)]]))
    return strokes


def _crossed_seven(rng: Rng) -> list[Points]:
    strokes = _plain_seven(rng)
    centre = strokes[1][1] + rng.normal(0, 0.03, 2)
    half = rng.uniform(0.12, 0.26)
    offset = np.array([half, rng.normal(0, 0.05)])
    return [*strokes, np.stack([centre - offset, centre, centre + offset])]


def _open_four(rng: Rng) -> list[Points]:
    cross = rng.uniform(0.5, 0.68)
    left, stem = rng.uniform(0.15, 0.28), rng.uniform(0.55, 0.7)
    first = np.array([[left + rng.uniform(0.02, 0.2), 0.05], [left, cross], [rng.uniform(0.75, 0.9), cross]])
    second = np.array([[stem, rng.uniform(0.05, 0.35)], [stem + rng.normal(0, 0.02), 0.6], [stem - 0.03, 0.95]])
    return [np.stack([first[0], (first[0] + first[1]) / 2, first[1]]), first[1:], second]


def _neat_zero(rng: Rng) -> list[Points]:
    """An oval from narrow to round, which may not quite close or runs on past its beginning."""
    start = rng.uniform(0, 2 * np.pi)
    turn = start + np.linspace(0, 2 * np.pi + rng.normal(0.1, 0.15), 4 * _STEPS)
    half = 0.45 * np.array([rng.uniform(0.32, 0.95), 1.0])
    bent = 1 + rng.normal(0, 0.02) * np.sin(2 * turn + start) + rng.normal(0, 0.012) * np.sin(3 * turn)
    return [0.5 + half * bent[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)]


def _wobble(count: int, rng: Rng) -> Points:
    return np.asarray(rng.normal(0, 0.012, (count, 2)))


def _render(strokes: list[Points], rng: Rng) -> Image:
    """Slant, stretch, draw with one pen and normalise."""
    slant, aspect = rng.normal(-0.12, 0.18), np.exp(rng.normal(0, 0.12))
    turn = rng.normal(0, 0.06)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
        [[aspect, slant], [0, 1]]
    )
    picture = np.zeros((_SIDE, _SIDE), np.uint8)
    thickness = max(
        1, round(_SIDE * rng.uniform(0.004, 0.03) if rng.random() < THIN else _SIDE * rng.uniform(0.02, 0.12))
    )
    for stroke in strokes:
        shake = 0.004 if len(stroke) <= _STEPS else 0.001  # of many points one after the other
        placed = (stroke - 0.5) @ matrix.T * 0.62 + 0.5 + rng.normal(0, shake, stroke.shape)
        path = _smooth(placed) if len(placed) == 3 else placed
        cv2.polylines(picture, [np.round(path * _SIDE * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, 4)
    return normalise(picture)


def _smooth(points: Points) -> Points:
    """A parabola through three points."""
    t = np.linspace(0, 1, _STEPS)[:, None]
    start, middle, end = points[0], points[1], points[2]
    control = 2 * middle - (start + end) / 2
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)

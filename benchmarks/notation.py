"""What people write among digits: dates, prices, telephone numbers, sums, lists: ``python -m benchmarks.papers``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from benchmarks.laid import Made, Rng, Sheet, Situation
from digitrec.training.data import Samples

HIGH = 20
"""A digit is so many units high."""

BESIDE, GAP = 19, 26
"""From digit to digit, and a space, units."""

_Points = Sequence[tuple[float, float]]


class Writing:
    """Writes digits and signs side by side.

    Args:
        sheet: what is written on.
        unit: pixels.
    """

    def __init__(self, sheet: Sheet, unit: float) -> None:
        self._sheet = sheet
        self._unit = unit
        self._rng = sheet.rng
        self._pen = max(2, round(unit * float(sheet.rng.uniform(1.8, 2.8))))

    def write(self, text: str, x: float, y: float) -> float:
        """Write ``text``, in which each ``d`` is any digit, its middle at height ``y``; where it ends, pixels."""
        for char in text:
            if char == "d":
                self._sheet.put((x + 9 * self._unit, y + float(self._rng.normal(0, 0.8)) * self._unit), self._unit)
                x += BESIDE * self._unit
            elif char == " ":
                x += GAP * self._unit
            else:
                room, strokes = SIGNS[char](self._rng)
                for stroke in strokes:
                    self._draw(stroke, x + room / 2 * self._unit, y)
                x += room * self._unit
        return x

    def _draw(self, points: _Points, x: float, y: float) -> None:
        """A stroke through ``points``, units from the middle of the sign, with an unsteady hand."""
        rough = np.array(points, np.float64) + self._rng.normal(0, 0.35, (len(points), 2))
        at = np.linspace(0, len(rough) - 1, 8 * len(rough))
        path = np.stack([np.interp(at, np.arange(len(rough)), rough[:, k]) for k in (0, 1)], axis=1)
        padded = np.pad(path, ((3, 3), (0, 0)), mode="edge")
        smooth = np.stack([np.convolve(padded[:, k], np.ones(7) / 7, "valid") for k in (0, 1)], axis=1)
        places = np.round((smooth * self._unit + (x, y)) * 8).astype(np.int32)
        cv2.polylines(self._sheet.ink, [places], False, 1.0, self._pen, cv2.LINE_AA, 3)


_Sign = tuple[float, list[_Points]]


def _slash(rng: Rng) -> _Sign:
    half, lean = rng.uniform(0.55, 0.75) * HIGH, rng.uniform(0.2, 0.6)
    return 15, [[(lean * half, -half), (0, 0), (-lean * half, half)]]


def _bar(rng: Rng) -> _Sign:
    half = rng.uniform(0.65, 0.8) * HIGH
    return 15, [[(0, -half), (0, half)]]


def _dash(rng: Rng) -> _Sign:
    half = rng.uniform(4, 8)
    return 22, [[(-half, 0), (0, 0), (half, 0)]]


def _plus(rng: Rng) -> _Sign:
    half = rng.uniform(5, 8)
    return 24, [[(-half, 0), (half, 0)], [(0, -half), (0, half)]]


def _equals(rng: Rng) -> _Sign:
    half = rng.uniform(6, 9)
    return 26, [[(-half, -3), (half, -3)], [(-half, 3), (half, 3)]]


def _times(rng: Rng) -> _Sign:
    half = rng.uniform(4, 6)
    return 22, [[(-half, -half), (half, half)], [(half, -half), (-half, half)]]


def _point(rng: Rng) -> _Sign:
    return 9, [[(0, HIGH / 2), (rng.uniform(0, 0.5), HIGH / 2)]]


def _colon(rng: Rng) -> _Sign:
    return 10, [[(0, y), (rng.uniform(0, 0.5), y)] for y in (-3, 8)]


def _comma(rng: Rng) -> _Sign:
    long = rng.uniform(4, 6)
    return 10, [[(1, HIGH / 2 - 1), (0.8, HIGH / 2 + 1), (-1.2, HIGH / 2 - 1 + long)]]


def _open(rng: Rng) -> _Sign:
    return 14, [[(x, y) for x, y in _bow(rng)]]


def _close(rng: Rng) -> _Sign:
    return 14, [[(-x, y) for x, y in _bow(rng)]]


def _bow(rng: Rng) -> _Points:
    deep, half = rng.uniform(3, 5), rng.uniform(0.5, 0.65) * HIGH
    return [(deep * (y * y - 0.5), half * y) for y in np.linspace(-1, 1, 7)]


def _percent(rng: Rng) -> _Sign:
    turn = np.linspace(0, 2 * np.pi, 12) + rng.uniform(0, 6)
    rings = [[(x + 3 * np.cos(a), y + 4 * np.sin(a)) for a in turn] for x, y in ((-7, -5), (7, 5))]
    return 28, [[(6, -10), (-6, 10)], *rings]


def _degree(rng: Rng) -> _Sign:
    turn, wide = np.linspace(0, 2 * np.pi, 12), rng.uniform(2, 3)
    return 12, [[(wide * np.cos(a), wide * np.sin(a) - HIGH / 2 + 2) for a in turn]]


SIGNS: dict[str, Callable[[Rng], _Sign]] = {
    "/": _slash, "|": _bar, "-": _dash, "+": _plus, "=": _equals, "x": _times, ".": _point, ":": _colon,
    ",": _comma, "(": _open, ")": _close, "%": _percent, "°": _degree,
}  # fmt: skip

FORMS = {
    "dates": ("dd/dd/dddd", "d/d/dd", "dd.dd.dddd", "dd-dd-dd", "dddd/dd/dd", "dd:dd"),
    "amounts": ("dd,dd", "d.dd", "d,ddd.dd", "dd%", "d,d%", "dd°", "d/d", "dd/dd"),
    "telephones": ("(ddd) ddd-dddd", "dddd/dddddd", "ddd-dddd", "dd|dd|dd"),
    "sums": ("dd + dd = dd", "d - d = d", "d x d = dd", "d) dd", "(d + d) x d"),
}


def written(forms: Sequence[str], digits: Samples, rng: Rng) -> Made:
    """A page of such, in light that is not even."""
    sheet = Sheet((720, 1280), digits, rng)
    unit = float(rng.uniform(1.6, 2.8))
    writing = Writing(sheet, unit)
    y = 40 + HIGH * unit / 2
    while y < 720 - 1.5 * HIGH * unit:
        x, text = 60.0, str(rng.choice(forms))
        while x + GAP * unit * len(text) < 1240:
            x = writing.write(text, x, y) + 3 * HIGH * unit
            text = str(rng.choice(forms))
        y += float(rng.uniform(42, 52)) * unit
    begin, end = rng.uniform(0.7, 1.05, 2)
    light = np.linspace(begin, end, 1280, dtype=np.float32)[None, :, None]
    return sheet.seen(np.asarray(sheet.flat() * light, np.float32)), sheet.truth


def columns(digits: Samples, rng: Rng) -> Made:
    """Numbers of one to three digits in columns, one close below the other."""
    sheet = Sheet((720, 1280), digits, rng)
    unit = float(rng.uniform(1.6, 2.8))
    writing, count = Writing(sheet, unit), int(rng.integers(1, 4))
    for x in np.arange(60.0, 1220 - count * BESIDE * unit, (count + 1.5) * BESIDE * unit):
        pitch = float(rng.uniform(1.1, 1.4)) * HIGH * unit
        for y in np.arange(40 + HIGH * unit / 2, 680 - HIGH * unit / 2, pitch)[: int(rng.integers(2, 9))]:
            writing.write("d" * count, float(x), float(y))
    return sheet.picture(), sheet.truth


def _page_of(forms: Sequence[str]) -> Situation:
    return lambda digits, rng: written(forms, digits, rng)


NOTATION: dict[str, Situation] = {name: _page_of(forms) for name, forms in FORMS.items()} | {"columns": columns}

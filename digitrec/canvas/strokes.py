"""What has been drawn, as vectors, with undo and redo: pure data, no pixels and no window.

Coordinates are paper units: one unit is one pixel of the picture that is read (and one logical pixel of the window
until the paper has to be shrunk to fit), x to the right, y down, the origin in the paper's upper left corner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image

Point = tuple[float, float]
Size = tuple[float, float]

MIN_WIDTH, MAX_WIDTH = 1.0, 120.0
"""Brush widths in paper units."""

UNDO_LIMIT = 1000
"""Steps kept for undo; a step costs one pointer a stroke."""


TREMOR = 0.7
"""Half the diagonal of a mouse pixel, paper units: points are moved by at most this much."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One movement of the pen or the eraser, from touching the paper to leaving it.

    Attributes:
        points: at least one, in paper units, as the pointer reported them.
        width: of the round brush, paper units.
        erases: takes ink away instead of putting it down.
    """

    points: tuple[Point, ...]
    width: float
    erases: bool = False

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of the points, without the brush's width."""
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture to read and to draw on; while there is one, it is the whole paper.

    Attributes:
        image: uint8 (H, W, 3) BGR.
        name: shown to people and written to the saved reading.
        scale: paper units a picture pixel; chosen once, so that brushes keep their size on the screen.
    """

    image: Image
    name: str
    scale: float = 1.0

    @property
    def size(self) -> Size:
        """(width, height) in paper units."""
        return self.image.shape[1] * self.scale, self.image.shape[0] * self.scale


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on the paper at one moment; immutable, so that an undo step is a reference."""

    strokes: tuple[Stroke, ...] = ()
    picture: Picture | None = None

    @property
    def is_blank(self) -> bool:
        """Nothing was drawn and no picture lies there (a drawing that was erased is not blank: it can be saved)."""
        return not self.strokes and self.picture is None

    def add(self, stroke: Stroke) -> Drawing:
        """The same drawing with one more stroke on top."""
        return replace(self, strokes=(*self.strokes, stroke))

    def extent(self) -> Size:
        """The paper that the drawing needs, (width, height) from the origin; (0, 0) for a blank one."""
        if self.picture is not None:
            return self.picture.size
        if not self.strokes:
            return 0.0, 0.0
        reach = [(right + s.width / 2, bottom + s.width / 2) for s in self.strokes for *_, right, bottom in [s.bounds]]
        return max(0.0, max(x for x, _ in reach)), max(0.0, max(y for _, y in reach))


@dataclass(slots=True)
class History:
    """The present drawing and the way to the earlier and later ones."""

    now: Drawing = field(default_factory=Drawing)
    _past: list[Drawing] = field(default_factory=list)
    _future: list[Drawing] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        """There is an earlier drawing."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Something was undone and nothing drawn since."""
        return bool(self._future)

    def change(self, drawing: Drawing) -> None:
        """Make ``drawing`` the present one; what had been undone is forgotten."""
        self._past.append(self.now)
        del self._past[:-UNDO_LIMIT]
        self._future.clear()
        self.now = drawing

    def undo(self) -> bool:
        """Go one step back; False where there is none."""
        if not self._past:
            return False
        self._future.append(self.now)
        self.now = self._past.pop()
        return True

    def redo(self) -> bool:
        """Take back one undo; False where there is none."""
        if not self._future:
            return False
        self._past.append(self.now)
        self.now = self._future.pop()
        return True


def steady(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) without the tremor of whole mouse pixels: moved towards their neighbours, never by more than that.

    A mouse reports whole pixels; a curve through every one of them wobbles visibly. The bound keeps corners and small
    digits as they were drawn.
    """
    out = points
    for _ in range(2):
        aim = out.copy()
        aim[1:-1] = (out[:-2] + 2 * out[1:-1] + out[2:]) / 4
        shift = aim - points
        length = np.maximum(np.linalg.norm(shift, axis=1, keepdims=True), 1e-9)
        out = points + shift * np.minimum(1.0, TREMOR / length)
    return out


def smooth(points: Iterable[Point], step: float = 2.0) -> NDArray[np.float32]:
    """The curve through ``points``: centripetal Catmull-Rom, sampled about every ``step`` units.

    A fast mouse reports points tens of pixels apart; straight lines between them look like a polygon and read like
    one. The centripetal kind neither overshoots nor loops at sharp corners (Yuksel et al. 2011).

    Returns:
        float32 (N, 2), through every point to within ``TREMOR``; one row for a single point.
    """
    p = np.asarray(list(points), np.float64).reshape(-1, 2)
    if len(p) > 1:
        p = p[np.r_[True, np.abs(np.diff(p, axis=0)).max(axis=1) > 1e-6]]
    if len(p) < 3:
        return p.astype(np.float32)
    p = steady(p)
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    gaps = np.sqrt(np.linalg.norm(np.diff(padded, axis=0), axis=1))  # knot intervals: distance ** 0.5
    counts = np.clip(np.ceil(gaps[1:-1] ** 2 / step), 1, 200).astype(int)
    segment = np.repeat(np.arange(len(p) - 1), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    t = ((np.arange(len(segment)) - first) / counts[segment])[:, None]
    p0, p1, p2, p3 = (padded[segment + k] for k in range(4))
    g0, g1, g2 = (gaps[segment + k][:, None] for k in range(3))
    # Tangents at the two ends of each piece, for its own parameter running from 0 to 1.
    m1 = g1 * ((p1 - p0) / g0 - (p2 - p0) / (g0 + g1) + (p2 - p1) / g1)
    m2 = g1 * ((p2 - p1) / g1 - (p3 - p1) / (g1 + g2) + (p3 - p2) / g2)
    a, b = 2 * (p1 - p2) + m1 + m2, -3 * (p1 - p2) - 2 * m1 - m2
    curve = ((a * t + b) * t + m1) * t + p1
    return np.vstack([curve, p[-1]]).astype(np.float32)

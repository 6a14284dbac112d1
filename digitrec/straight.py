"""Straight lines through a mask of ink."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through the mask: direction in radians, offset from the origin, and its extent along itself."""

    angle: float
    offset: float
    start: float
    end: float

    @property
    def length(self) -> float:
        """From start to end."""
        return self.end - self.start

    def point(self, along: float) -> tuple[float, float]:
        """(x, y) of the place ``along`` the line."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return along * cos - self.offset * sin, along * sin + self.offset * cos

    def points(self, along: NDArray[np.float64], beside: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2): x and y of places ``along`` the line and ``beside`` it."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        offset = self.offset + beside
        return np.stack([along * cos - offset * sin, along * sin + offset * cos], axis=1)


def as_line(x0: float, y0: float, x1: float, y1: float) -> Line:
    """The line from one point to another."""
    angle = math.atan2(y1 - y0, x1 - x0)
    if angle <= -math.pi / 2 or angle > math.pi / 2:
        angle -= math.copysign(math.pi, angle)
    cos, sin = math.cos(angle), math.sin(angle)
    ends = sorted((x0 * cos + y0 * sin, x1 * cos + y1 * sin))
    return Line(angle, ((y0 + y1) * cos - (x0 + x1) * sin) / 2, ends[0], ends[1])


def add_line(lines: list[Line], new: Line, near: float = 4.0) -> None:
    """Join ``new`` to the longer line that it continues or repeats, whose ends lie so ``near`` it; else add it."""
    ends = new.point(new.start), new.point(new.end)
    for i, line in enumerate(lines):
        if line_distance(line, *ends[0]) < near and line_distance(line, *ends[1]) < near:
            cos, sin = math.cos(line.angle), math.sin(line.angle)
            along = [x * cos + y * sin for x, y in ends]
            lines[i] = Line(line.angle, line.offset, min(line.start, *along), max(line.end, *along))
            return
    lines.append(new)


def line_distance(line: Line, x: float, y: float) -> float:
    """Distance of a point from the infinite line, pixels."""
    return abs(y * math.cos(line.angle) - x * math.sin(line.angle) - line.offset)

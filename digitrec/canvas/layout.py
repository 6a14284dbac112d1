"""Where everything is in the window: pure arithmetic on rectangles, in window pixels.

All sizes are given for a scale of 1 and multiplied by the interface's scale (2 on a HiDPI screen).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from digitrec.canvas.strokes import Point, Size

MIN_WINDOW = (720, 480)
"""Smallest (width, height) at a scale of 1; in a smaller window everything is smaller."""

LEAST_SCALE = 0.35
"""Nobody can use a smaller interface: a window without room for it is laid out as if it had some, and cut."""

SCALE_STEPS = 32
"""A scale that has to fit is a whole number of such parts: fonts are not loaded for every pixel of a drag."""

_CLOSE = 0.002
"""By less than this a window of whole pixels misses a scale."""


class Rect(NamedTuple):
    """Left, top, width, height in window pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column that is outside."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row that is outside."""
        return self.y + self.height

    @property
    def center(self) -> tuple[int, int]:
        """Middle, (x, y)."""
        return self.x + self.width // 2, self.y + self.height // 2

    def holds(self, x: float, y: float) -> bool:
        """The point lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def inset(self, by: int) -> Rect:
        """Smaller by ``by`` on every side (larger where it is negative)."""
        return Rect(self.x + by, self.y + by, max(0, self.width - 2 * by), max(0, self.height - 2 * by))


def fitting_scale(wanted: float, window: tuple[int, int]) -> float:
    """The scale of the interface, ``wanted`` or as much of it as a window of (width, height) pixels has room for."""
    room = min(side / least for side, least in zip(window, MIN_WINDOW, strict=True))
    if room >= wanted - _CLOSE:
        return wanted
    return max(min(LEAST_SCALE, wanted), math.floor(room * SCALE_STEPS) / SCALE_STEPS)


@dataclass(frozen=True, slots=True)
class Viewport:
    """The paper on the screen.

    Attributes:
        area: the window pixels that show paper.
        zoom: window pixels a paper unit.
    """

    area: Rect
    zoom: float

    @property
    def paper(self) -> Size:
        """(width, height) of the visible paper, units."""
        return self.area.width / self.zoom, self.area.height / self.zoom

    def to_paper(self, x: float, y: float) -> Point:
        """Window pixel -> paper unit."""
        return (x - self.area.x) / self.zoom, (y - self.area.y) / self.zoom

    def to_window(self, x: float, y: float) -> Point:
        """Paper unit -> window pixel."""
        return x * self.zoom + self.area.x, y * self.zoom + self.area.y

    def rect_to_window(self, x: float, y: float, width: float, height: float) -> Rect:
        """A rectangle of the paper in window pixels, at least one pixel large."""
        left, top = self.to_window(x, y)
        return Rect(round(left), round(top), max(1, round(width * self.zoom)), max(1, round(height * self.zoom)))


def plain_viewport(area: Rect, scale: float, needed: Size) -> Viewport:
    """Paper that fills ``area``: growing the window gives more paper; shrinking it below the ink zooms out.

    Args:
        area: the window pixels there are.
        scale: the interface's scale, the zoom while everything fits.
        needed: (width, height) in units of the drawing that must stay visible.
    """
    zoom = min(scale, area.width / max(1.0, needed[0]), area.height / max(1.0, needed[1]))
    return Viewport(area, zoom)


def picture_viewport(area: Rect, paper: Size) -> Viewport:
    """A paper of fixed size (a picture) as large as ``area`` allows, in its middle."""
    zoom = min(area.width / paper[0], area.height / paper[1])
    width, height = max(1, round(paper[0] * zoom)), max(1, round(paper[1] * zoom))
    x, y = area.x + (area.width - width) // 2, area.y + (area.height - height) // 2
    return Viewport(Rect(x, y, width, height), zoom)


@dataclass(frozen=True, slots=True)
class Layout:
    """The window's parts.

    Attributes:
        scale: of the interface.
        toolbar: the strip with the buttons.
        buttons: name -> rectangle, in the order of the Tab key.
        brush: where the brush's size is shown, between its two buttons.
        paper: the area for the paper.
        status: the line below it.
        panel: the right side: what is read.
        number: the big number and its words.
        crop: the enlarged 28x28 picture.
        verdict: beside it: the digit, its confidence, why it is rejected.
        chart: the bars of the 11 probabilities; empty where the window is too low for them.
    """

    scale: float
    toolbar: Rect
    buttons: dict[str, Rect]
    brush: Rect
    paper: Rect
    status: Rect
    panel: Rect
    number: Rect
    crop: Rect
    verdict: Rect
    chart: Rect

    def button_at(self, x: float, y: float) -> str | None:
        """The button under a window pixel."""
        return next((name for name, rect in self.buttons.items() if rect.holds(x, y)), None)


BUTTONS = (("undo", 84), ("redo", 84), ("eraser", 96), ("thinner", 38), ("thicker", 38))
BUTTONS_RIGHT = (("clear", 84), ("done", 84), ("save", 84), ("help", 38))
"""(name, width) from the left; the second group ends at the paper's right edge."""

_BRUSH_WIDTH = 52


@lru_cache(maxsize=8)
def lay_out(window: tuple[int, int], scale: float) -> Layout:
    """Divide a window of (width, height) pixels."""

    def px(value: float) -> int:
        return round(value * scale)

    width, height = max(window[0], px(MIN_WINDOW[0])), max(window[1], px(MIN_WINDOW[1]))
    gap = px(16)
    panel_width = px(300 if width < px(1000) else 340)
    panel = Rect(width - panel_width, 0, panel_width, height)
    paper_width = panel.x - 2 * gap
    toolbar = Rect(gap, px(14), paper_width, px(38))
    status = Rect(gap, height - px(34), paper_width, px(22))
    top = toolbar.bottom + px(14)
    paper = Rect(gap, top, paper_width, status.y - px(10) - top)
    buttons, brush = _place_buttons(toolbar, scale)

    inner = panel.inset(px(20))
    crop_side = px(140 if height >= px(600) else 84)
    chart_height = px(140 if height >= px(600) else 110)
    chart = Rect(inner.x, inner.bottom - chart_height, inner.width, chart_height)
    crop = Rect(inner.x, chart.y - px(48) - crop_side, crop_side, crop_side)
    verdict = Rect(crop.right + px(16), crop.y, inner.right - crop.right - px(16), crop_side)
    number = Rect(inner.x, inner.y, inner.width, crop.y - px(52) - inner.y)
    return Layout(scale, toolbar, buttons, brush, paper, status, panel, number, crop, verdict, chart)


def _place_buttons(toolbar: Rect, scale: float) -> tuple[dict[str, Rect], Rect]:
    gap = round(8 * scale)
    count = len(BUTTONS) + len(BUTTONS_RIGHT)
    natural = sum(w for _, w in (*BUTTONS, *BUTTONS_RIGHT)) * scale + _BRUSH_WIDTH * scale + count * gap
    fit = min(1.0, toolbar.width / natural)  # a narrow window squeezes the buttons, it never hides one
    gap = max(2, int(gap * fit))
    buttons: dict[str, Rect] = {}
    brush = Rect(toolbar.x, toolbar.y, 0, 0)
    x = toolbar.x
    for name, wide in BUTTONS:
        if name == "thicker":
            brush = Rect(x - gap // 2, toolbar.y, int(_BRUSH_WIDTH * scale * fit), toolbar.height)
            x = brush.right + gap // 2
        buttons[name] = Rect(x, toolbar.y, int(wide * scale * fit), toolbar.height)
        x = buttons[name].right + gap
    right = toolbar.right
    for name, wide in reversed(BUTTONS_RIGHT):
        rect = Rect(right - int(wide * scale * fit), toolbar.y, int(wide * scale * fit), toolbar.height)
        buttons[name] = rect
        right = rect.x - gap
    order = [name for name, _ in (*BUTTONS, *BUTTONS_RIGHT)]
    return {name: buttons[name] for name in order}, brush

"""A drawing -> the picture that is shown and the picture that is read: NumPy and OpenCV, no window."""

from __future__ import annotations

import cv2
import numpy as np

from digitrec.canvas.strokes import Drawing, Picture, Size, Stroke, smooth
from digitrec.results import Image

WHITE = (255, 255, 255)
DARK_INK = (28, 24, 24)
LIGHT_INK = (240, 240, 240)
"""BGR."""

_SUPERSAMPLING = 4
_SUPERSAMPLING_HUGE = 2
_HUGE_AREA = 1_500_000
"""Regions above this many pixels are inked at half the fineness, so that one stroke never costs 20 ms."""

Region = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom excluded."""


def colours(picture: Picture | None) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """(paper, ink), BGR: dark on white; on a picture its median colour, and ink that can be seen on it."""
    if picture is None:
        return WHITE, DARK_INK
    step = max(1, max(picture.image.shape[:2]) // 200)
    median = np.median(picture.image[::step, ::step].reshape(-1, 3), axis=0)
    paper = (int(median[0]), int(median[1]), int(median[2]))
    return paper, (DARK_INK if 0.11 * paper[0] + 0.59 * paper[1] + 0.3 * paper[2] > 110 else LIGHT_INK)


def stroke_region(stroke: Stroke, scale: float, size: tuple[int, int]) -> Region:
    """The pixels that ``stroke`` can touch, cut to a picture of ``size`` (width, height); empty where it is outside."""
    left, top, right, bottom = stroke.bounds
    # A spline leaves the box of its points by a little: an eighth of its longest side is more than it ever does.
    reach = stroke.width / 2 + max(right - left, bottom - top) / 8
    x0, y0 = max(0, int((left - reach) * scale) - 2), max(0, int((top - reach) * scale) - 2)
    x1, y1 = min(size[0], int((right + reach) * scale) + 3), min(size[1], int((bottom + reach) * scale) + 3)
    return x0, y0, max(x0, x1), max(y0, y1)


def coverage(stroke: Stroke, scale: float, region: Region) -> Image:
    """How much of each pixel of ``region`` the stroke covers: uint8 (bottom - top, right - left), 255 all of it.

    Drawn several times finer and averaged: OpenCV's own anti-aliased lines are whole pixels wide and about one pixel
    too thick, which doubles a stroke of 1 px.
    """
    x0, y0, x1, y1 = region
    fine = _SUPERSAMPLING if (x1 - x0) * (y1 - y0) <= _HUGE_AREA else _SUPERSAMPLING_HUGE
    mask = np.zeros(((y1 - y0) * fine, (x1 - x0) * fine), np.uint8)
    path = smooth(stroke.points, 2.0 / scale)
    path = (path * scale - (x0, y0)) * fine - 0.5
    width = max(1, round(stroke.width * scale * fine))
    fixed = np.round(path * 16).astype(np.int32)  # 4 fractional bits
    if len(fixed) == 1:
        cv2.circle(mask, (int(fixed[0, 0]), int(fixed[0, 1])), width * 8, 255, -1, cv2.LINE_8, 4)
    else:
        cv2.polylines(mask, [fixed[:, None]], False, 255, width, cv2.LINE_8, 4)
    return np.asarray(cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA), np.uint8)


class Raster:
    """A drawing as a uint8 (H, W, 3) BGR picture, kept up to date at the cost of what changed.

    Args:
        size: (width, height) in pixels.
        scale: pixels a paper unit.
    """

    def __init__(self, size: tuple[int, int], scale: float) -> None:
        self.size = size
        self.scale = scale
        self._drawing = Drawing()
        self._done: Image = np.full((size[1], size[0], 3), 255, np.uint8)  # what is committed
        self._paper, self._ink = colours(None)
        self._live_regions: list[Region] = []
        self.image: Image = self._done.copy()
        """The committed strokes and the live ones."""

    def show(self, drawing: Drawing, live: tuple[Stroke, ...] = ()) -> Region:
        """Bring ``image`` up to date.

        Args:
            drawing: the committed strokes and the picture.
            live: strokes that are still being drawn.

        Returns:
            The region that may have changed; empty (all 0) for none.
        """
        changed = [*self._live_regions, *self._commit(drawing)]
        self._live_regions = [stroke_region(s, self.scale, self.size) for s in live]
        changed += self._live_regions
        changed = [r for r in changed if r[2] > r[0] and r[3] > r[1]]
        if not changed:
            return 0, 0, 0, 0
        dirty = (*np.min(changed, axis=0)[:2].tolist(), *np.max(changed, axis=0)[2:].tolist())
        x0, y0, x1, y1 = dirty
        self.image[y0:y1, x0:x1] = self._done[y0:y1, x0:x1]
        for stroke, region in zip(live, self._live_regions, strict=True):
            self._put(self.image, stroke, region)
        return x0, y0, x1, y1

    def _commit(self, drawing: Drawing) -> list[Region]:
        """Ink what is new; start again where something went away (undo, clear, another picture)."""
        before, self._drawing = self._drawing, drawing
        kept = len(before.strokes)
        grew = all(a is b for a, b in zip(before.strokes, drawing.strokes, strict=False))
        if drawing.picture is not before.picture or len(drawing.strokes) < kept or not grew:
            self._start(drawing.picture)
            for stroke in drawing.strokes:
                self._put(self._done, stroke, stroke_region(stroke, self.scale, self.size))
            return [(0, 0, *self.size)]
        regions = [stroke_region(s, self.scale, self.size) for s in drawing.strokes[kept:]]
        for stroke, region in zip(drawing.strokes[kept:], regions, strict=True):
            self._put(self._done, stroke, region)
        return regions

    def _start(self, picture: Picture | None) -> None:
        self._paper, self._ink = colours(picture)
        if picture is None:
            self._done[:] = 255
            return
        shrinks = self.size[0] < picture.image.shape[1]
        self._done[:] = cv2.resize(
            picture.image, self.size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )

    def _put(self, image: Image, stroke: Stroke, region: Region) -> None:
        x0, y0, x1, y1 = region
        if x1 <= x0 or y1 <= y0:
            return
        cover = coverage(stroke, self.scale, region)
        patch = image[y0:y1, x0:x1]
        colour = self._paper if stroke.erases else self._ink
        alpha = cover.astype(np.uint16)[:, :, None]
        patch[:] = ((patch * (255 - alpha) + np.array(colour, np.uint16) * alpha + 127) // 255).astype(np.uint8)


def reading_size(drawing: Drawing, paper: Size) -> tuple[int, int, float]:
    """(width, height, pixels a paper unit) of the picture that is read.

    A picture is read at its own resolution, however small it is shown: a photo's small digits survive. Everything
    else is read at one pixel a unit, whatever the screen, so that a reading does not depend on the window.
    """
    if drawing.picture is not None:
        height, width = drawing.picture.image.shape[:2]
        return width, height, 1 / drawing.picture.scale
    return max(1, round(paper[0])), max(1, round(paper[1])), 1.0


def picture_of(drawing: Drawing, paper: Size) -> Image:
    """The picture that is read of ``drawing`` on a paper of ``paper`` (width, height) units: uint8 (H, W, 3) BGR."""
    width, height, scale = reading_size(drawing, paper)
    raster = Raster((width, height), scale)
    raster.show(drawing)
    return raster.image

"""A drawing -> the picture that is shown and the picture that is read: NumPy and OpenCV, no window."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

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

NOTHING: Region = (0, 0, 0, 0)

_UNSETTLED = 8
"""The last points of a stroke: smoothing moves what is drawn of them when the next point comes."""


def colours(picture: Picture | None) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """(paper, ink), BGR: dark on white; on a picture its median colour, and ink that can be seen on it."""
    if picture is None:
        return WHITE, DARK_INK
    step = max(1, max(picture.image.shape[:2]) // 200)
    median = np.median(picture.image[::step, ::step].reshape(-1, 3), axis=0)
    paper = (int(median[0]), int(median[1]), int(median[2]))
    return paper, (DARK_INK if 0.11 * paper[0] + 0.59 * paper[1] + 0.3 * paper[2] > 110 else LIGHT_INK)


def stroke_region(stroke: Stroke, scale: float, size: tuple[int, int]) -> Region:
    """The pixels that ``stroke`` can touch, cut to a picture of ``size`` (width, height); NOTHING for none."""
    left, top, right, bottom = stroke.bounds
    # A spline leaves the box of its points by a little: an eighth of its longest side is more than it ever does.
    reach = stroke.width / 2 + max(right - left, bottom - top) / 8
    x0, y0 = max(0, int((left - reach) * scale) - 2), max(0, int((top - reach) * scale) - 2)
    x1, y1 = min(size[0], int((right + reach) * scale) + 3), min(size[1], int((bottom + reach) * scale) + 3)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else NOTHING


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
        radius = max(8, width * 8 - 8)  # the circle's own line adds half a fine pixel all around
        cv2.circle(mask, (int(fixed[0, 0]), int(fixed[0, 1])), radius, 255, -1, cv2.LINE_8, 4)
    else:
        cv2.polylines(mask, _pieces(fixed, width, mask.shape), False, 255, width, cv2.LINE_8, 4)
    return np.asarray(cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA), np.uint8)


def _pieces(fixed: NDArray[np.int32], width: int, shape: tuple[int, ...]) -> list[NDArray[np.int32]]:
    """The runs of a path (N, 2), in sixteenths of a pixel, that can touch a mask of ``shape``.

    OpenCV works on every segment, also on those that are far outside: the region around the pen's point would cost as
    much as the whole stroke.
    """
    reach = (width // 2 + 2) * 16
    low, high = np.minimum(fixed[:-1], fixed[1:]), np.maximum(fixed[:-1], fixed[1:])
    near = (high >= -reach).all(axis=1) & (low <= (shape[1] * 16 + reach, shape[0] * 16 + reach)).all(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, near, False]))
    return [fixed[start : end + 1, None] for start, end in zip(edges[::2], edges[1::2], strict=True)]


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
        self._paper, self._ink = colours(None)
        self._blank: Image = np.full((size[1], size[0], 3), 255, np.uint8)  # the paper, or the picture
        self._done: Image = self._blank.copy()  # with what is committed
        self._live: tuple[Stroke, ...] = ()
        self.image: Image = self._blank.copy()
        """The committed strokes and the live ones."""

    @property
    def is_dark(self) -> bool:
        """The paper is dark, as a blackboard is."""
        return self._ink == LIGHT_INK

    def show(self, drawing: Drawing, live: tuple[Stroke, ...] = ()) -> Region:
        """Bring ``image`` up to date.

        Args:
            drawing: the committed strokes and the picture.
            live: strokes that are still being drawn.

        Returns:
            The region that may have changed; empty (all 0) for none.
        """
        changed = self._commit(drawing)
        if live != self._live:
            changed = _union(changed, self._live_changes(live))
            self._live = live
        if changed != NOTHING:
            x0, y0, x1, y1 = changed
            self.image[y0:y1, x0:x1] = self._done[y0:y1, x0:x1]
            self._put(self.image, live, changed)
        return changed

    def _live_changes(self, live: tuple[Stroke, ...]) -> Region:
        """Where the live strokes differ from those shown before: around their ends, as a rule."""
        if len(live) != len(self._live):
            return self._around((*live, *self._live))
        changed = NOTHING
        for old, new in zip(self._live, live, strict=True):
            parts = (_end(new, len(old.points)),) if _continues(old, new) else (old, new)
            changed = _union(changed, self._around(parts))
        return changed

    def _commit(self, drawing: Drawing) -> Region:
        """Ink what is new and take away what is gone; the region that changed."""
        before, self._drawing = self._drawing, drawing
        if drawing.picture is not before.picture:
            self._start(drawing.picture)
            everything = (0, 0, *self.size)
            self._put(self._done, drawing.strokes, everything)
            return everything
        same = 0
        for old, new in zip(before.strokes, drawing.strokes, strict=False):
            if old is not new:
                break
            same += 1
        gone = self._around(before.strokes[same:])
        if gone != NOTHING:
            x0, y0, x1, y1 = gone
            self._done[y0:y1, x0:x1] = self._blank[y0:y1, x0:x1]
            self._put(self._done, drawing.strokes[:same], gone)
        added = self._around(drawing.strokes[same:])
        if gone != NOTHING or not self._adopt(drawing.strokes[same:], added):
            self._put(self._done, drawing.strokes[same:], added)
        return _union(gone, added)

    def _adopt(self, added: tuple[Stroke, ...], region: Region) -> bool:
        """Take a stroke that has just been finished from ``image``, where it is inked already, but for its end.

        To ink a long stroke again costs many frames on a large screen, at the moment in which the next one begins.
        """
        if len(added) != 1 or len(self._live) != 1 or not _continues(self._live[0], added[0]):
            return False
        end = self._around((_end(added[0], len(self._live[0].points)),))
        kept = self._done[end[1] : end[3], end[0] : end[2]].copy()
        x0, y0, x1, y1 = region
        self._done[y0:y1, x0:x1] = self.image[y0:y1, x0:x1]
        self._done[end[1] : end[3], end[0] : end[2]] = kept
        self._put(self._done, added, end)
        return True

    def _start(self, picture: Picture | None) -> None:
        self._paper, self._ink = colours(picture)
        self._blank[:] = 255
        if picture is not None:
            way = cv2.INTER_AREA if self.size[0] < picture.image.shape[1] else cv2.INTER_CUBIC
            self._blank[:] = cv2.resize(picture.image, self.size, interpolation=way)
        self._done[:] = self._blank

    def _around(self, strokes: tuple[Stroke, ...]) -> Region:
        region = NOTHING
        for stroke in strokes:
            region = _union(region, stroke_region(stroke, self.scale, self.size))
        return region

    def _put(self, image: Image, strokes: tuple[Stroke, ...], within: Region) -> None:
        """Ink ``strokes`` in order, only inside a region."""
        for stroke in strokes:
            region = _common(stroke_region(stroke, self.scale, self.size), within)
            if region == NOTHING:
                continue
            x0, y0, x1, y1 = region
            cover = coverage(stroke, self.scale, region)
            rows, columns = np.nonzero(cover)  # ink is a small part of its box: blend nothing else
            alpha = cover[rows, columns, None].astype(np.uint16)
            patch = image[y0:y1, x0:x1]
            colour = np.array(self._paper if stroke.erases else self._ink, np.uint16)
            patch[rows, columns] = (patch[rows, columns] * (255 - alpha) + colour * alpha + 127) // 255


def _continues(old: Stroke, new: Stroke) -> bool:
    """``new`` is ``old`` with more points."""
    return new.points[: len(old.points)] == old.points and (new.width, new.erases) == (old.width, old.erases)


def _end(stroke: Stroke, known: int) -> Stroke:
    """The part that looks different from what was drawn when there were ``known`` points."""
    return replace(stroke, points=stroke.points[max(0, known - _UNSETTLED) :])


def _union(a: Region, b: Region) -> Region:
    """The smallest region that holds both; an empty one counts for nothing."""
    if a == NOTHING or b == NOTHING:
        return a if b == NOTHING else b
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _common(a: Region, b: Region) -> Region:
    """What lies in both."""
    x0, y0, x1, y1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else NOTHING


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

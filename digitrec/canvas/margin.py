"""Reads the drawn part of a canvas as if it lay on a larger white sheet.

What is drawn along the canvas' edge stands on paper like the rest then, and the empty part costs no time; nor does a
large digit cost more than a small one, since its strokes are known. A picture on the canvas is read whole, as
``cam.py`` reads it.
"""

from __future__ import annotations

import math
from typing import Protocol

import cv2
import numpy as np

from digitrec.canvas.bare import with_bare_shapes
from digitrec.canvas.strokes import Drawing, Picture
from digitrec.paper import reduced
from digitrec.results import Box, Image, Reading

MARGIN_PX = 24
"""Enough for the ground beside the broadest stroke to be seen."""

LEAST_PX = 320
"""The part is at least so wide and so high where the canvas is: broad strokes are read on a coarser level too."""

PAPER = 250
"""What is as bright as this in each channel is empty."""

DARKEST = 1
"""The channel in which what is drawn is darkest: without a picture it is the only one that is read."""

REDUCED_STROKE = 96
"""A drawing is read smaller, by halves, while each of its strokes is still so long ..."""

REDUCED_BRUSH = 1.0
"""... and so broad, pixels: a digit's shape needs no more."""


class Reads(Protocol):
    """What is asked to read."""

    def read(self, image: Image, drawn: bool = False) -> Reading:
        """Read a uint8 (H, W, 3) BGR or (H, W) picture, taken or ``drawn``."""
        ...


def read_drawing(recognizer: Reads, drawing: Drawing, image: Image) -> Reading:
    """Read a canvas of known strokes, or of a picture and strokes on it.

    Args:
        recognizer: reads pictures.
        drawing: what is on the canvas.
        image: uint8 (H, W, 3) BGR, the drawing at one pixel a unit, or its picture at the picture's own size.

    Returns:
        The reading; boxes are in the pixels of ``image``.
    """
    if drawing.picture is not None:
        return _read_picture(recognizer, drawing.picture, image, widened=_has_ink_at_rim(drawing))
    return read_with_margin(recognizer, image, reduction(drawing), drawn=True)


def _read_picture(recognizer: Reads, picture: Picture, image: Image, widened: bool) -> Reading:
    """Read a picture as ``cam.py`` does; ``widened`` gives strokes along its edge some ground beside them.

    White around a photo looks like a sheet on it, and a canvas' odds make digits of a room's things. The ground is
    the picture's own rim, without the strokes: a stroke that leaves the picture does not go on in it.
    """
    if not widened:
        return recognizer.read(image)
    sheet = np.asarray(cv2.copyMakeBorder(picture.image, *(MARGIN_PX,) * 4, cv2.BORDER_REPLICATE), np.uint8)
    height, width = image.shape[:2]
    sheet[MARGIN_PX : MARGIN_PX + height, MARGIN_PX : MARGIN_PX + width] = image
    whole = Box(0, 0, width, height)
    return recognizer.read(sheet).relocated(lambda box: _moved(box, whole, 1), (width, height))


def _has_ink_at_rim(drawing: Drawing) -> bool:
    """A stroke comes near the edge of the picture. Of photos without one 3 in 34 were read otherwise if widened."""
    if drawing.picture is None:
        return False
    (width, height), near = drawing.picture.size, MARGIN_PX * drawing.picture.scale
    for stroke in drawing.strokes:
        left, top, right, bottom = stroke.bounds
        reach = near + stroke.width / 2
        if not stroke.erases and (min(left, top) < reach or right + reach > width or bottom + reach > height):
            return True
    return False


def reduction(drawing: Drawing) -> int:
    """The power of two by which a drawing can be made smaller before it is read, and is read the same."""
    if drawing.picture is not None or not drawing.strokes or any(s.erases for s in drawing.strokes):
        return 1  # what is left by an eraser may be small
    bounds = [s.bounds for s in drawing.strokes]
    shortest = min(max(right - left, bottom - top) for left, top, right, bottom in bounds)
    times = min(shortest / REDUCED_STROKE, min(s.width for s in drawing.strokes) / REDUCED_BRUSH)
    return 1 << int(math.log2(max(times, 1.0)))


def read_with_margin(recognizer: Reads, image: Image, times: int = 1, drawn: bool = False) -> Reading:
    """Read a uint8 (H, W, 3) BGR canvas, made so many times smaller, with white around it.

    Args:
        recognizer: reads pictures.
        image: the canvas.
        times: a power of two.
        drawn: there is nothing but strokes on it.

    Returns:
        The reading; boxes are in the pixels of the canvas.
    """
    x, y, width, height = inked = _inked_part(image, LEAST_PX * times)
    part = image[y : y + height, x : x + width]
    part = np.asarray(cv2.extractChannel(part, DARKEST), np.uint8) if drawn else np.ascontiguousarray(part)
    part = reduced(part, (-(-width // times), -(-height // times))) if times > 1 else part
    sheet = cv2.copyMakeBorder(part, *(MARGIN_PX,) * 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    reading = with_bare_shapes(recognizer.read(np.asarray(sheet, np.uint8), drawn))
    return reading.relocated(lambda box: _moved(box, inked, times), (image.shape[1], image.shape[0]))


def _inked_part(image: Image, least: int) -> Box:
    """All that is not white, at least ``least`` pixels wide and high where the canvas is; of an empty one all of it."""
    rows, columns = image.shape[:2]
    flat = np.ascontiguousarray(image).reshape(rows, -1)  # the three channels of a pixel side by side
    left, top, width, height = cv2.boundingRect(cv2.threshold(flat, PAPER - 1, 255, cv2.THRESH_BINARY_INV)[1])
    if width == 0:
        return Box(0, 0, columns, rows)
    x, across = _widened(left // 3, -(-(left + width) // 3), columns, least)
    y, down = _widened(top, top + height, rows, least)
    return Box(x, y, across, down)


def _widened(start: int, end: int, size: int, least: int) -> tuple[int, int]:
    """(start, length) of at least ``least`` around ``start`` to ``end``, within 0 to ``size``."""
    length = min(size, max(end - start, least))
    first = min(max(0, (start + end - length) // 2), size - length)
    return first, length


def _moved(box: Box, inked: Box, times: int) -> Box:
    """From the sheet to the canvas; ink has a soft rim, which may end a pixel outside."""
    left, top = (max(0, times * (v - MARGIN_PX)) for v in (box.x, box.y))
    right = min(inked.width, max(left + 1, times * (box.x + box.width - MARGIN_PX)))
    bottom = min(inked.height, max(top + 1, times * (box.y + box.height - MARGIN_PX)))
    left, top = min(left, right - 1), min(top, bottom - 1)
    return Box(inked.x + left, inked.y + top, max(1, right - left), max(1, bottom - top))

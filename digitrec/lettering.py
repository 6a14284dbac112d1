"""Smooth text of any size on a picture, with the fonts that OpenCV brings (Hershey in 4.x, a true type one in 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from digitrec.results import Image

Color = tuple[int, int, int]
"""Blue, green, red, 0-255."""

DESCENT = 0.36
"""Room below the base line for g, p and commas, in capital heights."""

_FONT = cv2.FONT_HERSHEY_DUPLEX
_PROBE_SCALE = 4.0


def text_width(text: str, height_px: int) -> int:
    """Width of ``text`` whose capitals are ``height_px`` high, pixels."""
    return int(_mask(text, height_px).shape[1])


def fitting_height(text: str, height_px: int, width_px: int) -> int:
    """``height_px``, or less where the text would be wider than ``width_px``; at least 1."""
    wide = text_width(text, height_px)
    return height_px if wide <= width_px else max(1, int(height_px * width_px / wide))


def draw_text(
    picture: Image, text: str, at: tuple[int, int], height_px: int, color: Color, outline: Color | None = None
) -> None:
    """Write ``text`` into ``picture`` in place; what leaves the picture is cut.

    Args:
        picture: uint8 (H, W, 3).
        text: letters beyond the font's come out as question marks.
        at: (x, y) of the top left corner of the capitals, pixels.
        height_px: height of capitals and digits, pixels.
        color: of the letters.
        outline: a rim of this colour around the letters, for busy backgrounds; None: no rim.
    """
    rim = 0 if outline is None else max(1, round(height_px / 9))
    if outline is not None:
        paint(picture, _letters(text, max(1, height_px), outline, rim), (at[0] - rim, at[1] - rim))
    paint(picture, _letters(text, max(1, height_px), color, 0), at)


@dataclass(frozen=True, slots=True)
class Layer:
    """A shape of one colour, to be laid over a picture.

    Attributes:
        kept: uint8 (h, w, 3), the share of the picture that shows through, 255: all.
        added: uint8 (h, w, 3), the light of the shape.
    """

    kept: Image
    added: Image


def layer(mask: Image, color: Color) -> Layer:
    """``color`` where ``mask``, uint8 (h, w), is 255, less of it where that is less."""
    wide = cv2.merge([mask] * 3)
    added = cv2.multiply(wide, np.full_like(wide, color), scale=1 / 255)
    return Layer(np.asarray(cv2.bitwise_not(wide), np.uint8), np.asarray(added, np.uint8))


def paint(picture: Image, over: Layer, at: tuple[int, int]) -> None:
    """Lay ``over`` on a uint8 (H, W, 3) picture with its top left corner at ``at``, in place; what leaves it is cut."""
    height, width = picture.shape[:2]
    rows, columns = over.kept.shape[:2]
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(width, at[0] + columns), min(height, at[1] + rows)
    if right <= left or bottom <= top:
        return
    part = slice(top - at[1], bottom - at[1]), slice(left - at[0], right - at[0])
    under = picture[top:bottom, left:right]
    under[:] = cv2.add(cv2.multiply(under, over.kept[part], scale=1 / 255), over.added[part])


@lru_cache(maxsize=192)  # a layer takes six bytes a pixel: more would be felt on large frames
def _letters(text: str, height_px: int, color: Color, rim: int) -> Layer:
    """``text`` in ``color``, grown by ``rim`` pixels to all sides."""
    mask = _mask(text, height_px)
    if rim:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
        mask = np.asarray(cv2.dilate(np.pad(mask, rim), kernel), np.uint8)
    return layer(mask, color)


@lru_cache(maxsize=1)
def _probe() -> float:
    """Height of a capital at font scale 1, measured because OpenCV 4 and 5 draw with different fonts."""
    canvas = np.zeros((400, 400), np.uint8)
    cv2.putText(canvas, "H", (100, 300), _FONT, _PROBE_SCALE, 255, 1, cv2.LINE_AA)
    rows = np.flatnonzero(canvas.max(axis=1) > 127)
    return max(1.0, len(rows) / _PROBE_SCALE)


@lru_cache(maxsize=256)
def _mask(text: str, height_px: int) -> Image:
    """Coverage of the letters, uint8 (height_px * (1 + DESCENT), width): 255 inside, cut to the text's width."""
    scale = height_px / _probe()
    thickness = max(1, round(height_px / 10)) if int(cv2.__version__.split(".")[0]) < 5 else 1
    (width, _), _ = cv2.getTextSize(text, _FONT, scale, thickness)
    margin = height_px + 4
    below = int(np.ceil(height_px * DESCENT))
    canvas = np.zeros((height_px + below + margin, width + 2 * margin), np.uint8)
    cv2.putText(canvas, text, (margin, margin + height_px), _FONT, scale, 255, thickness, cv2.LINE_AA)
    columns = np.flatnonzero(canvas.any(axis=0))
    if not len(columns):
        return np.zeros((height_px + below, max(1, width)), np.uint8)
    mask = canvas[margin:, columns[0] : columns[-1] + 1].copy()
    mask.setflags(write=False)  # it is shared by all who ask for the same text
    return mask

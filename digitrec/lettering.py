"""Smooth text of any size on a picture, with the fonts that OpenCV brings (Hershey in 4.x, a true type one in 5)."""

from __future__ import annotations

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
    mask = _mask(text, max(1, height_px))
    if outline is not None:
        rim = max(1, round(height_px / 9))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1))
        wide = cv2.dilate(np.pad(mask, rim), kernel)
        paint(picture, np.asarray(wide, np.uint8), (at[0] - rim, at[1] - rim), outline)
    paint(picture, mask, at, color)


def paint(picture: Image, mask: Image, at: tuple[int, int], color: Color) -> None:
    """Paint ``color`` through ``mask``, uint8 (h, w), 255: fully, with its top left corner at ``at``, in place."""
    height, width = picture.shape[:2]
    left, top = max(0, at[0]), max(0, at[1])
    right, bottom = min(width, at[0] + mask.shape[1]), min(height, at[1] + mask.shape[0])
    if right <= left or bottom <= top:
        return
    part = mask[top - at[1] : bottom - at[1], left - at[0] : right - at[0], None].astype(np.uint16)
    under = picture[top:bottom, left:right]
    under[:] = ((255 - part) * under + part * np.array(color, np.uint16) + 127) // 255


@lru_cache(maxsize=1)
def _probe() -> float:
    """Height of a capital at font scale 1, measured because OpenCV 4 and 5 draw with different fonts."""
    canvas = np.zeros((400, 400), np.uint8)
    cv2.putText(canvas, "H", (100, 300), _FONT, _PROBE_SCALE, 255, 1, cv2.LINE_AA)
    rows = np.flatnonzero(canvas.max(axis=1) > 127)
    return max(1.0, len(rows) / _PROBE_SCALE)


@lru_cache(maxsize=512)
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

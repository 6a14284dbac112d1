"""Reading -> picture: boxes, digits, numbers and the line that says why nothing was read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import cv2
import numpy as np

from digitrec.layout import Layout, Sides
from digitrec.lettering import Color, Layer, draw_text, fitting_height, layer, paint, text_width
from digitrec.results import Box, Digit, Image, Number, Reading, Reject

BLUE, ORANGE, GREEN, PURPLE = (178, 114, 0), (0, 159, 230), (115, 158, 0), (167, 121, 204)
SKY, VERMILION, YELLOW = (233, 180, 86), (0, 94, 213), (66, 228, 240)
"""Okabe and Ito's colours (2008), as BGR: people with any kind of colour blindness can tell them apart."""

NUMBER_COLORS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
WHITE, INK, GREY = (255, 255, 255), (24, 20, 18), (150, 150, 150)


LETTERS = (0.4, 1.6)
"""Other writing has between these shares of the tallest digit's height: the numbers' plates leave it free, too."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a reading is drawn.

    Attributes:
        scale: pixels of the picture for one pixel of the source frame.
        mirror: the picture is mirrored: boxes are too, text is not.
        debug: rejects too, in grey, with their reason.
        sides: where the numbers' plates were in the frame before, changed in place; None: nobody keeps them.
    """

    scale: float = 1.0
    mirror: bool = False
    debug: bool = False
    sides: Sides | None = None


def annotate(image: Image, reading: Reading, style: Style | None = None) -> Image:
    """A copy of a uint8 (H, W, 3) picture with the reading drawn on it."""
    picture = image.copy()
    draw_reading(picture, reading, style or Style())
    return picture


def draw_reading(picture: Image, reading: Reading, style: Style) -> None:
    """Draw into ``picture``, uint8 (H, W, 3) of any size: digits, numbers above them, and why nothing was read."""
    if style.debug:
        for reject in reading.rejects:
            _draw_reject(picture, reject, style)
    colors = {d.box: _color(n, i) for i, n in enumerate(reading.numbers) for d in n.digits}
    for digit in reading.digits:
        _draw_digit(picture, digit, colors.get(digit.box, BLUE), style)
    height, width = picture.shape[:2]
    taken = [_with_label(place(d.box, style, width), height) for d in reading.digits]
    taken += [place(box, style, width) for box in _letters(reading)]
    layout = Layout(width, height, taken, style.sides)
    for index, number in enumerate(reading.numbers):
        _draw_number(picture, number, _color(number, index), style, layout)
    layout.forget_all_but({n.id for n in reading.numbers})
    if reading.hint is not None:
        detail = f" ({reading.hint_detail})" if reading.hint_detail else ""
        draw_note(picture, reading.hint.value + detail, ORANGE)


def _letters(reading: Reading) -> list[Box]:
    """Boxes of what else is written: of about the size of the digits."""
    tallest = max((d.box.height for d in reading.digits), default=0)
    sizes = LETTERS[0] * tallest, LETTERS[1] * tallest
    return [r.box for r in reading.rejects if sizes[0] <= max(r.box.width, r.box.height) <= sizes[1]]


def draw_note(picture: Image, text: str, color: Color, at_bottom: bool = True) -> None:
    """Text on a plate in the middle of the lower (or upper) edge, in as many lines as it needs."""
    height, width = picture.shape[:2]
    size = max(8, height // 34)
    pad = round(size * 0.8)
    lines = wrap(text, size, max(1, int(width * 0.94) - 2 * pad))
    size = min(fitting_height(line, size, max(1, width - 2 * pad)) for line in lines)
    step = size * 17 // 10
    plate_width = max(text_width(line, size) for line in lines) + 2 * pad
    plate_height = step * (len(lines) - 1) + size + 2 * pad
    left = (width - plate_width) // 2
    top = height - plate_height - pad if at_bottom else pad
    plate(picture, Box(left, top, plate_width, plate_height), color, 0.92)
    for number, line in enumerate(lines):
        draw_text(picture, line, (left + pad, top + pad + number * step), size, _readable_on(color))


def wrap(text: str, height_px: int, width_px: int) -> list[str]:
    """Break ``text`` between words into lines not wider than ``width_px`` where the words allow it."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", height_px) <= width_px:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def plate(picture: Image, box: Box, color: Color, opacity: float) -> None:
    """Lay a half transparent rectangle with round corners over ``picture``; what leaves the picture is cut."""
    paint(picture, _rounded(box.width, box.height, round(255 * opacity), color), (box.x, box.y))


@lru_cache(maxsize=64)
def _rounded(width: int, height: int, value: int, color: Color) -> Layer:
    """A rectangle with round, smooth corners."""
    finer = 4
    radius = max(1, min(12, round(min(width, height) * 0.18))) * finer
    mask = np.zeros((height * finer, width * finer), np.uint8)
    right, bottom = width * finer - 1, height * finer - 1
    cv2.rectangle(mask, (radius, 0), (right - radius, bottom), value, -1)
    cv2.rectangle(mask, (0, radius), (right, bottom - radius), value, -1)
    for x in (radius, right - radius):
        for y in (radius, bottom - radius):
            cv2.circle(mask, (x, y), radius, value, -1)
    return layer(np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), np.uint8), color)


def place(box: Box, style: Style, width_px: int) -> Box:
    """Where a box of the source frame lies in a picture of ``width_px``."""
    left, top = round(box.x * style.scale), round(box.y * style.scale)
    right, bottom = round((box.x + box.width) * style.scale), round((box.y + box.height) * style.scale)
    if style.mirror:
        left, right = width_px - right, width_px - left
    return Box(left, top, max(1, right - left), max(1, bottom - top))


def outline(picture: Image, box: Box, color: Color, opacity: float = 1.0) -> None:
    """A frame around ``box``, outside of it, so that the ink stays free; ``opacity`` 0-1."""
    height, width = picture.shape[:2]
    line = max(1, round(min(height, width) / 400))
    gap = line + 1
    left, top = max(0, box.x - gap - line), max(0, box.y - gap - line)
    right, bottom = min(width, box.x + box.width + gap + line), min(height, box.y + box.height + gap + line)
    if right <= left or bottom <= top:
        return
    part = picture[top:bottom, left:right]
    drawn = part.copy()
    corners = (box.x - gap - left, box.y - gap - top), (box.x + box.width + gap - left, box.y + box.height + gap - top)
    cv2.rectangle(drawn, corners[0], corners[1], color, line, cv2.LINE_AA)
    cv2.addWeighted(drawn, opacity, part, 1 - opacity, 0, dst=part)


def _color(number: Number, index: int) -> Color:
    return NUMBER_COLORS[(number.id if number.id is not None else index) % len(NUMBER_COLORS)]


def _draw_digit(picture: Image, digit: Digit, color: Color, style: Style) -> None:
    """The box, paler where the network is less sure, and the digit below it."""
    height, width = picture.shape[:2]
    box = place(digit.box, style, width)
    outline(picture, box, color, 0.25 + 0.75 * digit.confidence**2)
    size = _label_size(box, height)
    if not size:
        return
    _draw_below(picture, box, str(digit.digit), size, color)
    if style.debug:
        text = f"{digit.confidence:.0%}"
        below = Box(box.x, box.y + box.height + size * 3 // 2, box.width, 1)
        small = fitting_height(text, size * 2 // 3, box.width)
        if small >= 7:
            _draw_below(picture, below, text, small, color)


def _label_size(box: Box, height: int) -> int:
    """How large the digit below its box is in a picture of that height, pixels; 0: there is none."""
    size = int(min(max(box.height * 0.3, height / 60), height / 30))
    return size if size >= 6 else 0


def _with_label(box: Box, height: int) -> Box:
    """The box with the digit that is written below it."""
    size = _label_size(box, height)
    return Box(box.x, box.y, box.width, box.height + max(4, size // 2) + size if size else box.height)


def _draw_number(picture: Image, number: Number, color: Color, style: Style, layout: Layout) -> None:
    """The number on a plate of its colour, above its digits where there is room."""
    height, width = picture.shape[:2]
    box = place(number.box, style, width)
    digits_px = median([d.box.height for d in number.digits] or [number.box.height]) * style.scale
    size = int(min(max(0.6 * digits_px, height / 36), height / 16))
    size = fitting_height(number.text, max(size, 1), max(1, int(width * 0.9)))
    if size < 5:
        return
    pad = max(2, round(size * 0.4))
    own = Box.around([box, *(_with_label(place(d.box, style, width), height) for d in number.digits)])
    spot = layout.put(own, text_width(number.text, size) + 2 * pad, size + 2 * pad, max(4, height // 120), number.id)
    plate(picture, spot, color, 0.92)
    draw_text(picture, number.text, (spot.x + pad, spot.y + pad), size, _readable_on(color))


def _draw_reject(picture: Image, reject: Reject, style: Style) -> None:
    height, width = picture.shape[:2]
    box = place(reject.box, style, width)
    outline(picture, box, GREY, 0.9)
    if reject.reason and height >= 120:
        _draw_below(picture, box, reject.reason, max(8, height // 60), WHITE, INK)


def _draw_below(picture: Image, box: Box, text: str, size: int, color: Color, rim: Color = WHITE) -> None:
    """Text centred under ``box``, kept inside the picture."""
    height, width = picture.shape[:2]
    wide = text_width(text, size)
    x = min(max(box.x + (box.width - wide) // 2, 0), max(0, width - wide))
    y = min(box.y + box.height + max(4, size // 2), height - size - 2)
    draw_text(picture, text, (x, y), size, color, outline=rim)


def _readable_on(color: Color) -> Color:
    """White or near black, whichever stands out on ``color``."""
    blue, green, red = color
    return INK if 0.114 * blue + 0.587 * green + 0.299 * red > 130 else WHITE

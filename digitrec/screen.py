"""The whole window as one picture: the frame with its reading, a bar below it, messages and help. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import cv2
import numpy as np

from digitrec.layout import Sides
from digitrec.lettering import draw_text, fitting_height, text_width
from digitrec.overlay import (
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILION,
    WHITE,
    YELLOW,
    Style,
    draw_note,
    draw_reading,
    outline,
    place,
    plate,
)
from digitrec.recognizer import Explanation
from digitrec.results import Box, Frame, Image, Reading
from digitrec.window import Command

FILLS = 0.85
"""The largest share of the screen that a new window takes."""

SMALL_PX = 960
"""Narrower frames are enlarged up to this width, so that the writing on them can be read."""

GAP = "   "
"""Between the numbers in the bar."""

LEAST_PX = 9
"""Lower capitals cannot be read: what finds no room is left out of the bar."""

HELP = (
    ("q  Esc", Command.QUIT), ("Space", Command.PAUSE), (".", Command.STEP), ("left", Command.BACK),
    ("right", Command.FORWARD), ("s", Command.SNAPSHOT), ("v", Command.RECORD), ("m", Command.MIRROR),
    ("d", Command.DEBUG), ("r", Command.RECONNECT), ("h", Command.HELP),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What the user has switched on, and the words of the bar.

    Attributes:
        left: the reading, in words of the bar.
        right: rate, latency, time.
        note: a message over the picture; empty: none.
        alarm: the message is about a fault.
        sides: where the numbers' plates are, kept from frame to frame.
    """

    mirror: bool = False
    debug: bool = False
    help: bool = False
    recording: bool = False
    left: str = ""
    right: str = ""
    note: str = ""
    alarm: bool = False
    sides: Sides = field(default_factory=dict, compare=False)


def compose(
    frame: Frame | None, reading: Reading | None, look: Look, size: tuple[int, int], seen: Explanation | None = None
) -> Image:
    """The whole window as one picture; pure.

    Args:
        frame: None: nothing has come yet.
        reading: of ``frame``.
        look: what is switched on.
        size: (width, height) of the window, pixels.
        seen: what the recognizer saw, for the debug view.

    Returns:
        uint8 (height, width, 3).
    """
    width, height = max(1, size[0]), max(1, size[1])
    canvas = np.empty((height, width, 3), np.uint8)
    cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), INK, -1)  # ten times faster than np.full with a colour
    bar = bar_height(height)
    if frame is not None:
        _put_frame(canvas[: height - bar], frame, reading, look, seen)
    if look.note:
        draw_note(canvas[: height - bar], look.note, VERMILION if look.alarm else SKY, at_bottom=False)
    if look.help:
        _put_help(canvas[: height - bar])
    _put_bar(canvas[height - bar :], look)
    return canvas


def bar_height(height_px: int) -> int:
    """Height of the bar in a window of ``height_px``."""
    return min(height_px // 4, max(26, height_px // 14))


def first_size(frame: tuple[int, int], screen: tuple[int, int]) -> tuple[int, int]:
    """The size, (width, height) pixels, of a new window for frames of the size ``frame`` on ``screen``."""
    room = screen[0] * FILLS, screen[1] * FILLS * 13 / 14
    scale = min(max(1.0, SMALL_PX / frame[0]), room[0] / frame[0], room[1] / frame[1])
    width, height = max(1, round(frame[0] * scale)), max(1, round(frame[1] * scale))
    return width, height + max(26, round(height / 13))


def _put_frame(area: Image, frame: Frame, reading: Reading | None, look: Look, seen: Explanation | None) -> None:
    """The frame as large as it fits, in the middle of ``area``; text is drawn after scaling, so it stays sharp."""
    height, width = area.shape[:2]
    scale = min(width / frame.size[0], height / frame.size[1])
    inner = max(1, round(frame.size[0] * scale)), max(1, round(frame.size[1] * scale))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    picture = area[top : top + inner[1], left : left + inner[0]]
    image = frame.image if seen is None else _ink_view(frame.image, seen.mask)
    if inner != frame.size:
        image = np.asarray(cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < 0.6 else cv2.INTER_LINEAR))
    picture[:] = image[:, ::-1] if look.mirror else image
    style = Style(scale, look.mirror, look.debug, look.sides)
    if seen is not None:
        for box in seen.candidates:
            outline(picture, place(box, style, inner[0]), YELLOW, 0.8)
    if reading is not None:
        draw_reading(picture, reading, style)


def _ink_view(image: Image, mask: Image) -> Image:
    """The frame greyed and darkened, its ink in sky blue."""
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    dim = np.asarray(cv2.convertScaleAbs(grey, alpha=0.35), np.uint8)
    dim[mask > 0] = SKY
    return dim


def _put_bar(bar: Image, look: Look) -> None:
    """The strip below the picture: the reading at the left, rate and switches at the right."""
    height, width = bar.shape[:2]
    margin = max(4, height // 3)
    small = max(7, height // 4)
    switches = [name for name, on in (("mirrored", look.mirror), ("debug", look.debug)) if on]
    right = "   ".join([*switches, look.right]) if look.right else "   ".join(switches)
    small = fitting_height(right, small, max(1, width // 2)) if right else small
    right_width = text_width(right, small) if right else 0
    draw_text(bar, right, (width - margin - right_width, (height - small) // 2), small, GREY)
    room = width - 3 * margin - right_width
    if look.recording:
        radius = max(3, height // 6)
        cv2.circle(bar, (width - 2 * margin - right_width - radius, height // 2), radius, VERMILION, -1, cv2.LINE_AA)
        room -= 2 * radius + margin
    if look.left and room > 0:
        left, size = fitted(look.left, max(8, height * 45 // 100), room)
        draw_text(bar, left, (margin, (height - size) // 2), size, WHITE)


def fitted(text: str, height_px: int, width_px: int) -> tuple[str, int]:
    """What of the bar's words finds room in ``width_px``, as ``7042   15 ... +21``, and how high it is written."""
    size = fitting_height(text, height_px, width_px)
    least = min(LEAST_PX, height_px)
    return (text, size) if size >= least else (_cut(text, least, width_px), least)


def _cut(text: str, height_px: int, width_px: int) -> str:
    words = text.split(GAP)

    def first_words(count: int) -> str:
        return f"{GAP.join(words[:count])} ... +{len(words) - count}"

    def width(line: str) -> int:
        return text_width(line, height_px)

    count = bisect_right(range(1, len(words)), width_px, key=lambda n: width(first_words(n)))
    if count:
        return first_words(count)
    letters = bisect_right(range(1, len(text)), width_px, key=lambda n: width(text[:n] + "..."))
    return text[:letters] + "..." if letters else ""


def _put_help(area: Image) -> None:
    """The keys, on a plate in the middle."""
    height, width = area.shape[:2]
    size = max(6, min(height // 34, width // 48))
    line = size * 21 // 10
    keys_width = max(text_width(key, size) for key, _ in HELP)
    column = keys_width + 2 * size
    inner = column + max(text_width(command.value, size) for _, command in HELP)
    box_width, box_height = inner + 4 * size, line * (len(HELP) + 1) + 2 * size
    left, top = (width - box_width) // 2, max(0, (height - box_height) // 2)
    plate(area, Box(left, top, box_width, box_height), INK, 0.88)
    y = top + 2 * size
    for key, command in HELP:
        draw_text(area, key, (left + 2 * size, y), size, ORANGE)
        draw_text(area, command.value, (left + 2 * size + column, y), size, WHITE)
        y += line
    draw_text(area, "a video plays here at its own speed", (left + 2 * size, y), size * 3 // 4, GREY)

"""Colours, fonts, icons and anti-aliased shapes of the window."""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path

import numpy as np
import pygame

from digitrec.canvas.icons import icon_strokes
from digitrec.canvas.render import coverage, stroke_region
from digitrec.canvas.strokes import Stroke
from digitrec.results import Image

Colour = tuple[int, int, int]

DESK: Colour = (237, 240, 244)
PAPER_EDGE: Colour = (214, 219, 226)
PANEL: Colour = (255, 255, 255)
FIELD: Colour = (244, 246, 249)
TEXT: Colour = (25, 33, 43)
SOFT: Colour = (96, 107, 121)
FAINT: Colour = (165, 173, 184)
LINE: Colour = (225, 229, 235)
# Okabe and Ito (2008): told apart with every kind of colour blindness. Line style and words say the same again.
BLUE: Colour = (0, 114, 178)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
ORANGE: Colour = (230, 159, 0)
VERMILLION: Colour = (213, 94, 0)

_FONTS = {
    "win32": (("C:/Windows/Fonts/segoeui.ttf", "C:/Windows/Fonts/seguisb.ttf"),),
    "darwin": (("/System/Library/Fonts/SFNS.ttf", "/System/Library/Fonts/SFNS.ttf"),),
    "linux": tuple(
        (f"/usr/share/fonts/{regular}", f"/usr/share/fonts/{bold}")
        for regular, bold in (
            ("truetype/inter/Inter-Regular.ttf", "truetype/inter/Inter-SemiBold.ttf"),
            ("truetype/noto/NotoSans-Regular.ttf", "truetype/noto/NotoSans-SemiBold.ttf"),
            ("truetype/noto/NotoSans-Regular.ttf", "truetype/noto/NotoSans-Bold.ttf"),
            ("noto/NotoSans-Regular.ttf", "noto/NotoSans-Bold.ttf"),
            ("google-noto/NotoSans-Regular.ttf", "google-noto/NotoSans-Bold.ttf"),
            ("truetype/open-sans/OpenSans-Regular.ttf", "truetype/open-sans/OpenSans-Semibold.ttf"),
            ("truetype/dejavu/DejaVuSans.ttf", "truetype/dejavu/DejaVuSans-Bold.ttf"),
            ("TTF/DejaVuSans.ttf", "TTF/DejaVuSans-Bold.ttf"),
            ("truetype/liberation/LiberationSans-Regular.ttf", "truetype/liberation/LiberationSans-Bold.ttf"),
            ("truetype/freefont/FreeSans.ttf", "truetype/freefont/FreeSansBold.ttf"),
        )
    ),
}
"""(regular, bold) files that are tried in order; the font that pygame carries is used where there is none. Looked up by
path: ``pygame.font.SysFont`` first runs ``fc-list``, which takes a tenth of a second and longer with many fonts."""


_OWN_FONT_GROWTH = 1.2
"""pygame's own font is smaller than others of the same size."""


class Theme:
    """Draws text, shapes and icons at one interface scale and keeps what it has drawn.

    Args:
        scale: of the interface; 2 on a HiDPI screen.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._fonts: dict[tuple[int, bool], pygame.font.Font] = {}
        self._texts: dict[tuple[str, int, Colour, bool], pygame.Surface] = {}
        self._shapes: dict[tuple[object, ...], pygame.Surface] = {}

    def px(self, value: float) -> int:
        """A length at a scale of 1 in window pixels."""
        return round(value * self.scale)

    @cached_property
    def _files(self) -> tuple[str | None, str | None]:
        platform = "linux" if sys.platform.startswith(("linux", "freebsd")) else sys.platform
        for regular, bold in _FONTS.get(platform, ()):
            if Path(regular).is_file() and Path(bold).is_file():
                return regular, bold
        return None, None

    def font(self, size: float, bold: bool = False) -> pygame.font.Font:
        """A font of ``size`` at a scale of 1."""
        key = self.px(size), bold
        if key not in self._fonts:
            file = self._files[bold]
            self._fonts[key] = pygame.font.Font(file, key[0] if file else round(key[0] * _OWN_FONT_GROWTH))
        return self._fonts[key]

    def text(self, text: str, size: float, colour: Colour = TEXT, bold: bool = False) -> pygame.Surface:
        """One line of text."""
        key = text, self.px(size), colour, bold
        if key not in self._texts:
            if len(self._texts) > 400:
                self._texts.clear()
            self._texts[key] = self.font(size, bold).render(text, True, colour)
        return self._texts[key]

    def width(self, text: str, size: float, bold: bool = False) -> int:
        """Window pixels that a line of text takes."""
        return int(self.font(size, bold).size(text)[0])

    def wrap(self, text: str, size: float, width: int, lines: int) -> list[str]:
        """Break ``text`` into at most ``lines`` lines of ``width`` pixels; what is too long ends in an ellipsis."""
        out: list[str] = []
        line = ""
        for word in text.split():
            longer = f"{line} {word}" if line else word
            if line and self.width(longer, size) > width:
                out.append(line)
                line = word
            else:
                line = longer
        out.append(line)
        if len(out) > lines:
            out = [*out[: lines - 1], " ".join(out[lines - 1 :])]
        return [self.shorten(text_line, size, width) for text_line in out]

    def shorten(self, text: str, size: float, width: int, bold: bool = False) -> str:
        """``text`` cut to ``width`` pixels, with an ellipsis where something is missing."""
        if self.width(text, size, bold) <= width:
            return text
        while text and self.width(text + "...", size, bold) > width:
            text = text[:-1]
        return text.rstrip() + "..."

    def rounded(
        self, size: tuple[int, int], radius: float, fill: Colour | None, edge: Colour | None = None, width: float = 1
    ) -> pygame.Surface:
        """A rectangle with round, smooth corners; ``fill`` None leaves the inside open."""
        key = ("rounded", size, self.px(radius), fill, edge, width)
        if key not in self._shapes:
            if len(self._shapes) > 400:
                self._shapes.clear()
            self._shapes[key] = self._rounded(size, self.px(radius), fill, edge, max(1, self.px(width)))
        return self._shapes[key]

    @staticmethod
    def _rounded(
        size: tuple[int, int], radius: int, fill: Colour | None, edge: Colour | None, width: int
    ) -> pygame.Surface:
        fine = 4
        big = pygame.Surface((max(1, size[0]) * fine, max(1, size[1]) * fine), pygame.SRCALPHA)
        big.fill((*(edge or fill or TEXT), 0))  # transparent, of the right colour: else the edges turn grey
        area = big.get_rect()
        if fill is not None:
            pygame.draw.rect(big, fill, area, border_radius=radius * fine)
        if edge is not None:
            pygame.draw.rect(big, edge, area, width * fine, border_radius=radius * fine)
        return pygame.transform.smoothscale(big, (max(1, size[0]), max(1, size[1])))

    def icon(self, name: str, side: int, colour: Colour) -> pygame.Surface:
        """A line drawing of ``side`` x ``side`` pixels."""
        key = ("icon", name, side, colour)
        if key not in self._shapes:
            self._shapes[key] = _icon(name, side, colour)
        return self._shapes[key]

    def ring(self, diameter: float, colour: Colour) -> pygame.Surface:
        """The outline of the brush, ``diameter`` window pixels wide, visible on white and on black."""
        key = ("ring", round(diameter * 2), colour)
        if key not in self._shapes:
            side = int(diameter) + 6
            big = pygame.Surface((side * 4, side * 4), pygame.SRCALPHA)
            big.fill((255, 255, 255, 0))
            pygame.draw.circle(big, (255, 255, 255, 150), (side * 2, side * 2), round(diameter * 2) + 5, 5)
            pygame.draw.circle(big, colour, (side * 2, side * 2), max(3, round(diameter * 2)), 5)
            self._shapes[key] = pygame.transform.smoothscale(big, (side, side))
        return self._shapes[key]


def _icon(name: str, side: int, colour: Colour) -> pygame.Surface:
    cover = np.zeros((side, side), np.uint8)
    scale = side / 24
    for stroke in icon_strokes(name):
        x0, y0, x1, y1 = region = stroke_region(stroke, scale, (side, side))
        cover[y0:y1, x0:x1] = np.maximum(cover[y0:y1, x0:x1], coverage(stroke, scale, region))
    return _tinted(cover, colour)


def window_icon() -> pygame.Surface:
    """The picture that the desktop shows for the window: a 7 on blue."""
    side = 64
    icon = Theme._rounded((side, side), 14, BLUE, None, 1)
    cover = np.zeros((side, side), np.uint8)
    for stroke in (Stroke(((19, 18), (46, 17)), 7), Stroke(((46, 17), (36, 32), (29, 49)), 7)):
        x0, y0, x1, y1 = region = stroke_region(stroke, 1, (side, side))
        cover[y0:y1, x0:x1] = np.maximum(cover[y0:y1, x0:x1], coverage(stroke, 1, region))
    icon.blit(_tinted(cover, (255, 255, 255)), (0, 0))
    return icon


def _tinted(cover: Image, colour: Colour) -> pygame.Surface:
    """A coverage mask, uint8 (H, W), as a surface of one colour."""
    pixels = np.empty((*cover.shape, 4), np.uint8)
    pixels[..., :3] = colour
    pixels[..., 3] = cover
    return pygame.image.frombuffer(pixels.tobytes(), (cover.shape[1], cover.shape[0]), "RGBA")

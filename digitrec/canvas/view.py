"""Draws the session into the window: the paper, the marks on it and the tools around it."""

from __future__ import annotations

import numpy as np
import pygame

from digitrec.canvas import theme as colours
from digitrec.canvas.layout import Rect
from digitrec.canvas.markings import Label, draw_marks
from digitrec.canvas.panel import draw_panel
from digitrec.canvas.popups import draw_help, draw_prompt
from digitrec.canvas.prompt import PathPrompt
from digitrec.canvas.render import Raster
from digitrec.canvas.session import Session
from digitrec.canvas.theme import Theme
from digitrec.canvas.wording import default_status

LABELS = {"undo": "Undo", "redo": "Redo", "eraser": "Eraser", "clear": "Clear", "done": "Done", "save": "Save"}


class View:
    """The window's picture.

    Args:
        screen: the window's surface; replaced when the window is resized.
        scale: of the interface.
    """

    def __init__(self, screen: pygame.Surface, scale: float) -> None:
        self.screen = screen
        self.theme = Theme(scale)
        self._raster: Raster | None = None
        self._paper = pygame.Surface((1, 1))
        self._labels: list[Label] = []

    def draw(
        self, session: Session, pointer: tuple[int, int] | None, prompt: PathPrompt | None = None, note: str = ""
    ) -> None:
        """Draw everything.

        Args:
            session: what to show.
            pointer: where the mouse is, window pixels; None while it is elsewhere or a finger draws.
            prompt: the path being typed, or None.
            note: shown at the right of the status line.
        """
        layout = session.layout
        if session.scale != self.theme.scale:
            self.theme = Theme(session.scale)
        self.screen.fill(colours.DESK)
        self._draw_paper(session)
        clip = self.screen.get_clip()
        self.screen.set_clip(pygame.Rect(layout.paper))
        self._labels = draw_marks(self.screen, self.theme, session, self._raster is not None and self._raster.is_dark)
        if pointer is not None and session.viewport.area.holds(*pointer) and not session.help_open and prompt is None:
            self._draw_ring(session, pointer)
        self.screen.set_clip(clip)
        self._draw_toolbar(session, pointer)
        self._draw_status(session, note)
        draw_panel(self.screen, self.theme, session)
        if session.help_open:
            draw_help(self.screen, self.theme)
        if prompt is not None:
            draw_prompt(self.screen, self.theme, prompt)

    def label_at(self, x: float, y: float) -> int | None:
        """The number of the mark whose label is at a window pixel, as last drawn."""
        return next((index for rect, index in reversed(self._labels) if rect.holds(x, y)), None)

    # -- paper -------------------------------------------------------------------------------------------------

    def _draw_paper(self, session: Session) -> None:
        viewport = session.viewport
        area = viewport.area
        size = area.width, area.height
        if self._raster is None or (self._raster.size, self._raster.scale) != (size, viewport.zoom):
            self._raster = Raster(size, viewport.zoom)
            self._paper = pygame.Surface(size)
            self._paper.fill((255, 255, 255))
        x0, y0, x1, y1 = self._raster.show(session.drawing, session.live)
        if x1 > x0:
            pixels = np.ascontiguousarray(self._raster.image[y0:y1, x0:x1, ::-1])
            self._paper.blit(pygame.image.frombuffer(pixels.data, (x1 - x0, y1 - y0), "RGB"), (x0, y0))
        self._draw_shadow(area)
        self.screen.blit(self._paper, (area.x, area.y))
        edge = self.theme.rounded((area.width + 2, area.height + 2), 2, None, colours.PAPER_EDGE)
        self.screen.blit(edge, (area.x - 1, area.y - 1))
        if session.drawing.is_blank and not session.live:
            self._draw_invitation(session, area)

    def _draw_shadow(self, area: Rect) -> None:
        for grow, shade in ((4, 233), (3, 230), (2, 226)):
            r = area.inset(-self.theme.px(grow - 1))
            tint = (shade, shade + 3, shade + 7)
            self.screen.blit(self.theme.rounded((r.width, r.height), grow + 2, tint), (r.x, r.y + self.theme.px(2)))

    def _draw_invitation(self, session: Session, area: Rect) -> None:
        x, y = area.center
        lines = (("Draw digits here", 26, colours.FAINT), ("or drop a picture, or paste one", 15, colours.FAINT))
        y -= self.theme.px(24)
        for text, size, colour in lines:
            surface = self.theme.text(text, size, colour)
            self.screen.blit(surface, (x - surface.get_width() // 2, y))
            y += surface.get_height() + self.theme.px(8)

    def _draw_ring(self, session: Session, pointer: tuple[int, int]) -> None:
        colour = colours.VERMILLION if session.erasing else colours.SOFT
        ring = self.theme.ring(session.width * session.viewport.zoom, colour)
        self.screen.blit(ring, (pointer[0] - ring.get_width() // 2, pointer[1] - ring.get_height() // 2))

    # -- tools -------------------------------------------------------------------------------------------------

    def _draw_toolbar(self, session: Session, pointer: tuple[int, int] | None) -> None:
        usable = {"undo": session.history.can_undo, "redo": session.history.can_redo}
        usable |= {"clear": not session.drawing.is_blank, "save": not session.drawing.is_blank}
        for name, rect in session.layout.buttons.items():
            over = pointer is not None and rect.holds(*pointer)
            state = ("on" if name == "eraser" and session.erasing else "", over, session.focus == name)
            self._draw_button(name, rect, usable.get(name, True), state)
        brush = session.layout.brush
        x, y = brush.center
        number = self.theme.text(f"{session.width:.0f}", 11, colours.SOFT)
        dot = min(session.width * session.viewport.zoom, self.theme.px(20))
        colour = colours.VERMILLION if session.erasing else colours.TEXT
        disc = self.theme.rounded((max(2, round(dot)), max(2, round(dot))), dot / 2 / self.theme.scale, colour)
        self.screen.blit(disc, (x - disc.get_width() // 2, y - self.theme.px(7) - disc.get_height() // 2))
        self.screen.blit(number, (x - number.get_width() // 2, brush.bottom - number.get_height()))

    def _draw_button(self, name: str, rect: Rect, usable: bool, state: tuple[str, bool, bool]) -> None:
        theme = self.theme
        on, over, focused = state
        main = name == "done" or bool(on)
        fill = colours.BLUE if name == "done" else colours.VERMILLION if on else colours.PANEL
        if over and usable:
            fill = _mix(fill, (0, 0, 0), 0.06)
        ink = (255, 255, 255) if main else colours.TEXT if usable else colours.FAINT
        edge = None if main else colours.PAPER_EDGE
        if focused:
            halo = rect.inset(-theme.px(3))
            self.screen.blit(theme.rounded((halo.width, halo.height), 11, None, colours.BLUE, 2), (halo.x, halo.y))
        self.screen.blit(theme.rounded((rect.width, rect.height), 8, fill, edge), (rect.x, rect.y))
        icon = theme.icon(name, theme.px(18), ink)
        label = theme.text(LABELS[name], 14, ink) if name in LABELS else None
        gap = theme.px(6)
        if label is not None and icon.get_width() + gap + label.get_width() > rect.width - theme.px(8):
            label = None  # a narrow window keeps the icons
        width = icon.get_width() + (gap + label.get_width() if label else 0)
        x = rect.x + (rect.width - width) // 2
        self.screen.blit(icon, (x, rect.y + (rect.height - icon.get_height()) // 2))
        if label:
            self.screen.blit(label, (x + icon.get_width() + gap, rect.y + (rect.height - label.get_height()) // 2))

    def _draw_status(self, session: Session, note: str) -> None:
        rect = session.layout.status
        right = self.theme.text(note, 13, colours.SOFT)
        text = session.status or default_status(session)
        room = rect.width - right.get_width() - self.theme.px(12)
        left = self.theme.text(self.theme.shorten(text, 13, room), 13, colours.SOFT)
        y = rect.y + (rect.height - left.get_height()) // 2
        self.screen.blit(left, (rect.x, y))
        self.screen.blit(right, (rect.right - right.get_width(), y))


def _mix(a: colours.Colour, b: colours.Colour, share: float) -> colours.Colour:
    r, g, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return r, g, blue

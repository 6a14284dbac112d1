"""Boxes and labels over the drawing: what is read, with how much confidence, and what is not answered."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from digitrec.canvas import theme as colours
from digitrec.canvas.layout import Rect
from digitrec.canvas.marks import Kind, Mark
from digitrec.canvas.session import Session
from digitrec.canvas.theme import Theme
from digitrec.canvas.wording import percent

SURE = 0.9
"""Answers below this confidence are drawn in another colour, with their confidence."""

Label = tuple[Rect, int]
"""Where a mark's label is in the window, and the mark's number."""


@dataclass(frozen=True, slots=True)
class Style:
    """Colour of the line, of the text on a label of that colour, and the length of dashes; 0 for a full line."""

    line: colours.Colour
    text: colours.Colour
    dashes: int = 0


_ON_LIGHT = {
    "sure": Style(colours.BLUE, colours.PANEL),
    "unsure": Style(colours.VERMILLION, colours.PANEL),
    "corrected": Style(colours.GREEN, colours.PANEL),
    "rejected": Style(colours.SOFT, colours.PANEL, 5),
}
_ON_DARK = {
    "sure": Style(colours.SKY, colours.TEXT),
    "unsure": Style(colours.ORANGE, colours.TEXT),
    "corrected": Style(colours.GREEN, colours.PANEL),
    "rejected": Style(colours.FAINT, colours.TEXT, 5),
}


def style_of(mark: Mark, on_dark: bool) -> Style:
    """How ``mark`` is drawn on light or on dark paper."""
    name = "sure" if mark.confidence >= SURE else "unsure"
    if mark.kind is not Kind.READ:
        name = mark.kind.value
    return (_ON_DARK if on_dark else _ON_LIGHT)[name]


def draw_marks(screen: pygame.Surface, theme: Theme, session: Session, on_dark: bool) -> list[Label]:
    """Draw all marks, what is answered over what is not; where the labels are."""
    answer = session.answer
    if answer is None:
        return []
    labels: list[Label] = []
    for index in sorted(range(len(session.marks)), key=lambda i: session.marks[i].kind is not Kind.REJECTED):
        mark = session.marks[index]
        x, y, width, height = (v / answer.scale for v in mark.box)
        rect = session.viewport.rect_to_window(x, y, width, height).inset(-theme.px(5))
        style = style_of(mark, on_dark)
        looked_at = index in (session.focus, session.hovered)
        if session.focus == index:
            halo = rect.inset(-theme.px(4))
            ink = colours.PANEL if on_dark else colours.TEXT
            screen.blit(theme.rounded((halo.width, halo.height), 9, None, ink, 2), (halo.x, halo.y))
        on_photo = session.drawing.picture is not None and not looked_at
        if style.dashes:
            ink = colours.FAINT if on_photo else style.line  # a photo has many: they must not outshine the digits
            _dashed(screen, rect, ink, theme.px(style.dashes), max(1, theme.px(1 if on_photo else 1.5)))
        else:
            screen.blit(theme.rounded((rect.width, rect.height), 6, None, style.line, 2), (rect.x, rect.y))
        if mark.kind is not Kind.REJECTED or looked_at or (rect.height > theme.px(34) and not on_photo):
            labels.append((_draw_label(screen, theme, (mark, style), rect, session.layout.paper, labels), index))
    return labels


def _draw_label(
    screen: pygame.Surface, theme: Theme, shown: tuple[Mark, Style], rect: Rect, area: Rect, others: list[Label]
) -> Rect:
    mark, style = shown
    small = rect.width < theme.px(52)
    details = {Kind.READ: percent(mark.confidence), Kind.CORRECTED: "by you", Kind.REJECTED: ""}
    detail = "" if small else details[mark.kind]
    main = theme.text("?" if mark.digit is None else str(mark.digit), 15 if small else 18, style.text, bold=True)
    extra = theme.text(detail, 12, style.text) if detail else None
    pad, gap = theme.px(7), theme.px(6)
    width = main.get_width() + 2 * pad + (extra.get_width() + gap if extra else 0)
    height = theme.px(21 if small else 25)
    x, y = _place(theme, rect, (width, height), area, others)
    screen.blit(theme.rounded((width, height), 7, style.line), (x, y))
    screen.blit(main, (x + pad, y + (height - main.get_height()) // 2))
    if extra:
        top = y + (height - extra.get_height()) // 2 + theme.px(1)
        screen.blit(extra, (x + pad + main.get_width() + gap, top))
    return Rect(x, y, width, height)


def _place(theme: Theme, rect: Rect, size: tuple[int, int], area: Rect, others: list[Label]) -> tuple[int, int]:
    """Above the box, or below it where another label or the edge of the paper is in the way."""
    gap = theme.px(4)
    x = min(max(rect.x, area.x), area.right - size[0])
    above, below = rect.y - size[1] - gap, rect.bottom + gap
    for y in (above, below):
        inside = area.y <= y <= area.bottom - size[1]
        if inside and not any(_touch(label, Rect(x, y, *size)) for label, _ in others):
            return x, y
    return x, max(above, area.y)


def _touch(a: Rect, b: Rect) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def _dashed(screen: pygame.Surface, rect: Rect, colour: colours.Colour, dash: int, width: int) -> None:
    for x in range(rect.x, rect.right, dash * 2):
        length = min(dash, rect.right - x)
        for y in (rect.y, rect.bottom - width):
            screen.fill(colour, (x, y, length, width))
    for y in range(rect.y, rect.bottom, dash * 2):
        length = min(dash, rect.bottom - y)
        for x in (rect.x, rect.right - width):
            screen.fill(colour, (x, y, width, length))

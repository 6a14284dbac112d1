"""Boxes and labels over the drawing: what is read, with how much confidence, and what is not answered."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from digitrec.canvas import theme as colours
from digitrec.canvas.labels import Wanted, place_labels
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


@dataclass(frozen=True, slots=True)
class Form:
    """One way to show a label: its texts side by side, (width, height), the room beside them and its corners."""

    texts: tuple[pygame.Surface, ...]
    size: tuple[int, int]
    pad: int
    radius: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark, how it is drawn, and where its box is in the window."""

    theme: Theme
    mark: Mark
    style: Style
    rect: Rect

    @property
    def forms(self) -> tuple[Form, ...]:
        """How its label can be shown, the largest first: the last is a tag on a corner of the box."""
        details = {Kind.READ: percent(self.mark.confidence), Kind.CORRECTED: "by you", Kind.REJECTED: ""}
        small = self._form("", 15, 21, 7), self._form("", 11, 14, 3)
        detail = details[self.mark.kind] if self.rect.width >= self.theme.px(52) else ""
        return (self._form(detail, 18, 25, 7), *small) if detail else small

    def _form(self, detail: str, size: int, height: int, pad: int) -> Form:
        theme, ink = self.theme, self.style.text
        digit = theme.text("?" if self.mark.digit is None else str(self.mark.digit), size, ink, bold=True)
        texts = (digit, theme.text(detail, 12, ink)) if detail else (digit,)
        width = sum(t.get_width() for t in texts) + theme.px(6) * (len(texts) - 1) + 2 * theme.px(pad)
        return Form(texts, (width, theme.px(height)), theme.px(pad), min(7, height / 4))


def style_of(mark: Mark, on_dark: bool) -> Style:
    """How ``mark`` is drawn on light or on dark paper."""
    name = "sure" if mark.confidence >= SURE else "unsure"
    if mark.kind is not Kind.READ:
        name = mark.kind.value
    return (_ON_DARK if on_dark else _ON_LIGHT)[name]


def draw_marks(screen: pygame.Surface, theme: Theme, session: Session, on_dark: bool) -> list[Label]:
    """Draw all boxes, what is answered over what is not, and over them the labels; where the labels are."""
    answer = session.answer
    if answer is None:
        return []
    rects = _rects(theme, session, answer.scale)
    shown = [Shown(theme, mark, style_of(mark, on_dark), rect) for mark, rect in zip(session.marks, rects, strict=True)]
    answered_last = sorted(range(len(shown)), key=lambda i: shown[i].mark.kind is not Kind.REJECTED)
    for index in answered_last:
        _draw_box(screen, session, index, shown[index], on_dark)
    labelled = [i for i in answered_last if _has_label(theme, session, i, rects[i])]
    labelled.sort(key=lambda i: session.marks[i].kind is Kind.REJECTED)
    # Boxes that no label may cover; a photo has many rejects, which are pale.
    solid = [i for i, m in enumerate(session.marks) if m.kind is not Kind.REJECTED or i in labelled]
    forms = {i: shown[i].forms for i in labelled}
    wanted = tuple(Wanted(solid.index(i), tuple(f.size for f in forms[i])) for i in labelled)
    placed = place_labels(tuple(rects[i] for i in solid), wanted, session.layout.paper, theme.px(4))
    for own, form, rect in placed:
        _draw_label(screen, theme, forms[solid[own]][form], shown[solid[own]].style, rect)
    return [(rect, solid[own]) for own, _, rect in placed]


def _rects(theme: Theme, session: Session, scale: float) -> list[Rect]:
    """The marks' boxes in the window, somewhat larger than their ink."""
    to_window = session.viewport.rect_to_window
    return [to_window(*(v / scale for v in m.box)).inset(-theme.px(5)) for m in session.marks]


def _has_label(theme: Theme, session: Session, index: int, rect: Rect) -> bool:
    if session.marks[index].kind is not Kind.REJECTED or index in (session.focus, session.hovered):
        return True
    return rect.height > theme.px(34) and session.drawing.picture is None


def _draw_box(screen: pygame.Surface, session: Session, index: int, shown: Shown, on_dark: bool) -> None:
    theme, style, rect = shown.theme, shown.style, shown.rect
    if session.focus == index:
        halo = rect.inset(-theme.px(4))
        ink = colours.PANEL if on_dark else colours.TEXT
        screen.blit(theme.rounded((halo.width, halo.height), 9, None, ink, 2), (halo.x, halo.y))
    if style.dashes:
        on_photo = session.drawing.picture is not None and index not in (session.focus, session.hovered)
        ink = colours.FAINT if on_photo else style.line  # a photo has many: they must not outshine the digits
        _dashed(screen, rect, ink, theme.px(style.dashes), max(1, theme.px(1 if on_photo else 1.5)))
    else:
        screen.blit(theme.rounded((rect.width, rect.height), 6, None, style.line, 2), (rect.x, rect.y))


def _draw_label(screen: pygame.Surface, theme: Theme, form: Form, style: Style, rect: Rect) -> None:
    screen.blit(theme.rounded(form.size, form.radius, style.line), (rect.x, rect.y))
    x = rect.x + form.pad
    for text in form.texts:
        lower = theme.px(1) if text is not form.texts[0] else 0
        screen.blit(text, (x, rect.y + (rect.height - text.get_height()) // 2 + lower))
        x += text.get_width() + theme.px(6)


def _dashed(screen: pygame.Surface, rect: Rect, colour: colours.Colour, dash: int, width: int) -> None:
    for x in range(rect.x, rect.right, dash * 2):
        length = min(dash, rect.right - x)
        for y in (rect.y, rect.bottom - width):
            screen.fill(colour, (x, y, length, width))
    for y in range(rect.y, rect.bottom, dash * 2):
        length = min(dash, rect.bottom - y)
        for x in (rect.x, rect.right - width):
            screen.fill(colour, (x, y, width, length))

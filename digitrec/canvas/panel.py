"""The right side of the window: the number, its words, and how the network sees one glyph."""

from __future__ import annotations

import numpy as np
import pygame

from digitrec.canvas import theme as colours
from digitrec.canvas.layout import Rect
from digitrec.canvas.marks import Kind, Mark
from digitrec.canvas.session import Session
from digitrec.canvas.theme import Theme
from digitrec.canvas.wording import number_lines, percent, verdict, why_nothing
from digitrec.results import Image
from digitrec.words import in_words

SMALLEST_NUMBER = 20
"""Font size of numbers where there are many."""

Block = list[tuple[pygame.Surface, int]]
"""The lines of a number and of its words, and from each the way to the next, pixels."""


def draw_panel(screen: pygame.Surface, theme: Theme, session: Session) -> None:
    """Draw the panel of ``session``."""
    layout = session.layout
    screen.fill(colours.PANEL, layout.panel)
    screen.fill(colours.LINE, (layout.panel.x, 0, max(1, theme.px(1)), layout.panel.height))
    _draw_number(screen, theme, session, layout.number)
    mark = session.shown_mark
    heading_y = layout.crop.y - theme.px(26)
    screen.fill(colours.LINE, (layout.crop.x, heading_y - theme.px(14), layout.number.width, max(1, theme.px(1))))
    screen.blit(theme.text("As the network sees it", 13, colours.SOFT), (layout.crop.x, heading_y))
    _draw_crop(screen, theme, mark, layout.crop)
    if mark is not None:
        _draw_verdict(screen, theme, mark, layout.verdict)
    _draw_chart(screen, theme, mark, layout.chart)


def _draw_number(screen: pygame.Surface, theme: Theme, session: Session, area: Rect) -> None:
    screen.blit(theme.text("Reading", 13, colours.SOFT), (area.x, area.y))
    y = area.y + theme.px(24)
    numbers = number_lines(session)
    if not numbers:
        _draw_nothing(screen, theme, session, Rect(area.x, y, area.width, area.bottom - y))
        return
    ink = colours.FAINT if session.manual and session.is_stale else colours.TEXT
    blocks, left_out = fitting_blocks(theme, numbers, Rect(area.x, y, area.width, area.bottom - y), ink)
    for block in blocks:
        for surface, step in block:
            if surface is block[0][0] or y + surface.get_height() <= area.bottom:
                screen.blit(surface, (area.x, y))
            y += step
    if left_out:
        more = theme.text(f"and {left_out} more", 13, colours.SOFT)
        screen.blit(more, (area.x, min(y, area.bottom - more.get_height())))


def fitting_blocks(
    theme: Theme, numbers: list[str], room: Rect, ink: colours.Colour = colours.TEXT
) -> tuple[list[Block], int]:
    """As many numbers as ``room`` holds: without their words, and then smaller, before one is left out.

    Args:
        theme: writes them.
        numbers: at least one.
        room: where they go.
        ink: of the numbers.

    Returns:
        What is written of each, and how many are left out.
    """
    size, words_size, words_lines = {1: (76, 18, 5), 2: (50, 15, 2), 3: (36, 13, 1)}.get(len(numbers), (28, 12, 1))
    for style in ((size, words_size, words_lines), (size, 0, 0), (min(size, 28), 0, 0), (SMALLEST_NUMBER, 0, 0)):
        if len(numbers) * theme.px(style[0]) > room.height and len(numbers) > 1:
            continue  # not even without the room between lines: nothing needs to be written to know it
        blocks = [_block(theme, text, style, room.width, ink) for text in numbers]
        if len(numbers) == 1 or sum(map(_height, blocks)) <= room.height:  # a single one's words may be cut
            return blocks, 0
    most = max(1, room.height // theme.px(SMALLEST_NUMBER))
    blocks = [_block(theme, text, (SMALLEST_NUMBER, 0, 0), room.width, ink) for text in numbers[:most]]
    while len(blocks) > 1 and sum(map(_height, blocks)) + theme.px(20) > room.height:
        blocks.pop()
    return blocks, len(numbers) - len(blocks)


def _block(theme: Theme, text: str, style: tuple[int, int, int], width: int, ink: colours.Colour) -> Block:
    """A number of a font size, and its words of another in so many lines."""
    size, words_size, words_lines = style
    fitted = _fit(theme, text, size, width)
    number = theme.text(theme.shorten(text, fitted, width, bold=True), fitted, ink, bold=True)
    block = [(number, number.get_height() - theme.px(size * 0.06))]
    for line in theme.wrap(in_words(text), words_size, width, words_lines) if words_lines else ():
        words = theme.text(line, words_size, colours.SOFT)
        block.append((words, words.get_height() + theme.px(1)))
    last, step = block[-1]
    return [*block[:-1], (last, step + theme.px(6 if words_lines else 0))]


def _height(block: Block) -> int:
    return sum(step for _, step in block)


def _fit(theme: Theme, text: str, size: float, width: int) -> float:
    """The largest font size up to ``size`` at which ``text`` fits, at least a third of it."""
    wide = theme.width(text, size, bold=True)
    return size if wide <= width else max(size / 3, int(size * width / wide))


def _draw_nothing(screen: pygame.Surface, theme: Theme, session: Session, area: Rect) -> None:
    y = area.y + theme.px(4)
    screen.fill(colours.LINE, (area.x, y + theme.px(30), theme.px(44), theme.px(5)))
    y += theme.px(52)
    for line in theme.wrap(why_nothing(session), 15, area.width, 3):
        surface = theme.text(line, 15, colours.SOFT)
        screen.blit(surface, (area.x, y))
        y += surface.get_height() + theme.px(2)


def _draw_crop(screen: pygame.Surface, theme: Theme, mark: Mark | None, area: Rect) -> None:
    if mark is None or mark.crop is None:
        screen.blit(theme.rounded((area.width, area.height), 8, colours.FIELD, colours.LINE), (area.x, area.y))
        return
    screen.blit(crop_surface(mark.crop, area.width), (area.x, area.y))
    if mark.kind is Kind.REJECTED:
        veil = pygame.Surface((area.width, area.height), pygame.SRCALPHA)
        veil.fill((*colours.SOFT, 90))
        screen.blit(veil, (area.x, area.y))


def crop_surface(crop: Image, side: int) -> pygame.Surface:
    """A 28x28 crop enlarged to ``side`` pixels, each of its pixels a clear square."""
    grey = np.repeat(np.ascontiguousarray(crop)[:, :, None], 3, axis=2)
    small = pygame.image.frombuffer(grey.tobytes(), (crop.shape[1], crop.shape[0]), "RGB")
    return pygame.transform.scale(small, (side, side))


def _draw_verdict(screen: pygame.Surface, theme: Theme, mark: Mark, area: Rect) -> None:
    digit, said = verdict(mark)
    inks = {Kind.READ: colours.TEXT, Kind.REJECTED: colours.FAINT, Kind.CORRECTED: colours.GREEN}
    big = theme.text(digit, 60, inks[mark.kind], bold=True)
    screen.blit(big, (area.x, area.y - theme.px(4)))
    y = area.y + big.get_height()
    for line in theme.wrap(said, 14, area.width, 4):
        surface = theme.text(line, 14, colours.SOFT)
        screen.blit(surface, (area.x, y))
        y += surface.get_height() + theme.px(1)


def _draw_chart(screen: pygame.Surface, theme: Theme, mark: Mark | None, area: Rect) -> None:
    screen.blit(theme.text("Probability of each digit", 13, colours.SOFT), (area.x, area.y - theme.px(28)))
    probabilities = mark.probabilities if mark is not None and mark.probabilities else (0.0,) * 11
    labels = [*map(str, range(10)), "none"]
    label_height, value_height = theme.px(18), theme.px(16)
    room = area.height - label_height - value_height
    step = area.width / 11
    wide = max(3, round(step * 0.66))
    best = max(range(11), key=probabilities.__getitem__) if mark is not None and mark.probabilities else None
    rejected = mark is not None and mark.kind is Kind.REJECTED
    for index, (label, p) in enumerate(zip(labels, probabilities, strict=True)):
        x = area.x + round(index * step + (step - wide) / 2)
        base = area.bottom - label_height
        track = theme.rounded((wide, room), 4, colours.FIELD)
        screen.blit(track, (x, base - room))
        if p >= 0.004:
            height = max(theme.px(3), round(room * p))
            fill = (colours.SOFT if rejected else colours.BLUE) if index == best else colours.SKY
            screen.blit(theme.rounded((wide, height), min(4, height / 2), fill), (x, base - height))
        if p >= 0.015:
            value = theme.text(percent(p)[:-1], 11, colours.SOFT)
            top = base - max(theme.px(3), round(room * p)) - value.get_height() - theme.px(1)
            screen.blit(value, (x + (wide - value.get_width()) // 2, top))
        ink = colours.TEXT if index == best else colours.SOFT
        name = theme.text(label, 13 if len(label) == 1 else 11, ink, bold=index == best and len(label) == 1)
        screen.blit(name, (x + (wide - name.get_width()) // 2, area.bottom - label_height + theme.px(3)))

"""The help page and the line in which a path is typed, over the window."""

from __future__ import annotations

import pygame

from digitrec.canvas import theme as colours
from digitrec.canvas.keys import HELP
from digitrec.canvas.prompt import SHOWN, PathPrompt
from digitrec.canvas.theme import Theme


def _card(screen: pygame.Surface, theme: Theme, width: int, height: int) -> tuple[int, int]:
    """Dim the window and put a white card in its middle; its upper left corner."""
    veil = pygame.Surface(screen.get_size(), pygame.SRCALPHA)
    veil.fill((20, 28, 38, 110))
    screen.blit(veil, (0, 0))
    x, y = (screen.get_width() - width) // 2, max(0, (screen.get_height() - height) // 2)
    screen.blit(theme.rounded((width, height), 14, colours.PANEL, colours.LINE), (x, y))
    return x, y


def draw_help(screen: pygame.Surface, theme: Theme) -> None:
    """All keys, from the same table as the bindings."""
    row, pad = theme.px(24), theme.px(28)
    while row > theme.px(14) and 2 * pad + theme.px(44) + row * len(HELP) > screen.get_height():
        row -= 1
        pad = theme.px(16)
    size = min(14.0, row / theme.scale * 0.62)
    left = max(theme.width(keys, size, bold=True) for keys, _ in HELP) + theme.px(28)
    right = max(theme.width(text, size) for _, text in HELP)
    x, y = _card(screen, theme, left + right + 2 * pad, 2 * pad + theme.px(40) + row * len(HELP))
    screen.blit(theme.text("Keys", 22, colours.TEXT, bold=True), (x + pad, y + pad - theme.px(4)))
    hint = theme.text("H or Esc closes", 13, colours.SOFT)
    screen.blit(hint, (x + pad + left + right - hint.get_width(), y + pad + theme.px(2)))
    y += pad + theme.px(40)
    for keys, text in HELP:
        screen.blit(theme.text(keys, size, colours.BLUE, bold=True), (x + pad, y))
        screen.blit(theme.text(text, size, colours.TEXT), (x + pad + left, y))
        y += row


def draw_prompt(screen: pygame.Surface, theme: Theme, prompt: PathPrompt) -> None:
    """The path so far and the names that would continue it."""
    names = prompt.matches()
    width = min(theme.px(620), screen.get_width() - theme.px(40))
    pad = theme.px(24)
    x, y = _card(screen, theme, width, theme.px(136) + theme.px(22) * (SHOWN + 1))
    inner = width - 2 * pad
    screen.blit(theme.text("Open a picture or a saved drawing", 18, colours.TEXT, bold=True), (x + pad, y + pad))
    field = theme.rounded((inner, theme.px(38)), 8, colours.FIELD, colours.BLUE, 2)
    screen.blit(field, (x + pad, y + theme.px(60)))
    text = prompt.text
    while text and theme.width(text, 15) > inner - theme.px(28):
        text = text[1:]  # the end is what is being typed
    typed = theme.text(text, 15, colours.TEXT)
    top = y + theme.px(60) + (theme.px(38) - theme.font(15).get_height()) // 2
    screen.blit(typed, (x + pad + theme.px(12), top))
    caret = x + pad + theme.px(13) + (typed.get_width() if text else 0)
    screen.fill(colours.BLUE, (caret, top, max(1, theme.px(2)), theme.font(15).get_height()))
    top = y + theme.px(110)
    note = prompt.error or "Tab completes, Enter opens, Esc closes"
    ink = colours.VERMILLION if prompt.error else colours.SOFT
    for line in theme.wrap(note, 13, inner, 2):
        screen.blit(theme.text(line, 13, ink), (x + pad, top))
        top += theme.px(20)
    for name in [] if prompt.error else names[:SHOWN]:
        screen.blit(theme.text(theme.shorten(name, 14, inner), 14, colours.TEXT), (x + pad + theme.px(12), top))
        top += theme.px(22)
    if not prompt.error and len(names) > SHOWN:
        more = theme.text(f"and {len(names) - SHOWN} more", 13, colours.SOFT)
        screen.blit(more, (x + pad + theme.px(12), top))

"""The window of the desktop: whether there can be one, how large things are on it, and opening it."""

from __future__ import annotations

import os
import sys

import pygame

from digitrec.canvas.layout import MIN_WINDOW
from digitrec.canvas.theme import window_icon
from digitrec.console import quiet_libraries
from digitrec.errors import DisplayError

INVISIBLE = frozenset({"dummy", "offscreen", "evdev"})
"""Video drivers without a window: SDL falls back to them without a word where there is no display."""


def check_display() -> None:
    """Make sure that there is somewhere to show a window.

    Raises:
        DisplayError: there is not; SDL would go on invisibly.
    """
    if os.environ.get("SDL_VIDEODRIVER") or not sys.platform.startswith(("linux", "freebsd")):
        return
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        raise DisplayError(
            "no window can be shown: there is no display (DISPLAY and WAYLAND_DISPLAY are empty). "
            "Run draw.py on a desktop; without one, cam.py reads pictures."
        )


def at_least(size: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of a window at a scale of 1, raised to what all of its parts need."""
    return max(size[0], MIN_WINDOW[0]), max(size[1], MIN_WINDOW[1])


def open_window(size: tuple[int, int], scale: float) -> pygame.Surface:
    """A resizable window of about ``size`` x ``scale``, no larger than the screen and not too small for its parts.

    Raises:
        DisplayError: it cannot be opened.
    """
    os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")  # a finger is a finger, not a mouse as well
    os.environ.setdefault("SDL_MOUSE_FOCUS_CLICKTHROUGH", "1")  # the press that brings the window to front draws too
    os.environ.setdefault("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0")
    try:
        with quiet_libraries():  # the drivers that SDL tries in vain complain on standard error
            pygame.display.init()  # and not pygame.init(), which opens the sound card
        pygame.font.init()
        driver = pygame.display.get_driver()
        if driver in INVISIBLE and os.environ.get("SDL_VIDEODRIVER") != driver:
            raise DisplayError(
                f"no window can be shown: the display {os.environ.get('DISPLAY', '')!r} does not answer. "
                "Check DISPLAY, or run draw.py on a desktop."
            )
        pygame.display.set_icon(window_icon())
        desktop = pygame.display.get_desktop_sizes()[0]
        wanted = [min(round(side * scale), most) for side, most in zip(at_least(size), desktop, strict=True)]
        screen = pygame.display.set_mode(wanted, pygame.RESIZABLE)
    except pygame.error as error:
        raise DisplayError(f"no window can be shown: {error}. Check the display, or its driver.") from error
    pygame.display.set_caption("digitrec canvas")
    pygame.key.set_repeat(400, 40)
    return screen


def system_scale() -> float:
    """The interface's scale as the system gives it, 1 where it gives none.

    Windows tells it once the program says that it draws in real pixels. X11 windows are in real pixels always; the
    desktop's factor is in the environment. On a Mac SDL 2 scales the window itself (pygame offers no other way).
    """
    if sys.platform == "win32":
        os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
        import ctypes

        ctypes.windll.user32.SetProcessDPIAware()
        return max(1.0, float(ctypes.windll.user32.GetDpiForSystem()) / 96)
    for name in ("GDK_SCALE", "QT_SCALE_FACTOR"):
        try:
            value = float(os.environ.get(name, ""))
        except ValueError:
            continue
        if 1 <= value <= 4:
            return value
    return 1.0

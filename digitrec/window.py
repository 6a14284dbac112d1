"""The window itself: opening, its size, keys and closing. What is in it is the viewer's business."""

from __future__ import annotations

from enum import Enum

import cv2

from digitrec.results import Image
from digitrec.waker import Waker


class Command(Enum):
    """What a key asks for; the value is what the help says."""

    QUIT = "quit"
    PAUSE = "pause, go on"
    STEP = "one frame"
    BACK = "back 5 s"
    FORWARD = "forward 5 s"
    SNAPSHOT = "save a picture"
    RECORD = "record on, off"
    MIRROR = "mirror the view"
    DEBUG = "ink and candidates"
    HELP = "this help"
    RECONNECT = "reconnect the camera"


LETTERS = {
    "q": Command.QUIT, "\x1b": Command.QUIT, " ": Command.PAUSE, ".": Command.STEP, "s": Command.SNAPSHOT,
    "v": Command.RECORD, "m": Command.MIRROR, "d": Command.DEBUG, "h": Command.HELP, "r": Command.RECONNECT,
}  # fmt: skip

ARROWS = {
    0xFF51: Command.BACK, 0xFF53: Command.FORWARD,  # X11: Qt and GTK
    0x250000: Command.BACK, 0x270000: Command.FORWARD,  # Windows
    0xF702: Command.BACK, 0xF703: Command.FORWARD,  # macOS
    0x1000012: Command.BACK, 0x1000014: Command.FORWARD,  # Qt's own codes, where it knows no native one
}  # fmt: skip


def command_of(code: int) -> Command | None:
    """The command of a ``waitKeyEx`` code; None for other keys."""
    if code in ARROWS:
        return ARROWS[code]
    plain = code & 0xFFFF  # GTK adds flags for Num Lock and the like above
    if plain in ARROWS:
        return ARROWS[plain]
    return LETTERS.get(chr(plain).lower()) if 0 < plain < 0x80 else None


class Window:
    """One window. There must be a display (``digitrec.display``): without, OpenCV ends the process.

    Args:
        title: of the window, and OpenCV's name for it.
        size: (width, height), pixels.
        is_bare: the display has no window manager.
    """

    def __init__(self, title: str, size: tuple[int, int], is_bare: bool = False) -> None:
        self._title = title
        self._size = size
        self._shown = False
        self._waker = Waker(title) if is_bare else None
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_FREERATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(title, *size)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the area for the picture, as the user has it now, pixels."""
        if self._shown and not self.is_closed:
            _, _, width, height = cv2.getWindowImageRect(self._title)
            if width > 0 and height > 0:
                self._size = width, height
        return self._size

    @property
    def is_closed(self) -> bool:
        """The user closed it by its X."""
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1
        except cv2.error:  # Qt takes everything down with its last window
            return True

    def show(self, picture: Image) -> None:
        """Show a uint8 (H, W, 3) picture of ``size``."""
        if self._shown and self.is_closed:  # imshow would open it again
            return
        cv2.imshow(self._title, picture)
        self._shown = True

    def poll(self, wait_s: float) -> Command | None:
        """Handle the window's events for ``wait_s`` at most (at least a millisecond); what a key asked for."""
        if self._waker is not None:
            self._waker.wake()
        code = cv2.waitKeyEx(max(1, int(wait_s * 1000)))
        if self._shown and self.is_closed:
            return Command.QUIT
        return None if code == -1 else command_of(code)

    def close(self) -> None:
        """Close the window."""
        if self._waker is not None:
            self._waker.close()
        if self.is_closed:
            return
        cv2.destroyWindow(self._title)
        cv2.waitKey(1)  # the event loop has to run once more for it to vanish

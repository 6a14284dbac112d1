"""Keeps Qt awake on an X server without a window manager (Xvfb, kiosks), where its windows can stay black."""

from __future__ import annotations

import ctypes
import time

INTERVAL_S = 0.3
_MAP_NOTIFY = 19
_STRUCTURE_NOTIFY_MASK = 1 << 17


class Waker:
    """Tells a window, again and again, that it is mapped; to one that knows, that is a call to paint itself.

    Qt paints a window once the X server has told that it is mapped. Qt waits for such news in a thread, but when the
    main thread talks to the server at that moment it takes the news itself: the thread sleeps on until something else
    happens, and sometimes the news is lost. A window manager makes something happen at once; without one nothing does,
    and about every fourth window stays black.

    Args:
        title: of the window.
    """

    def __init__(self, title: str) -> None:
        self._title = title.encode()
        self._x11 = x11 = ctypes.CDLL("libX11.so.6")
        self._next_s = 0.0
        pointer, window = ctypes.c_void_p, ctypes.c_ulong
        x11.XOpenDisplay.restype = pointer
        x11.XDefaultRootWindow.restype = window
        x11.XQueryTree.argtypes = [pointer, window, pointer, pointer, pointer, pointer]
        x11.XFetchName.argtypes = [pointer, window, pointer]
        x11.XSendEvent.argtypes = [pointer, window, ctypes.c_int, ctypes.c_long, pointer]
        self._display = pointer(x11.XOpenDisplay(None))

    def wake(self) -> None:
        """Do so, if it is time."""
        if not self._display or time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + INTERVAL_S
        for window in self._top_windows():
            if self._name_of(window) == self._title:
                fields = (_MAP_NOTIFY, 0, 1, self._display.value or 0, window, window, 0)
                event = (ctypes.c_long * 24)(*fields)  # XMapEvent: each of its fields takes up a long
                self._x11.XSendEvent(self._display, window, 0, _STRUCTURE_NOTIFY_MASK, event)
        self._x11.XFlush(self._display)

    def close(self) -> None:
        """Leave the X server."""
        if self._display:
            self._x11.XCloseDisplay(self._display)
            self._display = ctypes.c_void_p()

    def _top_windows(self) -> list[int]:
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        found = map(ctypes.byref, (root, parent, children, count))
        if not self._x11.XQueryTree(self._display, self._x11.XDefaultRootWindow(self._display), *found):
            return []
        windows = [int(children[i]) for i in range(count.value)]
        if children:
            self._x11.XFree(children)
        return windows

    def _name_of(self, window: int) -> bytes | None:
        name = ctypes.c_char_p()
        if not self._x11.XFetchName(self._display, window, ctypes.byref(name)):
            return None
        value = name.value
        self._x11.XFree(name)
        return value

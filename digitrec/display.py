"""Is there a display? Asked before OpenCV is: with none, or one it cannot reach, ``imshow`` aborts the process."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

DEFAULT_SCREEN = (1280, 800)
ANSWER_S = 3.0
"""A display that has not answered by then (a dead connection) is not there."""


@dataclass(frozen=True, slots=True)
class Display:
    """What is known of the display.

    Attributes:
        missing: why no window can be opened; None: one can.
        screen: its (width, height), pixels; a cautious guess where unknown.
        is_bare: Qt's windows on an X server without a window manager (Xvfb, kiosks).
    """

    missing: str | None
    screen: tuple[int, int] = DEFAULT_SCREEN
    is_bare: bool = False


def find_display() -> Display:
    """Look for a display that OpenCV's windows can use, without touching OpenCV's windows."""
    import cv2

    framework = cv2.currentUIFramework() or ""
    if not framework:
        return Display("this OpenCV has no windows (opencv-python-headless)")
    if sys.platform == "win32":
        return Display(None, _windows_screen())
    if sys.platform == "darwin":
        return Display(None)
    return _linux_display(framework, Path(cv2.__file__).parent / "qt" / "plugins" / "platforms")


def _linux_display(framework: str, plugins: Path) -> Display:
    """X by asking its server; Wayland only for an OpenCV that speaks it (the wheels' Qt does not)."""
    x_only = framework.startswith("QT") and plugins.is_dir() and not any(plugins.glob("libqwayland*"))
    name = os.environ.get("DISPLAY", "")
    if name:
        found = _ask_x_server()
        if found.missing is None and not framework.startswith("QT"):
            return replace(found, is_bare=False)
        if found.missing is None and x_only:
            found = _check_plugin(plugins / "libqxcb.so", found)
            os.environ["QT_QPA_PLATFORM"] = "xcb"  # a desktop that asks Qt for Wayland would abort the process
        return found
    wayland = os.environ.get("WAYLAND_DISPLAY", "")
    if not wayland:
        return Display("no display (DISPLAY is not set)")
    if x_only:
        return Display("no X display (this OpenCV cannot use Wayland alone; XWayland sets DISPLAY)")
    if not (Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / wayland).exists():
        return Display(f"display {wayland} cannot be reached")
    return Display(None)


def _ask_x_server() -> Display:
    """Connect as a window would, with the user's authority; in a thread, since a dead server never answers."""
    answers: list[Display] = []
    thread = threading.Thread(target=lambda: answers.append(_connect_to_x()), name="display", daemon=True)
    thread.start()
    thread.join(ANSWER_S)
    return answers[0] if answers else Display(f"display {os.environ['DISPLAY']} does not answer")


def _connect_to_x() -> Display:
    name = os.environ["DISPLAY"]
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return Display("no windows here (the system's libX11 is missing)")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XOpenDisplay.argtypes = [ctypes.c_char_p]
    connection = x11.XOpenDisplay(None)
    if not connection:
        return Display(f"display {name} cannot be reached")
    pointer = ctypes.c_void_p(connection)
    screen = x11.XDefaultScreen(pointer)
    width, height = x11.XDisplayWidth(pointer, screen), x11.XDisplayHeight(pointer, screen)
    is_bare = not _has_window_manager(x11, pointer)
    x11.XCloseDisplay(pointer)
    return Display(None, (min(width, height * 16 // 9), height), is_bare)  # monitors side by side: one wide screen


def _has_window_manager(x11: ctypes.CDLL, connection: ctypes.c_void_p) -> bool:
    """The root window names one (EWMH)."""
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XGetWindowProperty.argtypes = [
        ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_long, ctypes.c_long, ctypes.c_int, ctypes.c_ulong,
        *[ctypes.c_void_p] * 5,
    ]  # fmt: skip
    name = ctypes.c_ulong(x11.XInternAtom(connection, b"_NET_SUPPORTING_WM_CHECK", 0))
    kind, layout, count, left, data = (ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong(),
                                       ctypes.c_void_p())  # fmt: skip
    x11.XGetWindowProperty(
        connection, x11.XDefaultRootWindow(connection), name, 0, 1, 0, 0,
        *map(ctypes.byref, (kind, layout, count, left, data)),
    )  # fmt: skip
    if data:
        x11.XFree(data)
    return count.value > 0


def _check_plugin(plugin: Path, found: Display) -> Display:
    """A library that Qt's X plugin lacks (small containers) would also abort the process."""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return Display(f"no windows here (OpenCV's Qt plugin cannot be loaded: {error})")
    return found


def _windows_screen() -> tuple[int, int]:
    user32 = getattr(ctypes, "windll").user32  # noqa: B009 - mypy knows it on Windows only
    width, height = user32.GetSystemMetrics(0), user32.GetSystemMetrics(1)
    return (width, height) if width > 0 and height > 0 else DEFAULT_SCREEN


class LostDisplay:
    """Lets ``rescue`` close the outputs when the display goes away during a run.

    Qt then calls C's ``exit`` from inside ``waitKey``: no exception, no ``finally``, no ``atexit`` of Python. C's own
    exit hook still runs; there ``rescue`` does what is needed and gives the exit code. A hook cannot be taken back:
    from now on the process has to be left by ``os._exit``, or the hook would call into a Python that is gone.
    """

    def __init__(self, rescue: Callable[[], int]) -> None:
        self._hook = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p)(lambda _status, _: os._exit(rescue()))
        if sys.platform == "linux":  # elsewhere displays are not lost
            libc = ctypes.CDLL(None)
            if hasattr(libc, "on_exit"):  # glibc has it, musl has not
                libc.on_exit(self._hook, None)

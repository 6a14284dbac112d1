"""OpenCV with the limits and the silence that sources need; they import ``cv2`` from here."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_PIXELS = 110_000_000
"""Pictures with more pixels are refused before they are decoded; the largest phone photographs have 108 million."""

# OpenCV reads these once, as it is loaded (the pixels) or first opens a video (the talk of FFmpeg), so they are set
# before the import. A user's own setting wins.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")  # else a camera takes 20 s to open on Windows

import cv2  # noqa: E402

_CAPTURE_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_SILENT = 0
_environment = threading.Lock()

__all__ = ["MAX_PIXELS", "cv2", "ffmpeg_capture", "quiet", "sane_fps"]


def quiet() -> None:
    """Keep OpenCV's own warnings off standard error (each fault has our one line), unless OPENCV_LOG_LEVEL is set."""
    if "OPENCV_LOG_LEVEL" not in os.environ:
        set_level = getattr(cv2, "setLogLevel", None) or cv2.utils.logging.setLogLevel  # OpenCV 4, 5
        set_level(_SILENT)


def ffmpeg_capture(target: str, formats: str, protocols: str, timeout_s: float, extra: str = "") -> cv2.VideoCapture:
    """Open a file or address with FFmpeg, and with nothing but the formats and protocols named.

    Without the two lists FFmpeg guesses the format from the content, and a playlist or concat script makes it open
    whatever file or host it names.

    Args:
        target: absolute path, or address.
        formats: FFmpeg's demuxers allowed, comma-separated.
        protocols: FFmpeg's protocols allowed, comma-separated.
        timeout_s: for opening, and for each read, seconds; without it a silent server blocks for 30 s.
        extra: further FFmpeg options, ``key;value`` joined by ``|``.
    """
    quiet()
    milliseconds = int(timeout_s * 1000)
    parameters = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
    options = [extra] if extra else []
    options += [f"protocol_whitelist;{protocols}", f"format_whitelist;{formats}"]
    with _capture_options("|".join(options)):
        return cv2.VideoCapture(target, cv2.CAP_FFMPEG, parameters)


@contextmanager
def _capture_options(options: str) -> Iterator[None]:
    """The environment is the only way by which OpenCV hands options on to FFmpeg; a user's own come first."""
    with _environment:
        before = os.environ.get(_CAPTURE_OPTIONS)
        os.environ[_CAPTURE_OPTIONS] = f"{before}|{options}" if before else options
        try:
            yield
        finally:
            if before is None:
                del os.environ[_CAPTURE_OPTIONS]
            else:
                os.environ[_CAPTURE_OPTIONS] = before


def sane_fps(fps: float) -> float | None:
    """The frame rate, or None for those that drivers and damaged headers make up (0, NaN, -1, 1000, 90000)."""
    return float(fps) if 0.0 < fps < 1000.0 else None

"""Cameras and streams: one thread grabs, only the newest frame is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from digitrec.results import Frame, Image
from digitrec.sources.base import ClosingMixin, SourceOptions


class Capture(Protocol):
    """What the grab thread needs of a device: ``cv2.VideoCapture`` has it, and so has the MJPEG reader."""

    def read(self) -> tuple[bool, Image | None]: ...
    def release(self) -> None: ...


class LiveSource(ClosingMixin):
    """The newest frame of a camera or stream; never blocks its reader longer than asked.

    Args:
        name: shown to people ("camera 1", the URL).
        opener: opens the device, called in the grab thread; raises SourceError.
        options: stall and retry rules.

    Attributes:
        status: what is wrong now, for people; None while frames arrive.
        dropped: frames that were grabbed and never handed out.
        bad: frames that the device gave empty, damaged or of an unknown kind.
    """

    is_live = True
    frame_count: int | None = None

    def __init__(self, name: str, opener: Callable[[], Capture], options: SourceOptions) -> None:
        self.name = name
        self.status: str | None = None
        self.dropped = 0
        self.bad = 0
        self.fps: float | None = None
        self.problems: list[str] = []

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame not handed out before (its ``grabbed_s`` tells when it was grabbed), None when none came.

        Raises:
            SourceError: the source is at fault and ``options.live_retry`` is off.
            StopIteration: never; ``ended`` tells.
        """
        raise NotImplementedError

    @property
    def ended(self) -> bool:
        """The stream said that it is complete, ``options.end_s`` is reached, or it was closed."""
        raise NotImplementedError

    def reconnect(self) -> None:
        """Open the device anew, now."""
        raise NotImplementedError

    def __next__(self) -> Frame:
        raise NotImplementedError

    def close(self) -> None:
        """Stop grabbing; the device is released in the grab thread."""

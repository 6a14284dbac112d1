"""Video files: decoded in a thread of their own, every frame handed out in order."""

from __future__ import annotations

import atexit
import threading
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from digitrec.results import Frame
from digitrec.sources.again import SecondLook
from digitrec.sources.base import ClosingMixin, SourceOptions
from digitrec.sources.decoder import Clip, Decoder

_AHEAD_BYTES = 36 << 20  # decoded pictures that wait: 13 of 1280x720, 1 of 4K beside the one in hand
_AHEAD_FRAMES = 16
_AHEAD_PASSED_OVER = 48  # frames that wait where some have no picture
_WAKE_S = 0.2  # waiting is cut into pieces, so that Ctrl+C is seen on Windows too


class _Decoded(NamedTuple):
    """``frame`` None: the end, or ``error``."""

    frame: Frame | None
    error: BaseException | None = None


class VideoSource(ClosingMixin):
    """Every frame of a video file (or of a video behind an http address) in order.

    Decoding runs ahead of the reader by a few frames; OpenCV releases the GIL meanwhile. Where ``options.passes_over``,
    of a file's frames that lie close together most come without their picture, and are decoded again where it is
    fetched.

    Args:
        clip: the video.
        options: start and end.
        folder: a temporary folder that holds it, removed when the source is closed.

    Raises:
        SourceError: nothing of it can be read.
    """

    is_live = False

    def __init__(self, clip: Clip, options: SourceOptions, folder: TemporaryDirectory[str] | None = None) -> None:
        self.name = clip.name
        self._again = SecondLook(clip, options)
        may_pass_over = options.passes_over and isinstance(clip.target, Path)
        self._decoder = Decoder(clip, options, self._again.picture if may_pass_over else None)
        self.fps = self._decoder.fps
        self.frame_count = self._decoder.frame_count
        self._folder = folder
        self._problems: list[str] = []
        self._ahead: deque[_Decoded] = deque()
        self._most, self._most_pictures = _AHEAD_PASSED_OVER if may_pass_over else _AHEAD_FRAMES, _AHEAD_FRAMES
        self._few = 0  # frames are left when decoding goes on: with each that is taken, the threads would take turns
        self._change = threading.Condition()
        self._seek_to: float | None = None
        self._at_end = False
        self._closed = False
        self._thread = threading.Thread(target=self._decode, name=f"decode {clip.name}", daemon=True)

    @property
    def problems(self) -> list[str]:
        """What was missing of the file, once its end was reached."""
        self._problems += [p for p in self._decoder.problems + self._again.problems if p not in self._problems]
        return list(self._problems)

    def __next__(self) -> Frame:
        with self._change:
            if self._thread.ident is None and not self._closed:
                atexit.register(self.close)  # a thread inside OpenCV while Python shuts down aborts the process
                self._thread.start()
            while not self._ahead and not self._closed:
                self._change.wait(_WAKE_S)
            if self._closed:
                raise StopIteration
            decoded = self._ahead[0]
            if decoded.error is not None:
                raise decoded.error
            if decoded.frame is None:
                raise StopIteration
            self._ahead.popleft()
            if len(self._ahead) <= self._few:
                self._change.notify_all()
            return decoded.frame

    def seek(self, time_s: float) -> bool:
        """Go on from the first frame at or after ``time_s``; also after the end."""
        with self._change:
            self._seek_to = time_s
            self._ahead.clear()
            self._change.notify_all()
        return True

    def close(self) -> None:
        """Stop decoding and release the file."""
        atexit.unregister(self.close)
        with self._change:
            self._closed = True
            self._ahead.clear()
            self._change.notify_all()
        if self._thread.ident is None:
            self._decoder.close()
        else:
            self._thread.join(2.0)
        self._again.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _decode(self) -> None:
        try:
            while (target_s := self._wait_for_work()) is not None:
                if target_s >= 0:
                    self._decoder.seek(target_s)
                self._hand_out(_Decoded(self._decoder.next()))
        except BaseException as error:  # noqa: BLE001 - raised again in the reader, which would else wait for ever
            self._hand_out(_Decoded(None, error))
        finally:
            self._decoder.close()

    def _wait_for_work(self) -> float | None:
        """Where to seek first, -1: just go on, None: closed. Waits while enough frames lie ahead, and at the end."""
        with self._change:
            while not self._closed:
                if self._seek_to is not None:
                    target_s, self._seek_to = max(0.0, self._seek_to), None
                    return target_s
                at_end = bool(self._ahead) and self._ahead[-1].frame is None
                pictures = sum(decoded.frame is not None and decoded.frame.fetch is None for decoded in self._ahead)
                if not at_end and len(self._ahead) < self._most and pictures < self._most_pictures:
                    return -1.0
                self._few = len(self._ahead) // 2
                self._change.wait()
            return None

    def _hand_out(self, decoded: _Decoded) -> None:
        with self._change:
            if self._closed or self._seek_to is not None:
                return  # decoded before the seek
            if decoded.frame is not None:
                self._most_pictures = max(1, min(_AHEAD_FRAMES, _AHEAD_BYTES // decoded.frame.image.nbytes))
            self._ahead.append(decoded)
            if len(self._ahead) == 1:
                self._change.notify_all()

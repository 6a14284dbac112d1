"""Frames of a video file that were passed over, decoded after all: by a decoder of their own, behind the first."""

from __future__ import annotations

from digitrec.errors import SourceError
from digitrec.results import Frame, Image
from digitrec.sources.base import SourceOptions
from digitrec.sources.decoder import Clip, Decoder

FAR = 300
"""Over so many frames seeking is quicker than decoding them: from the last frame that others build on, up to 250."""

_SAME_S = 0.0005


class SecondLook:
    """Gives single frames of a clip once more; quick where they are asked for in order.

    Args:
        clip: the video; it is opened when the first frame is wanted.
        options: start and end, as they were the first time, so that the frames are numbered alike.
    """

    def __init__(self, clip: Clip, options: SourceOptions) -> None:
        self._clip = clip
        self._options = options
        self._decoder: Decoder | None = None
        self._next = 0
        self._can_seek = True
        self._is_missing = False

    @property
    def problems(self) -> list[str]:
        """What is wrong where a frame could not be decoded again."""
        if not self._is_missing:
            return []
        return [f"{self._clip.name} was changed while it was read: some of its frames may be read wrongly."]

    def picture(self, index: int, time_s: float) -> Image | None:
        """The frame with this number and time, seconds; None where it cannot be decoded again."""
        try:
            frame = self._sought(index, time_s) or self._counted(index, time_s)
        except SourceError:
            frame = None
        except BaseException:  # broken off in the middle, it is not known where it stands
            self.close()
            raise
        self._is_missing |= frame is None
        return None if frame is None else frame.image

    def close(self) -> None:
        """Release the file."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None
            self._next = 0

    def _sought(self, index: int, time_s: float) -> Frame | None:
        """The frame, where seeking pays and leads to it; the numbers of frames after it are to be trusted then."""
        if not self._can_seek or 0 <= index - self._next <= FAR:
            return None
        decoder = self._decoder = self._decoder or Decoder(self._clip, self._options)
        decoder.seek(time_s)
        frame = self._noted(decoder.next(), index, time_s)
        self._can_seek = frame is not None
        if frame is None:
            self.close()
        return frame

    def _counted(self, index: int, time_s: float) -> Frame | None:
        """The frame, by decoding all that lie before it."""
        if self._decoder is not None and index < self._next:
            self.close()
        decoder = self._decoder = self._decoder or Decoder(self._clip, self._options)
        decoder.skip_to(index)
        return self._noted(decoder.next(), index, time_s)

    def _noted(self, frame: Frame | None, index: int, time_s: float) -> Frame | None:
        """What came, if it is the frame with this number and time."""
        self._next = index + 1 if frame is None else frame.index + 1
        return frame if frame is not None and frame.index == index and abs(frame.time_s - time_s) < _SAME_S else None

"""One video file, decoded by FFmpeg through OpenCV: times, seeking, and what was missing at its end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from digitrec.errors import SourceError
from digitrec.filenames import opencv_name
from digitrec.results import Frame, Image, black
from digitrec.sources.backend import MAX_PIXELS, cv2, ffmpeg_capture, sane_fps
from digitrec.sources.base import SourceOptions
from digitrec.sources.containers import Layout, layout
from digitrec.sources.images import to_bgr
from digitrec.sources.sniff import DEMUXERS
from digitrec.thumbnail import thumbnail

_JUST_S = 0.001  # the times of frames are rounded to a millisecond in mkv and webm
_MOST_FRAMES = 100_000_000
_LONGEST_S = 1e8
_STAMP: int | None = getattr(cv2, "CAP_PROP_PTS", None)  # in frames
PICTURE_S = 0.134
"""Where frames are passed over, pictures lie no further apart than this, seconds: four of thirty a second, ..."""

MOST_BYTES = 48 << 20
"""... with no more bytes between two: where they differ, all these are decoded after all."""

# Where the header gives only the length, this share of it must come. The length of mkv and flv is that of the longest
# track, which may be the sound.
_SHARES = {"avi": 0.95, "mp4": 0.5, "mkv": 0.5, "flv": 0.5}


@dataclass(frozen=True, slots=True)
class Clip:
    """A video to open: ``target`` is its file or http(s) address, ``kind`` one of ``sniff.DEMUXERS``."""

    target: Path | str
    name: str
    kind: str


def may_pass_over(gone_s: float) -> bool:
    """Whether a frame needs no picture where the one after it is so much later than the last that has one, seconds."""
    return gone_s <= PICTURE_S


class Decoder:
    """Gives every frame of ``clip`` in order, from ``options.start_s`` to before ``options.end_s``.

    Args:
        clip: the video.
        options: start and end.
        fetch: gives the picture of a frame, by its index and time in seconds, that was passed over because it lies
            close to others: to convert a frame takes as long as to decode it. None: all come with their pictures.

    Attributes:
        fps: frames a second; None where the file gives none to be believed.
        frame_count: frames between start and end; None where not to be believed.
        problems: what is missing, known once the end is reached.

    Raises:
        SourceError: nothing of it can be read.
    """

    def __init__(
        self, clip: Clip, options: SourceOptions, fetch: Callable[[int, float], Image | None] | None = None
    ) -> None:
        self.clip = clip
        self.problems: list[str] = []
        self._options = options
        self._fetch = fetch
        self._passed = 0
        self._layout = self._read_layout()
        self._index = -1
        self._time_s = -math.inf
        self._index_is_counted = True
        self._grabbed = False
        self._pictured: tuple[float, tuple[int, ...]] | None = None
        self._capture = self._open()
        self.fps = sane_fps(self._capture.get(cv2.CAP_PROP_FPS))
        self._step_s = 1 / (self.fps or 30.0)
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._promised = int(count * self._layout.shown) if 0 < count < _MOST_FRAMES else None
        self.frame_count = self._expected()
        self._start()
        self._lead_s = self._read_lead()

    def _read_layout(self) -> Layout:
        if not isinstance(self.clip.target, Path):
            return Layout()
        try:
            return layout(self.clip.target, self.clip.kind)
        except OSError as error:  # gone since it was looked at
            raise SourceError(f"{self.clip.name} cannot be opened: {error.strerror}. Check the file.") from error

    def _open(self) -> cv2.VideoCapture:
        demuxer, timeout_s = DEMUXERS[self.clip.kind], self._options.open_timeout_s
        if isinstance(self.clip.target, str):
            capture = ffmpeg_capture(self.clip.target, demuxer, "http,https,tcp,tls,httpproxy", timeout_s)
        else:
            try:
                with opencv_name(self.clip.target) as name:
                    capture = ffmpeg_capture(name, demuxer, "file", timeout_s)
            except OSError as error:
                why = "its name is no UTF-8, and no link to it can be made"
                raise SourceError(f"{self.clip.name} cannot be opened: {why}. Give it another name.") from error
        if not capture.isOpened():
            if self._layout.only_sound:
                why = "it holds sound and no video. Give another file"
            elif self._layout.has_index:
                why = "its video data is damaged or of an unknown kind. Convert it: ffmpeg -i IN out.mp4"
            else:
                why = "it was cut off before its index (moov) was written. Copy or record it again"
            raise SourceError(f"{self.clip.name} cannot be read: {why}.")
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MAX_PIXELS:
            capture.release()
            raise SourceError(f"{self.clip.name} is refused: {width:.0f} x {height:.0f} pixels a frame. Scale it down.")
        return capture

    def _expected(self) -> int | None:
        if self._promised is None or self.fps is None:
            return self._promised
        first, last = math.ceil(self._options.start_s * self.fps), self._promised
        if self._options.end_s is not None:
            last = min(last, math.ceil(self._options.end_s * self.fps))
        return max(0, last - first)

    def _start(self) -> None:
        """Stand on the first frame to give, so that a file without any is found out when it is opened."""
        start_s = self._options.start_s
        if start_s > 0:
            self._go_to(start_s)
        else:
            self._grab()
        if self._grabbed:
            return
        codec = int(self._capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True).decode("latin-1")
        read_any = self._index >= 0
        self.close()
        if read_any:
            raise SourceError(
                f"{self.clip.name} has no frame at {start_s:g} s: it ends before. Give a smaller --start."
            )
        raise SourceError(
            f"{self.clip.name} cannot be read: none of its frames can be decoded (codec "
            f"{codec if codec.isprintable() else 'unknown'}). Convert it: ffmpeg -i IN -c:v libx264 out.mp4"
        )

    def next(self) -> Frame | None:
        """The next frame, its ``time_s`` greater than the one before; None at the end."""
        image = None
        while image is None:
            if not (self._grabbed or self._grab()):
                self._note_what_is_missing()
                return None
            if self._is_behind_the_end(self._time_s):
                return None
            self._grabbed = False
            frame = self._passed_over()
            if frame is not None:
                return frame
            image = self._retrieve()
        self._pictured, self._passed = (self._time_s, image.shape), 0
        return Frame(image, self._index, self._time_s, self.clip.name, thumbnail=thumbnail(image))

    def _is_behind_the_end(self, time_s: float) -> bool:
        return self._options.end_s is not None and time_s >= self._options.end_s - _JUST_S / 2

    def _passed_over(self) -> Frame | None:
        """The frame that was grabbed, black, where one before it has a picture and one that follows soon will."""
        if self._fetch is None or self._pictured is None or self.fps is None or self._index + 1 == self._promised:
            return None
        (pictured_s, shape), next_s = self._pictured, self._time_s + self._step_s
        if (
            (self._passed + 1) * math.prod(shape) > MOST_BYTES
            or not may_pass_over(next_s - pictured_s)
            or self._is_behind_the_end(next_s)
        ):
            return None
        self._passed += 1
        fetch = partial(self._fetch, self._index, self._time_s)
        return Frame(black(shape), self._index, self._time_s, self.clip.name, fetch=fetch)

    def skip_to(self, index: int) -> None:
        """Go on with a later frame, if there is one; those before it are not converted."""
        while (self._grabbed or self._grab()) and self._index < index:
            self._grabbed = False

    def seek(self, time_s: float) -> None:
        """Go on with the first frame at or after ``time_s``, at most the last one.

        ``Frame.index`` is then exact where the frame rate is constant, else estimated from the time.
        """
        if self._promised is not None and self.fps is not None:
            time_s = min(time_s, (self._promised - 1) / self.fps)
        self._go_to(max(0.0, time_s))

    def close(self) -> None:
        """Release the file."""
        self._capture.release()

    def _grab(self) -> bool:
        """Decode the next frame, without converting it."""
        try:
            self._grabbed = self._capture.grab()
        except cv2.error:
            self._grabbed = False
        if self._grabbed:
            self._index += 1
            time_s = self._reported_s()
            if not (0 < time_s < _LONGEST_S):  # raw streams and some avi files tell no times
                time_s = self._index * self._step_s
            self._time_s = max(time_s, self._time_s + _JUST_S)  # times that go back are those of damaged files
        return self._grabbed

    def _read_lead(self) -> float:
        """By what the first frame is later than zero in the file's own time, seconds: its length may count from there.

        OpenCV counts times from the first frame.
        """
        stamp = self._capture.get(_STAMP) * self._step_s if _STAMP is not None and self._index == 0 else 0.0
        return stamp if 0 < stamp < _LONGEST_S else 0.0

    def _reported_s(self) -> float:
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000

    def _retrieve(self) -> Image | None:
        try:
            ok, image = self._capture.retrieve()
        except cv2.error:
            return None
        return to_bgr(image) if ok else None

    def _go_to(self, time_s: float) -> None:
        self._pictured = None
        if not self._jump(time_s):
            self._capture.release()
            self._capture = self._open()
            self._index, self._time_s, self._index_is_counted = -1, -math.inf, True
            self._grab()
        while self._grabbed and self._time_s < time_s - _JUST_S:
            self._grab()

    def _jump(self, time_s: float) -> bool:
        """Let FFmpeg seek; False where it ends up behind the time or nowhere.

        OpenCV turns the time into a frame number at a constant rate: videos of variable rate overshoot, and transport
        streams seek out of the file. Falling short is harmless: frames are skipped up to the time.
        """
        if time_s <= 0 or not self._capture.set(cv2.CAP_PROP_POS_MSEC, time_s * 1000):
            return False
        self._time_s = -math.inf
        if not self._grab() or not (0 < self._reported_s() <= time_s + _JUST_S):
            return False
        self._index = round(self._time_s / self._step_s)
        self._index_is_counted = False
        return True

    def _note_what_is_missing(self) -> None:
        """Compare what came with what the header promised (FFmpeg ends a damaged file without an error)."""
        if self.problems or not self._index_is_counted:
            return
        name, came, promised = self.clip.name, self._index + 1, self._promised
        if self._layout.cut_short:
            of_all = f" of {promised}" if promised and promised > came else ""
            self.problems.append(f"{name} is cut short: {came}{of_all} frames are there and were read.")
        elif promised and self._layout.counts:
            tolerance = 0 if self._layout.shown > 0.99 else 4 + promised // 50
            if promised - came > tolerance:
                self.problems.append(f"{name} is damaged: {came} of its {promised} frames could be read.")
        elif promised:
            length_s = promised * self._step_s - self._lead_s
            if self._time_s + self._step_s < _SHARES.get(self.clip.kind, 0.0) * length_s:
                self.problems.append(f"{name} is damaged: it ends after {self._time_s:.1f} of {length_s:.1f} s.")

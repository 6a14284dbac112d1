"""Annotated video, encoded in a thread of its own so that reading does not wait for it."""

from __future__ import annotations

import os
import shutil
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from digitrec.console import quiet_libraries
from digitrec.errors import OutputError
from digitrec.filenames import opencv_name
from digitrec.outputs.base import RunInfo, counted
from digitrec.outputs.creating import (
    cannot_write,
    create_file,
    create_working_file,
    refuse_what_is_no_file,
    was_deleted,
)
from digitrec.overlay import Style, annotate
from digitrec.results import Frame, Image, Reading

CODECS = {".mp4": "mp4v", ".mkv": "MJPG", ".webm": "VP80", ".avi": "MJPG"}
"""Those that OpenCV's wheels can write. In MKV, MJPG keeps nearly every frame when the process is killed."""

QUEUE = 8
"""Frames that may wait for the encoder; then reading waits (a live source drops frames instead)."""

SMALLEST_PX = 16
DEFAULT_FPS = 25.0
STILLS_FPS = 5.0
LONGEST_REPEAT_S = 10.0
ROOM_BYTES = 2 << 20
"""Recording stops while so much is free: VideoWriter reports no full disk, and the index still has to be written."""


class VideoFile:
    """Every frame with its reading drawn on it, at the size and rate of the first.

    A video file's frames are written one to one; a live source's follow the clock; a picture stands for two seconds.
    MP4 appears under its name only when it is complete; the others grow in place.

    Raises:
        OutputError: the file exists (without ``force``), cannot be written, or the disk is full.
    """

    def __init__(self, path: Path, run: RunInfo) -> None:
        self._path = path
        self._run = run
        self._fps = 0.0
        hidden = path.suffix.lower() == ".mp4"  # half an mp4 has no index: nothing can play it
        self._working = path.with_name(f".{path.stem}.partial{path.suffix}") if hidden else path
        if hidden and not run.force and os.path.lexists(path):
            raise cannot_write(path, FileExistsError())
        refuse_what_is_no_file(path)
        self._lock: int | None = create_working_file(self._working, path) if hidden else create_file(path, run.force)
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._frames = 0
        self._due_s = 0.0
        self._live_s: float | None = None
        self._full = False
        self._style = Style(sides={})
        self._pool = ThreadPoolExecutor(1, "video")
        self._pending: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def write(self, frame: Frame, reading: Reading) -> None:
        """Queue a frame; raises what befell an earlier one."""
        if not self._fps:
            self._fps = STILLS_FPS if self._run.now.is_still else video_fps(self._run.now.fps)
        self._due_s += self._lasts(frame)
        while len(self._pending) >= QUEUE:
            self._pending.popleft().result()
        self._pending.append(self._pool.submit(self._encode, frame, reading, self._due_s))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._pending:
                self._pending.popleft().result()
        finally:
            self._pool.shutdown(wait=True)
            self._complete()

    def report(self) -> str | None:
        """The file, its frames and its size."""
        if not self._frames or not self._path.exists():
            return None
        return f"{self._path} ({counted(self._frames, 'frame')}, {self._path.stat().st_size / 1e6:.1f} MB)"

    def _encode(self, frame: Frame, reading: Reading, until_s: float) -> None:
        """Write the frame as often as it takes for the video to last ``until_s``: once, for a video file."""
        if self._full:
            return
        picture = annotate(frame.image, reading, self._style)
        if self._writer is None:
            self._open(picture)
        assert self._writer is not None  # noqa: S101 - for the type checker
        picture = letterbox(picture, self._size)
        for _ in range(round(until_s * self._fps) - self._frames):
            self._check_room()
            self._writer.write(picture)
            self._frames += 1

    def _open(self, picture: Image) -> None:
        height, width = picture.shape[:2]
        self._size = even(width), even(height)
        suffix = self._path.suffix.lower()
        self._check_room()
        # OpenCV prints a harmless line about the tag of VP8 in WebM.
        code, silence = cv2.VideoWriter.fourcc(*CODECS[suffix]), quiet_libraries if suffix == ".webm" else nullcontext
        try:
            with silence(), opencv_name(self._working) as name:
                writer = cv2.VideoWriter(name, cv2.CAP_FFMPEG, code, self._fps, self._size)
        except OSError as error:
            why = "its name is no UTF-8, and no link to it can be made"
            raise OutputError(f"{self._path} cannot be written: {why}. Choose another name.") from error
        if not writer.isOpened():
            raise OutputError(
                f"{self._path} cannot be encoded: this OpenCV has no {CODECS[suffix]} for {suffix}. Try .mp4 or .avi."
            )
        self._writer = writer

    def _lasts(self, frame: Frame) -> float:
        """How long the frame is shown; a live one is late by what went by since the last."""
        if frame.grabbed_s is None:
            return self._run.now.lasts_s
        before_s, self._live_s = self._live_s, frame.time_s
        return 1 / self._fps if before_s is None else min(max(frame.time_s - before_s, 0.0), LONGEST_REPEAT_S)

    def _check_room(self) -> None:
        try:
            free = shutil.disk_usage(self._path.parent).free
        except OSError as error:  # the folder was taken away
            raise cannot_write(self._path, error) from error
        if free < ROOM_BYTES + 3 * self._size[0] * self._size[1]:
            self._full = True
            kept = f"the first {counted(self._frames, 'frame')} are kept" if self._frames else "nothing was written"
            raise OutputError(f"{self._path}: the disk is full; {kept}. Free some space and run again.")

    def _complete(self) -> None:
        """Close the file, see that it can be read, give it its name."""
        if self._writer is not None:
            self._writer.release()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if not self._frames:
            self._working.unlink(missing_ok=True)
            return
        if not self._working.exists():
            raise was_deleted(self._path)
        try:
            is_whole = _readable(self._working)
        except OSError as error:  # a name that OpenCV takes only by a link, and no link can be made any more
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"{self._working} is written, but cannot be checked: {why}. Play it to see.") from error
        if not is_whole:
            raise OutputError(f"{self._working} is damaged: its end could not be written. Is the disk full?")
        if self._working != self._path:
            self._rename()

    def _rename(self) -> None:
        """Give the finished file its name; without ``force`` nothing that appeared there meanwhile is replaced."""
        try:
            if not self._run.force and not _link(self._working, self._path):
                self._working.rename(self._path)
            elif self._run.force:
                self._working.replace(self._path)
        except FileExistsError as error:
            raise OutputError(f"{self._path} exists already; the video is kept as {self._working}.") from error
        except OSError as error:
            raise cannot_write(self._path, error) from error


def _link(working: Path, path: Path) -> bool:
    """Rename by linking, which unlike renaming never replaces; false on file systems without links."""
    try:
        os.link(working, path)
    except FileExistsError:
        raise
    except OSError:
        return False
    working.unlink()
    return True


def video_fps(fps: float | None) -> float:
    """The rate to write: the source's, to three places since MPEG-4 takes no finer one; else a default."""
    return DEFAULT_FPS if fps is None or not 0.1 <= fps <= 240 else round(fps, 3)


def even(side_px: int) -> int:
    """The nearest side a codec takes: even, at least 16."""
    return max(SMALLEST_PX, side_px + side_px % 2)


def letterbox(picture: Image, size: tuple[int, int]) -> Image:
    """Fit a uint8 (H, W, 3) picture into (width, height) with its shape kept, black around it.

    VideoWriter drops frames of another size without a word.
    """
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    if 0 <= size[0] - width <= 1 and 0 <= size[1] - height <= 1:  # only made even
        return cv2.copyMakeBorder(picture, 0, size[1] - height, 0, size[0] - width, cv2.BORDER_REPLICATE)  # type: ignore[return-value]
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner, interpolation=method)
    return canvas


def _readable(path: Path) -> bool:
    with opencv_name(path) as name:
        capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
    try:
        return bool(capture.isOpened() and capture.read()[0])
    finally:
        capture.release()

"""Pictures and clips for the speed benchmarks, made without any data set."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from digitrec.results import Image

Size = tuple[int, int]
"""(width, height), pixels."""

FPS = 30


def page(size: Size, count: int, seed: int = 5) -> Image:
    """A sheet of ``count`` digits: thick anti-aliased strokes, a shadow to one side, a camera's noise."""
    width, height = size
    rng = np.random.default_rng(seed)
    image = np.full((height, width, 3), 225, np.uint8)
    shade = np.linspace(1.0, 0.75, width, dtype=np.float32)[None, :, None]
    columns = max(1, int(np.ceil(np.sqrt(count * width / height))))
    rows = max(1, -(-count // columns))
    cell_w, cell_h = width / columns, height / rows
    scale = min(cell_w / 30, cell_h / 40)
    for i in range(count):
        x = int((i % columns + 0.25) * cell_w + rng.normal(0, cell_w * 0.03))
        y = int((i // columns + 0.75) * cell_h + rng.normal(0, cell_h * 0.03))
        digit = str(int(rng.integers(10)))
        thickness = max(1, round(scale * 2.2))
        cv2.putText(image, digit, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale * 0.7, (50, 40, 40), thickness, cv2.LINE_AA)
    noise = rng.normal(0, 2, image.shape).astype(np.float32)
    return np.asarray(np.clip(image * shade + noise, 0, 255), np.uint8)


def specks(size: Size) -> Image:
    """Paper under 56,000 specks (at 1280x720): what a noisy camera in the dark gives at worst."""
    image = np.full((size[1], size[0], 3), 225, np.uint8)
    image[np.random.default_rng(0).random((size[1], size[0])) < 0.061] = 40
    return image


def moving_sheet(size: Size, frames: int, digits: int) -> Iterator[Image]:
    """A sheet in a hand."""
    return moving(page(size, digits), frames)


def moving(picture: Image, frames: int) -> Iterator[Image]:
    """It slides, turns by a few degrees and comes nearer, never twice the same."""
    height, width = picture.shape[:2]
    rng = np.random.default_rng(1)
    noise = [rng.integers(-3, 4, picture.shape, dtype=np.int8) for _ in range(3)]
    for frame in range(frames):
        time_s = frame / FPS
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 3 * np.sin(1.1 * time_s), 0.9 + 0.02 * np.sin(time_s))
        turn[:, 2] += 0.02 * width * np.sin(1.3 * time_s), 0.02 * height * np.cos(0.9 * time_s)
        moved = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(cv2.add(moved, noise[frame % 3], dtype=cv2.CV_8U), np.uint8)


def write_clips(paths: dict[str, Path], size: Size, frames: int, digits: int = 15) -> list[str]:
    """Write the moving sheet with each codec ("mp4v", "H.264") to its path; the codecs that this machine can write."""
    writers: dict[str, _Writer] = {}
    for codec, path in paths.items():
        if codec == "mp4v":
            writers[codec] = _Mp4v(path, size)
        elif (ffmpeg := shutil.which("ffmpeg")) is not None:
            writers[codec] = _H264(ffmpeg, path, size)
    for picture in moving_sheet(size, frames, digits):
        for writer in writers.values():
            writer.write(picture)
    return [codec for codec, writer in writers.items() if writer.close()]


class _Writer:
    def write(self, picture: Image) -> None:
        raise NotImplementedError

    def close(self) -> bool:
        """Whether the file was written."""
        raise NotImplementedError


class _Mp4v(_Writer):
    def __init__(self, path: Path, size: Size) -> None:
        self._writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), FPS, size)

    def write(self, picture: Image) -> None:
        self._writer.write(picture)

    def close(self) -> bool:
        self._writer.release()
        return True


class _H264(_Writer):
    """OpenCV's wheels have no encoder for it: the ffmpeg program, where it is installed with libx264."""

    def __init__(self, ffmpeg: str, path: Path, size: Size) -> None:
        raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{size[0]}x{size[1]}", "-r", str(FPS), "-i", "-"]
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-pix_fmt", "yuv420p"]
        self._process = subprocess.Popen(
            [ffmpeg, "-v", "quiet", "-y", *raw, *coded, str(path)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        self._broken = False

    def write(self, picture: Image) -> None:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        try:
            self._process.stdin.write(picture.tobytes())
        except BrokenPipeError:  # no libx264
            self._broken = True

    def close(self) -> bool:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            self._broken = True
        return self._process.wait() == 0 and not self._broken

"""Video frames that come without their picture: which they are, and the picture when it is fetched after all."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.results import Frame
from digitrec.sources import SourceOptions, open_source
from digitrec.sources.again import FAR
from digitrec.sources.decoder import PICTURE_S
from tests.streams import number_of, picture

COUNT, FPS = 90, 30
KINDS: dict[str, tuple[str, ...]] = {
    "numbers.mp4": (),
    "numbers.avi": ("-c:v", "copy"),
    "h264.mp4": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3"),
    "h264.mkv": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3"),
    "h264.ts": ("-c:v", "libx264", "-pix_fmt", "yuv420p"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
    "every_other.mp4": ("-vf", r"select='mod(n\,3)'", "-fps_mode", "vfr", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
}


def write(path: Path, count: int, fps: float) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), fps, (160, 120))
    for number in range(count):
        writer.write(picture(number % 256))
    writer.release()
    return path


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 90 numbered frames, 30 a second."""
    return write(tmp_path_factory.mktemp("passed") / "numbers.mp4", COUNT, FPS)


def as_kind(numbers: Path, name: str) -> Path:
    path = numbers.with_name(name)
    if not path.exists():
        if shutil.which("ffmpeg") is None:
            pytest.skip("ffmpeg makes the clip")
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", numbers, *KINDS[name], path], check=True)
    return path


def all_of(path: Path, options: SourceOptions) -> list[Frame]:
    with open_source([str(path)], options) as source:
        return list(source)


def shown(frame: Frame) -> int:
    """The number that the picture shows, fetched where it was passed over."""
    image = frame.image if frame.fetch is None else frame.fetch()
    assert image is not None
    return number_of(image)


@pytest.mark.parametrize("name", KINDS)
def test_most_frames_come_without_a_picture_and_are_else_the_same(name: str, numbers: Path) -> None:
    path = as_kind(numbers, name)
    plain = all_of(path, SourceOptions())
    with open_source([str(path)], SourceOptions(passes_over=True)) as source:
        frames = list(source)
        assert [(f.index, f.time_s, f.size) for f in frames] == [(f.index, f.time_s, f.size) for f in plain]
        with_picture = [f for f in frames if f.fetch is None]
        assert 1 / 6 < len(with_picture) / len(frames) < 0.6
        assert with_picture[0] is frames[0]
        assert [shown(f) for f in frames] == [number_of(f.image) for f in plain]
        assert source.problems == []
    gaps_s = [b.time_s - a.time_s for a, b in pairwise(with_picture)]
    assert max(gaps_s) < PICTURE_S + 1.5 / FPS, "a frame may be missing where the rate changes"


def test_the_last_frame_has_its_picture_where_it_is_known_to_be_the_last(numbers: Path) -> None:
    for end_s in (None, 0.5, 0.52, 1.0, 1.05, 2.0):
        frames = all_of(numbers, SourceOptions(passes_over=True, end_s=end_s))
        assert frames[-1].fetch is None
        assert len(frames) == (COUNT if end_s is None else np.ceil(round(end_s * FPS, 6)))


@pytest.mark.parametrize("fps", [1, 7, 10, 14, 15, 25, 60])
def test_pictures_lie_close_at_any_rate(fps: int, tmp_path: Path) -> None:
    frames = all_of(write(tmp_path / "clip.mp4", 40, fps), SourceOptions(passes_over=True))
    pictures = [f.index for f in frames if f.fetch is None]
    assert max(b - a for a, b in pairwise(pictures)) == max(1, int(PICTURE_S * fps))


def test_pictures_are_fetched_in_any_order_and_twice(numbers: Path) -> None:
    with open_source([str(numbers)], SourceOptions(passes_over=True)) as source:
        frames = [f for f in source if f.fetch is not None]
        for frame in (frames[40], frames[3], frames[3], frames[4], frames[60], frames[0]):
            assert shown(frame) == frame.index


@pytest.mark.parametrize("name", ["numbers.mp4", "h264.mp4", "h264.ts"])
def test_after_a_start_in_the_middle_the_same_frames_are_fetched(name: str, numbers: Path) -> None:
    path = as_kind(numbers, name)
    plain = all_of(path, SourceOptions(start_s=1.23, end_s=2.4))
    with open_source([str(path)], SourceOptions(start_s=1.23, end_s=2.4, passes_over=True)) as source:
        assert [shown(f) for f in source] == [number_of(f.image) for f in plain]


@pytest.mark.parametrize("kind", ["mp4v", "h264", "ts"])
def test_a_picture_far_on_is_the_right_one(kind: str, tmp_path: Path) -> None:
    """So far that seeking is tried; where that leads elsewhere, frames are counted."""
    count = 2 * FAR + 100
    path = write(tmp_path / "long.mp4", count, FPS)
    if kind != "mp4v":
        if shutil.which("ffmpeg") is None:
            pytest.skip("ffmpeg makes the clip")
        long = path.with_name("long.ts" if kind == "ts" else "long_h264.mp4")
        coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", long]
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", path, *coded], check=True)
        path = long
    with open_source([str(path)], SourceOptions(passes_over=True)) as source:
        frames = [f for f in source if f.fetch is not None]
        for frame in (frames[2], frames[-1], frames[-20], frames[len(frames) // 2], frames[len(frames) // 2 + 1]):
            assert shown(frame) == frame.index % 256
        assert source.problems == []


def test_what_cannot_be_decoded_again_is_told_once(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", 40, FPS)
    with open_source([str(path)], SourceOptions(passes_over=True)) as source:
        frames = [f for f in source if f.fetch is not None]
        path.unlink()
        assert [f.fetch() for f in frames[:2] if f.fetch is not None] == [None, None]
        assert source.problems == [f"{path} was changed while it was read: some of its frames may be read wrongly."]


def test_pictures_and_streams_are_not_passed_over(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), picture(7))
    (frame,) = all_of(tmp_path / "a.png", SourceOptions(passes_over=True))
    assert (frame.fetch, number_of(frame.image)) == (None, 7)


def test_of_several_clips_the_last_frames_of_one_can_be_fetched_when_the_next_has_begun(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, 20, FPS) for name in ("a.mp4", "b.mp4"))
    with open_source([str(first), str(second)], SourceOptions(passes_over=True)) as source:
        waiting = []
        for frame in source:
            if frame.source != str(first):
                break
            waiting += [frame] if frame.fetch is not None else []
            assert not waiting or shown(waiting[0]) == waiting[0].index
        first.unlink()  # it is still open
        assert shown(waiting[-1]) == waiting[-1].index
        assert len(list(source)) == 19
        assert source.problems == []

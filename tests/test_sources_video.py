"""Video files: every frame in order with its time, of every kind, and the truth about damaged ones."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.errors import SourceError, UsageError
from digitrec.filenames import opencv_name
from digitrec.results import Frame
from digitrec.sources import SourceOptions, open_source
from digitrec.sources import decoder as decoder_module
from digitrec.sources.decoder import Clip
from digitrec.sources.video import VideoSource
from tests.streams import number_of, picture, until

COUNT = 30
FPS = 10
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the clips")


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``numbers.avi`` (30 numbered frames, 10 a second), without needing ffmpeg."""
    folder = tmp_path_factory.mktemp("clips")
    write(folder / "numbers.avi", "MJPG")
    write(folder / "numbers.mp4", "mp4v")
    return folder


def write(path: Path, codec: str) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), FPS, (160, 120))
    for number in range(COUNT):
        writer.write(picture(number))
    writer.release()
    return path


def made(clips: Path, name: str, *arguments: str) -> Path:
    """``numbers.avi`` turned into another file by ffmpeg, once."""
    path = clips / name
    if not path.exists():
        ffmpeg("-i", clips / "numbers.avi", *arguments, path)
    return path


def h264(clips: Path) -> Path:
    return made(clips, "fast.mp4", "-c:v", "libx264", "-g", "12", "-pix_fmt", "yuv420p", "-movflags", "faststart")


def frames_of(path: Path | str, **options: float | None) -> list[Frame]:
    with open_source([str(path)], SourceOptions(**options)) as source:  # type: ignore[arg-type]
        frames = list(source)
        assert source.problems == []
    return frames


H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
KINDS: dict[str, tuple[str, ...]] = {
    "numbers.mp4": (),
    "numbers.avi": (),
    "h264.mp4": H264,
    "h265.mp4": ("-c:v", "libx265", "-x265-params", "log-level=none"),
    "h264.mov": H264,
    "h264.mkv": H264,
    "vp8.webm": ("-c:v", "libvpx", "-b:v", "1M"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
    "numbers.gif": (),
    "h264.ts": H264,
    "mpeg2.mpg": ("-c:v", "mpeg2video", "-r", "25"),
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov"),
    "numbers.mjpeg": ("-c:v", "copy"),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", KINDS)
def test_every_frame_of_every_kind_comes_in_order_with_its_time(name: str, clips: Path) -> None:
    path = made(clips, name, *KINDS[name])
    with open_source([str(path)]) as source:
        frames = list(source)
        assert source.problems == []
        assert not source.is_live
        fps = source.fps
    rate = {"mpeg2.mpg": 25, "numbers.mjpeg": 25}.get(name, FPS)
    assert fps == pytest.approx(rate)
    numbers = [number_of(frame.image) for frame in frames]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == COUNT
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert [frame.time_s for frame in frames] == pytest.approx([n / rate for n in range(len(frames))], abs=0.002)
    assert {(frame.size, frame.source, frame.grabbed_s) for frame in frames} == {((160, 120), str(path), None)}


@pytest.mark.parametrize("name", ["numbers.mp4", "numbers.avi"])
def test_the_frame_count_and_rate_are_told_before_reading(name: str, clips: Path) -> None:
    with open_source([str(clips / name)]) as source:
        assert (source.frame_count, source.fps) == (COUNT, FPS)
    with open_source([str(clips / name)], SourceOptions(start_s=0.5, end_s=1.2)) as source:
        assert source.frame_count == len(list(source)) == 7


@pytest.mark.parametrize(
    ("start_s", "end_s", "numbers"),
    [(0.0, 0.3, range(3)), (1.0, 1.5, range(10, 15)), (2.75, None, range(28, 30)), (0.0, 99.0, range(30))],
)
def test_start_and_end_cut_the_frames_exactly(start_s: float, end_s: float | None, numbers: range, clips: Path) -> None:
    frames = frames_of(clips / "numbers.mp4", start_s=start_s, end_s=end_s)
    assert [number_of(frame.image) for frame in frames] == list(numbers)
    assert [frame.index for frame in frames] == list(numbers)


def test_a_start_behind_the_end_is_told(clips: Path) -> None:
    with pytest.raises(SourceError, match="has no frame at 50 s: it ends before"):
        open_source([str(clips / "numbers.mp4")], SourceOptions(start_s=50))
    with pytest.raises(UsageError, match="--end 1 is not after --start 2"):
        open_source([str(clips / "numbers.mp4")], SourceOptions(start_s=2, end_s=1))


@needs_ffmpeg
@pytest.mark.parametrize("name", ["h264.mp4", "h264.ts", "numbers.gif", "h264.mkv"])
def test_seeking_lands_on_the_frame_of_that_time(name: str, clips: Path) -> None:
    path = made(clips, name, *KINDS[name])
    with open_source([str(path)]) as source:
        shown = []
        for time_s in (1.0, 0.0, 2.11, 0.5, 99.0, -3.0):
            assert source.seek(time_s)
            frame = next(source)
            shown.append((number_of(frame.image), frame.index, round(frame.time_s, 2)))
        assert shown == [(n, n, n / FPS) for n in (10, 0, 22, 5, 29, 0)]
        assert len(list(source)) == COUNT - 1
        source.seek(2.9)  # after the end was reached
        assert [number_of(frame.image) for frame in source] == [29]


@needs_ffmpeg
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_variable_rate_keeps_its_times_and_seeks_by_time(suffix: str, clips: Path) -> None:
    wanted = [*range(10), *range(10, COUNT, 4)]
    select = "+".join(f"eq(n,{number})" for number in wanted).replace(",", r"\,")
    path = made(clips, f"variable.{suffix}", "-vf", f"select={select}", "-fps_mode", "vfr", *H264)
    frames = frames_of(path)
    assert [number_of(frame.image) for frame in frames] == wanted
    assert [frame.time_s for frame in frames] == pytest.approx([number / FPS for number in wanted], abs=0.002)
    with open_source([str(path)]) as source:
        source.seek(1.2)
        assert number_of(next(source).image) == 14


@needs_ffmpeg
def test_a_phone_video_comes_upright(clips: Path) -> None:
    rotated = made(clips, "phone.mp4", "-vf", "transpose=2", *H264)
    turned = clips / "turned.mp4"
    ffmpeg("-i", rotated, "-c", "copy", "-metadata:s:v", "rotate=270", turned)
    frames = frames_of(turned)
    assert frames[0].size == (160, 120)
    assert frames[0].image[-12, 12].mean() < 64
    assert [number_of(frame.image) for frame in frames] == list(range(COUNT))


@needs_ffmpeg
@pytest.mark.skipif(cv2.__version__.startswith("4.12."), reason="OpenCV 4.12 repeats the last frame of the first size")
def test_where_the_frame_size_changes_the_frames_keep_the_first_size(clips: Path) -> None:
    small, large = made(clips, "h264.ts", *H264), made(clips, "large.ts", "-vf", "scale=320:240", *H264)
    both = clips / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    frames = frames_of(both)
    assert {frame.size for frame in frames} == {(160, 120)}
    assert [number_of(frame.image) for frame in frames] == [*range(COUNT)] * 2


def test_a_transparent_gif_is_on_white(tmp_path: Path) -> None:
    pil = pytest.importorskip("PIL.Image", reason="Pillow makes the picture")
    ink = pil.new("RGBA", (64, 48), (0, 0, 0, 0))
    ink.paste((0, 0, 0, 255), (8, 8, 20, 40))
    ink.save(tmp_path / "ink.gif", save_all=True, append_images=[ink.rotate(180)], duration=100, disposal=2)
    first, second = frames_of(tmp_path / "ink.gif")
    assert first.image[2, 2].min() > 240
    assert first.image[20, 12].max() < 16
    assert second.image[20, 12].min() > 240


# --- damaged files: what is done to which clip, what is said, how many frames come at least


def cut(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def wiped(data: bytes) -> bytes:
    """All packets but the first overwritten."""
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    keep = (end - start) // 20
    return data[: start + keep] + bytes(end - start - keep) + data[end:]


def of_unknown_codec(data: bytes) -> bytes:
    return data.replace(b"mp4v", b"zzzz").replace(b"esds", b"free")


DAMAGE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "mp4 in half": ("numbers.mp4", cut(0.5), "cannot be read: it was cut off before its index"),
    "faststart mp4 at two thirds": ("fast.mp4", cut(2 / 3), r"is cut short: \d+ of 30 frames are there"),
    "avi in half": ("numbers.avi", cut(0.5), r"is cut short: \d+ of 30 frames are there"),
    "mkv in half": ("copy.mkv", cut(0.5), r"is cut short: \d+ of 30 frames are there"),
    "gif in half": ("numbers.gif", cut(0.5), r"is cut short: \d+.* frames are there"),
    "packets wiped": ("numbers.mp4", wiped, "is damaged: 1 of its 30 frames could be read"),
    "unknown codec": ("numbers.mp4", of_unknown_codec, "cannot be read: .* Convert it: ffmpeg"),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_told_and_what_is_there_is_read(name: str, clips: Path, tmp_path: Path) -> None:
    clip, damage, message = DAMAGE[name]
    h264(clips)
    made(clips, "copy.mkv", "-c:v", "copy")
    made(clips, "numbers.gif")
    path = tmp_path / f"damaged{Path(clip).suffix}"
    path.write_bytes(damage((clips / clip).read_bytes()))
    if message.startswith("cannot"):
        with pytest.raises(SourceError, match=message):
            open_source([str(path)])
        return
    with open_source([str(path)]) as source:
        frames = list(source)
        (problem,) = source.problems
    whole = frames[:-1] if clip.endswith("gif") else frames  # of a GIF the last one comes half drawn
    assert [number_of(frame.image) for frame in whole] == list(range(len(whole)))
    assert 1 <= len(frames) < COUNT
    assert re.search(message, problem)


@needs_ffmpeg
def test_sound_without_video_is_named(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", tmp_path / "sound.mp4")
    with pytest.raises(SourceError, match="cannot be read: it holds sound and no video"):
        open_source([str(tmp_path / "sound.mp4")])


@needs_ffmpeg
def test_a_video_trimmed_without_encoding_anew_is_not_called_damaged(clips: Path) -> None:
    trimmed = clips / "trimmed.mp4"
    ffmpeg("-ss", "1.5", "-i", h264(clips), "-c", "copy", trimmed)
    assert [number_of(frame.image) for frame in frames_of(trimmed)] == list(range(15, COUNT))


@needs_ffmpeg
def test_a_video_that_begins_late_is_not_called_damaged(clips: Path) -> None:
    late = clips / "late.mkv"
    ffmpeg("-itsoffset", "60", "-i", clips / "numbers.avi", "-c", "copy", late)
    with open_source([str(late)]) as source:
        found = [(number_of(frame.image), round(frame.time_s, 3)) for frame in source]
        assert source.problems == []
    assert found == [(number, number / FPS) for number in range(COUNT)]


FAKES = {
    "text": (b"just a text\n" * 20, "it holds text"),
    "empty": (b"", "it is empty"),
    "playlist": (b"#EXTM3U\n#EXTINF:1,\nnumbers.mp4\n", "it is a playlist or script that points to other files"),
    "concat script": (b"ffconcat version 1.0\nfile numbers.mp4\n", "it is a playlist or script"),
    "session description": (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "it is a playlist or script"),
    "dash manifest": (b'<?xml version="1.0"?>\n<MPD xmlns="x">', "it is a playlist or script"),
    "zip": (b"PK\x03\x04", "it is a zip archive"),
}


@pytest.mark.parametrize("name", FAKES)
def test_what_is_no_video_is_named_and_leads_nowhere(name: str, clips: Path) -> None:
    data, what = FAKES[name]
    path = clips / "fake.mp4"  # beside numbers.mp4, which the scripts name
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        open_source([str(path)])
    assert caught.value.message.startswith(f"{path} cannot be read as a video: {what}")
    assert caught.value.exit_code == 4


def test_ffmpeg_itself_may_open_nothing_but_the_kind_that_was_seen(clips: Path) -> None:
    script = clips / "script.m3u8"
    script.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nnumbers.mp4\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError):
        VideoSource(Clip(script, "script", "mp4"), SourceOptions())


def test_a_video_that_vanishes_while_it_is_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gone cannot be opened: No such file"):
        VideoSource(Clip(tmp_path / "gone.mp4", "gone", "mp4"), SourceOptions())


NAMES = [
    "two words.mp4",
    "quo'te\".mp4",
    "número-数字-😀.mp4",
    "-dash.mp4",
    "%02d.mp4",
    "a:b|c.mp4",
    "x" * 246 + ".mp4",
]


@pytest.mark.parametrize("name", NAMES)
def test_file_names_of_all_kinds_open(name: str, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(clips / "numbers.mp4", tmp_path / name)
    frames = frames_of(name, end_s=0.2)
    assert [frame.source for frame in frames] == [name] * 2


def renamed(path: Path, name: bytes) -> Path:
    """The file under another name, where the file system takes it."""
    try:
        return path.rename(path.with_name(os.fsdecode(name)))
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")


@pytest.mark.skipif(sys.platform == "win32", reason="names are UTF-16 there")
@pytest.mark.parametrize("in_folder", [False, True])
def test_a_name_that_is_no_utf8_opens_and_leaves_no_link(
    in_folder: bool, clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenCV would end the process."""
    (tmp_path / "links").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "links"))
    (tmp_path / "videos").mkdir()
    clip = Path(shutil.copy(clips / "numbers.mp4", tmp_path / "videos"))
    clip = renamed(clip.parent, b"v\xff") / clip.name if in_folder else renamed(clip, b"c\xff.mp4")
    with VideoSource(Clip(clip, "clip", "mp4"), SourceOptions()) as source:
        assert [number_of(next(source).image) for _ in range(3)] == [0, 1, 2]
        source.seek(1.0)
        assert number_of(next(source).image) == 10
    assert list((tmp_path / "links").iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(SourceError, match="cannot be opened: its name is no UTF-8, and no link"):
        VideoSource(Clip(clip, "clip", "mp4"), SourceOptions())


def test_a_good_name_is_known_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsencode", lambda path: str(path).encode("ascii", "surrogateescape"))
    taken = "/" + "Ünï.mp4".encode().decode("ascii", "surrogateescape")
    with opencv_name(Path(taken)) as name:
        assert name == "/Ünï.mp4"


# --- a stand-in for cv2.VideoCapture, for headers and times that no writer makes


class StandIn:
    """``times_s``: what each frame reports; ``count`` and ``fps``: what the header says."""

    def __init__(self, times_s: list[float], count: float = 3.0, fps: float = 10.0) -> None:
        self.times_s = times_s
        self.answers = {cv2.CAP_PROP_FRAME_COUNT: count, cv2.CAP_PROP_FPS: fps, cv2.CAP_PROP_FOURCC: 0.0}
        self.grabbed = 0
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def get(self, prop: int) -> float:
        if prop == cv2.CAP_PROP_POS_MSEC:
            return 1000 * self.times_s[max(0, self.grabbed - 1)]
        return self.answers.get(prop, 0.0)

    def set(self, prop: int, value: float) -> bool:
        return False

    def grab(self) -> bool:
        self.grabbed += self.grabbed < len(self.times_s)
        return self.grabbed < len(self.times_s)

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, picture(self.grabbed)

    def release(self) -> None:
        self.released = True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[StandIn], VideoSource]]:
    sources = []

    def open_it(stand_in: StandIn) -> VideoSource:
        monkeypatch.setattr(decoder_module, "ffmpeg_capture", lambda *_: stand_in)
        path = tmp_path / "any.ts"
        path.write_bytes(b"G")
        sources.append(VideoSource(Clip(path, "any", "ts"), SourceOptions()))
        return sources[-1]

    yield open_it
    for source in sources:
        source.close()


@pytest.mark.parametrize("count", [0.0, -1.0, -9.2e18, 9e18, math.nan])
def test_an_absurd_frame_count_is_unknown(count: float, opened: Callable[[StandIn], VideoSource]) -> None:
    source = opened(StandIn([0.0, 0.1, 0.2, 0.3], count))
    assert source.frame_count is None
    assert len(list(source)) == 3


@pytest.mark.parametrize("fps", [0.0, math.nan, -1.0, 1000.0, 90000.0, math.inf])
def test_an_absurd_frame_rate_is_unknown(fps: float, opened: Callable[[StandIn], VideoSource]) -> None:
    source = opened(StandIn([0.0, 0.1, 0.2, 0.3], fps=fps))
    assert source.fps is None
    assert [frame.time_s for frame in source] == [0.0, 0.1, 0.2]


TIMES = {
    "going back": [0.0, 0.5, 0.2, 0.3, 0.6, 0.7, 0.0],
    "standing still": [0.0, 0.5, 0.5, 0.5, 0.5, 0.5],
    "none": [0.0] * 6,
    "not a number": [math.nan] * 6,
    "absurd": [-3.6e17] * 6,
}


@pytest.mark.parametrize("name", TIMES)
def test_times_always_grow(name: str, opened: Callable[[StandIn], VideoSource]) -> None:
    times = [frame.time_s for frame in opened(StandIn(TIMES[name], fps=10.0))]
    assert len(times) == len(TIMES[name]) - 1
    assert all(a < b < 1.0 for a, b in pairwise(times))


def test_decoding_runs_ahead_by_a_few_frames_only(opened: Callable[[StandIn], VideoSource]) -> None:
    stand_in = StandIn([n / 10 for n in range(1000)])
    source = opened(stand_in)
    next(source)
    # 17 where the first was taken while others came, 16 where all lay there: then room for a few is waited for.
    assert until(lambda: stand_in.grabbed >= 16)
    assert not until(lambda: stand_in.grabbed > 20, 0.2)
    assert [frame.index for frame in source] == list(range(1, 999))


def test_a_fault_in_the_decoding_thread_reaches_the_reader(opened: Callable[[StandIn], VideoSource]) -> None:
    stand_in = StandIn([0.0, 0.1, 0.2])
    source = opened(stand_in)
    stand_in.retrieve = lambda: 1 / 0  # type: ignore[assignment,return-value]
    with pytest.raises(ZeroDivisionError):
        next(source)


def test_closing_in_the_middle_releases_the_file(opened: Callable[[StandIn], VideoSource]) -> None:
    stand_in = StandIn([n / 10 for n in range(1000)])
    with opened(stand_in) as source:
        next(source)
    assert stand_in.released
    assert list(source) == []
    source.close()

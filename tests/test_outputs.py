"""Outputs, each on its own, with made-up readings and real files."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitrec.console import Console
from digitrec.errors import OutputError, UsageError
from digitrec.outputs import KINDS, check_targets, open_output
from digitrec.outputs.base import LineFile, Moment, RunInfo
from digitrec.outputs.crops import Crops
from digitrec.outputs.spans import Spans
from digitrec.outputs.text import json_line, printable
from digitrec.outputs.video import CODECS, VideoFile, even, letterbox, video_fps
from digitrec.results import Box, Frame, Reading
from digitrec.words import in_words
from tests.camtools import frame_of, reading_of

FPS = 10.0
NOTHING = Reading((), (), (320, 240))


def run_info(fps: float | None = FPS, **more: bool) -> RunInfo:
    return RunInfo(Moment(fps, is_still=fps is None), **more)


def write_all(target: Path, run: RunInfo, shown: Sequence[tuple[Frame, Reading]]) -> str | None:
    with open_output(str(target), run, Console()) as output:
        for frame, reading in shown:
            output.write(frame, reading)
    return output.report()


def video(*readings: Reading, source: str = "clip.mp4") -> list[tuple[Frame, Reading]]:
    return [(frame_of(i, i / FPS, source), reading) for i, reading in enumerate(readings)]


def frames_in(path: Path) -> list[np.ndarray]:
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        ok, frame = capture.read()
        if not ok:
            return frames
        frames.append(frame)


def test_jsonl_is_as_documented(tmp_path: Path) -> None:
    target = tmp_path / "o.jsonl"
    write_all(target, run_info(), [(frame_of(12, 0.4000001), reading_of("70", ids=True))])
    assert json.loads(target.read_text()) == {
        "source": "clip.mp4", "frame": 12, "time_s": 0.4, "size": [320, 240],
        "digits": [
            {"id": 0, "box": [20, 20, 20, 30], "digit": 7, "confidence": 0.9877},
            {"id": 1, "box": [50, 20, 20, 30], "digit": 0, "confidence": 0.9877},
        ],
        "numbers": [{"id": 0, "box": [20, 20, 50, 30], "text": "70", "confidence": 0.95}],
    }  # fmt: skip


def test_jsonl_takes_numpy_values_words_and_odd_names(tmp_path: Path) -> None:
    target = tmp_path / "o.jsonl"
    name = os.fsdecode(b"caf\xc3\xa9 \xff.png")
    reading = reading_of("007")
    digit = replace(reading.digits[0], digit=np.int64(0), box=Box(*np.array([1, 2, 3, 4])))  # type: ignore[arg-type]
    write_all(target, run_info(words=True), [(frame_of(source=name), replace(reading, digits=(digit,)))])
    text = target.read_text("utf-8")
    assert "café" in text
    read = json.loads(text)
    assert read["source"] == name
    assert read["digits"][0]["box"] == [1, 2, 3, 4]
    assert read["digits"][0]["id"] is None
    assert read["numbers"][0]["words"] == "zero zero seven"


def test_jsonl_line_is_in_the_file_at_once(tmp_path: Path) -> None:
    target = tmp_path / "o.jsonl"
    with open_output(str(target), run_info(), Console()) as output:
        for index in range(3):
            output.write(frame_of(index), NOTHING)
            assert len(target.read_text().splitlines()) == index + 1


def test_text_has_a_line_when_the_reading_changes(tmp_path: Path) -> None:
    a, b = reading_of("7042", "15"), reading_of("3")
    target = tmp_path / "o.txt"
    report = write_all(target, run_info(), video(NOTHING, a, a, a, b, b, NOTHING, b))
    assert target.read_text() == "0.1 s  7042 15\n0.4 s  3\n0.6 s  -\n0.7 s  3\n"
    assert report == f"{target} (4 lines)"


def test_text_names_sources_and_pictures(tmp_path: Path) -> None:
    target = tmp_path / "o.txt"
    write_all(target, run_info(several=True), [*video(reading_of("1")), *video(reading_of("1"), source="b\x1b[2J.mp4")])
    assert target.read_text() == "clip.mp4  0.0 s  1\nb?[2J.mp4  0.0 s  1\n"
    pictures = [(frame_of(i, 0.0, f"{i}.png"), reading_of("12")) for i in range(2)]
    write_all(target, run_info(None, force=True), pictures)
    assert target.read_text() == "0.png: 12\n1.png: 12\n"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_csv_has_a_row_a_number_with_its_time(tmp_path: Path) -> None:
    a, b = reading_of("7042", "15"), reading_of("7042")
    target = tmp_path / "o.csv"
    write_all(target, run_info(), video(a, a, b, b, NOTHING, a))
    rows = table(target)
    assert [(r["text"], r["start_s"], r["end_s"], r["first_frame"], r["last_frame"]) for r in rows] == [
        ("7042", "0.000", "0.600", "0", "5"),  # away for one frame only
        ("15", "0.000", "0.600", "0", "5"),
    ]
    assert rows[0]["number"] == ""
    assert [rows[0][k] for k in ("x", "y", "width", "height")] == ["20", "20", "110", "30"]


def test_csv_splits_when_a_number_was_away_for_long(tmp_path: Path) -> None:
    a = reading_of("15")
    target = tmp_path / "o.csv"
    write_all(target, run_info(), video(a, *[NOTHING] * 7, a))
    assert [(r["start_s"], r["end_s"]) for r in table(target)] == [("0.000", "0.100"), ("0.800", "0.900")]


def test_csv_goes_by_number_id_and_takes_the_surest_text(tmp_path: Path) -> None:
    right, wrong = reading_of("15", ids=True), reading_of("16", ids=True)
    target = tmp_path / "o.csv"
    write_all(target, run_info(words=True), video(right, wrong, right, right))
    assert [(r["number"], r["text"], r["words"], r["confidence"]) for r in table(target)] == [
        ("0", "15", "fifteen", "0.9500")
    ]


def test_csv_tells_equal_numbers_in_two_places_apart(tmp_path: Path) -> None:
    target = tmp_path / "o.csv"
    write_all(target, run_info(), video(*[reading_of("3", "8", "3")] * 4))
    assert [r["text"] for r in table(target)] == ["3", "8", "3"]


def test_csv_of_pictures_has_no_times(tmp_path: Path) -> None:
    target = tmp_path / "o.csv"
    write_all(target, run_info(None), [(frame_of(i, 0.0, f"{i}.png"), reading_of("12")) for i in range(2)])
    assert [(r["source"], r["text"], r["start_s"], r["end_s"], r["first_frame"]) for r in table(target)] == [
        ("0.png", "12", "", "", "0"), ("1.png", "12", "", "", "1"),
    ]  # fmt: skip


def test_subtitles(tmp_path: Path) -> None:
    a, b = reading_of("7042"), reading_of("7042", "15")
    target = tmp_path / "o.srt"
    shown = [*video(a, b, b), *video(a, source="next.mp4")]
    write_all(target, run_info(words=True), shown)
    assert target.read_text() == (
        "1\n00:00:00,000 --> 00:00:00,300\n7042\nseven thousand and forty-two\n\n"
        "2\n00:00:00,100 --> 00:00:00,300\n15\nfifteen\n\n"
        "3\n00:00:00,300 --> 00:00:00,400\n7042\nseven thousand and forty-two\n\n"
    )


@given(st.lists(st.lists(st.sampled_from(["1", "22", "333"]), unique=True, max_size=3), max_size=40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_spans_cover_every_number_once_and_in_order(plan: list[list[str]], ids: bool) -> None:
    spans = Spans(run_info())
    shown = video(*[reading_of(*texts, ids=ids) for texts in plan])
    found = [span for frame, reading in shown for span in spans.add(frame, reading)] + list(spans.finish())
    assert [span.start_s for span in found] == sorted(span.start_s for span in found)
    for frame, reading in shown:
        for number in reading.numbers:
            covering = [s for s in found if s.first_frame <= frame.index <= s.last_frame and number.text in s.votes]
            assert covering, (frame.index, number.text)
    assert sum(len(votes) for span in found for votes in span.votes.values()) == sum(map(len, plan))


@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".webm", ".avi"])
def test_video_has_every_frame_annotated_at_the_right_rate(kind: str, tmp_path: Path) -> None:
    target = tmp_path / f"o{kind}"
    report = write_all(target, run_info(29.97), [(frame_of(i, i / 29.97), reading_of("7042")) for i in range(20)])
    frames = frames_in(target)
    assert len(frames) == 20
    assert math.isclose(cv2.VideoCapture(str(target)).get(cv2.CAP_PROP_FPS), 29.97, abs_tol=0.01)
    assert frames[0].shape == (240, 320, 3)
    assert np.ptp(frames[0]) > 100, "the reading is drawn on the plain grey frame"
    assert report is not None
    assert "(20 frames, " in report
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("size", [(1, 1), (33, 57), (641, 361)])
def test_video_takes_any_size(size: tuple[int, int], tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    write_all(target, run_info(), [(frame_of(i, i / FPS, size=size), reading_of("1", size=size)) for i in range(5)])
    frames = frames_in(target)
    assert len(frames) == 5
    assert frames[0].shape[:2] == (even(size[1]), even(size[0]))


def test_video_keeps_its_size_when_the_source_changes(tmp_path: Path) -> None:
    target = tmp_path / "o.avi"
    white = np.full((480, 160, 3), 255, np.uint8)
    write_all(target, run_info(), [(frame_of(0), NOTHING), (Frame(white, 1, 0.1, "clip.mp4"), NOTHING)])
    first, second = frames_in(target)
    assert first.shape == second.shape == (240, 320, 3)
    assert second[120, 160].min() > 240, "the tall frame stands in the middle"
    assert second[120, 20].max() < 20, "with black beside it"


def test_video_of_a_live_source_follows_the_clock(tmp_path: Path) -> None:
    target = tmp_path / "o.avi"
    live = run_info(10.0)
    times = [0.0, 0.1, 0.12, 0.14, 0.5, 0.6, 100.0]
    with VideoFile(target, live) as output:
        for index, time_s in enumerate(times):
            output.write(replace(frame_of(index, time_s), grabbed_s=time_s), NOTHING)
    assert len(frames_in(target)) == 7 + 100, "0.6 s at 10 fps and the one before; a long silence is cut to 10 s"


def test_video_of_pictures_and_videos_keeps_their_times(tmp_path: Path) -> None:
    target, now = tmp_path / "o.avi", Moment(None, is_still=True)
    with VideoFile(target, RunInfo(now)) as output:
        output.write(frame_of(0, 0.0, "a.png"), NOTHING)
        now.fps, now.is_still = 10.0, False
        for index in range(10):
            output.write(frame_of(index, index / 10), NOTHING)
    capture = cv2.VideoCapture(str(target))
    assert len(frames_in(target)) / capture.get(cv2.CAP_PROP_FPS) == pytest.approx(3.0), "2 s and 1 s"


def test_mp4_is_hidden_until_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    with VideoFile(target, run_info()) as output:
        output.write(frame_of(0), NOTHING)
        assert not target.exists()
    assert len(frames_in(target)) == 1


@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".avi", ".webm"])
def test_video_of_a_name_that_is_no_utf8(kind: str, tmp_path: Path) -> None:
    """OpenCV would end the process."""
    target = tmp_path / os.fsdecode(b"o\xff" + kind.encode())
    try:
        target.touch()
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    target.unlink()
    assert "1 frame" in str(write_all(target, run_info(), video(NOTHING)))
    assert len(frames_in(target.rename(tmp_path / f"clean{kind}"))) == 1


def test_mp4_never_replaces_what_appeared_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    with pytest.raises(OutputError, match=r"exists already; the video is kept as .*\.o\.partial\.mp4"):  # noqa: SIM117
        with VideoFile(target, run_info()) as output:
            output.write(frame_of(0), NOTHING)
            target.write_text("precious")
    assert target.read_text() == "precious"
    assert len(frames_in(tmp_path / ".o.partial.mp4")) == 1


def test_video_without_frames_leaves_no_file(tmp_path: Path) -> None:
    for kind in (".mp4", ".mkv"):
        assert write_all(tmp_path / f"o{kind}", run_info(), []) is None
    assert list(tmp_path.iterdir()) == []


def test_video_stops_before_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter([10**9] * 6 + [1000] * 1000)
    monkeypatch.setattr("digitrec.outputs.video.shutil.disk_usage", lambda _: SimpleNamespace(free=next(free)))
    target = tmp_path / "o.mp4"
    with pytest.raises(OutputError, match="the disk is full; the first 5 frames are kept") as caught:
        write_all(target, run_info(), video(*[NOTHING] * 50))
    assert caught.value.exit_code == 6
    assert len(frames_in(target)) == 5


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shutil.disk_usage", "o.mkv: the disk is full"),
        ("_readable", "o.mkv is written, but cannot be checked: no space left on device. Play it to see."),
    ],
)
def test_what_the_system_refuses_a_video_is_told(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"digitrec.outputs.video.{name}", refuse)
    with pytest.raises(OutputError, match=words):
        write_all(tmp_path / "o.mkv", run_info(), video(NOTHING))


def test_video_without_its_codec_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CODECS, ".avi", "ZZZZ")
    with pytest.raises(OutputError, match=r"has no ZZZZ for \.avi"):
        write_all(tmp_path / "o.avi", run_info(), video(NOTHING))


def test_video_fps_of_absurd_sources() -> None:
    assert video_fps(None) == 25
    assert video_fps(1000) == 25
    assert video_fps(30000 / 1001) == 29.97


@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.tuples(st.integers(16, 90), st.integers(16, 90)))
@settings(max_examples=80, deadline=None)
def test_letterbox_always_gives_the_size(picture: tuple[int, int], size: tuple[int, int]) -> None:
    boxed = letterbox(np.full((picture[1], picture[0], 3), 255, np.uint8), size)
    assert boxed.shape == (size[1], size[0], 3)
    assert boxed.max() == 255


def test_full_disk_takes_the_half_line_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = LineFile(tmp_path / "o.txt", force=False)
    lines.write("first\n")
    real = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 5:
            raise OSError(28, "No space left on device")
        return real(file, data[: len(data) - 3])

    monkeypatch.setattr("digitrec.outputs.base.os.write", half)
    with pytest.raises(OutputError, match="the disk is full"):
        lines.write("second\n")
    monkeypatch.undo()
    lines.close()
    assert (tmp_path / "o.txt").read_text() == "first\n"


def test_crops_of_a_tracked_digit_are_saved_once_a_second(tmp_path: Path) -> None:
    crop = np.zeros((28, 28), np.uint8)
    reading = reading_of("7", ids=True)
    reading = replace(reading, digits=tuple(replace(d, crop=crop) for d in reading.digits))
    with Crops(tmp_path / "deep" / "crops") as crops:
        for index in range(25):
            crops.write(frame_of(index, index / FPS, "../dir/a b\n.mp4"), reading)
    rows = table(tmp_path / "deep" / "crops" / "labels.csv")
    assert [r["file"] for r in rows] == [f"7_0.988_a-b-.mp4_{i:06}_00.png" for i in (0, 10, 20)]


def test_every_kind_of_output_can_be_opened(tmp_path: Path) -> None:
    for kind in KINDS:
        report = write_all(tmp_path / f"o{kind}", run_info(), video(reading_of("7")))
        assert report is not None
        assert str(tmp_path / f"o{kind}") in report


def test_outputs_in_the_folder_of_pictures_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "o.jsonl").touch()
    (tmp_path / "o.mp4").touch()
    check_targets([str(tmp_path / "o.jsonl")], [str(tmp_path)], force=True)
    with pytest.raises(UsageError, match="also an input"):
        check_targets([str(tmp_path / "o.mp4")], [str(tmp_path)], force=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "zero"), ("15", "fifteen"), ("7042", "seven thousand and forty-two"), ("007", "zero zero seven"),
        ("123456", "one hundred and twenty-three thousand, four hundred and fifty-six"),
        ("5551234", "five five five one two three four"),
    ],
)  # fmt: skip
def test_words(text: str, words: str) -> None:
    assert in_words(text) == words


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\nb é.png") == "a?[2J?b é.png"


def test_record_needs_no_file() -> None:
    assert json.loads(json_line(frame_of(), NOTHING))["digits"] == []

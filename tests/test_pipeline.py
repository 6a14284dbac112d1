"""The loop, playing in a window (a stand-in for it), the meter, signals."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitrec import pipeline as pipeline_module
from digitrec.interrupts import Interrupted, Interrupts
from digitrec.keepsakes import Keepsakes
from digitrec.keyframes import KeyFrames, recorded_frames
from digitrec.outputs.base import Moment
from digitrec.pipeline import Pipeline, Stages
from digitrec.player import Controls, Player
from digitrec.recognizer import Explanation
from digitrec.repeats import is_same
from digitrec.results import Frame, Image, Reading
from digitrec.screen import Look
from digitrec.sources import Source
from digitrec.summary import Meter, clock, progress_line, summary_lines
from digitrec.tracking.agreement import Course
from digitrec.viewer import Viewer
from digitrec.window import Command, command_of
from tests.camtools import FakeSource, frame_of, reading_of

READING = reading_of("72")


class Written:
    """An output that remembers."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.readings: list[Reading] = []

    def __enter__(self) -> Written:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, frame: Frame, reading: Reading) -> None:
        self.frames.append(frame)
        self.readings.append(reading)

    def report(self) -> str | None:
        return None


class CountingTracker:
    """Gives the number of frames it has seen as id; looks ahead by two frames."""

    def __init__(self) -> None:
        self.seen = 0
        self.waiting: list[tuple[Frame, Reading]] = []

    def push(self, frame: Frame, reading: Reading, course: Course) -> list[tuple[Frame, Reading]]:
        self.seen += 1
        numbers = tuple(replace(n, id=self.seen) for n in reading.numbers)
        self.waiting.append((frame, replace(reading, numbers=numbers)))
        return [self.waiting.pop(0)] if len(self.waiting) > 2 else []

    def flush(self) -> list[tuple[Frame, Reading]]:
        waiting, self.waiting = self.waiting, []
        return waiting


def counting(read: Callable[[Image], Reading]) -> KeyFrames:
    return KeyFrames(read, CountingTracker(), reach_s=0)


def clip(count: int, fps: float = 1000.0, source: str = "clip.mp4") -> list[Frame]:
    return [frame_of(i, i / fps, source) for i in range(count)]


def test_every_frame_goes_through_every_stage_in_order() -> None:
    written, meter = Written(), Meter()
    seen: list[int] = []
    stages = Stages(lambda image: READING, counting, [written])
    frames = [*clip(3), *clip(2, source="b.mp4")]
    Pipeline(stages, meter, Interrupts(), lambda _, frame: seen.append(frame.index)).run(FakeSource(frames))
    assert written.frames == frames
    assert [r.numbers[0].id for r in written.readings] == [1, 2, 3, 1, 2], "a new source is tracked anew"
    assert seen == [0, 1, 2, 0, 1]
    assert meter.frames == 5


def reading_counter(read: list[int]) -> Callable[[Image], Reading]:
    """A stand-in for ``Recognizer.read`` that answers with the sum of the pixels, and notes it."""

    def sum_up(image: Image) -> Reading:
        read.append(int(image.sum()))
        return reading_of(str(read[-1]))

    return sum_up


def test_a_frame_that_comes_again_is_not_read_again() -> None:
    written, read = Written(), list[int]()
    frames = clip(6)
    frames[3].image[100, 101, 2] += 1  # a single pixel off every coarse grid
    Pipeline(Stages(reading_counter(read), counting, [written]), Meter(), Interrupts()).run(FakeSource(frames))
    grey, changed = int(frames[0].image.sum()), int(frames[0].image.sum()) + 1
    assert read == [grey, changed, grey], "only what differs from the frame before is read"
    assert [r.numbers[0].text for r in written.readings] == [str(s) for s in (grey, grey, grey, changed, grey, grey)]
    assert [r.numbers[0].id for r in written.readings] == [1, 2, 3, 4, 5, 6], "the tracker sees every frame"
    assert written.frames == frames


@pytest.mark.parametrize("shape", [(1, 1, 3), (63, 65, 3), (64, 64), (130, 200, 3), (0, 0, 3)])
def test_pictures_are_the_same_when_every_pixel_is(shape: tuple[int, ...]) -> None:
    first = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    assert is_same(first, first.copy())
    assert not is_same(first, np.zeros((7, 9, 3), np.uint8))
    for place in ((0,) * len(shape), tuple(side - 1 for side in shape), tuple(side // 2 for side in shape)):
        if first.size:
            other = first.copy()
            other[place] ^= 1
            assert not is_same(first, other)


def test_pictures_are_not_tracked() -> None:
    written = Written()
    pictures = FakeSource([frame_of(i, 0.0, f"{i}.png") for i in range(3)], fps=None)
    Pipeline(Stages(lambda image: READING, counting, [written]), Meter(), Interrupts()).run(pictures)
    assert [r.numbers[0].id for r in written.readings] == [None] * 3


def numbered(count: int) -> list[Frame]:
    """Frames at 100 a second of which no two are the same."""
    frames = clip(count, fps=100)
    for frame in frames:
        frame.image[0, 0] = frame.index
    return frames


def interrupted(interrupts: Interrupts, pipeline: Pipeline, source: FakeSource) -> None:
    """Run until a signal comes, and end as ``Session`` does."""
    with interrupts:
        with pytest.raises(Interrupted):
            pipeline.run(source)
        with suppress(Interrupted), interrupts.held():
            pipeline.break_off()


class Signalling(Written):
    """Ctrl+C comes while the frame with this number is written."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def write(self, frame: Frame, reading: Reading) -> None:
        super().write(frame, reading)
        if frame.index == self.at:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("at", [4, 16])
def test_after_an_interrupt_no_frame_is_read_and_what_is_written_counts(at: int) -> None:
    """At 4 it comes while others wait to be read; at 16 while the end of the clip is read."""
    written, meter, interrupts, read = Written(), Meter(), Interrupts(), list[int]()

    def read_slowly(image: Image) -> Reading:
        read.append(int(image[0, 0, 0]))
        if len(read) == 2:
            signal.raise_signal(signal.SIGINT)
        return READING

    def interrupt(source: Source, frame: Frame) -> None:
        if frame.index == at:
            signal.raise_signal(signal.SIGINT)

    pipeline = Pipeline(Stages(read_slowly, recorded_frames, [written]), meter, interrupts, interrupt)
    interrupted(interrupts, pipeline, FakeSource(numbered(10)))
    assert read == ([0] if at == 4 else [0, 9]), "none after the interrupt"
    assert [frame.index for frame in written.frames] == list(range(meter.frames)) == [0]


def test_an_interrupt_while_a_frame_is_written_leaves_it_counted() -> None:
    written, meter, interrupts = Signalling(at=3), Meter(), Interrupts()
    interrupted(interrupts, Pipeline(Stages(lambda image: READING, None, [written]), meter, interrupts),
                FakeSource(numbered(10)))  # fmt: skip
    assert len(written.frames) == meter.frames == 4


class FakeWindow:
    """A window whose keys come from a plan: frame index -> commands to give while that frame is shown."""

    def __init__(self, plan: dict[int, list[Command]], shown: Callable[[], int]) -> None:
        self.plan = plan
        self.index = shown
        self.pictures: list[Image] = []
        self.closed = False
        self.idle = 0
        self.size = (320, 260)

    def show(self, picture: Image) -> None:
        self.pictures.append(picture)

    def poll(self, wait_s: float) -> Command | None:
        commands = self.plan.get(self.index())
        if commands:
            return commands.pop(0)
        time.sleep(wait_s)
        self.idle += 1
        assert self.idle < 500, "the player waits for ever"
        return None

    def close(self) -> None:
        self.closed = True


class Stage:
    """A player with a stand-in for the window, and all that happened."""

    def __init__(
        self, source: FakeSource, plan: dict[int, list[Command]], folder: Path, recorded: bool = False
    ) -> None:
        self.shown: list[int] = []
        self.said: list[str] = []
        self.saved: list[str] = []
        self.window = FakeWindow(plan, lambda: self.shown[-1] if self.shown else -1)
        self.written = Written()

        def explain(image: Image) -> Explanation:
            return Explanation(np.zeros(image.shape[:2], np.uint8), (), READING)

        self.viewer = Viewer(lambda title, size: self.window, explain, Look(), (1280, 800))
        show = self.viewer.show

        def remember(frame: Frame, *rest: object) -> None:
            self.shown.append(frame.index)
            show(frame, *rest)  # type: ignore[arg-type]

        self.viewer.show = remember  # type: ignore[method-assign, assignment]
        meter = Meter()
        outputs = [self.written] if recorded else []
        pipeline = Pipeline(Stages(lambda image: READING, None, outputs), meter, Interrupts())
        controls = Controls(self.viewer, Keepsakes(folder, self.saved), meter, Interrupts(), self.said.append, Moment())
        self.player = Player(source, pipeline, controls, recorded)  # type: ignore[arg-type]


def test_a_video_plays_to_its_end_and_the_window_closes(tmp_path: Path) -> None:
    stage = Stage(FakeSource(clip(20)), {}, tmp_path)
    assert stage.player.run() is False
    assert stage.shown == list(range(20))
    assert stage.window.closed


def test_quit(tmp_path: Path) -> None:
    stage = Stage(FakeSource(clip(20)), {4: [Command.QUIT]}, tmp_path)
    assert stage.player.run() is True
    assert stage.shown == [0, 1, 2, 3, 4]


def test_pause_holds_and_steps_one_by_one(tmp_path: Path) -> None:
    plan = {
        4: [Command.PAUSE, Command.STEP],
        5: [Command.STEP],
        6: [Command.MIRROR, Command.HELP, Command.DEBUG, Command.PAUSE],
        9: [Command.QUIT],
    }
    stage = Stage(FakeSource(clip(20)), plan, tmp_path)
    stage.player.run()
    assert stage.shown == list(range(10))
    assert not plan[6], "view keys work in a pause"


def test_a_pause_without_end_keeps_the_frame(tmp_path: Path) -> None:
    stage = Stage(FakeSource(clip(20)), {3: [Command.PAUSE, *[None] * 50, Command.QUIT]}, tmp_path)  # type: ignore[list-item]
    stage.player.run()
    assert stage.shown == [0, 1, 2, 3]


def test_arrows_jump_five_seconds(tmp_path: Path) -> None:
    frames = clip(200, fps=10.0)
    source = FakeSource(frames, fps=10.0)
    plan = {0: [Command.FORWARD], 50: [Command.PAUSE, Command.FORWARD, Command.QUIT], 100: [Command.BACK]}
    stage = Stage(source, plan, tmp_path)
    stage.player.run()
    assert stage.shown == [0, 50, 100, 50]


def test_no_jumping_while_every_frame_is_recorded(tmp_path: Path) -> None:
    stage = Stage(FakeSource(clip(20)), {3: [Command.FORWARD]}, tmp_path, recorded=True)
    stage.player.run()
    assert stage.shown == list(range(20))
    assert [f.index for f in stage.written.frames] == list(range(20))


def pictures() -> FakeSource:
    return FakeSource([frame_of(i, 0.0, f"{i}.png") for i in range(4)], fps=None)


def test_pictures_wait_for_a_key(tmp_path: Path) -> None:
    plan = {0: [Command.PAUSE], 1: [Command.STEP], 2: [Command.FORWARD], 3: [Command.QUIT]}
    stage = Stage(pictures(), plan, tmp_path)
    assert stage.player.run() is True
    assert stage.shown == [0, 1, 2, 3]
    assert not any(plan.values())


def test_pictures_pass_by_when_they_are_recorded(tmp_path: Path) -> None:
    stage = Stage(pictures(), {}, tmp_path, recorded=True)
    assert stage.player.run() is False
    assert stage.shown == [0, 1, 2, 3]


def test_snapshot_and_recording(tmp_path: Path) -> None:
    pause, keep = Command.PAUSE, Command.RECORD
    plan = {2: [pause, Command.SNAPSHOT, Command.SNAPSHOT, keep, pause], 10: [keep], 14: [keep]}
    stage = Stage(FakeSource(clip(20, fps=50.0), fps=50.0), plan, tmp_path)
    stage.player.run()
    names = sorted(p.suffix for p in tmp_path.iterdir())
    assert names == [".mkv", ".mkv", ".png", ".png"], "nothing is overwritten, an open recording is closed"
    assert len(stage.saved) == 4
    assert "(8 frames" in stage.saved[2]
    assert any(line.startswith("recording ") for line in stage.said)


def test_a_recording_of_pictures_holds_the_one_that_stood_there(tmp_path: Path) -> None:
    stage = Stage(pictures(), {0: [Command.RECORD, Command.RECORD, Command.QUIT]}, tmp_path)
    stage.player.run()
    assert [report.partition(" (")[2].split(",")[0] for report in stage.saved] == ["1 frame"]


def test_a_reader_of_standard_output_that_leaves_ends_only_what_is_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = list[bool]()
    monkeypatch.setattr(pipeline_module, "drop_standard_output", lambda: dropped.append(True))

    class Left(Written):
        def write(self, frame: Frame, reading: Reading) -> None:
            if frame.index == 2:
                raise BrokenPipeError
            super().write(frame, reading)

    left, file = Left(), Written()
    for outputs in ([left, file], [left]):
        pipeline = Pipeline(Stages(lambda image: READING, None, outputs), Meter(), Interrupts())
        with pytest.raises(BrokenPipeError) if file not in outputs else nullcontext():
            pipeline.run(FakeSource(clip(5)))
    assert (len(left.frames), len(file.frames), dropped) == (4, 5, [True])


def test_a_snapshot_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    plan = {2: [Command.PAUSE, Command.SNAPSHOT, Command.RECORD, Command.PAUSE]}
    stage = Stage(FakeSource(clip(6)), plan, tmp_path / "gone")
    stage.player.run()
    assert stage.shown == list(range(6))
    assert len([line for line in stage.said if "does not exist" in line]) == 2


class SilentLive(FakeSource):
    """A live source: two frames, silence with a status, a frame after ``reconnect``, the end."""

    def __init__(self) -> None:
        super().__init__(clip(3))
        self.is_live = True
        self.status: str | None = None
        self.reconnects = 0
        self.calls = 0

    @property
    def ended(self) -> bool:
        return self.next == 3

    def read(self, timeout_s: float) -> Frame | None:
        self.calls += 1
        if self.next < 2:
            return next(self)
        if not self.reconnects:
            self.status = "camera 0 gave no frame for 3 s"
            return None
        self.status = None
        return next(self) if self.next < 3 else None

    def reconnect(self) -> None:
        self.reconnects += 1


def test_a_silent_camera_does_not_block_the_window(tmp_path: Path) -> None:
    source = SilentLive()
    stage = Stage(source, {1: [None] * 20 + [Command.HELP, Command.RECONNECT]}, tmp_path)  # type: ignore[list-item]
    assert stage.player.run() is False
    assert source.reconnects == 1
    assert stage.shown == [0, 1, 2]
    assert stage.said == ["camera 0 gave no frame for 3 s", "clip.mp4 is back"]


def test_keys_of_all_platforms() -> None:
    assert command_of(ord("q")) is command_of(ord("Q")) is command_of(27) is Command.QUIT
    assert command_of(ord("q") | 0x100000) is Command.QUIT, "GTK with Num Lock"
    for left, right in ((65361, 65363), (2424832, 2555904), (63234, 63235), (0x1000012, 0x1000014)):
        assert command_of(left) is Command.BACK
        assert command_of(right) is Command.FORWARD
    for key, command in zip(
        " .svmdhr", ("PAUSE", "STEP", "SNAPSHOT", "RECORD", "MIRROR", "DEBUG", "HELP", "RECONNECT"), strict=True
    ):
        assert command_of(ord(key)) is Command[command]
    assert command_of(ord("x")) is None
    assert command_of(0xFFE1) is None, "Shift alone"


def test_meter() -> None:
    now = [0.0]
    meter = Meter(lambda: now[0])
    assert meter.fps == 0
    assert meter.latency_ms(0.5) == 0
    for index in range(100):
        now[0] += 0.05
        meter.add(0.010 if index < 90 else 0.100)
    meter.reads = 40
    assert meter.frames == 100
    assert meter.fps == pytest.approx(20, rel=0.01)
    assert meter.mean_fps == pytest.approx(20, rel=0.01)
    assert meter.latency_ms(0.5) == pytest.approx(10, rel=0.02)
    assert meter.latency_ms(0.95) == pytest.approx(100, rel=0.02)
    assert progress_line(meter, 400, "frame") == "100/400 frames  25%  20 fps  0:15 left"
    assert progress_line(meter, None, "frame") == "100 frames  20 fps"
    (line, files) = summary_lines(meter, "frame", 3, ["a.mp4 (100 frames)", "b.txt (1 line)"])
    assert line.startswith("100 frames in 5.0 s (20.0 fps), latency p50 ")
    assert line.endswith(", 40 read, the others followed, 3 dropped")
    assert "read" not in summary_lines(meter, "frame", None, [])[0], "of a file"
    assert files == "wrote a.mp4 (100 frames), b.txt (1 line)"
    assert clock(3725) == "1:02:05"


def test_the_rate_of_frames_that_are_done_several_at_once() -> None:
    now = [0.0]
    meter = Meter(lambda: now[0])
    for turn in range(5):
        now[0] += 0.5
        meter.add(0.010, 15)
        assert meter.fps == (pytest.approx(30) if turn else 0), "15 come each half a second, from the second time on"
    assert (meter.frames, meter.recent_ms) == (75, pytest.approx(10))
    now[0] += 60
    meter.resume()
    assert (meter.fps, meter.recent_ms) == (pytest.approx(30), pytest.approx(10)), "as shown while it stands still"
    for _ in range(3):
        now[0] += 2
        meter.add(0.100, 16)
    assert meter.fps == pytest.approx(8), "a pause does not count, and slow ones have a rate too"


def test_a_pause_does_not_count_for_the_rate(tmp_path: Path) -> None:
    plan = {4: [Command.PAUSE, Command.PAUSE], 5: [Command.STEP], 6: [Command.STEP], 7: [Command.PAUSE]}
    stage = Stage(FakeSource(clip(8)), plan, tmp_path)
    meter, resumed = stage.player._controls.meter, list[int]()
    meter.resume = lambda: resumed.append(stage.shown[-1])  # type: ignore[method-assign]
    stage.player.run()
    assert resumed == [4, 4, 5, 6, 7]


def test_frames_that_are_dropped_for_a_jump_do_not_count() -> None:
    meter, frames = Meter(), numbered(9)
    source = FakeSource(frames)
    pipeline = Pipeline(Stages(lambda image: READING, recorded_frames), meter, Interrupts())
    for frame in (*frames[:3], None, frames[8]):
        if frame is None:
            pipeline.forget()
        else:
            pipeline.step(source, frame)
            pipeline.done(source, frame, 0.01)
    assert meter.frames == 2, "the first is read, two wait and are dropped, the next is read"


def test_memory_of_the_meter_stays_flat() -> None:
    meter = Meter()
    for index in range(20_000):
        meter.add(0.001 * (1 + index % 50))
    assert len(meter._latencies) < 300


def test_signals_wait_while_an_output_is_written() -> None:
    order: list[str] = []
    with pytest.raises(Interrupted) as caught, Interrupts() as interrupts:
        with interrupts.held():
            with interrupts.held():
                signal.raise_signal(signal.SIGTERM)
                order.append("written")
            order.append("still held")
        order.append("never")
    assert order == ["written", "still held"]
    assert caught.value.exit_code == 143
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_second_signal_does_not_wait() -> None:
    with pytest.raises(KeyboardInterrupt), Interrupts() as interrupts, interrupts.held():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

"""Ctrl+C at any moment of a run: each frame that is written has its own reading, none is left out, all are counted."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest

import digitrec
from digitrec.interrupts import Interrupted, Interrupts
from digitrec.keyframes import KeyFrames
from digitrec.pipeline import Frames, Pipeline, Stages
from digitrec.results import Image, Reading
from digitrec.summary import Meter
from tests.camtools import FakeSource, reading_of
from tests.test_pipeline import CountingTracker, Written, counting, numbered

FILES = tuple(
    str(Path(digitrec.__file__).with_name(f"{name}.py"))
    for name in ("interrupts", "keyframes", "pipeline", "repeats", "summary")
)


def some(read: Callable[[Image], Reading]) -> KeyFrames:
    """Of whose frames every fourth or so is read."""
    return KeyFrames(read, CountingTracker(), reach_s=0.04)


def read_number(image: Image) -> Reading:
    return reading_of(str(int(image[0, 0, 0])))


def read_nothing(image: Image) -> Reading:
    return Reading((), (), (320, 240))


class SignalAt:
    """Ctrl+C comes before the line with this number, of those that ``FILES`` go through."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: FrameType, event: str, arg: object) -> SignalAt | None:
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                sys.settrace(None)
                signal.raise_signal(signal.SIGINT)
        return self


def run_until(line: int, stages: Stages, count: int) -> Meter | None:
    """Run over so many frames, and end as ``Session`` does; None where there are fewer lines."""
    meter, interrupts, at, before = Meter(), Interrupts(), SignalAt(line), sys.gettrace()
    pipeline = Pipeline(stages, meter, interrupts)
    with interrupts:
        try:
            sys.settrace(at)
            pipeline.run(FakeSource(numbered(count)))
        except Interrupted:
            pass
        finally:
            sys.settrace(before)
        with suppress(Interrupted), interrupts.held():
            pipeline.break_off()
    return None if at.left > 0 else meter


@pytest.mark.parametrize(
    ("make_frames", "read", "count"), [(None, read_number, 4), (counting, read_number, 6), (some, read_nothing, 9)]
)
def test_an_interrupt_at_any_line_mixes_up_nothing(
    make_frames: Callable[[Callable[[Image], Reading]], Frames] | None, read: Callable[[Image], Reading], count: int
) -> None:
    line = 1
    while True:
        written = Written()
        meter = run_until(line, Stages(read, make_frames, [written]), count)
        if meter is None:
            break
        assert [f.index for f in written.frames] == list(range(meter.frames)), f"no hole, none uncounted, line {line}"
        told = [(f.index, int(r.numbers[0].text)) for f, r in zip(written.frames, written.readings, strict=True)
                if r.numbers]  # fmt: skip
        assert all(index == number for index, number in told), f"each with its own reading, line {line}"
        line += 1
    assert line > 100
    assert len(written.frames) == count


def test_a_frame_that_is_read_is_broken_off_at_once() -> None:
    ended = list[int]()

    def read(image: Image) -> Reading:
        if image[0, 0, 0] == 2:
            signal.raise_signal(signal.SIGINT)
        ended.append(int(image[0, 0, 0]))
        return read_number(image)

    written = Written()
    with pytest.raises(Interrupted), Interrupts() as interrupts:
        Pipeline(Stages(read, None, [written]), Meter(), interrupts).run(FakeSource(numbered(5)))
    assert ended == [f.index for f in written.frames] == [0, 1]


def test_what_may_be_broken_off_does_not_begin_after_a_signal() -> None:
    order = list[str]()
    with pytest.raises(Interrupted), Interrupts() as interrupts, interrupts.held():
        signal.raise_signal(signal.SIGINT)
        order.append("held")
        with interrupts.released():
            order.append("never")
    assert order == ["held"]


def test_signals_wait_again_after_a_release_and_whatever_another_thread_does() -> None:
    order = list[str]()
    with pytest.raises(Interrupted), Interrupts() as interrupts:
        with interrupts.held():
            with interrupts.released(), interrupts.held(), interrupts.released():
                pass
            inside, end = threading.Event(), threading.Event()

            def work() -> None:
                with interrupts.released():
                    inside.set()
                    end.wait(10)

            thread = threading.Thread(target=work)
            thread.start()
            inside.wait(10)
            signal.raise_signal(signal.SIGINT)
            order.append("held")
            end.set()
            thread.join()
        order.append("never")
    assert order == ["held"]

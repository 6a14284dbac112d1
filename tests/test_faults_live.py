"""Live sources in a process that stood still itself (Ctrl+Z, a starved machine): no fault of the camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from digitrec.errors import SourceError
from digitrec.sources import SourceOptions, open_source
from digitrec.sources.live import LiveSource
from tests.streams import END, Reply, Server, jpeg, part, picture

OPTIONS = SourceOptions(stall_s=3.0)


class Clock:
    """``time`` for the sources, which can leap as it does for a process that is stopped."""

    def __init__(self) -> None:
        self.leapt_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.leapt_s

    @staticmethod
    def sleep(seconds: float) -> None:
        time.sleep(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("live", "grab", "mjpeg"):
        monkeypatch.setattr(f"digitrec.sources.{module}.time", clock)
    return clock


class Gated:
    """A camera whose thread runs while its gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.waits = threading.Event()
        self.count = 0

    def read(self) -> tuple[bool, np.ndarray | None]:
        if not self.gate.is_set():
            self.waits.set()
        self.gate.wait(60)
        time.sleep(0.005)
        self.count += 1
        return True, picture(self.count % 256)

    def release(self) -> None:
        pass


def stop(camera: Gated, source: LiveSource, clock: Clock, seconds: float) -> None:
    """As a process is stopped: time passes, and nothing runs meanwhile."""
    camera.gate.clear()
    assert camera.waits.wait(60)
    source.read(0.0)  # what came before
    clock.leapt_s += seconds


def test_a_camera_gets_the_time_to_show_that_it_is_well(clock: Clock) -> None:
    camera = Gated()
    with LiveSource("camera 0", lambda: camera, OPTIONS) as source:
        assert next(source)
        stop(camera, source, clock, 100.0)
        assert source.read(0.0) is None
        camera.gate.set()
        assert next(source)
        assert source.status is None


def test_one_that_is_silent_behind_that_is_told(clock: Clock) -> None:
    camera = Gated()
    with LiveSource("camera 0", lambda: camera, OPTIONS) as source:
        assert next(source)
        stop(camera, source, clock, 100.0)
        assert source.read(0.0) is None
        clock.leapt_s += 1.1
        with pytest.raises(SourceError, match="gave no frame for 3 s"):
            source.read(0.0)
        camera.gate.set()


def test_a_stream_goes_on_where_reading_took_longer_than_the_network_may_be_silent(clock: Clock) -> None:
    """The socket's own limit is an exception; data after a longer time come to a process that was stopped."""
    half, whole = part(jpeg(picture(3))), part(jpeg(picture(4)))

    def body(closing: threading.Event) -> Iterator[bytes]:
        yield half[:200]
        time.sleep(0.2)
        clock.leapt_s += 100.0
        yield half[200:] + whole
        yield END

    with Server({"/cam": Reply(body)}) as server, open_source([server.url("/cam")], OPTIONS) as source:
        assert len(list(source)) + source.dropped == 2  # type: ignore[attr-defined]

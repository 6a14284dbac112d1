"""The one loop: source -> recognizer -> tracker -> outputs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from digitrec.interrupts import Interrupts
from digitrec.outputs.base import Output, is_still
from digitrec.results import Frame, Image, Reading
from digitrec.sources import Source
from digitrec.summary import Meter


class Tracks(Protocol):
    """Gives digits and numbers an identity across frames, and steadies them (``digitrec.tracker.Tracker``)."""

    def update(self, reading: Reading, frame: Frame) -> Reading:
        """The next frame's reading, with ids."""
        ...


@dataclass(frozen=True, slots=True)
class Stages:
    """What a frame goes through.

    Attributes:
        read: ``Recognizer.read``.
        make_tracker: makes the tracker of one source; None: readings stay as they are.
        outputs: open outputs, written in order.
    """

    read: Callable[[Image], Reading]
    make_tracker: Callable[[], Tracks] | None = None
    outputs: Sequence[Output] = ()


class Pipeline:
    """Takes frames through the stages and measures how long that takes.

    Args:
        stages: what a frame goes through.
        meter: counts frames and latencies.
        interrupts: outputs are not interrupted in the middle of a frame.
        watch: called after each frame (progress, problems).
    """

    def __init__(
        self, stages: Stages, meter: Meter, interrupts: Interrupts, watch: Callable[[Source, Frame], None] | None = None
    ) -> None:
        self._stages = stages
        self._meter = meter
        self._interrupts = interrupts
        self._watch = watch
        self._tracker: Tracks | None = None
        self._source_name: str | None = None

    def run(self, source: Source) -> None:
        """All frames of ``source``, as fast as they come.

        Raises:
            SourceError: the source died.
            OutputError: an output cannot be written.
        """
        for frame in source:
            began_s = time.monotonic()
            self.step(frame, is_still(source, frame))
            self.done(source, frame, time.monotonic() - began_s)

    def step(self, frame: Frame, still: bool) -> Reading:
        """Read one frame and write its reading; a picture (``still``) is not tracked."""
        reading = self._stages.read(frame.image)
        if self._stages.make_tracker is not None and not still:
            if self._tracker is None or frame.source != self._source_name:
                self._tracker, self._source_name = self._stages.make_tracker(), frame.source
            reading = self._tracker.update(reading, frame)
        if self._stages.outputs:
            with self._interrupts.held():
                for output in self._stages.outputs:
                    output.write(frame, reading)
        return reading

    def done(self, source: Source, frame: Frame, took_s: float) -> None:
        """A frame is through (and shown); a live frame's latency counts from when it was grabbed."""
        if frame.grabbed_s is not None:
            took_s = time.monotonic() - frame.grabbed_s
        self._meter.add(took_s)
        if self._watch is not None:
            self._watch(source, frame)

    def forget(self) -> None:
        """The next frame has nothing to do with the last (after a seek)."""
        self._tracker = None

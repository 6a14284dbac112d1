"""The one loop: source -> recognizer -> tracker -> outputs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from digitrec.console import drop_standard_output
from digitrec.errors import OutputError
from digitrec.interrupts import Interrupts
from digitrec.outputs.base import Moment, Output
from digitrec.repeats import Repeats
from digitrec.results import Frame, Image, Reading
from digitrec.sources import Source
from digitrec.standing import Standing
from digitrec.summary import Meter


class Frames(Protocol):
    """Reads and steadies the frames of one source; each comes back once, in order."""

    @property
    def has_unread(self) -> bool:
        """Frames wait for one to be read after them."""
        ...

    def push(self, frame: Frame) -> list[tuple[Frame, Reading]]:
        """Take the next frame; the frames that are settled now."""
        ...

    def flush(self, reads: bool = True) -> list[tuple[Frame, Reading]]:
        """The frames that still wait, at the end of the source; without ``reads`` those that were not read are lost."""
        ...


@dataclass(frozen=True, slots=True)
class Stages:
    """What a frame goes through.

    Attributes:
        read: ``Recognizer.read``; not called for a frame that is the one before, to the last pixel.
        make_frames: makes, with ``read``, what takes the frames of one source; None: each is read by itself.
        outputs: open outputs, written in order.
        now: the outputs' ``RunInfo.now``.
    """

    read: Callable[[Image], Reading]
    make_frames: Callable[[Callable[[Image], Reading]], Frames] | None = None
    outputs: Sequence[Output] = ()
    now: Moment = field(default_factory=Moment)


class Writer:
    """Writes settled frames to the outputs, never half a frame.

    Where the reader of standard output leaves (``| head -1``), the others are written on; without others that ends it.

    Args:
        outputs: open, written in order.
        now: the outputs' ``RunInfo.now``.
        interrupts: they wait until a frame is written.

    Attributes:
        written: so many frames are.
        is_broken: an output failed.
    """

    def __init__(self, outputs: Sequence[Output], now: Moment, interrupts: Interrupts) -> None:
        self._outputs = list(outputs)
        self._now = now
        self._interrupts = interrupts
        self.written = 0
        self.is_broken = False

    def write(self, settled: Iterable[tuple[Frame, Reading, Moment]]) -> None:
        """Write frames, each with what its source said of it; raises OutputError, after which nothing is written."""
        with self._interrupts.held():
            for frame, reading, moment in settled:
                self._now.fps, self._now.is_still = moment.fps, moment.is_still
                try:
                    for output in list(self._outputs):
                        self._write_to(output, frame, reading)
                except (OutputError, BrokenPipeError):
                    self.is_broken = True
                    raise
                self.written += 1

    def _write_to(self, output: Output, frame: Frame, reading: Reading) -> None:
        try:
            output.write(frame, reading)
        except BrokenPipeError:  # the reader of standard output has seen enough
            if len(self._outputs) == 1:
                raise
            self._outputs.remove(output)
            drop_standard_output()


class Pipeline:
    """Takes frames through the stages and measures how long that takes.

    Args:
        stages: what a frame goes through.
        meter: counts frames and latencies.
        interrupts: they come through while a frame is read, which may take seconds; else they wait until those that
            are settled are written.
        watch: called after each frame (progress, problems).
    """

    def __init__(
        self, stages: Stages, meter: Meter, interrupts: Interrupts, watch: Callable[[Source, Frame], None] | None = None
    ) -> None:
        self._stages = stages
        self._standing = Standing(self._read)
        self._reader = Repeats(self._standing.read)
        self._meter = meter
        self._interrupts = interrupts
        self._writer = Writer(stages.outputs, stages.now, interrupts)
        self._watch = watch
        self._frames: Frames | None = None
        self._source_name: str | None = None
        self._moments: deque[Moment] = deque()
        self._taken_s: list[float] = []

    def run(self, source: Source) -> None:
        """All frames of ``source``, as fast as they come.

        Raises:
            SourceError: the source died.
            OutputError: an output cannot be written.
        """
        for frame in source:
            began_s = time.monotonic()
            self.step(source, frame)
            self.done(source, frame, time.monotonic() - began_s)
        self.finish()

    def step(self, source: Source, frame: Frame) -> list[tuple[Frame, Reading]]:
        """Read a frame that has just come from ``source``, and write what is settled.

        Returns:
            The frames that were written, in order: this one, or earlier ones while the tracker looks ahead.
        """
        with self._interrupts.held():
            moment = Moment(source.fps, is_still(source, frame))
            settled: list[tuple[Frame, Reading]] = []
            if frame.source != self._source_name or moment.is_still:
                settled += self.finish()
                self._source_name = frame.source
            self._moments.append(moment)
            if self._stages.make_frames is None or moment.is_still:  # a picture has no neighbours in time
                return settled + self._write([(frame, self._reader.read(frame.image))])
            if self._frames is None:
                self._frames = self._stages.make_frames(self._reader.read)
            return settled + self._write(self._frames.push(frame))

    def finish(self) -> list[tuple[Frame, Reading]]:
        """Write the frames that the tracker still holds, at the end of a source or of the run; returns them."""
        with self._interrupts.held():
            settled = self._write(self._flushed())
            self._count()
            return settled

    def break_off(self) -> None:
        """Write the frames that were read and still wait, after an interrupt: no other is read, which takes its time.

        Those that are lost do not count.
        """
        with self._interrupts.held():
            self._write(self._flushed(reads=False))
            taken_s, self._taken_s = self._taken_s or [self._meter.recent_ms / 1000], []
            self._meter.reads = self._reader.reads
            self._meter.add(sum(taken_s) / len(taken_s), max(0, self._writer.written - self._meter.frames))

    def _read(self, image: Image) -> Reading:
        with self._interrupts.released():
            return self._stages.read(image)

    def _flushed(self, reads: bool = True) -> list[tuple[Frame, Reading]]:
        """The frames that wait; where an interrupt comes they go on waiting."""
        settled: list[tuple[Frame, Reading]] = []
        if self._frames is not None and not self._writer.is_broken:
            settled = self._frames.flush(reads)
        self._frames = None
        self._standing.forget()
        return settled

    def forget(self) -> None:
        """What comes next has nothing to do with what came last (after a seek); what waits is dropped, uncounted."""
        self._frames = None
        self._standing.forget()
        self._moments.clear()
        self._taken_s.clear()

    def done(self, source: Source, frame: Frame, took_s: float) -> None:
        """A frame is through (and shown); a live frame's latency counts from when it was grabbed.

        Of a file's frames only some are read: what these take is shared by all up to them.
        """
        with self._interrupts.held():
            self._taken_s.append(took_s if frame.grabbed_s is None else time.monotonic() - frame.grabbed_s)
            if self._frames is None or not self._frames.has_unread:
                self._count()
        if self._watch is not None:
            self._watch(source, frame)

    def _count(self) -> None:
        self._meter.reads = self._reader.reads
        taken_s, self._taken_s = self._taken_s, []
        if taken_s:
            self._meter.add(sum(taken_s) / len(taken_s), len(taken_s))

    def _write(self, settled: list[tuple[Frame, Reading]]) -> list[tuple[Frame, Reading]]:
        self._writer.write([(frame, reading, self._moments.popleft()) for frame, reading in settled])
        return settled


def is_still(source: Source, frame: Frame) -> bool:
    """The frame that has just come from ``source`` is a picture: pictures have no rate and no time."""
    return not source.is_live and source.fps is None and frame.time_s == 0.0

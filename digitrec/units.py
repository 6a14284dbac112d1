"""One input read from its beginning to its end: what a worker does, in this machine's processes or on a cluster."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2

from digitrec.console import quiet_libraries
from digitrec.errors import DigitrecError, ModelError, SourceError
from digitrec.interrupts import Interrupts
from digitrec.keyframes import recorded_frames
from digitrec.outputs.base import Moment
from digitrec.pipeline import Pipeline, Stages, is_still
from digitrec.recognizer import DEFAULT_MODEL, Recognizer
from digitrec.results import Frame, Reading
from digitrec.sources import Source, SourceOptions, open_source
from digitrec.sources.chain import NEVER_ENDS
from digitrec.strings import DEFAULT_STRINGS
from digitrec.summary import Meter

PART_FRAMES = 64
"""A long video is reported in parts of so many frames, so that no one has to hold all of it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all units of a run have in common.

    Attributes:
        model: absolute path of a ``.tflite`` file; None: the one that ships with the worker's own digitrec.
        model_sum: SHA-256 over the networks' files: a cluster with another model would answer otherwise, unnoticed.
        min_confidence: as for ``Recognizer``.
        source: start and end of videos.
        crops: the digits' crops are wanted.
    """

    model: str | None
    model_sum: str
    min_confidence: float | None
    source: SourceOptions
    crops: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """One input: a picture or a whole video, whose frames the tracker must see in order.

    Attributes:
        number: 0, 1, 2 ... over the run, in the order of the inputs.
        path: absolute, or an address.
        is_picture: by its name, so that it is short work.
    """

    number: int
    path: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class ReadFrame:
    """A frame without its pixels, and what was read in it.

    Attributes:
        index, time_s, size: of the frame.
        moment: rate and kind.
        reading: settled; its digits without probabilities, and without crops where none are wanted.
    """

    index: int
    time_s: float
    size: tuple[int, int]
    moment: Moment
    reading: Reading


@dataclass(frozen=True, slots=True)
class Report:
    """Frames of one unit, in order.

    Attributes:
        number: of the unit.
        frames: those that were settled since the last report.
        problems: what could not be read.
        took_s: the time that the whole unit took; None where more reports of it will come.
    """

    number: int
    frames: tuple[ReadFrame, ...] = ()
    problems: tuple[str, ...] = ()
    took_s: float | None = None


def make_job(model: str | None, min_confidence: float | None, source: SourceOptions, crops: bool) -> Job:
    """The job, with the model's sum as it is on this machine.

    Raises:
        ModelError: the model is missing or damaged: better known before any process is started.
    """
    with quiet_libraries():
        Recognizer(model, min_confidence, threads=1)
    path = Path(model).absolute() if model is not None else None
    return Job(str(path) if path else None, _model_sum(path or DEFAULT_MODEL), min_confidence, source, crops)


class Reader:
    """Reads units on one thread; OpenCV and LiteRT too keep to one, since there is a reader for each core.

    Args:
        job: what they have in common.

    Raises:
        ModelError: the model is missing, damaged, or not the one of the job.
    """

    def __init__(self, job: Job) -> None:
        cv2.setNumThreads(1)
        os.environ.setdefault("OPENCV_FFMPEG_THREADS", "1")
        if _model_sum(Path(job.model) if job.model else DEFAULT_MODEL) != job.model_sum:
            raise ModelError(
                f"the model on {platform.node()} is not the one of this machine. Install the same digitrec there."
            )
        self._job = job
        with quiet_libraries():
            self._recognizer = Recognizer(job.model, job.min_confidence, threads=1)

    def read(self, unit: Unit) -> Iterator[Report]:
        """Read one input; whatever is wrong with it is told in the last report, and nothing is raised."""
        began_s = time.monotonic()
        problems: list[str] = []
        try:
            with open_source((unit.path,), replace(self._job.source, passes_over=True)) as source:
                if source.is_live:
                    raise SourceError(NEVER_ENDS.format(source.name))
                yield from self._read(unit, source, problems)
                problems += source.problems
        except DigitrecError as error:
            problems.append(error.message)
        except Exception as error:  # noqa: BLE001 - one file in a million that meets a bug must not end the run
            what = f"{type(error).__name__}: {error}"
            problems.append(f"{unit.path} was passed over, bug: {what}. Run it alone with --debug and report it.")
        yield Report(unit.number, (), tuple(problems), time.monotonic() - began_s)

    def read_whole(self, unit: Unit) -> Report:
        """Read one input into a single report."""
        reports = list(self.read(unit))
        return replace(reports[-1], frames=tuple(frame for report in reports for frame in report.frames))

    def _read(self, unit: Unit, source: Source, problems: list[str]) -> Iterator[Report]:
        pipeline = Pipeline(
            Stages(self._recognizer.read, partial(recorded_frames, pictures=False)), Meter(), Interrupts()
        )
        moment, settled = Moment(), list[tuple[Frame, Reading]]()
        try:
            for frame in source:
                moment = Moment(source.fps, is_still(source, frame))
                settled += pipeline.step(source, frame)
                if len(settled) >= PART_FRAMES:
                    yield self._report(unit, moment, settled)
                    settled = []
        except SourceError as error:  # what came before it died was read
            problems.append(error.message)
        yield self._report(unit, moment, settled + pipeline.finish())

    def _report(self, unit: Unit, moment: Moment, settled: list[tuple[Frame, Reading]]) -> Report:
        return Report(
            unit.number,
            tuple(ReadFrame(f.index, f.time_s, f.size, moment, _slim(r, self._job.crops)) for f, r in settled),
        )


def _slim(reading: Reading, crops: bool) -> Reading:
    """What the outputs of readings use: a tenth of the bytes to send."""
    digits = tuple(replace(d, probabilities=(), crop=d.crop if crops else None) for d in reading.digits)
    numbers = tuple(replace(n, digits=()) for n in reading.numbers)
    return replace(reading, digits=digits, numbers=numbers, rejects=())


def _model_sum(path: Path) -> str:
    """Of the digits' network and of the strings'."""
    total = hashlib.sha256()
    for file in (path, DEFAULT_STRINGS):
        try:
            total.update(file.read_bytes())
        except OSError as error:
            message = f"model {file} cannot be read: {error.strerror}. Train one: python -m digitrec.training train"
            raise ModelError(message) from error
    return total.hexdigest()

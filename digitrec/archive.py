"""Many files: handed to worker processes or a cluster, their readings taken back in the order of the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from digitrec.cli import Options
from digitrec.console import Console
from digitrec.errors import SourceError, UsageError
from digitrec.outputs import STDOUT, VIDEO_KINDS
from digitrec.outputs.base import Moment
from digitrec.outputs.resume import Held
from digitrec.results import Frame, Reading, black
from digitrec.sources import SourceOptions
from digitrec.sources.specs import Item, Kind, expand
from digitrec.units import ReadFrame, Report, Unit, make_job

_ENDLESS = {Kind.CAMERA, Kind.STREAM, Kind.STANDARD_INPUT}


class Readers(Protocol):
    """Reads units somewhere else: ``crew.Crew`` or ``cluster.Cluster``."""

    def read(self, units: Iterable[Unit]) -> Iterator[Report]:
        """The reports of all units, in the order of the units."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """What came back at once: frames of one file, and where it is done, the time that took in its worker."""

    frames: list[tuple[Frame, Reading, Moment]]
    took_s: float | None


class Archive:
    """The inputs of a run and what came of them; iterated, it gives their frames in order, without pixels.

    Attributes:
        name: for people.
        frame_count: the files still to read.
        held: how many were read by an earlier run.
        failed: how many gave no frame.

    Args:
        items: the inputs, in order.
        readers: reads them; entered with the archive.
    """

    is_live = False

    def __init__(self, items: Sequence[Item], readers: AbstractContextManager[Readers]) -> None:
        self.name = items[0].name if len(items) == 1 else f"{len(items)} inputs"
        self.several = len(items) > 1
        self._problems: list[str] = []
        self.held = 0
        self.failed = 0
        self._items = list(items)
        self._readers = readers
        self._pictures = 0
        self._entered: Readers | None = None

    def __enter__(self) -> Self:
        self._entered = self._readers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers.__exit__(kind, error, trace)

    @property
    def frame_count(self) -> int:
        """The files to read."""
        return len(self._items)

    @property
    def problems(self) -> list[str]:
        """What could not be read, one line each, in the order of the inputs; it grows."""
        return self._problems

    def skip(self, held: Held) -> None:
        """Leave out what an output holds already."""
        left = Counter(held.names)
        before = len(self._items)
        self._items = [item for item in self._items if not _take(left, item.name)]
        self.held = before - len(self._items)
        self._pictures = held.pictures

    def __iter__(self) -> Iterator[Step]:
        """Raises SourceError at the end where no file could be read, DigitrecError where the readers fail."""
        if self._entered is None or not self._items:
            return
        gave_frames = False
        for report in self._entered.read(_unit(number, item) for number, item in enumerate(self._items)):
            item = self._items[report.number]
            gave_frames |= bool(report.frames)
            problems = [_named(problem, item) for problem in report.problems]
            if report.took_s is not None and not (self.several or gave_frames):
                raise SourceError(problems[0] if problems else self._nothing())
            self._problems += problems
            if report.took_s is not None:
                self.failed += not gave_frames
                gave_frames = False
            yield Step([self._frame(item, read) for read in report.frames], report.took_s)
        if self.failed == len(self._items) and not self.held:
            raise SourceError(self._nothing())

    def _frame(self, item: Item, read: ReadFrame) -> tuple[Frame, Reading, Moment]:
        index = read.index
        if self.several and read.moment.is_still:
            index, self._pictures = self._pictures, self._pictures + 1
        width, height = read.size
        return Frame(black((height, width, 3)), index, read.time_s, item.name), read.reading, read.moment

    def _nothing(self) -> str:
        if not self.problems:
            return f"{self.name} gave no frame. Check --start and --end, or choose another source."
        return f"none of the {len(self._items)} inputs could be read; the first: {self.problems[0]}"


def open_archive(specs: Sequence[str], options: Options, wanted: SourceOptions, console: Console) -> Archive:
    """The files of a run with ``--jobs``, ``--resume`` or ``--cluster``.

    Raises:
        UsageError: the options do not go together, or an input is no file.
        ModelError: the model cannot be read.
    """
    check_options(options, specs)
    items = expand(specs)
    endless = next((item for item in items if item.kind in _ENDLESS), None)
    if endless is not None:
        raise UsageError(f"{endless.name} cannot be read by workers: it is no file. Leave out {_asked(options)}.")
    job = make_job(options.model, options.min_confidence, wanted, options.save_crops is not None)
    if options.cluster is not None:
        from digitrec.cluster import Cluster

        return Archive(items, Cluster(options.cluster, job, console))
    from digitrec.crew import Crew, all_cores

    return Archive(items, Crew(job, options.jobs or all_cores()))


def check_options(options: Options, specs: Sequence[str]) -> None:
    """Refuse what workers cannot do: they give readings back, not pictures.

    Raises:
        UsageError: with what to do instead.
    """
    if not specs:
        raise UsageError("--jobs, --resume and --cluster read files. Give some: cam.py 'archive/**/*.jpg' --jobs 0")
    videos = [out for out in options.out if Path(out).suffix.lower() in VIDEO_KINDS]
    if videos:
        raise UsageError(
            f"--out {videos[0]}: workers give back readings, no pictures. Make videos without {_asked(options)}."
        )
    if options.resume and (
        len(options.out) != 1 or options.out[0] == STDOUT or Path(options.out[0]).suffix.lower() != ".jsonl"
    ):
        raise UsageError("--resume goes on with one file of JSON lines, which tells what was read: --out FILE.jsonl")


def _asked(options: Options) -> str:
    """The option that asked for workers."""
    if options.cluster is not None:
        return "--cluster"
    return "--jobs" if options.jobs != 1 else "--resume"


def _unit(number: int, item: Item) -> Unit:
    return Unit(number, _path(item), item.may_be_picture)


def _path(item: Item) -> str:
    """As workers with another current folder find it."""
    return str(Path(item.text).absolute()) if item.kind is Kind.FILE else item.text


def _named(problem: str, item: Item) -> str:
    """The problem with the input named as the user did."""
    return problem.replace(Item(item.kind, _path(item)).name, item.name, 1)


def _take(left: Counter[str], name: str) -> bool:
    if left[name] <= 0:
        return False
    left[name] -= 1
    return True

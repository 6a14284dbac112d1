"""Numbers with the time they were visible: CSV and SRT."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from digitrec.outputs.base import LineOutput, Lines, RunInfo
from digitrec.results import Box, Frame, Number, Reading
from digitrec.words import in_words

GAP_S = 0.5
"""A number that is away for less than this is the same number when it comes back."""


@dataclass(slots=True, eq=False)
class Span:
    """One number from its first to its last frame.

    ``start_s`` and ``end_s`` are seconds of its source, ``offset_s`` is where that source begins in the whole run.
    """

    source: str
    still: bool
    id: int | None
    box: Box
    start_s: float
    end_s: float
    offset_s: float
    first_frame: int
    last_frame: int
    order: int
    votes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def text(self) -> str:
        """What most frames read, weighed by confidence."""
        return max(self.votes, key=lambda text: sum(self.votes[text]))

    @property
    def confidence(self) -> float:
        """The mean over the frames that read ``text``, 0-1."""
        confidences = self.votes[self.text]
        return sum(confidences) / len(confidences)


class Spans:
    """Joins the numbers of frames into spans: by number id where there is one, else by text and place."""

    def __init__(self, run: RunInfo) -> None:
        self._run = run
        self._open: list[Span] = []
        self._done: list[Span] = []
        self._source: str | None = None
        self._offset_s = 0.0
        self._end_s = 0.0
        self._count = 0

    def add(self, frame: Frame, reading: Reading) -> Iterator[Span]:
        """Take a frame; yields the spans that are over, in order of their start."""
        still, end_s = self._run.now.is_still, frame.time_s + self._run.now.lasts_s
        if still or frame.source != self._source:
            self._close(self._open)
            self._source, self._offset_s = frame.source, self._offset_s + self._end_s
        self._close([s for s in self._open if frame.time_s - s.end_s > GAP_S])
        for number in reading.numbers:
            span = self._find(number) or self._begin(frame, number, still)
            span.end_s, span.last_frame, span.box = end_s, frame.index, number.box
            span.votes[number.text].append(number.confidence)
        self._end_s = end_s
        yield from self._ready()

    def finish(self) -> Iterator[Span]:
        """The spans that are still open, at the end of the run."""
        self._close(self._open)
        yield from self._ready()

    def _find(self, number: Number) -> Span | None:
        for span in self._open:
            if number.id is not None:
                if span.id == number.id:
                    return span
            elif span.id is None and number.text in span.votes and _near(span.box, number.box):
                return span
        return None

    def _begin(self, frame: Frame, number: Number, still: bool) -> Span:
        span = Span(
            source=frame.source, still=still, id=number.id, box=number.box, start_s=frame.time_s, end_s=frame.time_s,
            offset_s=self._offset_s, first_frame=frame.index, last_frame=frame.index, order=self._count,
        )  # fmt: skip
        self._count += 1
        self._open.append(span)
        return span

    def _close(self, spans: list[Span]) -> None:
        self._done += spans
        self._open = [s for s in self._open if s not in spans]  # by identity: Span has no __eq__

    def _ready(self) -> Iterator[Span]:
        """Finished spans that began before all open ones, so that the file is in order of start."""
        first_open = min((s.order for s in self._open), default=self._count)
        ready = sorted((s for s in self._done if s.order < first_open), key=lambda s: s.order)
        self._done = [s for s in self._done if s.order >= first_open]
        yield from ready


def _near(a: Box, b: Box) -> bool:
    """The boxes are less than their own size apart."""
    (ax, ay), (bx, by) = a.center, b.center
    return abs(ax - bx) <= max(a.width, b.width) and abs(ay - by) <= max(a.height, b.height)


class _SpanOutput(LineOutput):
    """Writes each span when it is over."""

    noun = "number"

    def __init__(self, lines: Lines, run: RunInfo) -> None:
        super().__init__(lines)
        self._run = run
        self._spans = Spans(run)

    def write(self, frame: Frame, reading: Reading) -> None:
        """Take a frame; what has gone from view is written."""
        for span in self._spans.add(frame, reading):
            self._put(self._format(span))

    def finish(self) -> None:
        """Write the numbers that were in view to the end."""
        for span in self._spans.finish():
            self._put(self._format(span))

    def _format(self, span: Span) -> str:
        raise NotImplementedError


class CsvTable(_SpanOutput):
    """A table for spreadsheets: one row a number; the box is its last; pictures have no times."""

    columns = ("source", "number", "text", "confidence", "start_s", "end_s", "first_frame", "last_frame",
               "x", "y", "width", "height")  # fmt: skip

    def __init__(self, lines: Lines, run: RunInfo) -> None:
        super().__init__(lines, run)
        lines.write(_row([*self.columns, *(["words"] if run.words else [])]))

    def _format(self, span: Span) -> str:
        times: list[object] = ["", ""] if span.still else [f"{span.start_s:.3f}", f"{span.end_s:.3f}"]
        identity = "" if span.id is None else span.id
        cells = [span.source, identity, span.text, f"{span.confidence:.4f}", *times]
        cells += [span.first_frame, span.last_frame, *span.box]
        return _row([*cells, *([in_words(span.text)] if self._run.words else [])])


class Subtitles(_SpanOutput):
    """SubRip subtitles: one cue a number, for players and video editors."""

    def _format(self, span: Span) -> str:
        words = f"\n{in_words(span.text)}" if self._run.words else ""
        start, end = _clock(span.offset_s + span.start_s), _clock(span.offset_s + span.end_s)
        return f"{self._written + 1}\n{start} --> {end}\n{span.text}{words}\n\n"


def _row(cells: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _clock(time_s: float) -> str:
    """0.4 -> "00:00:00,400"."""
    total_ms = max(0, round(time_s * 1000))
    seconds, ms = divmod(total_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{ms:03}"

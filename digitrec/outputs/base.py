"""What all outputs share: the contract, what they know of the run, and files that are never left half a line."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from digitrec.outputs.creating import cannot_write, create_file, was_deleted
from digitrec.results import Frame, Reading

STILL_S = 2.0
"""How long a picture stands in a video and in subtitles made from pictures, seconds."""

FRAME_S = 1 / 25
"""How long a frame is taken to last where the source does not say, seconds."""


@dataclass(slots=True)
class Moment:
    """What the source said of the frame that is being written; the loop sets it before each write.

    Attributes:
        fps: frames a second of its input; None where unknown.
        is_still: it is a picture, which has no time.
    """

    fps: float | None = None
    is_still: bool = False

    @property
    def lasts_s(self) -> float:
        """How long the frame is to be shown, seconds."""
        if self.is_still:
            return STILL_S
        return 1 / self.fps if self.fps else FRAME_S


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What outputs must know of the run.

    Attributes:
        now: of the frame that is being written.
        several: frames come from more than one input: lines name theirs.
        words: numbers are written in words too.
        force: existing files are replaced.
    """

    now: Moment
    several: bool = False
    words: bool = False
    force: bool = False


class Output(Protocol):
    """A context manager that takes each frame with its reading; left, its file is complete and readable."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, frame: Frame, reading: Reading) -> None:
        """Take one frame; raises OutputError when it cannot be written."""
        ...

    def report(self) -> str | None:
        """What was written, for the summary ("out.jsonl (900 lines)"); None: nothing worth a word."""
        ...


class Lines(Protocol):
    """Where whole lines of text go: a file or standard output."""

    name: str | None  # None: not worth a word in the summary

    def write(self, text: str) -> None:
        """Write lines, each with its line feed."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


class LineOutput:
    """Base of outputs that write lines: opening and closing."""

    noun = "line"

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.finish()
        finally:
            self._lines.close()

    def finish(self) -> None:
        """Write what was held back; called once, before the file is closed."""

    def report(self) -> str | None:
        """The file and how much it holds."""
        name = self._lines.name
        if name is None or not Path(name).exists():  # renamed while it was written
            return None
        return f"{name} ({counted(self._written, self.noun)})"

    def _put(self, text: str) -> None:
        self._lines.write(text)
        self._written += 1


class LineFile:
    """A UTF-8 text file that holds whole lines only, whatever happens.

    Each write goes to the system at once, so that a killed process loses at most the line it was writing; a line
    that the disk had no room for is taken back.

    Raises:
        OutputError: the file cannot be created, exists (without ``force``), or another run is writing it.
    """

    def __init__(self, path: Path, force: bool) -> None:
        self.name: str | None = str(path)
        self._path = path
        self._file = create_file(path, force)
        self._size = 0

    def write(self, text: str) -> None:
        """Append ``text``, which ends with a line feed."""
        # A lone surrogate (a file name that is not UTF-8) becomes \udcff, which is also its JSON escape.
        data = text.encode("utf-8", "backslashreplace")
        try:
            sent = 0
            while sent < len(data):
                sent += os.write(self._file, data[sent:])
        except OSError as error:
            if stat.S_ISREG(os.fstat(self._file).st_mode):
                os.ftruncate(self._file, self._size)
            raise cannot_write(self._path, error) from error
        self._size += len(data)

    def close(self) -> None:
        """Close the file; the lock goes with it.

        Raises:
            OutputError: the disk is full, or the file was deleted by somebody else.
        """
        is_kept = os.fstat(self._file).st_nlink > 0 or self._path.exists()
        try:
            os.close(self._file)
        except OSError as error:  # network file systems report a full disk here
            raise cannot_write(self._path, error) from error
        if not is_kept:
            raise was_deleted(self._path)


def counted(count: int, noun: str) -> str:
    """1 line, 2 lines."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

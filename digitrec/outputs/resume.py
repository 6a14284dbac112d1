"""``--resume``: what a JSONL file of an earlier run holds, and going on behind it."""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from digitrec.errors import OutputError
from digitrec.outputs.base import LineFile
from digitrec.outputs.creating import cannot_write, create_file
from digitrec.sources.specs import VIDEO_SUFFIXES

_START = b'{"source": "'
_LINE = re.compile(rb'\{"source": ("(?:[^"\\]|\\.)*"), "frame": (\d{1,18}), "time_s": ([-+.e\d]+), .*\}\n', re.S)
_MOST_LINE_BYTES = 256 << 20


@dataclass(slots=True)
class Held:
    """What an output holds already.

    Attributes:
        names: how often each input is in it as a whole.
        pictures: how many of them are pictures, which are numbered over the run.
        size: bytes to keep; behind them may lie a half line, or a video that was not read to its end.
    """

    names: Counter[str] = field(default_factory=Counter)
    pictures: int = 0
    size: int = 0


@dataclass(slots=True)
class _Run:
    """Lines of one input, one after the other."""

    name: str
    start: int
    end: int
    frame: int
    time_s: float
    lines: int = 1

    def is_picture(self, pictures: int) -> bool:
        """A picture is one line without a time; its name may tell that it is a video of one frame."""
        is_video = Path(self.name).suffix.lower() in VIDEO_SUFFIXES
        return self.lines == 1 and self.time_s == 0 and self.frame == pictures and not is_video


def scan(path: Path) -> Held:
    """What the JSONL file at ``path`` holds.

    All inputs but the last are there as a whole, since outputs are written in the order of the inputs. Of the last one,
    a picture has its one line; a video may have been broken off, so it counts as not there.

    Raises:
        OutputError: a whole line of it is none of ours: it would be destroyed.
    """
    held = Held()
    run: _Run | None = None
    at = 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_MOST_LINE_BYTES), b""), 1):
            fields = _fields(line)
            if fields is None:
                if not _is_broken_off(line):
                    raise OutputError(f"{path} line {number} is no reading of cam.py. Choose another output.")
                break
            name, frame, time_s = fields
            if run is not None and name == run.name and time_s > run.time_s:
                run.end, run.time_s, run.lines = at + len(line), time_s, run.lines + 1
            else:
                _count(run, held)
                run = _Run(name, at, at + len(line), frame, time_s)
            at += len(line)
    if run is not None and run.is_picture(held.pictures):
        _count(run, held)
    return held


def _fields(line: bytes) -> tuple[str, int, float] | None:
    """Source, frame and time of a line of ours; None where it is none, or not whole."""
    match = _LINE.fullmatch(line)
    try:
        return (json.loads(match[1]), int(match[2]), float(match[3])) if match else None
    except ValueError:  # no JSON, no UTF-8, no number
        return None


def _count(run: _Run | None, held: Held) -> None:
    if run is not None:
        held.pictures += run.is_picture(held.pictures)
        held.names[run.name] += 1
        held.size = run.end


def _is_broken_off(line: bytes) -> bool:
    """The beginning of a line of ours; after a power cut its end may be zeros."""
    if line.endswith(b"\n") or len(line) == _MOST_LINE_BYTES:
        return False
    return _START.startswith(line.rstrip(b"\0")[: len(_START)])


class ContinuedFile(LineFile):
    """A JSONL file to go on behind what it ``held``; created where it is not there.

    Raises:
        OutputError: it cannot be written, another run is writing it, or it holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.name: str | None = str(path)
        self._path = path
        self._file = create_file(path, force=True, keep=True)
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise OutputError(f"{path} cannot be continued: it is no ordinary file. Choose another name.")
            self.held = scan(path)
            os.ftruncate(self._file, self.held.size)
            os.lseek(self._file, self.held.size, os.SEEK_SET)
        except OSError as error:
            os.close(self._file)
            raise cannot_write(path, error) from error
        except OutputError:
            os.close(self._file)
            raise
        self._size = self.held.size

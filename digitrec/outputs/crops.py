"""The 28x28 crops of what was read, with labels: data to correct by hand and to train with."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from digitrec.errors import OutputError
from digitrec.outputs.base import counted
from digitrec.outputs.creating import CREATE, cannot_write, is_no_folder
from digitrec.results import Digit, Frame, Reading

LABELS = "labels.csv"
EVERY_S = 1.0
"""A digit with an identity is saved when it is first seen and then once a second: 30 copies a second teach nothing."""


class Crops:
    """PNG files named ``<digit>_<confidence>_<source>_<frame>_<place>.png`` and ``labels.csv`` (file,digit,confidence).

    What the folder holds already is kept: files get another name, the table is continued.

    Raises:
        OutputError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._saved_s: dict[tuple[str, int, int], float] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # One write a line to a file opened for appending: two runs may fill one folder.
            self._labels = os.open(folder / LABELS, CREATE | os.O_APPEND, 0o666)
            if os.fstat(self._labels).st_size == 0:
                os.write(self._labels, b"file,digit,confidence\n")
        except OSError as error:
            is_folder = not isinstance(error, FileExistsError)
            raise (cannot_write(folder / LABELS, error) if is_folder else is_no_folder(folder, folder)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._labels)

    def write(self, frame: Frame, reading: Reading) -> None:
        """Save the crops of this frame's digits."""
        for place, digit in enumerate(reading.digits):
            if digit.crop is not None and self._is_due(frame, digit):
                self._save(frame, digit, place)

    def report(self) -> str | None:
        """The folder and how many crops were added."""
        return f"{self._folder} ({counted(self._count, 'crop')})"

    def _is_due(self, frame: Frame, digit: Digit) -> bool:
        if digit.id is None:
            return True
        key = frame.source, digit.id, digit.digit
        last_s = self._saved_s.get(key)
        if last_s is not None and 0 <= frame.time_s - last_s < EVERY_S:
            return False
        self._saved_s[key] = frame.time_s
        return True

    def _save(self, frame: Frame, digit: Digit, place: int) -> None:
        stem = re.sub(r"[^A-Za-z0-9.-]+", "-", Path(frame.source).name)[-60:].strip("-.") or "source"
        base = f"{digit.digit}_{digit.confidence:.3f}_{stem}_{frame.index:06}_{place:02}"
        data = cv2.imencode(".png", digit.crop)[1].tobytes() if digit.crop is not None else b""
        path = _write_new(self._folder, base, data)
        row = io.StringIO()
        csv.writer(row, lineterminator="\n").writerow([path.name, digit.digit, f"{digit.confidence:.4f}"])
        try:
            os.write(self._labels, row.getvalue().encode())
        except OSError as error:
            raise cannot_write(self._folder / LABELS, error) from error
        self._count += 1


def _write_new(folder: Path, base: str, data: bytes) -> Path:
    """Write ``data`` to a file of a name that is still free."""
    for number in range(1, 1_000_000):
        path = folder / (f"{base}.png" if number == 1 else f"{base}_{number}.png")
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        except OSError as error:
            path.unlink(missing_ok=True)  # a full disk leaves an empty file
            raise cannot_write(path, error) from error
        return path
    raise OutputError(f"{folder} holds too many crops named {base}. Choose another folder.")

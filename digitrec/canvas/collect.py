"""Crops with the labels that a person gave them, for ``python -m digitrec.training finetune --extra DIR``.

The folder holds ``digit-00001.png`` ... (28x28, grey, bright ink on black: what the network saw) and ``labels.csv``::

    file,label,predicted,confidence,source
    digit-00001.png,7,1,0.8312,canvas

``label`` is the true digit, 0-9, as the person typed it; ``predicted`` what the network said, 0-9, or 10 for 'not a
digit'; ``confidence`` of that answer, 0-1; ``source`` where the ink came from: ``canvas`` or a picture's name.
"""

from __future__ import annotations

import csv
import io
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from digitrec.canvas.marks import Mark
from digitrec.canvas.saving import encode_png, write_atomically
from digitrec.errors import OutputError

COLUMNS = ("file", "label", "predicted", "confidence", "source")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of labels.csv."""

    file: str
    label: str
    predicted: str
    confidence: str
    source: str


class Collection:
    """The folder of a person's own hand; grows with every correction.

    Args:
        folder: made where it is missing.

    Raises:
        OutputError: the folder cannot be written, or its labels.csv is of another kind.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[bytes, str] = {}  # crops of this session: typing another label replaces the first one
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._count = len(self._read())
        except OSError as error:
            raise OutputError(
                f"cannot collect in {folder}: {error.strerror}. Choose another folder: --collect"
            ) from error

    def __len__(self) -> int:
        return self._count

    @property
    def _labels(self) -> Path:
        return self.folder / "labels.csv"

    def _read(self) -> list[Row]:
        if not self._labels.exists():
            return []
        try:
            lines = list(csv.reader(io.StringIO(self._labels.read_text(encoding="utf-8"))))
        except UnicodeDecodeError:
            lines = []
        if not lines or tuple(lines[0]) != COLUMNS or any(len(line) != len(COLUMNS) for line in lines):
            raise OutputError(f"{self._labels} is not a list of collected digits. Choose another folder: --collect")
        return [Row(*line) for line in lines[1:]]

    def add(self, mark: Mark, label: int, source: str) -> Path | None:
        """Keep the crop of ``mark`` as a picture of ``label``.

        Returns:
            The crop's file; None where the recognizer gave no crop.

        Raises:
            OutputError: it cannot be written.
        """
        if mark.crop is None:
            return None
        crop = np.ascontiguousarray(mark.crop)
        known = self._files.get(crop.tobytes())
        try:
            before = self._read()  # anew: another program may collect in the same folder
            name = known or self._free_name(len(before) + 1)
            row = Row(name, str(label), str(mark.predicted), f"{mark.confidence:.4f}", source)
            rows = [*(r for r in before if r.file != name), row]
            if known is None:
                write_atomically(self.folder / name, encode_png(crop))
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(astuple(r) for r in rows)
            write_atomically(self._labels, text.getvalue().encode())
        except OSError as error:
            raise OutputError(f"cannot collect in {self.folder}: {error.strerror}. Free some space.") from error
        self._count = len(rows)
        self._files[crop.tobytes()] = name
        return self.folder / name

    def _free_name(self, number: int) -> str:
        while (self.folder / f"digit-{number:05d}.png").exists():
            number += 1
        return f"digit-{number:05d}.png"

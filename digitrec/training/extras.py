"""A person's own crops: 28x28 PNG files and ``labels.csv``, as ``draw.py --collect`` and ``cam.py --save-crops`` write.

``draw.py`` heads the table ``file,label,predicted,confidence,source``, ``cam.py`` ``file,digit,confidence``: read are
``file`` and ``label`` or ``digit``, which the person corrects.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digitrec.errors import SourceError
from digitrec.normalise import SIDE
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.data import Samples

LABELS = "labels.csv"
_FILE_LIMIT = 1_000_000
"""A 28x28 PNG has about 500 bytes; more than this is another picture."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What the folder holds.

    Attributes:
        samples: crops with their labels, 0-9 or 10 for not a digit.
        missing: rows whose file is gone: a person deletes what is spoilt, and the row stays.
    """

    samples: Samples
    missing: int


def load_extras(folder: Path) -> Extras:
    """Read the folder.

    Raises:
        SourceError: the table or a crop is missing, damaged or of another kind; no crop is there.
    """
    labels: dict[str, int] = {}
    for line, name, label in _rows(folder / LABELS):
        if label not in {str(d) for d in range(NOT_A_DIGIT + 1)}:
            raise SourceError(
                f"{folder / LABELS} line {line}: {label!r} is no label. Write 0 to 9, or {NOT_A_DIGIT} for no digit."
            )
        labels[Path(name).name] = int(label)  # a file listed twice: the later row is the corrected one
    crops = {name: _read_crop(folder / name) for name in labels if (folder / name).is_file()}
    if not crops:
        raise SourceError(
            f"{folder} holds no crops that {LABELS} names. Collect some: python draw.py --collect {folder}"
        )
    x = np.stack(list(crops.values()))
    return Extras(Samples(x, np.array([labels[name] for name in crops], np.int64)), len(labels) - len(crops))


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """(line, file, label) of each row."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # a spreadsheet puts a mark before the first column's name
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}. Give the folder that draw.py --collect filled."
        ) from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is no table of labels: it is not UTF-8. Save it as CSV (UTF-8).") from error
    separator = ";" if ";" in text.split("\n", 1)[0] else ","  # what spreadsheets write where the comma is decimal
    try:
        table = list(csv.DictReader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise SourceError(f"{path} is no table of labels ({error}). Save it as CSV (UTF-8).") from error
    columns = set(table[0]) if table else set()
    column = next((c for c in ("label", "digit") if c in columns), None)
    if table and (column is None or "file" not in columns):
        raise SourceError(f"{path} lacks the columns file and label. Give the folder that draw.py --collect filled.")
    rows = ((line, row.get("file"), row.get(column or "")) for line, row in enumerate(table, 2))
    return [(line, name.strip(), (label or "").strip()) for line, name, label in rows if name and name.strip()]


def _read_crop(path: Path) -> Image:
    data = np.fromfile(path, np.uint8) if path.stat().st_size <= _FILE_LIMIT else np.zeros(0, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    if image is None or image.shape != (SIDE, SIDE):
        found = "no picture" if image is None else f"{image.shape[1]}x{image.shape[0]}"
        raise SourceError(f"{path} is no crop of {SIDE}x{SIDE} pixels ({found}). Delete it, or collect it again.")
    return np.asarray(image, np.uint8)

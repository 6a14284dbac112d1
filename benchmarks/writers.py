"""Real writers whose digits nothing was trained on: Semeion's, twice ten digits each, told apart by their places there.

Semeion's 80 writers wrote every digit twice (Buscema 1998). Its file holds blocks of the digits 0 to 9 with twenty
pictures of each, one a writer; two blocks are twice as long. Which two blocks are the first and the second time of the
same twenty writers is nowhere said: slant and stroke width of pictures at the same place agree between the blocks below
(correlation 0.12 to 0.19) and between no others (-0.11 to 0.06).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.normalise import normalise
from digitrec.training.data import Samples

WRITERS = 20
"""Of a block."""

FIRST_AND_SECOND = ((0, 1), (2, 3), (4, 6), (5, 7))
"""Blocks of the same writers."""


@dataclass(frozen=True, slots=True)
class Writer:
    """One writer's digits.

    Attributes:
        number: from 0.
        first: at most ten crops of the first time, to learn from.
        second: at most ten of the second time, to measure with.
    """

    number: int
    first: Samples
    second: Samples


def load_writers(data_dir: Path) -> list[Writer]:
    """The 80 writers; left out are rows that hold one picture too many or too few, in which no place tells a writer.

    Raises:
        OSError: ``semeion.npz`` is missing.
    """
    with np.load(data_dir / "semeion.npz") as file:
        x, y = file["x"], file["y"]
    crops = Samples(np.stack([normalise(image) for image in x]), y.astype(np.int64))
    found = blocks(crops.y)
    return [
        Writer(WRITERS * pair + place, *(crops.take(_of_writer(found[block], place)) for block in times))
        for pair, times in enumerate(FIRST_AND_SECOND)
        for place in range(WRITERS)
    ]


def blocks(labels: NDArray[np.int64]) -> list[list[range]]:
    """Of each block its rows: the pictures of one digit, twenty where none is missing; long blocks come as two."""
    rows: list[range] = []
    for _, group in groupby(range(len(labels)), key=lambda i: int(labels[i])):
        places = list(group)
        rows.append(range(places[0], places[-1] + 1))
    found: list[list[range]] = []
    for start in range(0, len(rows), 10):
        block = rows[start : start + 10]
        halves = round(max(len(row) for row in block) / WRITERS)
        found += [[_part(row, half, halves) for row in block] for half in range(halves)]
    return found


def _part(row: range, half: int, halves: int) -> range:
    """One of the equal parts of a row; all of it, which no writer is found in, where it has no equal parts."""
    return row[half * WRITERS : (half + 1) * WRITERS] if len(row) == halves * WRITERS else row


def _of_writer(block: list[range], place: int) -> NDArray[np.intp]:
    return np.array([row[place] for row in block if len(row) == WRITERS], np.intp)

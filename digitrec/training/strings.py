"""Pictures of strings with what is written on them: what the strings' network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.arrays import load_arrays


@dataclass(frozen=True, slots=True)
class Strings:
    """Pictures of strings with what is written.

    Attributes:
        pictures: uint8 (32, W) each, W up to 288.
        labels: the digits of each from left to right; 10 stands for a run of other writing.
    """

    pictures: list[Image]
    labels: list[tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.pictures)

    @staticmethod
    def join(parts: Sequence[Strings]) -> Strings:
        """One after the other."""
        return Strings([x for p in parts for x in p.pictures], [y for p in parts for y in p.labels])

    def take(self, index: NDArray[np.intp]) -> Strings:
        """The chosen ones."""
        return Strings([self.pictures[i] for i in index], [self.labels[i] for i in index])

    def save(self, path: Path) -> None:
        """As ``.npz``, whole or not at all."""
        widths = np.array([p.shape[1] for p in self.pictures], np.int64)
        lengths = np.array([len(y) for y in self.labels], np.int64)
        pictures = np.concatenate(self.pictures, axis=1) if self.pictures else np.zeros((32, 0), np.uint8)
        whole = path.with_name("next-" + path.name)
        np.savez_compressed(
            whole, pictures=pictures, widths=widths, lengths=lengths,
            labels=np.array([d for y in self.labels for d in y], np.int64),
        )  # fmt: skip
        whole.replace(path)

    @staticmethod
    def load(path: Path) -> Strings:
        """What ``save`` wrote.

        Raises:
            SourceError: it is damaged.
        """
        joined, widths, digits, lengths = load_arrays(path, ("pictures", "widths", "labels", "lengths"))
        pictures = np.split(joined, np.cumsum(widths)[:-1], axis=1)
        labels = np.split(digits, np.cumsum(lengths)[:-1])
        return Strings([np.ascontiguousarray(p) for p in pictures], [tuple(map(int, y)) for y in labels])


def runs(labels: Sequence[int]) -> tuple[int, ...]:
    """A run of letters counts once: how many they are is of no interest."""
    return tuple(
        label for i, label in enumerate(labels) if label != NOT_A_DIGIT or i == 0 or labels[i - 1] != NOT_A_DIGIT
    )

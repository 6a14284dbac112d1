"""Ink of several digits that touch -> what is written: a second small network reads the piece from left to right.

A cut through two digits that share a stroke leaves two halves that no network reads. So the piece is not cut first: a
convolutional network slides along it and says for each place which digit is there, or none; the string follows by
connectionist temporal classification (Graves et al. 2006), and the places of its digits tell where to part the ink.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError
from digitrec.modelfile import Ready, checked_bytes, fastest_form, open_model, read_sums
from digitrec.normalise import by_area, tight_box
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.trial import try_model

DEFAULT_STRINGS = Path(__file__).resolve().parent.parent / "models" / "strings.tflite"

ROWS = 32
"""Height of a string's picture, pixels."""

INK_ROWS = 26
"""Height of the ink in it."""

ABOVE = (ROWS - INK_ROWS) // 2
"""Empty rows over it."""

MARGIN = 4
"""Empty columns on either side."""

WIDTHS = (48, 80, 112, 144, 208, 288)
"""Pictures are padded to one of these widths: LiteRT plans its memory anew for each."""

STEP = 2
"""Columns of the picture per place of the answer."""

CLASSES = 12
"""No digit here, the ten digits, and other writing."""

NOTHING = 0
OTHER = 11


@dataclass(frozen=True, slots=True)
class StringPicture:
    """A piece as the network sees it.

    Attributes:
        pixels: uint8 (32, W), W at most 288.
        left, top: of the ink that it shows, in pixels of the piece.
        across, down: pixels of the picture per pixel of the piece.
    """

    pixels: Image
    left: int
    top: int
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class String:
    """What the network reads.

    Attributes:
        digits: 0-9 from left to right; 10 stands for a run of other writing.
        probabilities: float32 (n, 11): of each of the digits; rows sum to 1.
        columns: of each the middle of its places, in pixels of the picture.
        probability: of the whole string, 0-1: over all ways to place it.
    """

    digits: tuple[int, ...]
    probabilities: NDArray[np.float32]
    columns: tuple[float, ...]
    probability: float

    @property
    def is_number(self) -> bool:
        """Whether it is digits and nothing else."""
        return len(self.digits) > 0 and NOT_A_DIGIT not in self.digits

    @property
    def confidence(self) -> float:
        """The probability in the mean over its digits, 0-1."""
        return float(self.probability ** (1 / max(1, len(self.digits))))


def string_picture(ink: Image) -> StringPicture:
    """Scale the ink of a piece to a height of 26 px in 32, its aspect kept up to the widest.

    Args:
        ink: uint8 (H, W), bright ink on black; any margin.
    """
    box = tight_box(ink)
    if box is None:
        return StringPicture(np.zeros((ROWS, 2 * MARGIN), np.uint8), 0, 0, 1.0, 1.0)
    x, y, width, height = box
    wide = min(max(1, round(width * INK_ROWS / height)), WIDTHS[-1] - 2 * MARGIN)
    tight, size = ink[y : y + height, x : x + width], (wide, INK_ROWS)
    small = by_area(tight, size) if height > INK_ROWS else np.asarray(cv2.resize(tight, size), np.uint8)
    pixels = np.pad(small, ((ABOVE, ROWS - INK_ROWS - ABOVE), (MARGIN, MARGIN)))
    return StringPicture(pixels, x, y, wide / width, INK_ROWS / height)


MEMORY = 64
"""So many pictures are answered from memory when they come again, the same to the last pixel: a shape that has no
neighbours is read as a row and by itself, and on a canvas most rows stay as they are."""


class StringReader:
    """A ``.tflite`` model with (1, 32, W, 1) float input in 0-1 and (1, W / 2, 12) or (1, 1, W / 2, 12) probabilities.

    Args:
        path: the model file; None: the shipped one, in 8 bits where it is.
        threads: LiteRT's threads.

    Raises:
        ModelError: the file is missing, damaged, of another kind or of the wrong shape.
    """

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self._path = path or fastest_form(DEFAULT_STRINGS)
        self._threads = threads or min(2, os.cpu_count() or 1)
        self._data = checked_bytes(self._path)
        if self._path.name not in read_sums(self._path.parent):
            try_model(self._data, (1,), str(self._path))
        self._ready: dict[int, Ready] = {}
        self._known: dict[tuple[int, bytes], NDArray[np.float32]] = {}
        answer = self.answer(np.zeros((ROWS, WIDTHS[0]), np.uint8))
        if answer.shape != (WIDTHS[0] // STEP, CLASSES) or not np.isfinite(answer).all():
            raise ModelError(f"{self._path} does not read strings: it answers {answer.shape}. Use another model file.")

    def read(self, picture: StringPicture) -> String:
        """What is written on ``picture``."""
        return decode(self.answer(picture.pixels), picture.pixels.shape[1])

    def answer(self, pixels: Image) -> NDArray[np.float32]:
        """float32 (W' / 2, 12), W' the width that uint8 (32, W) is padded to: what stands at each place."""
        key = pixels.shape[1], pixels.tobytes()
        if key not in self._known:
            self._known[key] = self._answer(pixels)
            if len(self._known) > MEMORY:
                del self._known[next(iter(self._known))]  # the oldest
        return self._known[key]

    def forget(self) -> None:
        """Forget the answers that are kept: for who measures how long they take."""
        self._known.clear()

    def _answer(self, pixels: Image) -> NDArray[np.float32]:
        width = next(w for w in WIDTHS if w >= pixels.shape[1])
        ready = self._ready.get(width)
        if ready is None:
            ready = self._ready[width] = open_model(self._data, self._path, (1, ROWS, width, 1), self._threads)
        filled = np.zeros((1, ROWS, width, 1), np.float32)
        np.multiply(pixels, np.float32(1 / 255), out=filled[0, :, : pixels.shape[1], 0])
        answer = ready.run(filled)
        return answer.reshape(-1, answer.shape[-1])


def decode(probabilities: NDArray[np.float32], width: int | None = None) -> String:
    """The likeliest path through the places, its runs taken together and what is nothing left out.

    Args:
        probabilities: float32 (T, 12), rows sum to 1.
        width: of the picture without its padding, pixels.
    """
    if width is not None:
        probabilities = probabilities[: -(-width // STEP)]
    best = probabilities.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1) != 0)
    ends = np.append(starts[1:], len(best))
    runs = [(a, b) for a, b in zip(starts, ends, strict=True) if best[a] != NOTHING]
    if not runs:
        return String((), np.zeros((0, NOT_A_DIGIT + 1), np.float32), (), float(np.prod(probabilities[:, NOTHING])))
    classes = [int(best[a]) for a, _ in runs]
    rows = np.stack([probabilities[a:b, 1:].max(axis=0) for a, b in runs])
    weights = [probabilities[a:b, c] for (a, b), c in zip(runs, classes, strict=True)]
    columns = [STEP * (float(np.arange(a, b) @ w / w.sum()) + 0.5) for (a, b), w in zip(runs, weights, strict=True)]
    return String(
        tuple(c - 1 for c in classes),
        (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32),
        tuple(columns),
        string_probability(probabilities, classes),
    )


def string_probability(probabilities: NDArray[np.float32], classes: Sequence[int]) -> float:
    """Of a string over all ways to place it: the forward sums of Graves et al. (2006, equation 6).

    Args:
        probabilities: float32 (T, 12).
        classes: the string, in the network's classes.
    """
    states = [NOTHING]
    for c in classes:
        states += [c, NOTHING]
    # From the digit before, over the nothing between, where the two differ.
    skips = [n > 2 and n % 2 == 1 and states[n] != states[n - 2] for n in range(len(states))]
    first, *rows = probabilities[:, states].tolist()
    alpha: list[float] = [*first[:2], *[0.0] * (len(states) - 2)]
    for row in rows:  # a handful of states: arrays would cost more than they save
        moved = [alpha[0] * row[0]]
        for n in range(1, len(states)):
            so_far = alpha[n] + alpha[n - 1]
            moved.append((so_far + alpha[n - 2] if skips[n] else so_far) * row[n])
        alpha = moved
    return min(1.0, float(sum(alpha[-2:])))

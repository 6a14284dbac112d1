"""28x28 crops -> probabilities, with LiteRT: one call for all crops of a frame.

LiteRT answers 16 crops in a millisecond or two and imports in a tenth of a second; TensorFlow, which trained the model,
takes seconds to import and is never imported here. Most crops are plain, and a network of an eighth of the work says
the same of them: it is asked first, and the other where that one hesitates (a cascade, as in Viola and Jones 2001).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.errors import ModelError
from digitrec.modelfile import Ready, check_name, checked_bytes, fastest_form, open_model, read_sums
from digitrec.normalise import SIDE
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.trial import try_model

CLASSES = NOT_A_DIGIT + 1
_BATCHES = (1, 2, 4, 8, 16, 32)
"""The sizes that are kept ready: LiteRT plans its memory anew for each new one. A row costs the same in all of them."""

_SPARE = 8
"""Up to one row in so many may stay empty: cheaper than another call."""


MEMORY = 1024
"""So many crops are answered from memory when they come again, the same to the last pixel: on a canvas, of a stroke
that was not touched; in a video, where nothing moves and nothing is noise."""


DIGITS, QUICK = "digits.tflite", "quick.tflite"
"""A model of the first name has the quick network that was made from it beside it."""

PLAIN = 0.99
"""What the quick network answers with this probability is not put to the other."""


class Classifier:
    """A ``.tflite`` model with (N, h, w, 1) float input in 0-1 and 10 or 11 outputs.

    Args:
        path: the model file.
        threads: LiteRT's threads.
        quick: is asked first; None: this one answers all.
        given: the file that was asked for, where ``path`` is a form of it; named where it is no digit model.

    Raises:
        ModelError: the file is missing, damaged, of another kind or of the wrong shape.
    """

    def __init__(
        self, path: Path, threads: int | None = None, quick: Classifier | None = None, given: Path | None = None
    ) -> None:
        data = checked_bytes(path)
        # Where nothing says that it is whole: damage can end the process that loads it.
        if path.name not in read_sums(path.parent):
            try_model(data, _BATCHES, str(path))
        self._path = path
        self._quick = quick
        self._threads = threads or min(2, os.cpu_count() or 1)
        self._interpreters: dict[int, Ready] = {}
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self._data = data
        self._side, self._outputs = _check_shapes(self._open(1).interpreter, given or path)
        probe = self._run(np.zeros((1, self._side, self._side), np.uint8), 1)
        if not np.isfinite(probe).all() or abs(float(probe.sum()) - 1) > 1e-3:
            raise ModelError(f"{path} does not answer with probabilities (NaN weights?). Use another model file.")

    def classify(self, crops: Image) -> NDArray[np.float32]:
        """Probabilities of the ten digits and 'not a digit'.

        Args:
            crops: uint8 (N, 28, 28), bright ink on black, MNIST geometry; N may be 0.

        Returns:
            float32 (N, 11), rows sum to 1; column 10 is 0 for a model of ten outputs.

        Raises:
            ValueError: the shape or type is another.
        """
        if crops.ndim != 3 or crops.shape[1:] != (SIDE, SIDE) or crops.dtype != np.uint8:
            raise ValueError(f"crops must be uint8 (N, {SIDE}, {SIDE}), not {crops.dtype} {crops.shape}")
        if len(crops) > MEMORY // 4:
            return self._classify(crops)
        keys = [crop.tobytes() for crop in crops]
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        answers = dict(zip(new, self._classify(crops[list(new.values())]), strict=True))
        rows = [answers[key] if key in answers else self._known[key] for key in keys]
        self._known.update(answers)
        for key in list(self._known)[: max(0, len(self._known) - MEMORY)]:
            del self._known[key]
        return np.stack(rows) if rows else np.zeros((0, CLASSES), np.float32)

    def classify_roughly(self, crops: Image) -> NDArray[np.float32]:
        """Like ``classify``, by the quick network alone where there is one: for what is dropped in the end."""
        return self.classify(crops) if self._quick is None else self._quick.classify(crops)

    def forget(self) -> None:
        """Forget the answers that are kept: for who measures how long they take."""
        self._known.clear()
        if self._quick is not None:
            self._quick.forget()

    def _classify(self, crops: Image) -> NDArray[np.float32]:
        if self._quick is None:
            return self._ask(crops)
        rows = self._quick._ask(crops)
        hard = np.flatnonzero(rows.max(axis=1, initial=0.0) < PLAIN)
        if len(hard):
            rows[hard] = self._ask(crops[hard])
        return rows

    def _ask(self, crops: Image) -> NDArray[np.float32]:
        out = np.zeros((len(crops), CLASSES), np.float32)
        resized = self._resize(crops)
        start = 0
        while start < len(crops):
            left = len(crops) - start
            batch = max(b for b in _BATCHES if b - left <= b // _SPARE)
            rows = min(left, batch)
            out[start : start + rows, : self._outputs] = self._run(resized[start : start + rows], batch)
            start += rows
        return out

    def _resize(self, crops: Image) -> Image:
        if self._side == SIDE:
            return crops
        return np.stack([cv2.resize(c, (self._side, self._side), interpolation=cv2.INTER_AREA) for c in crops])

    def _run(self, crops: Image, batch: int) -> NDArray[np.float32]:
        ready = self._interpreters.get(batch) or self._open(batch)
        filled = np.zeros((batch, self._side, self._side, 1), np.float32)
        np.multiply(crops[..., None], np.float32(1 / 255), out=filled[: len(crops)])
        return ready.run(filled)[: len(crops)]

    def _open(self, batch: int) -> Ready:
        ready = self._interpreters[batch] = open_model(self._data, self._path, batch, self._threads)
        return ready


def open_classifier(path: Path, threads: int | None = None) -> Classifier:
    """The model at ``path``, and the quick network before it where one was made from it, both in 8 bits where they are.

    Raises:
        ModelError: a file is missing, damaged, of another kind or of the wrong shape.
    """
    check_name(path)
    quick = path.with_name(QUICK)
    if path.name != DIGITS or not quick.is_file():
        return Classifier(fastest_form(path), threads, given=path)
    return Classifier(fastest_form(path), threads, Classifier(fastest_form(quick), threads))


def _check_shapes(interpreter: Any, path: Path) -> tuple[int, int]:  # noqa: ANN401 - LiteRT ships no types
    """(input side, outputs) of a model that can read digits."""
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    shape, out_shape = inputs[0]["shape"], outputs[0]["shape"]
    fits = (
        len(inputs) == 1
        and len(outputs) == 1
        and len(shape) == 4
        and shape[1] == shape[2]
        and shape[3] == 1
        and len(out_shape) == 2
        and out_shape[1] in {CLASSES - 1, CLASSES}
        and inputs[0]["dtype"] == np.float32
    )
    if not fits:
        found = f"{list(map(int, shape))} -> {list(map(int, out_shape))}"
        raise ModelError(f"{path} is not a digit model: it maps {found}, not [N, 28, 28, 1] -> [N, 11]. Use another.")
    return int(shape[1]), int(out_shape[1])

"""Training pictures from public sets, all through the one ``normalise``, with fixed splits by writer and source.

Digits: MNIST (LeCun et al. 1998), USPS (Hastie et al.), Optdigits (Alpaydin and Kaynak 1998). Not digits: Chars74K
letters (de Campos et al. 2009) and handwritten symbols. Every set but MNIST is optional: what the folder lacks is left
out. Nothing here reads the test parts: those belong to ``benchmarks``.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import SourceError
from digitrec.normalise import SIDE, normalise
from digitrec.results import NOT_A_DIGIT, Image
from digitrec.training.arrays import load_digits, load_pictures

LETTER_WRITERS = 27
HELD_BACK_WRITERS = frozenset(range(0, LETTER_WRITERS, 5))
"""Writers of ``letters.npz`` kept for the benchmark (the file is sorted by letter, then writer)."""

LOOK_ALIKES = frozenset("OolI|ZzSsBgqb")
"""Letters whose shape alone cannot be told from a digit: neither trained nor measured as non-digits."""

HELD_BACK_SYMBOLS = frozenset({"R", "elem", "or", "sigma", "y"})
"""Classes of ``symbols.npz`` kept for the benchmark."""

UNCLEAR_SYMBOLS = frozenset({"z", "op_divide"})
"""Look-alikes of 2 and 1; besides, ``op_image*`` and the like are stray pictures, digits among them."""

OPTDIGITS_TRAINED = 0.8
"""The first 80 % of Optdigits train; the rest writes the benchmark's clips."""

MNIST_VALIDATION = 5000
"""The last 5,000 of MNIST's training part choose the release."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Normalised pictures with labels.

    Attributes:
        x: uint8 (N, 28, 28), bright ink on black.
        y: int64 (N,), 0-9 or 10 for not a digit.
    """

    x: Image
    y: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    @staticmethod
    def join(parts: list[Samples]) -> Samples:
        """One after the other."""
        return Samples(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))

    def take(self, index: NDArray[np.intp] | slice) -> Samples:
        """The chosen rows."""
        return Samples(self.x[index], self.y[index])


@dataclass(frozen=True, slots=True)
class TrainingSets:
    """What ``train`` learns from and what it is selected on.

    Attributes:
        train: tidy pictures of the public sets: changed strongly for each epoch.
        crops: what the front end cut from scenes and cheques: already various, changed a little.
        validation: chooses the release; never trained on.
        teachers: ``.tflite`` files whose mean answer is learnt instead of the labels (Hinton, Vinyals and Dean 2015);
            none: the labels.
    """

    train: Samples
    validation: Samples
    crops: Samples | None = None
    teachers: tuple[Path, ...] = ()


def cheque_held_back(file_name: str) -> bool:
    """Whether a picture of ORAND-CAR-A belongs to the fifth kept for measuring: decided by its name alone."""
    return zlib.crc32(file_name.encode()) % 5 == 0


def load_mnist(data_dir: Path | None) -> tuple[Samples, Samples]:
    """MNIST's training and test parts: from ``data_dir/mnist.npz``, or over the network through Keras.

    Raises:
        SourceError: neither is there, or the file is damaged or another one.
    """
    if data_dir is not None:
        path = data_dir / "mnist.npz"
        if not path.is_file():
            raise SourceError(f"{data_dir} holds no mnist.npz. Put Keras's mnist.npz there, or leave out --data-dir.")
        train, test = (Samples(*load_digits(path, (f"x_{part}", f"y_{part}"), SIDE)) for part in ("train", "test"))
        return train, test
    x_train, y_train, x_test, y_test = _download_mnist()
    return Samples(x_train, y_train.astype(np.int64)), Samples(x_test, y_test.astype(np.int64))


def _download_mnist() -> list[NDArray[np.uint8]]:
    import keras

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # Keras wraps every network fault in a bare Exception
        raise SourceError(
            f"MNIST could not be downloaded ({error}). Pass --data-dir FOLDER with a mnist.npz, or go online."
        ) from error
    return [x_train, y_train, x_test, y_test]


def renormalise(pictures: Image) -> Image:
    """``normalise`` each of (N, h, w), whatever its size: uint8 (N, 28, 28)."""
    return np.stack([normalise(picture) for picture in pictures])


def extra_digits(data_dir: Path) -> list[Samples]:
    """USPS and the trained part of Optdigits, where they lie in ``data_dir``."""
    parts = []
    for name, share in (("usps_train.npz", 1.0), ("optdigits_train.npz", OPTDIGITS_TRAINED)):
        if (data_dir / name).is_file():
            x, y = load_digits(data_dir / name)
            count = int(len(y) * share)
            parts.append(Samples(renormalise(_enlarge(x[:count])), y[:count]))
    return parts


def _enlarge(pictures: Image) -> Image:
    """Pad by a margin and triple small pictures smoothly, so that 16x16 sets do not come out as staircases."""
    import cv2

    padded = np.pad(pictures, ((0, 0), (2, 2), (2, 2)))
    side = padded.shape[1] * 3
    return np.stack([cv2.resize(p, (side, side), interpolation=cv2.INTER_CUBIC) for p in padded])


def letter_pictures(data_dir: Path, held_back: bool) -> list[Image]:
    """Letters that look like no digit, uint8 (64, 64) each, by writers kept for the benchmark or not."""
    path = data_dir / "letters.npz"
    if not path.is_file():
        return []
    x, letters = load_pictures(path)
    kept = [
        i
        for i, letter in enumerate(letters.astype(str))
        if letter not in LOOK_ALIKES and (i % LETTER_WRITERS in HELD_BACK_WRITERS) == held_back
    ]
    return [x[i] for i in kept]


def symbol_pictures(data_dir: Path, held_back: bool) -> list[Image]:
    """Symbols that look like no digit, uint8 (64, 64) each, of the classes kept for the benchmark or the others."""
    path = data_dir / "symbols.npz"
    if not path.is_file():
        return []
    x, names = load_pictures(path)
    kept = [
        i
        for i, name in enumerate(names.astype(str))
        if name not in UNCLEAR_SYMBOLS and "." not in name and (name in HELD_BACK_SYMBOLS) == held_back
    ]
    return [_stretch(x[i]) for i in kept]


def letter_parts(data_dir: Path, held_back: bool) -> Samples | None:
    """``letter_pictures``, normalised; None where the set is missing."""
    return _as_rejects(letter_pictures(data_dir, held_back))


def symbol_parts(data_dir: Path, held_back: bool) -> Samples | None:
    """``symbol_pictures``, normalised; None where the set is missing."""
    return _as_rejects(symbol_pictures(data_dir, held_back))


def _as_rejects(pictures: list[Image]) -> Samples | None:
    if not pictures:
        return None
    return Samples(renormalise(np.stack(pictures)), np.full(len(pictures), NOT_A_DIGIT, np.int64))


def _stretch(picture: Image) -> Image:
    """Bring the brightest ink to 255: some symbols were stored at a third of it."""
    top = int(picture.max())
    return (picture.astype(np.uint16) * 255 // max(top, 1)).astype(np.uint8)


def is_validation(count: int) -> NDArray[np.bool_]:
    """Which of ``count`` pictures of an extra set choose the release: every tenth."""
    return np.asarray(np.arange(count) % 10 == 9)


def load_training_sets(data_dir: Path | None) -> TrainingSets:
    """All that the release learns from: every tenth of the extra sets and MNIST's last 5,000 are for validation.

    Raises:
        SourceError: a set is missing, damaged or too small.
    """
    mnist, _ = load_mnist(data_dir)
    if len(mnist) <= MNIST_VALIDATION:
        raise SourceError(f"MNIST's training part must have more than {MNIST_VALIDATION} pictures, not {len(mnist)}.")
    train = [mnist.take(slice(None, -MNIST_VALIDATION))]
    validation = [mnist.take(slice(-MNIST_VALIDATION, None))]
    if data_dir is not None:
        extras: list[Samples | None] = [*extra_digits(data_dir)]
        extras += [letter_parts(data_dir, held_back=False), symbol_parts(data_dir, held_back=False)]
        for part in extras:
            if part is not None:
                tenth = is_validation(len(part))
                train.append(part.take(np.flatnonzero(~tenth)))
                validation.append(part.take(np.flatnonzero(tenth)))
    return TrainingSets(Samples.join(train), Samples.join(validation))
